//! The base map: what stands on which layer at which zoom, tiles that keep the rules, a style that fetches nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use fast_mvt::{MvtReaderRef, MvtTile, MvtValue};
use flate2::Compression;
use flate2::write::GzEncoder;
use geo::Geometry;
use zhilu::app::city::{InputFile, Order};
use zhilu::app::demo_data;
use zhilu::place::read::read_any;
use zhilu::place::{CityMap, MapRole, ReadOptions};
use zhilu::spatial::{Datum, LonLat, TileId, World};
use zhilu::tile::base_kind::Layer;
use zhilu::tile::base_label::label_lines;
use zhilu::tile::basemap::{Basemap, MAX_ZOOM};
use zhilu::tile::style::{Lang, Schema, Source, none, style, tilejson};

use crate::support::shared;

fn demo() -> CityMap {
    let Order { files, .. } = demo_data::order().unwrap();
    let mut map = CityMap::default();
    for InputFile {
        name, role, bytes, ..
    } in files
    {
        let options = ReadOptions {
            subject: name,
            role,
            datum: Some(Datum::Wgs84),
        };
        map.merge(read_any(&bytes, &options).unwrap().map);
    }
    map
}

/// The tile that holds a point.
fn over(p: LonLat, z: u8) -> TileId {
    let w = World::of(p);
    let cut = |v: u32| u32::try_from(u64::from(v) >> (32 - u64::from(z))).unwrap();
    TileId::new(z, cut(w.x), cut(w.y)).unwrap()
}

fn decode(bytes: &[u8]) -> MvtTile {
    MvtReaderRef::new(bytes).unwrap().to_tile().unwrap()
}

const CENTRE: LonLat = LonLat::new(113.76, 34.72);

fn layers(base: &Basemap, z: u8) -> BTreeMap<String, usize> {
    let tile = base.tile(over(CENTRE, z)).map(|b| decode(&b));
    tile.map_or_else(BTreeMap::new, |t| {
        t.layers
            .into_iter()
            .map(|l| (l.name, l.features.len()))
            .collect()
    })
}

fn kinds(tile: &MvtTile, layer: &str) -> BTreeSet<String> {
    let found = tile.layers.iter().filter(|l| l.name == layer);
    found
        .flat_map(|l| &l.features)
        .flat_map(|f| &f.properties)
        .filter(|(key, _)| key == "kind")
        .map(|(_, value)| match value {
            MvtValue::String(text) => text.clone(),
            other => panic!("kind must be text, not {other:?}"),
        })
        .collect()
}

#[test]
fn large_roads_appear_first_and_gates_last() {
    let base = Basemap::build(&demo());
    let at = |z| decode(&base.tile(over(CENTRE, z)).unwrap());
    assert_eq!(
        kinds(&at(6), "streets"),
        BTreeSet::from(["motorway".into(), "trunk".into()])
    );
    assert!(!kinds(&at(9), "streets").contains("tertiary"));
    assert!(kinds(&at(10), "streets").contains("tertiary"));
    assert!(kinds(&at(12), "streets").contains("residential"));
    assert!(!layers(&base, 13).contains_key("pois") || !kinds(&at(13), "pois").contains("gate"));
    assert!(
        layers(&base, 9).contains_key("place_labels"),
        "the district is named"
    );
    let all: BTreeSet<String> = (0..40_u32)
        .filter_map(|i| {
            let p = LonLat::new(113.72 + 0.002 * f64::from(i), 34.72);
            base.tile(over(p, 16)).map(|b| kinds(&decode(&b), "pois"))
        })
        .flatten()
        .collect();
    assert!(all.contains("gate") && all.contains("school"), "{all:?}");
}

#[test]
fn every_tile_of_the_demo_keeps_the_rules_and_stays_below_the_budget() {
    let base = Basemap::build(&demo());
    let mut largest = 0;
    for z in 0..=MAX_ZOOM {
        for dx in -2..=2_i64 {
            for dy in -2..=2_i64 {
                let middle = over(CENTRE, z);
                let shift = |v: u32, d: i64| u32::try_from(i64::from(v) + d).unwrap_or(0);
                let Some(id) = TileId::new(z, shift(middle.x, dx), shift(middle.y, dy)) else {
                    continue;
                };
                let Some(bytes) = base.tile(id) else { continue };
                largest = largest.max(gzip(&bytes));
                check(&decode(&bytes));
            }
        }
    }
    println!("largest tile, gzip: {largest} bytes");
    assert!(largest <= 200_000, "{largest}");
}

