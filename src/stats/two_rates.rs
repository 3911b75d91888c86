//! Do two counts over unequal times come from one rate?
//!
//! Given the sum, the first count is binomial; the exact interval (Clopper, Pearson 1934), the mid-p interval (Lancaster
//! 1961) and the exact p-values follow from that law. The E-test (Krishnamoorthy, Thomson 2004) and the score test do not
//! condition on the sum and are less cautious with few cases.

use crate::stats::distribution::{
    beta_quantile, binomial, binomial_lower, binomial_upper, normal_quantile, normal_two_sided,
    poisson, poisson_lower, poisson_upper,
};
use crate::stats::number::floor_index;
use crate::stats::rate::Interval;
use crate::stats::special::crossing;

/// Counts above this sum are judged by the score test where the exact sum would take seconds; the two then agree to 1e-3.
const MOST_SUMMED: f64 = 1e7;

/// A count and the time (or exposure) it was collected in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Cases, whole and not negative.
    pub cases: f64,
    /// Days or exposure, above 0.
    pub time: f64,
}

/// Why two counts cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BadRates {
    /// A count is negative, broken or has a fraction.
    #[error("count {value} is not a whole number of cases")]
    Count {
        /// What was given.
        value: f64,
    },
    /// A time is not positive.
    #[error("time {value} must be above 0; leave out a period without exposure")]
    Time {
        /// What was given.
        value: f64,
    },
    /// The level of an interval is not within (0, 1).
    #[error("alpha {value} must lie between 0 and 1")]
    Alpha {
        /// What was given.
        value: f64,
    },
}

/// Everything two Poisson counts say about the ratio of their rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TwoRates {
    /// Rate of the first over rate of the second; infinite when only the second is 0, `None` when both are.
    pub ratio: Option<f64>,
    /// Exact interval; reaches infinity when the second count is 0.
    pub exact: Interval,
    /// Mid-p interval, the default of the house: nearer to its nominal level than the exact one.
    pub mid: Interval,
    /// Sum of the outcomes that are no likelier than the one seen.
    pub exact_p_minlike: f64,
    /// Doubled smaller exact tail, at most 1.
    pub exact_p_central: f64,
    /// Doubled smaller mid-p tail, at most 1.
    pub mid_p: f64,
    /// E-test, two-sided.
    pub etest_p: f64,
    /// Score test, two-sided.
    pub score_p: f64,
}

/// Compares the rate of `first` with that of `second`; `alpha` is the error of the intervals (default 0.05).
///
/// Two zero counts give no ratio, the interval from 0 to infinity and p = 1. Costs about 0.2 ms at counts of 20 and
/// 50 ms at a million; above 10 million together the E-test is the score test.
pub fn two_rates(first: Counted, second: Counted, alpha: f64) -> Result<TwoRates, BadRates> {
    for c in [first, second] {
        if !(c.cases.is_finite() && c.cases >= 0.0 && c.cases.fract() <= 0.0) {
            return Err(BadRates::Count { value: c.cases });
        }
        if !(c.time.is_finite() && c.time > 0.0) {
            return Err(BadRates::Time { value: c.time });
        }
    }
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(BadRates::Alpha { value: alpha });
    }
    let (x, n) = (first.cases, first.cases + second.cases);
    let share = first.time / (first.time + second.time);
    if n <= 0.0 {
        return Ok(nothing_seen());
    }
    let lower = binomial_lower(x, n, share);
    let upper = binomial_upper(x, n, share);
    let half = 0.5 * binomial(x, n, share);
    let ratio = if second.cases > 0.0 {
        (x / first.time) / (second.cases / second.time)
    } else {
        f64::INFINITY
    };
    Ok(TwoRates {
        ratio: Some(ratio),
        exact: exact_interval(first, second, alpha),
        mid: mid_interval(first, second, alpha),
        exact_p_minlike: minlike(x, n, share),
        exact_p_central: (2.0 * lower.min(upper)).min(1.0),
        mid_p: (2.0 * (lower - half).min(upper - half)).clamp(0.0, 1.0),
        etest_p: etest(first, second),
        score_p: score(x, n, share),
    })
}

