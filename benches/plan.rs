//! How long do the choice of measures, its doubts, its reasons and the covering models take, at the sizes of the planner's bars?

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use zhilu::case::Catalogue;
use zhilu::optim::{
    Choice, Covering, Item, Limits, Need, Point, centre, conflict, cover, select, select_robust,
};
use zhilu::plan::{Desk, Load, Shown, SiteNeed, Wish};
use zhilu::stats::number::floor_i64;
use zhilu::stats::rng::Rng;

/// A choice of the size of the stored oracles: about four alternatives a site, each charged to one or two of the budgets, which
/// pay for a third of what all sites would cost.
fn choice(sites: usize, budgets: usize, seed: u64) -> Choice {
    let mut rng = Rng::new(seed);
    let mut items = Vec::new();
    for class in 0..sites {
        let rate = 200 + i64::from(rng.below(1800));
        for step in 0..3 + i64::from(rng.below(3)) {
            let mut cost = vec![0; budgets];
            for _ in 0..=rng.below(2) {
                let at = rng.below(u32::try_from(budgets).unwrap_or(1)) as usize;
                cost[at] += 100 * (5 + i64::from(rng.below(60)) * (1 + step));
            }
            let share = 8 + i64::from(rng.below(14)) + 9 * step;
            items.push(Item {
                class,
                gain: rate * share.min(80) / 10,
                cost,
            });
        }
    }
    let all = |at: usize| -> i64 { items.iter().map(|i: &Item| i.cost[at]).sum() };
    let budgets = (0..budgets).map(|at| all(at) / 12).collect();
    Choice {
        items,
        budgets,
        ..Choice::default()
    }
}

fn proof(steps: u64) -> Limits {
    Limits { steps, gap_ppm: 0 }
}

fn town(n: usize) -> Vec<SiteNeed> {
    let kinds = [
        "school_dropoff_jam",
        "illegal_parking_roadside",
        "parking_entrance_queue",
        "school_crossing_risk",
        "speeding",
    ];
    let mut rng = Rng::new(3);
    (0..n)
        .map(|i| SiteNeed {
            site: format!("s{i:03}"),
            loads: vec![
                Load {
                    kind: kinds[i % 5].to_owned(),
                    rate: 10.0 + 40.0 * rng.unit(),
                    weight: 1.0,
                },
                Load {
                    kind: kinds[(i + 2) % 5].to_owned(),
                    rate: 4.0 + 10.0 * rng.unit(),
                    weight: 1.0,
                },
            ],
            ..SiteNeed::default()
        })
        .collect()
}

fn desk(draws: u32) -> (Desk, Catalogue) {
    let catalogue = Catalogue::shipped().expect("the shipped catalogue is sound");
    let wish = Wish {
        budgets: BTreeMap::from([("交警".to_owned(), 400_000), ("城管".to_owned(), 120_000)]),
        draws,
        frontier: draws > 0,
        ..Wish::default()
    };
    let desk = Desk::new(wish, town(60), &catalogue, BTreeMap::new()).expect("a sound wish");
    (desk, catalogue)
}

/// Points in a square of a side in metres with weights; posts are the points and reach 800 m.
fn square(n: usize, side: f64, need: impl Fn(i64) -> Need) -> Covering {
    let mut rng = Rng::new(8);
    let at: Vec<(f64, f64, i64)> = (0..n)
        .map(|_| {
            (
                rng.unit() * side,
                rng.unit() * side,
                1 + i64::from(rng.below(99)),
            )
        })
        .collect();
    let near = |a: &(f64, f64, i64)| {
        let reach = |b: &(f64, f64, i64)| (a.0 - b.0).hypot(a.1 - b.1) <= 800.0;
        (0..n).filter(|&j| reach(&at[j])).map(|j| (j, 0)).collect()
    };
    Covering {
        posts: n,
        points: at
            .iter()
            .map(|a| Point {
                posts: near(a),
                need: need(a.2),
            })
            .collect(),
        ..Covering::default()
    }
}

fn distances(n: usize) -> Vec<Vec<i64>> {
    let mut rng = Rng::new(11);
    let at: Vec<(f64, f64)> = (0..n)
        .map(|_| (rng.unit() * 1000.0, rng.unit() * 1000.0))
        .collect();
    let whole = |metres: f64| floor_i64(metres);
    at.iter()
        .map(|a| {
            at.iter()
                .map(|b| whole((a.0 - b.0).hypot(a.1 - b.1)))
                .collect()
        })
        .collect()
}

