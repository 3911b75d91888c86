//! What does the base map consist of: pieces over one arena of vertices, made from the features of a map.

use std::collections::BTreeMap;

use geo::{Geometry, LineString, Polygon};

use crate::place::MapFeature;
use crate::place::highway::oneway;
use crate::spatial::{LonLat, TileId, World};
use crate::tile::base_kind::{
    Layer, Look, ground, place_label, poi, street, street_kind, street_label_zoom,
};
use crate::tile::base_label::{LabelLine, english, label_point};
use crate::tile::encode::unit;

/// Deepest zoom with content of its own; the page overzooms beyond.
pub const MAX_ZOOM: u8 = 16;

/// Surfaces whose box is smaller than this many square tile units (two by two pixels) are not drawn.
const SMALLEST: f64 = 256.0;

/// Flags of a street.
pub(crate) const LINK: u8 = 1;
pub(crate) const BRIDGE: u8 = 2;
pub(crate) const TUNNEL: u8 = 4;
pub(crate) const ONEWAY: u8 = 8;
pub(crate) const RAIL: u8 = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Point,
    Line,
    Surface,
}

/// One drawable thing.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) look: Look,
    pub(crate) form: Form,
    /// Range of its parts in the list of parts.
    pub(crate) parts: (u32, u32),
    /// Number of its name in the list of names; 0 = none.
    pub(crate) name: u32,
    pub(crate) name_en: u32,
    pub(crate) flags: u8,
    pub(crate) admin_level: u8,
    /// World area of a surface's box, to leave out what is too small to see.
    pub(crate) box_area: f64,
    /// Longer side of the box, in world units.
    pub(crate) box_side: f64,
}

/// A run of vertices; `hole` marks an inner ring of the surface before it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) hole: bool,
}

impl Piece {
    /// Whether a tile's zoom shows it.
    pub(crate) fn shown(&self, tile: TileId) -> bool {
        let unit = unit(tile);
        let zoom = tile.z.min(MAX_ZOOM);
        let visible = match self.form {
            Form::Point => true,
            // An eighth of a pixel: the neighbours' round ends cover the gap.
            Form::Line => self.box_side >= unit,
            Form::Surface => self.box_area >= SMALLEST * unit * unit,
        };
        visible && zoom >= self.look.min_zoom.min(MAX_ZOOM)
    }
}

/// The base map while it is built.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) parts: Vec<Part>,
    pub(crate) vertices: Vec<World>,
    pub(crate) names: Vec<String>,
    known: BTreeMap<String, u32>,
}

/// Numbers of a name and an English name.
type Named = (u32, u32);

impl Draft {
    /// Adds a road.
    pub(crate) fn road(&mut self, road: &MapFeature) {
        let (Some(look), Geometry::LineString(line)) = (street(road), &road.geometry) else {
            return;
        };
        let has = |key: &str| road.tag(key).is_some_and(|v| v != "no");
        let mut flags = 0;
        let linked = road.tag("highway").is_some_and(|h| h.ends_with("_link"));
        for (flag, set) in [
            (LINK, linked),
            (BRIDGE, has("bridge")),
            (TUNNEL, has("tunnel")),
            (ONEWAY, oneway(road) != 0),
        ] {
            flags |= if set { flag } else { 0 };
        }
        self.piece(look, Form::Line, (0, 0), |d| d.line(line));
        if let Some(piece) = self.pieces.last_mut() {
            piece.flags = flags;
        }
    }

    /// Adds a place, a footprint, a water.
    pub(crate) fn feature(&mut self, feature: &MapFeature) {
        if let Some(look) = ground(feature) {
            self.shape(feature, look);
        }
        let Some(at) = label_point(&feature.geometry) else {
            return;
        };
        let at = World::of(at);
        let named = self.names(feature.tag("name"), english(feature));
        if let Some(look) = place_label(feature).or_else(|| poi(feature)) {
            self.piece(look, Form::Point, named, |d| d.run(vec![at], false));
        } else if let Some(number) = feature.tag("addr:housenumber") {
            let named = self.names(Some(number), None);
            let look = Look {
                layer: Layer::Addresses,
                kind: "address",
                min_zoom: MAX_ZOOM,
                order: 100,
            };
            self.piece(look, Form::Point, named, |d| d.run(vec![at], false));
        } else if let Some(look) = ground(feature)
            && look.layer == Layer::WaterPolygons
            && named.0 > 0
        {
            let look = Look {
                layer: Layer::WaterLabels,
                min_zoom: 12,
                ..look
            };
            self.piece(look, Form::Point, named, |d| d.run(vec![at], false));
        }
    }

