//! What may be promised of a measure that is only planned (section 6.4)?
//!
//! The expectation is the site's usual level forecast a year ahead, never its raw count: else the falling back of a bad
//! spell would be promised as the measure's work.

use crate::stats::distribution::normal_cdf;

/// What is known about a type of measure from one source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Logarithm of the ratio.
    pub log_theta: f64,
    /// Its variance, above 0.
    pub variance: f64,
    /// By how much the source is discounted: 1 for local results, 2 to 16 for published factors of 5 to 1 stars.
    pub discount: f64,
}

impl Evidence {
    /// The discount of a published factor with 1 to 5 stars; doubled when it counts crashes where complaints are wanted.
    #[must_use]
    pub fn published_discount(stars: u8, other_outcome: bool) -> f64 {
        let base = match stars {
            5.. => 2.0,
            4 => 3.0,
            3 => 4.0,
            2 => 8.0,
            0 | 1 => 16.0,
        };
        if other_outcome { 2.0 * base } else { base }
    }
}

/// What a planned measure may be expected to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Promise {
    /// Logarithm of the ratio.
    pub log_theta: f64,
    /// Its variance.
    pub variance: f64,
    /// Standard deviation for a new site.
    pub sd: f64,
    /// Ratio.
    pub theta: f64,
    /// Chance that it reduces tickets at all.
    pub p_reduces: f64,
    /// Tickets avoided in a year.
    pub avoided: f64,
    /// Lower end of its 80 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
}

/// The 90 % point of the normal law: ends of an 80 % interval.
const Z_90: f64 = 1.281_551_565_544_600_4;

/// Weighs the sources and promises; `None` without usable evidence.
#[must_use]
pub fn promise(expected: f64, evidence: &[Evidence], tau2: f64) -> Option<Promise> {
    let (mut weight, mut sum) = (0.0, 0.0);
    for e in evidence {
        let w = 1.0 / (e.discount * e.variance);
        if w.is_finite() && w > 0.0 && e.log_theta.is_finite() {
            weight += w;
            sum += e.log_theta * w;
        }
    }
    if weight <= 0.0 {
        return None;
    }
    let (m, v) = (sum / weight, 1.0 / weight);
    let sd = (v + tau2).sqrt();
    let avoided = |log: f64| -expected * log.exp_m1();
    Some(Promise {
        log_theta: m,
        variance: v,
        sd,
        theta: m.exp(),
        p_reduces: normal_cdf(-m / sd),
        avoided: avoided(m),
        lo: avoided(m + Z_90 * sd),
        hi: avoided(m - Z_90 * sd),
    })
}
