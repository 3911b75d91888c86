//! Does a plan keep what is wished for beside money: years, groups, marks, facts of the place, standards, staff, draws?

use std::collections::BTreeMap;

use zhilu::case::Catalogue;
use zhilu::plan::{Desk, GroupWish, Load, LocalResult, MeasurePlan, SiteNeed, Wish};

fn site(at: u32, kind: &str, rate: f64) -> SiteNeed {
    SiteNeed {
        site: format!("s{at:02}"),
        loads: vec![Load {
            kind: kind.to_owned(),
            rate,
            weight: 1.0,
        }],
        ..SiteNeed::default()
    }
}

fn street() -> Vec<SiteNeed> {
    (0..10)
        .map(|i| site(i, "illegal_parking_roadside", 20.0 + 1.3 * f64::from(i)))
        .collect()
}

fn purse(police: i64, urban: i64) -> BTreeMap<String, i64> {
    BTreeMap::from([("交警".to_owned(), police), ("城管".to_owned(), urban)])
}

fn quick() -> Wish {
    Wish {
        budgets: purse(60_000, 20_000),
        draws: 0,
        frontier: false,
        reserve_controls: 0.0,
        ..Wish::default()
    }
}

fn made(wish: Wish, sites: Vec<SiteNeed>) -> (Desk, MeasurePlan) {
    let catalogue = Catalogue::shipped().expect("sound");
    let desk = Desk::new(wish, sites, &catalogue, BTreeMap::new()).expect("sound");
    let plan = desk.plan(&catalogue, &mut |_| true).expect("sound");
    (desk, plan)
}

#[test]
fn money_of_each_year_is_kept_and_what_starts_later_is_worth_less() {
    let wish = Wish {
        budgets: BTreeMap::new(),
        years: vec![purse(20_000, 5_000), purse(30_000, 0)],
        ..quick()
    };
    let (desk, plan) = made(wish, street());
    assert_eq!(plan.status, "optimal");
    let mut starts = [0, 0];
    let mut spent: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for a in desk
        .alternatives
        .iter()
        .filter(|a| plan.chosen.contains(&a.id))
    {
        starts[a.start as usize - 1] += 1;
        for (d, yuan) in &a.cost {
            *spent.entry((d.clone(), a.start)).or_default() += yuan;
        }
    }
    assert!(starts[0] > 0 && starts[1] > 0, "{starts:?}");
    for till in &plan.tills {
        let own = spent.get(&(till.department.clone(), till.year.expect("a year")));
        assert_eq!(own.copied().unwrap_or(0), till.spent);
        assert!(till.spent <= till.budget);
    }
    let twin = |id: &str| {
        desk.alternatives
            .iter()
            .find(|a| a.id == id)
            .expect("both years")
    };
    let first = desk
        .alternatives
        .iter()
        .find(|a| a.start == 1)
        .expect("some");
    assert!(twin(&format!("{}@y2", first.base())).benefit < first.benefit);
}

#[test]
fn groups_cap_and_ask_for_a_number_of_works() {
    let group = |floor, cap| GroupWish {
        name: "同期施工".to_owned(),
        floor,
        cap,
        ..GroupWish::default()
    };
    let capped = Wish {
        groups: vec![group(None, Some(2))],
        ..quick()
    };
    let (_, plan) = made(capped, street());
    assert_eq!((plan.status, plan.chosen.len()), ("optimal", 2));
    let poor = Wish {
        budgets: purse(0, 0),
        groups: vec![group(Some(1), None)],
        ..quick()
    };
    let (_, plan) = made(poor, street());
    assert_eq!(plan.status, "infeasible");
    assert!(
        plan.conflict.contains(&"floor:同期施工".to_owned()),
        "{:?}",
        plan.conflict
    );
    assert_eq!(plan.repair_extra.len(), 1);
}

#[test]
fn a_measure_a_site_and_a_dependency_can_be_marked() {
    let barred = Wish {
        forbidden: vec!["*:camera_parking".to_owned(), "s03".to_owned()],
        mandatory: vec!["s04".to_owned(), "*:marking_no_stopping".to_owned()],
        prerequisites: vec![["s05".to_owned(), "s06".to_owned()]],
        ..quick()
    };
    let (desk, plan) = made(barred, street());
    assert_eq!(plan.status, "optimal");
    let chosen: Vec<_> = desk
        .alternatives
        .iter()
        .filter(|a| plan.chosen.contains(&a.id))
        .collect();
    let has = |measure: &str| {
        chosen
            .iter()
            .any(|a| a.measures.iter().any(|m| m == measure))
    };
    let treats = |site: &str| chosen.iter().any(|a| desk.sites[a.site].site == site);
    assert!(!has("camera_parking") && has("marking_no_stopping"));
    assert!(!treats("s03") && treats("s04"));
    assert!(!treats("s05") || treats("s06"));
    let unknown = Wish {
        mandatory: vec!["s99".to_owned()],
        ..quick()
    };
    let catalogue = Catalogue::shipped().expect("sound");
    assert!(Desk::new(unknown, street(), &catalogue, BTreeMap::new()).is_err());
}

#[test]
fn known_facts_rule_measures_out_and_a_standing_one_is_not_bought_again() {
    let mut wide = site(0, "speeding", 30.0);
    let (before, _) = made(quick(), vec![wide.clone()]);
    let offers = |d: &Desk, m: &str| {
        d.alternatives
            .iter()
            .any(|a| a.measures.iter().any(|x| x == m))
    };
    assert!(offers(&before, "speed_hump"));
    wide.facts.insert("lanes".to_owned(), 6.0);
    let (after, _) = made(quick(), vec![wide]);
    assert!(!offers(&after, "speed_hump"));
    let mut crossed = site(0, "pedestrian_crossing", 30.0);
    crossed.facts.insert("crossing".to_owned(), 1.0);
    let (there, _) = made(quick(), vec![crossed]);
    assert!(!offers(&there, "marking_crosswalk"));
}

