//! Which posts of a peak do so many officers, auxiliaries and helpers cover best, and what stays open?

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_ground::{self, post_multiplier};
use crate::app::duty_rides::Rides;
use crate::app::error::{Error, Result};
use crate::app::school::{self, School, insider};
use crate::app::snapshot::Snapshot;
use crate::calendar::{Day, WorkCalendar};
use crate::plan::chain::Crew;
use crate::plan::post::{Post, day_posts};
use crate::plan::school::{Around, PEAKS};
use crate::plan::stand::{StandWish, Standing, stand};

/// What is asked of a peak.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CoverWish {
    /// Day.
    pub date: String,
    /// Peak.
    pub peak: String,
    /// Only this squad's gates; empty for all.
    #[serde(default)]
    pub squad: String,
    /// People by role.
    pub people: BTreeMap<String, usize>,
    /// A person at a quiet gate sees another within so many metres along the roads.
    #[serde(default)]
    pub together_m: f64,
}

/// Posts with who covers them.
#[derive(Clone, Debug, Serialize)]
pub struct Cover {
    /// Posts; the plan names them by position.
    pub posts: Vec<Post>,
    /// Name of every gate.
    pub gates: BTreeMap<i64, String>,
    /// The plan.
    pub plan: Standing,
    /// What is missing or assumed.
    pub warnings: Vec<String>,
}

impl App {
    /// Covers a peak with the people given; proved best, or with its bound.
    pub async fn cover_posts(self: &Arc<Self>, who: &Who, wish: CoverWish) -> Result<Cover> {
        insider(who)?;
        let bad = || Error::invalid("date", "日期写作 2024-09-02 (a date such as 2024-09-02)");
        let day = Day::parse(&wish.date).ok_or_else(bad)?;
        if !PEAKS.contains(&wish.peak.as_str()) {
            let why = format!("时段须为其一 (one of) {}", PEAKS.join(", "));
            return Err(Error::invalid("peak", why));
        }
        if wish.people.values().any(|n| *n > 2000) || !(0.0..=500.0).contains(&wish.together_m) {
            let why =
                "每种人员至多 2000 人，兼顾半径 0–500 米 (at most 2,000 people of a role, 0–500 m)";
            return Err(Error::invalid("people", why));
        }
        let (calendar, warnings) = self.duty_calendar(&[day.ymd().0]).await?;
        let mut tx = self.store.read().await?;
        let mut schools = school::all(&mut tx).await?;
        drop(tx);
        schools.retain(|s| wish.squad.is_empty() || s.2.squad == wish.squad);
        let snapshot = self.snapshot();
        let app = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let rides = app.rides.of(&snapshot, &duty_ground::places(&schools));
            cover(&snapshot, &schools, &rides, (&wish, day, &calendar)).map(|mut found| {
                found.warnings.splice(0..0, warnings);
                found
            })
        });
        task.await.map_err(|e| Error::Internal(e.to_string()))?
    }
}

/// The cover of one peak on the roads as they are.
fn cover(
    snapshot: &Snapshot,
    schools: &[(i64, i64, School)],
    rides: &Rides,
    (wish, day, calendar): (&CoverWish, Day, &WorkCalendar),
) -> Result<Cover> {
    let places = duty_ground::places(schools);
    let off = rides.off_network.iter();
    let warnings = off.map(|g| {
        format!(
            "{}离路网超过 200 米，路程按直线折算 (off the road network)",
            g.1
        )
    });
    let warnings = warnings.collect();
    let gates = duty_ground::gates(snapshot, schools, day);
    let found = day_posts(&gates, day, calendar, &Around::default(), post_multiplier());
    let mut posts = found.posts;
    posts.retain(|p| p.peak == wish.peak);
    let number = |gate: i64| rides.at.get(&gate).and_then(|n| usize::try_from(*n).ok());
    let cell = |a: i64, b: i64| number(a).zip(number(b));
    let minutes = |a: i64, b: i64| cell(a, b).map_or(i64::MAX / 4, |(i, j)| rides.minutes[i][j]);
    let metres = |a: i64, b: i64| cell(a, b).map_or(f64::INFINITY, |(i, j)| rides.metres[i][j]);
    let crews: Vec<Crew> = wish
        .people
        .iter()
        .map(|(role, people)| Crew {
            role: role.clone(),
            people: *people,
        })
        .collect();
    let asked = StandWish {
        crews: &crews,
        together_m: wish.together_m,
        buffer_min: 3,
    };
    let plan = stand(&posts, &minutes, &metres, &asked);
    let plan = plan.map_err(|e| Error::invalid("bells", e.to_string()))?;
    let name = |p: &duty_ground::Place| (p.gate, format!("{}{}", p.school_name, p.gate_name));
    let gates = places.iter().map(name).collect();
    Ok(Cover {
        posts,
        gates,
        plan,
        warnings,
    })
}
