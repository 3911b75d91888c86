//! On which layer of the base map does a feature lie, what is it called there, and from which zoom is it drawn?
//!
//! Names of layers and kinds follow the Shortbread 1.1 schema (CC0), so that styles made for it fit.

use geo::Geometry;

use crate::place::MapFeature;
use crate::place::highway::RoadClass;

/// Layers of the base map, in drawing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// Use of the ground.
    Land,
    /// Grounds of schools, hospitals, car parks.
    Sites,
    /// Lakes, river banks.
    WaterPolygons,
    /// Rivers, canals, streams.
    WaterLines,
    /// Footprints.
    Buildings,
    /// Roads and rails.
    Streets,
    /// Borders of areas.
    Boundaries,
    /// Names of water.
    WaterLabels,
    /// Names of roads.
    StreetLabels,
    /// House numbers.
    Addresses,
    /// Schools, hospitals, stations, car parks, gates.
    Pois,
    /// Names of areas and settlements.
    PlaceLabels,
}

impl Layer {
    /// All layers, in the order of a tile.
    pub const ALL: [Self; 12] = [
        Self::Land,
        Self::Sites,
        Self::WaterPolygons,
        Self::WaterLines,
        Self::Buildings,
        Self::Streets,
        Self::Boundaries,
        Self::WaterLabels,
        Self::StreetLabels,
        Self::Addresses,
        Self::Pois,
        Self::PlaceLabels,
    ];

    /// The name in the tile.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Land => "land",
            Self::Sites => "sites",
            Self::WaterPolygons => "water_polygons",
            Self::WaterLines => "water_lines",
            Self::Buildings => "buildings",
            Self::Streets => "streets",
            Self::Boundaries => "boundaries",
            Self::WaterLabels => "water_polygons_labels",
            Self::StreetLabels => "street_labels",
            Self::Addresses => "addresses",
            Self::Pois => "pois",
            Self::PlaceLabels => "place_labels",
        }
    }

    /// Tile units around a tile that are kept: wide for labelled points, narrow for lines and surfaces.
    #[must_use]
    pub const fn buffer(self) -> u32 {
        match self {
            Self::WaterLabels | Self::Addresses | Self::Pois | Self::PlaceLabels => 128,
            _ => 64,
        }
    }

    /// Keys of the features with the type a reader may expect, for the tile description.
    #[must_use]
    pub const fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Land | Self::Sites | Self::WaterPolygons => &[("kind", "String")],
            Self::Buildings => &[],
            Self::Streets => &[
                ("kind", "String"),
                ("link", "Boolean"),
                ("bridge", "Boolean"),
                ("tunnel", "Boolean"),
                ("oneway", "Boolean"),
                ("rail", "Boolean"),
            ],
            Self::Boundaries => &[("admin_level", "Number")],
            Self::Addresses => &[("housenumber", "String")],
            _ => &[
                ("kind", "String"),
                ("name", "String"),
                ("name_en", "String"),
            ],
        }
    }
}

/// How a feature appears on one layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Layer.
    pub layer: Layer,
    /// Value of `kind`.
    pub kind: &'static str,
    /// First zoom that draws it, not regarding its size.
    pub min_zoom: u8,
    /// Drawing order within the layer, lowest first; for points also importance (highest last).
    pub order: u8,
}

const fn look(layer: Layer, kind: &'static str, min_zoom: u8) -> Look {
    Look {
        layer,
        kind,
        min_zoom,
        order: 100,
    }
}

/// The `kind` of a road class.
#[must_use]
pub const fn street_kind(class: RoadClass) -> &'static str {
    match class {
        RoadClass::Motorway => "motorway",
        RoadClass::Trunk => "trunk",
        RoadClass::Primary => "primary",
        RoadClass::Secondary => "secondary",
        RoadClass::Tertiary => "tertiary",
        RoadClass::Street => "residential",
        RoadClass::Living => "living_street",
        RoadClass::Service => "service",
        RoadClass::Pedestrian => "pedestrian",
        RoadClass::Path | RoadClass::Closed => "path",
    }
}

/// A road on the layer of streets; `None` for planned and abandoned ones.
#[must_use]
pub fn street(road: &MapFeature) -> Option<Look> {
    let highway = road.tag("highway")?;
    let link = u8::from(highway.ends_with("_link"));
    let class = RoadClass::of(highway);
    let (min_zoom, order) = match class {
        RoadClass::Motorway => (5 + 3 * link, 90),
        RoadClass::Trunk => (6 + 3 * link, 80),
        RoadClass::Primary => (8 + 2 * link, 70),
        RoadClass::Secondary => (9 + 2 * link, 60),
        RoadClass::Tertiary => (10 + 2 * link, 50),
        RoadClass::Street => (12, 40),
        RoadClass::Living => (13, 35),
        RoadClass::Service => (13, 30),
        RoadClass::Pedestrian => (13, 25),
        RoadClass::Path => (14, 20),
        RoadClass::Closed => return None,
    };
    let bridge = u8::from(road.tag("bridge").is_some_and(|v| v != "no"));
    Some(Look {
        layer: Layer::Streets,
        kind: street_kind(class),
        min_zoom,
        order: order - link + 100 * bridge,
    })
}

