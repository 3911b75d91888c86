//! Is this place like its neighbours: a loud one among loud, a loud one among quiet, a hole amid noise?

use crate::hotspot::area::{Area, CAP, NEAR, RES, VALUE, read_area};
use crate::hotspot::area_file::{AREA, ROADS};
use crate::hotspot::gi_star::{Moments, Undefined, classes, others};
use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::pile_up::KEEP;
use crate::hotspot::randomise::{exact_conditional, permuted, whole_values};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::weights::Neighbours;
use crate::stats::multiple::Correction;
use crate::stats::permute::{folded_p, monte_carlo_p};

/// Local Moran of one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LocalMoran {
    /// `(n-1) d L / sum d²` (esda's scaling; stored).
    pub i: f64,
    /// `n d L / sum d²` (spdep's scaling).
    pub i_n: f64,
    /// `HH`, `LH`, `LL`, `HL`: own value, then neighbours; zero counts as low.
    pub quadrant: &'static str,
    /// Mean of `i_n` with the own value held and the others dealt.
    pub expected: f64,
    /// Variance of `i_n` likewise.
    pub variance: f64,
}

impl LocalMoran {
    /// Standardised index (the same in both scalings); `None` without variance.
    #[must_use]
    pub fn z(&self) -> Option<f64> {
        (self.variance > 0.0).then(|| (self.i_n - self.expected) / self.variance.sqrt())
    }
}

/// Local Moran of every place. O(n k).
#[must_use]
pub fn local_moran(values: &[f64], near: &Neighbours) -> Vec<Result<LocalMoran, Undefined>> {
    let all = Moments::of(values);
    (0..values.len())
        .map(|i| {
            let around = near.of(i);
            if all.sd <= 0.0 {
                return Err(Undefined::NoVariance);
            }
            if around.is_empty() {
                return Err(Undefined::NoNeighbours);
            }
            let k = around.len() as f64;
            let sum = around
                .iter()
                .map(|&j| values[j as usize] - all.mean)
                .sum::<f64>();
            Ok(one(
                &all,
                &others(&all, values, i),
                (values[i] - all.mean, sum / k, k),
            ))
        })
        .collect()
}

fn one(all: &Moments, rest: &Moments, place: (f64, f64, f64)) -> LocalMoran {
    let (d, lag, k) = place;
    let square = all.n * all.sd * all.sd;
    let scale = all.n * d / square;
    let spread = if all.n > 2.0 {
        rest.sd * rest.sd / k * (all.n - 1.0 - k) / (all.n - 2.0)
    } else {
        0.0
    };
    LocalMoran {
        i: (all.n - 1.0) * d * lag / square,
        i_n: scale * lag,
        quadrant: match (d > 0.0, lag > 0.0) {
            (true, true) => "HH",
            (false, true) => "LH",
            (false, false) => "LL",
            (true, false) => "HL",
        },
        expected: -scale * d / (all.n - 1.0),
        variance: scale * scale * spread,
    }
}

static PARAMS: &[Param] = &[
    RES,
    NEAR,
    VALUE,
    CAP,
    KEEP,
    Param {
        name: "permutations",
        title: "置换次数",
        unit: "",
        kind: Kind::Integer {
            default: 999,
            min: 99,
            max: 999_999,
        },
        doc: "Deals of the other values, own value held.",
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
        doc: "Stored with the result; the same seed gives the same answer.",
    },
];

static DOC: &str = "
Answers: which loud places stand among loud ones (HH), alone in a quiet surrounding (HL), and which quiet ones lie amid
noise (LH, often a hole in the data)?

Source: Anselin 1995; conditional moments by Caldas de Castro, Singer 2006 as in esda and spdep.

Formula: d = x - mean, L = mean of d over the neighbours without the place, `I = (n-1) d L / sum d²` (esda; spdep's form
with n instead of n-1 is given too, and the conditional mean and variance are those of that form). Inference holds the own value and deals the others: exact tails of the neighbour sum
for whole numbers (upper for HH and LH, lower for HL and LL), seeded permutations always; `p_perm_folded` is esda's figure,
half of a two-sided p.

Cost: O(n k R) for R permutations: 17,000 cells and 999 permutations below 0.2 s.

Edge cases: all values equal → `NO_VARIANCE`; a place without neighbours → `NO_NEIGHBOURS`, null. Permutation p-values
are never combined with false discovery control unless R >= 20 n: their floor 1/(R+1) would reject nothing.

Example: Columbus 1980 crime, 49 neighbourhoods: the first has I = 0.7218, LL.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["cells"],
        columns: "`cell` (H3 index), `count`",
    },
    TableSpec {
        names: &["input"],
        columns: "`id`, `value`, `neighbours` (ids separated by spaces)",
    },
    TableSpec {
        names: &["tickets", "input"],
        columns: "`lon`, `lat`, `caller`, `t_day`, `sev` as the count asks; optional `street`, `precision`; used when there is no table of cells",
    },
    AREA,
    ROADS,
];

/// Local Moran (LISA).
pub static LOCAL_MORAN: Method = Method {
    name: "local_moran",
    title: "局部莫兰指数",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let area = read_area(input, settings)?;
    let mut answer = Answer::new();
    area.describe(&mut answer);
    let found = local_moran(&area.values, &area.near);
    for reason in found.iter().filter_map(|m| m.as_ref().err()) {
        answer.note(reason.code(), reason.words());
    }
    let field = |get: &dyn Fn(&LocalMoran) -> Option<f64>| {
        optional(found.iter().map(|m| m.as_ref().ok().and_then(get)))
    };
    answer.put("moran_i_n_minus_1", field(&|m| Some(m.i)));
    answer.put("moran_i_n", field(&|m| Some(m.i_n)));
    answer.put("expected", field(&|m| Some(m.expected)));
    answer.put("variance", field(&|m| Some(m.variance)));
    answer.put("z", field(&LocalMoran::z));
    let quadrants: Vec<Option<&str>> = found
        .iter()
        .map(|m| m.as_ref().ok().map(|m| m.quadrant))
        .collect();
    put_permuted(&area, settings, &mut answer);
    put_exact(&area, &quadrants, &mut answer);
    answer.put("quadrant", quadrants);
    Ok(answer)
}

fn put_permuted(area: &Area, settings: &Settings, answer: &mut Answer) {
    let replicates = settings.size("permutations");
    let seed = settings.integer("seed").unsigned_abs();
    let hits = permuted(&area.values, &area.near, replicates, seed);
    if area.values.len() * 20 > replicates {
        answer.note(
            "FEW_PERMUTATIONS",
            "置换次数少于单元数的20倍,置换p值不可再做FDR校正",
        );
    }
    answer.put(
        "p_perm_folded",
        optional(hits.iter().map(|h| h.map(|g| folded_p(g, replicates)))),
    );
    answer.put(
        "p_perm_upper",
        optional(hits.iter().map(|h| h.map(|g| monte_carlo_p(g, replicates)))),
    );
}

fn put_exact(area: &Area, quadrants: &[Option<&str>], answer: &mut Answer) {
    let tails = whole_values(&area.values).map(|w| exact_conditional(&w, &area.near));
    let Some(Ok(tails)) = tails else {
        return;
    };
    let p: Vec<Option<f64>> = tails
        .iter()
        .zip(quadrants)
        .map(|(t, q)| q.map(|q| if q.ends_with('H') { t.upper } else { t.lower }))
        .collect();
    let hot = vec![true; p.len()];
    let (q, bins) = classes(&p, &hot, Correction::Bh);
    answer.put("p_exact", optional(p));
    answer.put("q_exact", optional(q));
    answer.put("strength_exact", bins);
}
