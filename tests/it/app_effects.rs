//! When is a case judged anew, by which dates, on which tickets, and is a write sent twice done once?

use std::fmt::Write as _;
use std::sync::Arc;

use zhilu::app::{App, Error, Gap, GapKind, NewCase, Who};
use zhilu::calendar::Day;
use zhilu::case::{Content, Step, Work};
use zhilu::store::case;
use zhilu::ticket::permit::Role;

use crate::app_cases::{act, content, person, with_history_and, with_site};
use crate::store_support::{Ground, grounds};

/// One measure at site 1, with history; the clock's day set to `today`.
async fn with_measure(ground: &Ground, today: &str, more: &str) -> (Arc<App>, i64) {
    let (app, _) = ground.app().await;
    with_history_and(ground, &app, more).await;
    app.close().await;
    let (app, _) = ground.app().await;
    let planner = person("p", Role::Planner);
    let table = "编号,措施代码,点位编号,决定日期,开工日期,完工日期,时段\n\
        M1,camera_parking,1,2024-09-01,2024-09-05,2024-09-10,7-9;16-18\n";
    let done = app
        .import_cases(&planner, table.as_bytes().to_vec(), false)
        .await
        .unwrap();
    assert_eq!(done.findings, []);
    app.set_case_day(&planner, Day::parse(today)).await.unwrap();
    (app, done.cases[0].parse().unwrap())
}

fn ended(end: &str, removed: Option<&str>) -> Step {
    Step::DateWorks {
        work: 1,
        works_start: Day::parse("2024-09-05"),
        works_end: Day::parse(end),
        removed: removed.and_then(Day::parse),
        cost_yuan: None,
    }
}

#[tokio::test]
async fn a_corrected_date_and_a_removal_are_judged_again_beside_the_old_versions() {
    for ground in grounds().await {
        let (app, id) = with_measure(&ground, "2025-10-05", "").await;
        let planner = person("p", Role::Planner);
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 3);
        let page = app.case(&planner, id).await.unwrap();
        assert_eq!(page.brief.verdict.unwrap()["look"], "final");
        // The works ended forty days later than written: two looks are judged anew, the final one has not come yet.
        act(&app, &planner, id, ended("2024-10-20", None))
            .await
            .unwrap();
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 2);
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 0);
        let page = app.case(&planner, id).await.unwrap();
        assert_eq!(page.evaluations.len(), 5, "the old versions stay");
        assert_eq!(page.brief.waits, "look");
        assert_eq!(page.brief.next_look.as_deref(), Some("2025-11-03"));
        assert_eq!(page.brief.verdict.unwrap()["look"], "second");
        let day = Day::parse("2025-12-01");
        app.set_case_day(&planner, day).await.unwrap();
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 1);
        // Taken away after its year: the latest look says so, the others stand.
        act(&app, &planner, id, ended("2024-10-20", Some("2025-11-20")))
            .await
            .unwrap();
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 1);
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 0);
    }
}

#[tokio::test]
async fn a_relapsed_case_with_a_new_measure_waits_for_its_own_looks() {
    for ground in grounds().await {
        let (app, id) = with_measure(&ground, "2025-10-05", "").await;
        let planner = person("p", Role::Planner);
        let leader = person("d", Role::DeputyLeader);
        app.evaluate("system", false).await.unwrap();
        let reason = "一年评估完成".to_owned();
        act(&app, &leader, id, Step::Close { reason })
            .await
            .unwrap();
        let reason = "工单重新增多".to_owned();
        act(&app, &planner, id, Step::Relapse { reason })
            .await
            .unwrap();
        let old = app.case(&planner, id).await.unwrap();
        assert_eq!(old.brief.verdict.unwrap()["look"], "final");
        let mut works: Vec<Work> = old.works.into_iter().map(|w| w.work).collect();
        assert_eq!(works[0].hours, [[7, 9], [16, 18]]);
        works.push(content().works[0].clone());
        let content = Content { works, ..content() };
        act(&app, &planner, id, Step::Edit { content })
            .await
            .unwrap();
        act(&app, &planner, id, Step::Propose {}).await.unwrap();
        act(&app, &leader, id, Step::Approve { decided: None })
            .await
            .unwrap();
        let new = app.case(&planner, id).await.unwrap();
        assert_eq!(
            new.brief.verdict, None,
            "the first life's verdict says nothing of the new measure"
        );
        assert_eq!(
            (new.brief.waits, new.brief.next_look),
            ("finish_works", None)
        );
        assert!(new.evaluations.iter().all(|e| !e.current));
    }
}

