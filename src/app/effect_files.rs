//! What did measures do, from plain files alone: an analyst's door to the estimator without a database?
//!
//! Reads the four files (and the ring) into a panel, evaluates every measure, and writes estimates, rings, the league of
//! measure types, second opinions and every refused row as CSV and as JSON.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::app::effect_sheets::sheets;
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
    /// Days that count on neither side.
    pub gaps: Option<PathBuf>,
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
    let gaps = bytes(order.gaps.as_deref())?;
    let files = Files {
        sites: &sites,
        tickets: &tickets,
        treatments: &treatments,
        calendar: &calendar,
        ring: &ring,
        other: &other,
        gaps: &gaps,
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

/// Writes estimates, rings, league, second opinions and remarks as `NAME.csv` and `NAME.json`, and everything together as
/// `effect.json`, into a folder (made if absent); gives the names written, in order.
pub fn write(outcome: &Outcome, folder: &Path) -> Result<Vec<String>, Error> {
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
) -> Result<Vec<String>, Error> {
    let failed =
        |e: std::io::Error| Error::refused("unwritable", format!("{}: {e}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    let league = league(records, &costs(&prepared.panel));
    let mut names = Vec::new();
    let mut keep = |name: String, text: String| {
        fs::write(folder.join(&name), text).map_err(failed)?;
        names.push(name);
        Ok::<(), Error>(())
    };
    for sheet in sheets(records, &league, remarks) {
        keep(format!("{}.csv", sheet.name), sheet.csv()?)?;
        keep(
            format!("{}.json", sheet.name),
            format!("{:#}\n", sheet.json()),
        )?;
    }
    let all = document(prepared, records, &league, remarks);
    keep("effect.json".to_owned(), format!("{all:#}\n"))?;
    Ok(names)
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
