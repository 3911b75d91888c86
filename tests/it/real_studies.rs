//! Do published before-and-after studies come out with the product's own designs, traps in their data included?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::json;
use zhilu::calendar::Day;
use zhilu::effect::Span;
use zhilu::effect::designs::around_point::{Event, MONTH_DAYS, around, longest_months};
use zhilu::effect::designs::comparison_group::Four;
use zhilu::effect::designs::design;
use zhilu::effect::designs::screen::{Counted as Sides, Row, counts, screen};
use zhilu::effect::designs::staggered::TwoByTwo;
use zhilu::spatial::LonLat;
use zhilu::stats::distribution::Z_975;
use zhilu::stats::glm::{Counts, poisson};
use zhilu::stats::two_rates::{Counted, rate_difference};

use crate::support::shared;

type Record = BTreeMap<String, String>;

fn studies() -> Option<PathBuf> {
    Some(shared()?.join("data/tickets"))
}

fn table(path: &Path) -> Vec<Record> {
    let bytes = fs::read(path).unwrap();
    let bytes = if path.extension().is_some_and(|e| e == "gz") {
        let mut plain = Vec::new();
        GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        plain
    } else {
        bytes
    };
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(row: &Record, column: &str) -> f64 {
    row[column].parse().unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(&text[..10]).unwrap()
}

fn point(row: &Record) -> LonLat {
    LonLat {
        lon: number(row, "longitude"),
        lat: number(row, "latitude"),
    }
}

#[test]
fn the_table_of_fifteen_installed_measures_in_queens_comes_out_exactly() {
    let Some(folder) = studies() else { return };
    let folder = folder.join("queens-cb5");
    let events: Vec<Event> = table(&folder.join("map_layer_crashes.csv"))
        .iter()
        .map(|row| Event {
            place: point(row),
            day: day(&row["crash_date"]),
            weight: number(row, "number_of_persons_injured"),
        })
        .collect();
    let published = table(&folder.join("table_before_after_installed.csv"));
    assert_eq!(published.len(), 15);
    let (first, last) = (day("2020-01-01"), day("2025-12-31"));
    let mut totals = [0.0; 4];
    for row in &published {
        let installed = day(&row["install_date"]);
        let months = longest_months(installed, first, last, 24.0);
        let printed = number(row, "window_months");
        assert!(
            (months - printed).abs() <= 0.05 + 1e-9,
            "{months} {printed}"
        );
        let got = around(&events, point(row), 150.0, installed, printed * MONTH_DAYS);
        let got = [
            f64::from(got.before),
            f64::from(got.after),
            got.weight_before,
            got.weight_after,
        ];
        let names = [
            "before_crashes",
            "after_crashes",
            "before_injuries",
            "after_injuries",
        ];
        for ((name, got), total) in names.iter().zip(got).zip(&mut totals) {
            assert_eq!(got, number(row, name), "{} {name}", row["referencenumber"]);
            *total += got;
        }
    }
    assert_eq!(totals, [63.0, 58.0, 79.0, 62.0]);
}

#[test]
fn the_same_table_through_the_design_says_that_nothing_is_proved() {
    let Some(folder) = studies() else { return };
    let folder = folder.join("queens-cb5");
    let crashes = table(&folder.join("map_layer_crashes.csv"));
    let events: Vec<_> = crashes
        .iter()
        .map(|r| {
            json!([
                number(r, "longitude"),
                number(r, "latitude"),
                r["crash_date"][..10]
            ])
        })
        .collect();
    let design = design("around_point").unwrap();
    for row in &table(&folder.join("table_before_after_installed.csv")) {
        let at = point(row);
        let input = json!({
            "point": [at.lon, at.lat], "installed": row["install_date"][..10], "radius_m": 150,
            "months": number(row, "window_months"), "events": events,
        });
        let answer = (design.run)(&input).unwrap().value;
        assert_eq!(
            answer["before"].as_f64(),
            Some(number(row, "before_crashes"))
        );
        assert_eq!(answer["after"].as_f64(), Some(number(row, "after_crashes")));
        let high = answer["midp_hi95"].as_f64().unwrap_or(f64::INFINITY);
        let proved = high < 1.0 || answer["midp_lo95"].as_f64().unwrap() > 1.0;
        // Even -86 % (7 to 1 crashes) is the only one of fifteen whose plain interval excludes 1.
        assert_eq!(proved, row["referencenumber"] == "CQ24-0955", "{answer:?}");
    }
}

/// Edinburgh's windows: three years before the first zone, ten months after the last.
fn windows() -> (Day, Span, Span) {
    let first = day("2013-07-31");
    let at = |text: &str| i32::try_from(day(text).0 - first.0).unwrap();
    (
        first,
        Span::new(0, at("2016-07-21")),
        Span::new(at("2018-03-06"), at("2019-01-01")),
    )
}

fn district(row: &Record) -> &str {
    let names = ["Local_Authority_(District)", "Local_Authority_.District."];
    names.iter().find_map(|n| row.get(*n)).unwrap()
}

fn rows<'a>(
    table: &'a [Record],
    first: Day,
    group: &dyn Fn(&'a Record) -> &'a str,
) -> Vec<Row<'a>> {
    table
        .iter()
        .map(|r| Row {
            id: &r["Accident_Index"],
            group: group(r),
            day: i32::try_from(day(&r["Date"]).0 - first.0).unwrap(),
        })
        .collect()
}

