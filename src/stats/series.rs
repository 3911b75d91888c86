//! Does a series rise or fall?
//!
//! Mann 1945 and Kendall 1975 with the tie correction, the exact law of inversions for short untied series, Sen's slope
//! (1968), the autocorrelation-corrected variance of Hamed and Rao 1998, and the seasonal form of Hirsch et al. 1982.

use crate::stats::agreement::ranks;
use crate::stats::distribution::{Z_975, normal_two_sided};
use crate::stats::number::floor_index;

/// The trend of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Rising pairs minus falling pairs.
    pub s: f64,
    /// Variance of `s` without trend.
    pub var: f64,
    /// Continuity-corrected score; 0 without variance.
    pub z: f64,
    /// Two-sided normal p-value; 1 without variance.
    pub p: f64,
    /// `s` divided by the number of pairs; `None` for one value.
    pub tau_a: Option<f64>,
    /// Kendall's tau with ties in the series; `None` for a constant series.
    pub tau_b: Option<f64>,
}

/// Mann–Kendall test of a series in time order; `None` for no values or a value that is not a number.
///
/// Fewer than 4 values can never be significant at 0.05; the callers that classify ask for more.
/// O(n²) comparisons without branches: 104 values take about 2 µs.
#[must_use]
pub fn mann_kendall(x: &[f64]) -> Option<Trend> {
    if x.is_empty() || x.iter().any(|v| v.is_nan()) {
        return None;
    }
    let (rises, falls) = compare_pairs(x);
    let n = x.len() as f64;
    let pairs = n * (n - 1.0) / 2.0;
    let s = rises as f64 - falls as f64;
    let tied = pairs - rises as f64 - falls as f64;
    let mut var = n * (n - 1.0) * (2.0 * n + 5.0);
    if tied > 0.0 {
        var -= tie_term(x);
    }
    let var = var / 18.0;
    let z = score(s, var);
    Some(Trend {
        s,
        var,
        z,
        p: normal_two_sided(z),
        tau_a: (pairs > 0.0).then(|| s / pairs),
        tau_b: (tied < pairs).then(|| s / (pairs * (pairs - tied)).sqrt()),
    })
}

/// Number of rising and of falling pairs.
fn compare_pairs(x: &[f64]) -> (u64, u64) {
    let (mut rises, mut falls) = (0_u64, 0_u64);
    for (i, &a) in x.iter().enumerate() {
        let (mut up, mut down) = (0_u32, 0_u32);
        for &b in &x[i + 1..] {
            up += u32::from(b > a);
            down += u32::from(b < a);
        }
        rises += u64::from(up);
        falls += u64::from(down);
    }
    (rises, falls)
}

fn tie_term(x: &[f64]) -> f64 {
    let mut sorted = x.to_vec();
    // `+ 0.0` makes the two zeros equal, as the comparisons above see them.
    for v in &mut sorted {
        *v += 0.0;
    }
    sorted.sort_unstable_by(f64::total_cmp);
    let groups = sorted.chunk_by(|a, b| a.total_cmp(b).is_eq());
    groups
        .map(|g| {
            let t = g.len() as f64;
            t * (t - 1.0) * (2.0 * t + 5.0)
        })
        .sum()
}

/// Continuity-corrected score of `s`; comparison written out because `signum(0.0)` is 1.
fn score(s: f64, var: f64) -> f64 {
    if var <= 0.0 {
        0.0
    } else if s > 0.0 {
        (s - 1.0) / var.sqrt()
    } else if s < 0.0 {
        (s + 1.0) / var.sqrt()
    } else {
        0.0
    }
}

