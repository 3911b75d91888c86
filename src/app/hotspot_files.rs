//! What does a hotspot method say about plain files?
//!
//! The input is one CSV file, one JSON document or a folder of CSV files (with at most one `document.json`). A folder that
//! holds a case file (`expected.json` or `case.json` with a `kind`) and no further settings is computed with the case's own
//! parameters and answered under its names. The answer is JSON, or CSV when the output's name ends so.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::error::Error;
use crate::app::verify::hotspots::{compute, read_folder};
use crate::hotspot::adapt::runs_on;
use crate::hotspot::{Input, METHODS, Method, MethodError, Table, method};
use crate::param::Settings;

/// Largest file that is read, in bytes.
const LARGEST: u64 = 2_000_000_000;

/// One line per method for a help page: name and Chinese title.
#[must_use]
pub fn list() -> Vec<(&'static str, &'static str)> {
    METHODS.iter().map(|m| (m.name, m.title)).collect()
}

/// The documentation page of a method in Markdown.
pub fn page(name: &str) -> Result<String, Error> {
    Ok(known(name)?.page())
}

fn known(name: &str) -> Result<&'static Method, Error> {
    method(name).ok_or_else(|| {
        let names: Vec<&str> = METHODS.iter().map(|m| m.name).collect();
        let why = format!("{name} is no method; known are {}", names.join(", "));
        Error::invalid("method", why)
    })
}

/// Runs a method on files and returns its answer as text; `given` are settings as `(name, text)`.
pub fn run(name: &str, input: &Path, given: &[(String, String)]) -> Result<Value, Error> {
    let found = known(name)?;
    if let Some(case) = case_of(input, given)? {
        let (actual, _) =
            compute(input, name, &case).map_err(|why| Error::invalid("input", why))?;
        return Ok(actual);
    }
    let tables = read(input)?;
    let pairs = given.iter().map(|(k, v)| (k.as_str(), v.as_str()));
    let settings =
        Settings::read(found.params, pairs).map_err(|e| Error::invalid("set", e.to_string()))?;
    let answer = (found.run)(&tables, &settings).map_err(|e| refuse(&e))?;
    Ok(found.document(&settings, &answer))
}

fn refuse(error: &MethodError) -> Error {
    match error {
        MethodError::TooLarge { .. } => Error::refused("too_large", error.to_string()),
        _ => Error::invalid("input", error.to_string()),
    }
}

/// Writes an answer: JSON, or CSV of its longest columns when the name ends in `.csv`.
pub fn write(answer: &Value, output: &Path) -> Result<(), Error> {
    let text = if output
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("csv"))
    {
        as_csv(answer)?
    } else {
        format!("{answer:#}\n")
    };
    fs::write(output, text)
        .map_err(|e| Error::refused("unwritable", format!("{}: {e}", output.display())))
}

/// The case file of a folder, when no settings were given that would contradict it.
fn case_of(input: &Path, given: &[(String, String)]) -> Result<Option<Value>, Error> {
    if !input.is_dir() || !given.is_empty() {
        return Ok(None);
    }
    for name in ["expected.json", "case.json"] {
        let path = input.join(name);
        if path.is_file() {
            let value = json_file(&path)?;
            return Ok(value.get("kind").is_some().then_some(value));
        }
    }
    Ok(None)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let shown = path.display();
    let size = fs::metadata(path).map_err(|e| Error::invalid("input", format!("{shown}: {e}")))?;
    if size.len() > LARGEST {
        let why = format!(
            "{shown} has {} bytes, the limit is {LARGEST}; split it by period",
            size.len()
        );
        return Err(Error::refused("too_large", why));
    }
    fs::read(path).map_err(|e| Error::invalid("input", format!("{shown}: {e}")))
}

fn json_file(path: &Path) -> Result<Value, Error> {
    serde_json::from_slice(&bytes(path)?)
        .map_err(|e| Error::invalid("input", format!("{}: {e}", path.display())))
}

fn read(input: &Path) -> Result<Input, Error> {
    if input.is_dir() {
        let mut found = read_folder(input).map_err(|why| Error::invalid("input", why))?;
        let document = input.join("document.json");
        if document.is_file() {
            found.document = json_file(&document)?;
        }
        return Ok(found);
    }
    if input
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("json"))
    {
        return Ok(Input {
            document: json_file(input)?,
            ..Input::default()
        });
    }
    let table = Table::parse("input", &bytes(input)?)
        .map_err(|e| Error::invalid("input", e.to_string()))?;
    Ok(Input::of(table))
}

/// All lists of one length, the longest that occurs, side by side.
pub fn as_csv(answer: &Value) -> Result<String, Error> {
    let result = answer
        .get("result")
        .or_else(|| answer.get("actual"))
        .unwrap_or(answer);
    let columns: Vec<(&String, &Vec<Value>)> = result
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, v)| v.as_array().map(|list| (name, list)))
        .filter(|(_, list)| list.iter().all(|v| !v.is_object() && !v.is_array()))
        .collect();
    let longest = columns.iter().map(|c| c.1.len()).max().unwrap_or(0);
    let kept: Vec<_> = columns
        .into_iter()
        .filter(|c| c.1.len() == longest && longest > 0)
        .collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    writer
        .write_record(kept.iter().map(|c| c.0.as_str()))
        .map_err(failed)?;
    for row in 0..longest {
        let cells = kept.iter().map(|(_, list)| match &list[row] {
            Value::Null => String::new(),
            Value::String(s) => s.clone(),
            other => other.to_string(),
        });
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
}

fn inputs(method: &Method) -> Vec<Value> {
    let tables = method.inputs.iter();
    tables
        .map(|t| json!({"names": t.names, "columns": t.columns}))
        .collect()
}

/// All methods with their parameters, for the page's form and the interface description.
#[must_use]
pub fn catalogue() -> Value {
    let all: Vec<Value> = METHODS
        .iter()
        .map(|m| json!({ "name": m.name, "title": m.title, "params": m.params, "inputs": inputs(m), "runs_on": runs_on(m.name) }))
        .collect();
    json!({ "methods": all })
}
