//! Which field does a header name mean, and which code does a value word mean?

use std::collections::HashMap;

use crate::intake::cell::{is_blank, trim};
use crate::intake::field::Field;
use crate::ticket::{Channel, State};

/// Tables of header names and value words, from `data/intake/*.csv`; cities may add rows.
#[derive(Clone, Debug)]
pub struct Synonyms {
    headers: HashMap<String, (Field, u32)>,
    channels: HashMap<String, Channel>,
    hints: HashMap<String, Channel>,
    values: HashMap<String, HashMap<String, String>>,
}

const HEADERS: &str = include_str!("../../data/intake/synonyms.csv");
const CHANNELS: &str = include_str!("../../data/intake/channels.csv");
const HINTS: &str = include_str!("../../data/intake/hints.csv");
const VALUES: &str = include_str!("../../data/intake/values.csv");

impl Default for Synonyms {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Synonyms {
    /// The tables that come with the program.
    #[must_use]
    pub fn built_in() -> Self {
        let mut tables = Self {
            headers: HashMap::new(),
            channels: HashMap::new(),
            hints: HashMap::new(),
            values: HashMap::new(),
        };
        tables.add_headers(HEADERS);
        for [value, code] in pairs(CHANNELS) {
            if let Some(channel) = Channel::from_code(code) {
                tables.channels.insert(normal(value), channel);
            }
        }
        for [header, code] in pairs(HINTS) {
            if let Some(channel) = Channel::from_code(code) {
                tables.hints.insert(normal(header), channel);
            }
        }
        for [kind, value, code] in triples(VALUES) {
            let of_kind = tables.values.entry(kind.to_owned()).or_default();
            of_kind.insert(value.to_owned(), code.to_owned());
            of_kind.insert(normal(value), code.to_owned());
        }
        tables
    }

    /// Adds rows `field,header`; earlier rows win over later ones, both for one header and between two columns of one field.
    pub fn add_headers(&mut self, csv: &str) {
        for [field, header] in pairs(csv) {
            if let Some(field) = Field::from_code(field) {
                let rank = u32::try_from(self.headers.len()).unwrap_or(u32::MAX);
                self.headers.entry(normal(header)).or_insert((field, rank));
            }
        }
    }

    /// The field that a header as it stands in a file means, if it is known.
    #[must_use]
    pub fn field(&self, header: &str) -> Option<Field> {
        self.ranked(header).map(|(field, _)| field)
    }

    /// The field and the rank of the synonym: the smaller, the surer.
    #[must_use]
    pub fn ranked(&self, header: &str) -> Option<(Field, u32)> {
        self.headers.get(&normal(header)).copied()
    }

    /// The channel that a header of this kind of file implies.
    #[must_use]
    pub fn hint(&self, header: &str) -> Option<Channel> {
        self.hints.get(&normal(header)).copied()
    }

    /// The channel that a value of the channel column means.
    #[must_use]
    pub fn channel(&self, value: &str) -> Option<Channel> {
        self.channels
            .get(value)
            .or_else(|| self.channels.get(&normal(value)))
            .copied()
    }

    /// The state that a value of the status column means.
    #[must_use]
    pub fn state(&self, value: &str) -> Option<State> {
        let code = self.value("state", value)?;
        State::from_code(code)
    }

    /// The code of a value word of a kind (`satisfaction`, `yes`, `solved`, `state`); an empty code means "not said".
    #[must_use]
    pub fn value(&self, kind: &str, value: &str) -> Option<&str> {
        // Most cells hold a listed word as it stands; the normal form is made only for the rest.
        let of_kind = self.values.get(kind)?;
        of_kind
            .get(value)
            .or_else(|| of_kind.get(&normal(value)))
            .map(String::as_str)
    }
}

fn pairs(csv: &str) -> impl Iterator<Item = [&str; 2]> {
    csv.lines()
        .skip(1)
        .filter_map(|line| line.split_once(',').map(|(a, b)| [a.trim(), b.trim()]))
}

fn triples(csv: &str) -> impl Iterator<Item = [&str; 3]> {
    csv.lines().skip(1).filter_map(|line| {
        let (a, rest) = line.split_once(',')?;
        let (b, c) = rest.split_once(',')?;
        Some([a.trim(), b.trim(), c.trim()])
    })
}

/// A name without what does not distinguish it: width, case, blanks, `*`, `:`, byte order mark, a trailing remark in brackets.
#[must_use]
pub fn normal(name: &str) -> String {
    let mut out: String = half_width(trim(name))
        .chars()
        .filter(|c| !is_blank(*c) && !matches!(c, '*' | ':' | '"' | '\''))
        .flat_map(char::to_lowercase)
        .collect();
    if out.ends_with(')')
        && let Some(at) = out.rfind('(')
        && at > 0
    {
        out.truncate(at);
    }
    out
}

/// Full-width ASCII (`！`…`～`, U+3000) as half-width; everything else stays.
#[must_use]
pub fn half_width(text: &str) -> String {
    text.chars().map(half_width_char).collect()
}

/// One character of [`half_width`].
#[must_use]
pub const fn half_width_char(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => match char::from_u32(c as u32 - 0xFEE0) {
            Some(narrow) => narrow,
            None => c,
        },
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_width_case_and_remarks() {
        assert_eq!(normal("\u{feff} 工单编号* "), "工单编号");
        assert_eq!(normal("派发时间（yyyy-MM-dd HH:mm:ss）"), "派发时间");
        assert_eq!(normal("来电人 姓名："), "来电人姓名");
        assert_eq!(normal("ＬＮＧ"), "lng");
        assert_eq!(normal("(必填)"), "(必填)");
    }

    #[test]
    fn values_have_codes() {
        let words = Synonyms::built_in();
        assert_eq!(words.channel("12345热线"), Some(Channel::Hotline12345));
        assert_eq!(words.value("solved", "部分解决"), Some("0"));
        assert_eq!(words.value("satisfaction", "未评价"), Some(""));
        assert_eq!(words.state("已归档"), Some(State::Archived));
    }
}
