//! Which stretch of civil time does a date in a filter mean?

use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};

/// The stretch `[start, end)` that a written date covers in civil time (+08:00).
///
/// Reads a year, a month, a day or an instant: `2024`, `2024-03`, `2024-03-01`, `2024/3/1`, `20240301`, `2024年3月1日`,
/// `2024-03-01T08:00:00+08:00` (an instant covers one second; without an offset it is civil time). `None` if unreadable.
#[must_use]
pub fn stretch(text: &str) -> Option<(UtcMs, UtcMs)> {
    let text = text.trim();
    if text.contains(':') {
        return instant(text).map(|ms| (UtcMs(ms), UtcMs(ms + 1000)));
    }
    let parts = numbers(text)?;
    let (from, to) = match parts.as_slice() {
        [y] => (jiff::civil::date(*y, 1, 1), next_year(*y)?),
        [y, m] => {
            let start = day(*y, *m, 1)?;
            (start, start.checked_add(jiff::Span::new().months(1)).ok()?)
        }
        [y, m, d] => {
            let start = day(*y, *m, *d)?;
            (start, start.tomorrow().ok()?)
        }
        _ => return None,
    };
    Some((midnight(from), midnight(to)))
}

/// Civil midnight that begins a date.
#[must_use]
pub fn midnight(date: jiff::civil::Date) -> UtcMs {
    UtcMs(days_from_epoch(date) * DAY_MS - OFFSET_MS)
}

/// The civil date of a day number counted from 1970-01-01; pinned to the calendar's ends.
#[must_use]
pub fn date_of(civil_day: i64) -> jiff::civil::Date {
    let days = civil_day.clamp(-4_000_000, 2_900_000);
    jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(days))
}

fn days_from_epoch(date: jiff::civil::Date) -> i64 {
    jiff::civil::date(1970, 1, 1)
        .until(date)
        .map_or(0, |span| i64::from(span.get_days()))
}

fn next_year(year: i16) -> Option<jiff::civil::Date> {
    day(year.checked_add(1)?, 1, 1)
}

fn day(year: i16, month: i16, day: i16) -> Option<jiff::civil::Date> {
    let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(year, month, day).ok()
}

/// The numbers of a date; eight digits in a row are year, month and day. The year must lie in 1900..=2200.
fn numbers(text: &str) -> Option<Vec<i16>> {
    let plain = text.chars().all(|c| c.is_ascii_digit());
    let parts: Vec<i16> = if plain && text.chars().count() == 8 {
        let n: i32 = text.parse().ok()?;
        [n / 10_000, n / 100 % 100, n % 100]
            .into_iter()
            .map(i16::try_from)
            .collect::<Result<_, _>>()
            .ok()?
    } else {
        text.split(['-', '/', '.', '年', '月', '日'])
            .filter(|p| !p.is_empty())
            .map(|p| p.trim().parse().ok())
            .collect::<Option<_>>()?
    };
    (1900..=2200).contains(parts.first()?).then_some(parts)
}

fn instant(text: &str) -> Option<i64> {
    if let Ok(stamp) = text.parse::<jiff::Timestamp>() {
        return Some(stamp.as_second() * 1000);
    }
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let seconds =
        i64::from(civil.hour()) * 3600 + i64::from(civil.minute()) * 60 + i64::from(civil.second());
    Some(midnight(civil.date()).0 + seconds * 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_day_is_the_same_day() {
        let want = stretch("2024-03-01").unwrap();
        assert_eq!(want.1.0 - want.0.0, DAY_MS);
        assert_eq!(want.0, UtcMs(1_709_222_400_000));
        for text in [
            "2024/3/1",
            "20240301",
            "2024年3月1日",
            "2024.3.1",
            " 2024-3-1 ",
        ] {
            assert_eq!(stretch(text), Some(want), "{text}");
        }
    }

    #[test]
    fn years_months_and_instants_cover_their_own_length() {
        let (a, b) = stretch("2024-02").unwrap();
        assert_eq!((b.0 - a.0) / DAY_MS, 29);
        let (a, b) = stretch("2023").unwrap();
        assert_eq!((b.0 - a.0) / DAY_MS, 365);
        let day = stretch("2024-03-01").unwrap();
        let (a, _) = stretch("2024-03-01T00:00:00+08:00").unwrap();
        assert_eq!(a, day.0);
        assert_eq!(stretch("2024-03-01 00:00").map(|s| s.0), Some(day.0));
        for bad in ["", "yesterday", "2024-13", "2024-02-30", "31", "2024-1-1-1"] {
            assert_eq!(stretch(bad), None, "{bad}");
        }
        assert_eq!(date_of(day.0.civil_day()).to_string(), "2024-03-01");
    }
}
