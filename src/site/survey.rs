//! What are the sites now: one run from tickets to numbered, named, ranked sites and what happened to them?

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{DAY_MS, UtcMs};
use crate::site::anchor::Anchors;
use crate::site::form::{FormParams, form};
use crate::site::hand::{self, Edit, Pool};
use crate::site::model::{Burden, Cluster, Site, SiteEvent, SiteId, SiteTicket, Status};
use crate::site::rank::{Arrival, RankParams, Rate};
use crate::site::track::{Found, Identity, Trace};
use crate::site::voice::{Call, Repeats, weigh};
use crate::spatial::LonLat;
use crate::ticket::TicketId;

/// How a survey is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SurveyParams {
    /// Tickets of this many days before `as_of` take part.
    pub window_days: f64,
    /// How clusters form.
    pub form: FormParams,
    /// How numbers are kept.
    pub identity: Identity,
    /// How sites are ranked.
    pub rank: RankParams,
}

impl Default for SurveyParams {
    fn default() -> Self {
        Self {
            window_days: 1096.0,
            form: FormParams::default(),
            identity: Identity::default(),
            rank: RankParams::default(),
        }
    }
}

/// What a survey found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survey {
    /// All sites ever, by number; dormant and merged ones included.
    pub sites: Vec<Site>,
    /// What happened in this run.
    pub events: Vec<SiteEvent>,
    /// Tickets that took part.
    pub tickets: usize,
}

/// What a survey starts from.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// All located tickets.
    pub tickets: &'a [SiteTicket],
    /// Doors, junctions and places of the city.
    pub anchors: &'a Anchors,
    /// Sites of the last run.
    pub previous: &'a [Site],
    /// Number of this run, greater than the last one's.
    pub run: i64,
    /// The instant it speaks of; `None` = the latest ticket.
    pub as_of: Option<UtcMs>,
    /// What people decided about sites, oldest first.
    pub edits: &'a [Edit],
}

/// Makes a survey: pure, the same input gives the same sites.
#[must_use]
pub fn survey(ground: &Ground<'_>, params: &SurveyParams) -> Survey {
    let latest = ground.tickets.iter().map(|t| t.when).max();
    let as_of = ground.as_of.or(latest).unwrap_or_default();
    let since = as_of.0 as f64 - params.window_days * DAY_MS as f64;
    let inside = |t: &&SiteTicket| t.when.0 as f64 > since && t.when <= as_of;
    let tickets: Vec<SiteTicket> = ground.tickets.iter().filter(inside).cloned().collect();
    let pool: BTreeSet<TicketId> = tickets.iter().map(|t| t.id).collect();
    let gate = |c: &Cluster| c.n_eff >= params.form.min_effective;
    let held = hand::pool(&tickets);
    let edits = hand::standing(ground.edits);
    let formed = form(&tickets, ground.anchors, &params.form);
    let clusters: Vec<Cluster> = hand::constrain(formed, &edits, &held, &params.form)
        .into_iter()
        .filter(|c| gate(c) || c.single_voice || c.dominated)
        .collect();
    let found: Vec<Found> = clusters.iter().map(found_of).collect();
    let traces: Vec<Trace> = ground.previous.iter().map(trace_of).collect();
    let tracked = params.identity.track(&traces, &found, &pool, ground.run);
    let arrivals: Vec<Vec<Arrival>> = clusters
        .iter()
        .map(|c| weighed(&c.members, &held))
        .collect();
    let first = tickets.iter().map(|t| t.when).min().unwrap_or_default();
    let rates = params.rank.rates(&arrivals, first, as_of);
    let drafts = clusters.into_iter().zip(arrivals).zip(rates);
    let fresh: BTreeMap<SiteId, Site> = drafts
        .zip(&tracked.ids)
        .map(|(((cluster, times), rate), id)| (*id, site_of(*id, cluster, &times, rate)))
        .collect();
    let mut sites = assemble(&tracked.traces, fresh, ground.previous);
    if !edits.is_empty() {
        hand::stamp(&mut sites, &edits, &held);
        rerate(&mut sites, &held, (first, as_of), params);
    }
    Survey {
        sites: ranked(sites, params),
        events: tracked.events,
        tickets: tickets.len(),
    }
}

/// When the tickets of a site came, each with its weight among its caller's.
fn weighed(members: &[TicketId], pool: &Pool<'_>) -> Vec<Arrival> {
    let calls: Vec<Call> = members
        .iter()
        .filter_map(|id| pool.get(id))
        .map(|t| Call {
            id: t.id,
            caller: t.petitioner,
            when: t.when,
        })
        .collect();
    let weights = weigh(&calls, Repeats::default()).weights;
    let held = members.iter().filter_map(|id| pool.get(id));
    held.zip(weights)
        .map(|(t, weight)| Arrival {
            when: t.when,
            weight,
            points: t.points,
            redone: t.redone,
        })
        .collect()
}

