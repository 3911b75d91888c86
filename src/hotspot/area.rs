//! Which places are compared, what is counted in each, and who is whose neighbour?
//!
//! One reading of the three forms in which an area comes: H3 cells with counts, areas with listed neighbours, or bare
//! tickets, whose cells and their direct neighbours are then the study area (rule book, section 2).

use std::collections::{BTreeMap, BTreeSet};

use h3o::{CellIndex, Resolution};
use serde_json::Value;

use crate::hotspot::area_file::{MOST_PLACES, study_cells};
use crate::hotspot::method::{Answer, MethodError};
use crate::hotspot::pile_up;
use crate::hotspot::study::Source;
use crate::hotspot::table::{Input, InputError, Table, TableSpec, json_numbers};
use crate::param::{Kind, Param, Settings};
use crate::spatial::cell_finder::CellFinder;
use crate::spatial::weights::Neighbours;
use crate::stats::number::id32;

/// Fewer places or a smaller total than this: figures, but no colours.
pub const FEWEST: f64 = 30.0;

/// Resolution at which tickets are counted.
pub const RES: Param = Param {
    name: "res",
    title: "H3 分辨率",
    unit: "",
    kind: Kind::Integer {
        default: 9,
        min: 5,
        max: 12,
    },
    doc: "Resolution when tickets are counted here: 9 for a district, 10 for streets.",
};

/// Neighbourhood of a cell.
pub const NEAR: Param = Param {
    name: "k",
    title: "邻域圈数",
    unit: "cells",
    kind: Kind::Integer {
        default: 1,
        min: 1,
        max: 5,
    },
    doc: "Neighbourhood of a cell: all cells within k grid steps.",
};

/// What is counted.
pub const VALUE: Param = Param {
    name: "value",
    title: "计数口径",
    unit: "",
    kind: Kind::Choice {
        default: "caller_weeks",
        among: &["tickets", "callers", "caller_weeks", "severity"],
    },
    doc: "What is counted when tickets are counted here; caller_weeks = distinct caller × ISO week.",
};

/// Largest value of a place.
pub const CAP: Param = Param {
    name: "cap",
    title: "单元封顶",
    unit: "",
    kind: Kind::Integer {
        default: 0,
        min: 0,
        max: 1_000_000,
    },
    doc: "Values above are cut to it (winsorised); 0 = no cap.",
};

/// One row per place: places with their weights, the place itself among them.
pub type Weights = Vec<Vec<(u32, f64)>>;

/// Places with a value and neighbours.
#[derive(Clone, Debug, Default)]
pub struct Area {
    /// Name of each place (cell index or id).
    pub ids: Vec<String>,
    /// What the names are: `cell` or `id`.
    pub key: &'static str,
    /// Value of each place.
    pub values: Vec<f64>,
    /// Neighbours without the place itself.
    pub near: Neighbours,
    /// General weights of each place's row, the place itself among them; `None` = every neighbour and the place itself weigh 1.
    pub weights: Option<Weights>,
    /// How many values were cut to the cap.
    pub capped: usize,
    /// Tickets on default coordinates that were left out.
    pub piled: usize,
    /// Where the cells come from when tickets were counted here.
    pub source: Option<Source>,
}

impl Area {
    /// Puts ids, sizes and warnings into an answer.
    pub fn describe(&self, answer: &mut Answer) {
        answer.put(self.key, self.ids.clone());
        answer.put("value", self.values.clone());
        let with_self: Vec<usize> = (0..self.near.n())
            .map(|i| self.near.of(i).len() + 1)
            .collect();
        answer.put("neighbours_with_self", with_self);
        let total: f64 = self.values.iter().sum();
        if (self.values.len() as f64) < FEWEST || total < FEWEST {
            answer.note("TOO_FEW", "样本不足30件或单元不足30个,不作显著性判断");
        }
        if let Some(source) = self.source {
            answer.put("study_area", source.code());
        }
        if self.source == Some(Source::Tickets) {
            answer.note(
                "AREA_FROM_TICKETS",
                "未给研究区,以有工单的单元及其相邻单元为研究区",
            );
        }
        if self.weights.is_some() {
            answer.note(
                "WEIGHTED",
                "按给定权重计算,精确检验与点面判别只用于等权邻域",
            );
        }
        pile_up::describe(self.piled, answer);
        if self.capped > 0 {
            answer.note("CAPPED", format!("{}个单元的数值已按上限截断", self.capped));
        }
    }
}

static CELLS: TableSpec = TableSpec {
    names: &["cells"],
    columns: "",
};
static LISTED: TableSpec = TableSpec {
    names: &["input", "areas"],
    columns: "",
};
static TICKETS: TableSpec = TableSpec {
    names: &["tickets", "input"],
    columns: "",
};

