//! What does a ticket say, to whom: pages of the filtered tickets, one ticket with its places, and all of them in order for an export.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::coarse::{hidden, is_home, pair, sees_homes};
use crate::app::error::{Error, Result};
use crate::app::snapshot::Snapshot;
use crate::app::ticket_clear::{Handler, handlers, may_reveal};
use crate::calendar::UtcMs;
use crate::index::Filter;
use crate::index::row::{precision_title, state_code, state_title};
use crate::intake::mapping::conceal;
use crate::place::{Located, Precision};
use crate::store::Tx;
use crate::store::place::{self, Placed};
use crate::store::ticket::{self, Stored};

use crate::ticket::permit::Right;
use crate::ticket::{Channel, TicketId};

/// A ticket as people see it: texts masked, times as instants of the city.
#[derive(Clone, Debug, Serialize)]
pub struct TicketView {
    /// Number of the ticket in this program.
    pub no: String,
    /// The channel's own number.
    pub external_no: String,
    /// Number of the superior platform.
    pub superior_no: Option<String>,
    /// Channel code.
    pub channel: Channel,
    /// Channel in Chinese.
    pub channel_title: &'static str,
    /// Category path joined by `/`: a key of the filter.
    pub category: String,
    /// 性质.
    pub nature: Option<String>,
    /// 紧急程度.
    pub urgency: Option<String>,
    /// Masked title.
    pub title: String,
    /// Masked content.
    pub content: String,
    /// Masked place column.
    pub place_text: String,
    /// District as written.
    pub district: Option<String>,
    /// Street office or town as written.
    pub town: Option<String>,
    /// Arrival in the brigade, RFC 3339.
    pub received_at: String,
    /// Promised time.
    pub due_at: Option<String>,
    /// Close.
    pub closed_at: Option<String>,
    /// State code.
    pub state: &'static str,
    /// State in Chinese.
    pub state_title: &'static str,
    /// Unit in charge.
    pub unit: Option<String>,
    /// Redo rounds.
    pub redo: u16,
    /// Visit verdict.
    pub satisfaction: Option<String>,
    /// Result as written.
    pub result: Option<String>,
    /// Masked reply.
    pub reply: Option<String>,
    /// 保密.
    pub confidential: bool,
    /// Precision class of the main place.
    pub precision: &'static str,
    /// Precision in Chinese.
    pub precision_title: &'static str,
    /// Radius of uncertainty in metres.
    pub radius_m: Option<f64>,
    /// Probability that the true spot lies inside the radius.
    pub confidence: Option<f64>,
    /// How people name the place.
    pub label: Option<String>,
    /// Area the place lies in.
    pub area: Option<String>,
    /// Longitude and latitude in WGS-84, six decimals.
    pub point: Option<[f64; 2]>,
    /// Site the ticket belongs to.
    pub site: Option<String>,
    /// Waits for a person.
    pub review: bool,
    /// A home, shown as the hexagon around it.
    pub coarse: bool,
    /// Levels of the category, for tables that are read back.
    #[serde(skip)]
    pub levels: Vec<String>,
    /// Arrival as an instant, for workbooks.
    #[serde(skip)]
    pub received: UtcMs,
    /// Close as an instant, for workbooks.
    #[serde(skip)]
    pub closed: Option<UtcMs>,
}

/// One ticket with everything about its places.
#[derive(Clone, Debug, Serialize)]
pub struct TicketDetail {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketView,
    /// All places its words speak of, the main one first.
    pub places: Vec<Located>,
    /// Columns nobody mapped, masked.
    pub extras: BTreeMap<String, String>,
    /// Whether clear fields exist and this person may ask for them.
    pub revealable: bool,
    /// Who handles it, where somebody was named.
    pub handler: Option<Handler>,
    /// Whom this person may name as handler.
    pub assignable: Vec<Handler>,
}

/// A page of a list.
#[derive(Clone, Debug, Serialize)]
pub struct TicketPage {
    /// Newest first.
    pub tickets: Vec<TicketView>,
    /// Where the next page begins; `None` = this was the last.
    pub next: Option<String>,
    /// All tickets of the filter.
    pub total: usize,
}

/// Rows fetched at a time by an export.
const PAGE: usize = 1000;
fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

