//! Which rosters are there, who serves which duty, who signed in, and what was seen at the gates?

use sqlx::QueryBuilder;

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A roster's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterRow {
    /// Key.
    pub id: i64,
    /// First day, `2024-09-02`.
    pub first_day: String,
    /// Last day.
    pub last_day: String,
    /// draft, published, withdrawn.
    pub state: String,
    /// JSON.
    pub body: String,
    /// Row version.
    pub version: i64,
    /// Login name.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
    /// Login name, once published.
    pub published_by: Option<String>,
}

type RosterFields = (
    i64,
    String,
    String,
    String,
    String,
    i64,
    String,
    i64,
    Option<String>,
);

fn roster(f: RosterFields) -> RosterRow {
    RosterRow {
        id: f.0,
        first_day: f.1,
        last_day: f.2,
        state: f.3,
        body: f.4,
        version: f.5,
        created_by: f.6,
        created_at: f.7,
        published_by: f.8,
    }
}

/// One duty's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutyRow {
    /// Key, for ever.
    pub id: i64,
    /// Roster.
    pub roster: i64,
    /// Day.
    pub day: String,
    /// JSON.
    pub body: String,
    /// Who serves it.
    pub person: Option<i64>,
    /// Changes since publication.
    pub sequence: i64,
}

type DutyFields = (i64, i64, String, String, Option<i64>, i64);

fn duty(f: DutyFields) -> DutyRow {
    DutyRow {
        id: f.0,
        roster: f.1,
        day: f.2,
        body: f.3,
        person: f.4,
        sequence: f.5,
    }
}

/// Writes a draft with its duties (their `id` and `roster` are given here); returns the roster's key.
pub async fn insert_roster(tx: &mut Tx, new: &RosterRow, duties: &[DutyRow]) -> Result<i64, Error> {
    const SQL: &str = "insert into roster (id, first_day, last_day, state, body, version, created_by, created_at) \
        values ($1, $2, $3, $4, $5, 1, $6, $7)";
    let id = take_ids(tx, "roster", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.first_day).bind(&new.last_day).bind(&new.state).bind(&new.body)
        .bind(&new.created_by).bind(new.created_at)
        .execute(c).await.map(|_| ()))?;
    let count = i64::try_from(duties.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(id);
    }
    let first = take_ids(tx, "roster_duty", count).await?;
    let numbered: Vec<(i64, &DutyRow)> = (first..).zip(duties).collect();
    for chunk in numbered.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into roster_duty (id, roster_id, day, body, person_id, sequence) ");
            sql.push_values(chunk, |mut b, (key, d)| {
                b.push_bind(*key).push_bind(id).push_bind(&d.day).push_bind(&d.body).push_bind(d.person)
                    .push_bind(d.sequence);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(id)
}

/// All rosters, newest first.
pub async fn rosters(tx: &mut Tx) -> Result<Vec<RosterRow>, Error> {
    const SQL: &str = "select id, first_day, last_day, state, body, version, created_by, created_at, published_by \
        from roster order by id desc";
    let rows: Vec<RosterFields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(roster).collect())
}

/// One roster.
pub async fn roster_by_id(tx: &mut Tx, id: i64) -> Result<Option<RosterRow>, Error> {
    const SQL: &str = "select id, first_day, last_day, state, body, version, created_by, created_at, published_by \
        from roster where id = $1";
    let row: Option<RosterFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(row.map(roster))
}

