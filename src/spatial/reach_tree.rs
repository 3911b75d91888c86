//! What is the shortest tree over points by mutual reachability?
//!
//! A balanced k-d tree answers core distances (k-th nearest point, itself counted) and Borůvka's rounds of "nearest point of
//! another component". Edges are ordered by (length, smaller id, larger id), so the tree is unique however many lengths tie.
//! All comparisons are of squared straight distances; on the earth points are on the unit sphere (chords), whose order is
//! that of great circles.

use rayon::prelude::*;

use crate::spatial::cluster::Sets;
use crate::spatial::density_tree::Node;
use crate::stats::number::id32;

/// An edge of the spanning tree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeEdge {
    /// Squared mutual reachability.
    pub weight: f64,
    /// Smaller end.
    pub a: u32,
    /// Larger end.
    pub b: u32,
}

impl TreeEdge {
    fn new(weight: f64, p: u32, q: u32) -> Self {
        Self {
            weight,
            a: p.min(q),
            b: p.max(q),
        }
    }

    /// Order of edges: length, smaller end, larger end.
    #[must_use]
    pub fn before(&self, other: &Self) -> bool {
        let order = self.weight.total_cmp(&other.weight);
        order
            .then(self.a.cmp(&other.a))
            .then(self.b.cmp(&other.b))
            .is_lt()
    }
}

/// Points per leaf.
const LEAF: usize = 12;

/// Marks a node whose points are of several components.
const MIXED: u32 = u32::MAX;

/// A k-d tree over points of `D` coordinates.
#[derive(Debug)]
pub struct ReachTree<const D: usize> {
    /// Points in tree order.
    point: Vec<[f64; D]>,
    /// Original place of each.
    id: Vec<u32>,
    nodes: Vec<Node<D>>,
}

impl<const D: usize> ReachTree<D> {
    /// Builds the tree. O(n log n).
    #[must_use]
    pub fn new(points: &[[f64; D]]) -> Self {
        let mut order: Vec<u32> = (0..).take(points.len()).collect();
        let mut nodes = Vec::new();
        if !points.is_empty() {
            build(points, &mut order, 0, &mut nodes);
        }
        Self {
            point: order.iter().map(|&i| points[i as usize]).collect(),
            id: order,
            nodes,
        }
    }

    /// Squared distance from each point to its `k`-th nearest point, itself counted, in the order given.
    ///
    /// With fewer than `k` points: the farthest. O(n (log n + k)).
    #[must_use]
    pub fn core_squared(&self, k: usize) -> Vec<f64> {
        let found: Vec<f64> = (0..self.point.len())
            .into_par_iter()
            .with_min_len(256)
            .map_init(Vec::new, |heap, at| self.kth(at, k, heap))
            .collect();
        let mut out = vec![0.0; found.len()];
        for (d, &i) in found.iter().zip(&self.id) {
            out[i as usize] = *d;
        }
        out
    }

    /// The heap is a sorted short list: k is small.
    fn kth(&self, at: usize, k: usize, near: &mut Vec<f64>) -> f64 {
        near.clear();
        let p = &self.point[at];
        let mut stack = vec![(0_u32, 0.0)];
        while let Some((node, bound)) = stack.pop() {
            if near.len() >= k && bound > near[near.len() - 1] {
                continue;
            }
            let n = &self.nodes[node as usize];
            if let Some((left, right)) = n.children {
                let (l, r) = (
                    self.nodes[left as usize].distance(p),
                    self.nodes[right as usize].distance(p),
                );
                if l <= r {
                    stack.push((right, r));
                    stack.push((left, l));
                } else {
                    stack.push((left, l));
                    stack.push((right, r));
                }
                continue;
            }
            for q in &self.point[n.from as usize..n.to as usize] {
                let d = squared(p, q);
                if near.len() < k || d < near[near.len() - 1] {
                    let place = near.partition_point(|x| *x <= d);
                    near.insert(place, d);
                    near.truncate(k);
                }
            }
        }
        near.last().copied().unwrap_or(0.0)
    }

