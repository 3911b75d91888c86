//! Where are tickets dense, for looking at rather than for testing?

use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::kde::{Kernel, Raster, at_places, bandwidth, grid};
use crate::spatial::pairs::Places;
use crate::spatial::{LocalPlane, LonLat, Xy};
use crate::stats::number::floor_index;

static PARAMS: &[Param] = &[
    Param {
        name: "kernel",
        title: "核函数",
        unit: "",
        kind: Kind::Choice {
            default: "quartic",
            among: &["quartic", "gaussian"],
        },
        doc: "quartic: h is the support radius; gaussian: h is the standard deviation.",
    },
    Param {
        name: "h",
        title: "带宽",
        unit: "m",
        kind: Kind::Real {
            default: 150.0,
            min: 0.0,
            max: 1e6,
        },
        doc: "Bandwidth; 0 = from the data, kept within 75 to 500.",
    },
    Param {
        name: "cell",
        title: "栅格边长",
        unit: "m",
        kind: Kind::Real {
            default: 50.0,
            min: 0.001,
            max: 1e6,
        },
        doc: "Raster cell when no places are asked for.",
    },
];

static DOC: &str = "
Answers: where are tickets dense? For looking at, not for testing.

Source: Silverman 1986; quartic kernel as in common map software; bandwidth rule of ArcGIS.

Formula: quartic `sum w 3 / (pi h²) (1 - (d/h)²)²` for d < h; Gaussian `sum w exp(-d²/2h²) / (2 pi h²)`. Events per unit of
area (per m² for metres; times 1e6 per km²). No edge correction. Given places are computed without a cut; on a raster the
Gaussian is cut at 4 h. Degrees are taken to a local plane about their middle first.

Cost: O(events × (h / cell)²) on a raster, O(events × places) at places.

Edge cases: no events → 0 everywhere; a raster of more than 25 million cells is refused.

Example: 287 crimes, h = 400 ft, quartic: 9.98e-6 per square foot at the first crime.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["events", "input", "tickets"],
        columns: "`x`, `y` or `lon`, `lat`; `w` (weight, optional)",
    },
    TableSpec {
        names: &["at"],
        columns: "`x`, `y` or `lon`, `lat`: where the density is wanted (optional; else a raster)",
    },
];

/// Kernel density in the plane.
pub static KDE: Method = Method {
    name: "kde",
    title: "平面核密度",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

/// Most raster cells.
const MOST_CELLS: usize = 25_000_000;

fn flat(places: Places, plane: &LocalPlane) -> Vec<Xy> {
    match places {
        Places::Plane(p) => p,
        Places::Earth(p) => p.into_iter().map(|q| plane.to_xy(q)).collect(),
    }
}

fn middle(places: &Places) -> LonLat {
    match places {
        Places::Earth(p) if !p.is_empty() => {
            let n = p.len() as f64;
            LonLat {
                lon: p.iter().map(|q| q.lon).sum::<f64>() / n,
                lat: p.iter().map(|q| q.lat).sum::<f64>() / n,
            }
        }
        _ => LonLat::default(),
    }
}

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let weights = table.numbers_or("w", 1.0)?;
    let places = read_places(table)?;
    let plane = LocalPlane::new(middle(&places));
    let events: Vec<(Xy, f64)> = flat(places, &plane).into_iter().zip(weights).collect();
    let kernel = if settings.choice("kernel") == "gaussian" {
        Kernel::Gaussian
    } else {
        Kernel::Quartic
    };
    let mut h = settings.real("h");
    if h <= 0.0 {
        let points: Vec<Xy> = events.iter().map(|e| e.0).collect();
        h = bandwidth(&points);
    }
    let mut answer = Answer::new();
    answer.put("h", h);
    if let Some(at) = input.optional_table(&INPUTS[1]) {
        let at = flat(read_places(at)?, &plane);
        answer.put("density", at_places(&events, &at, kernel, h));
        return Ok(answer);
    }
    if events.is_empty() {
        answer.note("NO_EVENTS", "没有工单");
        return Ok(answer);
    }
    let raster = frame(&events, kernel.reach(h), settings.real("cell"))?;
    answer.put("origin", vec![raster.origin.x, raster.origin.y]);
    answer.put("cell", raster.cell);
    answer.put("columns", raster.columns);
    answer.put("rows", raster.rows);
    answer.put("density", grid(&events, raster, kernel, h));
    Ok(answer)
}

/// A raster that holds every bump.
fn frame(events: &[(Xy, f64)], reach: f64, cell: f64) -> Result<Raster, MethodError> {
    let fold = |get: fn(&Xy) -> f64, start: f64, pick: fn(f64, f64) -> f64| {
        events.iter().map(|e| get(&e.0)).fold(start, pick)
    };
    let (x0, x1) = (
        fold(|p| p.x, f64::INFINITY, f64::min),
        fold(|p| p.x, f64::NEG_INFINITY, f64::max),
    );
    let (y0, y1) = (
        fold(|p| p.y, f64::INFINITY, f64::min),
        fold(|p| p.y, f64::NEG_INFINITY, f64::max),
    );
    let count = |low: f64, high: f64| floor_index((high - low + 2.0 * reach) / cell) + 1;
    let raster = Raster {
        origin: Xy {
            x: x0 - reach,
            y: y0 - reach,
        },
        cell,
        columns: count(x0, x1),
        rows: count(y0, y1),
    };
    let size = raster.columns.saturating_mul(raster.rows);
    if size > MOST_CELLS {
        return Err(MethodError::TooLarge {
            what: "number of raster cells",
            size,
            limit: MOST_CELLS,
            cure: "choose a larger cell or a smaller area",
        });
    }
    Ok(raster)
}
