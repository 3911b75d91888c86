//! Which set of posts is worth most: branch and bound on posts with prices on the points, all in whole numbers.
//!
//! A price on a point pays the posts that serve it. At given prices the posts decide apart from each other, so the sum of the
//! best is a bound; prices follow the difference between service asked and service offered (subgradient, deflected). Prices
//! are whole thousandths, so every bound is exact.

use crate::optim::cover_net::{Net, id};
use crate::stats::number::floor_i64;

/// Parts of one unit of value in a price.
const PARTS: i64 = 1024;
/// Price steps at the root and below.
const ROOT_STEPS: u32 = 400;
const NODE_STEPS: u32 = 40;

/// What is asked of a search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Task<'a> {
    pub(crate) most: usize,
    pub(crate) fixed: &'a [usize],
    pub(crate) barred: &'a [usize],
    /// Only sets worth at least this.
    pub(crate) wanted: i64,
    /// Whether the first such set will do.
    pub(crate) first: bool,
    pub(crate) steps: u64,
    /// Prices to begin with, if any.
    pub(crate) start: &'a [i64],
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Explored {
    pub(crate) best: Option<(i64, Vec<usize>)>,
    pub(crate) bound: i64,
    pub(crate) complete: bool,
    pub(crate) nodes: u64,
    pub(crate) steps: u64,
    /// Prices at the root.
    pub(crate) prices: Vec<i64>,
    /// Posts that are open, and posts that are shut, in every set that is better than the best.
    pub(crate) settled: [Vec<usize>; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Free,
    Open,
    Shut,
}

struct Explorer<'a> {
    net: &'a Net,
    task: Task<'a>,
    marks: Vec<Mark>,
    trail: Vec<u32>,
    best: Option<(i64, Vec<usize>)>,
    offers: Vec<i64>,
    nodes: u64,
    steps: u64,
    stopped: bool,
}

/// The state of prices at a node.
#[derive(Clone)]
struct Prices {
    price: Vec<i64>,
    /// How often each post was taken lately, for branching.
    share: Vec<f64>,
}

/// What the posts offer at some prices.
struct Offer {
    bound: i64,
    taken: Vec<u32>,
    /// Offer of the last post taken and of the next one not taken.
    edge: [i64; 2],
}

/// Searches the sets of posts of a net.
pub(crate) fn explore(net: &Net, task: &Task<'_>) -> Explored {
    let mut explorer = Explorer {
        net,
        task: *task,
        marks: vec![Mark::Free; net.posts()],
        trail: Vec::new(),
        best: None,
        offers: vec![0; net.posts()],
        nodes: 0,
        steps: 0,
        stopped: false,
    };
    let mut bad = task.fixed.len() > task.most;
    for &post in task.fixed {
        explorer.marks[post] = Mark::Open;
    }
    for &post in task.barred {
        bad |= explorer.marks[post] == Mark::Open;
        explorer.marks[post] = Mark::Shut;
    }
    let mut prices = explorer.first_prices();
    let rest = if bad {
        i64::MIN
    } else {
        explorer.dive(&mut prices, ROOT_STEPS)
    };
    let value = explorer.best.as_ref().map_or(i64::MIN, |b| b.0);
    let marked = |mark: Mark| -> Vec<usize> {
        let all = explorer.marks.iter().enumerate();
        all.filter(|m| *m.1 == mark).map(|m| m.0).collect()
    };
    Explored {
        settled: [marked(Mark::Open), marked(Mark::Shut)],
        bound: rest.max(value),
        complete: !explorer.stopped,
        best: explorer.best,
        nodes: explorer.nodes,
        steps: explorer.steps,
        prices: prices.price,
    }
}

