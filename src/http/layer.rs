//! Which layers can be drawn, and from which part of the snapshot?

use std::sync::Arc;

use super::ground::Ground;
use crate::app::Snapshot;
use crate::index::Selection;
use crate::spatial::TileId;

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
            Self::Tickets | Self::Hex | Self::Sites => {
                let _ = selection;
                None
            }
        }
    }
}
