//! Which posts and points of a covering need not be looked at, because others stand for them?
//!
//! A post whose points another post serves too is never needed (unless a second service gains), and a point that must be
//! served is served whenever one with fewer posts is. Both are dropped in turn until nothing changes; the best value stays the
//! same, since every dropped post can be exchanged for the one that stands for it.

use crate::optim::cover_net::Net;

/// Sets of small numbers as bits.
struct Bits {
    width: usize,
    words: Vec<u64>,
}

impl Bits {
    fn new(rows: usize, columns: usize) -> Self {
        let width = columns.div_ceil(64).max(1);
        Self {
            width,
            words: vec![0; rows * width],
        }
    }

    fn put(&mut self, row: usize, column: usize) {
        self.words[row * self.width + column / 64] |= 1 << (column % 64);
    }

    fn clear(&mut self, row: usize, column: usize) {
        self.words[row * self.width + column / 64] &= !(1 << (column % 64));
    }

    fn row(&self, row: usize) -> &[u64] {
        &self.words[row * self.width..(row + 1) * self.width]
    }

    /// Whether all of row `a` is in row `b`.
    fn within(&self, a: usize, b: usize) -> bool {
        self.row(a)
            .iter()
            .zip(self.row(b))
            .all(|(x, y)| x & !y == 0)
    }
}

/// The net without what others stand for, and the posts that are barred with those that were.
pub(crate) fn thin(net: &Net, fixed: &[usize], barred: &[usize]) -> (Net, Vec<usize>) {
    let twice = |g: &Option<[i64; 2]>| g.is_some_and(|[_, second]| second > 0);
    if net.gains.iter().any(twice) || net.costs() {
        return (net.clone(), barred.to_vec());
    }
    let (posts, points) = (net.posts(), net.arcs.len());
    let mut shut = vec![false; posts];
    for &b in barred {
        shut[b] = true;
    }
    let mut serves = Bits::new(posts, points);
    let mut asks = Bits::new(points, posts);
    for (point, arcs) in net.arcs.iter().enumerate() {
        for (post, _) in arcs.iter().filter(|a| !shut[a.0 as usize]) {
            serves.put(*post as usize, point);
            asks.put(point, *post as usize);
        }
    }
    let mut open = vec![false; posts];
    for &f in fixed {
        open[f] = true;
    }
    let served = |at: usize| net.arcs[at].iter().any(|a| open[a.0 as usize]);
    let mut gone: Vec<bool> = (0..points)
        .map(|at| net.gains[at].is_none() && served(at))
        .collect();
    for point in (0..points).filter(|&p| gone[p]) {
        for (post, _) in &net.arcs[point] {
            serves.clear(*post as usize, point);
            asks.clear(point, *post as usize);
        }
    }
    loop {
        let columns = drop_posts(net, &mut shut, fixed, (&mut serves, &mut asks));
        let rows = drop_points(net, &mut gone, (&mut serves, &mut asks));
        if columns + rows == 0 {
            break;
        }
    }
    let mut out = Net::new(posts);
    for (point, (arcs, gains)) in net.points().enumerate() {
        if gone[point] {
            continue;
        }
        let kept = arcs.iter().filter(|a| !shut[a.0 as usize]);
        let kept = kept.map(|a| a.0 as usize);
        match gains {
            None => out.must(kept.map(|p| (p, 0))),
            Some(gains) => out.gain(kept, *gains),
        }
    }
    let barred = (0..posts).filter(|&p| shut[p]).collect();
    (out, barred)
}

/// Shuts posts that another one stands for (of equal ones the later); returns how many.
fn drop_posts(
    net: &Net,
    shut: &mut [bool],
    fixed: &[usize],
    (serves, asks): (&mut Bits, &mut Bits),
) -> usize {
    let mut dropped = 0;
    for post in (0..net.posts()).filter(|p| !fixed.contains(p)) {
        if shut[post] {
            continue;
        }
        let rival = |other: &usize| {
            let other = *other;
            let better = !serves.within(other, post) || other < post || fixed.contains(&other);
            other != post && !shut[other] && serves.within(post, other) && better
        };
        if (0..net.posts()).any(|o| rival(&o)) {
            shut[post] = true;
            dropped += 1;
            for (point, _) in &net.serves[post] {
                serves.clear(post, *point as usize);
                asks.clear(*point as usize, post);
            }
        }
    }
    dropped
}

/// Drops points that must be served and are whenever another one is (of equal ones the later); returns how many.
fn drop_points(net: &Net, gone: &mut [bool], (serves, asks): (&mut Bits, &mut Bits)) -> usize {
    let must = |p: usize| net.gains[p].is_none();
    let mut dropped = 0;
    for point in 0..net.arcs.len() {
        if gone[point] || !must(point) {
            continue;
        }
        let easier = |other: usize| {
            let better = !asks.within(point, other) || other < point;
            other != point && !gone[other] && must(other) && asks.within(other, point) && better
        };
        if (0..net.arcs.len()).any(easier) {
            gone[point] = true;
            dropped += 1;
            for (post, _) in &net.arcs[point] {
                serves.clear(*post as usize, point);
                asks.clear(point, *post as usize);
            }
        }
    }
    dropped
}
