//! Which problem sites does the last run know? Derived rows; their identity is replayed from the runs.

use sqlx::QueryBuilder;

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};
use crate::ticket::TicketId;

/// A run: what was computed, from which inputs, with which parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Key.
    pub id: i64,
    /// survey, …
    pub kind: String,
    /// JSON: parameters, seed, data version, engine version, window.
    pub body: String,
    /// UTC milliseconds.
    pub at: i64,
}

/// Writes a run under its key (runs of a kind are numbered by their own rule).
pub async fn insert_run(tx: &mut Tx, run: (i64, &str), body: &str, at: i64) -> Result<(), Error> {
    const SQL: &str = "insert into run (id, kind, body, at) values ($1, $2, $3, $4)";
    on!(tx, c => sqlx::query(SQL).bind(run.0).bind(run.1).bind(body).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Runs of a kind, oldest first.
pub async fn runs(tx: &mut Tx, kind: &str) -> Result<Vec<Run>, Error> {
    const SQL: &str = "select id, kind, body, at from run where kind = $1 order by id";
    let rows: Vec<(i64, String, String, i64)> =
        on!(tx, c => sqlx::query_as(SQL).bind(kind).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| Run {
            id: f.0,
            kind: f.1,
            body: f.2,
            at: f.3,
        })
        .collect())
}

/// A site as its row holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// Key.
    pub id: i64,
    /// JSON of the site without its members.
    pub body: String,
    /// active, dormant, merged.
    pub status: String,
    /// Run that wrote it last.
    pub run: i64,
}

/// Replaces all sites and members by those of a run.
pub async fn replace(
    tx: &mut Tx,
    sites: &[SiteRow],
    members: &[(i64, TicketId)],
) -> Result<(), Error> {
    clear(tx).await?;
    for chunk in sites.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into site (id, body, status, last_run) ");
            sql.push_values(chunk, |mut b, s| {
                b.push_bind(s.id).push_bind(&s.body).push_bind(&s.status).push_bind(s.run);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    for chunk in members.chunks(4000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into site_member (site_id, ticket_id) ");
            sql.push_values(chunk, |mut b, m| {
                b.push_bind(m.0).push_bind(m.1.0);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Removes all sites and members (events and runs stay).
pub async fn clear(tx: &mut Tx) -> Result<(), Error> {
    for sql in ["delete from site_member", "delete from site"] {
        on!(tx, c => sqlx::query(sql).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Removes everything a rebuild replays: sites, members, site events, survey runs.
pub async fn clear_all(tx: &mut Tx) -> Result<(), Error> {
    clear(tx).await?;
    for sql in [
        "delete from site_event",
        "delete from run where kind = 'survey'",
        "delete from counter where name = 'site_event'",
    ] {
        on!(tx, c => sqlx::query(sql).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// All sites by key.
pub async fn all(tx: &mut Tx) -> Result<Vec<SiteRow>, Error> {
    const SQL: &str = "select id, body, status, last_run from site order by id";
    let rows: Vec<(i64, String, String, i64)> =
        on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| SiteRow {
            id: f.0,
            body: f.1,
            status: f.2,
            run: f.3,
        })
        .collect())
}

/// All memberships by site and ticket.
pub async fn members(tx: &mut Tx) -> Result<Vec<(i64, TicketId)>, Error> {
    const SQL: &str = "select site_id, ticket_id from site_member order by site_id, ticket_id";
    let rows: Vec<(i64, i64)> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|f| (f.0, TicketId(f.1))).collect())
}

/// An event in a site's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteEvent {
    /// Site.
    pub site: i64,
    /// Run that saw it.
    pub run: i64,
    /// born, split, merged, dormant, revived.
    pub kind: String,
    /// The other site of a split or a merge.
    pub other: Option<i64>,
    /// JSON; empty if the kind says all.
    pub body: String,
}

/// Appends events of a run.
pub async fn append_events(tx: &mut Tx, events: &[SiteEvent]) -> Result<(), Error> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    if count == 0 {
        return Ok(());
    }
    let first = take_ids(tx, "site_event", count).await?;
    let numbered: Vec<(i64, &SiteEvent)> = (first..).zip(events).collect();
    for chunk in numbered.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into site_event (id, site_id, run_id, kind, other, body) ");
            sql.push_values(chunk, |mut b, (id, e)| {
                b.push_bind(*id).push_bind(e.site).push_bind(e.run).push_bind(&e.kind).push_bind(e.other)
                    .push_bind(&e.body);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The events of a site in order.
pub async fn events(tx: &mut Tx, site: i64) -> Result<Vec<SiteEvent>, Error> {
    const SQL: &str =
        "select site_id, run_id, kind, other, body from site_event where site_id = $1 order by id";
    type Fields = (i64, i64, String, Option<i64>, String);
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(site).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|f| SiteEvent {
            site: f.0,
            run: f.1,
            kind: f.2,
            other: f.3,
            body: f.4,
        })
        .collect())
}
