//! Who may do what with a case, what is refused, and which rows of a table of measures stand?

use std::io::Cursor;

use zhilu::calendar::Day;
use zhilu::case::registered::{self, Registry};
use zhilu::case::{
    Actor, Around, Case, Catalogue, Content, Refusal, State, Step, Work, apply, notices, open_to,
};
use zhilu::spatial::LonLat;
use zhilu::ticket::permit::Role;

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

fn actor(name: &'static str, role: Role, today: &str) -> Actor<'static> {
    Actor {
        name,
        role,
        system: false,
        today: day(today),
    }
}

fn work(measure: &str) -> Work {
    Work {
        measure: measure.to_owned(),
        place: vec![LonLat {
            lon: 113.75,
            lat: 34.72,
        }],
        quantity: 2.0,
        ..Work::default()
    }
}

fn content(works: Vec<Work>) -> Content {
    Content {
        title: "校门口接送拥堵".to_owned(),
        problem: "school_dropoff_jam".to_owned(),
        diagnosis: "放学时段家长车辆双排停放".to_owned(),
        owner: "三中队".to_owned(),
        partners: vec!["教体局".to_owned()],
        works,
    }
}

fn guard(result: Result<Case, Refusal>) -> Vec<&'static str> {
    match result {
        Err(Refusal::Guard(found)) => found.iter().map(|f| f.code).collect(),
        other => panic!("{other:?}"),
    }
}

/// What stands against an edit of the works.
fn refused(
    case: &Case,
    works: Vec<Work>,
    who: &Actor<'_>,
    catalogue: &Catalogue,
) -> Vec<&'static str> {
    let step = Step::Edit {
        content: content(works),
    };
    guard(apply(case, &step, who, catalogue))
}

fn approved(catalogue: &Catalogue) -> Case {
    let planner = actor("p", Role::Planner, "2024-03-01");
    let leader = actor("d", Role::DeputyLeader, "2024-03-02");
    let mut case = Case {
        created_by: "p".to_owned(),
        ..Case::default()
    };
    let content = content(vec![work("drop_and_go"), work("post_school")]);
    for step in [Step::Edit { content }, Step::Propose {}] {
        case = apply(&case, &step, &planner, catalogue).unwrap();
    }
    apply(&case, &Step::Approve { decided: None }, &leader, catalogue).unwrap()
}

fn dated(n: u32, start: &str, end: &str) -> Step {
    Step::DateWorks {
        work: n,
        works_start: Some(day(start)),
        works_end: Some(day(end)),
        removed: None,
        cost_yuan: Some(12_000),
    }
}

#[test]
fn a_case_walks_from_draft_to_relapse_and_its_works_move_it_by_their_dates() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-03-20");
    let leader = actor("d", Role::DeputyLeader, "2024-03-20");
    let mut case = approved(&catalogue);
    assert_eq!(case.decided(), Some(day("2024-03-02")));
    assert_eq!(case.state_on(day("2024-03-20")), State::Approved);
    case = apply(
        &case,
        &dated(1, "2024-03-10", "2024-03-15"),
        &planner,
        &catalogue,
    )
    .unwrap();
    assert_eq!(case.state_on(day("2024-03-20")), State::Installing);
    case = apply(
        &case,
        &dated(2, "2024-03-18", "2024-03-25"),
        &planner,
        &catalogue,
    )
    .unwrap();
    assert_eq!(case.state_on(day("2024-03-24")), State::Installing);
    assert_eq!(case.state_on(day("2024-03-25")), State::Watching);
    let close = Step::Close {
        reason: "一年评估完成".to_owned(),
    };
    assert!(matches!(
        apply(&case, &close, &leader, &catalogue),
        Err(Refusal::State {
            state: State::Installing,
            ..
        })
    ));
    let later = actor("d", Role::DeputyLeader, "2025-04-20");
    case = apply(&case, &close, &later, &catalogue).unwrap();
    assert_eq!(case.state, State::Closed);
    let back = Step::Relapse {
        reason: "工单重新增多".to_owned(),
    };
    case = apply(&case, &back, &later, &catalogue).unwrap();
    assert_eq!(case.state, State::Relapsed);
}

