//! How does a shape in degrees become a shape in the 4096 units of a tile, and how does a layer become bytes?
//!
//! Shared by all layers: Web Mercator on a 32-bit grid, clipping with a buffer, simplification, and a writer that keeps the
//! rules of Mapbox Vector Tile 2.1 (no empty layer, no repeated vertex, no ring without area, no long text).

use fast_mvt::{MvtCoord, MvtFeatureBuilder, MvtGeomType, MvtLayerBuilder, MvtResult, MvtValueRef};

use crate::spatial::{TileId, World};

/// Units along one side of a tile.
pub const EXTENT: u32 = 4096;

/// Longest text of a tag in bytes; longer ones are cut at a character (long texts belong in the detail call).
pub const MAX_TEXT_BYTES: usize = 200;

/// A position in tile units, y south; fractions are kept until the end.
pub type Local = geo::Coord<f64>;

/// World units in one unit of a tile (at zoom 0: 2²⁰).
#[must_use]
pub fn unit(tile: TileId) -> f64 {
    World::WIDTH / f64::from(EXTENT) / f64::from(1_u32 << tile.z)
}

/// A world point in units of a tile; outside points lie outside 0–4096.
#[must_use]
pub fn local(tile: TileId, p: World) -> Local {
    let (west, north) = tile.origin();
    let unit = unit(tile);
    Local {
        x: (f64::from(p.x) - west as f64) / unit,
        y: (f64::from(p.y) - north as f64) / unit,
    }
}

/// The north-west and south-east corners of a tile grown by `buffer` tile units, in world units as `f64`.
#[must_use]
pub fn window(tile: TileId, buffer: f64) -> ([f64; 2], [f64; 2]) {
    let (west, north) = tile.origin();
    let unit = unit(tile);
    let (grow, side) = (buffer * unit, f64::from(EXTENT) * unit);
    (
        [west as f64 - grow, north as f64 - grow],
        [west as f64 + side + grow, north as f64 + side + grow],
    )
}

/// The square that geometry is clipped to: the tile grown by a buffer.
#[derive(Clone, Copy, Debug)]
pub struct Clip {
    low: f64,
    high: f64,
}

impl Clip {
    /// The tile grown by `buffer` units on each side (64 for lines and surfaces, 128 for labelled points, 0 for grids).
    #[must_use]
    pub fn buffered(buffer: u32) -> Self {
        Self {
            low: -f64::from(buffer),
            high: f64::from(EXTENT + buffer),
        }
    }

    /// Whether a point lies inside.
    #[must_use]
    pub fn holds(self, p: Local) -> bool {
        let inside = |v: f64| (self.low..=self.high).contains(&v);
        inside(p.x) && inside(p.y)
    }

    /// The parts of a line that lie inside (Liang and Barsky 1984, segment by segment).
    #[must_use]
    pub fn line(self, line: &[Local]) -> Vec<Vec<Local>> {
        if line.iter().all(|p| self.holds(*p)) {
            return vec![line.to_vec()];
        }
        let mut parts: Vec<Vec<Local>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let (a, b) = (pair[0], pair[1]);
            let Some((from, to)) = self.segment(a, b) else {
                open = false;
                continue;
            };
            match parts.last_mut() {
                Some(part) if open => part.push(to),
                _ => parts.push(vec![from, to]),
            }
            open = to == b;
        }
        parts
    }

    fn segment(self, a: Local, b: Local) -> Option<(Local, Local)> {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
        let edges = [
            (-dx, a.x - self.low),
            (dx, self.high - a.x),
            (-dy, a.y - self.low),
            (dy, self.high - a.y),
        ];
        for (p, q) in edges {
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                enter = enter.max(q / p);
            } else {
                leave = leave.min(q / p);
            }
        }
        if enter > leave {
            return None;
        }
        let at = |t: f64| Local {
            x: dx.mul_add(t, a.x),
            y: dy.mul_add(t, a.y),
        };
        let from = if enter > 0.0 { at(enter) } else { a };
        let to = if leave < 1.0 { at(leave) } else { b };
        Some((from, to))
    }

    /// A ring cut to the square (Sutherland and Hodgman 1974); empty if nothing is inside. Open or closed rings are accepted,
    /// the answer is open.
    #[must_use]
    pub fn ring(self, ring: &[Local]) -> Vec<Local> {
        let mut points: Vec<Local> = ring.to_vec();
        if points.len() > 1 && points.first() == points.last() {
            points.pop();
        }
        if points.iter().all(|p| self.holds(*p)) {
            return points;
        }
        let (x, y): (Part, Part) = (|p| p.x, |p| p.y);
        for (part, keep_above) in [(x, true), (x, false), (y, true), (y, false)] {
            let edge = if keep_above { self.low } else { self.high };
            let inside = |p: &Local| {
                if keep_above {
                    part(p) >= edge
                } else {
                    part(p) <= edge
                }
            };
            points = cut(&points, inside, |a, b| {
                let t = (edge - part(a)) / (part(b) - part(a));
                Local {
                    x: (b.x - a.x).mul_add(t, a.x),
                    y: (b.y - a.y).mul_add(t, a.y),
                }
            });
        }
        points
    }
}

