//! Which days and which hours are worked, and when have so many of them passed?

use std::collections::BTreeMap;

use thiserror::Error;

use crate::calendar::{DAY_MS, Day, UtcMs};

/// What a calendar file says about a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    holiday: bool,
    makeup: bool,
    school_break: bool,
}

/// Working days, school breaks and working windows of a city, from an editable table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkCalendar {
    days: BTreeMap<Day, Marks>,
    windows: Vec<(i64, i64)>,
}

/// A line of a calendar file or a working window that cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BadCalendar {
    /// Not `date,kind`.
    #[error("calendar line {0} is not `2024-05-01,holiday`")]
    Line(usize),
    /// An unknown kind.
    #[error(
        "calendar line {0} has the kind {1}, known are holiday, makeup, winter_break, summer_break"
    )]
    Kind(usize, String),
    /// A window that ends before it starts, or overlaps.
    #[error("working window {0}–{1} is not `08:30`–`12:00` in rising order")]
    Window(String, String),
}

impl WorkCalendar {
    /// Reads `date,kind` lines with a header; a day may have two lines.
    ///
    /// # Errors
    /// [`BadCalendar`] names the line.
    pub fn read(csv: &str) -> Result<Self, BadCalendar> {
        let mut days: BTreeMap<Day, Marks> = BTreeMap::new();
        for (at, line) in csv.lines().enumerate().skip(1) {
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let (date, kind) = line.split_once(',').ok_or(BadCalendar::Line(at + 1))?;
            let day = Day::parse(date.trim()).ok_or(BadCalendar::Line(at + 1))?;
            let marks = days.entry(day).or_default();
            match kind.trim() {
                "holiday" => marks.holiday = true,
                "makeup" => marks.makeup = true,
                "winter_break" | "summer_break" => marks.school_break = true,
                other => return Err(BadCalendar::Kind(at + 1, other.to_owned())),
            }
        }
        Ok(Self {
            days,
            windows: vec![(hm(8, 30), hm(12, 0)), (hm(13, 30), hm(17, 30))],
        })
    }

    /// Replaces the working windows (08:30–12:00 and 13:30–17:30 by default), given as `["08:30", "12:00"]` pairs.
    ///
    /// # Errors
    /// [`BadCalendar::Window`] if a window is unreadable, empty, or not after the one before.
    pub fn with_windows(mut self, windows: &[[String; 2]]) -> Result<Self, BadCalendar> {
        let mut read = Vec::with_capacity(windows.len());
        let mut before = 0;
        for [from, to] in windows {
            let bad = || BadCalendar::Window(from.clone(), to.clone());
            let (a, b) = (clock(from).ok_or_else(bad)?, clock(to).ok_or_else(bad)?);
            if a < before || b <= a {
                return Err(bad());
            }
            before = b;
            read.push((a, b));
        }
        self.windows = read;
        Ok(self)
    }

    /// Whether the file says anything about the year; where it does not, working days are a guess and a warning is due.
    #[must_use]
    pub fn covers(&self, year: i64) -> bool {
        let (Some(first), Some(last)) = (Day::of(year, 1, 1), Day::of(year, 12, 31)) else {
            return false;
        };
        self.days.range(first..=last).next().is_some()
    }

    /// Whether the file names school breaks of the year; where it does not, a school calendar is assumed.
    #[must_use]
    pub fn knows_school(&self, year: i64) -> bool {
        let (Some(first), Some(last)) = (Day::of(year, 1, 1), Day::of(year, 12, 31)) else {
            return false;
        };
        self.days.range(first..=last).any(|(_, m)| m.school_break)
    }

    /// Whether people work: Monday to Friday except holidays, plus make-up days.
    #[must_use]
    pub fn is_working(&self, day: Day) -> bool {
        match self.days.get(&day) {
            Some(marks) if marks.makeup => true,
            Some(marks) if marks.holiday => false,
            _ => day.weekday() < 5,
        }
    }

    /// Whether school is held: a working day outside the breaks.
    #[must_use]
    pub fn is_school_day(&self, day: Day) -> bool {
        self.is_working(day) && !self.days.get(&day).is_some_and(|m| m.school_break)
    }

    /// The n-th working day after a day (n ≥ 1); 0 gives the day itself.
    #[must_use]
    pub fn nth_after(&self, day: Day, n: u32) -> Day {
        let mut at = day;
        let mut left = n;
        while left > 0 {
            at = Day(at.0 + 1);
            left -= u32::from(self.is_working(at));
        }
        at
    }

    /// The last working day before a day.
    #[must_use]
    pub fn last_before(&self, day: Day) -> Day {
        let mut at = Day(day.0 - 1);
        while !self.is_working(at) {
            at = Day(at.0 - 1);
        }
        at
    }

    /// Working days d with `from < d ≤ to`.
    #[must_use]
    pub fn between(&self, from: Day, to: Day) -> u32 {
        let count = (from.0 + 1..=to.0)
            .filter(|d| self.is_working(Day(*d)))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Working milliseconds between two instants; 0 if they are in the wrong order.
    #[must_use]
    pub fn worked(&self, from: UtcMs, to: UtcMs) -> i64 {
        let mut sum = 0;
        for day in from.day().0..=to.day().0 {
            for (a, b) in self.windows_of(Day(day)) {
                sum += (b.0.min(to.0) - a.0.max(from.0)).max(0);
            }
        }
        sum
    }

    /// The instant at which so many working milliseconds have passed; a limit reached at closing time ends there.
    #[must_use]
    pub fn after_worked(&self, from: UtcMs, limit_ms: i64) -> UtcMs {
        let mut left = limit_ms;
        let mut day = from.day();
        // A calendar has working days in every week, so the loop ends; without windows it must not start.
        while !self.windows.is_empty() {
            for (a, b) in self.windows_of(day) {
                let start = a.0.max(from.0);
                let room = b.0 - start;
                if room > 0 && room >= left {
                    return UtcMs(start + left);
                }
                left -= room.max(0);
            }
            day = Day(day.0 + 1);
        }
        UtcMs(from.0 + limit_ms)
    }

    fn windows_of(&self, day: Day) -> impl Iterator<Item = (UtcMs, UtcMs)> {
        let works = self.is_working(day);
        self.windows
            .iter()
            .filter(move |_| works)
            .map(move |(a, b)| (UtcMs::of_civil(day, *a), UtcMs::of_civil(day, *b)))
    }
}

const fn hm(hours: i64, minutes: i64) -> i64 {
    (hours * 60 + minutes) * 60_000
}

fn clock(text: &str) -> Option<i64> {
    let (h, m) = text.split_once(':')?;
    let ms = hm(h.trim().parse().ok()?, m.trim().parse().ok()?);
    (0..=DAY_MS).contains(&ms).then_some(ms)
}
