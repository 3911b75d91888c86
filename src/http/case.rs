//! Which cases are there, what does one say, and how is it moved on?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::NewCase;
use crate::calendar::Day;
use crate::case::{Measure, Step};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

const NEED: Need = Need::May(Right::Sites);

/// Shape of a case in a list.
pub(super) const CASE: &str = "{id:string, site:string, site_name:string, point:[number]?, title:string, problem:string, problem_title:string, state:string, state_title:string, state_title_en:string, waits:string, next_look:string?, owner:string, measures:[[string]], decided:string?, works_end:string?, verdict:any, external_no:string?, simulated:boolean, version:integer, changed_at:string}";

const DETAIL: &str = "{id:string, site:string, site_name:string, point:[number]?, title:string, state:string, state_title:string, waits:string, next_look:string?, diagnosis:string, partners:[string], works:[any], visits:[any], notices:[{code:string, work:integer, field:string, zh:string, en:string}], acts:[{action:string, title:string, title_en:string}], photos:[{id:string, phase:string, taken_on:string?, caption:string, width:integer, height:integer, created_by:string, created_at:string}], events:[{at:string, kind:string, actor:string, body:any}], timeline:{from:string, until:string, months:[{from:string, count:integer, redone:integer}], marks:[{on:string, until:string?, lane:string, what:string, note:string}]}, evaluations:[{measures:string, look:string, version:integer, at:string, print:string, current:boolean, record:any}], version:integer, created_by:string, created_at:string}";

/// Shape of a measure of the catalogue.
pub(super) const MEASURE: &str = "{id:string, name:string, name_en:string, sort:string, main:[string], side:[string], standards:[string], unit:string, unit_cost:[integer], annual_cost:integer, life_years:number, lead_days:[integer], lead:string, partners:[string], published:{effect:string, outcome:string, source:string, status:string}, evidence:string, prior:{multiplier:number, low:number, high:number}, typical_quantity:number, excludes:[string], requires:[string], reversible:boolean, note:string, source:string, source_title:string, source_title_en:string}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/catalogue", NEED, catalogue)
            .says("Problem kinds and measures; every cost says where it comes from.", "{kinds:[any], measures:[Measure]}"),
        Endpoint::new("GET /api/v1/cases", NEED, list)
            .says("All cases, newest change first, each with its newest verdict and what waits.", "{cases:[Case], today:string}"),
        Endpoint::new("POST /api/v1/cases", NEED, create)
            .says("Make a case at a site; needs the power to propose. With an Idempotency-Key the same write sent again within a day gives the same case.", "{id:string}")
            .body("{site:string, content:object?}")
            .status(201),
        Endpoint::new("GET /api/v1/cases/{id}", NEED, one)
            .says("One case: diagnosis, measures, photos, timeline, evaluations, acts open to the person.", DETAIL),
        Endpoint::new("POST /api/v1/cases/{id}/actions", NEED, act)
            .says("Edit, propose, send back, approve, date works, note a visit, close, note a relapse, withdraw, comment; refused with the cure. With an Idempotency-Key the same act sent again within a day gives the same version.", "{version:integer}")
            .body("{version:integer, step:object}"),
        Endpoint::new("GET /api/v1/sites/{id}/diagnosis", NEED, diagnosis)
            .says("Problem kinds of a site's tickets, what the bells of the nearest school explain, and the measures that fit.", "{tickets:integer, kind:string, kinds:[any], offers:[any], installed:[string], school:{name:string, gate_m:number, bells:[{at:string, way:string}], at_bells:integer, share:number, by_chance:number, assumed:boolean}?}"),
        Endpoint::new("GET /api/v1/sites/{id}/cases", NEED, of_site)
            .says("Cases of a site.", "{cases:[Case]}"),
        Endpoint::new("GET /api/v1/case-day", NEED, day)
            .says("The civil day as cases see it, and whether it was set for a demo.", "{today:string, set:boolean, may_set:boolean}"),
        Endpoint::new("PUT /api/v1/case-day", Need::Edit(Right::Sites), set_day)
            .says("Set the day of cases; in a demo only, audited. Null goes back to the clock.", "{today:string}")
            .body("{day:string?}"),
    ]
}

