//! How many selected tickets does each hexagon on this tile hold?
//!
//! A hexagon belongs to every tile that its polygon touches, always with the value of the whole cell.

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng, Resolution};

use crate::index::{Index, Selection};
use crate::spatial::grid::{FINEST, resolution_at};
use crate::spatial::{LonLat, TileId, World};
use crate::tile::encode::{Clip, LayerWriter, Local, TileWriter, Value, local};

/// Cells with fewer tickets than this are not counted out to roles without address rights.
const LOW: u32 = 3;

/// What a reader may see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HexView {
    /// Values below three are withheld: the cell carries `low` instead of numbers.
    pub withhold_low: bool,
}

impl HexView {
    /// Whether the numbers of a cell are withheld from this reader.
    #[must_use]
    pub const fn withholds(self, sum: Sum) -> bool {
        self.withhold_low && sum.count < LOW
    }
}

/// What a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Tickets.
    pub count: u32,
    /// Distinct petitioners; unknown ones count one by one.
    pub petitioners: u32,
}

/// Every cell of a resolution with a ticket of the selection, ascending: the same sums as on the tiles. Cost: O(n).
#[must_use]
pub fn all(index: &Index, selection: &Selection, res: Resolution) -> BTreeMap<CellIndex, Sum> {
    // As on the tiles: a ticket that is placed only to a road or an area stands in no cell.
    let spots = TileId::new(0, 0, 0).map_or(0..0, |world| index.rows_in(world));
    summed(index, selection.rows_within(spots), res)
}

/// The tile of a selection, `None` if no cell with a ticket touches it.
#[must_use]
pub fn tile(index: &Index, selection: &Selection, at: TileId, view: HexView) -> Option<Vec<u8>> {
    let res = resolution_at(at.z);
    let mut layer = LayerWriter::new("hex");
    for (cell, sum) in sums(index, selection, at, res) {
        draw(&mut layer, cell, sum, (at, view));
    }
    let mut writer = TileWriter::new();
    writer.push(layer);
    writer.finish()
}

/// Whole-cell sums of all cells with a ticket on the tile or in a quarter of a tile around it: a cell is at most a sixth
/// of a tile wide. Rows are sorted by cell first, so that voices are told apart with one mark per petitioner.
fn sums(
    index: &Index,
    selection: &Selection,
    at: TileId,
    res: Resolution,
) -> BTreeMap<CellIndex, Sum> {
    let rows = around(at).flat_map(|t| selection.rows_within(index.rows_in(t)));
    summed(index, rows, res)
}

/// Sums of the cells of these rows.
fn summed(
    index: &Index,
    chosen: impl Iterator<Item = usize>,
    res: Resolution,
) -> BTreeMap<CellIndex, Sum> {
    let mut starts = vec![0_u32; index.cells_at(res) + 1];
    let mut rows: Vec<(u32, u32)> = Vec::new();
    // A home stands at the middle of its hexagon of resolution 9: in finer cells it would be a pile where nothing is.
    let fine = res > Resolution::Nine;
    for row in chosen.filter(|row| !(fine && index.is_coarse(*row))) {
        if let Some(code) = index.cell_code(row, res) {
            starts[code as usize + 1] += 1;
            rows.push((code, index.petitioner_code(row).unwrap_or(ANONYMOUS)));
        }
    }
    for code in 1..starts.len() {
        starts[code] += starts[code - 1];
    }
    let mut next = starts.clone();
    let mut voices = vec![ANONYMOUS; rows.len()];
    for (code, who) in rows {
        let slot = &mut next[code as usize];
        voices[*slot as usize] = who;
        *slot += 1;
    }
    let mut marks = vec![u32::MAX; index.petitioner_codes()];
    let mut sums = BTreeMap::new();
    for (code, bounds) in (0_u32..).zip(starts.windows(2)) {
        let own = &voices[bounds[0] as usize..bounds[1] as usize];
        if own.is_empty() {
            continue;
        }
        let fresh = own.iter().filter(|who| is_new(&mut marks, **who, code));
        let petitioners = u32::try_from(fresh.count()).unwrap_or(u32::MAX);
        if let Some(cell) = index.cell(res, code) {
            let count = bounds[1] - bounds[0];
            sums.insert(cell, Sum { count, petitioners });
        }
    }
    sums
}

/// Stands for a petitioner who is not known: a voice of its own.
const ANONYMOUS: u32 = u32::MAX;

/// Whether a voice was not yet heard in a cell.
fn is_new(marks: &mut [u32], who: u32, cell: u32) -> bool {
    match marks.get_mut(who as usize) {
        Some(mark) if *mark == cell => false,
        Some(mark) => {
            *mark = cell;
            true
        }
        None => true,
    }
}

/// Beyond this zoom cells no longer grow finer, so tickets are gathered around the tile of this zoom.
const DEEPEST: u8 = 16;

/// Zooms between a tile and the pieces it is gathered from: pieces are a quarter of it wide.
const FINER: u8 = 2;

/// The sixteen pieces of a tile and those that touch it from outside.
fn around(at: TileId) -> impl Iterator<Item = TileId> {
    let up = at.z.saturating_sub(DEEPEST);
    let z = at.z - up + FINER;
    let n = 1_i64 << z;
    let side = move |v: u32| {
        let first = i64::from(v >> up) << FINER;
        (first - 1..=first + (1 << FINER)).filter(move |w| (0..n).contains(w))
    };
    side(at.y)
        .flat_map(move |y| side(at.x).map(move |x| (x, y)))
        .filter_map(move |(x, y)| TileId::new(z, u32::try_from(x).ok()?, u32::try_from(y).ok()?))
}

fn draw(layer: &mut LayerWriter, cell: CellIndex, sum: Sum, (at, view): (TileId, HexView)) {
    let ring = Clip::buffered(64).ring(&outline(cell, at));
    if ring.len() < 3 {
        return;
    }
    let name = cell.to_string();
    let id = u64::from(cell) & ((1 << 52) - 1);
    let h3 = ("h3", Value::Text(&name));
    if view.withholds(sum) {
        layer.surface(Some(id), &[vec![ring]], &[h3, ("low", Value::Bool(true))]);
        return;
    }
    let tags = [
        h3,
        ("count", Value::Int(i64::from(sum.count))),
        ("petitioners", Value::Int(i64::from(sum.petitioners))),
    ];
    layer.surface(Some(id), &[vec![ring]], &tags);
}

fn outline(cell: CellIndex, at: TileId) -> Vec<Local> {
    let place = |p: &LatLng| {
        let point = LonLat {
            lon: p.lng(),
            lat: p.lat(),
        };
        local(at, World::of(point))
    };
    cell.boundary().iter().map(place).collect()
}

/// The resolution of the cells on a tile of a zoom, 4 to 11.
#[must_use]
pub fn resolution(zoom: u8) -> u8 {
    u8::from(resolution_at(zoom)).min(u8::from(FINEST))
}
