//! Which pairs of tickets are close in space, and how near in time are they under the times they have or are dealt?

use rayon::prelude::*;

use crate::hotspot::method::MethodError;
use crate::spatial::pairs::{Near, Places};
use crate::stats::Rng;
use crate::stats::number::floor_index;

/// Pairs close in space, in an order in which neighbours are near in memory.
#[derive(Clone, Debug, Default)]
pub struct ClosePairs {
    /// Time of each point, in the order of the pairs' indices.
    pub time: Vec<f64>,
    /// First pair of each point.
    start: Vec<u32>,
    /// Other point of each pair.
    other: Vec<u32>,
    /// Band of the pair's distance.
    band: Vec<u8>,
}

impl ClosePairs {
    /// Collects pairs whose distance falls into a band; `band` gives `None` for pairs that do not count.
    pub fn collect(
        places: &Places,
        time: &[f64],
        reach: f64,
        band: impl Fn(usize, usize, f64) -> Option<u8>,
    ) -> Result<Self, MethodError> {
        let near = Near::new(places, reach);
        let mut found: Vec<(u32, u32, u8)> = Vec::new();
        let mut full = false;
        near.each_pair(places, |a, b, d| {
            let (i, j) = (
                near.order[a as usize] as usize,
                near.order[b as usize] as usize,
            );
            if found.len() < MOST_PAIRS
                && let Some(band) = band(i, j, d)
            {
                found.push((a, b, band));
            } else if found.len() >= MOST_PAIRS {
                full = true;
            }
        });
        if full {
            return Err(MethodError::TooLarge {
                what: "number of close pairs",
                size: found.len(),
                limit: MOST_PAIRS,
                cure: "choose a smaller distance or a shorter period",
            });
        }
        // Pairs of one point and band lie together.
        found.sort_unstable_by_key(|f| (f.0, f.2, f.1));
        let mut start = vec![0; near.order.len() + 1];
        for f in &found {
            start[f.0 as usize + 1] += 1;
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        Ok(Self {
            time: near.order.iter().map(|&i| time[i as usize]).collect(),
            start,
            other: found.iter().map(|f| f.1).collect(),
            band: found.iter().map(|f| f.2).collect(),
        })
    }

    /// Number of pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.other.len()
    }

    /// Whether no pair is close.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.other.is_empty()
    }

    /// Number of pairs with `|dt| <= tau` under the given times.
    #[must_use]
    pub fn close_in_time(&self, time: &[f64], tau: f64) -> u64 {
        let mut hits = 0;
        for (i, run) in self.start.windows(2).enumerate() {
            let t = time[i];
            let others = &self.other[run[0] as usize..run[1] as usize];
            let near: u32 = others
                .iter()
                .map(|&j| u32::from((time[j as usize] - t).abs() <= tau))
                .sum();
            hits += u64::from(near);
        }
        hits
    }

    /// Pairs per distance band and time band (closed left, open right); pairs outside all time bands are not counted.
    #[must_use]
    pub fn table(&self, time: &[f64], shape: (usize, &[f64])) -> Vec<u64> {
        let (bands, breaks) = shape;
        let columns = breaks.len().saturating_sub(1);
        let mut out = vec![0; bands * columns];
        let lookup = TimeBands::new(breaks);
        for (i, run) in self.start.windows(2).enumerate() {
            let pairs = run[0] as usize..run[1] as usize;
            for (&j, &band) in self.other[pairs.clone()].iter().zip(&self.band[pairs]) {
                if let Some(column) = lookup.of((time[j as usize] - time[i]).abs()) {
                    out[band as usize * columns + column] += 1;
                }
            }
        }
        out
    }

    /// Of each point its pairs: the other points, and the bands of their distances.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (&[u32], &[u8])> + '_ {
        self.start.windows(2).map(|run| {
            let pairs = run[0] as usize..run[1] as usize;
            (&self.other[pairs.clone()], &self.band[pairs])
        })
    }

    /// Sum of a(a-1)/2 over the points' numbers of close others.
    pub(crate) fn neighbours_squared(&self) -> f64 {
        let mut degree = vec![0.0; self.time.len()];
        for (i, run) in self.start.windows(2).enumerate() {
            for &j in &self.other[run[0] as usize..run[1] as usize] {
                degree[i] += 1.0;
                degree[j as usize] += 1.0;
            }
        }
        degree.iter().map(|a| a * (a - 1.0) / 2.0).sum()
    }
}

