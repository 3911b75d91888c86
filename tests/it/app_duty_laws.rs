//! Who may touch whose people, names and duties, and do rosters outlive people who leave, move and fall ill?

use std::collections::BTreeMap;

use serde_json::json;
use zhilu::app::{App, DutyPerson, Error, LeaveWish, PersonWish, SignWish, WatchWish, Who};
use zhilu::calendar::Day;
use zhilu::ticket::permit::Role;

use crate::app_duty::{made, one_school, person, school, staff, wish};
use crate::store_support::grounds;

const MONDAY_NINE: i64 = 1_772_413_200_000;
const MINUTE: i64 = 60_000;

async fn known(app: &App, who: &Who, key: i64) -> (i64, DutyPerson) {
    let all = app.duty_people(who).await.unwrap();
    let found = all.into_iter().find(|p| p.id == key.to_string()).unwrap();
    (found.version, found.person)
}

async fn save(app: &App, who: &Who, key: i64, person: DutyPerson) -> Result<i64, Error> {
    let version = known(app, who, key).await.0;
    let wish = PersonWish {
        person,
        phone: None,
    };
    app.save_person(who, Some((key, version)), wish).await
}

fn leave(person: i64, from: &str, to: &str, peak: &str) -> LeaveWish {
    LeaveWish {
        person: person.to_string(),
        from: from.into(),
        to: to.into(),
        peak: peak.into(),
        cause: "事假".into(),
    }
}

#[tokio::test]
async fn saving_a_person_keeps_a_name_the_writer_may_not_see() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let leader = person("leader", Role::SquadLeader, Some("一中队"));
        let people = staff(&app, &planner).await;
        let volunteer = people[3];
        let (_, mut shown) = known(&app, &planner, volunteer).await;
        assert_eq!(shown.name, format!("志愿者{volunteer}号"));
        shown.max_per_day = 1;
        save(&app, &planner, volunteer, shown.clone())
            .await
            .unwrap();
        let (_, own) = known(&app, &leader, volunteer).await;
        assert_eq!((own.name.as_str(), own.max_per_day), ("丁", 1));
        // No change may open the name to its writer.
        for change in [
            DutyPerson {
                role: "police".into(),
                ..shown.clone()
            },
            DutyPerson {
                login: "planner".into(),
                ..shown.clone()
            },
        ] {
            let refused = save(&app, &planner, volunteer, change).await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        app.close().await;
    }
}

#[tokio::test]
async fn a_squad_leader_writes_people_of_the_own_squad_and_no_account() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let own = person("leader", Role::SquadLeader, Some("一中队"));
        let foreign = person("leader2", Role::SquadLeader, Some("二中队"));
        let people = staff(&app, &planner).await;
        let (_, officer) = known(&app, &foreign, people[0]).await;
        assert_eq!(officer.login, "", "accounts are for those who tie them");
        let moved = DutyPerson {
            squad: "二中队".into(),
            ..officer
        };
        for who in [&foreign, &own] {
            let refused = save(&app, who, people[0], moved.clone()).await;
            assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
        }
        let refused = app
            .add_leave(
                &foreign,
                &leave(people[0], "2026-03-04", "2026-03-04", "")
                    .leave()
                    .unwrap(),
            )
            .await;
        assert!(matches!(refused, Err(Error::Forbidden)));
        let (_, mut officer) = known(&app, &own, people[0]).await;
        officer.max_per_week = 6;
        save(&app, &own, people[0], officer.clone()).await.unwrap();
        let (_, after) = known(&app, &planner, people[0]).await;
        assert_eq!((after.login.as_str(), after.max_per_week), ("officer", 6));
        officer.login = "leader".into();
        let refused = save(&app, &own, people[0], officer).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        let liaison = person("office", Role::Liaison, None);
        let seen = app.duty_people(&liaison).await.unwrap();
        assert!(seen.iter().all(|p| p.person.login.is_empty()));
        app.close().await;
    }
}

