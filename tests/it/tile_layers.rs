//! Do the layers of data keep the rules of vector tiles, and do their numbers add up?

use std::collections::BTreeSet;
use std::sync::Arc;

use fast_mvt::{MvtGeometry, MvtReaderRef, MvtValueRef};
use zhilu::calendar::UtcMs;
use zhilu::index::Selection;
use zhilu::index::{Builder, Delta, Dicts, Filter, Index, Row};
use zhilu::place::Precision;
use zhilu::site::{Kind, Site, SiteId, Status};
use zhilu::spatial::grid::{finest_cell, resolution_at};
use zhilu::spatial::{LonLat, TileId, World};
use zhilu::ticket::{PetitionerKey, State, TicketId};
use zhilu::tile::hex_table::{HexTable, HexView};
use zhilu::tile::{sites, tickets};

/// A reproducible spread of points around one centre, denser inside.
fn index(n: i64) -> Index {
    let mut dicts = Dicts::default();
    let kind = dicts
        .categories
        .intern_path(&["秩序".to_owned(), "违停".to_owned()]);
    let mut builder = Builder::with_capacity(0);
    let mut seed = 7_u64;
    let mut random = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1_u64 << 53) as f64
    };
    for id in 0..n {
        let (a, b) = (random() - 0.5, random() - 0.5);
        let row = Row {
            point: Some(LonLat {
                lon: 113.75 + a * b * 0.2,
                lat: 34.7 + a * 0.1,
            }),
            precision: if id % 10 == 0 {
                Precision::Segment
            } else {
                Precision::Point
            },
            category: kind,
            state: if id % 3 == 0 {
                State::Closed
            } else {
                State::Working
            },
            petitioner: (id % 4 > 0).then_some(PetitionerKey(id / 5)),
            ..Row::bare(TicketId(id), UtcMs(1_700_000_000_000))
        };
        builder.push(&row, "");
    }
    builder.finish(Arc::new(dicts))
}

fn tile_of(z: u8) -> TileId {
    let w = World::of(LonLat {
        lon: 113.75,
        lat: 34.7,
    });
    TileId::new(
        z,
        w.x.checked_shr(32 - u32::from(z)).unwrap_or(0),
        w.y.checked_shr(32 - u32::from(z)).unwrap_or(0),
    )
    .unwrap()
}

/// All tiles of a zoom that the points of [`index`] can touch.
fn tiles(z: u8) -> Vec<TileId> {
    let mid = tile_of(z);
    let reach = 1 + (1_u32 << z) / 2000;
    (mid.y.saturating_sub(reach)..=mid.y + reach)
        .flat_map(|y| (mid.x.saturating_sub(reach)..=mid.x + reach).map(move |x| (x, y)))
        .filter_map(|(x, y)| TileId::new(z, x, y))
        .collect()
}

fn number(v: MvtValueRef<'_>) -> u64 {
    match v {
        MvtValueRef::UInt(n) => n,
        MvtValueRef::SInt(n) | MvtValueRef::Int(n) => n.unsigned_abs(),
        other => panic!("a count must be whole, not {other:?}"),
    }
}

/// Checks the rules that every tile must keep and returns, per feature, its layer, id and whole-number tags.
fn read(bytes: &[u8]) -> Vec<(String, u64, Vec<(String, String, Option<u64>)>)> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let mut out = Vec::new();
    let mut names = BTreeSet::new();
    for layer in reader.layers() {
        assert_eq!((layer.version(), layer.extent()), (2, 4096));
        assert!(
            names.insert(layer.name().to_owned()),
            "layer names are unique"
        );
        assert!(layer.feature_count() > 0, "no layer is empty");
        let mut ids = BTreeSet::new();
        for feature in layer.features() {
            let id = feature.id().unwrap();
            assert!(
                id < 1 << 53 && ids.insert(id),
                "ids are unique and below 2^53"
            );
            assert_eq!(feature.tags().len() % 2, 0);
            assert!(!matches!(
                feature.geometry().unwrap(),
                MvtGeometry::GeometryCollection(_)
            ));
            let tags = feature.properties().map(|p| {
                let (key, value) = p.unwrap();
                if let MvtValueRef::String(text) = value {
                    assert!(text.len() <= 200);
                }
                let whole = matches!(
                    value,
                    MvtValueRef::UInt(_) | MvtValueRef::SInt(_) | MvtValueRef::Int(_)
                )
                .then(|| number(value));
                (key.to_owned(), format!("{value:?}"), whole)
            });
            out.push((layer.name().to_owned(), id, tags.collect()));
        }
    }
    out
}