/// Rates of all active sites anew from their tickets.
fn rerate(
    sites: &mut [Site],
    pool: &Pool<'_>,
    (first, as_of): (UtcMs, UtcMs),
    params: &SurveyParams,
) {
    let active: Vec<usize> = (0..sites.len())
        .filter(|i| sites[*i].status == Status::Active)
        .collect();
    let arrivals: Vec<Vec<Arrival>> = active
        .iter()
        .map(|i| weighed(&sites[*i].members, pool))
        .collect();
    let rates = params.rank.rates(&arrivals, first, as_of);
    for (i, rate) in active.into_iter().zip(rates) {
        let (rate, burden) = rate;
        sites[i].rate = rate.rate;
        sites[i].rate_low = rate.low;
        sites[i].rate_high = rate.high;
        sites[i].expected = rate.expected;
        sites[i].burden = burden;
    }
}

/// Does a deed at once: the sites of the last run after it, rated and ranked anew, and what happened.
#[must_use]
pub fn amended(
    mut sites: Vec<Site>,
    edit: &Edit,
    (tickets, as_of): (&[SiteTicket], UtcMs),
    params: &SurveyParams,
) -> Survey {
    let since = as_of.0 as f64 - params.window_days * DAY_MS as f64;
    let inside = |t: &&SiteTicket| t.when.0 as f64 > since && t.when <= as_of;
    let pool: Pool<'_> = tickets.iter().filter(inside).map(|t| (t.id, t)).collect();
    let first = pool.values().map(|t| t.when).min().unwrap_or_default();
    let events = hand::amend(&mut sites, edit, &pool, &params.form);
    rerate(&mut sites, &pool, (first, as_of), params);
    for site in &mut sites {
        site.rank = 0;
    }
    sites.sort_by_key(|s| s.id);
    Survey {
        sites: ranked(sites, params),
        events,
        tickets: pool.len(),
    }
}

fn found_of(cluster: &Cluster) -> Found {
    Found {
        members: cluster.members.clone(),
        point: cluster.point,
    }
}

fn trace_of(site: &Site) -> Trace {
    Trace {
        id: site.id,
        members: site.members.clone(),
        point: site.point,
        status: site.status,
        into: site.into,
        born: site.born_run,
        last: site.last_run,
    }
}

fn site_of(id: SiteId, cluster: Cluster, times: &[Arrival], judged: (Rate, Burden)) -> Site {
    let (rate, burden) = judged;
    Site {
        id,
        name: cluster.name,
        kind: cluster.kind,
        point: rounded(cluster.point),
        line: cluster.line,
        feature: cluster.anchor.map(|a| a.feature),
        members: cluster.members,
        petitioners: cluster.petitioners,
        n_eff: cluster.n_eff,
        single_voice: cluster.single_voice,
        dominated: cluster.dominated,
        rate: rate.rate,
        rate_low: rate.low,
        rate_high: rate.high,
        expected: rate.expected,
        burden,
        rank: 0,
        first: times.iter().map(|t| t.when).min().unwrap_or_default(),
        last: times.iter().map(|t| t.when).max().unwrap_or_default(),
        status: Status::Active,
        into: None,
        born_run: 0,
        last_run: 0,
    }
}

/// Seven decimals, about a centimetre, so that stored and computed points are equal.
fn rounded(p: LonLat) -> LonLat {
    let seven = |v: f64| (v * 1e7).round() / 1e7;
    LonLat {
        lon: seven(p.lon),
        lat: seven(p.lat),
    }
}

/// Fresh sites with their history, and those without a cluster as they were.
fn assemble(traces: &[Trace], mut fresh: BTreeMap<SiteId, Site>, previous: &[Site]) -> Vec<Site> {
    let before: BTreeMap<SiteId, &Site> = previous.iter().map(|s| (s.id, s)).collect();
    let sites = traces.iter().filter_map(|trace| {
        let mut site = match fresh.remove(&trace.id) {
            Some(site) => site,
            None => (*before.get(&trace.id)?).clone(),
        };
        site.status = trace.status;
        site.into = trace.into;
        site.born_run = trace.born;
        site.last_run = trace.last;
        site.rank = 0;
        Some(site)
    });
    sites.collect()
}

/// Ranks active sites with several voices by what their tickets weigh; ties: more collapsed tickets, then the smaller number. Equal names are
/// told apart by a number.
fn ranked(mut sites: Vec<Site>, params: &SurveyParams) -> Vec<Site> {
    let eligible = |s: &Site| {
        s.status == Status::Active
            && !s.single_voice
            && !s.dominated
            && s.petitioners >= params.form.min_voices
            && s.n_eff >= params.form.min_effective
    };
    let mut order: Vec<usize> = (0..sites.len()).filter(|&i| eligible(&sites[i])).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&sites[a], &sites[b]);
        b.burden
            .rate
            .total_cmp(&a.burden.rate)
            .then(b.rate.total_cmp(&a.rate))
            .then(b.n_eff.total_cmp(&a.n_eff))
            .then(a.id.cmp(&b.id))
    });
    for (rank, i) in (1..).zip(order) {
        sites[i].rank = rank;
    }
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for site in sites.iter_mut().filter(|s| s.status == Status::Active) {
        let count = seen.entry(site.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            site.name = format!("{}（{count}）", site.name);
        }
    }
    sites
}
