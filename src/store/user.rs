//! Who may log in, and who is logged in?

use crate::store::link::on;
use crate::store::{Error, Tx, take_ids};

/// A person's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Key.
    pub id: i64,
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub title: String,
    /// Role code.
    pub role: String,
    /// Unit, where the role is bound to one.
    pub unit: Option<String>,
    /// PHC string.
    pub password_hash: String,
    /// Password must be changed before anything else.
    pub must_change: bool,
    /// May log in.
    pub active: bool,
    /// Failed logins since the last success.
    pub failures: i64,
    /// No login before this instant.
    pub locked_until: Option<i64>,
    /// UTC milliseconds.
    pub created_at: i64,
    /// Row version for edits.
    pub version: i64,
}

type Fields = (
    i64,
    String,
    String,
    String,
    Option<String>,
    String,
    bool,
    bool,
    i64,
    Option<i64>,
    i64,
    i64,
);

fn user(f: Fields) -> User {
    User {
        id: f.0,
        name: f.1,
        title: f.2,
        role: f.3,
        unit: f.4,
        password_hash: f.5,
        must_change: f.6,
        active: f.7,
        failures: f.8,
        locked_until: f.9,
        created_at: f.10,
        version: f.11,
    }
}

/// The account of a login name.
pub async fn by_name(tx: &mut Tx, name: &str) -> Result<Option<User>, Error> {
    const SQL: &str = "select id, name, title, role, unit, password_hash, must_change, active, failures, \
        locked_until, created_at, version from app_user where name = $1";
    let found: Option<Fields> =
        on!(tx, c => sqlx::query_as(SQL).bind(name).fetch_optional(c).await)?;
    Ok(found.map(user))
}

/// The account of a key.
pub async fn by_id(tx: &mut Tx, id: i64) -> Result<Option<User>, Error> {
    const SQL: &str = "select id, name, title, role, unit, password_hash, must_change, active, failures, \
        locked_until, created_at, version from app_user where id = $1";
    let found: Option<Fields> = on!(tx, c => sqlx::query_as(SQL).bind(id).fetch_optional(c).await)?;
    Ok(found.map(user))
}

/// All accounts by name.
pub async fn all(tx: &mut Tx) -> Result<Vec<User>, Error> {
    const SQL: &str = "select id, name, title, role, unit, password_hash, must_change, active, failures, \
        locked_until, created_at, version from app_user order by name";
    let rows: Vec<Fields> = on!(tx, c => sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(user).collect())
}

/// Writes a new account; `id` is given here. [`Error::Taken`] if the name exists.
pub async fn insert(tx: &mut Tx, new: &User) -> Result<i64, Error> {
    const SQL: &str = "insert into app_user (id, name, title, role, unit, password_hash, must_change, active, \
        failures, locked_until, created_at, version) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, null, $9, 1)";
    let id = take_ids(tx, "app_user", 1).await?;
    on!(tx, c => sqlx::query(SQL)
        .bind(id).bind(&new.name).bind(&new.title).bind(&new.role).bind(&new.unit)
        .bind(&new.password_hash).bind(new.must_change).bind(new.active).bind(new.created_at)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// Changes title, role, unit, password, flags of an account whose version still is `user.version`; false if it moved on.
pub async fn update(tx: &mut Tx, user: &User) -> Result<bool, Error> {
    const SQL: &str = "update app_user set title = $1, role = $2, unit = $3, password_hash = $4, must_change = $5, \
        active = $6, failures = $7, locked_until = $8, version = version + 1 where id = $9 and version = $10";
    let changed = on!(tx, c => sqlx::query(SQL)
        .bind(&user.title).bind(&user.role).bind(&user.unit).bind(&user.password_hash).bind(user.must_change)
        .bind(user.active).bind(user.failures).bind(user.locked_until).bind(user.id).bind(user.version)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Notes the outcome of a login without touching the version.
pub async fn note_login(
    tx: &mut Tx,
    id: i64,
    failures: i64,
    locked_until: Option<i64>,
) -> Result<(), Error> {
    const SQL: &str = "update app_user set failures = $1, locked_until = $2 where id = $3";
    on!(tx, c => sqlx::query(SQL).bind(failures).bind(locked_until).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// A live session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Key.
    pub id: i64,
    /// Whose.
    pub user_id: i64,
    /// UTC milliseconds of the login.
    pub created_at: i64,
    /// UTC milliseconds of the last noted request.
    pub seen_at: i64,
}

/// Writes a session by the hash of its token.
pub async fn open_session(
    tx: &mut Tx,
    user_id: i64,
    token_hash: &str,
    at: i64,
) -> Result<i64, Error> {
    const SQL: &str = "insert into session (id, user_id, token_hash, created_at, seen_at) values ($1, $2, $3, $4, $4)";
    let id = take_ids(tx, "session", 1).await?;
    on!(tx, c => sqlx::query(SQL).bind(id).bind(user_id).bind(token_hash).bind(at).execute(c).await.map(|_| ()))?;
    Ok(id)
}

/// The session of a token's hash.
pub async fn session(tx: &mut Tx, token_hash: &str) -> Result<Option<Session>, Error> {
    const SQL: &str = "select id, user_id, created_at, seen_at from session where token_hash = $1";
    let found: Option<(i64, i64, i64, i64)> =
        on!(tx, c => sqlx::query_as(SQL).bind(token_hash).fetch_optional(c).await)?;
    Ok(found.map(|f| Session {
        id: f.0,
        user_id: f.1,
        created_at: f.2,
        seen_at: f.3,
    }))
}

/// Notes that a session was used.
pub async fn touch_session(tx: &mut Tx, id: i64, at: i64) -> Result<(), Error> {
    const SQL: &str = "update session set seen_at = $1 where id = $2";
    on!(tx, c => sqlx::query(SQL).bind(at).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends one session.
pub async fn close_session(tx: &mut Tx, id: i64) -> Result<(), Error> {
    const SQL: &str = "delete from session where id = $1";
    on!(tx, c => sqlx::query(SQL).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Ends all sessions of a person but `keep`; says how many.
pub async fn close_sessions(tx: &mut Tx, user_id: i64, keep: Option<i64>) -> Result<u64, Error> {
    const SQL: &str = "delete from session where user_id = $1 and id <> $2";
    let n = on!(tx, c => sqlx::query(SQL).bind(user_id).bind(keep.unwrap_or(0))
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(n)
}

/// Ends all sessions older than the limits; says how many.
pub async fn sweep_sessions(
    tx: &mut Tx,
    created_before: i64,
    seen_before: i64,
) -> Result<u64, Error> {
    const SQL: &str = "delete from session where created_at < $1 or seen_at < $2";
    let n = on!(tx, c => sqlx::query(SQL).bind(created_before).bind(seen_before)
        .execute(c).await.map(|done| done.rows_affected()))?;
    Ok(n)
}
