//! How fast are effects estimated, how does the time grow, and do the verdicts hold their bars on worlds with known truth?
//!
//! `cargo bench --bench effect` prints the time of each phase at 2,000 sites with 40,000 tickets and at 20,000 sites with
//! 2,000,000. `ZHILU_WORLDS=12` adds the table of calibration over that many seeds at 2,000 sites.

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

use std::env;
use std::hint::black_box;
use std::time::Instant;

use effect_score::Score;
use effect_world::{World, city};
use zhilu::effect::{Look, Panel, Settings, evaluate, evaluate_all, finish, prepare};

/// One size: reading is not counted, evaluation is of every measure.
fn time(sites: usize, per_year: f64) {
    let mut world = World::all(sites, 7).swap_remove(1);
    world.per_year = per_year;
    let panel: Panel = city(&world).panel;
    let tickets: usize = panel.sites.iter().map(|s| s.core.len()).sum();
    let settings = Settings {
        contamination_m: 0.0,
        ..Settings::default()
    };
    let begin = Instant::now();
    let prepared = prepare(panel, settings);
    let ready = begin.elapsed();
    let begin = Instant::now();
    let mut records = evaluate_all(&prepared, Some(Look::Single));
    finish(&mut records);
    let all = begin.elapsed();
    let begin = Instant::now();
    black_box(evaluate(&prepared, 0, Look::Single));
    let one = begin.elapsed();
    println!(
        "| {sites} | {tickets} | {} | {:.2} s | {:.2} s | {:.2} s | {:.1} ms |",
        records.len(),
        ready.as_secs_f64(),
        all.as_secs_f64(),
        (ready + all).as_secs_f64(),
        1_000.0 * one.as_secs_f64(),
    );
}

fn main() {
    println!("| sites | tickets | measures | prepare | evaluate all | together | one site |");
    println!("|---|---|---|---|---|---|---|");
    time(1_000, 5.0);
    time(2_000, 5.0);
    time(5_000, 10.0);
    time(20_000, 25.0);
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