fn nothing_seen() -> TwoRates {
    let all = Interval {
        low: 0.0,
        high: f64::INFINITY,
    };
    TwoRates {
        ratio: None,
        exact: all,
        mid: all,
        exact_p_minlike: 1.0,
        exact_p_central: 1.0,
        mid_p: 1.0,
        etest_p: 1.0,
        score_p: 1.0,
    }
}

/// A share of the sum as a ratio of rates.
fn as_ratio(share: f64, first: Counted, second: Counted) -> f64 {
    if share >= 1.0 {
        f64::INFINITY
    } else {
        share / (1.0 - share) * second.time / first.time
    }
}

fn exact_interval(first: Counted, second: Counted, alpha: f64) -> Interval {
    let (x, y) = (first.cases, second.cases);
    let low = if x <= 0.0 {
        0.0
    } else {
        as_ratio(beta_quantile(alpha / 2.0, x, y + 1.0), first, second)
    };
    let high = if y <= 0.0 {
        f64::INFINITY
    } else {
        as_ratio(beta_quantile(1.0 - alpha / 2.0, x + 1.0, y), first, second)
    };
    Interval { low, high }
}

fn mid_interval(first: Counted, second: Counted, alpha: f64) -> Interval {
    let (x, n) = (first.cases, first.cases + second.cases);
    let upper = |p: f64| binomial_upper(x, n, p) - 0.5 * binomial(x, n, p);
    let lower = |p: f64| binomial_lower(x, n, p) - 0.5 * binomial(x, n, p);
    let low = if x <= 0.0 {
        0.0
    } else {
        let share = crossing(0.0, 1.0, alpha / 2.0, upper);
        as_ratio(share, first, second)
    };
    let high = if second.cases <= 0.0 {
        f64::INFINITY
    } else {
        let share = crossing(0.0, 1.0, -alpha / 2.0, |p| -lower(p));
        as_ratio(share, first, second)
    };
    Interval { low, high }
}

/// Sum of the chances of all outcomes no likelier than `x` of `n`; the law has one peak, so each side is one tail.
fn minlike(x: f64, n: f64, share: f64) -> f64 {
    // As in the common packages, a chance larger by a ten-millionth counts as equal.
    let limit = binomial(x, n, share) * (1.0 + 1e-7);
    let mode = ((n + 1.0) * share).floor().min(n);
    if binomial(mode, n, share) <= limit {
        return 1.0;
    }
    if x < mode {
        // The first outcome above the peak that is no likelier.
        let other = first_whole(mode, n + 1.0, |k| binomial(k, n, share) <= limit);
        (binomial_lower(x, n, share) + binomial_upper(other, n, share)).min(1.0)
    } else {
        let other = first_whole(-1.0, mode, |k| binomial(k, n, share) > limit) - 1.0;
        (binomial_upper(x, n, share) + binomial_lower(other, n, share)).min(1.0)
    }
}

