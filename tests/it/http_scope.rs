//! Do list, tile, count and export agree on which tickets a person sees, for every role?

use std::collections::BTreeMap;

use fast_mvt::{MvtReaderRef, MvtValue};
use serde_json::{Value, json};
use zhilu::app::{Who, demo_data};

use crate::http_rights::walk;
use zhilu::ticket::permit::Role;

use crate::http_support::{Answer, House, import};

/// Header and the first rows of the demo's tickets: enough of every channel, small enough for a test.
fn some_tickets() -> Vec<u8> {
    let text = String::from_utf8(demo_data::tickets().unwrap()).unwrap();
    let lines: Vec<&str> = text.split("\r\n").take(400).collect();
    lines.join("\r\n").into_bytes()
}

/// A demo house with the demo city and some of its tickets, located and formed into sites.
pub(crate) async fn furnished() -> House {
    let house = House::open(&["二中队"]).await;
    house.use_demo_city().await;
    import(&house.app, "tickets.csv", some_tickets()).await;
    let who = Who::system("test");
    let job = house.app.survey(&who).await.unwrap();
    house.app.wait(job).await.unwrap();
    house
}

/// Tickets drawn on the one tile of zoom 0: single ones plus what clusters count.
fn drawn(answer: &Answer) -> usize {
    let tile = MvtReaderRef::new(&answer.unpacked())
        .unwrap()
        .to_tile()
        .unwrap();
    let features = tile.layers.iter().flat_map(|layer| &layer.features);
    let counts = features.map(|feature| {
        let count = feature
            .properties
            .iter()
            .find(|(name, _)| name == "point_count");
        match count {
            Some((_, MvtValue::UInt(n))) => usize::try_from(*n).unwrap(),
            Some((_, other)) => panic!("point_count is {other:?}"),
            None => 1,
        }
    });
    counts.sum()
}

#[tokio::test]
async fn list_tile_count_and_export_show_each_role_the_same_tickets() {
    let house = furnished().await;
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for role in Role::ALL.map(Role::code) {
        for query in ["", "channel=12345", "min_confidence=0.8&redo=0"] {
            let list = house
                .get(role, &format!("/api/v1/tickets?limit=1000&{query}"))
                .await;
            let counts = house
                .get(role, &format!("/api/v1/counts?by=channel&{query}"))
                .await;
            let export = house
                .get(role, &format!("/api/v1/tickets.csv?{query}"))
                .await;
            let geo = house
                .get(role, &format!("/api/v1/tickets.geojson?{query}"))
                .await;
            let tile = house
                .get(role, &format!("/tiles/tickets/0/0/0.mvt?{query}"))
                .await;
            if list.status == 403 {
                for other in [&counts, &export, &geo, &tile] {
                    assert_eq!(other.status, 403, "{role}");
                }
                continue;
            }
            let rows = list.json()["tickets"].as_array().unwrap().len();
            let counted = usize::try_from(counts.json()["total"].as_u64().unwrap()).unwrap();
            let mapped = usize::try_from(counts.json()["mapped"].as_u64().unwrap()).unwrap();
            let exported = export.text().matches("\r\n").count() - 1;
            assert_eq!((rows, rows), (counted, exported), "{role} {query}");
            assert_eq!(list.json()["meta"]["total"], json!(rows), "{role} {query}");
            let on_map = if tile.status == 204 { 0 } else { drawn(&tile) };
            assert_eq!(on_map, mapped, "{role} {query}: tile against counts");
            let features = geo.json()["features"].as_array().unwrap().len();
            assert!(
                features >= mapped,
                "{role} {query}: {features} features, {mapped} mapped"
            );
            if query.is_empty() {
                seen.insert(role, rows);
            }
        }
    }
    let all = seen["clerk"];
    assert!(all > 300, "{all}");
    assert!(seen["officer"] > 0 && seen["officer"] < all, "{seen:?}");
    assert_eq!(seen["officer"], seen["squad_leader"]);
    for role in [
        "deputy_leader",
        "principal_leader",
        "planner",
        "auditor",
        "publicist",
    ] {
        assert_eq!(seen[role], all, "{role}");
    }
    assert_eq!(seen["liaison"], 0);
    assert!(!seen.contains_key("admin") && !seen.contains_key("public"));
}

