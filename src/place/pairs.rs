//! May the coordinates that came with a ticket be believed, and what do they add to the words?

use crate::place::gazetteer::Gazetteer;
use crate::place::geometry::{foot, inside};
use crate::place::home::mark_homes;
use crate::place::located::Alternative;
use crate::place::located::{Located, Precision, Shape, Source};
use crate::place::locator::{Locator, NAMES_UNKNOWN, Query};
use crate::place::pair_audit::PairVerdicts;
use crate::place::target::Target;
use crate::spatial::{Datum, LonLat, Xy};
use crate::ticket::GivenPair;

/// Farther than this from the jurisdiction a pair is refused, in metres (locating reference 10).
const OUTSIDE_M: f64 = 20_000.0;
/// A pair this near to the words agrees with them, in metres.
const AGREES_M: f64 = 150.0;
/// Farther than this from exact words the caller is elsewhere, or the label is wrong, in metres.
const ELSEWHERE_M: f64 = 300.0;
/// Another datum must bring the pair this near to the words to be believed, in metres.
const RELABEL_M: f64 = 100.0;
/// A pair this near to a named line is put on it, in metres.
const ON_LINE_M: f64 = 60.0;

/// What the checks say of one pair, before the words are heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PairState {
    /// No pair: empty, zero, not a number.
    Absent,
    /// Refused for a named reason: `pair_outside`, `pair_default_pin`.
    Refused(&'static str),
    /// Usable as written in this order.
    Usable {
        /// First number, longitude after a swap.
        x: f64,
        /// Second number, latitude after a swap.
        y: f64,
        /// Declared by the row, its source or nobody.
        datum: Option<Datum>,
        /// Whether the numbers were swapped.
        swapped: bool,
    },
}

/// First checks in their order: empty, swapped, default pin, outside.
#[must_use]
pub fn examine(
    g: &Gazetteer,
    pair: Option<&GivenPair>,
    verdicts: &PairVerdicts,
    source: &str,
) -> PairState {
    let Some(pair) = pair else {
        return PairState::Absent;
    };
    let (mut x, mut y) = (pair.x, pair.y);
    if !(x.is_finite() && y.is_finite()) || x.abs() < 1e-6 || y.abs() < 1e-6 {
        return PairState::Absent;
    }
    let swapped = (3.0..=54.0).contains(&x) && (73.0..=136.0).contains(&y);
    if swapped {
        (x, y) = (y, x);
    }
    if verdicts.is_default_pin(pair) {
        return PairState::Refused("pair_default_pin");
    }
    let datum = pair.datum.or_else(|| verdicts.datum_of(source));
    let at = datum.unwrap_or(Datum::Gcj02).to_wgs84(LonLat::new(x, y));
    if !at.is_valid() || from_city_m(g, at) > OUTSIDE_M {
        return PairState::Refused("pair_outside");
    }
    PairState::Usable {
        x,
        y,
        datum,
        swapped,
    }
}

/// Whether a place can belong to the city: within 20 km of what its map holds. Without a map every place can.
#[must_use]
pub fn is_near_city(g: &Gazetteer, p: LonLat) -> bool {
    p.is_valid() && from_city_m(g, p) <= OUTSIDE_M
}

/// Metres from the box of the whole map.
fn from_city_m(g: &Gazetteer, p: LonLat) -> f64 {
    let Some((low, high)) = g.bbox else {
        return 0.0;
    };
    let (low, high) = (g.plane().to_xy(low), g.plane().to_xy(high));
    let q = g.plane().to_xy(p);
    let dx = (low.x - q.x).max(q.x - high.x).max(0.0);
    let dy = (low.y - q.y).max(q.y - high.y).max(0.0);
    (dx * dx + dy * dy).sqrt()
}

