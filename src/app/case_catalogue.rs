//! Which measures may this city plan with: the shipped catalogue, the city's files, and what was changed on the page, with its history?

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::case::reads;
use crate::app::error::{Error, Result};
use crate::calendar::UtcMs;
use crate::case::own::{Row, rows};
use crate::case::{Catalogue, CatalogueError, Change, FigureSource, RowError, measure};
use crate::store::measure_edit::{self, MeasureEdit};
use crate::store::{Tx, case};
use crate::ticket::permit::Right;

/// Longest reason and longest cell, in characters.
const LONGEST: usize = 1_000;

/// What a person wants a measure to be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureWish {
    /// Cells by column; absent = back to what the file says.
    #[serde(default)]
    pub row: Option<Row>,
    /// Why.
    pub reason: String,
    /// Key of the last change the person saw, as text; empty = none.
    #[serde(default)]
    pub seen: String,
}

/// One change as people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureChange {
    /// Key, as text.
    pub id: String,
    /// RFC 3339.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The row as it became; absent = back to the file.
    pub row: Option<Row>,
}

/// A measure with everything its form shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureSheet {
    /// Columns in the order of the file.
    pub columns: Vec<&'static str>,
    /// The row in force; absent for a measure that was taken back.
    pub row: Option<Row>,
    /// What the file says; absent for a measure of the city alone.
    pub shipped: Option<Row>,
    /// Whether the row in force was written on the page.
    pub own: bool,
    /// Changes, newest first.
    pub history: Vec<MeasureChange>,
}

/// What became of a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Written under this key.
    Written(i64),
    /// Cells that cannot stand; nothing was written.
    Wrong(Vec<RowError>),
}

/// The files a catalogue is made of.
struct Base {
    kinds: Vec<u8>,
    measures: Vec<u8>,
    source: FigureSource,
}

impl Base {
    fn read(folder: Option<&Path>) -> Self {
        const KINDS: &[u8] = include_bytes!("../../data/catalogue/problem_kinds.csv");
        const MEASURES: &[u8] = include_bytes!("../../data/catalogue/measures.csv");
        let own = |name: &str| folder.and_then(|f| std::fs::read(f.join(name)).ok());
        let (kinds, measures) = (own("problem_kinds.csv"), own("measures.csv"));
        Self {
            source: if measures.is_some() {
                FigureSource::City
            } else {
                FigureSource::Default
            },
            kinds: kinds.unwrap_or_else(|| KINDS.to_vec()),
            measures: measures.unwrap_or_else(|| MEASURES.to_vec()),
        }
    }

    fn with(&self, changes: &[Change]) -> std::result::Result<Catalogue, CatalogueError> {
        Catalogue::changed(&self.kinds, &self.measures, self.source, changes)
    }

    fn row(&self, id: &str) -> Option<Row> {
        let all = rows(&self.measures).ok()?;
        all.into_iter()
            .find(|r| r.get("id").is_some_and(|i| i == id))
    }
}

fn change(edit: &MeasureEdit) -> Change {
    Change {
        measure: edit.measure.clone(),
        row: serde_json::from_str(&edit.body).ok(),
    }
}

