//! Where can nobody stand at all: duties for which nobody has the role, or everybody who has it is away, and on which days?

use std::collections::{BTreeMap, BTreeSet};

use crate::app::duty_export::role_title;
use crate::calendar::Day;
use crate::plan::roster::{Duty, Instance, Person};

/// Runs of days that are written out before the rest is only counted.
const RUNS: usize = 4;

/// Duties alike in who may serve them, as (squad where squads keep to themselves, roles, skills).
type Alike<'a> = (&'a str, Vec<&'a str>, Vec<&'a str>);

/// Days of duties nobody can serve and how many those are: nobody may at all, or all who may are away.
#[derive(Default)]
struct Bare {
    days: BTreeSet<i64>,
    duties: usize,
}

/// Sentences on duties that nobody is there for; `squad` is the one rostered, empty for all. Cost O(duties + kinds of duties ·
/// days · people).
pub(super) fn bare(instance: &Instance, from: Day, squad: &str) -> Vec<String> {
    let away: Vec<BTreeSet<(i64, &str)>> = instance
        .persons
        .iter()
        .map(|p| p.unavailable.iter().map(|u| (u.0, u.1.as_str())).collect())
        .collect();
    let mut found: BTreeMap<(Alike<'_>, i64, &str), Option<bool>> = BTreeMap::new();
    let mut out: BTreeMap<(Alike<'_>, bool), Bare> = BTreeMap::new();
    for duty in &instance.duties {
        let kind = alike(instance, duty);
        let missing = *found
            .entry((kind.clone(), duty.day, duty.peak.as_str()))
            .or_insert_with(|| missing(instance, duty, &away));
        if let Some(absent) = missing {
            let bare = out.entry((kind, absent)).or_default();
            bare.days.insert(duty.day);
            bare.duties += 1;
        }
    }
    let days: BTreeSet<i64> = instance.duties.iter().map(|d| d.day).collect();
    let mut said: Vec<String> = out
        .iter()
        .map(|(((own, roles, _), absent), bare)| {
            let own = if own.is_empty() { squad } else { own };
            sentence((own, roles, *absent), bare, &spans(&bare.days, &days, from))
        })
        .collect();
    said.dedup();
    said
}

fn alike<'a>(instance: &Instance, duty: &'a Duty) -> Alike<'a> {
    let own = duty.squad.as_deref().filter(|_| instance.rules.squad_only);
    let text = |list: &'a [String]| list.iter().map(String::as_str).collect();
    (
        own.unwrap_or_default(),
        text(&duty.accepts),
        text(&duty.needs),
    )
}

/// None when somebody can serve; true when all who may are away, false when nobody may.
fn missing(instance: &Instance, duty: &Duty, away: &[BTreeSet<(i64, &str)>]) -> Option<bool> {
    let squads = instance.rules.squad_only && duty.squad.is_some();
    let may = |p: &Person| {
        (duty.accepts.is_empty() || duty.accepts.contains(&p.role))
            && (!squads || p.squad == duty.squad)
            && duty.needs.iter().all(|s| p.skills.contains(s))
    };
    let mut able = instance
        .persons
        .iter()
        .zip(away)
        .filter(|(p, _)| may(p))
        .peekable();
    let absent = able.peek().is_some();
    let there = able.any(|(_, a)| !a.contains(&(duty.day, duty.peak.as_str())));
    (!there).then_some(absent)
}

fn sentence((squad, roles, absent): (&str, &[&str], bool), bare: &Bare, days: &str) -> String {
    let names: Vec<&str> = roles.iter().map(|r| role_title(r)).collect();
    let names = if names.is_empty() {
        "人员".to_owned()
    } else {
        names.join("、")
    };
    let count = bare.duties;
    if absent {
        format!(
            "{squad}{names}全部请假，{days}共 {count} 个岗次无人可排 (everybody who may serve is on leave)"
        )
    } else {
        format!(
            "{squad}没有可任该岗的{names}，{days}共 {count} 个岗次无人可排 (nobody has the role)"
        )
    }
}

/// Days in words: runs of the roster's own days, so that a weekend without duties breaks none.
fn spans(days: &BTreeSet<i64>, all: &BTreeSet<i64>, from: Day) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    let mut open = false;
    for day in all {
        let within = days.contains(day);
        match runs.last_mut() {
            Some(run) if open && within => run.1 = *day,
            _ if within => runs.push((*day, *day)),
            _ => {}
        }
        open = within;
    }
    let date = |d: i64| Day(from.0 + d).iso();
    let word = |run: &(i64, i64)| {
        if run.0 == run.1 {
            date(run.0)
        } else {
            format!("{} 至 {}", date(run.0), date(run.1))
        }
    };
    let said: Vec<String> = runs.iter().take(RUNS).map(word).collect();
    let more = if runs.len() > RUNS {
        format!(" 等 {} 天", days.len())
    } else {
        String::new()
    };
    format!("{}{more} ", said.join("、"))
}
