//! How is a personal field kept so that only this installation can read it?

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use thiserror::Error;

use crate::ticket::petitioner::derive;

/// Length of the nonce in bytes; every sealing needs a fresh random one.
pub const NONCE_BYTES: usize = 12;

/// The sealing key, derived from the installation's secret.
#[derive(Clone)]
pub struct SealKey(ChaCha20Poly1305);

impl SealKey {
    /// Derives the key from the installation's 32 secret bytes.
    #[must_use]
    pub fn from_master(master: &[u8; 32]) -> Self {
        let key = derive(master, b"zhilu sealing key v1");
        Self(ChaCha20Poly1305::new((&key).into()))
    }
}

/// Never prints the key.
impl std::fmt::Debug for SealKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(…)")
    }
}

/// The sealed bytes were changed, cut, moved to another row, or sealed by another installation's key.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error(
    "a sealed field does not open with this key; check that the key file belongs to this data folder"
)]
pub struct BadSeal;

/// Seals bytes (RFC 8439): nonce, then ciphertext with tag. `about` binds the seal to its row and field, e.g. `ticket 17 phone`.
///
/// `nonce` must be random and fresh; 96 random bits are safe for 2^32 fields under one key.
///
/// # Panics
/// Only beyond 256 GiB of text, which no field has.
#[must_use]
pub fn seal(key: &SealKey, nonce: [u8; NONCE_BYTES], plain: &[u8], about: &[u8]) -> Vec<u8> {
    let sealed = key
        .0
        .encrypt(
            &Nonce::from(nonce),
            Payload {
                msg: plain,
                aad: about,
            },
        )
        .expect("ChaCha20-Poly1305 fails only beyond 256 GiB");
    nonce.into_iter().chain(sealed).collect()
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`BadSeal`] if key, bytes or `about` differ.
pub fn open(key: &SealKey, sealed: &[u8], about: &[u8]) -> Result<Vec<u8>, BadSeal> {
    let (nonce, message) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(BadSeal)?;
    key.0
        .decrypt(
            &Nonce::from(*nonce),
            Payload {
                msg: message,
                aad: about,
            },
        )
        .map_err(|_opaque| BadSeal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_only_with_its_key_at_its_place() {
        let key = SealKey::from_master(&[1; 32]);
        let sealed = seal(&key, [9; 12], "13800138000".as_bytes(), b"ticket 1 phone");
        assert_eq!(
            open(&key, &sealed, b"ticket 1 phone").unwrap(),
            b"13800138000"
        );
        assert_eq!(open(&key, &sealed, b"ticket 2 phone"), Err(BadSeal));
        assert_eq!(
            open(&SealKey::from_master(&[2; 32]), &sealed, b"ticket 1 phone"),
            Err(BadSeal)
        );
        assert_eq!(open(&key, b"short", b""), Err(BadSeal));
    }
}
