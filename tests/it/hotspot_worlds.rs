//! Do the methods keep quiet where there is nothing, and do they say something true of a real city?

use std::collections::BTreeMap;
use std::fs::File;

use flate2::read::GzDecoder;
use zhilu::hotspot::compare::foresight;
use zhilu::hotspot::gi_star::{classes, star};
use zhilu::hotspot::randomise::exact_total;
use zhilu::hotspot::scan::{Ask, scan};
use zhilu::hotspot::scan_model::{Cases, Model};
use zhilu::hotspot::scan_zones::{Growth, Sites};
use zhilu::spatial::Xy;
use zhilu::spatial::weights::Neighbours;
use zhilu::stats::Rng;
use zhilu::stats::bayes::excess;
use zhilu::stats::distribution::normal_two_sided;
use zhilu::stats::multiple::Correction;

use crate::support;

const SIDE: usize = 20;

/// Squares with up to eight neighbours.
fn board() -> Neighbours {
    let at = |x: usize, y: usize| (y * SIDE + x) as u32;
    let lists: Vec<Vec<u32>> = (0..SIDE * SIDE)
        .map(|i| {
            let (x, y) = (i % SIDE, i / SIDE);
            let span = |v: usize| v.saturating_sub(1)..=(v + 1).min(SIDE - 1);
            span(y)
                .flat_map(|b| span(x).map(move |a| at(a, b)))
                .collect()
        })
        .collect();
    Neighbours::from_lists(&lists)
}

/// Worlds in which Gi* calls any place hot at 5 %: by its normal score, and by the exact tails.
fn false_worlds(worlds: u64, mean: impl Fn(usize) -> f64) -> (usize, usize) {
    let near = board();
    let (mut normal, mut exact) = (0, 0);
    for world in 0..worlds {
        let mut rng = Rng::replicate(20_261_123, world);
        let values: Vec<f64> = (0..SIDE * SIDE)
            .map(|i| rng.poisson(mean(i)) as f64)
            .collect();
        let p: Vec<Option<f64>> = star(&values, &near)
            .into_iter()
            .map(|z| z.ok().map(normal_two_sided))
            .collect();
        let all = vec![true; p.len()];
        normal += usize::from(classes(&p, &all, Correction::Bh).1.iter().any(|b| *b >= 2));
        let whole: Vec<i64> = values.iter().map(|v| *v as i64).collect();
        let p: Vec<Option<f64>> = exact_total(&whole, &near)
            .unwrap()
            .iter()
            .map(|t| Some(t.two_sided()))
            .collect();
        exact += usize::from(classes(&p, &all, Correction::Bh).1.iter().any(|b| *b >= 2));
    }
    (normal, exact)
}

#[test]
fn complete_randomness_gives_false_hot_spots_at_the_stated_rate() {
    // 100 worlds at 5 %: more than 12 would come once in 700 times.
    let (normal, exact) = false_worlds(100, |_| 6.0);
    assert!(exact <= 12, "exact tails: {exact} of 100 worlds");
    assert!(normal <= 15, "normal score: {normal} of 100 worlds");
}

#[test]
fn randomness_along_a_network_fools_gi_star_but_not_the_excess_over_road_length() {
    // Roads are dense in one quarter of the board: tickets fall on roads at random.
    let road = |i: usize| {
        let (x, y) = (i % SIDE, i / SIDE);
        if x < SIDE / 2 && y < SIDE / 2 {
            3.0
        } else {
            1.0
        }
    };
    let (normal, _) = false_worlds(20, |i| 2.0 * road(i));
    assert!(
        normal >= 19,
        "dense streets look hot without a denominator: {normal} of 20"
    );
    let mut wrong = 0;
    for world in 0..100 {
        let mut rng = Rng::replicate(7, world);
        let counts: Vec<f64> = (0..SIDE * SIDE)
            .map(|i| rng.poisson(2.0 * road(i)) as f64)
            .collect();
        let length: Vec<f64> = (0..SIDE * SIDE).map(road).collect();
        let found = excess(&counts, &length).unwrap();
        wrong += usize::from(found.q.iter().flatten().any(|q| *q <= 0.05));
    }
    assert!(wrong <= 12, "{wrong} of 100 worlds");
}

