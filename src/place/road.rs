//! What is a named road: all its pieces together, how it runs, and which point is so many metres along it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use crate::place::geometry::mean;
use crate::place::geometry::on_segment;
use crate::place::geometry::{Foot, at, foot, length, part, unit};
use crate::spatial::Xy;

/// Ends closer than this are one node, in metres (coordinates of a map have seven decimals, about 1 cm).
const NODE_M: f64 = 0.8;

/// A named road with all its pieces.
#[derive(Clone, Debug)]
pub struct Road {
    /// Name as the map writes it.
    pub name: String,
    /// Polylines of its pieces, in metres.
    pub pieces: Vec<Vec<Xy>>,
    /// Id of the first piece's feature.
    pub id: String,
    /// Total length in metres; each carriageway of a dual road counts half.
    pub length_m: f64,
    /// Whether most of it is one-way pieces that run side by side.
    pub dual: bool,
    /// Half of the typical width in metres, from class and lanes.
    pub half_width_m: f64,
    /// Share of its length that runs more north–south than east–west, 0…1.
    pub northness: f64,
    /// Whether it is an express road, ring or motorway.
    pub express: bool,
    nodes: Vec<Xy>,
    edges: Vec<Edge>,
    at_node: Vec<Vec<u32>>,
}

#[derive(Clone, Debug)]
struct Edge {
    ends: (u32, u32),
    length: f64,
    piece: u32,
}

/// A point reached by walking, with the direction in which the road ran from the start.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// Where the walk ends.
    pub point: Xy,
    /// Direction of the road there.
    pub direction: Xy,
    /// Metres beyond the end of the road, straight on; 0 if it was long enough.
    pub short_m: f64,
}

impl Road {
    /// Collects the pieces of one name; `width_m` is the typical carriageway width.
    #[must_use]
    pub fn new(
        name: &str,
        id: &str,
        pieces: Vec<Vec<Xy>>,
        oneway_share: f64,
        width_m: f64,
    ) -> Self {
        let total: f64 = pieces.iter().map(|p| length(p)).sum();
        let north: f64 = pieces
            .iter()
            .flat_map(|p| p.windows(2))
            .filter(|w| (w[1].y - w[0].y).abs() > (w[1].x - w[0].x).abs())
            .map(|w| w[0].distance_m(w[1]))
            .sum();
        let dual = oneway_share > 0.6;
        let mut road = Self {
            name: name.to_owned(),
            id: id.to_owned(),
            length_m: if dual { total / 2.0 } else { total },
            dual,
            half_width_m: width_m / 2.0,
            northness: if total > 0.0 { north / total } else { 0.5 },
            express: false,
            nodes: Vec::new(),
            edges: Vec::new(),
            at_node: Vec::new(),
            pieces,
        };
        road.link();
        road
    }

    /// Joins pieces at shared ends.
    fn link(&mut self) {
        let mut known: HashMap<(i64, i64), u32> = HashMap::new();
        for (i, piece) in (0_u32..).zip(&self.pieces) {
            let (Some(&a), Some(&b)) = (piece.first(), piece.last()) else {
                continue;
            };
            let mut ends = [0_u32; 2];
            for (slot, p) in ends.iter_mut().zip([a, b]) {
                let key = (cell(p.x), cell(p.y));
                let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
                *slot = *known.entry(key).or_insert_with(|| {
                    self.nodes.push(p);
                    self.at_node.push(Vec::new());
                    next
                });
            }
            let edge = u32::try_from(self.edges.len()).unwrap_or(u32::MAX);
            self.edges.push(Edge {
                ends: (ends[0], ends[1]),
                length: length(piece),
                piece: i,
            });
            for end in ends {
                self.at_node[end as usize].push(edge);
            }
        }
    }

    /// Nearest point of the road, with its piece.
    #[must_use]
    pub fn nearest(&self, p: Xy) -> Option<(usize, Foot)> {
        let mut best: Option<(usize, Foot)> = None;
        for (i, piece) in self.pieces.iter().enumerate() {
            if let Some(f) = foot(piece, p)
                && best.is_none_or(|b| f.distance_m < b.1.distance_m)
            {
                best = Some((i, f));
            }
        }
        best
    }

    /// Metres from a point to the road; infinite for a road without pieces.
    #[must_use]
    pub fn distance_m(&self, p: Xy) -> f64 {
        self.nearest(p).map_or(f64::INFINITY, |b| b.1.distance_m)
    }

