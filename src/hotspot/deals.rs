//! How many close pairs fall into each band of time when the times are dealt anew, thirty-two deals at once?
//!
//! The deals of a block stand side by side in memory as ticks of 15 bits: one pair is compared under all of them by a few vector
//! instructions. A difference within a tick of a break is asked of the times themselves, so that the counts are those of
//! [`ClosePairs::table`].

use rayon::prelude::*;

use crate::hotspot::close_pairs::{ClosePairs, permute_times};
use crate::stats::Rng;

/// Deals side by side: four vectors of eight ticks. Fewer make the compiler work across pairs, which is five times slower.
const LANES: usize = 32;

/// Pairs of one point and band that are compared in one go.
const RUN: usize = 64;

/// Most ticks between the first and the last time.
const TICKS: f64 = 32_766.0;

/// Most points whose deals stand side by side: 320 bytes each and thread.
const MOST_POINTS: usize = 400_000;

/// Pairs after which the narrow counters are emptied.
const FULL: usize = 60_000;

/// Ticks of one point under the deals of a block.
type Lanes = [i16; LANES];

/// What the ticks say of one break.
#[derive(Clone, Copy, Debug)]
struct Mark {
    at: f64,
    /// Up to this many ticks apart the break is surely not reached.
    under: i16,
    /// Above this many it surely is.
    over: i16,
}

/// How times become ticks.
#[derive(Clone, Debug)]
struct Gauge {
    first: f64,
    scale: f64,
    /// Breaks, ascending.
    marks: Vec<Mark>,
}

impl Gauge {
    fn new(time: &[f64], breaks: &[f64]) -> Self {
        let first = time.iter().copied().fold(f64::INFINITY, f64::min);
        let last = time.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = last - first;
        let whole = time.iter().all(|t| ((t - first) % 1.0).abs() <= 0.0);
        // Whole days within range are their own ticks: nothing is unsure.
        let (scale, slack) = match (whole && range <= TICKS, range > 0.0) {
            (true, _) => (1.0, 0.0),
            (false, true) => (TICKS / range, 1.0 + 1e-6),
            (false, false) => (0.0, 1.0 + 1e-6),
        };
        let mut sorted = breaks.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mark = |at: f64| {
            let (below, above) = (at * scale - slack, at * scale + slack);
            if at <= 0.0 {
                return Mark {
                    at,
                    under: -1,
                    over: -1,
                };
            }
            let (under, over) = if slack > 0.0 {
                (below.floor(), above.ceil() - 1.0)
            } else {
                (above.ceil() - 1.0, above.ceil() - 1.0)
            };
            Mark {
                at,
                under: tick(under),
                over: tick(over),
            }
        };
        Self {
            first,
            scale,
            marks: sorted.into_iter().map(mark).collect(),
        }
    }

    fn of(&self, time: f64) -> i16 {
        tick(((time - self.first) * self.scale).floor())
    }
}

/// A number of ticks, -1 to the most that 15 bits hold.
#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to what 16 bits hold"
)]
fn tick(value: f64) -> i16 {
    value.clamp(-1.0, f64::from(i16::MAX)) as i16
}

impl ClosePairs {
    /// The table of every deal, in order of the deals: pairs per distance band and time band under times permuted with `(deals,
    /// seed)`, the same as [`permute_times`] with [`Self::table`]. Cost: half a nanosecond per pair, break and deal; 320 bytes per point and thread.
    #[must_use]
    pub fn dealt_tables(&self, shape: (usize, &[f64]), ask: (usize, u64)) -> Vec<Vec<u64>> {
        let gauge = Gauge::new(&self.time, shape.1);
        if self.time.len() > MOST_POINTS || gauge.marks.is_empty() {
            return permute_times(&self.time, ask, |times| self.table(times, shape));
        }
        let (deals, seed) = ask;
        let blocks = deals.div_ceil(LANES);
        let found: Vec<Vec<Vec<u64>>> = (0..blocks)
            .into_par_iter()
            .map(|block| {
                let first = block * LANES;
                let dealt: Vec<Vec<f64>> = (first..deals.min(first + LANES))
                    .map(|r| {
                        let mut times = self.time.clone();
                        Rng::replicate(seed, r as u64).shuffle(&mut times);
                        times
                    })
                    .collect();
                self.block(&dealt, shape.0, &gauge)
            })
            .collect();
        found.into_iter().flatten().collect()
    }

