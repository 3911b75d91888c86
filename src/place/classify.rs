//! Is a feature a road, an administrative area or a place, and are its coordinates degrees at all?

use std::collections::BTreeMap;

use geo::{CoordsIter, Geometry, LineString};

use crate::place::fields;
use crate::place::source::{CityMap, MapError, MapFeature, MapNote, MapRead, MapRole, ReadOptions};
use crate::spatial::Datum;

/// Features of one file sorted into a map, with what was left out.
#[derive(Debug)]
pub struct Sorted {
    subject: String,
    role: MapRole,
    map: CityMap,
    skipped: BTreeMap<&'static str, usize>,
    unclassed: usize,
    pairs: Pairs,
}

/// What the raw pairs of a file look like, feature by feature.
#[derive(Debug, Default)]
struct Pairs {
    all: usize,
    swapped: usize,
    projected: usize,
    first: Option<(f64, f64)>,
}

impl Pairs {
    /// Notes the first pair of a feature and says whether all its pairs are degrees.
    fn observe(&mut self, geometry: &Geometry<f64>) -> bool {
        let Some(first) = geometry.coords_iter().next() else {
            return false;
        };
        self.first.get_or_insert((first.x, first.y));
        self.all += 1;
        if (3.0..=54.0).contains(&first.x) && (73.0..=136.0).contains(&first.y) {
            self.swapped += 1;
        } else if first.x.abs() > 180.0 || first.y.abs() > 90.0 {
            self.projected += 1;
        }
        geometry
            .coords_iter()
            .all(|c| c.x.abs() <= 180.0 && c.y.abs() <= 90.0)
    }

    fn first(&self) -> String {
        self.first
            .map_or_else(String::new, |(x, y)| format!("{x} {y}"))
    }
}

impl Sorted {
    /// An empty map for a file read with these options.
    #[must_use]
    pub fn new(options: &ReadOptions) -> Self {
        Self {
            subject: options.subject.clone(),
            role: options.role,
            map: CityMap::default(),
            skipped: BTreeMap::new(),
            unclassed: 0,
            pairs: Pairs::default(),
        }
    }

    /// Counts a feature or row that cannot be used; `why` completes "N left out: … ".
    pub fn skip(&mut self, why: &'static str) {
        *self.skipped.entry(why).or_default() += 1;
    }

    /// Ends the file: refuses it when most of it is swapped, projected or unusable, applies the datum and writes the notes.
    ///
    /// # Errors
    /// [`MapError::Swapped`], [`MapError::Projected`], [`MapError::Nothing`].
    pub fn finish(mut self, datum: Option<Datum>) -> Result<MapRead, MapError> {
        let subject = self.subject.clone();
        if self.pairs.swapped * 2 > self.pairs.all {
            return Err(MapError::Swapped {
                subject,
                first: self.pairs.first(),
            });
        }
        if self.pairs.projected * 2 > self.pairs.all {
            return Err(MapError::Projected {
                subject,
                first: self.pairs.first(),
            });
        }
        let mut notes: Vec<MapNote> = self
            .skipped
            .iter()
            .map(|(why, count)| MapNote::new(&subject, format!("{count} left out: {why}")))
            .collect();
        if self.map.is_empty() {
            let detail = notes.first().map_or_else(
                || "it has no features: check the query or the layer that was exported".to_owned(),
                |note| note.text.clone(),
            );
            return Err(MapError::Nothing { subject, detail });
        }
        if self.unclassed > 0 {
            let text = format!(
                "{} lines have no road class (highway, 道路等级): taken as residential streets",
                self.unclassed
            );
            notes.push(MapNote::new(&subject, text));
        }
        self.map.sort_areas();
        if let Some(datum) = datum {
            self.map.convert(datum);
        }
        Ok(MapRead {
            map: self.map,
            notes,
            datum,
        })
    }
}

/// Puts one feature where it belongs; tags are completed (`kind`, `class`, `level` become OSM tags).
pub fn sort_feature(sorted: &mut Sorted, mut feature: MapFeature) {
    if !sorted.pairs.observe(&feature.geometry) {
        sorted.skip("with coordinates outside ±180/±90 degrees");
        return;
    }
    complete(&mut feature.tags, sorted.role);
    sorted.map.synthetic |= feature.is("synthetic", "yes") || feature.is("synthetic", "true");
    if is_road(&feature, sorted.role) {
        if feature.tag("highway").is_none() {
            sorted.unclassed += 1;
            feature
                .tags
                .insert("highway".to_owned(), "residential".to_owned());
        }
        push_road(&mut sorted.map.roads, feature);
    } else if let Some(level) = area_level(&feature, sorted.role) {
        let tags = &mut feature.tags;
        tags.insert("boundary".to_owned(), "administrative".to_owned());
        tags.insert("admin_level".to_owned(), level.to_string());
        sorted.map.areas.push(feature);
    } else {
        sorted.map.features.push(feature);
    }
}

