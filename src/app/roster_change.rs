//! How does a roster change: published, withdrawn, re-planned when somebody falls ill, swapped, explained?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{self, check_leave};
use crate::app::error::{Error, Result};
use crate::app::roster_ground::away;
use crate::app::roster_kept::{Change, DutyBody, Replanned, RosterBody, note_answer, parse};
use crate::app::school::{insider, need_power, text};
use crate::calendar::Day;
use crate::plan::roster::swap::hindrances;
use crate::plan::roster::{BadInstance, Limits, Person, solve, why};
use crate::store::Tx;
use crate::store::duty::{self, DutyRow, RosterRow};
use crate::store::school::{Leave, insert_leave};
use crate::ticket::permit::Power;

impl App {
    /// Publishes a draft (brigade leaders), or withdraws it.
    pub async fn publish_roster(
        &self,
        who: &Who,
        (id, version): (i64, i64),
        publish: bool,
    ) -> Result<()> {
        need_power(who, Power::Approve)?;
        let mut tx = self.store.write().await?;
        let mut row = duty::roster_by_id(&mut tx, id)
            .await?
            .ok_or(Error::NotFound)?;
        if publish {
            let clash = duty::rosters(&mut tx).await?.into_iter().find(|r| {
                r.state == "published"
                    && r.id != id
                    && r.first_day <= row.last_day
                    && r.last_day >= row.first_day
                    && same_gates(&squad(r), &squad(&row))
            });
            if let Some(other) = clash {
                let why = format!(
                    "与已发布的第 {} 号排班（{} 至 {}）日期重叠，请先撤回 (overlaps a published roster: withdraw it first)",
                    other.id, other.first_day, other.last_day
                );
                return Err(Error::refused("overlap", why));
            }
        }
        let state = if publish { "published" } else { "withdrawn" };
        state.clone_into(&mut row.state);
        row.version = version;
        let now = self.now().0;
        if !duty::set_roster(&mut tx, &row, publish.then_some((who.name.as_str(), now))).await? {
            return Err(Error::Conflict {
                version: row.version,
            });
        }
        let kind = if publish { "published" } else { "withdrawn" };
        self.note_roster(
            &mut tx,
            who,
            (id, kind),
            &json!({"from": row.first_day, "to": row.last_day}),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Somebody is away: the leave is noted and the roster re-planned from now with the fewest changes. Past duties stay.
    pub async fn absence(self: &Arc<Self>, who: &Who, id: i64, leave: Leave) -> Result<Replanned> {
        need_power(who, Power::Propose)?;
        check_leave(&leave)?;
        // Solved outside of the writer's turn: others write meanwhile, the row's version tells whether the roster moved on.
        let mut tx = self.store.read().await?;
        if !duty_people::by_key(&mut tx)
            .await?
            .contains_key(&leave.person)
        {
            return Err(Error::invalid("person", "没有此人 (no such person)"));
        }
        let (mut row, rows, mut instance) = self.stored(&mut tx, id).await?;
        drop(tx);
        let from = Day::parse(&row.first_day).unwrap_or_default();
        if let Some(person) = instance.persons.iter_mut().find(|p| p.id == leave.person) {
            person.unavailable.extend(away(&leave, from, instance.days));
        }
        let plan: BTreeMap<i64, Option<i64>> = rows.iter().map(|r| (r.id, r.person)).collect();
        instance.published = Some(plan.clone());
        instance.locked = self.past(&rows)?;
        let task = tokio::task::spawn_blocking(move || {
            let answer = solve(&instance, &Limits::default(), &mut |_| true);
            answer.map(|a| (instance, a))
        });
        let (_, answer) = task
            .await
            .map_err(|e| Error::Internal(e.to_string()))?
            .map_err(|e| Error::invalid("roster", e.to_string()))?;
        let mut tx = self.store.write().await?;
        insert_leave(&mut tx, &leave, &who.name, self.now().0).await?;
        let mut changes = Vec::new();
        for r in &rows {
            let to = answer.assignment.get(&r.id).copied();
            if to != r.person {
                duty::give(&mut tx, r.id, to).await?;
                changes.push(Change {
                    duty: r.id,
                    day: r.day.clone(),
                    from: r.person,
                    to,
                });
            }
        }
        let mut body: RosterBody = parse(&row.body)?;
        note_answer(&mut body, &answer);
        row.body = text(&body)?;
        self.set_body(&mut tx, &row).await?;
        let detail = json!({"person": leave.person, "from": leave.first_day, "to": leave.last_day, "cause": leave.cause, "changes": changes});
        self.note_roster(&mut tx, who, (id, "absence"), &detail)
            .await?;
        tx.commit().await?;
        Ok(Replanned {
            changes,
            levels: answer.levels,
            values: answer.values,
            status: json!(answer.status),
        })
    }

    async fn set_body(&self, tx: &mut Tx, row: &RosterRow) -> Result<()> {
        let by = row.published_by.as_deref().map(|b| (b, self.now().0));
        if duty::set_roster(tx, row, by).await? {
            return Ok(());
        }
        Err(Error::Conflict {
            version: row.version,
        })
    }

    /// Duties that have begun: they stay as they are.
    fn past(&self, rows: &[DutyRow]) -> Result<Vec<i64>> {
        let today = self.today().iso();
        let minute = self.now().ms_of_day() / 60_000;
        let mut out = Vec::new();
        for r in rows {
            if r.day < today || (r.day == today && parse::<DutyBody>(&r.body)?.start <= minute) {
                out.push(r.id);
            }
        }
        Ok(out)
    }

    /// Gives a duty to another person, or exchanges two duties, if every rule is kept; the deed names its approver.
    #[expect(
        clippy::too_many_lines,
        reason = "one transaction read from top to bottom"
    )]
    pub async fn swap_duties(
        self: &Arc<Self>,
        who: &Who,
        id: i64,
        wanted: &BTreeMap<i64, Option<i64>>,
        reason: &str,
    ) -> Result<Vec<Change>> {
        need_power(who, Power::Propose)?;
        if wanted.is_empty() || wanted.len() > 20 {
            return Err(Error::invalid(
                "changes",
                "一次换班 1 至 20 岗 (1 to 20 duties at a time)",
            ));
        }
        let mut tx = self.store.write().await?;
        let (mut row, rows, instance) = self.stored(&mut tx, id).await?;
        let past = self.past(&rows)?;
        if let Some(gone) = wanted
            .keys()
            .find(|d| past.contains(d) || !rows.iter().any(|r| r.id == **d))
        {
            return Err(Error::refused(
                "past",
                format!(
                    "岗位 {gone} 已开始或不在此排班 (duty {gone} has begun or is not of this roster)"
                ),
            ));
        }
        let plan: BTreeMap<i64, i64> = rows
            .iter()
            .filter_map(|r| Some((r.id, r.person?)))
            .collect();
        let found = hindrances(&instance, &plan, wanted);
        if !found.is_empty() {
            return Err(Error::refused(
                "swap",
                format!("不能这样换班 (this swap breaks a rule): {}", json!(found)),
            ));
        }
        let mut changes = Vec::new();
        for r in rows
            .iter()
            .filter(|r| wanted.get(&r.id).is_some_and(|to| *to != r.person))
        {
            let to = wanted.get(&r.id).copied().flatten();
            duty::give(&mut tx, r.id, to).await?;
            changes.push(Change {
                duty: r.id,
                day: r.day.clone(),
                from: r.person,
                to,
            });
        }
        let mut body: RosterBody = parse(&row.body)?;
        // A plan changed by hand is no longer what was proved.
        "changed".clone_into(&mut body.status);
        row.body = text(&body)?;
        self.set_body(&mut tx, &row).await?;
        self.note_roster(
            &mut tx,
            who,
            (id, "swapped"),
            &json!({"changes": changes, "reason": reason}),
        )
        .await?;
        tx.commit().await?;
        Ok(changes)
    }

