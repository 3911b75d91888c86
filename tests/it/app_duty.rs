//! Does a school's day live on both engines: register, people, roster, publication, absence, swap, signs, calendar, rights?

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{Reader, Xlsx, open_workbook_from_rs};
use serde_json::json;
use zhilu::app::{
    App, CoverWish, DutyPerson, Error, LeaveWish, NewAccount, PersonWish, RosterWish, School,
    SignWish, WatchWish, Who,
};
use zhilu::calendar::{Day, UtcMs};
use zhilu::ticket::permit::Role;

use crate::store_support::grounds;

pub(crate) fn person(name: &str, role: Role, unit: Option<&str>) -> Who {
    Who {
        role,
        system: false,
        unit: unit.map(str::to_owned),
        ..Who::system(name)
    }
}

pub(crate) fn school(name: &str, lon: f64, students: i64) -> School {
    serde_json::from_value(json!({
        "name": name, "stage": "primary", "squad": "一中队", "students": students,
        "gates": [{"name": "东门", "lon": lon, "lat": 34.72, "students": students, "wide_road": students > 2000, "no_safe_crossing": students > 2000}],
        "bells": [{"way": "arrive", "at": 480}, {"way": "leave", "at": 1000}],
    }))
    .unwrap()
}

pub(crate) async fn staff(app: &Arc<App>, who: &Who) -> Vec<i64> {
    // The one account that is a person of the roster.
    let account = NewAccount {
        name: "officer".into(),
        title: String::new(),
        role: Role::Officer,
        unit: Some("一中队".into()),
        password: None,
    };
    app.create_user(&Who::system("test"), &account)
        .await
        .unwrap();
    let mut ids = Vec::new();
    for (name, role, login) in [
        ("甲", "police", "officer"),
        ("乙", "police", ""),
        ("丙", "auxiliary", ""),
        ("丁", "volunteer", ""),
    ] {
        let person = DutyPerson {
            name: name.to_owned(),
            role: role.to_owned(),
            squad: "一中队".to_owned(),
            login: login.to_owned(),
            simulated: true,
            ..DutyPerson::default()
        };
        let phone = Some("15400000001".to_owned());
        ids.push(
            app.save_person(who, None, PersonWish { person, phone })
                .await
                .unwrap(),
        );
    }
    ids
}

/// One school and the staff, whose keys are given.
pub(crate) async fn one_school(app: &Arc<App>, who: &Who) -> Vec<i64> {
    app.save_school(who, None, school("甲小学", 113.7, 2400))
        .await
        .unwrap();
    staff(app, who).await
}

pub(crate) fn wish(from: &str, to: &str) -> RosterWish {
    serde_json::from_value(json!({"from": from, "to": to})).unwrap()
}

pub(crate) async fn made(app: &Arc<App>, who: &Who, wish: RosterWish) -> i64 {
    let job = app.make_roster(who, wish).await.unwrap();
    let view = app.wait(job).await.unwrap();
    assert_eq!(view.state, "done", "{}", view.message);
    view.message.parse().unwrap()
}

