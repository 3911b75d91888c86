//! Which items bring most for several budgets, at most one per class, under named rows; what is proved about the answer?
//!
//! Three levels, compared from left to right: the most gain, then the least cost summed over the budgets, then the smallest
//! sorted list of items. Items are numbered in the order of their ids. All figures are whole numbers, the same input gives
//! the same answer on every machine, and `Optimal` is said only when every branch was closed.

use std::cell::Cell;

use crate::optim::boxes::{search_boxes, split};
use crate::optim::build::{Built, Terms, build};
use crate::optim::choice::{BadChoice, Choice};
use crate::optim::model::Model;
use crate::optim::search::{Aim, Outcome, Progress, search};

/// Steps of the search of the whole before a row of few amounts is split into boxes.
const WHOLE: u64 = 5_000;

/// How long to look and how close to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Work: steps of the price walk, about 20 to 60 µs each; the same number ends at the same place on every machine.
    pub steps: u64,
    /// Accepted relative distance from the optimum in millionths; 0 asks for a proof.
    pub gap_ppm: i64,
}

impl Default for Limits {
    /// A proof within 5 million steps.
    fn default() -> Self {
        Self {
            steps: 5_000_000,
            gap_ppm: 0,
        }
    }
}

/// What is known about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing better exists; every branch was closed.
    Optimal,
    /// The best found; the bound says how much better another could be.
    Gap,
    /// Nothing satisfies all rows.
    Infeasible,
    /// Nothing was found within the work allowed; that nothing exists is not proved.
    Unknown,
}

/// The answer to a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Selected {
    /// What is known about it.
    pub status: Status,
    /// Items taken, rising.
    pub chosen: Vec<usize>,
    /// What they bring.
    pub gain: i64,
    /// What they cost, summed over the budgets.
    pub cost: i64,
    /// What they take from each budget.
    pub spent: Vec<i64>,
    /// No choice brings more.
    pub bound: i64,
    /// Bound before any branch: the optimum if fractions were allowed.
    pub root_bound: f64,
    /// Whether the third level is proved too: no equal choice has smaller ids.
    pub ordered: bool,
    /// Gain that one more unit of each budget would bring at the margin, from the bound at the root.
    pub prices: Vec<f64>,
    /// Nodes visited.
    pub nodes: u64,
    /// Steps walked.
    pub steps: u64,
}

impl Selected {
    /// Relative distance of the bound from the gain; zero when proved.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.bound <= self.gain {
            return 0.0;
        }
        (self.bound - self.gain) as f64 / (self.gain.abs().max(1)) as f64
    }
}

/// Gains and costs as one value: gain first, then cost.
pub(crate) struct Weighing {
    /// Value of each item.
    pub(crate) values: Vec<i64>,
    /// Worth of one gain in that value.
    pub(crate) factor: i64,
    /// Unit of money.
    pub(crate) unit: i64,
}

impl Weighing {
    /// Weighs items whose gains are given.
    pub(crate) fn new(choice: &Choice, gains: &[i64]) -> Result<Self, BadChoice> {
        let unit = choice.unit();
        let in_units = |at: usize| choice.items[at].cost.iter().map(|c| c / unit).sum::<i64>();
        let all: i128 = (0..choice.items.len())
            .map(|at| i128::from(in_units(at)))
            .sum();
        let may: i128 = choice.budgets.iter().map(|&b| i128::from(b / unit)).sum();
        let costs = all.min(may);
        let total: i128 = gains.iter().map(|&g| i128::from(g.abs())).sum();
        let too_large = BadChoice::TooLarge {
            gains: total,
            costs,
        };
        if (total + 1) * (costs + 1) + all >= 1 << 61 {
            return Err(too_large);
        }
        let factor = i64::try_from(costs + 1).ok().ok_or(too_large)?;
        let values = gains
            .iter()
            .enumerate()
            .map(|(at, g)| g * factor - in_units(at));
        Ok(Self {
            values: values.collect(),
            factor,
            unit,
        })
    }

    /// The most gain a value can stand for.
    pub(crate) fn gain(&self, value: i64) -> i64 {
        value.div_euclid(self.factor) + i64::from(value.rem_euclid(self.factor) > 0)
    }
}

