//! What was answered to a write that carried a key of the client, so that the same write sent twice is done once?

use crate::store::link::on;
use crate::store::{Error, Tx};

/// Fingerprint of the question and the answer under a person's key.
pub async fn get(tx: &mut Tx, [actor, key]: [&str; 2]) -> Result<Option<(String, String)>, Error> {
    const SQL: &str = "select print, answer from kept_answer where actor = $1 and key = $2";
    Ok(on!(tx, c => sqlx::query_as(SQL).bind(actor).bind(key).fetch_optional(c).await)?)
}

/// Keeps an answer at `at` and forgets those before `since`.
pub async fn put(
    tx: &mut Tx,
    [actor, key]: [&str; 2],
    [print, answer]: [&str; 2],
    (at, since): (i64, i64),
) -> Result<(), Error> {
    const CLEAR: &str = "delete from kept_answer where at < $1";
    const SQL: &str =
        "insert into kept_answer (actor, key, print, answer, at) values ($1, $2, $3, $4, $5)";
    on!(tx, c => sqlx::query(CLEAR).bind(since).execute(c).await.map(|_| ()))?;
    on!(tx, c => sqlx::query(SQL)
        .bind(actor).bind(key).bind(print).bind(answer).bind(at)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}
