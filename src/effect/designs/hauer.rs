//! How large is a ratio of a count to an uncertain expectation, without the bias of a quotient?
//!
//! Hauer 1997: `theta = (O/N) / (1 + V/N²)` with its variance by the delta method, shared by the empirical Bayes and the
//! comparison-group designs and by the league of measure types.

use crate::stats::distribution::Z_975;

/// A count against an expectation that is itself uncertain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Against {
    /// Observed count.
    pub observed: f64,
    /// Variance of the observed count; equal to it for a Poisson count.
    pub observed_variance: f64,
    /// Expected count, above 0.
    pub expected: f64,
    /// Variance of the expectation.
    pub expected_variance: f64,
}

/// The ratio and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ratio {
    /// Ratio observed to expected, bias taken out.
    pub theta: f64,
    /// Standard error; `None` when nothing was observed (use the predictive interval then).
    pub se: Option<f64>,
}

impl Against {
    /// A Poisson count against an expectation.
    #[must_use]
    pub const fn poisson(observed: f64, expected: f64, expected_variance: f64) -> Self {
        Self {
            observed,
            observed_variance: observed,
            expected,
            expected_variance,
        }
    }

    /// The ratio; `None` unless the expectation is above 0.
    #[must_use]
    pub fn ratio(&self) -> Option<Ratio> {
        if !(self.expected > 0.0 && self.expected.is_finite()) {
            return None;
        }
        let relative = self.expected_variance / (self.expected * self.expected);
        let theta = self.observed / self.expected / (1.0 + relative);
        let se = (self.observed > 0.0).then(|| {
            let own = self.observed_variance / (self.observed * self.observed);
            theta * (own + relative).sqrt() / (1.0 + relative)
        });
        Some(Ratio { theta, se })
    }
}

impl Ratio {
    /// Normal 95 % interval `theta ± 1.96 se`; may reach below 0 with few tickets.
    #[must_use]
    pub fn plain_interval(&self) -> Option<[f64; 2]> {
        let se = self.se?;
        Some([self.theta - Z_975 * se, self.theta + Z_975 * se])
    }

    /// 95 % interval on the log scale, always above 0.
    #[must_use]
    pub fn log_interval(&self) -> Option<[f64; 2]> {
        let factor = (Z_975 * self.se? / self.theta).exp();
        Some([self.theta / factor, self.theta * factor])
    }
}

#[cfg(test)]
mod tests {
    use super::Against;

    #[test]
    fn a_certain_expectation_leaves_the_plain_quotient() {
        let got = Against::poisson(25.0, 50.0, 0.0).ratio().unwrap();
        assert!((got.theta - 0.5).abs() < 1e-15 && (got.se.unwrap() - 0.1).abs() < 1e-15);
        let [low, high] = got.log_interval().unwrap();
        assert!((low * high - 0.25).abs() < 1e-12);
    }

    #[test]
    fn nothing_observed_and_nothing_expected_have_stated_outcomes() {
        let none = Against::poisson(0.0, 3.0, 1.0).ratio().unwrap();
        assert!(none.theta.abs() < 1e-15 && none.se.is_none() && none.log_interval().is_none());
        assert!(Against::poisson(3.0, 0.0, 0.0).ratio().is_none());
    }
}
