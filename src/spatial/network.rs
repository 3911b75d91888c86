//! How far is it along the roads, and what hangs together?
//!
//! Lines are split at every vertex they share; vertices are equal when they agree to 1e-7 degree (1 cm), as in OSM, so a bridge
//! over a road without a shared vertex is no crossing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::spatial::crs::LonLat;

/// A line to be split.
#[derive(Clone, Debug)]
pub struct Link<'a> {
    /// WGS-84 vertices.
    pub points: &'a [LonLat],
    /// 1 along the line, -1 against it, 0 both ways.
    pub oneway: i8,
}

/// A node: an end of a line or a vertex that lines share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// Where.
    pub point: LonLat,
    /// How many edge ends meet here; a loop counts twice.
    pub degree: u32,
}

/// A piece of a line between two nodes, without a node between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Node at its first vertex.
    pub from: usize,
    /// Node at its last vertex.
    pub to: usize,
    /// Number of the line it comes from.
    pub line: usize,
    /// WGS-84 vertices, ends included.
    pub points: Vec<LonLat>,
    /// Great-circle metres along it.
    pub length_m: f64,
    /// 1 along, -1 against, 0 both.
    pub oneway: i8,
}

/// Who travels: cars keep to one-way rules, feet do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Travel {
    /// One-way edges are used only in their direction.
    Directed,
    /// Every edge is used both ways.
    Undirected,
}

/// A shortest way.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Edges in order with the direction travelled (`true` = as drawn).
    pub edges: Vec<(usize, bool)>,
    /// Metres.
    pub length_m: f64,
}

/// A routable network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    /// Edges that leave or enter each node: (edge, other end, as drawn).
    around: Vec<Vec<(usize, usize, bool)>>,
}

/// Vertex on the grid of 1e-7 degree.
type Key = (i64, i64);

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees times 1e7 are far inside i64"
)]
fn key(p: LonLat) -> Key {
    ((p.lon * 1e7).round() as i64, (p.lat * 1e7).round() as i64)
}

impl Network {
    /// Splits lines at shared vertices. Repeated vertices are dropped, lines of one point are left out. Nodes and edges are
    /// numbered in the order of the lines. Cost O(n log n), about 1 s per million vertices.
    #[must_use]
    pub fn split(lines: &[Link<'_>]) -> Self {
        let runs: Vec<Vec<LonLat>> = lines.iter().map(|l| without_repeats(l.points)).collect();
        let mut uses: BTreeMap<Key, u32> = BTreeMap::new();
        for run in runs.iter().filter(|run| run.len() > 1) {
            for p in run {
                *uses.entry(key(*p)).or_default() += 1;
            }
            // An end is always a node.
            for end in [run.first(), run.last()].into_iter().flatten() {
                *uses.entry(key(*end)).or_default() += 1;
            }
        }
        let mut network = Self::default();
        let mut numbers: BTreeMap<Key, usize> = BTreeMap::new();
        for (number, (run, line)) in runs.iter().zip(lines).enumerate() {
            let mut piece: Vec<LonLat> = Vec::new();
            for p in run.iter().copied().filter(|_| run.len() > 1) {
                piece.push(p);
                if piece.len() > 1 && uses.get(&key(p)).is_some_and(|n| *n > 1) {
                    network.push(&mut numbers, (number, line.oneway), piece);
                    piece = vec![p];
                }
            }
        }
        network.around = vec![Vec::new(); network.nodes.len()];
        for (number, edge) in network.edges.iter().enumerate() {
            network.around[edge.from].push((number, edge.to, true));
            network.around[edge.to].push((number, edge.from, false));
        }
        network
    }

    fn push(&mut self, numbers: &mut BTreeMap<Key, usize>, of: (usize, i8), points: Vec<LonLat>) {
        let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
            return;
        };
        let from = self.node(numbers, first);
        let to = self.node(numbers, last);
        let length_m = points.windows(2).map(|p| p[0].distance_m(p[1])).sum();
        self.edges.push(Edge {
            from,
            to,
            line: of.0,
            points,
            length_m,
            oneway: of.1,
        });
    }

    fn node(&mut self, numbers: &mut BTreeMap<Key, usize>, point: LonLat) -> usize {
        let number = *numbers.entry(key(point)).or_insert_with(|| {
            self.nodes.push(Node { point, degree: 0 });
            self.nodes.len() - 1
        });
        self.nodes[number].degree += 1;
        number
    }

    /// Nodes, numbered from 0.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Edges, numbered from 0.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// For every node the number of its piece; two nodes of one piece can reach each other on foot. Pieces are numbered by
    /// size, largest 0, ties by their first node.
    #[must_use]
    pub fn pieces(&self) -> Vec<usize> {
        let mut piece = vec![usize::MAX; self.nodes.len()];
        let mut sizes = Vec::new();
        for start in 0..self.nodes.len() {
            if piece[start] != usize::MAX {
                continue;
            }
            let number = sizes.len();
            let mut open = vec![start];
            piece[start] = number;
            let mut size = 0_usize;
            while let Some(node) = open.pop() {
                size += 1;
                for (_, other, _) in &self.around[node] {
                    if piece[*other] == usize::MAX {
                        piece[*other] = number;
                        open.push(*other);
                    }
                }
            }
            sizes.push(size);
        }
        by_size(piece, &sizes)
    }