    /// The point on the centre line beside `p`: between the carriageways of a dual road, on the line of a single one.
    #[must_use]
    pub fn centre_beside(&self, p: Xy) -> Option<(Xy, Xy)> {
        let (_, near) = self.nearest(p)?;
        if !self.dual {
            return Some((near.point, near.direction));
        }
        // The other carriageway: nearest piece that runs against this one within 60 m.
        let mut other: Option<Foot> = None;
        for piece in &self.pieces {
            if let Some(f) = foot(piece, near.point) {
                let along = f.direction.x * near.direction.x + f.direction.y * near.direction.y;
                if along < -0.7
                    && f.distance_m < 60.0
                    && other.is_none_or(|o| f.distance_m < o.distance_m)
                {
                    other = Some(f);
                }
            }
        }
        let centre = other.map_or(near.point, |o| Xy {
            x: f64::midpoint(near.point.x, o.point.x),
            y: f64::midpoint(near.point.y, o.point.y),
        });
        Some((centre, near.direction))
    }

    /// Walks `metres` from `start` towards the wind (unit vector) along the road.
    ///
    /// Dual roads: the mean of what is reached on both carriageways. If the road ends before, the end and what is missing.
    #[must_use]
    pub fn walk(&self, start: Xy, wind: Xy, metres: f64) -> Option<Reached> {
        let reached = self.reach(start, metres);
        let score = |p: &Reached| (p.point.x - start.x) * wind.x + (p.point.y - start.y) * wind.y;
        let best = reached
            .iter()
            .filter(|r| score(r) > 0.3 * metres.min(start.distance_m(r.point).max(1.0)))
            .max_by(|a, b| {
                (score(a) - 4.0 * a.short_m)
                    .partial_cmp(&(score(b) - 4.0 * b.short_m))
                    .unwrap_or(Ordering::Equal)
            })?;
        let near: Vec<Xy> = reached
            .iter()
            .filter(|r| r.point.distance_m(best.point) < 45.0 && r.short_m <= best.short_m + 5.0)
            .map(|r| r.point)
            .collect();
        // One point per carriageway: extremes decide, repeats do not weigh.
        let (mut far, mut d) = (best.point, 0.0);
        for &p in &near {
            if p.distance_m(best.point) > d {
                d = p.distance_m(best.point);
                far = p;
            }
        }
        let mean = Xy {
            x: f64::midpoint(best.point.x, far.x),
            y: f64::midpoint(best.point.y, far.y),
        };
        // Where the map ends or has a gap, the road is taken to go straight on.
        let on = unit(start, mean);
        Some(Reached {
            point: Xy {
                x: mean.x + on.x * best.short_m,
                y: mean.y + on.y * best.short_m,
            },
            direction: if best.direction == Xy::default() {
                on
            } else {
                best.direction
            },
            short_m: best.short_m,
        })
    }

    /// All points at network distance `metres` from the road's points near `start`, and dead ends before.
    fn reach(&self, start: Xy, metres: f64) -> Vec<Reached> {
        let limit = self.distance_m(start) + 40.0;
        let feet: Vec<Option<Foot>> = self
            .edges
            .iter()
            .map(|e| {
                foot(self.pieces.get(e.piece as usize)?, start).filter(|f| f.distance_m <= limit)
            })
            .collect();
        let distance = self.spread(&feet);
        let mut out = Vec::new();
        for (edge, f) in self.edges.iter().zip(&feet) {
            let Some(piece) = self.pieces.get(edge.piece as usize) else {
                continue;
            };
            let (a, b) = (
                distance[edge.ends.0 as usize],
                distance[edge.ends.1 as usize],
            );
            // How far a point of this edge really is: from either end, or straight from the start on this edge.
            let far = |x: f64| {
                let own = f.map_or(f64::INFINITY, |f| (x - f.along_m).abs());
                own.min(a + x).min(b + edge.length - x)
            };
            let mut tries = vec![(metres - a, 1.0), (edge.length - (metres - b), -1.0)];
            if let Some(f) = f {
                tries.push((f.along_m + metres, 1.0));
                tries.push((f.along_m - metres, -1.0));
            }
            for (x, sign) in tries {
                if (0.0..=edge.length).contains(&x) && (far(x) - metres).abs() < 0.5 {
                    out.extend(on_piece(piece, x, sign, 0.0));
                }
            }
        }
        for (n, edges) in self.at_node.iter().enumerate() {
            if edges.len() <= 1 && distance[n] < metres {
                out.push(Reached {
                    point: self.nodes[n],
                    direction: Xy::default(),
                    short_m: metres - distance[n],
                });
            }
        }
        out
    }

