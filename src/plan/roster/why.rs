//! Why is this duty not covered, why can all of these not be covered, and what would one more person bring?
//!
//! Every answer is a counterfactual: the question is put to the solver with one thing changed. Nothing is guessed from how
//! the first run went.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::plan::roster::build::Scale;
use crate::plan::roster::exact::{Cover, all_of};
use crate::plan::roster::instance::{BadInstance, Duty, Instance, Person};
use crate::plan::roster::model::{Model, Waived};
use crate::plan::roster::relax::tree;
use crate::plan::roster::solve::{Answer, Limits, Status, more_per_peak, solve};

/// A requirement with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Need {
    Cover(i64),
    Unavailable(usize, i64, String),
    PerDay(usize),
    PerWeek(usize),
    Rest(usize),
    Consecutive(usize),
}

/// A smallest set of requirements that cannot hold together: take any one away and the rest can. Empty when every duty that
/// must be covered can be. Role is an axiom, as is that nobody is in two places; a duty whose roles nobody has is named with
/// its `role:<duty>`.
///
/// Deletion filter in the order of the list, with halving: the same set as one by one, in O(size · log requirements) flows.
#[must_use]
pub fn conflict(given: &Instance) -> Vec<String> {
    let orphan = given
        .must_cover
        .iter()
        .copied()
        .collect::<BTreeSet<i64>>()
        .into_iter()
        .find(|id| {
            let duty = given.duties.iter().find(|d| d.id == *id);
            let served = |d: &Duty| {
                d.accepts.is_empty() || given.persons.iter().any(|p| d.accepts.contains(&p.role))
            };
            duty.is_some_and(|d| !served(d))
        });
    if let Some(id) = orphan {
        return vec![format!("cover:{id}"), format!("role:{id}")];
    }
    let all = needs(given);
    if feasible(given, &all) {
        return Vec::new();
    }
    let mut kept: Vec<Need> = Vec::new();
    let mut rest = all;
    while !rest.is_empty() {
        // The longest beginning that can go while the remainder stays infeasible.
        let (mut low, mut high) = (0, rest.len());
        while low < high {
            let middle = (low + high).div_ceil(2);
            let mut trial = kept.clone();
            trial.extend_from_slice(&rest[middle..]);
            if feasible(given, &trial) {
                high = middle - 1;
            } else {
                low = middle;
            }
        }
        rest.drain(..low);
        if !rest.is_empty() {
            kept.push(rest.remove(0));
        }
    }
    kept.iter().map(|n| name(given, n)).collect()
}

fn needs(given: &Instance) -> Vec<Need> {
    let must: BTreeSet<i64> = given.must_cover.iter().copied().collect();
    let moments: BTreeSet<(i64, &str)> = given
        .duties
        .iter()
        .filter(|d| must.contains(&d.id))
        .map(|d| (d.day, d.peak.as_str()))
        .collect();
    let mut all: Vec<Need> = must.into_iter().map(Need::Cover).collect();
    for (p, person) in given.persons.iter().enumerate() {
        let away = person
            .unavailable
            .iter()
            .filter(|(d, k)| moments.contains(&(*d, k.as_str())));
        all.extend(away.map(|(day, peak)| Need::Unavailable(p, *day, peak.clone())));
    }
    let people = 0..given.persons.len();
    all.extend(people.clone().map(Need::PerDay));
    all.extend(people.clone().map(Need::PerWeek));
    all.extend(people.clone().map(Need::Rest));
    all.extend(people.map(Need::Consecutive));
    all
}

fn name(given: &Instance, need: &Need) -> String {
    let id = |p: &usize| given.persons[*p].id;
    match need {
        Need::Cover(duty) => format!("cover:{duty}"),
        Need::Unavailable(p, day, peak) => format!("unavailable:{}:{day}:{peak}", id(p)),
        Need::PerDay(p) => format!("max_per_day:{}", id(p)),
        Need::PerWeek(p) => format!("max_per_week:{}", id(p)),
        Need::Rest(p) => format!("rest:{}", id(p)),
        Need::Consecutive(p) => format!("consecutive:{}", id(p)),
    }
}

