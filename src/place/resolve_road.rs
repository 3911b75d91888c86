//! Where is the junction, the offset from it, the house number, when the form is known?

use std::f64::consts::SQRT_2;

use crate::place::gazetteer::Gazetteer;
use crate::place::geometry::mean;
use crate::place::grammar_road::{Offset, Tail};
use crate::place::house::place_number;
use crate::place::junction::nearest_approach;
use crate::place::located::Precision;
use crate::place::mention::Mention;
use crate::place::names::Origin;
use crate::place::parser::Parser;
use crate::place::reading::{Ground, Other, Reading};
use crate::place::road::Road;
use crate::place::target::Target;
use crate::place::wind::Wind;
use crate::spatial::Xy;

/// A junction that two mentions may mean.
#[derive(Clone, Debug)]
struct Crossing {
    roads: (u32, u32),
    point: Xy,
    z: f64,
}

impl Parser<'_> {
    /// The junction of the roads at tokens `i` and `j`, with what stands after it.
    pub(crate) fn meet(&self, i: usize, j: usize, said: bool, tail: &Tail) -> Option<Reading> {
        let (a, b) = (self.road_mention(i)?, self.road_mention(j)?);
        let mut found = self.crossings(a, b);
        if found.is_empty() {
            if !(said || tail.offset.is_some()) {
                return None;
            }
            found = self.approaches(a, b);
        }
        found.sort_by(|x, y| y.z.total_cmp(&x.z));
        let best = found.first()?.clone();
        let (ra, rb) = (self.g.road(best.roads.0), self.g.road(best.roads.1));
        let label = format!("{}与{}交叉口", ra.name, rb.name);
        let mut reading = Reading {
            form: "x_head",
            precision: Precision::Intersection,
            point: best.point,
            ground: Ground::Point,
            radius_m: 45.0 + 0.5 * ra.half_width_m.max(rb.half_width_m),
            z: best.z + if said { 0.2 } else { 0.0 } - a.cost() - b.cost(),
            features: vec![
                junction_id(self.g, best.roads, best.point),
                ra.name.clone(),
                rb.name.clone(),
            ],
            label,
            span: (a.start, b.end),
            parts: vec![
                self.part(i, Target::Road(best.roads.0)),
                self.part(j, Target::Road(best.roads.1)),
            ],
            others: found
                .iter()
                .skip(1)
                .filter(|c| c.point.distance_m(best.point) > 30.0 && c.z > best.z - 1.2)
                .map(|c| self.other(c, best.z))
                .collect(),
            movement: tail.movement,
            names: 2,
            ambiguity: 0.0,
            flags: Vec::new(),
        };
        if tail.movement.is_some() {
            reading.form = "x_approach";
        }
        self.apply_tail(&mut reading, &found, tail);
        Some(reading)
    }

    fn other(&self, c: &Crossing, best: f64) -> Other {
        let (a, b) = (self.g.road(c.roads.0), self.g.road(c.roads.1));
        Other {
            point: c.point,
            label: format!("{}与{}交叉口", a.name, b.name),
            features: vec![
                junction_id(self.g, c.roads, c.point),
                a.name.clone(),
                b.name.clone(),
            ],
            z: c.z - best,
        }
    }

    fn apply_tail(&self, reading: &mut Reading, found: &[Crossing], tail: &Tail) {
        let best = &found[0];
        if tail.stop {
            self.to_stop(reading, best.roads);
        } else if let Some(offset) = tail.offset {
            self.offset(reading, found, offset);
        } else if let Some(wind) = tail.corner {
            let (ra, rb) = (self.g.road(best.roads.0), self.g.road(best.roads.1));
            // Half widths of a dual road count to the outer kerb.
            let reach = |r: &Road| r.half_width_m * if r.dual { 2.0 } else { 1.0 } + 3.0;
            let d = f64::midpoint(reach(ra), reach(rb)).clamp(8.0, 25.0);
            let v = wind.vector();
            let scale = if wind.east != 0 && wind.north != 0 {
                SQRT_2
            } else {
                1.0
            };
            reading.point = Xy {
                x: reading.point.x + v.x * d * scale * 0.6,
                y: reading.point.y + v.y * d * scale * 0.6,
            };
            reading.form = "x_corner";
            reading.radius_m -= 8.0;
        }
    }

    fn to_stop(&self, reading: &mut Reading, roads: (u32, u32)) {
        let key = (roads.0.min(roads.1), roads.0.max(roads.1));
        let near = |p: u32| {
            let place = self.g.place(p);
            place
                .platforms
                .iter()
                .map(|q| q.distance_m(reading.point))
                .fold(f64::INFINITY, f64::min)
        };
        let best = self
            .g
            .stops_by_pair
            .get(&key)
            .into_iter()
            .flatten()
            .copied()
            .min_by(|a, b| near(*a).total_cmp(&near(*b)));
        let Some(p) = best.filter(|p| near(*p) < 300.0) else {
            reading.flags.push("stop_unknown");
            return;
        };
        let place = self.g.place(p);
        reading.form = "stop";
        reading.precision = Precision::Point;
        reading.point = mean(&place.platforms).unwrap_or(place.centre);
        if let Some(first) = place.platforms.first() {
            reading.point = *first;
        }
        reading.radius_m = 60.0;
        reading.features = vec![place.id.clone()];
        reading.label = format!("{}公交站", place.name.trim_end_matches('站'));
        reading.others.clear();
    }

    /// Walks from the junction; of several junctions of the pair the one whose road runs that way is meant.
    fn offset(&self, reading: &mut Reading, found: &[Crossing], offset: Offset) {
        let named = offset.along.and_then(|t| self.road_mention(t));
        let wind = offset.wind.vector();
        let mut ends: Vec<(f64, u32, Xy, Xy, f64)> = Vec::new();
        for at in found {
            for r in [at.roads.0, at.roads.1] {
                if named.is_some_and(|m| m.roads().all(|n| n != r)) {
                    continue;
                }
                let Some(end) = self.g.road(r).walk(at.point, wind, offset.metres) else {
                    continue;
                };
                let d = at.point.distance_m(end.point).max(1.0);
                let fit =
                    ((end.point.x - at.point.x) * wind.x + (end.point.y - at.point.y) * wind.y) / d;
                let score = fit - 0.5 * end.short_m / offset.metres + 0.3 * (at.z - found[0].z);
                ends.push((score, r, end.point, end.direction, end.short_m));
            }
        }
        ends.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        reading.form = "x_offset";
        reading.precision = Precision::Point;
        reading.radius_m = 30.0 + 0.15 * offset.metres;
        reading.others.clear();
        let Some(&(_, r, point, direction, short)) = ends.first().filter(|e| e.0 > 0.4) else {
            reading.point = Xy {
                x: reading.point.x + wind.x * offset.metres,
                y: reading.point.y + wind.y * offset.metres,
            };
            reading.radius_m *= 1.5;
            reading.z -= 1.5;
            reading.flags.push("offset_off_road");
            return;
        };
        reading.point = aside(self.g.road(r), point, direction, offset.side);
        reading.label = format!("{}{}米", reading.label, offset.metres);
        reading.radius_m += short.min(200.0);
        reading.z -= if short > 50.0 { 1.0 } else { 0.3 };
        for e in ends.iter().skip(1).filter(|e| e.0 > ends[0].0 - 0.5) {
            if e.2.distance_m(point) > 60.0 {
                reading.others.push(Other {
                    point: e.2,
                    label: reading.label.clone(),
                    features: reading.features.clone(),
                    z: e.0 - ends[0].0,
                });
            }
        }
    }

    /// All junctions of the roads that two mentions may name.
    fn crossings(&self, a: &Mention, b: &Mention) -> Vec<Crossing> {
        let mut out = Vec::new();
        for na in &a.named {
            for nb in &b.named {
                let (Target::Road(x), Target::Road(y)) = (na.target, nb.target) else {
                    continue;
                };
                if x == y {
                    continue;
                }
                let rule = |o| {
                    if o == Origin::Given { 0.0 } else { 0.4 }
                };
                for j in self.g.junctions.of(x, y) {
                    out.push(Crossing {
                        roads: (x, y),
                        point: j.point,
                        z: 3.0
                            - rule(na.origin)
                            - rule(nb.origin)
                            - if j.touching { 0.0 } else { 0.3 },
                    });
                }
            }
        }
        out
    }

    /// Nearest points of roads that do not meet, up to 400 m apart.
    fn approaches(&self, a: &Mention, b: &Mention) -> Vec<Crossing> {
        let mut out = Vec::new();
        for x in a.roads() {
            for y in b.roads() {
                if x == y {
                    continue;
                }
                if let Some((point, d)) = nearest_approach(self.g.road(x), self.g.road(y))
                    && d <= 400.0
                {
                    out.push(Crossing {
                        roads: (x, y),
                        point,
                        z: 1.2 - d / 200.0,
                    });
                }
            }
        }
        out
    }

    /// A house number on a road: known, between known ones, or beyond them.
    pub(crate) fn number_on(&self, r: u32, number: u32, opposite: bool) -> Option<Reading> {
        let road = self.g.road(r);
        let houses = self.g.houses.get(r as usize)?;
        let found = place_number(road, houses, number)?;
        let mut point = found.point;
        if opposite {
            point = mirrored(road, point);
        }
        Some(Reading {
            form: if found.exact {
                "house_exact"
            } else {
                "house_between"
            },
            precision: Precision::Address,
            point,
            ground: Ground::Point,
            radius_m: found.radius_m + if opposite { 15.0 } else { 0.0 },
            z: if found.exact { 3.0 } else { 2.4 - found.doubt },
            features: vec![road.name.clone()],
            label: format!("{}{number}号", road.name),
            span: (0, 0),
            parts: Vec::new(),
            others: Vec::new(),
            movement: None,
            names: 2,
            ambiguity: 0.0,
            flags: if found.doubt > 1.0 {
                vec!["number_far_outside"]
            } else {
                Vec::new()
            },
        })
    }
}

