//! Which looks fall due, what do they say, and what is kept: the nightly evaluation of all cases?
//!
//! A night writes the looks that have fallen due and were not judged yet; a full run judges every look anew and adds a
//! version only where bytes differ. The last run keeps the league of measures, the reference panels and the city's placebo.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::{print_of, reads};
use crate::app::case_gaps::{self, Gap};
use crate::app::case_months::months;
use crate::app::case_panel::{self, Making};
use crate::app::demo_data;
use crate::app::duty_ground::entered_calendar;
use crate::app::error::{Error, Result};
use crate::app::snapshot::Snapshot;
use crate::calendar::Day;
use crate::case::{Case, Catalogue, Measure};
use crate::effect::{
    Look, Prepared, Record, Settings, designs, evaluate, finish_among, league, placebo, prepare,
    words,
};
use crate::store::Tx;
use crate::store::case::{self, CaseEvent};
use crate::store::evaluation::{self, Evaluation};
use crate::ticket::permit::Right;

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EffectDone {
    /// Bundles of measures met.
    pub bundles: usize,
    /// Looks that had fallen due.
    pub due: usize,
    /// Versions written.
    pub written: usize,
}

/// The panel made ready last, and what it rests on.
pub(super) type Held = tokio::sync::Mutex<Option<(HeldKey, Arc<Prepared>)>>;

/// Everything a prepared panel rests on that can change while the program runs.
#[derive(Clone)]
pub(super) struct HeldKey {
    /// Data version: tickets, sites and their natures.
    version: u64,
    /// Civil day.
    today: i64,
    /// Newest change of a case, and of how many.
    cases: (i64, i64),
    gaps: Vec<Gap>,
    /// Days off and school days, as entered.
    calendar: Option<String>,
    /// The catalogue says how long a measure settles and what it is meant for.
    catalogue: Arc<Catalogue>,
}

impl HeldKey {
    fn holds(&self, other: &Self) -> bool {
        let plain = |k: &Self| (k.version, k.today, k.cases);
        plain(self) == plain(other)
            && self.gaps == other.gaps
            && self.calendar == other.calendar
            && Arc::ptr_eq(&self.catalogue, &other.catalogue)
    }
}

/// How often the nightly evaluation looks whether the day has changed.
const NIGHT: Duration = Duration::from_mins(5);

/// What the pure part of a run hands back.
struct Outcome {
    rows: Vec<Evaluation>,
    summary: Value,
    bundles: usize,
}

/// Everything the pure part needs, owned so that it can go to another thread.
struct Ground {
    snapshot: Arc<Snapshot>,
    catalogue: Arc<Catalogue>,
    cases: Vec<Case>,
    backdated: BTreeSet<i64>,
    calendar: Option<String>,
    praise: BTreeSet<i64>,
    gaps: Vec<Gap>,
    today: Day,
}

impl Ground {
    fn prepared(&self) -> Option<Prepared> {
        let panel = case_panel::panel(&Making {
            snapshot: &self.snapshot,
            cases: &self.cases,
            backdated: &self.backdated,
            catalogue: &self.catalogue,
            calendar: self.calendar.as_deref(),
            praise: &self.praise,
            gaps: &self.gaps,
            today: self.today,
        })?;
        Some(prepare(panel, Settings::default()))
    }
}

/// Code of a look, as stored.
pub(super) const fn look_code(look: Look) -> &'static str {
    match look {
        Look::First => "first",
        Look::Second => "second",
        Look::Final => "final",
        Look::Single => "single",
    }
}

impl App {
    /// Evaluates in the background; `all` judges every look anew.
    pub async fn start_evaluation(self: &Arc<Self>, who: &Who, all: bool) -> Result<i64> {
        who.may_edit(Right::Sites)?;
        let actor = who.name.clone();
        self.start(
            who,
            ("effect", if all { "all" } else { "due" }),
            move |app, progress| async move {
                progress.stage("evaluating", 0);
                let done = app.evaluate(&actor, all).await?;
                Ok(format!(
                    "{} 次评估到期，写入 {} 个版本 ({} looks due, {} versions written)",
                    done.due, done.written, done.due, done.written
                ))
            },
        )
        .await
    }

