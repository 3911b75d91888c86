//! What did each look at a case say, version beside version?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// One evaluation as kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// Case.
    pub case_id: i64,
    /// Names of the measures judged together.
    pub measures: String,
    /// first, second, final.
    pub look: String,
    /// 1, 2, … beside each other.
    pub version: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// Name of the verdict.
    pub verdict: String,
    /// SHA-256 of the body.
    pub print: String,
    /// JSON of the record.
    pub body: String,
}

type Fields = (i64, String, String, i64, i64, String, String, String);

fn evaluation(f: Fields) -> Evaluation {
    Evaluation {
        case_id: f.0,
        measures: f.1,
        look: f.2,
        version: f.3,
        at: f.4,
        verdict: f.5,
        print: f.6,
        body: f.7,
    }
}

/// The newest version of every look of every case: case, measures, look.
pub async fn newest(tx: &mut Tx) -> Result<Vec<Evaluation>, Error> {
    const SQL: &str = "select e.case_id, e.measures, e.look, e.version, e.at, e.verdict, e.print, e.body from evaluation e \
        where e.version = (select max(n.version) from evaluation n where n.case_id = e.case_id \
        and n.measures = e.measures and n.look = e.look) order by e.case_id, e.measures, e.look";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(evaluation).collect())
}

/// All versions of a case, oldest first within a look.
pub async fn of_case(tx: &mut Tx, case_id: i64) -> Result<Vec<Evaluation>, Error> {
    const SQL: &str = "select case_id, measures, look, version, at, verdict, print, body from evaluation \
        where case_id = $1 order by measures, look, version";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(case_id).fetch_all(c).await)?;
    Ok(rows.into_iter().map(evaluation).collect())
}

/// Adds a version unless the newest one of the look has the same print; returns the version written, `None` = nothing to write.
pub async fn add(tx: &mut Tx, new: &Evaluation) -> Result<Option<i64>, Error> {
    const LAST: &str = "select version, print from evaluation where case_id = $1 and measures = $2 and look = $3 \
        order by version desc limit 1";
    const SQL: &str = "insert into evaluation (case_id, measures, look, version, at, verdict, print, body) \
        values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let last: Option<(i64, String)> = on!(tx, c => sqlx::query_as(LAST)
        .bind(new.case_id).bind(&new.measures).bind(&new.look).fetch_optional(c).await)?;
    let version = match last {
        Some((_, print)) if print == new.print => return Ok(None),
        Some((version, _)) => version + 1,
        None => 1,
    };
    on!(tx, c => sqlx::query(SQL)
        .bind(new.case_id).bind(&new.measures).bind(&new.look).bind(version).bind(new.at)
        .bind(&new.verdict).bind(&new.print).bind(&new.body)
        .execute(c).await.map(|_| ()))?;
    Ok(Some(version))
}

/// The last nightly run: key, instant, print, JSON.
pub async fn last_run(tx: &mut Tx) -> Result<Option<(i64, i64, String, String)>, Error> {
    const SQL: &str = "select id, at, print, body from effect_run order by id desc limit 1";
    let found: Option<(i64, i64, String, String)> =
        on!(tx, c => sqlx::query_as(SQL).fetch_optional(c).await)?;
    Ok(found)
}

/// Keeps a nightly run in the place of the older ones: they can be computed again.
pub async fn put_run(tx: &mut Tx, at: i64, [print, body]: [&str; 2]) -> Result<i64, Error> {
    const CLEAR: &str = "delete from effect_run";
    const SQL: &str = "insert into effect_run (id, at, print, body) values ($1, $2, $3, $4)";
    let id = take_ids(tx, "effect_run", 1).await?;
    on!(tx, c => sqlx::query(CLEAR).execute(c).await.map(|_| ()))?;
    on!(tx, c => sqlx::query(SQL).bind(id).bind(at).bind(print).bind(body).execute(c).await.map(|_| ()))?;
    Ok(id)
}
