//! How is a city kept on disk, whole or not at all?
//!
//! Folder `<data>/cities/<id>/`: `city.toml` (name, datum, attribution), `roads.geojson`, `places.geojson`, `areas.geojson`
//! (what the import understood, WGS-84), `categories.toml`, `channels.toml`, `units.toml`. A folder is written whole beside the
//! old one and then takes its place, so a killed import leaves the old city.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::app::city_error::CityError;
use crate::app::city_rules::Rules;
use crate::place::read::read_any;
use crate::place::{CityMap, MapError, MapRole, ReadOptions, write_geojson};
use crate::spatial::{Datum, LonLat};

/// A file as it was read, kept in `city.toml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceFile {
    /// File name.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the bytes, hexadecimal.
    pub sha256: String,
    /// Datum the coordinates were written in.
    pub datum: Datum,
    /// `declared`, `stated`, `guessed` or `indifferent`.
    pub datum_by: String,
}

/// What `city.toml` says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meta {
    /// Id and folder name.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// English name.
    pub name_en: String,
    /// Whether places are invented; shown everywhere.
    pub simulated: bool,
    /// Number of the approved base map, empty if none.
    #[serde(default)]
    pub approval_no: String,
    /// Lines that must stay visible on map and print.
    pub attribution: Vec<String>,
    /// Middle of the areas, else of the roads.
    pub centre: LonLat,
    /// West, south, east, north in degrees.
    pub bbox: [f64; 4],
    /// Files the map was made from.
    #[serde(default)]
    pub sources: Vec<SourceFile>,
}

/// A loaded city.
#[derive(Clone, Debug)]
pub struct City {
    /// What `city.toml` says.
    pub meta: Meta,
    /// Roads, places, areas.
    pub map: CityMap,
    /// Categories, channels, units.
    pub rules: Rules,
}

/// The folder of a city, if the id can be a folder name.
pub(crate) fn folder_of(data: &Path, id: &str) -> Result<PathBuf, CityError> {
    let fits = (1..=64).contains(&id.chars().count())
        && id
            .chars()
            .all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    if fits {
        Ok(data.join("cities").join(id))
    } else {
        Err(CityError::BadId { id: id.to_owned() })
    }
}

fn beside(folder: &Path, mark: &str) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    folder.with_file_name(format!(".{name}.{mark}"))
}

/// Writes the whole folder beside the old one, then exchanges them.
///
/// # Errors
/// [`CityError::Write`]; the old folder is then untouched.
pub(crate) fn save(folder: &Path, city: &City) -> Result<(), CityError> {
    let fail = |source| CityError::Write {
        path: folder.to_owned(),
        source,
    };
    let (fresh, old) = (beside(folder, "new"), beside(folder, "old"));
    let written = write_all(&fresh, city).and_then(|()| {
        recover(folder)?;
        if folder.exists() {
            fs::rename(folder, &old)?;
        }
        fs::rename(&fresh, folder)?;
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        Ok(())
    });
    if written.is_err() {
        // Best effort: a full disk gets its space back; the error that matters is the first.
        let _ = fs::remove_dir_all(&fresh);
    }
    written.map_err(fail)
}

/// Finishes an exchange that was killed between its two renames.
fn recover(folder: &Path) -> io::Result<()> {
    let old = beside(folder, "old");
    if old.exists() {
        if folder.exists() {
            fs::remove_dir_all(&old)?;
        } else {
            fs::rename(&old, folder)?;
        }
    }
    Ok(())
}

fn write_all(folder: &Path, city: &City) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let put = |name: &str, text: &str| -> io::Result<()> {
        let mut file = fs::File::create(folder.join(name))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    let City { meta, map, rules } = city;
    let lines = &meta.attribution;
    put(
        "roads.geojson",
        &write_geojson::write(&map.roads, lines, false),
    )?;
    put(
        "places.geojson",
        &write_geojson::write(&map.features, lines, meta.simulated),
    )?;
    put(
        "areas.geojson",
        &write_geojson::write(&map.areas, lines, meta.simulated),
    )?;
    for (name, text) in rules.files()? {
        put(name, &text)?;
    }
    let meta = toml::to_string_pretty(meta).map_err(io::Error::other)?;
    put("city.toml", &meta)
}

/// Loads a city whole. Cost: about 25 MB of map a second.
///
/// # Errors
/// [`CityError::NotFound`], [`CityError::Broken`].
pub fn load(data: &Path, id: &str) -> Result<City, CityError> {
    let folder = folder_of(data, id)?;
    let meta = meta_of(&folder, id)?;
    let mut map = CityMap::default();
    for name in ["roads.geojson", "places.geojson", "areas.geojson"] {
        let path = folder.join(name);
        let broken = |why: String| CityError::Broken {
            path: path.clone(),
            why,
        };
        let bytes = fs::read(&path).map_err(|e| broken(e.to_string()))?;
        let options = ReadOptions {
            subject: name.to_owned(),
            role: MapRole::Any,
            datum: Some(Datum::Wgs84),
        };
        match read_any(&bytes, &options) {
            Ok(read) => {
                map.roads.extend(read.map.roads);
                map.features.extend(read.map.features);
                map.areas.extend(read.map.areas);
            }
            Err(MapError::Nothing { .. }) => {}
            Err(error) => return Err(broken(error.to_string())),
        }
    }
    map.attribution.clone_from(&meta.attribution);
    map.synthetic = meta.simulated;
    let rules = Rules::load(&folder)?;
    Ok(City { meta, map, rules })
}

fn meta_of(folder: &Path, id: &str) -> Result<Meta, CityError> {
    recover(folder).map_err(|source| CityError::Write {
        path: folder.to_owned(),
        source,
    })?;
    let path = folder.join("city.toml");
    let text = fs::read_to_string(&path).map_err(|_absent| CityError::NotFound {
        id: id.to_owned(),
        folder: folder.parent().unwrap_or(folder).to_owned(),
    })?;
    toml::from_str(&text).map_err(|error| CityError::Broken {
        path,
        why: error.message().to_owned(),
    })
}

/// The cities of a data folder, by id; folders that cannot be understood are left out.
#[must_use]
pub fn list(data: &Path) -> Vec<Meta> {
    let Ok(entries) = fs::read_dir(data.join("cities")) else {
        return Vec::new();
    };
    let mut cities: Vec<Meta> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir())
        .filter_map(|entry| {
            let id = entry.file_name().to_string_lossy().into_owned();
            meta_of(&entry.path(), &id).ok().filter(|m| m.id == id)
        })
        .collect();
    cities.sort_by(|a, b| a.id.cmp(&b.id));
    cities
}

/// The id of the city in use: the one chosen last, else the only one there is.
#[must_use]
pub fn current(data: &Path) -> Option<String> {
    let chosen = fs::read_to_string(data.join("cities").join("current")).ok();
    let chosen = chosen.map(|text| text.trim().to_owned());
    let known = list(data);
    match chosen {
        Some(id) if known.iter().any(|m| m.id == id) => Some(id),
        _ if known.len() == 1 => known.into_iter().next().map(|m| m.id),
        _ => None,
    }
}

/// Makes a city the one in use from the next start on.
///
/// # Errors
/// [`CityError::NotFound`], [`CityError::Write`].
pub fn choose(data: &Path, id: &str) -> Result<(), CityError> {
    let folder = folder_of(data, id)?;
    meta_of(&folder, id)?;
    let path = data.join("cities").join("current");
    let fresh = path.with_extension("new");
    fs::write(&fresh, format!("{id}\n"))
        .and_then(|()| fs::rename(&fresh, &path))
        .map_err(|source| CityError::Write { path, source })
}
