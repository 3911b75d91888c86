//! How is a point written at the door: longitude, latitude, six decimals.

use crate::spatial::LonLat;

/// Six decimals: 0.1 m.
pub(super) fn degrees(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A point as `[lon, lat]`.
pub(super) fn pair(point: LonLat) -> [f64; 2] {
    [degrees(point.lon), degrees(point.lat)]
}
