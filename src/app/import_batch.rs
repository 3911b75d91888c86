//! What does the program remember about a batch beside its columns, and how are findings said?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::error::{Error, Result};
use crate::intake::{Code, Header, Lang, Mapping, Severity, Source, words};
use crate::spatial::Datum;
use crate::store::Tx;
use crate::store::batch::{self, Batch, Rejection};
use crate::ticket::Channel;

/// Counts of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// New tickets.
    pub new: u64,
    /// Known tickets about which the file says something new.
    pub changed: u64,
    /// Rows that say nothing new.
    pub same: u64,
    /// Rows that cannot be taken.
    pub error: u64,
    /// Rows without content.
    pub blank: u64,
    /// Header rows repeated inside.
    pub repeated_header: u64,
}

/// One kind of finding and how often it was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// error, `field_error`, warn, repair.
    pub severity: String,
    /// Why.
    pub why: String,
    /// What to do.
    pub cure: String,
    /// How often.
    pub count: u64,
}

/// Everything about a batch that has no column of its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Body {
    pub(super) bytes: u64,
    pub(super) channel: Option<Channel>,
    pub(super) datum: Option<Datum>,
    pub(super) header: Option<Header>,
    pub(super) mapping: Option<Mapping>,
    pub(super) samples: Vec<String>,
    pub(super) rows: u64,
    pub(super) counts: Counts,
    pub(super) findings: BTreeMap<String, u64>,
    pub(super) message: String,
    pub(super) job: Option<i64>,
}

/// The name a mapping is remembered under: the source as named, else the columns themselves.
pub(super) fn remembered_as(row: &Batch, header: Option<&Header>) -> String {
    if !row.source.is_empty() {
        return row.source.clone();
    }
    header.map_or_else(String::new, |h| format!("columns:{}", h.signature()))
}

/// What reading needs to know about the source of a batch.
pub(super) fn source_of(row: &Batch, body: &Body) -> Source {
    Source {
        name: row.source.clone(),
        channel: body.channel,
        datum: body.datum,
    }
}

/// A batch that is in one of the states, or the refusal that names its state.
pub(super) async fn in_state(tx: &mut Tx, id: i64, states: &[&str]) -> Result<Batch> {
    let row = batch::by_id(tx, id).await?.ok_or(Error::NotFound)?;
    if states.contains(&row.state.as_str()) {
        return Ok(row);
    }
    let state = match row.state.as_str() {
        "reading" => "正在读取",
        "ready" => "待提交",
        "committing" => "正在提交",
        "committed" => "已写入",
        "undoing" => "正在撤销",
        "undone" => "已撤销",
        "failed" => "读取失败",
        "discarded" => "已放弃",
        other => other,
    };
    let why = format!("该批次{state}，此操作不适用 (the batch is {})", row.state);
    Err(Error::refused("wrong_state", why))
}

pub(super) fn read_body(row: &Batch) -> Result<Body> {
    serde_json::from_str(&row.body).map_err(|e| Error::Internal(format!("batch {}: {e}", row.id)))
}

pub(super) fn write_body(body: &Body) -> Result<String> {
    serde_json::to_string(body).map_err(|e| Error::Internal(e.to_string()))
}

/// A finding as a row of the report, in both languages.
pub(super) fn finding(row: u64, column: &str, value: &str, code: Code) -> Rejection {
    Rejection {
        row: i64::try_from(row).unwrap_or(i64::MAX),
        column: column.to_owned(),
        value: value.to_owned(),
        code: code.code().to_owned(),
        why: format!(
            "{} ({})",
            words::why(code, Lang::Zh),
            words::why(code, Lang::En)
        ),
        cure: match words::cure(code, Lang::Zh) {
            "" => String::new(),
            cure => format!("{cure} ({})", words::cure(code, Lang::En)),
        },
        severity: severity_code(code.severity()).to_owned(),
    }
}

const fn severity_code(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::FieldError => "field_error",
        Severity::Warn => "warn",
        Severity::Repair => "repair",
    }
}

/// Findings by kind, most costly first.
pub(super) fn findings(counts: &BTreeMap<String, u64>) -> Vec<Finding> {
    Code::ALL
        .iter()
        .filter_map(|code| {
            let count = *counts.get(code.code())?;
            let one = finding(0, "", "", *code);
            Some(Finding {
                code: one.code,
                severity: one.severity,
                why: one.why,
                cure: one.cure,
                count,
            })
        })
        .collect()
}
