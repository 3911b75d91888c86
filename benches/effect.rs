//! How fast are effects estimated, how does the time grow, and do the verdicts hold their bars on worlds with known truth?
//!
//! `cargo bench --bench effect` prints the time of each phase, from the bytes of plain files to the league, up to 20,000 sites
//! with 2,000,000 tickets, and the largest memory so far (the world that is drawn and its files included). `ZHILU_WORLDS=12` adds the table of calibration over that many seeds at 2,000 sites.

#![allow(
    clippy::pedantic,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    reason = "a bench prints its table and has no documentation of its own"
)]

#[path = "../tests/it/effect_score.rs"]
mod effect_score;
#[path = "../tests/it/effect_world.rs"]
mod effect_world;

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use effect_score::Score;
use effect_world::{World, city};
use zhilu::effect::designs::attach_all;
use zhilu::effect::files::{Files, read};
use zhilu::effect::{Look, Panel, Settings, evaluate, evaluate_all, finish, league, prepare};

/// The panel's tickets and measures as the files an analyst brings.
fn files(panel: &Panel) -> [String; 4] {
    let mut sites = "site_id,category\n".to_owned();
    let mut tickets = "site_id,date\n".to_owned();
    let mut ring = tickets.clone();
    let mut treatments = "site_id,measure,decision_date,install_start,install_end\n".to_owned();
    let day = |d: i32| panel.civil(d).iso();
    for site in &panel.sites {
        writeln!(sites, "{},{}", site.id, site.category).unwrap();
        for (text, list) in [(&mut tickets, &site.core), (&mut ring, &site.ring)] {
            for event in list {
                writeln!(text, "{},{}", site.id, day(event.day)).unwrap();
            }
        }
    }
    for t in &panel.treatments {
        let [start, end] = [t.install_start, t.install_end].map(|d| day(d.unwrap()));
        let site = &panel.sites[t.site].id;
        writeln!(
            treatments,
            "{site},{},{},{start},{end}",
            t.measure,
            day(t.decision)
        )
        .unwrap();
    }
    [sites, tickets, ring, treatments]
}

/// Largest memory of this process so far in MiB, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM"));
    let kib = line.and_then(|l| l.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.map_or_else(|| "?".to_owned(), |k| format!("{:.0} MiB", k / 1_024.0))
}

/// One size, phase by phase: every measure once, from the bytes of the files to the league.
fn time(sites: usize, per_year: f64) {
    let mut world = World::all(sites, 7).swap_remove(1);
    world.per_year = per_year;
    let [sites_csv, tickets_csv, ring_csv, treatments_csv] = files(&city(&world).panel);
    let settings = Settings {
        contamination_m: 0.0,
        ..Settings::default()
    };
    let mut lap = Instant::now();
    let mut next = || {
        let took = lap.elapsed().as_secs_f64();
        lap = Instant::now();
        took
    };
    let (panel, _) = read(&Files {
        sites: sites_csv.as_bytes(),
        tickets: tickets_csv.as_bytes(),
        ring: ring_csv.as_bytes(),
        treatments: treatments_csv.as_bytes(),
        ..Files::default()
    })
    .unwrap();
    let tickets: usize = panel.sites.iter().map(|s| s.core.len()).sum();
    let reading = next();
    let prepared = prepare(panel, settings);
    let ready = next();
    let mut records = evaluate_all(&prepared, Some(Look::Single));
    let judged = next();
    attach_all(&prepared, &mut records);
    let opinions = next();
    finish(&mut records);
    let types = league(&records, &BTreeMap::new());
    black_box(&types);
    let together = next();
    black_box(evaluate(&prepared, 0, Look::Single));
    let one = next();
    println!(
        "| {sites} | {tickets} | {} | {reading:.2} | {ready:.2} | {judged:.2} | {opinions:.2} | {together:.3} | {:.2} | {:.1} | {} |",
        records.len(),
        reading + ready + judged + opinions + together,
        1_000.0 * one,
        peak(),
    );
}

fn main() {
    println!(
        "| sites | tickets | measures | read s | prepare s | evaluate s | second opinions s | finish s | all s | one site ms | memory |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for (sites, per_year) in [
        (500, 3.3),
        (1_000, 3.3),
        (2_000, 3.3),
        (5_000, 6.0),
        (20_000, 16.5),
    ] {
        time(sites, per_year);
    }
    let seeds: u64 = env::var("ZHILU_WORLDS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    if seeds == 0 {
        return;
    }
    println!("\n{}", Score::HEAD);
    let worlds = World::all(2_000, 0).len();
    for at in 0..worlds {
        let mut score = Score::default();
        let mut name = "";
        for seed in 1..=seeds {
            let world = World::all(2_000, seed * 7_919).swap_remove(at);
            name = world.name;
            score.add(&world);
        }
        println!("{}", score.line(name));
    }
}
