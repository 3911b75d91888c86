//! What did people decide about sites, and how does the next run respect it?
//!
//! A deed is kept as a fact: which tickets it was about and where. Before numbers are given out, clusters that a person joined are
//! joined again and those that were parted are parted again; afterwards names, places and pins are put back.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::site::form::FormParams;
use crate::site::model::{Cluster, EventKind, Kind, Site, SiteEvent, SiteId, SiteTicket, Status};
use crate::site::voice::{Call, weigh};
use crate::spatial::LonLat;
use crate::ticket::TicketId;

/// What a site was when a person spoke of it: by this it is found again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Its tickets.
    pub members: Vec<TicketId>,
    /// Where it was.
    pub point: LonLat,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case")]
pub enum Deed {
    /// Two sites are one.
    Merge {
        /// The one that ends.
        site: SiteId,
        /// The one that goes on.
        into: SiteId,
        /// What the first was.
        left: Mark,
        /// What the second was.
        right: Mark,
    },
    /// Some tickets of a site are a site of their own.
    Split {
        /// The site they leave.
        site: SiteId,
        /// Their new site.
        new: SiteId,
        /// Its name; empty = the old one with a mark.
        name: String,
        /// The tickets that leave, and their middle.
        out: Mark,
        /// The tickets that stay, and their middle.
        stay: Mark,
    },
    /// Another name.
    Rename {
        /// Which.
        site: SiteId,
        /// The name.
        name: String,
    },
    /// Another place.
    Move {
        /// Which.
        site: SiteId,
        /// Where.
        point: LonLat,
    },
    /// Stays as it is: never asleep, never taken up by another.
    Pin {
        /// Which.
        site: SiteId,
        /// Pinned, or let go.
        on: bool,
    },
    /// A merge or a split is taken back.
    Undo {
        /// Its key.
        edit: i64,
        /// What it was.
        undone: Box<Self>,
    },
}

impl Deed {
    /// The site it is about.
    #[must_use]
    pub fn site(&self) -> SiteId {
        match self {
            Self::Merge { site, .. }
            | Self::Split { site, .. }
            | Self::Rename { site, .. }
            | Self::Move { site, .. }
            | Self::Pin { site, .. } => *site,
            Self::Undo { undone, .. } => undone.site(),
        }
    }
}

/// A deed with the run after which it was done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    /// Its key.
    pub id: i64,
    /// Run whose sites the person saw.
    pub run: i64,
    /// What was done.
    pub deed: Deed,
}

/// Share of common tickets by which a cluster is what a mark speaks of.
const CLAIM: f64 = 0.3;

/// Without common tickets a cluster this near to the mark is meant, in metres.
const NEAR_M: f64 = 50.0;

/// Tickets by number.
pub type Pool<'a> = BTreeMap<TicketId, &'a SiteTicket>;

/// All tickets by number.
#[must_use]
pub fn pool(tickets: &[SiteTicket]) -> Pool<'_> {
    tickets.iter().map(|t| (t.id, t)).collect()
}

fn claims(mark: &Mark, cluster: &Cluster, pool: &Pool<'_>) -> bool {
    let alive = mark.members.iter().filter(|t| pool.contains_key(t)).count();
    if alive == 0 {
        return mark.point.distance_m(cluster.point) <= NEAR_M;
    }
    let held: BTreeSet<&TicketId> = cluster.members.iter().collect();
    let common = mark.members.iter().filter(|t| held.contains(t)).count();
    common > 0 && common as f64 / alive.min(cluster.members.len()) as f64 >= CLAIM
}

/// The deeds that still hold: those that were taken back, and the taking back, are left out.
#[must_use]
pub fn standing(edits: &[Edit]) -> Vec<Edit> {
    let gone: BTreeSet<i64> = edits
        .iter()
        .filter_map(|e| match e.deed {
            Deed::Undo { edit, .. } => Some(edit),
            _ => None,
        })
        .collect();
    let held = |e: &&Edit| !gone.contains(&e.id) && !matches!(e.deed, Deed::Undo { .. });
    edits.iter().filter(held).cloned().collect()
}

/// Joins and parts the clusters of a run as people decided, in the order of the deeds.
#[must_use]
pub fn constrain(
    mut clusters: Vec<Cluster>,
    edits: &[Edit],
    pool: &Pool<'_>,
    params: &FormParams,
) -> Vec<Cluster> {
    for edit in edits {
        match &edit.deed {
            Deed::Merge { left, right, .. } => join(&mut clusters, (left, right), pool, params),
            Deed::Split {
                name, out, stay, ..
            } => part(&mut clusters, (name, out, stay), pool, params),
            _ => {}
        }
    }
    clusters.sort_by_key(|c| {
        (
            std::cmp::Reverse(c.members.len()),
            c.members.first().copied(),
        )
    });
    clusters
}

