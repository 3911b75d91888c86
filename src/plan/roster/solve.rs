//! Which roster is best, how far from the best could it be, and what if not everything can be had?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::roster::bound::floor;
use crate::plan::roster::build::{Bans, Scale, build};
use crate::plan::roster::exact::{Cover, all_of};
use crate::plan::roster::instance::{BadInstance, Instance};
use crate::plan::roster::model::{Model, Waived, Worth};
use crate::plan::roster::relax::{Tree, tree};
use crate::plan::roster::search::Search;

/// How much work a run may do; counted, so that it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Flows in the tree.
    pub flows: u64,
    /// Questions of the local search.
    pub questions: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 400,
            questions: 6_000_000,
        }
    }
}

/// What is claimed of a roster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Proved the best at every level.
    Optimal,
    /// Keeps every rule; the bounds say how much better another could be.
    Gap,
    /// Some duty that must be covered cannot be; the plan covers as many of them as possible.
    Infeasible,
}

/// A roster with its proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What is claimed.
    pub status: Status,
    /// Names of the levels: `coverage`, `change` when a plan was published, `fairness`.
    pub levels: Vec<&'static str>,
    /// Value at each level.
    pub values: Vec<i64>,
    /// Bound at each level; `null` after the first level whose bound is not reached.
    pub bounds: Vec<Option<i64>>,
    /// Duty → person.
    pub assignment: BTreeMap<i64, i64>,
    /// Uncovered duties, most valuable first, then by id.
    pub uncovered: Vec<i64>,
    /// Duties that differ from the published plan.
    pub changed: Vec<i64>,
    /// Σ priority of all duties.
    pub total_priority: i64,
    /// Person → history + load.
    pub loads: BTreeMap<i64, i64>,
    /// Duties that must be covered and are not.
    pub dropped: Vec<i64>,
    /// Flows solved.
    pub flows: u64,
    /// Questions of the local search.
    pub questions: u64,
    /// Whether it was stopped from outside before its limits.
    pub stopped: bool,
}

/// How a run stands; returned `false` stops it with the best plan so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Share of the work limit used, in thousandths.
    pub done: u64,
    /// Coverage of the best plan so far.
    pub coverage: i64,
    /// No plan covers more.
    pub bound: i64,
}

/// Solves a roster. Too few people is no error: what is uncovered is listed. Equal loads: exact, 60 people × 70 gates ×
/// 4 peaks × 20 days in about a second; other loads: coverage exact, fairness with a bound.
pub fn solve(
    given: &Instance,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress) -> bool,
) -> Result<Answer, BadInstance> {
    given.check()?;
    let model = Model::new(given, Waived::default());
    let size = (given.duties.len() * given.persons.len()) as u64;
    let questions_limit = limits.questions.min(20_000 + 3_000 * size);
    let equal = model.equal_loads();
    let pairs = model.has_pairs_within_a_peak();
    let mut told = Told {
        progress,
        stopped: false,
    };
    let scale = Scale::of(&model, given.fairness.then(|| typical_load(given)));
    // Flows of large rosters cost more, so they get fewer of them; exchanges close what is left.
    let few = 8 + 40_000 / (given.duties.len() as u64 + 1);
    let most_flows = limits.flows.min(few);
    let found = tree(&model, &scale, most_flows, &mut |flows, coverage, bound| {
        told.say(flows * 500 / most_flows.max(1), coverage, bound)
    });
    let mut ceiling = first_ceiling(&model, &found, pairs, &mut told);
    let start = found.best.as_ref().map_or(&found.root, |b| &b.1);
    let tight = found.best.as_ref().is_some_and(|b| equal && b.0 >= ceiling);
    let exact = tight || found.proved && !pairs && (equal || !given.fairness);
    let (who, questions) = if exact {
        (start.clone(), 0)
    } else {
        let goal = (&ceiling, equal, questions_limit);
        exchanged(&model, start, goal, &mut told)
    };
    let who = if pairs && !told.stopped {
        with_all_required(&model, who, (&mut ceiling, questions_limit), &mut told)
    } else {
        who
    };
    let worth = model.worth(&who);
    let proof = if exact {
        worth
    } else {
        ceiling_for((&model, &who), &worth, (&ceiling, equal), &mut told)
    };
    let mut answer = answer(&model, &who, &worth, &proof);
    answer.flows = found.nodes;
    answer.questions = questions;
    answer.stopped = told.stopped;
    Ok(answer)
}

