//! When do a site's tickets come: by hour and weekday, by month, and in which window above the city's own rhythm?

use std::collections::BTreeMap;

use crate::calendar::UtcMs;
use crate::index::date::date_of;

/// Half-hour bins of a day.
pub const BINS: usize = 48;

/// Tickets by weekday (Monday first) and hour.
#[must_use]
pub fn hours(times: &[UtcMs]) -> [[u32; 24]; 7] {
    let mut table = [[0; 24]; 7];
    for t in times {
        table[usize::from(t.civil_weekday())][usize::from(t.civil_hour())] += 1;
    }
    table
}

/// Tickets by civil month, key `2024-03`, without gaps between the first and the last.
#[must_use]
pub fn months(times: &[UtcMs]) -> Vec<(String, u32)> {
    let mut counts: BTreeMap<(i16, i8), u32> = BTreeMap::new();
    for t in times {
        let date = date_of(t.civil_day());
        *counts.entry((date.year(), date.month())).or_default() += 1;
    }
    let (Some((&first, _)), Some((&last, _))) = (counts.first_key_value(), counts.last_key_value())
    else {
        return Vec::new();
    };
    let next = |(y, m): &(i16, i8)| Some(if *m == 12 { (y + 1, 1) } else { (*y, m + 1) });
    std::iter::successors(Some(first), next)
        .take_while(|month| *month <= last)
        .map(|(y, m)| {
            let count = counts.get(&(y, m)).copied().unwrap_or(0);
            (format!("{y}-{m:02}"), count)
        })
        .collect()
}

/// A window of the day in which tickets come more often than the city's rhythm explains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// First half-hour bin, 0 to 47.
    pub start_bin: usize,
    /// Number of bins; the window may run over midnight.
    pub length: usize,
    /// Tickets inside.
    pub observed: f64,
    /// Tickets that the city's rhythm explains.
    pub expected: f64,
    /// Log likelihood ratio.
    pub llr: f64,
}

/// The best circular window of 1 to 6 half hours (hotspot reference 13.1); ties: shorter, then earlier. `None` without
/// tickets or without any excess. Fewer than five tickets should not be shown as a peak.
#[must_use]
pub fn peak(count: &[u32; BINS], city: &[u32; BINS]) -> Option<Peak> {
    let total: f64 = count.iter().map(|c| f64::from(*c)).sum();
    let base: f64 = city.iter().map(|c| f64::from(*c) + 0.5).sum();
    let mut best: Option<Peak> = None;
    for length in 1..=6 {
        for start in 0..BINS {
            let bins = (start..start + length).map(|b| b % BINS);
            let observed: f64 = bins.clone().map(|b| f64::from(count[b])).sum();
            let share: f64 = bins.map(|b| (f64::from(city[b]) + 0.5) / base).sum();
            let llr = likelihood(observed, total * share, total);
            if llr > best.map_or(0.0, |b| b.llr) {
                best = Some(Peak {
                    start_bin: start,
                    length,
                    observed,
                    expected: total * share,
                    llr,
                });
            }
        }
    }
    best
}

/// Log likelihood ratio of `c` among `all` against expectation `e`; 0 unless more than expected.
fn likelihood(c: f64, e: f64, all: f64) -> f64 {
    if c <= e {
        return 0.0;
    }
    let rest = all - c;
    let outside = if rest > 0.0 {
        rest * (rest / (all - e)).ln()
    } else {
        0.0
    };
    c * (c / e).ln() + outside
}
