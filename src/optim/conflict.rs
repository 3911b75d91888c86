//! Why can nothing satisfy all rows, and what is the cheapest way out?
//!
//! The conflict set is minimal: take any of its rows away and the rest can be satisfied. It is found by a deletion filter
//! over budgets, mandatory and forbidden marks, needs, exclusions, floors and caps, in this order; every test is one search.

use crate::optim::build::{Terms, build};
use crate::optim::choice::{BadChoice, Choice, Row};
use crate::optim::search::{Aim, search};
use crate::optim::select::{Limits, Selected, select};

/// What would make a choice possible again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repair {
    /// Least extra money for each budget, when money alone helps.
    pub extra: Option<Vec<i64>>,
    /// Rows to give up, as few as possible, when money alone does not help.
    pub dropped: Vec<Row>,
    /// The best choice after the repair.
    pub then: Selected,
}

/// All rows of a choice that have a name, in the order of the filter.
#[must_use]
pub fn rows(choice: &Choice) -> Vec<Row> {
    let mut out: Vec<Row> = (0..choice.budgets.len()).map(Row::Budget).collect();
    out.extend(sorted(&choice.mandatory).into_iter().map(Row::Mandatory));
    out.extend(sorted(&choice.forbidden).into_iter().map(Row::Forbidden));
    out.extend((0..choice.needs.len()).map(Row::Needs));
    out.extend((0..choice.exclusions.len()).map(Row::Exclusion));
    let groups = choice.groups.iter().enumerate();
    out.extend(
        groups
            .clone()
            .filter(|g| g.1.floor.is_some())
            .map(|g| Row::Floor(g.0)),
    );
    out.extend(groups.filter(|g| g.1.cap.is_some()).map(|g| Row::Cap(g.0)));
    out
}

fn sorted(items: &[usize]) -> Vec<usize> {
    let mut out = items.to_vec();
    out.sort_unstable();
    out.dedup();
    out
}

/// Whether some choice satisfies the given rows; `None` when the work allowed did not tell.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read.
pub fn possible(choice: &Choice, kept: &[Row], steps: u64) -> Result<Option<bool>, BadChoice> {
    choice.check()?;
    let built = build(
        choice,
        &Terms {
            values: &vec![0; choice.items.len()],
            holds: &|row| kept.contains(&row),
            soft: &[],
            soft_budgets: false,
            unit: 1,
            thin: false,
        },
    );
    let aim = Aim {
        wanted: i64::MIN / 2,
        slack_ppm: 0,
        steps,
        first: true,
        labels: &[],
        watch: &mut |_| true,
    };
    let outcome = search(&built.model, built.alive.clone(), None, aim);
    Ok(match outcome.best {
        Some(_) => Some(true),
        None => outcome.complete.then_some(false),
    })
}

/// A minimal set of rows that cannot hold together; `None` when all can, or the work allowed did not tell.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read.
pub fn conflict(choice: &Choice, steps: u64) -> Result<Option<Vec<Row>>, BadChoice> {
    let all = rows(choice);
    let single: Vec<Vec<Row>> = all.iter().map(|r| vec![*r]).collect();
    let found = conflict_of(choice, &single, steps)?;
    Ok(found.map(|kept| kept.into_iter().map(|at| all[at]).collect()))
}

/// The same over requirements that stand for one row or several; gives the places of those that cannot hold together. A
/// requirement that is taken away leaves a row standing that another one asks for too.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read.
pub fn conflict_of(
    choice: &Choice,
    wanted: &[Vec<Row>],
    steps: u64,
) -> Result<Option<Vec<usize>>, BadChoice> {
    let rows_of = |kept: &[usize]| -> Vec<Row> {
        kept.iter()
            .flat_map(|&at| wanted[at].iter().copied())
            .collect()
    };
    let mut kept: Vec<usize> = (0..wanted.len()).collect();
    if possible(choice, &rows_of(&kept), steps)? != Some(false) {
        return Ok(None);
    }
    for at in 0..wanted.len() {
        let without: Vec<usize> = kept.iter().copied().filter(|k| *k != at).collect();
        if possible(choice, &rows_of(&without), steps)? == Some(false) {
            kept = without;
        }
    }
    Ok(Some(kept))
}

