//! Reading `GeoJSON` maps: what becomes a road, a place, an area, and which files are refused with which cure.

use std::path::Path;

use zhilu::place::read_geojson::{parse, read};
use zhilu::place::{MapError, MapRole, ReadOptions};
use zhilu::spatial::Datum;

use crate::support::shared;

fn options(subject: &str, role: MapRole) -> ReadOptions {
    ReadOptions {
        subject: subject.to_owned(),
        role,
        datum: None,
    }
}

fn file(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn the_simulated_city_has_roads_places_with_gates_and_areas_and_says_it_is_invented() {
    let Some(shared) = shared() else { return };
    let city = shared.join("data/city/zhengzhou-sim");
    let (mut map, notes) = read(
        &file(&city.join("roads.geojson")),
        &options("roads.geojson", MapRole::Roads),
    )
    .unwrap();
    assert_eq!((map.roads.len(), notes.len()), (2988, 0));
    assert!(!map.synthetic, "the roads are real");
    for name in ["gazetteer.geojson", "boundary.geojson"] {
        let (more, notes) = read(&file(&city.join(name)), &options(name, MapRole::Any)).unwrap();
        assert!(notes.is_empty(), "{notes:?}");
        map.merge(more);
    }
    assert_eq!(
        (map.roads.len(), map.features.len(), map.areas.len()),
        (2988, 1177, 5)
    );
    assert!(map.synthetic);
    assert_eq!(map.areas[0].tag("name"), Some("澄湖区"), "district first");
    assert_eq!(map.areas[0].tag("admin_level"), Some("6"));
    assert_eq!(map.areas[1].tag("admin_level"), Some("8"));
    assert_eq!(map.attribution, ["© OpenStreetMap contributors, ODbL 1.0"]);
    let gate = map.features.iter().find(|f| f.id == "S001-g1").unwrap();
    assert_eq!(gate.tag("parent"), Some("S001"));
}

#[test]
fn overpass_exports_keep_their_osm_ids_and_are_wgs84_by_their_source() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/geo/zhengzhou-jingkai");
    let new = parse(
        &file(&folder.join("overpass_2026-07-15.geojson.gz")),
        &options("new", MapRole::Any),
    )
    .unwrap();
    assert_eq!(new.map.roads.len(), 1085);
    assert_eq!(new.datum, Some(Datum::Wgs84));
    assert_eq!(new.map.roads[0].id, "w53837219");
    let old = parse(
        &file(&folder.join("overpass_2026-07-14.geojson.gz")),
        &options("old", MapRole::Any),
    )
    .unwrap();
    let mut both = old.map;
    both.merge(new.map);
    assert_eq!(
        both.roads.len(),
        1311 + 37,
        "1,048 ways are equal and taken once"
    );
}

#[test]
fn a_declared_datum_is_applied_and_the_two_forms_of_a_district_agree() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/geo/liaocheng");
    let of =
        |name: &str| parse(&file(&folder.join(name)), &options(name, MapRole::Boundary)).unwrap();
    let (gcj, wgs) = (
        of("dongchangfu_gcj02.geojson"),
        of("dongchangfu_wgs84.geojson"),
    );
    assert_eq!(gcj.datum, Some(Datum::Gcj02));
    assert_eq!(wgs.datum, Some(Datum::Wgs84));
    let corner = |r: &zhilu::place::MapRead| {
        zhilu::place::read_geojson::first_pair(&r.map.areas[0].geometry).unwrap()
    };
    let apart = corner(&gcj).distance_m(corner(&wgs));
    assert!(
        apart < 0.2,
        "{apart} m apart; the files are rounded to 1e-6 degree"
    );
}

fn refused(text: &[u8]) -> MapError {
    read(text, &options("x.geojson", MapRole::Any)).unwrap_err()
}

#[test]
fn bad_files_are_refused_with_their_cure() {
    assert!(matches!(refused(b""), MapError::Empty { .. }));
    assert!(matches!(refused(b" \n "), MapError::Empty { .. }));
    assert!(matches!(
        refused(b"{\"type\":\"FeatureColl"),
        MapError::Damaged { .. }
    ));
    assert!(matches!(
        refused(&[0x1f, 0x8b, 8, 0, 0, 0]),
        MapError::Damaged { .. }
    ));
    let cure = |bytes: &[u8]| refused(bytes).to_string();
    assert!(cure(b"PK\x03\x04....").contains("unpack it"));
    assert!(cure(b"<html><body>login").contains("not the page"));
    assert!(cure(b"name,lon,lat\nA,1,2\n").contains("--pois"));
    assert!(cure(b"{\"type\":\"FeatureCollection\",\"features\":[]}").contains("no features"));
    let point = |x: &str, y: &str| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"name\":\"甲\"}},\"geometry\":{{\"type\":\"Point\",\"coordinates\":[{x},{y}]}}}}"
        )
    };
    assert!(matches!(
        refused(point("34.7", "113.7").as_bytes()),
        MapError::Swapped { .. }
    ));
    assert!(matches!(
        refused(point("453000", "3840000").as_bytes()),
        MapError::Projected { .. }
    ));
}

#[test]
fn chinese_property_names_and_kind_words_become_tags() {
    let text = r#"{"type":"FeatureCollection","features":[
      {"type":"Feature","properties":{"名称":"文治路","道路等级":"次干路","车道数":4},"geometry":{"type":"MultiLineString","coordinates":[[[113.7,34.7],[113.71,34.7]],[[113.71,34.7],[113.72,34.7]]]}},
      {"type":"Feature","properties":{"名称":"东方小学","类型":"科教文化服务;学校;小学"},"geometry":{"type":"Point","coordinates":[113.7,34.7]}},
      {"type":"Feature","properties":{"name":"人民医院停车场"},"geometry":{"type":"Point","coordinates":[113.7,34.7]}},
      {"type":"Feature","properties":{"name":"无"},"geometry":null}]}"#;
    let (map, notes) = read(text.as_bytes(), &options("x", MapRole::Any)).unwrap();
    assert_eq!(map.roads.len(), 2, "one line per part");
    assert_eq!(map.roads[0].tag("highway"), Some("secondary"));
    assert_eq!(map.roads[0].tag("name"), Some("文治路"));
    assert_eq!(map.features[0].tag("amenity"), Some("school"));
    assert_eq!(map.features[1].tag("amenity"), Some("parking"));
    assert_eq!(notes[0].text, "1 left out: without geometry");
}

#[test]
fn one_feature_per_line_is_read_too() {
    let line = r#"{"type":"Feature","properties":{"highway":"primary"},"geometry":{"type":"LineString","coordinates":[[113.7,34.7],[113.71,34.7]]}}"#;
    let text = format!("\u{1e}{line}\n\u{1e}{line}\n");
    let (map, _) = read(text.as_bytes(), &options("x", MapRole::Any)).unwrap();
    assert_eq!(map.roads.len(), 2);
}