#[test]
fn a_world_without_outbreak_alarms_as_often_as_its_p_says() {
    let places: Vec<Xy> = (0..36)
        .map(|i| Xy {
            x: f64::from(i % 6) * 100.0,
            y: f64::from(i / 6) * 100.0,
        })
        .collect();
    let mut small = 0;
    for world in 0..60 {
        let mut rng = Rng::replicate(99, world);
        let mut cases: Vec<(u32, u32)> = (0..240).map(|_| (rng.below(36), rng.below(20))).collect();
        cases.sort_unstable();
        let mut mass = vec![0.0; 36];
        for c in &cases {
            mass[c.0 as usize] += 1.0;
        }
        let study = Cases {
            model: Model::Permutation,
            place: cases.iter().map(|c| c.0).collect(),
            step: cases.iter().map(|c| c.1).collect(),
            steps: 20,
            mass,
        };
        let ask = Ask {
            growth: Growth {
                max_share: 0.2,
                max_radius: 250.0,
            },
            longest: 4,
            prospective: true,
            replicates: 99,
            seed: world,
            stop_after: 0,
        };
        let best = scan(&Sites::Plane(places.clone()), &study, &ask);
        small += usize::from(best.clusters.first().is_some_and(|c| c.p <= 0.05));
    }
    assert!(small <= 9, "{small} of 60 quiet worlds below 5 %");
}

/// Street and quarter of an address: numbers in front fall away, of a junction the first street counts.
fn street(address: &str) -> Option<String> {
    let mut parts = address.split(',');
    let first = parts.next()?.trim();
    let quarter = parts.next().unwrap_or("").trim();
    let first = first.strip_prefix("Intersection Of ").unwrap_or(first);
    let first = first.split(" & ").next()?;
    let words: Vec<&str> = first
        .split_whitespace()
        .skip_while(|w| w.starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    (!words.is_empty()).then(|| format!("{}|{quarter}", words.join(" ")))
}

#[test]
fn hot_streets_of_boston_foretell_the_next_year() {
    let Some(data) = support::shared() else {
        return;
    };
    let file = data.join("data/tickets/boston311/illegal_parking_2008-10_2018-06.csv.gz");
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(file).unwrap()));
    // Tickets to 2016, tickets of 2015 and 2016, tickets of 2017.
    let mut streets: BTreeMap<String, [f64; 3]> = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        let year: i32 = row[5]
            .chars()
            .take(4)
            .collect::<String>()
            .parse()
            .unwrap_or(0);
        let Some(key) = street(&row[7]).filter(|_| year >= 2008) else {
            continue;
        };
        let slot = streets.entry(key).or_default();
        slot[0] += f64::from(u8::from(year <= 2016));
        slot[1] += f64::from(u8::from((2015..=2016).contains(&year)));
        slot[2] += f64::from(u8::from(year == 2017));
    }
    let column = |i: usize| streets.values().map(|s| s[i]).collect::<Vec<f64>>();
    let (all, recent, next) = (column(0), column(1), column(2));
    let area = vec![1.0; next.len()];
    let raw = foresight(&all, &next, &area, 0.05).unwrap();
    let late = foresight(&recent, &next, &area, 0.05).unwrap();
    println!(
        "boston: {} streets; top 5 % hold {:.3} of 2017 by all years (PAI {:.1}), {:.3} by two years",
        next.len(),
        raw.hit_rate,
        raw.pai,
        late.hit_rate
    );
    assert!(raw.hit_rate > 0.5 && raw.pai > 10.0);
    assert!(
        late.hit_rate > raw.hit_rate - 0.01,
        "two years say as much as eight"
    );
}
