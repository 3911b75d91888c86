//! Where do tickets recur now? A survey forms the sites, keeps their numbers and writes its run.

use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::pending::Touched;
use crate::app::relocate::no_city;
use crate::app::site_book::{RunBody, load_sites};
use crate::app::site_deeds::load_edits;
use crate::app::snapshot::{CityView, ON_MAP};
use crate::calendar::UtcMs;
use crate::index::Dict;
use crate::site::hand::Edit;
use crate::site::{Anchors, EventKind, Ground, Site, SiteTicket, Survey, SurveyParams, survey};
use crate::store::site::{self, SiteRow};
use crate::store::{Tx, place, ticket};
use crate::ticket::permit::Right;

/// One event of a site's history with its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SiteHistory {
    /// Run that saw it.
    pub run: i64,
    /// When that run was made, RFC 3339.
    pub at: String,
    /// born, split, revived, merged, dormant.
    pub kind: String,
    /// The other site of a split or a merge, as text.
    pub other: Option<String>,
}

const fn event_code(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Born => "born",
        EventKind::Split => "split",
        EventKind::Revived => "revived",
        EventKind::Merged => "merged",
        EventKind::Dormant => "dormant",
        EventKind::Renamed => "renamed",
        EventKind::Moved => "moved",
        EventKind::Pinned => "pinned",
        EventKind::Released => "released",
        EventKind::Restored => "restored",
    }
}

impl App {
    /// Forms the sites anew from all located tickets: a job.
    pub async fn survey(self: &Arc<Self>, who: &Who) -> Result<i64> {
        who.may_edit(Right::Survey)?;
        self.form_sites(who).await
    }

    /// Starts a survey after a deed that took tickets away or moved them, whoever did it, where sites were formed before.
    pub(super) async fn survey_again(self: &Arc<Self>, who: &Who) -> Result<()> {
        let mut tx = self.store.read().await?;
        let formed = !site::runs(&mut tx, "survey").await?.is_empty();
        drop(tx);
        if formed && self.city().is_some() {
            self.form_sites(who).await?;
        }
        Ok(())
    }

    async fn form_sites(self: &Arc<Self>, who: &Who) -> Result<i64> {
        let actor = who.name.clone();
        self.start(who, ("survey", "all"), move |app, progress| async move {
            progress.stage("surveying", 0);
            let _turn = app.turn().await?;
            let view = app.city().ok_or_else(no_city)?;
            let mut tx = app.store.write().await?;
            let last = last_ticket(&mut tx).await?;
            let body = app
                .survey_once(&mut tx, view, (None, last, app.now().0))
                .await?;
            app.bump(&mut tx).await?;
            let detail = json!({"tickets": body.tickets, "sites": body.sites});
            app.audit(&mut tx, &actor, ["survey", "all"], &detail)
                .await?;
            app.publish(tx, Touched::sites()).await?;
            Ok(format!(
                "{} 个点位，{} 件工单 (sites, tickets)",
                body.sites, body.tickets
            ))
        })
        .await
    }

    /// One survey inside the caller's transaction: of tickets up to a key, speaking of an instant, noted at a time.
    pub(super) async fn survey_once(
        &self,
        tx: &mut Tx,
        view: Arc<CityView>,
        (as_of, last, at): (Option<UtcMs>, i64, i64),
    ) -> Result<RunBody> {
        let tickets = site_tickets(tx, last).await?;
        let previous = load_sites(tx).await?;
        let edits = load_edits(tx).await?;
        let run = site::runs(tx, "survey")
            .await?
            .last()
            .map_or(1, |r| r.id + 1);
        let as_of = as_of
            .or_else(|| tickets.iter().map(|t| t.when).max())
            .unwrap_or_else(|| self.now());
        // A rebuild replays runs one by one: deeds done after a later run do not bind this one.
        let edits: Vec<Edit> = edits.into_iter().filter(|e| e.run < run).collect();
        let task = tokio::task::spawn_blocking(move || {
            let anchors = Anchors::of(&view.gazetteer);
            let params = SurveyParams::default();
            let ground = Ground {
                tickets: &tickets,
                anchors: &anchors,
                previous: &previous,
                run,
                as_of: Some(as_of),
                edits: &edits,
            };
            (survey(&ground, &params), format!("{params:?}"))
        });
        let (found, params) = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        let active = found
            .sites
            .iter()
            .filter(|s| s.status == crate::site::Status::Active)
            .count();
        let body = RunBody {
            as_of,
            last_ticket: last,
            tickets: found.tickets,
            sites: active,
            params,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
        };
        write_run(tx, &found, &body, (run, at)).await?;
        Ok(body)
    }

