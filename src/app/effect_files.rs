//! What did measures do, from plain files alone: an analyst's door to the estimator without a database?
//!
//! Reads the four files (and the ring) into a panel, evaluates every measure, and writes estimates, rings, the league of
//! measure types and every refused row as CSV and JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::error::Error;
use crate::calendar::Day;
use crate::effect::designs::of_type::{of_type, types};
use crate::effect::designs::{OfType, attach_all};
use crate::effect::files::{Files, Remark, read};
use crate::effect::placebo::{Placebo, placebo};
use crate::effect::prepared::Prepared;
use crate::effect::record::Record;
use crate::effect::settings::Settings;
use crate::effect::{Look, Panel, TypeLine, evaluate_all, finish, league, prepare};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 2_000_000_000;

/// What to read and how to look at it.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Sites.
    pub sites: PathBuf,
    /// Tickets.
    pub tickets: PathBuf,
    /// Measures with their dates.
    pub treatments: Option<PathBuf>,
    /// Days off and school days.
    pub calendar: Option<PathBuf>,
    /// Tickets in the rings.
    pub ring: Option<PathBuf>,
    /// Tickets of other categories in core and ring.
    pub other: Option<PathBuf>,
    /// First day of data.
    pub from: Option<Day>,
    /// Last day of data.
    pub until: Option<Day>,
    /// The look: `None` for the latest that has fallen due.
    pub look: Option<Look>,
    /// Options of the estimator.
    pub settings: Settings,
}

/// Everything that came out.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The prepared panel.
    pub prepared: Prepared,
    /// One record per bundle of measures.
    pub records: Vec<Record>,
    /// League of measure types.
    pub league: Vec<TypeLine>,
    /// Refused rows and other remarks.
    pub remarks: Vec<Remark>,
}

fn bytes(path: Option<&Path>) -> Result<Vec<u8>, Error> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let shown = path.display();
    let wrong = |e: std::io::Error| Error::invalid("input", format!("{shown}: {e}"));
    let size = fs::metadata(path).map_err(wrong)?.len();
    if size > LARGEST {
        let why = format!("{shown} has {size} bytes, the limit is {LARGEST}; split it by category");
        return Err(Error::refused("too_large", why));
    }
    fs::read(path).map_err(wrong)
}

/// Reads the files into a panel.
pub fn panel(order: &Order) -> Result<(Panel, Vec<Remark>), Error> {
    let sites = bytes(Some(&order.sites))?;
    let tickets = bytes(Some(&order.tickets))?;
    let treatments = match &order.treatments {
        Some(path) => bytes(Some(path))?,
        None => b"site_id,measure,decision_date,install_end\n".to_vec(),
    };
    let calendar = bytes(order.calendar.as_deref())?;
    let ring = bytes(order.ring.as_deref())?;
    let other = bytes(order.other.as_deref())?;
    let files = Files {
        sites: &sites,
        tickets: &tickets,
        treatments: &treatments,
        calendar: &calendar,
        ring: &ring,
        other: &other,
        from: order.from,
        until: order.until,
    };
    read(&files).map_err(|e| Error::invalid("input", e.to_string()))
}

/// Evaluates every measure of the files.
pub fn run(order: &Order) -> Result<Outcome, Error> {
    let (panel, remarks) = panel(order)?;
    let prepared = prepare(panel, order.settings.clone());
    let mut records = evaluate_all(&prepared, order.look);
    attach_all(&prepared, &mut records);
    finish(&mut records);
    let league = league(&records, &costs(&prepared.panel));
    Ok(Outcome {
        prepared,
        records,
        league,
        remarks,
    })
}

/// Pretends decisions at the files' untreated sites.
pub fn run_placebo(order: &Order, seed: u64) -> Result<Placebo, Error> {
    let (panel, _) = panel(order)?;
    Ok(placebo(&panel, &order.settings, seed))
}

fn costs(panel: &Panel) -> BTreeMap<String, i64> {
    let known = panel.treatments.iter();
    known
        .filter_map(|t| Some((t.id.clone(), t.cost?)))
        .collect()
}

