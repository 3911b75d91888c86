//! Are duty chains, rosters and loops those of the golden cases, and is every plan feasible by a second reckoning?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::duty_files::{self, ChainFile};
use crate::app::verify::planning_desk::{Desk, files, stem};
use crate::plan::chain::Slot;
use crate::plan::roster::{Instance, Limits, Status, solve, why};
use crate::plan::routes::{self, Options, Plan, Spots};

/// Duty chains: arcs, fewest people, best weight for every number of people that is given.
pub(super) fn chain(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let file = format!("chain/{}", stem(&path));
        let Some(case) = desk.json(&file, &path) else {
            continue;
        };
        let parsed: Result<ChainFile, _> = serde_json::from_value(case.clone());
        let peak = match parsed
            .map_err(|e| e.to_string())
            .and_then(|c| c.peak().map_err(|e| e.to_string()))
        {
            Ok(peak) => peak,
            Err(why) => {
                desk.fail(&file, &why);
                continue;
            }
        };
        let expected = &case["expected"];
        let fewest = peak.fewest();
        let curve = peak.curve(peak.slots().len());
        let mut got = vec![
            ("arcs", json!(peak.arcs())),
            ("min_persons", json!(fewest.len())),
            ("total_weight", json!(peak.total_weight())),
        ];
        let pairs: Vec<(usize, i64)> =
            serde_json::from_value(expected["best_weight_by_persons"].clone()).unwrap_or_default();
        let best: Vec<(usize, i64)> = pairs.iter().map(|(k, _)| (*k, curve.at(*k))).collect();
        got.push(("best_weight_by_persons", json!(best)));
        for (name, value) in &got {
            desk.check(&file, name, &expected[*name], value);
        }
        let mut all: Vec<&[Vec<usize>]> = vec![&fewest];
        all.extend(pairs.iter().map(|(k, _)| curve.paths(*k)));
        let slots = peak.slots();
        let sound = all.iter().all(|chains| chains_hold(&case, slots, chains));
        desk.check(&file, "chains can be walked", &json!(true), &json!(sound));
        let out: serde_json::Map<String, Value> =
            got.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        desk.emit(&format!("{file}.json"), &Value::Object(out));
    }
}

/// Reckons rides from the file's own coordinates.
fn chains_hold(case: &Value, slots: &[Slot], chains: &[Vec<usize>]) -> bool {
    let number = |key: &str| case[key].as_f64().unwrap_or(0.0);
    let place = |gate: i64| {
        let found = case["gates"]
            .as_array()
            .and_then(|g| g.iter().find(|g| g["id"] == json!(gate)));
        found.map(|g| {
            (
                g["x"].as_f64().unwrap_or(0.0),
                g["y"].as_f64().unwrap_or(0.0),
            )
        })
    };
    let mut used = vec![false; slots.len()];
    chains
        .iter()
        .flatten()
        .all(|i| !std::mem::replace(&mut used[*i], true))
        && chains.iter().flat_map(|c| c.windows(2)).all(|w| {
            let (a, b) = (&slots[w[0]], &slots[w[1]]);
            let Some((p, q)) = place(a.gate).zip(place(b.gate)) else {
                return false;
            };
            let metres = (p.0 - q.0).hypot(p.1 - q.1) * number("detour");
            let ride = metres / (number("speed_kmh") * 1000.0 / 60.0);
            a.gate != b.gate && a.end as f64 + ride + number("buffer_min") <= b.start as f64
        })
}

