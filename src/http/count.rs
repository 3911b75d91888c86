//! How many: counts of the asked tickets by day, hour and weekday, category and the like.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::{Door, compute};
use crate::index::By;
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/counts", Need::May(Right::Tickets), counts)
            .says("Counts of the filtered tickets; `hour_weekday` has keys `w-h` with Monday 0.", "{by:string, total:integer, mapped:integer, voices:integer, buckets:[{key:string, label:string, count:integer}]}")
            .query(&["by:string!", "filter"]),
    ]
}

async fn counts(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let names = || By::ALL.map(|(name, _)| name).join(", ");
    let by = asked.take("by").unwrap_or_else(|| "day".to_owned());
    let by = By::parse(&by)
        .ok_or_else(|| Problem::field("by", format!("must be one of {}", names())))?;
    let snapshot = door.app.snapshot();
    let filter = asked.narrowed(&who, &snapshot)?;
    let words = ["counts", by.name(), &filter.canonical(), &who.scope_word()];
    let tag = etag::tag(snapshot.version, &words);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let body = compute(move || {
        let selection = snapshot.index.select(&filter);
        let tally = snapshot.index.tally(&selection, by, filter.axis);
        json!({
            "by": by.name(),
            "total": tally.total,
            "mapped": tally.mapped,
            "voices": snapshot.index.voices(&selection),
            "buckets": tally.buckets,
        })
    })
    .await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}
