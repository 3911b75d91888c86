//! How do counts depend on several things at once, given their exposure?
//!
//! Log-linear regression of counts with an offset: Poisson by iteratively reweighted least squares (`McCullagh` and
//! Nelder 1989), and its errors when counts are clumped (quasi-Poisson), correlated in time (Newey, West 1987) or in clusters
//! (Liang, Zeger 1986). The negative binomial with the same regressors is in [`crate::stats::negbin`].

use crate::stats::linear::{Cholesky, Singular, dot, sandwich};
use crate::stats::special::deviance;

/// The fit is settled when the deviance moves by less than this share.
const SETTLED: f64 = 1e-13;

/// A standard error above this on the log scale means that the counts never bound the coefficient.
const UNBOUND: f64 = 100.0;

/// Most rounds of a fit; regular data settle in 4 to 10.
const ROUNDS: usize = 200;

/// Counts with their regressors and exposure.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts<'a> {
    /// Counts, not negative.
    pub y: &'a [f64],
    /// Regressors by column, the constant included where it is wanted; each as long as `y`.
    pub columns: &'a [Vec<f64>],
    /// Natural logarithm of the exposure, one per count.
    pub offset: &'a [f64],
}

/// Why a regression has no answer.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GlmError {
    /// Lists of unequal length, or fewer counts than columns.
    #[error(
        "{rows} counts for {columns} columns, or a list of another length; give at least one count more than columns"
    )]
    Length {
        /// How many counts.
        rows: usize,
        /// How many columns.
        columns: usize,
    },
    /// A value is broken, or a count is negative.
    #[error("row {row} has a negative count, or a value or exposure that is not a number above 0")]
    Broken {
        /// First such row, from 0.
        row: usize,
    },
    /// Nothing was counted.
    #[error("all counts are 0; a ratio needs cases on at least one side")]
    AllZero,
    /// A column repeats others.
    #[error("column {column} is a mixture of the columns before it; leave it out")]
    Singular {
        /// First such column, from 0.
        column: usize,
    },
    /// A coefficient runs away because one side has no cases.
    #[error(
        "column {column} has cases on one side only, so that its coefficient is unbounded; use the exact two-rate interval"
    )]
    Separated {
        /// First such column, from 0.
        column: usize,
    },
    /// The rounds ended before the fit settled.
    #[error("the fit did not settle in {rounds} rounds; rescale the columns")]
    NotSettled {
        /// How many rounds were made.
        rounds: usize,
    },
}

/// A fitted Poisson regression.
#[derive(Clone, Debug, PartialEq)]
pub struct Poisson {
    /// Coefficients in the order of the columns.
    pub coef: Vec<f64>,
    /// Fitted means.
    pub mu: Vec<f64>,
    /// Inverse information, row by row: the covariance of the coefficients if the counts are Poisson.
    pub covariance: Vec<f64>,
    /// Deviance.
    pub deviance: f64,
    /// Pearson's chi-square.
    pub pearson: f64,
}

/// Fits a Poisson regression; the deviance is settled to 1e-13 of itself. O(rounds n p²).
pub fn poisson(counts: &Counts<'_>) -> Result<Poisson, GlmError> {
    check(counts)?;
    let start = counts.y.iter().map(|y| y + 0.1).collect();
    let fit = reweighted(counts, start, |mu| mu, deviance_poisson)?;
    let pearson = counts.y.iter().zip(&fit.mu);
    let pearson = pearson.map(|(y, mu)| (y - mu).powi(2) / mu).sum();
    Ok(Poisson {
        deviance: deviance_poisson(counts.y, &fit.mu),
        coef: fit.coef,
        mu: fit.mu,
        covariance: fit.covariance,
        pearson,
    })
}

fn deviance_poisson(y: &[f64], mu: &[f64]) -> f64 {
    y.iter().zip(mu).map(|(y, m)| 2.0 * deviance(*y, *m)).sum()
}

