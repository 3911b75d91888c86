//! How far is it from gate to gate along the roads?
//!
//! A point stands at its foot on the nearest road, not at the nearest junction: a gate in the middle of a long block is on the
//! road as much as one at its corner.

use std::collections::{BTreeMap, BTreeSet};

use crate::spatial::crs::LocalPlane;
use crate::spatial::network::{Network, Travel};
use crate::spatial::snap::LineIndex;
use crate::spatial::{LonLat, Xy};

/// Metres between points along a network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ways {
    /// `metres[i][j]` from point i to point j; none where no road leads, or farther than asked for.
    pub metres: Vec<Vec<Option<f64>>>,
    /// Points farther from every road than allowed.
    pub off: Vec<usize>,
}

/// Where a point stands on an edge.
#[derive(Clone, Copy, Debug)]
struct Foot {
    edge: usize,
    along_m: f64,
    rest_m: f64,
    aside_m: f64,
}

/// Metres between all pairs of points on foot or by bicycle (one-way rules ignored). A point more than `off_m` from every road
/// has no way; ways longer than `limit_m` are not looked for. Cost: two searches within `limit_m` for each point.
#[must_use]
pub fn ways(network: &Network, points: &[LonLat], off_m: f64, limit_m: f64) -> Ways {
    let feet = feet(network, points, off_m);
    let ends: BTreeSet<usize> = feet
        .iter()
        .flatten()
        .flat_map(|f| both(network, f))
        .collect();
    let mut reach: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    for end in &ends {
        let found = network.reach(*end, limit_m, Travel::Undirected);
        let kept = found.into_iter().filter(|(n, _)| ends.contains(n));
        reach.insert(*end, kept.collect());
    }
    let metres = feet
        .iter()
        .map(|a| {
            feet.iter()
                .map(|b| between(network, &reach, a.as_ref()?, b.as_ref()?))
                .map(|m| m.filter(|m| *m <= limit_m))
                .collect()
        })
        .collect();
    let off = (0..points.len()).filter(|i| feet[*i].is_none()).collect();
    Ways { metres, off }
}

fn feet(network: &Network, points: &[LonLat], off_m: f64) -> Vec<Option<Foot>> {
    let Some(origin) = points.first() else {
        return Vec::new();
    };
    let plane = LocalPlane::new(*origin);
    let lines: Vec<Vec<Xy>> = network
        .edges()
        .iter()
        .map(|e| e.points.iter().map(|p| plane.to_xy(*p)).collect())
        .collect();
    let index = LineIndex::new(lines.iter().map(Vec::as_slice));
    let foot = |p: &LonLat| {
        let snap = index.nearest(plane.to_xy(*p))?;
        let length = network.edges()[snap.line].length_m;
        let along_m = snap.chainage_m.min(length);
        (snap.distance_m <= off_m).then_some(Foot {
            edge: snap.line,
            along_m,
            rest_m: length - along_m,
            aside_m: snap.distance_m,
        })
    };
    points.iter().map(foot).collect()
}

fn both(network: &Network, foot: &Foot) -> [usize; 2] {
    let edge = &network.edges()[foot.edge];
    [edge.from, edge.to]
}

fn between(
    network: &Network,
    reach: &BTreeMap<usize, BTreeMap<usize, f64>>,
    a: &Foot,
    b: &Foot,
) -> Option<f64> {
    let aside = a.aside_m + b.aside_m;
    let same = (a.edge == b.edge).then(|| (a.along_m - b.along_m).abs());
    let mut best = same;
    for (from, out) in both(network, a).into_iter().zip([a.along_m, a.rest_m]) {
        for (to, back) in both(network, b).into_iter().zip([b.along_m, b.rest_m]) {
            let Some(way) = reach.get(&from).and_then(|r| r.get(&to)) else {
                continue;
            };
            let whole = out + way + back;
            if best.is_none_or(|known| whole < known) {
                best = Some(whole);
            }
        }
    }
    best.map(|m| m + aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spatial::network::Link;

    /// A square of 1 km blocks drawn as one ring, one-way.
    fn ring() -> Network {
        let (east, north) = (0.010_905, 0.008_993);
        let corner = |x: f64, y: f64| LonLat::new(116.0 + x * east, 36.0 + y * north);
        let points = [
            corner(0.0, 0.0),
            corner(1.0, 0.0),
            corner(1.0, 1.0),
            corner(0.0, 1.0),
            corner(0.0, 0.0),
        ];
        let spur = [corner(1.0, 0.0), corner(2.0, 0.0)];
        Network::split(&[
            Link {
                points: &points,
                oneway: 1,
            },
            Link {
                points: &spur,
                oneway: 0,
            },
        ])
    }

    fn at(x: f64, y: f64) -> LonLat {
        LonLat::new(116.0 + x * 0.010_905, 36.0 + y * 0.008_993)
    }

    #[test]
    fn gates_in_the_middle_of_a_block_are_on_the_road_and_feet_ignore_one_way_rules() {
        let found = ways(
            &ring(),
            &[at(0.5, 0.0), at(1.5, 0.0), at(0.25, 0.0)],
            50.0,
            10_000.0,
        );
        assert!(found.off.is_empty());
        let metres = |i: usize, j: usize| found.metres[i][j].unwrap();
        assert!((metres(0, 1) - 980.0).abs() < 25.0, "{}", metres(0, 1));
        assert!((metres(0, 1) - metres(1, 0)).abs() < 1e-6);
        assert!((metres(0, 2) - 245.0).abs() < 10.0, "{}", metres(0, 2));
        assert!(metres(1, 1).abs() < 1e-6);
    }

    #[test]
    fn a_gate_far_from_every_road_is_named_and_has_no_way() {
        let found = ways(&ring(), &[at(0.5, 0.0), at(5.0, 5.0)], 200.0, 10_000.0);
        assert_eq!(found.off, [1]);
        assert_eq!(found.metres[0][1], None);
        let near = ways(&ring(), &[at(0.5, 0.0), at(1.5, 0.0)], 200.0, 500.0);
        assert_eq!(near.metres[0][1], None, "farther than asked for");
        assert!(ways(&ring(), &[], 200.0, 500.0).metres.is_empty());
        assert_eq!(
            ways(&Network::default(), &[at(0.0, 0.0)], 9.0, 9.0).off,
            [0]
        );
    }
}
