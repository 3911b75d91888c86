//! Who did what when, and has nobody changed the record since?

use sha2::{Digest, Sha256};

use crate::store::link::on;
use crate::store::{Error, Tx};

/// One row of the audit log, as written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// Number, without gaps, from 1.
    pub seq: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// Login name, or `system`.
    pub actor: String,
    /// Verb: `login`, `reveal`, `import.commit`, …
    pub action: String,
    /// Whom or what it concerns: a ticket number, a user, a batch.
    pub subject: String,
    /// JSON without personal data.
    pub detail: String,
    /// Hash of the row before; empty for the first.
    pub prev: String,
    /// SHA-256(prev ‖ canonical row), hexadecimal.
    pub hash: String,
}

/// What is to be written; number and hashes come from the store.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// UTC milliseconds.
    pub at: i64,
    /// Login name, or `system`.
    pub actor: &'a str,
    /// Verb.
    pub action: &'a str,
    /// Whom or what it concerns.
    pub subject: &'a str,
    /// JSON without personal data.
    pub detail: &'a str,
}

/// The hash of a row: SHA-256 over the previous hash and each field preceded by its length, so that no two rows read alike.
fn hash(seq: i64, entry: &Entry<'_>, prev: &str) -> String {
    let mut sha = Sha256::new();
    sha.update(prev.as_bytes());
    sha.update(seq.to_be_bytes());
    sha.update(entry.at.to_be_bytes());
    for field in [entry.actor, entry.action, entry.subject, entry.detail] {
        sha.update((field.len() as u64).to_be_bytes());
        sha.update(field.as_bytes());
    }
    crate::store::hex(&sha.finalize())
}

/// Appends one row to the chain. Call it last in a transaction: on PostgreSQL it locks the log until the commit.
pub async fn append(tx: &mut Tx, entry: &Entry<'_>) -> Result<i64, Error> {
    const LAST: &str = "select seq, hash from audit order by seq desc limit 1";
    const INSERT: &str = "insert into audit (seq, at, actor, action, subject, detail, prev, hash) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    if let Tx::Postgres(pg) = tx {
        sqlx::query("lock table audit in exclusive mode")
            .execute(&mut **pg)
            .await?;
    }
    let last: Option<(i64, String)> = on!(tx, c => sqlx::query_as(LAST).fetch_optional(c).await)?;
    let (seq, prev) = last.map_or((1, String::new()), |(seq, hash)| (seq + 1, hash));
    let hash = hash(seq, entry, &prev);
    on!(tx, c => sqlx::query(INSERT)
        .bind(seq).bind(entry.at).bind(entry.actor).bind(entry.action)
        .bind(entry.subject).bind(entry.detail).bind(&prev).bind(&hash)
        .execute(c).await.map(|_| ()))?;
    Ok(seq)
}

type Fields = (i64, i64, String, String, String, String, String, String);

fn row(f: Fields) -> Row {
    Row {
        seq: f.0,
        at: f.1,
        actor: f.2,
        action: f.3,
        subject: f.4,
        detail: f.5,
        prev: f.6,
        hash: f.7,
    }
}

/// Rows with a number below `before` (all if `None`), newest first, only those of `actor` if given.
pub async fn page(
    tx: &mut Tx,
    before: Option<i64>,
    actor: Option<&str>,
    limit: i64,
) -> Result<Vec<Row>, Error> {
    const SQL: &str = "select seq, at, actor, action, subject, detail, prev, hash from audit \
        where seq < $1 and ($2 = '' or actor = $2) order by seq desc limit $3";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL)
        .bind(before.unwrap_or(i64::MAX)).bind(actor.unwrap_or("")).bind(limit)
        .fetch_all(c).await)?;
    Ok(rows.into_iter().map(row).collect())
}

/// How many rows of this actor and action were written since `since`.
pub async fn count_since(tx: &mut Tx, actor: &str, action: &str, since: i64) -> Result<i64, Error> {
    const SQL: &str = "select count(*) from audit where actor = $1 and action = $2 and at >= $3";
    let (n,): (i64,) =
        on!(tx, c => sqlx::query_as(SQL).bind(actor).bind(action).bind(since).fetch_one(c).await)?;
    Ok(n)
}

/// What a walk over the whole chain found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// Rows checked.
    pub rows: i64,
    /// Hash of the last good row; noted elsewhere it proves that no row was cut off at the end.
    pub head: String,
    /// First row that does not fit: its number and why.
    pub broken: Option<(i64, String)>,
}

/// Walks the chain from the first row and reports the first that is missing or changed. Reads 1,000 rows at a time.
pub async fn verify(tx: &mut Tx) -> Result<Verdict, Error> {
    const SQL: &str = "select seq, at, actor, action, subject, detail, prev, hash from audit \
        where seq > $1 order by seq limit 1000";
    let mut verdict = Verdict {
        rows: 0,
        head: String::new(),
        broken: None,
    };
    loop {
        let rows: Vec<Fields> =
            on!(tx, c => sqlx::query_as(SQL).bind(verdict.rows).fetch_all(c).await)?;
        if rows.is_empty() {
            return Ok(verdict);
        }
        for r in rows.into_iter().map(row) {
            if let Some(why) = flaw(&r, &verdict) {
                verdict.broken = Some((r.seq, why));
                return Ok(verdict);
            }
            verdict.rows = r.seq;
            verdict.head = r.hash;
        }
    }
}

fn flaw(r: &Row, so_far: &Verdict) -> Option<String> {
    if r.seq != so_far.rows + 1 {
        return Some(format!("row {} is missing", so_far.rows + 1));
    }
    if r.prev != so_far.head {
        return Some("does not follow the row before it".to_owned());
    }
    let entry = Entry {
        at: r.at,
        actor: &r.actor,
        action: &r.action,
        subject: &r.subject,
        detail: &r.detail,
    };
    (hash(r.seq, &entry, &r.prev) != r.hash).then(|| "was changed after it was written".to_owned())
}
