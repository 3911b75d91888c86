//! Into which classes do the values of the cells fall? One definition for tiles, legend and downloads.

use h3o::Resolution;
use serde::Serialize;

use crate::tile::hex::Sum;

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

impl Classes {
    /// Classes of all cells of a size, wherever the map stands: they hold still while it is panned. The cells of two filters given
    /// together have one set of classes.
    #[must_use]
    pub fn of(res: Resolution, cells: impl Iterator<Item = Sum>) -> Self {
        let (mut count, mut petitioners): (Vec<u32>, Vec<u32>) =
            cells.map(|s| (s.count, s.petitioners)).unzip();
        Self {
            res: u8::from(res),
            cells: count.len(),
            count: bounds(&mut count),
            petitioners: bounds(&mut petitioners),
        }
    }
}

/// The colour of a value on a ramp of five steps, 0 to 4: fewer classes are spread over the ramp, so that two never look alike; one
/// class alone is the second step.
#[must_use]
pub fn step(value: u32, bounds: &[u32]) -> u32 {
    let class = bounds.partition_point(|b| *b <= value);
    let last = CLASSES - 1;
    let spread = |n: usize| (2 * class * last + n) / (2 * n);
    let at = if bounds.is_empty() {
        1
    } else {
        spread(bounds.len())
    };
    u32::try_from(at.min(last)).unwrap_or(0)
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
    use super::{bounds, step};

    #[test]
    fn two_classes_are_the_ends_of_the_ramp_and_one_alone_is_no_end() {
        assert_eq!([1, 4, 5, 9].map(|v| step(v, &[5])), [0, 0, 4, 4]);
        assert_eq!([1, 3, 7].map(|v| step(v, &[3, 7])), [0, 2, 4]);
        let four = [1, 2, 3, 4].map(|v| step(v, &[2, 3, 4]));
        assert_eq!(four, [0, 1, 3, 4]);
        assert_eq!(
            [1, 2, 3, 4, 5].map(|v| step(v, &[2, 3, 4, 5])),
            [0, 1, 2, 3, 4]
        );
        assert_eq!(step(7, &[]), 1);
    }

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
