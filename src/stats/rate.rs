//! How sure is a share or a rate, and has it changed?

use crate::stats::distribution::{
    Z_975, beta_quantile, binomial_lower, binomial_upper, gamma_quantile, normal_two_sided,
};

/// An interval of a quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Wilson's 95 % interval of a share `x` of `n` (Wilson 1927); `None` when `n` is 0 or `x > n`.
#[must_use]
pub fn wilson(x: u64, n: u64) -> Option<Interval> {
    wilson_at(x, n, Z_975)
}

/// Wilson's interval at the normal quantile `z`.
#[must_use]
pub fn wilson_at(x: u64, n: u64, z: f64) -> Option<Interval> {
    if n == 0 || x > n {
        return None;
    }
    let (x, n) = (x as f64, n as f64);
    let share = x / n;
    let z2 = z * z;
    let middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = z / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    Some(Interval {
        low: if x <= 0.0 {
            0.0
        } else {
            (middle - half).max(0.0)
        },
        high: if x >= n {
            1.0
        } else {
            (middle + half).min(1.0)
        },
    })
}

/// Exact 95 % interval of a share (Clopper, Pearson 1934); `None` when `n` is 0 or `x > n`.
#[must_use]
pub fn exact_share(x: u64, n: u64) -> Option<Interval> {
    if n == 0 || x > n {
        return None;
    }
    let (k, m) = (x as f64, n as f64);
    Some(Interval {
        low: if x == 0 {
            0.0
        } else {
            beta_quantile(0.025, k, m - k + 1.0)
        },
        high: if x == n {
            1.0
        } else {
            beta_quantile(0.975, k + 1.0, m - k)
        },
    })
}

/// Exact 95 % interval of a Poisson mean from one count (Garwood 1936).
#[must_use]
pub fn exact_poisson(x: u64) -> Interval {
    let k = x as f64;
    Interval {
        low: if x == 0 {
            0.0
        } else {
            gamma_quantile(0.025, k, 1.0)
        },
        high: gamma_quantile(0.975, k + 1.0, 1.0),
    }
}

/// A test's statistic and two-sided p-value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ZTest {
    /// Difference in standard errors, positive when the second period is larger.
    pub z: f64,
    /// Two-sided p-value.
    pub p: f64,
}

/// Pooled z test of two shares `(x, n)` before and after; `None` without cases or without variance (all or nothing).
#[must_use]
pub fn two_proportions(before: (u64, u64), after: (u64, u64)) -> Option<ZTest> {
    let ((x1, n1), (x2, n2)) = (before, after);
    if n1 == 0 || n2 == 0 || x1 > n1 || x2 > n2 {
        return None;
    }
    let (x1, n1, x2, n2) = (x1 as f64, n1 as f64, x2 as f64, n2 as f64);
    let pooled = (x1 + x2) / (n1 + n2);
    let variance = pooled * (1.0 - pooled) * (1.0 / n1 + 1.0 / n2);
    if variance <= 0.0 {
        return None;
    }
    let z = (x2 / n2 - x1 / n1) / variance.sqrt();
    Some(ZTest {
        z,
        p: normal_two_sided(z),
    })
}

/// What changed between two counts over unequal lengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountChange {
    /// Rate after divided by rate before; `None` when the first count is 0.
    pub ratio: Option<f64>,
    /// Doubled smaller tail of the exact conditional binomial test, at most 1; `None` when both counts are 0.
    pub p: Option<f64>,
}

