//! How fast is every method at the sizes of the rule book's table, and how much memory do a million and ten million points take?
//!
//! One bench per row of section 17. All inputs are simulated here from fixed seeds. Rows that name CPU seconds or two cores use two
//! threads, all others one. `ZHILU_BENCH_MEMORY=1` measures peak memory (of 1,000,000 and 10,000,000 points) instead of time;
//! `ZHILU_BENCH_POINTS=DIR` writes the inputs for other programs and measures nothing.
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

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main};
use h3o::{CellIndex, Resolution};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zhilu::hotspot::category::Rule;
use zhilu::hotspot::close_pairs::ClosePairs;
use zhilu::hotspot::cube::{View, by_score};
use zhilu::hotspot::dbscan::in_space_time;
use zhilu::hotspot::emerging::{NamedCube, classify};
use zhilu::hotspot::gi_star::{classes, star};
use zhilu::hotspot::h3_aggregate::count;
use zhilu::hotspot::knox::Knox;
use zhilu::hotspot::randomise::{exact_total, permuted};
use zhilu::hotspot::scan::{Ask, scan};
use zhilu::hotspot::scan_model::{Cases, Model};
use zhilu::hotspot::scan_zones::{Growth, Sites};
use zhilu::site::{Found, Identity, Trace};
use zhilu::spatial::cluster::{Dbscan, Points};
use zhilu::spatial::hdbscan::Hdbscan;
use zhilu::spatial::kde::{Kernel, Raster, grid};
use zhilu::spatial::pairs::Places;
use zhilu::spatial::weights::Neighbours;
use zhilu::spatial::{LonLat, Xy};
use zhilu::stats::Correction;
use zhilu::stats::Rng;
use zhilu::stats::distribution::normal_two_sided;
use zhilu::stats::series::mann_kendall;
use zhilu::ticket::TicketId;

/// Metres of one degree of latitude, and of longitude at the simulated city.
const NORTH_M: f64 = 111_195.0;
const EAST_M: f64 = 89_430.0;

/// A simulated city of 42 × 42 km: of its tickets 55 % lie about 2,483 spots of very unequal loudness (25 m spread), the rest
/// anywhere; 104 weeks.
struct City {
    xy: Vec<Xy>,
    day: Vec<f64>,
    spot: Vec<Option<usize>>,
    spots: Vec<Xy>,
}

const SPOTS: usize = 2_483;

fn city(n: usize, seed: u64) -> City {
    let mut rng = Rng::new(seed);
    let spots: Vec<Xy> = (0..SPOTS)
        .map(|_| Xy {
            x: (rng.normal() * 7_000.0).clamp(-20_000.0, 20_000.0),
            y: (rng.normal() * 7_000.0).clamp(-20_000.0, 20_000.0),
        })
        .collect();
    let mut sum = 0.0;
    let bounds: Vec<f64> = (0..SPOTS)
        .map(|rank| {
            sum += 1.0 / (rank as f64 + 20.0).powf(0.8);
            sum
        })
        .collect();
    let mut out = City {
        xy: Vec::with_capacity(n),
        day: Vec::with_capacity(n),
        spot: Vec::with_capacity(n),
        spots,
    };
    for _ in 0..n {
        let spot = (rng.unit() < 0.55).then(|| {
            let u = rng.unit() * sum;
            bounds.partition_point(|b| *b <= u).min(SPOTS - 1)
        });
        out.xy.push(match spot {
            Some(s) => Xy {
                x: out.spots[s].x + rng.normal() * 25.0,
                y: out.spots[s].y + rng.normal() * 25.0,
            },
            None => Xy {
                x: (rng.unit() - 0.5) * 42_000.0,
                y: (rng.unit() - 0.5) * 42_000.0,
            },
        });
        out.spot.push(spot);
        out.day.push(rng.unit() * 728.0);
    }
    out
}

fn degrees(p: &Xy) -> LonLat {
    LonLat::new(115.985 + p.x / EAST_M, 36.456 + p.y / NORTH_M)
}

impl City {
    fn places(&self) -> Vec<LonLat> {
        self.xy.iter().map(degrees).collect()
    }

