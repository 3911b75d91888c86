//! How does a person correct the sites: merge, split, rename, move, pin; at once, and in every run after?

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::app::access::Who;
use crate::app::error::{Error, Result};
use crate::app::pending::Touched;
use crate::app::placing::settable;
use crate::app::site_book::{RunBody, load_sites};
use crate::app::site_deeds::load_edits;
use crate::app::survey::{site_tickets, write_sites};
use crate::calendar::UtcMs;
use crate::site::hand::{Deed, Edit, Mark, standing};
use crate::site::survey::amended;
use crate::site::{Site, SiteId, SiteTicket, Status, SurveyParams};
use crate::spatial::LonLat;
use crate::store::site_edit::{self, EditRow};
use crate::store::{Tx, site};
use crate::ticket::TicketId;
use crate::ticket::permit::Right;

/// What a person asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum Asked {
    /// This site becomes part of another.
    Merge {
        /// Number of the other, as text.
        into: String,
    },
    /// These tickets leave it for a site of their own.
    Split {
        /// Numbers of tickets as shown (`no`).
        tickets: Vec<String>,
        /// Name of the new site; empty = the old one with a mark.
        #[serde(default)]
        name: String,
    },
    /// Another name.
    Rename {
        /// The name, 2 to 60 characters.
        name: String,
    },
    /// Another place, degrees WGS-84.
    Move {
        /// Longitude and latitude.
        point: [f64; 2],
    },
    /// Fixed, or let go.
    Pin {
        /// Fixed.
        on: bool,
    },
    /// A merge or a split of this site is taken back.
    Undo {
        /// Its key, as `GET /site-edits` lists it.
        edit: String,
    },
}

/// A deed as people see it.
#[derive(Clone, Debug, Serialize)]
pub struct EditView {
    /// Key.
    pub id: String,
    /// merge, split, rename, move, pin, undo.
    pub deed: String,
    /// The site it is about.
    pub site: String,
    /// The site it was merged into, or that was split off.
    pub other: Option<String>,
    /// The deed that was taken back.
    pub of: Option<String>,
    /// Whether it was taken back.
    pub undone: bool,
    /// Who did it.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "map_err hands the error over"
)]
fn text(e: serde_json::Error) -> Error {
    Error::Internal(e.to_string())
}

const fn word(deed: &Deed) -> &'static str {
    match deed {
        Deed::Merge { .. } => "merge",
        Deed::Split { .. } => "split",
        Deed::Rename { .. } => "rename",
        Deed::Move { .. } => "move",
        Deed::Pin { .. } => "pin",
        Deed::Undo { .. } => "undo",
    }
}

/// The other site of a merge or a split.
const fn other(deed: &Deed) -> Option<SiteId> {
    match deed {
        Deed::Merge { into, .. } => Some(*into),
        Deed::Split { new, .. } => Some(*new),
        _ => None,
    }
}

impl App {
    /// Does a deed at once and keeps it for every run after: a job that gives the site to look at.
    pub async fn edit_site(self: &Arc<Self>, who: &Who, id: i64, asked: Asked) -> Result<i64> {
        who.may_edit(Right::Survey)?;
        let snapshot = self.snapshot();
        let site = snapshot.sites.get(id).ok_or(Error::NotFound)?;
        if site.status == Status::Merged && !matches!(asked, Asked::Undo { .. }) {
            let why = "该点位已并入其他点位 (this site became part of another)";
            return Err(Error::refused("merged", why));
        }
        // Everything that can be refused is refused before the job starts.
        checked(&asked, id)?;
        if let Asked::Move { point: [lon, lat] } = asked {
            settable(snapshot.city.as_deref(), LonLat::new(lon, lat))?;
        }
        let actor = who.name.clone();
        let key = format!("{id}:{}", self.now().0);
        self.start(who, ("site.edit", &key), move |app, progress| async move {
            progress.stage("editing", 0);
            let mut tx = app.store.write().await?;
            let runs = site::runs(&mut tx, "survey").await?;
            let Some(run) = runs.last() else {
                return Err(Error::refused("no_run", "尚未生成点位 (no sites were formed yet)"));
            };
            let body: RunBody = serde_json::from_str(&run.body).map_err(text)?;
            let sites = load_sites(&mut tx).await?;
            let tickets = site_tickets(&mut tx, body.last_ticket).await?;
            let edits = load_edits(&mut tx).await?;
            let deed = deed(&asked, (id, &sites, &tickets), &edits)?;
            let row = EditRow {
                id: 0,
                run: run.id,
                body: serde_json::to_string(&deed).map_err(text)?,
                actor: actor.clone(),
                at: app.now().0,
            };
            let key = site_edit::insert(&mut tx, &row).await?;
            let name = word(&deed);
            let edit = Edit {
                id: key,
                run: run.id,
                deed,
            };
            apply(&mut tx, sites, (&edit, tickets, body.as_of)).await?;
            app.bump(&mut tx).await?;
            let detail = json!({"edit": key, "deed": serde_json::from_str::<serde_json::Value>(&row.body).unwrap_or_default()});
            app.audit(&mut tx, &actor, ["site.edit", &id.to_string()], &detail)
                .await?;
            app.publish(tx, Touched::sites()).await?;
            Ok(format!("{name} {id}"))
        })
        .await
    }

