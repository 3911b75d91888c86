//! What would the treated sites have done if they had moved like other sites, and do they usually move alike?

use serde::Deserialize;
use serde_json::Value;

use crate::effect::designs::design::{Design, DesignError, figure, figures, read};
use crate::effect::designs::empirical_bayes::put_ratio;
use crate::effect::designs::hauer::Against;
use crate::hotspot::method::Answer;
use crate::stats::distribution::Z_975;

static DOC: &str = "
Answers: tickets after, against tickets before moved by the trend of a comparison group; and whether that group moved
like the treated sites in the years before. No correction for falling back: sites picked for a bad spell look helped.

Source: Hauer 1997 chapter 9; AASHTO Highway Safety Manual 2010, section 9.4.

Formula: with K, L treated before and after and M, N comparison before and after: r_T = (N/M)/(1 + 1/M), pi = r_T K,
Var(pi) = pi² (1/K + 1/M + 1/N + Var(omega)), theta = (L/pi)/(1 + Var(pi)/pi²). Comparability over consecutive yearly (or
same-season) pairs: o_i = (T_i C_{i+1})/(T_{i+1} C_i)/(1 + 1/T_{i+1} + 1/C_i), mean, s², se = s/√n; comparable when 1 lies in
mean ± 1.96 se and .9 <= mean <= 1.1. Var(omega) = max(0, s² - mean(1/T_i + 1/T_{i+1} + 1/C_i + 1/C_{i+1})).

Cost: O(years).

Edge cases: K, M or N of 0 is refused, the trend has no value; L of 0 gives theta 0 with undefined error; pairs with a
zero count are left out of the comparability; fewer than two pairs leave it undefined.

Example: K = 173, L = 144, M = 897, N = 870: r_T = 0.96882, pi = 167.61, theta = 0.852 with standard error 0.104.
";

/// Comparison group with its test of comparability.
pub static COMPARISON_GROUP: Design = Design {
    name: "comparison_group",
    title: "对照组前后对比",
    doc: DOC,
    input: &[
        ("K", "tickets of the treated sites before"),
        ("L", "the same after"),
        ("M", "tickets of the comparison group before"),
        ("N", "the same after"),
        (
            "var_omega",
            "variance of the odds ratio between the groups; 0 or from the series below when absent",
        ),
        (
            "treated",
            "tickets of the treated sites by year (or season) before, for the comparability test",
        ),
        ("comparison", "the same of the comparison group"),
    ],
    run,
};

/// Four counts of a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Four {
    /// Treated before.
    pub treated_before: f64,
    /// Treated after.
    pub treated_after: f64,
    /// Comparison before.
    pub control_before: f64,
    /// Comparison after.
    pub control_after: f64,
    /// Variance of the odds ratio between the groups.
    pub var_omega: f64,
}

impl Four {
    /// Trend of the comparison group, and the treated count against the moved one; `None` without counts to move.
    #[must_use]
    pub fn against(&self) -> Option<(f64, Against)> {
        let (k, m, n) = (self.treated_before, self.control_before, self.control_after);
        let usable = [k, m, n].iter().all(|x| *x > 0.0 && x.is_finite());
        if !(usable && self.treated_after >= 0.0 && self.var_omega >= 0.0) {
            return None;
        }
        let trend = (n / m) / (1.0 + 1.0 / m);
        let moved = trend * k;
        let variance = moved * moved * (1.0 / k + 1.0 / m + 1.0 / n + self.var_omega);
        Some((trend, Against::poisson(self.treated_after, moved, variance)))
    }
}

/// How alike two groups moved before anything was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparability {
    /// Odds ratio of each consecutive pair that has tickets on all four sides.
    pub odds: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their variance.
    pub s2: f64,
    /// Standard error of the mean.
    pub se: f64,
    /// 95 % interval of the mean.
    pub interval: [f64; 2],
    /// What the odds ratios vary beyond chance.
    pub var_omega: f64,
    /// Whether the group may be used: 1 in the interval and a mean within .9 to 1.1.
    pub comparable: bool,
}

