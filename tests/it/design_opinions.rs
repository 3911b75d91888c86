//! Do the second opinions read a prepared city rightly: every bundle, every type, and the ones that disagree?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use zhilu::effect::designs::of_type::types;
use zhilu::effect::designs::{OfType, attach, of_type, opinions};
use zhilu::effect::files::{Files, read};
use zhilu::effect::{
    Event, FlagCode, Look, Panel, Prepared, Settings, SiteSeries, Treatment, evaluate, prepare,
};
use zhilu::stats::Rng;

use crate::support::shared;

fn small_panel() -> Option<(Prepared, BTreeMap<String, Vec<f64>>)> {
    let folder = shared()?.join("data/oracles/treatment/panel_small");
    let bytes = |name: &str| fs::read(folder.join(name)).unwrap();
    let (sites, tickets, ring) = (
        bytes("sites.csv"),
        bytes("tickets.csv"),
        bytes("ring_tickets.csv"),
    );
    let (treatments, calendar) = (bytes("treatments.csv"), bytes("calendar.csv"));
    let files = Files {
        sites: &sites,
        tickets: &tickets,
        treatments: &treatments,
        calendar: &calendar,
        ring: &ring,
        other: &[],
        from: None,
        until: None,
        ..Files::default()
    };
    let (panel, _) = read(&files).unwrap();
    let settings = Settings {
        contamination_m: 0.0,
        history_days: 10_000,
        ..Settings::default()
    };
    Some((prepare(panel, settings), rivals(&folder)))
}

/// `y_after / expected` of the plain rival of the oracle, by site.
fn rivals(folder: &Path) -> BTreeMap<String, Vec<f64>> {
    let mut reader =
        csv::Reader::from_path(folder.join("expected/estimates_naive_12m.csv")).unwrap();
    reader
        .records()
        .map(Result::unwrap)
        .map(|r| {
            (
                r[0].to_owned(),
                (1..3).map(|i| r[i].parse().unwrap()).collect(),
            )
        })
        .collect()
}

#[test]
fn every_bundle_of_the_small_panel_gets_its_opinions() {
    let Some((prepared, rivals)) = small_panel() else {
        return;
    };
    let mut flagged = 0;
    for (at, bundle) in prepared.bundles.iter().enumerate() {
        let said = opinions(&prepared, bundle, Look::Single);
        let names: Vec<&str> = said.iter().map(|o| o.design.as_str()).collect();
        assert_eq!(
            names,
            [
                "eb_before_after",
                "comparison_group",
                "rate_ratio",
                "its",
                "displacement"
            ]
        );
        assert_eq!(said, opinions(&prepared, bundle, Look::Single));
        for o in &said {
            assert!(!o.note.is_empty() && !o.note_en.is_empty(), "{o:?}");
            for figure in [o.theta, o.lo, o.hi].into_iter().flatten() {
                assert!(figure.is_finite() && figure >= 0.0, "{o:?}");
            }
            if let (Some(theta), Some(lo), Some(hi)) = (o.theta, o.lo, o.hi) {
                assert!(lo <= theta && theta <= hi, "{o:?}");
            }
        }
        let mut record = evaluate(&prepared, at, Look::Single).unwrap();
        let rival = &rivals[&record.site];
        let plain = said[2].theta.unwrap();
        // The windows are a year on both sides for nearly all; the rival divides plain counts.
        let days = record.windows.as_ref().unwrap().after.days;
        if days == 365 {
            assert!(
                (plain - rival[0] / rival[1]).abs() < 1e-6,
                "{} {plain} {rival:?}",
                record.site
            );
        }
        attach(&prepared, bundle, &mut record);
        let once = record.clone();
        attach(&prepared, bundle, &mut record);
        assert_eq!(once, record, "attaching twice changes nothing");
        flagged += usize::from(record.has(FlagCode::MethodsDisagree));
    }
    println!("{flagged} of {} disagree in sign", prepared.bundles.len());
    assert!(flagged > 0 && flagged * 2 < prepared.bundles.len());
}