    /// Does again what people did after a run; the caller's transaction decides.
    pub(super) async fn replay_edits(&self, tx: &mut Tx, run: i64, body: &RunBody) -> Result<()> {
        for edit in load_edits(tx).await?.iter().filter(|e| e.run == run) {
            let sites = load_sites(tx).await?;
            let tickets = site_tickets(tx, body.last_ticket).await?;
            apply(tx, sites, (edit, tickets, body.as_of)).await?;
        }
        Ok(())
    }

    /// What people decided about sites, newest first.
    pub async fn site_edits(&self, who: &Who) -> Result<Vec<EditView>> {
        who.may(Right::Survey)?;
        let mut tx = self.store.read().await?;
        let rows = site_edit::all(&mut tx).await?;
        let mut gone: BTreeSet<i64> = BTreeSet::new();
        // Newest first: who takes back comes before what is taken back.
        let views = rows.iter().rev().map(|r| {
            let deed: Deed = serde_json::from_str(&r.body).map_err(text)?;
            let of = match &deed {
                Deed::Undo { edit, .. } => Some(*edit),
                _ => None,
            };
            gone.extend(of);
            Ok(EditView {
                id: r.id.to_string(),
                deed: word(&deed).to_owned(),
                site: deed.site().0.to_string(),
                other: other(&deed).map(|o| o.0.to_string()),
                of: of.map(|o| o.to_string()),
                undone: gone.contains(&r.id),
                by: r.actor.clone(),
                at: UtcMs(r.at).rfc3339(),
            })
        });
        views.collect()
    }
}

async fn apply(
    tx: &mut Tx,
    sites: Vec<Site>,
    (edit, tickets, as_of): (&Edit, Vec<SiteTicket>, UtcMs),
) -> Result<()> {
    let edit = edit.clone();
    let work = tokio::task::spawn_blocking(move || {
        amended(sites, &edit, (&tickets, as_of), &SurveyParams::default())
    });
    let found = work.await.map_err(|e| Error::Internal(e.to_string()))?;
    write_sites(tx, &found).await
}

fn checked(asked: &Asked, id: i64) -> Result<()> {
    match asked {
        Asked::Rename { name } if !(2..=60).contains(&name.trim().chars().count()) => Err(
            Error::invalid("name", "名称应为 2 至 60 个字 (2 to 60 characters)"),
        ),
        Asked::Merge { into } if *into == id.to_string() => Err(Error::invalid(
            "into",
            "不能并入自身 (a site cannot become part of itself)",
        )),
        Asked::Split { tickets, .. } if tickets.is_empty() => Err(Error::invalid(
            "tickets",
            "请选择要拆出的工单 (choose the tickets that leave)",
        )),
        _ => Ok(()),
    }
}

