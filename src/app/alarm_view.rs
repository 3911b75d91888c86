//! Which alarms are open, what were they, and how often would chance ring so: the kept runs and alarms as people see them.

use std::collections::BTreeMap;

use h3o::CellIndex;
use serde::Serialize;

use crate::app::access::Who;
use crate::app::alarm::{RunBody, read, text};
use crate::app::error::{Error, Result};
use crate::app::sheet::Sheet;
use crate::app::{App, Snapshot};
use crate::calendar::Day;
use crate::hotspot::alarm::{Alarm, AlarmRule, Finding, Seen};
use crate::index::{Filter, date};
use crate::spatial::LonLat;
use crate::store::alarm;
use crate::ticket::permit::Right;

/// A site inside an alarm.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmSite {
    /// Number.
    pub id: String,
    /// Name.
    pub name: String,
    /// Its tickets in the window.
    pub tickets: u32,
}

/// How an alarm stood in one week.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmStep {
    /// Last day of the week.
    pub day: String,
    /// Whether people were to be told in this week.
    pub told: bool,
    /// Tickets inside place and window.
    pub observed: u32,
    /// Expected tickets.
    pub expected: f64,
    /// Distinct voices inside.
    pub callers: usize,
    /// Log likelihood ratio.
    pub llr: f64,
    /// Days between such findings by chance.
    pub recurrence_days: f64,
}

/// An alarm as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmView {
    /// Number.
    pub id: i64,
    /// `open` while seen in the last run, `quiet` within four weeks after, then `over`.
    pub state: &'static str,
    /// Whether it once was so unlikely that chance gives one at most every five years.
    pub strong: bool,
    /// Whether the last run told it anew.
    pub told_now: bool,
    /// Last day of the first week that raised it.
    pub first: String,
    /// Last day it was seen.
    pub last: String,
    /// First and last day of the window.
    pub window: [String; 2],
    /// Number and name of the site that it speaks of: most tickets in its window, else the nearest.
    pub near: Option<(String, String)>,
    /// Sites with tickets in its place and window, most first; at most five.
    pub sites: Vec<AlarmSite>,
    /// Every week that saw it, oldest first.
    pub course: Vec<AlarmStep>,
    /// What was found.
    pub finding: Finding,
}

/// One weekly run as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmRunView {
    /// Last day it speaks of.
    pub day: String,
    /// Tickets of the 52 weeks.
    pub tickets: usize,
    /// Cells with a ticket.
    pub places: usize,
    /// Ratio of its best cluster.
    pub llr: Option<f64>,
    /// Recurrence interval of its best cluster in days.
    pub recurrence_days: Option<f64>,
    /// Alarms that it saw, by number.
    pub alarms: Vec<i64>,
    /// When it was computed, RFC 3339.
    pub at: String,
}

/// Alarms and runs.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmBook {
    /// Alarms, newest first.
    pub alarms: Vec<AlarmView>,
    /// Weekly runs, newest first.
    pub runs: Vec<AlarmRunView>,
    /// The rule.
    pub rule: AlarmRule,
    /// Last day of the next week; with the first ticket after it the week is computed by itself.
    pub next: Option<String>,
}

/// Last day of a week that ends before civil day `day`.
fn last_day(day: i64) -> String {
    Day(day - 1).iso()
}

impl App {
    /// Alarms and runs, newest first.
    pub async fn alarm_book(&self, who: &Who) -> Result<AlarmBook> {
        who.may(Right::Sites)?;
        let mut tx = self.store.read().await?;
        let (runs, rows) = (alarm::runs(&mut tx).await?, alarm::all(&mut tx).await?);
        drop(tx);
        let snapshot = self.snapshot();
        let newest = runs.last().map_or(0, |r| r.day);
        let rule = AlarmRule::default();
        let kept = read(&rows)?;
        let told = runs.iter().rev().map(|run| {
            let body: RunBody = serde_json::from_str(&run.body).map_err(text)?;
            let best = body.week.findings.first();
            let saw = |a: &&Alarm| a.course.iter().any(|s| s.day == run.day);
            Ok(AlarmRunView {
                day: last_day(run.day),
                tickets: body.week.tickets,
                places: body.week.places,
                llr: best.map(|f| f.llr),
                recurrence_days: best.map(|f| f.recurrence_days),
                alarms: kept.iter().filter(saw).map(|a| a.id).collect(),
                at: crate::calendar::UtcMs(run.at).rfc3339(),
            })
        });
        let told = told.collect::<Result<_>>()?;
        let work = tokio::task::spawn_blocking(move || {
            let mut alarms: Vec<AlarmView> = kept
                .iter()
                .map(|a| view(a, newest, &snapshot, &rule))
                .collect();
            alarms.sort_by(|a, b| {
                b.last
                    .cmp(&a.last)
                    .then(b.finding.llr.total_cmp(&a.finding.llr))
            });
            alarms
        });
        Ok(AlarmBook {
            alarms: work.await.map_err(|e| Error::Internal(e.to_string()))?,
            runs: told,
            rule,
            next: runs.last().map(|r| last_day(r.day + 7)),
        })
    }
}

