//! How do files come to a case and leave it: photos, and tables of registered measures?

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::app::NewPhoto;
use crate::case::photo;
use crate::http::Door;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

const NEED: Need = Need::May(Right::Sites);

/// Largest table of registered measures: 20,000 rows are below 8 MiB.
const LARGEST_TABLE: usize = 16 << 20;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("POST /api/v1/cases/{id}/photos", NEED, add)
            .says("Put a photo to a case (multipart: phase, taken_on, caption before file); JPEG, PNG or WebP up to 8 MB; position, camera and time are cut out.", "{id:string}")
            .body("multipart/form-data")
            .pace(Pace::Upload)
            .status(201),
        Endpoint::new("GET /api/v1/cases/{id}/photos/{photo}", NEED, show)
            .says("A photo of a case.", "image/*"),
        Endpoint::new("DELETE /api/v1/cases/{id}/photos/{photo}", Need::Edit(Right::Sites), remove)
            .says("Remove a photo; the deed stays in the timeline.", "")
            .status(204),
        Endpoint::new("POST /api/v1/case-imports", Need::Edit(Right::Sites), import)
            .says("Register the measures of a table (multipart: trial = true or false before file); report by row.", "{read:integer, new:integer, same:integer, refused:integer, findings:[any], cases:[string]}")
            .body("multipart/form-data")
            .pace(Pace::Upload),
    ]
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Problem::field("file", error.body_text())
}

fn opened(multipart: Result<Multipart, MultipartRejection>) -> Result<Multipart, Problem> {
    multipart.map_err(|e| Problem::field("file", e.body_text()))
}

/// The bytes of a part, as long as they stay below the limit.
async fn bytes(mut field: Field<'_>, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut all = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|e| broken(&e))? {
        if all.len() + piece.len() > limit {
            return Err(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE));
        }
        all.extend_from_slice(&piece);
    }
    Ok(all)
}

async fn add(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let case = key(&id)?;
    let mut multipart = opened(multipart)?;
    let mut new = NewPhoto::default();
    while let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            let bytes = bytes(field, photo::LARGEST + 1).await?;
            let made = door.app.add_photo(&who, case, &new, &bytes).await?;
            return Ok((StatusCode::CREATED, Json(json!({"id": made.to_string()}))));
        }
        let text = field.text().await.map_err(|e| broken(&e))?;
        match name.as_str() {
            "phase" => new.phase = text,
            "taken_on" => new.taken_on = text,
            "caption" => new.caption = text,
            _ => {
                return Err(Problem::field(
                    &name,
                    "unknown part; known: phase, taken_on, caption, file (last)",
                ));
            }
        }
    }
    Err(Problem::field("file", "a part named file is missing"))
}

async fn show(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path((id, photo)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (kind, bytes) = door.app.photo(&who, key(&id)?, key(&photo)?).await?;
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    let kind = HeaderValue::from_str(&kind).map_err(|e| Problem::internal(e.to_string()))?;
    headers.insert(CONTENT_TYPE, kind);
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=3600"),
    );
    Ok(response)
}

async fn remove(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path((id, photo)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    door.app.remove_photo(&who, key(&id)?, key(&photo)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn import(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<Json<Value>, Problem> {
    let mut multipart = opened(multipart)?;
    let mut trial = true;
    while let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" => {
                let bytes = bytes(field, LARGEST_TABLE).await?;
                return Ok(Json(json!(
                    door.app.import_cases(&who, bytes, trial).await?
                )));
            }
            "trial" => trial = field.text().await.map_err(|e| broken(&e))?.trim() != "false",
            _ => {
                return Err(Problem::field(
                    &name,
                    "unknown part; known: trial, file (last)",
                ));
            }
        }
    }
    Err(Problem::field("file", "a part named file is missing"))
}
