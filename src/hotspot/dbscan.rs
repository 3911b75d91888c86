//! Which tickets lie together closely enough to be one place?

use serde_json::{Value, json};

use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::pile_up::{self, KEEP};
use crate::hotspot::roads::{read_graph, read_on_edges};
use crate::hotspot::table::{Input, Table, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::cluster::{Clustering, Dbscan, Points};
use crate::spatial::density::{Pair, cluster_pairs};
use crate::spatial::edge_graph::{EdgeGraph, EdgePoints, Work};
use crate::spatial::k_distance::{k_distances, knee};
use crate::spatial::pairs::{Near, Places};
use crate::stats::number::floor_index;

static PARAMS: &[Param] = &[
    Param {
        name: "eps",
        title: "邻近距离",
        unit: "m",
        kind: Kind::Real {
            default: 50.0,
            min: 1e-9,
            max: 1e6,
        },
        doc: "Points up to this distance are neighbours (<=); 20 to 150 m for tickets.",
    },
    Param {
        name: "min_pts",
        title: "最少点数",
        unit: "",
        kind: Kind::Real {
            default: 5.0,
            min: 1.0,
            max: 1e9,
        },
        doc: "A point is core when the weights within eps, its own included, reach this.",
    },
    Param {
        name: "suggest",
        title: "建议邻近距离",
        unit: "",
        kind: Kind::Flag { default: false },
        doc: "Also give the sorted distances to the min_pts-th nearest point and their knee, to help to choose eps; never applied by itself.",
    },
    KEEP,
];

static DOC: &str = "
Answers: which tickets lie together closely enough to be one place?

Source: Ester et al. 1996 in canonical form; squares as in Gunawan 2013 and Wang, Gu, Shun 2020.

Formula: neighbours d <= eps, the point itself included; core when the weights of the neighbours reach min_pts; clusters are
the connected components of core points; a border point joins its nearest core point (ties: smaller id); the rest is
noise (-1). Clusters are numbered by size, then by smallest id, so the order of rows changes nothing. With tables `nodes`,
`edges` and `events` distance is measured along the edges.

Cost: O(n log n) for the order of the squares, then O(n) expected; memory O(n), no neighbour lists. 1,000,000 points in 0.5 s.

`suggest` gives quantiles of the distance to the min_pts-th nearest point, itself counted, the knee of the sorted curve (farthest
from its chord) and the knee kept within 20 to 150 m.

Edge cases: points at one coordinate count one each; no points → no clusters; tickets of five or more streets on one
coordinate are noise and counted (`PILE_UP`) when there is a column `street`.

Example: 24 hand-made points, eps 50, min_pts 5: 3 clusters, 8 noise; five duplicates alone are a cluster.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["input", "tickets"],
        columns: "`x`, `y` or `lon`, `lat`; `w` (weight, optional), `id` (optional), `street`, `precision` (optional)",
    },
    TableSpec {
        names: &["events"],
        columns: "`edge`, `fraction` (from the edge's first node), with tables `nodes` (`id`, `x`, `y`) and `edges` (`id`, `from`, `to`)",
    },
];

/// DBSCAN.
pub static DBSCAN: Method = Method {
    name: "dbscan",
    title: "密度聚类",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let (eps, min_pts) = (settings.real("eps"), settings.real("min_pts"));
    let mut answer = Answer::new();
    let found = if let Some(events) = input.optional_table(&INPUTS[1]) {
        let graph = read_graph(input)?;
        let points = EdgePoints::new(&graph, read_on_edges(events, &graph, input)?);
        on_network(&graph, &points, eps, min_pts)
    } else {
        let table = input.table(&INPUTS[0])?;
        let weights = table.numbers_or("w", 1.0)?;
        let ids = read_ids(table)?;
        let places = read_places(table)?;
        if settings.flag("suggest") {
            put_curve(&places, floor_index(min_pts.ceil()), &mut answer);
        }
        let marked = pile_up::left_out(table, settings)?.unwrap_or_default();
        pile_up::describe(marked.iter().filter(|m| **m).count(), &mut answer);
        let (places, kept) = places.without(&marked);
        let weight_of: Vec<f64> = kept.iter().map(|i| weights[*i]).collect();
        let id_of: Vec<i64> = kept.iter().map(|i| ids[*i]).collect();
        let ask = Dbscan { eps, min_pts };
        let found = match places {
            Places::Plane(p) => ask.run_weighted(Points::Plane(&p), &weight_of, &id_of),
            Places::Earth(p) => ask.run_weighted(Points::Earth(&p), &weight_of, &id_of),
        };
        found.among(ids.len(), &kept)
    };
    put_clusters(&found, &mut answer);
    Ok(answer)
}

