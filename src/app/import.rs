//! How does a file become a batch: staged, read on trial, mapped, committed whole or undone?

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::hold::{Held, hold, is_held};
use crate::app::import_batch::{
    Body, Counts, Finding, findings, in_state, read_body, remembered_as, write_body,
};
use crate::app::{App, import_file, stage, turn};
use crate::intake::encoding::Encoding;
use crate::intake::mapping::Preview;
use crate::intake::{Field, Mapping};
use crate::spatial::Datum;
use crate::store::batch::{self, Batch, Rejection};
use crate::store::job::{fail, running};
use crate::ticket::Channel;
use crate::ticket::permit::Right;

/// What the operator says about a file.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// Name of the file, for people.
    pub file_name: String,
    /// Source whose mapping is remembered; without it files with the same columns share one.
    pub source: Option<String>,
    /// Channel of rows that say none.
    pub channel: Option<Channel>,
    /// Datum of pairs that say none.
    pub datum: Option<Datum>,
}

/// A file that was taken in; its dry run is under way.
#[derive(Clone, Copy, Debug)]
pub struct Staged {
    /// Key of the import.
    pub id: i64,
    /// Job of the dry run.
    pub job: i64,
}

/// What to do when some rows cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// Take the good ones.
    GoodRows,
    /// Take none.
    AllOrNone,
}

/// A field a column can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Stable code.
    pub id: &'static str,
    /// Chinese name.
    pub title: &'static str,
    /// English name.
    pub title_en: &'static str,
}

/// How far a running step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Done so far.
    pub done: u64,
    /// Of how many; 0 if unknown.
    pub total: u64,
}

/// An import as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct ImportView {
    /// Key, as text.
    pub id: String,
    /// reading, ready, committing, committed, undoing, undone, failed, discarded.
    pub state: String,
    /// Name of the file.
    pub file: String,
    /// Source whose mapping is remembered.
    pub source: String,
    /// csv, xlsx, xls, ods.
    pub format: Option<&'static str>,
    /// Encoding of a text file.
    pub encoding: Option<&'static str>,
    /// Sheets that are read.
    pub sheet: String,
    /// Sheets left out because they are empty or have other columns.
    pub skipped_sheets: Vec<String>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Filled rows.
    pub rows: u64,
    /// Counts.
    pub counts: Counts,
    /// Columns with their fields and a masked sample.
    pub mapping: Vec<Preview>,
    /// What must still be mapped before a commit.
    pub missing: Vec<FieldView>,
    /// All fields.
    pub fields: Vec<FieldView>,
    /// First findings by row.
    pub errors: Vec<Rejection>,
    /// Findings by kind.
    pub findings: Vec<Finding>,
    /// Channel of rows that say none.
    pub channel: Option<Channel>,
    /// Datum of pairs that say none.
    pub datum: Option<Datum>,
    /// Job that works on it, as text.
    pub job: Option<String>,
    /// How far that job is.
    pub progress: Done,
    /// Why it failed, for people.
    pub message: String,
    /// Who brought it.
    pub created_by: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub committed_at: Option<String>,
}

/// Largest file: 2 GiB.
const LARGEST: u64 = 2 << 30;
/// Staged files rest so long, sealed, so that a batch can be committed or read again; then they are removed.
const STAGED_FOR: Duration = Duration::from_hours(30 * 24);
/// Findings shown with the report itself.
const SHOWN: i64 = 50;

fn field_view(field: Field) -> FieldView {
    FieldView {
        id: field.code(),
        title: field.title(),
        title_en: field.title_en(),
    }
}

impl App {
    /// Takes a file in: seals it in the data folder and starts the dry run.
    pub async fn stage(
        self: &Arc<Self>,
        who: &Who,
        upload: Upload,
        input: Box<dyn Read + Send>,
    ) -> Result<Staged> {
        who.may_edit(Right::Import)?;
        let name = upload
            .file_name
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect::<String>();
        let body = Body {
            channel: upload.channel,
            datum: upload.datum,
            ..Body::default()
        };
        let mut row = Batch {
            id: 0,
            state: "reading".to_owned(),
            file_name: name,
            source: upload.source.unwrap_or_default(),
            body: write_body(&body)?,
            created_by: who.name.clone(),
            created_at: self.now().0,
            committed_at: None,
        };
        let mut tx = self.store.write().await?;
        row.id = batch::insert(&mut tx, &row).await?;
        let held = hold(&self.options.data, Held::Batch, row.id)?;
        self.audit(
            &mut tx,
            &who.name,
            ["import.stage", &row.id.to_string()],
            &json!({"file": row.file_name}),
        )
        .await?;
        tx.commit().await?;
        stage::expire(&self.options.data, STAGED_FOR, self.now());
        let sealed = self.seal_file(row.id, input).await;
        if let Err(error) = sealed {
            self.fail_batch(row.id, &error).await?;
            return Err(error);
        }
        let job = self.start_reading(who, row.id, held).await?;
        Ok(Staged { id: row.id, job })
    }

