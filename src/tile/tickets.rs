//! Where are the selected tickets on this tile: clusters on a grid when there are many, single marks when there are few?
//!
//! Layers `clusters` (64 × 64 squares a tile, attributes named as tippecanoe and supercluster do) and `tickets`.

use crate::index::row::{names_a_spot, state_code};
use crate::index::{Index, Selection};
use crate::spatial::{TileId, World};
use crate::ticket::{State, TicketId};
use crate::tile::encode::{EXTENT, LayerWriter, TileWriter, Value, local};

/// Squares along one side of a tile.
const GRID: u32 = 64;

/// Fewer tickets than this in a tile are shown one by one at any zoom.
const FEW: usize = 500;

/// From this zoom on tickets are shown one by one.
const NEAR_ZOOM: u8 = 15;

/// More tickets than this are clustered even when near, so that no tile grows beyond 200 kB.
const MOST: usize = 6000;

/// Up to this many clusters of a tile carry the box of their tickets; more would make the tile too heavy.
const BOXED: usize = 600;

/// Sums of one square.
#[derive(Clone, Copy, Default)]
struct Square {
    count: u32,
    open: u32,
    redo: u32,
    x: u64,
    y: u64,
    low: (u32, u32),
    high: (u32, u32),
}

/// The tile of a selection, `None` if it holds no ticket. Cost: about 4 ms for 783,000 tickets in the tile.
#[must_use]
pub fn tile(index: &Index, selection: &Selection, at: TileId) -> Option<Vec<u8>> {
    let run = index.rows_in(at);
    let inside = selection.count_within(run.clone());
    let mut writer = TileWriter::new();
    if inside < FEW || (at.z >= NEAR_ZOOM && inside <= MOST) {
        writer.push(single(index, selection.rows_within(run), at));
    } else {
        writer.push(clusters(index, selection.rows_within(run), at));
    }
    writer.finish()
}

fn single(index: &Index, rows: impl Iterator<Item = usize>, at: TileId) -> LayerWriter {
    let mut layer = LayerWriter::new("tickets");
    for row in rows {
        debug_assert!(names_a_spot(index.precision(row)), "only spots are drawn");
        let Some(world) = index.world(row) else {
            continue;
        };
        let TicketId(no) = index.ticket(row);
        let number = no.to_string();
        let kind = index.dicts().categories.get(index.category(row));
        let state = index.state(row);
        let tags = [
            ("no", Value::Text(&number)),
            ("kind", Value::Text(kind.map_or("", |k| &k.name))),
            ("channel", Value::Text(index.channel(row).code())),
            ("state", Value::Text(state_code(state))),
            ("closed", Value::Bool(!is_open(state))),
            ("precision", Value::Text(index.precision(row).code())),
            ("radius_m", Value::Int(i64::from(index.radius_m(row)))),
        ];
        layer.point(u64::try_from(no).ok(), local(at, world), &tags);
    }
    layer
}

fn clusters(index: &Index, rows: impl Iterator<Item = usize>, at: TileId) -> LayerWriter {
    let kinds = Kinds::new(index);
    let mut squares = vec![Square::default(); (GRID * GRID) as usize];
    let mut by_kind = vec![0_u32; squares.len() * kinds.width];
    let (west, north) = at.origin();
    // A tile of zoom 22 is 2^10 units wide, so there are always at least six bits for the grid.
    let shift = at.shift() - GRID.trailing_zeros();
    for row in rows {
        let Some(world) = index.world(row) else {
            continue;
        };
        let (dx, dy) = (u64::from(world.x) - west, u64::from(world.y) - north);
        let cell = whole((dy >> shift) * u64::from(GRID) + (dx >> shift));
        squares[cell].add(index, row, (world.x, world.y), (dx, dy));
        by_kind[cell * kinds.width + kinds.of(index.category(row))] += 1;
    }
    let scale = f64::from(EXTENT) / f64::from(at.shift()).exp2();
    let boxed = squares.iter().filter(|s| s.count > 0).count() <= BOXED;
    let mut layer = LayerWriter::new("clusters");
    for (id, square) in (0_u64..).zip(&squares).filter(|(_, s)| s.count > 0) {
        let from = whole(id) * kinds.width;
        let top = kinds.top(index, &by_kind[from..from + kinds.width]);
        draw(&mut layer, id, square, (top, scale, boxed));
    }
    layer
}

