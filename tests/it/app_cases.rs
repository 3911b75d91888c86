//! Does a case live on both engines: rows, acts, photos, tables, and the audit of each deed?

use zhilu::app::{App, Error, NewCase, NewPhoto, Who};
use zhilu::calendar::{Day, UtcMs};
use zhilu::case::{Case, Content, State, Step, Work};
use zhilu::place::{Located, Precision, Shape, Source};
use zhilu::site::{Kind, Site, SiteId, Status};
use zhilu::spatial::LonLat;
use zhilu::store::evaluation::{self, Evaluation};
use zhilu::store::place::{self, Placed, PlacedRow};
use zhilu::store::{Error as StoreError, case, case_photo, site};
use zhilu::ticket::permit::Role;

use crate::store_support::{Ground, grounds};

pub(crate) fn person(name: &str, role: Role) -> Who {
    Who {
        role,
        system: false,
        ..Who::system(name)
    }
}

const POINT: LonLat = LonLat {
    lon: 113.75,
    lat: 34.72,
};

/// A site without tickets.
fn blank_site() -> Site {
    Site {
        id: SiteId(7),
        name: "甲小学南门".to_owned(),
        kind: Kind::SchoolGate,
        point: POINT,
        line: Vec::new(),
        feature: None,
        members: Vec::new(),
        petitioners: 0,
        n_eff: 0.0,
        single_voice: false,
        dominated: false,
        rate: 1.0,
        rate_low: 0.5,
        rate_high: 2.0,
        expected: 1.0,
        burden: zhilu::site::Burden::default(),
        rank: 1,
        first: UtcMs(0),
        last: UtcMs(0),
        status: Status::Active,
        into: None,
        born_run: 1,
        last_run: 1,
    }
}

/// The site is written before the program opens.
pub(crate) async fn with_site(ground: &Ground) {
    let made = blank_site();
    let row = site::SiteRow {
        id: 7,
        body: serde_json::to_string(&made).unwrap(),
        status: "active".to_owned(),
        run: 1,
    };
    let mut tx = ground.store.write().await.unwrap();
    site::replace(&mut tx, &[row], &[]).await.unwrap();
    tx.commit().await.unwrap();
}

pub(crate) fn content() -> Content {
    let work = |measure: &str| Work {
        measure: measure.to_owned(),
        place: vec![POINT],
        quantity: 1.0,
        ..Work::default()
    };
    Content {
        title: "甲小学南门接送拥堵".to_owned(),
        problem: "school_dropoff_jam".to_owned(),
        diagnosis: "放学时段双排停放".to_owned(),
        owner: "三中队".to_owned(),
        partners: Vec::new(),
        works: vec![work("post_school"), work("drop_and_go")],
    }
}

async fn version(app: &App, who: &Who, id: i64) -> i64 {
    app.case(who, id).await.unwrap().brief.version
}

pub(crate) async fn act(app: &App, who: &Who, id: i64, step: Step) -> Result<i64, Error> {
    let version = version(app, who, id).await;
    app.act_on_case(who, id, version, &step).await
}

#[tokio::test]
async fn a_case_is_proposed_approved_built_and_watched_and_every_act_is_audited() {
    for ground in grounds().await {
        with_site(&ground).await;
        let (app, clock) = ground.app().await;
        let planner = person("p", Role::Planner);
        let leader = person("d", Role::DeputyLeader);
        let new = NewCase {
            site: "7".to_owned(),
            content: content(),
        };
        let id = app.create_case(&planner, &new).await.unwrap();
        act(&app, &planner, id, Step::Propose {}).await.unwrap();
        let own = act(&app, &planner, id, Step::Approve { decided: None }).await;
        assert!(matches!(own, Err(Error::Forbidden)));
        let stale = app
            .act_on_case(&leader, id, 1, &Step::Approve { decided: None })
            .await;
        assert!(matches!(stale, Err(Error::Conflict { version: 2 })));
        act(&app, &leader, id, Step::Approve { decided: None })
            .await
            .unwrap();
        clock.forward(20 * 86_400_000);
        let today = app.today();
        for n in [1, 2] {
            let step = Step::DateWorks {
                work: n,
                works_start: Some(Day(today.0 - 5)),
                works_end: Some(Day(today.0 - i64::from(n))),
                removed: None,
                cost_yuan: Some(1_000),
            };
            act(&app, &planner, id, step).await.unwrap();
        }
        let page = app.case(&leader, id).await.unwrap();
        assert_eq!((page.brief.state, page.brief.waits), ("watching", "look"));
        // Works end yesterday, 14 days of settling (the longer of the two measures), 90 days.
        assert_eq!(page.brief.next_look, Some(Day(today.0 - 1 + 14 + 90).iso()));
        let kinds: Vec<&str> = page.events.iter().map(|e| e.kind.as_str()).collect();
        assert_eq!(
            kinds,
            ["create", "propose", "approve", "date_works", "date_works"]
        );
        let rows = app
            .audit_page(&person("l", Role::PrincipalLeader), None, 50)
            .await
            .unwrap();
        for action in [
            "case.create",
            "case.propose",
            "case.approve",
            "case.date_works",
        ] {
            assert!(rows.iter().any(|r| r.action == action), "{action}");
        }
        assert!(
            app.cases(&person("x", Role::Public))
                .await
                .unwrap()
                .is_empty()
        );
        assert!(matches!(
            app.case(&person("x", Role::Admin), id).await,
            Err(Error::Forbidden)
        ));
    }
}

