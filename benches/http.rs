//! How fast does the program answer over HTTP with many tickets: tiles cold and warm, unchanged answers, lists, an export?
//!
//! `ZHILU_BENCH_DATA` names a data folder that holds tickets and a city; without it the demo is imported into a new one.
//! Requests go through the whole router (gate, session, filters, compression) but through no socket; printed are the median and
//! the 99th percentile of the wall time of one request, and the CPU time a request took.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::pedantic,
    clippy::print_stdout,
    clippy::absolute_paths,
    reason = "a bench speaks plainly and may fail loudly"
)]

use std::io::Cursor;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;
use zhilu::app::{App, Options, Policy, Upload, Who, city, demo_data};
use zhilu::config::Config;
use zhilu::spatial::{LonLat, TileId, World};

/// CPU time of this process (Linux).
fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = text.rsplit(')').next().unwrap_or_default();
    let ticks = |n: usize| {
        let word = after.split_whitespace().nth(n).unwrap_or("0");
        word.parse::<u64>().unwrap_or(0)
    };
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

struct Client {
    router: Router,
    cookie: String,
}

impl Client {
    async fn send(&self, request: Request<Body>) -> (u16, axum::http::HeaderMap, usize) {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let size = body.collect().await.unwrap().to_bytes().len();
        (parts.status.as_u16(), parts.headers, size)
    }