/// Reads the area of a run; the settings need `res`, `k`, `value` and `cap`.
pub fn read_area(input: &Input, settings: &Settings) -> Result<Area, MethodError> {
    let k = u32::try_from(settings.integer("k")).unwrap_or(1);
    let mut area = if let Some(cells) = input.optional_table(&CELLS) {
        of_cells(cells, k)?
    } else if let Some(table) = input
        .optional_table(&LISTED)
        .filter(|t| t.has("neighbours"))
    {
        of_lists(table)?
    } else if input.document.get("neighbours").is_some() {
        of_document(&input.document)?
    } else {
        of_tickets(input, settings)?
    };
    limit(area.values.len())?;
    let cap = settings.integer("cap");
    if cap > 0 {
        for v in &mut area.values {
            if *v > cap as f64 {
                *v = cap as f64;
                area.capped += 1;
            }
        }
    }
    Ok(area)
}

fn limit(size: usize) -> Result<(), MethodError> {
    if size > MOST_PLACES {
        return Err(MethodError::TooLarge {
            what: "number of places",
            size,
            limit: MOST_PLACES,
            cure: "choose a coarser resolution or a smaller area",
        });
    }
    Ok(())
}

/// A cell index from text.
#[must_use]
pub fn parse_cell(text: &str) -> Option<CellIndex> {
    text.parse().ok()
}

fn of_cells(table: &Table, k: u32) -> Result<Area, MethodError> {
    let cells = table.read("cell", "an H3 cell index", parse_cell)?;
    let distinct: BTreeSet<CellIndex> = cells.iter().copied().collect();
    if distinct.len() < cells.len() {
        return Err(MethodError::Invalid {
            what: format!(
                "{} cells are listed more than once",
                cells.len() - distinct.len()
            ),
            cure: "list every cell of the study area once",
        });
    }
    Ok(Area {
        ids: cells.iter().map(ToString::to_string).collect(),
        key: "cell",
        values: table.numbers("count")?,
        near: Neighbours::of_cells(&cells, k),
        ..Area::default()
    })
}

fn of_lists(table: &Table) -> Result<Area, MethodError> {
    let ids: Vec<String> = table.texts("id")?.into_iter().map(str::to_owned).collect();
    let place: BTreeMap<&str, u32> = ids
        .iter()
        .enumerate()
        .map(|(i, id)| (id.as_str(), id32(i)))
        .collect();
    let lists = table.read("neighbours", "a list of ids of this table", |text| {
        text.split_whitespace()
            .map(|id| place.get(id).copied())
            .collect::<Option<Vec<u32>>>()
    })?;
    Ok(Area {
        key: "id",
        values: table.numbers("value")?,
        near: Neighbours::from_lists(&lists),
        weights: weights_of(table, &lists)?,
        ids,
        ..Area::default()
    })
}

/// General weights: `weights` beside `neighbours` (as many numbers), `self_weight` for the place itself (1 when absent).
fn weights_of(table: &Table, lists: &[Vec<u32>]) -> Result<Option<Weights>, MethodError> {
    if !table.has("weights") {
        return Ok(None);
    }
    let given = table.read("weights", "a list of numbers of at least 0", |text| {
        let number = |t: &str| t.parse().ok().filter(|w: &f64| w.is_finite() && *w >= 0.0);
        text.split_whitespace()
            .map(number)
            .collect::<Option<Vec<f64>>>()
    })?;
    let own = table.numbers_or("self_weight", 1.0)?;
    let mut out = Vec::with_capacity(lists.len());
    for (i, (list, weights)) in lists.iter().zip(given).enumerate() {
        if list.len() != weights.len() {
            return Err(MethodError::Invalid {
                what: format!(
                    "row {} has {} neighbours, {} weights",
                    i + 1,
                    list.len(),
                    weights.len()
                ),
                cure: "give one weight per neighbour",
            });
        }
        let mut row: Vec<(u32, f64)> = list.iter().copied().zip(weights).collect();
        row.push((id32(i), own[i]));
        out.push(row);
    }
    Ok(Some(out))
}

fn of_document(document: &Value) -> Result<Area, MethodError> {
    let wrong = |wanted: &str| InputError::NoField {
        wanted: wanted.to_owned(),
    };
    let values = json_numbers(document.get("value").unwrap_or(&Value::Null), "value")?;
    let lists: Option<Vec<Vec<u32>>> = document
        .get("neighbours")
        .and_then(Value::as_array)
        .ok_or_else(|| wrong("neighbours"))?
        .iter()
        .map(|list| {
            let numbers = list.as_array()?.iter();
            numbers.map(|v| u32::try_from(v.as_u64()?).ok()).collect()
        })
        .collect();
    let lists = lists.filter(|l| l.len() == values.len());
    let lists = lists.ok_or_else(|| wrong("neighbours as places in value, one list per value"))?;
    Ok(Area {
        ids: (0..values.len()).map(|i| i.to_string()).collect(),
        key: "id",
        near: Neighbours::from_lists(&lists),
        values,
        ..Area::default()
    })
}

