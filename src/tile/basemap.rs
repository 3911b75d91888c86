//! What is drawn under everything else: our own vector tiles, cut on demand from the imported map.
//!
//! Built once per city into one arena of vertices and an R-tree; a tile takes what its window holds, by layer and zoom.

use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

use crate::place::CityMap;
use crate::spatial::{TileId, World};
pub use crate::tile::base_draft::MAX_ZOOM;
use crate::tile::base_draft::{BRIDGE, Draft, Form, LINK, ONEWAY, Part, Piece, RAIL, TUNNEL};
use crate::tile::base_kind::Layer;
use crate::tile::base_label::label_lines;
use crate::tile::encode::{
    Clip, LayerWriter, Local, Rings, TileWriter, Value, local, simplify, window,
};

/// Half a pixel of a 512-pixel tile, in tile units: finer shapes cannot be seen before [`MAX_ZOOM`].
const TOLERANCE: f64 = 4.0;

type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// The base map of a city in memory: about 12 bytes a vertex and 100 bytes a feature.
#[derive(Clone, Debug)]
pub struct Basemap {
    pieces: Vec<Piece>,
    parts: Vec<Part>,
    vertices: Vec<World>,
    names: Vec<String>,
    tree: RTree<Entry>,
    bounds: [f64; 4],
}

impl Basemap {
    /// Builds the base map. Cost: about a second per million vertices.
    #[must_use]
    pub fn build(map: &CityMap) -> Self {
        let mut draft = Draft::default();
        for road in &map.roads {
            draft.road(road);
        }
        draft.labels(label_lines(&map.roads));
        for feature in &map.features {
            draft.feature(feature);
        }
        for area in &map.areas {
            draft.area(area);
        }
        Self::index(draft)
    }

    fn index(mut draft: Draft) -> Self {
        draft.sort();
        let mut entries = Vec::with_capacity(draft.pieces.len());
        let mut all = EMPTY;
        for (number, piece) in (0_u32..).zip(&mut draft.pieces) {
            let (first, last) = (piece.parts.0 as usize, piece.parts.1 as usize);
            let mut own = EMPTY;
            for part in draft.parts.get(first..last).unwrap_or_default() {
                let run = draft.vertices.get(part.start as usize..part.end as usize);
                for w in run.unwrap_or_default() {
                    let (x, y) = (f64::from(w.x), f64::from(w.y));
                    own = grown(own, [x, y, x, y]);
                }
            }
            all = grown(all, own);
            piece.box_area = (own[2] - own[0]) * (own[3] - own[1]);
            piece.box_side = (own[2] - own[0]).max(own[3] - own[1]);
            let rectangle = Rectangle::from_corners([own[0], own[1]], [own[2], own[3]]);
            entries.push(GeomWithData::new(rectangle, number));
        }
        Self {
            pieces: draft.pieces,
            parts: draft.parts,
            vertices: draft.vertices,
            names: draft.names,
            tree: RTree::bulk_load(entries),
            bounds: degrees(all),
        }
    }

