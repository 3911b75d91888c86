//! Which names of the gazetteer stand in a text, in one pass?

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;

use crate::place::names::Origin;
use crate::place::normalise::{Normal, code_of};
use crate::place::target::Target;

/// One feature behind a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Where the surface comes from.
    pub origin: Origin,
    /// Which feature.
    pub target: Target,
    /// Counts only beside a cue.
    pub cue: bool,
    /// Counts only beside another road.
    pub road: bool,
    /// Counts only before a stop word.
    pub stop: bool,
    /// Confirmations of a learned surface.
    pub weight: u16,
}

/// All surfaces with the automaton that finds them.
#[derive(Debug)]
pub struct Surfaces {
    automaton: AhoCorasick,
    chars: Vec<Vec<char>>,
    named: Vec<Vec<Named>>,
}

/// A surface found: characters `start..end` of the normalised text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Index of the surface.
    pub surface: u32,
}

/// Above this many patterns the automaton is kept small rather than fast.
const DFA_LIMIT: usize = 6_000;

impl Surfaces {
    /// Builds the automaton; `all` maps each surface to what it names.
    ///
    /// # Errors
    /// When the automaton would exceed its own limits (2³¹ states).
    pub fn build(all: BTreeMap<Vec<char>, Vec<Named>>) -> Result<Self, aho_corasick::BuildError> {
        let mut chars = Vec::with_capacity(all.len());
        let mut named = Vec::with_capacity(all.len());
        for (c, mut n) in all {
            n.sort();
            n.dedup_by_key(|x| (x.target, x.stop));
            chars.push(c);
            named.push(n);
        }
        let patterns: Vec<Vec<u8>> = chars.iter().map(|c| code_of(c)).collect();
        let kind = if patterns.len() <= DFA_LIMIT {
            AhoCorasickKind::DFA
        } else {
            AhoCorasickKind::ContiguousNFA
        };
        let automaton = AhoCorasick::builder()
            .kind(Some(kind))
            .match_kind(MatchKind::Standard)
            .build(patterns)?;
        Ok(Self {
            automaton,
            chars,
            named,
        })
    }

    /// Every surface in the text, overlaps included; digits are never cut from a longer number.
    pub fn find(&self, normal: &Normal, out: &mut Vec<Found>) {
        let text = normal.chars();
        out.clear();
        for m in self.automaton.find_overlapping_iter(normal.code()) {
            if m.start() % 2 != 0 {
                continue;
            }
            let (start, end) = (m.start() / 2, m.end() / 2);
            let digit = |i: usize| text.get(i).is_some_and(char::is_ascii_digit);
            let inside = |i: usize| i > 0 && digit(i - 1) && digit(i) && !normal.cut(i);
            if inside(start) || inside(end) {
                continue;
            }
            out.push(Found {
                start,
                end,
                surface: m.pattern().as_u32(),
            });
        }
    }

    /// What a surface names.
    #[must_use]
    pub fn named(&self, surface: u32) -> &[Named] {
        &self.named[surface as usize]
    }

    /// Characters of a surface.
    #[must_use]
    pub fn chars(&self, surface: u32) -> &[char] {
        &self.chars[surface as usize]
    }

    /// How many surfaces there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.chars.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.chars.is_empty()
    }

    /// Indices of the surfaces that begin with `prefix`, in order.
    #[must_use]
    pub fn starting(&self, prefix: &[char]) -> std::ops::Range<usize> {
        let from = self.chars.partition_point(|c| c.as_slice() < prefix);
        let until = from + self.chars[from..].partition_point(|c| c.starts_with(prefix));
        from..until
    }

    /// The surface with exactly these characters.
    #[must_use]
    pub fn exact(&self, chars: &[char]) -> Option<u32> {
        let i = self
            .chars
            .binary_search_by(|c| c.as_slice().cmp(chars))
            .ok()?;
        u32::try_from(i).ok()
    }
}
