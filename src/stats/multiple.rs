//! Which of many p-values may be believed together?
//!
//! Benjamini and Hochberg 1995 (false discovery rate under independence or positive dependence) and Benjamini and
//! Yekutieli 2001 (any dependence). Undefined p-values are left out before, so `m` counts tests that were made.

/// How p-values of many tests are corrected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Correction {
    /// Benjamini–Hochberg (default).
    #[default]
    Bh,
    /// Benjamini–Yekutieli: `bh` with every p multiplied by `1 + 1/2 + … + 1/m`.
    By,
    /// None: q = p.
    Uncorrected,
}

impl Correction {
    /// Reads `bh`, `by`, `none`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "bh" => Some(Self::Bh),
            "by" => Some(Self::By),
            "none" => Some(Self::Uncorrected),
            _ => None,
        }
    }

    /// The q-values in the order of `p`: the smallest level at which each is rejected; at most 1.
    ///
    /// An empty list gives an empty list. O(m log m).
    #[must_use]
    pub fn q(self, p: &[f64]) -> Vec<f64> {
        match self {
            Self::Bh => bh_q(p),
            Self::By => scaled_q(p, harmonic(p.len())),
            Self::Uncorrected => p.to_vec(),
        }
    }

    /// The largest p that is rejected at `alpha`, 0 when none is; `p <= cut` are rejected, ties together.
    #[must_use]
    pub fn cut(self, p: &[f64], alpha: f64) -> f64 {
        let scale = match self {
            Self::Bh => 1.0,
            Self::By => harmonic(p.len()),
            Self::Uncorrected => {
                return p
                    .iter()
                    .copied()
                    .filter(|&v| v <= alpha)
                    .fold(0.0, f64::max);
            }
        };
        let mut sorted = p.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let m = sorted.len() as f64 * scale;
        let last = sorted
            .iter()
            .enumerate()
            .rfind(|&(i, &v)| v <= alpha * (i as f64 + 1.0) / m);
        last.map_or(0.0, |(_, &v)| v)
    }
}

/// Benjamini–Hochberg q-values, see [`Correction::q`].
#[must_use]
pub fn bh_q(p: &[f64]) -> Vec<f64> {
    scaled_q(p, 1.0)
}

/// Benjamini–Hochberg cut, see [`Correction::cut`].
#[must_use]
pub fn cut(p: &[f64], alpha: f64) -> f64 {
    Correction::Bh.cut(p, alpha)
}

fn harmonic(m: usize) -> f64 {
    (1..=m).map(|i| 1.0 / i as f64).sum()
}

fn scaled_q(p: &[f64], scale: f64) -> Vec<f64> {
    let m = p.len();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_unstable_by(|&a, &b| p[a].total_cmp(&p[b]).then(a.cmp(&b)));
    let mut q = vec![1.0; m];
    let mut least = 1.0_f64;
    for (rank, &i) in order.iter().enumerate().rev() {
        least = least.min(scale * m as f64 * p[i] / (rank as f64 + 1.0));
        q[i] = least;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::{Correction, bh_q, cut};
    use crate::stats::Rng;

    #[test]
    fn the_example_of_the_paper_rejects_four_of_fifteen() {
        // Benjamini, Hochberg 1995, section 3.2: thrombolysis trials.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        assert!((cut(&p, 0.05) - 0.0095).abs() < 1e-15);
        assert_eq!(bh_q(&p).iter().filter(|&&q| q <= 0.05).count(), 4);
    }

    #[test]
    fn nothing_is_rejected_from_nothing() {
        assert!(bh_q(&[]).is_empty());
        for way in [Correction::Bh, Correction::By, Correction::Uncorrected] {
            assert!(way.cut(&[], 0.05).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn under_the_null_a_false_discovery_happens_at_rate_alpha() {
        let mut rng = Rng::new(99);
        let worlds = 4_000;
        let mut wrong = 0;
        for _ in 0..worlds {
            let p: Vec<f64> = (0..50).map(|_| rng.unit()).collect();
            wrong += u32::from(cut(&p, 0.10) > 0.0);
        }
        let rate = f64::from(wrong) / f64::from(worlds);
        // Four standard errors of a share of 0.10 in 4,000 worlds.
        assert!((rate - 0.10).abs() < 0.019, "{rate}");
    }
}
