//! How long do chains and covers of 250 gates, a brigade's month, a re-plan, other loads and loops of 100 spots take?

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use zhilu::calendar::Day;
use zhilu::plan::chain::{Crew, Peak, Slot, ride_minutes};
use zhilu::plan::post::Post;
use zhilu::plan::roster::{Instance, Limits, solve};
use zhilu::plan::routes::{self, Options, Spots};
use zhilu::plan::stand::{StandWish, stand};
use zhilu::stats::rng::Rng;

fn number(rng: &mut Rng, below: u32) -> i64 {
    i64::from(rng.below(below))
}

fn peak(gates: i64) -> Peak {
    let mut rng = Rng::new(5);
    let places: Vec<(i64, i64)> = (0..gates)
        .map(|_| (number(&mut rng, 12_000), number(&mut rng, 12_000)))
        .collect();
    let slots = (0..gates)
        .map(|id| {
            let start = 385 + 5 * number(&mut rng, 16);
            let slot = json!({"id": id, "gate": id, "start": start, "end": start + 25 + 5 * number(&mut rng, 4), "weight": 20 + number(&mut rng, 400)});
            serde_json::from_value::<Slot>(slot).expect("a slot by its own form")
        })
        .collect();
    let at = |gate: i64| places[usize::try_from(gate).unwrap_or(0)];
    let travel = |a: i64, b: i64| {
        let (p, q) = (at(a), at(b));
        let (dx, dy) = ((p.0 - q.0) as f64, (p.1 - q.1) as f64);
        ride_minutes((dx * dx + dy * dy).sqrt(), 1.3, 20.0)
    };
    Peak::new(slots, 3, travel).expect("slots by their own form")
}

/// 60 people × 70 gates × 4 peaks × 20 school days; `noon` is the load of the second peak.
fn brigade(noon: i64) -> Instance {
    let mut rng = Rng::new(4);
    let peaks = ["k0", "k1", "k2", "k3"];
    let starts = [420, 690, 820, 990];
    let mut duties = Vec::new();
    for day in 0..20 {
        for (k, peak) in peaks.iter().enumerate() {
            for gate in 0..70_i64 {
                let start = starts[k] + 10 * (gate % 4);
                let roles = if gate % 2 == 0 {
                    json!(["police"])
                } else {
                    json!(["police", "auxiliary"])
                };
                duties.push(json!({"id": duties.len(), "day": day / 5 * 7 + day % 5, "peak": peak, "gate": gate, "start": start, "end": start + 50,
                    "accepts": roles, "load": if k == 1 { noon } else { 3 }, "priority": 20 + gate * 37 % 150}));
            }
        }
    }
    let persons: Vec<_> = (0..60)
        .map(|id| json!({"id": id, "type": if id % 3 == 0 { "police" } else { "auxiliary" }, "history": number(&mut rng, 7)}))
        .collect();
    let case = json!({"days": 28, "peaks": peaks, "persons": persons, "duties": duties});
    serde_json::from_value(case).expect("an instance by its own form")
}

/// 36 people, 170 duties of loads 2 and 3 over five days.
fn other_loads() -> Instance {
    let mut rng = Rng::new(12);
    let peaks = ["k0", "k1"];
    let duties: Vec<_> = (0..170_i64)
        .map(|id| {
            let (day, peak) = (id % 5, usize::from(id / 5 % 2 == 1));
            let start = [420, 980][peak] + 10 * number(&mut rng, 3);
            let roles = if id % 2 == 0 { json!(["police"]) } else { json!(["police", "auxiliary"]) };
            json!({"id": id, "day": day, "peak": peaks[peak], "gate": id / 10, "start": start, "end": start + 50,
                "accepts": roles, "load": 2 + number(&mut rng, 2), "priority": 10 + number(&mut rng, 90)})
        })
        .collect();
    let persons: Vec<_> = (0..36)
        .map(|id| json!({"id": id, "type": if id % 2 == 0 { "police" } else { "auxiliary" }, "history": number(&mut rng, 9)}))
        .collect();
    let case = json!({"days": 5, "peaks": peaks, "persons": persons, "duties": duties});
    serde_json::from_value(case).expect("an instance by its own form")
}

/// Posts of a district's morning: so many gates, every fourth with two officers, every third for helpers only.
fn morning(gates: i64) -> Vec<Post> {
    let mut rng = Rng::new(17);
    let mut posts = Vec::new();
    for gate in 0..gates {
        let start = 385 + 5 * number(&mut rng, 16);
        let (class, units) = match gate % 12 {
            0 | 3 | 6 => (2, 2),
            k if k % 3 == 1 => (0, 1),
            _ => (1, 1),
        };
        let first = 20 + number(&mut rng, 400);
        for unit in 1..=units {
            posts.push(Post {
                gate,
                day: Day(0),
                peak: "morning",
                start,
                end: start + 25 + 5 * (gate % 4),
                unit,
                class,
                accepts: match class {
                    2 => vec!["police"],
                    1 => vec!["police", "auxiliary"],
                    _ => vec!["volunteer", "school_staff", "parent"],
                },
                weight: if class == 0 {
                    1
                } else {
                    first * [10, 4][usize::from(unit - 1)] / 10 + 1
                },
                squad: None,
            });
        }
    }
    posts
}

