//! Which work runs beside the requests, how far is it, and how does one wait for it?

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{broadcast, watch};

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::hold::{Held, hold};
use crate::app::{App, Event};
use crate::store::job;

/// A job as people see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JobView {
    /// Key, as text.
    pub id: String,
    /// import.read, import.commit, import.undo, locate, survey, rebuild.
    pub kind: String,
    /// What it works on.
    pub key: String,
    /// running, done, failed, cancelled.
    pub state: String,
    /// What it is doing.
    pub stage: String,
    /// Done so far.
    pub done: u64,
    /// Of how many; 0 if unknown.
    pub total: u64,
    /// Result or reason of the failure, for people.
    pub message: String,
}

/// The handle by which work says how far it is; cheap to clone, usable from any thread.
#[derive(Clone)]
pub(super) struct Progress(Arc<Inner>);

struct Inner {
    id: i64,
    kind: &'static str,
    key: String,
    by: String,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
    stage: Mutex<String>,
    told: Mutex<Instant>,
    events: broadcast::Sender<Event>,
}

/// Listeners hear of progress at most this often.
const TELL_EVERY: Duration = Duration::from_millis(150);

impl Progress {
    /// What is being done now, and of how many.
    pub(super) fn stage(&self, words: &str, total: u64) {
        words.clone_into(&mut self.0.stage.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.done.store(0, Ordering::Relaxed);
        self.0.total.store(total, Ordering::Relaxed);
        self.tell("running");
    }

    /// How far it is.
    pub(super) fn at(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.elapsed() >= TELL_EVERY {
            *told = Instant::now();
            drop(told);
            self.tell("running");
        }
    }

    /// What is being done now, without starting the count anew.
    pub(super) fn say(&self, words: &str) {
        words.clone_into(&mut self.0.stage.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// So many more are done.
    pub(super) fn add(&self, more: u64) {
        let done = self.0.done.load(Ordering::Relaxed) + more;
        self.at(done);
    }

    /// Whether somebody asked to stop.
    pub(super) fn cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// Key of the job.
    pub(super) fn id(&self) -> i64 {
        self.0.id
    }

    fn tell(&self, state: &str) {
        let view = self.view(state, "");
        let _ = self.0.events.send(Event::Job {
            id: view.id,
            kind: view.kind,
            state: view.state,
            stage: view.stage,
            done: view.done,
            total: view.total,
        });
    }

    fn view(&self, state: &str, message: &str) -> JobView {
        JobView {
            id: self.0.id.to_string(),
            kind: self.0.kind.to_owned(),
            key: self.0.key.clone(),
            state: state.to_owned(),
            stage: self
                .0
                .stage
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            done: self.0.done.load(Ordering::Relaxed),
            total: self.0.total.load(Ordering::Relaxed),
            message: message.to_owned(),
        }
    }
}

/// The jobs that run now.
#[derive(Default)]
pub(super) struct Running(Mutex<BTreeMap<i64, Live>>);

/// A running job: how far it is, and how it ends.
type Live = (Progress, watch::Receiver<Option<JobView>>);

impl Running {
    fn insert(&self, id: i64, progress: Progress, end: watch::Receiver<Option<JobView>>) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(id, (progress, end));
    }

    fn get(&self, id: i64) -> Option<(Progress, watch::Receiver<Option<JobView>>)> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(&id).cloned()
    }

    fn remove(&self, id: i64) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.remove(&id);
    }

    /// How far a job is, if it runs: done, total.
    pub(super) fn progress(&self, id: i64) -> Option<(u64, u64)> {
        let (p, _) = self.get(id)?;
        Some((
            p.0.done.load(Ordering::Relaxed),
            p.0.total.load(Ordering::Relaxed),
        ))
    }

    /// The job of this kind and key, if it runs.
    pub(super) fn find(&self, kind: &str, key: &str) -> Option<i64> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.iter()
            .find(|(_, (p, _))| p.0.kind == kind && p.0.key == key)
            .map(|(id, _)| *id)
    }
}

