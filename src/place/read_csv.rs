//! What does a table (CSV) of places, gates or boundaries say about the city?
//!
//! Columns are recognised by `data/map/fields.csv`; a shape column (WKT or a list of pairs) wins over longitude and latitude;
//! rows of one name in a boundary table that give one corner each are joined to a polygon.

use std::borrow::Cow;
use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};
use geo::{Coord, Geometry, LineString, MapCoords, Point, Polygon};

use crate::place::classify::{Sorted, sort_feature};
use crate::place::fields;
use crate::place::shape_text;
use crate::place::source::{MapError, MapFeature, MapRead, MapRole, ReadOptions};
use crate::place::unpack::unpack;
use crate::spatial::{Datum, LonLat};

/// Lines in which the header is looked for: exports put a title above it.
const HEADER_WITHIN: usize = 10;

/// Areas given corner by corner: name → tags of the first row, corners in order.
type Corners = BTreeMap<String, (BTreeMap<String, String>, Vec<Coord<f64>>)>;

/// Where the needed columns stand.
struct Columns {
    headers: Vec<String>,
    keys: Vec<Option<&'static str>>,
    lon: Option<usize>,
    lat: Option<usize>,
    pair: Option<usize>,
    shape: Option<usize>,
    /// Column that says the datum row by row.
    datum: Option<usize>,
    /// Datum named by the header itself: `gcj02_lng`, 经度(BD09).
    named: Option<Datum>,
}

/// Reads a table held in memory: UTF-8 with or without BOM, UTF-16 or GB18030; comma, semicolon or tab.
///
/// # Errors
/// [`MapError::Empty`], [`MapError::NoColumn`] with the headers found and those understood, [`MapError::Nothing`], and the
/// coordinate refusals of [`Sorted::finish`].
pub fn parse(bytes: &[u8], options: &ReadOptions) -> Result<MapRead, MapError> {
    let subject = options.subject.as_str();
    let plain = unpack(bytes, subject)?;
    let text = decode(&plain);
    let rows = records(&text);
    let Some((at, columns)) = rows
        .iter()
        .take(HEADER_WITHIN)
        .enumerate()
        .map(|(at, row)| (at, Columns::of(row)))
        .find(|(_, columns)| columns.usable())
    else {
        return Err(no_column(subject, rows.first()));
    };
    let mut sorted = Sorted::new(options);
    let mut corners = Corners::new();
    let mut undeclared = 0_usize;
    let stated = options.datum.or(columns.named);
    let by_row = stated.is_none() && rows.iter().any(|row| columns.row_datum(row).is_some());
    for (number, row) in rows.iter().enumerate().skip(at + 1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let geometry = match columns.geometry(row) {
            Ok(geometry) => geometry,
            Err(why) => {
                sorted.skip(why);
                continue;
            }
        };
        let own = stated.or_else(|| columns.row_datum(row));
        if by_row && own.is_none() {
            sorted.skip("without a known datum while other rows state one: fill the column");
            continue;
        }
        undeclared += usize::from(own.is_none());
        let geometry = converted(geometry, own);
        let tags = columns.tags(row);
        let id = tags
            .get("id")
            .cloned()
            .unwrap_or_else(|| format!("f{number}"));
        if let (MapRole::Boundary, Geometry::Point(p)) = (options.role, &geometry) {
            let name = tags.get("name").cloned().unwrap_or_default();
            let entry = corners.entry(name).or_insert_with(|| (tags, Vec::new()));
            entry.1.push(p.0);
        } else {
            sort_feature(&mut sorted, MapFeature { id, tags, geometry });
        }
    }
    close_corners(corners, &mut sorted);
    // Converted row by row already; what is left to decide is only whether every row was.
    let mut read = sorted.finish(None)?;
    read.datum = (undeclared == 0).then_some(stated.unwrap_or(Datum::Wgs84));
    Ok(read)
}

/// Text of any of the encodings that Chinese offices export.
fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if let Some(body) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return String::from_utf8_lossy(body);
    }
    if bytes.starts_with(b"\xff\xfe") {
        return UTF_16LE.decode(bytes).0;
    }
    if bytes.starts_with(b"\xfe\xff") {
        return UTF_16BE.decode(bytes).0;
    }
    std::str::from_utf8(bytes).map_or_else(|_other| GB18030.decode(bytes).0, Cow::Borrowed)
}

fn records(text: &str) -> Vec<StringRecord> {
    let head = text
        .lines()
        .take(HEADER_WITHIN)
        .collect::<Vec<_>>()
        .join("\n");
    let count = |c: char| head.matches(c).count();
    let delimiter = [(b'\t', '\t'), (b';', ';'), (b',', ',')]
        .into_iter()
        .max_by_key(|(_, c)| count(*c))
        .map_or(b',', |(byte, _)| byte);
    // A shape column is full of commas: a tab table with WKT still has a tab in every line.
    let tabs = text.lines().take(2).all(|line| line.contains('\t'));
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(if tabs { b'\t' } else { delimiter })
        .from_reader(text.as_bytes())
        .records()
        .filter_map(Result::ok)
        .collect()
}

