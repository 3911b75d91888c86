//! What does the map draw: vector tiles by layer, with tag, compression, memory and single flight, and the documents that describe them.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::app::{Snapshot, Who};
use crate::http::cache::{Tile, TileKey};
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::layer::Layer;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::shared::Question;
use crate::http::site::{readable, site_filter};
use crate::http::{Door, compute};
use crate::index::Filter;
use crate::spatial::TileId;
use crate::ticket::permit::Right;
use crate::tile::hex_table::HexView;

/// Media type of a tile.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";

/// Level of compression of tiles made on request: 4 costs a third of 6 for a few per cent more bytes.
const LEVEL: Compression = Compression::new(4);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    const FILTER: &[&str] = &["v", "filter"];
    let tickets = Need::May(Right::Tickets);
    let draw = |layer: Layer| {
        move |State(door): State<Arc<Door>>,
              Me(who): Me,
              Path(spot): Path<(u8, u32, String)>,
              asked: Asked,
              headers: HeaderMap| async move {
            answer(&door, who, (layer, spot), asked, &headers).await
        }
    };
    let tile = |line, need, summary| (line, need, summary);
    let base = tile(
        "GET /tiles/base/{z}/{x}/{y}",
        Need::Login,
        "Base map: streets, water, buildings, names.",
    );
    vec![
        Endpoint::new(base.0, base.1, draw(Layer::Base))
            .says(base.2, MVT)
            .query(&["v"])
            .pace(Pace::Tile),
        Endpoint::new(
            "GET /tiles/tickets/{z}/{x}/{y}",
            tickets,
            draw(Layer::Tickets),
        )
        .says(
            "Filtered tickets: layer `clusters` at small zooms, `tickets` at large ones.",
            MVT,
        )
        .query(FILTER)
        .pace(Pace::Tile),
        Endpoint::new("GET /tiles/hex/{z}/{x}/{y}", tickets, draw(Layer::Hex))
            .says(
                "Filtered tickets by hexagon: layer `hex` with `count`, `petitioners` and their steps on a ramp of five colours.",
                MVT,
            )
            .query(FILTER)
            .pace(Pace::Tile),
        Endpoint::new(
            "GET /tiles/sites/{z}/{x}/{y}",
            Need::May(Right::Sites),
            draw(Layer::Sites),
        )
        .says("Active sites: layer `sites`.", MVT)
        .query(FILTER)
        .pace(Pace::Tile),
    ]
}

/// Column, row and zoom of an address; `{y}` may carry `.mvt` or `.pbf`.
pub(super) fn spot((z, x, y): (u8, u32, String)) -> Result<TileId, Problem> {
    let row = y
        .strip_suffix(".mvt")
        .or_else(|| y.strip_suffix(".pbf"))
        .unwrap_or(&y);
    let row: u32 = row.parse().map_err(|_not_a_row| Problem::not_found())?;
    TileId::new(z, x, row).ok_or_else(Problem::not_found)
}

/// What is asked of one tile, before anything is computed.
struct Order {
    layer: Layer,
    at: TileId,
    filter: Filter,
    view: HexView,
    key: TileKey,
    tag: String,
    keep: Keep,
}

/// What a selection is kept under: who sees which rows, and the filter.
pub(super) fn words(who: &Who, filter: &Filter) -> String {
    let scope = who.scope_word();
    if filter.is_everything() {
        scope
    } else {
        format!("{scope}|{}", filter.canonical())
    }
}

