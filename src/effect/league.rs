//! What does a type of measure do over all its sites, and what does that say about each single site (section 6)?

use serde::{Deserialize, Serialize};

use crate::effect::predictive::Predictive;
use crate::stats::distribution::{Z_975, normal_cdf};

/// One site of a type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// Tickets after.
    pub y: u64,
    /// Expected, above 0.
    pub expected: f64,
    /// Relative variance of the expectation.
    pub rel: f64,
    /// Clumping.
    pub psi: f64,
}

/// A type over its sites.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pooled {
    /// Sites.
    pub sites: usize,
    /// Tickets after.
    pub y: u64,
    /// Expected.
    pub expected: f64,
    /// Ratio of the sums, the expectation's own variance taken into account.
    pub theta: f64,
    /// Its standard error, widened when sites differ more than chance.
    pub se: f64,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// How much sites differ: 1 is chance.
    pub chi2_per_df: f64,
}

/// A site's ratio drawn towards its type.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shrunk {
    /// Log ratio of the site alone.
    pub log: f64,
    /// Its variance.
    pub var: f64,
    /// Log ratio after shrinking.
    pub shrunk: f64,
    /// Its standard deviation.
    pub sd: f64,
}

impl Shrunk {
    /// Shrunken ratio with its 95 % interval.
    #[must_use]
    pub fn interval(&self) -> [f64; 3] {
        let end = |z: f64| (self.shrunk + z * self.sd).exp();
        [end(0.0), end(-Z_975), end(Z_975)]
    }

    /// Chance that the true ratio is below `theta`.
    #[must_use]
    pub fn chance_below(&self, theta: f64) -> f64 {
        normal_cdf((theta.ln() - self.shrunk) / self.sd)
    }
}

/// All sites of a type shrunk together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Borrowing {
    /// Log ratio of the type's sums.
    pub mu: f64,
    /// Cochran's Q of the sites' log ratios.
    pub q: f64,
    /// Variance between sites by `DerSimonian` and Laird, floor 0.
    pub tau2_raw: f64,
    /// The same with its floor.
    pub tau2: f64,
    /// The sites in the order given.
    pub sites: Vec<Shrunk>,
}

/// Sites of one type differ by a fifth even when no difference shows (section 6.2).
pub const TAU2_FLOOR: f64 = 0.04;

/// Least sites of a listed type.
pub const LEAST_SITES: usize = 3;

/// Least expected tickets of a listed type.
pub const LEAST_EXPECTED: f64 = 20.0;

/// Pools the sites of a type by their sums; `None` without a site or expectation. Robust to sites without tickets.
#[must_use]
pub fn pool(entries: &[Entry]) -> Option<Pooled> {
    let y: u64 = entries.iter().map(|e| e.y).sum();
    let (seen, expected) = (y as f64, entries.iter().map(|e| e.expected).sum::<f64>());
    if expected <= 0.0 {
        return None;
    }
    let plain = seen / expected;
    let v: f64 = entries
        .iter()
        .map(|e| e.rel * e.expected * e.expected)
        .sum();
    let clumped: f64 = entries.iter().map(|e| e.psi * e.y as f64).sum();
    let ratio = v / (expected * expected);
    let theta = plain / (1.0 + ratio);
    // Var(O)/O² with Var(O) the clumped count; none seen leaves the plain variance of one ticket.
    let count = if seen > 0.0 {
        clumped / (seen * seen)
    } else {
        1.0
    };
    let variance = theta * theta * (count + ratio) / ((1.0 + ratio) * (1.0 + ratio));
    let chi2_per_df = spread(entries, plain);
    let se = (variance * chi2_per_df.max(1.0)).sqrt();
    if y == 0 {
        let psi = entries.iter().map(|e| e.psi * e.expected).sum::<f64>() / expected;
        return Some(none_seen(
            entries.len(),
            Predictive {
                expected,
                rel: ratio,
                psi,
            },
        ));
    }
    let reach = Z_975 * se / theta;
    Some(Pooled {
        sites: entries.len(),
        y,
        expected,
        theta,
        se,
        lo: theta * (-reach).exp(),
        hi: theta * reach.exp(),
        chi2_per_df,
    })
}

/// A type of which no site saw a ticket: its interval is that of one count of none.
fn none_seen(sites: usize, law: Predictive) -> Pooled {
    Pooled {
        sites,
        y: 0,
        expected: law.expected,
        theta: 0.0,
        se: 0.0,
        lo: 0.0,
        hi: law.effect(0, 0.05).hi,
        chi2_per_df: 1.0,
    }
}

