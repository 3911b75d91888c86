//! When is a stay of a motor unit at a site worth most, how often may it come back, and what does it prevent?
//!
//! A site has a rhythm: its own tickets by weekday and hour, drawn towards the product of its hours and its weekdays as far as
//! there are few. A stay is worth the weighted tickets that the two hours after its begin bring, times what a patrol prevents of
//! them. In a long shift a site is offered once for every two hours, in windows so placed that 60 to 120 minutes lie between the
//! end of one stay and the begin of the next (planning reference, section 10).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::stats::number::floor_i64;

/// Minutes a stay works ahead.
pub const AHEAD: i64 = 120;

/// Least minutes between the end of a stay and the begin of the next at the same site; the most are [`AHEAD`].
pub const REST: i64 = 60;

/// Width of the windows of sites that are visited again.
const WIDE: i64 = 30;

/// Step in which begins are tried, in minutes.
const STEP: usize = 15;

/// Tickets by which a site's own table is drawn towards the product of its hours and weekdays.
const DRAWN: f64 = 24.0;

/// Begins worth this share of the best make up the window of a single stay.
const GOOD: f64 = 0.8;

/// Offsets worth this share of the best may be taken so that not all sites ask for the same half hour.
const SPREAD: f64 = 0.9;

/// Share of a week's tickets by weekday (Monday first) and hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm([[f64; 24]; 7]);

impl Rhythm {
    /// The rhythm behind counts by weekday and hour. Without tickets every hour is alike.
    #[must_use]
    pub fn of(counts: &[[u32; 24]; 7]) -> Self {
        let count = |day: usize, hour: usize| f64::from(counts[day][hour]);
        let all: f64 = counts.iter().flatten().map(|c| f64::from(*c)).sum();
        let mut out = [[0.0; 24]; 7];
        for (day, row) in out.iter_mut().enumerate() {
            let own: f64 = (0..24).map(|h| count(day, h)).sum();
            let of_day = (own + 0.5) / (all + 3.5);
            for (hour, share) in row.iter_mut().enumerate() {
                let own: f64 = (0..7).map(|d| count(d, hour)).sum();
                let of_hour = (own + 0.5) / (all + 12.0);
                *share = (count(day, hour) + DRAWN * of_day * of_hour) / (all + DRAWN);
            }
        }
        Self(out)
    }

    /// Share of a week's tickets that come within some minutes from a minute on, counted from Monday 0:00; the week repeats.
    #[must_use]
    pub fn within(&self, from: i64, minutes: i64) -> f64 {
        let mut sum = 0.0;
        let (mut at, end) = (from, from + minutes.max(0));
        while at < end {
            let next = (at.div_euclid(60) + 1) * 60;
            let hour = usize::try_from(at.div_euclid(60).rem_euclid(168)).unwrap_or(0);
            sum += self.0[hour / 24][hour % 24] * (next.min(end) - at) as f64 / 60.0;
            at = next;
        }
        sum
    }
}

/// A site that may be patrolled.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// When its tickets come.
    pub rhythm: Rhythm,
    /// Weighted tickets a year that a patrol prevents there, if one stood all the time.
    pub prevented: f64,
}

impl Beat {
    /// Millionths of a weighted ticket that a stay beginning at a minute of the week prevents.
    #[must_use]
    pub fn worth(&self, from: i64) -> f64 {
        self.prevented.max(0.0) * 7.0 / 365.0 * self.rhythm.within(from, AHEAD) * 1_000_000.0
    }
}

/// A shift of patrols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Begin in minutes from Monday 0:00.
    pub start: i64,
    /// Length in minutes.
    pub length: i64,
    /// Minutes of a stay.
    pub dwell: i64,
}

impl Turn {
    /// How often a site is offered: once for every two whole hours, at least once.
    #[must_use]
    pub const fn rounds(&self) -> i64 {
        if self.length < 2 * AHEAD {
            1
        } else {
            self.length / AHEAD
        }
    }

    /// Minutes from one window of a site to its next.
    const fn cycle(&self) -> i64 {
        REST + WIDE + self.dwell
    }
}