    /// Longitudes, latitudes.
    fn columns(&self) -> (Vec<f64>, Vec<f64>) {
        self.places().iter().map(|p| (p.lon, p.lat)).unzip()
    }
}

fn threads(n: usize) -> ThreadPool {
    ThreadPoolBuilder::new().num_threads(n).build().unwrap()
}

fn on<T: Send>(
    pool: &ThreadPool,
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    work: impl Fn() -> T + Sync,
) {
    group.bench_function(name, |b| pool.install(|| b.iter(|| black_box(work()))));
}

fn cells(c: &mut Criterion) {
    let mut group = c.benchmark_group("cells");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    let one = threads(1);
    let city = city(1_000_000, 17);
    let (lon, lat) = city.columns();
    on(&one, &mut group, "count_res9/1000000", || {
        count(&lon, &lat, Resolution::Nine).unwrap()
    });
    let counts = count(&lon, &lat, Resolution::Nine).unwrap();
    let cells: Vec<CellIndex> = counts.iter().map(|c| c.0).collect();
    let whole: Vec<i64> = counts.iter().map(|c| i64::from(c.1)).collect();
    let values: Vec<f64> = counts.iter().map(|c| f64::from(c.1)).collect();
    eprintln!(
        "{} cells, {} distinct counts, largest {}",
        cells.len(),
        whole.iter().collect::<BTreeSet<_>>().len(),
        whole.iter().max().unwrap()
    );
    on(&one, &mut group, "z_bh/17k", || {
        let near = Neighbours::of_cells(&cells, 1);
        let z: Vec<Option<f64>> = star(&values, &near).into_iter().map(Result::ok).collect();
        let p: Vec<Option<f64>> = z.iter().map(|z| z.map(normal_two_sided)).collect();
        let hot: Vec<bool> = z.iter().map(|z| z.is_some_and(|z| z > 0.0)).collect();
        classes(&p, &hot, Correction::Bh)
    });
    let near = Neighbours::of_cells(&cells, 1);
    on(&one, &mut group, "exact_tails/17k", || {
        exact_total(&whole, &near).unwrap()
    });
    on(&one, &mut group, "permutations_999/17k", || {
        permuted(&values, &near, 999, 1)
    });
    let rows: Vec<(CellIndex, Option<usize>, f64)> = {
        let cells = zhilu::hotspot::area::cells_at(&lon, &lat, Resolution::Nine).unwrap();
        let steps = city.day.iter().map(|d| Some((d / 7.0) as usize));
        cells
            .into_iter()
            .zip(steps)
            .map(|(cell, step)| (cell, step, 1.0))
            .collect()
    };
    let cube = || NamedCube::of(&rows, Some(cells.clone()), 104, f64::INFINITY).unwrap();
    on(&one, &mut group, "emerging/1000000x104", || {
        let named = cube();
        let near = Neighbours::of_cells(&named.cells, 1);
        let z = named.cube.scores(
            &near,
            View {
                lag: 1,
                own_step: false,
            },
        );
        let bins = by_score(&z, 0.05);
        classify(&named.cube, &z, &bins, (Rule::default(), &[]))
    });
    let named = cube();
    let series: Vec<Vec<f64>> = (0..cells.len())
        .map(|cell| named.cube.series(&named.cube.count, cell))
        .collect();
    on(&one, &mut group, "mann_kendall/17kx104", || {
        series.iter().map(|x| mann_kendall(x)).collect::<Vec<_>>()
    });
    group.finish();
}

