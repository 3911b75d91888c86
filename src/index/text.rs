//! Which tickets contain these words: postings of Han bigrams and Latin words over the masked texts.
//!
//! A ticket answers to a term when it contains **all** neighbouring pairs of the term's Han characters and all its Latin
//! words or numbers. That is nearly the same as containing the term as one piece, needs no text in memory, and is one
//! rule for list, map, statistics and export. Letters are compared without case, full-width forms as half-width ones.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Bit of a key that says "Latin word", so that it never equals a pair of characters.
const WORD: u64 = 1 << 63;

/// Multiplicative hash for keys that are already well spread integers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u64(u64::from(*b));
        }
    }

    fn write_u64(&mut self, v: u64) {
        let mixed = (self.0.rotate_left(5) ^ v).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

#[derive(Debug, Default)]
struct Growing {
    /// Document number plus one of the last entry.
    last: u32,
    count: u32,
    bytes: Vec<u8>,
}

impl Growing {
    /// Appends a document (number plus one), greater than the last.
    fn push(&mut self, here: u32) {
        let mut gap = here - self.last;
        while gap >= 0x80 {
            self.bytes.push((gap & 0x7F) as u8 | 0x80);
            gap >>= 7;
        }
        self.bytes.push((gap & 0x7F) as u8);
        self.last = here;
        self.count += 1;
    }
}

/// Collects postings while texts stream by.
#[derive(Debug, Default)]
pub(crate) struct TextBuilder {
    lists: HashMap<u64, Growing, BuildHasherDefault<KeyHasher>>,
    docs: u32,
    folded: Vec<char>,
}

/// Postings of a run of documents, immutable.
#[derive(Debug, Default)]
pub(crate) struct TextPart {
    start: u32,
    docs: u32,
    keys: Vec<u64>,
    /// Per key: where its list begins (bytes, or words of `dense` when `count` is more than an eighth of the documents).
    lists: Vec<(u32, u32)>,
    sparse: Vec<u8>,
    dense: Vec<u64>,
}

impl TextBuilder {
    /// Reads the text of the next document.
    pub(crate) fn push(&mut self, text: &str) {
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        folded.extend(text.chars().map(fold));
        keys_of(&folded, &mut |key| self.add(key));
        self.folded = folded;
        self.docs += 1;
    }

    /// Passes over documents without text.
    pub(crate) fn skip(&mut self, documents: usize) {
        self.docs += u32::try_from(documents).unwrap_or(0);
    }

    fn add(&mut self, key: u64) {
        let list = self.lists.entry(key).or_default();
        let here = self.docs + 1;
        if list.last != here {
            list.push(here);
        }
    }

    /// Closes the part; its first document has number `start` in the index. `None` without any word.
    pub(crate) fn finish(self, start: u32) -> Option<TextPart> {
        let mut lists: Vec<(u64, Growing)> = self.lists.into_iter().collect();
        if lists.is_empty() {
            return None;
        }
        lists.sort_unstable_by_key(|(key, _)| *key);
        let mut part = TextPart {
            start,
            docs: self.docs,
            ..TextPart::default()
        };
        for (key, list) in lists {
            part.keys.push(key);
            if part.is_dense(list.count) {
                part.lists.push((index(part.dense.len()), list.count));
                let mut bits = vec![0; part.words()];
                each_gap(&list.bytes, list.count, |doc| set(&mut bits, doc));
                part.dense.extend(bits);
            } else {
                part.lists.push((index(part.sparse.len()), list.count));
                part.sparse.extend(list.bytes);
            }
        }
        part.keys.shrink_to_fit();
        part.lists.shrink_to_fit();
        part.sparse.shrink_to_fit();
        part.dense.shrink_to_fit();
        Some(part)
    }
}

fn index(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn set(bits: &mut [u64], at: u32) {
    bits[(at / 64) as usize] |= 1 << (at % 64);
}

/// Decodes gaps; documents are counted from 0.
fn each_gap(bytes: &[u8], count: u32, mut visit: impl FnMut(u32)) {
    let (mut at, mut shift, mut gap, mut left) = (0_u32, 0, 0_u32, count);
    for b in bytes {
        gap |= u32::from(b & 0x7F) << shift;
        if b & 0x80 != 0 {
            shift += 7;
            continue;
        }
        at += gap;
        visit(at - 1);
        left -= 1;
        if left == 0 {
            return;
        }
        (gap, shift) = (0, 0);
    }
}

impl TextPart {
    fn words(&self) -> usize {
        (self.docs as usize).div_ceil(64)
    }

    const fn is_dense(&self, count: u32) -> bool {
        count > self.docs / 8
    }

    pub(crate) fn bytes(&self) -> usize {
        self.keys.len() * 16 + self.sparse.len() + self.dense.len() * 8
    }

    /// One part out of neighbouring parts; `None` if there is none.
    pub(crate) fn join(parts: &[std::sync::Arc<Self>]) -> Option<Self> {
        let start = parts.first()?.start;
        let mut all = TextBuilder::default();
        for part in parts {
            all.docs = all.docs.max(part.start - start);
            for (position, key) in part.keys.iter().enumerate() {
                let bits = part.bits_at(position);
                let list = all.lists.entry(*key).or_default();
                for doc in ones(&bits) {
                    list.push(part.start - start + doc + 1);
                }
            }
            all.docs += part.docs;
        }
        all.finish(start)
    }

    /// Documents of one key as bits.
    fn bits_at(&self, position: usize) -> Vec<u64> {
        let (from, count) = self.lists[position];
        let from = from as usize;
        if self.is_dense(count) {
            return self.dense[from..from + self.words()].to_vec();
        }
        let mut bits = vec![0; self.words()];
        each_gap(&self.sparse[from..], count, |doc| set(&mut bits, doc));
        bits
    }

    /// Documents that hold what a token asks for.
    fn bits_of(&self, token: Token) -> Vec<u64> {
        let found: Vec<usize> = match token {
            Token::Key(key) => self.keys.binary_search(&key).into_iter().collect(),
            Token::Lone(c) => (0..self.keys.len())
                .filter(|&i| holds(self.keys[i], c))
                .collect(),
        };
        let mut bits = vec![0; self.words()];
        for position in found {
            or(&mut bits, &self.bits_at(position));
        }
        bits
    }

    /// Adds this part's matching documents to `out`, which spans the whole index.
    fn search(&self, tokens: &[Token], out: &mut [u64]) {
        let mut all = vec![u64::MAX; self.words()];
        for token in tokens {
            let bits = self.bits_of(*token);
            all.iter_mut().zip(&bits).for_each(|(a, b)| *a &= b);
        }
        for doc in ones(&all).take_while(|doc| *doc < self.docs) {
            set(out, self.start + doc);
        }
    }
}

fn or(into: &mut [u64], from: &[u64]) {
    into.iter_mut().zip(from).for_each(|(a, b)| *a |= b);
}

fn holds(key: u64, c: char) -> bool {
    key & WORD == 0 && (key >> 32 == u64::from(c) || key & 0xFFFF_FFFF == u64::from(c))
}

/// Positions of the set bits, ascending.
pub(crate) fn ones(bits: &[u64]) -> impl Iterator<Item = u32> + '_ {
    (0_u32..).zip(bits).flat_map(|(w, &word)| {
        std::iter::successors((word != 0).then_some(word), |v| {
            let rest = v & (v - 1);
            (rest != 0).then_some(rest)
        })
        .map(move |v| w * 64 + v.trailing_zeros())
    })
}

/// What one piece of a search text asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A pair of Han characters or a Latin word.
    Key(u64),
    /// A single Han character.
    Lone(char),
}

