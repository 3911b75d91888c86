//! Is something breaking out this week: the weekly alarms and who computes them.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::site::readable;
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/alarms", Need::May(Right::Sites), book).says(
            "Weekly alarms of the space-time permutation scan with their recurrence interval, and the runs they come from.",
            "{alarms:[{id:integer, state:string, strong:boolean, told_now:boolean, first:string, last:string, window:[string], near:[string]?, finding:object}], runs:[{day:string, tickets:integer, places:integer, llr:number?, recurrence_days:number?}], rule:object}",
        ),
        Endpoint::new("POST /api/v1/alarms", Need::Edit(Right::Survey), run)
            .says("Compute the weeks that are still to be computed, or with `anew` the last weeks from the start.", "{id:string, job:string}")
            .body("{weeks:integer, anew:boolean}")
            .status(202),
    ]
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
