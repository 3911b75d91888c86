//! Does the plan of measures keep its rules on a small town, and does it explain itself?

use std::collections::BTreeMap;

use zhilu::case::Catalogue;
use zhilu::plan::{Desk, Load, MeasurePlan, Mode, Shown, SiteNeed, Wish};

fn town(n: u32) -> Vec<SiteNeed> {
    let kinds = [
        "school_dropoff_jam",
        "illegal_parking_roadside",
        "parking_entrance_queue",
        "school_crossing_risk",
        "speeding",
    ];
    (0..n)
        .map(|i| SiteNeed {
            site: format!("s{i:02}"),
            name: format!("site {i}"),
            loads: vec![
                Load {
                    kind: kinds[i as usize % 5].to_owned(),
                    rate: 10.0 + f64::from(i * 7 % 23),
                    weight: 1.0 + f64::from(i % 3) / 2.0,
                },
                Load {
                    kind: kinds[(i as usize + 2) % 5].to_owned(),
                    rate: 4.0 + f64::from(i * 5 % 11),
                    weight: 1.0,
                },
            ],
            ..SiteNeed::default()
        })
        .collect()
}

fn wish(police: i64, urban: i64) -> Wish {
    Wish {
        budgets: BTreeMap::from([("交警".to_owned(), police), ("城管".to_owned(), urban)]),
        draws: 10,
        ..Wish::default()
    }
}

fn desk(n: u32, wish: Wish) -> (Desk, Catalogue) {
    let catalogue = Catalogue::shipped().expect("the shipped catalogue is sound");
    let desk = Desk::new(wish, town(n), &catalogue, BTreeMap::new()).expect("the wish is sound");
    (desk, catalogue)
}

fn plan(n: u32, wish: Wish) -> MeasurePlan {
    let (desk, catalogue) = desk(n, wish);
    desk.plan(&catalogue, &mut |_| true)
        .expect("the wish is sound")
}

#[test]
fn the_plan_is_proved_keeps_the_budgets_and_beats_the_ranking() {
    let (desk, catalogue) = desk(20, wish(200_000, 50_000));
    let plan = desk.plan(&catalogue, &mut |_| true).expect("sound");
    assert_eq!(plan.status, "optimal");
    assert!(
        plan.optimum >= plan.benefit && plan.benefit >= plan.ranking.benefit && plan.benefit > 0
    );
    let mut spent: BTreeMap<&str, i64> = BTreeMap::new();
    let mut sites = Vec::new();
    for id in &plan.chosen {
        let a = desk
            .alternatives
            .iter()
            .find(|a| a.id == *id)
            .expect("chosen from the list");
        a.cost
            .iter()
            .for_each(|(d, y)| *spent.entry(d).or_default() += y);
        sites.push(a.site);
    }
    sites.dedup();
    assert_eq!(sites.len(), plan.chosen.len());
    assert!(spent["交警"] <= 200_000 && spent.get("城管").is_none_or(|s| *s <= 50_000));
    assert!(
        plan.frontier
            .windows(2)
            .all(|w| w[0].benefit <= w[1].benefit)
    );
    assert!(plan.stability.values().all(|s| (0.0..=1.0).contains(s)));
}

#[test]
fn the_same_seed_gives_the_same_plan_and_rows_may_stand_in_any_order() {
    let first = plan(12, wish(100_000, 20_000));
    assert_eq!(first, plan(12, wish(100_000, 20_000)));
    let catalogue = Catalogue::shipped().expect("sound");
    let mut turned = town(12);
    turned.reverse();
    let desk =
        Desk::new(wish(100_000, 20_000), turned, &catalogue, BTreeMap::new()).expect("sound");
    assert_eq!(
        desk.plan(&catalogue, &mut |_| true).expect("sound").chosen,
        first.chosen
    );
}

#[test]
fn no_money_and_no_sites_are_answers() {
    let nothing = plan(5, wish(0, 0));
    assert_eq!((nothing.status, nothing.chosen.len()), ("optimal", 0));
    let nowhere = plan(0, wish(10_000, 0));
    assert_eq!((nowhere.status, nowhere.benefit), ("optimal", 0));
}

#[test]
fn a_bundle_is_closed_under_requirements_and_free_of_exclusions() {
    let (desk, catalogue) = desk(10, wish(100_000, 0));
    for a in &desk.alternatives {
        for id in &a.measures {
            let measure = catalogue.measures.get(id).expect("of the catalogue");
            assert!(
                measure.requires.iter().all(|r| a.measures.contains(r)),
                "{}",
                a.id
            );
            for other in a.measures.iter().filter(|o| *o != id) {
                assert!(
                    !catalogue.measures.exclude_each_other(id, other),
                    "{}",
                    a.id
                );
            }
        }
        assert!(
            a.benefit_low <= a.benefit && a.benefit <= a.benefit_high,
            "{}",
            a.id
        );
    }
}

#[test]
fn an_impossible_wish_names_the_rows_and_the_least_money() {
    let (first, _) = desk(6, wish(100_000, 0));
    let dear = first
        .alternatives
        .iter()
        .filter(|a| a.cost.len() == 1 && a.cost.contains_key("交警"));
    let dear = dear.max_by_key(|a| a.total()).expect("some cost money");
    let mut impossible = wish(dear.total() - 1, 0);
    impossible.mandatory = vec![dear.id.clone()];
    let found = plan(6, impossible);
    assert_eq!(found.status, "infeasible");
    assert_eq!(
        found.conflict,
        ["budget:交警".to_owned(), format!("mandatory:{}", dear.id)]
    );
    assert_eq!(found.repair_extra.get("交警"), Some(&1));
}

