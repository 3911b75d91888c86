//! Which secret seals the personal fields of this installation?

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::app::error::{Error, Result};
use crate::ticket::petitioner;
use crate::ticket::seal::SealKey;

/// The keys of one installation, all derived from one secret of 32 bytes.
#[derive(Clone)]
pub struct Keys {
    /// Seals personal fields.
    pub(crate) seal: SealKey,
    /// Keys the petitioner hash.
    pub(crate) petitioner: petitioner::Key,
    /// Seals staged files.
    pub(crate) stage: [u8; 32],
    mark: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

/// Name of the key file in the data folder.
const FILE: &str = "zhilu.key";

impl Keys {
    /// The keys from 64 hexadecimal digits, or from the key file of the folder, which is made (0600) if absent.
    pub fn open(folder: &Path, given: Option<&str>) -> Result<Self> {
        let secret = match given {
            Some(hex) => read_hex(hex).ok_or_else(|| {
                Error::refused("bad_key", "ZHILU_KEY must be 64 hexadecimal digits: print them with `openssl rand -hex 32`")
            })?,
            None => from_file(&folder.join(FILE))?,
        };
        Ok(Self {
            seal: SealKey::from_master(&secret),
            petitioner: petitioner::Key::from_master(&secret),
            stage: petitioner::derive(&secret, b"zhilu staged files v1"),
            mark: crate::store::hex(&petitioner::derive(&secret, b"zhilu key mark v1")[..8]),
        })
    }

    /// A short public mark of the secret: the database remembers it, so that a lost or changed key is noticed at once.
    #[must_use]
    pub fn mark(&self) -> &str {
        &self.mark
    }
}

fn read_hex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .trim()
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|d| d[0] * 16 + d[1]).collect();
    (digits.len() == 64).then_some(())?;
    bytes.try_into().ok()
}

fn from_file(file: &Path) -> Result<[u8; 32]> {
    if file.exists() {
        let text = fs::read_to_string(file)?;
        return read_hex(&text).ok_or_else(|| {
            Error::refused(
                "bad_key",
                format!(
                    "{} must hold 64 hexadecimal digits: put the right file back from the backup",
                    file.display()
                ),
            )
        });
    }
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret).map_err(|e| Error::Internal(e.to_string()))?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut out = options.open(file)?;
    writeln!(out, "{}", crate::store::hex(&secret))?;
    out.sync_all()?;
    Ok(secret)
}
