//! Does a roster serve what must be served, name what cannot be, and put the hardest gates first where that is wished?

use zhilu::app::{DutyView, Error, LeaveWish, RosterView};
use zhilu::ticket::permit::Role;

use crate::app_duty::{made, person, school, staff, wish};
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
