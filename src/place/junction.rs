//! Where do two roads meet? Computed for every pair, with the crossings of dual carriageways merged into one.

use std::collections::{BTreeMap, HashMap};

use crate::place::geometry::{mean, nearest_pair, on_segment};
use crate::place::road::Road;
use crate::spatial::Xy;

/// Crossings of one pair within this distance are one junction, in metres (locating reference 6.1).
pub const MERGE_M: f64 = 60.0;

/// Roads that share nothing but come this near also meet (an elevated road over a ground road, an end before a crossing).
pub const NEAR_M: f64 = 60.0;

/// A place where two named roads meet.
#[derive(Clone, Debug, PartialEq)]
pub struct Junction {
    /// The two roads, smaller index first.
    pub roads: (u32, u32),
    /// Its point.
    pub point: Xy,
    /// Whether the lines share a node or cross; otherwise they only come near.
    pub touching: bool,
}

/// All junctions with a look-up by pair.
#[derive(Clone, Debug, Default)]
pub struct Junctions {
    all: Vec<Junction>,
    by_pair: HashMap<(u32, u32), (u32, u32)>,
}

type Segment = (u32, Xy, Xy);

impl Junctions {
    /// Computes the junctions of all pairs. About 20 ms for 2,000 segments; linear in segments for evenly spread roads.
    #[must_use]
    pub fn compute(roads: &[Road]) -> Self {
        let segments = collect(roads);
        let mut cells: HashMap<(i32, i32), Vec<u32>> = HashMap::new();
        for (i, s) in (0_u32..).zip(&segments) {
            for cell in cells_of(s, 0.0) {
                cells.entry(cell).or_default().push(i);
            }
        }
        let mut touch: BTreeMap<(u32, u32), Vec<Xy>> = BTreeMap::new();
        let mut near: BTreeMap<(u32, u32), Vec<(f64, Xy)>> = BTreeMap::new();
        for (i, a) in (0_u32..).zip(&segments) {
            let mut seen: Vec<u32> = cells_of(a, NEAR_M)
                .into_iter()
                .filter_map(|c| cells.get(&c))
                .flatten()
                .copied()
                .filter(|&j| j > i && segments[j as usize].0 != a.0)
                .collect();
            seen.sort_unstable();
            seen.dedup();
            for j in seen {
                let b = &segments[j as usize];
                let (p, q, d) = nearest_pair((a.1, a.2), (b.1, b.2));
                let pair = (a.0.min(b.0), a.0.max(b.0));
                let middle = Xy {
                    x: f64::midpoint(p.x, q.x),
                    y: f64::midpoint(p.y, q.y),
                };
                if d < 1.0 {
                    touch.entry(pair).or_default().push(middle);
                } else if d <= NEAR_M {
                    near.entry(pair).or_default().push((d, middle));
                }
            }
        }
        Self::index(touch, near)
    }

    fn index(
        touch: BTreeMap<(u32, u32), Vec<Xy>>,
        mut near: BTreeMap<(u32, u32), Vec<(f64, Xy)>>,
    ) -> Self {
        let mut all: Vec<Junction> = Vec::new();
        for (pair, points) in touch {
            near.remove(&pair);
            for point in merged(points) {
                all.push(Junction {
                    roads: pair,
                    point,
                    touching: true,
                });
            }
        }
        for (pair, mut points) in near {
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut kept: Vec<Xy> = Vec::new();
            for (_, p) in points {
                if kept.iter().all(|k| k.distance_m(p) > 250.0) {
                    kept.push(p);
                }
            }
            for point in kept {
                all.push(Junction {
                    roads: pair,
                    point,
                    touching: false,
                });
            }
        }
        all.sort_by_key(|j| j.roads);
        let mut by_pair: HashMap<(u32, u32), (u32, u32)> = HashMap::new();
        for (i, j) in (0_u32..).zip(&all) {
            by_pair.entry(j.roads).or_insert((i, i)).1 = i + 1;
        }
        Self { all, by_pair }
    }

    /// Every junction, ordered by pair.
    #[must_use]
    pub fn all(&self) -> &[Junction] {
        &self.all
    }

    /// The junctions of two roads; empty if they never meet.
    #[must_use]
    pub fn of(&self, a: u32, b: u32) -> &[Junction] {
        self.by_pair
            .get(&(a.min(b), a.max(b)))
            .and_then(|r| self.all.get(r.0 as usize..r.1 as usize))
            .unwrap_or(&[])
    }
}

fn collect(roads: &[Road]) -> Vec<Segment> {
    let mut out = Vec::new();
    for (r, road) in (0_u32..).zip(roads) {
        for piece in &road.pieces {
            out.extend(piece.windows(2).map(|w| (r, w[0], w[1])));
        }
    }
    out
}

const CELL_M: f64 = 120.0;

/// Cells that a segment (padded) may touch; long ones are walked so that a diagonal does not fill its box.
fn cells_of(s: &Segment, pad: f64) -> Vec<(i32, i32)> {
    let steps = (s.1.distance_m(s.2) / (CELL_M / 2.0))
        .ceil()
        .clamp(1.0, 4000.0);
    let mut out = Vec::new();
    let mut k = 0.0;
    while k <= steps {
        let t = k / steps;
        let p = Xy {
            x: s.1.x + t * (s.2.x - s.1.x),
            y: s.1.y + t * (s.2.y - s.1.y),
        };
        let r = pad + CELL_M / 4.0;
        for dx in [-r, 0.0, r] {
            for dy in [-r, 0.0, r] {
                out.push((cell(p.x + dx), cell(p.y + dy)));
            }
        }
        k += 1.0;
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a city is far smaller than i32 cells; casts saturate"
)]
fn cell(v: f64) -> i32 {
    (v / CELL_M).floor() as i32
}

/// Single-linkage groups within [`MERGE_M`], each as the mean of its distinct points.
fn merged(mut points: Vec<Xy>) -> Vec<Xy> {
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup_by(|a, b| a.distance_m(*b) < 1.0);
    let mut group: Vec<usize> = (0..points.len()).collect();
    for i in 0..points.len() {
        for j in 0..i {
            if points[i].distance_m(points[j]) <= MERGE_M && group[i] != group[j] {
                let (from, to) = (group[i].max(group[j]), group[i].min(group[j]));
                for g in &mut group {
                    if *g == from {
                        *g = to;
                    }
                }
            }
        }
    }
    let mut out = Vec::new();
    for g in 0..points.len() {
        let members: Vec<Xy> = points
            .iter()
            .zip(&group)
            .filter(|(_, x)| **x == g)
            .map(|(p, _)| *p)
            .collect();
        out.extend(mean(&members));
    }
    out
}

/// Nearest points of two roads that do not meet, and their distance; used when a text insists on a junction.
#[must_use]
pub fn nearest_approach(a: &Road, b: &Road) -> Option<(Xy, f64)> {
    let mut best: Option<(Xy, f64)> = None;
    for piece in &a.pieces {
        for &p in piece {
            for other in &b.pieces {
                for w in other.windows(2) {
                    let (q, _) = on_segment(p, w[0], w[1]);
                    let d = p.distance_m(q);
                    if best.is_none_or(|x| d < x.1) {
                        let middle = Xy {
                            x: f64::midpoint(p.x, q.x),
                            y: f64::midpoint(p.y, q.y),
                        };
                        best = Some((middle, d));
                    }
                }
            }
        }
    }
    best
}
