//! Do alarms, comparison, methods and corrections by hand hold over HTTP: by role, on both engines, in bad states too?

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value, json};
use zhilu::app::{App, Options, Who, city, demo_data};
use zhilu::calendar::Day;
use zhilu::config::Config;
use zhilu::ticket::permit::Role;

use crate::http_support::{self, Answer, House};
use crate::store_support::{Ground, Hand, grounds};

/// 2026-03-01, the last day with tickets; the clock stands at nine the next morning.
const LAST: i64 = 20_513;

/// A demo house with its city on one database, its clock moved by hand.
async fn empty(ground: &Ground) -> (House, Hand) {
    let hand = Hand::default();
    let read = hand.clone();
    let folder = tempfile::tempdir().unwrap();
    city::import(folder.path(), &demo_data::order().unwrap()).unwrap();
    let app = App::open(Options {
        demo: true,
        database_url: ground.url.clone(),
        key: Some("11".repeat(32)),
        clock: Some(Arc::new(move || read.now())),
        ..Options::new(folder.path())
    })
    .await
    .unwrap();
    app.use_city().await.unwrap();
    app.demo_accounts(&["二中队".to_owned()]).await.unwrap();
    let mut config = Config::for_folder(folder.path());
    config.demo = true;
    (House::around(app, config, folder), hand)
}

/// Imports rows of number, longitude, latitude and civil day.
async fn import(house: &House, rows: &[(String, f64, f64, i64)]) {
    let mut text = "工单编号,诉求来源,诉求标题,诉求内容,受理时间,经度,纬度,坐标系\r\n".to_owned();
    for (no, lon, lat, day) in rows {
        let day = Day(*day).iso();
        writeln!(
            text,
            "{no},12345热线,反映违停,门口违停,{day} 08:{:02}:00,{lon:.6},{lat:.6},WGS84\r",
            no.len() * 7 % 60
        )
        .unwrap();
    }
    http_support::import(&house.app, "tickets.csv", text).await;
}

async fn survey(house: &House) {
    let job = house.app.survey(&Who::system("test")).await.unwrap();
    let done = house.app.wait(job).await.unwrap();
    assert_eq!(done.state, "done", "{}", done.message);
}

/// Place `k` of thirty, about 450 m apart: one holds less than the tenth of all that a circle may.
fn place(k: i64) -> (f64, f64) {
    (
        113.73 + 0.005 * (k % 6) as f64,
        34.70 + 0.004 * (k / 6) as f64,
    )
}

/// A year and a bit with a ticket every day somewhere, and an outbreak at place 5 in the last three weeks.
fn outbreak() -> Vec<(String, f64, f64, i64)> {
    let mut rows: Vec<_> = (0..420)
        .map(|d| {
            let (lon, lat) = place((d * 7) % 30);
            (format!("N{d:05}"), lon, lat, LAST - d)
        })
        .collect();
    rows.extend((0..20).map(|i| {
        let (lon, lat) = place(5);
        (format!("B{i:05}"), lon, lat, LAST - i)
    }));
    rows
}

/// The job of an accepted order, waited for.
async fn finished(house: &House, answer: &Answer) -> Value {
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id = answer.json()["job"].as_str().unwrap().parse().unwrap();
    json!(house.app.wait(id).await.unwrap())
}