    /// West, south, east, north in degrees of all that is drawn; the world if nothing is.
    #[must_use]
    pub const fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// Number of drawable pieces.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether nothing is drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Bytes held in memory, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        size_of::<Piece>() * self.pieces.len()
            + size_of::<Part>() * self.parts.len()
            + size_of::<World>() * self.vertices.len()
            + 2 * size_of::<Entry>() * self.pieces.len()
            + self.names.iter().map(|n| n.len() + 24).sum::<usize>()
    }

    /// A tile as MVT bytes (not compressed), `None` if it is empty. Zooms beyond [`MAX_ZOOM`] are cut as sharply as it.
    #[must_use]
    pub fn tile(&self, tile: TileId) -> Option<Vec<u8>> {
        let (low, high) = window(tile, 128.0);
        let mut found: Vec<u32> = self
            .tree
            .locate_in_envelope_intersecting(&AABB::from_corners(low, high))
            .map(|entry| entry.data)
            .collect();
        found.sort_unstable();
        let mut writer = TileWriter::new();
        let mut open: Option<(Layer, LayerWriter)> = None;
        for number in found {
            let Some(piece) = self.pieces.get(number as usize) else {
                continue;
            };
            if !piece.shown(tile) {
                continue;
            }
            let layer = piece.look.layer;
            if open.as_ref().is_none_or(|(l, _)| *l != layer)
                && let Some((_, done)) = open.replace((layer, LayerWriter::new(layer.name())))
            {
                writer.push(done);
            }
            if let Some((_, layer)) = open.as_mut() {
                self.draw(layer, tile, piece, u64::from(number) + 1);
            }
        }
        if let Some((_, done)) = open {
            writer.push(done);
        }
        writer.finish()
    }

    fn draw(&self, layer: &mut LayerWriter, tile: TileId, piece: &Piece, id: u64) {
        let clip = Clip::buffered(piece.look.layer.buffer());
        let tags = self.tags(piece);
        let tolerance = if tile.z >= MAX_ZOOM { 1.0 } else { TOLERANCE };
        match piece.form {
            Form::Point => {
                for (points, _) in self.parts(piece, tile) {
                    if let Some(at) = points.first().filter(|p| clip.holds(**p)) {
                        layer.point(Some(id), *at, &tags);
                    }
                }
            }
            Form::Line => {
                let mut lines = Vec::new();
                for (points, _) in self.parts(piece, tile) {
                    lines.extend(clip.line(&simplify(&points, tolerance)));
                }
                layer.line(Some(id), &lines, &tags);
            }
            Form::Surface => {
                let mut polygons: Vec<Rings> = Vec::new();
                for (points, hole) in self.parts(piece, tile) {
                    let ring = clip.ring(&simplify(&points, tolerance));
                    match polygons.last_mut() {
                        Some(polygon) if hole => polygon.push(ring),
                        _ => polygons.push(vec![ring]),
                    }
                }
                layer.surface(Some(id), &polygons, &tags);
            }
        }
    }

    fn parts<'a>(
        &'a self,
        piece: &Piece,
        tile: TileId,
    ) -> impl Iterator<Item = (Vec<Local>, bool)> + 'a {
        let (start, end) = (piece.parts.0 as usize, piece.parts.1 as usize);
        let parts = self.parts.get(start..end).unwrap_or_default();
        parts.iter().map(move |part| {
            let run = self.vertices.get(part.start as usize..part.end as usize);
            let points = run.unwrap_or_default();
            (points.iter().map(|w| local(tile, *w)).collect(), part.hole)
        })
    }

    fn tags(&self, piece: &Piece) -> Vec<(&'static str, Value<'_>)> {
        let text = |number: u32| {
            self.names
                .get(number as usize)
                .filter(|_| number > 0)
                .map(String::as_str)
        };
        let mut tags = Vec::with_capacity(6);
        match piece.look.layer {
            Layer::Buildings => {}
            Layer::Boundaries => {
                tags.push(("admin_level", Value::Int(piece.admin_level.into())));
            }
            Layer::Addresses => {
                tags.extend(text(piece.name).map(|n| ("housenumber", Value::Text(n))));
            }
            _ => {
                tags.push(("kind", Value::Text(piece.look.kind)));
                tags.extend(text(piece.name).map(|n| ("name", Value::Text(n))));
                tags.extend(text(piece.name_en).map(|n| ("name_en", Value::Text(n))));
            }
        }
        if piece.look.layer == Layer::Streets {
            let flags = [
                ("link", LINK),
                ("bridge", BRIDGE),
                ("tunnel", TUNNEL),
                ("oneway", ONEWAY),
                ("rail", RAIL),
            ];
            for (key, flag) in flags {
                if piece.flags & flag != 0 {
                    tags.push((key, Value::Bool(true)));
                }
            }
        }
        tags
    }
}

/// The box of nothing.
const EMPTY: [f64; 4] = [
    f64::INFINITY,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NEG_INFINITY,
];

fn grown(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the box of values that came from u32"
)]
fn degrees(b: [f64; 4]) -> [f64; 4] {
    if !b[0].is_finite() {
        return [-180.0, -85.0, 180.0, 85.0];
    }
    let corner = |x: f64, y: f64| {
        World {
            x: x as u32,
            y: y as u32,
        }
        .lonlat()
    };
    let (north_west, south_east) = (corner(b[0], b[1]), corner(b[2], b[3]));
    [
        north_west.lon,
        south_east.lat,
        south_east.lon,
        north_west.lat,
    ]
}
