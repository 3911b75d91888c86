//! The reading side of a commit: how do rows become tickets that only have to be written, on all cores?

use std::sync::Arc;

use rayon::prelude::*;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::error::{Error, Result};
use crate::app::import_batch::{Body, source_of};
use crate::app::import_file::each_chunk;
use crate::app::import_judge::{Fresh, Judge, Update};
use crate::app::job::Progress;
use crate::app::placing::{Placer, query};
use crate::intake::{Mapper, RowCounts, Tools};
use crate::place::pair_audit::{PairAudit, PairVerdicts};
use crate::place::{Located, Locator};
use crate::store::batch::Batch;
use crate::store::place::PlacedRow;
use crate::ticket::{GivenPair, Ticket, TicketId};

/// A new ticket ready to be written.
pub(super) struct Ready {
    pub(super) id: TicketId,
    pub(super) print: u64,
    pub(super) ticket: Ticket,
    pub(super) sealed: Option<Vec<u8>>,
    pub(super) places: Vec<PlacedRow>,
}

/// What the reading side hands to the writing side.
pub(super) struct Load {
    pub(super) ready: Vec<Ready>,
    pub(super) updates: Vec<Update>,
    pub(super) same: u64,
    pub(super) error: u64,
    pub(super) at: u64,
}

/// What the reading side gives back at the end.
pub(super) struct ReadOut {
    pub(super) counts: RowCounts,
    /// What the pairs of the batch say together.
    pub(super) verdicts: PairVerdicts,
    /// Tickets whose pair means something else now that the whole batch was seen.
    pub(super) again: Vec<TicketId>,
}

/// The pairs of a batch, seen one by one, judged together.
#[derive(Default)]
struct Pairs {
    audit: PairAudit,
    seen: Vec<(TicketId, GivenPair)>,
}

impl Pairs {
    fn observe(&mut self, batch: i64, ready: &Ready, words: Option<&[Located]>) {
        if let (Some(pair), Some(words)) = (&ready.ticket.pair, words) {
            self.audit
                .observe(&Placer::source(batch), Some(pair), words);
            self.seen.push((ready.id, pair.clone()));
        }
    }

    fn finish(self) -> (PairVerdicts, Vec<TicketId>) {
        let verdicts = self.audit.finish();
        let all = !verdicts.proposals.is_empty();
        let concerned = self
            .seen
            .iter()
            .filter(|(_, pair)| all || verdicts.is_default_pin(pair));
        let again = concerned.map(|(id, _)| *id).collect();
        (verdicts, again)
    }
}

/// The reading side: file → rows → judged → located → sealed.
pub(super) struct Side {
    pub(super) app: Arc<App>,
    pub(super) row: Batch,
    pub(super) body: Body,
    pub(super) placer: Option<Arc<Placer>>,
}

impl Side {
    /// Reads the whole file on a blocking thread and hands loads on in order.
    pub(super) fn read(
        &self,
        mut judge: Judge,
        send: &mpsc::Sender<Load>,
        progress: &Progress,
    ) -> Result<ReadOut> {
        let opened = self.app.open_staged(self.row.id)?;
        let mapping = self.body.mapping.clone().unwrap_or_default();
        let source = source_of(&self.row, &self.body);
        let tools = Tools {
            words: &self.app.synonyms,
            key: &self.app.keys.petitioner,
            now: self.app.now(),
        };
        let header = opened.header.clone();
        let mapper = Mapper::new(&header, &mapping, &source, tools);
        let locator = self.placer.as_deref().map(Placer::locator);
        let mut pairs = Pairs::default();
        let counts = each_chunk(opened, &mapper, |chunk| {
            if progress.cancelled() {
                return Err(Error::refused(
                    "cancelled",
                    "已取消，未写入任何数据 (cancelled: nothing was written)",
                ));
            }
            let (at, error) = (chunk.at, chunk.rejected.len() as u64);
            let judged = judge.judge(chunk);
            let fresh: Result<Vec<_>> = judged
                .fresh
                .into_par_iter()
                .map(|f| self.ready(f, locator.as_ref()))
                .collect();
            let mut load = Load {
                ready: Vec::new(),
                updates: judged.updates,
                same: judged.same,
                error,
                at,
            };
            for (ready, words) in fresh? {
                pairs.observe(self.row.id, &ready, words.as_deref());
                load.ready.push(ready);
            }
            send.blocking_send(load)
                .map_err(|_closed| Error::Internal("the writing side stopped".to_owned()))
        })?;
        let (verdicts, again) = pairs.finish();
        Ok(ReadOut {
            counts,
            verdicts,
            again,
        })
    }

    /// A fresh row made ready to be written, with what its words alone say where it has a pair.
    fn ready(
        &self,
        fresh: Fresh,
        locator: Option<&Locator<'_>>,
    ) -> Result<(Ready, Option<Vec<Located>>)> {
        let (id, taken) = (fresh.id, fresh.seen.taken);
        let mut words = None;
        let places = match (&self.placer, locator) {
            (Some(placer), Some(locator)) => {
                let found = locator.locate_text(&query(&taken.ticket));
                words = taken.ticket.pair.as_ref().map(|_| found.clone());
                placer.rows_of(locator, id, (self.row.id, &taken.ticket), Some(found))
            }
            _ => Vec::new(),
        };
        let sealed = self.app.sealed(id, &taken.personal)?;
        Ok((
            Ready {
                id,
                print: fresh.seen.print,
                ticket: taken.ticket,
                sealed,
                places,
            },
            words,
        ))
    }
}
