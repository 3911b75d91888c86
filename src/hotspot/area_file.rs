//! Which cells does a file compare: those of its jurisdiction, with or without the ones that no road touches?
//!
//! Rule book, section 2.1. Tables: `area` (`lon`, `lat`, optional `ring`) are the corners of the jurisdiction's rings in order,
//! `roads` (`road`, `lon`, `lat`) the points of lines in order. Cells that hold a ticket always count.

use geo::{Contains, LineString, MultiPolygon, Point, Polygon};
use h3o::{CellIndex, Resolution};

use crate::hotspot::method::MethodError;
use crate::hotspot::study::{Source, polygon_cells, road_cells};
use crate::hotspot::table::{Input, Table, TableSpec};
use crate::spatial::LonLat;

/// Most cells a run accepts; above it memory and exact counts leave the budget.
pub const MOST_PLACES: usize = 1_000_000;

/// The jurisdiction.
pub const AREA: TableSpec = TableSpec {
    names: &["area"],
    columns: "`lon`, `lat` (or `x`, `y`), `ring`: corners of the jurisdiction in order (optional)",
};

/// Roads.
pub const ROADS: TableSpec = TableSpec {
    names: &["roads"],
    columns: "`road`, `lon`, `lat`: points of roads in order; with `area`, only cells that a road touches are compared (optional)",
};

/// Points of a table by the runs of equal names in a column; one run without the column.
fn runs(table: &Table, column: &str, axes: [&str; 2]) -> Result<Vec<Vec<(f64, f64)>>, MethodError> {
    let (x, y) = (table.numbers(axes[0])?, table.numbers(axes[1])?);
    let names = if table.has(column) {
        table.texts(column)?
    } else {
        vec![""; x.len()]
    };
    let mut out: Vec<Vec<(f64, f64)>> = Vec::new();
    for (row, p) in x.into_iter().zip(y).enumerate() {
        match out.last_mut() {
            Some(run) if names[row] == names[row - 1] => run.push(p),
            _ => out.push(vec![p]),
        }
    }
    Ok(out)
}

/// The rings of a table `area`, each a polygon; `None` without the table.
pub fn read_polygons(input: &Input) -> Result<Option<MultiPolygon<f64>>, MethodError> {
    let Some(table) = input.optional_table(&AREA) else {
        return Ok(None);
    };
    let axes = if table.has("lon") {
        ["lon", "lat"]
    } else {
        ["x", "y"]
    };
    let rings = runs(table, "ring", axes)?;
    if let Some(short) = rings.iter().find(|r| r.len() < 3) {
        return Err(MethodError::Invalid {
            what: format!("a ring of the table area has {} corners", short.len()),
            cure: "give at least three corners per ring",
        });
    }
    let polygon = |ring| Polygon::new(LineString::from(ring), Vec::new());
    Ok(Some(rings.into_iter().map(polygon).collect()))
}

/// Whether a place of the polygons' plane lies in one of them.
#[must_use]
pub fn inside(polygons: &MultiPolygon<f64>, x: f64, y: f64) -> bool {
    polygons.contains(&Point::new(x, y))
}

/// The cells a file compares, ascending, and where they come from; `None` when it names no jurisdiction.
pub fn study_cells(
    input: &Input,
    res: Resolution,
    held: impl Iterator<Item = CellIndex>,
) -> Result<Option<(Vec<CellIndex>, Source)>, MethodError> {
    let Some(polygons) = read_polygons(input)? else {
        return Ok(None);
    };
    let Some(mut cells) = polygon_cells(&polygons.0, res, 4 * MOST_PLACES) else {
        return Err(MethodError::TooLarge {
            what: "number of cells of the area",
            size: 4 * MOST_PLACES,
            limit: MOST_PLACES,
            cure: "choose a coarser resolution or a smaller area",
        });
    };
    let mut source = Source::Polygon;
    if let Some(table) = input.optional_table(&ROADS) {
        let lines = runs(table, "road", ["lon", "lat"])?.into_iter();
        let lines: Vec<Vec<LonLat>> = lines
            .map(|line| line.into_iter().map(|(x, y)| LonLat::new(x, y)).collect())
            .collect();
        let touched = road_cells(lines.iter().map(Vec::as_slice), res);
        cells.retain(|c| touched.contains(c));
        source = Source::Roads;
    }
    cells.extend(held);
    Ok(Some((cells.into_iter().collect(), source)))
}
