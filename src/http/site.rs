//! Where do tickets recur: the list of sites and the page of one site.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::app::sheet::Sheet;
use crate::app::{SiteStudy, Snapshot, Who};
use crate::hotspot::lens::category_code;
use crate::hotspot::site_emerging::History;
use crate::http::endpoint::Endpoint;
use crate::http::etag::{self, Keep};
use crate::http::gate::Me;
use crate::http::need::Need;
use crate::http::point::degrees;
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::{Door, compute, table, ticket, time, user};
use crate::index::filter::SiteChoice;
use crate::index::{By, Filter, Selection, TimeAxis};
use crate::site::{Site, Status, explain};
use crate::ticket::permit::{self, Right, Scope};

/// Shape of a site.
pub(super) const SITE: &str = "{id:string, name:string, kind:string, kind_title:string, point:[number], line:[[number]], count:integer, petitioners:integer, rate:number, rate_low:number, rate_high:number, expected:number, burden:number, burden_low:number, burden_high:number, burden_expected:number, redone:integer, per_100m:number?, score:number?, rank:integer, trend:[integer], status:string, status_title:string, first:string, last:string, single_voice:boolean, dominated:boolean, class:string?, class_title:string?, going:string?, rank_low:integer?, rank_high:integer?}";

const DETAIL: &str = "{id:string, name:string, kind:string, kind_title:string, point:[number], count:integer, petitioners:integer, rate:number, rank:integer, trend:[integer], status:string, first:string, last:string, profile:[[integer]], months:[{month:string, count:integer}], categories:[{key:string, label:string, count:integer}], tickets:[any], history:[{run:integer, at:string?, event:string, title:string, other:string?}], explain:{zh:string, en:string}}";

const VERDICT: &str = "{sentence:{zh:string, en:string}, rank_low:integer?, rank_high:integer?, history:{class:string, title:string, hot:integer, steps:integer, step_days:number, trend_z:number?, trend_p:number?, signs:[integer]}?, gi:object?, cell:object?, peak:object?, near_repeat:object?, bells:[{kind:string, span:string}], neighbours:[{id:string, name:string, metres:number, count:integer, rank:integer, point:[number]}], seed:integer}";

const NEED: Need = Need::May(Right::Sites);

/// Most sites in one answer.
const MOST: usize = 1000;
/// A document holds all of them unless it is asked for fewer.
const WHOLE: (usize, usize) = (usize::MAX, usize::MAX);

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::new("GET /api/v1/sites", NEED, list)
            .says(
                "Active sites; without a filter worst first, with one by the number of filtered tickets.",
                "{sites:[Site], meta:{total:integer}}",
            )
            .query(&["limit:integer", "filter"]),
        Endpoint::new("GET /api/v1/sites/{id}", NEED, one)
            .says("One site with profile, months, categories, first 50 tickets, history and why it ranks where it does.", DETAIL)
            .query(&["filter"]),
        Endpoint::new("GET /api/v1/sites/{id}/verdict", NEED, verdict)
            .says("What the methods say of one site: a sentence built from its numbers, rank interval, history by steps, Gi* and class of its cell, peak hours, near repeats, bells, neighbours.", VERDICT),
        Endpoint::new("GET /api/v1/sites.geojson", NEED, geojson)
            .says("The same sites as GeoJSON (RFC 7946).", "application/geo+json")
            .query(&["limit:integer", "filter"]),
        Endpoint::new("GET /api/v1/sites.csv", NEED, csv)
            .says("The same sites as CSV with BOM.", "text/csv")
            .query(&["limit:integer", "filter"]),
        Endpoint::new("GET /api/v1/sites.xlsx", NEED, xlsx)
            .says("The same sites as a workbook with a sheet that says which filter it was.", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            .query(&["limit:integer", "filter"]),
    ]
}

/// Whether the person reads sites that were not published.
pub(super) fn readable(who: &Who) -> bool {
    who.system
        || !matches!(
            permit::scope(who.role, Right::Sites),
            Scope::None | Scope::Published
        )
}