    /// Evaluates the looks that have fallen due and writes what is new; nothing is written where nothing changed.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn evaluate(&self, actor: &str, all: bool) -> Result<EffectDone> {
        let ground = self.effect_ground().await?;
        let mut tx = self.store.read().await?;
        let known: BTreeMap<Key, Basis> = evaluation::newest(&mut tx)
            .await?
            .into_iter()
            .map(|e| (key_of(&e), Basis::of(&e)))
            .collect();
        let had_run = evaluation::last_run(&mut tx).await?.is_some();
        drop(tx);
        let work = tokio::task::spawn_blocking(move || judge(&ground));
        let Some(outcome) = work.await.map_err(|e| Error::Internal(e.to_string()))? else {
            return Ok(EffectDone::default());
        };
        let due = outcome.rows.len();
        let rows = fresh(outcome.rows, &known, all);
        let mut done = EffectDone {
            bundles: outcome.bundles,
            due,
            written: 0,
        };
        if rows.is_empty() && had_run && !all {
            return Ok(done);
        }
        let at = self.now().0;
        let body = outcome.summary.to_string();
        let print = print_of(body.as_bytes());
        let mut tx = self.store.write().await?;
        for row in rows {
            let new = Evaluation { at, ..row };
            if let Some(version) = evaluation::add(&mut tx, &new).await? {
                done.written += 1;
                let note = json!({"look": new.look, "verdict": new.verdict, "version": version})
                    .to_string();
                case::append_event(&mut tx, new.case_id, at, ["verdict", actor, &note]).await?;
            }
        }
        self.note_run(&mut tx, (actor, all), &done, [&print, &body])
            .await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Keeps what a run found, unless the last one found the same, and says so in the audit log.
    async fn note_run(
        &self,
        tx: &mut Tx,
        (actor, all): (&str, bool),
        done: &EffectDone,
        [print, body]: [&str; 2],
    ) -> Result<()> {
        let same = evaluation::last_run(tx)
            .await?
            .is_some_and(|r| r.2 == print);
        if !same {
            evaluation::put_run(tx, self.now().0, [print, body]).await?;
        }
        if done.written > 0 || !same {
            let detail = json!({"due": done.due, "written": done.written, "print": print});
            let kind = ["effect.run", if all { "all" } else { "due" }];
            self.audit(tx, actor, kind, &detail).await?;
        }
        Ok(())
    }

    /// Every night: judges the looks that have fallen due, on start and whenever the civil day has changed. Never returns; the
    /// caller drops it. Fails loudly in the log and tries again the next time.
    pub async fn nights(self: Arc<Self>) {
        let mut judged = None;
        loop {
            self.night(&mut judged).await;
            tokio::time::sleep(NIGHT).await;
        }
    }

    /// One turn of [`Self::nights`]: judges what has fallen due unless `judged` says that this civil day was judged already.
    pub async fn night(&self, judged: &mut Option<Day>) -> Option<EffectDone> {
        let today = self.today();
        if *judged == Some(today) || self.snapshot().sites.is_empty() {
            return None;
        }
        match self.evaluate("system", false).await {
            Ok(done) => {
                *judged = Some(today);
                tracing::info!(due = done.due, written = done.written, "looks judged");
                Some(done)
            }
            Err(error) => {
                tracing::error!(error = %error, "the nightly evaluation failed");
                None
            }
        }
    }

    /// League of measures, references and placebo of the last run; `None` before the first.
    pub async fn effect_summary(&self, who: &Who) -> Result<Option<Value>> {
        reads(who)?;
        let mut tx = self.store.read().await?;
        let run = evaluation::last_run(&mut tx).await?;
        Ok(run.and_then(|(_, _, _, body)| serde_json::from_str(&body).ok()))
    }

    /// A panel made ready from the data as they stand, for planned benefits; `None` without tickets.
    pub(super) async fn prepared_now(&self) -> Result<Option<Arc<Prepared>>> {
        let mut tx = self.store.read().await?;
        let key = HeldKey {
            version: self.snapshot().version,
            today: self.today().0,
            cases: case::last_change(&mut tx).await?,
            gaps: case_gaps::kept(&mut tx).await?,
            calendar: self.calendar_text(&mut tx).await?,
            catalogue: self.catalogue(),
        };
        drop(tx);
        if let Some((of, held)) = self.prepared.lock().await.as_ref()
            && of.holds(&key)
        {
            return Ok(Some(Arc::clone(held)));
        }
        let ground = self.effect_ground().await?;
        let task = tokio::task::spawn_blocking(move || ground.prepared().map(Arc::new));
        let made = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        if let Some(made) = &made {
            *self.prepared.lock().await = Some((key, Arc::clone(made)));
        }
        Ok(made)
    }

    async fn effect_ground(&self) -> Result<Ground> {
        let mut tx = self.store.read().await?;
        let cases: Vec<Case> = case::all(&mut tx)
            .await?
            .into_iter()
            .map(|r| r.case)
            .collect();
        let mut first: BTreeMap<i64, i64> = BTreeMap::new();
        for e in evaluation::newest(&mut tx).await? {
            let at = first.entry(e.case_id).or_insert(e.at);
            *at = e.at.min(*at);
        }
        let mut backdated = BTreeSet::new();
        for (id, at) in first {
            let later = |e: &CaseEvent| e.kind == "date_works" && e.at > at;
            if case::events(&mut tx, id).await?.iter().any(later) {
                backdated.insert(id);
            }
        }
        Ok(Ground {
            snapshot: self.snapshot(),
            catalogue: self.catalogue(),
            cases,
            backdated,
            calendar: self.calendar_text(&mut tx).await?,
            praise: case::praise(&mut tx).await?.into_iter().collect(),
            gaps: case_gaps::kept(&mut tx).await?,
            today: self.today(),
        })
    }

