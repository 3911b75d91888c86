//! Which laws do formed sites obey: moving the city, shuffling tickets, one loud caller?

use proptest::prelude::*;
use zhilu::calendar::{DAY_MS, UtcMs};
use zhilu::place::Precision;
use zhilu::site::{
    Anchor, Anchors, FormParams, Ground, Kind, SiteTicket, SurveyParams, explain, form, survey,
};
use zhilu::spatial::LonLat;
use zhilu::ticket::{PetitionerKey, TicketId};

const HERE: LonLat = LonLat {
    lon: 113.75,
    lat: 34.7,
};

fn ticket(id: i64, east_m: f64, north_m: f64, caller: Option<i64>) -> SiteTicket {
    SiteTicket {
        id: TicketId(id),
        point: LonLat {
            lon: HERE.lon + east_m / 91_400.0,
            lat: HERE.lat + north_m / 111_195.0,
        },
        precision: Precision::Point,
        radius_m: 30.0,
        when: UtcMs(1_700_000_000_000 + id * 3 * DAY_MS),
        petitioner: caller.map(PetitionerKey),
        points: 1,
        redone: false,
        category: 0,
        features: Vec::new(),
        form: "x_offset".to_owned(),
        line: Vec::new(),
    }
}

fn gate(feature: &str, parent: &str, name: &str, point: LonLat) -> Anchor {
    Anchor {
        feature: feature.to_owned(),
        parent: Some(parent.to_owned()),
        kind: Kind::SchoolGate,
        name: name.to_owned(),
        point,
    }
}

prop_compose! {
    fn crowd()(places in prop::collection::vec((-600.0..600.0_f64, -600.0..600.0_f64), 1..6), size in 20..120_usize)(
        spots in prop::collection::vec((0..places.len(), -15.0..15.0_f64, -15.0..15.0_f64, 0..30_i64), size),
        places in Just(places),
    ) -> Vec<SiteTicket> {
        spots.into_iter().enumerate().map(|(i, (p, dx, dy, who))| {
            let (x, y) = places[p];
            ticket(i64::try_from(i).unwrap(), x + dx, y + dy, (who > 3).then_some(who))
        }).collect()
    }
}

fn members(tickets: &[SiteTicket]) -> Vec<Vec<TicketId>> {
    let clusters = form(tickets, &Anchors::default(), &FormParams::default());
    clusters.into_iter().map(|c| c.members).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_tickets_changes_no_site(crowd in crowd(), turn in 0..100_usize) {
        let mut turned = crowd.clone();
        turned.rotate_left(turn % crowd.len());
        prop_assert_eq!(members(&crowd), members(&turned));
    }

    #[test]
    fn every_ticket_is_in_one_site_at_most(crowd in crowd()) {
        let mut all: Vec<TicketId> = members(&crowd).into_iter().flatten().collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        prop_assert_eq!(all.len(), n);
    }
}

#[test]
fn a_city_moved_by_whole_degrees_of_longitude_has_the_same_sites() {
    let near: Vec<SiteTicket> = (0..60_i64)
        .map(|i| {
            let (a, b) = (
                f64::from(i32::try_from(i % 7).unwrap()),
                f64::from(i32::try_from(i % 11).unwrap()),
            );
            ticket(
                i,
                300.0 * f64::from(i32::try_from(i % 3).unwrap()) + a * 2.1,
                b * 1.7,
                Some(i),
            )
        })
        .collect();
    let mut far = near.clone();
    for t in &mut far {
        t.point.lon -= 8.0;
    }
    assert_eq!(members(&near), members(&far));
    assert_eq!(members(&near).len(), 3);
}

#[test]
fn one_loud_caller_is_kept_and_handled_but_never_ranked() {
    let loud: Vec<SiteTicket> = (0..20).map(|i| ticket(i, 0.0, 0.0, Some(1))).collect();
    let many = (20..40).map(|i| ticket(i, 500.0, 0.0, Some(i)));
    let tickets: Vec<SiteTicket> = loud.into_iter().chain(many).collect();
    let ground = Ground {
        tickets: &tickets,
        anchors: &Anchors::default(),
        previous: &[],
        run: 1,
        as_of: None,
        edits: &[],
    };
    let found = survey(&ground, &SurveyParams::default());
    assert_eq!(found.sites.len(), 2);
    let ranks: Vec<(bool, u32)> = found
        .sites
        .iter()
        .map(|s| (s.single_voice, s.rank))
        .collect();
    assert!(ranks.contains(&(true, 0)) && ranks.contains(&(false, 1)));
    let lone = found.sites.iter().find(|s| s.single_voice).unwrap();
    assert!(explain(lone, None)[0].contains("不参与排名"));
}

