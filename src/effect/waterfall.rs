//! Where does the naive drop come from: holidays and trend, falling back, or the measure (section 5.4)?

use crate::effect::record::Waterfall;
use crate::stats::number::whole_i64;

/// What the three factors are made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drop {
    /// Tickets in the naive before window.
    pub before: u64,
    /// Its days.
    pub days_before: f64,
    /// Expected tickets of an average site in it.
    pub gamma_before: f64,
    /// Tickets after.
    pub after: u64,
    /// Days after.
    pub days_after: f64,
    /// Expected tickets of an average site after.
    pub gamma_after: f64,
    /// Multiplier of the site.
    pub u: f64,
}

/// Splits the naive ratio into `calendar * falling_back * measure`; a factor that would divide by nothing is `None`.
#[must_use]
pub fn split(drop: Drop) -> Waterfall {
    let ratio = |a: f64, b: f64| (b > 0.0 && a.is_finite()).then(|| a / b);
    let (before, after) = (drop.before as f64, drop.after as f64);
    let rate = |n: f64, days: f64| ratio(n, days).unwrap_or(0.0);
    Waterfall {
        days_before: whole_i64(drop.days_before)
            .and_then(|d| i32::try_from(d).ok())
            .unwrap_or(0),
        count_before: drop.before,
        naive: ratio(rate(after, drop.days_after), rate(before, drop.days_before)),
        calendar: ratio(
            rate(drop.gamma_after, drop.days_after),
            rate(drop.gamma_before, drop.days_before),
        ),
        falling_back: ratio(drop.u * drop.gamma_before, before),
        measure: ratio(after, drop.u * drop.gamma_after),
    }
}

#[cfg(test)]
mod tests {
    use super::{Drop, split};

    #[test]
    fn the_three_factors_multiply_to_the_naive_ratio() {
        let w = split(Drop {
            before: 29,
            days_before: 365.0,
            gamma_before: 6.1,
            after: 3,
            days_after: 92.0,
            gamma_after: 0.62,
            u: 3.9,
        });
        let product = w.calendar.unwrap() * w.falling_back.unwrap() * w.measure.unwrap();
        assert!((product - w.naive.unwrap()).abs() < 1e-12);
    }

    #[test]
    fn a_site_without_tickets_before_has_no_naive_ratio() {
        let w = split(Drop {
            before: 0,
            days_before: 365.0,
            gamma_before: 6.1,
            after: 3,
            days_after: 92.0,
            gamma_after: 0.62,
            u: 0.2,
        });
        assert_eq!((w.naive, w.falling_back), (None, None));
        assert!(w.measure.is_some());
    }
}
