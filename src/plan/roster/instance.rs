//! What is given: people, duties, rules, and perhaps a plan already published?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// Somebody who can be rostered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name of the person in this instance; no personal datum.
    pub id: i64,
    /// Role as duties accept it: `police`, `auxiliary`, `volunteer`, `school_staff`, `parent` or a local word.
    #[serde(rename = "type", alias = "role", default)]
    pub role: String,
    /// Most duties a day.
    #[serde(default = "two")]
    pub max_per_day: i64,
    /// Most duties a week.
    #[serde(default = "ten")]
    pub max_per_week: i64,
    /// Load points served before; present colleagues' average is added while somebody is away.
    #[serde(default)]
    pub history: i64,
    /// (day, peak) at which the person is away.
    #[serde(default)]
    pub unavailable: Vec<(i64, String)>,
    /// Home squad, for duties that belong to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// Skills, for duties that need some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<String>,
    /// Gates already served this term, for continuity.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known_gates: Vec<i64>,
    /// Weeks in which a gate was served this term, by gate number, for rotation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gate_weeks: BTreeMap<i64, i64>,
    /// Duty days in a row just before day 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days_before: i64,
    /// Duties that other rosters give in the ISO week of day 0, before it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub week_before: i64,
    /// Duties that other rosters give in the ISO week of the last day, after it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub week_after: i64,
}

/// One person's work in one peak: a slot, or a chain of slots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Name of the duty.
    pub id: i64,
    /// Day, 0 = first of the horizon.
    pub day: i64,
    /// Peak, one of the instance's.
    pub peak: String,
    /// (First) gate.
    pub gate: i64,
    /// Last gate of a chain, if another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_gate: Option<i64>,
    /// Which unit of the gate, from 1.
    #[serde(default = "one")]
    pub unit: i64,
    /// Begin in minutes of the day.
    pub start: i64,
    /// End in minutes of the day.
    pub end: i64,
    /// Roles that may serve it; empty means any.
    #[serde(default)]
    pub accepts: Vec<String>,
    /// Load points.
    #[serde(default = "one")]
    pub load: i64,
    /// Worth when covered, in whole points.
    pub priority: i64,
    /// Squad the duty belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// Skills that are needed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub needs: Vec<String>,
}

/// What holds for everybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Most duty days in a row.
    #[serde(default = "six")]
    pub max_consecutive_days: i64,
    /// Minutes between two duties besides the ride.
    #[serde(default = "three")]
    pub buffer_min: i64,
    /// Least minutes between the last duty of a day and the first of the next.
    #[serde(default = "rest")]
    pub min_rest_min: i64,
    /// Minutes between gates, by gate number; missing pairs take 0.
    #[serde(default)]
    pub travel_min: Vec<Vec<i64>>,
    /// Weekday of day 0, Monday 0: weeks are ISO weeks.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_weekday: i64,
    /// Whether only the home squad may serve a squad's duty.
    #[serde(default)]
    pub squad_only: bool,
    /// Weeks at one gate after which somebody else is wanted there; 0 for never.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rotate_weeks: i64,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            max_consecutive_days: six(),
            buffer_min: three(),
            min_rest_min: rest(),
            travel_min: Vec::new(),
            first_weekday: 0,
            squad_only: false,
            rotate_weeks: 0,
        }
    }
}

/// A rostering problem.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Days of the horizon.
    pub days: i64,
    /// Peaks of a day in their order.
    pub peaks: Vec<String>,
    /// People.
    pub persons: Vec<Person>,
    /// Duties.
    pub duties: Vec<Duty>,
    /// Rules.
    #[serde(default)]
    pub rules: Rules,
    /// Duties that must be covered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_cover: Vec<i64>,
    /// The plan already published: duty → person or nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<BTreeMap<i64, Option<i64>>>,
    /// Duties that stay as published whatever comes (past ones).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: Vec<i64>,
    /// Whether fairness counts.
    #[serde(default = "yes")]
    pub fairness: bool,
}

const fn one() -> i64 {
    1
}
const fn two() -> i64 {
    2
}
const fn three() -> i64 {
    3
}
const fn six() -> i64 {
    6
}
const fn ten() -> i64 {
    10
}
const fn rest() -> i64 {
    660
}
const fn yes() -> bool {
    true
}
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(n: &i64) -> bool {
    *n == 0
}

