//! How do map files become the city that the program works for?
//!
//! Files are read by what they are, their datums settled (stated, declared, guessed with a warning, or refused with the cure),
//! merged into one map and kept as one folder (see `city_folder`).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use geo::CoordsIter;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use crate::app::city_error::CityError;
pub use crate::app::city_folder::{City, Meta, SourceFile, choose, current, list, load};
pub use crate::app::city_rules::{Category, ChannelName, Extent, Rules, Unit};

use crate::app::city_folder::{folder_of, save};
use crate::place::datum::{DatumVerdict, judge};
use crate::place::read::read_any;
use crate::place::road_network::{NetworkFigures, of_map};
use crate::place::{CityMap, MapFeature, MapNote, MapRead, MapRole, ReadOptions, write_geojson};
use crate::spatial::{Datum, LonLat};

/// One file of an import, already in memory.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// File name, for messages and the record of sources.
    pub name: String,
    /// What the operator says it is.
    pub role: MapRole,
    /// Datum stated for this file alone (`file.csv@gcj02`).
    pub datum: Option<Datum>,
    /// Content, plain or gzip.
    pub bytes: Vec<u8>,
}

impl InputFile {
    /// Reads a file from disk; `path@datum` states its datum.
    ///
    /// # Errors
    /// [`CityError::File`] when it cannot be read.
    pub fn open(path: &str, role: MapRole) -> Result<Self, CityError> {
        let (path, datum) = match path.rsplit_once('@') {
            Some((file, label)) if Datum::parse(label).is_some() => (file, Datum::parse(label)),
            _ => (path, None),
        };
        let bytes = fs::read(path).map_err(|source| CityError::File {
            path: PathBuf::from(path),
            source,
        })?;
        let name = Path::new(path)
            .file_name()
            .map_or_else(|| path.to_owned(), |n| n.to_string_lossy().into_owned());
        Ok(Self {
            name,
            role,
            datum,
            bytes,
        })
    }
}

/// What is to be imported.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Id and folder name: letters, digits, `-` and `_`.
    pub id: String,
    /// Name people read (`--name 中文名`); empty = name of the largest area, else the id.
    pub name: String,
    /// English name; empty = the id.
    pub name_en: String,
    /// Files in any order.
    pub files: Vec<InputFile>,
    /// Datum of the files that neither declare one nor have one of their own (`--datum`).
    pub datum: Option<Datum>,
    /// Number of the approved base map (审图号), printed on maps.
    pub approval_no: String,
    /// The city's own rules; `None` = the shipped defaults.
    pub rules: Option<Rules>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// The city as recorded.
    pub meta: Meta,
    /// Road pieces.
    pub roads: usize,
    /// Different road names.
    pub road_names: usize,
    /// The drivable network.
    pub network: NetworkFigures,
    /// Places, gates, stops, address points, buildings, water.
    pub places: usize,
    /// Administrative areas.
    pub areas: usize,
    /// Road pieces that are new against the city imported before under this id, and those that are gone.
    pub changed: Option<(usize, usize)>,
    /// What to look at.
    pub notes: Vec<MapNote>,
}

/// Imports a map as a city and makes it the current one.
///
/// # Errors
/// [`CityError`]; after any error the city imported before is untouched.
pub fn import(data: &Path, order: &Order) -> Result<Report, CityError> {
    let folder = folder_of(data, &order.id)?;
    if order.files.is_empty() {
        return Err(CityError::NoFiles);
    }
    let (map, sources, mut notes) = understand(order)?;
    let rules = order.rules.clone().unwrap_or_else(Rules::shipped);
    let meta = describe(order, &map, sources);
    let before = load(data, &order.id).ok();
    let network = of_map(&map).figures();
    look_over(&map, &network, &mut notes);
    let report = Report {
        roads: map.roads.len(),
        road_names: names(&map).len(),
        network,
        places: map.features.len(),
        areas: map.areas.len(),
        changed: before.map(|old| difference(&old.map, &map)),
        meta: meta.clone(),
        notes,
    };
    let city = City { meta, map, rules };
    save(&folder, &city)?;
    choose(data, &order.id)?;
    Ok(report)
}