fn gzip(bytes: &[u8]) -> usize {
    let mut out = GzEncoder::new(Vec::new(), Compression::new(5));
    out.write_all(bytes).unwrap();
    out.finish().unwrap().len()
}

/// Rules of web-and-interfaces 4.3.
fn check(tile: &MvtTile) {
    let names: BTreeSet<&str> = tile.layers.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names.len(), tile.layers.len(), "layer names are unique");
    assert!(
        names
            .iter()
            .all(|n| Layer::ALL.iter().any(|l| l.name() == *n))
    );
    for layer in &tile.layers {
        assert!(!layer.features.is_empty());
        assert_eq!(layer.extent.get(), 4096);
        let ids: BTreeSet<u64> = layer.features.iter().map(|f| f.id.unwrap()).collect();
        assert_eq!(
            ids.len(),
            layer.features.len(),
            "ids are unique in {}",
            layer.name
        );
        assert!(ids.iter().all(|id| *id < 1 << 53));
        for feature in &layer.features {
            for (_, value) in &feature.properties {
                match value {
                    MvtValue::String(text) => assert!(text.len() <= 200),
                    MvtValue::Double(_) | MvtValue::Float(_) | MvtValue::Int(_) => {
                        panic!("{value:?}")
                    }
                    _ => {}
                }
            }
            let lines: Vec<&geo::LineString<i32>> = match &feature.geometry {
                Geometry::LineString(l) => vec![l],
                Geometry::MultiLineString(m) => m.0.iter().collect(),
                Geometry::Polygon(p) => {
                    std::iter::once(p.exterior()).chain(p.interiors()).collect()
                }
                Geometry::MultiPolygon(m) => {
                    m.0.iter()
                        .flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()))
                        .collect()
                }
                _ => vec![],
            };
            for line in lines {
                assert!(line.0.len() > 1 && line.0.windows(2).all(|p| p[0] != p[1]));
            }
        }
    }
}

#[test]
fn an_empty_map_and_a_far_away_tile_have_no_bytes() {
    let empty = Basemap::build(&CityMap::default());
    assert!(empty.is_empty());
    assert_eq!(empty.tile(TileId::new(0, 0, 0).unwrap()), None);
    let base = Basemap::build(&demo());
    assert_eq!(base.tile(over(LonLat::new(0.0, 0.0), 10)), None);
    assert_eq!(
        base.tile(over(CENTRE, 3)).map(|b| decode(&b).layers.len()),
        None,
        "nothing is worth drawing at zoom 3"
    );
}

#[test]
fn tiles_side_by_side_agree_where_they_meet() {
    let base = Basemap::build(&demo());
    let left = over(CENTRE, 14);
    let right = TileId::new(14, left.x + 1, left.y).unwrap();
    let crossing = |tile: TileId, edge: i32| -> BTreeSet<u64> {
        let tile = decode(&base.tile(tile).unwrap());
        let streets = tile
            .layers
            .into_iter()
            .find(|l| l.name == "streets")
            .unwrap();
        let touches = |l: &geo::LineString<i32>| {
            l.0.windows(2).any(|p| {
                (p[0].x - edge).signum() * (p[1].x - edge).signum() < 0
                    && (0..4096).contains(&p[0].y)
                    && (0..4096).contains(&p[1].y)
            })
        };
        streets
            .features
            .iter()
            .filter(|f| match &f.geometry {
                Geometry::LineString(l) => touches(l),
                Geometry::MultiLineString(m) => m.0.iter().any(touches),
                _ => false,
            })
            .map(|f| f.id.unwrap())
            .collect()
    };
    let (a, b) = (crossing(left, 4096), crossing(right, 0));
    assert!(!a.is_empty());
    assert_eq!(a, b, "the same roads cross the common edge");
}

