//! How loud is each cell at each step against the whole cube of cells and steps?

use crate::hotspot::gi_star::Moments;
use crate::spatial::weights::Neighbours;
use crate::stats::distribution::normal_two_sided;
use crate::stats::multiple::Correction;
use crate::stats::number::floor_i64;
use crate::stats::subset::{Refused, SubsetSums, Tails};

/// Counts of cells over steps, step by step: `count[step * cells + cell]`.
#[derive(Clone, Debug)]
pub struct Cube {
    /// Number of cells.
    pub cells: usize,
    /// Number of steps.
    pub steps: usize,
    /// Counts.
    pub count: Vec<f64>,
}

/// Which bins are a bin's neighbourhood, and which mean it is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Preceding steps that belong to the neighbourhood.
    pub lag: usize,
    /// Held against its own step only (then without lag).
    pub own_step: bool,
}

/// Neighbourhood sums with their number of bins.
#[derive(Clone, Debug)]
pub struct Sums {
    /// Sum of each bin's neighbourhood.
    pub sum: Vec<f64>,
    /// Number of bins in it.
    pub size: Vec<u32>,
}

impl Cube {
    /// Sums over the cell and its neighbours at the step and the `lag` steps before, truncated at step 0. O(bins × k).
    #[must_use]
    pub fn sums(&self, near: &Neighbours, lag: usize) -> Sums {
        let mut around = vec![0.0; self.count.len()];
        for step in 0..self.steps {
            let layer = &self.count[step * self.cells..(step + 1) * self.cells];
            let into = &mut around[step * self.cells..(step + 1) * self.cells];
            for (cell, slot) in into.iter_mut().enumerate() {
                let others: f64 = near.of(cell).iter().map(|&j| layer[j as usize]).sum();
                *slot = layer[cell] + others;
            }
        }
        let mut out = Sums {
            sum: vec![0.0; self.count.len()],
            size: vec![0; self.count.len()],
        };
        for step in 0..self.steps {
            let from = step.saturating_sub(lag);
            let layers = u32::try_from(step - from + 1).unwrap_or(u32::MAX);
            for cell in 0..self.cells {
                let at = step * self.cells + cell;
                out.sum[at] = (from..=step).map(|s| around[s * self.cells + cell]).sum();
                out.size[at] =
                    layers * (u32::try_from(near.of(cell).len()).unwrap_or(u32::MAX - 1) + 1);
            }
        }
        out
    }

    /// Gi* of every bin; `None` where it is not defined.
    #[must_use]
    pub fn scores(&self, near: &Neighbours, view: View) -> Vec<Option<f64>> {
        let sums = self.sums(near, if view.own_step { 0 } else { view.lag });
        let whole = Moments::of(&self.count);
        let mut out = Vec::with_capacity(self.count.len());
        for step in 0..self.steps {
            let layer = step * self.cells..(step + 1) * self.cells;
            let all = if view.own_step {
                Moments::of(&self.count[layer.clone()])
            } else {
                whole
            };
            out.extend(layer.map(|at| all.score(sums.sum[at], f64::from(sums.size[at])).ok()));
        }
        out
    }

    /// Exact tails of every bin over all deals of the cube's counts, which must be whole numbers.
    pub fn exact(&self, near: &Neighbours, lag: usize) -> Result<Vec<Tails>, Refused> {
        let sums = self.sums(near, lag);
        let most = sums.size.iter().max().map_or(0, |m| *m as usize);
        let whole: Vec<i64> = self.count.iter().map(|c| floor_i64(*c)).collect();
        let law = SubsetSums::count(&whole, most)?;
        let asked: Vec<(usize, i64)> = sums
            .sum
            .iter()
            .zip(&sums.size)
            .map(|(s, k)| (*k as usize, floor_i64(*s)))
            .collect();
        let found = law.all_tails(&asked);
        Ok(found
            .into_iter()
            .map(|t| t.unwrap_or(Tails::CERTAIN))
            .collect())
    }

    /// Series of one cell, oldest step first.
    pub fn series<T: Copy>(&self, bins: &[T], cell: usize) -> Vec<T> {
        (0..self.steps)
            .map(|s| bins[s * self.cells + cell])
            .collect()
    }
}

/// Significant bins: 1 hot, -1 cold, 0 neither, with the p at which Benjamini–Hochberg cut.
#[derive(Clone, Debug)]
pub struct Significant {
    /// Per bin.
    pub sign: Vec<i8>,
    /// Largest rejected p, 0 when none.
    pub cut: f64,
}

impl Significant {
    /// Significance of bins by p-values and sides, Benjamini–Hochberg over all defined ones.
    #[must_use]
    pub fn of(p: &[Option<f64>], hot: impl Iterator<Item = bool>, alpha: f64) -> Self {
        decide(p, hot, alpha)
    }
}

/// Significance of bins by their scores. Only p-values up to `alpha` are sorted.
#[must_use]
pub fn by_score(z: &[Option<f64>], alpha: f64) -> Significant {
    let p: Vec<Option<f64>> = z.iter().map(|z| z.map(normal_two_sided)).collect();
    let hot = z.iter().map(|z| z.is_some_and(|z| z > 0.0));
    decide(&p, hot, alpha)
}

/// Significance of bins by their exact tails.
#[must_use]
pub fn by_tails(tails: &[Tails], alpha: f64) -> Significant {
    let p: Vec<Option<f64>> = tails.iter().map(|t| Some(t.two_sided())).collect();
    decide(&p, tails.iter().map(|t| t.upper < t.lower), alpha)
}

fn decide(p: &[Option<f64>], hot: impl Iterator<Item = bool>, alpha: f64) -> Significant {
    let defined = p.iter().flatten().count();
    let mut small: Vec<f64> = p
        .iter()
        .flatten()
        .copied()
        .filter(|p| *p <= alpha)
        .collect();
    small.sort_unstable_by(f64::total_cmp);
    let m = defined as f64;
    let last = small
        .iter()
        .enumerate()
        .rfind(|&(i, &v)| v <= alpha * (i as f64 + 1.0) / m);
    let cut = last.map_or(-1.0, |(_, v)| *v);
    debug_assert!(
        small.len() > 1000
            || (cut.max(0.0)
                - Correction::Bh.cut(&p.iter().flatten().copied().collect::<Vec<_>>(), alpha))
            .abs()
                < 1e-300,
        "sorting only small p-values must not change the cut"
    );
    let sign = p
        .iter()
        .zip(hot)
        .map(|(p, hot)| match p {
            Some(p) if *p <= cut => {
                if hot {
                    1
                } else {
                    -1
                }
            }
            _ => 0,
        })
        .collect();
    Significant {
        sign,
        cut: cut.max(0.0),
    }
}
