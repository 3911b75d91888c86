//! Is this neighbourhood of places louder than the district?

use serde_json::{Value, json};

use crate::hotspot::area::{Area, CAP, NEAR, RES, VALUE, read_area};
use crate::hotspot::area_file::{AREA, ROADS};
use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::pile_up::KEEP;
use crate::hotspot::randomise::{exact_conditional, exact_total, whole_values};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::weights::Neighbours;
use crate::stats::distribution::normal_two_sided;
use crate::stats::multiple::Correction;
use crate::stats::subset::{Refused, Tails};

/// Why a place has no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undefined {
    /// All values are equal.
    NoVariance,
    /// The neighbourhood is the whole area.
    CoversArea,
    /// The place stands alone and its own value does not count.
    NoNeighbours,
}

impl Undefined {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoVariance => "NO_VARIANCE",
            Self::CoversArea => "COVERS_AREA",
            Self::NoNeighbours => "NO_NEIGHBOURS",
        }
    }

    /// The reason in Chinese.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoVariance => "各单元数值全部相同,无从比较",
            Self::CoversArea => "邻域覆盖整个研究区,无从比较",
            Self::NoNeighbours => "该单元没有邻居",
        }
    }
}

/// Number, mean and standard deviation (divided by n) of all values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// How many.
    pub n: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation; exactly 0 when all values are equal.
    pub sd: f64,
}

impl Moments {
    /// Of a slice; zeros for an empty one.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let Some(first) = values.first() else {
            return Self {
                n: 0.0,
                mean: 0.0,
                sd: 0.0,
            };
        };
        if values.iter().all(|v| v.total_cmp(first).is_eq()) {
            return Self {
                n,
                mean: *first,
                sd: 0.0,
            };
        }
        let mean = values.iter().sum::<f64>() / n;
        let square = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
        Self {
            n,
            mean,
            sd: (square / n).sqrt(),
        }
    }

    /// Score of a sum over `k` places with binary weights.
    pub fn score(&self, sum: f64, k: f64) -> Result<f64, Undefined> {
        self.score_weighted(sum, (k, k))
    }

    /// Score of a weighted sum from the sum of the weights and the sum of their squares.
    pub fn score_weighted(&self, sum: f64, (w, s1): (f64, f64)) -> Result<f64, Undefined> {
        if self.sd <= 0.0 {
            return Err(Undefined::NoVariance);
        }
        let room = self.n * s1 - w * w;
        // With binary weights the room is a whole number; the margin is for rounding of other weights.
        if room <= 1e-12 * self.n * s1 {
            return Err(Undefined::CoversArea);
        }
        Ok((sum - self.mean * w) / (self.sd * (room / (self.n - 1.0)).sqrt()))
    }
}

/// Gi* of every place: its own value belongs to the neighbourhood. O(n k).
#[must_use]
pub fn star(values: &[f64], near: &Neighbours) -> Vec<Result<f64, Undefined>> {
    let all = Moments::of(values);
    (0..values.len())
        .map(|i| {
            let around = near.of(i);
            let sum = values[i] + around.iter().map(|&j| values[j as usize]).sum::<f64>();
            all.score(sum, around.len() as f64 + 1.0)
        })
        .collect()
}

/// Gi* of every place with general weights: each row lists places with their weights, the place itself among them. O(n k).
///
/// A row scaled by a factor has the same score, so row-standardised weights change nothing.
#[must_use]
pub fn star_weighted(values: &[f64], rows: &[Vec<(u32, f64)>]) -> Vec<Result<f64, Undefined>> {
    let all = Moments::of(values);
    let add = |f: &dyn Fn(&(u32, f64)) -> f64, row: &[(u32, f64)]| row.iter().map(f).sum::<f64>();
    rows.iter()
        .map(|row| {
            let sum = add(&|e| e.1 * values[e.0 as usize], row);
            all.score_weighted(sum, (add(&|e| e.1, row), add(&|e| e.1 * e.1, row)))
        })
        .collect()
}