/// A stay that may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Place of the site in the list.
    pub beat: usize,
    /// Which stay at the site, 1 = the first.
    pub number: i64,
    /// Earliest begin, in minutes of the shift.
    pub open: i64,
    /// Latest begin.
    pub close: i64,
    /// Millionths of a weighted ticket prevented, the mean over the window.
    pub worth: i64,
}

/// The stays that a shift may hold, sites in their order. A shift shorter than a stay has none.
#[must_use]
pub fn visits(beats: &[Beat], turn: Turn) -> Vec<Visit> {
    let last = turn.length - turn.dwell;
    if last < 0 {
        return Vec::new();
    }
    let mut crowd = BTreeMap::<i64, usize>::new();
    let mut out = Vec::new();
    for (at, beat) in beats.iter().enumerate() {
        let windows = if turn.rounds() == 1 {
            vec![once(beat, turn, last)]
        } else {
            let offset = offset(beat, turn, (last, &crowd));
            *crowd.entry(offset).or_default() += 1;
            rounds(turn, offset, last)
        };
        for ((open, close), number) in windows.into_iter().zip(1..) {
            out.push(Visit {
                beat: at,
                number,
                open,
                close,
                worth: mean(beat, turn, (open, close)),
            });
        }
    }
    out
}

/// Begins in steps from one minute to another, both included.
fn steps(from: i64, to: i64) -> impl Iterator<Item = i64> {
    (from..=to).step_by(STEP)
}

/// The window of a single stay: the best begin and its good neighbours.
fn once(beat: &Beat, turn: Turn, last: i64) -> (i64, i64) {
    let all: Vec<(i64, f64)> = steps(0, last)
        .map(|t| (t, beat.worth(turn.start + t)))
        .collect();
    let best = all.iter().enumerate().fold(
        (0, f64::MIN),
        |top, (i, x)| {
            if x.1 > top.1 { (i, x.1) } else { top }
        },
    );
    let good = |i: &usize| all[*i].1 >= GOOD * best.1;
    let from = (0..=best.0).rev().take_while(good).last();
    let to = (best.0..all.len()).take_while(good).last();
    let begin = |i: Option<usize>| i.map_or(0, |i| all[i].0);
    // The last step of a window stands for what follows it.
    let close = if to == Some(all.len() - 1) {
        last
    } else {
        begin(to)
    };
    (begin(from), close)
}

/// The first window of a site that is visited again: worth most over the shift, of the nearly equal ones the least asked for.
fn offset(beat: &Beat, turn: Turn, (last, crowd): (i64, &BTreeMap<i64, usize>)) -> i64 {
    let room = last - (turn.rounds() - 1) * turn.cycle();
    let latest = room.min(turn.cycle() - 1).max(0);
    let value = |offset: i64| -> f64 {
        let windows = rounds(turn, offset, last);
        windows.iter().map(|w| beat.worth(turn.start + w.0)).sum()
    };
    let all: Vec<(i64, f64)> = steps(0, latest).map(|o| (o, value(o))).collect();
    let best = all.iter().map(|x| x.1).fold(0.0, f64::max);
    let near = all.iter().filter(|x| x.1 >= SPREAD * best);
    let asked = |o: &i64| crowd.get(o).copied().unwrap_or(0);
    near.min_by(|a, b| {
        let by_crowd = asked(&a.0).cmp(&asked(&b.0));
        by_crowd.then(b.1.total_cmp(&a.1)).then(a.0.cmp(&b.0))
    })
    .map_or(0, |x| x.0)
}

/// Windows of a site from its first begin on.
fn rounds(turn: Turn, offset: i64, last: i64) -> Vec<(i64, i64)> {
    (0..turn.rounds())
        .map(|k| offset + k * turn.cycle())
        .filter(|open| *open <= last)
        .map(|open| (open, (open + WIDE).min(last)))
        .collect()
}

