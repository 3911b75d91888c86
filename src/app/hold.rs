//! Is what the database calls running really being worked on, in this process or in another one on the same data folder?
//!
//! Who works on a batch or a job holds a locked file of that name; the system lets go of it even when the program is killed.
//! A program that starts beside a working one therefore fails only what nobody holds.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// What may be held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    /// A batch that is being read.
    Batch,
    /// A running job.
    Job,
}

/// A hold; over when dropped.
#[derive(Debug)]
pub(super) struct Hold {
    path: PathBuf,
    /// Held, never read.
    _file: File,
}

impl Drop for Hold {
    fn drop(&mut self) {
        // Best effort: an empty file that stays is held by nobody.
        let _ = fs::remove_file(&self.path);
    }
}

fn path(folder: &Path, what: Held, id: i64) -> PathBuf {
    let kind = match what {
        Held::Batch => "batch",
        Held::Job => "job",
    };
    folder.join("held").join(format!("{kind}-{id}.lock"))
}

/// Takes hold of a batch or a job.
pub(super) fn hold(folder: &Path, what: Held, id: i64) -> io::Result<Hold> {
    let path = path(folder, what, id);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let file = File::create(&path)?;
    file.lock()?;
    Ok(Hold { path, _file: file })
}

/// Whether somebody holds a batch or a job.
pub(super) fn is_held(folder: &Path, what: Held, id: i64) -> bool {
    let Ok(file) = File::options().write(true).open(path(folder, what, id)) else {
        return false;
    };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

#[cfg(test)]
mod tests {
    use super::{Held, hold, is_held};

    #[test]
    fn a_hold_lasts_as_long_as_its_owner() {
        let folder = std::env::temp_dir().join(format!("zhilu-hold-{}", std::process::id()));
        let own = hold(&folder, Held::Batch, 7).unwrap();
        assert!(is_held(&folder, Held::Batch, 7));
        assert!(!is_held(&folder, Held::Batch, 8) && !is_held(&folder, Held::Job, 7));
        drop(own);
        assert!(!is_held(&folder, Held::Batch, 7));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
