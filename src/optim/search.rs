//! Which whole choice is worth most: depth-first branch and bound over a model, with a proof in whole numbers.
//!
//! Each node spreads what the rows forbid, walks the price corner of its parent down to its own bound, drops columns whose
//! loss alone closes the gap, and branches on the column whose two sides lower the bound most (tried for a few steps at
//! first, then taken from what trials taught). Work is counted in steps and nodes, so a limit reproduces on any machine.

use crate::optim::corner::{Corner, End};
use crate::optim::model::Model;
use crate::optim::polish::polish;
use crate::optim::price::Bench;

/// Steps of one walk at a node before its bound is taken as it stands.
const WALK: u32 = 400;
/// Steps of one walk while a branch is only tried.
const TRY: u32 = 12;
/// Equal choices that are compared one by one before the order is left to its own search.
const MANY_TIES: u32 = 40;
/// Trials of a column before its record is trusted.
const TRUSTED: u32 = 4;

/// How far a search has come; told to the caller now and then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Nodes visited.
    pub nodes: u64,
    /// Steps walked, the unit of work limits.
    pub steps: u64,
    /// Value of the best choice so far, if there is one.
    pub best: Option<i64>,
    /// No choice can be worth more.
    pub bound: i64,
}

/// What a search may use and must reach.
pub(crate) struct Aim<'w> {
    /// Only choices worth at least this are looked for.
    pub(crate) wanted: i64,
    /// Choices that beat the best by less than this many thousandths of a thousandth are not looked for.
    pub(crate) slack_ppm: i64,
    /// Steps that may be walked.
    pub(crate) steps: u64,
    /// Whether the first choice found ends the search.
    pub(crate) first: bool,
    /// Label of each column for the order of equal choices, `u32::MAX` for "nothing"; empty when any of them will do.
    pub(crate) labels: &'w [u32],
    /// Hears of progress; false ends the search.
    pub(crate) watch: &'w mut dyn FnMut(&Progress) -> bool,
}

/// What came of a search.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Outcome {
    /// The best choice, one column per class, and its value.
    pub(crate) best: Option<(i64, Vec<u32>)>,
    /// No choice is worth more; equals the value of the best when it is proved.
    pub(crate) bound: i64,
    /// Whether every branch was closed.
    pub(crate) complete: bool,
    /// Whether the choice is the one with the smallest labels among all of its value.
    pub(crate) ordered: bool,
    /// Nodes visited.
    pub(crate) nodes: u64,
    /// Steps walked.
    pub(crate) steps: u64,
    /// Prices of the rows at the root.
    pub(crate) prices: Vec<f64>,
    /// Bound at the root before any branch.
    pub(crate) root: f64,
}

#[derive(Clone, Copy, Default)]
struct Record {
    drop: [f64; 2],
    tries: [u32; 2],
}

pub(crate) struct Search<'a, 'w> {
    model: &'a Model,
    bench: Bench<'a>,
    alive: Vec<bool>,
    living: Vec<u32>,
    trail: Vec<u32>,
    best: Option<(i64, Vec<u32>)>,
    aim: Aim<'w>,
    records: Vec<Record>,
    nodes: u64,
    limit: u64,
    stopped: bool,
    top: i64,
    least: Vec<i64>,
    ties: u32,
}

/// Solves a model whose `alive` columns may be taken; `start` is a known choice, if any.
pub(crate) fn search(
    model: &Model,
    alive: Vec<bool>,
    start: Option<Vec<u32>>,
    aim: Aim<'_>,
) -> Outcome {
    let mut living = vec![0; model.classes()];
    for (column, _) in alive.iter().enumerate().filter(|a| *a.1) {
        living[model.class_of(column)] += 1;
    }
    let start = start.filter(|chosen| chosen.iter().all(|&c| alive[c as usize]));
    let best = start.and_then(|chosen| Some((model.value(&chosen)?, chosen)));
    let search = Search {
        model,
        bench: Bench::new(model),
        living,
        trail: Vec::new(),
        best,
        limit: aim.steps,
        aim,
        records: vec![Record::default(); model.columns()],
        nodes: 0,
        stopped: false,
        top: i64::MAX,
        least: vec![0; model.rhs.len()],
        ties: 0,
        alive,
    };
    search.run()
}