impl Locator<'_> {
    /// Hears a pair beside what the words gave: confirms, chooses, places on a line, or refuses; `source` names the import source.
    #[must_use]
    pub fn apply_pair(
        &self,
        query: &Query<'_>,
        mut located: Vec<Located>,
        verdicts: &PairVerdicts,
        source: &str,
    ) -> Vec<Located> {
        match examine(self.g, query.pair, verdicts, source) {
            PairState::Absent => {}
            PairState::Refused(why) => flag(&mut located, why),
            PairState::Usable {
                x,
                y,
                datum,
                swapped,
            } => {
                if swapped {
                    flag(&mut located, "pair_swapped");
                }
                self.weigh(query, &mut located, LonLat::new(x, y), datum);
            }
        }
        mark_homes(self.g, query, &mut located);
        located
    }

    fn weigh(
        &self,
        query: &Query<'_>,
        located: &mut Vec<Located>,
        written: LonLat,
        datum: Option<Datum>,
    ) {
        let Some(best) = located.first() else { return };
        match best.precision {
            Precision::None | Precision::Area => self.alone(query, located, written, datum),
            Precision::Segment | Precision::Road => self.on_line(located, written, datum),
            _ => beside(located, written, datum),
        }
    }

    /// No place in the words: the pair is the place, if the matter has a place at all.
    fn alone(
        &self,
        query: &Query<'_>,
        located: &mut Vec<Located>,
        written: LonLat,
        datum: Option<Datum>,
    ) {
        let Some(datum) = datum else {
            flag(located, "pair_undeclared");
            return;
        };
        let best = &located[0];
        let somewhere = says_somewhere(best);
        let spot = somewhere || points_at_a_spot(query) || unreadable(query);
        if !spot || self.placeless(query.category) {
            flag(located, "pair_not_the_place");
            return;
        }
        let point = datum.to_wgs84(written);
        if let Shape::Area { id } = &best.shape
            && !self.in_area(id, point)
        {
            flag(located, "reporter_elsewhere");
            return;
        }
        let mut placed = best.clone();
        placed.point = Some(point);
        placed.shape = Shape::Point;
        placed.precision = Precision::Point;
        placed.radius_m = 100.0;
        placed.confidence = if somewhere { 0.8 } else { 0.6 };
        placed.source = Source::Coordinates;
        "coordinates".clone_into(&mut placed.form);
        if placed.label.is_empty() {
            "上报坐标".clone_into(&mut placed.label);
        }
        placed.flags.push("pair_used".to_owned());
        located.insert(0, placed);
    }

    fn in_area(&self, id: &str, p: LonLat) -> bool {
        let q = self.g.plane().to_xy(p);
        self.g
            .areas()
            .iter()
            .filter(|a| a.id == id)
            .any(|a| a.rings.iter().any(|r| inside(r, q)))
    }

    /// A line in the words: a pair beside it says where on the line.
    fn on_line(&self, located: &mut [Located], written: LonLat, datum: Option<Datum>) {
        let plane = self.g.plane();
        let best = &located[0];
        let lines: Vec<Vec<Xy>> = match &best.shape {
            Shape::Line { parts } if !parts.is_empty() => parts
                .iter()
                .map(|l| l.iter().map(|p| plane.to_xy(*p)).collect())
                .collect(),
            _ => best
                .features
                .iter()
                .filter_map(|f| match self.g.target(f)? {
                    Target::Road(r) => Some(self.g.road(r).pieces.clone()),
                    _ => None,
                })
                .flatten()
                .collect(),
        };
        let near = |d: Datum| {
            let q = plane.to_xy(d.to_wgs84(written));
            lines
                .iter()
                .filter_map(|l| foot(l, q))
                .map(|f| (f.distance_m, d.to_wgs84(written)))
                .min_by(|a, b| a.0.total_cmp(&b.0))
        };
        let Some(datum) = datum else {
            flag(located, "pair_undeclared");
            return;
        };
        match near(datum) {
            Some((d, p)) if d <= ON_LINE_M => {
                let best = &mut located[0];
                best.point = Some(p);
                best.precision = Precision::Point;
                best.radius_m = 60.0;
                best.flags.push("pair_used".to_owned());
            }
            Some((d, _)) if d > ELSEWHERE_M => flag(located, "reporter_elsewhere"),
            _ => {}
        }
    }

    /// Whether the category is a matter without a place (驾驶证, 违法处理, 表扬).
    fn placeless(&self, category: &[String]) -> bool {
        let words = self.g.language.words("placeless");
        category.iter().any(|c| {
            words.iter().any(|w| {
                let w: String = w.iter().collect();
                c.contains(&w)
            })
        })
    }
}