#[tokio::test]
async fn photos_are_cleaned_kept_and_shown_only_to_those_who_read_cases() {
    for ground in grounds().await {
        with_site(&ground).await;
        let (app, _) = ground.app().await;
        let planner = person("p", Role::Planner);
        let new = NewCase {
            site: "7".to_owned(),
            content: Content::default(),
        };
        let id = app.create_case(&planner, &new).await.unwrap();
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, body) in [
            (b"IHDR", &[0, 0, 0, 3, 0, 0, 0, 2, 8, 2, 0, 0, 0][..]),
            (b"tEXt", b"GPS 34.72"),
            (b"IDAT", &[1]),
            (b"IEND", &[]),
        ] {
            png.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
            png.extend_from_slice(name);
            png.extend_from_slice(body);
            png.extend_from_slice(&[0; 4]);
        }
        let wish = NewPhoto {
            phase: "before".to_owned(),
            taken_on: "2026-02-01".to_owned(),
            caption: "放学".to_owned(),
        };
        let photo = app.add_photo(&planner, id, &wish, &png).await.unwrap();
        let (kind, bytes) = app
            .photo(&person("o", Role::Officer), id, photo)
            .await
            .unwrap();
        assert_eq!(kind, "image/png");
        assert!(!bytes.windows(3).any(|w| w == b"GPS"));
        assert!(matches!(
            app.photo(&person("x", Role::Public), id, photo).await,
            Err(Error::NotFound)
        ));
        let officer = app
            .add_photo(&person("o", Role::Officer), id, &wish, &png)
            .await;
        assert!(matches!(officer, Err(Error::Forbidden)));
        let text = app.add_photo(&planner, id, &wish, b"<svg/>").await;
        assert!(matches!(text, Err(Error::Invalid { field: "file", .. })));
        app.remove_photo(&planner, id, photo).await.unwrap();
        assert!(app.case(&planner, id).await.unwrap().photos.is_empty());
    }
}

#[tokio::test]
async fn a_table_becomes_cases_once_and_a_row_without_site_is_refused() {
    let table = "措施编号,措施名称,目录代码,经度,纬度,坐标系,决定日期,开工日期,完工日期\n\
        M1,南门护学岗,post_school,113.7501,34.7201,WGS84,2025-01-05,2025-01-10,2025-01-11\n\
        M2,远处,post_school,113.9,34.9,WGS84,2025-01-05,2025-01-10,2025-01-11\n\
        M3,倒置,post_school,113.7501,34.7201,WGS84,2025-01-05,2025-02-10,2025-01-11\n";
    for ground in grounds().await {
        with_site(&ground).await;
        let (app, _) = ground.app().await;
        let planner = person("p", Role::Planner);
        let bytes = table.as_bytes().to_vec();
        let trial = app
            .import_cases(&planner, bytes.clone(), true)
            .await
            .unwrap();
        assert_eq!((trial.new, trial.refused, trial.cases.len()), (1, 2, 0));
        assert!(app.cases(&planner).await.unwrap().is_empty());
        let done = app
            .import_cases(&planner, bytes.clone(), false)
            .await
            .unwrap();
        let codes: Vec<(u64, &str)> = done
            .findings
            .iter()
            .map(|f| (f.row, f.code.as_str()))
            .collect();
        assert_eq!(codes, [(3, "no_site"), (4, "works_end_before_start")]);
        let again = app.import_cases(&planner, bytes, false).await.unwrap();
        assert_eq!((again.new, again.same), (0, 1));
        let list = app.cases(&planner).await.unwrap();
        assert_eq!((list.len(), list[0].state), (1, "watching"));
        assert_eq!(list[0].external_no.as_deref(), Some("M1"));
    }
}

