//! What does a map say before it becomes a gazetteer: features with tags, whatever file they came from.

use std::collections::{BTreeMap, BTreeSet};

use geo::{Coord, Geometry, MapCoords};
use serde::{Deserialize, Serialize};

use crate::spatial::{Datum, LonLat};

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

    /// Whether a tag is present with exactly this value.
    #[must_use]
    pub fn is(&self, key: &str, value: &str) -> bool {
        self.tag(key) == Some(value)
    }
}

/// A whole map: everything an import understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CityMap {
    /// Road pieces (`LineString` with `highway`), split or not; `oneway` 1, -1 or 0/yes/no.
    pub roads: Vec<MapFeature>,
    /// Places, gates, stops, address points, buildings, water.
    pub features: Vec<MapFeature>,
    /// Administrative areas, the largest level (smallest `admin_level`) first.
    pub areas: Vec<MapFeature>,
    /// Attribution lines that must stay visible.
    pub attribution: Vec<String>,
    /// Whether any source says that its places are invented.
    pub synthetic: bool,
}

impl CityMap {
    /// Adds another source to this map; several files make one city.
    ///
    /// A feature that is equal in id, tags and geometry is taken once. The same id with another content stays and gets a
    /// suffix (`12` → `12@2`), so that ids stay unique and nothing is lost; `parent` links of the incoming map follow.
    pub fn merge(&mut self, other: Self) {
        let renamed = self.renames(&other);
        let Self {
            roads,
            features,
            areas,
            attribution,
            synthetic,
        } = other;
        let mut seen: BTreeSet<String> = self.all().map(|f| f.id.clone()).collect();
        let mut rename = |list: Vec<MapFeature>| -> Vec<MapFeature> {
            list.into_iter()
                .map(|mut f| {
                    if let Some(new) = renamed.get(&f.id) {
                        f.id.clone_from(new);
                    }
                    if let Some(parent) = f.tags.get_mut("parent")
                        && let Some(new) = renamed.get(parent)
                    {
                        parent.clone_from(new);
                    }
                    f
                })
                .filter(|f| seen.insert(f.id.clone()))
                .collect()
        };
        let (roads, features, areas) = (rename(roads), rename(features), rename(areas));
        self.roads.extend(roads);
        self.features.extend(features);
        self.areas.extend(areas);
        self.sort_areas();
        for line in attribution {
            self.attribute(&line);
        }
        self.synthetic |= synthetic;
    }

    /// New ids for the features of `other` whose id is taken here by something else.
    fn renames(&self, other: &Self) -> BTreeMap<String, String> {
        let taken: BTreeMap<&str, &MapFeature> = self.all().map(|f| (f.id.as_str(), f)).collect();
        let mut renamed = BTreeMap::new();
        for feature in other.all() {
            if taken
                .get(feature.id.as_str())
                .is_none_or(|mine| *mine == feature)
            {
                continue;
            }
            let mut turn = 2_u32;
            let mut id = format!("{}@{turn}", feature.id);
            while taken.contains_key(id.as_str()) {
                turn += 1;
                id = format!("{}@{turn}", feature.id);
            }
            renamed.insert(feature.id.clone(), id);
        }
        renamed
    }

    /// Every feature: roads, places, areas, in this order.
    pub fn all(&self) -> impl Iterator<Item = &MapFeature> {
        self.roads.iter().chain(&self.features).chain(&self.areas)
    }

    /// Notes an attribution line once; a line that names `OpenStreetMap` is brought to its usual form.
    pub fn attribute(&mut self, line: &str) {
        let line = line.trim();
        if !line.is_empty() && !self.attribution.iter().any(|known| known == line) {
            self.attribution.push(line.to_owned());
        }
    }

    /// Puts larger areas first: by `admin_level`, then by id.
    pub fn sort_areas(&mut self) {
        let level = |f: &MapFeature| -> u8 {
            f.tag("admin_level")
                .and_then(|v| v.parse().ok())
                .unwrap_or(99)
        };
        self.areas
            .sort_by(|a, b| level(a).cmp(&level(b)).then_with(|| a.id.cmp(&b.id)));
    }

