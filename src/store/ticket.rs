//! Which tickets are there, and what do their rows say?

use std::collections::BTreeMap;

use sqlx::{QueryBuilder, Row as _};

use crate::calendar::UtcMs;
use crate::spatial::Datum;
use crate::store::link::on;
pub use crate::store::ticket_event::{Event, EventRow, append_events, events, next_seq};
use crate::store::{Error, Tx};
use crate::ticket::{Channel, GivenPair, PetitionerKey, State, Ticket, TicketId};

/// Levels of the category tree are joined by this in one column.
const LEVEL: char = '\u{1f}';

/// Rows of one multi-row insert: 37 columns × 400 stays under the parameter limits of both engines.
const CHUNK: usize = 400;

/// A ticket with what the store knows about its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Key.
    pub id: TicketId,
    /// Batch that brought it.
    pub batch: i64,
    /// Batch that touched it last.
    pub touched: i64,
    /// Fingerprint of the row's content.
    pub hash: i64,
    /// The ticket.
    pub ticket: Ticket,
}

/// A new ticket on its way into the table.
#[derive(Clone, Copy, Debug)]
pub struct New<'a> {
    /// Key, taken beforehand.
    pub id: TicketId,
    /// Fingerprint of the row's content.
    pub hash: i64,
    /// The ticket.
    pub ticket: &'a Ticket,
}

/// The columns that hold what a ticket says, in the order of `content!`.
macro_rules! columns {
    () => {
        "channel, external_no, superior_no, nature, urgency, category, title, content, place_text, district, town, \
         given_x, given_y, given_datum, petitioner, confidential, reported_at, received_at, assigned_at, signed_at, \
         contacted_at, due_at, closed_at, unit, state, redo, result, reply, visit_contacted, visit_solved, satisfaction, \
         extras"
    };
}

const INSERT: &str = concat!(
    "insert into ticket (id, batch_id, touched_batch, content_hash, ",
    columns!(),
    ") "
);

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, batch_id, touched_batch, content_hash, ",
            columns!(),
            " from ticket ",
            $rest
        )
    };
}

fn extras_text(extras: &BTreeMap<String, String>) -> String {
    if extras.is_empty() {
        return String::new();
    }
    serde_json::to_string(extras).unwrap_or_default()
}

macro_rules! bind_ticket {
    ($b:expr, $batch:expr, $new:expr) => {{
        let t = $new.ticket;
        $b.push_bind($new.id.0)
            .push_bind($batch)
            .push_bind($batch)
            .push_bind($new.hash);
        content!($b, push_bind, t);
    }};
}

/// Binds what a ticket says, column by column: `push_bind` of a list of values or `bind` of a query.
macro_rules! content {
    ($to:expr, $bind:ident, $t:expr) => {{
        let t = $t;
        $to.$bind(t.channel.code())
            .$bind(&t.external_no)
            .$bind(&t.superior_no)
            .$bind(&t.nature)
            .$bind(&t.urgency)
            .$bind(t.category.join("\u{1f}"))
            .$bind(&t.title)
            .$bind(&t.content)
            .$bind(&t.place_text)
            .$bind(&t.district)
            .$bind(&t.town)
            .$bind(t.pair.as_ref().map(|p| p.x))
            .$bind(t.pair.as_ref().map(|p| p.y))
            .$bind(t.pair.as_ref().and_then(|p| p.datum).map(Datum::name))
            .$bind(t.petitioner.map(|p| p.0))
            .$bind(t.confidential)
            .$bind(t.reported_at.map(|a| a.0))
            .$bind(t.received_at.0)
            .$bind(t.assigned_at.map(|a| a.0))
            .$bind(t.signed_at.map(|a| a.0))
            .$bind(t.contacted_at.map(|a| a.0))
            .$bind(t.due_at.map(|a| a.0))
            .$bind(t.closed_at.map(|a| a.0))
            .$bind(&t.unit)
            .$bind(t.state.code())
            .$bind(i64::from(t.redo))
            .$bind(&t.result)
            .$bind(&t.reply)
            .$bind(t.visit_contacted)
            .$bind(t.visit_solved)
            .$bind(&t.satisfaction)
            .$bind(extras_text(&t.extras))
    }};
}