#[tokio::test]
async fn a_draft_with_invented_dates_is_no_measure() {
    for ground in grounds().await {
        let (app, _) = with_measure(&ground, "2025-10-05", "").await;
        let squad = person("s", Role::SquadLeader);
        let mut content = content();
        content.works[0].decided = Day::parse("2024-01-01");
        content.works[0].works_start = Day::parse("2024-01-02");
        content.works[0].works_end = Day::parse("2024-01-03");
        let new = NewCase {
            site: "2".to_owned(),
            content,
        };
        app.create_case(&squad, &new).await.unwrap();
        assert_eq!(app.evaluate("system", true).await.unwrap().bundles, 1);
    }
}

#[tokio::test]
async fn the_same_write_under_one_key_makes_one_case() {
    for ground in grounds().await {
        with_site(&ground).await;
        let (app, clock) = ground.app().await;
        let planner = person("p", Role::Planner);
        let new = NewCase {
            site: "7".to_owned(),
            content: content(),
        };
        let first = app.create_case_once(&planner, &new, "k1").await.unwrap();
        let again = app.create_case_once(&planner, &new, "k1").await.unwrap();
        let other = app.create_case_once(&planner, &new, "k2").await.unwrap();
        assert_eq!(first, again);
        assert_ne!(first, other);
        assert_eq!(app.cases(&planner).await.unwrap().len(), 2);
        let mut changed = new.clone();
        changed.content.title = "另一个".to_owned();
        let reused = app.create_case_once(&planner, &changed, "k1").await;
        assert!(matches!(
            reused,
            Err(Error::Refused {
                code: "idempotency_key_reused",
                ..
            })
        ));
        // Another person's key of the same name is another key; after a day the key is free.
        let second = person("q", Role::Planner);
        assert_ne!(
            app.create_case_once(&second, &new, "k1").await.unwrap(),
            first
        );
        clock.forward(2 * 86_400_000);
        app.create_case_once(&planner, &new, "k3").await.unwrap();
        assert_ne!(
            app.create_case_once(&planner, &new, "k1").await.unwrap(),
            first
        );
    }
}

#[tokio::test]
async fn registered_gaps_count_on_neither_side_and_are_judged_anew() {
    for ground in grounds().await {
        // One ticket dated years too early stretches nothing.
        let early = "T01999,12345,1号点位违停,1号点位违停,2011-05-01 08:00:00\n";
        let (app, id) = with_measure(&ground, "2025-10-05", early).await;
        let planner = person("p", Role::Planner);
        app.evaluate("system", false).await.unwrap();
        let windows = |page: &zhilu::app::CaseDetail| {
            page.evaluations.last().unwrap().record["windows"].clone()
        };
        let page = app.case(&planner, id).await.unwrap();
        let before = windows(&page);
        assert!(
            before["history"]["from"].as_str().unwrap() >= "2023-01-01",
            "{before}"
        );
        let gap = |from: &str, to: &str| Gap {
            from: Day::parse(from).unwrap(),
            to: Day::parse(to).unwrap(),
            kind: GapKind::Epidemic,
            note: String::new(),
        };
        let auditor = person("x", Role::Auditor);
        let list = [gap("2025-02-01", "2025-02-10")];
        let refused = app.set_effect_gaps(&auditor, &list).await;
        assert!(matches!(refused, Err(Error::Forbidden)));
        let turned = app
            .set_effect_gaps(&planner, &[gap("2025-02-10", "2025-02-01")])
            .await;
        assert!(matches!(turned, Err(Error::Invalid { field: "gaps", .. })));
        app.set_effect_gaps(&planner, &list).await.unwrap();
        assert_eq!(app.effect_gaps(&planner).await.unwrap(), list);
        // The first look's window ended before the gap.
        assert_eq!(app.evaluate("system", false).await.unwrap().written, 2);
        let after = windows(&app.case(&planner, id).await.unwrap());
        let days = |w: &serde_json::Value| w["after"]["days"].as_i64().unwrap();
        assert_eq!(days(&before) - days(&after), 10);
    }
}

