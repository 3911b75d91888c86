//! Who is away when: leave noted before or after a roster is made, listed, taken back?

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{by_key, own_person, own_squad, shown_name};
use crate::app::error::{Error, Result};
use crate::app::school::need_power;
use crate::calendar::Day;
use crate::plan::school::PEAKS;
use crate::store::Tx;
use crate::store::school::{self, Leave};
use crate::ticket::permit::Power;

/// A leave as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeaveView {
    /// Key, as text.
    pub id: String,
    /// Person key.
    pub person: String,
    /// Name as the asker may see it.
    pub name: String,
    /// Squad.
    pub squad: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Peak, empty for whole days.
    pub peak: String,
    /// Why, in words that tell nothing private.
    pub cause: String,
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

impl App {
    /// Notes a leave outside any roster (known before the roster is made).
    pub async fn add_leave(&self, who: &Who, leave: &Leave) -> Result<i64> {
        need_power(who, Power::Propose)?;
        check_leave(leave)?;
        let mut tx = self.store.write().await?;
        own_person(&mut tx, who, leave.person).await?;
        if let Some(id) = known_leave(&mut tx, leave).await? {
            return Ok(id);
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

    /// Leave that touches the days given, by key, with names as the asker may see them; squad leaders see that of their squad.
    pub async fn duty_leaves(&self, who: &Who, from: Day, to: Day) -> Result<Vec<LeaveView>> {
        need_power(who, Power::Propose)?;
        let mut tx = self.store.read().await?;
        let people = by_key(&mut tx).await?;
        let mut out = Vec::new();
        for leave in school::leaves(&mut tx, &from.iso(), &to.iso()).await? {
            let Some(person) = people.get(&leave.person) else {
                continue;
            };
            if own_squad(who, &person.squad).is_err() {
                continue;
            }
            out.push(LeaveView {
                id: leave.id.to_string(),
                person: leave.person.to_string(),
                name: shown_name(who, leave.person, person),
                squad: person.squad.clone(),
                from: leave.first_day,
                to: leave.last_day,
                peak: leave.peak,
                cause: leave.cause,
            });
        }
        Ok(out)
    }

    /// Removes a leave that was entered by mistake. Rosters that were re-planned for it stay as they are.
    pub async fn remove_leave(&self, who: &Who, id: i64) -> Result<()> {
        need_power(who, Power::Propose)?;
        let mut tx = self.store.write().await?;
        let mut all = school::leaves(&mut tx, "0000-01-01", "9999-12-31").await?;
        all.retain(|l| l.id == id);
        let leave = all.pop().ok_or(Error::NotFound)?;
        own_person(&mut tx, who, leave.person).await?;
        school::remove_leave(&mut tx, id).await?;
        let detail = json!({"from": leave.first_day, "to": leave.last_day, "peak": leave.peak});
        let about = leave.person.to_string();
        self.audit(&mut tx, &who.name, ["duty.leave_removed", &about], &detail)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

/// The key of the same leave, if it is noted already.
pub(super) async fn known_leave(tx: &mut Tx, leave: &Leave) -> Result<Option<i64>> {
    let all = school::leaves(tx, &leave.first_day, &leave.last_day).await?;
    let same = |l: &Leave| {
        (l.person, &l.first_day, &l.last_day, &l.peak)
            == (leave.person, &leave.first_day, &leave.last_day, &leave.peak)
    };
    Ok(all.into_iter().find(same).map(|l| l.id))
}

pub(super) fn check_leave(leave: &Leave) -> Result<()> {
    if !leave.peak.is_empty() && !PEAKS.contains(&leave.peak.as_str()) {
        return Err(Error::invalid(
            "peak",
            format!(
                "没有时段 {}，应为其一 (no such peak, one of) {}",
                leave.peak,
                PEAKS.join(", ")
            ),
        ));
    }
    let days = (Day::parse(&leave.first_day), Day::parse(&leave.last_day));
    match days {
        (Some(a), Some(b)) if a <= b && b.0 - a.0 <= 400 => Ok(()),
        _ => Err(Error::invalid(
            "from",
            "起止日期写作 2024-09-02，止不早于起 (dates such as 2024-09-02, the last not before the first)",
        )),
    }
}
