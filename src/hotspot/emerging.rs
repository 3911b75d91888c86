//! Since when is a cell hot, and is it growing?

use std::collections::BTreeMap;

use h3o::CellIndex;
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::hotspot::area::{CAP, NEAR, RES, cells_of, parse_cell, resolution};
use crate::hotspot::area_file::{AREA, ROADS, study_cells};
use crate::hotspot::category::{Category, Rule, category};
use crate::hotspot::cube::{Cube, Significant, View, by_score, by_tails};
use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::pile_up::{self, KEEP};
use crate::hotspot::steps::Steps;
use crate::hotspot::table::{Input, Table, TableSpec, json_numbers};
use crate::param::{Kind, Param, Settings};
use crate::spatial::weights::Neighbours;
use crate::stats::series::{Trend, mann_kendall};

/// A cube with the names of its cells.
#[derive(Clone, Debug)]
pub struct NamedCube {
    /// Cells, ascending.
    pub cells: Vec<CellIndex>,
    /// Counts.
    pub cube: Cube,
    /// Rows outside the steps.
    pub dropped: usize,
    /// Tickets on default coordinates that were left out.
    pub piled: usize,
}

/// Most bins of a cube: 8 bytes each, about ten arrays of them at work.
const MOST_BINS: usize = 20_000_000;

/// Most comparisons of the trends, cells times the square of the steps: about ten seconds.
const MOST_WORK: usize = 10_000_000_000;

impl NamedCube {
    /// A cube from one row per ticket or per counted bin; locations are the area's cells, or those that occur.
    pub fn of(
        rows: &[(CellIndex, Option<usize>, f64)],
        area: Option<Vec<CellIndex>>,
        steps: usize,
        cap: f64,
    ) -> Result<Self, MethodError> {
        let mut cells = area.unwrap_or_else(|| rows.iter().map(|r| r.0).collect());
        cells.sort_unstable();
        cells.dedup();
        if cells.len().saturating_mul(steps) > MOST_BINS {
            return Err(MethodError::TooLarge {
                what: "number of cells times steps",
                size: cells.len().saturating_mul(steps),
                limit: MOST_BINS,
                cure: "choose a coarser resolution or longer steps",
            });
        }
        let work = cells.len().saturating_mul(steps).saturating_mul(steps);
        if work > MOST_WORK {
            return Err(MethodError::TooLarge {
                what: "number of cells times the square of the steps",
                size: work,
                limit: MOST_WORK,
                cure: "choose a coarser resolution, or fewer and longer steps",
            });
        }
        let mut count = vec![0.0; cells.len() * steps];
        let mut dropped = 0;
        for (cell, step, value) in rows {
            match (cells.binary_search(cell), step) {
                (Ok(at), Some(step)) if *step < steps => count[step * cells.len() + at] += value,
                _ => dropped += 1,
            }
        }
        for c in &mut count {
            *c = c.min(cap);
        }
        let cube = Cube {
            cells: cells.len(),
            steps,
            count,
        };
        Ok(Self {
            cells,
            cube,
            dropped,
            piled: 0,
        })
    }
}

/// One location after classification.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    /// Its category.
    pub category: Category,
    /// Trend of its scores.
    pub trend: Option<Trend>,
    /// Significantly high steps.
    pub hot: usize,
    /// Significantly low steps.
    pub cold: usize,
}

/// Classifies all cells from their significant bins and scores (an undefined score counts as 0). Steps that are not `active`
/// (empty = all are) count neither in series nor shares nor as the last step. O(cells × steps²).
#[must_use]
pub fn classify(
    cube: &Cube,
    z: &[Option<f64>],
    bins: &Significant,
    (rule, active): (Rule, &[bool]),
) -> Vec<Location> {
    let counts: Vec<usize> = (0..cube.steps)
        .filter(|s| active.get(*s).copied().unwrap_or(true))
        .collect();
    (0..cube.cells)
        .into_par_iter()
        .with_min_len(64)
        .map(|cell| {
            let at = |s: &usize| s * cube.cells + cell;
            let steps: Vec<i8> = counts.iter().map(|s| bins.sign[at(s)]).collect();
            let scores: Vec<f64> = counts.iter().map(|s| z[at(s)].unwrap_or(0.0)).collect();
            let trend = mann_kendall(&scores);
            Location {
                category: category(&steps, trend.as_ref(), rule),
                trend,
                hot: steps.iter().filter(|s| **s > 0).count(),
                cold: steps.iter().filter(|s| **s < 0).count(),
            }
        })
        .collect()
}

