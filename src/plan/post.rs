//! Which posts does a day ask for, and which duties do they make for one person each?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::{Day, WorkCalendar};
use crate::plan::chain::{BadSlot, Peak, Slot};
use crate::plan::need::{GateFacts, Need, Override, need, upper_quartile};
use crate::plan::roster::Duty;
use crate::plan::school::{Around, BadBell, Bell, Way, Window, school_weekday, windows};

/// A gate with everything that decides about its posts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Name of the gate.
    pub id: i64,
    /// Bells of its school.
    #[serde(default)]
    pub bells: Vec<Bell>,
    /// What is known by peak; a peak without an entry has the gate's general facts and no tickets.
    #[serde(default)]
    pub by_peak: BTreeMap<String, GateFacts>,
    /// Facts that hold at every peak.
    #[serde(default)]
    pub facts: GateFacts,
    /// A person's word.
    #[serde(default)]
    pub set: Option<Override>,
    /// Closed on make-up Saturdays and Sundays.
    #[serde(default)]
    pub closed_on_makeup: bool,
    /// Squad whose area it is.
    #[serde(default)]
    pub squad: Option<String>,
}

/// One person's place at one gate in one window of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Post {
    /// Gate.
    pub gate: i64,
    /// Day.
    #[serde(skip)]
    pub day: Day,
    /// Peak.
    pub peak: &'static str,
    /// Begin, minute of the day.
    pub start: i64,
    /// End.
    pub end: i64,
    /// Which unit of the gate, from 1.
    pub unit: u8,
    /// Class of the gate.
    pub class: u8,
    /// Roles that may stand there.
    pub accepts: Vec<&'static str>,
    /// Worth.
    pub weight: i64,
    /// Squad.
    pub squad: Option<String>,
}

impl Post {
    /// The post as a slot of a chain or a cover that takes every role, under an id of the caller's.
    pub(crate) fn slot(&self, id: i64) -> Slot {
        Slot {
            id,
            gate: self.gate,
            unit: u32::from(self.unit),
            start: self.start,
            end: self.end,
            weight: self.weight,
            accepts: Vec::new(),
        }
    }
}

/// Why a gate has no posts on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Gap {
    /// The school has no bell table.
    NoBells,
    /// No bell of the table rings on that day.
    NoBellToday,
    /// An arrival and a leaving window overlap and were made one; the gate has posts all the same.
    Overlap {
        /// Which ones.
        sentence: String,
    },
    /// A bell gives no window.
    BadBell {
        /// What is wrong and the cure.
        sentence: String,
    },
}

/// The posts of a day with the need behind them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct DayPosts {
    /// Whether school is held.
    pub school_day: bool,
    /// Posts by begin, gate, unit.
    pub posts: Vec<Post>,
    /// Need by (gate, peak).
    pub needs: Vec<(i64, &'static str, Need)>,
    /// Gates without posts, or with a bell that cannot be used.
    pub gaps: Vec<(i64, Gap)>,
}

/// What every gate asks for on a day. `multiplier` is the share of tickets that remains with a post.
#[must_use]
pub fn day_posts(
    gates: &[Gate],
    day: Day,
    calendar: &WorkCalendar,
    around: &Around,
    multiplier: f64,
) -> DayPosts {
    let mut out = DayPosts {
        school_day: calendar.is_school_day(day),
        ..DayPosts::default()
    };
    let found = windows_of(gates, day, calendar, (around, &mut out.gaps));
    let mut tickets: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (gate, w) in &found {
        tickets
            .entry(w.peak)
            .or_default()
            .push(facts(gate, w.peak).tickets);
    }
    for (gate, w) in found {
        let quartile = tickets
            .get(w.peak)
            .and_then(|t| upper_quartile(t))
            .unwrap_or(0.0);
        let set = gate
            .set
            .as_ref()
            .filter(|o| Day::parse(&o.until).is_none_or(|until| day <= until));
        let need = need(&facts(gate, w.peak), quartile, multiplier, set);
        for unit in &need.units {
            out.posts.push(Post {
                gate: gate.id,
                day,
                peak: w.peak,
                start: w.start,
                end: w.end,
                unit: unit.number,
                class: need.class,
                accepts: unit.accepts.clone(),
                weight: unit.weight,
                squad: gate.squad.clone(),
            });
        }
        out.needs.push((gate.id, w.peak, need));
    }
    out.posts.sort_by_key(|p| (p.start, p.gate, p.unit));
    out
}

