//! Does the rights table hold over HTTP, cell by cell, and is every endpoint described as it behaves?

use std::collections::BTreeMap;

use serde_json::{Value, json};

use zhilu::ticket::permit::Role;

use crate::http_support::House;

/// The table of the casework reference, section 6, written a second time by hand: right → roles that have it at all.
const MAY: &[(&str, &str)] = &[
    (
        "tickets",
        "clerk officer squad_leader deputy_leader principal_leader planner auditor liaison publicist",
    ),
    (
        "clear",
        "clerk officer squad_leader deputy_leader principal_leader",
    ),
    ("clear_export", "deputy_leader principal_leader"),
    (
        "sites",
        "clerk officer squad_leader deputy_leader principal_leader planner auditor liaison publicist public",
    ),
    (
        "indicators",
        "clerk officer squad_leader deputy_leader principal_leader planner auditor public",
    ),
    (
        "reports",
        "clerk deputy_leader principal_leader planner auditor publicist",
    ),
    (
        "echo",
        "clerk deputy_leader principal_leader auditor publicist public",
    ),
    ("audit", "deputy_leader principal_leader auditor"),
    ("settings", "admin"),
    ("import", "clerk deputy_leader principal_leader"),
    ("review", "clerk deputy_leader principal_leader planner"),
    ("survey", "deputy_leader principal_leader planner"),
];

/// Rights under which a role may change things.
const EDIT: &[(&str, &str)] = &[
    ("clear_export", "deputy_leader principal_leader"),
    ("sites", "deputy_leader principal_leader planner"),
    ("reports", "deputy_leader principal_leader"),
    ("echo", "deputy_leader principal_leader"),
    ("settings", "admin"),
    ("import", "clerk deputy_leader principal_leader"),
    ("review", "clerk deputy_leader principal_leader planner"),
    ("survey", "deputy_leader principal_leader planner"),
];

/// Rights under which a role may propose, or more.
const PROPOSE: &[(&str, &str)] = &[(
    "sites",
    "squad_leader deputy_leader principal_leader planner",
)];

/// Rights under which a role may verify.
const VERIFY: &[(&str, &str)] = &[("audit", "auditor")];

/// Operations that end the very session the walk needs.
const APART: &[&str] = &[
    "DELETE /api/v1/session",
    "POST /api/v1/session",
    "POST /api/v1/session/password",
];

struct Operation {
    method: String,
    path: String,
    need: String,
    body: Option<Value>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let method = method.to_uppercase();
            if APART.contains(&format!("{method} {path}").as_str()) {
                continue;
            }
            let body = (method != "GET" && method != "DELETE").then(|| json!({}));
            all.push(Operation {
                method,
                path: path
                    .replace("{z}", "3")
                    .replace("{x}", "1")
                    .replace("{y}", "1.mvt")
                    .replace("{id}", "999999")
                    .replace("{no}", "none"),
                need: operation["x-need"].as_str().unwrap().to_owned(),
                body,
            });
        }
    }
    all
}

fn allowed(need: &str, role: &str) -> bool {
    let Some((kind, right)) = need.split_once(' ') else {
        return true;
    };
    let table = match kind {
        "propose" => PROPOSE,
        "edit" => EDIT,
        "verify" => VERIFY,
        _ => MAY,
    };
    let row = table.iter().find(|(name, _)| *name == right);
    row.is_some_and(|(_, roles)| roles.split(' ').any(|r| r == role))
}

#[tokio::test]
async fn every_endpoint_lets_in_exactly_the_roles_of_the_table() {
    let house = House::open(&["一中队"]).await;
    let document = house.get("", "/api/v1/openapi.json").await.json();
    let operations = operations(&document);
    assert!(operations.len() >= 18, "{} operations", operations.len());
    let mut cells = 0;
    for role in Role::ALL.map(Role::code) {
        let cookie = house.cookie(role).await;
        for op in &operations {
            let answer = house
                .send(&op.method, &op.path, &cookie, op.body.as_ref())
                .await;
            let refused = answer.status == 403 && answer.code() == "forbidden";
            let metrics = op.path == "/metrics";
            if !metrics {
                let line = format!(
                    "{role}: {} {} ({}) → {}",
                    op.method, op.path, op.need, answer.status
                );
                assert_eq!(refused, !allowed(&op.need, role), "{line}");
                assert_ne!(answer.status, 401, "{line}");
                assert!(answer.status.as_u16() < 500, "{line}: {}", answer.text());
            }
            cells += 1;
        }
    }
    assert!(cells > 200);
}