fn view(stored: &Stored, main: Option<&Placed>, snapshot: &Snapshot, who: &Who) -> TicketView {
    let t = &stored.ticket;
    let shown = main.map(|m| shown(m, !sees_homes(who, t.confidential)));
    let row = snapshot.index.row_of(stored.id);
    let located = shown.as_deref();
    let coarse = located.is_some_and(|l| main.is_some_and(|m| l.point != m.located.point));
    let precision = located.map_or(Precision::None, |l| l.precision);
    let text = |at: Option<UtcMs>| at.map(UtcMs::rfc3339);
    TicketView {
        no: stored.id.0.to_string(),
        external_no: t.external_no.clone(),
        superior_no: t.superior_no.clone(),
        channel: t.channel,
        channel_title: t.channel.title(),
        category: t.category.join("/"),
        nature: t.nature.clone(),
        urgency: t.urgency.clone(),
        title: t.title.clone(),
        content: t.content.clone(),
        place_text: t.place_text.clone(),
        district: t.district.clone(),
        town: t.town.clone(),
        received_at: t.received_at.rfc3339(),
        due_at: text(t.due_at),
        closed_at: text(t.closed_at),
        state: state_code(t.state),
        state_title: state_title(t.state),
        unit: t.unit.clone(),
        redo: t.redo,
        satisfaction: t.satisfaction.clone(),
        result: t.result.clone(),
        reply: t.reply.clone(),
        confidential: t.confidential,
        precision: precision.code(),
        precision_title: precision_title(precision),
        radius_m: located
            .filter(|l| l.point.is_some())
            .map(|l| l.radius_m.round()),
        confidence: located.map(|l| hundredth(l.confidence)),
        label: located.map(|l| l.label.clone()).filter(|l| !l.is_empty()),
        area: main.and_then(|m| m.area.clone()),
        point: located.and_then(|l| l.point).map(pair),
        site: row
            .and_then(|r| snapshot.index.site(r))
            .map(|s| s.to_string()),
        review: main.is_some_and(|m| m.review.is_some()),
        coarse,
        levels: t.category.clone(),
        received: t.received_at,
        closed: t.closed_at,
    }
}

/// A place as it is, or a home hidden from people without clear words.
fn shown(placed: &Placed, masked: bool) -> Cow<'_, Located> {
    if masked && is_home(&placed.located) {
        return Cow::Owned(hidden(&placed.located, placed.area.as_deref()));
    }
    Cow::Borrowed(&placed.located)
}

/// Tickets with their main places, in the order of the ids.
async fn views(
    tx: &mut Tx,
    ids: &[TicketId],
    snapshot: &Snapshot,
    who: &Who,
) -> Result<Vec<TicketView>> {
    let stored: BTreeMap<TicketId, Stored> = ticket::by_ids(tx, ids)
        .await?
        .into_iter()
        .map(|s| (s.id, s))
        .collect();
    let mains: BTreeMap<TicketId, Placed> = place::of_tickets(tx, ids)
        .await?
        .into_iter()
        .filter(|p| p.n == 0)
        .map(|p| (p.ticket, p))
        .collect();
    let rows = ids.iter().filter_map(|id| stored.get(id));
    Ok(rows
        .map(|s| view(s, mains.get(&s.id), snapshot, who))
        .collect())
}

/// Where a page ended: second of arrival and number of its last ticket.
fn read_cursor(text: &str) -> Result<(i64, TicketId)> {
    let parts = text
        .split_once('-')
        .and_then(|(s, id)| Some((s.parse().ok()?, TicketId(id.parse().ok()?))));
    parts
        .ok_or_else(|| Error::invalid("cursor", "不是本列表的翻页标记 (not a cursor of this list)"))
}

