//! Is something breaking out: where and when are more cases than chance would deal to any circle and window?

use std::cmp::Ordering;

use rayon::prelude::*;
use serde_json::{Value, json};

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::scan_engine::{Engine, Found};
use crate::hotspot::scan_model::{Cases, Model};
use crate::hotspot::scan_read::{Study, read_study};
use crate::hotspot::scan_zones::{Growth, Sites, Strip, Zones};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::stats::number::floor_index;
use crate::stats::permute::{Gumbel, monte_carlo_p, recurrence_days};

/// What a scan is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// Growth of circles.
    pub growth: Growth,
    /// Longest window in steps.
    pub longest: usize,
    /// Only windows that end at the last step.
    pub prospective: bool,
    /// Replicates.
    pub replicates: usize,
    /// Seed of the replicates.
    pub seed: u64,
    /// Stop after this many replicates at least as large as observed; 0 = never.
    pub stop_after: usize,
}

/// A cluster of a scan.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Zone, window, counts and ratio.
    pub found: Found,
    /// Places inside the circle, ascending, places without mass included.
    pub places: Vec<u32>,
    /// Monte Carlo p-value.
    pub p: f64,
    /// Gumbel p-value; `None` when replicates have no spread.
    pub p_gumbel: Option<f64>,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scan {
    /// Clusters by ratio, no two sharing a place.
    pub clusters: Vec<Cluster>,
    /// Largest ratio of each replicate that was made.
    pub maxima: Vec<f64>,
}

/// Runs a scan; no cases or no zone give no clusters.
///
/// Replicates run on all cores; the answer does not depend on their number.
#[must_use]
pub fn scan(sites: &Sites, cases: &Cases, ask: &Ask) -> Scan {
    if cases.place.is_empty() || cases.steps == 0 {
        return Scan::default();
    }
    let zones = Zones::grow(sites, &cases.mass, ask.growth);
    let mut engine = Engine::new(cases, &zones, ask.longest, ask.prospective);
    let mut best = engine.observed();
    best.sort_by(|a, b| {
        if a.beats(b) {
            Ordering::Less
        } else if b.beats(a) {
            Ordering::Greater
        } else {
            a.centre.cmp(&b.centre)
        }
    });
    let Some(top) = best.first().map(|f| f.llr) else {
        return Scan::default();
    };
    let maxima = replicates(&mut engine, ask, top);
    let law = Gumbel::fit(&maxima);
    let mut taken = vec![false; sites.len()];
    let mut clusters = Vec::new();
    let strip = Strip::new(sites);
    for found in best {
        let inside = zones.start[found.centre as usize]..=found.end;
        let held = |at: u32| taken[zones.member[at as usize] as usize];
        if found.llr <= 0.0 || inside.into_iter().any(held) {
            continue;
        }
        let places = places_of(sites, (&strip, &zones), &found);
        if places.iter().any(|&p| taken[p as usize]) {
            continue;
        }
        for &p in &places {
            taken[p as usize] = true;
        }
        let above = maxima.iter().filter(|m| **m >= found.llr - 1e-9).count();
        clusters.push(Cluster {
            p: p_value(above, maxima.len(), ask),
            p_gumbel: law.map(|g| g.upper(found.llr)),
            found,
            places,
        });
    }
    Scan { clusters, maxima }
}

/// Sequential stop: h exceedances in l replicates give h / l.
fn p_value(above: usize, made: usize, ask: &Ask) -> f64 {
    if ask.stop_after > 0 && above >= ask.stop_after && made < ask.replicates {
        above as f64 / made as f64
    } else {
        monte_carlo_p(above, made)
    }
}

fn places_of(sites: &Sites, world: (&Strip<'_>, &Zones), found: &Found) -> Vec<u32> {
    let centre = found.centre as usize;
    let last = world.1.member[found.end as usize] as usize;
    let near = world.0.within(centre, sites.distance(centre, last));
    let mut places: Vec<u32> = near.into_iter().map(|n| n.1).collect();
    places.sort_unstable();
    places
}

/// Replicates in blocks; the first block sets the level that most later ones exceed.
fn replicates(engine: &mut Engine<'_>, ask: &Ask, observed: f64) -> Vec<f64> {
    let run = |engine: &Engine<'_>, from: usize, to: usize| -> Vec<f64> {
        (from..to)
            .into_par_iter()
            .map(|r| engine.replicate_max((ask.seed, r as u64)))
            .collect()
    };
    let first = ask.replicates.min(8);
    let mut maxima = run(engine, 0, first);
    let least = maxima.iter().copied().fold(f64::INFINITY, f64::min);
    if least.is_finite() {
        engine.raise(least * 0.75);
    }
    let mut above = maxima.iter().filter(|m| **m >= observed - 1e-9).count();
    while maxima.len() < ask.replicates {
        let from = maxima.len();
        let block = if ask.stop_after > 0 {
            32
        } else {
            ask.replicates
        };
        for m in run(engine, from, (from + block).min(ask.replicates)) {
            maxima.push(m);
            above += usize::from(m >= observed - 1e-9);
            if ask.stop_after > 0 && above >= ask.stop_after {
                return maxima;
            }
        }
    }
    maxima
}

