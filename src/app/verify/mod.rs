//! Does the program give the known answers: which golden cases lie below a folder, and what came out of each?
//!
//! A folder is a case when it holds a `case.json` with a `format`, or one of the known layouts (an `expected.json` with a
//! `kind`, the casework tables, the treatment and planning files). Every case is run with the product's own code paths; an
//! unknown format and a room that is not built yet are failures with a name, never a silence.

pub mod casework;
mod casework_figures;
mod casework_table;
pub mod city;
mod city_read;
pub mod hotspots;
pub mod locating;
mod open311;
mod planning;
mod planning_desk;
mod planning_duty;
mod planning_effect;
mod planning_location;
mod planning_select;
mod score_effects;
pub mod score_locating;
pub mod score_sites;
pub mod treatment;
mod treatment_compare;
pub mod treatment_panel;
mod treatment_rules;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Group for the report line: folder or file, then the table inside it.
    pub group: String,
    /// What was compared.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// Expected and found, with figures; shown on failure.
    pub detail: String,
}

impl Check {
    /// A check with its outcome.
    #[must_use]
    pub fn new(group: &str, name: &str, passed: bool, detail: impl Into<String>) -> Self {
        Self {
            group: group.to_owned(),
            name: name.to_owned(),
            passed,
            detail: detail.into(),
        }
    }

    /// A figure that must reach a floor.
    #[must_use]
    pub fn at_least(group: &str, name: &str, found: f64, floor: f64) -> Self {
        let detail = format!("{found:.4}, must be at least {floor}");
        Self::new(group, name, found >= floor, detail)
    }

    /// A figure that must stay under a ceiling.
    #[must_use]
    pub fn at_most(group: &str, name: &str, found: f64, ceiling: f64) -> Self {
        let detail = format!("{found:.4}, must be at most {ceiling}");
        Self::new(group, name, found <= ceiling, detail)
    }
}

/// A case found below the folders that were given.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its folder.
    pub folder: PathBuf,
    /// Short name for the report: the last two parts of the folder.
    pub name: String,
    /// Format, such as `locating-phrases/1`.
    pub format: String,
    /// What `case.json` or `expected.json` says, `null` for layouts without one.
    pub case: Value,
}

impl Found {
    /// A file named by `case.json` under `key`, relative to the folder.
    #[must_use]
    pub fn file(&self, key: &str) -> Option<PathBuf> {
        let name = self.case.get(key)?.as_str()?;
        Some(self.folder.join(name))
    }

    /// A number of `bars`.
    #[must_use]
    pub fn bar(&self, key: &str) -> Option<f64> {
        self.case.get("bars")?.get(key)?.as_f64()
    }
}

/// Runs one case; the second argument is the folder of `--emit` for this case, already made.
pub type Runner = fn(&Found, Option<&Path>) -> Vec<Check>;

/// Formats and their runners; a room adds its line when it stands.
static RUNNERS: &[(&str, Runner)] = &[
    ("casework-oracles/1", casework::run),
    ("hotspot-oracle/1", hotspots::run),
    ("locating-phrases/1", locating::run),
    ("planning-oracles/1", planning::run),
    ("simulated-city/1", city::run),
    ("treatment-oracles/1", treatment::run),
];

/// Formats whose rooms come with later versions.
static LATER: &[&str] = &[];

/// What came of all folders.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Verdict {
    /// All checks in the order of the folders.
    pub checks: Vec<Check>,
}

/// One line per group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Checks that hold.
    pub passed: usize,
    /// Checks that do not.
    pub failed: usize,
}

impl Verdict {
    /// Number of checks that hold.
    #[must_use]
    pub fn passed(&self) -> usize {
        self.checks.iter().filter(|c| c.passed).count()
    }

    /// Number of checks that do not hold.
    #[must_use]
    pub fn failed(&self) -> usize {
        self.checks.len() - self.passed()
    }

    /// Groups in the order of their first check.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for check in &self.checks {
            let at = groups.iter().position(|g| g.name == check.group);
            let at = at.unwrap_or_else(|| {
                groups.push(Group {
                    name: check.group.clone(),
                    passed: 0,
                    failed: 0,
                });
                groups.len() - 1
            });
            groups[at].passed += usize::from(check.passed);
            groups[at].failed += usize::from(!check.passed);
        }
        groups
    }
}