    /// Why a duty is not covered, exactly; who stands in the way of whom.
    pub async fn explain_duty(self: &Arc<Self>, who: &Who, id: i64, duty: i64) -> Result<Value> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let (_, rows, instance) = self.stored(&mut tx, id).await?;
        if !rows.iter().any(|r| r.id == duty) {
            return Err(Error::NotFound);
        }
        let plan: BTreeMap<i64, i64> = rows
            .iter()
            .filter_map(|r| Some((r.id, r.person?)))
            .collect();
        let task = tokio::task::spawn_blocking(move || why::uncovered_in(&instance, &plan, duty));
        let found = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        Ok(json!(
            found.map_err(|e| Error::invalid("roster", e.to_string()))?
        ))
    }

    /// What one more person of each role would bring to a roster as it stands; where squads keep to themselves, of each squad.
    /// Largest gain first. Cost: one solve for coverage per role (and squad).
    pub async fn roster_one_more(
        self: &Arc<Self>,
        who: &Who,
        id: i64,
    ) -> Result<Vec<why::OneMore>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let (_, rows, instance) = self.stored(&mut tx, id).await?;
        drop(tx);
        let plan: BTreeMap<i64, i64> = rows
            .iter()
            .filter_map(|r| Some((r.id, r.person?)))
            .collect();
        let task = tokio::task::spawn_blocking(move || {
            let held = instance.duties.iter().filter(|d| plan.contains_key(&d.id));
            let coverage: i64 = held.map(|d| d.priority).sum();
            let wanted: BTreeSet<&str> = instance
                .duties
                .iter()
                .filter(|d| !plan.contains_key(&d.id))
                .flat_map(|d| d.accepts.iter().map(String::as_str))
                .collect();
            let mut like: BTreeMap<(&str, Option<&str>), &Person> = BTreeMap::new();
            for p in instance
                .persons
                .iter()
                .filter(|p| wanted.contains(p.role.as_str()))
            {
                let squad = p.squad.as_deref().filter(|_| instance.rules.squad_only);
                like.entry((p.role.as_str(), squad)).or_insert(p);
            }
            let covered = i64::try_from(plan.len()).unwrap_or(i64::MAX);
            let mut out = Vec::new();
            for ((role, squad), person) in like {
                let mut more = why::one_more_in(&instance, coverage, role, Some(person))?;
                more.duties -= covered;
                more.squad = squad.map(str::to_owned);
                out.push(more);
            }
            out.sort_by(|a, b| (b.coverage, &a.role).cmp(&(a.coverage, &b.role)));
            Ok(out)
        });
        let found = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        found.map_err(|e: BadInstance| Error::invalid("roster", e.to_string()))
    }
}

/// Whether rosters of two squads stand at the same gates; the whole brigade's stands at all.
fn same_gates(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

fn squad(row: &RosterRow) -> String {
    let body: RosterBody = parse(&row.body).unwrap_or_default();
    body.wish["squad"].as_str().unwrap_or_default().to_owned()
}