    /// For every node the number of its strong component: within one, cars can drive from anywhere to anywhere and back.
    /// Numbered by size as [`Network::pieces`]. Kosaraju's two passes, O(nodes + edges), without recursion.
    #[must_use]
    pub fn strong(&self) -> Vec<usize> {
        let mut order = Vec::with_capacity(self.nodes.len());
        let mut seen = vec![false; self.nodes.len()];
        for start in 0..self.nodes.len() {
            if seen[start] {
                continue;
            }
            seen[start] = true;
            let mut stack = vec![(start, 0_usize)];
            while let Some((node, next)) = stack.pop() {
                if let Some((edge, other, drawn)) = self.around[node].get(next).copied() {
                    stack.push((node, next + 1));
                    if self.may(edge, drawn, Travel::Directed) && !seen[other] {
                        seen[other] = true;
                        stack.push((other, 0));
                    }
                } else {
                    order.push(node);
                }
            }
        }
        let mut piece = vec![usize::MAX; self.nodes.len()];
        let mut sizes = Vec::new();
        for start in order.into_iter().rev() {
            if piece[start] != usize::MAX {
                continue;
            }
            let number = sizes.len();
            let mut open = vec![start];
            piece[start] = number;
            let mut size = 0_usize;
            while let Some(node) = open.pop() {
                size += 1;
                for (edge, other, drawn) in self.around[node].iter().copied() {
                    // Against the direction of travel: who can come here from there.
                    if self.may(edge, !drawn, Travel::Directed) && piece[other] == usize::MAX {
                        piece[other] = number;
                        open.push(other);
                    }
                }
            }
            sizes.push(size);
        }
        by_size(piece, &sizes)
    }

    fn may(&self, edge: usize, drawn: bool, travel: Travel) -> bool {
        travel == Travel::Undirected
            || match self.edges[edge].oneway {
                0 => true,
                1 => drawn,
                _ => !drawn,
            }
    }

    /// The shortest way between two nodes (A* with the straight line as bound), `None` if there is none or a number is not a
    /// node. Of equal ways the one found by smaller node numbers is taken. Cost O(edges · log nodes) at worst.
    #[must_use]
    pub fn route(&self, from: usize, to: usize, travel: Travel) -> Option<Path> {
        let goal = self.nodes.get(to)?.point;
        self.nodes.get(from)?;
        let mut best: Vec<f64> = vec![f64::INFINITY; self.nodes.len()];
        let mut came: Vec<Option<(usize, bool, usize)>> = vec![None; self.nodes.len()];
        let mut heap = BinaryHeap::new();
        best[from] = 0.0;
        heap.push((Reverse(Metres(0.0)), Reverse(from)));
        let mut done = vec![false; self.nodes.len()];
        while let Some((_, Reverse(node))) = heap.pop() {
            if node == to {
                return Some(self.trace(&came, from, to));
            }
            if std::mem::replace(&mut done[node], true) {
                continue;
            }
            for (edge, other, drawn) in self.around[node].iter().copied() {
                let far = best[node] + self.edges[edge].length_m;
                if self.may(edge, drawn, travel) && far < best[other] {
                    best[other] = far;
                    came[other] = Some((edge, drawn, node));
                    // A hair below the straight line, so that rounding cannot make the bound too large.
                    let bound = self.nodes[other].point.distance_m(goal) * 0.999_999;
                    heap.push((Reverse(Metres(far + bound)), Reverse(other)));
                }
            }
        }
        None
    }

    fn trace(&self, came: &[Option<(usize, bool, usize)>], from: usize, to: usize) -> Path {
        let mut edges = Vec::new();
        let mut at = to;
        while at != from
            && let Some((edge, drawn, before)) = came[at]
        {
            edges.push((edge, drawn));
            at = before;
        }
        edges.reverse();
        let length_m = edges.iter().map(|(e, _)| self.edges[*e].length_m).sum();
        Path { edges, length_m }
    }

    /// All nodes within `limit_m` of a node along the network with their distance, nearest first, ties by number (Dijkstra).
    #[must_use]
    pub fn reach(&self, from: usize, limit_m: f64, travel: Travel) -> Vec<(usize, f64)> {
        if from >= self.nodes.len() {
            return Vec::new();
        }
        let mut best: BTreeMap<usize, f64> = BTreeMap::from([(from, 0.0)]);
        let mut done: Vec<(usize, f64)> = Vec::new();
        let mut settled = vec![false; self.nodes.len()];
        let mut heap = BinaryHeap::from([(Reverse(Metres(0.0)), Reverse(from))]);
        while let Some((Reverse(Metres(far)), Reverse(node))) = heap.pop() {
            if std::mem::replace(&mut settled[node], true) {
                continue;
            }
            done.push((node, far));
            for (edge, other, drawn) in self.around[node].iter().copied() {
                let next = far + self.edges[edge].length_m;
                let nearer = best.get(&other).is_none_or(|known| next < *known);
                if next <= limit_m && nearer && self.may(edge, drawn, travel) {
                    best.insert(other, next);
                    heap.push((Reverse(Metres(next)), Reverse(other)));
                }
            }
        }
        done
    }
}

/// Metres with a total order; never NaN, as lengths come from finite degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Metres(f64);

impl Eq for Metres {}

impl PartialOrd for Metres {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metres {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

fn without_repeats(points: &[LonLat]) -> Vec<LonLat> {
    let mut out: Vec<LonLat> = points.to_vec();
    out.dedup_by_key(|p| key(*p));
    out
}

/// Renumbers pieces by size, largest first, ties by the number they had.
fn by_size(piece: Vec<usize>, sizes: &[usize]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by_key(|n| (Reverse(sizes[*n]), *n));
    let mut rank = vec![0; sizes.len()];
    for (place, number) in order.into_iter().enumerate() {
        rank[number] = place;
    }
    piece.into_iter().map(|n| rank[n]).collect()
}
