//! Which points share a square so small that all of them are neighbours, and which squares may hold further neighbours?
//!
//! Points are put into the order of their squares, so that neighbours are neighbours in memory. On the earth they are points of the
//! unit sphere: squared chords decide all pairs but those within a hair of the reach, which the exact distance decides.

use std::f64::consts::SQRT_2;
use std::ops::Range;

use crate::spatial::crs::{EARTH_RADIUS_M, LonLat, Xy};
use crate::stats::number::{floor_i64, id32};

/// Columns or rows beyond this are renumbered; below it they fit 32 bits with room for the reach.
const WIDEST: i64 = 1 << 31;

/// Points to cluster; the id breaks ties.
#[derive(Clone, Copy, Debug)]
pub enum Points<'a> {
    /// Metres (or any unit) on a plane, straight distance.
    Plane(&'a [Xy]),
    /// WGS-84 degrees, great-circle distance in metres.
    Earth(&'a [LonLat]),
}

/// Points of `D` coordinates in the order of their squares; places below are places in that order.
#[derive(Debug)]
pub(crate) struct Squares<'a, const D: usize> {
    given: Points<'a>,
    point: Vec<[f64; D]>,
    /// Original index of each place.
    pub(crate) order: Vec<u32>,
    /// Column and row in one number, ascending, and the first place of each square.
    key: Vec<u64>,
    from: Vec<u32>,
    reach: u32,
    eps: f64,
    /// Squared straight distances up to the first are within `eps`, from the second on beyond it.
    sure: (f64, f64),
}

impl<'a, const D: usize> Squares<'a, D> {
    /// Sorts points into squares of side `eps / √2`; points that are not finite have no place. O(n log n).
    pub(crate) fn new(given: Points<'a>, eps: f64, point: impl Fn(usize) -> [f64; D]) -> Self {
        let (scale, stretch) = given.scale();
        // A hair under eps/√2, so that rounding cannot put two points beyond eps into one square.
        let side = eps / SQRT_2 * (1.0 - 1e-7);
        // Squares of one row of neighbours that eps may span where a degree is shortest.
        let reach = floor_i64((eps * stretch / side + 1e-6).ceil()).clamp(2, 1 << 20);
        let (keys, kept) = keys(&given, (scale.0 / side, scale.1 / side), reach);
        let mut order: Vec<(u64, u32)> = keys.into_iter().zip(kept).collect();
        order.sort_unstable();
        let (mut key, mut from) = (Vec::new(), Vec::new());
        for (place, (square, _)) in order.iter().enumerate() {
            if key.last() != Some(square) {
                key.push(*square);
                from.push(id32(place));
            }
        }
        from.push(id32(order.len()));
        let order: Vec<u32> = order.into_iter().map(|o| o.1).collect();
        let straight = given.straight(eps);
        // Coordinates on the unit sphere are good to 1e-16, chords of `straight` to a few of those.
        let slack = f64::max(1e-8, 1e-14 / straight);
        Self {
            given,
            point: order.iter().map(|&i| point(i as usize)).collect(),
            order,
            key,
            from,
            reach: id32(usize::try_from(reach).unwrap_or(2)),
            eps,
            sure: (
                straight * straight * (1.0 - slack),
                straight * straight * (1.0 + slack),
            ),
        }
    }

    /// Number of squares that hold a point.
    pub(crate) const fn len(&self) -> usize {
        self.key.len()
    }

    /// Places of a square.
    pub(crate) fn members(&self, square: usize) -> Range<usize> {
        self.from[square] as usize..self.from[square + 1] as usize
    }

    /// Squared straight distance of two places, in the unit of the coordinates.
    #[inline]
    fn squared(&self, a: usize, b: usize) -> f64 {
        let pair = self.point[a].iter().zip(&self.point[b]);
        pair.map(|(x, y)| (x - y) * (x - y)).sum()
    }

    /// Whether two places are neighbours: exact distance `<= eps`.
    #[inline]
    pub(crate) fn close(&self, a: usize, b: usize) -> bool {
        let d = self.squared(a, b);
        d <= self.sure.0 || (d < self.sure.1 && self.exact(a, b) <= self.eps)
    }

    /// Exact distance of two places when it is at most `eps` and not clearly above `least`, a squared straight distance.
    #[inline]
    pub(crate) fn nearer(&self, a: usize, b: usize, least: f64) -> Option<(f64, f64)> {
        let d = self.squared(a, b);
        if d >= self.sure.1 || d > least + (self.sure.1 - self.sure.0) {
            return None;
        }
        let exact = self.exact(a, b);
        (exact <= self.eps).then_some((exact, d))
    }

    fn exact(&self, a: usize, b: usize) -> f64 {
        self.given.distance(self.order[a], self.order[b])
    }

    /// A walk over the squares in order that knows the squares around each.
    pub(crate) fn walk(&self) -> Walk<'_, 'a, D> {
        Walk {
            squares: self,
            low: vec![0; 2 * self.reach as usize + 1],
        }
    }
}

/// Column and row of every finite point as one number, with the point's index.
fn keys(given: &Points<'_>, scale: (f64, f64), reach: i64) -> (Vec<u64>, Vec<u32>) {
    let n = given.len();
    let kept: Vec<u32> = (0..n)
        .filter(|&i| given.degrees(i).0.is_finite() && given.degrees(i).1.is_finite())
        .map(id32)
        .collect();
    let axis = |get: &dyn Fn(usize) -> f64| -> Vec<i64> {
        kept.iter().map(|&i| floor_i64(get(i as usize))).collect()
    };
    let columns = narrow(&axis(&|i| given.degrees(i).0 * scale.0), reach);
    let rows = narrow(&axis(&|i| given.degrees(i).1 * scale.1), reach);
    let keys = columns.iter().zip(&rows);
    (
        keys.map(|(c, r)| u64::from(*c) << 32 | u64::from(*r))
            .collect(),
        kept,
    )
}