#[tokio::test]
async fn a_night_keeps_the_weekly_alarm_and_computes_only_weeks_that_became_complete() {
    for ground in grounds().await {
        let (house, clock) = empty(&ground).await;
        assert_eq!(house.app.alarm_night().await.unwrap(), 0, "no tickets");
        import(&house, &outbreak()).await;
        survey(&house).await;
        assert_eq!(house.app.alarm_night().await.unwrap(), 12);
        let book = house.get("planner", "/api/v1/alarms").await.json();
        let (runs, alarms) = (&book["runs"], book["alarms"].as_array().unwrap());
        assert_eq!(runs.as_array().unwrap().len(), 12);
        assert_eq!(runs[0]["day"], Day(LAST).iso());
        assert_eq!(book["next"], Day(LAST + 7).iso());
        let alarm = alarms.iter().find(|a| a["state"] == "open").unwrap();
        assert!(alarm["finding"]["recurrence_days"].as_f64().unwrap() >= 365.0);
        assert_eq!(alarm["told_now"], json!(alarm["first"] == Day(LAST).iso()));
        assert_eq!(runs[0]["alarms"], json!([alarm["id"]]));
        let course = alarm["course"].as_array().unwrap();
        assert_eq!(course.last().unwrap()["day"], Day(LAST).iso());
        assert_eq!(course[0]["told"], true);
        let inside: u64 = alarm["sites"][0]["tickets"].as_u64().unwrap();
        assert!(inside >= 15 && inside <= alarm["finding"]["observed"].as_u64().unwrap());
        assert_eq!(alarm["near"][1], alarm["sites"][0]["name"]);
        // Nothing is new: nothing is computed, and what was kept stays word for word.
        clock.forward(7 * 86_400_000);
        assert_eq!(house.app.alarm_night().await.unwrap(), 0, "no new tickets");
        assert_eq!(house.get("planner", "/api/v1/alarms").await.json(), book);
        // Six days more are no week; the seventh makes one.
        let (lon, lat) = place(0);
        import(&house, &[("C1".to_owned(), lon, lat, LAST + 6)]).await;
        assert_eq!(house.app.alarm_night().await.unwrap(), 0, "six days");
        import(&house, &[("C2".to_owned(), lon, lat, LAST + 7)]).await;
        clock.forward(86_400_000);
        assert_eq!(house.app.alarm_night().await.unwrap(), 1, "the seventh day");
        let next = house.get("planner", "/api/v1/alarms").await.json();
        assert_eq!(next["runs"].as_array().unwrap().len(), 13);
        assert_eq!(next["runs"][0]["day"], Day(LAST + 7).iso());
        // It survives a restart: the rows are in the store, not in memory.
        let log = house.get("auditor", "/api/v1/audit?limit=50").await.json();
        let nights = log["audit"].as_array().unwrap().iter();
        let nights = nights.filter(|r| r["action"] == "alarm").count();
        assert_eq!(nights, 2, "one line a run that computed something");
    }
}

/// The weeks and the alarms of the book, oldest week first.
async fn book(house: &House) -> (Vec<String>, Vec<Value>) {
    let book = house.get("planner", "/api/v1/alarms").await.json();
    let days = book["runs"].as_array().unwrap().iter();
    let days = days.map(|r| r["day"].as_str().unwrap().to_owned());
    (
        days.rev().collect(),
        book["alarms"].as_array().unwrap().clone(),
    )
}

#[tokio::test]
async fn an_alarm_does_not_outlive_its_tickets_and_late_tickets_are_scanned() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        let all = outbreak();
        let (quiet, loud) = all.split_at(420);
        import(&house, quiet).await;
        assert_eq!(house.app.alarm_night().await.unwrap(), 12);
        let (weeks, before) = book(&house).await;
        assert_eq!(before.len(), 0, "no outbreak yet");
        // They come late: their weeks were scanned already, only those three are scanned again.
        import(&house, loud).await;
        assert_eq!(house.app.alarm_night().await.unwrap(), 3);
        let (days, alarms) = book(&house).await;
        assert_eq!((days.len(), &days), (12, &weeks));
        assert_eq!(alarms[0]["state"], "open");
        let number = alarms[0]["id"].clone();
        assert_eq!(house.app.alarm_night().await.unwrap(), 0, "all stands");
        // Taken back, nothing is left of them; brought again it is a new alarm with a number of its own.
        let who = Who::system("test");
        let batches = house.app.imports(&who).await.unwrap();
        let last = batches.iter().map(|b| b.id.parse::<i64>().unwrap()).max();
        let job = house.app.undo_import(&who, last.unwrap()).await.unwrap();
        assert_eq!(house.app.wait(job).await.unwrap().state, "done");
        assert_eq!(house.app.alarm_night().await.unwrap(), 3);
        assert_eq!(book(&house).await, (weeks, before));
        import(&house, loud).await;
        house.app.alarm_night().await.unwrap();
        assert_ne!(book(&house).await.1[0]["id"], number);
    }
}

