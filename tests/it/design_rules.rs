//! Do the second opinions keep their rules: golden cases, pages, named outcomes, laws?

use serde_json::{Value, json};
use zhilu::app::verify;
use zhilu::effect::designs::comparison_group::Four;
use zhilu::effect::designs::empirical_bayes::{Row, together};
use zhilu::effect::designs::group_time::{Controls, Outcomes};
use zhilu::effect::designs::interrupted_series::Series;
use zhilu::effect::designs::staggered::TwoByTwo;
use zhilu::effect::designs::{DESIGNS, design};
use zhilu::stats::Rng;

use crate::support::shared;

fn run(name: &str, input: &Value) -> Result<Value, String> {
    let answer = (design(name).unwrap().run)(input).map_err(|e| e.to_string())?;
    Ok(Value::Object(answer.value))
}

#[test]
fn the_public_cases_of_every_design_pass() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/oracles/treatment");
    let checks = verify::run(std::slice::from_ref(&folder), None, &mut |_| {}).checks;
    let mut kinds: Vec<&str> = DESIGNS.iter().map(|d| d.name).collect();
    kinds.push("multiple_testing");
    for kind in kinds {
        let own: Vec<_> = checks
            .iter()
            .filter(|c| c.group.ends_with(&format!("/{kind}")))
            .collect();
        let wanted = folder.join(format!("{kind}.json")).is_file();
        assert_eq!(wanted, !own.is_empty(), "{kind}");
        for check in own {
            assert!(
                check.passed,
                "{} {}: {}",
                check.group, check.name, check.detail
            );
        }
    }
}

#[test]
fn every_design_has_its_page_and_the_page_is_current() {
    for d in DESIGNS {
        crate::support::holds_page("designs", d.name, d.doc, &d.page());
    }
}

#[test]
fn a_document_without_its_fields_is_refused_in_words() {
    for d in DESIGNS {
        for input in [
            json!({}),
            Value::Null,
            json!([1, 2]),
            json!({ "y": "many" }),
        ] {
            let refused = (d.run)(&input).unwrap_err().to_string();
            assert!(!refused.is_empty(), "{}", d.name);
        }
    }
}

/// Values that break careless formulas.
fn odd(rng: &mut Rng) -> f64 {
    [0.0, 0.0, 1.0, 2.0, 3.0, 7.0, 0.5, 40.0, 1e6, 1e12, -1.0][rng.below(11) as usize]
}

fn list(rng: &mut Rng, n: u32) -> Vec<f64> {
    (0..n).map(|_| odd(rng)).collect()
}

fn odd_input(name: &str, rng: &mut Rng) -> Value {
    let n = rng.below(9);
    match name {
        "eb_before_after" => json!({ "sites": (0..n).map(|_| json!({
            "pred_before": odd(rng), "pred_after": odd(rng), "k": odd(rng),
            "obs_before": odd(rng), "obs_after": odd(rng) })).collect::<Vec<_>>() }),
        "comparison_group" => json!({ "K": odd(rng), "L": odd(rng), "M": odd(rng), "N": odd(rng),
            "treated": list(rng, n), "comparison": list(rng, n) }),
        "rate_ratio" => json!({ "y1": odd(rng), "t1": odd(rng), "y2": odd(rng), "t2": odd(rng) }),
        "around_point" => {
            json!({ "point": [114.0, 34.0], "installed": "2024-01-01", "radius_m": odd(rng),
            "months": odd(rng), "events": (0..n).map(|_| json!([114.0, 34.0, "2024-01-09", odd(rng)])).collect::<Vec<_>>() })
        }
        "its" => {
            json!({ "y": list(rng, n), "step": (0..n).map(|i| u8::from(i > n / 2)).collect::<Vec<_>>(),
            "exposure": list(rng, n), "month": (0..n).collect::<Vec<_>>(), "harmonics": rng.below(3) })
        }
        "did" if rng.below(2) == 0 => {
            json!({ "y": list(rng, 8), "treated": [0, 0, 0, 0, 1, 1, 1, 1],
            "post": [0, 1, 0, 1, 0, 1, 0, 1], "site": [0, 0, 1, 1, 2, 2, 3, 3] })
        }
        "did" => {
            json!({ "y": (0..n).map(|_| list(rng, 4)).collect::<Vec<_>>(), "periods": [1, 2, 3, 4],
            "first_treat": (0..n).map(|_| rng.below(6)).collect::<Vec<_>>(),
            "control": (["never", "not_yet"])[rng.below(2) as usize] })
        }
        "signed_rank" => json!({ "before": list(rng, n), "after": list(rng, n) }),
        "displacement" => {
            json!({ "core_before": odd(rng), "core_after": odd(rng), "ring_before": odd(rng),
            "ring_after": odd(rng), "control_before": odd(rng), "control_after": odd(rng),
            "treated": [odd(rng), odd(rng)], "control": [odd(rng), odd(rng)], "time_weights": [odd(rng), 1.0] })
        }
        "meta_analysis" => json!({ "y": list(rng, n), "v": list(rng, n) }),
        "nb_regression" => {
            json!({ "y": list(rng, n), "x": [list(rng, n)], "exposure": list(rng, n) })
        }
        "event_profile" => json!({ "psi": odd(rng), "sites": (0..n).map(|_| json!({
            "clean_y": odd(rng), "clean_gamma": odd(rng),
            "months": [{ "e": -1, "y": odd(rng), "gamma": odd(rng) }, { "e": 0, "y": odd(rng), "gamma": odd(rng) }]
            })).collect::<Vec<_>>() }),
        other => panic!("{other} has no odd inputs yet"),
    }
}

