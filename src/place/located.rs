//! What does locating a text give back?

use serde::{Deserialize, Serialize};

use crate::spatial::LonLat;

/// What the words support, finest first (精度).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// A gate, an offset, a stop, a corner of a footprint.
    Point,
    /// A house number.
    Address,
    /// Two roads meeting.
    Intersection,
    /// A place, or near it.
    Poi,
    /// A stretch of a road between two limits.
    Segment,
    /// A whole road.
    Road,
    /// A town, a district, a community.
    Area,
    /// Nothing that is a place, or a place not of this city.
    None,
}

impl Precision {
    /// All classes, finest first.
    pub const ALL: [Self; 8] = [
        Self::Point,
        Self::Address,
        Self::Intersection,
        Self::Poi,
        Self::Segment,
        Self::Road,
        Self::Area,
        Self::None,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Point => "point",
            Self::Address => "address",
            Self::Intersection => "intersection",
            Self::Poi => "poi",
            Self::Segment => "segment",
            Self::Road => "road",
            Self::Area => "area",
            Self::None => "none",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.code() == code)
    }
}

/// The geometry behind a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Shape {
    /// The shown point is the place.
    Point,
    /// A stretch or a whole road, part by part.
    Line {
        /// WGS-84 parts.
        parts: Vec<Vec<LonLat>>,
    },
    /// An area of the gazetteer by its feature id.
    Area {
        /// Feature id.
        id: String,
    },
}

/// Which input gave the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The place column.
    PlaceColumn,
    /// The content.
    Content,
    /// The title.
    Title,
    /// The given pair.
    Coordinates,
    /// A person in the review queue.
    Operator,
}

/// A span of the input that was used, in characters of the field as given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Which field.
    pub source: Source,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
    /// What it was read as, e.g. a feature id or `gate`, `offset`, `junction_head`.
    pub role: String,
}

/// Another reading of the same words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alternative {
    /// Its point.
    pub point: LonLat,
    /// Its class.
    pub precision: Precision,
    /// Its radius in metres.
    pub radius_m: f64,
    /// Its own probability.
    pub confidence: f64,
    /// What it is called, for the review screen.
    pub label: String,
    /// Features it stands on.
    pub features: Vec<String>,
}

/// One place that a ticket speaks of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Located {
    /// WGS-84; for a line the point of the line that is shown, never a pretended spot. `None` for class `none`.
    pub point: Option<LonLat>,
    /// Geometry behind the point.
    pub shape: Shape,
    /// What the words support.
    pub precision: Precision,
    /// The true spot lies inside with about 90 %, in metres.
    pub radius_m: f64,
    /// Ids of what was recognised: gate, place, junction, roads.
    pub features: Vec<String>,
    /// How people name it: 文治路与鼎城街交叉口, 实验小学东门.
    pub label: String,
    /// The phrase form (locating reference, section 5), e.g. `x_head`, `poi_gate`.
    pub form: String,
    /// Calibrated probability that the true spot is inside `radius_m`.
    pub confidence: f64,
    /// Which input gave it.
    pub source: Source,
    /// Other readings, best first.
    pub alternatives: Vec<Alternative>,
    /// 由南往北, 左转, 掉头: an attribute, never an offset.
    pub movement: Option<String>,
    /// Spans used.
    pub evidence: Vec<Evidence>,
    /// Named warnings: `unknown_place`, `outside`, `pair_swapped`, `pair_mislabelled`, `pair_default_pin`, `reporter_elsewhere`, …
    pub flags: Vec<String>,
}

impl Located {
    /// Whether the place may enter point clustering: point, address, intersection or poi with radius at most 150 m.
    #[must_use]
    pub fn clusters_as_point(&self) -> bool {
        self.point.is_some()
            && self.radius_m <= 150.0
            && matches!(
                self.precision,
                Precision::Point | Precision::Address | Precision::Intersection | Precision::Poi
            )
    }
}