fn clusters(c: &mut Criterion) {
    let mut group = c.benchmark_group("clusters");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    let one = threads(1);
    let ask = Dbscan {
        eps: 50.0,
        min_pts: 5.0,
    };
    let large = city(1_000_000, 18).places();
    let small = city(100_000, 19);
    let places = small.places();
    on(&one, &mut group, "dbscan_50m_5/100000", || {
        ask.run(Points::Earth(&places))
    });
    on(&one, &mut group, "dbscan_50m_5/1000000", || {
        ask.run(Points::Earth(&large))
    });
    let ids: Vec<i64> = (0..100_000).collect();
    let earth = Places::Earth(places.clone());
    on(&one, &mut group, "st_dbscan_50m_14d_5/100000", || {
        in_space_time(&earth, &small.day, &ids, (50.0, 14.0, 5.0))
    });
    let persistent = Hdbscan {
        min_cluster_size: 10,
        min_samples: 10,
        epsilon: 0.0,
    };
    on(&one, &mut group, "hdbscan_10_10/100000", || {
        persistent.run(&earth)
    });
    let events: Vec<(Xy, f64)> = small
        .xy
        .iter()
        .map(|p| {
            (
                Xy {
                    x: p.x * 9.0 / 21.0,
                    y: p.y * 9.0 / 21.0,
                },
                1.0,
            )
        })
        .collect();
    let raster = Raster {
        origin: Xy {
            x: -9_000.0,
            y: -9_000.0,
        },
        cell: 50.0,
        columns: 361,
        rows: 361,
    };
    on(&one, &mut group, "kde_quartic_150m_361x361/100000", || {
        grid(&events, raster, Kernel::Quartic, 150.0)
    });
    group.finish();
}

fn replicates(c: &mut Criterion) {
    let mut group = c.benchmark_group("replicates");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    let two = threads(2);
    let city = city(100_000, 20);
    let places = Places::Earth(city.places());
    let pairs = ClosePairs::collect(&places, &city.day, 250.0, |_, _, _| Some(0)).unwrap();
    eprintln!("{} close pairs", pairs.len());
    on(&two, &mut group, "knox_999/100000", || {
        let pairs = ClosePairs::collect(&places, &city.day, 250.0, |_, _, _| Some(0)).unwrap();
        let knox = Knox::of(&pairs, 14.0);
        let dealt = pairs.dealt_close(14.0, (999, 1));
        (knox, dealt)
    });
    let (sites, cases) = weeks(&city);
    for share in [0.10, 0.50] {
        let ask = Ask {
            growth: Growth {
                max_share: share,
                max_radius: f64::INFINITY,
            },
            longest: 8,
            prospective: true,
            replicates: 999,
            seed: 1,
            stop_after: 0,
        };
        on(
            &two,
            &mut group,
            &format!("scan_stp_999_share_{share:.2}/100000"),
            || scan(&sites, &cases, &ask),
        );
    }
    group.finish();
}

/// The tickets of a city at its spots (strays at a spot by chance), by weeks.
fn weeks(city: &City) -> (Sites, Cases) {
    let mut rng = Rng::new(21);
    let mut all: Vec<(u32, u32)> = city
        .spot
        .iter()
        .zip(&city.day)
        .map(|(spot, day)| {
            let place = spot.map_or_else(|| rng.below(SPOTS as u32), |s| s as u32);
            (place, (day / 7.0) as u32)
        })
        .collect();
    all.sort_unstable();
    let mut mass = vec![0.0; SPOTS];
    for (place, _) in &all {
        mass[*place as usize] += 1.0;
    }
    let cases = Cases {
        model: Model::Permutation,
        place: all.iter().map(|c| c.0).collect(),
        step: all.iter().map(|c| c.1).collect(),
        steps: 104,
        mass,
    };
    (
        Sites::Earth(city.spots.iter().map(degrees).collect()),
        cases,
    )
}