/// The cheapest repair of an impossible choice: least extra money, else fewest rows given up; `None` when none was found.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read.
pub fn repair(choice: &Choice, limits: Limits) -> Result<Option<Repair>, BadChoice> {
    choice.check()?;
    if let Some(extra) = least_extra(choice, limits.steps) {
        let mut richer = choice.clone();
        for (budget, more) in richer.budgets.iter_mut().zip(&extra) {
            *budget += more;
        }
        let then = select(&richer, limits, None, &mut |_| true)?;
        return Ok(Some(Repair {
            extra: Some(extra),
            dropped: Vec::new(),
            then,
        }));
    }
    let Some(dropped) = fewest(choice, limits.steps) else {
        return Ok(None);
    };
    let mut freer = choice.clone();
    release(&mut freer, &dropped);
    let then = select(&freer, limits, None, &mut |_| true)?;
    Ok(Some(Repair {
        extra: None,
        dropped,
        then,
    }))
}

/// Takes rows out of a choice.
fn release(choice: &mut Choice, dropped: &[Row]) {
    let gone = |row: Row| dropped.contains(&row);
    choice.mandatory.retain(|&i| !gone(Row::Mandatory(i)));
    choice.forbidden.retain(|&i| !gone(Row::Forbidden(i)));
    let needs = choice
        .needs
        .iter()
        .enumerate()
        .filter(|n| !gone(Row::Needs(n.0)));
    choice.needs = needs.map(|n| *n.1).collect();
    let apart = choice
        .exclusions
        .iter()
        .enumerate()
        .filter(|n| !gone(Row::Exclusion(n.0)));
    choice.exclusions = apart.map(|n| *n.1).collect();
    for (at, group) in choice.groups.iter_mut().enumerate() {
        group.floor = group.floor.filter(|_| !gone(Row::Floor(at)));
        group.cap = group.cap.filter(|_| !gone(Row::Cap(at)));
    }
    for (at, budget) in choice.budgets.iter_mut().enumerate() {
        if gone(Row::Budget(at)) {
            *budget = choice.items.iter().map(|i| i.cost[at]).sum();
        }
    }
}

/// Least extra money, summed over the budgets, with which everything else can hold.
fn least_extra(choice: &Choice, steps: u64) -> Option<Vec<i64>> {
    let unit = choice.unit();
    let chosen = soft_search(choice, &[], Some(unit), steps)?;
    let spent = choice.spending(&chosen);
    let over = spent
        .iter()
        .zip(&choice.budgets)
        .map(|(s, b)| (s - b).max(0));
    Some(over.collect())
}

/// Fewest rows whose release makes the rest possible with unlimited money counted as one row per budget.
fn fewest(choice: &Choice, steps: u64) -> Option<Vec<Row>> {
    let soft: Vec<Row> = rows(choice)
        .into_iter()
        .filter(|r| !matches!(r, Row::Budget(_)))
        .collect();
    let chosen = soft_search(choice, &soft, None, steps)?;
    let taken = |i: &usize| chosen.binary_search(i).is_ok();
    let sum = |group: usize| -> i64 {
        let members = choice.groups[group].members.iter();
        members.filter(|m| taken(&m.0)).map(|m| m.1).sum()
    };
    let broken = |row: &Row| match *row {
        Row::Budget(at) => choice.spending(&chosen)[at] > choice.budgets[at],
        Row::Mandatory(i) => !taken(&i),
        Row::Forbidden(i) => taken(&i),
        Row::Needs(at) => taken(&choice.needs[at].0) && !taken(&choice.needs[at].1),
        Row::Exclusion(at) => taken(&choice.exclusions[at].0) && taken(&choice.exclusions[at].1),
        Row::Floor(at) => choice.groups[at].floor.is_some_and(|f| sum(at) < f),
        Row::Cap(at) => choice.groups[at].cap.is_some_and(|c| sum(at) > c),
    };
    Some(rows(choice).into_iter().filter(broken).collect())
}

/// The choice that pays the least fines; `unit` makes budgets soft in that unit.
fn soft_search(choice: &Choice, soft: &[Row], unit: Option<i64>, steps: u64) -> Option<Vec<usize>> {
    let built = build(
        choice,
        &Terms {
            values: &vec![0; choice.items.len()],
            holds: &|_| true,
            soft,
            soft_budgets: unit.is_some(),
            unit: unit.unwrap_or(1),
            thin: false,
        },
    );
    let aim = Aim {
        wanted: i64::MIN / 2,
        slack_ppm: 0,
        steps,
        first: false,
        labels: &[],
        watch: &mut |_| true,
    };
    let outcome = search(&built.model, built.alive.clone(), None, aim);
    let (_, chosen) = outcome.best?;
    Some(built.items(&chosen))
}
