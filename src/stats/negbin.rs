//! How do clumped counts depend on several things at once, and how clumped are they?
//!
//! Negative binomial regression with variance `mu + mu²/phi` (NB2), log link and exposure: reweighted least squares for
//! the coefficients and the likelihood of `phi` in turns, which settle together because their information is diagonal.

use crate::stats::digamma::{digamma, trigamma};
use crate::stats::distribution::Z_975;
use crate::stats::glm::{Counts, GlmError, check, means, poisson, reweighted, standard_errors};
use crate::stats::special::ln_gamma;

/// Most turns between coefficients and dispersion; regular data settle in 5 to 20.
const TURNS: usize = 500;

/// A fitted negative binomial regression.
#[derive(Clone, Debug, PartialEq)]
pub struct NegativeBinomial {
    /// Coefficients in the order of the columns.
    pub coef: Vec<f64>,
    /// Standard errors from the expected information at fixed `phi`.
    pub se: Vec<f64>,
    /// Fitted means.
    pub mu: Vec<f64>,
    /// Dispersion; `None` when the counts vary no more than Poisson, which is then what was fitted.
    pub phi: Option<f64>,
    /// Log-likelihood with all constants.
    pub loglik: f64,
}

/// Fits coefficients and dispersion by maximum likelihood; errors as the Poisson fit. O(turns n p²), 2 ms at 120 rows.
pub fn negative_binomial(counts: &Counts<'_>) -> Result<NegativeBinomial, GlmError> {
    check(counts)?;
    let start = poisson(counts)?;
    let excess: f64 = counts
        .y
        .iter()
        .zip(&start.mu)
        .map(|(y, m)| (y - m).powi(2) - y)
        .sum();
    if excess <= 0.0 {
        return Ok(NegativeBinomial {
            se: start.se(),
            loglik: poisson_loglik(counts.y, &start.mu),
            coef: start.coef,
            mu: start.mu,
            phi: None,
        });
    }
    let mut mu = start.mu;
    let mut phi = dispersion(counts.y, &mu);
    let mut last = f64::NEG_INFINITY;
    for _ in 0..TURNS {
        let weight = |m: f64| m / (1.0 + m / phi);
        let cost = |y: &[f64], m: &[f64]| -2.0 * loglik(y, m, phi);
        let fit = reweighted(counts, mu, weight, cost)?;
        mu = means(counts, &fit.coef);
        phi = dispersion(counts.y, &mu);
        let now = loglik(counts.y, &mu, phi);
        if (now - last).abs() <= 1e-13 * (now.abs() + 0.1) {
            return Ok(NegativeBinomial {
                se: standard_errors(&fit.covariance, fit.coef.len()),
                coef: fit.coef,
                mu,
                phi: Some(phi),
                loglik: now,
            });
        }
        last = now;
    }
    Err(GlmError::NotSettled { rounds: TURNS })
}

fn poisson_loglik(y: &[f64], mu: &[f64]) -> f64 {
    let rows = y.iter().zip(mu);
    rows.map(|(y, m)| y * m.ln() - m - ln_gamma(y + 1.0)).sum()
}

/// Log-likelihood of counts with means `mu` and dispersion `phi`.
fn loglik(y: &[f64], mu: &[f64], phi: f64) -> f64 {
    let rows = y.iter().zip(mu);
    rows.map(|(y, m)| {
        let rest = y * (m / (phi + m)).ln() - phi * (m / phi).ln_1p();
        ln_gamma(y + phi) - ln_gamma(phi) - ln_gamma(y + 1.0) + rest
    })
    .sum()
}

/// The `phi` of greatest likelihood at given means: Newton's steps on `ln phi` inside a bracket of the score's sign.
#[must_use]
pub fn dispersion(y: &[f64], mu: &[f64]) -> f64 {
    let (mut low, mut high) = (1e-8_f64.ln(), 1e10_f64.ln());
    let square: f64 = mu.iter().map(|m| m * m).sum();
    let excess: f64 = y.iter().zip(mu).map(|(y, m)| (y - m).powi(2) - y).sum();
    let moments = if excess > 0.0 { square / excess } else { 1e6 };
    let mut at = moments.ln().clamp(low, high);
    for _ in 0..200 {
        let (slope, bend) = score(y, mu, at.exp());
        if slope > 0.0 {
            low = at;
        } else {
            high = at;
        }
        let mut next = at - slope / bend;
        if !(next > low && next < high) || bend >= 0.0 {
            next = f64::midpoint(low, high);
        }
        if (next - at).abs() <= 1e-13 * (1.0 + at.abs()) {
            at = next;
            break;
        }
        at = next;
    }
    at.exp()
}

