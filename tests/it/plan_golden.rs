//! Are the public golden chains, rosters and loops reached, and are the bars of speed kept by counted work?

use std::fs;

use serde_json::{Value, json};
use zhilu::plan::chain::{Peak, Slot, ride_minutes};
use zhilu::plan::roster::{Duty, Instance, Limits, Person, Rules, Status, solve, why};
use zhilu::plan::routes::{self, Options, Spots};
use zhilu::stats::rng::Rng;

use crate::plan_checker::{broken, values};
use crate::support;

fn cases(part: &str) -> Vec<(String, Value)> {
    let Some(shared) = support::shared() else {
        return Vec::new();
    };
    let mut out: Vec<(String, Value)> =
        fs::read_dir(shared.join("data/oracles/planning").join(part))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.extension().is_some_and(|e| e == "json"))
            .map(|p| {
                let name = p.file_name().unwrap().to_string_lossy().into_owned();
                (
                    name,
                    serde_json::from_slice(&fs::read(&p).unwrap()).unwrap(),
                )
            })
            .collect();
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}

#[test]
fn every_public_roster_is_solved_with_proof_and_keeps_its_rules() {
    for (name, case) in cases("roster") {
        let inst: Instance = serde_json::from_value(case.clone()).unwrap();
        let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
        assert_eq!(
            broken(&inst, &got.assignment),
            Vec::<String>::new(),
            "{name}"
        );
        assert_eq!(values(&inst, &got.assignment), got.values, "{name}");
        let want = &case["expected"];
        assert_eq!(json!(got.status), want["status"], "{name}");
        if got.status == Status::Infeasible {
            let repair = why::repair(&inst, &got).unwrap();
            assert_eq!(json!(repair.conflict), want["conflict"], "{name}");
            assert_eq!(
                json!(repair.dropped),
                want["best_after_dropping"]["dropped"],
                "{name}"
            );
        } else {
            assert_eq!(json!(got.values), want["values"], "{name}");
        }
    }
}

#[test]
fn every_public_chain_has_its_fewest_people_and_its_curve() {
    for (name, case) in cases("chain") {
        let slots: Vec<Slot> = serde_json::from_value(case["slots"].clone()).unwrap();
        let place = |gate: i64| {
            let gate = case["gates"]
                .as_array()
                .unwrap()
                .iter()
                .find(|g| g["id"] == json!(gate))
                .unwrap();
            (gate["x"].as_f64().unwrap(), gate["y"].as_f64().unwrap())
        };
        let number = |key: &str| case[key].as_f64().unwrap();
        let travel = |a: i64, b: i64| {
            let (p, q) = (place(a), place(b));
            ride_minutes(
                (p.0 - q.0).hypot(p.1 - q.1),
                number("detour"),
                number("speed_kmh"),
            )
        };
        let peak = Peak::new(slots, case["buffer_min"].as_i64().unwrap(), travel).unwrap();
        let want = &case["expected"];
        assert_eq!(json!(peak.arcs()), want["arcs"], "{name}");
        assert_eq!(json!(peak.fewest().len()), want["min_persons"], "{name}");
        let curve = peak.curve(1000);
        for pair in want["best_weight_by_persons"].as_array().unwrap() {
            let k = usize::try_from(pair[0].as_u64().unwrap()).unwrap();
            assert_eq!(json!(curve.at(k)), pair[1], "{name} with {k}");
        }
    }
}

#[test]
fn every_public_loop_of_at_most_twelve_spots_is_exact() {
    for (name, case) in cases("loop") {
        let Ok(spots) = serde_json::from_value::<Spots>(case.clone()) else {
            continue;
        };
        let plan = routes::plan(&spots, &Options::default()).unwrap();
        assert_eq!(
            (json!(plan.prize), plan.status),
            (case["expected"]["prize"].clone(), "optimal"),
            "{name}"
        );
    }
}

/// Prize by trying every order for every unit; only the way really driven home must fit the shift.
fn brute(spots: &Spots, free: &mut Vec<bool>, unit: usize, at: usize, now: i64) -> i64 {
    if unit == spots.units {
        return 0;
    }
    let back = at == 0 || now + spots.travel[at][0] <= spots.shift;
    let mut best = if back {
        brute(spots, free, unit + 1, 0, 0)
    } else {
        i64::MIN / 2
    };
    for i in 0..free.len() {
        if !free[i] {
            continue;
        }
        let s = &spots.spots[i];
        let start = (now + spots.travel[at][i + 1]).max(s.open);
        if start > s.close || start + s.dwell > spots.shift {
            continue;
        }
        free[i] = false;
        let rest = brute(spots, free, unit, i + 1, start + s.dwell);
        best = best.max(rest.saturating_add(s.prize));
        free[i] = true;
    }
    best
}

