//! Did the coding of tickets change: codes nobody used before that suddenly name a fifth of all tickets (section 10, `category_change`)?

use std::collections::BTreeMap;

/// Days of one step.
const STEP: i32 = 7;

/// Steps of history that must lie before a change.
const LEAST_BEFORE: usize = 26;

/// Steps after a change that tell its share.
const AFTER: usize = 13;

/// Tickets needed on either side.
const LEAST_TICKETS: f64 = 100.0;

/// Share of new codes that is a change.
const NEW_SHARE: f64 = 0.20;

/// A code is new when its share before was below this part of its share after: a slip of one clerk makes no use.
const UNUSED: f64 = 0.02;

/// The day, counted as that of the tickets, on which the latest change of coding began; `None` without one.
///
/// `tickets` are pairs of day and code (0 = not coded, left out), in any order, over days `0..days`. A change needs half a year
/// of tickets before and 13 weeks after, and codes practically unused before that make more than 20 % after.
/// O(tickets + weeks × codes).
#[must_use]
pub fn changed_on(tickets: &[(i32, u16)], days: i32) -> Option<i32> {
    let steps = usize::try_from(days / STEP).ok()?;
    if steps < LEAST_BEFORE + AFTER {
        return None;
    }
    let mut sums: BTreeMap<u16, Vec<f64>> = BTreeMap::new();
    for (day, code) in tickets.iter().filter(|t| t.1 != 0) {
        let step = usize::try_from(day / STEP)
            .ok()
            .filter(|s| *day >= 0 && *s < steps);
        if let Some(step) = step {
            sums.entry(*code).or_insert_with(|| vec![0.0; steps + 1])[step + 1] += 1.0;
        }
    }
    for counts in sums.values_mut() {
        for n in 1..counts.len() {
            counts[n] += counts[n - 1];
        }
    }
    let total: Vec<f64> = (0..=steps)
        .map(|n| sums.values().map(|c| c[n]).sum())
        .collect();
    let fresh = |at: usize| -> f64 {
        let (before, after) = (total[at], total[at + AFTER] - total[at]);
        if before < LEAST_TICKETS || after < LEAST_TICKETS {
            return 0.0;
        }
        let shares = sums
            .values()
            .map(|c| (c[at] / before, (c[at + AFTER] - c[at]) / after));
        shares
            .filter(|(old, new)| *old < UNUSED * new)
            .map(|s| s.1)
            .sum()
    };
    let mut found: Option<(usize, f64)> = None;
    let mut run = false;
    for at in LEAST_BEFORE..=steps - AFTER {
        let share = fresh(at);
        if share <= NEW_SHARE {
            run = false;
            continue;
        }
        // Within one run of weeks the largest share is the change itself; a later run is a later change.
        if !run || found.is_none_or(|(_, best)| share > best) {
            found = Some((at, share));
        }
        run = true;
    }
    found.map(|(at, _)| i32::try_from(at).unwrap_or(0) * STEP)
}

#[cfg(test)]
mod tests {
    use super::changed_on;

    /// Two tickets a day over three years, the code by day.
    fn city(code: impl Fn(i32, u16) -> u16) -> Vec<(i32, u16)> {
        (0..1_095)
            .flat_map(|d| [(d, code(d, 0)), (d, code(d, 1))])
            .collect()
    }

    #[test]
    fn steady_coding_has_no_change_whatever_its_seasons() {
        assert_eq!(
            changed_on(&city(|d, n| 1 + n + u16::from(d % 7 == 0)), 1_095),
            None
        );
        // Snow is reported in winter only: new in the first winter at most, and less than a fifth.
        let snow = city(|d, n| {
            if d % 365 < 60 && n == 1 && d % 3 == 0 {
                9
            } else {
                1 + n
            }
        });
        assert_eq!(changed_on(&snow, 1_095), None);
        // Tickets without a code are no coding.
        assert_eq!(
            changed_on(&city(|d, n| if d < 500 { 0 } else { 1 + n }), 1_095),
            None
        );
    }

    #[test]
    fn new_codes_above_a_fifth_are_a_change_on_their_day() {
        let renamed = city(|d, n| if d >= 700 && n == 1 { 5 } else { 1 + n });
        assert_eq!(changed_on(&renamed, 1_095), Some(700));
        // One slip of a clerk a year before does not hide it.
        let mut slipped = renamed;
        slipped.push((400, 5));
        assert_eq!(changed_on(&slipped, 1_095), Some(700));
        // A tenth is no change; half a year of data tells nothing.
        let few = city(|d, n| {
            if d >= 700 && n == 1 && d % 5 == 0 {
                5
            } else {
                1 + n
            }
        });
        assert_eq!(changed_on(&few, 1_095), None);
        assert_eq!(changed_on(&[(3, 1), (9, 2)], 180), None);
    }
}
