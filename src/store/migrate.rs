//! Which tables does the database have, and how does an older one become today's?

use std::borrow::Cow;

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};

/// All migrations in order: version, name, text. Never edited after release.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "spine", include_str!("../../migrations/0001_spine.sql")),
    (2, "case", include_str!("../../migrations/0002_case.sql")),
    (3, "plan", include_str!("../../migrations/0003_plan.sql")),
    (4, "duty", include_str!("../../migrations/0004_duty.sql")),
    (5, "hot", include_str!("../../migrations/0005_hot.sql")),
    (6, "spine", include_str!("../../migrations/0006_spine.sql")),
    (8, "case", include_str!("../../migrations/0008_case.sql")),
    (
        12,
        "choose",
        include_str!("../../migrations/0012_choose.sql"),
    ),
    (13, "case", include_str!("../../migrations/0013_case.sql")),
];

/// The engine a migration is meant for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    /// SQLite 3.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Newest version this program knows.
pub(super) fn newest() -> i64 {
    MIGRATIONS.iter().map(|m| m.0).max().unwrap_or(0)
}

/// The embedded migrations for one engine.
pub(super) fn migrator(engine: Engine) -> Migrator {
    let list = MIGRATIONS
        .iter()
        .map(|(version, name, text)| {
            Migration::new(
                *version,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                AssertSqlSafe(for_engine(text, engine)).into_sql_str(),
                false,
            )
        })
        .collect();
    Migrator::with_migrations(list)
}

/// The two phrases that differ: SQLite's row id alias and its clustered tables.
fn for_engine(text: &str, engine: Engine) -> String {
    match engine {
        Engine::Sqlite => text
            .replace("bigint primary key", "integer primary key")
            .replace("/* clustered */", "without rowid"),
        Engine::Postgres => text.to_owned(),
    }
}
