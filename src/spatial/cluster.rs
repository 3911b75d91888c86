//! Which points lie together: DBSCAN in its canonical form, where the order of points changes nothing.
//!
//! A point is core when the weights within `eps` (its own included, `d <= eps`) reach `min_pts`; clusters are the connected
//! components of core points; a border point joins the cluster of its nearest core point (ties: the smaller id); the rest is
//! noise. Clusters are numbered by size descending, then by smallest id. Ester et al. 1996; squares of side eps/√2 as in
//! Gunawan 2013: points of one square are neighbours without a test. Memory O(n), expected time O(n).

use std::cmp::Reverse;

pub use crate::spatial::squares::Points;
use crate::spatial::squares::Squares;
use crate::stats::number::id32;

/// How near and how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dbscan {
    /// Greatest distance of neighbours, inclusive; metres on the earth, the points' unit on a plane.
    pub eps: f64,
    /// Least sum of weights within `eps` that makes a core point.
    pub min_pts: f64,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clustering {
    /// Cluster of each point, `None` = noise.
    pub labels: Vec<Option<u32>>,
    /// Whether each point is core.
    pub core: Vec<bool>,
    /// Number of clusters.
    pub clusters: u32,
}

impl Clustering {
    /// The same clusters among `n` points of which only those at `kept` were looked at; the rest is noise.
    #[must_use]
    pub fn among(&self, n: usize, kept: &[usize]) -> Self {
        let mut whole = Self {
            labels: vec![None; n],
            core: vec![false; n],
            clusters: self.clusters,
        };
        for (i, at) in kept.iter().enumerate() {
            whole.labels[*at] = self.labels[i];
            whole.core[*at] = self.core[i];
        }
        whole
    }

    /// Positions of the members of each cluster, ascending.
    #[must_use]
    pub fn members(&self) -> Vec<Vec<usize>> {
        let mut members = vec![Vec::new(); self.clusters as usize];
        for (i, label) in self.labels.iter().enumerate() {
            if let Some(label) = label {
                members[*label as usize].push(i);
            }
        }
        members
    }
}

impl Dbscan {
    /// Clusters points with equal weights; ids are their positions.
    #[must_use]
    pub fn run(&self, points: Points<'_>) -> Clustering {
        let n = points.len();
        let ids: Vec<i64> = (0..).take(n).collect();
        self.run_weighted(points, &vec![1.0; n], &ids)
    }

    /// Clusters points with weights and ids of the same length. Points that are not finite are noise.
    #[must_use]
    pub fn run_weighted(&self, points: Points<'_>, weights: &[f64], ids: &[i64]) -> Clustering {
        if points.len() == 0 || self.eps.is_nan() || self.eps <= 0.0 {
            return Clustering {
                labels: vec![None; points.len()],
                core: vec![false; points.len()],
                clusters: 0,
            };
        }
        match points {
            Points::Plane(p) => {
                let squares = Squares::new(points, self.eps, |i| [p[i].x, p[i].y]);
                self.on_squares(&squares, weights, ids)
            }
            Points::Earth(p) => {
                let squares = Squares::new(points, self.eps, |i| p[i].on_sphere());
                self.on_squares(&squares, weights, ids)
            }
        }
    }

    /// Places are places in the order of the squares until the last line.
    fn on_squares<const D: usize>(
        &self,
        squares: &Squares<'_, D>,
        weights: &[f64],
        ids: &[i64],
    ) -> Clustering {
        let core = self.cores(squares, weights);
        let cores = Cores::of(squares, core);
        let mut sets = Sets::new(squares.order.len());
        connect(squares, &cores, &mut sets);
        let owner = owners(squares, &cores, (&mut sets, ids));
        let mut labels = vec![None; ids.len()];
        let mut is_core = vec![false; ids.len()];
        for (place, &i) in squares.order.iter().enumerate() {
            labels[i as usize] = owner[place];
            is_core[i as usize] = cores.is[place];
        }
        number(labels, is_core, ids)
    }

    fn cores<const D: usize>(&self, squares: &Squares<'_, D>, weights: &[f64]) -> Vec<bool> {
        let weight: Vec<f64> = squares.order.iter().map(|&i| weights[i as usize]).collect();
        let mut core = vec![false; weight.len()];
        let (mut walk, mut around) = (squares.walk(), Vec::new());
        for square in 0..squares.len() {
            let members = squares.members(square);
            let own: f64 = weight[members.clone()].iter().sum();
            if own >= self.min_pts {
                core[members].fill(true);
                continue;
            }
            walk.around(square, &mut around);
            for i in members {
                let mut sum = own;
                core[i] = around.iter().any(|&other| {
                    for j in squares.members(other) {
                        if squares.close(i, j) {
                            sum += weight[j];
                        }
                    }
                    sum >= self.min_pts
                });
            }
        }
        core
    }
}

/// Core points of each square.
struct Cores {
    is: Vec<bool>,
    list: Vec<u32>,
    from: Vec<u32>,
}