    fn shape(&mut self, feature: &MapFeature, look: Look) {
        let named = if look.layer == Layer::WaterLines {
            self.names(feature.tag("name"), english(feature))
        } else {
            (0, 0)
        };
        match &feature.geometry {
            Geometry::Polygon(polygon) => {
                self.piece(look, Form::Surface, named, |d| d.polygon(polygon));
            }
            Geometry::MultiPolygon(polygons) => {
                self.piece(look, Form::Surface, named, |d| {
                    polygons.0.iter().for_each(|p| d.polygon(p));
                });
            }
            Geometry::LineString(line) => self.piece(look, Form::Line, named, |d| d.line(line)),
            Geometry::MultiLineString(lines) => {
                self.piece(look, Form::Line, named, |d| {
                    lines.0.iter().for_each(|l| d.line(l));
                });
            }
            _ => return,
        }
        if look.layer == Layer::Streets
            && let Some(piece) = self.pieces.last_mut()
        {
            piece.flags = RAIL;
        }
    }

    /// Adds an administrative area: its border and its name.
    pub(crate) fn area(&mut self, area: &MapFeature) {
        let level = area
            .tag("admin_level")
            .and_then(|v| v.parse().ok())
            .unwrap_or(8_u8);
        let look = Look {
            layer: Layer::Boundaries,
            kind: "boundary",
            min_zoom: match level {
                0..=4 => 2,
                5 => 5,
                6 | 7 => 7,
                8 => 10,
                _ => 12,
            },
            order: 200 - level.min(100),
        };
        let rings: Vec<&LineString<f64>> = match &area.geometry {
            Geometry::Polygon(p) => rings(p).collect(),
            Geometry::MultiPolygon(m) => m.0.iter().flat_map(rings).collect(),
            _ => return,
        };
        self.piece(look, Form::Line, (0, 0), |d| {
            for ring in rings {
                d.line(ring);
            }
        });
        if let Some(piece) = self.pieces.last_mut() {
            piece.admin_level = level;
        }
        if let (Some(look), Some(at)) = (place_label(area), label_point(&area.geometry)) {
            let named = self.names(area.tag("name"), english(area));
            self.piece(look, Form::Point, named, |d| {
                d.run(vec![World::of(at)], false);
            });
        }
    }

    /// Adds the name lines of roads.
    pub(crate) fn labels(&mut self, lines: Vec<LabelLine>) {
        for label in lines {
            let look = Look {
                layer: Layer::StreetLabels,
                kind: street_kind(label.class),
                min_zoom: street_label_zoom(label.class),
                order: 100,
            };
            let named = self.names(Some(&label.name), label.name_en.as_deref());
            self.piece(look, Form::Line, named, |d| d.run(label.line, false));
        }
    }

    fn piece(&mut self, look: Look, form: Form, named: Named, fill: impl FnOnce(&mut Self)) {
        let start = count(self.parts.len());
        fill(self);
        let end = count(self.parts.len());
        if start == end {
            return;
        }
        self.pieces.push(Piece {
            look,
            form,
            parts: (start, end),
            name: named.0,
            name_en: named.1,
            flags: 0,
            admin_level: 0,
            box_area: 0.0,
            box_side: 0.0,
        });
    }

    fn polygon(&mut self, polygon: &Polygon<f64>) {
        let outer = worlds(polygon.exterior());
        if outer.len() < 3 {
            return;
        }
        self.run(outer, false);
        for hole in polygon.interiors() {
            let ring = worlds(hole);
            if ring.len() >= 3 {
                self.run(ring, true);
            }
        }
    }

    fn line(&mut self, line: &LineString<f64>) {
        let run = worlds(line);
        if run.len() > 1 {
            self.run(run, false);
        }
    }

    fn run(&mut self, run: Vec<World>, hole: bool) {
        let start = count(self.vertices.len());
        self.vertices.extend(run);
        let end = count(self.vertices.len());
        self.parts.push(Part { start, end, hole });
    }

    fn names(&mut self, name: Option<&str>, name_en: Option<&str>) -> Named {
        let mut number = |text: Option<&str>| {
            let Some(text) = text else { return 0 };
            if self.names.is_empty() {
                self.names.push(String::new());
            }
            let next = count(self.names.len());
            *self.known.entry(text.to_owned()).or_insert_with(|| {
                self.names.push(text.to_owned());
                next
            })
        };
        (number(name), number(name_en))
    }

    /// Sorts pieces into drawing order.
    pub(crate) fn sort(&mut self) {
        self.pieces
            .sort_by_key(|p| (p.look.layer, p.look.order, p.parts.0));
    }
}

fn rings(polygon: &Polygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    std::iter::once(polygon.exterior()).chain(polygon.interiors())
}

fn worlds(line: &LineString<f64>) -> Vec<World> {
    let mut out: Vec<World> = line
        .0
        .iter()
        .map(|c| World::of(LonLat::new(c.x, c.y)))
        .collect();
    out.dedup();
    out
}

/// A count that fits 32 bits: four thousand million vertices are more than a machine holds.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
