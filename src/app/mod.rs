//! Use cases: one function = one transaction = one audit row; jobs beside them; readers take the swapped snapshot.

mod access;
mod account;
pub mod alarm;
pub mod alarm_view;
mod audit;
mod basemap_file;
mod case;
mod case_bells;
mod case_benefit;
mod case_catalogue;
mod case_clock;
mod case_evaluate;
mod case_gaps;
mod case_import;
mod case_months;
mod case_panel;
mod case_photo;
mod case_site;
mod case_timeline;
mod case_view;
pub mod city;
mod city_error;
mod city_folder;
mod city_rules;
mod city_view;
mod coarse;
pub mod demo_data;
pub mod design_files;
pub mod doctor;
mod duty_cover;
mod duty_demo;
mod duty_export;
pub mod duty_files;
mod duty_ground;
mod duty_history;
mod duty_leave;
mod duty_people;
mod duty_rides;
mod duty_sign;
pub mod effect_files;
mod effect_sheets;
mod error;
pub mod explain;
pub mod export;
mod hold;
pub mod hotspot_files;
mod import;
mod import_batch;
mod import_commit;
mod import_file;
mod import_judge;
mod import_read;
mod import_side;
mod import_undo;
mod job;
mod keys;
pub mod lens;
pub mod lens_export;
mod method_run;
mod open311;
mod patrol;
mod patrol_kept;
mod pending;
mod placing;
mod plan;
pub mod plan_files;
mod plan_ground;
mod plan_sheet;
mod rebuild;
mod relocate;
mod review;
mod roster;
mod roster_bare;
mod roster_change;
mod roster_ground;
mod roster_kept;
mod roster_served;
mod roster_view;
mod school;
mod scope;
pub mod sheet;
mod site_book;
mod site_deeds;
mod site_hand;
mod site_study;
mod snapshot;
mod stage;
mod study;
mod survey;
mod ticket;
mod ticket_clear;
mod turn;
pub mod verify;

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock};

use serde::Serialize;
use tokio::sync::{Semaphore, broadcast};

pub use access::{ABSOLUTE_MS, IDLE_MS, Login, Who};
pub use account::{Account, AccountChange, DemoAccount, NewAccount};
pub use basemap_file::BasemapFile;
pub use case::NewCase;
pub use case_bells::{BellShare, BellTime};
pub use case_benefit::{Benefit, Benefits};
pub use case_catalogue::{Kept, MeasureChange, MeasureSheet, MeasureWish};
pub use case_evaluate::EffectDone;
pub use case_gaps::{Gap, GapKind};
pub use case_import::CaseImport;
pub use case_photo::{NewPhoto, PhotoView};
pub use case_site::{Diagnosis, KindShare, Offer};
pub use case_timeline::{Mark, MonthCount, Timeline};
pub use case_view::{ActView, CaseBrief, CaseDetail, EventView, VersionView, WorkView};
pub use duty_cover::{Cover, CoverWish};
pub use duty_history::{DutyMonth, NearGate, Seen, SiteDuty};
pub use duty_leave::{LeaveView, LeaveWish};
pub use duty_people::{DutyPerson, PersonView, PersonWish};
pub use duty_sign::{EARLY_MIN, SignOutcome, SignWish, WatchWish};
pub use error::{Error, Result};
pub use import::{Done, FieldView, ImportView, Policy, Staged, Upload};
pub use import_batch::{Counts, Finding};
pub use job::JobView;
pub use keys::Keys;
pub use patrol::{Patrol, PatrolSpot, PatrolWish};
pub use plan::NewPlan;
pub use review::{
    AliasView, Answer, Candidate, DecisionOutcome, ReviewGroup, ReviewQueue, ReviewTicket,
};
pub use roster_kept::{Change, DutyBody, DutyPost, Replanned, RosterBody, RosterWish};
pub use roster_view::{DutyView, PostView, RosterLine, RosterView};
pub use school::{School, SchoolGate, SchoolView};
pub use site_book::SiteBook;
pub use site_hand::{Asked, EditView};
pub use site_study::{Bell, SiteStudy};
pub use snapshot::{CityView, Figures, Snapshot};
pub use study::CityGround;
pub use survey::SiteHistory;
pub use ticket::{ExportRun, TicketDetail, TicketPage, TicketView};
pub use ticket_clear::{Clear, Handler};

use crate::calendar::{Day, UtcMs};
use crate::case::Catalogue;
use crate::intake::Synonyms;
use crate::store::Store;

/// A clock: the only way the use cases learn the time.
pub type Clock = Arc<dyn Fn() -> UtcMs + Send + Sync>;

/// What an installation needs to open.
#[derive(Clone)]
pub struct Options {
    /// Data folder: database file, key file, staged files, city.
    pub data: PathBuf,
    /// `postgres://…`; without it an SQLite file in the data folder.
    pub database_url: Option<String>,
    /// 64 hexadecimal digits; without it the key file of the data folder.
    pub key: Option<String>,
    /// Demo: simulated data, one public account per role.
    pub demo: bool,
    /// The clock; `None` = the machine's.
    pub clock: Option<Clock>,
    /// Rows after which a long commit lets other writers in between (SQLite only).
    pub rows_at_once: usize,
}