fn order(
    door: &Door,
    who: &Who,
    snapshot: &Snapshot,
    (layer, at): (Layer, TileId),
    mut asked: Asked,
) -> Result<Order, Problem> {
    let version = asked.take("v");
    let filter = match layer {
        Layer::Base => {
            asked.end(&["v"])?;
            Filter::default()
        }
        Layer::Tickets | Layer::Hex => asked.narrowed(who, snapshot)?,
        // The same tickets as on the list of sites.
        Layer::Sites => site_filter(asked, who, snapshot)?.unwrap_or_default(),
    };
    let current = if layer == Layer::Base {
        door.ground.version(snapshot)
    } else {
        snapshot.version
    };
    let keep = match (version.and_then(|v| v.parse::<u64>().ok()), layer) {
        (Some(v), _) if v == current => Keep::Forever,
        (_, Layer::Base) => Keep::Day,
        _ => Keep::Ask,
    };
    let words = if layer == Layer::Base {
        String::new()
    } else {
        words(who, &filter)
    };
    let view = who.hex_view();
    let place = format!("{}/{}/{}", at.z, at.x, at.y);
    Ok(Order {
        layer,
        at,
        filter,
        view,
        tag: etag::tag(current, &[layer.name(), &words, &place]),
        key: TileKey {
            layer: layer.name(),
            at: (at.z, at.x, at.y),
            words,
            version: current,
        },
        keep,
    })
}

async fn answer(
    door: &Arc<Door>,
    who: Who,
    (layer, at): (Layer, (u8, u32, String)),
    asked: Asked,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let at = spot(at)?;
    let snapshot = door.app.snapshot();
    if layer == Layer::Sites && !readable(&who) {
        // As on the list: whoever reads published sites only sees none, since none is published.
        return written(None, headers);
    }
    let order = order(door, &who, &snapshot, (layer, at), asked)?;
    let (tag, keep) = (order.tag.clone(), order.keep);
    if etag::has(headers, &tag) {
        return Ok(etag::unchanged(&tag, keep));
    }
    let tile = if let Some(tile) = door.tiles.get(&order.key) {
        door.metrics.tile_hits.fetch_add(1, Ordering::Relaxed);
        tile
    } else {
        let key = order.key.clone();
        let builder = Arc::clone(door);
        door.tiles
            .build(key, move || made(builder, snapshot, order))
            .await?
    };
    Ok(etag::dress(written(tile, headers)?, &tag, keep))
}

/// Makes a tile: from the operator's file, or drawn on a blocking thread.
async fn made(door: Arc<Door>, snapshot: Arc<Snapshot>, order: Order) -> Result<Tile, Problem> {
    door.metrics.tile_builds.fetch_add(1, Ordering::Relaxed);
    if let (Layer::Base, Some(file)) = (order.layer, &door.ground.file) {
        return stored(file.tile(order.at).await?);
    }
    let drawn = compute(move || {
        let question = Question {
            snapshot: &snapshot,
            words: &order.key.words,
            filter: &order.filter,
            view: order.view,
        };
        let drawn = order.layer.draw(&door, question, order.at);
        drawn.map(|bytes| packed(&bytes))
    });
    drawn.await?.transpose()
}

/// A tile of the operator's file: passed through if it is gzip already.
fn stored(tile: Option<(Vec<u8>, bool)>) -> Result<Tile, Problem> {
    match tile {
        None => Ok(None),
        Some((bytes, true)) => Ok(Some(Bytes::from(bytes))),
        Some((bytes, false)) => packed(&bytes).map(Some),
    }
}

pub(super) fn packed(bytes: &[u8]) -> Result<Bytes, Problem> {
    let fault = |e: std::io::Error| Problem::internal(format!("gzip: {e}"));
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2), LEVEL);
    encoder.write_all(bytes).map_err(fault)?;
    Ok(Bytes::from(encoder.finish().map_err(fault)?))
}

/// The answer: 204 for an empty tile, gzip where the client takes it, plain bytes for the rare one that does not.
pub(super) fn written(tile: Tile, headers: &HeaderMap) -> Result<Response, Problem> {
    let Some(bytes) = tile else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let takes_gzip = headers
        .get(ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| {
            v.split(',')
                .any(|e| e.trim().starts_with("gzip") && !e.contains("q=0"))
        });
    let mut response = if takes_gzip {
        let mut response = Response::new(Body::from(bytes));
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        let mut plain = Vec::new();
        GzDecoder::new(bytes.as_ref())
            .read_to_end(&mut plain)
            .map_err(|e| Problem::internal(format!("gzip: {e}")))?;
        Response::new(Body::from(plain))
    };
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(MVT));
    Ok(response)
}
