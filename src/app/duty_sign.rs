//! Who signed in and out at a post, how far from it, and what was seen at the gate at bell time?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_people::{self, DutyPerson, own_squad};
use crate::app::error::{Error, Result};
use crate::app::roster_kept::{DutyBody, parse};
use crate::app::school::{self, insider, text};
use crate::calendar::{DAY_MS, Day, UtcMs};
use crate::plan::school::PEAKS;
use crate::spatial::LonLat;
use crate::store::Tx;
use crate::store::duty::{self, Sign, Watch};
use crate::ticket::permit::{Power, Right};

/// Farther than this from the post is noted as away from it.
const NEAR_M: f64 = 100.0;

/// Minutes before its begin from which a duty can be signed.
pub const EARLY_MIN: i64 = 120;
/// A phone's clock may run ahead by so much.
const CLOCK_MS: i64 = 15 * 60_000;
/// Observations are taken for a year.
const LATE_MS: i64 = 366 * DAY_MS;

/// A sign as the phone sends it, perhaps hours later.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignWish {
    /// Given by the phone: sending twice writes once.
    pub mark: String,
    /// Duty key.
    pub duty: String,
    /// in, out, incident; absent, by who leads the squad.
    pub kind: String,
    /// UTC milliseconds by the phone.
    pub at: i64,
    /// Longitude, latitude, WGS-84; none when the phone had no fix.
    #[serde(default)]
    pub point: Option<[f64; 2]>,
    /// Accuracy in metres as the phone says.
    #[serde(default)]
    pub accuracy_m: Option<f64>,
    /// Words, for incidents; the cause of an absence.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// What signs are judged by.
struct SignGround {
    people: BTreeMap<i64, DutyPerson>,
    points: BTreeMap<i64, LonLat>,
}

impl SignGround {
    async fn read(tx: &mut Tx) -> Result<Self> {
        let mut points = BTreeMap::new();
        for (_, _, school) in school::all(tx).await? {
            let gates = school.gates.iter();
            points.extend(gates.map(|g| (g.id, LonLat::new(g.lon, g.lat))));
        }
        let people = duty_people::by_key(tx).await?;
        Ok(Self { people, points })
    }
}

/// Marks are given by the phone; a key of 80 characters holds any.
fn mark_is_good(mark: &str) -> bool {
    (1..=80).contains(&mark.chars().count())
}

/// What is wrong with a sign whatever the duty.
fn unsound(wish: &SignWish) -> Option<&'static str> {
    let known = matches!(wish.kind.as_str(), "in" | "out" | "incident" | "absent");
    if !known || !mark_is_good(&wish.mark) {
        return Some(
            "种类须为 in、out、incident、absent，标记 1 至 80 字 (kind must be in, out, incident or absent, the mark 1 to 80 characters)",
        );
    }
    let mute = wish.kind == "absent" && wish.note.trim().is_empty();
    mute.then_some("缺岗须写原因 (an absence needs its cause)")
}

/// Why a sign cannot have been made then: for a duty that begins at a minute of a day, at a time and now.
fn untimely(
    missed: bool,
    (day, start): (Day, i64),
    (when, now): (i64, i64),
) -> Option<&'static str> {
    let at = |minute: i64| UtcMs::of_civil(day, minute * 60_000).0;
    if missed && when < at(start) {
        return Some("岗位尚未开始，请登记缺勤并重排 (not begun yet: note an absence and re-plan)");
    }
    if !missed && !(at(start - EARLY_MIN)..at(24 * 60)).contains(&when) {
        return Some(
            "不在岗位当日、开始前两小时之后 (not on the duty's day from two hours before it begins)",
        );
    }
    (when > now + CLOCK_MS).then_some("手机时间在将来 (the phone's clock is in the future)")
}

impl App {
    /// Writes signs; each is judged alone. Own duties, or those of anybody (below the power to edit: of the own squad) for who
    /// may draft rosters.
    pub async fn sign_duties(&self, who: &Who, wishes: Vec<SignWish>) -> Result<Vec<SignOutcome>> {
        insider(who)?;
        if wishes.len() > 200 {
            return Err(Error::invalid(
                "signs",
                "一次至多 200 条 (at most 200 at a time)",
            ));
        }
        let mut tx = self.store.write().await?;
        let ground = SignGround::read(&mut tx).await?;
        let mut out = Vec::new();
        let mut written = 0;
        for wish in wishes {
            let judged = self.judged(&mut tx, who, (&wish, &ground)).await?;
            let (state, distance_m, why) = match judged {
                Err(why) => ("refused", None, why),
                Ok(sign) => {
                    let fresh = duty::insert_sign(&mut tx, &sign.0).await?;
                    written += usize::from(fresh);
                    (if fresh { "written" } else { "known" }, sign.1, "")
                }
            };
            out.push(SignOutcome {
                mark: wish.mark,
                state,
                distance_m,
                why: why.to_owned(),
            });
        }
        if written > 0 {
            let detail = json!({"signs": written});
            self.audit(&mut tx, &who.name, ["duty.sign", "own"], &detail)
                .await?;
        }
        tx.commit().await?;
        Ok(out)
    }

