//! What is left of a rate when small numbers are shrunk?
//!
//! Counts `x` with exposures `e`: the gamma–Poisson model (`x ~ Poisson(RR · mu)`, `RR ~ Gamma(1/α, 1/α)`) that gives
//! every place an expected count, a shrunk relative risk with an interval and a negative binomial upper tail, and the
//! global empirical Bayes rate of Marshall 1991.

use crate::stats::distribution::{gamma_quantile, negative_binomial_upper};
use crate::stats::multiple::bh_q;
use crate::stats::rate::Interval;

/// Why nothing could be said about a set of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Counts and exposures differ in number.
    #[error("{counts} counts but {exposures} exposures; every row needs both")]
    Length {
        /// How many counts.
        counts: usize,
        /// How many exposures.
        exposures: usize,
    },
    /// A count or exposure is negative or not a number.
    #[error("row {row} has a count or exposure that is negative or not a number")]
    Broken {
        /// First such row, from 0.
        row: usize,
    },
    /// Cases where nobody can have been exposed.
    #[error("row {row} has cases but exposure 0; correct the exposure or leave the row out")]
    NoExposure {
        /// First such row, from 0.
        row: usize,
    },
}

/// The gamma–Poisson model of one set of places: the dispersion and the rate that all share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GammaPoisson {
    /// Cases per unit of exposure over all places.
    pub mean_rate: f64,
    /// Over-dispersion: variance of a count is `mu + alpha mu²`; 0 means Poisson.
    pub alpha: f64,
}

/// One place against its expectation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// Expected count `mu`.
    pub expected: f64,
    /// `P(X >= x)` under the model, one-sided.
    pub p: f64,
    /// Shrunk relative risk `(x + 1/α) / (mu + 1/α)`; 1 when α = 0.
    pub relative_risk: f64,
    /// 95 % interval of the relative risk (gamma posterior); a single point when α = 0.
    pub interval: Interval,
    /// Expected surplus `(RR - 1) mu` in cases.
    pub excess: f64,
}

impl GammaPoisson {
    /// Fits the rate and, by trimmed moments, the dispersion.
    ///
    /// Rows with exposure 0 and no cases carry no information and are left out. Trimming: only rows whose raw rate is at
    /// or below the 95 % inverted-cdf quantile enter the moments, so that the hot places do not call themselves normal.
    /// Cost O(n log n).
    pub fn fit(counts: &[f64], exposures: &[f64]) -> Result<Self, RateError> {
        check(counts, exposures)?;
        let rows: Vec<(f64, f64)> = counts
            .iter()
            .zip(exposures)
            .filter(|&(_, &e)| e > 0.0)
            .map(|(&x, &e)| (x, e))
            .collect();
        let cases: f64 = rows.iter().map(|r| r.0).sum();
        let exposure: f64 = rows.iter().map(|r| r.1).sum();
        if exposure <= 0.0 {
            return Ok(Self {
                mean_rate: 0.0,
                alpha: 0.0,
            });
        }
        let mut rates: Vec<f64> = rows.iter().map(|(x, e)| x / e).collect();
        rates.sort_unstable_by(f64::total_cmp);
        let place = (rates.len() * 95).div_ceil(100).max(1) - 1;
        let limit = rates[place];
        let (mut above, mut square) = (0.0, 0.0);
        for &(x, e) in rows.iter().filter(|(x, e)| x / e <= limit) {
            let mu = cases * e / exposure;
            above += (x - mu).powi(2) - mu;
            square += mu * mu;
        }
        let alpha = if square > 0.0 {
            (above / square).max(0.0)
        } else {
            0.0
        };
        Ok(Self {
            mean_rate: cases / exposure,
            alpha,
        })
    }

    /// Expected count of a place.
    #[must_use]
    pub fn expected(&self, exposure: f64) -> f64 {
        self.mean_rate * exposure
    }

    /// One place with count `x` and expectation `mu` against the model; costs two gamma quantiles, about 5 µs.
    #[must_use]
    pub fn judge(&self, x: f64, mu: f64) -> Excess {
        let p = negative_binomial_upper(x, mu, self.alpha);
        if self.alpha <= 0.0 {
            let interval = Interval {
                low: 1.0,
                high: 1.0,
            };
            return Excess {
                expected: mu,
                p,
                relative_risk: 1.0,
                interval,
                excess: 0.0,
            };
        }
        let k = 1.0 / self.alpha;
        let relative_risk = (x + k) / (mu + k);
        Excess {
            expected: mu,
            p,
            relative_risk,
            interval: Interval {
                low: gamma_quantile(0.025, x + k, mu + k),
                high: gamma_quantile(0.975, x + k, mu + k),
            },
            excess: relative_risk * mu - mu,
        }
    }
}

/// Every place against the common rate, with q-values (Benjamini–Hochberg over the places that have an exposure).
#[derive(Clone, Debug, PartialEq)]
pub struct ExcessTable {
    /// The fitted model.
    pub model: GammaPoisson,
    /// One per input row; `None` where the exposure is 0.
    pub rows: Vec<Option<Excess>>,
    /// q-values in the same order.
    pub q: Vec<Option<f64>>,
}

/// Fits the model to all rows and judges each.
pub fn excess(counts: &[f64], exposures: &[f64]) -> Result<ExcessTable, RateError> {
    let model = GammaPoisson::fit(counts, exposures)?;
    let rows: Vec<Option<Excess>> = counts
        .iter()
        .zip(exposures)
        .map(|(&x, &e)| (e > 0.0).then(|| model.judge(x, model.expected(e))))
        .collect();
    let p: Vec<f64> = rows.iter().flatten().map(|r| r.p).collect();
    let mut adjusted = bh_q(&p).into_iter();
    let q = rows
        .iter()
        .map(|row| row.as_ref().and_then(|_| adjusted.next()))
        .collect();
    Ok(ExcessTable { model, rows, q })
}

