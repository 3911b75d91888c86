//! Are rosters the best there are, do they keep the rules, and are their explanations true?

use std::collections::BTreeMap;

use zhilu::plan::roster::fair::fairness;
use zhilu::plan::roster::swap::hindrances;
use zhilu::plan::roster::tie::settle;
use zhilu::plan::roster::why::{Obstacle, Uncovered, conflict, one_more, uncovered};
use zhilu::plan::roster::{Duty, Instance, Limits, Person, Rules, Status, solve};
use zhilu::stats::rng::Rng;

use crate::plan_checker::{broken, values};

fn run(inst: &Instance) -> zhilu::plan::roster::Answer {
    let got = solve(inst, &Limits::default(), &mut |_| true).unwrap();
    assert_eq!(broken(inst, &got.assignment), Vec::<String>::new());
    assert_eq!(values(inst, &got.assignment), got.values);
    got
}

fn person(id: i64, role: &str) -> Person {
    serde_json::from_value(serde_json::json!({ "id": id, "type": role })).unwrap()
}

fn duty(id: i64, day: i64, (peak, start): (&str, i64), gate: i64, priority: i64) -> Duty {
    serde_json::from_value(serde_json::json!({
        "id": id, "day": day, "peak": peak, "gate": gate, "start": start, "end": start + 50, "priority": priority
    }))
    .unwrap()
}

/// Up to six people and six duties with every kind of rule in play.
fn random(rng: &mut Rng, equal: bool) -> Instance {
    let roles = ["police", "auxiliary"];
    let peaks = ["am", "pm"];
    let days = 1 + i64::from(rng.below(3));
    let persons = (0..=i64::from(rng.below(6)))
        .map(|id| {
            let mut p = person(id, roles[rng.below(2) as usize]);
            p.max_per_day = 1 + i64::from(rng.below(2));
            p.max_per_week = 1 + i64::from(rng.below(4));
            p.history = i64::from(rng.below(5));
            if rng.below(3) == 0 {
                let peak = peaks[rng.below(2) as usize].to_owned();
                p.unavailable.push((i64::from(rng.below(3)), peak));
            }
            p
        })
        .collect();
    let duties = (0..=i64::from(rng.below(6)))
        .map(|id| {
            let peak = rng.below(2) as usize;
            let start = [420, 980][peak] + 10 * i64::from(rng.below(3));
            let day = i64::from(rng.below(3)).min(days - 1);
            let mut d = duty(
                id,
                day,
                (peaks[peak], start),
                i64::from(rng.below(3)),
                1 + i64::from(rng.below(20)),
            );
            if rng.below(2) == 0 {
                d.accepts = vec!["police".to_owned()];
            }
            d.load = if equal {
                2
            } else {
                1 + i64::from(rng.below(3))
            };
            d
        })
        .collect();
    let rules = Rules {
        max_consecutive_days: 1 + i64::from(rng.below(4)),
        min_rest_min: [660, 1000][rng.below(2) as usize],
        travel_min: vec![vec![0, 9, 14], vec![9, 0, 7], vec![14, 7, 0]],
        ..Rules::default()
    };
    Instance {
        days,
        peaks: peaks.map(str::to_owned).to_vec(),
        persons,
        duties,
        rules,
        fairness: true,
        ..Instance::default()
    }
}

fn brute(inst: &Instance) -> Vec<i64> {
    let mut best: Option<Vec<i64>> = None;
    try_all(inst, 0, &mut BTreeMap::new(), &mut best);
    best.unwrap()
}

/// Everybody who could be meant for a duty, and nobody, for one duty after the other.
fn try_all(inst: &Instance, at: usize, plan: &mut BTreeMap<i64, i64>, best: &mut Option<Vec<i64>>) {
    let Some(d) = inst.duties.get(at) else {
        let value = values(inst, plan);
        let key = |v: &Vec<i64>| {
            let mut k: Vec<i64> = v.iter().map(|x| -x).collect();
            k[0] = v[0];
            k
        };
        if best.as_ref().is_none_or(|b| key(&value) > key(b)) && broken(inst, plan).is_empty() {
            *best = Some(value);
        }
        return;
    };
    try_all(inst, at + 1, plan, best);
    let fits = |p: &&Person| {
        let away = p.unavailable.contains(&(d.day, d.peak.clone()));
        (d.accepts.is_empty() || d.accepts.contains(&p.role)) && !away
    };
    for p in inst.persons.iter().filter(fits) {
        plan.insert(d.id, p.id);
        try_all(inst, at + 1, plan, best);
        plan.remove(&d.id);
    }
}