#[test]
fn edinburghs_thirty_five_per_cent_vanish_beside_control_districts() {
    let Some(folder) = studies() else { return };
    let folder = folder.join("edinburgh-20mph");
    let (first, before, after) = windows();
    let city = table(&folder.join("edin_road_data.csv.gz"));
    let city = rows(&city, first, &|_| "edinburgh");
    let treated = screen(&city, before, after);
    assert!(treated.repeated.is_empty() && treated.unwatched.is_empty());
    let treated = counts(&city, &treated, before, after)["edinburgh"];
    assert_eq!((treated.before, treated.after), (3_160, 572));

    let others = table(&folder.join("edin_control_data.csv.gz"));
    let others = rows(&others, first, &district);
    let screened = screen(&others, before, after);
    assert_eq!(screened.repeated.len(), 1_609);
    let refused: Vec<&str> = screened
        .unwatched
        .iter()
        .map(|u| u.group.as_str())
        .collect();
    assert_eq!(refused, ["926", "935"], "their data end in 2015");
    let control = counts(&others, &screened, before, after);
    assert_eq!(control.keys().collect::<Vec<_>>(), ["910", "918", "925"]);
    let sum = |get: fn(&Sides) -> u64| -> u64 { control.values().map(get).sum() };
    assert_eq!((sum(|c| c.before), sum(|c| c.after)), (1_826, 325));

    let rate =
        |b: u64, a: u64| (a as f64 / f64::from(after.len())) / (b as f64 / f64::from(before.len()));
    let naive = [
        rate(treated.before, treated.after),
        rate(sum(|c| c.before), sum(|c| c.after)),
    ];
    assert!(
        (naive[0] - 0.653).abs() < 5e-4 && (naive[1] - 0.642).abs() < 5e-4,
        "{naive:?}"
    );

    // The clustered 2x2 as a design: its Poisson error gives the printed interval.
    let fit = TwoByTwo {
        y: [
            treated.before,
            treated.after,
            sum(|c| c.before),
            sum(|c| c.after),
        ]
        .map(|n| n as f64)
        .to_vec(),
        treated: vec![1.0, 1.0, 0.0, 0.0],
        post: vec![0.0, 1.0, 0.0, 1.0],
        site: vec![0, 0, 1, 1],
        exposure: Vec::new(),
    };
    // Four cells for four coefficients leave no row over; a second district makes it five.
    assert!(fit.fit().is_err());
    let fit = split(&control, (treated.before, treated.after))
        .fit()
        .unwrap();
    let ratio = fit.log_ratio.exp();
    let half = Z_975 * fit.se_poisson;
    let interval = [(fit.log_ratio - half).exp(), (fit.log_ratio + half).exp()];
    assert!((ratio - 1.02).abs() < 0.005, "{ratio}");
    assert!(
        (interval[0] - 0.88).abs() < 0.005 && (interval[1] - 1.18).abs() < 0.005,
        "{interval:?}"
    );

    let four = Four {
        treated_before: treated.before as f64,
        treated_after: treated.after as f64,
        control_before: sum(|c| c.before) as f64,
        control_after: sum(|c| c.after) as f64,
        var_omega: 0.0,
    };
    let found = four.against().unwrap().1.ratio().unwrap();
    let [low, high] = found.log_interval().unwrap();
    assert!(
        (found.theta - 1.02).abs() < 0.01 && low < 1.0 && high > 1.0,
        "{found:?}"
    );
}

