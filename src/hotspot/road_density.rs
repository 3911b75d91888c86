//! Along which roads of the city are tickets dense: snapped tickets, density per kilometre, and the pieces to draw.

use std::collections::BTreeMap;

use crate::hotspot::method::MethodError;
use crate::hotspot::table::{Input, Table};
use crate::spatial::edge_graph::{Edge, EdgeGraph, EdgePoints, OnEdge};
use crate::spatial::network::Network;
use crate::spatial::network_kde::{Split, lixels, network_kde};
use crate::spatial::snap::LineIndex;
use crate::spatial::{LocalPlane, LonLat, Xy};
use crate::stats::number::id32;

/// A ticket further from every road than this is not on the network, in metres.
pub const SNAP_M: f64 = 40.0;

/// The roads of a city as a graph with its lines.
#[derive(Debug)]
pub struct Roads {
    graph: EdgeGraph,
    lines: Vec<Vec<Xy>>,
    index: LineIndex,
    plane: LocalPlane,
}

/// A piece of road with its density.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Where, WGS-84.
    pub line: Vec<LonLat>,
    /// Class from 0 (quiet) to 4 (densest).
    pub class: u8,
    /// Largest density on it, tickets per kilometre.
    pub density: f64,
}

/// Density along the roads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoadLens {
    /// Pieces of equal class along one edge, quiet ones left out.
    pub pieces: Vec<Piece>,
    /// Lower bounds of classes 1 to 4, tickets per kilometre.
    pub bounds: Vec<f64>,
    /// Tickets on the roads.
    pub tickets: usize,
    /// Tickets further than [`SNAP_M`] from any road.
    pub off_road: usize,
    /// Kilometres of road.
    pub km: f64,
}

/// Most pieces of road that are weighed.
const MOST_PIECES: f64 = 5e6;

impl Roads {
    /// The roads of a network; `None` when there is none.
    #[must_use]
    pub fn new(network: &Network) -> Option<Self> {
        let origin = network.edges().first()?.points.first().copied()?;
        let plane = LocalPlane::new(origin);
        let lines: Vec<Vec<Xy>> = network
            .edges()
            .iter()
            .map(|e| e.points.iter().map(|p| plane.to_xy(*p)).collect())
            .collect();
        let edges = network
            .edges()
            .iter()
            .zip(&lines)
            .map(|(e, line)| Edge {
                from: id32(e.from),
                to: id32(e.to),
                length: line.windows(2).map(|w| w[0].distance_m(w[1])).sum(),
            })
            .collect();
        let graph = EdgeGraph::new(network.nodes().len(), edges).ok()?;
        Some(Self {
            index: LineIndex::new(lines.iter().map(Vec::as_slice)),
            graph,
            lines,
            plane,
        })
    }

    /// The graph, for methods that measure along roads.
    #[must_use]
    pub const fn graph(&self) -> &EdgeGraph {
        &self.graph
    }

    /// Where on the roads a place is, `None` further than [`SNAP_M`] away.
    #[must_use]
    pub fn snap(&self, place: LonLat) -> Option<OnEdge> {
        let snap = self.index.nearest(self.plane.to_xy(place))?;
        (snap.distance_m <= SNAP_M).then(|| OnEdge {
            edge: id32(snap.line),
            along: snap.chainage_m,
        })
    }

