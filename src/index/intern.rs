//! Which small number stands for a petitioner, a site or a hexagon inside the columns?

use std::sync::Arc;

use h3o::{CellIndex, Resolution};
use rayon::prelude::*;

use crate::index::grown::Grown;
use crate::spatial::grid::FINEST;

/// Code of "none" in the `u32` columns.
pub(crate) const MISSING: u32 = u32::MAX;

/// Keys by code: a sorted base made at build time, and late keys in order of arrival.
#[derive(Clone, Debug, Default)]
pub(crate) struct Codes {
    base: Arc<Vec<u64>>,
    late: Vec<u64>,
    late_sorted: Vec<(u64, u32)>,
}

impl Codes {
    /// Numbers the distinct keys in ascending order; the second part is the code of each given key.
    pub(crate) fn number(keys: &[Option<u64>]) -> (Self, Vec<u32>) {
        let mut pairs: Vec<(u64, u32)> = (0_u32..)
            .zip(keys)
            .filter_map(|(i, key)| key.map(|k| (k, i)))
            .collect();
        pairs.par_sort_unstable();
        let mut base = Vec::new();
        let mut codes = vec![MISSING; keys.len()];
        for (key, i) in pairs {
            if base.last() != Some(&key) {
                base.push(key);
            }
            codes[i as usize] = code_at(base.len() - 1);
        }
        base.shrink_to_fit();
        let codes_of = Self {
            base: Arc::new(base),
            ..Self::default()
        };
        (codes_of, codes)
    }

    pub(crate) fn len(&self) -> usize {
        self.base.len() + self.late.len()
    }

    pub(crate) fn key(&self, code: u32) -> u64 {
        let code = code as usize;
        match code.checked_sub(self.base.len()) {
            None => self.base[code],
            Some(late) => self.late[late],
        }
    }

    pub(crate) fn code(&self, key: u64) -> Option<u32> {
        if let Ok(at) = self.base.binary_search(&key) {
            return Some(code_at(at));
        }
        self.late_sorted
            .binary_search_by_key(&key, |(k, _)| *k)
            .ok()
            .map(|at| self.late_sorted[at].1)
    }

    /// The code of a key, given if it is new. Cost: grows with the number of late keys.
    pub(crate) fn intern(&mut self, key: u64) -> u32 {
        if let Some(code) = self.code(key) {
            return code;
        }
        let code = code_at(self.len());
        self.late.push(key);
        let at = self.late_sorted.partition_point(|(k, _)| *k < key);
        self.late_sorted.insert(at, (key, code));
        code
    }

    pub(crate) fn bytes(&self) -> usize {
        self.base.len() * 8 + self.late.len() * 24
    }
}

fn code_at(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(MISSING)
}

/// Coarsest resolution that is kept.
pub(crate) const COARSEST: u8 = 4;

/// The hexagons in use: each finest cell with its parents down to [`COARSEST`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    pub(crate) finest: Codes,
    /// By resolution from [`COARSEST`] to 10: the cells, and for each finest code the code of its parent.
    levels: Vec<Level>,
}

#[derive(Clone, Debug, Default)]
struct Level {
    cells: Codes,
    parent: Grown<u32>,
}

impl Cells {
    pub(crate) fn new(finest: Codes) -> Self {
        let levels = (COARSEST..u8::from(FINEST))
            .map(|res| {
                let parents: Vec<Option<u64>> = (0..finest.len())
                    .map(|code| parent_of(finest.key(code_at(code)), res))
                    .collect();
                let (cells, parent) = Codes::number(&parents);
                Level {
                    cells,
                    parent: parent.into(),
                }
            })
            .collect();
        Self { finest, levels }
    }

    pub(crate) fn intern(&mut self, cell: u64) -> u32 {
        let before = self.finest.len();
        let code = self.finest.intern(cell);
        if self.finest.len() > before {
            for (res, level) in (COARSEST..).zip(&mut self.levels) {
                let parent = parent_of(cell, res).map_or(MISSING, |p| level.cells.intern(p));
                level.parent.push(parent);
                level.parent.settle();
            }
        }
        code
    }

    /// Number of cells in use at a resolution from [`COARSEST`] to the finest.
    pub(crate) fn count_at(&self, res: Resolution) -> usize {
        self.level(res)
            .map_or(self.finest.len(), |level| level.cells.len())
    }

    /// The code at `res` of the cell that holds a finest one.
    pub(crate) fn code_at(&self, res: Resolution, finest: u32) -> Option<u32> {
        match self.level(res) {
            Some(level) => level.parent.get(finest as usize),
            None => Some(finest),
        }
    }

    /// The code of a cell at its resolution, if it is in use.
    pub(crate) fn code_of(&self, cell: CellIndex) -> Option<u32> {
        let codes = self
            .level(cell.resolution())
            .map_or(&self.finest, |l| &l.cells);
        codes.code(u64::from(cell))
    }

    /// The cell of a code at a resolution.
    pub(crate) fn cell_at(&self, res: Resolution, code: u32) -> Option<CellIndex> {
        let raw = match self.level(res) {
            Some(level) => level.cells.key(code),
            None => self.finest.key(code),
        };
        CellIndex::try_from(raw).ok()
    }

    fn level(&self, res: Resolution) -> Option<&Level> {
        if res >= FINEST {
            return None;
        }
        let at = u8::from(res).saturating_sub(COARSEST);
        self.levels.get(usize::from(at))
    }

    pub(crate) fn bytes(&self) -> usize {
        let levels: usize = self
            .levels
            .iter()
            .map(|l| l.cells.bytes() + l.parent.bytes())
            .sum();
        self.finest.bytes() + levels
    }
}

fn parent_of(cell: u64, res: u8) -> Option<u64> {
    let cell = CellIndex::try_from(cell).ok()?;
    let res = Resolution::try_from(res).ok()?;
    cell.parent(res).map(u64::from)
}
