//! The road network: splits, pieces and ways compared with what was counted apart; datums and snapping against golden points.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use geo::{CoordsIter, Geometry};
use zhilu::place::read::read_any;
use zhilu::place::road_network::of_map;
use zhilu::place::{CityMap, MapRole, ReadOptions};
use zhilu::spatial::network::{Link, Network, Travel};
use zhilu::spatial::snap::LineIndex;
use zhilu::spatial::{Datum, LonLat, Xy};

use crate::support::shared;

fn read(path: &Path) -> CityMap {
    let options = ReadOptions {
        subject: "x".into(),
        role: MapRole::Any,
        datum: None,
    };
    read_any(&std::fs::read(path).unwrap(), &options)
        .unwrap()
        .map
}

/// The drivable network of a map.
fn network(map: &CityMap) -> Network {
    of_map(map).network
}

fn largest(pieces: &[usize]) -> usize {
    pieces.iter().filter(|p| **p == 0).count()
}

/// Name, file, edges, nodes, largest weak and strong component, kilometres (`data/geo/SOURCES.md`, computed there with pyosmium).
const CITIES: [(&str, &str, usize, usize, usize, usize, f64); 6] = [
    ("krems", "krems.osm.pbf", 1_052, 810, 768, 685, 117.2),
    ("monaco", "monaco.osm.pbf", 735, 582, 573, 528, 60.7),
    (
        "campo-grande",
        "campo-grande.osm.pbf",
        13_475,
        8_630,
        8_501,
        8_481,
        1_445.2,
    ),
    ("ninghua", "ninghua.osm.pbf", 65, 53, 53, 39, 18.7),
    (
        "zhengzhou-jingkai",
        "overpass_2026-07-15.geojson.gz",
        2_988,
        2_059,
        2_000,
        1_666,
        766.9,
    ),
    (
        "jinan-core",
        "jinan_edges.geojson.gz",
        18_119,
        12_766,
        12_517,
        11_850,
        3_482.6,
    ),
];

#[test]
fn the_split_gives_the_edges_nodes_components_and_kilometres_counted_apart() {
    let Some(shared) = shared() else { return };
    for (name, file, edges, nodes, weak, strong, km) in CITIES {
        let net = network(&read(&shared.join("data/geo").join(name).join(file)));
        let total: f64 = net.edges().iter().map(|e| e.length_m).sum::<f64>() / 1000.0;
        let found = (
            net.edges().len(),
            net.nodes().len(),
            largest(&net.pieces()),
            largest(&net.strong()),
        );
        assert_eq!(found, (edges, nodes, weak, strong), "{name}");
        assert!((total - km).abs() < 0.06, "{name}: {total} km");
    }
}

#[test]
fn degrees_agree_node_by_node_with_the_reference() {
    let Some(shared) = shared() else { return };
    for name in ["krems", "ninghua"] {
        let folder = shared.join("data/geo").join(name);
        let net = network(&read(&folder.join(format!("{name}.osm.pbf"))));
        let place = |p: LonLat| (format!("{:.7}", p.lon), format!("{:.7}", p.lat));
        let ours: BTreeMap<_, u32> = net
            .nodes()
            .iter()
            .map(|n| (place(n.point), n.degree))
            .collect();
        let text = std::fs::read_to_string(folder.join(format!("{name}_nodes.csv"))).unwrap();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let at = place(LonLat::new(
                cells[1].parse().unwrap(),
                cells[2].parse().unwrap(),
            ));
            assert_eq!(
                ours.get(&at),
                Some(&cells[3].parse().unwrap()),
                "{name} {line}"
            );
        }
    }
}

#[test]
fn a_network_in_many_pieces_is_counted_as_such() {
    let Some(shared) = shared() else { return };
    let net = network(&read(
        &shared.join("data/geo/campo-grande/campo-grande.osm.pbf"),
    ));
    let pieces: BTreeSet<usize> = net.pieces().into_iter().collect();
    assert!(pieces.len() > 20, "{} pieces", pieces.len());
    let apart = net.pieces().iter().position(|p| *p == 1).unwrap();
    let inside = net.pieces().iter().position(|p| *p == 0).unwrap();
    assert_eq!(
        net.route(inside, apart, Travel::Undirected),
        None,
        "no way between pieces"
    );
}

fn p(x: f64, y: f64) -> LonLat {
    LonLat::new(113.7 + x / 1000.0, 34.7 + y / 1000.0)
}

#[test]
fn a_bridge_without_a_shared_vertex_is_no_crossing_and_one_way_streets_are_kept() {
    let (a, b, c) = (
        [p(0.0, 0.0), p(2.0, 0.0)],
        [p(1.0, -1.0), p(1.0, 1.0)],
        [p(2.0, 0.0), p(1.0, 1.0)],
    );
    let net = Network::split(&[
        Link {
            points: &a,
            oneway: 1,
        },
        Link {
            points: &b,
            oneway: 0,
        },
        Link {
            points: &c,
            oneway: 0,
        },
    ]);
    assert_eq!((net.nodes().len(), net.edges().len()), (4, 3));
    let there = net.route(0, 2, Travel::Directed).unwrap();
    assert_eq!(there.edges, [(0, true), (2, true), (1, false)]);
    assert_eq!(
        net.route(2, 0, Travel::Directed),
        None,
        "against the one-way street"
    );
    assert!(net.route(2, 0, Travel::Undirected).is_some());
    assert_eq!(net.route(0, 99, Travel::Directed), None);
}

