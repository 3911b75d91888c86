//! Where does a text point, and who decides when the words do not: the review queue, decisions, aliases, and a try-out.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::{Answer, ReviewTicket, explain};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::pair;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::user::key;
use crate::place::{Evidence, Source};
use crate::spatial::LonLat;
use crate::ticket::TicketId;
use crate::ticket::permit::Right;

const MAY: Need = Need::May(Right::Review);
const EDIT: Need = Need::Edit(Right::Review);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/locate/queue", MAY, queue)
            .says("Tickets that wait for a person, grouped by the words nobody could place, most first.", "{groups:[{surface:string, count:integer, tickets:[{no:string, text:string, title:string, content:string, place_text:string, evidence:[{field:string, start:integer, end:integer, role:string}], candidates:[{n:integer, label:string, point:[number]?, precision:string, radius_m:number, confidence:number, features:[string]}], pair:[number]?, flags:[string]}]}], total:integer, tickets:integer, meta:{next:string?}}")
            .query(&["limit:integer", "cursor"]),
        Endpoint::new("POST /api/v1/locate", Need::May(Right::Tickets), locate)
            .says("Read a text and say where it points and how it was read; nothing is stored.", "{places:[any], steps:[{words:string, zh:string, en:string}]}")
            .body("{text:string}"),
        Endpoint::new("POST /api/v1/locate/decisions", EDIT, decide)
            .says("Answer one ticket of the queue; a candidate, or a pin on a place, teaches an alias for the words.", "{id:string, alias:any?, relocated:integer}")
            .body("{no:string, kind:string, candidate:integer?, point:[number]?, feature:string?, line:[[number]]?, surface:string?}"),
        Endpoint::new("GET /api/v1/aliases", MAY, aliases)
            .says("Learned aliases with who taught them and how many tickets use the words.", "{aliases:[{id:string, surface:string, feature:string, label:string, district:string?, support:integer, active:boolean, tickets:integer, created_by:string, created_at:string}]}"),
        Endpoint::new("PATCH /api/v1/aliases/{id}", EDIT, switch)
            .says("Switch an alias on or off; its tickets are located anew.", "{id:string, surface:string, active:boolean}")
            .body("{active:boolean}"),
    ]
}

/// Name of the field on the doors.
const fn field(source: Source) -> &'static str {
    match source {
        Source::PlaceColumn => "place_text",
        Source::Content => "content",
        Source::Title => "title",
        Source::Coordinates => "pair",
        Source::Operator => "operator",
    }
}

fn spans(evidence: &[Evidence]) -> Vec<Value> {
    evidence
        .iter()
        .map(|e| json!({"field": field(e.source), "start": e.start, "end": e.end, "role": e.role}))
        .collect()
}

fn waiting(ticket: &ReviewTicket) -> Value {
    let candidates: Vec<Value> = ticket
        .candidates
        .iter()
        .map(|c| {
            json!({
                "n": c.n, "label": c.label, "point": c.point.map(pair), "precision": c.precision,
                "radius_m": c.radius_m.round(), "confidence": c.confidence, "features": c.features,
            })
        })
        .collect();
    // The words that decide: the place column where there is one, else the content, else the title.
    let texts = [&ticket.place_text, &ticket.content, &ticket.title];
    let text = texts
        .into_iter()
        .find(|t| !t.is_empty())
        .cloned()
        .unwrap_or_default();
    json!({
        "no": ticket.no, "external_no": ticket.external_no, "text": text, "title": ticket.title,
        "content": ticket.content, "place_text": ticket.place_text, "received_at": ticket.received_at,
        "evidence": spans(&ticket.evidence), "candidates": candidates,
        "pair": ticket.pair.map(pair), "flags": ticket.flags,
    })
}

