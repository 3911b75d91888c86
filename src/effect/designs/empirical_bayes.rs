//! What do the Highway Safety Manual's tables say: observed against an expectation shrunk to a prediction?

use serde::Deserialize;
use serde_json::Value;

use crate::effect::designs::design::{Design, DesignError, figure, figures, read};
use crate::effect::designs::hauer::{Against, Ratio};
use crate::hotspot::method::Answer;

static DOC: &str = "
Answers: observed tickets after, against what each site's own past drawn towards a prediction for such sites leads to
expect; the form engineers and auditors know from the Highway Safety Manual.

Source: Hauer 1997; AASHTO Highway Safety Manual 2010, appendix 9A and section 9.10.

Formula: w = 1/(1 + k P_b), EB_b = w P_b + (1 - w) X_b, r = P_a/P_b, EB_a = r EB_b, Var = r² EB_b (1 - w). Group: N = sum
EB_a, V = sum Var, O = sum observed after; theta = (O/N)/(1 + V/N²), Var(theta) = theta² (1/O + V/N²)/(1 + V/N²)².
P_b, P_a are predictions for the two windows (the calendar curve, or a regression), k is the dispersion of sites.

Cost: O(sites), no iteration.

Edge cases: nothing observed after: theta 0, error undefined (`null`), use the predictive interval of the default
estimator. A prediction of 0 before is refused with its row. Selection on the past is corrected only as far as the
predictions come from sites that were not selected: never-treated sites alone are the lucky ones (bias about +7 %).

Example: 13 passing-lane sites, 122 crashes before and 30 after: N = 42.881, V = 11.16, theta = 0.6954, effect 30.46 %,
standard error 13.72 %.
";

/// Empirical Bayes before and after.
pub static EMPIRICAL_BAYES: Design = Design {
    name: "eb_before_after",
    title: "经验贝叶斯前后对比（HSM）",
    doc: DOC,
    input: &[(
        "sites",
        "list of `pred_before`, `pred_after`, `k`, `obs_before`, `obs_after`",
    )],
    run,
};

/// One site of the table.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Row {
    /// Predicted tickets in the before window, above 0.
    pub pred_before: f64,
    /// Predicted tickets in the after window.
    pub pred_after: f64,
    /// Dispersion of sites around the prediction (variance of multipliers).
    pub k: f64,
    /// Observed before.
    pub obs_before: f64,
    /// Observed after.
    pub obs_after: f64,
}

/// One site's expectation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Weight of the prediction.
    pub w: f64,
    /// Expected in the before window.
    pub before: f64,
    /// Prediction after over prediction before.
    pub r: f64,
    /// Expected in the after window had nothing been done.
    pub after: f64,
    /// Variance of that.
    pub variance: f64,
}

impl Row {
    /// The site's expectation; a prediction before that is not above 0 gives `None`.
    #[must_use]
    pub fn expected(&self) -> Option<Expected> {
        let all = [
            self.pred_before,
            self.pred_after,
            self.k,
            self.obs_before,
            self.obs_after,
        ];
        if all.iter().any(|x| !(x.is_finite() && *x >= 0.0)) || self.pred_before <= 0.0 {
            return None;
        }
        let w = 1.0 / (1.0 + self.k * self.pred_before);
        let before = w * self.pred_before + (1.0 - w) * self.obs_before;
        let r = self.pred_after / self.pred_before;
        Some(Expected {
            w,
            before,
            r,
            after: r * before,
            variance: r * r * before * (1.0 - w),
        })
    }
}

/// All sites taken together: observed and expected with its variance; the row of the first unusable site otherwise.
pub fn together(rows: &[Row]) -> Result<(Vec<Expected>, Against), DesignError> {
    let expected: Option<Vec<Expected>> = rows.iter().map(Row::expected).collect();
    let Some(expected) = expected.filter(|e| !e.is_empty()) else {
        let row = rows.iter().position(|r| r.expected().is_none());
        let what = row.map_or("no sites".to_owned(), |i| {
            format!("site {i} has no prediction above 0 before, or a figure that is negative")
        });
        return Err(DesignError::invalid(what, "correct the table"));
    };
    let sum = |get: fn(&Expected) -> f64| expected.iter().map(get).sum::<f64>();
    let observed = rows.iter().map(|r| r.obs_after).sum();
    let against = Against::poisson(observed, sum(|e| e.after), sum(|e| e.variance));
    Ok((expected, against))
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    #[derive(Deserialize)]
    struct Document {
        sites: Vec<Row>,
    }
    let document: Document = read(input)?;
    let (expected, against) = together(&document.sites)?;
    let list = |get: fn(&Expected) -> f64| figures(expected.iter().map(get));
    let mut answer = Answer::new();
    answer.put("w", list(|e| e.w));
    answer.put("exp_before", list(|e| e.before));
    answer.put("r", list(|e| e.r));
    answer.put("exp_after", list(|e| e.after));
    answer.put("var", list(|e| e.variance));
    answer.put("sd_exp_before", list(|e| ((1.0 - e.w) * e.before).sqrt()));
    let before: f64 = document.sites.iter().map(|r| r.obs_before).sum();
    answer.put("sum_obs_before", figure(before));
    answer.put("sum_exp_after", figure(against.expected));
    answer.put("sum_var", figure(against.expected_variance));
    answer.put("obs_after", figure(against.observed));
    let Some(ratio) = against.ratio() else {
        answer.note("NOTHING_EXPECTED", "期望为0，比值没有定义");
        return Ok(answer);
    };
    answer.put("or_naive", figure(against.observed / against.expected));
    put_ratio(&mut answer, &ratio);
    answer.put("effect_pct", figure(100.0 * (1.0 - ratio.theta)));
    if let Some(se) = ratio.se {
        answer.put("se_pct", figure(100.0 * se));
        answer.put("z", figure((1.0 - ratio.theta) / se));
    }
    Ok(answer)
}

/// Ratio, error and both intervals under the names of the golden cases.
pub(crate) fn put_ratio(answer: &mut Answer, ratio: &Ratio) {
    answer.put("theta", figure(ratio.theta));
    let Some(se) = ratio.se else {
        answer.note("NONE_AFTER", "治理后一件也没有，误差没有定义，请看预测区间");
        return;
    };
    answer.put("se_theta", figure(se));
    let both = [
        ("lo95", "hi95", ratio.plain_interval()),
        ("lo95_log", "hi95_log", ratio.log_interval()),
    ];
    for (low, high, interval) in both {
        if let Some([l, h]) = interval {
            answer.put(low, figure(l));
            answer.put(high, figure(h));
        }
    }
}