/// Which tickets count: everything as the sites were formed, or the filtered ones as far as the person sees them.
enum Counted {
    Members,
    Filtered(Box<Filter>),
}

/// The filter under which tickets count at sites, narrowed to the rows of the person; `None` = everything, as the sites were formed.
pub(super) fn site_filter(
    asked: Asked,
    who: &Who,
    snapshot: &Snapshot,
) -> Result<Option<Filter>, Problem> {
    let filter = asked.filter(snapshot)?;
    if filter.is_everything() {
        return Ok(None);
    }
    Ok(Some(who.narrowed(filter, snapshot.index.dicts())?))
}

fn counted(asked: Asked, who: &Who, snapshot: &Snapshot) -> Result<Counted, Problem> {
    let filter = site_filter(asked, who, snapshot)?;
    Ok(filter.map_or(Counted::Members, |f| Counted::Filtered(Box::new(f))))
}

/// Tickets and voices of one site as counted, and its last twelve months whatever the window.
#[derive(Clone, Copy, Default)]
pub(super) struct Sums {
    pub(super) count: u32,
    pub(super) petitioners: u32,
    trend: [u32; 12],
}

/// Whether the counts of the steps rise or fall beyond chance (Mann–Kendall, 0.05).
fn going(history: &History) -> Option<&'static str> {
    let trend = history.trend.as_ref().filter(|t| t.p < 0.05)?;
    Some(if trend.z > 0.0 { "up" } else { "down" })
}

/// Months since year 0 of the civil day.
fn month(text: &str) -> i32 {
    let mut parts = text.split('-').filter_map(|p| p.parse::<i32>().ok());
    parts.next().unwrap_or(0) * 12 + parts.next().unwrap_or(1) - 1
}

/// Adds the last twelve months of every site, up to the newest month of the data. The window is left out, so that the line beside a
/// site says what came before it.
fn add_trends(snapshot: &Snapshot, counted: &Counted, sums: &mut BTreeMap<i64, Sums>) {
    let index = &snapshot.index;
    let whole = match counted {
        Counted::Members => index.everything(),
        Counted::Filtered(filter) => {
            let mut filter = (**filter).clone();
            (filter.from_s, filter.until_s) = (None, None);
            index.select(&filter)
        }
    };
    let newest = index
        .span(&index.everything())
        .map(|(_, last)| month(&time::date(last)));
    let newest = newest.unwrap_or(0);
    // A month per civil day is found once, not once per ticket.
    let mut months: BTreeMap<i64, i32> = BTreeMap::new();
    for row in whole.rows() {
        let Some(sum) = index.site(row).and_then(|site| sums.get_mut(&site)) else {
            continue;
        };
        let at = index.received(row);
        let m = *months
            .entry(at.civil_day())
            .or_insert_with(|| month(&time::date(at)));
        let slot = usize::try_from(11 - (newest - m)).ok();
        if let Some(cell) = slot.and_then(|s| sum.trend.get_mut(s)) {
            *cell += 1;
        }
    }
}

/// Tickets and voices of all sites in a selection: known petitioners once each, unknown ones one by one.
pub(super) fn sums(snapshot: &Snapshot, selection: &Selection) -> BTreeMap<i64, Sums> {
    let index = &snapshot.index;
    let mut sums: BTreeMap<i64, Sums> = BTreeMap::new();
    let mut known: Vec<(i64, u32)> = Vec::new();
    for row in selection.rows() {
        let Some(site) = index.site(row) else {
            continue;
        };
        let sum = sums.entry(site).or_default();
        sum.count += 1;
        match index.petitioner_code(row) {
            Some(code) => known.push((site, code)),
            None => sum.petitioners += 1,
        }
    }
    known.sort_unstable();
    known.dedup();
    for (site, _) in known {
        sums.entry(site).or_default().petitioners += 1;
    }
    sums
}