/// Columns from `reach` on in 32 bits; where they span more, gaps wider than the reach are closed up to it.
fn narrow(given: &[i64], reach: i64) -> Vec<u32> {
    let least = given.iter().copied().min().unwrap_or(0);
    let most = given.iter().copied().max().unwrap_or(0);
    let fit = |v: i64| u32::try_from(v).unwrap_or(u32::MAX);
    if most.checked_sub(least).is_some_and(|wide| wide < WIDEST) {
        return given.iter().map(|v| fit(v - least + reach)).collect();
    }
    let mut distinct = given.to_owned();
    distinct.sort_unstable();
    distinct.dedup();
    let mut number = vec![reach];
    for pair in distinct.windows(2) {
        let gap = pair[1].saturating_sub(pair[0]).min(reach + 1);
        number.push(number[number.len() - 1] + gap);
    }
    let at = |v: &i64| number[distinct.partition_point(|d| d < v)];
    given.iter().map(|v| fit(at(v))).collect()
}

/// Where the columns around a square begin; moves forward only, so a whole walk is linear.
#[derive(Debug)]
pub(crate) struct Walk<'s, 'a, const D: usize> {
    squares: &'s Squares<'a, D>,
    low: Vec<usize>,
}

impl<const D: usize> Walk<'_, '_, D> {
    /// Squares around the next square, itself left out, into `out`. Squares must be asked in order.
    pub(crate) fn around(&mut self, square: usize, out: &mut Vec<usize>) {
        out.clear();
        let (key, reach) = (&self.squares.key, u64::from(self.squares.reach));
        let [column, row] = [key[square] >> 32, key[square] & 0xffff_ffff];
        for (column, low) in (column - reach..=column + reach).zip(&mut self.low) {
            let first = column << 32 | (row - reach);
            while *low < key.len() && key[*low] < first {
                *low += 1;
            }
            let last = column << 32 | (row + reach);
            let run = key[*low..].iter().take_while(|k| **k <= last).count();
            out.extend((*low..*low + run).filter(|other| *other != square));
        }
    }

    /// Whether two squares touch at a side or corner.
    pub(crate) fn touch(&self, a: usize, b: usize) -> bool {
        let key = &self.squares.key;
        (key[a] >> 32).abs_diff(key[b] >> 32) <= 1
            && (key[a] & 0xffff_ffff).abs_diff(key[b] & 0xffff_ffff) <= 1
    }
}

impl Points<'_> {
    pub(crate) const fn len(&self) -> usize {
        match self {
            Self::Plane(p) => p.len(),
            Self::Earth(p) => p.len(),
        }
    }

    pub(crate) fn distance(&self, i: u32, j: u32) -> f64 {
        match self {
            Self::Plane(p) => p[i as usize].distance_m(p[j as usize]),
            Self::Earth(p) => p[i as usize].distance_m(p[j as usize]),
        }
    }

    /// Coordinates as given: x and y, or longitude and latitude.
    fn degrees(&self, i: usize) -> (f64, f64) {
        match self {
            Self::Plane(p) => (p[i].x, p[i].y),
            Self::Earth(p) => (p[i].lon, p[i].lat),
        }
    }

    /// Factors that make coordinates a plane which never shortens a distance, and by how much it may stretch one.
    fn scale(&self) -> ((f64, f64), f64) {
        let Self::Earth(points) = self else {
            return ((1.0, 1.0), 1.0);
        };
        let finite = points.iter().map(|p| p.lat).filter(|lat| lat.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, 0.0_f64), |(low, high), lat| {
            (low.min(lat.abs()), high.max(lat.abs()))
        });
        let (most, least) = (low.min(high).to_radians().cos(), high.to_radians().cos());
        let degree = EARTH_RADIUS_M.to_radians();
        ((degree * most, degree), (most / least.max(1e-6)).max(1.0))
    }

    /// The straight distance of the coordinates that stands for a distance.
    fn straight(&self, eps: f64) -> f64 {
        match self {
            Self::Plane(_) => eps,
            Self::Earth(_) => 2.0 * (eps / (2.0 * EARTH_RADIUS_M)).min(1.5).sin(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Points, Squares};
    use crate::spatial::Xy;

    #[test]
    fn coordinates_of_any_size_keep_their_neighbours() {
        for far in [0.0, 1e5, 1e12] {
            let xy = [0.0, 0.4, 1.2, 9.0, 9.5].map(|x| Xy {
                x: x + far,
                y: -far,
            });
            let squares = Squares::new(Points::Plane(&xy), 1.0, |i| [xy[i].x, xy[i].y]);
            let mut walk = squares.walk();
            let mut around = Vec::new();
            let mut pairs = 0;
            for s in 0..squares.len() {
                let n = squares.members(s).len();
                pairs += n * (n - 1);
                walk.around(s, &mut around);
                for &other in &around {
                    for a in squares.members(s) {
                        let near = squares.members(other).filter(|&b| squares.close(a, b));
                        pairs += near.count();
                    }
                }
            }
            assert_eq!(pairs, 6, "far {far}");
        }
    }
}
