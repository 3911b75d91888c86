//! On which databases is the store tested: always SQLite, and PostgreSQL when a server is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;
use zhilu::app::{App, Options};
use zhilu::calendar::UtcMs;
use zhilu::store::{Store, Tx};

/// One database to test on; the folder lives as long as the value.
pub(crate) struct Ground {
    /// The open store.
    pub(crate) store: Store,
    /// Its address, for use cases that open it themselves.
    pub(crate) url: Option<String>,
    folder: TempDir,
}

impl Ground {
    /// Path of the data folder.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A read transaction.
    pub(crate) async fn read(&self) -> Tx {
        self.store.read().await.unwrap()
    }

    /// An open program on this database whose clock is moved by hand.
    pub(crate) async fn app(&self) -> (Arc<App>, Hand) {
        let hand = Hand::default();
        let read = hand.clone();
        let app = App::open(Options {
            database_url: self.url.clone(),
            key: Some("11".repeat(32)),
            clock: Some(Arc::new(move || read.now())),
            ..Options::new(self.path())
        })
        .await
        .unwrap();
        (app, hand)
    }
}

/// A clock moved by hand; starts on 2026-03-02 09:00 +08:00.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicI64>);

impl Default for Hand {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(1_772_413_200_000)))
    }
}

impl Hand {
    /// What it shows.
    pub(crate) fn now(&self) -> UtcMs {
        UtcMs(self.0.load(Ordering::Relaxed))
    }

    /// Moves the clock forward.
    pub(crate) fn forward(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// Every database the test must hold on: a fresh SQLite file, and a fresh schema of the named PostgreSQL server.
pub(crate) async fn grounds() -> Vec<Ground> {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open_sqlite(&folder.path().join("zhilu.sqlite"))
        .await
        .unwrap();
    let mut list = vec![Ground {
        store,
        url: None,
        folder,
    }];
    match std::env::var("ZHILU_TEST_POSTGRES") {
        Ok(server) => list.push(postgres(&server).await),
        Err(_) => {
            assert!(
                std::env::var_os("CI").is_none(),
                "no PostgreSQL server: set ZHILU_TEST_POSTGRES to its postgres:// address"
            );
            println!("no PostgreSQL server named (ZHILU_TEST_POSTGRES): tested on SQLite only");
        }
    }
    list
}

async fn postgres(server: &str) -> Ground {
    static NEXT: AtomicI64 = AtomicI64::new(0);
    let schema = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    Store::make_schema(server, &schema).await.unwrap();
    let join = if server.contains('?') { '&' } else { '?' };
    let url = format!("{server}{join}options=-c%20search_path%3D{schema}");
    let store = Store::open_postgres(&url).await.unwrap();
    Ground {
        store,
        url: Some(url),
        folder: tempfile::tempdir().unwrap(),
    }
}
