//! Which work runs in the background, how far is it, and what failed?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// One piece of background work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Key.
    pub id: i64,
    /// import.read, import.commit, locate, survey, rebuild, …
    pub kind: String,
    /// What it works on: a batch, a window.
    pub key: String,
    /// waiting, running, done, failed, cancelled.
    pub state: String,
    /// Done so far.
    pub done: i64,
    /// Of how many; 0 if unknown.
    pub total: i64,
    /// What it is doing.
    pub stage: String,
    /// Result or reason of the failure, for people.
    pub message: String,
    /// Who asked.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
    /// UTC milliseconds of the last note.
    pub changed_at: i64,
}

type Fields = (
    i64,
    String,
    String,
    String,
    i64,
    i64,
    String,
    String,
    String,
    i64,
    i64,
);

fn job(f: Fields) -> Job {
    Job {
        id: f.0,
        kind: f.1,
        key: f.2,
        state: f.3,
        done: f.4,
        total: f.5,
        stage: f.6,
        message: f.7,
        created_by: f.8,
        created_at: f.9,
        changed_at: f.10,
    }
}

/// Writes a new job; its key is given here.
pub async fn insert(tx: &mut Tx, new: &Job) -> Result<i64, Error> {
    const SQL: &str = "insert into job (id, kind, key, state, done, total, stage, message, created_by, created_at, changed_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let id = take_ids(tx, "job", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.kind).bind(&new.key).bind(&new.state).bind(new.done).bind(new.total)
        .bind(&new.stage).bind(&new.message).bind(&new.created_by).bind(new.created_at).bind(new.changed_at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Notes how far a job is.
pub async fn update(tx: &mut Tx, job: &Job) -> Result<(), Error> {
    const SQL: &str = "update job set state = $1, done = $2, total = $3, stage = $4, message = $5, changed_at = $6 \
        where id = $7";
    on!(tx, c => sqlx::query(SQL)
        .bind(&job.state).bind(job.done).bind(job.total).bind(&job.stage).bind(&job.message)
        .bind(job.changed_at).bind(job.id)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// One job.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Job>, Error> {
    const SQL: &str = "select id, kind, key, state, done, total, stage, message, created_by, created_at, changed_at \
        from job where id = $1";
    let found: Option<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(job))
}

/// The newest jobs, at most `limit`.
pub async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Job>, Error> {
    const SQL: &str = "select id, kind, key, state, done, total, stage, message, created_by, created_at, changed_at \
        from job order by id desc limit $1";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(job).collect())
}

/// Keys of the jobs that have not ended, oldest first.
pub async fn running(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const SQL: &str = "select id from job where state in ('waiting', 'running') order by id";
    let rows: Vec<(i64,)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// Marks jobs that a stopped program left running as failed, with why and when.
pub async fn fail(tx: &mut Tx, jobs: &[i64], (why, at): (&str, i64)) -> Result<(), Error> {
    const SQL: &str =
        "update job set state = 'failed', message = $1, changed_at = $2 where id = $3";
    for id in jobs {
        on!(tx, c => sqlx::query(SQL).bind(why).bind(at).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
