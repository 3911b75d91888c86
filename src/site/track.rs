//! Which site of the last run is which cluster of this one?
//!
//! Hotspot reference 7: overlap of members first, largest first; then a sleeping site nearby wakes; then a new number.
//! Numbers are never reused; a merged number stays resolvable.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::model::{EventKind, SiteEvent, SiteId, Status};
use crate::spatial::LonLat;
use crate::ticket::TicketId;

/// How sites keep their numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Identity {
    /// Least share of common tickets, of the smaller of the two.
    pub theta: f64,
    /// A sleeping site wakes for a cluster this near, in metres.
    pub revive_m: f64,
    /// A site that slept longer than this many runs stays asleep.
    pub dormant_runs: i64,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            theta: 0.3,
            revive_m: 50.0,
            dormant_runs: 52,
        }
    }
}

/// What is remembered of a site between runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its number.
    pub id: SiteId,
    /// Members at its last run, ascending.
    pub members: Vec<TicketId>,
    /// Centre at its last run.
    pub point: LonLat,
    /// Where it stands.
    pub status: Status,
    /// The site it became part of.
    pub into: Option<SiteId>,
    /// Run that made it.
    pub born: i64,
    /// Last run that had a cluster for it.
    pub last: i64,
}

/// A cluster as far as identity is concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Members, ascending.
    pub members: Vec<TicketId>,
    /// Mean of the members.
    pub point: LonLat,
}

/// What a run says about identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracked {
    /// Number of each cluster, in the order given.
    pub ids: Vec<SiteId>,
    /// What happened, sorted by kind, site and other.
    pub events: Vec<SiteEvent>,
    /// All sites ever, by number.
    pub traces: Vec<Trace>,
}

struct Edge {
    overlap: usize,
    distance: f64,
    site: usize,
    cluster: usize,
}

struct Matching<'a> {
    identity: Identity,
    traces: Vec<Trace>,
    clusters: &'a [Found],
    distance: &'a dyn Fn(LonLat, LonLat) -> f64,
    edges: Vec<Edge>,
    owner: Vec<Option<SiteId>>,
    taken: BTreeMap<usize, usize>,
    events: Vec<SiteEvent>,
    next: i64,
    run: i64,
}

impl Identity {
    /// Gives clusters (in canonical order) their numbers. `pool` = all tickets of the window, `run` counts upwards, new numbers
    /// begin after the greatest in `previous`. Distances are great circles.
    #[must_use]
    pub fn track(
        &self,
        previous: &[Trace],
        clusters: &[Found],
        pool: &BTreeSet<TicketId>,
        run: i64,
    ) -> Tracked {
        self.track_by(previous, clusters, pool, (run, &LonLat::distance_m))
    }

    /// The same with another measure of distance (for planar inputs).
    #[must_use]
    pub fn track_by(
        &self,
        previous: &[Trace],
        clusters: &[Found],
        pool: &BTreeSet<TicketId>,
        (run, distance): (i64, &dyn Fn(LonLat, LonLat) -> f64),
    ) -> Tracked {
        let mut matching = Matching {
            identity: *self,
            traces: previous.to_vec(),
            clusters,
            distance,
            edges: Vec::new(),
            owner: vec![None; clusters.len()],
            taken: BTreeMap::new(),
            events: Vec::new(),
            next: previous.iter().map(|t| t.id.0).max().unwrap_or(0) + 1,
            run,
        };
        matching.find_edges(pool);
        matching.keep_numbers();
        matching.number_the_rest();
        matching.close_the_rest();
        matching.finish()
    }
}

