//! How dense are events in the plane, in events per unit of area?

use std::f64::consts::{LN_2, PI, TAU};

use crate::spatial::crs::Xy;
use crate::stats::number::floor_index;

/// Shape of the bump that each event spreads into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// `3 / (π h²) (1 - (d/h)²)²` within h.
    Quartic,
    /// `exp(-d²/2h²) / (2 π h²)`, h is the standard deviation.
    Gaussian,
}

impl Kernel {
    /// Value at a squared distance.
    #[inline]
    #[must_use]
    pub fn at(self, d2: f64, h: f64) -> f64 {
        let h2 = h * h;
        match self {
            Self::Quartic if d2 >= h2 => 0.0,
            Self::Quartic => {
                let u = 1.0 - d2 / h2;
                3.0 / (PI * h2) * u * u
            }
            Self::Gaussian => (-d2 / (2.0 * h2)).exp() / (TAU * h2),
        }
    }

    /// Distance beyond which the kernel is 0, or negligible (4 h).
    #[must_use]
    pub const fn reach(self, h: f64) -> f64 {
        match self {
            Self::Quartic => h,
            Self::Gaussian => 4.0 * h,
        }
    }
}

/// Density at places from weighted events. O(events × places); for many places use [`grid`].
#[must_use]
pub fn at_places(events: &[(Xy, f64)], places: &[Xy], kernel: Kernel, h: f64) -> Vec<f64> {
    places
        .iter()
        .map(|p| {
            let terms = events.iter().map(|(e, w)| {
                let (dx, dy) = (e.x - p.x, e.y - p.y);
                w * kernel.at(dx * dx + dy * dy, h)
            });
            terms.sum()
        })
        .collect()
}

/// A raster: cell middles at `origin + (column, row) * cell`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Raster {
    /// Middle of the first cell.
    pub origin: Xy,
    /// Cell width.
    pub cell: f64,
    /// Number of columns.
    pub columns: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Density on a raster, row by row; a Gaussian is cut at 4 h. O(events × (h / cell)²).
#[must_use]
pub fn grid(events: &[(Xy, f64)], raster: Raster, kernel: Kernel, h: f64) -> Vec<f64> {
    let mut out = vec![0.0; raster.columns * raster.rows];
    let reach = kernel.reach(h);
    for &(e, weight) in events {
        let (x, y) = (
            (e.x - raster.origin.x) / raster.cell,
            (e.y - raster.origin.y) / raster.cell,
        );
        let r = reach / raster.cell;
        let columns = floor_index((x - r).ceil())..floor_index(x + r + 1.0).min(raster.columns);
        let rows = floor_index((y - r).ceil())..floor_index(y + r + 1.0).min(raster.rows);
        if x + r < 0.0 || y + r < 0.0 {
            continue;
        }
        for row in rows {
            let dy = (row as f64 - y) * raster.cell;
            let line = &mut out[row * raster.columns..(row + 1) * raster.columns];
            for column in columns.clone() {
                let dx = (column as f64 - x) * raster.cell;
                let d2 = dx * dx + dy * dy;
                if d2 <= reach * reach {
                    line[column] += weight * kernel.at(d2, h);
                }
            }
        }
    }
    out
}

/// Share of a kernel's mass at a place that falls inside an area; by a raster of 40 × 40 samples, good to about 1 %.
#[must_use]
pub fn mass_inside(place: Xy, (kernel, h): (Kernel, f64), inside: impl Fn(Xy) -> bool) -> f64 {
    const HALF: i32 = 20;
    let step = kernel.reach(h) / f64::from(HALF);
    let (mut held, mut all) = (0.0, 0.0);
    for row in -HALF..HALF {
        for column in -HALF..HALF {
            let (dx, dy) = (
                (f64::from(column) + 0.5) * step,
                (f64::from(row) + 0.5) * step,
            );
            let mass = kernel.at(dx * dx + dy * dy, h);
            all += mass;
            let at = Xy {
                x: place.x + dx,
                y: place.y + dy,
            };
            if mass > 0.0 && inside(at) {
                held += mass;
            }
        }
    }
    held / all
}

/// Data-driven bandwidth `0.9 min(SD, sqrt(1/ln 2) Dm) n^-0.2`, kept within 75 to 500; 150 for fewer than 2 events.
#[must_use]
pub fn bandwidth(points: &[Xy]) -> f64 {
    let n = points.len() as f64;
    if points.len() < 2 {
        return 150.0;
    }
    let mean = Xy {
        x: points.iter().map(|p| p.x).sum::<f64>() / n,
        y: points.iter().map(|p| p.y).sum::<f64>() / n,
    };
    let mut d: Vec<f64> = points.iter().map(|p| p.distance_m(mean)).collect();
    let sd = (d.iter().map(|d| d * d).sum::<f64>() / n).sqrt();
    d.sort_unstable_by(f64::total_cmp);
    let median = f64::midpoint(d[(d.len() - 1) / 2], d[d.len() / 2]);
    let spread = sd.min((1.0 / LN_2).sqrt() * median);
    (0.9 * spread * n.powf(-0.2)).clamp(75.0, 500.0)
}

#[cfg(test)]
mod tests {
    use super::{Kernel, Raster, at_places, bandwidth, grid, mass_inside};
    use crate::spatial::Xy;

    #[test]
    fn raster_and_places_agree_and_a_bump_has_mass_one() {
        let raster = Raster {
            origin: Xy { x: -40.0, y: -40.0 },
            cell: 1.0,
            columns: 81,
            rows: 81,
        };
        let events = [(Xy { x: 0.3, y: -0.2 }, 1.0)];
        let places: Vec<Xy> = (0..81 * 81)
            .map(|i| Xy {
                x: f64::from(i % 81) - 40.0,
                y: f64::from(i / 81) - 40.0,
            })
            .collect();
        for (kernel, h) in [(Kernel::Quartic, 20.0), (Kernel::Gaussian, 6.0)] {
            let (a, b) = (
                grid(&events, raster, kernel, h),
                at_places(&events, &places, kernel, h),
            );
            for (a, b) in a.iter().zip(&b) {
                assert!((a - b).abs() < 2e-6, "{a} {b}");
            }
            assert!((a.iter().sum::<f64>() - 1.0).abs() < 2e-3);
        }
        assert!(
            grid(
                &[(Xy { x: -999.0, y: 0.0 }, 1.0)],
                raster,
                Kernel::Quartic,
                20.0
            )
            .iter()
            .all(|v| *v <= 0.0)
        );
    }

    #[test]
    fn half_a_bump_lies_beyond_a_straight_border() {
        for kernel in [Kernel::Quartic, Kernel::Gaussian] {
            let ask = (kernel, 150.0);
            let at = |x: f64| mass_inside(Xy { x, y: 7.0 }, ask, |p| p.x > 0.0);
            assert!((at(0.0) - 0.5).abs() < 1e-12);
            assert!((at(601.0) - 1.0).abs() < 1e-12);
            assert!(at(-601.0).abs() < 1e-12);
        }
    }

    #[test]
    fn the_bandwidth_stays_within_its_bounds() {
        assert!((bandwidth(&[]) - 150.0).abs() < 1e-12);
        assert!((bandwidth(&[Xy { x: 0.0, y: 0.0 }; 9]) - 75.0).abs() < 1e-12);
    }
}
