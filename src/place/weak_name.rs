//! Which short or ambiguous surfaces count because of what stands beside them?

use crate::place::candidate::{Candidate, Choice};
use crate::place::lexicon::Class;
use crate::place::mention::RELATION;
use crate::place::surfaces::Named;
use crate::place::target::Target;
use crate::place::wind::{Role, wind_word};

/// Keeps surfaces that need a cue, until nothing more is found: each found name may be the cue of the next.
pub(crate) fn add_weak(choice: &mut Choice<'_>, weak: Vec<Candidate>) {
    let areas: Vec<(usize, usize)> = weak
        .iter()
        .filter(|c| {
            let named = choice.g.surfaces.named(c.surface);
            named.iter().any(|n| matches!(n.target, Target::Area(_)))
        })
        .map(|c| (c.start, c.end))
        .collect();
    let mut left = weak;
    for _ in 0..3 {
        let before = choice.kept.len();
        let mut rest = Vec::new();
        for c in left {
            if !choice.is_free(&c) {
                continue;
            }
            let around = Around {
                choice,
                areas: &areas,
            };
            let named = around.accepted(&c);
            if named.is_empty() {
                rest.push(c);
                continue;
            }
            let faint = named.iter().all(|n| n.cue && !n.road) && around.faint(&c);
            choice.keep(c, named, faint);
        }
        left = rest;
        if choice.kept.len() == before {
            break;
        }
    }
    pair_stems(choice, &left);
}

/// Two bare road stems that meet and are followed by a head: 明理商都交界处.
fn pair_stems(choice: &mut Choice<'_>, left: &[Candidate]) {
    for a in left {
        for b in left {
            let (x, y) = (stems(choice, a), stems(choice, b));
            if x.is_empty() || y.is_empty() || !paired(choice, a, b) {
                continue;
            }
            let meet = x.iter().any(|p| {
                y.iter().any(|q| match (p.target, q.target) {
                    (Target::Road(p), Target::Road(q)) => !choice.g.junctions.of(p, q).is_empty(),
                    _ => false,
                })
            });
            if meet && choice.is_free(a) && choice.is_free(b) {
                choice.keep(a.clone(), x, false);
                choice.keep(b.clone(), y, false);
            }
        }
    }
}

fn stems(choice: &Choice<'_>, c: &Candidate) -> Vec<Named> {
    let named = choice.g.surfaces.named(c.surface);
    named.iter().filter(|n| n.road).copied().collect()
}

/// Whether two stems stand side by side and are said as a junction.
fn paired(choice: &Choice<'_>, a: &Candidate, b: &Candidate) -> bool {
    let (chars, words) = (choice.chars, choice.words);
    let joined = a.end == b.start
        || a.end + 1 == b.start
            && (words[a.end].1.meets(Class::CONNECTOR) || chars[a.end] == chars[b.start]);
    if !joined {
        return false;
    }
    let of = usize::from(chars.get(b.end) == Some(&'的'));
    let head = words
        .get(b.end + of)
        .is_some_and(|w| w.1.meets(Class::HEAD.or(Class::MOUTH)));
    let toward = wind_word(chars, b.end).is_some_and(|w| w.role == Role::Toward);
    head || toward || a.start == 0 && b.end == chars.len()
}

/// What stands around a candidate that needs a cue.
struct Around<'a> {
    choice: &'a Choice<'a>,
    /// Stems of areas that stand in the text (澄湖 in 澄湖二中).
    areas: &'a [(usize, usize)],
}

