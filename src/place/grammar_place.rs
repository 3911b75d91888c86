//! Which form does a text make that begins with a place: its gate, its entrance, opposite, beside, near, or the place alone?

use crate::place::gazetteer::{Access, PlaceKind};
use crate::place::lexicon::Class;
use crate::place::mention::is_stop;
use crate::place::names::Origin;
use crate::place::parser::Parser;
use crate::place::reading::Reading;
use crate::place::target::Target;
use crate::place::token::Kind;
use crate::place::wind::{Role, Wind};

/// How a text relates to a place.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says that one kind of word follows; they combine freely (门口对面, 旁边的十字路口)"
)]
pub(crate) struct Relation {
    /// A gate by its wind.
    pub wind_gate: Option<Wind>,
    /// 西侧门 rather than 西门.
    pub side_gate: bool,
    /// Words of a gate: 门口, 入口, 出口, 急诊入口.
    pub gate_word: Option<String>,
    /// An exit letter or number of a station.
    pub exit: Option<String>,
    /// 对面.
    pub opposite: bool,
    /// 东侧.
    pub side: Option<Wind>,
    /// 西北角.
    pub corner: Option<Wind>,
    /// 门前, 前面.
    pub front: bool,
    /// 附近.
    pub near: bool,
    /// 路口, 红绿灯 by the place.
    pub junction: bool,
    /// 公交站.
    pub stop: bool,
    /// 车库, 停车场 after a host.
    pub lot: bool,
    /// Whether a metro word was used.
    pub metro: bool,
    /// 由南往北.
    pub movement: Option<(usize, usize)>,
    /// Tokens of a road that follows: 盛世耀凯小区杜鹃路段.
    pub road: Option<usize>,
}

