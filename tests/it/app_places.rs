//! What do decisions, surveys and rebuilds do to places and sites?

use std::sync::Arc;

use zhilu::app::{Answer, App, Error, NewAccount, Who, city, demo_data};
use zhilu::spatial::LonLat;
use zhilu::ticket::TicketId;
use zhilu::ticket::permit::Role;

use crate::http_support::import;
use crate::store_support::{Ground, Hand, grounds};

/// A program with the demo city and the first rows of its simulated tickets.
async fn demo(ground: &Ground, rows: usize) -> (Arc<App>, Hand) {
    city::import(ground.path(), &demo_data::order().unwrap()).unwrap();
    let (app, hand) = ground.app().await;
    let text = String::from_utf8(demo_data::tickets().unwrap()).unwrap();
    let text: String = text.split_inclusive('\n').take(rows + 1).collect();
    import(&app, "demo.csv", text).await;
    (app, hand)
}

async fn done(app: &Arc<App>, job: i64) {
    let end = app.wait(job).await.unwrap();
    assert_eq!(end.state, "done", "{end:?}");
}

/// Everything derived, as text: equal texts = equal results.
async fn derived(ground: &Ground) -> Vec<String> {
    let mut tx = ground.read().await;
    let ids: Vec<TicketId> = zhilu::store::ticket::after(&mut tx, TicketId(0), 100_000)
        .await
        .unwrap()
        .iter()
        .map(|t| t.id)
        .collect();
    let mut list: Vec<String> = zhilu::store::place::of_tickets(&mut tx, &ids)
        .await
        .unwrap()
        .iter()
        .map(|p| format!("{p:?}"))
        .collect();
    for site in zhilu::store::site::all(&mut tx).await.unwrap() {
        list.push(format!("{site:?}"));
        for event in zhilu::store::site::events(&mut tx, site.id).await.unwrap() {
            list.push(format!("{event:?}"));
        }
    }
    list.extend(
        zhilu::store::site::members(&mut tx)
            .await
            .unwrap()
            .iter()
            .map(|m| format!("{m:?}")),
    );
    list.extend(
        zhilu::store::site::runs(&mut tx, "survey")
            .await
            .unwrap()
            .iter()
            .map(|r| format!("{r:?}")),
    );
    list
}

#[tokio::test]
async fn rebuild_gives_equal_places_sites_and_runs() {
    for ground in grounds().await {
        let (app, clock) = demo(&ground, 1_500).await;
        let who = Who::system("test");
        done(&app, app.survey(&who).await.unwrap()).await;
        clock.forward(86_400_000);
        done(&app, app.survey(&who).await.unwrap()).await;
        assert!(
            app.snapshot().figures.located > 500,
            "{:?}",
            app.snapshot().figures
        );
        assert!(!app.snapshot().sites.is_empty());
        let before = derived(&ground).await;
        clock.forward(86_400_000);
        done(&app, app.rebuild(&who).await.unwrap()).await;
        let after = derived(&ground).await;
        assert_eq!(before.len(), after.len());
        for (b, a) in before.iter().zip(&after) {
            assert_eq!(b, a);
        }
    }
}

#[tokio::test]
async fn a_decision_moves_the_ticket_and_outlives_relocation() {
    for ground in grounds().await {
        let (app, _) = demo(&ground, 300).await;
        let who = Who::system("test");
        let id = TicketId(1);
        let pin = LonLat {
            lon: 113.62,
            lat: 34.75,
        };
        app.decide(
            &who,
            id,
            &Answer::Point {
                point: pin,
                feature: None,
            },
            None,
        )
        .await
        .unwrap();
        done(&app, app.relocate(&who).await.unwrap()).await;
        let mut tx = ground.read().await;
        let placed = zhilu::store::place::of_tickets(&mut tx, &[id])
            .await
            .unwrap();
        assert_eq!(placed.len(), 1);
        assert_eq!(placed[0].located.point, Some(pin));
        assert_eq!(placed[0].located.form, "operator_point");
        let kinds: Vec<String> = zhilu::store::ticket::events(&mut tx, id)
            .await
            .unwrap()
            .into_iter()
            .map(|e| e.2)
            .collect();
        assert_eq!(kinds, ["imported", "located"]);
    }
}

