//! Which places begin with these characters?

use std::collections::BTreeSet;

use crate::place::gazetteer::{Gazetteer, PlaceKind};
use crate::place::names::Origin;
use crate::place::normalise::normal_chars;
use crate::place::target::Target;
use crate::spatial::LonLat;

/// A place found by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Feature id (a road's name for roads).
    pub id: String,
    /// Name.
    pub name: String,
    /// `road`, `school`, `estate`, `stop`, `area`, …
    pub kind: &'static str,
    /// Where it is shown.
    pub point: LonLat,
}

impl PlaceKind {
    /// Stable word for doors and files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::School => "school",
            Self::Kindergarten => "kindergarten",
            Self::Hospital => "hospital",
            Self::Market => "market",
            Self::Mall => "mall",
            Self::Estate => "estate",
            Self::Office => "office",
            Self::Park => "park",
            Self::Parking => "parking",
            Self::Stop => "stop",
            Self::Station => "station",
            Self::Shop => "shop",
            Self::Other => "place",
        }
    }
}

impl Gazetteer {
    /// Features one of whose names begins with `prefix`, then those that hold it; given names before made ones, shorter before longer; at most `limit`.
    #[must_use]
    pub fn search(&self, prefix: &str, limit: usize) -> Vec<Hit> {
        let chars = normal_chars(prefix);
        if chars.is_empty() || limit == 0 {
            return Vec::new();
        }
        let first = self.surfaces.starting(&chars);
        let inside = |i: &usize| {
            !first.contains(i)
                && u32::try_from(*i).is_ok_and(|id| {
                    self.surfaces
                        .chars(id)
                        .windows(chars.len())
                        .any(|w| w == chars)
                })
        };
        let later = (0..self.surfaces.len()).filter(inside).take(4_000);
        // Names that begin with the words come before names that only hold them (小学 finds 锦程小学).
        let mut found: Vec<(bool, bool, usize, Target)> = Vec::new();
        let starting = first.clone().take(4_000).map(|i| (false, i));
        for (behind, i) in starting.chain(later.map(|i| (true, i))) {
            let Ok(id) = u32::try_from(i) else { break };
            for named in self.surfaces.named(id) {
                let made = named.origin != Origin::Given || named.cue;
                found.push((behind, made, self.surfaces.chars(id).len(), named.target));
            }
        }
        found.sort();
        let mut seen = BTreeSet::new();
        found
            .into_iter()
            .filter(|f| seen.insert(f.3))
            .filter_map(|f| self.hit(f.3))
            .take(limit)
            .collect()
    }

    fn hit(&self, target: Target) -> Option<Hit> {
        let (kind, at) = match target {
            Target::Road(r) => ("road", self.road(r).middle()?),
            Target::Place(p) => (self.place(p).kind.code(), self.place(p).door),
            Target::Area(a) => ("area", self.areas.get(a as usize)?.centre),
        };
        Some(Hit {
            id: self.id_of(target).to_owned(),
            name: self.name_of(target).to_owned(),
            kind,
            point: self.plane.to_lonlat(at),
        })
    }
}