fn sum(features: &[(String, u64, Vec<(String, String, Option<u64>)>)], key: &str) -> u64 {
    features
        .iter()
        .flat_map(|f| &f.2)
        .filter(|(k, _, _)| k == key)
        .filter_map(|(_, _, n)| *n)
        .sum()
}

#[test]
fn at_every_zoom_the_tiles_together_show_every_spot_once() {
    let index = index(20_000);
    let all = index.everything();
    for z in [0, 5, 9, 11, 13, 14, 16] {
        let mut shown = 0;
        for at in tiles(z) {
            if let Some(bytes) = tickets::tile(&index, &all, at) {
                let features = read(&bytes);
                let single = features.iter().filter(|f| f.0 == "tickets").count();
                shown += u64::try_from(single).unwrap() + sum(&features, "point_count");
            }
        }
        assert_eq!(
            shown, 18_000,
            "zoom {z}: segments are left out, nothing else"
        );
    }
}

#[test]
fn few_tickets_are_single_marks_and_many_are_clusters() {
    let few = index(300);
    let many = index(5_000);
    let layers = |index: &Index, z| {
        let bytes = tickets::tile(index, &index.everything(), tile_of(z)).unwrap();
        read(&bytes)
            .into_iter()
            .map(|f| f.0)
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(layers(&few, 5), BTreeSet::from(["tickets".to_owned()]));
    assert_eq!(layers(&many, 5), BTreeSet::from(["clusters".to_owned()]));
}

#[test]
fn a_filter_changes_tiles_as_it_changes_counts() {
    let index = index(9_000);
    let ask = [("state".to_owned(), "closed".to_owned())];
    let chosen = index.select(&Filter::parse(&ask, index.dicts()).unwrap());
    let bytes = tickets::tile(&index, &chosen, tile_of(8)).unwrap();
    let features = read(&bytes);
    assert_eq!(
        sum(&features, "point_count"),
        u64::try_from(chosen.mapped()).unwrap()
    );
    assert_eq!(sum(&features, "open"), 0);
    let nothing = [("redo".to_owned(), "9".to_owned())];
    let none = index.select(&Filter::parse(&nothing, index.dicts()).unwrap());
    assert_eq!(
        tickets::tile(&index, &none, tile_of(8)),
        None,
        "an empty tile has no bytes"
    );
}

fn hex_tile(index: &Index, all: &Selection, at: TileId, view: HexView) -> Option<Vec<u8>> {
    HexTable::of(index, all, resolution_at(at.z), view).tile(at)
}

#[test]
fn a_hexagon_says_its_colour_by_the_classes_of_all_cells() {
    let index = index(20_000);
    let table = HexTable::of(
        &index,
        &index.everything(),
        resolution_at(14),
        HexView::default(),
    );
    let bounds = &table.classes().count;
    assert!(bounds.len() > 1, "{bounds:?}");
    let mut seen = BTreeSet::new();
    for at in tiles(14) {
        for (_, _, tags) in table.tile(at).iter().flat_map(|b| read(b)) {
            let value = |name: &str| tags.iter().find(|t| t.0 == name).unwrap().2.unwrap();
            let class = bounds
                .iter()
                .filter(|b| u64::from(**b) <= value("count"))
                .count();
            let spread = (class as f64 * 4.0 / bounds.len() as f64).round();
            assert_eq!(value("count_step") as f64, spread);
            assert!(value("petitioners_step") <= 4);
            seen.insert(class);
        }
    }
    assert_eq!(seen.len(), bounds.len() + 1, "every class has a cell");
}

#[test]
fn a_hexagon_has_its_whole_value_on_every_tile_it_touches() {
    let index = index(20_000);
    let all = index.everything();
    for z in [4, 10, 12, 14, 15] {
        let mut values = std::collections::BTreeMap::new();
        for at in tiles(z) {
            let Some(bytes) = hex_tile(&index, &all, at, HexView::default()) else {
                continue;
            };
            for (_, id, tags) in read(&bytes) {
                let count = tags.iter().find(|t| t.0 == "count").unwrap().2.unwrap();
                assert_eq!(*values.entry(id).or_insert(count), count, "zoom {z}");
            }
        }
        if z < 15 {
            assert_eq!(
                values.values().sum::<u64>(),
                18_000,
                "zoom {z}: every spot in one cell"
            );
        }
    }
}

#[test]
fn small_values_are_withheld_from_those_without_address_rights() {
    let index = index(2_000);
    let all = index.everything();
    let view = HexView { withhold_low: true };
    let bytes = hex_tile(&index, &all, tile_of(14), view).unwrap();
    let features = read(&bytes);
    let low =
        |f: &&(String, u64, Vec<(String, String, Option<u64>)>)| f.2.iter().any(|t| t.0 == "low");
    assert!(features.iter().any(|f| low(&f)));
    for f in &features {
        let count = f.2.iter().find(|t| t.0 == "count").and_then(|t| t.2);
        assert_ne!(low(&f), count.is_some());
        assert!(count.is_none_or(|n| n >= 3));
    }
}

#[test]
fn voices_on_a_hexagon_are_counted_once() {
    let index = index(20_000);
    let all = index.everything();
    for z in [0, 10] {
        let bytes = hex_tile(&index, &all, tile_of(z), HexView::default()).unwrap();
        for feature in read(&bytes) {
            let h3 = &feature.2.iter().find(|t| t.0 == "h3").unwrap().1;
            let cell: String = h3
                .chars()
                .filter(char::is_ascii_hexdigit)
                .rev()
                .take(15)
                .collect();
            let cell: String = cell.chars().rev().collect();
            let ask = [("precision", "point"), ("h3", cell.as_str())]
                .map(|(a, b)| (a.to_owned(), b.to_owned()));
            let inside = index.select(&Filter::parse(&ask, index.dicts()).unwrap());
            let one = [feature];
            assert_eq!(sum(&one, "count"), u64::try_from(inside.count()).unwrap());
            assert_eq!(
                sum(&one, "petitioners"),
                u64::try_from(index.voices(&inside)).unwrap()
            );
        }
    }
}

fn site(id: i64, rank: u32, line: Vec<LonLat>) -> Site {
    Site {
        id: SiteId(id),
        name: "实验小学东门".to_owned(),
        kind: Kind::SchoolGate,
        point: LonLat {
            lon: 113.75,
            lat: 34.7,
        },
        line,
        feature: None,
        members: vec![TicketId(1), TicketId(2)],
        petitioners: 2,
        n_eff: 2.0,
        single_voice: false,
        dominated: false,
        rate: 12.34,
        rate_low: 6.0,
        rate_high: 20.0,
        expected: 5.0,
        burden: zhilu::site::Burden::default(),
        rank,
        first: UtcMs(0),
        last: UtcMs(0),
        status: Status::Active,
        into: None,
        born_run: 0,
        last_run: 0,
    }
}

#[test]
fn sites_are_points_and_stretches_are_lines_too() {
    let line = vec![
        LonLat {
            lon: 113.749,
            lat: 34.7,
        },
        LonLat {
            lon: 113.752,
            lat: 34.7,
        },
    ];
    let mut gone = site(3, 3, Vec::new());
    gone.status = Status::Dormant;
    let all = [site(1, 1, Vec::new()), site(2, 0, line), gone];
    let bytes = sites::tile(&all, |_| (2, 1), tile_of(14)).unwrap();
    let features = read(&bytes);
    let layers: Vec<(&str, u64)> = features.iter().map(|f| (f.0.as_str(), f.1)).collect();
    assert_eq!(layers, [("sites", 1), ("sites", 2), ("site_lines", 2)]);
    assert_eq!(sites::tile(&all, |_| (0, 0), tile_of(14)), None);
}

#[test]
fn no_tile_is_heavier_than_its_budget() {
    use std::io::Write;
    let index = index(120_000);
    let all = index.everything();
    let gzip = |bytes: &[u8]| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        out.write_all(bytes).unwrap();
        out.finish().unwrap().len()
    };
    for z in 0..=17 {
        if let Some(bytes) = tickets::tile(&index, &all, tile_of(z)) {
            let clusters = read(&bytes).iter().any(|f| f.0 == "clusters");
            let limit = if clusters { 40_000 } else { 200_000 };
            assert!(
                gzip(&bytes) <= limit,
                "tickets at zoom {z}: {} bytes",
                gzip(&bytes)
            );
        }
        if let Some(bytes) = hex_tile(&index, &all, tile_of(z), HexView::default()) {
            assert!(gzip(&bytes) <= 200_000, "hex at zoom {z}");
        }
    }
}