#[tokio::test]
async fn versions_stand_beside_each_other_and_equal_bytes_write_nothing() {
    for ground in grounds().await {
        let mut tx = ground.store.write().await.unwrap();
        let blank = Case {
            site: 7,
            external_no: Some("M1".to_owned()),
            ..Case::default()
        };
        let id = case::insert(&mut tx, &blank, 1).await.unwrap();
        assert_eq!(case::count(&mut tx, State::Draft).await.unwrap(), 1);
        assert_eq!(case::by_external_no(&mut tx, "M1").await.unwrap(), Some(id));
        let mut new = Evaluation {
            case_id: id,
            measures: "1-1".to_owned(),
            look: "first".to_owned(),
            print: "a".to_owned(),
            verdict: "works".to_owned(),
            body: "{}".to_owned(),
            ..Evaluation::default()
        };
        assert_eq!(evaluation::add(&mut tx, &new).await.unwrap(), Some(1));
        assert_eq!(evaluation::add(&mut tx, &new).await.unwrap(), None);
        new.print = "b".to_owned();
        assert_eq!(evaluation::add(&mut tx, &new).await.unwrap(), Some(2));
        assert_eq!(evaluation::of_case(&mut tx, id).await.unwrap().len(), 2);
        let newest = evaluation::newest(&mut tx).await.unwrap();
        assert_eq!((newest.len(), newest[0].version), (1, 2));
        evaluation::put_run(&mut tx, 5, ["p", "{}"]).await.unwrap();
        evaluation::put_run(&mut tx, 6, ["q", "[]"]).await.unwrap();
        let run = evaluation::last_run(&mut tx).await.unwrap().unwrap();
        assert_eq!((run.1, run.2.as_str()), (6, "q"));
        assert!(case_photo::of_case(&mut tx, id).await.unwrap().is_empty());
        let row = case::by_id(&mut tx, id).await.unwrap().unwrap();
        assert!(!case::update(&mut tx, &row.case, 9, 2).await.unwrap());
        assert!(case::update(&mut tx, &row.case, 1, 2).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = ground.store.write().await.unwrap();
        let twice = case::insert(&mut tx, &blank, 1).await;
        assert!(matches!(twice, Err(StoreError::Taken)), "{twice:?}");
    }
}

#[tokio::test]
async fn the_day_of_cases_is_set_in_a_demo_or_test_only_and_audited() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let planner = person("p", Role::Planner);
        let before = app.today();
        let day = Day::parse("2027-01-01").unwrap();
        app.set_case_day(&planner, Some(day)).await.unwrap();
        assert_eq!(app.today(), day);
        app.set_case_day(&planner, None).await.unwrap();
        assert_eq!(app.today(), before);
        let auditor = person("x", Role::Auditor);
        assert!(matches!(
            app.set_case_day(&auditor, Some(day)).await,
            Err(Error::Forbidden)
        ));
    }
    let folder = tempfile::tempdir().unwrap();
    let app = App::open(zhilu::app::Options::new(folder.path()))
        .await
        .unwrap();
    let real = app.set_case_day(&Who::system("x"), Some(Day(20_000))).await;
    assert!(matches!(
        real,
        Err(Error::Refused {
            code: "not_a_demo",
            ..
        })
    ));
}

/// Thirty sites with steady tickets over three years; site 1 has none after its measure.
async fn with_history(ground: &Ground, app: &std::sync::Arc<App>) {
    with_history_and(ground, app, "").await;
}

