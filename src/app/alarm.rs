//! Is something breaking out this week? The weekly run over the city's tickets, by itself once a week is complete, its state kept.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::job::Progress;
use crate::app::{App, Snapshot};
use crate::hotspot::alarm::{Alarm, AlarmRule, Week, follow, weekly};
use crate::hotspot::sample::{Sample, day_of};
use crate::store::alarm::{self, AlarmRow, AlarmRun};
use crate::ticket::permit::Right;

/// What a run writes: enough to run it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunBody {
    rule: AlarmRule,
    engine: String,
    data_version: u64,
    /// What was found.
    pub(super) week: Week,
}

/// Most weeks that are computed in one go.
const MOST_WEEKS: i64 = 60;

/// Weeks of the first night: enough for the state of every alarm that may still be open.
const FIRST_WEEKS: i64 = 12;

/// Who computes at night.
const NIGHT: &str = "system";

/// How often it is looked whether a week has become complete.
const LOOK: Duration = Duration::from_mins(5);

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands the error over"
)]
pub(super) fn text(e: serde_json::Error) -> Error {
    Error::Internal(e.to_string())
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
            let weeks = app.alarm_weeks(&actor, (weeks, anew), &progress).await?;
            Ok(format!("已算 {weeks} 周 (weeks)"))
        })
        .await
    }

    /// The weeks that became complete since the last run, as every night asks; the first time, the last twelve. Gives how many there
    /// were.
    pub async fn alarm_night(self: &Arc<Self>) -> Result<usize> {
        let (done, weeks) = {
            let mut tx = self.store.read().await?;
            let done = alarm::runs(&mut tx).await?.last().map(|r| r.day);
            (done, done.map_or(FIRST_WEEKS, |_| MOST_WEEKS))
        };
        let today = self.now().civil_day();
        let days = due(&self.snapshot(), done, (weeks, today)).len();
        if days == 0 {
            return Ok(0);
        }
        let job = self.alarm_run(&Who::system(NIGHT), weeks, false).await?;
        let end = self.wait(job).await?;
        match end.state.as_str() {
            "done" => Ok(days),
            _ => Err(Error::Internal(end.message)),
        }
    }

    /// Every night, and soon after new tickets: computes the weeks that became complete. Never returns; the caller drops it. Fails
    /// loudly in the log and tries again the next time.
    pub async fn alarm_nights(self: Arc<Self>) {
        loop {
            match self.alarm_night().await {
                Ok(0) => {}
                Ok(weeks) => tracing::info!(weeks, "weekly alarms computed"),
                Err(error) => tracing::error!(error = %error, "the weekly alarm failed"),
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The body of the job: what is due is computed, and runs and alarms are kept in one transaction.
    async fn alarm_weeks(
        &self,
        actor: &str,
        (weeks, anew): (i64, bool),
        progress: &Progress,
    ) -> Result<usize> {
        let snapshot = self.snapshot();
        let (mut runs, mut alarms) = if anew {
            (Vec::new(), Vec::new())
        } else {
            let mut tx = self.store.read().await?;
            let rows = alarm::all(&mut tx).await?;
            (alarm::runs(&mut tx).await?, read(&rows)?)
        };
        let today = self.now().civil_day();
        let days = due(&snapshot, runs.last().map(|r| r.day), (weeks, today));
        progress.stage("scanning", days.len() as u64);
        let sample = Arc::new(Sample::of(&snapshot.index, &snapshot.index.everything()));
        let rule = AlarmRule::default();
        for day in &days {
            if progress.cancelled() {
                return Err(Error::refused("cancelled", "已取消 (cancelled)"));
            }
            let (held, tickets, at) = (Arc::clone(&snapshot), Arc::clone(&sample), *day);
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
                at: self.now().0,
            });
            progress.add(1);
        }
        if days.is_empty() && !anew {
            return Ok(0);
        }
        let rows: Vec<AlarmRow> = alarms.iter().map(row).collect::<Result<_>>()?;
        let mut tx = self.store.write().await?;
        alarm::replace(&mut tx, &runs, &rows).await?;
        let detail = json!({"weeks": days.len(), "alarms": rows.len(), "anew": anew});
        self.audit(&mut tx, actor, ["alarm", "weekly"], &detail)
            .await?;
        tx.commit().await?;
        Ok(days.len())
    }
}

/// The days at which weeks end that are still to be computed, oldest first: a week apart. Without a run before, the last one is the
/// day after the newest ticket; after one, every seventh day since. A day that is not over yet is never looked at.
fn due(snapshot: &Snapshot, done: Option<i64>, (weeks, today): (i64, i64)) -> Vec<i64> {
    let index = &snapshot.index;
    let Some((first, newest)) = index.span(&index.everything()) else {
        return Vec::new();
    };
    let end = (newest.civil_day() + 1).min(today);
    let last = done.map_or(end, |done| done + (end - done).div_euclid(7) * 7);
    let mut days: Vec<i64> = (0..weeks).map(|w| last - 7 * w).collect();
    // The history must hold ten weeks before the first week means something.
    days.retain(|day| done.is_none_or(|done| *day > done));
    days.retain(|day| (*day as f64) - day_of(first) > 7.0 * 10.0);
    days.reverse();
    days
}

/// Alarms as they were kept.
pub(super) fn read(rows: &[AlarmRow]) -> Result<Vec<Alarm>> {
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