fn split(control: &BTreeMap<String, Sides>, treated: (u64, u64)) -> TwoByTwo {
    let mut out = TwoByTwo::default();
    let own = [(treated.0, treated.1, 1.0)];
    let others = control.values().map(|c| (c.before, c.after, 0.0));
    for (site, (before, after, arm)) in own.into_iter().chain(others).enumerate() {
        for (count, post) in [(before, 0.0), (after, 1.0)] {
            out.y.push(count as f64);
            out.treated.push(arm);
            out.post.push(post);
            out.site.push(site);
        }
    }
    out
}

#[test]
fn without_the_screen_the_control_districts_give_nonsense() {
    let Some(folder) = studies() else { return };
    let folder = folder.join("edinburgh-20mph");
    let (first, before, after) = windows();
    let others = table(&folder.join("edin_control_data.csv.gz"));
    let others = rows(&others, first, &district);
    let screened = screen(&others, before, after);
    let repeats: BTreeSet<usize> = screened.repeated.iter().map(|r| r.row).collect();
    let inside = |span: Span, once: bool| {
        let rows = others.iter().enumerate();
        let kept = rows.filter(|(at, r)| span.holds(r.day) && !(once && repeats.contains(at)));
        kept.count() as f64
    };
    let unchecked = |once: bool| (572.0 / 3_160.0) / (inside(after, once) / inside(before, once));
    assert!((unchecked(true) - 2.7).abs() < 0.05, "{}", unchecked(true));
    assert!(
        (unchecked(false) - 0.89).abs() < 0.01,
        "repeats hide the hole: {}",
        unchecked(false)
    );
}

#[test]
fn the_quadrupled_year_of_the_zoned_collisions_is_refused_row_by_row() {
    let Some(folder) = studies() else { return };
    let all = table(&folder.join("edinburgh-20mph/collisions_zoned_dirty.csv.gz"));
    let first = day("2013-01-01");
    let at = |text: &str| i32::try_from(day(text).0 - first.0).unwrap();
    let (before, after) = (
        Span::new(0, at("2016-01-01")),
        Span::new(at("2018-01-01"), at("2019-01-01")),
    );
    let all = rows(&all, first, &|_| "all");
    let change = |n: &dyn Fn(Span) -> f64| n(after) / (n(before) / 3.0) - 1.0;
    let found = change(&|span| all.iter().filter(|r| span.holds(r.day)).count() as f64);
    assert!((found + 0.69).abs() < 0.005, "as found {found}");
    let screened = screen(&all, before, after);
    assert_eq!(all.len() - screened.repeated.len(), 3_641);
    let ids: BTreeSet<&str> = screened.kept.iter().map(|r| all[*r].id).collect();
    assert_eq!(ids.len(), screened.kept.len());
    let table = counts(&all, &screened, before, after)["all"];
    let clean = change(&|span| {
        if span == after {
            table.after as f64
        } else {
            table.before as f64
        }
    });
    assert!((clean + 0.36).abs() < 0.005, "without repeats {clean}");
}