/// Chi-square of the sites about their common ratio over its degrees of freedom; 1 for a single site.
fn spread(entries: &[Entry], plain: f64) -> f64 {
    if entries.len() < 2 || plain <= 0.0 {
        return 1.0;
    }
    let sum: f64 = entries
        .iter()
        .map(|e| {
            let m = plain * e.expected;
            let gap = e.y as f64 - m;
            gap * gap / (e.psi * m + e.rel * m * m)
        })
        .sum();
    sum / (entries.len() as f64 - 1.0)
}

/// Shrinks the sites' ratios towards their type; `None` when nothing was seen or expected.
#[must_use]
pub fn borrow(entries: &[Entry], floor: f64) -> Option<Borrowing> {
    let seen: f64 = entries.iter().map(|e| e.y as f64).sum();
    let expected: f64 = entries.iter().map(|e| e.expected).sum();
    if seen <= 0.0 || expected <= 0.0 {
        return None;
    }
    let plain = seen / expected;
    let mu = plain.ln();
    let log = |e: &Entry| ((e.y as f64 + 0.5) / (e.expected + 0.5)).ln();
    let var = |e: &Entry| e.psi / (plain * e.expected + 0.5) + e.rel;
    let (mut w1, mut w2, mut wl) = (0.0, 0.0, 0.0);
    for e in entries {
        let w = 1.0 / var(e);
        w1 += w;
        w2 += w * w;
        wl += w * log(e);
    }
    let mean = wl / w1;
    let q: f64 = entries
        .iter()
        .map(|e| (log(e) - mean).powi(2) / var(e))
        .sum();
    let room = w1 - w2 / w1;
    let excess = q - (entries.len() as f64 - 1.0);
    let tau2_raw = if room > 0.0 {
        (excess / room).max(0.0)
    } else {
        0.0
    };
    let tau2 = tau2_raw.max(floor);
    let known: f64 = entries.iter().map(|e| 1.0 / (var(e) + tau2)).sum();
    let sites = entries
        .iter()
        .map(|e| {
            let b = tau2 / (tau2 + var(e));
            Shrunk {
                log: log(e),
                var: var(e),
                shrunk: b * log(e) + (1.0 - b) * mu,
                sd: (b * var(e) + (1.0 - b) * (1.0 - b) / known).sqrt(),
            }
        })
        .collect();
    Some(Borrowing {
        mu,
        q,
        tau2_raw,
        tau2,
        sites,
    })
}

/// How good the evidence for a type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grounds {
    /// Sites.
    pub sites: usize,
    /// Whether at least 300 (A) tickets were expected; 80 suffice for B.
    pub expected: u32,
    /// Whether the interval excludes 1.
    pub excludes_one: bool,
    /// Whether the rings were looked at.
    pub ring_checked: bool,
}

/// The letter of section 6.3: A, B, C or D.
#[must_use]
pub const fn letter(grounds: Grounds) -> char {
    if grounds.sites >= 20
        && grounds.expected >= 300
        && grounds.excludes_one
        && grounds.ring_checked
    {
        'A'
    } else if grounds.sites >= 8 && grounds.expected >= 80 && grounds.excludes_one {
        'B'
    } else if grounds.sites >= LEAST_SITES {
        'C'
    } else {
        'D'
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, borrow, pool};

    #[test]
    fn no_sites_have_no_league() {
        assert_eq!(pool(&[]), None);
        assert_eq!(borrow(&[], 0.04), None);
    }

    #[test]
    fn sites_without_tickets_still_count_their_expectation() {
        let e = |y| Entry {
            y,
            expected: 10.0,
            rel: 0.05,
            psi: 1.0,
        };
        let pooled = pool(&[e(0), e(2), e(3)]).unwrap();
        assert!((pooled.theta - 5.0 / 30.0).abs() < 0.01 && pooled.hi < 1.0);
        let none = pool(&[e(0)]).unwrap();
        assert!(none.theta.abs() < 1e-15 && none.hi > 0.2 && none.hi < 0.6);
    }

    #[test]
    fn a_site_of_a_working_type_is_drawn_below_its_own_ratio() {
        let e = |y| Entry {
            y,
            expected: 20.0,
            rel: 0.05,
            psi: 1.0,
        };
        let found = borrow(&[e(8), e(9), e(10), e(20)], 0.04).unwrap();
        assert!(found.sites[3].shrunk < found.sites[3].log);
        assert!(found.sites[3].chance_below(1.0) > 0.5);
    }
}
