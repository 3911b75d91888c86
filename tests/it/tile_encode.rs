//! Rules of Mapbox Vector Tile 2.1 that every layer keeps, whatever geometry comes in.

use fast_mvt::{MvtReaderRef, MvtTile};
use proptest::prelude::*;
use zhilu::spatial::{LonLat, TileId, World};
use zhilu::tile::encode::{
    Clip, EXTENT, LayerWriter, Local, TileWriter, Value, local, simplify, window,
};

fn at(x: f64, y: f64) -> Local {
    Local { x, y }
}

fn decode(bytes: &[u8]) -> MvtTile {
    MvtReaderRef::new(bytes).unwrap().to_tile().unwrap()
}

#[test]
fn known_tiles_hold_known_points() {
    // The slippy-map formula (ln(tan φ + sec φ)) computed apart, in Python, for Zhengzhou at zoom 12.
    let tile = TileId::new(12, 3341, 1626).unwrap();
    let inside = local(tile, World::of(LonLat::new(113.72, 34.69)));
    let side = f64::from(EXTENT);
    assert!((0.0..side).contains(&inside.x) && (0.0..side).contains(&inside.y));
    let zero = TileId::new(0, 0, 0).unwrap();
    let middle = local(zero, World::of(LonLat::new(0.0, 0.0)));
    assert!((middle.x - 2048.0).abs() < 1e-6 && (middle.y - 2048.0).abs() < 1e-6);
    let (low, high) = window(tile, 64.0);
    assert!((high[0] - low[0] - (1.0 + 128.0 / side) * 2_f64.powi(20)).abs() < 1e-6);
}

#[test]
fn a_line_that_leaves_and_returns_becomes_two_parts() {
    let clip = Clip::buffered(0);
    let parts = clip.line(&[
        at(100.0, 100.0),
        at(5000.0, 100.0),
        at(5000.0, 200.0),
        at(100.0, 200.0),
    ]);
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0], vec![at(100.0, 100.0), at(4096.0, 100.0)]);
    assert_eq!(parts[1], vec![at(4096.0, 200.0), at(100.0, 200.0)]);
}

#[test]
fn a_surface_around_the_tile_fills_it() {
    let ring = [
        at(-9e5, -9e5),
        at(9e5, -9e5),
        at(9e5, 9e5),
        at(-9e5, 9e5),
        at(-9e5, -9e5),
    ];
    let cut = Clip::buffered(64).ring(&ring);
    assert_eq!(cut.len(), 4);
    assert!(
        cut.iter()
            .all(|p| (p.x + 64.0).abs() < 1e-6 || (p.x - 4160.0).abs() < 1e-6)
    );
}

#[test]
fn an_empty_layer_leaves_no_trace_and_an_empty_tile_has_no_bytes() {
    let mut tile = TileWriter::new();
    let mut layer = LayerWriter::new("streets");
    layer.line(Some(1), &[vec![at(1.1, 1.1), at(1.2, 1.2)]], &[]);
    layer.surface(
        Some(2),
        &[vec![vec![at(0.0, 0.0), at(5.0, 5.0), at(9.0, 9.0)]]],
        &[],
    );
    assert!(layer.is_empty());
    tile.push(layer);
    assert_eq!(tile.finish(), None);
}

#[test]
fn whole_numbers_stay_whole_and_long_texts_are_cut_between_characters() {
    let mut layer = LayerWriter::new("a");
    let long = "路".repeat(100);
    layer.point(
        Some(7),
        at(3.0, 4.0),
        &[
            ("n", Value::Int(5)),
            ("m", Value::Int(-5)),
            ("t", Value::Text(&long)),
        ],
    );
    let mut tile = TileWriter::new();
    tile.push(layer);
    let tile = decode(&tile.finish().unwrap());
    let feature = &tile.layers[0].features[0];
    assert_eq!(feature.id, Some(7));
    assert_eq!(feature.properties[0].1, fast_mvt::MvtValue::UInt(5));
    assert_eq!(feature.properties[1].1, fast_mvt::MvtValue::SInt(-5));
    assert_eq!(
        feature.properties[2].1,
        fast_mvt::MvtValue::String("路".repeat(66))
    );
}

fn area(ring: &[geo::Coord<i32>]) -> i64 {
    ring.windows(2)
        .map(|p| i64::from(p[0].x) * i64::from(p[1].y) - i64::from(p[1].x) * i64::from(p[0].y))
        .sum()
}

proptest! {
    /// Whatever ring comes in: outer rings turn clockwise on screen (positive area with y south), no vertex is repeated,
    /// nothing lies outside the buffered tile.
    #[test]
    fn rings_keep_the_rules(points in proptest::collection::vec((-6000.0..9000.0_f64, -6000.0..9000.0_f64), 3..40)) {
        let ring: Vec<Local> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        let mut layer = LayerWriter::new("a");
        layer.surface(None, &[vec![Clip::buffered(64).ring(&ring)]], &[]);
        let mut tile = TileWriter::new();
        tile.push(layer);
        let Some(bytes) = tile.finish() else { return Ok(()) };
        let tile = decode(&bytes);
        for feature in &tile.layers[0].features {
            let geo::Geometry::Polygon(polygon) = &feature.geometry else { panic!("{:?}", feature.geometry) };
            let ring = &polygon.exterior().0;
            prop_assert!(area(ring) > 0);
            prop_assert!(ring.windows(2).all(|p| p[0] != p[1]));
            prop_assert!(ring.iter().all(|c| (-64..=4160).contains(&c.x) && (-64..=4160).contains(&c.y)));
        }
    }

    /// A simplified line keeps its ends and no vertex of the original lies farther off than the tolerance.
    #[test]
    fn simplified_lines_stay_within_the_tolerance(points in proptest::collection::vec((0.0..4096.0_f64, 0.0..4096.0_f64), 2..60), tolerance in 0.5..200.0_f64) {
        let line: Vec<Local> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        let simple = simplify(&line, tolerance);
        prop_assert_eq!(simple.first(), line.first());
        prop_assert_eq!(simple.last(), line.last());
        for p in &line {
            let off = simple.windows(2).map(|s| distance(*p, s[0], s[1])).fold(f64::INFINITY, f64::min);
            prop_assert!(off <= tolerance + 1e-6);
        }
    }

    /// Clipped lines lie inside, and a line inside is returned as it is.
    #[test]
    fn clipped_lines_lie_inside(points in proptest::collection::vec((-9000.0..12000.0_f64, -9000.0..12000.0_f64), 2..40)) {
        let line: Vec<Local> = points.iter().map(|(x, y)| at(*x, *y)).collect();
        let high = f64::from(EXTENT) + 64.0;
        for part in Clip::buffered(64).line(&line) {
            for p in part {
                prop_assert!((-64.000_1..=high + 0.000_1).contains(&p.x));
                prop_assert!((-64.000_1..=high + 0.000_1).contains(&p.y));
            }
        }
    }
}

fn distance(p: Local, a: Local, b: Local) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 {
        (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (a.x + t * dx - p.x).hypot(a.y + t * dy - p.y)
}
