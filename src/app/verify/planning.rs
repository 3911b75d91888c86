//! Do the planners give the known answers: effects, kinds, choices under budgets, covering, chains, rosters, loops?
//!
//! Every file of a part is read by its format, never by its name; a part without a runner is a failure with a name. The
//! answers are checked for feasibility from the file alone, by code that shares nothing with the solvers.

use std::path::Path;

use crate::app::verify::planning_desk::Desk;
use crate::app::verify::{
    Check, Found, planning_duty, planning_effect, planning_location, planning_select,
};

/// A part of the oracles and what runs it.
type Part = (&'static str, fn(&mut Desk<'_>, &Path));

/// Parts in the order of the report: a folder or a file.
static PARTS: &[Part] = &[
    ("effect.json", planning_effect::effect),
    ("kinds.csv", planning_effect::kinds),
    ("select", planning_select::select),
    ("mkp", planning_select::mkp),
    ("location", planning_location::location),
    ("chain", planning_duty::chain),
    ("roster", planning_duty::roster),
    ("loop", planning_duty::loops),
];

/// Runs all parts of a planning folder.
#[must_use]
pub(super) fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    let mut desk = Desk::new(&found.name, emit);
    for (name, runner) in PARTS {
        let path = found.folder.join(name);
        if path.exists() {
            runner(&mut desk, &path);
        }
    }
    for name in ["chain", "roster", "loop"] {
        let known = PARTS.iter().any(|p| p.0 == name);
        if !known && found.folder.join(name).exists() {
            desk.fail(name, "not built yet");
        }
    }
    desk.checks
}
