//! What does a roster show: duties with names as the asker may see them, fairness, history, and the day at a glance?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{self, DutyPerson, shown_name};
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, RosterBody, at, parse};
use crate::app::school::{self, School, insider};
use crate::calendar::Day;
use crate::plan::roster::fair::{Fairness, fairness};
use crate::plan::school::peak_title;
use crate::store::duty::{self, DutyRow, RosterRow, Sign};

/// A roster in a list.
#[derive(Clone, Debug, Serialize)]
pub struct RosterLine {
    /// Key, as text.
    pub id: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// draft, published, withdrawn.
    pub state: String,
    /// Row version.
    pub version: i64,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: String,
    /// Who published it.
    pub published_by: Option<String>,
    /// Values, bounds, notes.
    pub body: RosterBody,
}

/// A post with names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PostView {
    /// Gate key.
    pub gate: String,
    /// Gate name.
    pub gate_name: String,
    /// School key.
    pub school: String,
    /// School name.
    pub school_name: String,
    /// Longitude, latitude.
    pub point: Option<[f64; 2]>,
    /// Which unit of the gate.
    pub unit: u8,
    /// Class of the gate.
    pub class: u8,
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
}

/// A duty with names.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DutyView {
    /// Key, as text.
    pub id: String,
    /// Roster.
    pub roster: String,
    /// Day.
    pub day: String,
    /// Peak.
    pub peak: String,
    /// Chinese word of the peak.
    pub peak_title: &'static str,
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Posts in their order.
    pub posts: Vec<PostView>,
    /// Roles that may serve it.
    pub accepts: Vec<String>,
    /// Worth.
    pub priority: i64,
    /// Squad.
    pub squad: String,
    /// Person key, none when uncovered.
    pub person: Option<String>,
    /// Name as the asker may see it.
    pub name: Option<String>,
    /// Role of the person.
    pub role: Option<String>,
    /// Changes since publication.
    pub sequence: i64,
    /// Signs at it: kind, time, distance.
    pub signs: Vec<Value>,
}

/// A whole roster.
#[derive(Clone, Debug, Serialize)]
pub struct RosterView {
    /// Head.
    pub roster: RosterLine,
    /// Duties by day, begin, key.
    pub duties: Vec<DutyView>,
    /// Shares of the people it was made for and of who took a duty since, spread by role.
    pub fairness: Fairness,
    /// Names of the people in it, as the asker may see them.
    pub people: Vec<Value>,
    /// Events in order.
    pub events: Vec<Value>,
}

/// Names that turn rows into views.
pub(super) struct Names {
    pub(super) people: BTreeMap<i64, DutyPerson>,
    pub(super) schools: BTreeMap<i64, School>,
}

impl Names {
    pub(super) async fn read(tx: &mut crate::store::Tx) -> Result<Self> {
        let schools = school::all(tx)
            .await?
            .into_iter()
            .map(|(id, _, s)| (id, s))
            .collect();
        Ok(Self {
            people: duty_people::by_key(tx).await?,
            schools,
        })
    }

    pub(super) fn duty(&self, who: &Who, row: &DutyRow, signs: &Signs<'_>) -> Result<DutyView> {
        let b: DutyBody = parse(&row.body)?;
        let person = row.person.and_then(|id| Some((id, self.people.get(&id)?)));
        let posts = b.posts.iter().map(|p| {
            let school = self.schools.get(&p.school);
            let gate = school.and_then(|s| s.gates.iter().find(|g| g.id == p.gate));
            PostView {
                gate: p.gate.to_string(),
                gate_name: gate.map_or_else(String::new, |g| g.name.clone()),
                school: p.school.to_string(),
                school_name: school.map_or_else(String::new, |s| s.name.clone()),
                point: gate.map(|g| [g.lon, g.lat]),
                unit: p.unit,
                class: p.class,
                start: p.start,
                end: p.end,
            }
        });
        // Attendance is the holder's own; what was reported from the post stays whoever holds it now.
        let own = |s: &&&Sign| s.kind == "incident" || Some(s.person) == row.person;
        let signs = signs.get(&row.id).into_iter().flatten().filter(own);
        let signs = signs.map(|s| sign(s)).collect();
        Ok(DutyView {
            id: row.id.to_string(),
            roster: row.roster.to_string(),
            day: row.day.clone(),
            peak_title: peak_title(&b.peak),
            start: b.start,
            end: b.end,
            posts: posts.collect(),
            accepts: b.accepts,
            priority: b.priority,
            squad: b.squad,
            person: row.person.map(|p| p.to_string()),
            name: person.map(|(id, p)| shown_name(who, id, p)),
            role: person.map(|(_, p)| p.role.clone()),
            sequence: row.sequence,
            signs,
            peak: b.peak,
        })
    }
}

/// Signs by duty.
pub(super) type Signs<'a> = BTreeMap<i64, Vec<&'a Sign>>;