fn join(
    clusters: &mut Vec<Cluster>,
    (left, right): (&Mark, &Mark),
    pool: &Pool<'_>,
    params: &FormParams,
) {
    let Some(keep) = clusters.iter().position(|c| claims(right, c, pool)) else {
        return;
    };
    let mut members = clusters[keep].members.clone();
    let mut index = 0;
    let mut gone = Vec::new();
    for (i, c) in clusters.iter().enumerate() {
        if i != keep && (claims(left, c, pool) || claims(right, c, pool)) {
            members.extend(&c.members);
            gone.push(i);
        }
    }
    if gone.is_empty() {
        return;
    }
    members.sort_unstable();
    members.dedup();
    let joined = counted(
        Cluster {
            members,
            ..clusters[keep].clone()
        },
        pool,
        params,
    );
    clusters[keep] = joined;
    clusters.retain(|_| {
        index += 1;
        !gone.contains(&(index - 1))
    });
}

fn part(
    clusters: &mut Vec<Cluster>,
    (name, out, stay): (&str, &Mark, &Mark),
    pool: &Pool<'_>,
    params: &FormParams,
) {
    let (leave, keep): (BTreeSet<&TicketId>, BTreeSet<&TicketId>) =
        (out.members.iter().collect(), stay.members.iter().collect());
    let mut fresh = Vec::new();
    for cluster in clusters.iter_mut() {
        // Only a cluster that holds both sides, or has come to stand between them, is parted.
        if !(claims(out, cluster, pool) || cluster.members.iter().any(|t| leave.contains(t))) {
            continue;
        }
        let nearer = |t: &TicketId| {
            pool.get(t)
                .is_some_and(|t| t.point.distance_m(out.point) < t.point.distance_m(stay.point))
        };
        let goes = |t: &TicketId| leave.contains(t) || (!keep.contains(t) && nearer(t));
        let (gone, rest): (Vec<TicketId>, Vec<TicketId>) =
            cluster.members.iter().partition(|t| goes(t));
        if gone.is_empty() || rest.is_empty() {
            continue;
        }
        let new = Cluster {
            members: gone,
            point: out.point,
            kind: Kind::Spot,
            name: name.to_owned(),
            anchor: None,
            line: Vec::new(),
            ..cluster.clone()
        };
        fresh.push(counted(new, pool, params));
        *cluster = counted(
            Cluster {
                members: rest,
                ..cluster.clone()
            },
            pool,
            params,
        );
    }
    clusters.extend(fresh);
}

/// The cluster with its voices counted anew.
fn counted(mut cluster: Cluster, pool: &Pool<'_>, params: &FormParams) -> Cluster {
    let voices = weigh(&calls(&cluster.members, pool), params.repeats);
    cluster.n_eff = voices.n_eff;
    cluster.petitioners = u32::try_from(voices.distinct).unwrap_or(u32::MAX);
    cluster.single_voice = voices.single_voice();
    cluster.dominated = voices.dominated();
    cluster
}

fn calls(members: &[TicketId], pool: &Pool<'_>) -> Vec<Call> {
    let found = members.iter().filter_map(|id| pool.get(id));
    found
        .map(|t| Call {
            id: t.id,
            caller: t.petitioner,
            when: t.when,
        })
        .collect()
}

/// Puts names, places and pins of all deeds onto the sites of a run. A name or a place follows a site into the one it became.
pub fn stamp(sites: &mut [Site], edits: &[Edit], pool: &Pool<'_>) {
    let taken: BTreeSet<TicketId> = sites
        .iter()
        .filter(|s| s.status == Status::Active)
        .flat_map(|s| s.members.iter().copied())
        .collect();
    let mut pinned: BTreeMap<SiteId, bool> = BTreeMap::new();
    for edit in edits {
        match &edit.deed {
            Deed::Rename { site, name } => {
                if let Some(s) = sites.iter_mut().find(|s| s.id == *site) {
                    s.name.clone_from(name);
                }
            }
            Deed::Split { new, name, .. } if !name.is_empty() => {
                if let Some(s) = sites.iter_mut().find(|s| s.id == *new) {
                    s.name.clone_from(name);
                }
            }
            Deed::Move { site, point } => {
                if let Some(s) = sites.iter_mut().find(|s| s.id == *site) {
                    s.point = *point;
                }
            }
            Deed::Pin { site, on } => {
                pinned.insert(*site, *on);
            }
            _ => {}
        }
    }
    for site in sites.iter_mut() {
        let held = pinned.get(&site.id).copied().unwrap_or(false);
        let by_hand = |e: &Edit| matches!(&e.deed, Deed::Merge { site: s, .. } if *s == site.id);
        if held && site.status != Status::Active && !edits.iter().any(by_hand) {
            site.status = Status::Active;
            site.into = None;
            site.members
                .retain(|t| pool.contains_key(t) && !taken.contains(t));
        }
    }
}