static PARAMS: &[Param] = &[
    RES,
    NEAR,
    KEEP,
    Param {
        name: "lag",
        title: "时间滞后",
        unit: "steps",
        kind: Kind::Integer {
            default: 1,
            min: 0,
            max: 50,
        },
        doc: "Preceding steps that belong to a bin's neighbourhood; never future ones.",
    },
    Param {
        name: "step_days",
        title: "步长",
        unit: "days",
        kind: Kind::Real {
            default: 28.0,
            min: 0.01,
            max: 3650.0,
        },
        doc: "Length of a step.",
    },
    Param {
        name: "steps",
        title: "步数",
        unit: "steps",
        kind: Kind::Integer {
            default: 0,
            min: 0,
            max: 5000,
        },
        doc: "Number of steps from day 0; 0 = as many whole steps as end with the last day present (a cube: its last step).",
    },
    Param {
        doc: "Counts of a bin above are cut to it; 0 = no cap.",
        ..CAP
    },
    Param {
        name: "window",
        title: "比较范围",
        unit: "",
        kind: Kind::Choice {
            default: "cube",
            among: &["cube", "step"],
        },
        doc: "A bin is held against the whole cube, or against its own step (then without lag).",
    },
    Param {
        name: "alpha_bin",
        title: "单元显著性",
        unit: "",
        kind: Kind::Real {
            default: 0.05,
            min: 1e-6,
            max: 0.5,
        },
        doc: "Benjamini–Hochberg level over all bins; ArcGIS uses 0.10.",
    },
    Param {
        name: "alpha_trend",
        title: "趋势显著性",
        unit: "",
        kind: Kind::Real {
            default: 0.05,
            min: 1e-6,
            max: 0.5,
        },
        doc: "Level of the Mann–Kendall test.",
    },
    Param {
        name: "min_steps",
        title: "最少期数",
        unit: "steps",
        kind: Kind::Integer {
            default: 10,
            min: 1,
            max: 5000,
        },
        doc: "Fewer steps are insufficient history.",
    },
    Param {
        name: "legacy_sporadic",
        title: "旧版分散定义",
        unit: "",
        kind: Kind::Flag { default: false },
        doc: "Older ArcMap wording: on-and-off locations that end quiet are sporadic too.",
    },
    Param {
        name: "exact",
        title: "精确检验",
        unit: "",
        kind: Kind::Flag { default: false },
        doc: "Also classify by the exact randomisation tails.",
    },
];

static DOC: &str = "
Answers: since when is a cell hot; is it new, growing, persistent, fading, on and off?

Source: ArcGIS Pro, Create Space Time Cube and Emerging Hot Spot Analysis; Getis, Ord 1992; Mann 1945.

Formula: cube of cells × steps; a bin's neighbourhood is its cell and the cells within k, at its step and the `lag` steps
before; Gi* as in `gi_star` over all bins; significant by Benjamini–Hochberg over all bins; trend by Mann–Kendall on the
cell's scores. Category by the order: last step hot and hot in at least 90 % of steps → intensifying, diminishing or
persistent by the trend; last hot after an earlier cold step → oscillating; only the last → new; one run to the end →
consecutive; otherwise sporadic; not hot now but in 90 % of steps → historical; then the cold side; else none.

Cost: O(cells × steps × k + cells × steps²): 17,000 cells × 104 weeks in about 0.3 s.

Edge cases: fewer than 10 steps → `insufficient`; equal counts everywhere → no scores, category none.

Example: twelve steps of which only the last is hot: new_hot (新增热点).
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["cube"],
        columns: "`cell`, `step`, `count`; absent rows are zero",
    },
    TableSpec {
        names: &["tickets", "input"],
        columns: "`lon`, `lat`, `t_day`, optional `street`, `precision`; used when there is no cube",
    },
    TableSpec {
        names: &["cells"],
        columns: "`cell`: the study area (optional; else the cells that occur)",
    },
    TableSpec {
        names: &["steps"],
        columns: "`step`, `active` (0 = school holidays or another pause: left out of series, shares and last step; optional)",
    },
    AREA,
    ROADS,
];

