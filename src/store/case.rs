//! Which cases are there, and what happened to each?

use crate::case::{Case, State};
use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A case with its row version.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseRow {
    /// The case; its state is the stored one.
    pub case: Case,
    /// Row version for edits.
    pub version: i64,
    /// UTC milliseconds.
    pub created_at: i64,
    /// UTC milliseconds.
    pub changed_at: i64,
}

/// One event of a case's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseEvent {
    /// Place in the order, from 1.
    pub seq: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// edit, propose, approve, …
    pub kind: String,
    /// Login name.
    pub actor: String,
    /// JSON of the act.
    pub body: String,
}

type Fields = (i64, String, i64, i64, i64);

fn case(f: &Fields) -> Result<CaseRow, Error> {
    let mut case: Case = serde_json::from_str(&f.1).map_err(|e| Error::Corrupt {
        table: "case_file",
        row: f.0,
        what: e.to_string(),
    })?;
    case.id = f.0;
    Ok(CaseRow {
        case,
        version: f.2,
        created_at: f.3,
        changed_at: f.4,
    })
}

fn body(case: &Case) -> Result<String, Error> {
    serde_json::to_string(case).map_err(|e| Error::Corrupt {
        table: "case_file",
        row: case.id,
        what: e.to_string(),
    })
}

/// Writes a new case and returns its key; [`Error::Taken`] if its external number exists.
pub async fn insert(tx: &mut Tx, new: &Case, at: i64) -> Result<i64, Error> {
    const SQL: &str = "insert into case_file (id, site_id, state, external_no, body, version, created_at, changed_at) \
        values ($1, $2, $3, $4, $5, 1, $6, $6)";
    let id = take_ids(tx, "case_file", 1).await?;
    let new = Case { id, ..new.clone() };
    let text = body(&new)?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(new.site).bind(new.state.code()).bind(&new.external_no).bind(&text).bind(at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Writes a case whose version still is `version`; false if it moved on.
pub async fn update(tx: &mut Tx, case: &Case, version: i64, at: i64) -> Result<bool, Error> {
    const SQL: &str = "update case_file set site_id = $1, state = $2, body = $3, version = version + 1, changed_at = $4 \
        where id = $5 and version = $6";
    let text = body(case)?;
    let changed = on!(tx, c => sqlx::query(SQL)
        .bind(case.site).bind(case.state.code()).bind(&text).bind(at).bind(case.id).bind(version)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(changed == 1)
}

/// The case of a key.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<CaseRow>, Error> {
    const SQL: &str =
        "select id, body, version, created_at, changed_at from case_file where id = $1";
    let found: Option<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    found.as_ref().map(case).transpose()
}

/// All cases by key.
pub async fn all(tx: &mut Tx) -> Result<Vec<CaseRow>, Error> {
    const SQL: &str = "select id, body, version, created_at, changed_at from case_file order by id";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    rows.iter().map(case).collect()
}

/// Cases of a site by key.
pub async fn of_site(tx: &mut Tx, site: i64) -> Result<Vec<CaseRow>, Error> {
    const SQL: &str = "select id, body, version, created_at, changed_at from case_file where site_id = $1 order by id";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(site).fetch_all(c).await)?;
    rows.iter().map(case).collect()
}

/// Key of the case with a number of an imported table.
pub async fn by_external_no(tx: &mut Tx, no: &str) -> Result<Option<i64>, Error> {
    const SQL: &str = "select id from case_file where external_no = $1";
    let found: Option<(i64,)> = on!(tx, c => sqlx::query_as(SQL).bind(no).fetch_optional(c).await)?;
    Ok(found.map(|f| f.0))
}

/// The newest change of any case and the number of all changes, so that what rests on cases knows when it is old.
pub async fn last_change(tx: &mut Tx) -> Result<(i64, i64), Error> {
    const SQL: &str = "select coalesce(max(changed_at), 0), cast(coalesce(sum(version), 0) as bigint) from case_file";
    Ok(on!(tx, c => sqlx::query_as(SQL).fetch_one(c).await)?)
}

/// Keys of the tickets of praise (表扬): no complaint, so that no effect is measured on them.
pub async fn praise(tx: &mut Tx) -> Result<Vec<i64>, Error> {
    const SQL: &str = "select id from ticket where nature = '表扬' order by id";
    let rows: Vec<(i64,)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|r| r.0).collect())
}

/// How many cases stand in a stored state.
pub async fn count(tx: &mut Tx, state: State) -> Result<i64, Error> {
    const SQL: &str = "select cast(count(*) as bigint) from case_file where state = $1";
    let (n,): (i64,) = on!(tx, c => sqlx::query_as(SQL).bind(state.code()).fetch_one(c).await)?;
    Ok(n)
}

/// Appends an event: kind, actor, JSON of the act.
pub async fn append_event(
    tx: &mut Tx,
    id: i64,
    at: i64,
    [kind, actor, body]: [&str; 3],
) -> Result<(), Error> {
    const SQL: &str = "insert into case_event (case_id, seq, at, kind, actor, body) \
        select $1, coalesce(max(seq), 0) + 1, $2, $3, $4, $5 from case_event where case_id = $1";
    on!(tx, c => sqlx::query(SQL).bind(id).bind(at).bind(kind).bind(actor).bind(body).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The events of a case in order.
pub async fn events(tx: &mut Tx, id: i64) -> Result<Vec<CaseEvent>, Error> {
    const SQL: &str =
        "select seq, at, kind, actor, body from case_event where case_id = $1 order by seq";
    type EventFields = (i64, i64, String, String, String);
    let rows: Vec<EventFields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| CaseEvent {
            seq: f.0,
            at: f.1,
            kind: f.2,
            actor: f.3,
            body: f.4,
        })
        .collect())
}
