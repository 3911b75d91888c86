//! How does a browser draw the map: the style of the base map and the TileJSON of every layer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::app::Who;
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::hotspot::period;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::shared::Question;
use crate::http::tile::words;
use crate::http::{Door, compute};
use crate::index::Filter;
use crate::spatial::grid::resolution_at;
use crate::ticket::permit::{self, Right};
use crate::tile::classes::Classes;
use crate::tile::style::{self, Lang, Schema, Source};
use crate::tile::{LAYERS, LayerInfo};

const TILEJSON: &str = "{tilejson:string, name:string, tiles:[string], attribution:string, bounds:[number], minzoom:integer, maxzoom:integer, vector_layers:[{id:string, fields:object}]}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /tiles/{id}", Need::Login, tilejson).says(
            "TileJSON 3.0.0 of a layer: `base.json`, `tickets.json`, `hex.json`, `sites.json`; `hex.json?z=12` with a filter also says the classes of its cells (`classes`: lower bounds by `count` and `petitioners`); with `from2` and `to2` one set of classes for both periods.",
            TILEJSON,
        )
        .query(&["z:integer", "from2", "to2", "v", "filter"]),
        Endpoint::new("GET /styles/{id}", Need::Login, style_document)
            .says(
                "MapLibre style of the base map: `base.json`, or `none.json` without one.",
                "{version:integer, name:string, sources:object, layers:[any]}",
            )
            .query(&["lang", "v"]),
    ]
}

/// Address before the path: `public_url` if set, else the request's own host.
fn origin(door: &Door, headers: &HeaderMap) -> String {
    door.config.public_url.clone().unwrap_or_else(|| {
        let host = headers
            .get(HOST)
            .and_then(|v| v.to_str().ok())
            .unwrap_or("127.0.0.1");
        format!("http://{host}")
    })
}

/// The base map as style and description need it; `None` without city and file.
fn base(door: &Door, headers: &HeaderMap) -> Option<(Source, Schema)> {
    let snapshot = door.app.snapshot();
    let city = snapshot.city.as_ref();
    let tiles = |version: &str| {
        format!(
            "{}/tiles/base/{{z}}/{{x}}/{{y}}.mvt?v={version}",
            origin(door, headers)
        )
    };
    if let Some(file) = &door.ground.file {
        let mut source = file.source.clone();
        source.tiles = tiles(&file.version.to_string());
        if source.attribution.is_empty() {
            source.attribution = city
                .map(|c| c.city.meta.attribution.clone())
                .unwrap_or_default();
        }
        return Some((source, file.schema));
    }
    let city = city?;
    let drawn = door.ground.drawn(&snapshot)?;
    let address = tiles(&drawn.version.to_string());
    let source = Source::own(&address, &city.city.meta.attribution, drawn.map.bounds());
    Some((source, Schema::Shortbread))
}

async fn style_document(
    State(door): State<Arc<Door>>,
    Path(id): Path<String>,
    mut asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = asked.take("lang").unwrap_or_else(|| "zh".to_owned());
    let lang = Lang::parse(&lang);
    asked.take("v");
    asked.end(&["lang"])?;
    let document = match id.as_str() {
        "none.json" => style::none(),
        "base.json" => base(&door, &headers).map_or_else(style::none, |(source, schema)| {
            style::style(&source, schema, lang)
        }),
        _ => return Err(Problem::not_found()),
    };
    Ok(tagged(&document, &headers))
}

fn tagged(document: &Value, headers: &HeaderMap) -> Response {
    let text = document.to_string();
    let tag = etag::tag(0, &[&text]);
    if etag::has(headers, &tag) {
        return etag::unchanged(&tag, Keep::Ask);
    }
    etag::dress(Json(document.clone()).into_response(), &tag, Keep::Ask)
}

/// Deepest zoom that may be asked for.
const MAX_ZOOM: u8 = 22;
/// Deepest zoom of the data tiles; beyond it the map magnifies.
const DEEPEST: u8 = 18;

async fn tilejson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let name = id.strip_suffix(".json").ok_or_else(Problem::not_found)?;
    if name == "base" {
        let (source, _) = base(&door, &headers).ok_or_else(Problem::not_found)?;
        return Ok(tagged(&style::tilejson(&source), &headers));
    }
    let infos: Vec<&LayerInfo> = LAYERS.iter().filter(|l| l.set == name).collect();
    if infos.is_empty() {
        return Err(Problem::not_found());
    }
    let snapshot = door.app.snapshot();
    let world = [-180.0, -85.051_129, 180.0, 85.051_129];
    let bounds = snapshot.city.as_ref().map_or(world, |c| c.city.meta.bbox);
    let layers: Vec<Value> = infos
        .into_iter()
        .map(|info| {
            let fields = info
                .fields
                .iter()
                .map(|f| (f.name.to_owned(), json!(f.kind)));
            let fields: Map<String, Value> = fields.collect();
            json!({"id": info.id, "description": info.title, "fields": fields})
        })
        .collect();
    let address = format!(
        "{}/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt?v={}",
        origin(&door, &headers),
        snapshot.version
    );
    let mut document = json!({
        "tilejson": "3.0.0", "name": name, "scheme": "xyz", "tiles": [address], "attribution": "",
        "bounds": bounds, "minzoom": 0, "maxzoom": DEEPEST, "vector_layers": layers,
    });
    if let Some(classes) = classes(&door, &who, name, asked).await? {
        document["classes"] = json!(classes);
    }
    Ok(tagged(&document, &headers))
}

/// The classes of the cells at the zoom that was asked for, of the tickets that the person sees through the filter; `None` for other
/// layers, without a zoom, and for people who see no tickets.
async fn classes(
    door: &Arc<Door>,
    who: &Who,
    name: &str,
    mut asked: Asked,
) -> Result<Option<Classes>, Problem> {
    let zoom = asked.take("z");
    asked.take("v");
    let Some(zoom) = zoom.filter(|_| name == "hex" && permit::allows(who.role, Right::Tickets))
    else {
        return Ok(None);
    };
    let zoom: u8 = zoom
        .parse()
        .ok()
        .filter(|z| *z <= MAX_ZOOM)
        .ok_or_else(|| Problem::field("z", "0 to 22"))?;
    let snapshot = door.app.snapshot();
    let earlier = period(&mut asked, ["from2", "to2"], &snapshot)?;
    let filter = asked.narrowed(who, &snapshot)?;
    let held = Arc::clone(door);
    let key = words(who, &filter);
    let view = who.hex_view();
    let other = earlier.map(|(since, until)| {
        let mut other = filter.clone();
        (other.from_s, other.until_s) = (Some(since), Some(until));
        (words(who, &other), other)
    });
    let found = compute(move || {
        let res = resolution_at(zoom);
        let hexagons = |words: &str, filter: &Filter| {
            let question = Question {
                snapshot: &snapshot,
                words,
                filter,
                view,
            };
            held.shared.hexagons(question, res)
        };
        let table = hexagons(&key, &filter);
        let Some((key, other)) = other else {
            return table.classes().clone();
        };
        let before = hexagons(&key, &other);
        Classes::of(res, before.sums().chain(table.sums()))
    });
    Ok(Some(found.await?))
}
