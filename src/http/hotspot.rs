//! Where is it worse than chance: the methods with their parameters, the map coloured by one of them, and its export.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::lens::{Lens, LensAsk, LensPicture, LensView};
use crate::app::{Snapshot, Who, hotspot_files, lens_export};
use crate::hotspot::pile_up::KEEP;
use crate::http::body::Body;
use crate::http::cache::TileKey;
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::tile::{MVT, packed, spot, written};
use crate::http::user::key;
use crate::http::{Door, compute, table};
use crate::index::Filter;
use crate::param::Settings;
use crate::ticket::permit::Right;
use crate::tile::verdict;

const NEED: Need = Need::May(Right::Tickets);

/// Parameters of a lens besides the filter; a method's own parameters follow as `m_NAME`.
const LENS: &[&str] = &[
    "view:string",
    "from2",
    "to2",
    "res:integer",
    "mask",
    "v",
    "filter",
];

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    const RECORD: &str = "{view:string, method:string, title:string, params:object, data_version:integer, engine:string, n:integer, left_out:integer, classes:object, notes:[{code:string, text:string}]}";
    vec![
        Endpoint::new("GET /api/v1/hotspots", NEED, catalogue).says(
            "All hotspot methods with their parameters, and the views of the map.",
            "{methods:[{name:string, title:string, params:[object], inputs:[object]}], views:[{view:string, method:string, own:[string]}]}",
        ),
        Endpoint::new("GET /api/v1/hotspots/{id}", NEED, page)
            .says("The documentation of a method in Markdown.", "text/markdown"),
        Endpoint::new("GET /api/v1/lens", NEED, lens)
            .says("What a method says of the filtered tickets on the map: classes with their numbers, and what is needed to repeat it. A method's parameters are given as m_NAME.", RECORD)
            .query(LENS),
        Endpoint::new("GET /api/v1/lens.geojson", NEED, lens_geojson)
            .says("The same as GeoJSON (RFC 7946), every cell or piece of road with its class and figures.", "application/geo+json")
            .query(LENS),
        Endpoint::new("GET /api/v1/lens.csv", NEED, lens_csv)
            .says("The same as CSV with BOM.", "text/csv")
            .query(LENS),
        Endpoint::new("GET /api/v1/lens.xlsx", NEED, lens_xlsx)
            .says("The same as a workbook with a sheet that says how it was made.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            .query(LENS),
        Endpoint::new("POST /api/v1/hotspots/{id}/runs", NEED, start)
            .says("Run a method on the filtered tickets; the same question over the same data finds its answer.", "{id:string, job:string}")
            .body("{filter:string, settings:object}")
            .status(202),
        Endpoint::new("GET /api/v1/hotspots/runs/{id}", NEED, answer)
            .says("The answer of a run; long lists are cut to their first 5000 entries, `cut` says so.", "{method:string, title:string, params:object, notes:[{code:string, text:string}], result:object, n:integer, left_out:integer, runs_on:string, data_version:integer, cut:boolean}"),
        Endpoint::new("GET /api/v1/hotspots/runs/{id}/table", NEED, answer_csv)
            .says("The lists of an answer side by side as CSV.", "text/csv"),
        Endpoint::new("GET /tiles/verdict/{z}/{x}/{y}", NEED, tile)
            .says("Cells coloured by a method: layer `verdict`, or roads: layer `density`.", MVT)
            .query(LENS)
            .pace(Pace::Tile),
    ]
}

async fn catalogue(Me(_): Me) -> Json<Value> {
    let mut all = hotspot_files::catalogue();
    // The tickets of the map carry no street of their own: what needs one cannot be asked here.
    for method in all["methods"].as_array_mut().into_iter().flatten() {
        if let Some(params) = method["params"].as_array_mut() {
            params.retain(|p| p["name"] != KEEP.name);
        }
    }
    let views = LensView::ALL
        .iter()
        .map(|v| json!({"view": v.code(), "method": v.method().name, "own": v.own()}));
    all["views"] = views.collect();
    Json(all)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    #[serde(default)]
    filter: String,
    #[serde(default)]
    settings: BTreeMap<String, Value>,
}

/// A setting as the text that its parameter reads.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(told).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

async fn start(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(run): Body<Run>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let snapshot = door.app.snapshot();
    let asked = Asked::of(&run.filter)?;
    let filter = asked.narrowed(&who, &snapshot)?;
    let settings = run.settings.iter().map(|(k, v)| (k.clone(), told(v)));
    let job = door
        .app
        .run_method(&who, &id, (filter, settings.collect()))
        .await?
        .to_string();
    Ok((StatusCode::ACCEPTED, Json(json!({"id": job, "job": job}))))
}

/// Most entries of a list in an answer.
const MOST_ENTRIES: usize = 5000;

/// Cuts long lists; says whether one was cut.
fn cut(value: &mut Value) -> bool {
    match value {
        Value::Array(list) => {
            let mut any = list.len() > MOST_ENTRIES;
            list.truncate(MOST_ENTRIES);
            for entry in list {
                any |= cut(entry);
            }
            any
        }
        Value::Object(map) => {
            let mut any = false;
            for (_, entry) in map.iter_mut() {
                any |= cut(entry);
            }
            any
        }
        _ => false,
    }
}

async fn answer(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let mut value = (*door.app.method_answer(&who, key(&id)?)?).clone();
    value["cut"] = json!(cut(&mut value["result"]));
    Ok(Json(value))
}

async fn answer_csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let value = door.app.method_answer(&who, key(&id)?)?;
    let text = compute(move || hotspot_files::as_csv(&value)).await??;
    Ok(table::attachment(
        "方法结果.csv",
        "text/csv; charset=utf-8",
        format!("\u{feff}{text}"),
    ))
}