#[tokio::test]
async fn a_roster_is_made_published_replanned_signed_and_exported() {
    for ground in grounds().await {
        let (app, hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let leader = person("leader", Role::SquadLeader, Some("一中队"));
        let officer = person("officer", Role::Officer, Some("一中队"));
        for (name, lon, students) in [("甲小学", 113.70, 2400), ("乙小学", 113.72, 600)] {
            app.save_school(&planner, None, school(name, lon, students))
                .await
                .unwrap();
        }
        let people = staff(&app, &planner).await;
        // The clock stands on Monday 2026-03-02.
        let (posts, warnings) = app
            .posts(&planner, Day::parse("2026-03-03").unwrap())
            .await
            .unwrap();
        assert_eq!(
            (posts.posts.len(), warnings.len()),
            (6, 1),
            "class 2 with two units and volunteers, morning and afternoon"
        );
        let public = person("public", Role::Public, None);
        assert!(matches!(app.rosters(&public).await, Err(Error::Forbidden)));
        assert!(matches!(
            app.duty_people(&public).await,
            Err(Error::Forbidden)
        ));
        let id = made(&app, &planner, wish("2026-03-02", "2026-03-08")).await;
        let view = app.roster(&planner, id).await.unwrap();
        assert_eq!(
            (
                view.duties.len(),
                view.roster.state.as_str(),
                view.roster.body.status.as_str()
            ),
            (30, "draft", "optimal")
        );
        assert!(
            view.duties.iter().all(|d| d.person.is_some()),
            "four people cover six posts a day"
        );
        assert_eq!(
            view.people
                .iter()
                .find(|p| p["role"] == "volunteer")
                .unwrap()["name"],
            format!("志愿者{}号", people[3])
        );
        let own = app.roster(&leader, id).await.unwrap();
        assert_eq!(
            own.people
                .iter()
                .find(|p| p["role"] == "volunteer")
                .unwrap()["name"],
            "丁"
        );

        assert!(matches!(
            app.publish_roster(&leader, (id, 1), true).await,
            Err(Error::Forbidden)
        ));
        app.publish_roster(&deputy, (id, 1), true).await.unwrap();
        assert!(matches!(
            app.publish_roster(&deputy, (id, 1), true).await,
            Err(Error::Conflict { .. })
        ));
        let other = made(&app, &planner, wish("2026-03-05", "2026-03-10")).await;
        let overlap = app
            .publish_roster(&deputy, (other, 1), true)
            .await
            .unwrap_err();
        assert!(overlap.to_string().starts_with("overlap"), "{overlap}");

        let leave = LeaveWish {
            person: people[0].to_string(),
            from: "2026-03-04".into(),
            to: "2026-03-05".into(),
            peak: String::new(),
            cause: "病假".into(),
        };
        let got = app
            .absence(&leader, id, leave.leave().unwrap())
            .await
            .unwrap();
        assert!(
            got.changes
                .iter()
                .all(|c| c.day == "2026-03-04" || c.day == "2026-03-05" || c.to.is_none()),
            "{got:?}"
        );
        assert!(got.changes.iter().any(|c| c.from == Some(people[0])));
        let after = app.roster(&planner, id).await.unwrap();
        let mine =
            |d: &&zhilu::app::DutyView| d.person.as_deref() == Some(people[0].to_string().as_str());
        assert!(
            after
                .duties
                .iter()
                .filter(mine)
                .all(|d| d.day != "2026-03-04" && d.day != "2026-03-05")
        );
        if let Some(open) = after.duties.iter().find(|d| d.person.is_none()) {
            let why = app
                .explain_duty(&planner, id, open.id.parse().unwrap())
                .await
                .unwrap();
            assert!(
                why["kind"] == "impossible" || why["kind"] == "costs",
                "{why}"
            );
        }

        let bytes = app.roster_calendar(&officer, id, people[0]).await.unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("STATUS:CANCELLED")
                && text.contains("SEQUENCE:1")
                && !text.contains("154")
        );
        let bytes = app.roster_workbook(&planner, id).await.unwrap();
        let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
        let said = book.worksheet_range("说明").unwrap();
        let solved = said.rows().find(|r| r[0] == "求解").unwrap()[1].to_string();
        assert!(
            solved.starts_with("已证最优；覆盖权重 ") && !solved.contains("Some"),
            "{solved}"
        );

        let today = app
            .my_duties(
                &officer,
                Day::parse("2026-03-02").unwrap(),
                Day::parse("2026-03-08").unwrap(),
            )
            .await
            .unwrap();
        assert!(!today.is_empty() && today.iter().all(|d| d.name.as_deref() == Some("甲")));
        let day = Day::parse(&today[0].day).unwrap();
        let at = UtcMs::of_civil(day, today[0].start * 60_000);
        hand.forward((at.0 - hand.now().0).max(0));
        sign(&app, &officer, (&today[0].id, at.0)).await;
        app.close().await;
    }
}

