//! How does a ticket get its rows of places: the locator's readings, or what a person decided, with area and review group?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::error::{Error, Result};
use crate::app::snapshot::{CityView, ON_MAP};
use crate::place::pair_audit::PairVerdicts;
use crate::place::pairs::is_near_city;
use crate::place::{
    Alias, Evidence, Gazetteer, Located, Locator, Options, Precision, Query, Shape, Source,
    mark_homes,
};
use crate::spatial::{LonLat, Xy};
use crate::store::place::{Placed, PlacedRow};
use crate::ticket::{Ticket, TicketId};

/// Below this probability one ticket in ten is shown to a person.
const SURE: f64 = 0.85;
/// Longest key of a review group in characters.
const LONGEST: usize = 40;

/// What a person decided about a ticket's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Decided {
    /// candidate, point, line, `no_place`, outside.
    pub(super) kind: String,
    /// The point, where there is one.
    pub(super) point: Option<LonLat>,
    /// The stretch, where there is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) line: Vec<LonLat>,
    /// What it is called.
    pub(super) label: String,
    /// Class.
    pub(super) precision: Precision,
    /// Radius in metres.
    pub(super) radius_m: f64,
    /// Features it stands on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) features: Vec<String>,
    /// The words the decision was about.
    #[serde(default)]
    pub(super) surface: String,
}

impl Decided {
    /// The place as a decision makes it: certain, by the operator.
    fn located(&self) -> Located {
        Located {
            point: self.point,
            shape: if self.line.len() > 1 {
                Shape::Line {
                    parts: vec![self.line.clone()],
                }
            } else {
                Shape::Point
            },
            precision: self.precision,
            radius_m: self.radius_m,
            features: self.features.clone(),
            label: self.label.clone(),
            form: format!("operator_{}", self.kind),
            confidence: 1.0,
            source: Source::Operator,
            alternatives: Vec::new(),
            movement: None,
            evidence: Vec::new(),
            flags: if self.kind == "outside" {
                vec!["outside".to_owned()]
            } else {
                Vec::new()
            },
        }
    }
}

/// One area with the box around it.
struct Zone {
    name: String,
    low: Xy,
    high: Xy,
    rings: Vec<Vec<Xy>>,
}

impl Zone {
    fn holds(&self, p: Xy) -> bool {
        if p.x < self.low.x || p.x > self.high.x || p.y < self.low.y || p.y > self.high.y {
            return false;
        }
        self.rings.iter().filter(|ring| inside(ring, p)).count() % 2 == 1
    }
}

fn inside(ring: &[Xy], p: Xy) -> bool {
    let mut odd = false;
    let mut before = ring.last();
    for at in ring {
        if let Some(b) = before
            && (at.y > p.y) != (b.y > p.y)
            && p.x < (b.x - at.x) * (p.y - at.y) / (b.y - at.y) + at.x
        {
            odd = !odd;
        }
        before = Some(at);
    }
    odd
}

/// Everything that placing tickets needs; shared by all threads.
pub(super) struct Placer {
    view: Arc<CityView>,
    aliases: Vec<Alias>,
    decided: BTreeMap<TicketId, Decided>,
    /// What the pairs of each batch taught.
    verdicts: BTreeMap<i64, PairVerdicts>,
    zones: Vec<Zone>,
}

impl Placer {
    /// A placer over a city with the active aliases, the decisions in force and what is known about the pairs of batches.
    pub(super) fn new(
        view: Arc<CityView>,
        aliases: Vec<Alias>,
        decided: BTreeMap<TicketId, Decided>,
        verdicts: BTreeMap<i64, PairVerdicts>,
    ) -> Self {
        let zones = zones(&view.gazetteer);
        Self {
            view,
            aliases,
            decided,
            verdicts,
            zones,
        }
    }

    /// Learns what the pairs of batches say.
    pub(super) fn judge_pairs(&mut self, verdicts: BTreeMap<i64, PairVerdicts>) {
        self.verdicts.extend(verdicts);
    }

