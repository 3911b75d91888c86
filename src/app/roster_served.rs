//! What did everybody serve before a roster: load points, duty days in a row, duties of a shared week, gates?

use std::collections::{BTreeMap, BTreeSet};

use crate::app::duty_people::DutyPerson;
use crate::app::error::Result;
use crate::app::roster_ground::Served;
use crate::app::roster_kept::{DutyBody, parse};
use crate::calendar::Day;
use crate::store::Tx;
use crate::store::duty::{self, DutyRow, Sign};
use crate::store::school::{self, Leave};

/// Days that are looked back upon: half a year.
const BACK: i64 = 182;

/// Load points served in the half year before, with the colleagues' average added while away; duty days in a row; duties other
/// published rosters give in the first and the last week; gates.
///
/// A published duty counts as served when its holder signed in, or when the holder has never signed in within the half year:
/// then no attendance is kept of that person, and the plan is all there is.
pub(super) async fn served(
    tx: &mut Tx,
    people: &BTreeMap<i64, DutyPerson>,
    (from, to): (Day, Day),
) -> Result<Served> {
    let (first, last) = (Day(from.0 - BACK).iso(), Day(from.0 - 1).iso());
    let rows = duty::published_duties(tx, &first, &last).await?;
    let leaves = school::leaves(tx, &first, &last).await?;
    let signs = duty::signs(tx, &first, &last).await?;
    let attended = Attendance::of(&signs);
    let mut out = Served {
        history: people.iter().map(|(id, p)| (*id, p.history)).collect(),
        ..Served::default()
    };
    let mut days: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    let mut by_role: ByRole = BTreeMap::new();
    let mut gates: BTreeMap<i64, BTreeMap<i64, BTreeSet<i64>>> = BTreeMap::new();
    for r in &rows {
        let Some((id, person)) = r.person.and_then(|id| Some((id, people.get(&id)?))) else {
            continue;
        };
        let body: DutyBody = parse(&r.body)?;
        let day = Day::parse(&r.day).map_or(0, |d| d.0);
        days.entry(id).or_default().insert(day);
        if !attended.served(r, id) {
            continue;
        }
        let at = gates.entry(id).or_default();
        for post in &body.posts {
            let monday = day - i64::from(Day(day).weekday());
            at.entry(post.gate).or_default().insert(monday);
        }
        *out.history.entry(id).or_default() += body.load;
        let key = (person.role.clone(), day, body.peak);
        *by_role.entry(key).or_default() += body.load;
    }
    for (id, points) in missed(&leaves, people, &by_role) {
        *out.history.entry(id).or_default() += points;
    }
    for (id, set) in &days {
        let run = (1..=BACK).take_while(|k| set.contains(&(from.0 - k)));
        let run = i64::try_from(run.count()).unwrap_or(0);
        out.days_before.insert(*id, run);
    }
    for (id, weeks) in gates {
        out.known_gates.insert(id, weeks.keys().copied().collect());
        let weeks = weeks.into_iter();
        let weeks = weeks.map(|(g, w)| (g, i64::try_from(w.len()).unwrap_or(i64::MAX)));
        out.gate_weeks.insert(id, weeks.collect());
    }
    let monday = Day(from.0 - i64::from(from.weekday()));
    let sunday = Day(to.0 + 6 - i64::from(to.weekday()));
    out.week_before = planned(tx, monday, Day(from.0 - 1)).await?;
    out.week_after = planned(tx, Day(to.0 + 1), sunday).await?;
    Ok(out)
}

/// Duties of everybody in published rosters on the days given.
async fn planned(tx: &mut Tx, from: Day, to: Day) -> Result<BTreeMap<i64, i64>> {
    let mut out = BTreeMap::new();
    if from <= to {
        for row in duty::published_duties(tx, &from.iso(), &to.iso()).await? {
            if let Some(person) = row.person {
                *out.entry(person).or_default() += 1;
            }
        }
    }
    Ok(out)
}

/// Who signed in where, and who keeps signing in at all.
struct Attendance {
    at: BTreeSet<(i64, i64)>,
    kept: BTreeSet<i64>,
    missed: BTreeSet<(i64, i64)>,
}

