//! How is a committed batch taken back, so that everything is as it was before?

use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::city_view::note_verdicts;
use crate::app::error::{Error, Result};
use crate::app::import_batch::{Counts, in_state, read_body, write_body};
use crate::app::job::Progress;
use crate::app::pending::Touched;
use crate::app::placing::Placer;
use crate::place::pair_audit::PairVerdicts;
use crate::store::batch::{self, Batch, Previous};
use crate::store::{Tx, place, ticket};
use crate::ticket::permit::Right;
use crate::ticket::{Ticket, TicketId};

/// Rows restored at a time.
const PAGE: i64 = 2_000;
/// Removed tickets beyond this are not listed for the refresh; everything is read anew.
const LISTED: i64 = 25_000;

impl App {
    /// Takes a committed batch back: its tickets go, what it changed is restored. Refused while a later batch stands on it.
    pub async fn undo_import(self: &Arc<Self>, who: &Who, id: i64) -> Result<i64> {
        who.may_edit(Right::Import)?;
        let mut tx = self.store.write().await?;
        let mut row = in_state(&mut tx, id, &["committed"]).await?;
        if let Some(later) = batch::later_touch(&mut tx, id).await? {
            let why = format!(
                "批次 {later} 在其后更新了同一批工单，请先撤销批次 {later} (batch {later} changed the same tickets later: undo it first)"
            );
            return Err(Error::refused("later_batch", why));
        }
        "undoing".clone_into(&mut row.state);
        batch::update(&mut tx, &row).await?;
        tx.commit().await?;
        let who = who.clone();
        let actor = who.clone();
        let started = self
            .start(
                &who,
                ("import.undo", &id.to_string()),
                move |app, progress| async move {
                    let outcome = app.take_back(row, &actor, &progress).await;
                    match outcome {
                        // Sites must not outlive their tickets.
                        Ok(_) => app.survey_again(&actor).await?,
                        Err(_) => app.turn_back(id, ["undoing", "committed"]).await?,
                    }
                    outcome
                },
            )
            .await;
        if started.is_err() {
            self.turn_back(id, ["undoing", "committed"]).await?;
        }
        started
    }

    /// Puts a batch back into the state before work on it that did not start or did not end.
    pub(super) async fn turn_back(&self, id: i64, [from, to]: [&str; 2]) -> Result<()> {
        let mut tx = self.store.write().await?;
        if let Some(mut row) = batch::by_id(&mut tx, id).await?.filter(|r| r.state == from) {
            to.clone_into(&mut row.state);
            batch::update(&mut tx, &row).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn take_back(&self, mut row: Batch, who: &Who, progress: &Progress) -> Result<String> {
        let _turn = self.turn().await?;
        let placer = self.placer().await?;
        progress.stage("undoing", 0);
        let mut tx = self.store.write().await?;
        let gone = ticket::ids_of_batch(&mut tx, row.id, LISTED).await?;
        let (removed, restored) = self
            .sweep(&mut tx, (&row, &who.name), placer.as_ref())
            .await?;
        let mut body = read_body(&row)?;
        body.counts = Counts {
            error: body.counts.error,
            ..Counts::default()
        };
        "undone".clone_into(&mut row.state);
        row.body = write_body(&body)?;
        batch::update(&mut tx, &row).await?;
        self.bump(&mut tx).await?;
        let detail = json!({"removed": removed, "restored": restored.len()});
        self.audit(
            &mut tx,
            &who.name,
            ["import.undo", &row.id.to_string()],
            &detail,
        )
        .await?;
        self.publish(tx, Touched::tickets(restored.iter().chain(&gone)))
            .await?;
        Ok(format!(
            "移除 {removed} 恢复 {} (removed, restored)",
            restored.len()
        ))
    }

    /// Takes away what a batch brought and restores what it changed; says how many went and which are as before again.
    pub(super) async fn sweep(
        &self,
        tx: &mut Tx,
        (row, actor): (&Batch, &str),
        placer: Option<&Placer>,
    ) -> Result<(u64, Vec<TicketId>)> {
        let mut restored = Vec::new();
        let mut last = TicketId(0);
        loop {
            let page = batch::previous_after(tx, row.id, last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = end.ticket;
            for previous in page {
                restored.push(previous.ticket);
                self.restore(tx, (row, actor), previous, placer).await?;
            }
        }
        let removed = ticket::remove_of_batch(tx, row.id).await?;
        batch::forget_previous(tx, row.id).await?;
        batch::forget_overtaken(tx, row.id).await?;
        note_verdicts(tx, row.id, &PairVerdicts::default(), self.now().0).await?;
        Ok((removed, restored))
    }

    async fn restore(
        &self,
        tx: &mut Tx,
        (row, actor): (&Batch, &str),
        previous: Previous,
        placer: Option<&Placer>,
    ) -> Result<()> {
        let before: Ticket = serde_json::from_str(&previous.body).map_err(|e| {
            Error::Internal(format!("previous of ticket {}: {e}", previous.ticket.0))
        })?;
        let id = previous.ticket;
        let new = ticket::New {
            id,
            hash: previous.hash,
            ticket: &before,
        };
        ticket::update(tx, previous.touched, new).await?;
        match previous.sealed {
            Some(sealed) => ticket::seal(tx, &[(id, sealed)]).await?,
            None => ticket::unseal(tx, id).await?,
        }
        let event = ticket::Event {
            ticket: id,
            seq: ticket::next_seq(tx, id).await?,
            at: self.now().0,
            kind: "restored",
            actor: actor.to_owned(),
            batch: Some(row.id),
            body: String::new(),
        };
        ticket::append_events(tx, &[event]).await?;
        if let Some(placer) = placer {
            let rows = placer.rows(&placer.locator(), id, (previous.touched, &before));
            place::remove(tx, &[id]).await?;
            place::insert(tx, &rows).await?;
        }
        Ok(())
    }
}