/// Writes new tickets of a batch. Cost: about 8 µs a row on SQLite.
pub async fn insert(tx: &mut Tx, batch: i64, rows: &[New<'_>]) -> Result<(), Error> {
    for chunk in rows.chunks(CHUNK) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new(INSERT);
            sql.push_values(chunk, |mut b, new| bind_ticket!(b, batch, new));
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// Replaces the content of a ticket that a later file changed, or that an undo restores.
pub async fn update(tx: &mut Tx, touched: i64, new: New<'_>) -> Result<(), Error> {
    const SQL: &str = concat!(
        "update ticket set (",
        columns!(),
        ", touched_batch, content_hash) = ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
         $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34) where id = $35"
    );
    on!(tx, c => content!(sqlx::query(SQL), bind, new.ticket)
        .bind(touched).bind(new.hash).bind(new.id.0)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A row of `select!` to a ticket.
macro_rules! stored {
    ($row:expr) => {{
        let r = $row;
        let id: i64 = r.try_get(0)?;
        let bad = |what: String| Error::Corrupt {
            table: "ticket",
            row: id,
            what,
        };
        let channel: &str = r.try_get(4)?;
        let state: &str = r.try_get(28)?;
        let category: &str = r.try_get(9)?;
        let extras: &str = r.try_get(35)?;
        let datum: Option<&str> = r.try_get(17)?;
        let redo: i64 = r.try_get(29)?;
        let x: Option<f64> = r.try_get(15)?;
        let y: Option<f64> = r.try_get(16)?;
        let at = |i: usize| r.try_get::<Option<i64>, _>(i).map(|v| v.map(UtcMs));
        Stored {
            id: TicketId(id),
            batch: r.try_get(1)?,
            touched: r.try_get(2)?,
            hash: r.try_get(3)?,
            ticket: Ticket {
                channel: Channel::from_code(channel)
                    .ok_or_else(|| bad(format!("channel {channel}")))?,
                external_no: r.try_get(5)?,
                superior_no: r.try_get(6)?,
                nature: r.try_get(7)?,
                urgency: r.try_get(8)?,
                category: levels(category),
                title: r.try_get(10)?,
                content: r.try_get(11)?,
                place_text: r.try_get(12)?,
                district: r.try_get(13)?,
                town: r.try_get(14)?,
                pair: x.zip(y).map(|(x, y)| GivenPair {
                    x,
                    y,
                    datum: datum.and_then(Datum::parse),
                }),
                petitioner: r.try_get::<Option<i64>, _>(18)?.map(PetitionerKey),
                confidential: r.try_get(19)?,
                reported_at: at(20)?,
                received_at: UtcMs(r.try_get(21)?),
                assigned_at: at(22)?,
                signed_at: at(23)?,
                contacted_at: at(24)?,
                due_at: at(25)?,
                closed_at: at(26)?,
                unit: r.try_get(27)?,
                state: State::from_code(state).ok_or_else(|| bad(format!("state {state}")))?,
                redo: u16::try_from(redo).map_err(|e| bad(e.to_string()))?,
                result: r.try_get(30)?,
                reply: r.try_get(31)?,
                visit_contacted: r.try_get(32)?,
                visit_solved: r.try_get(33)?,
                satisfaction: r.try_get(34)?,
                extras: extras_of(extras).map_err(|e| bad(e.to_string()))?,
            },
        }
    }};
}

/// A row of the brief columns.
macro_rules! brief {
    ($row:expr) => {{
        let r = $row;
        let id: i64 = r.try_get(0)?;
        let bad = |what: String| Error::Corrupt {
            table: "ticket",
            row: id,
            what,
        };
        let channel: &str = r.try_get(1)?;
        let state: &str = r.try_get(2)?;
        let redo: i64 = r.try_get(8)?;
        let (title, place, content): (&str, &str, &str) =
            (r.try_get(9)?, r.try_get(10)?, r.try_get(11)?);
        Brief {
            id: TicketId(id),
            channel: Channel::from_code(channel)
                .ok_or_else(|| bad(format!("channel {channel}")))?,
            state: State::from_code(state).ok_or_else(|| bad(format!("state {state}")))?,
            category: levels(r.try_get(3)?),
            unit: r.try_get(4)?,
            petitioner: r.try_get::<Option<i64>, _>(5)?.map(PetitionerKey),
            received_at: UtcMs(r.try_get(6)?),
            closed_at: r.try_get::<Option<i64>, _>(7)?.map(UtcMs),
            redo: u16::try_from(redo).map_err(|e| bad(e.to_string()))?,
            text: [title, place, content].join("\n"),
            district: r.try_get(12)?,
            nature: r.try_get(13)?,
        }
    }};
}

/// The levels of a category column.
pub(super) fn levels(text: &str) -> Vec<String> {
    text.split(LEVEL)
        .filter(|l| !l.is_empty())
        .map(str::to_owned)
        .collect()
}

fn extras_of(text: &str) -> Result<BTreeMap<String, String>, serde_json::Error> {
    if text.is_empty() {
        Ok(BTreeMap::new())
    } else {
        serde_json::from_str(text)
    }
}

/// One ticket.
pub async fn by_id(tx: &mut Tx, id: TicketId) -> Result<Option<Stored>, Error> {
    const SQL: &str = select!("where id = $1");
    Ok(match tx {
        Tx::Sqlite(c) => match sqlx::query(SQL).bind(id.0).fetch_optional(&mut **c).await? {
            Some(row) => Some(stored!(row)),
            None => None,
        },
        Tx::Postgres(c) => match sqlx::query(SQL).bind(id.0).fetch_optional(&mut **c).await? {
            Some(row) => Some(stored!(row)),
            None => None,
        },
    })
}

/// The tickets of these keys, in the order asked; unknown keys are left out.
pub async fn by_ids(tx: &mut Tx, ids: &[TicketId]) -> Result<Vec<Stored>, Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new(select!("where id in ("));
            let mut list = sql.separated(", ");
            for id in chunk {
                list.push_bind(id.0);
            }
            sql.push(")");
            for row in sql.build().fetch_all(c).await? {
                let ticket = stored!(row);
                found.insert(ticket.id, ticket);
            }
        });
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// Tickets after a key in the order of keys: a page of a walk over all.
pub async fn after(tx: &mut Tx, id: TicketId, limit: i64) -> Result<Vec<Stored>, Error> {
    const SQL: &str = select!("where id > $1 order by id limit $2");
    let mut list = Vec::new();
    on!(tx, c => {
        for row in sqlx::query(SQL).bind(id.0).bind(limit).fetch_all(c).await? {
            list.push(stored!(row));
        }
    });
    Ok(list)
}

/// Tickets with a pair after a key in the order of keys.
pub async fn pairs_after(tx: &mut Tx, id: TicketId, limit: i64) -> Result<Vec<Stored>, Error> {
    const SQL: &str = select!("where id > $1 and given_x is not null order by id limit $2");
    let mut list = Vec::new();
    on!(tx, c => {
        for row in sqlx::query(SQL).bind(id.0).bind(limit).fetch_all(c).await? {
            list.push(stored!(row));
        }
    });
    Ok(list)
}

/// How many tickets have a pair.
pub async fn count_pairs(tx: &mut Tx) -> Result<i64, Error> {
    const SQL: &str = "select count(*) from ticket where given_x is not null";
    let (n,): (i64,) = on!(tx, c => sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(n)
}

/// The key of a number in a channel.
pub async fn by_number(
    tx: &mut Tx,
    channel: Channel,
    external_no: &str,
) -> Result<Option<TicketId>, Error> {
    const SQL: &str = "select id from ticket where external_no = $1 and channel = $2";
    let found: Option<(i64,)> = on!(tx, c => sqlx::query_as(SQL).bind(external_no).bind(channel.code()).fetch_optional(c).await)?;
    Ok(found.map(|f| TicketId(f.0)))
}

/// The keys of tickets whose number starts with the text, in any channel, at most `limit`.
pub async fn by_prefix(tx: &mut Tx, prefix: &str, limit: i64) -> Result<Vec<TicketId>, Error> {
    const SQL: &str = "select id from ticket where external_no >= $1 and external_no < $2 order by external_no limit $3";
    let end = format!("{prefix}\u{10ffff}");
    let rows: Vec<(i64,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(prefix).bind(end).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|r| TicketId(r.0)).collect())
}

/// The few columns of a ticket that the index takes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Key.
    pub id: TicketId,
    /// Channel.
    pub channel: Channel,
    /// State.
    pub state: State,
    /// Levels of the category tree.
    pub category: Vec<String>,
    /// Unit in charge.
    pub unit: Option<String>,
    /// Who asked, as a keyed hash.
    pub petitioner: Option<PetitionerKey>,
    /// Arrival.
    pub received_at: UtcMs,
    /// Close.
    pub closed_at: Option<UtcMs>,
    /// Redo rounds.
    pub redo: u16,
    /// Masked title, place column and content, one line each.
    pub text: String,
    /// District named by the row.
    pub district: Option<String>,
    /// 性质 as written.
    pub nature: Option<String>,
}

