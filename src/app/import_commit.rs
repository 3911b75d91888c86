//! How does a batch enter the data: read, judged, located on all cores and written in one transaction, whole or absent?

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::sync::mpsc;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::import::Policy;
use crate::app::import_batch::{Body, Counts, in_state, read_body, write_body};

use crate::app::city_view::note_verdicts;
use crate::app::import_judge::Update;
use crate::app::import_side::{Load, ReadOut, Side};
use crate::app::job::Progress;
use crate::app::pending::Touched;
use crate::app::placing::{Placer, same_query};
use crate::intake::dedup::update;
use crate::place::pair_audit::{DatumProposal, PairVerdicts};
use crate::spatial::Datum;

use crate::store::batch::{self, Batch};

use crate::store::{Tx, place, take_ids, ticket};
use crate::ticket::permit::Right;
use crate::ticket::{Personal, TicketId, seal};

/// What the writing side keeps while it writes.
struct Ledger {
    batch: i64,
    actor: String,
    now: i64,
    counts: Counts,
    touched: Vec<TicketId>,
}

/// Tickets remembered for the refresh; beyond it everything is read anew.
const REMEMBERED: usize = 25_000;

/// Says while it lives that a long write holds the writer.
struct LongWrite<'a>(&'a AtomicUsize);

impl<'a> LongWrite<'a> {
    fn start(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::Relaxed);
        Self(counter)
    }
}

impl Drop for LongWrite<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl App {
    /// Commits a batch that was read: one transaction, so it is whole or absent, even if the program is killed.
    pub async fn commit_import(
        self: &Arc<Self>,
        who: &Who,
        id: i64,
        policy: Policy,
    ) -> Result<i64> {
        who.may_edit(Right::Import)?;
        let mut tx = self.store.write().await?;
        let mut row = in_state(&mut tx, id, &["ready"]).await?;
        let mut body = read_body(&row)?;
        let missing = body
            .mapping
            .as_ref()
            .is_none_or(|m| !m.missing().is_empty());
        if missing {
            return Err(Error::refused(
                "mapping_incomplete",
                "请先指定时间列和内容列 (map a time and a text column first)",
            ));
        }
        if policy == Policy::AllOrNone && body.counts.error > 0 {
            let why = format!(
                "有 {} 行无法导入，按“全部或不导入”未写入 ({} rows cannot be taken: none was written)",
                body.counts.error, body.counts.error
            );
            return Err(Error::refused("rows_with_errors", why));
        }
        "committing".clone_into(&mut row.state);
        body.message = String::new();
        row.body = write_body(&body)?;
        batch::update(&mut tx, &row).await?;
        tx.commit().await?;
        let who = who.clone();
        let start = (who.clone(), id.to_string());
        let started = self
            .start(
                &start.0,
                ("import.commit", &start.1),
                move |app, progress| async move {
                    let outcome = app.write_batch(row, body, (&who, policy), &progress).await;
                    if let Err(error) = &outcome {
                        app.reopen(id, error).await?;
                        app.hide(None);
                    }
                    outcome
                },
            )
            .await;
        if started.is_err() {
            self.turn_back(id, ["committing", "ready"]).await?;
        }
        started
    }