#[test]
fn small_loops_equal_the_best_of_all_orders_and_a_draw_stays_within_one_percent() {
    let mut rng = Rng::new(61);
    for seed in 0..400 {
        let n = 1 + rng.below(6) as usize;
        // Tables where the direct way may be a detour, most of all the way home.
        let (stay, home) = if seed % 2 == 0 { (5, 15) } else { (0, 40) };
        let small = |rng: &mut Rng, k: u32| i64::from(rng.below(k));
        let spots: Vec<Value> = (0..n)
            .map(|i| {
                let open = small(&mut rng, 40);
                json!({"id": i, "dwell": stay + small(&mut rng, 8), "prize": small(&mut rng, 30), "open": open, "close": open + small(&mut rng, 40)})
            })
            .collect();
        let travel: Vec<Vec<i64>> = (0..=n)
            .map(|i| {
                (0..=n)
                    .map(|j| match (i == j, j) {
                        (true, _) => 0,
                        (false, 0) => 2 + small(&mut rng, home),
                        _ => 2 + small(&mut rng, 15),
                    })
                    .collect()
            })
            .collect();
        let case = json!({"units": rng.below(4), "shift_min": 30 + small(&mut rng, 60), "spots": spots, "travel_min": travel});
        let spots: Spots = serde_json::from_value(case).unwrap();
        let plan = routes::plan(&spots, &Options::default()).unwrap();
        assert_eq!(
            plan.prize,
            brute(&spots, &mut vec![true; n], 0, 0, 0),
            "{spots:?}"
        );
        let drawn = routes::plan(
            &spots,
            &Options {
                draw: Some(seed),
                ..Options::default()
            },
        )
        .unwrap();
        assert!(drawn.prize * 100 >= plan.prize * 99);
        assert_eq!(
            drawn,
            routes::plan(
                &spots,
                &Options {
                    draw: Some(seed),
                    ..Options::default()
                }
            )
            .unwrap()
        );
    }
}

/// A table without the triangle inequality, with spots nobody can reach so that it is searched instead of enumerated.
fn crooked(seed: u64) -> (Spots, i64) {
    let mut rng = Rng::new(seed);
    let mut small = |k: u32| i64::from(rng.below(k));
    let spots: Vec<Value> = (0..14)
        .map(|i| {
            let open = small(20);
            let close = if i < 6 { open + small(40) } else { -1 + open.min(0) };
            json!({"id": i, "dwell": small(6), "prize": small(30), "open": open.max(1), "close": close.max(0)})
        })
        .collect();
    let travel: Vec<Vec<i64>> = (0..15)
        .map(|i| {
            let to = |j: i64| match (i == j, j) {
                (true, _) => 0,
                (false, 0) => 2 + small(40),
                _ => 2 + small(15),
            };
            (0..15).map(to).collect()
        })
        .collect();
    let case =
        json!({"units": 1 + small(2), "shift_min": 40, "spots": spots, "travel_min": travel});
    let spots: Spots = serde_json::from_value(case).unwrap();
    let mut few = spots.clone();
    few.spots.truncate(6);
    few.travel.truncate(7);
    few.travel.iter_mut().for_each(|r| r.truncate(7));
    let best = brute(&few, &mut vec![true; 6], 0, 0, 0);
    (spots, best)
}

#[test]
fn searched_loops_keep_shift_and_windows_where_a_direct_way_is_a_detour_and_never_pass_the_best() {
    for seed in 0..12 {
        let (spots, best) = crooked(seed);
        let options = Options {
            work: 60_000,
            ..Options::default()
        };
        let plan = routes::plan(&spots, &options).unwrap();
        let prize = |id: i64| spots.spots.iter().find(|s| s.id == id).unwrap().prize;
        let stops = plan.loops.iter().flat_map(|l| &l.stops);
        assert_eq!(stops.map(|s| prize(s.spot)).sum::<i64>(), plan.prize);
        assert!(plan.loops.iter().all(|l| l.back <= spots.shift));
        assert!(plan.prize <= best && best <= plan.bound, "{seed}: {plan:?}");
        assert!(plan.status == "gap" || plan.prize == best);
    }
}