#[test]
fn small_rosters_equal_the_best_of_all_plans() {
    let mut rng = Rng::new(41);
    let mut proved = 0;
    for case in 0..1000 {
        let mut inst = random(&mut rng, true);
        if case % 3 == 0 {
            let first = run(&inst);
            inst.published = Some(
                inst.duties
                    .iter()
                    .map(|d| (d.id, first.assignment.get(&d.id).copied()))
                    .collect(),
            );
            if let Some(p) = inst.persons.first_mut() {
                p.unavailable.push((0, "am".to_owned()));
            }
        }
        let got = run(&inst);
        let best = brute(&inst);
        assert_eq!(got.values, best, "{inst:?}");
        proved += usize::from(got.status == Status::Optimal);
    }
    assert!(proved > 900, "{proved}");
}

#[test]
fn unequal_loads_reach_the_best_coverage_and_never_claim_more_than_is_true() {
    let mut rng = Rng::new(43);
    for _ in 0..1000 {
        let inst = random(&mut rng, false);
        let got = run(&inst);
        let best = brute(&inst);
        assert_eq!(got.values[0], best[0], "{inst:?}");
        if got.status == Status::Optimal {
            assert_eq!(got.values, best, "{inst:?}");
        }
        if let Some(Some(bound)) = got.bounds.get(1) {
            assert!(*bound <= best[1], "{inst:?} {got:?}");
        }
    }
}

#[test]
fn one_more_person_never_lowers_coverage_and_the_order_of_rows_changes_no_value() {
    let mut rng = Rng::new(47);
    for _ in 0..100 {
        let inst = random(&mut rng, true);
        let got = run(&inst);
        let mut more = inst.clone();
        more.persons.push(person(99, "police"));
        assert!(run(&more).values[0] >= got.values[0]);
        let mut turned = inst.clone();
        turned.persons.reverse();
        turned.duties.reverse();
        assert_eq!(run(&turned).values, got.values);
    }
}

#[test]
fn nobody_ill_means_no_change_and_publishing_twice_is_no_difference() {
    let mut rng = Rng::new(53);
    for _ in 0..100 {
        let mut inst = random(&mut rng, true);
        let first = run(&inst);
        inst.published = Some(
            inst.duties
                .iter()
                .map(|d| (d.id, first.assignment.get(&d.id).copied()))
                .collect(),
        );
        let again = run(&inst);
        assert_eq!((again.values[1], again.changed.len()), (0, 0));
        assert_eq!(again.assignment, first.assignment);
    }
}

#[test]
fn a_past_duty_stays_with_its_person_even_when_that_person_is_now_ill() {
    let mut inst = Instance {
        days: 2,
        peaks: vec!["am".to_owned()],
        persons: vec![person(1, "police"), person(2, "police")],
        duties: vec![duty(1, 0, ("am", 420), 0, 5), duty(2, 1, ("am", 420), 0, 5)],
        fairness: true,
        ..Instance::default()
    };
    inst.published = Some(BTreeMap::from([(1, Some(1)), (2, Some(1))]));
    inst.locked = vec![1];
    inst.persons[0].unavailable = vec![(0, "am".to_owned()), (1, "am".to_owned())];
    let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
    assert_eq!(got.assignment, BTreeMap::from([(1, 1), (2, 2)]));
    assert_eq!(got.changed, [2]);
}

