//! Which instant does a date text of an export mean?

use thiserror::Error;

use crate::calendar::{DAY_MS, Day, OFFSET_MS, UtcMs};

/// Why a text is no date.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum BadMoment {
    /// Words or an unknown form.
    #[error("the text is no date; write 2024-04-08 09:05:03")]
    Unreadable,
    /// A known form with a month 13, a 30 February, an hour 25.
    #[error("there is no such date; check month, day, hour and minute")]
    Impossible,
}

/// The form a date text had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `2024-04-08 09:05:03` or its ISO forms.
    Usual,
    /// Any other.
    Other,
}

/// Excel's day 25,569 is 1970-01-01.
const EXCEL_EPOCH: f64 = 25_569.0;

/// The instant of an Excel serial day (1900 system), rounded to the second; outside 1954 to 2119 it is refused.
///
/// # Errors
/// `Unreadable` for numbers that are no plausible date.
pub fn of_serial(serial: f64) -> Result<UtcMs, BadMoment> {
    if !(20_000.0..80_000.0).contains(&serial) {
        return Err(BadMoment::Unreadable);
    }
    let seconds = ((serial - EXCEL_EPOCH) * 86_400.0).round();
    // Within the range above this is below 1e10, so the cast is exact.
    #[expect(clippy::cast_possible_truncation, reason = "|seconds| < 5e9")]
    let seconds = seconds as i64;
    Ok(UtcMs(seconds * 1000 - OFFSET_MS))
}

/// Reads a date text; without offset it is civil time (+08:00); blank gives `None`.
///
/// Forms: `2024-04-08 09:05:03[.000]`, `/` and `.` between the parts, missing time or seconds, `2024年4月8日9时5分3秒`,
/// 14, 12 or 8 digits, Excel serial days, ISO 8601 with `T`, `Z` or an offset; full-width characters, leading tab or `'`,
/// 上午 and 下午 before the hour.
///
/// # Errors
/// [`BadMoment`] for words and for dates that do not exist.
pub fn parse(text: &str) -> Result<Option<(UtcMs, Form)>, BadMoment> {
    let mut narrow = String::new();
    let text = if text.is_ascii() {
        text
    } else {
        narrow.extend(text.chars().map(narrow_char));
        narrow.as_str()
    };
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | '\u{feff}'));
    if text.is_empty() {
        return Ok(None);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|b| *b == b'.').count() <= 1
    {
        return digits(text).map(|at| Some((at, Form::Other)));
    }
    Reader::new(text).read().map(Some)
}

const fn narrow_char(c: char) -> char {
    match c {
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(c as u32 - 0xFEE0) {
            Some(narrow) => narrow,
            None => c,
        },
        _ => c,
    }
}

/// Only digits with at most one point: 14, 12 or 8 digits, else a serial day.
fn digits(text: &str) -> Result<UtcMs, BadMoment> {
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let part = |from: usize, to: usize| {
        whole
            .get(from..to)
            .and_then(|s| s.parse::<u32>().ok())
            .unwrap_or(0)
    };
    if whole.contains('.') || whole.len() < 8 {
        return text
            .parse()
            .map_err(|_not_a_number| BadMoment::Unreadable)
            .and_then(of_serial);
    }
    let (h, m, s) = match whole.len() {
        8 => (0, 0, 0),
        12 => (part(8, 10), part(10, 12), 0),
        14 => (part(8, 10), part(10, 12), part(12, 14)),
        _ => return Err(BadMoment::Unreadable),
    };
    at(i64::from(part(0, 4)), [part(4, 6), part(6, 8), h, m, s])
}

