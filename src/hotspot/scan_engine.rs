//! What is the largest likelihood ratio over all zones and windows?
//!
//! Windows that end at the last step (prospective, and purely spatial as one window) run in lanes of eight counts with a
//! table of least counts per zone mass, so that a replicate costs one addition and one comparison per zone and lane block.
//! All other windows (retrospective) run over the zone's series with a chi-square bound before any logarithm.

use crate::hotspot::scan_model::{Cases, Window};
use crate::hotspot::scan_zones::{NO_ZONE, Zones};
use crate::stats::number::id32;

/// Windows handled together.
const LANES: usize = 8;

/// A zone and window with its ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Log likelihood ratio.
    pub llr: f64,
    /// Centre.
    pub centre: u32,
    /// Position in [`Zones::member`] at which the zone ends.
    pub end: u32,
    /// Number of places.
    pub size: u32,
    /// Window.
    pub window: Window,
    /// Cases inside.
    pub observed: u32,
    /// Expected cases inside.
    pub expected: f64,
}

/// Two ratios closer than this are a tie.
const TIE: f64 = 1e-9;

impl Found {
    /// Whether this one goes before another: larger ratio; then fewer places, shorter window, smaller centre.
    #[must_use]
    pub fn beats(&self, other: &Self) -> bool {
        if (self.llr - other.llr).abs() > TIE {
            return self.llr > other.llr;
        }
        let key = |f: &Self| (f.size, f.window.len(), f.centre);
        key(self) < key(other)
    }
}

/// A scan ready to run on the observed cases and on replicates.
#[derive(Debug)]
pub struct Engine<'a> {
    cases: &'a Cases,
    zones: &'a Zones,
    /// Windows; those that end at the last step when `lanes`.
    windows: Vec<Window>,
    /// Expected count per unit of mass of each window.
    per_mass: Vec<f64>,
    lanes: bool,
    min_cases: u32,
    /// Least counts per block, rank and lane: any ratio above 0, and any above the level.
    any: Vec<Vec<[i32; LANES]>>,
    high: Vec<Vec<[i32; LANES]>>,
    /// Ratio that `high` stands for.
    level: f64,
    longest: usize,
}

impl<'a> Engine<'a> {
    /// Prepares windows of 1 to `longest` steps; prospective ones end at the last step.
    #[must_use]
    pub fn new(cases: &'a Cases, zones: &'a Zones, longest: usize, prospective: bool) -> Self {
        let steps = cases.steps;
        let longest = longest.clamp(1, steps);
        let lanes = prospective || steps == 1;
        let windows: Vec<Window> = if lanes {
            (1..=longest)
                .map(|l| Window {
                    from: steps - l,
                    to: steps,
                })
                .collect()
        } else {
            (1..=longest)
                .flat_map(|l| (0..=steps - l).map(move |a| Window { from: a, to: a + l }))
                .collect()
        };
        let per_mass = windows
            .iter()
            .map(|w| cases.expected_per_mass(*w))
            .collect();
        let mut engine = Self {
            cases,
            zones,
            windows,
            per_mass,
            lanes,
            min_cases: 2,
            any: Vec::new(),
            high: Vec::new(),
            level: 0.0,
            longest: if lanes { longest } else { steps },
        };
        if lanes {
            engine.any = engine.least_counts(0.0);
            engine.high.clone_from(&engine.any);
        }
        engine
    }

    /// Steps at the end that a replicate has to fill.
    #[must_use]
    pub const fn recent(&self) -> usize {
        self.longest
    }

    /// Raises the level: replicates look for ratios above it first. Call with a ratio most replicates exceed.
    pub fn raise(&mut self, level: f64) {
        if self.lanes && level > 0.0 {
            self.high = self.least_counts(level);
            self.level = level;
        }
    }