#[test]
fn a_type_has_its_picture_and_its_opinions() {
    let Some((prepared, _)) = small_panel() else {
        return;
    };
    // guard_post's planted ratio is 0.6, sign's is 1.
    let posts = of_type(&prepared, "guard_post");
    let after = |lo: i32, hi: i32, of: &OfType| {
        let months = of.profile.iter().filter(|p| (lo..=hi).contains(&p.e));
        let (y, e) = months.fold((0.0, 0.0), |(y, e), p| (y + p.y as f64, e + p.expected));
        y / e
    };
    let ratio = after(0, 11, &posts);
    assert!((0.4..=0.85).contains(&ratio), "{ratio}");
    let hump = after(-6, -1, &posts);
    println!(
        "guard_post: before {hump:.2}, after {ratio:.2}, left out {}",
        posts.left_out
    );
    for p in &posts.profile {
        assert!(p.lo.is_finite() && p.hi.is_none_or(f64::is_finite));
    }
    let names: Vec<&str> = posts.opinions.iter().map(|o| o.design.as_str()).collect();
    assert_eq!(names, ["did", "signed_rank"]);
    for measure in types(&prepared.bundles) {
        let of = of_type(&prepared, &measure);
        println!(
            "{measure}: did {:?} {:?} {:?} {}",
            of.opinions[0].theta, of.opinions[0].lo, of.opinions[0].hi, of.opinions[1].note
        );
    }
    // Five of the six posts started alone: their interval must still hold the mean of the planted ratios (.551).
    let did = &posts.opinions[0];
    assert!(
        did.lo.unwrap() < 0.551 && did.hi.unwrap() > 0.551,
        "{did:?}"
    );
    let nothing = of_type(&prepared, "no such type");
    assert!(nothing.profile.is_empty() && nothing.opinions[0].theta.is_none());
}

/// A city of one category whose sites get about `rate` tickets a day.
fn city(sites: usize, rate: f64, seed: u64) -> Panel {
    let mut rng = Rng::new(seed);
    let days = 1_460;
    let sites = (0..sites).map(|at| {
        let mut core = Vec::new();
        for day in 0..days {
            for _ in 0..rng.poisson(rate) {
                core.push(Event {
                    kind: 1,
                    ..Event::on(day)
                });
            }
        }
        SiteSeries {
            id: format!("s{at}"),
            category: "road".to_owned(),
            core,
            ..SiteSeries::default()
        }
    });
    Panel {
        days,
        sites: sites.collect(),
        ..Panel::default()
    }
}

fn treated(mut panel: Panel, site: usize) -> Prepared {
    panel.treatments.push(Treatment {
        id: "t".to_owned(),
        site,
        measure: "sign".to_owned(),
        decision: 1_000,
        install_start: Some(1_010),
        install_end: Some(1_020),
        ..Treatment::default()
    });
    prepare(panel, Settings::default())
}

#[test]
fn one_site_no_tickets_no_controls_and_no_works_have_named_outcomes() {
    // One site, alone in its city: nothing to compare with.
    let alone = treated(city(1, 0.1, 3), 0);
    for o in opinions(&alone, &alone.bundles[0], Look::Single) {
        assert!(!o.note.is_empty());
    }
    // A site without a ticket among others.
    let mut quiet = city(30, 0.1, 4);
    quiet.sites[0].core.clear();
    let quiet = treated(quiet, 0);
    let said = opinions(&quiet, &quiet.bundles[0], Look::Single);
    let of = |name: &str| said.iter().find(|o| o.design == name).unwrap();
    assert!(of("rate_ratio").theta.is_none() && of("comparison_group").theta.is_none());
    assert!(of("its").theta.is_none());
    assert_eq!(of("eb_before_after").theta, Some(0.0));
    // Nobody treated at all, and works that never ended.
    let mut open = city(30, 0.1, 5);
    open.treatments.push(Treatment {
        id: "t".to_owned(),
        site: 2,
        measure: "sign".to_owned(),
        decision: 900,
        ..Treatment::default()
    });
    let open = prepare(open, Settings::default());
    assert!(opinions(&open, &open.bundles[0], Look::Single).is_empty());
    let empty = prepare(Panel::default(), Settings::default());
    assert!(of_type(&empty, "sign").profile.is_empty());
}

