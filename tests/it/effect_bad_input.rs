//! Does every kind of bad input get its flag or its refusal with the row and the cure, from plain files to the shell?

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use zhilu::app::effect_files::{Order, Outcome, run};
use zhilu::calendar::Day;
use zhilu::effect::{FlagCode, Record, Verdict};

const DAYS: i64 = 1_300;

/// Fifty road sites with steady tickets from 2021-01-01, 25 sites of a kind that fell silent for good after the first year.
fn write_city(folder: &Path, treatments: &str) -> Order {
    let first = Day::parse("2021-01-01").unwrap();
    let (mut sites, mut tickets) = (
        "site_id,lon,lat,category\n".to_owned(),
        "site_id,date\n".to_owned(),
    );
    for s in 0..75_i64 {
        let kind = if s < 50 { "road" } else { "gone" };
        writeln!(sites, "S{s},{},34.7,{kind}", 113.0 + s as f64 / 50.0).unwrap();
        let last = if s < 50 { DAYS } else { 365 };
        let mut day = s % 11;
        while day < last && s != 49 {
            writeln!(tickets, "S{s},{}", Day(first.0 + day).iso()).unwrap();
            day += 7 + (day * 7 + s * 3) % 9;
        }
    }
    let calendar = "date,kind\n2021-01-01,holiday\n2021-05-01,holiday\n2022-10-01,holiday\n";
    for (name, text) in [
        ("sites.csv", sites.as_str()),
        ("tickets.csv", &tickets),
        ("treatments.csv", treatments),
        ("calendar.csv", calendar),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    let file = |name: &str| folder.join(name);
    Order {
        sites: file("sites.csv"),
        tickets: file("tickets.csv"),
        treatments: Some(file("treatments.csv")),
        calendar: Some(file("calendar.csv")),
        look: Some(zhilu::effect::Look::Single),
        settings: zhilu::effect::Settings {
            contamination_m: 0.0,
            ..zhilu::effect::Settings::default()
        },
        ..Order::default()
    }
}

const TREATMENTS: &str = "\
site_id,measure,decision_date,install_start,install_end,removed_on,id
S0,sign,2022-06-01,2022-06-20,2022-06-10,,backwards
S999,sign,2022-06-01,2022-06-05,2022-06-10,,nowhere
S1,sign,2020-06-01,2020-06-05,2020-06-10,,early
S2,sign,2022-06-01,2022-06-05,2022-06-10,,first
S2,barrier,2022-11-01,2022-11-05,2022-11-10,,second
S3,sign,2022-06-01,2022-06-05,2022-06-10,2022-12-20,removed
S49,sign,2022-06-01,2022-06-05,2022-06-10,,silent
S4,sign,2022-06-01,2022-06-05,,,open
S60,sign,2022-06-01,2022-06-05,2022-06-10,,zero
S5,sign,someday,2022-06-05,2022-06-10,,undated
S6,sign,2023-06-01,2023-06-05,2023-06-10,,plain
";

fn of<'a>(outcome: &'a Outcome, id: &str) -> &'a Record {
    let all = &outcome.records;
    all.iter()
        .find(|r| r.measures.iter().any(|m| m == id))
        .unwrap_or_else(|| panic!("{id} has no record"))
}