#[tokio::test]
async fn a_ticket_of_another_unit_is_not_found_and_clear_fields_need_right_and_reason() {
    let house = furnished().await;
    let foreign = house
        .get("clerk", "/api/v1/tickets?limit=1&unit=一中队")
        .await;
    let foreign = foreign.json()["tickets"][0]["no"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(!foreign.is_empty());
    let path = format!("/api/v1/tickets/{foreign}");
    assert_eq!(house.get("squad_leader", &path).await.status, 404);
    assert_eq!(house.get("clerk", &path).await.status, 200);
    let reveal = format!("{path}/reveal");
    let why = json!({"reason": "回访核实地址"});
    assert_eq!(house.post("squad_leader", &reveal, &why).await.status, 404);
    assert_eq!(house.post("planner", &reveal, &why).await.status, 403);
    assert_eq!(
        house
            .post("clerk", &reveal, &json!({"reason": ""}))
            .await
            .status,
        400
    );
    let clear = house.post("clerk", &reveal, &why).await;
    assert_eq!(clear.status, 200, "{}", clear.text());
    assert_eq!(clear.header("cache-control"), "no-store");
    let log = house.get("auditor", "/api/v1/audit?limit=5").await.json();
    let row = log["audit"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["action"] == "reveal")
        .unwrap()
        .clone();
    assert_eq!(
        (row["user"].as_str(), row["object"].as_str()),
        (Some("clerk"), Some(foreign.as_str()))
    );
    assert_eq!(row["detail"]["reason"], "回访核实地址");
}

#[tokio::test]
async fn every_documented_get_answers_as_described_on_a_furnished_house() {
    let house = furnished().await;
    let first = |value: &Value, list: &str, key: &str| {
        value[list][0][key].as_str().unwrap_or_default().to_owned()
    };
    let no = first(
        &house.get("clerk", "/api/v1/tickets?limit=1").await.json(),
        "tickets",
        "no",
    );
    let site = first(
        &house.get("clerk", "/api/v1/sites?limit=1").await.json(),
        "sites",
        "id",
    );
    let import = first(
        &house.get("clerk", "/api/v1/imports").await.json(),
        "imports",
        "id",
    );
    let fill = |path: &str| {
        let path = match path {
            "/api/v1/tickets/{no}" => path.replace("{no}", &no),
            "/api/v1/sites/{id}" => path.replace("{id}", &site),
            "/api/v1/jobs/{id}" => path.replace("{id}", "1"),
            "/styles/{id}" | "/tiles/{id}" => path.replace("{id}", "base.json"),
            _ if path.starts_with("/api/v1/imports/") => path.replace("{id}", &import),
            _ if path.starts_with("/tiles/") => path
                .replace("{z}", "0")
                .replace("{x}", "0")
                .replace("{y}", "0.mvt"),
            _ => return None,
        };
        Some(path)
    };
    let asked = walk(&house, "principal_leader", &fill).await;
    assert!(asked.len() >= 28, "{}: {asked:?}", asked.len());
}

#[tokio::test]
async fn the_classes_of_the_cells_are_told_with_the_layer_and_follow_scope_filter_and_size() {
    let house = furnished().await;
    let told = async |role: &str, query: &str| {
        let path = format!("/tiles/hex.json?{query}");
        house.get(role, &path).await.json()["classes"].clone()
    };
    let all = told("clerk", "z=13").await;
    let bounds = |classes: &Value| -> Vec<u64> {
        let list = classes["count"].as_array().unwrap().iter();
        list.map(|b| b.as_u64().unwrap()).collect()
    };
    assert!(!bounds(&all).is_empty() && bounds(&all).len() < 5, "{all}");
    assert!(bounds(&all).is_sorted_by(|a, b| a < b), "{all}");
    // Roles without the right to addresses see no number below three, so that fewer cells have a class.
    let masked = told("planner", "z=13").await;
    assert!(masked["cells"].as_u64() < all["cells"].as_u64(), "{masked}");
    let own = told("officer", "z=13").await;
    assert!(own["cells"].as_u64() < all["cells"].as_u64(), "{own}");
    let fine = told("clerk", "z=16").await;
    assert!(fine["cells"].as_u64() > all["cells"].as_u64(), "{fine}");
    let few = told("clerk", "z=13&channel=12345").await;
    assert!(few["cells"].as_u64() < all["cells"].as_u64(), "{few}");
    assert_eq!(told("clerk", "").await, Value::Null);
    assert_eq!(told("admin", "z=13").await, Value::Null);
    assert_eq!(house.get("clerk", "/tiles/hex.json?z=99").await.status, 400);
}

/// Sites on the one tile of zoom 0: number, tickets, petitioners; lines and points of a site once.
fn sites_drawn(answer: &Answer) -> BTreeMap<String, [u64; 2]> {
    if answer.status == 204 {
        return BTreeMap::new();
    }
    let tile = MvtReaderRef::new(&answer.unpacked())
        .unwrap()
        .to_tile()
        .unwrap();
    let features = tile.layers.iter().flat_map(|layer| &layer.features);
    let read = features.map(|feature| {
        let of = |name: &str| {
            let found = feature.properties.iter().find(|(n, _)| n == name);
            &found.unwrap_or_else(|| panic!("{name}")).1
        };
        let number = |name: &str| match of(name) {
            MvtValue::UInt(n) => *n,
            other => panic!("{name} is {other:?}"),
        };
        let MvtValue::String(id) = of("id") else {
            panic!("id is {:?}", of("id"));
        };
        (id.clone(), [number("count"), number("petitioners")])
    });
    read.collect()
}

fn sites_listed(value: &Value) -> BTreeMap<String, [u64; 2]> {
    let list = value["sites"].as_array().unwrap().iter();
    let read = list.map(|s| {
        let number = |name: &str| s[name].as_u64().unwrap();
        let id = s["id"].as_str().unwrap().to_owned();
        (id, [number("count"), number("petitioners")])
    });
    read.collect()
}

#[tokio::test]
async fn the_tile_of_the_sites_shows_each_role_what_its_list_of_sites_shows() {
    let house = furnished().await;
    let mut found: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for role in Role::ALL.map(Role::code) {
        for query in ["", "q=违停", "unit=一中队", "unit=二中队", "channel=12345"] {
            let list = house
                .get(role, &format!("/api/v1/sites?limit=1000&{query}"))
                .await;
            let geo = house
                .get(role, &format!("/api/v1/sites.geojson?limit=1000&{query}"))
                .await;
            let tile = house
                .get(role, &format!("/tiles/sites/0/0/0.mvt?{query}"))
                .await;
            assert_eq!(list.status, geo.status, "{role} {query}");
            let listed = if list.status == 403 {
                BTreeMap::new()
            } else {
                assert_eq!(
                    geo.json()["features"].as_array().unwrap().len(),
                    list.json()["sites"].as_array().unwrap().len(),
                    "{role} {query}"
                );
                sites_listed(&list.json())
            };
            let drawn = if tile.status == 403 {
                BTreeMap::new()
            } else {
                sites_drawn(&tile)
            };
            assert_eq!(drawn, listed, "{role} {query}");
            found.insert((role, query), listed.len());
        }
    }
    let all = found[&("clerk", "")];
    assert!(all > 3, "{found:?}");
    assert_eq!(found[&("officer", "")], all, "every officer sees the sites");
    assert_eq!(found[&("officer", "unit=一中队")], 0, "of another squad");
    assert!(found[&("clerk", "unit=一中队")] > 0, "{found:?}");
    assert!(found[&("officer", "unit=二中队")] > 0, "{found:?}");
    for role in ["public", "liaison", "admin"] {
        assert_eq!(found[&(role, "q=违停")], 0, "{role}: {found:?}");
    }
    assert_eq!(found[&("public", "")], 0, "nothing is published");
    assert!(found[&("officer", "q=违停")] <= found[&("clerk", "q=违停")]);
}

#[tokio::test]
async fn cells_below_three_carry_no_number_to_roles_without_the_right_to_addresses() {
    let house = furnished().await;
    for role in Role::ALL.map(Role::code) {
        let tile = house.get(role, "/tiles/hex/12/3342/1627.mvt").await;
        let document = house.get(role, "/api/v1/cells.geojson?res=9").await;
        if document.status == 403 {
            assert_eq!(tile.status, 403, "{role}");
            continue;
        }
        let masked = matches!(role, "planner" | "auditor" | "publicist");
        let cells = document.json()["features"].as_array().unwrap().clone();
        let low = cells.iter().filter(|c| c["properties"]["low"] == true);
        let counts = cells
            .iter()
            .filter_map(|c| c["properties"]["tickets"].as_u64());
        let least = counts.min();
        if cells.is_empty() {
            assert_eq!(role, "liaison");
            continue;
        }
        assert_eq!(low.count() > 0, masked, "{role}");
        assert_eq!(least.unwrap() >= 3, masked, "{role}: {least:?}");
        let csv = house.get(role, "/api/v1/cells.csv?res=9").await.text();
        assert_eq!(csv.contains("<3"), masked, "{role}");
    }
}

#[tokio::test]
async fn an_exported_table_is_read_back_column_by_column() {
    let house = furnished().await;
    let text = house.get("clerk", "/api/v1/tickets.csv").await.text();
    let fresh = House::open(&["二中队"]).await;
    fresh.use_demo_city().await;
    import(&fresh.app, "工单.csv", text.clone()).await;
    let again = fresh.get("clerk", "/api/v1/tickets.csv").await.text();
    let table = |text: &str| {
        let text = text.trim_start_matches('\u{feff}').to_owned();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads: Vec<String> = reader
            .headers()
            .unwrap()
            .iter()
            .map(str::to_owned)
            .collect();
        let rows = reader.records().map(|r| {
            let row: BTreeMap<String, String> = heads
                .iter()
                .cloned()
                .zip(r.unwrap().iter().map(str::to_owned))
                .collect();
            (row["外部编号"].clone(), row)
        });
        (heads.clone(), rows.collect::<BTreeMap<_, _>>())
    };
    let ((heads, before), (_, after)) = (table(&text), table(&again));
    assert_eq!(before.len(), after.len());
    // What the program works out anew, and its own numbers.
    let own = [
        "编号",
        "定位精度",
        "定位名称",
        "误差半径米",
        "置信度",
        "经度WGS84",
        "纬度WGS84",
        "点位",
        "坐标已粗化",
    ];
    for head in heads.iter().filter(|h| !own.contains(&h.as_str())) {
        for (no, row) in &before {
            assert_eq!(row[head], after[no][head], "{head} of {no}");
        }
    }
    assert!(before.values().any(|row| row["分类"].contains("->")));
}

#[tokio::test]
async fn every_document_that_leaves_and_every_print_stands_in_the_audit_log() {
    let house = furnished().await;
    let doors = [
        "tickets.csv",
        "tickets.geojson",
        "sites.csv",
        "sites.xlsx",
        "sites.geojson",
        "cells.csv?res=9",
        "cells.xlsx",
        "cells.geojson",
        "compare.csv?from=2024-03-01&to=2024-03-31&from2=2024-02-01&to2=2024-02-29",
        "compare.xlsx?from=2024-03-01&to=2024-03-31&from2=2024-02-01&to2=2024-02-29",
        "compare.geojson?from=2024-03-01&to=2024-03-31&from2=2024-02-01&to2=2024-02-29",
        "alarms.csv",
        "alarms.xlsx",
        "alarms.geojson",
        "lens.csv?view=gi",
        "lens.xlsx?view=gi",
        "lens.geojson?view=gi",
        "imports/1/errors.csv",
    ];
    for role in ["auditor", "clerk", "planner"] {
        house.cookie(role).await;
    }
    for door in doors {
        let answer = house
            .get("principal_leader", &format!("/api/v1/{door}"))
            .await;
        assert_eq!(answer.status, 200, "{door}: {}", answer.text());
        assert!(
            answer
                .header("content-disposition")
                .starts_with("attachment"),
            "{door}"
        );
        let rows = house.get("auditor", "/api/v1/audit?limit=1").await.json();
        let row = &rows["audit"][0];
        assert_eq!(
            (row["user"].as_str(), row["action"].as_str()),
            (Some("principal_leader"), Some("export")),
            "{door}: {row}"
        );
        let (path, query) = door.split_once('?').unwrap_or((door, ""));
        let path = if path.starts_with("tickets.") {
            "tickets"
        } else {
            path
        };
        assert_eq!(row["object"], path, "{door}");
        if path != "tickets" {
            assert_eq!(row["detail"]["query"], query, "{door}");
        }
    }
    let newest =
        async || house.get("auditor", "/api/v1/audit?limit=1").await.json()["audit"][0].clone();
    let before = newest().await;
    house.get("clerk", "/api/v1/alarms.geojson?map=1").await;
    house.get("clerk", "/api/v1/sites").await;
    assert_eq!(newest().await, before, "looking is no export");
    let page = json!({"page": "#/map?site=7"});
    assert_eq!(
        house.post("planner", "/api/v1/prints", &page).await.status,
        204
    );
    let row = newest().await;
    assert_eq!(
        (
            row["user"].as_str(),
            row["action"].as_str(),
            row["object"].as_str()
        ),
        (Some("planner"), Some("print"), Some("#/map?site=7"))
    );
}