/// Turns kind words, road classes and gate words into OSM tags; tags that are there stay.
fn complete(tags: &mut BTreeMap<String, String>, role: MapRole) {
    let take = |tags: &BTreeMap<String, String>, key: &str| tags.get(key).cloned();
    if !tags.contains_key("highway")
        && let Some(class) = take(tags, "class").or_else(|| {
            (role == MapRole::Roads)
                .then(|| take(tags, "kind").or_else(|| take(tags, "fclass")))
                .flatten()
        })
    {
        let known = fields::highway_of(&class).map(str::to_owned);
        if let Some(highway) = known.or_else(|| (role == MapRole::Roads).then_some(class)) {
            tags.insert("highway".to_owned(), highway);
        }
    }
    if is_kind_known(tags) || matches!(role, MapRole::Roads | MapRole::Boundary) {
        return;
    }
    let by_words = ["kind3", "kind2", "kind"]
        .iter()
        .filter_map(|key| tags.get(*key))
        .find_map(|text| fields::kind_of(text));
    let by_name = || tags.get("name").and_then(|name| fields::kind_of_name(name));
    if let Some((key, value)) = by_words.or_else(by_name) {
        tags.insert(key, value);
    }
}

/// Whether any tag already says what the feature is.
fn is_kind_known(tags: &BTreeMap<String, String>) -> bool {
    const KEYS: [&str; 19] = [
        "amenity",
        "shop",
        "landuse",
        "leisure",
        "office",
        "railway",
        "highway",
        "building",
        "boundary",
        "barrier",
        "entrance",
        "public_transport",
        "place",
        "natural",
        "waterway",
        "tourism",
        "man_made",
        "healthcare",
        "craft",
    ];
    KEYS.iter().any(|key| tags.contains_key(*key))
}

fn is_line(geometry: &Geometry<f64>) -> bool {
    matches!(
        geometry,
        Geometry::LineString(_) | Geometry::MultiLineString(_) | Geometry::Line(_)
    )
}

const fn is_surface(geometry: &Geometry<f64>) -> bool {
    matches!(geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
}

fn is_road(feature: &MapFeature, role: MapRole) -> bool {
    is_line(&feature.geometry) && (feature.tag("highway").is_some() || role == MapRole::Roads)
}

/// The administrative level of an area, `None` if it is not one.
fn area_level(feature: &MapFeature, role: MapRole) -> Option<u8> {
    if !is_surface(&feature.geometry) {
        return None;
    }
    let given = feature.tag("admin_level").and_then(|v| v.parse().ok());
    let administrative = feature.is("boundary", "administrative")
        || feature.tag("admin_level").is_some()
        || feature.tag("adcode").is_some();
    let by_level = fields::admin_level(feature.tag("level"), None);
    let by_name = || fields::admin_level(None, feature.tag("name"));
    if administrative {
        given.or(by_level).or_else(by_name).or(Some(6))
    } else if role == MapRole::Boundary {
        by_level.or_else(by_name).or(Some(8))
    } else {
        by_level.filter(|_| !is_kind_known(&feature.tags))
    }
}

/// Adds a road piece by piece: a multi-line becomes several lines `id.1`, `id.2`; lines of one point are left out.
fn push_road(roads: &mut Vec<MapFeature>, feature: MapFeature) {
    let MapFeature { id, tags, geometry } = feature;
    let lines: Vec<LineString<f64>> = match geometry {
        Geometry::LineString(line) => vec![line],
        Geometry::MultiLineString(lines) => lines.0,
        Geometry::Line(line) => vec![line.into()],
        _ => Vec::new(),
    };
    let many = lines.len() > 1;
    for (index, line) in lines.into_iter().enumerate() {
        if line.0.len() < 2 {
            continue;
        }
        let id = if many {
            format!("{id}.{}", index + 1)
        } else {
            id.clone()
        };
        roads.push(MapFeature {
            id,
            tags: tags.clone(),
            geometry: Geometry::LineString(line),
        });
    }
}
