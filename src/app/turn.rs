//! Whose turn is it to write for long, and how do short writes get theirs in between?
//!
//! One long write at a time: commits, undos, relocations, rebuilds and surveys wait for each other, in this process by a
//! mutex, between processes on one data folder by a locked file. An SQLite file has one writer, so a long commit hands the
//! writer over after some thousand rows; what it wrote by then belongs to a batch in state `committing`, which the index
//! does not show and which is swept away if the commit does not come to its end.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::OwnedMutexGuard;

use crate::app::App;
use crate::app::error::{Error, Result};
use crate::store::{Store, Tx};

/// The turn of one long write; over when dropped.
pub(super) struct Turn {
    /// Held, never read.
    _here: OwnedMutexGuard<()>,
    /// Held, never read; the system lets go of it even when the program is killed.
    _elsewhere: Option<File>,
}

const FILE: &str = "commit.lock";

fn open(folder: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(folder.join(FILE))
}

/// Whether another process is in the middle of a long write on this folder.
pub(super) fn taken_elsewhere(folder: &Path) -> io::Result<bool> {
    match open(folder)?.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(e)) => Err(e),
    }
}

impl App {
    /// Waits for the turn to write for long.
    pub(super) async fn turn(&self) -> Result<Turn> {
        let here = Arc::clone(&self.turns).lock_owned().await;
        let elsewhere = match self.store {
            Store::Postgres(_) => None,
            Store::Sqlite { .. } => {
                let file = open(&self.options.data)?;
                let waiting = tokio::task::spawn_blocking(move || file.lock().map(|()| file));
                let held = waiting.await.map_err(|e| Error::Internal(e.to_string()))?;
                Some(held?)
            }
        };
        Ok(Turn {
            _here: here,
            _elsewhere: elsewhere,
        })
    }

    /// Lets short writes in between: what was written so far lasts, the rest goes into the next transaction. A server keeps
    /// one transaction, because there nobody waits.
    pub(super) async fn hand_over(&self, tx: Tx) -> Result<Tx> {
        if matches!(self.store, Store::Postgres(_)) {
            return Ok(tx);
        }
        tx.commit().await?;
        Ok(self.store.write().await?)
    }

    /// Says which tickets of a batch that is being committed must not be seen yet; `None` = all may be seen.
    pub(super) fn hide(&self, keys: Option<(i64, i64)>) {
        let (first, last) = keys.unwrap_or((0, -1));
        self.hidden.0.store(first, Ordering::Release);
        self.hidden.1.store(last, Ordering::Release);
    }

    /// Whether a ticket belongs to a batch that is being committed.
    pub(super) fn is_hidden(&self, ticket: i64) -> bool {
        let first = self.hidden.0.load(Ordering::Acquire);
        (first..=self.hidden.1.load(Ordering::Acquire)).contains(&ticket)
    }
}
