//! Have paired values moved up or down?
//!
//! Wilcoxon's signed rank test (1945): the sum of the ranks of the positive differences, with its exact law for few
//! untied differences and the normal law with tie and continuity corrections otherwise.

use crate::stats::agreement::ranks;
use crate::stats::distribution::{normal_cdf, normal_upper};

/// Up to this many untied differences the exact law is used unless another choice is made.
pub const MOST_EXACT: usize = 25;

/// Beyond this the exact law is refused: its table would take more than a second.
const LARGEST_TABLE: usize = 1_000;

/// Which law the p-values come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Law {
    /// Exact for at most [`MOST_EXACT`] untied differences, else normal.
    #[default]
    Chosen,
    /// Exact wherever it exists (no ties, at most 1,000 differences), else normal.
    Exact,
    /// Normal with tie and continuity corrections.
    Normal,
}

/// What the signs and ranks say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRank {
    /// Differences that are not zero.
    pub n: usize,
    /// Sum of the ranks of the positive differences.
    pub v: f64,
    /// Two-sided p-value; 1 when no difference is left.
    pub p_two: f64,
    /// `P(V <= v)`: small when the values fell.
    pub p_less: f64,
    /// `P(V >= v)`: small when the values rose.
    pub p_greater: f64,
    /// Whether the exact law was used.
    pub exact: bool,
}

/// Tests differences (after minus before); zeros are dropped. `None` when a difference is not a number.
///
/// Ties are told by equal bits, as the common packages do; round shares before they come here. O(n log n), exact O(n³).
#[must_use]
pub fn signed_rank(differences: &[f64], law: Law) -> Option<SignedRank> {
    if differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let kept: Vec<f64> = differences
        .iter()
        .copied()
        .filter(|d| d.abs() > 0.0)
        .collect();
    let size: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let rank = ranks(&size);
    let n = kept.len();
    let positive = kept.iter().zip(&rank).filter(|(d, _)| **d > 0.0);
    let v: f64 = positive.map(|(_, r)| r).sum();
    if n == 0 {
        return Some(SignedRank {
            n,
            v: 0.0,
            p_two: 1.0,
            p_less: 1.0,
            p_greater: 1.0,
            exact: true,
        });
    }
    let ties = tie_term(&size);
    let exact = match law {
        Law::Chosen => n <= MOST_EXACT && ties <= 0.0,
        Law::Exact => n <= LARGEST_TABLE && ties <= 0.0,
        Law::Normal => false,
    };
    let (p_two, p_less, p_greater) = if exact {
        exact_tails(n, v)
    } else {
        normal_tails(n as f64, v, ties)
    };
    Some(SignedRank {
        n,
        v,
        p_two,
        p_less,
        p_greater,
        exact,
    })
}

/// Sum of `t³ - t` over groups of equal sizes.
fn tie_term(size: &[f64]) -> f64 {
    let mut sorted = size.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let groups = sorted.chunk_by(|a, b| a.total_cmp(b).is_eq());
    groups
        .map(|g| (g.len() as f64).powi(3) - g.len() as f64)
        .sum()
}

/// Two-sided, lower and upper chance of the sum of a random subset of the ranks 1..=n.
fn exact_tails(n: usize, v: f64) -> (f64, f64, f64) {
    let top = n * (n + 1) / 2;
    let mut chance = vec![0.0; top + 1];
    chance[0] = 1.0;
    let mut reached = 0;
    for rank in 1..=n {
        reached += rank;
        for sum in (0..=reached).rev() {
            let with = if sum >= rank { chance[sum - rank] } else { 0.0 };
            chance[sum] = 0.5 * (chance[sum] + with);
        }
    }
    let whole = |keep: &dyn Fn(f64) -> bool| -> f64 {
        let kept = chance.iter().enumerate().filter(|(s, _)| keep(*s as f64));
        kept.map(|(_, c)| c).sum::<f64>().min(1.0)
    };
    let less = whole(&|s| s <= v);
    let greater = whole(&|s| s >= v);
    ((2.0 * less.min(greater)).min(1.0), less, greater)
}

