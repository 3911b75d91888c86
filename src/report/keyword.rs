//! Which words rise: how much more often is a word said now than in the baseline?

use serde::Serialize;

/// Strength of the prior α₀ (Monroe, Colaresi and Quinn 2008, "Fightin' Words").
pub const PRIOR: f64 = 100.0;

/// A word rises from this z on.
pub const RISING_Z: f64 = 1.96;

/// A word rises from this count on.
pub const RISING_COUNT: u64 = 5;

/// How often a word was said, of how many words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Occurrences of the word.
    pub count: u64,
    /// Occurrences of all words.
    pub total: u64,
}

/// The change of a word.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Change {
    /// Difference of log-odds, now minus baseline, with an informative Dirichlet prior.
    pub log_odds_delta: f64,
    /// The difference in standard deviations.
    pub z: f64,
    /// z ≥ 1.96 and said at least five times now.
    pub rising: bool,
}

/// Compares a word now with the baseline; `None` if it was never said or a total is zero.
#[must_use]
pub fn change(now: Said, base: Said) -> Option<Change> {
    let said = now.count + base.count;
    let totals = now.total + base.total;
    if said == 0 || now.total == 0 || base.total == 0 {
        return None;
    }
    let alpha = PRIOR * said as f64 / totals as f64;
    let odds = |s: Said| {
        let y = s.count as f64 + alpha;
        (y / (s.total as f64 + PRIOR - y)).ln()
    };
    let delta = odds(now) - odds(base);
    let variance = 1.0 / (now.count as f64 + alpha) + 1.0 / (base.count as f64 + alpha);
    let z = delta / variance.sqrt();
    Some(Change {
        log_odds_delta: delta,
        z,
        rising: z >= RISING_Z && now.count >= RISING_COUNT,
    })
}