/// The spot of a site, two kilometres from the next.
fn at(site: i64) -> Located {
    Located {
        point: Some(LonLat {
            lon: 113.0 + site as f64 / 50.0,
            ..POINT
        }),
        shape: Shape::Point,
        precision: Precision::Poi,
        radius_m: 30.0,
        features: Vec::new(),
        label: format!("{site}号点位"),
        form: "poi".to_owned(),
        confidence: 0.9,
        source: Source::Content,
        alternatives: Vec::new(),
        movement: None,
        evidence: Vec::new(),
        flags: Vec::new(),
    }
}

/// The same with more rows of the table.
pub(crate) async fn with_history_and(ground: &Ground, app: &std::sync::Arc<App>, more: &str) {
    let first = Day::parse("2023-01-01").unwrap();
    let treated = Day::parse("2024-09-01").unwrap();
    let mut text = "工单编号,诉求来源,诉求标题,诉求内容,受理时间\n".to_owned();
    for site in 1..=30_i64 {
        for n in 0..90_i64 {
            // Spread by a fixed rule, not by chance: every site 30 tickets a year on days of its own.
            let day = Day(first.0 + n * 12 + (site * 7 + n * n * 5) % 12);
            if site == 1 && day > treated {
                continue;
            }
            text.push_str(&format!(
                "T{site:02}{n:03},12345,{site}号点位违停,{site}号点位违停,{} 08:00:00\n",
                day.iso()
            ));
        }
    }
    text.push_str(more);
    let id = crate::app_import::stage(app, &text).await;
    crate::app_import::commit(app, id, zhilu::app::Policy::GoodRows).await;
    let mut tx = ground.store.write().await.unwrap();
    let tickets = zhilu::store::ticket::after(&mut tx, zhilu::ticket::TicketId(0), 10_000)
        .await
        .unwrap();
    let mut rows = Vec::new();
    let mut members = Vec::new();
    for site in 1..=30_i64 {
        let made = Site {
            id: SiteId(site),
            name: format!("{site}号点位"),
            point: at(site).point.unwrap(),
            ..blank_site()
        };
        rows.push(site::SiteRow {
            id: site,
            body: serde_json::to_string(&made).unwrap(),
            status: "active".to_owned(),
            run: 1,
        });
    }
    let mut places = Vec::new();
    for t in &tickets {
        let no = &t.ticket.external_no;
        let site = no[1..3].parse::<i64>().unwrap();
        members.push((site, t.id));
        // A ticket without a place belongs to no site, whatever a survey made of it.
        places.push(PlacedRow::of(Placed {
            ticket: t.id,
            n: 0,
            located: at(site),
            area: None,
            review: None,
        }));
    }
    members.sort();
    let ids: Vec<_> = tickets.iter().map(|t| t.id).collect();
    place::remove(&mut tx, &ids).await.unwrap();
    place::insert(&mut tx, &places).await.unwrap();
    site::replace(&mut tx, &rows, &members).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_look_is_judged_on_its_day_and_a_second_run_writes_nothing() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        with_history(&ground, &app).await;
        app.close().await;
        let (app, _) = ground.app().await;
        let planner = person("p", Role::Planner);
        let table = "编号,措施代码,点位编号,决定日期,开工日期,完工日期\n\
            M1,camera_parking,1,2024-09-01,2024-09-05,2024-09-10\n\
            M2,camera_parking,2,2024-09-01,2024-09-05,2024-09-10\n";
        let done = app
            .import_cases(&planner, table.as_bytes().to_vec(), false)
            .await
            .unwrap();
        assert_eq!(done.findings, []);
        let day = |text: &str| Day::parse(text);
        app.set_case_day(&planner, day("2024-12-22")).await.unwrap();
        let early = app.evaluate("system", false).await.unwrap();
        assert_eq!((early.bundles, early.due, early.written), (2, 0, 0));
        app.set_case_day(&planner, day("2025-10-05")).await.unwrap();
        let due = app.evaluate("system", false).await.unwrap();
        assert_eq!((due.due, due.written), (6, 6));
        let again = app.evaluate("system", false).await.unwrap();
        assert_eq!((again.due, again.written), (6, 0));
        let anew = app.evaluate("system", true).await.unwrap();
        assert_eq!(anew.written, 0, "equal inputs give equal bytes");
        let list = app.cases(&planner).await.unwrap();
        let of = |site: &str| {
            let found = list.iter().find(|c| c.site == site).unwrap();
            found.verdict.clone().unwrap()["verdict"].clone()
        };
        let said = list.iter().find(|c| c.site == "1").map(|c| &c.verdict);
        assert_eq!(of("1"), "works", "{said:?}");
        assert_ne!(of("2"), "works");
        assert!(list.iter().all(|c| c.waits == "close"));
        let page = app
            .case(&planner, list[0].id.parse().unwrap())
            .await
            .unwrap();
        assert_eq!(page.evaluations.len(), 3);
        let rows = app
            .audit_page(&person("l", Role::PrincipalLeader), None, 50)
            .await
            .unwrap();
        assert!(rows.iter().any(|r| r.action == "effect.run"));
        let none = app.benefits(&planner, 2, &["no_such".to_owned()]).await;
        assert!(matches!(
            none,
            Err(Error::Invalid {
                field: "measure",
                ..
            })
        ));
        let some = app
            .benefits(&planner, 2, &["drop_and_go".to_owned()])
            .await
            .unwrap();
        let b = &some.benefits[0];
        assert!(b.lo < b.avoided && b.avoided < b.hi && b.expected > 20.0 && b.expected < 40.0);
    }
}

