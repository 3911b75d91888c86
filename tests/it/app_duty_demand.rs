//! Does a roster serve what must be served, name what cannot be, and put the hardest gates first where that is wished?

use zhilu::app::{DutyPerson, DutyView, Error, LeaveWish, PersonWish, RosterView};
use zhilu::ticket::permit::Role;

use crate::app_duty::{made, person, school, staff, wish};
use crate::http_support::House;
use crate::store_support::grounds;

fn away(person: i64) -> LeaveWish {
    LeaveWish {
        person: person.to_string(),
        from: "2026-03-02".into(),
        to: "2026-03-02".into(),
        peak: "morning".into(),
        cause: "事假".into(),
    }
}

#[tokio::test]
async fn required_schools_come_first_and_what_cannot_be_covered_names_the_conflict() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        for (name, lon, students) in [("甲小学", 113.7, 2400), ("乙小学", 113.8, 300)] {
            let row = school(name, lon, students);
            app.save_school(&planner, None, row).await.unwrap();
        }
        let schools = app.schools(&planner).await.unwrap();
        let small = schools.iter().find(|s| s.school.name == "乙小学").unwrap();
        let people = staff(&app, &planner).await;
        let mut asked = wish("2026-03-02", "2026-03-03");
        asked.chains = false;
        asked.must_cover = vec![small.id.clone()];
        let id = made(&app, &planner, asked.clone()).await;
        let view = app.roster(&planner, id).await.unwrap();
        let at_small = |d: &&DutyView| d.posts[0].school_name == "乙小学" && d.posts[0].unit == 1;
        let required: Vec<_> = view.duties.iter().filter(at_small).collect();
        assert!(!required.is_empty());
        assert!(required.iter().all(|d| d.person.is_some()));
        assert!(view.roster.body.conflict.is_empty());
        assert_ne!(view.roster.body.status, "infeasible");
        assert!(view.roster.body.notes.iter().all(|n| !n.contains("请假")));
        // Everybody is away on the first morning: what is required there cannot be.
        let big = schools.iter().find(|s| s.school.name == "甲小学").unwrap();
        for person in &people {
            let leave = away(*person).leave().unwrap();
            app.add_leave(&planner, &leave).await.unwrap();
        }
        asked.must_cover = vec![big.id.clone()];
        let id = made(&app, &planner, asked.clone()).await;
        let body = app.roster(&planner, id).await.unwrap().roster.body;
        assert_eq!(body.status, "infeasible");
        let said = body.notes.iter().find(|n| n.contains("全部请假")).unwrap();
        assert!(
            said.contains("2026-03-02") && !said.contains("2026-03-03"),
            "{said}"
        );
        let cover = body.conflict.iter().find(|c| c.kind == "cover").unwrap();
        assert_eq!(
            (
                cover.day.as_str(),
                cover.peak.as_str(),
                cover.place.as_str()
            ),
            ("2026-03-02", "morning", "甲小学东门")
        );
        let away = body.conflict.iter().filter(|c| c.kind == "unavailable");
        assert!(away.clone().count() > 0 && away.clone().all(|c| c.person.is_some()));
        // The day after is covered whole.
        let next = app.roster(&planner, id).await.unwrap();
        let next = next.duties.iter().find(|d| d.day == "2026-03-03").unwrap();
        assert!(next.person.is_some());
        // What is asked for must exist.
        asked.must_cover = vec!["999".to_owned()];
        let job = app.make_roster(&planner, asked.clone()).await.unwrap();
        assert_eq!(app.wait(job).await.unwrap().state, "failed");
        asked.rotate_weeks = 99;
        let refused = app.make_roster(&planner, asked).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        app.close().await;
    }
}

#[tokio::test]
async fn the_first_post_of_the_hardest_gates_goes_before_all_others_where_that_is_wished() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let mut hard = school("甲小学", 113.7, 2400);
        hard.gates[0].pupil_crash = true;
        app.save_school(&planner, None, hard).await.unwrap();
        staff(&app, &planner).await;
        let mut asked = wish("2026-03-02", "2026-03-02");
        let plain = made(&app, &planner, asked.clone()).await;
        asked.never_empty = true;
        let first = made(&app, &planner, asked).await;
        let (plain, first) = (
            app.roster(&planner, plain).await.unwrap(),
            app.roster(&planner, first).await.unwrap(),
        );
        let weights = |unit: u8| {
            let of = |r: &RosterView| {
                let found = r.duties.iter().find(|d| d.posts[0].unit == unit);
                found.map(|d| (d.posts[0].class, d.priority))
            };
            (of(&plain).unwrap(), of(&first).unwrap())
        };
        let ((class, before), (_, after)) = weights(1);
        assert_eq!((class, after - before), (3, 1_000_000));
        let ((_, before), (_, after)) = weights(2);
        assert_eq!(before, after, "further posts weigh as before");
        app.close().await;
    }
}

