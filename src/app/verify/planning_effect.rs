//! Do effects combine, learn and rank as known, and do texts fall into the known kinds?

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::verify::planning_desk::Desk;
use crate::case::Catalogue;
use crate::plan::{
    Alternative, Combine, LocalResult, Posterior, annuity, bundle_multiplier, combine, incremental,
};

const PART: &str = "effect";

/// From a row of a table to the names and values to compare.
type Rule = fn(&Value) -> Value;

fn figure(row: &Value, key: &str) -> f64 {
    row.get(key).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn figures(row: &Value, key: &str) -> Vec<f64> {
    let list = row.get(key).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_f64)
        .collect()
}

/// Six decimals, as the file keeps them.
fn six(x: f64) -> Value {
    json!((x * 1e6).round() / 1e6)
}

fn rows<'v>(file: &'v Value, key: &str) -> &'v [Value] {
    file.get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Runs `effect.json`: combination, annuity, posterior, incremental ranking and bundles.
pub(crate) fn effect(desk: &mut Desk<'_>, path: &Path) {
    let Some(file) = desk.json(PART, path) else {
        return;
    };
    let mut actual = serde_json::Map::new();
    let tables: [(&str, Rule); 5] = [
        ("combine", combined),
        (
            "annuity",
            |row| json!({ "factor": six(annuity(figure(row, "rate"), figure(row, "years"))) }),
        ),
        ("posterior", posterior),
        ("incremental", ranked),
        ("bundle", bundled),
    ];
    for (table, rule) in tables {
        let mut out = Vec::new();
        for (at, row) in rows(&file, table).iter().enumerate() {
            let found = rule(row);
            for (name, value) in found.as_object().into_iter().flatten() {
                let expected = row.get(name).unwrap_or(&Value::Null);
                desk.check(PART, &format!("{table} {at} {name}"), expected, value);
            }
            out.push(found);
        }
        actual.insert(table.to_owned(), Value::Array(out));
    }
    desk.emit("effect.json", &Value::Object(actual));
}

fn combined(row: &Value) -> Value {
    let given = figures(row, "multipliers");
    let all = Combine::ALL
        .iter()
        .map(|(name, rule)| ((*name).to_owned(), six(combine(&given, *rule))));
    Value::Object(all.collect())
}

fn posterior(row: &Value) -> Value {
    let local: Vec<LocalResult> = rows(row, "local")
        .iter()
        .map(|r| LocalResult {
            ratio: figure(r, "ratio"),
            log_se: figure(r, "log_se"),
        })
        .collect();
    let prior = [
        figure(row, "prior_low"),
        figure(row, "prior"),
        figure(row, "prior_high"),
    ];
    let learnt = Posterior::learn(prior, &local, figure(row, "tau"));
    let [low, high] = learnt.interval();
    json!({
        "log_mean": six(learnt.log_mean), "log_sd": six(learnt.log_sd), "multiplier": six(learnt.multiplier()),
        "lo80": six(low), "hi80": six(high),
    })
}

fn ranked(row: &Value) -> Value {
    let options: Vec<Alternative> = rows(row, "alternatives")
        .iter()
        .map(|a| Alternative {
            name: a
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            cost: figure(a, "cost"),
            benefit: figure(a, "benefit"),
        })
        .collect();
    let (chosen, steps) = incremental(&options);
    let steps: Vec<Value> = steps
        .iter()
        .map(|s| json!([s.kept, s.challenger, s.ratio.map(six), s.taken]))
        .collect();
    json!({ "chosen": chosen.map(|c| options[c].name.clone()), "steps": steps })
}

fn bundled(row: &Value) -> Value {
    let rule = Combine::default();
    let multiplier = bundle_multiplier(&figures(row, "main"), &figures(row, "side"), 0.5, rule);
    let years = figure(row, "life_years").min(figure(row, "horizon_years"));
    let weight = figure(row, "tickets_per_year") * figure(row, "weight");
    let prevented = weight * (1.0 - multiplier) * annuity(figure(row, "rate"), years);
    json!({ "multiplier": six(multiplier), "prevented_weighted_pv": six(prevented) })
}

/// Runs `kinds.csv`: text → kind by the rule of the catalogue.
pub(crate) fn kinds(desk: &mut Desk<'_>, path: &Path) {
    const PART: &str = "kinds";
    let catalogue = match Catalogue::shipped() {
        Ok(catalogue) => catalogue,
        Err(error) => return desk.fail(PART, &error.to_string()),
    };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => return desk.fail(PART, &format!("cannot be read: {error}")),
    };
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|h| h == name);
    let (Some(text), Some(answer)) = (column("text"), column("rule_answer")) else {
        return desk.fail(PART, "needs the columns text and rule_answer");
    };
    for row in reader.records() {
        let Ok(row) = row else {
            return desk.fail(PART, "a row cannot be read");
        };
        let given = row.get(text).unwrap_or_default();
        let found = catalogue
            .kinds
            .of_text(given)
            .map_or("none", |k| k.id.as_str());
        desk.check(PART, given, &json!(row.get(answer)), &json!(found));
    }
}
