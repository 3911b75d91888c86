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

/// What the cells of a map hold, each value once with its cells: what classes are cut from, followed as single cells change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    count: Occurring,
    petitioners: Occurring,
}

impl Spread {
    /// Reads cells. Cost: a sort of their values.
    #[must_use]
    pub fn of(cells: impl Iterator<Item = Sum>) -> Self {
        let (count, petitioners): (Vec<u32>, Vec<u32>) =
            cells.map(|s| (s.count, s.petitioners)).unzip();
        Self {
            count: Occurring::of(count),
            petitioners: Occurring::of(petitioners),
        }
    }

    /// A cell changed from one number to another; `None` = it has none. Cost: grows with the distinct values.
    pub fn change(&mut self, from: Option<Sum>, to: Option<Sum>) {
        self.count
            .change(from.map(|s| s.count), to.map(|s| s.count));
        let voices = |sum: Option<Sum>| sum.map(|s| s.petitioners);
        self.petitioners.change(voices(from), voices(to));
    }

    /// Classes of all cells of a size, wherever the map stands: they hold still while it is panned.
    #[must_use]
    pub fn classes(&self, res: Resolution) -> Classes {
        Classes {
            res: u8::from(res),
            cells: self.count.0.iter().map(|(_, cells)| cells).sum(),
            count: self.count.bounds(),
            petitioners: self.petitioners.bounds(),
        }
    }
}

impl Classes {
    /// Classes of all cells of a size. The cells of two filters given together have one set of classes.
    #[must_use]
    pub fn of(res: Resolution, cells: impl Iterator<Item = Sum>) -> Self {
        Spread::of(cells).classes(res)
    }
}

/// Values in rising order, each with the number of cells that hold it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Occurring(Vec<(u32, usize)>);

impl Occurring {
    fn of(mut values: Vec<u32>) -> Self {
        values.sort_unstable();
        let runs = values.chunk_by(|a, b| a == b);
        Self(runs.map(|run| (run[0], run.len())).collect())
    }

    fn change(&mut self, from: Option<u32>, to: Option<u32>) {
        if let Some(Ok(at)) = from.map(|v| self.at(v)) {
            self.0[at].1 -= 1;
            if self.0[at].1 == 0 {
                self.0.remove(at);
            }
        }
        match to.map(|v| (v, self.at(v))) {
            Some((_, Ok(at))) => self.0[at].1 += 1,
            Some((value, Err(at))) => self.0.insert(at, (value, 1)),
            None => {}
        }
    }

    fn at(&self, value: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&value, |(v, _)| *v)
    }

    /// Lower bounds of the classes after the first, strictly rising: each class takes its even share of the cells that are left, and
    /// equal values stay together, so that many cells with one ticket do not swallow the classes above. Few distinct values give
    /// fewer classes; no value gives none; zero is no value.
    fn bounds(&self) -> Vec<u32> {
        let zeros = usize::from(self.0.first().is_some_and(|(v, _)| *v == 0));
        let mut rest = &self.0[zeros..];
        let mut cells: usize = rest.iter().map(|(_, n)| n).sum();
        let mut found: Vec<u32> = Vec::new();
        for classes in (2..=CLASSES).rev() {
            let Some((next, _)) = rest.get(1) else { break };
            let mut below = 0;
            let even = rest.iter().find(|(_, n)| {
                below += n;
                below > cells / classes
            });
            let bound = even.map_or(*next, |(v, _)| *v.max(next));
            found.push(bound);
            let (under, above) = rest.split_at(rest.partition_point(|(v, _)| *v < bound));
            cells -= under.iter().map(|(_, n)| n).sum::<usize>();
            rest = above;
        }
        found
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

#[cfg(test)]
mod tests {
    use super::{Occurring, Spread, step};
    use crate::tile::hex::Sum;

    fn bounds(values: Vec<u32>) -> Vec<u32> {
        Occurring::of(values).bounds()
    }

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
        assert_eq!(bounds((1..=100).rev().collect()), [21, 41, 61, 81]);
    }

    #[test]
    fn equal_values_make_no_empty_class() {
        assert_eq!(bounds(vec![1; 50]), [0_u32; 0]);
        assert_eq!(bounds(vec![0, 0]), [0_u32; 0]);
        assert_eq!(bounds(Vec::new()), [0_u32; 0]);
        let mut skewed = vec![1; 90];
        skewed.extend([5; 10]);
        assert_eq!(bounds(skewed), [5]);
        let mut two = vec![1; 50];
        two.extend([7; 50]);
        assert_eq!(bounds(two), [7]);
    }

    #[test]
    fn following_single_cells_gives_what_reading_all_of_them_gives() {
        let sum = |n: u32| Sum {
            count: n,
            petitioners: n / 2,
        };
        let mut cells: Vec<Option<Sum>> = (0..200).map(|n| Some(sum(1 + n * n % 37))).collect();
        let mut spread = Spread::of(cells.iter().flatten().copied());
        for (step, at) in (0..200).rev().step_by(3).enumerate() {
            let to = (step % 4 > 0).then(|| sum(u32::try_from(at * 7 % 53).unwrap()));
            spread.change(cells[at], to);
            cells[at] = to;
            assert_eq!(spread, Spread::of(cells.iter().flatten().copied()));
        }
    }
}
