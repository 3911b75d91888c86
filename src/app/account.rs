//! Which accounts exist, and who may change them?

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::access::{Who, check_password, random_password};
use crate::app::error::{Error, Result};
use crate::store::user::{self, User};
use crate::ticket::permit::{Right, Role};

/// An account as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Key, as text in JSON.
    pub id: String,
    /// Login name.
    pub name: String,
    /// Name shown to people.
    pub title: String,
    /// Role.
    pub role: Role,
    /// Unit.
    pub unit: Option<String>,
    /// May log in.
    pub active: bool,
    /// Must change the password at the next login.
    pub must_change: bool,
    /// Row version for edits.
    pub version: i64,
}

/// What a new account is made from.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Login name: 2 to 40 letters, digits, `_`, `-`, `.` or Han characters.
    pub name: String,
    /// Name shown to people; the login name if empty.
    pub title: String,
    /// Role.
    pub role: Role,
    /// Unit.
    pub unit: Option<String>,
    /// A first password; without it a one-time password is made and returned.
    pub password: Option<String>,
}

/// A change of an account; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// Version the caller saw.
    pub version: Option<i64>,
    /// Name shown to people.
    pub title: Option<String>,
    /// Role.
    pub role: Option<Role>,
    /// Unit; `Some(None)` takes it away.
    pub unit: Option<Option<String>>,
    /// May log in.
    pub active: Option<bool>,
    /// Give a new one-time password.
    pub reset_password: bool,
}

/// A demo account as the login page of a demo shows it.
#[derive(Clone, Debug, Serialize)]
pub struct DemoAccount {
    /// Login name, equal to the role code.
    pub name: String,
    /// Its password.
    pub password: String,
    /// Role code.
    pub role: Role,
    /// Role in Chinese.
    pub role_title: &'static str,
}

impl App {
    /// Makes the first administrator if there is no account at all; returns name and one-time password, printed once by the door.
    pub async fn first_admin(&self) -> Result<Option<(String, String)>> {
        let password = random_password()?;
        let password_hash = self.hash_password(&password).await?;
        let mut tx = self.store.write().await?;
        if !user::all(&mut tx).await?.is_empty() {
            return Ok(None);
        }
        let admin = self.blank("admin", Role::Admin, password_hash, true);
        user::insert(&mut tx, &admin).await?;
        self.audit(
            &mut tx,
            "system",
            ["user.create", "admin"],
            &json!({"role": "admin", "first": true}),
        )
        .await?;
        tx.commit().await?;
        Ok(Some(("admin".to_owned(), password)))
    }

    fn blank(&self, name: &str, role: Role, password_hash: String, must_change: bool) -> User {
        User {
            id: 0,
            name: name.to_owned(),
            title: role.title().to_owned(),
            role: role.code().to_owned(),
            unit: None,
            password_hash,
            must_change,
            active: true,
            failures: 0,
            locked_until: None,
            created_at: self.now().0,
            version: 1,
        }
    }

    /// Makes one ready account per role, name = role code, for a demo whose data are simulated. Existing ones stay.
    ///
    /// `units` are the units of the demo city; officer and squad leader get the first of them.
    pub async fn demo_accounts(&self, units: &[String]) -> Result<Vec<DemoAccount>> {
        if !self.options.demo {
            return Err(Error::refused(
                "not_a_demo",
                "demo accounts exist in `zhilu demo` only",
            ));
        }
        let mut list = Vec::new();
        for role in Role::ALL {
            let password = demo_password(role);
            let mut tx = self.store.read().await?;
            let exists = user::by_name(&mut tx, role.code()).await?.is_some();
            drop(tx);
            if !exists {
                let mut new = self.blank(
                    role.code(),
                    role,
                    self.hash_password(&password).await?,
                    false,
                );
                new.title = format!("演示·{}", role.title());
                if matches!(role, Role::Officer | Role::SquadLeader) {
                    new.unit = units.first().cloned();
                }
                let mut tx = self.store.write().await?;
                user::insert(&mut tx, &new).await?;
                self.audit(
                    &mut tx,
                    "system",
                    ["user.create", role.code()],
                    &json!({"role": role.code(), "demo": true}),
                )
                .await?;
                tx.commit().await?;
            }
            list.push(DemoAccount {
                name: role.code().to_owned(),
                password,
                role,
                role_title: role.title(),
            });
        }
        Ok(list)
    }

    /// The demo accounts for the login page; empty unless this is a demo.
    #[must_use]
    pub fn demo_list(&self) -> Vec<DemoAccount> {
        if !self.options.demo {
            return Vec::new();
        }
        Role::ALL
            .into_iter()
            .map(|role| DemoAccount {
                name: role.code().to_owned(),
                password: demo_password(role),
                role,
                role_title: role.title(),
            })
            .collect()
    }

    /// All accounts by name.
    pub async fn users(&self, who: &Who) -> Result<Vec<Account>> {
        who.may_edit(Right::Settings)?;
        let mut tx = self.store.read().await?;
        user::all(&mut tx).await?.into_iter().map(account).collect()
    }

