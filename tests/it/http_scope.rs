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
    assert_eq!(told("planner", "z=13").await, all);
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