#[tokio::test]
async fn who_left_or_moved_gets_nothing_new_and_the_roster_still_answers() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let people = one_school(&app, &planner).await;
        let mut asked = wish("2026-03-02", "2026-03-06");
        asked.squad = "一中队".into();
        let id = made(&app, &planner, asked).await;
        // One officer leaves, the auxiliary changes squad: both are named by the roster.
        let (_, gone) = known(&app, &planner, people[1]).await;
        save(&app, &planner, people[1], DutyPerson { left: true, ..gone })
            .await
            .unwrap();
        let (_, moved) = known(&app, &planner, people[2]).await;
        save(
            &app,
            &planner,
            people[2],
            DutyPerson {
                squad: "二中队".into(),
                ..moved
            },
        )
        .await
        .unwrap();
        let before = app.roster(&planner, id).await.unwrap();
        let away = leave(people[0], "2026-03-04", "2026-03-04", "");
        let got = app
            .absence(&planner, id, away.leave().unwrap())
            .await
            .unwrap();
        assert!(
            got.changes
                .iter()
                .all(|c| c.to != Some(people[1]) && c.to != Some(people[2]))
        );
        let after = app.roster(&planner, id).await.unwrap();
        let theirs = |d: &zhilu::app::DutyView| {
            [people[1], people[2]]
                .iter()
                .any(|p| d.person.as_deref() == Some(p.to_string().as_str()))
        };
        assert!(
            after
                .duties
                .iter()
                .filter(|d| theirs(d))
                .all(|d| d.day == "2026-03-02" && d.start < 540)
        );
        let past = |v: &zhilu::app::RosterView| {
            v.duties
                .iter()
                .filter(|d| d.day == "2026-03-02" && d.start < 540)
                .map(|d| (d.id.clone(), d.person.clone()))
                .collect::<BTreeMap<_, _>>()
        };
        assert_eq!(past(&before), past(&after), "what was served stays");
        let open = after.duties.iter().find(|d| d.person.is_none()).unwrap();
        app.explain_duty(&planner, id, open.id.parse().unwrap())
            .await
            .unwrap();
        app.close().await;
    }
}

#[tokio::test]
async fn absence_and_swap_touch_the_own_squad_only_and_unknown_peaks_are_refused() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let foreign = person("leader2", Role::SquadLeader, Some("二中队"));
        let people = one_school(&app, &planner).await;
        let id = made(&app, &planner, wish("2026-03-03", "2026-03-04")).await;
        let away = leave(people[0], "2026-03-04", "2026-03-04", "")
            .leave()
            .unwrap();
        assert!(matches!(
            app.absence(&foreign, id, away).await,
            Err(Error::Forbidden)
        ));
        let view = app.roster(&planner, id).await.unwrap();
        let key: i64 = view.duties[0].id.parse().unwrap();
        for to in [Some(people[1]), None] {
            let swap = BTreeMap::from([(key, to)]);
            assert!(matches!(
                app.swap_duties(&foreign, id, &swap, "x").await,
                Err(Error::Forbidden)
            ));
        }
        let bad = leave(people[0], "2026-03-04", "2026-03-04", "am")
            .leave()
            .unwrap_err();
        assert!(bad.to_string().starts_with("peak"), "{bad}");
        for load in [json!({"noon": 2}), json!({"morning": 1_000_000})] {
            let mut asked = wish("2026-03-03", "2026-03-03");
            asked.load = serde_json::from_value(load).unwrap();
            assert!(matches!(
                app.make_roster(&planner, asked).await,
                Err(Error::Invalid { .. })
            ));
        }
        app.close().await;
    }
}

#[tokio::test]
async fn leave_is_noted_before_any_roster_listed_taken_back_and_a_later_one_stops_publication() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let people = one_school(&app, &planner).await;
        let day = |t: &str| Day::parse(t).unwrap();
        let away = leave(people[0], "2026-03-04", "2026-03-04", "")
            .leave()
            .unwrap();
        let key = app.add_leave(&planner, &away).await.unwrap();
        assert_eq!(
            app.add_leave(&planner, &away).await.unwrap(),
            key,
            "noted once"
        );
        let listed = app
            .duty_leaves(&planner, day("2026-03-01"), day("2026-03-31"))
            .await
            .unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str()), (1, "甲"));
        let foreign = person("leader2", Role::SquadLeader, Some("二中队"));
        assert!(
            app.duty_leaves(&foreign, day("2026-03-01"), day("2026-03-31"))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(matches!(
            app.remove_leave(&foreign, key).await,
            Err(Error::Forbidden)
        ));
        app.remove_leave(&planner, key).await.unwrap();
        assert!(matches!(
            app.remove_leave(&planner, key).await,
            Err(Error::NotFound)
        ));
        // A draft, then a leave: publishing it would send nobody to a gate.
        let id = made(&app, &planner, wish("2026-03-03", "2026-03-04")).await;
        app.add_leave(&planner, &away).await.unwrap();
        let refused = app
            .publish_roster(&deputy, (id, 1), true)
            .await
            .unwrap_err();
        assert!(refused.to_string().starts_with("away"), "{refused}");
        app.absence(&planner, id, away).await.unwrap();
        app.publish_roster(&deputy, (id, 2), true).await.unwrap();
        app.close().await;
    }
}

