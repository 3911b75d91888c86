//! What does the program say to the Open311 world (`GeoReport` v2)? Off unless an option opens it; no personal data, coarsened places.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::app;
use crate::http::Door;
use crate::http::endpoint::Endpoint;
use crate::http::need::{Need, Pace};
use crate::http::problem::Problem;
use crate::report::open311::{Ask, Doc, Fault, Found, Request, Taken, ask, read, xml};

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    const XML: &str = "application/xml";
    vec![
        Endpoint::new("GET /open311/v2/{thing}", Need::Open, list)
            .says("Open311 GeoReport v2: discovery, services or requests, ending in .xml or .json; 404 while the option open311 is off.", XML),
        Endpoint::new("GET /open311/v2/{thing}/{id}", Need::Open, one)
            .says("Open311 GeoReport v2: one service, request or token, ending in .xml or .json.", XML),
        Endpoint::new("POST /open311/v2/{thing}", Need::Open, submit)
            .says("Open311 GeoReport v2: a new request; needs api_key.", XML)
            .pace(Pace::Form),
    ]
}

/// Names and values, decoded.
type Words = Vec<(String, String)>;
type Pairs = Query<Words>;

async fn list(State(door): State<Arc<Door>>, Path(thing): Path<String>, query: Pairs) -> Response {
    answered(&door, (Method::GET, &thing), (query.0, Vec::new())).await
}

async fn one(
    State(door): State<Arc<Door>>,
    Path((thing, id)): Path<(String, String)>,
    query: Pairs,
) -> Response {
    let path = format!("{thing}/{id}");
    answered(&door, (Method::GET, &path), (query.0, Vec::new())).await
}

async fn submit(
    State(door): State<Arc<Door>>,
    Path(thing): Path<String>,
    query: Pairs,
    body: String,
) -> Response {
    let mut form = ask::pairs(&body);
    form.extend(query.0);
    answered(&door, (Method::POST, &thing), (Vec::new(), form)).await
}

async fn answered(
    door: &Door,
    (method, path): (Method, &str),
    (query, form): (Words, Words),
) -> Response {
    if !door.config.open311 {
        return Problem::not_found().into_response();
    }
    let (_, doc) = ask::split(path);
    let key = form.iter().find(|(name, _)| name == "api_key");
    let found = Found {
        method: method.as_str(),
        path,
        query: &query,
        form: &form,
        key_known: key.is_some_and(|(_, key)| known(&door.config.open311_keys, key)),
        now: door.app.now(),
    };
    let services = door.app.public_services();
    let outcome = match read(&found, &services) {
        Ok(asked) => said(door, asked, doc).await,
        Err(fault) => Ok(faulty(&fault, doc)),
    };
    outcome.unwrap_or_else(|error| Problem::from(error).into_response())
}

/// Compares digests, so that the time of the answer says nothing about the key.
fn known(keys: &[String], given: &str) -> bool {
    let given = Sha256::digest(given.as_bytes());
    let same = keys.iter().map(|k| Sha256::digest(k.as_bytes()) == given);
    same.fold(false, |any, one| any | one)
}

async fn said(door: &Door, asked: Ask, doc: Doc) -> app::Result<Response> {
    Ok(match asked {
        Ask::Discovery => discovery(door, doc),
        Ask::Services => rows(("services", "service"), &door.app.public_services(), doc),
        Ask::Service(code) => {
            let row = json!({"service_code": code, "attributes": []});
            match doc {
                Doc::Json => text(doc, row.to_string()),
                Doc::Xml => text(doc, xml::one("service_definition", &row)),
            }
        }
        Ask::Requests(window) => {
            let tickets = door.app.public_tickets(&window).await?;
            let list: Vec<Request> = tickets
                .iter()
                .map(|t| Request::of(t, window.extensions))
                .collect();
            rows(REQUESTS, &list, doc)
        }
        Ask::Request(id, extensions) => match door.app.public_ticket(&id).await? {
            Some(ticket) => rows(REQUESTS, &[Request::of(&ticket, extensions)], doc),
            None => faulty(&Fault::unknown("service_request_id", &id), doc),
        },
        Ask::Token(token) => faulty(&Fault::unknown("token", &token), doc),
        Ask::Submit(form) => {
            let taken = Taken {
                service_request_id: door.app.take_request(&form).await?,
                service_notice: None,
                account_id: None,
            };
            rows(REQUESTS, &[taken], doc)
        }
    })
}

const REQUESTS: (&str, &str) = ("service_requests", "request");

fn discovery(door: &Door, doc: Doc) -> Response {
    let url = door.config.public_url.clone().unwrap_or_default() + "/open311/v2";
    let endpoint = json!({
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": url,
        "changeset": door.started.rfc3339(),
        "type": "production",
        "formats": ["application/json", "application/xml"],
    });
    let row = json!({
        "changeset": door.started.rfc3339(),
        "contact": "",
        "key_service": "",
        "endpoints": [endpoint],
    });
    match doc {
        Doc::Json => text(doc, row.to_string()),
        Doc::Xml => text(doc, xml::one("discovery", &row)),
    }
}

fn rows<T: Serialize>((list, item): (&str, &str), all: &[T], doc: Doc) -> Response {
    match doc {
        Doc::Json => text(doc, serde_json::to_string(all).unwrap_or_default()),
        Doc::Xml => text(doc, xml::list(list, item, all)),
    }
}

fn faulty(fault: &Fault, doc: Doc) -> Response {
    let status = StatusCode::from_u16(fault.code).unwrap_or(StatusCode::BAD_REQUEST);
    (
        status,
        rows(("errors", "error"), std::slice::from_ref(fault), doc),
    )
        .into_response()
}

fn text(doc: Doc, body: String) -> Response {
    let kind = match doc {
        Doc::Json => "application/json; charset=utf-8",
        Doc::Xml => "application/xml; charset=utf-8",
    };
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], body).into_response()
}
