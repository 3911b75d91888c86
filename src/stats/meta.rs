//! What do several estimates of one thing say together, and how much do they differ by more than their own errors?
//!
//! Estimates `y` with known variances `v` under `y ~ N(mu, tau² + v)`: fixed effect, and random effects with tau² by
//! `DerSimonian` and Laird 1986, by restricted likelihood or by Paule and Mandel 1982; Hartung and Knapp's variance of the
//! mean; shrunken values and the interval of one more estimate, as in Viechtbauer 2010.

use crate::stats::brent::zero;
use crate::stats::distribution::{Z_975, chi2_upper, normal_two_sided, t_quantile, t_two_sided};
use crate::stats::rate::Interval;

/// How the variance between the true values is estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// None: all true values are equal.
    Fixed,
    /// Moments (`DerSimonian`–Laird).
    DerSimonianLaird,
    /// Restricted maximum likelihood, the default of the house.
    Reml,
    /// Generalised Q equal to its expectation (Paule–Mandel).
    PauleMandel,
}

/// How sure the mean is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Error {
    /// Normal, from the weights.
    #[default]
    Wald,
    /// Student's t with the spread of the estimates themselves (Hartung–Knapp): for fewer than 5 estimates.
    HartungKnapp,
}

/// Why nothing can be said.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadEstimates {
    /// No estimates, or a list shorter than the other.
    #[error(
        "{estimates} estimates and {variances} variances; give one variance for each of at least one estimate"
    )]
    Length {
        /// How many estimates.
        estimates: usize,
        /// How many variances.
        variances: usize,
    },
    /// A value is broken or a variance is not positive.
    #[error(
        "estimate {row} is {y} with variance {v}; both must be numbers and the variance above 0"
    )]
    Broken {
        /// First such row, from 0.
        row: usize,
        /// The estimate.
        y: f64,
        /// Its variance.
        v: f64,
    },
    /// Hartung–Knapp needs a spread.
    #[error("one estimate has no spread; use the normal error or give at least 2")]
    OneEstimate,
}

/// The estimates taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// Mean of the true values.
    pub mu: f64,
    /// Its standard error.
    pub se: f64,
    /// Its 95 % interval.
    pub interval: Interval,
    /// Two-sided p-value of a mean of 0.
    pub p: f64,
    /// Variance between the true values.
    pub tau2: f64,
    /// Cochran's Q.
    pub q: f64,
    /// Its p-value; 1 for one estimate.
    pub q_p: f64,
    /// Share of the variation that is between true values, in per cent (typical-variance form); 0 for one estimate.
    pub i2: f64,
    /// 95 % interval of the true value of one more estimate.
    pub prediction: Interval,
    /// Each estimate drawn towards the mean, with its standard error.
    pub shrunken: Vec<(f64, f64)>,
}

/// Combines estimates `y` with variances `v`; the order of the rows does not matter beyond the last bits. O(rounds n).
pub fn combine(
    y: &[f64],
    v: &[f64],
    between: Between,
    error: Error,
) -> Result<Together, BadEstimates> {
    check(y, v)?;
    if error == Error::HartungKnapp && y.len() < 2 {
        return Err(BadEstimates::OneEstimate);
    }
    let tau2 = match between {
        Between::Fixed => 0.0,
        Between::DerSimonianLaird => dersimonian_laird(y, v),
        Between::Reml => reml(y, v),
        Between::PauleMandel => paule_mandel(y, v),
    };
    let (mu, weight) = mean(y, v, tau2);
    let df = y.len() as f64 - 1.0;
    let (se, reach, p) = match error {
        Error::Wald => {
            let se = (1.0 / weight).sqrt();
            (se, Z_975, normal_two_sided(mu / se))
        }
        Error::HartungKnapp => {
            let se = (spread(y, v, tau2, mu) / (df * weight)).sqrt();
            let p = if se > 0.0 {
                t_two_sided(mu / se, df)
            } else {
                1.0
            };
            (se, t_quantile(0.975, df), p)
        }
    };
    let (fixed, _) = mean(y, v, 0.0);
    let q = spread(y, v, 0.0, fixed);
    let around = |half: f64| Interval {
        low: mu - half,
        high: mu + half,
    };
    Ok(Together {
        mu,
        se,
        interval: around(reach * se),
        p,
        tau2,
        q,
        q_p: if df > 0.0 { chi2_upper(q, df) } else { 1.0 },
        i2: 100.0 * heterogeneity(v, tau2),
        prediction: around(reach * (tau2 + se * se).sqrt()),
        shrunken: shrink(y, v, tau2, (mu, se)),
    })
}

fn check(y: &[f64], v: &[f64]) -> Result<(), BadEstimates> {
    if y.is_empty() || y.len() != v.len() {
        return Err(BadEstimates::Length {
            estimates: y.len(),
            variances: v.len(),
        });
    }
    for (row, (&y, &v)) in y.iter().zip(v).enumerate() {
        if !(y.is_finite() && v.is_finite() && v > 0.0) {
            return Err(BadEstimates::Broken { row, y, v });
        }
    }
    Ok(())
}

