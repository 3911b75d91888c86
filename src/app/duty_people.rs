//! Who can be rostered, who is away, and who may see a name or a phone?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::school::{insider, need_power, text};
use crate::calendar::Day;
use crate::store::Tx;
use crate::store::school::{self, Leave, PersonRow};
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
        insider(who)?;
        let mut tx = self.store.read().await?;
        let mut out = Vec::new();
        for (row, mut person) in everybody(&mut tx).await? {
            person.name = shown_name(who, row.id, &person);
            out.push(PersonView {
                id: row.id.to_string(),
                version: row.version,
                has_phone: row.phone.is_some(),
                person,
            });
        }
        Ok(out)
    }

    /// Writes a person: a new one, or (key, version).
    #[expect(
        clippy::too_many_lines,
        reason = "one transaction read from top to bottom"
    )]
    pub async fn save_person(
        &self,
        who: &Who,
        target: Option<(i64, i64)>,
        wish: PersonWish,
    ) -> Result<i64> {
        need_power(who, Power::Propose)?;
        let person = &wish.person;
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
        let mut tx = self.store.write().await?;
        let id = match target {
            Some((id, _)) => id,
            None => school::next_key(&mut tx, "duty_person").await?,
        };
        let phone = match wish
            .phone
            .as_deref()
            .map(str::trim)
            .filter(|p| !p.is_empty())
        {
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
        if target.is_none() {
            school::insert_person(&mut tx, &row, &who.name, now).await?;
        } else if !school::update_person(&mut tx, &row, &who.name, now).await? {
            let version = everybody(&mut tx)
                .await?
                .into_iter()
                .find(|p| p.0.id == id)
                .map(|p| p.0.version);
            return Err(version.map_or(Error::NotFound, |version| Error::Conflict { version }));
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

    /// Notes a leave outside any roster (known before the roster is made).
    pub async fn add_leave(&self, who: &Who, leave: &Leave) -> Result<i64> {
        need_power(who, Power::Propose)?;
        check_leave(leave)?;
        let mut tx = self.store.write().await?;
        if !everybody(&mut tx)
            .await?
            .iter()
            .any(|p| p.0.id == leave.person)
        {
            return Err(Error::invalid("person", "没有此人 (no such person)"));
        }
        let id = school::insert_leave(&mut tx, leave, &who.name, self.now().0).await?;
        let detail = json!({"from": leave.first_day, "to": leave.last_day, "peak": leave.peak});
        self.audit(
            &mut tx,
            &who.name,
            ["duty.leave", &leave.person.to_string()],
            &detail,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }
}

fn about(id: i64) -> Vec<u8> {
    format!("duty_person {id}").into_bytes()
}

pub(super) fn check_leave(leave: &Leave) -> Result<()> {
    let days = (Day::parse(&leave.first_day), Day::parse(&leave.last_day));
    match days {
        (Some(a), Some(b)) if a <= b && b.0 - a.0 <= 400 => Ok(()),
        _ => Err(Error::invalid(
            "from",
            "起止日期写作 2024-09-02，止不早于起 (dates such as 2024-09-02, the last not before the first)",
        )),
    }
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

/// A leave as the door takes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveWish {
    /// Person key.
    pub person: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Peak, empty for whole days.
    #[serde(default)]
    pub peak: String,
    /// Why, in words that tell nothing private.
    #[serde(default)]
    pub cause: String,
}

impl LeaveWish {
    /// The leave it means.
    ///
    /// # Errors
    /// A key that is no number.
    pub fn leave(self) -> Result<Leave> {
        let person = self.person.parse();
        let leave = Leave {
            id: 0,
            person: person.map_err(|_bad| Error::invalid("person", "没有此人 (no such person)"))?,
            first_day: self.from,
            last_day: self.to,
            peak: self.peak,
            cause: self.cause.chars().take(60).collect(),
        };
        check_leave(&leave)?;
        Ok(leave)
    }
}