fn no_column(subject: &str, first: Option<&StringRecord>) -> MapError {
    let found: Vec<&str> = first
        .map(|row| row.iter().take(20).collect())
        .unwrap_or_default();
    let accepted = ["经度", "纬度", "lon", "lat", "坐标", "WKT", "边界坐标"];
    MapError::NoColumn {
        subject: subject.to_owned(),
        missing: "coordinates",
        found: found.join(", "),
        accepted: accepted.join(", "),
    }
}

fn converted(geometry: Geometry<f64>, datum: Option<Datum>) -> Geometry<f64> {
    match datum {
        None | Some(Datum::Wgs84) => geometry,
        Some(datum) => geometry.map_coords(|c| {
            let p = datum.to_wgs84(LonLat::new(c.x, c.y));
            Coord { x: p.lon, y: p.lat }
        }),
    }
}

/// Polygons from tables with one corner a row, in the order of the rows.
fn close_corners(corners: Corners, sorted: &mut Sorted) {
    for (name, (tags, ring)) in corners {
        if ring.len() < 3 {
            sorted.skip("areas with fewer than three corners (one corner a row is expected, or a shape column)");
            continue;
        }
        let geometry = Polygon::new(LineString(ring), Vec::new()).into();
        let id = tags
            .get("id")
            .cloned()
            .unwrap_or_else(|| format!("area:{name}"));
        sort_feature(sorted, MapFeature { id, tags, geometry });
    }
}

impl Columns {
    fn of(row: &StringRecord) -> Self {
        let headers: Vec<String> = row.iter().map(|h| h.trim().to_owned()).collect();
        let keys: Vec<Option<&'static str>> = headers.iter().map(|h| fields::key_of(h)).collect();
        let all = |key: &str| -> Vec<usize> {
            (0..keys.len()).filter(|i| keys[*i] == Some(key)).collect()
        };
        // Of several pairs of columns the one in WGS-84 is taken, else the first.
        let pick = |key: &str| {
            let at = all(key);
            let wgs = at
                .iter()
                .find(|i| header_datum(&headers[**i]) == Some(Datum::Wgs84));
            wgs.or_else(|| at.first()).copied()
        };
        let lon = pick("lon");
        Self {
            named: lon.and_then(|i| header_datum(&headers[i])),
            lat: pick("lat"),
            pair: pick("pair"),
            shape: pick("shape"),
            datum: pick("datum"),
            lon,
            keys,
            headers,
        }
    }

    const fn usable(&self) -> bool {
        self.shape.is_some() || self.pair.is_some() || self.lon.is_some() && self.lat.is_some()
    }

    fn geometry(&self, row: &StringRecord) -> Result<Geometry<f64>, &'static str> {
        let cell = |at: Option<usize>| at.and_then(|i| row.get(i)).map_or("", str::trim);
        let shape = [cell(self.shape), cell(self.pair)]
            .into_iter()
            .find(|text| !text.is_empty());
        if let Some(text) = shape {
            return shape_text::parse(text)
                .ok_or("with a shape that is neither WKT nor a list of pairs");
        }
        let number = |at| {
            let clean: String = cell(at)
                .chars()
                .filter(|c| !matches!(c, '\'' | '"' | '°'))
                .collect();
            clean.parse::<f64>().ok().filter(|v| v.is_finite())
        };
        let (Some(x), Some(y)) = (number(self.lon), number(self.lat)) else {
            return Err("without a longitude and latitude in figures");
        };
        if x == 0.0 && y == 0.0 {
            return Err("at 0,0 (no coordinates)");
        }
        Ok(Point::new(x, y).into())
    }

    fn row_datum(&self, row: &StringRecord) -> Option<Datum> {
        Datum::parse(row.get(self.datum?)?)
    }

    fn tags(&self, row: &StringRecord) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::new();
        for ((header, key), cell) in self.headers.iter().zip(&self.keys).zip(row) {
            let cell = cell.trim();
            let coordinate = matches!(key, Some("lon" | "lat" | "pair" | "shape" | "datum"));
            if cell.is_empty() || coordinate || header.is_empty() {
                continue;
            }
            let key = key.map_or_else(|| header.clone(), str::to_owned);
            tags.entry(key).or_insert_with(|| cell.to_owned());
        }
        tags
    }
}

/// The datum a header names: `gcj02_lng`, `wgs84_lat`, 经度(BD-09), 百度经度.
fn header_datum(header: &str) -> Option<Datum> {
    let flat: String = header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let names = [
        ("gcj", Datum::Gcj02),
        ("火星", Datum::Gcj02),
        ("高德", Datum::Gcj02),
        ("bd09", Datum::Bd09),
        ("百度", Datum::Bd09),
        ("wgs", Datum::Wgs84),
        ("cgcs", Datum::Wgs84),
        ("gps", Datum::Wgs84),
    ];
    names
        .iter()
        .find(|(word, _)| flat.contains(word))
        .map(|(_, datum)| *datum)
}