/// A square's number, at most 4,095.
fn whole(square: u64) -> usize {
    usize::try_from(square).unwrap_or(0)
}

impl Square {
    fn add(&mut self, index: &Index, row: usize, at: (u32, u32), (dx, dy): (u64, u64)) {
        if self.count == 0 {
            self.low = at;
            self.high = at;
        }
        self.count += 1;
        self.open += u32::from(is_open(index.state(row)));
        self.redo += u32::from(index.redo(row) > 0);
        self.x += dx;
        self.y += dy;
        self.low = (self.low.0.min(at.0), self.low.1.min(at.1));
        self.high = (self.high.0.max(at.0), self.high.1.max(at.1));
    }

    /// West, south, east, north of its tickets in degrees, for zooming to them.
    fn bounds(&self) -> String {
        let corner = |x: u32, y: u32| World { x, y }.lonlat();
        let (nw, se) = (
            corner(self.low.0, self.low.1),
            corner(self.high.0, self.high.1),
        );
        format!("{:.5},{:.5},{:.5},{:.5}", nw.lon, se.lat, se.lon, nw.lat)
    }
}

fn draw(layer: &mut LayerWriter, id: u64, square: &Square, (top, scale, boxed): (&str, f64, bool)) {
    let n = f64::from(square.count);
    let mean = |sum: u64| sum as f64 / n * scale;
    let short = abbreviated(square.count);
    let root = i64::from(square.count.isqrt());
    let bounds = square.bounds();
    let tags = [
        ("clustered", Value::Bool(true)),
        ("point_count", Value::Int(i64::from(square.count))),
        ("point_count_abbreviated", Value::Text(&short)),
        ("sqrt_point_count", Value::Int(root)),
        ("kind_top", Value::Text(top)),
        ("open", Value::Int(i64::from(square.open))),
        ("redo", Value::Int(i64::from(square.redo))),
        ("bbox", Value::Text(&bounds)),
    ];
    let tags = if boxed { &tags[..] } else { &tags[..7] };
    let place = geo::Coord {
        x: mean(square.x),
        y: mean(square.y),
    };
    layer.point(Some(id), place, tags);
}

/// Whether work on a ticket goes on.
const fn is_open(state: State) -> bool {
    !matches!(
        state,
        State::Closed | State::Archived | State::Rejected | State::Merged | State::Withdrawn
    )
}

/// 999, 1.2k, 12k, 1.2M.
fn abbreviated(n: u32) -> String {
    let short = |v: f64, unit: &str| {
        if v < 10.0 {
            format!("{:.1}{unit}", (v * 10.0).floor() / 10.0)
        } else {
            format!("{:.0}{unit}", v.floor())
        }
    };
    match n {
        0..1000 => n.to_string(),
        1000..1_000_000 => short(f64::from(n) / 1e3, "k"),
        _ => short(f64::from(n) / 1e6, "M"),
    }
}

/// Categories by their root, so that the table stays narrow.
struct Kinds {
    root: Vec<usize>,
    names: Vec<u16>,
    width: usize,
}

impl Kinds {
    fn new(index: &Index) -> Self {
        let dict = &index.dicts().categories;
        let mut names: Vec<u16> = Vec::new();
        let mut root: Vec<usize> = Vec::new();
        for (code, entry) in dict.iter() {
            let at = if let Some(parent) = entry.parent {
                root.get(usize::from(parent)).copied().unwrap_or(0)
            } else {
                names.push(code);
                names.len() - 1
            };
            root.push(at);
        }
        let width = names.len() + 1;
        Self { root, names, width }
    }

    /// Column of a category; the last one is "without".
    fn of(&self, code: u16) -> usize {
        self.root
            .get(usize::from(code))
            .copied()
            .unwrap_or(self.width - 1)
    }

    /// Name of the most frequent root; ties: the first of the dictionary.
    fn top<'a>(&self, index: &'a Index, counts: &[u32]) -> &'a str {
        let best = (0..counts.len()).max_by_key(|i| (counts[*i], std::cmp::Reverse(*i)));
        let code = best.and_then(|i| self.names.get(i));
        let entry = code.and_then(|c| index.dicts().categories.get(*c));
        entry.map_or("", |e| &e.name)
    }
}