/// Gi of every place: its own value neither counts in the sum nor in mean and deviation. O(n k).
#[must_use]
pub fn plain(values: &[f64], near: &Neighbours) -> Vec<Result<f64, Undefined>> {
    let all = Moments::of(values);
    (0..values.len())
        .map(|i| {
            let around = near.of(i);
            if around.is_empty() {
                return Err(Undefined::NoNeighbours);
            }
            let sum = around.iter().map(|&j| values[j as usize]).sum::<f64>();
            others(&all, values, i).score(sum, around.len() as f64)
        })
        .collect()
}

/// Moments of all values but one.
#[must_use]
pub fn others(all: &Moments, values: &[f64], i: usize) -> Moments {
    let n = all.n - 1.0;
    let d = values[i] - all.mean;
    let mean = all.mean - d / n;
    // Sum of squares about the mean of the others.
    let square = all.n * all.sd * all.sd - d * d * all.n / n;
    let noise = 1e-13 * all.n * all.sd * all.sd;
    let sd = if square > noise {
        (square / n).sqrt()
    } else {
        0.0
    };
    Moments { n, mean, sd }
}

/// Gi* after the loudest place of the neighbourhood is left out of sum and weights: is it an area or a point?
#[must_use]
pub fn without_loudest(values: &[f64], near: &Neighbours) -> Vec<Result<f64, Undefined>> {
    let all = Moments::of(values);
    (0..values.len())
        .map(|i| {
            let around = near.of(i);
            let loudest = around
                .iter()
                .map(|&j| values[j as usize])
                .fold(values[i], f64::max);
            let sum = values[i] + around.iter().map(|&j| values[j as usize]).sum::<f64>();
            all.score(sum - loudest, around.len() as f64)
        })
        .collect()
}

/// q-values of the defined p-values and the class of each place: ±3, ±2, ±1 for 0.01, 0.05, 0.10, else 0.
#[must_use]
pub fn classes(
    p: &[Option<f64>],
    hot: &[bool],
    correction: Correction,
) -> (Vec<Option<f64>>, Vec<i8>) {
    let defined: Vec<f64> = p.iter().flatten().copied().collect();
    let mut adjusted = correction.q(&defined).into_iter();
    let q: Vec<Option<f64>> = p.iter().map(|v| v.and_then(|_| adjusted.next())).collect();
    let bins = q
        .iter()
        .zip(hot)
        .map(|(q, &hot)| {
            let strength = match q {
                Some(q) if *q <= 0.01 => 3,
                Some(q) if *q <= 0.05 => 2,
                Some(q) if *q <= 0.10 => 1,
                _ => 0,
            };
            if hot { strength } else { -strength }
        })
        .collect();
    (q, bins)
}

/// z score above which the rest of a hot neighbourhood counts as hot itself (one-sided 5 %).
const AREA_Z: f64 = 1.645;

static PARAMS: &[Param] = &[
    RES,
    NEAR,
    VALUE,
    CAP,
    KEEP,
    Param {
        name: "correction",
        title: "多重检验",
        unit: "",
        kind: Kind::Choice {
            default: "bh",
            among: &["bh", "by", "none"],
        },
        doc: "Correction over all places with a defined p.",
    },
    Param {
        name: "conditional",
        title: "条件尾概率",
        unit: "",
        kind: Kind::Flag { default: true },
        doc: "Also give the exact tails with the own value held.",
    },
];

static DOC: &str = "
Answers: is this neighbourhood of cells louder than the district, and does the loudness spread over cells or sit in one?

Source: Getis, Ord 1992; Ord, Getis 1995. Inference by Benjamini, Hochberg 1995, and by an exact count of all deals.

Formula: with n cells, mean m, deviation s (divided by n) and k = size of the neighbourhood with the cell itself,
`z = (sum - m k) / (s sqrt((n k - k²) / (n - 1)))`; with general weights the sum is weighted, k in the first place is the
sum of the weights W and n k - k² becomes n S1 - W² with S1 the sum of their squares. p is two-sided normal; q is Benjamini–Hochberg over all defined cells;
class ±3, ±2, ±1 where q <= 0.01, 0.05, 0.10. The exact tails are the law of the sum when the n values are dealt to
the cells at random: the counts of k-subsets by sum, built once for all cells. `z_drop_loudest` leaves the loudest cell of
the neighbourhood out: above 1.645 the hotspot is an area, otherwise a point.

