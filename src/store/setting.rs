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

/// All keys with a prefix, with their values, by key.
pub async fn with_prefix(tx: &mut Tx, prefix: &str) -> Result<Vec<(String, String)>, Error> {
    const SQL: &str = "select key, value from setting where substr(key, 1, $1) = $2 order by key";
    let length = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    let rows = on!(tx, c => sqlx::query_as(SQL).bind(length).bind(prefix).fetch_all(c).await)?;
    Ok(rows)
}

/// Forgets a key.
pub async fn remove(tx: &mut Tx, key: &str) -> Result<(), Error> {
    const SQL: &str = "delete from setting where key = $1";
    on!(tx, c => sqlx::query(SQL).bind(key).execute(c).await.map(|_| ()))?;
    Ok(())
}