#[tokio::test]
async fn a_night_judges_by_itself_what_falls_due_and_a_changed_result_is_a_version_beside_the_old()
{
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        with_history(&ground, &app).await;
        app.close().await;
        let (app, clock) = ground.app().await;
        let planner = person("p", Role::Planner);
        let table = "编号,措施代码,点位编号,决定日期,开工日期,完工日期\n\
            M1,camera_parking,1,2024-09-01,2024-09-05,2024-09-10\n";
        app.import_cases(&planner, table.as_bytes().to_vec(), false)
            .await
            .unwrap();
        let mut judged = None;
        let day = |text: &str| Day::parse(text);
        // 14 days of settling and 90 days after the works: 2024-12-23 is the day of the first look.
        app.set_case_day(&planner, day("2024-12-22")).await.unwrap();
        let early = app.night(&mut judged).await.unwrap();
        assert_eq!((early.due, early.written), (0, 0));
        assert_eq!(app.night(&mut judged).await, None, "a day is judged once");
        app.set_case_day(&planner, day("2024-12-23")).await.unwrap();
        let first = app.night(&mut judged).await.unwrap();
        assert_eq!((first.due, first.written), (1, 1));
        // The machine's own clock moves the day as well: a day of it later, a year and more after the works, all three are there.
        app.set_case_day(&planner, None).await.unwrap();
        let all = app.night(&mut judged).await.unwrap();
        assert_eq!((all.due, all.written), (3, 2));
        clock.forward(86_400_000);
        let quiet = app.night(&mut judged).await.unwrap();
        assert_eq!((quiet.due, quiet.written), (3, 0));
        let id: i64 = app.cases(&planner).await.unwrap()[0].id.parse().unwrap();
        let old = app.case(&planner, id).await.unwrap();
        // Works dated anew after the first evaluation: the record says so and stands beside the old one, which is untouched.
        let step = Step::DateWorks {
            work: 1,
            works_start: day("2024-09-05"),
            works_end: day("2024-10-20"),
            removed: None,
            cost_yuan: None,
        };
        clock.forward(60_000);
        act(&app, &planner, id, step).await.unwrap();
        let anew = app.evaluate("system", true).await.unwrap();
        assert_eq!(anew.written, 3);
        let new = app.case(&planner, id).await.unwrap();
        assert_eq!((old.evaluations.len(), new.evaluations.len()), (3, 6));
        for version in &old.evaluations {
            assert!(new.evaluations.contains(version), "{}", version.look);
        }
        let flags = new.evaluations.last().unwrap().record["flags"].to_string();
        assert!(flags.contains("backdated"), "{flags}");
        let lanes: Vec<&str> = new.timeline.marks.iter().map(|m| m.lane).collect();
        for lane in ["decision", "works", "verdict"] {
            assert!(lanes.contains(&lane), "{lane} not in {lanes:?}");
        }
        let tickets: usize = new.timeline.months.iter().map(|m| m.count).sum();
        assert!(tickets > 30, "{tickets}");
        let notices: Vec<&str> = new.notices.iter().map(|n| n.code).collect();
        assert!(notices.contains(&"calendar_missing"), "{notices:?}");
    }
}
