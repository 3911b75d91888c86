//! Is something breaking out this week? The weekly run over the city's tickets, its state kept from week to week.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::{App, Snapshot};
use crate::calendar::Day;
use crate::hotspot::alarm::{Alarm, AlarmRule, Finding, Week, follow, weekly};
use crate::hotspot::sample::{Sample, day_of};
use crate::spatial::LonLat;
use crate::store::alarm::{self, AlarmRow, AlarmRun};
use crate::ticket::permit::Right;

/// What a run writes: enough to run it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct RunBody {
    rule: AlarmRule,
    engine: String,
    data_version: u64,
    week: Week,
}

/// An alarm as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct AlarmView {
    /// Number.
    pub id: i64,
    /// `open` while seen in the last run, `quiet` within four weeks after, then `over`.
    pub state: &'static str,
    /// Whether a chance like this comes at most every five years.
    pub strong: bool,
    /// Whether the last run told it anew.
    pub told_now: bool,
    /// First day of the first week that raised it.
    pub first: String,
    /// Last day it was seen.
    pub last: String,
    /// First and last day of the window.
    pub window: [String; 2],
    /// The site that lies nearest to its middle, with its name.
    pub near: Option<(String, String)>,
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
}

/// Most weeks that are computed in one go.
const MOST_WEEKS: i64 = 60;

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands the error over"
)]
fn text(e: serde_json::Error) -> Error {
    Error::Internal(e.to_string())
}

/// Last day of a week that ends before civil day `day`.
fn last_day(day: i64) -> String {
    Day(day - 1).iso()
}

impl App {
    /// Computes the weekly alarm for the last `weeks` weeks of the data, oldest first: a job. With `anew` the state before is thrown
    /// away; otherwise only weeks after the last run are computed.
    pub async fn alarm_run(self: &Arc<Self>, who: &Who, weeks: i64, anew: bool) -> Result<i64> {
        who.may_edit(Right::Survey)?;
        if !(1..=MOST_WEEKS).contains(&weeks) {
            let why = format!("{weeks}: 可算 1 至 {MOST_WEEKS} 周 (1 to {MOST_WEEKS} weeks)");
            return Err(Error::invalid("weeks", why));
        }
        let actor = who.name.clone();
        self.start(who, ("alarm", "weekly"), move |app, progress| async move {
            let snapshot = app.snapshot();
            let (runs, rows) = {
                let mut tx = app.store.read().await?;
                (alarm::runs(&mut tx).await?, alarm::all(&mut tx).await?)
            };
            let (mut runs, mut alarms) = if anew {
                (Vec::new(), Vec::new())
            } else {
                (runs, read(&rows)?)
            };
            let days = due(&snapshot, runs.last().map(|r| r.day), weeks);
            progress.stage("scanning", days.len() as u64);
            let sample = Arc::new(Sample::of(&snapshot.index, &snapshot.index.everything()));
            for day in &days {
                if progress.cancelled() {
                    return Err(Error::refused("cancelled", "已取消 (cancelled)"));
                }
                let (held, tickets, at) = (Arc::clone(&snapshot), Arc::clone(&sample), *day);
                let rule = AlarmRule::default();
                let work =
                    tokio::task::spawn_blocking(move || weekly(&held.index, &tickets, at, &rule));
                let week = work.await.map_err(|e| Error::Internal(e.to_string()))?;
                alarms = follow(&alarms, &week, &rule);
                let body = RunBody {
                    rule,
                    engine: env!("CARGO_PKG_VERSION").to_owned(),
                    data_version: snapshot.version,
                    week,
                };
                runs.push(AlarmRun {
                    id: runs.last().map_or(1, |r| r.id + 1),
                    day: *day,
                    body: serde_json::to_string(&body).map_err(text)?,
                    at: app.now().0,
                });
                progress.add(1);
            }
            let rows: Vec<AlarmRow> = alarms.iter().map(row).collect::<Result<_>>()?;
            let mut tx = app.store.write().await?;
            alarm::replace(&mut tx, &runs, &rows).await?;
            let detail = json!({"weeks": days.len(), "alarms": rows.len(), "anew": anew});
            app.audit(&mut tx, &actor, ["alarm", "weekly"], &detail)
                .await?;
            tx.commit().await?;
            Ok(format!("已算 {} 周 (weeks)", days.len()))
        })
        .await
    }

