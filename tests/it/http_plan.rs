//! Does the planner's door keep its rights, refuse what is wrong, stop with the best plan so far, and hand out whole files?

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use serde_json::{Value, json};
use std::collections::BTreeMap;

use zhilu::app::{Error, Kept, MeasureWish, NewPlan, Who};

use zhilu::ticket::permit::Role;

use crate::app_cases::person;
use crate::http_scope::furnished;
use crate::http_support::House;
use crate::store_support::grounds;

fn wish(more: &Value) -> Value {
    let mut wish = json!({"budgets": {"交警": 60000, "城管": 20000}, "draws": 5, "frontier": true});
    for (key, value) in more.as_object().unwrap() {
        wish[key] = value.clone();
    }
    json!({"name": "一季度", "wish": wish, "sites": 12})
}

/// Makes a plan and returns how its job ended.
async fn job(house: &House, body: &Value) -> Value {
    let answer = house.post("planner", "/api/v1/plans", body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let id: i64 = answer.json()["job"].as_str().unwrap().parse().unwrap();
    let view = house.app.wait(id).await.unwrap();
    json!({"state": view.state, "message": view.message})
}

async fn plan(house: &House, body: &Value) -> Value {
    let end = job(house, body).await;
    assert_eq!(end["state"], "done", "{end}");
    let path = format!("/api/v1/plans/{}", end["message"].as_str().unwrap());
    house.get("planner", &path).await.json()
}

#[tokio::test]
async fn a_plan_is_made_explained_exported_and_adopted_once() {
    let house = furnished().await;
    let made = plan(&house, &wish(&json!({}))).await;
    assert_eq!(made["plan"]["status"], "optimal");
    let works = made["works"].as_array().unwrap();
    assert!(!works.is_empty());
    for w in works {
        assert!(w["start_on"].as_str().unwrap() <= w["done_by"].as_str().unwrap());
        assert!(w["done_by"].as_str().unwrap() < w["evaluate_on"].as_str().unwrap());
        assert!(w["prevented_low"].as_f64() <= w["prevented_high"].as_f64());
    }
    let base = format!("/api/v1/plans/{}", made["id"].as_str().unwrap());
    files_are_whole(&house, &base, &made).await;
    let ask = json!({"alternative": works[0]["id"]});
    let why = house
        .post("planner", &format!("{base}/explain"), &ask)
        .await;
    assert_eq!(
        (why.status.as_u16(), &why.json()["why"]["possible"]),
        (200, &json!(true))
    );
    let strange = json!({"alternative": "nowhere:nothing"});
    let refused = house
        .post("planner", &format!("{base}/explain"), &strange)
        .await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let adoption = json!({"reason": "第三季度治堵会议"});
    let path = format!("{base}/adopt");
    let first = house.post("deputy_leader", &path, &adoption).await;
    assert_eq!(first.status, 201, "{}", first.text());
    assert_eq!(first.json()["cases"].as_array().unwrap().len(), works.len());
    let again = house.post("deputy_leader", &path, &adoption).await;
    assert!(again.status.is_client_error());
    let cases = house.get("planner", "/api/v1/cases").await.text();
    assert!(cases.contains("承诺每年少发") || cases.contains(works[0]["name"].as_str().unwrap()));
}

#[tokio::test]
async fn a_plan_is_explained_with_the_catalogue_it_was_made_with() {
    let house = furnished().await;
    let made = plan(&house, &wish(&json!({}))).await;
    let path = format!("/api/v1/plans/{}/explain", made["id"].as_str().unwrap());
    let work = &made["works"][0];
    let ask = json!({"alternative": work["id"]});
    let before = house.post("planner", &path, &ask).await.json();
    assert_eq!(before["why"]["inside"], true);
    let planner = person("p", Role::Planner);
    let measure = work["measures"][0]["id"].as_str().unwrap();
    let sheet = house.app.measure_sheet(&planner, measure).await.unwrap();
    let mut row: BTreeMap<String, String> = sheet.row.unwrap();
    row.insert("unit_cost_low_cny".to_owned(), "9000000".to_owned());
    row.insert("unit_cost_high_cny".to_owned(), "9000000".to_owned());
    let change = MeasureWish {
        row: Some(row),
        reason: "合同价".to_owned(),
        seen: String::new(),
    };
    let kept = house.app.edit_measure(&planner, measure, &change).await;
    assert!(matches!(kept, Ok(Kept::Written(_))), "{kept:?}");
    let after = house.post("planner", &path, &ask).await;
    assert_eq!(after.json(), before, "{}", after.text());
    // A new plan reckons with the new price.
    let dear = plan(&house, &wish(&json!({}))).await;
    assert_ne!(dear["catalogue"], made["catalogue"]);
    assert!(
        !dear["plan"]["chosen"]
            .as_array()
            .unwrap()
            .contains(&work["id"])
    );
}

#[tokio::test]
async fn a_patrol_keeps_windows_and_rests_and_is_kept_with_its_files() {
    let house = furnished().await;
    let wish = json!({"units": 2, "shift_min": 300, "sites": 6, "dwell_min": 12, "date": "2025-03-03", "start_min": 420});
    let answer = house.post("planner", "/api/v1/patrols", &wish).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    let spots = made["spots"].as_array().unwrap();
    let mut stays: BTreeMap<&str, Vec<[i64; 2]>> = BTreeMap::new();
    for stop in made["plan"]["loops"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|l| l["stops"].as_array().unwrap())
    {
        let spot = &spots[usize::try_from(stop["spot"].as_u64().unwrap()).unwrap()];
        let [start, leave] = ["start", "leave"].map(|k| stop[k].as_i64().unwrap());
        assert!(spot["open"].as_i64() <= Some(start) && Some(start) <= spot["close"].as_i64());
        let site = spot["site"].as_str().unwrap();
        stays.entry(site).or_default().push([start, leave]);
    }
    assert!(!stays.is_empty(), "{made}");
    for own in stays.values_mut() {
        own.sort_unstable();
        assert!(own.windows(2).all(|w| w[1][0] - w[0][1] >= 60), "{own:?}");
    }
    let id = made["id"].as_str().unwrap();
    let kept = house.get("planner", &format!("/api/v1/patrols/{id}")).await;
    assert_eq!(kept.json()["plan"], made["plan"]);
    let list = house.get("planner", "/api/v1/patrols").await.json();
    assert_eq!(list["patrols"][0]["id"], id);
    let map = house
        .get("planner", &format!("/api/v1/patrols/{id}/loops.geojson"))
        .await;
    let count: usize = stays.values().map(Vec::len).sum();
    let points = map.json()["features"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["geometry"]["type"] == "Point")
        .count();
    assert_eq!(points, count);
    let ics = house
        .get("planner", &format!("/api/v1/patrols/{id}/units/0.ics"))
        .await
        .text();
    assert_eq!(ics.matches("BEGIN:VEVENT").count(), count);
    // A minute of the day that is none, and a unit that does not drive.
    let wrong = json!({"units": 1, "shift_min": 60, "sites": 3, "start_min": 5000});
    assert_eq!(
        house
            .post("planner", "/api/v1/patrols", &wrong)
            .await
            .status,
        400
    );
    // A base far from every road, and a pair that is no place.
    for (base, part) in [([0.0, 0.0], "300 m"), ([500.0, 0.0], "degrees")] {
        let far = json!({"units": 1, "shift_min": 60, "sites": 3, "base": base});
        let refused = house.post("planner", "/api/v1/patrols", &far).await;
        assert_eq!(refused.status, 400, "{}", refused.text());
        assert!(refused.text().contains(part), "{}", refused.text());
    }
    // Who reads patrols does not send units out.
    let right = json!({"units": 1, "shift_min": 60, "sites": 3});
    for role in ["clerk", "officer", "auditor", "liaison", "publicist"] {
        assert_eq!(
            house.get(role, "/api/v1/patrols").await.status,
            200,
            "{role}"
        );
        let refused = house.post(role, "/api/v1/patrols", &right).await;
        assert_eq!(refused.status, 403, "{role}");
    }
    let none = house
        .get("planner", &format!("/api/v1/patrols/{id}/units/9.ics"))
        .await;
    assert_eq!(none.status, 404);
}

/// The workbook has all its sheets with one row for each work, the map file a feature for each work and control.
async fn files_are_whole(house: &House, base: &str, made: &Value) {
    let works = made["works"].as_array().unwrap().len();
    let book = house.get("planner", &format!("{base}/plan.xlsx")).await;
    assert!(book.header("content-disposition").contains(".xlsx"));
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(book.body)).unwrap();
    let sheets = ["方案", "承诺清单", "经费", "钱与效果", "对照点位", "说明"];
    assert_eq!(book.sheet_names(), sheets);
    let rows = book.worksheet_range("方案").unwrap();
    assert_eq!(rows.height(), works + 1);
    let notes = book.worksheet_range("说明").unwrap();
    let said = notes.rows().any(|r| {
        r.iter()
            .any(|c| matches!(c, Data::String(s) if s.contains("模拟数据")))
    });
    assert!(said, "simulated data are marked");
    let map = house.get("planner", &format!("{base}/plan.geojson")).await;
    assert_eq!(map.header("content-type"), "application/geo+json");
    let controls = made["plan"]["controls"].as_array().unwrap().len();
    let map = map.json();
    let features = map["features"].as_array().unwrap();
    assert_eq!(features.len(), works + controls);
    assert!(
        features
            .iter()
            .all(|f| f["properties"]["simulated"] == true)
    );
}