/// Who is told how a run stands, and whether the run was ended.
struct Told<'p> {
    progress: &'p mut dyn FnMut(Progress) -> bool,
    stopped: bool,
}

impl Told<'_> {
    fn say(&mut self, done: u64, coverage: i64, bound: i64) -> bool {
        let now = Progress {
            done,
            coverage,
            bound,
        };
        self.stopped = self.stopped || !(self.progress)(now);
        !self.stopped
    }
}

/// Exchanges from a plan on: the plan they lead to and the questions asked.
fn exchanged(
    model: &Model<'_>,
    start: &[Option<usize>],
    (ceiling, equal, limit): (&Worth, bool, u64),
    told: &mut Told<'_>,
) -> (Vec<Option<usize>>, u64) {
    let mut search = Search::from(model, start);
    let done = |work: u64| 500 + work.min(limit) * 499 / limit.max(1);
    let top = ceiling.coverage;
    if !told.stopped {
        search.polish(limit, &mut |now, work| told.say(done(work), now, top));
    }
    if !told.stopped {
        let now = search.worth();
        let goal = ceiling_for((model, search.plan()), &now, (ceiling, equal), told);
        search.improve(&goal, limit, &mut |now, work| {
            told.say(done(work), now, top)
        });
    }
    (search.plan().to_vec(), search.work)
}

/// What no plan can exceed after the tree.
fn first_ceiling(model: &Model<'_>, found: &Tree, pairs: bool, told: &mut Told<'_>) -> Worth {
    let most = model.most();
    let covered = found.best.as_ref().map_or(0, |b| b.0.coverage);
    match &found.best {
        _ if pairs && told.stopped => most,
        _ if pairs => {
            let go = &mut || told.say(500, covered, most.coverage);
            more_per_peak(model, go).unwrap_or(most)
        }
        // A closed tree is exact at every level before fairness, whatever the loads.
        Some((best, _)) if found.proved => Worth {
            evenness: found.bound.evenness,
            ..*best
        },
        _ => found.bound,
    }
}

/// The common load, or the mean where loads differ; at least 1.
fn typical_load(given: &Instance) -> i64 {
    let n = i64::try_from(given.duties.len()).unwrap_or(1).max(1);
    let sum: i64 = given.duties.iter().map(|d| d.load).sum();
    if given.duties.windows(2).all(|d| d[0].load == d[1].load) {
        return given.duties.first().map_or(1, |d| d.load);
    }
    ((sum + n / 2) / n).max(1)
}

/// Where the search misses a duty that must be covered and the flow cannot say why: decides whether all can be, and goes on
/// from the plan that shows it.
fn with_all_required(
    model: &Model<'_>,
    who: Vec<Option<usize>>,
    (ceiling, limit): (&mut Worth, u64),
    told: &mut Told<'_>,
) -> Vec<Option<usize>> {
    let wanted: Vec<usize> = (0..model.duties()).filter(|q| model.must[*q]).collect();
    let all = i64::try_from(wanted.len()).unwrap_or(i64::MAX);
    let worth = model.worth(&who);
    if worth.must >= all || ceiling.must < all {
        return who;
    }
    match all_of(model, &wanted, limit) {
        Cover::Yes(plan) => {
            let mut search = Search::from(model, &plan);
            let top = ceiling.coverage;
            search.polish(limit, &mut |now, _| told.say(999, now, top));
            if search.worth() > worth {
                return search.plan().to_vec();
            }
        }
        Cover::No => ceiling.must = all - 1,
        Cover::Unknown => {}
    }
    who
}

