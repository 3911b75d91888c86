//! Which schools are registered, who stands at their gates, and who is away when?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A school's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchoolRow {
    /// Key.
    pub id: i64,
    /// JSON.
    pub body: String,
    /// Row version.
    pub version: i64,
    /// UTC milliseconds.
    pub changed_at: i64,
}

/// A person's row; the phone stays sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonRow {
    /// Key.
    pub id: i64,
    /// JSON.
    pub body: String,
    /// Sealed phone.
    pub phone: Option<Vec<u8>>,
    /// Row version.
    pub version: i64,
}

/// Somebody is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leave {
    /// Key; 0 before it is written.
    pub id: i64,
    /// Who.
    pub person: i64,
    /// First day.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
    /// Peak, empty for whole days.
    pub peak: String,
    /// Why, in words that tell nothing private.
    pub cause: String,
}

/// Takes the next key of a school or a person (`school`, `duty_person`).
pub async fn next_key(tx: &mut Tx, kind: &'static str) -> Result<i64, Error> {
    take_ids(tx, kind, 1).await
}

/// Writes a new school under its key.
pub async fn insert_school(
    tx: &mut Tx,
    (id, body): (i64, &str),
    actor: &str,
    at: i64,
) -> Result<(), Error> {
    const SQL: &str =
        "insert into school (id, body, version, changed_by, changed_at) values ($1, $2, 1, $3, $4)";
    on!(tx, c => sqlx::query(SQL).bind(id).bind(body).bind(actor).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Writes a school whose version still is that of the row; false if it moved on.
pub async fn update_school(
    tx: &mut Tx,
    row: &SchoolRow,
    actor: &str,
    at: i64,
) -> Result<bool, Error> {
    const SQL: &str = "update school set body = $1, version = version + 1, changed_by = $2, changed_at = $3 \
        where id = $4 and version = $5";
    let changed = on!(tx, c => sqlx::query(SQL)
        .bind(&row.body).bind(actor).bind(at).bind(row.id).bind(row.version)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(changed == 1)
}

/// All schools by key.
pub async fn schools(tx: &mut Tx) -> Result<Vec<SchoolRow>, Error> {
    const SQL: &str = "select id, body, version, changed_at from school order by id";
    let rows: Vec<(i64, String, i64, i64)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| SchoolRow {
            id: f.0,
            body: f.1,
            version: f.2,
            changed_at: f.3,
        })
        .collect())
}

/// Writes a new person under its key.
pub async fn insert_person(
    tx: &mut Tx,
    row: &PersonRow,
    actor: &str,
    at: i64,
) -> Result<(), Error> {
    const SQL: &str = "insert into duty_person (id, body, phone, version, changed_by, changed_at) \
        values ($1, $2, $3, 1, $4, $5)";
    on!(tx, c => sqlx::query(SQL)
        .bind(row.id).bind(&row.body).bind(row.phone.as_deref()).bind(actor).bind(at)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Writes a person whose version still is that of the row; false if it moved on. The phone changes only when given.
pub async fn update_person(
    tx: &mut Tx,
    row: &PersonRow,
    actor: &str,
    at: i64,
) -> Result<bool, Error> {
    const SQL: &str = "update duty_person set body = $1, phone = coalesce($2, phone), version = version + 1, \
        changed_by = $3, changed_at = $4 where id = $5 and version = $6";
    let changed = on!(tx, c => sqlx::query(SQL)
        .bind(&row.body).bind(row.phone.as_deref()).bind(actor).bind(at).bind(row.id).bind(row.version)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(changed == 1)
}

/// All people by key.
pub async fn people(tx: &mut Tx) -> Result<Vec<PersonRow>, Error> {
    const SQL: &str = "select id, body, phone, version from duty_person order by id";
    type Fields = (i64, String, Option<Vec<u8>>, i64);
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| PersonRow {
            id: f.0,
            body: f.1,
            phone: f.2,
            version: f.3,
        })
        .collect())
}

/// Writes a leave and returns its key.
pub async fn insert_leave(tx: &mut Tx, leave: &Leave, actor: &str, at: i64) -> Result<i64, Error> {
    const SQL: &str = "insert into duty_leave (id, person_id, first_day, last_day, peak, cause, created_by, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let id = take_ids(tx, "duty_leave", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(leave.person).bind(&leave.first_day).bind(&leave.last_day).bind(&leave.peak)
        .bind(&leave.cause).bind(actor).bind(at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Removes a leave that was entered by mistake; false if there is none.
pub async fn remove_leave(tx: &mut Tx, id: i64) -> Result<bool, Error> {
    const SQL: &str = "delete from duty_leave where id = $1";
    let gone = on!(tx, c => sqlx::query(SQL).bind(id).execute(c).await.map(|r| r.rows_affected()))?;
    Ok(gone == 1)
}

/// Leave that touches the days given, by key.
pub async fn leaves(tx: &mut Tx, from: &str, to: &str) -> Result<Vec<Leave>, Error> {
    const SQL: &str = "select id, person_id, first_day, last_day, peak, cause from duty_leave \
        where last_day >= $1 and first_day <= $2 order by id";
    type Fields = (i64, i64, String, String, String, String);
    let rows: Vec<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from).bind(to).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Leave {
            id: f.0,
            person: f.1,
            first_day: f.2,
            last_day: f.3,
            peak: f.4,
            cause: f.5,
        })
        .collect())
}