#[tokio::test]
async fn wrong_wishes_are_named_and_empty_ones_are_answers() {
    let house = furnished().await;
    for (wrong, part) in [
        (wish(&json!({"budgets": {"交警": -5}})), "交警=-5"),
        (wish(&json!({"mode": "net"})), "value_per_ticket"),
        (wish(&json!({"rate": 2.0})), "rate"),
        (wish(&json!({"years": [{"交警": 1}]})), "years"),
        (json!({"wish": {"budgets": {}}, "sites": 0}), "sites"),
        (json!({"wish": {"budget": {}}}), "budget"),
        (
            json!({"name": "长".repeat(81), "wish": {"budgets": {}}}),
            "81",
        ),
    ] {
        let answer = house.post("planner", "/api/v1/plans", &wrong).await;
        assert!(answer.status.is_client_error(), "{wrong}");
        assert!(
            answer.text().contains(part),
            "{} lacks {part}",
            answer.text()
        );
    }
    let stranger = job(&house, &wish(&json!({"mandatory": ["999999"]}))).await;
    assert_eq!(stranger["state"], "failed");
    assert!(stranger["message"].as_str().unwrap().contains("999999"));
    let nothing = plan(&house, &wish(&json!({"budgets": {"交警": 0}}))).await;
    assert_eq!(nothing["plan"]["status"], "optimal");
    let paid = |w: &Value| {
        w["cost"]
            .as_object()
            .unwrap()
            .values()
            .any(|y| y.as_i64() > Some(0))
    };
    assert!(
        !nothing["works"].as_array().unwrap().iter().any(paid),
        "only what is free"
    );
    let bare = House::open(&["二中队"]).await;
    let nowhere = plan(&bare, &wish(&json!({}))).await;
    assert_eq!(nowhere["works"], json!([]));
    let base = format!("/api/v1/plans/{}", nowhere["id"].as_str().unwrap());
    let adoption = json!({"reason": "会议"});
    let path = format!("{base}/adopt");
    let refused = bare.post("deputy_leader", &path, &adoption).await;
    assert_eq!(refused.code(), "no_works", "{}", refused.text());
    let after = bare.get("planner", &base).await.json();
    assert_eq!(after["adopted_by"], Value::Null);
}

