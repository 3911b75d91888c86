//! How are sites corrected by hand over HTTP: merge, split, rename, move, pin, undo.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::Asked;
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("POST /api/v1/sites/{id}/edits", Need::Edit(Right::Survey), edit)
            .says("Correct a site at once and in every run after: deed = merge (into), split (tickets, name), rename (name), move (point), pin (on), undo (edit: a merge or split of this site).", "{id:string, job:string}")
            .body("{deed:string, into:string?, tickets:[string]?, name:string?, point:[number]?, on:boolean?, edit:string?}")
            .status(202),
        Endpoint::new("GET /api/v1/site-edits", Need::May(Right::Survey), list)
            .says("What people decided about sites, newest first.", "{edits:[{id:string, deed:string, site:string, other:string?, of:string?, undone:boolean, by:string, at:string}]}"),
    ]
}

async fn edit(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(asked): Body<Asked>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door
        .app
        .edit_site(&who, key(&id)?, asked)
        .await?
        .to_string();
    Ok((StatusCode::ACCEPTED, Json(json!({"id": job, "job": job}))))
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let edits = door.app.site_edits(&who).await?;
    Ok(Json(json!({"edits": edits})))
}
