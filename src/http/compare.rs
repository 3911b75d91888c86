//! Which sites got worse or better between two periods, beyond chance?

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::Snapshot;
use crate::hotspot::gi_star::classes;
use crate::hotspot::period_change::changes;
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::hotspot::period;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::site::readable;
use crate::http::{Door, compute};
use crate::index::Filter;
use crate::stats::multiple::Correction;
use crate::ticket::permit::Right;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/compare", Need::May(Right::Tickets), compared)
            .says("Tickets of each site in an earlier period (from2, to2) and a later one (from, to), most changed first, with ratio of rates, exact p and q.", "{before:integer, after:integer, days_before:number, days_after:number, ratio:number?, sites:[{id:string, name:string, point:[number], before:integer, after:integer, ratio:number?, p:number?, q:number?, bin:integer}], meta:{total:integer}}")
            .query(&["from2", "to2", "limit:integer", "filter"]),
    ]
}

async fn compared(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    mut asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let snapshot = door.app.snapshot();
    let limit = asked.number("limit", 100, 1000)?;
    let before = period(&mut asked, ["from2", "to2"], &snapshot)?;
    let filter = asked.narrowed(&who, &snapshot)?;
    let words = format!("{before:?}|{limit}|{}", filter.canonical());
    let tag = etag::tag(snapshot.version, &["compare", &words, &who.scope_word()]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let sees = readable(&who);
    let body = compute(move || table(&snapshot, (filter, before), (limit, sees))).await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}

/// Tickets of each site, and of all.
fn counts(snapshot: &Snapshot, filter: &Filter) -> (BTreeMap<i64, u64>, u64) {
    let index = &snapshot.index;
    let selection = index.select(filter);
    let mut counts = BTreeMap::new();
    for site in selection.rows().filter_map(|row| index.site(row)) {
        *counts.entry(site).or_insert(0) += 1;
    }
    (counts, selection.count() as u64)
}

fn table(
    snapshot: &Snapshot,
    (filter, before): (Filter, Option<(i64, i64)>),
    (limit, sees): (usize, bool),
) -> Value {
    let mut earlier = filter.clone();
    // Without an earlier period nothing is compared: everything is 0 before.
    let (since, until) = before.unwrap_or((0, 0));
    (earlier.from_s, earlier.until_s) = (Some(since), Some(until));
    let days =
        |a: Option<i64>, b: Option<i64>| b.zip(a).map_or(0.0, |(b, a)| (b - a) as f64 / 86_400.0);
    let lengths = (
        days(Some(since), Some(until)),
        days(filter.from_s, filter.until_s),
    );
    let ((old, all_before), (new, all_after)) =
        (counts(snapshot, &earlier), counts(snapshot, &filter));
    let known: Vec<_> = snapshot.sites.ranked().filter(|_| sees).collect();
    let pairs: Vec<(u64, u64)> = known
        .iter()
        .map(|s| {
            let at = |m: &BTreeMap<i64, u64>| m.get(&s.id.0).copied().unwrap_or(0);
            (at(&old), at(&new))
        })
        .collect();
    let found = changes(&pairs, lengths, false);
    let p: Vec<Option<f64>> = found.iter().map(|c| c.test.p).collect();
    let worse: Vec<bool> = found.iter().map(|c| c.worse).collect();
    let (q, bins) = classes(&p, &worse, Correction::Bh);
    let mut order: Vec<usize> = (0..known.len()).filter(|i| pairs[*i] != (0, 0)).collect();
    let size = |i: usize| p[i].unwrap_or(1.0);
    order.sort_by(|&a, &b| {
        size(a)
            .total_cmp(&size(b))
            .then(known[a].id.cmp(&known[b].id))
    });
    let total = order.len();
    let sites: Vec<Value> = order
        .into_iter()
        .take(limit)
        .map(|i| {
            let s = known[i];
            json!({
                "id": s.id.0.to_string(), "name": s.name, "point": [degrees(s.point.lon), degrees(s.point.lat)],
                "before": pairs[i].0, "after": pairs[i].1, "ratio": found[i].test.ratio, "p": p[i], "q": q[i], "bin": bins[i],
            })
        })
        .collect();
    let whole = changes(&[(all_before, all_after)], lengths, false);
    json!({
        "before": all_before, "after": all_after, "days_before": lengths.0, "days_after": lengths.1,
        "ratio": whole.first().and_then(|c| c.test.ratio), "sites": sites, "meta": {"total": total},
    })
}
