//! How dense are events along roads, in events per unit of length?
//!
//! Quartic kernel along the network, three ways to treat crossings (Okabe, Satoh, Sugihara 2009; Gelb 2021): by shortest
//! path without division, with equal split discontinuous (mass ends at dead ends), with equal split continuous (mass is
//! reflected).

use crate::spatial::edge_graph::{EdgeGraph, EdgePoints, OnEdge, Work};

/// What happens to mass at a crossing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// Kernel of the shortest path, no division: over-counts at crossings.
    Simple,
    /// Every other branch gets `1 / (degree - 1)`; ends at a dead end.
    Discontinuous,
    /// Every other branch gets `2 / degree`, the arriving one `2 / degree - 1`; reflected at a dead end.
    Continuous,
}

/// One-dimensional quartic kernel `15 / (16 h) (1 - (d/h)²)²`.
#[must_use]
pub fn quartic(d: f64, h: f64) -> f64 {
    let q = d / h;
    if q >= 1.0 {
        0.0
    } else {
        15.0 / (16.0 * h) * (1.0 - q * q).powi(2)
    }
}

/// Density at points of a graph from weighted events on it. O(events × branches within h).
#[must_use]
pub fn network_kde(
    graph: &EdgeGraph,
    events: &[(OnEdge, f64)],
    at: &EdgePoints,
    ask: (f64, Split),
) -> Vec<f64> {
    let (h, split) = ask;
    let mut out = vec![0.0; at.points.len()];
    let mut work = Work::default();
    for &(from, weight) in events {
        if split == Split::Simple {
            for (j, d) in at.within(graph, from, h, &mut work) {
                out[j as usize] += weight * quartic(d, h);
            }
        } else {
            spread(graph, (from, weight), at, (h, split, &mut out));
        }
    }
    out
}

/// A front of mass that enters an edge at one of its nodes.
struct Front {
    edge: u32,
    /// Whether it runs from the edge's first node.
    forward: bool,
    /// Distance from the event when it enters.
    distance: f64,
    /// Part of the event's mass it carries.
    factor: f64,
}

/// Parts of an event below this share of its mass are dropped: a millionth of a millionth cannot show.
const LEAST_FACTOR: f64 = 1e-12;

fn spread(graph: &EdgeGraph, event: (OnEdge, f64), at: &EdgePoints, ask: (f64, Split, &mut [f64])) {
    let ((from, weight), (h, split, out)) = (event, ask);
    let own = graph.edges()[from.edge as usize];
    for &j in at.on(from.edge) {
        let d = (at.points[j as usize].along - from.along).abs();
        out[j as usize] += weight * quartic(d, h);
    }
    let mut fronts = Vec::new();
    leave(
        graph,
        (from.edge, own.from),
        (from.along, 1.0),
        (h, split, &mut fronts),
    );
    leave(
        graph,
        (from.edge, own.to),
        (own.length - from.along, 1.0),
        (h, split, &mut fronts),
    );
    while let Some(front) = fronts.pop() {
        let edge = graph.edges()[front.edge as usize];
        for &j in at.on(front.edge) {
            let along = at.points[j as usize].along;
            let run = if front.forward {
                along
            } else {
                edge.length - along
            };
            out[j as usize] += weight * front.factor * quartic(front.distance + run, h);
        }
        let end = if front.forward { edge.to } else { edge.from };
        let reached = (front.distance + edge.length, front.factor);
        leave(graph, (front.edge, end), reached, (h, split, &mut fronts));
    }
}

/// Mass that arrives at a node by an edge goes on into the node's branches.
fn leave(
    graph: &EdgeGraph,
    arrival: (u32, u32),
    mass: (f64, f64),
    ask: (f64, Split, &mut Vec<Front>),
) {
    let ((edge, node), (distance, factor), (h, split, fronts)) = (arrival, mass, ask);
    if distance >= h || factor.abs() < LEAST_FACTOR {
        return;
    }
    let branches = graph.at(node);
    let degree = branches.len() as f64;
    let (others, back) = match split {
        Split::Continuous => (2.0 / degree, 2.0 / degree - 1.0),
        _ => (1.0 / (degree - 1.0).max(1.0), 0.0),
    };
    let mut arrived = false;
    for &branch in branches {
        // The arriving branch is met once; a loop's other end is a branch of its own.
        let returns = branch == edge && !arrived;
        arrived |= returns;
        let part = if returns { back } else { others };
        if part.abs() > 0.0 {
            let forward = graph.edges()[branch as usize].from == node;
            fronts.push(Front {
                edge: branch,
                forward,
                distance,
                factor: factor * part,
            });
        }
    }
}

/// Middles of pieces of at most `length` along every edge, in the order of the edges.
#[must_use]
pub fn lixels(graph: &EdgeGraph, length: f64) -> Vec<OnEdge> {
    let mut out = Vec::new();
    for (edge, e) in (0_u32..).zip(graph.edges()) {
        let pieces = (e.length / length).ceil().max(1.0);
        let piece = e.length / pieces;
        let mut i = 0.0;
        while i < pieces {
            out.push(OnEdge {
                edge,
                along: (i + 0.5) * piece,
            });
            i += 1.0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Split, lixels, network_kde};
    use crate::spatial::edge_graph::{Edge, EdgeGraph, EdgePoints, OnEdge};

    fn mass(split: Split) -> f64 {
        let edge = |from, to, length| Edge { from, to, length };
        let graph = EdgeGraph::new(
            4,
            vec![edge(0, 1, 100.0), edge(1, 2, 80.0), edge(3, 1, 60.0)],
        )
        .unwrap();
        let at = EdgePoints::new(&graph, lixels(&graph, 0.5));
        let event = OnEdge {
            edge: 0,
            along: 70.0,
        };
        let found = network_kde(&graph, &[(event, 1.0)], &at, (50.0, split));
        let width = |p: &OnEdge| {
            let length = graph.edges()[p.edge as usize].length;
            length / (length / 0.5).ceil()
        };
        found
            .iter()
            .zip(&at.points)
            .map(|(f, p)| f * width(p))
            .sum()
    }

    #[test]
    fn equal_split_keeps_the_mass_of_an_event() {
        assert!((mass(Split::Discontinuous) - 1.0).abs() < 1e-4);
        assert!((mass(Split::Continuous) - 1.0).abs() < 1e-4);
        assert!(
            mass(Split::Simple) > 1.01,
            "the simple kernel counts a crossing twice"
        );
    }
}
