//! What has been changed in the catalogue of measures, by whom and why? Facts in the order in which they were done.

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// One change as its row holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MeasureEdit {
    /// Key; 0 for a new one.
    pub id: i64,
    /// Code of the measure.
    pub measure: String,
    /// JSON: column to text; empty = back to what the file says.
    pub body: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// UTC milliseconds.
    pub at: i64,
}

/// Writes a change and gives its key.
pub async fn insert(tx: &mut Tx, new: &MeasureEdit) -> Result<i64, Error> {
    const SQL: &str = "insert into measure_edit (id, measure, body, reason, actor, at) values ($1, $2, $3, $4, $5, $6)";
    let id = take_ids(tx, "measure_edit", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.measure).bind(&new.body).bind(&new.reason).bind(&new.actor).bind(new.at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// All changes, oldest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<MeasureEdit>, Error> {
    const SQL: &str = "select id, measure, body, reason, actor, at from measure_edit order by id";
    let rows: Vec<(i64, String, String, String, String, i64)> =
        on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    let row = |f: (i64, String, String, String, String, i64)| MeasureEdit {
        id: f.0,
        measure: f.1,
        body: f.2,
        reason: f.3,
        actor: f.4,
        at: f.5,
    };
    Ok(rows.into_iter().map(row).collect())
}