#[test]
fn an_alternative_explains_why_it_is_in_or_out() {
    let (desk, catalogue) = desk(10, wish(60_000, 0));
    let plan = desk.plan(&catalogue, &mut |_| true).expect("sound");
    let shown = Shown::from(&plan);
    let inside = desk.explain(&plan.chosen[0], &shown).expect("known");
    assert!(inside.inside && inside.possible && inside.loss >= 0);
    let outside = desk
        .alternatives
        .iter()
        .find(|a| !plan.chosen.contains(&a.id))
        .expect("some are out");
    let why = desk.explain(&outside.id, &shown).expect("known");
    assert!(!why.inside && (!why.possible || why.loss >= 0));
    assert!(desk.explain("nowhere:nothing", &shown).is_err());
}

#[test]
fn an_explanation_speaks_of_the_plan_shown_and_names_the_draw() {
    let (mut kept, mut drawn) = (0, 0);
    for seed in 0..10 {
        let (desk, catalogue) = desk(
            40,
            Wish {
                seed,
                draws: 0,
                frontier: false,
                reserve_controls: 1.0,
                ..wish(90_000, 30_000)
            },
        );
        let plan = desk.plan(&catalogue, &mut |_| true).expect("sound");
        let shown = Shown::from(&plan);
        for lot in &plan.controls {
            let why = desk.explain(&lot.treated, &shown).expect("known");
            assert!(why.inside && why.drawn.as_ref() == Some(lot), "{why:?}");
            let other = desk.explain(&lot.would_be, &shown).expect("known");
            assert!(!other.inside && other.drawn.as_ref() == Some(lot));
            if lot.drawn == "control" {
                // What the draw gave up comes back at least by the opposite.
                assert!(why.loss <= plan.benefit - plan.optimum || !why.proved);
                drawn += 1;
            } else {
                kept += 1;
            }
        }
    }
    assert!(kept > 0 && drawn > 0, "{kept} {drawn}");
}

#[test]
fn an_explanation_of_a_stopped_plan_speaks_of_that_plan() {
    let (desk, catalogue) = desk(20, wish(90_000, 30_000));
    let stopped = desk.plan(&catalogue, &mut |_| false).expect("sound");
    assert!(stopped.stopped && !stopped.chosen.is_empty());
    let shown = Shown::from(&stopped);
    for a in &desk.alternatives[..20] {
        let why = desk.explain(&a.id, &shown).expect("known");
        assert_eq!(why.inside, stopped.chosen.contains(&a.id));
        assert_eq!(why.best, stopped.status == "optimal");
    }
}

#[test]
fn a_robust_plan_after_a_draw_still_tells_its_guarded_benefit() {
    for seed in 0..3 {
        let found = plan(
            8,
            Wish {
                mode: Mode::Robust,
                draws: 0,
                frontier: false,
                seed,
                ..wish(40_000, 15_000)
            },
        );
        assert!(found.benefit <= found.optimum && found.ranking.benefit <= found.benefit);
    }
}

#[test]
fn too_much_money_too_many_draws_and_steps_are_refused_and_the_most_money_is_not() {
    for (wrong, part) in [
        (
            wish(90_000_000_000_000_000, 0),
            "at most 1000000000000 yuan",
        ),
        (
            Wish {
                draws: 4_000_000_000,
                ..wish(5, 0)
            },
            "draws is 4000000000",
        ),
        (
            Wish {
                steps: u64::MAX,
                ..wish(5, 0)
            },
            "steps is",
        ),
    ] {
        let said = wrong.check().expect_err("too much").to_string();
        assert!(said.contains(part), "{said}");
    }
    let rich = plan(6, wish(zhilu::plan::MOST_YUAN, zhilu::plan::MOST_YUAN));
    assert_eq!(rich.status, "optimal");
    let top = rich.frontier.last().expect("twice the money");
    assert_eq!(
        (top.percent, top.allowed >= 4 * zhilu::plan::MOST_YUAN),
        (200, true)
    );
}

#[test]
fn every_mode_gives_a_plan_and_the_cautious_one_promises_less() {
    let expected = plan(10, wish(80_000, 0)).optimum;
    for mode in [Mode::Cautious, Mode::Robust, Mode::Net] {
        let mut wish = wish(80_000, 0);
        wish.mode = mode;
        wish.value_per_ticket = 3000.0;
        let found = plan(10, wish);
        assert_eq!(found.status, "optimal", "{mode:?}");
        if mode != Mode::Net {
            assert!(found.optimum <= expected, "{mode:?}");
        }
    }
}

#[test]
fn a_wrong_figure_is_named() {
    let mut wrong = wish(-5, 0);
    assert_eq!(
        wrong.check().expect_err("negative").to_string(),
        "budgets is 交警=-5, must be 0 yuan or more for each department"
    );
    wrong = wish(5, 0);
    wrong.rate = 2.0;
    assert!(wrong.check().is_err());
    wrong = wish(5, 0);
    wrong.mode = Mode::Net;
    assert!(wrong.check().is_err());
}
