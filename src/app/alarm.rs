//! Is something breaking out this week? The weekly run over the city's tickets, by itself once a week is complete, its state kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::time::timeout;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::job::Progress;
use crate::app::{App, Event, Snapshot};
use crate::hotspot::alarm::{Alarm, AlarmRule, SAMPLE_SHIFT, Week, follow, numbered, weekly};
use crate::hotspot::alarm_print::Prints;
use crate::hotspot::sample::{Sample, day_of};
use crate::store::alarm::{self, AlarmRow, AlarmRun};
use crate::store::{Tx, setting};
use crate::ticket::permit::Right;

/// What a run writes: enough to run it again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct RunBody {
    rule: AlarmRule,
    engine: String,
    data_version: u64,
    /// What its tickets were: another print, and the week is computed again. None in runs of older versions.
    #[serde(default)]
    print: String,
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

/// How long after new data: more may follow.
const SOON: Duration = Duration::from_secs(20);

/// After a run this many times its length is rest: recomputing never takes more than a tenth of one core.
const REST: u32 = 10;

/// Where the next number of an alarm is kept: a number is never given twice.
const NEXT: &str = "alarm.next";

/// Weeks of history without which a week means nothing.
const LEAST_HISTORY: f64 = 70.0;

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands the error over"
)]
pub(super) fn text(e: serde_json::Error) -> Error {
    Error::Internal(e.to_string())
}

/// What a night finds: what still stands, and which weeks are to be computed.
struct Due {
    snapshot: Arc<Snapshot>,
    sample: Arc<Sample>,
    prints: Prints,
    /// Runs whose tickets stand as they stood, oldest first.
    runs: Vec<AlarmRun>,
    /// Whether kept runs fell away.
    fallen: bool,
    /// Alarms as they were kept, and the next number.
    before: (Vec<Alarm>, i64),
    /// Days of the weeks to compute, oldest first.
    days: Vec<i64>,
}

impl Due {
    const fn nothing(&self) -> bool {
        self.days.is_empty() && !self.fallen
    }
}

impl App {
    /// Computes the weekly alarm for the last `weeks` weeks of the data, oldest first: a job. With `anew` all weeks kept before are
    /// computed again or forgotten; otherwise only weeks after the last run and weeks whose tickets changed.
    pub async fn alarm_run(self: &Arc<Self>, who: &Who, weeks: i64, anew: bool) -> Result<i64> {
        who.may_edit(Right::Survey)?;
        if !(1..=MOST_WEEKS).contains(&weeks) {
            let why = format!("{weeks}: 可算 1 至 {MOST_WEEKS} 周 (1 to {MOST_WEEKS} weeks)");
            return Err(Error::invalid("weeks", why));
        }
        let actor = who.name.clone();
        // Another key: an order to begin anew must not be lost in a night that runs already.
        let key = if anew { "anew" } else { "weekly" };
        self.start(who, ("alarm", key), move |app, progress| async move {
            let _alone = app.alarm_turn.lock().await;
            let weeks = app.alarm_weeks(&actor, (weeks, anew), &progress).await?;
            Ok(format!("已算 {weeks} 周 (weeks)"))
        })
        .await
    }

    /// The weeks that became complete since the last run and those whose tickets changed, as every night asks; the first time, the
    /// last twelve. Gives how many there were.
    pub async fn alarm_night(self: &Arc<Self>) -> Result<usize> {
        let due = self.alarm_due((0, false)).await?;
        if due.nothing() {
            return Ok(0);
        }
        let (days, first) = (due.days.len(), due.runs.is_empty() && !due.fallen);
        drop(due);
        let weeks = if first { FIRST_WEEKS } else { MOST_WEEKS };
        let job = self.alarm_run(&Who::system(NIGHT), weeks, false).await?;
        let end = self.wait(job).await?;
        match end.state.as_str() {
            "done" => Ok(days),
            _ => Err(Error::Internal(end.message)),
        }
    }

    /// Every night, and soon after new data: computes what is due. Never returns; the caller drops it. Fails loudly in the log and
    /// tries again the next time.
    pub async fn alarm_nights(self: Arc<Self>) {
        let mut ears = self.listen();
        loop {
            let start = Instant::now();
            match self.alarm_night().await {
                Ok(0) => {}
                Ok(weeks) => tracing::info!(weeks, "weekly alarms computed"),
                Err(error) => tracing::error!(error = %error, "the weekly alarm failed"),
            }
            tokio::time::sleep(SOON.max(start.elapsed() * REST)).await;
            // News of the meantime counts; lagging behind is news too.
            let news = async { while let Ok(Event::Job { .. }) = ears.recv().await {} };
            let _quiet = timeout(LOOK, news).await;
        }
    }