    /// The calendar entered on the page, else the city's file, else the demo's own.
    pub(super) async fn calendar_text(&self, tx: &mut Tx) -> Result<Option<String>> {
        if let Some(entered) = entered_calendar(tx).await? {
            return Ok(Some(entered));
        }
        let Some(city) = self.city() else {
            return Ok(None);
        };
        let file = self
            .options
            .data
            .join("cities")
            .join(&city.city.meta.id)
            .join("calendar.csv");
        let own = tokio::fs::read_to_string(file).await.ok();
        let demo = self.options.demo.then(|| demo_data::calendar().to_owned());
        Ok(own.or(demo))
    }
}

/// Judges every look that has fallen due, each look's records finished together.
fn judge(ground: &Ground) -> Option<Outcome> {
    let prepared = ground.prepared()?;
    let bundles = prepared.bundles.len();
    let days = prepared.panel.days;
    let mut rows = Vec::new();
    let mut latest: BTreeMap<usize, Record> = BTreeMap::new();
    for look in Look::PLANNED {
        let due = |at: &usize| {
            prepared.bundles[*at]
                .due(look)
                .is_some_and(|day| day <= days)
        };
        let at: Vec<usize> = (0..bundles).filter(due).collect();
        let mut records: Vec<Record> = at
            .iter()
            .filter_map(|n| evaluate(&prepared, *n, look))
            .collect();
        designs::attach_all(&prepared, &mut records);
        let younger = latest.iter().filter(|(n, _)| !at.contains(n));
        let younger: Vec<Record> = younger.map(|(_, r)| r.clone()).collect();
        finish_among(&mut records, &younger);
        for (n, record) in at.iter().zip(records) {
            rows.extend(kept(&prepared, *n, &record));
            latest.insert(*n, record);
        }
    }
    let records: Vec<Record> = latest.into_values().collect();
    Some(Outcome {
        rows,
        summary: summary(&prepared, &records, ground),
        bundles,
    })
}

/// What one evaluation is known by.
type Key = (i64, String, String);

/// Evaluations that say something new: the rows come look by look, so what stands last is the latest look at a bundle.
fn fresh(rows: Vec<Evaluation>, known: &BTreeMap<Key, Basis>, all: bool) -> Vec<Evaluation> {
    let last: BTreeMap<(i64, String), String> = rows
        .iter()
        .map(|e| ((e.case_id, e.measures.clone()), e.look.clone()))
        .collect();
    let is_new = |e: &Evaluation| {
        let latest = last.get(&(e.case_id, e.measures.clone())) == Some(&e.look);
        let same = |old: &Basis| old.holds(&Basis::of(e), latest);
        all || !known.get(&key_of(e)).is_some_and(same)
    };
    rows.into_iter().filter(is_new).collect()
}

fn key_of(e: &Evaluation) -> Key {
    (e.case_id, e.measures.clone(), e.look.clone())
}

/// The dates an evaluation rests on: when they change, it is judged again and the new version stands beside the old.
#[derive(Clone, Debug, PartialEq)]
struct Basis {
    /// First days, ends and counted days of history, works and after window.
    windows: Value,
    /// What is said of a removal, and how many looks at the time after it have fallen due.
    removal: Value,
}

impl Basis {
    fn of(e: &Evaluation) -> Self {
        let record: Value = serde_json::from_str(&e.body).unwrap_or_default();
        let flags = record["flags"].as_array().map_or(&[][..], Vec::as_slice);
        let removed = flags.iter().find(|f| f["code"] == "removed");
        Self {
            windows: record["windows"].clone(),
            removal: json!([removed.map(|f| &f["zh"]), record[OFF_LOOKS]]),
        }
    }

    /// Whether an evaluation on the other basis would say nothing new; a removal is told by the latest look alone.
    fn holds(&self, new: &Self, latest: bool) -> bool {
        self.windows == new.windows && (!latest || self.removal == new.removal)
    }
}

/// Key of a stored record: looks at the time after a removal that have fallen due.
const OFF_LOOKS: &str = "off_looks";

