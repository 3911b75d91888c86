//! Do the casework golden cases hold?

use std::path::PathBuf;

use zhilu::app::verify;

use crate::support;

#[test]
fn every_casework_case_holds() {
    let Some(shared) = support::shared() else {
        return;
    };
    let folder: PathBuf = shared.join("data/oracles/casework");
    let verdict = verify::run(&[folder], None, &mut |_| {});
    let failed: Vec<_> = verdict
        .checks
        .iter()
        .filter(|c| !c.passed)
        .map(|c| format!("{} | {} | {}", c.group, c.name, c.detail))
        .collect();
    assert!(
        failed.is_empty(),
        "{} failed:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        verdict.passed() > 700,
        "only {} checks ran",
        verdict.passed()
    );
}
