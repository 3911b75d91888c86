//! How is a roster made: bells become posts, posts duties, duties a plan that is kept as a draft?

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::duty_ground::{self, post_multiplier};
use crate::app::error::{Error, Result};
use crate::app::job::Progress;
use crate::app::roster_bare::bare;
use crate::app::roster_ground::{Shape, instance};
use crate::app::roster_kept::{Clash, DutyBody, DutyPost, RosterBody, RosterWish, note_answer};
use crate::app::roster_served::served;
use crate::app::school::{self, need_power, text};
use crate::calendar::Day;
use crate::plan::post::{Cutting, Gap, Post, day_posts, duties, joint};
use crate::plan::roster::BadInstance;
use crate::plan::roster::solve::Progress as Solving;
use crate::plan::roster::why::conflict;
use crate::plan::roster::{Answer, Duty, Instance, Limits, Status, solve, tie};
use crate::plan::school::{Around, PEAKS};
use crate::store::duty::{self, DutyRow, RosterRow};
use crate::ticket::permit::{Power, Right};

/// Longest horizon in days.
const LONGEST: i64 = 100;
/// Most load points of one duty.
const MOST_LOAD: i64 = 100;
/// Longest stay at a gate before rotation, in weeks.
const MOST_WEEKS: i64 = 52;
/// Class of gates that are never left empty when that is wished.
const FULL_CLASS: u8 = 3;
/// What their first post weighs beside its worth.
const NEVER_EMPTY: i64 = 1_000_000;

impl App {
    /// Makes a draft: a job with progress that can be stopped and then keeps the best roster so far.
    pub async fn make_roster(self: &Arc<Self>, who: &Who, wish: RosterWish) -> Result<i64> {
        need_power(who, Power::Propose)?;
        let (from, to) = horizon(&wish)?;
        self.known_squad(&wish.squad, "")?;
        if let Some(unit) = who
            .unit
            .as_deref()
            .filter(|_| who.may(Right::Sites).is_ok_and(|c| c.power < Power::Edit))
            && wish.squad != unit
        {
            return Err(Error::invalid(
                "squad",
                format!("中队长只能为本中队 {unit} 起草 (a squad leader drafts for the own squad)"),
            ));
        }
        let actor = who.clone();
        let key = format!("{}..{} {}", wish.from, wish.to, wish.squad);
        self.start(who, ("roster", &key), move |app, progress| async move {
            let id = app
                .draft_and_keep(&actor, &wish, (from, to), Some(progress))
                .await?;
            Ok(id.to_string())
        })
        .await
    }

    /// Drafts, solves and keeps; with a progress it says how far it is and stops when told, keeping the best so far.
    pub(super) async fn draft_and_keep(
        self: &Arc<Self>,
        who: &Who,
        wish: &RosterWish,
        days: (Day, Day),
        progress: Option<Progress>,
    ) -> Result<i64> {
        let stage = |words: &str, total| {
            if let Some(p) = &progress {
                p.stage(words, total);
            }
        };
        stage("posts", 0);
        let (instance, draft) = self.draft(wish, days).await?;
        stage("solving", 1000);
        let watch = progress.clone();
        let solved = tokio::task::spawn_blocking(move || {
            let mut go = |p: Solving| {
                watch.as_ref().is_none_or(|w| {
                    w.say(&format!("solving {}/{}", p.coverage, p.bound));
                    w.at(p.done);
                    !w.cancelled()
                })
            };
            let mut answer = solve(&instance, &Limits::default(), &mut go)?;
            if !answer.stopped {
                tie::settle(&instance, &mut answer.assignment)?;
            }
            let stuck = if answer.status == Status::Infeasible {
                conflict(&instance)
            } else {
                Vec::new()
            };
            Ok((instance, answer, stuck))
        });
        let (instance, answer, stuck) =
            solved
                .await
                .map_err(|e| Error::Internal(e.to_string()))?
                .map_err(|e: BadInstance| Error::invalid("roster", e.to_string()))?;
        stage("writing", 0);
        let mut draft = draft;
        draft.body.conflict = clashes(&instance, &draft, &stuck);
        self.keep(who, &instance, &answer, draft).await
    }

