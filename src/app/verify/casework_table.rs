//! How is a golden table read, and how is a computed one written beside it?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::app::verify::{Check, Found};
use crate::calendar::{UtcMs, moment};

/// One row by column name.
pub(super) type Row = BTreeMap<String, String>;

/// Collects the checks of one case, file by file.
pub(super) struct Bench<'a> {
    pub(super) folder: PathBuf,
    name: &'a str,
    emit: Option<&'a Path>,
    pub(super) checks: Vec<Check>,
}

impl<'a> Bench<'a> {
    pub(super) fn new(found: &'a Found, emit: Option<&'a Path>) -> Self {
        Self {
            folder: found.folder.clone(),
            name: &found.name,
            emit,
            checks: Vec::new(),
        }
    }

    pub(super) fn group(&self, file: &str) -> String {
        format!("{}/{file}", self.name)
    }

    pub(super) fn check(&mut self, file: &str, name: &str, expected: &str, found: &str) {
        let group = self.group(file);
        let detail = format!("expected {expected}, found {found}");
        self.checks
            .push(Check::new(&group, name, expected == found, detail));
    }

    pub(super) fn close(
        &mut self,
        file: &str,
        name: &str,
        (expected, found): (Option<f64>, Option<f64>),
        tolerance: f64,
    ) {
        let holds = match (expected, found) {
            (Some(a), Some(b)) => (a - b).abs() <= tolerance,
            (None, None) => true,
            _ => false,
        };
        let group = self.group(file);
        let detail = format!("expected {expected:?}, found {found:?}, tolerance {tolerance:e}");
        self.checks.push(Check::new(&group, name, holds, detail));
    }

    pub(super) fn fail(&mut self, file: &str, why: &str) {
        let group = self.group(file);
        self.checks.push(Check::new(&group, "file", false, why));
    }

    /// The rows of a CSV file; a file that cannot be read is a failed check and no row.
    pub(super) fn table(&mut self, file: &str) -> Vec<Row> {
        match read(&self.folder.join(file)) {
            Ok(rows) => rows,
            Err(why) => {
                self.fail(file, &why);
                Vec::new()
            }
        }
    }

    pub(super) fn text(&mut self, file: &str) -> String {
        std::fs::read_to_string(self.folder.join(file)).unwrap_or_else(|e| {
            self.fail(file, &e.to_string());
            String::new()
        })
    }

    pub(super) fn json<T: serde::de::DeserializeOwned>(&mut self, file: &str) -> Option<T> {
        let text = self.text(file);
        match serde_json::from_str(&text) {
            Ok(value) => Some(value),
            Err(e) => {
                self.fail(file, &e.to_string());
                None
            }
        }
    }

    /// Writes what was computed, under the name of the golden file.
    pub(super) fn emit(&mut self, file: &str, content: &str) {
        let Some(folder) = self.emit else {
            return;
        };
        let path = folder.join(file);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        if let Err(e) = made.and_then(|()| std::fs::write(&path, content)) {
            self.fail(file, &format!("emit: {e}"));
        }
    }
}

fn read(path: &Path) -> Result<Vec<Row>, String> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| e.to_string())?;
    let rows: Result<Vec<Row>, _> = reader.deserialize().collect();
    rows.map_err(|e| e.to_string())
}

/// The cell of a column, empty where there is none.
pub(super) fn cell<'r>(row: &'r Row, column: &str) -> &'r str {
    row.get(column).map_or("", String::as_str)
}

/// A cell as a number; empty is `None`.
pub(super) fn number<T: std::str::FromStr>(row: &Row, column: &str) -> Option<T> {
    cell(row, column).parse().ok()
}

/// A cell as an instant.
pub(super) fn instant(text: &str) -> Option<UtcMs> {
    moment::parse(text).ok().flatten().map(|(at, _)| at)
}

/// One line of CSV with quotes where they are needed.
pub(super) fn line(cells: &[&str]) -> String {
    let quoted: Vec<String> = cells
        .iter()
        .map(|c| {
            if c.contains([',', '"', '\n']) {
                format!("\"{}\"", c.replace('"', "\"\""))
            } else {
                (*c).to_owned()
            }
        })
        .collect();
    quoted.join(",") + "\n"
}
