//! Which tiles are ready: a bounded memory of finished tiles, built once however many ask at the same time.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use crate::http::problem::Problem;

/// What makes two tile requests the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TileKey {
    /// Layer.
    pub(super) layer: &'static str,
    /// Zoom, column, row.
    pub(super) at: (u8, u32, u32),
    /// Canonical filter and further words (scope of the person, metric).
    pub(super) words: String,
    /// Version of the data.
    pub(super) version: u64,
}

/// A finished tile: gzip bytes, or nothing to show.
pub(super) type Tile = Option<Bytes>;

/// Bookkeeping bytes of an entry beside its tile.
const ENTRY: usize = 200;

#[derive(Default)]
struct Shelf {
    entries: BTreeMap<TileKey, (u64, Tile)>,
    by_age: BTreeMap<u64, TileKey>,
    tick: u64,
    bytes: usize,
}

/// The memory of finished tiles.
#[derive(Clone)]
pub(super) struct Tiles(Arc<Memory>);

struct Memory {
    shelf: Mutex<Shelf>,
    flights: Mutex<BTreeMap<TileKey, Arc<OnceCell<Tile>>>>,
    room: usize,
}

impl Shelf {
    fn take(&mut self, key: &TileKey) -> Option<Tile> {
        self.tick += 1;
        let tick = self.tick;
        let (age, tile) = self.entries.get_mut(key)?;
        let tile = tile.clone();
        let old = std::mem::replace(age, tick);
        self.by_age.remove(&old);
        self.by_age.insert(tick, key.clone());
        Some(tile)
    }

    fn put(&mut self, key: TileKey, tile: Tile, room: usize) {
        let size = size(&key, &tile);
        if size > room || self.entries.contains_key(&key) {
            return;
        }
        while self.bytes + size > room {
            let Some((_, oldest)) = self.by_age.pop_first() else {
                break;
            };
            if let Some((_, gone)) = self.entries.remove(&oldest) {
                self.bytes -= self::size(&oldest, &gone);
            }
        }
        self.tick += 1;
        self.bytes += size;
        self.by_age.insert(self.tick, key.clone());
        self.entries.insert(key, (self.tick, tile));
    }
}

fn size(key: &TileKey, tile: &Tile) -> usize {
    ENTRY + 2 * key.words.len() + tile.as_ref().map_or(0, Bytes::len)
}

impl Tiles {
    /// An empty memory of `room` bytes; 0 remembers nothing.
    pub(super) fn new(room: usize) -> Self {
        Self(Arc::new(Memory {
            shelf: Mutex::default(),
            flights: Mutex::default(),
            room,
        }))
    }

    /// Bytes in use.
    pub(super) fn size(&self) -> usize {
        self.0
            .shelf
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
    }

    /// A finished tile, if it is there.
    pub(super) fn get(&self, key: &TileKey) -> Option<Tile> {
        self.0.take(key)
    }

    /// The tile, built by `make` if nobody has it; equal requests at the same time wait for the one that builds. When who asked goes
    /// away (the map moved on) it is finished all the same: the work cannot be stopped half way, so its result is kept.
    pub(super) async fn build<F, W>(&self, key: TileKey, make: F) -> Result<Tile, Problem>
    where
        F: FnOnce() -> W + Send + 'static,
        W: Future<Output = Result<Tile, Problem>> + Send + 'static,
    {
        let memory = Arc::clone(&self.0);
        let work = tokio::spawn(async move { memory.build(key, make).await });
        work.await.map_err(|e| Problem::internal(e.to_string()))?
    }
}

impl Memory {
    async fn build<F, W>(&self, key: TileKey, make: F) -> Result<Tile, Problem>
    where
        F: FnOnce() -> W,
        W: Future<Output = Result<Tile, Problem>>,
    {
        let cell = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            // It may have been finished since the caller looked: a tile is on the shelf before its flight ends.
            if let (false, Some(tile)) = (flights.contains_key(&key), self.take(&key)) {
                return Ok(tile);
            }
            Arc::clone(flights.entry(key.clone()).or_default())
        };
        let made = cell.get_or_try_init(make).await.cloned();
        if let Ok(tile) = &made {
            let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
            shelf.put(key.clone(), tile.clone(), self.room);
        }
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.get(&key).is_some_and(|c| Arc::ptr_eq(c, &cell)) {
            flights.remove(&key);
        }
        made
    }

    fn take(&self, key: &TileKey) -> Option<Tile> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.take(key)
    }
}

#[cfg(test)]
mod tests {
    use super::{ENTRY, TileKey, Tiles};
    use axum::body::Bytes;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use tokio::sync::oneshot;

    fn key(x: u32) -> TileKey {
        TileKey {
            layer: "hex",
            at: (1, x, 0),
            words: String::new(),
            version: 1,
        }
    }

    #[tokio::test]
    async fn twenty_equal_requests_build_once() {
        let tiles = Tiles::new(1 << 20);
        let built = Arc::new(AtomicU32::new(0));
        let ask = || {
            let built = Arc::clone(&built);
            tiles.build(key(1), move || async move {
                built.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(Some(Bytes::from_static(b"x")))
            })
        };
        let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
        assert!([a, b, c, d].iter().all(|t| t.as_ref().unwrap().is_some()));
        assert_eq!(built.load(Ordering::Relaxed), 1);
        assert!(tiles.get(&key(1)).is_some());
    }

    #[tokio::test]
    async fn a_tile_whose_asker_went_away_is_there_for_the_next_one() {
        let tiles = Tiles::new(1 << 20);
        let (go, wait) = oneshot::channel::<()>();
        let (begins, begun) = oneshot::channel::<()>();
        let asker = tokio::spawn({
            let tiles = tiles.clone();
            async move {
                let make = || async move {
                    begins.send(()).unwrap();
                    let _ = wait.await;
                    Ok(Some(Bytes::from_static(b"x")))
                };
                tiles.build(key(1), make).await
            }
        });
        begun.await.unwrap();
        asker.abort();
        assert!(asker.await.unwrap_err().is_cancelled());
        go.send(()).unwrap();
        let again = tiles.build(key(1), || async { Ok(None) }).await;
        assert_eq!(again.unwrap(), Some(Bytes::from_static(b"x")));
    }

    #[tokio::test]
    async fn the_tile_unused_longest_makes_room() {
        let tiles = Tiles::new(2 * (ENTRY + 10));
        for x in [1, 2] {
            let made = tiles.build(key(x), || async { Ok(Some(Bytes::from(vec![0; 10]))) });
            made.await.unwrap();
        }
        assert!(tiles.get(&key(1)).is_some());
        let made = tiles.build(key(3), || async { Ok(Some(Bytes::from(vec![0; 10]))) });
        made.await.unwrap();
        assert!(tiles.get(&key(2)).is_none());
        assert!(tiles.get(&key(1)).is_some() && tiles.get(&key(3)).is_some());
        assert_eq!(tiles.size(), 2 * (ENTRY + 10));
    }
}