    /// Least count with a ratio above `level`, for every block, mass and lane; masses rise, so counts rise with them.
    fn least_counts(&self, level: f64) -> Vec<Vec<[i32; LANES]>> {
        let most = i32::try_from(self.cases.place.len()).unwrap_or(i32::MAX);
        self.per_mass
            .chunks(LANES)
            .map(|block| {
                let mut table = vec![[i32::MAX; LANES]; self.zones.mass.len()];
                for (lane, per_mass) in block.iter().enumerate() {
                    let mut c = i32::try_from(self.min_cases).unwrap_or(2);
                    for (rank, mass) in self.zones.mass.iter().enumerate() {
                        let expected = mass * per_mass;
                        while c <= most && self.cases.llr(f64::from(c), *mass, expected) <= level {
                            c += 1;
                        }
                        table[rank][lane] = if c > most { i32::MAX } else { c };
                    }
                }
                table
            })
            .collect()
    }

    /// Cumulated counts of each place over the windows, for one block of lanes.
    fn lane_counts(&self, block: usize, recent: &[u32]) -> Vec<[i32; LANES]> {
        let width = self.longest;
        let places = self.cases.mass.len();
        let mut out = vec![[0; LANES]; places];
        for (place, row) in out.iter_mut().enumerate() {
            // recent[place][age]: age 0 is the last step.
            let ages = &recent[place * width..(place + 1) * width];
            let before: u32 = ages[..(block * LANES).min(width)].iter().sum();
            let mut sum = i32::try_from(before).unwrap_or(i32::MAX);
            for (lane, slot) in row.iter_mut().enumerate() {
                let age = block * LANES + lane;
                sum += ages
                    .get(age)
                    .map_or(0, |&c| i32::try_from(c).unwrap_or(i32::MAX));
                *slot = sum;
            }
        }
        out
    }

    /// The largest ratio of one replicate.
    #[must_use]
    pub fn replicate_max(&self, seed: (u64, u64)) -> f64 {
        let width = self.longest;
        let mut counts = vec![0_u32; self.cases.mass.len() * width];
        let last = self.cases.steps - 1;
        self.cases.replicate(seed, width, &mut |place, step| {
            let age = last - step as usize;
            counts[place as usize * width + age] += 1;
        });
        if !self.lanes {
            return self.series_max(&counts);
        }
        let best = self.lanes_max(&counts, &self.high);
        if best > self.level || self.level <= 0.0 {
            return best;
        }
        self.lanes_max(&counts, &self.any)
    }

    fn lanes_max(&self, counts: &[u32], least: &[Vec<[i32; LANES]>]) -> f64 {
        let mut best = 0.0;
        for (block, table) in least.iter().enumerate() {
            let rows = self.lane_counts(block, counts);
            for centre in 0..self.zones.centres() {
                let run = self.zones.of(centre);
                let (member, rank) = (&self.zones.member[run.clone()], &self.zones.rank[run]);
                let mut sum = [0_i32; LANES];
                for (&place, &rank) in member.iter().zip(rank) {
                    add(&mut sum, &rows[place as usize]);
                    if rank == NO_ZONE {
                        continue;
                    }
                    let floor = &table[rank as usize];
                    if reaches(&sum, floor) {
                        best = self.best_lane((block, rank as usize), &sum, floor, best);
                    }
                }
            }
        }
        best
    }

    fn best_lane(
        &self,
        at: (usize, usize),
        sum: &[i32; LANES],
        floor: &[i32; LANES],
        best: f64,
    ) -> f64 {
        let mass = self.zones.mass[at.1];
        let mut best = best;
        for lane in 0..LANES {
            if sum[lane] >= floor[lane] {
                let expected = mass * self.per_mass[at.0 * LANES + lane];
                best = f64::max(best, self.cases.llr(f64::from(sum[lane]), mass, expected));
            }
        }
        best
    }