impl Parser<'_> {
    /// Reads from a place name; `roads` are roads named before it that should run past it.
    pub(crate) fn read_place(&self, i: usize, roads: Option<&[u32]>) -> Option<(Reading, usize)> {
        let m = self.place_mention(i)?;
        if roads.is_none()
            && let Some(found) = self.read_between_places(i)
        {
            return Some(found);
        }
        let (relation, next) = self.relation(i, m.places().any(|p| is_stop(self.g, p)));
        let after: Vec<u32> = relation
            .road
            .and_then(|t| self.road_mention(t))
            .map(|m| m.roads().collect())
            .unwrap_or_default();
        let all: Vec<u32> = roads.unwrap_or(&[]).iter().copied().chain(after).collect();
        let mut reading = self.place_reading(i, &relation, &all)?;
        reading.span = (m.start, self.end_before(next).max(m.end));
        reading.movement = relation.movement;
        if relation.road.is_some() {
            reading.names += 1;
            reading.form = "road_poi";
            reading.radius_m = reading.radius_m.min(80.0);
        }
        Some((reading, next))
    }

    /// Reads what stands after the place at token `i`.
    fn relation(&self, i: usize, station: bool) -> (Relation, usize) {
        let mut out = Relation::default();
        let mut k = i + 1;
        for step in 0..7 {
            let more = if station && step < 3 {
                self.exit_at(k, &mut out)
            } else {
                None
            };
            if let Some(next) = more
                .or_else(|| self.wind_relation(k, &mut out))
                .or_else(|| self.word_relation(k, step, &mut out))
            {
                k = next;
                continue;
            }
            // A road right after the place, if it makes no junction of its own.
            if step == 0
                && let Some(next) = self.road_after_place(k, &mut out)
            {
                k = next;
                continue;
            }
            break;
        }
        let plain =
            out.wind_gate.is_none() && out.gate_word.is_none() && !out.near && !out.opposite;
        if plain && let Some(next) = self.gate_in_next_clause(k, &mut out) {
            k = next;
        }
        (out, k)
    }

    /// 孩子在P上学，南门那里: the gate stands in the clause after the place.
    fn gate_in_next_clause(&self, k: usize, out: &mut Relation) -> Option<usize> {
        let mut k = self.skip(k, Class::SCHOOLWORD.or(Class::TRAVELAFTER));
        if !self.is_text(k, ",") {
            return None;
        }
        k += 1;
        let w = self.wind(k).filter(|w| w.role == Role::Gate)?;
        out.wind_gate = Some(w.wind);
        Some(k + 1)
    }

    fn road_after_place(&self, k: usize, out: &mut Relation) -> Option<usize> {
        self.road_mention(k)?;
        let closed = self.is(k + 1, Class::SEGMENT.or(Class::LINE))
            || self.tokens.get(k + 1).is_none()
            || self.is(k + 1, Class::STOPMARK.or(Class::LISTMARK));
        if !closed || self.road_mention(k + 2).is_some() && self.is(k + 1, Class::CONNECTOR) {
            return None;
        }
        out.road = Some(k);
        Some(self.skip(k + 1, Class::SEGMENT.or(Class::LINE)))
    }

    fn exit_at(&self, k: usize, out: &mut Relation) -> Option<usize> {
        let text = self.text(k);
        if self.is(k, Class::METRO) {
            out.metro = true;
            return Some(k + 1);
        }
        let letter = text.chars().count() == 1 && text.chars().all(|c| c.is_ascii_alphabetic());
        let number =
            text.chars().all(|c| c.is_ascii_digit()) && text.len() <= 2 && !text.is_empty();
        if !letter && !number {
            return None;
        }
        let mut name = text;
        let mut next = k + 1;
        // A1口.
        if letter
            && self
                .tokens
                .get(next)
                .is_some_and(|t| t.kind == Kind::Number)
        {
            name.push_str(&self.text(next));
            next += 1;
        }
        let exit = Class::EXIT.or(Class::MOUTH).or(Class::GATE);
        if self.is(next, exit) || self.is_text(next, "号") && self.is(next + 1, exit) {
            out.exit = Some(name);
            out.metro = true;
            while self.is(next, exit) || self.is_text(next, "号") {
                next += 1;
            }
            return Some(next);
        }
        None
    }

    fn wind_relation(&self, k: usize, out: &mut Relation) -> Option<usize> {
        let w = self.wind(k)?;
        match w.role {
            Role::Gate => {
                out.wind_gate = Some(w.wind);
                out.side_gate = self.text(k).contains('侧');
            }
            Role::Side => {
                if out.wind_gate.is_none() && out.gate_word.is_none() {
                    out.side = Some(w.wind);
                }
            }
            Role::Corner => out.corner = Some(w.wind),
            Role::Approach => out.movement = Some((self.tokens[k].start, self.tokens[k].end)),
            Role::Toward | Role::Bare => return None,
        }
        Some(k + 1)
    }

    fn word_relation(&self, k: usize, step: usize, out: &mut Relation) -> Option<usize> {
        let c = self.word(k);
        if c.is_none() || c.meets(Class::LISTMARK.or(Class::STOPMARK)) {
            return None;
        }
        let first = !out.near && !out.opposite;
        if c.meets(Class::OPPOSITE) {
            out.opposite = true;
        } else if c.meets(Class::EMERGENCY) && first {
            out.gate_word = Some(self.text(k));
        } else if c.meets(Class::LOT) && first && out.gate_word.is_none() && out.wind_gate.is_none()
        {
            out.lot = true;
        } else if c.meets(Class::HEAD) {
            out.junction = true;
        } else if c.meets(Class::FRONT)
            && first
            && out.gate_word.is_none()
            && out.wind_gate.is_none()
        {
            // 学校门前 and 店门前 are gates; 门前, 前面 are the front.
            out.front = true;
        } else if c.meets(Class::GATE) && !out.near {
            if out.wind_gate.is_none() {
                let text = self.text(k);
                out.gate_word.get_or_insert(text);
            }
        } else if c.meets(Class::NEAR) {
            out.near = true;
        } else if c.meets(Class::STOP) && step < 2 && !self.is(k, Class::FILLER) {
            out.stop = true;
        } else if c.meets(Class::METRO) {
            out.metro = true;
        } else if !c.meets(
            Class::FILLER
                .or(Class::SCHOOLWORD)
                .or(Class::SEGMENT)
                .or(Class::LANE)
                .or(Class::EXIT),
        ) || c.meets(Class::NOTAFTER.or(Class::CONNECTOR))
        {
            return None;
        }
        Some(k + 1)
    }

    /// Candidates for a place mention, the likeliest first: on the roads named, in the town of the row, exact name first.
    pub(crate) fn candidates(
        &self,
        i: usize,
        relation: &Relation,
        roads: &[u32],
    ) -> Vec<(u32, f64)> {
        let Some(m) = self.place_mention(i) else {
            return Vec::new();
        };
        let mut list: Vec<(u32, f64)> = m
            .named
            .iter()
            .filter_map(|n| match n.target {
                Target::Place(p) => Some((p, n.origin)),
                _ => None,
            })
            .map(|(p, origin)| {
                let place = self.g.place(p);
                let mut z = match origin {
                    Origin::Given => 0.0,
                    _ => -0.3,
                };
                if !roads.is_empty() {
                    let d = roads
                        .iter()
                        .map(|r| self.g.place_to_road(p, *r))
                        .fold(f64::INFINITY, f64::min);
                    z += if d < 1.0 {
                        2.0
                    } else if d < 120.0 {
                        1.2
                    } else if d < 400.0 {
                        0.0
                    } else {
                        -1.5
                    };
                }
                if let (Some(town), Some(own)) = (self.hints.town, place.town.as_deref()) {
                    z += if town == own { 0.3 } else { -0.3 };
                }
                if relation
                    .wind_gate
                    .is_some_and(|w| place.gates.iter().any(|g| faces(&g.name, w)))
                {
                    z += 0.8;
                }
                if place.kind == PlaceKind::Stop {
                    z += 0.1;
                }
                (p, z)
            })
            .collect();
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        list.dedup_by_key(|x| x.0);
        list
    }

    /// The car park of a host, or the place itself.
    pub(crate) fn lot_of(&self, p: u32) -> u32 {
        let place = self.g.place(p);
        if place.kind == PlaceKind::Parking {
            return p;
        }
        place.lots.first().copied().unwrap_or(p)
    }

    /// Whether an access point serves as an entrance for people or cars.
    pub(crate) const fn enters(access: Access) -> bool {
        !matches!(access, Access::ParkingOut)
    }
}

/// Whether a gate's name holds a wind: 东南门 holds south-east, not east.
pub(crate) fn faces(name: &str, wind: Wind) -> bool {
    let holds = |c: char| name.contains(c);
    let east = match wind.east {
        1 => holds('东'),
        -1 => holds('西'),
        _ => !holds('东') && !holds('西'),
    };
    let north = match wind.north {
        1 => holds('北'),
        -1 => holds('南'),
        _ => !holds('北') && !holds('南'),
    };
    east && north
}
