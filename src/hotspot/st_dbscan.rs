//! Which tickets form a burst: near in space and near in time?

use crate::hotspot::dbscan::{in_space_time, put_clusters, read_ids};
use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::pile_up::{self, KEEP};
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
    KEEP,
];

static DOC: &str = "
Answers: which tickets form a burst in space and time? For bursts, not for the identity of sites.

Source: Birant, Kut 2007, in the canonical form of `dbscan`.

Formula: as `dbscan` with neighbours d <= eps_space and |dt| <= eps_time; a border point joins its nearest core point in
space among those within both.

Cost: O(close pairs); 100,000 tickets in about 0.2 s.

Edge cases: tickets at one instant have dt = 0; no tickets → no clusters; tickets of five or more streets on one coordinate and
those placed below street level are noise and counted (`PILE_UP`) when there is a column `street` or `precision`.

Example: Burkitt's lymphoma, 188 cases, 10 km, 240 days, min_pts 4: 7 clusters, 118 noise.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "tickets"],
    columns: "`x`, `y` or `lon`, `lat`; `t` (days); `id`, `street`, `precision` (optional)",
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
    let marked = pile_up::left_out(table, settings)?.unwrap_or_default();
    pile_up::describe(marked.iter().filter(|m| **m).count(), &mut answer);
    let (places, kept) = places.without(&marked);
    let time_of: Vec<f64> = kept.iter().map(|i| time[*i]).collect();
    let id_of: Vec<i64> = kept.iter().map(|i| ids[*i]).collect();
    let found = in_space_time(&places, &time_of, &id_of, ask);
    put_clusters(&found.among(ids.len(), &kept), &mut answer);
    Ok(answer)
}
