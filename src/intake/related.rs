//! Is a new ticket the same demand as an older one, a repetition, or another person's word on the same thing?

use serde::{Deserialize, Serialize};

use crate::calendar::{DAY_MS, UtcMs};
use crate::spatial::LonLat;
use crate::ticket::PetitionerKey;

/// Geometry class of a category (option `duplicate_radius`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// A spot: 50 m.
    Point,
    /// A frontage: 150 m.
    Frontage,
    /// A stretch: 300 m.
    Segment,
}

impl Class {
    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "point" => Some(Self::Point),
            "frontage" => Some(Self::Frontage),
            "segment" => Some(Self::Segment),
            _ => None,
        }
    }

    /// Default radius in metres.
    #[must_use]
    pub const fn radius_m(self) -> f64 {
        match self {
            Self::Point => 50.0,
            Self::Frontage => 150.0,
            Self::Segment => 300.0,
        }
    }
}

/// What is compared of a ticket.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    /// Channel as a code or word; only equality counts.
    pub channel: &'a str,
    /// Number in the channel.
    pub external_no: &'a str,
    /// Number on the superior platform.
    pub superior_no: Option<&'a str>,
    /// Person; `None` = anonymous, which is never the same person.
    pub petitioner: Option<PetitionerKey>,
    /// l2 category.
    pub category: &'a str,
    /// Geometry class of the category.
    pub class: Class,
    /// Place words.
    pub place: &'a str,
    /// Located point.
    pub point: Option<LonLat>,
    /// Arrival.
    pub received_at: UtcMs,
    /// Close.
    pub closed_at: Option<UtcMs>,
}

/// How a new ticket relates to an existing one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The same ticket: an update.
    Hard,
    /// 追加: joins an open ticket of the same person.
    Append,
    /// 重复投诉: the same person again after the close.
    Repeat,
    /// 同诉: somebody else about the same thing.
    Related,
    /// Nothing to do with it.
    None,
}

impl Relation {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Append => "append",
            Self::Repeat => "repeat",
            Self::Related => "related",
            Self::None => "none",
        }
    }
}

/// Days after a close within which the same person repeats, and another person is related (option `duplicate_window`).
const REPEAT_DAYS: i64 = 30;
const RELATED_DAYS: i64 = 7;

/// Judges the new ticket `b` against the existing `a`; the first rule that fits (casework reference, section 12).
///
/// Only `Hard` acts alone; everything else is offered to a person.
#[must_use]
pub fn judge(a: &Demand<'_>, b: &Demand<'_>) -> Relation {
    if is_hard(a, b) {
        return Relation::Hard;
    }
    if a.category != b.category || b.received_at < a.received_at || !near(a, b) {
        return Relation::None;
    }
    let since_close = a
        .closed_at
        .filter(|closed| *closed <= b.received_at)
        .map(|closed| b.received_at.0 - closed.0);
    let same_person = a.petitioner.is_some() && a.petitioner == b.petitioner;
    match (same_person, since_close) {
        (true, None) => Relation::Append,
        (true, Some(ms)) if ms <= REPEAT_DAYS * DAY_MS => Relation::Repeat,
        (false, None) => Relation::Related,
        (false, Some(ms)) if ms <= RELATED_DAYS * DAY_MS => Relation::Related,
        _ => Relation::None,
    }
}

fn is_hard(a: &Demand<'_>, b: &Demand<'_>) -> bool {
    (a.channel == b.channel && a.external_no == b.external_no)
        || a.superior_no == Some(b.external_no)
        || b.superior_no == Some(a.external_no)
}

fn near(a: &Demand<'_>, b: &Demand<'_>) -> bool {
    match (a.point, b.point) {
        (Some(p), Some(q)) => p.distance_m(q) <= a.class.radius_m(),
        _ => !a.place.is_empty() && a.place == b.place,
    }
}