/// Refuses lists that no regression can use.
pub(crate) fn check(counts: &Counts<'_>) -> Result<(), GlmError> {
    let (rows, columns) = (counts.y.len(), counts.columns.len());
    let even = counts.offset.len() == rows && counts.columns.iter().all(|c| c.len() == rows);
    if !even || columns == 0 || rows <= columns {
        return Err(GlmError::Length { rows, columns });
    }
    for row in 0..rows {
        let y = counts.y[row];
        let regular = counts.columns.iter().all(|c| c[row].is_finite());
        if !(y.is_finite() && y >= 0.0 && regular && counts.offset[row].is_finite()) {
            return Err(GlmError::Broken { row });
        }
    }
    if counts.y.iter().all(|y| *y <= 0.0) {
        return Err(GlmError::AllZero);
    }
    information(counts, &vec![1.0; rows])
        .map(|_| ())
        .map_err(|Singular { row }| GlmError::Singular { column: row })
}

/// A fit before its figures are dressed.
pub(crate) struct Raw {
    pub(crate) coef: Vec<f64>,
    pub(crate) mu: Vec<f64>,
    pub(crate) covariance: Vec<f64>,
}

/// Iteratively reweighted least squares with a log link; `weight` gives the expected information of one count by its mean.
///
/// A round that raises the deviance is halved towards the one before, at most 30 times.
pub(crate) fn reweighted(
    counts: &Counts<'_>,
    start: Vec<f64>,
    weight: impl Fn(f64) -> f64,
    misfit: impl Fn(&[f64], &[f64]) -> f64,
) -> Result<Raw, GlmError> {
    let mut mu = start;
    let mut coef: Vec<f64> = Vec::new();
    let mut last = f64::INFINITY;
    for _ in 0..ROUNDS {
        let weights: Vec<f64> = mu.iter().map(|m| weight(*m)).collect();
        let factor = information(counts, &weights).map_err(runaway)?;
        let right: Vec<f64> = counts
            .columns
            .iter()
            .map(|column| {
                let rows = column.iter().zip(&mu).zip(&weights).enumerate();
                rows.map(|(i, ((x, m), w))| {
                    let working = m.ln() - counts.offset[i] + (counts.y[i] - m) / m;
                    x * w * working
                })
                .sum()
            })
            .collect();
        let mut next = factor.solve(&right);
        let mut now = means(counts, &next);
        let mut cost = misfit(counts.y, &now);
        for _ in 0..30 {
            if cost.is_finite() && (coef.is_empty() || cost <= last + SETTLED * (last.abs() + 0.1))
            {
                break;
            }
            if coef.is_empty() {
                break;
            }
            for (new, old) in next.iter_mut().zip(&coef) {
                *new = f64::midpoint(*new, *old);
            }
            now = means(counts, &next);
            cost = misfit(counts.y, &now);
        }
        let settled = (last - cost).abs() <= SETTLED * (cost.abs() + 0.1);
        (mu, coef, last) = (now, next, cost);
        if settled {
            return dress(counts, coef, mu, weight);
        }
        if mu.iter().any(|m| !m.is_finite() || *m <= 0.0) {
            break;
        }
    }
    Err(GlmError::NotSettled { rounds: ROUNDS })
}

fn dress(
    counts: &Counts<'_>,
    coef: Vec<f64>,
    mu: Vec<f64>,
    weight: impl Fn(f64) -> f64,
) -> Result<Raw, GlmError> {
    let weights: Vec<f64> = mu.iter().map(|m| weight(*m)).collect();
    let covariance = information(counts, &weights).map_err(runaway)?.inverse();
    let p = coef.len();
    let unbound = (0..p).find(|j| {
        let scale = counts.columns[*j]
            .iter()
            .fold(0.0_f64, |m, x| m.max(x.abs()));
        covariance[j * p + j].sqrt() * scale > UNBOUND
    });
    if let Some(column) = unbound {
        // The constant is unbound together with the column that separates; name the column.
        let beyond = (column + 1..p).find(|j| covariance[j * p + j].sqrt() > UNBOUND);
        return Err(GlmError::Separated {
            column: beyond.unwrap_or(column),
        });
    }
    Ok(Raw {
        coef,
        mu,
        covariance,
    })
}