async fn queue(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
) -> Result<Json<Value>, Problem> {
    let limit = asked.number("limit", 20, 200)?;
    let cursor = asked.take("cursor").map(|c| c.parse::<i64>()).transpose();
    let skip = cursor
        .map_err(|_bad| Problem::field("cursor", "not a cursor of this list"))?
        .unwrap_or(0);
    asked.end(&["limit", "cursor"])?;
    let limit = i64::try_from(limit).unwrap_or(200);
    let queue = door.app.review_queue(&who, skip, limit).await?;
    let shown = i64::try_from(queue.groups.len()).unwrap_or(0);
    let next = (shown == limit && skip + shown < queue.total).then(|| (skip + shown).to_string());
    let groups: Vec<Value> = queue
        .groups
        .iter()
        .map(|g| {
            let tickets: Vec<Value> = g.tickets.iter().map(waiting).collect();
            json!({"surface": g.surface, "count": g.count, "tickets": tickets})
        })
        .collect();
    Ok(Json(
        json!({"groups": groups, "total": queue.total, "tickets": queue.tickets, "meta": {"next": next}}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

/// Turns every `{lon, lat}` into `[lon, lat]`, the one form of points on the doors.
pub(super) fn with_pairs(value: Value) -> Value {
    match value {
        Value::Object(map)
            if map.len() == 2 && map.contains_key("lon") && map.contains_key("lat") =>
        {
            json!([map["lon"], map["lat"]])
        }
        Value::Object(map) => Value::Object(
            map.into_iter()
                .map(|(k, v)| (k, with_pairs(v)))
                .collect::<Map<_, _>>(),
        ),
        Value::Array(list) => Value::Array(list.into_iter().map(with_pairs).collect()),
        other => other,
    }
}

async fn locate(
    State(door): State<Arc<Door>>,
    Me(_): Me,
    Body(given): Body<Text>,
) -> Result<Json<Value>, Problem> {
    if given.text.trim().is_empty() {
        return Err(Problem::field("text", "is empty"));
    }
    let places = door.app.locate_text(&given.text).await?;
    let steps = explain::steps(&given.text, &places);
    let places: Vec<Value> = places
        .iter()
        .map(|place| {
            let mut value = with_pairs(json!(place));
            value["evidence"] = json!(spans(&place.evidence));
            value
        })
        .collect();
    Ok(Json(json!({"places": places, "steps": steps})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    no: String,
    kind: String,
    #[serde(default)]
    candidate: Option<usize>,
    #[serde(default)]
    point: Option<[f64; 2]>,
    #[serde(default)]
    feature: Option<String>,
    #[serde(default)]
    line: Option<Vec<[f64; 2]>>,
    #[serde(default)]
    surface: Option<String>,
}

fn point([lon, lat]: [f64; 2]) -> Result<LonLat, Problem> {
    let point = LonLat::new(lon, lat);
    if point.is_valid() {
        return Ok(point);
    }
    Err(Problem::field(
        "point",
        "must be [lon, lat] in WGS-84 degrees",
    ))
}

fn answer(wish: &Decision) -> Result<Answer, Problem> {
    let missing = |field: &str| Problem::field(field, "is missing for this kind");
    match wish.kind.as_str() {
        "candidate" => Ok(Answer::Candidate {
            candidate: wish.candidate.ok_or_else(|| missing("candidate"))?,
        }),
        "point" => Ok(Answer::Point {
            point: point(wish.point.ok_or_else(|| missing("point"))?)?,
            feature: wish.feature.clone(),
        }),
        "line" => {
            let line = wish.line.as_ref().filter(|l| (2..=1000).contains(&l.len()));
            let line = line.ok_or_else(|| missing("line"))?;
            Ok(Answer::Line {
                line: line.iter().map(|p| point(*p)).collect::<Result<_, _>>()?,
            })
        }
        "no_place" => Ok(Answer::NoPlace),
        "outside" => Ok(Answer::Outside),
        _ => Err(Problem::field(
            "kind",
            "must be one of candidate, point, line, no_place, outside",
        )),
    }
}

async fn decide(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<Decision>,
) -> Result<Json<Value>, Problem> {
    let answer = answer(&wish)?;
    let id = TicketId(key(&wish.no)?);
    let outcome = door
        .app
        .decide(&who, id, &answer, wish.surface.as_deref())
        .await?;
    Ok(Json(json!(outcome)))
}

async fn aliases(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"aliases": door.app.aliases(&who).await?})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    active: bool,
}

async fn switch(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<Switch>,
) -> Result<Json<Value>, Problem> {
    let alias = door.app.switch_alias(&who, key(&id)?, wish.active).await?;
    Ok(Json(json!(alias)))
}
