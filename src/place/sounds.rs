//! Which name of the gazetteer sounds like this, or differs by one slip of the hand?

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use pinyin::{ToPinyin, ToPinyinMulti};

/// A hasher for keys that already are hashes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Straight(u64);

impl Hasher for Straight {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &b in bytes {
            self.0 = (self.0 ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

type Table = HashMap<u64, Vec<u32>, BuildHasherDefault<Straight>>;

/// One spoken unit of a text: a syllable or a letter, with the characters it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Folded syllable (zh=z, n=l, ang=an …); 0 = a break (punctuation).
    pub folded: u16,
    /// Exact toneless syllable.
    pub exact: u16,
    /// First character.
    pub start: u32,
    /// One past the last character.
    pub end: u32,
}

/// The sound of every character, and the surfaces by sound.
#[derive(Debug)]
pub struct Sounds {
    /// (folded, exact) per character of the basic plane.
    by_char: Vec<(u16, u16)>,
    full: Table,
    deleted: Table,
    sieve: Vec<u64>,
    units: Vec<Vec<(u16, u16)>>,
    longest: usize,
}

/// How a stretch of text resembles a surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// First character of the text.
    pub start: usize,
    /// One past the last.
    pub end: usize,
    /// Index of the surface.
    pub surface: u32,
    /// Characters that only sound alike.
    pub sounds: u8,
    /// Characters that sound alike only by a common confusion.
    pub confusions: u8,
    /// Whether a character was dropped, doubled, swapped or replaced.
    pub edited: bool,
}

/// How a window is looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// As it is, among whole names.
    Same,
    /// Changed by one slip, among whole names.
    Changed,
    /// Among names that lack one unit.
    Dropped,
}

/// Where a name may be matched with a slip of the hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slips {
    /// Nowhere: only by its sound.
    None,
    /// Anywhere.
    Anywhere,
}

const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
const SIEVE_BITS: u32 = 21;

