//! What is on the map that a text can name: roads, junctions, places with gates, numbers, stops, areas.

use std::collections::{BTreeMap, HashMap};

use crate::place::junction::Junctions;
use crate::place::language::Language;
use crate::place::lexicon::Lexicon;
use crate::place::road::Road;
use crate::place::road_index::RoadIndex;
use crate::place::sounds::Sounds;
use crate::place::surfaces::Surfaces;
use crate::place::target::Target;
use crate::spatial::{LocalPlane, LonLat, Xy};

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// 学校.
    School,
    /// 幼儿园.
    Kindergarten,
    /// 医院.
    Hospital,
    /// 市场.
    Market,
    /// 商场, 超市.
    Mall,
    /// 小区, 村.
    Estate,
    /// 机关, 服务.
    Office,
    /// 公园.
    Park,
    /// 停车场.
    Parking,
    /// 公交站.
    Stop,
    /// 地铁站, 车站.
    Station,
    /// 店铺 at an address.
    Shop,
    /// Anything else with a name.
    Other,
}

impl PlaceKind {
    /// The kind's word in the rule file.
    #[must_use]
    pub const fn rule_word(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Kindergarten => "kindergarten",
            Self::Hospital => "hospital",
            Self::Market => "market",
            Self::Mall | Self::Shop => "mall",
            Self::Estate => "estate",
            Self::Office => "office",
            Self::Park => "park",
            Self::Parking => "parking",
            Self::Station => "station",
            Self::Stop | Self::Other => "other",
        }
    }
}

/// What an access point is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// 门.
    Gate,
    /// 停车场入口.
    ParkingIn,
    /// 停车场出口.
    ParkingOut,
    /// 地铁口.
    MetroExit,
}

/// A gate or an entrance of a place.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Feature id.
    pub id: String,
    /// 南门, 入口, A口.
    pub name: String,
    /// Other words for it: 急诊入口.
    pub also: Vec<String>,
    /// Whether the map calls it the main one.
    pub main: bool,
    /// What it is for.
    pub access: Access,
    /// Named road it lies on.
    pub road: Option<u32>,
    /// Where.
    pub point: Xy,
}

/// A place with a name, or an address point.
#[derive(Clone, Debug)]
pub struct Place {
    /// Feature id.
    pub id: String,
    /// Name as the map writes it.
    pub name: String,
    /// Kind.
    pub kind: PlaceKind,
    /// Footprint's ring, empty for a point.
    pub ring: Vec<Xy>,
    /// Centre of the footprint, or the point.
    pub centre: Xy,
    /// Gates and entrances, main first.
    pub gates: Vec<Gate>,
    /// Where one enters: the main gate, else the boundary beside the road of the address, else the centre.
    pub door: Xy,
    /// Road of the address or of the main gate.
    pub street: Option<u32>,
    /// House number.
    pub number: Option<u32>,
    /// Host place of a car park.
    pub parent: Option<u32>,
    /// Car parks that belong to it.
    pub lots: Vec<u32>,
    /// Town that the map names.
    pub town: Option<String>,
    /// Platforms of a stop.
    pub platforms: Vec<Xy>,
    /// The two roads in a stop's name.
    pub stop_roads: Option<(u32, u32)>,
    /// Area in square metres, 0 for a point.
    pub area_m2: f64,
}

/// An administrative area.
#[derive(Clone, Debug)]
pub struct Area {
    /// Feature id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Rings of its parts.
    pub rings: Vec<Vec<Xy>>,
    /// Centre of the largest part.
    pub centre: Xy,
    /// √(area/π) in metres.
    pub radius_m: f64,
    /// Whether it is the whole jurisdiction (no parent inside the map).
    pub top: bool,
}

/// A known house number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct House {
    /// The number.
    pub number: u32,
    /// Its point.
    pub point: Xy,
}

/// Everything a text can name, with the automata that find it. Built once per base map; immutable and shared.
#[derive(Debug)]
pub struct Gazetteer {
    pub(crate) plane: LocalPlane,
    pub(crate) roads: Vec<Road>,
    pub(crate) junctions: Junctions,
    pub(crate) places: Vec<Place>,
    pub(crate) areas: Vec<Area>,
    pub(crate) houses: Vec<Vec<House>>,
    pub(crate) surfaces: Surfaces,
    pub(crate) sounds: Sounds,
    pub(crate) lexicon: Lexicon,
    pub(crate) language: Language,
    pub(crate) road_index: RoadIndex,
    pub(crate) by_id: HashMap<String, Target>,
    pub(crate) bbox: Option<(LonLat, LonLat)>,
    pub(crate) stops_by_pair: BTreeMap<(u32, u32), Vec<u32>>,
}

