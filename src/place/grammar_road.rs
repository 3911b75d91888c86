//! Which form does a text make that begins with a road: junction, offset, house number, road with a place, or the road alone?

use crate::place::gather::leading_number;
use crate::place::lexicon::Class;
use crate::place::located::Precision;
use crate::place::mention::Mention;
use crate::place::parser::Parser;
use crate::place::reading::Other;
use crate::place::reading::{Ground, Reading};
use crate::place::target::Target;
use crate::place::token::{Kind, metres};
use crate::place::wind::{Role, Wind};

/// A second road, and the words between it and the first.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that one kind of word stands between; they combine freely"
)]
struct Second {
    /// Its token.
    token: usize,
    /// Whether a list mark (、) stands between.
    listed: bool,
    /// Whether a head stands between: A路口（B）.
    head: bool,
    /// Whether 沿 stands between: the second road is walked along.
    along: bool,
    /// Whether a longer turn of phrase stands between (由西向东走到, 上，距).
    mid: bool,
    /// The way traffic runs, named between.
    movement: Option<(usize, usize)>,
}

/// What stands after a junction.
#[derive(Default)]
pub(crate) struct Tail {
    pub corner: Option<Wind>,
    pub movement: Option<(usize, usize)>,
    pub offset: Option<Offset>,
    pub stop: bool,
    pub next: usize,
}

/// So many metres in a wind.
#[derive(Clone, Copy)]
pub(crate) struct Offset {
    pub wind: Wind,
    pub metres: f64,
    pub side: Option<Wind>,
    /// Token of the road that is named to walk along (沿B).
    pub along: Option<usize>,
}

