//! What does a map say before it becomes a gazetteer: features with tags, whatever file they came from.

use std::collections::BTreeMap;

use geo::Geometry;
use serde::{Deserialize, Serialize};

/// One feature of a map: OSM-like tags and a WGS-84 geometry.
///
/// Gates are points with `parent` = id of their place; areas carry `boundary=administrative` and `admin_level`; roads carry
/// `highway` and `name`; the keys are those of OSM plus `parent`, `gate`, `bell:*`, `alt_name`, `short_name`, `official_name`.
#[derive(Clone, Debug, PartialEq)]
pub struct MapFeature {
    /// Id of the source, unique within a map: `S001-g1`, `w53837219`, `n123`.
    pub id: String,
    /// Tags, key to value.
    pub tags: BTreeMap<String, String>,
    /// WGS-84 geometry.
    pub geometry: Geometry<f64>,
}

impl MapFeature {
    /// A tag's value, if present and not empty.
    #[must_use]
    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags
            .get(key)
            .map(String::as_str)
            .filter(|v| !v.is_empty())
    }
}

/// A whole map: everything an import understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityMap {
    /// Road pieces (LineString with `highway`), split or not; `oneway` 1, -1 or 0/yes/no.
    pub roads: Vec<MapFeature>,
    /// Places, gates, stops, address points, buildings, water.
    pub features: Vec<MapFeature>,
    /// Administrative areas, district first.
    pub areas: Vec<MapFeature>,
    /// Attribution lines that must stay visible.
    pub attribution: Vec<String>,
    /// Whether any source says that its places are invented.
    pub synthetic: bool,
}

/// What a map import reports beside the map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapNote {
    /// Which file or feature.
    pub subject: String,
    /// What was found and what to do.
    pub text: String,
}
