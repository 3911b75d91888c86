//! How many selected tickets and voices does each hexagon of one size hold?

use std::collections::BTreeMap;

use h3o::{CellIndex, LatLng, Resolution};

use crate::index::{Index, Selection};
use crate::spatial::grid::{FINEST, resolution_at};
use crate::spatial::{LonLat, TileId, World};

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

/// What one cell holds: its line of [`all`], `None` if no ticket of the selection stands in it. Cost: grows with the tickets around
/// the cell.
#[must_use]
pub fn one(index: &Index, selection: &Selection, cell: CellIndex) -> Option<Sum> {
    let res = cell.resolution();
    let code = index.code_of_cell(cell)?;
    let mut count = 0;
    let mut unknown = 0;
    let mut voices: Vec<u32> = Vec::new();
    for tile in around(cell) {
        for row in selection.rows_within(index.rows_in(tile)) {
            if index.cell_code(row, res) != Some(code) || !counts(index, row, res) {
                continue;
            }
            count += 1;
            match index.petitioner_code(row) {
                Some(who) => voices.push(who),
                None => unknown += 1,
            }
        }
    }
    voices.sort_unstable();
    voices.dedup();
    let petitioners = unknown + u32::try_from(voices.len()).unwrap_or(u32::MAX);
    (count > 0).then_some(Sum { count, petitioners })
}

/// A corner or middle of a cell on the world map.
pub(super) fn world(p: &LatLng) -> World {
    World::of(LonLat {
        lon: p.lng(),
        lat: p.lat(),
    })
}

/// The tiles that hold a cell: at most four. A cell of one size is counted as the finest cells below it, which reach a little over
/// its six sides, so half its width is added on each side.
fn around(cell: CellIndex) -> impl Iterator<Item = TileId> {
    let corners = cell.boundary();
    let bound = |axis: fn(World) -> u32| {
        let line = corners.iter().map(|p| axis(world(p)));
        let (low, high) = line.fold((u32::MAX, 0), |(a, b), v| (v.min(a), v.max(b)));
        let more = high.saturating_sub(low) / 2;
        (low.saturating_sub(more), high.saturating_add(more))
    };
    let (x, y) = (bound(|w| w.x), bound(|w| w.y));
    let widest = (x.1 - x.0).max(y.1 - y.0);
    let zoom = widest.leading_zeros().min(u32::from(TileId::MAX_ZOOM));
    let tiles = move |v: u32| v.checked_shr(32 - zoom).unwrap_or(0);
    let z = u8::try_from(zoom).unwrap_or(0);
    (tiles(y.0)..=tiles(y.1))
        .flat_map(move |row| (tiles(x.0)..=tiles(x.1)).map(move |column| (column, row)))
        .filter_map(move |(column, row)| TileId::new(z, column, row))
}

/// Whether a row counts in cells of a size. A home stands at the middle of its hexagon of resolution 9: in finer cells it would be a
/// pile where nothing is.
fn counts(index: &Index, row: usize, res: Resolution) -> bool {
    res <= Resolution::Nine || !index.is_coarse(row)
}

/// Sums of the cells of these rows. Rows are sorted by cell first, so that voices are told apart with one mark per petitioner.
fn summed(
    index: &Index,
    chosen: impl Iterator<Item = usize>,
    res: Resolution,
) -> BTreeMap<CellIndex, Sum> {
    let mut starts = vec![0_u32; index.cells_at(res) + 1];
    let mut rows: Vec<(u32, u32)> = Vec::new();
    for row in chosen.filter(|row| counts(index, *row, res)) {
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

/// The resolution of the cells on a tile of a zoom, 4 to 11.
#[must_use]
pub fn resolution(zoom: u8) -> u8 {
    u8::from(resolution_at(zoom)).min(u8::from(FINEST))
}
