//! Which clusters persist over all densities?
//!
//! HDBSCAN (Campello, Moulavi, Sander 2013): the spanning tree by mutual reachability is cut from far to near; a split counts
//! when both parts have `min_cluster_size` points; clusters are chosen by excess of mass, never the root alone. Core
//! distances count the point itself, as scikit-learn does (the hdbscan package does not: its k is ours + 1).

use crate::spatial::cluster::{Sets, number};
use crate::spatial::crs::{EARTH_RADIUS_M, Xy};
use crate::spatial::pairs::Places;
use crate::spatial::reach_tree::{ReachTree, TreeEdge};
use crate::stats::number::id32;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hdbscan {
    /// Least number of points of a cluster, at least 2.
    pub min_cluster_size: usize,
    /// Which nearest point gives the core distance, itself counted, at least 1.
    pub min_samples: usize,
    /// Clusters that split below this distance are kept whole; 0 = no cut.
    pub epsilon: f64,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Persistent {
    /// Cluster of each point, by size descending then smallest point; `None` = noise.
    pub labels: Vec<Option<u32>>,
    /// Strength of membership, 0 for noise.
    pub probability: Vec<f64>,
    /// Number of clusters.
    pub clusters: u32,
    /// Sum of core distances.
    pub core_sum: f64,
    /// Length of the spanning tree.
    pub tree_length: f64,
}

impl Hdbscan {
    /// Clusters points. O(n log n) expected; 100,000 points in about a second.
    #[must_use]
    pub fn run(&self, places: &Places) -> Persistent {
        match places {
            Places::Plane(p) => {
                let points: Vec<[f64; 2]> = p.iter().map(|q: &Xy| [q.x, q.y]).collect();
                self.run_on(&points, f64::sqrt)
            }
            Places::Earth(p) => {
                let points: Vec<[f64; 3]> = p.iter().map(|q| q.on_sphere()).collect();
                self.run_on(&points, |c2| {
                    2.0 * EARTH_RADIUS_M * (c2.sqrt() / 2.0).min(1.0).asin()
                })
            }
        }
    }

    fn run_on<const D: usize>(
        &self,
        points: &[[f64; D]],
        length: impl Fn(f64) -> f64,
    ) -> Persistent {
        let n = points.len();
        let mut tree = ReachTree::new(points);
        let core = tree.core_squared(self.min_samples.max(1));
        let mut edges = tree.spanning_tree(&core);
        edges.sort_unstable_by(|a, b| {
            a.weight
                .total_cmp(&b.weight)
                .then(a.a.cmp(&b.a))
                .then(a.b.cmp(&b.b))
        });
        let mut out = Persistent {
            labels: vec![None; n],
            probability: vec![0.0; n],
            clusters: 0,
            core_sum: core.iter().map(|c| length(*c)).sum(),
            tree_length: edges.iter().map(|e| length(e.weight)).sum(),
        };
        if n >= 2 {
            let merges = Merges::of(n, &edges, length);
            let condensed = Condensed::of(&merges, self.min_cluster_size.max(2));
            let chosen = condensed.choose(self.epsilon);
            condensed.label(&chosen, &mut out);
        }
        out
    }
}

/// The single-linkage tree: node `n + i` joins two earlier nodes at a distance.
struct Merges {
    n: usize,
    joined: Vec<(u32, u32)>,
    distance: Vec<f64>,
    size: Vec<u32>,
}

impl Merges {
    fn of(n: usize, edges: &[TreeEdge], length: impl Fn(f64) -> f64) -> Self {
        let mut sets = Sets::new(n);
        let mut name: Vec<u32> = (0..).take(n).collect();
        let mut out = Self {
            n,
            joined: Vec::with_capacity(n),
            distance: Vec::with_capacity(n),
            size: vec![1; n],
        };
        for e in edges {
            let (a, b) = (sets.find(e.a), sets.find(e.b));
            let (left, right) = (name[a as usize], name[b as usize]);
            sets.join(a, b);
            name[sets.find(a) as usize] = id32(out.size.len());
            out.joined.push((left, right));
            out.distance.push(length(e.weight));
            out.size
                .push(out.size[left as usize] + out.size[right as usize]);
        }
        out
    }

    fn children(&self, node: u32) -> Option<(u32, u32, f64)> {
        let i = (node as usize).checked_sub(self.n)?;
        let (l, r) = self.joined[i];
        Some((l, r, self.distance[i]))
    }

    /// All points below a node.
    fn points(&self, node: u32, each: &mut dyn FnMut(u32)) {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            match self.children(node) {
                Some((l, r, _)) => stack.extend([r, l]),
                None => each(node),
            }
        }
    }
}