/// Takes one part of a position.
type Part = fn(&Local) -> f64;

/// One half-plane of the ring clip.
fn cut(
    points: &[Local],
    inside: impl Fn(&Local) -> bool,
    meet: impl Fn(&Local, &Local) -> Local,
) -> Vec<Local> {
    let mut out = Vec::with_capacity(points.len() + 4);
    let Some(mut before) = points.last() else {
        return out;
    };
    for point in points {
        match (inside(before), inside(point)) {
            (true, true) => out.push(*point),
            (true, false) => out.push(meet(before, point)),
            (false, true) => out.extend([meet(before, point), *point]),
            (false, false) => {}
        }
        before = point;
    }
    out
}

/// Leaves out vertices nearer than `tolerance` units to the simplified line (Douglas and Peucker 1973); ends stay.
///
/// Cost O(n log n) usually, O(n²) at worst; no recursion.
#[must_use]
pub fn simplify(line: &[Local], tolerance: f64) -> Vec<Local> {
    if line.len() < 3 || tolerance <= 0.0 {
        return line.to_vec();
    }
    let mut keep = vec![false; line.len()];
    let last = line.len() - 1;
    keep[0] = true;
    keep[last] = true;
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let far = (from + 1..to)
            .map(|i| (i, square_off(line[i], line[from], line[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, square)) = far
            && square > tolerance * tolerance
        {
            keep[at] = true;
            spans.push((from, at));
            spans.push((at, to));
        }
    }
    line.iter()
        .zip(&keep)
        .filter(|(_, kept)| **kept)
        .map(|(p, _)| *p)
        .collect()
}

/// Square of the distance from a point to a segment.
fn square_off(p: Local, a: Local, b: Local) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx.mul_add(dx, dy * dy);
    let t = if length > 0.0 {
        (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ex, ey) = (dx.mul_add(t, a.x) - p.x, dy.mul_add(t, a.y) - p.y);
    ex.mul_add(ex, ey * ey)
}

/// A value of a tag. Whole numbers stay whole, so that MVT readers need no doubles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text, cut to [`MAX_TEXT_BYTES`].
    Text(&'a str),
    /// Whole number.
    Int(i64),
    /// Fraction, seven digits.
    Float(f32),
    /// Yes or no.
    Bool(bool),
}

/// Tags of one feature in the order they are written.
pub type Tags<'a> = [(&'a str, Value<'a>)];

/// A polygon in tile units: outer ring, then its holes.
pub type Rings = Vec<Vec<Local>>;

/// A tile under construction; layers appear in the order they were added.
#[derive(Debug, Default)]
pub struct TileWriter {
    bytes: Vec<u8>,
}

impl TileWriter {
    /// An empty tile.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finished layer; one without features leaves no trace.
    pub fn push(&mut self, layer: LayerWriter) {
        if let Some(builder) = layer.builder
            && builder.num_features() > 0
        {
            self.bytes.extend(builder.encode());
        }
    }

    /// The bytes, or `None` for an empty tile (answered with 204).
    #[must_use]
    pub fn finish(self) -> Option<Vec<u8>> {
        (!self.bytes.is_empty()).then_some(self.bytes)
    }
}

/// A layer under construction.
#[derive(Debug)]
pub struct LayerWriter {
    builder: Option<MvtLayerBuilder>,
}

impl LayerWriter {
    /// A layer with a name that is unique in its tile.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            builder: MvtLayerBuilder::new(name).ok(),
        }
    }

    /// Features so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.builder
            .as_ref()
            .map_or(0, MvtLayerBuilder::num_features)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a point; `id` is left out if it is not below 2⁵³. Callers keep ids unique within the layer.
    pub fn point(&mut self, id: Option<u64>, at: Local, tags: &Tags<'_>) {
        self.add(MvtGeomType::Point, id, tags, |feature| {
            feature.points([snap(at)]).map(|_| ())
        });
    }

    /// Adds a line of one or more parts, already clipped; parts that shrink to one position are left out.
    pub fn line(&mut self, id: Option<u64>, parts: &[Vec<Local>], tags: &Tags<'_>) {
        let parts: Vec<Vec<MvtCoord>> = parts
            .iter()
            .map(|part| snap_line(part))
            .filter(|part| part.len() > 1)
            .collect();
        if parts.is_empty() {
            return;
        }
        self.add(MvtGeomType::LineString, id, tags, |feature| {
            for part in parts {
                feature.line(part)?;
            }
            Ok(())
        });
    }

    /// Adds a surface of one or more polygons, already clipped; rings without area are left out, with the holes of such a
    /// ring. Winding is set as MVT wants it.
    pub fn surface(&mut self, id: Option<u64>, polygons: &[Rings], tags: &Tags<'_>) {
        let mut rings: Vec<(Vec<MvtCoord>, bool)> = Vec::new();
        for polygon in polygons {
            for (index, ring) in polygon.iter().enumerate() {
                match snap_ring(ring) {
                    Some(ring) => rings.push((ring, index == 0)),
                    None if index == 0 => break,
                    None => {}
                }
            }
        }
        if rings.is_empty() {
            return;
        }
        self.add(MvtGeomType::Polygon, id, tags, |feature| {
            for (ring, outer) in rings {
                feature.ring(ring, outer)?;
            }
            Ok(())
        });
    }

    fn add(
        &mut self,
        kind: MvtGeomType,
        id: Option<u64>,
        tags: &Tags<'_>,
        draw: impl FnOnce(&mut MvtFeatureBuilder) -> MvtResult<()>,
    ) {
        let Some(layer) = self.builder.take() else {
            return;
        };
        let mut feature = layer.feature_of(kind);
        feature.id(id.filter(|id| *id < 1 << 53));
        let written = draw(&mut feature).and_then(|()| tag_all(&mut feature, tags));
        debug_assert!(written.is_ok(), "geometry was checked before: {written:?}");
        self.builder = Some(feature.end());
    }
}