#[tokio::test]
async fn the_week_of_an_adjacent_published_roster_counts_and_so_does_what_was_served() {
    for ground in grounds().await {
        let (app, hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let people = one_school(&app, &planner).await;
        for key in &people[..2] {
            let (_, p) = known(&app, &planner, *key).await;
            save(
                &app,
                &planner,
                *key,
                DutyPerson {
                    max_per_week: 4,
                    ..p
                },
            )
            .await
            .unwrap();
        }
        let first = made(&app, &planner, wish("2026-03-02", "2026-03-04")).await;
        app.publish_roster(&deputy, (first, 1), true).await.unwrap();
        let second = made(&app, &planner, wish("2026-03-05", "2026-03-06")).await;
        let mut week: BTreeMap<String, usize> = BTreeMap::new();
        for id in [first, second] {
            for d in app.roster(&planner, id).await.unwrap().duties {
                *week.entry(d.person.unwrap_or_default()).or_default() += 1;
            }
        }
        for key in &people[..2] {
            assert!(
                week.get(&key.to_string()).is_none_or(|n| *n <= 4),
                "{week:?}"
            );
        }
        // The officer signs in for one of the duties of the first roster: only that one was served.
        let view = app.roster(&planner, first).await.unwrap();
        let mine: Vec<_> = view
            .duties
            .iter()
            .filter(|d| d.person.as_deref() == Some(people[0].to_string().as_str()))
            .collect();
        assert!(mine.len() > 1);
        let officer = person("officer", Role::Officer, Some("一中队"));
        let day = Day::parse(&mine[0].day).unwrap();
        let at = zhilu::calendar::UtcMs::of_civil(day, mine[0].start * MINUTE).0;
        hand.forward((at - MONDAY_NINE).max(0));
        let wishes = vec![sign("s", &mine[0].id, at)];
        assert_eq!(
            app.sign_duties(&officer, wishes).await.unwrap()[0].state,
            "written"
        );
        let third = made(&app, &planner, wish("2026-03-09", "2026-03-09")).await;
        let history = app
            .roster(&planner, third)
            .await
            .unwrap()
            .roster
            .body
            .history;
        assert_eq!(history[&people[0]], 1);
        let planned = view
            .duties
            .iter()
            .filter(|d| d.person.as_deref() == Some(people[1].to_string().as_str()));
        assert_eq!(
            history[&people[1]],
            planned.count() as i64,
            "no attendance is kept of them"
        );
        app.close().await;
    }
}

fn sign(mark: &str, duty: &str, at: i64) -> SignWish {
    serde_json::from_value(json!({"mark": mark, "duty": duty, "kind": "in", "at": at})).unwrap()
}

#[tokio::test]
async fn a_sign_belongs_to_a_published_duty_its_day_and_its_squad() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let foreign = person("leader2", Role::SquadLeader, Some("二中队"));
        app.save_school(&planner, None, school("甲小学", 113.7, 2400))
            .await
            .unwrap();
        staff(&app, &planner).await;
        let id = made(&app, &planner, wish("2026-03-02", "2026-03-10")).await;
        let view = app.roster(&planner, id).await.unwrap();
        let of = |day: &str| {
            view.duties
                .iter()
                .find(|d| d.day == day && d.start < 540)
                .unwrap()
                .id
                .clone()
        };
        let (today, later) = (of("2026-03-02"), of("2026-03-10"));
        let state =
            async |who: &Who, s: SignWish| app.sign_duties(who, vec![s]).await.unwrap()[0].state;
        assert_eq!(
            state(&planner, sign("draft", &today, MONDAY_NINE)).await,
            "refused"
        );
        app.publish_roster(&deputy, (id, 1), true).await.unwrap();
        assert_eq!(state(&planner, sign("1970", &today, 5)).await, "refused");
        assert_eq!(
            state(&planner, sign("early", &later, MONDAY_NINE)).await,
            "refused"
        );
        assert_eq!(
            state(&planner, sign("ahead", &today, MONDAY_NINE + 60 * MINUTE)).await,
            "refused"
        );
        assert_eq!(
            state(&foreign, sign("other", &today, MONDAY_NINE)).await,
            "refused"
        );
        // An absence is noted by who leads, after the begin, with its cause.
        let absent = |mark: &str, duty: &str, note: &str| {
            let mut s = sign(mark, duty, MONDAY_NINE);
            s.kind = "absent".to_owned();
            s.note = note.to_owned();
            s
        };
        let officer = person("officer", Role::Officer, Some("一中队"));
        for (who, s) in [
            (&planner, absent("mute", &today, " ")),
            (&foreign, absent("foreign", &today, "病假")),
            (&officer, absent("own", &today, "病假")),
            (&planner, absent("before", &later, "病假")),
        ] {
            assert_eq!(state(who, s.clone()).await, "refused", "{s:?}");
        }
        let missed = state(&planner, absent("missed", &today, "事假")).await;
        assert_eq!(missed, "written");
        assert_eq!(
            state(&planner, sign("good", &today, MONDAY_NINE)).await,
            "written"
        );

        let schools = app.schools(&planner).await.unwrap();
        let gate = schools[0].school.gates[0].id.to_string();
        let seen = |mark: &str, peak: &str, at: i64| -> WatchWish {
            serde_json::from_value(json!({"mark": mark, "school": schools[0].id, "gate": gate, "peak": peak, "at": at,
                "minutes": 30, "stopped": 2, "illegal": 0, "queue_m": 0, "crossing": 0, "conflicts": 0}))
            .unwrap()
        };
        let long = "w".repeat(5000);
        for bad in [
            seen(&long, "morning", MONDAY_NINE),
            seen("w", "zzz", MONDAY_NINE),
            seen("w", "morning", -5),
            seen("w", "morning", MONDAY_NINE + 60 * MINUTE),
        ] {
            assert!(
                matches!(
                    app.watch_gate(&planner, &bad).await,
                    Err(Error::Invalid { .. })
                ),
                "{bad:?}"
            );
        }
        assert!(
            app.watch_gate(&planner, &seen("w", "morning", MONDAY_NINE))
                .await
                .unwrap()
        );
        app.close().await;
    }
}