/// The condensed tree: clusters that split for good, and points that fall out of them.
struct Condensed {
    parent: Vec<u32>,
    /// Density 1 / distance at which a cluster begins.
    birth: Vec<f64>,
    children: Vec<Vec<u32>>,
    stability: Vec<f64>,
    /// Cluster from which each point falls, and at which density.
    fall: Vec<(u32, f64)>,
}

fn density(distance: f64) -> f64 {
    if distance > 0.0 {
        1.0 / distance
    } else {
        f64::INFINITY
    }
}

impl Condensed {
    fn of(merges: &Merges, least: usize) -> Self {
        let mut out = Self {
            parent: vec![0],
            birth: vec![0.0],
            children: vec![Vec::new()],
            stability: vec![0.0],
            fall: vec![(0, 0.0); merges.n],
        };
        let root = id32(merges.size.len() - 1);
        let mut stack = vec![(root, 0_u32)];
        while let Some((node, cluster)) = stack.pop() {
            let Some((left, right, distance)) = merges.children(node) else {
                continue;
            };
            let lambda = density(distance);
            let big = |n: u32| merges.size[n as usize] as usize >= least;
            match (big(left), big(right)) {
                (true, true) => {
                    for part in [left, right] {
                        let child = out.open(cluster, lambda);
                        out.add(cluster, lambda, f64::from(merges.size[part as usize]));
                        stack.push((part, child));
                    }
                }
                (false, false) => {
                    out.drop_points(merges, (left, cluster), lambda);
                    out.drop_points(merges, (right, cluster), lambda);
                }
                (true, false) => {
                    out.drop_points(merges, (right, cluster), lambda);
                    stack.push((left, cluster));
                }
                (false, true) => {
                    out.drop_points(merges, (left, cluster), lambda);
                    stack.push((right, cluster));
                }
            }
        }
        out
    }

    fn open(&mut self, parent: u32, birth: f64) -> u32 {
        let child = id32(self.parent.len());
        self.parent.push(parent);
        self.birth.push(birth);
        self.children.push(Vec::new());
        self.stability.push(0.0);
        self.children[parent as usize].push(child);
        child
    }

    /// Mass that leaves a cluster; infinite densities (duplicates) are held at a huge finite one.
    fn add(&mut self, cluster: u32, lambda: f64, points: f64) {
        let lived = lambda.min(1e300) - self.birth[cluster as usize].min(1e300);
        self.stability[cluster as usize] += lived * points;
    }

    fn drop_points(&mut self, merges: &Merges, part: (u32, u32), lambda: f64) {
        let (node, cluster) = part;
        self.add(cluster, lambda, f64::from(merges.size[node as usize]));
        merges.points(node, &mut |p| self.fall[p as usize] = (cluster, lambda));
    }

    /// Excess of mass from the leaves up, the root excluded; then the optional cut.
    fn choose(&self, epsilon: f64) -> Vec<bool> {
        let n = self.parent.len();
        let mut best = self.stability.clone();
        let mut chosen = vec![false; n];
        for c in (1..n).rev() {
            let below: f64 = self.children[c].iter().map(|k| best[*k as usize]).sum();
            if self.children[c].is_empty() || self.stability[c] >= below {
                self.clear(c, &mut chosen);
                chosen[c] = true;
            } else {
                best[c] = below;
            }
        }
        if epsilon > 0.0 {
            self.merge_below(epsilon, &mut chosen);
        }
        chosen
    }