async fn sign(app: &Arc<App>, officer: &Who, (duty, at): (&str, i64)) {
    let sign = |mark: &str, kind: &str, lat: f64| -> SignWish {
        serde_json::from_value(
            json!({"mark": mark, "duty": duty, "kind": kind, "at": at, "point": [113.70, lat]}),
        )
        .unwrap()
    };
    let got = app
        .sign_duties(
            officer,
            vec![
                sign("a", "in", 34.7203),
                sign("a", "in", 34.7203),
                sign("b", "dance", 34.72),
            ],
        )
        .await
        .unwrap();
    assert_eq!(
        got.iter().map(|g| g.state).collect::<Vec<_>>(),
        ["written", "known", "refused"]
    );
    let stranger = person("other", Role::Officer, None);
    let refused = app
        .sign_duties(&stranger, vec![sign("c", "in", 34.72)])
        .await
        .unwrap();
    assert_eq!(refused[0].state, "refused");
    let schools = app.schools(officer).await.unwrap();
    let watch: WatchWish = serde_json::from_value(json!({
        "mark": "w1", "school": schools[0].id, "gate": schools[0].school.gates[0].id.to_string(), "peak": "morning", "at": 1_772_413_200_000_i64,
        "minutes": 30, "stopped": 4, "illegal": 2, "queue_m": 60, "crossing": 3, "conflicts": 0,
    }))
    .unwrap();
    assert!(
        app.watch_gate(officer, &watch).await.unwrap()
            && !app.watch_gate(officer, &watch).await.unwrap()
    );
    let id: i64 = schools[0].id.parse().unwrap();
    assert_eq!(
        app.school_watches(officer, id).await.unwrap()[0]["seen"]["queue_m"],
        60
    );
}

#[tokio::test]
async fn swaps_keep_the_rules_phones_stay_sealed_and_bad_input_is_named() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let leader = person("leader", Role::SquadLeader, Some("一中队"));
        let mut bad = school("无名", 113.7, 100);
        bad.bells[0].at = 1435;
        bad.bells[0].way = zhilu::plan::school::Way::Leave;
        let refused = app.save_school(&planner, None, bad).await.unwrap_err();
        assert!(refused.to_string().contains("00:00..24:00"), "{refused}");
        assert!(matches!(
            app.save_school(&leader, None, school("甲", 113.7, 10))
                .await,
            Err(Error::Forbidden)
        ));
        app.save_school(&planner, None, school("甲小学", 113.7, 2400))
            .await
            .unwrap();
        // Nobody to roster is an answer.
        let empty = made(&app, &planner, wish("2026-03-02", "2026-03-03")).await;
        let view = app.roster(&planner, empty).await.unwrap();
        assert!(view.duties.iter().all(|d| d.person.is_none()));
        assert!(
            view.roster
                .body
                .notes
                .iter()
                .any(|n| n.contains("没有可排人员"))
        );
        let people = staff(&app, &planner).await;
        assert!(matches!(
            app.duty_phones(&planner, "一中队", "演练").await,
            Err(Error::Forbidden)
        ));
        let phones = app.duty_phones(&leader, "一中队", "").await.unwrap();
        assert_eq!((phones.len(), phones[0].2.as_str()), (4, "15400000001"));
        let foreign = person("leader2", Role::SquadLeader, Some("二中队"));
        assert!(matches!(
            app.duty_phones(&foreign, "一中队", "x").await,
            Err(Error::Forbidden)
        ));
        let id = made(&app, &planner, wish("2026-03-03", "2026-03-03")).await;
        let view = app.roster(&planner, id).await.unwrap();
        let lead = view
            .duties
            .iter()
            .find(|d| d.accepts == ["police"])
            .unwrap();
        let key: i64 = lead.id.parse().unwrap();
        let wrong = app
            .swap_duties(&leader, id, &BTreeMap::from([(key, Some(people[2]))]), "换")
            .await
            .unwrap_err();
        assert!(wrong.to_string().starts_with("swap"), "{wrong}");
        let now = lead.person.as_deref().unwrap();
        let other = people[..2].iter().find(|p| p.to_string() != now).unwrap();
        let swapped = app
            .swap_duties(
                &leader,
                id,
                &BTreeMap::from([(key, Some(*other))]),
                "家中有事",
            )
            .await;
        match swapped {
            Ok(changes) => assert_eq!(changes.len(), 1),
            // The other officer may stand at the second unit at that hour.
            Err(e) => assert!(e.to_string().contains("other_duty"), "{e}"),
        }
        assert!(matches!(
            app.make_roster(&leader, wish("2026-03-05", "2026-03-02"))
                .await,
            Err(Error::Invalid { .. })
        ));
        app.close().await;
    }
}