#[tokio::test]
async fn nothing_is_left_of_the_alarms_when_the_only_import_is_taken_back() {
    let ground = grounds().await.swap_remove(0);
    let (house, _) = empty(&ground).await;
    import(&house, &outbreak()).await;
    house.app.alarm_night().await.unwrap();
    assert!(!book(&house).await.1.is_empty());
    let who = Who::system("test");
    let batches = house.app.imports(&who).await.unwrap();
    let id = batches[0].id.parse().unwrap();
    let job = house.app.undo_import(&who, id).await.unwrap();
    assert_eq!(house.app.wait(job).await.unwrap().state, "done");
    assert_eq!(house.app.alarm_night().await.unwrap(), 0);
    assert_eq!(book(&house).await, (Vec::new(), Vec::new()));
}

#[tokio::test]
async fn a_day_that_is_not_over_is_not_looked_at() {
    let ground = grounds().await.swap_remove(0);
    let (house, _) = empty(&ground).await;
    let mut rows = outbreak();
    let (lon, lat) = place(1);
    rows.push(("T1".to_owned(), lon, lat, LAST + 1));
    import(&house, &rows).await;
    house.app.alarm_night().await.unwrap();
    let book = house.get("planner", "/api/v1/alarms").await.json();
    assert_eq!(book["runs"][0]["day"], Day(LAST).iso(), "today is left out");
}

#[tokio::test]
async fn alarms_leave_as_geojson_csv_and_xlsx_and_are_run_by_those_who_survey() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        import(&house, &outbreak()).await;
        survey(&house).await;
        for role in Role::ALL.map(Role::code) {
            let answer = house
                .post(role, "/api/v1/alarms", &json!({"weeks": 2, "anew": true}))
                .await;
            let may = ["deputy_leader", "principal_leader", "planner"].contains(&role);
            assert_eq!(answer.status, if may { 202 } else { 403 }, "{role}");
            if may {
                assert_eq!(finished(&house, &answer).await["state"], "done");
            }
        }
        for weeks in [0, 61] {
            let bad = house
                .post("planner", "/api/v1/alarms", &json!({"weeks": weeks}))
                .await;
            assert_eq!((bad.status.as_u16(), bad.code().as_str()), (400, "invalid"));
        }
        let book = house.get("planner", "/api/v1/alarms").await.json();
        let n = book["alarms"].as_array().unwrap().len();
        assert!(n >= 1);
        let csv = house.get("planner", "/api/v1/alarms.csv").await.text();
        assert_eq!(csv.matches("\r\n").count(), n + 1);
        let geo = house.get("planner", "/api/v1/alarms.geojson").await.json();
        assert_eq!(geo["features"].as_array().unwrap().len(), 2 * n);
        let xlsx = house.get("planner", "/api/v1/alarms.xlsx").await;
        assert_eq!(&xlsx.body[..2], b"PK");
        // What was not published is not shown to the public.
        let public = house.get("public", "/api/v1/alarms").await.json();
        assert_eq!(
            (&public["alarms"], &public["runs"]),
            (&json!([]), &json!([]))
        );
        let public = house.get("public", "/api/v1/alarms.csv").await.text();
        assert_eq!(public.matches("\r\n").count(), 1);
    }
}

