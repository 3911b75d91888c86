//! How does one field read: which names are the place, which are only context, and which form do they make?

use crate::place::candidate::Buffers;
use crate::place::find::find_mentions;
use crate::place::gazetteer::Gazetteer;
use crate::place::lexicon::Class;
use crate::place::located::Precision;
use crate::place::mention::Mention;
use crate::place::normalise::Normal;
use crate::place::reading::Ground;
use crate::place::reading::Reading;
use crate::place::surfaces::Surfaces;
use crate::place::target::Target;
use crate::place::token::{Kind, Token, tokens};
use crate::place::wind::WindWord;

/// What is known beside the text.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hints<'a> {
    /// Town or street office of the row.
    pub town: Option<&'a str>,
    /// Learned surfaces valid for the row.
    pub learned: Option<&'a Surfaces>,
}

/// A field being read.
pub(crate) struct Parser<'a> {
    /// The gazetteer.
    pub g: &'a Gazetteer,
    /// Normalised characters.
    pub chars: &'a [char],
    /// Mentions in order.
    pub mentions: &'a [Mention],
    /// Tokens in order.
    pub tokens: &'a [Token],
    /// Hints of the row.
    pub hints: Hints<'a>,
}

/// Everything one field says.
#[derive(Debug, Default)]
pub(crate) struct FieldReading {
    /// Readings in the order of the text.
    pub readings: Vec<Reading>,
    /// Readings of names that are only context (home, travel).
    pub context: Vec<Reading>,
    /// Characters that look like the name of a place or road that the gazetteer does not know.
    pub unknown: Option<(usize, usize)>,
    /// Whether a citywide word stands there (全区).
    pub citywide: bool,
}

/// Reads a field.
pub(crate) fn read_field(
    g: &Gazetteer,
    text: &Normal,
    buffers: &mut Buffers,
    slips: bool,
    hints: Hints<'_>,
) -> FieldReading {
    if text.chars().is_empty() {
        return FieldReading::default();
    }
    let mentions = find_mentions(g, text, buffers, slips, hints.learned);
    let list = tokens(text.chars(), &buffers.words, &mentions);
    let parser = Parser {
        g,
        chars: text.chars(),
        mentions: &mentions,
        tokens: &list,
        hints,
    };
    parser.read()
}

impl<'a> Parser<'a> {
    fn read(&self) -> FieldReading {
        let mut out = FieldReading::default();
        let mut i = 0;
        while i < self.tokens.len() {
            match self.tokens[i].kind {
                Kind::Word(c) if c.meets(Class::CITYWIDE) => {
                    out.citywide = true;
                    i += 1;
                }
                Kind::Word(c)
                    if out.unknown.is_none()
                        && (c.meets(Class::UNKNOWN) || self.is_road_word(i)) =>
                {
                    out.unknown = self.unknown_name(i);
                    i += 1;
                }
                Kind::Name(_) => {
                    let aside = self.is_aside(i);
                    if let Some((reading, next)) = self.read_at(i) {
                        if aside {
                            out.context.push(reading);
                            i += 1;
                        } else {
                            out.readings.push(reading);
                            i = next.max(i + 1);
                        }
                    } else {
                        i += 1;
                    }
                }
                _ => i += 1,
            }
        }
        out
    }

    fn is_road_word(&self, i: usize) -> bool {
        ["路", "街", "大街", "大道", "路口", "街口", "巷"]
            .iter()
            .any(|w| self.is_text(i, w))
    }

    /// The name that ends with the word at token `i`: at least two and at most six characters before it that are no words.
    fn unknown_name(&self, i: usize) -> Option<(usize, usize)> {
        let mut start = i;
        while start > 0
            && i - start < 6
            && matches!(self.tokens[start - 1].kind, Kind::Other(c) if is_han(c))
        {
            start -= 1;
        }
        let name: String = self.chars[self.tokens[start].start..self.tokens[i].start]
            .iter()
            .collect();
        // 应该多建停车场, 附近没有停车场: a wish for any car park, not the name of one.
        let general = GENERAL.iter().any(|word| name.ends_with(word));
        (i - start >= 2 && !general).then(|| (self.tokens[start].start, self.tokens[i].end))
    }

    fn read_at(&self, i: usize) -> Option<(Reading, usize)> {
        let m = self.mention(i)?;
        if m.area().is_some() {
            // An area before a name is a prefix of that name.
            if self.mention(i + 1).is_some() {
                return None;
            }
            return self.read_area(i);
        }
        let road = m.roads().next().is_some();
        let place = m.places().next().is_some();
        if road && let Some(found) = self.read_road(i, !place) {
            return Some(found);
        }
        if place {
            return self.read_place(i, None);
        }
        None
    }