/// The tokens of a search text; empty if it holds no letter, digit or Han character.
pub(crate) fn tokens(query: &str) -> Vec<Token> {
    let folded: Vec<char> = query.chars().map(fold).collect();
    let mut tokens = Vec::new();
    keys_of(&folded, &mut |key| {
        let lone = key & WORD == 0 && key.trailing_zeros() >= 32;
        let first = u32::try_from(key >> 32).ok().and_then(char::from_u32);
        let token = match first {
            Some(c) if lone => Token::Lone(c),
            _ => Token::Key(key),
        };
        if !tokens.contains(&token) {
            tokens.push(token);
        }
    });
    tokens
}

/// Documents of all parts that hold all tokens, as bits over `documents`.
pub(crate) fn search<'a>(
    parts: impl IntoIterator<Item = &'a TextPart>,
    tokens: &[Token],
    documents: usize,
) -> Vec<u64> {
    let mut out = vec![0; documents.div_ceil(64)];
    for part in parts {
        part.search(tokens, &mut out);
    }
    out
}

/// Whether `text` holds all tokens of `query`: the same rule without postings, for tests and single texts.
#[must_use]
pub fn matches(text: &str, query: &str) -> bool {
    let folded: Vec<char> = text.chars().map(fold).collect();
    let mut keys = Vec::new();
    keys_of(&folded, &mut |key| keys.push(key));
    tokens(query).iter().all(|token| match token {
        Token::Key(key) => keys.contains(key),
        Token::Lone(c) => keys.iter().any(|key| holds(*key, *c)),
    })
}