#[test]
fn pieces_of_a_road_are_joined_so_that_its_name_finds_room() {
    let map = demo();
    let named = map.roads.iter().filter(|r| r.tag("name").is_some()).count();
    let lines = label_lines(&map.roads);
    assert_eq!(named, 1417);
    assert!(
        lines.len() < named / 3,
        "{} lines of {named} pieces",
        lines.len()
    );
    let names: BTreeSet<&str> = lines.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names.len(), 71, "no name is lost");
    let length = |points: &[World]| -> f64 {
        points
            .windows(2)
            .map(|p| p[0].lonlat().distance_m(p[1].lonlat()))
            .sum()
    };
    let joined: f64 = lines.iter().map(|l| length(&l.line)).sum();
    let pieces: f64 = map
        .roads
        .iter()
        .filter(|r| r.tag("name").is_some())
        .map(|r| match &r.geometry {
            Geometry::LineString(l) => {
                l.0.windows(2)
                    .map(|p| LonLat::new(p[0].x, p[0].y).distance_m(LonLat::new(p[1].x, p[1].y)))
                    .sum::<f64>()
            }
            _ => 0.0,
        })
        .sum();
    assert!(
        (joined - pieces).abs() < pieces * 1e-4,
        "{joined} {pieces}: no metre is lost"
    );
}

#[test]
fn other_cities_give_tiles_too() {
    let Some(shared) = shared() else { return };
    let path = shared.join("data/geo/campo-grande/campo-grande_edges.geojson.gz");
    let options = ReadOptions {
        subject: "x".into(),
        role: MapRole::Roads,
        datum: None,
    };
    let map = read_any(&std::fs::read(path).unwrap(), &options)
        .unwrap()
        .map;
    let base = Basemap::build(&map);
    for z in 8..=16 {
        let bytes = base.tile(over(LonLat::new(-54.55, -20.47), z)).unwrap();
        check(&decode(&bytes));
        assert!(gzip(&bytes) <= 200_000, "zoom {z}: {}", gzip(&bytes));
    }
}

fn source() -> Source {
    let lines = ["© OpenStreetMap contributors, ODbL 1.0".to_owned()];
    Source::own(
        "/tiles/base/{z}/{x}/{y}.mvt",
        &lines,
        [113.6, 34.6, 113.9, 34.8],
    )
}

#[test]
fn the_style_fetches_nothing_and_keeps_the_attribution() {
    for lang in [Lang::Zh, Lang::En] {
        for schema in [
            Schema::Shortbread,
            Schema::Protomaps,
            Schema::OpenMapTiles,
            Schema::Unknown,
        ] {
            let style = style(&source(), schema, lang);
            let text = style.to_string();
            assert!(!text.contains("http") && !text.contains("glyphs") && !text.contains("sprite"));
            assert_eq!(style["version"], 8);
            assert!(
                style["sources"]["base"]["attribution"]
                    .as_str()
                    .unwrap()
                    .contains("OpenStreetMap")
            );
            let layers = style["layers"].as_array().unwrap();
            let ids: BTreeSet<&str> = layers.iter().map(|l| l["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), layers.len(), "ids are unique");
            if schema == Schema::Shortbread {
                let known: BTreeSet<&str> = Layer::ALL.iter().map(|l| l.name()).collect();
                assert!(
                    layers
                        .iter()
                        .filter_map(|l| l["source-layer"].as_str())
                        .all(|l| known.contains(l))
                );
            }
        }
    }
    assert_eq!(none()["sources"], serde_json::json!({}));
    assert_eq!(Lang::parse("en-GB"), Lang::En);
    assert_eq!(Lang::parse("zh-CN"), Lang::Zh);
}

#[test]
fn the_tile_description_names_every_layer_and_its_zooms() {
    let described = tilejson(&source());
    assert_eq!(described["tilejson"], "3.0.0");
    assert_eq!(described["maxzoom"], MAX_ZOOM);
    assert_eq!(
        described["vector_layers"].as_array().unwrap().len(),
        Layer::ALL.len()
    );
    assert_eq!(described["tiles"][0], "/tiles/base/{z}/{x}/{y}.mvt");
}

#[test]
fn the_schema_of_a_foreign_archive_is_told_by_its_layers() {
    assert_eq!(Schema::detect(["streets", "land"]), Schema::Shortbread);
    assert_eq!(
        Schema::detect(["roads", "earth", "places"]),
        Schema::Protomaps
    );
    assert_eq!(
        Schema::detect(["transportation", "water"]),
        Schema::OpenMapTiles
    );
    assert_eq!(Schema::detect(["roads_of_town"]), Schema::Unknown);
}
