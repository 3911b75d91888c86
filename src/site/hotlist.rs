//! Which sites belong on the public's hot list (民意热点榜), at which level, and since when?

use std::collections::BTreeSet;

use serde::Serialize;

use crate::calendar::Day;

/// Level of a site on the list; it only rises until the site leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// 关注.
    Watch,
    /// 整治.
    Govern,
    /// 挂牌督办.
    Listed,
}

impl Level {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Govern => "govern",
            Self::Listed => "listed",
        }
    }
}

/// One ticket at the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Day of arrival.
    pub day: Day,
    /// Person; anonymous people are each their own.
    pub petitioner: Option<String>,
    /// Redo rounds.
    pub redo: u32,
}

/// What changed on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The day.
    #[serde(skip)]
    pub day: Day,
    /// The level from then on; `None` = off the list.
    pub level: Option<Level>,
    /// `enter`, `raise`, `relapse`, `cleared` or `subsided`.
    pub event: &'static str,
    /// Tickets of the last 30 days.
    pub c30: usize,
    /// Tickets of the last 90 days.
    pub c90: usize,
    /// Distinct petitioners of the last 30 days.
    pub p30: usize,
}

/// Days within which a return counts as 反弹.
const RELAPSE_DAYS: i64 = 180;

/// Evaluates one site on every day of a span (casework reference, section 10); `measures` are days of completion.
#[must_use]
pub fn evaluate(tickets: &[Ticket], measures: &[Day], first: Day, last: Day) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut held: Option<(Level, Day)> = None;
    let mut left: Option<Day> = None;
    for day in (first.0..=last.0).map(Day) {
        let now = Counts::of(tickets, day);
        let fits = now.level();
        match (held, fits) {
            (None, Some(level)) => {
                let back = left.is_some_and(|off| day.0 - off.0 <= RELAPSE_DAYS);
                held = Some((level, day));
                changes.push(now.change(Some(level), if back { "relapse" } else { "enter" }));
            }
            (Some((level, since)), Some(higher)) if higher > level => {
                held = Some((higher, since));
                changes.push(now.change(Some(higher), "raise"));
            }
            (Some((_, since)), None) if now.c30 <= 1 => {
                let measured = measures.iter().any(|m| *m >= since && *m <= day);
                held = None;
                left = Some(day);
                changes.push(now.change(None, if measured { "cleared" } else { "subsided" }));
            }
            _ => {}
        }
    }
    changes
}

struct Counts {
    day: Day,
    c30: usize,
    c90: usize,
    p30: usize,
    redone: bool,
}

impl Counts {
    fn of(tickets: &[Ticket], day: Day) -> Self {
        let within = |days: i64| {
            tickets
                .iter()
                .filter(move |t| t.day <= day && day.0 - t.day.0 < days)
        };
        let known: BTreeSet<&str> = within(30).filter_map(|t| t.petitioner.as_deref()).collect();
        let anonymous = within(30).filter(|t| t.petitioner.is_none()).count();
        Self {
            day,
            c30: within(30).count(),
            c90: within(90).count(),
            p30: known.len() + anonymous,
            redone: within(30).any(|t| t.redo >= 2),
        }
    }

    const fn level(&self) -> Option<Level> {
        if self.c30 >= 10 || self.redone {
            Some(Level::Listed)
        } else if self.c30 >= 5 || self.c90 >= 8 {
            Some(Level::Govern)
        } else if self.c30 >= 3 && self.p30 >= 2 {
            Some(Level::Watch)
        } else {
            None
        }
    }

    const fn change(&self, level: Option<Level>, event: &'static str) -> Change {
        Change {
            day: self.day,
            level,
            event,
            c30: self.c30,
            c90: self.c90,
            p30: self.p30,
        }
    }
}
