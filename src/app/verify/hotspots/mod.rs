//! Do the hotspot methods give the golden answers?
//!
//! One folder is one case (format `hotspot-oracle/1`: an `expected.json` with a `kind`). The methods run through the same
//! registry and settings as on the command line; only names of figures are translated into those of the golden file.

mod area;
mod cluster;
mod compare;
mod identity;
mod scan;
mod series;
mod site;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::app::verify::{Check, Found};
use crate::hotspot::{Answer, Input, MethodError, Table, method};
use compare::{Within, close, equal};

/// A case at work: what it gave, what was checked, what came out.
pub(crate) struct Case<'a> {
    /// The golden file.
    pub(crate) golden: &'a Value,
    /// The tables of its folder.
    pub(crate) input: Input,
    group: String,
    checks: Vec<Check>,
    got: Map<String, Value>,
}

/// A settings list on its way to a method.
pub(crate) type Given = Vec<(&'static str, String)>;

type Kind = fn(&mut Case<'_>) -> Result<(), String>;

/// Kinds of golden cases and what checks them.
static KINDS: &[(&str, Kind)] = &[
    ("gi_area", area::gi_area),
    ("gi_h3", area::gi_h3),
    ("gi_edge", area::gi_edge),
    ("fdr", area::fdr),
    ("h3_aggregate", area::h3_aggregate),
    ("rates", area::rates),
    ("site_identity", identity::by_runs),
    ("site_identity_pipeline", identity::by_tickets),
    ("dbscan", cluster::dbscan),
    ("dbscan_network", cluster::dbscan_network),
    ("st_dbscan", cluster::st_dbscan),
    ("hdbscan", cluster::hdbscan),
    ("kde_planar", cluster::kde_planar),
    ("kde_network", cluster::kde_network),
    ("knox", series::knox),
    ("mann_kendall", series::mann_kendall),
    ("ehsa_truth", series::ehsa_truth),
    ("ehsa_cube", series::ehsa_cube),
    ("road_screening", site::road_screening),
    ("peak_hours", site::peak_hours),
    ("caller_weighting", site::caller_weighting),
    ("scan_space_time_permutation", scan::permutation),
    ("scan_space_time_poisson", scan::space_time_poisson),
    ("scan_spatial_poisson", scan::poisson),
    ("scan_spatial_bernoulli", scan::bernoulli),
];

/// Runs one golden case; writes what was computed into `emit` as `actual.json`, under the names of the golden file.
#[must_use]
pub fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    let (actual, mut checks) = match compute(&found.folder, &found.name, &found.case) {
        Ok(done) => done,
        Err(why) => return vec![Check::new(&found.name, "case", false, why)],
    };
    let written = emit.map(|folder| fs::write(folder.join("actual.json"), format!("{actual:#}\n")));
    if let Some(Err(error)) = written {
        let why = format!("actual.json cannot be written: {error}");
        checks.push(Check::new(&found.name, "emit", false, why));
    }
    checks
}

/// Computes a case with its own parameters: the figures under the golden names, and their checks.
pub(crate) fn compute(
    folder: &Path,
    name: &str,
    golden: &Value,
) -> Result<(Value, Vec<Check>), String> {
    let kind = golden
        .get("kind")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let Some((_, check)) = KINDS.iter().find(|(known, _)| *known == kind) else {
        let known: Vec<&str> = KINDS.iter().map(|k| k.0).collect();
        return Err(format!(
            "unknown kind {kind:?}; known are {}",
            known.join(", ")
        ));
    };
    let mut case = Case {
        golden,
        input: read_folder(folder)?,
        group: name.to_owned(),
        checks: Vec::new(),
        got: Map::new(),
    };
    if let Err(why) = check(&mut case) {
        case.checks.push(Check::new(name, kind, false, why));
    }
    let actual = json!({ "kind": kind, "params": golden.get("params"), "actual": case.got });
    Ok((actual, case.checks))
}

/// All CSV files of a folder as tables by file stem.
pub(crate) fn read_folder(folder: &Path) -> Result<Input, String> {
    let mut tables = BTreeMap::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("folder cannot be read: {e}"))?;
    for entry in entries {
        let path = entry
            .map_err(|e| format!("folder cannot be read: {e}"))?
            .path();
        if path.extension().is_none_or(|e| e != "csv") {
            continue;
        }
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let bytes = fs::read(&path).map_err(|e| format!("{stem}.csv cannot be read: {e}"))?;
        let table = Table::parse(&stem, &bytes).map_err(|e| e.to_string())?;
        tables.insert(stem, table);
    }
    Ok(Input {
        tables,
        document: Value::Null,
    })
}

impl Case<'_> {
    /// A parameter of the golden file as text, for a setting; whole numbers lose their point.
    pub(crate) fn param(&self, key: &str) -> Result<String, String> {
        let value = &self.golden["params"][key];
        match value {
            Value::Number(n) => Ok(n.as_f64().map_or_else(String::new, |f| f.to_string())),
            Value::String(s) => Ok(s.clone()),
            Value::Bool(b) => Ok(b.to_string()),
            _ => Err(format!("the golden file has no params.{key}")),
        }
    }

    /// The expected figure under a path.
    pub(crate) fn want(&self, key: &str) -> Value {
        self.golden["expect"][key].clone()
    }

    /// Keeps a figure for `--emit` and checks it against `expect.<key>` within a distance.
    pub(crate) fn close(&mut self, key: &str, got: Value, within: Within) {
        let check = close(&self.group, key, &got, &self.want(key), within);
        self.keep(key, got, check);
    }

    /// Keeps a figure for `--emit` and checks that it equals `expect.<key>`.
    pub(crate) fn equal(&mut self, key: &str, got: Value) {
        let check = equal(&self.group, key, &got, &self.want(key));
        self.keep(key, got, check);
    }

    /// Keeps a figure and its check.
    pub(crate) fn keep(&mut self, key: &str, got: Value, check: Check) {
        self.got.insert(key.to_owned(), got);
        self.checks.push(check);
    }

    /// A check of this case.
    pub(crate) fn check(&self, name: &str, passed: bool, detail: impl Into<String>) -> Check {
        Check::new(&self.group, name, passed, detail)
    }

    /// Name of the case, for checks made elsewhere.
    pub(crate) fn group(&self) -> &str {
        &self.group
    }
}

/// A figure of an answer; `null` when the method left it out.
pub(crate) fn figure(answer: &Answer, key: &str) -> Value {
    answer.value.get(key).cloned().unwrap_or(Value::Null)
}

/// Runs a method through the registry.
pub(crate) fn run_method(name: &str, input: &Input, given: &Given) -> Result<Answer, String> {
    let found = method(name).ok_or_else(|| format!("no method {name}"))?;
    let given = given.iter().map(|(name, text)| (*name, text.as_str()));
    found
        .run_with(input, given)
        .map_err(|e: MethodError| e.to_string())
}