impl Around<'_> {
    fn road_at(&self, i: usize) -> bool {
        let named = self.choice.named_at(i);
        named.is_some_and(|n| n.iter().any(|n| matches!(n.target, Target::Road(_))))
    }

    fn word(&self, i: usize) -> Class {
        self.choice.words.get(i).map_or(Class::NONE, |w| w.1)
    }

    /// Whether a road ends before `start`, with at most a connector, a mouth, a comma between.
    fn road_before(&self, start: usize) -> bool {
        let mut i = start;
        for _ in 0..4 {
            let Some(j) = i.checked_sub(1) else {
                return false;
            };
            if self.road_at(j) {
                return true;
            }
            let c = self.choice.chars[j];
            if !"与和跟同、-/~到至从由及口的过沿,靠近X×就是距自起上区市之间中".contains(c)
            {
                // 从A路口到B: the word 路口 lies between.
                if c == '口' || !(c == '路' && self.choice.chars.get(j + 1) == Some(&'口')) {
                    return false;
                }
            }
            i = j;
        }
        false
    }

    /// Whether a road starts after `end`, with at most a connector between.
    fn road_after(&self, end: usize) -> bool {
        for i in end..end + 3 {
            if self.road_at(i) {
                return true;
            }
            let Some(c) = self.choice.chars.get(i) else {
                return false;
            };
            if !"与和跟同、-/~到至从由及口,近过".contains(*c) {
                return false;
            }
        }
        false
    }

    fn accepted(&self, c: &Candidate) -> Vec<Named> {
        let named = self.choice.g.surfaces.named(c.surface);
        let road_near = self.road_before(c.start) || self.road_after(c.end);
        let along = c.start > 0
            && self.choice.chars[c.start - 1] == '沿'
            && wind_word(self.choice.chars, c.end).is_some();
        let next = self.word(c.end);
        let blocked = next.meets(Class::NOTAFTER) && !next.meets(RELATION);
        named
            .iter()
            .filter(|n| match n.target {
                Target::Road(_) => n.road && (road_near || along),
                Target::Area(_) => self.choice.named_at(c.end).is_some(),
                Target::Place(_) => n.cue && !n.stop && !blocked && self.place_cue(c, road_near),
            })
            .copied()
            .collect()
    }

    fn place_cue(&self, c: &Candidate, road_near: bool) -> bool {
        let next = self.word(c.end);
        let wind = wind_word(self.choice.chars, c.end)
            .is_some_and(|w| matches!(w.role, Role::Side | Role::Gate));
        let mut before = c.start;
        if before > 0 && "区市县的".contains(self.choice.chars[before - 1]) {
            before -= 1;
        }
        let name_before = before > 0 && self.choice.named_at(before - 1).is_some();
        let prefixed = self.areas.iter().any(|a| a.1 == before);
        let road_after = self.road_at(c.end);
        let placed = next.meets(Class::FILLER) && !next.meets(Class::CONNECTOR);
        next.meets(RELATION)
            || wind
            || name_before
            || prefixed
            || road_near && (c.end - c.start > 2 || road_after || self.road_before(c.start))
            || placed && c.given && self.opened(c.start)
            || self.bounded(c)
            || self.opened(c.start) && c.given
    }

    /// Whether a clause begins here: after a mark, at the start, or after 在, 位于, 反映.
    fn opened(&self, start: usize) -> bool {
        let Some(j) = start.checked_sub(1) else {
            return true;
        };
        ",。;!?、:在于映对过经到#".contains(self.choice.chars[j])
    }

    /// Whether the name fills a clause of its own, as in a place column.
    fn bounded(&self, c: &Candidate) -> bool {
        let edge = |i: Option<usize>| {
            i.and_then(|i| self.choice.chars.get(i))
                .is_none_or(|ch| ",。;!?、:~".contains(*ch))
        };
        edge(c.start.checked_sub(1)) && edge(Some(c.end))
    }

    /// Whether only a weak cue speaks for the name.
    fn faint(&self, c: &Candidate) -> bool {
        let next = self.word(c.end);
        let wind = wind_word(self.choice.chars, c.end).is_some();
        let name = c.start > 0 && self.choice.named_at(c.start - 1).is_some();
        let prefixed = self.areas.iter().any(|a| a.1 == c.start);
        !(next.meets(RELATION.or(Class::FILLER)) || wind || name || prefixed)
    }
}
