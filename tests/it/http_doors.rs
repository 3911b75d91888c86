//! What every request may rely on: sessions, safe headers, problems in the caller's language, refusal of foreign writes.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use crate::http_support::House;

#[tokio::test]
async fn a_login_sets_a_cookie_that_scripts_cannot_read_and_a_logout_ends_it() {
    let house = House::open(&[]).await;
    let cookie = house.cookie("clerk").await;
    let body = json!({"name": "clerk", "password": "demo-clerk-2026"});
    let login = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    let set = login.header("set-cookie");
    assert!(set.starts_with("zl=") && set.contains("HttpOnly") && set.contains("SameSite=Lax"));
    assert!(
        !set.contains("Secure"),
        "plain HTTP carries no secure cookie: {set}"
    );
    let session = house.send("GET", "/api/v1/session", &cookie, None).await;
    assert_eq!(session.json()["user"]["role"], "clerk");
    assert_eq!(session.json()["rights"]["settings"]["scope"], "none");
    let out = house.send("DELETE", "/api/v1/session", &cookie, None).await;
    assert_eq!(out.status, 204);
    let after = house.send("GET", "/api/v1/session", &cookie, None).await;
    assert_eq!(after.status, 204, "nobody is logged in");
    let tickets = house.send("GET", "/api/v1/tickets", &cookie, None).await;
    assert_eq!(tickets.status, 401);
}

#[tokio::test]
async fn behind_https_the_cookie_is_bound_to_the_host() {
    let house = House::with(&[], |c| {
        c.public_url = Some("https://zhilu.example".to_owned());
    })
    .await;
    let body = json!({"name": "clerk", "password": "demo-clerk-2026"});
    let login = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    let set = login.header("set-cookie");
    assert!(
        set.starts_with("__Host-zl=") && set.contains("Secure"),
        "{set}"
    );
    assert!(
        login
            .header("strict-transport-security")
            .contains("max-age")
    );
}

#[tokio::test]
async fn a_wrong_password_is_a_problem_with_a_code_in_the_callers_language() {
    let house = House::open(&[]).await;
    let body = json!({"name": "clerk", "password": "falsch"});
    let zh = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    assert_eq!(zh.status, 401);
    assert_eq!(zh.header("content-type"), "application/problem+json");
    assert_eq!(zh.json()["title"], "用户名或密码不正确");
    assert_eq!(zh.json()["instance"], "/api/v1/session");
    let request = Request::post("/api/v1/session")
        .header("content-type", "application/json")
        .header("accept-language", "en")
        .body(Body::from(body.to_string()))
        .unwrap();
    let en = house.call(request).await;
    assert_eq!(en.json()["title"], "Name or password is wrong");
    assert_eq!(en.code(), "bad_credentials");
    assert_eq!(
        en.header("x-request-id"),
        en.json()["request_id"].as_str().unwrap()
    );
}

#[tokio::test]
async fn too_many_failures_are_told_to_wait() {
    let house = House::open(&[]).await;
    let body = json!({"name": "clerk", "password": "falsch"});
    for _ in 0..5 {
        house.send("POST", "/api/v1/session", "", Some(&body)).await;
    }
    let locked = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    assert_eq!(
        (locked.status.as_u16(), locked.code().as_str()),
        (429, "locked_out")
    );
    assert!(!locked.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_write_from_another_site_is_refused_before_anything_is_read() {
    let house = House::open(&[]).await;
    let cookie = house.cookie("admin").await;
    let foreign = |name: &str, value: &str| {
        Request::post("/api/v1/users")
            .header("cookie", &cookie)
            .header("content-type", "application/json")
            .header("host", "zhilu.local")
            .header(name, value)
            .body(Body::from(
                json!({"name": "x1", "role": "clerk"}).to_string(),
            ))
            .unwrap()
    };
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
    ] {
        let answer = house.call(foreign(name, value)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (403, "csrf"),
            "{name}"
        );
    }
    let own = house.call(foreign("sec-fetch-site", "same-origin")).await;
    assert_eq!(own.status, 201, "{}", own.text());
}

#[tokio::test]
async fn a_write_that_is_not_json_is_refused() {
    let house = House::open(&[]).await;
    let request = Request::post("/api/v1/session")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from("name=clerk&password=demo-clerk-2026"))
        .unwrap();
    let answer = house.call(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (415, "media_type")
    );
}

