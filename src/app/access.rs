//! Who is it, may they in, and until when?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::app::error::{Error, Result};
use crate::calendar::UtcMs;
use crate::store::{self, Tx, user};
use crate::ticket::permit::{self, Cell, Right, Role, Scope};

/// A session not used for so long is over: 12 hours.
pub const IDLE_MS: i64 = 12 * 3_600_000;
/// A session is over after so long whatever happens: 7 days.
pub const ABSOLUTE_MS: i64 = 7 * 86_400_000;
/// Use of a session is noted at most this often, to spare the writer.
const TOUCH_MS: i64 = 5 * 60_000;
/// Failures that are free before the delay starts.
const FREE_FAILURES: i64 = 5;
/// First delay and longest delay.
const FIRST_DELAY_MS: i64 = 1_000;
const LONGEST_DELAY_MS: i64 = 15 * 60_000;
/// Shortest password in characters.
const SHORTEST: usize = 10;

/// Passwords nobody may choose, beside those that hold the login name.
const DENIED: &[&str] = &[
    "1234567890",
    "0123456789",
    "0987654321",
    "qwertyuiop",
    "password123",
    "passw0rd123",
    "administrator",
    "abcdefghij",
    "1111111111",
    "0000000000",
    "8888888888",
    "6666666666",
    "12345678910",
    "iloveyou123",
    "admin12345",
    "admin123456",
    "police12345",
    "jiaojing123",
    "jiaojing110",
    "zhengfu12345",
    "zhilu12345",
    "a123456789",
    "woaini1314",
    "qwer123456",
    "1q2w3e4r5t",
    "woaini520520",
    "5201314520",
];

/// The person behind a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Who {
    /// Key of the account.
    pub user: i64,
    /// Key of the session; 0 for the program itself and the shell.
    pub session: i64,
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub title: String,
    /// Role.
    pub role: Role,
    /// Unit, where the role is bound to one.
    pub unit: Option<String>,
    /// Must change the password before anything else.
    pub must_change: bool,
    /// The program itself (demo set-up, shell of the machine's owner): no role table applies.
    pub system: bool,
}

impl Who {
    /// The owner of the machine at the shell, or the program itself.
    #[must_use]
    pub fn system(name: &str) -> Self {
        Self {
            user: 0,
            session: 0,
            name: name.to_owned(),
            title: name.to_owned(),
            role: Role::PrincipalLeader,
            unit: None,
            must_change: false,
            system: true,
        }
    }

    /// The cell of the rights table that applies, or [`Error::Forbidden`] where the role has no row at all.
    pub fn may(&self, right: Right) -> Result<Cell> {
        if self.system {
            return Ok(Cell {
                scope: Scope::All,
                power: permit::Power::Sign,
            });
        }
        let cell = permit::cell_of(self.role, right);
        if cell.scope == Scope::None || self.must_change {
            return Err(Error::Forbidden);
        }
        Ok(cell)
    }

    /// Like [`Self::may`], but the power must reach `Edit`.
    pub fn may_edit(&self, right: Right) -> Result<Cell> {
        let cell = self.may(right)?;
        if cell.power < permit::Power::Edit {
            return Err(Error::Forbidden);
        }
        Ok(cell)
    }
}

/// A fresh session: the token goes into the cookie and is kept nowhere else.
#[derive(Clone, Debug)]
pub struct Login {
    /// 64 hexadecimal digits.
    pub token: String,
    /// Who it is.
    pub who: Who,
}

/// Failures per address, in memory: what an account's own counter cannot see.
#[derive(Debug, Default)]
pub(super) struct Throttle(Mutex<BTreeMap<String, (i64, UtcMs)>>);

impl Throttle {
    /// Addresses remembered at most; beyond it the map starts anew.
    const ROOM: usize = 10_000;

    fn wait(&self, addr: &str, now: UtcMs) -> i64 {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.get(addr)
            .map_or(0, |(failures, last)| last.0 + delay_ms(*failures) - now.0)
    }

    fn note(&self, addr: &str, success: bool, now: UtcMs) {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if success {
            map.remove(addr);
            return;
        }
        if map.len() >= Self::ROOM {
            map.clear();
        }
        let entry = map.entry(addr.to_owned()).or_insert((0, now));
        *entry = (entry.0 + 1, now);
    }
}