/// Columns are independent (checked before), so that only vanishing means can make the weighted ones dependent.
fn runaway(Singular { row }: Singular) -> GlmError {
    GlmError::Separated { column: row }
}

fn information(counts: &Counts<'_>, weights: &[f64]) -> Result<Cholesky, Singular> {
    let p = counts.columns.len();
    let mut matrix = vec![0.0; p * p];
    for i in 0..p {
        for j in 0..=i {
            let pair = counts.columns[i].iter().zip(&counts.columns[j]);
            let sum: f64 = pair.zip(weights).map(|((a, b), w)| a * b * w).sum();
            matrix[i * p + j] = sum;
        }
    }
    Cholesky::of(&matrix, p)
}

/// Means of the counts at the given coefficients.
pub(crate) fn means(counts: &Counts<'_>, coef: &[f64]) -> Vec<f64> {
    let row = |i: usize| -> f64 { counts.columns.iter().zip(coef).map(|(c, b)| c[i] * b).sum() };
    (0..counts.y.len())
        .map(|i| (counts.offset[i] + row(i)).exp())
        .collect()
}

/// Standard errors from a covariance row by row.
#[must_use]
pub fn standard_errors(covariance: &[f64], p: usize) -> Vec<f64> {
    (0..p)
        .map(|j| covariance[j * p + j].max(0.0).sqrt())
        .collect()
}

impl Poisson {
    /// Pearson's chi-square per degree of freedom: 1 when the counts are Poisson, above when clumped.
    #[must_use]
    pub fn dispersion(&self) -> f64 {
        self.pearson / (self.mu.len() - self.coef.len()) as f64
    }

    /// Standard errors if the counts are Poisson.
    #[must_use]
    pub fn se(&self) -> Vec<f64> {
        standard_errors(&self.covariance, self.coef.len())
    }

    /// Standard errors multiplied by the root of the dispersion, or of 1 where that is smaller.
    #[must_use]
    pub fn se_quasi(&self) -> Vec<f64> {
        let factor = self.dispersion().max(1.0).sqrt();
        self.se().iter().map(|s| s * factor).collect()
    }

    /// Newey–West standard errors: Bartlett's weights up to `lag` rows, no prewhitening, no small-sample factor.
    ///
    /// The rows must stand in time order at equal steps.
    #[must_use]
    pub fn se_newey_west(&self, counts: &Counts<'_>, lag: usize) -> Vec<f64> {
        let p = self.coef.len();
        let scores = self.scores(counts);
        let mut filling = vec![0.0; p * p];
        for apart in 0..=lag.min(scores.len().saturating_sub(1)) {
            let weight = 1.0 - apart as f64 / (lag as f64 + 1.0);
            for (early, late) in scores.iter().zip(&scores[apart..]) {
                for i in 0..p {
                    for j in 0..p {
                        let both = if apart == 0 {
                            early[i] * early[j]
                        } else {
                            early[i] * late[j] + late[i] * early[j]
                        };
                        filling[i * p + j] += weight * both;
                    }
                }
            }
        }
        standard_errors(&sandwich(&self.covariance, &filling, p), p)
    }

    /// Standard errors when rows of one cluster belong together; `cluster` names each row's, without small-sample factor.
    #[must_use]
    pub fn se_clustered(&self, counts: &Counts<'_>, cluster: &[usize]) -> Vec<f64> {
        let p = self.coef.len();
        let groups = cluster.iter().max().map_or(0, |m| m + 1);
        let mut sums = vec![vec![0.0; p]; groups];
        for (score, group) in self.scores(counts).iter().zip(cluster) {
            for (sum, s) in sums[*group].iter_mut().zip(score) {
                *sum += s;
            }
        }
        let mut filling = vec![0.0; p * p];
        for sum in &sums {
            for i in 0..p {
                for j in 0..p {
                    filling[i * p + j] += sum[i] * sum[j];
                }
            }
        }
        standard_errors(&sandwich(&self.covariance, &filling, p), p)
    }