impl Search<'_, '_> {
    fn run(mut self) -> Outcome {
        let mut corner = Corner::new(self.model);
        let mut outcome = Outcome {
            best: None,
            bound: i64::MIN,
            complete: true,
            ordered: false,
            nodes: 0,
            steps: 0,
            prices: vec![0.0; self.model.rhs.len()],
            root: f64::NEG_INFINITY,
        };
        if self.living.contains(&0) || !self.spread() {
            return self.close(outcome, i64::MIN);
        }
        let end = self
            .bench
            .walk(&self.alive, &mut corner, self.aim.wanted, 20 * WALK);
        let (End::Settled(root) | End::Rough(root)) = end else {
            return self.close(outcome, i64::MIN);
        };
        outcome.root = root;
        outcome.prices = self.bench.prices(&corner);
        self.top = clamp(self.bench.exact(&self.alive, &corner));
        if !self.aim.first {
            self.warm(&corner);
        }
        let rest = self.dive(corner);
        self.close(outcome, rest)
    }

    fn close(self, mut outcome: Outcome, rest: i64) -> Outcome {
        let value = self.best.as_ref().map_or(i64::MIN, |b| b.0);
        outcome.complete = !self.stopped;
        outcome.ordered = outcome.complete && self.keeps_ties();
        let tolerated = if self.aim.slack_ppm > 0 && self.best.is_some() {
            self.wanted() - 1
        } else {
            value
        };
        outcome.bound = rest.max(tolerated).max(value).min(self.top.max(value));
        outcome.best = self.best;
        outcome.nodes = self.nodes;
        outcome.steps = self.bench.steps;
        outcome
    }

    /// The value a branch must be able to reach.
    fn wanted(&self) -> i64 {
        let Some((value, _)) = &self.best else {
            return self.aim.wanted;
        };
        let slack = i128::from(value.abs()) * i128::from(self.aim.slack_ppm) / 1_000_000;
        let more = i64::from(!self.keeps_ties());
        (value + clamp(slack) + more).max(self.aim.wanted)
    }

    /// First choices: round the root, then search among the columns that lose least, more of them each time.
    fn warm(&mut self, corner: &Corner) {
        self.round(corner);
        let mut losses: Vec<(f64, u32)> = (0..self.model.columns())
            .filter(|&c| self.alive[c])
            .map(|c| {
                let key = corner.key[self.model.class_of(c)] as usize;
                (
                    self.bench.worth(key) - self.bench.worth(c),
                    u32::try_from(c).unwrap_or(u32::MAX),
                )
            })
            .filter(|(loss, c)| {
                corner.key[self.model.class_of(*c as usize)] != *c && loss.is_finite()
            })
            .collect();
        losses.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let full = self.limit;
        for (keep, share) in [(24, 2_000), (48, 5_000), (80, 8_000)] {
            if losses.len() <= keep || self.stopped {
                break;
            }
            let mark = self.trail.len();
            for (_, column) in &losses[keep..] {
                self.kill(*column as usize);
            }
            self.limit = full.min(self.bench.steps + share);
            if self.spread() {
                self.dive(corner.clone());
            }
            self.undo(mark);
            self.stopped = self.stopped && self.bench.steps >= full;
            self.limit = full;
        }
    }

    fn kill(&mut self, column: usize) -> bool {
        if self.alive[column] {
            self.alive[column] = false;
            let class = self.model.class_of(column);
            self.living[class] -= 1;
            self.trail.push(u32::try_from(column).unwrap_or(u32::MAX));
            return self.living[class] > 0;
        }
        true
    }

    fn undo(&mut self, mark: usize) {
        for column in self.trail.drain(mark..) {
            self.alive[column as usize] = true;
            self.living[self.model.class_of(column as usize)] += 1;
        }
    }

    /// Drops columns that no choice can hold with the rest; false when a class is left without a column.
    fn spread(&mut self) -> bool {
        let model = self.model;
        loop {
            self.least.fill(0);
            let mut lows: Vec<(u32, u32, i64)> = Vec::new();
            for class in 0..model.classes() {
                self.lows(class, &mut lows);
            }
            let over = self.least.iter().zip(&model.rhs).any(|(l, b)| l > b);
            if over {
                return false;
            }
            let mut changed = false;
            let mut from = 0;
            for class in 0..model.classes() {
                let to = from
                    + lows[from..]
                        .iter()
                        .take_while(|l| l.0 as usize == class)
                        .count();
                let own = from..to;
                from = to;
                if self.living[class] < 2 {
                    continue;
                }
                for column in model.class(class) {
                    if self.alive[column] && !self.fits(column, &lows[own.clone()]) {
                        changed = true;
                        if !self.kill(column) {
                            return false;
                        }
                    }
                }
            }
            if !changed {
                return true;
            }
        }
    }

