//! How do plain tables reach a method?
//!
//! A method reads named tables of text cells (from a CSV file, a golden case or a selection of tickets) and, where the
//! data are not a table, one JSON document. Bytes come in, no file is opened here.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

/// Why an input was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The bytes are no CSV.
    #[error("table {table} cannot be read as csv: {why}")]
    Csv {
        /// Which table.
        table: String,
        /// The reader's words.
        why: String,
    },
    /// A table is missing.
    #[error("no table {wanted}; given are: {given}")]
    NoTable {
        /// What was looked for.
        wanted: String,
        /// What is there.
        given: String,
    },
    /// A column is missing.
    #[error("table {table} has no column {column}; its columns are: {has}")]
    NoColumn {
        /// Which table.
        table: String,
        /// What was looked for.
        column: String,
        /// What is there.
        has: String,
    },
    /// A cell is not what it should be.
    #[error("table {table}, row {row}, column {column}: {value:?} is not {wanted}")]
    Cell {
        /// Which table.
        table: String,
        /// Row of data, from 1.
        row: usize,
        /// Which column.
        column: String,
        /// What stands there.
        value: String,
        /// What should stand there.
        wanted: &'static str,
    },
    /// The JSON document lacks something.
    #[error("the document has no {wanted}")]
    NoField {
        /// Path of the field.
        wanted: String,
    },
}

/// A table of text cells with named columns.
#[derive(Clone, Debug, Default)]
pub struct Table {
    name: String,
    columns: Vec<String>,
    rows: Vec<StringRecord>,
}

impl Table {
    /// Reads CSV bytes (UTF-8, with or without byte order mark, header in the first row).
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, InputError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().from_reader(bytes);
        let broken = |why: csv::Error| InputError::Csv {
            table: name.to_owned(),
            why: why.to_string(),
        };
        let columns = reader
            .headers()
            .map_err(broken)?
            .iter()
            .map(|c| c.trim().to_owned())
            .collect();
        let rows = reader.records().collect::<Result<_, _>>().map_err(broken)?;
        Ok(Self {
            name: name.to_owned(),
            columns,
            rows,
        })
    }

    /// A table from columns of text; shorter columns end with empty cells.
    #[must_use]
    pub fn from_columns(name: &str, columns: &[(&str, Vec<String>)]) -> Self {
        let n = columns.iter().map(|c| c.1.len()).max().unwrap_or(0);
        let cell = |c: &(&str, Vec<String>), row: usize| c.1.get(row).cloned().unwrap_or_default();
        Self {
            name: name.to_owned(),
            columns: columns.iter().map(|c| c.0.to_owned()).collect(),
            rows: (0..n)
                .map(|row| {
                    columns
                        .iter()
                        .map(|c| cell(c, row))
                        .collect::<Vec<_>>()
                        .into()
                })
                .collect(),
        }
    }

    /// The rows that are not marked.
    #[must_use]
    pub fn without(&self, marked: &[bool]) -> Self {
        let kept = self.rows.iter().zip(marked).filter(|(_, out)| !**out);
        Self {
            name: self.name.clone(),
            columns: self.columns.clone(),
            rows: kept.map(|(row, _)| row.clone()).collect(),
        }
    }

    /// Number of rows of data.
    #[must_use]
    pub fn n(&self) -> usize {
        self.rows.len()
    }

    /// Names of all columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether a column exists.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|c| c == column)
    }

    fn place(&self, column: &str) -> Result<usize, InputError> {
        self.columns
            .iter()
            .position(|c| c == column)
            .ok_or_else(|| InputError::NoColumn {
                table: self.name.clone(),
                column: column.to_owned(),
                has: self.columns.join(", "),
            })
    }

    /// The cells of a column.
    pub fn texts(&self, column: &str) -> Result<Vec<&str>, InputError> {
        let place = self.place(column)?;
        Ok(self
            .rows
            .iter()
            .map(|r| r.get(place).unwrap_or_default().trim())
            .collect())
    }

    /// A column of finite numbers.
    pub fn numbers(&self, column: &str) -> Result<Vec<f64>, InputError> {
        self.read(column, "a finite number", |text| {
            text.parse().ok().filter(|v: &f64| v.is_finite())
        })
    }

    /// Longitudes and latitudes in degrees.
    pub fn degrees(&self) -> Result<(Vec<f64>, Vec<f64>), InputError> {
        let within =
            |most: f64| move |text: &str| text.parse().ok().filter(|v: &f64| v.abs() <= most);
        Ok((
            self.read("lon", "a longitude from -180 to 180", within(180.0))?,
            self.read("lat", "a latitude from -90 to 90", within(90.0))?,
        ))
    }

    /// A column of finite numbers that may be absent as a whole; `otherwise` fills it then.
    pub fn numbers_or(&self, column: &str, otherwise: f64) -> Result<Vec<f64>, InputError> {
        if self.has(column) {
            self.numbers(column)
        } else {
            Ok(vec![otherwise; self.n()])
        }
    }

    /// A column of whole numbers that are not negative.
    pub fn sizes(&self, column: &str) -> Result<Vec<usize>, InputError> {
        self.read(column, "a whole number of at least 0", |text| {
            text.parse().ok()
        })
    }

    /// A column read by a function that gives `None` for a wrong cell.
    pub fn read<T>(
        &self,
        column: &str,
        wanted: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Vec<T>, InputError> {
        self.texts(column)?
            .into_iter()
            .enumerate()
            .map(|(row, text)| {
                parse(text).ok_or_else(|| InputError::Cell {
                    table: self.name.clone(),
                    row: row + 1,
                    column: column.to_owned(),
                    value: text.chars().take(40).collect(),
                    wanted,
                })
            })
            .collect()
    }
}