/// Weighted mean and sum of the weights `1/(tau² + v)`.
fn mean(y: &[f64], v: &[f64], tau2: f64) -> (f64, f64) {
    let weight: f64 = v.iter().map(|v| 1.0 / (tau2 + v)).sum();
    let sum: f64 = y.iter().zip(v).map(|(y, v)| y / (tau2 + v)).sum();
    (sum / weight, weight)
}

/// Weighted sum of squares around `mu`.
fn spread(y: &[f64], v: &[f64], tau2: f64, mu: f64) -> f64 {
    let parts = y.iter().zip(v);
    parts.map(|(y, v)| (y - mu).powi(2) / (tau2 + v)).sum()
}

/// tau² by moments; 0 when the estimates differ by no more than their errors.
#[must_use]
pub fn dersimonian_laird(y: &[f64], v: &[f64]) -> f64 {
    let (mu, s1) = mean(y, v, 0.0);
    let s2: f64 = v.iter().map(|v| v.powi(-2)).sum();
    let room = s1 - s2 / s1;
    if room > 0.0 {
        ((spread(y, v, 0.0, mu) - (y.len() as f64 - 1.0)) / room).max(0.0)
    } else {
        0.0
    }
}

/// tau² where the generalised Q equals its expectation; the Q falls with tau².
///
/// The search interval and tolerance are those of the common package (metafor), so that figures agree with published
/// ones to their last digit; the exact root lies within 1.3e-4.
fn paule_mandel(y: &[f64], v: &[f64]) -> f64 {
    let excess = |tau2: f64| spread(y, v, tau2, mean(y, v, tau2).0) - (y.len() as f64 - 1.0);
    if excess(0.0) <= 0.0 {
        return 0.0;
    }
    zero(0.0, 100.0, f64::EPSILON.powf(0.25), excess).unwrap_or_else(|| falling_root(excess, y))
}

/// Root of a function that falls through 0 at most once on `0..`; 0 when it is not above 0 there.
fn falling_root(f: impl Fn(f64) -> f64, y: &[f64]) -> f64 {
    if f(0.0) <= 0.0 {
        return 0.0;
    }
    let (low, high) = y
        .iter()
        .fold((f64::MAX, f64::MIN), |(l, h), y| (l.min(*y), h.max(*y)));
    let (mut below, mut above) = (0.0, (high - low).powi(2).max(f64::MIN_POSITIVE));
    while f(above) > 0.0 && above < 1e300 {
        above *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(below, above);
        if f(middle) > 0.0 {
            below = middle;
        } else {
            above = middle;
        }
    }
    f64::midpoint(below, above)
}

/// tau² of the restricted likelihood by Fisher scoring from the moments start, never below 0.
///
/// Scoring that does not settle (flat likelihoods of two or three estimates) is finished by bisection of the score.
fn reml(y: &[f64], v: &[f64]) -> f64 {
    let mut tau2 = dersimonian_laird(y, v);
    for _ in 0..200 {
        let (score, information) = reml_score(y, v, tau2);
        let next = (tau2 + score / information).max(0.0);
        if !next.is_finite() {
            break;
        }
        if (next - tau2).abs() <= 1e-14 * (1.0 + tau2) {
            return next;
        }
        tau2 = next;
    }
    falling_root(|t| reml_score(y, v, t).0, y)
}

/// Twice the score and twice the information of the restricted likelihood at `tau²`.
fn reml_score(y: &[f64], v: &[f64], tau2: f64) -> (f64, f64) {
    let (mu, s1) = mean(y, v, tau2);
    let power = |k: i32| -> f64 { v.iter().map(|v| (tau2 + v).powi(-k)).sum() };
    let (s2, s3) = (power(2), power(3));
    let squares: f64 = y
        .iter()
        .zip(v)
        .map(|(y, v)| ((y - mu) / (tau2 + v)).powi(2))
        .sum();
    let trace = s1 - s2 / s1;
    let trace2 = s2 - 2.0 * s3 / s1 + (s2 / s1).powi(2);
    (squares - trace, trace2)
}

/// Share of the variation between true values, at the typical variance of an estimate.
fn heterogeneity(v: &[f64], tau2: f64) -> f64 {
    let s1: f64 = v.iter().map(|v| 1.0 / v).sum();
    let s2: f64 = v.iter().map(|v| v.powi(-2)).sum();
    let room = s1 * s1 - s2;
    if tau2 > 0.0 && room > 0.0 {
        let typical = (v.len() as f64 - 1.0) * s1 / room;
        tau2 / (tau2 + typical)
    } else {
        0.0
    }
}