Cost: O(n k) for z; O(V K² S) for the exact tails (V distinct values, K largest neighbourhood, S largest sum). Above
2e9 additions, or for values that are not whole numbers, the exact tails are left out and the answer says so.

Edge cases: all values equal → `NO_VARIANCE`; neighbourhood = area → `COVERS_AREA`; fewer than 30 cells or a total below
30 → `TOO_FEW`, figures are given but should not be coloured; a cell without neighbours stands for itself; cells outside
the study area do not exist. With a table `area` the cells of the jurisdiction are compared, with `roads` only those that a
road touches (30 m), and every cell with a ticket; an area of more than a million cells is refused. Tickets of five or more
streets on one coordinate are left out and counted (`PILE_UP`).

Example: in 41 cells in a row, one of 50 tickets among zeros: z = 3.559 for it and its two neighbours (p 0.0004), but the
exact two-sided p is 0.146, since one loud cell is no spatial clustering.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["cells"],
        columns: "`cell` (H3 index), `count`: the study area, zeros included",
    },
    TableSpec {
        names: &["input"],
        columns: "`id`, `value`, `neighbours` (ids separated by spaces, self not listed); optional `weights` (one number per neighbour) and `self_weight` (1 when absent)",
    },
    TableSpec {
        names: &["tickets", "input"],
        columns: "`lon`, `lat`, and for the other counts `caller`, `t_day`, `sev`; optional `street`, `precision`; used when there is no table of cells",
    },
    AREA,
    ROADS,
];

/// Getis–Ord Gi*.
pub static GI_STAR: Method = Method {
    name: "gi_star",
    title: "Gi* 热点分析",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let area = read_area(input, settings)?;
    let mut answer = Answer::new();
    area.describe(&mut answer);
    let correction = Correction::parse(settings.choice("correction")).unwrap_or_default();
    put_normal(&area, correction, &mut answer);
    match whole_values(&area.values) {
        _ if area.weights.is_some() => {}
        None => answer.note("NOT_WHOLE", "数值不是整数,不作精确检验"),
        Some(whole) => put_exact(
            &area,
            &whole,
            (correction, settings.flag("conditional")),
            &mut answer,
        ),
    }
    Ok(answer)
}

fn put_normal(area: &Area, correction: Correction, answer: &mut Answer) {
    let z = match &area.weights {
        Some(rows) => star_weighted(&area.values, rows),
        None => star(&area.values, &area.near),
    };
    for reason in z.iter().filter_map(|z| z.err()) {
        answer.note(reason.code(), reason.words());
    }
    let z: Vec<Option<f64>> = z.into_iter().map(Result::ok).collect();
    let p: Vec<Option<f64>> = z.iter().map(|z| z.map(normal_two_sided)).collect();
    let hot: Vec<bool> = z.iter().map(|z| z.is_some_and(|z| z > 0.0)).collect();
    let (q, bins) = classes(&p, &hot, correction);
    let defined: Vec<f64> = p.iter().flatten().copied().collect();
    let rest = without_loudest(&area.values, &area.near).into_iter();
    let binary = area.weights.is_none();
    let rest: Vec<Option<f64>> = rest.map(|z| z.ok().filter(|_| binary)).collect();
    let kind: Vec<Value> = rest
        .iter()
        .zip(&bins)
        .map(|(rest, &bin)| match rest {
            _ if bin <= 0 || !binary => Value::Null,
            Some(z) if *z > AREA_Z => json!("area"),
            _ => json!("point"),
        })
        .collect();
    answer.put("z", optional(z));
    let others = plain(&area.values, &area.near).into_iter();
    answer.put(
        "z_plain",
        optional(others.map(|z| z.ok().filter(|_| binary))),
    );
    answer.put("p2_norm", optional(p));
    answer.put("q_norm", optional(q));
    answer.put("gi_bin_norm", bins);
    answer.put("p_cut_05", correction.cut(&defined, 0.05));
    answer.put("z_drop_loudest", optional(rest));
    answer.put("kind", kind);
}