/// From which zoom the name of a road is written.
#[must_use]
pub const fn street_label_zoom(class: RoadClass) -> u8 {
    match class {
        RoadClass::Motorway | RoadClass::Trunk => 10,
        RoadClass::Primary => 11,
        RoadClass::Secondary => 12,
        RoadClass::Tertiary => 13,
        RoadClass::Street => 14,
        _ => 15,
    }
}

/// The surface or line of a feature that is no road: ground, site, water, building, rail.
#[must_use]
pub fn ground(feature: &MapFeature) -> Option<Look> {
    let surface = matches!(
        feature.geometry,
        Geometry::Polygon(_) | Geometry::MultiPolygon(_)
    );
    if surface {
        water(feature)
            .or_else(|| building(feature))
            .or_else(|| site(feature))
            .or_else(|| land(feature))
    } else {
        water_line(feature).or_else(|| rail(feature))
    }
}

fn water(f: &MapFeature) -> Option<Look> {
    let kind = if f.is("waterway", "riverbank") || f.is("water", "river") {
        "river"
    } else if f.is("natural", "water") || f.is("natural", "bay") || f.is("landuse", "reservoir") {
        "water"
    } else if f.is("landuse", "basin") {
        "basin"
    } else if f.is("waterway", "dock") || f.is("leisure", "swimming_pool") {
        return Some(look(Layer::WaterPolygons, "dock", 14));
    } else {
        return None;
    };
    Some(look(Layer::WaterPolygons, kind, 4))
}

fn building(f: &MapFeature) -> Option<Look> {
    let built = f.tag("building").is_some_and(|v| v != "no");
    // A footprint that is also a school or a mall is drawn as a building; its name comes with the points.
    (built && f.tag("landuse").is_none()).then(|| look(Layer::Buildings, "building", 14))
}

fn site(f: &MapFeature) -> Option<Look> {
    let kind = match (f.tag("amenity"), f.tag("shop"), f.tag("leisure")) {
        (Some("school"), ..) => "school",
        (Some("kindergarten"), ..) => "kindergarten",
        (Some("university" | "college"), ..) => "university",
        (Some("hospital" | "clinic"), ..) => "hospital",
        (Some("parking"), ..) => "parking",
        (Some("marketplace"), ..) => "marketplace",
        (_, Some("mall" | "supermarket" | "department_store"), _) => "mall",
        (_, _, Some("sports_centre" | "stadium")) => "sports_center",
        _ if f.is("landuse", "construction") => "construction",
        _ => return None,
    };
    Some(look(Layer::Sites, kind, 13))
}

fn land(f: &MapFeature) -> Option<Look> {
    let of = |kind, zoom| Some(look(Layer::Land, kind, zoom));
    match f.tag("landuse") {
        Some("residential") => return of("residential", 10),
        Some("commercial") => return of("commercial", 10),
        Some("retail") => return of("retail", 10),
        Some("industrial" | "railway" | "port") => return of("industrial", 10),
        Some("forest") => return of("forest", 8),
        Some("farmland" | "farmyard" | "orchard" | "vineyard") => return of("farmland", 10),
        Some("grass" | "meadow" | "village_green" | "recreation_ground") => return of("grass", 11),
        Some("cemetery") => return of("cemetery", 12),
        _ => {}
    }
    match f.tag("leisure") {
        Some("park") => return of("park", 10),
        Some("garden" | "golf_course" | "nature_reserve") => return of("garden", 11),
        Some("pitch" | "playground" | "track") => return of("pitch", 14),
        _ => {}
    }
    match f.tag("natural") {
        Some("wood") => return of("forest", 8),
        Some("scrub" | "heath" | "grassland" | "wetland") => return of("grass", 11),
        Some("beach" | "sand") => return of("sand", 11),
        _ => {}
    }
    let office = f.tag("office").is_some();
    if office {
        return of("commercial", 12);
    }
    (f.is("highway", "pedestrian") || f.is("place", "square"))
        .then(|| look(Layer::Land, "pedestrian", 13))
}

fn water_line(f: &MapFeature) -> Option<Look> {
    match f.tag("waterway")? {
        "river" => Some(look(Layer::WaterLines, "river", 9)),
        "canal" => Some(look(Layer::WaterLines, "canal", 9)),
        "stream" => Some(look(Layer::WaterLines, "stream", 13)),
        "ditch" | "drain" => Some(look(Layer::WaterLines, "ditch", 14)),
        _ => None,
    }
}

