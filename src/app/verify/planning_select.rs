//! Are the known choices found: measures under budgets, robust ones, knapsacks, and the conflicts of impossible ones?

use std::path::Path;

use serde_json::{Value, json};

use crate::app::verify::planning_desk::{Desk, files, stem};
use crate::optim::{
    BadChoice, Choice, Group, Item, Limits, Row, Selected, Status, conflict, repair,
    select as solve, select_robust,
};
use crate::stats::number::whole_i64;

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn wholes(value: &[Value]) -> Vec<i64> {
    value.iter().filter_map(Value::as_i64).collect()
}

/// A choice of a file, with the ids of its items in the order of the choice.
struct Case {
    choice: Choice,
    ids: Vec<i64>,
    low: Vec<i64>,
}

impl Case {
    fn read(file: &Value) -> Option<Self> {
        let mut rows: Vec<&Value> = list(file, "alternatives").iter().collect();
        rows.sort_by_key(|r| r.get("id").and_then(Value::as_i64));
        let ids: Vec<i64> = rows.iter().filter_map(|r| r.get("id")?.as_i64()).collect();
        let place = |id: i64| ids.binary_search(&id).ok();
        let whole = |row: &Value, key: &str| row.get(key).and_then(Value::as_i64);
        let mut sites: Vec<i64> = rows.iter().filter_map(|r| whole(r, "site")).collect();
        sites.sort_unstable();
        sites.dedup();
        let items: Option<Vec<Item>> = rows
            .iter()
            .map(|r| {
                Some(Item {
                    class: sites.binary_search(&whole(r, "site")?).ok()?,
                    gain: whole(r, "benefit")?,
                    cost: wholes(list(r, "cost")),
                })
            })
            .collect();
        let marked = |key: &str| -> Option<Vec<usize>> {
            wholes(list(file, key)).into_iter().map(place).collect()
        };
        let pairs = |key: &str| -> Option<Vec<(usize, usize)>> {
            let pair = |p: &Value| Some((place(p.get(0)?.as_i64()?)?, place(p.get(1)?.as_i64()?)?));
            list(file, key).iter().map(pair).collect()
        };
        let group = |g: &Value| {
            let members: Option<Vec<(usize, i64)>> = wholes(list(g, "members"))
                .into_iter()
                .map(|id| Some((place(id)?, 1)))
                .collect();
            Some(Group {
                members: members?,
                floor: whole(g, "floor"),
                cap: whole(g, "cap"),
            })
        };
        Some(Self {
            low: rows
                .iter()
                .map(|r| whole(r, "benefit_low").unwrap_or(0))
                .collect(),
            choice: Choice {
                items: items?,
                budgets: wholes(list(file, "budgets")),
                exclusions: pairs("conflicts")?,
                needs: pairs("prerequisites")?,
                groups: list(file, "groups")
                    .iter()
                    .map(group)
                    .collect::<Option<_>>()?,
                mandatory: marked("mandatory")?,
                forbidden: marked("forbidden")?,
            },
            ids,
        })
    }

    fn named(&self, chosen: &[usize]) -> Vec<i64> {
        chosen.iter().map(|&i| self.ids[i]).collect()
    }

    /// The name of a row in the words of the files.
    fn row(&self, file: &Value, row: Row) -> String {
        let id = |i: usize| self.ids[i];
        let group = |g: usize| {
            list(file, "groups")[g]
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or("?")
                .to_owned()
        };
        match row {
            Row::Budget(d) => format!("budget:{d}"),
            Row::Mandatory(i) => format!("mandatory:{}", id(i)),
            Row::Forbidden(i) => format!("forbidden:{}", id(i)),
            Row::Needs(k) => format!(
                "requires:{}->{}",
                id(self.choice.needs[k].0),
                id(self.choice.needs[k].1)
            ),
            Row::Exclusion(k) => {
                format!(
                    "exclusion:{}-{}",
                    id(self.choice.exclusions[k].0),
                    id(self.choice.exclusions[k].1)
                )
            }
            Row::Floor(g) => format!("floor:{}", group(g)),
            Row::Cap(g) => format!("cap:{}", group(g)),
        }
    }
}

