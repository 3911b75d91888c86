//! What are the values of the functions behind the distributions?
//!
//! The gamma and beta ratios use Loader's saddle-point form for their leading factor, so that counts of a million lose
//! no digits (a plain difference of log-gammas loses nine). Error functions come from `libm` (below 1 ulp, tails
//! included).

use std::f64::consts::TAU;

/// Natural logarithm of the gamma function.
#[must_use]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// Error function.
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}

/// Complementary error function, relative error below 1e-15 down to 1e-300.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}

/// `ln(n!) - ` Stirling's approximation, n > 0 (Loader 2000).
#[must_use]
pub fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * TAU.ln();
    }
    let nn = n * n;
    let s = [
        1.0 / 12.0,
        1.0 / 360.0,
        1.0 / 1260.0,
        1.0 / 1680.0,
        1.0 / 1188.0,
        691.0 / 360_360.0,
    ];
    (s[0] - (s[1] - (s[2] - (s[3] - (s[4] - s[5] / nn) / nn) / nn) / nn) / nn) / n
}

/// Deviance part `x ln(x/m) + m - x` without cancellation near `x = m` (Loader 2000).
#[must_use]
pub fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return if x == 0.0 {
            m
        } else {
            x * (x / m).ln() + m - x
        };
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next.total_cmp(&sum).is_eq() {
            break;
        }
        sum = next;
    }
    sum
}

/// `m^x e^-m / Γ(x+1)` for real `x >= 0`, `m >= 0`: the Poisson probability when `x` is whole.
#[must_use]
pub fn poisson_term(x: f64, m: f64) -> f64 {
    if m <= 0.0 {
        return if x <= 0.0 { 1.0 } else { 0.0 };
    }
    if x <= 0.0 {
        return (-m).exp();
    }
    (-stirling_error(x) - deviance(x, m)).exp() / (TAU * x).sqrt()
}

/// `Γ(n+1) / (Γ(x+1) Γ(n-x+1)) p^x q^(n-x)` for real `0 <= x <= n`: the binomial probability when both are whole.
#[must_use]
pub fn binomial_term(x: f64, n: f64, p: f64) -> f64 {
    let q = 1.0 - p;
    if p <= 0.0 {
        return if x <= 0.0 { 1.0 } else { 0.0 };
    }
    if q <= 0.0 {
        return if x >= n { 1.0 } else { 0.0 };
    }
    if x <= 0.0 {
        return (n * (-p).ln_1p()).exp();
    }
    if x >= n {
        return (n * p.ln()).exp();
    }
    let y = n - x;
    let log = stirling_error(n)
        - stirling_error(x)
        - stirling_error(y)
        - deviance(x, n * p)
        - deviance(y, n * q);
    (log).exp() * (n / (TAU * x * y)).sqrt()
}

/// Lower and upper regularised incomplete gamma `(P(a, x), Q(a, x))`, a > 0, x >= 0; relative error below 1e-12.
///
/// Series below `a + 1`, continued fraction (Lentz) above; O(√a) steps.
#[must_use]
pub fn gamma_ratio(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    if x < a + 1.0 {
        let mut term = 1.0;
        let mut sum = 1.0;
        let mut k = a;
        while term > sum * 1e-17 {
            k += 1.0;
            term *= x / k;
            sum += term;
        }
        let p = (poisson_term(a, x) * sum).min(1.0);
        (p, 1.0 - p)
    } else {
        let q = (a * poisson_term(a, x) * gamma_fraction(a, x)).min(1.0);
        (1.0 - q, q)
    }
}

/// The continued fraction of `Γ(a, x) e^x x^-a` by Lentz's method.
fn gamma_fraction(a: f64, x: f64) -> f64 {
    let tiny = f64::MIN_POSITIVE;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / tiny;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..2_000_000_u32 {
        let n = f64::from(i);
        let an = -n * (n - a);
        b += 2.0;
        d = guard(an * d + b);
        c = guard(b + an / c);
        d = 1.0 / d;
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

fn guard(x: f64) -> f64 {
    if x.abs() < f64::MIN_POSITIVE {
        f64::MIN_POSITIVE
    } else {
        x
    }
}

/// Regularised incomplete beta `(I_x(a, b), 1 - I_x(a, b))`, a, b > 0; both parts keep their relative precision.
#[must_use]
pub fn beta_ratio(a: f64, b: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x >= 1.0 {
        return (1.0, 0.0);
    }
    // x^a (1-x)^b / B(a, b), by Loader's form of Γ(a+b+1)/(Γ(a+1)Γ(b+1)) x^a (1-x)^b.
    let lead = binomial_term(a, a + b, x) * a * b / (a + b);
    if x < (a + 1.0) / (a + b + 2.0) {
        let low = (lead / a * beta_fraction(a, b, x)).min(1.0);
        (low, 1.0 - low)
    } else {
        let high = (lead / b * beta_fraction(b, a, 1.0 - x)).min(1.0);
        (1.0 - high, high)
    }
}

/// The continued fraction of the incomplete beta by Lentz's method; O(√max(a, b)) steps.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for i in 1..1_000_000_u32 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// The place where a rising function crosses `target`, within `low..=high`, by bisection to the last bit.
///
/// At most 2,000 steps; used for quantiles, where the function is a distribution function.
#[must_use]
pub fn crossing(low: f64, high: f64, target: f64, rising: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    for _ in 0..2_000 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if rising(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::{beta_ratio, deviance, erf, erfc, gamma_ratio, ln_gamma, poisson_term};

    fn near(a: f64, b: f64, relative: f64) {
        assert!((a - b).abs() <= relative * b.abs(), "{a} is not {b}");
    }

    /// The rows of one kind of the table of published values.
    fn rows(kind: &str) -> Vec<Vec<f64>> {
        let table = include_str!("../../tests/data/stats/special.csv");
        let found: Vec<Vec<f64>> = table
            .lines()
            .filter_map(|line| line.strip_prefix(kind)?.strip_prefix(','))
            .map(|rest| rest.split(',').map(|v| v.parse().unwrap()).collect())
            .collect();
        assert!(!found.is_empty(), "no values for {kind}");
        found
    }

    #[test]
    fn gamma_ratios_equal_sixty_digit_values() {
        for v in rows("gamma") {
            let got = gamma_ratio(v[0], v[1]);
            near(got.0, v[2], 2e-12);
            near(got.1, v[3], 2e-12);
        }
    }

    #[test]
    fn beta_ratios_equal_sixty_digit_values() {
        for v in rows("beta") {
            let got = beta_ratio(v[0], v[1], v[2]);
            near(got.0, v[3], 2e-11);
            near(got.1, v[4], 2e-11);
        }
    }

    #[test]
    fn error_functions_keep_their_digits_in_the_tail() {
        for v in rows("erf") {
            near(erf(v[0]), v[1], 1e-15);
            near(erfc(v[0]), v[2], 1e-14);
        }
        for v in rows("ln_gamma") {
            near(ln_gamma(v[0]), v[1], 1e-14);
        }
    }

    #[test]
    fn probabilities_of_a_million_lose_no_digits() {
        for v in rows("poisson") {
            near(poisson_term(v[0], v[1]), v[2], 1e-12);
        }
        near(
            deviance(1_000_000.0, 1_000_001.0),
            4.999_996_666_669_167e-7,
            1e-9,
        );
    }
}
