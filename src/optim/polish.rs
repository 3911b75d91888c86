//! How does a rough choice become a good one that fits: repair by least loss per unit of excess, then single and double moves.

use crate::optim::model::Model;

/// Most rounds of moves.
const ROUNDS: usize = 60;

struct Desk<'a> {
    model: &'a Model,
    alive: &'a [bool],
    chosen: Vec<u32>,
    left: Vec<i64>,
}

/// Repairs and improves `chosen` within the living columns; `None` when no repair was found. Cost: a few passes over the columns.
pub(crate) fn polish(
    model: &Model,
    alive: &[bool],
    chosen: Vec<u32>,
    prices: &[f64],
) -> Option<(i64, Vec<u32>)> {
    let mut left = model.rhs.clone();
    for &column in &chosen {
        for (row, coef) in &model.entries[model.span(column as usize)] {
            left[*row as usize] -= coef;
        }
    }
    let mut desk = Desk {
        model,
        alive,
        chosen,
        left,
    };
    if !desk.repair(prices) {
        return None;
    }
    desk.climb();
    let value = model.value(&desk.chosen)?;
    Some((value, desk.chosen))
}

impl Desk<'_> {
    fn excess(&self) -> i64 {
        self.left.iter().map(|l| (-l).max(0)).sum()
    }

    fn swap(&mut self, class: usize, column: usize) {
        let old = self.chosen[class] as usize;
        for (row, coef) in &self.model.entries[self.model.span(old)] {
            self.left[*row as usize] += coef;
        }
        for (row, coef) in &self.model.entries[self.model.span(column)] {
            self.left[*row as usize] -= coef;
        }
        self.chosen[class] = u32::try_from(column).unwrap_or(u32::MAX);
    }

    fn repair(&mut self, prices: &[f64]) -> bool {
        for _ in 0..4 * self.model.classes() {
            let excess = self.excess();
            if excess == 0 {
                return true;
            }
            let mut best: Option<(f64, usize, usize)> = None;
            for class in 0..self.model.classes() {
                let old = self.chosen[class] as usize;
                for column in self.model.class(class) {
                    if column == old || !self.alive[column] {
                        continue;
                    }
                    self.swap(class, column);
                    let less = excess - self.excess();
                    self.swap(class, old);
                    if less > 0 {
                        let loss = self.worth(old, prices) - self.worth(column, prices);
                        let score = loss / less as f64;
                        if best.is_none_or(|b| score < b.0) {
                            best = Some((score, class, column));
                        }
                    }
                }
            }
            let Some((_, class, column)) = best else {
                return false;
            };
            self.swap(class, column);
        }
        self.excess() == 0
    }

    fn worth(&self, column: usize, prices: &[f64]) -> f64 {
        let used: f64 = self.model.entries[self.model.span(column)]
            .iter()
            .map(|(row, coef)| prices[*row as usize] * *coef as f64)
            .sum();
        self.model.gain[column] as f64 - used
    }

    fn fits(&self) -> bool {
        self.left.iter().all(|&l| l >= 0)
    }

    /// Takes the best single move that fits, else the first double move that gains, until neither is left.
    fn climb(&mut self) {
        for _ in 0..ROUNDS {
            if !self.single() && !self.double() {
                return;
            }
        }
    }

    fn single(&mut self) -> bool {
        let mut best: Option<(i64, usize, usize)> = None;
        for class in 0..self.model.classes() {
            let old = self.chosen[class] as usize;
            for column in self.model.class(class) {
                let gain = self.model.gain[column] - self.model.gain[old];
                if !self.alive[column] || gain <= best.map_or(0, |b| b.0) {
                    continue;
                }
                self.swap(class, column);
                if self.fits() {
                    best = Some((gain, class, column));
                }
                self.swap(class, old);
            }
        }
        if let Some((_, class, column)) = best {
            self.swap(class, column);
        }
        best.is_some()
    }

    fn double(&mut self) -> bool {
        let model = self.model;
        for class in 0..model.classes() {
            let old = self.chosen[class] as usize;
            for column in model.class(class).filter(|&c| c != old && self.alive[c]) {
                let first = model.gain[column] - model.gain[old];
                self.swap(class, column);
                for other in (0..model.classes()).filter(|&c| c != class) {
                    let was = self.chosen[other] as usize;
                    for second in model.class(other).filter(|&c| c != was && self.alive[c]) {
                        if first + model.gain[second] - model.gain[was] <= 0 {
                            continue;
                        }
                        self.swap(other, second);
                        if self.fits() {
                            return true;
                        }
                        self.swap(other, was);
                    }
                }
                self.swap(class, old);
            }
        }
        false
    }
}
