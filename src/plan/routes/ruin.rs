//! How does a plan of many spots get better when parts are torn out and put back differently?
//!
//! Ruin and recreate with slowly cooling acceptance (after Schrimpf and others 2000; strings of neighbours removed after
//! Christiaens and Vanden Berghe 2020, or what lies around one place), started from the beam's loops. What is put back is
//! either the worthiest spot per minute again and again, or one spot after the other in a chance order. A minute saved on the
//! road counts when plans are accepted, since it makes room for another stay. All loops met go into a pool, and at the end the best
//! disjoint ones are combined. Work is counted in insertions tried.

use std::collections::BTreeMap;

use crate::plan::routes::Progress;
use crate::plan::routes::beam;
use crate::plan::routes::route::Route;
use crate::plan::routes::spot::{Ground, Options};
use crate::stats::rng::Rng;

/// The spots of each unit, in the order they are visited.
type Tours = Vec<Vec<usize>>;

/// Loops kept for the combination at the end.
const POOL: usize = 3000;

/// Heat of acceptance at the beginning and at the end, as a share of the prize.
const HOT: f64 = 0.01;
const COLD: f64 = 0.0002;
/// Share of its mean worth that a minute saved on the road counts when plans are accepted: room for another stay.
const MINUTE: f64 = 0.2;
/// Changes without a better plan after which the search goes back to the best one.
const STALE: u64 = 2000;
/// Longest string torn out, and most stops torn out around one place.
const STRING: usize = 8;
/// Share of the recreations that take the worthiest spot again and again, in per cent.
const GREEDY: u32 = 40;
/// Plans within this share of the best give their loops to the pool, in per cent.
const NEAR_BEST: i64 = 97;

/// Spots times units above which every loop is beamed once only.
const MANY: usize = 2000;

struct Search<'a> {
    spots: &'a Ground<'a>,
    rng: Rng,
    work: u64,
    pool: BTreeMap<Vec<usize>, (i64, Vec<usize>)>,
}