fn median(distances: &[Vec<i64>], open: usize) -> Covering {
    Covering {
        posts: distances.len(),
        points: distances
            .iter()
            .map(|row| Point {
                posts: row.iter().copied().enumerate().collect(),
                need: Need::Must,
            })
            .collect(),
        at_most: Some(open),
        ..Covering::default()
    }
}

fn selection(c: &mut Criterion) {
    let mut group = c.benchmark_group("choose");
    group.sample_size(10);
    for (sites, budgets) in [(60, 2), (100, 4), (300, 4)] {
        let case = choice(sites, budgets, 1);
        group.bench_function(format!("{sites} sites {budgets} budgets, proved"), |b| {
            b.iter(|| {
                black_box(
                    select(&case, proof(20_000_000), None, &mut |_| true)
                        .expect("well formed")
                        .gain,
                )
            });
        });
    }
    let case = choice(300, 4, 1);
    let near = Limits {
        steps: 20_000_000,
        gap_ppm: 1000,
    };
    group.bench_function("300 sites 4 budgets, gap 0.1 %", |b| {
        b.iter(|| {
            black_box(
                select(&case, near, None, &mut |_| true)
                    .expect("well formed")
                    .gain,
            )
        });
    });
    let case = choice(60, 2, 1);
    let low: Vec<i64> = case.items.iter().map(|i| i.gain * 6 / 10).collect();
    group.bench_function("60 sites 2 budgets, robust", |b| {
        b.iter(|| {
            black_box(
                select_robust(&case, &low, 3, proof(20_000_000), &mut |_| true)
                    .expect("well formed")
                    .gain,
            )
        });
    });
    let mut stuck = choice(60, 2, 1);
    stuck.mandatory = (0..stuck.items.len()).step_by(5).collect();
    stuck.budgets = vec![1000; 2];
    group.bench_function("60 sites 2 budgets, conflict set", |b| {
        b.iter(|| black_box(conflict(&stuck, 1_000_000).expect("well formed")));
    });
    group.finish();
}

fn doubts(c: &mut Criterion) {
    let mut group = c.benchmark_group("plan");
    group.sample_size(10);
    let (bare, catalogue) = desk(0);
    group.bench_function("60 sites, plan with what more money brings", |b| {
        b.iter(|| black_box(bare.plan(&catalogue, &mut |_| true).expect("sound").benefit));
    });
    let (whole, catalogue) = desk(100);
    group.bench_function("60 sites, plan with frontier and 100 draws", |b| {
        b.iter(|| {
            black_box(
                whole
                    .plan(&catalogue, &mut |_| true)
                    .expect("sound")
                    .benefit,
            )
        });
    });
    let plan = bare.plan(&catalogue, &mut |_| true).expect("sound");
    let shown = Shown::from(&plan);
    group.bench_function("60 sites, why is it in", |b| {
        b.iter(|| black_box(bare.explain(&plan.chosen[0], &shown).expect("known").loss));
    });
    group.finish();
}

fn covering(c: &mut Criterion) {
    let mut group = c.benchmark_group("cover");
    group.sample_size(10);
    let most = Covering {
        at_most: Some(12),
        ..square(800, 10_000.0, |w| Need::Gain {
            first: w,
            second: 0,
        })
    };
    group.bench_function("most weight, 800 × 800, 12 posts", |b| {
        b.iter(|| black_box(cover(&most, proof(5_000_000)).objective));
    });
    // On a square of 10 km the proof takes minutes (HiGHS has none after 40 s either): what is timed is a town of 5 km.
    let all = square(800, 5_000.0, |_| Need::Must);
    group.bench_function("all points, 800 × 800, 5 km", |b| {
        b.iter(|| black_box(cover(&all, proof(5_000_000)).objective));
    });
    let twice = Covering {
        at_most: Some(12),
        ..square(800, 10_000.0, |w| Need::Gain {
            first: 2 * w,
            second: w,
        })
    };
    group.bench_function("backup, 800 × 800, 12 posts", |b| {
        b.iter(|| black_box(cover(&twice, proof(5_000_000)).objective));
    });
    let table = distances(200);
    group.bench_function("centre, 200 points, 10 posts", |b| {
        b.iter(|| black_box(centre(&table, 10, proof(5_000_000)).objective));
    });
    let middle = median(&table, 10);
    group.bench_function("median, 200 points, 10 posts", |b| {
        b.iter(|| black_box(cover(&middle, proof(5_000_000)).objective));
    });
    group.finish();
}

criterion_group!(plan, selection, doubts, covering);
criterion_main!(plan);