#[test]
fn odd_figures_get_an_answer_or_a_refusal_and_never_a_panic() {
    let mut rng = Rng::new(2_024);
    for d in DESIGNS {
        let (mut answered, mut refused) = (0, 0);
        for _ in 0..400 {
            match (d.run)(&odd_input(d.name, &mut rng)) {
                Ok(_) => answered += 1,
                Err(why) => {
                    assert!(!why.to_string().is_empty());
                    refused += 1;
                }
            }
        }
        assert!(
            answered > 0 && refused > 0,
            "{}: {answered} {refused}",
            d.name
        );
    }
}

#[test]
fn the_order_of_sites_changes_no_estimate() {
    let mut rng = Rng::new(31);
    let mut rows: Vec<Row> = (0..30)
        .map(|_| Row {
            pred_before: 4.0 + 6.0 * rng.unit(),
            pred_after: 2.0 + 3.0 * rng.unit(),
            k: 0.7,
            obs_before: rng.poisson(7.0) as f64,
            obs_after: rng.poisson(3.0) as f64,
        })
        .collect();
    let one = together(&rows).unwrap().1.ratio().unwrap();
    rng.shuffle(&mut rows);
    let two = together(&rows).unwrap().1.ratio().unwrap();
    assert!(
        (one.theta - two.theta).abs() < 1e-12 && (one.se.unwrap() - two.se.unwrap()).abs() < 1e-12
    );

    let panel = staggered(&mut rng, 0.0);
    let mut order: Vec<usize> = (0..panel.y.len()).collect();
    rng.shuffle(&mut order);
    let turned = Outcomes {
        y: order.iter().map(|i| panel.y[*i].clone()).collect(),
        first: order.iter().map(|i| panel.first[*i]).collect(),
        ..panel.clone()
    };
    let (a, b) = (panel.effects().unwrap(), turned.effects().unwrap());
    let (a, b) = (a.group_overall().unwrap(), b.group_overall().unwrap());
    assert!((a.att - b.att).abs() < 1e-12 && (a.se - b.se).abs() < 1e-12);
}

/// Forty sites over ten months; a third start in month 5, a third in month 7.
fn staggered(rng: &mut Rng, effect: f64) -> Outcomes {
    let first: Vec<i64> = (0..40).map(|i| [0, 5, 7][i % 3]).collect();
    let y = first.iter().map(|g| {
        let level = rng.normal();
        let month = |t: i64| {
            let on = if *g > 0 && t >= *g { effect } else { 0.0 };
            level + 0.1 * t as f64 + on + 0.5 * rng.normal()
        };
        (1..=10).map(month).collect()
    });
    Outcomes {
        y: y.collect(),
        first: first.clone(),
        periods: (1..=10).collect(),
        controls: Controls::NotYet,
        anticipation: 0,
        base_periods: 1,
    }
}

#[test]
fn a_common_trend_is_no_effect_and_a_planted_one_is_found() {
    let mut rng = Rng::new(5);
    let worlds = 400;
    let (mut wrong, mut covered) = (0, 0);
    for _ in 0..worlds {
        let none = staggered(&mut rng, 0.0)
            .effects()
            .unwrap()
            .group_overall()
            .unwrap();
        wrong += u32::from((none.att / none.se).abs() > 1.96);
        let some = staggered(&mut rng, -0.4)
            .effects()
            .unwrap()
            .dynamic_overall()
            .unwrap();
        covered += u32::from((some.att + 0.4).abs() < 1.96 * some.se);
    }
    let rate = |k: u32| f64::from(k) / f64::from(worlds);
    // Influence-function errors are a little short with 13 sites a group.
    assert!((0.02..=0.10).contains(&rate(wrong)), "{}", rate(wrong));
    assert!(rate(covered) >= 0.90, "{}", rate(covered));
}

