//! What does an average site get on each day, and how much do sites vary, when every site counts until its own measure (section 3)?
//!
//! Tickets of site s on day d are Poisson with mean `u_s G(d)`, multipliers are gamma with shape and rate `phi`. `G`, `phi`
//! and `u` are found together by expectation and maximisation on the marginal likelihood. Days up to the decision of
//! treated sites stay in: leaving treated sites out would keep the lucky ones and bias level, trend and spread.

use crate::stats::digamma::digamma;
use crate::stats::special::{crossing, ln_gamma};

/// Least and greatest shape that is looked for.
pub const PHI_BOUNDS: (f64, f64) = (0.02, 500.0);

/// Most rounds of the fit.
const ROUNDS: usize = 400;

/// What a site brings to the reference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// First period.
    pub start: usize,
    /// The period after the last.
    pub stop: usize,
    /// Tickets in those periods.
    pub tickets: f64,
}

/// A fitted reference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fit {
    /// Prefix sums of the curve, one more than there are periods.
    pub sums: Vec<f64>,
    /// Shape of the spread.
    pub phi: f64,
    /// Multipliers in the order of the shares.
    pub u: Vec<f64>,
    /// Rounds until nothing moved.
    pub rounds: usize,
}

impl Fit {
    /// Expected tickets of an average site in periods `start..stop`.
    #[must_use]
    pub fn gamma(&self, start: usize, stop: usize) -> f64 {
        let at = |i: usize| self.sums.get(i).copied().unwrap_or(0.0);
        (at(stop) - at(start)).max(0.0)
    }

    /// Marginal log-likelihood up to a constant, for comparison with other programs.
    #[must_use]
    pub fn log_likelihood(&self, shares: &[Share], totals: &[f64]) -> f64 {
        let curve: f64 = totals
            .iter()
            .enumerate()
            .filter(|(_, t)| **t > 0.0)
            .map(|(d, t)| t * self.gamma(d, d + 1).ln())
            .sum();
        let phi = self.phi;
        let sites: f64 = shares
            .iter()
            .map(|s| {
                let m = self.gamma(s.start, s.stop);
                ln_gamma(s.tickets + phi) - ln_gamma(phi) + phi * phi.ln()
                    - (s.tickets + phi) * (phi + m).ln()
            })
            .sum();
        curve + sites
    }
}

/// Fits curve, spread and multipliers; `totals` are the shares' tickets by period, `psi` the clumping (1 for Poisson).
///
/// Shares without periods do no harm. Without any tickets the curve is 0 and `phi` 1. O(shares + periods) a round,
/// 10 to 40 rounds.
#[must_use]
pub fn fit(shares: &[Share], totals: &[f64], psi: f64) -> Fit {
    let mut fit = Fit {
        sums: vec![0.0; totals.len() + 1],
        phi: 1.0,
        u: vec![1.0; shares.len()],
        rounds: 0,
    };
    if !totals.iter().any(|t| *t > 0.0) {
        return fit;
    }
    let mut moved_phi = f64::INFINITY;
    for round in 1..=ROUNDS {
        fit.rounds = round;
        curve(&mut fit, shares, totals);
        let mut m: Vec<f64> = shares.iter().map(|s| fit.gamma(s.start, s.stop)).collect();
        let settle = round % 5 == 0;
        if settle {
            let before = fit.phi;
            fit.phi = shape(shares, &m, psi);
            moved_phi = (fit.phi / before).ln().abs();
        }
        let scale = level(shares, &m, fit.phi * psi);
        for g in &mut fit.sums {
            *g *= scale;
        }
        for v in &mut m {
            *v *= scale;
        }
        let prior = fit.phi * psi;
        let mut moved = 0.0_f64;
        for ((u, s), m) in fit.u.iter_mut().zip(shares).zip(&m) {
            let next = (prior + s.tickets) / (prior + m);
            moved = moved.max((next - *u).abs());
            *u = next;
        }
        if settle && moved < 1e-9 && moved_phi < 1e-9 {
            break;
        }
    }
    fit
}

/// The curve given the multipliers: tickets over the multipliers that are there.
fn curve(fit: &mut Fit, shares: &[Share], totals: &[f64]) {
    let mut change = vec![0.0; totals.len() + 1];
    for (s, u) in shares.iter().zip(&fit.u) {
        if s.start < s.stop && s.stop <= totals.len() {
            change[s.start] += u;
            change[s.stop] -= u;
        }
    }
    let mut live = 0.0;
    for (d, total) in totals.iter().enumerate() {
        live += change[d];
        let g = if *total > 0.0 && live > 1e-9 {
            total / live
        } else {
            0.0
        };
        fit.sums[d + 1] = fit.sums[d] + g;
    }
}

