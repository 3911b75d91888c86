//! What may the public ask and report through Open311: the city's services, public tickets, new requests by holders of a key?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::city_rules::Rules;
use crate::app::coarse::coarse;
use crate::app::error::{Error, Result};
use crate::app::import_batch::{Body, Counts, read_body, write_body};
use crate::app::pending::Touched;
use crate::app::snapshot::Snapshot;
use crate::calendar::UtcMs;
use crate::index::Filter;
use crate::intake::dedup::fingerprint;
use crate::report::open311::{PublicTicket, Service, Status, Submission, Window};
use crate::spatial::{Datum, World};
use crate::store::batch::Batch;
use crate::store::ticket::{self, Stored};
use crate::store::{Tx, batch, place, take_ids};
use crate::ticket::petitioner::Phone;
use crate::ticket::redact::redact;
use crate::ticket::{Channel, GivenPair, Personal, State, Ticket, TicketId};

/// Source of the batches that hold what came through the interface, one batch a day.
const SOURCE: &str = "open311";
/// Rows fetched at a time while a page is filled.
const PAGE: usize = 1000;

/// The services of a city: its categories with a public name that lie somewhere.
fn services(rules: &Rules) -> Vec<Service> {
    let name = |id: &str| rules.categories.iter().find(|c| c.id == id);
    let public = rules
        .categories
        .iter()
        .filter(|c| !c.public_name.is_empty());
    public
        .map(|c| Service {
            description: format!("{} ({})", c.public_name, c.name_en),
            keywords: c.surfaces.join(","),
            group: c
                .parent
                .as_deref()
                .and_then(name)
                .map_or_else(String::new, |p| p.name.clone()),
            ..Service::new(&c.id, &c.public_name)
        })
        .collect()
}

/// A ticket without anything that only staff may see; `None` = not for the public at all.
fn public(stored: &Stored, snapshot: &Snapshot, rules: &Rules) -> Option<PublicTicket> {
    let t = &stored.ticket;
    let category = rules.category(&t.category)?;
    if t.confidential || category.public_name.is_empty() {
        return None;
    }
    let row = snapshot.index.row_of(stored.id);
    let site = row
        .and_then(|r| snapshot.index.site(r))
        .and_then(|id| snapshot.sites.get(id));
    let own = row.and_then(|r| snapshot.index.world(r)).map(World::lonlat);
    let point = match site {
        Some(site) => Some(site.point),
        None => own.map(coarse),
    };
    let times = [t.assigned_at, t.signed_at, t.contacted_at, t.closed_at];
    let updated = times.into_iter().flatten().max();
    let words = if t.content.is_empty() {
        &t.title
    } else {
        &t.content
    };
    Some(PublicTicket {
        no: stored.id.0.to_string(),
        service_code: category.id.clone(),
        service_name: category.public_name.clone(),
        state: t.state,
        unit: t.unit.clone(),
        content: redact(words).into_owned(),
        note: t.result.as_deref().map(|r| redact(r).into_owned()),
        received_at: t.received_at,
        closed_at: t.closed_at,
        updated_at: updated.map_or(t.received_at, |u| u.max(t.received_at)),
        due_at: t.due_at,
        place: site.map(|s| s.name.clone()),
        point: point.map(|p| (six(p.lon), six(p.lat))),
    })
}

fn six(degrees: f64) -> f64 {
    (degrees * 1e6).round() / 1e6
}

impl App {
    /// The services people may report, in the order of the city's list.
    #[must_use]
    pub fn public_services(&self) -> Vec<Service> {
        match self.city() {
            Some(view) => services(&view.city.rules),
            None => services(&Rules::shipped()),
        }
    }

    fn rules(&self) -> Rules {
        self.city()
            .map_or_else(Rules::shipped, |view| view.city.rules.clone())
    }

    /// One public ticket.
    pub async fn public_ticket(&self, no: &str) -> Result<Option<PublicTicket>> {
        let found = no.parse().ok().filter(|id| !self.is_hidden(*id));
        let Some(id) = found else { return Ok(None) };
        let snapshot = self.snapshot();
        let mut tx = self.store.read().await?;
        let stored = ticket::by_id(&mut tx, TicketId(id)).await?;
        Ok(stored.and_then(|s| public(&s, &snapshot, &self.rules())))
    }

    /// A page of the public tickets, newest first.
    pub async fn public_tickets(&self, window: &Window) -> Result<Vec<PublicTicket>> {
        let snapshot = self.snapshot();
        let rules = self.rules();
        let ids = match window.ids.as_slice() {
            [] => self.in_window(&snapshot, window).await?,
            ids => ids
                .iter()
                .filter_map(|id| id.parse().ok())
                .filter(|id| !self.is_hidden(*id))
                .map(TicketId)
                .collect(),
        };
        let mut tx = self.store.read().await?;
        let (mut skip, mut page) = (window.skip(), Vec::new());
        for chunk in ids.chunks(PAGE) {
            for stored in ticket::by_ids(&mut tx, chunk).await? {
                let Some(one) = public(&stored, &snapshot, &rules).filter(|t| window.takes(t))
                else {
                    continue;
                };
                if skip > 0 {
                    skip -= 1;
                } else {
                    page.push(one);
                }
                if page.len() == window.page_size {
                    return Ok(page);
                }
            }
        }
        Ok(page)
    }

