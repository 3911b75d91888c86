//! What is a design, what does it read and what does it give?
//!
//! One design is one file with one `pub static` of type [`Design`]: name, words, documentation, the fields of its input
//! and the function that runs it on a plain document. Command line, golden cases and documentation come from this one
//! definition; the binding to a prepared city is in `opinions`.

use std::fmt::Write as _;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::hotspot::method::Answer;
use crate::stats::distribution::Z_975;
use crate::stats::glm::GlmError;
use crate::stats::meta::BadEstimates;
use crate::stats::two_rates::BadRates;

/// A statistic that estimates an effect in its own way.
#[derive(Debug)]
pub struct Design {
    /// Stable name on all doors: `comparison_group`.
    pub name: &'static str,
    /// Chinese title.
    pub title: &'static str,
    /// Page of documentation in Markdown: what it answers, source, formula, cost, edge cases, example.
    pub doc: &'static str,
    /// Fields of the input document with their meaning.
    pub input: &'static [(&'static str, &'static str)],
    /// Runs on a document.
    pub run: fn(&Value) -> Result<Answer, DesignError>,
}

/// Why a design gave no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DesignError {
    /// The document lacks a field or a field is of the wrong kind.
    #[error("the input cannot be read: {why}; see the design's page for its fields")]
    Input {
        /// The reader's words.
        why: String,
    },
    /// Values that contradict each other or say nothing.
    #[error("{what}; {cure}")]
    Invalid {
        /// What is wrong, with the value.
        what: String,
        /// What to do.
        cure: &'static str,
    },
    /// Two rates cannot be compared.
    #[error(transparent)]
    Rates(#[from] BadRates),
    /// A regression has no answer.
    #[error(transparent)]
    Regression(#[from] GlmError),
    /// Estimates cannot be combined.
    #[error(transparent)]
    Estimates(#[from] BadEstimates),
}

impl DesignError {
    /// A refusal in words: what is wrong, and the cure.
    pub(crate) fn invalid(what: impl Into<String>, cure: &'static str) -> Self {
        Self::Invalid {
            what: what.into(),
            cure,
        }
    }
}

/// The input document as a typed value.
pub(crate) fn read<T: DeserializeOwned>(input: &Value) -> Result<T, DesignError> {
    T::deserialize(input).map_err(|e| DesignError::Input { why: e.to_string() })
}

/// A figure as JSON: infinity as the word `inf`, a value that is no number as `null`.
pub(crate) fn figure(x: f64) -> Value {
    if x.is_infinite() {
        Value::from(if x > 0.0 { "inf" } else { "-inf" })
    } else {
        Value::from(x)
    }
}

/// Figures as a JSON list.
pub(crate) fn figures(values: impl IntoIterator<Item = f64>) -> Value {
    Value::Array(values.into_iter().map(figure).collect())
}

/// A log ratio and its standard error as ratio with 95 % interval.
pub(crate) fn ratio(coef: f64, se: f64) -> Value {
    json!({
        "rr": figure(coef.exp()),
        "lo": figure((coef - Z_975 * se).exp()),
        "hi": figure((coef + Z_975 * se).exp()),
    })
}

impl Design {
    /// The answer as one JSON document with everything needed to repeat it.
    #[must_use]
    pub fn document(&self, answer: &Answer) -> Value {
        let notes: Vec<Value> = answer
            .notes
            .iter()
            .map(|n| json!({ "code": n.code, "text": n.text }))
            .collect();
        json!({
            "design": self.name,
            "title": self.title,
            "engine": env!("CARGO_PKG_VERSION"),
            "notes": notes,
            "result": answer.value,
        })
    }

    /// The design's page in Markdown.
    #[must_use]
    pub fn page(&self) -> String {
        let mut out = format!("# {} `{}`\n\n{}\n", self.title, self.name, self.doc.trim());
        out.push_str("\n## Input\n\nOne JSON document.\n\n| field | meaning |\n|---|---|\n");
        for (field, meaning) in self.input {
            // Writing into a String cannot fail.
            let _ = writeln!(out, "| `{field}` | {meaning} |");
        }
        let _ = write!(
            out,
            "\n## On plain files\n\n```sh\nzhilu effect design {} --input case.json --output answer.json\n```\n",
            self.name
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{figure, figures};
    use serde_json::json;

    #[test]
    fn no_figure_leaves_as_a_number_that_is_none() {
        assert_eq!(
            figures([1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN]),
            json!([1.5, "inf", "-inf", null])
        );
        assert_eq!(figure(0.0), json!(0.0));
    }
}
