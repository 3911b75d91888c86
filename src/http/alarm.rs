//! Is something breaking out this week: the weekly alarms and who computes them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use h3o::CellIndex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::site::readable;
use crate::http::{Door, table};
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/alarms", Need::May(Right::Sites), book).says(
            "Weekly alarms of the space-time permutation scan with their recurrence interval, and the runs they come from.",
            "{alarms:[{id:integer, state:string, strong:boolean, told_now:boolean, first:string, last:string, window:[string], near:[string]?, finding:object}], runs:[{day:string, tickets:integer, places:integer, llr:number?, recurrence_days:number?}], rule:object}",
        ),
        Endpoint::new("GET /api/v1/alarms.geojson", Need::May(Right::Sites), geojson).says(
            "The cells of all alarms, and a point with the name of each (RFC 7946).",
            "application/geo+json",
        ),
        Endpoint::new("POST /api/v1/alarms", Need::Edit(Right::Survey), run)
            .says("Compute the weeks that are still to be computed, or with `anew` the last weeks from the start.", "{id:string, job:string}")
            .body("{weeks:integer, anew:boolean}")
            .status(202),
    ]
}

/// The outline of a cell as a closed ring.
fn ring(name: &str) -> Option<Vec<[f64; 2]>> {
    let cell: CellIndex = name.parse().ok()?;
    let mut ring: Vec<[f64; 2]> = cell
        .boundary()
        .iter()
        .map(|p| [degrees(p.lng()), degrees(p.lat())])
        .collect();
    ring.extend(ring.first().copied());
    Some(ring)
}

async fn geojson(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Response, Problem> {
    let book = door.app.alarm_book(&who).await?;
    let seen = book.alarms.iter().filter(|_| readable(&who));
    let features = seen.flat_map(|a| {
        let rings: Vec<[Vec<[f64; 2]>; 1]> = a
            .finding
            .places
            .iter()
            .filter_map(|p| ring(p).map(|r| [r]))
            .collect();
        let name = a.near.as_ref().map_or("", |n| n.1.as_str());
        let told = json!({"id": a.id, "state": a.state, "strong": a.strong, "name": name, "first": a.first, "last": a.last,
            "observed": a.finding.observed, "expected": a.finding.expected, "recurrence_days": a.finding.recurrence_days});
        [
            json!({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}, "properties": told}),
            json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": a.finding.centre}, "properties": told}),
        ]
    });
    let all = json!({"type": "FeatureCollection", "features": features.collect::<Vec<_>>()});
    Ok(table::attachment(
        "预警.geojson",
        "application/geo+json",
        all.to_string().into_bytes(),
    ))
}

async fn book(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let mut book = door.app.alarm_book(&who).await?;
    if !readable(&who) {
        book.alarms.clear();
        book.runs.clear();
    }
    Ok(Json(json!(book)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    weeks: i64,
    #[serde(default)]
    anew: bool,
}

async fn run(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(order): Body<Order>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door.app.alarm_run(&who, order.weeks, order.anew).await?;
    let id = job.to_string();
    Ok((StatusCode::ACCEPTED, Json(json!({"id": id, "job": id}))))
}
