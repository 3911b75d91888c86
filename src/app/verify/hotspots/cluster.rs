//! Golden cases of clusters and densities.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::app::verify::Check;
use crate::app::verify::hotspots::compare::Within;
use crate::app::verify::hotspots::{Case, Given, figure, run_method};
use crate::hotspot::{Answer, Input, Table};
use crate::stats::agreement::adjusted_rand;

fn labels(value: &Value) -> Vec<i64> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_i64)
        .collect()
}

/// DBSCAN on a plane or in degrees, with or without weights.
pub(crate) fn dbscan(case: &mut Case<'_>) -> Result<(), String> {
    let given: Given = vec![
        ("eps", case.param("eps")?),
        ("min_pts", case.param("min_pts")?),
    ];
    let input = with_weights(case)?;
    check_dbscan(case, "dbscan", &input, &given)
}

/// The tables of a case, its column of weights under the name the method reads.
fn with_weights(case: &Case<'_>) -> Result<Input, String> {
    let mut input = case.input.clone();
    let column = case.golden["params"]["weight_column"].as_str();
    let (Some(column), Some(table)) = (column, input.tables.get("input")) else {
        return Ok(input);
    };
    let cells = |name: &str| -> Result<Vec<String>, String> {
        let texts = table.texts(name).map_err(|e| e.to_string())?;
        Ok(texts.into_iter().map(str::to_owned).collect())
    };
    let columns = [
        ("x", cells("x")?),
        ("y", cells("y")?),
        ("w", cells(column)?),
    ];
    input
        .tables
        .insert("input".to_owned(), Table::from_columns("input", &columns));
    Ok(input)
}

/// DBSCAN along a network.
pub(crate) fn dbscan_network(case: &mut Case<'_>) -> Result<(), String> {
    let given: Given = vec![
        ("eps", case.param("eps")?),
        ("min_pts", case.param("min_pts")?),
    ];
    let input = case.input.clone();
    check_dbscan(case, "dbscan", &input, &given)
}

/// DBSCAN in space and time.
pub(crate) fn st_dbscan(case: &mut Case<'_>) -> Result<(), String> {
    let given: Given = vec![
        ("eps_space", case.param("eps_space")?),
        ("eps_time", case.param("eps_time")?),
        ("min_pts", case.param("min_pts")?),
    ];
    let input = case.input.clone();
    check_dbscan(case, "st_dbscan", &input, &given)
}

fn check_dbscan(
    case: &mut Case<'_>,
    method: &str,
    input: &Input,
    given: &Given,
) -> Result<(), String> {
    let answer = run_method(method, input, given)?;
    for key in ["clusters", "noise", "core"] {
        case.equal(key, figure(&answer, key));
    }
    let check = partition(case, &answer);
    case.keep("labels", figure(&answer, "labels"), check);
    Ok(())
}

/// Core points: one name here for one name there; border points: any of their options, or the canonical one.
fn partition(case: &Case<'_>, answer: &Answer) -> Check {
    let (got, want) = (
        labels(&figure(answer, "labels")),
        labels(&case.want("labels")),
    );
    let core = labels(&figure(answer, "core"));
    let mut here: BTreeMap<i64, i64> = BTreeMap::new();
    let mut there: BTreeMap<i64, i64> = BTreeMap::new();
    let mut wrong = usize::from(got.len() != want.len());
    for ((g, w), core) in got.iter().zip(&want).zip(&core) {
        if *core == 1 {
            wrong += usize::from(
                *here.entry(*g).or_insert(*w) != *w || *there.entry(*w).or_insert(*g) != *g,
            );
        }
    }
    let options = case.want("border_options");
    for (i, ((g, w), core)) in got.iter().zip(&want).zip(&core).enumerate() {
        if *core == 0 {
            let among = labels(&options[i.to_string()]);
            let g = here.get(g).copied().unwrap_or(*g);
            wrong += usize::from(g != *w && !among.contains(&g));
        }
    }
    let same = got == want;
    let detail = format!(
        "{wrong} of {} points differ; canonical labels equal: {same}",
        want.len()
    );
    case.check("labels", wrong == 0, detail)
}

/// HDBSCAN.
pub(crate) fn hdbscan(case: &mut Case<'_>) -> Result<(), String> {
    let given: Given = vec![
        ("min_cluster_size", case.param("min_cluster_size")?),
        ("min_samples", case.param("min_samples")?),
        (
            "epsilon",
            case.param("epsilon").unwrap_or_else(|_| "0".to_owned()),
        ),
    ];
    let answer = run_method("hdbscan", &case.input, &given)?;
    case.equal("clusters", figure(&answer, "clusters"));
    let (got, want) = (
        labels(&figure(&answer, "labels")),
        labels(&case.want("labels")),
    );
    let ari = adjusted_rand(&got, &want).unwrap_or(0.0);
    let floor = case.golden["ari_min"].as_f64().unwrap_or(1.0);
    let check = case.check(
        "labels",
        ari >= floor,
        format!("adjusted Rand index {ari:.4}, must be at least {floor}"),
    );
    case.keep("labels", figure(&answer, "labels"), check);
    case.close(
        "core_distance_sum",
        figure(&answer, "core_distance_sum"),
        Within::relative(1e-9),
    );
    let key = "mutual_reachability_mst_weight";
    case.close(key, figure(&answer, key), Within::relative(1e-6));
    case.got
        .insert("probabilities".to_owned(), figure(&answer, "probabilities"));
    case.got
        .insert("noise".to_owned(), figure(&answer, "noise"));
    Ok(())
}

/// Densities in the plane.
pub(crate) fn kde_planar(case: &mut Case<'_>) -> Result<(), String> {
    for kernel in ["quartic", "gaussian"] {
        let given: Given = vec![("kernel", kernel.to_owned()), ("h", case.param("h")?)];
        let answer = run_method("kde", &case.input, &given)?;
        let found = figure(&answer, "density");
        let want = case.want(kernel);
        let top = want
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_f64)
            .fold(0.0, f64::max);
        let within = if kernel == "quartic" {
            Within::relative(1e-9)
        } else {
            Within::absolute(1e-6 * top)
        };
        case.close(kernel, found, within);
    }
    Ok(())
}

/// Densities along roads.
pub(crate) fn kde_network(case: &mut Case<'_>) -> Result<(), String> {
    for split in ["simple", "esd", "esc"] {
        let given: Given = vec![("split", split.to_owned()), ("h", case.param("h")?)];
        let answer = run_method("network_kde", &case.input, &given)?;
        case.close(
            split,
            figure(&answer, "density"),
            Within {
                absolute: 1e-15,
                relative: 1e-6,
            },
        );
    }
    Ok(())
}
