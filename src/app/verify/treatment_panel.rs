//! Does a whole panel on plain files come out as expected: parameters, estimates, rings and types of measures?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::app::effect_files;
use crate::app::verify::Check;
use crate::effect::expect::{Between, Expectation, static_expectation};
use crate::effect::files::{Files, read};
use crate::effect::league::{Entry, pool};
use crate::effect::look::Look;
use crate::effect::panel::within;
use crate::effect::prepared::{Prepared, Reference};
use crate::effect::record::Record;
use crate::effect::settings::Settings;
use crate::effect::verdict::{Evidence, judge};
use crate::effect::{evaluate_all, prepare};

/// Relative tolerance of a panel's figures.
const NEAR: f64 = 1e-3;

/// Nothing is compared nearer than this: figures are printed with five or six decimals.
const PRINTED: f64 = 1e-5;

/// Evaluates the panel and compares every expected file that a design of the product answers.
#[must_use]
pub fn run(folder: &Path, group: &str, emit: Option<&Path>) -> Vec<Check> {
    match checked(folder, group, emit) {
        Ok(checks) => checks,
        Err(why) => vec![Check::new(group, "panel", false, why)],
    }
}

fn optional(folder: &Path, name: &str) -> Vec<u8> {
    fs::read(folder.join(name)).unwrap_or_default()
}

/// The panel as the golden files were computed: no contamination distance, the whole history, each category on its own.
pub fn prepared(folder: &Path) -> Result<Prepared, String> {
    let bytes = |name: &str| fs::read(folder.join(name)).map_err(|e| format!("{name}: {e}"));
    let (sites, tickets, treatments) = (
        bytes("sites.csv")?,
        bytes("tickets.csv")?,
        bytes("treatments.csv")?,
    );
    let (calendar, ring) = (
        optional(folder, "calendar.csv"),
        optional(folder, "ring_tickets.csv"),
    );
    let files = Files {
        sites: &sites,
        tickets: &tickets,
        treatments: &treatments,
        calendar: &calendar,
        ring: &ring,
        ..Files::default()
    };
    let (panel, _) = read(&files).map_err(|e| e.to_string())?;
    let settings = Settings {
        contamination_m: 0.0,
        history_days: 1_000_000,
        least_sites: 0,
        least_before: 0,
        least_after: 0,
        ..Settings::default()
    };
    Ok(prepare(panel, settings))
}

fn checked(folder: &Path, group: &str, emit: Option<&Path>) -> Result<Vec<Check>, String> {
    let prepared = prepared(folder)?;
    let records = evaluate_all(&prepared, Some(Look::Single));
    if let Some(out) = emit {
        let out = out.join("panel");
        effect_files::write_all(&prepared, &records, &[], &out).map_err(|e| e.to_string())?;
    }
    let expected = folder.join("expected");
    let mut checks = parameters(&prepared, &expected, group);
    checks.extend(estimates(&records, &expected, group));
    checks.extend(rings(&records, &expected, group));
    let by_record: Vec<(String, Entry)> = records.iter().filter_map(entry_of).collect();
    checks.extend(types(
        &by_record,
        (&expected, "measures_eb_recency.csv"),
        group,
    ));
    for (name, form) in [("eb_joint_psi", true), ("eb_joint", false)] {
        let rows = static_rows(&prepared, form);
        checks.extend(compare_estimates(
            &rows,
            (&expected, &format!("estimates_{name}.csv")),
            group,
        ));
        let entries: Vec<(String, Entry)> =
            rows.iter().map(|r| (r.measure.clone(), r.entry)).collect();
        checks.extend(types(
            &entries,
            (&expected, &format!("measures_{name}.csv")),
            group,
        ));
    }
    if checks.is_empty() {
        checks.push(Check::new(
            group,
            "expected",
            false,
            "holds no file that could be compared",
        ));
    }
    Ok(checks)
}

fn entry_of(record: &Record) -> Option<(String, Entry)> {
    let entry = Entry {
        y: record.y,
        expected: record.expected?,
        rel: record.rel?,
        psi: record.psi?,
    };
    Some((record.measure.clone(), entry))
}

fn near(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= PRINTED.max(NEAR * expected.abs())
}

type Row = BTreeMap<String, String>;

