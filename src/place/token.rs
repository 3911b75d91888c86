//! Into which pieces does a text fall: names, words with a job, winds, numbers, and the rest?

use crate::place::lexicon::Class;
use crate::place::mention::Mention;
use crate::place::wind::{WindWord, wind_word};

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// A mention, by index.
    Name(usize),
    /// A word of the lists.
    Word(Class),
    /// A wind.
    Wind(WindWord),
    /// Digits.
    Number,
    /// Any other character.
    Other(char),
}

/// A piece of the normalised text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Token {
    /// What it is.
    pub kind: Kind,
    /// First character.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// Cuts the text into tokens; names first, then winds, numbers, words.
pub(crate) fn tokens(chars: &[char], words: &[(u8, Class)], mentions: &[Mention]) -> Vec<Token> {
    let mut out = Vec::new();
    let mut names = mentions.iter().enumerate().peekable();
    let mut i = 0;
    while i < chars.len() {
        let next_name = names.peek().map_or(chars.len(), |(_, m)| m.start);
        if next_name <= i
            && let Some((k, m)) = names.next()
        {
            if m.end > i {
                out.push(Token {
                    kind: Kind::Name(k),
                    start: m.start,
                    end: m.end,
                });
                i = m.end;
            }
            continue;
        }
        let token = piece(chars, words, i, next_name);
        i = token.end;
        out.push(token);
    }
    out
}

fn piece(chars: &[char], words: &[(u8, Class)], i: usize, limit: usize) -> Token {
    let c = chars[i];
    let (length, class) = words[i];
    let word_end = i + usize::from(length);
    // 10字路口 is a word that begins with digits.
    if c.is_ascii_digit() && (length < 3 || word_end > limit) {
        let n = chars[i..limit]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count();
        return Token {
            kind: Kind::Number,
            start: i,
            end: i + n.max(1),
        };
    }
    if let Some(wind) = wind_word(chars, i)
        && i + wind.length <= limit
        && wind.length >= usize::from(length)
    {
        return Token {
            kind: Kind::Wind(wind),
            start: i,
            end: i + wind.length,
        };
    }
    if length > 0 && word_end <= limit {
        return Token {
            kind: Kind::Word(class),
            start: i,
            end: word_end,
        };
    }
    Token {
        kind: Kind::Other(c),
        start: i,
        end: i + 1,
    }
}

/// Metres written at `at` (400米, 4百米, 1百50米, 两公里, 三四百米 as 300): value and one past the end.
pub(crate) fn metres(chars: &[char], at: usize) -> Option<(f64, usize)> {
    let mut i = at;
    let (mut total, mut current, mut seen) = (0.0_f64, 0.0_f64, false);
    let mut scale = 0.0;
    while let Some(&c) = chars.get(i) {
        match c {
            '0'..='9' => {
                let n = chars[i..]
                    .iter()
                    .take_while(|c| c.is_ascii_digit())
                    .count()
                    .min(6);
                let digits: String = chars[i..i + n].iter().collect();
                current = digits.parse().ok()?;
                seen = true;
                i += n;
                continue;
            }
            '两' => {
                current = 2.0;
                seen = true;
            }
            '几' | '数' => {
                current = 3.0;
                seen = true;
            }
            '百' | '千' => {
                seen = true;
                scale = if c == '百' { 100.0 } else { 1_000.0 };
                total += current.max(1.0) * scale;
                current = 0.0;
            }
            '多' | '来' | '余' | '.' if seen => {
                if c == '.' {
                    break;
                }
            }
            _ => break,
        }
        i += 1;
    }
    if !seen {
        return None;
    }
    if current > 0.0 && current < 10.0 && scale > 0.0 {
        current *= scale / 10.0;
    }
    let value = total + current;
    let rest = chars.get(i..).unwrap_or(&[]);
    if rest.first() == Some(&'米')
        || rest.first() == Some(&'M') && rest.get(1).is_none_or(|c| !c.is_ascii_alphabetic())
    {
        return Some((value, i + 1));
    }
    if rest.starts_with(&['公', '里'])
        || rest.starts_with(&['千', '米'])
        || rest.starts_with(&['K', 'M'])
    {
        return Some((value * 1_000.0, i + 2));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::metres;
    use crate::place::normalise::normal_chars;

    fn check(text: &str, expected: Option<f64>) {
        assert_eq!(
            metres(&normal_chars(text), 0).map(|m| m.0),
            expected,
            "{text}"
        );
    }

    #[test]
    fn metres_are_read_in_every_spelling() {
        check("400米左右", Some(400.0));
        check("四百米", Some(400.0));
        check("一百五十米", Some(150.0));
        check("一百五米", Some(150.0));
        check("两公里", Some(2_000.0));
        check("150m", Some(150.0));
        check("12号", None);
    }
}