    async fn get(&self, path: &str, tag: Option<&str>) -> (u16, axum::http::HeaderMap, usize) {
        let mut request = Request::get(path)
            .header("cookie", &self.cookie)
            .header("accept-encoding", "gzip");
        if let Some(tag) = tag {
            request = request.header("if-none-match", tag);
        }
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Asks every path `rounds` times and prints what that took.
    async fn measure(&self, name: &str, paths: &[String], rounds: usize) {
        let (mut times, mut most) = (Vec::new(), 0);
        let before = cpu();
        let begun = Instant::now();
        for _ in 0..rounds {
            for path in paths {
                let at = Instant::now();
                let (status, _, size) = self.get(path, None).await;
                assert!(status < 300, "{path}: {status}");
                times.push(at.elapsed());
                most = most.max(size);
            }
        }
        self.print(name, times, (begun.elapsed(), cpu() - before), most);
    }

    fn print(&self, name: &str, mut times: Vec<Duration>, all: (Duration, Duration), most: usize) {
        times.sort_unstable();
        let at =
            |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
        let n = times.len() as f64;
        println!(
            "{name:28} {n:6} requests  {:9.0}/s  p50 {:8.3} ms  p95 {:8.3}  p99 {:8.3}  CPU {:8.1} µs each  largest {:6.1} kB",
            n / all.0.as_secs_f64(),
            at(0.5),
            at(0.95),
            at(0.99),
            all.1.as_secs_f64() * 1e6 / n,
            most as f64 / 1e3
        );
    }
}

async fn open() -> (Arc<App>, Config, Option<tempfile::TempDir>) {
    let given = std::env::var_os("ZHILU_BENCH_DATA");
    let kept = given.is_none().then(|| tempfile::tempdir().unwrap());
    let folder = match (&given, &kept) {
        (Some(path), _) => std::path::PathBuf::from(path),
        (None, Some(dir)) => dir.path().to_owned(),
        (None, None) => unreachable!(),
    };
    let mut config = Config::for_folder(&folder);
    config.demo = true;
    if kept.is_some() {
        city::import(&folder, &demo_data::order().unwrap()).unwrap();
    }
    let options = Options {
        demo: true,
        ..Options::new(&folder)
    };
    let at = Instant::now();
    let app = App::open(options).await.unwrap();
    println!("open: {:.2} s", at.elapsed().as_secs_f64());
    if kept.is_some() {
        let who = Who::system("bench");
        let upload = Upload {
            file_name: "demo.csv".into(),
            ..Upload::default()
        };
        let file = Box::new(Cursor::new(demo_data::tickets().unwrap()));
        let staged = app.stage(&who, upload, file).await.unwrap();
        app.wait(staged.job).await.unwrap();
        let job = app
            .commit_import(&who, staged.id, Policy::GoodRows)
            .await
            .unwrap();
        app.wait(job).await.unwrap();
    }
    app.demo_accounts(&[]).await.unwrap();
    (app, config, kept)
}

/// The tiles of a zoom around the middle of the city.
fn tiles(layer: &str, z: u8, middle: LonLat, filter: &str) -> Vec<String> {
    let w = World::of(middle);
    let (x, y) = (w.x >> (32 - u32::from(z)), w.y >> (32 - u32::from(z)));
    let mut list = Vec::new();
    for dx in -2..=2_i64 {
        for dy in -2..=2_i64 {
            let (x, y) = (i64::from(x) + dx, i64::from(y) + dy);
            let fits = TileId::new(
                z,
                u32::try_from(x).unwrap_or(0),
                u32::try_from(y).unwrap_or(0),
            );
            if fits.is_some() {
                list.push(format!("/tiles/{layer}/{z}/{x}/{y}.mvt{filter}"));
            }
        }
    }
    list
}

async fn run() {
    let (app, config, _kept) = open().await;
    let snapshot = app.snapshot();
    println!("tickets: {}", snapshot.index.len());
    let (low, high) = snapshot.city.as_ref().unwrap().gazetteer.bbox().unwrap();
    let middle = LonLat::new((low.lon + high.lon) / 2.0, (low.lat + high.lat) / 2.0);
    let account = app
        .demo_list()
        .into_iter()
        .find(|a| a.name == "clerk")
        .unwrap();
    let router = zhilu::http::router(Arc::clone(&app), config).unwrap();
    let mut client = Client {
        router,
        cookie: String::new(),
    };
    let login = Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .body(Body::from(format!(
            r#"{{"name":"clerk","password":"{}"}}"#,
            account.password
        )))
        .unwrap();
    let (status, headers, _) = client.send(login).await;
    assert_eq!(status, 200);
    let cookie = headers["set-cookie"].to_str().unwrap();
    client.cookie = cookie.split(';').next().unwrap().to_owned();
    for layer in ["base", "tickets", "hex", "sites"] {
        for z in [10, 12, 14] {
            let paths = tiles(layer, z, middle, "");
            client
                .measure(&format!("{layer} z{z}, cold"), &paths, 1)
                .await;
            client
                .measure(&format!("{layer} z{z}, warm"), &paths, 40)
                .await;
        }
    }
    // Another window each time: the selection and the tile are made anew for every request.
    for (layer, z) in [("tickets", 12_u8), ("hex", 12)] {
        let w = World::of(middle);
        let (x, y) = (w.x >> (32 - u32::from(z)), w.y >> (32 - u32::from(z)));
        let paths: Vec<String> = (1..=28)
            .map(|day| format!("/tiles/{layer}/{z}/{x}/{y}.mvt?from=2023-01-{day:02}"))
            .collect();
        client
            .measure(&format!("{layer} z{z}, other filters"), &paths, 1)
            .await;
    }
    unchanged(&client, middle).await;
    let lists: Vec<String> = [
        "",
        "&kind=none",
        "&channel=12345",
        "&state=archived",
        "&from=2024-01-01&to=2024-03-31",
    ]
    .iter()
    .map(|f| format!("/api/v1/tickets?limit=50{f}"))
    .collect();
    client.measure("list of 50", &lists, 20).await;
    client
        .measure(
            "counts by category",
            &["/api/v1/counts?by=category".to_owned()],
            20,
        )
        .await;
    client
        .measure(
            "workbook of all tickets",
            &["/api/v1/tickets.xlsx".to_owned()],
            1,
        )
        .await;
}

/// A tile that the client holds already.
async fn unchanged(client: &Client, middle: LonLat) {
    let path = tiles("tickets", 12, middle, "").swap_remove(12);
    let (_, headers, _) = client.get(&path, None).await;
    let tag = headers["etag"].to_str().unwrap().to_owned();
    let mut times = Vec::new();
    let before = cpu();
    let begun = Instant::now();
    for _ in 0..20_000 {
        let at = Instant::now();
        assert_eq!(client.get(&path, Some(&tag)).await.0, 304);
        times.push(at.elapsed());
    }
    client.print(
        "unchanged (304)",
        times,
        (begun.elapsed(), cpu() - before),
        0,
    );
}

fn main() {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(run());
}