impl Gazetteer {
    /// The plane all inner coordinates are in.
    #[must_use]
    pub const fn plane(&self) -> &LocalPlane {
        &self.plane
    }

    /// All roads.
    #[must_use]
    pub fn roads(&self) -> &[Road] {
        &self.roads
    }

    /// All junctions.
    #[must_use]
    pub const fn junctions(&self) -> &Junctions {
        &self.junctions
    }

    /// All places.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// All areas.
    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// What a feature id stands for; gates lead to their place.
    #[must_use]
    pub fn target(&self, id: &str) -> Option<Target> {
        self.by_id.get(id).copied()
    }

    /// A feature's point and name by its id: a gate's own point, a place's door, a road's middle, an area's centre.
    #[must_use]
    pub fn feature(&self, id: &str) -> Option<(String, LonLat)> {
        let (name, at) = match self.target(id)? {
            Target::Road(r) => {
                let road = self.roads.get(r as usize)?;
                (road.name.clone(), road.middle()?)
            }
            Target::Area(a) => {
                let area = self.areas.get(a as usize)?;
                (area.name.clone(), area.centre)
            }
            Target::Place(p) => {
                let place = self.places.get(p as usize)?;
                match place.gates.iter().find(|g| g.id == id) {
                    Some(gate) => (format!("{}{}", place.name, gate.name), gate.point),
                    None => (place.name.clone(), place.door),
                }
            }
        };
        Some((name, self.plane.to_lonlat(at)))
    }

    /// South-west and north-east corner of all roads and places; `None` for an empty map.
    #[must_use]
    pub const fn bbox(&self) -> Option<(LonLat, LonLat)> {
        self.bbox
    }

    /// The box of everything the map says, areas included: a city may bring nothing but its boundary.
    pub(crate) fn extent(&self) -> Option<(LonLat, LonLat)> {
        let points = self
            .roads
            .iter()
            .flat_map(|r| r.pieces.iter().flatten())
            .chain(self.places.iter().map(|p| &p.centre))
            .chain(self.areas.iter().flat_map(|a| a.rings.iter().flatten()));
        let (mut low, mut high): (Option<Xy>, Option<Xy>) = (None, None);
        for p in points {
            low = Some(low.map_or(*p, |l| Xy {
                x: l.x.min(p.x),
                y: l.y.min(p.y),
            }));
            high = Some(high.map_or(*p, |h| Xy {
                x: h.x.max(p.x),
                y: h.y.max(p.y),
            }));
        }
        Some((self.plane.to_lonlat(low?), self.plane.to_lonlat(high?)))
    }

    pub(crate) fn road(&self, r: u32) -> &Road {
        &self.roads[r as usize]
    }

    pub(crate) fn place(&self, p: u32) -> &Place {
        &self.places[p as usize]
    }

    pub(crate) fn name_of(&self, target: Target) -> &str {
        match target {
            Target::Road(r) => &self.roads[r as usize].name,
            Target::Place(p) => &self.places[p as usize].name,
            Target::Area(a) => &self.areas[a as usize].name,
        }
    }

    pub(crate) fn id_of(&self, target: Target) -> &str {
        match target {
            Target::Road(r) => &self.roads[r as usize].name,
            Target::Place(p) => &self.places[p as usize].id,
            Target::Area(a) => &self.areas[a as usize].id,
        }
    }

    /// How far a place is from a road in metres: 0 if its address names the road, else from the door or a gate.
    pub(crate) fn place_to_road(&self, p: u32, r: u32) -> f64 {
        let place = self.place(p);
        if place.street == Some(r) || place.gates.iter().any(|g| g.road == Some(r)) {
            return 0.0;
        }
        let road = self.road(r);
        place
            .gates
            .iter()
            .map(|g| g.point)
            .chain([place.door, place.centre])
            .map(|q| road.distance_m(q))
            .fold(f64::INFINITY, f64::min)
    }
}
