//! What does this installation remember about itself?

use crate::store::link::on;
use crate::store::{Error, Tx};

/// The value of a key (JSON text).
pub async fn get(tx: &mut Tx, key: &str) -> Result<Option<String>, Error> {
    const SQL: &str = "select value from setting where key = $1";
    let found: Option<(String,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(key).fetch_optional(c).await)?;
    Ok(found.map(|f| f.0))
}

/// Sets the value of a key.
pub async fn put(tx: &mut Tx, key: &str, value: &str, at: i64) -> Result<(), Error> {
    const SQL: &str = "insert into setting (key, value, changed_at) values ($1, $2, $3) \
        on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at";
    on!(tx, c => sqlx::query(SQL).bind(key).bind(value).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}
