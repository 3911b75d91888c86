//! Which square of the world map, and which hexagon, holds a point?
//!
//! World coordinates are Web-Mercator scaled so that the whole map is 2^32 units wide (0.9 cm at the equator); their
//! interleaved bits (Morton key) put every map tile into one contiguous run.

use std::f64::consts::PI;

use h3o::{CellIndex, LatLng, Resolution};

use crate::spatial::crs::LonLat;

/// The finest hexagon that is kept per point: resolution 11, edge about 29 m.
pub const FINEST: Resolution = Resolution::Eleven;

/// Greatest latitude of the square Web-Mercator map, in degrees.
pub const MAX_LAT: f64 = 85.051_128_779_806_6;

/// A point on the world map in units of 2^-32 of its width, y down from the north.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct World {
    /// Units east of 180° W.
    pub x: u32,
    /// Units south of 85.05° N.
    pub y: u32,
}

impl World {
    /// Units of the whole width.
    pub const WIDTH: f64 = 4_294_967_296.0;

    /// Projects degrees; latitudes beyond ±85.05° are pinned to the edge.
    #[must_use]
    pub fn of(p: LonLat) -> Self {
        let lat = p.lat.clamp(-MAX_LAT, MAX_LAT).to_radians();
        let east = p.lon / 360.0 + 0.5;
        let south = 0.5 - lat.sin().atanh() / (2.0 * PI);
        Self {
            x: to_unit(east),
            y: to_unit(south),
        }
    }

    /// Back to degrees, exact to one unit.
    #[must_use]
    pub fn lonlat(self) -> LonLat {
        let east = (f64::from(self.x) + 0.5) / Self::WIDTH;
        let south = (f64::from(self.y) + 0.5) / Self::WIDTH;
        LonLat {
            lon: (east - 0.5) * 360.0,
            lat: ((0.5 - south) * 2.0 * PI).sinh().atan().to_degrees(),
        }
    }

    /// Interleaved bits, x in the even places; sorted keys walk the map square by square.
    #[must_use]
    pub const fn morton(self) -> u64 {
        spread(self.x) | (spread(self.y) << 1)
    }

    /// Inverse of [`World::morton`].
    #[must_use]
    pub const fn from_morton(key: u64) -> Self {
        Self {
            x: gather(key),
            y: gather(key >> 1),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is clamped to the range of u32 first"
)]
fn to_unit(share: f64) -> u32 {
    (share * World::WIDTH)
        .floor()
        .clamp(0.0, World::WIDTH - 1.0) as u32
}

const fn spread(v: u32) -> u64 {
    let mut x = v as u64;
    x = (x | (x << 16)) & 0x0000_FFFF_0000_FFFF;
    x = (x | (x << 8)) & 0x00FF_00FF_00FF_00FF;
    x = (x | (x << 4)) & 0x0F0F_0F0F_0F0F_0F0F;
    x = (x | (x << 2)) & 0x3333_3333_3333_3333;
    (x | (x << 1)) & 0x5555_5555_5555_5555
}

const fn gather(key: u64) -> u32 {
    let mut x = key & 0x5555_5555_5555_5555;
    x = (x | (x >> 1)) & 0x3333_3333_3333_3333;
    x = (x | (x >> 2)) & 0x0F0F_0F0F_0F0F_0F0F;
    x = (x | (x >> 4)) & 0x00FF_00FF_00FF_00FF;
    x = (x | (x >> 8)) & 0x0000_FFFF_0000_FFFF;
    ((x | (x >> 16)) & 0x0000_0000_FFFF_FFFF) as u32
}

/// A tile of the XYZ scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileId {
    /// Zoom, 0 to 22.
    pub z: u8,
    /// Column from the west.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

impl TileId {
    /// Deepest zoom that is answered.
    pub const MAX_ZOOM: u8 = 22;

    /// A tile, or `None` if the numbers are outside the scheme.
    #[must_use]
    pub const fn new(z: u8, x: u32, y: u32) -> Option<Self> {
        if z <= Self::MAX_ZOOM && x < 1 << z && y < 1 << z {
            Some(Self { z, x, y })
        } else {
            None
        }
    }

