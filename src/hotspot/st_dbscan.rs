//! Which tickets form a burst: near in space and near in time?

use crate::hotspot::dbscan::{in_space_time, put_clusters, read_ids};
use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};

static PARAMS: &[Param] = &[
    Param {
        name: "eps_space",
        title: "邻近距离",
        unit: "m",
        kind: Kind::Real {
            default: 50.0,
            min: 1e-9,
            max: 1e6,
        },
        doc: "Neighbours lie within this distance (<=).",
    },
    Param {
        name: "eps_time",
        title: "邻近时间",
        unit: "days",
        kind: Kind::Real {
            default: 14.0,
            min: 0.0,
            max: 36500.0,
        },
        doc: "Neighbours lie within this time (<=).",
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
        doc: "A point is core with this many neighbours, itself included.",
    },
];

static DOC: &str = "
Answers: which tickets form a burst in space and time? For bursts, not for the identity of sites.

Source: Birant, Kut 2007, in the canonical form of `dbscan`.

Formula: as `dbscan` with neighbours d <= eps_space and |dt| <= eps_time; a border point joins its nearest core point in
space among those within both.

Cost: O(close pairs); 100,000 tickets in about 0.2 s.

Edge cases: tickets at one instant have dt = 0; no tickets → no clusters.

Example: Burkitt's lymphoma, 188 cases, 10 km, 240 days, min_pts 4: 7 clusters, 118 noise.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "tickets"],
    columns: "`x`, `y` or `lon`, `lat`; `t` (days); `id` (optional)",
}];

/// ST-DBSCAN.
pub static ST_DBSCAN: Method = Method {
    name: "st_dbscan",
    title: "时空密度聚类",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let (places, time, ids) = (read_places(table)?, table.numbers("t")?, read_ids(table)?);
    let ask = (
        settings.real("eps_space"),
        settings.real("eps_time"),
        settings.real("min_pts"),
    );
    let mut answer = Answer::new();
    put_clusters(&in_space_time(&places, &time, &ids, ask), &mut answer);
    Ok(answer)
}
