//! Which points are within a distance of each other, without an n × n matrix?
//!
//! A grid of squares pre-selects, the exact distance decides. Points are put into the order of their squares first, so that
//! neighbours are neighbours in memory; results speak of that order through [`Near::order`].

use crate::spatial::crs::{EARTH_RADIUS_M, LonLat, Xy};
use crate::stats::number::{floor_i64, id32};

/// Points on a plane or in degrees.
#[derive(Clone, Debug)]
pub enum Places {
    /// Straight distance in the unit of the coordinates.
    Plane(Vec<Xy>),
    /// Great circle in metres.
    Earth(Vec<LonLat>),
}

impl Places {
    /// The points that are not left out, with their positions here; `out` may be shorter, the rest is kept.
    #[must_use]
    pub fn without(&self, out: &[bool]) -> (Self, Vec<usize>) {
        let stays = |i: &usize| !out.get(*i).copied().unwrap_or(false);
        let kept: Vec<usize> = (0..self.len()).filter(stays).collect();
        let places = match self {
            Self::Plane(p) => Self::Plane(kept.iter().map(|i| p[*i]).collect()),
            Self::Earth(p) => Self::Earth(kept.iter().map(|i| p[*i]).collect()),
        };
        (places, kept)
    }

    /// Number of points.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Plane(p) => p.len(),
            Self::Earth(p) => p.len(),
        }
    }

    /// Whether there is no point.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Exact distance of two points.
    #[inline]
    #[must_use]
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        match self {
            Self::Plane(p) => p[i].distance_m(p[j]),
            Self::Earth(p) => p[i].distance_m(p[j]),
        }
    }

    /// Column and row of a point in squares that are at least `side` wide everywhere.
    fn square(&self, i: usize, frame: &Frame) -> (i64, i64) {
        let (x, y) = match self {
            Self::Plane(p) => (p[i].x, p[i].y),
            Self::Earth(p) => (
                p[i].lon * frame.east_m,
                p[i].lat * EARTH_RADIUS_M.to_radians(),
            ),
        };
        (floor_i64(x / frame.side), floor_i64(y / frame.side))
    }

    fn frame(&self, reach: f64) -> Frame {
        // A degree of longitude is shortest at the highest latitude: squares never get narrower than the reach there.
        let east_m = match self {
            Self::Plane(_) => 1.0,
            Self::Earth(p) => {
                let highest = p.iter().map(|p| p.lat.abs()).fold(0.0, f64::max).min(89.9);
                EARTH_RADIUS_M.to_radians() * highest.to_radians().cos()
            }
        };
        // Squares never so small that their numbers overflow, however small the reach.
        let widest = match self {
            Self::Plane(p) => p
                .iter()
                .map(|p| p.x.abs().max(p.y.abs()))
                .fold(0.0, f64::max),
            Self::Earth(_) => 2e7,
        };
        let least = (widest * 1e-9).max(f64::MIN_POSITIVE);
        // Haversine is a hair shorter than the chord on the squares; the margin covers it.
        Frame {
            side: reach.max(least) * 1.001,
            east_m,
        }
    }
}

struct Frame {
    side: f64,
    east_m: f64,
}

/// Points in the order of a grid of squares.
#[derive(Clone, Debug)]
pub struct Near {
    /// Original index of each point in grid order.
    pub order: Vec<u32>,
    squares: Vec<((i64, i64), u32)>,
    reach: f64,
}

impl Near {
    /// Sorts points into squares as wide as `reach`. O(n log n).
    #[must_use]
    pub fn new(places: &Places, reach: f64) -> Self {
        let frame = places.frame(reach);
        let mut keyed: Vec<((i64, i64), u32)> = (0..places.len())
            .map(|i| {
                let (column, row) = places.square(i, &frame);
                ((row, column), id32(i))
            })
            .collect();
        keyed.sort_unstable();
        let mut squares: Vec<((i64, i64), u32)> = Vec::new();
        for (at, (square, _)) in keyed.iter().enumerate() {
            if squares.last().is_none_or(|s| s.0 != *square) {
                squares.push((*square, id32(at)));
            }
        }
        Self {
            order: keyed.into_iter().map(|k| k.1).collect(),
            squares,
            reach,
        }
    }

    fn members(&self, square: usize) -> std::ops::Range<usize> {
        let end = self
            .squares
            .get(square + 1)
            .map_or(self.order.len(), |s| s.1 as usize);
        self.squares[square].1 as usize..end
    }

    fn find(&self, square: (i64, i64)) -> Option<usize> {
        self.squares.binary_search_by_key(&square, |s| s.0).ok()
    }

    /// Calls `each(a, b, distance)` once per pair within the reach, `a` and `b` being positions in [`Near::order`].
    pub fn each_pair(&self, places: &Places, each: impl FnMut(u32, u32, f64)) {
        self.each_pair_if(places, |_, _| true, each);
    }

    /// As [`Near::each_pair`], asking `may(i, j)` on original indices before the distance is computed.
    pub fn each_pair_if(
        &self,
        places: &Places,
        may: impl Fn(usize, usize) -> bool,
        mut each: impl FnMut(u32, u32, f64),
    ) {
        let mut test = |a: usize, b: usize| {
            let (i, j) = (self.order[a] as usize, self.order[b] as usize);
            if may(i, j) {
                let d = places.distance(i, j);
                if d <= self.reach {
                    each(id32(a), id32(b), d);
                }
            }
        };
        for square in 0..self.squares.len() {
            let (row, column) = self.squares[square].0;
            let mine = self.members(square);
            for a in mine.clone() {
                for b in a + 1..mine.end {
                    test(a, b);
                }
            }
            for (dr, dc) in [(0, 1), (1, -1), (1, 0), (1, 1)] {
                let Some(other) = self.find((row + dr, column + dc)) else {
                    continue;
                };
                for a in mine.clone() {
                    for b in self.members(other) {
                        test(a, b);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Near, Places};
    use crate::spatial::{LonLat, Xy};
    use crate::stats::Rng;

    fn count(places: &Places, reach: f64) -> usize {
        let mut n = 0;
        Near::new(places, reach).each_pair(places, |_, _, _| n += 1);
        n
    }

    fn by_hand(places: &Places, reach: f64) -> usize {
        let n = places.len();
        (0..n)
            .flat_map(|i| (i + 1..n).map(move |j| (i, j)))
            .filter(|&(i, j)| places.distance(i, j) <= reach)
            .count()
    }

    #[test]
    fn every_close_pair_is_met_once() {
        let mut rng = Rng::new(6);
        let mut xy: Vec<Xy> = (0..400)
            .map(|_| Xy {
                x: rng.unit() * 900.0 - 300.0,
                y: rng.unit() * 900.0,
            })
            .collect();
        xy.extend_from_within(..40);
        let plane = Places::Plane(xy);
        let earth = Places::Earth(
            (0..400)
                .map(|_| LonLat {
                    lon: 116.0 + rng.unit() * 0.02,
                    lat: 36.0 + rng.unit() * 0.02,
                })
                .collect(),
        );
        for reach in [0.0, 30.0, 150.0] {
            assert_eq!(count(&plane, reach), by_hand(&plane, reach));
            assert_eq!(count(&earth, reach), by_hand(&earth, reach));
        }
        assert_eq!(count(&Places::Plane(vec![]), 10.0), 0);
    }
}
