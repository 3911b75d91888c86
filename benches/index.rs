//! How fast is the index over a million simulated tickets: building, filters with counts, refresh?
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
use zhilu::index::{Builder, By, Delta, Filter, TimeAxis};
use zhilu::ticket::TicketId;

fn index(c: &mut Criterion) {
    let (rows, dicts) = million::rows(1_000_000);
    let build = || {
        let mut builder = Builder::with_capacity(rows.len());
        builder.extend(&rows);
        builder.finish(Arc::clone(&dicts))
    };
    let mut group = c.benchmark_group("index_1m");
    group.sample_size(10);
    group.bench_function("build", |b| b.iter(build));
    let index = build();
    let asks = [
        (
            "kind_and_time",
            vec![
                ("kind", "大类1,大类2"),
                ("from", "2024-01"),
                ("to", "2024-12"),
            ],
        ),
        (
            "five",
            vec![
                ("kind", "大类1"),
                ("channel", "12345,122"),
                ("state", "archived"),
                ("from", "2024"),
                ("bbox", "113.7,34.65,113.85,34.75"),
            ],
        ),
    ];
    for (name, ask) in asks {
        let ask: Vec<(String, String)> = ask
            .into_iter()
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .collect();
        let filter =
            Filter::parse(&ask, index.dicts()).expect("the questions of this bench are valid");
        group.bench_function(format!("filter_with_counts/{name}"), |b| {
            b.iter(|| {
                let chosen = index.select(&filter);
                black_box(index.tally(&chosen, By::Day, TimeAxis::Received));
                black_box(index.tally(&chosen, By::Category, TimeAxis::Received))
            });
        });
    }
    let mut upsert = Vec::new();
    for (row, number) in rows.iter().step_by(977).take(1000).zip(1_000_000..) {
        let mut row = row.clone();
        row.ticket = TicketId(number);
        upsert.push((row, "文治路与鼎城街交叉口违停".to_owned()));
    }
    let delta = Delta {
        upsert,
        remove: Vec::new(),
    };
    group.bench_function("refresh_1000", |b| {
        b.iter(|| black_box(index.refresh(&delta, Arc::clone(&dicts))));
    });
    group.finish();
}

criterion_group!(benches, index);
criterion_main!(benches);