    /// Each row's part of the score.
    fn scores(&self, counts: &Counts<'_>) -> Vec<Vec<f64>> {
        let row = |i: usize| {
            let residual = counts.y[i] - self.mu[i];
            counts.columns.iter().map(|c| c[i] * residual).collect()
        };
        (0..self.mu.len()).map(row).collect()
    }

    /// First autocorrelation of the Pearson residuals around 0; `None` when all are 0.
    #[must_use]
    pub fn residual_autocorrelation(&self, y: &[f64]) -> Option<f64> {
        let each = y.iter().zip(&self.mu);
        let r: Vec<f64> = each.map(|(y, m)| (y - m) / m.sqrt()).collect();
        let own = dot(&r, &r);
        (own > 0.0 && r.len() > 1).then(|| dot(&r, &r[1..]) / own)
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, GlmError, poisson};
    use crate::stats::Rng;

    #[test]
    fn two_groups_have_the_ratio_of_their_rates() {
        let columns = [vec![1.0; 5], vec![0.0, 0.0, 0.0, 1.0, 1.0]];
        let offset: Vec<f64> = [10.0_f64, 20.0, 30.0, 5.0, 15.0].map(f64::ln).to_vec();
        let y = [4.0, 7.0, 13.0, 5.0, 11.0];
        let counts = Counts {
            y: &y,
            columns: &columns,
            offset: &offset,
        };
        let fit = poisson(&counts).unwrap();
        assert!((fit.coef[1] - (16.0_f64 / 20.0 / (24.0 / 60.0)).ln()).abs() < 1e-12);
        // Variance of a log ratio of two Poisson sums.
        assert!((fit.se()[1] - (1.0_f64 / 16.0 + 1.0 / 24.0).sqrt()).abs() < 1e-10);
    }

    #[test]
    fn one_row_clusters_and_lag_zero_are_the_same_sandwich() {
        let mut rng = Rng::new(3);
        let columns = [vec![1.0; 40], (0..40).map(f64::from).collect()];
        let y: Vec<f64> = (0..40).map(|_| rng.poisson(6.0) as f64).collect();
        let counts = Counts {
            y: &y,
            columns: &columns,
            offset: &[0.0; 40],
        };
        let fit = poisson(&counts).unwrap();
        let alone: Vec<usize> = (0..40).collect();
        let pair = fit
            .se_clustered(&counts, &alone)
            .into_iter()
            .zip(fit.se_newey_west(&counts, 0));
        assert!(pair.into_iter().all(|(a, b)| (a - b).abs() < 1e-14));
        assert!(fit.residual_autocorrelation(&y).unwrap().abs() < 0.5);
    }

    #[test]
    fn unusable_counts_are_refused_by_name() {
        let step = vec![0.0, 0.0, 1.0, 1.0];
        let fit = |y: &[f64], columns: &[Vec<f64>]| {
            poisson(&Counts {
                y,
                columns,
                offset: &vec![0.0; y.len()],
            })
        };
        let ones = vec![1.0; 4];
        let both = [ones.clone(), step.clone()];
        assert_eq!(fit(&[0.0; 4], &both), Err(GlmError::AllZero));
        assert_eq!(
            fit(&[3.0, 4.0, 0.0, 0.0], &both),
            Err(GlmError::Separated { column: 1 })
        );
        assert_eq!(
            fit(&[0.0, 0.0, 3.0, 4.0], &both),
            Err(GlmError::Separated { column: 1 })
        );
        let twice = [ones.clone(), step.clone(), step];
        assert_eq!(
            fit(&[1.0, 2.0, 3.0, 4.0], &twice),
            Err(GlmError::Singular { column: 2 })
        );
        assert_eq!(
            fit(&[1.0, -2.0, 3.0, 4.0], &both),
            Err(GlmError::Broken { row: 1 })
        );
        assert!(matches!(
            fit(&[1.0], &[vec![1.0]]),
            Err(GlmError::Length { .. })
        ));
        let huge = fit(&[1e12, 1.1e12, 9e11, 1e12], &both).unwrap();
        assert!(huge.coef[1].is_finite() && huge.se()[1] < 1e-5);
    }
}