/// Rosters: status, values of all levels, conflict and repair; the plan is reckoned again.
pub(super) fn roster(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let file = format!("roster/{}", stem(&path));
        let Some(case) = desk.json(&file, &path) else {
            continue;
        };
        let given: Instance = match serde_json::from_value(case.clone()) {
            Ok(given) => given,
            Err(e) => {
                desk.fail(&file, &e.to_string());
                continue;
            }
        };
        let answer = match solve(&given, &Limits::default(), &mut |_| true) {
            Ok(answer) => answer,
            Err(e) => {
                desk.fail(&file, &e.to_string());
                continue;
            }
        };
        let expected = &case["expected"];
        let status = expected["status"].as_str().unwrap_or("optimal");
        desk.check(&file, "status", &json!(status), &json!(answer.status));
        let mut out = json!({"status": answer.status, "levels": answer.levels, "values": answer.values,
            "bounds": answer.bounds, "uncovered": answer.uncovered, "assignment": answer.assignment});
        if answer.status == Status::Infeasible {
            let repair = why::repair(&given, &answer);
            out["repair"] = json!(repair);
            infeasible(desk, &file, expected, repair.as_ref());
        } else {
            let levels = expected["levels"].as_array().map_or(0, Vec::len);
            let values = &answer.values[..levels.min(answer.values.len())];
            desk.check(&file, "levels", &expected["levels"], &json!(answer.levels));
            desk.check(&file, "values", &expected["values"], &json!(values));
            desk.check(
                &file,
                "total_priority",
                &expected["total_priority"],
                &json!(answer.total_priority),
            );
        }
        let kept = rules_kept(&given, &answer.assignment);
        desk.check(&file, "every rule is kept", &json!([]), &json!(kept));
        desk.emit(&format!("{file}.json"), &out);
    }
}

fn infeasible(desk: &mut Desk<'_>, file: &str, expected: &Value, repair: Option<&why::Repair>) {
    let Some(repair) = repair else {
        desk.fail(file, "no repair was found");
        return;
    };
    let sorted = |v: &Value| {
        let mut names: Vec<String> = serde_json::from_value(v.clone()).unwrap_or_default();
        names.sort();
        names.join(" ")
    };
    desk.check(
        file,
        "conflict",
        &json!(sorted(&expected["conflict"])),
        &json!(sorted(&json!(repair.conflict))),
    );
    desk.check(
        file,
        "least_dropped",
        &expected["least_dropped"],
        &json!(repair.dropped.len()),
    );
    let best = &expected["best_after_dropping"];
    if best.is_object() {
        desk.check(file, "dropped", &best["dropped"], &json!(repair.dropped));
        let levels = best["values"].as_array().map_or(0, Vec::len);
        let values = &repair.values[..levels.min(repair.values.len())];
        desk.check(
            file,
            "values after dropping",
            &best["values"],
            &json!(values),
        );
    }
}

/// What a plan breaks, reckoned from the file alone.
fn rules_kept(given: &Instance, plan: &BTreeMap<i64, i64>) -> Vec<String> {
    let mut out = Vec::new();
    for person in &given.persons {
        let mut mine: Vec<_> = given
            .duties
            .iter()
            .filter(|d| plan.get(&d.id) == Some(&person.id))
            .collect();
        mine.sort_by_key(|d| (d.day, d.start, d.end));
        let mut days: BTreeMap<i64, i64> = BTreeMap::new();
        let mut weeks: BTreeMap<i64, i64> = BTreeMap::new();
        for d in &mine {
            *days.entry(d.day).or_default() += 1;
            *weeks
                .entry((d.day + given.rules.first_weekday).div_euclid(7))
                .or_default() += 1;
            let role = d.accepts.is_empty() || d.accepts.contains(&person.role);
            let here = !person.unavailable.contains(&(d.day, d.peak.clone()));
            if !role || !here {
                out.push(format!(
                    "duty {} by person {}: role {role}, present {here}",
                    d.id, person.id
                ));
            }
        }
        if days.values().any(|n| *n > person.max_per_day)
            || weeks.values().any(|n| *n > person.max_per_week)
        {
            out.push(format!("person {} has too many duties", person.id));
        }
        let days: Vec<i64> = days.into_keys().collect();
        out.extend(too_long(given, person.id, &days));
        for w in mine.windows(2) {
            let (a, b) = (w[0], w[1]);
            let cell = usize::try_from(a.gate)
                .ok()
                .zip(usize::try_from(b.gate).ok());
            let ride = cell
                .and_then(|(i, j)| given.rules.travel_min.get(i)?.get(j))
                .copied()
                .unwrap_or(0);
            let gap = if a.gate == b.gate {
                0
            } else {
                ride + given.rules.buffer_min
            };
            let apart = (b.day - a.day) * 1440 + b.start - a.end;
            if (a.day == b.day && apart < gap)
                || (b.day == a.day + 1 && apart < given.rules.min_rest_min)
            {
                out.push(format!(
                    "person {} cannot serve {} and {}",
                    person.id, a.id, b.id
                ));
            }
        }
    }
    out
}

