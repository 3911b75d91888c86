//! How does a map become a gazetteer: roads by name, places with their gates, numbers, stops, areas, surfaces?

use std::collections::{BTreeMap, HashMap};

use geo::{Geometry, LineString, Polygon};

use crate::place::gazetteer::{Access, Area, Gate, Gazetteer, House, Place, PlaceKind};
use crate::place::geometry::length;
use crate::place::geometry::{foot, ring_area, ring_centre};
use crate::place::highway::{RoadClass, oneway};
use crate::place::junction::Junctions;
use crate::place::language::Language;
use crate::place::lexicon::Lexicon;
use crate::place::names::Origin;
use crate::place::road::Road;
use crate::place::road_index::RoadIndex;
use crate::place::sounds::{Slips, Sounds};
use crate::place::source::{CityMap, MapFeature, MapNote};
use crate::place::surface_table::{stop_name, surface_table};
use crate::place::surfaces::Surfaces;
use crate::place::target::Target;
use crate::spatial::{LocalPlane, LonLat, Xy};
use std::f64::consts::PI;

impl Gazetteer {
    /// Builds the gazetteer of a map. The demo city (1,177 features, 3,000 road pieces) takes about 50 ms.
    ///
    /// Never fails: what cannot be used is told in the notes (a map without named roads locates places only).
    #[must_use]
    pub fn build(map: &CityMap, language: &Language) -> (Self, Vec<MapNote>) {
        let plane = LocalPlane::new(origin(map));
        let mut notes = Vec::new();
        let roads = gather_roads(map, &plane);
        if roads.is_empty() {
            notes.push(note(
                "roads",
                "no road has a name: junctions, stretches and house numbers cannot be located",
            ));
        }
        let road_index = RoadIndex::new(&roads);
        let by_name: HashMap<&str, u32> = (0_u32..)
            .zip(&roads)
            .map(|(i, r)| (r.name.as_str(), i))
            .collect();
        let mut places = gather_places(map, &plane, &by_name);
        attach(map, &plane, &by_name, &mut places, &mut notes);
        for place in &mut places {
            open_door(place, &roads, &road_index);
        }
        let areas = gather_areas(map, &plane);
        let houses = number_roads(roads.len(), &places);
        let junctions = Junctions::compute(&roads);
        let table = surface_table(&roads, map, &mut places, &areas, language);
        let stops_by_pair = stops(&places);
        let surfaces = Surfaces::build(table).unwrap_or_else(|e| {
            notes.push(note(
                "names",
                &format!("the names are too many for the finder: {e}"),
            ));
            empty_surfaces()
        });
        let sounds = sounds_of(&surfaces);
        let lexicon = Lexicon::build(language).unwrap_or_else(|e| {
            notes.push(note("cues", &format!("the word lists cannot be used: {e}")));
            empty_lexicon()
        });
        let by_id = ids(&roads, &places, &areas);
        let mut gazetteer = Self {
            plane,
            roads,
            junctions,
            places,
            areas,
            houses,
            surfaces,
            sounds,
            lexicon,
            language: language.clone(),
            road_index,
            by_id,
            bbox: None,
            stops_by_pair,
        };
        gazetteer.bbox = gazetteer.extent();
        (gazetteer, notes)
    }
}

/// The sounds of all surfaces; a slip is looked for in names the map gives, in roads, and in made names that are long enough.
fn sounds_of(surfaces: &Surfaces) -> Sounds {
    Sounds::build((0..surfaces.len()).map(|i| {
        let i = u32::try_from(i).unwrap_or(u32::MAX);
        let named = surfaces.named(i);
        let usable = named.iter().any(|n| n.road || !n.cue && !n.stop);
        let long = surfaces.chars(i).len() >= 5;
        let edits = named.iter().any(|n| {
            let road = matches!(n.target, Target::Road(_));
            !n.cue && !n.road && !n.stop && (n.origin == Origin::Given || road || long)
        });
        let slips = if edits { Slips::Anywhere } else { Slips::None };
        (if usable { surfaces.chars(i) } else { &[] }, slips)
    }))
}

