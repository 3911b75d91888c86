//! Where does the price walk stand: prices, best columns and the inverse of the holding matrix?

use crate::optim::model::Model;

/// No column.
pub(crate) const NONE: u32 = u32::MAX;

/// A size as 32 bits; sizes of models stay far below.
pub(crate) fn small(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(NONE)
}

/// A number of a column, class or row as a place in a slice.
pub(crate) fn wide(n: u32) -> usize {
    n as usize
}

/// What holds a corner of the price function in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// The price of the row is zero.
    Slack(u32),
    /// The column ties with the key column of its class.
    Tie(u32),
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// The bound lies below the wanted value: nothing here can reach it.
    Hopeless,
    /// The bound cannot be lowered further.
    Settled(f64),
    /// The allowed steps were used up; the bound holds, the fractions are rough.
    Rough(f64),
}

/// An edge from a corner: which hold it frees, its way and how fast the bound falls at first.
pub(crate) struct Edge {
    pub(crate) row: usize,
    pub(crate) way: Vec<f64>,
    pub(crate) fall: f64,
}

/// What leaves the corner: a row of the holding matrix with the sign of its edge, or the key of a class.
pub(crate) enum Leave {
    Row(usize, f64),
    Key(usize),
}

/// A corner: prices, the best column of each class and the inverse of the holding matrix. Copied at every branch.
#[derive(Clone, Debug)]
pub(crate) struct Corner {
    pub(crate) holds: Vec<Hold>,
    pub(crate) inverse: Vec<f64>,
    pub(crate) prices: Vec<f64>,
    pub(crate) key: Vec<u32>,
    pub(crate) ties: Vec<u32>,
    pub(crate) age: u32,
}

impl Corner {
    /// The corner where all prices are zero.
    pub(crate) fn new(model: &Model) -> Self {
        let rows = model.rhs.len();
        let mut inverse = vec![0.0; rows * rows];
        for row in 0..rows {
            inverse[row * rows + row] = 1.0;
        }
        Self {
            holds: (0..rows).map(|r| Hold::Slack(small(r))).collect(),
            inverse,
            prices: vec![0.0; rows],
            key: vec![NONE; model.classes()],
            ties: vec![0; model.classes()],
            age: 0,
        }
    }

    /// Puts `column` into `row` of the holding matrix; O(rows²).
    pub(crate) fn replace(&mut self, row: usize, column: &[f64]) {
        let rows = self.prices.len();
        let image: Vec<f64> = self
            .inverse
            .chunks_exact(rows)
            .map(|line| line.iter().zip(column).map(|(a, b)| a * b).sum())
            .collect();
        let pivot = 1.0 / image[row];
        let mut own: Vec<f64> = self.inverse[row * rows..(row + 1) * rows].to_vec();
        for value in &mut own {
            *value *= pivot;
        }
        for (r, line) in self.inverse.chunks_exact_mut(rows).enumerate() {
            if r == row {
                line.copy_from_slice(&own);
            } else if image[r].abs() > 1e-14 {
                for (value, o) in line.iter_mut().zip(&own) {
                    *value -= image[r] * o;
                }
            }
        }
        self.age += 1;
    }

    /// The edge that frees `row`.
    pub(crate) fn line(&self, row: usize) -> &[f64] {
        let rows = self.prices.len();
        &self.inverse[row * rows..(row + 1) * rows]
    }

    /// Whether the price of row `r` is held at zero by a hold other than the leaving one.
    pub(crate) fn at_zero(&self, r: usize, leaving: usize) -> bool {
        let hold = Hold::Slack(small(r));
        self.holds
            .iter()
            .enumerate()
            .any(|(at, h)| *h == hold && at != leaving)
    }
}

/// Gauss and Jordan with row exchange on `[A | I]`; false when `A` is singular.
pub(crate) fn invert(matrix: &mut [f64], n: usize) -> bool {
    let width = 2 * n;
    for at in 0..n {
        let pivot = (at..n)
            .max_by(|&a, &b| {
                matrix[a * width + at]
                    .abs()
                    .total_cmp(&matrix[b * width + at].abs())
            })
            .unwrap_or(at);
        if matrix[pivot * width + at].abs() < 1e-12 {
            return false;
        }
        if pivot != at {
            for k in 0..width {
                matrix.swap(pivot * width + k, at * width + k);
            }
        }
        let scale = 1.0 / matrix[at * width + at];
        for k in 0..width {
            matrix[at * width + k] *= scale;
        }
        for r in 0..n {
            let factor = matrix[r * width + at];
            if r != at && factor != 0.0 {
                for k in 0..width {
                    matrix[r * width + k] -= factor * matrix[at * width + k];
                }
            }
        }
    }
    true
}
