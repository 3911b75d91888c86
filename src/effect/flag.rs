//! Which doubts hang on a result: a code for machines, a sentence for people, and what to do?

use serde::{Deserialize, Serialize};

/// The doubts, by their rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlagCode {
    /// Fewer than three tickets are expected.
    FewTickets,
    /// The site was picked in a bad spell and falls back by itself.
    RtmStrong,
    /// The reference panel is below its minimum.
    ReferenceWeak,
    /// A reference site lies close to a treated one.
    Contaminated,
    /// Two measures in one after window.
    Overlap,
    /// Tickets fell before the works began.
    Anticipation,
    /// Tickets that the measure cannot touch changed too.
    ReportingShift,
    /// One caller makes up much of a window.
    SingleCaller,
    /// A channel was silent while others reported.
    DataGap,
    /// The coding of tickets changed between the windows.
    CategoryChange,
    /// Works are not finished.
    NotInstalled,
    /// The end of works was changed after the first evaluation.
    Backdated,
    /// Flare-ups are at the edge of what was searched.
    UnstableSites,
    /// The measure was taken away again.
    Removed,
    /// The core works and the ring got worse.
    Displaced,
    /// The core works and the ring improved too.
    SpreadOfBenefit,
    /// The core did not improve: nothing is said about the ring.
    Phantom,
    /// Second opinions point the other way.
    MethodsDisagree,
    /// Days lie beyond the table of holidays.
    CalendarBeyond,
    /// The school calendar is the assumed one.
    AssumedSchool,
    /// Clumping above five: look for a duplicate import.
    Clumped,
    /// The site's name occurs with dates that contradict each other.
    BadDates,
    /// No ticket was ever seen at the site.
    NoTickets,
    /// The window is shorter than the look asks because data end.
    ShortWindow,
    /// The mix of channels moved by more than ten points.
    ChannelShift,
}

/// A doubt with its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Which one.
    pub code: FlagCode,
    /// What it means here, with figures, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Flag {
    /// A flag with its words.
    #[must_use]
    pub fn new(code: FlagCode, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
        }
    }
}