fn note(subject: &str, text: &str) -> MapNote {
    MapNote {
        subject: subject.to_owned(),
        text: text.to_owned(),
    }
}

fn empty_surfaces() -> Surfaces {
    Surfaces::build(BTreeMap::new()).expect("an automaton without patterns can always be built")
}

fn empty_lexicon() -> Lexicon {
    let none = Language {
        cues: Vec::new(),
        rules: Vec::new(),
        zones: Vec::new(),
        alike: Vec::new(),
    };
    Lexicon::build(&none).expect("an automaton without patterns can always be built")
}

/// Middle of all coordinates; the choice only has to be near the city.
fn origin(map: &CityMap) -> LonLat {
    use geo::CoordsIter;
    let (mut low, mut high) = (
        (f64::INFINITY, f64::INFINITY),
        (f64::NEG_INFINITY, f64::NEG_INFINITY),
    );
    for f in map.roads.iter().chain(&map.features) {
        for c in f.geometry.coords_iter() {
            low = (low.0.min(c.x), low.1.min(c.y));
            high = (high.0.max(c.x), high.1.max(c.y));
        }
    }
    if low.0 > high.0 {
        return LonLat::new(0.0, 0.0);
    }
    LonLat::new(f64::midpoint(low.0, high.0), f64::midpoint(low.1, high.1))
}

fn to_line(line: &LineString<f64>, plane: &LocalPlane) -> Vec<Xy> {
    line.coords()
        .map(|c| plane.to_xy(LonLat::new(c.x, c.y)))
        .collect()
}

fn gather_roads(map: &CityMap, plane: &LocalPlane) -> Vec<Road> {
    struct Heap<'a> {
        id: &'a str,
        pieces: Vec<Vec<Xy>>,
        oneway_m: f64,
        total_m: f64,
        width_m: f64,
        express_m: f64,
    }
    let mut by_name: BTreeMap<&str, Heap<'_>> = BTreeMap::new();
    for f in &map.roads {
        let Some(name) = f.tag("name") else { continue };
        let class = RoadClass::of(f.tag("highway").unwrap_or(""));
        if matches!(class, RoadClass::Closed | RoadClass::Path) {
            continue;
        }
        let lines: Vec<Vec<Xy>> = match &f.geometry {
            Geometry::LineString(l) => vec![to_line(l, plane)],
            Geometry::MultiLineString(m) => m.0.iter().map(|l| to_line(l, plane)).collect(),
            _ => continue,
        };
        let heap = by_name.entry(name).or_insert(Heap {
            id: &f.id,
            pieces: Vec::new(),
            oneway_m: 0.0,
            total_m: 0.0,
            width_m: 0.0,
            express_m: 0.0,
        });
        for line in lines.into_iter().filter(|l| l.len() > 1) {
            let m = length(&line);
            heap.total_m += m;
            heap.width_m += m * carriageway_m(f, class);
            if oneway(f) != 0 {
                heap.oneway_m += m;
            }
            if matches!(class, RoadClass::Motorway | RoadClass::Trunk) {
                heap.express_m += m;
            }
            heap.pieces.push(line);
        }
    }
    by_name
        .into_iter()
        .filter(|(_, h)| h.total_m > 0.0)
        .map(|(name, h)| {
            let width = h.width_m / h.total_m;
            let mut road = Road::new(name, h.id, h.pieces, h.oneway_m / h.total_m, width);
            road.express = h.express_m > 0.5 * h.total_m;
            road
        })
        .collect()
}

/// Width of one carriageway: lanes × 3.5 m, else by class.
fn carriageway_m(f: &MapFeature, class: RoadClass) -> f64 {
    let lanes: Option<f64> = f.tag("lanes").and_then(|l| l.parse().ok());
    lanes.filter(|l| (1.0..=12.0).contains(l)).map_or(
        match class {
            RoadClass::Motorway | RoadClass::Trunk => 14.0,
            RoadClass::Primary => 12.0,
            RoadClass::Secondary => 10.0,
            RoadClass::Tertiary => 8.0,
            _ => 7.0,
        },
        |l| l * 3.5,
    )
}

