//! What does a measure of the catalogue say, what was changed of it, and how is it changed?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::{Kept, MeasureWish};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::{FieldError, Problem};
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/catalogue/measures/{id}", Need::May(Right::Sites), sheet)
            .says("A measure as its form shows it: the row in force, what the file says, every change with its reason.", "{columns:[string], row:object?, shipped:object?, own:boolean, history:[{id:string, at:string, actor:string, reason:string, row:object?}]}"),
        Endpoint::new("PUT /api/v1/catalogue/measures/{id}", Need::Edit(Right::Sites), change)
            .says("Change a measure, add one (a new code), or take the change back (row null); checked like the file, kept in the history. `seen` is the key of the last change that was seen.", "{id:string}")
            .body("{row:object?, reason:string, seen:string?}"),
    ]
}

async fn sheet(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let sheet = door.app.measure_sheet(&who, &id).await?;
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(json!(sheet))))
}

async fn change(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<MeasureWish>,
) -> Result<Json<Value>, Problem> {
    match door.app.edit_measure(&who, &id, &wish).await? {
        Kept::Written(key) => Ok(Json(json!({"id": key.to_string()}))),
        Kept::Wrong(cells) => {
            let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "guard_failed");
            problem.errors = cells
                .into_iter()
                .map(|cell| FieldError {
                    field: cell.column,
                    code: "cell",
                    message: format!("{} ({})", cell.cure_zh, cell.cure),
                })
                .collect();
            let all: Vec<String> = problem
                .errors
                .iter()
                .map(|e| format!("{}：{}", e.field, e.message))
                .collect();
            Err(problem.saying(all.join("；")))
        }
    }
}