    fn clear(&self, cluster: usize, chosen: &mut [bool]) {
        let mut stack = self.children[cluster].clone();
        while let Some(c) = stack.pop() {
            chosen[c as usize] = false;
            stack.extend_from_slice(&self.children[c as usize]);
        }
    }

    /// A chosen cluster born nearer than epsilon is replaced by its first ancestor born farther (never the root).
    fn merge_below(&self, epsilon: f64, chosen: &mut [bool]) {
        for c in 1..chosen.len() {
            let mut at = c;
            if !chosen[c] || 1.0 / self.birth[c] >= epsilon {
                continue;
            }
            while self.parent[at] != 0 && 1.0 / self.birth[at] < epsilon {
                at = self.parent[at] as usize;
            }
            if at != c {
                chosen[c] = false;
                self.clear(at, chosen);
                chosen[at] = true;
            }
        }
    }

    fn label(&self, chosen: &[bool], out: &mut Persistent) {
        // The chosen cluster at or above each cluster.
        let mut home: Vec<Option<u32>> = vec![None; chosen.len()];
        for c in 1..chosen.len() {
            home[c] = if chosen[c] {
                Some(id32(c))
            } else {
                home[self.parent[c] as usize]
            };
        }
        let owner: Vec<Option<u32>> = self.fall.iter().map(|f| home[f.0 as usize]).collect();
        let ids: Vec<i64> = (0..).take(owner.len()).collect();
        let mut most = vec![0.0_f64; chosen.len()];
        for (of, fall) in owner.iter().zip(&self.fall) {
            if let Some(c) = of {
                most[*c as usize] = most[*c as usize].max(fall.1);
            }
        }
        for ((of, fall), slot) in owner.iter().zip(&self.fall).zip(&mut out.probability) {
            *slot = match of {
                None => 0.0,
                Some(c) if most[*c as usize].is_infinite() => {
                    f64::from(u8::from(fall.1.is_infinite()))
                }
                Some(c) if most[*c as usize] > 0.0 => (fall.1 / most[*c as usize]).min(1.0),
                Some(_) => 1.0,
            };
        }
        let named = number(owner, Vec::new(), &ids);
        out.clusters = named.clusters;
        out.labels = named.labels;
    }
}

#[cfg(test)]
mod tests {
    use super::Hdbscan;
    use crate::spatial::pairs::Places;
    use crate::spatial::{LonLat, Xy};
    use crate::stats::Rng;

    const ASK: Hdbscan = Hdbscan {
        min_cluster_size: 8,
        min_samples: 5,
        epsilon: 0.0,
    };

    #[test]
    fn two_far_blobs_are_two_clusters_on_plane_and_earth() {
        let mut rng = Rng::new(3);
        let xy: Vec<Xy> = (0..90)
            .map(|i| Xy {
                x: rng.normal() * 20.0 + if i < 50 { 0.0 } else { 2000.0 },
                y: rng.normal() * 20.0,
            })
            .collect();
        let degree = 111_195.0;
        let earth = xy
            .iter()
            .map(|p| LonLat {
                lon: 116.0 + p.x / degree / 0.809,
                lat: 36.0 + p.y / degree,
            })
            .collect();
        for places in [Places::Plane(xy.clone()), Places::Earth(earth)] {
            let got = ASK.run(&places);
            assert_eq!(got.clusters, 2);
            assert_eq!(got.labels[0].is_none(), got.probability[0] <= 0.0);
            let first = got.labels[..50].iter().flatten().all(|l| *l == 0);
            assert!(first, "the larger blob is number 0");
        }
    }

    #[test]
    fn none_one_and_all_at_one_place_have_an_answer() {
        assert_eq!(ASK.run(&Places::Plane(vec![])).clusters, 0);
        assert_eq!(ASK.run(&Places::Plane(vec![Xy::default()])).labels, [None]);
        let same = ASK.run(&Places::Plane(vec![Xy { x: 3.0, y: 4.0 }; 30]));
        assert!(same.tree_length.abs() < 1e-12 && same.probability.iter().all(|p| p.is_finite()));
    }
}