fn largest_ring(geometry: &Geometry<f64>, plane: &LocalPlane) -> Vec<Xy> {
    let ring = |p: &Polygon<f64>| to_line(p.exterior(), plane);
    match geometry {
        Geometry::Polygon(p) => ring(p),
        Geometry::MultiPolygon(m) => {
            m.0.iter()
                .map(ring)
                .max_by(|a, b| ring_area(a).total_cmp(&ring_area(b)))
                .unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

fn is_gate(f: &MapFeature) -> bool {
    f.tag("gate").is_some() && f.tag("parent").is_some()
        || f.tag("amenity") == Some("parking_entrance")
        || f.tag("railway") == Some("subway_entrance")
        || f.tag("entrance").is_some()
        || f.tag("barrier") == Some("gate")
}

fn kind_of(f: &MapFeature) -> PlaceKind {
    let amenity = f.tag("amenity").unwrap_or("");
    match amenity {
        "school" | "college" | "university" => return PlaceKind::School,
        "kindergarten" => return PlaceKind::Kindergarten,
        "hospital" | "clinic" => return PlaceKind::Hospital,
        "marketplace" => return PlaceKind::Market,
        "parking" => return PlaceKind::Parking,
        "bus_station" | "library" => return PlaceKind::Other,
        "townhall" | "courthouse" | "police" | "community_centre" => return PlaceKind::Office,
        _ => {}
    }
    if f.tag("highway") == Some("bus_stop") || f.tag("public_transport") == Some("platform") {
        return PlaceKind::Stop;
    }
    if matches!(f.tag("railway"), Some("station" | "halt" | "stop"))
        || f.tag("public_transport") == Some("station")
    {
        return PlaceKind::Station;
    }
    match f.tag("shop") {
        Some("mall" | "supermarket" | "department_store") => return PlaceKind::Mall,
        Some(_) => return PlaceKind::Shop,
        None => {}
    }
    let settled = matches!(
        f.tag("place"),
        Some("neighbourhood" | "quarter" | "village" | "hamlet" | "city_block")
    );
    if settled || f.tag("landuse") == Some("residential") || f.tag("building") == Some("apartments")
    {
        return PlaceKind::Estate;
    }
    if f.tag("office").is_some() {
        return PlaceKind::Office;
    }
    if matches!(f.tag("leisure"), Some("park" | "garden")) {
        return PlaceKind::Park;
    }
    by_suffix(f.tag("name").unwrap_or(""))
}

fn by_suffix(name: &str) -> PlaceKind {
    for (suffixes, kind) in [
        (&["小学", "中学", "学校", "学院"][..], PlaceKind::School),
        (&["幼儿园"], PlaceKind::Kindergarten),
        (&["医院"], PlaceKind::Hospital),
        (&["市场", "早市"], PlaceKind::Market),
        (&["广场", "购物中心", "超市", "商场"], PlaceKind::Mall),
        (
            &[
                "小区",
                "花园",
                "家园",
                "家属院",
                "公寓",
                "新村",
                "社区",
                "苑",
                "庭",
                "府",
            ],
            PlaceKind::Estate,
        ),
        (&["停车场", "车库"], PlaceKind::Parking),
        (&["公园", "游园"], PlaceKind::Park),
    ] {
        if suffixes.iter().any(|s| name.ends_with(s)) {
            return kind;
        }
    }
    PlaceKind::Other
}

fn gather_places(map: &CityMap, plane: &LocalPlane, roads: &HashMap<&str, u32>) -> Vec<Place> {
    let mut out: Vec<Place> = Vec::new();
    let mut stops: HashMap<String, Vec<usize>> = HashMap::new();
    for f in &map.features {
        let name = f.tag("name").unwrap_or("");
        let numbered = f.tag("addr:street").is_some() && f.tag("addr:housenumber").is_some();
        if is_gate(f) || name.is_empty() && !numbered {
            continue;
        }
        let ring = largest_ring(&f.geometry, plane);
        let centre = match (&f.geometry, ring_centre(&ring)) {
            (Geometry::Point(p), _) => plane.to_xy(LonLat::new(p.x(), p.y())),
            (_, Some(c)) => c,
            _ => continue,
        };
        let kind = kind_of(f);
        if kind == PlaceKind::Stop {
            let group = stops.entry(stop_name(name)).or_default();
            if let Some(&i) = group
                .iter()
                .find(|&&i| out[i].centre.distance_m(centre) < 400.0)
            {
                out[i].platforms.push(centre);
                continue;
            }
            group.push(out.len());
        }
        out.push(Place {
            id: f.id.clone(),
            name: name.to_owned(),
            kind,
            area_m2: ring_area(&ring),
            ring,
            centre,
            gates: Vec::new(),
            door: centre,
            street: f.tag("addr:street").and_then(|s| roads.get(s).copied()),
            number: f.tag("addr:housenumber").and_then(leading_number),
            parent: None,
            lots: Vec::new(),
            town: f.tag("addr:subdistrict").map(str::to_owned),
            platforms: if kind == PlaceKind::Stop {
                vec![centre]
            } else {
                Vec::new()
            },
            stop_roads: None,
        });
    }
    out
}

/// Leading digits of a house number: `68-27` → 68.
pub(crate) fn leading_number(text: &str) -> Option<u32> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn attach(
    map: &CityMap,
    plane: &LocalPlane,
    roads: &HashMap<&str, u32>,
    places: &mut [Place],
    notes: &mut Vec<MapNote>,
) {
    let index: HashMap<String, u32> = (0_u32..)
        .zip(places.iter())
        .map(|(i, p)| (p.id.clone(), i))
        .collect();
    let mut orphans = 0_usize;
    for f in &map.features {
        let parent = f.tag("parent").and_then(|p| index.get(p).copied());
        if !is_gate(f) {
            if let (Some(host), Some(&own)) = (parent, index.get(&f.id)) {
                places[own as usize].parent = Some(host);
                places[host as usize].lots.push(own);
            }
            continue;
        }
        let Geometry::Point(p) = &f.geometry else {
            continue;
        };
        let point = plane.to_xy(LonLat::new(p.x(), p.y()));
        let host = parent.or_else(|| host_of(places, point, f));
        let Some(host) = host else {
            orphans += 1;
            continue;
        };
        let place = &mut places[host as usize];
        place.gates.push(gate(f, place, point, roads));
    }
    for place in places.iter_mut() {
        place
            .gates
            .sort_by_key(|g| (!g.main, g.access == Access::ParkingOut));
    }
    if orphans > 0 {
        notes.push(note(
            "gates",
            &format!("{orphans} gates belong to no place of the map and are not used"),
        ));
    }
}

/// The place that a gate without a parent belongs to: a footprint whose edge is within 8 m, or the nearest station within 400 m.
fn host_of(places: &[Place], point: Xy, f: &MapFeature) -> Option<u32> {
    let metro = f.tag("railway") == Some("subway_entrance");
    let mut best: Option<(f64, u32)> = None;
    for (i, place) in (0_u32..).zip(places) {
        let reach = if metro { 400.0 } else { 8.0 };
        if (place.kind == PlaceKind::Station) != metro || place.centre.distance_m(point) > 1_000.0 {
            continue;
        }
        let d = if metro {
            place.centre.distance_m(point)
        } else {
            foot(&place.ring, point).map_or(f64::INFINITY, |x| x.distance_m)
        };
        if d <= reach && best.is_none_or(|b| d < b.0) {
            best = Some((d, i));
        }
    }
    best.map(|b| b.1)
}

fn gate(f: &MapFeature, place: &Place, point: Xy, roads: &HashMap<&str, u32>) -> Gate {
    let own = f
        .tag("gate")
        .or_else(|| f.tag("ref"))
        .or_else(|| f.tag("name"))
        .unwrap_or("门");
    let name = own
        .strip_prefix(place.name.as_str())
        .unwrap_or(own)
        .to_owned();
    let access = if f.tag("railway") == Some("subway_entrance") {
        Access::MetroExit
    } else if f.tag("amenity") == Some("parking_entrance") || place.kind == PlaceKind::Parking {
        if name.contains('出') && !name.contains('入') {
            Access::ParkingOut
        } else {
            Access::ParkingIn
        }
    } else {
        Access::Gate
    };
    let also = ["alt_name", "short_name"]
        .iter()
        .filter_map(|k| f.tag(k))
        .flat_map(|v| v.split(';'))
        .map(|v| v.strip_prefix(place.name.as_str()).unwrap_or(v).to_owned())
        .collect();
    Gate {
        id: f.id.clone(),
        main: f.tag("entrance") == Some("main"),
        name,
        also,
        access,
        road: f.tag("addr:street").and_then(|s| roads.get(s).copied()),
        point,
    }
}

/// Sets the door: main gate, else the boundary point nearest to the road of the address, else to the nearest named road.
fn open_door(place: &mut Place, roads: &[Road], index: &RoadIndex) {
    if let Some(first) = place.gates.first() {
        place.door = first.point;
        if place.street.is_none() {
            place.street = first.road;
        }
        return;
    }
    if place.ring.len() < 3 {
        return;
    }
    let towards = match place.street {
        Some(r) => roads[r as usize].nearest(place.centre).map(|n| n.1.point),
        None => index.nearest(place.centre, 400.0).map(|n| n.1),
    };
    if let Some(door) = towards.and_then(|t| foot(&place.ring, t)) {
        place.door = door.point;
    }
}

fn gather_areas(map: &CityMap, plane: &LocalPlane) -> Vec<Area> {
    let mut out: Vec<Area> = map
        .areas
        .iter()
        .filter_map(|f| {
            let name = f.tag("name")?;
            let rings: Vec<Vec<Xy>> = match &f.geometry {
                Geometry::Polygon(p) => vec![to_line(p.exterior(), plane)],
                Geometry::MultiPolygon(m) => {
                    m.0.iter().map(|p| to_line(p.exterior(), plane)).collect()
                }
                _ => return None,
            };
            let area: f64 = rings.iter().map(|r| ring_area(r)).sum();
            let largest = rings
                .iter()
                .max_by(|a, b| ring_area(a).total_cmp(&ring_area(b)))?;
            Some(Area {
                id: f.id.clone(),
                name: name.to_owned(),
                centre: ring_centre(largest)?,
                radius_m: (area / PI).sqrt(),
                top: false,
                rings,
            })
        })
        .collect();
    let largest = (0..out.len()).max_by(|&a, &b| out[a].radius_m.total_cmp(&out[b].radius_m));
    if let Some(i) = largest {
        out[i].top = true;
    }
    out
}

fn number_roads(roads: usize, places: &[Place]) -> Vec<Vec<House>> {
    let mut out: Vec<Vec<House>> = vec![Vec::new(); roads];
    for place in places {
        let (Some(street), Some(number)) = (place.street, place.number) else {
            continue;
        };
        let beside = place.gates.iter().find(|g| g.road == Some(street));
        out[street as usize].push(House {
            number,
            point: beside.map_or(place.door, |g| g.point),
        });
    }
    for list in &mut out {
        list.sort_by_key(|h| h.number);
    }
    out
}

fn stops(places: &[Place]) -> BTreeMap<(u32, u32), Vec<u32>> {
    let mut out: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
    for (i, place) in (0_u32..).zip(places) {
        if let Some((a, b)) = place.stop_roads {
            out.entry((a.min(b), a.max(b))).or_default().push(i);
        }
    }
    out
}

fn ids(roads: &[Road], places: &[Place], areas: &[Area]) -> HashMap<String, Target> {
    let mut out = HashMap::new();
    for (i, r) in (0_u32..).zip(roads) {
        out.insert(r.name.clone(), Target::Road(i));
    }
    for (i, a) in (0_u32..).zip(areas) {
        out.insert(a.id.clone(), Target::Area(i));
    }
    for (i, p) in (0_u32..).zip(places) {
        for g in &p.gates {
            out.insert(g.id.clone(), Target::Place(i));
        }
        out.insert(p.id.clone(), Target::Place(i));
    }
    out
}
