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

#[derive(Clone, Copy, Default)]
struct Sum {
    count: u32,
    petitioners: u32,
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

/// Whole-cell sums of all cells with a ticket on the tile or on its neighbours; a cell is always smaller than a tile.
fn sums(
    index: &Index,
    selection: &Selection,
    at: TileId,
    res: Resolution,
) -> BTreeMap<CellIndex, Sum> {
    let mut counts = vec![Sum::default(); index.cells_at(res)];
    let mut seen = PairSet::new(around(at).map(|t| index.rows_in(t).len()).sum());
    for run in around(at).map(|t| index.rows_in(t)) {
        for row in selection.rows_within(run) {
            let Some(code) = index.cell_code(row, res) else {
                continue;
            };
            let sum = &mut counts[code as usize];
            sum.count += 1;
            let fresh = index
                .petitioner_code(row)
                .is_none_or(|who| seen.insert(code, who));
            sum.petitioners += u32::from(fresh);
        }
    }
    (0_u32..)
        .zip(counts)
        .filter(|(_, sum)| sum.count > 0)
        .filter_map(|(code, sum)| Some((index.cell(res, code)?, sum)))
        .collect()
}

/// A tile and its neighbours, each once.
fn around(at: TileId) -> impl Iterator<Item = TileId> {
    let n = 1_i64 << at.z;
    let step = i64::from(at.z > 0);
    let side = move |v: u32| {
        let v = i64::from(v);
        (v - step..=v + step).filter(move |w| (0..n).contains(w))
    };
    side(at.y)
        .flat_map(move |y| side(at.x).map(move |x| (x, y)))
        .filter_map(move |(x, y)| TileId::new(at.z, u32::try_from(x).ok()?, u32::try_from(y).ok()?))
}

fn draw(layer: &mut LayerWriter, cell: CellIndex, sum: Sum, (at, view): (TileId, HexView)) {
    let ring = Clip::buffered(64).ring(&outline(cell, at));
    if ring.len() < 3 {
        return;
    }
    let name = cell.to_string();
    let id = u64::from(cell) & ((1 << 52) - 1);
    let h3 = ("h3", Value::Text(&name));
    if view.withhold_low && sum.count < LOW {
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

/// Pairs of cell and petitioner seen so far: open addressing, at most half full.
struct PairSet {
    slots: Vec<u64>,
    mask: usize,
}

impl PairSet {
    fn new(most: usize) -> Self {
        let size = (most * 2).next_power_of_two().max(16);
        Self {
            slots: vec![u64::MAX; size],
            mask: size - 1,
        }
    }

    /// Whether the pair is new.
    fn insert(&mut self, cell: u32, who: u32) -> bool {
        let key = u64::from(cell) << 32 | u64::from(who);
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut at = (mixed >> 20) as usize & self.mask;
        loop {
            match self.slots[at] {
                u64::MAX => {
                    self.slots[at] = key;
                    return true;
                }
                held if held == key => return false,
                _ => at = (at + 1) & self.mask,
            }
        }
    }
}

/// The resolution of the cells on a tile of a zoom, 4 to 11.
#[must_use]
pub fn resolution(zoom: u8) -> u8 {
    u8::from(resolution_at(zoom)).min(u8::from(FINEST))
}