/// Runs every case below the folders; `each` hears of a case's checks as soon as they are known.
///
/// A folder that does not exist or holds no case is a failed check: nothing found is not a success.
pub fn run(folders: &[PathBuf], emit: Option<&Path>, each: &mut dyn FnMut(&[Check])) -> Verdict {
    let mut verdict = Verdict::default();
    for folder in folders {
        let mut found = Vec::new();
        let mut checks = Vec::new();
        if let Err(error) = walk(folder, &mut found) {
            checks.push(failed(
                &shown(folder),
                "folder",
                &format!("cannot be read: {error}"),
            ));
        } else if found.is_empty() {
            checks.push(failed(
                &shown(folder),
                "folder",
                "holds no golden case in a known layout",
            ));
        }
        each(&checks);
        verdict.checks.append(&mut checks);
        for case in found {
            let mut checks = run_one(&case, emit);
            each(&checks);
            verdict.checks.append(&mut checks);
        }
    }
    verdict
}

fn failed(group: &str, name: &str, detail: &str) -> Check {
    Check::new(group, name, false, detail)
}

fn run_one(case: &Found, emit: Option<&Path>) -> Vec<Check> {
    if LATER.contains(&case.format.as_str()) {
        return vec![failed(&case.name, &case.format, "not built yet")];
    }
    let Some((_, runner)) = RUNNERS.iter().find(|(format, _)| *format == case.format) else {
        return vec![failed(
            &case.name,
            &case.format,
            &format!("unknown format; known are {}", known()),
        )];
    };
    let out = emit.map(|dir| dir.join(&case.name));
    if let Some(error) = out.as_deref().and_then(|dir| fs::create_dir_all(dir).err()) {
        return vec![failed(
            &case.name,
            "emit",
            &format!("folder cannot be made: {error}"),
        )];
    }
    let checks = runner(case, out.as_deref());
    if checks.is_empty() {
        return vec![failed(
            &case.name,
            &case.format,
            "the case compared nothing",
        )];
    }
    checks
}

fn known() -> String {
    let mut all: Vec<&str> = RUNNERS.iter().map(|(format, _)| *format).collect();
    all.extend(LATER);
    all.join(", ")
}

/// Finds cases depth first in the order of names; below a case no further case is looked for.
fn walk(folder: &Path, found: &mut Vec<Found>) -> Result<(), std::io::Error> {
    if let Some((format, case)) = recognise(folder)? {
        found.push(Found {
            folder: folder.to_owned(),
            name: shown(folder),
            format,
            case,
        });
        return Ok(());
    }
    let mut below: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    below.sort();
    below.iter().try_for_each(|path| walk(path, found))
}

/// Says which format a folder has, if it is a case.
fn recognise(folder: &Path) -> Result<Option<(String, Value)>, std::io::Error> {
    let case = folder.join("case.json");
    if case.is_file() {
        let value = read_json(&case)?;
        let format = value.get("format").and_then(Value::as_str);
        let format = format.unwrap_or("case.json without format").to_owned();
        return Ok(Some((format, value)));
    }
    let expected = folder.join("expected.json");
    if expected.is_file() {
        let value = read_json(&expected)?;
        let kind = value.get("kind").and_then(Value::as_str);
        let format = kind.map_or("expected.json without kind", |_| "hotspot-oracle/1");
        return Ok(Some((format.to_owned(), value)));
    }
    let holds = |names: &[&str]| names.iter().all(|name| folder.join(name).exists());
    let layout = if holds(&["import_headers.csv", "masking.csv", "transitions.csv"]) {
        Some("casework-oracles/1")
    } else if holds(&["eb_before_after.json", "rate_ratio.json"]) {
        Some("treatment-oracles/1")
    } else if holds(&["select", "roster", "loop"]) {
        Some("planning-oracles/1")
    } else {
        None
    };
    Ok(layout.map(|format| (format.to_owned(), Value::Null)))
}

fn read_json(path: &Path) -> Result<Value, std::io::Error> {
    let bytes = fs::read(path)?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// The last two parts of a folder: enough to find it, no machine path.
fn shown(folder: &Path) -> String {
    let parts: Vec<String> = folder
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .filter(|part| part != "." && part != "/")
        .collect();
    let from = parts.len().saturating_sub(2);
    parts.get(from..).unwrap_or_default().join("/")
}