#[tokio::test]
async fn the_comparison_says_what_rose_and_leaves_in_four_forms() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        import(&house, &outbreak()).await;
        survey(&house).await;
        let day = |back: i64| Day(LAST - back).iso();
        let query = format!(
            "from={}&to={}&from2={}&to2={}",
            day(20),
            day(0),
            day(41),
            day(21)
        );
        let value = house
            .get("planner", &format!("/api/v1/compare?{query}"))
            .await
            .json();
        assert_eq!(
            (&value["before"], &value["after"]),
            (&json!(21), &json!(41))
        );
        let first = &value["sites"][0];
        assert!(first["bin"].as_i64().unwrap() > 0, "{first}");
        let rows = value["sites"].as_array().unwrap().len();
        let csv = house
            .get("planner", &format!("/api/v1/compare.csv?{query}"))
            .await
            .text();
        assert_eq!(csv.matches("\r\n").count(), rows + 1);
        assert!(csv.contains("上升"), "{csv}");
        let geo = house
            .get("planner", &format!("/api/v1/compare.geojson?{query}"))
            .await
            .json();
        assert_eq!(geo["features"].as_array().unwrap().len(), rows);
        assert_eq!(geo["features"][0]["geometry"]["type"], "Point");
        let xlsx = house
            .get("planner", &format!("/api/v1/compare.xlsx?{query}"))
            .await;
        assert_eq!(&xlsx.body[..2], b"PK");
        for role in ["admin", "public"] {
            let answer = house.get(role, &format!("/api/v1/compare?{query}")).await;
            assert_eq!(answer.status, 403, "{role}");
        }
        // A squad sees its own tickets only; none of these is its.
        let own = house
            .get("officer", &format!("/api/v1/compare?{query}"))
            .await
            .json();
        assert_eq!(own["after"], 0);
    }
}

#[tokio::test]
async fn cells_sites_and_tickets_count_alike_in_list_tile_sums_and_documents() {
    let ground = grounds().await.swap_remove(0);
    let (house, _) = empty(&ground).await;
    import(&house, &outbreak()).await;
    survey(&house).await;
    let query = format!("from={}&to={}", Day(LAST - 89).iso(), Day(LAST).iso());
    let counts = house
        .get("planner", &format!("/api/v1/counts?by=channel&{query}"))
        .await
        .json();
    let geo = house
        .get("planner", &format!("/api/v1/cells.geojson?res=10&{query}"))
        .await
        .json();
    let sum = |key: &str| -> u64 {
        let features = geo["features"].as_array().unwrap().iter();
        features
            .map(|f| f["properties"][key].as_u64().unwrap())
            .sum()
    };
    assert_eq!(json!(sum("tickets")), counts["mapped"]);
    assert_eq!(sum("petitioners"), sum("tickets"), "nobody is known here");
    for form in ["csv", "xlsx"] {
        let answer = house
            .get("planner", &format!("/api/v1/cells.{form}?{query}"))
            .await;
        assert_eq!(answer.status, 200);
    }
    for bad in ["3", "12", "x"] {
        let answer = house
            .get("planner", &format!("/api/v1/cells.csv?res={bad}"))
            .await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    let list = house
        .get("planner", &format!("/api/v1/sites?{query}"))
        .await
        .json();
    let rows = list["sites"].as_array().unwrap();
    assert!(rows.len() > 5);
    for row in rows {
        let id = row["id"].as_str().unwrap();
        let one = house
            .get("planner", &format!("/api/v1/sites/{id}?{query}"))
            .await
            .json();
        for key in ["count", "petitioners", "trend", "rank"] {
            assert_eq!(row[key], one[key], "{id} {key}");
        }
        let hours: u64 = one["profile"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|d| d.as_array().unwrap())
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert_eq!(
            json!(hours),
            row["count"],
            "the profile holds what is counted"
        );
        assert!(row["petitioners"].as_u64() <= row["count"].as_u64());
        // The line beside the site is a year, not the window.
        let year: u64 = row["trend"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .sum();
        assert!(json!(year).as_u64() > row["count"].as_u64());
    }
    let xlsx = house
        .get("planner", &format!("/api/v1/sites.xlsx?{query}"))
        .await;
    assert_eq!(&xlsx.body[..2], b"PK");
}

#[tokio::test]
async fn a_method_runs_as_a_job_for_those_who_see_tickets_and_answers_the_same_question_once() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        import(&house, &outbreak()).await;
        survey(&house).await;
        let order =
            json!({"filter": format!("from={}", Day(LAST - 89).iso()), "settings": {"eps": "80"}});
        let path = "/api/v1/hotspots/dbscan/runs";
        for role in ["admin", "public"] {
            assert_eq!(house.post(role, path, &order).await.status, 403, "{role}");
        }
        let first = house.post("planner", path, &order).await;
        assert_eq!(finished(&house, &first).await["state"], "done");
        let id = first.json()["id"].as_str().unwrap().to_owned();
        let answer = house
            .get("planner", &format!("/api/v1/hotspots/runs/{id}"))
            .await
            .json();
        assert_eq!(
            (&answer["method"], &answer["n"]),
            (&json!("dbscan"), &json!(110))
        );
        assert_eq!(answer["params"]["eps"], json!(80.0));
        let again = house.post("planner", path, &order).await;
        assert_eq!(again.json()["id"], json!(id), "the same question");
        // Another scope does not read it.
        let other = house
            .get("officer", &format!("/api/v1/hotspots/runs/{id}"))
            .await;
        assert_eq!(other.status, 404);
        let table = house
            .get("planner", &format!("/api/v1/hotspots/runs/{id}/table"))
            .await;
        assert!(table.text().lines().count() > 10);
        for (settings, status) in [
            (json!({"eps": "-1"}), 400),
            (json!({"nonsense": "1"}), 400),
            (json!({"eps": "NaN"}), 400),
        ] {
            let order = json!({"filter": "", "settings": settings});
            let bad = house.post("planner", path, &order).await;
            assert_eq!(bad.status.as_u16(), status, "{settings}");
        }
        let unknown = house
            .post("planner", "/api/v1/hotspots/none/runs", &order)
            .await;
        assert_eq!(unknown.status, 404);
    }
}

