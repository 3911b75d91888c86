//! What is a name in a text: where it stands, what it may mean, how sure it is?

use crate::place::gazetteer::{Gazetteer, PlaceKind};
use crate::place::lexicon::Class;
use crate::place::names::Origin;
use crate::place::surfaces::Named;
use crate::place::target::Target;

/// A name in a text.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// First character (normalised text), residue of slips included.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What it may name, surest first.
    pub named: Vec<Named>,
    /// Weight of a slip: 0 exact, about 0.8 same sound, 1.3 other.
    pub slip: f64,
    /// Counts only because of a weak cue.
    pub weak: bool,
}

impl Mention {
    /// Roads it may name.
    pub(crate) fn roads(&self) -> impl Iterator<Item = u32> + '_ {
        self.named.iter().filter_map(|n| match n.target {
            Target::Road(r) => Some(r),
            _ => None,
        })
    }

    /// Places it may name.
    pub(crate) fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.named.iter().filter_map(|n| match n.target {
            Target::Place(p) => Some(p),
            _ => None,
        })
    }

    /// The area it names, if any.
    pub(crate) fn area(&self) -> Option<u32> {
        self.named.iter().find_map(|n| match n.target {
            Target::Area(a) => Some(a),
            _ => None,
        })
    }

    /// Weight of the surface: rule-made −0.3, learned by its confirmations, slips as they are.
    pub(crate) fn cost(&self) -> f64 {
        let origin = self.named.first().map_or(0.0, |n| match n.origin {
            Origin::Given => 0.0,
            Origin::Rule => 0.3,
            Origin::Learned => 0.6 - 0.3 * f64::from(n.weight.min(4)),
        });
        origin + self.slip + if self.weak { 1.5 } else { 0.0 }
    }
}

/// Words that show that what stands before them is a place.
pub(crate) const RELATION: Class = Class::OPPOSITE
    .or(Class::NEAR)
    .or(Class::FRONT)
    .or(Class::GATE)
    .or(Class::EMERGENCY)
    .or(Class::LOT)
    .or(Class::STOP)
    .or(Class::SCHOOLWORD)
    .or(Class::SEGMENT)
    .or(Class::BETWEEN);

/// Whether a place is a station or a stop, for which 站, 口 are part of the form.
pub(crate) fn is_stop(g: &Gazetteer, p: u32) -> bool {
    matches!(g.place(p).kind, PlaceKind::Stop | PlaceKind::Station)
}
