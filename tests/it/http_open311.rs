//! What may the Open311 world see and do: nothing until the option opens it, then public tickets, and reports by key holders.

use axum::body::Body;
use axum::http::Request;

use crate::http_support::{Answer, House};

const KEY: &str = "a-key-of-sixteen-characters";

async fn open() -> House {
    House::with(&[], |c| {
        c.open311 = true;
        c.open311_keys = vec![KEY.to_owned()];
    })
    .await
}

async fn sent(house: &House, thing: &str, form: &str) -> Answer {
    let request = Request::post(format!("/open311/v2/{thing}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(form.to_owned()))
        .unwrap();
    house.call(request).await
}

#[tokio::test]
async fn the_interface_is_shut_until_the_option_opens_it() {
    let house = House::open(&[]).await;
    let answer = house.get("", "/open311/v2/services.json").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn services_are_the_categories_with_a_public_name() {
    let house = open().await;
    let services = house.get("", "/open311/v2/services.json").await.json();
    let codes: Vec<&str> = services
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["service_code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&"parking"), "{codes:?}");
    let xml = house.get("", "/open311/v2/services.xml").await;
    assert!(xml.header("content-type").starts_with("application/xml"));
    assert!(xml.text().contains("<service_code>parking</service_code>"));
    let unknown = house.get("", "/open311/v2/services/NOPE.xml").await;
    assert_eq!(unknown.status, 404);
    assert!(
        unknown.text().contains("<code>404</code>"),
        "{}",
        unknown.text()
    );
}

#[tokio::test]
async fn a_report_needs_a_key_and_comes_back_without_what_tells_of_its_sender() {
    let house = open().await;
    let form = "service_code=parking&address_string=%E6%96%87%E6%B2%BB%E8%B7%AF&phone=13800138000\
        &description=%E8%BD%A6%E4%B9%B1%E5%81%9C%EF%BC%8C%E7%94%B5%E8%AF%9D13800138000";
    assert_eq!(sent(&house, "requests.json", form).await.status, 403);
    let taken = sent(&house, "requests.json", &format!("api_key={KEY}&{form}")).await;
    assert_eq!(taken.status, 200, "{}", taken.text());
    let no = taken.json()[0]["service_request_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let one = house
        .get("", &format!("/open311/v2/requests/{no}.json"))
        .await;
    let shown = one.text();
    assert!(!shown.contains("13800138000"), "{shown}");
    assert_eq!(one.json()[0]["status"], "open");
    assert_eq!(one.json()[0]["service_code"], "parking");
    let list = house.get("", "/open311/v2/requests.json?status=open").await;
    assert_eq!(list.json().as_array().unwrap().len(), 1, "{}", list.text());
    let closed = house
        .get("", "/open311/v2/requests.json?status=closed")
        .await;
    assert_eq!(closed.json().as_array().unwrap().len(), 0);
    let clerk = house
        .get("clerk", &format!("/api/v1/tickets/{no}"))
        .await
        .json();
    assert_eq!(clerk["channel"], "api");
    let again = sent(&house, "requests.json", &format!("api_key={KEY}&{form}")).await;
    assert_ne!(again.json()[0]["service_request_id"], no.as_str());
}

#[tokio::test]
async fn wrong_questions_have_a_status_and_a_description() {
    let house = open().await;
    for (path, status) in [
        ("requests.json?status=reopened", 400),
        ("requests.json?start_date=2024-04-01", 400),
        ("requests/NOPE.json", 404),
        ("tokens/NOPE.json", 404),
        ("discovery.json", 200),
        ("nothing.json", 404),
    ] {
        let answer = house.get("", &format!("/open311/v2/{path}")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
        if status != 200 {
            let fault = &answer.json()[0];
            assert_eq!(fault["code"], status);
            assert!(!fault["description"].as_str().unwrap().is_empty());
        }
    }
}
