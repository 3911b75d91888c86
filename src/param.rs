//! What may be set, in which unit, within which bounds: a parameter described once.

use serde::Serialize;

/// The kind of a parameter's value, with bounds and default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A whole number within `min..=max`.
    Integer {
        /// Used when nothing is given.
        default: i64,
        /// Least value.
        min: i64,
        /// Greatest value.
        max: i64,
    },
    /// A real number within `min..=max`.
    Real {
        /// Used when nothing is given.
        default: f64,
        /// Least value.
        min: f64,
        /// Greatest value.
        max: f64,
    },
    /// One of a list of words.
    Choice {
        /// Used when nothing is given.
        default: &'static str,
        /// What is allowed.
        among: &'static [&'static str],
    },
    /// Yes or no.
    Flag {
        /// Used when nothing is given.
        default: bool,
    },
}

/// One parameter: the single definition behind command line, HTTP check, page form and documentation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Param {
    /// Name on all doors, `snake_case`, unit included where one exists: `radius_m`.
    pub name: &'static str,
    /// Chinese title for the page.
    pub title: &'static str,
    /// Unit in words, empty if none.
    pub unit: &'static str,
    /// Kind, default and bounds.
    pub kind: Kind,
    /// One sentence: what it does and how to choose it.
    pub doc: &'static str,
}