/// A table a method reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableSpec {
    /// Names under which the table is found (file stems), the first that exists is taken.
    pub names: &'static [&'static str],
    /// Columns in words: which are needed, which may be there.
    pub columns: &'static str,
}

/// Everything a run reads: tables by name and at most one document.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// Tables by file stem.
    pub tables: BTreeMap<String, Table>,
    /// The document, `null` when there is none.
    pub document: Value,
}

impl Input {
    /// One table under the name `input`.
    #[must_use]
    pub fn of(table: Table) -> Self {
        let mut out = Self::default();
        out.tables.insert(table.name.clone(), table);
        out
    }

    /// The first table of a spec that is there; a single unnamed file serves every spec.
    pub fn table(&self, spec: &TableSpec) -> Result<&Table, InputError> {
        self.optional_table(spec)
            .ok_or_else(|| InputError::NoTable {
                wanted: spec.names.join(" or "),
                given: self
                    .tables
                    .keys()
                    .cloned()
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// The first table of a spec that is there, or `None`.
    #[must_use]
    pub fn optional_table(&self, spec: &TableSpec) -> Option<&Table> {
        spec.names.iter().find_map(|name| self.tables.get(*name))
    }

    /// A field of the document by path.
    pub fn field(&self, path: &[&str]) -> Result<&Value, InputError> {
        let mut at = &self.document;
        for key in path {
            at = at.get(key).ok_or_else(|| InputError::NoField {
                wanted: path.join("."),
            })?;
        }
        Ok(at)
    }
}

/// A JSON array of finite numbers.
pub fn json_numbers(value: &Value, what: &str) -> Result<Vec<f64>, InputError> {
    let wrong = || InputError::NoField {
        wanted: format!("list of numbers {what}"),
    };
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|v| v.as_f64().filter(|x| x.is_finite()).ok_or_else(wrong))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{InputError, Table};

    #[test]
    fn a_broken_number_is_named_with_row_and_column() {
        let table = Table::parse("input", b"\xef\xbb\xbfx,y\n1,2\nNaN,3\n").unwrap();
        assert_eq!(table.numbers("y").unwrap(), [2.0, 3.0]);
        let why = table.numbers("x").unwrap_err();
        assert_eq!(
            why.to_string(),
            "table input, row 2, column x: \"NaN\" is not a finite number"
        );
        assert!(matches!(table.texts("z"), Err(InputError::NoColumn { .. })));
    }

    #[test]
    fn a_header_without_rows_is_an_empty_table() {
        let table = Table::parse("input", b"x,y\n").unwrap();
        assert_eq!(table.n(), 0);
        assert!(table.numbers("x").unwrap().is_empty());
        assert!(Table::parse("input", b"").unwrap().numbers("x").is_err());
    }
}
