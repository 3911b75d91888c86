//! Where are the names of the base map written: long lines for roads, one good point for surfaces?

use std::collections::BTreeMap;

use geo::{Area, Geometry, InteriorPoint, LineString, Polygon};

use crate::place::MapFeature;
use crate::place::highway::RoadClass;
use crate::spatial::{LonLat, World};

/// A named line made of the pieces of a road that continue into each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelLine {
    /// Name.
    pub name: String,
    /// English name, if any piece has one.
    pub name_en: Option<String>,
    /// Class of its pieces.
    pub class: RoadClass,
    /// Its vertices.
    pub line: Vec<World>,
}

/// Joins pieces of equal name and class wherever exactly two of them meet, so that a long name finds room.
///
/// Direction follows the first piece; the order of the answer is by name, class and first piece. Cost O(n log n).
#[must_use]
pub fn label_lines(roads: &[MapFeature]) -> Vec<LabelLine> {
    let mut groups: BTreeMap<(&str, RoadClass), Vec<&MapFeature>> = BTreeMap::new();
    for road in roads {
        let class = RoadClass::of(road.tag("highway").unwrap_or_default());
        if let Some(name) = road.tag("name")
            && class != RoadClass::Closed
        {
            groups.entry((name, class)).or_default().push(road);
        }
    }
    let mut out = Vec::new();
    for ((name, class), pieces) in groups {
        let name_en = pieces.iter().find_map(|p| english(p)).map(str::to_owned);
        let lines: Vec<Vec<World>> = pieces.iter().filter_map(|p| vertices(p)).collect();
        for line in join(&lines) {
            out.push(LabelLine {
                name: name.to_owned(),
                name_en: name_en.clone(),
                class,
                line,
            });
        }
    }
    out
}

/// The English name of a feature.
#[must_use]
pub fn english(feature: &MapFeature) -> Option<&str> {
    feature
        .tag("name:en")
        .or_else(|| feature.tag("name:zh-Latn-pinyin"))
}

fn vertices(road: &MapFeature) -> Option<Vec<World>> {
    let Geometry::LineString(line) = &road.geometry else {
        return None;
    };
    let mut out: Vec<World> = line
        .0
        .iter()
        .map(|c| World::of(LonLat::new(c.x, c.y)))
        .collect();
    out.dedup();
    (out.len() > 1).then_some(out)
}

/// Chains lines at the ends where exactly two meet.
fn join(lines: &[Vec<World>]) -> Vec<Vec<World>> {
    let mut ends: BTreeMap<World, Vec<usize>> = BTreeMap::new();
    for (number, line) in lines.iter().enumerate() {
        for end in [line.first(), line.last()].into_iter().flatten() {
            ends.entry(*end).or_default().push(number);
        }
    }
    let mut used = vec![false; lines.len()];
    let mut out = Vec::new();
    for start in 0..lines.len() {
        if used[start] {
            continue;
        }
        used[start] = true;
        let mut chain = lines[start].clone();
        // Grow at the end, turn round, grow at the other end, turn back.
        for _ in 0..2 {
            grow(&mut chain, lines, &ends, &mut used);
            chain.reverse();
        }
        out.push(chain);
    }
    out
}

fn grow(
    chain: &mut Vec<World>,
    lines: &[Vec<World>],
    ends: &BTreeMap<World, Vec<usize>>,
    used: &mut [bool],
) {
    while let Some(tip) = chain.last().copied() {
        let meeting = ends.get(&tip).map_or(&[] as &[usize], Vec::as_slice);
        let next = match meeting {
            [a, b] if !used[*a] => *a,
            [a, b] if !used[*b] && a != b => *b,
            _ => return,
        };
        used[next] = true;
        let piece = &lines[next];
        if piece.first() == Some(&tip) {
            chain.extend(piece.iter().skip(1));
        } else {
            chain.extend(piece.iter().rev().skip(1));
        }
    }
}

/// A point inside the largest polygon of a surface, the point itself, or the middle vertex of a line.
#[must_use]
pub fn label_point(geometry: &Geometry<f64>) -> Option<LonLat> {
    let inside =
        |polygon: &Polygon<f64>| polygon.interior_point().map(|p| LonLat::new(p.x(), p.y()));
    let middle =
        |line: &LineString<f64>| line.0.get(line.0.len() / 2).map(|c| LonLat::new(c.x, c.y));
    match geometry {
        Geometry::Point(p) => Some(LonLat::new(p.x(), p.y())),
        Geometry::MultiPoint(points) => points.0.first().map(|p| LonLat::new(p.x(), p.y())),
        Geometry::Polygon(polygon) => inside(polygon),
        Geometry::MultiPolygon(polygons) => polygons
            .0
            .iter()
            .max_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()))
            .and_then(inside),
        Geometry::LineString(line) => middle(line),
        Geometry::MultiLineString(lines) => lines.0.first().and_then(middle),
        _ => None,
    }
}
