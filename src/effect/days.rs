//! What kind of day is it for a forecast: school day, other working day, day off, vacation, or the days around lunar new year?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::calendar::{Day, WorkCalendar, lunar};

/// Classes of days within which tickets come evenly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayClass {
    /// School is held.
    School,
    /// A working day on which no school is held and which is no vacation.
    Working,
    /// Weekend or public holiday.
    Off,
    /// A working day of the school vacation.
    Vacation,
    /// From five days before to ten days after lunar new year's day.
    LunarNewYear,
}

/// Number of classes.
pub const CLASSES: usize = 5;

impl DayClass {
    /// Position in tables by class.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::School => 0,
            Self::Working => 1,
            Self::Off => 2,
            Self::Vacation => 3,
            Self::LunarNewYear => 4,
        }
    }
}

/// The class of every day of a span of civil days.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayTable {
    /// First day of the table.
    pub first: Day,
    /// Classes from the first day on.
    pub classes: Vec<DayClass>,
    /// Whether the school calendar is the assumed one (shown wherever it is used).
    pub assumed_school: bool,
    /// First day that the table of holidays no longer covers, if the table reaches beyond it.
    pub uncovered_from: Option<Day>,
    /// Fingerprint of the calendar file, for the record.
    pub hash: String,
}

/// What a table says about a day; `None` where it says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DayMark {
    /// Whether it is a day off.
    pub off: Option<bool>,
    /// Whether school is held.
    pub school: Option<bool>,
}

/// Days before and after lunar new year on which schools are closed by default.
const WINTER: i64 = 16;

impl DayTable {
    /// Classes from `first` up to but not including `until`, from what `mark` says of each day.
    ///
    /// Days without a mark are off at weekends and by statute; without a school calendar schools are closed from 5 July
    /// to 31 August and 16 days around lunar new year.
    #[must_use]
    pub fn build(first: Day, until: Day, mark: impl Fn(Day) -> DayMark) -> Self {
        let (from, to) = (first.ymd().0, until.ymd().0);
        let springs: BTreeMap<i64, Day> = (from..=to)
            .filter_map(|year| Some((year, lunar::new_year(year)?)))
            .collect();
        let statutory: BTreeSet<Day> = (from..=to).flat_map(lunar::statutory).collect();
        let mut table = Self {
            first,
            ..Self::default()
        };
        for day in (first.0..until.0).map(Day) {
            let (year, month, date) = day.ymd();
            let spring = springs.get(&year).map_or(i64::MAX / 2, |s| day.0 - s.0);
            let known = mark(day);
            let weekend = day.weekday() >= 5;
            let off = known.off.unwrap_or(weekend || statutory.contains(&day));
            let summer = matches!((month, date), (7, 5..) | (8, _));
            let closed = summer || (-WINTER..=WINTER).contains(&spring);
            table.assumed_school |= known.school.is_none();
            if known.off.is_none() && table.uncovered_from.is_none() {
                table.uncovered_from = Some(day);
            }
            let vacation = match known.school {
                Some(school) => !school && !weekend,
                None => closed,
            };
            table.classes.push(if (-5..=10).contains(&spring) {
                DayClass::LunarNewYear
            } else if off {
                DayClass::Off
            } else if vacation {
                DayClass::Vacation
            } else if known.school == Some(false) {
                DayClass::Working
            } else {
                DayClass::School
            });
        }
        table
    }

    /// Classes by a city's calendar of working days; years it does not cover fall back as in [`Self::build`].
    #[must_use]
    pub fn of_city(calendar: &WorkCalendar, first: Day, until: Day) -> Self {
        Self::build(first, until, |day| {
            let year = day.ymd().0;
            let off = calendar.covers(year).then(|| !calendar.is_working(day));
            let school = calendar
                .knows_school(year)
                .then(|| calendar.is_school_day(day));
            DayMark { off, school }
        })
    }

    /// The class of a day; beyond the table a weekend is off and any other day a school day.
    #[must_use]
    pub fn class(&self, day: Day) -> DayClass {
        let at = usize::try_from(day.0 - self.first.0).ok();
        let known = at.and_then(|i| self.classes.get(i)).copied();
        known.unwrap_or(if day.weekday() >= 5 {
            DayClass::Off
        } else {
            DayClass::School
        })
    }
}