impl Parser<'_> {
    /// Reads from a road name. `whole` says whether a road alone is good enough.
    pub(crate) fn read_road(&self, i: usize, whole: bool) -> Option<(Reading, usize)> {
        if let Some(found) = self.read_stretch(i) {
            return Some(found);
        }
        if let Some(found) = self.read_junction(i) {
            return Some(found);
        }
        if let Some(found) = self.read_house(i) {
            return Some(found);
        }
        if let Some(found) = self.read_road_place(i) {
            return Some(found);
        }
        if let Some(found) = self.read_offset_then_road(i) {
            return Some(found);
        }
        whole.then(|| self.read_whole_road(i)).flatten()
    }

    /// The second road after the one at `i`, with what the words between say.
    fn second_road(&self, i: usize) -> Option<Second> {
        let mut out = Second::default();
        let closed = self.closes(i);
        let mut clean = true;
        for j in i + 1..i + 7 {
            if self.road_mention(j).is_some() {
                out.token = j;
                return (j < i + 5 || out.mid || out.along).then_some(out);
            }
            let kind = self.tokens.get(j)?.kind;
            if self.is_text(j, "沿") || self.is_text(j, "沿着") || self.is_text(j, "顺着") {
                out.along = true;
            } else if let Kind::Wind(w) = kind {
                // 由西向东走到B: the way one drives, between the two roads.
                if w.role != Role::Approach {
                    return None;
                }
                out.mid = true;
                out.movement = Some((self.tokens[j].start, self.tokens[j].end));
            } else if self.is(j, Class::HEAD.or(Class::MOUTH)) && !self.is(j, Class::CONNECTOR) {
                // A路口（B）: a head may close the first road.
                out.head = true;
            } else if self.is_text(j, ",") && closed && clean {
                // A，B路口: the second road closes the junction.
                out.mid = true;
            } else if self.is_text(j, ",") && out.head && self.approached(j + 1) {
                // B路口，A由西向东.
                out.mid = true;
            } else if self.is_text(j, ",") {
                let from = self.is_text(j + 1, "距")
                    || self.is_text(j + 1, "离")
                    || self.is_text(j + 1, "距离");
                if !from {
                    return None;
                }
                out.mid = true;
            } else {
                out.listed |= self.is_text(j, "、");
                let connector = self.is(j, Class::CONNECTOR.or(Class::TO));
                let slip = matches!(kind, Kind::Other(c) if c.is_alphanumeric());
                let glue = Class::FILLER
                    .or(Class::LINE)
                    .or(Class::SEGMENT)
                    .or(Class::WALK)
                    .or(Class::FROM);
                clean &= !slip;
                let filler = closed && self.is(j, glue)
                    || ["的", "这边", "上", "路上", "过", "了", "距", "离", "距离"]
                        .iter()
                        .any(|t| self.is_text(j, t));
                if !(connector || slip || filler) {
                    return None;
                }
            }
        }
        None
    }

    /// Whether the next road after the one at `i` has a head of its own: A上的B路口.
    fn closes(&self, i: usize) -> bool {
        let next = (i + 1..i + 7).find(|j| self.mention(*j).is_some());
        next.is_some_and(|j| self.heads_next(j))
    }

    /// Whether a road with a way of driving stands at token `j`: A由西向东.
    fn approached(&self, j: usize) -> bool {
        self.road_mention(j).is_some() && self.wind(j + 1).is_some_and(|w| w.role == Role::Approach)
    }

    /// Whether a road with a head stands at token `j`: B路口.
    fn heads_next(&self, j: usize) -> bool {
        self.road_mention(j).is_some()
            && self.is(j + 1, Class::HEAD.or(Class::MOUTH))
            && !self.is(j + 1, Class::CONNECTOR)
    }

    /// B以北200米A上: the offset stands between the two roads and runs along the second.
    fn read_offset_then_road(&self, i: usize) -> Option<(Reading, usize)> {
        self.road_mention(i)?;
        let at = self.skip(i + 1, Class::HEAD.or(Class::MOUTH));
        let (mut offset, next) = self.offset_at(at)?;
        let mut j = self.skip(next, Class::FILLER);
        if self.is_text(j, ",") {
            j += 1;
        }
        self.road_mention(j)?;
        if self.second_road(j).is_some() {
            return None;
        }
        offset.along = Some(j);
        let end = self.skip(j + 1, Class::LINE.or(Class::FILLER));
        let tail = Tail {
            offset: Some(offset),
            next: end,
            ..Tail::default()
        };
        let mut reading = self.meet(i, j, true, &tail)?;
        reading.span.1 = self.end_before(end).max(reading.span.1);
        Some((reading, end))
    }

    fn read_junction(&self, i: usize) -> Option<(Reading, usize)> {
        let second = self.second_road(i)?;
        let j = second.token;
        let mut k = self.between_then_head(self.skip(j + 1, Class::LOOSE));
        if self.is_text(k, "的") {
            k += 1;
        }
        k = self.skip(k, Class::LOOSE);
        let head_at = k;
        while self.is(k, Class::HEAD.or(Class::MOUTH))
            || k > head_at && self.is_text(k, "的") && self.is(k + 1, Class::HEAD)
        {
            k += 1;
        }
        let mut head = k > head_at;
        if !head && self.is(k, Class::EXIT) && self.is_text(k, "口") {
            head = true;
            k += 1;
        }
        // A与B之间, A至B段 are limits of something else, not a junction.
        let run = Class::BETWEEN.or(Class::SEGMENT);
        let head_between = second.head;
        if !head && self.is(k, run) && (self.is(k, Class::BETWEEN) || self.is(j - 1, Class::TO)) {
            return None;
        }
        let mut tail = self.junction_tail(k);
        tail.movement = tail.movement.or(second.movement);
        if second.along
            && let Some(offset) = &mut tail.offset
        {
            offset.along.get_or_insert(j);
        }
        let said = head || head_between || tail.corner.is_some();
        // A、B、C: three roads in a row without a head are a list.
        if second.listed
            && !said
            && self.is(j + 1, Class::CONNECTOR)
            && self.road_mention(j + 2).is_some()
        {
            return None;
        }
        let mut reading = self.meet(i, j, said, &tail)?;
        let mut next = tail.next;
        if let Some((better, after)) = self.place_at_junction((i, j), &reading, &tail) {
            reading = better;
            next = after;
        }
        if reading.form == "x_head" && !head {
            reading.form = "x_nohead";
        } else if reading.form == "x_head" && j == i + 1 {
            reading.form = "x_juxtaposed";
        }
        reading.span.1 = self.end_before(next).max(reading.span.1);
        Some((reading, next))
    }

    /// A和B中间那个大路口: what lies between two roads and is called a junction is theirs.
    fn between_then_head(&self, k: usize) -> usize {
        let head = self.skip(k, Class::BETWEEN.or(Class::LOOSE).or(Class::FILLER));
        if self.is(k, Class::BETWEEN) && self.is(head, Class::HEAD) {
            head
        } else {
            k
        }
    }

    /// Corner, approach, offset, stop after a junction.
    fn junction_tail(&self, from: usize) -> Tail {
        let mut k = from;
        let mut tail = Tail::default();
        for _ in 0..6 {
            if let Some((offset, next)) = self.offset_at(k) {
                tail.offset = Some(offset);
                k = next;
                continue;
            }
            if let Some(w) = self.wind(k) {
                match w.role {
                    Role::Corner => tail.corner = Some(w.wind),
                    Role::Approach => {
                        tail.movement = Some((self.tokens[k].start, self.tokens[k].end));
                    }
                    Role::Side if tail.offset.is_some() => {
                        if let Some(o) = &mut tail.offset {
                            o.side = Some(w.wind);
                        }
                    }
                    Role::Side | Role::Gate => {}
                    Role::Toward | Role::Bare => break,
                }
                k += 1;
                continue;
            }
            if self.is(k, Class::STOP) && tail.offset.is_none() {
                tail.stop = true;
                k += 1;
                continue;
            }
            if self.is(k, Class::FILLER.or(Class::NEAR).or(Class::HEAD))
                && !self.is(k, Class::CONNECTOR)
            {
                k += 1;
                continue;
            }
            break;
        }
        tail.next = k;
        tail
    }

    /// An offset at token `k`: `[沿B] 往东 [约] 200 米 [左右] [路南]`.
    pub(crate) fn offset_at(&self, k: usize) -> Option<(Offset, usize)> {
        let mut k = k;
        let mut along = None;
        if self.is_text(k, "沿") || self.is_text(k, "沿着") || self.is_text(k, "顺") {
            along = Some(k + 1);
            self.road_mention(k + 1)?;
            k += 2;
        }
        k = self.skip(k, Class::FILLER.or(Class::WALK));
        let w = self.wind(k).filter(|w| {
            matches!(
                w.role,
                Role::Toward | Role::Bare | Role::Side | Role::Approach
            )
        })?;
        let after = self.skip(k + 1, Class::WALK.or(Class::FILLER));
        let (m, end) = metres(self.chars, self.start(after))?;
        if !(1.0..=5_000.0).contains(&m) {
            return None;
        }
        let mut next = self.token_at(end);
        next = self.skip(next, Class::WALK.or(Class::NEAR).or(Class::FILLER));
        let mut side = None;
        if let Some(s) = self.wind(next).filter(|s| s.role == Role::Side) {
            side = Some(s.wind);
            next += 1;
        }
        next = self.skip(next, Class::FILLER);
        Some((
            Offset {
                wind: w.wind,
                metres: m,
                side,
                along,
            },
            next,
        ))
    }

    /// A place named right after a junction or an offset is the place; the junction only says where it lies.
    fn place_at_junction(
        &self,
        (i, j): (usize, usize),
        at: &Reading,
        tail: &Tail,
    ) -> Option<(Reading, usize)> {
        let next = tail.next;
        let mut k = next;
        for _ in 0..3 {
            if self.mention(k).is_some_and(|m| m.area().is_some()) || self.is(k, Class::FILLER) {
                k += 1;
            }
        }
        let m = self.place_mention(k)?;
        if m.roads().next().is_some() && self.second_road(k).is_some() {
            return None;
        }
        if self.chars[self.tokens[next.min(k)].start.saturating_sub(1)] == ',' {
            return None;
        }
        let roads: Vec<u32> = self
            .road_mention(i)?
            .roads()
            .chain(self.road_mention(j)?.roads())
            .collect();
        let (mut reading, after) = self.read_place(k, Some(&roads))?;
        if reading.point.distance_m(at.point) > 600.0 {
            return None;
        }
        if tail.offset.is_some() {
            reading.form = "x_offset_poi";
        }
        reading.names += 2;
        reading.z += 0.3;
        reading.span.0 = at.span.0;
        reading.parts.extend(at.parts.iter().cloned());
        Some((reading, after))
    }

    fn read_house(&self, i: usize) -> Option<(Reading, usize)> {
        let m = self.road_mention(i)?;
        let mut j = i + 1;
        for _ in 0..3 {
            let mark = ["的", "上", "第", "门牌", "门牌号"];
            if mark.iter().any(|t| self.is_text(j, t)) {
                j += 1;
            }
        }
        let t = self.tokens.get(j)?;
        if t.kind != Kind::Number || t.end - t.start > 5 {
            return None;
        }
        let number = leading_number(&self.text(j))?;
        let mut k = j + 1;
        let dash = ["-", "之", "附"].iter().any(|t| self.is_text(k, t));
        if dash && matches!(self.tokens.get(k + 1)?.kind, Kind::Number) {
            k += 2;
        }
        if !self.is(k, Class::UNIT) || self.is_text(k, "号线") {
            return None;
        }
        let dated = self.is(k + 1, Class::DATEMARK) && number <= 31;
        if dated || number == 0 {
            return None;
        }
        k += 1;
        let opposite = (k..k + 3).any(|x| self.is(x, Class::OPPOSITE));
        let next = self.skip(
            k,
            Class::FILLER
                .or(Class::GATE)
                .or(Class::NEAR)
                .or(Class::OPPOSITE)
                .or(Class::FRONT),
        );
        let mut best: Option<Reading> = None;
        for r in m.roads() {
            if let Some(found) = self.number_on(r, number, opposite)
                && best.as_ref().is_none_or(|b| found.z > b.z)
            {
                best = Some(found);
            }
        }
        let mut reading = best?;
        reading.z -= m.cost();
        reading.span = (m.start, self.end_before(next));
        reading.parts = vec![
            self.part(i, Target::Road(m.roads().next()?)),
            (t.start, self.end_before(k), "house_number".to_owned()),
        ];
        Some((reading, next))
    }

    fn read_road_place(&self, i: usize) -> Option<(Reading, usize)> {
        let m = self.road_mention(i)?;
        let mut j = i + 1;
        for _ in 0..3 {
            let area = self.mention(j).is_some_and(|m| m.area().is_some());
            let glue = self.is(j, Class::FILLER.or(Class::LINE))
                || self.is_text(j, "近")
                || self.is_text(j, "靠近")
                || self.is_text(j, "与")
                || self.is_text(j, "和")
                || self.is_text(j, "到");
            if area || glue {
                j += 1;
            }
        }
        let p = self.place_mention(j)?;
        // Road 与 Place 之间 is a stretch, and a place that begins its own junction is not on this road.
        if p.roads().next().is_some() && p.places().next().is_none() {
            return None;
        }
        let roads: Vec<u32> = m.roads().collect();
        let (mut reading, next) = self.read_place(j, Some(&roads))?;
        reading.z -= 0.5 * m.cost();
        reading.names += 1;
        reading.span.0 = m.start;
        let target = self
            .nearest_road(&roads, &reading)
            .unwrap_or(Target::Road(roads[0]));
        reading.parts.push(self.part(i, target));
        reading.features.push(self.g.id_of(target).to_owned());
        reading.form = match reading.form {
            "poi_gate" | "poi_gate_named" => {
                reading.radius_m = reading.radius_m.min(45.0);
                "road_poi_gate"
            }
            "poi_alone" | "poi_near" | "poi_front" => {
                if reading.precision == Precision::Poi {
                    reading.radius_m = 80.0;
                }
                "road_poi"
            }
            other => other,
        };
        Some((reading, next))
    }

    fn nearest_road(&self, roads: &[u32], reading: &Reading) -> Option<Target> {
        roads
            .iter()
            .min_by(|a, b| {
                let d = |r: u32| self.g.road(r).distance_m(reading.point);
                d(**a).total_cmp(&d(**b))
            })
            .map(|r| Target::Road(*r))
    }

    fn read_whole_road(&self, i: usize) -> Option<(Reading, usize)> {
        let m = self.road_mention(i)?;
        let r = self.likely_road(m)?;
        let road = self.g.road(r);
        let mut k = i + 1;
        let mut movement = None;
        let mut express = road.express;
        let mut unknown = false;
        for _ in 0..4 {
            if let Some(w) = self.wind(k) {
                if w.role == Role::Approach {
                    movement = Some((self.tokens[k].start, self.tokens[k].end));
                }
                k += 1;
            } else if self.is(k, Class::EXPRESS) {
                express = true;
                k += 1;
            } else if self.is(k, Class::LINE.or(Class::SEGMENT).or(Class::FILLER)) {
                k += 1;
            }
        }
        if let Some(Kind::Other(c)) = self.tokens.get(i + 1).map(|t| t.kind) {
            unknown = c.is_alphabetic();
        }
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for p in road.pieces.iter().flatten() {
            low = low.min(p.x + p.y);
            high = high.max(p.x + p.y);
        }
        let point = road.middle()?;
        let reading = Reading {
            form: if express {
                "express"
            } else if unknown {
                "road_unknown_poi"
            } else {
                "road_only"
            },
            precision: Precision::Road,
            point,
            ground: Ground::Road,
            radius_m: (road.length_m / 2.0).clamp(200.0, 4_500.0),
            z: 1.5 - m.cost(),
            features: vec![road.name.clone()],
            label: road.name.clone(),
            span: (m.start, self.end_before(k)),
            parts: vec![self.part(i, Target::Road(r))],
            others: self.other_roads(m, r),
            movement,
            names: 1,
            ambiguity: 0.0,
            flags: Vec::new(),
        };
        Some((reading, k))
    }

    /// Of several roads behind one surface: exact name first, then the longest inside the town of the row.
    pub(crate) fn likely_road(&self, m: &Mention) -> Option<u32> {
        let mut list: Vec<u32> = m.roads().collect();
        let surface: String = self.chars[m.start..m.end].iter().collect();
        list.sort_by(|&a, &b| {
            let exact = |r: u32| self.g.road(r).name != surface;
            exact(a)
                .cmp(&exact(b))
                .then(self.g.road(b).length_m.total_cmp(&self.g.road(a).length_m))
        });
        list.first().copied()
    }

    fn other_roads(&self, m: &Mention, chosen: u32) -> Vec<Other> {
        m.roads()
            .filter(|r| *r != chosen)
            .filter_map(|r| {
                let road = self.g.road(r);
                Some(Other {
                    point: road.middle()?,
                    label: road.name.clone(),
                    features: vec![road.name.clone()],
                    z: 0.0,
                })
            })
            .collect()
    }
}
