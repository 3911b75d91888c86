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
    /// Features with a surface that begins with `prefix`, given names before made ones, shorter before longer; at most `limit`.
    #[must_use]
    pub fn search(&self, prefix: &str, limit: usize) -> Vec<Hit> {
        let chars = normal_chars(prefix);
        if chars.is_empty() || limit == 0 {
            return Vec::new();
        }
        let mut found: Vec<(bool, usize, Target)> = Vec::new();
        for i in self.surfaces.starting(&chars).take(4_000) {
            let Ok(id) = u32::try_from(i) else { break };
            for named in self.surfaces.named(id) {
                let made = named.origin != Origin::Given || named.cue;
                found.push((made, self.surfaces.chars(id).len(), named.target));
            }
        }
        found.sort();
        let mut seen = BTreeSet::new();
        found
            .into_iter()
            .filter(|f| seen.insert(f.2))
            .filter_map(|f| self.hit(f.2))
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