#[tokio::test]
async fn a_pin_outside_the_country_is_refused() {
    let ground = grounds().await.remove(0);
    let (app, _) = demo(&ground, 10).await;
    let swapped = Answer::Point {
        point: LonLat {
            lon: 34.7,
            lat: 113.6,
        },
        feature: None,
    };
    let refused = app
        .decide(&Who::system("test"), TicketId(1), &swapped, None)
        .await;
    assert!(
        matches!(refused, Err(Error::Invalid { field: "point", .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_alias_needs_two_petitioners_or_one_planner_and_can_be_switched_off() {
    for ground in grounds().await {
        let (app, _) = demo(&ground, 20).await;
        let city = app.snapshot().city.clone().unwrap();
        let school = city
            .gazetteer
            .places()
            .iter()
            .find(|p| p.name.contains("小学"))
            .unwrap();
        let rows = format!(
            "工单编号,受理时间,内容,联系电话\nX1,2025-03-01 08:00:00,{0}门口车辆乱停,15410000001\n",
            school.name
        );
        import(&app, "demo.csv", rows).await;
        let system = Who::system("test");
        let name = NewAccount {
            name: "pan".into(),
            title: String::new(),
            role: Role::Planner,
            unit: None,
            password: Some("a-long-enough-word".into()),
        };
        app.create_user(&system, &name).await.unwrap();
        let login = app.login("pan", "a-long-enough-word", "a").await.unwrap();
        app.change_password(&login.who, "a-long-enough-word", "another-long-word")
            .await
            .unwrap();
        let planner = app.who(&login.token).await.unwrap().unwrap();
        let mut tx = ground.read().await;
        let channel = zhilu::ticket::Channel::Unknown;
        let ticket = zhilu::store::ticket::by_number(&mut tx, channel, "X1")
            .await
            .unwrap()
            .unwrap();
        drop(tx);
        let first = Answer::Candidate { candidate: 1 };
        let taught = app
            .decide(&system, ticket, &first, Some("老粮站岔口"))
            .await
            .unwrap();
        let alias = taught.alias.expect("a candidate with a feature teaches");
        assert!(!alias.active, "one voice is not enough");
        let taught = app
            .decide(&planner, ticket, &first, Some("老粮站岔口"))
            .await
            .unwrap();
        let alias = taught.alias.expect("taught again");
        assert!(alias.active && alias.confirmed);
        let found = app.locate_text("老粮站岔口车辆乱停").await.unwrap();
        assert!(found[0].features.contains(&alias.feature), "{found:?}");
        let off = app
            .switch_alias(&system, alias.id.parse().unwrap(), false)
            .await
            .unwrap();
        assert!(!off.active);
        let found = app.locate_text("老粮站岔口车辆乱停").await.unwrap();
        assert!(!found[0].features.contains(&alias.feature), "{found:?}");
    }
}

#[tokio::test]
async fn the_queue_is_grouped_by_words_and_shrinks_by_answers() {
    for ground in grounds().await {
        let (app, _) = demo(&ground, 1_500).await;
        let who = Who::system("test");
        let queue = app.review_queue(&who, 0, 50).await.unwrap();
        assert!(queue.total > 0 && !queue.groups.is_empty());
        assert!(queue.groups.windows(2).all(|w| w[0].count >= w[1].count));
        let ticket = &queue.groups[0].tickets[0];
        let id = TicketId(ticket.no.parse().unwrap());
        app.decide(&who, id, &Answer::NoPlace, None).await.unwrap();
        let after = app.review_queue(&who, 0, 50).await.unwrap();
        assert_eq!(after.tickets, queue.tickets - 1);
        assert_eq!(app.snapshot().figures.review as i64, after.tickets);
    }
}

#[tokio::test]
async fn a_pin_on_a_place_teaches_its_words_and_one_in_the_open_does_not() {
    let ground = grounds().await.remove(0);
    let (app, _) = demo(&ground, 20).await;
    let city = app.snapshot().city.clone().unwrap();
    let g = &city.gazetteer;
    let school = g.places().iter().find(|p| p.name.contains("小学")).unwrap();
    let (_, door) = g.feature(&school.id).unwrap();
    let rows = "工单编号,受理时间,内容,联系电话\nX1,2025-03-01 08:00:00,老粮站岔口车辆乱停,15410000001\n\
        X2,2025-03-01 09:00:00,老粮站岔口车辆乱停,15410000002\n";
    import(&app, "demo.csv", rows).await;
    let who = Who::system("test");
    let mut tx = ground.read().await;
    let mut ids = Vec::new();
    for number in ["X1", "X2"] {
        let channel = zhilu::ticket::Channel::Unknown;
        let found = zhilu::store::ticket::by_number(&mut tx, channel, number).await;
        ids.push(found.unwrap().unwrap());
    }
    drop(tx);
    let pin = |degrees: f64| Answer::Point {
        point: LonLat::new(door.lon + degrees, door.lat + degrees),
        feature: None,
    };
    let another_city = app.decide(&who, ids[0], &pin(3.0), None).await;
    assert!(another_city.unwrap_err().to_string().contains("20公里"));
    let open = pin(0.12);
    let taught = app.decide(&who, ids[0], &open, Some("老粮站岔口")).await;
    assert!(taught.unwrap().alias.is_none());
    let searched = Answer::Point {
        point: door,
        feature: Some(school.id.clone()),
    };
    let taught = app
        .decide(&who, ids[0], &searched, Some("老粮站岔口"))
        .await;
    assert_eq!(taught.unwrap().alias.unwrap().feature, school.id);
    // The second voice makes it active.
    let taught = app
        .decide(&who, ids[1], &searched, Some("老粮站岔口"))
        .await;
    assert!(taught.unwrap().alias.unwrap().active);
}

#[tokio::test]
async fn a_wish_for_any_car_park_does_not_wait_as_an_unknown_place() {
    let ground = grounds().await.remove(0);
    let (app, _) = demo(&ground, 5).await;
    for (text, waits) in [
        ("市民建议应该多建停车场，方便群众。", false),
        ("周边没有停车场，希望增加公共停车场。", false),
        ("市民反映，锦绣华彩停车场入口排队太长。", true),
    ] {
        let places = app.locate_text(text).await.unwrap();
        let unknown = places[0].flags.iter().any(|f| f == "unknown_place");
        assert_eq!(unknown, waits, "{text}: {places:?}");
    }
}

/// Waits until nothing but what the test asked for runs.
async fn last_survey(app: &Arc<App>) {
    // The survey after an undo is a job of the same name: asking again joins it, or forms the sites once more of the same tickets.
    let job = app.survey(&Who::system("test")).await.unwrap();
    done(app, job).await;
}

#[tokio::test]
async fn sites_do_not_outlive_their_tickets() {
    for ground in grounds().await {
        let (app, _) = demo(&ground, 1_500).await;
        let who = Who::system("test");
        done(&app, app.survey(&who).await.unwrap()).await;
        assert!(app.snapshot().figures.sites > 0);
        let runs = async |ground: &Ground| {
            let mut tx = ground.read().await;
            let runs = zhilu::store::site::runs(&mut tx, "survey").await.unwrap();
            runs.len()
        };
        assert_eq!(runs(&ground).await, 1);
        let batch = app.imports(&who).await.unwrap()[0].id.parse().unwrap();
        done(&app, app.undo_import(&who, batch).await.unwrap()).await;
        last_survey(&app).await;
        assert!(runs(&ground).await >= 2, "the undo asked for a survey");
        assert_eq!(app.snapshot().figures.tickets, 0);
        assert_eq!(app.snapshot().figures.sites, 0);
        assert!(app.snapshot().sites.is_empty());
    }
}

#[tokio::test]
async fn homes_and_tickets_that_do_not_count_stand_in_the_list_but_in_no_site() {
    let row = |no: &str, nature: &str, state: &str, content: &str| {
        format!("{no},2025-03-01 08:00:00,{content},{nature},{state}\n")
    };
    for ground in grounds().await {
        let (app, _) = demo(&ground, 10).await;
        let city = app.snapshot().city.clone().unwrap();
        let places = city.gazetteer.places();
        let school = &places
            .iter()
            .find(|p| p.name.contains("小学"))
            .unwrap()
            .name;
        let at_school = format!("{school}门口车辆乱停");
        let mut text = String::from("工单编号,受理时间,内容,诉求性质,办理状态\n");
        for n in 0..6 {
            text.push_str(&row(&format!("Y{n}"), "投诉", "已归档", &at_school));
        }
        let left_out = [
            ("N0", "投诉", "不予受理"),
            ("N1", "投诉", "已退回"),
            ("N2", "投诉", "已合并"),
            ("N3", "投诉", "已撤诉"),
            ("N4", "表扬", "已归档"),
        ];
        for (no, nature, state) in left_out {
            text.push_str(&row(no, nature, state, &at_school));
        }
        let home = "经开第一大街360号3号楼2单元501室楼下违停严重";
        for n in 0..6 {
            text.push_str(&row(&format!("H{n}"), "投诉", "已归档", home));
        }
        import(&app, "mixed.csv", text).await;
        done(&app, app.survey(&Who::system("test")).await.unwrap()).await;
        let snapshot = app.snapshot();
        let mut tx = ground.read().await;
        let all = zhilu::store::ticket::after(&mut tx, TicketId(0), 1000)
            .await
            .unwrap();
        let mut met = [0; 3];
        for stored in all {
            let index = &snapshot.index;
            let row = index.row_of(stored.id).unwrap();
            let placed = zhilu::store::place::of_tickets(&mut tx, &[stored.id])
                .await
                .unwrap();
            let exact = placed.first().and_then(|p| p.located.point);
            // The demo's own numbers are longer.
            let no = stored.ticket.external_no.as_bytes();
            match no[0] {
                _ if no.len() != 2 => {}
                b'N' => {
                    met[0] += 1;
                    assert!(index.world(row).is_none() && index.site(row).is_none());
                    assert!(exact.is_some(), "its own page still says where");
                }
                b'H' => {
                    met[1] += 1;
                    assert!(index.is_coarse(row), "{exact:?}");
                    assert_eq!(index.site(row), None);
                }
                b'Y' => {
                    met[2] += 1;
                    assert!(index.world(row).is_some() && !index.is_coarse(row));
                }
                _ => {}
            }
        }
        assert_eq!(met, [5, 6, 6]);
        for site in snapshot.sites.ranked() {
            assert!(site.members.iter().all(|t| {
                let row = snapshot.index.row_of(*t).unwrap();
                snapshot.index.world(row).is_some() && !snapshot.index.is_coarse(row)
            }));
        }
    }
}
