//! Do the tickets that a weekly run saw still stand as they stood?
//!
//! A print of the history of a week: one number over ticket, place, time and voice, whatever the order. An import taken back, a ticket
//! moved, corrected or come late changes the print of exactly the weeks whose 52 weeks hold it.

use crate::hotspot::alarm::{AlarmRule, RESOLUTION, SAMPLE_SHIFT};
use crate::hotspot::sample::Sample;
use crate::index::Index;

/// Prints of all weeks of a sample.
#[derive(Clone, Debug, Default)]
pub struct Prints {
    /// Days of the tickets, ascending.
    day: Vec<f64>,
    /// Sum of the tickets' numbers before each.
    before: Vec<u64>,
}

/// Spreads a number over 64 bits (the finaliser of `SplitMix64`, Steele et al. 2014).
const fn spread(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Prints {
    /// Reads a sample. Cost: 40 ms per 250,000 tickets.
    #[must_use]
    pub fn of(index: &Index, sample: &Sample) -> Self {
        let cells = sample.cells(index, RESOLUTION);
        let mut all: Vec<(f64, u64)> = cells
            .enumerate()
            .filter_map(|(i, cell)| {
                let voice = index.petitioner(sample.row[i]).map_or(1, |k| k.0);
                let parts = [
                    sample.ticket[i].0.cast_unsigned(),
                    u64::from(cell?),
                    sample.day[i].to_bits(),
                    voice.cast_unsigned(),
                ];
                let mix = |sum: u64, part: u64| spread(sum.wrapping_add(part).wrapping_add(GOLD));
                Some((sample.day[i], parts.into_iter().fold(0, mix)))
            })
            .collect();
        all.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut before = vec![0_u64; all.len() + 1];
        for (i, (_, own)) in all.iter().enumerate() {
            before[i + 1] = before[i].wrapping_add(*own);
        }
        Self {
            day: all.iter().map(|a| a.0).collect(),
            before,
        }
    }

    /// The print of the history that ends before civil day `day`.
    #[must_use]
    pub fn week(&self, day: i64, rule: &AlarmRule) -> String {
        let end = day as f64 + SAMPLE_SHIFT;
        let at = |day: f64| self.day.partition_point(|d| *d < day);
        let (from, to) = (at(end - 7.0 * rule.weeks as f64), at(end));
        let sum = |i: usize| self.before.get(i).copied().unwrap_or(0);
        format!("{}-{:016x}", to - from, sum(to).wrapping_sub(sum(from)))
    }
}

/// Odd constant that keeps zeros apart.
const GOLD: u64 = 0x9e37_79b9_7f4a_7c15;
