//! Which network is the roster: source → person → week → day → peak → alike duties → sink, with the levels as costs?
//!
//! Duties of one peak that the same people may serve are alike and share one node, so that a roster of 60 people, 70 gates,
//! 4 peaks and 20 days has some 30,000 arcs instead of 340,000.

use std::collections::{BTreeMap, BTreeSet};

use crate::optim::flow::Network;
use crate::plan::roster::model::Model;

/// What a branch forbids beyond the model.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Bans {
    /// (person, day) off.
    pub(super) off: BTreeSet<(usize, i64)>,
    /// (person, duty).
    pub(super) pair: BTreeSet<(usize, usize)>,
}

/// Costs of the levels so that a better earlier level outweighs all later ones.
#[derive(Clone, Debug)]
pub(super) struct Scale {
    /// Of one duty that must be covered.
    pub(super) must: i128,
    /// Of one point of priority.
    pub(super) priority: i128,
    /// Of one changed duty.
    pub(super) change: i128,
    /// Load of one duty for fairness; `None` leaves fairness out.
    pub(super) unit: Option<i64>,
    /// Whether coverage and change count, or only what must be covered.
    pub(super) all: bool,
    /// Most duties of one peak a person is let have; 1 except for bounds.
    pub(super) per_peak: i64,
    /// Price of one load point for every person; empty for none. Groups are then of one load.
    pub(super) price: Vec<i64>,
}

impl Scale {
    /// The scale of a model; `split` counts load points instead of duties (loads then weigh inside the network).
    pub(super) fn of(model: &Model<'_>, unit: Option<i64>) -> Self {
        let duties = i128::try_from(model.duties()).unwrap_or(i128::MAX >> 64);
        let longest: i64 = model
            .given
            .duties
            .iter()
            .map(|d| d.load.max(unit.unwrap_or(0)))
            .sum();
        let people = model.given.persons.iter();
        let even: i128 = people
            .map(|p| {
                let (h, most) = (i128::from(p.history), i128::from(longest));
                (h + most) * (h + most) - h * h
            })
            .sum();
        let change = even + 1;
        let priority = change * (duties + 2);
        let total: i128 = model
            .given
            .duties
            .iter()
            .map(|d| i128::from(d.priority))
            .sum();
        Self {
            must: priority * (total + 2),
            priority,
            change,
            unit,
            all: true,
            per_peak: 1,
            price: Vec::new(),
        }
    }

    /// Cost of covering a duty (below zero).
    pub(super) fn cover(&self, model: &Model<'_>, q: usize) -> i128 {
        let mut cost = 0;
        if model.must[q] {
            cost -= self.must;
        }
        if self.all {
            cost -= self.priority * i128::from(model.given.duties[q].priority);
            if model.published[q] == Some(None) {
                cost += self.change;
            }
        }
        cost
    }
}

/// A built network with what its arcs mean.
pub(super) struct Built {
    pub(super) network: Network,
    /// (person, group, arc).
    into_group: Vec<(usize, usize, usize)>,
    /// (group, duty, arc).
    from_group: Vec<(usize, usize, usize)>,
    /// (person, duty, arc): the person published for the duty keeps it.
    keeps: Vec<(usize, usize, usize)>,
}

/// Persons and duties of one group that the flow brings together, in any pairing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) persons: Vec<usize>,
    pub(super) duties: Vec<usize>,
}

impl Built {
    /// Reads a flow: kept pairs and meetings in the order of time.
    pub(super) fn read(&self, flow: &[i64]) -> (Vec<(usize, usize)>, Vec<Meeting>) {
        let kept = self.keeps.iter().filter(|(_, _, a)| flow[*a] > 0);
        let mut meetings: BTreeMap<usize, Meeting> = BTreeMap::new();
        for (p, g, a) in self.into_group.iter().filter(|(_, _, a)| flow[*a] > 0) {
            // Somebody with several duties of the group is named once for each.
            for _ in 0..flow[*a] {
                meetings.entry(*g).or_default().persons.push(*p);
            }
        }
        for (g, q, _) in self.from_group.iter().filter(|(_, _, a)| flow[*a] > 0) {
            meetings.entry(*g).or_default().duties.push(*q);
        }
        (
            kept.map(|(p, q, _)| (*p, *q)).collect(),
            meetings.into_values().collect(),
        )
    }
}