#[test]
fn idle_measures_at_sites_drawn_by_lot_are_called_effective_at_rate_alpha() {
    let mut rng = Rng::new(55);
    let worlds = 600;
    let (mut comparison, mut series, mut clustered) = (0, 0, 0);
    for _ in 0..worlds {
        let mut count = |mean: f64| rng.poisson(mean) as f64;
        let four = Four {
            treated_before: count(60.0),
            treated_after: count(72.0),
            control_before: count(900.0),
            control_after: count(1_080.0),
            var_omega: 0.0,
        };
        let [low, high] = four
            .against()
            .unwrap()
            .1
            .ratio()
            .unwrap()
            .log_interval()
            .unwrap();
        comparison += u32::from(low > 1.0 || high < 1.0);

        let months = 1..=36_u32;
        let exposure: Vec<f64> = months.clone().map(|m| 1.0 + f64::from(m % 5)).collect();
        let step: Vec<f64> = months.map(|m| f64::from(u8::from(m > 24))).collect();
        let y = exposure.iter().map(|e| count(3.0 * e)).collect();
        let drawn = Series {
            y,
            step,
            exposure,
            ..Series::default()
        };
        let fit = drawn.fit().unwrap().fit;
        series += u32::from((fit.coef[1] / fit.se_quasi()[1]).abs() > 1.96);

        let mut rows = TwoByTwo::default();
        for site in 0..40 {
            let level = 2.0 + 6.0 * rng.unit();
            for post in 0..2_u8 {
                rows.y
                    .push(rng.poisson(level * (1.0 + 0.3 * f64::from(post))) as f64);
                rows.treated.push(f64::from(u8::from(site < 15)));
                rows.post.push(f64::from(post));
                rows.site.push(site);
            }
        }
        let found = rows.fit().unwrap();
        clustered += u32::from((found.log_ratio / found.se_cluster).abs() > 1.96);
    }
    for (name, wrong) in [
        ("comparison", comparison),
        ("series", series),
        ("2x2", clustered),
    ] {
        let rate = f64::from(wrong) / f64::from(worlds);
        assert!((0.02..=0.085).contains(&rate), "{name} {rate}");
    }
}

#[test]
fn sites_picked_for_a_bad_spell_fool_the_comparison_and_not_the_shrunken_expectation() {
    // 400 sites of equal exposure, the 40 worst are "treated" and nothing is done.
    let mut rng = Rng::new(7);
    let (mut naive, mut shrunk) = (0.0, 0.0);
    let worlds = 60;
    for _ in 0..worlds {
        let level: Vec<f64> = (0..400).map(|_| rng.gamma(1.2) / 1.2).collect();
        let before: Vec<f64> = level.iter().map(|u| rng.poisson(5.0 * u) as f64).collect();
        let after: Vec<f64> = level.iter().map(|u| rng.poisson(5.0 * u) as f64).collect();
        let mut order: Vec<usize> = (0..400).collect();
        order.sort_by(|a, b| before[*b].total_cmp(&before[*a]).then(a.cmp(b)));
        let row = |i: &usize| Row {
            pred_before: 5.0,
            pred_after: 5.0,
            k: 1.0 / 1.2,
            obs_before: before[*i],
            obs_after: after[*i],
        };
        let picked: Vec<Row> = order[..40].iter().map(row).collect();
        shrunk += together(&picked).unwrap().1.ratio().unwrap().theta / f64::from(worlds);
        let sum = |of: &[f64], which: &[usize]| which.iter().map(|i| of[*i]).sum::<f64>();
        let four = Four {
            treated_before: sum(&before, &order[..40]),
            treated_after: sum(&after, &order[..40]),
            control_before: sum(&before, &order[40..]),
            control_after: sum(&after, &order[40..]),
            var_omega: 0.0,
        };
        naive += four.against().unwrap().1.ratio().unwrap().theta / f64::from(worlds);
    }
    assert!(
        naive < 0.85,
        "{naive}: that is the falling back the page warns of"
    );
    assert!((shrunk - 1.0).abs() < 0.03, "{shrunk}");
}

#[test]
fn what_cannot_be_judged_says_why() {
    let none = run("eb_before_after", &json!({ "sites": [] })).unwrap_err();
    assert!(none.contains("no sites"), "{none}");
    let flat =
        json!({ "y": [5, 4, 6, 5, 0, 0, 0, 0], "step": [0, 0, 0, 0, 1, 1, 1, 1], "trend": false });
    let why = run("its", &flat).unwrap_err();
    assert!(
        why.contains("one side only") && why.contains("two-rate"),
        "{why}"
    );
    let twice = json!({ "y": [1, 2, 3, 4, 5], "x": [[1, 1, 1, 1, 1]] });
    let why = run("nb_regression", &twice).unwrap_err();
    assert!(why.contains("column 1 is a mixture"), "{why}");
    let alone = json!({ "y": [[1.0, 2.0]], "first_treat": [2], "periods": [1, 2] });
    let why = run("did", &alone).unwrap_err();
    assert!(why.contains("never treated"), "{why}");
    let lonely = run("meta_analysis", &json!({ "y": [0.1], "v": [0.2] })).unwrap();
    assert!(lonely["DL_hksj"].is_null() && lonely["REML"]["mu"] == json!(0.1));
    let uncontrolled = json!({ "core_before": 5, "core_after": 1, "ring_before": 3, "ring_after": 3,
        "control_before": 0, "control_after": 4 });
    assert!(run("displacement", &uncontrolled).unwrap()["wdq"].is_null());
}
