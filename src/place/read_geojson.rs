//! What does a `GeoJSON` file say about the city: roads, places, gates, areas?
//!
//! Whole collections, single features and one feature per line (RFC 8142, with or without record separators) are read. Tags may be
//! OSM keys (Overpass exports keep `@id`), the short properties of `data/geo`-like edges, or Chinese column names
//! (`data/map/fields.csv`).

use std::collections::BTreeMap;

use geo::{CoordsIter, Geometry};
use geojson::{Feature, GeoJson, JsonObject, JsonValue, feature::Id};

use crate::place::classify::{Sorted, sort_feature};
use crate::place::fields;
use crate::place::source::{CityMap, MapError, MapFeature, MapNote, MapRead, ReadOptions};
use crate::place::unpack::{MapFormat, sniff, unpack, wrong_format};
use crate::spatial::{Datum, LonLat};

/// How a line of attribution is written for data of `OpenStreetMap`.
pub const OSM_ATTRIBUTION: &str = "© OpenStreetMap contributors, ODbL 1.0";

/// Reads a file into a map and its notes; plain or gzip.
///
/// The datum is the one of the options, else the one the file declares, else coordinates stay as written (see [`parse`]).
///
/// # Errors
/// See [`MapError`]: empty, damaged, another format, latitude first, projected, nothing usable.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<(CityMap, Vec<MapNote>), MapError> {
    parse(bytes, options).map(|read| (read.map, read.notes))
}

/// Reads a file and says which datum was applied. Features without geometry or with broken coordinates are counted in the
/// notes, not fatal. Cost: about 25 MB of text a second.
///
/// # Errors
/// As [`read`].
pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<MapRead, MapError> {
    let subject = options.subject.as_str();
    let plain = unpack(bytes, subject)?;
    let found = sniff(&plain);
    if found != MapFormat::GeoJson {
        return Err(wrong_format(subject, "GeoJSON", found));
    }
    let body = plain
        .strip_prefix(b"\xef\xbb\xbf".as_slice())
        .unwrap_or(&plain);
    let (features, members) = collection(body, subject)?;
    let mut sorted = Sorted::new(options);
    for (index, feature) in features.into_iter().enumerate() {
        match to_feature(feature, index) {
            Ok(feature) => sort_feature(&mut sorted, feature),
            Err(why) => sorted.skip(why),
        }
    }
    let declared = declared_datum(&members);
    let mut read = sorted.finish(options.datum.or(declared))?;
    attribution(&members, &mut read.map);
    Ok(read)
}

/// The features and the members beside them.
fn collection(body: &[u8], subject: &str) -> Result<(Vec<Feature>, JsonObject), MapError> {
    match serde_json::from_slice::<GeoJson>(body) {
        Ok(GeoJson::FeatureCollection(c)) => {
            Ok((c.features, c.foreign_members.unwrap_or_default()))
        }
        Ok(GeoJson::Feature(f)) => Ok((vec![f], JsonObject::new())),
        Ok(GeoJson::Geometry(g)) => Ok((vec![Feature::from(g)], JsonObject::new())),
        Err(error) => by_line(body).ok_or_else(|| {
            let detail = format!("JSON: {error}");
            if error.is_eof() {
                MapError::Damaged {
                    subject: subject.to_owned(),
                    detail,
                }
            } else {
                MapError::Nothing {
                    subject: subject.to_owned(),
                    detail: format!("{detail}; a GeoJSON FeatureCollection is needed"),
                }
            }
        }),
    }
}

/// One feature per line; `None` unless every line is one and there are at least two.
fn by_line(body: &[u8]) -> Option<(Vec<Feature>, JsonObject)> {
    let lines: Vec<&[u8]> = body
        .split(|b| *b == b'\n')
        .map(|line| line.strip_prefix(b"\x1e").unwrap_or(line).trim_ascii())
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() < 2 {
        return None;
    }
    let features: Result<Vec<Feature>, _> = lines
        .iter()
        .map(|line| serde_json::from_slice(line))
        .collect();
    features.ok().map(|f| (f, JsonObject::new()))
}

/// The datum a collection declares: `coordinate_system`, `datum`, `x-datum`, an old `crs` member, or `OpenStreetMap` as its source.
fn declared_datum(members: &JsonObject) -> Option<Datum> {
    let by_name = [
        "coordinate_system",
        "datum",
        "x-datum",
        "crs_note",
        "坐标系",
    ]
    .iter()
    .filter_map(|key| members.get(*key)?.as_str())
    .find_map(|label| {
        Datum::parse(label).or_else(|| label.split([' ', ',', ';', '，']).find_map(Datum::parse))
    });
    let by_crs = || {
        let name = members.get("crs")?.pointer("/properties/name")?.as_str()?;
        let known = ["CRS84", "4326", "4490"];
        known
            .iter()
            .any(|code| name.contains(code))
            .then_some(Datum::Wgs84)
    };
    let by_source = || is_osm(members).then_some(Datum::Wgs84);
    by_name.or_else(by_crs).or_else(by_source)
}

