//! Which hexagon holds each of many points of one region?
//!
//! To ask H3 takes 0.6 µs. A hexagon that was met twice is therefore remembered with its sides: a point clearly inside all of them
//! (by a hundredth of the hexagon's inner radius, far more than the bend of the local plane) is in it without asking. All
//! other points are asked, so the answers are those of H3 to the last point.

use std::collections::{HashMap, HashSet};

use h3o::{CellIndex, LatLng, Resolution};

use crate::stats::number::{floor_i64, id32};

/// Finds cells of one resolution.
#[derive(Debug)]
pub struct CellFinder {
    res: Resolution,
    once: HashSet<CellIndex>,
    known: Vec<Known>,
    /// Remembered hexagons that reach into a box of degrees.
    boxes: HashMap<(i64, i64), Vec<u32>>,
    side: (f64, f64),
    asked: u32,
    found: u32,
}

/// A hexagon on the plane of its centre, in degrees of latitude.
#[derive(Debug)]
struct Known {
    cell: CellIndex,
    lon: f64,
    lat: f64,
    /// Degrees of latitude per degree of longitude here.
    east: f64,
    /// Squared radii of the circles inside and around.
    inner: f64,
    outer: f64,
    /// Outward directions of the sides (at most 10 for cells on the edges of H3's faces), and how far out a point may be.
    sides: Vec<[f64; 3]>,
}

/// Beyond this latitude, near ±180° and for cells of tens of kilometres the local plane bends too much: H3 is asked.
const HIGHEST: f64 = 70.0;
const EAST_MOST: f64 = 179.0;

/// Points after which it is decided whether remembering pays.
const TRIAL: u32 = 1 << 14;

impl CellFinder {
    /// A finder that knows nothing yet.
    #[must_use]
    pub fn new(res: Resolution) -> Self {
        Self {
            res,
            once: HashSet::new(),
            known: Vec::new(),
            boxes: HashMap::new(),
            side: (0.0, 0.0),
            asked: 0,
            found: 0,
        }
    }

    /// The cell of a point in degrees; `None` for a point outside the globe. About 0.1 µs where points are dense.
    pub fn cell(&mut self, lon: f64, lat: f64) -> Option<CellIndex> {
        let valid = lon.abs() <= 180.0 && lat.abs() <= 90.0;
        let point = LatLng::new(lat, lon).ok().filter(|_| valid)?;
        let flat = lat.abs() < HIGHEST && lon.abs() < EAST_MOST && self.res >= Resolution::Seven;
        let hopeless = self.asked >= TRIAL && self.found < self.asked / 2;
        if !flat || hopeless {
            return Some(point.to_cell(self.res));
        }
        if self.known.is_empty() {
            let side = self.res.edge_length_m() * 1.3 / 111_195.0;
            self.side = (side / lat.to_radians().cos(), side);
        }
        let near = self.boxes.get(&self.place(lon, lat));
        for &k in near.into_iter().flatten() {
            let known = &self.known[k as usize];
            if known.holds(lon, lat) {
                self.found = self.found.saturating_add(1);
                return Some(known.cell);
            }
        }
        self.asked = self.asked.saturating_add(1);
        let cell = point.to_cell(self.res);
        if !self.once.insert(cell) {
            self.remember(cell);
        }
        Some(cell)
    }

    fn place(&self, lon: f64, lat: f64) -> (i64, i64) {
        (floor_i64(lon / self.side.0), floor_i64(lat / self.side.1))
    }

    fn remember(&mut self, cell: CellIndex) {
        let known = Known::of(cell);
        let reach = known.outer.sqrt();
        let wide = reach / known.east;
        let low = self.place(known.lon - wide, known.lat - reach);
        let high = self.place(known.lon + wide, known.lat + reach);
        let number = id32(self.known.len());
        for column in low.0..=high.0 {
            for row in low.1..=high.1 {
                let list = self.boxes.entry((column, row)).or_default();
                if !list.iter().any(|k| self.known[*k as usize].cell == cell) {
                    list.push(number);
                }
            }
        }
        self.known.push(known);
    }
}

impl Known {
    fn of(cell: CellIndex) -> Self {
        let centre = LatLng::from(cell);
        let (lon, lat) = (centre.lng(), centre.lat());
        let east = lat.to_radians().cos();
        let corners: Vec<[f64; 2]> = cell
            .boundary()
            .iter()
            .map(|v| [(v.lng() - lon) * east, v.lat() - lat])
            .collect();
        let next = corners.iter().cycle().skip(1);
        let mut sides: Vec<[f64; 3]> = corners
            .iter()
            .zip(next)
            .map(|(a, b)| {
                let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
                let length = (dx * dx + dy * dy).sqrt();
                let out = [dy / length, -dx / length];
                [out[0], out[1], out[0] * a[0] + out[1] * a[1]]
            })
            .collect();
        let inner = sides
            .iter()
            .map(|s| s[2].abs())
            .fold(f64::INFINITY, f64::min);
        for side in &mut sides {
            if side[2] < 0.0 {
                *side = side.map(|v| -v);
            }
            side[2] -= inner * 0.01;
        }
        let outer = corners.iter().map(|c| c[0] * c[0] + c[1] * c[1]);
        Self {
            cell,
            lon,
            lat,
            east,
            inner: (inner * 0.99).powi(2),
            outer: outer.fold(0.0, f64::max),
            sides,
        }
    }

    #[inline]
    fn holds(&self, lon: f64, lat: f64) -> bool {
        let (x, y) = ((lon - self.lon) * self.east, lat - self.lat);
        let d = x * x + y * y;
        d < self.inner || (d < self.outer && self.sides.iter().all(|s| s[0] * x + s[1] * y < s[2]))
    }
}

#[cfg(test)]
mod tests {
    use h3o::{LatLng, Resolution};

    use super::CellFinder;
    use crate::stats::Rng;

    #[test]
    fn every_point_is_in_the_cell_that_h3_says() {
        let mut rng = Rng::new(3);
        // A city, the equator, the far north and south, the date line, and corners of H3's faces (pentagons).
        for (lon, lat) in [
            (115.985, 36.456),
            (0.0, 0.0),
            (25.0, 69.0),
            (-70.0, -69.9),
            (179.99, 10.0),
            (-36.0, 50.103_201),
            (10.536_199, 64.7),
        ] {
            for (res, wide) in [(7, 0.3), (9, 0.04), (10, 0.02), (11, 0.004)] {
                let res = Resolution::try_from(res).unwrap();
                let mut finder = CellFinder::new(res);
                for _ in 0..6_000 {
                    let x = (lon + rng.normal() * wide).clamp(-180.0, 180.0);
                    let y = lat + rng.normal() * wide;
                    let want = LatLng::new(y, x).unwrap().to_cell(res);
                    assert_eq!(finder.cell(x, y), Some(want), "{x} {y} at {res}");
                }
            }
        }
        let mut finder = CellFinder::new(Resolution::Nine);
        assert_eq!(finder.cell(181.0, 0.0), None);
        assert_eq!(finder.cell(0.0, f64::NAN), None);
    }
}