    /// Pairs within `tau` (`<=`) under each deal.
    #[must_use]
    pub fn dealt_close(&self, tau: f64, ask: (usize, u64)) -> Vec<u64> {
        // A difference is at most tau when it is below the next number.
        let most = self.runs().flat_map(|run| run.1).max();
        let bands = most.map_or(1, |band| usize::from(*band) + 1);
        let tables = self.dealt_tables((bands, &[0.0, tau.next_up()]), ask);
        tables.iter().map(|table| table.iter().sum()).collect()
    }

    fn block(&self, dealt: &[Vec<f64>], bands: usize, gauge: &Gauge) -> Vec<Vec<u64>> {
        let ticks: Vec<Lanes> = (0..self.time.len())
            .map(|i| {
                let mut lanes = [0; LANES];
                for (lane, times) in lanes.iter_mut().zip(dealt) {
                    *lane = gauge.of(times[i]);
                }
                lanes
            })
            .collect();
        let mut tally = Tally::new(bands, gauge);
        let mut apart = [[0; LANES]; RUN];
        for (i, (others, bands)) in self.runs().enumerate() {
            let own = ticks[i];
            let mut from = 0;
            while let Some(&band) = bands.get(from) {
                let alike = bands[from..].iter().take(RUN).take_while(|b| **b == band);
                let run = &others[from..from + alike.count()];
                for (slot, &j) in apart.iter_mut().zip(run) {
                    *slot = between(&own, &ticks[j as usize]);
                }
                tally.add(usize::from(band), &apart[..run.len()], (i, run, dealt));
                from += run.len();
            }
        }
        tally.tables(dealt.len())
    }
}

#[inline]
fn between(a: &Lanes, b: &Lanes) -> Lanes {
    let mut out = [0; LANES];
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        let d = a.wrapping_sub(*b);
        *out = d.max(d.wrapping_neg());
    }
    out
}

/// Of each deal the pairs that surely reach a break, and whether some lie too near to it.
#[inline(never)]
fn count(apart: &[Lanes], mark: Mark) -> ([u16; LANES], bool) {
    let (mut sure, mut may) = ([0_u16; LANES], [0_u16; LANES]);
    for d in apart {
        for ((d, sure), may) in d.iter().zip(&mut sure).zip(&mut may) {
            *sure = sure.wrapping_add(u16::from(*d > mark.over));
            *may = may.wrapping_add(u16::from(*d > mark.under));
        }
    }
    (sure, sure != may)
}

/// A point, the others of a run of its pairs, and the times of each deal.
type Asked<'a> = (usize, &'a [u32], &'a [Vec<f64>]);

/// Pairs that reach each break, by band and deal.
struct Tally<'a> {
    marks: &'a [Mark],
    narrow: Vec<[u16; LANES]>,
    wide: Vec<[u64; LANES]>,
    since: usize,
}

impl<'a> Tally<'a> {
    fn new(bands: usize, gauge: &'a Gauge) -> Self {
        let slots = bands * gauge.marks.len();
        Self {
            marks: &gauge.marks,
            narrow: vec![[0; LANES]; slots],
            wide: vec![[0; LANES]; slots],
            since: 0,
        }
    }

    fn add(&mut self, band: usize, apart: &[Lanes], asked: Asked<'_>) {
        self.since += apart.len();
        if self.since > FULL {
            self.empty();
            self.since = apart.len();
        }
        let n = self.marks.len();
        let sums = &mut self.narrow[band * n..(band + 1) * n];
        for (mark, sums) in self.marks.iter().zip(sums) {
            if mark.over < 0 {
                // A break at nought: every pair reaches it.
                let all = u16::try_from(apart.len()).unwrap_or(u16::MAX);
                for sum in sums.iter_mut() {
                    *sum = sum.wrapping_add(all);
                }
                continue;
            }
            let (sure, open) = count(apart, *mark);
            for (sum, sure) in sums.iter_mut().zip(sure) {
                *sum = sum.wrapping_add(sure);
            }
            if open {
                settle(*mark, apart, sums, asked);
            }
        }
    }

