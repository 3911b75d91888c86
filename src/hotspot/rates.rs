//! Has this place more tickets than its exposure explains?

use serde_json::json;

use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::Settings;
use crate::stats::bayes::{Excess, RateError, excess, marshall, rank_by_excess};
use crate::stats::distribution::poisson_upper;

static DOC: &str = "
Answers: which places have more tickets than their exposure (road length, pupils, parking places, population, traffic)
explains, and how sure is it?

Source: Marshall 1991 (empirical Bayes rate); negative binomial excess as in the rule book, section 5.

Formula: mu = N e / sum e. Dispersion by trimmed moments: over the rows whose raw rate is at or below its 95 % quantile,
`alpha = max(0, sum((x - mu)² - mu) / sum mu²)`. p = P(X >= x) for the negative binomial with mean mu and variance
mu + alpha mu² (Poisson if alpha = 0), q by Benjamini–Hochberg. Relative risk (x + 1/alpha) / (mu + 1/alpha) with the 95 %
interval of Gamma(x + 1/alpha, mu + 1/alpha); excess = (RR - 1) mu tickets. Rank by excess, then by relative risk.

Cost: O(n log n), two gamma quantiles a row.

Edge cases: exposure 0 and no tickets: the row is left out (`null`); exposure 0 with tickets is refused with its row; alpha
= 0 shrinks every relative risk to 1.

Example: St Louis region homicides: b = 9.997e-5, alpha = 0.113, the first county has 18.46 expected and RR 0.434.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "rates"],
    columns: "`id`, `cases`, `exposure`",
}];

/// Rates with exposure.
pub static RATES: Method = Method {
    name: "rates",
    title: "暴露量校正率",
    doc: DOC,
    inputs: INPUTS,
    params: &[],
    run,
};

fn run(input: &Input, _settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let ids = table.texts("id")?;
    let (cases, exposure) = (table.numbers("cases")?, table.numbers("exposure")?);
    let refused = |e: RateError| MethodError::Invalid {
        what: e.to_string(),
        cure: "correct the table",
    };
    let found = excess(&cases, &exposure).map_err(refused)?;
    let smooth = marshall(&cases, &exposure).map_err(refused)?;
    let mut answer = Answer::new();
    let dropped = found.rows.iter().filter(|r| r.is_none()).count();
    if dropped > 0 {
        answer.note(
            "NO_EXPOSURE",
            format!("{dropped}行暴露量为0且无工单,未计入"),
        );
    }
    if cases.iter().sum::<f64>() < 30.0 {
        answer.note("TOO_FEW", "样本不足30件,不作显著性判断");
    }
    let field = |get: fn(&Excess) -> f64| optional(found.rows.iter().map(|r| r.as_ref().map(get)));
    answer.put("id", ids);
    answer.put("mean_rate", found.model.mean_rate);
    answer.put("nb_alpha", found.model.alpha);
    answer.put("eb_global", optional(smooth));
    answer.put("expected", field(|r| r.expected));
    answer.put("p_upper_nb", field(|r| r.p));
    let poisson = found
        .rows
        .iter()
        .zip(&cases)
        .map(|(r, x)| r.map(|r| poisson_upper(*x, r.expected)));
    answer.put("p_upper_poisson", optional(poisson));
    answer.put("q_bh_nb", optional(found.q.iter().copied()));
    answer.put("relative_risk_shrunk", field(|r| r.relative_risk));
    answer.put("relative_risk_low", field(|r| r.interval.low));
    answer.put("relative_risk_high", field(|r| r.interval.high));
    answer.put("excess", field(|r| r.excess));
    answer.put("rank", json!(rank_by_excess(&found.rows)));
    Ok(answer)
}