    /// The mention at token `i`.
    pub(crate) fn mention(&self, i: usize) -> Option<&'a Mention> {
        match self.tokens.get(i)?.kind {
            Kind::Name(k) => self.mentions.get(k),
            _ => None,
        }
    }

    /// The mention at token `i` if it may be a road.
    pub(crate) fn road_mention(&self, i: usize) -> Option<&'a Mention> {
        self.mention(i).filter(|m| m.roads().next().is_some())
    }

    /// The mention at token `i` if it may be a place.
    pub(crate) fn place_mention(&self, i: usize) -> Option<&'a Mention> {
        self.mention(i).filter(|m| m.places().next().is_some())
    }

    /// Classes of the word at token `i`.
    pub(crate) fn word(&self, i: usize) -> Class {
        match self.tokens.get(i).map(|t| t.kind) {
            Some(Kind::Word(c)) => c,
            _ => Class::NONE,
        }
    }

    /// Whether token `i` is a word of one of these classes.
    pub(crate) fn is(&self, i: usize, classes: Class) -> bool {
        self.word(i).meets(classes)
    }

    /// Whether token `i` is exactly this text.
    pub(crate) fn is_text(&self, i: usize, text: &str) -> bool {
        self.tokens
            .get(i)
            .is_some_and(|t| self.chars[t.start..t.end].iter().copied().eq(text.chars()))
    }

    /// The text of token `i`.
    pub(crate) fn text(&self, i: usize) -> String {
        self.tokens
            .get(i)
            .map(|t| self.chars[t.start..t.end].iter().collect())
            .unwrap_or_default()
    }

    /// The wind at token `i`.
    pub(crate) fn wind(&self, i: usize) -> Option<WindWord> {
        match self.tokens.get(i)?.kind {
            Kind::Wind(w) => Some(w),
            _ => None,
        }
    }

    /// Skips words of these classes from `i`.
    pub(crate) fn skip(&self, mut i: usize, classes: Class) -> usize {
        while self.is(i, classes) {
            i += 1;
        }
        i
    }

    /// Index of the first token at or after a character.
    pub(crate) fn token_at(&self, at: usize) -> usize {
        self.tokens.partition_point(|t| t.start < at)
    }

    /// First character of token `i`.
    pub(crate) fn start(&self, i: usize) -> usize {
        self.tokens.get(i).map_or(self.chars.len(), |t| t.start)
    }

    /// One past the last character of the token before `i`.
    pub(crate) fn end_before(&self, i: usize) -> usize {
        i.checked_sub(1)
            .and_then(|j| self.tokens.get(j))
            .map_or(0, |t| t.end)
    }

    fn read_area(&self, i: usize) -> Option<(Reading, usize)> {
        let m = self.mention(i)?;
        let a = m.area()?;
        let area = self.g.areas.get(a as usize)?;
        let reading = Reading {
            form: if area.top {
                "area_district"
            } else {
                "area_town"
            },
            precision: Precision::Area,
            point: area.centre,
            ground: Ground::Area(area.id.clone()),
            radius_m: area.radius_m,
            z: 2.0 - m.cost(),
            features: vec![area.id.clone()],
            label: area.name.clone(),
            span: (m.start, m.end),
            parts: vec![(m.start, m.end, area.id.clone())],
            others: Vec::new(),
            movement: None,
            names: 1,
            ambiguity: 0.0,
            flags: Vec::new(),
        };
        Some((reading, i + 1))
    }

    /// A part for highlighting.
    pub(crate) fn part(&self, i: usize, target: Target) -> (usize, usize, String) {
        let t = self.tokens[i];
        (t.start, t.end, self.g.id_of(target).to_owned())
    }
}

/// Words before a suffix that make it a kind of thing and not a name.
const GENERAL: &[&str] = &[
    "多建",
    "新建",
    "修建",
    "扩建",
    "改建",
    "建个",
    "建一个",
    "建1个",
    "再建",
    "加建",
    "兴建",
    "多修",
    "修个",
    "多设",
    "增设",
    "增加",
    "设置",
    "设立",
    "开放",
    "规划",
    "配套",
    "配建",
    "缺少",
    "缺乏",
    "没有",
    "没个",
    "更多",
    "很多",
    "许多",
    "几个",
    "1个",
    "1些",
    "各个",
    "所有",
    "每个",
    "整个",
    "其他",
    "其它",
    "什么",
    "任何",
    "公共",
    "地下",
    "露天",
    "立体",
    "免费",
    "收费",
    "路边",
    "临时",
    "大型",
    "小型",
    "老旧",
    "附近",
    "周边",
    "旁边",
    "隔壁",
    "自己",
    "我们",
    "希望",
];

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c) && !"的了在有是我你他请为被把就都很不没这那".contains(c)
}