/// Why an instance cannot be read; each names the row and the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadInstance {
    /// An id stands twice.
    #[error("{what} {id} stands twice; every {what} needs an id of its own")]
    Twice {
        /// `person` or `duty`.
        what: &'static str,
        /// The id.
        id: i64,
    },
    /// A window that is empty or leaves its day.
    #[error(
        "duty {id}: window {start}..{end} must lie within one day, begin before end; split a window over midnight"
    )]
    Window {
        /// Which duty.
        id: i64,
        /// Begin.
        start: i64,
        /// End.
        end: i64,
    },
    /// A number below its floor.
    #[error("{what} {id}: {field} is {value}, must be in 0..=1000000000")]
    Number {
        /// `person` or `duty`.
        what: &'static str,
        /// Which one.
        id: i64,
        /// Which field.
        field: &'static str,
        /// What was given.
        value: i64,
    },
    /// A leave at a peak that does not exist would silently do nothing.
    #[error(
        "person {id} is unavailable at peak {peak}, which is none of {peaks}; correct its name"
    )]
    Peak {
        /// Who.
        id: i64,
        /// The peak that was given.
        peak: String,
        /// Known peaks.
        peaks: String,
    },
    /// More load points than squares can hold.
    #[error("load and history are {total} points in all, at most {most}; count in larger points")]
    Load {
        /// Σ load + Σ history.
        total: i64,
        /// The limit.
        most: i64,
    },
    /// A day or peak outside the horizon.
    #[error(
        "duty {id}: day {day}, peak {peak} is not in the horizon of {days} days with peaks {peaks}"
    )]
    Outside {
        /// Which duty.
        id: i64,
        /// Its day.
        day: i64,
        /// Its peak.
        peak: String,
        /// Days of the horizon.
        days: i64,
        /// Known peaks.
        peaks: String,
    },
    /// A reference to nothing.
    #[error("{list} names {id}, which is no {what}; remove it or add the row")]
    Unknown {
        /// Which list.
        list: &'static str,
        /// What it should be.
        what: &'static str,
        /// The id.
        id: i64,
    },
    /// More than the solver is made for.
    #[error("{what}: {count} is more than {limit}; plan a shorter horizon or one squad at a time")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How many.
        count: usize,
        /// The limit.
        limit: usize,
    },
}

/// Most load points of all duties and histories together.
const MOST_POINTS: i64 = 100_000_000;

impl Instance {
    /// Checks everything that makes sense of the rest.
    pub fn check(&self) -> Result<(), BadInstance> {
        self.check_size()?;
        let persons = unique("person", self.persons.iter().map(|p| p.id))?;
        let duties = unique("duty", self.duties.iter().map(|d| d.id))?;
        for p in &self.persons {
            let fields = [
                ("max_per_day", p.max_per_day),
                ("max_per_week", p.max_per_week),
                ("history", p.history),
                ("days_before", p.days_before),
                ("week_before", p.week_before),
                ("week_after", p.week_after),
            ];
            in_range("person", p.id, &fields)?;
            if let Some((_, peak)) = p.unavailable.iter().find(|u| !self.peaks.contains(&u.1)) {
                return Err(BadInstance::Peak {
                    id: p.id,
                    peak: peak.clone(),
                    peaks: self.peaks.join(", "),
                });
            }
        }
        for d in &self.duties {
            in_range("duty", d.id, &[("load", d.load), ("priority", d.priority)])?;
            self.check_duty(d)?;
        }
        self.check_load()?;
        let known = |list, ids: &[i64]| match ids.iter().find(|id| !duties.contains(id)) {
            Some(id) => Err(BadInstance::Unknown {
                list,
                what: "duty",
                id: *id,
            }),
            None => Ok(()),
        };
        known("must_cover", &self.must_cover)?;
        known("locked", &self.locked)?;
        for (duty, person) in self.published.iter().flatten() {
            known("published", &[*duty])?;
            if let Some(id) = person.filter(|id| !persons.contains(id)) {
                return Err(BadInstance::Unknown {
                    list: "published",
                    what: "person",
                    id,
                });
            }
        }
        Ok(())
    }

    fn check_size(&self) -> Result<(), BadInstance> {
        let limits = [
            ("persons", self.persons.len(), 2_000),
            ("duties", self.duties.len(), 50_000),
            (
                "days",
                usize::try_from(self.days).unwrap_or(usize::MAX),
                400,
            ),
        ];
        match limits.into_iter().find(|(_, count, limit)| count > limit) {
            Some((what, count, limit)) => Err(BadInstance::TooLarge { what, count, limit }),
            None => Ok(()),
        }
    }

    /// Squares of all points together stay inside 63 bits, with room for prices.
    fn check_load(&self) -> Result<(), BadInstance> {
        let points = self.duties.iter().map(|d| d.load);
        let total: i64 = points.chain(self.persons.iter().map(|p| p.history)).sum();
        if total > MOST_POINTS {
            let most = MOST_POINTS;
            return Err(BadInstance::Load { total, most });
        }
        Ok(())
    }

    fn check_duty(&self, d: &Duty) -> Result<(), BadInstance> {
        if d.start < 0 || d.end <= d.start || d.end > 24 * 60 {
            let (id, start, end) = (d.id, d.start, d.end);
            return Err(BadInstance::Window { id, start, end });
        }
        if !(0..self.days).contains(&d.day) || !self.peaks.contains(&d.peak) {
            return Err(BadInstance::Outside {
                id: d.id,
                day: d.day,
                peak: d.peak.clone(),
                days: self.days,
                peaks: self.peaks.join(", "),
            });
        }
        Ok(())
    }
}

fn unique(
    what: &'static str,
    ids: impl Iterator<Item = i64>,
) -> Result<BTreeSet<i64>, BadInstance> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(BadInstance::Twice { what, id });
        }
    }
    Ok(seen)
}

fn in_range(
    what: &'static str,
    id: i64,
    fields: &[(&'static str, i64)],
) -> Result<(), BadInstance> {
    let bad = fields
        .iter()
        .find(|(_, v)| !(0..=1_000_000_000).contains(v));
    bad.map_or(Ok(()), |(field, value)| {
        Err(BadInstance::Number {
            what,
            id,
            field,
            value: *value,
        })
    })
}
