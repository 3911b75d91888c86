//! Which site is worst, when small numbers jump?
//!
//! Tickets of the last year against what an ordinary site of this city gets, shrunk by the gamma–Poisson model
//! (hotspot reference 5), so that five tickets by luck do not outrank fifty.

use crate::calendar::{DAY_MS, UtcMs};
use crate::stats::Rng;
use crate::stats::bayes::GammaPoisson;

/// What the ranking looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankParams {
    /// Tickets of this many days before `as_of` count.
    pub days: f64,
}

impl Default for RankParams {
    fn default() -> Self {
        Self { days: 365.0 }
    }
}

/// A shrunken rate in tickets per 365 days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// Shrunken rate.
    pub rate: f64,
    /// 2.5 % point of the posterior.
    pub low: f64,
    /// 97.5 % point.
    pub high: f64,
    /// An ordinary site of this city.
    pub expected: f64,
    /// Tickets that were counted.
    pub tickets: u32,
}

impl RankParams {
    /// Rates of sites, given the arrivals of each one's tickets and the first day of the data.
    #[must_use]
    pub fn rates(&self, arrivals: &[Vec<UtcMs>], first: UtcMs, as_of: UtcMs) -> Vec<Rate> {
        let covered = (as_of.0 - first.0) as f64 / DAY_MS as f64;
        let days = self.days.min(covered.max(1.0));
        let since = as_of.0 as f64 - days * DAY_MS as f64;
        let counts: Vec<f64> = arrivals
            .iter()
            .map(|a| {
                a.iter()
                    .filter(|t| t.0 as f64 > since && **t <= as_of)
                    .count() as f64
            })
            .collect();
        let exposures = vec![days / 365.0; counts.len()];
        let Ok(model) = GammaPoisson::fit(&counts, &exposures) else {
            return vec![Rate::default(); counts.len()];
        };
        counts
            .iter()
            .map(|&x| one(&model, x, days / 365.0))
            .collect()
    }
}

/// An interval of places in the ranking, 1 = worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankInterval {
    /// 2.5 % point.
    pub low: u32,
    /// 97.5 % point.
    pub high: u32,
}

/// Draws of the posterior from which an interval of ranks is read.
const DRAWS: usize = 999;

/// How sure each rank is: every site's rate is drawn from its gamma posterior and all are ranked, 999 times, seeded. `counts` are the
/// tickets of the ranked sites over `years`. Cost: 500 sites in 100 ms.
#[must_use]
pub fn rank_intervals(counts: &[f64], years: f64, seed: u64) -> Vec<RankInterval> {
    let n = counts.len();
    let exposures = vec![years; n];
    let model = GammaPoisson::fit(counts, &exposures).ok();
    let Some(k) = model.filter(|m| m.alpha > 0.0).map(|m| 1.0 / m.alpha) else {
        // Nothing but chance tells the sites apart.
        let high = u32::try_from(n).unwrap_or(u32::MAX);
        return vec![RankInterval { low: 1, high }; n];
    };
    let mut seen = vec![0_u32; n * n];
    let mut drawn: Vec<(f64, usize)> = Vec::with_capacity(n);
    for r in 0..DRAWS {
        let mut rng = Rng::replicate(seed, r as u64);
        drawn.clear();
        drawn.extend(
            counts
                .iter()
                .enumerate()
                .map(|(i, x)| (rng.gamma(x + k), i)),
        );
        drawn.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        for (rank, (_, site)) in drawn.iter().enumerate() {
            seen[site * n + rank] += 1;
        }
    }
    seen.chunks(n).map(interval).collect()
}

fn interval(seen: &[u32]) -> RankInterval {
    let total: u32 = seen.iter().sum();
    let point = |share: f64| {
        let mut sum = 0;
        let at = seen.iter().position(|n| {
            sum += n;
            f64::from(sum) >= share * f64::from(total)
        });
        u32::try_from(at.unwrap_or(0) + 1).unwrap_or(u32::MAX)
    };
    RankInterval {
        low: point(0.025),
        high: point(0.975),
    }
}

fn one(model: &GammaPoisson, x: f64, years: f64) -> Rate {
    let expected = model.expected(years);
    let judged = model.judge(x, expected);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of tickets"
    )]
    let tickets = x as u32;
    Rate {
        rate: judged.relative_risk * model.mean_rate,
        low: judged.interval.low * model.mean_rate,
        high: judged.interval.high * model.mean_rate,
        expected: model.mean_rate,
        tickets,
    }
}

#[cfg(test)]
mod tests {
    use super::{RankInterval, rank_intervals};

    #[test]
    fn a_rank_is_sure_where_the_counts_are_far_apart_and_open_where_they_are_alike() {
        let mut counts = vec![400.0, 200.0];
        counts.extend((0..40).map(|i| f64::from(3 + i % 5)));
        let found = rank_intervals(&counts, 1.0, 7);
        assert_eq!(found[0], RankInterval { low: 1, high: 1 });
        assert_eq!(found[1], RankInterval { low: 2, high: 2 });
        assert!(found[5].high - found[5].low > 15, "{:?}", found[5]);
        assert_eq!(
            rank_intervals(&counts, 1.0, 7),
            found,
            "the same seed gives the same intervals"
        );
        let even = rank_intervals(&[5.0; 4], 1.0, 7);
        assert_eq!(even[2], RankInterval { low: 1, high: 4 });
        assert!(rank_intervals(&[], 1.0, 7).is_empty());
    }
}