#[tokio::test]
async fn corrections_by_hand_hold_in_the_next_run_on_both_engines() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        import(&house, &outbreak()).await;
        survey(&house).await;
        let list = house.get("planner", "/api/v1/sites").await.json();
        let id = |at: usize| list["sites"][at]["id"].as_str().unwrap().to_owned();
        let (a, b, c, d) = (id(0), id(1), id(2), id(3));
        let no = house
            .get("planner", &format!("/api/v1/sites/{d}"))
            .await
            .json();
        let tickets: Vec<Value> = (0..6).map(|i| no["tickets"][i]["no"].clone()).collect();
        let deeds = [
            (&a, json!({"deed": "rename", "name": "老城南门"})),
            (&a, json!({"deed": "move", "point": [113.7401, 34.7101]})),
            (&a, json!({"deed": "pin", "on": true})),
            (&c, json!({"deed": "merge", "into": b})),
            (
                &d,
                json!({"deed": "split", "tickets": tickets, "name": "分出的口"}),
            ),
        ];
        for role in ["clerk", "officer", "auditor", "public", "admin"] {
            let path = format!("/api/v1/sites/{a}/edits");
            let answer = house.post(role, &path, &deeds[0].1).await;
            assert_eq!(answer.status, 403, "{role}");
        }
        for (site, deed) in &deeds {
            let path = format!("/api/v1/sites/{site}/edits");
            let answer = house.post("planner", &path, deed).await;
            let end = finished(&house, &answer).await;
            assert_eq!(end["state"], "done", "{deed}: {}", end["message"]);
        }
        let check = async |when: &str| {
            let one = house
                .get("planner", &format!("/api/v1/sites/{a}"))
                .await
                .json();
            assert_eq!(one["name"], "老城南门", "{when}");
            assert_eq!(one["point"], json!([113.7401, 34.7101]), "{when}");
            let gone = house
                .get("planner", &format!("/api/v1/sites/{c}"))
                .await
                .json();
            assert_eq!(gone["status"], "merged", "{when}");
            let whole = house
                .get("planner", &format!("/api/v1/sites/{b}"))
                .await
                .json();
            let sum = list["sites"][1]["count"].as_u64().unwrap()
                + list["sites"][2]["count"].as_u64().unwrap();
            assert_eq!(whole["count"], json!(sum), "{when}");
            let all = house.get("planner", "/api/v1/sites").await.json();
            let part = all["sites"].as_array().unwrap().iter();
            let part = part.clone().find(|s| s["name"] == "分出的口");
            assert_eq!(part.expect(when)["count"], 6, "{when}");
        };
        check("at once").await;
        survey(&house).await;
        check("after the next run").await;
        let edits = house.get("planner", "/api/v1/site-edits").await.json();
        assert_eq!(edits["edits"].as_array().unwrap().len(), 5);
        // What cannot be done is refused with a reason, before or in the job.
        let path = format!("/api/v1/sites/{a}/edits");
        for bad in [
            json!({"deed": "merge", "into": a}),
            json!({"deed": "rename", "name": "x"}),
            json!({"deed": "move", "point": [500.0, 34.7]}),
            json!({"deed": "split", "tickets": []}),
            json!({"deed": "burn"}),
        ] {
            let answer = house.post("planner", &path, &bad).await;
            assert!((400..500).contains(&answer.status.as_u16()), "{bad}");
        }
        let merged = house
            .post("planner", &format!("/api/v1/sites/{c}/edits"), &deeds[0].1)
            .await;
        assert_eq!(merged.code(), "merged");
        // A merge and a split are taken back by their key; what has no such key, or was taken back, is refused by name.
        let key = |deed: &str| {
            let all = edits["edits"].as_array().unwrap();
            let one = all.iter().find(|e| e["deed"] == deed).unwrap();
            assert_eq!(one["undone"], false);
            one["id"].as_str().unwrap().to_owned()
        };
        for (site, deed) in [(&c, "merge"), (&d, "split")] {
            let undo = json!({"deed": "undo", "edit": key(deed)});
            let path = format!("/api/v1/sites/{site}/edits");
            let end = finished(&house, &house.post("planner", &path, &undo).await).await;
            assert_eq!(end["state"], "done", "{deed}: {}", end["message"]);
            let again = finished(&house, &house.post("planner", &path, &undo).await).await;
            assert_eq!(again["state"], "failed", "{deed}");
        }
        let name = json!({"deed": "undo", "edit": key("rename")});
        let end = finished(&house, &house.post("planner", &path, &name).await).await;
        assert_eq!(end["state"], "failed");
        let own = async |id: &str| {
            let path = format!("/api/v1/sites/{id}");
            house.get("planner", &path).await.json()
        };
        for when in ["at once", "after the next run"] {
            for (at, id) in [(1, &b), (2, &c), (3, &d)] {
                let site = own(id).await;
                assert_eq!(site["status"], "active", "{when}: {id}");
                assert_eq!(site["count"], list["sites"][at]["count"], "{when}: {id}");
            }
            survey(&house).await;
        }
        let after = house.get("planner", "/api/v1/site-edits").await.json();
        let undone = after["edits"].as_array().unwrap().iter();
        assert_eq!(undone.filter(|e| e["undone"] == true).count(), 2);
        let lived = own(&c).await;
        let lived = lived["history"].as_array().unwrap().iter();
        assert!(lived.clone().any(|h| h["event"] == "restored"));
    }
}