#[test]
fn conflict_sets_are_infeasible_and_lose_nothing_that_matters() {
    let mut rng = Rng::new(59);
    let mut seen = 0;
    for _ in 0..300 {
        let mut inst = random(&mut rng, true);
        inst.must_cover = inst.duties.iter().map(|d| d.id).collect();
        let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
        let set = conflict(&inst);
        assert_eq!(set.is_empty(), got.status != Status::Infeasible, "{inst:?}");
        if set.is_empty() {
            continue;
        }
        seen += 1;
        // Without any one of its covers the rest can be had, the other requirements being only those of the set.
        let covers: Vec<i64> = set
            .iter()
            .filter_map(|n| n.strip_prefix("cover:")?.parse().ok())
            .collect();
        for out in &covers {
            let mut less = inst.clone();
            less.must_cover = covers.iter().copied().filter(|c| c != out).collect();
            less.duties.retain(|d| covers.contains(&d.id));
            for p in &mut less.persons {
                let id = p.id;
                p.unavailable
                    .retain(|(d, k)| set.contains(&format!("unavailable:{id}:{d}:{k}")));
                if !set.contains(&format!("max_per_day:{id}")) {
                    p.max_per_day = 99;
                }
                if !set.contains(&format!("max_per_week:{id}")) {
                    p.max_per_week = 99;
                }
            }
            if set.iter().any(|n| {
                n.starts_with("rest:") || n.starts_with("consecutive:") || n.starts_with("role:")
            }) {
                continue;
            }
            less.rules.min_rest_min = 0;
            less.rules.max_consecutive_days = 99;
            assert!(
                conflict(&less).is_empty(),
                "{set:?} without {out} in {inst:?}"
            );
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn an_uncovered_duty_says_who_could_and_what_it_would_cost() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        persons: vec![person(1, "police")],
        duties: vec![duty(1, 0, ("am", 420), 0, 9), duty(2, 0, ("am", 420), 1, 4)],
        fairness: true,
        ..Instance::default()
    };
    let got = run(&inst);
    assert_eq!(got.uncovered, [2]);
    let why = uncovered(&inst, &got, 2).unwrap();
    let people = vec![(1, Obstacle::OtherDuty { duty: 1 })];
    assert_eq!(
        why,
        Uncovered::Costs {
            loss: 5,
            falls: vec![1],
            person: 1,
            people
        }
    );
    assert_eq!(one_more(&inst, &got, "police").unwrap(), 4);
    inst.duties[1].accepts = vec!["auxiliary".to_owned()];
    let got = run(&inst);
    let why = uncovered(&inst, &got, 2).unwrap();
    let conflict = vec!["cover:2".to_owned(), "role:2".to_owned()];
    assert_eq!(
        why,
        Uncovered::Impossible {
            people: Vec::new(),
            conflict
        }
    );
}

#[test]
fn nobody_no_duty_and_an_emptied_squad_are_answers() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        fairness: true,
        ..Instance::default()
    };
    assert_eq!(run(&inst).status, Status::Optimal);
    inst.duties.push(duty(1, 0, ("am", 420), 0, 9));
    assert_eq!(run(&inst).uncovered, [1]);
    inst.persons = vec![person(1, "police")];
    inst.persons[0].unavailable = vec![(0, "am".to_owned())];
    let got = run(&inst);
    assert_eq!(
        (got.uncovered.as_slice(), got.status),
        ([1].as_slice(), Status::Optimal)
    );
    let why = uncovered(&inst, &got, 1).unwrap();
    let conflict = vec!["cover:1".to_owned(), "unavailable:1:0:am".to_owned()];
    assert_eq!(
        why,
        Uncovered::Impossible {
            people: vec![(1, Obstacle::Away)],
            conflict
        }
    );
}

#[test]
fn an_instance_that_makes_no_sense_is_refused_by_name() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        ..Instance::default()
    };
    inst.duties.push(duty(1, 0, ("am", 1420), 0, 9));
    let refused = |inst: &Instance| {
        solve(inst, &Limits::default(), &mut |_| true)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&inst).starts_with("duty 1: window 1420..1470"));
    inst.duties[0] = duty(1, 4, ("am", 420), 0, 9);
    assert!(refused(&inst).contains("horizon of 1 days"));
    inst.duties[0] = duty(1, 0, ("am", 420), 0, -3);
    assert!(refused(&inst).contains("priority is -3"));
    inst.duties[0] = duty(1, 0, ("am", 420), 0, 3);
    inst.must_cover = vec![8];
    assert!(refused(&inst).contains("must_cover names 8"));
}

#[test]
fn a_swap_is_allowed_only_when_both_can() {
    let mut inst = Instance {
        days: 2,
        peaks: vec!["am".to_owned(), "pm".to_owned()],
        persons: vec![person(1, "police"), person(2, "auxiliary")],
        duties: vec![duty(1, 0, ("am", 420), 0, 9), duty(2, 1, ("am", 420), 0, 9)],
        ..Instance::default()
    };
    let plan = BTreeMap::from([(1, 1), (2, 2)]);
    let wanted = BTreeMap::from([(1, Some(2)), (2, Some(1))]);
    assert!(hindrances(&inst, &plan, &wanted).is_empty());
    inst.duties[0].accepts = vec!["police".to_owned()];
    let found = hindrances(&inst, &plan, &wanted);
    assert_eq!(
        (found.len(), found[0].duty, found[0].why.clone()),
        (1, 1, None)
    );
}