#[test]
fn a_table_that_follows_single_tickets_is_that_of_a_fresh_count() {
    let mut index = index(3_000);
    let dicts = Arc::new(index.dicts().clone());
    let ask = |index: &Index, words: &[(&str, &str)]| {
        let words: Vec<_> = words
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        index.select(&Filter::parse(&words, index.dicts()).unwrap())
    };
    let filters: [&[(&str, &str)]; 2] = [&[], &[("state", "closed")]];
    let sizes = [4, 8, 10, 12, 14, 16].map(resolution_at);
    let views = [false, true].map(|withhold_low| HexView { withhold_low });
    let mut held = Vec::new();
    for (words, res) in filters.iter().flat_map(|w| sizes.map(|res| (*w, res))) {
        let table = HexTable::of(&index, &ask(&index, words), res, views[held.len() % 2]);
        held.push((words, res, views[held.len() % 2], table));
    }
    let mut seed = 3_u64;
    let mut random = |n: u64| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(11);
        (seed >> 33) % n
    };
    for step in 0..60_i64 {
        // Replaced, removed, or new; some stand at a home, some on a road, some nowhere.
        let id = i64::try_from(random(3_060)).unwrap();
        let share = random(10_000) as f64 / 10_000.0 - 0.5;
        let point = LonLat::new(113.75 + share * 0.004, 34.7 + share * share * 0.01);
        let row = Row {
            point: (random(8) > 0).then_some(point),
            precision: [Precision::Point, Precision::Point, Precision::Segment]
                [usize::try_from(random(3)).unwrap()],
            coarse: random(6) == 0,
            state: [State::Closed, State::Working][usize::try_from(random(2)).unwrap()],
            petitioner: (random(3) > 0).then_some(PetitionerKey(i64::try_from(random(5)).unwrap())),
            ..Row::bare(TicketId(id), UtcMs(1_700_000_000_000))
        };
        let mut delta = Delta::default();
        if step % 5 == 0 {
            delta.remove.push(TicketId(id));
        } else {
            delta.upsert.push((row.clone(), String::new()));
        }
        let finest = resolution_at(16);
        let before = index.rows_of(&[TicketId(id)]).into_iter();
        let mut places: Vec<_> = before
            .filter_map(|r| index.cell(finest, index.cell_code(r, finest)?))
            .collect();
        places.extend(row.point.and_then(finest_cell));
        index = index.refresh(&delta, Arc::clone(&dicts));
        for (words, res, view, table) in &mut held {
            let chosen = ask(&index, words);
            let fresh = HexTable::of(&index, &chosen, *res, *view);
            *table = table.after(&index, &chosen, &places).unwrap();
            assert_eq!(
                table.classes(),
                fresh.classes(),
                "step {step}, {res:?}, {words:?}"
            );
            assert!(
                table.sums().eq(fresh.sums()),
                "step {step}, {res:?}, {words:?}"
            );
        }
    }
    for (z, (words, res, view, table)) in [4, 8, 10, 12, 14, 16].iter().cycle().zip(&held) {
        let fresh = HexTable::of(&index, &ask(&index, words), *res, *view);
        for at in tiles(*z).into_iter().take(400) {
            assert_eq!(table.tile(at), fresh.tile(at), "{at:?} {words:?}");
        }
    }
}

#[test]
fn a_table_that_changed_too_much_is_to_be_counted_anew() {
    let index = index(2_000);
    let all = index.everything();
    let finest = resolution_at(16);
    let table = HexTable::of(&index, &all, finest, HexView::default());
    let spots = 0..index.spots();
    let cells: BTreeSet<_> = spots
        .filter_map(|row| index.cell(finest, index.cell_code(row, finest)?))
        .collect();
    let cells: Vec<_> = cells.into_iter().collect();
    assert!(table.after(&index, &all, &cells[..200]).is_some());
    assert!(cells.len() > 300 && table.after(&index, &all, &cells).is_none());
}
