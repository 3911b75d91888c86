//! What would chance have given? Replicates, their p-value and what lies beyond the last replicate.

use std::f64::consts::PI;

use crate::stats::distribution::normal_quantile;

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// Monte Carlo p-value `(1 + at_least) / (replicates + 1)`.
#[must_use]
pub fn monte_carlo_p(at_least: usize, replicates: usize) -> f64 {
    (at_least as f64 + 1.0) / (replicates as f64 + 1.0)
}

/// esda's folded pseudo p-value: half of a two-sided one, `(1 + min(g, R - g)) / (R + 1)`.
#[must_use]
pub fn folded_p(at_least: usize, replicates: usize) -> f64 {
    monte_carlo_p(at_least.min(replicates - at_least), replicates)
}

/// The law of maxima fitted to replicates by moments (Gumbel; Abrams et al. 2010).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gumbel {
    /// Location.
    pub mu: f64,
    /// Scale.
    pub beta: f64,
}

impl Gumbel {
    /// Fits by moments; `None` for fewer than 2 values or no spread.
    #[must_use]
    pub fn fit(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        if values.len() < 2 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let beta = variance.sqrt() * 6.0_f64.sqrt() / PI;
        (beta > 0.0).then_some(Self {
            mu: mean - EULER * beta,
            beta,
        })
    }

    /// `P(X >= x)`.
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        -(-(-(x - self.mu) / self.beta).exp()).exp_m1()
    }
}

/// Days between two alarms as strong as this one under chance: `days / p`, with `runs_before` adjusted runs before.
///
/// `days` is the distance between runs. At least `days`.
#[must_use]
pub fn recurrence_days(p: f64, days: f64, runs_before: u32) -> f64 {
    if runs_before == 0 {
        return days / p;
    }
    let a = f64::from(runs_before) + 1.0;
    days / -((-p).ln_1p() / a).exp_m1()
}

/// Half width of the band in which a Monte Carlo p-value lies around the true one (normal, two-sided at `level`).
#[must_use]
pub fn monte_carlo_half_width(p: f64, replicates: usize, level: f64) -> f64 {
    normal_quantile(0.5 + level / 2.0) * (p * (1.0 - p) / replicates as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::{Gumbel, folded_p, monte_carlo_p, recurrence_days};
    use crate::stats::Rng;

    #[test]
    fn a_replicate_is_never_certain() {
        assert!((monte_carlo_p(0, 999) - 0.001).abs() < 1e-15);
        assert!((folded_p(900, 999) - 0.1).abs() < 1e-15);
        assert!((recurrence_days(0.001, 1.0, 0) - 1000.0).abs() < 1e-9);
        assert!((recurrence_days(0.001, 7.0, 0) - 7000.0).abs() < 1e-9);
    }

    #[test]
    fn earlier_runs_make_an_alarm_rarer_evidence() {
        // With A adjusted runs p is the chance within A runs, so one run's share is smaller and recurrence longer.
        assert!(recurrence_days(0.05, 1.0, 9) > recurrence_days(0.05, 1.0, 0));
    }

    #[test]
    fn the_law_of_maxima_is_found_again() {
        let mut rng = Rng::new(1);
        let x: Vec<f64> = (0..50_000)
            .map(|_| 3.0 - 0.7 * (-rng.unit().ln()).ln())
            .collect();
        let fit = Gumbel::fit(&x).unwrap();
        assert!(
            (fit.mu - 3.0).abs() < 0.02 && (fit.beta - 0.7).abs() < 0.02,
            "{fit:?}"
        );
        assert!(Gumbel::fit(&[1.0]).is_none() && Gumbel::fit(&[1.0, 1.0]).is_none());
    }
}
