//! How is an understood map written down, so that reading it again gives the same map?

use std::fmt::Write as _;

use geo::{Coord, Geometry, LineString, Polygon};
use serde_json::{Value, json};

use crate::place::source::MapFeature;

/// Writes features as one `GeoJSON` collection, one feature per line, WGS-84, seven decimals (1 cm). The attribution stands in
/// the file itself; `synthetic` says that its things are invented.
#[must_use]
pub fn write(features: &[MapFeature], attribution: &[String], synthetic: bool) -> String {
    let mut out = String::with_capacity(features.len() * 256 + 256);
    let attribution = attribution.join("; ");
    let head = json!({
        "type": "FeatureCollection",
        "coordinate_system": "wgs84",
        "synthetic": synthetic,
        "attribution": attribution,
    });
    let head = head.to_string();
    out.push_str(head.strip_suffix('}').unwrap_or(&head));
    out.push_str(",\"features\":[\n");
    for (index, feature) in features.iter().enumerate() {
        if index > 0 {
            out.push_str(",\n");
        }
        push(&mut out, feature);
    }
    out.push_str("\n]}\n");
    out
}

fn push(out: &mut String, feature: &MapFeature) {
    let id = Value::from(feature.id.as_str());
    let tags = json!(feature.tags);
    out.push_str("{\"type\":\"Feature\",\"id\":");
    out.push_str(&id.to_string());
    out.push_str(",\"properties\":");
    out.push_str(&tags.to_string());
    out.push_str(",\"geometry\":");
    geometry(out, &feature.geometry);
    out.push('}');
}

fn geometry(out: &mut String, geometry: &Geometry<f64>) {
    let mut named = |kind: &str, body: &dyn Fn(&mut String)| {
        out.push_str("{\"type\":\"");
        out.push_str(kind);
        out.push_str("\",\"coordinates\":");
        body(out);
        out.push('}');
    };
    match geometry {
        Geometry::Point(p) => named("Point", &|out| pair(out, p.0)),
        Geometry::Line(l) => named("LineString", &|out| line(out, &(*l).into())),
        Geometry::LineString(l) => named("LineString", &|out| line(out, l)),
        Geometry::Polygon(p) => named("Polygon", &|out| polygon(out, p)),
        Geometry::MultiPoint(m) => named("MultiPoint", &|out| {
            list(out, &m.0, |out, p| pair(out, p.0));
        }),
        Geometry::MultiLineString(m) => named("MultiLineString", &|out| list(out, &m.0, line)),
        Geometry::MultiPolygon(m) => named("MultiPolygon", &|out| list(out, &m.0, polygon)),
        Geometry::Rect(r) => named("Polygon", &|out| polygon(out, &r.to_polygon())),
        Geometry::Triangle(t) => named("Polygon", &|out| polygon(out, &t.to_polygon())),
        Geometry::GeometryCollection(parts) => {
            out.push_str("{\"type\":\"GeometryCollection\",\"geometries\":");
            list(out, &parts.0, self::geometry);
            out.push('}');
        }
    }
}

fn list<T>(out: &mut String, items: &[T], each: impl Fn(&mut String, &T)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

fn line(out: &mut String, line: &LineString<f64>) {
    list(out, &line.0, |out, c| pair(out, *c));
}

fn polygon(out: &mut String, polygon: &Polygon<f64>) {
    out.push('[');
    line(out, polygon.exterior());
    for hole in polygon.interiors() {
        out.push(',');
        line(out, hole);
    }
    out.push(']');
}

fn pair(out: &mut String, c: Coord<f64>) {
    let round = |v: f64| (v * 1e7).round() / 1e7;
    // Writing to a String cannot fail.
    let _ = write!(out, "[{},{}]", round(c.x), round(c.y));
}