#[tokio::test]
async fn a_brigade_and_a_squad_never_both_stand_at_one_gate_and_one_more_person_is_reckoned() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let people = one_school(&app, &planner).await;
        let whole = made(&app, &planner, wish("2026-03-03", "2026-03-04")).await;
        let mut squad = wish("2026-03-04", "2026-03-05");
        squad.squad = "一中队".to_owned();
        let squad = made(&app, &planner, squad).await;
        app.publish_roster(&deputy, (whole, 1), true).await.unwrap();
        let overlap = app
            .publish_roster(&deputy, (squad, 1), true)
            .await
            .unwrap_err();
        assert!(overlap.to_string().starts_with("overlap"), "{overlap}");
        // A leave list that empties the squad: what is possible is planned, and one more person is worth something.
        for key in &people {
            let leave = LeaveWish {
                person: key.to_string(),
                from: "2026-03-10".into(),
                to: "2026-03-10".into(),
                peak: String::new(),
                cause: "集训".into(),
            };
            app.add_leave(&planner, &leave.leave().unwrap())
                .await
                .unwrap();
        }
        let empty = made(&app, &planner, wish("2026-03-10", "2026-03-11")).await;
        let view = app.roster(&planner, empty).await.unwrap();
        let open = |day: &str| {
            view.duties
                .iter()
                .filter(|d| d.day == day && d.person.is_none())
                .count()
        };
        assert_eq!((open("2026-03-10"), open("2026-03-11")), (4, 0));
        let more = app.roster_one_more(&planner, empty).await.unwrap();
        assert!(
            more.iter()
                .any(|m| m.role == "police" && m.coverage > 0 && m.duties > 0),
            "{more:?}"
        );
        let open = view.duties.iter().find(|d| d.person.is_none()).unwrap();
        let why = app
            .explain_duty(&planner, empty, open.id.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(why["kind"], "impossible");
        assert_eq!(why["people"][0][1]["why"], "away");
        app.close().await;
    }
}

#[tokio::test]
async fn school_family_and_police_stand_together_and_staff_serve_their_own_school() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let mut keys = Vec::new();
        for (name, lon) in [("甲小学", 113.70), ("乙小学", 113.72)] {
            keys.push(
                app.save_school(&planner, None, school(name, lon, 2400))
                    .await
                    .unwrap(),
            );
        }
        staff(&app, &planner).await;
        for (name, role, key) in [("戊", "school_staff", keys[0]), ("己", "parent", keys[1])] {
            let person = DutyPerson {
                name: name.to_owned(),
                role: role.to_owned(),
                squad: "一中队".to_owned(),
                school: key.to_string(),
                simulated: true,
                ..DutyPerson::default()
            };
            app.save_person(
                &planner,
                None,
                PersonWish {
                    person,
                    phone: None,
                },
            )
            .await
            .unwrap();
        }
        let mut asked = wish("2026-03-03", "2026-03-03");
        asked.joint = true;
        let id = made(&app, &planner, asked).await;
        let view = app.roster(&planner, id).await.unwrap();
        let of = |role: &str| {
            view.duties
                .iter()
                .filter(|d| d.accepts == [role])
                .collect::<Vec<_>>()
        };
        let school = of("school_staff");
        assert_eq!(school.len(), 4, "two gates, two peaks");
        for d in &school {
            let own = d.posts[0].school == keys[0].to_string();
            assert_eq!(
                d.person.is_some(),
                own,
                "staff of the first school stand at its gate only"
            );
        }
        let open = school.iter().find(|d| d.person.is_none()).unwrap();
        let why = app
            .explain_duty(&planner, id, open.id.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(why["people"][0][1]["why"], "unskilled", "{why}");
        app.close().await;
    }
}

