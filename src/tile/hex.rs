//! How many selected tickets and voices does each hexagon of one size hold?

use std::collections::BTreeMap;

use h3o::{CellIndex, Resolution};

use crate::index::{Index, Selection};
use crate::spatial::TileId;
use crate::spatial::grid::{FINEST, resolution_at};

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

/// Sums of the cells of these rows. Rows are sorted by cell first, so that voices are told apart with one mark per petitioner.
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

/// The resolution of the cells on a tile of a zoom, 4 to 11.
#[must_use]
pub fn resolution(zoom: u8) -> u8 {
    u8::from(resolution_at(zoom)).min(u8::from(FINEST))
}
