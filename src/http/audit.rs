//! What was done here and is the record whole: pages of the audit log and the check of its chain.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::calendar::UtcMs;
use crate::http::Door;
use crate::http::body::Body;
use crate::http::endpoint::Endpoint;
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::problem::Problem;
use crate::http::time;
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/audit", Need::May(Right::Audit), page)
            .says("The audit log, newest first; roles bound to their own acts see only these.", "{audit:[{seq:integer, at:string, user:string, action:string, object:string, detail:any, hash:string}], meta:{next:string?}}")
            .query(&["limit:integer", "cursor"]),
        Endpoint::new("POST /api/v1/prints", Need::Login, print)
            .says("Note in the audit log that a page of the program goes to paper.", "")
            .body("{page:string}")
            .status(204),
        Endpoint::new("POST /api/v1/audit/verify", Need::Verify(Right::Audit), verify)
            .says("Walk the whole hash chain; for roles that may verify.", "{rows:integer, head:string, broken:{seq:integer, why:string}?}"),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Print {
    page: String,
}

async fn print(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Body(print): Body<Print>,
) -> Result<StatusCode, Problem> {
    door.app.audit_print(&who, &print.page).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    limit: Option<i64>,
    cursor: Option<String>,
}

async fn page(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    query: Result<Query<Page>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(page) = query.map_err(|e| Problem::field("query", e.body_text()))?;
    let limit = page.limit.unwrap_or(100).clamp(1, 1000);
    let before = page.cursor.as_deref().map(str::parse::<i64>).transpose();
    let before = before.map_err(|_bad| Problem::field("cursor", "not a cursor of this list"))?;
    let rows = door.app.audit_page(&who, before, limit).await?;
    let full = i64::try_from(rows.len()).unwrap_or(0) == limit;
    let next = rows
        .last()
        .filter(|r| full && r.seq > 1)
        .map(|r| r.seq.to_string());
    let list: Vec<Value> = rows
        .iter()
        .map(|row| {
            let detail: Value = serde_json::from_str(&row.detail).unwrap_or(Value::Null);
            json!({
                "seq": row.seq, "at": time::text(UtcMs(row.at)), "user": row.actor, "action": row.action,
                "object": row.subject, "detail": detail, "hash": row.hash,
            })
        })
        .collect();
    Ok(Json(json!({"audit": list, "meta": {"next": next}})))
}

async fn verify(State(door): State<Arc<Door>>, Me(who): Me) -> Result<Json<Value>, Problem> {
    let verdict = door.app.audit_verify(&who).await?;
    let broken = verdict
        .broken
        .map(|(seq, why)| json!({"seq": seq, "why": why}));
    Ok(Json(
        json!({"rows": verdict.rows, "head": verdict.head, "broken": broken}),
    ))
}
