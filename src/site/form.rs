//! Which tickets make one site?
//!
//! 1. Sharp spots (a gate, a junction, a house number, an offset) climb to peaks of density, repeats by one caller
//!    collapsed; this needs no threshold that fits the density of a city.
//! 2. Blunt tickets (a place without its gate) join the peak that most tickets of the same place stand at.
//! 3. Segment tickets gather along their stretch, and take in the spots on that stretch that stand at no gate or junction.
//!    A road or an area is never taken for a spot and joins nothing.
//! 4. What has enough voices is a cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::place::Precision;
use crate::site::anchor::Anchors;
use crate::site::model::{Anchor, Cluster, Kind, SiteTicket};
use crate::site::stretch::Stretches;
use crate::site::voice::{Call, Repeats, weigh};
use crate::spatial::modes::Modes;
use crate::spatial::{LocalPlane, LonLat, Xy};
use crate::ticket::PetitionerKey;

/// How sites are formed; the defaults were chosen by measurement on both simulated cities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FormParams {
    /// Kernel radius of the density in metres.
    pub bandwidth_m: f64,
    /// Peaks are at least this far apart, in metres.
    pub reach_m: f64,
    /// A ticket with a greater radius of uncertainty is blunt, in metres.
    pub sharp_m: f64,
    /// A blunt ticket joins a peak no further than this, in metres.
    pub attach_m: f64,
    /// Spots this near to a stretch lie on it, in metres.
    pub beside_m: f64,
    /// Least tickets of a cluster.
    pub min_tickets: usize,
    /// Least sum of caller weights of a site (hotspot reference 6.1).
    pub min_effective: f64,
    /// Least voices of a site that is ranked.
    pub min_voices: u32,
    /// How repeats by one caller are weighed.
    pub repeats: Repeats,
}

impl Default for FormParams {
    fn default() -> Self {
        Self {
            bandwidth_m: 40.0,
            reach_m: 40.0,
            sharp_m: 150.0,
            attach_m: 160.0,
            beside_m: 35.0,
            min_tickets: 5,
            min_effective: 3.0,
            min_voices: 2,
            repeats: Repeats::default(),
        }
    }
}

/// Phrase forms that say which door, entrance or stop (locating reference, section 5).
const DOORS: [&str; 5] = [
    "poi_gate_named",
    "road_poi_gate",
    "lot_entrance",
    "stop",
    "metro_exit",
];

/// Phrase forms that name a place, but not where at it.
const VAGUE: [&str; 6] = [
    "poi_gate",
    "poi_alone",
    "poi_near",
    "poi_front",
    "road_poi",
    "metro_near",
];

/// Place → group → tickets that name the place there.
type Votes<'a> = BTreeMap<&'a str, BTreeMap<usize, usize>>;

/// A group while it grows: positions in the input.
#[derive(Clone, Debug, Default)]
struct Group {
    spots: Vec<usize>,
    segments: Vec<usize>,
    anchor: Option<Anchor>,
    line: Vec<LonLat>,
}

/// Forms clusters, largest first (equal: smallest ticket number). The order of tickets changes nothing.
#[must_use]
pub fn form(tickets: &[SiteTicket], anchors: &Anchors, params: &FormParams) -> Vec<Cluster> {
    let mut order: Vec<usize> = (0..tickets.len()).collect();
    order.sort_by_key(|&i| tickets[i].id);
    let Some(plane) = plane_of(tickets) else {
        return Vec::new();
    };
    let work = Work {
        tickets,
        anchors,
        params,
        xy: tickets.iter().map(|t| plane.to_xy(t.point)).collect(),
        plane,
    };
    let mut groups = work.peaks(&order);
    work.attach_blunt(&order, &mut groups);
    work.gather_segments(&order, &mut groups);
    let mut clusters: Vec<Cluster> = groups.iter().filter_map(|g| work.cluster(g)).collect();
    clusters.sort_by_key(|c| {
        (
            std::cmp::Reverse(c.members.len()),
            c.members.first().copied(),
        )
    });
    clusters
}