fn mixed(h: u64) -> u64 {
    let h = (h ^ (h >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h ^ (h >> 32)
}

/// Folds the confusions of speech and of pinyin keyboards into one spelling.
fn fold(plain: &str) -> String {
    let mut s = plain
        .replace("zh", "z")
        .replace("ch", "c")
        .replace("sh", "s")
        .replace("ang", "an")
        .replace("eng", "en")
        .replace("ing", "in");
    if let Some(rest) = s.strip_prefix('n') {
        s = format!("l{rest}");
    } else if let Some(rest) = s.strip_prefix("hu")
        && !rest.is_empty()
    {
        s = format!("f{rest}");
    }
    s
}

struct Interner(HashMap<String, u16>);

impl Interner {
    fn id(&mut self, text: &str) -> u16 {
        let next = u16::try_from(self.0.len() + 1).unwrap_or(u16::MAX);
        *self.0.entry(text.to_owned()).or_insert(next)
    }
}

const SAID: [&str; 10] = [
    "ling", "yi", "er", "san", "si", "wu", "liu", "qi", "ba", "jiu",
];

impl Sounds {
    /// Learns the sounds of all characters and indexes the surfaces. Each comes with where a slip may be.
    #[must_use]
    pub fn build<'a>(surfaces: impl Iterator<Item = (&'a [char], Slips)>) -> Self {
        let mut folded = Interner(HashMap::new());
        let mut exact = Interner(HashMap::new());
        let mut by_char = vec![(0_u16, 0_u16); 0x1_0000];
        for (code, slot) in (0_u32..).zip(&mut by_char) {
            let Some(c) = char::from_u32(code) else {
                continue;
            };
            if c.is_ascii_alphabetic() {
                let s = c.to_string();
                *slot = (folded.id(&s), exact.id(&s));
            } else if let Some(digit) = c.to_digit(10) {
                let s = SAID[digit as usize];
                *slot = (folded.id(&fold(s)), exact.id(s));
            } else if let Some(p) = c.to_pinyin() {
                *slot = (folded.id(&fold(p.plain())), exact.id(p.plain()));
            }
        }
        let mut out = Self {
            by_char,
            full: Table::default(),
            deleted: Table::default(),
            sieve: vec![0; 1 << (SIEVE_BITS - 6)],
            units: Vec::new(),
            longest: 0,
        };
        for (chars, slips) in surfaces {
            let id = u32::try_from(out.units.len()).unwrap_or(u32::MAX);
            let mut units = Vec::new();
            out.units_of(chars, &mut units);
            let spoken: Vec<(u16, u16)> = units.iter().map(|u| (u.folded, u.exact)).collect();
            out.index(id, &spoken, slips);
            for other in other_readings(chars, &units, &folded, &exact) {
                out.index(id, &other, Slips::None);
            }
            out.units.push(spoken);
        }
        out
    }

    fn index(&mut self, id: u32, spoken: &[(u16, u16)], slips: Slips) {
        if spoken.len() < 2 || spoken.iter().any(|u| u.0 == 0) {
            return;
        }
        self.longest = self.longest.max(spoken.len() + 1).min(LONGEST);
        let key = key_of(spoken.iter().map(|u| u.0));
        self.put(key);
        self.full.entry(key).or_default().push(id);
        if slips == Slips::None || spoken.len() < 4 || spoken.len() > 14 {
            return;
        }
        for k in 0..spoken.len() {
            if k > 0 && spoken[k].0 == spoken[k - 1].0 {
                continue;
            }
            let rest = spoken.iter().enumerate().filter(|(i, _)| *i != k);
            let key = key_of(rest.map(|(_, u)| u.0));
            self.put(key);
            self.deleted.entry(key).or_default().push(id);
        }
    }

    fn put(&mut self, key: u64) {
        let bit = key >> (64 - SIEVE_BITS);
        self.sieve[(bit >> 6) as usize] |= 1 << (bit & 63);
    }

    fn may_hold(&self, key: u64) -> bool {
        let bit = key >> (64 - SIEVE_BITS);
        self.sieve[(bit >> 6) as usize] & (1 << (bit & 63)) != 0
    }

    /// The spoken units of a text; two-digit numbers as people say them (17 = shi qi).
    pub fn units_of(&self, chars: &[char], out: &mut Vec<Unit>) {
        out.clear();
        let ten = self.sound('十');
        let mut i = 0;
        while let Some(&c) = chars.get(i) {
            let at = u32::try_from(i).unwrap_or(u32::MAX);
            let run = chars[i..].iter().take_while(|c| c.is_ascii_digit()).count();
            if run == 2 {
                let (tens, ones) = (c, chars[i + 1]);
                let mut push = |sound: (u16, u16), start: u32, end: u32| {
                    out.push(Unit {
                        folded: sound.0,
                        exact: sound.1,
                        start,
                        end,
                    });
                };
                if tens != '1' {
                    push(self.sound(tens), at, at + 1);
                }
                if tens != '1' || ones != '0' {
                    let start = if tens == '1' { at } else { at + 1 };
                    if ones == '0' {
                        push(ten, start, at + 2);
                    } else {
                        push(ten, start.min(at + 1), at + 1);
                        push(self.sound(ones), at + 1, at + 2);
                    }
                } else {
                    push(ten, at, at + 2);
                }
                i += 2;
                continue;
            }
            let sound = self.sound(c);
            out.push(Unit {
                folded: sound.0,
                exact: sound.1,
                start: at,
                end: at + 1,
            });
            i += 1;
        }
    }

    fn sound(&self, c: char) -> (u16, u16) {
        self.by_char
            .get(u32::from(c) as usize)
            .copied()
            .unwrap_or((0, 0))
    }

    /// Everything in `units` that resembles a surface. `open` says which characters may be used; cost about 0.2 µs per window.
    pub fn find(
        &self,
        units: &[Unit],
        open: &dyn Fn(usize, usize) -> bool,
        out: &mut Vec<Likeness>,
    ) {
        out.clear();
        for from in 0..units.len() {
            let mut window = Window::new();
            for until in from..units.len().min(from + self.longest) {
                let unit = units[until];
                if unit.folded == 0 {
                    break;
                }
                window.push(unit.folded);
                let n = until - from + 1;
                if n < 2 || !open(units[from].start as usize, unit.end as usize) {
                    continue;
                }
                self.window(&units[from..=until], &window, out);
            }
        }
    }

    fn window(&self, units: &[Unit], window: &Window, out: &mut Vec<Likeness>) {
        let n = units.len();
        let whole = window.key();
        if self.may_hold(whole) {
            self.each(How::Same, whole, units, out);
            if n >= 3 {
                self.each(How::Dropped, whole, units, out);
            }
        }
        if n < 4 {
            return;
        }
        for k in 0..n {
            if k + 1 < n {
                let key = window.swapped(k);
                if units[k].folded != units[k + 1].folded && self.may_hold(key) {
                    self.each(How::Changed, key, units, out);
                }
            }
            let key = window.without(k);
            if k > 0 && units[k].folded == units[k - 1].folded && self.may_hold(key) {
                self.each(How::Changed, key, units, out);
            }
            if n >= 5 && k > 0 && k + 1 < n && self.may_hold(key) {
                self.each(How::Dropped, key, units, out);
            }
        }
    }

    fn each(&self, how: How, key: u64, units: &[Unit], out: &mut Vec<Likeness>) {
        let table = if how == How::Dropped {
            &self.deleted
        } else {
            &self.full
        };
        let edited = how != How::Same;
        let Some(ids) = table.get(&key) else { return };
        let (start, end) = (units[0].start as usize, units[units.len() - 1].end as usize);
        for &surface in ids {
            let spoken = &self.units[surface as usize];
            let Some(confusions) = confusions(spoken, units, edited) else {
                continue;
            };
            let found = Likeness {
                start,
                end,
                surface,
                sounds: u8::try_from(end - start).unwrap_or(u8::MAX),
                confusions,
                edited,
            };
            if !out.contains(&found) {
                out.push(found);
            }
        }
    }
}