/// Does a deed at once to the sites of the last run and says what happened.
#[expect(clippy::too_many_lines, reason = "one arm per deed, each a few lines")]
pub fn amend(
    sites: &mut Vec<Site>,
    edit: &Edit,
    pool: &Pool<'_>,
    params: &FormParams,
) -> Vec<SiteEvent> {
    let event = |kind, site, other| SiteEvent {
        run: edit.run,
        kind,
        site,
        other,
    };
    let place = |sites: &[Site], id: SiteId| sites.iter().position(|s| s.id == id);
    let Some(at) = place(sites, edit.deed.site()) else {
        return Vec::new();
    };
    match &edit.deed {
        Deed::Merge { site, into, .. } => {
            let Some(to) = place(sites, *into) else {
                return Vec::new();
            };
            let mut members = sites[to].members.clone();
            members.extend(&sites[at].members);
            members.sort_unstable();
            members.dedup();
            sites[at].status = Status::Merged;
            sites[at].into = Some(*into);
            sites[at].rank = 0;
            sites[to].members = members;
            voiced(&mut sites[to], pool, params);
            vec![event(EventKind::Merged, *site, Some(*into))]
        }
        Deed::Split {
            site,
            new,
            name,
            out,
            ..
        } => {
            let mut fresh = Site {
                id: *new,
                name: if name.is_empty() {
                    format!("{}（拆分）", sites[at].name)
                } else {
                    name.clone()
                },
                point: out.point,
                line: Vec::new(),
                members: out.members.clone(),
                kind: Kind::Spot,
                feature: None,
                born_run: edit.run,
                ..sites[at].clone()
            };
            sites[at].members.retain(|t| !out.members.contains(t));
            voiced(&mut fresh, pool, params);
            voiced(&mut sites[at], pool, params);
            sites.push(fresh);
            vec![event(EventKind::Split, *new, Some(*site))]
        }
        Deed::Rename { site, name } => {
            sites[at].name.clone_from(name);
            vec![event(EventKind::Renamed, *site, None)]
        }
        Deed::Move { site, point } => {
            sites[at].point = *point;
            vec![event(EventKind::Moved, *site, None)]
        }
        Deed::Pin { site, on } => {
            let kind = if *on {
                EventKind::Pinned
            } else {
                EventKind::Released
            };
            vec![event(kind, *site, None)]
        }
        Deed::Undo { undone, .. } => taken_back(sites, (undone, edit.run), pool, params),
    }
}

/// Takes a merge or a split back: the sites are what they were, with what came since at the nearer one.
fn taken_back(
    sites: &mut [Site],
    (undone, run): (&Deed, i64),
    pool: &Pool<'_>,
    params: &FormParams,
) -> Vec<SiteEvent> {
    let place = |id: SiteId| sites.iter().position(|s| s.id == id);
    let (from, to) = match undone {
        Deed::Merge { site, into, .. } => (*site, *into),
        Deed::Split { site, new, .. } => (*new, *site),
        _ => return Vec::new(),
    };
    let (Some(at), Some(other)) = (place(from), place(to)) else {
        return Vec::new();
    };
    let kind = if let Deed::Merge { left, right, .. } = undone {
        let (own, rest): (BTreeSet<&TicketId>, BTreeSet<&TicketId>) = (
            left.members.iter().collect(),
            right.members.iter().collect(),
        );
        let nearer = |t: &TicketId| {
            pool.get(t)
                .is_some_and(|t| t.point.distance_m(left.point) < t.point.distance_m(right.point))
        };
        let goes = |t: &TicketId| own.contains(t) || (!rest.contains(t) && nearer(t));
        let (back, stay) = sites[other].members.iter().copied().partition(goes);
        (sites[at].members, sites[other].members) = (back, stay);
        sites[at].status = Status::Active;
        sites[at].into = None;
        sites[at].last_run = run;
        voiced(&mut sites[at], pool, params);
        EventKind::Restored
    } else {
        let mut all = std::mem::take(&mut sites[at].members);
        all.extend(&sites[other].members);
        all.sort_unstable();
        all.dedup();
        sites[other].members = all;
        sites[at].status = Status::Merged;
        sites[at].into = Some(to);
        sites[at].rank = 0;
        EventKind::Merged
    };
    voiced(&mut sites[other], pool, params);
    vec![SiteEvent {
        run,
        kind,
        site: from,
        other: Some(to),
    }]
}

/// A site with voices and dates counted anew.
fn voiced(site: &mut Site, pool: &Pool<'_>, params: &FormParams) {
    let voices = weigh(&calls(&site.members, pool), params.repeats);
    site.n_eff = voices.n_eff;
    site.petitioners = u32::try_from(voices.distinct).unwrap_or(u32::MAX);
    site.single_voice = voices.single_voice();
    site.dominated = voices.dominated();
    let times = site
        .members
        .iter()
        .filter_map(|id| pool.get(id))
        .map(|t| t.when);
    site.first = times.clone().min().unwrap_or(site.first);
    site.last = times.max().unwrap_or(site.last);
}

/// Which sites are pinned now.
#[must_use]
pub fn pinned(edits: &[Edit]) -> BTreeSet<SiteId> {
    let mut held = BTreeSet::new();
    for edit in edits {
        if let Deed::Pin { site, on } = edit.deed {
            if on {
                held.insert(site);
            } else {
                held.remove(&site);
            }
        }
    }
    held
}