    /// Reads all coordinates as written in `datum` and turns them into WGS-84; a map is shifted once, right after reading.
    pub fn convert(&mut self, datum: Datum) {
        if datum == Datum::Wgs84 {
            return;
        }
        let lists = [&mut self.roads, &mut self.features, &mut self.areas];
        for feature in lists.into_iter().flatten() {
            feature.geometry = feature.geometry.map_coords(|c| {
                let p = datum.to_wgs84(LonLat::new(c.x, c.y));
                Coord { x: p.lon, y: p.lat }
            });
        }
    }

    /// Whether nothing at all was understood.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.roads.is_empty() && self.features.is_empty() && self.areas.is_empty()
    }
}

/// What a map import reports beside the map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MapNote {
    /// Which file or feature.
    pub subject: String,
    /// What was found and what to do.
    pub text: String,
}

impl MapNote {
    /// A note about a file or a feature.
    #[must_use]
    pub fn new(subject: &str, text: impl Into<String>) -> Self {
        Self {
            subject: subject.to_owned(),
            text: text.into(),
        }
    }
}

/// What a file is for, when the operator says so (`--roads`, `--pois`, `--boundary`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapRole {
    /// Decide by the tags of each feature.
    #[default]
    Any,
    /// Lines without a class are roads.
    Roads,
    /// Everything is a place, a gate or an address.
    Pois,
    /// Polygons without a class are administrative areas.
    Boundary,
}

/// How a map file is read.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Name of the file, for messages only.
    pub subject: String,
    /// What the file is for.
    pub role: MapRole,
    /// The datum of the file as stated by the operator; `None` = as the file declares, else coordinates stay as written.
    pub datum: Option<Datum>,
}

/// What one file gave.
#[derive(Clone, Debug, Default)]
pub struct MapRead {
    /// The features; in WGS-84 if `datum` is known, else as written.
    pub map: CityMap,
    /// What was left out or repaired, and what to do about it.
    pub notes: Vec<MapNote>,
    /// The datum that was applied: stated by the operator or declared by the file; `None` = still to be decided.
    pub datum: Option<Datum>,
}

/// Why a map file cannot be read at all, with the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// No bytes, or nothing but blanks.
    #[error("{subject} is empty (0 usable bytes): export the file again")]
    Empty {
        /// File.
        subject: String,
    },
    /// The content is of another kind than its name or flag says.
    #[error("{subject} is not {wanted}: it looks like {found}; {cure}")]
    WrongFormat {
        /// File.
        subject: String,
        /// What was expected.
        wanted: &'static str,
        /// What the bytes look like.
        found: &'static str,
        /// What to do.
        cure: &'static str,
    },
    /// The file ends too early or is damaged.
    #[error(
        "{subject} is damaged or cut off ({detail}): copy or download it again and compare its size"
    )]
    Damaged {
        /// File.
        subject: String,
        /// Where reading stopped.
        detail: String,
    },
    /// Unpacked size above the limit.
    #[error("{subject} unpacks to more than {limit_mb} MB: cut the extract to the city first")]
    TooLarge {
        /// File.
        subject: String,
        /// Limit in megabytes.
        limit_mb: u64,
    },
    /// Latitude stands before longitude.
    #[error(
        "{subject} has latitude before longitude (first pair {first}): exchange the two columns and import again"
    )]
    Swapped {
        /// File.
        subject: String,
        /// First pair as written.
        first: String,
    },
    /// Coordinates are metres of a projection.
    #[error(
        "{subject} holds projected coordinates (first pair {first}), not degrees: export it as WGS-84 longitude and latitude (EPSG:4326)"
    )]
    Projected {
        /// File.
        subject: String,
        /// First pair as written.
        first: String,
    },
    /// A table without the needed columns.
    #[error(
        "{subject} has no column for {missing} (columns found: {found}): name one of them {accepted}"
    )]
    NoColumn {
        /// File.
        subject: String,
        /// What is missing.
        missing: &'static str,
        /// Headers of the file.
        found: String,
        /// Header names that would be understood.
        accepted: String,
    },
    /// Readable, but nothing in it can be used.
    #[error("{subject} holds no usable map feature ({detail})")]
    Nothing {
        /// File.
        subject: String,
        /// What it holds instead, and the cure.
        detail: String,
    },
}