#[test]
fn the_study_teams_worked_interval_comes_out() {
    // ci_for_rates.xlsx: 156 a year over 3 years to 115 a year over 3.42 years.
    let counted = |rate: f64, time: f64| Counted {
        cases: rate * time,
        time,
    };
    let (one, two) = (counted(156.0, 3.0), counted(115.0, 3.42));
    let got = rate_difference(one, two, 0.05);
    assert!((got.se_first - 7.211).abs() < 5e-4 && (got.se_second - 5.799).abs() < 5e-4);
    assert!((got.difference + 41.0).abs() < 1e-9);
    assert!((got.interval.low + 59.1).abs() < 0.05 && (got.interval.high + 22.9).abs() < 0.05);
}

#[test]
fn british_drivers_took_a_step_when_belts_became_law() {
    let Some(folder) = studies() else { return };
    let rows = table(&folder.join("series/uk_driver_deaths.csv"));
    assert_eq!(rows.len(), 192);
    let column = rows[0]
        .keys()
        .find(|k| k.as_str() != "time" && !k.is_empty())
        .unwrap()
        .clone();
    let y: Vec<f64> = rows.iter().map(|r| number(r, &column)).collect();
    let months = 1..=192_u32;
    let input = json!({
        "y": y, "t": months.clone().collect::<Vec<_>>(),
        "month": months.clone().map(|m| (m - 1) % 12 + 1).collect::<Vec<_>>(),
        "step": months.map(|m| u8::from(m >= 170)).collect::<Vec<_>>(),
        "harmonics": 2,
    });
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    assert!(
        (mean(&y[157..169]) - 1_625.0).abs() < 1.0 && (mean(&y[169..181]) - 1_278.0).abs() < 1.0
    );
    let answer = (design("its").unwrap().run)(&input).unwrap().value;
    let nw = &answer["step_nw"];
    let [rr, lo, hi] = ["rr", "lo", "hi"].map(|k| nw[k].as_f64().unwrap());
    // The plain -21 % holds a falling trend; the step beside trend and seasons is about -15 %.
    assert!(
        (0.82..=0.88).contains(&rr) && lo > 0.79 && hi < 0.91,
        "{rr} {lo} {hi}"
    );
    assert!(
        answer["dispersion"].as_f64().unwrap() > 5.0,
        "counts are far from Poisson"
    );
}

#[test]
fn californias_belt_law_and_speed_limit_have_the_published_signs_and_sizes() {
    let Some(folder) = studies() else { return };
    let rows = table(&folder.join("series/california_traffic2.csv"));
    assert_eq!(rows.len(), 108);
    let y: Vec<f64> = rows.iter().map(|r| number(r, "totacc")).collect();
    let mut columns = vec![vec![1.0; 108], (1..=108).map(f64::from).collect()];
    for month in 1..12 {
        columns.push(
            (0..108)
                .map(|i| f64::from(u8::from(i % 12 == month)))
                .collect(),
        );
    }
    for name in ["wkends", "unem", "spdlaw", "beltlaw"] {
        columns.push(rows.iter().map(|r| number(r, name)).collect());
    }
    let fit = poisson(&Counts {
        y: &y,
        columns: &columns,
        offset: &[0.0; 108],
    })
    .unwrap();
    let [speed, belt] = [fit.coef[15], fit.coef[16]];
    // Least squares on the logarithm gives -0.0538 and +0.0954; a Poisson mean differs by less than a standard error.
    assert!(
        (speed + 0.0538).abs() < 0.0126 && (belt - 0.0954).abs() < 0.0142,
        "{speed} {belt}"
    );
}