fn tag_all(feature: &mut MvtFeatureBuilder, tags: &Tags<'_>) -> MvtResult<()> {
    for (key, value) in tags {
        let value = match *value {
            Value::Text(text) => MvtValueRef::String(short(text)),
            Value::Int(v) => u64::try_from(v).map_or(MvtValueRef::SInt(v), MvtValueRef::UInt),
            Value::Float(v) => MvtValueRef::Float(v),
            Value::Bool(v) => MvtValueRef::Bool(v),
        };
        feature.tag_ref(key, value)?;
    }
    Ok(())
}

/// A text of at most [`MAX_TEXT_BYTES`], cut between characters.
fn short(text: &str) -> &str {
    if text.len() <= MAX_TEXT_BYTES {
        return text;
    }
    let end = text
        .char_indices()
        .map(|(at, _)| at)
        .take_while(|at| *at <= MAX_TEXT_BYTES)
        .last()
        .unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clipped coordinates are within some thousands"
)]
fn snap(p: Local) -> MvtCoord {
    MvtCoord {
        x: p.x.round() as i32,
        y: p.y.round() as i32,
    }
}

fn snap_line(line: &[Local]) -> Vec<MvtCoord> {
    let mut out: Vec<MvtCoord> = line.iter().map(|p| snap(*p)).collect();
    out.dedup();
    out
}

/// A ring on whole units, `None` if it has no area left.
fn snap_ring(ring: &[Local]) -> Option<Vec<MvtCoord>> {
    let mut out = snap_line(ring);
    while out.len() > 1 && out.first() == out.last() {
        out.pop();
    }
    if out.len() < 3 {
        return None;
    }
    let next = out.iter().cycle().skip(1);
    let area: i64 = out
        .iter()
        .zip(next)
        .map(|(a, b)| i64::from(a.x) * i64::from(b.y) - i64::from(b.x) * i64::from(a.y))
        .sum();
    (area != 0).then_some(out)
}
