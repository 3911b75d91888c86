//! What can go wrong between the program and its database?

use sqlx::migrate::MigrateError;

/// A failure of the store; each says what the operator can do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database was written by a newer program.
    #[error(
        "the database has migration {found}, this program knows up to {known}: start the newer zhilu that wrote it, or give another --data folder"
    )]
    Newer {
        /// Version found in the database.
        found: i64,
        /// Newest version this program knows.
        known: i64,
    },
    /// A migration in the database differs from the one of this program.
    #[error(
        "migration {0} of the database differs from this program's: it was written by a changed build; use the build that wrote it, or export and import into a new folder"
    )]
    Changed(i64),
    /// Another writer holds the database longer than the timeout.
    #[error("the database is busy with a long write: try again in a moment")]
    Busy,
    /// The disk is full.
    #[error(
        "the disk is full: make room in the data folder and try again; nothing of this change was kept"
    )]
    Full,
    /// The folder or file cannot be written.
    #[error(
        "the database cannot be opened or written at {0}: check that the folder exists and belongs to this user"
    )]
    Unwritable(String),
    /// A row holds what this program cannot read.
    #[error("{table} row {row}: {what}")]
    Corrupt {
        /// Table name.
        table: &'static str,
        /// Row key.
        row: i64,
        /// What does not parse.
        what: String,
    },
    /// A unique key was taken in between.
    #[error("somebody else wrote the same key: read again and repeat")]
    Taken,
    /// Anything else the driver says.
    #[error("database: {0}")]
    Driver(sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if let sqlx::Error::PoolTimedOut = error {
            return Self::Busy;
        }
        let Some(db) = error.as_database_error() else {
            return Self::Driver(error);
        };
        if db.is_unique_violation() {
            return Self::Taken;
        }
        match db.code().as_deref() {
            // SQLite's busy, locked and their extended codes.
            Some("5" | "6" | "261" | "262" | "517" | "773") => Self::Busy,
            // SQLITE_FULL, PostgreSQL disk_full.
            Some("13" | "53100") => Self::Full,
            // SQLITE_READONLY, SQLITE_CANTOPEN.
            Some("8" | "14" | "1032" | "1288" | "1544") => {
                Self::Unwritable(db.message().to_owned())
            }
            _ => Self::Driver(error),
        }
    }
}

/// Names a migration failure with the newest known version.
pub(super) fn of_migration(error: MigrateError, known: i64) -> Error {
    match error {
        MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) => {
            Error::Newer { found, known }
        }
        MigrateError::VersionMismatch(version) => Error::Changed(version),
        MigrateError::Execute(e) | MigrateError::ExecuteMigration(e, _) => e.into(),
        other => Error::Driver(sqlx::Error::Migrate(Box::new(other))),
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, query};

    use super::Error;
    use crate::store::{Store, Tx};

    #[tokio::test]
    async fn a_full_disk_has_its_own_sentence() {
        let options = SqliteConnectOptions::from_str("sqlite::memory:").unwrap();
        let mut c = options.connect().await.unwrap();
        query("create table t (x blob)")
            .execute(&mut c)
            .await
            .unwrap();
        // SQLite answers a file that may not grow as it answers a disk that is full.
        query("pragma max_page_count = 4")
            .execute(&mut c)
            .await
            .unwrap();
        let full = query("insert into t values (zeroblob(1000000))")
            .execute(&mut c)
            .await
            .unwrap_err();
        let error = Error::from(full);
        assert!(matches!(error, Error::Full), "{error:?}");
        assert!(error.to_string().contains("make room"));
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_with_both_versions() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("zhilu.sqlite");
        let store = Store::open_sqlite(&file).await.unwrap();
        let Tx::Sqlite(mut tx) = store.write().await.unwrap() else {
            panic!("a file is SQLite");
        };
        query(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
             values (9999, 'later', 1, x'00', 0)",
        )
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        store.close().await;
        let error = Store::open_sqlite(&file).await.unwrap_err();
        assert!(
            matches!(error, Error::Newer { found: 9999, .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("newer zhilu"));
    }
}
