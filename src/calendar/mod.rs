//! What day is it for the city: civil time at +08:00, working days, school days.

pub mod civil;
pub mod lunar;
pub mod moment;
pub mod workday;

use serde::{Deserialize, Serialize};

pub use civil::Day;
pub use workday::WorkCalendar;

/// An instant as milliseconds since 1970-01-01T00:00:00Z; the only form of time inside the house.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct UtcMs(pub i64);

/// The civil offset of the whole country in milliseconds: +08:00, no daylight saving since 1991.
pub const OFFSET_MS: i64 = 8 * 3_600_000;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;

impl UtcMs {
    /// Days since 1970-01-01 in civil time.
    #[must_use]
    pub const fn civil_day(self) -> i64 {
        (self.0 + OFFSET_MS).div_euclid(DAY_MS)
    }

    /// Hour of the civil day, 0 to 23.
    #[must_use]
    pub const fn civil_hour(self) -> u8 {
        #[expect(clippy::cast_possible_truncation, reason = "0 to 23")]
        let hour = ((self.0 + OFFSET_MS).rem_euclid(DAY_MS) / 3_600_000) as u8;
        hour
    }

    /// Weekday in civil time, Monday 0 to Sunday 6.
    #[must_use]
    pub const fn civil_weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        #[expect(clippy::cast_possible_truncation, reason = "0 to 6")]
        let weekday = (self.civil_day() + 3).rem_euclid(7) as u8;
        weekday
    }
}