    /// All zones and windows of the observed cases with a ratio above 0 that are not beaten by another of their centre.
    #[must_use]
    pub fn observed(&self) -> Vec<Found> {
        let width = self.longest;
        let last = self.cases.steps - 1;
        let mut counts = vec![0_u32; self.cases.mass.len() * width];
        for (&place, &step) in self.cases.place.iter().zip(&self.cases.step) {
            let age = last - step as usize;
            if age < width {
                counts[place as usize * width + age] += 1;
            }
        }
        let mut best: Vec<Option<Found>> = vec![None; self.zones.centres()];
        let mut keep = |found: Found| {
            let slot = &mut best[found.centre as usize];
            if slot.as_ref().is_none_or(|old| found.beats(old)) {
                *slot = Some(found);
            }
        };
        if self.lanes {
            self.lanes_each(&counts, &mut keep);
        } else {
            self.series_each(&counts, &mut keep);
        }
        best.into_iter().flatten().collect()
    }

    fn lanes_each(&self, counts: &[u32], each: &mut dyn FnMut(Found)) {
        for (block, table) in self.any.iter().enumerate() {
            let rows = self.lane_counts(block, counts);
            for centre in 0..self.zones.centres() {
                let mut sum = [0_i32; LANES];
                for at in self.zones.of(centre) {
                    add(&mut sum, &rows[self.zones.member[at] as usize]);
                    let rank = self.zones.rank[at];
                    if rank == NO_ZONE {
                        continue;
                    }
                    for lane in 0..LANES {
                        let Some(&window) = self.windows.get(block * LANES + lane) else {
                            break;
                        };
                        if sum[lane] >= table[rank as usize][lane] {
                            let count = sum[lane].unsigned_abs();
                            each(self.found((centre, at), (block * LANES + lane, window), count));
                        }
                    }
                }
            }
        }
    }

    fn found(&self, zone: (usize, usize), window: (usize, Window), observed: u32) -> Found {
        let mass = self.zones.mass[self.zones.rank[zone.1] as usize];
        let expected = mass * self.per_mass[window.0];
        Found {
            llr: self.cases.llr(f64::from(observed), mass, expected),
            centre: id32(zone.0),
            end: id32(zone.1),
            size: self.zones.size[zone.1],
            window: window.1,
            observed,
            expected,
        }
    }

    /// The largest ratio over all windows of all zones.
    fn series_max(&self, counts: &[u32]) -> f64 {
        let steps = self.cases.steps;
        let all = self.cases.total();
        let mut best = 0.0_f64;
        let mut sum = vec![0.0_f32; steps];
        let mut prefix = vec![0.0_f32; steps + 1];
        let weights = SeriesWeights::new(&self.windows, &self.per_mass, steps);
        for centre in 0..self.zones.centres() {
            sum.fill(0.0);
            for at in self.zones.of(centre) {
                self.add_series(counts, at, &mut sum);
                let rank = self.zones.rank[at];
                if rank == NO_ZONE {
                    continue;
                }
                let mass = self.zones.mass[rank as usize];
                prefix_sums(&sum, &mut prefix);
                for span in &weights.spans {
                    let chi = span.largest_chi(&prefix, mass);
                    // LLR <= chi² C / (C - E); the last factor covers single precision.
                    let room = (all - mass * span.most).max(all * 1e-6);
                    if f64::from(chi) * all / room * 1.01 > best {
                        best = self.best_of_span(span, &prefix, (mass, best));
                    }
                }
            }
        }
        best
    }

    fn best_of_span(&self, span: &Span, prefix: &[f32], state: (f64, f64)) -> f64 {
        let (mass, mut best) = state;
        let exact = &self.per_mass[span.first..span.first + span.per_mass.len()];
        for (a, per_mass) in exact.iter().enumerate() {
            let c = f64::from(prefix[a + span.len] - prefix[a]);
            if c >= f64::from(self.min_cases) {
                best = best.max(self.cases.llr(c, mass, mass * per_mass));
            }
        }
        best
    }

