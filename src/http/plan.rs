//! Which plans of measures are there, how is one made, explained and turned into cases?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::NewPlan;
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const NEED: Need = Need::May(Right::Sites);
const DRAFT: Need = Need::Propose(Right::Sites);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/plans", NEED, list).says("The newest plans of measures with their figures.", "{plans:[any]}"),
        Endpoint::new("POST /api/v1/plans", DRAFT, make)
            .says("Make a plan of measures; the message of the finished job is the plan's key; cancelling the job keeps the best plan so far.", "{id:string, job:string}")
            .body("{name:string?, wish:object, sites:integer?}")
            .status(202),
        Endpoint::new("GET /api/v1/plans/{id}", NEED, one)
            .says("One plan: chosen works, budgets, frontier, stability, ranking, conflict, alternatives.", "{id:string, name:string, plan:any, works:[any], wish:any, alternatives:[any], needs:[any], names:any, standards:any, ruled_out:[any], local:any, engine:string, made_on:string, simulated:boolean, created_by:string, created_at:string, adopted_by:string?}"),
        Endpoint::new("POST /api/v1/plans/{id}/explain", NEED, explain)
            .says("Why an alternative is in the plan or not: the plan with the opposite forced.", "{why:any}")
            .body("{alternative:string}"),
        Endpoint::new("GET /api/v1/plans/{id}/plan.xlsx", NEED, workbook)
            .says("The plan as a workbook: works, promises by department, budgets, frontier, controls, notes.", XLSX),
        Endpoint::new("GET /api/v1/plans/{id}/plan.geojson", NEED, geojson)
            .says("The works of the plan and its controls on the map.", "application/geo+json"),
        Endpoint::new("POST /api/v1/plans/{id}/adopt", DRAFT, adopt)
            .says("Make a case of each part of the plan, once; deputy and principal leaders only, with a reason.", "{cases:[string]}")
            .body("{reason:string}")
            .status(201),
    ]
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<impl IntoResponse, Problem> {
    let plans = door.app.plans(&who).await?;
    Ok((
        [(CACHE_CONTROL, "private, no-cache")],
        Json(json!({ "plans": plans })),
    ))
}

async fn make(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(new): Body<NewPlan>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door.app.start_plan(&who, new).await?.to_string();
    Ok((StatusCode::ACCEPTED, Json(json!({ "id": job, "job": job }))))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let plan = door.app.measure_plan(&who, key(&id)?).await?;
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(plan)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    alternative: String,
}

async fn explain(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(ask): Body<Ask>,
) -> Result<Json<Value>, Problem> {
    let why = door
        .app
        .explain_plan(&who, key(&id)?, ask.alternative)
        .await?;
    Ok(Json(json!({ "why": why })))
}

async fn workbook(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let bytes = door.app.plan_workbook(&who, key(&id)?).await?;
    let name = format!("attachment; filename=\"plan-{id}.xlsx\"");
    Ok((
        [
            (CONTENT_TYPE, XLSX.to_owned()),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "no-store".to_owned()),
        ],
        bytes,
    ))
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let made = door.app.plan_geojson(&who, key(&id)?).await?;
    let name = format!("attachment; filename=\"plan-{id}.geojson\"");
    Ok((
        [
            (CONTENT_TYPE, "application/geo+json".to_owned()),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "private, no-cache".to_owned()),
        ],
        made.to_string(),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adoption {
    reason: String,
}

async fn adopt(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(adoption): Body<Adoption>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let made = door.app.adopt_plan(&who, key(&id)?, &adoption.reason);
    let cases = made.await?;
    Ok((StatusCode::CREATED, Json(json!({ "cases": cases }))))
}
