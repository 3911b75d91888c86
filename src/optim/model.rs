//! Which whole-number rows does a choice obey: classes of columns, each class takes one, and rows that must not be exceeded.

use crate::stats::number::id32;
use std::ops::Range;

/// A choice in the form the solver works on: every class takes exactly one column (an empty one stands for "nothing"),
/// and the chosen columns may use at most `rhs` of each row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    /// First column of each class, and the end of the last.
    pub(crate) start: Vec<usize>,
    /// Value of each column.
    pub(crate) gain: Vec<i64>,
    /// First entry of each column, and the end of the last.
    pub(crate) first: Vec<usize>,
    /// Row and coefficient, column by column.
    pub(crate) entries: Vec<(u32, i64)>,
    /// Right-hand sides.
    pub(crate) rhs: Vec<i64>,
    /// Class of each column.
    pub(crate) owner: Vec<u32>,
}

impl Model {
    /// A model with rows and no classes yet.
    pub(crate) fn new(rhs: Vec<i64>) -> Self {
        Self {
            start: vec![0],
            first: vec![0],
            rhs,
            ..Self::default()
        }
    }

    /// Adds a column to the class being built; entries of zero are left out.
    pub(crate) fn column(&mut self, gain: i64, entries: impl IntoIterator<Item = (u32, i64)>) {
        self.gain.push(gain);
        self.entries
            .extend(entries.into_iter().filter(|e| e.1 != 0));
        self.first.push(self.entries.len());
        let class = u32::try_from(self.start.len() - 1).unwrap_or(u32::MAX);
        self.owner.push(class);
    }

    /// Ends the class being built.
    pub(crate) fn close(&mut self) {
        self.start.push(self.gain.len());
    }

    /// The same columns with a row more for each cap; `counts` gives a column's entries in the new rows.
    pub(crate) fn widened(&self, caps: &[i64], counts: &[Vec<i64>]) -> Self {
        let rows = self.rhs.len();
        let mut out = Self {
            start: self.start.clone(),
            gain: self.gain.clone(),
            owner: self.owner.clone(),
            rhs: self.rhs.iter().chain(caps).copied().collect(),
            first: vec![0],
            entries: Vec::new(),
        };
        for (column, counts) in counts.iter().enumerate() {
            out.entries.extend(&self.entries[self.span(column)]);
            for (at, &count) in counts.iter().enumerate().filter(|c| *c.1 != 0) {
                out.entries.push((id32(rows + at), count));
            }
            out.first.push(out.entries.len());
        }
        out
    }

    /// Number of classes.
    pub(crate) fn classes(&self) -> usize {
        self.start.len() - 1
    }

    /// Number of columns.
    pub(crate) fn columns(&self) -> usize {
        self.gain.len()
    }

    /// Columns of a class.
    pub(crate) fn class(&self, class: usize) -> Range<usize> {
        self.start[class]..self.start[class + 1]
    }

    /// Class of a column.
    pub(crate) fn class_of(&self, column: usize) -> usize {
        self.owner[column] as usize
    }

    /// Entries of a column.
    pub(crate) fn span(&self, column: usize) -> Range<usize> {
        self.first[column]..self.first[column + 1]
    }

    /// Value of one column per class, `None` when a row is exceeded.
    pub(crate) fn value(&self, chosen: &[u32]) -> Option<i64> {
        let mut used = vec![0_i64; self.rhs.len()];
        let mut value = 0;
        for &column in chosen {
            value += self.gain[column as usize];
            for (row, coef) in &self.entries[self.span(column as usize)] {
                used[*row as usize] += coef;
            }
        }
        used.iter()
            .zip(&self.rhs)
            .all(|(u, b)| u <= b)
            .then_some(value)
    }
}
