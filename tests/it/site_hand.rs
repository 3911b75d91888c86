//! Does the next run respect what people decided about sites?

use zhilu::calendar::UtcMs;
use zhilu::place::Precision;
use zhilu::site::hand::{Deed, Edit, Mark};
use zhilu::site::survey::amended;
use zhilu::site::{
    Anchors, EventKind, Ground, Site, SiteId, SiteTicket, Status, SurveyParams, survey,
};
use zhilu::spatial::LonLat;
use zhilu::ticket::{PetitionerKey, TicketId};

const DAY: i64 = 86_400_000;

fn ticket(id: i64, east_m: f64) -> SiteTicket {
    SiteTicket {
        id: TicketId(id),
        point: LonLat::new(113.75 + east_m / 91_500.0, 34.72),
        precision: Precision::Poi,
        radius_m: 20.0,
        when: UtcMs(1_700_000_000_000 + id * DAY),
        petitioner: Some(PetitionerKey(id)),
        points: 1,
        redone: false,
        category: 0,
        features: Vec::new(),
        form: String::new(),
        line: Vec::new(),
    }
}

/// Two places 300 m apart with eight tickets each.
fn tickets() -> Vec<SiteTicket> {
    (0..16)
        .map(|i| ticket(i + 1, if i % 2 == 0 { 0.0 } else { 300.0 }))
        .collect()
}

fn run(tickets: &[SiteTicket], previous: &[Site], edits: &[Edit], run: i64) -> Vec<Site> {
    let anchors = Anchors::new(Vec::new());
    let ground = Ground {
        tickets,
        anchors: &anchors,
        previous,
        run,
        as_of: None,
        edits,
    };
    survey(&ground, &SurveyParams::default()).sites
}

fn mark(site: &Site) -> Mark {
    Mark {
        members: site.members.clone(),
        point: site.point,
    }
}

fn active(sites: &[Site]) -> Vec<&Site> {
    sites
        .iter()
        .filter(|s| s.status == Status::Active)
        .collect()
}

/// A planner merges the second site of the first run into the first.
fn second_into_first(sites: &[Site]) -> Edit {
    Edit {
        id: 1,
        run: 1,
        deed: Deed::Merge {
            site: SiteId(2),
            into: SiteId(1),
            left: mark(&sites[1]),
            right: mark(&sites[0]),
        },
    }
}

#[test]
fn merged_sites_stay_one_in_the_next_run() {
    let mut all = tickets();
    let first = run(&all, &[], &[], 1);
    assert_eq!(active(&first).len(), 2);
    let edit = second_into_first(&first);
    let as_of = all.iter().map(|t| t.when).max().unwrap();
    let now = amended(first, &edit, (&all, as_of), &SurveyParams::default()).sites;
    assert_eq!((active(&now).len(), active(&now)[0].members.len()), (1, 16));
    assert_eq!(
        (now[1].status, now[1].into),
        (Status::Merged, Some(SiteId(1)))
    );
    all.push(ticket(17, 300.0));
    let next = run(&all, &now, &[edit], 2);
    assert_eq!(active(&next).len(), 1, "two clusters, one site");
    assert_eq!(
        (active(&next)[0].id, active(&next)[0].members.len()),
        (SiteId(1), 17)
    );
    assert_eq!(next[1].status, Status::Merged);
}

#[test]
fn a_split_holds_and_new_tickets_go_to_the_nearer_part() {
    let mut all: Vec<SiteTicket> = (1..=16)
        .map(|i| ticket(i, if i <= 8 { 0.0 } else { 24.0 }))
        .collect();
    let first = run(&all, &[], &[], 1);
    assert_eq!(active(&first).len(), 1, "one cluster of its own");
    let (stay, out): (Vec<TicketId>, Vec<TicketId>) =
        first[0].members.iter().partition(|t| t.0 <= 8);
    let edit = Edit {
        id: 1,
        run: 1,
        deed: Deed::Split {
            site: SiteId(1),
            new: SiteId(2),
            name: "东侧出入口".to_owned(),
            out: Mark {
                members: out,
                point: all[15].point,
            },
            stay: Mark {
                members: stay,
                point: all[0].point,
            },
        },
    };
    let as_of = all.iter().map(|t| t.when).max().unwrap();
    let now = amended(first, &edit, (&all, as_of), &SurveyParams::default()).sites;
    assert_eq!(
        now.iter().map(|s| s.members.len()).collect::<Vec<_>>(),
        [8, 8]
    );
    all.push(ticket(17, 25.0));
    let next = run(&all, &now, &[edit], 2);
    assert_eq!(
        next.iter()
            .map(|s| (s.id.0, s.members.len()))
            .collect::<Vec<_>>(),
        [(1, 8), (2, 9)]
    );
    assert_eq!(next[1].name, "东侧出入口");
}

