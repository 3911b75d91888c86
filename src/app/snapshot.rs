//! What do readers see: one immutable state of everything a map needs, swapped whole?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use h3o::CellIndex;
use tokio::sync::mpsc;

use crate::app::city::City;
use crate::app::coarse::{RADIUS_M, coarse};
use crate::app::error::{Error, Result};
use crate::app::pending::{Announced, Touched};
use crate::app::site_book::{SiteBook, sites};
use crate::app::{App, CityGround, Event};
use crate::index::{Builder, Delta, Dict, Dicts, Index, Row};
use crate::place::{Gazetteer, Precision};
use crate::spatial::grid::{FINEST, finest_cell};
use crate::store::place::Main;
use crate::store::ticket::Brief;
use crate::store::{Tx, batch, place, setting, ticket};
use crate::ticket::{TicketId, is_praise};

/// The city the program works for, ready for use.
#[derive(Debug)]
pub struct CityView {
    /// Names, rules and the map as imported.
    pub city: City,
    /// What locating looks words up in.
    pub gazetteer: Gazetteer,
    /// What hotspot methods need of it, made when first asked for.
    pub ground: CityGround,
}

/// Figures of the whole data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Figures {
    /// Tickets.
    pub tickets: usize,
    /// Tickets whose words name a place of this city, as spot, line or area.
    pub located: usize,
    /// Tickets drawn as points.
    pub mapped: usize,
    /// Tickets that wait for a person.
    pub review: usize,
    /// Active sites.
    pub sites: usize,
}

/// One immutable state of the data. Readers hold it as long as they like.
#[derive(Debug)]
pub struct Snapshot {
    /// Counts upwards with every change of the data.
    pub version: u64,
    /// Tickets as columns.
    pub index: Index,
    /// Sites of the last run.
    pub sites: Arc<SiteBook>,
    /// The city, if one was imported.
    pub city: Option<Arc<CityView>>,
    /// Figures of the whole data.
    pub figures: Figures,
    /// The last few changes of tickets, oldest first; empty after everything was read anew or the sites were formed anew.
    pub(super) trail: Vec<Step>,
}

/// The finest cells where tickets were changed, added or removed on the way from one version to the next snapshot's.
#[derive(Clone, Debug)]
pub(super) struct Step {
    from: u64,
    places: Vec<CellIndex>,
}

/// Steps that are remembered, and tickets beyond which a change is none that can be followed cell by cell.
const STEPS: usize = 16;
const FEW: usize = 64;

impl Snapshot {
    /// The finest cells where tickets differ from those of an older version; `None` when that is no longer known.
    #[must_use]
    pub fn changed_since(&self, version: u64) -> Option<Vec<CellIndex>> {
        let first = self.trail.iter().position(|step| step.from == version)?;
        let steps = self.trail.get(first..)?;
        Some(
            steps
                .iter()
                .flat_map(|s| s.places.iter().copied())
                .collect(),
        )
    }

    /// The state before anything was read.
    pub(super) fn empty() -> Self {
        Self {
            version: 0,
            index: Builder::with_capacity(0).finish(Arc::new(base_dicts(None))),
            sites: Arc::default(),
            city: None,
            figures: Figures::default(),
            trail: Vec::new(),
        }
    }
}

/// Below this probability a place is not on the map but in the queue.
pub(super) const ON_MAP: f64 = 0.5;
/// Rows fetched at a time.
const PAGE: i64 = 8_000;
/// How often somebody looks whether another process changed the data.
const WATCH: Duration = Duration::from_secs(2);
/// Changes beyond this are read anew instead of merged.
const MERGE_LIMIT: usize = 20_000;
/// Keys of the data version and of the process that counted it up last.
const VERSION: &str = "data_version";
const WRITER: &str = "data_version_by";

/// Turns rows of the store into rows of the index.
struct Coder {
    dicts: Dicts,
    city: Option<Arc<CityView>>,
    /// Codes of the wordings met so far.
    categories: BTreeMap<Vec<String>, u16>,
}

impl Coder {
    fn new(dicts: Dicts, city: Option<Arc<CityView>>) -> Self {
        Self {
            dicts,
            city,
            categories: BTreeMap::new(),
        }
    }