/// Re-reads the rules from the file and says which one a plan breaks.
fn broken(file: &Value, chosen: &[i64]) -> Option<String> {
    let taken = |id: &Value| id.as_i64().is_some_and(|id| chosen.contains(&id));
    let rows: Vec<&Value> = list(file, "alternatives")
        .iter()
        .filter(|r| taken(&r["id"]))
        .collect();
    for (at, row) in rows.iter().enumerate() {
        if rows[..at].iter().any(|other| other["site"] == row["site"]) {
            return Some(format!("two alternatives of site {}", row["site"]));
        }
    }
    for (d, budget) in list(file, "budgets").iter().enumerate() {
        let spent: i64 = rows.iter().filter_map(|r| r["cost"][d].as_i64()).sum();
        if budget.as_i64().is_none_or(|b| spent > b) {
            return Some(format!("budget {d} is overspent: {spent}"));
        }
    }
    let pairs = |key: &str| list(file, key).iter().map(|p| (taken(&p[0]), taken(&p[1])));
    if pairs("conflicts").any(|(a, b)| a && b) || pairs("prerequisites").any(|(a, b)| a && !b) {
        return Some("a pair is broken".to_owned());
    }
    if !list(file, "mandatory").iter().all(taken) || list(file, "forbidden").iter().any(taken) {
        return Some("a mark is broken".to_owned());
    }
    list(file, "groups").iter().find_map(|g| {
        let count = i64::try_from(list(g, "members").iter().filter(|m| taken(m)).count())
            .unwrap_or(i64::MAX);
        let low = g["floor"].as_i64().is_some_and(|f| count < f);
        let high = g["cap"].as_i64().is_some_and(|c| count > c);
        (low || high).then(|| format!("group {} holds {count}", g["name"]))
    })
}

/// Runs `select/*.json`.
pub(crate) fn select(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let part = format!("select/{}", stem(&path));
        let Some(file) = desk.json(&part, &path) else {
            continue;
        };
        let Some(case) = Case::read(&file) else {
            desk.fail(
                &part,
                "is no choice: alternatives need id, site, benefit and cost, rows known ids",
            );
            continue;
        };
        let expected = &file["expected"];
        let outcome = if expected.get("robust").is_some() {
            robust(desk, &part, &file, &case)
        } else {
            plain(desk, &part, &file, &case)
        };
        match outcome {
            Ok(actual) => desk.emit(&format!("{part}.json"), &actual),
            Err(error) => desk.fail(&part, &error.to_string()),
        }
    }
}

fn status(found: &Selected) -> &'static str {
    match found.status {
        Status::Optimal => "optimal",
        Status::Gap => "gap",
        Status::Infeasible => "infeasible",
        Status::Unknown => "unknown",
    }
}

fn plain(desk: &mut Desk<'_>, part: &str, file: &Value, case: &Case) -> Result<Value, BadChoice> {
    let expected = &file["expected"];
    let found = solve(&case.choice, Limits::default(), None, &mut |_| true)?;
    let mut actual = json!({ "status": status(&found) });
    if found.status == Status::Infeasible {
        let rows = conflict(&case.choice, 1_000_000)?.unwrap_or_default();
        actual["conflict"] = rows.iter().map(|r| case.row(file, *r)).collect();
        if let Some(extra) = repair(&case.choice, Limits::default())?.and_then(|r| r.extra) {
            actual["extra_budget_needed"] = json!(extra);
        }
    } else {
        let chosen = case.named(&found.chosen);
        actual["objective"] = json!(found.gain);
        actual["least_cost"] = json!(found.cost);
        actual["spent"] = json!(found.spent);
        actual["chosen"] = json!(chosen);
        actual["ordered"] = json!(found.ordered);
        actual["nodes"] = json!(found.nodes);
        let wrong = broken(file, &chosen);
        desk.hold(
            part,
            "feasible",
            wrong.is_none(),
            wrong.as_deref().unwrap_or("all rows hold"),
        );
        if let Some(bound) = expected["lp_bound"].as_f64() {
            let detail = format!("{} against {bound} by a foreign solver", found.root_bound);
            desk.hold(part, "root bound", found.root_bound <= bound + 1.0, &detail);
        }
    }
    let unique = expected["unique"].as_bool() == Some(true);
    for name in [
        "status",
        "objective",
        "least_cost",
        "conflict",
        "extra_budget_needed",
        "chosen",
        "spent",
    ] {
        let compared = unique || !matches!(name, "chosen" | "spent");
        if let Some(value) = expected.get(name).filter(|_| compared) {
            desk.check(part, name, value, &actual[name]);
        }
    }
    Ok(actual)
}

