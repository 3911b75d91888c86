//! What is known of a school, and when is there a crowd at its gates?
//!
//! Windows: arrival bell − 25 … + 5 minutes, leaving bell − 15 … + 30; kindergartens open their doors for a while and the
//! window is the whole opening. Waves less than 15 minutes apart are one window.

use serde::{Deserialize, Serialize};

use crate::calendar::{Day, WorkCalendar};

/// What kind of school it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 幼儿园.
    Kindergarten,
    /// 小学.
    #[default]
    Primary,
    /// 初中.
    Junior,
    /// 高中.
    Senior,
    /// 九年一贯制.
    NineYear,
}

impl Stage {
    /// All stages.
    pub const ALL: [Self; 5] = [
        Self::Kindergarten,
        Self::Primary,
        Self::Junior,
        Self::Senior,
        Self::NineYear,
    ];

    /// Its Chinese name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Kindergarten => "幼儿园",
            Self::Primary => "小学",
            Self::Junior => "初中",
            Self::Senior => "高中",
            Self::NineYear => "九年一贯制",
        }
    }

    /// Reads a Chinese or English word; a longer word wins (九年一贯 before 小学).
    #[must_use]
    pub fn of_words(text: &str) -> Option<Self> {
        let hints = [
            ("幼儿", Self::Kindergarten),
            ("九年", Self::NineYear),
            ("高中", Self::Senior),
            ("高级中学", Self::Senior),
            ("初中", Self::Junior),
            ("中学", Self::Junior),
            ("小学", Self::Primary),
        ];
        hints
            .into_iter()
            .find(|(word, _)| text.contains(word))
            .map(|h| h.1)
    }
}

/// Which way the children go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Into school.
    Arrive,
    /// Home.
    Leave,
}

/// A bell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bell {
    /// Into school or home.
    pub way: Way,
    /// Minute of the day.
    pub at: i64,
    /// Kindergartens: the doors close again at this minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
    /// Weekdays, Monday 0; empty means every school day.
    #[serde(default)]
    pub weekdays: Vec<u8>,
    /// Grades in words, such as 1–2年级.
    #[serde(default)]
    pub grades: String,
    /// First day it holds (`2024-09-01`), empty for always.
    #[serde(default)]
    pub from: String,
    /// Last day it holds, empty for always.
    #[serde(default)]
    pub to: String,
}

/// Minutes around bells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Around {
    /// Before an arrival bell.
    pub arrive_before: i64,
    /// After an arrival bell.
    pub stay_after: i64,
    /// Before a leaving bell.
    pub leave_before: i64,
    /// After a leaving bell.
    pub leave_after: i64,
    /// Waves closer than this are one window.
    pub merge: i64,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            arrive_before: 25,
            stay_after: 5,
            leave_before: 15,
            leave_after: 30,
            merge: 15,
        }
    }
}

/// A peak of the day by its Chinese notice: 早、午放、午到、晚、夜.
pub const PEAKS: [&str; 5] = ["morning", "noon_out", "noon_in", "afternoon", "evening"];

/// The Chinese word of a peak.
#[must_use]
pub fn peak_title(peak: &str) -> &'static str {
    match peak {
        "morning" => "早高峰",
        "noon_out" => "午间放学",
        "noon_in" => "午间上学",
        "afternoon" => "下午放学",
        "evening" => "晚间放学",
        _ => "其他",
    }
}

/// A window with a crowd at the gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Window {
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Into school or home (of the first wave).
    pub way: Way,
    /// Peak of the day.
    pub peak: &'static str,
}

/// A minute of the day as people write it; what is none as the number it is.
fn clock(minute: i64) -> String {
    if (0..=24 * 60).contains(&minute) {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    } else {
        format!("第 {minute} 分钟")
    }
}

