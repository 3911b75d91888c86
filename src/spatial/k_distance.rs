//! How near is everybody's k-th neighbour, and where does that distance begin to jump?
//!
//! Help for the choice of `eps` (Ester et al. 1996): sorted distances to the `min_pts`-th nearest point, itself counted, bend where
//! clusters end and strays begin. The knee is the place farthest from the chord between the ends; to be shown, never applied silently.

use crate::spatial::crs::EARTH_RADIUS_M;
use crate::spatial::pairs::Places;
use crate::spatial::reach_tree::ReachTree;

/// Distance of each point to its `k`-th nearest point, itself counted, ascending. O(n log n); 100,000 points in 0.1 s.
#[must_use]
pub fn k_distances(places: &Places, k: usize) -> Vec<f64> {
    let mut out: Vec<f64> = match places {
        Places::Plane(p) => {
            let points: Vec<[f64; 2]> = p.iter().map(|q| [q.x, q.y]).collect();
            let squared = ReachTree::new(&points).core_squared(k);
            squared.into_iter().map(f64::sqrt).collect()
        }
        Places::Earth(p) => {
            let points: Vec<[f64; 3]> = p.iter().map(|q| q.on_sphere()).collect();
            let squared = ReachTree::new(&points).core_squared(k);
            let arc = |c2: f64| 2.0 * EARTH_RADIUS_M * (c2.sqrt() / 2.0).min(1.0).asin();
            squared.into_iter().map(arc).collect()
        }
    };
    out.sort_unstable_by(f64::total_cmp);
    out
}

/// The value at the knee of a rising curve: farthest below the chord from its first to its last point; `None` for fewer
/// than 3 points or a straight line.
#[must_use]
pub fn knee(rising: &[f64]) -> Option<f64> {
    let (first, last) = (*rising.first()?, *rising.last()?);
    let n = rising.len() as f64 - 1.0;
    if rising.len() < 3 || last <= first {
        return None;
    }
    let below = |(i, v): (usize, &f64)| (i as f64 / n - (v - first) / (last - first), *v);
    let far = rising.iter().enumerate().map(below);
    far.reduce(|best, at| if at.0 > best.0 { at } else { best })
        .filter(|best| best.0 > 1e-9)
        .map(|best| best.1)
}

#[cfg(test)]
mod tests {
    use super::{k_distances, knee};
    use crate::spatial::pairs::Places;
    use crate::spatial::{LonLat, Xy};

    #[test]
    fn the_curve_bends_where_a_cluster_ends() {
        let mut xy: Vec<Xy> = (0..90_i32)
            .map(|i| Xy {
                x: f64::from(i % 10) * 10.0,
                y: f64::from(i / 10) * 10.0,
            })
            .collect();
        xy.extend((1..=10_i32).map(|i| Xy {
            x: f64::from(i * i) * 900.0,
            y: 9e4,
        }));
        let curve = k_distances(&Places::Plane(xy), 5);
        assert!((curve[0] - 10.0).abs() < 1e-9);
        let at = knee(&curve).unwrap();
        assert!((10.0..=30.0).contains(&at), "{at}");
    }

    #[test]
    fn no_curve_has_no_knee() {
        assert!(k_distances(&Places::Plane(vec![]), 5).is_empty());
        assert_eq!(knee(&[]), None);
        assert_eq!(knee(&[3.0; 40]), None);
        let same = Places::Earth(vec![LonLat::new(116.0, 36.0); 9]);
        assert!(k_distances(&same, 5).iter().all(|d| *d <= 0.0));
    }
}
