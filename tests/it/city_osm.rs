//! Reading OSM extracts: the four real ones give what was counted apart, damaged ones are refused, gates find their places.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use geo::{Area, Geometry};
use proptest::prelude::*;
use zhilu::place::read::read_any;
use zhilu::place::{CityMap, MapError, MapFeature, MapRole, ReadOptions};

use crate::support::shared;

fn options(subject: &str) -> ReadOptions {
    ReadOptions {
        subject: subject.to_owned(),
        role: MapRole::Any,
        datum: None,
    }
}

fn extract(shared: &Path, name: &str) -> CityMap {
    let path = shared.join(format!("data/geo/{name}/{name}.osm.pbf"));
    let bytes = std::fs::read(&path).unwrap();
    read_any(&bytes, &options(name)).unwrap().map
}

#[test]
fn every_place_counted_apart_in_the_four_extracts_is_found_with_its_tag_and_name() {
    let Some(shared) = shared() else { return };
    for (name, expected) in [
        ("krems", 215),
        ("monaco", 334),
        ("campo-grande", 15),
        ("ninghua", 3),
    ] {
        let map = extract(&shared, name);
        let by_id: BTreeMap<&str, _> = map.features.iter().map(|f| (f.id.as_str(), f)).collect();
        let path = shared.join(format!("data/geo/{name}/{name}_pois.geojson"));
        let wanted = read_any(&std::fs::read(path).unwrap(), &options(name))
            .unwrap()
            .map
            .features;
        assert_eq!(wanted.len(), expected);
        let mut absent = Vec::new();
        for poi in &wanted {
            let (key, value) = poi.tag("kind").unwrap().split_once('=').unwrap();
            let fits = |f: &MapFeature| f.is(key, value) && f.tag("name") == poi.tag("name");
            // A way whose tags went into the multipolygon it bounds is found under the relation.
            let found = by_id.get(poi.id.as_str()).map_or_else(
                || {
                    poi.tag("name").is_some()
                        && map
                            .features
                            .iter()
                            .any(|f| f.id.starts_with('r') && fits(f))
                },
                |f| fits(f),
            );
            if !found {
                absent.push(format!("{} {key}={value} {:?}", poi.id, poi.tag("name")));
            }
        }
        assert!(absent.is_empty(), "{name}: {absent:?}");
    }
}

#[test]
fn buildings_water_and_areas_of_a_town_are_surfaces() {
    let Some(shared) = shared() else { return };
    let map = extract(&shared, "krems");
    let buildings = map.features.iter().filter(|f| f.tag("building").is_some());
    let surfaces = buildings
        .filter(|f| matches!(f.geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_)));
    // 1,196 closed ways and relations are tagged as buildings; a courtyard makes one of several ways.
    let n = surfaces.count();
    assert!((1_150..=1_196).contains(&n), "{n} buildings");
    assert!(
        map.features
            .iter()
            .any(|f| f.is("natural", "water") && f.geometry.unsigned_area() > 0.0)
    );
    assert_eq!(map.attribution, ["© OpenStreetMap contributors, ODbL 1.0"]);
    let ids: BTreeSet<&str> = map.all().map(|f| f.id.as_str()).collect();
    assert_eq!(ids.len(), map.all().count(), "ids are unique");
}

#[test]
fn a_cut_extract_is_refused_wherever_it_is_cut() {
    let Some(shared) = shared() else { return };
    let bytes = std::fs::read(shared.join("data/geo/ninghua/ninghua.osm.pbf")).unwrap();
    let mut whole = 0;
    for end in (100..bytes.len()).step_by(97) {
        match read_any(&bytes[..end], &options("x")) {
            Err(MapError::Damaged { .. } | MapError::Nothing { .. }) => {}
            Ok(_) => whole += 1,
            Err(other) => panic!("{end}: {other}"),
        }
    }
    assert_eq!(whole, 0, "no cut passes as a whole extract");
}

#[test]
fn wrong_extensions_are_seen_through() {
    let Some(shared) = shared() else { return };
    let bytes = std::fs::read(shared.join("data/geo/ninghua/ninghua.osm.pbf")).unwrap();
    let read = read_any(&bytes, &options("roads.geojson")).unwrap();
    assert!(!read.map.roads.is_empty(), "judged by its bytes");
    let xml = read_any(
        b"<?xml version='1.0'?><osm version='0.6'></osm>",
        &options("x"),
    )
    .unwrap_err();
    assert!(xml.to_string().contains("osmium cat"));
    let tiles = read_any(b"PMTiles\x03aaaaaaaaaa", &options("x")).unwrap_err();
    assert!(tiles.to_string().contains("basemap.path"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes, also behind a true PBF head: refused, never a panic.
    #[test]
    fn arbitrary_bytes_are_refused_quietly(tail in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..4_u8) {
        let head: &[u8] = match kind {
            0 => b"",
            1 => b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x10",
            2 => b"{\"type\":\"FeatureCollection\",\"features\":[",
            _ => b"name,lon,lat\n",
        };
        let bytes = [head, &tail].concat();
        let _ = read_any(&bytes, &options("x"));
    }
}
