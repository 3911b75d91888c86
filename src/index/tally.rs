//! How many selected tickets fall on each day, hour, category, channel?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::calendar::{DAY_MS, OFFSET_MS, UtcMs};
use crate::index::column::Index;
use crate::index::date;
use crate::index::dict::{Dict, NONE};
use crate::index::filter::TimeAxis;
use crate::index::intern::MISSING;
use crate::index::row::{STATES, precision_title, state_code, state_title};
use crate::index::select::Selection;
use crate::place::Precision;
use crate::ticket::Channel;

/// What tickets are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// Civil day, key `2024-03-01`.
    Day,
    /// Week, key = its Monday.
    Week,
    /// Month, key `2024-03`.
    Month,
    /// Weekday and hour, key `w-h`, Monday 0; all 168 are given.
    HourWeekday,
    /// Category.
    Category,
    /// Channel.
    Channel,
    /// State.
    State,
    /// Precision.
    Precision,
    /// Area.
    Area,
    /// Unit.
    Unit,
}

impl By {
    /// All, with their names on the doors.
    pub const ALL: [(&'static str, Self); 10] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("hour_weekday", Self::HourWeekday),
        ("category", Self::Category),
        ("channel", Self::Channel),
        ("state", Self::State),
        ("precision", Self::Precision),
        ("area", Self::Area),
        ("unit", Self::Unit),
    ];

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, by)| *by)
    }

    /// The name on the doors.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, by)| *by == self)
            .map_or("", |(name, _)| name)
    }
}

/// One line of a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Stable key; usable in a filter.
    pub key: String,
    /// Name for people.
    pub label: String,
    /// Tickets.
    pub count: u32,
}

/// Counts of a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Selected tickets.
    pub total: usize,
    /// Of these, drawn as points.
    pub mapped: usize,
    /// Counts; times in order without gaps, the rest in the order of their dictionary, empty ones left out.
    pub buckets: Vec<Bucket>,
}

impl Index {
    /// Counts a selection. Tickets without the asked instant (open tickets on [`TimeAxis::Closed`]) are in `total` only.
    #[must_use]
    pub fn tally(&self, selection: &Selection, by: By, axis: TimeAxis) -> Tally {
        let c = &*self.columns;
        let buckets = match by {
            By::Day | By::Week | By::Month => self.over_time(selection, by, axis),
            By::HourWeekday => self.hours(selection, axis),
            By::Category => by_code(selection, &c.category, &self.dicts.categories),
            By::Area => by_code(selection, &c.area, &self.dicts.areas),
            By::Unit => by_code(selection, &c.unit, &self.dicts.units),
            By::Channel => by_class(
                selection,
                &c.channel,
                &Channel::ALL.map(|v| (v.code(), v.title())),
            ),
            By::State => by_class(
                selection,
                &c.state,
                &STATES.map(|v| (state_code(v), state_title(v))),
            ),
            By::Precision => by_class(
                selection,
                &c.precision,
                &Precision::ALL.map(|v| (v.code(), precision_title(v))),
            ),
        };
        Tally {
            total: selection.count(),
            mapped: selection.mapped(),
            buckets,
        }
    }

    /// Distinct known petitioners plus anonymous tickets of a selection: how many people speak, at most.
    #[must_use]
    pub fn voices(&self, selection: &Selection) -> usize {
        let mut seen = vec![0_u64; self.petitioners.len().div_ceil(64)];
        let mut anonymous = 0;
        for row in selection.rows() {
            let code = self.columns.petitioner[row];
            if code == MISSING {
                anonymous += 1;
            } else {
                seen[(code / 64) as usize] |= 1 << (code % 64);
            }
        }
        anonymous + seen.iter().map(|w| w.count_ones() as usize).sum::<usize>()
    }

    /// First and last arrival of a selection.
    #[must_use]
    pub fn span(&self, selection: &Selection) -> Option<(UtcMs, UtcMs)> {
        let mut times = selection.rows().map(|row| self.columns.received[row]);
        let first = times.next()?;
        let (a, b) = times.fold((first, first), |(a, b), t| (a.min(t), b.max(t)));
        Some((UtcMs(i64::from(a) * 1000), UtcMs(i64::from(b) * 1000)))
    }

