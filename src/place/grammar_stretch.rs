//! Does the text name a stretch: a road between two limits, or the way between two places?

use crate::place::geometry::foot;
use crate::place::geometry::length;
use crate::place::junction::nearest_approach;
use crate::place::lexicon::Class;
use crate::place::located::Precision;
use crate::place::parser::Parser;
use crate::place::reading::{Ground, Reading};
use crate::place::target::Target;
use crate::place::token::Kind;
use crate::place::wind::Role;
use crate::spatial::Xy;

/// How far a limit may lie from the road, in metres (locating reference 6.4).
const LIMIT_M: f64 = 300.0;

impl Parser<'_> {
    /// Skips what may stand after a limit: its mouth, head, gate.
    fn after_limit(&self, mut k: usize) -> usize {
        for _ in 0..3 {
            let gate = self.wind(k).is_some_and(|w| w.role == Role::Gate);
            if gate
                || self.is(
                    k,
                    Class::MOUTH.or(Class::HEAD).or(Class::GATE).or(Class::LOT),
                )
            {
                k += 1;
            }
        }
        // 从B起到C止.
        let closed = self.tokens.get(k + 1).is_none()
            || self.is(k + 1, Class::TO.or(Class::CONNECTOR).or(Class::STOPMARK));
        if self.is(k, Class::EDGE) && closed {
            k += 1;
        }
        k
    }

    /// The second limit after the separator at `k`: its token, and whether the separator says 至.
    fn other_limit(&self, k: usize) -> Option<(usize, bool)> {
        // 北起B，南至C.
        let k = if self.is_text(k, ",") && self.is(k + 1, Class::TO) {
            k + 1
        } else {
            k
        };
        // 起点B终点C.
        let edge = self.is(k, Class::EDGE);
        let to = edge || self.is(k, Class::TO) || self.is_text(k, "-") || self.is_text(k, "~");
        if !to && !self.is(k, Class::CONNECTOR) {
            return None;
        }
        let mut j = k + 1;
        if self.mention(j).is_some_and(|m| m.area().is_some()) {
            j += 1;
        }
        // A slip may leave one character.
        if self.mention(j).is_none() && matches!(self.tokens.get(j)?.kind, Kind::Other(_)) {
            j += 1;
        }
        self.mention(j)
            .filter(|m| m.area().is_none())
            .map(|_| (j, to))
    }

    /// Stretch forms that begin at the road (or limit) at token `i`.
    pub(crate) fn read_stretch(&self, i: usize) -> Option<(Reading, usize)> {
        self.limits_then_road(i)
            .or_else(|| self.road_then_limits(i))
    }

    /// B与C之间的A, 从B到C的A.
    fn limits_then_road(&self, i: usize) -> Option<(Reading, usize)> {
        let k = self.after_limit(i + 1);
        let (j, _) = self.other_limit(k)?;
        let mut n = self.after_limit(j + 1);
        let between = self.is(n, Class::BETWEEN.or(Class::SEGMENT));
        n = self.skip(n, Class::BETWEEN.or(Class::SEGMENT));
        let of = self.is_text(n, "的");
        if !(between || of) {
            return None;
        }
        n = self.skip(n, Class::FILLER);
        if self.mention(n).is_none() && matches!(self.tokens.get(n)?.kind, Kind::Other(_)) {
            n += 1;
        }
        self.road_mention(n)?;
        if self.is(n + 1, Class::HEAD) {
            return None;
        }
        let reading = self.stretch(n, i, j)?;
        let next = self.skip(n + 1, Class::LINE.or(Class::SEGMENT).or(Class::FILLER));
        Some((reading, next))
    }

    /// A（B至C段）, A从B到C沿线, AB与C之间.
    fn road_then_limits(&self, i: usize) -> Option<(Reading, usize)> {
        self.road_mention(i)?;
        let mut k = i + 1;
        for _ in 0..3 {
            if self.is(k, Class::FROM.or(Class::EDGE))
                || self.is_text(k, ",")
                || self.is_text(k, "的")
                || self.is_text(k, "上")
                || self.is_text(k, ":")
                || self.is_text(k, "在")
            {
                k += 1;
            }
        }
        if self.mention(k).is_some_and(|m| m.area().is_some()) {
            k += 1;
        }
        self.mention(k)?;
        let sep = self.after_limit(k + 1);
        let (j, to) = self.other_limit(sep)?;
        let n = self.after_limit(j + 1);
        let tail = self.is(n, Class::BETWEEN.or(Class::SEGMENT).or(Class::LINE));
        if !to && !tail {
            return None;
        }
        // 至 with two roads, then a head: A与B至C路口 is no stretch of A.
        let next = self.skip(
            n,
            Class::BETWEEN
                .or(Class::SEGMENT)
                .or(Class::LINE)
                .or(Class::FILLER),
        );
        let reading = self.stretch(i, k, j)?;
        Some((reading, next))
    }

    /// The stretch of the road at token `r` between the limits at tokens `a` and `b`.
    fn stretch(&self, r: usize, a: usize, b: usize) -> Option<Reading> {
        let m = self.road_mention(r)?;
        let (cost, road_id, p, q) = self.limits(r, a, b)?;
        let road = self.g.road(road_id);
        let parts = road.between(p, q);
        let line = parts
            .iter()
            .max_by(|x, y| length(x).total_cmp(&length(y)))?;
        let long = p.distance_m(q).max(length(line));
        let middle = Xy {
            x: f64::midpoint(p.x, q.x),
            y: f64::midpoint(p.y, q.y),
        };
        let shown = parts
            .iter()
            .filter_map(|l| foot(l, middle))
            .min_by(|x, y| x.distance_m.total_cmp(&y.distance_m))
            .map_or(middle, |f| f.point);
        let costs = m.cost() + self.mention(a)?.cost() + self.mention(b)?.cost();
        let (la, lb) = (self.limit_name(a), self.limit_name(b));
        let tokens = [r, a, b];
        Some(Reading {
            form: "seg_between",
            precision: Precision::Segment,
            point: shown,
            ground: Ground::Line(parts),
            radius_m: (long / 2.0).clamp(50.0, 4_500.0),
            z: 2.7 - 0.5 * costs - (cost - long / 20.0).clamp(0.0, 2.0 * LIMIT_M) / 200.0,
            features: vec![road.name.clone(), la.clone(), lb.clone()],
            label: format!("{}（{la}至{lb}段）", road.name),
            span: (
                tokens
                    .iter()
                    .map(|t| self.tokens[*t].start)
                    .min()
                    .unwrap_or(0),
                tokens
                    .iter()
                    .map(|t| self.tokens[*t].end)
                    .max()
                    .unwrap_or(0),
            ),
            parts: tokens
                .iter()
                .filter_map(|t| Some(self.part(*t, self.mention(*t)?.named.first()?.target)))
                .collect(),
            others: Vec::new(),
            movement: None,
            names: 3,
            ambiguity: 0.0,
            flags: Vec::new(),
        })
    }

    /// The road and the two points on it that fit the limits best, with their cost: how far the limits miss the road, and the length.
    fn limits(&self, r: usize, a: usize, b: usize) -> Option<(f64, u32, Xy, Xy)> {
        let mut best: Option<(f64, u32, Xy, Xy)> = None;
        for road in self.road_mention(r)?.roads() {
            for (p, dp) in self.limit_points(road, a) {
                for (q, dq) in self.limit_points(road, b) {
                    let gap = p.distance_m(q);
                    let cost = dp + dq + gap / 20.0;
                    if gap >= 25.0 && best.is_none_or(|x| cost < x.0) {
                        best = Some((cost, road, p, q));
                    }
                }
            }
        }
        best
    }

    fn limit_name(&self, i: usize) -> String {
        self.mention(i)
            .and_then(|m| m.named.first())
            .map(|n| self.g.name_of(n.target).to_owned())
            .unwrap_or_default()
    }

    /// Points of a road where a limit meets it, with how far the limit misses it.
    fn limit_points(&self, road: u32, i: usize) -> Vec<(Xy, f64)> {
        let Some(m) = self.mention(i) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for named in &m.named {
            match named.target {
                Target::Road(x) if x != road => {
                    let met = self.g.junctions.of(road, x);
                    out.extend(met.iter().map(|j| (j.point, 0.0)));
                    if met.is_empty()
                        && let Some((p, d)) = nearest_approach(self.g.road(road), self.g.road(x))
                        && d <= LIMIT_M
                    {
                        out.push((p, d));
                    }
                }
                Target::Place(p) => {
                    let door = self.g.place(p).door;
                    if let Some((_, f)) = self.g.road(road).nearest(door)
                        && f.distance_m <= LIMIT_M
                    {
                        out.push((f.point, f.distance_m / 4.0));
                    }
                }
                _ => {}
            }
        }
        out
    }

    /// P和Q中间, P至Q段: from a place (or road) at `i`.
    pub(crate) fn read_between_places(&self, i: usize) -> Option<(Reading, usize)> {
        let k = self.after_limit(i + 1);
        let (j, to) = self.other_limit(k)?;
        self.place_mention(j)?;
        let n = self.after_limit(j + 1);
        let tail = self.is(n, Class::BETWEEN.or(Class::SEGMENT).or(Class::LINE));
        let until = to && !self.is_text(k, "-");
        if !(tail || until) {
            return None;
        }
        let (a, b) = (self.mention(i)?, self.mention(j)?);
        let mut best: Option<(f64, u32, u32)> = None;
        for p in a.places() {
            for q in b.places() {
                let d = self.g.place(p).door.distance_m(self.g.place(q).door);
                if p != q && best.is_none_or(|x| d < x.0) {
                    best = Some((d, p, q));
                }
            }
        }
        let (d, p, q) = best.filter(|b| b.0 < 3_000.0)?;
        let (from, to) = (self.g.place(p), self.g.place(q));
        let line = vec![from.door, to.door];
        let reading = Reading {
            form: "between_pois",
            precision: Precision::Segment,
            point: Xy {
                x: f64::midpoint(from.door.x, to.door.x),
                y: f64::midpoint(from.door.y, to.door.y),
            },
            ground: Ground::Line(vec![line]),
            radius_m: (d / 2.0).clamp(50.0, 900.0),
            z: 2.3 - 0.5 * (a.cost() + b.cost()),
            features: vec![from.id.clone(), to.id.clone()],
            label: format!("{}与{}之间", from.name, to.name),
            span: (a.start, b.end),
            parts: vec![
                self.part(i, Target::Place(p)),
                self.part(j, Target::Place(q)),
            ],
            others: Vec::new(),
            movement: None,
            names: 2,
            ambiguity: 0.0,
            flags: Vec::new(),
        };
        let next = self.skip(
            n,
            Class::BETWEEN
                .or(Class::SEGMENT)
                .or(Class::LINE)
                .or(Class::FILLER),
        );
        Some((reading, next))
    }
}
