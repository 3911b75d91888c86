//! Which stretches only sound like a name, or have one slip of the hand, and may still be it?

use crate::place::candidate::{Buffers, Candidate};
use crate::place::gazetteer::Gazetteer;
use crate::place::lexicon::Class;
use crate::place::mention::RELATION;
use crate::place::normalise::Normal;
use crate::place::sounds::Likeness;
use crate::place::target::Target;
use crate::place::wind::{Role, wind_word};

/// Adds candidates that resemble a name.
pub(crate) fn add_likenesses(
    g: &Gazetteer,
    text: &Normal,
    buffers: &mut Buffers,
    all: &mut Vec<Candidate>,
) {
    let chars = text.chars();
    // Exact given names of three characters and more are not cut by a slip; they may only be contained whole.
    let sure: Vec<(usize, usize)> = all
        .iter()
        .filter(|c| c.strong && c.end - c.start >= 3)
        .map(|c| (c.start, c.end))
        .collect();
    let mut covered = vec![0_u32; chars.len() + 1];
    for i in 0..chars.len() {
        let inside = sure.iter().any(|s| s.0 <= i && i < s.1);
        covered[i + 1] = covered[i] + u32::from(inside);
    }
    g.sounds.units_of(chars, &mut buffers.units);
    let open = |start: usize, end: usize| {
        (covered[end] - covered[start]) as usize <= (end - start).saturating_sub(1)
    };
    g.sounds.find(&buffers.units, &open, &mut buffers.likes);
    let text = Heard {
        words: &buffers.words,
        chars,
        sure: &sure,
    };
    for like in &buffers.likes {
        if let Some((slip, strong)) = text.accepts(g, like) {
            all.push(Candidate {
                start: like.start,
                end: like.end,
                surface: like.surface,
                value: 10.0 * (like.end - like.start) as f64 - 6.0 * slip - 1.0,
                slip,
                strong,
                given: false,
            });
        }
    }
}

/// The text around a likeness.
struct Heard<'a> {
    words: &'a [(u8, Class)],
    chars: &'a [char],
    sure: &'a [(usize, usize)],
}

impl Heard<'_> {
    /// Weight of the slip and whether the name counts without a cue; `None` if it is no name here.
    fn accepts(&self, g: &Gazetteer, like: &Likeness) -> Option<(f64, bool)> {
        // A sure name may only be contained whole, with two characters and more around it.
        let cuts = self.sure.iter().any(|s| {
            let apart = like.end <= s.0 || s.1 <= like.start;
            let holds = like.start <= s.0 && s.1 <= like.end;
            !(apart || holds && like.end - like.start >= s.1 - s.0 + 2)
        });
        let name = g.surfaces.chars(like.surface);
        let window = self.chars.get(like.start..like.end)?;
        if cuts || window == name || generic(self.words, like.start, like.end) {
            return None;
        }
        let slip = slip_weight(name, window, like)?;
        let named = g.surfaces.named(like.surface);
        let strong = named.iter().any(|n| !n.cue && !n.road && !n.stop);
        if !strong && (like.edited || !named.iter().any(|n| n.road)) {
            return None;
        }
        let place = named.iter().all(|n| matches!(n.target, Target::Place(_)));
        let begins = || begins(self.words, self.chars, self.sure, like.start);
        // A name without its first character must begin where names begin.
        if like.edited && name.get(1..) == Some(window) && !begins() {
            return None;
        }
        if place && !self.holds_as_place(name, window, like, begins()) {
            return None;
        }
        Some((slip, strong))
    }

    /// A short place name that only sounds alike, or one that lacks its last character, needs a cue beside it; one whose own part
    /// is a single character must begin where names begin (梅溪|湖小学 is not 莲湖小学 without its first character).
    fn holds_as_place(
        &self,
        name: &[char],
        window: &[char],
        like: &Likeness,
        begins: bool,
    ) -> bool {
        let cue = || cue_beside(self.words, self.chars, like.start, like.end);
        if like.edited {
            let own = like.end - like.start - kind_tail(self.words, like.start, like.end);
            let strange = window.iter().any(|c| !name.contains(c));
            let prefix = window.len() < name.len() && name.starts_with(window);
            if own < 2 && (strange || !begins) || prefix && !cue() {
                return false;
            }
        }
        name.len() > 3 || cue()
    }
}

