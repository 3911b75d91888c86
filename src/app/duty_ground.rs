//! What do map and tickets say about the gates: tickets at bell time, school days, roads to draw?

use std::collections::BTreeMap;

use geo::CoordsIter;
use serde::Serialize;

use crate::app::App;
use crate::app::access::Who;
use crate::app::demo_data;
use crate::app::error::{Error, Result};
use crate::app::school::{self, School, insider, need_power, text};
use crate::app::snapshot::Snapshot;
use crate::calendar::{DAY_MS, Day, UtcMs, WorkCalendar};
use crate::case::Catalogue;
use crate::plan::need::GateFacts;
use crate::plan::post::{DayPosts, Gate, day_posts};
use crate::plan::school::{Around, windows};
use crate::spatial::LonLat;
use crate::store::{Tx, setting};
use crate::ticket::permit::Power;

/// A ticket within so many metres of a gate counts for it (GA/T 1215: surroundings are at least 150 m).
const NEAR_M: f64 = 150.0;
/// Minutes beyond a window whose tickets still count.
const MARGIN: i64 = 30;
/// Key of the calendar.
const CALENDAR: &str = "duty_calendar";

/// A gate with its school, in the order of keys.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) gate: i64,
    pub(super) gate_name: String,
    pub(super) school: i64,
    pub(super) school_name: String,
    pub(super) point: LonLat,
}

/// All gates of all schools.
pub(super) fn places(schools: &[(i64, i64, School)]) -> Vec<Place> {
    let mut out: Vec<Place> = schools
        .iter()
        .flat_map(|(id, _, s)| {
            s.gates.iter().map(|g| Place {
                gate: g.id,
                gate_name: g.name.clone(),
                school: *id,
                school_name: s.name.clone(),
                point: LonLat::new(g.lon, g.lat),
            })
        })
        .collect();
    out.sort_by_key(|p| p.gate);
    out
}

/// Gates as the planner takes them, with the tickets of the last year of data at their bells on `day`.
pub(super) fn gates(snapshot: &Snapshot, schools: &[(i64, i64, School)], day: Day) -> Vec<Gate> {
    let mut out: Vec<Gate> = Vec::new();
    let mut points: Vec<LonLat> = Vec::new();
    for (_, _, school) in schools {
        for g in &school.gates {
            points.push(LonLat::new(g.lon, g.lat));
            out.push(Gate {
                id: g.id,
                bells: school.bells.clone(),
                by_peak: BTreeMap::new(),
                facts: GateFacts {
                    students: g.students,
                    pupil_crash: g.pupil_crash,
                    wide_road: g.wide_road,
                    no_safe_crossing: g.no_safe_crossing,
                    ..GateFacts::default()
                },
                set: g.set.clone(),
                closed_on_makeup: school.closed_on_makeup,
                squad: Some(school.squad.clone()).filter(|s| !s.is_empty()),
            });
        }
    }
    let index = &snapshot.index;
    let rows: Vec<(LonLat, i64)> = (0..index.len())
        .filter_map(|row| Some((index.world(row)?.lonlat(), index.received(row).0)))
        .collect();
    let newest = rows.iter().map(|r| r.1).max().unwrap_or(0);
    let peaks: Vec<Vec<(i64, i64, &str)>> = out
        .iter()
        .map(|g| {
            let (list, _) = windows(&g.bells, day, day.weekday().min(4), &Around::default());
            list.iter()
                .map(|w| (w.start - MARGIN, w.end + MARGIN, w.peak))
                .collect()
        })
        .collect();
    for (point, at) in rows.into_iter().filter(|r| r.1 > newest - 365 * DAY_MS) {
        let when = UtcMs(at);
        if when.civil_weekday() > 4 {
            continue;
        }
        let minute = when.ms_of_day() / 60_000;
        let near = points.iter().enumerate().filter(|(_, p)| close(**p, point));
        let near = near
            .map(|(i, p)| (p.distance_m(point), i))
            .filter(|n| n.0 <= NEAR_M);
        let Some((_, i)) = near.min_by(|a, b| a.0.total_cmp(&b.0)) else {
            continue;
        };
        for (_, _, peak) in peaks[i].iter().filter(|w| (w.0..=w.1).contains(&minute)) {
            let facts = out[i].by_peak.entry((*peak).to_owned()).or_default();
            facts.tickets += 1;
            facts.weighted += 1.0;
        }
    }
    out
}

/// A cheap test before the exact distance.
fn close(a: LonLat, b: LonLat) -> bool {
    (a.lat - b.lat).abs() < 0.002 && (a.lon - b.lon).abs() < 0.003
}

/// A road as the page draws it.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Name, empty without one.
    pub name: String,
    /// motorway, trunk, primary, secondary, tertiary, residential, …
    pub class: String,
    /// WGS-84 degrees.
    pub points: Vec<[f64; 2]>,
}