    /// Adds the least use of each row by a class, as `(class, row, use)`; rows left out are used by zero at least.
    fn lows(&mut self, class: usize, lows: &mut Vec<(u32, u32, i64)>) {
        let from = lows.len();
        let index = u32::try_from(class).unwrap_or(u32::MAX);
        let mut touched: Vec<(u32, u32, i64)> = Vec::new();
        for column in self.model.class(class).filter(|&c| self.alive[c]) {
            for (row, coef) in &self.model.entries[self.model.span(column)] {
                match touched.iter_mut().find(|t| t.0 == *row) {
                    Some(t) => {
                        t.1 += 1;
                        t.2 = t.2.min(*coef);
                    }
                    None => touched.push((*row, 1, *coef)),
                }
            }
        }
        for (row, count, least) in touched {
            let low = if count < self.living[class] {
                least.min(0)
            } else {
                least
            };
            if low != 0 {
                lows.push((index, row, low));
                self.least[row as usize] += low;
            }
        }
        debug_assert!(from <= lows.len());
    }

    fn fits(&self, column: usize, own: &[(u32, u32, i64)]) -> bool {
        let entries = &self.model.entries[self.model.span(column)];
        let with = entries.iter().all(|(row, coef)| {
            let low = own.iter().find(|l| l.1 == *row).map_or(0, |l| l.2);
            self.least[*row as usize] - low + coef <= self.model.rhs[*row as usize]
        });
        with && own.iter().all(|(_, row, low)| {
            *low >= 0
                || entries.iter().any(|e| e.0 == *row)
                || self.least[*row as usize] - low <= self.model.rhs[*row as usize]
        })
    }

    /// Whether choices equal to the best are still compared by their labels; given up when there are many.
    fn keeps_ties(&self) -> bool {
        !self.aim.labels.is_empty() && self.ties <= MANY_TIES
    }

    fn record(&mut self, value: i64, chosen: &[u32]) {
        if value < self.aim.wanted {
            return;
        }
        let better = match &self.best {
            None => true,
            Some((best, _)) if value != *best => value > *best,
            Some((_, known)) => {
                let other = self.keeps_ties() && known != chosen;
                self.ties += u32::from(other);
                other && labels(self.aim.labels, chosen) < labels(self.aim.labels, known)
            }
        };
        if better {
            self.best = Some((value, chosen.to_vec()));
            self.stopped |= self.aim.first;
        }
    }

    /// Makes a whole choice of the best column per class and keeps it when it is the best so far.
    fn round(&mut self, corner: &Corner) {
        let keys = corner.key.clone();
        let prices = self.bench.prices(corner);
        if let Some((value, chosen)) = polish(self.model, &self.alive, keys, &prices) {
            self.record(value, &chosen);
        }
    }

    fn tired(&mut self) -> bool {
        if self.bench.steps >= self.limit {
            self.stopped = true;
        }
        if self.nodes.is_multiple_of(64) {
            let progress = Progress {
                nodes: self.nodes,
                steps: self.bench.steps,
                best: self.best.as_ref().map(|b| b.0),
                bound: self.top,
            };
            if !(self.aim.watch)(&progress) {
                self.stopped = true;
                self.limit = 0;
            }
        }
        self.stopped
    }

    /// Searches below the present marks; the answer bounds what was left unsearched.
    fn dive(&mut self, mut corner: Corner) -> i64 {
        self.nodes += 1;
        let mut bound;
        loop {
            let wanted = self.wanted();
            let end = self.bench.walk(&self.alive, &mut corner, wanted, WALK);
            bound = match end {
                End::Hopeless => return i64::MIN,
                End::Settled(bound) | End::Rough(bound) => bound,
            };
            if self.tired() {
                return clamp(self.bench.exact(&self.alive, &corner));
            }
            let fractions = self.bench.fractions(&corner);
            if fractions.is_empty() {
                let keys = corner.key.clone();
                if let Some(value) = self.model.value(&keys) {
                    self.record(value, &keys);
                    if matches!(end, End::Settled(_)) && !self.keeps_ties() {
                        return i64::MIN;
                    }
                }
            } else if self.nodes < 32 || self.nodes.is_multiple_of(128) {
                self.round(&corner);
            }
            let before = self.trail.len();
            self.fix(&corner, bound);
            if self.trail.len() == before {
                let own = clamp(self.bench.exact(&self.alive, &corner));
                return match self.choose(&corner, &fractions, bound) {
                    Branch::Closed => i64::MIN,
                    Branch::Again => continue,
                    Branch::On(column) => self.split(&corner, column, own),
                };
            }
            if !self.spread() {
                return i64::MIN;
            }
        }
    }

