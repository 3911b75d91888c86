//! Which words around a place name say how it is meant: connectors, heads, gates, relations, roles?

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeMap;

use crate::place::language::Language;
use crate::place::normalise::code_of;

/// Classes of words, as bits, because one word may do several things (口: mouth of a road, exit of a station).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u64);

macro_rules! classes {
    ($($name:ident = $bit:literal $word:literal),* $(,)?) => {
        impl Class {
            $(
                #[doc = concat!("Words of class `", $word, "` in `cues.txt`.")]
                pub const $name: Self = Self(1 << $bit);
            )*
            const TABLE: &[(&'static str, Self)] = &[$(($word, Self::$name)),*];
        }
    };
}

classes! {
    CONNECTOR = 0 "connector", FROM = 1 "from", TO = 2 "to", HEAD = 3 "head", LOOSE = 4 "headloose",
    MOUTH = 5 "mouth", OPPOSITE = 6 "opposite", NEAR = 7 "near", FRONT = 8 "front", GATE = 9 "gate",
    EMERGENCY = 10 "emergency", LOT = 11 "lot", LANE = 12 "lane", SEGMENT = 13 "segment",
    BETWEEN = 14 "between", LINE = 15 "line", EXPRESS = 16 "express", STOP = 17 "stop", METRO = 18 "metro",
    EXIT = 19 "exit", UNIT = 20 "unit", FILLER = 21 "filler", WALK = 22 "walk", METRE = 23 "metre",
    KILOMETRE = 24 "kilometre", LISTMARK = 25 "listmark", STOPMARK = 26 "stopmark", HOME = 27 "home",
    HOMEAFTER = 28 "homeafter", TRAVELFROM = 29 "travelfrom", TRAVELAFTER = 30 "travelafter",
    TRAVELTO = 31 "travelto", COMPARISON = 32 "comparison", COMPARISONAFTER = 33 "comparisonafter",
    AUTHORITY = 34 "authority", AUTHORITYAFTER = 35 "authorityafter", SCHOOLWORD = 36 "schoolword",
    NOTAFTER = 37 "notafter", DATEMARK = 38 "datemark", CITYWIDE = 39 "citywide", UNKNOWN = 40 "unknownsuffix",
    EDGE = 41 "edge",
}

impl Class {
    /// No class.
    pub const NONE: Self = Self(0);

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the sets share a class.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// The word lists as an automaton.
#[derive(Debug)]
pub struct Lexicon {
    automaton: AhoCorasick,
    classes: Vec<Class>,
}

impl Lexicon {
    /// Builds the automaton from the word tables.
    ///
    /// # Errors
    /// When the automaton would exceed its own limits.
    pub fn build(language: &Language) -> Result<Self, aho_corasick::BuildError> {
        let mut all: BTreeMap<Vec<char>, Class> = BTreeMap::new();
        for (word, class) in Class::TABLE {
            for chars in language.words(word) {
                let entry = all.entry(chars.clone()).or_insert(Class::NONE);
                *entry = entry.or(*class);
            }
        }
        let patterns: Vec<Vec<u8>> = all.keys().map(|c| code_of(c)).collect();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::DFA))
            .match_kind(MatchKind::Standard)
            .build(patterns)?;
        Ok(Self {
            automaton,
            classes: all.into_values().collect(),
        })
    }

    /// For every character the longest word that starts there: its length and classes.
    pub fn scan(&self, code: &[u8], out: &mut Vec<(u8, Class)>) {
        out.clear();
        out.resize(code.len() / 2, (0, Class::NONE));
        for m in self.automaton.find_overlapping_iter(code) {
            if m.start() % 2 != 0 {
                continue;
            }
            let length = u8::try_from((m.end() - m.start()) / 2).unwrap_or(u8::MAX);
            let slot = &mut out[m.start() / 2];
            if length > slot.0 {
                *slot = (length, self.classes[m.pattern().as_usize()]);
            }
        }
    }
}