fn view(alarm: &Alarm, newest: i64, snapshot: &Snapshot, rule: &AlarmRule) -> AlarmView {
    let state = match newest - alarm.last_day {
        0 => "open",
        past if past <= rule.open_days => "quiet",
        _ => "over",
    };
    let sites = sites(alarm, snapshot);
    let told = sites.first().map(|s| (s.id.clone(), s.name.clone()));
    let step = |seen: &Seen| AlarmStep {
        day: last_day(seen.day),
        told: alarm.told.contains(&seen.day),
        observed: seen.observed,
        expected: seen.expected,
        callers: seen.callers,
        llr: seen.llr,
        recurrence_days: seen.recurrence_days,
    };
    AlarmView {
        id: alarm.id,
        state,
        strong: alarm.strong,
        told_now: alarm.told.last() == Some(&newest),
        first: last_day(alarm.first_day),
        last: last_day(alarm.last_day),
        window: [Day(alarm.finding.from_day).iso(), last_day(alarm.last_day)],
        near: told.or_else(|| nearest(alarm, snapshot)),
        sites,
        course: alarm.course.iter().map(step).collect(),
        finding: alarm.finding.clone(),
    }
}

/// Sites that hold tickets of the alarm, most first.
fn sites(alarm: &Alarm, snapshot: &Snapshot) -> Vec<AlarmSite> {
    let second = |day: i64| date::midnight(date::date_of(day)).0 / 1000;
    let cells: Vec<CellIndex> = alarm
        .finding
        .places
        .iter()
        .filter_map(|p| p.parse().ok())
        .collect();
    let filter = Filter {
        cells: Some(cells),
        from_s: Some(second(alarm.finding.from_day)),
        until_s: Some(second(alarm.last_day)),
        ..Filter::default()
    };
    let index = &snapshot.index;
    let mut counts: BTreeMap<i64, u32> = BTreeMap::new();
    for site in index
        .select(&filter)
        .rows()
        .filter_map(|row| index.site(row))
    {
        *counts.entry(site).or_insert(0) += 1;
    }
    let mut all: Vec<(i64, u32)> = counts.into_iter().collect();
    all.sort_by_key(|(id, n)| (std::cmp::Reverse(*n), *id));
    let named = all.into_iter().filter_map(|(id, tickets)| {
        let site = snapshot.sites.get(id)?;
        Some(AlarmSite {
            id: id.to_string(),
            name: site.name.clone(),
            tickets,
        })
    });
    named.take(5).collect()
}

/// The ranked site that lies nearest to the middle, within the circle or 300 m.
fn nearest(alarm: &Alarm, snapshot: &Snapshot) -> Option<(String, String)> {
    let [lon, lat] = alarm.finding.centre;
    let middle = LonLat::new(lon, lat);
    let reach = alarm.finding.radius_m.max(300.0);
    let near = snapshot
        .sites
        .ranked()
        .map(|site| (site.point.distance_m(middle), site))
        .filter(|(metres, _)| *metres <= reach);
    let site = near.min_by(|a, b| a.0.total_cmp(&b.0))?.1;
    Some((site.id.0.to_string(), site.name.clone()))
}

/// Alarms as a table, newest first.
#[must_use]
pub fn alarm_sheet(book: &AlarmBook) -> Sheet {
    let row = |a: &AlarmView| {
        let state = match a.state {
            "open" => "进行中",
            "quiet" => "趋于平静",
            _ => "已结束",
        };
        let f = &a.finding;
        vec![
            a.id.to_string(),
            a.near.as_ref().map_or_else(String::new, |n| n.1.clone()),
            state.to_owned(),
            if a.strong { "是" } else { "" }.to_owned(),
            a.first.clone(),
            a.last.clone(),
            a.window[0].clone(),
            a.window[1].clone(),
            f.observed.to_string(),
            format!("{:.2}", f.expected),
            f.callers.to_string(),
            format!("{:.0}", f.recurrence_days),
            format!("{:.3}", f.llr),
            f.p.to_string(),
            format!("{:.6}", f.centre[0]),
            format!("{:.6}", f.centre[1]),
            f.radius_m.to_string(),
            f.places.join(" "),
        ]
    };
    let weeks: Vec<String> = book.runs.iter().rev().map(|r| r.day.clone()).collect();
    Sheet {
        name: "预警",
        head: vec![
            "编号",
            "地点",
            "状态",
            "曾达五年一遇",
            "首次报警周末",
            "最近一次周末",
            "时间窗起",
            "时间窗止",
            "实际件数",
            "预期件数",
            "反映人数",
            "重现期天",
            "对数似然比",
            "p值",
            "经度WGS84",
            "纬度WGS84",
            "半径米",
            "单元H3",
        ],
        rows: book.alarms.iter().map(row).collect(),
        remarks: vec![
            ("方法", "前瞻性时空置换扫描".to_owned()),
            ("规则", serde_json::json!(book.rule).to_string()),
            ("已算各周末日", weeks.join(" ")),
        ],
    }
}
