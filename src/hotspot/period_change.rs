//! Where did it get worse or better between two periods, beyond chance?

use serde_json::{Value, json};

use crate::hotspot::gi_star::classes;
use crate::hotspot::method::{Answer, Method, MethodError, optional};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::stats::multiple::Correction;
use crate::stats::number::whole;
use crate::stats::rate::{CountChange, count_change};

/// One place in two periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Ratio of rates and two-sided p; undefined where both counts are 0.
    pub test: CountChange,
    /// Rate after, held against what the lengths (or the city's own change) lead one to expect: above 1 = worse.
    pub worse: bool,
}

/// Tests every place; `lengths` = lengths of the periods in days, or with `against_city` the totals of the city.
#[must_use]
pub fn changes(counts: &[(u64, u64)], lengths: (f64, f64), against_city: bool) -> Vec<Change> {
    let total = counts.iter().fold((0, 0), |t, c| (t.0 + c.0, t.1 + c.1));
    let base = if against_city {
        (total.0 as f64, total.1 as f64)
    } else {
        lengths
    };
    counts
        .iter()
        .map(|&(before, after)| {
            let test = count_change((before, base.0), (after, base.1));
            let worse = after as f64 * base.0 > before as f64 * base.1;
            Change { test, worse }
        })
        .collect()
}

static PARAMS: &[Param] = &[
    Param {
        name: "days_before",
        title: "前期天数",
        unit: "days",
        kind: Kind::Real {
            default: 365.0,
            min: 0.01,
            max: 36_500.0,
        },
        doc: "Length of the first period.",
    },
    Param {
        name: "days_after",
        title: "后期天数",
        unit: "days",
        kind: Kind::Real {
            default: 365.0,
            min: 0.01,
            max: 36_500.0,
        },
        doc: "Length of the second period.",
    },
    Param {
        name: "baseline",
        title: "比较基准",
        unit: "",
        kind: Kind::Choice {
            default: "days",
            among: &["days", "city"],
        },
        doc: "days: against equal rates; city: against the change of the whole city, so that a city-wide rise colours nothing.",
    },
    Param {
        name: "correction",
        title: "多重检验",
        unit: "",
        kind: Kind::Choice {
            default: "bh",
            among: &["bh", "by", "none"],
        },
        doc: "Correction over all places with at least one ticket.",
    },
];

static DOC: &str = "
Answers: where did it get worse or better between two periods, beyond what chance would do?

Source: Przyborowski, Wilenski 1940 (exact conditional test of two Poisson counts); Benjamini, Hochberg 1995.

Formula: given `before + after` tickets of a place, `after` is binomial with share `d2 / (d1 + d2)` (lengths of the periods, or
totals of the city). p = doubled smaller exact tail, q by Benjamini–Hochberg over places with a ticket; class ±3, ±2, ±1
where q <= 0.01, 0.05, 0.10, positive when the rate rose.

Cost: O(n (before + after)).

Edge cases: no ticket in either period → undefined (`null`); none before → no ratio, but a p; equal counts → class 0; counts that
are not whole numbers are refused with their row. Repeated calls by one person make Poisson counts optimistic: count
caller-weeks.

Example: 10 before and 30 after in equal periods: ratio 3.0, p 0.0022.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "cells"],
    columns: "`cell` or `id`, `before`, `after` (whole numbers)",
}];

/// Change between two periods.
pub static PERIOD_CHANGE: Method = Method {
    name: "period_change",
    title: "两期变化",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let key = if table.has("cell") { "cell" } else { "id" };
    let count = |text: &str| text.parse().ok().and_then(whole);
    let before = table.read("before", "a whole number of at least 0", count)?;
    let after = table.read("after", "a whole number of at least 0", count)?;
    let counts: Vec<(u64, u64)> = before.into_iter().zip(after).collect();
    let lengths = (settings.real("days_before"), settings.real("days_after"));
    let found = changes(&counts, lengths, settings.choice("baseline") == "city");
    let mut answer = Answer::new();
    if counts.iter().map(|c| c.0 + c.1).sum::<u64>() < 30 {
        answer.note("TOO_FEW", "样本不足30件,不作显著性判断");
    }
    let correction = Correction::parse(settings.choice("correction")).unwrap_or_default();
    let p: Vec<Option<f64>> = found.iter().map(|c| c.test.p).collect();
    let worse: Vec<bool> = found.iter().map(|c| c.worse).collect();
    let (q, bins) = classes(&p, &worse, correction);
    let names: Vec<Value> = table.texts(key)?.into_iter().map(|t| json!(t)).collect();
    answer.put(key, names);
    answer.put("ratio", optional(found.iter().map(|c| c.test.ratio)));
    answer.put("p", optional(p));
    answer.put("q", optional(q));
    answer.put("bin", bins);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::changes;

    #[test]
    fn a_rise_of_the_whole_city_colours_nothing_against_the_city() {
        let counts = vec![(10, 30); 20];
        let plain = changes(&counts, (1.0, 1.0), false);
        assert!(plain[0].worse && plain[0].test.p.unwrap() < 0.003);
        assert!((plain[0].test.ratio.unwrap() - 3.0).abs() < 1e-12);
        let own = changes(&counts, (1.0, 1.0), true);
        assert!(!own[0].worse && own[0].test.p.unwrap() > 0.9);
        let none = changes(&[(0, 0)], (1.0, 1.0), false);
        assert_eq!((none[0].test.p, none[0].worse), (None, false));
    }
}
