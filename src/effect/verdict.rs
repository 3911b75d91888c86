//! What may be said about a measure: which of the verdicts does a result earn, by the order of rules?

use serde::{Deserialize, Serialize};

/// The verdicts, by the first rule that matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Works are not finished: nothing to judge.
    NotInstalled,
    /// Fewer than 180 days before, or nothing expected there.
    TooLittleHistory,
    /// The coding of tickets changed between the windows.
    CategoryChange,
    /// Even all categories together are too small a reference.
    WeakReference,
    /// Another measure left fewer than 60 days.
    Overlap,
    /// Fewer than 60 days after, or even none would be no proof.
    TooEarly,
    /// Fewer than without it.
    Works,
    /// More than without it.
    Worse,
    /// Within a fifth of no change.
    NoChange,
    /// Cannot tell.
    NoEvidence,
}

impl Verdict {
    /// Stable name on all doors.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotInstalled => "not_installed",
            Self::TooLittleHistory => "too_little_history",
            Self::CategoryChange => "category_change",
            Self::WeakReference => "weak_reference",
            Self::Overlap => "overlap",
            Self::TooEarly => "too_early",
            Self::Works => "works",
            Self::Worse => "worse",
            Self::NoChange => "no_change",
            Self::NoEvidence => "no_evidence",
        }
    }
}

/// Least days of an after window that may be judged.
pub const LEAST_AFTER: i32 = 60;

/// What the last rules look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// Days of the after window.
    pub after_days: i32,
    /// Critical count, -1 when not even none would be a proof.
    pub crit: i64,
    /// Lower end of the interval of the ratio.
    pub lo: f64,
    /// Upper end, infinite when unbounded.
    pub hi: f64,
}

/// Rules 3 to 7: too early, works, worse, no change, no evidence.
#[must_use]
pub fn judge(evidence: Evidence) -> Verdict {
    if evidence.after_days < LEAST_AFTER || evidence.crit < 0 {
        Verdict::TooEarly
    } else if evidence.hi < 1.0 {
        Verdict::Works
    } else if evidence.lo > 1.0 {
        Verdict::Worse
    } else if evidence.lo >= 0.8 && evidence.hi <= 1.25 {
        Verdict::NoChange
    } else {
        Verdict::NoEvidence
    }
}
