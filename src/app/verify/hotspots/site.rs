//! Golden cases of single sites and roads: screening, peak hours, repeat callers.

use serde_json::{Value, json};

use crate::app::verify::hotspots::compare::{Within, close, compare, equal};
use crate::app::verify::hotspots::{Case, Given, figure, run_method};
use crate::hotspot::{Input, Table};

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    list(value)
        .iter()
        .map(|v| match v {
            Value::Null => String::new(),
            Value::String(s) => s.clone(),
            other => other.to_string(),
        })
        .collect()
}

fn number(value: &Value) -> String {
    value.as_f64().map_or_else(String::new, |f| f.to_string())
}

const FIGURE: Within = Within {
    absolute: 1e-9,
    relative: 1e-9,
};

/// Sliding windows, peak searches, excess, critical rates and EPDO inside the golden file.
pub(crate) fn road_screening(case: &mut Case<'_>) -> Result<(), String> {
    let group = case.group().to_owned();
    let mut all = Vec::new();
    for road in list(&case.golden["cases"]) {
        let (sliding, peak) = (&road["sliding"], &road["peak_search"]);
        let events = [
            ("position_m", texts(&road["position_m"])),
            ("weight", texts(&road["weight"])),
        ];
        let input = Input::of(Table::from_columns("events", &events));
        let given: Given = vec![
            ("length_m", number(&road["length_m"])),
            ("window_m", number(&sliding["window_m"])),
            ("step_m", number(&sliding["step_m"])),
            ("start_m", number(&peak["start_m"])),
            ("grow_m", number(&peak["grow_m"])),
            ("cv_max", number(&peak["cv_max"])),
        ];
        let answer = run_method("road_screening", &input, &given)?;
        let name = road["name"].as_str().unwrap_or_default();
        let own = figure(&answer, "peak_search");
        let got = json!({ "name": name, "windows": figure(&answer, "windows"), "max_score": figure(&answer, "max_score"), "peak_search": own });
        for key in ["windows", "max_score"] {
            case.checks.push(close(
                &group,
                &format!("{name}: sliding {key}"),
                &got[key],
                &sliding[key],
                FIGURE,
            ));
        }
        for key in [
            "window", "windows", "score", "cv", "passed", "peak", "precise",
        ] {
            case.checks.push(close(
                &group,
                &format!("{name}: peak {key}"),
                &own[key],
                &peak[key],
                FIGURE,
            ));
        }
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    excess(case)?;
    rates(case)
}

fn excess(case: &mut Case<'_>) -> Result<(), String> {
    let group = case.group().to_owned();
    let mut all = Vec::new();
    for (i, one) in list(&case.golden["eb"]).iter().enumerate() {
        let years = [
            ("predicted", texts(&one["predicted_by_year"])),
            ("observed", texts(&one["observed_by_year"])),
        ];
        let input = Input::of(Table::from_columns("years", &years));
        let answer = run_method(
            "road_screening",
            &input,
            &vec![("dispersion", number(&one["k"]))],
        )?;
        let got = figure(&answer, "eb");
        for key in ["w", "expected", "excess", "variance", "last_year_expected"] {
            case.checks.push(close(
                &group,
                &format!("eb {i}: {key}"),
                &got[key],
                &one[key],
                FIGURE,
            ));
        }
        all.push(got);
    }
    case.got.insert("eb".to_owned(), Value::Array(all));
    Ok(())
}

fn rates(case: &mut Case<'_>) -> Result<(), String> {
    let group = case.group().to_owned();
    let mut all = Vec::new();
    for (i, one) in list(&case.golden["critical_rate"]).iter().enumerate() {
        let given: Given = vec![
            ("reference_rate", number(&one["reference_rate"])),
            ("exposure", number(&one["exposure"])),
            ("p_value", number(&one["P"])),
        ];
        let answer = run_method("road_screening", &Input::default(), &given)?;
        let got = figure(&answer, "critical_rate");
        case.checks.push(close(
            &group,
            &format!("critical rate {i}"),
            &got,
            &one["critical_rate"],
            FIGURE,
        ));
        all.push(got);
    }
    case.got
        .insert("critical_rate".to_owned(), Value::Array(all));
    let mut all = Vec::new();
    for (i, one) in list(&case.golden["epdo"]).iter().enumerate() {
        let kinds: Vec<String> = one["counts"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(k, _)| k.clone())
            .collect();
        let column = |of: &str| {
            kinds
                .iter()
                .map(|k| number(&one[of][k]))
                .collect::<Vec<_>>()
        };
        let severity = [
            ("kind", kinds.clone()),
            ("count", column("counts")),
            ("weight", column("weights")),
        ];
        let input = Input::of(Table::from_columns("severity", &severity));
        let answer = run_method("road_screening", &input, &Vec::new())?;
        let got = figure(&answer, "epdo");
        case.checks.push(close(
            &group,
            &format!("epdo {i}"),
            &got,
            &one["epdo"],
            FIGURE,
        ));
        all.push(got);
    }
    case.got.insert("epdo".to_owned(), Value::Array(all));
    Ok(())
}

/// Days of sites inside the golden file.
pub(crate) fn peak_hours(case: &mut Case<'_>) -> Result<(), String> {
    let group = case.group().to_owned();
    let mut all = Vec::new();
    for one in list(&case.golden["cases"]) {
        let name = one["name"].as_str().unwrap_or_default().to_owned();
        let input = Input {
            document: json!({ "count": one["count"], "city_count": one["city_count"] }),
            ..Input::default()
        };
        let given: Given = vec![
            ("max_length", case.param("max_length")?),
            ("replicates", "1999".to_owned()),
        ];
        let answer = run_method("peak_hours", &input, &given)?;
        let want = &one["expect"];
        let got = json!({
            "name": name,
            "llr": figure(&answer, "llr"),
            "start_bin": figure(&answer, "start_bin"),
            "length": figure(&answer, "length"),
            "p_perm": figure(&answer, "p_perm"),
        });
        case.checks.push(close(
            &group,
            &format!("{name}: llr"),
            &got["llr"],
            &want["llr"],
            FIGURE,
        ));
        for key in ["start_bin", "length"] {
            case.checks.push(equal(
                &group,
                &format!("{name}: {key}"),
                &got[key],
                &want[key],
            ));
        }
        let theirs = want["perm_R"].as_f64().unwrap_or(1999.0);
        let check = compare(
            &group,
            &format!("{name}: p_perm"),
            (&got["p_perm"], &want["p_perm"]),
            &|g, w| {
                let (g, w) = (
                    g.as_f64().unwrap_or(f64::NAN),
                    w.as_f64().unwrap_or(f64::NAN),
                );
                let p = f64::midpoint(g, w);
                let se = (p * (1.0 - p) * (1.0 / theirs + 1.0 / 1999.0)).sqrt();
                (g - w).abs() <= 4.0 * se + 1.0 / theirs
            },
        );
        case.checks.push(check);
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}

/// Tickets of single sites inside the golden file.
pub(crate) fn caller_weighting(case: &mut Case<'_>) -> Result<(), String> {
    let group = case.group().to_owned();
    let given: Given = vec![
        ("same_days", case.param("same_days")?),
        ("window_days", case.param("window_days")?),
        ("lambda", case.param("lambda")?),
    ];
    let mut all = Vec::new();
    for one in list(&case.golden["cases"]) {
        let rows = list(&one["tickets"]);
        let column = |i: usize| texts(&Value::Array(rows.iter().map(|r| r[i].clone()).collect()));
        let columns = [("id", column(0)), ("caller", column(1)), ("day", column(2))];
        let input = Input::of(Table::from_columns("tickets", &columns));
        let answer = run_method("caller_weighting", &input, &given)?;
        let name = one["name"].as_str().unwrap_or_default();
        let mut got = json!({ "name": name });
        for (key, want) in one["expect"].as_object().into_iter().flatten() {
            let found = figure(&answer, key);
            let within = Within::absolute(1e-12);
            case.checks.push(close(
                &group,
                &format!("{name}: {key}"),
                &found,
                want,
                within,
            ));
            got[key] = found;
        }
        all.push(got);
    }
    case.got.insert("cases".to_owned(), Value::Array(all));
    Ok(())
}