#[test]
fn nobody_approves_an_own_proposal_and_a_squad_leader_edits_only_what_is_his() {
    let catalogue = Catalogue::shipped().unwrap();
    let mut case = Case {
        created_by: "s".to_owned(),
        ..Case::default()
    };
    let edit = Step::Edit {
        content: content(vec![work("mirror")]),
    };
    let stranger = actor("t", Role::SquadLeader, "2024-03-01");
    assert_eq!(
        apply(&case, &edit, &stranger, &catalogue),
        Err(Refusal::Forbidden)
    );
    let squad = actor("s", Role::SquadLeader, "2024-03-01");
    case = apply(&case, &edit, &squad, &catalogue).unwrap();
    let leader = actor("l", Role::PrincipalLeader, "2024-03-01");
    case = apply(&case, &Step::Propose {}, &leader, &catalogue).unwrap();
    let approve = Step::Approve { decided: None };
    assert_eq!(
        apply(&case, &approve, &leader, &catalogue),
        Err(Refusal::Forbidden)
    );
    assert!(!open_to(&case, &leader).contains(&"approve"));
    let other = actor("d", Role::DeputyLeader, "2024-03-01");
    assert!(open_to(&case, &other).contains(&"approve"));
    for role in [
        Role::Clerk,
        Role::Officer,
        Role::Auditor,
        Role::Publicist,
        Role::Admin,
        Role::Public,
    ] {
        assert_eq!(
            open_to(&case, &actor("x", role, "2024-03-01")),
            Vec::<&str>::new()
        );
    }
    assert_eq!(
        open_to(&case, &actor("x", Role::Liaison, "2024-03-01")),
        ["comment"]
    );
}

/// A measure with all the dates a client could invent.
fn dated_work(measure: &str) -> Work {
    Work {
        decided: Some(day("2020-01-02")),
        works_start: Some(day("2020-01-05")),
        works_end: Some(day("2020-01-09")),
        removed: Some(day("2020-03-01")),
        ..work(measure)
    }
}

#[test]
fn an_edit_sets_no_dates_and_a_decided_measure_keeps_its_own() {
    let catalogue = Catalogue::shipped().unwrap();
    let squad = actor("s", Role::SquadLeader, "2024-03-20");
    let mine = Case {
        created_by: "s".to_owned(),
        ..Case::default()
    };
    let wish = Step::Edit {
        content: content(vec![dated_work("drop_and_go")]),
    };
    let draft = apply(&mine, &wish, &squad, &catalogue).unwrap();
    let blank = Work {
        n: 1,
        ..work("drop_and_go")
    };
    assert_eq!(draft.content.works, [blank]);
    // The program itself (a registered table) brings true dates.
    let system = Actor {
        system: true,
        ..squad
    };
    let kept = apply(&mine, &wish, &system, &catalogue).unwrap();
    assert_eq!(kept.decided(), Some(day("2020-01-02")));
    // A relapsed case: the days of its first life cannot be written anew, new measures have none.
    let planner = actor("p", Role::Planner, "2024-03-20");
    let mut case = approved(&catalogue);
    case = apply(
        &case,
        &dated(1, "2024-03-10", "2024-03-15"),
        &planner,
        &catalogue,
    )
    .unwrap();
    case.state = State::Relapsed;
    let mut works = case.content.works.clone();
    works[0].decided = Some(day("2023-01-01"));
    works[0].works_end = None;
    works[1].removed = Some(day("2024-03-19"));
    works.push(dated_work("camera_parking"));
    let step = Step::Edit {
        content: content(works.clone()),
    };
    let next = apply(&case, &step, &planner, &catalogue).unwrap();
    assert_eq!(next.content.works[..2], case.content.works[..]);
    assert_eq!(
        next.content.works[2],
        Work {
            n: 3,
            ..work("camera_parking")
        }
    );
    works[0].measure = "camera_parking".to_owned();
    assert_eq!(
        refused(&case, works, &planner, &catalogue),
        ["decided_measure"]
    );
}

