//! Who stands where: rosters made, published, re-planned, swapped, explained, printed; signs from the phone; loops?

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::{EARLY_MIN, LeaveWish, RosterWish, SignWish, WatchWish};
use crate::calendar::Day;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::school::day;
use crate::http::user::key;
use crate::http::{Door, compute};
use crate::plan::routes::{self, Options, Spots};
use crate::ticket::permit::Right;

/// Everybody of the office and its partners, not the public: the same roles that see tickets.
const NEED: Need = Need::May(Right::Tickets);
const DUTIES: &str = "{today:string, now:string, duties:[any]}";
const MINE: &str = "{today:string, now:string, early_min:integer, duties:[any]}";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/rosters", NEED, list)
            .says("All rosters, newest first, with values and bounds.", "{rosters:[any], today:string}"),
        Endpoint::new("POST /api/v1/rosters", NEED, make)
            .says("Make a draft in the background; the job's message is the roster's key.", "{id:string}")
            .body("{from:string, to:string, squad:string?, chains:boolean?, squad_only:boolean?, joint:boolean?, must_cover:[string]?, never_empty:boolean?, rotate_weeks:integer?, load:object?}")
            .status(202),
        Endpoint::new("GET /api/v1/rosters/{id}", NEED, one)
            .says("One roster: duties with names as the asker may see them, fairness, events.", "{roster:object, duties:[any], fairness:object, people:[any], events:[any]}"),
        Endpoint::new("POST /api/v1/rosters/{id}/publish", NEED, publish)
            .says("Publish a draft or withdraw it; needs the power to approve.", "")
            .body("{version:integer, publish:boolean}")
            .status(204),
        Endpoint::new("POST /api/v1/rosters/{id}/absence", NEED, absence)
            .says("Note an absence and re-plan from now with the fewest changes.", "{changes:[any], levels:[string], values:[integer], status:string}")
            .body("{person:string, from:string, to:string, peak:string?, cause:string}"),
        Endpoint::new("POST /api/v1/rosters/{id}/swap", NEED, swap)
            .says("Give duties to other people if every rule is kept.", "{changes:[any]}")
            .body("{changes:object, reason:string}"),
        Endpoint::new("GET /api/v1/rosters/{id}/explain", NEED, explain)
            .says("Why a duty is not covered, exactly: who could, what would fall.", "{kind:string}")
            .query(&["duty:string!"]),
        Endpoint::new("GET /api/v1/rosters/{id}/more", NEED, more)
            .says("What one more person of each role would bring to a roster.", "{more:[any]}"),
        Endpoint::new("GET /api/v1/rosters/{id}/month.xlsx", NEED, workbook)
            .says("The roster as a workbook.", XLSX),
        Endpoint::new("GET /api/v1/rosters/{id}/people/{person}", NEED, ics)
            .says("One person's duties as a calendar (RFC 5545); the person's key may end in .ics.", "text/calendar"),
        Endpoint::new("GET /api/v1/duty/mine", NEED, mine)
            .says("The asker's own published duties, and how many minutes before a duty begins its signs are taken.", MINE)
            .query(&["from", "to"]),
        Endpoint::new("GET /api/v1/duty/day", NEED, whole_day)
            .says("All published duties of a day with who has signed in.", DUTIES)
            .query(&["date"]),
        Endpoint::new("POST /api/v1/duty/signs", NEED, signs)
            .says("Check-ins, check-outs and incidents (and, by who leads, absences with their cause), sent when there is a connection; sending twice writes once.", "{signs:[{mark:string, state:string, distance_m:number?, why:string}]}")
            .body("{signs:[any]}"),
        Endpoint::new("POST /api/v1/duty/observations", NEED, watch)
            .says("A bell-time observation at a gate.", "{written:boolean}")
            .body("{mark:string, school:string, gate:string, peak:string, at:integer, minutes:integer, stopped:integer, illegal:integer, queue_m:integer, crossing:integer, conflicts:integer, note:string?}"),
        Endpoint::new("POST /api/v1/loops", Need::Edit(Right::Sites), loops)
            .says("Loops of motor units through spots with time windows.", "{status:string, prize:integer, bound:integer, travel:integer, loops:[any], left_out:[any]}")
            .body("{units:integer, shift_min:integer, spots:[any], travel_min:[[integer]], draw:integer?}"),
    ]
}

async fn list(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let rosters = door.app.rosters(&who).await?;
    Ok(Json(
        json!({"rosters": rosters, "today": door.app.today().iso()}),
    ))
}

