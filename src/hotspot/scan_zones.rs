//! Which circles of places are candidates of a scan?
//!
//! For each centre the places enter by distance, equal distances together, while the cumulated mass stays within a share of
//! the total (rule book, section 10).

use rayon::prelude::*;

use crate::spatial::crs::EARTH_RADIUS_M;
use crate::spatial::{LonLat, Xy};
use crate::stats::number::id32;

/// Marks a place after which no zone ends.
pub const NO_ZONE: u32 = u32::MAX;

/// Where the places of a scan are.
#[derive(Clone, Debug)]
pub enum Sites {
    /// Coordinates on a plane, straight distance.
    Plane(Vec<Xy>),
    /// Degrees, great circle in metres.
    Earth(Vec<LonLat>),
}

impl Sites {
    /// Number of places.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Plane(p) => p.len(),
            Self::Earth(p) => p.len(),
        }
    }

    /// Whether there is no place.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Distance of two places.
    #[must_use]
    pub fn distance(&self, i: usize, j: usize) -> f64 {
        match self {
            Self::Plane(p) => p[i].distance_m(p[j]),
            Self::Earth(p) => p[i].distance_m(p[j]),
        }
    }
}

/// Places sorted from south to north, so that a circle of limited radius asks only the strip it lies in.
#[derive(Debug)]
pub struct Strip<'a> {
    sites: &'a Sites,
    /// Points of the plane or of the unit sphere, from south to north.
    point: Vec<[f64; 3]>,
    /// Place of each, and its last coordinate.
    order: Vec<u32>,
    north: Vec<f64>,
}

impl<'a> Strip<'a> {
    /// Sorts the places. O(n log n).
    #[must_use]
    pub fn new(sites: &'a Sites) -> Self {
        let points: Vec<[f64; 3]> = match sites {
            Sites::Plane(p) => p.iter().map(|q| [q.x, 0.0, q.y]).collect(),
            Sites::Earth(p) => p.iter().map(|q| q.on_sphere()).collect(),
        };
        let mut order: Vec<u32> = (0..id32(points.len())).collect();
        let at = |i: &u32| points[*i as usize];
        order.sort_unstable_by(|i, j| at(i)[2].total_cmp(&at(j)[2]).then(i.cmp(j)));
        Self {
            sites,
            north: order.iter().map(|i| at(i)[2]).collect(),
            point: order.iter().map(at).collect(),
            order,
        }
    }

    /// Distance and number of every place within a radius (`<=`) of a place, in no particular order.
    #[must_use]
    pub fn within(&self, centre: usize, radius: f64) -> Vec<(f64, u32)> {
        let distance = |j: u32| (self.sites.distance(centre, j as usize), j);
        let (reach, own) = match self.sites {
            Sites::Plane(p) => (radius, [p[centre].x, 0.0, p[centre].y]),
            Sites::Earth(p) => {
                let half = radius / (2.0 * EARTH_RADIUS_M);
                let chord = if half < 1.5 {
                    2.0 * half.sin()
                } else {
                    f64::INFINITY
                };
                (chord, p[centre].on_sphere())
            }
        };
        // A straight line is as long as the arc says but for rounding: the exact distance decides below the margin.
        let reach = reach * (1.0 + 1e-8) + 1e-14;
        let first = self.north.partition_point(|n| *n < own[2] - reach);
        let strip = self.point[first..].iter().zip(&self.order[first..]);
        strip
            .take_while(|(p, _)| p[2] <= own[2] + reach)
            .filter(|(p, _)| {
                let (x, y, z) = (p[0] - own[0], p[1] - own[1], p[2] - own[2]);
                x * x + y * y + z * z <= reach * reach
            })
            .map(|(_, j)| distance(*j))
            .filter(|near| near.0 <= radius)
            .collect()
    }
}

/// How far circles grow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// Largest share of the total mass in a circle.
    pub max_share: f64,
    /// Largest radius; infinite for none.
    pub max_radius: f64,
}

/// All candidate circles: per centre a run of members by distance; a zone ends where `rank` is not [`NO_ZONE`].
#[derive(Clone, Debug, Default)]
pub struct Zones {
    /// First member of each centre's run, and the end of the last run.
    pub start: Vec<u32>,
    /// Places with mass, by centre and distance.
    pub member: Vec<u32>,
    /// Place of the zone's mass in `mass`, or [`NO_ZONE`].
    pub rank: Vec<u32>,
    /// Number of places of the zone, places without mass included.
    pub size: Vec<u32>,
    /// Distinct masses of zones, rising.
    pub mass: Vec<f64>,
}

/// One run while it is built.
type Run = Vec<(u32, Option<f64>, u32)>;