#[test]
fn a_school_gate_is_offered_what_it_lacks_as_one_bundle() {
    let mut gate = site(0, "school_crossing_risk", 20.0);
    gate.facts.insert("school_gate".to_owned(), 1.0);
    gate.installed = vec!["marking_yellow_grid".to_owned()];
    let wish = Wish {
        budgets: BTreeMap::from([("交警".to_owned(), 900_000), ("城管".to_owned(), 900_000)]),
        mandatory: vec!["s00:standard".to_owned()],
        ..quick()
    };
    let (desk, plan) = made(wish, vec![gate]);
    assert_eq!(plan.chosen, ["s00:standard"]);
    let bundle = desk
        .alternatives
        .iter()
        .find(|a| a.standard)
        .expect("offered");
    assert!(bundle.measures.contains(&"sign_speed_30".to_owned()));
    assert!(!bundle.measures.contains(&"marking_yellow_grid".to_owned()));
}

#[test]
fn time_of_staff_is_shown_apart_and_can_be_left_out() {
    let mut gate = site(0, "school_dropoff_jam", 20.0);
    gate.packages = vec![vec!["post_school".to_owned()]];
    let cost = |wish: Wish| {
        let (desk, _) = made(wish, vec![gate.clone()]);
        let one = desk.alternatives.iter().find(|a| a.id == "s00:post_school");
        let one = one.expect("a package stands").clone();
        (one.total(), one.staff_cost)
    };
    let (all, staff) = cost(quick());
    assert_eq!((all > 0, staff), (true, all));
    let free = Wish {
        price_staff: false,
        ..quick()
    };
    assert_eq!(cost(free), (0, 0));
    let hours = Wish {
        staff_hours: BTreeMap::from([(
            "post_school".to_owned(),
            BTreeMap::from([
                ("auxiliary".to_owned(), 100.0),
                ("volunteer".to_owned(), 500.0),
            ]),
        )]),
        ..quick()
    };
    // 100 hours of 32 yuan in one year at 5 %.
    assert_eq!(cost(hours).1, 3048);
}

#[test]
fn own_results_change_what_a_measure_promises() {
    let catalogue = Catalogue::shipped().expect("sound");
    let own = BTreeMap::from([(
        "camera_parking".to_owned(),
        vec![
            LocalResult {
                ratio: 0.4,
                log_se: 0.1,
            };
            4
        ],
    )]);
    let worth = |local| {
        let desk = Desk::new(quick(), street(), &catalogue, local).expect("sound");
        let one = desk
            .alternatives
            .iter()
            .filter(|a| a.measures.iter().any(|m| m == "camera_parking"));
        one.map(|a| a.benefit).max().expect("offered")
    };
    assert!(worth(own) > worth(BTreeMap::new()));
}

#[test]
fn the_draw_is_seeded_recorded_and_never_falls_below_the_ranking() {
    let mut swapped = 0;
    for seed in 0..6 {
        let wish = Wish {
            reserve_controls: 0.5,
            seed,
            ..quick()
        };
        let (desk, plan) = made(wish.clone(), street());
        let (_, again) = made(wish, street());
        assert_eq!(plan, again);
        assert!(!plan.controls.is_empty());
        assert!(plan.benefit <= plan.optimum && plan.benefit >= plan.ranking.benefit);
        for lot in &plan.controls {
            assert!(plan.chosen.contains(&lot.treated));
            let treats = |id: &String| id.starts_with(&format!("{}:", lot.control));
            assert!(!plan.chosen.iter().any(treats), "a control is left alone");
            swapped += u32::from(lot.drawn == "control");
        }
        for till in &plan.tills {
            assert!(till.spent <= till.budget);
        }
        let worth = |id: &String| {
            desk.alternatives
                .iter()
                .find(|a| a.id == *id)
                .map_or(0, |a| a.benefit)
        };
        assert_eq!(plan.chosen.iter().map(worth).sum::<i64>(), plan.benefit);
    }
    assert!(
        swapped > 0,
        "some draws are won by the site that is as good"
    );
}

#[test]
fn a_stopped_plan_keeps_at_least_the_ranking() {
    let catalogue = Catalogue::shipped().expect("sound");
    let desk = Desk::new(quick(), street(), &catalogue, BTreeMap::new()).expect("sound");
    let plan = desk.plan(&catalogue, &mut |_| false).expect("sound");
    assert!(plan.stopped && !plan.chosen.is_empty());
    assert!(plan.benefit >= plan.ranking.benefit && plan.bound >= plan.benefit);
    assert_eq!(plan.frontier.len(), 0);
}

#[test]
fn bad_input_is_named() {
    let wrong = |wish: Wish| wish.check().expect_err("wrong").to_string();
    let years = Wish {
        years: vec![purse(1, 1)],
        ..quick()
    };
    assert!(wrong(years).contains("left out when years are given"));
    let below = Wish {
        budgets: BTreeMap::new(),
        years: vec![purse(-1, 0)],
        ..quick()
    };
    assert!(wrong(below).contains("交警=-1"));
    let nameless = Wish {
        groups: vec![GroupWish::default()],
        ..quick()
    };
    assert!(wrong(nameless).contains("groups"));
}