    /// The name of a batch as a source of pairs.
    pub(super) fn source(batch: i64) -> String {
        batch.to_string()
    }

    /// The locator; build it once per batch.
    pub(super) fn locator(&self) -> Locator<'_> {
        Locator::new(&self.view.gazetteer, &self.aliases, Options::default())
    }

    /// Whether a person decided this ticket's place.
    pub(super) fn is_decided(&self, id: TicketId) -> bool {
        self.decided.contains_key(&id)
    }

    /// The rows of a ticket's places, main place first.
    pub(super) fn rows(
        &self,
        locator: &Locator<'_>,
        id: TicketId,
        of: (i64, &Ticket),
    ) -> Vec<PlacedRow> {
        self.rows_of(locator, id, of, None)
    }

    /// The same with what the words alone gave, where that was read already.
    pub(super) fn rows_of(
        &self,
        locator: &Locator<'_>,
        id: TicketId,
        (batch, ticket): (i64, &Ticket),
        words: Option<Vec<Located>>,
    ) -> Vec<PlacedRow> {
        if let Some(decided) = self.decided.get(&id) {
            let mut places = [decided.located()];
            mark_homes(&self.view.gazetteer, &query(ticket), &mut places);
            let rows = (0..).zip(places);
            return rows.map(|(n, l)| self.row(id, n, l, None)).collect();
        }
        let query = query(ticket);
        let words = words.unwrap_or_else(|| locator.locate_text(&query));
        let unknown = PairVerdicts::default();
        let verdicts = self.verdicts.get(&batch).unwrap_or(&unknown);
        let places = locator.apply_pair(&query, words, verdicts, &Self::source(batch));
        let review = places.first().and_then(|main| review(id, ticket, main));
        (0..)
            .zip(places)
            .map(|(n, located)| self.row(id, n, located, review.clone().filter(|_| n == 0)))
            .collect()
    }

    fn row(
        &self,
        ticket: TicketId,
        n: i64,
        mut located: Located,
        review: Option<String>,
    ) -> PlacedRow {
        if located.precision == Precision::Road {
            // The road is named by its feature; its geometry is the gazetteer's.
            located.shape = Shape::Line { parts: Vec::new() };
        }
        let area = located.point.and_then(|p| self.area(p));
        PlacedRow::of(Placed {
            ticket,
            n,
            located: rounded(located),
            area,
            review,
        })
    }

    fn area(&self, p: LonLat) -> Option<String> {
        let p = self.view.gazetteer.plane().to_xy(p);
        self.zones
            .iter()
            .find(|z| z.holds(p))
            .map(|z| z.name.clone())
    }
}

/// Districts before towns, the whole jurisdiction last.
fn zones(gazetteer: &Gazetteer) -> Vec<Zone> {
    let mut areas: Vec<_> = gazetteer
        .areas()
        .iter()
        .filter(|a| !a.rings.is_empty())
        .collect();
    areas.sort_by(|a, b| {
        a.top
            .cmp(&b.top)
            .then(b.radius_m.total_cmp(&a.radius_m))
            .then(a.id.cmp(&b.id))
    });
    areas
        .into_iter()
        .map(|a| {
            let points = || a.rings.iter().flatten();
            let fold = |pick: fn(&Xy) -> f64, choose: fn(f64, f64) -> f64, start: f64| {
                points().map(pick).fold(start, choose)
            };
            Zone {
                name: a.name.clone(),
                low: Xy {
                    x: fold(|p| p.x, f64::min, f64::MAX),
                    y: fold(|p| p.y, f64::min, f64::MAX),
                },
                high: Xy {
                    x: fold(|p| p.x, f64::max, f64::MIN),
                    y: fold(|p| p.y, f64::max, f64::MIN),
                },
                rings: a.rings.clone(),
            }
        })
        .collect()
}