#[test]
fn evening_out_early_and_hard_duties_moves_no_level_and_breaks_no_rule() {
    let mut rng = Rng::new(67);
    let mut made = 0;
    for _ in 0..300 {
        let mut inst = random(&mut rng, true);
        for d in &mut inst.duties {
            d.start = if rng.below(2) == 0 { 400 } else { 430 };
            d.end = d.start + 30;
        }
        let got = run(&inst);
        let mut plan = got.assignment.clone();
        made += settle(&inst, &mut plan).unwrap();
        assert_eq!(broken(&inst, &plan), Vec::<String>::new());
        assert_eq!(values(&inst, &plan), got.values);
        let squares = |plan: &BTreeMap<i64, i64>| -> i64 {
            let shares = fairness(&inst, plan).shares;
            shares
                .iter()
                .map(|s| s.early * s.early + s.hard * s.hard)
                .sum()
        };
        assert!(squares(&plan) <= squares(&got.assignment));
    }
    assert!(made > 3, "{made}");
}

#[test]
fn who_belongs_to_a_school_serves_its_gates_only() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        persons: vec![person(1, "parent"), person(2, "parent")],
        duties: vec![duty(1, 0, ("am", 420), 0, 5), duty(2, 0, ("am", 420), 1, 9)],
        fairness: true,
        ..Instance::default()
    };
    inst.duties[0].needs = vec!["school:1".to_owned()];
    inst.duties[1].needs = vec!["school:2".to_owned()];
    inst.persons[0].skills = vec!["school:1".to_owned()];
    inst.persons[1].skills = vec!["school:1".to_owned()];
    let got = run(&inst);
    assert_eq!(
        (got.uncovered.as_slice(), got.assignment.len()),
        ([2].as_slice(), 1)
    );
}

/// Up to four people and five duties of one peak, some of them one after the other.
fn in_turn(rng: &mut Rng) -> Instance {
    let mut inst = random(rng, false);
    inst.persons.truncate(4);
    inst.duties.truncate(5);
    inst.days = 1;
    for p in &mut inst.persons {
        p.unavailable.clear();
        p.max_per_day = 1 + i64::from(rng.below(3));
    }
    for d in &mut inst.duties {
        d.day = 0;
        "am".clone_into(&mut d.peak);
        d.start = 420 + [0, 45, 100, 160][rng.below(4) as usize];
        d.end = d.start + 20 + 10 * i64::from(rng.below(2));
        d.load = 1 + i64::from(rng.below(3));
    }
    inst
}

#[test]
fn no_bound_is_above_the_best_plan_where_one_person_serves_two_duties_of_a_peak() {
    let mut rng = Rng::new(83);
    for case in 0..400 {
        let inst = in_turn(&mut rng);
        let (got, best) = (run(&inst), brute(&inst));
        assert!(
            got.status != Status::Optimal || got.values == best,
            "case {case}: {got:?} against {best:?}"
        );
        if let Some(cover) = got.bounds[0] {
            assert!(cover >= best[0], "case {case}: {got:?} against {best:?}");
        }
        if let (Some(floor), true) = (got.bounds[1], got.values[0] == best[0]) {
            assert!(floor <= best[1], "case {case}: {got:?} against {best:?}");
        }
    }
}

#[test]
fn what_one_person_can_do_in_turn_is_no_conflict_and_what_is_not_proved_is_a_gap() {
    let mut rng = Rng::new(89);
    let mut seen = [0, 0];
    for case in 0..400 {
        let mut inst = in_turn(&mut rng);
        inst.must_cover = inst.duties.iter().map(|d| d.id).collect();
        let priority: i64 = inst.duties.iter().map(|d| d.priority).sum();
        let can = brute(&inst)[0] == priority;
        let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
        assert_eq!(
            got.status == Status::Infeasible,
            !can,
            "case {case}: {got:?}"
        );
        assert_eq!(conflict(&inst).is_empty(), can, "case {case}: {inst:?}");
        assert_eq!(got.dropped.is_empty(), can, "case {case}: {got:?}");
        seen[usize::from(can)] += 1;
    }
    assert!(seen.iter().all(|n| *n > 40), "{seen:?}");
}

#[test]
fn an_uncovered_duty_never_costs_one_that_must_be_covered() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        persons: vec![person(1, "police")],
        duties: vec![duty(1, 0, ("am", 420), 0, 1), duty(2, 0, ("am", 420), 1, 9)],
        must_cover: vec![1],
        ..Instance::default()
    };
    let got = run(&inst);
    assert_eq!(got.uncovered, [2]);
    let Uncovered::Impossible { conflict, .. } = uncovered(&inst, &got, 2).unwrap() else {
        panic!("duty 1 must be covered");
    };
    assert_eq!(conflict, ["cover:1", "cover:2"]);
    inst.must_cover.clear();
    inst.duties[0].priority = 10;
    let got = run(&inst);
    let why = uncovered(&inst, &got, 2).unwrap();
    assert!(matches!(why, Uncovered::Costs { loss: 1, .. }), "{why:?}");
}

