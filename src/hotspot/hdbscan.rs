//! Which clusters of tickets persist over all densities?

use crate::hotspot::knox::read_places;
use crate::hotspot::method::{Answer, Method, MethodError};
use crate::hotspot::pile_up::{self, KEEP};
use crate::hotspot::table::{Input, TableSpec};
use crate::param::{Kind, Param, Settings};
use crate::spatial::hdbscan::Hdbscan;

static PARAMS: &[Param] = &[
    Param {
        name: "min_cluster_size",
        title: "最小类大小",
        unit: "",
        kind: Kind::Integer {
            default: 10,
            min: 2,
            max: 1_000_000,
        },
        doc: "Least number of points of a cluster.",
    },
    Param {
        name: "min_samples",
        title: "核心点数",
        unit: "",
        kind: Kind::Integer {
            default: 10,
            min: 1,
            max: 1000,
        },
        doc: "The core distance reaches to this nearest point, itself counted.",
    },
    Param {
        name: "epsilon",
        title: "截断距离",
        unit: "m",
        kind: Kind::Real {
            default: 0.0,
            min: 0.0,
            max: 1e7,
        },
        doc: "Clusters that split below this distance are kept whole; 0 = no cut.",
    },
    KEEP,
];

static DOC: &str = "
Answers: which clusters persist over all densities? For exploration; sites use `dbscan`.

Source: Campello, Moulavi, Sander 2013.

Formula: core distance = distance to the min_samples-th nearest point, itself counted (scikit-learn's count; the hdbscan
package needs one less); mutual reachability max(core, core, d); minimum spanning tree, condensed by min_cluster_size,
excess of mass, never the root alone. Edges of equal length are ordered by their smaller, then larger id, so that the
answer can be repeated.

Cost: O(n log n); 100,000 points in about a second.

Edge cases: no or one point → noise; points at one coordinate have core distance 0; tickets of five or more streets on one coordinate and
those placed below street level are noise and counted (`PILE_UP`) when there is a column `street` or `precision`.

Example: 821 tickets with min_cluster_size 12: 9 clusters, 306 noise.
";

static INPUTS: &[TableSpec] = &[TableSpec {
    names: &["input", "tickets"],
    columns: "`x`, `y` or `lon`, `lat`; `street`, `precision` (optional)",
}];

/// HDBSCAN.
pub static HDBSCAN: Method = Method {
    name: "hdbscan",
    title: "层次密度聚类",
    doc: DOC,
    inputs: INPUTS,
    params: PARAMS,
    run,
};

fn run(input: &Input, settings: &Settings) -> Result<Answer, MethodError> {
    let table = input.table(&INPUTS[0])?;
    let ask = Hdbscan {
        min_cluster_size: settings.size("min_cluster_size"),
        min_samples: settings.size("min_samples"),
        epsilon: settings.real("epsilon"),
    };
    let marked = pile_up::left_out(table, settings)?.unwrap_or_default();
    let (places, kept) = read_places(table)?.without(&marked);
    let found = ask.run(&places);
    let mut answer = Answer::new();
    pile_up::describe(marked.iter().filter(|m| **m).count(), &mut answer);
    let mut labels = vec![-1; table.n()];
    let mut probability = vec![0.0; table.n()];
    for (at, (label, share)) in kept.iter().zip(found.labels.iter().zip(&found.probability)) {
        labels[*at] = label.map_or(-1, i64::from);
        probability[*at] = *share;
    }
    answer.put("clusters", found.clusters);
    answer.put("noise", labels.iter().filter(|l| **l < 0).count());
    answer.put("labels", labels);
    answer.put("probabilities", probability);
    answer.put("core_distance_sum", found.core_sum);
    answer.put("mutual_reachability_mst_weight", found.tree_length);
    Ok(answer)
}