    /// The network and the places on it as the tables `nodes`, `edges` and `events` of the methods along roads.
    #[must_use]
    pub fn tables(&self, places: &[LonLat]) -> Input {
        let numbers = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        let nodes = self.graph.edges().iter().map(|e| e.from.max(e.to)).max();
        let nodes = nodes.map_or(0, |n| n as usize + 1);
        let mut at = vec![(0.0, 0.0); nodes];
        for (edge, line) in self.graph.edges().iter().zip(&self.lines) {
            if let (Some(a), Some(b)) = (line.first(), line.last()) {
                at[edge.from as usize] = (a.x, a.y);
                at[edge.to as usize] = (b.x, b.y);
            }
        }
        let text = |values: Vec<f64>| values.iter().map(|v| format!("{v:.3}")).collect::<Vec<_>>();
        let edges = self.graph.edges();
        let on: Vec<OnEdge> = places.iter().filter_map(|p| self.snap(*p)).collect();
        let part = |p: &OnEdge| {
            let length = edges[p.edge as usize].length;
            if length > 0.0 {
                (p.along / length).clamp(0.0, 1.0)
            } else {
                0.0
            }
        };
        let mut input = Input::of(Table::from_columns(
            "nodes",
            &[
                ("id", numbers(nodes)),
                ("x", text(at.iter().map(|p| p.0).collect())),
                ("y", text(at.iter().map(|p| p.1).collect())),
            ],
        ));
        let more = [
            Table::from_columns(
                "edges",
                &[
                    ("id", numbers(edges.len())),
                    ("from", edges.iter().map(|e| e.from.to_string()).collect()),
                    ("to", edges.iter().map(|e| e.to.to_string()).collect()),
                    ("length", text(edges.iter().map(|e| e.length).collect())),
                ],
            ),
            Table::from_columns(
                "events",
                &[
                    ("edge", on.iter().map(|p| p.edge.to_string()).collect()),
                    (
                        "fraction",
                        on.iter().map(|p| format!("{:.6}", part(p))).collect(),
                    ),
                ],
            ),
        ];
        for (name, table) in ["edges", "events"].into_iter().zip(more) {
            input.tables.insert(name.to_owned(), table);
        }
        input
    }

    /// Length of the piece of road with the most places on it, and where along it they are; `None` when none is on a road.
    #[must_use]
    pub fn busiest(&self, places: &[LonLat]) -> Option<(f64, Vec<f64>)> {
        let mut along: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
        for on in places.iter().filter_map(|p| self.snap(*p)) {
            along.entry(on.edge).or_default().push(on.along);
        }
        let most = along
            .into_iter()
            .max_by_key(|(edge, list)| (list.len(), std::cmp::Reverse(*edge)));
        most.map(|(edge, list)| (self.graph.edges()[edge as usize].length, list))
    }

    /// Density of places along all roads by equal split. Cost: a million branches of 150 m per second.
    pub fn density(
        &self,
        places: &[LonLat],
        (h, split, piece_m): (f64, Split, f64),
    ) -> Result<RoadLens, MethodError> {
        let length: f64 = self.graph.edges().iter().map(|e| e.length).sum();
        if length / piece_m + self.lines.len() as f64 > MOST_PIECES {
            return Err(MethodError::Invalid {
                what: format!("{:.0} km of road in pieces of {piece_m} m", length / 1000.0),
                cure: "choose longer pieces",
            });
        }
        let on: Vec<(OnEdge, f64)> = merged(places.iter().filter_map(|p| self.snap(*p)).collect());
        let tickets = on.iter().map(|e| e.1).sum::<f64>();
        let at = EdgePoints::new(&self.graph, lixels(&self.graph, piece_m));
        let found = network_kde(&self.graph, &on, &at, (h, split));
        let per_km: Vec<f64> = found.iter().map(|d| d * 1000.0).collect();
        let bounds = bounds(&per_km);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of tickets"
        )]
        let tickets = tickets.round() as usize;
        Ok(RoadLens {
            pieces: self.pieces(&at.points, &per_km, &bounds, piece_m),
            bounds,
            tickets,
            off_road: places.len() - tickets,
            km: length / 1000.0,
        })
    }

    /// Neighbouring pieces of one class on one edge become one line.
    fn pieces(&self, at: &[OnEdge], density: &[f64], bounds: &[f64], piece_m: f64) -> Vec<Piece> {
        let mut out: Vec<Piece> = Vec::new();
        let mut open: Option<(u32, f64, f64, u8, f64)> = None;
        let mut close = |run: Option<(u32, f64, f64, u8, f64)>| {
            if let Some((edge, from, to, class, density)) = run.filter(|r| r.3 > 0) {
                let line = self.part(edge, from, to);
                if line.len() > 1 {
                    out.push(Piece {
                        line,
                        class,
                        density,
                    });
                }
            }
        };
        for (p, &d) in at.iter().zip(density) {
            let length = self.graph.edges()[p.edge as usize].length;
            let half = length / (length / piece_m).ceil().max(1.0) / 2.0;
            let class = class_of(d, bounds);
            match &mut open {
                Some((edge, _, to, c, most)) if *edge == p.edge && *c == class => {
                    *to = p.along + half;
                    *most = most.max(d);
                }
                run => {
                    close(run.take());
                    *run = Some((p.edge, p.along - half, p.along + half, class, d));
                }
            }
        }
        close(open);
        out
    }

    /// The line of an edge between two chainages.
    fn part(&self, edge: u32, from: f64, to: f64) -> Vec<LonLat> {
        let line = &self.lines[edge as usize];
        let mut out: Vec<Xy> = Vec::new();
        let mut before = 0.0;
        for pair in line.windows(2) {
            let length = pair[0].distance_m(pair[1]);
            let (a, b) = ((from - before).max(0.0), (to - before).min(length));
            if a < b && length > 0.0 {
                let at = |d: f64| Xy {
                    x: pair[0].x + (pair[1].x - pair[0].x) * d / length,
                    y: pair[0].y + (pair[1].y - pair[0].y) * d / length,
                };
                if out.is_empty() {
                    out.push(at(a));
                }
                out.push(at(b));
            }
            before += length;
        }
        out.into_iter().map(|p| self.plane.to_lonlat(p)).collect()
    }
}