    /// A phone's time and now, both moved to the day the house stands on where one is set (a demo's day).
    fn on_the_set_day(&self, at: i64) -> (i64, i64) {
        let now = self.now();
        let moved = (self.today().0 - now.civil_day()) * DAY_MS;
        (at.saturating_add(moved), now.0 + moved)
    }

    /// The sign to write with its distance, or why not.
    async fn judged(
        &self,
        tx: &mut Tx,
        who: &Who,
        (wish, ground): (&SignWish, &SignGround),
    ) -> Result<std::result::Result<(Sign, Option<f64>), &'static str>> {
        if let Some(why) = unsound(wish) {
            return Ok(Err(why));
        }
        let row = match wish.duty.parse().ok() {
            Some(id) => duty::duty_by_id(tx, id).await?,
            None => None,
        };
        let Some((row, person)) = row.and_then(|r| r.person.map(|p| (r, p))) else {
            return Ok(Err(
                "没有此岗位，或岗位无人 (no such duty, or nobody on it)",
            ));
        };
        let roster = duty::roster_by_id(tx, row.roster).await?;
        if roster.is_none_or(|r| r.state != "published") {
            return Ok(Err("排班未发布或已撤回 (the roster is not published)"));
        }
        let holder = ground.people.get(&person);
        let own = holder.is_some_and(|p| p.login == who.name && !p.login.is_empty());
        let leads = who.may(Right::Sites)?.power >= Power::Propose
            && holder.is_some_and(|p| own_squad(who, &p.squad).is_ok());
        let missed = wish.kind == "absent";
        if missed && !leads {
            return Ok(Err(
                "缺岗由带队者登记 (absences are noted by who leads the squad)",
            ));
        }
        if !own && !leads {
            return Ok(Err("不是本人的岗位 (not your duty)"));
        }
        let body: DutyBody = parse(&row.body)?;
        let (when, now) = self.on_the_set_day(wish.at);
        let day = Day::parse(&row.day).unwrap_or_default();
        if let Some(why) = untimely(missed, (day, body.start), (when, now)) {
            return Ok(Err(why));
        }
        let here = wish
            .point
            .map(|p| LonLat::new(p[0], p[1]))
            .filter(|p| p.is_valid());
        let near = here.and_then(|h| {
            let gates = body.posts.iter().filter_map(|p| ground.points.get(&p.gate));
            gates.map(|p| p.distance_m(h)).min_by(f64::total_cmp)
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
            at: when,
            received_at: now,
            body: detail.to_string(),
        };
        Ok(Ok((sign, distance)))
    }

    /// Writes an observation; false when it is known already.
    pub async fn watch_gate(&self, who: &Who, wish: &WatchWish) -> Result<bool> {
        insider(who)?;
        let (at, now) = self.on_the_set_day(wish.at);
        plausible(wish, at, now)?;
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
            day: Day(UtcMs(at).civil_day()).iso(),
            at,
            actor: who.name.clone(),
            body: text(&WatchWish {
                note: wish.note.chars().take(300).collect(),
                ..wish.clone()
            })?,
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

/// Whether an observation can have been made as it says.
fn plausible(wish: &WatchWish, at: i64, now: i64) -> Result<()> {
    if !mark_is_good(&wish.mark) {
        return Err(Error::invalid(
            "mark",
            "标记为 1 至 80 字 (a mark of 1 to 80 characters)",
        ));
    }
    if !PEAKS.contains(&wish.peak.as_str()) {
        let all = PEAKS.join(", ");
        return Err(Error::invalid(
            "peak",
            format!(
                "没有时段 {}，应为其一 (no such peak, one of) {all}",
                wish.peak
            ),
        ));
    }
    if !(now - LATE_MS..=now + CLOCK_MS).contains(&at) {
        return Err(Error::invalid(
            "at",
            "观测时间须在一年之内，不在将来 (within the last year, not in the future)",
        ));
    }
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
    Ok(())
}
