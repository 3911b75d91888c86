//! Along which roads are tickets dense?

use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::roads::{edge_names, read_graph, read_on_edges};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::edge_graph::EdgePoints;
use crate::spatial::network_kde::{Split, lixels, network_kde};

static PARAMS: &[Param] = &[
    Param {
        name: "h",
        title: "带宽",
        unit: "m",
        kind: Kind::Real {
            default: 150.0,
            min: 1e-6,
            max: 1e5,
        },
        doc: "How far an event reaches along the roads.",
    },
    Param {
        name: "split",
        title: "路口分配",
        unit: "",
        kind: Kind::Choice {
            default: "esd",
            among: &["simple", "esd", "esc"],
        },
        doc: "simple: shortest path, no division; esd: equal split, ends at dead ends; esc: equal split with reflection.",
    },
    Param {
        name: "lixel_m",
        title: "路段单元",
        unit: "m",
        kind: Kind::Real {
            default: 20.0,
            min: 0.1,
            max: 1e5,
        },
        doc: "Length of a piece of road when no places are asked for.",
    },
];

static DOC: &str = "
Answers: along which roads are tickets dense, in tickets per unit of road length?

Source: Okabe, Satoh, Sugihara 2009; Gelb 2021 (spNetwork).

Formula: quartic `15 / (16 h) (1 - (d/h)²)²` along the roads from the snapped ticket. `simple` takes the shortest path without
division (over-counts at crossings); `esd` gives every other branch of a node of degree m 1/(m-1), mass ends at a dead end;
`esc` gives every other branch 2/m and the arriving one 2/m - 1, so mass is reflected at a dead end.

Cost: O(events × branches within h).

Edge cases: a ticket on a node counts once; no events → 0; both equal-split forms keep the mass of an event.

Example: T junction of four edges, h = 120: esd 0.0107 at the first place, esc 0.0122.
";

static INPUTS: &[TableSpec] = &[
    TableSpec {
        names: &["events"],
        columns: "`edge`, `fraction`, `weight` (optional)",
    },
    TableSpec {
        names: &["at"],
        columns: "`edge`, `fraction`: where the density is wanted (optional; else pieces of every edge)",
    },
    TableSpec {
        names: &["nodes"],
        columns: "`id`, `x`, `y`",
    },
    TableSpec {
        names: &["edges"],
        columns: "`id`, `from`, `to`, `length` (straight when absent)",
    },
];

/// Kernel density along roads.
pub static NETWORK_KDE: Method = Method {
    name: "network_kde",
    title: "路网核密度",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

/// Most pieces of road.
const MOST_PIECES: f64 = 5e6;

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let graph = read_graph(input)?;
    let events = input.table(&INPUTS[0])?;
    let weights = events.numbers_or("weight", 1.0)?;
    let on = read_on_edges(events, &graph, input)?;
    let events: Vec<_> = on.into_iter().zip(weights).collect();
    let mut answer = Answer::new();
    let points = if let Some(at) = input.optional_table(&INPUTS[1]) {
        read_on_edges(at, &graph, input)?
    } else {
        let piece = settings.real("lixel_m");
        let pieces: f64 = graph
            .edges()
            .iter()
            .map(|e| (e.length / piece).ceil())
            .sum();
        if pieces > MOST_PIECES {
            return Err(MethodError::Invalid {
                what: format!("{pieces} pieces of road, the limit is {MOST_PIECES}"),
                cure: "choose longer pieces",
            });
        }
        let points = lixels(&graph, piece);
        let names = edge_names(input)?;
        answer.put(
            "edge",
            points
                .iter()
                .map(|p| names[p.edge as usize].clone())
                .collect::<Vec<_>>(),
        );
        answer.put("along", points.iter().map(|p| p.along).collect::<Vec<_>>());
        points
    };
    let split = match settings.choice("split") {
        "simple" => Split::Simple,
        "esc" => Split::Continuous,
        _ => Split::Discontinuous,
    };
    let at = EdgePoints::new(&graph, points);
    answer.put(
        "density",
        network_kde(&graph, &events, &at, (settings.real("h"), split)),
    );
    Ok(answer)
}
