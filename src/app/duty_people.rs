//! Who can be rostered, who is away, and who may see a name or a phone?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::school::{insider, need_power, text};
use crate::store::school::{self, PersonRow};
use crate::store::{Tx, user};
use crate::ticket::permit::{Power, Right, Scope};
use crate::ticket::seal;

/// Somebody who stands at gates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DutyPerson {
    /// Name.
    pub name: String,
    /// `police`, `auxiliary`, `volunteer`, `school_staff` or `parent`.
    pub role: String,
    /// Home squad.
    pub squad: String,
    /// Most duties a day.
    pub max_per_day: i64,
    /// Most duties a week.
    pub max_per_week: i64,
    /// Load points brought along from before the program.
    pub history: i64,
    /// Login name of the account that is this person, empty without one.
    pub login: String,
    /// Key of the school whose gates are the only ones this person serves (staff, parents), empty for any gate.
    pub school: String,
    /// Invented person.
    pub simulated: bool,
    /// No longer rostered.
    pub left: bool,
}

impl Default for DutyPerson {
    fn default() -> Self {
        Self {
            name: String::new(),
            role: "auxiliary".to_owned(),
            squad: String::new(),
            max_per_day: 2,
            max_per_week: 10,
            history: 0,
            login: String::new(),
            school: String::new(),
            simulated: false,
            left: false,
        }
    }
}

/// Roles that can be rostered.
const ROLES: [&str; 5] = ["police", "auxiliary", "volunteer", "school_staff", "parent"];

/// A person as the asker may see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonView {
    /// Key, as text.
    pub id: String,
    /// Row version.
    pub version: i64,
    /// With the name replaced by a number where the asker may not see it.
    pub person: DutyPerson,
    /// Whether a phone is on record.
    pub has_phone: bool,
    /// Whether the name is another than shown: it cannot be changed then.
    pub hidden: bool,
}

/// What is wanted of a person.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PersonWish {
    /// The person.
    pub person: DutyPerson,
    /// A new phone; it is sealed at once.
    #[serde(default)]
    pub phone: Option<String>,
}

/// Whether the asker may see the name: volunteers and parents are known to their squad only.
pub(super) fn sees_name(who: &Who, person: &DutyPerson) -> bool {
    let private = matches!(person.role.as_str(), "volunteer" | "parent");
    !private
        || who.system
        || who.unit.as_deref() == Some(person.squad.as_str())
        || who.name == person.login
}

/// The name the asker sees.
pub(super) fn shown_name(who: &Who, id: i64, person: &DutyPerson) -> String {
    if sees_name(who, person) {
        return person.name.clone();
    }
    let word = if person.role == "parent" {
        "家长"
    } else {
        "志愿者"
    };
    format!("{word}{id}号")
}

impl App {
    /// Everybody, by key.
    pub async fn duty_people(&self, who: &Who) -> Result<Vec<PersonView>> {
        let accounts = insider(who)?.power >= Power::Edit;
        let mut tx = self.store.read().await?;
        let mut out = Vec::new();
        for (row, mut person) in everybody(&mut tx).await? {
            let hidden = !sees_name(who, &person);
            person.name = shown_name(who, row.id, &person);
            // Names of accounts are for those who tie accounts to people.
            if !accounts && person.login != who.name {
                person.login.clear();
            }
            out.push(PersonView {
                hidden,
                id: row.id.to_string(),
                version: row.version,
                has_phone: row.phone.is_some(),
                person,
            });
        }
        Ok(out)
    }

