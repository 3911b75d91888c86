//! Do the tests and intervals of the office equal the separately calculated golden cases?

use std::collections::BTreeMap;

use zhilu::stats::rate::{count_change, two_proportions, wilson};
use zhilu::stats::word::{Usage, log_odds_shift};

use crate::support;

/// Rows of one golden table as column → text.
fn rows(file: &str) -> Vec<BTreeMap<String, String>> {
    let Some(shared) = support::shared() else {
        return Vec::new();
    };
    let path = shared.join("data/oracles/casework").join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "{file} is empty");
    rows
}

fn number(row: &BTreeMap<String, String>, column: &str) -> Option<f64> {
    let text = &row[column];
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn whole(row: &BTreeMap<String, String>, column: &str) -> u64 {
    row[column].parse().unwrap()
}

/// Golden figures carry eight decimals.
fn same(got: Option<f64>, want: Option<f64>, row: &BTreeMap<String, String>) {
    match (got, want) {
        (None, None) => {}
        (Some(g), Some(w)) => assert!((g - w).abs() <= 5.1e-9, "{g} is not {w} in {row:?}"),
        _ => panic!("{got:?} is not {want:?} in {row:?}"),
    }
}

#[test]
fn wilson_intervals_equal_the_golden_ones() {
    for row in rows("stat_wilson.csv") {
        let got = wilson(whole(&row, "x"), whole(&row, "n"));
        same(got.map(|i| i.low), number(&row, "low95"), &row);
        same(got.map(|i| i.high), number(&row, "high95"), &row);
    }
}

#[test]
fn changes_of_shares_equal_the_golden_ones() {
    for row in rows("stat_two_proportions.csv") {
        let got = two_proportions(
            (whole(&row, "x_before"), whole(&row, "n_before")),
            (whole(&row, "x_after"), whole(&row, "n_after")),
        );
        same(got.map(|t| t.z), number(&row, "z"), &row);
        same(got.map(|t| t.p), number(&row, "p_two_sided"), &row);
    }
}

#[test]
fn changes_of_counts_equal_the_golden_ones() {
    for row in rows("stat_counts.csv") {
        let days = |column| number(&row, column).unwrap();
        let got = count_change(
            (whole(&row, "x_before"), days("days_before")),
            (whole(&row, "x_after"), days("days_after")),
        );
        same(got.ratio, number(&row, "rate_ratio"), &row);
        same(got.p, number(&row, "p_two_sided"), &row);
    }
}

#[test]
fn rising_words_equal_the_golden_ones() {
    for row in rows("keywords.csv") {
        let usage = |count, total| Usage {
            count: number(&row, count).unwrap(),
            total: number(&row, total).unwrap(),
        };
        let got = log_odds_shift(
            usage("count_now", "total_now"),
            usage("count_base", "total_base"),
            number(&row, "prior_total").unwrap(),
        );
        same(
            got.map(|s| s.log_odds),
            number(&row, "log_odds_delta"),
            &row,
        );
        same(got.map(|s| s.z), number(&row, "z"), &row);
    }
}
