//! How much do old months say about next year, when sites flare up for some months and calm down again (sections 4.4 and 4.5)?
//!
//! Prior covariance of a site's monthly intensities at level u is `k + u s2 rho^h` at a lag of h months. The expectation is
//! the best linear prediction from the months of the history; the three numbers are those that predict the next month best.

use rayon::prelude::*;

use crate::effect::prepared::Recency;
use crate::stats::linear::{Cholesky, dot};
use crate::stats::special::ln_gamma;

/// Days of a block.
pub const BLOCK: i32 = 30;

/// Days of a step of the after window.
pub const STEP: i32 = 15;

/// Blocks of a site's history in the order of time, those with an empty curve left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Months {
    /// Tickets.
    pub y: Vec<f64>,
    /// Expected tickets of an average site, all above 0.
    pub g: Vec<f64>,
    /// Middle of each block in days.
    pub mid: Vec<f64>,
}

/// Where the prediction is wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Middle of each step in days.
    pub mid: Vec<f64>,
    /// Share of the curve in each step; they add up to 1.
    pub weight: Vec<f64>,
}

/// A site's multiplier in the after window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Credibility {
    /// Multiplier from the sums alone.
    pub u_start: f64,
    /// Weight of each month's excess in the last round.
    pub weights: Vec<f64>,
    /// Variance of what is left unknown.
    pub var: f64,
    /// The multiplier.
    pub u: f64,
}

impl Credibility {
    /// Relative variance of the expectation from the history alone.
    #[must_use]
    pub fn rel(&self) -> f64 {
        self.var.max(1e-9) / self.u
    }
}

impl Recency {
    fn covariance(&self, level: f64, lag_days: f64) -> f64 {
        self.k + level * self.s2 * self.rho.powf(lag_days.abs() / f64::from(BLOCK))
    }

    /// The multiplier of a site over the target, three rounds on its own level; `None` when no month has a curve.
    ///
    /// `phi` is the shape of the plain fit. O(n³) with n ≤ 36 months: about 30 µs.
    #[must_use]
    pub fn predict(&self, phi: f64, months: &Months, target: &Target) -> Option<Credibility> {
        let n = months.g.len();
        if n == 0 || target.mid.is_empty() {
            return None;
        }
        let (tickets, curve): (f64, f64) = (months.y.iter().sum(), months.g.iter().sum());
        let u_start = (phi + tickets) / (phi + curve);
        let excess: Vec<f64> = months
            .y
            .iter()
            .zip(&months.g)
            .map(|(y, g)| y / g - 1.0)
            .collect();
        let mut found = Credibility {
            u_start,
            u: u_start,
            ..Credibility::default()
        };
        for _ in 0..3 {
            let level = found.u.max(0.1);
            let factor = Cholesky::of(&self.matrix(level, months), n).ok()?;
            let c: Vec<f64> = months
                .mid
                .iter()
                .map(|t| self.towards(level, *t, target))
                .collect();
            found.weights = factor.solve(&c);
            found.var = self.within(level, target) - dot(&c, &found.weights);
            found.u = (1.0 + dot(&found.weights, &excess)).max(0.05);
        }
        Some(found)
    }

    /// Covariance of the months' excesses, clumping on the diagonal, row by row.
    fn matrix(&self, level: f64, months: &Months) -> Vec<f64> {
        let n = months.g.len();
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                a[i * n + j] = self.covariance(level, months.mid[i] - months.mid[j]);
            }
            a[i * n + i] += self.psi / months.g[i];
        }
        a
    }

    fn towards(&self, level: f64, t: f64, target: &Target) -> f64 {
        let steps = target.mid.iter().zip(&target.weight);
        steps.map(|(s, w)| w * self.covariance(level, t - s)).sum()
    }

    fn within(&self, level: f64, target: &Target) -> f64 {
        let steps = target.mid.iter().zip(&target.weight);
        steps
            .map(|(s, w)| w * self.towards(level, *s, target))
            .sum()
    }
}

/// Levels at which systems are solved once for all sites near them.
const LEVELS: [f64; 10] = [0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0];

/// Searched variances of flare-ups.
pub const S2: [f64; 6] = [0.0, 0.05, 0.1, 0.2, 0.3, 0.45];
/// Searched memories of flare-ups.
const RHO: [f64; 4] = [0.5, 0.7, 0.85, 0.93];
/// Searched clumpings.
const PSI: [f64; 5] = [1.0, 1.25, 1.6, 2.0, 2.5];