/// Rows of an expected file by the first column; `None` when the file is absent.
fn rows((folder, name): (&Path, &str)) -> Option<Vec<Row>> {
    let mut reader = csv::Reader::from_path(folder.join(name)).ok()?;
    let header: Vec<String> = reader.headers().ok()?.iter().map(str::to_owned).collect();
    let row = |r: csv::StringRecord| {
        header
            .iter()
            .cloned()
            .zip(r.iter().map(str::to_owned))
            .collect()
    };
    reader.records().map(|r| r.ok().map(row)).collect()
}

/// Compares named figures with a row; one check per row.
fn row_check(group: &str, name: &str, row: &Row, found: &[(&str, Option<f64>)]) -> Check {
    let mut wrong = Vec::new();
    for (column, got) in found {
        let text = row.get(*column).map_or("", String::as_str);
        let wanted: Option<f64> = text.parse().ok();
        let holds = match (wanted, got) {
            (Some(w), Some(g)) => (w.is_infinite() && g.is_infinite()) || near(*g, w),
            (Some(w), None) => w.is_infinite(),
            (None, None) => true,
            (None, Some(_)) => text.is_empty() || !row.contains_key(*column),
        };
        if !holds {
            wrong.push(format!("{column} expected {text}, got {got:?}"));
        }
    }
    Check::new(group, name, wrong.is_empty(), wrong.join("; "))
}

fn parameters(prepared: &Prepared, expected: &Path, group: &str) -> Vec<Check> {
    let bytes = fs::read(expected.join("parameters.json")).ok();
    let Some(Value::Object(categories)) = bytes.and_then(|b| serde_json::from_slice(&b).ok())
    else {
        return Vec::new();
    };
    let mut checks = Vec::new();
    for (category, wanted) in &categories {
        let Some(found) = prepared.references.get(category) else {
            checks.push(Check::new(
                group,
                category,
                false,
                "no such category in sites.csv",
            ));
            continue;
        };
        let recency = found.recency.unwrap_or_default();
        let got = json!({
            "phi": found.phi_plain, "psi": found.psi,
            "recency": { "k": recency.k, "s2": recency.s2, "rho": recency.rho, "psi": recency.psi,
                         "ll": recency.ll, "ll_static": recency.ll_static },
        });
        for (path, wanted) in [
            ("/phi", wanted),
            ("/psi", wanted),
            ("/recency/k", wanted),
            ("/recency/s2", wanted),
            ("/recency/rho", wanted),
            ("/recency/psi", wanted),
            ("/recency/ll", wanted),
            ("/recency/ll_static", wanted),
        ] {
            let Some(w) = wanted.pointer(path).and_then(Value::as_f64) else {
                continue;
            };
            let g = got
                .pointer(path)
                .and_then(Value::as_f64)
                .unwrap_or(f64::NAN);
            let name = format!("parameters {category}{path}");
            checks.push(Check::new(
                group,
                &name,
                near(g, w),
                format!("expected {w}, got {g}"),
            ));
        }
    }
    checks
}

fn estimates(records: &[Record], expected: &Path, group: &str) -> Vec<Check> {
    let rows = records
        .iter()
        .filter_map(|r| {
            Some(Estimate {
                site: r.site.clone(),
                measure: r.measure.clone(),
                entry: entry_of(r)?.1,
                theta: r.theta,
                lo: r.lo,
                hi: r.hi,
                p: r.p,
                verdict: r.verdict.name(),
            })
        })
        .collect::<Vec<_>>();
    compare_estimates(&rows, (expected, "estimates_eb_recency.csv"), group)
}

/// One estimate as the expected files print it.
struct Estimate {
    site: String,
    measure: String,
    entry: Entry,
    theta: Option<f64>,
    lo: Option<f64>,
    hi: Option<f64>,
    p: Option<f64>,
    verdict: &'static str,
}

