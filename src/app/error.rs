//! What can a caller do about a use case that did not work?

use crate::store;

/// An outcome that is not the asked one, by what the caller can do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing, or none that this person may see.
    #[error("not found")]
    NotFound,
    /// Nobody is logged in, or name and password do not fit.
    #[error("login needed: {0}")]
    Unauthorized(&'static str),
    /// A value is wrong.
    #[error("{field}: {why}")]
    Invalid {
        /// Field of the request.
        field: &'static str,
        /// What is wrong and what would be right.
        why: String,
    },
    /// The role has not got the right.
    #[error("this role has not got the right")]
    Forbidden,
    /// The row moved on.
    #[error("changed in between: version is now {version}")]
    Conflict {
        /// Current version.
        version: i64,
    },
    /// The state of things does not allow it; a value for people, not a failure of the program.
    #[error("{code}: {why}")]
    Refused {
        /// Stable English code.
        code: &'static str,
        /// Why, and the cure.
        why: String,
    },
    /// Too much at once; worth a retry.
    #[error("busy: try again in a moment")]
    Busy,
    /// The program or its surroundings failed; the text is for the log, never for the client.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// A refusal.
    pub fn refused(code: &'static str, why: impl Into<String>) -> Self {
        Self::Refused {
            code,
            why: why.into(),
        }
    }

    /// A wrong value.
    pub fn invalid(field: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            why: why.into(),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Busy => Self::Busy,
            store::Error::Taken => Self::refused(
                "taken",
                "somebody else wrote the same key: read again and repeat",
            ),
            store::Error::Full => Self::refused("disk_full", error.to_string()),
            store::Error::Newer { .. } => Self::refused("newer_database", error.to_string()),
            store::Error::Changed(_) => Self::refused("changed_database", error.to_string()),
            store::Error::Unwritable(_) => Self::refused("unwritable", error.to_string()),
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Self::refused(
                "disk_full",
                "the disk is full: make room in the data folder and try again",
            ),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Self::refused(
                "unwritable",
                format!("a file in the data folder cannot be read or written: {error}"),
            ),
            _ => Self::Internal(error.to_string()),
        }
    }
}

/// Short form of the use cases.
pub type Result<T> = std::result::Result<T, Error>;