/// A run of duty days that is too long.
fn too_long(given: &Instance, person: i64, days: &[i64]) -> Option<String> {
    let mut run = 0;
    let mut last = i64::MIN;
    for day in days {
        run = if *day == last.saturating_add(1) {
            run + 1
        } else {
            1
        };
        last = *day;
        if run > given.rules.max_consecutive_days {
            return Some(format!(
                "person {person} works {run} days in a row to day {day}"
            ));
        }
    }
    None
}

#[derive(Deserialize)]
struct SolomonCases {
    cases: Vec<SolomonCase>,
}

#[derive(Deserialize)]
struct SolomonCase {
    instance: String,
    customers: usize,
    units: usize,
    prize: i64,
    #[serde(default)]
    vroom_found: Option<i64>,
}

/// Prize loops: exact below thirteen spots; Solomon files against the proved optimum with one unit and against the peer.
pub(super) fn loops(desk: &mut Desk<'_>, folder: &Path) {
    for path in files(folder, "json") {
        let file = format!("loop/{}", stem(&path));
        let Some(case) = desk.json(&file, &path) else {
            continue;
        };
        if let Ok(list) = serde_json::from_value::<SolomonCases>(case.clone()) {
            for one in list.cases {
                solomon(desk, folder, &one);
            }
            continue;
        }
        let spots: Spots = match serde_json::from_value(case.clone()) {
            Ok(spots) => spots,
            Err(e) => {
                desk.fail(&file, &e.to_string());
                continue;
            }
        };
        match routes::plan(&spots, &Options::default()) {
            Ok(plan) => {
                desk.check(
                    &file,
                    "prize",
                    &case["expected"]["prize"],
                    &json!(plan.prize),
                );
                desk.check(
                    &file,
                    "loops can be driven",
                    &json!(true),
                    &json!(driven(&spots, &plan)),
                );
                desk.emit(&format!("{file}.json"), &json!(plan));
            }
            Err(e) => desk.fail(&file, &e.to_string()),
        }
    }
}

fn solomon(desk: &mut Desk<'_>, folder: &Path, one: &SolomonCase) {
    let name = format!(
        "{} {} customers {} units",
        one.instance, one.customers, one.units
    );
    let file = "loop/solomon";
    let path = folder.join("solomon").join(format!("{}.txt", one.instance));
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) => {
            desk.fail(file, &format!("{} cannot be read: {e}", one.instance));
            return;
        }
    };
    let spots = match duty_files::solomon(&text, one.customers, one.units) {
        Ok(spots) => spots,
        Err(e) => {
            desk.fail(file, &e.to_string());
            return;
        }
    };
    match routes::plan(&spots, &Options::default()) {
        Ok(plan) => {
            // The bar: equal to the optimum with one unit, at least the peer with more.
            let floor = if one.units == 1 {
                one.prize
            } else {
                one.vroom_found.unwrap_or(one.prize)
            };
            let holds = plan.prize >= floor && driven(&spots, &plan);
            let detail = format!(
                "prize {}, must be at least {floor} and the loops drivable",
                plan.prize
            );
            desk.hold(file, &name, holds, &detail);
            desk.emit(&format!("loop/solomon/{name}.json"), &json!(plan));
        }
        Err(e) => desk.fail(file, &e.to_string()),
    }
}

/// Drives the loops once more by the table of times.
fn driven(spots: &Spots, plan: &Plan) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut prize = 0;
    let sound = plan.loops.iter().all(|unit| {
        let (mut at, mut now) = (0, 0);
        let fits = unit.stops.iter().all(|stop| {
            let Some(i) = spots.spots.iter().position(|s| s.id == stop.spot) else {
                return false;
            };
            let spot = &spots.spots[i];
            let arrive = now + spots.travel[at][i + 1];
            let start = arrive.max(spot.open);
            (at, now) = (i + 1, start + spot.dwell);
            prize += spot.prize;
            seen.insert(stop.spot) && start <= spot.close && start == stop.start
        });
        fits && now + spots.travel[at][0] <= spots.shift
    });
    sound && plan.loops.len() <= spots.units && prize == plan.prize
}
