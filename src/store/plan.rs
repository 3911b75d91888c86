//! Which plans of measures were made, with which catalogue, which became cases, and which patrols were planned?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A plan as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// Key.
    pub id: i64,
    /// JSON: wish, loads, answer.
    pub body: String,
    /// Login name.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
    /// Who made cases of it.
    pub adopted_by: Option<String>,
}

type Fields = (i64, String, String, i64, Option<String>);

fn row(f: Fields) -> PlanRow {
    PlanRow {
        id: f.0,
        body: f.1,
        created_by: f.2,
        created_at: f.3,
        adopted_by: f.4,
    }
}

/// Writes a plan and returns its key.
pub async fn insert(tx: &mut Tx, body: &str, actor: &str, at: i64) -> Result<i64, Error> {
    const SQL: &str =
        "insert into measure_plan (id, body, created_by, created_at) values ($1, $2, $3, $4)";
    let id = take_ids(tx, "measure_plan", 1).await?;
    on!(tx, c => sqlx::query(SQL).bind(id).bind(body).bind(actor).bind(at).execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// The plan of a key.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<PlanRow>, Error> {
    const SQL: &str =
        "select id, body, created_by, created_at, adopted_by from measure_plan where id = $1";
    let found: Option<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(row))
}

/// The newest plans first, at most fifty.
pub async fn newest(tx: &mut Tx) -> Result<Vec<PlanRow>, Error> {
    const SQL: &str = "select id, body, created_by, created_at, adopted_by from measure_plan order by id desc limit 50";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(row).collect())
}

/// Marks a plan as adopted; false when it was before.
pub async fn adopt(tx: &mut Tx, id: i64, actor: &str, at: i64) -> Result<bool, Error> {
    const SQL: &str = "update measure_plan set adopted_by = $1, adopted_at = $2 where id = $3 and adopted_by is null";
    let changed = on!(tx, c => sqlx::query(SQL).bind(actor).bind(at).bind(id).execute(c).await.map(|r| r.rows_affected()))?;
    Ok(changed == 1)
}

/// Keeps a catalogue under the hash of its text; the same one is kept once.
pub async fn keep_catalogue(tx: &mut Tx, id: &str, body: &str) -> Result<(), Error> {
    const SQL: &str =
        "insert into plan_catalogue (id, body) values ($1, $2) on conflict (id) do nothing";
    on!(tx, c => sqlx::query(SQL).bind(id).bind(body).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The catalogue kept under a hash.
pub async fn catalogue(tx: &mut Tx, id: &str) -> Result<Option<String>, Error> {
    const SQL: &str = "select body from plan_catalogue where id = $1";
    let found: Option<(String,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(|f| f.0))
}

/// A patrol as it was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatrolRow {
    /// Key.
    pub id: i64,
    /// JSON: wish, spots, loops, roads.
    pub body: String,
    /// Login name.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
}

fn patrol_row((id, body, created_by, created_at): (i64, String, String, i64)) -> PatrolRow {
    PatrolRow {
        id,
        body,
        created_by,
        created_at,
    }
}

/// Writes a patrol and returns its key.
pub async fn insert_patrol(tx: &mut Tx, body: &str, actor: &str, at: i64) -> Result<i64, Error> {
    const SQL: &str =
        "insert into patrol (id, body, created_by, created_at) values ($1, $2, $3, $4)";
    let id = take_ids(tx, "patrol", 1).await?;
    on!(tx, c => sqlx::query(SQL).bind(id).bind(body).bind(actor).bind(at).execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// The patrol of a key.
pub async fn patrol(tx: &mut Tx, id: i64) -> Result<Option<PatrolRow>, Error> {
    const SQL: &str = "select id, body, created_by, created_at from patrol where id = $1";
    let found = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(patrol_row))
}

/// The newest patrols first, at most thirty.
pub async fn patrols(tx: &mut Tx) -> Result<Vec<PatrolRow>, Error> {
    const SQL: &str =
        "select id, body, created_by, created_at from patrol order by id desc limit 30";
    let rows: Vec<_> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(patrol_row).collect())
}