/// A bell that gives no window, with the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadBell {
    /// The window leaves its day.
    #[error(
        "{} 的铃声所成时段 {} 至 {} 越出当日，请改为在校时间 (the bell at {} has a window that leaves its day; a window must lie within 00:00..24:00, give the bell a time of the school's day)",
        clock(*.at), clock(*.start), clock(*.end), clock(*.at)
    )]
    Midnight {
        /// The bell.
        at: i64,
        /// Begin of the window.
        start: i64,
        /// End of the window.
        end: i64,
    },
    /// The doors close before they open.
    #[error(
        "开门 {}、关门 {}，关门须晚于开门 (doors open at {} and close at {}: the end must come after the begin)",
        clock(*.at), clock(*.until), clock(*.at), clock(*.until)
    )]
    Doors {
        /// Begin.
        at: i64,
        /// End.
        until: i64,
    },
    /// A weekday that does not exist.
    #[error(
        "星期 {0} 不存在，周一为 0、周日为 6 (weekday {0} does not exist: Monday is 0, Sunday 6)"
    )]
    Weekday(u8),
    /// A date that cannot be read.
    #[error("{0} 不是日期，写作 2024-09-01 ({0} is no date: write 2024-09-01)")]
    Date(String),
}

impl Bell {
    /// Checks a bell and gives its window.
    pub fn window(&self, around: &Around) -> Result<(i64, i64), BadBell> {
        if let Some(w) = self.weekdays.iter().find(|w| **w > 6) {
            return Err(BadBell::Weekday(*w));
        }
        for date in [&self.from, &self.to] {
            if !date.is_empty() && Day::parse(date).is_none() {
                return Err(BadBell::Date(date.clone()));
            }
        }
        let (start, end) = match (self.until, self.way) {
            (Some(until), _) if until <= self.at => {
                return Err(BadBell::Doors { at: self.at, until });
            }
            (Some(until), _) => (self.at, until),
            (None, Way::Arrive) => (self.at - around.arrive_before, self.at + around.stay_after),
            (None, Way::Leave) => (self.at - around.leave_before, self.at + around.leave_after),
        };
        if start < 0 || end > 24 * 60 || !(0..24 * 60).contains(&self.at) {
            return Err(BadBell::Midnight {
                at: self.at,
                start,
                end,
            });
        }
        Ok((start, end))
    }

    /// Whether it rings on a day.
    #[must_use]
    pub fn rings(&self, day: Day, weekday: u8) -> bool {
        let after = Day::parse(&self.from).is_none_or(|d| d <= day);
        let before = Day::parse(&self.to).is_none_or(|d| day <= d);
        after && before && (self.weekdays.is_empty() || self.weekdays.contains(&weekday))
    }
}

/// The windows of a day with `weekday`'s bells, in the order of time; windows of one way that nearly touch are merged. Bells
/// that give no window come back as errors beside.
#[must_use]
pub fn windows(
    bells: &[Bell],
    day: Day,
    weekday: u8,
    around: &Around,
) -> (Vec<Window>, Vec<BadBell>) {
    let mut bad = Vec::new();
    let mut waves: Vec<(i64, i64, Way)> = Vec::new();
    for bell in bells.iter().filter(|b| b.rings(day, weekday)) {
        match bell.window(around) {
            Ok((start, end)) => waves.push((start, end, bell.way)),
            Err(why) => bad.push(why),
        }
    }
    waves.sort_unstable();
    let mut out: Vec<Window> = Vec::new();
    for (start, end, way) in waves {
        match out.last_mut() {
            Some(last) if start - last.end < around.merge => last.end = last.end.max(end),
            _ => out.push(Window {
                start,
                end,
                way,
                peak: "",
            }),
        }
    }
    for w in &mut out {
        w.peak = peak_of(i64::midpoint(w.start, w.end), w.way);
    }
    (out, bad)
}

/// The peak of a window by its middle and way.
#[must_use]
pub const fn peak_of(middle: i64, way: Way) -> &'static str {
    match way {
        _ if middle < 10 * 60 => PEAKS[0],
        _ if middle >= 18 * 60 + 30 => PEAKS[4],
        Way::Leave if middle < 13 * 60 => PEAKS[1],
        Way::Arrive if middle < 15 * 60 + 30 => PEAKS[2],
        Way::Arrive | Way::Leave => PEAKS[3],
    }
}