fn texts<'a>(members: &'a JsonObject, keys: &'a [&str]) -> impl Iterator<Item = &'a str> {
    keys.iter().filter_map(|key| members.get(*key)?.as_str())
}

fn is_osm(members: &JsonObject) -> bool {
    texts(members, &["attribution", "copyright", "license", "source"]).any(|text| {
        let text = text.to_lowercase();
        text.contains("openstreetmap") || text.contains("odbl")
    })
}

fn attribution(members: &JsonObject, map: &mut CityMap) {
    map.synthetic |= members.get("synthetic") == Some(&JsonValue::Bool(true));
    let mut osm = false;
    for text in texts(members, &["attribution", "copyright"]) {
        if text.to_lowercase().contains("openstreetmap") {
            osm = true;
        } else {
            map.attribute(text);
        }
    }
    if osm {
        map.attribute(OSM_ATTRIBUTION);
    } else if let Some(licence) = members.get("license").and_then(JsonValue::as_str) {
        map.attribute(licence);
    }
}

/// A feature with its tags and a plain geometry, or the reason why it cannot be used.
fn to_feature(feature: Feature, index: usize) -> Result<MapFeature, &'static str> {
    let Some(geometry) = feature.geometry else {
        return Err("without geometry");
    };
    let geometry = Geometry::<f64>::try_from(geometry)
        .map_err(|_kind| "with a geometry that is not valid GeoJSON")?;
    if geometry.coords_count() == 0 {
        return Err("with an empty geometry");
    }
    if geometry
        .coords_iter()
        .any(|c| !c.x.is_finite() || !c.y.is_finite())
    {
        return Err("with coordinates that are not numbers");
    }
    let tags = tags_of(feature.properties.unwrap_or_default());
    let id = id_of(feature.id, &tags, index);
    Ok(MapFeature { id, tags, geometry })
}

/// Properties as text; nested `tags` are lifted, other nested values and nulls are left out.
fn tags_of(properties: JsonObject) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for (key, value) in properties {
        let nested = match value {
            JsonValue::Object(inner) if key == "tags" => inner,
            other => JsonObject::from_iter([(key, other)]),
        };
        for (key, value) in nested {
            let text = match value {
                JsonValue::String(text) => text.trim().to_owned(),
                JsonValue::Number(number) => number.to_string(),
                JsonValue::Bool(true) => "yes".to_owned(),
                JsonValue::Bool(false) => "no".to_owned(),
                JsonValue::Null | JsonValue::Array(_) | JsonValue::Object(_) => continue,
            };
            if text.is_empty() {
                continue;
            }
            let own = key.is_ascii() && key.chars().any(|c| c.is_ascii_lowercase());
            let canonical = if own { None } else { fields::key_of(&key) };
            let key = canonical.map_or(key, str::to_owned);
            tags.entry(key).or_insert(text);
        }
    }
    tags
}

/// The id of a feature: its own, `way/12` → `w12`, `osm`, `id`, `adcode`, an area's level and name, else its place in the file.
fn id_of(id: Option<Id>, tags: &BTreeMap<String, String>, index: usize) -> String {
    let own = id.map(|id| match id {
        Id::String(text) => text,
        Id::Number(number) => number.to_string(),
    });
    let tag = |key: &str| tags.get(key).cloned();
    let area = || Some(format!("area:{}", tags.get("level").and(tags.get("name"))?));
    own.or_else(|| tag("@id"))
        .or_else(|| tag("osm"))
        .or_else(|| tag("id"))
        .or_else(|| tag("adcode"))
        .or_else(area)
        .map_or_else(|| format!("f{}", index + 1), |id| short_osm_id(&id))
}

/// `way/12` → `w12`, `node/3` → `n3`, `relation/4` → `r4`; anything else stays.
fn short_osm_id(id: &str) -> String {
    match id.split_once('/') {
        Some(("way", number)) => format!("w{number}"),
        Some(("node", number)) => format!("n{number}"),
        Some(("relation", number)) => format!("r{number}"),
        _ => id.to_owned(),
    }
}

/// The first pair of a geometry as written.
#[must_use]
pub fn first_pair(geometry: &Geometry<f64>) -> Option<LonLat> {
    geometry.coords_iter().next().map(|c| LonLat::new(c.x, c.y))
}
