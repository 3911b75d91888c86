//! How does a plan of many spots get better when parts are torn out and put back differently?
//!
//! Ruin and recreate with slowly cooling acceptance (after Schrimpf and others 2000; strings of neighbours removed after
//! Christiaens and Vanden Berghe 2020), started from the beam's loops. All loops met go into a pool, and at the end the best
//! disjoint ones are combined. Work is counted in insertions tried.

use std::collections::BTreeMap;

use crate::plan::routes::beam;
use crate::plan::routes::spot::{Options, Spots};
use crate::stats::rng::Rng;

/// Loops kept for the combination at the end.
const POOL: usize = 3000;

#[derive(Clone, Default)]
struct Route {
    order: Vec<usize>,
    /// End of the stay at each stop.
    leave: Vec<i64>,
    /// Latest begin of each stay.
    latest: Vec<i64>,
}

impl Route {
    fn refresh(&mut self, spots: &Spots) {
        let n = self.order.len();
        self.leave.clear();
        let (mut at, mut now) = (None, 0);
        for i in self.order.iter().copied() {
            let spot = &spots.spots[i];
            now = (now + spots.time(at, Some(i))).max(spot.open) + spot.dwell;
            self.leave.push(now);
            at = Some(i);
        }
        self.latest.clear();
        self.latest.resize(n, 0);
        let (mut to, mut by) = (None, spots.shift);
        for k in (0..n).rev() {
            let i = self.order[k];
            let spot = &spots.spots[i];
            by = (by - spots.time(Some(i), to) - spot.dwell).min(spot.close);
            self.latest[k] = by;
            to = Some(i);
        }
    }

    /// Cheapest place for a spot: (added ride, position).
    fn place(
        &self,
        spots: &Spots,
        i: usize,
        blink: &mut dyn FnMut() -> bool,
    ) -> Option<(i64, usize)> {
        let spot = &spots.spots[i];
        let mut best: Option<(i64, usize)> = None;
        for k in 0..=self.order.len() {
            let before = k.checked_sub(1).map(|b| self.order[b]);
            let leave = k.checked_sub(1).map_or(0, |b| self.leave[b]);
            let ride = spots.time(before, Some(i));
            let start = (leave + ride).max(spot.open);
            if start > spot.close {
                // Later places are later still.
                if leave > spot.close {
                    break;
                }
                continue;
            }
            let next = self.order.get(k).copied();
            let onward = spots.time(Some(i), next);
            let limit = self.latest.get(k).copied().unwrap_or(spots.shift);
            if start + spot.dwell + onward > limit || blink() {
                continue;
            }
            let direct = if before.is_none() && next.is_none() {
                0
            } else {
                spots.time(before, next)
            };
            let added = ride + onward - direct;
            if best.is_none_or(|b| added < b.0) {
                best = Some((added, k));
            }
        }
        best
    }
}

struct Search<'a> {
    spots: &'a Spots,
    rng: Rng,
    work: u64,
    pool: BTreeMap<Vec<usize>, (i64, Vec<usize>)>,
}

/// Plans found, the best among them, and the work done.
pub(super) fn plans(spots: &Spots, options: &Options) -> (Vec<Vec<Vec<usize>>>, u64) {
    let mut search = Search {
        spots,
        rng: Rng::new(options.seed),
        work: 0,
        pool: BTreeMap::new(),
    };
    let start = search.beams(&vec![Vec::new(); spots.units], 12);
    let mut found = vec![start.clone()];
    search.anneal(start, options.work, &mut found);
    let combined = search.combine();
    found.push(combined);
    let polished = search.beams(&found[found.len() - 1].clone(), 24);
    found.push(polished);
    (found, search.work)
}

impl Search<'_> {
    /// Each unit's loop anew by the beam, the others' spots taken, as long as it gains.
    fn beams(&mut self, routes: &[Vec<usize>], width: usize) -> Vec<Vec<usize>> {
        let mut routes = routes.to_vec();
        let n = self.spots.spots.len();
        let mut prize = -1;
        // The beam tries about n² · width insertions per stop; large instances take a narrow one.
        let width = (width * 100 / n.max(1)).max(2);
        for _ in 0..4 {
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

    fn anneal(&mut self, start: Vec<Vec<usize>>, limit: u64, found: &mut Vec<Vec<Vec<usize>>>) {
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
        let hot = (best.0.max(1) as f64) * 0.03;
        while self.work < limit {
            let cool = 1.0 - self.work as f64 / limit as f64;
            let heat = hot * cool * cool + 1e-9;
            let mut next = routes.clone();
            self.ruin(&mut next);
            self.recreate(&mut next);
            let now = self.value(&next);
            let gain = (now.0 - value.0) as f64 + (now.1 - value.1) as f64 * 1e-4;
            if gain >= 0.0 || self.rng.unit() < (gain / heat).exp() {
                for r in &next {
                    if !r.order.is_empty() {
                        self.remember(&r.order.clone());
                    }
                }
                routes = next;
                value = now;
                if value > best {
                    best = value;
                    found.push(routes.iter().map(|r| r.order.clone()).collect());
                }
            }
        }
    }

    fn value(&self, routes: &[Route]) -> (i64, i64) {
        let orders = routes.iter().map(|r| &r.order);
        let prize = orders
            .clone()
            .flatten()
            .map(|i| self.spots.spots[*i].prize)
            .sum();
        let travel: i64 = orders
            .filter_map(|o| self.spots.drive(o))
            .map(|l| l.travel)
            .sum();
        (prize, -travel)
    }

    /// Tears a string of neighbours out of one or all loops.
    fn ruin(&mut self, routes: &mut [Route]) {
        let all = self.rng.below(3) == 0;
        let count = u32::try_from(routes.len()).unwrap_or(1).max(1);
        let one = self.rng.below(count) as usize;
        for (u, route) in routes.iter_mut().enumerate() {
            let n = route.order.len();
            if n == 0 || (!all && u != one) {
                continue;
            }
            let longest = u32::try_from(n.div_ceil(2).min(12)).unwrap_or(1);
            let length = 1 + self.rng.below(longest) as usize;
            let from = self
                .rng
                .below(u32::try_from(n - length.min(n) + 1).unwrap_or(1))
                as usize;
            route.order.drain(from..(from + length).min(n));
            route.refresh(self.spots);
        }
    }

    /// Puts spots back in one of four orders, each at its cheapest place.
    fn recreate(&mut self, routes: &mut [Route]) {
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
    fn combine(&self) -> Vec<Vec<usize>> {
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
        let mut routes: Vec<Vec<usize>> = best.1.iter().map(|k| pool[*k].2.clone()).collect();
        routes.resize(self.spots.units, Vec::new());
        routes
    }
}
