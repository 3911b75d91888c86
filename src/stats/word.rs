//! Which word has become more frequent?
//!
//! Log-odds difference with an informative Dirichlet prior from both texts together (Monroe, Colaresi, Quinn 2008).

/// Count of a word and of all words in one text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usage {
    /// How often the word stands there.
    pub count: f64,
    /// How many words stand there.
    pub total: f64,
}

/// The change of a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// Log-odds now minus log-odds in the baseline, shrunk by the prior.
    pub log_odds: f64,
    /// The difference in standard errors.
    pub z: f64,
}

/// Compares a word now with its baseline; `prior` is the prior's total weight α₀ (100 by default).
///
/// `None` when a total is not positive, a count exceeds its total, or the word stands in neither.
#[must_use]
pub fn log_odds_shift(now: Usage, base: Usage, prior: f64) -> Option<Shift> {
    let all = now.total + base.total;
    let seen = now.count + base.count;
    if !(all > 0.0 && seen > 0.0 && prior > 0.0) || now.count > now.total || base.count > base.total
    {
        return None;
    }
    let alpha = prior * seen / all;
    let odds = |u: Usage| ((u.count + alpha) / (u.total + prior - u.count - alpha)).ln();
    let log_odds = odds(now) - odds(base);
    let variance = 1.0 / (now.count + alpha) + 1.0 / (base.count + alpha);
    let z = log_odds / variance.sqrt();
    z.is_finite().then_some(Shift { log_odds, z })
}

#[cfg(test)]
mod tests {
    use super::{Usage, log_odds_shift};

    #[test]
    fn a_word_used_as_before_does_not_shift() {
        let u = |count, total| Usage { count, total };
        let same = log_odds_shift(u(10.0, 100.0), u(100.0, 1000.0), 1e-9).unwrap();
        assert!(same.log_odds.abs() < 1e-9);
        assert!(log_odds_shift(u(0.0, 100.0), u(0.0, 100.0), 100.0).is_none());
        assert!(log_odds_shift(u(0.0, 0.0), u(0.0, 0.0), 100.0).is_none());
        assert!(
            log_odds_shift(u(9.0, 100.0), u(10.0, 1000.0), 100.0)
                .unwrap()
                .z
                > 0.0
        );
    }
}
