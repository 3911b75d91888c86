//! What does each hexagon tile of one filter show? One pass over the tickets for a size, from which all its tiles and classes are cut.
//!
//! A hexagon belongs to every tile that its polygon touches, always with the value and the colour step of the whole cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use h3o::{CellIndex, LatLng, Resolution};

use crate::index::{Index, Selection};
use crate::spatial::{TileId, World};
use crate::tile::classes::{Classes, Spread, step};
use crate::tile::encode::{Clip, LayerWriter, Local, TileWriter, Value, local};
use crate::tile::hex::{self, Sum, world};

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

/// A cell with its middle, so that a tile finds its cells without asking H3.
#[derive(Clone, Copy, Debug)]
struct Held {
    cell: CellIndex,
    middle: World,
    sum: Sum,
}

impl Held {
    fn new(cell: CellIndex, sum: Sum) -> Self {
        Self {
            cell,
            middle: world(&LatLng::from(cell)),
            sum,
        }
    }
}

/// Every cell of one size with a ticket of a selection: 32 bytes each, shared with the tables that follow from it.
#[derive(Clone, Debug)]
pub struct HexTable {
    res: Resolution,
    cells: Arc<Vec<Held>>,
    /// Cells that changed since `cells` was counted, with what they hold now.
    late: BTreeMap<CellIndex, Option<Held>>,
    spread: Spread,
    classes: Classes,
    view: HexView,
}

/// Changed cells beyond which a table is counted anew.
const LATE: usize = 256;

/// Beyond this zoom cells no longer grow finer.
const DEEPEST: u8 = 16;

/// Units of a tile around it in which the middle of a cell that touches it lies, up to [`DEEPEST`]: a cell is at most a sixth of a
/// tile wide.
const REACH: f64 = 1024.0;

/// Units of a tile.
const SIDE: f64 = 4096.0;

impl HexTable {
    /// Counts a selection for a reader. Cost: O(n), 5 ms per 250,000 tickets.
    #[must_use]
    pub fn of(index: &Index, selection: &Selection, res: Resolution, view: HexView) -> Self {
        let sums = hex::all(index, selection, res);
        let shown = sums.values().filter(|sum| !view.withholds(**sum));
        let spread = Spread::of(shown.copied());
        let held = sums.into_iter().map(|(cell, sum)| Held::new(cell, sum));
        Self {
            res,
            cells: Arc::new(held.collect()),
            late: BTreeMap::new(),
            classes: spread.classes(res),
            spread,
            view,
        }
    }

    /// The table of a later index, where tickets were changed, added or removed at these finest cells and nowhere else: equal to
    /// counting it anew. `selection` is that of the same filter. `None` if so much has changed that counting is cheaper.
    /// Cost: grows with the tickets around the places.
    #[must_use]
    pub fn after(
        &self,
        index: &Index,
        selection: &Selection,
        places: &[CellIndex],
    ) -> Option<Self> {
        let mut next = self.clone();
        let mut cells: Vec<CellIndex> = places.iter().filter_map(|p| p.parent(self.res)).collect();
        cells.sort_unstable();
        cells.dedup();
        if self.late.len() + cells.len() > LATE {
            return None;
        }
        for cell in cells {
            let was = self.held(cell).map(|held| held.sum);
            let now = hex::one(index, selection, cell);
            let shown = |sum: Option<Sum>| sum.filter(|s| !self.view.withholds(*s));
            next.spread.change(shown(was), shown(now));
            next.late.insert(cell, now.map(|sum| Held::new(cell, sum)));
        }
        next.classes = next.spread.classes(self.res);
        Some(next)
    }

    fn held(&self, cell: CellIndex) -> Option<Held> {
        let counted = || {
            let at = self.cells.binary_search_by_key(&cell, |held| held.cell);
            at.ok().map(|at| self.cells[at])
        };
        self.late.get(&cell).copied().unwrap_or_else(counted)
    }

    /// Every cell, in order.
    fn all(&self) -> impl Iterator<Item = &Held> + '_ {
        let kept = |held: &&Held| !self.late.contains_key(&held.cell);
        let mut late = self.late.values().flatten().peekable();
        let mut kept = self.cells.iter().filter(kept).peekable();
        std::iter::from_fn(move || match (kept.peek(), late.peek()) {
            (Some(a), Some(b)) if b.cell < a.cell => late.next(),
            (Some(_), _) => kept.next(),
            (None, _) => late.next(),
        })
    }

    /// Classes of all cells that the reader sees with a number.
    #[must_use]
    pub const fn classes(&self) -> &Classes {
        &self.classes
    }

    /// What each cell holds that the reader sees with a number.
    pub fn sums(&self) -> impl Iterator<Item = Sum> + '_ {
        let shown = |sum: &Sum| !self.view.withholds(*sum);
        self.all().map(|held| held.sum).filter(shown)
    }

    /// A tile of a zoom with cells of this size, `None` if no cell with a ticket touches it.
    #[must_use]
    pub fn tile(&self, at: TileId) -> Option<Vec<u8>> {
        let mut layer = LayerWriter::new("hex");
        let reach = REACH * 2_f64.powi(i32::from(at.z.saturating_sub(DEEPEST)));
        let near = |v: f64| (-reach..=SIDE + reach).contains(&v);
        for held in self.all() {
            let middle = local(at, held.middle);
            if near(middle.x) && near(middle.y) {
                self.draw(&mut layer, held, at);
            }
        }
        let mut writer = TileWriter::new();
        writer.push(layer);
        writer.finish()
    }

    fn draw(&self, layer: &mut LayerWriter, held: &Held, at: TileId) {
        let Held { cell, sum, .. } = *held;
        let ring = Clip::buffered(64).ring(&outline(cell, at));
        if ring.len() < 3 {
            return;
        }
        let name = cell.to_string();
        let id = u64::from(cell) & ((1 << 52) - 1);
        let h3 = ("h3", Value::Text(&name));
        if self.view.withholds(sum) {
            layer.surface(Some(id), &[vec![ring]], &[h3, ("low", Value::Bool(true))]);
            return;
        }
        let whole = |v: u32| Value::Int(i64::from(v));
        let (count, people) = (&self.classes.count, &self.classes.petitioners);
        let tags = [
            h3,
            ("count", whole(sum.count)),
            ("petitioners", whole(sum.petitioners)),
            ("count_step", whole(step(sum.count, count))),
            ("petitioners_step", whole(step(sum.petitioners, people))),
        ];
        layer.surface(Some(id), &[vec![ring]], &tags);
    }
}

fn outline(cell: CellIndex, at: TileId) -> Vec<Local> {
    let ring = cell.boundary();
    ring.iter().map(|p| local(at, world(p))).collect()
}
