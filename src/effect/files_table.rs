//! How are the plain files read: a table by the names of its columns, and remarks on rows?

use serde::Serialize;

use crate::calendar::Day;

/// A row that was refused or that deserves a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which file.
    pub file: &'static str,
    /// Line of the file as an editor counts, the header, blank lines and lines within quotes included; 0 for the file as a whole.
    pub row: usize,
    /// Whether the row was left out.
    pub refused: bool,
    /// What is wrong and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// A file that cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// Not CSV.
    #[error("{file} cannot be read as CSV: {why}")]
    Csv {
        /// Which file.
        file: &'static str,
        /// Why.
        why: String,
    },
    /// A column is missing.
    #[error("{file} has no column {column}; its columns are {found}")]
    Column {
        /// Which file.
        file: &'static str,
        /// Which column.
        column: &'static str,
        /// What it has.
        found: String,
    },
    /// No usable row.
    #[error("{file} holds no usable row; see the remarks for each row's reason")]
    Empty {
        /// Which file.
        file: &'static str,
    },
}

/// A table by the names of its columns.
pub(crate) struct Table {
    file: &'static str,
    header: Vec<String>,
    /// Rows after the header that say anything, each with the line it begins on.
    pub(crate) rows: Vec<(usize, csv::StringRecord)>,
}

impl Table {
    pub(crate) fn read(file: &'static str, bytes: &[u8]) -> Result<Self, FilesError> {
        let plain = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(plain);
        let bad = |e: csv::Error| FilesError::Csv {
            file,
            why: e.to_string(),
        };
        let header = reader.headers().map_err(bad)?;
        let header = header.iter().map(|h| h.trim().to_lowercase()).collect();
        let mut lines = Lines::of(plain);
        let mut rows = Vec::new();
        for row in reader.records() {
            let row = row.map_err(bad)?;
            let at = lines.at(row.position().map_or(0, csv::Position::byte));
            if row.iter().any(|cell| !cell.trim().is_empty()) {
                rows.push((at, row));
            }
        }
        Ok(Self { file, header, rows })
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|h| h == name)
    }

    pub(crate) fn needed(&self, column: &'static str) -> Result<usize, FilesError> {
        self.column(column).ok_or_else(|| FilesError::Column {
            file: self.file,
            column,
            found: self.header.join(", "),
        })
    }
}

/// Which line rising places of a text lie on: the reader's own count takes blank lines for the row after them.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a [u8]) -> Self {
        Self {
            text,
            at: 0,
            line: 1,
        }
    }

    /// The line of the first byte from `byte` on that ends no line. `byte` never falls from call to call.
    fn at(&mut self, byte: u64) -> usize {
        let from = usize::try_from(byte).unwrap_or(usize::MAX);
        while let Some(b) = self.text.get(self.at) {
            if self.at >= from && !matches!(b, b'\n' | b'\r') {
                break;
            }
            self.line += usize::from(*b == b'\n');
            self.at += 1;
        }
        self.line
    }
}

/// A trimmed cell, empty when the column or the cell is missing.
pub(crate) fn cell(row: &csv::StringRecord, column: Option<usize>) -> &str {
    column.and_then(|c| row.get(c)).unwrap_or_default().trim()
}

/// A remark on a row.
pub(crate) fn remark(at: (&'static str, usize), refused: bool, zh: String, en: String) -> Remark {
    Remark {
        file: at.0,
        row: at.1,
        refused,
        zh,
        en,
    }
}

/// A date at the head of a cell, with or without a time after it.
pub(crate) fn date(text: &str) -> Option<Day> {
    let head: String = text.chars().take(10).collect();
    Day::parse(text).or_else(|| Day::parse(&head))
}

#[cfg(test)]
mod tests {
    use super::{Table, cell};

    #[test]
    fn a_row_is_named_by_the_line_an_editor_shows() {
        for end in ["\n", "\r\n"] {
            let text = [
                "\u{feff}id,note",
                "a,1",
                "",
                "b,\"two",
                "lines\"",
                ",",
                "c,3",
            ]
            .join(end);
            let table = Table::read("sites", text.as_bytes()).unwrap();
            let found: Vec<(usize, &str)> = table
                .rows
                .iter()
                .map(|(line, row)| (*line, cell(row, Some(0))))
                .collect();
            assert_eq!(found, [(2, "a"), (4, "b"), (7, "c")]);
        }
    }
}