impl App {
    /// Starts work in the background and returns its key. A job of the same kind and key that still runs is joined instead.
    pub(super) async fn start<F, Work>(
        self: &Arc<Self>,
        who: &Who,
        what: (&'static str, &str),
        work: Work,
    ) -> Result<i64>
    where
        F: Future<Output = Result<String>> + Send + 'static,
        Work: FnOnce(Arc<Self>, Progress) -> F,
    {
        let (kind, key) = what;
        if let Some(id) = self.running.find(kind, key) {
            return Ok(id);
        }
        let now = self.now().0;
        let mut row = job::Job {
            id: 0,
            kind: kind.to_owned(),
            key: key.to_owned(),
            state: "running".to_owned(),
            done: 0,
            total: 0,
            stage: String::new(),
            message: String::new(),
            created_by: who.name.clone(),
            created_at: now,
            changed_at: now,
        };
        let mut tx = self.store.write().await?;
        row.id = job::insert(&mut tx, &row).await?;
        let held = hold(&self.options.data, Held::Job, row.id)?;
        tx.commit().await?;
        let progress = Progress(Arc::new(Inner {
            id: row.id,
            kind,
            key: key.to_owned(),
            by: who.name.clone(),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
            cancelled: AtomicBool::new(false),
            stage: Mutex::new(String::new()),
            told: Mutex::new(Instant::now()),
            events: self.events.clone(),
        }));
        let (end, ended) = watch::channel(None);
        let id = row.id;
        self.running.insert(id, progress.clone(), ended);
        let app = Arc::clone(self);
        let future = work(Arc::clone(self), progress.clone());
        tokio::spawn(async move {
            let outcome = tokio::spawn(future)
                .await
                .unwrap_or_else(|e| Err(Error::Internal(e.to_string())));
            app.finish(row, &progress, outcome, &end).await;
            drop(held);
        });
        Ok(id)
    }

    async fn finish(
        &self,
        mut row: job::Job,
        progress: &Progress,
        outcome: Result<String>,
        end: &watch::Sender<Option<JobView>>,
    ) {
        let (state, message) = match outcome {
            Ok(message) => ("done", message),
            Err(error) if progress.cancelled() => ("cancelled", error.to_string()),
            Err(Error::Internal(text)) => {
                tracing::error!(job = row.id, kind = %row.kind, error = %text, "job failed");
                (
                    "failed",
                    format!(
                        "内部错误，详见日志中的任务 {} (internal error, see job {} in the log)",
                        row.id, row.id
                    ),
                )
            }
            Err(error) => ("failed", error.to_string()),
        };
        let view = progress.view(state, &message);
        row.state = state.to_owned();
        row.stage.clone_from(&view.stage);
        row.done = i64::try_from(view.done).unwrap_or(i64::MAX);
        row.total = i64::try_from(view.total).unwrap_or(i64::MAX);
        row.message = message;
        row.changed_at = self.now().0;
        if let Err(error) = self.note_job(&row).await {
            tracing::error!(job = row.id, error = %error, "the end of a job could not be noted");
        }
        progress.tell(state);
        self.running.remove(row.id);
        end.send_replace(Some(view));
    }

    async fn note_job(&self, row: &job::Job) -> Result<()> {
        let mut tx = self.store.write().await?;
        job::update(&mut tx, row).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How far a job is.
    pub async fn job(&self, id: i64) -> Result<JobView> {
        if let Some((progress, _)) = self.running.get(id) {
            return Ok(progress.view("running", ""));
        }
        let mut tx = self.store.read().await?;
        let row = job::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        Ok(JobView {
            id: row.id.to_string(),
            kind: row.kind,
            key: row.key,
            state: row.state,
            stage: row.stage,
            done: u64::try_from(row.done).unwrap_or(0),
            total: u64::try_from(row.total).unwrap_or(0),
            message: row.message,
        })
    }

    /// Waits until a job has ended and returns how.
    pub async fn wait(&self, id: i64) -> Result<JobView> {
        if let Some((_, mut ended)) = self.running.get(id) {
            let view = ended
                .wait_for(Option::is_some)
                .await
                .map_err(|e| Error::Internal(e.to_string()))?;
            if let Some(view) = view.as_ref() {
                return Ok(view.clone());
            }
        }
        self.job(id).await
    }

    /// Whether a job runs that this person started.
    #[must_use]
    pub fn started_by(&self, id: i64, who: &Who) -> bool {
        let found = self.running.get(id);
        found.is_some_and(|(p, _)| p.0.by == who.name)
    }

    /// Asks a job to stop; it does so at its next step and leaves no trace of unfinished work.
    pub fn cancel(&self, id: i64) -> Result<()> {
        let (progress, _) = self.running.get(id).ok_or(Error::NotFound)?;
        progress.0.cancelled.store(true, Ordering::Relaxed);
        Ok(())
    }
}
