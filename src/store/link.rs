//! How does one SQL text run on two engines?

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Sqlite, SqlitePool, Transaction,
};

use crate::store::error::{Error, of_migration};
use crate::store::migrate::{Engine, migrator, newest};

/// An open database. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Store {
    /// A file: one writer connection, several readers (WAL).
    Sqlite {
        /// The only connection that writes.
        writer: SqlitePool,
        /// Connections that only read.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// One transaction; dropped without [`Tx::commit`] it leaves no trace.
#[derive(Debug)]
pub enum Tx {
    /// On a file.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a server.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs the same expression on the connection of either engine: `on!(tx, c => sqlx::query("…").execute(c).await)`.
macro_rules! on {
    ($tx:expr, $c:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}
pub(super) use on;

/// How long a write waits for the writer before it says busy.
const WAIT: Duration = Duration::from_secs(20);

impl Store {
    /// Opens (and creates) the SQLite file and brings its tables to this version.
    pub async fn open_sqlite(file: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(WAIT)
            .pragma("temp_store", "memory")
            .pragma("mmap_size", "268435456");
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.clone().pragma("cache_size", "-65536"))
            .await
            .map_err(|e| at_path(e, file))?;
        migrator(Engine::Sqlite)
            .run(&writer)
            .await
            .map_err(|e| of_migration(e, newest()))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(8)
            .acquire_timeout(WAIT)
            .connect_with(options.read_only(true).create_if_missing(false))
            .await
            .map_err(|e| at_path(e, file))?;
        Ok(Self::Sqlite { writer, readers })
    }

    /// Connects to a PostgreSQL server (`postgres://…`) and brings its tables to this version.
    pub async fn open_postgres(url: &str) -> Result<Self, Error> {
        let options: PgConnectOptions = url.parse().map_err(Error::from)?;
        let pool = PgPoolOptions::new()
            .max_connections(10)
            .acquire_timeout(WAIT)
            .connect_with(options)
            .await?;
        migrator(Engine::Postgres)
            .run(&pool)
            .await
            .map_err(|e| of_migration(e, newest()))?;
        Ok(Self::Postgres(pool))
    }

    /// Makes a schema on a server, for tests and for several installations on one server; the name must be plain letters and digits.
    pub async fn make_schema(server: &str, name: &str) -> Result<(), Error> {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !plain {
            return Err(Error::Driver(sqlx::Error::Configuration(
                format!("{name:?} is no schema name: letters, digits and _ only").into(),
            )));
        }
        let mut connection = PgConnection::connect(server).await?;
        let sql = AssertSqlSafe(format!("create schema {name}"));
        sqlx::query(sql).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Name of the engine for people: `SQLite`, `PostgreSQL`.
    #[must_use]
    pub const fn engine(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// Starts a transaction that reads one state of the data.
    pub async fn read(&self) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => Tx::Postgres(
                pool.begin_with("begin isolation level repeatable read")
                    .await?,
            ),
        })
    }

    /// Starts a transaction that writes; waits for the writer, then says busy.
    pub async fn write(&self) -> Result<Tx, Error> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Tx::Sqlite(writer.begin_with("begin immediate").await?),
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Closes all connections; the last one folds the log into the file.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything written so far last.
    pub async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

fn at_path(error: sqlx::Error, file: &Path) -> Error {
    match Error::from(error) {
        Error::Unwritable(_) => Error::Unwritable(file.display().to_string()),
        other => other,
    }
}

/// Takes `count` fresh ids of a kind; returns the first. Ids are never given twice, gaps are allowed.
pub async fn take_ids(tx: &mut Tx, kind: &'static str, count: i64) -> Result<i64, Error> {
    const SQL: &str = "insert into counter (name, value) values ($1, $2) \
        on conflict (name) do update set value = counter.value + excluded.value returning value";
    let (last,): (i64,) =
        on!(tx, c => sqlx::query_as(SQL).bind(kind).bind(count).fetch_one(c).await)?;
    Ok(last - count + 1)
}
