//! What have measures done over all cases, what may be promised of a planned one, and where do cases lie by verdict?

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{Error, Gap};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::user::key;
use crate::ticket::permit::Right;

const NEED: Need = Need::May(Right::Sites);

/// Most measures in one question.
const MOST: usize = 62;

const GAPS: &str = "{gaps:[{from:string, to:string, kind:string, note:string}]}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/effects", NEED, effects)
            .says("The last evaluation of all cases: league of measure types, references, placebo; null before the first.", "{effects:object?}"),
        Endpoint::new("POST /api/v1/effects/run", Need::Edit(Right::Sites), run)
            .says("Judge the looks that have fallen due; `all` judges every look anew and adds versions where bytes differ.", "{job:string}")
            .body("{all:boolean?}")
            .status(202),
        Endpoint::new("GET /api/v1/effect-gaps", NEED, gaps)
            .says("Days that count on neither side of an evaluation: data outage, road closure, epidemic. `to` is the last day.", GAPS),
        Endpoint::new("PUT /api/v1/effect-gaps", Need::Edit(Right::Sites), set_gaps)
            .says("Register such days in the place of those known; what they touch is judged anew beside the old version. Audited.", GAPS)
            .body("{gaps:[{from:string, to:string, kind:string, note:string?}]}"),
        Endpoint::new("GET /api/v1/sites/{id}/benefits", NEED, benefits)
            .says("Planned benefit of measures at a site with 80 % intervals, from its usual level and never its raw count.", "{refused:string?, benefits:[{measure:string, expected:number, avoided:number, lo:number, hi:number, p_harm:number, cost:integer, cost_source:string, cost_per_avoided:number?, evidence:[string], grade:string}]}")
            .query(&["measure:string!"]),
        Endpoint::new("GET /api/v1/cases.geojson", NEED, geojson)
            .says("Cases as GeoJSON (RFC 7946) with state and verdict.", "application/geo+json")
            .query(&["v"]),
    ]
}

async fn effects(State(door): State<Arc<Door>>, Me(who): Me) -> Result<impl IntoResponse, Problem> {
    let effects = match door.app.effect_summary(&who).await {
        Ok(found) => found,
        Err(Error::NotFound) => None,
        Err(other) => return Err(other.into()),
    };
    let body = json!({"effects": effects});
    Ok(([(CACHE_CONTROL, "private, no-cache")], Json(body)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    #[serde(default)]
    all: bool,
}

async fn run(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<Run>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door.app.start_evaluation(&who, wish.all).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"job": job.to_string()}))))
}

async fn gaps(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let gaps = match door.app.effect_gaps(&who).await {
        Err(Error::NotFound) => Vec::new(),
        other => other?,
    };
    Ok(Json(json!({ "gaps": gaps })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gaps {
    gaps: Vec<Gap>,
}

async fn set_gaps(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<Gaps>,
) -> Result<Json<Value>, Problem> {
    let gaps = door.app.set_effect_gaps(&who, &wish.gaps).await?;
    Ok(Json(json!({ "gaps": gaps })))
}

async fn benefits(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    mut asked: Asked,
) -> Result<Json<Value>, Problem> {
    let text = asked.take("measure").unwrap_or_default();
    asked.end(&["measure"])?;
    let measures: Vec<String> = text
        .split(',')
        .filter(|m| !m.is_empty())
        .map(str::to_owned)
        .collect();
    if measures.is_empty() || measures.len() > MOST {
        return Err(Problem::field(
            "measure",
            format!("1 to {MOST} codes of the catalogue, separated by commas"),
        ));
    }
    Ok(Json(json!(
        door.app.benefits(&who, key(&id)?, &measures).await?
    )))
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
) -> Result<impl IntoResponse, Problem> {
    asked.take("v");
    asked.end(&["v"])?;
    let cases = door.app.cases(&who).await?;
    let features: Vec<Value> = cases
        .iter()
        .filter_map(|c| {
            let [lon, lat] = c.point?;
            let verdict = c.verdict.as_ref().map_or("", |v| v["verdict"].as_str().unwrap_or(""));
            let names: Vec<&str> = c.measures.iter().map(|m| m[1].as_str()).collect();
            Some(json!({
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [degrees(lon), degrees(lat)]},
                "properties": {
                    "id": c.id, "site": c.site, "title": c.title, "state": c.state, "verdict": verdict,
                    "measures": names.join("＋"), "simulated": c.simulated,
                    "says": c.verdict.as_ref().map(|v| v["zh"].clone()).unwrap_or_default(),
                    "says_en": c.verdict.as_ref().map(|v| v["en"].clone()).unwrap_or_default(),
                },
            }))
        })
        .collect();
    let body = json!({"type": "FeatureCollection", "features": features}).to_string();
    Ok((
        [
            (CONTENT_TYPE, "application/geo+json"),
            (CACHE_CONTROL, "private, no-cache"),
        ],
        body,
    ))
}