    /// `recent` holds ages; the series runs forward in time.
    fn add_series(&self, counts: &[u32], at: usize, sum: &mut [f32]) {
        let steps = self.cases.steps;
        let place = self.zones.member[at] as usize;
        let ages = &counts[place * steps..(place + 1) * steps];
        for (slot, &c) in sum.iter_mut().zip(ages.iter().rev()) {
            // Counts of a replicate stay far below 2^24, where f32 is exact.
            *slot += u16::try_from(c).map_or(c as f32, f32::from);
        }
    }

    fn series_each(&self, counts: &[u32], each: &mut dyn FnMut(Found)) {
        let steps = self.cases.steps;
        for centre in 0..self.zones.centres() {
            let mut prefix = vec![0_u32; steps + 1];
            let mut sum = vec![0_u32; steps];
            for at in self.zones.of(centre) {
                let place = self.zones.member[at] as usize;
                let ages = &counts[place * steps..(place + 1) * steps];
                for (slot, c) in sum.iter_mut().zip(ages.iter().rev()) {
                    *slot += c;
                }
                if self.zones.rank[at] == NO_ZONE {
                    continue;
                }
                for t in 0..steps {
                    prefix[t + 1] = prefix[t] + sum[t];
                }
                for (i, &window) in self.windows.iter().enumerate() {
                    let count = prefix[window.to] - prefix[window.from];
                    if count >= self.min_cases {
                        let found = self.found((centre, at), (i, window), count);
                        if found.llr > 0.0 {
                            each(found);
                        }
                    }
                }
            }
        }
    }
}

fn prefix_sums(sum: &[f32], prefix: &mut [f32]) {
    let mut total = 0.0;
    for (slot, s) in prefix[1..].iter_mut().zip(sum) {
        total += s;
        *slot = total;
    }
}

#[inline]
fn add(sum: &mut [i32; LANES], row: &[i32; LANES]) {
    for (a, b) in sum.iter_mut().zip(row) {
        *a += b;
    }
}

#[inline]
fn reaches(sum: &[i32; LANES], floor: &[i32; LANES]) -> bool {
    let mut any = false;
    for (a, b) in sum.iter().zip(floor) {
        any |= a >= b;
    }
    any
}

/// Windows of one length with their expectation per mass.
#[derive(Debug)]
struct Span {
    len: usize,
    /// First window of this length.
    first: usize,
    per_mass: Vec<f32>,
    inverse: Vec<f32>,
    most: f64,
}

#[derive(Debug)]
struct SeriesWeights {
    spans: Vec<Span>,
}

impl SeriesWeights {
    fn new(windows: &[Window], per_mass: &[f64], steps: usize) -> Self {
        let mut spans: Vec<Span> = Vec::new();
        for (first, (w, p)) in windows.iter().zip(per_mass).enumerate() {
            if spans.last().is_none_or(|s| s.len != w.len()) {
                spans.push(Span {
                    len: w.len(),
                    first,
                    per_mass: Vec::with_capacity(steps),
                    inverse: Vec::with_capacity(steps),
                    most: 0.0,
                });
            }
            if let Some(span) = spans.last_mut() {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "single precision is enough for the bound, which has a margin of 1 %"
                )]
                let p32 = *p as f32;
                span.per_mass.push(p32);
                span.inverse.push(if p32 > 0.0 { 1.0 / p32 } else { 0.0 });
                span.most = span.most.max(*p);
            }
        }
        Self { spans }
    }
}

impl Span {
    /// Largest `(c - E)² / E` over the windows with `c > E`.
    fn largest_chi(&self, prefix: &[f32], mass: f64) -> f32 {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "single precision is enough for the bound, which has a margin of 1 %"
        )]
        let mass = mass as f32;
        let mut most = 0.0_f32;
        let ends = &prefix[self.len..];
        for (((start, end), per_mass), inverse) in prefix
            .iter()
            .zip(ends)
            .zip(&self.per_mass)
            .zip(&self.inverse)
        {
            let over = (end - start - mass * per_mass).max(0.0);
            most = most.max(over * over * inverse);
        }
        most / mass
    }
}