    /// The minimum spanning tree by mutual reachability, edges in no particular order.
    ///
    /// `core` are squared core distances in the order of the points.
    #[must_use]
    pub fn spanning_tree(&mut self, core: &[f64]) -> Vec<TreeEdge> {
        let n = self.point.len();
        let core: Vec<f64> = self.id.iter().map(|&i| core[i as usize]).collect();
        self.keep_least_cores(&core);
        let mut component: Vec<u32> = (0..).take(n).collect();
        let mut floor = core.clone();
        let mut edges: Vec<TreeEdge> = Vec::with_capacity(n.saturating_sub(1));
        while edges.len() + 1 < n {
            self.mark_components(&component);
            let best = self.round(&core, &component, &mut floor);
            let mut sets = Sets::new(n);
            for (i, &c) in component.iter().enumerate() {
                sets.join(id32(i), c);
            }
            let before = edges.len();
            let place = self.places();
            for edge in best.into_iter().flatten() {
                let (p, q) = (place[edge.a as usize], place[edge.b as usize]);
                if sets.find(p) != sets.find(q) {
                    sets.join(p, q);
                    edges.push(edge);
                }
            }
            if edges.len() == before {
                break;
            }
            for (i, c) in component.iter_mut().enumerate() {
                *c = sets.find(id32(i));
            }
        }
        edges
    }

    /// Place in tree order of each original id.
    fn places(&self) -> Vec<u32> {
        let mut place = vec![0; self.id.len()];
        for (at, &i) in self.id.iter().enumerate() {
            place[i as usize] = id32(at);
        }
        place
    }

    fn keep_least_cores(&mut self, core: &[f64]) {
        for node in &mut self.nodes {
            let run = &core[node.from as usize..node.to as usize];
            node.least_core = run.iter().copied().fold(f64::INFINITY, f64::min);
        }
    }

    fn mark_components(&mut self, component: &[u32]) {
        // Children stand after their parent, so going backwards meets them first.
        for i in (0..self.nodes.len()).rev() {
            let node = &self.nodes[i];
            let mark = if let Some((l, r)) = node.children {
                let (l, r) = (
                    self.nodes[l as usize].component,
                    self.nodes[r as usize].component,
                );
                if l == r { l } else { MIXED }
            } else {
                let run = &component[node.from as usize..node.to as usize];
                let first = run.first().copied().unwrap_or(MIXED);
                if run.iter().all(|c| *c == first) {
                    first
                } else {
                    MIXED
                }
            };
            self.nodes[i].component = mark;
        }
    }

    /// The first edge in order out of every component; `floor` holds what each point cannot go below, and rises.
    fn round(&self, core: &[f64], component: &[u32], floor: &mut [f64]) -> Vec<Option<TreeEdge>> {
        let mut best: Vec<Option<TreeEdge>> = vec![None; component.len()];
        for at in 0..self.point.len() {
            let own = component[at];
            let bound = best[own as usize];
            let limit = bound.map_or(f64::INFINITY, |b| b.weight);
            if floor[at] > limit {
                continue;
            }
            let found = self.nearest_other(at, (core, component), bound);
            match found {
                Some(edge) => {
                    floor[at] = floor[at].max(edge.weight);
                    if bound.is_none_or(|b| edge.before(&b)) {
                        best[own as usize] = Some(edge);
                    }
                }
                None => floor[at] = floor[at].max(limit),
            }
        }
        best
    }

