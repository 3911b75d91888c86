//! Which weekly alarms were given? Derived rows: runs by the day they speak of, alarms with their life.

use sqlx::QueryBuilder;

use crate::store::link::on;
use crate::store::{Error, Tx};

/// A weekly run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRun {
    /// Key, counts upwards with the day.
    pub id: i64,
    /// First civil day after the last step.
    pub day: i64,
    /// JSON: parameters, seed, sizes, what was found.
    pub body: String,
    /// UTC milliseconds of the computation.
    pub at: i64,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// Key.
    pub id: i64,
    /// Day of its first run.
    pub first_day: i64,
    /// Day of its last run.
    pub last_day: i64,
    /// JSON of the alarm.
    pub body: String,
}

/// All runs, oldest first.
pub async fn runs(tx: &mut Tx) -> Result<Vec<AlarmRun>, Error> {
    const SQL: &str = "select id, day, body, at from alarm_run order by day";
    let rows: Vec<(i64, i64, String, i64)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    let run = |f: (i64, i64, String, i64)| AlarmRun {
        id: f.0,
        day: f.1,
        body: f.2,
        at: f.3,
    };
    Ok(rows.into_iter().map(run).collect())
}

/// All alarms by key.
pub async fn all(tx: &mut Tx) -> Result<Vec<AlarmRow>, Error> {
    const SQL: &str = "select id, first_day, last_day, body from alarm order by id";
    let rows: Vec<(i64, i64, i64, String)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    let alarm = |f: (i64, i64, i64, String)| AlarmRow {
        id: f.0,
        first_day: f.1,
        last_day: f.2,
        body: f.3,
    };
    Ok(rows.into_iter().map(alarm).collect())
}

/// Puts these runs and alarms in the place of all.
pub async fn replace(tx: &mut Tx, runs: &[AlarmRun], alarms: &[AlarmRow]) -> Result<(), Error> {
    for sql in ["delete from alarm_run", "delete from alarm"] {
        on!(tx, c => sqlx::query(sql).execute(c).await.map(|_| ()))?;
    }
    for chunk in runs.chunks(500) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into alarm_run (id, day, body, at) ");
            sql.push_values(chunk, |mut b, r| {
                b.push_bind(r.id).push_bind(r.day).push_bind(&r.body).push_bind(r.at);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    for chunk in alarms.chunks(500) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into alarm (id, first_day, last_day, body) ");
            sql.push_values(chunk, |mut b, a| {
                b.push_bind(a.id).push_bind(a.first_day).push_bind(a.last_day).push_bind(&a.body);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}
