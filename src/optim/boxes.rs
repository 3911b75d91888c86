//! Which counts may a row of few amounts hold: a choice split into boxes of counts, each with a far sharper bound?
//!
//! Measures of one kind often cost the same everywhere, so that what a budget buys is a sum of few amounts. A linear bound
//! spends such a budget to the last yuan, no choice can. The counts of each amount that fit the row are covered by the boxes
//! below its largest count vectors; in a box, a cap on each count stands beside the row, and the bound of the box spends only
//! what can be spent. Every choice lies in a box, so the best of all boxes is the best of all.

use std::cmp::Reverse;

use crate::optim::corner::{Corner, End, small};
use crate::optim::model::Model;
use crate::optim::price::Bench;
use crate::optim::search::{Aim, Outcome, Progress, clamp, labels, search};

/// Amounts that a row may be made of.
const AMOUNTS: usize = 4;
/// Boxes that are still worth their searches.
const BOXES: usize = 64;
/// Count vectors that are looked through for the largest ones.
const VECTORS: i64 = 20_000;
/// How often an amount may stand in one column.
const TIMES: i64 = 3;
/// Steps of the walk to the bound of a box.
const WALK: u32 = 8_000;

/// Splits a model by that one of its first `rows` rows which gives the fewest boxes; `None` when none is made of few amounts or all
/// counts fit. O(columns × amounts³) for the rows, and a copy of the model for each box.
pub(crate) fn split(model: &Model, rows: usize, alive: &[bool]) -> Option<Vec<Model>> {
    let found = (0..rows).filter_map(|row| caps(model, row, alive));
    let (counts, boxes) = found.min_by_key(|f| f.1.len())?;
    Some(boxes.iter().map(|b| model.widened(b, &counts)).collect())
}

/// Counts of each column by amount, and the caps of each box.
type Boxes = (Vec<Vec<i64>>, Vec<Vec<i64>>);

fn caps(model: &Model, row: usize, alive: &[bool]) -> Option<Boxes> {
    let use_of = |column: usize| {
        let mut entries = model.entries[model.span(column)].iter();
        entries.find(|e| e.0 == small(row)).map_or(0, |e| e.1)
    };
    // What does not fit alone is in no choice, and its amount would only multiply the counts.
    let taken = |c: usize| Some(use_of(c)).filter(|u| alive[c] && *u <= model.rhs[row]);
    let uses: Vec<i64> = (0..model.columns())
        .map(|c| taken(c).unwrap_or(0))
        .collect();
    let mut values: Vec<i64> = uses.iter().copied().filter(|&u| u != 0).collect();
    values.sort_unstable();
    values.dedup();
    let mut amounts: Vec<i64> = Vec::new();
    for &value in &values {
        if value < 0 {
            return None;
        }
        if parts(&amounts, value).is_none() {
            amounts.push(value);
        }
        if amounts.len() > AMOUNTS {
            return None;
        }
    }
    let counts: Vec<Vec<i64>> = uses
        .iter()
        .map(|&u| parts(&amounts, u))
        .collect::<Option<_>>()?;
    let mut most = vec![0; amounts.len()];
    for class in 0..model.classes() {
        for (at, most) in most.iter_mut().enumerate() {
            *most += model.class(class).map(|c| counts[c][at]).max().unwrap_or(0);
        }
    }
    let boxes = largest(&amounts, &most, model.rhs[row])?;
    (boxes.len() > 1).then_some((counts, boxes))
}

/// How often each amount stands in a value, none more than [`TIMES`] times.
fn parts(amounts: &[i64], value: i64) -> Option<Vec<i64>> {
    let Some((&last, before)) = amounts.split_last() else {
        return (value == 0).then(Vec::new);
    };
    (0..=TIMES).find_map(|times| {
        let rest = value - times * last;
        let mut found = (rest >= 0).then(|| parts(before, rest)).flatten()?;
        found.push(times);
        Some(found)
    })
}

/// The count vectors up to `most` that fit `rhs` and to which nothing can be added; `None` when there are too many.
fn largest(amounts: &[i64], most: &[i64], rhs: i64) -> Option<Vec<Vec<i64>>> {
    let all = most.iter().try_fold(1_i64, |n, m| n.checked_mul(m + 1))?;
    if rhs < 0 || all > VECTORS {
        return None;
    }
    let mut out = Vec::new();
    let mut counts = vec![0; amounts.len()];
    for _ in 0..all {
        let sum: i64 = counts.iter().zip(amounts).map(|(n, a)| n * a).sum();
        let full = counts
            .iter()
            .zip(most)
            .zip(amounts)
            .all(|((n, m), a)| n == m || sum + a > rhs);
        if sum <= rhs && full {
            out.push(counts.clone());
            if out.len() > BOXES {
                return None;
            }
        }
        for (count, most) in counts.iter_mut().zip(most) {
            *count += 1;
            if *count <= *most {
                break;
            }
            *count = 0;
        }
    }
    Some(out)
}