#[test]
fn names_places_and_pins_are_put_back_and_a_pinned_site_never_sleeps() {
    let all = tickets();
    let first = run(&all, &[], &[], 1);
    let spot = LonLat::new(113.7512, 34.7203);
    let deeds = [
        Deed::Rename {
            site: SiteId(1),
            name: "北门外".to_owned(),
        },
        Deed::Move {
            site: SiteId(1),
            point: spot,
        },
        Deed::Pin {
            site: SiteId(2),
            on: true,
        },
    ];
    let edits: Vec<Edit> = deeds
        .into_iter()
        .zip(1..)
        .map(|(deed, id)| Edit { id, run: 1, deed })
        .collect();
    let half: Vec<SiteTicket> = all.iter().filter(|t| t.id.0 % 2 == 1).cloned().collect();
    let next = run(&half, &first, &edits, 2);
    assert_eq!((next[0].name.as_str(), next[0].point), ("北门外", spot));
    assert_eq!(next[1].status, Status::Active);
    let plain = run(&half, &first, &[], 2);
    assert_eq!(plain[1].status, Status::Dormant);
}

fn took_back(id: i64, run: i64, of: &Edit) -> Edit {
    Edit {
        id,
        run,
        deed: Deed::Undo {
            edit: of.id,
            undone: Box::new(of.deed.clone()),
        },
    }
}

#[test]
fn a_merge_taken_back_gives_both_sites_their_numbers_and_tickets_now_and_in_the_next_run() {
    let mut all = tickets();
    let first = run(&all, &[], &[], 1);
    let merge = second_into_first(&first);
    let params = SurveyParams::default();
    let end = |all: &[SiteTicket]| all.iter().map(|t| t.when).max().unwrap();
    let joined = amended(first.clone(), &merge, (&all, end(&all)), &params).sites;
    // Meanwhile a run keeps them together, and one more ticket comes to the place of the one that ended.
    all.push(ticket(17, 300.0));
    let second = run(&all, &joined, std::slice::from_ref(&merge), 2);
    assert_eq!(active(&second).len(), 1);
    let back = took_back(2, 2, &merge);
    let found = amended(second, &back, (&all, end(&all)), &params);
    let now = &found.sites;
    assert_eq!(
        now.iter()
            .map(|s| (s.id.0, s.status, s.members.len(), s.into))
            .collect::<Vec<_>>(),
        [(1, Status::Active, 8, None), (2, Status::Active, 9, None)]
    );
    assert_eq!(found.events[0].kind, EventKind::Restored);
    assert!(now.iter().all(|s| s.rank > 0));
    let third = run(&all, now, &[merge, back], 3);
    assert_eq!(
        third
            .iter()
            .map(|s| (s.id.0, s.status, s.members.len()))
            .collect::<Vec<_>>(),
        [(1, Status::Active, 8), (2, Status::Active, 9)]
    );
}

#[test]
fn a_split_taken_back_is_one_site_again_and_stays_it() {
    let all: Vec<SiteTicket> = (1..=16)
        .map(|i| ticket(i, if i <= 8 { 0.0 } else { 24.0 }))
        .collect();
    let first = run(&all, &[], &[], 1);
    let (stay, out): (Vec<TicketId>, Vec<TicketId>) =
        first[0].members.iter().partition(|t| t.0 <= 8);
    let split = Edit {
        id: 1,
        run: 1,
        deed: Deed::Split {
            site: SiteId(1),
            new: SiteId(2),
            name: String::new(),
            out: Mark {
                members: out,
                point: all[15].point,
            },
            stay: Mark {
                members: stay,
                point: all[0].point,
            },
        },
    };
    let params = SurveyParams::default();
    let as_of = all.iter().map(|t| t.when).max().unwrap();
    let parted = amended(first, &split, (&all, as_of), &params).sites;
    let back = took_back(2, 1, &split);
    let now = amended(parted, &back, (&all, as_of), &params).sites;
    assert_eq!(now[0].members.len(), 16);
    assert_eq!(
        (now[1].status, now[1].into, now[1].rank),
        (Status::Merged, Some(SiteId(1)), 0)
    );
    let next = run(&all, &now, &[split, back], 2);
    assert_eq!((active(&next).len(), active(&next)[0].id), (1, SiteId(1)));
}
