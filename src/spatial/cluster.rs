//! Which points lie together: DBSCAN in its canonical form, where the order of points changes nothing.
//!
//! A point is core when the weights within `eps` (its own included, `d <= eps`) reach `min_pts`; clusters are the connected
//! components of core points; a border point joins the cluster of its nearest core point (ties: the smaller id); the rest is
//! noise. Clusters are numbered by size descending, then by smallest id. Ester et al. 1996; squares of side eps/√2 as in
//! Gunawan 2013: points of one square are neighbours without a test. Memory O(n), expected time O(n).

use std::collections::HashMap;
use std::f64::consts::SQRT_2;

use crate::spatial::crs::{EARTH_RADIUS_M, LonLat, Xy};

/// Points to cluster; the id breaks ties.
#[derive(Clone, Copy, Debug)]
pub enum Points<'a> {
    /// Metres (or any unit) on a plane, straight distance.
    Plane(&'a [Xy]),
    /// WGS-84 degrees, great-circle distance in metres.
    Earth(&'a [LonLat]),
}

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
        let squares = Squares::new(points, self.eps);
        let core = self.cores(&squares, weights);
        let mut sets = Sets::new(points.len());
        self.connect(&squares, &core, &mut sets);
        let labels = self.label(&squares, &core, &mut sets, ids);
        canonical(labels, core, ids)
    }

    fn cores(&self, squares: &Squares<'_>, weights: &[f64]) -> Vec<bool> {
        let mut core = vec![false; squares.points.len()];
        for square in 0..squares.runs.len() {
            let members = squares.members(square);
            let own: f64 = members.iter().map(|&i| weights[i as usize]).sum();
            if own >= self.min_pts {
                for &i in members {
                    core[i as usize] = true;
                }
                continue;
            }
            let around = squares.around(square);
            for &i in members {
                core[i as usize] = self.is_core(squares, &around, i, (own, weights));
            }
        }
        core
    }

    fn is_core(
        &self,
        squares: &Squares<'_>,
        around: &[usize],
        i: u32,
        (own, weights): (f64, &[f64]),
    ) -> bool {
        let mut sum = own;
        for &other in around {
            for &j in squares.members(other) {
                if squares.points.distance(i, j) <= self.eps {
                    sum += weights[j as usize];
                }
            }
            if sum >= self.min_pts {
                return true;
            }
        }
        sum >= self.min_pts
    }

    fn connect(&self, squares: &Squares<'_>, core: &[bool], sets: &mut Sets) {
        let cores: Vec<Vec<u32>> = (0..squares.runs.len())
            .map(|square| {
                let members = squares.members(square).iter().copied();
                members.filter(|i| core[*i as usize]).collect()
            })
            .collect();
        for (square, mine) in cores.iter().enumerate() {
            let Some(&first) = mine.first() else { continue };
            for &i in mine {
                sets.join(first, i);
            }
            for other in squares.around(square) {
                let Some(&theirs) = cores[other].first() else {
                    continue;
                };
                if other > square && sets.find(first) != sets.find(theirs) {
                    let touch = mine.iter().any(|&i| {
                        let mut near = cores[other].iter();
                        near.any(|&j| squares.points.distance(i, j) <= self.eps)
                    });
                    if touch {
                        sets.join(first, theirs);
                    }
                }
            }
        }
    }

    fn label(
        &self,
        squares: &Squares<'_>,
        core: &[bool],
        sets: &mut Sets,
        ids: &[i64],
    ) -> Vec<Option<u32>> {
        let mut labels = vec![None; core.len()];
        for square in 0..squares.runs.len() {
            let mut around = squares.around(square);
            around.push(square);
            for &i in squares.members(square) {
                let owner = if core[i as usize] {
                    Some(i)
                } else {
                    self.nearest_core(squares, &around, i, (core, ids))
                };
                labels[i as usize] = owner.map(|o| sets.find(o));
            }
        }
        labels
    }

    fn nearest_core(
        &self,
        squares: &Squares<'_>,
        around: &[usize],
        i: u32,
        (core, ids): (&[bool], &[i64]),
    ) -> Option<u32> {
        let mut best: Option<(f64, i64, u32)> = None;
        for &square in around {
            for &j in squares.members(square) {
                if !core[j as usize] {
                    continue;
                }
                let d = squares.points.distance(i, j);
                let id = ids[j as usize];
                if d <= self.eps && best.is_none_or(|(bd, bid, _)| d < bd || (d <= bd && id < bid))
                {
                    best = Some((d, id, j));
                }
            }
        }
        best.map(|(_, _, j)| j)
    }
}