/// Searches all boxes, the most promising first; `known` is a choice to be beaten. Bound at the root and prices are left to the
/// search of the whole model.
pub(crate) fn search_boxes(
    boxes: &[Model],
    alive: &[bool],
    known: Option<(i64, Vec<u32>)>,
    aim: Aim<'_>,
) -> Outcome {
    let mut hunt = Hunt {
        out: Outcome {
            best: known,
            bound: i64::MIN,
            complete: true,
            ordered: false,
            nodes: 0,
            steps: 0,
            prices: Vec::new(),
            root: f64::NEG_INFINITY,
        },
        unordered: None,
        halted: false,
        aim,
    };
    let floor = hunt.wanted();
    let mut tops: Vec<(i64, usize)> = Vec::new();
    for (at, model) in boxes.iter().enumerate() {
        let (top, steps) = top_of(model, alive, floor);
        tops.push((top, at));
        hunt.out.steps += steps;
    }
    tops.sort_by_key(|t| Reverse(*t));
    for (rank, &(top, at)) in tops.iter().enumerate() {
        let next = tops.get(rank + 1).map_or(i64::MIN, |t| t.0);
        hunt.one(&boxes[at], alive, top, next);
        if hunt.aim.first && hunt.out.best.is_some() {
            break;
        }
    }
    hunt.close()
}

struct Hunt<'w> {
    out: Outcome,
    /// Largest value of a box whose equal choices were not all compared.
    unordered: Option<i64>,
    halted: bool,
    aim: Aim<'w>,
}

impl Hunt<'_> {
    /// The value a box must be able to reach.
    fn wanted(&self) -> i64 {
        let Some((value, _)) = &self.out.best else {
            return self.aim.wanted;
        };
        let slack = i128::from(value.abs()) * i128::from(self.aim.slack_ppm) / 1_000_000;
        let more = i64::from(self.aim.labels.is_empty());
        (value + clamp(slack) + more).max(self.aim.wanted)
    }

    /// Searches one box, whose bound is `top`; no later one can reach more than `next`.
    fn one(&mut self, model: &Model, alive: &[bool], top: i64, next: i64) {
        let floor = self.wanted();
        if top < floor {
            self.out.bound = self.out.bound.max(top.min(floor - 1));
            return;
        }
        if self.halted || self.out.steps >= self.aim.steps {
            self.out.complete = false;
            self.out.bound = self.out.bound.max(top);
            return;
        }
        let (nodes, steps) = (self.out.nodes, self.out.steps);
        let best = self.out.best.as_ref().map(|b| b.0);
        let rest = next.max(self.out.bound);
        let (watch, halted) = (&mut self.aim.watch, &mut self.halted);
        let mut told = |p: &Progress| {
            let go = watch(&Progress {
                nodes: nodes + p.nodes,
                steps: steps + p.steps,
                best: best.max(p.best),
                bound: p.bound.max(rest),
            });
            *halted |= !go;
            go
        };
        let own = Aim {
            wanted: floor,
            slack_ppm: self.aim.slack_ppm,
            steps: self.aim.steps - steps,
            first: self.aim.first,
            labels: self.aim.labels,
            watch: &mut told,
        };
        let found = search(model, alive.to_vec(), None, own);
        if self.aim.slack_ppm > 0 {
            self.out.bound = self.out.bound.max(top.min(floor - 1));
        }
        self.take(found);
    }

    fn take(&mut self, found: Outcome) {
        let out = &mut self.out;
        out.nodes += found.nodes;
        out.steps += found.steps;
        out.complete &= found.complete;
        out.bound = out.bound.max(found.bound);
        let Some((value, chosen)) = found.best else {
            return;
        };
        if !found.ordered {
            self.unordered = self.unordered.max(Some(value));
        }
        let by_label =
            |known: &[u32]| labels(self.aim.labels, &chosen) < labels(self.aim.labels, known);
        let better = out
            .best
            .as_ref()
            .is_none_or(|(best, known)| value > *best || value == *best && by_label(known));
        if better {
            out.best = Some((value, chosen));
        }
    }

    fn close(self) -> Outcome {
        let mut out = self.out;
        let value = out.best.as_ref().map(|b| b.0);
        out.ordered = out.complete && !self.aim.labels.is_empty() && self.unordered < value;
        out.bound = out.bound.max(value.unwrap_or(i64::MIN));
        out
    }
}