#[tokio::test]
async fn a_peak_is_covered_best_with_the_people_there_are_and_signs_are_found_at_their_gate() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let deputy = person("deputy", Role::DeputyLeader, None);
        let officer = person("officer", Role::Officer, Some("一中队"));
        app.save_school(&planner, None, school("甲小学", 113.7, 2400))
            .await
            .unwrap();
        app.save_school(&planner, None, school("乙小学", 113.8, 2400))
            .await
            .unwrap();
        let cover = |people: serde_json::Value| -> CoverWish {
            serde_json::from_value(
                json!({"date": "2026-03-03", "peak": "morning", "people": people}),
            )
            .unwrap()
        };
        let none = app.cover_posts(&planner, cover(json!({}))).await.unwrap();
        assert_eq!((none.plan.weight, none.plan.open.len()), (0, 4));
        let one = app
            .cover_posts(&planner, cover(json!({"police": 1, "auxiliary": 1})))
            .await
            .unwrap();
        assert_eq!((one.plan.status, one.plan.open.len()), ("optimal", 2));
        assert!(
            one.warnings.iter().any(|w| w.contains("路网")),
            "no roads: said so"
        );
        let mut bad = cover(json!({"police": 1}));
        bad.peak = "night".to_owned();
        assert!(matches!(
            app.cover_posts(&planner, bad).await,
            Err(Error::Invalid { .. })
        ));
        staff(&app, &planner).await;
        let id = made(&app, &planner, wish("2026-03-02", "2026-03-03")).await;
        app.publish_roster(&deputy, (id, 1), true).await.unwrap();
        let days = (
            Day::parse("2026-03-02").unwrap(),
            Day::parse("2026-03-03").unwrap(),
        );
        let mine = app.my_duties(&officer, days.0, days.1).await.unwrap();
        let gate: i64 = mine[0].posts[0].gate.parse().unwrap();
        let sign =
            json!({"mark": "m", "duty": mine[0].id, "kind": "in", "at": 1_772_413_200_000_i64});
        app.sign_duties(&officer, vec![serde_json::from_value(sign).unwrap()])
            .await
            .unwrap();
        let mut tx = ground.read().await;
        let span = ["2026-03-01", "2026-03-31"];
        let at_gate = zhilu::store::duty::duties_at_gate(&mut tx, span, gate)
            .await
            .unwrap();
        assert!(!at_gate.is_empty() && at_gate.iter().any(|d| d.id.to_string() == mine[0].id));
        assert_eq!(
            zhilu::store::duty::signs_at_gate(&mut tx, span, gate)
                .await
                .unwrap()
                .len(),
            1
        );
        assert!(
            zhilu::store::duty::signs_at_gate(&mut tx, span, gate + 99)
                .await
                .unwrap()
                .is_empty()
        );
        drop(tx);
        assert!(matches!(
            app.site_duty(&planner, 1).await,
            Err(Error::NotFound)
        ));
        app.close().await;
    }
}

#[tokio::test]
async fn the_school_calendar_is_set_and_a_day_off_and_on_at_once_is_refused() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        app.save_school(&planner, None, school("甲小学", 113.7, 2400))
            .await
            .unwrap();
        let clash = app
            .set_duty_calendar(
                &planner,
                "date,kind\n2026-05-01,holiday\n2026-05-01,makeup\n",
            )
            .await
            .unwrap_err();
        assert!(clash.to_string().contains("2026-05-01"), "{clash}");
        let csv = "date,kind\n2026-03-03,holiday\n2026-03-07,makeup\n";
        app.set_duty_calendar(&planner, csv).await.unwrap();
        let (kept, warnings) = app.duty_calendar_csv(&planner).await.unwrap();
        assert_eq!(
            (kept.as_str(), warnings.len()),
            (csv, 1),
            "2027 is not on record"
        );
        let posts = |day: &'static str| {
            let (app, planner) = (Arc::clone(&app), planner.clone());
            async move {
                app.posts(&planner, Day::parse(day).unwrap())
                    .await
                    .unwrap()
                    .0
                    .posts
                    .len()
            }
        };
        assert_eq!(posts("2026-03-03").await, 0, "a holiday");
        assert!(posts("2026-03-07").await > 0, "a Saturday made up for");
        app.close().await;
    }
}