/// First and second derivative of the log-likelihood by `ln phi`.
fn score(y: &[f64], mu: &[f64], phi: f64) -> (f64, f64) {
    let (mut first, mut second) = (0.0, 0.0);
    for (y, m) in y.iter().zip(mu) {
        let total = phi + m;
        first += digamma(y + phi) - digamma(phi) - (m / phi).ln_1p() + (m - y) / total;
        second += trigamma(y + phi) - trigamma(phi) + m / (phi * total) - (m - y) / (total * total);
    }
    (phi * first, phi * first + phi * phi * second)
}

/// A coefficient as a ratio with its normal interval: `exp(b)`, `exp(b ± 1.96 se)`.
#[must_use]
pub fn as_ratio(coef: f64, se: f64) -> [f64; 3] {
    [
        coef.exp(),
        (coef - Z_975 * se).exp(),
        (coef + Z_975 * se).exp(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{loglik, negative_binomial, score};
    use crate::stats::Rng;
    use crate::stats::glm::Counts;

    fn world(rng: &mut Rng, n: usize, phi: f64, effect: f64) -> (Vec<f64>, Vec<Vec<f64>>) {
        let x: Vec<f64> = (0..n).map(|i| f64::from(u8::from(i % 2 == 1))).collect();
        let draw = |x: &f64| {
            let level = rng.gamma(phi) / phi;
            rng.poisson(level * (1.2 + effect * x).exp()) as f64
        };
        let y = x.iter().map(draw).collect();
        (y, vec![vec![1.0; n], x])
    }

    #[test]
    fn the_likelihood_is_flat_at_the_estimate_and_lower_beside_it() {
        let (y, columns) = world(&mut Rng::new(9), 120, 1.5, -0.3);
        let offset = vec![0.0; 120];
        let counts = Counts {
            y: &y,
            columns: &columns,
            offset: &offset,
        };
        let fit = negative_binomial(&counts).unwrap();
        let phi = fit.phi.unwrap();
        assert!(score(&y, &fit.mu, phi).0.abs() < 1e-8);
        for other in [phi * 0.99, phi * 1.01] {
            assert!(loglik(&y, &fit.mu, other) < fit.loglik);
        }
        for factor in [0.99, 1.01] {
            let moved: Vec<f64> = fit.mu.iter().map(|m| m * factor).collect();
            assert!(loglik(&y, &moved, phi) < fit.loglik);
        }
    }

    #[test]
    fn dispersion_and_effect_of_a_simulated_world_are_found_and_a_null_at_rate_alpha() {
        let mut rng = Rng::new(77);
        let offset = vec![0.0; 160];
        let worlds = 300;
        let (mut wrong, mut phis) = (0, 0.0);
        for _ in 0..worlds {
            let (y, columns) = world(&mut rng, 160, 2.0, 0.0);
            let counts = Counts {
                y: &y,
                columns: &columns,
                offset: &offset,
            };
            let fit = negative_binomial(&counts).unwrap();
            wrong += u32::from((fit.coef[1] / fit.se[1]).abs() > 1.96);
            phis += fit.phi.unwrap().ln() / f64::from(worlds);
        }
        let rate = f64::from(wrong) / f64::from(worlds);
        assert!((0.02..=0.085).contains(&rate), "{rate}");
        assert!((phis - 2.0_f64.ln()).abs() < 0.08, "{}", phis.exp());
    }

    #[test]
    fn counts_more_even_than_poisson_are_fitted_as_poisson() {
        let columns = vec![vec![1.0; 6]];
        let y = [5.0, 5.0, 5.0, 5.0, 5.0, 6.0];
        let counts = Counts {
            y: &y,
            columns: &columns,
            offset: &[0.0; 6],
        };
        let fit = negative_binomial(&counts).unwrap();
        assert_eq!(fit.phi, None);
        assert!((fit.coef[0] - (31.0_f64 / 6.0).ln()).abs() < 1e-12 && fit.loglik.is_finite());
    }
}
