//! What do the small numbers in the columns mean: categories, areas and units by code.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Code of "none, unknown, outside" in every dictionary.
pub const NONE: u16 = u16::MAX;

/// One entry of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Stable key used in addresses and files: `交通秩序/违法停车`, a feature id, a unit's name.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Code of the entry above it, if the dictionary is a tree.
    pub parent: Option<u16>,
}

/// A dictionary: code (its place in the list) → entry. At most 65,534 entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dict {
    entries: Vec<Entry>,
    by_key: BTreeMap<String, u16>,
}

impl Dict {
    /// An empty dictionary.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: Vec::new(),
            by_key: BTreeMap::new(),
        }
    }

    /// The code of `key`, added with `name` and `parent` if it is new. A full dictionary gives [`NONE`].
    pub fn intern(&mut self, key: &str, name: &str, parent: Option<u16>) -> u16 {
        if let Some(&code) = self.by_key.get(key) {
            return code;
        }
        let Ok(code) = u16::try_from(self.entries.len()) else {
            return NONE;
        };
        if code == NONE {
            return NONE;
        }
        self.entries.push(Entry {
            key: key.to_owned(),
            name: name.to_owned(),
            parent,
        });
        self.by_key.insert(key.to_owned(), code);
        code
    }

    /// The code of a category path, top to leaf; every level becomes an entry whose key is the path joined by `/`.
    pub fn intern_path(&mut self, path: &[String]) -> u16 {
        let mut code = NONE;
        let mut key = String::new();
        for name in path.iter().filter(|n| !n.is_empty()) {
            if !key.is_empty() {
                key.push('/');
            }
            key.push_str(name);
            let parent = (code != NONE).then_some(code);
            code = self.intern(&key, name, parent);
        }
        code
    }

    /// The entry of a code, `None` for [`NONE`] and unknown codes.
    #[must_use]
    pub fn get(&self, code: u16) -> Option<&Entry> {
        self.entries.get(usize::from(code))
    }

    /// The code of a key.
    #[must_use]
    pub fn code(&self, key: &str) -> Option<u16> {
        self.by_key.get(key).copied()
    }

    /// Codes meant by a word: the key itself, else every entry with that name; with all entries below them.
    #[must_use]
    pub fn meant_by(&self, word: &str) -> Vec<u16> {
        let heads: Vec<u16> = match self.code(word) {
            Some(code) => vec![code],
            None => self
                .iter()
                .filter(|(_, e)| e.name == word)
                .map(|(c, _)| c)
                .collect(),
        };
        self.iter()
            .filter(|(code, _)| self.lineage(*code).any(|c| heads.contains(&c)))
            .map(|(code, _)| code)
            .collect()
    }

    /// The code, its parent, and so on upwards; stops after 16 levels.
    fn lineage(&self, code: u16) -> impl Iterator<Item = u16> + '_ {
        std::iter::successors(Some(code), |c| self.get(*c).and_then(|e| e.parent)).take(16)
    }

    /// All entries with their codes, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Entry)> {
        (0..NONE).zip(&self.entries)
    }

    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The dictionaries of one city's index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dicts {
    /// Category tree.
    pub categories: Dict,
    /// Districts and street offices.
    pub areas: Dict,
    /// Units in charge.
    pub units: Dict,
}