async fn make(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<RosterWish>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let job = door.app.make_roster(&who, wish).await?;
    Ok((StatusCode::ACCEPTED, Json(json!({"id": job.to_string()}))))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(door.app.roster(&who, key(&id)?).await?)))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    version: i64,
    publish: bool,
}

async fn publish(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<Publication>,
) -> Result<StatusCode, Problem> {
    door.app
        .publish_roster(&who, (key(&id)?, wish.version), wish.publish)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn absence(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<LeaveWish>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(json!(
        door.app.absence(&who, key(&id)?, wish.leave()?).await?
    )))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Swap {
    changes: BTreeMap<i64, Option<String>>,
    reason: String,
}

async fn swap(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    Body(wish): Body<Swap>,
) -> Result<Json<Value>, Problem> {
    let mut wanted = BTreeMap::new();
    for (duty, person) in &wish.changes {
        let person = person.as_deref().map(str::parse::<i64>).transpose();
        wanted.insert(
            *duty,
            person.map_err(|_bad| Problem::field("changes", "not a person's key"))?,
        );
    }
    let changes = door
        .app
        .swap_duties(&who, key(&id)?, &wanted, &wish.reason)
        .await?;
    Ok(Json(json!({"changes": changes})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfDuty {
    duty: String,
}

async fn explain(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    query: Result<Query<OfDuty>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    Ok(Json(
        door.app
            .explain_duty(&who, key(&id)?, key(&asked.duty)?)
            .await?,
    ))
}

async fn more(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<Json<Value>, Problem> {
    let more = door.app.roster_one_more(&who, key(&id)?).await?;
    Ok(Json(json!({"more": more})))
}

async fn workbook(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Problem> {
    let bytes = door.app.roster_workbook(&who, key(&id)?).await?;
    let name = format!("attachment; filename=\"roster-{id}.xlsx\"");
    Ok((
        [
            (CONTENT_TYPE, XLSX.to_owned()),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "no-store".to_owned()),
        ],
        bytes,
    ))
}

async fn ics(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path((id, person)): Path<(String, String)>,
) -> Result<impl IntoResponse, Problem> {
    let person = person.strip_suffix(".ics").unwrap_or(&person).to_owned();
    let bytes = door
        .app
        .roster_calendar(&who, key(&id)?, key(&person)?)
        .await?;
    let name = format!("attachment; filename=\"duty-{id}-{person}.ics\"");
    let kind = "text/calendar; charset=utf-8".to_owned();
    Ok((
        [
            (CONTENT_TYPE, kind),
            (CONTENT_DISPOSITION, name),
            (CACHE_CONTROL, "no-store".to_owned()),
        ],
        bytes,
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Span {
    from: Option<String>,
    to: Option<String>,
}

async fn mine(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<Span>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let today = door.app.today();
    let from = asked
        .from
        .as_deref()
        .map_or(Ok(today), |t| day(t, "from"))?;
    let to = asked
        .to
        .as_deref()
        .map_or(Ok(Day(from.0 + 40)), |t| day(t, "to"))?;
    let duties = door.app.my_duties(&who, from, to).await?;
    Ok(Json(
        json!({"today": today.iso(), "now": door.app.now().rfc3339(), "early_min": EARLY_MIN, "duties": duties}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MaybeDay {
    date: Option<String>,
}

async fn whole_day(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<MaybeDay>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(asked) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let today = door.app.today();
    let on = asked
        .date
        .as_deref()
        .map_or(Ok(today), |t| day(t, "date"))?;
    let duties = door.app.day_duties(&who, on).await?;
    Ok(Json(
        json!({"today": on.iso(), "now": door.app.now().rfc3339(), "duties": duties}),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signs {
    signs: Vec<SignWish>,
}

async fn signs(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<Signs>,
) -> Result<Json<Value>, Problem> {
    let signs = door.app.sign_duties(&who, wish.signs).await?;
    Ok(Json(json!({"signs": signs})))
}

async fn watch(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(wish): Body<WatchWish>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(
        json!({"written": door.app.watch_gate(&who, &wish).await?}),
    ))
}

#[derive(Deserialize)]
struct LoopWish {
    #[serde(flatten)]
    spots: Spots,
    #[serde(default)]
    draw: Option<u64>,
}

async fn loops(Me(_): Me, Body(wish): Body<LoopWish>) -> Result<Json<Value>, Problem> {
    let options = Options {
        draw: wish.draw,
        ..Options::default()
    };
    let plan = compute(move || routes::plan(&wish.spots, &options)).await?;
    Ok(Json(json!(
        plan.map_err(|e| Problem::field("spots", e.to_string()))?
    )))
}