/// First block that is predicted.
const FIRST_TARGET: usize = 12;
/// Every so many blocks one is predicted.
const EVERY: usize = 3;
/// Least blocks for a search.
pub const LEAST_BLOCKS: usize = 15;

/// Counts of a site that is in the reference from the first block on.
#[derive(Clone, Debug, PartialEq)]
pub struct Monthly {
    /// Tickets of each block the site covers whole, from block 0 on.
    pub counts: Vec<u32>,
}

/// Searches the flare-ups that predict best; `g` is the curve by block, `phi` the shape of the plain fit.
///
/// `None` with fewer than 15 blocks. The first of equal maxima wins, so the answer does not depend on threads.
/// 2,000 sites × 48 blocks: about 0.15 s on two cores; linear in sites.
#[must_use]
pub fn search(sites: &[Monthly], g: &[f64], phi: f64) -> Option<Recency> {
    if g.len() < LEAST_BLOCKS {
        return None;
    }
    let task = Task::new(sites, g, phi);
    let mut grid = Vec::new();
    for s2 in S2 {
        let memories: &[f64] = if s2 > 0.0 { &RHO } else { &[0.8] };
        for rho in memories {
            grid.extend(PSI.map(|psi| Recency {
                k: 1.0 / phi,
                s2,
                rho: *rho,
                psi,
                ..Recency::default()
            }));
        }
    }
    let tried: Vec<Recency> = grid
        .into_par_iter()
        .map(|model| Recency {
            ll: task.log_likelihood(&model),
            ..model
        })
        .collect();
    let best = |among: &mut dyn Iterator<Item = &Recency>| -> Option<Recency> {
        among.fold(None, |best: Option<Recency>, m| match best {
            Some(b) if b.ll >= m.ll => Some(b),
            _ => Some(*m),
        })
    };
    let flat = best(&mut tried.iter().filter(|m| m.s2 <= 0.0))?;
    let found = best(&mut tried.iter())?;
    Some(Recency {
        ll_static: flat.ll,
        ..found
    })
}

/// One site at one predicted block.
struct Seen {
    /// Position of the site's excesses in [`Task::excess`].
    row: usize,
    y: f64,
}

/// Sites of one level at one predicted block.
struct Group {
    level: usize,
    /// Number of used blocks before the target.
    history: usize,
    mid: f64,
    g: f64,
    seen: Vec<Seen>,
}

struct Task {
    /// Excess of each site in each used block, sites one after the other.
    excess: Vec<f64>,
    used: Vec<usize>,
    curve: Vec<f64>,
    groups: Vec<Group>,
    k: f64,
}

impl Task {
    fn new(sites: &[Monthly], g: &[f64], phi: f64) -> Self {
        let used: Vec<usize> = (0..g.len()).filter(|b| g[*b] > 0.0).collect();
        let curve: Vec<f64> = used.iter().map(|b| g[*b]).collect();
        let mut excess = Vec::with_capacity(sites.len() * used.len());
        for site in sites {
            excess.extend(used.iter().map(|b| match site.counts.get(*b) {
                Some(y) => f64::from(*y) / g[*b] - 1.0,
                None => 0.0,
            }));
        }
        let mut groups = Vec::new();
        for target in (FIRST_TARGET..g.len())
            .step_by(EVERY)
            .filter(|j| g[*j] > 0.0)
        {
            groups.extend(groups_of(sites, g, (target, phi), &used));
        }
        Self {
            excess,
            used,
            curve,
            groups,
            k: 1.0 / phi,
        }
    }

    fn middle(&self, at: usize) -> f64 {
        (self.used[at] as f64 + 0.5) * f64::from(BLOCK)
    }

    fn log_likelihood(&self, model: &Recency) -> f64 {
        let months = Months {
            y: Vec::new(),
            g: self.curve.clone(),
            mid: (0..self.used.len()).map(|i| self.middle(i)).collect(),
        };
        let factors: Vec<Option<Cholesky>> = LEVELS
            .iter()
            .map(|level| Cholesky::of(&model.matrix(*level, &months), months.g.len()).ok())
            .collect();
        let mut sum = 0.0;
        for group in &self.groups {
            let level = LEVELS[group.level];
            let Some(factor) = &factors[group.level] else {
                continue;
            };
            let mut weights: Vec<f64> = months.mid[..group.history]
                .iter()
                .map(|t| model.covariance(level, t - group.mid))
                .collect();
            let c = weights.clone();
            factor.solve_in_place(&mut weights);
            let var = (self.k + level * model.s2 - dot(&c, &weights)).max(1e-9);
            for seen in &group.seen {
                let from = seen.row * self.used.len();
                let z = &self.excess[from..from + group.history];
                let u = (1.0 + dot_fast(&weights, z)).max(0.02);
                let m = group.g * u;
                sum += ln_chance(seen.y, m, 1.0 / (var / u + (model.psi - 1.0) / m));
            }
        }
        sum
    }
}

