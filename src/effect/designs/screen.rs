//! Which rows of a before-and-after table may be counted: is each event there once, and was each group watched on both sides?
//!
//! Repeated rows and districts whose supply of data ended make effects out of nothing; both are refused with their row or
//! group before any design sees a count.

use std::collections::BTreeMap;

use crate::effect::panel::Span;

/// A group is refused when chance alone would leave it silent so long with less than this probability, over all its gaps.
const SILENCE: f64 = 1e-6;

/// One row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Id of the event; rows with one id are one event.
    pub id: &'a str,
    /// District, arm or site the event belongs to.
    pub group: &'a str,
    /// Day.
    pub day: i32,
}

/// A row that says again what an earlier one said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// The row, from 0.
    pub row: usize,
    /// The first row with this id.
    pub first: usize,
}

/// A group that was not watched throughout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwatched {
    /// The group.
    pub group: String,
    /// The days without any event.
    pub silent: Span,
}

/// What is left of a table, and what was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Screened {
    /// Rows that count, rising.
    pub kept: Vec<usize>,
    /// Rows refused because their id came before.
    pub repeated: Vec<Repeated>,
    /// Groups refused because their data stop.
    pub unwatched: Vec<Unwatched>,
    /// Rows outside both windows.
    pub outside: usize,
}

/// Counts of a group in the two windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Before.
    pub before: u64,
    /// After.
    pub after: u64,
}

/// Screens rows for a comparison of two windows. Order of the rows matters only for which of two repeats is kept.
///
/// A group is unwatched when a stretch of days without events inside the two windows is longer than its own rate allows:
/// with `n` events in `d` days a gap of `g` days has chance `n exp(-n g / d)` at most. O(n log n).
#[must_use]
pub fn screen(rows: &[Row<'_>], before: Span, after: Span) -> Screened {
    let mut out = Screened::default();
    let mut firsts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut days: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    let mut inside = Vec::new();
    for (row, r) in rows.iter().enumerate() {
        if let Some(first) = firsts.get(r.id) {
            out.repeated.push(Repeated { row, first: *first });
            continue;
        }
        firsts.insert(r.id, row);
        if before.holds(r.day) || after.holds(r.day) {
            inside.push(row);
            days.entry(r.group).or_default().push(r.day);
        } else {
            out.outside += 1;
        }
    }
    for (group, days) in &mut days {
        days.sort_unstable();
        if let Some(silent) = silence(days, [before, after]) {
            out.unwatched.push(Unwatched {
                group: (*group).to_owned(),
                silent,
            });
        }
    }
    let refused = |group: &str| out.unwatched.iter().any(|u| u.group == group);
    out.kept = inside
        .into_iter()
        .filter(|row| !refused(rows[*row].group))
        .collect();
    out
}

/// The longest stretch without events, if it is too long for chance.
fn silence(days: &[i32], windows: [Span; 2]) -> Option<Span> {
    let total: i32 = windows.iter().map(|w| w.len()).sum();
    let n = days.len() as f64;
    let mut longest = Span::default();
    // Silence runs on from the first window into the second: only watched days count.
    let mut since = windows[0].from;
    let mut watched = 0;
    let mut worst = 0;
    for window in windows {
        let mut at = window.from;
        let own = days.iter().copied().filter(|d| window.holds(*d));
        for day in own.chain([window.until]) {
            watched += day - at;
            if watched > worst {
                worst = watched;
                longest = Span::new(since, day);
            }
            at = day;
            if day < window.until {
                watched = 0;
                since = day;
            }
        }
    }
    let chance = n * (-n * f64::from(worst) / f64::from(total.max(1))).exp();
    (chance < SILENCE).then_some(longest)
}

/// Counts of the kept rows by group, groups in alphabetical order.
#[must_use]
pub fn counts(
    rows: &[Row<'_>],
    screened: &Screened,
    before: Span,
    after: Span,
) -> BTreeMap<String, Counted> {
    let mut out: BTreeMap<String, Counted> = BTreeMap::new();
    for row in screened.kept.iter().map(|row| &rows[*row]) {
        let own = out.entry(row.group.to_owned()).or_default();
        own.before += u64::from(before.holds(row.day));
        own.after += u64::from(after.holds(row.day));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Row, counts, screen};
    use crate::effect::panel::Span;
    use crate::stats::Rng;

    const BEFORE: Span = Span::new(0, 1_000);
    const AFTER: Span = Span::new(1_400, 1_700);

    #[test]
    fn repeats_are_refused_with_both_rows_and_rows_outside_are_counted() {
        let ids = ["a", "b", "a", "c"];
        let days = [5, 9, 5, 1_200];
        let rows: Vec<Row<'_>> = ids
            .iter()
            .zip(days)
            .map(|(id, day)| Row {
                id,
                group: "x",
                day,
            })
            .collect();
        let got = screen(&rows, BEFORE, AFTER);
        assert_eq!((got.repeated[0].row, got.repeated[0].first), (2, 0));
        assert_eq!((got.kept.as_slice(), got.outside), (&[0, 1][..], 1));
    }

    #[test]
    fn a_district_whose_data_end_is_refused_and_a_quiet_one_is_not() {
        let mut rng = Rng::new(8);
        let mut rows = Vec::new();
        for i in 0..200_u32 {
            let day = i32::try_from(rng.below(1_300)).unwrap();
            let day = if day < 1_000 { day } else { day + 400 };
            rows.push((i.to_string(), "full", day));
            if day < 850 {
                rows.push((format!("e{i}"), "ends", day));
            }
            if i < 6 {
                rows.push((format!("q{i}"), "quiet", day.min(999)));
            }
        }
        let rows: Vec<Row<'_>> = rows
            .iter()
            .map(|(id, group, day)| Row {
                id,
                group,
                day: *day,
            })
            .collect();
        let got = screen(&rows, BEFORE, AFTER);
        let names: Vec<&str> = got.unwatched.iter().map(|u| u.group.as_str()).collect();
        assert_eq!(names, ["ends"]);
        let table = counts(&rows, &got, BEFORE, AFTER);
        assert_eq!(table["full"].before + table["full"].after, 200);
        assert!(!table.contains_key("ends"));
    }
}
