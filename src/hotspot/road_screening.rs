//! Which stretch of a road stands out?

use serde_json::{Value, json};

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};

/// A ticket or crash along a road.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// Metres from the road's start.
    pub position_m: f64,
    /// Value (severity points).
    pub weight: f64,
}

/// A stretch of a road with what lies in it; closed on the left, and on the right at the road's end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// First metre.
    pub from_m: f64,
    /// Last metre.
    pub to_m: f64,
    /// Events inside.
    pub count: usize,
    /// Sum of their weights.
    pub score: f64,
}

/// Rounding of chainages that may not open a further window.
const ROUNDING_M: f64 = 1e-9;

fn stretch(events: &[Event], from_m: f64, to_m: f64, length_m: f64) -> Stretch {
    let last = to_m >= length_m - ROUNDING_M;
    let inside = events.iter().filter(|e| {
        e.position_m >= from_m && (e.position_m < to_m || (last && e.position_m <= to_m))
    });
    let (mut count, mut score) = (0, 0.0);
    for e in inside {
        count += 1;
        score += e.weight;
    }
    Stretch {
        from_m,
        to_m,
        count,
        score,
    }
}

/// Windows of `window_m` every `step_m`; the last one ends at the road's end; a shorter road is one window.
#[must_use]
pub fn sliding(events: &[Event], length_m: f64, window_m: f64, step_m: f64) -> Vec<Stretch> {
    let mut out = Vec::new();
    let mut i = 0.0;
    loop {
        let from = i * step_m;
        if from + window_m >= length_m - ROUNDING_M {
            let from = (length_m - window_m).max(0.0);
            out.push(stretch(events, from, length_m, length_m));
            return out;
        }
        out.push(stretch(events, from, from + window_m, length_m));
        i += 1.0;
    }
}

/// What a peak search found.
#[derive(Clone, Debug, PartialEq)]
pub struct PeakSearch {
    /// Window length at which it ended, in metres.
    pub window_m: f64,
    /// Windows of that length.
    pub windows: Vec<Stretch>,
    /// Coefficient of variation of each; `None` where the score is 0 or there is one window.
    pub cv: Vec<Option<f64>>,
    /// Windows that passed.
    pub passed: Vec<usize>,
    /// Largest score among them, 0 when none.
    pub peak: f64,
    /// Whether a part of the road was found rather than the whole.
    pub precise: bool,
}

/// Peak searching (Highway Safety Manual, chapter 4): windows grow until one has a small coefficient of variation.
#[must_use]
pub fn peak_search(events: &[Event], length_m: f64, grow: (f64, f64), cv_max: f64) -> PeakSearch {
    let (mut window, grow_m) = grow;
    loop {
        let whole = window >= length_m - ROUNDING_M;
        let size = if whole { length_m } else { window };
        let windows = sliding(events, length_m, size, size);
        let cv = variation(&windows);
        let passed: Vec<usize> = (0..windows.len())
            .filter(|&i| match cv[i] {
                Some(cv) => cv <= cv_max,
                None => whole && windows[i].score > 0.0,
            })
            .collect();
        if whole || !passed.is_empty() {
            let peak = passed.iter().map(|&i| windows[i].score).fold(0.0, f64::max);
            return PeakSearch {
                window_m: size,
                windows,
                cv,
                passed,
                peak,
                precise: !whole,
            };
        }
        window += grow_m;
    }
}

fn variation(windows: &[Stretch]) -> Vec<Option<f64>> {
    let n = windows.len() as f64;
    if windows.len() < 2 {
        return vec![None; windows.len()];
    }
    let mean = windows.iter().map(|w| w.score).sum::<f64>() / n;
    let square: f64 = windows.iter().map(|w| (w.score - mean).powi(2)).sum();
    let sd = (square / (n - 1.0)).sqrt();
    windows
        .iter()
        .map(|w| (w.score > 0.0).then(|| sd / w.score))
        .collect()
}

/// Excess over a prediction by empirical Bayes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EbExcess {
    /// Weight of the prediction.
    pub w: f64,
    /// Expected number over all years.
    pub expected: f64,
    /// Expected minus predicted.
    pub excess: f64,
    /// Variance of the expected number.
    pub variance: f64,
    /// Expected number of the last year.
    pub last_year_expected: f64,
}