/// A resolution from its number.
pub fn resolution(number: i64) -> Result<Resolution, MethodError> {
    let level = u8::try_from(number).ok();
    let found = level.and_then(|r| Resolution::try_from(r).ok());
    found.ok_or_else(|| MethodError::Invalid {
        what: format!("resolution {number} does not exist"),
        cure: "choose 0 to 15",
    })
}

/// The H3 cell of each row of `lon`, `lat`.
pub fn cells_of(table: &Table, number: i64) -> Result<Vec<CellIndex>, MethodError> {
    let (lon, lat) = (table.numbers("lon")?, table.numbers("lat")?);
    cells_at(&lon, &lat, resolution(number)?)
}

/// The H3 cell of each pair of degrees. About 0.3 s for 1,000,000 points of a city at resolution 9.
pub fn cells_at(lon: &[f64], lat: &[f64], res: Resolution) -> Result<Vec<CellIndex>, MethodError> {
    let mut finder = CellFinder::new(res);
    lon.iter()
        .zip(lat)
        .enumerate()
        .map(|(row, (&lon, &lat))| {
            finder.cell(lon, lat).ok_or_else(|| MethodError::Invalid {
                what: format!("row {} lies outside the globe: {lon}, {lat}", row + 1),
                cure: "give longitude and latitude in degrees",
            })
        })
        .collect()
}

fn of_tickets(input: &Input, settings: &Settings) -> Result<Area, MethodError> {
    let mut table = input.table(&TICKETS)?;
    let marked = pile_up::left_out(table, settings)?;
    let rest = marked.as_ref().map(|out| table.without(out));
    table = rest.as_ref().unwrap_or(table);
    let cells = cells_of(table, settings.integer("res"))?;
    let rows = value_per_row(table, settings.choice("value"), &cells)?;
    let mut sums: BTreeMap<CellIndex, f64> = BTreeMap::new();
    for (cell, value) in cells.iter().zip(rows) {
        *sums.entry(*cell).or_default() += value;
    }
    let res = resolution(settings.integer("res"))?;
    let (cells, source) = match study_cells(input, res, sums.keys().copied())? {
        Some(named) => named,
        None => (dilated(sums.keys()), Source::Tickets),
    };
    limit(cells.len())?;
    let k = u32::try_from(settings.integer("k")).unwrap_or(1);
    Ok(Area {
        ids: cells.iter().map(ToString::to_string).collect(),
        key: "cell",
        values: cells
            .iter()
            .map(|c| sums.get(c).copied().unwrap_or(0.0))
            .collect(),
        near: Neighbours::of_cells(&cells, k),
        source: Some(source),
        piled: marked.map_or(0, |out| out.iter().filter(|m| **m).count()),
        ..Area::default()
    })
}

/// The cells and their direct neighbours, ascending.
fn dilated<'a>(held: impl Iterator<Item = &'a CellIndex>) -> Vec<CellIndex> {
    let mut all: BTreeSet<CellIndex> = BTreeSet::new();
    for cell in held {
        all.extend(cell.grid_disk::<Vec<_>>(1));
    }
    all.into_iter().collect()
}

/// What each row adds to its place: 1 for a ticket, for the first ticket of a caller (and week), or its severity points.
pub fn value_per_row(
    table: &Table,
    value: &str,
    places: &[CellIndex],
) -> Result<Vec<f64>, MethodError> {
    match value {
        "tickets" => Ok(vec![1.0; places.len()]),
        "severity" => Ok(table.numbers("sev")?),
        _ => {
            let callers = table.texts("caller")?;
            let weeks = if value == "caller_weeks" {
                let days = table.numbers("t_day")?;
                days.into_iter().map(|d| (d / 7.0).floor()).collect()
            } else {
                vec![0.0; places.len()]
            };
            let mut seen = BTreeSet::new();
            let mut out = Vec::with_capacity(places.len());
            for (row, (&place, &caller)) in places.iter().zip(&callers).enumerate() {
                // An unknown caller is an own identity.
                let first = caller.is_empty() || seen.insert((place, caller, weeks[row].to_bits()));
                out.push(if first { 1.0 } else { 0.0 });
            }
            Ok(out)
        }
    }
}