#[tokio::test]
async fn an_impossible_wish_is_kept_with_its_conflict_and_repair() {
    let house = furnished().await;
    let first = plan(&house, &wish(&json!({}))).await;
    let dear = first["works"][0]["site"].as_str().unwrap().to_owned();
    let stuck = plan(&house, &wish(&json!({"budgets": {"交警": 0}, "price_staff": true, "mandatory": [dear], "forbidden": [dear]}))).await;
    assert_eq!(stuck["plan"]["status"], "infeasible");
    assert_eq!(
        stuck["plan"]["conflict"],
        json!([format!("mandatory:{dear}"), format!("forbidden:{dear}")])
    );
    assert!(
        !stuck["plan"]["repair_dropped"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_stopped_search_keeps_its_best_plan_in_every_mode() {
    let house = furnished().await;
    for mode in ["expected", "robust"] {
        let body = wish(&json!({"mode": mode, "draws": 5000}));
        let answer = house.post("planner", "/api/v1/plans", &body).await;
        let id = answer.json()["job"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/jobs/{id}");
        let cookie = house.cookie("planner").await;
        // Stopped once the search has told its best and its bound; what is left of the work then is long.
        let mut told = false;
        for _ in 0..2_000_000 {
            let now = house.get("planner", &path).await.json();
            if now["state"] != "running" {
                break;
            }
            let stage = now["stage"].as_str().unwrap();
            if let Some((best, bound)) = stage
                .strip_prefix("solving ")
                .and_then(|s| s.split_once('/'))
            {
                let figure = |s: &str| s.parse::<i64>().unwrap();
                assert!(figure(best) <= figure(bound), "{now}");
                assert!(now["done"].as_i64() <= Some(1000), "{now}");
                told = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        assert!(told, "{mode}: progress is told");
        let stop = house.send("DELETE", &path, &cookie, None).await;
        assert!(stop.status.is_success(), "{}", stop.text());
        let end = house.app.wait(id.parse().unwrap()).await.unwrap();
        assert_eq!(end.state, "done", "{mode}");
        let kept = house
            .get("planner", &format!("/api/v1/plans/{}", end.message))
            .await
            .json();
        assert_eq!(kept["plan"]["stopped"], true, "{mode}");
        assert!(!kept["works"].as_array().unwrap().is_empty(), "{mode}");
        assert!(
            kept["plan"]["bound"].as_i64() >= kept["plan"]["optimum"].as_i64(),
            "{mode}"
        );
    }
}

#[tokio::test]
async fn planners_make_plans_and_leaders_adopt_them_with_a_reason() {
    let house = furnished().await;
    let made = plan(&house, &wish(&json!({}))).await;
    let base = format!("/api/v1/plans/{}", made["id"].as_str().unwrap());
    for role in ["clerk", "officer", "auditor", "liaison"] {
        let make = house.post(role, "/api/v1/plans", &wish(&json!({}))).await;
        assert!(
            [403, 404].contains(&make.status.as_u16()),
            "{role}: {}",
            make.status
        );
    }
    let adoption = json!({"reason": "会议纪要 12 号"});
    for role in [
        "clerk",
        "officer",
        "auditor",
        "liaison",
        "squad_leader",
        "planner",
    ] {
        let adopt = house.post(role, &format!("{base}/adopt"), &adoption).await;
        assert!(
            [403, 404].contains(&adopt.status.as_u16()),
            "{role}: {}",
            adopt.status
        );
    }
    let mute = json!({"reason": " "});
    let unsaid = house
        .post("principal_leader", &format!("{base}/adopt"), &mute)
        .await;
    assert_eq!(unsaid.status, 400, "{}", unsaid.text());
    for file in ["", "/plan.xlsx", "/plan.geojson"] {
        let read = house.get("admin", &format!("{base}{file}")).await;
        assert_eq!(
            read.status, 403,
            "who has no right to sites sees no plan: {file}"
        );
    }
    for file in ["", "/plan.xlsx", "/plan.geojson"] {
        assert_eq!(house.get("", &format!("{base}{file}")).await.status, 401);
        assert_eq!(
            house
                .get("deputy_leader", &format!("{base}{file}"))
                .await
                .status,
            200
        );
        assert_eq!(
            house
                .get("deputy_leader", &format!("/api/v1/plans/99999{file}"))
                .await
                .status,
            404
        );
    }
}

#[tokio::test]
async fn a_plan_is_made_and_kept_and_without_works_not_adopted_on_both_engines() {
    for ground in grounds().await {
        let (app, _) = ground.app().await;
        let who = Who::system("planner");
        let new: NewPlan = serde_json::from_value(wish(&json!({}))).unwrap();
        let job = app.start_plan(&who, new).await.unwrap();
        let end = app.wait(job).await.unwrap();
        assert_eq!(end.state, "done", "{}", end.message);
        let id: i64 = end.message.parse().unwrap();
        let kept = app.measure_plan(&who, id).await.unwrap();
        assert_eq!(kept["plan"]["status"], "optimal");
        let leader = person("l", Role::DeputyLeader);
        // A house without sites has a plan without works, and nothing of it can be adopted.
        let refused = app.adopt_plan(&leader, id, "会议").await;
        assert!(
            matches!(&refused, Err(Error::Refused { .. })),
            "{refused:?}"
        );
        let kept = app.measure_plan(&who, id).await.unwrap();
        assert_eq!(kept["adopted_by"], Value::Null);
        assert!(
            app.plan_workbook(&who, id)
                .await
                .unwrap()
                .starts_with(b"PK")
        );
        assert_eq!(app.plans(&who).await.unwrap().len(), 1);
    }
}