#[test]
fn duties_of_other_rosters_in_the_same_week_count_against_the_weekly_cap() {
    let monday = 4;
    let mut one = person(1, "police");
    one.max_per_week = 3;
    one.week_before = 2;
    one.week_after = 1;
    let duties = (0..8).map(|d| duty(d, d, ("am", 420), 0, 5)).collect();
    let mut inst = Instance {
        days: 8,
        peaks: vec!["am".to_owned()],
        persons: vec![one],
        duties,
        fairness: true,
        ..Instance::default()
    };
    // Day 0 is a Thursday: two weeks, the first of four days and the second of four.
    inst.rules.first_weekday = 3;
    let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
    let first = got.assignment.keys().filter(|d| **d < monday).count();
    assert_eq!((first, got.assignment.len()), (1, 3));
    assert_eq!(got.status, Status::Optimal);
    inst.persons[0].week_before = 9;
    let got = solve(&inst, &Limits::default(), &mut |_| true).unwrap();
    assert!(got.assignment.keys().all(|d| *d >= monday), "{got:?}");
}

#[test]
fn unknown_peaks_and_points_beyond_squares_are_refused_by_name() {
    let mut inst = Instance {
        days: 1,
        peaks: vec!["am".to_owned()],
        persons: vec![person(1, "police")],
        duties: vec![duty(1, 0, ("am", 420), 0, 9)],
        ..Instance::default()
    };
    inst.persons[0].unavailable.push((0, "morning".to_owned()));
    let told = inst.check().unwrap_err().to_string();
    assert!(told.contains("peak morning, which is none of am"), "{told}");
    inst.persons[0].unavailable.clear();
    inst.persons[0].history = 1_000_000_000;
    let told = inst.check().unwrap_err().to_string();
    assert!(told.contains("at most 100000000"), "{told}");
    inst.persons[0].history = 99_000_000;
    assert_eq!(run(&inst).assignment.len(), 1);
}

/// Three weeks of a squad with loads that differ, weekly caps that bind and runs of days that are too long.
fn large() -> Instance {
    let mut rng = Rng::new(41);
    let peaks = [("am", 420, 3), ("pm", 980, 2), ("eve", 1140, 4)];
    let persons = (0..24)
        .map(|id| {
            let mut p = person(id, "auxiliary");
            p.max_per_day = 2;
            p.max_per_week = 7;
            p.history = i64::from(rng.below(9));
            p
        })
        .collect();
    let mut duties = Vec::new();
    for day in 0..21 {
        for (peak, start, load) in peaks {
            for gate in 0..5 {
                let id = i64::try_from(duties.len()).unwrap();
                let mut d = duty(id, day, (peak, start), gate, 1 + i64::from(rng.below(20)));
                d.load = load;
                d.accepts = vec!["auxiliary".to_owned()];
                duties.push(d);
            }
        }
    }
    Instance {
        days: 21,
        peaks: peaks.map(|p| p.0.to_owned()).to_vec(),
        persons,
        duties,
        fairness: true,
        ..Instance::default()
    }
}

#[test]
fn a_roster_that_is_ended_at_any_moment_stops_at_once_keeps_every_rule_and_claims_nothing_untrue() {
    let given = large();
    let limits = Limits {
        flows: 20,
        questions: 60_000,
    };
    let total: i64 = given.duties.iter().map(|d| d.priority).sum();
    let mut heard = 0_usize;
    let mut tops = Vec::new();
    let whole = solve(&given, &limits, &mut |p| {
        heard += 1;
        tops.push(p.bound);
        true
    })
    .unwrap();
    assert!(!whole.stopped && heard > 30, "asked {heard} times only");
    assert!(tops.iter().all(|t| (whole.values[0]..=total).contains(t)));
    for last in [1, heard / 2, heard - 1] {
        let mut asked = 0;
        let part = solve(&given, &limits, &mut |_| {
            asked += 1;
            asked < last
        })
        .unwrap();
        assert_eq!((part.stopped, asked), (true, last));
        assert_eq!(broken(&given, &part.assignment), Vec::<String>::new());
        assert_eq!(values(&given, &part.assignment), part.values);
        assert!(
            part.values[0] * 10 > whole.values[0] * 7,
            "a plan, not none"
        );
        let top = part.bounds[0].unwrap();
        assert!(top >= whole.values[0], "{top} at {last}");
        if let (Some(Some(least)), true) = (part.bounds.get(1), part.values[0] == whole.values[0]) {
            assert!(*least <= whole.values[1], "{least} at {last}");
        }
    }
}