/// The order of a ranking: largest excess first, ties by relative risk, then by place in the input.
#[must_use]
pub fn rank_by_excess(rows: &[Option<Excess>]) -> Vec<usize> {
    let mut order: Vec<(usize, &Excess)> = rows
        .iter()
        .enumerate()
        .filter_map(|(i, row)| row.as_ref().map(|r| (i, r)))
        .collect();
    order.sort_by(|(i, a), (j, b)| {
        b.excess
            .total_cmp(&a.excess)
            .then(b.relative_risk.total_cmp(&a.relative_risk))
            .then(i.cmp(j))
    });
    order.into_iter().map(|(i, _)| i).collect()
}

/// Global empirical Bayes rates (Marshall 1991), one per row; `None` where the exposure is 0.
pub fn marshall(counts: &[f64], exposures: &[f64]) -> Result<Vec<Option<f64>>, RateError> {
    check(counts, exposures)?;
    let cases: f64 = counts.iter().sum();
    let exposure: f64 = exposures.iter().sum();
    let rows = exposures.iter().filter(|&&e| e > 0.0).count();
    if rows == 0 {
        return Ok(vec![None; counts.len()]);
    }
    let b = cases / exposure;
    let spread: f64 = counts
        .iter()
        .zip(exposures)
        .filter(|&(_, &e)| e > 0.0)
        .map(|(x, e)| e * (x / e - b).powi(2))
        .sum();
    let v = (spread / exposure - b / (exposure / rows as f64)).max(0.0);
    Ok(counts
        .iter()
        .zip(exposures)
        .map(|(x, &e)| {
            (e > 0.0).then(|| {
                let noise = v + b / e;
                let w = if noise > 0.0 { v / noise } else { 0.0 };
                w * x / e + (1.0 - w) * b
            })
        })
        .collect())
}

fn check(counts: &[f64], exposures: &[f64]) -> Result<(), RateError> {
    if counts.len() != exposures.len() {
        return Err(RateError::Length {
            counts: counts.len(),
            exposures: exposures.len(),
        });
    }
    for (row, (&x, &e)) in counts.iter().zip(exposures).enumerate() {
        if !(x.is_finite() && e.is_finite() && x >= 0.0 && e >= 0.0) {
            return Err(RateError::Broken { row });
        }
        if e <= 0.0 && x > 0.0 {
            return Err(RateError::NoExposure { row });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{GammaPoisson, RateError, excess, marshall, rank_by_excess};
    use crate::stats::Rng;

    #[test]
    fn equal_rates_are_shrunk_to_one() {
        let table = excess(&[2.0, 4.0, 8.0], &[1.0, 2.0, 4.0]).unwrap();
        assert!(table.model.alpha.abs() < 1e-15);
        for row in table.rows.iter().flatten() {
            assert!((row.relative_risk - 1.0).abs() < 1e-15);
        }
    }

    #[test]
    fn no_rows_and_no_exposure_have_an_answer() {
        assert!(excess(&[], &[]).unwrap().rows.is_empty());
        assert_eq!(excess(&[0.0], &[0.0]).unwrap().rows, [None]);
        assert_eq!(marshall(&[0.0], &[0.0]).unwrap(), [None]);
        assert_eq!(
            excess(&[1.0], &[0.0]),
            Err(RateError::NoExposure { row: 0 })
        );
        assert_eq!(
            excess(&[f64::NAN], &[1.0]),
            Err(RateError::Broken { row: 0 })
        );
        assert!(matches!(excess(&[1.0], &[]), Err(RateError::Length { .. })));
    }

    #[test]
    fn the_dispersion_of_a_simulated_world_is_found_within_its_trimming() {
        let mut rng = Rng::new(2);
        let (alpha, mean) = (0.5, 8.0);
        let x: Vec<f64> = (0..20_000)
            .map(|_| {
                let risk = rng.gamma(1.0 / alpha) * alpha;
                rng.poisson(risk * mean) as f64
            })
            .collect();
        let fit = GammaPoisson::fit(&x, &vec![1.0; x.len()]).unwrap();
        // Cutting the upper 5 % takes about a third of the dispersion of a skewed law away; it must not vanish.
        assert!(fit.alpha > 0.2 && fit.alpha < 0.5, "{}", fit.alpha);
    }

    #[test]
    fn the_interval_of_the_relative_risk_covers_at_its_level() {
        let mut rng = Rng::new(3);
        let model = GammaPoisson {
            mean_rate: 1.0,
            alpha: 0.4,
        };
        let worlds = 3_000;
        let mut covered = 0;
        for _ in 0..worlds {
            let risk = rng.gamma(2.5) * 0.4;
            let row = model.judge(rng.poisson(risk * 6.0) as f64, 6.0);
            covered += u32::from(row.interval.low <= risk && risk <= row.interval.high);
        }
        let rate = f64::from(covered) / f64::from(worlds);
        assert!((rate - 0.95).abs() < 0.016, "{rate}");
    }

    #[test]
    fn ranking_puts_the_larger_surplus_first() {
        let table = excess(
            &[
                30.0, 2.0, 3.0, 1.0, 9.0, 2.0, 1.0, 3.0, 2.0, 1.0, 9.0, 0.0, 5.0, 1.0, 0.0, 4.0,
                0.0, 2.0, 9.0, 1.0, 40.0,
            ],
            &[1.0; 21],
        )
        .unwrap();
        let order = rank_by_excess(&table.rows);
        assert_eq!(&order[..2], &[20, 0]);
        assert_eq!(
            &order[2..5],
            &[4, 10, 18],
            "equal places keep the order of the input"
        );
    }
}