impl Options {
    /// Options of a data folder, everything else at its default.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            database_url: None,
            key: None,
            demo: false,
            clock: None,
            rows_at_once: 20_000,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("data", &self.data)
            .field("demo", &self.demo)
            .finish_non_exhaustive()
    }
}

/// What is told to everybody who listens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The data changed: readers ask again.
    DataVersion {
        /// New version.
        version: u64,
    },
    /// A job moved on.
    Job {
        /// Key, as text.
        id: String,
        /// Kind.
        kind: String,
        /// waiting, running, done, failed, cancelled.
        state: String,
        /// What it is doing.
        stage: String,
        /// Done so far.
        done: u64,
        /// Of how many; 0 if unknown.
        total: u64,
    },
}

/// The open program: everything the doors talk to.
pub struct App {
    store: Store,
    options: Options,
    keys: Keys,
    clock: Clock,
    events: broadcast::Sender<Event>,
    hashing: Semaphore,
    throttle: access::Throttle,
    decoy: String,
    long_writes: AtomicUsize,
    turns: Arc<tokio::sync::Mutex<()>>,
    alarm_turn: tokio::sync::Mutex<()>,
    hidden: (AtomicI64, AtomicI64),
    running: job::Running,
    lenses: lens::Lenses,
    runs: method_run::Runs,
    studies: site_study::Studies,
    synonyms: Synonyms,
    current: RwLock<Arc<Snapshot>>,
    view: RwLock<Option<Arc<CityView>>>,
    refreshing: tokio::sync::Mutex<()>,
    /// What tells this process from others on the same data.
    writer: String,
    pending: pending::Pending,
    rides: duty_rides::KeptRides,
    case_day: case_clock::CaseDay,
    prepared: case_evaluate::Held,
    catalogue: RwLock<Arc<Catalogue>>,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Database file in the data folder.
const FILE: &str = "zhilu.sqlite";

impl App {
    /// Opens the data folder (made if absent), the database and the keys.
    ///
    /// # Errors
    /// [`Error::Refused`] with a sentence: a newer database, a bad or changed key, a folder that cannot be written.
    pub async fn open(options: Options) -> Result<Arc<Self>> {
        fs::create_dir_all(&options.data)?;
        let store = match &options.database_url {
            Some(url) => Store::open_postgres(url).await?,
            None => Store::open_sqlite(&options.data.join(FILE)).await?,
        };
        let keys = Keys::open(&options.data, options.key.as_deref())?;
        let (events, _) = broadcast::channel(1024);
        let mut app = Self {
            clock: options
                .clock
                .clone()
                .unwrap_or_else(|| Arc::new(machine_clock)),
            store,
            options,
            keys,
            events,
            hashing: Semaphore::new(2),
            throttle: access::Throttle::default(),
            decoy: String::new(),
            long_writes: AtomicUsize::new(0),
            turns: Arc::default(),
            alarm_turn: tokio::sync::Mutex::default(),
            hidden: (AtomicI64::new(0), AtomicI64::new(-1)),
            running: job::Running::default(),
            lenses: lens::Lenses::default(),
            runs: method_run::Runs::default(),
            studies: site_study::Studies::default(),
            synonyms: Synonyms::built_in(),
            current: RwLock::new(Arc::new(Snapshot::empty())),
            view: RwLock::new(None),
            refreshing: tokio::sync::Mutex::new(()),
            writer: access::random_hex()?,
            pending: pending::Pending::default(),
            rides: duty_rides::KeptRides::default(),
            case_day: case_clock::CaseDay::default(),
            prepared: case_evaluate::Held::default(),
            catalogue: RwLock::new(Arc::new(case::shipped()?)),
        };
        // Checked when the name is unknown, so that a wrong name costs the same time as a wrong password.
        app.decoy = app.hash_password(&access::random_hex()?).await?;
        app.load_city().await?;
        app.settle_batches().await?;
        app.reload().await?;
        app.load_case_day().await?;
        Ok(Arc::new(app))
    }

    /// The time as the use cases see it.
    #[must_use]
    pub fn now(&self) -> UtcMs {
        (self.clock)()
    }

    /// What this installation was opened with.
    #[must_use]
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Name of the database engine.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        self.store.engine()
    }

    /// A stream of events from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// Tells everybody who listens; nobody listening is fine.
    pub(crate) fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Whether a long write (an import) holds the writer; small notes wait for another occasion.
    fn writing(&self) -> bool {
        self.long_writes.load(Ordering::Relaxed) > 0
    }

    /// Closes the database; the last thing before the program ends.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

/// A clock that runs with the machine's and stands at a minute of its civil day now, for shows held at another hour than the
/// one they show.
#[must_use]
pub fn clock_from(minute: i64) -> Clock {
    let now = machine_clock();
    let moved = UtcMs::of_civil(Day(now.civil_day()), minute * 60_000).0 - now.0;
    Arc::new(move || UtcMs(machine_clock().0.saturating_add(moved)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the use cases read the machine's clock"
)]
fn machine_clock() -> UtcMs {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    UtcMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
