//! How do tables become a graph of edges and points on them?

use std::collections::BTreeMap;

use crate::hotspot::method::MethodError;
use crate::hotspot::table::{Input, Table, TableSpec};
use crate::spatial::edge_graph::{Edge, EdgeGraph, OnEdge};

static NODES: TableSpec = TableSpec {
    names: &["nodes"],
    columns: "",
};
static EDGES: TableSpec = TableSpec {
    names: &["edges"],
    columns: "",
};

fn by_name(table: &Table) -> Result<BTreeMap<String, u32>, MethodError> {
    let ids = table.texts("id")?.into_iter().map(str::to_owned);
    Ok(ids.zip(0..).collect())
}

/// The graph of the tables `nodes` (`id`, `x`, `y`) and `edges` (`id`, `from`, `to`, optional `length`; straight otherwise).
pub fn read_graph(input: &Input) -> Result<EdgeGraph, MethodError> {
    let nodes = input.table(&NODES)?;
    let edges = input.table(&EDGES)?;
    let names = by_name(nodes)?;
    let (x, y) = (nodes.numbers("x")?, nodes.numbers("y")?);
    let node = |text: &str| names.get(text).copied();
    let from = edges.read("from", "an id of the table of nodes", node)?;
    let to = edges.read("to", "an id of the table of nodes", node)?;
    let lengths = if edges.has("length") {
        Some(edges.numbers("length")?)
    } else {
        None
    };
    let list = from
        .into_iter()
        .zip(to)
        .enumerate()
        .map(|(i, (from, to))| {
            let (a, b) = (from as usize, to as usize);
            let straight = (x[a] - x[b]).hypot(y[a] - y[b]);
            let length = lengths.as_ref().map_or(straight, |l| l[i]);
            Edge { from, to, length }
        })
        .collect();
    EdgeGraph::new(x.len(), list).map_err(|row| MethodError::Invalid {
        what: format!("edge {} has no length of at least 0", row + 1),
        cure: "correct the table of edges",
    })
}

/// Points `edge`, `fraction` (0 at the edge's first node, 1 at its last).
pub fn read_on_edges(
    table: &Table,
    graph: &EdgeGraph,
    input: &Input,
) -> Result<Vec<OnEdge>, MethodError> {
    let names = by_name(input.table(&EDGES)?)?;
    let edge = table.read("edge", "an id of the table of edges", |text| {
        names.get(text).copied()
    })?;
    let part = table.read("fraction", "a number in 0..=1", |text| {
        text.parse().ok().filter(|f: &f64| (0.0..=1.0).contains(f))
    })?;
    let points = edge.into_iter().zip(part).map(|(edge, part)| OnEdge {
        edge,
        along: part * graph.edges()[edge as usize].length,
    });
    Ok(points.collect())
}

/// Name of each edge as text, for answers.
pub fn edge_names(input: &Input) -> Result<Vec<String>, MethodError> {
    let names = by_name(input.table(&EDGES)?)?;
    let mut out = vec![String::new(); names.len()];
    for (name, at) in names {
        if let Some(slot) = out.get_mut(at as usize) {
            *slot = name;
        }
    }
    Ok(out)
}