/// Signs of a span, found by their duty.
pub(super) fn by_duty(signs: &[Sign]) -> Signs<'_> {
    let mut out = Signs::new();
    for s in signs {
        out.entry(s.duty).or_default().push(s);
    }
    out
}

fn sign(s: &Sign) -> Value {
    let body: Value = serde_json::from_str(&s.body).unwrap_or_default();
    json!({"kind": s.kind, "at": at(s.at), "received_at": at(s.received_at), "detail": body})
}

fn line(row: RosterRow) -> Result<RosterLine> {
    Ok(RosterLine {
        id: row.id.to_string(),
        from: row.first_day,
        to: row.last_day,
        state: row.state,
        version: row.version,
        created_by: row.created_by,
        created_at: at(row.created_at),
        published_by: row.published_by,
        body: parse(&row.body)?,
    })
}

impl App {
    /// All rosters, newest first.
    pub async fn rosters(&self, who: &Who) -> Result<Vec<RosterLine>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        duty::rosters(&mut tx)
            .await?
            .into_iter()
            .map(line)
            .collect()
    }

    /// One roster whole.
    pub async fn roster(self: &Arc<Self>, who: &Who, id: i64) -> Result<RosterView> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let (row, rows, mut instance) = self.stored(&mut tx, id).await?;
        let names = Names::read(&mut tx).await?;
        let signs = duty::signs(&mut tx, &row.first_day, &row.last_day).await?;
        let signs = by_duty(&signs);
        let plan: BTreeMap<i64, i64> = rows
            .iter()
            .filter_map(|r| Some((r.id, r.person?)))
            .collect();
        let events = duty::events(&mut tx, id).await?;
        let events = events
            .into_iter()
            .map(|e| {
                let body: Value = serde_json::from_str(&e.body).unwrap_or_default();
                json!({"at": at(e.at), "kind": e.kind, "by": e.actor, "detail": body})
            })
            .collect();
        let mut duties: Vec<DutyView> = rows
            .iter()
            .map(|r| names.duty(who, r, &signs))
            .collect::<Result<_>>()?;
        duties.sort_by(|a, b| {
            (&a.day, a.start, a.id.len(), &a.id).cmp(&(&b.day, b.start, b.id.len(), &b.id))
        });
        let people = names
            .people
            .iter()
            .filter(|(id, _)| instance.persons.iter().any(|p| p.id == **id))
            .map(|(id, p)| json!({"id": id.to_string(), "name": shown_name(who, *id, p), "role": p.role, "squad": p.squad, "simulated": p.simulated}))
            .collect();
        let roster = line(row)?;
        // Work was shared among the people there were; who came later counts from the first duty taken over.
        let shared = &roster.body.history;
        let takers: BTreeSet<i64> = plan.values().copied().collect();
        instance
            .persons
            .retain(|p| shared.is_empty() || shared.contains_key(&p.id) || takers.contains(&p.id));
        Ok(RosterView {
            fairness: fairness(&instance, &plan),
            roster,
            duties,
            people,
            events,
        })
    }

    /// Published duties of the asker's own from one day to another.
    pub async fn my_duties(&self, who: &Who, from: Day, to: Day) -> Result<Vec<DutyView>> {
        insider(who)?;
        if to < from || to.0 - from.0 > 62 {
            return Err(Error::invalid("to", "至多 62 天 (at most 62 days)"));
        }
        let mut tx = self.store.read().await?;
        let names = Names::read(&mut tx).await?;
        let mine: Vec<i64> = names
            .people
            .iter()
            .filter(|(_, p)| p.login == who.name && !p.login.is_empty())
            .map(|(id, _)| *id)
            .collect();
        let rows = duty::published_duties(&mut tx, &from.iso(), &to.iso()).await?;
        let signs = duty::signs(&mut tx, &from.iso(), &to.iso()).await?;
        let signs = by_duty(&signs);
        let own = rows
            .iter()
            .filter(|r| r.person.is_some_and(|p| mine.contains(&p)));
        own.map(|r| names.duty(who, r, &signs)).collect()
    }

    /// All published duties of a day, for the wall: who stands where, who has signed in.
    pub async fn day_duties(&self, who: &Who, day: Day) -> Result<Vec<DutyView>> {
        insider(who)?;
        let mut tx = self.store.read().await?;
        let names = Names::read(&mut tx).await?;
        let rows = duty::published_duties(&mut tx, &day.iso(), &day.iso()).await?;
        let signs = duty::signs(&mut tx, &day.iso(), &day.iso()).await?;
        let signs = by_duty(&signs);
        let mut list: Vec<DutyView> = rows
            .iter()
            .map(|r| names.duty(who, r, &signs))
            .collect::<Result<_>>()?;
        list.sort_by(|a, b| (a.start, &a.id).cmp(&(b.start, &b.id)));
        Ok(list)
    }
}