/// Delay after so many failures in a row: none up to five, then one second doubling to a quarter of an hour.
fn delay_ms(failures: i64) -> i64 {
    if failures < FREE_FAILURES {
        return 0;
    }
    let doublings = u32::try_from((failures - FREE_FAILURES).min(20)).unwrap_or(20);
    (FIRST_DELAY_MS << doublings).min(LONGEST_DELAY_MS)
}

fn refuse_early(wait_ms: i64) -> Result<()> {
    if wait_ms <= 0 {
        return Ok(());
    }
    let seconds = (wait_ms + 999) / 1000;
    Err(Error::refused(
        "locked_out",
        format!("失败次数过多，请{seconds}秒后再试 (too many failures: wait {seconds} s)"),
    ))
}

/// SHA-256 of a token as the session table holds it.
fn token_hash(token: &str) -> String {
    store::hex(&Sha256::digest(token.as_bytes()))
}

/// 256 random bits as hexadecimal.
pub(super) fn random_hex() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(store::hex(&bytes))
}

/// A password a person can copy from a terminal: 20 characters without look-alikes, about 98 bits.
pub(super) fn random_password() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0u8; 20];
    getrandom::fill(&mut bytes).map_err(|e| Error::Internal(e.to_string()))?;
    let mut text = String::new();
    for (i, byte) in bytes.iter().enumerate() {
        if i > 0 && i % 5 == 0 {
            text.push('-');
        }
        text.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(text)
}

/// Whether a password may be chosen.
pub(super) fn check_password(name: &str, password: &str) -> Result<()> {
    let lower = password.to_lowercase();
    let why = if password.chars().count() < SHORTEST {
        Some("密码至少10个字符 (at least 10 characters)")
    } else if password.chars().count() > 200 {
        Some("密码最多200个字符 (at most 200 characters)")
    } else if DENIED.contains(&lower.as_str()) || lower.chars().collect::<BTreeSet<_>>().len() == 1
    {
        Some("密码过于常见 (too common)")
    } else if lower.contains(&name.to_lowercase()) {
        Some("密码不得包含登录名 (must not contain the login name)")
    } else {
        None
    };
    why.map_or(Ok(()), |w| Err(Error::invalid("password", w)))
}

impl App {
    /// Hashes a password with argon2id (19 MiB, 2 passes) on a blocking thread, at most two at a time.
    pub(super) async fn hash_password(&self, password: &str) -> Result<String> {
        let _permit = self
            .hashing
            .acquire()
            .await
            .map_err(|e| Error::Internal(e.to_string()))?;
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || {
            let hash: PasswordHash = Argon2::default()
                .hash_password(password.as_bytes())
                .map_err(|e| Error::Internal(e.to_string()))?;
            Ok(hash.to_string())
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
    }

    async fn password_fits(&self, hash: String, password: &str) -> Result<bool> {
        let _permit = self
            .hashing
            .acquire()
            .await
            .map_err(|e| Error::Internal(e.to_string()))?;
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || {
            let parsed = PasswordHash::new(&hash).map_err(|e| Error::Internal(e.to_string()))?;
            Ok(Argon2::default()
                .verify_password(password.as_bytes(), &parsed)
                .is_ok())
        })
        .await
        .map_err(|e| Error::Internal(e.to_string()))?
    }

    /// Opens a session. Wrong name and wrong password answer alike and take equally long; after five failures the account and
    /// the address wait, doubling to 15 minutes.
    pub async fn login(&self, name: &str, password: &str, addr: &str) -> Result<Login> {
        let now = self.now();
        refuse_early(self.throttle.wait(addr, now))?;
        let mut tx = self.store.read().await?;
        let found = user::by_name(&mut tx, name).await?;
        drop(tx);
        if let Some(u) = &found {
            refuse_early(u.locked_until.map_or(0, |until| until - now.0))?;
        }
        let hash = found
            .as_ref()
            .map_or_else(|| self.decoy.clone(), |u| u.password_hash.clone());
        let fits = self.password_fits(hash, password).await?;
        self.throttle.note(addr, fits, now);
        let Some(u) = found.filter(|u| fits && u.active) else {
            self.note_failure(name, now).await?;
            return Err(Error::Unauthorized("bad_credentials"));
        };
        self.start_session(&u, now).await
    }