/// Moves a roster whose version still is `version`; false if it moved on. `by` is who published, with the time.
pub async fn set_roster(
    tx: &mut Tx,
    row: &RosterRow,
    by: Option<(&str, i64)>,
) -> Result<bool, Error> {
    const SQL: &str = "update roster set state = $1, body = $2, published_by = $3, published_at = $4, version = version + 1 \
        where id = $5 and version = $6";
    let changed = on!(tx, c => sqlx::query(SQL)
        .bind(&row.state).bind(&row.body).bind(by.map(|b| b.0)).bind(by.map(|b| b.1)).bind(row.id).bind(row.version)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(changed == 1)
}

/// Duties of a roster by day and key.
pub async fn duties(tx: &mut Tx, roster: i64) -> Result<Vec<DutyRow>, Error> {
    const SQL: &str = "select id, roster_id, day, body, person_id, sequence from roster_duty \
        where roster_id = $1 order by day, id";
    let rows: Vec<DutyFields> = on!(tx, c => sqlx::query_as(SQL).bind(roster).fetch_all(c).await)?;
    Ok(rows.into_iter().map(duty).collect())
}

/// Duties of published rosters from one day to another, by day and key.
pub async fn published_duties(tx: &mut Tx, from: &str, to: &str) -> Result<Vec<DutyRow>, Error> {
    const SQL: &str = "select d.id, d.roster_id, d.day, d.body, d.person_id, d.sequence from roster_duty d \
        join roster r on r.id = d.roster_id \
        where r.state = 'published' and d.day >= $1 and d.day <= $2 order by d.day, d.id";
    let rows: Vec<DutyFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from).bind(to).fetch_all(c).await)?;
    Ok(rows.into_iter().map(duty).collect())
}

/// The text that names a gate in a duty's JSON.
fn gate_mark(gate: i64) -> String {
    format!("%\"gate\":{gate},%")
}

/// Duties of published rosters at one gate from one day to another, by day and key.
pub async fn duties_at_gate(
    tx: &mut Tx,
    [from, to]: [&str; 2],
    gate: i64,
) -> Result<Vec<DutyRow>, Error> {
    const SQL: &str = "select d.id, d.roster_id, d.day, d.body, d.person_id, d.sequence from roster_duty d \
        join roster r on r.id = d.roster_id \
        where r.state = 'published' and d.day >= $1 and d.day <= $2 and d.body like $3 order by d.day, d.id";
    let mark = gate_mark(gate);
    let rows: Vec<DutyFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from).bind(to).bind(&mark).fetch_all(c).await)?;
    Ok(rows.into_iter().map(duty).collect())
}

/// Signs at duties of one gate from one day to another, in the order of time.
pub async fn signs_at_gate(
    tx: &mut Tx,
    [from, to]: [&str; 2],
    gate: i64,
) -> Result<Vec<Sign>, Error> {
    const SQL: &str = "select s.mark, s.duty_id, s.person_id, s.kind, s.at, s.received_at, s.body from duty_sign s \
        join roster_duty d on d.id = s.duty_id \
        where d.day >= $1 and d.day <= $2 and d.body like $3 order by s.at, s.id";
    let mark = gate_mark(gate);
    let rows: Vec<SignFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from).bind(to).bind(&mark).fetch_all(c).await)?;
    Ok(rows.into_iter().map(sign).collect())
}

/// One duty.
pub async fn duty_by_id(tx: &mut Tx, id: i64) -> Result<Option<DutyRow>, Error> {
    const SQL: &str =
        "select id, roster_id, day, body, person_id, sequence from roster_duty where id = $1";
    let row: Option<DutyFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(row.map(duty))
}

