//! Into which classes do the values of the cells fall? One definition for tiles, legend and downloads.

use h3o::Resolution;
use serde::Serialize;

use crate::index::{Index, Selection};
use crate::tile::hex::{self, HexView};

/// Classes of a map: five colours are told apart by everybody.
const CLASSES: usize = 5;

/// Lower bounds of the classes after the first, by what is counted, for the cells of one size.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Classes {
    /// H3 resolution of the cells.
    pub res: u8,
    /// Cells with a number.
    pub cells: usize,
    /// Bounds of tickets per cell.
    pub count: Vec<u32>,
    /// Bounds of petitioners per cell.
    pub petitioners: Vec<u32>,
}

/// Classes of all cells of a selection that the reader sees with a number, wherever the map stands: they hold still while it is panned.
/// Cost: as a hexagon tile that holds everything.
#[must_use]
pub fn classes(index: &Index, selection: &Selection, res: Resolution, view: HexView) -> Classes {
    let sums = hex::all(index, selection, res).into_values();
    let sums = sums.filter(|sum| !view.withholds(*sum));
    let (mut count, mut petitioners): (Vec<u32>, Vec<u32>) =
        sums.map(|s| (s.count, s.petitioners)).unzip();
    Classes {
        res: u8::from(res),
        cells: count.len(),
        count: bounds(&mut count),
        petitioners: bounds(&mut petitioners),
    }
}

/// Lower bounds of the classes after the first, strictly rising: each class takes its even share of the cells that are left, and
/// equal values stay together, so that many cells with one ticket do not swallow the classes above. Few distinct values give
/// fewer classes; no value gives none. The values are sorted in place.
#[must_use]
pub fn bounds(values: &mut Vec<u32>) -> Vec<u32> {
    values.retain(|v| *v > 0);
    values.sort_unstable();
    let mut found: Vec<u32> = Vec::new();
    let mut rest = values.as_slice();
    for classes in (2..=CLASSES).rev() {
        let Some(&least) = rest.first() else { break };
        let even = rest[rest.len() / classes];
        let above = rest.partition_point(|v| *v <= least);
        let Some(&bound) = rest.get(above).map(|next| next.max(&even)) else {
            break;
        };
        found.push(bound);
        rest = &rest[rest.partition_point(|v| *v < bound)..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::bounds;

    #[test]
    fn five_classes_hold_a_fifth_of_the_cells_each() {
        let mut values: Vec<u32> = (1..=100).rev().collect();
        assert_eq!(bounds(&mut values), [21, 41, 61, 81]);
    }

    #[test]
    fn equal_values_make_no_empty_class() {
        assert_eq!(bounds(&mut vec![1; 50]), [0_u32; 0]);
        assert_eq!(bounds(&mut vec![0, 0]), [0_u32; 0]);
        assert_eq!(bounds(&mut Vec::new()), [0_u32; 0]);
        let mut skewed = vec![1; 90];
        skewed.extend([5; 10]);
        assert_eq!(bounds(&mut skewed), [5]);
        let mut two = vec![1; 50];
        two.extend([7; 50]);
        assert_eq!(bounds(&mut two), [7]);
    }
}
