//! Does the small simulated city, walked as an operator walks, reach the bars of its case file?

use zhilu::app::verify::{Found, city};

#[test]
fn the_simulated_city_reaches_its_bars() {
    let Some(shared) = crate::support::shared() else {
        return;
    };
    let folder = shared.join("data/city/zhengzhou-sim");
    let text = std::fs::read(folder.join("case.json")).unwrap();
    let mut case: serde_json::Value = serde_json::from_slice(&text).unwrap();
    // The rule book's own bar, which the case file leaves out: each tenth of confidence keeps its word within five points.
    case["bars"]["calibration_gap_max"] = serde_json::json!(0.05);
    let found = Found {
        folder,
        name: "city/zhengzhou-sim".to_owned(),
        format: "simulated-city/1".to_owned(),
        case,
    };
    let checks = city::run(&found, None);
    for check in &checks {
        println!(
            "{} {}: {}",
            if check.passed { "ok    " } else { "FAILED" },
            check.name,
            check.detail
        );
    }
    assert!(checks.len() >= 16, "every bar has its line");
    for check in &checks {
        assert!(check.passed, "{}: {}", check.name, check.detail);
    }
}