    /// Looks what stands and what is due. `weeks` 0: as many as a night computes.
    async fn alarm_due(&self, (weeks, anew): (i64, bool)) -> Result<Due> {
        let snapshot = self.snapshot();
        let held = Arc::clone(&snapshot);
        let work = tokio::task::spawn_blocking(move || {
            let sample = Sample::of(&held.index, &held.index.everything());
            (Prints::of(&held.index, &sample), Arc::new(sample))
        });
        let (prints, sample) = work.await.map_err(|e| Error::Internal(e.to_string()))?;
        let mut tx = self.store.read().await?;
        let mut runs = alarm::runs(&mut tx).await?;
        let before = (read(&alarm::all(&mut tx).await?)?, next(&mut tx).await?);
        drop(tx);
        let rule = AlarmRule::default();
        let stands = |run: &AlarmRun| {
            let body: Option<RunBody> = serde_json::from_str(&run.body).ok();
            body.is_some_and(|b| b.print == prints.week(run.day, &rule))
        };
        let good = runs.iter().take_while(|r| !anew && stands(r)).count();
        let fallen = runs.split_off(good);
        let today = self.now().civil_day();
        let first = if weeks == 0 { FIRST_WEEKS } else { weeks };
        // Weeks that fell are computed on the same days.
        let done = runs.last().map(|r| r.day);
        let done = done.or_else(|| fallen.first().filter(|_| !anew).map(|r| r.day - 7));
        let mut days = due(&snapshot, done, (done.map_or(first, |_| MOST_WEEKS), today));
        if days.is_empty() && runs.is_empty() {
            days = due(&snapshot, None, (first, today));
        }
        Ok(Due {
            snapshot,
            sample,
            prints,
            runs,
            fallen: !fallen.is_empty(),
            before,
            days,
        })
    }

    /// The body of the job: what is due is computed, each week kept as it is done.
    async fn alarm_weeks(
        &self,
        actor: &str,
        order: (i64, bool),
        progress: &Progress,
    ) -> Result<usize> {
        let mut due = self.alarm_due(order).await?;
        let days = std::mem::take(&mut due.days);
        progress.stage("scanning", days.len() as u64);
        let rule = AlarmRule::default();
        if days.is_empty() && (due.fallen || order.1) {
            let mut tx = self.store.write().await?;
            self.keep_weeks(&mut tx, &due).await?;
            self.note_weeks(&mut tx, actor, (0, order.1)).await?;
            tx.commit().await?;
        }
        for (done, day) in (1..).zip(&days) {
            if progress.cancelled() {
                return Err(Error::refused("cancelled", "已取消 (cancelled)"));
            }
            let (held, tickets, at) = (Arc::clone(&due.snapshot), Arc::clone(&due.sample), *day);
            let work =
                tokio::task::spawn_blocking(move || weekly(&held.index, &tickets, at, &rule));
            let body = RunBody {
                rule,
                engine: env!("CARGO_PKG_VERSION").to_owned(),
                data_version: due.snapshot.version,
                print: due.prints.week(*day, &rule),
                week: work.await.map_err(|e| Error::Internal(e.to_string()))?,
            };
            due.runs.push(AlarmRun {
                id: due.runs.last().map_or(1, |r| r.id + 1),
                day: *day,
                body: serde_json::to_string(&body).map_err(text)?,
                at: self.now().0,
            });
            let mut tx = self.store.write().await?;
            self.keep_weeks(&mut tx, &due).await?;
            if done == days.len() {
                self.note_weeks(&mut tx, actor, (done, order.1)).await?;
            }
            tx.commit().await?;
            progress.add(1);
        }
        Ok(days.len())
    }

    /// Keeps the runs, and the alarms that follow from them.
    async fn keep_weeks(&self, tx: &mut Tx, due: &Due) -> Result<()> {
        let rule = AlarmRule::default();
        let mut alarms = Vec::new();
        for run in &due.runs {
            let body: RunBody = serde_json::from_str(&run.body).map_err(text)?;
            alarms = follow(&alarms, &body.week, &rule);
        }
        let (alarms, next) = numbered(alarms, &due.before.0, due.before.1);
        let rows: Vec<AlarmRow> = alarms.iter().map(row).collect::<Result<_>>()?;
        alarm::replace(tx, &due.runs, &rows).await?;
        setting::put(tx, NEXT, &next.to_string(), self.now().0).await?;
        Ok(())
    }

    async fn note_weeks(
        &self,
        tx: &mut Tx,
        actor: &str,
        (weeks, anew): (usize, bool),
    ) -> Result<()> {
        let detail = json!({"weeks": weeks, "anew": anew});
        self.audit(tx, actor, ["alarm", "weekly"], &detail).await
    }
}

/// The next number of an alarm.
async fn next(tx: &mut Tx) -> Result<i64> {
    let kept = setting::get(tx, NEXT).await?;
    Ok(kept.and_then(|n| n.parse().ok()).unwrap_or(1))
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
    let begun = day_of(first).floor() - SAMPLE_SHIFT;
    days.retain(|day| done.is_none_or(|done| *day > done));
    days.retain(|day| *day as f64 - begun >= LEAST_HISTORY);
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
