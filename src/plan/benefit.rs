//! What does a bundle of measures prevent, in present value, and how sure is its multiplier?
//!
//! Multipliers act on the weekly tickets of a kind: 0.7 leaves seven of ten. Rules of combining after the Texas Traffic
//! Safety manual (at most three factors); "dominant, common residuals" is guarded by the smallest single factor, because
//! the bare formula can make two measures worse than one.

use serde::{Deserialize, Serialize};

/// 1.28155 standard deviations enclose 80 % of a normal distribution.
pub const Z80: f64 = 1.281_551_565_544_600_4;

/// How several multipliers become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    /// The product to the power of the smallest, never above the smallest.
    #[default]
    DominantCommonResiduals,
    /// The product.
    Multiplicative,
    /// The smallest alone.
    Dominant,
    /// The reductions added up.
    Additive,
}

impl Combine {
    /// All rules with their names on the doors.
    pub const ALL: [(&'static str, Self); 4] = [
        ("dominant_common_residuals", Self::DominantCommonResiduals),
        ("multiplicative", Self::Multiplicative),
        ("dominant", Self::Dominant),
        ("additive", Self::Additive),
    ];

    /// The rule of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|r| r.0 == name).map(|r| r.1)
    }
}

/// One multiplier out of many; 1 when there is none.
///
/// Of those below 1 the three smallest count; those of 1 and more all count, as factors (as added increases under
/// [`Combine::Additive`]).
#[must_use]
pub fn combine(multipliers: &[f64], rule: Combine) -> f64 {
    let mut below: Vec<f64> = multipliers.iter().copied().filter(|m| *m < 1.0).collect();
    below.sort_by(f64::total_cmp);
    below.truncate(3);
    let above = multipliers.iter().filter(|m| **m >= 1.0);
    if rule == Combine::Additive {
        let reductions: f64 = below.iter().chain(above).map(|m| 1.0 - m).sum();
        return (1.0 - reductions).max(0.0);
    }
    let raised: f64 = above.product();
    let Some(&least) = below.first() else {
        return raised;
    };
    let product: f64 = below.iter().product();
    let lowered = match rule {
        Combine::Multiplicative => product,
        Combine::DominantCommonResiduals if below.len() > 1 => product.powf(least).min(least),
        _ => least,
    };
    lowered * raised
}

/// A measure's multiplier on a kind it only helps beside: `share` of its effect (default one half).
#[must_use]
pub fn side(multiplier: f64, share: f64) -> f64 {
    1.0 - share * (1.0 - multiplier)
}

/// Multiplier of a bundle on one kind from those of the measures that address it mainly and beside.
#[must_use]
pub fn bundle_multiplier(main: &[f64], beside: &[f64], share: f64, rule: Combine) -> f64 {
    let mut all = main.to_vec();
    all.extend(beside.iter().map(|m| side(*m, share)));
    combine(&all, rule)
}

/// Present value of one unit a year for `years` (may be broken) at `rate`; the years themselves at rate 0.
#[must_use]
pub fn annuity(rate: f64, years: f64) -> f64 {
    if rate.abs() < 1e-12 {
        return years;
    }
    (1.0 - (1.0 + rate).powf(-years)) / rate
}

/// One result measured in this city.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalResult {
    /// Tickets after over tickets expected without the measure.
    pub ratio: f64,
    /// Standard error of its logarithm.
    pub log_se: f64,
}

/// What is known about a measure's multiplier: the published prior and the city's own results together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// Mean of the logarithm.
    pub log_mean: f64,
    /// Standard deviation of that mean.
    pub log_sd: f64,
    /// Spread of true effects between sites on the log scale.
    pub tau: f64,
}

impl Posterior {
    /// Learns from results; prior given as middle and 80 % interval. `tau` is the spread between sites, default 0.2.
    ///
    /// A prior without width (low = high) is taken as known to one part in a million.
    #[must_use]
    pub fn learn(prior: [f64; 3], local: &[LocalResult], tau: f64) -> Self {
        let [low, middle, high] = prior;
        let s0 = ((high.ln() - low.ln()) / (2.0 * Z80)).max(1e-6);
        let mut precision = 1.0 / (s0 * s0);
        let mut sum = middle.ln() * precision;
        for result in local {
            let weight = 1.0 / (result.log_se * result.log_se + tau * tau);
            precision += weight;
            sum += result.ratio.ln() * weight;
        }
        Self {
            log_mean: sum / precision,
            log_sd: precision.sqrt().recip(),
            tau,
        }
    }

    /// The multiplier planned with: the median.
    #[must_use]
    pub fn multiplier(&self) -> f64 {
        self.log_mean.exp()
    }

    /// Standard deviation of the logarithm for a new site.
    #[must_use]
    pub fn spread(&self) -> f64 {
        self.log_sd.hypot(self.tau)
    }

    /// 80 % interval for a new site.
    #[must_use]
    pub fn interval(&self) -> [f64; 2] {
        let width = Z80 * self.spread();
        [(self.log_mean - width).exp(), (self.log_mean + width).exp()]
    }
}
