//! How far is the work beside the requests, and who starts it by hand?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::Door;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::{self, Right};

/// Shape of a job.
const JOB: &str = "{id:string, kind:string, state:string, stage:string, done:integer, total:integer, message:string}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/jobs/{id}", Need::Login, one).says("How far a job is.", JOB),
        Endpoint::new("DELETE /api/v1/jobs/{id}", Need::Login, cancel)
            .says(
                "Ask a running job to stop; for who started it and roles that may edit under its right.",
                "",
            )
            .status(204),
        Endpoint::new("POST /api/v1/survey", Need::Edit(Right::Survey), survey)
            .says("Form the sites anew.", "{id:string, job:string}")
            .status(202),
        Endpoint::new(
            "POST /api/v1/locate/again",
            Need::Edit(Right::Review),
            relocate,
        )
        .says(
            "Locate all tickets anew with the current city and aliases.",
            "{id:string, job:string}",
        )
        .status(202),
    ]
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(_): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(door.app.job(key(&id)?).await?)))
}

async fn cancel(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = key(&id)?;
    let job = door.app.job(id).await?;
    let right = match job.kind.split('.').next() {
        Some("import") => Right::Import,
        Some("locate") => Right::Review,
        Some("plan" | "roster") => Right::Sites,
        _ => Right::Survey,
    };
    // Who started it may stop it.
    if !door.app.started_by(id, &who) && !permit::may_edit(who.role, right) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden"));
    }
    door.app.cancel(id)?;
    Ok(StatusCode::NO_CONTENT)
}

fn started(job: i64) -> (StatusCode, Json<Value>) {
    let id = job.to_string();
    (StatusCode::ACCEPTED, Json(json!({"id": id, "job": id})))
}

async fn survey(
    State(door): State<Arc<Door>>,
    Me(who): Me,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok(started(door.app.survey(&who).await?))
}

async fn relocate(
    State(door): State<Arc<Door>>,
    Me(who): Me,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok(started(door.app.relocate(&who).await?))
}