/// Exact conditional binomial test of two Poisson counts `(x, length)` (Przyborowski, Wilenski 1940).
///
/// Lengths (days, or exposure) must be positive; otherwise nothing is defined.
#[must_use]
pub fn count_change(before: (u64, f64), after: (u64, f64)) -> CountChange {
    let ((x1, d1), (x2, d2)) = (before, after);
    if !(d1 > 0.0 && d2 > 0.0 && d1.is_finite() && d2.is_finite()) {
        return CountChange {
            ratio: None,
            p: None,
        };
    }
    let (k, n) = (x2 as f64, (x1 + x2) as f64);
    let share = d2 / (d1 + d2);
    let tail = binomial_upper(k, n, share).min(binomial_lower(k, n, share));
    CountChange {
        ratio: (x1 > 0).then(|| (k / d2) / (x1 as f64 / d1)),
        p: (x1 + x2 > 0).then(|| (2.0 * tail).min(1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::{count_change, exact_poisson, exact_share, two_proportions, wilson};
    use crate::stats::Rng;

    #[test]
    fn wilson_equals_the_published_example() {
        // Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20.
        for (x, n, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
        ] {
            let got = wilson(x, n).unwrap();
            assert!(
                (got.low - low).abs() < 5e-5 && (got.high - high).abs() < 5e-5,
                "{got:?}"
            );
        }
        assert_eq!(wilson(0, 0), None);
        assert_eq!(wilson(2, 1), None);
    }

    #[test]
    fn exact_intervals_equal_published_ones() {
        // Newcombe 1998 table I (Clopper-Pearson); Garwood 1936 for counts of 0, 5 and 10.
        let got = exact_share(81, 263).unwrap();
        assert!(
            (got.low - 0.2527).abs() < 5e-5 && (got.high - 0.3676).abs() < 5e-5,
            "{got:?}"
        );
        for (x, low, high) in [
            (0, 0.0, 3.6889),
            (5, 1.6235, 11.6683),
            (10, 4.7954, 18.3904),
        ] {
            let got = exact_poisson(x);
            assert!(
                (got.low - low).abs() < 5e-5 && (got.high - high).abs() < 5e-5,
                "{got:?}"
            );
        }
    }

    #[test]
    fn an_unchanged_share_is_called_changed_at_rate_alpha() {
        let mut rng = Rng::new(4);
        let mut share = |n: u64, p: f64| (0..n).filter(|_| rng.unit() < p).count() as u64;
        let worlds = 2_000;
        let mut wrong = 0;
        for _ in 0..worlds {
            let test = two_proportions((share(200, 0.3), 200), (share(150, 0.3), 150)).unwrap();
            wrong += u32::from(test.p < 0.05);
        }
        let rate = f64::from(wrong) / f64::from(worlds);
        assert!((rate - 0.05).abs() < 0.02, "{rate}");
    }

    #[test]
    fn an_unchanged_count_is_called_changed_at_most_at_rate_alpha() {
        let mut rng = Rng::new(8);
        let worlds = 4_000;
        let mut wrong = 0;
        for _ in 0..worlds {
            let change = count_change((rng.poisson(30.0), 90.0), (rng.poisson(10.0), 30.0));
            wrong += u32::from(change.p.is_some_and(|p| p < 0.05));
        }
        let rate = f64::from(wrong) / f64::from(worlds);
        assert!(
            rate <= 0.05 && rate > 0.01,
            "an exact test keeps its level: {rate}"
        );
    }

    #[test]
    fn wilson_covers_at_its_level() {
        let mut rng = Rng::new(21);
        let worlds = 4_000;
        let mut covered = 0;
        for _ in 0..worlds {
            let x = (0..60).filter(|_| rng.unit() < 0.12).count() as u64;
            covered += u32::from(wilson(x, 60).is_some_and(|i| i.low <= 0.12 && 0.12 <= i.high));
        }
        let rate = f64::from(covered) / f64::from(worlds);
        assert!((0.93..=0.975).contains(&rate), "{rate}");
    }

    #[test]
    fn nothing_seen_in_no_time_is_undefined() {
        assert_eq!(count_change((0, 7.0), (0, 7.0)).p, None);
        assert_eq!(count_change((0, 0.0), (3, 7.0)).p, None);
        assert_eq!(count_change((0, 7.0), (5, 7.0)).ratio, None);
        assert_eq!(two_proportions((0, 0), (1, 2)), None);
    }
}