/// In which band of time does a difference fall, in one look instead of a walk over the breaks?
struct TimeBands<'a> {
    breaks: &'a [f64],
    first: f64,
    last: f64,
    /// Slots per unit of time.
    scale: f64,
    /// Band of every difference in a slot; [`MIXED`] where a break is in or beside it.
    slots: Vec<u8>,
}

/// A slot in which the breaks themselves must be asked.
const MIXED: u8 = u8::MAX;

/// Slots over all bands: they stay in the fastest cache.
const SLOTS: usize = 4096;

impl<'a> TimeBands<'a> {
    fn new(breaks: &'a [f64]) -> Self {
        let first = breaks.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let last = breaks.iter().copied().reduce(f64::max).unwrap_or(0.0);
        let scale = SLOTS as f64 / (last - first);
        let mut out = Self {
            breaks,
            first,
            last,
            scale: if scale.is_finite() { scale } else { 0.0 },
            slots: vec![MIXED; SLOTS],
        };
        let wide = 1.5 / SLOTS as f64 * (last - first);
        for slot in 0..SLOTS {
            let middle = first + (slot as f64 + 0.5) / SLOTS as f64 * (last - first);
            let clear = breaks.iter().all(|b| (b - middle).abs() > wide);
            if let Some(band) = out.walked(middle).filter(|_| clear) {
                out.slots[slot] = u8::try_from(band).unwrap_or(MIXED);
            }
        }
        out
    }

    /// The band by the breaks themselves, closed left, open right; empty bands are passed over.
    fn walked(&self, dt: f64) -> Option<usize> {
        let reached = self.breaks.iter().filter(|b| dt >= **b).count();
        (1..self.breaks.len())
            .contains(&reached)
            .then(|| reached - 1)
    }

    #[inline]
    fn of(&self, dt: f64) -> Option<usize> {
        if !(self.first..self.last).contains(&dt) {
            return None;
        }
        let slot = floor_index((dt - self.first) * self.scale);
        match self.slots.get(slot) {
            Some(&band) if band != MIXED => Some(usize::from(band)),
            _ => self.walked(dt),
        }
    }
}

/// Most close pairs of one run (9 bytes each).
const MOST_PAIRS: usize = 200_000_000;

/// Times dealt anew for every replicate; `count` sees them and its results come back in order of the replicates.
pub fn permute_times<T: Send>(
    time: &[f64],
    ask: (usize, u64),
    count: impl Fn(&[f64]) -> T + Sync,
) -> Vec<T> {
    (0..ask.0)
        .into_par_iter()
        .map_init(
            || time.to_vec(),
            |dealt, r| {
                dealt.copy_from_slice(time);
                Rng::replicate(ask.1, r as u64).shuffle(dealt);
                count(dealt)
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::TimeBands;

    #[test]
    fn a_looked_up_band_is_the_one_that_the_breaks_give() {
        for breaks in [
            &[0.0, 7.0, 14.0, 28.0, 56.0][..],
            &[1.0, 1.0, 2.5, 1000.0],
            &[0.0, 0.001, 36_500.0],
            &[5.0, 5.0],
            &[14.0, 7.0],
            &[3.0],
            &[],
        ] {
            let bands = TimeBands::new(breaks);
            let last = breaks.iter().copied().reduce(f64::max).unwrap_or(1.0);
            let mut asked: Vec<f64> = (0..20_000)
                .map(|i| f64::from(i) / 19_000.0 * last)
                .collect();
            for b in breaks {
                asked.extend([*b, b.next_up(), b.next_down().abs()]);
            }
            for dt in asked {
                assert_eq!(bands.of(dt), bands.walked(dt), "{dt} of {breaks:?}");
            }
        }
    }
}