/// Quantiles of the sorted distances to the k-th nearest point, their knee, and the knee within the bounds for tickets.
fn put_curve(places: &Places, k: usize, answer: &mut Answer) {
    let curve = k_distances(places, k.max(1));
    let at =
        |share: f64| curve.get(floor_index(share * curve.len() as f64).min(curve.len().max(1) - 1));
    let shares = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];
    let quantiles: Vec<Value> = shares.iter().map(|s| json!([s, at(*s)])).collect();
    let knee = knee(&curve);
    answer.put("k_distance", quantiles);
    answer.put("knee", Value::from(knee));
    answer.put(
        "eps_suggested",
        Value::from(knee.map(|d| d.clamp(20.0, 150.0))),
    );
    if knee.is_none() {
        answer.note("NO_KNEE", "距离曲线没有拐点,不作建议");
    }
}

/// Ids of a table, else the places of its rows.
pub fn read_ids(table: &Table) -> Result<Vec<i64>, MethodError> {
    if table.has("id") {
        return Ok(table.read("id", "a whole number", |t| t.parse().ok())?);
    }
    Ok((0..).take(table.n()).collect())
}

/// Labels as `-1` for noise, core flags as 0 and 1, sizes.
pub fn put_clusters(found: &Clustering, answer: &mut Answer) {
    let label = |l: &Option<u32>| l.map_or(-1, i64::from);
    let mut sizes = vec![0_usize; found.clusters as usize];
    for l in found.labels.iter().flatten() {
        sizes[*l as usize] += 1;
    }
    answer.put("clusters", found.clusters);
    answer.put("noise", found.labels.iter().filter(|l| l.is_none()).count());
    answer.put("sizes", sizes);
    let core: Vec<Value> = found.core.iter().map(|c| json!(u8::from(*c))).collect();
    answer.put("core", core);
    answer.put("labels", found.labels.iter().map(label).collect::<Vec<_>>());
}

/// Density clustering by distance along a graph.
#[must_use]
pub fn on_network(graph: &EdgeGraph, points: &EdgePoints, eps: f64, min_pts: f64) -> Clustering {
    let n = points.points.len();
    let ids: Vec<i64> = (0..).take(n).collect();
    cluster_pairs(&ids, &vec![1.0; n], min_pts, &|each: Pair<'_>| {
        let mut work = Work::default();
        for (i, p) in points.points.iter().enumerate() {
            for (j, d) in points.within(graph, *p, eps, &mut work) {
                if j as usize > i {
                    each(i, j as usize, d);
                }
            }
        }
    })
}

/// Density clustering in space and time: neighbours have d <= eps and |dt| <= tau.
#[must_use]
pub fn in_space_time(
    places: &Places,
    time: &[f64],
    ids: &[i64],
    ask: (f64, f64, f64),
) -> Clustering {
    let (eps, tau, min_pts) = ask;
    let near = Near::new(places, eps);
    cluster_pairs(ids, &vec![1.0; ids.len()], min_pts, &|each: Pair<'_>| {
        near.each_pair_if(
            places,
            |i, j| (time[i] - time[j]).abs() <= tau,
            |a, b, d| {
                let (i, j) = (near.order[a as usize], near.order[b as usize]);
                each(i as usize, j as usize, d);
            },
        );
    })
}