/// Emerging hot spots.
pub static EMERGING: Method = Method {
    name: "emerging",
    title: "新兴时空热点",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn rule(settings: &Settings) -> Rule {
    Rule {
        alpha_trend: settings.real("alpha_trend"),
        share: 0.9,
        min_steps: settings.size("min_steps"),
        legacy_sporadic: settings.flag("legacy_sporadic"),
    }
}

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    if input.document.get("z").is_some() {
        return one_series(input, settings);
    }
    let area = input.optional_table(&INPUTS[2]);
    let area = area
        .map(|t| t.read("cell", "an H3 cell index", parse_cell))
        .transpose()?;
    let named = match input.optional_table(&INPUTS[0]) {
        Some(table) => read_cube(table, area, settings)?,
        None => count_tickets(input, area, settings)?,
    };
    let mut answer = Answer::new();
    pile_up::describe(named.piled, &mut answer);
    if named.dropped > 0 {
        answer.note(
            "OUTSIDE",
            format!("{}行不在完整步长或研究区内,未计入", named.dropped),
        );
    }
    let cube = &named.cube;
    if cube.steps < settings.size("min_steps") {
        answer.note(
            "INSUFFICIENT_HISTORY",
            format!("仅{}期,历史不足", cube.steps),
        );
    }
    let k = u32::try_from(settings.integer("k")).unwrap_or(1);
    let near = Neighbours::of_cells(&named.cells, k);
    let view = View {
        lag: settings.size("lag"),
        own_step: settings.choice("window") == "step",
    };
    let z = cube.scores(&near, view);
    if z.iter().all(Option::is_none) {
        answer.note("NO_VARIANCE", "各单元数值全部相同,无从比较");
    }
    let names: Vec<String> = named.cells.iter().map(ToString::to_string).collect();
    answer.put("cell", names);
    answer.put("steps", cube.steps);
    let bins = by_score(&z, settings.real("alpha_bin"));
    let how = (
        rule(settings),
        active_steps(input, cube.steps, &mut answer)?,
    );
    let found = classify(cube, &z, &bins, (how.0, &how.1));
    put_locations("", (cube, &found, &bins), &mut answer);
    put_ends(cube, &z, &mut answer);
    if settings.flag("exact") {
        let world = (cube, &near, view.lag, settings.real("alpha_bin"));
        put_exact(world, &z, (how.0, &how.1), &mut answer);
    }
    Ok(answer)
}

fn put_locations(suffix: &str, found: (&Cube, &[Location], &Significant), answer: &mut Answer) {
    let (cube, locations, bins) = found;
    let name = |key: &str| format!("{key}{suffix}");
    let category: Vec<String> = locations.iter().map(|l| l.category.name()).collect();
    let title: Vec<String> = locations.iter().map(|l| l.category.title()).collect();
    answer.put(&name("category"), category);
    answer.put(&name("title"), title);
    answer.put(
        &name("hot_steps"),
        locations.iter().map(|l| l.hot).collect::<Vec<_>>(),
    );
    answer.put(
        &name("cold_steps"),
        locations.iter().map(|l| l.cold).collect::<Vec<_>>(),
    );
    answer.put(&name("fdr_p_cut"), bins.cut);
    answer.put(
        &name("hot_bins"),
        bins.sign.iter().filter(|s| **s > 0).count(),
    );
    answer.put(
        &name("cold_bins"),
        bins.sign.iter().filter(|s| **s < 0).count(),
    );
    if suffix.is_empty() {
        let trend =
            |get: fn(&Trend) -> f64| optional(locations.iter().map(|l| l.trend.as_ref().map(get)));
        answer.put("mk_z", trend(|t| t.z));
        answer.put("mk_p", trend(|t| t.p));
        let counts =
            (0..cube.cells).map(|cell| mann_kendall(&cube.series(&cube.count, cell)).map(|t| t.z));
        answer.put("count_mk_z", optional(counts));
    }
}

fn put_ends(cube: &Cube, z: &[Option<f64>], answer: &mut Answer) {
    let layer = |step: usize| {
        optional(
            z[step * cube.cells..(step + 1) * cube.cells]
                .iter()
                .copied(),
        )
    };
    if cube.steps > 0 {
        answer.put("z_first_step", layer(0));
        answer.put("z_last_step", layer(cube.steps - 1));
    }
}

/// Which steps count; a pause leaves fewer steps than the cube has.
fn active_steps(
    input: &Input,
    steps: usize,
    answer: &mut Answer,
) -> Result<Vec<bool>, MethodError> {
    let Some(table) = input.optional_table(&INPUTS[3]) else {
        return Ok(Vec::new());
    };
    let mut out = vec![true; steps];
    for (step, active) in table.sizes("step")?.into_iter().zip(table.sizes("active")?) {
        if let Some(slot) = out.get_mut(step) {
            *slot = active > 0;
        }
    }
    let paused = out.iter().filter(|a| !**a).count();
    if paused > 0 {
        answer.note(
            "PAUSED_STEPS",
            format!("{paused}期停用,不计入序列、占比与末期"),
        );
    }
    Ok(out)
}

