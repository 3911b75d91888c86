//! Which files came, what did they change, and which rows were refused?

use sqlx::QueryBuilder;

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};
use crate::ticket::TicketId;

/// One imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Key.
    pub id: i64,
    /// reading, ready, committing, committed, undone, failed, discarded.
    pub state: String,
    /// Name of the file as given.
    pub file_name: String,
    /// Name of the source whose mapping is remembered.
    pub source: String,
    /// JSON of everything else.
    pub body: String,
    /// Who brought it.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
    /// When it was committed.
    pub committed_at: Option<i64>,
}

type Fields = (
    i64,
    String,
    String,
    String,
    String,
    String,
    i64,
    Option<i64>,
);

fn batch(f: Fields) -> Batch {
    Batch {
        id: f.0,
        state: f.1,
        file_name: f.2,
        source: f.3,
        body: f.4,
        created_by: f.5,
        created_at: f.6,
        committed_at: f.7,
    }
}

/// First and last ticket that batches still being committed have written so far, by whatever process.
pub async fn committing_tickets(tx: &mut Tx) -> Result<Option<(i64, i64)>, Error> {
    const SQL: &str = "select min(t.id), max(t.id) from ticket t \
        where t.batch_id in (select id from batch where state = 'committing')";
    let found: (Option<i64>, Option<i64>) = on!(tx, c => sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(found.0.zip(found.1))
}

/// Writes a new batch; its key is given here.
pub async fn insert(tx: &mut Tx, new: &Batch) -> Result<i64, Error> {
    const SQL: &str = "insert into batch (id, state, file_name, source, body, created_by, created_at, committed_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let id = take_ids(tx, "batch", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.state).bind(&new.file_name).bind(&new.source).bind(&new.body)
        .bind(&new.created_by).bind(new.created_at).bind(new.committed_at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Changes state, source, body and commit time of a batch.
pub async fn update(tx: &mut Tx, changed: &Batch) -> Result<(), Error> {
    const SQL: &str =
        "update batch set state = $1, source = $2, body = $3, committed_at = $4 where id = $5";
    on!(tx, c => sqlx::query(SQL)
        .bind(&changed.state).bind(&changed.source).bind(&changed.body).bind(changed.committed_at).bind(changed.id)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// One batch.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<Batch>, Error> {
    const SQL: &str = "select id, state, file_name, source, body, created_by, created_at, committed_at from batch \
        where id = $1";
    let found: Option<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(batch))
}

/// All batches, newest first, at most `limit`.
pub async fn newest(tx: &mut Tx, limit: i64) -> Result<Vec<Batch>, Error> {
    const SQL: &str = "select id, state, file_name, source, body, created_by, created_at, committed_at from batch \
        order by id desc limit $1";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(batch).collect())
}

/// The committed batch of a source and a file name, the newest if there are several.
pub async fn committed_of(
    tx: &mut Tx,
    source: &str,
    file_name: &str,
) -> Result<Option<Batch>, Error> {
    const SQL: &str = "select id, state, file_name, source, body, created_by, created_at, committed_at from batch \
        where state = 'committed' and source = $1 and file_name = $2 order by id desc limit 1";
    let found: Option<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(source).bind(file_name).fetch_optional(c).await)?;
    Ok(found.map(batch))
}

/// Batches in a state, oldest first.
pub async fn in_state(tx: &mut Tx, state: &str) -> Result<Vec<Batch>, Error> {
    const SQL: &str = "select id, state, file_name, source, body, created_by, created_at, committed_at from batch \
        where state = $1 order by id";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(state).fetch_all(c).await)?;
    Ok(rows.into_iter().map(batch).collect())
}

/// One refused row, its value already masked.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rejection {
    /// Row number as the file's program shows it, from 1.
    pub row: i64,
    /// Header of the column; empty if the whole row is meant.
    pub column: String,
    /// Masked value.
    pub value: String,
    /// Stable code.
    pub code: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub cure: String,
    /// `error`: the row was not taken; `field_error`, `warn`: it was.
    pub severity: String,
}

