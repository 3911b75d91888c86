//! What is a method, what does it take and what does it give?
//!
//! One method is one file with one `pub static` of type [`Method`]: name, words, parameters, the tables it reads and the
//! function that runs it. Command line, HTTP check, page form and documentation come from this one definition.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::hotspot::table::{Input, InputError, TableSpec};
use crate::param::{BadSetting, Param, Settings};

/// A method that finds where it is worse than chance.
#[derive(Debug)]
pub struct Method {
    /// Stable name on all doors: `gi_star`.
    pub name: &'static str,
    /// Chinese title.
    pub title: &'static str,
    /// Page of documentation in Markdown: what it answers, source, formula, cost, edge cases, example.
    pub doc: &'static str,
    /// Tables it reads, each with its columns.
    pub inputs: &'static [TableSpec],
    /// Parameters.
    pub params: &'static [Param],
    /// Runs on checked settings.
    pub run: fn(&Input, &Settings) -> Result<Answer, MethodError>,
}

/// What a method found: values for machines, notes for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The result as JSON; an undefined figure is `null`, never NaN.
    pub value: Map<String, Value>,
    /// Why something is undefined or withheld.
    pub notes: Vec<Note>,
}

/// A reason in code and words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Stable code: `NO_VARIANCE`, `TOO_FEW`, …
    pub code: &'static str,
    /// What it means here, in Chinese.
    pub text: String,
}

/// Why a method did not run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MethodError {
    /// The input could not be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A setting was refused.
    #[error(transparent)]
    Setting(#[from] BadSetting),
    /// The work would not fit.
    #[error("{what} is {size}, the limit is {limit}; {cure}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is.
        size: usize,
        /// How large it may be.
        limit: usize,
        /// What to do.
        cure: &'static str,
    },
    /// Values that contradict each other.
    #[error("{what}; {cure}")]
    Invalid {
        /// What is wrong, with the value.
        what: String,
        /// What to do.
        cure: &'static str,
    },
}

impl Answer {
    /// An empty answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a figure; floats that are not numbers become `null`.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.value.insert(key.to_owned(), value.into());
    }

    /// Adds a reason once.
    pub fn note(&mut self, code: &'static str, text: impl Into<String>) {
        if !self.notes.iter().any(|n| n.code == code) {
            self.notes.push(Note {
                code,
                text: text.into(),
            });
        }
    }
}

/// Optional numbers as JSON, undefined as `null`.
#[must_use]
pub fn optional(values: impl IntoIterator<Item = Option<f64>>) -> Value {
    Value::Array(values.into_iter().map(Value::from).collect())
}

impl Method {
    /// Checks settings given as `(name, text)` and runs; the answer also records method, parameters and notes.
    pub fn run_with<'a>(
        &self,
        input: &Input,
        given: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Answer, MethodError> {
        let settings = Settings::read(self.params, given)?;
        (self.run)(input, &settings)
    }

    /// The answer as one JSON document with everything needed to repeat it.
    #[must_use]
    pub fn document(&self, settings: &Settings, answer: &Answer) -> Value {
        let notes: Vec<Value> = answer
            .notes
            .iter()
            .map(|n| json!({ "code": n.code, "text": n.text }))
            .collect();
        json!({
            "method": self.name,
            "title": self.title,
            "engine": env!("CARGO_PKG_VERSION"),
            "params": settings.to_json(),
            "notes": notes,
            "result": answer.value,
        })
    }

    /// The method's page in Markdown: words, inputs and the table of parameters from their one definition.
    #[must_use]
    pub fn page(&self) -> String {
        let mut out = format!("# {} `{}`\n\n{}\n", self.title, self.name, self.doc.trim());
        out.push_str("\n## Input\n\n| table | columns |\n|---|---|\n");
        for input in self.inputs {
            let names = input.names.join("`, `");
            // Writing into a String cannot fail.
            let _ = writeln!(out, "| `{names}` | {} |", input.columns);
        }
        if !self.params.is_empty() {
            out.push_str("\n## Parameters\n\n| name | 名称 | unit | default | allowed | meaning |\n|---|---|---|---|---|---|\n");
        }
        for p in self.params {
            let default = serde_json::to_string(&p.kind.default_setting()).unwrap_or_default();
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {default} | {} | {} |",
                p.name,
                p.title,
                p.unit,
                p.kind.wanted(),
                p.doc
            );
        }
        let _ = write!(
            out,
            "\n## On plain files\n\n```sh\nzhilu hotspot {} --input FOLDER_OR_CSV --output answer.json\n```\n",
            self.name
        );
        out
    }
}
