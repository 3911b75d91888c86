//! What did posts do at a site: who was there, what happened, what was counted at the bells?

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_ground;
use crate::app::duty_sign::WatchWish;
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, at, parse};
use crate::app::school::{self, insider};
use crate::calendar::{Day, UtcMs};
use crate::store::duty::{self, Sign};

/// A gate belongs to a site within so many metres (GA/T 1215: surroundings are at least 150 m).
const NEAR_M: f64 = 150.0;
/// Days that are looked back upon.
const BACK: i64 = 365;
/// Minutes after the begin from which a check-in is late.
const LATE_MIN: i64 = 5;

/// A gate near a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NearGate {
    /// Gate key.
    pub gate: String,
    /// School and gate.
    pub name: String,
    /// School key.
    pub school: String,
    /// Metres from the site.
    pub metres: f64,
}

/// A month of duties at the gates of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DutyMonth {
    /// `2024-09`.
    pub month: String,
    /// Duties whose time has come.
    pub planned: i64,
    /// Of them with somebody assigned.
    pub manned: i64,
    /// Of them signed in.
    pub signed: i64,
    /// Of those more than five minutes late.
    pub late: i64,
    /// Of those farther than 100 m from the post, or without a place.
    pub afar: i64,
}

/// What was counted at a gate, as it was seen and per half hour.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seen {
    /// Day.
    pub day: String,
    /// Peak.
    pub peak: String,
    /// School and gate.
    pub name: String,
    /// Minutes observed.
    pub minutes: i64,
    /// Vehicles stopped in the carriageway or parked against the rules, per 30 minutes.
    pub vehicles: f64,
    /// Longest queue in metres.
    pub queue_m: i64,
    /// Pupils off the crossing and near misses, per 30 minutes.
    pub danger: f64,
}

/// The duty side of a site's history.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SiteDuty {
    /// Gates near the site, nearest first.
    pub gates: Vec<NearGate>,
    /// Attendance by month, oldest first.
    pub months: Vec<DutyMonth>,
    /// Incidents reported from the posts, newest first, at most 50.
    pub incidents: Vec<Value>,
    /// Bell-time observations, oldest first.
    pub observations: Vec<Seen>,
}

impl App {
    /// Posts, attendance, incidents and observations at the gates of a site over the last year. Everything is empty where no
    /// gate lies within 150 m.
    pub async fn site_duty(&self, who: &Who, site: i64) -> Result<SiteDuty> {
        insider(who)?;
        let snapshot = self.snapshot();
        let found = snapshot.sites.get(site).ok_or(Error::NotFound)?;
        let mut line = found.line.clone();
        line.push(found.point);
        let mut tx = self.store.read().await?;
        let places = duty_ground::places(&school::all(&mut tx).await?);
        let mut out = SiteDuty::default();
        for p in &places {
            let metres = line
                .iter()
                .map(|q| q.distance_m(p.point))
                .fold(f64::INFINITY, f64::min);
            if metres <= NEAR_M {
                out.gates.push(near(p, metres));
            }
        }
        out.gates.sort_by(|a, b| a.metres.total_cmp(&b.metres));
        let today = self.today();
        let span = [Day(today.0 - BACK).iso(), today.iso()];
        let mut months: BTreeMap<String, DutyMonth> = BTreeMap::new();
        for gate in &out.gates {
            let key: i64 = gate.gate.parse().unwrap_or(0);
            let signs = duty::signs_at_gate(&mut tx, [&span[0], &span[1]], key).await?;
            for row in duty::duties_at_gate(&mut tx, [&span[0], &span[1]], key).await? {
                let month: String = row.day.chars().take(7).collect();
                let sum = months.entry(month).or_default();
                count(sum, &row, &signs)?;
            }
            let told = signs.iter().filter(|s| s.kind == "incident");
            out.incidents.extend(told.map(|s| incident(s, &gate.name)));
            let school: i64 = gate.school.parse().unwrap_or(0);
            for w in duty::watches(&mut tx, school).await? {
                let wish: WatchWish = parse(&w.body)?;
                if wish.gate == gate.gate && w.day >= span[0] {
                    out.observations.push(seen(&w.day, &gate.name, &wish));
                }
            }
        }
        out.months = months
            .into_iter()
            .map(|(month, m)| DutyMonth { month, ..m })
            .collect();
        out.incidents
            .sort_by(|a, b| b["at"].as_str().cmp(&a["at"].as_str()));
        out.incidents.truncate(50);
        out.observations
            .sort_by(|a, b| (&a.day, &a.peak).cmp(&(&b.day, &b.peak)));
        Ok(out)
    }
}

fn near(p: &duty_ground::Place, metres: f64) -> NearGate {
    NearGate {
        gate: p.gate.to_string(),
        name: format!("{}{}", p.school_name, p.gate_name),
        school: p.school.to_string(),
        metres: metres.round(),
    }
}

fn count(sum: &mut DutyMonth, row: &duty::DutyRow, signs: &[Sign]) -> Result<()> {
    let body: DutyBody = parse(&row.body)?;
    sum.planned += 1;
    sum.manned += i64::from(row.person.is_some());
    let Some(sign) = holders_sign(row, signs) else {
        return Ok(());
    };
    let begin = UtcMs::of_civil(
        Day::parse(&row.day).unwrap_or_default(),
        body.start * 60_000,
    );
    let detail: Value = parse(&sign.body)?;
    sum.signed += 1;
    sum.late += i64::from(sign.at > begin.0 + LATE_MIN * 60_000);
    sum.afar += i64::from(detail["near"] != json!(true));
    Ok(())
}

/// The check-in of who holds the duty; another's, from before a swap, says nothing of the holder.
fn holders_sign<'a>(row: &duty::DutyRow, signs: &'a [Sign]) -> Option<&'a Sign> {
    let own = |s: &&Sign| s.duty == row.id && s.kind == "in" && Some(s.person) == row.person;
    signs.iter().find(own)
}

fn incident(sign: &Sign, name: &str) -> Value {
    let detail: Value = serde_json::from_str(&sign.body).unwrap_or_default();
    json!({"at": at(sign.at), "gate": name, "note": detail["note"], "duty": sign.duty.to_string()})
}

fn seen(day: &str, name: &str, wish: &WatchWish) -> Seen {
    let half_hours = wish.minutes.max(1) as f64 / 30.0;
    let per = |n: i64| (n as f64 / half_hours * 10.0).round() / 10.0;
    Seen {
        day: day.to_owned(),
        peak: wish.peak.clone(),
        name: name.to_owned(),
        minutes: wish.minutes,
        vehicles: per(wish.stopped + wish.illegal),
        queue_m: wish.queue_m,
        danger: per(wish.crossing + wish.conflicts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_per_half_hour() {
        let wish: WatchWish = serde_json::from_value(json!({
            "mark": "m", "school": "1", "gate": "2", "peak": "morning", "at": 0, "minutes": 20,
            "stopped": 3, "illegal": 1, "queue_m": 40, "crossing": 2, "conflicts": 0,
        }))
        .unwrap();
        let got = seen("2024-09-02", "东门", &wish);
        assert_eq!((got.vehicles, got.queue_m, got.danger), (6.0, 40, 3.0));
    }
}