impl App {
    /// The catalogue in force.
    #[must_use]
    pub fn catalogue(&self) -> Arc<Catalogue> {
        Arc::clone(
            &self
                .catalogue
                .read()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Takes the catalogue of the city's folder (`problem_kinds.csv`, `measures.csv`), file by file, else the shipped one, and lays
    /// the changes made on the page over it. Changes that no longer fit the files are left aside, loudly: the files stay in force.
    pub(super) async fn load_catalogue(&self) -> Result<()> {
        let mut tx = self.store.read().await?;
        let changes: Vec<Change> = measure_edit::all(&mut tx)
            .await?
            .iter()
            .map(change)
            .collect();
        drop(tx);
        let base = self.base().await?;
        let task = tokio::task::spawn_blocking(move || match base.with(&changes) {
            Err(error) if !changes.is_empty() => {
                tracing::error!(error = %error, "changes of the catalogue do not fit its files and are left aside");
                base.with(&[])
            }
            other => other,
        });
        let made = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        let catalogue = made.map_err(|e| Error::refused("bad_catalogue", e.to_string()))?;
        self.put_catalogue(catalogue);
        Ok(())
    }

    fn put_catalogue(&self, catalogue: Catalogue) {
        *self
            .catalogue
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(catalogue);
    }

    async fn base(&self) -> Result<Base> {
        let folder = self
            .city()
            .map(|c| self.options.data.join("cities").join(&c.city.meta.id));
        let task = tokio::task::spawn_blocking(move || Base::read(folder.as_deref()));
        task.await.map_err(|e| Error::Internal(e.to_string()))
    }

    /// One measure as its form shows it: the row in force, what the file says, every change.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a code that neither the file nor a change knows.
    pub async fn measure_sheet(&self, who: &Who, id: &str) -> Result<MeasureSheet> {
        reads(who)?;
        let base = self.base().await?;
        let mut tx = self.store.read().await?;
        let edits = of(&mut tx, id).await?;
        let shipped = base.row(id);
        if shipped.is_none() && edits.is_empty() {
            return Err(Error::NotFound);
        }
        let last = edits.last().and_then(|e| change(e).row);
        let history = edits.iter().rev().map(|e| MeasureChange {
            id: e.id.to_string(),
            at: UtcMs(e.at).rfc3339(),
            actor: e.actor.clone(),
            reason: e.reason.clone(),
            row: change(e).row,
        });
        Ok(MeasureSheet {
            columns: measure::COLUMNS.to_vec(),
            own: last.is_some(),
            row: last.or_else(|| shipped.clone()),
            shipped,
            history: history.collect(),
        })
    }

    /// Changes a measure of the catalogue, adds one, or takes the change back; every change is a row of its own and audited.
    ///
    /// # Errors
    /// [`Error::Forbidden`] below the power to edit measures, [`Error::Conflict`] when somebody changed it in between,
    /// [`Error::Invalid`] without a reason or with a code that cannot stand, [`Error::Refused`] when cases need what would go.
    pub async fn edit_measure(&self, who: &Who, id: &str, wish: &MeasureWish) -> Result<Kept> {
        who.may_edit(Right::Sites)?;
        checked(id, wish)?;
        let base = self.base().await?;
        let mut tx = self.store.write().await?;
        let all = measure_edit::all(&mut tx).await?;
        let last = all.iter().rev().find(|e| e.measure == id);
        if last.map_or(String::new(), |e| e.id.to_string()) != wish.seen {
            return Err(Error::Conflict {
                version: last.map_or(0, |e| e.id),
            });
        }
        let old = last.and_then(|e| change(e).row).or_else(|| base.row(id));
        if wish.row.is_none() {
            self.may_go(&mut tx, id, &base).await?;
        }
        let mut changes: Vec<Change> = all.iter().map(change).collect();
        changes.push(Change {
            measure: id.to_owned(),
            row: wish.row.clone(),
        });
        let task = tokio::task::spawn_blocking(move || base.with(&changes));
        let made = task.await.map_err(|e| Error::Internal(e.to_string()))?;
        let catalogue = match made {
            Err(CatalogueError::Rows { rows, .. }) => return Ok(Kept::Wrong(rows)),
            other => other.map_err(|e| Error::refused("bad_catalogue", e.to_string()))?,
        };
        let body = wish
            .row
            .as_ref()
            .map_or(String::new(), |r| json!(r).to_string());
        let new = MeasureEdit {
            id: 0,
            measure: id.to_owned(),
            body,
            reason: wish.reason.trim().to_owned(),
            actor: who.name.clone(),
            at: self.now().0,
        };
        let key = measure_edit::insert(&mut tx, &new).await?;
        let detail =
            json!({"reason": new.reason, "changed": differing(old.as_ref(), wish.row.as_ref())});
        self.audit(&mut tx, &who.name, ["catalogue.measure", id], &detail)
            .await?;
        tx.commit().await?;
        self.put_catalogue(catalogue);
        Ok(Kept::Written(key))
    }

    /// A measure that only the page knows may go when no case holds it.
    async fn may_go(&self, tx: &mut Tx, id: &str, base: &Base) -> Result<()> {
        if base.row(id).is_some() {
            return Ok(());
        }
        let holds = |c: &case::CaseRow| c.case.content.works.iter().any(|w| w.measure == id);
        let users: Vec<String> = case::all(tx)
            .await?
            .iter()
            .filter(|c| holds(c))
            .map(|c| c.case.id.to_string())
            .collect();
        if users.is_empty() {
            return Ok(());
        }
        let list = users.join("、");
        Err(Error::refused(
            "in_use",
            format!(
                "个案 {list} 用到这项措施，不能删除；请先在个案中换掉 (cases {list} hold this measure: change them first)"
            ),
        ))
    }
}

async fn of(tx: &mut Tx, id: &str) -> Result<Vec<MeasureEdit>> {
    let all = measure_edit::all(tx).await?;
    Ok(all.into_iter().filter(|e| e.measure == id).collect())
}

fn checked(id: &str, wish: &MeasureWish) -> Result<()> {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if id.is_empty() || id.len() > 60 || !id.chars().all(good) {
        let why =
            "编码为 1 至 60 个小写字母、数字或下划线 (a code of 1 to 60 small letters, digits, _)";
        return Err(Error::invalid("id", why));
    }
    let reason = wish.reason.trim().chars().count();
    if reason == 0 || reason > LONGEST {
        let why = "请写明修改原因或数据来源 (say why, or where the figures come from)";
        return Err(Error::invalid("reason", why));
    }
    let Some(row) = &wish.row else { return Ok(()) };
    if let Some(column) = row.keys().find(|c| !measure::COLUMNS.contains(&c.as_str())) {
        return Err(Error::invalid(
            "row",
            format!("没有“{column}”这一列 (no such column)"),
        ));
    }
    if let Some((column, _)) = row.iter().find(|(_, cell)| cell.chars().count() > LONGEST) {
        let why = format!("“{column}”超过 {LONGEST} 字 (longer than {LONGEST} characters)");
        return Err(Error::invalid("row", why));
    }
    Ok(())
}

/// Columns whose cells differ, with the old and the new text.
fn differing(old: Option<&Row>, new: Option<&Row>) -> BTreeMap<&'static str, [String; 2]> {
    let cell = |row: Option<&Row>, column: &str| -> String {
        row.and_then(|r| r.get(column)).cloned().unwrap_or_default()
    };
    measure::COLUMNS
        .iter()
        .map(|c| (*c, [cell(old, c), cell(new, c)]))
        .filter(|(column, [a, b])| *column != "id" && a != b)
        .collect()
}