static PARAMS: &[Param] = &[
    Param {
        name: "model",
        title: "模型",
        unit: "",
        kind: Kind::Choice {
            default: "permutation",
            among: &["permutation", "poisson", "bernoulli"],
        },
        doc: "permutation: times dealt among cases, no exposure needed; poisson: by exposure; bernoulli: cases and controls.",
    },
    Param {
        name: "prospective",
        title: "前瞻",
        unit: "",
        kind: Kind::Flag { default: true },
        doc: "Only windows that end at the last step (alarm); otherwise any window (history).",
    },
    Param {
        name: "step_days",
        title: "步长",
        unit: "days",
        kind: Kind::Real {
            default: 7.0,
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
        doc: "Number of steps from day 0; 0 = as many whole steps as fit, aligned to the end of the last day present.",
    },
    Param {
        name: "longest_days",
        title: "最长窗口",
        unit: "days",
        kind: Kind::Real {
            default: 56.0,
            min: 0.01,
            max: 36500.0,
        },
        doc: "Longest window.",
    },
    Param {
        name: "max_share",
        title: "最大占比",
        unit: "",
        kind: Kind::Real {
            default: 0.10,
            min: 0.001,
            max: 1.0,
        },
        doc: "Largest share of the total mass in a circle.",
    },
    Param {
        name: "max_radius_m",
        title: "最大半径",
        unit: "m",
        kind: Kind::Real {
            default: 0.0,
            min: 0.0,
            max: 1e7,
        },
        doc: "Largest radius; 0 = none. The weekly alarm uses 1500.",
    },
    Param {
        name: "replicates",
        title: "模拟次数",
        unit: "",
        kind: Kind::Integer {
            default: 999,
            min: 9,
            max: 99_999,
        },
        doc: "Monte Carlo replicates.",
    },
    Param {
        name: "stop_after",
        title: "提前停止",
        unit: "",
        kind: Kind::Integer {
            default: 0,
            min: 0,
            max: 10_000,
        },
        doc: "Stop after this many replicates at least as large as observed (p = h/l); 0 = never.",
    },
    Param {
        name: "runs_before",
        title: "校正期数",
        unit: "runs",
        kind: Kind::Integer {
            default: 0,
            min: 0,
            max: 10_000,
        },
        doc: "Earlier runs for which the recurrence interval is adjusted.",
    },
    Param {
        name: "seed",
        title: "随机种子",
        unit: "",
        kind: Kind::Integer {
            default: 1,
            min: 0,
            max: i64::MAX,
        },
        doc: "Stored with the result; the same seed gives the same answer on any number of threads.",
    },
];

static DOC: &str = "
Answers: is something new breaking out now (prospective), or did it at some time (retrospective), or in space alone?

Source: Kulldorff 1997; Kulldorff et al. 2005 (space-time permutation); Abrams et al. 2010 (Gumbel tail).

Formula: for c cases in zone and window, E expected, C in all: `LLR = c ln(c/E) + (C-c) ln((C-c)/(C-E))` when c > E. E is
(cases of the zone)(cases of the window)/C for the permutation model, C × exposure share × length share for Poisson;
Bernoulli compares c of n inside with C of N. Zones are circles around every place, growing by distance, equal
distances together, up to `max_share` of the mass (cases, exposure, or cases and controls). The largest LLR is the most
likely cluster; ties go to fewer places, the shorter window, the smaller centre. Secondary clusters share no place
with better ones. p = (1 + replicates at least as large) / (R + 1); the Gumbel p reaches beyond 1/(R+1). Recurrence
interval = days between runs / p.

Cost: O(R G L) for G zone ends and L windows; prospective replicates cost one addition and one comparison per zone end.

Edge cases: no cases → no clusters; at least 2 cases in a cluster; one place that holds most cases supplies its own
baseline and hides its outbreak in the permutation model.

Example: New York fever visits, 24 days, 7-day windows: 4 seen, 0.67 expected, LLR 3.845, p about 0.34.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["locations"],
        columns: "`id`, `x`, `y` or `lon`, `lat`; `population` (Poisson); `cases` and `controls` when there is no table of cases",
    },
    TableSpec {
        names: &["cases"],
        columns: "`id`, `t_day`, `cases` (1 when absent)",
    },
];