/// The calendar entered on the page (lines `date,kind` with a header); `None` before the first.
pub(super) async fn entered_calendar(tx: &mut Tx) -> Result<Option<String>> {
    let kept = setting::get(tx, CALENDAR).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
}

impl App {
    /// Days off and school breaks for rosters, with a sentence where they do not cover a year.
    pub(super) async fn duty_calendar(&self, years: &[i64]) -> Result<(WorkCalendar, Vec<String>)> {
        let csv = self.calendar_csv_text().await?;
        let calendar =
            WorkCalendar::read(&csv).map_err(|e| Error::invalid("calendar", e.to_string()))?;
        let mut missing: Vec<i64> = years
            .iter()
            .copied()
            .filter(|y| !calendar.covers(*y))
            .collect();
        missing.dedup();
        let warn = |y: &i64| {
            format!(
                "校历没有 {y} 年的节假日，按周一至周五上课计 (no holidays of {y} on record: Monday to Friday count as school days)"
            )
        };
        let warnings = missing.iter().map(warn).collect();
        Ok((calendar, warnings))
    }

    async fn calendar_csv_text(&self) -> Result<String> {
        let mut tx = self.store.read().await?;
        let own = entered_calendar(&mut tx).await?;
        Ok(own.unwrap_or_else(|| {
            if self.options.demo {
                demo_data::calendar().to_owned()
            } else {
                "date,kind\n".to_owned()
            }
        }))
    }

    /// The calendar as it stands (lines `date,kind` with a header), with what is missing for this year and the next.
    pub async fn duty_calendar_csv(&self, who: &Who) -> Result<(String, Vec<String>)> {
        insider(who)?;
        let year = self.today().ymd().0;
        let (_, warnings) = self.duty_calendar(&[year, year + 1]).await?;
        Ok((self.calendar_csv_text().await?, warnings))
    }

    /// Replaces the calendar (lines `date,kind` with a header).
    pub async fn set_duty_calendar(&self, who: &Who, csv: &str) -> Result<()> {
        need_power(who, Power::Edit)?;
        WorkCalendar::read(csv).map_err(|e| Error::invalid("calendar", e.to_string()))?;
        if let Some(day) = off_and_on(csv) {
            let why = format!("{day} 既是放假又是调休上班 (both a holiday and a make-up day)");
            return Err(Error::invalid("calendar", why));
        }
        let mut tx = self.store.write().await?;
        let value = text(&csv)?;
        setting::put(&mut tx, CALENDAR, &value, self.now().0).await?;
        let detail = serde_json::json!({"lines": csv.lines().count()});
        self.audit(&mut tx, &who.name, ["duty.calendar", "all"], &detail)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The posts that a day asks for, with the need behind them and what is missing.
    pub async fn posts(&self, who: &Who, day: Day) -> Result<(DayPosts, Vec<String>)> {
        insider(who)?;
        let (calendar, warnings) = self.duty_calendar(&[day.ymd().0]).await?;
        let mut tx = self.store.read().await?;
        let schools = school::all(&mut tx).await?;
        drop(tx);
        let snapshot = self.snapshot();
        let multiplier = post_multiplier();
        let task = tokio::task::spawn_blocking(move || {
            let gates = gates(&snapshot, &schools, day);
            day_posts(&gates, day, &calendar, &Around::default(), multiplier)
        });
        let found = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        Ok((found, warnings))
    }

    /// Roads within a box of WGS-84 degrees, at most 3,000, for small drawings.
    pub fn duty_roads(&self, who: &Who, [west, south, east, north]: [f64; 4]) -> Result<Vec<Line>> {
        insider(who)?;
        let Some(view) = self.city() else {
            return Ok(Vec::new());
        };
        let inside =
            |p: &[f64; 2]| (west..=east).contains(&p[0]) && (south..=north).contains(&p[1]);
        let lines = view.city.map.roads.iter().filter_map(|road| {
            let class = road.tag("highway")?.to_owned();
            let points: Vec<[f64; 2]> = road.geometry.coords_iter().map(|c| [c.x, c.y]).collect();
            let name = road.tag("name").unwrap_or_default().to_owned();
            points.iter().any(inside).then_some(Line {
                name,
                class,
                points,
            })
        });
        Ok(lines.take(3000).collect())
    }
}

/// A day that a calendar calls both a holiday and a make-up day.
fn off_and_on(csv: &str) -> Option<&str> {
    let of = |kind: &'static str| {
        let lines = csv.lines().filter_map(|l| l.split_once(','));
        lines
            .filter(move |l| l.1.trim() == kind)
            .map(|l| l.0.trim())
    };
    of("holiday").find(|day| of("makeup").any(|other| other == *day))
}

/// Share of tickets that remains with a post: the catalogue's figure for `post_school`.
pub(super) fn post_multiplier() -> f64 {
    let shipped = Catalogue::shipped().ok();
    shipped
        .and_then(|c| c.measures.get("post_school").map(|m| m.prior.multiplier))
        .unwrap_or(0.65)
}