fn put_exact(
    world: (&Cube, &Neighbours, usize, f64),
    z: &[Option<f64>],
    how: (Rule, &[bool]),
    answer: &mut Answer,
) {
    let (cube, near, lag, alpha) = world;
    if cube.count.iter().any(|c| c.fract().abs() > 0.0) {
        answer.note("NOT_WHOLE", "数值不是整数,不作精确检验");
        return;
    }
    let Ok(tails) = cube.exact(near, lag) else {
        answer.note("EXACT_REFUSED", "数值跨度或邻域过大,精确检验的计算量超限");
        return;
    };
    let bins = by_tails(&tails, alpha);
    let found = classify(cube, z, &bins, how);
    put_locations("_exact", (cube, &found, &bins), answer);
    let last = &tails[(cube.steps.max(1) - 1) * cube.cells..];
    answer.put(
        "p2_exact_last_step",
        last.iter().map(|t| t.two_sided()).collect::<Vec<_>>(),
    );
}

fn cap(settings: &Settings) -> f64 {
    match settings.integer("cap") {
        0 => f64::INFINITY,
        cap => cap as f64,
    }
}

fn read_cube(
    table: &Table,
    area: Option<Vec<CellIndex>>,
    settings: &Settings,
) -> Result<NamedCube, MethodError> {
    let cells = table.read("cell", "an H3 cell index", parse_cell)?;
    let steps = table.sizes("step")?;
    let counts = table.numbers("count")?;
    let last = steps.iter().max().map_or(0, |s| s + 1);
    let total = if settings.size("steps") > 0 {
        settings.size("steps")
    } else {
        last
    };
    let rows: Vec<(CellIndex, Option<usize>, f64)> = cells
        .into_iter()
        .zip(steps)
        .zip(counts)
        .map(|((cell, step), count)| (cell, Some(step), count))
        .collect();
    NamedCube::of(&rows, area, total, cap(settings))
}

fn count_tickets(
    input: &Input,
    area: Option<Vec<CellIndex>>,
    settings: &Settings,
) -> Result<NamedCube, MethodError> {
    let mut table = input.table(&INPUTS[1])?;
    let marked = pile_up::left_out(table, settings)?;
    let rest = marked.as_ref().map(|out| table.without(out));
    table = rest.as_ref().unwrap_or(table);
    let cells = cells_of(table, settings.integer("res"))?;
    let area = if area.is_some() {
        area
    } else {
        let res = resolution(settings.integer("res"))?;
        study_cells(input, res, cells.iter().copied())?.map(|named| named.0)
    };
    let days = table.numbers("t_day")?;
    let steps = Steps::of(&days, settings.real("step_days"), settings.size("steps"))?;
    let rows: Vec<(CellIndex, Option<usize>, f64)> = cells
        .into_iter()
        .zip(&days)
        .map(|(cell, day)| (cell, steps.step(*day), 1.0))
        .collect();
    let piled = marked.map_or(0, |out| out.iter().filter(|m| **m).count());
    let named = NamedCube::of(&rows, area, steps.count, cap(settings))?;
    Ok(NamedCube { piled, ..named })
}

/// One location whose scores and significant steps are given.
fn one_series(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let z = json_numbers(input.field(&["z"])?, "z")?;
    let significant = json_numbers(input.field(&["significant"])?, "significant")?;
    if z.len() != significant.len() {
        return Err(MethodError::Invalid {
            what: format!("{} scores but {} flags", z.len(), significant.len()),
            cure: "give one flag per score",
        });
    }
    let steps: Vec<i8> = z
        .iter()
        .zip(&significant)
        .map(|(z, s)| match (*s > 0.0, *z > 0.0) {
            (true, true) => 1,
            (true, false) => -1,
            _ => 0,
        })
        .collect();
    let trend = mann_kendall(&z);
    let found = category(&steps, trend.as_ref(), rule(settings));
    let mut answer = Answer::new();
    answer.put("category", found.name());
    answer.put("title", found.title());
    answer.put("mk_z", Value::from(trend.map(|t| t.z)));
    answer.put("mk_p", Value::from(trend.map(|t| t.p)));
    Ok(answer)
}

/// Number of locations per category, for legends and tests.
#[must_use]
pub fn tally(locations: &[Location]) -> Value {
    let mut out: BTreeMap<String, usize> = BTreeMap::new();
    for l in locations {
        *out.entry(l.category.name()).or_default() += 1;
    }
    json!(out)
}
