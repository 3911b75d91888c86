//! Do the golden cases hold, with the product's own code paths: those that travel with the project, and the public ones beside it?

use std::path::{Path, PathBuf};

use zhilu::app::verify::{self, Check};

use crate::support::shared;

/// Rooms that a later version builds: `verify` says so, and nothing else may say it.
const LATER: [&str; 1] = ["oracles/planning"];

fn failed(folders: &[PathBuf]) -> Vec<Check> {
    let mut all = 0;
    let mut failed = Vec::new();
    verify::run(folders, None, &mut |checks| {
        all += checks.len();
        failed.extend(checks.iter().filter(|c| !c.passed).cloned());
    });
    assert!(all > 0, "no case was found below {folders:?}");
    failed
}

fn lines(checks: &[Check]) -> String {
    checks
        .iter()
        .map(|c| format!("{} {}: {}", c.group, c.name, c.detail))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_cases_that_travel_with_the_project_pass() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/locating");
    let failed = failed(&[own]);
    assert!(failed.is_empty(), "{}", lines(&failed));
}

/// Runs the public cases of one folder; only what a later version builds may fail, and only by saying so.
fn public(folder: &str) {
    let Some(shared) = shared() else { return };
    let mut failed = failed(&[shared.join("data").join(folder)]);
    failed.retain(|c| {
        !(c.detail.contains("not built yet") && LATER.iter().any(|l| c.group.starts_with(l)))
    });
    assert!(failed.is_empty(), "{}", lines(&failed));
}

#[test]
fn the_public_phrases_pass() {
    public("oracles/locating");
}

#[test]
fn the_public_casework_passes() {
    public("oracles/casework");
}

#[test]
fn the_public_hotspot_cases_pass() {
    public("oracles/hotspots");
}

#[test]
fn the_simulated_city_passes() {
    public("city/zhengzhou-sim");
}

#[test]
fn the_public_planning_cases_pass() {
    public("oracles/planning");
}
