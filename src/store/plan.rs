//! Which plans of measures were made, and which became cases?

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
