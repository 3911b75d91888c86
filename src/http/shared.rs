//! What do the tiles of one view share: what the filter picks, its cells of one size, its sums per site?

use std::collections::BTreeMap;
use std::sync::Arc;

use h3o::Resolution;

use crate::app::Snapshot;
use crate::http::kept::Kept;
use crate::http::site::{Sums, sums};
use crate::index::{Filter, Selection};
use crate::tile::hex_table::{HexTable, HexView};

/// What the tiles of the last few filters share: they select, count cells and count sites once.
pub(super) struct Shared {
    /// A selection of a million tickets takes 125 kB.
    selections: Kept<Selection>,
    /// The hexagons of one filter and size: at most a few megabytes each.
    hexagons: Kept<HexTable>,
    /// Tickets and voices of each site.
    per_site: Kept<BTreeMap<i64, Sums>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            selections: Kept::new(16),
            hexagons: Kept::new(8),
            per_site: Kept::new(16),
        }
    }
}

impl Shared {
    /// The rows of a filter under its words.
    pub(super) fn selection(&self, ask: Question<'_>) -> Arc<Selection> {
        let select = || ask.snapshot.index.select(ask.filter);
        self.selections.get(ask.snapshot.version, ask.words, select)
    }

    /// The hexagons of a filter at one size, as this reader sees them.
    pub(super) fn hexagons(&self, ask: Question<'_>, res: Resolution) -> Arc<HexTable> {
        let key = format!("{}|{}|{}", ask.words, u8::from(res), ask.view.withhold_low);
        let Snapshot { index, version, .. } = ask.snapshot;
        let selection = self.selection(ask);
        self.hexagons.follow(*version, &key, |older| {
            // What few tickets changed is counted at their cells only.
            let followed = older.and_then(|(version, table)| {
                let places = ask.snapshot.changed_since(version)?;
                table.after(index, &selection, &places)
            });
            followed.unwrap_or_else(|| HexTable::of(index, &selection, res, ask.view))
        })
    }

    /// Tickets and voices of each site that has one: the same sums as on the list.
    pub(super) fn per_site(&self, ask: Question<'_>) -> Arc<BTreeMap<i64, Sums>> {
        let count = || sums(ask.snapshot, &self.selection(ask));
        self.per_site.get(ask.snapshot.version, ask.words, count)
    }
}

/// What the tiles of one view ask of the data.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// What the filter is kept under; the scope of the reader and the canonical filter.
    pub(super) words: &'a str,
    pub(super) filter: &'a Filter,
    /// How cells are counted out to the reader.
    pub(super) view: HexView,
}
