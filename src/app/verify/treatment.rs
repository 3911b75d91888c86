//! Do the rules of treatment effects give the known answers: one file per kind, each case with its own tolerance?
//!
//! Kinds that are designs run through the registry of `effect::designs`; the others have their line in `RULES`. A kind
//! nobody knows is a failed check, never a silence.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::app::verify::treatment_compare::{Tolerance, compare};
use crate::app::verify::treatment_rules::Rule;
use crate::app::verify::{Check, Found, treatment_panel, treatment_rules};
use crate::effect::designs::design;
use crate::stats::multiple::{bh_q, cut};
use crate::stats::number::whole_i64;

/// Kinds that are no designs.
static RULES: &[(&str, Rule)] = &[("multiple_testing", multiple_testing)];

/// Runs every `*.json` of the folder, in the order of names.
#[must_use]
pub fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    let mut checks = Vec::new();
    for path in json_files(&found.folder) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let group = format!("{}/{stem}", found.name);
        match read(&path) {
            Ok(file) => run_file(&group, &found.folder, &file, &mut checks, emit),
            Err(why) => checks.push(Check::new(&group, "file", false, why)),
        }
    }
    for folder in panels(&found.folder) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let group = format!("{}/{name}", found.name);
        checks.extend(treatment_panel::run(&folder, &group, emit));
    }
    checks
}

/// Folders below that hold a whole panel.
fn panels(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut folders: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join("treatments.csv").is_file())
        .collect();
    folders.sort();
    folders
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

fn read(path: &Path) -> Result<Value, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| e.to_string())
}

fn run_file(
    group: &str,
    folder: &Path,
    file: &Value,
    checks: &mut Vec<Check>,
    emit: Option<&Path>,
) {
    let kind = file.get("kind").and_then(Value::as_str).unwrap_or_default();
    let cases = file.get("cases").and_then(Value::as_array);
    let Some(cases) = cases.filter(|c| !c.is_empty()) else {
        checks.push(Check::new(group, "file", false, "holds no cases"));
        return;
    };
    let mut answers = Vec::new();
    for case in cases {
        let id = case.get("id").and_then(Value::as_str).unwrap_or("?");
        match answer(kind, folder, case.get("input").unwrap_or(&Value::Null)) {
            Ok(got) => {
                let got = Value::Object(got);
                let within = Tolerance::read(case.get("tol").unwrap_or(&Value::Null));
                let want = case.get("expected").unwrap_or(&Value::Null);
                checks.extend(compare((group, id), want, &got, &within));
                answers.push(json!({ "id": id, "answer": got }));
            }
            Err(why) => checks.push(Check::new(group, id, false, why)),
        }
    }
    let Some(out) = emit else { return };
    let text = format!("{:#}\n", json!({ "kind": kind, "cases": answers }));
    if let Err(why) = fs::write(out.join(format!("{kind}.json")), text) {
        checks.push(Check::new(group, "emit", false, why.to_string()));
    }
}

/// The answer of one kind, by its rule or its design.
fn answer(kind: &str, folder: &Path, input: &Value) -> Result<Map<String, Value>, String> {
    let mut rules = RULES.iter().chain(treatment_rules::RULES);
    if let Some((_, rule)) = rules.find(|(name, _)| *name == kind) {
        return rule(folder, input);
    }
    let Some(design) = design(kind) else {
        return Err("not built yet".to_owned());
    };
    let mut input = input.clone();
    fill_from_file(folder, &mut input)?;
    let answer = (design.run)(&input).map_err(|e| e.to_string())?;
    Ok(answer.value)
}

/// An input that names a CSV `file` gets its columns: `first_treat`, and `y` with one value for each of `periods`.
pub fn fill_from_file(folder: &Path, input: &mut Value) -> Result<(), String> {
    let Some(file) = input.get("file").and_then(Value::as_str) else {
        return Ok(());
    };
    let mut reader = csv::Reader::from_path(folder.join(file)).map_err(|e| e.to_string())?;
    let header = reader.headers().map_err(|e| e.to_string())?.clone();
    let place = |name: &str| {
        let at = header.iter().position(|h| h.trim() == name);
        at.ok_or_else(|| format!("{file} has no column {name}"))
    };
    let start = place("first_treat")?;
    let periods = input.get("periods").and_then(Value::as_array);
    let columns: Result<Vec<usize>, String> = periods
        .into_iter()
        .flatten()
        .map(|p| place(&format!("y{p}")))
        .collect();
    let columns = columns?;
    let (mut y, mut first) = (Vec::new(), Vec::new());
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|e| e.to_string())?;
        let number = |at: usize| -> Result<f64, String> {
            let cell = record.get(at).unwrap_or_default().trim();
            let bad = |_| format!("{file}, row {}: {cell:?} is not a number", row + 1);
            cell.parse().map_err(bad)
        };
        let values: Result<Vec<f64>, String> = columns.iter().map(|c| number(*c)).collect();
        y.push(values?);
        let begins = number(start)?;
        let whole = whole_i64(begins);
        first.push(whole.ok_or_else(|| format!("{file}, row {}: start {begins}", row + 1))?);
    }
    input["y"] = json!(y);
    input["first_treat"] = json!(first);
    Ok(())
}

fn multiple_testing(_: &Path, input: &Value) -> Result<Map<String, Value>, String> {
    let p = input.get("p").and_then(Value::as_array).ok_or("no p")?;
    let p: Vec<f64> = p.iter().filter_map(Value::as_f64).collect();
    let limit = cut(&p, 0.10);
    let rejected: Vec<bool> = p.iter().map(|p| *p <= limit).collect();
    let mut out = Map::new();
    out.insert("q".to_owned(), json!(bh_q(&p)));
    out.insert("reject_at_10pct".to_owned(), json!(rejected));
    Ok(out)
}