#[test]
fn two_measures_of_one_number_are_refused() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-03-20");
    let case = Case::default();
    let two = content(vec![work("drop_and_go"), work("post_school")]);
    let draft = apply(&case, &Step::Edit { content: two }, &planner, &catalogue).unwrap();
    let mut works = draft.content.works.clone();
    works[1].n = 1;
    assert_eq!(
        refused(&draft, works, &planner, &catalogue),
        ["repeated_work"]
    );
}

#[test]
fn a_withdrawn_case_drops_the_dates_of_works_to_come() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-03-03");
    let case = apply(
        &approved(&catalogue),
        &dated(1, "2024-03-10", "2024-03-15"),
        &planner,
        &catalogue,
    )
    .unwrap();
    let reason = "改为其他方案".to_owned();
    let gone = apply(&case, &Step::Withdraw { reason }, &planner, &catalogue).unwrap();
    assert_eq!(gone.content.works[0].works_end, None);
}

#[test]
fn rows_without_numbers_are_known_by_what_they_register() {
    let columns = "措施代码,点位编号,决定日期,开工日期,完工日期\n";
    let numbers = |rows: &str| -> Vec<String> {
        let text = format!("{columns}{rows}");
        let found = registered::read(
            Cursor::new(text.into_bytes()),
            &Catalogue::shipped().unwrap(),
            Some(day("2026-06-01")),
        );
        found.unwrap().rows.into_iter().map(|r| r.no).collect()
    };
    let a = "post_school,1,2024-05-01,2024-05-02,2024-05-03\n";
    let b = "post_school,2,2024-05-01,2024-05-02,2024-05-03\n";
    let (first, second) = (numbers(a), numbers(&format!("{b}{a}")));
    assert_eq!(
        first[0], second[1],
        "the same row has the same number wherever it stands"
    );
    assert_ne!(second[0], second[1]);
    assert_eq!(
        numbers(&format!("{a}{a}")).len(),
        1,
        "the same row twice is taken once"
    );
}

#[test]
fn a_proposal_lacks_nothing_and_says_all_that_it_lacks() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-03-01");
    let result = apply(&Case::default(), &Step::Propose {}, &planner, &catalogue);
    let Err(Refusal::Guard(found)) = result else {
        panic!("{result:?}")
    };
    let fields: Vec<&str> = found.iter().map(|f| f.field).collect();
    assert_eq!(fields, ["works", "title", "diagnosis", "owner"]);
}

#[test]
fn contradicting_dates_are_refused_with_both_dates() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-06-01");
    let case = approved(&catalogue);
    let check = |step: Step, code: &str| {
        assert_eq!(guard(apply(&case, &step, &planner, &catalogue)), [code]);
    };
    check(
        dated(1, "2024-04-10", "2024-04-02"),
        "works_end_before_start",
    );
    check(
        dated(1, "2024-03-01", "2024-03-05"),
        "works_before_decision",
    );
    check(dated(9, "2024-03-03", "2024-03-05"), "missing");
    let removed = |on: &str| Step::DateWorks {
        work: 1,
        works_start: Some(day("2024-03-05")),
        works_end: Some(day("2024-03-09")),
        removed: Some(day(on)),
        cost_yuan: None,
    };
    check(removed("2024-03-09"), "removed_before_end");
    check(removed("2024-07-01"), "removed_in_future");
    assert!(apply(&case, &removed("2024-05-01"), &planner, &catalogue).is_ok());
}