/// Whether the duties named in `kept` can all be covered while only the requirements in `kept` hold. What cannot be decided
/// within the limits counts as feasible: a conflict set is always proved, though it may then be longer than it need be.
fn feasible(given: &Instance, kept: &[Need]) -> bool {
    let cover: BTreeSet<i64> = kept
        .iter()
        .filter_map(|n| match n {
            Need::Cover(id) => Some(*id),
            _ => None,
        })
        .collect();
    let (small, waived) = restricted(given, kept, &cover);
    let model = Model::new(&small, waived);
    let wanted = i64::try_from(cover.len()).unwrap_or(i64::MAX);
    if model.has_pairs_within_a_peak() {
        // The flow's one duty per person and peak is no rule here.
        if more_per_peak(&model, &mut || true).is_some_and(|w| w.must < wanted) {
            return false;
        }
    } else {
        let mut scale = Scale::of(&model, None);
        scale.all = false;
        let found = tree(&model, &scale, 200, &mut |_, _, _| true);
        if found.best.is_some_and(|(worth, _)| worth.must == wanted) {
            return true;
        }
        if found.proved || found.bound.must < wanted {
            return false;
        }
    }
    let all: Vec<usize> = (0..model.duties()).collect();
    all_of(&model, &all, QUESTIONS) != Cover::No
}

/// The instance with only the duties in `cover` and the requirements in `kept`.
fn restricted(given: &Instance, kept: &[Need], cover: &BTreeSet<i64>) -> (Instance, Waived) {
    let mut small = Instance {
        duties: given
            .duties
            .iter()
            .filter(|d| cover.contains(&d.id))
            .cloned()
            .collect(),
        must_cover: cover.iter().copied().collect(),
        published: None,
        locked: Vec::new(),
        fairness: false,
        ..given.clone()
    };
    let mut waived = Waived {
        per_day: (0..given.persons.len()).collect(),
        per_week: (0..given.persons.len()).collect(),
        rest: (0..given.persons.len()).collect(),
        consecutive: (0..given.persons.len()).collect(),
        ..Waived::default()
    };
    for person in &mut small.persons {
        person.unavailable.clear();
    }
    for need in kept {
        match need {
            Need::Cover(_) => {}
            Need::Unavailable(p, day, peak) => {
                small.persons[*p].unavailable.push((*day, peak.clone()));
            }
            Need::PerDay(p) => {
                waived.per_day.remove(p);
            }
            Need::PerWeek(p) => {
                waived.per_week.remove(p);
            }
            Need::Rest(p) => {
                waived.rest.remove(p);
            }
            Need::Consecutive(p) => {
                waived.consecutive.remove(p);
            }
        }
    }
    (small, waived)
}

/// Questions asked of one set of requirements.
const QUESTIONS: u64 = 400_000;

/// Why one person does not serve a duty in a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Obstacle {
    /// Away at that day and peak.
    Away,
    /// Belongs to another squad, and squads keep to themselves.
    OtherSquad,
    /// Lacks a skill.
    Unskilled,
    /// Serves another duty at that time.
    OtherDuty {
        /// Which one.
        duty: i64,
    },
    /// Too little rest to a duty of the day before or after.
    Rest {
        /// Which one.
        duty: i64,
    },
    /// Has the day's most duties already.
    DayCap,
    /// Has the week's most duties already.
    WeekCap,
    /// Would work too many days in a row.
    Consecutive,
    /// Nothing stands in the way.
    Free,
}

/// Why a duty is uncovered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Uncovered {
    /// It is covered.
    Covered,
    /// Nobody of an accepted role can, whatever else is given up.
    Impossible {
        /// Everybody of an accepted role with what stands in the way.
        people: Vec<(i64, Obstacle)>,
        /// Requirements that exclude each other.
        conflict: Vec<String>,
    },
    /// Not decided within the limits of work.
    Unknown {
        /// Everybody of an accepted role with what stands in the way in the present plan.
        people: Vec<(i64, Obstacle)>,
    },
    /// It can be, at the price of others.
    Costs {
        /// Coverage that is lost.
        loss: i64,
        /// Duties that would be uncovered instead.
        falls: Vec<i64>,
        /// Who would serve it.
        person: i64,
        /// Everybody of an accepted role with what stands in the way in the present plan.
        people: Vec<(i64, Obstacle)>,
    },
}

