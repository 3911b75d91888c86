//! What did people decide about places, and which aliases did that teach? Facts: every rebuild replays them.

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};
use crate::ticket::TicketId;

/// A person's answer to "where is it?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Key.
    pub id: i64,
    /// Ticket.
    pub ticket: TicketId,
    /// candidate, point, line, `no_place`, outside.
    pub kind: String,
    /// JSON of the place decided.
    pub body: String,
    /// Who.
    pub actor: String,
    /// UTC milliseconds.
    pub at: i64,
}

type Fields = (i64, i64, String, String, String, i64);

fn decision(f: Fields) -> Decision {
    Decision {
        id: f.0,
        ticket: TicketId(f.1),
        kind: f.2,
        body: f.3,
        actor: f.4,
        at: f.5,
    }
}

/// Writes a decision; an earlier one on the same ticket is marked as replaced, never removed.
pub async fn insert(tx: &mut Tx, new: &Decision) -> Result<i64, Error> {
    const REPLACE: &str =
        "update decision set replaced_by = $1 where ticket_id = $2 and replaced_by is null";
    const SQL: &str = "insert into decision (id, ticket_id, kind, body, actor, at, replaced_by) \
        values ($1, $2, $3, $4, $5, $6, null)";
    let id = take_ids(tx, "decision", 1).await?;
    on!(tx, c => sqlx::query(REPLACE).bind(id).bind(new.ticket.0).execute(c).await.map(|_| ()))?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(new.ticket.0).bind(&new.kind).bind(&new.body).bind(&new.actor).bind(new.at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// All decisions in force, by ticket.
pub async fn in_force(tx: &mut Tx) -> Result<Vec<Decision>, Error> {
    const SQL: &str = "select id, ticket_id, kind, body, actor, at from decision where replaced_by is null order by ticket_id";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(decision).collect())
}

/// The decision in force on a ticket.
pub async fn of_ticket(tx: &mut Tx, ticket: TicketId) -> Result<Option<Decision>, Error> {
    const SQL: &str = "select id, ticket_id, kind, body, actor, at from decision \
        where ticket_id = $1 and replaced_by is null";
    let found: Option<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(ticket.0).fetch_optional(c).await)?;
    Ok(found.map(decision))
}

/// An alias that decisions taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Key.
    pub id: i64,
    /// The words.
    pub surface: String,
    /// The feature they mean.
    pub feature: String,
    /// What people call that feature.
    pub label: String,
    /// District the words belong to, if one.
    pub district: Option<String>,
    /// Distinct petitioners that support it.
    pub support: i64,
    /// Confirmed by a planner.
    pub confirmed: bool,
    /// Used by the locator.
    pub active: bool,
    /// Switched by a person: the rule no longer decides.
    pub pinned: bool,
    /// Who taught it first.
    pub created_by: String,
    /// UTC milliseconds.
    pub created_at: i64,
}

type AliasFields = (
    i64,
    String,
    String,
    String,
    Option<String>,
    i64,
    bool,
    bool,
    bool,
    String,
    i64,
);

fn alias(f: AliasFields) -> Alias {
    Alias {
        id: f.0,
        surface: f.1,
        feature: f.2,
        label: f.3,
        district: f.4,
        support: f.5,
        confirmed: f.6,
        active: f.7,
        pinned: f.8,
        created_by: f.9,
        created_at: f.10,
    }
}

/// All aliases, active first, then by words.
pub async fn aliases(tx: &mut Tx) -> Result<Vec<Alias>, Error> {
    const SQL: &str = "select id, surface, feature, label, district, support, confirmed, active, pinned, created_by, \
        created_at from alias order by active desc, surface, feature";
    let rows: Vec<AliasFields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(alias).collect())
}

/// One alias.
pub async fn alias_by_id(tx: &mut Tx, id: i64) -> Result<Option<Alias>, Error> {
    const SQL: &str = "select id, surface, feature, label, district, support, confirmed, active, pinned, created_by, \
        created_at from alias where id = $1";
    let found: Option<AliasFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(alias))
}

/// The alias of these words for this feature.
pub async fn alias_by_words(
    tx: &mut Tx,
    surface: &str,
    feature: &str,
) -> Result<Option<Alias>, Error> {
    const SQL: &str = "select id, surface, feature, label, district, support, confirmed, active, pinned, created_by, \
        created_at from alias where surface = $1 and feature = $2";
    let found: Option<AliasFields> =
        on!(tx, c => sqlx::query_as(SQL).bind(surface).bind(feature).fetch_optional(c).await)?;
    Ok(found.map(alias))
}

/// Writes a new alias; its key is given here.
pub async fn insert_alias(tx: &mut Tx, new: &Alias) -> Result<i64, Error> {
    const SQL: &str = "insert into alias (id, surface, feature, label, district, support, confirmed, active, pinned, \
        created_by, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let id = take_ids(tx, "alias", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.surface).bind(&new.feature).bind(&new.label).bind(&new.district).bind(new.support)
        .bind(new.confirmed).bind(new.active).bind(new.pinned).bind(&new.created_by).bind(new.created_at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Changes support and switches of an alias.
pub async fn update_alias(tx: &mut Tx, changed: &Alias) -> Result<(), Error> {
    const SQL: &str =
        "update alias set support = $1, confirmed = $2, active = $3, pinned = $4 where id = $5";
    on!(tx, c => sqlx::query(SQL)
        .bind(changed.support).bind(changed.confirmed).bind(changed.active).bind(changed.pinned).bind(changed.id)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that a decision on a ticket supports an alias.
pub async fn support_alias(
    tx: &mut Tx,
    alias: i64,
    decision: (i64, TicketId),
    petitioner: Option<i64>,
) -> Result<(), Error> {
    const SQL: &str = "insert into alias_support (alias_id, ticket_id, decision_id, petitioner) values ($1, $2, $3, $4) \
        on conflict (alias_id, ticket_id) do update set decision_id = excluded.decision_id";
    on!(tx, c => sqlx::query(SQL).bind(alias).bind(decision.1.0).bind(decision.0).bind(petitioner)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Aliases that a ticket's earlier decision supports, and the end of that support (a new decision took its place).
pub async fn withdraw_support(tx: &mut Tx, ticket: TicketId) -> Result<Vec<i64>, Error> {
    const FIND: &str = "select alias_id from alias_support where ticket_id = $1 order by alias_id";
    const SQL: &str = "delete from alias_support where ticket_id = $1";
    let rows: Vec<(i64,)> = on!(tx, c => sqlx::query_as(FIND).bind(ticket.0).fetch_all(c).await)?;
    on!(tx, c => sqlx::query(SQL).bind(ticket.0).execute(c).await.map(|_| ()))?;
    Ok(rows.into_iter().map(|f| f.0).collect())
}

/// Distinct voices behind an alias: each petitioner once, each anonymous ticket not at all.
pub async fn voices(tx: &mut Tx, alias: i64) -> Result<i64, Error> {
    const SQL: &str = "select count(distinct petitioner) from alias_support where alias_id = $1 and petitioner is not null";
    let (n,): (i64,) = on!(tx, c => sqlx::query_as(SQL).bind(alias).fetch_one(c).await)?;
    Ok(n)
}