#[test]
fn doubts_are_told_and_do_not_refuse() {
    let catalogue = Catalogue::shipped().unwrap();
    let planner = actor("p", Role::Planner, "2024-06-01");
    let mut case = approved(&catalogue);
    case.id = 1;
    for n in [1, 2] {
        case = apply(
            &case,
            &dated(n, "2024-03-10", "2024-03-15"),
            &planner,
            &catalogue,
        )
        .unwrap();
    }
    let mut other = case.clone();
    other.id = 2;
    for work in &mut other.content.works {
        work.decided = Some(day("2024-05-20"));
    }
    let others = [other];
    let around = Around {
        today: Some(day("2024-06-01")),
        first_ticket: Some(day("2024-01-01")),
        site_tickets: 0,
        calendar_until: Some(day("2024-12-31")),
        no_calendar: false,
        others: &others,
    };
    let mut codes: Vec<&str> = notices(&case, &around).iter().map(|f| f.code).collect();
    codes.dedup();
    assert_eq!(
        codes,
        [
            "no_tickets",
            "short_history",
            "calendar_short",
            "overlap",
            "short_history",
            "calendar_short",
            "overlap"
        ]
    );
    let before = Around {
        first_ticket: Some(day("2024-03-02")),
        site_tickets: 5,
        ..Around::default()
    };
    assert_eq!(
        notices(&case, &before)[0].code,
        "decided_before_first_ticket"
    );
    let without = Around {
        no_calendar: true,
        ..before
    };
    let told = notices(&case, &without);
    let missing = told.iter().find(|f| f.code == "calendar_missing").unwrap();
    assert!(missing.zh.contains("calendar.csv") && missing.en.contains("calendar.csv"));
}

fn table(rows: &str) -> Registry {
    let text = format!(
        "措施编号,措施名称,目录代码,措施类型,地点描述,经度,纬度,坐标系,决定日期,开工日期,完工日期,撤除日期,费用万元\n{rows}"
    );
    let catalogue = Catalogue::shipped().unwrap();
    registered::read(
        Cursor::new(text.into_bytes()),
        &catalogue,
        Some(day("2025-01-01")),
    )
    .unwrap()
}

#[test]
fn a_table_registers_measures_and_refuses_rows_one_by_one() {
    let registry = table(
        "M1,甲校护学岗,post_school,护学岗,甲校,113.75,34.72,WGS84,2024-01-05,2024-01-10,2024-01-11,,7.6\n\
         M2,乙,no_such,没有,乙,113.75,34.72,WGS84,2024-01-05,2024-01-10,2024-01-11,,1\n\
         M3,丙,,黄色网状线,丙,113.75,34.72,WGS84,2024-01-05,2024-02-10,2024-01-11,,1\n\
         M4,丁,post_school,,丁,113.75,34.72,,2024-01-05,2024-01-10,2024-01-11,,1\n\
         M5,戊,post_school,,戊,,,,2024-01-05,2024-01-10,2024-01-11,,1\n\
         M6,己,post_school,,己,113.75,34.72,WGS84,,2024-01-10,昨天,,1\n\
         M1,庚,post_school,,庚,113.75,34.72,WGS84,2024-01-05,2024-01-10,2024-01-11,2024-05-01,x\n",
    );
    assert_eq!((registry.read, registry.rows.len()), (7, 1));
    let first = &registry.rows[0];
    assert_eq!(
        (first.no.as_str(), first.work.cost_yuan),
        ("M1", Some(76_000))
    );
    let refused: Vec<(&str, &str)> = registry
        .findings
        .iter()
        .map(|f| (f.no.as_str(), f.code.as_str()))
        .collect();
    assert_eq!(
        refused,
        [
            ("M2", "unknown_measure"),
            ("M3", "works_end_before_start"),
            ("M4", "no_datum"),
            ("M5", "no_site"),
            ("M6", "bad_date"),
            ("M6", "missing"),
            ("M1", "repeated"),
            ("M1", "bad_number"),
        ]
    );
    assert!(
        registry
            .findings
            .iter()
            .all(|f| f.refused && !f.en.is_empty() && f.row > 1)
    );
}

#[test]
fn an_analysts_table_with_english_names_is_read_by_the_same_reader() {
    let text = "site_id,measure,decision_date,install_start,install_end\nS1,marking_renew,2024-10-01,2024-11-04,2024-11-22\n";
    let catalogue = Catalogue::shipped().unwrap();
    let registry =
        registered::read(Cursor::new(text.as_bytes().to_vec()), &catalogue, None).unwrap();
    assert_eq!(registry.findings, []);
    assert_eq!(registry.rows[0].site.as_deref(), Some("S1"));
    assert_eq!(registry.rows[0].work.works_end, Some(day("2024-11-22")));
}