/// Forces the duty and solves again, with as few changes as possible. Exact as the solver is; cost of one solve.
pub fn uncovered(given: &Instance, answer: &Answer, duty: i64) -> Result<Uncovered, BadInstance> {
    uncovered_in(given, &answer.assignment, duty)
}

/// The same for any plan (duty → person).
pub fn uncovered_in(
    given: &Instance,
    plan: &BTreeMap<i64, i64>,
    duty: i64,
) -> Result<Uncovered, BadInstance> {
    if plan.contains_key(&duty) {
        return Ok(Uncovered::Covered);
    }
    let people = obstacles(given, plan, duty);
    let mut forced = given.clone();
    // What must be covered and is stays so: giving it up instead would be no answer.
    forced.must_cover.retain(|d| plan.contains_key(d));
    forced.must_cover.push(duty);
    forced.fairness = false;
    let published = given
        .duties
        .iter()
        .map(|d| (d.id, plan.get(&d.id).copied()));
    forced.published = Some(published.collect());
    let other = solve(&forced, &Limits::default(), &mut |_| true)?;
    let Some(person) = other
        .assignment
        .get(&duty)
        .copied()
        .filter(|_| other.dropped.is_empty())
    else {
        let conflict = conflict(&forced);
        return Ok(if conflict.is_empty() {
            Uncovered::Unknown { people }
        } else {
            Uncovered::Impossible { people, conflict }
        });
    };
    let covered = |p: &BTreeMap<i64, i64>| -> i64 {
        let held = given.duties.iter().filter(|d| p.contains_key(&d.id));
        held.map(|d| d.priority).sum()
    };
    let falls = plan.keys().filter(|d| !other.assignment.contains_key(d));
    Ok(Uncovered::Costs {
        loss: covered(plan) - covered(&other.assignment),
        falls: falls.copied().collect(),
        person,
        people,
    })
}

/// What stands between each person of an accepted role and a duty, in a plan. People by id.
#[must_use]
pub fn obstacles(given: &Instance, plan: &BTreeMap<i64, i64>, duty: i64) -> Vec<(i64, Obstacle)> {
    let model = Model::new(given, Waived::default());
    let Some(q) = model.duty_at.get(&duty).copied() else {
        return Vec::new();
    };
    let wanted = &given.duties[q].accepts;
    let mut of: Vec<Vec<usize>> = vec![Vec::new(); given.persons.len()];
    for (d, p) in plan {
        if let (Some(d), Some(p)) = (model.duty_at.get(d), model.person_at.get(p))
            && *d != q
        {
            of[*p].push(*d);
        }
    }
    let mut out: Vec<(i64, Obstacle)> = given
        .persons
        .iter()
        .enumerate()
        .filter(|(_, p)| wanted.is_empty() || wanted.contains(&p.role))
        .map(|(p, person)| (person.id, obstacle(&model, p, q, &of[p])))
        .collect();
    out.sort_by_key(|o| o.0);
    out
}