impl Explorer<'_> {
    fn wanted(&self) -> i64 {
        self.best
            .as_ref()
            .map_or(self.task.wanted, |b| (b.0 + 1).max(self.task.wanted))
    }

    fn first_prices(&self) -> Prices {
        let guess = |at: usize| {
            let arcs = &self.net.arcs[at];
            if let Some([first, _]) = self.net.gains[at] {
                first * PARTS / i64::try_from(arcs.len().clamp(1, 8)).unwrap_or(1)
            } else {
                let mut costs: Vec<i64> = arcs.iter().map(|a| a.1).collect();
                costs.sort_unstable();
                let second = costs.get(1).or(costs.first()).copied().unwrap_or(0);
                second * PARTS + PARTS / i64::try_from(arcs.len().max(1)).unwrap_or(1)
            }
        };
        let fits = self.task.start.len() == self.net.arcs.len();
        Prices {
            price: if fits {
                self.task.start.to_vec()
            } else {
                (0..self.net.arcs.len()).map(guess).collect()
            },
            share: vec![0.0; self.net.posts()],
        }
    }

    /// What the posts offer at the prices: the bound and who is taken. O(arcs).
    fn offer(&mut self, prices: &[i64]) -> Offer {
        let mut bound: i64 = 0;
        for (price, gains) in prices.iter().zip(&self.net.gains) {
            bound += match gains {
                None => -price,
                Some([first, second]) => {
                    let once = first * PARTS - price;
                    once.max(once + second * PARTS - price).max(0)
                }
            };
        }
        let mut free: Vec<(i64, u32)> = Vec::new();
        let mut taken = Vec::new();
        for post in 0..self.marks.len() {
            if self.marks[post] == Mark::Shut {
                continue;
            }
            let serves = self.net.serves[post].iter();
            let sum: i64 = serves
                .map(|(p, cost)| (prices[*p as usize] - cost * PARTS).max(0))
                .sum();
            let offer = sum - PARTS;
            self.offers[post] = offer;
            if self.marks[post] == Mark::Open {
                bound += offer;
                taken.push(id(post));
            } else {
                free.push((offer, id(post)));
            }
        }
        let room = self.task.most.saturating_sub(taken.len());
        free.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        let count = free.iter().take(room).take_while(|f| f.0 > 0).count();
        bound += free[..count].iter().map(|f| f.0).sum::<i64>();
        let next = if count < room {
            0
        } else {
            free.get(count).map_or(0, |f| f.0.max(0))
        };
        let last = if count < room {
            0
        } else {
            free[..count].last().map_or(0, |f| f.0)
        };
        taken.extend(free[..count].iter().map(|f| f.1));
        Offer {
            bound,
            taken,
            edge: [last, next],
        }
    }

    /// Lowers the bound; false when nothing wanted is left here. Posts that cannot or must be open are marked on the way.
    fn lower(&mut self, prices: &mut Prices, limit: u32) -> (bool, i64) {
        let mut least = i64::MAX;
        let mut kept = prices.price.clone();
        let mut way = vec![0.0; prices.price.len()];
        let mut rate = 1.0;
        let mut stale = 0;
        for share in &mut prices.share {
            *share *= 0.3;
        }
        for step in 0..limit {
            self.steps += 1;
            let offer = self.offer(&prices.price);
            if offer.bound.div_euclid(PARTS) < self.wanted() {
                return (false, i64::MIN);
            }
            if offer.bound < least {
                stale = if least.saturating_sub(offer.bound) > least.abs() / 100_000 {
                    0
                } else {
                    stale + 1
                };
                least = offer.bound;
                kept.copy_from_slice(&prices.price);
                if step % 4 == 0 {
                    self.settle(&offer);
                }
            } else {
                stale += 1;
            }
            if stale > 8 {
                rate *= 0.6;
                stale = 0;
                prices.price.copy_from_slice(&kept);
            }
            if rate < 0.004 {
                break;
            }
            for &post in &offer.taken {
                prices.share[post as usize] += 1.0 / f64::from(limit);
            }
            if step % 4 == 3 || self.best.is_none() {
                self.try_set(&offer.taken, limit == ROOT_STEPS && step % 64 == 63);
            }
            if self.stopped {
                break;
            }
            self.move_prices(prices, &offer, &mut way, rate);
        }
        prices.price.copy_from_slice(&kept);
        let offer = self.offer(&prices.price);
        self.settle(&offer);
        (
            offer.bound.div_euclid(PARTS) >= self.wanted(),
            offer.bound.div_euclid(PARTS),
        )
    }

    fn move_prices(&self, prices: &mut Prices, offer: &Offer, way: &mut [f64], rate: f64) {
        let mut served = vec![0_i32; prices.price.len()];
        for &post in &offer.taken {
            for (point, cost) in &self.net.serves[post as usize] {
                served[*point as usize] += i32::from(prices.price[*point as usize] > cost * PARTS);
            }
        }
        let mut length = 0.0;
        for (at, count) in served.iter().enumerate() {
            let price = prices.price[at];
            let asked = match self.net.gains[at] {
                None => 1,
                Some([first, second]) => {
                    if 2 * price < (first + second) * PARTS && price < second * PARTS {
                        2
                    } else {
                        i32::from(price < first * PARTS)
                    }
                }
            };
            let raw = f64::from(asked - count);
            let raw = if raw < 0.0 && price == 0 { 0.0 } else { raw };
            way[at] = 0.75 * raw + 0.25 * way[at];
            length += way[at] * way[at];
        }
        if length <= 0.0 {
            return;
        }
        let target = self.wanted().max(-(1 << 50)) * PARTS;
        let gap = (offer.bound - target) as f64;
        let gap = if target <= -(1 << 50) {
            offer.bound.abs() as f64 * 0.05
        } else {
            gap
        };
        let step = rate * gap.max(1.0) / length;
        for (price, w) in prices.price.iter_mut().zip(way.iter()) {
            let moved = floor_i64(step * w + 0.5);
            *price = (*price + moved).max(0);
        }
    }

    /// Opens and shuts posts whose change alone would take the bound below what is wanted.
    fn settle(&mut self, offer: &Offer) {
        let wanted = self.wanted();
        let [last, next] = offer.edge;
        let mut taken = vec![false; self.marks.len()];
        for p in &offer.taken {
            taken[*p as usize] = true;
        }
        for (post, &is_taken) in taken.iter().enumerate() {
            if self.marks[post] != Mark::Free {
                continue;
            }
            let loss = if is_taken {
                self.offers[post] - next
            } else {
                last - self.offers[post]
            };
            if (offer.bound - loss).div_euclid(PARTS) < wanted {
                let mark = if is_taken { Mark::Open } else { Mark::Shut };
                self.mark(post, mark);
            }
        }
    }

    fn mark(&mut self, post: usize, mark: Mark) {
        self.marks[post] = mark;
        self.trail.push(id(post));
    }

    fn undo(&mut self, to: usize) {
        for post in self.trail.drain(to..) {
            self.marks[post as usize] = Mark::Free;
        }
    }

    /// Makes a whole set of the posts taken, completes it, and keeps it when it is the best.
    fn try_set(&mut self, taken: &[u32], swap: bool) {
        let mut open = vec![false; self.marks.len()];
        for p in taken {
            open[*p as usize] = true;
        }
        self.complete(&mut open);
        let most = i64::try_from(open.iter().filter(|o| **o).count()).unwrap_or(0);
        let hope = self.net.value(&open).map(|v| v + most);
        if hope.is_none_or(|h| h < self.wanted()) && !swap && self.best.is_some() {
            return;
        }
        self.thin(&mut open);
        if swap || self.best.is_none() {
            self.swap(&mut open);
        }
        self.record(&open);
    }

    fn record(&mut self, open: &[bool]) {
        if open.iter().filter(|o| **o).count() > self.task.most {
            return;
        }
        let Some(value) = self.net.value(open) else {
            return;
        };
        if value >= self.wanted() {
            let posts = open.iter().enumerate().filter(|o| *o.1).map(|o| o.0);
            self.best = Some((value, posts.collect()));
            self.stopped |= self.task.first;
        }
    }

    /// Opens posts for points that must be served and are not, the one that serves most of them first.
    fn complete(&self, open: &mut [bool]) {
        loop {
            let mut missing = vec![0_u32; open.len()];
            for (arcs, gains) in self.net.arcs.iter().zip(&self.net.gains) {
                if gains.is_none() && !arcs.iter().any(|a| open[a.0 as usize]) {
                    for a in arcs {
                        missing[a.0 as usize] += 1;
                    }
                }
            }
            let candidates =
                (0..open.len()).filter(|&p| self.marks[p] != Mark::Shut && missing[p] > 0);
            let Some(post) = candidates.max_by_key(|&p| (missing[p], std::cmp::Reverse(p))) else {
                return;
            };
            open[post] = true;
        }
    }

    /// Shuts posts that are not missed, and the least missed while there are too many.
    fn thin(&self, open: &mut [bool]) {
        let mut value = self.net.value(open);
        for post in (0..open.len()).rev() {
            if open[post] && self.marks[post] != Mark::Open {
                open[post] = false;
                let without = self.net.value(open);
                if without >= value {
                    value = without;
                } else {
                    open[post] = true;
                }
            }
        }
    }

    /// Exchanges one open post for a closed one while that gains.
    fn swap(&self, open: &mut [bool]) {
        let Some(mut value) = self.net.value(open) else {
            return;
        };
        for _ in 0..20 {
            let count = open.iter().filter(|o| **o).count();
            let mut best: Option<(i64, usize, Option<usize>)> = None;
            let inside: Vec<Option<usize>> = (0..open.len())
                .filter(|&p| open[p] && self.marks[p] != Mark::Open)
                .map(Some)
                .chain((count < self.task.most).then_some(None))
                .collect();
            for out in inside {
                if let Some(out) = out {
                    open[out] = false;
                }
                let worths = self.additions(open);
                for (post, worth) in worths.into_iter().enumerate() {
                    let Some(worth) = worth else { continue };
                    if !open[post]
                        && Some(post) != out
                        && self.marks[post] == Mark::Free
                        && worth > best.map_or(value, |b| b.0)
                    {
                        best = Some((worth, post, out));
                    }
                }
                if let Some(out) = out {
                    open[out] = true;
                }
            }
            let Some((worth, post, out)) = best else {
                return;
            };
            open[post] = true;
            if let Some(out) = out {
                open[out] = false;
            }
            value = worth;
        }
    }

    /// Value of the set with each further post; `None` where a point that must be served still is not. O(arcs).
    fn additions(&self, open: &[bool]) -> Vec<Option<i64>> {
        let mut base = -1 - i64::try_from(open.iter().filter(|o| **o).count()).unwrap_or(i64::MAX);
        let mut gain = vec![0_i64; open.len()];
        let mut helped = vec![0_u32; open.len()];
        let mut unserved = 0;
        for (arcs, gains) in self.net.arcs.iter().zip(&self.net.gains) {
            let served = arcs.iter().filter(|a| open[a.0 as usize]);
            if let Some(gains) = gains {
                let count = served.count();
                base += gains.iter().take(count).sum::<i64>();
                if let Some(more) = gains.get(count).filter(|m| **m > 0) {
                    for a in arcs {
                        gain[a.0 as usize] += more;
                    }
                }
            } else if let Some(cost) = served.map(|a| a.1).min() {
                base -= cost;
                for a in arcs.iter().filter(|a| a.1 < cost) {
                    gain[a.0 as usize] += cost - a.1;
                }
            } else {
                unserved += 1;
                for (post, cost) in arcs {
                    gain[*post as usize] -= cost;
                    helped[*post as usize] += 1;
                }
            }
        }
        let pairs = gain.into_iter().zip(helped);
        pairs
            .map(|(g, h)| (h == unserved).then_some(base + g))
            .collect()
    }

    /// Searches below the present marks; the answer bounds what was left unsearched.
    fn dive(&mut self, prices: &mut Prices, limit: u32) -> i64 {
        self.nodes += 1;
        if !self.reachable() {
            return i64::MIN;
        }
        let (open, bound) = self.lower(prices, limit);
        if !open || self.marks.iter().filter(|m| **m == Mark::Open).count() > self.task.most {
            return i64::MIN;
        }
        self.stopped |= self.steps >= self.task.steps;
        if self.stopped {
            return bound;
        }
        let free: Vec<usize> = (0..self.marks.len())
            .filter(|&p| self.marks[p] == Mark::Free)
            .collect();
        let opened = self.marks.iter().filter(|m| **m == Mark::Open).count();
        if free.is_empty() || opened >= self.task.most {
            let set: Vec<bool> = self.marks.iter().map(|m| *m == Mark::Open).collect();
            if opened <= self.task.most {
                self.record(&set);
            }
            return i64::MIN;
        }
        let doubt = |p: &usize| (prices.share[*p] - 0.45).abs();
        let chosen = free
            .iter()
            .min_by(|a, b| doubt(a).total_cmp(&doubt(b)).then(a.cmp(b)));
        let Some(&post) = chosen else { return i64::MIN };
        let first = if prices.share[post] >= 0.3 {
            Mark::Open
        } else {
            Mark::Shut
        };
        let second = if first == Mark::Open {
            Mark::Shut
        } else {
            Mark::Open
        };
        let mut rest = i64::MIN;
        for mark in [first, second] {
            if self.stopped {
                return rest.max(bound);
            }
            let to = self.trail.len();
            self.mark(post, mark);
            rest = rest.max(self.dive(&mut prices.clone(), NODE_STEPS));
            self.undo(to);
        }
        rest
    }

    /// Whether every point that must be served still can be; posts that are the last for a point are opened.
    fn reachable(&mut self) -> bool {
        let net = self.net;
        for (arcs, gains) in net.arcs.iter().zip(&net.gains) {
            if gains.is_some() {
                continue;
            }
            let mut living = arcs
                .iter()
                .filter(|a| self.marks[a.0 as usize] != Mark::Shut);
            match (living.next(), living.next()) {
                (None, _) => return false,
                (Some(only), None) if self.marks[only.0 as usize] == Mark::Free => {
                    self.mark(only.0 as usize, Mark::Open);
                }
                _ => {}
            }
        }
        self.marks.iter().filter(|m| **m == Mark::Open).count() <= self.task.most
    }
}
