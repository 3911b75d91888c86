//! What is the best choice when at most Γ of the classes taken fall to their low gain?
//!
//! Bertsimas and Sim's counterpart: for every level z among the falls (and zero) the choice with gains
//! `gain − max(0, fall − z)`, less Γ·z, is an ordinary one, and the best of them is the answer. Levels are taken in the order of
//! their bounds, so most are closed without a branch.

use crate::optim::build::{Built, Terms, build};
use crate::optim::choice::{BadChoice, Choice};
use crate::optim::search::{Aim, Progress, search};
use crate::optim::select::{Limits, Selected, Status, Weighing, answer, select};

/// Chooses against the worst Γ falls; `low[i]` is the low gain of item i, at most its gain. `gain` of the answer is the guarded
/// gain: what is left when the worst Γ of the chosen items fall. `watch` hears of progress in guarded gains and ends the search by
/// `false`, keeping the best so far.
///
/// # Errors
/// [`BadChoice`] when the input cannot be read or `low` has not one figure for each item.
pub fn select_robust(
    choice: &Choice,
    low: &[i64],
    gamma: usize,
    limits: Limits,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Selected, BadChoice> {
    choice.check()?;
    if low.len() != choice.items.len() {
        let what = "the list of low gains".to_owned();
        return Err(BadChoice::Unknown {
            what,
            item: low.len(),
            items: choice.items.len(),
        });
    }
    let guard = Guard::new(choice, low, gamma);
    guard.search(choice, limits, watch)
}

/// Gain that is left when the worst `gamma` falls of the chosen items happen; `low[i]` is the low gain of item i.
#[must_use]
pub fn guarded(choice: &Choice, low: &[i64], gamma: usize, chosen: &[usize]) -> i64 {
    Guard::new(choice, low, gamma).guarded(choice, chosen)
}

/// What may fall.
struct Guard {
    falls: Vec<i64>,
    levels: Vec<i64>,
    count: i64,
}

impl Guard {
    fn new(choice: &Choice, low: &[i64], gamma: usize) -> Self {
        let pairs = choice.items.iter().zip(low);
        let falls: Vec<i64> = pairs.map(|(i, l)| (i.gain - l).max(0)).collect();
        let mut levels: Vec<i64> = falls.iter().copied().chain([0]).collect();
        levels.sort_unstable();
        levels.dedup();
        Self {
            falls,
            levels,
            count: i64::try_from(gamma.min(choice.items.len())).unwrap_or(i64::MAX),
        }
    }

    /// Gains when every fall beyond `level` is paid in full.
    fn gains(&self, choice: &Choice, level: i64) -> Vec<i64> {
        let pairs = choice.items.iter().zip(&self.falls);
        pairs.map(|(i, f)| i.gain - (f - level).max(0)).collect()
    }

    fn search(
        &self,
        choice: &Choice,
        limits: Limits,
        watch: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Selected, BadChoice> {
        let mut best: Option<(i64, Vec<usize>, Selected)> = None;
        let mut open = i64::MIN;
        let mut work = (0, 0);
        // No plan can have more than without any fall: the bound that is told until the levels are closed.
        let free = select(choice, quick(limits), None, &mut |_| true)?.bound;
        let mut going = true;
        for &level in &self.levels {
            if !going {
                open = open.max(free);
                break;
            }
            let weighing = Weighing::new(choice, &self.gains(choice, level))?;
            let toll = self
                .count
                .saturating_mul(level)
                .saturating_mul(weighing.factor);
            let built = level_model(choice, &weighing);
            let known = best.as_ref().map(|b| weighing.gain(b.0));
            let mut told = |p: &Progress| {
                let here = p.best.map(|v| weighing.gain(v - toll));
                going = watch(&Progress {
                    nodes: work.0 + p.nodes,
                    steps: work.1 + p.steps,
                    best: known.max(here),
                    bound: free,
                });
                going
            };
            let aim = Aim {
                wanted: best
                    .as_ref()
                    .map_or(i64::MIN / 2, |b| b.0.saturating_add(toll)),
                slack_ppm: limits.gap_ppm,
                steps: limits.steps.saturating_sub(work.1),
                first: false,
                labels: &built.labels,
                watch: &mut told,
            };
            let outcome = search(&built.model, built.alive.clone(), None, aim);
            work = (work.0 + outcome.nodes, work.1 + outcome.steps);
            if !outcome.complete || limits.gap_ppm > 0 {
                open = open.max(weighing.gain(outcome.bound.saturating_sub(toll)));
            }
            if let Some((value, columns)) = &outcome.best {
                let (key, items) = (value - toll, built.items(columns));
                let better =
                    |b: &(i64, Vec<usize>, Selected)| key > b.0 || (key == b.0 && items < b.1);
                if best.as_ref().is_none_or(better) {
                    best = Some((key, items, answer(choice, &weighing, &built, &outcome)));
                }
            }
        }
        Ok(self.finish(choice, best.map(|b| b.2), (open, work)))
    }

    fn guarded(&self, choice: &Choice, chosen: &[usize]) -> i64 {
        let gain: i64 = chosen.iter().map(|&i| choice.items[i].gain).sum();
        let mut worst: Vec<i64> = chosen.iter().map(|&i| self.falls[i]).collect();
        worst.sort_unstable_by(|a, b| b.cmp(a));
        let count = usize::try_from(self.count).unwrap_or(0);
        gain - worst.iter().take(count).sum::<i64>()
    }

    fn finish(&self, choice: &Choice, best: Option<Selected>, rest: (i64, (u64, u64))) -> Selected {
        let (open, (nodes, steps)) = rest;
        let Some(mut found) = best else {
            let closed = open == i64::MIN;
            return Selected {
                status: if closed {
                    Status::Infeasible
                } else {
                    Status::Unknown
                },
                chosen: Vec::new(),
                gain: 0,
                cost: 0,
                spent: vec![0; choice.budgets.len()],
                bound: open.max(0),
                root_bound: 0.0,
                ordered: false,
                prices: vec![0.0; choice.budgets.len()],
                nodes,
                steps,
            };
        };
        found.gain = self.guarded(choice, &found.chosen);
        found.bound = open.max(found.gain);
        found.status = if found.bound > found.gain {
            Status::Gap
        } else {
            Status::Optimal
        };
        (found.nodes, found.steps) = (nodes, steps);
        found
    }
}

/// Limits of a first look: a tenth of the work, within a per cent.
const fn quick(limits: Limits) -> Limits {
    Limits {
        steps: limits.steps / 10,
        gap_ppm: 10_000,
    }
}

fn level_model(choice: &Choice, weighing: &Weighing) -> Built {
    build(
        choice,
        &Terms {
            values: &weighing.values,
            holds: &|_| true,
            soft: &[],
            soft_budgets: false,
            unit: weighing.unit,
            thin: true,
        },
    )
}