/// Tickets after a key in the order of keys, in the few columns of the index.
pub async fn briefs_after(tx: &mut Tx, id: TicketId, limit: i64) -> Result<Vec<Brief>, Error> {
    const SQL: &str = "select id, channel, state, category, unit, petitioner, received_at, closed_at, redo, title, \
        place_text, content, district, nature from ticket where id > $1 order by id limit $2";
    let mut list = Vec::new();
    on!(tx, c => {
        for row in sqlx::query(SQL).bind(id.0).bind(limit).fetch_all(c).await? {
            list.push(brief!(row));
        }
    });
    Ok(list)
}

/// The briefs of these tickets, by key.
pub async fn briefs(tx: &mut Tx, ids: &[TicketId]) -> Result<Vec<Brief>, Error> {
    let mut list = Vec::new();
    for chunk in ids.chunks(1000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new(
                "select id, channel, state, category, unit, petitioner, received_at, closed_at, redo, title, \
                 place_text, content, district, nature from ticket where id in (",
            );
            let mut keys = sql.separated(", ");
            for id in chunk {
                keys.push_bind(id.0);
            }
            sql.push(") order by id");
            for row in sql.build().fetch_all(c).await? {
                list.push(brief!(row));
            }
        });
    }
    Ok(list)
}

/// What the `hard` duplicate rule looks at, for one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Key.
    pub id: TicketId,
    /// Channel.
    pub channel: Channel,
    /// The channel's own number.
    pub external_no: String,
    /// Number of the superior platform.
    pub superior_no: Option<String>,
    /// Fingerprint of the content.
    pub hash: i64,
}

