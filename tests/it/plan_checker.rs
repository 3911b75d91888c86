//! Does a roster keep every rule, by code that shares nothing with the solver?

use std::collections::BTreeMap;

use zhilu::plan::roster::Instance;

/// Everything a plan breaks, in words; empty for a plan that keeps the rules.
pub(crate) fn broken(inst: &Instance, plan: &BTreeMap<i64, i64>) -> Vec<String> {
    let mut out = Vec::new();
    let duty = |id: &i64| inst.duties.iter().find(|d| d.id == *id);
    for person in &inst.persons {
        let mine: Vec<_> = plan
            .iter()
            .filter(|(_, p)| **p == person.id)
            .filter_map(|(d, _)| duty(d))
            .collect();
        for d in &mine {
            if !d.accepts.is_empty() && !d.accepts.contains(&person.role) {
                out.push(format!("{} has the wrong role for {}", person.id, d.id));
            }
            if person
                .unavailable
                .iter()
                .any(|(day, peak)| *day == d.day && *peak == d.peak)
            {
                out.push(format!("{} is away at {}", person.id, d.id));
            }
            if d.needs.iter().any(|n| !person.skills.contains(n)) {
                out.push(format!("{} lacks a skill for {}", person.id, d.id));
            }
            if inst.rules.squad_only && d.squad.is_some() && d.squad != person.squad {
                out.push(format!("{} is of another squad than {}", person.id, d.id));
            }
        }
        let days: std::collections::BTreeSet<i64> = mine.iter().map(|d| d.day).collect();
        for day in &days {
            let n = mine.iter().filter(|d| d.day == *day).count();
            if n as i64 > person.max_per_day {
                out.push(format!("{} has {n} duties on day {day}", person.id));
            }
            let run = (0..=366).take_while(|k| days.contains(&(day + k))).count() as i64;
            let before = if *day == 0 { person.days_before } else { 0 };
            if run + before > inst.rules.max_consecutive_days {
                out.push(format!("{} works {run} days from {day}", person.id));
            }
        }
        for week in days
            .iter()
            .map(|d| (d + inst.rules.first_weekday).div_euclid(7))
        {
            let n = mine
                .iter()
                .filter(|d| (d.day + inst.rules.first_weekday).div_euclid(7) == week)
                .count();
            if n as i64 > person.max_per_week {
                out.push(format!("{} has {n} duties in week {week}", person.id));
            }
        }
        for a in &mine {
            for b in mine.iter().filter(|b| b.id != a.id) {
                let from = a.last_gate.unwrap_or(a.gate);
                let ride = if from == b.gate {
                    0
                } else {
                    let cell = inst
                        .rules
                        .travel_min
                        .get(from as usize)
                        .and_then(|r| r.get(b.gate as usize));
                    cell.copied().unwrap_or(0) + inst.rules.buffer_min
                };
                if a.day == b.day && (a.start, a.end) <= (b.start, b.end) && a.end + ride > b.start
                {
                    out.push(format!("{} cannot serve {} and {}", person.id, a.id, b.id));
                }
                if b.day == a.day + 1 && 1440 + b.start - a.end < inst.rules.min_rest_min {
                    out.push(format!(
                        "{} has no rest from {} to {}",
                        person.id, a.id, b.id
                    ));
                }
            }
        }
    }
    for (d, p) in plan {
        if duty(d).is_none() || !inst.persons.iter().any(|x| x.id == *p) {
            out.push(format!("duty {d} or person {p} does not exist"));
        }
    }
    out
}

/// Values of a plan at the levels coverage, change (if published), fairness.
pub(crate) fn values(inst: &Instance, plan: &BTreeMap<i64, i64>) -> Vec<i64> {
    let mut out = vec![
        inst.duties
            .iter()
            .filter(|d| plan.contains_key(&d.id))
            .map(|d| d.priority)
            .sum(),
    ];
    if let Some(published) = &inst.published {
        let changed = inst.duties.iter().filter(|d| {
            let was = published.get(&d.id).copied().flatten();
            was != plan.get(&d.id).copied()
        });
        out.push(changed.count() as i64);
    }
    if inst.fairness {
        let total = |p: &zhilu::plan::roster::Person| {
            let own = inst
                .duties
                .iter()
                .filter(|d| plan.get(&d.id) == Some(&p.id));
            p.history + own.map(|d| d.load).sum::<i64>()
        };
        out.push(inst.persons.iter().map(|p| total(p) * total(p)).sum());
    }
    out
}