fn normal_tails(n: f64, v: f64, ties: f64) -> (f64, f64, f64) {
    let distance = v - n * (n + 1.0) / 4.0;
    let variance = n * (n + 1.0) * (2.0 * n + 1.0) / 24.0 - ties / 48.0;
    let sd = variance.sqrt();
    let less = normal_cdf((distance + 0.5) / sd);
    let greater = normal_upper((distance - 0.5) / sd);
    // The two-sided correction moves towards the middle, whichever side the sum is on.
    let toward = if distance > 0.0 {
        distance - 0.5
    } else if distance < 0.0 {
        distance + 0.5
    } else {
        0.0
    };
    let two = 2.0 * normal_cdf(toward / sd).min(normal_upper(toward / sd));
    (two.min(1.0), less, greater)
}

#[cfg(test)]
mod tests {
    use super::{Law, signed_rank};
    use crate::stats::Rng;

    #[test]
    fn the_exact_law_of_three_differences_is_counted_by_hand() {
        // Eight subsets of {1, 2, 3}: sums 0, 1, 2, 3, 3, 4, 5, 6.
        let got = signed_rank(&[-1.0, -2.0, 3.0], Law::Chosen).unwrap();
        assert!((got.v - 3.0).abs() < 1e-12);
        assert!(
            (got.p_less - 5.0 / 8.0).abs() < 1e-12 && (got.p_greater - 5.0 / 8.0).abs() < 1e-12
        );
        assert!((got.p_two - 1.0).abs() < 1e-12);
        let got = signed_rank(&[1.0, 2.0, 3.0], Law::Chosen).unwrap();
        assert!((got.p_two - 0.25).abs() < 1e-12 && (got.p_less - 1.0).abs() < 1e-12);
    }

    #[test]
    fn turning_all_signs_swaps_the_tails() {
        let d = [0.3, -0.1, 0.25, 0.07, -0.6, 0.0, 0.11];
        let turned: Vec<f64> = d.iter().map(|x| -x).collect();
        for law in [Law::Exact, Law::Normal] {
            let (a, b) = (
                signed_rank(&d, law).unwrap(),
                signed_rank(&turned, law).unwrap(),
            );
            assert!((a.p_less - b.p_greater).abs() < 1e-12);
            assert!((a.p_two - b.p_two).abs() < 1e-12);
            assert_eq!(a.n, 6);
        }
    }

    #[test]
    fn nothing_left_and_broken_values_have_stated_outcomes() {
        assert!((signed_rank(&[0.0, 0.0], Law::Chosen).unwrap().p_two - 1.0).abs() < 1e-15);
        assert_eq!(signed_rank(&[], Law::Exact).unwrap().n, 0);
        assert!(signed_rank(&[f64::NAN], Law::Chosen).is_none());
        let tied = signed_rank(&[1.0; 8], Law::Exact).unwrap();
        assert!(!tied.exact && tied.p_two.is_finite() && tied.p_greater < 0.01);
        let one = signed_rank(&[2.0], Law::Normal).unwrap();
        assert!(one.p_two.is_finite());
    }

    #[test]
    fn symmetric_differences_are_called_a_shift_at_rate_alpha() {
        let mut rng = Rng::new(6);
        let worlds = 3_000;
        for law in [Law::Exact, Law::Normal] {
            let mut wrong = 0;
            for _ in 0..worlds {
                let d: Vec<f64> = (0..18).map(|_| rng.normal()).collect();
                wrong += u32::from(signed_rank(&d, law).unwrap().p_two < 0.05);
            }
            let rate = f64::from(wrong) / f64::from(worlds);
            assert!((0.034..=0.062).contains(&rate), "{rate}");
        }
    }
}