    /// After a failed commit: what was written by then is swept away, the batch can be committed again.
    async fn reopen(&self, id: i64, error: &Error) -> Result<()> {
        let placer = self.placer().await?;
        let mut tx = self.store.write().await?;
        if let Some(mut row) = batch::by_id(&mut tx, id).await? {
            self.sweep(&mut tx, (&row, "system"), placer.as_ref())
                .await?;
            "ready".clone_into(&mut row.state);
            batch::update(&mut tx, &row).await?;
        }
        tx.commit().await?;
        self.fail_batch(id, error).await?;
        let mut tx = self.store.write().await?;
        if let Some(mut row) = batch::by_id(&mut tx, id).await? {
            "ready".clone_into(&mut row.state);
            batch::update(&mut tx, &row).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn write_batch(
        self: &Arc<Self>,
        row: Batch,
        mut body: Body,
        (who, policy): (&Who, Policy),
        progress: &Progress,
    ) -> Result<String> {
        let _turn = self.turn().await?;
        let _long = LongWrite::start(&self.long_writes);
        progress.stage("importing", body.bytes);
        body.job = Some(progress.id());
        let mut judge = self.judge().await?;
        let placer = self.placer().await?.map(Arc::new);
        let mut tx = self.store.write().await?;
        let rows = i64::try_from(body.rows).unwrap_or(i64::MAX).max(1);
        let first = take_ids(&mut tx, "ticket", rows).await?;
        judge.start_at(first);
        self.hide(Some((first, first + rows - 1)));
        let (send, mut receive) = mpsc::channel(2);
        let side = Side {
            app: Arc::clone(self),
            row: row.clone(),
            body: body.clone(),
            placer: placer.clone(),
        };
        let watch = progress.clone();
        let reading = tokio::task::spawn_blocking(move || side.read(judge, &send, &watch));
        let mut ledger = Ledger::new(row.id, &who.name, self.now().0);
        tx = self
            .write_loads(tx, &mut receive, (placer.as_ref(), progress), &mut ledger)
            .await?;
        let out = reading
            .await
            .map_err(|e| Error::Internal(e.to_string()))??;
        let counts = out.counts;
        if placer.is_some() {
            self.judge_pairs(&mut tx, &ledger, &out).await?;
            body.message = datum_words(&out.verdicts);
        }
        if policy == Policy::AllOrNone && ledger.counts.error > 0 {
            return Err(Error::refused(
                "rows_with_errors",
                "有行无法导入，未写入任何数据 (some rows cannot be taken: none was written)",
            ));
        }
        body.counts = Counts {
            blank: counts.blank,
            repeated_header: counts.repeated_header,
            ..ledger.counts
        };
        progress.stage("saving", 0);
        self.seal_batch(tx, (row, &body), &ledger).await?;
        let c = body.counts;
        Ok(format!(
            "新增 {} 更新 {} 相同 {} 错误 {} (new, changed, same, errors)",
            c.new, c.changed, c.same, c.error
        ))
    }

    /// Writes what the reading side hands over, in several transactions where others wait for the writer.
    async fn write_loads(
        &self,
        mut tx: Tx,
        receive: &mut mpsc::Receiver<Load>,
        (placer, progress): (Option<&Arc<Placer>>, &Progress),
        ledger: &mut Ledger,
    ) -> Result<Tx> {
        let mut since = 0;
        while let Some(load) = receive.recv().await {
            progress.at(load.at);
            since += load.ready.len() + load.updates.len();
            self.write_load(&mut tx, load, placer, ledger).await?;
            if since >= self.options.rows_at_once {
                tx = self.hand_over(tx).await?;
                since = 0;
            }
        }
        Ok(tx)
    }

    /// The last words of a commit: batch, data version, audit row; then it lasts and is seen.
    async fn seal_batch(
        &self,
        mut tx: Tx,
        (mut row, body): (Batch, &Body),
        ledger: &Ledger,
    ) -> Result<()> {
        "committed".clone_into(&mut row.state);
        row.committed_at = Some(ledger.now);
        row.body = write_body(body)?;
        batch::update(&mut tx, &row).await?;
        if body.counts.new + body.counts.changed > 0 {
            self.bump(&mut tx).await?;
        }
        let subject = row.id.to_string();
        let detail = json!({"counts": body.counts});
        self.audit(&mut tx, &ledger.actor, ["import.commit", &subject], &detail)
            .await?;
        self.publish_batch(tx, Touched::tickets(&ledger.touched))
            .await
    }

    /// Notes what the pairs of the batch say together and places those tickets again for whom that changes something.
    async fn judge_pairs(&self, tx: &mut Tx, ledger: &Ledger, out: &ReadOut) -> Result<()> {
        note_verdicts(tx, ledger.batch, &out.verdicts, ledger.now).await?;
        if out.again.is_empty() {
            return Ok(());
        }
        let Some(placer) = self.placer_in(tx).await? else {
            return Ok(());
        };
        self.place_some(tx, &Arc::new(placer), &out.again).await
    }

    async fn write_load(
        &self,
        tx: &mut Tx,
        load: Load,
        placer: Option<&Arc<Placer>>,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let ready = &load.ready;
        let rows: Vec<ticket::New<'_>> = ready
            .iter()
            .map(|r| ticket::New {
                id: r.id,
                hash: r.print.cast_signed(),
                ticket: &r.ticket,
            })
            .collect();
        ticket::insert(tx, ledger.batch, &rows).await?;
        let events: Vec<ticket::Event> = ready
            .iter()
            .map(|r| ledger.event(r.id, (1, "imported"), String::new()))
            .collect();
        ticket::append_events(tx, &events).await?;
        ledger.counts.new += ready.len() as u64;
        ledger.counts.same += load.same;
        ledger.counts.error += load.error;
        ledger.remember(ready.iter().map(|r| r.id));
        let mut sealed = Vec::with_capacity(ready.len());
        let mut places = Vec::with_capacity(ready.len());
        for r in load.ready {
            sealed.extend(r.sealed.map(|s| (r.id, s)));
            places.extend(r.places);
        }
        ticket::seal(tx, &sealed).await?;
        place::insert(tx, &places).await?;
        for u in load.updates {
            self.write_update(tx, u, placer, ledger).await?;
        }
        Ok(())
    }

    /// Brings a known ticket up to what a row says; a place that a person decided stays, and the event says so.
    async fn write_update(
        &self,
        tx: &mut Tx,
        u: Update,
        placer: Option<&Arc<Placer>>,
        ledger: &mut Ledger,
    ) -> Result<()> {
        let held = ticket::by_id(tx, u.id).await?.ok_or(Error::NotFound)?;
        let mut now = held.ticket.clone();
        let fields = update(&mut now, &u.seen.taken.ticket, u.seen.taken.state_given);
        if fields.is_empty() {
            // A later row of the file may change what this one repeats: the next time it must not seem to change it back.
            batch::overtake(tx, ledger.batch, &[u.seen.print.cast_signed()]).await?;
            ledger.counts.same += 1;
            return Ok(());
        }
        ledger.counts.changed += 1;
        ledger.remember([u.id]);
        if held.touched == ledger.batch {
            batch::overtake(tx, ledger.batch, &[held.hash]).await?;
        }
        if held.batch != ledger.batch {
            let previous = batch::Previous {
                ticket: u.id,
                body: serde_json::to_string(&held.ticket)
                    .map_err(|e| Error::Internal(e.to_string()))?,
                sealed: ticket::sealed(tx, u.id).await?,
                hash: held.hash,
                touched: held.touched,
            };
            batch::keep_previous(tx, ledger.batch, &[previous]).await?;
        }
        let hash = u.seen.print.cast_signed();
        ticket::update(
            tx,
            ledger.batch,
            ticket::New {
                id: u.id,
                hash,
                ticket: &now,
            },
        )
        .await?;
        self.reseal(tx, u.id, u.seen.taken.personal).await?;
        let moved = !same_query(&held.ticket, &now);
        let kept = moved && placer.is_some_and(|p| p.is_decided(u.id));
        let detail = if kept {
            json!({"fields": fields, "kept": "location", "file_place": now.place_text})
        } else {
            json!({"fields": fields})
        };
        let seq = ticket::next_seq(tx, u.id).await?;
        ticket::append_events(
            tx,
            &[ledger.event(u.id, (seq, "changed"), detail.to_string())],
        )
        .await?;
        if let Some(placer) = placer.filter(|_| moved && !kept) {
            let rows = placer.rows(&placer.locator(), u.id, (held.batch, &now));
            place::remove(tx, &[u.id]).await?;
            place::insert(tx, &rows).await?;
        }
        Ok(())
    }

    /// Merges new personal fields into the sealed part: what the row does not say stays.
    async fn reseal(&self, tx: &mut Tx, id: TicketId, new: Personal) -> Result<()> {
        let held = ticket::sealed(tx, id).await?;
        let mut merged = match held {
            Some(bytes) => self.unseal(id, &bytes)?,
            None => Personal::default(),
        };
        merge(&mut merged, new);
        if let Some(sealed) = self.sealed(id, &merged)? {
            ticket::seal(tx, &[(id, sealed)]).await?;
        }
        Ok(())
    }

    /// Seals personal fields for a ticket; `None` if there are none.
    pub(super) fn sealed(&self, id: TicketId, personal: &Personal) -> Result<Option<Vec<u8>>> {
        if *personal == Personal::default() {
            return Ok(None);
        }
        let plain = serde_json::to_vec(personal).map_err(|e| Error::Internal(e.to_string()))?;
        let mut nonce = [0u8; seal::NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Some(seal::seal(
            &self.keys.seal,
            nonce,
            &plain,
            &id.0.to_be_bytes(),
        )))
    }

    /// Opens the sealed part of a ticket.
    pub(super) fn unseal(&self, id: TicketId, bytes: &[u8]) -> Result<Personal> {
        let plain = seal::open(&self.keys.seal, bytes, &id.0.to_be_bytes()).map_err(|_bad| {
            Error::refused("wrong_key", "密钥与数据不符，请恢复原密钥文件 (the key does not fit the data: put the right key file back)")
        })?;
        serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string()))
    }
}

