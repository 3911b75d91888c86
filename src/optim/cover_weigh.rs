//! Which few posts serve every point, found quickly: a local search that weighs the points it fails to serve.
//!
//! One post is taken away from a set that serves everybody, then posts are exchanged one by one: out goes the one least missed,
//! in comes the one that serves most of the weight left out among those that serve one point drawn. Points that stay unserved
//! grow heavier, so the search does not stay where it is (row weighting, Gao, Weise, Li 2015). Sets found are good, never
//! proved; the same seed gives the same set.

use crate::optim::cover_net::{Net, id};
use crate::stats::rng::Rng;

/// Seed of the draws.
const SEED: u64 = 20_150_901;

/// Posts that serve every point of a net without gains and costs, few of them; `None` where a point has no post left. Cost:
/// `steps` exchanges, each the square of what a post serves.
pub(crate) fn few(
    net: &Net,
    fixed: &[usize],
    barred: &[usize],
    steps: usize,
) -> Option<Vec<usize>> {
    let mut search = Weigher::new(net, fixed, barred);
    while let Some(point) = search.first_unserved() {
        let post = search.best_for(point)?;
        search.put(post, 0);
    }
    let mut best = search.chosen();
    let mut rng = Rng::new(SEED);
    for step in 1..=steps {
        if search.first_unserved().is_none() {
            if search.chosen().len() < best.len() {
                best = search.chosen();
            }
            let Some(post) = search.least_missed(None) else {
                break;
            };
            search.take(post, step);
            continue;
        }
        let latest = search.latest;
        if let Some(post) = search.least_missed(latest) {
            search.take(post, step);
        }
        let open: Vec<usize> = search.unserved().collect();
        let drawn = rng.below(u32::try_from(open.len()).unwrap_or(u32::MAX));
        if let Some(post) = open.get(drawn as usize).and_then(|p| search.best_for(*p)) {
            search.put(post, step);
        }
        search.weigh();
    }
    if search.first_unserved().is_none() && search.chosen().len() < best.len() {
        best = search.chosen();
    }
    Some(best)
}

/// A set of posts with what each is worth: weight it alone serves when inside, weight it would serve when outside.
struct Weigher<'n> {
    net: &'n Net,
    inside: Vec<bool>,
    /// Posts that stay as they are: open or shut from outside.
    held: Vec<bool>,
    score: Vec<i64>,
    /// Step of the last change of each post, and whether something near changed since it was taken away.
    age: Vec<usize>,
    fresh: Vec<bool>,
    count: Vec<u32>,
    weight: Vec<i64>,
    latest: Option<usize>,
}

impl<'n> Weigher<'n> {
    fn new(net: &'n Net, fixed: &[usize], barred: &[usize]) -> Self {
        let posts = net.posts();
        let mut out = Self {
            net,
            inside: vec![false; posts],
            held: vec![false; posts],
            score: net
                .serves
                .iter()
                .map(|s| i64::try_from(s.len()).unwrap_or(i64::MAX))
                .collect(),
            age: vec![0; posts],
            fresh: vec![true; posts],
            count: vec![0; net.arcs.len()],
            weight: vec![1; net.arcs.len()],
            latest: None,
        };
        for &post in fixed {
            if !out.inside[post] {
                out.put(post, 0);
            }
            out.held[post] = true;
        }
        for &post in barred {
            out.held[post] = true;
        }
        out
    }

    fn first_unserved(&self) -> Option<usize> {
        self.count.iter().position(|c| *c == 0)
    }

