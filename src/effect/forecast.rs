//! How many tickets does an average site get on days to come: the same kind of day last year times where the level stands now (section 2)?

use crate::effect::days::{CLASSES, DayTable};
use crate::effect::panel::{Panel, Span};
use crate::effect::prepared::Curve;

/// Days that class means are taken from.
const YEAR: i32 = 365;

/// Days that the level is taken from.
const LEVEL: i32 = 90;

/// A curve carried beyond its data.
#[derive(Clone, Debug)]
pub struct Forecast<'a> {
    curve: &'a Curve,
    calendar: &'a DayTable,
    panel: &'a Panel,
    /// Mean of each class times the level.
    by_class: [f64; CLASSES],
}

impl<'a> Forecast<'a> {
    /// Measures class means over the last year and the level over the last 90 days.
    ///
    /// A class that did not occur has the mean of all days; gaps count on neither side. O(365).
    #[must_use]
    pub fn new(panel: &'a Panel, curve: &'a Curve) -> Self {
        let calendar = &panel.calendar;
        let mut sums = [0.0; CLASSES];
        let mut days = [0.0; CLASSES];
        let used = |from: i32| {
            (from.max(0)..panel.days).filter(|d| !panel.gaps.iter().any(|g| g.holds(*d)))
        };
        let class = |d: i32| calendar.class(panel.civil(d)).index();
        let g = |d: i32| curve.gamma(Span::new(d, d + 1));
        for d in used(panel.days - YEAR) {
            sums[class(d)] += g(d);
            days[class(d)] += 1.0;
        }
        let all: f64 = sums.iter().sum::<f64>() / days.iter().sum::<f64>().max(1.0);
        let mean = |c: usize| {
            if days[c] > 0.0 {
                sums[c] / days[c]
            } else {
                all
            }
        };
        let means: [f64; CLASSES] = std::array::from_fn(mean);
        let (mut seen, mut usual) = (0.0, 0.0);
        for d in used(panel.days - LEVEL) {
            seen += g(d);
            usual += means[class(d)];
        }
        let level = if usual > 0.0 { seen / usual } else { 1.0 };
        Self {
            curve,
            calendar,
            panel,
            by_class: means.map(|m| m * level),
        }
    }

    /// Expected tickets of an average site on a day: measured within the data, forecast beyond.
    #[must_use]
    pub fn day(&self, day: i32) -> f64 {
        if day < self.panel.days {
            return self.curve.gamma(Span::new(day, day + 1));
        }
        self.by_class[self.calendar.class(self.panel.civil(day)).index()]
    }

    /// `GAMMA` over a span that may reach into the future. O(days).
    #[must_use]
    pub fn gamma(&self, span: Span) -> f64 {
        (span.from..span.until).map(|d| self.day(d)).sum()
    }
}