#[tokio::test]
async fn without_login_only_the_open_endpoints_answer() {
    let house = House::open(&[]).await;
    let document = house.get("", "/api/v1/openapi.json").await.json();
    for op in operations(&document) {
        let answer = house.send(&op.method, &op.path, "", op.body.as_ref()).await;
        let line = format!("{} {} → {}", op.method, op.path, answer.status);
        if op.need == "open" {
            assert_ne!(answer.status, 401, "{line}");
        } else {
            assert_eq!(answer.status, 401, "{line}");
            assert_eq!(answer.code(), "login_needed", "{line}");
        }
    }
}

#[tokio::test]
async fn the_cells_told_to_the_page_are_the_cells_of_the_table() {
    let house = House::open(&["一中队"]).await;
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for role in Role::ALL.map(Role::code) {
        let session = house.get(role, "/api/v1/session").await.json();
        for (right, roles) in MAY {
            let told = session["rights"][right]["scope"] != "none";
            let meant = roles.split(' ').any(|r| r == role);
            assert_eq!(told, meant, "{role} {right}: {}", session["rights"][right]);
            *seen.entry(role.to_owned()).or_default() += 1;
        }
        for (right, roles) in EDIT {
            let power = session["rights"][right]["power"].as_str().unwrap();
            let told = matches!(power, "edit" | "approve" | "sign");
            assert_eq!(
                told,
                roles.split(' ').any(|r| r == role),
                "{role} {right} {power}"
            );
        }
    }
    assert_eq!(seen.len(), 11);
    assert!(seen.values().all(|n| *n == 12));
}

/// Checks a value against the subset of JSON Schema that the description uses.
pub(crate) fn conforms(
    value: &Value,
    schema: &Value,
    document: &Value,
    at: &str,
) -> Result<(), String> {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        return conforms(
            value,
            &document["components"]["schemas"][name],
            document,
            at,
        );
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let tries: Vec<_> = any
            .iter()
            .map(|s| conforms(value, s, document, at))
            .collect();
        return if tries.iter().any(Result::is_ok) {
            Ok(())
        } else {
            tries.into_iter().next().unwrap()
        };
    }
    let fits = match schema["type"].as_str() {
        None => true,
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(other) => return Err(format!("{at}: type {other} is not known")),
    };
    if !fits {
        return Err(format!("{at}: {} expected, found {value}", schema["type"]));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap();
        if value.get(name).is_none() {
            return Err(format!("{at}: {name} is missing in {value}"));
        }
    }
    if let (Some(properties), Some(map)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, inner) in map {
            let Some(schema) = properties.get(name) else {
                continue;
            };
            conforms(inner, schema, document, &format!("{at}.{name}"))?;
        }
    }
    if let Some(list) = value.as_array() {
        for (n, inner) in list.iter().enumerate() {
            conforms(inner, &schema["items"], document, &format!("{at}[{n}]"))?;
        }
    }
    Ok(())
}

/// Asks every documented GET that has no path parameter (or whose parameter `fill` knows) and checks status, type and shape.
pub(crate) async fn walk(
    house: &House,
    role: &str,
    fill: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let document = house.get("", "/api/v1/openapi.json").await.json();
    let mut asked = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["get"];
        let need = operation["x-need"].as_str().unwrap_or("");
        if operation.is_null() || !allowed(need, role) || path == "/metrics" {
            continue;
        }
        let address = if path.contains('{') {
            fill(path)
        } else {
            Some(fill(path).unwrap_or_else(|| path.clone()))
        };
        let Some(mut address) = address else {
            continue;
        };
        if path == "/api/v1/counts" {
            address.push_str("?by=day");
        }
        if path.starts_with("/api/v1/compare") {
            address.push_str("?from=2024-03-01&to=2024-03-31&from2=2024-02-01&to2=2024-02-29");
        }
        if path == "/api/v1/search" {
            address.push_str("?q=学校");
        }
        let answer = house.get(role, &address).await;
        let line = format!(
            "GET {address} → {} {}",
            answer.status,
            answer.text().chars().take(300).collect::<String>()
        );
        if answer.status == 204 {
            asked.push(path.clone());
            continue;
        }
        let content = &operation["responses"][answer.status.as_u16().to_string()]["content"];
        assert!(content.is_object(), "undocumented status: {line}");
        let kind = answer
            .header("content-type")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let documented = content
            .get(&kind)
            .unwrap_or_else(|| panic!("{kind} is not documented: {line}"));
        if kind == "application/json" {
            conforms(&answer.json(), &documented["schema"], &document, path).unwrap();
        }
        asked.push(path.clone());
    }
    asked
}

#[tokio::test]
async fn every_documented_get_answers_as_described_on_an_empty_house() {
    let house = House::open(&["一中队"]).await;
    for role in [
        "principal_leader",
        "admin",
        "planner",
        "auditor",
        "officer",
        "public",
    ] {
        let asked = walk(&house, role, &|_| None).await;
        assert!(asked.len() >= 7, "{role}: {asked:?}");
    }
}
