//! Which site is worst, when small numbers jump?
//!
//! Tickets of the last year, repeats of one caller collapsed, against what an ordinary site of this city gets, shrunk by the gamma–Poisson model
//! (hotspot reference 5), so that five tickets by luck do not outrank fifty.

use crate::calendar::{DAY_MS, UtcMs};
use crate::stats::Rng;
use crate::stats::bayes::GammaPoisson;
use crate::stats::number::floor_index;

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

/// A shrunken rate in collapsed tickets per 365 days.
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
    /// Collapsed tickets that were counted, whole ones.
    pub tickets: u32,
}

/// When a ticket came, and what it weighs among those of its caller.
pub type Arrival = (UtcMs, f64);

impl RankParams {
    /// Rates of sites, given the arrivals of each one's tickets with their weight (repeats of one caller weigh less, rule book 2.3)
    /// and the first day of the data.
    #[must_use]
    pub fn rates(&self, arrivals: &[Vec<Arrival>], first: UtcMs, as_of: UtcMs) -> Vec<Rate> {
        let covered = (as_of.0 - first.0) as f64 / DAY_MS as f64;
        let days = self.days.min(covered.max(1.0));
        let since = as_of.0 as f64 - days * DAY_MS as f64;
        let counts: Vec<f64> = arrivals
            .iter()
            .map(|a| {
                a.iter()
                    .filter(|(t, _)| t.0 as f64 > since && *t <= as_of)
                    .map(|(_, weight)| weight)
                    .sum()
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
/// collapsed tickets of the ranked sites over `years`. Cost: 500 sites in 100 ms.
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
    // Of each site its place in every draw: linear in the sites, 4 kB each.
    let mut seen = vec![0_u32; n * DRAWS];
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
        for (rank, (_, site)) in (1..).zip(&drawn) {
            seen[site * DRAWS + r] = rank;
        }
    }
    seen.chunks_mut(DRAWS).map(interval).collect()
}

fn interval(places: &mut [u32]) -> RankInterval {
    places.sort_unstable();
    let least = |share: f64| (share * places.len() as f64).ceil();
    let point = |share: f64| places[floor_index(least(share) - 1.0).min(places.len() - 1)];
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
