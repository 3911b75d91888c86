//! Who of those that meet at a peak takes which gate, when the flow leaves it open?
//!
//! Peaks in the order of time; within a group the cheapest assignment: first no clash with what the person has already,
//! then the home squad, then a gate the person knows (continuity), then small numbers. No level changes by it.

use crate::optim::matching::cheapest;
use crate::plan::roster::build::Meeting;
use crate::plan::roster::model::Model;

const CLASH: i64 = 1_000_000_000;
const AWAY_FROM_HOME: i64 = 100_000;
const NEW_GATE: i64 = 10_000;

/// Pairs everybody. `kept` are pairs that stand.
pub(super) fn pair(
    model: &Model<'_>,
    kept: &[(usize, usize)],
    meetings: &[Meeting],
) -> Vec<Option<usize>> {
    let mut who = vec![None; model.duties()];
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); model.people()];
    for (p, q) in kept {
        who[*q] = Some(*p);
        of[*p].push(*q);
    }
    let mut known: Vec<Vec<i64>> = model
        .given
        .persons
        .iter()
        .map(|p| p.known_gates.clone())
        .collect();
    for meeting in meetings {
        let cost: Vec<Vec<i64>> = meeting
            .persons
            .iter()
            .enumerate()
            .map(|(i, p)| {
                let duties = meeting.duties.iter().enumerate();
                duties
                    .map(|(j, q)| price(model, (*p, *q), &of[*p], &known[*p]) + small(i, j))
                    .collect()
            })
            .collect();
        for (i, j) in cheapest(&cost).into_iter().enumerate() {
            let (p, q) = (meeting.persons[i], meeting.duties[j]);
            who[q] = Some(p);
            of[p].push(q);
            let gate = model.given.duties[q].gate;
            if !known[p].contains(&gate) {
                known[p].push(gate);
            }
        }
    }
    who
}

/// A slight pull towards "first person, first duty", below every real reason.
fn small(i: usize, j: usize) -> i64 {
    i64::try_from(i.abs_diff(j)).unwrap_or(0).min(100)
}

fn price(model: &Model<'_>, (p, q): (usize, usize), of: &[usize], known: &[i64]) -> i64 {
    let duty = &model.given.duties[q];
    let mut cost = 0;
    if of.iter().any(|other| model.clash_for(p, *other, q)) {
        cost += CLASH;
    }
    if duty.squad.is_some() && duty.squad != model.given.persons[p].squad {
        cost += AWAY_FROM_HOME;
    }
    if !known.contains(&duty.gate) {
        cost += NEW_GATE;
    }
    cost
}
