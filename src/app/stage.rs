//! Where does an uploaded file rest, unreadable to others, until its batch is decided?
//!
//! A file is sealed in frames of 64 KiB (ChaCha20-Poly1305, one derived key per file, frame number as nonce, the last frame
//! marked), so that it can be read from anywhere without ever lying on the disk in clear.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::calendar::UtcMs;

const MAGIC: [u8; 4] = *b"ZLS1";
const SALT: usize = 16;
const HEAD: u64 = 20;
const FRAME: usize = 65_536;
const TAG: usize = 16;
const SEALED: u64 = 65_552;

/// Path of the staged file of a batch.
pub(super) fn path(folder: &Path, batch: i64) -> PathBuf {
    folder.join("staged").join(format!("{batch}.sealed"))
}

/// Removes staged files that nobody touched for so long; says how many. A file that cannot be read or removed stays.
pub(super) fn expire(folder: &Path, age: Duration, now: UtcMs) -> usize {
    let Ok(files) = fs::read_dir(folder.join("staged")) else {
        return 0;
    };
    let old = files.flatten().filter(|f| {
        let changed = f.metadata().and_then(|m| m.modified());
        let since = changed
            .ok()
            .and_then(|at| moment(now)?.duration_since(at).ok());
        since.is_some_and(|since| since > age)
    });
    old.filter(|f| fs::remove_file(f.path()).is_ok()).count()
}

/// An instant as the file system counts it; `None` before 1970.
fn moment(at: UtcMs) -> Option<SystemTime> {
    let ms = u64::try_from(at.0).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(ms))
}

fn cipher(key: &[u8; 32], salt: &[u8]) -> ChaCha20Poly1305 {
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(salt);
    let key: [u8; 32] = mac.finalize().into_bytes().into();
    ChaCha20Poly1305::new(&Key::from(key))
}

fn nonce(frame: u64) -> Nonce {
    let mut bytes = [0u8; 12];
    bytes[4..].copy_from_slice(&frame.to_be_bytes());
    Nonce::from(bytes)
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "the staged file was changed or belongs to another key: import the file again",
    )
}

/// Seals everything `input` holds into `file`; returns the bytes read. More than `limit` bytes are refused.
pub(super) fn seal(
    key: &[u8; 32],
    mut input: impl Read,
    file: &Path,
    limit: u64,
) -> io::Result<u64> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut salt = [0u8; SALT];
    getrandom::fill(&mut salt).map_err(io::Error::other)?;
    let cipher = cipher(key, &salt);
    let mut out = io::BufWriter::with_capacity(1 << 20, File::create(file)?);
    out.write_all(&MAGIC)?;
    out.write_all(&salt)?;
    let mut now = read_frame(&mut input)?;
    let (mut total, mut number) = (0u64, 0u64);
    loop {
        let next = if now.len() == FRAME {
            read_frame(&mut input)?
        } else {
            Vec::new()
        };
        total += now.len() as u64;
        if total > limit {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "larger than the limit of an import",
            ));
        }
        let last = next.is_empty();
        let frame = cipher
            .encrypt(
                &nonce(number),
                Payload {
                    msg: &now,
                    aad: &[u8::from(last)],
                },
            )
            .map_err(|_opaque| broken())?;
        out.write_all(&frame)?;
        if last {
            out.into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all()?;
            return Ok(total);
        }
        now = next;
        number += 1;
    }
}

fn read_frame(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut frame = Vec::with_capacity(FRAME);
    input.take(FRAME as u64).read_to_end(&mut frame)?;
    Ok(frame)
}

/// A staged file opened for reading from anywhere; holds one frame in clear.
pub(super) struct Staged {
    file: File,
    cipher: ChaCha20Poly1305,
    frames: u64,
    length: u64,
    at: u64,
    frame: Vec<u8>,
    held: Option<u64>,
}

impl Staged {
    /// Opens a staged file.
    pub(super) fn open(key: &[u8; 32], path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let mut head = [0u8; 20];
        file.read_exact(&mut head)?;
        let (magic, salt) = head.split_at(MAGIC.len());
        let sealed = file.metadata()?.len().saturating_sub(HEAD);
        let frames = sealed.div_ceil(SEALED);
        if magic != MAGIC || frames == 0 || sealed < frames * TAG as u64 {
            return Err(broken());
        }
        Ok(Self {
            cipher: cipher(key, salt),
            file,
            frames,
            length: sealed - frames * TAG as u64,
            at: 0,
            frame: Vec::new(),
            held: None,
        })
    }

    /// Bytes of the file in clear.
    pub(super) const fn len(&self) -> u64 {
        self.length
    }