/// Lower case, and full-width ASCII as half-width.
fn fold(c: char) -> char {
    let plain = match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    plain.to_ascii_lowercase()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇')
}

/// Calls `visit` with the key of every pair of neighbouring Han characters, of every lone one, and of every Latin word.
fn keys_of(text: &[char], visit: &mut impl FnMut(u64)) {
    let mut i = 0;
    while i < text.len() {
        let start = i;
        if is_han(text[i]) {
            while i < text.len() && is_han(text[i]) {
                i += 1;
            }
            han_run(&text[start..i], visit);
        } else if text[i].is_alphanumeric() {
            while i < text.len() && text[i].is_alphanumeric() && !is_han(text[i]) {
                i += 1;
            }
            visit(word_key(&text[start..i]));
        } else {
            i += 1;
        }
    }
}

fn han_run(run: &[char], visit: &mut impl FnMut(u64)) {
    if let [lone] = run {
        visit(u64::from(*lone) << 32);
    }
    for pair in run.windows(2) {
        visit(u64::from(pair[0]) << 32 | u64::from(pair[1]));
    }
}

/// FNV-1a over the characters, marked as a word.
fn word_key(word: &[char]) -> u64 {
    let hash = word.iter().fold(0xCBF2_9CE4_8422_2325_u64, |h, c| {
        (h ^ u64::from(*c)).wrapping_mul(0x0100_0000_01B3)
    });
    hash | WORD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(texts: &[&str]) -> TextPart {
        let mut b = TextBuilder::default();
        for t in texts {
            b.push(t);
        }
        b.finish(0).unwrap()
    }

    #[test]
    fn postings_answer_as_reading_every_text_does() {
        let texts = [
            "文治路与鼎城街交叉口违停",
            "实验小学东门 拥堵",
            "107国道 B12 出口",
            "ＢＲＴ站台",
            "路",
            "",
            "鼎城街东 实验楼",
        ];
        let p = part(&texts);
        for q in [
            "文治路",
            "东门",
            "路",
            "107",
            "b12",
            "brt",
            "实验",
            "鼎城街 实验",
            "无此",
        ] {
            let found: Vec<u32> = ones(&search([&p], &tokens(q), texts.len())).collect();
            let naive: Vec<u32> = (0..7).filter(|&i| matches(texts[i as usize], q)).collect();
            assert_eq!(found, naive, "{q}");
        }
        assert!(tokens("，。").is_empty());
    }
}