#[test]
fn each_kind_of_bad_input_has_its_flag_or_its_refusal_with_row_and_cure() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(&write_city(folder.path(), TREATMENTS)).unwrap();
    let remark = |row: usize| {
        let found = outcome
            .remarks
            .iter()
            .find(|r| r.file == "treatments" && r.row == row);
        found.unwrap_or_else(|| panic!("row {row} has no remark"))
    };
    // Works that end before they start; a measure without a site; a date that is none.
    for (row, cure) in [(2, "请核对"), (3, "请补点位或改编号"), (11, "请写成")] {
        assert!(
            remark(row).refused && remark(row).zh.contains(cure),
            "{:?}",
            remark(row)
        );
        assert!(!remark(row).en.is_empty());
    }
    for id in ["backwards", "nowhere", "undated"] {
        assert!(
            !outcome
                .records
                .iter()
                .any(|r| r.measures.iter().any(|m| m == id)),
            "{id}"
        );
    }
    // Decided before the first ticket.
    assert!(!remark(4).refused && remark(4).zh.contains("请补历史工单"));
    assert_eq!(of(&outcome, "early").verdict, Verdict::TooLittleHistory);
    // Overlapping measures: the first is cut at the second's decision, and says so.
    let first = of(&outcome, "first");
    assert!(first.has(FlagCode::Overlap), "{:?}", first.flags);
    assert!(first.windows.as_ref().unwrap().after.until.as_str() <= "2022-11-01");
    // A removed measure: the time on is judged, the time off beside it.
    let removed = of(&outcome, "removed");
    assert!(removed.has(FlagCode::Removed) && removed.off.is_some());
    // A site without tickets, works without an end, nothing expected.
    assert!(of(&outcome, "silent").has(FlagCode::NoTickets));
    assert_eq!(of(&outcome, "open").verdict, Verdict::NotInstalled);
    assert!(remark(9).zh.contains("没有完工日期"));
    // A kind of site from which nothing comes any more has no reference of its own: pooled, widened, and said.
    assert!(of(&outcome, "zero").has(FlagCode::ReferenceWeak));
    // Next to nothing is expected where nothing ever came: too early for ever, and left to the type.
    let silent = of(&outcome, "silent");
    assert!(silent.expected.is_none_or(|e| e < 3.0));
    assert!(matches!(
        silent.verdict,
        Verdict::TooEarly | Verdict::TooLittleHistory
    ));
    // Holidays beyond the table: said once for the files.
    let beyond = outcome
        .remarks
        .iter()
        .find(|r| r.file == "calendar")
        .unwrap();
    assert!(!beyond.refused && beyond.zh.contains("2023-01-01") && beyond.zh.contains("请补充"));
    // Nothing is ever a percentage without its interval, and every sentence stands in both languages.
    for r in &outcome.records {
        assert_eq!(r.theta.is_some(), r.lo.is_some(), "{}", r.site);
        assert!(!r.zh.is_empty() && !r.en.is_empty(), "{}", r.site);
        if r.zh.contains('%') && matches!(r.verdict, Verdict::Works | Verdict::Worse) {
            assert!(
                r.zh.contains('–') && r.en.contains('–'),
                "{} {}",
                r.zh,
                r.en
            );
        }
    }
}

#[test]
fn two_runs_over_the_same_files_write_the_same_bytes_as_csv_and_as_json() {
    let folder = tempfile::tempdir().unwrap();
    let order = write_city(folder.path(), TREATMENTS);
    let written = |name: &str| {
        let out = folder.path().join(name);
        let names = zhilu::app::effect_files::write(&run(&order).unwrap(), &out).unwrap();
        names
            .iter()
            .map(|n| (n.clone(), fs::read(out.join(n)).unwrap()))
            .collect::<Vec<_>>()
    };
    let (one, two) = (written("one"), written("two"));
    assert_eq!(one, two);
    let names: BTreeSet<&str> = one.iter().map(|f| f.0.as_str()).collect();
    for sheet in ["estimates", "ring", "measures", "opinions", "remarks"] {
        assert!(names.contains(format!("{sheet}.csv").as_str()));
        assert!(names.contains(format!("{sheet}.json").as_str()));
    }
    let of = |name: &str| &one.iter().find(|f| f.0 == name).unwrap().1;
    let rows: serde_json::Value = serde_json::from_slice(of("estimates.json")).unwrap();
    let lines = String::from_utf8(of("estimates.csv").clone()).unwrap();
    assert_eq!(rows.as_array().unwrap().len() + 1, lines.lines().count());
    let header: Vec<&str> = lines.lines().next().unwrap().split(',').collect();
    for column in header {
        assert!(rows[0].get(column).is_some(), "{column}");
    }
}