async fn page(Me(_): Me, Path(id): Path<String>) -> Result<Response, Problem> {
    let text = hotspot_files::page(&id).map_err(|_no_such_method| Problem::not_found())?;
    let kind = [("content-type", "text/markdown; charset=utf-8")];
    Ok((kind, text).into_response())
}

/// First and last second of two days.
pub(super) fn period(
    asked: &mut Asked,
    names: [&str; 2],
    snapshot: &Snapshot,
) -> Result<Option<(i64, i64)>, Problem> {
    let (Some(from), Some(to)) = (asked.take(names[0]), asked.take(names[1])) else {
        return Ok(None);
    };
    let pairs = [("from".to_owned(), from), ("to".to_owned(), to)];
    let filter = Filter::parse(&pairs, snapshot.index.dicts())?;
    Ok(filter.from_s.zip(filter.until_s))
}

/// Reads a question: view, settings of its method, periods, filter.
pub(super) fn question(
    mut asked: Asked,
    who: &Who,
    snapshot: &Snapshot,
) -> Result<LensAsk, Problem> {
    let names = || LensView::ALL.map(LensView::code).join(", ");
    let view = asked.take("view").unwrap_or_else(|| "gi".to_owned());
    let view = LensView::from_code(&view)
        .ok_or_else(|| Problem::field("view", format!("must be one of {}", names())))?;
    let mut given: Vec<(&str, String)> = Vec::new();
    for param in view.method().params {
        if let Some(value) = asked.take(&format!("m_{}", param.name)) {
            given.push((param.name, value));
        }
    }
    let pairs = given.iter().map(|(name, value)| (*name, value.as_str()));
    let settings = Settings::read(view.method().params, pairs)
        .map_err(|e| Problem::field("settings", e.to_string()))?;
    let before = period(&mut asked, ["from2", "to2"], snapshot)?;
    let res = asked.number("res", 9, 11)?;
    let masked = asked.take("mask").as_deref() != Some("off");
    Ok(LensAsk {
        view,
        settings,
        before,
        res: u8::try_from(res).unwrap_or(9),
        masked,
        filter: asked.narrowed(who, snapshot)?,
    })
}

async fn made(
    door: &Door,
    who: &Who,
    asked: Asked,
) -> Result<(Arc<Snapshot>, LensAsk, Arc<Lens>), Problem> {
    let snapshot = door.app.snapshot();
    let ask = question(asked, who, &snapshot)?;
    let lens = door.app.lens(&snapshot, who, ask.clone()).await?;
    Ok((snapshot, ask, lens))
}

async fn lens(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let snapshot = door.app.snapshot();
    let ask = question(asked, &who, &snapshot)?;
    let words = ask.canonical();
    let tag = etag::tag(snapshot.version, &["lens", &words, &who.scope_word()]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let lens = door.app.lens(&snapshot, &who, ask).await?;
    let body = Json(lens.record.clone()).into_response();
    Ok(etag::dress(body, &tag, Keep::Ask))
}

fn name(lens: &Lens, suffix: &str) -> String {
    let version = &lens.record["data_version"];
    format!("{}_v{version}.{suffix}", lens.view.method().title)
}

async fn lens_geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (_, _, lens) = made(&door, &who, asked).await?;
    let file = name(&lens, "geojson");
    let body = compute(move || lens_export::geojson(&lens)).await?;
    Ok(table::attachment(&file, "application/geo+json", body))
}

async fn lens_csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (_, _, lens) = made(&door, &who, asked).await?;
    let file = name(&lens, "csv");
    let body = compute(move || lens_export::sheet(&lens).csv()).await?;
    Ok(table::attachment(&file, "text/csv; charset=utf-8", body))
}

async fn lens_xlsx(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let words = asked.words();
    let (snapshot, _, lens) = made(&door, &who, asked).await?;
    let file = name(&lens, "xlsx");
    let remarks = door.app.remarks(&who, &snapshot, words);
    let body = compute(move || lens_export::sheet(&lens).xlsx(&remarks)).await??;
    Ok(table::attachment(&file, table::XLSX, body))
}

async fn tile(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(at): Path<(u8, u32, String)>,
    mut asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let at = spot(at)?;
    let version = asked.take("v").and_then(|v| v.parse::<u64>().ok());
    let snapshot = door.app.snapshot();
    let ask = question(asked, &who, &snapshot)?;
    let keep = if version == Some(snapshot.version) {
        Keep::Forever
    } else {
        Keep::Ask
    };
    let words = format!("{}|{}", who.scope_word(), ask.canonical());
    let place = format!("{}/{}/{}", at.z, at.x, at.y);
    let tag = etag::tag(snapshot.version, &["verdict", &words, &place]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, keep));
    }
    let key = TileKey {
        layer: "verdict",
        at: (at.z, at.x, at.y),
        words,
        version: snapshot.version,
    };
    let ready = door.tiles.get(&key);
    let tile = if let Some(tile) = ready {
        door.metrics.tile_hits.fetch_add(1, Ordering::Relaxed);
        tile
    } else {
        let builder = Arc::clone(&door);
        door.tiles
            .build(key, move || async move {
                builder.metrics.tile_builds.fetch_add(1, Ordering::Relaxed);
                let lens = builder.app.lens(&snapshot, &who, ask).await?;
                let drawn = compute(move || {
                    let bytes = match &lens.picture {
                        LensPicture::Cells(cells) => verdict::cells(cells, at),
                        LensPicture::Roads(roads) => verdict::roads(roads, at),
                    };
                    bytes.map(|b| packed(&b))
                });
                drawn.await?.transpose()
            })
            .await?
    };
    Ok(etag::dress(written(tile, &headers)?, &tag, keep))
}
