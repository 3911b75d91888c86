//! Which photos belong to a case, and what are their bytes?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A photo without its bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Photo {
    /// Key.
    pub id: i64,
    /// Case it belongs to.
    pub case_id: i64,
    /// before, during, after.
    pub phase: String,
    /// Civil day on which it was taken.
    pub taken_on: Option<String>,
    /// Words below it.
    pub caption: String,
    /// image/jpeg, image/png, image/webp.
    pub media_type: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// SHA-256 of the bytes as kept.
    pub sha256: String,
    /// Login name.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
}

/// Writes a photo with its bytes; the key is given here.
pub async fn insert(tx: &mut Tx, new: &Photo, bytes: &[u8]) -> Result<i64, Error> {
    const SQL: &str = "insert into case_photo (id, case_id, phase, taken_on, caption, media_type, width, height, sha256, \
        body, created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let id = take_ids(tx, "case_photo", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(new.case_id).bind(&new.phase).bind(&new.taken_on).bind(&new.caption)
        .bind(&new.media_type).bind(new.width).bind(new.height).bind(&new.sha256).bind(bytes)
        .bind(&new.created_by).bind(new.created_at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

type Fields = (
    i64,
    i64,
    String,
    Option<String>,
    String,
    String,
    i64,
    i64,
    String,
    String,
    i64,
);

/// The photos of a case by key, without bytes.
pub async fn of_case(tx: &mut Tx, case_id: i64) -> Result<Vec<Photo>, Error> {
    const SQL: &str = "select id, case_id, phase, taken_on, caption, media_type, width, height, sha256, created_by, \
        created_at from case_photo where case_id = $1 order by id";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(case_id).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Photo {
            id: f.0,
            case_id: f.1,
            phase: f.2,
            taken_on: f.3,
            caption: f.4,
            media_type: f.5,
            width: f.6,
            height: f.7,
            sha256: f.8,
            created_by: f.9,
            created_at: f.10,
        })
        .collect())
}

/// Media type and bytes of a photo of a case.
pub async fn bytes(tx: &mut Tx, case_id: i64, id: i64) -> Result<Option<(String, Vec<u8>)>, Error> {
    const SQL: &str = "select media_type, body from case_photo where case_id = $1 and id = $2";
    let found: Option<(String, Vec<u8>)> =
        on!(tx, c => sqlx::query_as(SQL).bind(case_id).bind(id).fetch_optional(c).await)?;
    Ok(found)
}

/// Removes a photo; false if there was none.
pub async fn remove(tx: &mut Tx, case_id: i64, id: i64) -> Result<bool, Error> {
    const SQL: &str = "delete from case_photo where case_id = $1 and id = $2";
    let n = on!(tx, c => sqlx::query(SQL).bind(case_id).bind(id).execute(c).await.map(|r| r.rows_affected()))?;
    Ok(n == 1)
}
