//! In which order do the measure types stand, once each is drawn towards the others by how sure it is (section 6.3)?

use serde::{Deserialize, Serialize};

use crate::stats::distribution::{Z_975, normal_cdf};
use crate::stats::meta::{Between, Error, combine};

/// With fewer types the mean has Hartung–Knapp's t interval.
const FEW: usize = 5;

/// A type's ratio with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// Ratio of the type's sums, above 0.
    pub theta: f64,
    /// Its standard error, above 0.
    pub se: f64,
}

/// A type among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// Ratio drawn towards all types (best linear unbiased prediction).
    pub shrunk: f64,
    /// Lower end of its 95 % interval.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Chance that the type reduces tickets.
    pub p_reduces: f64,
    /// Rank from 1; types whose intervals overlap by more than half share one.
    pub rank: usize,
}

/// All types together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Mean ratio of the types.
    pub mean: f64,
    /// Its 95 % interval; Student's t with fewer than five types.
    pub interval: [f64; 2],
    /// 95 % interval of the true ratio of one more type.
    pub prediction: [f64; 2],
    /// Variance of the log ratios between types.
    pub tau2: f64,
    /// The types in the order given; `None` for one without tickets or error.
    pub places: Vec<Option<Place>>,
}

/// Draws the types towards each other by restricted likelihood and ranks them; `None` when no type has a ratio.
#[must_use]
pub fn rank(types: &[Standing]) -> Option<Ranking> {
    let usable = |s: &Standing| s.theta > 0.0 && s.se > 0.0 && (s.theta + s.se).is_finite();
    let at: Vec<usize> = (0..types.len()).filter(|i| usable(&types[*i])).collect();
    let y: Vec<f64> = at.iter().map(|i| types[*i].theta.ln()).collect();
    let v: Vec<f64> = at
        .iter()
        .map(|i| (types[*i].se / types[*i].theta).powi(2))
        .collect();
    let wald = combine(&y, &v, Between::Reml, Error::Wald).ok()?;
    let few = (y.len() < FEW).then(|| combine(&y, &v, Between::Reml, Error::HartungKnapp).ok());
    // Hartung and Knapp's interval may be shorter than the normal one when the types agree by luck; the wider one is kept.
    let mean = few
        .flatten()
        .filter(|hk| hk.interval.high - hk.interval.low > wald.interval.high - wald.interval.low)
        .unwrap_or_else(|| wald.clone());
    let mut places: Vec<Option<Place>> = vec![None; types.len()];
    for (i, (center, sd)) in at.iter().zip(&wald.shrunken) {
        let end = |z: f64| (center + z * sd).exp();
        places[*i] = Some(Place {
            shrunk: center.exp(),
            lo: end(-Z_975),
            hi: end(Z_975),
            p_reduces: normal_cdf(-center / sd),
            rank: 0,
        });
    }
    share_ranks(&mut places);
    Some(Ranking {
        mean: wald.mu.exp(),
        interval: [mean.interval.low.exp(), mean.interval.high.exp()],
        prediction: [mean.prediction.low.exp(), mean.prediction.high.exp()],
        tau2: wald.tau2,
        places,
    })
}

/// Ranks by the shrunken ratio; a type whose interval overlaps that of the first of its rank by more than half shares it.
fn share_ranks(places: &mut [Option<Place>]) {
    let mut order: Vec<usize> = (0..places.len()).filter(|i| places[*i].is_some()).collect();
    let value = |i: usize| places[i].map_or(f64::INFINITY, |p| p.shrunk);
    order.sort_by(|a, b| value(*a).total_cmp(&value(*b)).then(a.cmp(b)));
    let mut leader: Option<Place> = None;
    let mut rank = 0;
    for (position, i) in order.into_iter().enumerate() {
        let Some(own) = places[i] else { continue };
        if leader.is_none_or(|first| overlap(&first, &own) <= 0.5) {
            leader = Some(own);
            rank = position + 1;
        }
        places[i] = Some(Place { rank, ..own });
    }
}

/// Share of the shorter interval that lies in the other, on the log scale.
fn overlap(a: &Place, b: &Place) -> f64 {
    let common = a.hi.min(b.hi).ln() - a.lo.max(b.lo).ln();
    let shorter = (a.hi / a.lo).ln().min((b.hi / b.lo).ln());
    if shorter > 0.0 {
        (common / shorter).max(0.0)
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Standing, rank};

    fn standing(theta: f64, se: f64) -> Standing {
        Standing { theta, se }
    }

    #[test]
    fn an_unsure_type_is_drawn_towards_the_others_and_ranks_behind_a_sure_one() {
        let types = [
            standing(0.40, 0.30),
            standing(0.63, 0.03),
            standing(0.72, 0.03),
            standing(0.98, 0.04),
            standing(1.15, 0.06),
        ];
        let got = rank(&types).unwrap();
        let place = |i: usize| got.places[i].unwrap();
        assert!(place(0).shrunk > 0.5 && place(1).shrunk > 0.62);
        assert!(place(3).rank > place(1).rank && place(4).rank > place(3).rank);
        assert!(got.prediction[0] < got.interval[0] && got.interval[1] < got.prediction[1]);
        assert!(place(1).p_reduces > 0.999 && place(4).p_reduces < 0.05);
    }

    #[test]
    fn types_that_cannot_be_told_apart_share_a_rank() {
        let got = rank(&[standing(0.8, 0.1), standing(0.82, 0.1), standing(2.0, 0.1)]).unwrap();
        let ranks: Vec<usize> = got.places.iter().map(|p| p.unwrap().rank).collect();
        assert_eq!(ranks, [1, 1, 3]);
    }

    #[test]
    fn no_type_one_type_and_a_type_without_tickets_have_stated_outcomes() {
        assert!(rank(&[]).is_none());
        assert!(rank(&[standing(0.0, 0.0)]).is_none());
        let one = rank(&[standing(0.7, 0.1), standing(0.0, 0.0)]).unwrap();
        assert_eq!(one.places[1], None);
        assert_eq!(one.places[0].unwrap().rank, 1);
        assert!((one.mean - 0.7).abs() < 1e-12);
    }
}