/// Numbers clusters by size descending, then smallest id.
fn canonical(labels: Vec<Option<u32>>, core: Vec<bool>, ids: &[i64]) -> Clustering {
    let mut size: HashMap<u32, (usize, i64)> = HashMap::new();
    for (label, id) in labels.iter().zip(ids) {
        if let Some(root) = label {
            let entry = size.entry(*root).or_insert((0, i64::MAX));
            *entry = (entry.0 + 1, entry.1.min(*id));
        }
    }
    let mut order: Vec<(std::cmp::Reverse<usize>, i64, u32)> = size
        .into_iter()
        .map(|(root, (n, id))| (std::cmp::Reverse(n), id, root))
        .collect();
    order.sort_unstable();
    let number: HashMap<u32, u32> = (0..).zip(&order).map(|(k, o)| (o.2, k)).collect();
    Clustering {
        clusters: u32::try_from(order.len()).unwrap_or(u32::MAX),
        labels: labels
            .into_iter()
            .map(|l| l.and_then(|root| number.get(&root).copied()))
            .collect(),
        core,
    }
}

impl Points<'_> {
    const fn len(&self) -> usize {
        match self {
            Self::Plane(p) => p.len(),
            Self::Earth(p) => p.len(),
        }
    }

    fn distance(&self, i: u32, j: u32) -> f64 {
        match self {
            Self::Plane(p) => p[i as usize].distance_m(p[j as usize]),
            Self::Earth(p) => p[i as usize].distance_m(p[j as usize]),
        }
    }

    /// Plane coordinates that never shorten a distance, and by how much they may stretch one.
    fn flat(&self) -> (Vec<Xy>, f64) {
        match self {
            Self::Plane(p) => (p.to_vec(), 1.0),
            Self::Earth(p) => {
                let cosines = p
                    .iter()
                    .map(|q| q.lat.to_radians().cos())
                    .filter(|c| c.is_finite());
                let (least, most) =
                    cosines.fold((1.0_f64, 0.0_f64), |(a, b), c| (a.min(c), b.max(c)));
                let degree = EARTH_RADIUS_M.to_radians();
                let flat = p.iter().map(|q| Xy {
                    x: q.lon * degree * most,
                    y: q.lat * degree,
                });
                (flat.collect(), (most / least.max(1e-6)).max(1.0))
            }
        }
    }
}

/// Points sorted into squares whose members are all neighbours of each other.
struct Squares<'a> {
    points: Points<'a>,
    order: Vec<u32>,
    /// Square's column and row, and its run in `order`.
    runs: Vec<((i64, i64), std::ops::Range<usize>)>,
    at: HashMap<(i64, i64), usize>,
    reach: i64,
}

impl<'a> Squares<'a> {
    fn new(points: Points<'a>, eps: f64) -> Self {
        let (flat, stretch) = points.flat();
        // A hair under eps/√2, so that rounding cannot put two points beyond eps into one square.
        let side = eps / SQRT_2 * (1.0 - 1e-7);
        let key = |p: &Xy| (step(p.x / side), step(p.y / side));
        let mut keyed: Vec<((i64, i64), u32)> = (0_u32..)
            .zip(&flat)
            .filter(|(_, p)| p.x.is_finite() && p.y.is_finite())
            .map(|(i, p)| (key(p), i))
            .collect();
        keyed.sort_unstable();
        let mut runs: Vec<((i64, i64), std::ops::Range<usize>)> = Vec::new();
        for (at, (key, _)) in keyed.iter().enumerate() {
            match runs.last_mut() {
                Some((last, run)) if last == key => run.end = at + 1,
                _ => runs.push((*key, at..at + 1)),
            }
        }
        Self {
            points,
            at: runs
                .iter()
                .enumerate()
                .map(|(i, (key, _))| (*key, i))
                .collect(),
            order: keyed.into_iter().map(|(_, i)| i).collect(),
            runs,
            reach: step((eps * stretch / side).ceil()),
        }
    }

    fn members(&self, square: usize) -> &[u32] {
        &self.order[self.runs[square].1.clone()]
    }

    /// Occupied squares that may hold neighbours, without the square itself.
    fn around(&self, square: usize) -> Vec<usize> {
        let (x, y) = self.runs[square].0;
        let mut around = Vec::new();
        for dy in -self.reach..=self.reach {
            for dx in -self.reach..=self.reach {
                if (dx, dy) != (0, 0)
                    && let Some(&other) = self.at.get(&(x + dx, y + dy))
                {
                    around.push(other);
                }
            }
        }
        around
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coordinates of the earth over metres stay far below 2^63; others saturate"
)]
fn step(v: f64) -> i64 {
    v.floor() as i64
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
