//! Does the rule "ticket text to problem kind" give the answers of the golden table?

use zhilu::case::Catalogue;

use crate::support::shared;

#[test]
fn every_golden_text_gets_the_kind_of_the_rule() {
    let Some(shared) = shared() else { return };
    let catalogue = Catalogue::shipped().unwrap();
    let mut reader = catalogue.kinds.reader();
    let mut table = csv::Reader::from_path(shared.join("data/oracles/planning/kinds.csv")).unwrap();
    let mut rows = 0;
    for row in table.records() {
        let row = row.unwrap();
        let kind = reader.of_text(&row[0]).map_or("none", |k| k.id.as_str());
        assert_eq!(kind, &row[2], "{}", &row[0]);
        rows += 1;
    }
    assert!(rows >= 30, "only {rows} rows read");
}