#[test]
fn routes_are_as_short_as_the_full_search_says() {
    let Some(shared) = shared() else { return };
    let net = network(&read(&shared.join("data/geo/monaco/monaco.osm.pbf")));
    for from in [0, 50, 200] {
        let all: BTreeMap<usize, f64> = net
            .reach(from, f64::INFINITY, Travel::Directed)
            .into_iter()
            .collect();
        for to in (0..net.nodes().len()).step_by(37) {
            let found = net.route(from, to, Travel::Directed).map(|r| r.length_m);
            match (found, all.get(&to)) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-6, "{from}→{to}: {a} {b}"),
                (None, None) => {}
                other => panic!("{from}→{to}: {other:?}"),
            }
        }
        let near = net.reach(from, 300.0, Travel::Undirected);
        assert!(near.windows(2).all(|w| w[0].1 <= w[1].1) && near.iter().all(|(_, d)| *d <= 300.0));
    }
}

#[test]
fn an_empty_network_answers() {
    let net = Network::split(&[]);
    assert!(net.nodes().is_empty() && net.pieces().is_empty() && net.strong().is_empty());
    assert_eq!(net.route(0, 0, Travel::Directed), None);
    assert!(net.reach(0, 10.0, Travel::Directed).is_empty());
    let one = [p(0.0, 0.0), p(0.0, 0.0)];
    assert!(
        Network::split(&[Link {
            points: &one,
            oneway: 0
        }])
        .edges()
        .is_empty()
    );
}

#[test]
fn datums_agree_with_the_golden_pairs_and_come_back_within_a_micrometre() {
    let Some(shared) = shared() else { return };
    let text = std::fs::read_to_string(shared.join("data/geo/crs_pairs.csv")).unwrap();
    let mut rows = 0;
    for line in text.lines().skip(1) {
        let cells: Vec<f64> = line
            .rsplit(',')
            .take(6)
            .map(|c| c.parse().unwrap())
            .collect();
        let pair = |i: usize| LonLat::new(cells[5 - i], cells[4 - i]);
        let (wgs, gcj, bd) = (pair(0), pair(2), pair(4));
        let near =
            |a: LonLat, b: LonLat| (a.lon - b.lon).abs() < 1.5e-6 && (a.lat - b.lat).abs() < 1.5e-6;
        assert!(
            near(Datum::Gcj02.from_wgs84(wgs), gcj) && near(Datum::Bd09.from_wgs84(wgs), bd),
            "{line}"
        );
        assert!(
            near(Datum::Gcj02.to_wgs84(gcj), wgs) && near(Datum::Bd09.to_wgs84(bd), wgs),
            "{line}"
        );
        for datum in Datum::ALL {
            let back = datum.to_wgs84(datum.from_wgs84(wgs));
            assert!(
                (back.lon - wgs.lon).abs() < 1e-9 && (back.lat - wgs.lat).abs() < 1e-9,
                "{line}"
            );
        }
        rows += 1;
    }
    assert_eq!(rows, 41);
    // Values of web-and-interfaces, section 6.
    let g = Datum::Gcj02.from_wgs84(LonLat::new(116.404, 39.915));
    assert!((g.lon - 116.410_244_5).abs() < 1e-6 && (g.lat - 39.916_404_3).abs() < 1e-6);
}

#[test]
fn a_point_finds_its_line_with_chainage_and_side() {
    let xy = |x: f64, y: f64| Xy { x, y };
    let lines = [
        vec![xy(0.0, 0.0), xy(100.0, 0.0), xy(100.0, 100.0)],
        vec![xy(0.0, 50.0), xy(80.0, 50.0)],
    ];
    let index = LineIndex::new(lines.iter().map(Vec::as_slice));
    let snap = index.nearest(xy(110.0, 30.0)).unwrap();
    assert_eq!((snap.line, snap.segment, snap.left), (0, 1, false));
    assert!((snap.chainage_m - 130.0).abs() < 1e-9 && (snap.distance_m - 10.0).abs() < 1e-9);
    let both = index.within(xy(50.0, 20.0), 35.0);
    assert_eq!(both.iter().map(|s| s.line).collect::<Vec<_>>(), [0, 1]);
    assert!(both[0].left && !both[1].left);
    assert!(
        LineIndex::new(std::iter::empty())
            .nearest(xy(0.0, 0.0))
            .is_none()
    );
}

#[test]
fn road_ends_of_the_whole_demo_fall_on_their_own_line() {
    let Some(shared) = shared() else { return };
    let map = read(&shared.join("data/city/zhengzhou-sim/roads.geojson"));
    let plane = zhilu::spatial::LocalPlane::new(LonLat::new(113.76, 34.72));
    let lines: Vec<Vec<Xy>> = map
        .roads
        .iter()
        .map(|r| {
            r.geometry
                .coords_iter()
                .map(|c| plane.to_xy(LonLat::new(c.x, c.y)))
                .collect()
        })
        .collect();
    let index = LineIndex::new(lines.iter().map(Vec::as_slice));
    for (road, line) in map.roads.iter().zip(&lines) {
        assert!(matches!(road.geometry, Geometry::LineString(_)));
        assert!(index.nearest(line[0]).unwrap().distance_m < 1e-9);
    }
}