/// Writes `estimates.csv`, `ring.csv`, `measures.csv`, `opinions.csv`, `remarks.csv` and `effect.json` into a folder.
pub fn write(outcome: &Outcome, folder: &Path) -> Result<(), Error> {
    write_all(
        &outcome.prepared,
        &outcome.records,
        &outcome.remarks,
        folder,
    )
}

/// As [`write()`], from the parts.
pub fn write_all(
    prepared: &Prepared,
    records: &[Record],
    remarks: &[Remark],
    folder: &Path,
) -> Result<(), Error> {
    let failed =
        |e: std::io::Error| Error::refused("unwritable", format!("{}: {e}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let league = league(records, &costs(&prepared.panel));
    let remark_rows = remarks.iter().map(|r| {
        let row = json!([r.file, r.row, r.refused, r.zh, r.en]);
        cells(&row)
    });
    for (name, text) in [
        (
            "estimates.csv",
            csv_of(&ESTIMATES, records.iter().map(estimate_row))?,
        ),
        (
            "ring.csv",
            csv_of(&RINGS, records.iter().filter_map(ring_row))?,
        ),
        ("measures.csv", csv_of(&TYPES, league.iter().map(type_row))?),
        (
            "opinions.csv",
            csv_of(&OPINIONS, records.iter().flat_map(opinion_rows))?,
        ),
        ("remarks.csv", csv_of(&REMARKS, remark_rows)?),
        (
            "effect.json",
            format!("{:#}\n", document(prepared, records, &league, remarks)),
        ),
    ] {
        fs::write(folder.join(name), text).map_err(failed)?;
    }
    Ok(())
}

/// The whole answer as one document.
#[must_use]
pub fn document(
    prepared: &Prepared,
    records: &[Record],
    league: &[TypeLine],
    remarks: &[Remark],
) -> Value {
    let references: BTreeMap<&String, Value> = prepared
        .references
        .iter()
        .map(|(category, r)| {
            let flare = r.recency.map(|m| {
                json!({ "k": m.k, "s2": m.s2, "rho": m.rho, "psi": m.psi, "ll": m.ll, "ll_static": m.ll_static })
            });
            let words = json!({
                "sites": r.sites.len(), "phi": r.phi_plain, "psi": r.psi, "phi_clumped": r.phi, "recency": flare,
            });
            (category, words)
        })
        .collect();
    let by_type: Vec<OfType> = types(&prepared.bundles)
        .iter()
        .map(|measure| of_type(prepared, measure))
        .collect();
    json!({
        "engine": env!("CARGO_PKG_VERSION"),
        "settings": {
            "history_days": prepared.settings.history_days, "settle": prepared.settings.settle,
            "contamination_m": prepared.settings.contamination_m,
            "from": prepared.panel.first.iso(), "until": prepared.panel.civil(prepared.panel.days - 1).iso(),
        },
        "references": references, "records": records, "league": league, "types": by_type, "remarks": remarks,
    })
}

const ESTIMATES: [&str; 30] = [
    "site_id",
    "category",
    "measure",
    "look",
    "after_from",
    "after_until",
    "y_after",
    "expected",
    "rel",
    "psi",
    "u",
    "w",
    "theta",
    "lo95",
    "hi95",
    "p",
    "q",
    "crit",
    "mde",
    "verdict",
    "interim",
    "naive",
    "calendar",
    "falling_back",
    "effect",
    "type_theta",
    "type_lo",
    "type_hi",
    "flags",
    "sentence",
];

const RINGS: [&str; 11] = [
    "site_id",
    "y_ring_after",
    "expected_ring",
    "rel",
    "lo95",
    "hi95",
    "avoided_core",
    "avoided_ring",
    "tne",
    "tne_lo95",
    "tne_hi95",
];

const TYPES: [&str; 19] = [
    "measure",
    "n_sites",
    "y_after",
    "expected",
    "theta",
    "lo95",
    "hi95",
    "chi2_per_df",
    "listed",
    "evidence",
    "p_reduces",
    "avoided",
    "works",
    "worse",
    "cost_per_avoided",
    "shrunk",
    "shrunk_lo95",
    "shrunk_hi95",
    "rank",
];

const OPINIONS: [&str; 8] = [
    "site_id", "measure", "design", "ratio", "lo95", "hi95", "note", "note_en",
];

const REMARKS: [&str; 5] = ["file", "row", "refused", "zh", "en"];

fn csv_of(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |e: csv::Error| Error::Internal(e.to_string());
    writer.write_record(header).map_err(failed)?;
    for row in rows {
        writer.write_record(row).map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|e| Error::Internal(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
}

/// A list of plain values as cells; nothing becomes an empty cell.
fn cells(row: &Value) -> Vec<String> {
    let items = row.as_array().into_iter().flatten();
    items
        .map(|v| match v {
            Value::Null => String::new(),
            Value::String(s) => s.clone(),
            other => other.to_string(),
        })
        .collect()
}

/// The upper end of an interval as it is printed: unbounded is `inf`, undefined is empty.
fn upper(lo: Option<f64>, hi: Option<f64>) -> Value {
    match (lo, hi) {
        (Some(_), None) => json!("inf"),
        (_, hi) => json!(hi),
    }
}

fn estimate_row(r: &Record) -> Vec<String> {
    let after = r
        .windows
        .as_ref()
        .map(|w| (w.after.from.clone(), w.after.until.clone()));
    let (from, until) = after.unwrap_or_default();
    let fall = r.waterfall.as_ref();
    let borrowed = r.borrowed.as_ref();
    let flags: Vec<String> = r
        .flags
        .iter()
        .filter_map(|f| Some(serde_json::to_value(f.code).ok()?.as_str()?.to_owned()))
        .collect();
    let look = serde_json::to_value(r.look).unwrap_or(Value::Null);
    cells(&json!([
        r.site,
        r.category,
        r.measure,
        look,
        from,
        until,
        r.y,
        r.expected,
        r.rel,
        r.psi,
        r.u,
        r.w,
        r.theta,
        r.lo,
        upper(r.lo, r.hi),
        r.p,
        r.q,
        r.crit,
        r.mde,
        r.verdict.name(),
        r.interim,
        fall.and_then(|w| w.naive),
        fall.and_then(|w| w.calendar),
        fall.and_then(|w| w.falling_back),
        fall.and_then(|w| w.measure),
        borrowed.map(|b| b.theta),
        borrowed.map(|b| b.lo),
        borrowed.map(|b| b.hi),
        flags.join(";"),
        format!("{}。{}", r.zh, r.counts_zh),
    ]))
}

fn opinion_rows(r: &Record) -> impl Iterator<Item = Vec<String>> {
    r.methods.iter().map(|o| {
        let high = o.theta.map_or(Value::Null, |_| upper(o.lo, o.hi));
        let figures = json!([
            r.site, r.measure, o.design, o.theta, o.lo, high, o.note, o.note_en
        ]);
        cells(&figures)
    })
}

fn ring_row(r: &Record) -> Option<Vec<String>> {
    let (ring, net) = (r.ring.as_ref()?, r.net.as_ref()?);
    Some(cells(&json!([
        r.site,
        ring.y,
        ring.expected,
        ring.rel,
        ring.lo,
        upper(Some(ring.lo), ring.hi),
        net.avoided_core,
        net.avoided_ring,
        net.total,
        net.lo,
        net.hi,
    ])))
}

fn type_row(l: &TypeLine) -> Vec<String> {
    cells(&json!([
        l.measure,
        l.pooled.sites,
        l.pooled.y,
        l.pooled.expected,
        l.pooled.theta,
        l.pooled.lo,
        l.pooled.hi,
        l.pooled.chi2_per_df,
        l.listed,
        l.letter.to_string(),
        l.p_reduces,
        l.avoided,
        l.works,
        l.worse,
        l.cost_per_avoided,
        l.place.map(|p| p.shrunk),
        l.place.map(|p| p.lo),
        l.place.map(|p| p.hi),
        l.place.map(|p| p.rank),
    ]))
}
