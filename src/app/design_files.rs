//! What do the second opinions say about plain documents?
//!
//! The input is one JSON document with the fields of the design's page, or a file of cases (`cases`, each with an `input`),
//! all of which are answered. A document that names a CSV `file` gets its columns from beside it.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::error::Error;
use crate::app::verify::treatment::fill_from_file;
use crate::effect::designs::{DESIGNS, Design, design};

/// Largest document that is read, in bytes.
const LARGEST: u64 = 200_000_000;

/// One line per design for a help page: name and Chinese title.
#[must_use]
pub fn list() -> Vec<(&'static str, &'static str)> {
    DESIGNS.iter().map(|d| (d.name, d.title)).collect()
}

/// The documentation page of a design in Markdown.
pub fn page(name: &str) -> Result<String, Error> {
    Ok(known(name)?.page())
}

fn known(name: &str) -> Result<&'static Design, Error> {
    design(name).ok_or_else(|| {
        let names: Vec<&str> = DESIGNS.iter().map(|d| d.name).collect();
        let why = format!("{name} is no design; known are {}", names.join(", "));
        Error::invalid("design", why)
    })
}

/// Runs a design on a document and returns its answer; a file of cases gives one answer each, refusals included.
pub fn run(name: &str, input: &Path) -> Result<Value, Error> {
    let design = known(name)?;
    let shown = input.display();
    let wrong = |why: String| Error::invalid("input", format!("{shown}: {why}"));
    let size = fs::metadata(input).map_err(|e| wrong(e.to_string()))?.len();
    if size > LARGEST {
        let why = format!("{shown} has {size} bytes, the limit is {LARGEST}; split it");
        return Err(Error::refused("too_large", why));
    }
    let bytes = fs::read(input).map_err(|e| wrong(e.to_string()))?;
    let document: Value = serde_json::from_slice(&bytes).map_err(|e| wrong(e.to_string()))?;
    let folder = input.parent().unwrap_or(Path::new("."));
    let Some(cases) = document.get("cases").and_then(Value::as_array) else {
        return answer(design, folder, document).map_err(wrong);
    };
    let answers = cases.iter().map(|case| {
        let id = case.get("id").cloned().unwrap_or(Value::Null);
        let input = case.get("input").cloned().unwrap_or(Value::Null);
        match answer(design, folder, input) {
            Ok(answer) => json!({ "id": id, "answer": answer }),
            Err(why) => json!({ "id": id, "refused": why }),
        }
    });
    Ok(json!({ "cases": answers.collect::<Vec<_>>() }))
}

fn answer(design: &Design, folder: &Path, mut input: Value) -> Result<Value, String> {
    fill_from_file(folder, &mut input)?;
    let answer = (design.run)(&input).map_err(|e| e.to_string())?;
    Ok(design.document(&answer))
}

/// Writes an answer as JSON.
pub fn write(answer: &Value, output: &Path) -> Result<(), Error> {
    fs::write(output, format!("{answer:#}\n"))
        .map_err(|e| Error::refused("unwritable", format!("{}: {e}", output.display())))
}