#[tokio::test]
async fn praise_is_no_ticket_to_measure_an_effect_on() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let text = "工单编号,诉求来源,诉求性质,诉求标题,诉求内容,受理时间\n\
            A1,12345,表扬,感谢交警,感谢交警疏导,2024-01-01 08:00:00\n\
            A2,12345,投诉,违停,违停,2024-01-02 08:00:00\n";
        let id = crate::app_import::stage(&app, text).await;
        crate::app_import::commit(&app, id, zhilu::app::Policy::GoodRows).await;
        let mut tx = ground.store.write().await.unwrap();
        assert_eq!(case::praise(&mut tx).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_calendar_entered_on_the_page_is_the_calendar_of_effects() {
    for ground in grounds().await {
        let (app, _) = with_measure(&ground, "2025-10-05", "").await;
        let planner = person("p", Role::Planner);
        app.evaluate("system", false).await.unwrap();
        assert!(assumed_school(&app, &planner).await);
        let mut csv = "date,kind\n".to_owned();
        for year in 2020..=2029 {
            for (day, kind) in [
                ("01-01", "holiday"),
                ("02-02", "winter_break"),
                ("07-15", "summer_break"),
            ] {
                writeln!(csv, "{year}-{day},{kind}").unwrap();
            }
        }
        app.set_duty_calendar(&planner, &csv).await.unwrap();
        app.evaluate("system", true).await.unwrap();
        assert!(!assumed_school(&app, &planner).await);
    }
}

/// Whether the last run assumed the school calendar.
async fn assumed_school(app: &App, who: &Who) -> bool {
    let summary = app.effect_summary(who).await.unwrap().unwrap();
    summary["assumed_school"].as_bool().unwrap()
}

#[tokio::test]
async fn the_same_act_under_one_key_is_done_once() {
    for ground in grounds().await {
        let (app, id) = with_measure(&ground, "2025-10-05", "").await;
        let planner = person("p", Role::Planner);
        let said = |text: &str| Step::Comment {
            text: text.to_owned(),
        };
        let version = app.case(&planner, id).await.unwrap().brief.version;
        let seen = (id, version);
        let next = app
            .act_on_case_once(&planner, seen, &said("已踏勘"), "a")
            .await
            .unwrap();
        let again = app
            .act_on_case_once(&planner, seen, &said("已踏勘"), "a")
            .await
            .unwrap();
        assert_eq!((next, again), (version + 1, version + 1));
        let other = app
            .act_on_case_once(&planner, seen, &said("别的"), "a")
            .await;
        assert!(matches!(
            other,
            Err(Error::Refused {
                code: "idempotency_key_reused",
                ..
            })
        ));
        let stale = app
            .act_on_case_once(&planner, seen, &said("别的"), "b")
            .await;
        assert!(matches!(stale, Err(Error::Conflict { .. })));
        let page = app.case(&planner, id).await.unwrap();
        let said = page.events.iter().filter(|e| e.kind == "comment").count();
        assert_eq!((said, page.brief.version), (1, next));
    }
}
