//! Do a site's tickets come when the bells of a school ring?

use serde::Serialize;

use crate::app::school::School;
use crate::calendar::{Day, UtcMs, WorkCalendar};
use crate::case::SchoolHour;
use crate::case::problem::{BELL_MIN, SCHOOL_M};
use crate::effect::days::{DayClass, DayMark, DayTable};
use crate::plan::school::{Bell, Way, school_weekday};
use crate::spatial::LonLat;

/// How many tickets of a site fall into the bells of its school.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BellShare {
    /// Name of the school.
    pub name: String,
    /// Metres from the site to its nearest gate.
    pub gate_m: f64,
    /// Bells as `07:40`, arrival and leaving, in the order of the day.
    pub bells: Vec<BellTime>,
    /// Tickets within 40 minutes of a bell of a school day and 150 m of a gate.
    pub at_bells: usize,
    /// Share of all tickets of the site.
    pub share: f64,
    /// Share of the hours of a week that lie so near to a bell: what chance alone would give.
    pub by_chance: f64,
    /// Whether the school calendar is assumed, because the city's table names no breaks.
    pub assumed: bool,
}

/// A bell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BellTime {
    /// `07:40`.
    pub at: String,
    /// arrive, leave.
    pub way: Way,
}

/// A gate with the bells of its school.
struct Gate {
    point: LonLat,
    school: String,
    bells: Vec<Bell>,
    closed_on_makeup: bool,
}

/// The gates of the register and the days on which schools teach.
pub(super) struct Bells {
    gates: Vec<Gate>,
    calendar: Option<WorkCalendar>,
}

impl Bells {
    /// From the school register; `calendar` is the city's file.
    pub(super) fn of(schools: &[(i64, i64, School)], calendar: Option<&str>) -> Self {
        let gates = schools.iter().flat_map(|(_, _, s)| {
            s.gates.iter().map(|g| Gate {
                point: LonLat::new(g.lon, g.lat),
                school: s.name.clone(),
                bells: s.bells.clone(),
                closed_on_makeup: s.closed_on_makeup,
            })
        });
        Self {
            gates: gates.collect(),
            calendar: calendar.and_then(|text| WorkCalendar::read(text).ok()),
        }
    }

    fn nearest(&self, point: LonLat) -> Option<(f64, &Gate)> {
        let far = |g: &Gate| g.point.distance_m(point);
        let all = self.gates.iter().map(|g| (far(g), g));
        all.min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// By whose bells a day goes; `None` = no school that day.
    fn weekday(&self, day: Day, gate: &Gate) -> Option<u8> {
        let known = self.calendar.as_ref();
        if let Some(calendar) = known.filter(|c| c.knows_school(day.ymd().0)) {
            return school_weekday(calendar, day, !gate.closed_on_makeup);
        }
        let mark = |d: Day| DayMark {
            off: known
                .filter(|c| c.covers(d.ymd().0))
                .map(|c| !c.is_working(d)),
            school: None,
        };
        let table = DayTable::build(day, Day(day.0 + 1), mark);
        (table.class(day) == DayClass::School).then(|| day.weekday().min(4))
    }

    /// Place and hour of a ticket against the nearest gate.
    pub(super) fn hour(&self, point: LonLat, at: UtcMs) -> SchoolHour {
        let Some((gate_m, gate)) = self.nearest(point).filter(|n| n.0 <= SCHOOL_M) else {
            return SchoolHour::default();
        };
        let day = Day(at.civil_day());
        let minute = at.ms_of_day() / 60_000;
        let ring = self.weekday(day, gate).and_then(|weekday| {
            let ringing = gate.bells.iter().filter(|b| b.rings(day, weekday));
            ringing.map(|b| apart(b, minute)).min()
        });
        SchoolHour {
            gate_m: Some(gate_m),
            bell_min: ring.and_then(|m| i32::try_from(m).ok()),
        }
    }

    /// What the bells explain of a site's tickets; `None` where no gate with bells is near.
    pub(super) fn share(
        &self,
        point: LonLat,
        tickets: &[(String, SchoolHour)],
    ) -> Option<BellShare> {
        let (gate_m, gate) = self.nearest(point).filter(|n| n.0 <= SCHOOL_M)?;
        if gate.bells.is_empty() {
            return None;
        }
        let mut bells: Vec<BellTime> = gate
            .bells
            .iter()
            .map(|b| BellTime {
                at: format!("{:02}:{:02}", b.at / 60, b.at % 60),
                way: b.way,
            })
            .collect();
        bells.sort();
        bells.dedup();
        let at_bells = tickets.iter().filter(|t| t.1.belongs()).count();
        let minutes = (0..24 * 60)
            .filter(|m| {
                gate.bells
                    .iter()
                    .any(|b| apart(b, *m) <= i64::from(BELL_MIN))
            })
            .count();
        let knows = |c: &WorkCalendar| (2000..2100).any(|y| c.knows_school(y));
        Some(BellShare {
            name: gate.school.clone(),
            gate_m: gate_m.round(),
            bells,
            at_bells,
            share: at_bells as f64 / tickets.len().max(1) as f64,
            // Five days of seven, so many minutes of a day.
            by_chance: minutes as f64 / f64::from(24 * 60) * 5.0 / 7.0,
            assumed: !self.calendar.as_ref().is_some_and(knows),
        })
    }
}

/// Minutes between a bell (a kindergarten's open doors) and a minute of the day.
fn apart(bell: &Bell, minute: i64) -> i64 {
    let end = bell.until.unwrap_or(bell.at).max(bell.at);
    (bell.at - minute).max(minute - end).max(0)
}
