//! Does `zhilu effect design` read plain documents, files of cases and a table beside them, and refuse in words?

use std::fs;

use serde_json::{Value, json};
use zhilu::app::design_files::{list, page, run, write};

#[test]
fn a_document_goes_in_and_the_answer_names_its_design() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("case.json");
    fs::write(&input, r#"{ "y1": 6, "t1": 1, "y2": 2, "t2": 1 }"#).unwrap();
    let answer = run("rate_ratio", &input).unwrap();
    assert_eq!(answer["design"], json!("rate_ratio"));
    assert!((answer["result"]["etest_p"].as_f64().unwrap() - 0.174_874_8).abs() < 1e-6);
    let output = folder.path().join("answer.json");
    write(&answer, &output).unwrap();
    let back: Value = serde_json::from_slice(&fs::read(output).unwrap()).unwrap();
    assert_eq!(back, answer);
}

#[test]
fn a_file_of_cases_is_answered_case_by_case_refusals_included() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("wide.csv"),
        "site,first_treat,y1,y2,y3\na,2,5,3,2\nb,2,6,3,3\nc,0,5,5,4\nd,0,6,6,6\n",
    )
    .unwrap();
    let input = folder.path().join("cases.json");
    let cases = json!({ "cases": [
        { "id": "table", "input": { "file": "wide.csv", "periods": [1, 2, 3], "control": "never" } },
        { "id": "absent", "input": { "file": "nowhere.csv", "periods": [1, 2] } },
        { "id": "empty", "input": {} },
    ] });
    fs::write(&input, cases.to_string()).unwrap();
    let answer = run("did", &input).unwrap();
    let cell = &answer["cases"][0]["answer"]["result"]["att_gt"][0];
    // Treated fell by 2 and 3, untreated by 0 and 0.
    assert_eq!((cell["g"].as_i64(), cell["t"].as_i64()), (Some(2), Some(2)));
    assert!((cell["att"].as_f64().unwrap() + 2.5).abs() < 1e-12);
    for at in [1_usize, 2] {
        assert!(!answer["cases"][at]["refused"].as_str().unwrap().is_empty());
    }
}

#[test]
fn unknown_designs_and_unreadable_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.json");
    let why = run("synthetic_control", &missing).unwrap_err().to_string();
    assert!(why.contains("known are eb_before_after"), "{why}");
    assert!(run("its", &missing).is_err());
    fs::write(&missing, "no json").unwrap();
    assert!(run("its", &missing).is_err());
    for (name, title) in list() {
        assert!(page(name).unwrap().starts_with(&format!("# {title}")));
    }
}
