//! What does a spot belong to, and how do people call it: a school gate, a car park entrance, a junction, a frontage?

use std::collections::HashMap;

use crate::place::gazetteer::{Access, Gazetteer, PlaceKind};
use crate::place::resolve_road::junction_id;
use crate::spatial::{LonLat, Xy};

/// What an anchor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorKind {
    /// A gate of a place.
    Gate(PlaceKind),
    /// An entrance or exit of a car park.
    ParkingEntrance,
    /// A stop's platform or a station's exit.
    Stop,
    /// Two roads meeting.
    Intersection,
    /// A place without a mapped gate.
    Poi(PlaceKind),
    /// The nearest point of a named road.
    Frontage,
}

/// A thing of the map near a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Anchor {
    /// What it is.
    pub kind: AnchorKind,
    /// 实验小学东门, 文治路与鼎城街交叉口, 商都路.
    pub name: String,
    /// Where.
    pub point: LonLat,
    /// Feature id: gate, place, junction or road.
    pub feature: String,
    /// Metres from the asked point.
    pub distance_m: f64,
}

/// Named things in a grid, for naming sites. Built in a few milliseconds; a look-up costs about a microsecond.
#[derive(Debug)]
pub struct Anchors<'g> {
    g: &'g Gazetteer,
    items: Vec<(AnchorKind, Xy, Item)>,
    cells: HashMap<(i32, i32), Vec<u32>>,
}

#[derive(Clone, Copy, Debug)]
enum Item {
    Gate(u32, u32),
    Place(u32),
    Junction(u32),
}

const CELL_M: f64 = 200.0;

#[expect(
    clippy::cast_possible_truncation,
    reason = "a city is far smaller than i32 cells; casts saturate"
)]
fn cell(p: Xy) -> (i32, i32) {
    ((p.x / CELL_M).floor() as i32, (p.y / CELL_M).floor() as i32)
}

impl<'g> Anchors<'g> {
    /// Indexes gates, entrances, junctions, stops and places of a gazetteer.
    #[must_use]
    pub fn new(g: &'g Gazetteer) -> Self {
        let mut items = Vec::new();
        for (i, place) in (0_u32..).zip(&g.places) {
            for (k, gate) in (0_u32..).zip(&place.gates) {
                let kind = match gate.access {
                    Access::Gate => AnchorKind::Gate(place.kind),
                    Access::ParkingIn | Access::ParkingOut => AnchorKind::ParkingEntrance,
                    Access::MetroExit => AnchorKind::Stop,
                };
                items.push((kind, gate.point, Item::Gate(i, k)));
            }
            for platform in &place.platforms {
                items.push((AnchorKind::Stop, *platform, Item::Place(i)));
            }
            if place.gates.is_empty() && place.platforms.is_empty() && !place.name.is_empty() {
                items.push((AnchorKind::Poi(place.kind), place.door, Item::Place(i)));
            }
        }
        for (i, j) in (0_u32..).zip(g.junctions.all()) {
            items.push((AnchorKind::Intersection, j.point, Item::Junction(i)));
        }
        let mut cells: HashMap<(i32, i32), Vec<u32>> = HashMap::new();
        for (i, item) in (0_u32..).zip(&items) {
            cells.entry(cell(item.1)).or_default().push(i);
        }
        Self { g, items, cells }
    }

    /// Everything within `max_m` of a point, nearest first; the frontage of the nearest named road is among it.
    #[must_use]
    pub fn nearest(&self, point: LonLat, max_m: f64) -> Vec<Anchor> {
        let p = self.g.plane.to_xy(point);
        let (low, high) = (
            cell(Xy {
                x: p.x - max_m,
                y: p.y - max_m,
            }),
            cell(Xy {
                x: p.x + max_m,
                y: p.y + max_m,
            }),
        );
        let mut found: Vec<(f64, u32)> = Vec::new();
        for x in low.0..=high.0 {
            for y in low.1..=high.1 {
                for &i in self.cells.get(&(x, y)).map_or(&[][..], Vec::as_slice) {
                    let d = self.items[i as usize].1.distance_m(p);
                    if d <= max_m {
                        found.push((d, i));
                    }
                }
            }
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut out: Vec<Anchor> = found.into_iter().map(|(d, i)| self.anchor(i, d)).collect();
        if let Some((r, at, d)) = self.g.road_index.nearest(p, max_m) {
            let road = self.g.road(r);
            let frontage = Anchor {
                kind: AnchorKind::Frontage,
                name: road.name.clone(),
                point: self.g.plane.to_lonlat(at),
                feature: road.name.clone(),
                distance_m: d,
            };
            let rank = out.partition_point(|a| a.distance_m < d);
            out.insert(rank, frontage);
        }
        out
    }

    fn anchor(&self, i: u32, distance_m: f64) -> Anchor {
        let (kind, at, item) = self.items[i as usize];
        let (name, feature) = match item {
            Item::Gate(p, k) => {
                let place = &self.g.places[p as usize];
                let gate = &place.gates[k as usize];
                (format!("{}{}", place.name, gate.name), gate.id.clone())
            }
            Item::Place(p) => {
                let place = &self.g.places[p as usize];
                let name = if place.platforms.is_empty() {
                    place.name.clone()
                } else {
                    format!("{}公交站", place.name.trim_end_matches('站'))
                };
                (name, place.id.clone())
            }
            Item::Junction(j) => {
                let j = &self.g.junctions.all()[j as usize];
                let (a, b) = (self.g.road(j.roads.0), self.g.road(j.roads.1));
                (
                    format!("{}与{}交叉口", a.name, b.name),
                    junction_id(self.g, j.roads, j.point),
                )
            }
        };
        Anchor {
            kind,
            name,
            point: self.g.plane.to_lonlat(at),
            feature,
            distance_m,
        }
    }
}
