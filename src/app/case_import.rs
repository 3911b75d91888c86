//! How do measures that a table registers become cases: every row to its site, or refused with the cure?

use std::io::Cursor;

use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::snapshot::Snapshot;
use crate::calendar::Day;
use crate::case::registered::{self, Registered, RowFinding};
use crate::case::{Case, Content, State};
use crate::site::Site;
use crate::spatial::LonLat;
use crate::store::case;
use crate::ticket::permit::Right;

/// Farthest a registered point may lie from its site, in metres: the width of a large junction with its approaches.
const NEAR_M: f64 = 150.0;

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CaseImport {
    /// Filled rows.
    pub read: usize,
    /// Rows that became (or would become) cases.
    pub new: usize,
    /// Rows whose number is registered already.
    pub same: usize,
    /// Rows refused.
    pub refused: usize,
    /// Findings by row.
    pub findings: Vec<RowFinding>,
    /// Keys of the new cases; empty on trial.
    pub cases: Vec<String>,
}

impl App {
    /// Reads a table of registered measures and makes a case of each row; on trial nothing is written.
    ///
    /// # Errors
    /// [`Error::Forbidden`], [`Error::Refused`] if the file is no table or lacks columns.
    pub async fn import_cases(&self, who: &Who, bytes: Vec<u8>, trial: bool) -> Result<CaseImport> {
        who.may_edit(Right::Sites)?;
        let (catalogue, today) = (self.catalogue(), self.today());
        let read = tokio::task::spawn_blocking(move || {
            registered::read(Cursor::new(bytes), &catalogue, Some(today))
        });
        let registry = read
            .await
            .map_err(|e| Error::Internal(e.to_string()))?
            .map_err(|e| Error::refused("unreadable_table", e.to_string()))?;
        let snapshot = self.snapshot();
        let mut done = CaseImport {
            read: registry.read,
            findings: registry.findings,
            ..CaseImport::default()
        };
        let mut tx = self.store.write().await?;
        for row in &registry.rows {
            let external = row.no.clone();
            if case::by_external_no(&mut tx, &external).await?.is_some() {
                done.same += 1;
                continue;
            }
            let Some(site) = site_of(&snapshot, row) else {
                done.findings.push(no_site(row));
                continue;
            };
            done.new += 1;
            if trial {
                continue;
            }
            let at = self.now().0;
            let made = made(row, site, who, today, &snapshot);
            let id = case::insert(&mut tx, &made, at).await?;
            let body = json!({"row": row.row, "no": row.no}).to_string();
            case::append_event(&mut tx, id, at, ["import", &who.name, &body]).await?;
            done.cases.push(id.to_string());
        }
        done.findings.sort_by_key(|f| f.row);
        done.refused = done.read - done.new - done.same;
        if !trial {
            let detail = json!({"read": done.read, "new": done.new, "same": done.same, "refused": done.refused});
            self.audit(&mut tx, &who.name, ["case.import", "table"], &detail)
                .await?;
            tx.commit().await?;
        }
        Ok(done)
    }
}

/// A registered measure as a case: its dates say where it stands.
fn made(row: &Registered, site: &Site, who: &Who, today: Day, snapshot: &Snapshot) -> Case {
    let mut work = row.work.clone();
    if work.place.is_empty() {
        work.place = if site.line.len() > 1 {
            site.line.clone()
        } else {
            vec![site.point]
        };
    }
    let mut case = Case {
        site: site.id.0,
        site_name: site.name.clone(),
        content: Content {
            title: row.name.clone(),
            owner: row.owner.clone(),
            works: vec![work],
            ..Content::default()
        },
        state: State::Approved,
        external_no: Some(row.no.clone()),
        simulated: snapshot
            .city
            .as_ref()
            .is_some_and(|c| c.city.meta.simulated),
        created_by: who.name.clone(),
        last_work: 1,
        ..Case::default()
    };
    case.state = case.state_on(today);
    case
}

/// The site a row names, else the nearest one within [`NEAR_M`] of its point or stretch.
fn site_of<'a>(snapshot: &'a Snapshot, row: &Registered) -> Option<&'a Site> {
    let named = row.site.as_deref().and_then(|id| {
        let by_number = id.parse().ok().and_then(|n| snapshot.sites.get(n));
        by_number.or_else(|| snapshot.sites.all().iter().find(|s| s.name == id))
    });
    if named.is_some() {
        return named;
    }
    let point = row.point?;
    let far = |s: &Site| distance(s, point);
    let near = snapshot
        .sites
        .all()
        .iter()
        .filter(|s| s.into.is_none())
        .map(|s| (far(s), s));
    near.filter(|(m, _)| *m <= NEAR_M)
        .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.id.cmp(&b.1.id)))
        .map(|(_, s)| s)
}

/// Metres from a site's point or the corners of its stretch.
fn distance(site: &Site, point: LonLat) -> f64 {
    let corners = site.line.iter().map(|p| p.distance_m(point));
    corners.fold(site.point.distance_m(point), f64::min)
}

fn no_site(row: &Registered) -> RowFinding {
    let value = row
        .site
        .clone()
        .or_else(|| row.point.map(|p| format!("{:.6},{:.6}", p.lon, p.lat)));
    RowFinding {
        row: row.row,
        no: row.no.clone(),
        field: "site".to_owned(),
        value: value.unwrap_or_default(),
        code: "no_site".to_owned(),
        zh: format!(
            "{NEAR_M} 米内没有点位：该处没有反复的工单，无法评估；请核对坐标，或填写点位编号"
        ),
        en: format!(
            "no site within {NEAR_M} m: tickets do not recur there and no effect can be told; check the coordinates or write the site number"
        ),
        refused: true,
    }
}