    /// The history of a site, oldest first.
    pub async fn site_history(&self, who: &Who, id: i64) -> Result<Vec<SiteHistory>> {
        who.may(Right::Sites)?;
        let mut tx = self.store.read().await?;
        let runs = site::runs(&mut tx, "survey").await?;
        let events = site::events(&mut tx, id).await?;
        let at = |run: i64| runs.iter().find(|r| r.id == run).map_or(0, |r| r.at);
        Ok(events
            .into_iter()
            .map(|e| SiteHistory {
                run: e.run,
                at: UtcMs(at(e.run)).rfc3339(),
                kind: e.kind,
                other: e.other.map(|o| o.to_string()),
            })
            .collect())
    }
}

/// Key of the last ticket; 0 if there is none.
pub(super) async fn last_ticket(tx: &mut Tx) -> Result<i64> {
    Ok(ticket::last(tx).await?.map_or(0, |t| t.0))
}

/// All tickets on the map, up to a key, as site forming takes them in.
pub(super) async fn site_tickets(tx: &mut Tx, last: i64) -> Result<Vec<SiteTicket>> {
    let mut categories = Dict::new();
    let mut list = Vec::new();
    let mut after = 0;
    loop {
        let page = place::spots_after(tx, after, (last, ON_MAP), 8_000).await?;
        let Some(end) = page.last() else { break };
        after = end.ticket.0;
        list.extend(page.into_iter().map(|s| SiteTicket {
            id: s.ticket,
            point: s.point,
            precision: s.precision,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "a radius needs no more than seven digits"
            )]
            radius_m: s.radius_m as f32,
            when: s.received_at,
            petitioner: s.petitioner,
            points: 1 + u8::from(s.redo > 0) + u8::from(s.dissatisfied),
            redone: s.redo > 0,
            category: categories.intern_path(&s.category),
            features: s.features,
            form: s.form,
            line: s.line,
        }));
    }
    Ok(list)
}

async fn write_run(
    tx: &mut Tx,
    found: &Survey,
    body: &RunBody,
    (run, at): (i64, i64),
) -> Result<()> {
    let text = |e: serde_json::Error| Error::Internal(e.to_string());
    site::insert_run(
        tx,
        (run, "survey"),
        &serde_json::to_string(body).map_err(text)?,
        at,
    )
    .await?;
    write_sites(tx, found).await
}

/// Writes the sites of a run, or of a deed after it, with what happened.
pub(super) async fn write_sites(tx: &mut Tx, found: &Survey) -> Result<()> {
    let text = |e: serde_json::Error| Error::Internal(e.to_string());
    let mut rows = Vec::with_capacity(found.sites.len());
    let mut members = Vec::new();
    for s in &found.sites {
        members.extend(s.members.iter().map(|t| (s.id.0, *t)));
        let bare = Site {
            members: Vec::new(),
            ..s.clone()
        };
        rows.push(SiteRow {
            id: s.id.0,
            body: serde_json::to_string(&bare).map_err(text)?,
            status: s.status.code().to_owned(),
            run: s.last_run,
        });
    }
    site::replace(tx, &rows, &members).await?;
    let events: Vec<site::SiteEvent> = found
        .events
        .iter()
        .map(|e| site::SiteEvent {
            site: e.site.0,
            run: e.run,
            kind: event_code(e.kind).to_owned(),
            other: e.other.map(|o| o.0),
            body: String::new(),
        })
        .collect();
    site::append_events(tx, &events).await?;
    Ok(())
}