    /// Alarms and runs, newest first.
    pub async fn alarm_book(&self, who: &Who) -> Result<AlarmBook> {
        who.may(Right::Sites)?;
        let mut tx = self.store.read().await?;
        let (runs, rows) = (alarm::runs(&mut tx).await?, alarm::all(&mut tx).await?);
        drop(tx);
        let snapshot = self.snapshot();
        let newest = runs.last().map_or(0, |r| r.day);
        let rule = AlarmRule::default();
        let mut alarms: Vec<AlarmView> = read(&rows)?
            .iter()
            .map(|a| view(a, newest, &snapshot, &rule))
            .collect();
        alarms.sort_by(|a, b| {
            b.last
                .cmp(&a.last)
                .then(b.finding.llr.total_cmp(&a.finding.llr))
        });
        let told = runs.iter().rev().map(|run| {
            let body: RunBody = serde_json::from_str(&run.body).map_err(text)?;
            let best = body.week.findings.first();
            Ok(AlarmRunView {
                day: last_day(run.day),
                tickets: body.week.tickets,
                places: body.week.places,
                llr: best.map(|f| f.llr),
                recurrence_days: best.map(|f| f.recurrence_days),
            })
        });
        Ok(AlarmBook {
            alarms,
            runs: told.collect::<Result<_>>()?,
            rule,
        })
    }
}

/// The days at which weeks end that are still to be computed, oldest first: a week apart, the last one the day after the newest ticket.
fn due(snapshot: &Snapshot, done: Option<i64>, weeks: i64) -> Vec<i64> {
    let index = &snapshot.index;
    let Some((_, newest)) = index.span(&index.everything()) else {
        return Vec::new();
    };
    let end = newest.civil_day() + 1;
    let mut days: Vec<i64> = (0..weeks).map(|w| end - 7 * w).collect();
    days.retain(|day| done.is_none_or(|last| *day >= last + 7));
    // The history must hold a year before the first week means something.
    let first = index
        .span(&index.everything())
        .map_or(0.0, |(first, _)| day_of(first));
    days.retain(|day| (*day as f64) - first > 7.0 * 10.0);
    days.reverse();
    days
}

fn read(rows: &[AlarmRow]) -> Result<Vec<Alarm>> {
    rows.iter()
        .map(|r| serde_json::from_str(&r.body).map_err(text))
        .collect()
}

fn row(alarm: &Alarm) -> Result<AlarmRow> {
    Ok(AlarmRow {
        id: alarm.id,
        first_day: alarm.first_day,
        last_day: alarm.last_day,
        body: serde_json::to_string(alarm).map_err(text)?,
    })
}

fn view(alarm: &Alarm, newest: i64, snapshot: &Snapshot, rule: &AlarmRule) -> AlarmView {
    let state = match newest - alarm.last_day {
        0 => "open",
        past if past <= rule.open_days => "quiet",
        _ => "over",
    };
    let [lon, lat] = alarm.finding.centre;
    let middle = LonLat::new(lon, lat);
    let mut near: BTreeMap<u64, (String, String)> = BTreeMap::new();
    for site in snapshot.sites.ranked() {
        let metres = site.point.distance_m(middle);
        if metres <= alarm.finding.radius_m.max(300.0) {
            near.insert(metres.to_bits(), (site.id.0.to_string(), site.name.clone()));
        }
    }
    AlarmView {
        id: alarm.id,
        state,
        strong: alarm.strong,
        told_now: alarm.told.last() == Some(&newest),
        first: last_day(alarm.first_day),
        last: last_day(alarm.last_day),
        window: [Day(alarm.finding.from_day).iso(), last_day(alarm.last_day)],
        near: near.into_values().next(),
        finding: alarm.finding.clone(),
    }
}