/// What the locator is asked for a ticket.
pub(super) fn query(ticket: &Ticket) -> Query<'_> {
    Query {
        title: &ticket.title,
        content: &ticket.content,
        place_text: &ticket.place_text,
        district: ticket.district.as_deref(),
        town: ticket.town.as_deref(),
        category: &ticket.category,
        pair: ticket.pair.as_ref(),
    }
}

/// Whether two versions of a ticket ask the locator the same thing.
pub(super) fn same_query(a: &Ticket, b: &Ticket) -> bool {
    a.title == b.title
        && a.content == b.content
        && a.place_text == b.place_text
        && a.district == b.district
        && a.town == b.town
        && a.category == b.category
        && a.pair == b.pair
}

/// The review group a ticket belongs to: the words nobody could place for sure; `None` where no person is needed.
fn review(id: TicketId, ticket: &Ticket, main: &Located) -> Option<String> {
    let unknown = main.precision == Precision::None;
    let wanted = if unknown {
        main.flags.iter().any(|f| f == "unknown_place")
    } else {
        main.confidence < ON_MAP || (main.confidence < SURE && id.0 % 10 == 0)
    };
    wanted
        .then(|| surface(ticket, main))
        .filter(|s| !s.is_empty())
}

/// The words of the main place: what was used as evidence, else the place column, else the title, else the content's start.
pub(super) fn surface(ticket: &Ticket, main: &Located) -> String {
    let spans: Vec<&Evidence> = main
        .evidence
        .iter()
        .filter(|e| e.source == main.source)
        .collect();
    let start = spans.iter().map(|e| e.start).min();
    let end = spans.iter().map(|e| e.end).max();
    if let Some((start, end)) = start.zip(end) {
        let text = match main.source {
            Source::PlaceColumn => &ticket.place_text,
            Source::Title => &ticket.title,
            _ => &ticket.content,
        };
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
        if (2..=LONGEST).contains(&length) {
            let skip = usize::try_from(start).unwrap_or(0);
            return text.chars().skip(skip).take(length).collect();
        }
    }
    [&ticket.place_text, &ticket.title, &ticket.content]
        .into_iter()
        .map(|t| t.trim())
        .find(|t| !t.is_empty())
        .map(|t| t.chars().take(LONGEST).collect())
        .unwrap_or_default()
}

/// Coordinates to six decimals (0.1 m): equal inputs give equal bytes, and rows stay small.
fn rounded(mut located: Located) -> Located {
    located.point = located.point.map(round);
    if let Shape::Line { parts } = &mut located.shape {
        for p in parts.iter_mut().flatten() {
            *p = round(*p);
        }
    }
    for other in &mut located.alternatives {
        other.point = round(other.point);
        other.confidence = (other.confidence * 1e4).round() / 1e4;
    }
    located.radius_m = (located.radius_m * 10.0).round() / 10.0;
    located.confidence = (located.confidence * 1e4).round() / 1e4;
    located
}

fn round(p: LonLat) -> LonLat {
    LonLat {
        lon: (p.lon * 1e6).round() / 1e6,
        lat: (p.lat * 1e6).round() / 1e6,
    }
}

/// A place that a person sets must lie in the country's box (a swapped pair is the usual reason why not) and near the city.
pub(super) fn settable(city: Option<&CityView>, p: LonLat) -> Result<()> {
    if !((73.0..=136.0).contains(&p.lon) && (3.0..=54.0).contains(&p.lat)) {
        return Err(Error::invalid(
            "point",
            "坐标不在范围内，经度73–136，纬度3–54 (longitude 73–136, latitude 3–54)",
        ));
    }
    if city.is_some_and(|view| !is_near_city(&view.gazetteer, p)) {
        return Err(Error::invalid(
            "point",
            "坐标距本市地图范围超过20公里，请核对 (more than 20 km from the city's map: check the place)",
        ));
    }
    Ok(())
}
