//! Which loops do motor units drive past the worst sites: planned, kept, on the map, in a calendar?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::PatrolWish;
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

/// Everybody of the office and its partners, not the public: the same roles that see tickets.
const NEED: Need = Need::May(Right::Tickets);
/// Who sends units out: the same roles that draft rosters.
const MAKE: Need = Need::Propose(Right::Sites);
const ONE: &str = "{id:string, date:string, start_min:integer, plan:object, spots:[any], ways:[[[number]]], off_network:[string], in_vain:[string], wish:object, simulated:boolean}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/patrols", NEED, list)
            .says("The newest patrols with their figures.", "{patrols:[any]}"),
        Endpoint::new("POST /api/v1/patrols", MAKE, make)
            .says("Loops of motor units past the worst sites on the city's roads, one-way streets respected, in windows by each site's own hours and weekdays; kept under its id.", ONE)
            .body("{units:integer, shift_min:integer, sites:integer, dwell_min:integer?, base:[number]?, draw:integer?, date:string?, start_min:integer?}")
            .status(201),
        Endpoint::new("GET /api/v1/patrols/{id}", NEED, one)
            .says("One patrol as it was planned.", ONE),
        Endpoint::new("GET /api/v1/patrols/{id}/loops.geojson", NEED, geojson)
            .says("Roads driven and stays of a patrol on the map.", "application/geo+json"),
        Endpoint::new("GET /api/v1/patrols/{id}/units/{unit}", NEED, ics)
            .says("One unit's stays as a calendar (RFC 5545), units counted from 1, 0 for all; may end in .ics.", "text/calendar"),
    ]
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<impl IntoResponse, Problem> {
    let patrols = door.app.patrols(&who).await?;
    Ok((
        [(CACHE_CONTROL, "private, no-cache")],
        Json(json!({ "patrols": patrols })),
    ))
}

async fn make(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<PatrolWish>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    Ok((
        StatusCode::CREATED,
        Json(door.app.patrol(&who, wish).await?),
    ))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let patrol = door.app.kept_patrol(&who, key(&id)?).await?;
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(patrol)))
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let made = door.app.patrol_geojson(&who, key(&id)?).await?;
    let name = format!("inline; filename=\"patrol-{id}.geojson\"");
    Ok((
        [
            (CONTENT_TYPE, "application/geo+json".to_owned()),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "private, no-cache".to_owned()),
        ],
        made.to_string(),
    ))
}

async fn ics(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path((id, unit)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let unit = unit.strip_suffix(".ics").unwrap_or(&unit);
    let unit = key(unit)?;
    let all = (unit != 0).then_some(unit);
    let bytes = door.app.patrol_calendar(&who, key(&id)?, all).await?;
    let name = format!("attachment; filename=\"patrol-{id}-{unit}.ics\"");
    Ok((
        [
            (CONTENT_TYPE, "text/calendar; charset=utf-8".to_owned()),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "no-store".to_owned()),
        ],
        bytes,
    ))
}