/// Kulldorff's scan statistics.
pub static SCAN: Method = Method {
    name: "scan",
    title: "扫描统计",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let study = read_study(input, settings)?;
    let longest = (settings.real("longest_days") / study.step_days + 1e-9).floor();
    let radius = settings.real("max_radius_m");
    let ask = Ask {
        growth: Growth {
            max_share: settings.real("max_share"),
            max_radius: if radius > 0.0 { radius } else { f64::INFINITY },
        },
        longest: floor_index(longest).max(1),
        prospective: settings.flag("prospective"),
        replicates: settings.size("replicates"),
        seed: settings.integer("seed").unsigned_abs(),
        stop_after: settings.size("stop_after"),
    };
    let result = scan(&study.sites, &study.cases, &ask);
    let mut answer = Answer::new();
    if study.cases.place.is_empty() {
        answer.note("NO_CASES", "没有案例,不作扫描");
    }
    if study.dropped > 0 {
        answer.note(
            "OUTSIDE_STEPS",
            format!("{}件不在完整步长内,未计入", study.dropped),
        );
    }
    answer.put("cases", study.cases.place.len());
    answer.put("steps", study.cases.steps);
    answer.put("replicates", result.maxima.len());
    put_null(&result.maxima, &mut answer);
    let clusters: Vec<Value> = result
        .clusters
        .iter()
        .enumerate()
        .map(|(i, c)| describe(i, c, &study, settings))
        .collect();
    answer.put("clusters", clusters);
    Ok(answer)
}

fn put_null(maxima: &[f64], answer: &mut Answer) {
    let n = maxima.len() as f64;
    if maxima.len() < 2 {
        return;
    }
    let mean = maxima.iter().sum::<f64>() / n;
    let square: f64 = maxima.iter().map(|m| (m - mean) * (m - mean)).sum();
    answer.put("null_llr_mean", mean);
    answer.put("null_llr_sd", (square / (n - 1.0)).sqrt());
}

fn describe(rank: usize, cluster: &Cluster, study: &Study, settings: &Settings) -> Value {
    let found = &cluster.found;
    let (c, e, all) = (
        f64::from(found.observed),
        found.expected,
        study.cases.total(),
    );
    let rest = (all - c) / (all - e);
    let p = match cluster.p_gumbel {
        Some(g) if cluster.p <= monte_carlo_p(0, settings.size("replicates")) => g.min(cluster.p),
        _ => cluster.p,
    };
    let runs = u32::try_from(settings.integer("runs_before")).unwrap_or(0);
    let recurrence = (settings.flag("prospective") && study.cases.steps > 1)
        .then(|| recurrence_days(p, study.step_days, runs));
    let recurrence_mc = recurrence.map(|_| recurrence_days(cluster.p, study.step_days, runs));
    let names: Vec<&str> = cluster
        .places
        .iter()
        .map(|&p| study.ids[p as usize].as_str())
        .collect();
    let mass: f64 = cluster
        .places
        .iter()
        .map(|&p| study.cases.mass[p as usize])
        .sum();
    json!({
        "rank": rank + 1,
        "centre": study.ids[found.centre as usize],
        "locations": names,
        "mass": mass,
        "observed": found.observed,
        "expected": found.expected,
        "llr": found.llr,
        "relative_risk": (rest > 0.0 && study.cases.model != Model::Permutation).then(|| c / e / rest),
        "from_step": found.window.from,
        "to_step": found.window.to - 1,
        "from_day": study.origin + found.window.from as f64 * study.step_days,
        "to_day": study.origin + found.window.to as f64 * study.step_days,
        "p_monte_carlo": cluster.p,
        "p_gumbel": cluster.p_gumbel,
        "recurrence_days": recurrence_mc,
        "recurrence_days_gumbel": recurrence,
    })
}
