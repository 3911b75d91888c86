//! How likely is a value at least this large?
//!
//! Upper tails are inclusive (`P(X >= x)`) for counts, because "at least as many as seen" is what a p-value means.
//! Parameters outside their range give `NaN` only inside this file's callers' control: every function states its range.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

use crate::stats::special::{
    beta_ratio, binomial_term, crossing, erfc, gamma_ratio, ln_gamma, poisson_term,
};

/// The 97.5 % point of the standard normal.
pub const Z_975: f64 = 1.959_963_984_540_054;

/// Standard normal `P(Z <= z)`.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z * FRAC_1_SQRT_2)
}

/// Standard normal `P(Z >= z)`, full relative precision in the tail.
#[must_use]
pub fn normal_upper(z: f64) -> f64 {
    0.5 * erfc(z * FRAC_1_SQRT_2)
}

/// Two-sided standard normal p-value `P(|Z| >= |z|)`.
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    erfc(z.abs() * FRAC_1_SQRT_2)
}

/// The z with `P(Z <= z) = p`; ±infinity at 0 and 1 (Acklam's start, two Halley steps on `erfc`).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let mut z = lower_half_start(p);
    for _ in 0..3 {
        let error = normal_cdf(z) - p;
        let u = error * (0.5 * z * z).exp() * TAU.sqrt();
        z -= u / (1.0 + 0.5 * z * u);
    }
    z
}

/// A start within 1e-3 for `p <= 0.5` (Abramowitz and Stegun 26.2.23).
fn lower_half_start(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    top / bottom - t
}

/// Chi-square `P(X >= x)` with `df > 0` degrees of freedom.
#[must_use]
pub fn chi2_upper(x: f64, df: f64) -> f64 {
    gamma_ratio(df / 2.0, x / 2.0).1
}

/// Student's t, two-sided `P(|T| >= |t|)` with `df > 0`.
#[must_use]
pub fn t_two_sided(t: f64, df: f64) -> f64 {
    beta_ratio(df / 2.0, 0.5, df / (df + t * t)).0
}

/// Student's t, `P(T >= t)` with `df > 0`.
#[must_use]
pub fn t_upper(t: f64, df: f64) -> f64 {
    let half = t_two_sided(t, df) / 2.0;
    if t >= 0.0 { half } else { 1.0 - half }
}

/// The t with `P(T <= t) = p`, `df > 0`, `0 < p < 1`.
#[must_use]
pub fn t_quantile(p: f64, df: f64) -> f64 {
    if p > 0.5 {
        return -t_quantile(1.0 - p, df);
    }
    // Solved on the tail itself, so that small p keep their digits.
    -crossing(0.0, 1e18, -p, |t| -t_upper(t, df))
}

/// Poisson `P(X = x)`, mean >= 0.
#[must_use]
pub fn poisson(x: f64, mean: f64) -> f64 {
    poisson_term(x, mean)
}

/// Poisson `P(X >= x)`, mean >= 0; 1 for `x <= 0`.
#[must_use]
pub fn poisson_upper(x: f64, mean: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    gamma_ratio(x, mean).0
}

/// Poisson `P(X <= x)`, mean >= 0; 0 for `x < 0`.
#[must_use]
pub fn poisson_lower(x: f64, mean: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    gamma_ratio(x.floor() + 1.0, mean).1
}

/// Binomial `P(X = x)` in `n` trials with chance `p`.
#[must_use]
pub fn binomial(x: f64, n: f64, p: f64) -> f64 {
    if x < 0.0 || x > n {
        return 0.0;
    }
    binomial_term(x, n, p)
}

/// Binomial `P(X >= x)` in `n` trials with chance `p`.
#[must_use]
pub fn binomial_upper(x: f64, n: f64, p: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x > n {
        return 0.0;
    }
    beta_ratio(x, n - x + 1.0, p).0
}

/// Binomial `P(X <= x)` in `n` trials with chance `p`.
#[must_use]
pub fn binomial_lower(x: f64, n: f64, p: f64) -> f64 {
    if x < 0.0 {
        return 0.0;
    }
    if x >= n {
        return 1.0;
    }
    beta_ratio(x + 1.0, n - x, p).1
}

/// Negative binomial `P(X >= x)` with the given mean and variance `mean + alpha mean²`; Poisson when `alpha <= 0`.
#[must_use]
pub fn negative_binomial_upper(x: f64, mean: f64, alpha: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if alpha <= 0.0 {
        return poisson_upper(x, mean);
    }
    if mean <= 0.0 {
        return 0.0;
    }
    // P(X >= x) = I_{1-p}(x, r) with r = 1/alpha, p = 1/(1 + alpha mean).
    let am = alpha * mean;
    beta_ratio(x, 1.0 / alpha, am / (1.0 + am)).0
}

/// Negative binomial `P(X = x)`, same parameters as [`negative_binomial_upper`].
#[must_use]
pub fn negative_binomial(x: f64, mean: f64, alpha: f64) -> f64 {
    if alpha <= 0.0 {
        return poisson(x, mean);
    }
    let r = 1.0 / alpha;
    let am = alpha * mean;
    let log = ln_gamma(x + r) - ln_gamma(r) - ln_gamma(x + 1.0) + x * (am / (1.0 + am)).ln()
        - r * am.ln_1p();
    if x <= 0.0 {
        (-r * am.ln_1p()).exp()
    } else {
        log.exp()
    }
}