fn robust(desk: &mut Desk<'_>, part: &str, file: &Value, case: &Case) -> Result<Value, BadChoice> {
    let mut out = Vec::new();
    for row in list(&file["expected"], "robust") {
        let gamma = row["gamma"]
            .as_u64()
            .and_then(|g| usize::try_from(g).ok())
            .unwrap_or(0);
        let found = select_robust(
            &case.choice,
            &case.low,
            gamma,
            Limits::default(),
            &mut |_| true,
        )?;
        let chosen = case.named(&found.chosen);
        let wrong = broken(file, &chosen);
        desk.hold(
            part,
            "feasible",
            wrong.is_none(),
            wrong.as_deref().unwrap_or("all rows hold"),
        );
        desk.hold(
            part,
            "status",
            found.status == Status::Optimal,
            status(&found),
        );
        let actual = json!({
            "gamma": gamma, "objective": found.gain, "least_cost": found.cost, "chosen": chosen,
        });
        let unique = row["unique"].as_bool() != Some(false);
        for name in ["objective", "least_cost", "chosen"]
            .into_iter()
            .filter(|n| unique || *n != "chosen")
        {
            if let Some(value) = row.get(name) {
                desk.check(part, &format!("gamma {gamma} {name}"), value, &actual[name]);
            }
        }
        out.push(actual);
    }
    Ok(json!({ "robust": out }))
}

/// Runs `mkp/*.json`: 0/1 knapsacks with several rows; figures with decimals are scaled to whole ones.
pub(crate) fn mkp(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let part = format!("mkp/{}", stem(&path));
        let Some(file) = desk.json(&part, &path) else {
            continue;
        };
        let Some((choice, scale)) = knapsack(&file) else {
            desk.fail(
                &part,
                "is no knapsack: needs profit, weights and capacity of matching lengths",
            );
            continue;
        };
        let found = match solve(&choice, Limits::default(), None, &mut |_| true) {
            Ok(found) => found,
            Err(error) => {
                desk.fail(&part, &error.to_string());
                continue;
            }
        };
        let objective = found.gain as f64 / scale;
        desk.hold(
            &part,
            "status",
            found.status == Status::Optimal,
            status(&found),
        );
        desk.check(
            &part,
            "objective",
            &file["expected"]["objective"],
            &json!(objective),
        );
        let fits = list(&file, "weights")
            .iter()
            .zip(list(&file, "capacity"))
            .all(|(row, cap)| {
                let used: f64 = found.chosen.iter().filter_map(|&i| row[i].as_f64()).sum();
                cap.as_f64().is_some_and(|c| used <= c + 1e-9)
            });
        desk.hold(&part, "feasible", fits, "every row within its capacity");
        desk.emit(
            &format!("{part}.json"),
            &json!({ "objective": objective, "chosen": found.chosen, "nodes": found.nodes }),
        );
    }
}

fn knapsack(file: &Value) -> Option<(Choice, f64)> {
    let reals = |v: &[Value]| -> Vec<f64> { v.iter().filter_map(Value::as_f64).collect() };
    let profit = reals(list(file, "profit"));
    let weights: Vec<Vec<f64>> = list(file, "weights")
        .iter()
        .map(|r| reals(r.as_array().map_or(&[], Vec::as_slice)))
        .collect();
    let capacity = reals(list(file, "capacity"));
    if weights.len() != capacity.len() || weights.iter().any(|r| r.len() != profit.len()) {
        return None;
    }
    let gains = scale(&profit)?;
    let costs = scale(&weights.iter().flatten().copied().collect::<Vec<_>>())?;
    let whole = |x: f64, s: f64| whole_i64((x * s).round());
    let items: Option<Vec<Item>> = (0..profit.len())
        .map(|i| {
            let cost: Option<Vec<i64>> = weights.iter().map(|r| whole(r[i], costs)).collect();
            Some(Item {
                class: i,
                gain: whole(profit[i], gains)?,
                cost: cost?,
            })
        })
        .collect();
    let budgets: Option<Vec<i64>> = capacity
        .iter()
        .map(|c| whole_i64((c * costs + 1e-6).floor()))
        .collect();
    let choice = Choice {
        items: items?,
        budgets: budgets?,
        ..Choice::default()
    };
    Some((choice, gains))
}

/// Power of ten that makes all figures whole, up to six decimals.
fn scale(figures: &[f64]) -> Option<f64> {
    (0..=6).map(|p| 10_f64.powi(p)).find(|s| {
        figures
            .iter()
            .all(|x| ((x * s) - (x * s).round()).abs() < 1e-6)
    })
}
