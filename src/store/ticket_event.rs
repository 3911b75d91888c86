//! What happened to a ticket, in order? Append-only; the state of a ticket is the fold of its events.

use sqlx::QueryBuilder;

use crate::store::link::on;
use crate::store::{Error, Tx};
use crate::ticket::TicketId;

/// One event of a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Ticket.
    pub ticket: TicketId,
    /// Place in the ticket's own order, from 1.
    pub seq: i64,
    /// UTC milliseconds.
    pub at: i64,
    /// imported, changed, restored, located, …
    pub kind: &'static str,
    /// Who.
    pub actor: String,
    /// Batch that caused it.
    pub batch: Option<i64>,
    /// JSON; empty if the kind says all.
    pub body: String,
}

/// Appends events.
pub async fn append_events(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    for chunk in events.chunks(2000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into ticket_event (ticket_id, seq, at, kind, actor, batch_id, body) ");
            sql.push_values(chunk, |mut b, e| {
                b.push_bind(e.ticket.0).push_bind(e.seq).push_bind(e.at).push_bind(e.kind)
                    .push_bind(&e.actor).push_bind(e.batch).push_bind(&e.body);
            });
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Next number in a ticket's own order of events.
pub async fn next_seq(tx: &mut Tx, id: TicketId) -> Result<i64, Error> {
    const SQL: &str =
        "select cast(coalesce(max(seq), 0) as bigint) from ticket_event where ticket_id = $1";
    let (last,): (i64,) = on!(tx, c => sqlx::query_as(SQL).bind(id.0).fetch_one(c).await)?;
    Ok(last + 1)
}

/// An event as read back.
pub type EventRow = (i64, i64, String, String, Option<i64>, String);

/// The events of a ticket in order: seq, at, kind, actor, batch, body.
pub async fn events(tx: &mut Tx, id: TicketId) -> Result<Vec<EventRow>, Error> {
    const SQL: &str = "select seq, at, kind, actor, batch_id, body from ticket_event where ticket_id = $1 order by seq";
    let rows = on!(tx, c => sqlx::query_as(SQL).bind(id.0).fetch_all(c).await)?;
    Ok(rows)
}