fn merge(held: &mut Personal, new: Personal) {
    let fields = [
        (&mut held.name, new.name),
        (&mut held.phone, new.phone),
        (&mut held.title, new.title),
        (&mut held.content, new.content),
        (&mut held.place_text, new.place_text),
        (&mut held.reply, new.reply),
    ];
    for (held, new) in fields {
        if new.is_some() {
            *held = new;
        }
    }
    held.extras.extend(new.extras);
}

impl Ledger {
    fn new(batch: i64, actor: &str, now: i64) -> Self {
        Self {
            batch,
            actor: actor.to_owned(),
            now,
            counts: Counts::default(),
            touched: Vec::new(),
        }
    }

    fn event(
        &self,
        ticket: TicketId,
        (seq, kind): (i64, &'static str),
        body: String,
    ) -> ticket::Event {
        ticket::Event {
            ticket,
            seq,
            at: self.now,
            kind,
            actor: self.actor.clone(),
            batch: Some(self.batch),
            body,
        }
    }

    fn remember(&mut self, ids: impl IntoIterator<Item = TicketId>) {
        if self.touched.len() < REMEMBERED {
            self.touched.extend(ids);
        }
    }
}

/// What the coordinates of a batch gave away about their datum, for people.
fn datum_words(verdicts: &PairVerdicts) -> String {
    let one = |p: &DatumProposal| {
        let declared = p.declared.map_or("未注明 (undeclared)", Datum::name);
        format!(
            "坐标列标注为 {declared}，按地点文字看应为 {}：中位偏差 {:.0} 米，否则 {:.0} 米 (by the words the pairs are in {})",
            p.found.name(),
            p.median_m,
            p.otherwise_m,
            p.found.name()
        )
    };
    let mut lines: Vec<String> = verdicts.proposals.iter().map(one).collect();
    if verdicts.default_pins() > 0 {
        let n = verdicts.default_pins();
        lines.push(format!(
            "{n} 个坐标被多个不同地点共用，视为默认点，未采用 ({n} default pins were not used)"
        ));
    }
    lines.join("；")
}