/// Bound when one person may serve several duties of a peak: as many as there are. `None` when `go` ended its flow.
pub(super) fn more_per_peak(model: &Model<'_>, go: &mut dyn FnMut() -> bool) -> Option<Worth> {
    let unit = model.given.fairness.then(|| typical_load(model.given));
    let mut scale = Scale::of(model, unit);
    scale.per_peak = i64::try_from(model.duties()).unwrap_or(i64::MAX);
    let built = build(model, &Bans::default(), &scale, &|_| 1, &|_| 1);
    let (found, whole) = built.network.cheapest_while(go);
    if !whole {
        return None;
    }
    let (kept, meetings) = built.read(&found.flow);
    let mut worth = Worth {
        must: 0,
        coverage: 0,
        unchanged: 0,
        evenness: 0,
    };
    let mut growth = found.cost;
    let published = model
        .published
        .iter()
        .filter(|p| matches!(p, Some(Some(_))))
        .count();
    worth.unchanged = -i64::try_from(published).unwrap_or(i64::MAX);
    for q in kept
        .iter()
        .map(|k| k.1)
        .chain(meetings.iter().flat_map(|m| m.duties.iter().copied()))
    {
        worth.must += i64::from(model.must[q]);
        worth.coverage += model.given.duties[q].priority;
        worth.unchanged -= i64::from(model.published[q] == Some(None));
        growth -= scale.cover(model, q);
    }
    for _ in &kept {
        worth.unchanged += 1;
        growth += scale.change;
    }
    if model.given.fairness {
        let start: i64 = model
            .given
            .persons
            .iter()
            .map(|p| p.history * p.history)
            .sum();
        worth.evenness = -(start + i64::try_from(growth).unwrap_or(0));
    }
    Some(worth)
}

/// The bound that belongs to a plan: level by level as far as the plan reaches it.
fn ceiling_for(
    (model, who): (&Model<'_>, &[Option<usize>]),
    worth: &Worth,
    (ceiling, flow_is_floor): (&Worth, bool),
    told: &mut Told<'_>,
) -> Worth {
    let reached = (worth.must, worth.coverage) == (ceiling.must, ceiling.coverage);
    let mut bound = *ceiling;
    if !model.given.fairness || told.stopped {
        bound.evenness = 0;
    } else if reached && (!flow_is_floor || worth.unchanged != ceiling.unchanged) {
        let (now, top) = (worth.coverage, ceiling.coverage);
        bound.evenness = -floor(model, worth, Some(who), &mut || told.say(999, now, top));
    }
    bound
}

fn answer(model: &Model<'_>, who: &[Option<usize>], worth: &Worth, bound: &Worth) -> Answer {
    let given = model.given;
    let mut levels = vec!["coverage"];
    let mut pairs = vec![(worth.coverage, bound.coverage)];
    if given.published.is_some() {
        levels.push("change");
        pairs.push((-worth.unchanged, -bound.unchanged));
    }
    if given.fairness {
        levels.push("fairness");
        pairs.push((-worth.evenness, -bound.evenness));
    }
    let must = i64::try_from(model.must.iter().filter(|m| **m).count()).unwrap_or(i64::MAX);
    let mut known = worth.must == bound.must;
    let bounds: Vec<Option<i64>> = pairs
        .iter()
        .map(|(value, bound)| {
            let said = known.then_some(*bound);
            known &= value == bound;
            said
        })
        .collect();
    // Missing one is no proof that nobody could have them all.
    let status = if bound.must < must {
        Status::Infeasible
    } else if known {
        Status::Optimal
    } else {
        Status::Gap
    };
    let mut open: Vec<usize> = (0..who.len()).filter(|q| who[*q].is_none()).collect();
    open.sort_by_key(|q| (-given.duties[*q].priority, given.duties[*q].id));
    let mut loads: BTreeMap<i64, i64> = given.persons.iter().map(|p| (p.id, p.history)).collect();
    let mut assignment = BTreeMap::new();
    for (q, p) in who.iter().enumerate().filter_map(|(q, p)| Some((q, (*p)?))) {
        let (duty, person) = (&given.duties[q], &given.persons[p]);
        assignment.insert(duty.id, person.id);
        *loads.entry(person.id).or_default() += duty.load;
    }
    let id = |q: usize| given.duties[q].id;
    Answer {
        status,
        levels,
        values: pairs.iter().map(|p| p.0).collect(),
        bounds,
        assignment,
        uncovered: open.iter().map(|q| id(*q)).collect(),
        changed: (0..who.len())
            .filter(|q| model.change(*q, who[*q]) > 0)
            .map(id)
            .collect(),
        total_priority: given.duties.iter().map(|d| d.priority).sum(),
        loads,
        dropped: open
            .iter()
            .filter(|q| model.must[**q])
            .map(|q| id(*q))
            .collect(),
        flows: 0,
        questions: 0,
        stopped: false,
    }
}