fn at(year: i64, [month, day, h, m, s]: [u32; 5]) -> Result<UtcMs, BadMoment> {
    if !(1900..=2200).contains(&year) {
        return Err(BadMoment::Impossible);
    }
    let date = Day::of(year, month, day).ok_or(BadMoment::Impossible)?;
    if h > 24 || m > 59 || s > 59 || (h == 24 && (m, s) != (0, 0)) {
        return Err(BadMoment::Impossible);
    }
    let ms = (i64::from(h) * 3600 + i64::from(m) * 60 + i64::from(s)) * 1000;
    debug_assert!(ms <= DAY_MS, "24:00 is the end of the day");
    Ok(UtcMs::of_civil(date, ms))
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    fn read(mut self) -> Result<(UtcMs, Form), BadMoment> {
        let (year, length) = self.number().ok_or(BadMoment::Unreadable)?;
        if length != 4 {
            return Err(BadMoment::Unreadable);
        }
        let first = self
            .take(&['-', '/', '.', '年'])
            .ok_or(BadMoment::Unreadable)?;
        let (month, _) = self.number().ok_or(BadMoment::Unreadable)?;
        let second = self
            .take(&['-', '/', '.', '月'])
            .ok_or(BadMoment::Unreadable)?;
        if (first == '年') != (second == '月') {
            return Err(BadMoment::Unreadable);
        }
        let (day, day_length) = self.number().ok_or(BadMoment::Unreadable)?;
        if first == '年' && self.take(&['日', '号']).is_none() {
            return Err(BadMoment::Unreadable);
        }
        let usual = first == '-' && day_length == 2;
        self.take(&['T', 't']);
        self.blanks();
        let clock = self.clock()?;
        let offset = self.offset()?;
        self.blanks();
        if !self.rest.is_empty() {
            return Err(BadMoment::Unreadable);
        }
        let [h, m, s] = clock;
        let civil = at(i64::from(year), [month, day, h, m, s])?;
        let instant = offset.map_or(civil, |ms| UtcMs(civil.0 + OFFSET_MS - ms));
        Ok((instant, if usual { Form::Usual } else { Form::Other }))
    }

    fn clock(&mut self) -> Result<[u32; 3], BadMoment> {
        let noon = self.half();
        let Some((hour, _)) = self.number() else {
            return if self.rest.is_empty() {
                Ok([0; 3])
            } else {
                Err(BadMoment::Unreadable)
            };
        };
        let mark = self.take(&[':', '时', '点']).ok_or(BadMoment::Unreadable)?;
        let minute = self.number().map(|(n, _)| n);
        if mark == ':' && minute.is_none() {
            return Err(BadMoment::Unreadable);
        }
        let mut second = 0;
        if minute.is_some() && self.take(&[':', '分']).is_some() {
            second = self.number().map_or(0, |(n, _)| n);
            self.take(&['秒']);
            if self.take(&['.']).is_some() {
                self.number();
            }
        }
        let hour = match noon {
            Some(true) if hour < 12 => hour + 12,
            Some(false) if hour == 12 => 0,
            _ => hour,
        };
        Ok([hour, minute.unwrap_or(0), second])
    }

    /// 上午 (false) or 下午 (true) before the hour.
    fn half(&mut self) -> Option<bool> {
        for (word, after_noon) in [
            ("上午", false),
            ("凌晨", false),
            ("下午", true),
            ("晚上", true),
        ] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest.trim_start();
                return Some(after_noon);
            }
        }
        None
    }

    /// `Z`, `+08:00`, `+0800`, `-05:00`, `+08` in milliseconds.
    fn offset(&mut self) -> Result<Option<i64>, BadMoment> {
        self.blanks();
        if self.take(&['Z', 'z']).is_some() {
            return Ok(Some(0));
        }
        let Some(sign) = self.take(&['+', '-']) else {
            return Ok(None);
        };
        let (first, length) = self.number().ok_or(BadMoment::Unreadable)?;
        let (hours, minutes) = match length {
            4 => (first / 100, first % 100),
            1 | 2 => {
                self.take(&[':']);
                (first, self.number().map_or(0, |(n, _)| n))
            }
            _ => return Err(BadMoment::Unreadable),
        };
        if hours > 14 || minutes > 59 {
            return Err(BadMoment::Impossible);
        }
        let ms = (i64::from(hours) * 60 + i64::from(minutes)) * 60_000;
        Ok(Some(if sign == '-' { -ms } else { ms }))
    }

    fn number(&mut self) -> Option<(u32, usize)> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        if length == 0 || length > 9 {
            return None;
        }
        self.rest = rest;
        Some((digits.parse().ok()?, length))
    }

    fn take(&mut self, among: &[char]) -> Option<char> {
        let c = self.rest.chars().next().filter(|c| among.contains(c))?;
        self.rest = self.rest.strip_prefix(c)?;
        Some(c)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<Option<&str>, BadMoment>) {
        let got = parse(text).map(|found| found.map(|(at, _)| at.rfc3339()));
        assert_eq!(got, expected.map(|e| e.map(str::to_owned)), "{text}");
    }

    #[test]
    fn the_forms_of_exports_are_read() {
        check("2024-04-08 下午3:05", Ok(Some("2024-04-08T15:05:00+08:00")));
        check(
            "2018-04-30T08:00:42-04:00",
            Ok(Some("2018-04-30T20:00:42+08:00")),
        );
        check("202404080905", Ok(Some("2024-04-08T09:05:00+08:00")));
        check("2024-04-08 24:00", Ok(Some("2024-04-09T00:00:00+08:00")));
        check("2024-04-08 24:01", Err(BadMoment::Impossible));
        check("2023-13-29 18:26:54", Err(BadMoment::Impossible));
        check("123", Err(BadMoment::Unreadable));
        check("2024-04-08 and more", Err(BadMoment::Unreadable));
        check(" \u{3000}", Ok(None));
    }
}
