//! Which civil date and time does an instant show, and which instant does a civil time mean?

use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};

/// A civil date of the Gregorian calendar as days since 1970-01-01.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// The day of year, month 1..=12 and day of month; `None` if there is no such date.
    ///
    /// Howard Hinnant, "chrono-compatible low-level date algorithms" (2013).
    #[must_use]
    pub fn of(year: i64, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day == 0 {
            return None;
        }
        if day > month_length(year, month) {
            return None;
        }
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let year_of_era = shifted - era * 400;
        let month_index = i64::from((month + 9) % 12);
        let day_of_year = (153 * month_index + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Year, month and day of month.
    #[must_use]
    pub fn ymd(self) -> (i64, u32, u32) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted - era * 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_index = (5 * day_of_year + 2) / 153;
        let day = small(day_of_year - (153 * month_index + 2) / 5 + 1);
        let month = small(if month_index < 10 {
            month_index + 3
        } else {
            month_index - 9
        });
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month, day)
    }

    /// Monday 0 to Sunday 6.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        u8::try_from((self.0 + 3).rem_euclid(7)).unwrap_or(0)
    }

    /// 00:00 of the day in civil time.
    #[must_use]
    pub const fn start(self) -> UtcMs {
        UtcMs(self.0 * DAY_MS - OFFSET_MS)
    }

    /// `2024-04-08`.
    #[must_use]
    pub fn iso(self) -> String {
        let (y, m, d) = self.ymd();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// Reads `2024-04-08`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let year = parts.next()?.parse().ok()?;
        let month = parts.next()?.parse().ok()?;
        let day = parts.next()?.parse().ok()?;
        Self::of(year, month, day)
    }
}

/// Values here are at most 31, so the conversion cannot lose anything.
fn small(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

const fn month_length(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl UtcMs {
    /// The instant of a civil day and milliseconds after its 00:00.
    #[must_use]
    pub const fn of_civil(day: Day, ms: i64) -> Self {
        Self(day.start().0 + ms)
    }

    /// The civil day.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.civil_day())
    }

    /// Milliseconds since 00:00 of the civil day.
    #[must_use]
    pub const fn ms_of_day(self) -> i64 {
        (self.0 + OFFSET_MS).rem_euclid(DAY_MS)
    }

    /// RFC 3339 with the civil offset: `2024-04-08T09:05:03+08:00`; milliseconds only if there are any.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let ms = self.ms_of_day();
        let (h, m, s, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
        let date = self.day().iso();
        if rest == 0 {
            format!("{date}T{h:02}:{m:02}:{s:02}+08:00")
        } else {
            format!("{date}T{h:02}:{m:02}:{s:02}.{rest:03}+08:00")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_four_centuries_reads_back() {
        for n in -20_000..130_000 {
            let (y, m, d) = Day(n).ymd();
            assert_eq!(Day::of(y, m, d), Some(Day(n)));
        }
        assert_eq!(Day::of(2024, 2, 30), None);
        assert_eq!(Day::of(2023, 2, 29), None);
        assert_eq!(Day::of(2024, 4, 8).unwrap().weekday(), 0);
        assert_eq!(Day::parse("2024-04-08").unwrap().iso(), "2024-04-08");
    }

    #[test]
    fn an_instant_prints_in_civil_time() {
        let at = UtcMs::of_civil(Day::of(2024, 4, 8).unwrap(), 32_703_000);
        assert_eq!(at.rfc3339(), "2024-04-08T09:05:03+08:00");
        assert_eq!(UtcMs(at.0 + 7).rfc3339(), "2024-04-08T09:05:03.007+08:00");
    }
}