/// Reads all files and settles their datums: declared or stated ones first, the others against them.
fn understand(order: &Order) -> Result<(CityMap, Vec<SourceFile>, Vec<MapNote>), CityError> {
    let mut map = CityMap::default();
    let mut notes = Vec::new();
    let mut open: Vec<(usize, MapRead)> = Vec::new();
    let mut settled: Vec<(usize, Datum, &'static str)> = Vec::new();
    for (number, file) in order.files.iter().enumerate() {
        let options = ReadOptions {
            subject: file.name.clone(),
            role: file.role,
            datum: file.datum,
        };
        let mut read = read_any(&file.bytes, &options)?;
        notes.append(&mut read.notes);
        let by = if file.datum.is_some() {
            "stated"
        } else {
            "declared"
        };
        if let Some(datum) = read.datum {
            settled.push((number, datum, by));
            map.merge(read.map);
        } else if let Some(datum) = order.datum {
            read.map.convert(datum);
            settled.push((number, datum, "stated"));
            map.merge(read.map);
        } else {
            open.push((number, read));
        }
    }
    // Roads before places before areas: each settled file helps the next.
    open.sort_by_key(|(number, read)| {
        (
            read.map.roads.is_empty(),
            read.map.features.is_empty(),
            *number,
        )
    });
    for (number, mut read) in open {
        let name = order.files.get(number).map_or("", |f| f.name.as_str());
        let (datum, by) = settle(name, &read.map, &map, &settled, &mut notes)?;
        read.map.convert(datum);
        settled.push((number, datum, by));
        map.merge(read.map);
    }
    settled.sort_by_key(|(number, ..)| *number);
    let sources = settled
        .into_iter()
        .filter_map(|(number, datum, by)| {
            let file = order.files.get(number)?;
            Some(source_of(file, datum, by))
        })
        .collect();
    Ok((map, sources, notes))
}

/// The datum of a file that says none: by comparison, else as all the other files, each with a warning.
fn settle(
    name: &str,
    unknown: &CityMap,
    known: &CityMap,
    settled: &[(usize, Datum, &'static str)],
    notes: &mut Vec<MapNote>,
) -> Result<(Datum, &'static str), CityError> {
    match judge(unknown, known) {
        DatumVerdict::Indifferent => return Ok((Datum::Wgs84, "indifferent")),
        DatumVerdict::Fits {
            datum,
            median_m,
            next_m,
            points,
        } => {
            notes.push(MapNote::new(
                name,
                format!(
                    "says no datum; taken as {} because {points} points then lie {median_m:.0} m (median) from their roads, under the next best {next_m:.0} m: check on the map, or state --datum",
                    datum.name()
                ),
            ));
            return Ok((datum, "guessed"));
        }
        DatumVerdict::Undecided => {}
    }
    let first = settled.first().map(|(_, datum, _)| *datum);
    let unanimous = first.filter(|f| settled.iter().all(|(_, d, _)| d == f));
    let only_areas = unknown.roads.is_empty() && unknown.features.is_empty();
    match unanimous {
        Some(datum) if only_areas => {
            notes.push(MapNote::new(
                name,
                format!(
                    "says no datum and areas cannot be compared; taken as {} like the other files: if it comes from Amap or Baidu write {name}@gcj02 or {name}@bd09",
                    datum.name()
                ),
            ));
            Ok((datum, "guessed"))
        }
        _ => Err(CityError::DatumUnknown {
            file: name.to_owned(),
        }),
    }
}

fn source_of(file: &InputFile, datum: Datum, by: &str) -> SourceFile {
    let digest = Sha256::digest(&file.bytes);
    SourceFile {
        file: file.name.clone(),
        bytes: file.bytes.len() as u64,
        sha256: digest.iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        }),
        datum,
        datum_by: by.to_owned(),
    }
}

fn names(map: &CityMap) -> BTreeSet<&str> {
    map.roads.iter().filter_map(|r| r.tag("name")).collect()
}

/// How many road pieces are new and gone, compared by id, tags and geometry.
fn difference(old: &CityMap, new: &CityMap) -> (usize, usize) {
    let key = |f: &MapFeature| write_geojson::write(std::slice::from_ref(f), &[], false);
    let set = |map: &CityMap| -> BTreeSet<String> { map.roads.iter().map(key).collect() };
    let (old, new) = (set(old), set(new));
    (new.difference(&old).count(), old.difference(&new).count())
}

/// What an operator should know about a poor map, with the consequence.
fn look_over(map: &CityMap, network: &NetworkFigures, notes: &mut Vec<MapNote>) {
    let mut say = |text: &str| notes.push(MapNote::new("map", text));
    if network.pieces > 1 {
        say(&format!(
            "路网分成 {} 块，最大的一块含 {:.1} % 的节点；块与块之间没有路线，请检查数据是否被裁切 (the network is in {} pieces, {:.1} % of its nodes in the largest; there are no routes between pieces: check whether the extract is cut)",
            network.pieces,
            network.largest * 100.0,
            network.pieces,
            network.largest * 100.0,
        ));
    }
    if map.roads.is_empty() {
        say(
            "没有道路：路口、路段无法定位，请加 --roads 或 --osm (no roads: junctions and stretches cannot be located)",
        );
    } else if names(map).is_empty() {
        say(
            "道路没有名称：地图可以显示，但文字中的路名无法定位，请换带名称的数据 (no road has a name: texts that name roads cannot be located)",
        );
    }
    if map.features.is_empty() {
        say(
            "没有地点：学校、小区、停车场无法定位，请加 --pois 或 --osm (no places: schools, estates and car parks cannot be located)",
        );
    }
    if map.areas.is_empty() {
        say(
            "没有辖区边界：区域统计与越界检查不可用，请加 --boundary (no areas: counts by area and the check for outside are off)",
        );
    }
}

fn describe(order: &Order, map: &CityMap, sources: Vec<SourceFile>) -> Meta {
    let bbox = bbox_of(map);
    let largest = map.areas.first().and_then(|a| a.tag("name"));
    let name = if order.name.trim().is_empty() {
        largest.unwrap_or(&order.id).to_owned()
    } else {
        order.name.trim().to_owned()
    };
    let name_en = if order.name_en.trim().is_empty() {
        order.id.clone()
    } else {
        order.name_en.trim().to_owned()
    };
    Meta {
        id: order.id.clone(),
        name,
        name_en,
        simulated: map.synthetic,
        approval_no: order.approval_no.clone(),
        attribution: map.attribution.clone(),
        centre: LonLat::new(
            f64::midpoint(bbox[0], bbox[2]),
            f64::midpoint(bbox[1], bbox[3]),
        ),
        bbox,
        sources,
    }
}

/// The box of the areas if there are any, else of everything: roads often stick out far.
fn bbox_of(map: &CityMap) -> [f64; 4] {
    let of = |features: &mut dyn Iterator<Item = &MapFeature>| {
        let mut b = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        for c in features.flat_map(|f| f.geometry.coords_iter()) {
            b = [b[0].min(c.x), b[1].min(c.y), b[2].max(c.x), b[3].max(c.y)];
        }
        b
    };
    let areas = of(&mut map.areas.iter());
    if areas[0].is_finite() {
        areas
    } else {
        of(&mut map.all())
    }
}
