//! Which layers can be drawn, and from which part of the snapshot?

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::Snapshot;
use crate::http::ground::Ground;
use crate::index::{Index, Selection};
use crate::site::Site;
use crate::spatial::TileId;
use crate::tile::hex::HexView;
use crate::tile::{hex, sites, tickets};

/// A layer of the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// Streets, water, buildings, names.
    Base,
    /// Tickets, clustered at small zooms.
    Tickets,
    /// Tickets by hexagon.
    Hex,
    /// Sites.
    Sites,
}

impl Layer {
    /// Name in addresses and keys.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Tickets => "tickets",
            Self::Hex => "hex",
            Self::Sites => "sites",
        }
    }

    /// The tile as MVT bytes, `None` if nothing is to be seen. Pure; runs on a blocking thread.
    pub(super) fn draw(
        self,
        ground: &Ground,
        snapshot: &Snapshot,
        selection: &dyn Fn() -> Arc<Selection>,
        at: TileId,
    ) -> Option<Vec<u8>> {
        match self {
            Self::Base => ground.drawn(snapshot)?.map.tile(at),
            Self::Tickets => tickets::tile(&snapshot.index, &selection(), at),
            Self::Hex => {
                // Staff who see tickets see every cell; withholding belongs to publication.
                let view = HexView {
                    withhold_low: false,
                };
                hex::tile(&snapshot.index, &selection(), at, view)
            }
            Self::Sites => {
                let selection = selection();
                let everything = selection.count() == snapshot.index.len();
                let counts = if everything {
                    BTreeMap::new()
                } else {
                    per_site(&snapshot.index, &selection)
                };
                let count = |site: &Site| {
                    if everything {
                        site.members.len()
                    } else {
                        counts.get(&site.id.0).copied().unwrap_or(0)
                    }
                };
                sites::tile(snapshot.sites.all(), count, at)
            }
        }
    }
}

/// Selected tickets of each site.
fn per_site(index: &Index, selection: &Selection) -> BTreeMap<i64, usize> {
    let mut counts = BTreeMap::new();
    for site in selection.rows().filter_map(|row| index.site(row)) {
        *counts.entry(site).or_insert(0) += 1;
    }
    counts
}
