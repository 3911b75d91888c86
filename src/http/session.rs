//! Who is logged in: login, logout, own password, and the accounts that a demo shows.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::{self, Who};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::{self, Me, Peer};
use crate::http::need::Need;
use crate::http::problem::{Lang, Problem};
use crate::ticket::permit::{self, Right};

/// Shape of a session.
const SESSION: &str = "{user:{name:string, title:string, role:string, role_title:string, unit:string?, must_change:boolean}, rights:object, demo:boolean, secure:boolean}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/session", Need::Open, show).says(
            "Who is logged in, with the rights of the role; 204 while nobody is.",
            SESSION,
        ),
        Endpoint::new("POST /api/v1/session", Need::Open, login)
            .says("Log in with name and password; sets the session cookie.", SESSION)
            .body("{name:string, password:string}"),
        Endpoint::new("DELETE /api/v1/session", Need::Open, logout)
            .says("Log out; the session ends at once.", "")
            .status(204),
        Endpoint::new("POST /api/v1/session/password", Need::Login, password)
            .says("Change one's own password; all other sessions of the person end.", "")
            .body("{old:string, new:string}")
            .status(204),
        Endpoint::new("GET /api/v1/demo", Need::Open, demo).says(
            "Whether this is a demo, and its ready accounts (only a demo has any).",
            "{demo:boolean, accounts:[{name:string, password:string, role:string, role_title:string}]}",
        ),
    ]
}

/// A visitor who is not logged in has made no mistake: a 401 here would be an error in the console of every login page.
async fn show(
    State(door): State<Arc<Door>>,
    me: Result<Me, Problem>,
    headers: HeaderMap,
) -> Response {
    let unstored = [(CACHE_CONTROL, "no-store")];
    match me {
        Ok(Me(who)) => (unstored, Json(described(&door, &who, Lang::of(&headers)))).into_response(),
        Err(_) => (StatusCode::NO_CONTENT, unstored).into_response(),
    }
}

fn described(door: &Door, who: &Who, lang: Lang) -> Value {
    let rights: Map<String, Value> = Right::ALL
        .into_iter()
        .map(|right| {
            let cell = permit::cell_of(who.role, right);
            (right.code().to_owned(), json!(cell))
        })
        .collect();
    let role_title = match lang {
        Lang::Zh => who.role.title(),
        Lang::En => who.role.title_en(),
    };
    json!({
        "user": {
            "name": who.name,
            "title": who.title,
            "role": who.role,
            "role_title": role_title,
            "unit": who.unit,
            "must_change": who.must_change,
        },
        "rights": rights,
        "demo": door.config.demo,
        "secure": door.config.secure_cookie(),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    name: String,
    password: String,
}

async fn login(
    State(door): State<Arc<Door>>,
    peer: Peer,
    headers: HeaderMap,
    Body(given): Body<Credentials>,
) -> Result<impl IntoResponse, Problem> {
    let addr = peer
        .addr
        .map_or_else(|| "local".to_owned(), |a| a.to_string());
    let login = door.app.login(&given.name, &given.password, &addr).await?;
    let cookie = cookie(&door, &login.token, app::ABSOLUTE_MS / 1000);
    let body = described(&door, &login.who, Lang::of(&headers));
    Ok((
        [(SET_COOKIE, cookie), (CACHE_CONTROL, "no-store".to_owned())],
        Json(body),
    ))
}

fn cookie(door: &Door, token: &str, max_age_s: i64) -> String {
    let secure = door.config.secure_cookie();
    let name = gate::cookie_name(secure);
    let tail = if secure { "; Secure" } else { "" };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{tail}")
}

async fn logout(
    State(door): State<Arc<Door>>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    if let Some(token) = gate::token(&headers, door.config.secure_cookie()) {
        door.app.logout(token).await?;
        door.guests.forget();
    }
    Ok((
        StatusCode::NO_CONTENT,
        AppendHeaders([(SET_COOKIE, cookie(&door, "", 0))]),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    old: String,
    new: String,
}

async fn password(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(change): Body<PasswordChange>,
) -> Result<StatusCode, Problem> {
    door.app
        .change_password(&who, &change.old, &change.new)
        .await?;
    door.guests.forget();
    Ok(StatusCode::NO_CONTENT)
}

async fn demo(State(door): State<Arc<Door>>) -> Json<Value> {
    Json(json!({"demo": door.config.demo, "accounts": door.app.demo_list()}))
}