    /// Makes an account; returns it with the one-time password if none was given.
    pub async fn create_user(
        &self,
        who: &Who,
        new: &NewAccount,
    ) -> Result<(Account, Option<String>)> {
        who.may_edit(Right::Settings)?;
        check_name(&new.name)?;
        let (password, once) = if let Some(given) = &new.password {
            check_password(&new.name, given)?;
            (given.clone(), None)
        } else {
            let made = random_password()?;
            (made.clone(), Some(made))
        };
        let mut row = self.blank(
            &new.name,
            new.role,
            self.hash_password(&password).await?,
            true,
        );
        row.unit.clone_from(&new.unit);
        row.title = if new.title.is_empty() {
            new.name.clone()
        } else {
            new.title.clone()
        };
        let mut tx = self.store.write().await?;
        if user::by_name(&mut tx, &new.name).await?.is_some() {
            return Err(Error::invalid("name", "登录名已存在 (the name is taken)"));
        }
        row.id = user::insert(&mut tx, &row).await?;
        let detail = json!({"role": new.role.code(), "unit": new.unit});
        self.audit(&mut tx, &who.name, ["user.create", &new.name], &detail)
            .await?;
        tx.commit().await?;
        Ok((account(row)?, once))
    }

    /// Changes an account; nobody changes the own role, unit or activity. Returns it with a new one-time password if asked.
    pub async fn change_user(
        &self,
        who: &Who,
        id: i64,
        change: &AccountChange,
    ) -> Result<(Account, Option<String>)> {
        who.may_edit(Right::Settings)?;
        let own = who.user == id && !who.system;
        if own && (change.role.is_some() || change.unit.is_some() || change.active.is_some()) {
            return Err(Error::refused(
                "own_rights",
                "不能修改自己的权限 (nobody edits the own rights)",
            ));
        }
        let once = if change.reset_password {
            Some(random_password()?)
        } else {
            None
        };
        let hash = match &once {
            Some(password) => Some(self.hash_password(password).await?),
            None => None,
        };
        let mut tx = self.store.write().await?;
        let before = user::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        if change.version.is_some_and(|v| v != before.version) {
            return Err(Error::Conflict {
                version: before.version,
            });
        }
        let after = apply(&before, change, hash);
        self.save_user(&mut tx, &after).await?;
        if once.is_some() || !after.active || after.role != before.role || after.unit != before.unit
        {
            user::close_sessions(&mut tx, id, own.then_some(who.session)).await?;
        }
        let detail = json!({
            "before": {"role": before.role, "unit": before.unit, "active": before.active},
            "after": {"role": after.role, "unit": after.unit, "active": after.active},
            "password_reset": once.is_some(),
        });
        self.audit(&mut tx, &who.name, ["user.change", &before.name], &detail)
            .await?;
        tx.commit().await?;
        Ok((
            account(User {
                version: after.version + 1,
                ..after
            })?,
            once,
        ))
    }

    /// Ends all sessions of an account; says how many.
    pub async fn revoke(&self, who: &Who, id: i64) -> Result<u64> {
        if who.user != id {
            who.may_edit(Right::Settings)?;
        }
        let mut tx = self.store.write().await?;
        let found = user::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let n = user::close_sessions(&mut tx, id, None).await?;
        self.audit(
            &mut tx,
            &who.name,
            ["session.revoke", &found.name],
            &json!({"sessions": n}),
        )
        .await?;
        tx.commit().await?;
        Ok(n)
    }
}

/// The demo's passwords are public by design: the demo's data are simulated and its login page shows them.
fn demo_password(role: Role) -> String {
    format!("demo-{}-2026", role.code().replace('_', "-"))
}

fn apply(before: &User, change: &AccountChange, hash: Option<String>) -> User {
    let mut after = before.clone();
    if let Some(title) = &change.title {
        after.title.clone_from(title);
    }
    if let Some(role) = change.role {
        role.code().clone_into(&mut after.role);
    }
    if let Some(unit) = &change.unit {
        after.unit.clone_from(unit);
    }
    if let Some(active) = change.active {
        after.active = active;
    }
    if let Some(hash) = hash {
        after.password_hash = hash;
        after.must_change = true;
        after.failures = 0;
        after.locked_until = None;
    }
    after
}

fn check_name(name: &str) -> Result<()> {
    let n = name.chars().count();
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    if (2..=40).contains(&n) && name.chars().all(fine) {
        return Ok(());
    }
    Err(Error::invalid(
        "name",
        "登录名为2至40个字母、数字、汉字或 _ - . (2 to 40 letters, digits or _ - .)",
    ))
}

fn account(u: User) -> Result<Account> {
    let role = Role::from_code(&u.role)
        .ok_or_else(|| Error::Internal(format!("user {} has role {}", u.id, u.role)))?;
    Ok(Account {
        id: u.id.to_string(),
        name: u.name,
        title: u.title,
        role,
        unit: u.unit,
        active: u.active,
        must_change: u.must_change,
        version: u.version,
    })
}