#[tokio::test]
async fn an_unknown_field_is_refused_by_name() {
    let house = House::open(&[]).await;
    let body = json!({"name": "clerk", "password": "x", "colour": "red"});
    let answer = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json()["detail"].as_str().unwrap().contains("colour"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn every_answer_carries_the_safe_headers_and_the_page_nothing_inline() {
    let house = House::open(&[]).await;
    for path in [
        "/",
        "/healthz",
        "/api/v1/version",
        "/nothing/here",
        "/api/v1/session",
    ] {
        let answer = house.get("", path).await;
        let csp = answer.header("content-security-policy");
        assert!(
            csp.starts_with("default-src 'none'; script-src 'self'"),
            "{path}: {csp}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(!answer.header("x-request-id").is_empty());
    }
    let page = house.get("", "/").await;
    assert_eq!(page.status, 200);
    assert!(!page.text().contains("<script>") && !page.text().contains("style=\""));
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_problems_too() {
    let house = House::open(&[]).await;
    let missing = house.get("", "/api/v1/nothing").await;
    assert_eq!(
        (missing.status.as_u16(), missing.code().as_str()),
        (404, "not_found")
    );
    let wrong = house.send("DELETE", "/healthz", "", None).await;
    assert_eq!(
        (wrong.status.as_u16(), wrong.code().as_str()),
        (405, "method")
    );
}

#[tokio::test]
async fn a_person_with_a_one_time_password_must_change_it_first() {
    let house = House::open(&[]).await;
    let new = house
        .post(
            "admin",
            "/api/v1/users",
            &json!({"name": "li.hua", "role": "clerk"}),
        )
        .await;
    assert_eq!(new.status, 201, "{}", new.text());
    let once = new.json()["password"].as_str().unwrap().to_owned();
    let body = json!({"name": "li.hua", "password": once});
    let login = house.send("POST", "/api/v1/session", "", Some(&body)).await;
    assert_eq!(login.json()["user"]["must_change"], true);
    let cookie = login
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let meta = house.send("GET", "/api/v1/meta", &cookie, None).await;
    assert_eq!(
        meta.status,
        200,
        "the page needs its words even then: {}",
        meta.text()
    );
    let imports = house.send("GET", "/api/v1/imports", &cookie, None).await;
    if imports.status != 404 {
        assert_eq!(
            (imports.status.as_u16(), imports.code().as_str()),
            (403, "must_change_password")
        );
    }
    let counts = house
        .send("GET", "/api/v1/counts?by=day", &cookie, None)
        .await;
    assert_eq!(
        (counts.status.as_u16(), counts.code().as_str()),
        (403, "must_change_password")
    );
    let change = json!({"old": once, "new": "正确的马电池订书钉一枚"});
    let changed = house
        .send("POST", "/api/v1/session/password", &cookie, Some(&change))
        .await;
    assert_eq!(changed.status, 204, "{}", changed.text());
    let counts = house
        .send("GET", "/api/v1/counts?by=day", &cookie, None)
        .await;
    assert_eq!(counts.status, 200, "{}", counts.text());
}

#[tokio::test]
async fn a_revoked_session_is_over_at_once() {
    let house = House::open(&[]).await;
    let cookie = house.cookie("planner").await;
    assert_eq!(
        house
            .send("GET", "/api/v1/session", &cookie, None)
            .await
            .status,
        200
    );
    let users = house.get("admin", "/api/v1/users").await.json();
    let list = users["users"].as_array().unwrap().clone();
    let id = list.iter().find(|u| u["name"] == "planner").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoked = house
        .post("admin", &format!("/api/v1/users/{id}/revoke"), &json!({}))
        .await;
    assert_eq!(revoked.json()["sessions"], 1);
    assert_eq!(
        house
            .send("GET", "/api/v1/session", &cookie, None)
            .await
            .status,
        204
    );
}

#[tokio::test]
async fn nobody_edits_the_own_rights() {
    let house = House::open(&[]).await;
    let users = house.get("admin", "/api/v1/users").await.json();
    let list = users["users"].as_array().unwrap().clone();
    let id = list.iter().find(|u| u["name"] == "admin").unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let cookie = house.cookie("admin").await;
    let body = json!({"role": "principal_leader"});
    let answer = house
        .send(
            "PATCH",
            &format!("/api/v1/users/{id}"),
            &cookie,
            Some(&body),
        )
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (409, "own_rights")
    );
}

#[tokio::test]
async fn figures_are_told_to_this_machine_and_to_administrators_only() {
    let house = House::open(&[]).await;
    assert_eq!(house.get("", "/metrics").await.status, 403);
    assert_eq!(house.get("clerk", "/metrics").await.status, 403);
    let admin = house.get("admin", "/metrics").await;
    assert_eq!(admin.status, 200);
    for name in [
        "zhilu_http_requests_total{",
        "zhilu_tickets 0",
        "zhilu_up_seconds",
        "zhilu_index_bytes",
    ] {
        assert!(
            admin.text().contains(name),
            "{name} missing in {}",
            admin.text()
        );
    }
}

#[tokio::test]
async fn the_record_of_deeds_is_read_and_verified_by_those_who_may() {
    let house = House::open(&[]).await;
    house.cookie("clerk").await;
    let page = house.get("auditor", "/api/v1/audit?limit=5").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.json()["audit"].as_array().unwrap().len(), 5);
    let next = page.json()["meta"]["next"].as_str().unwrap().to_owned();
    let more = house
        .get("auditor", &format!("/api/v1/audit?limit=5&cursor={next}"))
        .await;
    assert_ne!(
        page.json()["audit"][0]["seq"],
        more.json()["audit"][0]["seq"]
    );
    let verdict = house
        .post("auditor", "/api/v1/audit/verify", &json!({}))
        .await;
    assert!(verdict.json()["broken"].is_null(), "{}", verdict.text());
    assert_eq!(
        house
            .post("principal_leader", "/api/v1/audit/verify", &json!({}))
            .await
            .status,
        403
    );
    let own = house.get("deputy_leader", "/api/v1/audit").await.json();
    assert!(
        own["audit"]
            .as_array()
            .unwrap()
            .iter()
            .all(|r| r["user"] == "deputy_leader")
    );
}

#[tokio::test]
async fn a_wrong_filter_is_refused_with_the_valid_names() {
    let house = House::open(&[]).await;
    for (query, word) in [
        ("colour=red", "kind"),
        ("by=colour", "hour_weekday"),
        ("channel=9", "12345"),
    ] {
        let answer = house.get("clerk", &format!("/api/v1/counts?{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(
            answer.json()["detail"].as_str().unwrap().contains(word),
            "{}",
            answer.text()
        );
        assert!(!answer.json()["errors"].as_array().unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_unchanged_answer_is_a_304_without_body() {
    let house = House::open(&[]).await;
    let first = house.get("clerk", "/api/v1/meta").await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("\"v") && first.header("cache-control").contains("no-cache"));
    let request = Request::get("/api/v1/meta")
        .header("cookie", house.cookie("clerk").await)
        .header("if-none-match", &tag)
        .body(Body::empty())
        .unwrap();
    let second = house.call(request).await;
    assert_eq!((second.status.as_u16(), second.body.len()), (304, 0));
}