    fn hold(&mut self, number: u64) -> io::Result<()> {
        if self.held == Some(number) {
            return Ok(());
        }
        self.file.seek(SeekFrom::Start(HEAD + number * SEALED))?;
        let mut sealed = Vec::with_capacity(FRAME + TAG);
        (&mut self.file).take(SEALED).read_to_end(&mut sealed)?;
        let last = number + 1 == self.frames;
        self.frame = self
            .cipher
            .decrypt(
                &nonce(number),
                Payload {
                    msg: &sealed,
                    aad: &[u8::from(last)],
                },
            )
            .map_err(|_opaque| broken())?;
        self.held = Some(number);
        Ok(())
    }
}

impl Read for Staged {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.length || out.is_empty() {
            return Ok(0);
        }
        self.hold(self.at / FRAME as u64)?;
        let within = usize::try_from(self.at % FRAME as u64).map_err(io::Error::other)?;
        let part = self.frame.get(within..).unwrap_or_default();
        let n = part.len().min(out.len());
        out[..n].copy_from_slice(&part[..n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Staged {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(n) => i128::from(n),
            SeekFrom::End(n) => i128::from(self.length) + i128::from(n),
            SeekFrom::Current(n) => i128::from(self.at) + i128::from(n),
        };
        self.at =
            u64::try_from(target).map_err(|e| io::Error::new(io::ErrorKind::InvalidInput, e))?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::{FRAME, Read, Seek, SeekFrom, Staged, fs, seal};

    fn round(bytes: &[u8]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sealed");
        assert_eq!(
            seal(&[7; 32], bytes, &path, 1 << 30).unwrap(),
            bytes.len() as u64
        );
        let mut back = Vec::new();
        Staged::open(&[7; 32], &path)
            .unwrap()
            .read_to_end(&mut back)
            .unwrap();
        back
    }

    #[test]
    fn what_was_sealed_reads_back_at_any_length() {
        for n in [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME, 200_001] {
            let bytes: Vec<u8> = (0..=250).cycle().take(n).collect();
            assert!(round(&bytes) == bytes, "{n} bytes");
        }
    }

    #[test]
    fn reading_from_the_middle_and_the_end_works() {
        let bytes: Vec<u8> = (0..=250).cycle().take(200_000).collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sealed");
        seal(&[7; 32], bytes.as_slice(), &path, 1 << 30).unwrap();
        let mut file = Staged::open(&[7; 32], &path).unwrap();
        file.seek(SeekFrom::End(-10)).unwrap();
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).unwrap();
        assert_eq!(tail, bytes[199_990..]);
        file.seek(SeekFrom::Start(65_530)).unwrap();
        let mut middle = [0u8; 20];
        file.read_exact(&mut middle).unwrap();
        assert_eq!(middle, bytes[65_530..65_550]);
    }

    #[test]
    fn a_cut_file_a_changed_byte_and_another_key_are_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.sealed");
        seal(&[7; 32], vec![1u8; 150_000].as_slice(), &path, 1 << 30).unwrap();
        let whole = fs::read(&path).unwrap();
        let read = |key: u8| {
            let mut out = Vec::new();
            Staged::open(&[key; 32], &path).and_then(|mut f| f.read_to_end(&mut out))
        };
        assert!(read(8).is_err(), "another key");
        let mut changed = whole.clone();
        changed[70_000] ^= 1;
        fs::write(&path, &changed).unwrap();
        assert!(read(7).is_err(), "a changed byte");
        fs::write(&path, &whole[..20 + 65_552]).unwrap();
        assert!(read(7).is_err(), "cut at a frame");
    }

    #[test]
    fn files_go_by_their_age() {
        let folder = tempfile::tempdir().unwrap();
        let file = super::path(folder.path(), 7);
        seal(&[7; 32], b"x".as_slice(), &file, 10).unwrap();
        let changed = fs::metadata(&file).unwrap().modified().unwrap();
        let since = changed
            .duration_since(super::SystemTime::UNIX_EPOCH)
            .unwrap();
        let now = i64::try_from(since.as_millis()).unwrap();
        let month = super::Duration::from_hours(30 * 24);
        let at = |days: i64| super::UtcMs(now + days * 86_400_000);
        assert_eq!(super::expire(folder.path(), month, at(0)), 0);
        assert_eq!(super::expire(folder.path(), month, at(31)), 1);
        assert!(!file.exists());
    }

    #[test]
    fn the_limit_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let answer = seal(
            &[7; 32],
            vec![1u8; 100].as_slice(),
            &folder.path().join("x"),
            99,
        );
        assert!(answer.is_err());
    }
}
