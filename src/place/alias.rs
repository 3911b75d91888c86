//! What did decisions in the review queue teach, and what may they teach at all?

use std::collections::{BTreeMap, BTreeSet};

use thiserror::Error;

use crate::place::gazetteer::Gazetteer;
use crate::place::names::Origin;
use crate::place::normalise::code_of;
use crate::place::normalise::normal_chars;
use crate::place::surfaces::{Named, Surfaces};

/// A surface that decisions in the review queue taught.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The words, as written.
    pub surface: String,
    /// Feature id it means.
    pub feature: String,
    /// District it is valid in; everywhere if none.
    pub district: Option<String>,
    /// How many decisions confirmed it; more make it surer (at most 4 count).
    pub confirmations: u16,
}

/// Why a surface cannot be learned (locating reference, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotLearnable {
    /// Fewer than two syllables.
    #[error("the words have fewer than two characters; mark a longer name")]
    TooShort,
    /// Only digits and letters.
    #[error("the words are a number or a code; mark a name")]
    Number,
    /// A word for a kind of place or a relation.
    #[error("the words say only a kind of place (门口, 小区, 学校门口); mark a name")]
    Generic,
    /// The map itself gives this name to another feature.
    #[error("the map gives this name to another place; correct the map instead")]
    Official,
}

/// Whether a decision may teach this surface for this feature.
///
/// # Errors
/// The reason why not.
pub fn learnable(g: &Gazetteer, surface: &str, feature: &str) -> Result<(), NotLearnable> {
    let chars = normal_chars(surface);
    let han = chars.iter().filter(|c| !c.is_ascii()).count();
    if chars.len() < 2 {
        return Err(NotLearnable::TooShort);
    }
    if han == 0 {
        return Err(NotLearnable::Number);
    }
    if is_generic(g, &chars) {
        return Err(NotLearnable::Generic);
    }
    let own = g.target(feature);
    let taken = g.surfaces.exact(&chars).is_some_and(|s| {
        let named = g.surfaces.named(s);
        let given = |n: &&Named| n.origin == Origin::Given && !n.stop;
        named.iter().any(|n| given(&n)) && !named.iter().any(|n| given(&n) && Some(n.target) == own)
    });
    if taken {
        Err(NotLearnable::Official)
    } else {
        Ok(())
    }
}

/// Whether the characters are nothing but words of the lists.
fn is_generic(g: &Gazetteer, chars: &[char]) -> bool {
    let code = code_of(chars);
    let mut words = Vec::new();
    g.lexicon.scan(&code, &mut words);
    let mut i = 0;
    while let Some((length, _)) = words.get(i) {
        if *length == 0 {
            return false;
        }
        i += usize::from(*length);
    }
    true
}

/// Automata of the learned surfaces: one per district (with those valid everywhere), and one for all others under the empty name.
pub(crate) fn learned(g: &Gazetteer, aliases: &[Alias]) -> BTreeMap<String, Surfaces> {
    let mut districts: BTreeSet<&str> = aliases
        .iter()
        .filter_map(|a| a.district.as_deref())
        .collect();
    if !aliases.is_empty() {
        districts.insert("");
    }
    let mut out = BTreeMap::new();
    for district in districts {
        let mut table: BTreeMap<Vec<char>, Vec<Named>> = BTreeMap::new();
        for alias in aliases {
            let valid = alias.district.as_deref().is_none_or(|d| d == district);
            let (true, Some(target)) = (valid, g.target(&alias.feature)) else {
                continue;
            };
            table
                .entry(normal_chars(&alias.surface))
                .or_default()
                .push(Named {
                    origin: Origin::Learned,
                    target,
                    cue: false,
                    road: false,
                    stop: false,
                    weight: alias.confirmations,
                });
        }
        table.retain(|chars, _| chars.len() >= 2);
        if let Ok(surfaces) = Surfaces::build(table) {
            out.insert(district.to_owned(), surfaces);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{NotLearnable, learnable};
    use crate::place::{CityMap, Gazetteer, Language};

    #[test]
    fn generic_words_and_numbers_are_not_learned() {
        let (g, _) = Gazetteer::build(&CityMap::default(), &Language::mandarin());
        assert_eq!(learnable(&g, "学校门口", "S1"), Err(NotLearnable::Generic));
        assert_eq!(learnable(&g, "小区", "S1"), Err(NotLearnable::Generic));
        assert_eq!(learnable(&g, "12345", "S1"), Err(NotLearnable::Number));
        assert_eq!(learnable(&g, "庄", "S1"), Err(NotLearnable::TooShort));
        assert_eq!(learnable(&g, "老火车站", "S1"), Ok(()));
    }
}