impl Attendance {
    fn of(signs: &[Sign]) -> Self {
        let ins = || signs.iter().filter(|s| s.kind == "in");
        Self {
            at: ins().map(|s| (s.duty, s.person)).collect(),
            kept: ins().map(|s| s.person).collect(),
            missed: signs
                .iter()
                .filter(|s| s.kind == "absent")
                .map(|s| (s.duty, s.person))
                .collect(),
        }
    }

    fn served(&self, row: &DutyRow, person: i64) -> bool {
        let key = (row.id, person);
        self.at.contains(&key) || !(self.kept.contains(&person) || self.missed.contains(&key))
    }
}

/// Load points served by role, day and peak.
type ByRole = BTreeMap<(String, i64, String), i64>;

/// Load points of the colleagues' average while somebody was away; days and peaks of leaves that overlap count once.
fn missed(
    leaves: &[Leave],
    people: &BTreeMap<i64, DutyPerson>,
    by_role: &ByRole,
) -> BTreeMap<i64, i64> {
    let mut out = BTreeMap::new();
    for (id, person) in people {
        let own: Vec<(i64, i64, &str)> = leaves
            .iter()
            .filter(|l| l.person == *id)
            .filter_map(|l| {
                let span = Day::parse(&l.first_day).zip(Day::parse(&l.last_day))?;
                Some((span.0.0, span.1.0, l.peak.as_str()))
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let alike = people.values().filter(|p| p.role == person.role).count();
        let colleagues = i64::try_from(alike.saturating_sub(1).max(1)).unwrap_or(1);
        let sum: i64 = by_role
            .iter()
            .filter(|((role, day, peak), _)| {
                let at = |(a, b, k): &(i64, i64, &str)| {
                    a <= day && day <= b && (k.is_empty() || *k == peak)
                };
                *role == person.role && own.iter().any(at)
            })
            .map(|(_, load)| load)
            .sum();
        out.insert(*id, sum / colleagues);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leave(first: &str, last: &str, peak: &str) -> Leave {
        Leave {
            id: 0,
            person: 1,
            first_day: first.to_owned(),
            last_day: last.to_owned(),
            peak: peak.to_owned(),
            cause: String::new(),
        }
    }

    #[test]
    fn a_leave_counts_its_own_peaks_once_and_an_unsigned_duty_is_not_served() {
        let person = |role: &str| DutyPerson {
            role: role.to_owned(),
            ..DutyPerson::default()
        };
        let people = BTreeMap::from([
            (1, person("police")),
            (2, person("police")),
            (3, person("police")),
        ]);
        let day = Day::parse("2026-03-02").unwrap().0;
        let key = |peak: &str| ("police".to_owned(), day, peak.to_owned());
        let by_role = ByRole::from([(key("morning"), 4), (key("afternoon"), 6)]);
        let one = |leaves: &[Leave]| missed(leaves, &people, &by_role).get(&1).copied();
        assert_eq!(
            one(&[leave("2026-03-02", "2026-03-02", "morning")]),
            Some(2)
        );
        assert_eq!(one(&[leave("2026-03-01", "2026-03-09", "")]), Some(5));
        let twice = [
            leave("2026-03-01", "2026-03-03", ""),
            leave("2026-03-02", "2026-03-02", "morning"),
        ];
        assert_eq!(one(&twice), Some(5));
        assert_eq!(one(&[]), None);

        let sign = |duty: i64, person: i64| Sign {
            mark: String::new(),
            duty,
            person,
            kind: "in".to_owned(),
            at: 0,
            received_at: 0,
            body: String::new(),
        };
        let row = |id: i64| DutyRow {
            id,
            roster: 1,
            day: "2026-03-02".to_owned(),
            body: String::new(),
            person: None,
            sequence: 0,
        };
        let attended = Attendance::of(&[sign(7, 1)]);
        assert!(attended.served(&row(7), 1) && !attended.served(&row(8), 1));
        assert!(attended.served(&row(8), 2), "no attendance is kept of them");
        let missed = Sign {
            kind: "absent".to_owned(),
            ..sign(8, 2)
        };
        let attended = Attendance::of(&[missed]);
        assert!(!attended.served(&row(8), 2) && attended.served(&row(7), 2));
    }
}
