//! Which row of a sheet names the columns, and what are the columns called?

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::intake::cell::Row;
use crate::intake::encoding::Encoding;
use crate::intake::sniff::Format;
use crate::intake::synonyms::{Synonyms, normal};

/// Rows of a sheet among which the header is looked for.
pub const HEADER_ROWS: usize = 10;

/// Known names that make a row a header.
pub const KNOWN_NAMES: usize = 3;

/// Sample rows kept per column.
pub const SAMPLES: usize = 20;

/// One column of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The name as it stands, blanks joined, doubled ones with `_2`, `_3`, empty ones as 第N列.
    pub name: String,
    /// First values, in clear: shown only through `Mapping::preview`, which masks them.
    #[serde(skip)]
    pub samples: Vec<String>,
}

/// A sheet that will be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetHead {
    /// Name of the sheet; empty for CSV.
    pub name: String,
    /// Row of the header, counted from 1; 0 = the sheet has none and starts with data.
    pub row: u64,
}

/// The head of a file: what will be read and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Kind of file.
    pub format: Format,
    /// Encoding of a text file.
    pub encoding: Option<Encoding>,
    /// Separator of a text file.
    pub delimiter: Option<char>,
    /// Sheets with these columns, in order; at least one.
    pub sheets: Vec<SheetHead>,
    /// Sheets left out because they are empty or have other columns.
    pub skipped: Vec<String>,
    /// Columns.
    pub columns: Vec<Column>,
    /// Cells of the header row, trailing empty ones included.
    pub width: usize,
    /// Known names among them; below [`KNOWN_NAMES`] a person must look at the mapping.
    pub known: usize,
}

impl Header {
    /// Recognises files of the same source: a hash over format-free column names.
    #[must_use]
    pub fn signature(&self) -> String {
        let mut hash = Sha256::new();
        for column in &self.columns {
            hash.update(normal(&column.name).as_bytes());
            hash.update(b"\n");
        }
        let mut hex = String::with_capacity(16);
        for byte in hash.finalize().iter().take(8) {
            // Writing into a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        hex
    }

    /// Whether the header row was found by known names.
    #[must_use]
    pub const fn sure(&self) -> bool {
        self.known >= KNOWN_NAMES
    }
}

/// What the first rows of one sheet say.
pub(crate) struct Guess {
    pub(crate) row: u64,
    pub(crate) known: usize,
    pub(crate) width: usize,
    pub(crate) columns: Vec<Column>,
}

/// Finds the header among the first rows: the first of ten with three known names, else the first filled row with two cells.
pub(crate) fn guess(rows: &[Row], words: &Synonyms) -> Option<Guess> {
    let known = |row: &Row| {
        (0..row.len())
            .filter(|i| words.field(&row.words(*i)).is_some())
            .count()
    };
    let within = rows.iter().take(HEADER_ROWS);
    let best = within
        .clone()
        .find(|row| known(row) >= KNOWN_NAMES)
        .or_else(|| {
            within
                .clone()
                .filter(|row| known(row) > 0)
                .max_by_key(|row| (known(row), std::cmp::Reverse(row.number)))
        })
        .or_else(|| within.clone().find(|row| filled(row) >= 2))
        .or_else(|| within.clone().find(|row| !row.is_blank()))?;
    let mut columns = names(best);
    let after = rows
        .iter()
        .filter(|row| row.number > best.number && !row.is_blank());
    for row in after.take(SAMPLES) {
        for (i, column) in columns.iter_mut().enumerate() {
            column.samples.push(row.words(i));
        }
    }
    Some(Guess {
        row: best.number,
        known: known(best),
        width: best.len(),
        columns,
    })
}

fn filled(row: &Row) -> usize {
    (0..row.len()).filter(|i| !row.words(*i).is_empty()).count()
}

/// Names of the columns: blanks joined, doubled names numbered, trailing empty columns dropped.
fn names(row: &Row) -> Vec<Column> {
    let width = (0..row.len())
        .rev()
        .find(|i| !row.words(*i).is_empty())
        .map_or(0, |i| i + 1);
    let mut columns: Vec<Column> = Vec::with_capacity(width);
    let mut normals: Vec<String> = Vec::with_capacity(width);
    for i in 0..width {
        let words = row.words(i);
        let mut name = words.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            name = format!("第{}列", i + 1);
        }
        let plain = normal(&name);
        let before = normals.iter().filter(|n| **n == plain).count();
        if before > 0 {
            name = format!("{name}_{}", before + 1);
        }
        normals.push(plain);
        columns.push(Column {
            name,
            samples: Vec::new(),
        });
    }
    columns
}

/// Whether a row repeats the header: at least three filled cells and all of them the column names.
pub(crate) fn repeats(row: &Row, columns: &[String]) -> bool {
    let mut same = 0;
    for (i, name) in columns.iter().enumerate() {
        let words = row.words(i);
        if words.is_empty() {
            continue;
        }
        if normal(&words) != *name {
            return false;
        }
        same += 1;
    }
    same >= KNOWN_NAMES.min(columns.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_found_below_a_title_and_doubles_are_numbered() {
        let rows = [
            Row::of_texts(1, &["某区热线导出"]),
            Row::of_texts(2, &["序号", "工单编号*", "诉求内容", "备注", "备注", ""]),
            Row::of_texts(3, &["1", "A1", "违停", "x", "y"]),
        ];
        let head = guess(&rows, &Synonyms::built_in()).unwrap();
        assert_eq!((head.row, head.known, head.columns.len()), (2, 3, 5));
        assert_eq!(head.columns[4].name, "备注_2");
        assert_eq!(head.columns[1].samples, ["A1"]);
    }
}
