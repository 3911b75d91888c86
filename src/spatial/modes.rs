//! Which peak of density does each point climb to?
//!
//! Every point moves to the densest point within reach until none is denser (hill climbing on a kernel density; Koontz,
//! Narendra and Fukunaga 1976). Unlike DBSCAN it needs no threshold that fits the city's density, and two peaks that lie
//! further apart than the reach never run together through a chain of points between them.

use std::collections::HashMap;

use crate::spatial::crs::Xy;

/// Hill climbing on a density of points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modes {
    /// Radius of the kernel (Epanechnikov) in metres.
    pub bandwidth_m: f64,
    /// How far a point may step at once, in metres; peaks are at least this far apart.
    pub reach_m: f64,
    /// Points are first gathered into squares of this side, in metres.
    pub grain_m: f64,
}

/// Peaks and who climbed to them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Peaks {
    /// Peak of each point; `None` for points that are not finite.
    pub of: Vec<Option<u32>>,
    /// Where each peak is.
    pub at: Vec<Xy>,
    /// Kernel density at each peak, as the weight that counts fully if it lay there.
    pub height: Vec<f64>,
}

struct Grain {
    key: (i64, i64),
    at: Xy,
    weight: f64,
    density: f64,
}

impl Modes {
    /// Climbs. Weights must not be negative. Peaks are numbered by place (row by row), so the order of points says nothing.
    #[must_use]
    pub fn climb(&self, points: &[Xy], weights: &[f64]) -> Peaks {
        let (mut grains, member) = self.grains(points, weights);
        let buckets = Buckets::new(&grains, self.bandwidth_m.max(self.reach_m));
        let density: Vec<f64> = (0..grains.len())
            .map(|i| {
                buckets.near(&grains, i).fold(0.0, |sum, (j, d)| {
                    let share = (1.0 - (d / self.bandwidth_m).powi(2)).max(0.0);
                    sum + grains[j].weight * share
                })
            })
            .collect();
        for (grain, d) in grains.iter_mut().zip(&density) {
            grain.density = *d;
        }
        let up: Vec<usize> = (0..grains.len())
            .map(|i| self.densest(&buckets, &grains, i))
            .collect();
        number(&grains, &up, &member)
    }

    /// Points gathered into squares, each at the weighted mean of its points; sorted by square.
    fn grains(&self, points: &[Xy], weights: &[f64]) -> (Vec<Grain>, Vec<Option<usize>>) {
        let mut keyed: Vec<((i64, i64), usize)> = points
            .iter()
            .enumerate()
            .filter(|(_, p)| p.x.is_finite() && p.y.is_finite())
            .map(|(i, p)| ((step(p.y / self.grain_m), step(p.x / self.grain_m)), i))
            .collect();
        keyed.sort_unstable();
        let mut member = vec![None; points.len()];
        let mut grains: Vec<Grain> = Vec::new();
        for run in keyed.chunk_by(|a, b| a.0 == b.0) {
            let total: f64 = run.iter().map(|(_, i)| weights[*i]).sum();
            let (mut x, mut y, mut w) = (0.0, 0.0, 0.0);
            for (_, i) in run {
                let weight = if total > 0.0 { weights[*i] } else { 1.0 };
                x += points[*i].x * weight;
                y += points[*i].y * weight;
                w += weight;
                member[*i] = Some(grains.len());
            }
            grains.push(Grain {
                key: run[0].0,
                at: Xy { x: x / w, y: y / w },
                weight: total,
                density: 0.0,
            });
        }
        (grains, member)
    }

    /// The densest grain within reach; equal densities: the one whose square comes first.
    fn densest(&self, buckets: &Buckets, grains: &[Grain], i: usize) -> usize {
        let mut best = i;
        for (j, d) in buckets.near(grains, i) {
            let order = grains[j].density.total_cmp(&grains[best].density);
            let better = order.is_gt() || (order.is_eq() && grains[j].key < grains[best].key);
            if d <= self.reach_m && better {
                best = j;
            }
        }
        best
    }
}

fn number(grains: &[Grain], up: &[usize], member: &[Option<usize>]) -> Peaks {
    let root = |mut i: usize| {
        while up[i] != i {
            i = up[i];
        }
        i
    };
    let mut code = vec![u32::MAX; grains.len()];
    let mut peaks = Peaks::default();
    for (i, grain) in grains.iter().enumerate() {
        if up[i] == i {
            code[i] = u32::try_from(peaks.at.len()).unwrap_or(u32::MAX);
            peaks.at.push(grain.at);
            peaks.height.push(grain.density);
        }
    }
    peaks.of = member.iter().map(|m| m.map(|g| code[root(g)])).collect();
    peaks
}

/// Grains by squares as wide as the search radius.
struct Buckets {
    side: f64,
    rows: HashMap<(i64, i64), Vec<usize>>,
}

impl Buckets {
    fn new(grains: &[Grain], side: f64) -> Self {
        let mut rows: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
        for (i, g) in grains.iter().enumerate() {
            let key = (step(g.at.x / side), step(g.at.y / side));
            rows.entry(key).or_default().push(i);
        }
        Self { side, rows }
    }

    /// Grains within the search radius with their distances, itself included, in a fixed order.
    fn near<'a>(
        &'a self,
        grains: &'a [Grain],
        i: usize,
    ) -> impl Iterator<Item = (usize, f64)> + 'a {
        let here = grains[i].at;
        let (x, y) = (step(here.x / self.side), step(here.y / self.side));
        (-1..=1)
            .flat_map(move |dy| (-1..=1).map(move |dx| (x + dx, y + dy)))
            .filter_map(|key| self.rows.get(&key))
            .flatten()
            .map(move |&j| (j, here.distance_m(grains[j].at)))
            .filter(|(_, d)| *d <= self.side)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "metres of a city stay far below 2^63; others saturate"
)]
fn step(v: f64) -> i64 {
    v.floor() as i64
}