/// Whether the words speak of somewhere: a town or district they name themselves, or a place the map does not know. The district
/// that a form fills in for every row (所属区县) says nothing of the matter.
fn says_somewhere(best: &Located) -> bool {
    let unknown = best.form == "unknown_place" || best.flags.iter().any(|f| f == NAMES_UNKNOWN);
    let filled_in = best.source == Source::PlaceColumn && best.form == "area_district";
    unknown || best.precision == Precision::Area && !filled_in
}

/// Whether the words point at a spot without naming it.
fn points_at_a_spot(query: &Query<'_>) -> bool {
    [
        "该处",
        "该路段",
        "此处",
        "这里",
        "该路口",
        "这个路口",
        "此路段",
        "这个地方",
        "门口",
    ]
    .iter()
    .any(|w| query.content.contains(w) || query.place_text.contains(w))
}

/// Whether there is no Chinese to read: then the words cannot speak against the pair.
fn unreadable(query: &Query<'_>) -> bool {
    let han = |text: &str| text.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
    !han(query.content) && !han(query.title) && !han(query.place_text)
}

/// A point in the words: agree, choose among alternatives, find the right label, or say that the caller is elsewhere.
fn beside(located: &mut [Located], written: LonLat, datum: Option<Datum>) {
    let best = &located[0];
    let Some(text) = best.point else { return };
    let exact = best.radius_m <= 150.0;
    let distance = |d: Datum| {
        let p = d.to_wgs84(written);
        let others = best.alternatives.iter().map(|a| a.point.distance_m(p));
        let more = located
            .iter()
            .skip(1)
            .filter_map(|l| l.point)
            .map(|q| q.distance_m(p));
        let own = text.distance_m(p);
        (own, others.chain(more).fold(own, f64::min))
    };
    let near: Vec<(Datum, f64)> = Datum::ALL
        .into_iter()
        .map(|d| (d, distance(d).1))
        .filter(|x| x.1 < RELABEL_M + best.radius_m * 0.5)
        .collect();
    let used = match datum {
        Some(d) if distance(d).1 <= ELSEWHERE_M => Some((d, None)),
        Some(d) => match near.as_slice() {
            [(other, _)] if exact && *other != d => Some((*other, Some("pair_mislabelled"))),
            _ => None,
        },
        None => near
            .iter()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|x| (x.0, Some("pair_datum_guessed"))),
    };
    let Some((d, note)) = used else {
        let why = if datum.is_none() {
            "pair_undeclared"
        } else {
            "reporter_elsewhere"
        };
        located[0].flags.push(why.to_owned());
        return;
    };
    let point = d.to_wgs84(written);
    choose(&mut located[0], point);
    let best = &mut located[0];
    if let Some(note) = note {
        best.flags.push(note.to_owned());
    }
    if best.point.is_some_and(|p| p.distance_m(point) <= AGREES_M) {
        best.confidence = raised(best.confidence, 1.2);
        best.flags.push("pair_agrees".to_owned());
    }
}

/// Takes the alternative that the pair points at.
fn choose(best: &mut Located, point: LonLat) {
    let own = best.point.map_or(f64::INFINITY, |p| p.distance_m(point));
    let other = best
        .alternatives
        .iter()
        .enumerate()
        .map(|(i, a)| (a.point.distance_m(point), i))
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((d, i)) = other.filter(|o| o.0 < AGREES_M && o.0 < own - 50.0) else {
        return;
    };
    let taken = best.alternatives.remove(i);
    let left = Alternative {
        point: best.point.unwrap_or(taken.point),
        precision: best.precision,
        radius_m: best.radius_m,
        confidence: best.confidence,
        label: std::mem::replace(&mut best.label, taken.label),
        features: std::mem::replace(&mut best.features, taken.features),
    };
    best.point = Some(taken.point);
    best.confidence = raised(best.confidence.max(taken.confidence), 0.8);
    best.alternatives.insert(0, left);
    best.flags.push("pair_chose".to_owned());
    let _ = d;
}

/// A probability after evidence of this weight.
fn raised(p: f64, weight: f64) -> f64 {
    let p = p.clamp(0.01, 0.99);
    let z = (p / (1.0 - p)).ln() + weight;
    (1.0 / (1.0 + (-z).exp())).min(0.99)
}

fn flag(located: &mut [Located], why: &str) {
    if let Some(best) = located.first_mut() {
        best.flags.push(why.to_owned());
    }
}