#[tokio::test]
async fn nothing_one_ticket_an_empty_window_and_too_many_cells_have_a_named_outcome_each() {
    let ground = grounds().await.swap_remove(0);
    let (house, _) = empty(&ground).await;
    let views = ["gi", "moran", "emerging", "network"];
    let told = async |query: &str| -> Vec<Value> {
        let mut all = Vec::new();
        for view in views {
            let answer = house
                .get("planner", &format!("/api/v1/lens?view={view}&{query}"))
                .await;
            assert_eq!(answer.status, 200, "{view} {query}: {}", answer.text());
            all.push(answer.json());
        }
        all
    };
    for record in told("").await {
        assert_eq!(record["n"], 0, "{record}");
    }
    let (lon, lat) = place(0);
    import(&house, &[("A1".to_owned(), lon, lat, LAST)]).await;
    for record in told("").await {
        let (n, off) = (record["n"].as_u64(), record["left_out"].as_u64());
        assert_eq!(n.unwrap() + off.unwrap(), 1, "{record}");
        assert!(!record["notes"].as_array().unwrap().is_empty(), "{record}");
        let text = record.to_string();
        assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    }
    import(&house, &outbreak()).await;
    survey(&house).await;
    for record in told("from=2019-01-01&to=2019-12-31").await {
        assert_eq!(record["n"], 0, "{record}");
        assert!(!record["notes"].as_array().unwrap().is_empty(), "{record}");
    }
    let fine = house.get("planner", "/api/v1/lens?view=gi&m_res=12").await;
    assert_eq!(fine.status, 400);
    assert!(fine.text().contains("12"), "{}", fine.text());
    for view in ["change", "none"] {
        let answer = house
            .get("planner", &format!("/api/v1/lens?view={view}"))
            .await;
        assert_eq!(answer.status, 400, "{view}");
    }
    let order = json!({"filter": "from=2019-01-01&to=2019-12-31", "settings": {}});
    for method in house.get("planner", "/api/v1/hotspots").await.json()["methods"]
        .as_array()
        .unwrap()
    {
        let name = method["name"].as_str().unwrap();
        let path = format!("/api/v1/hotspots/{name}/runs");
        let answer = house.post("planner", &path, &order).await;
        let end = finished(&house, &answer).await;
        let said = end["message"].as_str().unwrap_or_default();
        assert!(
            end["state"] == "done" || (end["state"] == "failed" && !said.contains("内部错误")),
            "{name}: {end}"
        );
    }
}

