//! How does a row of a catalogue file become checked values, or an error that names row, column, value and cure?

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use csv::{ReaderBuilder, StringRecord};

/// One wrong cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowError {
    /// Line of the file, the header being 1.
    pub row: usize,
    /// Column, as in the header.
    pub column: String,
    /// The value as it stands.
    pub value: String,
    /// What it must be.
    pub cure: String,
    /// The same in Chinese, for pages.
    pub cure_zh: String,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            column,
            value,
            cure,
            ..
        } = self;
        write!(f, "row {row}, {column} {value:?}: {cure}")
    }
}

/// Why a catalogue file is refused; the old catalogue stays in force.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file is no CSV.
    #[error("{file}: {why}; save it as CSV in UTF-8")]
    NotCsv {
        /// Which file.
        file: &'static str,
        /// What the reader met.
        why: String,
    },
    /// Columns are absent.
    #[error("{file}: column {column:?} is missing; the header must hold {needed}")]
    NoColumn {
        /// Which file.
        file: &'static str,
        /// The first absent one.
        column: &'static str,
        /// All needed ones.
        needed: String,
    },
    /// Cells are wrong; all of them are listed.
    #[error("{file}: {}", list(.rows))]
    Rows {
        /// Which file.
        file: &'static str,
        /// Every wrong cell, in file order.
        rows: Vec<RowError>,
    },
}

fn list(rows: &[RowError]) -> String {
    let all: Vec<String> = rows.iter().map(ToString::to_string).collect();
    all.join("; ")
}

/// The rows of a file with their columns by name.
pub(super) struct Table {
    columns: BTreeMap<String, usize>,
    records: Vec<StringRecord>,
}

impl Table {
    /// Reads UTF-8 CSV with or without BOM; every needed column must be there, others are ignored.
    pub(super) fn read(
        file: &'static str,
        bytes: &[u8],
        needed: &[&'static str],
    ) -> Result<Self, CatalogueError> {
        let not_csv = |why: String| CatalogueError::NotCsv { file, why };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(|e| not_csv(e.to_string()))?;
        let columns: BTreeMap<String, usize> = header
            .iter()
            .enumerate()
            .map(|(at, name)| (name.trim().to_owned(), at))
            .collect();
        if let Some(column) = needed.iter().copied().find(|n| !columns.contains_key(*n)) {
            return Err(CatalogueError::NoColumn {
                file,
                column,
                needed: needed.join(", "),
            });
        }
        let records = reader
            .records()
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| not_csv(e.to_string()))?;
        Ok(Self { columns, records })
    }

    /// The rows that hold anything, with their errors collected in `wrong`.
    pub(super) fn rows(&self) -> impl Iterator<Item = Cells<'_>> {
        let filled = |r: &&StringRecord| r.iter().any(|c| !c.trim().is_empty());
        self.records
            .iter()
            .filter(filled)
            .enumerate()
            .map(move |(at, record)| Cells {
                columns: &self.columns,
                record,
                row: record
                    .position()
                    .map_or(at + 2, |p| usize::try_from(p.line()).unwrap_or(usize::MAX)),
                wrong: Vec::new(),
            })
    }
}

/// One row: cells by column name; errors are gathered, so that a file is mended in one go.
pub(super) struct Cells<'a> {
    columns: &'a BTreeMap<String, usize>,
    record: &'a StringRecord,
    /// Line of the file.
    pub(super) row: usize,
    /// What is wrong so far.
    pub(super) wrong: Vec<RowError>,
}

impl<'a> Cells<'a> {
    /// The cell without blanks around it; empty if the row is shorter.
    pub(super) fn text(&self, column: &str) -> &'a str {
        let at = self.columns.get(column);
        at.and_then(|at| self.record.get(*at)).unwrap_or("").trim()
    }

    /// A cell that must not be empty.
    pub(super) fn filled(&mut self, column: &str) -> String {
        let text = self.text(column);
        if text.is_empty() {
            self.blame(column, "must not be empty", "不能为空");
        }
        text.to_owned()
    }

    /// A list separated by `;`.
    pub(super) fn list(&self, column: &str) -> Vec<String> {
        let parts = self.text(column).split([';', '；']).map(str::trim);
        parts.filter(|p| !p.is_empty()).map(str::to_owned).collect()
    }

    /// A number within bounds; the lower bound stands in for a wrong one.
    pub(super) fn number<T>(&mut self, column: &str, [low, high]: [T; 2]) -> T
    where
        T: FromStr + PartialOrd + Copy + fmt::Display,
    {
        match self.text(column).parse::<T>() {
            Ok(value) if value >= low && value <= high => value,
            _ => {
                self.blame(
                    column,
                    format!("must be a number from {low} to {high}"),
                    format!("须为 {low} 至 {high} 的数"),
                );
                low
            }
        }
    }

    /// One of a closed set of words.
    pub(super) fn one_of<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column);
        let found = words.iter().find(|(word, _)| *word == text).map(|w| w.1);
        if found.is_none() {
            let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let all = all.join(", ");
            self.blame(
                column,
                format!("must be one of {all}"),
                format!("须为以下之一：{all}"),
            );
        }
        found
    }

    /// Notes a wrong cell with its cure in both languages.
    pub(super) fn blame(&mut self, column: &str, cure: impl Into<String>, zh: impl Into<String>) {
        self.wrong.push(RowError {
            row: self.row,
            column: column.to_owned(),
            value: self.text(column).to_owned(),
            cure: cure.into(),
            cure_zh: zh.into(),
        });
    }
}
