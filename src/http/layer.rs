//! Which layers can be drawn, and from which part of the snapshot?

use crate::http::Door;
use crate::http::shared::Question;
use crate::site::Site;
use crate::spatial::TileId;
use crate::spatial::grid::resolution_at;
use crate::tile::{sites, tickets};

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
    pub(super) fn draw(self, door: &Door, question: Question<'_>, at: TileId) -> Option<Vec<u8>> {
        let snapshot = question.snapshot;
        match self {
            Self::Base => door.ground.drawn(snapshot)?.map.tile(at),
            Self::Tickets => tickets::tile(&snapshot.index, &door.shared.selection(question), at),
            Self::Hex => {
                let table = door.shared.hexagons(question, resolution_at(at.z));
                table.tile(at)
            }
            Self::Sites => {
                let counts = door.shared.per_site(question);
                let shown = |site: &Site| {
                    let sum = counts.get(&site.id.0).copied().unwrap_or_default();
                    (sum.count, sum.petitioners)
                };
                sites::tile(snapshot.sites.all(), shown, at)
            }
        }
    }
}
