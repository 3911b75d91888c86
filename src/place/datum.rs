//! In which datum is a map file that does not say so?
//!
//! Chinese web maps are shifted by some 500 m (GCJ-02) or 1,200 m (BD-09). A file whose datum is neither stated nor declared is
//! laid over the files that are already known: under the right datum its roads lie on their namesakes and its places on the
//! streets of their addresses.

use std::collections::BTreeMap;

use geo::{CoordsIter, Geometry};

use crate::place::source::{CityMap, MapFeature};
use crate::spatial::snap::LineIndex;
use crate::spatial::{Datum, LocalPlane, LonLat, Xy};

/// What the comparison says.
#[derive(Clone, Debug, PartialEq)]
pub enum DatumVerdict {
    /// The shift does not apply where this file lies (outside China), so the question does not arise.
    Indifferent,
    /// One datum fits and the others do not.
    Fits {
        /// The datum.
        datum: Datum,
        /// Median distance of the compared points under it, in metres.
        median_m: f64,
        /// Median distance under the next best datum, in metres.
        next_m: f64,
        /// How many points were compared.
        points: usize,
    },
    /// Too little to compare, or no clear winner.
    Undecided,
}

/// At least this many points must be comparable.
const ENOUGH: usize = 10;
/// No more than this many points are compared; spread evenly over the file.
const SAMPLE: usize = 2_000;

/// Compares an undeclared map (coordinates as written) with a known one (WGS-84).
///
/// Points are compared with the road they name: vertices of a road with the road of the same name, places and gates with the road
/// of `addr:street`; where no name helps, with the nearest road. A datum is accepted when its median is below 100 m and at most
/// half of the next best.
#[must_use]
pub fn judge(unknown: &CityMap, known: &CityMap) -> DatumVerdict {
    let pairs = samples(unknown);
    let Some((first, _)) = pairs.first() else {
        return DatumVerdict::Undecided;
    };
    if pairs.iter().all(|(p, _)| Datum::Gcj02.from_wgs84(*p) == *p) {
        return DatumVerdict::Indifferent;
    }
    let plane = LocalPlane::new(*first);
    let roads = Roads::new(known, &plane);
    let named: Vec<&(LonLat, Option<&str>)> = pairs
        .iter()
        .filter(|(_, name)| name.is_some_and(|n| roads.by_name.contains_key(n)))
        .collect();
    let by_name = named.len() >= ENOUGH;
    let compared: Vec<&(LonLat, Option<&str>)> = if by_name {
        named
    } else {
        pairs.iter().collect()
    };
    if compared.len() < ENOUGH || roads.all.is_empty() {
        return DatumVerdict::Undecided;
    }
    let step = compared.len().div_ceil(SAMPLE);
    let mut medians: Vec<(f64, Datum)> = Datum::ALL
        .into_iter()
        .filter_map(|datum| {
            let mut off: Vec<f64> = compared
                .iter()
                .step_by(step)
                .filter_map(|(p, name)| {
                    roads.distance(plane.to_xy(datum.to_wgs84(*p)), name.filter(|_| by_name))
                })
                .collect();
            median(&mut off).map(|m| (m, datum))
        })
        .collect();
    medians.sort_by(|a, b| a.0.total_cmp(&b.0));
    match medians.as_slice() {
        [(best, datum), (next, _), ..] if *best < 100.0 && best * 2.0 <= *next => {
            DatumVerdict::Fits {
                datum: *datum,
                median_m: *best,
                next_m: *next,
                points: compared.len().div_ceil(step),
            }
        }
        _ => DatumVerdict::Undecided,
    }
}

/// Points of a map with the road each should lie on.
fn samples(map: &CityMap) -> Vec<(LonLat, Option<&str>)> {
    let mut out = Vec::new();
    for road in &map.roads {
        for c in road.geometry.coords_iter() {
            out.push((LonLat::new(c.x, c.y), road.tag("name")));
        }
    }
    for place in &map.features {
        if let Some(p) = anchor(place) {
            out.push((p, place.tag("addr:street")));
        }
    }
    out
}

/// A point of a feature: itself, or the mean of its vertices.
fn anchor(feature: &MapFeature) -> Option<LonLat> {
    if let Geometry::Point(p) = &feature.geometry {
        return Some(LonLat::new(p.x(), p.y()));
    }
    let (mut x, mut y, mut n) = (0.0, 0.0, 0_u32);
    for c in feature.geometry.coords_iter() {
        x += c.x;
        y += c.y;
        n += 1;
    }
    (n > 0).then(|| LonLat::new(x / f64::from(n), y / f64::from(n)))
}

struct Roads<'a> {
    all: LineIndex,
    by_name: BTreeMap<&'a str, LineIndex>,
}

impl<'a> Roads<'a> {
    fn new(map: &'a CityMap, plane: &LocalPlane) -> Self {
        let mut lines: Vec<Vec<Xy>> = Vec::with_capacity(map.roads.len());
        let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, road) in map.roads.iter().enumerate() {
            let line = road
                .geometry
                .coords_iter()
                .map(|c| plane.to_xy(LonLat::new(c.x, c.y)))
                .collect();
            lines.push(line);
            if let Some(name) = road.tag("name") {
                names.entry(name).or_default().push(number);
            }
        }
        Self {
            all: LineIndex::new(lines.iter().map(Vec::as_slice)),
            by_name: names
                .into_iter()
                .map(|(name, numbers)| {
                    let own = numbers.iter().filter_map(|n| lines.get(*n));
                    (name, LineIndex::new(own.map(Vec::as_slice)))
                })
                .collect(),
        }
    }

    fn distance(&self, p: Xy, name: Option<&str>) -> Option<f64> {
        let index = name
            .and_then(|name| self.by_name.get(name))
            .unwrap_or(&self.all);
        index.nearest(p).map(|snap| snap.distance_m)
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}
