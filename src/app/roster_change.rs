//! How does a roster change: published, withdrawn, re-planned when somebody falls ill, swapped, explained?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_leave::{check_leave, known_leave};
use crate::app::duty_people::{self, DutyPerson, own_person, own_squad};
use crate::app::error::{Error, Result};
use crate::app::roster_ground::away;
use crate::app::roster_kept::{Change, DutyBody, Replanned, RosterBody, note_answer, parse};
use crate::app::school::{insider, need_power, text};
use crate::calendar::Day;
use crate::plan::roster::swap::hindrances;
use crate::plan::roster::{BadInstance, Instance, Limits, Person, solve, why};
use crate::store::Tx;
use crate::store::duty::{self, DutyRow, RosterRow};
use crate::store::school::{Leave, insert_leave, leaves};
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
            self.still_there(&mut tx, id).await?;
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

    /// Refuses a roster that gives a duty to come to somebody who has gone on leave or left since it was made.
    async fn still_there(&self, tx: &mut Tx, id: i64) -> Result<()> {
        let rows = duty::duties(tx, id).await?;
        let past: BTreeSet<i64> = self.past(&rows)?.into_iter().collect();
        let people = duty_people::by_key(tx).await?;
        let span = rows.first().zip(rows.last());
        let (first, last) = span.map_or(("", ""), |(a, b)| (a.day.as_str(), b.day.as_str()));
        let away = leaves(tx, first, last).await?;
        let mut gone = 0;
        let mut example = None;
        for row in rows.iter().filter(|r| !past.contains(&r.id)) {
            let Some(person) = row.person else { continue };
            let peak = parse::<DutyBody>(&row.body)?.peak;
            let on_leave = away.iter().any(|l| {
                l.person == person
                    && l.first_day <= row.day
                    && row.day <= l.last_day
                    && (l.peak.is_empty() || l.peak == peak)
            });
            if on_leave || people.get(&person).is_none_or(|p| p.left) {
                gone += 1;
                example.get_or_insert_with(|| row.day.clone());
            }
        }
        let Some(day) = example else { return Ok(()) };
        let why = format!(
            "生成之后有人请假或离队，{gone} 岗（最早 {day}）已无人可到：请重新生成，或先登记缺勤重排 (people went on leave or left since: make it anew, or note the absence to re-plan)"
        );
        Err(Error::refused("away", why))
    }

    /// Somebody is away: the leave is noted and the roster re-planned from now with the fewest changes. Past duties stay. A
    /// squad leader's re-planning moves people of the own squad only.
    pub async fn absence(self: &Arc<Self>, who: &Who, id: i64, leave: Leave) -> Result<Replanned> {
        need_power(who, Power::Propose)?;
        check_leave(&leave)?;
        // Solved outside of the writer's turn: others write meanwhile, the row's version tells whether the roster moved on.
        let mut tx = self.store.read().await?;
        own_person(&mut tx, who, leave.person).await?;
        let people = duty_people::by_key(&mut tx).await?;
        let (mut row, rows, mut instance) = self.stored(&mut tx, id).await?;
        drop(tx);
        let from = Day::parse(&row.first_day).unwrap_or_default();
        if let Some(person) = instance.persons.iter_mut().find(|p| p.id == leave.person) {
            person.unavailable.extend(away(&leave, from, instance.days));
        }
        let plan: BTreeMap<i64, Option<i64>> = rows.iter().map(|r| (r.id, r.person)).collect();
        instance.published = Some(plan.clone());
        let past = self.past(&rows)?;
        instance.locked.clone_from(&past);
        // What has begun without anybody cannot be required any more.
        instance.must_cover.retain(|d| !past.contains(d));
        keep_to_squad(who, &people, (&rows, leave.person), &mut instance)?;
        let task = tokio::task::spawn_blocking(move || {
            let answer = solve(&instance, &Limits::default(), &mut |_| true);
            answer.map(|a| (instance, a))
        });
        let (_, answer) = task
            .await
            .map_err(|e| Error::Internal(e.to_string()))?
            .map_err(|e| Error::invalid("roster", e.to_string()))?;
        let mut tx = self.store.write().await?;
        if known_leave(&mut tx, &leave).await?.is_none() {
            insert_leave(&mut tx, &leave, &who.name, self.now().0).await?;
        }
        let mut changes = Vec::new();
        for r in rows.iter().filter(|r| !past.contains(&r.id)) {
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
        let people = duty_people::by_key(&mut tx).await?;
        for (duty, to) in wanted {
            if let Some(row) = rows.iter().find(|r| r.id == *duty) {
                own_squad(who, &squad_of(&people, row)?)?;
            }
            if let Some(person) = to.and_then(|p| people.get(&p)) {
                own_squad(who, &person.squad)?;
            }
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
        let (_, rows, mut instance) = self.stored(&mut tx, id).await?;
        if !rows.iter().any(|r| r.id == duty) {
            return Err(Error::NotFound);
        }
        // What has begun cannot be moved for it.
        instance.locked = self.past(&rows)?;
        instance.must_cover.retain(|d| !instance.locked.contains(d));
        instance.locked.retain(|d| *d != duty);
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

/// The squad that a change of a duty touches: the holder's, or the gate's where nobody holds it.
fn squad_of(people: &BTreeMap<i64, DutyPerson>, row: &DutyRow) -> Result<String> {
    match row.person.and_then(|p| people.get(&p)) {
        Some(holder) => Ok(holder.squad.clone()),
        None => Ok(parse::<DutyBody>(&row.body)?.squad),
    }
}

/// Below the power to edit a re-planning touches the own squad: other squads' duties stay as they are, but those of the person
/// who is away, and other squads' people get nothing new.
fn keep_to_squad(
    who: &Who,
    people: &BTreeMap<i64, DutyPerson>,
    (rows, away): (&[DutyRow], i64),
    instance: &mut Instance,
) -> Result<()> {
    let own = |squad: &str| own_squad(who, squad).is_ok();
    for row in rows {
        let locked = instance.locked.contains(&row.id);
        if !locked && row.person != Some(away) && !own(&squad_of(people, row)?) {
            instance.locked.push(row.id);
        }
    }
    let everything: Vec<(i64, String)> = (0..instance.days)
        .flat_map(|d| instance.peaks.iter().map(move |k| (d, k.clone())))
        .collect();
    for person in &mut instance.persons {
        if !people.get(&person.id).is_some_and(|p| own(&p.squad)) {
            person.unavailable.clone_from(&everything);
        }
    }
    Ok(())
}

/// Whether rosters of two squads stand at the same gates; the whole brigade's stands at all.
fn same_gates(a: &str, b: &str) -> bool {
    a.is_empty() || b.is_empty() || a == b
}

fn squad(row: &RosterRow) -> String {
    let body: RosterBody = parse(&row.body).unwrap_or_default();
    body.wish["squad"].as_str().unwrap_or_default().to_owned()
}
