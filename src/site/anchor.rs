//! At which thing of the gazetteer does a site stand, and what do people call it?

use std::collections::BTreeMap;

use crate::site::model::{Anchor, Kind};
use crate::spatial::LonLat;

/// Gates, entrances, junctions, stops and places of a city, by feature and by place.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    all: Vec<Anchor>,
    by_feature: BTreeMap<String, usize>,
    squares: BTreeMap<(i32, i32), Vec<usize>>,
}

/// Side of a lookup square in degrees of latitude, about 110 m.
const SQUARE: f64 = 0.001;

/// An anchor further away than this is not where a site stands, in metres.
const STANDS_M: f64 = 45.0;

impl Anchors {
    /// Orders anchors for lookup.
    #[must_use]
    pub fn new(mut anchors: Vec<Anchor>) -> Self {
        anchors.sort_by(|a, b| a.feature.cmp(&b.feature));
        anchors.dedup_by(|a, b| a.feature == b.feature);
        let mut squares: BTreeMap<(i32, i32), Vec<usize>> = BTreeMap::new();
        for (i, a) in anchors.iter().enumerate() {
            squares.entry(square(a.point)).or_default().push(i);
        }
        let by_feature = anchors
            .iter()
            .enumerate()
            .map(|(i, a)| (a.feature.clone(), i))
            .collect();
        Self {
            all: anchors,
            by_feature,
            squares,
        }
    }

    /// The anchor of a feature.
    #[must_use]
    pub fn get(&self, feature: &str) -> Option<&Anchor> {
        self.by_feature.get(feature).map(|&i| &self.all[i])
    }

    /// The place that a feature names: of a gate its parent, of a place or junction itself, of a road nothing.
    #[must_use]
    pub fn place_of<'a>(&'a self, feature: &'a str) -> Option<&'a str> {
        let anchor = self.get(feature)?;
        Some(anchor.parent.as_deref().unwrap_or(&anchor.feature))
    }

