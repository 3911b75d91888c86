//! What would a file change? The dry run: every row read and judged, nothing written but the report.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::hold::Hold;
use crate::app::import_batch::{
    Body, Counts, finding, read_body, remembered_as, source_of, write_body,
};
use crate::app::import_file::{Chunk, each_chunk};
use crate::app::import_judge::{Judge, Update};
use crate::app::job::Progress;
use crate::intake::dedup::update;
use crate::intake::{Code, Mapper, Mapping, Severity, Tools};
use crate::store::batch::{self, Batch, Rejection};
use crate::store::ticket;
use crate::ticket::TicketId;

/// Findings kept by row; beyond it they are counted.
const KEPT: usize = 100_000;

/// What the dry run gathers.
struct Report {
    counts: Counts,
    findings: BTreeMap<String, u64>,
    kept: Vec<Rejection>,
}

impl Report {
    fn take(&mut self, chunk: &Chunk) {
        self.counts.error += chunk.rejected.len() as u64;
        for r in &chunk.rejected {
            self.count(r.code, || finding(r.row, &r.column, &r.value, r.code));
        }
        for note in chunk.rows.iter().flat_map(|s| &s.taken.notes) {
            self.count(note.code, || {
                finding(note.row, &note.column, &note.value, note.code)
            });
        }
    }

    fn count(&mut self, code: Code, row: impl FnOnce() -> Rejection) {
        *self.findings.entry(code.code().to_owned()).or_default() += 1;
        if self.kept.len() < KEPT && code.severity() != Severity::Repair {
            self.kept.push(row());
        }
    }
}

impl App {
    /// Starts the dry run of a batch.
    pub(super) async fn start_reading(
        self: &Arc<Self>,
        who: &Who,
        id: i64,
        held: Hold,
    ) -> Result<i64> {
        let job = self
            .start(
                who,
                ("import.read", &id.to_string()),
                |app, progress| async move {
                    let _until_read = held;
                    match app.read_batch(id, progress).await {
                        Ok(words) => Ok(words),
                        Err(error) => {
                            app.fail_batch(id, &error).await?;
                            Err(error)
                        }
                    }
                },
            )
            .await?;
        Ok(job)
    }

    async fn read_batch(self: &Arc<Self>, id: i64, progress: Progress) -> Result<String> {
        progress.stage("reading", 0);
        let mut tx = self.store.read().await?;
        let row = batch::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        drop(tx);
        let judge = self.judge().await?;
        let app = Arc::clone(self);
        let handle = Handle::current();
        let body = read_body(&row)?;
        let given = row.clone();
        let task = tokio::task::spawn_blocking(move || {
            app.dry_run(&given, body, (judge, &progress, &handle))
        });
        let (body, kept) = task.await.map_err(|e| Error::Internal(e.to_string()))??;
        self.keep_report(row, body, &kept).await
    }

    async fn keep_report(&self, mut row: Batch, body: Body, kept: &[Rejection]) -> Result<String> {
        let mut tx = self.store.write().await?;
        batch::forget_rejections(&mut tx, row.id).await?;
        batch::reject(&mut tx, row.id, 1, kept).await?;
        "ready".clone_into(&mut row.state);
        row.body = write_body(&body)?;
        batch::update(&mut tx, &row).await?;
        tx.commit().await?;
        let c = body.counts;
        Ok(format!(
            "新增 {} 更新 {} 相同 {} 错误 {} (new, changed, same, errors)",
            c.new, c.changed, c.same, c.error
        ))
    }

    /// Reads the whole file on a blocking thread.
    fn dry_run(
        &self,
        row: &Batch,
        mut body: Body,
        (mut judge, progress, handle): (Judge, &Progress, &Handle),
    ) -> Result<(Body, Vec<Rejection>)> {
        let opened = self.open_staged(row.id)?;
        progress.stage("reading", opened.bytes);
        let mapping = match body
            .mapping
            .take()
            .filter(|m| m.columns.len() == opened.header.columns.len())
        {
            Some(mapping) => mapping,
            None => self.propose(row, &opened.header, handle)?,
        };
        body.job = Some(progress.id());
        body.bytes = opened.bytes;
        body.samples = mapping
            .preview(&opened.header, &self.synonyms)
            .into_iter()
            .map(|p| p.sample)
            .collect();
        body.header = Some(opened.header.clone());
        body.message = String::new();
        let source = source_of(row, &body);
        let mut report = Report {
            counts: Counts::default(),
            findings: BTreeMap::new(),
            kept: Vec::new(),
        };
        if mapping.missing().is_empty() {
            let tools = Tools {
                words: &self.synonyms,
                key: &self.keys.petitioner,
                now: self.now(),
            };
            let header = opened.header.clone();
            let mapper = Mapper::new(&header, &mapping, &source, tools);
            let counts = each_chunk(opened, &mapper, |chunk| {
                if progress.cancelled() {
                    return Err(Error::refused("cancelled", "已取消 (cancelled)"));
                }
                progress.at(chunk.at);
                report.take(&chunk);
                let judged = judge.judge(chunk);
                report.counts.new += judged.fresh.len() as u64;
                report.counts.same += judged.same;
                let (changed, same) = handle.block_on(self.weigh(&judged.updates))?;
                report.counts.changed += changed;
                report.counts.same += same;
                Ok(())
            })?;
            body.rows = counts.data + counts.broken;
            report.counts.blank = counts.blank;
            report.counts.repeated_header = counts.repeated_header;
        }
        body.mapping = Some(mapping);
        body.counts = report.counts;
        body.findings = report.findings;
        Ok((body, report.kept))
    }

    fn propose(
        &self,
        row: &Batch,
        header: &crate::intake::Header,
        handle: &Handle,
    ) -> Result<Mapping> {
        let source = remembered_as(row, Some(header));
        let text = handle.block_on(async {
            let mut tx = self.store.read().await?;
            batch::mapping(&mut tx, &source).await
        })?;
        let remembered: Option<Mapping> = text.and_then(|t| serde_json::from_str(&t).ok());
        Ok(Mapping::propose(
            header,
            &self.synonyms,
            remembered.as_ref(),
        ))
    }

    /// How many updates change something, and how many do not; a row about a ticket of the same file counts as a change.
    async fn weigh(&self, updates: &[Update]) -> Result<(u64, u64)> {
        if updates.is_empty() {
            return Ok((0, 0));
        }
        let ids: Vec<TicketId> = updates
            .iter()
            .filter(|u| !u.same_file)
            .map(|u| u.id)
            .collect();
        let mut tx = self.store.read().await?;
        let mut held: BTreeMap<TicketId, ticket::Stored> = ticket::by_ids(&mut tx, &ids)
            .await?
            .into_iter()
            .map(|s| (s.id, s))
            .collect();
        let (mut changed, mut same) = (0, 0);
        for u in updates {
            let differs = u.same_file
                || held.get_mut(&u.id).is_some_and(|h| {
                    !update(
                        &mut h.ticket,
                        &u.seen.taken.ticket,
                        u.seen.taken.state_given,
                    )
                    .is_empty()
                });
            if differs {
                changed += 1;
            } else {
                same += 1;
            }
        }
        Ok((changed, same))
    }
}
