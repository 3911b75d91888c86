//! Who signed in and out at a post, how far from it, and what was seen at the gate at bell time?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people;
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, parse};
use crate::app::school::{self, insider, text};
use crate::calendar::{DAY_MS, Day};
use crate::spatial::LonLat;
use crate::store::duty::{self, Sign, Watch};
use crate::ticket::permit::Power;

/// Farther than this from the post is noted as away from it.
const NEAR_M: f64 = 100.0;

/// A sign as the phone sends it, perhaps hours later.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignWish {
    /// Given by the phone: sending twice writes once.
    pub mark: String,
    /// Duty key.
    pub duty: String,
    /// in, out, incident.
    pub kind: String,
    /// UTC milliseconds by the phone.
    pub at: i64,
    /// Longitude, latitude, WGS-84; none when the phone had no fix.
    #[serde(default)]
    pub point: Option<[f64; 2]>,
    /// Accuracy in metres as the phone says.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    /// Words, for incidents.
    #[serde(default)]
    pub note: String,
}

/// What became of a sign.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignOutcome {
    /// The phone's mark.
    pub mark: String,
    /// written, known, refused.
    pub state: &'static str,
    /// Metres from the nearest gate of the duty.
    pub distance_m: Option<f64>,
    /// Why it was refused.
    pub why: String,
}

/// An observation at a gate at bell time.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchWish {
    /// Given by the phone.
    pub mark: String,
    /// School key.
    pub school: String,
    /// Gate key.
    pub gate: String,
    /// Peak.
    pub peak: String,
    /// UTC milliseconds.
    pub at: i64,
    /// Minutes observed.
    pub minutes: i64,
    /// Vehicles that stopped in the carriageway.
    pub stopped: i64,
    /// Vehicles parked against the rules.
    pub illegal: i64,
    /// Longest queue in metres.
    pub queue_m: i64,
    /// Pupils who crossed outside the crossing.
    pub crossing: i64,
    /// Near misses.
    pub conflicts: i64,
    /// Words.
    #[serde(default)]
    pub note: String,
}

impl App {
    /// Writes signs; each is judged alone. Own duties, or those of anybody for who may draft rosters.
    #[expect(
        clippy::too_many_lines,
        reason = "one transaction read from top to bottom"
    )]
    pub async fn sign_duties(&self, who: &Who, wishes: Vec<SignWish>) -> Result<Vec<SignOutcome>> {
        let cell = insider(who)?;
        if wishes.len() > 200 {
            return Err(Error::invalid(
                "signs",
                "一次至多 200 条 (at most 200 at a time)",
            ));
        }
        let mut tx = self.store.write().await?;
        let people = duty_people::by_key(&mut tx).await?;
        let points: BTreeMap<i64, LonLat> = school::all(&mut tx)
            .await?
            .iter()
            .flat_map(|s| {
                s.2.gates
                    .iter()
                    .map(|g| (g.id, LonLat::new(g.lon, g.lat)))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut out = Vec::new();
        let mut written = 0;
        for wish in wishes {
            let outcome = |state, distance_m, why: &str| SignOutcome {
                mark: wish.mark.clone(),
                state,
                distance_m,
                why: why.to_owned(),
            };
            let row = match wish.duty.parse().ok() {
                Some(id) => duty::duty_by_id(&mut tx, id).await?,
                None => None,
            };
            let Some((row, person)) = row.and_then(|r| r.person.map(|p| (r, p))) else {
                out.push(outcome(
                    "refused",
                    None,
                    "没有此岗位，或岗位无人 (no such duty, or nobody on it)",
                ));
                continue;
            };
            let own = people
                .get(&person)
                .is_some_and(|p| p.login == who.name && !p.login.is_empty());
            if !own && cell.power < Power::Propose {
                out.push(outcome("refused", None, "不是本人的岗位 (not your duty)"));
                continue;
            }
            if !matches!(wish.kind.as_str(), "in" | "out" | "incident")
                || wish.mark.chars().count() > 80
                || wish.mark.is_empty()
            {
                out.push(outcome(
                    "refused",
                    None,
                    "种类须为 in、out、incident (kind must be in, out or incident)",
                ));
                continue;
            }
            if wish.at > self.now().0 + DAY_MS {
                out.push(outcome(
                    "refused",
                    None,
                    "手机时间在将来 (the phone's clock is in the future)",
                ));
                continue;
            }
            let body: DutyBody = parse(&row.body)?;
            let here = wish
                .point
                .map(|p| LonLat::new(p[0], p[1]))
                .filter(|p| p.is_valid());
            let near = here.and_then(|h| {
                body.posts
                    .iter()
                    .filter_map(|p| points.get(&p.gate))
                    .map(|p| p.distance_m(h))
                    .min_by(f64::total_cmp)
            });
            let distance = near.map(f64::round);
            // Only the distance is kept, not where the person was.
            let detail = json!({"distance_m": distance, "accuracy_m": wish.accuracy_m, "near": distance.map(|d| d <= NEAR_M),
                "note": wish.note.chars().take(300).collect::<String>()});
            let sign = Sign {
                mark: wish.mark.clone(),
                duty: row.id,
                person,
                kind: wish.kind.clone(),
                at: wish.at,
                received_at: self.now().0,
                body: detail.to_string(),
            };
            let fresh = duty::insert_sign(&mut tx, &sign).await?;
            written += usize::from(fresh);
            out.push(outcome(
                if fresh { "written" } else { "known" },
                distance,
                "",
            ));
        }
        if written > 0 {
            let detail = json!({"signs": written});
            self.audit(&mut tx, &who.name, ["duty.sign", "own"], &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(out)
    }

    /// Writes an observation; false when it is known already.
    pub async fn watch_gate(&self, who: &Who, wish: &WatchWish) -> Result<bool> {
        insider(who)?;
        let counts = [
            wish.stopped,
            wish.illegal,
            wish.queue_m,
            wish.crossing,
            wish.conflicts,
        ];
        if counts.iter().any(|c| !(0..=10_000).contains(c)) || !(1..=240).contains(&wish.minutes) {
            return Err(Error::invalid(
                "minutes",
                "观察 1–240 分钟，各项计数 0–10000 (1–240 minutes, counts 0–10000)",
            ));
        }
        let school: i64 = wish
            .school
            .parse()
            .map_err(|_e| Error::invalid("school", "没有此校 (no such school)"))?;
        let mut tx = self.store.write().await?;
        let known = school::all(&mut tx).await?;
        if !known
            .iter()
            .any(|s| s.0 == school && s.2.gates.iter().any(|g| g.id.to_string() == wish.gate))
        {
            return Err(Error::invalid("gate", "没有此校门 (no such gate)"));
        }
        let row = Watch {
            mark: wish.mark.clone(),
            school,
            day: Day(crate::calendar::UtcMs(wish.at).civil_day()).iso(),
            at: wish.at,
            actor: who.name.clone(),
            body: text(wish)?,
        };
        let fresh = duty::insert_watch(&mut tx, &row).await?;
        if fresh {
            let detail: Value =
                json!({"gate": wish.gate, "peak": wish.peak, "minutes": wish.minutes});
            self.audit(&mut tx, &who.name, ["duty.watch", &wish.school], &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(fresh)
    }
}