    fn unserved(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.count.len()).filter(|&p| self.count[p] == 0)
    }

    fn chosen(&self) -> Vec<usize> {
        (0..self.inside.len()).filter(|&p| self.inside[p]).collect()
    }

    /// The post that serves most of what is left out, among those that serve a point; the one longest unchanged of equals.
    fn best_for(&self, point: usize) -> Option<usize> {
        let posts = self.net.arcs[point].iter().map(|a| a.0 as usize);
        let free = posts.filter(|&p| !self.held[p] && !self.inside[p]);
        let key = |p: &usize| (!self.fresh[*p], -self.score[*p], self.age[*p], *p);
        free.min_by_key(key)
    }

    /// The post inside that is least missed; not the one put in last.
    fn least_missed(&self, latest: Option<usize>) -> Option<usize> {
        let inside = (0..self.inside.len()).filter(|&p| self.inside[p] && !self.held[p]);
        let other = inside.filter(|p| Some(*p) != latest);
        other.min_by_key(|&p| (self.score[p], self.age[p], p))
    }

    fn put(&mut self, post: usize, step: usize) {
        self.inside[post] = true;
        self.age[post] = step;
        self.latest = Some(post);
        self.change(post, true);
    }

    fn take(&mut self, post: usize, step: usize) {
        self.inside[post] = false;
        self.age[post] = step;
        self.change(post, false);
        self.fresh[post] = false;
    }

    /// Counts a post in or out; who serves the same points is worth less or more by it.
    fn change(&mut self, post: usize, put: bool) {
        let net = self.net;
        for (point, _) in &net.serves[post] {
            let at = *point as usize;
            let weight = if put {
                self.count[at] += 1;
                -self.weight[at]
            } else {
                self.count[at] -= 1;
                self.weight[at]
            };
            let others = self.count[at] - u32::from(put);
            for (other, _) in &net.arcs[at] {
                if *other == id(post) {
                    continue;
                }
                let other = *other as usize;
                self.fresh[other] = true;
                // Nobody else serves it: all that could are worth it. One other does: only that one is.
                if others == 0 || (others == 1 && self.inside[other]) {
                    self.score[other] += weight;
                }
            }
        }
    }

    fn weigh(&mut self) {
        let net = self.net;
        let open: Vec<usize> = self.unserved().collect();
        for point in open {
            self.weight[point] += 1;
            for (post, _) in &net.arcs[point] {
                self.score[*post as usize] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::few;
    use crate::optim::cover_net::Net;
    use crate::stats::rng::Rng;

    /// Least number of posts that serve every point, by trying all sets.
    fn least(reach: &[Vec<usize>], posts: usize, fixed: &[usize], barred: &[usize]) -> Option<u32> {
        let sets = 0_u32..1 << posts;
        let sets = sets.filter(|s| fixed.iter().all(|f| s >> f & 1 == 1));
        let sets = sets.filter(|s| barred.iter().all(|b| s >> b & 1 == 0));
        let all = |s: &u32| reach.iter().all(|r| r.iter().any(|p| s >> p & 1 == 1));
        sets.filter(all).map(u32::count_ones).min()
    }

    #[test]
    fn small_nets_are_served_by_the_fewest_posts_there_are() {
        let mut rng = Rng::new(5);
        for _ in 0..300 {
            let posts = 3 + rng.below(7) as usize;
            let points = 2 + rng.below(10) as usize;
            let reach: Vec<Vec<usize>> = (0..points)
                .map(|_| (0..posts).filter(|_| rng.below(3) == 0).collect())
                .collect();
            let fixed = if rng.below(3) == 0 { vec![0] } else { vec![] };
            let barred = if rng.below(3) == 0 { vec![1] } else { vec![] };
            let mut net = Net::new(posts);
            for r in &reach {
                net.must(r.iter().map(|p| (*p, 0)));
            }
            let found = few(&net, &fixed, &barred, 300);
            let count = found.as_ref().map(Vec::len);
            let want = least(&reach, posts, &fixed, &barred).map(|n| n as usize);
            assert_eq!(count, want, "{reach:?} {fixed:?} {barred:?}");
            if let Some(set) = found {
                assert!(reach.iter().all(|r| r.iter().any(|p| set.contains(p))));
                assert!(
                    fixed.iter().all(|f| set.contains(f))
                        && barred.iter().all(|b| !set.contains(b))
                );
            }
        }
    }
}
