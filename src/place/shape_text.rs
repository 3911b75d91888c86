//! Which shape does a cell of a table hold: WKT, `GeoJSON` coordinates, or a list of pairs?

use geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon, Point, Polygon};
use serde_json::Value;

/// Reads a shape: `POLYGON((x y, …))` and the other WKT kinds, `[[x,y],…]`, or pairs such as `x,y;x,y` or `x y,x y`, parts joined by
/// `|`. Lists of three or more pairs that close become a polygon, others a line. `None` if it is none of these.
#[must_use]
pub fn parse(text: &str) -> Option<Geometry<f64>> {
    let text = text.trim();
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        wkt(text)
    } else if text.starts_with(['[', '{']) {
        json(text)
    } else {
        list(text)
    }
}

fn wkt(text: &str) -> Option<Geometry<f64>> {
    // EWKT writes its reference system before the shape.
    let text = text.rsplit_once(';').map_or(text, |(_, shape)| shape);
    let open = text.find('(')?;
    let (kind, body) = text.split_at_checked(open)?;
    let kind = kind.split_whitespace().next()?.to_ascii_uppercase();
    match kind.as_str() {
        "POINT" => pairs(inner(body)?)?.first().map(|c| Point(*c).into()),
        "LINESTRING" => Some(LineString(pairs(inner(body)?)?).into()),
        "POLYGON" => polygon(inner(body)?).map(Geometry::Polygon),
        "MULTILINESTRING" => {
            let lines: Option<Vec<LineString<f64>>> = groups(inner(body)?)
                .into_iter()
                .map(|g| pairs(g).map(LineString))
                .collect();
            lines.map(|l| MultiLineString(l).into())
        }
        "MULTIPOLYGON" => {
            let list: Option<Vec<Polygon<f64>>> =
                groups(inner(body)?).into_iter().map(polygon).collect();
            list.map(|l| MultiPolygon(l).into())
        }
        _ => None,
    }
}

/// What stands between the first bracket and its partner at the end.
fn inner(text: &str) -> Option<&str> {
    text.trim().strip_prefix('(')?.strip_suffix(')')
}

/// The top-level bracket groups of a text, without their brackets.
fn groups(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => {
                depth += 1;
                if depth == 1 {
                    start = at + 1;
                }
            }
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    out.extend(text.get(start..at));
                }
            }
            _ => {}
        }
    }
    out
}

fn polygon(text: &str) -> Option<Polygon<f64>> {
    let rings: Option<Vec<LineString<f64>>> = groups(text)
        .into_iter()
        .map(|ring| pairs(ring).map(LineString))
        .collect();
    let mut rings = rings?.into_iter();
    let outer = rings.next().filter(|ring| ring.0.len() > 2)?;
    Some(Polygon::new(outer, rings.collect()))
}

/// Pairs `x y` between commas; a third number (height) is ignored.
fn pairs(text: &str) -> Option<Vec<Coord<f64>>> {
    text.split([',', ';', '，', '；'])
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| numbers(pair.split_whitespace()))
        .collect()
}

fn numbers<'a>(mut parts: impl Iterator<Item = &'a str>) -> Option<Coord<f64>> {
    let mut next = || {
        parts
            .next()?
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite())
    };
    Some(Coord {
        x: next()?,
        y: next()?,
    })
}

fn json(text: &str) -> Option<Geometry<f64>> {
    let value: Value = serde_json::from_str(text).ok()?;
    if value.is_object() {
        let geometry: geojson::Geometry = serde_json::from_value(value).ok()?;
        return Geometry::try_from(geometry).ok();
    }
    let ring = |value: &Value| -> Option<LineString<f64>> {
        let coords: Option<Vec<Coord<f64>>> = value
            .as_array()?
            .iter()
            .map(|pair| {
                Some(Coord {
                    x: pair.get(0)?.as_f64()?,
                    y: pair.get(1)?.as_f64()?,
                })
            })
            .collect();
        coords.map(LineString)
    };
    if let Some(line) = ring(&value) {
        return line_or_surface(line);
    }
    let rings: Option<Vec<LineString<f64>>> = value.as_array()?.iter().map(ring).collect();
    let mut rings = rings?.into_iter();
    Some(Polygon::new(rings.next()?, rings.collect()).into())
}

fn list(text: &str) -> Option<Geometry<f64>> {
    let parts: Option<Vec<LineString<f64>>> = text
        .split('|')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| list_part(part).map(LineString))
        .collect();
    let mut parts = parts.filter(|parts| !parts.is_empty())?;
    if parts.len() == 1 {
        return line_or_surface(parts.pop()?);
    }
    if parts.iter().all(LineString::is_closed) {
        let polygons = parts.into_iter().map(|p| Polygon::new(p, Vec::new()));
        return Some(MultiPolygon(polygons.collect()).into());
    }
    Some(MultiLineString(parts).into())
}

fn list_part(part: &str) -> Option<Vec<Coord<f64>>> {
    if part.contains([';', '；']) {
        part.split([';', '；'])
            .map(str::trim)
            .filter(|pair| !pair.is_empty())
            .map(|pair| numbers(pair.split([',', '，', ' ']).filter(|p| !p.is_empty())))
            .collect()
    } else if part.trim().contains(char::is_whitespace) && part.contains([',', '，']) {
        pairs(part)
    } else {
        let all: Option<Vec<f64>> = part
            .split([',', '，', ' '])
            .filter(|p| !p.is_empty())
            .map(|p| p.parse().ok())
            .collect();
        let all = all.filter(|a| a.len() % 2 == 0 && !a.is_empty())?;
        let coords = all.chunks_exact(2).map(|p| Coord { x: p[0], y: p[1] });
        Some(coords.collect())
    }
}

fn line_or_surface(line: LineString<f64>) -> Option<Geometry<f64>> {
    match line.0.as_slice() {
        [] => None,
        [only] => Some(Point(*only).into()),
        [a, .., b] if line.0.len() > 3 && a == b => Some(Polygon::new(line, Vec::new()).into()),
        _ => Some(line.into()),
    }
}