#[tokio::test]
async fn two_periods_are_both_given_and_share_no_day() {
    let ground = grounds().await.swap_remove(0);
    let (house, _) = empty(&ground).await;
    import(&house, &outbreak()).await;
    let day = |back: i64| Day(LAST - back).iso();
    let later = format!("from={}&to={}", day(20), day(0));
    let shared = format!("{later}&from2={}&to2={}", day(40), day(20));
    let apart = format!("{later}&from2={}&to2={}", day(40), day(21));
    for path in ["/api/v1/compare?", "/api/v1/lens?view=change&"] {
        for question in [
            later.as_str(),
            shared.as_str(),
            "from2=2020-01-01&to2=2020-02-01",
        ] {
            let answer = house.get("planner", &format!("{path}{question}")).await;
            assert_eq!(answer.status.as_u16(), 400, "{path}{question}");
        }
        let answer = house.get("planner", &format!("{path}{apart}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    // A change compares the cells with a ticket, and says so; no mask is recorded that was not used.
    let record = house
        .get("planner", &format!("/api/v1/lens?view=change&{apart}"))
        .await
        .json();
    assert_eq!(record["area"], "cells_with_tickets");
    assert!(record["params"].get("road_mask").is_none());
    let classes = house
        .get("planner", &format!("/tiles/hex.json?z=12&{apart}"))
        .await
        .json();
    assert!(classes["classes"]["cells"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn what_comes_in_after_the_survey_counts_at_its_site_everywhere_and_after_a_restart() {
    for ground in grounds().await {
        let (house, hand) = empty(&ground).await;
        let at = |no: String, m: f64| (no, 113.75 + m / 91_000.0, 34.71, LAST - 3);
        let mut rows: Vec<_> = (0..8).map(|k| at(format!("S{k}"), f64::from(k))).collect();
        rows.extend((0..4).map(|k| at(format!("E{k}"), 3000.0 + 400.0 * f64::from(k))));
        import(&house, &rows).await;
        survey(&house).await;
        let sites = |answer: Answer| answer.json()["sites"].clone();
        let before = sites(house.get("planner", "/api/v1/sites").await);
        let (id, count) = (
            before[0]["id"].as_str().unwrap().to_owned(),
            before[0]["count"].clone(),
        );
        assert_eq!((before.as_array().unwrap().len(), &count), (1, &json!(8)));
        // Two near members; one near only to those two; one far away. The order in which they come says nothing.
        let late = [("L1", 40.0), ("L2", 50.0), ("L3", 80.0), ("L4", 900.0)];
        for (no, m) in late {
            import(&house, &[at(no.to_owned(), m)]).await;
        }
        let list = sites(house.get("planner", "/api/v1/sites").await);
        assert_eq!(list[0]["count"], json!(10));
        let page = house
            .get("planner", &format!("/api/v1/sites/{id}"))
            .await
            .json();
        for key in ["count", "petitioners"] {
            assert_eq!(page[key], list[0][key], "{key}");
        }
        let months = page["months"].as_array().unwrap();
        let sum: u64 = months.iter().map(|m| m["count"].as_u64().unwrap()).sum();
        assert_eq!(sum, 10);
        let held = |app: &App| {
            let snapshot = app.snapshot();
            let index = &snapshot.index;
            let mut stand: Vec<_> = (0..index.len())
                .map(|row| (index.ticket(row), index.site(row)))
                .collect();
            stand.sort_unstable();
            (snapshot.version, stand)
        };
        let read = hand.clone();
        let again = App::open(Options {
            demo: true,
            database_url: ground.url.clone(),
            key: Some("11".repeat(32)),
            clock: Some(Arc::new(move || read.now())),
            ..Options::new(&house.app.options().data)
        })
        .await
        .unwrap();
        assert_eq!(held(&again), held(&house.app));
        again.close().await;
    }
}

#[tokio::test]
async fn a_document_of_sites_holds_all_of_them_and_a_site_stays_near_its_city() {
    for ground in grounds().await {
        let (house, _) = empty(&ground).await;
        // 210 sites of five tickets, more than a page of the list shows.
        let place = |k: i64| {
            (
                113.70 + 0.004 * (k % 15) as f64,
                34.66 + 0.003 * (k / 15) as f64,
            )
        };
        let rows: Vec<_> = (0..1050)
            .map(|n| {
                let (lon, lat) = place(n % 210);
                (format!("T{n:05}"), lon, lat, LAST - n % 300)
            })
            .collect();
        import(&house, &rows).await;
        survey(&house).await;
        let list = house.get("planner", "/api/v1/sites").await.json();
        let total = list["meta"]["total"].as_u64().unwrap();
        assert!(
            total > 200 && list["sites"].as_array().unwrap().len() == 200,
            "{total}"
        );
        let file = house.get("planner", "/api/v1/sites.geojson").await.json();
        assert_eq!(file["features"].as_array().unwrap().len() as u64, total);
        let file = house
            .get("planner", "/api/v1/sites.csv?limit=7")
            .await
            .text();
        assert_eq!(
            file.lines()
                .filter(|l| l.contains("模拟") || !l.is_empty())
                .count(),
            8
        );
        let id = list["sites"][0]["id"].as_str().unwrap();
        for point in [json!([0, 0]), json!([116.4, 39.9]), json!([34.7, 113.7])] {
            let deed = json!({"deed": "move", "point": point});
            let answer = house
                .post("planner", &format!("/api/v1/sites/{id}/edits"), &deed)
                .await;
            assert_eq!(
                (answer.status.as_u16(), answer.code().as_str()),
                (400, "invalid"),
                "{point}"
            );
        }
    }
}
