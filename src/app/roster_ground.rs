//! What is a roster solved from: duties, people, leave, rides, and what was served before?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_ground;
use crate::app::duty_people::{self, DutyPerson};
use crate::app::duty_rides::Rides;
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, DutyPost, RosterBody, RosterWish, parse};
use crate::app::school;
use crate::calendar::Day;
use crate::plan::roster::{Duty, Instance, Person, Rules};
use crate::plan::school::PEAKS;
use crate::store::Tx;
use crate::store::duty::{self, DutyRow, RosterEvent, RosterRow};
use crate::store::school::{Leave, leaves};

/// Everything a roster is solved from.
pub(super) struct Ground {
    pub(super) rides: Arc<Rides>,
    pub(super) people: BTreeMap<i64, DutyPerson>,
    pub(super) leaves: Vec<Leave>,
}

impl App {
    /// What rosters are solved from, for the schools given.
    pub(super) async fn ground(
        self: &Arc<Self>,
        tx: &mut Tx,
        schools: &[(i64, i64, school::School)],
        days: (Day, Day),
    ) -> Result<Ground> {
        let people = duty_people::by_key(tx).await?;
        let away = leaves(tx, &days.0.iso(), &days.1.iso()).await?;
        let snapshot = self.snapshot();
        let places = duty_ground::places(schools);
        let app = Arc::clone(self);
        let rides = tokio::task::spawn_blocking(move || app.rides.of(&snapshot, &places)).await;
        let rides = rides.map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Ground {
            rides,
            people,
            leaves: away,
        })
    }

    /// Appends an event and its audit row.
    pub(super) async fn note_roster(
        &self,
        tx: &mut Tx,
        who: &Who,
        (roster, kind): (i64, &str),
        detail: &Value,
    ) -> Result<()> {
        let event = RosterEvent {
            at: self.now().0,
            kind: kind.to_owned(),
            actor: who.name.clone(),
            body: detail.to_string(),
        };
        duty::append_event(tx, roster, &event).await?;
        let action = format!("roster.{kind}");
        self.audit(tx, &who.name, [&action, &roster.to_string()], detail)
            .await
    }

    /// A stored roster as the solver takes it; duties keep their keys.
    pub(super) async fn stored(
        self: &Arc<Self>,
        tx: &mut Tx,
        id: i64,
    ) -> Result<(RosterRow, Vec<DutyRow>, Instance)> {
        let row = duty::roster_by_id(tx, id).await?.ok_or(Error::NotFound)?;
        let rows = duty::duties(tx, id).await?;
        let days = Day::parse(&row.first_day).zip(Day::parse(&row.last_day));
        let (from, to) = days.ok_or_else(|| Error::Internal(format!("roster {id} has no days")))?;
        let body: RosterBody = parse(&row.body)?;
        let wish: RosterWish = serde_json::from_value(body.wish.clone())
            .map_err(|e| Error::Internal(e.to_string()))?;
        let schools = school::all(tx).await?;
        let mut ground = self.ground(tx, &schools, (from, to)).await?;
        // Who left, or changed squad, stays in the account of this roster and takes nothing more from today on.
        let named: BTreeSet<i64> = rows.iter().filter_map(|r| r.person).collect();
        let stays = |p: &DutyPerson| !p.left && (wish.squad.is_empty() || p.squad == wish.squad);
        ground
            .people
            .retain(|id, p| stays(p) || named.contains(id) || body.history.contains_key(id));
        let today = self.today().max(from);
        for (id, _) in ground.people.iter().filter(|(_, p)| !stays(p)) {
            ground.leaves.push(Leave {
                id: 0,
                person: *id,
                first_day: today.iso(),
                last_day: to.iso(),
                peak: String::new(),
                cause: String::new(),
            });
        }
        let (list, at_schools, must) = as_duties(&rows, &ground, from)?;
        let shape = Shape {
            from,
            to,
            served: &Served {
                history: body.history,
                days_before: body.days_before,
                week_before: body.week_before,
                week_after: body.week_after,
                known_gates: body.known_gates,
                gate_weeks: body.gate_weeks,
            },
            schools: &at_schools,
            squad_only: wish.squad_only,
            rotate_weeks: wish.rotate_weeks,
        };
        let mut instance = instance(&ground, list, &shape);
        instance.must_cover = must;
        Ok((row, rows, instance))
    }
}

/// Stored duties as the solver takes them, the schools of each, and which must be covered.
type AsDuties = (Vec<Duty>, Vec<Vec<i64>>, Vec<i64>);

