//! What is kept of a roster: the wish, its duties, values and bounds, changes?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::error::{Error, Result};
use crate::calendar::UtcMs;
use crate::plan::roster::Answer;

/// What is wanted of a roster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a form with boxes to tick, each on its own"
)]
pub struct RosterWish {
    /// First day, `2024-09-02`.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Only this squad's gates and people; empty for all.
    #[serde(default)]
    pub squad: String,
    /// One auxiliary may serve several gates one after the other.
    #[serde(default = "yes")]
    pub chains: bool,
    /// Only the home squad serves a squad's gates.
    #[serde(default)]
    pub squad_only: bool,
    /// A place for school and families beside every gate's own units (校家警).
    #[serde(default)]
    pub joint: bool,
    /// Schools (keys, as text) whose gates must have their first post filled, whatever it costs elsewhere.
    #[serde(default)]
    pub must_cover: Vec<String>,
    /// The first post of every class-3 gate goes before all others.
    #[serde(default)]
    pub never_empty: bool,
    /// Weeks at one gate after which somebody else is wanted there; 0 keeps people at gates they know.
    #[serde(default)]
    pub rotate_weeks: i64,
    /// Load points by peak; 1 where missing.
    #[serde(default)]
    pub load: BTreeMap<String, i64>,
}

const fn yes() -> bool {
    true
}

/// One post within a duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyPost {
    /// Gate key.
    pub gate: i64,
    /// School key.
    pub school: i64,
    /// Which unit of the gate.
    pub unit: u8,
    /// Class of the gate.
    pub class: u8,
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
}

/// A duty as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyBody {
    /// Peak.
    pub peak: String,
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Posts in their order; more than one is a chain.
    pub posts: Vec<DutyPost>,
    /// Roles that may serve it.
    pub accepts: Vec<String>,
    /// Load points.
    pub load: i64,
    /// Worth.
    pub priority: i64,
    /// Squad of the gate.
    pub squad: String,
    /// Whether it must be covered.
    #[serde(default)]
    pub must: bool,
}

/// What is kept beside the duties.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RosterBody {
    /// What was asked for.
    pub wish: Value,
    /// optimal, gap, infeasible.
    pub status: String,
    /// Names of the levels.
    pub levels: Vec<String>,
    /// Value at each level.
    pub values: Vec<i64>,
    /// Bound at each level.
    pub bounds: Vec<Option<i64>>,
    /// Σ priority.
    pub total_priority: i64,
    /// Gates without posts, off the network, days without a calendar.
    pub notes: Vec<String>,
    /// Load points of everybody before the first day.
    pub history: BTreeMap<i64, i64>,
    /// Duty days in a row just before.
    pub days_before: BTreeMap<i64, i64>,
    /// Duties other published rosters give everybody in the ISO week of the first day, before it.
    pub week_before: BTreeMap<i64, i64>,
    /// The same in the week of the last day, after it.
    pub week_after: BTreeMap<i64, i64>,
    /// Gates everybody served in the half year before, by key.
    pub known_gates: BTreeMap<i64, Vec<i64>>,
    /// Weeks of it by gate, for rotation.
    pub gate_weeks: BTreeMap<i64, BTreeMap<i64, i64>>,
    /// Requirements that cannot hold together, smallest set; empty when everything required is covered.
    pub conflict: Vec<Clash>,
    /// Version of the program.
    pub engine: String,
}

/// One member of a set of requirements that cannot hold together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Clash {
    /// cover, role, unavailable, `max_per_day`, `max_per_week`, rest, consecutive.
    pub kind: String,
    /// Day of the duty or the absence.
    pub day: String,
    /// Peak of the duty or the absence.
    pub peak: String,
    /// School and gate of the duty.
    pub place: String,
    /// Person key.
    pub person: Option<i64>,
}

/// A change of one duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Duty key.
    pub duty: i64,
    /// Day.
    pub day: String,
    /// Who had it.
    pub from: Option<i64>,
    /// Who has it now.
    pub to: Option<i64>,
}

/// What came of an absence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replanned {
    /// Duties that changed.
    pub changes: Vec<Change>,
    /// Names of the levels.
    pub levels: Vec<&'static str>,
    /// Value at each level.
    pub values: Vec<i64>,
    /// optimal, gap.
    pub status: Value,
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(|e| Error::Internal(e.to_string()))
}

/// Notes what the solver said.
pub(super) fn note_answer(body: &mut RosterBody, answer: &Answer) {
    let status = json!(answer.status);
    status
        .as_str()
        .unwrap_or_default()
        .clone_into(&mut body.status);
    body.levels = answer.levels.iter().map(|l| (*l).to_owned()).collect();
    body.values.clone_from(&answer.values);
    body.bounds.clone_from(&answer.bounds);
    body.total_priority = answer.total_priority;
}

/// RFC 3339 of an instant.
pub(super) fn at(ms: i64) -> String {
    UtcMs(ms).rfc3339()
}