/// The bound of a box and the steps it took; the smallest number when it is below what is wanted.
fn top_of(model: &Model, alive: &[bool], wanted: i64) -> (i64, u64) {
    let mut bench = Bench::new(model);
    let mut corner = Corner::new(model);
    let top = match bench.walk(alive, &mut corner, wanted, WALK) {
        End::Hopeless => i64::MIN,
        End::Settled(_) | End::Rough(_) => clamp(bench.exact(alive, &corner)),
    };
    (top, bench.steps)
}

#[cfg(test)]
mod tests {
    use super::{largest, parts, search_boxes, split};
    use crate::optim::model::Model;
    use crate::optim::search::{Aim, search};
    use crate::stats::rng::Rng;

    fn aim<'a>(labels: &'a [u32], watch: &'a mut dyn FnMut(&super::Progress) -> bool) -> Aim<'a> {
        Aim {
            wanted: i64::MIN / 2,
            slack_ppm: 0,
            steps: 1_000_000,
            first: false,
            labels,
            watch,
        }
    }

    #[test]
    fn boxes_give_the_choice_that_the_whole_gives() {
        let mut split_up = 0;
        for seed in 0..300 {
            let mut rng = Rng::new(seed);
            let mut draw = |n: u32| i64::from(rng.below(n));
            let mut model = Model::new(vec![6 + draw(18), 10 + draw(30)]);
            let mut labels = Vec::new();
            for _ in 0..7 {
                model.column(0, []);
                labels.push(u32::MAX);
                for _ in 0..3 {
                    let cost = [0, 3, 5, 8][usize::try_from(draw(4)).unwrap()];
                    model.column(1 + draw(9), [(0, cost), (1, draw(11))]);
                    labels.push(u32::try_from(labels.len()).unwrap());
                }
                model.close();
            }
            let alive = vec![true; model.columns()];
            let whole = search(&model, alive.clone(), None, aim(&labels, &mut |_| true));
            let Some(boxes) = split(&model, 2, &alive) else {
                continue;
            };
            split_up += 1;
            let found = search_boxes(&boxes, &alive, None, aim(&labels, &mut |_| true));
            assert!(found.complete);
            assert_eq!(found.bound, whole.bound, "seed {seed}");
            let value = |o: &super::Outcome| o.best.as_ref().map(|b| b.0);
            assert_eq!(value(&found), value(&whole), "seed {seed}");
            if found.ordered && whole.ordered {
                assert_eq!(found.best, whole.best, "seed {seed}");
            }
        }
        assert!(split_up > 200, "{split_up}");
    }

    #[test]
    fn what_nobody_can_pay_is_no_amount() {
        let model = |dear: bool| {
            let mut model = Model::new(vec![100]);
            for _ in 0..40 {
                model.column(0, []);
                model.column(1, [(0, 3)]);
                model.column(2, [(0, 5)]);
                if dear {
                    model.column(9, [(0, 9_999)]);
                }
                model.close();
            }
            model
        };
        let boxes = |m: &Model| split(m, 1, &vec![true; m.columns()]).map(|b| b.len());
        assert!(boxes(&model(false)).is_some());
        assert_eq!(boxes(&model(true)), boxes(&model(false)));
    }

    #[test]
    fn a_sum_of_two_amounts_is_known_by_its_parts() {
        assert_eq!(parts(&[4378, 5664], 10_042), Some(vec![1, 1]));
        assert_eq!(parts(&[4378, 5664], 8756), Some(vec![2, 0]));
        assert_eq!(parts(&[4378, 5664], 13_357), None);
    }

    #[test]
    fn every_fitting_count_lies_below_a_largest_one() {
        let (amounts, most, rhs) = ([3, 5], [6, 4], 17);
        let boxes = largest(&amounts, &most, rhs).unwrap();
        for a in 0..=6 {
            for b in 0..=4 {
                let fits = 3 * a + 5 * b <= rhs;
                let below = boxes.iter().any(|x| a <= x[0] && b <= x[1]);
                assert_eq!(fits, below, "{a} and {b}");
            }
        }
    }
}