/// The sites that cover block `target` by their level before it.
fn groups_of(
    sites: &[Monthly],
    g: &[f64],
    (target, phi): (usize, f64),
    used: &[usize],
) -> Vec<Group> {
    let before: f64 = g[..target].iter().sum();
    let mut groups: Vec<Group> = (0..LEVELS.len())
        .map(|level| Group {
            level,
            history: used.partition_point(|b| *b < target),
            mid: (target as f64 + 0.5) * f64::from(BLOCK),
            g: g[target],
            seen: Vec::new(),
        })
        .collect();
    for (row, site) in sites.iter().enumerate() {
        let Some(y) = site.counts.get(target) else {
            continue;
        };
        let tickets: u32 = used
            .iter()
            .take_while(|b| **b < target)
            .filter_map(|b| site.counts.get(*b))
            .sum();
        let level = nearest_level((phi + f64::from(tickets)) / (phi + before));
        groups[level].seen.push(Seen {
            row,
            y: f64::from(*y),
        });
    }
    groups.retain(|group| !group.seen.is_empty());
    groups
}

/// The level nearest in logarithm; the lower one of two that are equally near.
fn nearest_level(u: f64) -> usize {
    let distance = |level: f64| (u.ln() - level.ln()).abs();
    let mut best = 0;
    for (at, level) in LEVELS.iter().enumerate().skip(1) {
        if distance(*level) < distance(LEVELS[best]) {
            best = at;
        }
    }
    best
}

/// Sum of products in four strands, so that the processor need not wait for each sum; the order is fixed.
fn dot_fast(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0_f64; 4];
    let (left, right) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest = dot(left.remainder(), right.remainder());
    for (x, y) in left.zip(right) {
        for i in 0..4 {
            sums[i] += x[i] * y[i];
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Log-probability of a negative binomial count without its factorial.
fn ln_chance(y: f64, m: f64, size: f64) -> f64 {
    let tail = -size * (m / size).ln_1p() + y * (m / (size + m)).ln();
    if y < 0.5 {
        return -size * (m / size).ln_1p();
    }
    if y > 24.0 {
        return ln_gamma(y + size) - ln_gamma(size) + tail;
    }
    // A product of at most 24 factors below 1e11 stays a number.
    let mut product = 1.0;
    let mut factor = size;
    while factor < size + y - 0.5 {
        product *= factor;
        factor += 1.0;
    }
    product.ln() + tail
}

#[cfg(test)]
mod tests {
    use super::{Monthly, ln_chance, nearest_level, search};
    use crate::stats::Rng;
    use crate::stats::special::ln_gamma;

    #[test]
    fn log_chances_agree_between_product_and_gamma() {
        for y in [0.0, 1.0, 7.0, 24.0, 25.0, 90.0] {
            let (m, size) = (11.0, 3.7);
            let direct = ln_gamma(y + size) - ln_gamma(size)
                + size * (size / (size + m)).ln()
                + y * (m / (size + m)).ln();
            assert!((ln_chance(y, m, size) - direct).abs() < 1e-9);
        }
    }

    #[test]
    fn levels_are_nearest_in_logarithm() {
        assert_eq!(nearest_level(0.01), 0);
        assert_eq!(nearest_level(1.0), 2);
        assert_eq!(nearest_level(500.0), 9);
    }

    #[test]
    fn flare_ups_are_found_where_they_are_and_only_there() {
        let world = |flaring: bool| -> Vec<Monthly> {
            let mut rng = Rng::new(17);
            (0..600)
                .map(|_| {
                    let level = rng.gamma(2.0) / 2.0;
                    let mut flare = 0.0_f64;
                    let counts = (0..36)
                        .map(|_| {
                            flare = 0.8 * flare + 0.6 * rng.normal();
                            let now = if flaring {
                                (0.7 * flare - 0.25).exp()
                            } else {
                                1.0
                            };
                            u32::try_from(rng.poisson(1.5 * level * now)).unwrap()
                        })
                        .collect();
                    Monthly { counts }
                })
                .collect()
        };
        assert!(search(&world(true), &[1.5; 36], 2.0).unwrap().s2 > 0.1);
        assert!(search(&world(false), &[1.5; 36], 2.0).unwrap().s2 < 0.06);
        assert!(search(&world(false), &[1.5; 14], 2.0).is_none());
    }
}