/// The windows of all gates on a day; what is missing or wrong goes to the gaps.
fn windows_of<'a>(
    gates: &'a [Gate],
    day: Day,
    calendar: &WorkCalendar,
    (around, gaps): (&Around, &mut Vec<(i64, Gap)>),
) -> Vec<(&'a Gate, Window)> {
    let mut found = Vec::new();
    for gate in gates {
        let Some(weekday) = school_weekday(calendar, day, !gate.closed_on_makeup) else {
            continue;
        };
        if gate.bells.is_empty() {
            gaps.push((gate.id, Gap::NoBells));
            continue;
        }
        let (list, bad) = windows(&gate.bells, day, weekday, around);
        let sentence = |b: &BadBell| Gap::BadBell {
            sentence: b.to_string(),
        };
        gaps.extend(bad.iter().map(|b| (gate.id, sentence(b))));
        gaps.extend(
            overlaps(gate, (day, weekday), around)
                .map(|sentence| (gate.id, Gap::Overlap { sentence })),
        );
        if list.is_empty() && bad.is_empty() {
            gaps.push((gate.id, Gap::NoBellToday));
        }
        found.extend(list.into_iter().map(|w| (gate, w)));
    }
    found
}

/// Adds a place for the school and one for the families beside every gate's own units (校家警); where only volunteers were
/// asked for, the two take their place. Worth 1 each: they support, they replace no officer.
#[must_use]
pub fn joint(posts: &[Post]) -> Vec<Post> {
    let mut gates: BTreeMap<(Day, i64, i64), Vec<&Post>> = BTreeMap::new();
    for p in posts {
        gates.entry((p.day, p.start, p.gate)).or_default().push(p);
    }
    let mut out = Vec::new();
    for list in gates.values() {
        let own = list.iter().filter(|p| p.accepts.contains(&"police"));
        let own: Vec<Post> = own.map(|p| (*p).clone()).collect();
        let (Some(like), after) = (list.first(), own.iter().map(|p| p.unit).max().unwrap_or(0))
        else {
            continue;
        };
        out.extend(own);
        for (k, accepts) in (1..).zip([vec!["school_staff"], vec!["parent", "volunteer"]]) {
            out.push(Post {
                unit: after + k,
                accepts,
                weight: 1,
                ..(*like).clone()
            });
        }
    }
    out.sort_by_key(|p| (p.day, p.start, p.gate, p.unit));
    out
}

/// Bells into school and home whose windows overlap on a day.
fn overlaps(
    gate: &Gate,
    (day, weekday): (Day, u8),
    around: &Around,
) -> impl Iterator<Item = String> {
    let of = |way: Way| -> Vec<(i64, i64)> {
        let bells = gate
            .bells
            .iter()
            .filter(|b| b.way == way && b.rings(day, weekday));
        bells.filter_map(|b| b.window(around).ok()).collect()
    };
    let (arrive, leave) = (of(Way::Arrive), of(Way::Leave));
    let clock =
        |(a, b): (i64, i64)| format!("{:02}:{:02}–{:02}:{:02}", a / 60, a % 60, b / 60, b % 60);
    arrive.into_iter().flat_map(move |a| {
        let hit = leave
            .clone()
            .into_iter()
            .filter(move |l| l.0 < a.1 && a.0 < l.1);
        hit.map(move |l| {
            let (a, l) = (clock(a), clock(l));
            format!("到校 {a} 与离校 {l} (arrive {a} / leave {l})")
        })
    })
}

fn facts(gate: &Gate, peak: &str) -> GateFacts {
    let general = gate.facts.clone();
    gate.by_peak.get(peak).map_or_else(
        || GateFacts {
            tickets: 0,
            weighted: 0.0,
            ..general.clone()
        },
        |own| GateFacts {
            tickets: own.tickets,
            weighted: own.weighted,
            ..general.clone()
        },
    )
}

/// How duties are cut from posts.
#[derive(Clone, Debug, PartialEq)]
pub struct Cutting<'a> {
    /// First day of the horizon.
    pub from: Day,
    /// Number of a gate in the travel table.
    pub gate_at: &'a BTreeMap<i64, i64>,
    /// Minutes between gates by number.
    pub travel: &'a [Vec<i64>],
    /// Minutes between two gates besides the ride.
    pub buffer_min: i64,
    /// Whether one auxiliary may serve several gates one after the other.
    pub chains: bool,
    /// Load points by peak; 1 where missing.
    pub load: &'a BTreeMap<String, i64>,
}