fn idle(name: &str, squad: &str, login: &str) -> PersonWish {
    let person = DutyPerson {
        name: name.to_owned(),
        role: "police".to_owned(),
        squad: squad.to_owned(),
        login: login.to_owned(),
        max_per_day: 0,
        ..DutyPerson::default()
    };
    PersonWish {
        person,
        phone: None,
    }
}

#[tokio::test]
async fn who_comes_later_or_leaves_changes_no_share_of_a_roster_made_before() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let row = school("甲小学", 113.7, 2400);
        app.save_school(&planner, None, row).await.unwrap();
        staff(&app, &planner).await;
        let early = idle("戊", "一中队", "");
        let gone = app.save_person(&planner, None, early).await.unwrap();
        let id = made(&app, &planner, wish("2026-03-02", "2026-03-06")).await;
        let before = app.roster(&planner, id).await.unwrap().fairness;
        assert_eq!(before.shares.len(), 5);
        let late = idle("己", "一中队", "");
        app.save_person(&planner, None, late).await.unwrap();
        let mut left = idle("戊", "一中队", "");
        left.person.left = true;
        app.save_person(&planner, Some((gone, 1)), left)
            .await
            .unwrap();
        let after = app.roster(&planner, id).await.unwrap().fairness;
        assert_eq!(before, after);
        app.close().await;
    }
}

#[tokio::test]
async fn an_account_exists_and_is_one_person() {
    for ground in grounds().await {
        let (app, _hand) = ground.app().await;
        let planner = person("planner", Role::Planner, None);
        let people = staff(&app, &planner).await;
        for (login, part) in [("officer", "甲"), ("nobody", "nobody")] {
            let wish = idle("戊", "一中队", login);
            let refused = app.save_person(&planner, None, wish).await.unwrap_err();
            assert!(refused.to_string().contains(part), "{refused}");
        }
        // Who has the account keeps it through other changes, and may give it up to another.
        let mut own = idle("甲", "一中队", "officer");
        let key = people[0];
        app.save_person(&planner, Some((key, 1)), own.clone())
            .await
            .unwrap();
        own.person.login = String::new();
        app.save_person(&planner, Some((key, 2)), own)
            .await
            .unwrap();
        let wish = idle("戊", "一中队", "officer");
        app.save_person(&planner, None, wish).await.unwrap();
        app.close().await;
    }
}

#[tokio::test]
async fn a_squad_is_a_unit_of_the_city_where_the_city_lists_them() {
    let house = House::open(&["一中队"]).await;
    house.use_demo_city().await;
    let app = &house.app;
    let planner = person("planner", Role::Planner, None);
    let wrong = idle("戊", "火星", "");
    let refused = app.save_person(&planner, None, wrong).await.unwrap_err();
    assert!(refused.to_string().contains("一中队、"), "{refused}");
    let mut strange = school("甲小学", 113.7, 300);
    strange.squad = "火星".to_owned();
    let refused = app.save_school(&planner, None, strange).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    let mut asked = wish("2026-03-02", "2026-03-03");
    asked.squad = "没有".to_owned();
    let refused = app.make_roster(&planner, asked).await.unwrap_err();
    assert!(refused.to_string().contains("没有中队 没有"), "{refused}");
    let right = idle("戊", "一中队", "");
    app.save_person(&planner, None, right).await.unwrap();
}

#[tokio::test]
async fn a_school_holds_texts_of_a_page_and_its_refusals_are_in_chinese_first() {
    let house = House::open(&["一中队"]).await;
    let planner = person("planner", Role::Planner, None);
    let good = school("甲小学", 113.7, 300);
    let said = async |change: &dyn Fn(&mut zhilu::app::School)| {
        let mut wish = good.clone();
        change(&mut wish);
        let refused = house.app.save_school(&planner, None, wish).await;
        refused.map_err(|e| e.to_string())
    };
    let long = said(&|s| s.problems = "堵".repeat(2_001)).await;
    assert!(long.unwrap_err().contains("至多 2000 字"));
    let doors = said(&|s| {
        s.bells[0].at = 9_999;
        s.bells[0].until = Some(495);
    });
    let doors = doors.await.unwrap_err();
    assert!(doors.contains("关门须晚于开门"), "{doors}");
    let weekday = said(&|s| s.bells[0].weekdays = vec![9]).await.unwrap_err();
    assert!(weekday.contains("星期 9 不存在"), "{weekday}");
    assert!(said(&|s| s.problems = "堵".repeat(2_000)).await.is_ok());
}
