//! Which schools, people and posts are there: the register, the list of people, leave, needs of a day?

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{CoverWish, LeaveWish, PersonWish, School};
use crate::calendar::Day;
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::user::key;
use crate::ticket::permit::Right;

/// Everybody of the office and its partners, not the public: the same roles that see tickets.
const NEED: Need = Need::May(Right::Tickets);
/// Squad leaders write of their own squad; the handlers look at whose it is.
const WRITE: Need = Need::Propose(Right::Sites);
const SCHOOL: &str = "{id:string, version:integer, school:object}";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/schools", NEED, schools)
            .says("The school register: gates, bells, package.", "{schools:[{id:string, version:integer, school:object}], today:string}"),
        Endpoint::new("POST /api/v1/schools", Need::Edit(Right::Sites), add)
            .says("Register a school.", "{id:string}")
            .body("{school:object}")
            .status(201),
        Endpoint::new("GET /api/v1/schools/{id}", NEED, one).says("One school.", SCHOOL),
        Endpoint::new("PUT /api/v1/schools/{id}", Need::Edit(Right::Sites), change)
            .says("Change a school whose version is known.", "{id:string}")
            .body("{version:integer, school:object}"),
        Endpoint::new("POST /api/v1/schools/take", Need::Edit(Right::Sites), take)
            .says("Take schools and gates from the city's map.", "{taken:integer}"),
        Endpoint::new("GET /api/v1/schools/{id}/observations", NEED, watches)
            .says("Bell-time observations at a school's gates.", "{observations:[any]}"),
        Endpoint::new("GET /api/v1/posts", NEED, posts)
            .says("Posts that a day asks for: needs with points, windows, gates without posts.", "{day:string, school_day:boolean, posts:[any], needs:[any], gaps:[any], warnings:[string]}")
            .query(&["date"]),
        Endpoint::new("POST /api/v1/posts/cover", NEED, cover)
            .says("Which posts of a peak so many people cover best: chains by role, what is seen from another gate, what stays open and its cost, what one more brings.", "{posts:[any], gates:object, plan:object, warnings:[string]}")
            .body("{date:string, peak:string, squad:string?, people:object, together_m:number?}"),
        Endpoint::new("GET /api/v1/sites/{id}/duty", NEED, site_duty)
            .says("Attendance, incidents and bell-time observations at the gates of a site, last year.", "{gates:[any], months:[any], incidents:[any], observations:[any]}"),
        Endpoint::new("GET /api/v1/duty/people", NEED, people)
            .says("People who can be rostered; names of volunteers and parents only for their squad.", "{people:[{id:string, version:integer, person:object, has_phone:boolean}]}"),
        Endpoint::new("POST /api/v1/duty/people", WRITE, add_person)
            .says("Add a person; needs the power to propose. A phone is sealed at once.", "{id:string}")
            .body("{person:object, phone:string?}")
            .status(201),
        Endpoint::new("PUT /api/v1/duty/people/{id}", WRITE, change_person)
            .says("Change a person whose version is known.", "{id:string}")
            .body("{version:integer, person:object, phone:string?}"),
        Endpoint::new("GET /api/v1/duty/leave", WRITE, leaves)
            .says("Leave that touches the days given, half a year ahead without them; squad leaders see that of their squad.", "{leaves:[{id:string, person:string, name:string, squad:string, from:string, to:string, peak:string, cause:string}]}")
            .query(&["from", "to"]),
        Endpoint::new("POST /api/v1/duty/leave", WRITE, add_leave)
            .says("Note a leave before any roster; needs the power to propose. A roster that exists is re-planned by its own absence.", "{id:string}")
            .body("{person:string, from:string, to:string, peak:string?, cause:string}")
            .status(201),
        Endpoint::new("DELETE /api/v1/duty/leave/{id}", WRITE, remove_leave)
            .says("Take back a leave that was entered by mistake.", "")
            .status(204),
        Endpoint::new("POST /api/v1/duty/phones", Need::May(Right::Clear), phones)
            .says("Phones of a squad in clear; audited with the reason.", "{phones:[{name:string, role:string, phone:string}]}")
            .body("{squad:string, reason:string?}"),
        Endpoint::new("GET /api/v1/duty/calendar", NEED, calendar_now)
            .says("The school calendar: holidays, make-up days, breaks, with what is missing.", "{csv:string, warnings:[string]}"),
        Endpoint::new("PUT /api/v1/duty/calendar", Need::Edit(Right::Sites), calendar)
            .says("Replace holidays, make-up days and school breaks.", "")
            .body("{csv:string}")
            .status(204),
        Endpoint::new("GET /api/v1/duty/roads", NEED, roads)
            .says("Roads in a box, for the small drawings on duty sheets.", "{roads:[{name:string, class:string, points:[[number]]}]}")
            .query(&["bbox"]),
    ]
}