/// Appends refused rows, numbered from `first`.
pub async fn reject(tx: &mut Tx, batch: i64, first: i64, rows: &[Rejection]) -> Result<(), Error> {
    let numbered: Vec<(i64, &Rejection)> = (first..).zip(rows).collect();
    for chunk in numbered.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into rejection (batch_id, n, row_no, col, value, code, why, cure, severity) ");
            sql.push_values(chunk, |mut b, (n, r)| {
                b.push_bind(batch).push_bind(*n).push_bind(r.row).push_bind(&r.column)
                    .push_bind(&r.value).push_bind(&r.code).push_bind(&r.why).push_bind(&r.cure).push_bind(&r.severity);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Refused rows after the n-th, at most `limit`.
pub async fn rejections(
    tx: &mut Tx,
    batch: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<Rejection>, Error> {
    const SQL: &str = "select row_no, col, value, code, why, cure, severity from rejection \
        where batch_id = $1 and n > $2 order by n limit $3";
    type Fields = (i64, String, String, String, String, String, String);
    let rows: Vec<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(batch).bind(after).bind(limit).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Rejection {
            row: f.0,
            column: f.1,
            value: f.2,
            code: f.3,
            why: f.4,
            cure: f.5,
            severity: f.6,
        })
        .collect())
}

/// Forgets the refused rows of a batch (a new dry run writes them again).
pub async fn forget_rejections(tx: &mut Tx, batch: i64) -> Result<(), Error> {
    const SQL: &str = "delete from rejection where batch_id = $1";
    on!(tx, c => sqlx::query(SQL).bind(batch).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What a ticket was before a batch changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Ticket.
    pub ticket: TicketId,
    /// JSON of the ticket.
    pub body: String,
    /// Sealed part, if there was one.
    pub sealed: Option<Vec<u8>>,
    /// Its fingerprint.
    pub hash: i64,
    /// The batch that had touched it before.
    pub touched: i64,
}

/// Keeps what tickets were before this batch; a second change by the same batch keeps the first.
pub async fn keep_previous(tx: &mut Tx, batch: i64, rows: &[Previous]) -> Result<(), Error> {
    for chunk in rows.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new(
                "insert into batch_row (batch_id, ticket_id, previous, previous_sealed, previous_hash, previous_batch) ",
            );
            sql.push_values(chunk, |mut b, r| {
                b.push_bind(batch).push_bind(r.ticket.0).push_bind(&r.body).push_bind(&r.sealed)
                    .push_bind(r.hash).push_bind(r.touched);
            });
            sql.push(" on conflict (batch_id, ticket_id) do nothing");
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// What tickets were before a batch, after a key in the order of keys: a page of the undo.
pub async fn previous_after(
    tx: &mut Tx,
    batch: i64,
    after: TicketId,
    limit: i64,
) -> Result<Vec<Previous>, Error> {
    const SQL: &str = "select ticket_id, previous, previous_sealed, previous_hash, previous_batch from batch_row \
        where batch_id = $1 and ticket_id > $2 order by ticket_id limit $3";
    type Fields = (i64, String, Option<Vec<u8>>, i64, i64);
    let rows: Vec<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(batch).bind(after.0).bind(limit).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Previous {
            ticket: TicketId(f.0),
            body: f.1,
            sealed: f.2,
            hash: f.3,
            touched: f.4,
        })
        .collect())
}

/// Forgets what tickets were before a batch.
pub async fn forget_previous(tx: &mut Tx, batch: i64) -> Result<(), Error> {
    const SQL: &str = "delete from batch_row where batch_id = $1";
    on!(tx, c => sqlx::query(SQL).bind(batch).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The first later batch that changed what this batch brought or changed; such a batch must be undone first.
pub async fn later_touch(tx: &mut Tx, batch: i64) -> Result<Option<i64>, Error> {
    const SQL: &str = "select cast(min(b) as bigint) from ( \
        select touched_batch as b from ticket where batch_id = $1 and touched_batch <> $1 \
        union all \
        select t.touched_batch as b from batch_row r join ticket t on t.id = r.ticket_id \
        where r.batch_id = $1 and t.touched_batch <> $1) as later";
    let (found,): (Option<i64>,) =
        on!(tx, c => sqlx::query_as(SQL).bind(batch).fetch_one(c).await)?;
    Ok(found)
}

/// How a source's columns were mapped last time (JSON).
pub async fn mapping(tx: &mut Tx, source: &str) -> Result<Option<String>, Error> {
    const SQL: &str = "select body from source_mapping where source = $1";
    let found: Option<(String,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(source).fetch_optional(c).await)?;
    Ok(found.map(|f| f.0))
}

/// Remembers how a source's columns are mapped.
pub async fn remember_mapping(
    tx: &mut Tx,
    source: &str,
    body: &str,
    by: (&str, i64),
) -> Result<(), Error> {
    const SQL: &str = "insert into source_mapping (source, body, changed_by, changed_at) values ($1, $2, $3, $4) \
        on conflict (source) do update set body = excluded.body, changed_by = excluded.changed_by, \
        changed_at = excluded.changed_at";
    on!(tx, c => sqlx::query(SQL).bind(source).bind(body).bind(by.0).bind(by.1).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes fingerprints that later rows of the same batch overtook.
pub async fn overtake(tx: &mut Tx, batch: i64, prints: &[i64]) -> Result<(), Error> {
    for chunk in prints.chunks(4000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into overtaken (print, batch_id) ");
            sql.push_values(chunk, |mut b, print| {
                b.push_bind(*print).push_bind(batch);
            });
            sql.push(" on conflict (print) do nothing");
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// All overtaken fingerprints.
pub async fn overtaken(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const SQL: &str = "select print from overtaken order by print";
    let rows: Vec<(i64,)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|f| f.0).collect())
}

/// Forgets the overtaken fingerprints of a batch.
pub async fn forget_overtaken(tx: &mut Tx, batch: i64) -> Result<(), Error> {
    const SQL: &str = "delete from overtaken where batch_id = $1";
    on!(tx, c => sqlx::query(SQL).bind(batch).execute(c).await.map(|_| ()))?;
    Ok(())
}
