//! Which tickets does a filter pick, and how many of them stand at each site: remembered for the tiles of one view?

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::app::Snapshot;
use crate::http::site::{Sums, sums};
use crate::index::{Filter, Selection};

/// What a filter picks of one state of the data.
pub(super) struct Picked {
    /// The tickets.
    pub(super) selection: Selection,
    sites: OnceLock<BTreeMap<i64, Sums>>,
}

impl Picked {
    /// Tickets and voices of each site, counted when first asked for: the same sums as on the list.
    pub(super) fn sites(&self, snapshot: &Snapshot) -> &BTreeMap<i64, Sums> {
        self.sites.get_or_init(|| sums(snapshot, &self.selection))
    }
}

/// The picks of the last few filters, so that the tiles of one view select once.
#[derive(Default)]
pub(super) struct Picks(Mutex<Vec<(u64, String, Arc<Picked>)>>);

impl Picks {
    /// Filters remembered; a selection of a million tickets takes 125 kB.
    const ROOM: usize = 16;

    /// What a filter picks, remembered under its words.
    pub(super) fn get(&self, snapshot: &Snapshot, words: &str, filter: &Filter) -> Arc<Picked> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = |list: &[(u64, String, Arc<Picked>)]| {
            let fits =
                |(v, w, _): &&(u64, String, Arc<Picked>)| *v == snapshot.version && w == words;
            list.iter().find(fits).map(|(.., p)| Arc::clone(p))
        };
        if let Some(picked) = found(&lock()) {
            return picked;
        }
        let picked = Arc::new(Picked {
            selection: snapshot.index.select(filter),
            sites: OnceLock::new(),
        });
        let mut list = lock();
        list.retain(|(v, ..)| *v == snapshot.version);
        if list.len() >= Self::ROOM {
            list.remove(0);
        }
        list.push((snapshot.version, words.to_owned(), Arc::clone(&picked)));
        picked
    }
}
