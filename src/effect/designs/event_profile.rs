//! How did sites of one measure type run, month by month, around their measures?

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::effect::designs::design::{Design, DesignError, figure, read};
use crate::effect::predictive::Predictive;
use crate::hotspot::method::Answer;
use crate::stats::number::whole;

/// Sites with fewer clean tickets are left out of the picture, not of the verdict.
pub const LEAST_CLEAN: f64 = 5.0;

static DOC: &str = "
Answers: the picture to show of a measure type: tickets against expectation in each month before the decision and after
the works. Unshrunk on purpose: the hump in the months before the decision IS the selection (falling back), a slope before
it means trouble with the reference.

Source: rule book section 9.5; interval as in section 5.1 (negative binomial predictive, mid-p).

Formula: clean baseline = history without its last 182 days; E_ie = Y_i,clean/GAMMA_i,clean · GAMMA_ie for 30-day months e;
theta_e = sum y_ie / sum E_ie; Var(E_ie) = E_ie² psi/Y_i,clean; interval by inverting the mid-p tails of the sums.

Cost: O(sites · months).

Edge cases: sites with fewer than 5 clean tickets are left out and counted; a month without expectation has no ratio
(`null`); no ticket in a month: ratio 0 with an upper end; an open upper end is `inf`.

Example: one site with 20 clean tickets over GAMMA 10 and 9 tickets in a month of GAMMA 3: E = 6, theta = 1.5.
";

/// Event profile of a type.
pub static EVENT_PROFILE: Design = Design {
    name: "event_profile",
    title: "措施前后逐月曲线",
    doc: DOC,
    input: &[
        ("psi", "clumping, at least 1"),
        ("alpha", "error of the intervals, .05 when absent"),
        (
            "sites",
            "list of `clean_y`, `clean_gamma` and `months`: list of `e`, `y`, `gamma`",
        ),
    ],
    run,
};

/// A month of a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Month {
    /// Months since the works had settled, below 0 before the decision.
    pub e: i32,
    /// Tickets.
    pub y: f64,
    /// Expected tickets of an average site.
    pub gamma: f64,
}

/// A site with its clean baseline.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct SiteMonths {
    /// Tickets of the clean baseline.
    pub clean_y: f64,
    /// Expected tickets of an average site in those days.
    pub clean_gamma: f64,
    /// Its months.
    pub months: Vec<Month>,
}

/// A point of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Month.
    pub e: i32,
    /// Sites in it.
    pub sites: usize,
    /// Tickets.
    pub y: u64,
    /// Expected.
    pub expected: f64,
    /// Ratio of the two; `None` without expectation.
    pub theta: Option<f64>,
    /// Lower end.
    pub lo: f64,
    /// Upper end, may be infinite.
    pub hi: f64,
}

/// The picture: one point a month, rising, and the number of sites left out.
#[must_use]
pub fn profile(sites: &[SiteMonths], psi: f64, alpha: f64) -> (Vec<Point>, usize) {
    let usable = |s: &&SiteMonths| s.clean_y >= LEAST_CLEAN && s.clean_gamma > 0.0;
    // Per month: sites, tickets, expectation, variance of the expectation.
    let mut sums: BTreeMap<i32, (usize, f64, f64, f64)> = BTreeMap::new();
    for site in sites.iter().filter(usable) {
        for month in &site.months {
            let expected = site.clean_y / site.clean_gamma * month.gamma;
            let own = sums.entry(month.e).or_default();
            own.0 += 1;
            own.1 += month.y;
            own.2 += expected;
            own.3 += expected * expected * psi / site.clean_y;
        }
    }
    let point = |(e, (sites, y, expected, variance)): (i32, (usize, f64, f64, f64))| {
        let law = Predictive {
            expected,
            rel: if expected > 0.0 {
                variance / (expected * expected)
            } else {
                0.0
            },
            psi,
        };
        let y = whole(y.round()).unwrap_or(0);
        let found = law.effect(y, alpha);
        Point {
            e,
            sites,
            y,
            expected,
            theta: (expected > 0.0).then(|| y as f64 / expected),
            lo: found.lo,
            hi: found.hi,
        }
    };
    let left_out = sites.len() - sites.iter().filter(usable).count();
    (sums.into_iter().map(point).collect(), left_out)
}

#[derive(Deserialize)]
struct Document {
    psi: f64,
    alpha: Option<f64>,
    sites: Vec<SiteMonths>,
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    let given: Document = read(input)?;
    let alpha = given.alpha.unwrap_or(0.05);
    if !(given.psi >= 1.0 && given.psi.is_finite() && alpha > 0.0 && alpha < 1.0) {
        let what = format!("psi is {}, alpha is {alpha}", given.psi);
        return Err(DesignError::invalid(
            what,
            "psi is at least 1, alpha within 0 to 1",
        ));
    }
    for (at, site) in given.sites.iter().enumerate() {
        let months = site.months.iter().flat_map(|m| [m.y, m.gamma]);
        let mut all = months.chain([site.clean_y, site.clean_gamma]);
        if all.any(|x| !(x.is_finite() && x >= 0.0)) {
            let what = format!("site {at} has a figure below 0");
            return Err(DesignError::invalid(
                what,
                "counts and expectations are not negative",
            ));
        }
    }
    let (points, left_out) = profile(&given.sites, given.psi, alpha);
    let mut answer = Answer::new();
    answer.put("months", points.iter().map(shown).collect::<Vec<_>>());
    answer.put("left_out", left_out);
    if left_out > 0 {
        let text = format!("{left_out}个点位平稳期不足{LEAST_CLEAN}件，未画入");
        answer.note("FEW_CLEAN", text);
    }
    answer.note(
        "HUMP",
        "决定前几个月的隆起就是挑点造成的（回落），不是措施的作用",
    );
    Ok(answer)
}

fn shown(point: &Point) -> Value {
    json!({
        "e": point.e,
        "sites": point.sites,
        "y": point.y,
        "expected": figure(point.expected),
        "theta": point.theta.map_or(Value::Null, figure),
        "lo": figure(point.lo),
        "hi": figure(point.hi),
    })
}

#[cfg(test)]
mod tests {
    use super::{Month, SiteMonths, profile};

    #[test]
    fn sites_with_few_clean_tickets_stay_out_of_the_picture() {
        let site = |clean_y| SiteMonths {
            clean_y,
            clean_gamma: 10.0,
            months: vec![
                Month {
                    e: 0,
                    y: 9.0,
                    gamma: 3.0,
                },
                Month {
                    e: 1,
                    y: 0.0,
                    gamma: 0.0,
                },
            ],
        };
        let (points, left_out) = profile(&[site(20.0), site(4.0)], 1.0, 0.05);
        assert_eq!((points.len(), left_out, points[0].sites), (2, 1, 1));
        assert!((points[0].theta.unwrap() - 1.5).abs() < 1e-12);
        assert!(points[0].lo < 1.5 && points[0].hi > 1.5);
        assert_eq!(points[1].theta, None);
        assert!(profile(&[], 1.0, 0.05).0.is_empty());
    }
}