    /// The code of a category: that of the city's own list where it knows the wording, else as written.
    fn category(&mut self, path: &[String]) -> u16 {
        if let Some(code) = self.categories.get(path) {
            return *code;
        }
        let own = self.city.as_ref().and_then(|c| c.city.rules.path(path));
        let code = self
            .dicts
            .categories
            .intern_path(own.as_deref().unwrap_or(path));
        self.categories.insert(path.to_vec(), code);
        code
    }

    fn row(&mut self, brief: &Brief, main: Option<&Main>) -> Row {
        let mut row = Row::bare(brief.id, brief.received_at);
        row.closed = brief.closed_at;
        row.channel = brief.channel;
        row.state = brief.state;
        row.redo = brief.redo;
        row.petitioner = brief.petitioner;
        row.category = self.category(&brief.category);
        if let Some(unit) = brief.unit.as_deref().filter(|u| !u.is_empty()) {
            row.unit = self.dicts.units.intern(unit, unit, None);
        }
        let area = main
            .and_then(|m| m.area.as_deref())
            .or(brief.district.as_deref());
        if let Some(area) = area.filter(|a| !a.is_empty()) {
            row.area = self.dicts.areas.intern(area, area, None);
        }
        let counts = brief.state.counts() && !is_praise(brief.nature.as_deref());
        if let Some(main) = main {
            row.confidence = narrow(main.confidence);
            // Below the bar a place waits in the queue and is not on the map; only eligible tickets are (casework reference 18).
            if counts && main.confidence >= ON_MAP {
                row.coarse = main.home;
                row.point = if main.home {
                    main.point.map(coarse)
                } else {
                    main.point
                };
                row.precision = main.precision;
                row.radius_m = narrow(if main.home {
                    main.radius_m.max(RADIUS_M)
                } else {
                    main.radius_m
                });
            }
        }
        row
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "radius and confidence need no more than seven digits"
)]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// A page of tickets with their main places, both by key.
type Page = (Vec<Brief>, Vec<Main>);

/// Builds the index from pages on its own thread.
fn build(mut pages: mpsc::Receiver<Page>, capacity: usize, city: Option<Arc<CityView>>) -> Index {
    let mut coder = Coder::new(base_dicts(city.as_deref()), city);
    let mut builder = Builder::with_capacity(capacity);
    while let Some((briefs, mains)) = pages.blocking_recv() {
        let mut mains = mains.iter().peekable();
        for brief in &briefs {
            while mains.next_if(|m| m.ticket < brief.id).is_some() {}
            let main = mains.next_if(|m| m.ticket == brief.id);
            builder.push(&coder.row(brief, main), &brief.text);
        }
    }
    builder.finish(Arc::new(coder.dicts))
}

/// Dictionaries as the city's rules order them, so that lists show the city's own categories and units first.
fn base_dicts(city: Option<&CityView>) -> Dicts {
    let mut dicts = Dicts {
        categories: Dict::default(),
        areas: Dict::default(),
        units: Dict::default(),
    };
    if let Some(view) = city {
        for unit in &view.city.rules.units {
            dicts.units.intern(&unit.name, &unit.name, None);
        }
    }
    dicts
}

