//! Is something breaking out this week: the weekly alarms and who computes them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::Response;
use h3o::CellIndex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Who;
use crate::app::alarm_view::{AlarmBook, alarm_sheet};
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::site::readable;
use crate::http::{Door, table};
use crate::ticket::permit::Right;

const BOOK: &str = "{alarms:[{id:integer, state:string, strong:boolean, told_now:boolean, first:string, last:string, window:[string], near:[string]?, sites:[{id:string, name:string, tickets:integer}], course:[{day:string, told:boolean, observed:integer, expected:number, callers:integer, llr:number, recurrence_days:number}], finding:object}], runs:[{day:string, tickets:integer, places:integer, llr:number?, recurrence_days:number?, alarms:[integer], at:string}], rule:object, next:string?}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/alarms", Need::May(Right::Sites), book).says(
            "Weekly alarms of the space-time permutation scan with their recurrence interval, and the runs they come from.",
            BOOK,
        ),
        Endpoint::new("GET /api/v1/alarms.geojson", Need::May(Right::Sites), geojson).says(
            "The cells of all alarms, and a point with the name of each (RFC 7946); with `map=1` to be drawn, not to be saved.",
            "application/geo+json",
        )
        .query(&["map"]),
        Endpoint::new("GET /api/v1/alarms.csv", Need::May(Right::Sites), csv)
            .says("All alarms as CSV with BOM.", "text/csv"),
        Endpoint::new("GET /api/v1/alarms.xlsx", Need::May(Right::Sites), xlsx)
            .says("All alarms as a workbook with a sheet that says how they were found.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        Endpoint::new("POST /api/v1/alarms", Need::Edit(Right::Survey), run)
            .says("Compute the weeks that are still to be computed, or with `anew` the last weeks from the start.", "{id:string, job:string}")
            .body("{weeks:integer, anew:boolean}")
            .status(202),
    ]
}

/// The outline of a cell as a closed ring.
pub(super) fn ring(name: &str) -> Option<Vec<[f64; 2]>> {
    let cell: CellIndex = name.parse().ok()?;
    let mut ring: Vec<[f64; 2]> = cell
        .boundary()
        .iter()
        .map(|p| [degrees(p.lng()), degrees(p.lat())])
        .collect();
    ring.extend(ring.first().copied());
    Some(ring)
}

/// What a person may see of the book: nothing of what was not published.
async fn seen(door: &Door, who: &Who) -> Result<AlarmBook, Problem> {
    let mut book = door.app.alarm_book(who).await?;
    if !readable(who) {
        book.alarms.clear();
        book.runs.clear();
    }
    Ok(book)
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
) -> Result<Response, Problem> {
    // The page draws them with `map=1`: looking is no export.
    let drawn = asked.take("map").is_some();
    asked.end(&["map"])?;
    let book = seen(&door, &who).await?;
    let features = book.alarms.iter().flat_map(|a| {
        let rings: Vec<[Vec<[f64; 2]>; 1]> = a
            .finding
            .places
            .iter()
            .filter_map(|p| ring(p).map(|r| [r]))
            .collect();
        let name = a.near.as_ref().map_or("", |n| n.1.as_str());
        let told = json!({"id": a.id, "state": a.state, "strong": a.strong, "name": name, "first": a.first, "last": a.last,
            "from": a.window[0], "to": a.window[1], "observed": a.finding.observed, "expected": a.finding.expected,
            "callers": a.finding.callers, "recurrence_days": a.finding.recurrence_days});
        [
            json!({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": rings}, "properties": told}),
            json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": a.finding.centre}, "properties": told}),
        ]
    });
    let mut response = table::geojson("预警", &features.collect::<Vec<_>>());
    if drawn {
        response.headers_mut().remove(CONTENT_DISPOSITION);
    }
    Ok(response)
}

async fn csv(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Response, Problem> {
    Ok(table::csv("预警", alarm_sheet(&seen(&door, &who).await?)))
}

async fn xlsx(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Response, Problem> {
    let sheet = alarm_sheet(&seen(&door, &who).await?);
    let snapshot = door.app.snapshot();
    let remarks = door.app.remarks(&who, &snapshot, String::new());
    table::xlsx("预警", &sheet, &remarks)
}

async fn book(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(seen(&door, &who).await?)))
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
