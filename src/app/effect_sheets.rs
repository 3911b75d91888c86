//! Which tables does a run on plain files write: estimates, rings, the league of types, second opinions, remarks?

use serde_json::{Value, json};

use crate::app::error::Error;
use crate::effect::TypeLine;
use crate::effect::files::Remark;
use crate::effect::record::Record;

const ESTIMATES: [&str; 31] = [
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
    "sentence_en",
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

/// A table with its name: the same rows go into `NAME.csv` and `NAME.json`.
pub(super) struct Sheet {
    /// Name of the files, without ending.
    pub(super) name: &'static str,
    header: &'static [&'static str],
    rows: Vec<Value>,
}

impl Sheet {
    /// Comma-separated with a header; nothing becomes an empty cell.
    pub(super) fn csv(&self) -> Result<String, Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let failed = |e: csv::Error| Error::Internal(e.to_string());
        writer.write_record(self.header).map_err(failed)?;
        for row in &self.rows {
            writer.write_record(cells(row)).map_err(failed)?;
        }
        let bytes = writer
            .into_inner()
            .map_err(|e| Error::Internal(e.to_string()))?;
        String::from_utf8(bytes).map_err(|e| Error::Internal(e.to_string()))
    }

    /// A list of objects whose keys are the columns.
    pub(super) fn json(&self) -> Value {
        let object = |row: &Value| -> Value {
            let values = row.as_array().into_iter().flatten().cloned();
            let keys = self.header.iter().map(|h| (*h).to_owned());
            Value::Object(keys.zip(values).collect())
        };
        Value::Array(self.rows.iter().map(object).collect())
    }
}

/// All tables of a run, in the order in which they are read.
pub(super) fn sheets(records: &[Record], league: &[TypeLine], remarks: &[Remark]) -> [Sheet; 5] {
    let sheet = |name, header, rows| Sheet { name, header, rows };
    [
        sheet(
            "estimates",
            &ESTIMATES[..],
            records.iter().map(estimate_row).collect(),
        ),
        sheet(
            "ring",
            &RINGS,
            records.iter().filter_map(ring_row).collect(),
        ),
        sheet("measures", &TYPES, league.iter().map(type_row).collect()),
        sheet(
            "opinions",
            &OPINIONS,
            records.iter().flat_map(opinion_rows).collect(),
        ),
        sheet(
            "remarks",
            &REMARKS,
            remarks
                .iter()
                .map(|r| json!([r.file, r.row, r.refused, r.zh, r.en]))
                .collect(),
        ),
    ]
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

fn estimate_row(r: &Record) -> Value {
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
    json!([
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
        format!("{}. {}", r.en, r.counts_en),
    ])
}

fn opinion_rows(r: &Record) -> impl Iterator<Item = Value> {
    r.methods.iter().map(|o| {
        let high = o.theta.map_or(Value::Null, |_| upper(o.lo, o.hi));
        json!([
            r.site, r.measure, o.design, o.theta, o.lo, high, o.note, o.note_en
        ])
    })
}

fn ring_row(r: &Record) -> Option<Value> {
    let (ring, net) = (r.ring.as_ref()?, r.net.as_ref()?);
    Some(json!([
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
    ]))
}

fn type_row(l: &TypeLine) -> Value {
    json!([
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
    ])
}