/// The first obstacle of one person; `of` are the person's duties.
pub(super) fn obstacle(model: &Model<'_>, p: usize, q: usize, of: &[usize]) -> Obstacle {
    let (duty, person) = (&model.given.duties[q], &model.given.persons[p]);
    if !model.may[q][p] {
        let away = person
            .unavailable
            .iter()
            .any(|(d, k)| *d == duty.day && *k == duty.peak);
        let skilled = duty.needs.iter().all(|s| person.skills.contains(s));
        return match (away, skilled) {
            (true, _) => Obstacle::Away,
            (_, false) => Obstacle::Unskilled,
            _ => Obstacle::OtherSquad,
        };
    }
    let id = |x: usize| model.given.duties[x].id;
    if let Some(x) = of.iter().find(|x| model.no_time(**x, q)) {
        return Obstacle::OtherDuty { duty: id(*x) };
    }
    if let Some(x) = of.iter().find(|x| model.no_rest(**x, q)) {
        return Obstacle::Rest { duty: id(*x) };
    }
    let day_of = |x: &usize| model.given.duties[*x].day;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    if count(of.iter().filter(|x| day_of(x) == duty.day).count()) >= model.day_cap(p) {
        return Obstacle::DayCap;
    }
    let week = model.week(duty.day);
    if count(of.iter().filter(|x| model.week(day_of(x)) == week).count()) >= model.week_cap(p, week)
    {
        return Obstacle::WeekCap;
    }
    let mut with = of.to_vec();
    with.push(q);
    with.sort_by_key(|x| (day_of(x), *x));
    if model.long_run(p, &with).is_some() {
        return Obstacle::Consecutive;
    }
    Obstacle::Free
}

/// What one more person of a role would bring: coverage gained. The newcomer has no leave and the usual caps.
pub fn one_more(given: &Instance, answer: &Answer, role: &str) -> Result<i64, BadInstance> {
    let coverage = answer.values.first().copied().unwrap_or(0);
    Ok(one_more_in(given, coverage, role, None)?.coverage)
}

/// What a newcomer brings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OneMore {
    /// Role of the newcomer.
    pub role: String,
    /// Home squad, where squads keep to themselves.
    pub squad: Option<String>,
    /// Coverage gained.
    pub coverage: i64,
    /// Duties covered in all, against before.
    pub duties: i64,
}

/// The same beside any plan of known coverage; `like` is the person whose squad, skills and caps the newcomer has, else the
/// first of the role. Cost of one solve for coverage.
pub fn one_more_in(
    given: &Instance,
    coverage: i64,
    role: &str,
    like: Option<&Person>,
) -> Result<OneMore, BadInstance> {
    let id = given.persons.iter().map(|p| p.id).max().unwrap_or(0) + 1;
    let typical = like.or_else(|| given.persons.iter().find(|p| p.role == role));
    let newcomer = Person {
        id,
        role: role.to_owned(),
        max_per_day: typical.map_or(2, |p| p.max_per_day),
        max_per_week: typical.map_or(10, |p| p.max_per_week),
        squad: typical.and_then(|p| p.squad.clone()),
        skills: typical.map(|p| p.skills.clone()).unwrap_or_default(),
        history: 0,
        unavailable: Vec::new(),
        known_gates: Vec::new(),
        gate_weeks: BTreeMap::new(),
        days_before: 0,
        week_before: 0,
        week_after: 0,
    };
    let mut more = given.clone();
    more.persons.push(newcomer);
    more.fairness = false;
    more.published = None;
    more.locked.clear();
    let other = solve(&more, &Limits::default(), &mut |_| true)?;
    let gained = other.values.first().copied().unwrap_or(0) - coverage;
    Ok(OneMore {
        role: role.to_owned(),
        squad: typical.and_then(|p| p.squad.clone()),
        coverage: gained.max(0),
        duties: i64::try_from(other.assignment.len()).unwrap_or(i64::MAX),
    })
}

/// Fewest duties given up when not everything that must be covered can be, with the plan that is then best.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Repair {
    /// Requirements that exclude each other.
    pub conflict: Vec<String>,
    /// `cover:` requirements that are dropped: fewest, then least priority.
    pub dropped: Vec<i64>,
    /// Values of the plan after it.
    pub values: Vec<i64>,
}

/// The conflict and its cheapest repair, `None` when the answer is not infeasible.
#[must_use]
pub fn repair(given: &Instance, answer: &Answer) -> Option<Repair> {
    (answer.status == Status::Infeasible).then(|| Repair {
        conflict: conflict(given),
        dropped: answer.dropped.clone(),
        values: answer.values.clone(),
    })
}
