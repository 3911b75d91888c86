//! How far is it along plain edges between points that lie on them?
//!
//! A graph of nodes and edges with lengths, nothing more: no turn rules, no names. Distances from a point go along its
//! edge to both ends and on by bounded Dijkstra.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::stats::number::id32;

/// An edge between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// First node.
    pub from: u32,
    /// Second node.
    pub to: u32,
    /// Length, not negative.
    pub length: f64,
}

/// A point on an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnEdge {
    /// Which edge.
    pub edge: u32,
    /// Distance from the edge's first node.
    pub along: f64,
}

/// Nodes and edges.
#[derive(Clone, Debug, Default)]
pub struct EdgeGraph {
    edges: Vec<Edge>,
    start: Vec<u32>,
    incident: Vec<u32>,
}

impl EdgeGraph {
    /// A graph of `nodes` nodes; edges that name a later node are refused with their place.
    pub fn new(nodes: usize, edges: Vec<Edge>) -> Result<Self, usize> {
        let bad = edges.iter().position(|e| {
            e.from as usize >= nodes
                || e.to as usize >= nodes
                || e.length.is_nan()
                || e.length < 0.0
        });
        if let Some(bad) = bad {
            return Err(bad);
        }
        let mut start = vec![0_u32; nodes + 1];
        for e in &edges {
            start[e.from as usize + 1] += 1;
            start[e.to as usize + 1] += 1;
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        let mut next = start.clone();
        let mut incident = vec![0; edges.len() * 2];
        for (i, e) in edges.iter().enumerate() {
            for node in [e.from, e.to] {
                incident[next[node as usize] as usize] = id32(i);
                next[node as usize] += 1;
            }
        }
        Ok(Self {
            edges,
            start,
            incident,
        })
    }

    /// All edges.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Edges at a node; an edge from a node to itself is listed twice.
    #[must_use]
    pub fn at(&self, node: u32) -> &[u32] {
        &self.incident[self.start[node as usize] as usize..self.start[node as usize + 1] as usize]
    }

    /// Nodes within `reach` of a point with their distance, near ones first.
    #[must_use]
    pub fn nodes_within(&self, from: OnEdge, reach: f64, work: &mut Work) -> Vec<(u32, f64)> {
        let edge = self.edges[from.edge as usize];
        work.begin(self.start.len());
        work.push(edge.from, from.along, reach);
        work.push(edge.to, edge.length - from.along, reach);
        let mut out = Vec::new();
        while let Some(Reverse(Entry { distance, node })) = work.heap.pop() {
            if work.best[node as usize] < distance {
                continue;
            }
            out.push((node, distance));
            for &e in self.at(node) {
                let edge = self.edges[e as usize];
                let other = if edge.from == node {
                    edge.to
                } else {
                    edge.from
                };
                work.push(other, distance + edge.length, reach);
            }
        }
        out
    }
}

/// Room for searches, kept between them.
#[derive(Debug, Default)]
pub struct Work {
    best: Vec<f64>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<Entry>>,
}

impl Work {
    fn begin(&mut self, nodes: usize) {
        self.best.resize(nodes, f64::INFINITY);
        for node in self.touched.drain(..) {
            self.best[node as usize] = f64::INFINITY;
        }
        self.heap.clear();
    }

    fn push(&mut self, node: u32, distance: f64, reach: f64) {
        if distance <= reach && distance < self.best[node as usize] {
            self.best[node as usize] = distance;
            self.touched.push(node);
            self.heap.push(Reverse(Entry { distance, node }));
        }
    }
}

#[derive(Debug)]
struct Entry {
    distance: f64,
    node: u32,
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance
            .total_cmp(&other.distance)
            .then(self.node.cmp(&other.node))
    }
}

/// Points on a graph, by edge.
#[derive(Clone, Debug)]
pub struct EdgePoints {
    /// The points in the order given.
    pub points: Vec<OnEdge>,
    start: Vec<u32>,
    by_edge: Vec<u32>,
}

impl EdgePoints {
    /// Files points under their edges.
    #[must_use]
    pub fn new(graph: &EdgeGraph, points: Vec<OnEdge>) -> Self {
        let mut start = vec![0_u32; graph.edges.len() + 1];
        for p in &points {
            start[p.edge as usize + 1] += 1;
        }
        for i in 1..start.len() {
            start[i] += start[i - 1];
        }
        let mut next = start.clone();
        let mut by_edge = vec![0; points.len()];
        for (i, p) in points.iter().enumerate() {
            by_edge[next[p.edge as usize] as usize] = id32(i);
            next[p.edge as usize] += 1;
        }
        Self {
            points,
            start,
            by_edge,
        }
    }

    /// Points on an edge.
    #[must_use]
    pub fn on(&self, edge: u32) -> &[u32] {
        &self.by_edge[self.start[edge as usize] as usize..self.start[edge as usize + 1] as usize]
    }

    /// All points within `reach` of a place along the graph, with their distance, ascending by point.
    #[must_use]
    pub fn within(
        &self,
        graph: &EdgeGraph,
        from: OnEdge,
        reach: f64,
        work: &mut Work,
    ) -> Vec<(u32, f64)> {
        let mut found: Vec<(u32, f64)> = Vec::new();
        for &j in self.on(from.edge) {
            let d = (self.points[j as usize].along - from.along).abs();
            if d <= reach {
                found.push((j, d));
            }
        }
        for (node, distance) in graph.nodes_within(from, reach, work) {
            for &e in graph.at(node) {
                let edge = graph.edges[e as usize];
                for &j in self.on(e) {
                    let along = self.points[j as usize].along;
                    let rest = match (edge.from == node, edge.to == node) {
                        (true, true) => along.min(edge.length - along),
                        (true, false) => along,
                        _ => edge.length - along,
                    };
                    if distance + rest <= reach {
                        found.push((j, distance + rest));
                    }
                }
            }
        }
        found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        found.dedup_by_key(|f| f.0);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Edge, EdgeGraph, EdgePoints, OnEdge, Work};

    #[test]
    fn distance_goes_the_shorter_way_round() {
        let edge = |from, to, length| Edge { from, to, length };
        let graph =
            EdgeGraph::new(3, vec![edge(0, 1, 10.0), edge(1, 2, 4.0), edge(2, 0, 3.0)]).unwrap();
        let at = |edge, along| OnEdge { edge, along };
        let points = EdgePoints::new(&graph, vec![at(0, 1.0), at(0, 9.0), at(1, 1.0)]);
        let near = points.within(&graph, at(0, 1.0), 100.0, &mut Work::default());
        // From chainage 1 to 9: straight 8, around 1 + 3 + 4 + 1 = 9.
        assert_eq!(near, [(0, 0.0), (1, 8.0), (2, 7.0)]);
        assert_eq!(EdgeGraph::new(1, vec![edge(0, 5, 1.0)]).unwrap_err(), 0);
    }
}