fn spots(n: i64, units: i64) -> Spots {
    let mut rng = Rng::new(9);
    let places: Vec<(f64, f64)> = (0..=n)
        .map(|_| (rng.unit() * 8000.0, rng.unit() * 8000.0))
        .collect();
    let list: Vec<_> = (1..=n)
        .map(|id| {
            let open = number(&mut rng, 300);
            json!({"id": id, "dwell": 12, "prize": 5 + number(&mut rng, 90), "open": open, "close": open + 40 + number(&mut rng, 120)})
        })
        .collect();
    let minutes =
        |a: &(f64, f64), b: &(f64, f64)| (((a.0 - b.0).abs() + (a.1 - b.1).abs()) / 500.0).ceil();
    let travel: Vec<Vec<f64>> = places
        .iter()
        .map(|a| places.iter().map(|b| minutes(a, b)).collect())
        .collect();
    let travel: Vec<Vec<i64>> =
        serde_json::from_str(&json!(travel).to_string().replace(".0", "")).expect("whole minutes");
    let case = json!({"units": units, "shift_min": 240, "spots": list, "travel_min": travel});
    serde_json::from_value(case).expect("spots by their own form")
}

fn covers(c: &mut Criterion) {
    let chains = peak(250);
    c.bench_function("chain/250 gates", |b| {
        b.iter(|| black_box(chains.curve(250)).weight.len() + chains.fewest().len());
    });
    let places: Vec<(f64, f64)> = {
        let mut rng = Rng::new(5);
        (0..250)
            .map(|_| (rng.unit() * 12_000.0, rng.unit() * 12_000.0))
            .collect()
    };
    let metres = |a: i64, b: i64| {
        let at = |g: i64| places[usize::try_from(g).unwrap_or(0)];
        let (p, q) = (at(a), at(b));
        (p.0 - q.0).hypot(p.1 - q.1) * 1.3
    };
    let minutes = |a: i64, b: i64| ride_minutes(metres(a, b), 1.0, 20.0);
    for gates in [70, 250] {
        let posts = morning(gates);
        let crews: Vec<Crew> = [
            ("police", gates / 6),
            ("auxiliary", gates / 5),
            ("volunteer", gates / 8),
        ]
        .into_iter()
        .map(|(role, people)| Crew {
            role: role.to_owned(),
            people: usize::try_from(people).unwrap_or(0),
        })
        .collect();
        for together_m in [0.0, 300.0] {
            let wish = StandWish {
                crews: &crews,
                together_m,
                buffer_min: 3,
            };
            let mut group = c.benchmark_group("cover");
            group.sample_size(10);
            group.bench_function(format!("{gates} gates, sight {together_m} m"), |b| {
                b.iter(|| {
                    let got =
                        stand(&posts, &minutes, &metres, &wish).expect("posts by their own form");
                    assert_eq!(got.status, "optimal");
                    got.weight
                });
            });
        }
    }
}

fn rosters(c: &mut Criterion) {
    let month = brigade(3);
    let mut group = c.benchmark_group("roster");
    group.sample_size(10);
    let run =
        |inst: &Instance| solve(inst, &Limits::default(), &mut |_| true).expect("a sound instance");
    group.bench_function("60 people 70 gates 4 peaks 20 days", |b| {
        b.iter(|| black_box(run(&month)).values.len());
    });
    let unequal = other_loads();
    group.bench_function("36 people 170 duties, other loads", |b| {
        b.iter(|| black_box(run(&unequal)).values.len());
    });
    let first = run(&month);
    let mut ill = month.clone();
    ill.published = Some(
        ill.duties
            .iter()
            .map(|d| (d.id, first.assignment.get(&d.id).copied()))
            .collect(),
    );
    ill.persons[0].unavailable = (0..5)
        .flat_map(|d| ill.peaks.iter().map(move |k| (d, k.clone())))
        .collect();
    group.bench_function("one person ill for a week", |b| {
        b.iter(|| black_box(run(&ill)).changed.len());
    });
    group.finish();
}

fn loops(c: &mut Criterion) {
    let mut group = c.benchmark_group("loop");
    group.sample_size(10);
    for (n, units) in [(12, 2), (100, 2)] {
        let case = spots(n, units);
        group.bench_function(format!("{n} spots {units} units"), |b| {
            b.iter(|| black_box(routes::plan(&case, &Options::default())).map_or(0, |p| p.prize));
        });
    }
    group.finish();
}

criterion_group!(all, covers, rosters, loops);
criterion_main!(all);