#[test]
fn segments_roads_and_areas_never_make_a_spot() {
    let mut tickets: Vec<SiteTicket> = (0..30).map(|i| ticket(i, 0.0, 0.0, Some(i))).collect();
    for (t, p) in tickets.iter_mut().zip(
        [Precision::Segment, Precision::Road, Precision::Area]
            .into_iter()
            .cycle(),
    ) {
        t.precision = p;
    }
    assert!(members(&tickets).is_empty());
}

#[test]
fn segment_tickets_gather_on_their_stretch_and_are_named_by_it() {
    let line = vec![
        ticket(0, 0.0, 0.0, None).point,
        ticket(0, 300.0, 0.0, None).point,
    ];
    let tickets: Vec<SiteTicket> = (0..8)
        .map(|i| SiteTicket {
            precision: Precision::Segment,
            line: line.clone(),
            features: ["文治路", "鼎城街", "航海路"].map(str::to_owned).to_vec(),
            form: "seg_between".to_owned(),
            ..ticket(i, 150.0, 0.0, Some(i))
        })
        .chain((8..11).map(|i| ticket(i, 100.0, 8.0, Some(i))))
        .collect();
    let found = form(&tickets, &Anchors::default(), &FormParams::default());
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].members.len(), 11);
    assert_eq!(found[0].name, "文治路(鼎城街—航海路段)");
    assert_eq!(found[0].kind, Kind::Frontage);
}

#[test]
fn who_only_names_the_school_is_put_where_others_name_the_gate() {
    let (east, west) = (
        ticket(0, 60.0, 0.0, None).point,
        ticket(0, -60.0, 0.0, None).point,
    );
    let anchors = Anchors::new(vec![
        gate("S1-g1", "S1", "实验小学西门", west),
        gate("S1-g2", "S1", "实验小学东门", east),
    ]);
    let at = |id: i64, east_m: f64, form: &str, features: &[&str]| SiteTicket {
        form: form.to_owned(),
        features: features.iter().map(|f| (*f).to_owned()).collect(),
        ..ticket(id, east_m, 0.0, Some(id))
    };
    let named = (0..6).map(|i| at(i, 60.0, "poi_gate_named", &["S1", "S1-g2"]));
    let vague = (6..12).map(|i| at(i, -60.0, "poi_gate", &["S1", "S1-g1"]));
    let tickets: Vec<SiteTicket> = named.chain(vague).collect();
    let found = form(&tickets, &anchors, &FormParams::default());
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].members.len(), found[0].name.as_str()),
        (12, "实验小学东门")
    );
}

#[test]
fn a_place_without_a_name_is_called_by_what_is_near_and_never_by_a_number() {
    let near = ticket(0, 70.0, 0.0, None).point;
    let here = ticket(0, 0.0, 0.0, None).point;
    let anchors = Anchors::new(vec![
        gate("P1", "P1", "", here),
        gate("S1-g1", "S1", "实验小学西门", near),
    ]);
    let at = |id: i64, features: &[&str]| SiteTicket {
        features: features.iter().map(|f| (*f).to_owned()).collect(),
        ..ticket(id, 0.0, 0.0, Some(id))
    };
    let tickets: Vec<SiteTicket> = (0..8).map(|i| at(i, &["P1"])).collect();
    let found = form(&tickets, &anchors, &FormParams::default());
    assert_eq!(found[0].name, "实验小学西门附近");
    let road: Vec<SiteTicket> = (0..8).map(|i| at(i, &["P1", "文治路"])).collect();
    let found = form(&road, &anchors, &FormParams::default());
    assert_eq!(found[0].name, "文治路（实验小学西门附近）");
}

#[test]
fn no_tickets_make_no_sites() {
    let ground = Ground {
        tickets: &[],
        anchors: &Anchors::default(),
        previous: &[],
        run: 1,
        as_of: None,
        edits: &[],
    };
    assert!(survey(&ground, &SurveyParams::default()).sites.is_empty());
}