async fn schools(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let list = door.app.schools(&who).await?;
    Ok(Json(
        json!({"schools": list, "today": door.app.today().iso()}),
    ))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let found = door
        .app
        .schools(&who)
        .await?
        .into_iter()
        .find(|s| s.id == id);
    Ok(Json(json!(found.ok_or_else(Problem::not_found)?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewSchool {
    school: School,
}

async fn add(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<NewSchool>,
) -> Result<(axum::http::StatusCode, Json<Value>), Problem> {
    let id = door.app.save_school(&who, None, wish.school).await?;
    Ok((
        axum::http::StatusCode::CREATED,
        Json(json!({"id": id.to_string()})),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchoolChange {
    version: i64,
    school: School,
}

async fn change(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<SchoolChange>,
) -> Result<Json<Value>, Problem> {
    let target = (key(&id)?, wish.version);
    door.app
        .save_school(&who, Some(target), wish.school)
        .await?;
    Ok(Json(json!({"id": id})))
}

async fn take(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"taken": door.app.take_schools(&who).await?})))
}

async fn watches(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let list = door.app.school_watches(&who, key(&id)?).await?;
    Ok(Json(json!({"observations": list})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OnDay {
    date: Option<String>,
}

/// A civil day of a query.
pub(super) fn day(text: &str, field: &str) -> Result<Day, Problem> {
    Day::parse(text).ok_or_else(|| Problem::field(field, "must be a date such as 2024-09-02"))
}

async fn posts(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<OnDay>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let today = door.app.today();
    let day = asked
        .date
        .as_deref()
        .map_or(Ok(today), |t| day(t, "date"))?;
    let (found, warnings) = door.app.posts(&who, day).await?;
    Ok(Json(json!({
        "day": day.iso(), "school_day": found.school_day, "posts": found.posts, "needs": found.needs,
        "gaps": found.gaps, "warnings": warnings,
    })))
}

async fn cover(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<CoverWish>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(door.app.cover_posts(&who, wish).await?)))
}

async fn site_duty(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(door.app.site_duty(&who, key(&id)?).await?)))
}

async fn people(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    Ok(Json(json!({"people": door.app.duty_people(&who).await?})))
}

async fn add_person(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<PersonWish>,
) -> Result<(axum::http::StatusCode, Json<Value>), Problem> {
    let id = door.app.save_person(&who, None, wish).await?;
    Ok((
        axum::http::StatusCode::CREATED,
        Json(json!({"id": id.to_string()})),
    ))
}

#[derive(Deserialize)]
struct PersonChange {
    version: i64,
    #[serde(flatten)]
    wish: PersonWish,
}

async fn change_person(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(given): Body<PersonChange>,
) -> Result<Json<Value>, Problem> {
    let target = (key(&id)?, given.version);
    door.app.save_person(&who, Some(target), given.wish).await?;
    Ok(Json(json!({"id": id})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaveSpan {
    from: Option<String>,
    to: Option<String>,
}

async fn leaves(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<LeaveSpan>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let today = door.app.today();
    let from = asked.from.as_deref();
    let from = from.map_or(Ok(today), |t| day(t, "from"))?;
    let to = asked.to.as_deref();
    let to = to.map_or(Ok(Day(from.0 + 183)), |t| day(t, "to"))?;
    let list = door.app.duty_leaves(&who, from, to).await?;
    Ok(Json(json!({"leaves": list})))
}

async fn add_leave(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<LeaveWish>,
) -> Result<(axum::http::StatusCode, Json<Value>), Problem> {
    let id = door.app.add_leave(&who, &wish.leave()?).await?;
    let id = json!({"id": id.to_string()});
    Ok((axum::http::StatusCode::CREATED, Json(id)))
}

async fn remove_leave(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<axum::http::StatusCode, Problem> {
    door.app.remove_leave(&who, key(&id)?).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PhoneWish {
    squad: String,
    #[serde(default)]
    reason: String,
}

async fn phones(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<PhoneWish>,
) -> Result<Json<Value>, Problem> {
    let list = door
        .app
        .duty_phones(&who, &wish.squad, &wish.reason)
        .await?;
    let list: Vec<Value> = list
        .into_iter()
        .map(|(name, role, phone)| json!({"name": name, "role": role, "phone": phone}))
        .collect();
    Ok(Json(json!({"phones": list})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CalendarWish {
    csv: String,
}

async fn calendar(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<CalendarWish>,
) -> Result<axum::http::StatusCode, Problem> {
    door.app.set_duty_calendar(&who, &wish.csv).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

async fn calendar_now(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let (csv, warnings) = door.app.duty_calendar_csv(&who).await?;
    Ok(Json(json!({"csv": csv, "warnings": warnings})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct InBox {
    bbox: Option<String>,
}

async fn roads(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<InBox>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let Some(bbox) = asked.bbox else {
        return Ok(Json(json!({"roads": []})));
    };
    let parts: Vec<f64> = bbox
        .split(',')
        .filter_map(|p| p.trim().parse().ok())
        .collect();
    let bbox: [f64; 4] = parts
        .try_into()
        .map_err(|_bad| Problem::field("bbox", "must be west,south,east,north"))?;
    Ok(Json(json!({"roads": door.app.duty_roads(&who, bbox)?})))
}