/// The smallest whole number above `low` and at most `high` where `holds` begins to be true; `holds(high)` is taken for granted.
fn first_whole(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low, high);
    while high - low > 1.0 {
        let middle = f64::midpoint(low, high).floor();
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn score(x: f64, n: f64, share: f64) -> f64 {
    let spread = (n * share * (1.0 - share)).sqrt();
    if spread > 0.0 {
        normal_two_sided((x - n * share) / spread)
    } else {
        1.0
    }
}

/// Difference of the rates in the errors of their pooled rate; 0 when neither has a case.
fn pooled_score(first: Counted, second: Counted) -> f64 {
    let rate = (first.cases + second.cases) / (first.time + second.time);
    let variance = rate * (1.0 / first.time + 1.0 / second.time);
    if variance > 0.0 {
        (first.cases / first.time - second.cases / second.time) / variance.sqrt()
    } else {
        0.0
    }
}

/// The chance of a difference at least as large as the one seen when both have the pooled rate.
///
/// For a fixed first count the statistic falls with the second, so that each side is one Poisson tail.
fn etest(first: Counted, second: Counted) -> f64 {
    let n = first.cases + second.cases;
    let seen = pooled_score(first, second).abs() * (1.0 - 1e-12);
    if seen <= 0.0 {
        return 1.0;
    }
    if n > MOST_SUMMED {
        return score(first.cases, n, first.time / (first.time + second.time));
    }
    let rate = n / (first.time + second.time);
    let (mean1, mean2) = (rate * first.time, rate * second.time);
    // Outcomes beyond eleven standard deviations (and forty cases) have less than 1e-15 together.
    let reach = |mean: f64| 40.0 + 11.0 * mean.sqrt();
    let start = floor_index((mean1 - reach(mean1)).max(0.0));
    let end = floor_index(mean1 + reach(mean1));
    let top = (mean2 + reach(mean2)).ceil();
    let mut sum = 0.0;
    for x in start..=end {
        let x = x as f64;
        let at = |y: f64| {
            pooled_score(
                Counted { cases: x, ..first },
                Counted { cases: y, ..second },
            )
        };
        // The statistic is >= seen below `high_side` and <= -seen from `low_side` on.
        let high_side = first_whole(-1.0, top, |y| at(y) < seen);
        let low_side = first_whole(-1.0, top + 1.0, |y| at(y) <= -seen);
        let tails = poisson_lower(high_side - 1.0, mean2) + poisson_upper(low_side, mean2);
        sum += poisson(x, mean1) * tails;
    }
    sum.min(1.0)
}

/// The difference of two rates per unit of time with its normal interval at error `alpha`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateDifference {
    /// Second rate minus first.
    pub difference: f64,
    /// Standard error of the first rate, `√cases / time`.
    pub se_first: f64,
    /// Standard error of the second rate.
    pub se_second: f64,
    /// Interval of the difference.
    pub interval: Interval,
}

