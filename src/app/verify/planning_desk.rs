//! Where are the checks of the planning oracles gathered, and how are values compared?

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::app::verify::Check;

/// Where checks are gathered and actual values written.
pub(crate) struct Desk<'a> {
    group: String,
    emit: Option<&'a Path>,
    /// What was compared so far.
    pub(crate) checks: Vec<Check>,
}

impl<'a> Desk<'a> {
    /// A desk for one folder of oracles.
    pub(crate) fn new(group: &str, emit: Option<&'a Path>) -> Self {
        Self {
            group: group.to_owned(),
            emit,
            checks: Vec::new(),
        }
    }

    /// Compares two values; figures within `tolerance`.
    pub(crate) fn check(&mut self, part: &str, name: &str, expected: &Value, found: &Value) {
        let passed = same(expected, found, 1e-6);
        let detail = format!("expected {expected}, found {found}");
        let group = format!("{}/{part}", self.group);
        self.checks.push(Check::new(&group, name, passed, detail));
    }

    /// A condition with its reason.
    pub(crate) fn hold(&mut self, part: &str, name: &str, passed: bool, detail: &str) {
        let group = format!("{}/{part}", self.group);
        self.checks.push(Check::new(&group, name, passed, detail));
    }

    /// Something that could not be run.
    pub(crate) fn fail(&mut self, part: &str, detail: &str) {
        self.hold(part, part, false, detail);
    }

    /// Writes actual values beside the others when asked for.
    pub(crate) fn emit(&mut self, file: &str, actual: &Value) {
        let Some(folder) = self.emit else { return };
        let path = folder.join(file);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        if let Err(error) = made.and_then(|()| fs::write(&path, format!("{actual:#}\n"))) {
            self.fail(file, &format!("cannot be written: {error}"));
        }
    }

    /// Reads a JSON file; a file that cannot be read is a failed check.
    pub(crate) fn json(&mut self, part: &str, path: &Path) -> Option<Value> {
        let read = fs::read(path).map_err(|e| e.to_string());
        match read.and_then(|bytes| serde_json::from_slice(&bytes).map_err(|e| e.to_string())) {
            Ok(value) => Some(value),
            Err(why) => {
                self.fail(part, &format!("cannot be read: {why}"));
                None
            }
        }
    }
}

/// Files with an ending below a folder, by name.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    let mut out: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == ending))
        .collect();
    out.sort();
    out
}

/// The name of a file without its ending.
pub(crate) fn stem(path: &Path) -> String {
    path.file_stem()
        .map(|s| s.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Equal, with figures within an absolute tolerance.
pub(crate) fn same(expected: &Value, found: &Value, tolerance: f64) -> bool {
    match (expected, found) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= tolerance,
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y, tolerance))
        }
        (a, b) => a == b,
    }
}
