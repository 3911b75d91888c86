//! Which method foretells the next period best?

use serde_json::{Map, Value, json};

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};

/// How well a ranking of places foretells the next period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Foresight {
    /// Places flagged.
    pub flagged: usize,
    /// Share of the area flagged.
    pub area_share: f64,
    /// Share of the next period's events inside the flagged places.
    pub hit_rate: f64,
    /// Prediction accuracy index: hit rate / area share.
    pub pai: f64,
    /// Prediction efficiency index: hit rate / the best possible hit rate on the same area.
    pub pei: f64,
}

/// Flags places by score until `share` of the area is used and counts what happens there next.
///
/// Ties of score keep the order of the input. `None` without events, without area, or when not one place fits. O(n log n).
#[must_use]
pub fn foresight(score: &[f64], next: &[f64], area: &[f64], share: f64) -> Option<Foresight> {
    let (all, total): (f64, f64) = (next.iter().sum(), area.iter().sum());
    if all <= 0.0 || total <= 0.0 {
        return None;
    }
    let flagged = fill(&sorted_by(score.iter().copied()), area, total * share);
    if flagged.is_empty() {
        return None;
    }
    let used: f64 = flagged.iter().map(|&i| area[i]).sum();
    let hit: f64 = flagged.iter().map(|&i| next[i]).sum();
    let dense = next
        .iter()
        .zip(area)
        .map(|(n, a)| if *a > 0.0 { n / a } else { 0.0 });
    let ideal: f64 = fill(&sorted_by(dense), area, used)
        .iter()
        .map(|&i| next[i])
        .sum();
    let (hit_rate, area_share) = (hit / all, used / total);
    Some(Foresight {
        flagged: flagged.len(),
        area_share,
        hit_rate,
        pai: hit_rate / area_share,
        pei: if ideal > 0.0 { hit / ideal } else { 0.0 },
    })
}

fn sorted_by(score: impl Iterator<Item = f64>) -> Vec<usize> {
    let score: Vec<f64> = score.collect();
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&a, &b| score[b].total_cmp(&score[a]).then(a.cmp(&b)));
    order
}

/// The first places whose area stays within the budget.
fn fill(order: &[usize], area: &[f64], budget: f64) -> Vec<usize> {
    let mut used = 0.0;
    let mut out = Vec::new();
    for &i in order {
        if used + area[i] > budget * (1.0 + 1e-12) {
            break;
        }
        used += area[i];
        out.push(i);
    }
    out
}

static PARAMS: &[Param] = &[Param {
    name: "shares",
    title: "面积占比",
    unit: "",
    kind: Kind::Numbers {
        default: &[0.01, 0.02, 0.05, 0.10],
        min: 1e-6,
        max: 1.0,
    },
    doc: "Shares of the area that are flagged.",
}];

static DOC: &str = "
Answers: which method foretells the next period best?

Source: Chainey, Tompson, Uhlig 2008 (PAI); Hunt 2016 (PEI).

Formula: places are flagged by falling score until a share of the area is used; hit rate = share of the next period's events
inside; PAI = hit rate / area share; PEI = hit rate / best possible hit rate on the same area. Every column of scores is one
method; put the raw count of the past beside them, it is the method to beat.

Cost: O(n log n) a method.

Edge cases: no events in the next period or an area share below one place → null.

Example: 100 equal places, 10 flagged, 40 % of the events inside: PAI 4.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["cells", "input"],
    columns: "`next` (events of the next period), `area` (1 when absent), and one column `score_NAME` per method",
}];

/// Comparison of methods on the next period.
pub static COMPARE: Method = Method {
    name: "compare",
    title: "方法对比",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let next = table.numbers("next")?;
    let area = table.numbers_or("area", 1.0)?;
    let mut methods = Map::new();
    for column in table.columns() {
        let Some(name) = column.strip_prefix("score_") else {
            continue;
        };
        let score = table.numbers(column)?;
        let rows: Vec<Value> = settings
            .numbers("shares")
            .iter()
            .map(|share| {
                let found = foresight(&score, &next, &area, *share);
                found.map_or(Value::Null, |f| {
                    json!({ "share": share, "flagged": f.flagged, "area_share": f.area_share,
                            "hit_rate": f.hit_rate, "pai": f.pai, "pei": f.pei })
                })
            })
            .collect();
        methods.insert(name.to_owned(), Value::Array(rows));
    }
    if methods.is_empty() {
        return Err(MethodError::Invalid {
            what: "no column of scores".to_owned(),
            cure: "name columns of scores score_NAME",
        });
    }
    let mut answer = Answer::new();
    answer.put("methods", methods);
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::foresight;

    #[test]
    fn a_tenth_of_the_area_with_four_tenths_of_the_events_has_an_index_of_four() {
        let score: Vec<f64> = (0..100).map(f64::from).collect();
        let mut next = vec![6.0 / 9.0; 100];
        next[90..].fill(4.0);
        let got = foresight(&score, &next, &[1.0; 100], 0.10).unwrap();
        assert_eq!(got.flagged, 10);
        assert!(
            (got.hit_rate - 0.4).abs() < 1e-12
                && (got.pai - 4.0).abs() < 1e-12
                && (got.pei - 1.0).abs() < 1e-12
        );
        assert!(foresight(&score, &[0.0; 100], &[1.0; 100], 0.10).is_none());
        assert!(foresight(&score, &next, &[1.0; 100], 0.001).is_none());
    }
}