/// Stable id of a computed junction.
pub(crate) fn junction_id(g: &Gazetteer, roads: (u32, u32), point: Xy) -> String {
    let (a, b) = (roads.0.min(roads.1), roads.0.max(roads.1));
    let all = g.junctions.of(a, b);
    let n = all
        .iter()
        .position(|j| j.point.distance_m(point) < 1.0)
        .unwrap_or(0);
    let (a, b) = (&g.road(a).name, &g.road(b).name);
    if n == 0 {
        format!("x:{a}|{b}")
    } else {
        format!("x:{a}|{b}#{}", n + 1)
    }
}

/// A point of a road moved to its stated side: half the whole width plus 3 m.
fn aside(road: &Road, point: Xy, direction: Xy, side: Option<Wind>) -> Xy {
    let Some(side) = side else { return point };
    let w = side.vector();
    let normal = Xy {
        x: -direction.y,
        y: direction.x,
    };
    let dot = normal.x * w.x + normal.y * w.y;
    let unit = if dot.abs() < 0.2 {
        w
    } else {
        Xy {
            x: normal.x * dot.signum(),
            y: normal.y * dot.signum(),
        }
    };
    let d = road.half_width_m * if road.dual { 1.6 } else { 1.0 } + 3.0;
    Xy {
        x: point.x + unit.x * d,
        y: point.y + unit.y * d,
    }
}

/// A point mirrored over the centre line of a road, at least to the far kerb.
pub(crate) fn mirrored(road: &Road, point: Xy) -> Xy {
    let Some((centre, _)) = road.centre_beside(point) else {
        return point;
    };
    let d = point.distance_m(centre);
    if d < 1.0 {
        return point;
    }
    let reach = d.clamp(road.half_width_m, 60.0);
    Xy {
        x: centre.x + (centre.x - point.x) / d * reach,
        y: centre.y + (centre.y - point.y) / d * reach,
    }
}
