//! How fast do simulated tickets become sites, and how soon does one new ticket stand in its cell, site and tile?
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
use zhilu::index::{Builder, Delta, Dicts, Row};
use zhilu::site::arrival::{REACH_M, arrival};
use zhilu::site::{Anchors, Ground, SiteTicket, SurveyParams, survey};
use zhilu::spatial::grid::{finest_cell, resolution_at};
use zhilu::spatial::{LonLat, TileId, World};
use zhilu::ticket::TicketId;
use zhilu::tile::hex_table::{HexTable, HexView};
use zhilu::tile::tickets;

fn site(c: &mut Criterion) {
    let (rows, dicts) = million::rows(1_000_000);
    let mut group = c.benchmark_group("site");
    group.sample_size(10);
    let tickets: Vec<SiteTicket> = rows[..100_000]
        .iter()
        .filter_map(|r| {
            Some(SiteTicket {
                id: r.ticket,
                point: r.point?,
                precision: r.precision,
                radius_m: r.radius_m,
                when: r.received,
                petitioner: r.petitioner,
                points: 1,
                redone: false,
                category: r.category,
                features: Vec::new(),
                form: "x_offset".to_owned(),
                line: Vec::new(),
            })
        })
        .collect();
    group.bench_function("survey/100000", |b| {
        let anchors = Anchors::default();
        let ground = Ground {
            tickets: &tickets,
            anchors: &anchors,
            previous: &[],
            run: 1,
            as_of: None,
            edits: &[],
        };
        b.iter(|| black_box(survey(&ground, &SurveyParams::default())));
    });
    group.finish();
    one_new_ticket(c, &rows[..250_000], &dicts);
}

/// The program's allocator: what a refresh costs is copying.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A ticket comes in among 250,000: its site, the next index with its cell, and its tile of points and of hexagons.
fn one_new_ticket(c: &mut Criterion, rows: &[Row], dicts: &Arc<Dicts>) {
    let mut held = rows.to_vec();
    for row in &mut held {
        // Spots of the simulated tickets repeat every hundredth of a degree.
        row.site = row.point.map(|p| (p.lon * 100.0).round() as i64);
    }
    let mut builder = Builder::with_capacity(held.len());
    builder.extend(&held);
    let index = builder.finish(Arc::clone(dicts));
    let at = LonLat::new(113.70, 34.65);
    let mut row = Row {
        ticket: TicketId(10_000_000),
        point: Some(at),
        ..held[0].clone()
    };
    let w = World::of(at);
    let tile = TileId::new(14, w.x >> 18, w.y >> 18).unwrap();
    let res = resolution_at(14);
    let table = HexTable::of(&index, &index.everything(), res, HexView::default());
    let places = [finest_cell(at).unwrap()];
    c.bench_function("site/one_new_ticket/250000", |b| {
        b.iter(|| {
            row.site = arrival(&index, at, REACH_M, TicketId(9_999_999));
            let delta = Delta {
                upsert: vec![(row.clone(), "文治路与鼎城街交叉口违停".to_owned())],
                remove: Vec::new(),
            };
            let next = index.refresh(&delta, Arc::clone(dicts));
            let all = next.everything();
            black_box(tickets::tile(&next, &all, tile));
            let table = table.after(&next, &all, &places).unwrap();
            black_box(table.tile(tile));
        });
    });
    // What the parts cost, and a count of all cells beside the count of one.
    let mut group = c.benchmark_group("site/one_new_ticket_parts/250000");
    let delta = Delta {
        upsert: vec![(row.clone(), "文治路与鼎城街交叉口违停".to_owned())],
        remove: Vec::new(),
    };
    group.bench_function("index", |b| {
        b.iter(|| black_box(index.refresh(&delta, Arc::clone(dicts))));
    });
    let next = index.refresh(&delta, Arc::clone(dicts));
    let all = next.everything();
    group.bench_function("points", |b| {
        b.iter(|| black_box(tickets::tile(&next, &all, tile)))
    });
    group.bench_function("cell", |b| {
        b.iter(|| black_box(table.after(&next, &all, &places)))
    });
    group.bench_function("hexagons", |b| b.iter(|| black_box(table.tile(tile))));
    group.bench_function("all_cells", |b| {
        b.iter(|| black_box(HexTable::of(&next, &all, res, HexView::default())));
    });
    group.finish();
}

criterion_group!(benches, site);
criterion_main!(benches);
