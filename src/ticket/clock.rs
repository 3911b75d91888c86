//! When is a ticket due, and how near is that?

use crate::calendar::{Day, UtcMs, WorkCalendar};

/// How a limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Runs all the time.
    NaturalHour,
    /// Runs inside the working windows of working days.
    WorkHour,
    /// Working days; the receipt day is not counted, due at 24:00 of the last.
    WorkDay,
}

impl Unit {
    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "natural_hour" => Some(Self::NaturalHour),
            "work_hour" => Some(Self::WorkHour),
            "work_day" => Some(Self::WorkDay),
            _ => None,
        }
    }
}

/// A limit: hours as milliseconds, or whole working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How it is counted.
    pub unit: Unit,
    /// Milliseconds for hour units, days for `WorkDay`.
    pub amount: i64,
}

impl Limit {
    /// A limit of so many hours, or days for `WorkDay`; rounded to the millisecond or the day.
    #[must_use]
    pub fn new(unit: Unit, amount: f64) -> Self {
        let scaled = match unit {
            Unit::NaturalHour | Unit::WorkHour => amount * 3_600_000.0,
            Unit::WorkDay => amount,
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "limits are some thousand hours at most"
        )]
        let amount = scaled.round() as i64;
        Self { unit, amount }
    }
}

/// A pause; without an end it is still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Suspended.
    pub from: UtcMs,
    /// Resumed.
    pub to: Option<UtcMs>,
}

/// A clock: start, limit and pauses in order.
#[derive(Clone, Copy, Debug)]
pub struct Clock<'a> {
    /// Start.
    pub start: UtcMs,
    /// Limit.
    pub limit: Limit,
    /// Pauses in rising order, not overlapping.
    pub pauses: &'a [Pause],
}

/// Colour of an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// In time.
    Green,
    /// Stopped by a pause.
    Paused,
    /// Near.
    Yellow,
    /// Past due.
    Red,
}

impl Level {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Paused => "paused",
            Self::Yellow => "yellow",
            Self::Red => "red",
        }
    }
}

impl Clock<'_> {
    /// The due instant; `None` while a pause is open. Closing exactly then is in time.
    ///
    /// Hour clocks: what remained before a pause is counted from the resume instant. Day clocks: the due day moves by the
    /// working days d with pause day < d ≤ resume day. A pause that starts at or after the due instant has no effect.
    #[must_use]
    pub fn due(&self, days: &WorkCalendar) -> Option<UtcMs> {
        match self.limit.unit {
            Unit::WorkDay => self.due_by_days(days),
            _ => self.due_by_hours(days),
        }
    }

    fn due_by_hours(&self, days: &WorkCalendar) -> Option<UtcMs> {
        let mut from = self.start;
        let mut left = self.limit.amount;
        let mut due = self.after(days, from, left);
        for pause in self.pauses {
            if pause.from >= due {
                break;
            }
            left -= self.active(days, from, pause.from);
            from = pause.to?;
            due = self.after(days, from, left);
        }
        Some(due)
    }

    fn due_by_days(&self, days: &WorkCalendar) -> Option<UtcMs> {
        let count = u32::try_from(self.limit.amount).unwrap_or(0);
        let mut last = days.nth_after(self.start.day(), count);
        for pause in self.pauses {
            if pause.from >= end_of(last) {
                break;
            }
            let lost = days.between(pause.from.day(), pause.to?.day());
            last = days.nth_after(last, lost);
        }
        Some(end_of(last))
    }

    /// Active milliseconds until an instant, pauses left out; `None` for day clocks, which count days and not time.
    #[must_use]
    pub fn elapsed(&self, days: &WorkCalendar, at: UtcMs) -> Option<i64> {
        if self.limit.unit == Unit::WorkDay {
            return None;
        }
        let mut from = self.start;
        let mut sum = 0;
        for pause in self.pauses {
            if pause.from >= at {
                break;
            }
            sum += self.active(days, from, pause.from);
            from = pause.to.map_or(at, |to| to.min(at));
        }
        Some(sum + self.active(days, from, at))
    }

    /// The alarm at an instant; `yellow` is the share of an hour limit from which it is yellow (0.75 by default).
    #[must_use]
    pub fn level(&self, days: &WorkCalendar, at: UtcMs, yellow: f64) -> Level {
        let paused = self
            .pauses
            .iter()
            .any(|p| p.from <= at && p.to.is_none_or(|to| at < to));
        let due = self.due(days);
        if due.is_some_and(|due| at > due) {
            return Level::Red;
        }
        let Some(due) = due.filter(|_| !paused) else {
            return Level::Paused;
        };
        let near = match self.elapsed(days, at) {
            Some(ms) => ms as f64 >= yellow * self.limit.amount as f64,
            // The due instant is 24:00 of the due day, which is 00:00 of the next.
            None => at >= end_of(days.last_before(Day(due.day().0 - 1))),
        };
        if near { Level::Yellow } else { Level::Green }
    }

    fn active(&self, days: &WorkCalendar, from: UtcMs, to: UtcMs) -> i64 {
        match self.limit.unit {
            Unit::WorkHour => days.worked(from, to),
            _ => (to.0 - from.0).max(0),
        }
    }

    fn after(&self, days: &WorkCalendar, from: UtcMs, ms: i64) -> UtcMs {
        match self.limit.unit {
            Unit::WorkHour => days.after_worked(from, ms),
            _ => UtcMs(from.0 + ms),
        }
    }
}

/// 24:00 of a day.
const fn end_of(day: Day) -> UtcMs {
    Day(day.0 + 1).start()
}