/// How many units sound alike only by a common confusion; `None` if the rows differ by more than one slip (edited) or by too
/// many confusions: one per three units, and with a slip one per six.
fn confusions(name: &[(u16, u16)], text: &[Unit], edited: bool) -> Option<u8> {
    let (n, m) = (name.len(), text.len());
    let same = |i: usize, j: usize| name[i].0 == text[j].folded;
    let odd = |i: usize, j: usize| usize::from(name[i].1 != text[j].exact);
    if !edited {
        if n != m {
            return None;
        }
        let wrong: usize = (0..n).map(|i| odd(i, i)).sum();
        return (wrong * 3 <= n + 1).then(|| u8::try_from(wrong).unwrap_or(u8::MAX));
    }
    let head = (0..n.min(m)).take_while(|&i| same(i, i)).count();
    let tail = (0..n.min(m))
        .take_while(|&i| same(n - 1 - i, m - 1 - i))
        .count();
    let shorter = n.min(m);
    let fits = match n.abs_diff(m) {
        1 => head + tail >= shorter,
        0 => {
            head + tail + 1 >= n
                || head + tail + 2 == n && same(head, head + 1) && same(head + 1, head)
        }
        _ => false,
    };
    if !fits {
        return None;
    }
    let head = head.min(shorter);
    let tail = tail.min(shorter - head);
    let mut wrong: usize = (0..head).map(|i| odd(i, i)).sum();
    wrong += (0..tail).map(|i| odd(n - 1 - i, m - 1 - i)).sum::<usize>();
    (wrong * 6 <= n).then(|| u8::try_from(wrong).unwrap_or(u8::MAX))
}