    async fn note_failure(&self, name: &str, now: UtcMs) -> Result<()> {
        let mut tx = self.store.write().await?;
        if let Some(u) = user::by_name(&mut tx, name).await? {
            let failures = u.failures + 1;
            let wait = delay_ms(failures);
            user::note_login(&mut tx, u.id, failures, (wait > 0).then_some(now.0 + wait)).await?;
            self.audit(
                &mut tx,
                &u.name,
                ["login.failed", &u.name],
                &json!({"failures": failures}),
            )
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    async fn start_session(&self, u: &user::User, now: UtcMs) -> Result<Login> {
        let token = random_hex()?;
        let mut tx = self.store.write().await?;
        user::note_login(&mut tx, u.id, 0, None).await?;
        user::sweep_sessions(&mut tx, now.0 - ABSOLUTE_MS, now.0 - IDLE_MS).await?;
        let session = user::open_session(&mut tx, u.id, &token_hash(&token), now.0).await?;
        self.audit(&mut tx, &u.name, ["login", &u.name], &json!({}))
            .await?;
        tx.commit().await?;
        Ok(Login {
            token,
            who: who_of(u, session)?,
        })
    }

    /// The person behind a token; `None` if the session is over, revoked or never was, or the account is switched off.
    pub async fn who(&self, token: &str) -> Result<Option<Who>> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let Some(session) = user::session(&mut tx, &token_hash(token)).await? else {
            return Ok(None);
        };
        let over = now.0 - session.created_at > ABSOLUTE_MS || now.0 - session.seen_at > IDLE_MS;
        let Some(u) = user::by_id(&mut tx, session.user_id)
            .await?
            .filter(|u| u.active && !over)
        else {
            return Ok(None);
        };
        drop(tx);
        if now.0 - session.seen_at > TOUCH_MS && !self.writing() {
            let mut tx = self.store.write().await?;
            user::touch_session(&mut tx, session.id, now.0).await?;
            tx.commit().await?;
        }
        Ok(Some(who_of(&u, session.id)?))
    }

    /// Ends the session of a token; unknown tokens are already ended.
    pub async fn logout(&self, token: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        if let Some(session) = user::session(&mut tx, &token_hash(token)).await? {
            user::close_session(&mut tx, session.id).await?;
            if let Some(u) = user::by_id(&mut tx, session.user_id).await? {
                self.audit(&mut tx, &u.name, ["logout", &u.name], &json!({}))
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Changes one's own password; all other sessions of the person end.
    pub async fn change_password(&self, who: &Who, old: &str, new: &str) -> Result<()> {
        let mut tx = self.store.read().await?;
        let u = user::by_id(&mut tx, who.user)
            .await?
            .ok_or(Error::NotFound)?;
        drop(tx);
        if !self.password_fits(u.password_hash.clone(), old).await? {
            return Err(Error::invalid(
                "old",
                "原密码不正确 (the old password does not fit)",
            ));
        }
        check_password(&u.name, new)?;
        if old == new {
            return Err(Error::invalid(
                "new",
                "新密码不能与原密码相同 (choose another one)",
            ));
        }
        let password_hash = self.hash_password(new).await?;
        let mut tx = self.store.write().await?;
        let changed = user::User {
            password_hash,
            must_change: false,
            failures: 0,
            locked_until: None,
            ..u
        };
        self.save_user(&mut tx, &changed).await?;
        user::close_sessions(&mut tx, who.user, Some(who.session)).await?;
        self.audit(
            &mut tx,
            &who.name,
            ["password.change", &who.name],
            &json!({}),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn save_user(&self, tx: &mut Tx, changed: &user::User) -> Result<()> {
        if user::update(tx, changed).await? {
            return Ok(());
        }
        let now = user::by_id(tx, changed.id).await?.ok_or(Error::NotFound)?;
        Err(Error::Conflict {
            version: now.version,
        })
    }
}

fn who_of(u: &user::User, session: i64) -> Result<Who> {
    let role = Role::from_code(&u.role)
        .ok_or_else(|| Error::Internal(format!("user {} has role {}", u.id, u.role)))?;
    Ok(Who {
        user: u.id,
        session,
        name: u.name.clone(),
        title: u.title.clone(),
        role,
        unit: u.unit.clone(),
        must_change: u.must_change,
        system: false,
    })
}