#[test]
fn a_loop_search_tells_its_bound_and_keeps_its_best_plan_when_stopped() {
    let (spots, _) = crooked(3);
    let mut heard = Vec::new();
    let stop = &mut |p: &routes::Progress| {
        heard.push(*p);
        heard.len() < 3
    };
    let plan = routes::plan_watched(&spots, &Options::default(), stop).unwrap();
    assert_eq!(heard.len(), 3);
    assert!(
        heard
            .iter()
            .all(|p| p.best <= p.bound && p.best <= plan.prize)
    );
    // No unit, and nothing that takes time.
    let none = Spots {
        units: 0,
        ..spots.clone()
    };
    assert_eq!(routes::plan(&none, &Options::default()).unwrap().prize, 0);
    let mut free = spots;
    free.spots
        .iter_mut()
        .for_each(|s| (s.dwell, s.open, s.close) = (0, 0, 100));
    free.travel.iter_mut().flatten().for_each(|t| *t = 0);
    free.units = usize::MAX;
    let all: i64 = free.spots.iter().map(|s| s.prize).sum();
    assert_eq!(
        routes::plan(
            &free,
            &Options {
                work: 10_000,
                ..Options::default()
            }
        )
        .unwrap()
        .prize,
        all
    );
}

#[test]
fn a_loop_without_units_spots_or_time_is_empty_and_a_crooked_table_is_refused() {
    let base = json!({"units": 1, "shift_min": 0, "spots": [{"id": 1, "dwell": 10, "prize": 5}], "travel_min": [[0, 1], [1, 0]]});
    let spots: Spots = serde_json::from_value(base).unwrap();
    let plan = routes::plan(&spots, &Options::default()).unwrap();
    assert_eq!((plan.prize, plan.left_out.clone()), (0, vec![(1, "shift")]));
    let none = Spots {
        units: 0,
        shift: 100,
        ..spots.clone()
    };
    assert_eq!(routes::plan(&none, &Options::default()).unwrap().prize, 0);
    let crooked = Spots {
        travel: vec![vec![0]],
        ..spots
    };
    assert!(
        routes::plan(&crooked, &Options::default())
            .unwrap_err()
            .to_string()
            .contains("must be 2 each")
    );
}

/// 60 people × 70 gates × 4 peaks × 20 school days.
fn brigade() -> Instance {
    let mut rng = Rng::new(4);
    let peaks = ["k0", "k1", "k2", "k3"].map(str::to_owned).to_vec();
    let starts = [420, 690, 820, 990];
    let mut duties = Vec::new();
    for day in 0..20 {
        for (k, peak) in peaks.iter().enumerate() {
            for gate in 0..70_i64 {
                let start = starts[k] + 10 * (gate % 4);
                let roles = if gate % 2 == 0 {
                    json!(["police"])
                } else {
                    json!(["police", "auxiliary"])
                };
                let duty = json!({"id": duties.len(), "day": day / 5 * 7 + day % 5, "peak": peak, "gate": gate, "start": start,
                    "end": start + 50, "accepts": roles, "load": 3, "priority": 20 + gate * 37 % 150});
                duties.push(serde_json::from_value::<Duty>(duty).unwrap());
            }
        }
    }
    let persons = (0..60)
        .map(|id| {
            let mut away = Vec::new();
            for day in 0..28 {
                away.extend(
                    peaks
                        .iter()
                        .filter(|_| rng.below(12) == 0)
                        .map(|k| (day, k.clone())),
                );
            }
            let role = if id % 3 == 0 { "police" } else { "auxiliary" };
            let person =
                json!({"id": id, "type": role, "history": rng.below(7), "unavailable": away});
            serde_json::from_value::<Person>(person).unwrap()
        })
        .collect();
    Instance {
        days: 28,
        peaks,
        persons,
        duties,
        rules: Rules::default(),
        fairness: true,
        ..Instance::default()
    }
}

#[test]
fn a_month_of_a_whole_brigade_is_proved_by_one_flow_and_replanned_with_few_changes() {
    let mut inst = brigade();
    let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
    assert_eq!(
        (got.status, got.flows, got.questions),
        (Status::Optimal, 1, 0)
    );
    assert_eq!(broken(&inst, &got.assignment), Vec::<String>::new());
    assert_eq!(values(&inst, &got.assignment), got.values);
    // Two officers fall ill for a day.
    inst.published = Some(
        inst.duties
            .iter()
            .map(|d| (d.id, got.assignment.get(&d.id).copied()))
            .collect(),
    );
    for p in [0, 1] {
        let away = inst
            .peaks
            .iter()
            .map(|k| (9, k.clone()))
            .collect::<Vec<_>>();
        inst.persons[p].unavailable.extend(away);
    }
    let lost = got
        .assignment
        .iter()
        .filter(|(d, p)| **p < 2 && inst.duties[usize::try_from(**d).unwrap()].day == 9)
        .count();
    let again = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
    assert!(
        again.changed.len() <= 3 * lost.max(1) + 3,
        "{} changed for {lost} lost",
        again.changed.len()
    );
    assert_eq!(broken(&inst, &again.assignment), Vec::<String>::new());
}