impl App {
    /// The current state of the data; costs a clone of one pointer.
    #[must_use]
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The city in use.
    pub(super) fn city(&self) -> Option<Arc<CityView>> {
        self.view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Takes a city into use; the next snapshot holds it.
    pub(super) fn set_city(&self, view: Option<Arc<CityView>>) {
        *self.view.write().unwrap_or_else(PoisonError::into_inner) = view;
    }

    fn swap(&self, next: Snapshot) {
        let version = next.version;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        self.tell(Event::DataVersion { version });
    }

    /// Counts the data version up inside the transaction of a change.
    pub(super) async fn bump(&self, tx: &mut Tx) -> Result<u64> {
        let held = version(tx).await?;
        if self.is_strange(tx, held).await? {
            self.pending.stranger();
        }
        let at = self.now().0;
        setting::put(tx, VERSION, &(held + 1).to_string(), at).await?;
        setting::put(tx, WRITER, &self.writer, at).await?;
        Ok(held + 1)
    }

    /// Whether another process on the same data counted a version up that is not shown here.
    async fn is_strange(&self, tx: &mut Tx, held: u64) -> Result<bool> {
        let by = setting::get(tx, WRITER).await?;
        Ok(held > self.snapshot().version && by.is_some_and(|by| by != self.writer))
    }

    /// Shows what other processes on the same data changed (an import by command beside the server), within seconds. Never returns;
    /// the caller drops it.
    pub async fn watch(self: Arc<Self>) {
        loop {
            tokio::time::sleep(WATCH).await;
            if let Err(error) = self.refresh().await {
                tracing::error!(error = %error, "the data could not be read again");
            }
        }
    }

    /// Reads everything from the database and swaps it in. A million tickets take a few seconds.
    pub(super) async fn reload(&self) -> Result<()> {
        let _one_at_a_time = self.refreshing.lock().await;
        self.reload_alone().await
    }

    async fn reload_alone(&self) -> Result<()> {
        let city = self.city();
        let strange = self.pending.take_stranger();
        let read = async {
            let mut tx = self.store.read().await?;
            let open = batch::committing_tickets(&mut tx).await?;
            let open = |id: i64| open.is_some_and(|(first, last)| (first..=last).contains(&id));
            load(&mut tx, city, &|id| self.is_hidden(id) || open(id)).await
        };
        let next = read.await;
        if next.is_err() && strange {
            self.pending.stranger();
        }
        self.swap(next?);
        Ok(())
    }

    /// Commits a deed and shows it: the only way a change of the data reaches the readers.
    pub(super) async fn publish(&self, tx: Tx, what: Touched) -> Result<()> {
        let said = self.pending.announce(what);
        tx.commit().await?;
        self.shown(said).await
    }

    /// The same for a batch, whose tickets may be seen from its last commit on: nobody refreshes between the two.
    pub(super) async fn publish_batch(&self, tx: Tx, what: Touched) -> Result<()> {
        let said = self.pending.announce(what);
        let still = self.refreshing.lock().await;
        tx.commit().await?;
        self.hide(None);
        drop(still);
        self.shown(said).await
    }

    async fn shown(&self, said: Announced<'_>) -> Result<()> {
        let shown = self.refresh().await;
        if shown.is_err() {
            said.stays();
        }
        shown
    }

    /// Swaps in a state with everything that was committed and is not yet shown; many changes are read anew.
    pub(super) async fn refresh(&self) -> Result<()> {
        let _one_at_a_time = self.refreshing.lock().await;
        let old = self.snapshot();
        let mut tx = self.store.read().await?;
        // The first question fixes the state that is read; whoever committed before it said so before that.
        let version = version(&mut tx).await?;
        if version == old.version {
            return Ok(());
        }
        if self.is_strange(&mut tx, version).await? {
            self.pending.stranger();
        }
        let what = self.pending.all();
        if self.pending.is_stranger()
            || what.everything
            || what.tickets.len() > MERGE_LIMIT
            || old.index.waste() > 0.1
        {
            drop(tx);
            return self.reload_alone().await;
        }
        let sites = if what.sites {
            Some(sites(&mut tx).await?)
        } else {
            None
        };
        let ids: Vec<TicketId> = what.tickets.into_iter().collect();
        let mut briefs = ticket::briefs(&mut tx, &ids).await?;
        briefs.retain(|b| !self.is_hidden(b.id.0));
        let mains = place::mains_of(&mut tx, &ids).await?;
        let book = sites.as_ref().unwrap_or(&*old.sites);
        let figures = figures(&mut tx, book).await?;
        drop(tx);
        let changes = Changes {
            ids,
            briefs,
            mains,
            sites,
        };
        let next = tokio::task::spawn_blocking(move || changes.over(&old, (version, figures)))
            .await
            .map_err(|e| Error::Internal(e.to_string()))?;
        self.swap(next);
        Ok(())
    }
}

/// What changed since a snapshot, as the database holds it now.
struct Changes {
    ids: Vec<TicketId>,
    briefs: Vec<Brief>,
    mains: Vec<Main>,
    sites: Option<SiteBook>,
}

impl Changes {
    /// The next snapshot. Tickets that the database no longer holds are gone.
    fn over(self, old: &Snapshot, (version, figures): (u64, Figures)) -> Snapshot {
        let mut index = old.index.clone();
        let mut places = Vec::new();
        if !self.ids.is_empty() {
            let held = old.index.rows_of(&self.ids);
            let held: BTreeMap<TicketId, usize> = held
                .into_iter()
                .map(|row| (old.index.ticket(row), row))
                .collect();
            let cell = |row: &usize| old.index.cell(FINEST, old.index.cell_code(*row, FINEST)?);
            places.extend(held.values().filter_map(cell));
            let found: BTreeSet<TicketId> = self.briefs.iter().map(|b| b.id).collect();
            let gone = self.ids.iter().filter(|id| !found.contains(id));
            let remove = gone.copied().collect();
            let mut coder = Coder::new(old.index.dicts().clone(), old.city.clone());
            let mains: BTreeMap<TicketId, Main> =
                self.mains.into_iter().map(|m| (m.ticket, m)).collect();
            let upsert = self.briefs.into_iter().map(|b| {
                let mut row = coder.row(&b, mains.get(&b.id));
                row.site = old.sites.site_of(&old.index, &row);
                (row, b.text)
            });
            let upsert: Vec<(Row, String)> = upsert.collect();
            places.extend(upsert.iter().filter_map(|(row, _)| finest_cell(row.point?)));
            index = index.refresh(&Delta { upsert, remove }, Arc::new(coder.dicts));
        }
        let mut trail = old.trail.clone();
        if self.sites.is_some() || self.ids.len() > FEW {
            trail.clear();
        } else {
            places.sort_unstable();
            places.dedup();
            trail.push(Step {
                from: old.version,
                places,
            });
            trail.drain(..trail.len().saturating_sub(STEPS));
        }
        let mut book = Arc::clone(&old.sites);
        if let Some(formed) = self.sites {
            index = formed.over(&index);
            book = Arc::new(formed);
        }
        Snapshot {
            version,
            figures: Figures {
                tickets: index.len(),
                mapped: index.everything().mapped(),
                ..figures
            },
            index,
            sites: book,
            city: old.city.clone(),
            trail,
        }
    }
}

async fn version(tx: &mut Tx) -> Result<u64> {
    let text = setting::get(tx, VERSION).await?;
    Ok(text.and_then(|t| t.parse().ok()).unwrap_or(0))
}

async fn figures(tx: &mut Tx, sites: &SiteBook) -> Result<Figures> {
    let (_, review) = place::review_total(tx).await?;
    let located = place::located_total(tx, Precision::None.code(), ON_MAP).await?;
    Ok(Figures {
        tickets: 0,
        located: usize::try_from(located).unwrap_or(0),
        mapped: 0,
        review: usize::try_from(review).unwrap_or(0),
        sites: sites.len(),
    })
}

/// Reads everything but the tickets of a batch that is being committed.
pub(super) async fn load(
    tx: &mut Tx,
    city: Option<Arc<CityView>>,
    hidden: &(dyn Fn(i64) -> bool + Sync),
) -> Result<Snapshot> {
    let version = version(tx).await?;
    let book = sites(tx).await?;
    let figures = figures(tx, &book).await?;
    let capacity = usize::try_from(ticket::count(tx).await?).unwrap_or(0);
    let (send, receive) = mpsc::channel(3);
    let view = city.clone();
    let builder = tokio::task::spawn_blocking(move || build(receive, capacity, view));
    let mut last = TicketId(0);
    loop {
        let mut briefs = ticket::briefs_after(tx, last, PAGE).await?;
        let (Some(first), Some(end)) = (briefs.first().map(|b| b.id), briefs.last().map(|b| b.id))
        else {
            break;
        };
        let mains = place::mains(tx, first, end).await?;
        last = end;
        briefs.retain(|b| !hidden(b.id.0));
        if send.send((briefs, mains)).await.is_err() {
            break;
        }
    }
    drop(send);
    let index = builder.await.map_err(|e| Error::Internal(e.to_string()))?;
    let index = if book.all().is_empty() {
        index
    } else {
        book.over(&index)
    };
    let mapped = index.everything().mapped();
    Ok(Snapshot {
        version,
        figures: Figures {
            tickets: index.len(),
            mapped,
            ..figures
        },
        index,
        sites: Arc::new(book),
        city,
        trail: Vec::new(),
    })
}