/// Size of things that flow: one per duty, or its load when duties may be split.
pub(super) type Size<'a> = &'a dyn Fn(usize) -> i64;

/// Builds the network. `size(q)` is the flow that covers duty q; costs of covering are per unit of flow, `part(q)` of the
/// whole.
pub(super) fn build(
    model: &Model<'_>,
    bans: &Bans,
    scale: &Scale,
    size: Size<'_>,
    part: Size<'_>,
) -> Built {
    let mut out = Built {
        network: Network::new(),
        into_group: Vec::new(),
        from_group: Vec::new(),
        keeps: Vec::new(),
    };
    let source = out.network.node();
    let sink = out.network.node();
    out.network.arc(sink, source, i64::MAX / 4, 0);
    let groups = groups(model, bans, !scale.price.is_empty());
    let mut doors = Doors {
        source,
        largest: (0..model.duties()).map(size).max().unwrap_or(1),
        scale,
        person: vec![None; model.people()],
        week: BTreeMap::new(),
        day: BTreeMap::new(),
        peak: BTreeMap::new(),
    };
    for (number, (key, duties)) in groups.iter().enumerate() {
        let group = out.network.node();
        let room: i64 = duties.iter().map(|q| size(*q)).max().unwrap_or(1);
        for p in members(&key.1) {
            let Some(first) = duties.first() else {
                continue;
            };
            let door = doors.peak(model, &mut out.network, p, *first);
            let load = model.given.duties[*first].load;
            let price = i128::from(scale.price.get(p).copied().unwrap_or(0)) * i128::from(load);
            let arc = out
                .network
                .arc(door, group, room.saturating_mul(scale.per_peak), price);
            out.into_group.push((p, number, arc));
        }
        for q in duties {
            let cost = scale.cover(model, *q) * i128::from(part(*q));
            let Some(Some(keeper)) = model.published[*q].filter(|_| scale.all) else {
                let arc = out.network.arc(group, sink, size(*q), cost);
                out.from_group.push((number, *q, arc));
                continue;
            };
            let node = out.network.node();
            out.network.arc(node, sink, size(*q), cost);
            let arc = out.network.arc(group, node, size(*q), 0);
            out.from_group.push((number, *q, arc));
            if key
                .1
                .get(keeper / 64)
                .is_some_and(|w| w >> (keeper % 64) & 1 == 1)
            {
                let door = doors.peak(model, &mut out.network, keeper, *q);
                let load = i128::from(model.given.duties[*q].load);
                let price = i128::from(scale.price.get(keeper).copied().unwrap_or(0)) * load;
                let gain = price - scale.change * i128::from(part(*q));
                let arc = out.network.arc(door, node, size(*q), gain);
                out.keeps.push((keeper, *q, arc));
            }
        }
    }
    out
}

type Key = (usize, Vec<u64>, i64);

/// Duties by (slot, set of people who may serve them), and by load when `by_load`.
fn groups(model: &Model<'_>, bans: &Bans, by_load: bool) -> BTreeMap<Key, Vec<usize>> {
    let words = model.people().div_ceil(64).max(1);
    let mut groups: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
    for q in 0..model.duties() {
        let mut bits = vec![0_u64; words];
        let day = model.given.duties[q].day;
        for (p, may) in model.may[q].iter().enumerate() {
            if *may && !bans.off.contains(&(p, day)) && !bans.pair.contains(&(p, q)) {
                bits[p / 64] |= 1 << (p % 64);
            }
        }
        if bits.iter().any(|b| *b != 0) {
            let load = if by_load {
                model.given.duties[q].load
            } else {
                0
            };
            groups
                .entry((model.slot(q), bits, load))
                .or_default()
                .push(q);
        }
    }
    groups
}

