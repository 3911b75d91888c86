//! Who is whose neighbour?
//!
//! Binary neighbour lists in one array (compressed rows). The place itself is never listed; the star statistics add it.
//! Places outside the study area do not exist: a border place has fewer neighbours, nothing is padded.

use h3o::CellIndex;

use crate::stats::number::id32;

/// Neighbours of places 0..n, each list rising, without the place itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    start: Vec<u32>,
    list: Vec<u32>,
}

impl Neighbours {
    /// From one list per place; repeated and self entries are dropped, entries beyond the last place too.
    #[must_use]
    pub fn from_lists(lists: &[Vec<u32>]) -> Self {
        let mut out = Self {
            start: vec![0],
            list: Vec::new(),
        };
        let mut row = Vec::new();
        for (i, given) in lists.iter().enumerate() {
            row.clear();
            row.extend_from_slice(given);
            row.sort_unstable();
            row.dedup();
            row.retain(|&j| j as usize != i && (j as usize) < lists.len());
            out.list.extend_from_slice(&row);
            out.start.push(id32(out.list.len()));
        }
        out
    }

    /// Cells of one resolution within `k` grid steps of each other, `k` in 1..=10; cells must be distinct.
    ///
    /// O(n k² log n); 17,000 cells with k = 1 take about 10 ms.
    #[must_use]
    pub fn of_cells(cells: &[CellIndex], k: u32) -> Self {
        let mut sorted: Vec<(CellIndex, u32)> = cells
            .iter()
            .enumerate()
            .map(|(i, &c)| (c, id32(i)))
            .collect();
        sorted.sort_unstable();
        let mut out = Self {
            start: Vec::with_capacity(cells.len() + 1),
            list: Vec::with_capacity(cells.len() * 6),
        };
        out.start.push(0);
        for (i, cell) in cells.iter().enumerate() {
            let from = out.list.len();
            for near in cell.grid_disk::<Vec<_>>(k) {
                let place = sorted.binary_search_by_key(&near, |e| e.0);
                if let Ok(at) = place
                    && sorted[at].1 as usize != i
                {
                    out.list.push(sorted[at].1);
                }
            }
            out.list[from..].sort_unstable();
            out.start.push(id32(out.list.len()));
        }
        out
    }

    /// Number of places.
    #[must_use]
    pub fn n(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// Neighbours of one place, rising, without itself.
    #[must_use]
    pub fn of(&self, i: usize) -> &[u32] {
        &self.list[self.start[i] as usize..self.start[i + 1] as usize]
    }

    /// The largest number of neighbours of any place.
    #[must_use]
    pub fn most(&self) -> usize {
        (0..self.n()).map(|i| self.of(i).len()).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use h3o::{CellIndex, LatLng, Resolution};

    use super::Neighbours;

    #[test]
    fn cells_of_a_disk_know_each_other() {
        let centre = LatLng::new(36.456, 115.985)
            .unwrap()
            .to_cell(Resolution::Nine);
        let cells: Vec<CellIndex> = centre.grid_disk(2);
        let found = Neighbours::of_cells(&cells, 1);
        assert_eq!(found.n(), 19);
        let at = cells.iter().position(|c| *c == centre).unwrap();
        assert_eq!(found.of(at).len(), 6);
        for i in 0..found.n() {
            for &j in found.of(i) {
                assert!(found.of(j as usize).contains(&(u32::try_from(i).unwrap())));
            }
        }
        assert_eq!(Neighbours::of_cells(&cells, 4).of(at).len(), 18);
        assert_eq!(Neighbours::of_cells(&[], 1).n(), 0);
    }

    #[test]
    fn lists_lose_self_and_repeats() {
        let found = Neighbours::from_lists(&[vec![1, 0, 1, 9], vec![], vec![0]]);
        assert_eq!(found.of(0), [1]);
        assert_eq!(found.of(1), [0_u32; 0]);
        assert_eq!(found.most(), 1);
    }
}
