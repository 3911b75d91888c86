//! Which site is worst, when small numbers jump?
//!
//! Tickets of the last year against what an ordinary site of this city gets, shrunk by the gamma–Poisson model
//! (hotspot reference 5), so that five tickets by luck do not outrank fifty.

use crate::calendar::{DAY_MS, UtcMs};
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
