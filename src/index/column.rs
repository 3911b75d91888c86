//! How do a million tickets lie in memory: one column per fact, sorted so that each map tile is one run.
//!
//! Rows are in three groups: spots (drawn and clustered as points) in Morton order, then lines and areas with a shown
//! point in Morton order, then tickets without a place. About 54 bytes a ticket, dictionaries and text postings apart.

use std::sync::{Arc, OnceLock};

use h3o::{CellIndex, Resolution};

use crate::calendar::UtcMs;
use crate::index::dict::Dicts;
use crate::index::grown::Grown;
use crate::index::intern::{Cells, Codes, MISSING};
use crate::index::row::STATES;
use crate::index::text::TextPart;
use crate::place::Precision;
use crate::spatial::{TileId, World};
use crate::ticket::{Channel, PetitionerKey, State, TicketId};

/// Rows that share one zone box.
pub(crate) const ZONE: usize = 1024;

/// The facts, one vector each; index = row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) x: Vec<u32>,
    pub(crate) y: Vec<u32>,
    pub(crate) received: Vec<u32>,
    pub(crate) closed: Vec<u32>,
    pub(crate) petitioner: Vec<u32>,
    pub(crate) cell: Vec<u32>,
    pub(crate) doc: Vec<u32>,
    pub(crate) category: Vec<u16>,
    pub(crate) area: Vec<u16>,
    pub(crate) unit: Vec<u16>,
    pub(crate) radius: Vec<u16>,
    pub(crate) channel: Vec<u8>,
    pub(crate) state: Vec<u8>,
    pub(crate) precision: Vec<u8>,
    pub(crate) redo: Vec<u8>,
    pub(crate) confidence: Vec<u8>,
    pub(crate) coarse: Vec<bool>,
}

/// A box in world units that encloses the rows of one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    pub(crate) low: World,
    pub(crate) high: World,
}

/// Located tickets as columns: immutable, cheap to share, answers without a database.
#[derive(Clone, Debug)]
pub struct Index {
    pub(crate) dicts: Arc<Dicts>,
    pub(crate) columns: Arc<Columns>,
    pub(crate) sites: Arc<Vec<u32>>,
    pub(crate) site_codes: Arc<Codes>,
    pub(crate) petitioners: Arc<Codes>,
    pub(crate) cells: Arc<Cells>,
    pub(crate) zones: Arc<Vec<Zone>>,
    /// Ticket number of a document (one arrival of a ticket in the index); a replaced document has no row any more.
    pub(crate) ids: Grown<i64>,
    pub(crate) text: Vec<Arc<TextPart>>,
    /// Rows in the order of their tickets' numbers, made when a ticket is looked up for the first time.
    pub(crate) order: Arc<OnceLock<Vec<u32>>>,
    pub(crate) spots: usize,
    pub(crate) placed: usize,
}

/// Bytes in use, by what they are used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Tickets in the index.
    pub tickets: usize,
    /// Columns, ticket numbers and zone boxes.
    pub columns: usize,
    /// Petitioners, sites and hexagons.
    pub dictionaries: usize,
    /// Postings of the text search.
    pub text: usize,
}

impl Size {
    /// All bytes.
    #[must_use]
    pub const fn total(self) -> usize {
        self.columns + self.dictionaries + self.text
    }
}

