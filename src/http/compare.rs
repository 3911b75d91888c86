//! Which sites got worse or better between two periods, beyond chance?

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::export::Remarks;
use crate::app::lens::two_periods;
use crate::app::lens_export::class_words;
use crate::app::sheet::Sheet;
use crate::app::{Snapshot, Who};
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
use crate::http::table as saved;
use crate::http::{Door, compute};
use crate::index::Filter;
use crate::stats::multiple::Correction;
use crate::ticket::permit::Right;

const QUERY: &[&str] = &["from2", "to2", "limit:integer", "filter"];

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/compare", Need::May(Right::Tickets), compared)
            .says("Tickets of each site in an earlier period (from2, to2) and a later one (from, to), most changed first, with ratio of rates, exact p and q.", "{before:integer, after:integer, days_before:number, days_after:number, ratio:number?, sites:[{id:string, name:string, point:[number], before:integer, after:integer, ratio:number?, p:number?, q:number?, bin:integer}], meta:{total:integer}}")
            .query(QUERY),
        Endpoint::new("GET /api/v1/compare.geojson", Need::May(Right::Tickets), geojson)
            .says("The compared sites as GeoJSON (RFC 7946).", "application/geo+json")
            .query(QUERY),
        Endpoint::new("GET /api/v1/compare.csv", Need::May(Right::Tickets), csv)
            .says("The compared sites as CSV with BOM.", "text/csv")
            .query(QUERY),
        Endpoint::new("GET /api/v1/compare.xlsx", Need::May(Right::Tickets), xlsx)
            .says("The compared sites as a workbook with a sheet that says which periods and filter it were.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            .query(QUERY),
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
    let [before, _] = two_periods(&filter, before)?;
    let words = format!("{before:?}|{limit}|{}", filter.canonical());
    let tag = etag::tag(snapshot.version, &["compare", &words, &who.scope_word()]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let sees = readable(&who);
    let body = compute(move || table(&snapshot, (filter, before), (limit, sees))).await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}

/// The comparison as asked for a document: all sites, and the words of the question.
async fn whole(door: &Door, who: &Who, mut asked: Asked) -> Result<(Value, Remarks), Problem> {
    let words = asked.words();
    let snapshot = door.app.snapshot();
    let limit = asked.number("limit", 1000, 1000)?;
    let before = period(&mut asked, ["from2", "to2"], &snapshot)?;
    let filter = asked.narrowed(who, &snapshot)?;
    let [before, _] = two_periods(&filter, before)?;
    let remarks = door.app.remarks(who, &snapshot, words);
    let sees = readable(who);
    let value = compute(move || table(&snapshot, (filter, before), (limit, sees))).await?;
    Ok((value, remarks))
}

fn listed(value: &Value) -> &[Value] {
    value["sites"].as_array().map_or(&[], Vec::as_slice)
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (value, _) = whole(&door, &who, asked).await?;
    let feature = |site: &Value| {
        let mut properties = site.clone();
        let point = properties["point"].take();
        if let Some(map) = properties.as_object_mut() {
            map.remove("point");
        }
        json!({"type": "Feature", "id": site["id"], "geometry": {"type": "Point", "coordinates": point}, "properties": properties})
    };
    let features: Vec<Value> = listed(&value).iter().map(feature).collect();
    Ok(saved::geojson("两期对比", &features))
}

fn sheet(value: &Value) -> Sheet {
    let text = |v: &Value| match v {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let row = |s: &Value| {
        let bin = s["bin"].as_i64().unwrap_or(0);
        let side = if bin > 0 { "up" } else { "down" };
        let class = if bin == 0 {
            class_words("none")
        } else {
            class_words(&format!("{side}{}", bin.unsigned_abs()))
        };
        let mut cells: Vec<String> = ["id", "name"].map(|k| text(&s[k])).to_vec();
        cells.extend([&s["point"][0], &s["point"][1]].map(text));
        cells.extend(["before", "after", "ratio", "p", "q"].map(|k| text(&s[k])));
        cells.push(class);
        cells
    };
    let total = format!(
        "前期 {} 件 / {} 天，后期 {} 件 / {} 天",
        value["before"], value["days_before"], value["after"], value["days_after"]
    );
    Sheet {
        name: "两期对比",
        head: vec![
            "编号",
            "名称",
            "经度WGS84",
            "纬度WGS84",
            "前期工单数",
            "后期工单数",
            "每日件数之比",
            "p值",
            "q值",
            "判断",
        ],
        rows: listed(value).iter().map(row).collect(),
        remarks: vec![
            ("合计", total),
            ("方法", "两期泊松计数的精确条件检验，BH 校正".to_owned()),
        ],
    }
}

async fn csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (value, _) = whole(&door, &who, asked).await?;
    Ok(saved::csv("两期对比", sheet(&value)))
}

async fn xlsx(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (value, remarks) = whole(&door, &who, asked).await?;
    saved::xlsx("两期对比", &sheet(&value), &remarks)
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
    (filter, (since, until)): (Filter, (i64, i64)),
    (limit, sees): (usize, bool),
) -> Value {
    let mut earlier = filter.clone();
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
