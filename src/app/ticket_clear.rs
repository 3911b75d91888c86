//! Who may see the clear words of a ticket, and who is made its handler so that he may?

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::coarse::{is_home, pair};
use crate::app::error::{Error, Result};
use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};
use crate::store::ticket::{self, Event, Stored};
use crate::store::user::{self, User};
use crate::store::{Tx, audit, place};
use crate::ticket::action::ACTIONS;
use crate::ticket::permit::{Right, Role, Scope};
use crate::ticket::{Personal, TicketId};

/// Clear fields of one ticket; asked for with a reason, written to the audit log.
#[derive(Clone, Debug, Serialize)]
pub struct Clear {
    /// Petitioner's name.
    pub name: Option<String>,
    /// Phone.
    pub phone: Option<String>,
    /// Account on the platform.
    pub account: Option<String>,
    /// Identity number.
    pub id_card: Option<String>,
    /// Title as written, where masking changed it.
    pub title: Option<String>,
    /// Content as written, where masking changed it.
    pub content: Option<String>,
    /// Place column as written, where masking changed it.
    pub place_text: Option<String>,
    /// Reply as written, where masking changed it.
    pub reply: Option<String>,
    /// Where the petitioner lives, where the ticket stands there: longitude and latitude in WGS-84.
    pub home: Option<[f64; 2]>,
    /// Columns nobody mapped, by header, as written where masking changed them.
    pub extras: BTreeMap<String, String>,
}

/// A person who handles tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handler {
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub title: String,
}

/// Reveals of one person on one day beyond which the auditor is told.
const ALARM: i64 = 20;
/// Shortest and longest reason of a reveal.
const REASON: std::ops::RangeInclusive<usize> = 4..=500;
/// Kind of the event that names a handler.
const HANDED: &str = "handler";

/// Whether the person may ask for clear fields: never masked roles; a confidential ticket (保密) shows its person only to
/// the intake desk; officers only for tickets assigned to them by name.
pub(super) fn may_reveal(who: &Who, confidential: bool, handler: Option<&str>) -> Result<()> {
    let cell = who.may(Right::Clear)?;
    if cell.scope == Scope::Assigned && handler != Some(who.name.as_str()) {
        return Err(Error::refused(
            "not_assigned",
            "只能查看指派给本人的工单原文；请中队长指定经办人 (only tickets assigned to oneself: ask the squad leader to name the handler)",
        ));
    }
    if confidential && who.role != Role::Clerk {
        return Err(Error::refused(
            "confidential",
            "保密件仅受理员可查看诉求人 (a confidential petitioner is known to the intake desk only)",
        ));
    }
    Ok(())
}

/// Whether the person's role names handlers: that of the action 改派.
fn may_assign(who: &Who) -> bool {
    let action = ACTIONS.iter().find(|a| a.code == "reassign");
    who.system || !who.must_change && action.is_some_and(|a| a.is_for(who.role))
}

/// Whether an account can handle a ticket of this unit: an active officer of the unit.
fn handles(user: &User, unit: Option<&str>) -> bool {
    user.active
        && user.role == Role::Officer.code()
        && user.unit.is_some()
        && user.unit.as_deref() == unit
}

/// The login name of the ticket's handler: what its last event of that kind says.
pub(super) async fn handler(tx: &mut Tx, id: TicketId) -> Result<Option<String>> {
    let events = ticket::events(tx, id).await?;
    let last = events.into_iter().rev().find(|e| e.2 == HANDED);
    let body = last.and_then(|e| serde_json::from_str::<Value>(&e.5).ok());
    Ok(body.and_then(|b| Some(b.get("to")?.as_str()?.to_owned())))
}

