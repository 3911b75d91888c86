//! Do people stay at gates they know, and move on after the weeks of rotation where that is wished?

use std::collections::{BTreeMap, BTreeSet};

use zhilu::plan::roster::tie::settle;
use zhilu::plan::roster::{Duty, Instance, Person, Rules};

use crate::plan_checker::broken;

fn person(id: i64, role: &str) -> Person {
    serde_json::from_value(serde_json::json!({ "id": id, "type": role })).unwrap()
}

fn duty(id: i64, day: i64, gate: i64) -> Duty {
    serde_json::from_value(serde_json::json!({
        "id": id, "day": day, "peak": "am", "gate": gate, "start": 450, "end": 500, "priority": 100
    }))
    .unwrap()
}

/// Two people, two gates, four weeks of mornings; each begins where the other does not.
fn four_weeks(rotate_weeks: i64) -> (Instance, BTreeMap<i64, i64>) {
    let mut duties = Vec::new();
    let mut plan = BTreeMap::new();
    for day in (0..28).filter(|d| d % 7 < 5) {
        for gate in 0..2 {
            let id = day * 2 + gate;
            duties.push(duty(id, day, gate));
            plan.insert(id, gate + 1);
        }
    }
    let mut persons = vec![person(1, "police"), person(2, "police")];
    for (gate, p) in (0..).zip(&mut persons) {
        p.known_gates = vec![gate];
    }
    let inst = Instance {
        days: 28,
        peaks: vec!["am".to_owned()],
        persons,
        duties,
        rules: Rules {
            rotate_weeks,
            ..Rules::default()
        },
        fairness: true,
        ..Instance::default()
    };
    (inst, plan)
}

/// Most weeks anybody serves at one gate.
fn longest_stay(inst: &Instance, plan: &BTreeMap<i64, i64>) -> usize {
    let mut weeks: BTreeMap<(i64, i64), BTreeSet<i64>> = BTreeMap::new();
    for d in &inst.duties {
        let at = weeks.entry((plan[&d.id], d.gate)).or_default();
        at.insert(d.day / 7);
    }
    weeks.values().map(BTreeSet::len).max().unwrap_or(0)
}

#[test]
fn people_stay_at_gates_they_know_or_move_on_after_the_weeks_of_rotation() {
    let (inst, mut plan) = four_weeks(0);
    settle(&inst, &mut plan).unwrap();
    assert_eq!(longest_stay(&inst, &plan), 4, "without rotation they stay");
    let (inst, mut plan) = four_weeks(2);
    settle(&inst, &mut plan).unwrap();
    assert_eq!(longest_stay(&inst, &plan), 2);
    // Weeks served before the roster count too.
    let (mut inst, mut plan) = four_weeks(2);
    for (gate, p) in (0..).zip(&mut inst.persons) {
        p.gate_weeks = BTreeMap::from([(gate, 2)]);
    }
    let before = plan.clone();
    settle(&inst, &mut plan).unwrap();
    let kept = inst.duties.iter().filter(|d| plan[&d.id] == before[&d.id]);
    assert!(kept.count() <= 20, "half of the month at most");
    assert_eq!(broken(&inst, &plan), Vec::<String>::new());
}
