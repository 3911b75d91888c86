//! Golden cases of time: Knox and near repeats, trends, emerging categories.

use serde_json::{Value, json};

use crate::app::verify::Check;
use crate::app::verify::hotspots::compare::{Within, close, compare, equal};
use crate::app::verify::hotspots::{Case, Given, figure, run_method};
use crate::hotspot::{Input, Table};

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn joined(value: &Value) -> String {
    let texts: Vec<String> = list(value).iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// Our replicates: more than the golden file's, so that its own chance error rules.
const PERMUTATIONS: f64 = 3_999.0;

/// Knox's test and the near-repeat table.
pub(crate) fn knox(case: &mut Case<'_>) -> Result<(), String> {
    let mut given: Given = vec![
        ("delta", case.param("delta")?),
        ("tau", case.param("tau")?),
        ("permutations", PERMUTATIONS.to_string()),
    ];
    let near = case.want("near_repeat");
    if near.is_object() {
        given.push(("space_breaks", joined(&near["space_breaks"])));
        given.push(("time_breaks", joined(&near["time_breaks"])));
    } else {
        given.push(("space_breaks", "0".to_owned()));
    }
    let answer = run_method("knox", &case.input, &given)?;
    for key in ["n", "pairs", "n_s", "n_t", "n_st"] {
        case.equal(key, figure(&answer, key));
    }
    for (key, within) in [
        ("expected", 1e-9),
        ("p_poisson_upper", 1e-9),
        ("var_permutation", 1e-6),
    ] {
        case.close(
            key,
            figure(&answer, key),
            Within {
                absolute: within,
                relative: within,
            },
        );
    }
    let p = figure(&answer, "p_perm");
    let theirs = case.want("perm_R").as_f64().unwrap_or(999.0);
    let check = compare(
        case.group(),
        "p_perm",
        (&p, &case.want("p_perm")),
        &|g, w| chance(g, w, theirs),
    );
    case.keep("p_perm", p, check);
    case.got
        .insert("perm_mean".to_owned(), figure(&answer, "perm_mean"));
    if near.is_object() {
        near_repeat(case, &figure(&answer, "near_repeat"), &near);
    }
    Ok(())
}

/// Two Monte Carlo p-values of one truth: ours from [`PERMUTATIONS`], theirs from `theirs` replicates, 4 standard errors.
fn chance(got: &Value, want: &Value, theirs: f64) -> bool {
    let (Some(g), Some(w)) = (got.as_f64(), want.as_f64()) else {
        return got == want;
    };
    let p = f64::midpoint(g, w).clamp(0.0, 1.0);
    let se = (p * (1.0 - p) * (1.0 / PERMUTATIONS + 1.0 / theirs)).sqrt();
    (g - w).abs() <= 4.0 * se + 1.0 / theirs
}

fn near_repeat(case: &mut Case<'_>, got: &Value, want: &Value) {
    let group = case.group().to_owned();
    let nrep = want["nrep"].as_f64().unwrap_or(999.0);
    let mut checks = vec![
        equal(
            &group,
            "near_repeat observed",
            &got["observed"],
            &want["observed"],
        ),
        compare(&group, "near_repeat p", (&got["p"], &want["p"]), &|g, w| {
            chance(g, w, nrep)
        }),
    ];
    checks.push(ratios(&group, got, want, nrep));
    for check in checks {
        case.checks.push(check);
    }
    case.got.insert("near_repeat".to_owned(), got.clone());
}

/// 5 %, plus 4 standard errors of the golden mean, which stands on `nrep` replicates of rare counts.
fn ratios(group: &str, got: &Value, want: &Value, nrep: f64) -> Check {
    let key = "knox_ratio_mean";
    let with_mean: Vec<Value> = list(&got[key])
        .iter()
        .zip(list(&got["expected"]))
        .map(|(r, m)| {
            Value::Array(
                list(r)
                    .iter()
                    .zip(list(&m))
                    .map(|(r, m)| json!({ "r": r, "m": m }))
                    .collect(),
            )
        })
        .collect();
    compare(
        group,
        "near_repeat ratio",
        (&Value::Array(with_mean), &want[key]),
        &|g, w| {
            let (r, m, w) = (g["r"].as_f64(), g["m"].as_f64(), w.as_f64());
            let (Some(r), Some(m), Some(w)) = (r, m, w) else {
                return g["r"] == json!(w);
            };
            (r - w).abs() <= 0.05 * w.max(1.0) + 4.0 * r / (m.max(1e-9) * nrep).sqrt()
        },
    )
}

/// Series inside the golden file.
pub(crate) fn mann_kendall(case: &mut Case<'_>) -> Result<(), String> {
    let mut all = Vec::new();
    for series in list(&case.golden["series"]) {
        let name = series["name"].as_str().unwrap_or_default().to_owned();
        let input = Input {
            document: json!({ "x": series["x"] }),
            ..Input::default()
        };
        let season = series["alternatives"]
            .as_object()
            .into_iter()
            .flatten()
            .find_map(|(k, _)| k.strip_prefix("seasonal_").map(str::to_owned));
        let given = season.iter().map(|s| ("season", s.clone())).collect();
        let answer = run_method("mann_kendall", &input, &given)?;
        let group = case.group().to_owned();
        let mut got = json!({ "name": name });
        for (key, want) in series["expect"].as_object().into_iter().flatten() {
            let within = match key.as_str() {
                "n" | "S" => 0.0,
                "tau_a" | "tau_b" | "sen_slope" => 1e-12,
                _ => 1e-9,
            };
            let found = figure(&answer, key);
            let within = Within {
                absolute: within,
                relative: within,
            };
            case.checks.push(close(
                &group,
                &format!("{name}: {key}"),
                &found,
                want,
                within,
            ));
            got[key] = found;
        }
        for (which, want) in series["alternatives"].as_object().into_iter().flatten() {
            let own = if which.starts_with("seasonal") {
                "seasonal"
            } else {
                which.as_str()
            };
            let found = figure(&answer, own);
            for (key, want) in want.as_object().into_iter().flatten() {
                let label = format!("{name}: {which} {key}");
                case.checks.push(close(
                    &group,
                    &label,
                    &found[key],
                    want,
                    Within::absolute(1e-6),
                ));
            }
            got[which] = found;
        }
        all.push(got);
    }
    case.got.insert("series".to_owned(), Value::Array(all));
    Ok(())
}

/// Sequences inside the golden file.
pub(crate) fn ehsa_truth(case: &mut Case<'_>) -> Result<(), String> {
    let base: Given = vec![
        ("alpha_trend", case.param("alpha_trend")?),
        ("min_steps", case.param("min_steps")?),
    ];
    let mut all = Vec::new();
    for one in list(&case.golden["cases"]) {
        let name = one["name"].as_str().unwrap_or_default().to_owned();
        let input = Input {
            document: json!({ "z": one["z"], "significant": one["significant"] }),
            ..Input::default()
        };
        let now = run_method("emerging", &input, &base)?;
        let mut given = base.clone();
        given.push(("legacy_sporadic", "true".to_owned()));
        let legacy = run_method("emerging", &input, &given)?;
        let group = case.group().to_owned();
        let got = json!({
            "name": name,
            "category": figure(&now, "category"),
            "category_if_sporadic_may_end_quiet": figure(&legacy, "category"),
            "mk_z": figure(&now, "mk_z"),
            "mk_p": figure(&now, "mk_p"),
        });
        for key in ["category", "category_if_sporadic_may_end_quiet"] {
            case.checks.push(equal(
                &group,
                &format!("{name}: {key}"),
                &got[key],
                &one[key],
            ));
        }
        for key in ["mk_z", "mk_p"] {
            let label = format!("{name}: {key}");
            case.checks.push(close(
                &group,
                &label,
                &got[key],
                &one[key],
                Within::absolute(1e-9),
            ));
        }
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}

/// Cubes of cells and steps.
pub(crate) fn ehsa_cube(case: &mut Case<'_>) -> Result<(), String> {
    let exact = case.golden["expect"].get("category_exact").is_some();
    let mut given: Given = vec![
        ("k", case.param("k_ring")?),
        ("lag", case.param("time_lag_steps")?),
        ("steps", case.param("steps")?),
        ("alpha_bin", case.param("bin_alpha_fdr")?),
        ("alpha_trend", case.param("alpha_trend")?),
        ("exact", exact.to_string()),
    ];
    for (setting, key) in [
        ("res", "res"),
        ("step_days", "step_days"),
        ("cap", "count_cap_per_bin"),
    ] {
        if let Ok(text) = case.param(key) {
            given.push((setting, text));
        }
    }
    let input = cube_input(case, exact);
    let answer = run_method("emerging", &input, &given)?;
    let suffix = if exact { "_norm" } else { "" };
    case.equal("cell", figure(&answer, "cell"));
    for key in ["category", "hot_steps", "cold_steps"] {
        case.equal(&format!("{key}{suffix}"), figure(&answer, key));
    }
    let z = Within::absolute(1e-8);
    let trend = Within::absolute(1e-9);
    case.close(
        &format!("fdr_p_cut{suffix}"),
        figure(&answer, "fdr_p_cut"),
        trend,
    );
    case.close("mk_z", figure(&answer, "mk_z"), trend);
    case.close("mk_p", figure(&answer, "mk_p"), trend);
    case.close("z_last_step", figure(&answer, "z_last_step"), z);
    if exact {
        for key in ["category_exact", "hot_steps_exact", "cold_steps_exact"] {
            case.equal(key, figure(&answer, key));
        }
        case.close("fdr_p_cut_exact", figure(&answer, "fdr_p_cut_exact"), trend);
        case.close(
            "p2_exact_last_step",
            figure(&answer, "p2_exact_last_step"),
            trend,
        );
    } else {
        case.equal("hot_bins", figure(&answer, "hot_bins"));
        case.equal("cold_bins", figure(&answer, "cold_bins"));
        case.close("z_first_step", figure(&answer, "z_first_step"), z);
        case.close("count_mk_z", figure(&answer, "count_mk_z"), trend);
    }
    Ok(())
}

/// The tables of a cube; a golden file that also has exact tails names its locations itself (quiet ones have no row).
fn cube_input(case: &Case<'_>, named: bool) -> Input {
    let mut input = case.input.clone();
    if named {
        let cells = list(&case.want("cell"));
        let names = cells
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let table = Table::from_columns("cells", &[("cell", names)]);
        input.tables.insert("cells".to_owned(), table);
    }
    input
}