    async fn seal_file(&self, id: i64, input: Box<dyn Read + Send>) -> Result<u64> {
        let path = stage::path(&self.options.data, id);
        let key = self.keys.stage;
        let task = tokio::task::spawn_blocking(move || {
            let sealed = stage::seal(&key, input, &path, LARGEST);
            if sealed.is_err() {
                // Best effort: a full disk gets its space back.
                let _ = std::fs::remove_file(&path);
            }
            sealed
        });
        let bytes = task.await.map_err(|e| Error::Internal(e.to_string()))?.map_err(|e| {
            if e.kind() == std::io::ErrorKind::FileTooLarge {
                return Error::refused("file_too_big", "文件超过 2 GiB，请按月拆分后导出 (larger than 2 GiB: export month by month)");
            }
            e.into()
        })?;
        Ok(bytes)
    }

    /// Marks a batch as failed, with the sentence for people.
    pub(super) async fn fail_batch(&self, id: i64, error: &Error) -> Result<()> {
        let mut tx = self.store.write().await?;
        if let Some(mut row) = batch::by_id(&mut tx, id).await? {
            let mut body = read_body(&row)?;
            body.message = match error {
                Error::Refused { why, .. } => why.clone(),
                other => other.to_string(),
            };
            "failed".clone_into(&mut row.state);
            row.body = write_body(&body)?;
            batch::update(&mut tx, &row).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// All imports, newest first.
    pub async fn imports(&self, who: &Who) -> Result<Vec<ImportView>> {
        who.may(Right::Import)?;
        let mut tx = self.store.read().await?;
        let rows = batch::newest(&mut tx, 200).await?;
        rows.into_iter()
            .map(|row| self.import_view(&row, Vec::new()))
            .collect()
    }

    /// One import with its report: counts, mapping, first findings by row.
    pub async fn import_report(&self, who: &Who, id: i64) -> Result<ImportView> {
        who.may(Right::Import)?;
        let mut tx = self.store.read().await?;
        let row = batch::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        let errors = batch::rejections(&mut tx, id, 0, SHOWN).await?;
        self.import_view(&row, errors)
    }

    /// Findings by row after the n-th, for a download: at most 1,000 at a time; the n of a finding is its place in the list.
    pub async fn import_errors(
        &self,
        who: &Who,
        id: i64,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Rejection>> {
        who.may(Right::Import)?;
        let mut tx = self.store.read().await?;
        batch::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
        Ok(batch::rejections(&mut tx, id, after, limit.clamp(1, 1000)).await?)
    }

    fn import_view(&self, row: &Batch, errors: Vec<Rejection>) -> Result<ImportView> {
        let body = read_body(row)?;
        let running = body.job.and_then(|job| self.running_progress(job));
        let header = body.header.as_ref();
        let mapping = body.mapping.as_ref();
        let sheets: Vec<&str> = header.map_or_else(Vec::new, |h| {
            h.sheets.iter().map(|s| s.name.as_str()).collect()
        });
        Ok(ImportView {
            id: row.id.to_string(),
            state: row.state.clone(),
            file: row.file_name.clone(),
            source: row.source.clone(),
            format: header.map(|h| h.format.code()),
            encoding: header.and_then(|h| h.encoding).map(Encoding::code),
            sheet: sheets.join("、"),
            skipped_sheets: header.map_or_else(Vec::new, |h| h.skipped.clone()),
            bytes: body.bytes,
            rows: body.rows,
            counts: body.counts,
            mapping: preview(mapping, &body.samples),
            missing: mapping.map_or_else(Vec::new, |m| {
                m.missing().into_iter().map(field_view).collect()
            }),
            fields: Field::ALL.iter().copied().map(field_view).collect(),
            errors,
            findings: findings(&body.findings),
            channel: body.channel,
            datum: body.datum,
            job: body.job.map(|j| j.to_string()),
            progress: running.unwrap_or_default(),
            message: body.message,
            created_by: row.created_by.clone(),
            created_at: crate::calendar::UtcMs(row.created_at).rfc3339(),
            committed_at: row
                .committed_at
                .map(|at| crate::calendar::UtcMs(at).rfc3339()),
        })
    }

    fn running_progress(&self, job: i64) -> Option<Done> {
        self.running
            .progress(job)
            .map(|(done, total)| Done { done, total })
    }

    /// Gives columns other fields (`None` = keep as an extra) and reads the file on trial again.
    pub async fn remap(
        self: &Arc<Self>,
        who: &Who,
        id: i64,
        columns: &BTreeMap<String, Option<String>>,
        remember: bool,
    ) -> Result<i64> {
        who.may_edit(Right::Import)?;
        let mut tx = self.store.write().await?;
        let mut row = in_state(&mut tx, id, &["ready", "failed"]).await?;
        let mut body = read_body(&row)?;
        let mapping = body.mapping.as_mut().ok_or_else(|| {
            Error::refused("not_read", "文件尚未读出表头 (no header was read yet)")
        })?;
        for (header, code) in columns {
            let field = match code {
                Some(code) => Some(Field::from_code(code).ok_or_else(|| {
                    Error::invalid(
                        "columns",
                        format!("没有名为 {code} 的字段 (no field called {code})"),
                    )
                })?),
                None => None,
            };
            if !mapping.set(header, field) {
                return Err(Error::invalid(
                    "columns",
                    format!("文件里没有“{header}”这一列 (no column called {header})"),
                ));
            }
        }
        if remember {
            let text =
                serde_json::to_string(mapping).map_err(|e| Error::Internal(e.to_string()))?;
            let source = remembered_as(&row, body.header.as_ref());
            batch::remember_mapping(&mut tx, &source, &text, (&who.name, self.now().0)).await?;
        }
        "reading".clone_into(&mut row.state);
        row.body = write_body(&body)?;
        batch::update(&mut tx, &row).await?;
        let detail = json!({"columns": columns, "remember": remember});
        self.audit(&mut tx, &who.name, ["import.map", &id.to_string()], &detail)
            .await?;
        let held = hold(&self.options.data, Held::Batch, id)?;
        tx.commit().await?;
        self.start_reading(who, id, held).await
    }

    /// Throws a batch away that was not committed, with its staged file.
    pub async fn discard_import(&self, who: &Who, id: i64) -> Result<()> {
        who.may_edit(Right::Import)?;
        let mut tx = self.store.write().await?;
        let mut row = in_state(&mut tx, id, &["reading", "ready", "failed", "undone"]).await?;
        batch::forget_rejections(&mut tx, id).await?;
        "discarded".clone_into(&mut row.state);
        batch::update(&mut tx, &row).await?;
        self.audit(
            &mut tx,
            &who.name,
            ["import.discard", &id.to_string()],
            &json!({}),
        )
        .await?;
        tx.commit().await?;
        let path = stage::path(&self.options.data, id);
        if path.exists() {
            std::fs::remove_file(path)?;
        }
        Ok(())
    }

    /// After a start: batches whose program was stopped in the middle. What an unfinished commit wrote is swept away.
    pub(super) async fn settle_batches(&self) -> Result<()> {
        stage::expire(&self.options.data, STAGED_FOR, self.now());
        let placer = self.placer().await?;
        let busy = turn::taken_elsewhere(&self.options.data)?;
        let mut tx = self.store.write().await?;
        for (state, next, why) in [
            (
                "reading",
                "failed",
                "程序在读取时停止，请重新导入 (the program stopped while reading: import the file again)",
            ),
            (
                "committing",
                "ready",
                "程序在提交时停止，未写入任何数据，可再次提交 (stopped during the commit: nothing was written, commit again)",
            ),
            (
                "undoing",
                "committed",
                "程序在撤销时停止，数据未变，可再次撤销 (stopped during the undo: nothing changed, undo again)",
            ),
        ] {
            for mut row in batch::in_state(&mut tx, state).await? {
                // Another process on this folder is in the middle of it.
                let elsewhere = match state {
                    "reading" => is_held(&self.options.data, Held::Batch, row.id),
                    _ => busy,
                };
                if elsewhere {
                    continue;
                }
                if state == "committing" {
                    self.sweep(&mut tx, (&row, "system"), placer.as_ref())
                        .await?;
                }
                let mut body = read_body(&row)?;
                why.clone_into(&mut body.message);
                next.clone_into(&mut row.state);
                row.body = write_body(&body)?;
                batch::update(&mut tx, &row).await?;
            }
        }
        let mut orphans = running(&mut tx).await?;
        orphans.retain(|id| !is_held(&self.options.data, Held::Job, *id));
        fail(
            &mut tx,
            &orphans,
            ("程序停止 (the program stopped)", self.now().0),
        )
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Opens the staged file of a batch.
    pub(super) fn open_staged(&self, id: i64) -> Result<import_file::Opened> {
        let path = stage::path(&self.options.data, id);
        if !path.exists() {
            return Err(Error::refused(
                "file_gone",
                "暂存文件已过期，请重新导入 (the staged file is gone: import it again)",
            ));
        }
        import_file::open(&self.keys.stage, &path, &self.synonyms)
    }
}

fn preview(mapping: Option<&Mapping>, samples: &[String]) -> Vec<Preview> {
    let columns = mapping.map_or(&[][..], |m| &m.columns);
    columns
        .iter()
        .enumerate()
        .map(|(i, c)| Preview {
            column: i,
            header: c.header.clone(),
            field: c.field,
            sample: samples.get(i).cloned().unwrap_or_default(),
        })
        .collect()
}