    /// Bits of a world coordinate that lie inside the tile.
    #[must_use]
    pub const fn shift(self) -> u32 {
        32 - self.z as u32
    }

    /// First and last Morton key inside the tile.
    #[must_use]
    pub const fn keys(self) -> (u64, u64) {
        if self.z == 0 {
            return (0, u64::MAX);
        }
        let low = (spread(self.x) | (spread(self.y) << 1)) << (2 * self.shift());
        (low, low | ((1 << (2 * self.shift())) - 1))
    }

    /// North-western corner in world units (as `u64`, so that sums cannot overflow).
    #[must_use]
    pub const fn origin(self) -> (u64, u64) {
        (
            (self.x as u64) << self.shift(),
            (self.y as u64) << self.shift(),
        )
    }

    /// West, south, east, north in degrees.
    #[must_use]
    pub fn bounds(self) -> [f64; 4] {
        let n = f64::from(1_u32 << self.z);
        let lon = |x: f64| x / n * 360.0 - 180.0;
        let lat = |y: f64| (PI * (1.0 - 2.0 * y / n)).sinh().atan().to_degrees();
        let (x, y) = (f64::from(self.x), f64::from(self.y));
        [lon(x), lat(y + 1.0), lon(x + 1.0), lat(y)]
    }

    /// Position of a point in this tile, in units of `extent`, unclipped.
    #[must_use]
    pub fn place(self, p: LonLat, extent: f64) -> (f64, f64) {
        let lat = p.lat.clamp(-MAX_LAT, MAX_LAT).to_radians();
        let n = f64::from(1_u32 << self.z);
        let east = (p.lon / 360.0 + 0.5) * n - f64::from(self.x);
        let south = (0.5 - lat.sin().atanh() / (2.0 * PI)) * n - f64::from(self.y);
        (east * extent, south * extent)
    }
}

/// The hexagon of [`FINEST`] resolution that holds a point; `None` if the point is not a valid pair.
#[must_use]
pub fn finest_cell(p: LonLat) -> Option<CellIndex> {
    LatLng::new(p.lat, p.lon).ok().map(|ll| ll.to_cell(FINEST))
}

/// The hexagon resolution shown at a map zoom (512-px tiles, hexagons 17 to 40 px wide at 36.5° N).
#[must_use]
pub const fn resolution_at(zoom: u8) -> Resolution {
    match zoom {
        0..=5 => Resolution::Four,
        6..=7 => Resolution::Five,
        8 => Resolution::Six,
        9..=10 => Resolution::Seven,
        11 => Resolution::Eight,
        12 => Resolution::Nine,
        13..=14 => Resolution::Ten,
        _ => Resolution::Eleven,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn morton_and_degrees_round_trip() {
        for (lon, lat) in [
            (113.78, 34.71),
            (-71.06, 42.36),
            (0.0, 0.0),
            (179.99, -85.0),
        ] {
            let w = World::of(LonLat { lon, lat });
            assert_eq!(World::from_morton(w.morton()), w);
            let back = w.lonlat();
            assert!((back.lon - lon).abs() < 2e-7 && (back.lat - lat).abs() < 2e-7);
        }
    }

    #[test]
    fn keys_of_a_tile_are_those_of_its_points() {
        let p = LonLat {
            lon: 113.78,
            lat: 34.71,
        };
        let w = World::of(p);
        for z in 0..=22_u8 {
            let cut = |v: u32| v.checked_shr(32 - u32::from(z)).unwrap_or(0);
            let t = TileId::new(z, cut(w.x), cut(w.y)).unwrap();
            let (lo, hi) = t.keys();
            assert!((lo..=hi).contains(&w.morton()), "zoom {z}");
            let (x, y) = t.place(p, 4096.0);
            assert!((0.0..4096.0).contains(&x) && (0.0..4096.0).contains(&y));
        }
    }
}
