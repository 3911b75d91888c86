//! Which words does the language put around place names, and how does it shorten the names themselves?

use crate::place::normalise::normal_chars;

/// The word tables of the language, read from `data/language` at build time.
#[derive(Clone, Debug)]
pub struct Language {
    /// Words by class.
    pub cues: Vec<(String, Vec<Vec<char>>)>,
    /// Rules that make short names.
    pub rules: Vec<NameRule>,
    /// Syllables that stand in front of ordinal road names without being part of them: 经开, 高新.
    pub zones: Vec<Vec<char>>,
    /// Pairs of characters that look alike.
    pub alike: Vec<(char, char)>,
}

/// One rule: names of some kinds that match the pattern also have these surfaces.
#[derive(Clone, Debug)]
pub struct NameRule {
    /// Kinds it applies to.
    pub kinds: Vec<String>,
    /// Pattern over the normalised name.
    pub pattern: Vec<Part>,
    /// Surfaces with whether they need a cue.
    pub surfaces: Vec<(Vec<Part>, bool)>,
}

/// A piece of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Exactly this character.
    One(char),
    /// Any characters, at least one.
    Any,
    /// Digits.
    Number,
    /// One of 东南西北中.
    Wind,
}

const CUES: &str = include_str!("../../data/language/cues.txt");
const RULES: &str = include_str!("../../data/language/name_rules.txt");
const ZONES: &str = include_str!("../../data/language/zones.txt");
const ALIKE: &str = include_str!("../../data/language/look_alike.txt");

impl Language {
    /// The Mandarin tables that come with the program.
    #[must_use]
    pub fn mandarin() -> Self {
        Self {
            cues: lines(CUES)
                .filter_map(|l| {
                    let (class, words) = l.split_once(':')?;
                    let words = words.split_whitespace().map(normal_chars).collect();
                    Some((class.trim().to_owned(), words))
                })
                .collect(),
            rules: lines(RULES).filter_map(NameRule::parse).collect(),
            zones: lines(ZONES)
                .flat_map(str::split_whitespace)
                .map(normal_chars)
                .collect(),
            alike: lines(ALIKE)
                .flat_map(str::split_whitespace)
                .filter_map(|w| {
                    let mut c = w.chars();
                    Some((c.next()?, c.next()?))
                })
                .collect(),
        }
    }

    /// The words of one class; empty for an unknown class.
    #[must_use]
    pub fn words(&self, class: &str) -> &[Vec<char>] {
        self.cues
            .iter()
            .find(|c| c.0 == class)
            .map_or(&[], |c| c.1.as_slice())
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with('#'))
}

impl NameRule {
    /// Reads `kinds | pattern = surface surface?`; `None` for a line of another shape.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let (kinds, rest) = line.split_once('|')?;
        let (pattern, surfaces) = rest.split_once('=')?;
        Some(Self {
            kinds: kinds.split_whitespace().map(str::to_owned).collect(),
            pattern: parts(pattern.trim()),
            surfaces: surfaces
                .split_whitespace()
                .filter(|s| *s != "?")
                .map(|s| {
                    let cue = s.ends_with('?');
                    (parts(s.trim_end_matches('?')), cue)
                })
                .collect(),
        })
    }

    /// The surfaces of a name under this rule; empty if the pattern does not fit.
    #[must_use]
    pub fn apply(&self, name: &[char]) -> Vec<(Vec<char>, bool)> {
        let Some(found) = fit(&self.pattern, name) else {
            return Vec::new();
        };
        self.surfaces
            .iter()
            .map(|(surface, cue)| (fill(surface, &found), *cue))
            .collect()
    }
}

fn parts(text: &str) -> Vec<Part> {
    let plain = text.replace("{n}", "\u{1}").replace("{w}", "\u{2}");
    plain
        .chars()
        .flat_map(|c| match c {
            '*' => vec![Part::Any],
            '\u{1}' => vec![Part::Number],
            '\u{2}' => vec![Part::Wind],
            _ => normal_chars(&c.to_string())
                .into_iter()
                .map(Part::One)
                .collect(),
        })
        .collect()
}

/// What the placeholders of a pattern held.
#[derive(Clone, Debug, Default)]
struct Found {
    any: Vec<char>,
    number: Vec<char>,
    wind: Option<char>,
}

fn fit(pattern: &[Part], name: &[char]) -> Option<Found> {
    let Some((part, rest)) = pattern.split_first() else {
        return name.is_empty().then(Found::default);
    };
    match part {
        Part::One(c) => (name.first() == Some(c))
            .then(|| fit(rest, name.get(1..).unwrap_or(&[])))
            .flatten(),
        Part::Wind => {
            let c = *name.first()?;
            if !"东南西北中".contains(c) {
                return None;
            }
            let mut found = fit(rest, name.get(1..)?)?;
            found.wind = Some(c);
            Some(found)
        }
        Part::Number => {
            let n = name.iter().take_while(|c| c.is_ascii_digit()).count();
            if n == 0 {
                return None;
            }
            let mut found = fit(rest, name.get(n..)?)?;
            found.number = name.get(..n)?.to_vec();
            Some(found)
        }
        Part::Any => (1..=name.len()).find_map(|n| {
            let mut found = fit(rest, name.get(n..)?)?;
            found.any = name.get(..n)?.to_vec();
            Some(found)
        }),
    }
}

fn fill(surface: &[Part], found: &Found) -> Vec<char> {
    let mut out = Vec::new();
    for part in surface {
        match part {
            Part::One(c) => out.push(*c),
            Part::Any => out.extend(&found.any),
            Part::Number => out.extend(&found.number),
            Part::Wind => out.extend(found.wind),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Language, NameRule};
    use crate::place::normalise::normal_chars;

    #[test]
    fn a_rule_shortens_a_numbered_school() {
        let rule = NameRule::parse("school | 第{n}实验小学 = {n}实小 实验{n}小?").unwrap();
        let made: Vec<(String, bool)> = rule
            .apply(&normal_chars("第二实验小学"))
            .into_iter()
            .map(|(s, c)| (s.into_iter().collect(), c))
            .collect();
        assert_eq!(
            made,
            [("2实小".to_owned(), false), ("实验2小".to_owned(), true)]
        );
    }

    #[test]
    fn the_tables_are_read_whole() {
        let language = Language::mandarin();
        assert!(language.words("head").len() > 20 && language.rules.len() > 60);
    }
}
