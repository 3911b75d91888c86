//! Which rows of a file are new, which say something new about a known ticket, which say nothing?

use std::collections::BTreeSet;

use crate::app::App;
use crate::app::error::Result;
use crate::app::import_file::{Chunk, Seen};
use crate::intake::dedup::{Identity, Known, Verdict, key, number_key};
use crate::store::{batch, ticket};
use crate::ticket::TicketId;

/// A row that becomes a ticket.
pub(super) struct Fresh {
    pub(super) id: TicketId,
    pub(super) seen: Seen,
}

/// A row about a known ticket.
pub(super) struct Update {
    pub(super) id: TicketId,
    pub(super) seen: Seen,
    /// The ticket came with the same file.
    pub(super) same_file: bool,
}

/// A chunk judged.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) fresh: Vec<Fresh>,
    pub(super) updates: Vec<Update>,
    pub(super) same: u64,
}

/// The hard rule over a whole file.
pub(super) struct Judge {
    known: Known,
    overtaken: BTreeSet<u64>,
    first: i64,
    next: i64,
}

/// Rows fetched at a time.
const PAGE: i64 = 20_000;

impl Judge {
    /// Keys given out begin at `first`; in a dry run they only mark "came with this file".
    pub(super) fn start_at(&mut self, first: i64) {
        self.first = first;
        self.next = first;
    }

    /// Judges rows in the order of the file.
    pub(super) fn judge(&mut self, chunk: Chunk) -> Judged {
        let mut judged = Judged::default();
        for seen in chunk.rows {
            let verdict = self.known.judge(seen.identity, seen.print);
            let id = match verdict {
                Verdict::New => {
                    let id = TicketId(self.next);
                    self.next += 1;
                    self.known.insert(seen.identity, id, seen.print);
                    judged.fresh.push(Fresh { id, seen });
                    continue;
                }
                // Another channel's copy of a known ticket: no second ticket, and its owner's file says what changes.
                Verdict::Same(_) | Verdict::Joined(_) => {
                    judged.same += 1;
                    continue;
                }
                Verdict::Changed(id) => id,
            };
            if self.overtaken.contains(&seen.print) {
                judged.same += 1;
                continue;
            }
            self.known.insert(seen.identity, id, seen.print);
            let same_file = id.0 >= self.first;
            judged.updates.push(Update {
                id,
                seen,
                same_file,
            });
        }
        judged
    }
}

impl App {
    /// Reads the identity of every known ticket. A million take about four seconds.
    pub(super) async fn judge(&self) -> Result<Judge> {
        let mut tx = self.store.read().await?;
        let count = usize::try_from(ticket::count(&mut tx).await?).unwrap_or(0);
        let mut known = Known::with_capacity(count);
        let mut last = TicketId(0);
        loop {
            let page = ticket::keys_after(&mut tx, last, PAGE).await?;
            let Some(end) = page.last() else { break };
            last = end.id;
            for row in page {
                let identity = Identity {
                    key: key(row.channel, &row.external_no),
                    number: number_key(&row.external_no),
                    superior: row.superior_no.as_deref().map(number_key),
                };
                known.insert(identity, row.id, row.hash.cast_unsigned());
            }
        }
        let overtaken = batch::overtaken(&mut tx)
            .await?
            .into_iter()
            .map(i64::cast_unsigned)
            .collect();
        Ok(Judge {
            known,
            overtaken,
            first: i64::MAX / 2,
            next: i64::MAX / 2,
        })
    }
}
