//! Where are the tickets? Derived rows: deleted and written again by every rebuild.

use serde::{Deserialize, Serialize};
use sqlx::QueryBuilder;

use crate::calendar::UtcMs;
use crate::place::{Alternative, Evidence, HOME_FLAG, Located, Precision, Shape, Source};
use crate::spatial::LonLat;
use crate::store::link::on;
use crate::store::ticket::levels;
use crate::store::{Error, Tx};
use crate::ticket::{PetitionerKey, TicketId};

/// One place of one ticket, as the table holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Ticket.
    pub ticket: TicketId,
    /// 0 = the main place, then the others in the order of the text.
    pub n: i64,
    /// The place.
    pub located: Located,
    /// Name of the area the point lies in.
    pub area: Option<String>,
    /// Key of the review group; `None` = no review needed.
    pub review: Option<String>,
}

/// What the columns do not hold.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Detail {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shape: Option<Shape>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    features: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    alternatives: Vec<Alternative>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    movement: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    flags: Vec<String>,
}

/// A place in the form of its row, ready to be bound: made on the locating threads, so that the writer only writes.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedRow {
    ticket: i64,
    n: i64,
    class: &'static str,
    source: &'static str,
    form: String,
    lon: Option<f64>,
    lat: Option<f64>,
    radius_m: f64,
    confidence: f64,
    label: String,
    area: Option<String>,
    review: Option<String>,
    detail: String,
    home: i64,
}

const fn source_code(source: Source) -> &'static str {
    match source {
        Source::PlaceColumn => "place_column",
        Source::Content => "content",
        Source::Title => "title",
        Source::Coordinates => "coordinates",
        Source::Operator => "operator",
    }
}

fn source_of(code: &str) -> Option<Source> {
    Some(match code {
        "place_column" => Source::PlaceColumn,
        "content" => Source::Content,
        "title" => Source::Title,
        "coordinates" => Source::Coordinates,
        "operator" => Source::Operator,
        _ => return None,
    })
}

impl PlacedRow {
    /// The row of a place.
    #[must_use]
    pub fn of(placed: Placed) -> Self {
        let Placed {
            ticket,
            n,
            located: l,
            area,
            review,
        } = placed;
        let home = l.flags.iter().any(|f| f == HOME_FLAG);
        let detail = Detail {
            shape: (l.shape != Shape::Point).then_some(l.shape),
            features: l.features,
            alternatives: l.alternatives,
            movement: l.movement,
            evidence: l.evidence,
            flags: l.flags,
        };
        Self {
            ticket: ticket.0,
            n,
            class: l.precision.code(),
            source: source_code(l.source),
            form: l.form,
            lon: l.point.map(|p| p.lon),
            lat: l.point.map(|p| p.lat),
            radius_m: l.radius_m,
            confidence: l.confidence,
            label: l.label,
            area,
            review,
            home: i64::from(home),
            detail: serde_json::to_string(&detail)
                .ok()
                .filter(|t| t != "{}")
                .unwrap_or_default(),
        }
    }
}

type Fields = (
    i64,
    i64,
    String,
    String,
    String,
    Option<f64>,
    Option<f64>,
    f64,
    f64,
    String,
    Option<String>,
    Option<String>,
    String,
);

fn placed(f: Fields) -> Result<Placed, Error> {
    let bad = |what: String| Error::Corrupt {
        table: "location",
        row: f.0,
        what,
    };
    let detail: Detail = if f.12.is_empty() {
        Detail::default()
    } else {
        serde_json::from_str(&f.12).map_err(|e| bad(e.to_string()))?
    };
    Ok(Placed {
        ticket: TicketId(f.0),
        n: f.1,
        located: Located {
            point: f.5.zip(f.6).map(|(lon, lat)| LonLat { lon, lat }),
            shape: detail.shape.unwrap_or(Shape::Point),
            precision: Precision::from_code(&f.2).ok_or_else(|| bad(format!("class {}", f.2)))?,
            radius_m: f.7,
            features: detail.features,
            label: f.9,
            form: f.4,
            confidence: f.8,
            source: source_of(&f.3).ok_or_else(|| bad(format!("source {}", f.3)))?,
            alternatives: detail.alternatives,
            movement: detail.movement,
            evidence: detail.evidence,
            flags: detail.flags,
        },
        area: f.10,
        review: f.11,
    })
}

