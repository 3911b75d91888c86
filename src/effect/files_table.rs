//! How are the plain files read: a table by the names of its columns, and remarks on rows?

use serde::Serialize;

use crate::calendar::Day;

/// A row that was refused or that deserves a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// Which file.
    pub file: &'static str,
    /// Row counted from 1 with the header as row 1; 0 for the file as a whole.
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
    /// Rows after the header.
    pub(crate) rows: Vec<csv::StringRecord>,
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
        let rows = reader.records().collect::<Result<_, _>>().map_err(bad)?;
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