/// Plans found, the best among them, and the work done.
///
/// `watch` hears of the search now and then and ends it by `false`; the combination of what was met is made in any case.
pub(super) fn plans(
    spots: &Ground<'_>,
    options: &Options,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> (Vec<Tours>, u64) {
    let mut search = Search {
        spots,
        rng: Rng::new(options.seed),
        work: 0,
        pool: BTreeMap::new(),
    };
    if spots.units == 0 {
        return (vec![Vec::new()], 0);
    }
    let start = search.beams(&vec![Vec::new(); spots.units], 12);
    let mut found = vec![start.clone()];
    let bound = spots.bound();
    let mut told = |work: u64, best: i64| {
        watch(&Progress {
            done: work.saturating_mul(1000) / options.work.max(1),
            best,
            bound: bound.max(best),
        })
    };
    // Two coolings share what they meet: one alone depends more on its seed than on its length.
    for limit in [options.work / 2, options.work] {
        if !search.anneal(start.clone(), limit, (&mut found, &mut told)) {
            break;
        }
    }
    let combined = search.combine();
    found.push(combined);
    let polished = search.beams(&found[found.len() - 1].clone(), 24);
    found.push(polished);
    (found, search.work)
}

impl Search<'_> {
    /// Each unit's loop anew by the beam, the others' spots taken, as long as it gains.
    fn beams(&mut self, routes: &[Vec<usize>], width: usize) -> Tours {
        let mut routes = routes.to_vec();
        let n = self.spots.spots.len();
        let mut prize = -1;
        // The beam tries about n² · width insertions per stop; large instances take a narrow one.
        let width = (width * 100 / n.max(1)).max(2);
        let rounds = if n * routes.len() > MANY { 1 } else { 4 };
        for _ in 0..rounds {
            for u in 0..routes.len() {
                let mut free = vec![true; n];
                for i in routes
                    .iter()
                    .enumerate()
                    .filter(|(v, _)| *v != u)
                    .flat_map(|(_, r)| r)
                {
                    free[*i] = false;
                }
                let other = beam::best(self.spots, &free, width);
                if self.spots.prize_of(std::slice::from_ref(&other))
                    >= self.spots.prize_of(&routes[u..=u])
                {
                    routes[u] = other;
                }
                self.remember(&routes[u].clone());
            }
            let now = self.spots.prize_of(&routes);
            if now <= prize {
                break;
            }
            prize = now;
        }
        routes
    }

    fn remember(&mut self, order: &[usize]) {
        let mut set = order.to_vec();
        set.sort_unstable();
        let prize = set.iter().map(|i| self.spots.spots[*i].prize).sum();
        self.pool
            .entry(set)
            .or_insert_with(|| (prize, order.to_vec()));
        if self.pool.len() > 2 * POOL {
            let mut prizes: Vec<i64> = self.pool.values().map(|v| v.0).collect();
            prizes.sort_unstable();
            let cut = prizes[prizes.len() / 2];
            self.pool.retain(|_, v| v.0 > cut);
        }
    }

    /// Cools from a start until the work has reached `limit`; `false` if it was told to end.
    fn anneal(
        &mut self,
        start: Tours,
        limit: u64,
        (found, told): (&mut Vec<Tours>, &mut dyn FnMut(u64, i64) -> bool),
    ) -> bool {
        let mut routes: Vec<Route> = start
            .into_iter()
            .map(|order| Route {
                order,
                ..Route::default()
            })
            .collect();
        for r in &mut routes {
            r.refresh(self.spots);
        }
        let mut value = self.value(&routes);
        let mut best = value;
        let mut top = routes.clone();
        let size = best.0.max(1) as f64;
        // What a minute of a shift is worth: prize over time.
        let minute =
            MINUTE * size / (self.spots.shift.max(1) as f64 * self.spots.units.max(1) as f64);
        let mut stale = 0_u64;
        let mut rounds = 0_u64;
        let begun = self.work;
        while self.work < limit {
            if rounds.is_multiple_of(256) && !told(self.work, best.0) {
                return false;
            }
            rounds += 1;
            let share = (self.work - begun) as f64 / (limit - begun) as f64;
            let heat = size * HOT * (COLD / HOT).powf(share) + 1e-9;
            let mut next = routes.clone();
            self.ruin(&mut next);
            self.recreate(&mut next);
            self.work += 1;
            if next.iter().any(|r| r.late) {
                continue;
            }
            let now = self.value(&next);
            let gain = (now.0 - value.0) as f64 + (now.1 - value.1) as f64 * minute.max(1e-4);
            stale += 1;
            if gain >= 0.0 || self.rng.unit() < (gain / heat).exp() {
                if now.0 * 100 >= best.0 * NEAR_BEST {
                    for r in &next {
                        if !r.order.is_empty() {
                            self.remember(&r.order.clone());
                        }
                    }
                }
                routes = next;
                value = now;
                if (value.0, value.1) > best {
                    best = value;
                    top.clone_from(&routes);
                    stale = 0;
                    found.push(routes.iter().map(|r| r.order.clone()).collect());
                }
            }
            if stale > STALE {
                routes.clone_from(&top);
                value = best;
                stale = 0;
            }
        }
        true
    }

    /// Prize and time left over; every loop ends at its last leave and the ride home.
    fn value(&self, routes: &[Route]) -> (i64, i64) {
        let mut prize = 0;
        let mut travel = 0;
        for r in routes {
            let mut at = None;
            for i in r.order.iter().copied() {
                prize += self.spots.spots[i].prize;
                travel += self.spots.time(at, Some(i));
                at = Some(i);
            }
            if at.is_some() {
                travel += self.spots.time(at, None);
            }
        }
        (prize, -travel)
    }

    /// Tears out a string of neighbours of one or all loops, the spots around one place, or some at random.
    fn ruin(&mut self, routes: &mut [Route]) {
        let count = u32::try_from(routes.len()).unwrap_or(1).max(1);
        let way = self.rng.below(4);
        if way == 3 {
            return self.around(routes);
        }
        let all = way == 0;
        let one = self.rng.below(count) as usize;
        for (u, route) in routes.iter_mut().enumerate() {
            let n = route.order.len();
            if n == 0 || (!all && u != one) {
                continue;
            }
            let longest = u32::try_from(n.div_ceil(2).min(STRING)).unwrap_or(1);
            let length = 1 + self.rng.below(longest) as usize;
            let from = self
                .rng
                .below(u32::try_from(n - length.min(n) + 1).unwrap_or(1))
                as usize;
            route.order.drain(from..(from + length).min(n));
            route.refresh(self.spots);
        }
    }

    /// Tears out the stops nearest to a spot, visited or not.
    fn around(&mut self, routes: &mut [Route]) {
        let n = u32::try_from(self.spots.spots.len()).unwrap_or(1).max(1);
        let centre = self.rng.below(n) as usize;
        let count = 1 + self.rng.below(8) as usize;
        let mut near: Vec<(i64, usize)> = routes
            .iter()
            .flat_map(|r| &r.order)
            .map(|i| (self.spots.time(Some(centre), Some(*i)), *i))
            .collect();
        near.sort_unstable();
        near.truncate(count);
        for r in routes.iter_mut() {
            let before = r.order.len();
            r.order.retain(|i| !near.iter().any(|(_, j)| j == i));
            if r.order.len() != before {
                r.refresh(self.spots);
            }
        }
    }

    /// Puts spots back, in one of two ways.
    fn recreate(&mut self, routes: &mut [Route]) {
        if self.rng.below(100) < GREEDY {
            self.greedy(routes);
        } else {
            self.in_turn(routes);
        }
    }

    /// The spot worth most per minute it takes, again and again; places are reckoned anew only in the loop that changed.
    fn greedy(&mut self, routes: &mut [Route]) {
        let n = self.spots.spots.len();
        let mut free = vec![true; n];
        for i in routes.iter().flat_map(|r| &r.order) {
            free[*i] = false;
        }
        let alpha = 0.8 + 0.8 * self.rng.unit();
        let noise: Vec<f64> = (0..n).map(|_| 0.8 + 0.4 * self.rng.unit()).collect();
        let mut places: Vec<Vec<Option<(i64, usize)>>> = vec![vec![None; n]; routes.len()];
        let mut changed: Vec<usize> = (0..routes.len()).collect();
        loop {
            for u in changed.drain(..) {
                for i in (0..n).filter(|i| free[*i]) {
                    self.work += 1 + routes[u].order.len() as u64 / 2;
                    places[u][i] = routes[u].place(self.spots, i, &mut || false);
                }
            }
            let mut best: Option<(f64, usize, usize, usize)> = None;
            for (u, row) in places.iter().enumerate() {
                for i in (0..n).filter(|i| free[*i]) {
                    let Some((added, k)) = row[i] else { continue };
                    let spot = &self.spots.spots[i];
                    let score = (spot.prize as f64).powf(alpha) * noise[i]
                        / (added + spot.dwell).max(1) as f64;
                    if best.is_none_or(|b| score > b.0) {
                        best = Some((score, u, i, k));
                    }
                }
            }
            let Some((_, u, i, k)) = best else { return };
            routes[u].order.insert(k, i);
            routes[u].refresh(self.spots);
            free[i] = false;
            changed.push(u);
        }
    }

    /// Puts spots back in one of four orders, each at its cheapest place.
    fn in_turn(&mut self, routes: &mut [Route]) {
        let n = self.spots.spots.len();
        let mut free = vec![true; n];
        for i in routes.iter().flat_map(|r| &r.order) {
            free[*i] = false;
        }
        let way = self.rng.below(4);
        let mut open: Vec<(f64, usize)> = (0..n)
            .filter(|i| free[*i])
            .map(|i| {
                let spot = &self.spots.spots[i];
                let noise = 0.5 + self.rng.unit();
                let key = match way {
                    0 => self.rng.unit(),
                    1 => -(spot.prize as f64) * noise,
                    2 => spot.close as f64 * noise,
                    _ => {
                        let near = routes
                            .iter()
                            .flat_map(|r| &r.order)
                            .map(|j| self.spots.time(Some(*j), Some(i)));
                        let near = near.min().unwrap_or_else(|| self.spots.time(None, Some(i)));
                        (spot.dwell + near) as f64 / (spot.prize.max(1) as f64) * noise
                    }
                };
                (key, i)
            })
            .collect();
        open.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for (_, i) in open {
            let mut best: Option<(i64, usize, usize)> = None;
            for (u, route) in routes.iter().enumerate() {
                self.work += 1 + route.order.len() as u64;
                let rng = &mut self.rng;
                if let Some((added, k)) = route.place(self.spots, i, &mut || rng.below(100) == 0)
                    && best.is_none_or(|b| added < b.0)
                {
                    best = Some((added, u, k));
                }
            }
            if let Some((_, u, k)) = best {
                routes[u].order.insert(k, i);
                routes[u].refresh(self.spots);
            }
        }
    }

    /// The best disjoint loops of the pool: exact for two units among those kept, by turns above.
    fn combine(&self) -> Tours {
        let words = self.spots.spots.len().div_ceil(64).max(1);
        let mut pool: Vec<(i64, Vec<u64>, &Vec<usize>)> = self
            .pool
            .values()
            .map(|(prize, order)| {
                let mut bits = vec![0_u64; words];
                for i in order {
                    bits[i / 64] |= 1 << (i % 64);
                }
                (*prize, bits, order)
            })
            .collect();
        pool.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.cmp(b.2)));
        let apart = |a: &[u64], b: &[u64]| a.iter().zip(b).all(|(x, y)| x & y == 0);
        let mut best: (i64, Vec<usize>) = (0, Vec::new());
        for (first, a) in pool.iter().enumerate() {
            if a.0 * i64::try_from(self.spots.units).unwrap_or(1) <= best.0 {
                break;
            }
            let mut taken = a.1.clone();
            let mut chosen = vec![first];
            let mut prize = a.0;
            for (k, b) in pool.iter().enumerate().skip(first + 1) {
                if chosen.len() >= self.spots.units {
                    break;
                }
                if apart(&taken, &b.1) {
                    taken.iter_mut().zip(&b.1).for_each(|(x, y)| *x |= y);
                    chosen.push(k);
                    prize += b.0;
                }
            }
            if prize > best.0 && self.spots.units > 0 {
                best = (prize, chosen);
            }
        }
        let mut routes: Tours = best.1.iter().map(|k| pool[*k].2.clone()).collect();
        routes.resize(self.spots.units, Vec::new());
        routes
    }
}
