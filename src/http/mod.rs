//! What does the program say over HTTP: routes, sessions, status codes, tiles and the embedded page.

mod alarm;
mod asset;
mod audit;
mod body;
mod cache;
mod case;
mod case_catalogue;
mod case_effect;
mod case_file;
mod cell;
mod compare;
mod count;
mod edge;
mod endpoint;
mod etag;
mod event;
mod export;
mod gate;
mod ground;
mod health;
mod hotspot;
mod import;
mod job;
mod kept;
mod layer;
mod meta;
mod metrics;
mod need;
mod open311;
mod openapi;
mod patrol;
mod plan;
mod point;
mod problem;
mod query;
mod review;
mod roster;
mod school;
mod serve;
mod session;
mod shape;
mod shared;
mod site;
mod site_edit;
mod stop;
mod style;
mod table;
mod ticket;
mod tile;
mod time;
mod user;

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::app::{App, BasemapFile};
use crate::calendar::UtcMs;
use crate::config::Config;

use endpoint::Endpoint;
use need::Need;
use problem::Problem;

pub use serve::{Listening, ServeError};

/// Version of the program.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What every handler may reach.
pub(crate) struct Door {
    app: Arc<App>,
    config: Config,
    metrics: metrics::Metrics,
    tiles: cache::Tiles,
    shared: shared::Shared,
    ground: ground::Ground,
    guests: gate::Guests,
    stop: stop::Stop,
    started: UtcMs,
    description: Value,
}

impl Door {
    /// Version of the data that readers see.
    fn version(&self) -> u64 {
        self.app.snapshot().version
    }
}

/// All endpoints of the interface.
fn endpoints() -> Vec<Endpoint> {
    let mut all = vec![
        Endpoint::new("GET /api/v1/openapi.json", Need::Open, description).says(
            "This description.",
            "{openapi:string, info:object, paths:object, components:object}",
        ),
    ];
    all.extend(health::endpoints());
    all.extend(session::endpoints());
    all.extend(meta::endpoints());
    all.extend(count::endpoints());
    all.extend(ticket::endpoints());
    all.extend(site::endpoints());
    all.extend(case::endpoints());
    all.extend(patrol::endpoints());
    all.extend(plan::endpoints());
    all.extend(case_catalogue::endpoints());
    all.extend(case_effect::endpoints());
    all.extend(case_file::endpoints());
    all.extend(import::endpoints());
    all.extend(review::endpoints());
    all.extend(job::endpoints());
    all.extend(school::endpoints());
    all.extend(roster::endpoints());
    all.extend(tile::endpoints());
    all.extend(hotspot::endpoints());
    all.extend(cell::endpoints());
    all.extend(compare::endpoints());
    all.extend(alarm::endpoints());
    all.extend(site_edit::endpoints());
    all.extend(style::endpoints());
    all.extend(event::endpoints());
    all.extend(user::endpoints());
    all.extend(audit::endpoints());
    all.extend(open311::endpoints());
    all
}

/// Runs pure work on a blocking thread, so that the network never waits for it.
async fn compute<T, F>(work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|e| Problem::internal(e.to_string()))
}

async fn description(State(door): State<Arc<Door>>) -> Json<Value> {
    Json(door.description.clone())
}

/// The description of the interface as a document, for `zhilu openapi`.
///
/// # Errors
/// A shape text of the program that cannot be read; a test proves that there is none.
pub fn describe() -> Result<Value, String> {
    openapi::document(&endpoints())
}

/// The whole server as a service; tests call it without a socket.
///
/// # Errors
/// A `public_url` that is no origin.
pub fn router(app: Arc<App>, config: Config) -> Result<Router, ServeError> {
    Ok(assemble(app, config, None)?.0)
}

fn assemble(
    app: Arc<App>,
    config: Config,
    basemap: Option<BasemapFile>,
) -> Result<(Router, Arc<Door>), ServeError> {
    let door = Arc::new(Door {
        tiles: cache::Tiles::new(config.tile_cache_bytes),
        guests: gate::Guests::default(),
        shared: shared::Shared::default(),
        ground: ground::Ground::new(basemap),
        metrics: metrics::Metrics::default(),
        stop: stop::Stop::new(),
        started: app.now(),
        description: describe().map_err(ServeError::Description)?,
        app,
        config,
    });
    let mut api: Router<Arc<Door>> = Router::new();
    for endpoint in endpoints() {
        api = endpoint.mount(api, &door);
    }
    let mut csrf = CsrfLayer::new();
    if let Some(url) = &door.config.public_url {
        csrf = csrf
            .add_trusted_origin(url)
            .map_err(|e| ServeError::PublicUrl {
                url: url.clone(),
                why: e.to_string(),
            })?;
    }
    let router = api
        .layer(CompressionLayer::new().gzip(true))
        .merge(asset::router())
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .layer(csrf)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(Arc::clone(&door), edge::around))
        .with_state(Arc::clone(&door));
    Ok((router, door))
}

async fn nothing_here() -> Problem {
    Problem::not_found()
}

async fn wrong_method() -> Problem {
    Problem::of_status(axum::http::StatusCode::METHOD_NOT_ALLOWED)
}

/// A panic is a fault of the program: recorded by the edge, hidden from the client.
fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    Problem::internal("a handler panicked").into_response()
}