/// The handler as shown, and whom the person may name instead.
pub(super) async fn handlers(
    tx: &mut Tx,
    who: &Who,
    stored: &Stored,
) -> Result<(Option<Handler>, Vec<Handler>)> {
    let name = handler(tx, stored.id).await?;
    let show = |u: &User| Handler {
        name: u.name.clone(),
        title: u.title.clone(),
    };
    let users = user::all(tx).await?;
    let now = users
        .iter()
        .find(|u| Some(&u.name) == name.as_ref())
        .map(show);
    let unit = stored.ticket.unit.as_deref();
    let choice = users.iter().filter(|u| may_assign(who) && handles(u, unit));
    Ok((now, choice.map(show).collect()))
}

impl App {
    /// The clear fields of a ticket, for a reason; who, whose and why are written down before anything is shown.
    pub async fn reveal(&self, who: &Who, no: &str, reason: &str) -> Result<Clear> {
        let (id, stored) = self.visible(who, no).await?;
        let mut tx = self.store.write().await?;
        let handler = handler(&mut tx, id).await?;
        may_reveal(who, stored.ticket.confidential, handler.as_deref())?;
        let reason = reason.trim();
        if !REASON.contains(&reason.chars().count()) {
            return Err(Error::invalid(
                "reason",
                "请写明理由，4至500个字 (say why, in 4 to 500 characters)",
            ));
        }
        let sealed = ticket::sealed(&mut tx, id).await?;
        let personal = match sealed {
            Some(bytes) => self.unseal(id, &bytes)?,
            None => Personal::default(),
        };
        let places = place::of_tickets(&mut tx, &[id]).await?;
        let home = places.iter().find(|p| p.n == 0 && is_home(&p.located));
        let home = home.and_then(|p| p.located.point).map(pair);
        let detail = json!({"reason": reason});
        self.audit(&mut tx, &who.name, ["reveal", no], &detail)
            .await?;
        self.watch_reveals(&mut tx, who).await?;
        tx.commit().await?;
        Ok(Clear {
            name: personal.name,
            phone: personal.phone,
            account: personal.account,
            id_card: personal.id_card,
            title: personal.title,
            content: personal.content,
            place_text: personal.place_text,
            reply: personal.reply,
            home,
            extras: personal.extras,
        })
    }

    /// More than twenty reveals by one person on a day are told to the auditor: one row of its own in the audit log.
    async fn watch_reveals(&self, tx: &mut Tx, who: &Who) -> Result<()> {
        let midnight = UtcMs(self.now().civil_day() * DAY_MS - OFFSET_MS);
        let today = audit::count_since(tx, &who.name, "reveal", midnight.0).await?;
        if today == ALARM + 1 {
            let detail = json!({"reveals_today": today});
            self.audit(tx, "system", ["alarm.reveals", &who.name], &detail)
                .await?;
        }
        Ok(())
    }

    /// Names the handler of a ticket (改派): an active officer of the ticket's unit. An event of the ticket and a row of the audit log.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], a refusal `not_of_unit`.
    pub async fn assign(&self, who: &Who, no: &str, to: &str) -> Result<Handler> {
        let (id, stored) = self.visible(who, no).await?;
        if !may_assign(who) {
            return Err(Error::Forbidden);
        }
        let mut tx = self.store.write().await?;
        let officer = user::by_name(&mut tx, to).await?;
        let officer = officer.filter(|u| handles(u, stored.ticket.unit.as_deref()));
        let Some(officer) = officer else {
            return Err(Error::refused(
                "not_of_unit",
                "经办人须是工单承办单位的在用民警账号 (the handler must be an active officer of the unit in charge)",
            ));
        };
        let before = handler(&mut tx, id).await?;
        if before.as_deref() != Some(to) {
            let event = Event {
                ticket: id,
                seq: ticket::next_seq(&mut tx, id).await?,
                at: self.now().0,
                kind: HANDED,
                actor: who.name.clone(),
                batch: None,
                body: json!({"to": to, "before": before}).to_string(),
            };
            ticket::append_events(&mut tx, &[event]).await?;
            let detail = json!({"to": to, "before": before});
            self.audit(&mut tx, &who.name, ["ticket.assign", no], &detail)
                .await?;
            tx.commit().await?;
        }
        Ok(Handler {
            name: officer.name,
            title: officer.title,
        })
    }
}
