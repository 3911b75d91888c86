//! Which layers can be drawn, and from which part of the snapshot?

use std::sync::Arc;

use crate::app::Snapshot;
use crate::http::ground::Ground;
use crate::http::picked::Picked;
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
        (ground, snapshot): (&Ground, &Snapshot),
        picked: &dyn Fn() -> Arc<Picked>,
        (at, view): (TileId, HexView),
    ) -> Option<Vec<u8>> {
        let index = &snapshot.index;
        match self {
            Self::Base => ground.drawn(snapshot)?.map.tile(at),
            Self::Tickets => tickets::tile(index, &picked().selection, at),
            Self::Hex => hex::tile(index, &picked().selection, at, view),
            Self::Sites => {
                let picked = picked();
                let counts = picked.sites(snapshot);
                let shown = |site: &Site| {
                    let sum = counts.get(&site.id.0).copied().unwrap_or_default();
                    (sum.count, sum.petitioners)
                };
                sites::tile(snapshot.sites.all(), shown, at)
            }
        }
    }
}