fn other_readings(
    chars: &[char],
    units: &[Unit],
    folded: &Interner,
    exact: &Interner,
) -> Vec<Vec<(u16, u16)>> {
    let mut out = Vec::new();
    for (i, unit) in units.iter().enumerate() {
        let c = chars[unit.start as usize];
        let Some(multi) = c.to_pinyin_multi() else {
            continue;
        };
        let mut seen = vec![unit.exact];
        for reading in multi.into_iter().take(3) {
            let plain = reading.plain();
            let (Some(&e), Some(&f)) = (exact.0.get(plain), folded.0.get(&fold(plain))) else {
                continue;
            };
            if seen.contains(&e) {
                continue;
            }
            seen.push(e);
            let mut row: Vec<(u16, u16)> = units.iter().map(|u| (u.folded, u.exact)).collect();
            row[i] = (f, e);
            out.push(row);
        }
    }
    out.truncate(4);
    out
}

fn key_of(units: impl Iterator<Item = u16>) -> u64 {
    let mut h = 0_u64;
    for u in units {
        h = h.wrapping_mul(BASE).wrapping_add(u64::from(u) + 1);
    }
    mixed(h)
}

/// Longest window in units.
const LONGEST: usize = 16;

/// Prefix hashes of a growing window, so that a hash without or with swapped units costs O(1).
struct Window {
    prefix: [u64; LONGEST + 1],
    units: [u16; LONGEST],
    length: usize,
}

const fn powers() -> [u64; 20] {
    let mut out = [1_u64; 20];
    let mut i = 1;
    while i < 20 {
        out[i] = out[i - 1].wrapping_mul(BASE);
        i += 1;
    }
    out
}

const POWERS: [u64; 20] = powers();

impl Window {
    const fn new() -> Self {
        Self {
            prefix: [0; LONGEST + 1],
            units: [0; LONGEST],
            length: 0,
        }
    }

    fn push(&mut self, unit: u16) {
        let last = self.prefix[self.length];
        self.units[self.length] = unit;
        self.length += 1;
        self.prefix[self.length] = last.wrapping_mul(BASE).wrapping_add(u64::from(unit) + 1);
    }

    const fn raw(&self) -> u64 {
        self.prefix[self.length]
    }

    fn key(&self) -> u64 {
        mixed(self.raw())
    }

    /// Key without unit `k`.
    fn without(&self, k: usize) -> u64 {
        let after = self.length - k - 1;
        let tail = self
            .raw()
            .wrapping_sub(self.prefix[k + 1].wrapping_mul(POWERS[after]));
        mixed(
            self.prefix[k]
                .wrapping_mul(POWERS[after])
                .wrapping_add(tail),
        )
    }

    /// Key with units `k` and `k + 1` swapped.
    fn swapped(&self, k: usize) -> u64 {
        let after = self.length - k - 2;
        let (a, b) = (u64::from(self.units[k]), u64::from(self.units[k + 1]));
        let delta = b
            .wrapping_sub(a)
            .wrapping_mul(POWERS[after + 1])
            .wrapping_add(a.wrapping_sub(b).wrapping_mul(POWERS[after]));
        mixed(self.raw().wrapping_add(delta))
    }
}

#[cfg(test)]
mod tests {
    use super::{Slips, Sounds};
    use crate::place::normalise::normal_chars;

    fn check(name: &str, text: &str, edited: bool) {
        let name = normal_chars(name);
        let sounds = Sounds::build([(name.as_slice(), Slips::Anywhere)].into_iter());
        let chars = normal_chars(text);
        let mut units = Vec::new();
        sounds.units_of(&chars, &mut units);
        let mut out = Vec::new();
        sounds.find(&units, &|_, _| true, &mut out);
        assert!(
            out.iter().any(|l| l.edited == edited),
            "{text} is not like {name:?}: {out:?}"
        );
    }

    #[test]
    fn slips_of_sound_and_hand_are_found() {
        check("明理路", "名里路", false);
        check("经开第八大街", "警开第8大街", false);
        check("经开第十七大街", "经开地十七大街", false);
        check("七里河便民市场", "七河里便民市场", true);
        check("七里河便民市场", "七里便民市场", true);
        check("七里河便民市场", "七里河河便民市场", true);
        check("丰泰购物中心", "丰台购物中心", false);
        check("丰泰购物中心", "丰秦购物中心", true);
    }
}
