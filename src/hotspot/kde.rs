//! Where are tickets dense, for looking at rather than for testing?

use geo::MultiPolygon;
use serde_json::Value;

use crate::hotspot::area_file::{AREA, inside, read_polygons};
use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::kde::{Kernel, Raster, at_places, bandwidth, grid, mass_inside};
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
    Param {
        name: "edge",
        title: "边界校正",
        unit: "",
        kind: Kind::Choice {
            default: "none",
            among: &["none", "divide"],
        },
        doc: "divide: by the share of the kernel's mass inside the table area, so that the border is not too quiet; places outside become null.",
    },
];

static DOC: &str = "
Answers: where are tickets dense? For looking at, not for testing.

Source: Silverman 1986; quartic kernel as in common map software; bandwidth rule of ArcGIS.

Formula: quartic `sum w 3 / (pi h²) (1 - (d/h)²)²` for d < h; Gaussian `sum w exp(-d²/2h²) / (2 pi h²)`. Events per unit of
area (per m² for metres; times 1e6 per km²). No edge correction by default; `edge = divide` divides by the share of the kernel's
mass inside the polygons of the table `area` (40 × 40 samples per place, good to about 1 %). Given places are computed without a cut; on a raster the
Gaussian is cut at 4 h. Degrees are taken to a local plane about their middle first.

Cost: O(events × (h / cell)²) on a raster, O(events × places) at places.

Edge cases: no events → 0 everywhere; a raster of more than 25 million cells is refused, with edge correction one of more than
100,000; a place outside the area has no density then.

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
    AREA,
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

/// Most places whose edge is corrected.
const MOST_CORRECTED: usize = 100_000;

/// Most raster cells.
const MOST_CELLS: usize = 25_000_000;

fn flat(places: Places, plane: &LocalPlane) -> Vec<Xy> {
    match places {
        Places::Plane(p) => p,
        Places::Earth(p) => {
            let near = plane.to_lonlat(Xy { x: 0.0, y: 0.0 }).lon;
            let place = |q: LonLat| plane.to_xy(LonLat::new(unrolled(q.lon, near), q.lat));
            p.into_iter().map(place).collect()
        }
    }
}

/// A longitude as seen from another one: both sides of the date line lie beside each other, not a globe apart.
fn unrolled(lon: f64, near: f64) -> f64 {
    lon - 360.0 * ((lon - near) / 360.0).round()
}

fn middle(places: &Places) -> LonLat {
    match places {
        Places::Earth(p) if !p.is_empty() => {
            let n = p.len() as f64;
            LonLat {
                lon: p.iter().map(|q| unrolled(q.lon, p[0].lon)).sum::<f64>() / n,
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
    let earth = matches!(places, Places::Earth(_));
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
    let edge = Edge::read(input, settings, earth.then_some(plane))?;
    if let Some(at) = input.optional_table(&INPUTS[1]) {
        let at = flat(read_places(at)?, &plane);
        let found = at_places(&events, &at, kernel, h);
        answer.put("density", edge.divide(found, &at, (kernel, h))?);
        return Ok(answer);
    }
    if events.is_empty() {
        answer.note("NO_EVENTS", "没有工单");
        return Ok(answer);
    }
    let cell = settings.real("cell");
    let raster = frame(&events, kernel.reach(h), cell)?;
    answer.put("origin", vec![raster.origin.x, raster.origin.y]);
    answer.put("cell", raster.cell);
    answer.put("columns", raster.columns);
    answer.put("rows", raster.rows);
    let found = grid(&events, raster, kernel, h);
    let middle = |i: usize| Xy {
        x: raster.origin.x + (i % raster.columns) as f64 * cell,
        y: raster.origin.y + (i / raster.columns) as f64 * cell,
    };
    let at: Vec<Xy> = match edge {
        Edge::None => Vec::new(),
        Edge::Divide(..) => (0..found.len()).map(middle).collect(),
    };
    answer.put("density", edge.divide(found, &at, (kernel, h))?);
    Ok(answer)
}

/// What is done about the border of the study area.
enum Edge {
    None,
    /// Divided by the mass inside the polygons; given in degrees with a plane.
    Divide(MultiPolygon<f64>, Option<LocalPlane>),
}

impl Edge {
    fn read(
        input: &Input,
        settings: &Settings,
        plane: Option<LocalPlane>,
    ) -> Result<Self, MethodError> {
        if settings.choice("edge") == "none" {
            return Ok(Self::None);
        }
        let polygons = read_polygons(input)?.ok_or_else(|| MethodError::Invalid {
            what: "edge is divide, but there is no table area".to_owned(),
            cure: "give the corners of the study area, or edge = none",
        })?;
        Ok(Self::Divide(polygons, plane))
    }

    /// The corrected densities; `null` outside the area.
    fn divide(
        &self,
        density: Vec<f64>,
        at: &[Xy],
        kernel: (Kernel, f64),
    ) -> Result<Value, MethodError> {
        let Self::Divide(polygons, plane) = self else {
            return Ok(Value::from(density));
        };
        if at.len() > MOST_CORRECTED {
            return Err(MethodError::TooLarge {
                what: "number of places with edge correction",
                size: at.len(),
                limit: MOST_CORRECTED,
                cure: "choose a larger cell, or edge = none",
            });
        }
        let held = |p: Xy| match plane {
            Some(plane) => {
                let q = plane.to_lonlat(p);
                inside(polygons, q.lon, q.lat)
            }
            None => inside(polygons, p.x, p.y),
        };
        let corrected = density.into_iter().zip(at).map(|(d, p)| {
            held(*p).then(|| {
                if d > 0.0 {
                    d / mass_inside(*p, kernel, held)
                } else {
                    d
                }
            })
        });
        Ok(optional(corrected))
    }
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
