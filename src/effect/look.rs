//! When is a measure looked at, and how sure must a look be so that three looks together err no more than one?
//!
//! O'Brien–Fleming for three planned looks at 90, 182 and 365 days, two-sided .05 in all. The dates follow from the dates
//! of the works; a person's click never makes a look.

use serde::{Deserialize, Serialize};

/// A planned look at the after window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// After 90 days.
    First,
    /// After 182 days.
    Second,
    /// After 365 days; this one is final.
    Final,
    /// One single look over whatever the window holds, at .05: for analysts' files and designs without looks.
    Single,
}

impl Look {
    /// The three planned looks in their order.
    pub const PLANNED: [Self; 3] = [Self::First, Self::Second, Self::Final];

    /// Days of the after window this look waits for and uses at most.
    #[must_use]
    pub const fn days(self) -> i32 {
        match self {
            Self::First => 90,
            Self::Second => 182,
            Self::Final | Self::Single => 365,
        }
    }

    /// Two-sided level of the look.
    #[must_use]
    pub const fn alpha(self) -> f64 {
        match self {
            Self::First => 0.000_52,
            Self::Second => 0.014_11,
            Self::Final => 0.045_07,
            Self::Single => 0.05,
        }
    }

    /// Whether another look follows, so that a verdict is only interim (初步).
    #[must_use]
    pub const fn is_interim(self) -> bool {
        matches!(self, Self::First | Self::Second)
    }
}