/// A plane in the middle of the valid points; `None` without any.
fn plane_of(tickets: &[SiteTicket]) -> Option<LocalPlane> {
    let valid = tickets.iter().map(|t| t.point).filter(|p| p.is_valid());
    let (mut west, mut east) = (f64::MAX, f64::MIN);
    let (mut south, mut north) = (f64::MAX, f64::MIN);
    for p in valid {
        (west, east) = (west.min(p.lon), east.max(p.lon));
        (south, north) = (south.min(p.lat), north.max(p.lat));
    }
    (west <= east).then(|| {
        LocalPlane::new(LonLat {
            lon: f64::midpoint(west, east),
            lat: f64::midpoint(south, north),
        })
    })
}

struct Work<'a> {
    tickets: &'a [SiteTicket],
    anchors: &'a Anchors,
    params: &'a FormParams,
    plane: LocalPlane,
    xy: Vec<Xy>,
}

impl Work<'_> {
    fn is_spot(&self, i: usize) -> bool {
        let t = &self.tickets[i];
        t.point.is_valid()
            && matches!(
                t.precision,
                Precision::Point | Precision::Address | Precision::Intersection | Precision::Poi
            )
    }

    fn is_sharp(&self, i: usize) -> bool {
        self.is_spot(i) && f64::from(self.tickets[i].radius_m) <= self.params.sharp_m
    }

    /// Spots by the peak they climb to; those too vague for a peak of their own are left for later.
    fn peaks(&self, order: &[usize]) -> Vec<Group> {
        let spots: Vec<usize> = order
            .iter()
            .copied()
            .filter(|&i| self.is_sharp(i))
            .collect();
        self.climb(&spots)
    }

    fn climb(&self, spots: &[usize]) -> Vec<Group> {
        let at: Vec<Xy> = spots.iter().map(|&i| self.xy[i]).collect();
        let weights = self.weights(spots);
        let modes = Modes {
            bandwidth_m: self.params.bandwidth_m,
            reach_m: self.params.reach_m,
            grain_m: 2.0,
        };
        let peaks = modes.climb(&at, &weights);
        let mut groups = vec![Group::default(); peaks.at.len()];
        for (&i, peak) in spots.iter().zip(&peaks.of) {
            if let Some(peak) = peak {
                groups[*peak as usize].spots.push(i);
            }
        }
        groups
    }

    /// Weight of each spot: repeats by one caller within reach of his earlier ones count less.
    fn weights(&self, spots: &[usize]) -> Vec<f64> {
        let mut weights = vec![1.0; spots.len()];
        let mut by_caller: BTreeMap<PetitionerKey, Vec<usize>> = BTreeMap::new();
        for (k, &i) in spots.iter().enumerate() {
            if let Some(who) = self.tickets[i].petitioner {
                by_caller.entry(who).or_default().push(k);
            }
        }
        for own in by_caller.values().filter(|own| own.len() > 1) {
            let mut rest = own.clone();
            while let Some(&first) = rest.first() {
                let here = self.xy[spots[first]];
                let (near, far): (Vec<usize>, Vec<usize>) = rest
                    .iter()
                    .partition(|&&k| self.xy[spots[k]].distance_m(here) <= self.params.reach_m);
                let calls: Vec<Call> = near.iter().map(|&k| self.call(spots[k])).collect();
                let voices = weigh(&calls, self.params.repeats);
                for (&k, w) in near.iter().zip(voices.weights) {
                    weights[k] = w;
                }
                rest = far;
            }
        }
        weights
    }

    fn call(&self, i: usize) -> Call {
        let t = &self.tickets[i];
        Call {
            id: t.id,
            caller: t.petitioner,
            when: t.when,
        }
    }

    /// Features by which a ticket names its place: everything but roads, gates read as their place too.
    fn places(&self, i: usize) -> BTreeSet<&str> {
        let mut places = BTreeSet::new();
        for feature in &self.tickets[i].features {
            if let Some(place) = self.anchors.place_of(feature) {
                places.insert(place);
            }
        }
        places
    }

    /// How often each place is named at each group, by tickets that `count`.
    fn named(&self, groups: &[Group], count: impl Fn(usize) -> bool) -> Votes<'_> {
        let mut named = Votes::new();
        for (g, group) in groups.iter().enumerate() {
            for &i in group.spots.iter().filter(|&&i| count(i)) {
                for place in self.places(i) {
                    *named.entry(place).or_default().entry(g).or_default() += 1;
                }
            }
        }
        named
    }

    /// The group near a ticket at which its place is named most, with the number of tickets that name it there.
    fn elected(&self, i: usize, named: &Votes<'_>, centres: &[Xy]) -> Option<(usize, usize)> {
        let mut votes: BTreeMap<usize, usize> = BTreeMap::new();
        for counts in self.places(i).iter().filter_map(|p| named.get(p)) {
            for (&g, n) in counts {
                if centres[g].distance_m(self.xy[i]) <= self.params.attach_m {
                    *votes.entry(g).or_default() += n;
                }
            }
        }
        let best = votes
            .iter()
            .max_by_key(|(g, n)| (**n, std::cmp::Reverse(**g)));
        best.map(|(g, n)| (*g, *n))
    }

    /// Tickets that name a place but not which of its doors join the door that others of the place name; what is left
    /// over and too vague climbs among itself.
    fn attach_blunt(&self, order: &[usize], groups: &mut Vec<Group>) {
        let centres: Vec<Xy> = groups.iter().map(|g| self.centre(&g.spots)).collect();
        let by_door = self.named(groups, |i| self.names_a_door(i));
        let by_any = self.named(groups, |_| true);
        let mut home: Vec<Option<usize>> = vec![None; self.tickets.len()];
        for (g, group) in groups.iter_mut().enumerate() {
            for i in std::mem::take(&mut group.spots) {
                home[i] = Some(g);
            }
        }
        let mut alone = Vec::new();
        for &i in order.iter().filter(|&&i| self.is_spot(i)) {
            let door = if self.is_vague(i) {
                self.elected(i, &by_door, &centres).filter(|(_, n)| *n >= 2)
            } else {
                None
            };
            let goal = door.map(|(g, _)| g).or(home[i]).or_else(|| {
                let any = self.elected(i, &by_any, &centres);
                any.filter(|(_, n)| *n >= 2).map(|(g, _)| g)
            });
            match goal {
                Some(g) => groups[g].spots.push(i),
                None => alone.push(i),
            }
        }
        groups.extend(self.climb(&alone));
        for group in groups.iter_mut() {
            group.anchor = self.anchor_of(group);
        }
    }

    /// Whether a ticket says which door, junction or stop.
    fn names_a_door(&self, i: usize) -> bool {
        DOORS.contains(&self.tickets[i].form.as_str())
    }

    /// Whether a ticket names a place without saying where at it.
    fn is_vague(&self, i: usize) -> bool {
        VAGUE.contains(&self.tickets[i].form.as_str())
    }

    /// Segment tickets by their stretch; a stretch takes in the spots on it that stand at nothing else.
    fn gather_segments(&self, order: &[usize], groups: &mut Vec<Group>) {
        let lines: Vec<(usize, Vec<Xy>)> = order
            .iter()
            .copied()
            .filter(|&i| self.tickets[i].precision == Precision::Segment)
            .filter(|&i| self.tickets[i].line.len() >= 2)
            .map(|i| {
                let line = self.tickets[i].line.iter();
                (i, line.map(|p| self.plane.to_xy(*p)).collect())
            })
            .collect();
        let stretches = Stretches::gather(&lines);
        let taken = self.on_stretches(groups, &stretches);
        let mut fronts: Vec<Group> = stretches
            .all()
            .map(|(line, members)| Group {
                segments: members.to_vec(),
                line: line.iter().map(|p| self.plane.to_lonlat(*p)).collect(),
                ..Group::default()
            })
            .collect();
        for (g, s) in taken {
            let spots = std::mem::take(&mut groups[g].spots);
            fronts[s].spots.extend(spots);
        }
        groups.extend(fronts);
    }

    /// Groups that lie on a stretch and stand at no door or junction, with the stretch.
    fn on_stretches(&self, groups: &[Group], stretches: &Stretches) -> BTreeMap<usize, usize> {
        let mut taken = BTreeMap::new();
        for (g, group) in groups
            .iter()
            .enumerate()
            .filter(|(_, g)| !g.spots.is_empty())
        {
            let standing = group.spots.iter().filter(|&&i| self.stands(i)).count();
            let stretch = stretches.nearest(self.centre(&group.spots), self.params.beside_m);
            if let Some((s, segments)) = stretch
                && standing * 4 < group.spots.len()
                && segments >= self.params.min_tickets
                && segments * 3 >= group.spots.len()
            {
                taken.insert(g, s);
            }
        }
        taken
    }

    /// Whether a ticket stands at a door, a stop or a junction.
    fn stands(&self, i: usize) -> bool {
        let t = &self.tickets[i];
        t.precision == Precision::Intersection || self.names_a_door(i) || t.form == "poi_gate"
    }

    fn centre(&self, members: &[usize]) -> Xy {
        let n = members.len().max(1) as f64;
        Xy {
            x: members.iter().map(|&i| self.xy[i].x).sum::<f64>() / n,
            y: members.iter().map(|&i| self.xy[i].y).sum::<f64>() / n,
        }
    }

    /// The anchor that a group of spots stands at.
    fn anchor_of(&self, group: &Group) -> Option<Anchor> {
        let sure = group.spots.iter().filter(|&&i| self.names_a_door(i));
        let sure: Vec<usize> = sure.copied().collect();
        // Who only names the place was put at a door by assumption; two who name the door outweigh them all.
        let heard = if sure.len() >= 2 { &sure } else { &group.spots };
        let centre = self.plane.to_lonlat(self.centre(heard));
        let features = heard.iter().flat_map(|&i| &self.tickets[i].features);
        let crossing = group.spots.iter();
        let crossing = crossing.filter(|&&i| self.tickets[i].precision == Precision::Intersection);
        let counts = (crossing.count(), group.spots.len(), heard.len());
        self.anchors.choose(centre, features, counts)
    }

    fn cluster(&self, group: &Group) -> Option<Cluster> {
        let mut members: Vec<usize> = group.spots.iter().chain(&group.segments).copied().collect();
        members.sort_by_key(|&i| self.tickets[i].id);
        if members.len() < self.params.min_tickets {
            return None;
        }
        let calls: Vec<Call> = members.iter().map(|&i| self.call(i)).collect();
        let voices = weigh(&calls, self.params.repeats);
        let shown = if group.segments.is_empty() {
            &group.spots
        } else {
            &members
        };
        let stands_at = group.anchor.as_ref().filter(|_| group.segments.is_empty());
        let centre = || self.plane.to_lonlat(self.centre(shown));
        let point = stands_at.map_or_else(centre, |a| a.point);
        let (kind, name) = self.called(group, stands_at, point);
        Some(Cluster {
            members: members.iter().map(|&i| self.tickets[i].id).collect(),
            point,
            kind,
            name,
            anchor: stands_at.cloned(),
            line: group.line.clone(),
            n_eff: voices.n_eff,
            petitioners: u32::try_from(voices.distinct).unwrap_or(u32::MAX),
            single_voice: voices.single_voice(),
            dominated: voices.dominated(),
        })
    }

    /// What people call it: a stretch by its road and limits, a spot by its anchor, else by its road and what is near.
    fn called(&self, group: &Group, at: Option<&Anchor>, point: LonLat) -> (Kind, String) {
        if !group.segments.is_empty() {
            let said = group
                .segments
                .iter()
                .map(|&i| &self.tickets[i].features[..]);
            return (Kind::Frontage, self.anchors.stretch_name(said));
        }
        if let Some(anchor) = at.filter(|a| !a.name.trim().is_empty()) {
            return (anchor.kind, anchor.name.clone());
        }
        // At nothing, or at a place that the map gives no name: by its road and what is near.
        let features = group.spots.iter().flat_map(|&i| &self.tickets[i].features);
        let kind = at.map_or(Kind::Spot, |a| a.kind);
        (kind, self.anchors.spot_name(features, point))
    }
}