/// The shape at which the marginal likelihood of the sites is greatest, by the sign of its slope.
fn shape(shares: &[Share], m: &[f64], psi: f64) -> f64 {
    let slope = |ln_phi: f64| -> f64 {
        let phi = ln_phi.exp();
        let own = digamma(phi);
        let sum: f64 = shares
            .iter()
            .zip(m)
            .filter(|(s, _)| s.start < s.stop)
            .map(|(s, m)| {
                let (y, m) = (s.tickets / psi, m / psi);
                digamma(y + phi) - own - (m / phi).ln_1p() + (m - y) / (phi + m)
            })
            .sum();
        sum
    };
    let (low, high) = (PHI_BOUNDS.0.ln(), PHI_BOUNDS.1.ln());
    if slope(low) <= 0.0 {
        return PHI_BOUNDS.0;
    }
    if slope(high) >= 0.0 {
        return PHI_BOUNDS.1;
    }
    crossing(low, high, 0.0, |x| -slope(x)).exp()
}

/// The factor by which the curve is multiplied so that it fits all sites together: makes the rounds few.
///
/// `m` is the curve's sum over each share's periods, `prior` is `phi psi`.
#[must_use]
pub fn level(shares: &[Share], m: &[f64], prior: f64) -> f64 {
    let gap = |c: f64| -> f64 {
        let scale = c.exp();
        let sum: f64 = shares
            .iter()
            .zip(m)
            .map(|(s, m)| {
                let m = scale * m;
                s.tickets - (s.tickets + prior) * m / (prior + m)
            })
            .sum();
        -sum
    };
    crossing(-8.0, 8.0, 0.0, gap).exp()
}

/// Clumping from blocks: pooled chi-square over its degrees of freedom, at least 1 (section 3.1).
///
/// `sites` gives each site's counts of whole blocks, `blocks` the curve's sums of the same blocks from the first on;
/// `first` is the number of the site's first block. Sites with fewer than six blocks or eight tickets are left out.
#[must_use]
pub fn clumping<'a>(sites: impl Iterator<Item = (usize, &'a [u32])>, blocks: &[f64]) -> f64 {
    let (mut chi, mut df) = (0.0, 0.0);
    for (first, counts) in sites {
        let curve = blocks.get(first..).unwrap_or_default();
        let used = || {
            counts
                .iter()
                .zip(curve)
                .filter(|(_, g)| **g > 0.0)
                .map(|(y, g)| (f64::from(*y), *g))
        };
        let n = used().count();
        let total: f64 = used().map(|(y, _)| y).sum();
        let sum: f64 = used().map(|(_, g)| g).sum();
        if n < 6 || total < 8.0 {
            continue;
        }
        chi += used()
            .map(|(y, g)| {
                let e = total * g / sum;
                (y - e) * (y - e) / e
            })
            .sum::<f64>();
        df += n as f64 - 1.0;
    }
    if df > 0.0 { (chi / df).max(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::{Share, clumping, fit};
    use crate::stats::Rng;

    #[test]
    fn no_tickets_give_an_empty_curve() {
        let share = Share {
            start: 0,
            stop: 10,
            tickets: 0.0,
        };
        let found = fit(&[share], &[0.0; 10], 1.0);
        assert!(found.gamma(0, 10).abs() < 1e-15);
        assert!(fit(&[], &[], 1.0).u.is_empty());
    }

    #[test]
    fn shape_and_curve_of_a_simulated_world_are_found() {
        let mut rng = Rng::new(8);
        let (sites, days, phi) = (3_000, 60, 1.5);
        let mut totals = vec![0.0; days];
        let mut shares = Vec::new();
        for s in 0..sites {
            let u = rng.gamma(phi) / phi;
            let stop = if s % 4 == 0 { 30 } else { days };
            let mut tickets = 0.0;
            for (d, total) in totals.iter_mut().enumerate().take(stop) {
                let y = rng.poisson(u * 0.2 * if d < 20 { 1.0 } else { 2.0 }) as f64;
                *total += y;
                tickets += y;
            }
            shares.push(Share {
                start: 0,
                stop,
                tickets,
            });
        }
        let found = fit(&shares, &totals, 1.0);
        assert!((found.phi / phi - 1.0).abs() < 0.08, "{}", found.phi);
        assert!((found.gamma(0, 20) / 4.0 - 1.0).abs() < 0.06);
        assert!((found.gamma(20, 60) / 16.0 - 1.0).abs() < 0.06);
        assert!(found.rounds < 60, "{}", found.rounds);
    }

    #[test]
    fn equal_sites_reach_the_bound_and_stay_there() {
        let shares = vec![
            Share {
                start: 0,
                stop: 4,
                tickets: 8.0
            };
            30
        ];
        let found = fit(&shares, &[60.0; 4], 1.0);
        assert!((found.phi - 500.0).abs() < 1e-9);
    }

    #[test]
    fn doubled_tickets_clump_by_two() {
        let mut rng = Rng::new(5);
        let counts: Vec<Vec<u32>> = (0..2_000)
            .map(|_| {
                (0..12)
                    .map(|_| 2 * u32::try_from(rng.poisson(1.0)).unwrap())
                    .collect()
            })
            .collect();
        let psi = clumping(counts.iter().map(|c| (0, c.as_slice())), &[1.0; 12]);
        assert!((psi - 2.0).abs() < 0.08, "{psi}");
    }
}
