//! Which field does a header name mean, and which code does a value word mean?

use std::collections::HashMap;

use crate::intake::cell::{is_blank, trim};
use crate::intake::field::Field;
use crate::ticket::{Channel, State};

/// What a column of nobody's field tells about a person, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// What somebody is called.
    Name,
    /// A phone.
    Phone,
    /// The number of a document or a card.
    IdCard,
    /// Who somebody is on a platform.
    Account,
    /// Where somebody lives.
    Address,
    /// Anything else that tells who it is.
    Other,
}

impl Secret {
    fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "name" => Self::Name,
            "phone" => Self::Phone,
            "id_card" => Self::IdCard,
            "account" => Self::Account,
            "address" => Self::Address,
            "other" => Self::Other,
            _ => return None,
        })
    }

    /// What a field of the petitioner holds; `None` for all other fields.
    #[must_use]
    pub const fn of(field: Field) -> Option<Self> {
        Some(match field {
            Field::PetitionerName => Self::Name,
            Field::PetitionerPhone => Self::Phone,
            Field::PetitionerIdCard => Self::IdCard,
            Field::PetitionerAccount => Self::Account,
            _ => return None,
        })
    }
}

/// A word of a header that betrays a person, unless one of the other words stands in it too.
#[derive(Clone, Debug)]
struct Betrays {
    secret: Secret,
    word: String,
    except: Vec<String>,
}

/// Tables of header names and value words, from `data/intake/*.csv`; cities may add rows.
#[derive(Clone, Debug)]
pub struct Synonyms {
    headers: HashMap<String, (Field, u32)>,
    channels: HashMap<String, Channel>,
    hints: HashMap<String, Channel>,
    values: HashMap<String, HashMap<String, String>>,
    personal: Vec<Betrays>,
}

const HEADERS: &str = include_str!("../../data/intake/synonyms.csv");
const CHANNELS: &str = include_str!("../../data/intake/channels.csv");
const HINTS: &str = include_str!("../../data/intake/hints.csv");
const VALUES: &str = include_str!("../../data/intake/values.csv");
const PERSONAL: &str = include_str!("../../data/intake/personal.csv");

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
            personal: personal(PERSONAL),
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

    /// What a column tells about a person whatever it is mapped to: a header of a petitioner's field, or one that holds a word of
    /// `personal.csv`; the first row of the table that fits decides.
    #[must_use]
    pub fn secret(&self, header: &str) -> Option<Secret> {
        let name = normal_whole(header);
        // A remark in brackets says more than the name before it: `联系人（手机）`.
        let remark = name.strip_prefix(&normal(header)).unwrap_or("");
        self.betrayed(remark)
            .or_else(|| self.field(header).and_then(Secret::of))
            .or_else(|| self.betrayed(&name))
    }

    fn betrayed(&self, name: &str) -> Option<Secret> {
        let fits = |b: &&Betrays| {
            name.contains(&b.word) && !b.except.iter().any(|other| name.contains(other))
        };
        self.personal.iter().find(fits).map(|b| b.secret)
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

fn personal(csv: &str) -> Vec<Betrays> {
    let row = |[kind, word, except]: [&str; 3]| {
        Some(Betrays {
            secret: Secret::from_code(kind)?,
            word: normal_whole(word),
            except: except
                .split('|')
                .filter(|w| !w.is_empty())
                .map(normal_whole)
                .collect(),
        })
    };
    triples(csv).filter_map(row).collect()
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
    let mut out = normal_whole(name);
    if out.ends_with(')')
        && let Some(at) = out.rfind('(')
        && at > 0
    {
        out.truncate(at);
    }
    out
}

/// The same with the remark.
fn normal_whole(name: &str) -> String {
    half_width(trim(name))
        .chars()
        .filter(|c| !is_blank(*c) && !matches!(c, '*' | ':' | '"' | '\''))
        .flat_map(char::to_lowercase)
        .collect()
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

    #[test]
    fn a_header_betrays_a_person_by_its_words_whatever_it_is_mapped_to() {
        let words = Synonyms::built_in();
        for (header, secret) in [
            ("家庭住址", Secret::Address),
            ("诉求人住址", Secret::Address),
            ("户籍所在地", Secret::Address),
            ("申请人", Secret::Name),
            ("求助人", Secret::Name),
            ("诉求人", Secret::Name),
            ("留言人", Secret::Name),
            ("reporter_name", Secret::Name),
            ("联系人（手机）", Secret::Phone),
            ("来信人电话", Secret::Phone),
            ("身份证号码", Secret::IdCard),
            ("留言用户", Secret::Account),
            ("用户编号", Secret::Account),
            ("用户账号", Secret::Account),
            ("account_id", Secret::Account),
            ("微信号", Secret::Account),
            ("QQ", Secret::Account),
            ("出生日期", Secret::Other),
        ] {
            assert_eq!(words.secret(header), Some(secret), "{header}");
        }
        for header in [
            "事发地址",
            "地址",
            "承办人",
            "诉求人性别",
            "业主委员会",
            "微信渠道",
            "工单号码",
            "用户满意度",
            "处理结果",
            "路段",
        ] {
            assert_eq!(words.secret(header), None, "{header}");
        }
    }
}