/// How many planned looks at the time after a removal have fallen due; `None` while the measure stands.
fn off_looks(prepared: &Prepared, bundle: usize) -> Option<usize> {
    let bundle = prepared.bundles.get(bundle)?;
    let days = prepared.panel.days;
    let removed = bundle.removed.filter(|day| *day < days)?;
    let due = |look: &Look| removed + bundle.settle + look.days() <= days;
    Some(Look::PLANNED.iter().filter(|look| due(look)).count())
}

/// A record as it is stored, once for every case that takes part.
fn kept(prepared: &Prepared, bundle: usize, record: &Record) -> Vec<Evaluation> {
    let mut body = serde_json::to_value(record).unwrap_or_default();
    if let Some(looks) = off_looks(prepared, bundle) {
        body[OFF_LOOKS] = json!(looks);
    }
    body["months"] = json!(months(prepared, bundle, record));
    let (zh, en) = words::advice_words(&record.advice, record.next_check.as_deref());
    body["advice_zh"] = json!(zh);
    body["advice_en"] = json!(en);
    let body = body.to_string();
    let cases: BTreeSet<i64> = record
        .measures
        .iter()
        .filter_map(|id| case_panel::case_of(id))
        .collect();
    cases
        .into_iter()
        .map(|case_id| Evaluation {
            case_id,
            measures: record.measures.join("+"),
            look: look_code(record.look).to_owned(),
            version: 0,
            at: 0,
            verdict: record.verdict.name().to_owned(),
            print: print_of(body.as_bytes()),
            body: body.clone(),
        })
        .collect()
}

/// What the last run says beyond single cases.
fn summary(prepared: &Prepared, records: &[Record], ground: &Ground) -> Value {
    let mut costs = BTreeMap::new();
    for t in &prepared.panel.treatments {
        if let Some(cost) = t.cost {
            costs.insert(t.id.clone(), cost);
        }
    }
    let lines = league(records, &costs);
    let types: Vec<Value> = lines
        .iter()
        .map(|line| {
            let mut value = json!(line);
            let named = |pick: fn(&Measure) -> &String, with: &str| {
                let one = |id: &str| {
                    let found = ground.catalogue.measures.get(id);
                    found.map_or_else(|| id.to_owned(), |m| pick(m).clone())
                };
                line.measure
                    .split('+')
                    .map(one)
                    .collect::<Vec<String>>()
                    .join(with)
            };
            value["picture"] = json!(designs::of_type(prepared, &line.measure));
            value["name"] = json!(named(|m| &m.name_zh, "＋"));
            value["name_en"] = json!(named(|m| &m.name_en, " + "));
            value
        })
        .collect();
    let references: Vec<Value> = prepared
        .references
        .values()
        .map(|r| {
            json!({
                "category": r.category, "sites": r.sites.len(), "phi": r.phi, "psi": r.psi, "pooled": r.pooled,
                "recency": r.recency.map(|m| json!({"k": m.k, "s2": m.s2, "rho": m.rho})),
            })
        })
        .collect();
    json!({
        "today": ground.today.iso(),
        "data": {"from": prepared.panel.first.iso(), "until": prepared.panel.civil(prepared.panel.days - 1).iso()},
        "sites": prepared.panel.sites.len(),
        "treatments": prepared.panel.treatments.len(),
        "assumed_school": prepared.panel.calendar.assumed_school,
        "league": types,
        "references": references,
        "placebo": placebo::placebo(&prepared.panel, &prepared.settings, 1),
        "engine": env!("CARGO_PKG_VERSION"),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::HeldKey;
    use crate::app::case::shipped;
    use crate::app::case_gaps::{Gap, GapKind};
    use crate::calendar::Day;

    #[test]
    fn a_prepared_panel_grows_old_with_everything_it_rests_on() {
        let catalogue = Arc::new(shipped().unwrap());
        let key = HeldKey {
            version: 7,
            today: 20_000,
            cases: (5, 3),
            gaps: Vec::new(),
            calendar: None,
            catalogue: Arc::clone(&catalogue),
        };
        assert!(key.holds(&key.clone()));
        let gap = Gap {
            from: Day(1),
            to: Day(2),
            kind: GapKind::RoadClosure,
            note: String::new(),
        };
        let olds = [
            HeldKey {
                version: 8,
                ..key.clone()
            },
            HeldKey {
                today: 20_001,
                ..key.clone()
            },
            HeldKey {
                cases: (5, 4),
                ..key.clone()
            },
            HeldKey {
                gaps: vec![gap],
                ..key.clone()
            },
            HeldKey {
                calendar: Some("date,kind\n".to_owned()),
                ..key.clone()
            },
            // Measures changed on the page: how long they settle and what they are meant for.
            HeldKey {
                catalogue: Arc::new(shipped().unwrap()),
                ..key.clone()
            },
        ];
        assert!(olds.iter().all(|old| !old.holds(&key)));
    }
}