/// Events at one spot spread once with their number.
fn merged(mut on: Vec<OnEdge>) -> Vec<(OnEdge, f64)> {
    on.sort_by(|a, b| a.edge.cmp(&b.edge).then(a.along.total_cmp(&b.along)));
    on.chunk_by(|a, b| a.edge == b.edge && (a.along - b.along).abs() < 0.5)
        .map(|run| (run[0], run.len() as f64))
        .collect()
}

fn class_of(density: f64, bounds: &[f64]) -> u8 {
    let reached = bounds.iter().filter(|b| density >= **b && density > 0.0);
    u8::try_from(reached.count()).unwrap_or(4)
}

/// Lower bounds of four classes above quiet: the 50, 80, 95 and 99 % points of the densities above 0.
fn bounds(density: &[f64]) -> Vec<f64> {
    let mut above: Vec<f64> = density.iter().copied().filter(|d| *d > 1e-9).collect();
    above.sort_unstable_by(f64::total_cmp);
    let n = above.len();
    [50, 80, 95, 99]
        .iter()
        .filter_map(|share| {
            above
                .get((n * share / 100).min(n.saturating_sub(1)))
                .copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Roads;
    use crate::spatial::LonLat;
    use crate::spatial::network::{Link, Network};
    use crate::spatial::network_kde::Split;

    #[test]
    fn tickets_by_the_road_colour_the_road_near_them_only() {
        let points: Vec<LonLat> = (0..40)
            .map(|i| LonLat::new(116.0 + 0.001 * f64::from(i), 36.4))
            .collect();
        let network = Network::split(&[Link {
            points: &points,
            oneway: 0,
        }]);
        let roads = Roads::new(&network).unwrap();
        let mut places = vec![LonLat::new(116.01, 36.4001); 12];
        places.push(LonLat::new(116.01, 36.41));
        let found = roads
            .density(&places, (150.0, Split::Discontinuous, 20.0))
            .unwrap();
        assert_eq!((found.tickets, found.off_road), (12, 1));
        let reach = |p: &LonLat| p.distance_m(LonLat::new(116.01, 36.4));
        assert!(
            found
                .pieces
                .iter()
                .flat_map(|p| &p.line)
                .all(|p| reach(p) < 175.0)
        );
        let most = found.pieces.iter().map(|p| p.density).fold(0.0, f64::max);
        assert!(
            (most - 12.0 * 15.0 / 16.0 / 150.0 * 1000.0).abs() < 2.0,
            "{most}"
        );
        assert!(Roads::new(&Network::default()).is_none());
    }
}
