//! Which part of a map can be driven, and does it hang together?

use geo::CoordsIter;

use crate::place::highway::{RoadClass, oneway};
use crate::place::source::CityMap;
use crate::spatial::LonLat;
use crate::spatial::network::{Link, Network};

/// The drivable roads of a map as a network; `Edge::line` counts within `roads`.
#[derive(Clone, Debug)]
pub struct RoadNetwork {
    /// The split network.
    pub network: Network,
    /// For each line of the network the number of its road in `CityMap::roads`.
    pub roads: Vec<usize>,
}

/// Splits the drivable roads of a map at their shared vertices. Cost: about 1 s per million vertices.
#[must_use]
pub fn of_map(map: &CityMap) -> RoadNetwork {
    let mut roads = Vec::new();
    let mut lines: Vec<(Vec<LonLat>, i8)> = Vec::new();
    for (number, road) in map.roads.iter().enumerate() {
        let class = RoadClass::of(road.tag("highway").unwrap_or_default());
        if class.drivable() {
            let points = road.geometry.coords_iter();
            lines.push((
                points.map(|c| LonLat::new(c.x, c.y)).collect(),
                oneway(road),
            ));
            roads.push(number);
        }
    }
    let links: Vec<Link<'_>> = lines
        .iter()
        .map(|(points, oneway)| Link {
            points,
            oneway: *oneway,
        })
        .collect();
    RoadNetwork {
        network: Network::split(&links),
        roads,
    }
}

/// Figures of a network for an import report.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct NetworkFigures {
    /// Ends of roads and shared vertices.
    pub nodes: usize,
    /// Pieces of road between nodes.
    pub edges: usize,
    /// Parts that cannot reach each other even on foot.
    pub pieces: usize,
    /// Share of the nodes in the largest part, 0 to 1.
    pub largest: f64,
    /// Kilometres.
    pub km: f64,
}

impl RoadNetwork {
    /// Its figures; all zero without roads.
    #[must_use]
    pub fn figures(&self) -> NetworkFigures {
        let pieces = self.network.pieces();
        let nodes = pieces.len();
        let largest = pieces.iter().filter(|p| **p == 0).count();
        NetworkFigures {
            nodes,
            edges: self.network.edges().len(),
            pieces: pieces.iter().max().map_or(0, |last| last + 1),
            largest: if nodes == 0 {
                0.0
            } else {
                largest as f64 / nodes as f64
            },
            km: self.network.edges().iter().map(|e| e.length_m).sum::<f64>() / 1000.0,
        }
    }
}