fn select(snapshot: &Snapshot, counted: &Counted) -> Selection {
    match counted {
        Counted::Members => snapshot.index.everything(),
        Counted::Filtered(filter) => snapshot.index.select(filter),
    }
}

/// The asked sites with their sums, in the order of the answer, and how many there are in all.
fn gather(snapshot: &Snapshot, counted: &Counted, limit: usize) -> (Vec<(Site, Sums)>, usize) {
    let mut sums = sums(snapshot, &select(snapshot, counted));
    add_trends(snapshot, counted, &mut sums);
    let mut found: Vec<(&Site, Sums)> = snapshot
        .sites
        .ranked()
        .filter_map(|site| Some((site, *sums.get(&site.id.0)?)))
        .collect();
    if matches!(counted, Counted::Filtered(_)) {
        found.sort_by_key(|(site, sum)| (std::cmp::Reverse(sum.count), site.rank == 0, site.rank));
    }
    let total = found.len();
    let list = found.into_iter().take(limit);
    (list.map(|(s, sum)| (s.clone(), sum)).collect(), total)
}

fn two(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The rate against the exposure that is known of a stretch: its length.
fn per_100m(site: &Site) -> Option<f64> {
    let length: f64 = site.line.windows(2).map(|p| p[0].distance_m(p[1])).sum();
    (length >= 1.0).then(|| two(site.rate * 100.0 / length))
}

fn described(site: &Site, sum: Sums) -> Value {
    let line: Vec<[f64; 2]> = site
        .line
        .iter()
        .map(|p| [degrees(p.lon), degrees(p.lat)])
        .collect();
    json!({
        "id": site.id.0.to_string(),
        "name": site.name,
        "kind": site.kind.code(),
        "kind_title": site.kind.title(),
        "point": [degrees(site.point.lon), degrees(site.point.lat)],
        "line": line,
        "count": sum.count,
        "petitioners": sum.petitioners,
        "rate": two(site.rate),
        "rate_low": two(site.rate_low),
        "rate_high": two(site.rate_high),
        "expected": two(site.expected),
        // Severity points a year: what it is ranked by.
        "burden": two(site.burden.rate),
        "burden_low": two(site.burden.low),
        "burden_high": two(site.burden.high),
        "burden_expected": two(site.burden.expected),
        "redone": site.burden.redone,
        // Collapsed tickets a year on 100 m of a stretch of road; undefined for a spot.
        "per_100m": per_100m(site),
        // How many times an ordinary site of this city; undefined where that is zero.
        // Not rounded here: it is said with one decimal, and rounding twice told 7.6 beside the sentence's 7.5.
        "score": (site.expected > 0.0).then(|| site.rate / site.expected),
        "rank": site.rank,
        "trend": sum.trend,
        "status": site.status.code(),
        "status_title": site.status.title(),
        "first": time::text(site.first),
        "last": time::text(site.last),
        "single_voice": site.single_voice,
        "dominated": site.dominated,
    })
}

/// Sites of a request: none for those who see only published ones, since none is published.
async fn asked_sites(
    door: &Door,
    who: &Who,
    mut asked: Asked,
    (usual, most): (usize, usize),
) -> Result<(Vec<(Site, Sums)>, usize), Problem> {
    let limit = asked.number("limit", usual, most)?;
    let snapshot = door.app.snapshot();
    let counted = counted(asked, who, &snapshot)?;
    if !readable(who) {
        return Ok((Vec::new(), 0));
    }
    compute(move || gather(&snapshot, &counted, limit)).await
}

async fn list(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Json<Value>, Problem> {
    let (sites, total) = asked_sites(&door, &who, asked, (200, MOST)).await?;
    let study = door.app.site_study(&door.app.snapshot()).await?;
    let told = |(site, sum): &(Site, Sums)| {
        let mut value = described(site, *sum);
        let history = study.history.get(&site.id.0);
        let rank = study.rank.get(&site.id.0);
        value["class"] = json!(history.map(|h| category_code(h.category)));
        value["class_title"] = json!(history.map(|h| h.category.title()));
        value["rank_low"] = json!(rank.map(|r| r.low));
        value["rank_high"] = json!(rank.map(|r| r.high));
        value["going"] = json!(history.and_then(going));
        value
    };
    let list: Vec<Value> = sites.iter().map(told).collect();
    Ok(Json(json!({"sites": list, "meta": {"total": total}})))
}

async fn one(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = user::key(&id)?;
    let snapshot = door.app.snapshot();
    let site = snapshot.sites.get(id).filter(|_| readable(&who));
    let site = site.ok_or_else(Problem::not_found)?.clone();
    let counted = counted(asked, &who, &snapshot)?;
    let words = match &counted {
        Counted::Members => String::new(),
        Counted::Filtered(filter) => filter.canonical(),
    };
    let tag = etag::tag(
        snapshot.version,
        &["site", &id.to_string(), &words, &who.scope_word()],
    );
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let tickets = ticket::of_site(&door, &who, id).await?;
    let history = history(&door, &who, id).await?;
    let study = door.app.site_study(&snapshot).await?;
    let body = compute(move || {
        let mut value = detail(&snapshot, &site, counted);
        value["explain"] = explained(&site, &study);
        value["tickets"] = json!(tickets);
        value["history"] = json!(history);
        value
    })
    .await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}

async fn verdict(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = user::key(&id)?;
    let snapshot = door.app.snapshot();
    let site = snapshot.sites.get(id).filter(|_| readable(&who));
    let site = site.ok_or_else(Problem::not_found)?.clone();
    let tag = etag::tag(snapshot.version, &["verdict", &id.to_string()]);
    if etag::has(&headers, &tag) {
        return Ok(etag::unchanged(&tag, Keep::Ask));
    }
    let body = door.app.site_verdict(&who, &snapshot, &site).await?;
    Ok(etag::dress(Json(body).into_response(), &tag, Keep::Ask))
}

fn detail(snapshot: &Snapshot, site: &Site, counted: Counted) -> Value {
    let index = &snapshot.index;
    let active = site.status == Status::Active;
    let (selection, counted) = match counted {
        Counted::Members if !active => (index.select_tickets(&site.members), Counted::Members),
        // The same tickets as on the list, those that came in since the sites were formed among them.
        Counted::Members => {
            let here = Filter {
                sites: Some(SiteChoice::These(vec![site.id.0])),
                ..Filter::default()
            };
            (index.select(&here), Counted::Members)
        }
        Counted::Filtered(mut filter) => {
            filter.sites = Some(SiteChoice::These(vec![site.id.0]));
            (index.select(&filter), Counted::Filtered(filter))
        }
    };
    let mut all = BTreeMap::from([(site.id.0, Sums::default())]);
    add_trends(snapshot, &counted, &mut all);
    let mut sum = all.get(&site.id.0).copied().unwrap_or_default();
    // A dormant site's tickets are no longer marked in the index.
    sum.count = u32::try_from(selection.count()).unwrap_or(u32::MAX);
    sum.petitioners = u32::try_from(index.voices(&selection)).unwrap_or(u32::MAX);
    let hours = index.tally(&selection, By::HourWeekday, TimeAxis::Received);
    let counts: Vec<u32> = hours.buckets.iter().map(|b| b.count).collect();
    let profile: Vec<&[u32]> = counts.chunks(24).collect();
    let months = index.tally(&selection, By::Month, TimeAxis::Received);
    let months: Vec<Value> = months
        .buckets
        .iter()
        .map(|b| json!({"month": b.key, "count": b.count}))
        .collect();
    let categories = index
        .tally(&selection, By::Category, TimeAxis::Received)
        .buckets;
    let mut value = described(site, sum);
    value["profile"] = json!(profile);
    value["months"] = json!(months);
    value["categories"] = json!(categories);
    value
}

/// Why the site ranks where it does, in two lines of each language.
fn explained(site: &Site, study: &SiteStudy) -> Value {
    let history = study.history.get(&site.id.0);
    let [zh, en] = explain(site, history.and_then(going).map(|way| way == "up"));
    json!({"zh": zh, "en": en})
}

async fn geojson(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (sites, _) = asked_sites(&door, &who, asked, WHOLE).await?;
    let features: Vec<Value> = sites
        .iter()
        .map(|(site, sum)| {
            let mut properties = described(site, *sum);
            let point = properties["point"].take();
            let line = properties["line"].take();
            if let Some(map) = properties.as_object_mut() {
                map.remove("point");
                map.remove("line");
            }
            let geometry = match line.as_array() {
                Some(parts) if parts.len() > 1 => json!({"type": "LineString", "coordinates": line}),
                _ => json!({"type": "Point", "coordinates": point}),
            };
            json!({"type": "Feature", "id": properties["id"], "geometry": geometry, "properties": properties})
        })
        .collect();
    Ok(table::geojson("点位", &features))
}

fn sheet(sites: &[(Site, Sums)]) -> Sheet {
    const HEAD: [&str; 18] = [
        "编号",
        "名称",
        "类型",
        "经度WGS84",
        "纬度WGS84",
        "工单数",
        "诉求人数",
        "折算每年",
        "区间下限",
        "区间上限",
        "普通点位每年",
        "严重度每年",
        "近一年重办",
        "每百米每年",
        "排名",
        "首件时间",
        "末件时间",
        "近12个月",
    ];
    let row = |(site, sum): &(Site, Sums)| {
        let months: Vec<String> = sum.trend.iter().map(u32::to_string).collect();
        vec![
            site.id.0.to_string(),
            site.name.clone(),
            site.kind.title().to_owned(),
            format!("{:.6}", site.point.lon),
            format!("{:.6}", site.point.lat),
            sum.count.to_string(),
            sum.petitioners.to_string(),
            format!("{:.2}", site.rate),
            format!("{:.2}", site.rate_low),
            format!("{:.2}", site.rate_high),
            format!("{:.2}", site.expected),
            format!("{:.2}", site.burden.rate),
            site.burden.redone.to_string(),
            per_100m(site).map_or_else(String::new, |v| format!("{v:.2}")),
            site.rank.to_string(),
            time::text(site.first),
            time::text(site.last),
            months.join(" "),
        ]
    };
    Sheet {
        name: "点位",
        head: HEAD.to_vec(),
        rows: sites.iter().map(row).collect(),
        remarks: vec![(
            "口径",
            "工单数、诉求人数按筛选条件；折算每年、区间、严重度、排名、首末件按全部工单；严重度为每件1分，重办、不满意各加1分，同一人重复折算；近12个月不受时间窗限制".to_owned(),
        )],
    }
}

async fn csv(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let (sites, _) = asked_sites(&door, &who, asked, WHOLE).await?;
    Ok(table::csv("点位", sheet(&sites)))
}

async fn xlsx(
    State(door): State<Arc<Door>>,
    Me(who): Me,
    asked: Asked,
) -> Result<Response, Problem> {
    let remarks = door.app.remarks(&who, &door.app.snapshot(), asked.words());
    let (sites, _) = asked_sites(&door, &who, asked, WHOLE).await?;
    table::xlsx("点位", &sheet(&sites), &remarks)
}

/// What happened to the site over the runs.
async fn history(door: &Door, who: &Who, id: i64) -> Result<Vec<Value>, Problem> {
    let steps = door.app.site_history(who, id).await?;
    let told = steps.iter().map(|step| {
        let title = match step.kind.as_str() {
            "born" => "形成",
            "split" => "拆分而成",
            "revived" => "再次活跃",
            "merged" => "并入其他点位",
            "dormant" => "沉寂",
            "renamed" => "改名",
            "moved" => "移动",
            "pinned" => "固定",
            "released" => "取消固定",
            "restored" => "恢复（撤销并入）",
            other => other,
        };
        json!({"run": step.run, "at": step.at, "event": step.kind, "title": title, "other": step.other})
    });
    Ok(told.collect())
}
