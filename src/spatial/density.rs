//! Which points lie together when closeness is more than a straight line: in space and time, or along roads?
//!
//! The canonical density clustering of [`crate::spatial::cluster`] over any symmetric closeness: a visitor names every close
//! pair once, it is asked twice, and nothing is kept but one number per point.

use crate::spatial::cluster::{Clustering, Sets, number};
use crate::stats::number::id32;

/// What a visitor of pairs calls: two points and their distance.
pub type Pair<'a> = &'a mut dyn FnMut(usize, usize, f64);

/// Clusters points by a visitor of close pairs; ids break ties, weights sum to `min_pts` at a core point (its own included).
#[must_use]
pub fn cluster_pairs(
    ids: &[i64],
    weights: &[f64],
    min_pts: f64,
    visit: &dyn Fn(Pair<'_>),
) -> Clustering {
    let n = ids.len();
    let mut mass = weights.to_vec();
    visit(&mut |i, j, _| {
        mass[i] += weights[j];
        mass[j] += weights[i];
    });
    let core: Vec<bool> = mass.iter().map(|m| *m >= min_pts).collect();
    let mut sets = Sets::new(n);
    let mut nearest: Vec<Option<(f64, i64, u32)>> = vec![None; n];
    visit(&mut |i, j, d| match (core[i], core[j]) {
        (true, true) => sets.join(id32(i), id32(j)),
        (true, false) => keep_nearer(&mut nearest[j], (d, ids[i], id32(i))),
        (false, true) => keep_nearer(&mut nearest[i], (d, ids[j], id32(j))),
        (false, false) => {}
    });
    let owner: Vec<Option<u32>> = (0..n)
        .map(|i| {
            let of = if core[i] {
                Some(id32(i))
            } else {
                nearest[i].map(|b| b.2)
            };
            of.map(|o| sets.find(o))
        })
        .collect();
    number(owner, core, ids)
}

fn keep_nearer(slot: &mut Option<(f64, i64, u32)>, new: (f64, i64, u32)) {
    let nearer = |old: &(f64, i64, u32)| new.0.total_cmp(&old.0).then(new.1.cmp(&old.1)).is_lt();
    if slot.as_ref().is_none_or(nearer) {
        *slot = Some(new);
    }
}

#[cfg(test)]
mod tests {
    use super::cluster_pairs;

    #[test]
    fn a_border_point_joins_its_nearest_core_and_ties_the_smaller_id() {
        // A line at 0, 1, 2 … with reach 1: every inner point has 3 within reach.
        let at = [0.0_f64, 1.0, 2.0, 9.0, 10.0, 11.0, 5.5];
        let visit = |each: super::Pair<'_>| {
            for i in 0..at.len() {
                for j in i + 1..at.len() {
                    let d = (at[i] - at[j]).abs();
                    if d <= 1.0 {
                        each(i, j, d);
                    }
                }
            }
        };
        let got = cluster_pairs(&[10, 11, 12, 3, 4, 5, 6], &[1.0; 7], 3.0, &visit);
        assert_eq!(got.core, [false, true, false, false, true, false, false]);
        assert_eq!(
            got.labels[..6],
            [Some(1), Some(1), Some(1), Some(0), Some(0), Some(0)]
        );
        assert_eq!(got.labels[6], None);
    }
}