impl Matching<'_> {
    /// Whether a site may still be continued: active, or asleep for not too long.
    fn candidate(&self, trace: &Trace) -> bool {
        match trace.status {
            Status::Active => true,
            Status::Dormant => self.run - trace.last <= self.identity.dormant_runs,
            Status::Merged => false,
        }
    }

    fn find_edges(&mut self, pool: &BTreeSet<TicketId>) {
        let mut holder: BTreeMap<TicketId, Vec<usize>> = BTreeMap::new();
        for (c, cluster) in self.clusters.iter().enumerate() {
            for ticket in &cluster.members {
                holder.entry(*ticket).or_default().push(c);
            }
        }
        for (s, trace) in self.traces.iter().enumerate() {
            if !self.candidate(trace) {
                continue;
            }
            let mut common: BTreeMap<usize, usize> = BTreeMap::new();
            for cluster in trace.members.iter().filter_map(|t| holder.get(t)).flatten() {
                *common.entry(*cluster).or_default() += 1;
            }
            let alive = trace.members.iter().filter(|t| pool.contains(t)).count();
            for (cluster, overlap) in common {
                let smaller = alive.min(self.clusters[cluster].members.len());
                if overlap as f64 / smaller.max(1) as f64 >= self.identity.theta {
                    self.edges.push(Edge {
                        overlap,
                        distance: (self.distance)(trace.point, self.clusters[cluster].point),
                        site: s,
                        cluster,
                    });
                }
            }
        }
        let traces = &self.traces;
        self.edges.sort_by(|a, b| {
            b.overlap
                .cmp(&a.overlap)
                .then(a.distance.total_cmp(&b.distance))
                .then(traces[a.site].id.cmp(&traces[b.site].id))
                .then(a.cluster.cmp(&b.cluster))
        });
    }

    fn keep_numbers(&mut self) {
        for edge in &self.edges {
            if self.owner[edge.cluster].is_none() && !self.taken.contains_key(&edge.site) {
                self.owner[edge.cluster] = Some(self.traces[edge.site].id);
                self.taken.insert(edge.site, edge.cluster);
            }
        }
    }

    fn number_the_rest(&mut self) {
        for cluster in 0..self.clusters.len() {
            if self.owner[cluster].is_some() {
                continue;
            }
            // Edges are sorted by overlap, distance and number, so the first is the parent.
            let parent = self.edges.iter().find(|e| e.cluster == cluster);
            let parent = parent.map(|e| self.traces[e.site].id);
            let (id, event) = if let Some(parent) = parent {
                (self.fresh(), (EventKind::Split, Some(parent)))
            } else if let Some(sleeper) = self.sleeper_near(self.clusters[cluster].point) {
                self.taken.insert(sleeper, cluster);
                (self.traces[sleeper].id, (EventKind::Revived, None))
            } else {
                (self.fresh(), (EventKind::Born, None))
            };
            self.owner[cluster] = Some(id);
            self.event(event.0, id, event.1);
        }
    }

    /// The nearest candidate site without a cluster within reach, ties to the smaller number.
    fn sleeper_near(&self, point: LonLat) -> Option<usize> {
        let free = (0..self.traces.len())
            .filter(|s| !self.taken.contains_key(s) && self.candidate(&self.traces[*s]));
        free.map(|s| ((self.distance)(self.traces[s].point, point), s))
            .filter(|(d, _)| *d <= self.identity.revive_m)
            .min_by(|a, b| {
                a.0.total_cmp(&b.0)
                    .then(self.traces[a.1].id.cmp(&self.traces[b.1].id))
            })
            .map(|(_, s)| s)
    }

    fn close_the_rest(&mut self) {
        for s in 0..self.traces.len() {
            if self.traces[s].status != Status::Active || self.taken.contains_key(&s) {
                continue;
            }
            let id = self.traces[s].id;
            let heir = self.edges.iter().find(|e| e.site == s);
            if let Some(into) = heir.and_then(|e| self.owner[e.cluster]) {
                self.traces[s].status = Status::Merged;
                self.traces[s].into = Some(into);
                self.event(EventKind::Merged, id, Some(into));
            } else {
                self.traces[s].status = Status::Dormant;
                self.event(EventKind::Dormant, id, None);
            }
        }
    }

    fn fresh(&mut self) -> SiteId {
        let id = SiteId(self.next);
        self.next += 1;
        id
    }

    fn event(&mut self, kind: EventKind, site: SiteId, other: Option<SiteId>) {
        self.events.push(SiteEvent {
            run: self.run,
            kind,
            site,
            other,
        });
    }

    fn finish(mut self) -> Tracked {
        let ids: Vec<SiteId> = self.owner.iter().copied().flatten().collect();
        for (cluster, id) in self.clusters.iter().zip(&ids) {
            if let Some(trace) = self.traces.iter_mut().find(|t| t.id == *id) {
                trace.members.clone_from(&cluster.members);
                trace.point = cluster.point;
                trace.status = Status::Active;
                trace.last = self.run;
            } else {
                self.traces.push(Trace {
                    id: *id,
                    members: cluster.members.clone(),
                    point: cluster.point,
                    status: Status::Active,
                    into: None,
                    born: self.run,
                    last: self.run,
                });
            }
        }
        self.traces.sort_by_key(|t| t.id);
        Tracked {
            ids,
            events: self.events,
            traces: self.traces,
        }
    }
}
