//! Which accounts exist: list, make, change, revoke; for administrators.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use crate::app::{Account, AccountChange, NewAccount};
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::ticket::permit::{Right, Role};

/// Shape of an account.
pub(super) const USER: &str = "{id:string, name:string, title:string, role:string, role_title:string, unit:string?, active:boolean, must_change:boolean, version:integer}";

const EDIT: Need = Need::Edit(Right::Settings);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/users", EDIT, list)
            .says("All accounts by name.", "{users:[User]}"),
        Endpoint::new("POST /api/v1/users", EDIT, create)
            .says("Make an account; without a password a one-time password is answered, once.", "{user:User, password:string?}")
            .body("{name:string, role:string, title:string?, unit:string?, password:string?}")
            .status(201),
        Endpoint::new("PATCH /api/v1/users/{id}", EDIT, change)
            .says("Change an account, or give it a new one-time password; nobody changes the own rights.", "{user:User, password:string?}")
            .body("{version:integer?, title:string?, role:string?, unit:string?, active:boolean?, reset_password:boolean?}"),
        Endpoint::new("POST /api/v1/users/{id}/revoke", EDIT, revoke)
            .says("End all sessions of an account.", "{sessions:integer}"),
    ]
}

fn shown(account: &Account) -> Value {
    let mut value = json!(account);
    value["role_title"] = json!(account.role.title());
    value
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let users: Vec<Value> = door.app.users(&who).await?.iter().map(shown).collect();
    Ok(Json(json!({"users": users})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    role: Role,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    password: Option<String>,
}

async fn create(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(new): Body<New>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let new = NewAccount {
        name: new.name,
        title: new.title.unwrap_or_default(),
        role: new.role,
        unit: new.unit.filter(|u| !u.is_empty()),
        password: new.password.filter(|p| !p.is_empty()),
    };
    let (account, once) = door.app.create_user(&who, &new).await?;
    let body = json!({"user": shown(&account), "password": once});
    Ok((StatusCode::CREATED, Json(body)))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three different wishes"
)]
struct Change {
    version: Option<i64>,
    title: Option<String>,
    role: Option<Role>,
    #[serde(deserialize_with = "given")]
    unit: Option<Option<String>>,
    active: Option<bool>,
    reset_password: bool,
}

#[expect(
    clippy::option_option,
    reason = "absent, null and a value are three different wishes"
)]
/// Tells `null` (take it away) from absent (leave it).
fn given<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(input).map(|unit| Some(unit.filter(|u| !u.is_empty())))
}

async fn change(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(change): Body<Change>,
) -> Result<Json<Value>, Problem> {
    let change = AccountChange {
        version: change.version,
        title: change.title,
        role: change.role,
        unit: change.unit,
        active: change.active,
        reset_password: change.reset_password,
    };
    let (account, once) = door.app.change_user(&who, key(&id)?, &change).await?;
    door.guests.forget();
    Ok(Json(json!({"user": shown(&account), "password": once})))
}

async fn revoke(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let sessions = door.app.revoke(&who, key(&id)?).await?;
    door.guests.forget();
    Ok(Json(json!({"sessions": sessions})))
}

/// An id in a path; a text that is no number names nothing.
pub(super) fn key(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_not_a_number| Problem::not_found())
}