/// Exact two-sided `P(|S| >= |s|)` for an untied series of at most 60 values (Mahonian law of inversions).
///
/// `None` when values are tied, too few or too many. O(n³) additions, 40 µs at 60.
#[must_use]
pub fn exact_p(x: &[f64]) -> Option<f64> {
    let n = x.len();
    if !(2..=60).contains(&n) || x.iter().any(|v| v.is_nan()) {
        return None;
    }
    let (rises, falls) = compare_pairs(x);
    let pairs = (n * (n - 1) / 2) as u64;
    if rises + falls < pairs {
        return None;
    }
    // Chance of k inversions: product of uniform laws on 0..i.
    let mut chance = vec![1.0];
    for i in 2..=n {
        let mut next = vec![0.0; chance.len() + i - 1];
        for (k, c) in chance.iter().enumerate() {
            for place in &mut next[k..k + i] {
                *place += c / i as f64;
            }
        }
        chance = next;
    }
    let few = rises.min(falls);
    // |S| >= |s| means at most `few` inversions or at least `pairs - few`; the law is symmetric.
    if 2 * few >= pairs {
        return Some(1.0);
    }
    let tail: f64 = chance.iter().take(usize::try_from(few).ok()? + 1).sum();
    Some((2.0 * tail).min(1.0))
}

/// Sen's slope per step with its 95 % rank interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// Median of the slopes of all pairs.
    pub slope: f64,
    /// Lower end of the 95 % interval, `None` when the series is too short for one.
    pub low: Option<f64>,
    /// Upper end.
    pub high: Option<f64>,
}

/// Sen's slope of a series at unit steps; `None` for fewer than 2 values or a value that is not a number. O(n² log n).
#[must_use]
pub fn sen_slope(x: &[f64]) -> Option<Slope> {
    let trend = mann_kendall(x).filter(|_| x.len() > 1)?;
    let mut slopes = pair_slopes(x);
    slopes.sort_unstable_by(f64::total_cmp);
    let m = slopes.len() as f64;
    let reach = Z_975 * trend.var.sqrt();
    let lower = (m - reach) / 2.0;
    let upper = f64::midpoint(m, reach) + 1.0;
    let at = |rank: f64| {
        (rank >= 1.0 && rank <= m).then(|| {
            let below = floor_index(rank - 1.0);
            let above = (below + 1).min(slopes.len() - 1);
            let part = rank.fract();
            slopes[below] * (1.0 - part) + slopes[above] * part
        })
    };
    Some(Slope {
        slope: median(&slopes),
        low: at(lower),
        high: at(upper),
    })
}

fn pair_slopes(x: &[f64]) -> Vec<f64> {
    let mut out = Vec::with_capacity(x.len() * x.len().saturating_sub(1) / 2);
    for (i, a) in x.iter().enumerate() {
        for (j, b) in x.iter().enumerate().skip(i + 1) {
            out.push((b - a) / (j - i) as f64);
        }
    }
    out
}