    /// Tickets that arrived in the window and have one of its statuses, newest first; what is left is judged by the row.
    async fn in_window(&self, snapshot: &Arc<Snapshot>, w: &Window) -> Result<Vec<TicketId>> {
        let states = State::ALL
            .into_iter()
            .filter(|s| w.statuses.contains(&Status::of(*s)))
            .collect();
        let filter = Filter {
            from_s: Some(w.from.0.div_euclid(1000)),
            until_s: Some(w.to.0.div_euclid(1000) + 1),
            states: (!w.statuses.is_empty()).then_some(states),
            ..Filter::default()
        };
        let held = Arc::clone(snapshot);
        tokio::task::spawn_blocking(move || {
            let selection = held.index.select(&filter);
            let keys = held.index.newest(&selection, None, selection.count());
            keys.into_iter().map(|(_, id)| id).collect()
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))
    }

    /// Takes a new request in: a ticket of the channel `api`, masked, sealed, located; returns its number.
    pub async fn take_request(&self, sent: &Submission) -> Result<String> {
        let now = self.now();
        let mut personal = Personal::default();
        let rules = self.rules();
        let category = rules.categories.iter().find(|c| c.id == sent.service_code);
        let path = category.map_or_else(Vec::new, |c| rules.names(c));
        let mut tx = self.store.write().await?;
        let day = now.day().iso();
        let running = take_ids(&mut tx, "open311", 1).await?;
        let number = format!("LC{}-{running:04}", day.replace('-', ""));
        let ticket = self.ticket_of(sent, (number, path, now), &mut personal);
        let id = TicketId(take_ids(&mut tx, "ticket", 1).await?);
        let batch = self.day_batch(&mut tx, &day, now).await?;
        let hash = fingerprint(&ticket, &personal).cast_signed();
        let new = ticket::New {
            id,
            hash,
            ticket: &ticket,
        };
        ticket::insert(&mut tx, batch, &[new]).await?;
        let event = ticket::Event {
            ticket: id,
            seq: 1,
            at: now.0,
            kind: "received",
            actor: SOURCE.to_owned(),
            batch: Some(batch),
            body: String::new(),
        };
        ticket::append_events(&mut tx, &[event]).await?;
        if let Some(sealed) = self.sealed(id, &personal)? {
            ticket::seal(&mut tx, &[(id, sealed)]).await?;
        }
        if let Some(placer) = self.placer_in(&mut tx).await? {
            let rows = placer.rows(&placer.locator(), id, (batch, &ticket));
            place::insert(&mut tx, &rows).await?;
        }
        self.bump(&mut tx).await?;
        let subject = id.0.to_string();
        self.audit(&mut tx, SOURCE, ["open311.submit", &subject], &json!({}))
            .await?;
        self.publish(tx, Touched::tickets(&[id])).await?;
        Ok(subject)
    }

    fn ticket_of(
        &self,
        sent: &Submission,
        (external_no, category, now): (String, Vec<String>, UtcMs),
        personal: &mut Personal,
    ) -> Ticket {
        let mut mask = |text: &str, clear: fn(&mut Personal) -> &mut Option<String>| {
            let shown = redact(text).into_owned();
            if shown != text {
                *clear(personal) = Some(text.to_owned());
            }
            shown
        };
        let content = mask(&sent.description, |p| &mut p.content);
        let place_text = mask(&sent.address, |p| &mut p.place_text);
        let phone = sent.phone.as_deref().and_then(Phone::read);
        personal.name.clone_from(&sent.name);
        personal.phone = phone.as_ref().map(Phone::spelled);
        personal.account = sent.account.clone().or_else(|| sent.email.clone());
        let key = &self.keys.petitioner;
        let petitioner = phone.and_then(|p| key.of_phone(&p)).or_else(|| {
            let account = personal.account.as_deref()?;
            key.of_account(account)
        });
        let mut extras: BTreeMap<String, String> = BTreeMap::new();
        for (code, value) in &sent.attributes {
            extras.insert(code.clone(), redact(value).into_owned());
        }
        if let Some(media) = &sent.media {
            extras.insert("media_url".to_owned(), redact(media).into_owned());
        }
        Ticket {
            external_no,
            category,
            content,
            place_text,
            petitioner,
            extras,
            pair: sent.point.map(|(x, y)| GivenPair {
                x,
                y,
                datum: Some(Datum::Wgs84),
            }),
            reported_at: Some(now),
            ..Ticket::bare(Channel::Api, now)
        }
    }

    /// The batch of a day, so that what came in can be seen and taken back like a file.
    async fn day_batch(&self, tx: &mut Tx, day: &str, now: UtcMs) -> Result<i64> {
        let name = format!("{SOURCE}-{day}");
        let mut body = Body {
            channel: Some(Channel::Api),
            datum: Some(Datum::Wgs84),
            ..Body::default()
        };
        if let Some(mut row) = batch::committed_of(tx, SOURCE, &name).await? {
            body.counts = read_body(&row)?.counts;
            body.counts.new += 1;
            row.body = write_body(&body)?;
            batch::update(tx, &row).await?;
            return Ok(row.id);
        }
        body.counts = Counts {
            new: 1,
            ..Counts::default()
        };
        let row = Batch {
            id: 0,
            state: "committed".to_owned(),
            file_name: name,
            source: SOURCE.to_owned(),
            body: write_body(&body)?,
            created_by: SOURCE.to_owned(),
            created_at: now.0,
            committed_at: Some(now.0),
        };
        Ok(batch::insert(tx, &row).await?)
    }
}