/// Writes places. Cost: about 4 µs a row on SQLite.
pub async fn insert(tx: &mut Tx, rows: &[PlacedRow]) -> Result<(), Error> {
    for chunk in rows.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new(
                "insert into location (ticket_id, n, class, source, form, lon, lat, radius_m, confidence, label, area, review, detail, home) ",
            );
            sql.push_values(chunk, |mut b, r| {
                b.push_bind(r.ticket).push_bind(r.n).push_bind(r.class).push_bind(r.source).push_bind(&r.form)
                    .push_bind(r.lon).push_bind(r.lat).push_bind(r.radius_m).push_bind(r.confidence)
                    .push_bind(&r.label).push_bind(&r.area).push_bind(&r.review).push_bind(&r.detail).push_bind(r.home);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Removes the places of tickets.
pub async fn remove(tx: &mut Tx, tickets: &[TicketId]) -> Result<(), Error> {
    for chunk in tickets.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("delete from location where ticket_id in (");
            let mut list = sql.separated(", ");
            for id in chunk {
                list.push_bind(id.0);
            }
            sql.push(")");
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Removes all places.
pub async fn remove_all(tx: &mut Tx) -> Result<(), Error> {
    const SQL: &str = "delete from location";
    on!(tx, c => sqlx::query(SQL).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The places of tickets, by ticket and n.
pub async fn of_tickets(tx: &mut Tx, tickets: &[TicketId]) -> Result<Vec<Placed>, Error> {
    let mut list = Vec::new();
    for chunk in tickets.chunks(1000) {
        let rows: Vec<Fields> = on!(tx, c => {
            let mut sql = QueryBuilder::new(
                "select ticket_id, n, class, source, form, lon, lat, radius_m, confidence, label, area, review, detail \
                 from location where ticket_id in (",
            );
            let mut ids = sql.separated(", ");
            for id in chunk {
                ids.push_bind(id.0);
            }
            sql.push(") order by ticket_id, n");
            sql.build_query_as().fetch_all(c).await
        })?;
        for row in rows {
            list.push(placed(row)?);
        }
    }
    Ok(list)
}

/// The main place of a ticket in the few columns the index needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Main {
    /// Ticket.
    pub ticket: TicketId,
    /// Class.
    pub precision: Precision,
    /// Shown point.
    pub point: Option<LonLat>,
    /// Radius in metres.
    pub radius_m: f64,
    /// Confidence.
    pub confidence: f64,
    /// Name of the area.
    pub area: Option<String>,
    /// Stands at somebody's home.
    pub home: bool,
}

type MainFields = (
    i64,
    String,
    Option<f64>,
    Option<f64>,
    f64,
    f64,
    Option<String>,
    i64,
);

fn main_of(f: MainFields) -> Result<Main, Error> {
    let precision = Precision::from_code(&f.1).ok_or_else(|| Error::Corrupt {
        table: "location",
        row: f.0,
        what: format!("class {}", f.1),
    })?;
    Ok(Main {
        ticket: TicketId(f.0),
        precision,
        point: f.2.zip(f.3).map(|(lon, lat)| LonLat { lon, lat }),
        radius_m: f.4,
        confidence: f.5,
        area: f.6,
        home: f.7 != 0,
    })
}

/// Main places of the tickets with keys in `from..=to`, by key: a page of a walk over all.
pub async fn mains(tx: &mut Tx, from: TicketId, to: TicketId) -> Result<Vec<Main>, Error> {
    const SQL: &str = "select ticket_id, class, lon, lat, radius_m, confidence, area, home from location \
        where ticket_id >= $1 and ticket_id <= $2 and n = 0 order by ticket_id";
    let rows: Vec<MainFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from.0).bind(to.0).fetch_all(c).await)?;
    rows.into_iter().map(main_of).collect()
}

/// Main places of these tickets, by key.
pub async fn mains_of(tx: &mut Tx, tickets: &[TicketId]) -> Result<Vec<Main>, Error> {
    let mut list = Vec::new();
    for chunk in tickets.chunks(1000) {
        let rows: Vec<MainFields> = on!(tx, c => {
            let mut sql = QueryBuilder::new(
                "select ticket_id, class, lon, lat, radius_m, confidence, area, home from location where n = 0 and ticket_id in (",
            );
            let mut ids = sql.separated(", ");
            for id in chunk {
                ids.push_bind(id.0);
            }
            sql.push(") order by ticket_id");
            sql.build_query_as().fetch_all(c).await
        })?;
        for row in rows {
            list.push(main_of(row)?);
        }
    }
    Ok(list)
}

/// How many tickets have a main place of another class than `none` with at least this confidence.
pub async fn located_total(tx: &mut Tx, none: &str, bar: f64) -> Result<i64, Error> {
    const SQL: &str =
        "select count(*) from location where n = 0 and class <> $1 and confidence >= $2";
    let (n,): (i64,) = on!(tx, c => sqlx::query_as(SQL).bind(none).bind(bar).fetch_one(c).await)?;
    Ok(n)
}

/// A group of tickets that wait for the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The words nobody could place.
    pub surface: String,
    /// Tickets.
    pub count: i64,
}

/// Review groups, most tickets first, from the `skip`-th on.
pub async fn review_groups(tx: &mut Tx, skip: i64, limit: i64) -> Result<Vec<Group>, Error> {
    const SQL: &str = "select review, count(distinct ticket_id) as n from location where review is not null \
        group by review order by n desc, review limit $1 offset $2";
    let rows: Vec<(String, i64)> =
        on!(tx, c => sqlx::query_as(SQL).bind(limit).bind(skip).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Group {
            surface: f.0,
            count: f.1,
        })
        .collect())
}

/// How many groups and tickets wait for review.
pub async fn review_total(tx: &mut Tx) -> Result<(i64, i64), Error> {
    const SQL: &str = "select count(distinct review), count(distinct ticket_id) from location where review is not null";
    let found: (i64, i64) = on!(tx, c => sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(found)
}

/// Tickets of a review group by key, at most `limit`.
pub async fn in_group(tx: &mut Tx, surface: &str, limit: i64) -> Result<Vec<TicketId>, Error> {
    const SQL: &str =
        "select distinct ticket_id from location where review = $1 order by ticket_id limit $2";
    let rows: Vec<(i64,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(surface).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|f| TicketId(f.0)).collect())
}

/// A ticket on the map as site forming takes it in.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    /// Ticket.
    pub ticket: TicketId,
    /// Shown point.
    pub point: LonLat,
    /// Class.
    pub precision: Precision,
    /// Radius in metres.
    pub radius_m: f64,
    /// Phrase form.
    pub form: String,
    /// Features the words named.
    pub features: Vec<String>,
    /// The stretch; empty for spots.
    pub line: Vec<LonLat>,
    /// Arrival.
    pub received_at: UtcMs,
    /// Who asked.
    pub petitioner: Option<PetitionerKey>,
    /// Levels of the category tree.
    pub category: Vec<String>,
    /// Redo rounds.
    pub redo: i64,
    /// Visit verdict `dissatisfied`.
    pub dissatisfied: bool,
}