    fn seconds(&self, axis: TimeAxis) -> &[u32] {
        match axis {
            TimeAxis::Received => &self.columns.received,
            TimeAxis::Closed => &self.columns.closed,
        }
    }

    fn over_time(&self, selection: &Selection, by: By, axis: TimeAxis) -> Vec<Bucket> {
        let column = self.seconds(axis);
        let mut days = DayCounts::default();
        for row in selection.rows() {
            if axis == TimeAxis::Received || column[row] != 0 {
                days.add(civil_day(column[row]));
            }
        }
        let mut sums: BTreeMap<i64, u32> = BTreeMap::new();
        for (day, count) in days.iter() {
            *sums.entry(period(day, by)).or_default() += count;
        }
        sums.into_iter()
            .map(|(day, count)| {
                let date = date::date_of(day);
                let key = match by {
                    By::Month => date.strftime("%Y-%m").to_string(),
                    _ => date.to_string(),
                };
                Bucket {
                    label: key.clone(),
                    key,
                    count,
                }
            })
            .collect()
    }

    fn hours(&self, selection: &Selection, axis: TimeAxis) -> Vec<Bucket> {
        let column = self.seconds(axis);
        let mut counts = [0_u32; 168];
        for row in selection.rows() {
            if axis == TimeAxis::Received || column[row] != 0 {
                counts[hour_of_week(column[row])] += 1;
            }
        }
        let names = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        (0..168)
            .map(|i| Bucket {
                key: format!("{}-{}", i / 24, i % 24),
                label: format!("{} {:02}:00", names[i / 24], i % 24),
                count: counts[i],
            })
            .collect()
    }
}

/// Hours since Monday 0:00 in civil time, 0 to 167.
fn hour_of_week(second: u32) -> usize {
    // 1970-01-01 was a Thursday, so the epoch is 72 hours into its week.
    let hours = (i64::from(second) + OFFSET_MS / 1000) / 3600 + 72;
    usize::try_from(hours % 168).unwrap_or(0)
}

fn civil_day(second: u32) -> i64 {
    (i64::from(second) * 1000 + OFFSET_MS) / DAY_MS
}

/// First civil day of the period that holds a day.
fn period(day: i64, by: By) -> i64 {
    match by {
        By::Week => day - (day + 3).rem_euclid(7),
        By::Month => day - i64::from(date::date_of(day).day() - 1),
        _ => day,
    }
}

/// Counts by day that grow on both sides; a span of 136 years at most by the form of the column.
#[derive(Default)]
struct DayCounts {
    start: i64,
    counts: std::collections::VecDeque<u32>,
}

impl DayCounts {
    fn add(&mut self, day: i64) {
        if self.counts.is_empty() {
            self.start = day;
        }
        while day < self.start {
            self.counts.push_front(0);
            self.start -= 1;
        }
        let at = usize::try_from(day - self.start).unwrap_or(0);
        if at >= self.counts.len() {
            self.counts.resize(at + 1, 0);
        }
        self.counts[at] += 1;
    }

    fn iter(&self) -> impl Iterator<Item = (i64, u32)> + '_ {
        (self.start..).zip(self.counts.iter().copied())
    }
}

fn by_code(selection: &Selection, column: &[u16], dict: &Dict) -> Vec<Bucket> {
    let mut counts = vec![0_u32; dict.len() + 1];
    for row in selection.rows() {
        counts[usize::from(column[row]).min(dict.len())] += 1;
    }
    let mut buckets: Vec<Bucket> = dict
        .iter()
        .filter(|(code, _)| counts[usize::from(*code)] > 0)
        .map(|(code, entry)| Bucket {
            key: entry.key.clone(),
            label: entry.name.clone(),
            count: counts[usize::from(code)],
        })
        .collect();
    if counts[dict.len()] > 0 {
        buckets.push(Bucket {
            key: "none".to_owned(),
            label: "未注明".to_owned(),
            count: counts[dict.len()],
        });
    }
    debug_assert!(dict.len() < usize::from(NONE));
    buckets
}

fn by_class(selection: &Selection, column: &[u8], names: &[(&str, &str)]) -> Vec<Bucket> {
    let mut counts = [0_u32; 256];
    for row in selection.rows() {
        counts[usize::from(column[row])] += 1;
    }
    names
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|((key, label), count)| Bucket {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            count,
        })
        .collect()
}