/// Gamma `P(X <= x)` with `shape > 0` and `rate > 0` (mean = shape / rate).
#[must_use]
pub fn gamma_cdf(x: f64, shape: f64, rate: f64) -> f64 {
    gamma_ratio(shape, x * rate).0
}

/// The x with gamma `P(X <= x) = p`, `shape > 0`, `rate > 0`, `0 < p < 1`; relative error below 1e-11.
///
/// Newton's steps from the Wilson–Hilferty start, kept inside a shrinking bracket.
#[must_use]
pub fn gamma_quantile(p: f64, shape: f64, rate: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let c = 1.0 / (9.0 * shape);
    let start = shape * (1.0 - c + normal_quantile(p) * c.sqrt()).powi(3);
    let mut x = if start > 0.0 && shape > 0.3 {
        start
    } else {
        ((p * shape).ln() + ln_gamma(shape))
            .mul_add(1.0 / shape, 0.0)
            .exp()
    };
    let (mut low, mut high) = (0.0, f64::INFINITY);
    for _ in 0..200 {
        let (below, above) = gamma_ratio(shape, x);
        let error = if p < 0.5 {
            below - p
        } else {
            (1.0 - p) - above
        };
        if error < 0.0 {
            low = x;
        } else {
            high = x;
        }
        let density = shape * poisson_term(shape, x) / x;
        let mut next = x - error / density;
        if !next.is_finite() || next <= low || next >= high {
            next = if high.is_finite() {
                low.midpoint(high)
            } else {
                2.0 * x
            };
        }
        if (next - x).abs() <= 1e-14 * x {
            return next / rate;
        }
        x = next;
    }
    x / rate
}

/// The x with beta `P(X <= x) = p`, `a, b > 0`; by bisection.
#[must_use]
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    crossing(0.0, 1.0, p, |x| beta_ratio(a, b, x).0)
}

#[cfg(test)]
mod tests {
    use super::{
        Z_975, beta_quantile, binomial, binomial_lower, binomial_upper, chi2_upper, gamma_cdf,
        gamma_quantile, negative_binomial, negative_binomial_upper, normal_cdf, normal_quantile,
        normal_two_sided, normal_upper, poisson, poisson_lower, poisson_upper, t_quantile,
        t_two_sided, t_upper,
    };

    fn near(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} is not {b}");
    }

    #[test]
    fn tables_of_the_textbooks_come_out() {
        // Quantile tables (NIST/SEMATECH e-Handbook 1.3.6.7), to the digits printed there.
        near(chi2_upper(3.841_458_820_694_126, 1.0), 0.05, 1e-12);
        near(chi2_upper(18.307_038_053_275_145, 10.0), 0.05, 1e-12);
        near(t_two_sided(2.228_138_851_986_275, 10.0), 0.05, 1e-12);
        near(t_upper(-1.812_461_122_811_676_5, 10.0), 0.95, 1e-12);
        near(normal_two_sided(Z_975), 0.05, 1e-14);
        near(normal_upper(10.0), 7.619_853_024_160_527e-24, 1e-13);
    }

    #[test]
    fn quantiles_undo_their_distribution() {
        for p in [1e-12, 1e-6, 0.001, 0.025, 0.3, 0.5, 0.8, 0.975, 0.999_999] {
            near(normal_cdf(normal_quantile(p)), p, 1e-12);
            for shape in [0.05, 0.4, 1.0, 3.7, 50.0, 4000.0] {
                near(
                    gamma_cdf(gamma_quantile(p, shape, 2.5), shape, 2.5),
                    p,
                    1e-9,
                );
            }
            near(t_upper(-t_quantile(p, 7.0), 7.0), p, 1e-9);
        }
        near(
            beta_quantile(0.05, 2.0, 9.0),
            0.036_771_437_887_465_085,
            1e-9,
        );
    }

    #[test]
    fn tails_equal_the_sums_of_their_terms() {
        for (n, p) in [(20.0, 0.3), (300.0, 0.02)] {
            let mut upper = 1.0;
            for x in 0..=20 {
                let x = f64::from(x);
                assert!((binomial_upper(x, n, p) - upper).abs() < 1e-12);
                upper -= binomial(x, n, p);
                assert!((binomial_lower(x, n, p) - (1.0 - upper)).abs() < 1e-12);
            }
        }
        for mean in [0.2, 4.0, 60.0] {
            let mut lower = 0.0;
            let mut many = 0.0;
            for x in 0..40 {
                let x = f64::from(x);
                assert!((poisson_upper(x, mean) - (1.0 - lower)).abs() < 1e-12);
                lower += poisson(x, mean);
                assert!((poisson_lower(x, mean) - lower).abs() < 1e-12);
                assert!((negative_binomial_upper(x, mean, 0.7) - (1.0 - many)).abs() < 1e-12);
                many += negative_binomial(x, mean, 0.7);
            }
        }
    }

    #[test]
    fn empty_and_impossible_counts_have_stated_tails() {
        assert!((poisson_upper(0.0, 0.0) - 1.0).abs() < f64::EPSILON);
        assert!(poisson_upper(1.0, 0.0).abs() < f64::EPSILON);
        assert!((binomial_upper(0.0, 0.0, 0.5) - 1.0).abs() < f64::EPSILON);
        assert!(binomial_upper(3.0, 2.0, 0.5).abs() < f64::EPSILON);
        assert!(negative_binomial_upper(2.0, 0.0, 1.0).abs() < f64::EPSILON);
    }
}