/// How much the rate changed from `first` to `second`, per unit of time; the times must be above 0.
#[must_use]
pub fn rate_difference(first: Counted, second: Counted, alpha: f64) -> RateDifference {
    let se = |c: Counted| c.cases.sqrt() / c.time;
    let difference = second.cases / second.time - first.cases / first.time;
    let half = normal_quantile(1.0 - alpha / 2.0) * se(first).hypot(se(second));
    RateDifference {
        difference,
        se_first: se(first),
        se_second: se(second),
        interval: Interval {
            low: difference - half,
            high: difference + half,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{BadRates, Counted, etest, minlike, pooled_score, two_rates};
    use crate::stats::Rng;
    use crate::stats::distribution::{binomial, poisson};

    fn counted(cases: f64, time: f64) -> Counted {
        Counted { cases, time }
    }

    #[test]
    fn the_published_e_test_comes_out() {
        // Krishnamoorthy and Thomson 2004, second example: 6 against 2 over equal times.
        let got = two_rates(counted(6.0, 1.0), counted(2.0, 1.0), 0.05).unwrap();
        assert!((got.etest_p - 0.174_874_8).abs() < 1e-7, "{}", got.etest_p);
        assert!((got.mid_p - 0.179_687_5).abs() < 1e-12);
    }

    #[test]
    fn tails_by_bisection_equal_the_sums_of_all_outcomes() {
        for (x, n, p) in [
            (3.0, 17.0, 0.2),
            (9.0, 12.0, 0.5),
            (0.0, 9.0, 0.25),
            (7.0, 7.0, 0.7),
        ] {
            let limit = binomial(x, n, p) * (1.0 + 1e-7);
            let terms = (0..=40).map(f64::from).filter(|k| *k <= n);
            let sum: f64 = terms
                .map(|k| binomial(k, n, p))
                .filter(|c| *c <= limit)
                .sum();
            assert!((minlike(x, n, p) - sum).abs() < 1e-12, "{x} of {n}");
        }
        let (a, b) = (counted(4.0, 90.0), counted(21.0, 200.0));
        let rate = 25.0 / 290.0;
        let mut sum = 0.0;
        for x in 0..150 {
            for y in 0..150 {
                let (x, y) = (f64::from(x), f64::from(y));
                let t = pooled_score(counted(x, 90.0), counted(y, 200.0)).abs();
                if t >= pooled_score(a, b).abs() * (1.0 - 1e-12) {
                    sum += poisson(x, 90.0 * rate) * poisson(y, 200.0 * rate);
                }
            }
        }
        assert!((etest(a, b) - sum).abs() < 1e-12, "{sum}");
    }

    #[test]
    fn swapping_the_two_turns_the_ratio_over() {
        let (a, b) = (counted(7.0, 30.0), counted(11.0, 90.0));
        let one = two_rates(a, b, 0.05).unwrap();
        let two = two_rates(b, a, 0.05).unwrap();
        for (x, y) in [(one.exact.low, two.exact.high), (one.mid.high, two.mid.low)] {
            assert!((x * y - 1.0).abs() < 1e-9, "{x} {y}");
        }
        for (x, y) in [
            (one.etest_p, two.etest_p),
            (one.exact_p_minlike, two.exact_p_minlike),
        ] {
            assert!((x - y).abs() < 1e-12);
        }
    }

    #[test]
    fn equal_rates_are_called_unequal_at_rate_alpha_and_intervals_cover() {
        let mut rng = Rng::new(41);
        let worlds = 1_500;
        let (mut exact, mut mid, mut e, mut covered) = (0, 0, 0, 0);
        for _ in 0..worlds {
            let first = counted(rng.poisson(9.0) as f64, 90.0);
            let second = counted(rng.poisson(36.5) as f64, 365.0);
            let got = two_rates(first, second, 0.05).unwrap();
            exact += u32::from(got.exact_p_central < 0.05);
            mid += u32::from(got.mid_p < 0.05);
            e += u32::from(got.etest_p < 0.05);
            covered += u32::from(got.mid.low <= 1.0 && 1.0 <= got.mid.high);
        }
        let rate = |k: u32| f64::from(k) / f64::from(worlds);
        assert!(rate(exact) <= 0.055, "{}", rate(exact));
        assert!((0.025..=0.066).contains(&rate(mid)), "{}", rate(mid));
        assert!((0.03..=0.068).contains(&rate(e)), "{}", rate(e));
        assert!(
            (0.934..=0.975).contains(&rate(covered)),
            "{}",
            rate(covered)
        );
    }

    #[test]
    fn zero_and_huge_counts_have_stated_outcomes() {
        let none = two_rates(counted(0.0, 9.0), counted(0.0, 9.0), 0.05).unwrap();
        assert_eq!(none.ratio, None);
        assert!(none.mid_p >= 1.0 && none.mid.high.is_infinite());
        let huge = two_rates(counted(3e6, 1.0), counted(3e6 + 9e3, 1.0), 0.05).unwrap();
        assert!((huge.etest_p - huge.score_p).abs() < 1e-5, "{huge:?}");
        assert!((huge.mid_p - huge.score_p).abs() < 1e-4);
        let vast = two_rates(counted(1e12, 1.0), counted(1e12, 1.0), 0.05).unwrap();
        assert!(vast.exact.low < 1.0 && vast.exact.high > 1.0 && vast.etest_p > 0.9);
        assert_eq!(
            two_rates(counted(1.5, 1.0), counted(0.0, 1.0), 0.05),
            Err(BadRates::Count { value: 1.5 })
        );
        assert_eq!(
            two_rates(counted(1.0, 0.0), counted(0.0, 1.0), 0.05),
            Err(BadRates::Time { value: 0.0 })
        );
    }
}