fn members(bits: &[u64]) -> Vec<usize> {
    (0..bits.len() * 64)
        .filter(|p| bits[p / 64] >> (p % 64) & 1 == 1)
        .collect()
}

/// The way from the source to a person's peak, made when first needed.
struct Doors<'a> {
    source: usize,
    /// Largest flow of one duty.
    largest: i64,
    scale: &'a Scale,
    person: Vec<Option<usize>>,
    week: BTreeMap<(usize, i64), usize>,
    day: BTreeMap<(usize, i64), usize>,
    peak: BTreeMap<(usize, usize), usize>,
}

impl Doors<'_> {
    fn peak(&mut self, model: &Model<'_>, net: &mut Network, p: usize, q: usize) -> usize {
        let key = (p, model.slot(q));
        if let Some(node) = self.peak.get(&key) {
            return *node;
        }
        let day = self.day(model, net, p, model.given.duties[q].day);
        let node = net.node();
        net.arc(
            day,
            node,
            self.largest.saturating_mul(self.scale.per_peak),
            0,
        );
        self.peak.insert(key, node);
        node
    }

    fn day(&mut self, model: &Model<'_>, net: &mut Network, p: usize, day: i64) -> usize {
        if let Some(node) = self.day.get(&(p, day)) {
            return *node;
        }
        let week = self.week(model, net, p, model.week(day));
        let node = net.node();
        net.arc(week, node, model.day_cap(p).saturating_mul(self.largest), 0);
        self.day.insert((p, day), node);
        node
    }

    fn week(&mut self, model: &Model<'_>, net: &mut Network, p: usize, week: i64) -> usize {
        if let Some(node) = self.week.get(&(p, week)) {
            return *node;
        }
        let person = self.person(model, net, p);
        let node = net.node();
        net.arc(
            person,
            node,
            model.week_cap(p, week).saturating_mul(self.largest),
            0,
        );
        self.week.insert((p, week), node);
        node
    }

    fn person(&mut self, model: &Model<'_>, net: &mut Network, p: usize) -> usize {
        if let Some(node) = self.person[p] {
            return node;
        }
        let node = net.node();
        self.person[p] = Some(node);
        let most = most(model, p, self.scale.per_peak).saturating_mul(self.largest);
        match self.scale.unit {
            None => {
                net.arc(self.source, node, most, 0);
            }
            Some(unit) => {
                let mut load = i128::from(model.given.persons[p].history);
                let unit = i128::from(unit);
                for _ in 0..most {
                    net.arc(
                        self.source,
                        node,
                        1,
                        (load + unit) * (load + unit) - load * load,
                    );
                    load += unit;
                }
            }
        }
        node
    }
}

/// Most duties a person can have in the horizon: caps of days, weeks and peaks.
pub(super) fn most(model: &Model<'_>, p: usize, per_peak: i64) -> i64 {
    let mut slots: BTreeMap<i64, BTreeMap<usize, i64>> = BTreeMap::new();
    for q in (0..model.duties()).filter(|q| model.may[*q][p]) {
        let day = slots.entry(model.given.duties[q].day).or_default();
        *day.entry(model.peak[q]).or_default() += 1;
    }
    let mut weeks: BTreeMap<i64, i64> = BTreeMap::new();
    for (day, peaks) in slots {
        let duties: i64 = peaks.values().map(|n| (*n).min(per_peak)).sum();
        *weeks.entry(model.week(day)).or_default() += duties.min(model.day_cap(p));
    }
    weeks
        .iter()
        .map(|(week, n)| (*n).min(model.week_cap(p, *week)))
        .sum()
}