    /// The anchor of a group of spots: the one that most tickets name among those it stands at, else the nearest gate,
    /// entrance or junction. Of `tickets`, `crossing` speak of a
    /// junction (a quarter of them makes it one); `heard` tickets gave the features.
    pub fn choose<'a>(
        &self,
        centre: LonLat,
        features: impl Iterator<Item = &'a String>,
        (crossing, tickets, heard): (usize, usize, usize),
    ) -> Option<Anchor> {
        if crossing * 4 >= tickets.max(1) {
            let junction = self
                .around(centre)
                .filter(|i| self.all[*i].kind == Kind::Intersection);
            if let Some(anchor) = self.closest(junction, centre, STANDS_M) {
                return Some(anchor.clone());
            }
        }
        let mut named: BTreeMap<usize, usize> = BTreeMap::new();
        for feature in features {
            if let Some(&i) = self.by_feature.get(feature.as_str()) {
                *named.entry(i).or_default() += 1;
            }
        }
        let near = |i: usize| self.all[i].point.distance_m(centre);
        let said = named
            .iter()
            .filter(|(i, n)| **n * 4 >= heard && near(**i) <= STANDS_M)
            .max_by(|a, b| {
                let specific = |i: usize| self.all[i].parent.is_some();
                a.1.cmp(b.1)
                    .then(specific(*a.0).cmp(&specific(*b.0)))
                    .then(near(*b.0).total_cmp(&near(*a.0)))
                    .then(b.0.cmp(a.0))
            });
        if let Some((&i, _)) = said {
            return Some(self.all[i].clone());
        }
        self.nearest(centre, STANDS_M / 2.0).cloned()
    }

    /// The nearest anchor with a name within `within_m` (at most 110 m); equal distances: the smaller feature id.
    #[must_use]
    pub fn nearest(&self, point: LonLat, within_m: f64) -> Option<&Anchor> {
        let named = |i: &usize| !self.all[*i].name.trim().is_empty();
        self.closest(self.around(point).filter(named), point, within_m)
    }

    fn around(&self, point: LonLat) -> impl Iterator<Item = usize> + '_ {
        let (x, y) = square(point);
        let keys = (-1..=1).flat_map(move |dy| (-2..=2).map(move |dx| (x + dx, y + dy)));
        keys.filter_map(|key| self.squares.get(&key))
            .flatten()
            .copied()
    }

    fn closest(
        &self,
        candidates: impl Iterator<Item = usize>,
        point: LonLat,
        within_m: f64,
    ) -> Option<&Anchor> {
        candidates
            .map(|i| (self.all[i].point.distance_m(point), i))
            .filter(|(d, _)| *d <= within_m)
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .map(|(_, i)| &self.all[i])
    }

    /// The name of a stretch from what its tickets say: 文治路(鼎城街—航海路段), or 甲与乙之间 between two places.
    #[must_use]
    pub fn stretch_name<'a>(&self, said: impl Iterator<Item = &'a [String]>) -> String {
        let mut counts: BTreeMap<&[String], usize> = BTreeMap::new();
        for features in said {
            *counts.entry(features).or_default() += 1;
        }
        let most = counts.iter().max_by_key(|(_, n)| **n).map(|(f, _)| *f);
        let held = |f: &String| self.get(f).filter(|a| !a.name.trim().is_empty());
        let name = |f: &String| held(f).map_or_else(|| f.clone(), |a| a.name.clone());
        match most.unwrap_or(&[]) {
            [road, from, to, ..] => format!("{}({}—{}段)", name(road), name(from), name(to)),
            [from, to] => format!("{}与{}之间", name(from), name(to)),
            [road] => format!("{}路段", name(road)),
            [] => "无名路段".to_owned(),
        }
    }

    /// The name of a spot that stands at nothing: its road and what is near, else what is near, else its degrees.
    #[must_use]
    pub fn spot_name<'a>(
        &self,
        features: impl Iterator<Item = &'a String>,
        point: LonLat,
    ) -> String {
        let mut roads: BTreeMap<&str, usize> = BTreeMap::new();
        for feature in features.filter(|f| self.get(f).is_none()) {
            *roads.entry(feature).or_default() += 1;
        }
        let road = roads.iter().max_by_key(|(_, n)| **n).map(|(r, _)| *r);
        let near = self.nearest(point, 110.0).map(|a| a.name.as_str());
        match (road, near) {
            (Some(road), Some(near)) => road_near(road, near),
            (Some(road), None) => format!("{road}路段"),
            (None, Some(near)) => format!("{near}附近"),
            (None, None) => format!("无名点位({:.4}, {:.4})", point.lon, point.lat),
        }
    }

    /// Number of anchors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a kind is one that a site stands *at* (a gate, a junction), not a whole place.
    #[must_use]
    pub const fn is_spot(kind: Kind) -> bool {
        !matches!(kind, Kind::Frontage | Kind::Spot)
    }
}

/// A spot of a road by what stands near: 经南五路近经开第六大街路口 rather than the road's name twice.
fn road_near(road: &str, near: &str) -> String {
    let pair = near.strip_suffix("交叉口").and_then(|n| n.split_once('与'));
    match pair {
        Some((a, b)) if a == road => format!("{road}近{b}路口"),
        Some((a, b)) if b == road => format!("{road}近{a}路口"),
        _ if near.contains(road) => format!("{near}附近"),
        _ => format!("{road}（{near}附近）"),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees over a thousandth stay below 400,000; others saturate"
)]
fn square(p: LonLat) -> (i32, i32) {
    (
        (p.lon / SQUARE).floor() as i32,
        (p.lat / SQUARE).floor() as i32,
    )
}

#[cfg(test)]
mod tests {
    use super::road_near;

    #[test]
    fn a_spot_near_a_junction_of_its_own_road_says_the_road_once() {
        let near = |n: &str| road_near("经南五路", n);
        assert_eq!(
            near("经南五路与经开第六大街交叉口"),
            "经南五路近经开第六大街路口"
        );
        assert_eq!(near("商英街与经南五路交叉口"), "经南五路近商英街路口");
        assert_eq!(near("经南五路农贸市场"), "经南五路农贸市场附近");
        assert_eq!(near("育红小学"), "经南五路（育红小学附近）");
    }
}
