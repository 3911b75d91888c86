//! How fast is a tile of a million simulated tickets?
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::absolute_paths,
    clippy::str_to_string,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench may fail loudly and print what it measured"
)]

mod million;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use zhilu::index::{Builder, Filter};
use zhilu::spatial::grid::resolution_at;
use zhilu::spatial::{LonLat, TileId, World};
use zhilu::tile::hex_table::{HexTable, HexView};
use zhilu::tile::tickets;

fn tile(c: &mut Criterion) {
    let (rows, dicts) = million::rows(1_000_000);
    let mut builder = Builder::with_capacity(rows.len());
    builder.extend(&rows);
    let index = builder.finish(Arc::clone(&dicts));
    let ask = [("kind".to_owned(), "大类1,大类2,大类3".to_owned())];
    let filter = Filter::parse(&ask, index.dicts()).expect("the question of this bench is valid");
    let chosen = index.select(&filter);
    let w = World::of(LonLat {
        lon: 113.80,
        lat: 34.73,
    });
    let mut group = c.benchmark_group("tile_1m");
    group.sample_size(20);
    for z in [9_u8, 11, 12, 14, 16] {
        let shift = 32 - u32::from(z);
        let Some(at) = TileId::new(z, w.x >> shift, w.y >> shift) else {
            continue;
        };
        let held = index.rows_in(at).len();
        group.bench_function(format!("tickets_filtered/z{z}_{held}"), |b| {
            b.iter(|| black_box(tickets::tile(&index, &chosen, at)));
        });
        group.bench_function(format!("hex_filtered/z{z}_{held}"), |b| {
            let table = || HexTable::of(&index, &chosen, resolution_at(z), HexView::default());
            b.iter(|| black_box(table().tile(at)));
        });
    }
    group.finish();
}

criterion_group!(benches, tile);
criterion_main!(benches);