/// Chooses; see the head of the file for the levels.
///
/// `start` is a known choice to begin with (kept when nothing better is found), `watch` hears of progress in gains every 64
/// nodes and ends the search by `false`. 30 sites with four alternatives take about 5 ms, 100 sites with four budgets about
/// half a second, 300 sites up to some seconds, all with proof.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read.
pub fn select(
    choice: &Choice,
    limits: Limits,
    start: Option<&[usize]>,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Selected, BadChoice> {
    choice.check()?;
    let gains: Vec<i64> = choice.items.iter().map(|i| i.gain).collect();
    let weighing = Weighing::new(choice, &gains)?;
    let built = build(
        choice,
        &Terms {
            values: &weighing.values,
            holds: &|_| true,
            soft: &[],
            soft_budgets: false,
            unit: weighing.unit,
            thin: true,
        },
    );
    let start = start.and_then(|items| built.columns(items));
    let halted = Cell::new(false);
    let mut told = |p: &Progress| {
        let go = watch(&Progress {
            best: p.best.map(|v| weighing.gain(v)),
            bound: weighing.gain(p.bound),
            ..*p
        });
        halted.set(halted.get() || !go);
        go
    };
    let boxes = split(&built.model, choice.budgets.len(), &built.alive);
    let labels: &[u32] = if limits.gap_ppm == 0 {
        &built.labels
    } else {
        &[]
    };
    let mut aim = Aim {
        wanted: i64::MIN / 2,
        slack_ppm: limits.gap_ppm,
        steps: limits.steps,
        first: false,
        labels,
        watch: &mut told,
    };
    let mut outcome = match &boxes {
        None => search(&built.model, built.alive.clone(), start, aim),
        Some(boxes) => {
            aim.steps = limits.steps.min(WHOLE);
            whole_then_boxes(&built, (boxes, limits.steps), start, aim, &halted)
        }
    };
    if outcome.complete && !outcome.ordered && limits.gap_ppm == 0 {
        order(&built, boxes.as_deref(), &mut outcome, limits.steps);
    }
    Ok(answer(choice, &weighing, &built, &outcome))
}

/// A first look at the whole program, and the rest of `steps` box by box when it is not enough.
fn whole_then_boxes(
    built: &Built,
    (boxes, steps): (&[Model], u64),
    start: Option<Vec<u32>>,
    aim: Aim<'_>,
    halted: &Cell<bool>,
) -> Outcome {
    let Aim {
        wanted,
        slack_ppm,
        first,
        labels,
        watch,
        ..
    } = aim;
    let look = Aim {
        watch: &mut *watch,
        ..aim
    };
    let mut whole = search(&built.model, built.alive.clone(), start, look);
    if whole.complete || halted.get() {
        return whole;
    }
    let rest = Aim {
        wanted,
        slack_ppm,
        steps: steps.saturating_sub(whole.steps),
        first,
        labels,
        watch,
    };
    let found = search_boxes(boxes, &built.alive, whole.best.take(), rest);
    Outcome {
        bound: found.bound.min(whole.bound),
        nodes: found.nodes + whole.nodes,
        steps: found.steps + whole.steps,
        prices: whole.prices,
        root: whole.root,
        ..found
    }
}

/// Finds the equal choice with the smallest items: each item in turn is asked for, and kept when an equal choice has it.
fn order(built: &Built, boxes: Option<&[Model]>, outcome: &mut Outcome, steps: u64) {
    let Some((value, mut chosen)) = outcome.best.clone() else {
        return;
    };
    let mut alive = built.alive.clone();
    let mut left = steps;
    let mut columns: Vec<usize> = (0..built.model.columns())
        .filter(|&c| built.item[c].is_some())
        .collect();
    columns.sort_by_key(|&c| built.labels[c]);
    for column in columns {
        let class = built.model.class_of(column);
        let last = built.items(&chosen).last().copied();
        if built.item[column] > last {
            break;
        }
        if !alive[column] {
            continue;
        }
        let mut forced = alive.clone();
        built
            .model
            .class(class)
            .filter(|&c| c != column)
            .for_each(|c| forced[c] = false);
        if chosen[class] as usize != column {
            let aim = Aim {
                wanted: value,
                slack_ppm: 0,
                steps: left,
                first: true,
                labels: &[],
                watch: &mut |_| true,
            };
            let found = match boxes {
                Some(boxes) => search_boxes(boxes, &forced, None, aim),
                None => search(&built.model, forced.clone(), None, aim),
            };
            left = left.saturating_sub(found.steps);
            outcome.steps += found.steps;
            outcome.nodes += found.nodes;
            match found.best {
                Some((_, other)) => chosen = other,
                None if found.complete => {
                    alive[column] = false;
                    continue;
                }
                None => return,
            }
        }
        alive = forced;
    }
    outcome.best = Some((value, chosen));
    outcome.ordered = true;
}

/// Reads an outcome back into items and gains.
pub(crate) fn answer(
    choice: &Choice,
    weighing: &Weighing,
    built: &Built,
    outcome: &Outcome,
) -> Selected {
    let chosen = outcome
        .best
        .as_ref()
        .map(|b| built.items(&b.1))
        .unwrap_or_default();
    let gain = chosen.iter().map(|&i| choice.items[i].gain).sum();
    let spent = choice.spending(&chosen);
    let value = outcome.best.as_ref().map(|b| b.0);
    let status = match value {
        None if outcome.complete => Status::Infeasible,
        None => Status::Unknown,
        Some(value) if outcome.complete && outcome.bound <= value => Status::Optimal,
        Some(_) => Status::Gap,
    };
    let bound = if status == Status::Optimal {
        gain
    } else {
        weighing.gain(outcome.bound).max(gain)
    };
    let factor = weighing.factor as f64 * weighing.unit as f64;
    Selected {
        status,
        gain,
        cost: spent.iter().sum(),
        bound,
        root_bound: outcome.root / weighing.factor as f64,
        ordered: outcome.ordered,
        prices: outcome
            .prices
            .iter()
            .take(choice.budgets.len())
            .map(|p| p / factor)
            .collect(),
        nodes: outcome.nodes,
        steps: outcome.steps,
        spent,
        chosen,
    }
}
