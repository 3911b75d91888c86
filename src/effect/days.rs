//! What kind of day is it for a forecast: school day, other working day, day off, vacation, or the days around lunar new year?

use serde::{Deserialize, Serialize};

use crate::calendar::Day;

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

impl DayTable {
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
