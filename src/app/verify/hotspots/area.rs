//! Golden cases of values over places: Gi*, local Moran, exact tails, false discovery control.

use serde_json::{Value, json};

use crate::app::verify::Check;
use crate::app::verify::hotspots::compare::{Within, close, compare, equal};
use crate::app::verify::hotspots::{Case, figure, run_method};
use crate::hotspot::area::cells_of;
use crate::hotspot::{Answer, Input};

const Z: Within = Within::absolute(1e-9);

/// Areas with listed neighbours.
pub(crate) fn gi_area(case: &mut Case<'_>) -> Result<(), String> {
    let gi = run_method(
        "gi_star",
        &case.input,
        &vec![("conditional", "false".to_owned())],
    )?;
    let permutations = 9_999_usize;
    let given = vec![("permutations", permutations.to_string())];
    let moran = run_method("local_moran", &case.input, &given)?;
    let ids: Vec<Value> = case.want("id").as_array().cloned().unwrap_or_default();
    case.got.insert("id".to_owned(), Value::Array(ids));
    for (golden, own) in [
        ("z_star", "z"),
        ("z_plain", "z_plain"),
        ("p2_star", "p2_norm"),
        ("q_bh_star", "q_norm"),
        ("p_cut_bh_05", "p_cut_05"),
    ] {
        case.close(golden, figure(&gi, own), Z);
    }
    case.equal("gi_bin", figure(&gi, "gi_bin_norm"));
    let cut = figure(&gi, "p_cut_05").as_f64().unwrap_or(0.0);
    let p = figure(&gi, "p2_norm");
    let reject: Vec<bool> = list(&p)
        .iter()
        .map(|p| p.as_f64().is_some_and(|p| cut > 0.0 && p <= cut))
        .collect();
    case.equal("reject_bh_05", json!(reject));
    for (golden, own) in [
        ("moran_I_n_minus_1", "moran_i_n_minus_1"),
        ("moran_I_n", "moran_i_n"),
        ("moran_E_conditional", "expected"),
        ("moran_Var_conditional", "variance"),
        ("moran_Z_conditional", "z"),
    ] {
        case.close(golden, figure(&moran, own), Z);
    }
    case.equal("quadrant", figure(&moran, "quadrant"));
    let folded = figure(&moran, "p_perm_folded");
    let check = compare(
        case.group(),
        "moran_p_perm_folded",
        (&folded, &case.want("moran_p_perm_folded")),
        &|g, w| {
            let (Some(g), Some(w)) = (g.as_f64(), w.as_f64()) else {
                return g == w;
            };
            // Both sides are Monte Carlo: 4 standard errors of ours and of the golden 99,999.
            let se = |n: f64| (w * (1.0 - w) / n).sqrt();
            (g - w).abs()
                <= 4.0 * (se(permutations as f64).hypot(se(99_999.0))) + 1.0 / permutations as f64
        },
    );
    case.keep("moran_p_perm_folded", folded, check);
    Ok(())
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// H3 cells with counts.
pub(crate) fn gi_h3(case: &mut Case<'_>) -> Result<(), String> {
    pipeline(case)?;
    let given = vec![("k", case.param("k")?)];
    let gi = run_method("gi_star", &case.input, &given)?;
    case.equal("cell", figure(&gi, "cell"));
    case.equal("neighbours_with_self", figure(&gi, "neighbours_with_self"));
    case.close("z", figure(&gi, "z"), Within::absolute(1e-8));
    case.close("p2_norm", figure(&gi, "p2_norm"), Within::absolute(1e-9));
    for key in ["p_upper_exact", "p_lower_exact", "p2_exact"] {
        let check = tails(case, key, &figure(&gi, key));
        case.keep(key, figure(&gi, key), check);
    }
    case.close("q_bh_exact", figure(&gi, "q_exact"), Within::absolute(1e-8));
    case.equal("gi_bin_norm", figure(&gi, "gi_bin_norm"));
    let check = bins(case, &gi);
    case.keep("gi_bin_exact", figure(&gi, "gi_bin_exact"), check);
    for key in ["p_upper_conditional", "p_lower_conditional"] {
        case.close(key, figure(&gi, key), Within::absolute(1e-9));
    }
    case.close(
        "z_drop_loudest",
        figure(&gi, "z_drop_loudest"),
        Within::absolute(1e-8),
    );
    Ok(())
}

/// Tickets to counts: the listed cells must get the listed counts.
fn pipeline(case: &mut Case<'_>) -> Result<(), String> {
    let (Some(tickets), Some(cells)) = (
        case.input.tables.get("tickets"),
        case.input.tables.get("cells"),
    ) else {
        return Ok(());
    };
    let res: i64 = case
        .param("res")?
        .parse()
        .map_err(|e| format!("params.res: {e}"))?;
    let cap = case.golden["params"]["count_cap"]
        .as_u64()
        .unwrap_or(u64::MAX);
    let mut counts = std::collections::BTreeMap::new();
    for cell in cells_of(tickets, res).map_err(|e| e.to_string())? {
        *counts.entry(cell.to_string()).or_insert(0_u64) += 1;
    }
    let ids = cells.texts("cell").map_err(|e| e.to_string())?;
    let want = cells.numbers("count").map_err(|e| e.to_string())?;
    let got: Vec<u64> = ids
        .iter()
        .map(|c| counts.get(*c).copied().unwrap_or(0).min(cap))
        .collect();
    let check = equal(
        case.group(),
        "counts from tickets",
        &json!(got),
        &json!(want),
    );
    case.keep("count", json!(got), check);
    Ok(())
}

/// 1e-9 absolute, and 1e-6 relative where p > 1e-10.
fn tails(case: &Case<'_>, key: &str, got: &Value) -> Check {
    compare(
        case.group(),
        key,
        (got, &case.want(key)),
        &|g, w| match (g.as_f64(), w.as_f64()) {
            (Some(g), Some(w)) => {
                (g - w).abs() <= 1e-9 && (w <= 1e-10 || (g - w).abs() <= 1e-6 * w)
            }
            _ => g == w,
        },
    )
}

/// Bins may differ where a q lies within 1e-8 of a level.
fn bins(case: &Case<'_>, gi: &Answer) -> Check {
    let q = list(&figure(gi, "q_exact"));
    let (got, want) = (
        list(&figure(gi, "gi_bin_exact")),
        list(&case.want("gi_bin_exact")),
    );
    let near = |q: &Value| {
        q.as_f64()
            .is_some_and(|q| [0.01, 0.05, 0.10].iter().any(|a| (q - a).abs() < 1e-8))
    };
    let wrong = got
        .iter()
        .zip(&want)
        .zip(&q)
        .filter(|((g, w), q)| g.as_f64() != w.as_f64() && !near(q))
        .count();
    let passed = wrong == 0 && got.len() == want.len();
    case.check(
        "gi_bin_exact",
        passed,
        format!("{wrong} of {} bins differ", want.len()),
    )
}

/// Degenerate inputs, each inside the golden file.
pub(crate) fn gi_edge(case: &mut Case<'_>) -> Result<(), String> {
    let mut all = Vec::new();
    for world in list(&case.golden["expect"]) {
        let input = Input {
            document: json!({ "value": world["value"], "neighbours": world["neighbours"] }),
            ..Input::default()
        };
        let gi = run_method(
            "gi_star",
            &input,
            &vec![("conditional", "false".to_owned())],
        )?;
        let name = world["name"].as_str().unwrap_or_default().to_owned();
        let mut got = json!({ "name": name, "value": world["value"] });
        for (key, within) in [
            ("z", 1e-9),
            ("p2_norm", 1e-12),
            ("p_upper_exact", 1e-12),
            ("p_lower_exact", 1e-12),
            ("p2_exact", 1e-12),
            ("gi_bin_exact", 0.0),
        ] {
            let found = figure(&gi, key);
            let check = close(
                case.group(),
                &format!("{name}: {key}"),
                &found,
                &world[key],
                Within::absolute(within),
            );
            case.checks.push(check);
            got[key] = found;
        }
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}

/// Lists of p-values, each inside the golden file.
pub(crate) fn fdr(case: &mut Case<'_>) -> Result<(), String> {
    let mut all = Vec::new();
    for (i, list_of) in list(&case.golden["expect"]).iter().enumerate() {
        let input = Input {
            document: json!({ "p": list_of["p"] }),
            ..Input::default()
        };
        let alpha = list_of["alpha"].as_f64().unwrap_or(0.05);
        let fdr = run_method("fdr", &input, &vec![("alpha", alpha.to_string())])?;
        let mut got = json!({ "alpha": alpha, "p": list_of["p"] });
        for (key, within) in [
            ("bh_reject", 0.0),
            ("by_reject", 0.0),
            ("bh_q", 1e-12),
            ("by_q", 1e-12),
            ("bh_cut", 1e-12),
        ] {
            let found = figure(&fdr, key);
            let check = close(
                case.group(),
                &format!("list {i}: {key}"),
                &found,
                &list_of[key],
                Within::absolute(within),
            );
            case.checks.push(check);
            got[key] = found;
        }
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}

/// Counts per hexagon at several resolutions.
pub(crate) fn h3_aggregate(case: &mut Case<'_>) -> Result<(), String> {
    let want = case.golden["expect"].clone();
    let levels: Vec<String> = want
        .as_object()
        .into_iter()
        .flatten()
        .map(|(k, _)| k.clone())
        .collect();
    let levels = if levels.is_empty() {
        ["8", "9", "10", "11"].map(str::to_owned).to_vec()
    } else {
        levels
    };
    let mut sorted: Vec<u32> = levels.iter().filter_map(|l| l.parse().ok()).collect();
    sorted.sort_unstable();
    let list_of: Vec<String> = sorted.iter().map(ToString::to_string).collect();
    let answer = run_method(
        "h3_aggregate",
        &case.input,
        &vec![("resolutions", list_of.join(","))],
    )?;
    for level in levels {
        let found = figure(&answer, &level);
        let got = json!({
            "cells": found["cells"],
            "top20": found["top"],
            "distinct_callers_top20": found["callers_top"],
            "distinct_caller_weeks_top20": found["caller_weeks_top"],
            "sum_of_squared_counts": found["sum_of_squared_counts"],
        });
        for (key, want) in want[&level].as_object().into_iter().flatten() {
            let check = equal(
                case.group(),
                &format!("resolution {level}: {key}"),
                &got[key],
                want,
            );
            case.checks.push(check);
        }
        case.got.insert(level, got);
    }
    Ok(())
}

/// Rates with exposure.
pub(crate) fn rates(case: &mut Case<'_>) -> Result<(), String> {
    let answer = run_method("rates", &case.input, &Vec::new())?;
    for key in [
        "mean_rate",
        "eb_global",
        "expected",
        "nb_alpha",
        "relative_risk_shrunk",
    ] {
        case.close(key, figure(&answer, key), Within::relative(1e-9));
    }
    for key in ["p_upper_nb", "p_upper_poisson", "q_bh_nb"] {
        case.close(key, figure(&answer, key), Within::absolute(1e-8));
    }
    for key in ["id", "relative_risk_low", "relative_risk_high", "excess"] {
        case.got.insert(key.to_owned(), figure(&answer, key));
    }
    Ok(())
}