impl App {
    /// A page of the filtered tickets as far as the person sees them, newest first.
    pub async fn tickets(
        &self,
        who: &Who,
        filter: &Filter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<TicketPage> {
        let snapshot = self.snapshot();
        let filter = who.narrowed(filter.clone(), snapshot.index.dicts())?;
        let after = cursor.map(read_cursor).transpose()?;
        let limit = limit.clamp(1, 1000);
        let held = Arc::clone(&snapshot);
        let (keys, total) = tokio::task::spawn_blocking(move || {
            let selection = held.index.select(&filter);
            (
                held.index.newest(&selection, after, limit),
                selection.count(),
            )
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))?;
        let ids: Vec<TicketId> = keys.iter().map(|(_, id)| *id).collect();
        let mut tx = self.store.read().await?;
        let tickets = views(&mut tx, &ids, &snapshot, who).await?;
        let next = keys
            .last()
            .filter(|_| keys.len() == limit)
            .map(|(s, id)| format!("{s}-{}", id.0));
        Ok(TicketPage {
            tickets,
            next,
            total,
        })
    }

    pub(super) async fn visible(&self, who: &Who, no: &str) -> Result<(TicketId, Stored)> {
        who.may(Right::Tickets)?;
        let id = TicketId(no.parse().map_err(|_not_a_number| Error::NotFound)?);
        if self.is_hidden(id.0) {
            return Err(Error::NotFound);
        }
        let mut tx = self.store.read().await?;
        let stored = ticket::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        who.sees(stored.ticket.unit.as_deref())?;
        Ok((id, stored))
    }

    /// One ticket; one that the person may not see is not found.
    pub async fn ticket(&self, who: &Who, no: &str) -> Result<TicketDetail> {
        let (id, stored) = self.visible(who, no).await?;
        let snapshot = self.snapshot();
        let mut tx = self.store.read().await?;
        let places = place::of_tickets(&mut tx, &[id]).await?;
        let sealed = ticket::sealed(&mut tx, id).await?.is_some();
        let (handler, assignable) = handlers(&mut tx, who, &stored).await?;
        let own = handler.as_ref().map(|h| h.name.as_str());
        let masked = !sees_homes(who, stored.ticket.confidential);
        let main = view(&stored, places.first(), &snapshot, who);
        Ok(TicketDetail {
            revealable: (sealed || main.coarse)
                && may_reveal(who, stored.ticket.confidential, own).is_ok(),
            ticket: main,
            places: places
                .iter()
                .map(|p| shown(p, masked).into_owned())
                .collect(),
            extras: self.shown_extras(stored.ticket.extras, masked),
            handler,
            assignable,
        })
    }

    /// Columns nobody mapped. What was taken in before their headers were known as personal is masked for people without clear words.
    fn shown_extras(
        &self,
        mut extras: BTreeMap<String, String>,
        masked: bool,
    ) -> BTreeMap<String, String> {
        for (header, value) in extras.iter_mut().filter(|_| masked) {
            if let Some(secret) = self.synonyms.secret(header)
                && !value.contains(['*', '〔'])
            {
                *value = conceal(secret, value);
            }
        }
        extras
    }

    /// Begins an export of all filtered tickets as far as the person sees them, newest first; written to the audit log first.
    pub async fn export(&self, who: &Who, filter: &Filter, format: &str) -> Result<ExportRun> {
        let snapshot = self.snapshot();
        let filter = who.narrowed(filter.clone(), snapshot.index.dicts())?;
        let held = Arc::clone(&snapshot);
        let ids = tokio::task::spawn_blocking(move || {
            let selection = held.index.select(&filter);
            let keys = held.index.newest(&selection, None, selection.count());
            keys.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))?;
        let mut tx = self.store.write().await?;
        let detail = json!({"format": format, "tickets": ids.len()});
        self.audit(&mut tx, &who.name, ["export", "tickets"], &detail)
            .await?;
        tx.commit().await?;
        Ok(ExportRun {
            ids,
            done: 0,
            snapshot,
            who: who.clone(),
        })
    }

    /// The next thousand tickets of an export; empty = the end.
    pub async fn export_page(&self, run: &mut ExportRun) -> Result<Vec<TicketView>> {
        let rest = run.ids.get(run.done..).unwrap_or_default();
        let chunk = rest.get(..PAGE.min(rest.len())).unwrap_or_default();
        if chunk.is_empty() {
            return Ok(Vec::new());
        }
        let mut tx = self.store.read().await?;
        let page = views(&mut tx, chunk, &run.snapshot, &run.who).await?;
        run.done += chunk.len();
        Ok(page)
    }
}

/// An export under way: which tickets are still to come, in which state of the data.
#[derive(Debug)]
pub struct ExportRun {
    ids: Vec<TicketId>,
    done: usize,
    snapshot: Arc<Snapshot>,
    who: Who,
}

impl ExportRun {
    /// Tickets in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.ids.len()
    }

    /// Version of the data that is exported.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.snapshot.version
    }
}