/// Gives a duty to somebody (or nobody); its sequence grows by one.
pub async fn give(tx: &mut Tx, id: i64, person: Option<i64>) -> Result<(), Error> {
    const SQL: &str =
        "update roster_duty set person_id = $1, sequence = sequence + 1 where id = $2";
    on!(tx, c => sqlx::query(SQL).bind(person).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// What happened to a roster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RosterEvent {
    /// UTC milliseconds.
    pub at: i64,
    /// made, published, absence, replanned, swapped, withdrawn.
    pub kind: String,
    /// Login name.
    pub actor: String,
    /// JSON.
    pub body: String,
}

/// Appends an event.
pub async fn append_event(tx: &mut Tx, roster: i64, event: &RosterEvent) -> Result<(), Error> {
    const SQL: &str = "insert into roster_event (id, roster_id, at, kind, actor, body) values ($1, $2, $3, $4, $5, $6)";
    let id = take_ids(tx, "roster_event", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(roster).bind(event.at).bind(&event.kind).bind(&event.actor).bind(&event.body)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Events of a roster in order.
pub async fn events(tx: &mut Tx, roster: i64) -> Result<Vec<RosterEvent>, Error> {
    const SQL: &str =
        "select at, kind, actor, body from roster_event where roster_id = $1 order by id";
    let rows: Vec<(i64, String, String, String)> =
        on!(tx, c => sqlx::query_as(SQL).bind(roster).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| RosterEvent {
            at: f.0,
            kind: f.1,
            actor: f.2,
            body: f.3,
        })
        .collect())
}

/// A check-in, check-out or incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sign {
    /// Given by the phone.
    pub mark: String,
    /// Duty.
    pub duty: i64,
    /// Who.
    pub person: i64,
    /// in, out, incident.
    pub kind: String,
    /// UTC milliseconds by the phone.
    pub at: i64,
    /// UTC milliseconds of arrival.
    pub received_at: i64,
    /// JSON.
    pub body: String,
}

type SignFields = (String, i64, i64, String, i64, i64, String);

fn sign(f: SignFields) -> Sign {
    Sign {
        mark: f.0,
        duty: f.1,
        person: f.2,
        kind: f.3,
        at: f.4,
        received_at: f.5,
        body: f.6,
    }
}

/// Writes a sign once; false when its mark is known already.
pub async fn insert_sign(tx: &mut Tx, sign: &Sign) -> Result<bool, Error> {
    const SQL: &str = "insert into duty_sign (id, mark, duty_id, person_id, kind, at, received_at, body) \
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (mark) do nothing";
    let id = take_ids(tx, "duty_sign", 1).await?;
    let written = on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&sign.mark).bind(sign.duty).bind(sign.person).bind(&sign.kind).bind(sign.at)
        .bind(sign.received_at).bind(&sign.body)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(written == 1)
}

/// Signs at duties of the days given, in the order of time.
pub async fn signs(tx: &mut Tx, from: &str, to: &str) -> Result<Vec<Sign>, Error> {
    const SQL: &str = "select s.mark, s.duty_id, s.person_id, s.kind, s.at, s.received_at, s.body from duty_sign s \
        join roster_duty d on d.id = s.duty_id where d.day >= $1 and d.day <= $2 order by s.at, s.id";
    let rows: Vec<SignFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(from).bind(to).fetch_all(c).await)?;
    Ok(rows.into_iter().map(sign).collect())
}

/// An observation at a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Given by the phone.
    pub mark: String,
    /// School.
    pub school: i64,
    /// Day.
    pub day: String,
    /// UTC milliseconds.
    pub at: i64,
    /// Login name.
    pub actor: String,
    /// JSON.
    pub body: String,
}

/// Writes an observation once; false when its mark is known already.
pub async fn insert_watch(tx: &mut Tx, watch: &Watch) -> Result<bool, Error> {
    const SQL: &str = "insert into bell_watch (id, mark, school_id, day, at, actor, body) \
        values ($1, $2, $3, $4, $5, $6, $7) on conflict (mark) do nothing";
    let id = take_ids(tx, "bell_watch", 1).await?;
    let written = on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&watch.mark).bind(watch.school).bind(&watch.day).bind(watch.at)
        .bind(&watch.actor).bind(&watch.body)
        .execute(c).await.map(|r| r.rows_affected()))?;
    Ok(written == 1)
}

/// Observations of a school by time.
pub async fn watches(tx: &mut Tx, school: i64) -> Result<Vec<Watch>, Error> {
    const SQL: &str = "select mark, school_id, day, at, actor, body from bell_watch where school_id = $1 order by at, id";
    type Fields = (String, i64, String, i64, String, String);
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(school).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Watch {
            mark: f.0,
            school: f.1,
            day: f.2,
            at: f.3,
            actor: f.4,
            body: f.5,
        })
        .collect())
}
