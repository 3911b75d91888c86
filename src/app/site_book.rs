//! Which sites did the last survey find, which tickets did it see, and at which site does a ticket count?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::app::error::{Error, Result};
use crate::calendar::UtcMs;
use crate::index::{Index, Row};
use crate::site::arrival::{REACH_M, arrival};
use crate::site::{Site, Status};
use crate::store::{Tx, site};
use crate::ticket::TicketId;

/// What a run speaks of: enough to run it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RunBody {
    /// The instant it speaks of.
    pub(super) as_of: UtcMs,
    /// Last ticket it saw.
    pub(super) last_ticket: i64,
    /// Tickets that took part and active sites found.
    pub(super) tickets: usize,
    /// Active sites.
    pub(super) sites: usize,
    /// Parameters, for people.
    pub(super) params: String,
    /// Version of the program.
    pub(super) engine: String,
}

/// The sites of the last run.
#[derive(Clone, Debug, Default)]
pub struct SiteBook {
    sites: Vec<Site>,
    places: BTreeMap<i64, usize>,
    ranked: Vec<usize>,
    /// Members of the active sites, by ticket.
    members: Vec<(TicketId, i64)>,
    /// Last ticket that the survey saw.
    seen: TicketId,
}

impl SiteBook {
    /// A book of sites in any order; `seen` is the last ticket that their survey saw.
    #[must_use]
    pub fn new(sites: Vec<Site>, seen: TicketId) -> Self {
        let active = sites.iter().filter(|s| s.status == Status::Active);
        let mut members: Vec<(TicketId, i64)> = active
            .flat_map(|s| s.members.iter().map(|t| (*t, s.id.0)))
            .collect();
        members.sort_unstable();
        let places = sites.iter().enumerate().map(|(i, s)| (s.id.0, i)).collect();
        let mut ranked: Vec<usize> = (0..sites.len())
            .filter(|i| sites[*i].status == Status::Active)
            .collect();
        ranked.sort_by_key(|i| (sites[*i].rank == 0, sites[*i].rank, sites[*i].id));
        Self {
            sites,
            places,
            ranked,
            members,
            seen,
        }
    }

    /// The site a ticket counts at: the one it is a member of, or, if it came in after the survey, the one of the nearest member. A
    /// home and a ticket that is not on the map stand at none. The same data give the same answer however they came.
    pub(super) fn site_of(&self, index: &Index, row: &Row) -> Option<i64> {
        let at = row.point.filter(|_| !row.coarse)?;
        if row.ticket > self.seen {
            return row
                .is_spot()
                .then(|| arrival(index, at, REACH_M, self.seen))?;
        }
        let found = self.members.binary_search_by_key(&row.ticket, |(t, _)| *t);
        found.ok().map(|at| self.members[at].1)
    }

    /// An index with these sites: members, and what came in after the survey.
    pub(super) fn over(&self, index: &Index) -> Index {
        let formed = index.with_sites(&self.members);
        let late: Vec<(TicketId, i64)> = (0..formed.spots())
            .filter(|row| formed.ticket(*row) > self.seen && !formed.is_coarse(*row))
            .filter_map(|row| {
                let at = formed.world(row)?.lonlat();
                Some((
                    formed.ticket(row),
                    arrival(&formed, at, REACH_M, self.seen)?,
                ))
            })
            .collect();
        if late.is_empty() {
            return formed;
        }
        let mut all = self.members.clone();
        all.extend(late);
        formed.with_sites(&all)
    }

    /// A site by its lasting number; merged and dormant ones too.
    #[must_use]
    pub fn get(&self, id: i64) -> Option<&Site> {
        self.places.get(&id).and_then(|i| self.sites.get(*i))
    }

    /// All sites by number.
    #[must_use]
    pub fn all(&self) -> &[Site] {
        &self.sites
    }

    /// Active sites, worst first.
    pub fn ranked(&self) -> impl Iterator<Item = &Site> {
        self.ranked.iter().filter_map(|i| self.sites.get(*i))
    }

    /// How many active sites there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ranked.len()
    }

    /// Whether no site is active.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranked.is_empty()
    }
}

/// Sites of the last run.
pub(super) async fn sites(tx: &mut Tx) -> Result<SiteBook> {
    let list = load_sites(tx).await?;
    let runs = site::runs(tx, "survey").await?;
    let body = runs
        .last()
        .map(|run| serde_json::from_str::<RunBody>(&run.body));
    let body = body
        .transpose()
        .map_err(|e| Error::Internal(format!("the last survey: {e}")))?;
    Ok(SiteBook::new(
        list,
        TicketId(body.map_or(0, |b| b.last_ticket)),
    ))
}

/// All sites of the last run with their members.
pub(super) async fn load_sites(tx: &mut Tx) -> Result<Vec<Site>> {
    let mut sites: Vec<Site> = Vec::new();
    for row in site::all(tx).await? {
        let site = serde_json::from_str(&row.body)
            .map_err(|e| Error::Internal(format!("site {}: {e}", row.id)))?;
        sites.push(site);
    }
    for (id, ticket) in site::members(tx).await? {
        if let Ok(i) = sites.binary_search_by_key(&id, |s| s.id.0) {
            sites[i].members.push(ticket);
        }
    }
    Ok(sites)
}