/// Thirty weekly runs over a rolling window of 26 weeks with about 10,000 tickets each.
fn identity(c: &mut Criterion) {
    let mut group = c.benchmark_group("identity");
    group
        .sample_size(10)
        .measurement_time(Duration::from_secs(3));
    let city = city(40_000, 22);
    let places = city.places();
    let runs: Vec<(Vec<Found>, BTreeSet<TicketId>)> = (0..30)
        .map(|run| {
            let end = 728.0 - 7.0 * f64::from(29 - run);
            let within = |d: &f64| (end - 182.0..end).contains(d);
            let window: Vec<usize> = (0..places.len())
                .filter(|i| within(&city.day[*i]))
                .collect();
            let points: Vec<LonLat> = window.iter().map(|i| places[*i]).collect();
            let found = Dbscan {
                eps: 50.0,
                min_pts: 5.0,
            }
            .run(Points::Earth(&points));
            let clusters = found.members().into_iter().map(|members| {
                let n = members.len() as f64;
                let mean = |get: fn(&LonLat) -> f64| {
                    members.iter().map(|m| get(&points[*m])).sum::<f64>() / n
                };
                Found {
                    point: LonLat::new(mean(|p| p.lon), mean(|p| p.lat)),
                    members: members
                        .iter()
                        .map(|m| TicketId(window[*m] as i64))
                        .collect(),
                }
            });
            (
                clusters.collect(),
                window.iter().map(|i| TicketId(*i as i64)).collect(),
            )
        })
        .collect();
    eprintln!(
        "{} tickets and {} clusters in the last window",
        runs[29].1.len(),
        runs[29].0.len()
    );
    on(&threads(1), &mut group, "track_30_runs/10000", || {
        let mut traces: Vec<Trace> = Vec::new();
        for (run, (clusters, pool)) in (0..).zip(&runs) {
            traces = Identity::default()
                .track(&traces, clusters, pool, run)
                .traces;
        }
        traces
    });
    group.finish();
}

/// A line of `/proc/self/status` in MB.
fn status_mb(key: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find(|l| l.starts_with(key)).unwrap_or("");
    let number: String = line.chars().filter(char::is_ascii_digit).collect();
    number.parse::<f64>().unwrap_or(0.0) / 1024.0
}

fn peak<T>(name: &str, work: impl FnOnce() -> T) -> T {
    // Writing 5 makes the kernel forget the highest mark so far.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, from) = (status_mb("VmRSS"), Instant::now());
    let out = work();
    eprintln!(
        "{name}: {:.2} s, {:.0} MB above its input of {before:.0} MB",
        from.elapsed().as_secs_f64(),
        status_mb("VmHWM") - before
    );
    out
}

fn memory() {
    let one = threads(1);
    one.install(|| {
        let ask = Dbscan {
            eps: 50.0,
            min_pts: 5.0,
        };
        let million = city(1_000_000, 18).places();
        peak("dbscan 1,000,000", || ask.run(Points::Earth(&million)));
        drop(million);
        let many = city(10_000_000, 23);
        let places = many.places();
        peak("dbscan 10,000,000", || ask.run(Points::Earth(&places)));
        let (lon, lat): (Vec<f64>, Vec<f64>) = places.iter().map(|p| (p.lon, p.lat)).unzip();
        peak("cells 10,000,000", || {
            count(&lon, &lat, Resolution::Nine).unwrap()
        });
    });
    eprintln!("peak of the whole process {:.0} MB", status_mb("VmHWM"));
}

/// The same points for other programs: `points_N.csv` of the clustering rows and the counts of the cells.
fn write_points(folder: &str) {
    for (n, seed) in [(1_000_000, 18), (100_000, 19)] {
        let city = city(n, seed);
        let mut text = String::from("x,y,day,lon,lat\n");
        for ((p, day), at) in city.xy.iter().zip(&city.day).zip(city.places()) {
            let _ = writeln!(text, "{},{},{day},{},{}", p.x, p.y, at.lon, at.lat);
        }
        std::fs::write(format!("{folder}/points_{n}.csv"), text).unwrap();
    }
    let (lon, lat) = city(1_000_000, 17).columns();
    let mut text = String::from("cell,count\n");
    for (cell, n) in count(&lon, &lat, Resolution::Nine).unwrap() {
        let _ = writeln!(text, "{cell},{n}");
    }
    std::fs::write(format!("{folder}/cells_17000.csv"), text).unwrap();
}

fn rows(c: &mut Criterion) {
    if let Ok(folder) = std::env::var("ZHILU_BENCH_POINTS") {
        write_points(&folder);
        return;
    }
    if std::env::var_os("ZHILU_BENCH_MEMORY").is_some() {
        memory();
        return;
    }
    cells(c);
    clusters(c);
    replicates(c);
    identity(c);
}

criterion_group!(benches, rows);
criterion_main!(benches);