/// UID → (sequence, status) of a calendar.
fn entries(bytes: Vec<u8>) -> BTreeMap<String, (i64, String)> {
    let text = String::from_utf8(bytes).unwrap().replace("\r\n ", "");
    let mut out = BTreeMap::new();
    for event in text.split("BEGIN:VEVENT").skip(1) {
        let of = |key: &str| {
            let line = event.lines().find_map(|l| l.strip_prefix(key));
            line.unwrap().trim().to_owned()
        };
        let name = of("UID:");
        let last = out.insert(name, (of("SEQUENCE:").parse().unwrap(), of("STATUS:")));
        assert_eq!(last, None, "names are unique in a calendar");
    }
    out
}

#[tokio::test]
async fn a_calendar_is_cancelled_with_its_roster_and_never_doubled_by_the_next() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        app.save_school(&planner, None, school("甲小学", 113.7, 2400))
            .await
            .unwrap();
        let one = staff(&app, &planner).await[0];
        let ics = async |id: i64| entries(app.roster_calendar(&planner, id, one).await.unwrap());
        let id = made(&app, &planner, wish("2026-03-03", "2026-03-06")).await;
        assert!(ics(id).await.is_empty(), "a draft is nobody's calendar");
        app.publish_roster(&deputy, (id, 1), true).await.unwrap();
        let first = ics(id).await;
        assert!(!first.is_empty() && first.values().all(|e| *e == (0, "CONFIRMED".to_owned())));
        app.publish_roster(&deputy, (id, 2), false).await.unwrap();
        let withdrawn = ics(id).await;
        assert_eq!(
            withdrawn.keys().collect::<Vec<_>>(),
            first.keys().collect::<Vec<_>>()
        );
        assert!(
            withdrawn
                .values()
                .all(|e| *e == (1, "CANCELLED".to_owned()))
        );
        let next = made(&app, &planner, wish("2026-03-03", "2026-03-06")).await;
        app.publish_roster(&deputy, (next, 1), true).await.unwrap();
        let second = ics(next).await;
        assert_eq!(
            second.keys().collect::<Vec<_>>(),
            first.keys().collect::<Vec<_>>()
        );
        assert!(
            second.values().all(|e| e.0 > 1 && e.1 == "CONFIRMED"),
            "{second:?}"
        );
        app.close().await;
    }
}

#[tokio::test]
async fn a_school_keeps_its_own_gates_and_takes_no_other_schools() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        for (name, lon) in [("甲小学", 113.70), ("乙小学", 113.72)] {
            app.save_school(&planner, None, school(name, lon, 600))
                .await
                .unwrap();
        }
        let rows = app.schools(&planner).await.unwrap();
        let key = |i: usize| -> i64 { rows[i].id.parse().unwrap() };
        let mut wish = rows[0].school.clone();
        wish.gates[0].name = "正门".into();
        app.save_school(&planner, Some((key(0), rows[0].version)), wish.clone())
            .await
            .unwrap();
        let foreign = rows[1].school.gates[0].clone();
        for bad in [foreign, wish.gates[0].clone()] {
            let mut wish = wish.clone();
            wish.gates.push(bad);
            let refused = app
                .save_school(&planner, Some((key(0), rows[0].version + 1)), wish)
                .await;
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        }
        let mut new = school("丙小学", 113.74, 600);
        new.gates[0].id = rows[0].school.gates[0].id;
        assert!(matches!(
            app.save_school(&planner, None, new).await,
            Err(Error::Invalid { .. })
        ));
        app.close().await;
    }
}
