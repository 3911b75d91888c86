//! Does real input walk the whole way: the message board of a Chinese city, a foreign ticket file, four OSM extracts?

use std::fs;
use std::path::Path;
use std::sync::Arc;

use zhilu::app::city::{self, InputFile, Order};
use zhilu::app::{App, ImportView, Options, Policy, Upload, Who};
use zhilu::index::Filter;
use zhilu::place::source::MapRole;
use zhilu::spatial::Datum;
use zhilu::ticket::Channel;

use crate::support::shared;

async fn open(folder: &Path) -> Arc<App> {
    let options = Options {
        key: Some("22".repeat(32)),
        ..Options::new(folder)
    };
    App::open(options).await.unwrap()
}

async fn read(app: &Arc<App>, file: &Path) -> i64 {
    let upload = Upload {
        file_name: file.file_name().unwrap().to_string_lossy().into_owned(),
        channel: Some(Channel::Media),
        datum: Some(Datum::Wgs84),
        ..Upload::default()
    };
    let staged = app
        .stage(
            &Who::system("test"),
            upload,
            Box::new(fs::File::open(file).unwrap()),
        )
        .await
        .unwrap();
    app.wait(staged.job).await.unwrap();
    staged.id
}

async fn import(app: &Arc<App>, file: &Path) -> ImportView {
    let who = Who::system("test");
    let id = read(app, file).await;
    let job = app.commit_import(&who, id, Policy::GoodRows).await.unwrap();
    let end = app.wait(job).await.unwrap();
    assert_eq!(end.state, "done", "{end:?}");
    app.import_report(&who, id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_real_message_board_is_imported_once_in_both_shapes() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    let book = import(&app, &shared.join("data/tickets/zh/att3_messages.xlsx")).await;
    assert_eq!(
        (book.counts.new, book.counts.error),
        (4_326, 0),
        "{:?}",
        book.findings
    );
    let again = import(&app, &shared.join("data/tickets/zh/att3_messages.xlsx")).await;
    assert_eq!(
        (again.counts.new, again.counts.changed, again.counts.same),
        (0, 0, 4_326)
    );
    let text = import(
        &app,
        &shared.join("data/tickets/zh/att3_first600_gb18030.csv"),
    )
    .await;
    assert_eq!(text.encoding, Some("GB18030"));
    assert_eq!(
        (text.counts.new, text.counts.error),
        (0, 0),
        "{:?}",
        text.findings
    );
    let replies = import(&app, &shared.join("data/tickets/zh/att4_replies_even.csv")).await;
    assert_eq!(
        (replies.counts.new, replies.counts.error),
        (1_402, 0),
        "{:?}",
        replies.findings
    );
}

/// The good rows of the Boston file lie inside this box (SOURCES.md of the file).
fn boston() -> Order {
    let ring = "[[-71.2,42.2],[-70.95,42.2],[-70.95,42.42],[-71.2,42.42],[-71.2,42.2]]";
    let boundary = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"name":"Boston","level":"district"}},"geometry":{{"type":"Polygon","coordinates":[{ring}]}}}}]}}"#
    );
    Order {
        id: "boston".into(),
        name: "Boston".into(),
        name_en: "Boston".into(),
        files: vec![InputFile {
            name: "boundary.geojson".into(),
            role: MapRole::Boundary,
            datum: Some(Datum::Wgs84),
            bytes: boundary.into_bytes(),
        }],
        datum: Some(Datum::Wgs84),
        approval_no: String::new(),
        rules: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_ticket_file_becomes_sites_and_its_fallback_pin_does_not() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    city::import(folder.path(), &boston()).unwrap();
    let app = open(folder.path()).await;
    let view = import(
        &app,
        &shared.join("data/tickets/boston311/illegal_parking_2008-10_2018-06.csv.gz"),
    )
    .await;
    // 98,102 rows: 88,476 numbers, 9,624 exact repeats, 3 empty rows of which the first data row has no number at all.
    assert_eq!(view.rows + view.counts.blank, 98_102, "{:?}", view.counts);
    assert!(
        (88_476..=88_480).contains(&view.counts.new),
        "{:?}",
        view.counts
    );
    let snapshot = app.snapshot();
    let sea = [("bbox".to_owned(), "-74,34,-73,35".to_owned())];
    let index = &snapshot.index;
    let fallback = index.select(&Filter::parse(&sea, index.dicts()).unwrap());
    assert_eq!(
        fallback.count(),
        0,
        "the fallback point in the open sea is on the map"
    );
    let mapped = index.everything().mapped();
    assert!(
        mapped * 100 >= view.counts.new as usize * 99,
        "{mapped} of {} on the map",
        view.counts.new
    );
}

#[test]
fn four_osm_extracts_become_cities() {
    let Some(shared) = shared() else { return };
    for (name, edges) in [
        ("krems", 1_052),
        ("monaco", 735),
        ("campo-grande", 13_475),
        ("ninghua", 65),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = shared.join(format!("data/geo/{name}/{name}.osm.pbf"));
        let report = city::import(
            folder.path(),
            &Order {
                id: name.into(),
                name: String::new(),
                name_en: String::new(),
                files: vec![InputFile::open(&path.to_string_lossy(), MapRole::Any).unwrap()],
                datum: None,
                approval_no: String::new(),
                rules: None,
            },
        )
        .unwrap();
        assert!(
            report
                .meta
                .attribution
                .iter()
                .any(|a| a.contains("OpenStreetMap")),
            "{name}: {:?}",
            report.meta.attribution
        );
        println!("{name}: {report:?} against {edges} reference edges");
    }
}
