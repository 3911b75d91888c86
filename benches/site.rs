//! How fast do simulated tickets become sites, and a million points clusters?
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

use criterion::{Criterion, criterion_group, criterion_main};
use zhilu::site::{Anchors, Ground, SiteTicket, SurveyParams, survey};
use zhilu::spatial::LonLat;
use zhilu::spatial::cluster::{Dbscan, Points};

fn site(c: &mut Criterion) {
    let (rows, _) = million::rows(1_000_000);
    let points: Vec<LonLat> = rows.iter().filter_map(|r| r.point).collect();
    let mut group = c.benchmark_group("site");
    group.sample_size(10);
    for n in [100_000, 1_000_000] {
        group.bench_function(format!("dbscan_50m_5/{n}"), |b| {
            let dbscan = Dbscan {
                eps: 50.0,
                min_pts: 5.0,
            };
            b.iter(|| black_box(dbscan.run(Points::Earth(&points[..n]))));
        });
    }
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
}

criterion_group!(benches, site);
criterion_main!(benches);