fn rail(f: &MapFeature) -> Option<Look> {
    let (kind, zoom) = match f.tag("railway")? {
        "rail" => ("rail", 10),
        "light_rail" | "subway" | "monorail" => ("subway", 12),
        "tram" | "narrow_gauge" => ("tram", 13),
        _ => return None,
    };
    (!f.is("tunnel", "yes")).then_some(Look {
        layer: Layer::Streets,
        kind,
        min_zoom: zoom,
        order: 10,
    })
}

/// Labelled points: tag key, values (`*` = any), kind, first zoom, importance; the first row that fits wins.
const POIS: [(&str, &[&str], &str, u8, u8); 24] = [
    ("amenity", &["hospital"], "hospital", 13, 95),
    ("railway", &["station", "halt"], "station", 13, 94),
    ("amenity", &["university", "college"], "university", 13, 92),
    ("amenity", &["school"], "school", 14, 90),
    ("amenity", &["kindergarten"], "kindergarten", 15, 80),
    ("shop", &["mall", "department_store"], "mall", 14, 78),
    ("amenity", &["marketplace"], "marketplace", 15, 75),
    ("amenity", &["police"], "police", 15, 72),
    ("amenity", &["bus_station"], "bus_station", 14, 70),
    ("amenity", &["townhall", "courthouse"], "townhall", 15, 70),
    ("office", &["government"], "townhall", 15, 70),
    ("leisure", &["park"], "park", 14, 65),
    ("amenity", &["clinic"], "clinic", 15, 60),
    ("shop", &["supermarket"], "supermarket", 15, 55),
    ("amenity", &["parking"], "parking", 16, 40),
    (
        "amenity",
        &["fuel", "fire_station", "library", "theatre", "cinema"],
        "amenity",
        16,
        35,
    ),
    ("highway", &["bus_stop"], "bus_stop", 16, 32),
    ("railway", &["subway_entrance"], "subway_entrance", 16, 30),
    ("amenity", &["parking_entrance"], "parking_entrance", 16, 20),
    ("landuse", &["residential"], "estate", 15, 60),
    ("tourism", &["hotel"], "hotel", 16, 33),
    ("tourism", &["*"], "attraction", 15, 50),
    ("office", &["*"], "office", 16, 31),
    ("building", &["*"], "building", 16, 5),
];

/// Kinds whose point is drawn without a name, too.
const UNNAMED: [&str; 9] = [
    "hospital",
    "station",
    "school",
    "kindergarten",
    "marketplace",
    "parking",
    "bus_stop",
    "subway_entrance",
    "parking_entrance",
];

/// The labelled point of a place; `None` if nothing is written for it.
#[must_use]
pub fn poi(f: &MapFeature) -> Option<Look> {
    let of = |kind, min_zoom, order| Look {
        layer: Layer::Pois,
        kind,
        min_zoom,
        order,
    };
    let access = f.is("amenity", "parking_entrance") || f.is("railway", "subway_entrance");
    if !access && (f.tag("gate").is_some() || f.is("barrier", "gate") && f.tag("parent").is_some())
    {
        return Some(of("gate", 16, 10));
    }
    let found = POIS.iter().find(|(key, values, ..)| {
        f.tag(key)
            .is_some_and(|v| values.contains(&v) || *values == ["*"])
    });
    match found {
        Some((.., kind, zoom, order)) if f.tag("name").is_some() || UNNAMED.contains(kind) => {
            Some(of(kind, *zoom, *order))
        }
        _ if f.tag("shop").is_some() && f.tag("name").is_some() => Some(of("shop", 16, 15)),
        _ => None,
    }
}

/// The label of a settlement or area: kind, first zoom, importance.
#[must_use]
pub fn place_label(f: &MapFeature) -> Option<Look> {
    let of = |kind, min_zoom, order| {
        Some(Look {
            layer: Layer::PlaceLabels,
            kind,
            min_zoom,
            order,
        })
    };
    f.tag("name")?;
    if f.is("boundary", "administrative") {
        return match f.tag("admin_level").and_then(|v| v.parse().ok()) {
            Some(0..=4_u8) => of("state", 4, 99),
            Some(5) => of("city", 6, 95),
            Some(6 | 7) => of("district", 8, 90),
            Some(8) => of("suburb", 11, 80),
            _ => of("neighbourhood", 13, 60),
        };
    }
    match f.tag("place")? {
        "city" => of("city", 6, 95),
        "town" => of("town", 8, 88),
        "suburb" | "quarter" => of("suburb", 11, 70),
        "village" => of("village", 12, 65),
        "neighbourhood" | "hamlet" | "locality" => of("neighbourhood", 14, 50),
        _ => None,
    }
}