fn shrink(y: &[f64], v: &[f64], tau2: f64, (mu, se): (f64, f64)) -> Vec<(f64, f64)> {
    let each = y.iter().zip(v).map(|(y, v)| {
        let own = tau2 / (tau2 + v);
        let variance = own * v + ((1.0 - own) * se).powi(2);
        (own * y + (1.0 - own) * mu, variance.sqrt())
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::{BadEstimates, Between, Error, combine, reml_score};
    use crate::stats::Rng;

    const ALL: [Between; 4] = [
        Between::Fixed,
        Between::DerSimonianLaird,
        Between::Reml,
        Between::PauleMandel,
    ];

    #[test]
    fn equal_variances_have_the_textbook_answers() {
        // With equal v all three estimators are max(0, s² - v) and the mean is the plain mean.
        let (y, v) = ([0.1, 0.9, -0.4, 0.3, 1.1], [0.05; 5]);
        let mean = 0.4;
        let s2 = y.iter().map(|y: &f64| (y - mean).powi(2)).sum::<f64>() / 4.0;
        for between in &ALL[1..] {
            let got = combine(&y, &v, *between, Error::Wald).unwrap();
            assert!((got.mu - mean).abs() < 1e-12);
            assert!((got.tau2 - (s2 - 0.05)).abs() < 1.3e-4, "{between:?}");
            assert!((got.i2 - 100.0 * (s2 - 0.05) / s2).abs() < 0.01);
        }
    }

    #[test]
    fn the_restricted_likelihood_is_flat_at_its_estimate() {
        let y = [-0.9, -1.6, -1.35, -1.44, -0.2, -0.8];
        let v = [0.3, 0.2, 0.4, 0.02, 0.05, 0.007];
        let got = combine(&y, &v, Between::Reml, Error::Wald).unwrap();
        assert!(got.tau2 > 0.0 && reml_score(&y, &v, got.tau2).0.abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing() {
        let (y, v) = ([0.1, 0.9, -0.4], [0.05, 0.2, 0.01]);
        let (y2, v2) = ([-0.4, 0.1, 0.9], [0.01, 0.05, 0.2]);
        for between in ALL {
            let a = combine(&y, &v, between, Error::HartungKnapp).unwrap();
            let b = combine(&y2, &v2, between, Error::HartungKnapp).unwrap();
            assert!((a.mu - b.mu).abs() < 1e-12 && (a.tau2 - b.tau2).abs() < 1e-12);
            assert!((a.shrunken[0].0 - b.shrunken[1].0).abs() < 1e-12);
        }
    }

    #[test]
    fn intervals_of_the_mean_cover_and_a_null_is_found_at_rate_alpha() {
        let mut rng = Rng::new(12);
        let worlds = 2_000;
        let (mut knapp, mut wald, mut ahead) = (0, 0, 0);
        for _ in 0..worlds {
            let v: Vec<f64> = (0..8).map(|_| 0.02 + 0.1 * rng.unit()).collect();
            let mut draw = |v: f64| 0.25 * rng.normal() + v.sqrt() * rng.normal();
            let y: Vec<f64> = v.iter().map(|v| draw(*v)).collect();
            let next = draw(1e-12);
            let a = combine(&y, &v, Between::Reml, Error::HartungKnapp).unwrap();
            knapp += u32::from(a.interval.low <= 0.0 && 0.0 <= a.interval.high);
            ahead += u32::from(a.prediction.low <= next && next <= a.prediction.high);
            wald += u32::from(combine(&y, &v, Between::Reml, Error::Wald).unwrap().p < 0.05);
        }
        let rate = |k: u32| f64::from(k) / f64::from(worlds);
        assert!((0.935..=0.968).contains(&rate(knapp)), "{}", rate(knapp));
        // Eight estimates say little about tau², so that the prediction interval is known to be too short.
        assert!((0.84..=0.93).contains(&rate(ahead)), "{}", rate(ahead));
        // The normal error is too sure of itself with 8 estimates; that is why small leagues use Hartung–Knapp.
        assert!((0.04..=0.11).contains(&rate(wald)), "{}", rate(wald));
    }

    #[test]
    fn one_estimate_none_and_broken_ones_have_stated_outcomes() {
        for between in ALL {
            let one = combine(&[0.3], &[0.04], between, Error::Wald).unwrap();
            assert!((one.mu - 0.3).abs() < 1e-15 && one.tau2 <= 0.0 && one.i2 <= 0.0);
            assert!((one.q_p - 1.0).abs() < 1e-15);
        }
        let refused = combine(&[0.3], &[0.04], Between::Reml, Error::HartungKnapp);
        assert_eq!(refused, Err(BadEstimates::OneEstimate));
        assert!(matches!(
            combine(&[], &[], Between::Reml, Error::Wald),
            Err(BadEstimates::Length { .. })
        ));
        assert!(matches!(
            combine(&[1.0, 2.0], &[1.0, 0.0], Between::Reml, Error::Wald),
            Err(BadEstimates::Broken { row: 1, .. })
        ));
        let same = combine(
            &[1.0, 1.0],
            &[1.0, 1.0],
            Between::PauleMandel,
            Error::HartungKnapp,
        );
        assert!(same.unwrap().p.is_finite());
    }
}