fn as_duties(rows: &[DutyRow], ground: &Ground, from: Day) -> Result<AsDuties> {
    let at = |gate: Option<&DutyPost>| {
        let known = gate.and_then(|g| ground.rides.at.get(&g.gate));
        known.copied().unwrap_or(-1)
    };
    let mut list = Vec::with_capacity(rows.len());
    let mut at_schools = Vec::with_capacity(rows.len());
    let mut must = Vec::new();
    for r in rows {
        let b: DutyBody = parse(&r.body)?;
        at_schools.push(b.posts.iter().map(|p| p.school).collect());
        must.extend(b.must.then_some(r.id));
        list.push(Duty {
            id: r.id,
            day: Day::parse(&r.day).map_or(0, |d| d.0 - from.0),
            peak: b.peak.clone(),
            gate: at(b.posts.first()),
            last_gate: (b.posts.len() > 1).then(|| at(b.posts.last())),
            unit: b.posts.first().map_or(1, |p| i64::from(p.unit)),
            start: b.start,
            end: b.end,
            accepts: b.accepts,
            load: b.load,
            priority: b.priority,
            squad: Some(b.squad).filter(|s| !s.is_empty()),
            needs: Vec::new(),
        });
    }
    Ok((list, at_schools, must))
}

/// Days and figures an instance is made with.
pub(super) struct Shape<'a> {
    pub(super) from: Day,
    pub(super) to: Day,
    pub(super) served: &'a Served,
    /// Schools of every duty.
    pub(super) schools: &'a [Vec<i64>],
    pub(super) squad_only: bool,
    pub(super) rotate_weeks: i64,
}

/// What people served before the first day, by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Served {
    pub(super) history: BTreeMap<i64, i64>,
    pub(super) days_before: BTreeMap<i64, i64>,
    pub(super) week_before: BTreeMap<i64, i64>,
    pub(super) week_after: BTreeMap<i64, i64>,
    pub(super) known_gates: BTreeMap<i64, Vec<i64>>,
    pub(super) gate_weeks: BTreeMap<i64, BTreeMap<i64, i64>>,
}

/// Who belongs to a school serves its gates only: the school is a skill that everybody else has for all schools.
fn tie_to_schools(ground: &Ground, duties: &mut [Duty], schools: &[Vec<i64>]) -> BTreeSet<String> {
    let skill = |school: &i64| format!("school:{school}");
    if ground.people.values().all(|p| p.school.is_empty()) {
        return BTreeSet::new();
    }
    for (duty, at) in duties.iter_mut().zip(schools) {
        duty.needs = at.iter().map(skill).collect();
        duty.needs.dedup();
    }
    schools.iter().flatten().map(skill).collect()
}

/// Days and peaks of a horizon on which a leave keeps somebody away.
pub(super) fn away(leave: &Leave, from: Day, days: i64) -> Vec<(i64, String)> {
    let span = Day::parse(&leave.first_day).zip(Day::parse(&leave.last_day));
    let span = span.map_or(0..0, |(a, b)| {
        (a.0 - from.0).max(0)..(b.0 - from.0 + 1).min(days)
    });
    let peaks = || {
        PEAKS
            .iter()
            .filter(|k| leave.peak.is_empty() || **k == leave.peak)
    };
    span.flat_map(|day| peaks().map(move |k| (day, (*k).to_owned())))
        .collect()
}

/// The problem of duties among people.
pub(super) fn instance(ground: &Ground, mut duties: Vec<Duty>, shape: &Shape<'_>) -> Instance {
    let skills = tie_to_schools(ground, &mut duties, shape.schools);
    let served = shape.served;
    let number = |key: &i64| ground.rides.at.get(key).copied();
    let weeks = |id: &i64| {
        let own = served.gate_weeks.get(id).into_iter().flatten();
        own.filter_map(|(k, n)| Some((number(k)?, *n))).collect()
    };
    let days = shape.to.0 - shape.from.0 + 1;
    let persons = ground
        .people
        .iter()
        .map(|(id, p)| {
            let mut unavailable = Vec::new();
            for leave in ground.leaves.iter().filter(|l| l.person == *id) {
                unavailable.extend(away(leave, shape.from, days));
            }
            Person {
                id: *id,
                role: p.role.clone(),
                max_per_day: p.max_per_day,
                max_per_week: p.max_per_week,
                history: served.history.get(id).copied().unwrap_or(p.history),
                unavailable,
                squad: Some(p.squad.clone()).filter(|s| !s.is_empty()),
                skills: if p.school.is_empty() {
                    skills.iter().cloned().collect()
                } else {
                    vec![format!("school:{}", p.school)]
                },
                known_gates: served
                    .known_gates
                    .get(id)
                    .map(|g| g.iter().filter_map(number).collect())
                    .unwrap_or_default(),
                gate_weeks: weeks(id),
                days_before: served.days_before.get(id).copied().unwrap_or(0),
                week_before: served.week_before.get(id).copied().unwrap_or(0),
                week_after: served.week_after.get(id).copied().unwrap_or(0),
            }
        })
        .collect();
    Instance {
        days,
        peaks: PEAKS.map(str::to_owned).to_vec(),
        persons,
        duties,
        rules: Rules {
            travel_min: ground.rides.minutes.clone(),
            first_weekday: i64::from(shape.from.weekday()),
            squad_only: shape.squad_only,
            rotate_weeks: shape.rotate_weeks,
            ..Rules::default()
        },
        fairness: true,
        ..Instance::default()
    }
}
