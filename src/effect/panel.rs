//! What goes into an evaluation: sites with their tickets by day, measures with their dates, and the days they are counted on?
//!
//! A day is a whole number counted from [`Panel::first`]; it may be negative (before the data) or lie beyond
//! [`Panel::days`] (the future). A span is half open: the day it ends on is not in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::effect::days::DayTable;
use crate::spatial::LonLat;

/// One ticket of a series: a unique event by the rule of seven days, patrol finds left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Day of receipt, counted from [`Panel::first`].
    pub day: i32,
    /// Petitioner by number within the panel, 0 when unknown; never a name or a phone.
    pub caller: u32,
    /// Channel by number within the panel, 0 when unknown.
    pub channel: u16,
    /// Kind of complaint by number within the panel, 0 when unknown.
    pub kind: u16,
    /// Hour of the day 0 to 23, 255 when unknown.
    pub hour: u8,
}

impl Event {
    /// A ticket of which only the day is known.
    #[must_use]
    pub const fn on(day: i32) -> Self {
        Self {
            day,
            caller: 0,
            channel: 0,
            kind: 0,
            hour: 255,
        }
    }
}

/// Days `from <= d < until`; empty when `until <= from`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First day.
    pub from: i32,
    /// The day after the last.
    pub until: i32,
}

impl Span {
    /// Days from `from` up to but not including `until`.
    #[must_use]
    pub const fn new(from: i32, until: i32) -> Self {
        Self { from, until }
    }

    /// Number of days, 0 when empty.
    #[must_use]
    pub const fn len(self) -> i32 {
        if self.until > self.from {
            self.until - self.from
        } else {
            0
        }
    }

    /// Whether it holds no day.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.until <= self.from
    }

    /// Whether a day lies inside.
    #[must_use]
    pub const fn holds(self, day: i32) -> bool {
        self.from <= day && day < self.until
    }

    /// The days two spans share.
    #[must_use]
    pub fn meet(self, other: Self) -> Self {
        Self {
            from: self.from.max(other.from),
            until: self.until.min(other.until),
        }
    }
}

/// A site and the tickets in and around it, each list in rising order of days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteSeries {
    /// Stable name of the site.
    pub id: String,
    /// Category whose calendar curve it follows: school, parking, road, …
    pub category: String,
    /// Where it is, for contamination within a distance; `None` on files without coordinates.
    pub place: Option<LonLat>,
    /// First day on which its tickets would have been seen; 0 for most.
    pub start: i32,
    /// Tickets of the site's own category at the site.
    pub core: Vec<Event>,
    /// Tickets of the same category in its ring (300 m around, no other treated core or ring).
    pub ring: Vec<Event>,
    /// Tickets of other categories in core and ring, which the measure must not touch (negative control).
    pub other: Vec<Event>,
}

/// A measure at a site with its dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Treatment {
    /// Stable name of the measure in its case.
    pub id: String,
    /// Index of the site in [`Panel::sites`].
    pub site: usize,
    /// Type of measure: a code of the catalogue. Measures done together are written `a+b`.
    pub measure: String,
    /// Day of the decision.
    pub decision: i32,
    /// First day of works; `None` when not dated.
    pub install_start: Option<i32>,
    /// Last day of works; `None` while not installed.
    pub install_end: Option<i32>,
    /// Day of removal, if it was taken away again.
    pub removed: Option<i32>,
    /// Days between the end of works and the first day that counts; `None` for the default of its type.
    pub settle: Option<i32>,
    /// Hours `[from, until)` in which it stands (patrol posts), for displacement to other hours; empty for all day.
    pub hours: Vec<(u8, u8)>,
    /// Kinds of complaint it is meant for, for displacement to other kinds; empty when not known.
    pub kinds: Vec<u16>,
    /// Whether the end of works was changed after the first evaluation.
    pub backdated: bool,
    /// Cost in yuan, when entered.
    pub cost: Option<i64>,
}

/// Everything an evaluation reads: one category or many, all sites of the city.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// The civil day that is day 0: the first day of data.
    pub first: Day,
    /// Days of data; day `days` is the first one without.
    pub days: i32,
    /// What kind of day each one is, reaching into the future for forecasts.
    pub calendar: DayTable,
    /// The sites, in any fixed order.
    pub sites: Vec<SiteSeries>,
    /// The measures, in any order.
    pub treatments: Vec<Treatment>,
    /// One-off gaps that are left out on both sides: data outage, road closure, epidemic.
    pub gaps: Vec<Span>,
    /// Day on which the coding of tickets changed, if it did (new codes above 20 %).
    pub coding_changed: Option<i32>,
}

impl Panel {
    /// The panel's number of a civil day.
    #[must_use]
    pub fn day(&self, day: Day) -> i32 {
        i32::try_from(day.0 - self.first.0).unwrap_or(i32::MAX)
    }

    /// The civil day of a panel's number.
    #[must_use]
    pub fn civil(&self, day: i32) -> Day {
        Day(self.first.0 + i64::from(day))
    }

    /// The days of data.
    #[must_use]
    pub const fn data(&self) -> Span {
        Span::new(0, self.days)
    }
}

/// Tickets of a sorted list within a span; O(log n).
#[must_use]
pub fn within(events: &[Event], span: Span) -> &[Event] {
    if span.is_empty() {
        return &[];
    }
    let from = events.partition_point(|e| e.day < span.from);
    let until = events.partition_point(|e| e.day < span.until);
    events.get(from..until).unwrap_or_default()
}

/// Days within which tickets of one caller about one kind of trouble at a site count once.
pub const SAME_CALLER_DAYS: i32 = 7;

/// Sorts tickets and keeps one of several by the same caller and of the same kind within seven days of the one that is kept
/// (rule book, section 1); unknown callers stay.
pub fn unique(events: &mut Vec<Event>) {
    events.sort_unstable();
    let mut last: BTreeMap<(u32, u16), i32> = BTreeMap::new();
    events.retain(|e| {
        if e.caller == 0 {
            return true;
        }
        match last.get(&(e.caller, e.kind)) {
            Some(day) if e.day - day < SAME_CALLER_DAYS => false,
            _ => {
                last.insert((e.caller, e.kind), e.day);
                true
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{Event, unique};

    #[test]
    fn a_caller_counts_once_in_seven_days() {
        let by = |caller, day| Event {
            caller,
            ..Event::on(day)
        };
        let mut events = vec![by(1, 0), by(1, 6), by(1, 7), by(2, 3), by(0, 3), by(0, 3)];
        unique(&mut events);
        assert_eq!(events.len(), 5);
    }

    #[test]
    fn one_caller_about_two_kinds_of_trouble_counts_twice() {
        let about = |kind, day| Event {
            caller: 1,
            kind,
            ..Event::on(day)
        };
        let mut events = vec![about(3, 0), about(4, 2), about(3, 5), about(4, 8)];
        unique(&mut events);
        assert_eq!(events, [about(3, 0), about(4, 2)]);
    }
}