fn measure(m: &Measure) -> Value {
    let [source_title, source_title_en] = m.source.title();
    json!({
        "id": m.id, "name": m.name_zh, "name_en": m.name_en, "sort": m.sort, "main": m.main, "side": m.side,
        "standards": m.standards, "unit": m.unit, "unit_cost": m.unit_cost, "annual_cost": m.annual_cost,
        "life_years": m.life_years, "lead_days": m.lead_days, "lead": m.lead, "partners": m.partners,
        "published": {
            "effect": m.published.effect, "outcome": m.published.outcome,
            "source": m.published.source, "status": m.published.status,
        },
        "evidence": m.evidence.letter(),
        "prior": {"multiplier": m.prior.multiplier, "low": m.prior.low, "high": m.prior.high},
        "typical_quantity": m.typical_quantity, "excludes": m.excludes, "requires": m.requires,
        "reversible": m.reversible, "note": m.note,
        "source": m.source.code(), "source_title": source_title, "source_title_en": source_title_en,
    })
}

async fn catalogue(State(door): State<Arc<Door>>, Me(_who): Me) -> Json<Value> {
    let catalogue = door.app.catalogue();
    let kinds: Vec<Value> = catalogue
        .kinds
        .all()
        .iter()
        .map(|k| {
            json!({
                "id": k.id, "name": k.name_zh, "name_en": k.name_en, "category": k.category,
                "shape": k.shape.code(), "harm_factor": k.harm_factor, "leads": k.leads, "note": k.note,
            })
        })
        .collect();
    let measures: Vec<Value> = catalogue.measures.all().iter().map(measure).collect();
    Json(json!({"kinds": kinds, "measures": measures}))
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<impl IntoResponse, Problem> {
    let cases = door.app.cases(&who).await?;
    let body = json!({"cases": cases, "today": door.app.today().iso()});
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(body)))
}

/// Longest key of a client.
const LONGEST_KEY: usize = 200;

/// The key under which the client may send the same write again.
fn once(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value.to_str().ok().map(str::trim);
    let fits = |k: &&str| (1..=LONGEST_KEY).contains(&k.len());
    key.filter(fits).map(Some).ok_or_else(|| {
        Problem::field(
            "Idempotency-Key",
            format!("1 to {LONGEST_KEY} visible ASCII characters"),
        )
    })
}

async fn create(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    headers: HeaderMap,
    Body(new): Body<NewCase>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let id = match once(&headers)? {
        Some(key) => door.app.create_case_once(&who, &new, key).await?,
        None => door.app.create_case(&who, &new).await?,
    };
    Ok((StatusCode::CREATED, Json(json!({"id": id.to_string()}))))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let case = door.app.case(&who, key(&id)?).await?;
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(json!(case))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    version: i64,
    step: Step,
}

async fn act(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(act): Body<Act>,
) -> Result<Json<Value>, Problem> {
    let (app, id) = (&door.app, key(&id)?);
    let version = match once(&headers)? {
        Some(key) => {
            let seen = (id, act.version);
            app.act_on_case_once(&who, seen, &act.step, key).await?
        }
        None => app.act_on_case(&who, id, act.version, &act.step).await?,
    };
    Ok(Json(json!({"version": version})))
}

async fn diagnosis(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(door.app.diagnosis(&who, key(&id)?).await?)))
}

async fn of_site(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let cases = door.app.cases_of_site(&who, key(&id)?).await?;
    Ok(Json(json!({"cases": cases})))
}

async fn day(State(door): State<Arc<Door>>, Me(_who): Me) -> Json<Value> {
    let app = &door.app;
    Json(
        json!({"today": app.today().iso(), "set": app.set_day().is_some(), "may_set": app.may_set_day()}),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetDay {
    day: Option<String>,
}

async fn set_day(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<SetDay>,
) -> Result<Json<Value>, Problem> {
    let day = match wish.day.as_deref() {
        None => None,
        Some(text) => Some(
            Day::parse(text)
                .ok_or_else(|| Problem::field("day", "must be a date as 2024-05-01"))?,
        ),
    };
    door.app.set_case_day(&who, day).await?;
    Ok(Json(json!({"today": door.app.today().iso()})))
}