impl Cores {
    fn of<const D: usize>(squares: &Squares<'_, D>, is: Vec<bool>) -> Self {
        let mut list = Vec::with_capacity(is.len());
        let mut from = Vec::with_capacity(squares.len() + 1);
        for square in 0..squares.len() {
            from.push(id32(list.len()));
            list.extend(squares.members(square).filter(|i| is[*i]).map(id32));
        }
        from.push(id32(list.len()));
        Self { is, list, from }
    }

    fn of_square(&self, square: usize) -> &[u32] {
        &self.list[self.from[square] as usize..self.from[square + 1] as usize]
    }
}

/// Joins core points that are neighbours; squares that touch first, since most of the others are joined by then.
fn connect<const D: usize>(squares: &Squares<'_, D>, cores: &Cores, sets: &mut Sets) {
    for touching in [true, false] {
        let (mut walk, mut around) = (squares.walk(), Vec::new());
        for square in 0..squares.len() {
            let mine = cores.of_square(square);
            let Some(&first) = mine.first() else { continue };
            if touching {
                for &i in mine {
                    sets.join(first, i);
                }
            }
            walk.around(square, &mut around);
            for &other in around.iter().filter(|o| **o > square) {
                let theirs = cores.of_square(other);
                let Some(&their_first) = theirs.first() else {
                    continue;
                };
                if walk.touch(square, other) != touching
                    || sets.find(first) == sets.find(their_first)
                {
                    continue;
                }
                let mut mine = mine.iter();
                if mine.any(|&i| {
                    theirs
                        .iter()
                        .any(|&j| squares.close(i as usize, j as usize))
                }) {
                    sets.join(first, their_first);
                }
            }
        }
    }
}

/// The set of each core point, and of each border point's nearest core point.
fn owners<const D: usize>(
    squares: &Squares<'_, D>,
    cores: &Cores,
    (sets, ids): (&mut Sets, &[i64]),
) -> Vec<Option<u32>> {
    let mut owner = vec![None; cores.is.len()];
    let (mut walk, mut around) = (squares.walk(), Vec::new());
    for square in 0..squares.len() {
        let members = squares.members(square);
        if cores.of_square(square).len() < members.len() {
            walk.around(square, &mut around);
            around.push(square);
        }
        for i in members {
            let of = if cores.is[i] {
                Some(id32(i))
            } else {
                let near = around.iter().flat_map(|&s| cores.of_square(s));
                nearest_core(squares, i, (near, ids))
            };
            owner[i] = of.map(|o| sets.find(o));
        }
    }
    owner
}

fn nearest_core<'c, const D: usize>(
    squares: &Squares<'_, D>,
    i: usize,
    (near, ids): (impl Iterator<Item = &'c u32>, &[i64]),
) -> Option<u32> {
    let mut best: Option<(f64, i64, u32)> = None;
    let mut least = f64::INFINITY;
    for &j in near {
        let Some((d, squared)) = squares.nearer(i, j as usize, least) else {
            continue;
        };
        least = least.min(squared);
        let id = ids[squares.order[j as usize] as usize];
        if best.is_none_or(|(bd, bid, _)| d < bd || (d <= bd && id < bid)) {
            best = Some((d, id, j));
        }
    }
    best.map(|(_, _, j)| j)
}

/// Numbers owners (any number below the number of points for each cluster) by size descending, then by smallest id.
#[must_use]
pub fn number(owner: Vec<Option<u32>>, core: Vec<bool>, ids: &[i64]) -> Clustering {
    let most = owner.iter().flatten().max().map_or(0, |m| *m as usize + 1);
    let mut size = vec![0_u32; most];
    let mut least = vec![i64::MAX; most];
    for (root, id) in owner.iter().zip(ids) {
        if let Some(root) = root {
            size[*root as usize] += 1;
            least[*root as usize] = least[*root as usize].min(*id);
        }
    }
    let mut order: Vec<u32> = (0..id32(most)).filter(|r| size[*r as usize] > 0).collect();
    order.sort_unstable_by_key(|&r| (Reverse(size[r as usize]), least[r as usize], r));
    for (k, &root) in order.iter().enumerate() {
        size[root as usize] = id32(k);
    }
    let mut labels = owner;
    for root in labels.iter_mut().flatten() {
        *root = size[*root as usize];
    }
    Clustering {
        clusters: id32(order.len()),
        labels,
        core,
    }
}

/// Union-find with path halving.
#[derive(Debug)]
pub(crate) struct Sets(Vec<u32>);

impl Sets {
    pub(crate) fn new(n: usize) -> Self {
        Self((0..).take(n).collect())
    }

    pub(crate) fn find(&mut self, mut i: u32) -> u32 {
        while self.0[i as usize] != i {
            let up = self.0[self.0[i as usize] as usize];
            self.0[i as usize] = up;
            i = up;
        }
        i
    }

    pub(crate) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        let (low, high) = (a.min(b), a.max(b));
        self.0[high as usize] = low;
    }
}