/// Empirical Bayes excess of a stretch from predictions and observations by year; `k` is the dispersion of the prediction.
#[must_use]
pub fn eb_excess(predicted: &[f64], observed: &[f64], k: f64) -> Option<EbExcess> {
    let (p, o): (f64, f64) = (predicted.iter().sum(), observed.iter().sum());
    let last = predicted
        .last()
        .filter(|_| p > 0.0 && predicted.len() == observed.len())?;
    let w = 1.0 / (1.0 + k * p);
    let expected = w * p + (1.0 - w) * o;
    Some(EbExcess {
        w,
        expected,
        excess: expected - p,
        variance: expected * (1.0 - w),
        last_year_expected: expected * last / p,
    })
}

/// Critical rate `R_a + P sqrt(R_a / M) + 1 / (2 M)`; `None` without exposure.
#[must_use]
pub fn critical_rate(reference: f64, exposure: f64, p: f64) -> Option<f64> {
    (exposure > 0.0 && reference >= 0.0)
        .then(|| reference + p * (reference / exposure).sqrt() + 1.0 / (2.0 * exposure))
}

static PARAMS: &[Param] = &[
    Param {
        name: "length_m",
        title: "道路长度",
        unit: "m",
        kind: Kind::Real {
            default: 0.0,
            min: 0.0,
            max: 1e6,
        },
        doc: "Length of the road; 0 = up to the last event.",
    },
    Param {
        name: "window_m",
        title: "滑动窗口",
        unit: "m",
        kind: Kind::Real {
            default: 300.0,
            min: 1.0,
            max: 1e5,
        },
        doc: "Length of the sliding window.",
    },
    Param {
        name: "step_m",
        title: "滑动步长",
        unit: "m",
        kind: Kind::Real {
            default: 100.0,
            min: 1.0,
            max: 1e5,
        },
        doc: "Distance between starts of windows.",
    },
    Param {
        name: "start_m",
        title: "峰值起始窗口",
        unit: "m",
        kind: Kind::Real {
            default: 100.0,
            min: 1.0,
            max: 1e5,
        },
        doc: "First window of the peak search.",
    },
    Param {
        name: "grow_m",
        title: "峰值窗口增量",
        unit: "m",
        kind: Kind::Real {
            default: 100.0,
            min: 1.0,
            max: 1e5,
        },
        doc: "Growth of the window when none passes.",
    },
    Param {
        name: "cv_max",
        title: "最大变异系数",
        unit: "",
        kind: Kind::Real {
            default: 0.5,
            min: 0.01,
            max: 10.0,
        },
        doc: "A window passes with a coefficient of variation up to this.",
    },
    Param {
        name: "threshold",
        title: "合并阈值",
        unit: "",
        kind: Kind::Real {
            default: 5.0,
            min: 0.0,
            max: 1e9,
        },
        doc: "Sliding windows with at least this score are merged into sections.",
    },
    Param {
        name: "dispersion",
        title: "离散参数",
        unit: "",
        kind: Kind::Real {
            default: 0.5,
            min: 0.0,
            max: 1e6,
        },
        doc: "Dispersion k of the safety performance function, used with a table of years.",
    },
    Param {
        name: "reference_rate",
        title: "参考率",
        unit: "per exposure",
        kind: Kind::Real {
            default: 0.0,
            min: 0.0,
            max: 1e9,
        },
        doc: "Mean rate of the reference group for the critical rate.",
    },
    Param {
        name: "exposure",
        title: "暴露量",
        unit: "",
        kind: Kind::Real {
            default: 0.0,
            min: 0.0,
            max: 1e12,
        },
        doc: "Exposure M of the site; 0 = no critical rate.",
    },
    Param {
        name: "p_value",
        title: "置信系数",
        unit: "",
        kind: Kind::Real {
            default: 1.645,
            min: 0.0,
            max: 10.0,
        },
        doc: "Normal quantile of the critical rate.",
    },
];

static DOC: &str = "
Answers: which stretch of a road stands out, and by how much more than predicted?

Source: AASHTO Highway Safety Manual, chapter 4: sliding window, peak searching, excess expected frequency with empirical
Bayes adjustment, critical rate, equivalent property damage only.

Formula: sliding windows [s, s + L) every `step_m`, the last one ends at the road's end (closed). Peak search: windows of
100 m, CV = SD / score with SD over all windows (n - 1); windows with CV <= cv_max pass, else grow; a whole road is `not
precise`. EB: w = 1 / (1 + k sum N_pred), N_exp = w sum N_pred + (1 - w) sum N_obs. Critical rate R_a + P sqrt(R_a / M) +
1/(2M). EPDO = sum weight × count. Sections are merged sliding windows at or above `threshold`.