/// Whether a name may begin here: at the start, after a mark, a word, a sure name, or a word that leads to places.
fn begins(words: &[(u8, Class)], chars: &[char], sure: &[(usize, usize)], start: usize) -> bool {
    let Some(j) = start.checked_sub(1) else {
        return true;
    };
    let han = ('\u{4e00}'..='\u{9fff}').contains(&chars[j]);
    !han || "在于映对过经到的和与区县市镇乡往去".contains(chars[j])
        || sure.iter().any(|s| s.1 == start)
        || (j.saturating_sub(4)..=j).any(|i| i + usize::from(words[i].0) == start && words[i].0 > 0)
}

/// How many characters at the end of a stretch are a word for a kind of place.
fn kind_tail(words: &[(u8, Class)], start: usize, end: usize) -> usize {
    (start..end)
        .find(|&i| {
            let (length, class) = words[i];
            i + usize::from(length) == end && class.meets(Class::UNKNOWN.or(Class::LOT))
        })
        .map_or(0, |i| end - i)
}

/// Whether a stretch is nothing but words for kinds of places (菜市场, 停车场入口).
fn generic(words: &[(u8, Class)], start: usize, end: usize) -> bool {
    let mut i = start;
    while i < end {
        let (length, class) = words[i];
        let kind = class.meets(Class::UNKNOWN.or(RELATION).or(Class::EXIT).or(Class::MOUTH));
        if length == 0 || !kind {
            return false;
        }
        i += usize::from(length);
    }
    i == end
}

/// Weight of a slip, or `None` if the difference is one of meaning: another wind, another number.
fn slip_weight(name: &[char], window: &[char], like: &Likeness) -> Option<f64> {
    let telling = |c: &&char| "东南西北中".contains(**c) || c.is_ascii_digit();
    if !like.edited {
        let differ = name.iter().zip(window).filter(|(a, b)| a != b).count();
        return Some(0.5 + 0.15 * differ as f64 + 0.5 * f64::from(like.confusions));
    }
    let mut a: Vec<char> = name.iter().filter(telling).copied().collect();
    let mut b: Vec<char> = window.iter().filter(telling).copied().collect();
    a.sort_unstable();
    b.sort_unstable();
    if name.len() == window.len() && a != b {
        // Swaps keep the characters; a replaced wind or number is another road.
        return None;
    }
    if a != b && a.len() == b.len() {
        return None;
    }
    let mut x: Vec<char> = name.to_vec();
    let mut y: Vec<char> = window.to_vec();
    if x.len() == y.len() && replaced(&x, &y).is_some_and(|c| "与和跟同到至从的、,口路".contains(c))
    {
        return None;
    }
    x.sort_unstable();
    y.sort_unstable();
    if x == y {
        return Some(0.9);
    }
    // Characters of the text that the name does not have: a slip and at most one wrong sound in five.
    let strange = window.iter().filter(|c| !name.contains(c)).count();
    let replaced = usize::from(name.len() == window.len());
    let sounds = strange.saturating_sub(replaced);
    (sounds * 5 <= name.len()).then_some(1.1 + 0.15 * strange as f64)
}

/// The only character of `text` that differs from `name`, if just one does.
fn replaced(name: &[char], text: &[char]) -> Option<char> {
    let mut differ = name.iter().zip(text).filter(|(a, b)| a != b).map(|x| *x.1);
    let first = differ.next()?;
    differ.next().is_none().then_some(first)
}

fn cue_beside(words: &[(u8, Class)], chars: &[char], start: usize, end: usize) -> bool {
    let after = words.get(end).map_or(Class::NONE, |w| w.1);
    let wind = wind_word(chars, end).is_some_and(|w| matches!(w.role, Role::Side | Role::Gate));
    after.meets(RELATION) || wind || start == 0 && end == chars.len()
}