/// Whether a school teaches on a day and by which weekday's bells: a make-up Saturday or Sunday follows the weekday it makes
/// up for when that is given, else Monday's; `makes_up` false is a school that stays closed then.
#[must_use]
pub fn school_weekday(calendar: &WorkCalendar, day: Day, makes_up: bool) -> Option<u8> {
    if !calendar.is_school_day(day) {
        return None;
    }
    let weekday = day.weekday();
    if weekday < 5 {
        return Some(weekday);
    }
    makes_up.then_some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bell(way: Way, at: i64, until: Option<i64>) -> Bell {
        let text = String::new;
        Bell {
            way,
            at,
            until,
            weekdays: Vec::new(),
            grades: text(),
            from: text(),
            to: text(),
        }
    }

    #[test]
    fn an_arrival_and_two_near_leaving_waves_make_two_windows() {
        let bells = [
            bell(Way::Arrive, 480, None),
            bell(Way::Leave, 1000, None),
            bell(Way::Leave, 1035, None),
        ];
        let (w, bad) = windows(&bells, Day(0), 0, &Around::default());
        assert!(bad.is_empty());
        let got: Vec<_> = w.iter().map(|w| (w.start, w.end, w.peak)).collect();
        assert_eq!(got, [(455, 485, "morning"), (985, 1065, "afternoon")]);
    }

    #[test]
    fn waves_fifteen_minutes_apart_stay_apart() {
        let bells = [
            bell(Way::Leave, 600, Some(610)),
            bell(Way::Leave, 625, Some(640)),
        ];
        assert_eq!(windows(&bells, Day(0), 0, &Around::default()).0.len(), 2);
        let bells = [
            bell(Way::Leave, 600, Some(610)),
            bell(Way::Leave, 624, Some(640)),
        ];
        assert_eq!(windows(&bells, Day(0), 0, &Around::default()).0.len(), 1);
    }

    #[test]
    fn a_window_over_midnight_is_refused_and_a_kindergarten_keeps_its_opening() {
        assert!(matches!(
            bell(Way::Leave, 1425, None).window(&Around::default()),
            Err(BadBell::Midnight { .. })
        ));
        assert!(matches!(
            bell(Way::Arrive, 480, Some(470)).window(&Around::default()),
            Err(BadBell::Doors { .. })
        ));
        assert_eq!(
            bell(Way::Arrive, 460, Some(500)).window(&Around::default()),
            Ok((460, 500))
        );
    }

    #[test]
    fn a_bell_rings_within_its_term_and_on_its_weekdays() {
        let mut b = bell(Way::Leave, 960, None);
        (b.from, b.to, b.weekdays) = ("2024-09-02".to_owned(), "2025-01-17".to_owned(), vec![4]);
        let day = |t| Day::parse(t).unwrap();
        assert!(b.rings(day("2024-09-06"), 4) && !b.rings(day("2024-09-05"), 3));
        assert!(
            !b.rings(day("2024-08-30"), 4)
                && !b.rings(day("2025-01-24"), 4)
                && b.rings(day("2025-01-17"), 4)
        );
    }

    #[test]
    fn a_make_up_sunday_follows_mondays_bells_unless_the_school_says_no() {
        let calendar =
            WorkCalendar::read("date,kind\n2024-04-07,makeup\n2024-04-04,holiday\n").unwrap();
        let day = |t| Day::parse(t).unwrap();
        assert_eq!(school_weekday(&calendar, day("2024-04-07"), true), Some(0));
        assert_eq!(school_weekday(&calendar, day("2024-04-07"), false), None);
        assert_eq!(school_weekday(&calendar, day("2024-04-04"), true), None);
        assert_eq!(school_weekday(&calendar, day("2024-04-09"), true), Some(1));
    }
}
