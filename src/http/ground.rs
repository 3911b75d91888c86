//! What does the base map stand on: the operator's file, or the map drawn from the imported city, built once per city.

use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::app::{BasemapFile, CityView, Snapshot};
use crate::tile::basemap::Basemap;

/// The base map drawn from a city.
#[derive(Clone)]
pub(super) struct Drawn {
    city: Arc<CityView>,
    /// Differs when the city was imported anew.
    pub(super) version: u64,
    /// The map.
    pub(super) map: Arc<Basemap>,
}

/// The base map of the server.
#[derive(Default)]
pub(super) struct Ground {
    /// The operator's file, if there is one.
    pub(super) file: Option<BasemapFile>,
    drawn: Mutex<Option<Drawn>>,
}

impl Ground {
    /// With an operator's file.
    pub(super) fn new(file: Option<BasemapFile>) -> Self {
        Self {
            file,
            drawn: Mutex::default(),
        }
    }

    /// The map of the current city; a tenth of a second on first use per hundred thousand vertices, then a clone of a pointer.
    pub(super) fn drawn(&self, snapshot: &Snapshot) -> Option<Drawn> {
        let city = snapshot.city.as_ref()?;
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = drawn.as_ref().filter(|d| Arc::ptr_eq(&d.city, city)) {
            return Some(known.clone());
        }
        let fresh = Drawn {
            city: Arc::clone(city),
            version: version(city),
            map: Arc::new(Basemap::build(&city.city.map)),
        };
        *drawn = Some(fresh.clone());
        Some(fresh)
    }

    /// Version of what is drawn: file before city; 0 without either.
    pub(super) fn version(&self, snapshot: &Snapshot) -> u64 {
        match &self.file {
            Some(file) => file.version,
            None => self.drawn(snapshot).map_or(0, |d| d.version),
        }
    }
}

/// 53 bits of the hash of what the city was made from, so that a page can hold it as a number.
fn version(city: &CityView) -> u64 {
    let meta = serde_json::to_vec(&city.city.meta).unwrap_or_default();
    let digest = Sha256::digest(&meta);
    digest
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| n << 8 | u64::from(*byte))
        >> 11
}