Cost: O(windows × events).

Edge cases: a road shorter than the window is one window; no events → peak 0, nothing passed; scores of 0 have no CV.

Example: 9 windows with 0 0 3 0 0 1 0 0 0 events: SD 1.014, CV 0.338 and 1.014.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["events", "input"],
        columns: "`position_m`, `weight` (1 when absent)",
    },
    TableSpec {
        names: &["years"],
        columns: "`predicted`, `observed`, one row a year (optional)",
    },
    TableSpec {
        names: &["severity"],
        columns: "`kind`, `count`, `weight` (optional, for EPDO)",
    },
];

/// Road screening.
pub static ROAD_SCREENING: Method = Method {
    name: "road_screening",
    title: "路段筛查",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let mut answer = Answer::new();
    if let Some(table) = input.optional_table(&INPUTS[0]) {
        let events: Vec<Event> = table
            .numbers("position_m")?
            .into_iter()
            .zip(table.numbers_or("weight", 1.0)?)
            .map(|(position_m, weight)| Event { position_m, weight })
            .collect();
        screen(&events, settings, &mut answer)?;
    }
    if let Some(table) = input.optional_table(&INPUTS[1]) {
        let (p, o) = (table.numbers("predicted")?, table.numbers("observed")?);
        let found = eb_excess(&p, &o, settings.real("dispersion"));
        answer.put(
            "eb",
            found.map_or(Value::Null, |e| {
                json!({ "w": e.w, "expected": e.expected, "excess": e.excess, "variance": e.variance,
                        "last_year_expected": e.last_year_expected })
            }),
        );
    }
    if let Some(table) = input.optional_table(&INPUTS[2]) {
        let pairs = table
            .numbers("count")?
            .into_iter()
            .zip(table.numbers("weight")?);
        answer.put("epdo", pairs.map(|(c, w)| c * w).sum::<f64>());
    }
    let rate = critical_rate(
        settings.real("reference_rate"),
        settings.real("exposure"),
        settings.real("p_value"),
    );
    answer.put("critical_rate", Value::from(rate));
    Ok(answer)
}

fn screen(events: &[Event], settings: &Settings, answer: &mut Answer) -> Result<(), MethodError> {
    let given = settings.real("length_m");
    let last = events.iter().map(|e| e.position_m).fold(0.0, f64::max);
    let length = if given > 0.0 { given } else { last };
    let outside = events
        .iter()
        .filter(|e| e.position_m < 0.0 || e.position_m > length)
        .count();
    if outside > 0 {
        return Err(MethodError::Invalid {
            what: format!("{outside} events lie outside the road of {length} m"),
            cure: "correct length_m or the positions",
        });
    }
    let windows = sliding(
        events,
        length,
        settings.real("window_m"),
        settings.real("step_m"),
    );
    let max = windows.iter().map(|w| w.score).fold(0.0, f64::max);
    answer.put("max_score", max);
    answer.put("sections", sections(&windows, settings.real("threshold")));
    let rows = windows
        .iter()
        .map(|w| json!([w.from_m, w.to_m, w.count, w.score]));
    answer.put("windows", Value::Array(rows.collect()));
    let grow = (settings.real("start_m"), settings.real("grow_m"));
    let peak = peak_search(events, length, grow, settings.real("cv_max"));
    answer.put(
        "peak_search",
        json!({
            "window": peak.window_m,
            "windows": peak.windows.iter().map(|w| json!([w.from_m, w.to_m])).collect::<Vec<_>>(),
            "score": peak.windows.iter().map(|w| w.score).collect::<Vec<_>>(),
            "cv": peak.cv,
            "passed": peak.passed,
            "peak": peak.peak,
            "precise": peak.precise,
        }),
    );
    Ok(())
}

/// Windows at or above the threshold that touch or overlap become one section `[from, to]`.
fn sections(windows: &[Stretch], threshold: f64) -> Value {
    let mut out: Vec<(f64, f64)> = Vec::new();
    for w in windows
        .iter()
        .filter(|w| w.score >= threshold && w.score > 0.0)
    {
        match out.last_mut() {
            Some(last) if w.from_m <= last.1 => last.1 = w.to_m,
            _ => out.push((w.from_m, w.to_m)),
        }
    }
    json!(out)
}