    /// Network distance of every node from the given points on edges.
    fn spread(&self, feet: &[Option<Foot>]) -> Vec<f64> {
        let mut distance = vec![f64::INFINITY; self.nodes.len()];
        let mut queue = BinaryHeap::new();
        for (edge, f) in self.edges.iter().zip(feet) {
            let Some(f) = f else { continue };
            for (end, cost) in [
                (edge.ends.0, f.along_m),
                (edge.ends.1, edge.length - f.along_m),
            ] {
                if cost < distance[end as usize] {
                    distance[end as usize] = cost;
                    queue.push(Step { cost, node: end });
                }
            }
        }
        while let Some(Step { cost, node }) = queue.pop() {
            if cost > distance[node as usize] {
                continue;
            }
            for &e in &self.at_node[node as usize] {
                let edge = &self.edges[e as usize];
                let other = if edge.ends.0 == node {
                    edge.ends.1
                } else {
                    edge.ends.0
                };
                let next = cost + edge.length;
                if next < distance[other as usize] {
                    distance[other as usize] = next;
                    queue.push(Step {
                        cost: next,
                        node: other,
                    });
                }
            }
        }
        distance
    }

    /// The stretch between two points beside the road, as polylines; falls back on the pieces between them.
    #[must_use]
    pub fn between(&self, a: Xy, b: Xy) -> Vec<Vec<Xy>> {
        let Some((start, f)) = self.nearest(a) else {
            return Vec::new();
        };
        let Some((stop, g)) = self.nearest(b) else {
            return Vec::new();
        };
        if start == stop {
            return vec![part(&self.pieces[start], f.along_m, g.along_m)];
        }
        let box_of = |p: Xy| {
            let pad = 30.0;
            p.x >= f.point.x.min(g.point.x) - pad
                && p.x <= f.point.x.max(g.point.x) + pad
                && p.y >= f.point.y.min(g.point.y) - pad
                && p.y <= f.point.y.max(g.point.y) + pad
        };
        let axis = (g.point.x - f.point.x, g.point.y - f.point.y);
        let square = (axis.0 * axis.0 + axis.1 * axis.1).max(1.0);
        let share = |p: Xy| ((p.x - f.point.x) * axis.0 + (p.y - f.point.y) * axis.1) / square;
        let mut out = Vec::new();
        for piece in &self.pieces {
            let mut run: Vec<Xy> = Vec::new();
            for pair in piece.windows(2) {
                let steps = (pair[0].distance_m(pair[1]) / 10.0)
                    .ceil()
                    .clamp(1.0, 500.0);
                let mut k = 0.0;
                while k <= steps {
                    let t = k / steps;
                    let p = Xy {
                        x: pair[0].x + t * (pair[1].x - pair[0].x),
                        y: pair[0].y + t * (pair[1].y - pair[0].y),
                    };
                    k += 1.0;
                    if (0.0..=1.0).contains(&share(p))
                        && (box_of(p)
                            || axis.0.hypot(axis.1) > 400.0 && (-0.02..=1.02).contains(&share(p)))
                    {
                        run.push(p);
                    } else if run.len() > 1 {
                        out.push(thin(&std::mem::take(&mut run)));
                    } else {
                        run.clear();
                    }
                }
            }
            if run.len() > 1 {
                out.push(thin(&run));
            }
        }
        out
    }

    /// The point of the road that is shown for the whole of it: beside the middle of its extent.
    #[must_use]
    pub fn middle(&self) -> Option<Xy> {
        let points: Vec<Xy> = self.pieces.iter().flatten().copied().collect();
        let mid = mean(&points)?;
        self.nearest(mid).map(|b| b.1.point)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a city is far smaller than i64 cells; casts saturate"
)]
fn cell(v: f64) -> i64 {
    (v / NODE_M).round() as i64
}

/// Drops points that lie on the straight line of their neighbours.
fn thin(line: &[Xy]) -> Vec<Xy> {
    let mut out: Vec<Xy> = Vec::new();
    for &p in line {
        while out.len() >= 2 {
            let (a, b) = (out[out.len() - 2], out[out.len() - 1]);
            let (q, _) = on_segment(b, a, p);
            if q.distance_m(b) < 0.05 {
                out.pop();
            } else {
                break;
            }
        }
        if out.last().is_none_or(|l| l.distance_m(p) > 0.01) {
            out.push(p);
        }
    }
    out
}

fn on_piece(piece: &[Xy], along: f64, sign: f64, short_m: f64) -> Option<Reached> {
    let point = at(piece, along)?;
    let direction = foot(piece, point)?.direction;
    Some(Reached {
        point,
        direction: Xy {
            x: direction.x * sign,
            y: direction.y * sign,
        },
        short_m,
    })
}

#[derive(PartialEq)]
struct Step {
    cost: f64,
    node: u32,
}

impl Eq for Step {}

impl Ord for Step {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .cost
            .partial_cmp(&self.cost)
            .unwrap_or(Ordering::Equal)
            .then(other.node.cmp(&self.node))
    }
}

impl PartialOrd for Step {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