/// Duties with the posts (by position) each serves. Chains join posts that auxiliaries may fill, of one squad; the lead of a
/// class-3 gate and everything only police may fill stays alone.
pub fn duties(posts: &[Post], cut: &Cutting<'_>) -> Result<Vec<(Duty, Vec<usize>)>, BadSlot> {
    let mut groups: BTreeMap<(Day, &str, Option<String>), Vec<usize>> = BTreeMap::new();
    let mut lists: Vec<Vec<usize>> = Vec::new();
    for (i, p) in posts.iter().enumerate() {
        let joins =
            cut.chains && p.accepts.contains(&"auxiliary") && !(p.class >= 3 && p.unit == 1);
        if joins {
            groups
                .entry((p.day, p.peak, p.squad.clone()))
                .or_default()
                .push(i);
        } else {
            lists.push(vec![i]);
        }
    }
    for group in groups.values() {
        let slots: Vec<Slot> = (group.iter())
            .map(|i| posts[*i].slot(i64::try_from(*i).unwrap_or(i64::MAX)))
            .collect();
        let travel = |a: i64, b: i64| minutes(cut, a, b);
        let peak = Peak::new(slots, cut.buffer_min, travel)?;
        let number = |k: usize| usize::try_from(peak.slots()[k].id).unwrap_or(0);
        lists.extend(
            peak.fewest()
                .iter()
                .map(|c| c.iter().map(|k| number(*k)).collect::<Vec<_>>()),
        );
    }
    lists.sort_by_key(|l| {
        l.first().map(|i| {
            (
                posts[*i].day,
                posts[*i].start,
                posts[*i].gate,
                posts[*i].unit,
            )
        })
    });
    Ok(lists
        .into_iter()
        .enumerate()
        .map(|(n, list)| (duty(posts, cut, &list, n), list))
        .collect())
}

fn minutes(cut: &Cutting<'_>, a: i64, b: i64) -> i64 {
    let at = |gate| {
        cut.gate_at
            .get(&gate)
            .and_then(|n| usize::try_from(*n).ok())
    };
    let cell = at(a)
        .zip(at(b))
        .and_then(|(i, j)| cut.travel.get(i)?.get(j).copied());
    cell.unwrap_or(i64::MAX / 4)
}

fn duty(posts: &[Post], cut: &Cutting<'_>, list: &[usize], n: usize) -> Duty {
    let (first, last) = (&posts[list[0]], &posts[list[list.len() - 1]]);
    let at = |gate: i64| cut.gate_at.get(&gate).copied().unwrap_or(-1);
    // Whoever serves a chain must be accepted at each of its posts.
    let accepts = first
        .accepts
        .iter()
        .filter(|role| list.iter().all(|i| posts[*i].accepts.contains(role)))
        .map(|role| (*role).to_owned())
        .collect();
    Duty {
        id: i64::try_from(n).unwrap_or(i64::MAX),
        day: first.day.0 - cut.from.0,
        peak: first.peak.to_owned(),
        gate: at(first.gate),
        last_gate: (first.gate != last.gate).then(|| at(last.gate)),
        unit: i64::from(first.unit),
        start: first.start,
        end: last.end,
        accepts,
        load: cut.load.get(first.peak).copied().unwrap_or(1),
        priority: list.iter().map(|i| posts[*i].weight).sum(),
        squad: first.squad.clone(),
        needs: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn gate(id: i64, at: i64) -> Gate {
        let bell = Bell {
            way: Way::Arrive,
            at,
            until: None,
            weekdays: Vec::new(),
            grades: String::new(),
            from: String::new(),
            to: String::new(),
        };
        Gate {
            id,
            bells: vec![bell],
            facts: GateFacts {
                students: 2000,
                ..GateFacts::default()
            },
            ..Gate::default()
        }
    }

    #[test]
    fn a_chain_of_two_gates_is_one_duty_and_a_school_without_bells_is_listed() {
        let calendar = WorkCalendar::read("date,kind\n").unwrap();
        let gates = [
            gate(10, 430),
            gate(20, 470),
            Gate {
                id: 30,
                ..Gate::default()
            },
        ];
        let monday = Day::parse("2024-09-02").unwrap();
        let day = day_posts(&gates, monday, &calendar, &Around::default(), 0.7);
        assert_eq!(day.posts.len(), 2);
        assert_eq!(day.gaps, [(30, Gap::NoBells)]);
        let gate_at = BTreeMap::from([(10, 0), (20, 1)]);
        let travel = vec![vec![0, 5], vec![5, 0]];
        let load = BTreeMap::new();
        let mut cut = Cutting {
            from: monday,
            gate_at: &gate_at,
            travel: &travel,
            buffer_min: 3,
            chains: true,
            load: &load,
        };
        let chained = duties(&day.posts, &cut).unwrap();
        assert_eq!(
            (chained.len(), chained[0].0.last_gate, chained[0].1.len()),
            (1, Some(1), 2)
        );
        cut.chains = false;
        assert_eq!(duties(&day.posts, &cut).unwrap().len(), 2);
        assert!(
            day_posts(
                &gates,
                Day(monday.0 + 5),
                &calendar,
                &Around::default(),
                0.7
            )
            .posts
            .is_empty()
        );
    }
}