impl Index {
    /// Number of tickets, located or not.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.x.len()
    }

    /// Whether there is no ticket.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.x.is_empty()
    }

    /// Number of tickets that are drawn as points.
    #[must_use]
    pub const fn spots(&self) -> usize {
        self.spots
    }

    /// The dictionaries that the codes belong to.
    #[must_use]
    pub fn dicts(&self) -> &Dicts {
        &self.dicts
    }

    /// Ticket number of a row.
    ///
    /// # Panics
    /// If `row` is not below [`Index::len`]; rows come from a [`crate::index::Selection`] of this index.
    #[must_use]
    pub fn ticket(&self, row: usize) -> TicketId {
        TicketId(self.number_of(self.columns.doc[row]))
    }

    /// Ticket number of a document.
    pub(crate) fn number_of(&self, doc: u32) -> i64 {
        self.ids.get(doc as usize).unwrap_or(i64::MAX)
    }

    /// Arrival of a row's ticket, in whole seconds.
    #[must_use]
    pub fn received(&self, row: usize) -> UtcMs {
        UtcMs(i64::from(self.columns.received[row]) * 1000)
    }

    /// Place of a row on the world map, `None` without one.
    #[must_use]
    pub fn world(&self, row: usize) -> Option<World> {
        (row < self.placed).then(|| World {
            x: self.columns.x[row],
            y: self.columns.y[row],
        })
    }

    /// Category code of a row.
    #[must_use]
    pub fn category(&self, row: usize) -> u16 {
        self.columns.category[row]
    }

    /// Channel of a row.
    #[must_use]
    pub fn channel(&self, row: usize) -> Channel {
        Channel::ALL[usize::from(self.columns.channel[row])]
    }

    /// State of a row.
    #[must_use]
    pub fn state(&self, row: usize) -> State {
        STATES[usize::from(self.columns.state[row])]
    }

    /// Precision of a row.
    #[must_use]
    pub fn precision(&self, row: usize) -> Precision {
        Precision::ALL[usize::from(self.columns.precision[row])]
    }

    /// Radius of uncertainty of a row in whole metres.
    #[must_use]
    pub fn radius_m(&self, row: usize) -> u16 {
        self.columns.radius[row]
    }

    /// Whether a row's point is the middle of a hexagon around somebody's home: good for cells of resolution 9 and coarser, never
    /// for distances and never for a site.
    #[must_use]
    pub fn is_coarse(&self, row: usize) -> bool {
        self.columns.coarse[row]
    }

    /// Redo rounds of a row, at most 255.
    #[must_use]
    pub fn redo(&self, row: usize) -> u8 {
        self.columns.redo[row]
    }

    /// Petitioner of a row.
    #[must_use]
    pub fn petitioner(&self, row: usize) -> Option<PetitionerKey> {
        let code = self.columns.petitioner[row];
        (code != MISSING).then(|| PetitionerKey(self.petitioners.key(code).cast_signed()))
    }

    /// Small number of a row's petitioner within this index.
    #[must_use]
    pub fn petitioner_code(&self, row: usize) -> Option<u32> {
        Some(self.columns.petitioner[row]).filter(|code| *code != MISSING)
    }

    /// Number of petitioners in the index; their small numbers are below it.
    #[must_use]
    pub fn petitioner_codes(&self) -> usize {
        self.petitioners.len()
    }

    /// Number of hexagons in use at a resolution from 4 to 11.
    #[must_use]
    pub fn cells_at(&self, res: Resolution) -> usize {
        self.cells.count_at(res)
    }

    /// Small number of the hexagon that holds a row, below [`Index::cells_at`]; `None` without a place.
    #[must_use]
    pub fn cell_code(&self, row: usize, res: Resolution) -> Option<u32> {
        let finest = self.columns.cell[row];
        if finest == MISSING {
            return None;
        }
        self.cells.code_at(res, finest)
    }

    /// Small number of a hexagon, `None` if no ticket ever stood in it.
    #[must_use]
    pub fn code_of_cell(&self, cell: CellIndex) -> Option<u32> {
        self.cells.code_of(cell)
    }

    /// The hexagon of a small number.
    #[must_use]
    pub fn cell(&self, res: Resolution, code: u32) -> Option<CellIndex> {
        self.cells.cell_at(res, code)
    }

    /// Site that holds a row's ticket.
    #[must_use]
    pub fn site(&self, row: usize) -> Option<i64> {
        let code = self.sites[row];
        (code != MISSING).then(|| self.site_codes.key(code).cast_signed())
    }

    /// Rows of those of the given tickets that the index holds, ascending. Cost: one or two passes over a column, about 1 ms per
    /// 1,000,000 tickets; unlike [`Index::row_of`] it puts nothing in order, which is worth it for the changes of one refresh.
    #[must_use]
    pub fn rows_of(&self, tickets: &[TicketId]) -> Vec<usize> {
        let mut wanted: Vec<i64> = tickets.iter().map(|t| t.0).collect();
        wanted.sort_unstable();
        // A replaced ticket leaves its old documents behind; they have no row.
        let held = (0_u32..).zip(self.ids.iter());
        let docs: Vec<u32> = held
            .filter(|(_, id)| among(&wanted, id))
            .map(|(doc, _)| doc)
            .collect();
        let rows = self.columns.doc.iter().enumerate();
        rows.filter(|(_, doc)| among(&docs, doc))
            .map(|(row, _)| row)
            .collect()
    }

    /// The row of a ticket, `None` if the index does not hold it. Cost: a binary search; the first one after a refresh puts the
    /// rows in order, some 20 ms per 1,000,000.
    #[must_use]
    pub fn row_of(&self, ticket: TicketId) -> Option<usize> {
        let order = self.order.get_or_init(|| self.by_number());
        let found = order.binary_search_by_key(&ticket, |row| self.ticket(*row as usize));
        found.ok().and_then(|at| Some(*order.get(at)? as usize))
    }

    /// Rows by ticket number. Documents come nearly in this order, so that the stable sort has little to do.
    fn by_number(&self) -> Vec<u32> {
        let mut rows = vec![MISSING; self.ids.len()];
        for (row, doc) in (0_u32..).zip(&self.columns.doc) {
            rows[*doc as usize] = row;
        }
        rows.retain(|row| *row != MISSING);
        rows.sort_by_key(|row| self.ticket(*row as usize));
        rows
    }

    /// Rows of the spots inside a tile: one contiguous run.
    #[must_use]
    pub fn rows_in(&self, tile: TileId) -> std::ops::Range<usize> {
        let (low, high) = tile.keys();
        let start = self.lower_bound(low);
        let end = match high.checked_add(1) {
            Some(next) => self.lower_bound(next),
            None => self.spots,
        };
        start..end
    }

    /// First spot row whose key is not below `key`.
    fn lower_bound(&self, key: u64) -> usize {
        let (mut low, mut high) = (0, self.spots);
        while low < high {
            let mid = low.midpoint(high);
            let at = World {
                x: self.columns.x[mid],
                y: self.columns.y[mid],
            };
            if at.morton() < key {
                low = mid + 1;
            } else {
                high = mid;
            }
        }
        low
    }

    /// Bytes in use.
    #[must_use]
    pub fn size(&self) -> Size {
        let n = self.len();
        Size {
            tickets: n,
            columns: n * (8 * 4 + 4 * 2 + 6)
                + self.ids.bytes()
                + self.order.get().map_or(0, |rows| rows.len() * 4)
                + self.zones.len() * size_of::<Zone>(),
            dictionaries: self.petitioners.bytes() + self.site_codes.bytes() + self.cells.bytes(),
            text: self.text.iter().map(|part| part.bytes()).sum(),
        }
    }
}

/// Whether a sorted list holds a value; most are ruled out by its ends.
fn among<T: Ord>(sorted: &[T], value: &T) -> bool {
    let (Some(low), Some(high)) = (sorted.first(), sorted.last()) else {
        return false;
    };
    low <= value && value <= high && sorted.binary_search(value).is_ok()
}

/// Zone boxes over the rows that have a place.
pub(crate) fn zones(columns: &Columns, placed: usize) -> Vec<Zone> {
    let xs = columns.x[..placed].chunks(ZONE);
    let ys = columns.y[..placed].chunks(ZONE);
    xs.zip(ys)
        .map(|(x, y)| {
            let bound = |v: &[u32]| {
                v.iter()
                    .fold((u32::MAX, 0), |(a, b), &c| (c.min(a), c.max(b)))
            };
            let ((x0, x1), (y0, y1)) = (bound(x), bound(y));
            Zone {
                low: World { x: x0, y: y0 },
                high: World { x: x1, y: y1 },
            }
        })
        .collect()
}