fn put_exact(area: &Area, whole: &[i64], ask: (Correction, bool), answer: &mut Answer) {
    let tails = match exact_total(whole, &area.near) {
        Ok(tails) => tails,
        Err(why) => {
            note_refused(why, answer);
            return;
        }
    };
    let p: Vec<Option<f64>> = tails.iter().map(|t| Some(t.two_sided())).collect();
    let hot: Vec<bool> = tails.iter().map(|t| t.upper < t.lower).collect();
    let (q, bins) = classes(&p, &hot, ask.0);
    put_tails("exact", &tails, answer);
    answer.put("p2_exact", optional(p));
    answer.put("q_exact", optional(q));
    answer.put("gi_bin_exact", bins);
    if ask.1 {
        match exact_conditional(whole, &area.near) {
            Ok(tails) => put_tails("conditional", &tails, answer),
            Err(why) => note_refused(why, answer),
        }
    }
}

fn put_tails(which: &str, tails: &[Tails], answer: &mut Answer) {
    answer.put(
        &format!("p_upper_{which}"),
        tails.iter().map(|t| t.upper).collect::<Vec<_>>(),
    );
    answer.put(
        &format!("p_lower_{which}"),
        tails.iter().map(|t| t.lower).collect::<Vec<_>>(),
    );
}

fn note_refused(why: Refused, answer: &mut Answer) {
    let text = match why {
        Refused::TooMuchWork => "数值跨度过大,精确检验的计算量超限,仅给出正态近似",
        Refused::SubsetTooLarge => "邻域超过 61 个单元,不作精确检验",
    };
    answer.note("EXACT_REFUSED", text);
}

#[cfg(test)]
mod tests {
    use super::{Moments, Undefined, others, plain, star, star_weighted};
    use crate::spatial::weights::Neighbours;

    #[test]
    fn general_weights_agree_with_binary_ones_and_scale_away() {
        let values = [3.0, 9.5, 1.0, 0.0, 4.0];
        let lists = vec![vec![1], vec![0, 2], vec![1, 3], vec![2, 4], vec![3]];
        let near = Neighbours::from_lists(&lists);
        let row = |i: u32, list: &Vec<u32>, w: f64| -> Vec<(u32, f64)> {
            list.iter().chain([&i]).map(|j| (*j, w)).collect()
        };
        for w in [1.0, 0.3] {
            let rows: Vec<_> = (0..).zip(&lists).map(|(i, list)| row(i, list, w)).collect();
            for (a, b) in star_weighted(&values, &rows)
                .iter()
                .zip(star(&values, &near))
            {
                assert!((a.unwrap() - b.unwrap()).abs() < 1e-12);
            }
        }
        let all = vec![(0..5).map(|j| (j, 0.2)).collect(); 5];
        assert_eq!(star_weighted(&values, &all)[0], Err(Undefined::CoversArea));
    }

    #[test]
    fn leaving_one_out_equals_the_moments_of_the_rest() {
        let values = [3.0, 9.5, 1.0, 0.0, 4.0];
        let all = Moments::of(&values);
        for i in 0..values.len() {
            let mut rest = values.to_vec();
            rest.remove(i);
            let (a, b) = (others(&all, &values, i), Moments::of(&rest));
            assert!((a.mean - b.mean).abs() < 1e-12 && (a.sd - b.sd).abs() < 1e-12);
        }
    }

    #[test]
    fn undefined_scores_name_their_reason() {
        let pair = Neighbours::from_lists(&[vec![1], vec![0]]);
        assert_eq!(star(&[4.0, 4.0], &pair)[0], Err(Undefined::NoVariance));
        assert_eq!(star(&[4.0, 5.0], &pair)[0], Err(Undefined::CoversArea));
        let alone = Neighbours::from_lists(&[vec![], vec![2], vec![1]]);
        assert_eq!(
            plain(&[4.0, 5.0, 1.0], &alone)[0],
            Err(Undefined::NoNeighbours)
        );
        assert!(star(&[4.0, 5.0, 1.0], &alone)[0].is_ok());
    }
}
