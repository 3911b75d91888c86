//! What did people decide about sites? Facts in the order they were done.

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// One deed as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditRow {
    /// Key; 0 for a new one.
    pub id: i64,
    /// Run whose sites the person saw.
    pub run: i64,
    /// JSON of the deed.
    pub body: String,
    /// Who.
    pub actor: String,
    /// UTC milliseconds.
    pub at: i64,
}

/// Writes a deed and gives its key.
pub async fn insert(tx: &mut Tx, new: &EditRow) -> Result<i64, Error> {
    const SQL: &str =
        "insert into site_edit (id, run, body, actor, at) values ($1, $2, $3, $4, $5)";
    let id = take_ids(tx, "site_edit", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(new.run).bind(&new.body).bind(&new.actor).bind(new.at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// All deeds, oldest first.
pub async fn all(tx: &mut Tx) -> Result<Vec<EditRow>, Error> {
    const SQL: &str = "select id, run, body, actor, at from site_edit order by id";
    let rows: Vec<(i64, i64, String, String, i64)> =
        on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    let row = |f: (i64, i64, String, String, i64)| EditRow {
        id: f.0,
        run: f.1,
        body: f.2,
        actor: f.3,
        at: f.4,
    };
    Ok(rows.into_iter().map(row).collect())
}