/// Compares two series of counts of equal length; `None` with fewer than two usable pairs.
#[must_use]
pub fn comparability(treated: &[f64], comparison: &[f64]) -> Option<Comparability> {
    let mut odds = Vec::new();
    let mut chance = 0.0;
    let years: Vec<(f64, f64)> = treated
        .iter()
        .copied()
        .zip(comparison.iter().copied())
        .collect();
    for pair in years.windows(2) {
        let [(t0, c0), (t1, c1)] = [pair[0], pair[1]];
        if [t0, t1, c0, c1].iter().all(|x| *x > 0.0 && x.is_finite()) {
            odds.push((t0 * c1) / (t1 * c0) / (1.0 + 1.0 / t1 + 1.0 / c0));
            chance += 1.0 / t0 + 1.0 / t1 + 1.0 / c0 + 1.0 / c1;
        }
    }
    let n = odds.len() as f64;
    if odds.len() < 2 {
        return None;
    }
    let mean = odds.iter().sum::<f64>() / n;
    let s2 = odds.iter().map(|o| (o - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let se = (s2 / n).sqrt();
    let interval = [mean - Z_975 * se, mean + Z_975 * se];
    let level = (0.9..=1.1).contains(&mean);
    Some(Comparability {
        mean,
        s2,
        se,
        interval,
        var_omega: (s2 - chance / n).max(0.0),
        comparable: interval[0] <= 1.0 && 1.0 <= interval[1] && level,
        odds,
    })
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "K")]
    k: Option<f64>,
    #[serde(rename = "L")]
    l: Option<f64>,
    #[serde(rename = "M")]
    m: Option<f64>,
    #[serde(rename = "N")]
    n: Option<f64>,
    var_omega: Option<f64>,
    treated: Option<Vec<f64>>,
    comparison: Option<Vec<f64>>,
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    let given: Document = read(input)?;
    let mut answer = Answer::new();
    let mut omega = given.var_omega;
    let mut said = false;
    if let (Some(treated), Some(comparison)) = (&given.treated, &given.comparison) {
        said = true;
        if treated.len() != comparison.len() {
            let what = format!("{} and {} periods", treated.len(), comparison.len());
            return Err(DesignError::invalid(
                what,
                "give both series for the same periods",
            ));
        }
        match comparability(treated, comparison) {
            Some(found) => {
                omega = omega.or(Some(found.var_omega));
                put_comparability(&mut answer, &found);
            }
            None => answer.note("TOO_FEW", "可用的相邻年份不足两对，不作可比性判断"),
        }
    }
    if let (Some(k), Some(l), Some(m), Some(n)) = (given.k, given.l, given.m, given.n) {
        said = true;
        let four = Four {
            treated_before: k,
            treated_after: l,
            control_before: m,
            control_after: n,
            var_omega: omega.unwrap_or(0.0),
        };
        put_estimate(&mut answer, &four)?;
    }
    if said {
        return Ok(answer);
    }
    let why = "neither K, L, M, N nor treated and comparison are given".to_owned();
    Err(DesignError::Input { why })
}

fn put_comparability(answer: &mut Answer, found: &Comparability) {
    answer.put("odds", figures(found.odds.iter().copied()));
    answer.put("mean", figure(found.mean));
    answer.put("s2", figure(found.s2));
    answer.put("se", figure(found.se));
    answer.put("lo95", figure(found.interval[0]));
    answer.put("hi95", figure(found.interval[1]));
    answer.put("var_omega", figure(found.var_omega));
    answer.put("comparable", found.comparable);
}

fn put_estimate(answer: &mut Answer, four: &Four) -> Result<(), DesignError> {
    let Some((trend, against)) = four.against() else {
        let what = format!(
            "K = {}, M = {}, N = {} cannot be moved by a trend",
            four.treated_before, four.control_before, four.control_after
        );
        return Err(DesignError::invalid(
            what,
            "K, M and N must be above 0, L and var_omega not below 0",
        ));
    };
    answer.put("r_T", figure(trend));
    answer.put("pi", figure(against.expected));
    answer.put("var_pi", figure(against.expected_variance));
    let variance = against.observed + against.expected_variance;
    answer.put("delta", figure(against.expected - against.observed));
    answer.put("se_delta", figure(variance.sqrt()));
    if let Some(ratio) = against.ratio() {
        put_ratio(answer, &ratio);
    }
    answer.note(
        "NO_RTM",
        "未校正回落（均值回归）：按差的时段挑出来的点位会显得有效",
    );
    Ok(())
}
