//! What is there to look at: city, dictionaries, time span and counts, the first thing a page asks for.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::{Snapshot, Who};
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::site::readable;
use crate::http::{Door, VERSION, compute, time};
use crate::index::row::{STATES, precision_title, state_code, state_title};
use crate::index::{Dict, Filter};
use crate::place::Precision;
use crate::ticket::Channel;

const META: &str = "{version:string, data_version:integer, demo:boolean, city:{name:string, name_en:string, center:[number], bbox:[number], simulated:boolean, attribution:[string], approval_no:string?}?, categories:[{id:string, name:string, parent:string?}], channels:[{id:string, name:string}], states:[{id:string, name:string}], precisions:[{id:string, name:string}], areas:[{id:string, name:string}], units:[{id:string, name:string}], time:{from:string, to:string}?, counts:{tickets:integer, located:integer?, mapped:integer, review:integer?, sites:integer}}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new("GET /api/v1/meta", Need::Login, meta).says(
        "City, dictionaries, time span and counts as far as the person may see them.",
        META,
    )]
}

async fn meta(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let snapshot = door.app.snapshot();
    let tag = etag::tag(snapshot.version, &["meta", &who.scope_word(), VERSION]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let demo = door.config.demo;
    let approval = door.config.approval_no.clone();
    let body = compute(move || described(&snapshot, &who, demo, approval)).await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}

fn described(snapshot: &Snapshot, who: &Who, demo: bool, approval: Option<String>) -> Value {
    let dicts = snapshot.index.dicts();
    let filter = who.narrowed(Filter::default(), dicts).ok();
    let everything = filter.as_ref().is_some_and(Filter::is_everything);
    let selection = filter.map(|f| snapshot.index.select(&f));
    let span = selection.as_ref().and_then(|s| snapshot.index.span(s));
    let seen = selection
        .as_ref()
        .map_or((0, 0), |s| (s.count(), s.mapped()));
    let figures = snapshot.figures;
    let city = snapshot.city.as_ref().map(|view| {
        let meta = &view.city.meta;
        let own = Some(meta.approval_no.clone()).filter(|n| !n.is_empty());
        json!({
            "name": meta.name, "name_en": meta.name_en,
            "center": [meta.centre.lon, meta.centre.lat], "bbox": meta.bbox,
            "simulated": meta.simulated || demo, "attribution": meta.attribution,
            "approval_no": approval.or(own),
        })
    });
    json!({
        "version": VERSION,
        "data_version": snapshot.version,
        "demo": demo,
        "city": city,
        "categories": entries(&dicts.categories),
        "areas": entries(&dicts.areas),
        "units": entries(&dicts.units),
        "channels": Channel::ALL.map(|c| json!({"id": c.code(), "name": c.title()})),
        "states": STATES.map(|s| json!({"id": state_code(s), "name": state_title(s)})),
        "precisions": Precision::ALL.map(|p| json!({"id": p.code(), "name": precision_title(p)})),
        "time": span.map(|(a, b)| json!({"from": time::text(a), "to": time::text(b)})),
        "counts": {
            "tickets": seen.0,
            "mapped": seen.1,
            // Known for the whole only; a person who sees a part is not told the whole.
            "located": everything.then_some(figures.located),
            "review": everything.then_some(figures.review),
            "sites": if readable(who) { figures.sites } else { 0 },
        },
    })
}

fn entries(dict: &Dict) -> Vec<Value> {
    dict.iter()
        .map(|(_, entry)| {
            let parent = entry
                .parent
                .and_then(|code| dict.get(code))
                .map(|e| e.key.as_str());
            json!({"id": entry.key, "name": entry.name, "parent": parent})
        })
        .collect()
}

/// Gauges of the data for the metrics: name, help, value.
pub(super) fn gauges(door: &Door) -> Vec<(&'static str, &'static str, f64)> {
    let snapshot = door.app.snapshot();
    let figures = snapshot.figures;
    vec![
        (
            "zhilu_data_version",
            "version of the data",
            snapshot.version as f64,
        ),
        (
            "zhilu_tickets",
            "tickets in the index",
            figures.tickets as f64,
        ),
        (
            "zhilu_tickets_located",
            "tickets whose words name a place",
            figures.located as f64,
        ),
        (
            "zhilu_tickets_mapped",
            "tickets drawn as points",
            figures.mapped as f64,
        ),
        (
            "zhilu_tickets_review",
            "tickets that wait for a person",
            figures.review as f64,
        ),
        ("zhilu_sites", "active sites", figures.sites as f64),
        (
            "zhilu_index_bytes",
            "memory of the index",
            snapshot.index.size().total() as f64,
        ),
    ]
}
