//! How many tickets would chance alone have given, what does the count seen say about the effect, and what could have been seen at all?
//!
//! Given an effect `theta` the count has mean `m = theta E` and variance `psi m + rel m²`: a negative binomial count of size
//! `1 / (rel + (psi - 1) / m)`, Poisson when that is infinite (rule book, section 5). Intervals invert mid-p tails; the usual
//! `± 1.96 se` calls 8 to 15 of 100 idle measures a success at the counts of single sites.

use crate::stats::distribution::{gamma_quantile, poisson_lower, poisson_upper};
use crate::stats::number::whole_i64;
use crate::stats::special::{beta_ratio, binomial_term, poisson_term};

/// The power at which an effect counts as one that would have been seen.
pub const POWER: f64 = 0.8;

/// A count expected without the measure, with what is unsure about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Predictive {
    /// Expected tickets, `E >= 0`.
    pub expected: f64,
    /// Relative variance of the expectation, `>= 0`.
    pub rel: f64,
    /// Clumping, `>= 1`.
    pub psi: f64,
}

/// Ratio observed to expected with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    /// `(y / E) / (1 + rel)`.
    pub theta: f64,
    /// Lower end, 0 when nothing was seen.
    pub lo: f64,
    /// Upper end, infinite when nothing was expected.
    pub hi: f64,
    /// Two-sided p-value of no effect.
    pub p: f64,
}

impl Predictive {
    /// Size of the negative binomial at mean `m`; infinite for a Poisson count.
    #[must_use]
    pub fn size(&self, m: f64) -> f64 {
        let spread = self.rel + if m > 0.0 { (self.psi - 1.0) / m } else { 0.0 };
        if spread > 0.0 {
            1.0 / spread
        } else {
            f64::INFINITY
        }
    }

    /// `(P(Y <= x), P(Y > x))` at mean `m`, each with its own relative precision; `x` may be -1.
    #[must_use]
    pub fn tails(&self, x: f64, m: f64) -> (f64, f64) {
        if x < 0.0 {
            return (0.0, 1.0);
        }
        if m <= 0.0 {
            return (1.0, 0.0);
        }
        let n = self.size(m);
        // Beyond a size of 1e12 the beta ratio has nothing to add to the Poisson tail.
        if n > 1e12 {
            return (poisson_lower(x, m), poisson_upper(x + 1.0, m));
        }
        beta_ratio(n, x + 1.0, n / (n + m))
    }

    /// `P(Y = y)` at mean `m`.
    fn at(&self, y: f64, m: f64) -> f64 {
        let n = self.size(m);
        if n > 1e12 || m <= 0.0 {
            return poisson_term(y, m);
        }
        binomial_term(y, n + y, m / (n + m)) * n / (n + y)
    }

    /// Mid-p tails `(below, above)` of a count at mean `m`; they add up to 1.
    #[must_use]
    pub fn mids(&self, y: f64, m: f64) -> (f64, f64) {
        let (low, high) = self.tails(y, m);
        let half = 0.5 * self.at(y, m);
        ((low - half).max(0.0), high + half)
    }

    /// Estimate, interval at two-sided level `alpha` and p-value of a count.
    ///
    /// With `E = 0` nothing can be said: the interval is `0..∞` and p is 1.
    #[must_use]
    pub fn effect(&self, y: u64, alpha: f64) -> Effect {
        let count = y as f64;
        if self.expected <= 0.0 {
            return Effect {
                theta: 0.0,
                lo: 0.0,
                hi: f64::INFINITY,
                p: 1.0,
            };
        }
        let (below, above) = self.mids(count, self.expected);
        let lo = if y == 0 {
            0.0
        } else {
            self.solve(|m| self.mids(count, m).1 < alpha / 2.0)
        };
        Effect {
            theta: (count / self.expected) / (1.0 + self.rel),
            lo,
            hi: self.solve(|m| self.mids(count, m).0 > alpha / 2.0),
            p: (2.0 * below.min(above)).min(1.0),
        }
    }

