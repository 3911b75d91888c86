//! What do the hotspot methods say of the cells and roads on this tile?

use crate::hotspot::lens::{CellLens, CellMark};
use crate::hotspot::road_density::RoadLens;
use crate::spatial::{LonLat, TileId, World};
use crate::tile::encode::{Clip, LayerWriter, Local, TileWriter, Value, local};
use h3o::{CellIndex, LatLng};

/// Cells with a class: layer `verdict`; where a letter tells patterns apart, the middle of each cell on the tile that holds it: layer
/// `verdict_mark`. `None` if no cell touches the tile.
#[must_use]
pub fn cells(lens: &CellLens, at: TileId) -> Option<Vec<u8>> {
    let mut layer = LayerWriter::new("verdict");
    let mut marks = LayerWriter::new("verdict_mark");
    let clip = Clip::buffered(64);
    let [west, south, east, north] = at.bounds();
    // A cell is at most two hundredths of a degree wide at resolution 5 and shrinks by 2.6 with each level.
    let reach = 0.25 / 2.645_751_f64.powi(i32::from(lens.res) - 5);
    for mark in &lens.marks {
        let centre = mark.middle;
        let near = (west - reach..=east + reach).contains(&centre.lon)
            && (south - reach..=north + reach).contains(&centre.lat);
        if !near {
            continue;
        }
        let ring = clip.ring(&outline(mark.cell, at));
        if ring.len() >= 3 {
            draw(&mut layer, mark, ring);
        }
        // A cell lies on several tiles; its letter only on the one that holds its middle.
        let inside = (west..east).contains(&centre.lon) && (south..north).contains(&centre.lat);
        if inside && mark.steps.is_some() && mark.class.contains('_') {
            let middle = local(at, World::of(centre));
            marks.point(None, middle, &[("class", Value::Text(mark.class))]);
        }
    }
    let mut writer = TileWriter::new();
    writer.push(layer);
    writer.push(marks);
    writer.finish()
}

fn outline(cell: CellIndex, at: TileId) -> Vec<Local> {
    let place = |p: &LatLng| local(at, World::of(LonLat::new(p.lng(), p.lat())));
    cell.boundary().iter().map(place).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "figures are shown with three digits"
)]
fn draw(layer: &mut LayerWriter, mark: &CellMark, ring: Vec<Local>) {
    let name = mark.cell.to_string();
    let id = u64::from(mark.cell) & ((1 << 52) - 1);
    let mut tags = vec![
        ("h3", Value::Text(&name)),
        ("class", Value::Text(mark.class)),
        ("count", Value::Int(i64::from(mark.tickets))),
        ("value", Value::Float(mark.value as f32)),
    ];
    if let Some(before) = mark.before {
        tags.push(("before", Value::Int(i64::from(before))));
    }
    if let Some(score) = mark.score {
        tags.push(("score", Value::Float(score as f32)));
    }
    if let Some(q) = mark.q {
        tags.push(("q", Value::Float(q as f32)));
    }
    if let Some(kind) = mark.kind {
        tags.push(("kind", Value::Text(kind)));
    }
    if let Some(steps) = mark.steps {
        tags.push(("steps", Value::Int(i64::try_from(steps).unwrap_or(0))));
    }
    layer.surface(Some(id), &[vec![ring]], &tags);
}

/// Least class that is drawn at a zoom, so that a tile of the whole city stays small.
const fn least(zoom: u8) -> u8 {
    match zoom {
        0..=9 => 3,
        10..=11 => 2,
        _ => 1,
    }
}

/// Pieces of road with their density: layer `density`; `None` if none is on the tile.
#[must_use]
pub fn roads(lens: &RoadLens, at: TileId) -> Option<Vec<u8>> {
    let mut layer = LayerWriter::new("density");
    let clip = Clip::buffered(64);
    let [west, south, east, north] = at.bounds();
    for piece in lens.pieces.iter().filter(|p| p.class >= least(at.z)) {
        let out = |f: fn(&LonLat) -> f64, low: f64, high: f64| {
            piece.line.iter().all(|p| f(p) < low) || piece.line.iter().all(|p| f(p) > high)
        };
        let margin = (east - west) / 32.0;
        if out(|p| p.lon, west - margin, east + margin)
            || out(|p| p.lat, south - margin, north + margin)
        {
            continue;
        }
        let line: Vec<Local> = piece
            .line
            .iter()
            .map(|p| local(at, World::of(*p)))
            .collect();
        #[expect(clippy::cast_possible_truncation, reason = "shown with three digits")]
        let tags = [
            ("class", Value::Int(i64::from(piece.class))),
            ("density", Value::Float(piece.density as f32)),
        ];
        layer.line(None, &clip.line(&line), &tags);
    }
    let mut writer = TileWriter::new();
    writer.push(layer);
    writer.finish()
}