    /// The first edge in order from a point to another component, if it comes before `bound`.
    fn nearest_other(
        &self,
        at: usize,
        world: (&[f64], &[u32]),
        bound: Option<TreeEdge>,
    ) -> Option<TreeEdge> {
        let (core, component) = world;
        let (p, own, mine) = (&self.point[at], component[at], core[at]);
        let mut best = bound;
        let mut found = None;
        let mut limit = best.map_or(f64::INFINITY, |b| b.weight);
        let mut stack = vec![(0_u32, 0.0)];
        while let Some((node, reach)) = stack.pop() {
            let n = &self.nodes[node as usize];
            if n.component == own || f64::max(reach, mine) > limit {
                continue;
            }
            if let Some((left, right)) = n.children {
                let (l, r) = (self.reach(left, p), self.reach(right, p));
                let pair = if l <= r {
                    [(right, r), (left, l)]
                } else {
                    [(left, l), (right, r)]
                };
                stack.extend(pair);
                continue;
            }
            for q in n.from as usize..n.to as usize {
                if component[q] == own {
                    continue;
                }
                let weight = squared(p, &self.point[q]).max(mine).max(core[q]);
                if weight > limit {
                    continue;
                }
                let edge = TreeEdge::new(weight, self.id[at], self.id[q]);
                if best.is_none_or(|b| edge.before(&b)) {
                    best = Some(edge);
                    found = Some(edge);
                    limit = weight;
                }
            }
        }
        found
    }

    fn reach(&self, node: u32, p: &[f64; D]) -> f64 {
        let n = &self.nodes[node as usize];
        n.distance(p).max(n.least_core)
    }
}

#[inline]
fn squared<const D: usize>(p: &[f64; D], q: &[f64; D]) -> f64 {
    p.iter().zip(q).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn build<const D: usize>(
    points: &[[f64; D]],
    order: &mut [u32],
    from: u32,
    nodes: &mut Vec<Node<D>>,
) -> u32 {
    let own = id32(nodes.len());
    let mut node = Node::around(points, order, from);
    let axis = node.widest();
    nodes.push(node.clone());
    if order.len() > LEAF && node.width(axis) > 0.0 {
        let middle = order.len() / 2;
        let key = |i: &u32| points[*i as usize][axis];
        order.select_nth_unstable_by(middle, |i, j| key(i).total_cmp(&key(j)).then(i.cmp(j)));
        let (left, right) = order.split_at_mut(middle);
        let split = from + id32(left.len());
        let left = build(points, left, from, nodes);
        let right = build(points, right, split, nodes);
        node.children = Some((left, right));
        nodes[own as usize] = node;
    }
    own
}

#[cfg(test)]
mod tests {
    use super::{ReachTree, TreeEdge, squared};
    use crate::spatial::cluster::Sets;
    use crate::stats::Rng;

    fn by_hand(points: &[[f64; 2]], core: &[f64]) -> Vec<TreeEdge> {
        let n = points.len();
        let mut all: Vec<TreeEdge> = (0..n)
            .flat_map(|i| (i + 1..n).map(move |j| (i, j)))
            .map(|(i, j)| {
                let w = squared(&points[i], &points[j]).max(core[i]).max(core[j]);
                TreeEdge::new(w, u32::try_from(i).unwrap(), u32::try_from(j).unwrap())
            })
            .collect();
        all.sort_by(|a, b| {
            if a.before(b) {
                std::cmp::Ordering::Less
            } else {
                std::cmp::Ordering::Greater
            }
        });
        let mut sets = Sets::new(n);
        all.retain(|e| {
            let new = sets.find(e.a) != sets.find(e.b);
            sets.join(e.a, e.b);
            new
        });
        all
    }

    #[test]
    fn the_tree_is_the_one_by_hand_even_when_lengths_tie() {
        let mut rng = Rng::new(12);
        for grid in [false, true] {
            let points: Vec<[f64; 2]> = (0..160)
                .map(|_| {
                    let p = [rng.unit() * 9.0, rng.unit() * 9.0];
                    if grid { p.map(f64::round) } else { p }
                })
                .collect();
            let mut tree = ReachTree::new(&points);
            let core = tree.core_squared(5);
            for (i, p) in points.iter().enumerate() {
                let mut d: Vec<f64> = points.iter().map(|q| squared(p, q)).collect();
                d.sort_by(f64::total_cmp);
                assert!((core[i] - d[4]).abs() < 1e-12);
            }
            let mut got = tree.spanning_tree(&core);
            got.sort_by(|a, b| {
                if a.before(b) {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                }
            });
            assert_eq!(got, by_hand(&points, &core));
        }
        assert!(ReachTree::<2>::new(&[]).spanning_tree(&[]).is_empty());
    }
}