/// The deed with what identifies its sites in later runs.
#[expect(clippy::too_many_lines, reason = "one arm per deed, each a few lines")]
fn deed(
    asked: &Asked,
    (id, sites, tickets): (i64, &[Site], &[SiteTicket]),
    edits: &[Edit],
) -> Result<Deed> {
    let site = SiteId(id);
    if let Asked::Undo { edit } = asked {
        return taken_back(edit, site, (sites, edits));
    }
    let find = |id: SiteId| {
        let found = sites
            .iter()
            .find(|s| s.id == id && s.status != Status::Merged);
        found.ok_or(Error::NotFound)
    };
    let mark = |s: &Site| Mark {
        members: s.members.clone(),
        point: s.point,
    };
    let own = find(site)?;
    Ok(match asked {
        Asked::Merge { into } => {
            let wrong = || Error::invalid("into", "没有这个点位 (no such site)");
            let other = SiteId(into.parse().map_err(|_not_a_number| wrong())?);
            let other = find(other).map_err(|_missing| wrong())?;
            Deed::Merge {
                site,
                into: other.id,
                left: mark(own),
                right: mark(other),
            }
        }
        Asked::Split {
            tickets: named,
            name,
        } => {
            let leave: Vec<TicketId> = named
                .iter()
                .filter_map(|no| no.parse().ok().map(TicketId))
                .filter(|t| own.members.contains(t))
                .collect();
            let stay: Vec<TicketId> = own
                .members
                .iter()
                .copied()
                .filter(|t| !leave.contains(t))
                .collect();
            if leave.is_empty() || stay.is_empty() {
                let why = "要拆出的工单须属于该点位，且不能是全部 (tickets of this site, not all of them)";
                return Err(Error::invalid("tickets", why));
            }
            let new = sites.iter().map(|s| s.id.0).max().unwrap_or(0) + 1;
            Deed::Split {
                site,
                new: SiteId(new),
                name: name.trim().to_owned(),
                out: middle(leave, tickets, own.point),
                stay: middle(stay, tickets, own.point),
            }
        }
        Asked::Rename { name } => Deed::Rename {
            site,
            name: name.trim().to_owned(),
        },
        Asked::Move { point: [lon, lat] } => Deed::Move {
            site,
            point: LonLat::new(*lon, *lat),
        },
        Asked::Pin { on } => Deed::Pin { site, on: *on },
        Asked::Undo { .. } => return Err(Error::NotFound),
    })
}

/// A merge or a split of a site, still standing and with nothing built on it, as what is taken back.
fn taken_back(asked: &str, site: SiteId, (sites, edits): (&[Site], &[Edit])) -> Result<Deed> {
    let bad = |why: &str| Err(Error::invalid("edit", why));
    let standing = standing(edits);
    let known = standing.iter().find(|e| e.id.to_string() == asked);
    let Some(Edit { id, deed, .. }) = known.filter(|e| e.deed.site() == site) else {
        return bad(
            "没有这条更正，或已撤销 (no such correction of this site, or it was taken back)",
        );
    };
    let status = |id: SiteId| {
        sites
            .iter()
            .find(|s| s.id == id)
            .map(|s| (s.status, s.into))
    };
    let open = match deed {
        Deed::Merge { into, .. } => {
            status(site) == Some((Status::Merged, Some(*into)))
                && status(*into).is_some_and(|s| s.0 != Status::Merged)
        }
        Deed::Split { new, .. } => [site, *new]
            .iter()
            .all(|id| status(*id).is_some_and(|s| s.0 != Status::Merged)),
        _ => {
            return bad(
                "只有合并与拆分可以撤销；改名、移动、固定请重新更正 (only merges and splits are taken back; name, move or pin anew)",
            );
        }
    };
    if !open {
        return bad(
            "其后又有合并，请先撤销后来的 (a later merge stands on it: take that back first)",
        );
    }
    Ok(Deed::Undo {
        edit: *id,
        undone: Box::new(deed.clone()),
    })
}

/// Tickets with the mean of their places.
fn middle(mut members: Vec<TicketId>, tickets: &[SiteTicket], otherwise: LonLat) -> Mark {
    members.sort_unstable();
    let places: Vec<LonLat> = members
        .iter()
        .filter_map(|id| tickets.binary_search_by_key(id, |t| t.id).ok())
        .map(|i| tickets[i].point)
        .filter(|p| p.is_valid())
        .collect();
    let n = places.len() as f64;
    let point = if places.is_empty() {
        otherwise
    } else {
        LonLat {
            lon: places.iter().map(|p| p.lon).sum::<f64>() / n,
            lat: places.iter().map(|p| p.lat).sum::<f64>() / n,
        }
    };
    Mark { members, point }
}
