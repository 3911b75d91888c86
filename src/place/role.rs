//! Is a named place where it happens, or only where the caller lives, comes from, compares with, or whom he asked?

use crate::place::lexicon::Class;
use crate::place::parser::Parser;
use crate::place::token::Kind;
use crate::place::wind::Role;

impl Parser<'_> {
    /// Whether the name at token `i` is only context: home, way, comparison, authority.
    pub(crate) fn is_aside(&self, i: usize) -> bool {
        home(self, i) || travel(self, i) || comparison(self, i) || authority(self, i)
    }
}

/// Index of the nearest token before `i` that is not an area name or a small filler.
fn before(p: &Parser<'_>, i: usize) -> Option<usize> {
    let mut j = i.checked_sub(1)?;
    while p.mention(j).is_some_and(|m| m.area().is_some())
        || p.is_text(j, "的")
        || p.is_text(j, "在")
    {
        j = j.checked_sub(1)?;
    }
    // Administrative prefixes that the map does not know: 河南省, 郑州市.
    if let Kind::Other('省' | '市' | '县' | '区' | '镇' | '乡') = p.tokens[j].kind {
        let mut k = j;
        for _ in 0..9 {
            if !matches!(p.tokens[k].kind, Kind::Other(_) | Kind::Wind(_)) {
                return Some(k);
            }
            k = k.checked_sub(1)?;
        }
    }
    Some(j)
}

fn home(p: &Parser<'_>, i: usize) -> bool {
    if p.is(i + 1, Class::HOMEAFTER) || p.is(i + 2, Class::HOMEAFTER) && p.is_text(i + 1, "小区")
    {
        return true;
    }
    before(p, i)
        .is_some_and(|j| p.is(j, Class::HOME) && !p.is_text(j, "我是") && !p.is_text(j, "我们是"))
}

fn travel(p: &Parser<'_>, i: usize) -> bool {
    // 从P东门出来: at the gate itself, not on the way from it.
    let gate = p.is(i + 1, Class::GATE) || p.wind(i + 1).is_some_and(|w| w.role == Role::Gate);
    let after = (i + 1..i + 3).any(|k| p.is(k, Class::TRAVELAFTER)) && !gate;
    let Some(j) = before(p, i) else { return false };
    if p.is(j, Class::TRAVELFROM) && after {
        return true;
    }
    let long = p.tokens[j].end - p.tokens[j].start >= 2;
    if p.is(j, Class::TRAVELTO) && (long || after) {
        return true;
    }
    // 平时走X回家: the verb stands apart.
    p.is_text(j, "走") && after
}

fn comparison(p: &Parser<'_>, i: usize) -> bool {
    before(p, i).is_some_and(|j| p.is(j, Class::COMPARISON))
        && (i + 1..i + 4).any(|k| p.is(k, Class::COMPARISONAFTER))
}

fn authority(p: &Parser<'_>, i: usize) -> bool {
    p.is(i + 1, Class::AUTHORITY)
}