    /// Writes a person: a new one, or (key, version). Squad leaders write people of their own squad only; a name one may not
    /// see stays as it is, and so does the account below the power to edit.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a squad the city does not list, an account there is not, and one that is another person already.
    pub async fn save_person(
        &self,
        who: &Who,
        target: Option<(i64, i64)>,
        wish: PersonWish,
    ) -> Result<i64> {
        need_power(who, Power::Propose)?;
        check_person(&wish.person)?;
        let mut tx = self.store.write().await?;
        let all = everybody(&mut tx).await?;
        let (id, stored) = match target {
            Some((id, _)) => {
                let found = all.iter().find(|p| p.0.id == id);
                (id, Some(found.cloned().ok_or(Error::NotFound)?))
            }
            None => (school::next_key(&mut tx, "duty_person").await?, None),
        };
        let before = stored.as_ref().map(|s| &s.1);
        let person = &settled(who, before, wish.person)?;
        self.known_squad(&person.squad, before.map_or("", |p| &p.squad))?;
        if before.is_none_or(|p| p.login != person.login || p.left != person.left) {
            free_login(&mut tx, who, (id, &person.login), &all).await?;
        }
        let phone = wish.phone.as_deref().map(str::trim);
        let phone = match phone.filter(|p| !p.is_empty()) {
            Some(phone) if phone.chars().count() > 30 => {
                return Err(Error::invalid("phone", "电话过长 (the phone is too long)"));
            }
            Some(phone) => Some(self.seal_phone(id, phone)?),
            None => None,
        };
        let row = PersonRow {
            id,
            body: text(person)?,
            phone,
            version: target.map_or(1, |t| t.1),
        };
        let now = self.now().0;
        if let Some((was, _)) = &stored {
            if !school::update_person(&mut tx, &row, &who.name, now).await? {
                let version = was.version;
                return Err(Error::Conflict { version });
            }
        } else {
            school::insert_person(&mut tx, &row, &who.name, now).await?;
        }
        let detail =
            json!({"role": person.role, "squad": person.squad, "phone": row.phone.is_some()});
        self.audit(
            &mut tx,
            &who.name,
            ["duty_person.save", &id.to_string()],
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    fn seal_phone(&self, id: i64, phone: &str) -> Result<Vec<u8>> {
        let mut nonce = [0u8; seal::NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(seal::seal(
            &self.keys.seal,
            nonce,
            phone.as_bytes(),
            &about(id),
        ))
    }

    /// Phones of a squad, for those who may see them in clear; every look is audited with its reason.
    pub async fn duty_phones(
        &self,
        who: &Who,
        squad: &str,
        reason: &str,
    ) -> Result<Vec<(String, String, String)>> {
        let cell = who.may(Right::Clear)?;
        let own = who.unit.as_deref() == Some(squad);
        if matches!(cell.scope, Scope::OwnUnit | Scope::Assigned) && !own && !who.system {
            return Err(Error::Forbidden);
        }
        if cell.scope == Scope::OnRequest && reason.trim().is_empty() {
            return Err(Error::invalid(
                "reason",
                "查看电话须写明理由 (a reason is needed to see phones)",
            ));
        }
        let mut tx = self.store.write().await?;
        let mut out = Vec::new();
        for (row, person) in everybody(&mut tx).await? {
            if person.squad != squad || person.left {
                continue;
            }
            let Some(sealed) = &row.phone else { continue };
            let plain = seal::open(&self.keys.seal, sealed, &about(row.id)).map_err(|_bad| {
                Error::refused("wrong_key", "密钥与数据不符，请恢复原密钥文件 (the key does not fit the data: put the right key file back)")
            })?;
            let phone = String::from_utf8_lossy(&plain).into_owned();
            out.push((shown_name(who, row.id, &person), person.role, phone));
        }
        let detail = json!({"people": out.len(), "reason": reason});
        self.audit(&mut tx, &who.name, ["duty.phones", squad], &detail)
            .await?;
        tx.commit().await?;
        Ok(out)
    }
}

/// What makes sense of a person by itself.
fn check_person(person: &DutyPerson) -> Result<()> {
    if person.name.trim().is_empty() || person.name.chars().count() > 40 {
        return Err(Error::invalid(
            "name",
            "姓名为 1 至 40 字 (a name of 1 to 40 characters)",
        ));
    }
    if !ROLES.contains(&person.role.as_str()) {
        return Err(Error::invalid(
            "role",
            format!("角色须为其一 (one of) {}", ROLES.join(", ")),
        ));
    }
    if !(0..=6).contains(&person.max_per_day)
        || !(0..=42).contains(&person.max_per_week)
        || !(0..=100_000).contains(&person.history)
    {
        return Err(Error::invalid(
            "max_per_day",
            "每日 0–6 岗，每周 0–42 岗 (0–6 duties a day, 0–42 a week)",
        ));
    }
    Ok(())
}

/// Refuses who has less than the power to edit and belongs to another squad than the one touched.
pub(super) fn own_squad(who: &Who, squad: &str) -> Result<()> {
    let edits = who.may(Right::Sites)?.power >= Power::Edit;
    if edits || who.unit.as_deref().is_some_and(|u| u == squad) {
        return Ok(());
    }
    Err(Error::Forbidden)
}

/// Refuses an account that does not exist or is somebody else already: who signs in with it would sign for both.
async fn free_login(
    tx: &mut Tx,
    who: &Who,
    (id, login): (i64, &str),
    all: &[(PersonRow, DutyPerson)],
) -> Result<()> {
    if login.is_empty() {
        return Ok(());
    }
    if user::by_name(tx, login).await?.is_none() {
        return Err(Error::invalid(
            "login",
            format!(
                "没有系统账号 {login}，请先由系统管理员建立 (there is no account {login}: have it made first)"
            ),
        ));
    }
    let other = all.iter().find(|(row, p)| row.id != id && p.login == login);
    other.map_or(Ok(()), |(row, p)| {
        let name = shown_name(who, row.id, p);
        Err(Error::invalid(
            "login",
            format!("账号 {login} 已属于{name}，一个账号只对应一人；请先在其资料中清空 (the account is {name}'s already: clear it there first)"),
        ))
    })
}

/// The person as the asker may write it over what is stored.
fn settled(who: &Who, stored: Option<&DutyPerson>, mut wish: DutyPerson) -> Result<DutyPerson> {
    own_squad(who, &wish.squad)?;
    let edits = who.may(Right::Sites)?.power >= Power::Edit;
    let kept = stored.map_or("", |s| s.login.as_str());
    if !edits && wish.login != kept {
        if !wish.login.is_empty() {
            return Err(Error::invalid(
                "login",
                "系统账号由可编辑岗位的人员设置 (setting an account needs the power to edit)",
            ));
        }
        // Below that power the account is not shown, so an empty one says nothing.
        kept.clone_into(&mut wish.login);
    }
    let Some(stored) = stored else {
        return Ok(wish);
    };
    own_squad(who, &stored.squad)?;
    if !sees_name(who, stored) {
        wish.name.clone_from(&stored.name);
        if sees_name(who, &wish) {
            return Err(Error::invalid(
                "role",
                "不能借改动看到姓名：请由其所在中队修改 (this change would open a hidden name: let the person's squad make it)",
            ));
        }
    }
    Ok(wish)
}

fn about(id: i64) -> Vec<u8> {
    format!("duty_person {id}").into_bytes()
}

/// Refuses an unknown person and, below the power to edit, one of another squad.
pub(super) async fn own_person(tx: &mut Tx, who: &Who, key: i64) -> Result<DutyPerson> {
    let mut people = by_key(tx).await?;
    let person = people
        .remove(&key)
        .ok_or_else(|| Error::invalid("person", "没有此人 (no such person)"))?;
    own_squad(who, &person.squad)?;
    Ok(person)
}

/// Everybody with their rows, by key.
pub(super) async fn everybody(tx: &mut Tx) -> Result<Vec<(PersonRow, DutyPerson)>> {
    let rows = school::people(tx).await?;
    rows.into_iter()
        .map(|r| {
            let person = serde_json::from_str(&r.body)
                .map_err(|e| Error::Internal(format!("duty person {}: {e}", r.id)))?;
            Ok((r, person))
        })
        .collect()
}

/// Everybody by key.
pub(super) async fn by_key(tx: &mut Tx) -> Result<BTreeMap<i64, DutyPerson>> {
    Ok(everybody(tx)
        .await?
        .into_iter()
        .map(|(row, p)| (row.id, p))
        .collect())
}
