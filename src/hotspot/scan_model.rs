//! How surprising is a count inside a zone and window, and what would chance have dealt?
//!
//! Three models: space-time permutation (times dealt among cases), Poisson (cases fall by exposure) and Bernoulli (cases
//! among cases and controls). Kulldorff 1997; Kulldorff et al. 2005.

use crate::stats::Rng;
use crate::stats::number::{floor_index, id32};

/// Which null hypothesis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Times are dealt among the cases.
    Permutation,
    /// Cases fall on places by exposure, on steps evenly.
    Poisson,
    /// Cases are dealt among cases and controls; no time.
    Bernoulli,
}

/// The cases and masses of a scan.
#[derive(Clone, Debug)]
pub struct Cases {
    /// Null hypothesis.
    pub model: Model,
    /// Place of each case, ascending.
    pub place: Vec<u32>,
    /// Step of each case, same order.
    pub step: Vec<u32>,
    /// Number of steps.
    pub steps: usize,
    /// Mass of each place: cases (permutation), exposure (Poisson), cases and controls (Bernoulli).
    pub mass: Vec<f64>,
}

/// A window of consecutive steps `from..to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First step.
    pub from: usize,
    /// Step after the last.
    pub to: usize,
}

impl Window {
    /// Number of steps.
    #[must_use]
    pub const fn len(self) -> usize {
        self.to - self.from
    }

    /// Whether it has no step.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.to == self.from
    }
}

impl Cases {
    /// Number of cases.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.place.len() as f64
    }

    /// Sum of masses.
    #[must_use]
    pub fn total_mass(&self) -> f64 {
        self.mass.iter().sum()
    }

    /// Expected count in a window per unit of zone mass.
    #[must_use]
    pub fn expected_per_mass(&self, window: Window) -> f64 {
        let all = self.total();
        match self.model {
            Model::Permutation => {
                let inside = |s: &&u32| (window.from..window.to).contains(&(**s as usize));
                self.step.iter().filter(inside).count() as f64 / all
            }
            Model::Poisson => all * window.len() as f64 / (self.steps as f64 * self.total_mass()),
            Model::Bernoulli => all / self.total_mass(),
        }
    }

    /// Log likelihood ratio of `c` cases in a zone with `mass` and expectation `expected`; 0 when not high.
    #[must_use]
    pub fn llr(&self, c: f64, mass: f64, expected: f64) -> f64 {
        match self.model {
            Model::Permutation | Model::Poisson => poisson_llr(c, expected, self.total()),
            Model::Bernoulli => bernoulli_llr((c, mass), (self.total(), self.total_mass())),
        }
    }

    /// The cases of one replicate within the last `recent` steps as `(place, step)` handed to `each`.
    pub fn replicate(&self, seed: (u64, u64), recent: usize, each: &mut dyn FnMut(u32, u32)) {
        let mut rng = Rng::replicate(seed.0, seed.1);
        match self.model {
            Model::Permutation => self.deal_times(&mut rng, recent, each),
            Model::Poisson => self.fall(&mut rng, recent, each),
            Model::Bernoulli => self.deal_cases(&mut rng, each),
        }
    }

    /// Only cases that receive a recent time matter: a partial shuffle picks them.
    fn deal_times(&self, rng: &mut Rng, recent: usize, each: &mut dyn FnMut(u32, u32)) {
        let first = id32(self.steps - recent);
        let n = id32(self.place.len());
        let mut place = self.place.clone();
        let mut left = n;
        for &step in self.step.iter().filter(|s| **s >= first) {
            let pick = rng.below(left) as usize;
            left -= 1;
            place.swap(pick, left as usize);
            each(place[left as usize], step);
        }
    }

    fn fall(&self, rng: &mut Rng, recent: usize, each: &mut dyn FnMut(u32, u32)) {
        let mut sum = 0.0;
        let bounds: Vec<f64> = self
            .mass
            .iter()
            .map(|m| {
                sum += m;
                sum
            })
            .collect();
        let first = id32(self.steps - recent);
        for _ in 0..self.place.len() {
            let step = rng.below(id32(self.steps));
            let u = rng.unit() * sum;
            if step >= first {
                let at = bounds.partition_point(|b| *b <= u).min(bounds.len() - 1);
                each(id32(at), step);
            }
        }
    }

    fn deal_cases(&self, rng: &mut Rng, each: &mut dyn FnMut(u32, u32)) {
        let mut people: Vec<u32> = Vec::new();
        for (i, m) in self.mass.iter().enumerate() {
            people.extend(std::iter::repeat_n(id32(i), floor_index(*m)));
        }
        let mut left = id32(people.len());
        for _ in 0..self.place.len() {
            let pick = rng.below(left) as usize;
            left -= 1;
            people.swap(pick, left as usize);
            each(people[left as usize], id32(self.steps - 1));
        }
    }
}

fn x_ln(a: f64, b: f64) -> f64 {
    if a <= 0.0 { 0.0 } else { a * (a / b).ln() }
}

/// `c ln(c/E) + (C-c) ln((C-c)/(C-E))` when `c > E`, else 0.
#[must_use]
pub fn poisson_llr(c: f64, expected: f64, all: f64) -> f64 {
    if c <= expected {
        return 0.0;
    }
    x_ln(c, expected) + x_ln(all - c, all - expected)
}

/// Bernoulli ratio of `(c, n)` inside against `(C, N)` in all; 0 when not high.
#[must_use]
pub fn bernoulli_llr(inside: (f64, f64), all: (f64, f64)) -> f64 {
    let ((c, n), (cc, nn)) = (inside, all);
    if n <= 0.0 || n >= nn || c / n <= (cc - c) / (nn - n) {
        return 0.0;
    }
    x_ln(c, n) + x_ln(n - c, n) + x_ln(cc - c, nn - n) + x_ln((nn - n) - (cc - c), nn - n)
        - x_ln(cc, nn)
        - x_ln(nn - cc, nn)
}

#[cfg(test)]
mod tests {
    use super::{Cases, Model, bernoulli_llr, poisson_llr};

    #[test]
    fn the_published_cluster_of_new_mexico_has_its_ratio() {
        // SaTScan sample: brain cancer 1973-91, 1,175 cases, 236 observed, 176.22 expected, 10.98 published.
        let got = poisson_llr(236.0, 176.22, 1175.0);
        assert!((got - 10.98).abs() < 0.02, "{got}");
        assert!(poisson_llr(3.0, 4.0, 10.0).abs() < 1e-15);
        assert!(
            (poisson_llr(5.0, 2.0, 5.0) - 5.0 * 2.5_f64.ln()).abs() < 1e-12,
            "0 ln 0 = 0"
        );
        assert!(bernoulli_llr((0.0, 0.0), (5.0, 9.0)).abs() < 1e-15);
    }

    #[test]
    fn a_replicate_keeps_places_and_times_but_not_their_bond() {
        let cases = Cases {
            model: Model::Permutation,
            place: vec![0, 0, 0, 1, 2],
            step: vec![0, 1, 2, 2, 1],
            steps: 3,
            mass: vec![3.0, 1.0, 1.0],
        };
        let mut places = [0; 3];
        let mut steps = [0; 3];
        cases.replicate((1, 2), 3, &mut |p, s| {
            places[p as usize] += 1;
            steps[s as usize] += 1;
        });
        assert_eq!(places, [3, 1, 1]);
        assert_eq!(steps, [1, 2, 2]);
    }
}