#[test]
fn the_order_of_the_sites_changes_no_opinion() {
    let panel = city(40, 0.2, 9);
    let one = treated(panel.clone(), 0);
    let mut turned = panel;
    turned.sites.reverse();
    let two = treated(turned, 39);
    let a = opinions(&one, &one.bundles[0], Look::Single);
    let b = opinions(&two, &two.bundles[0], Look::Single);
    for (a, b) in a.iter().zip(&b) {
        for (x, y) in [(a.theta, b.theta), (a.lo, b.lo), (a.hi, b.hi)] {
            assert_eq!(x.is_some(), y.is_some());
            // The reference is fitted by rounds that stop at 1e-9.
            assert!(
                (x.unwrap_or(0.0) - y.unwrap_or(0.0)).abs() < 1e-6,
                "{a:?} {b:?}"
            );
        }
    }
}

#[test]
fn an_idle_measure_at_a_site_drawn_by_lot_is_rarely_called_an_effect() {
    let worlds = 60;
    let mut wrong: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..worlds {
        let prepared = treated(city(30, 0.15, 1_000 + seed), 7);
        for o in opinions(&prepared, &prepared.bundles[0], Look::Single) {
            let (Some(lo), Some(hi)) = (o.lo, o.hi) else {
                continue;
            };
            *wrong.entry(o.design).or_default() += u32::from(lo > 1.0 || hi < 1.0);
        }
    }
    println!("{wrong:?} of {worlds}");
    for (name, k) in wrong {
        // Binomial(60, .05) exceeds 9 with probability 0.2 %.
        assert!(k <= 9, "{name} {k}");
    }
}

#[test]
fn a_hump_before_the_decision_is_the_selection_and_no_effect() {
    let mut panel = city(150, 0.02, 71);
    let mut rng = Rng::new(72);
    for site in &mut panel.sites {
        // Sites differ: the busy ones get up to five times as many tickets.
        let more = rng.gamma(1.5);
        for day in 0..1_460 {
            for _ in 0..rng.poisson(0.02 * more) {
                site.core.push(Event::on(day));
            }
        }
        site.core.sort_unstable();
    }
    let spell = |s: &SiteSeries| {
        s.core
            .iter()
            .filter(|e| (818..1_000).contains(&e.day))
            .count()
    };
    let mut order: Vec<usize> = (0..150).collect();
    order.sort_by_key(|s| (std::cmp::Reverse(spell(&panel.sites[*s])), *s));
    for site in &order[..30] {
        panel.treatments.push(Treatment {
            id: format!("t{site}"),
            site: *site,
            measure: "sign".to_owned(),
            decision: 1_000,
            install_start: Some(1_010),
            install_end: Some(1_020),
            ..Treatment::default()
        });
    }
    let prepared = prepare(panel, Settings::default());
    let of = of_type(&prepared, "sign");
    let ratio = |lo: i32, hi: i32| {
        let months = of.profile.iter().filter(|p| (lo..=hi).contains(&p.e));
        let (y, e) = months.fold((0.0, 0.0), |(y, e), p| (y + p.y as f64, e + p.expected));
        y / e
    };
    assert!(ratio(-6, -1) > 1.15, "hump {}", ratio(-6, -1));
    assert!(
        (0.8..=1.25).contains(&ratio(0, 12)),
        "after {}",
        ratio(0, 12)
    );
    let did = &of.opinions[0];
    assert!(did.lo.unwrap() < 1.0 && did.hi.unwrap() > 1.0, "{did:?}");
}

#[test]
fn staggered_ratios_of_sites_that_started_alone_carry_their_error() {
    let (worlds, truth) = (30, 0.6);
    let mut held = 0;
    for seed in 0..worlds {
        let mut panel = city(40, 0.12, 5_000 + seed);
        let mut rng = Rng::new(6_000 + seed);
        for site in 0..6 {
            let decision = 600 + 70 * i32::try_from(site).unwrap();
            let begun = decision + 24;
            panel.sites[site]
                .core
                .retain(|e| e.day < begun || rng.unit() < truth);
            panel.treatments.push(Treatment {
                id: format!("t{site}"),
                site,
                measure: "sign".to_owned(),
                decision,
                install_start: Some(decision + 5),
                install_end: Some(decision + 10),
                ..Treatment::default()
            });
        }
        let of = of_type(&prepare(panel, Settings::default()), "sign");
        let (lo, hi) = (of.opinions[0].lo.unwrap(), of.opinions[0].hi.unwrap());
        held += u32::from(lo <= truth && truth <= hi);
    }
    println!("{held} of {worlds} intervals hold the truth");
    // Binomial(30, .95) falls below 25 with probability 0.3 %.
    assert!(held >= 25, "{held}");
}