/// Keys after a ticket in the order of keys: a page of a walk over all.
pub async fn keys_after(tx: &mut Tx, id: TicketId, limit: i64) -> Result<Vec<Key>, Error> {
    const SQL: &str = "select id, channel, external_no, superior_no, content_hash from ticket \
        where id > $1 order by id limit $2";
    type Fields = (i64, String, String, Option<String>, i64);
    let rows: Vec<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(id.0).bind(limit).fetch_all(c).await)?;
    rows.into_iter()
        .map(|r| {
            let channel = Channel::from_code(&r.1).ok_or_else(|| Error::Corrupt {
                table: "ticket",
                row: r.0,
                what: format!("channel {}", r.1),
            })?;
            Ok(Key {
                id: TicketId(r.0),
                channel,
                external_no: r.2,
                superior_no: r.3,
                hash: r.4,
            })
        })
        .collect()
}

/// Key of the last ticket.
pub async fn last(tx: &mut Tx) -> Result<Option<TicketId>, Error> {
    const SQL: &str = "select id from ticket order by id desc limit 1";
    let found: Option<(i64,)> = on!(tx, c => sqlx::query_as(SQL).fetch_optional(c).await)?;
    Ok(found.map(|f| TicketId(f.0)))
}

/// How many tickets there are.
pub async fn count(tx: &mut Tx) -> Result<i64, Error> {
    const SQL: &str = "select count(*) from ticket";
    let (n,): (i64,) = on!(tx, c => sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(n)
}

/// Writes sealed parts, replacing what is there.
pub async fn seal(tx: &mut Tx, rows: &[(TicketId, Vec<u8>)]) -> Result<(), Error> {
    for chunk in rows.chunks(2000) {
        on!(tx, c => {
            let mut sql = QueryBuilder::new("insert into ticket_sealed (ticket_id, body) ");
            sql.push_values(chunk, |mut b, row| {
                b.push_bind(row.0.0).push_bind(&row.1);
            });
            sql.push(" on conflict (ticket_id) do update set body = excluded.body");
            sql.build().execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The sealed part of a ticket.
pub async fn sealed(tx: &mut Tx, id: TicketId) -> Result<Option<Vec<u8>>, Error> {
    const SQL: &str = "select body from ticket_sealed where ticket_id = $1";
    let found: Option<(Vec<u8>,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(id.0).fetch_optional(c).await)?;
    Ok(found.map(|f| f.0))
}

/// Takes the sealed part of a ticket away.
pub async fn unseal(tx: &mut Tx, id: TicketId) -> Result<(), Error> {
    const SQL: &str = "delete from ticket_sealed where ticket_id = $1";
    on!(tx, c => sqlx::query(SQL).bind(id.0).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// The keys of the tickets a batch brought, at most `limit`.
pub async fn ids_of_batch(tx: &mut Tx, batch: i64, limit: i64) -> Result<Vec<TicketId>, Error> {
    const SQL: &str = "select id from ticket where batch_id = $1 order by id limit $2";
    let rows: Vec<(i64,)> =
        on!(tx, c => sqlx::query_as(SQL).bind(batch).bind(limit).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|r| TicketId(r.0)).collect())
}

/// Removes all tickets a batch brought, with their sealed parts and events; says how many.
pub async fn remove_of_batch(tx: &mut Tx, batch: i64) -> Result<u64, Error> {
    const PARTS: [&str; 4] = [
        "delete from ticket_sealed where ticket_id in (select id from ticket where batch_id = $1)",
        "delete from ticket_event where ticket_id in (select id from ticket where batch_id = $1)",
        "delete from location where ticket_id in (select id from ticket where batch_id = $1)",
        "delete from site_member where ticket_id in (select id from ticket where batch_id = $1)",
    ];
    const TICKETS: &str = "delete from ticket where batch_id = $1";
    for sql in PARTS {
        on!(tx, c => sqlx::query(sql).bind(batch).execute(c).await.map(|_| ()))?;
    }
    let n =
        on!(tx, c => sqlx::query(TICKETS).bind(batch).execute(c).await.map(|d| d.rows_affected()))?;
    Ok(n)
}