    /// Drops columns whose loss alone takes the bound below what is wanted.
    fn fix(&mut self, corner: &Corner, bound: f64) {
        let room = bound - self.wanted() as f64 + 1e-9 * (bound.abs() + 1.0);
        for class in 0..self.model.classes() {
            if self.living[class] < 2 {
                continue;
            }
            let key = corner.key[class] as usize;
            for column in self.model.class(class) {
                if column != key
                    && self.alive[column]
                    && self.bench.worth(key) - self.bench.worth(column) > room
                {
                    self.kill(column);
                }
            }
        }
    }

    /// Applies one side of a branch: the column alone, or all but the column.
    fn side(&mut self, column: usize, take: bool) -> bool {
        if take {
            for other in self.model.class(self.model.class_of(column)) {
                if other != column && !self.kill(other) {
                    return false;
                }
            }
        } else if !self.kill(column) {
            return false;
        }
        self.spread()
    }

    fn split(&mut self, corner: &Corner, column: usize, own: i64) -> i64 {
        let record = self.records[column];
        let mean = |side: usize| record.drop[side] / f64::from(record.tries[side].max(1));
        let first = mean(1) <= mean(0);
        let mut rest = i64::MIN;
        for take in [first, !first] {
            if self.stopped {
                return rest.max(own);
            }
            if own < self.wanted() {
                break;
            }
            let mark = self.trail.len();
            if self.side(column, take) {
                rest = rest.max(self.dive(corner.clone()));
            }
            self.undo(mark);
        }
        rest
    }

    fn choose(&mut self, corner: &Corner, fractions: &[(usize, f64)], bound: f64) -> Branch {
        if fractions.is_empty() {
            let open = (0..self.model.classes()).find(|&c| self.living[c] > 1);
            let column = open.and_then(|c| self.model.class(c).find(|&x| self.alive[x]));
            return column.map_or(Branch::Closed, Branch::On);
        }
        let mut order: Vec<(f64, usize, f64)> = fractions
            .iter()
            .map(|&(column, share)| (self.score(column, share), column, share))
            .collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut best = (f64::NEG_INFINITY, order[0].1);
        let mut stale = 0;
        for (guess, column, share) in order {
            let record = self.records[column];
            let score = if record.tries[0].min(record.tries[1]) >= TRUSTED {
                guess
            } else {
                match self.trial(corner, column, share, bound) {
                    Ok(score) => score,
                    Err(branch) => return branch,
                }
            };
            if score > best.0 {
                best = (score, column);
                stale = 0;
            } else {
                stale += 1;
                if stale > 5 {
                    break;
                }
            }
        }
        Branch::On(best.1)
    }

    fn score(&self, column: usize, share: f64) -> f64 {
        let record = self.records[column];
        let mean = |side: usize| {
            if record.tries[side] == 0 {
                1e18
            } else {
                record.drop[side] / f64::from(record.tries[side])
            }
        };
        (mean(1) * (1.0 - share)).max(1e-6) * (mean(0) * share).max(1e-6)
    }

    /// Tries both sides for a few steps; when one was closed the other stands, and the node begins anew.
    fn trial(
        &mut self,
        corner: &Corner,
        column: usize,
        share: f64,
        bound: f64,
    ) -> Result<f64, Branch> {
        let mut drops = [0.0; 2];
        for (side, take) in [(0, false), (1, true)] {
            let mark = self.trail.len();
            let wanted = self.wanted();
            let end = if self.side(column, take) {
                let mut probe = corner.clone();
                self.bench.walk(&self.alive, &mut probe, wanted, TRY)
            } else {
                End::Hopeless
            };
            self.undo(mark);
            match end {
                End::Hopeless => {
                    let open = self.side(column, !take);
                    return Err(if open { Branch::Again } else { Branch::Closed });
                }
                End::Settled(low) | End::Rough(low) => {
                    drops[side] = (bound - low).max(0.0);
                    let part = if take { 1.0 - share } else { share };
                    let record = &mut self.records[column];
                    record.drop[side] += drops[side] / part.max(1e-3);
                    record.tries[side] += 1;
                }
            }
        }
        Ok(drops[0].max(1e-6) * drops[1].max(1e-6))
    }
}

enum Branch {
    Closed,
    Again,
    On(usize),
}

/// The labels of a choice in rising order.
pub(crate) fn labels(all: &[u32], chosen: &[u32]) -> Vec<u32> {
    let named = chosen
        .iter()
        .map(|&c| all[c as usize])
        .filter(|&l| l != u32::MAX);
    let mut out: Vec<u32> = named.collect();
    out.sort_unstable();
    out
}

/// The nearest number of 64 bits.
pub(crate) fn clamp(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value > 0 { i64::MAX } else { i64::MIN })
}
