//! Which stretches of a text might be names, before overlaps are settled?

use crate::place::gazetteer::Gazetteer;
use crate::place::lexicon::Class;
use crate::place::sounds::{Likeness, Unit};
use crate::place::surfaces::{Found, Named};

/// Reusable memory of one reader.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// Surfaces found.
    pub found: Vec<Found>,
    /// Words by their first character.
    pub words: Vec<(u8, Class)>,
    /// Spoken units.
    pub units: Vec<Unit>,
    /// What resembles a surface.
    pub likes: Vec<Likeness>,
}

/// A stretch that may be a name.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Index of the surface.
    pub surface: u32,
    /// Worth in the choice of names that overlap.
    pub value: f64,
    /// Weight of a slip, 0 = exact.
    pub slip: f64,
    /// Counts without any cue.
    pub strong: bool,
    /// Whether the map itself gives the surface.
    pub given: bool,
}

/// The choice of names in one text while it is made.
pub(crate) struct Choice<'a> {
    /// The gazetteer.
    pub g: &'a Gazetteer,
    /// Normalised characters.
    pub chars: &'a [char],
    /// Words by their first character.
    pub words: &'a [(u8, Class)],
    /// Which kept name covers a character.
    pub taken: Vec<Option<usize>>,
    /// Names kept: the candidate, what it names, whether only a weak cue speaks for it.
    pub kept: Vec<(Candidate, Vec<Named>, bool)>,
}

impl Choice<'_> {
    /// Whether nothing kept covers these characters.
    pub(crate) fn is_free(&self, c: &Candidate) -> bool {
        self.taken[c.start..c.end].iter().all(Option::is_none)
    }

    /// Keeps a name.
    pub(crate) fn keep(&mut self, c: Candidate, named: Vec<Named>, weak: bool) {
        for slot in &mut self.taken[c.start..c.end] {
            *slot = Some(self.kept.len());
        }
        self.kept.push((c, named, weak));
    }

    /// What the kept name over a character names.
    pub(crate) fn named_at(&self, i: usize) -> Option<&[Named]> {
        let k = (*self.taken.get(i)?)?;
        self.kept.get(k).map(|x| x.1.as_slice())
    }
}