fn mean(beat: &Beat, turn: Turn, (open, close): (i64, i64)) -> i64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for t in steps(open, close) {
        sum += beat.worth(turn.start + t);
        count += 1.0;
    }
    floor_i64(sum / f64::max(count, 1.0) + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(hours: &[(usize, usize, u32)]) -> [[u32; 24]; 7] {
        let mut out = [[0; 24]; 7];
        for (day, hour, n) in hours {
            out[*day][*hour] = *n;
        }
        out
    }

    fn beat(hours: &[(usize, usize, u32)]) -> Beat {
        Beat {
            rhythm: Rhythm::of(&counts(hours)),
            prevented: 365.0,
        }
    }

    const MONDAY_7: i64 = 7 * 60;

    #[test]
    fn a_rhythm_is_a_share_of_the_week_and_follows_the_site_own_hours() {
        for table in [counts(&[]), counts(&[(0, 8, 40), (4, 17, 9)])] {
            let all = Rhythm::of(&table).within(0, 7 * 1440);
            assert!((all - 1.0).abs() < 1e-9, "{all}");
        }
        let own = Rhythm::of(&counts(&[(0, 8, 40)]));
        assert!(own.within(480, 60) > 0.5 && own.within(480 + 1440, 60) < 0.1);
        // Half an hour is half of an hour; the week goes round.
        assert!((own.within(480, 30) * 2.0 - own.within(480, 60)).abs() < 1e-12);
        let over = own.within(7 * 1440 - 60, 120);
        assert!((over - own.within(-60, 60) - own.within(0, 60)).abs() < 1e-12);
        // Without tickets: 365 prevented a year are 7 a week, 1/84 of them in two hours.
        assert!((beat(&[]).worth(99) - 7_000_000.0 / 84.0).abs() < 1e-6);
    }

    #[test]
    fn a_short_shift_offers_a_site_once_in_its_good_hours() {
        let turn = Turn {
            start: MONDAY_7,
            length: 230,
            dwell: 12,
        };
        let late = visits(&[beat(&[(0, 10, 60)])], turn);
        assert_eq!(late.len(), 1);
        // Two hours from the begin must hold the hour from 10:00 to 11:00.
        assert!(late[0].open >= 90 && late[0].close <= 218, "{late:?}");
        let flat = visits(&[beat(&[])], turn);
        assert_eq!((flat[0].open, flat[0].close), (0, 218));
        assert!(late[0].worth > 10 * flat[0].worth);
        assert!(visits(&[beat(&[])], Turn { length: 5, ..turn }).is_empty());
    }

    #[test]
    fn stays_at_a_site_lie_sixty_to_a_hundred_and_twenty_minutes_apart_whatever_begin_is_taken() {
        for dwell in 10..=16 {
            for length in [240, 300, 480, 720] {
                let turn = Turn {
                    start: MONDAY_7,
                    length,
                    dwell,
                };
                let beats = [
                    beat(&[(0, 9, 20)]),
                    beat(&[]),
                    beat(&[]),
                    beat(&[(0, 12, 3)]),
                ];
                let all = visits(&beats, turn);
                for own in (0..beats.len()).map(|b| all.iter().filter(move |v| v.beat == b)) {
                    let own: Vec<&Visit> = own.collect();
                    assert_eq!(own.len(), usize::try_from(length / 120).unwrap());
                    for pair in own.windows(2) {
                        assert!(pair[1].open - (pair[0].close + dwell) >= REST);
                        assert!(pair[1].close - (pair[0].open + dwell) <= AHEAD);
                    }
                    assert!(
                        own.iter()
                            .all(|v| v.open <= v.close && v.close <= length - dwell)
                    );
                }
            }
        }
    }

    #[test]
    fn sites_without_a_rhythm_of_their_own_do_not_all_ask_for_the_same_half_hour() {
        let turn = Turn {
            start: MONDAY_7,
            length: 360,
            dwell: 12,
        };
        let beats = vec![beat(&[]); 8];
        let first: std::collections::BTreeSet<i64> = visits(&beats, turn)
            .iter()
            .filter(|v| v.number == 1)
            .map(|v| v.open)
            .collect();
        assert!(first.len() >= 4, "{first:?}");
    }
}
