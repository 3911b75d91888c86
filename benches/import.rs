//! How fast does a file become located tickets and sites, and in how much memory?
//!
//! `ZHILU_BENCH_FILE` names a table file (CSV, XLSX …); without it the demo's own tickets are imported. The city is the demo's,
//! unless `ZHILU_BENCH_MAP` names a folder with `roads.geojson`, `gazetteer.geojson`, `boundary.geojson`.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::panic,
    clippy::absolute_paths,
    reason = "a bench speaks plainly and may fail loudly"
)]

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::time::Instant;

use zhilu::app::city::{InputFile, Order, import};
use zhilu::app::{App, Options, Policy, Upload, Who, demo_data};
use zhilu::place::MapRole;

fn order() -> Order {
    let Some(folder) = std::env::var_os("ZHILU_BENCH_MAP").map(PathBuf::from) else {
        return demo_data::order().unwrap();
    };
    let files = ["roads.geojson", "gazetteer.geojson", "boundary.geojson"]
        .iter()
        .map(|name| InputFile::open(folder.join(name).to_str().unwrap(), MapRole::Any).unwrap())
        .collect();
    Order {
        id: "bench".into(),
        files,
        ..Order::default()
    }
}

/// Peak memory of this process in MiB (Linux).
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|l| l.starts_with("VmHWM"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<u64>().ok())
        .unwrap_or(0)
        / 1024
}

fn input() -> (String, Box<dyn Read + Send>) {
    match std::env::var_os("ZHILU_BENCH_FILE") {
        Some(path) => {
            let name = Path::new(&path)
                .file_name()
                .unwrap()
                .to_string_lossy()
                .into_owned();
            (name, Box::new(File::open(path).unwrap()))
        }
        None => (
            "demo.csv".into(),
            Box::new(Cursor::new(demo_data::tickets().unwrap())),
        ),
    }
}

async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let who = Who::system("bench");
    let at = Instant::now();
    import(folder.path(), &order()).unwrap();
    println!("city           {:8.2} s", at.elapsed().as_secs_f64());
    let at = Instant::now();
    let app = App::open(Options::new(folder.path())).await.unwrap();
    println!("open           {:8.2} s", at.elapsed().as_secs_f64());
    let (file_name, file) = input();
    let all = Instant::now();
    let staged = app
        .stage(
            &who,
            Upload {
                file_name,
                ..Upload::default()
            },
            file,
        )
        .await
        .unwrap();
    println!("stage          {:8.2} s", all.elapsed().as_secs_f64());
    let at = Instant::now();
    println!(
        "               {}",
        app.wait(staged.job).await.unwrap().message
    );
    println!(
        "dry run        {:8.2} s  peak {} MiB",
        at.elapsed().as_secs_f64(),
        peak()
    );
    let at = Instant::now();
    let job = app
        .commit_import(&who, staged.id, Policy::GoodRows)
        .await
        .unwrap();
    println!("               {}", app.wait(job).await.unwrap().message);
    println!(
        "commit+locate  {:8.2} s  peak {} MiB",
        at.elapsed().as_secs_f64(),
        peak()
    );
    println!("whole import   {:8.2} s", all.elapsed().as_secs_f64());
    let at = Instant::now();
    let job = app.survey(&who).await.unwrap();
    println!("               {}", app.wait(job).await.unwrap().message);
    println!("survey         {:8.2} s", at.elapsed().as_secs_f64());
    println!("import to sites{:8.2} s", all.elapsed().as_secs_f64());
    println!("figures        {:?}", app.snapshot().figures);
    app.close().await;
    drop(app);
    let at = Instant::now();
    let app = App::open(Options::new(folder.path())).await.unwrap();
    println!(
        "reopen         {:8.2} s  {} tickets, peak {} MiB",
        at.elapsed().as_secs_f64(),
        app.snapshot().index.len(),
        peak()
    );
    app.close().await;
    let file = std::fs::metadata(folder.path().join("zhilu.sqlite"))
        .unwrap()
        .len();
    println!("database       {:8} MiB", file >> 20);
}

fn main() {
    if std::env::args().any(|a| a == "--list") {
        return;
    }
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run());
}