/// Median of sorted values; 0 when empty.
fn median(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    match n {
        0 => 0.0,
        _ if n % 2 == 1 => sorted[n / 2],
        _ => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// Mann–Kendall with the variance corrected for autocorrelation of the detrended ranks (Hamed, Rao 1998).
///
/// Lags whose autocorrelation lies within ±1.96/√n do not count. `None` as in [`mann_kendall`].
#[must_use]
pub fn hamed_rao(x: &[f64]) -> Option<Trend> {
    let plain = mann_kendall(x).filter(|_| x.len() > 2)?;
    let slope = sen_slope(x)?.slope;
    let level: Vec<f64> = x
        .iter()
        .enumerate()
        .map(|(i, v)| v - slope * (i as f64 + 1.0))
        .collect();
    let rank = ranks(&level);
    let n = x.len();
    let m = n as f64;
    let mean = rank.iter().sum::<f64>() / m;
    let product = |lag: usize| -> f64 {
        let pairs = rank.iter().zip(&rank[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let own = product(0);
    let limit = Z_975 / m.sqrt();
    let mut sum = 0.0;
    for lag in 1..n {
        let r = if own > 0.0 { product(lag) / own } else { 0.0 };
        if r.abs() > limit {
            let k = (n - lag) as f64;
            sum += k * (k - 1.0) * (k - 2.0) * r;
        }
    }
    let var = plain.var * (1.0 + 2.0 / (m * (m - 1.0) * (m - 2.0)) * sum);
    let z = score(plain.s, var);
    Some(Trend {
        var,
        z,
        p: normal_two_sided(z),
        ..plain
    })
}

/// A seasonal trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeasonalTrend {
    /// Sum of the seasons' `s`.
    pub s: f64,
    /// Sum of the seasons' variances.
    pub var: f64,
    /// Continuity-corrected score.
    pub z: f64,
    /// Two-sided normal p-value.
    pub p: f64,
    /// Median slope per full cycle over all pairs of one season.
    pub slope: f64,
}

/// Seasonal Mann–Kendall with `period` steps in a cycle; `None` when no season has 2 values or a value is broken.
#[must_use]
pub fn seasonal(x: &[f64], period: usize) -> Option<SeasonalTrend> {
    if period == 0 || x.len() <= period || x.iter().any(|v| v.is_nan()) {
        return None;
    }
    let (mut s, mut var) = (0.0, 0.0);
    let mut slopes = Vec::new();
    for season in 0..period {
        let part: Vec<f64> = x.iter().copied().skip(season).step_by(period).collect();
        let (rises, falls) = compare_pairs(&part);
        let n = part.len() as f64;
        s += rises as f64 - falls as f64;
        var += (n * (n - 1.0) * (2.0 * n + 5.0) - tie_term(&part)) / 18.0;
        slopes.extend(pair_slopes(&part));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    let z = score(s, var);
    Some(SeasonalTrend {
        s,
        var,
        z,
        p: normal_two_sided(z),
        slope: median(&slopes),
    })
}

#[cfg(test)]
mod tests {
    use super::{exact_p, hamed_rao, mann_kendall, seasonal, sen_slope};
    use crate::stats::Rng;

    #[test]
    fn ties_are_neither_rises_nor_falls() {
        let mut x = vec![1.0; 12];
        x[0] = 2.0;
        let trend = mann_kendall(&x).unwrap();
        assert!((trend.s + 11.0).abs() < 1e-12);
        assert!(trend.z < 0.0);
        let flat = mann_kendall(&[3.0; 9]).unwrap();
        assert!(flat.z.abs() < 1e-15 && (flat.p - 1.0).abs() < 1e-15 && flat.tau_b.is_none());
    }

    #[test]
    fn short_and_broken_series_have_no_trend() {
        assert!(mann_kendall(&[]).is_none());
        assert!(mann_kendall(&[1.0]).unwrap().tau_a.is_none());
        assert!((mann_kendall(&[1.0, 2.0]).unwrap().p - 1.0).abs() < 1e-15);
        assert!(mann_kendall(&[1.0, 2.0, f64::NAN, 3.0]).is_none());
        assert!(exact_p(&[1.0, 2.0, 2.0, 3.0]).is_none(), "tied");
        assert!(
            sen_slope(&[]).is_none() && hamed_rao(&[]).is_none() && seasonal(&[], 12).is_none()
        );
    }

    #[test]
    fn the_exact_law_of_four_values_is_counted_by_hand() {
        // 24 orders; inversions 0..6 occur 1, 3, 5, 6, 5, 3, 1 times.
        assert!((exact_p(&[1.0, 2.0, 3.0, 4.0]).unwrap() - 2.0 / 24.0).abs() < 1e-14);
        assert!((exact_p(&[1.0, 2.0, 4.0, 3.0]).unwrap() - 8.0 / 24.0).abs() < 1e-14);
        assert!((exact_p(&[2.0, 1.0, 4.0, 3.0]).unwrap() - 18.0 / 24.0).abs() < 1e-14);
    }

    #[test]
    fn a_series_without_trend_is_called_one_at_rate_alpha() {
        let mut rng = Rng::new(17);
        let worlds = 3_000;
        let mut wrong = 0;
        for _ in 0..worlds {
            let x: Vec<f64> = (0..26).map(|_| rng.normal()).collect();
            wrong += u32::from(mann_kendall(&x).unwrap().p < 0.05);
        }
        let rate = f64::from(wrong) / f64::from(worlds);
        assert!((rate - 0.05).abs() < 0.016, "{rate}");
    }

    #[test]
    fn reversing_a_series_reverses_its_trend() {
        let x = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let mut y = x;
        y.reverse();
        let (a, b) = (mann_kendall(&x).unwrap(), mann_kendall(&y).unwrap());
        assert!((a.z + b.z).abs() < 1e-12 && (a.var - b.var).abs() < 1e-12);
        assert!((sen_slope(&x).unwrap().slope + sen_slope(&y).unwrap().slope).abs() < 1e-12);
    }
}