    fn empty(&mut self) {
        for (wide, narrow) in self.wide.iter_mut().zip(&mut self.narrow) {
            for (w, n) in wide.iter_mut().zip(narrow) {
                *w += u64::from(*n);
                *n = 0;
            }
        }
    }

    /// Of each deal the pairs between one break and the next.
    fn tables(mut self, deals: usize) -> Vec<Vec<u64>> {
        self.empty();
        let n = self.marks.len();
        (0..deals.min(LANES))
            .map(|lane| {
                let bands = self.wide.chunks(n);
                let column = |b: &[[u64; LANES]], c: usize| b[c][lane] - b[c + 1][lane];
                bands
                    .flat_map(|b| (0..n - 1).map(move |c| column(b, c)))
                    .collect()
            })
            .collect()
    }
}

/// Asks the times of the unsure pairs themselves.
#[cold]
fn settle(mark: Mark, apart: &[Lanes], sums: &mut [u16; LANES], (i, others, dealt): Asked<'_>) {
    for (d, &j) in apart.iter().zip(others) {
        for (lane, times) in dealt.iter().enumerate() {
            let unsure = d[lane] > mark.under && d[lane] <= mark.over;
            if unsure && (times[j as usize] - times[i]).abs() >= mark.at {
                sums[lane] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::hotspot::close_pairs::{ClosePairs, permute_times};
    use crate::spatial::Xy;
    use crate::spatial::pairs::Places;
    use crate::stats::Rng;

    fn pairs(time: &[f64]) -> ClosePairs {
        let mut rng = Rng::new(4);
        let places = (0..time.len()).map(|_| Xy {
            x: 300.0 * rng.unit(),
            y: 300.0 * rng.unit(),
        });
        let places = Places::Plane(places.collect());
        let band = |_: usize, _: usize, d: f64| Some(u8::from(d >= 40.0) + u8::from(d >= 70.0));
        ClosePairs::collect(&places, time, 90.0, band).unwrap()
    }

    #[test]
    fn deals_side_by_side_count_what_each_deal_counts_alone() {
        let mut rng = Rng::new(9);
        let days: Vec<f64> = (0..400).map(|_| (rng.unit() * 700.0).floor()).collect();
        let instants: Vec<f64> = days.iter().map(|d| d + rng.unit()).collect();
        let halves: Vec<f64> = days.iter().map(|d| d / 2.0).collect();
        let decades: Vec<f64> = days.iter().map(|d| d * 50.0).collect();
        let far: Vec<f64> = instants.iter().map(|d| d + 2e9).collect();
        for time in [&days, &instants, &halves, &decades, &far, &vec![3.5; 400]] {
            let pairs = pairs(time);
            for breaks in [
                &[0.0, 7.0, 14.0, 28.0, 56.0][..],
                &[1.0, 1.0, 2.5, 1000.0],
                &[0.0, 0.001, 36_500.0],
                &[14.0, 7.0],
                &[5.0],
                &[],
            ] {
                let alone = permute_times(&pairs.time, (45, 5), |t| pairs.table(t, (3, breaks)));
                assert_eq!(
                    pairs.dealt_tables((3, breaks), (45, 5)),
                    alone,
                    "{breaks:?}"
                );
            }
            for tau in [0.0, 0.5, 14.0, 1e5] {
                let alone = permute_times(&pairs.time, (20, 5), |t| pairs.close_in_time(t, tau));
                assert_eq!(pairs.dealt_close(tau, (20, 5)), alone, "{tau}");
            }
        }
        let none = pairs(&[]);
        assert_eq!(none.dealt_close(1.0, (2, 1)), [0, 0]);
    }
}