type SpotFields = (
    i64,
    String,
    String,
    f64,
    f64,
    f64,
    String,
    i64,
    Option<i64>,
    String,
    i64,
    Option<String>,
);

fn spot(f: SpotFields) -> Result<Spot, Error> {
    let bad = |what: String| Error::Corrupt {
        table: "location",
        row: f.0,
        what,
    };
    let detail: Detail = if f.6.is_empty() {
        Detail::default()
    } else {
        serde_json::from_str(&f.6).map_err(|e| bad(e.to_string()))?
    };
    let line = match detail.shape {
        Some(Shape::Line { parts }) => parts.into_iter().next().unwrap_or_default(),
        _ => Vec::new(),
    };
    Ok(Spot {
        ticket: TicketId(f.0),
        precision: Precision::from_code(&f.1).ok_or_else(|| bad(format!("class {}", f.1)))?,
        form: f.2,
        point: LonLat { lon: f.3, lat: f.4 },
        radius_m: f.5,
        features: detail.features,
        line,
        received_at: UtcMs(f.7),
        petitioner: f.8.map(PetitionerKey),
        category: levels(&f.9),
        redo: f.10,
        dissatisfied: f.11.as_deref() == Some("dissatisfied"),
    })
}

/// Tickets that may form sites (spots and stretches, confidence at least the bar, eligible, nobody's home) after a key and up to
/// another, by key. Homes are left out because the point of a site is public.
pub async fn spots_after(
    tx: &mut Tx,
    after: i64,
    (last, bar): (i64, f64),
    limit: i64,
) -> Result<Vec<Spot>, Error> {
    const SQL: &str = "select l.ticket_id, l.class, l.form, l.lon, l.lat, l.radius_m, l.detail, t.received_at, \
        t.petitioner, t.category, t.redo, t.satisfaction from location l join ticket t on t.id = l.ticket_id \
        where l.ticket_id > $1 and l.ticket_id <= $2 and l.n = 0 and l.lon is not null and l.confidence >= $3 \
        and l.class in ('point', 'address', 'intersection', 'poi', 'segment') and l.home = 0 \
        and t.state not in ('rejected', 'returned', 'merged', 'withdrawn') \
        and (t.nature is null or t.nature not like '%表扬%') order by l.ticket_id limit $4";
    let rows: Vec<SpotFields> = on!(tx, c => sqlx::query_as(SQL).bind(after).bind(last).bind(bar).bind(limit).fetch_all(c).await)?;
    rows.into_iter().map(spot).collect()
}