fn compare_estimates(found: &[Estimate], file: (&Path, &str), group: &str) -> Vec<Check> {
    let Some(wanted) = rows(file) else {
        return Vec::new();
    };
    let name = file.1.trim_end_matches(".csv");
    wanted
        .iter()
        .map(|row| {
            let site = row.get("site_id").map_or("", String::as_str);
            let title = format!("{name} {site}");
            let Some(got) = found.iter().find(|e| e.site == site) else {
                return Check::new(group, &title, false, "no estimate");
            };
            let figures = [
                ("y_after", Some(got.entry.y as f64)),
                ("expected", Some(got.entry.expected)),
                ("theta", got.theta),
                ("lo95", got.lo),
                ("hi95", got.hi),
                ("p", got.p),
            ];
            let mut check = row_check(group, &title, row, &figures);
            if let Some(verdict) = row.get("verdict").filter(|v| *v != got.verdict) {
                check.passed = false;
                check.detail = format!(
                    "{} verdict expected {verdict}, got {}",
                    check.detail, got.verdict
                );
            }
            check
        })
        .collect()
}

/// Estimates of the static form, with the clumping of blocks or as Poisson.
fn static_rows(prepared: &Prepared, clumped: bool) -> Vec<Estimate> {
    let estimate = |at: usize| {
        let bundle = prepared.bundles.get(at)?;
        let site = prepared.panel.sites.get(bundle.site)?;
        let windows = bundle.windows(&prepared.panel, &prepared.settings, Look::Single)?;
        let own = prepared.references.get(&site.category)?;
        let plain = Reference {
            curve: own.plain.clone(),
            phi: own.phi_plain,
            psi: 1.0,
            ..own.clone()
        };
        let between = Between {
            history: windows.history,
            after: windows.after,
        };
        let found: Expectation =
            static_expectation(if clumped { own } else { &plain }, &site.core, between)?;
        let y = within(&site.core, windows.after).len() as u64;
        let effect = found.law().effect(y, 0.05);
        let verdict = judge(Evidence {
            after_days: windows.after.len(),
            crit: found.law().critical(0.05),
            lo: effect.lo,
            hi: effect.hi,
        });
        Some(Estimate {
            site: site.id.clone(),
            measure: bundle.measure.clone(),
            entry: Entry {
                y,
                expected: found.expected,
                rel: found.rel,
                psi: found.psi,
            },
            theta: Some(effect.theta),
            lo: Some(effect.lo),
            hi: Some(effect.hi),
            p: Some(effect.p),
            verdict: verdict.name(),
        })
    };
    (0..prepared.bundles.len()).filter_map(estimate).collect()
}

fn rings(records: &[Record], expected: &Path, group: &str) -> Vec<Check> {
    let Some(wanted) = rows((expected, "ring.csv")) else {
        return Vec::new();
    };
    wanted
        .iter()
        .map(|row| {
            let site = row.get("site_id").map_or("", String::as_str);
            let title = format!("ring {site}");
            let record = records.iter().find(|r| r.site == site);
            let Some((ring, net)) = record.and_then(|r| Some((r.ring.as_ref()?, r.net.as_ref()?)))
            else {
                return Check::new(group, &title, false, "no ring");
            };
            let figures = [
                ("y_ring_after", Some(ring.y as f64)),
                ("expected_ring", Some(ring.expected)),
                ("rel", Some(ring.rel)),
                ("lo95", Some(ring.lo)),
                ("hi95", ring.hi),
                ("avoided_core", Some(net.avoided_core)),
                ("avoided_ring", Some(net.avoided_ring)),
                ("tne", Some(net.total)),
                ("tne_lo95", Some(net.lo)),
                ("tne_hi95", Some(net.hi)),
            ];
            row_check(group, &title, row, &figures)
        })
        .collect()
}

fn types(entries: &[(String, Entry)], file: (&Path, &str), group: &str) -> Vec<Check> {
    let Some(wanted) = rows(file) else {
        return Vec::new();
    };
    let name = file.1.trim_end_matches(".csv");
    wanted
        .iter()
        .map(|row| {
            let measure = row.get("measure").map_or("", String::as_str);
            let title = format!("{name} {measure}");
            let own: Vec<Entry> = entries
                .iter()
                .filter(|e| e.0 == measure)
                .map(|e| e.1)
                .collect();
            let Some(pooled) = pool(&own) else {
                return Check::new(group, &title, false, "no such type");
            };
            let figures = [
                ("n_sites", Some(pooled.sites as f64)),
                ("y_after", Some(pooled.y as f64)),
                ("expected", Some(pooled.expected)),
                ("theta", Some(pooled.theta)),
                ("lo95", Some(pooled.lo)),
                ("hi95", Some(pooled.hi)),
            ];
            row_check(group, &title, row, &figures)
        })
        .collect()
}
