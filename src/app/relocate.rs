//! How are tickets located anew: all of them after a new map, or those an alias speaks of?

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::access::Who;
use crate::app::city_view::note_verdicts;
use crate::app::error::{Error, Result};
use crate::app::job::Progress;
use crate::app::pending::Touched;
use crate::app::placing::{Placer, query};
use crate::place::Located;
use crate::place::pair_audit::PairAudit;
use crate::store::place::PlacedRow;
use crate::store::{Tx, place, ticket};
use crate::ticket::TicketId;
use crate::ticket::permit::Right;

/// Tickets read, located and written at a time.
const PAGE: i64 = 4_096;

/// The refusal where there is no city to locate in.
pub(super) fn no_city() -> Error {
    Error::refused(
        "no_city",
        "尚未导入城市地图，请先导入 (no city was imported: run `zhilu city import` first)",
    )
}

impl App {
    /// Locates all tickets anew with the current map, aliases and decisions. One transaction.
    pub async fn relocate(self: &Arc<Self>, who: &Who) -> Result<i64> {
        who.may_edit(Right::Review)?;
        let actor = who.name.clone();
        let by = who.clone();
        self.start(who, ("locate", "all"), move |app, progress| async move {
            let _turn = app.turn().await?;
            let placer = app.placer().await?.ok_or_else(no_city)?;
            let mut tx = app.store.write().await?;
            let count = app.place_all(&mut tx, placer, &progress).await?;
            app.bump(&mut tx).await?;
            app.audit(
                &mut tx,
                &actor,
                ["locate", "all"],
                &json!({"tickets": count}),
            )
            .await?;
            app.publish(tx, Touched::everything()).await?;
            // Its tickets stand elsewhere now.
            app.survey_again(&by).await?;
            Ok(format!("已定位 {count} 件 (located)"))
        })
        .await
    }

    /// First pass over all tickets with a pair: what the pairs of each batch say together.
    async fn audit_pairs(
        &self,
        tx: &mut Tx,
        placer: Placer,
        progress: &Progress,
    ) -> Result<Placer> {
        let total = u64::try_from(ticket::count_pairs(tx).await?).unwrap_or(0);
        progress.stage("checking coordinates", total);
        let mut placer = placer;
        let mut audits: BTreeMap<i64, PairAudit> = BTreeMap::new();
        let mut last = TicketId(0);
        loop {
            let page = ticket::pairs_after(tx, last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            progress.add(page.len() as u64);
            let task = tokio::task::spawn_blocking(move || {
                let locator = placer.locator();
                let words: Vec<Vec<Located>> = page
                    .par_iter()
                    .map(|t| locator.locate_text(&query(&t.ticket)))
                    .collect();
                for (t, words) in page.iter().zip(&words) {
                    let audit = audits.entry(t.batch).or_default();
                    audit.observe(&Placer::source(t.batch), t.ticket.pair.as_ref(), words);
                }
                drop(locator);
                (placer, audits)
            });
            (placer, audits) = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        }
        let verdicts: BTreeMap<i64, _> = audits.into_iter().map(|(b, a)| (b, a.finish())).collect();
        for (batch, one) in &verdicts {
            note_verdicts(tx, *batch, one, self.now().0).await?;
        }
        placer.judge_pairs(verdicts);
        Ok(placer)
    }

    /// Deletes all places and writes them anew; says how many tickets were read. The caller's transaction decides.
    pub(super) async fn place_all(
        &self,
        tx: &mut Tx,
        placer: Placer,
        progress: &Progress,
    ) -> Result<u64> {
        let placer = Arc::new(self.audit_pairs(tx, placer, progress).await?);
        let mut reader = self.store.read().await?;
        let total = u64::try_from(ticket::count(&mut reader).await?).unwrap_or(0);
        progress.stage("locating", total);
        place::remove_all(tx).await?;
        let (send, mut pages) = mpsc::channel::<Vec<ticket::Stored>>(2);
        let (hand, mut located) = mpsc::channel::<(usize, Vec<PlacedRow>)>(2);
        let worker = Arc::clone(&placer);
        let locating = tokio::task::spawn_blocking(move || {
            let locator = worker.locator();
            while let Some(page) = pages.blocking_recv() {
                let rows: Vec<PlacedRow> = page
                    .par_iter()
                    .flat_map_iter(|t| worker.rows(&locator, t.id, (t.batch, &t.ticket)))
                    .collect();
                if hand.blocking_send((page.len(), rows)).is_err() {
                    break;
                }
            }
        });
        let reading = tokio::spawn(async move {
            let mut last = TicketId(0);
            loop {
                let page = ticket::after(&mut reader, last, PAGE).await?;
                let Some(end) = page.last() else { break };
                last = end.id;
                if send.send(page).await.is_err() {
                    break;
                }
            }
            Ok::<(), crate::store::Error>(())
        });
        let mut done = 0;
        while let Some((tickets, rows)) = located.recv().await {
            if progress.cancelled() {
                return Err(Error::refused(
                    "cancelled",
                    "已取消，未写入任何数据 (cancelled: nothing was written)",
                ));
            }
            place::insert(tx, &rows).await?;
            done += tickets as u64;
            progress.at(done);
        }
        reading
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        locating.await.map_err(|e| Error::Internal(e.to_string()))?;
        Ok(done)
    }

    /// Locates these tickets anew inside the caller's transaction.
    pub(super) async fn place_some(
        &self,
        tx: &mut Tx,
        placer: &Arc<Placer>,
        ids: &[TicketId],
    ) -> Result<()> {
        for chunk in ids.chunks(usize::try_from(PAGE).unwrap_or(4_096)) {
            let page = ticket::by_ids(tx, chunk).await?;
            let worker = Arc::clone(placer);
            let task = tokio::task::spawn_blocking(move || {
                let locator = worker.locator();
                page.par_iter()
                    .flat_map_iter(|t| worker.rows(&locator, t.id, (t.batch, &t.ticket)))
                    .collect::<Vec<PlacedRow>>()
            });
            let rows = task.await.map_err(|e| Error::Internal(e.to_string()))?;
            place::remove(tx, chunk).await?;
            place::insert(tx, &rows).await?;
        }
        Ok(())
    }
}