    #[expect(
        clippy::too_many_lines,
        reason = "one draft from bells to duties, read from top to bottom"
    )]
    async fn draft(
        self: &Arc<Self>,
        wish: &RosterWish,
        (from, to): (Day, Day),
    ) -> Result<(Instance, Draft)> {
        let (calendar, mut notes) = self.duty_calendar(&[from.ymd().0, to.ymd().0]).await?;
        let mut tx = self.store.read().await?;
        let mut schools = school::all(&mut tx).await?;
        schools.retain(|s| wish.squad.is_empty() || s.2.squad == wish.squad);
        known_schools(wish, &schools)?;
        let mut ground = self.ground(&mut tx, &schools, (from, to)).await?;
        ground
            .people
            .retain(|_, p| !p.left && (wish.squad.is_empty() || p.squad == wish.squad));
        let served = served(&mut tx, &ground.people, (from, to)).await?;
        drop(tx);
        notes.extend(ground.rides.off_network.iter().map(|g| {
            format!(
                "{}离路网超过 200 米，路程按直线折算 (off the road network)",
                g.1
            )
        }));
        if ground.people.is_empty() {
            notes.push(
                "没有可排人员，全部岗位未覆盖 (nobody to roster: every post is uncovered)"
                    .to_owned(),
            );
        }
        let snapshot = self.snapshot();
        let places = duty_ground::places(&schools);
        let together = wish.joint;
        let task = tokio::task::spawn_blocking(move || {
            let gates = duty_ground::gates(&snapshot, &schools, from);
            let multiplier = post_multiplier();
            let mut posts: Vec<Post> = Vec::new();
            let mut gaps = BTreeSet::new();
            for day in from.0..=to.0 {
                let found = day_posts(&gates, Day(day), &calendar, &Around::default(), multiplier);
                gaps.extend(found.gaps.iter().map(|g| (g.0, why_no_posts(&g.1))));
                posts.extend(found.posts);
            }
            if together {
                posts = joint(&posts);
            }
            (posts, gaps)
        });
        let (posts, gaps) = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        let named: BTreeMap<i64, &duty_ground::Place> =
            places.iter().map(|p| (p.gate, p)).collect();
        notes.extend(gaps.iter().filter_map(|(gate, why)| {
            let place = named.get(gate)?;
            Some(format!("{}{}：{why}", place.school_name, place.gate_name))
        }));
        let cut = Cutting {
            from,
            gate_at: &ground.rides.at,
            travel: &ground.rides.minutes,
            buffer_min: 3,
            chains: wish.chains,
            load: &wish.load,
        };
        let cut = duties(&posts, &cut).map_err(|e| Error::invalid("bells", e.to_string()))?;
        let mut cut = cut;
        let mut bodies = Vec::with_capacity(cut.len());
        for (d, list) in &mut cut {
            let mut body = body_of(d, list, &posts, &named);
            require(wish, &mut body);
            d.priority = body.priority;
            bodies.push((Day(from.0 + d.day), body));
        }
        let at_schools: Vec<Vec<i64>> = bodies
            .iter()
            .map(|b| b.1.posts.iter().map(|p| p.school).collect())
            .collect();
        let shape = Shape {
            from,
            to,
            served: &served,
            schools: &at_schools,
            squad_only: wish.squad_only,
            rotate_weeks: wish.rotate_weeks,
        };
        let mut instance = instance(&ground, cut.into_iter().map(|c| c.0).collect(), &shape);
        if !ground.people.is_empty() {
            notes.extend(bare(&instance, from, &wish.squad));
        }
        let required = instance
            .duties
            .iter()
            .zip(&bodies)
            .filter(|(_, b)| b.1.must);
        instance.must_cover = required.map(|(d, _)| d.id).collect();
        let body = RosterBody {
            wish: json!(wish),
            notes,
            history: served.history,
            days_before: served.days_before,
            week_before: served.week_before,
            week_after: served.week_after,
            known_gates: served.known_gates,
            gate_weeks: served.gate_weeks,
            engine: env!("CARGO_PKG_VERSION").to_owned(),
            ..RosterBody::default()
        };
        Ok((
            instance,
            Draft {
                from,
                to,
                body,
                bodies,
                places: places
                    .iter()
                    .map(|p| (p.gate, format!("{}{}", p.school_name, p.gate_name)))
                    .collect(),
            },
        ))
    }

    async fn keep(
        &self,
        who: &Who,
        instance: &Instance,
        answer: &Answer,
        draft: Draft,
    ) -> Result<i64> {
        let mut body = draft.body;
        note_answer(&mut body, answer);
        let rows = draft
            .bodies
            .iter()
            .zip(&instance.duties)
            .map(|((day, b), d)| {
                Ok(DutyRow {
                    id: 0,
                    roster: 0,
                    day: day.iso(),
                    body: text(b)?,
                    person: answer.assignment.get(&d.id).copied(),
                    sequence: 0,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let now = self.now().0;
        let row = RosterRow {
            id: 0,
            first_day: draft.from.iso(),
            last_day: draft.to.iso(),
            state: "draft".to_owned(),
            body: text(&body)?,
            version: 1,
            created_by: who.name.clone(),
            created_at: now,
            published_by: None,
        };
        let mut tx = self.store.write().await?;
        let id = duty::insert_roster(&mut tx, &row, &rows).await?;
        let detail = json!({"from": row.first_day, "to": row.last_day, "duties": rows.len(), "values": body.values});
        self.note_roster(&mut tx, who, (id, "made"), &detail)
            .await?;
        tx.commit().await?;
        Ok(id)
    }
}

struct Draft {
    from: Day,
    to: Day,
    body: RosterBody,
    bodies: Vec<(Day, DutyBody)>,
    /// Names of school and gate, by gate key.
    places: BTreeMap<i64, String>,
}

fn horizon(wish: &RosterWish) -> Result<(Day, Day)> {
    let day = |text: &str, field| {
        Day::parse(text).ok_or_else(|| {
            Error::invalid(field, format!("{text} 不是日期，写作 2024-09-02 (no date)"))
        })
    };
    let (from, to) = (day(&wish.from, "from")?, day(&wish.to, "to")?);
    if to < from || to.0 - from.0 >= LONGEST {
        return Err(Error::invalid(
            "to",
            format!(
                "止日不早于起日，至多 {LONGEST} 天 (at most {LONGEST} days, the last not before the first)"
            ),
        ));
    }
    for (peak, load) in &wish.load {
        if !PEAKS.contains(&peak.as_str()) || !(0..=MOST_LOAD).contains(load) {
            return Err(Error::invalid(
                "load",
                format!(
                    "{peak}={load}：时段应为 {}，负荷 0–{MOST_LOAD} (a known peak with 0 to {MOST_LOAD} points)",
                    PEAKS.join("、")
                ),
            ));
        }
    }
    if !(0..=MOST_WEEKS).contains(&wish.rotate_weeks) {
        return Err(Error::invalid(
            "rotate_weeks",
            format!(
                "{}：轮换周数为 0–{MOST_WEEKS}，0 为不轮换 (0 to {MOST_WEEKS} weeks, 0 for never)",
                wish.rotate_weeks
            ),
        ));
    }
    Ok((from, to))
}

fn body_of(
    duty: &Duty,
    list: &[usize],
    posts: &[Post],
    named: &BTreeMap<i64, &duty_ground::Place>,
) -> DutyBody {
    DutyBody {
        peak: duty.peak.clone(),
        start: duty.start,
        end: duty.end,
        posts: list
            .iter()
            .map(|i| &posts[*i])
            .map(|p| DutyPost {
                gate: p.gate,
                school: named.get(&p.gate).map_or(0, |n| n.school),
                unit: p.unit,
                class: p.class,
                start: p.start,
                end: p.end,
            })
            .collect(),
        accepts: duty.accepts.clone(),
        load: duty.load,
        priority: duty.priority,
        squad: duty.squad.clone().unwrap_or_default(),
        must: false,
    }
}

/// Refuses a required school that is not among those rostered.
fn known_schools(wish: &RosterWish, schools: &[(i64, i64, school::School)]) -> Result<()> {
    let known = |key: &&String| schools.iter().any(|s| s.0.to_string() == **key);
    match wish.must_cover.iter().find(|k| !known(k)) {
        None => Ok(()),
        Some(key) => Err(Error::invalid(
            "must_cover",
            format!("没有学校 {key}，或不属于该中队 (no such school, or not of this squad)"),
        )),
    }
}

/// Marks what the wish requires of a duty: first posts of the schools named; those of class-3 gates weigh more.
fn require(wish: &RosterWish, body: &mut DutyBody) {
    let first = |p: &&DutyPost| p.unit == 1 && p.class > 0;
    let named = |p: &DutyPost| wish.must_cover.contains(&p.school.to_string());
    body.must = body.posts.iter().any(|p| p.unit == 1 && named(p));
    if wish.never_empty
        && body
            .posts
            .iter()
            .filter(first)
            .any(|p| p.class >= FULL_CLASS)
    {
        body.priority += NEVER_EMPTY;
    }
}

/// The set of requirements in words of days, places and people.
fn clashes(instance: &Instance, draft: &Draft, stuck: &[String]) -> Vec<Clash> {
    let place = |duty: &str| {
        let at = instance
            .duties
            .iter()
            .position(|d| d.id.to_string() == duty);
        let (day, body) = at.and_then(|i| draft.bodies.get(i))?;
        let first = body.posts.first()?;
        Some((
            day.iso(),
            body.peak.clone(),
            draft.places.get(&first.gate)?.clone(),
        ))
    };
    let one = |text: &String| {
        let mut parts = text.split(':');
        let (kind, of) = (parts.next()?, parts.next()?);
        let mut clash = Clash {
            kind: kind.to_owned(),
            ..Clash::default()
        };
        if matches!(kind, "cover" | "role") {
            (clash.day, clash.peak, clash.place) = place(of)?;
        } else {
            clash.person = of.parse().ok();
            let day = parts.next().and_then(|d| d.parse::<i64>().ok());
            clash.day = day.map_or_else(String::new, |d| Day(draft.from.0 + d).iso());
            parts.next().unwrap_or_default().clone_into(&mut clash.peak);
        }
        Some(clash)
    };
    stuck.iter().filter_map(one).collect()
}

/// Why a gate has no posts on some day, or fewer than its bells say, with the cure.
fn why_no_posts(gap: &Gap) -> String {
    match gap {
        Gap::NoBells => {
            "没有铃声表，未排岗；请在学校台账补录 (no bell table: not rostered)".to_owned()
        }
        Gap::NoBellToday => {
            "有的上课日没有铃声，当日未排岗 (no bell on some school day)".to_owned()
        }
        Gap::BadBell { sentence } => format!("铃声有误，该铃声未排岗 (bell left out)：{sentence}"),
        Gap::Overlap { sentence } => {
            format!("时间窗重叠，已并为一段 (windows overlap, made one)：{sentence}")
        }
    }
}
