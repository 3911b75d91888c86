//! Which site is worst, when small numbers jump?
//!
//! Tickets of the last year, repeats of one caller collapsed, against what an ordinary site of this city gets, shrunk by the gamma–Poisson model
//! (hotspot reference 5), so that five tickets by luck do not outrank fifty. The rank looks at their severity points (2.2): a ticket
//! that was redone or rated unsatisfied weighs more.

use crate::calendar::{DAY_MS, UtcMs};
use crate::site::model::Burden;
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

/// What one ticket brings to its site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// When it came.
    pub when: UtcMs,
    /// What it weighs among the tickets of its caller (rule book 2.3).
    pub weight: f64,
    /// Severity points (rule book 2.2), 1 or more.
    pub points: u8,
    /// Whether it was redone.
    pub redone: bool,
}

impl RankParams {
    /// Rates and burdens of sites, given what came to each one and the first day of the data.
    ///
    /// Points are counted in those of a typical ticket (the mean of the points, weighted by themselves), so that chance alone varies by
    /// its mean as the model wants; where every ticket has one point the burden is the rate.
    #[must_use]
    pub fn rates(
        &self,
        arrivals: &[Vec<Arrival>],
        first: UtcMs,
        as_of: UtcMs,
    ) -> Vec<(Rate, Burden)> {
        let covered = (as_of.0 - first.0) as f64 / DAY_MS as f64;
        let days = self.days.min(covered.max(1.0));
        let since = as_of.0 as f64 - days * DAY_MS as f64;
        let years = days / 365.0;
        let held = |a: &&Arrival| a.when.0 as f64 > since && a.when <= as_of;
        let sum = |a: &[Arrival], of: &dyn Fn(&Arrival) -> f64| -> f64 {
            a.iter().filter(held).map(of).sum()
        };
        let points = |a: &Arrival| a.weight * f64::from(a.points);
        let squares = |a: &Arrival| points(a) * f64::from(a.points);
        let whole: f64 = arrivals.iter().map(|a| sum(a, &points)).sum();
        let typical = if whole > 0.0 {
            arrivals.iter().map(|a| sum(a, &squares)).sum::<f64>() / whole
        } else {
            1.0
        };
        let counts: Vec<f64> = arrivals.iter().map(|a| sum(a, &|a| a.weight)).collect();
        let loads: Vec<f64> = arrivals.iter().map(|a| sum(a, &points) / typical).collect();
        let redone = arrivals.iter().map(|a| {
            let again = a.iter().filter(held).filter(|a| a.redone).count();
            u32::try_from(again).unwrap_or(u32::MAX)
        });
        let burdens = judged(&loads, years).into_iter().zip(&loads).zip(redone);
        let burdens = burdens.map(|((r, load), redone)| Burden {
            rate: r.rate * typical,
            low: r.low * typical,
            high: r.high * typical,
            expected: r.expected * typical,
            counted: *load,
            redone,
        });
        judged(&counts, years).into_iter().zip(burdens).collect()
    }
}

/// Counts over the same time against each other.
fn judged(counts: &[f64], years: f64) -> Vec<Rate> {
    let exposures = vec![years; counts.len()];
    let Ok(model) = GammaPoisson::fit(counts, &exposures) else {
        return vec![Rate::default(); counts.len()];
    };
    counts.iter().map(|&x| one(&model, x, years)).collect()
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

/// How sure each rank is: every site's rate is drawn from its gamma posterior and all are ranked, 999 times, seeded. `counts` are what
/// the ranked sites are ranked by ([`Burden::counted`]) over `years`. Cost: 500 sites in 100 ms.
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
    use super::{Arrival, RankInterval, RankParams, rank_intervals};
    use crate::calendar::{DAY_MS, UtcMs};

    /// Tickets on days in a row, each with its points.
    fn came(days: std::ops::Range<i64>, points: u8) -> Vec<Arrival> {
        days.map(|day| Arrival {
            when: UtcMs(day * DAY_MS),
            weight: 1.0,
            points,
            redone: points > 1,
        })
        .collect()
    }

    #[test]
    fn of_two_sites_as_loud_the_one_redone_weighs_more_and_plain_tickets_weigh_what_they_count() {
        let mut sites = vec![
            came(0..40, 1),
            came(0..40, 2),
            came(0..4, 1),
            came(5..90, 1),
        ];
        sites.extend((0..30).map(|i| came(i..i + 3 + i % 4, 1)));
        let as_of = UtcMs(364 * DAY_MS);
        let found = RankParams::default().rates(&sites, UtcMs(0), as_of);
        // The year is open on the left: the ticket of its first instant is not counted.
        assert!((found[0].0.rate - found[1].0.rate).abs() < 1e-12);
        assert!(found[1].1.rate > 1.5 * found[0].1.rate);
        assert_eq!((found[0].1.redone, found[1].1.redone), (0, 39));
        assert!(found[1].1.low < found[1].1.rate && found[1].1.rate < found[1].1.high);
        let plain: Vec<Vec<Arrival>> = sites
            .iter()
            .map(|s| s.iter().map(|a| Arrival { points: 1, ..*a }).collect())
            .collect();
        for (rate, burden) in RankParams::default().rates(&plain, UtcMs(0), as_of) {
            assert!((rate.rate - burden.rate).abs() < 1e-12);
            assert!((rate.high - burden.high).abs() < 1e-12);
        }
        // An early ticket lies outside the year: it counts nothing.
        let late = RankParams::default().rates(&sites, UtcMs(0), UtcMs(900 * DAY_MS));
        assert!(late.iter().all(|(_, b)| b.counted <= 0.0 && b.redone == 0));
        assert!(RankParams::default().rates(&[], UtcMs(0), as_of).is_empty());
    }

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
