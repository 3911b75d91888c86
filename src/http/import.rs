//! How does a file come in over the page: streamed to the staging area, read on trial, mapped, committed or undone.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::multipart::{Field, MultipartError, MultipartRejection};
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::app::{Policy, Upload, Who};
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::http::{Door, table};
use crate::report::csv::Csv;
use crate::spatial::Datum;
use crate::ticket::Channel;
use crate::ticket::permit::Right;

const NEED: Need = Need::Edit(Right::Import);

/// Shape of an import with its report.
pub(super) const IMPORT: &str = "{id:string, state:string, file:string, format:string?, encoding:string?, sheet:string, rows:integer, counts:{new:integer, changed:integer, same:integer, error:integer, blank:integer, repeated_header:integer}, mapping:[any], fields:[{id:string, title:string}], errors:[{row:integer, column:string, value:string, code:string, why:string, cure:string}], progress:{done:integer, total:integer}, message:string, created_by:string, created_at:string}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/imports", Need::May(Right::Import), list)
            .says("Imports, newest first.", "{imports:[Import]}"),
        Endpoint::new("POST /api/v1/imports", NEED, upload)
            .says("Upload a file (multipart: source, datum, channel before file); the dry run starts at once.", "{id:string, job:string}")
            .body("multipart/form-data")
            .pace(Pace::Upload)
            .status(202),
        Endpoint::new("GET /api/v1/imports/{id}", Need::May(Right::Import), one)
            .says("One import: counts, mapping with masked samples, first errors by row, progress.", "Import"),
        Endpoint::new("PUT /api/v1/imports/{id}/mapping", NEED, mapping)
            .says("Give columns other fields and read again; remembered for the source if asked.", "{job:string}")
            .body("{columns:object, remember:boolean?}")
            .status(202),
        Endpoint::new("POST /api/v1/imports/{id}/commit", NEED, commit)
            .says("Write the batch, whole or not at all: `good_rows` leaves refused rows out, `all_or_none` writes nothing if one is refused.", "{job:string}")
            .body("{policy:string}")
            .status(202),
        Endpoint::new("POST /api/v1/imports/{id}/undo", NEED, undo)
            .says("Undo a committed batch.", "{job:string}")
            .status(202),
        Endpoint::new("DELETE /api/v1/imports/{id}", NEED, discard)
            .says("Throw away a batch that was not committed.", "")
            .status(204),
        Endpoint::new("GET /api/v1/imports/{id}/errors.csv", Need::May(Right::Import), errors)
            .says("All findings by row as CSV with BOM; values are masked.", "text/csv"),
    ]
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"imports": door.app.imports(&who).await?})))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let report = door.app.import_report(&who, key(&id)?).await?;
    Ok(Json(json!(report)))
}

/// A body that arrives in pieces, read by a blocking thread.
struct Pieces {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.receiver.blocking_recv() {
                None => return Ok(0),
                Some(piece) => self.rest = piece?,
            }
        }
        let n = self.rest.len().min(out.len());
        let (head, tail) = out.split_at_mut(n);
        head.copy_from_slice(&self.rest.split_to(n));
        let _ = tail;
        Ok(n)
    }
}

fn broken(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Problem::field("file", error.body_text())
}

async fn upload(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let mut multipart = multipart.map_err(|e| Problem::field("file", e.body_text()))?;
    let mut options = Upload::default();
    while let Some(field) = multipart.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name == "file" {
            options.file_name = field.file_name().unwrap_or("upload").to_owned();
            return receive(&door, who, options, field).await;
        }
        let text = field.text().await.map_err(|e| broken(&e))?;
        option(&mut options, &name, text.trim())?;
    }
    Err(Problem::field("file", "a part named file is missing"))
}

/// Reads one of the parts before the file; empty = not said.
fn option(options: &mut Upload, name: &str, text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Ok(());
    }
    match name {
        "source" => options.source = Some(text.chars().take(100).collect()),
        "datum" => {
            let datum = Datum::parse(text);
            options.datum = Some(datum.ok_or_else(|| {
                Problem::field("datum", "must be wgs84, cgcs2000, gcj02 or bd09")
            })?);
        }
        "channel" => {
            let codes = || Channel::ALL.map(Channel::code).join(", ");
            let channel = Channel::from_code(text);
            options.channel =
                Some(channel.ok_or_else(|| {
                    Problem::field("channel", format!("must be one of {}", codes()))
                })?);
        }
        _ => {
            return Err(Problem::field(
                name,
                "unknown part; known: source, datum, channel, file (last)",
            ));
        }
    }
    Ok(())
}

/// Streams the file into the staging area; a connection that breaks leaves nothing behind.
async fn receive(
    door: &Door,
    who: Who,
    options: Upload,
    mut field: Field<'_>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (sender, receiver) = mpsc::channel::<io::Result<Bytes>>(8);
    let pieces = Pieces {
        receiver,
        rest: Bytes::new(),
    };
    let app = Arc::clone(&door.app);
    let staging = tokio::spawn(async move { app.stage(&who, options, Box::new(pieces)).await });
    let mut fault = None;
    loop {
        match field.chunk().await {
            Ok(Some(bytes)) => {
                if sender.send(Ok(bytes)).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                fault = Some(broken(&error));
                let cut = io::Error::new(io::ErrorKind::UnexpectedEof, "the upload broke off");
                let _ = sender.send(Err(cut)).await;
                break;
            }
        }
    }
    drop(sender);
    let staged = staging
        .await
        .map_err(|e| Problem::internal(e.to_string()))?;
    if let Some(problem) = fault {
        return Err(problem);
    }
    let staged = staged?;
    let body = json!({"id": staged.id.to_string(), "job": staged.job.to_string()});
    Ok((StatusCode::ACCEPTED, Json(body)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapping {
    columns: BTreeMap<String, Option<String>>,
    #[serde(default)]
    remember: bool,
}

fn started(job: i64) -> (StatusCode, Json<Value>) {
    (StatusCode::ACCEPTED, Json(json!({"job": job.to_string()})))
}

async fn mapping(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<Mapping>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door
        .app
        .remap(&who, key(&id)?, &wish.columns, wish.remember)
        .await?;
    Ok(started(job))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Commit {
    policy: Policy,
}

async fn commit(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<Commit>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door.app.commit_import(&who, key(&id)?, wish.policy).await?;
    Ok(started(job))
}

async fn undo(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok(started(door.app.undo_import(&who, key(&id)?).await?))
}

async fn discard(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    door.app.discard_import(&who, key(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn errors(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    /// Findings fetched at a time.
    const PAGE: i64 = 1000;
    let id = key(&id)?;
    let mut sheet = Csv::new();
    sheet.row(["行", "列", "值", "代码", "原因", "办法", "级别"].map(str::to_owned));
    let mut after = 0;
    loop {
        let page = door.app.import_errors(&who, id, after, PAGE).await?;
        let full = page.len() == 1000;
        for e in page {
            let cells = [
                e.row.to_string(),
                e.column,
                e.value,
                e.code,
                e.why,
                e.cure,
                e.severity,
            ];
            sheet.row(cells);
        }
        if !full {
            break;
        }
        after += PAGE;
    }
    Ok(table::attachment(
        "导入问题.csv",
        "text/csv; charset=utf-8",
        sheet.into_bytes(),
    ))
}