impl Zones {
    /// Grows the circles of all centres. Without a radius O(n² log n) time, with one O(n m) for m places in a strip of its
    /// width; memory for the members only.
    #[must_use]
    pub fn grow(sites: &Sites, mass: &[f64], growth: Growth) -> Self {
        let total: f64 = mass.iter().sum();
        let limit = total * growth.max_share * (1.0 + 1e-12);
        let strip = Strip::new(sites);
        let runs: Vec<Run> = (0..sites.len())
            .into_par_iter()
            .map(|centre| run(strip.within(centre, growth.max_radius), mass, limit))
            .collect();
        let mut masses: Vec<f64> = runs.iter().flatten().filter_map(|m| m.1).collect();
        masses.sort_unstable_by(f64::total_cmp);
        masses.dedup_by(|a, b| a.total_cmp(b).is_eq());
        let mut out = Self {
            start: vec![0],
            mass: masses,
            ..Self::default()
        };
        for run in runs {
            for (place, ends, size) in run {
                let rank = ends.map_or(NO_ZONE, |m| {
                    id32(out.mass.partition_point(|x| x.total_cmp(&m).is_lt()))
                });
                out.member.push(place);
                out.rank.push(rank);
                out.size.push(size);
            }
            out.start.push(id32(out.member.len()));
        }
        out
    }

    /// The run of a centre as places in `member`.
    #[must_use]
    pub fn of(&self, centre: usize) -> std::ops::Range<usize> {
        self.start[centre] as usize..self.start[centre + 1] as usize
    }

    /// Number of centres.
    #[must_use]
    pub fn centres(&self) -> usize {
        self.start.len().saturating_sub(1)
    }
}

fn run(mut near: Vec<(f64, u32)>, mass: &[f64], limit: f64) -> Run {
    near.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut out: Run = Vec::new();
    let (mut sum, mut size) = (0.0, 0);
    for group in near.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let added: f64 = group.iter().map(|e| mass[e.1 as usize]).sum();
        if sum + added > limit {
            break;
        }
        sum += added;
        size += id32(group.len());
        if added <= 0.0 {
            continue;
        }
        out.extend(
            group
                .iter()
                .filter(|e| mass[e.1 as usize] > 0.0)
                .map(|e| (e.1, None, size)),
        );
        if let Some(last) = out.last_mut() {
            last.1 = Some(sum);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Growth, NO_ZONE, Sites, Strip, Zones};
    use crate::spatial::{LonLat, Xy};
    use crate::stats::Rng;

    #[test]
    fn equal_distances_enter_together_and_the_share_stops_growth() {
        let at = |x: f64| Xy { x, y: 0.0 };
        let sites = Sites::Plane(vec![at(0.0), at(1.0), at(-1.0), at(5.0)]);
        let growth = Growth {
            max_share: 0.75,
            max_radius: f64::INFINITY,
        };
        let zones = Zones::grow(&sites, &[1.0, 1.0, 1.0, 1.0], growth);
        let run = zones.of(0);
        assert_eq!(&zones.member[run.clone()], [0, 1, 2]);
        assert_eq!(
            zones.rank[run.start + 1],
            NO_ZONE,
            "place 1 and 2 are equally far"
        );
        assert_eq!(zones.mass, [1.0, 2.0, 3.0]);
        let near = Growth {
            max_share: 1.0,
            max_radius: 1.0,
        };
        assert_eq!(Zones::grow(&sites, &[1.0; 4], near).of(3).len(), 1);
    }

    #[test]
    fn a_strip_gives_the_places_that_all_distances_give() {
        let mut rng = Rng::new(4);
        let mut at = |wide: f64| (rng.normal() * wide, rng.normal() * wide);
        let plane = Sites::Plane(
            (0..300)
                .map(|_| at(900.0))
                .map(|(x, y)| Xy { x, y })
                .collect(),
        );
        let degrees = (0..300).map(|_| at(0.02));
        let earth = Sites::Earth(degrees.map(|(x, y)| LonLat::new(x, 60.0 + y)).collect());
        for sites in [plane, earth] {
            let strip = Strip::new(&sites);
            for radius in [0.0, sites.distance(0, 7), 1500.0, f64::INFINITY] {
                let mut got: Vec<u32> = strip.within(7, radius).iter().map(|n| n.1).collect();
                got.sort_unstable();
                let near = |j: &u32| sites.distance(7, *j as usize) <= radius;
                let want: Vec<u32> = (0..300).filter(near).collect();
                assert_eq!(got, want, "radius {radius}");
            }
        }
    }

    #[test]
    fn places_without_mass_count_in_size_but_end_no_zone() {
        let at = |x: f64| Xy { x, y: 0.0 };
        let sites = Sites::Plane(vec![at(0.0), at(1.0), at(3.0)]);
        let growth = Growth {
            max_share: 1.0,
            max_radius: f64::INFINITY,
        };
        let zones = Zones::grow(&sites, &[2.0, 0.0, 1.0], growth);
        assert_eq!(&zones.member[zones.of(0)], [0, 2]);
        assert_eq!(&zones.size[zones.of(0)], [1, 3]);
    }
}
