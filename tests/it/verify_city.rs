//! Does the small simulated city, walked as an operator walks, reach the bars of its case file?

use zhilu::app::verify::{Found, city};

#[test]
fn the_simulated_city_reaches_its_bars() {
    let Some(shared) = crate::support::shared() else {
        return;
    };
    let folder = shared.join("data/city/zhengzhou-sim");
    let text = std::fs::read(folder.join("case.json")).unwrap();
    let found = Found {
        folder,
        name: "city/zhengzhou-sim".to_owned(),
        format: "simulated-city/1".to_owned(),
        case: serde_json::from_slice(&text).unwrap(),
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
    assert!(checks.len() >= 15, "every bar has its line");
    for check in &checks {
        assert!(check.passed, "{}: {}", check.name, check.detail);
    }
}
