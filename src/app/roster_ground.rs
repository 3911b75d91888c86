//! What is a roster solved from: duties, people, leave, rides, and what was served before?

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_ground::{self, Rides};
use crate::app::duty_people::{self, DutyPerson};
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
    pub(super) rides: Rides,
    pub(super) people: BTreeMap<i64, DutyPerson>,
    pub(super) leaves: Vec<Leave>,
}

impl App {
    /// What rosters are solved from, for the schools given.
    pub(super) async fn ground(
        &self,
        tx: &mut Tx,
        schools: &[(i64, i64, school::School)],
        days: (Day, Day),
    ) -> Result<Ground> {
        let people = duty_people::by_key(tx).await?;
        let away = leaves(tx, &days.0.iso(), &days.1.iso()).await?;
        let snapshot = self.snapshot();
        let places = duty_ground::places(schools);
        let rides =
            tokio::task::spawn_blocking(move || duty_ground::rides(&snapshot, &places)).await;
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
        &self,
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
        ground
            .people
            .retain(|_, p| wish.squad.is_empty() || p.squad == wish.squad);
        let mut list = Vec::with_capacity(rows.len());
        for r in &rows {
            let b: DutyBody = parse(&r.body)?;
            let at = |gate: Option<&DutyPost>| {
                gate.and_then(|g| ground.rides.at.get(&g.gate))
                    .copied()
                    .unwrap_or(-1)
            };
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
        let shape = Shape {
            from,
            to,
            history: &body.history,
            days_before: &body.days_before,
            squad_only: wish.squad_only,
        };
        let instance = instance(&ground, list, &shape);
        Ok((row, rows, instance))
    }
}

/// Days and figures an instance is made with.
pub(super) struct Shape<'a> {
    pub(super) from: Day,
    pub(super) to: Day,
    pub(super) history: &'a BTreeMap<i64, i64>,
    pub(super) days_before: &'a BTreeMap<i64, i64>,
    pub(super) squad_only: bool,
}

/// The problem of duties among people.
pub(super) fn instance(ground: &Ground, duties: Vec<Duty>, shape: &Shape<'_>) -> Instance {
    let days = shape.to.0 - shape.from.0 + 1;
    let persons = ground
        .people
        .iter()
        .map(|(id, p)| {
            let mut unavailable = Vec::new();
            for leave in ground.leaves.iter().filter(|l| l.person == *id) {
                let span = Day::parse(&leave.first_day).zip(Day::parse(&leave.last_day));
                for day in span.map_or(0..0, |(a, b)| {
                    a.0.max(shape.from.0)..b.0.min(shape.to.0) + 1
                }) {
                    let peaks = PEAKS
                        .iter()
                        .filter(|k| leave.peak.is_empty() || **k == leave.peak);
                    unavailable.extend(peaks.map(|k| (day - shape.from.0, (*k).to_owned())));
                }
            }
            Person {
                id: *id,
                role: p.role.clone(),
                max_per_day: p.max_per_day,
                max_per_week: p.max_per_week,
                history: shape.history.get(id).copied().unwrap_or(p.history),
                unavailable,
                squad: Some(p.squad.clone()).filter(|s| !s.is_empty()),
                skills: Vec::new(),
                known_gates: Vec::new(),
                days_before: shape.days_before.get(id).copied().unwrap_or(0),
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
            ..Rules::default()
        },
        must_cover: Vec::new(),
        published: None,
        locked: Vec::new(),
        fairness: true,
    }
}
