//! Is the program alive, ready and how busy: for those who run it.

use std::sync::Arc;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::Who;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Peer;
use crate::http::meta::gauges;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::{Door, VERSION};
use crate::ticket::permit::{self, Right};

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /healthz", Need::Open, healthz)
            .says("The process answers.", "{status:string}"),
        Endpoint::new("GET /readyz", Need::Open, readyz).says(
            "Database answers and the index is loaded; 503 until then.",
            "{status:string, database:string, index:string}",
        ),
        Endpoint::new("GET /metrics", Need::Open, metrics).says(
            "Figures for Prometheus; from this machine or for administrators.",
            "text/plain",
        ),
        Endpoint::new("GET /api/v1/version", Need::Open, version).says(
            "Version of program and interface.",
            "{name:string, version:string, api:string}",
        ),
    ]
}

async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

async fn readyz(State(door): State<Arc<Door>>) -> (StatusCode, Json<Value>) {
    // A token that nobody holds: the answer is no, but the database had to give it.
    let database = door.app.who(&"0".repeat(64)).await.is_ok();
    let stopping = door.stop.is_stopping();
    let status = if database && !stopping {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = |ok: bool| if ok { "ok" } else { "absent" };
    let index = true;
    let overall = if stopping {
        "stopping"
    } else {
        word(database && index)
    };
    (
        status,
        Json(json!({"status": overall, "database": word(database), "index": word(index)})),
    )
}

async fn metrics(
    State(door): State<Arc<Door>>,
    peer: Peer,
    who: Option<Extension<Who>>,
) -> Result<Response, Problem> {
    let admin = who.is_some_and(|Extension(w)| permit::may_edit(w.role, Right::Settings));
    if !peer.loopback && !admin {
        return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden"));
    }
    let up_s = (door.app.now().0 - door.started.0) / 1000;
    let tiles = door.tiles.size();
    let mut all: Vec<(&str, &str, f64)> = vec![
        ("zhilu_up_seconds", "time since start", up_s as f64),
        (
            "zhilu_tile_cache_bytes",
            "memory of finished tiles",
            tiles as f64,
        ),
    ];
    all.extend(gauges(&door));
    let text = door.metrics.text(&all);
    Ok((
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response())
}

async fn version() -> Json<Value> {
    Json(json!({"name": "zhilu", "version": VERSION, "api": "v1"}))
}
