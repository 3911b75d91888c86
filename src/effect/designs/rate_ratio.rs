//! Do the plain rates before and after differ, with nothing taken into account?

use serde::Deserialize;
use serde_json::Value;

use crate::effect::designs::design::{Design, DesignError, figure, read};
use crate::hotspot::method::Answer;
use crate::stats::two_rates::{Counted, two_rates};

static DOC: &str = "
Answers: tickets per day after against tickets per day before, with an exact interval. Nothing is corrected: neither
calendar nor trend nor falling back. Only for sites picked by lot, or for a quick look with the label.

Source: Clopper, Pearson 1934; Lancaster 1961 (mid-p); Krishnamoorthy, Thomson 2004 (E-test).

Formula: given n = y1 + y2, y1 is binomial with odds ratio·t1/t2. Intervals of the share p are mapped by ratio = p/(1 - p)
t2/t1. E-test: chance, when both have the pooled rate, of a difference at least as large in errors of the pooled rate.

Cost: O(counts) tails, about 0.2 ms at counts of 20; above 10 million tickets the E-test is the score test.

Edge cases: no ticket on one side: ratio 0 or `inf` with a one-sided interval; none on either: no ratio, p = 1. A time of
0 or a count with a fraction is refused.

Example: 6 against 2 over equal times: ratio 3, mid-p interval 0.63 to 21.6, E-test p = 0.1749.
";

/// Two Poisson rates.
pub static RATE_RATIO: Design = Design {
    name: "rate_ratio",
    title: "两期率比（未校正）",
    doc: DOC,
    input: &[
        ("y1", "tickets in the first period (after)"),
        ("t1", "its days or exposure"),
        ("y2", "tickets in the second period (before)"),
        ("t2", "its days or exposure"),
    ],
    run,
};

#[derive(Deserialize)]
struct Document {
    y1: f64,
    t1: f64,
    y2: f64,
    t2: f64,
}

fn run(input: &Value) -> Result<Answer, DesignError> {
    let given: Document = read(input)?;
    let counted = |cases, time| Counted { cases, time };
    let first = counted(given.y1, given.t1);
    let found = two_rates(first, counted(given.y2, given.t2), 0.05)?;
    let mut answer = Answer::new();
    answer.put("ratio", found.ratio.map_or(Value::Null, figure));
    answer.put("exact_lo95", figure(found.exact.low));
    answer.put("exact_hi95", figure(found.exact.high));
    answer.put("exact_p_minlike", figure(found.exact_p_minlike));
    answer.put("exact_p_central", figure(found.exact_p_central));
    answer.put("midp_p", figure(found.mid_p));
    answer.put("midp_lo95", figure(found.mid.low));
    answer.put("midp_hi95", figure(found.mid.high));
    answer.put("etest_p", figure(found.etest_p));
    answer.put("score_p", figure(found.score_p));
    answer.note("NO_CORRECTION", "未校正：没有扣除季节、趋势和回落");
    Ok(answer)
}