    /// The ratio up to which `still` holds of the mean, by bisection of its logarithm over ±25.
    fn solve(&self, still: impl Fn(f64) -> bool) -> f64 {
        let (mut low, mut high) = (-25.0_f64, 25.0_f64);
        while high - low > 1e-11 {
            let middle = f64::midpoint(low, high);
            if still(middle.exp() * self.expected) {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high).exp()
    }

    /// Largest count that is still called a reduction at two-sided level `alpha`; -1 when not even none is.
    #[must_use]
    pub fn critical(&self, alpha: f64) -> i64 {
        let called = |x: f64| self.mids(x, self.expected).0 <= alpha / 2.0;
        if self.expected <= 0.0 || !called(0.0) {
            return -1;
        }
        let (mut low, mut high) = (0.0, self.expected.ceil() + 1.0);
        while called(high) {
            high *= 2.0;
        }
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if called(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        whole_i64(low).unwrap_or(-1)
    }

    /// Chance that a true ratio `theta` ends at or below the critical count.
    #[must_use]
    pub fn power(&self, crit: i64, theta: f64) -> f64 {
        self.tails(crit as f64, theta * self.expected).0
    }

    /// The ratio that would have been seen with power .8; `None` when none can be.
    #[must_use]
    pub fn smallest_effect(&self, crit: i64) -> Option<f64> {
        if crit < 0 {
            return None;
        }
        let x = crit as f64;
        Some(self.solve(|m| self.tails(x, m).0 > POWER))
    }
}

/// The best ratio that could be proved with endless after data: the baseline itself is unsure (section 5.3).
#[must_use]
pub fn theta_limit(rel: f64) -> f64 {
    if rel <= 0.0 {
        return 1.0;
    }
    let shape = 1.0 / rel;
    gamma_quantile(0.025, shape, 1.0) / gamma_quantile(POWER, shape, 1.0)
}

/// The expectation from which "none came" is a proof at level `alpha` (without clumping).
#[must_use]
pub fn zero_convinces(rel: f64, alpha: f64) -> f64 {
    let ln = -alpha.ln();
    if rel <= 0.0 {
        return ln;
    }
    (ln * rel).exp_m1() / rel
}

#[cfg(test)]
mod tests {
    use super::{Predictive, theta_limit, zero_convinces};
    use crate::stats::Rng;

    const PLAIN: Predictive = Predictive {
        expected: 9.0,
        rel: 0.0,
        psi: 1.0,
    };

    #[test]
    fn nothing_expected_says_nothing() {
        let none = Predictive {
            expected: 0.0,
            ..PLAIN
        };
        let effect = none.effect(3, 0.05);
        assert!(effect.hi.is_infinite() && effect.p > 0.99);
        assert_eq!(none.critical(0.05), -1);
        assert_eq!(none.smallest_effect(-1), None);
    }

    #[test]
    fn the_critical_count_is_the_last_whose_interval_excludes_one() {
        for expected in [3.5, 9.0, 40.0, 333.0] {
            for rel in [0.0, 0.02, 0.2] {
                for psi in [1.0, 1.7] {
                    let law = Predictive { expected, rel, psi };
                    let crit = law.critical(0.05);
                    if let Ok(x) = u64::try_from(crit) {
                        assert!(law.effect(x, 0.05).hi <= 1.0 + 1e-9);
                    }
                    let next = u64::try_from(crit + 1).unwrap();
                    assert!(law.effect(next, 0.05).hi > 1.0);
                }
            }
        }
    }

    #[test]
    fn a_hundred_thousand_tickets_keep_their_digits() {
        let law = Predictive {
            expected: 1e5,
            rel: 1e-4,
            psi: 1.2,
        };
        let effect = law.effect(90_000, 0.05);
        assert!(effect.lo < 0.9 && 0.9 < effect.hi && effect.hi < 0.93);
    }

    #[test]
    fn the_interval_covers_a_true_ratio_at_its_level() {
        let mut rng = Rng::new(4);
        let (shape, theta) = (12.0, 0.7);
        let worlds = 2_000;
        let mut covered = 0;
        for _ in 0..worlds {
            let level = rng.gamma(shape) / shape;
            let y = rng.poisson(theta * 15.0 * level);
            let law = Predictive {
                expected: 15.0,
                rel: 1.0 / shape,
                psi: 1.0,
            };
            let e = law.effect(y, 0.05);
            covered += u32::from(e.lo <= theta && theta <= e.hi);
        }
        let share = f64::from(covered) / f64::from(worlds);
        assert!((share - 0.95).abs() < 0.02, "{share}");
    }

    #[test]
    fn a_sure_baseline_has_no_limit() {
        assert!((theta_limit(0.0) - 1.0).abs() < 1e-15);
        assert!((zero_convinces(0.0, 0.05) - 2.995_732).abs() < 1e-6);
    }
}
