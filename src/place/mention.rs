//! Which features does a text name, where, and how surely: exact surfaces first, then what sounds alike or has one slip?

use crate::place::gazetteer::{Gazetteer, PlaceKind, Target};
use crate::place::lexicon::Class;
use crate::place::names::Origin;
use crate::place::normalise::Normal;
use crate::place::sounds::{Likeness, Unit};
use crate::place::surfaces::{Found, Named, Surfaces};
use crate::place::wind::{Role, wind_word};

/// A name in a text.
#[derive(Clone, Debug)]
pub(crate) struct Mention {
    /// First character (normalised text), residue of slips included.
    pub start: usize,
    /// One past the last character.
    pub end: usize,
    /// What it may name, surest first.
    pub named: Vec<Named>,
    /// Weight of a slip: 0 exact, about 0.8 same sound, 1.3 other.
    pub slip: f64,
    /// Counts only because of a weak cue.
    pub weak: bool,
}

impl Mention {
    /// Roads it may name.
    pub(crate) fn roads(&self) -> impl Iterator<Item = u32> + '_ {
        self.named.iter().filter_map(|n| match n.target {
            Target::Road(r) => Some(r),
            _ => None,
        })
    }

    /// Places it may name.
    pub(crate) fn places(&self) -> impl Iterator<Item = u32> + '_ {
        self.named.iter().filter_map(|n| match n.target {
            Target::Place(p) => Some(p),
            _ => None,
        })
    }

    /// The area it names, if any.
    pub(crate) fn area(&self) -> Option<u32> {
        self.named.iter().find_map(|n| match n.target {
            Target::Area(a) => Some(a),
            _ => None,
        })
    }

    /// Weight of the surface: rule-made −0.3, learned by its confirmations, slips as they are.
    pub(crate) fn cost(&self) -> f64 {
        let origin = self.named.first().map_or(0.0, |n| match n.origin {
            Origin::Given => 0.0,
            Origin::Rule => 0.3,
            Origin::Learned => 0.6 - 0.3 * f64::from(n.weight.min(4)),
        });
        origin + self.slip + if self.weak { 1.5 } else { 0.0 }
    }
}

/// Reusable memory of one reader.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    found: Vec<Found>,
    pub words: Vec<(u8, Class)>,
    units: Vec<Unit>,
    likes: Vec<Likeness>,
}

#[derive(Clone, Debug)]
struct Candidate {
    start: usize,
    end: usize,
    surface: u32,
    value: f64,
    slip: f64,
    /// Counts without any cue.
    strong: bool,
    /// Whether the map itself gives the surface.
    given: bool,
}

/// Finds all mentions; with `slips` also names that only sound alike or have one slip.
pub(crate) fn find_mentions(
    g: &Gazetteer,
    text: &Normal,
    buffers: &mut Buffers,
    slips: bool,
    learned: Option<&Surfaces>,
) -> Vec<Mention> {
    g.lexicon.scan(text.code(), &mut buffers.words);
    g.surfaces.find(text, &mut buffers.found);
    let mut all: Vec<Candidate> = Vec::new();
    for f in &buffers.found {
        let named = g.surfaces.named(f.surface);
        let strong = named
            .iter()
            .any(|n| !n.cue && !n.road && (!n.stop || stop_follows(buffers, f.end)));
        if !strong && named.iter().all(|n| n.stop) {
            continue;
        }
        let given = named.iter().any(|n| n.origin == Origin::Given);
        all.push(Candidate {
            start: f.start,
            end: f.end,
            surface: f.surface,
            value: 10.0 * (f.end - f.start) as f64 + if given { 2.0 } else { 0.0 },
            slip: 0.0,
            strong,
            given,
        });
    }
    if slips {
        add_likenesses(g, text, buffers, &mut all);
    }
    let mut out = choose(g, text, &buffers.words, all);
    if let Some(learned) = learned {
        learned.find(text, &mut buffers.found);
        for f in &buffers.found {
            add_learned(f, learned, &mut out);
        }
    }
    out
}

/// A learned surface is a name where no longer name of the map stands.
fn add_learned(f: &Found, learned: &Surfaces, out: &mut Vec<Mention>) {
    let over = |m: &Mention| m.start < f.end && f.start < m.end;
    if out
        .iter()
        .any(|m| over(m) && m.end - m.start > f.end - f.start)
    {
        return;
    }
    out.retain(|m| !over(m));
    let at = out.partition_point(|m| m.start < f.start);
    out.insert(
        at,
        Mention {
            start: f.start,
            end: f.end,
            named: learned.named(f.surface).to_vec(),
            slip: 0.0,
            weak: false,
        },
    );
}

fn stop_follows(buffers: &Buffers, at: usize) -> bool {
    let mouth = buffers
        .words
        .get(at)
        .is_some_and(|w| w.1.meets(Class::MOUTH) && w.0 == 1);
    buffers
        .words
        .get(at + usize::from(mouth))
        .is_some_and(|w| w.1.meets(Class::STOP))
}

fn add_likenesses(g: &Gazetteer, text: &Normal, buffers: &mut Buffers, all: &mut Vec<Candidate>) {
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
    for like in &buffers.likes {
        // A sure name may only be contained whole, with two characters and more around it.
        let cuts = sure.iter().any(|s| {
            let apart = like.end <= s.0 || s.1 <= like.start;
            let holds = like.start <= s.0 && s.1 <= like.end;
            !apart && !(holds && like.end - like.start >= s.1 - s.0 + 2)
        });
        let name = g.surfaces.chars(like.surface);
        let window = &chars[like.start..like.end];
        if cuts || window == name || generic(&buffers.words, like.start, like.end) {
            continue;
        }
        let Some(slip) = slip_weight(name, window, like) else {
            continue;
        };
        let named = g.surfaces.named(like.surface);
        let strong = named.iter().any(|n| !n.cue && !n.road && !n.stop);
        if !strong && (like.edited || !named.iter().any(|n| n.road)) {
            continue;
        }
        // A short place name that only sounds alike, or one that lacks its last character, needs a cue beside it.
        let place = named.iter().all(|n| matches!(n.target, Target::Place(_)));
        if place && like.edited {
            let own = like.end - like.start - kind_tail(&buffers.words, like.start, like.end);
            let prefix = window.len() < name.len() && name.starts_with(window);
            let strange = window.iter().any(|c| !name.contains(c));
            // 梅溪|湖小学 is another name, not 莲湖小学 without its first character.
            let inner = own < 2 && !begins(&buffers.words, chars, &sure, like.start);
            if inner
                || own < 2 && strange
                || prefix && !cue_beside(&buffers.words, chars, like.start, like.end)
            {
                continue;
            }
        }
        // A name without its first character must begin where names begin.
        let headless = like.edited && name.get(1..) == Some(window);
        if headless && !begins(&buffers.words, chars, &sure, like.start) {
            continue;
        }
        if place && name.len() <= 3 && !cue_beside(&buffers.words, chars, like.start, like.end) {
            continue;
        }
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
    (sounds * 5 <= name.len()).then(|| 1.1 + 0.15 * strange as f64)
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

/// Words that show that what stands before them is a place.
pub(crate) const RELATION: Class = Class::OPPOSITE
    .or(Class::NEAR)
    .or(Class::FRONT)
    .or(Class::GATE)
    .or(Class::EMERGENCY)
    .or(Class::LOT)
    .or(Class::STOP)
    .or(Class::SCHOOLWORD)
    .or(Class::SEGMENT)
    .or(Class::BETWEEN);

fn choose(
    g: &Gazetteer,
    text: &Normal,
    words: &[(u8, Class)],
    mut all: Vec<Candidate>,
) -> Vec<Mention> {
    all.sort_by(|a, b| {
        b.value
            .total_cmp(&a.value)
            .then(a.start.cmp(&b.start))
            .then(a.surface.cmp(&b.surface))
    });
    let n = text.chars().len();
    let mut taken: Vec<Option<usize>> = vec![None; n];
    let mut kept: Vec<(Candidate, Vec<Named>, bool)> = Vec::new();
    let weak: Vec<Candidate> = all.iter().filter(|c| !c.strong).cloned().collect();
    for c in all.into_iter().filter(|c| c.strong) {
        if (c.start..c.end).any(|i| taken[i].is_some()) {
            // The same stretch may name several features equally well.
            if let Some(k) = taken[c.start]
                && kept[k].0.start == c.start
                && kept[k].0.end == c.end
                && (kept[k].0.slip - c.slip).abs() < 0.1
                && c.slip > 0.0
            {
                let more = strong_named(g, words, &c);
                kept[k].1.extend(more);
            }
            continue;
        }
        let named = strong_named(g, words, &c);
        for slot in &mut taken[c.start..c.end] {
            *slot = Some(kept.len());
        }
        kept.push((c, named, false));
    }
    add_weak(g, text, words, weak, &mut taken, &mut kept);
    let mut out: Vec<Mention> = kept
        .into_iter()
        .map(|(c, named, weak)| Mention {
            start: c.start,
            end: c.end,
            named,
            slip: c.slip,
            weak,
        })
        .collect();
    out.sort_by_key(|m| m.start);
    absorb(g, text.chars(), words, &mut out);
    out
}

fn strong_named(g: &Gazetteer, words: &[(u8, Class)], c: &Candidate) -> Vec<Named> {
    let stop = words.get(c.end).is_some_and(|w| w.1.meets(Class::STOP))
        || words.get(c.end).is_some_and(|w| w.1.meets(Class::MOUTH))
            && words.get(c.end + 1).is_some_and(|w| w.1.meets(Class::STOP));
    let mut named: Vec<Named> = g
        .surfaces
        .named(c.surface)
        .iter()
        .filter(|n| !n.cue && !n.road && (!n.stop || stop))
        .copied()
        .collect();
    // A stop word chooses the stop.
    if stop && named.iter().any(|n| n.stop) {
        named.retain(|n| n.stop);
    }
    named
}

type Kept = Vec<(Candidate, Vec<Named>, bool)>;

/// Surfaces that need a cue, until nothing more is found: each found name may be the cue of the next.
fn add_weak(
    g: &Gazetteer,
    text: &Normal,
    words: &[(u8, Class)],
    weak: Vec<Candidate>,
    taken: &mut [Option<usize>],
    kept: &mut Kept,
) {
    let mut left = weak;
    let areas: Vec<(usize, usize)> = left
        .iter()
        .filter(|c| {
            let named = g.surfaces.named(c.surface);
            named.iter().any(|n| matches!(n.target, Target::Area(_)))
        })
        .map(|c| (c.start, c.end))
        .collect();
    for _ in 0..3 {
        let before = kept.len();
        let mut rest = Vec::new();
        for c in std::mem::take(&mut left) {
            if (c.start..c.end).any(|i| taken[i].is_some()) {
                continue;
            }
            let around = Around {
                g,
                chars: text.chars(),
                words,
                kept,
                taken,
                areas: &areas,
            };
            let named = around.accepted(&c);
            if named.is_empty() {
                rest.push(c);
                continue;
            }
            let faint = named.iter().all(|n| n.cue && !n.road) && around.faint(&c);
            for slot in &mut taken[c.start..c.end] {
                *slot = Some(kept.len());
            }
            kept.push((c, named, faint));
        }
        left = rest;
        if kept.len() == before {
            break;
        }
    }
    pair_stems(g, text, words, left, taken, kept);
}

/// Two bare road stems that meet and are followed by a head: 明理商都交界处.
fn pair_stems(
    g: &Gazetteer,
    text: &Normal,
    words: &[(u8, Class)],
    left: Vec<Candidate>,
    taken: &mut [Option<usize>],
    kept: &mut Kept,
) {
    let road = |c: &Candidate| -> Vec<Named> {
        g.surfaces
            .named(c.surface)
            .iter()
            .filter(|n| n.road)
            .copied()
            .collect()
    };
    for a in &left {
        for b in &left {
            let joined =
                a.end == b.start || a.end + 1 == b.start && words[a.end].1.meets(Class::CONNECTOR);
            let doubled = a.end + 1 == b.start && text.chars()[a.end] == text.chars()[b.start];
            let of = usize::from(text.chars().get(b.end) == Some(&'的'));
            let head = words
                .get(b.end + of)
                .is_some_and(|w| w.1.meets(Class::HEAD.or(Class::MOUTH)))
                || wind_word(text.chars(), b.end).is_some_and(|w| w.role == Role::Toward)
                || a.start == 0 && b.end == text.chars().len();
            if !(joined || doubled) || !head || (a.start..b.end).any(|i| taken[i].is_some()) {
                continue;
            }
            let (x, y) = (road(a), road(b));
            let meet = x.iter().any(|p| {
                y.iter().any(|q| match (p.target, q.target) {
                    (Target::Road(p), Target::Road(q)) => !g.junctions.of(p, q).is_empty(),
                    _ => false,
                })
            });
            if meet {
                for (c, named) in [(a, x), (b, y)] {
                    for slot in &mut taken[c.start..c.end] {
                        *slot = Some(kept.len());
                    }
                    kept.push((c.clone(), named, false));
                }
            }
        }
    }
}

/// What stands around a candidate that needs a cue.
struct Around<'a> {
    g: &'a Gazetteer,
    chars: &'a [char],
    words: &'a [(u8, Class)],
    kept: &'a Kept,
    taken: &'a [Option<usize>],
    /// Stems of areas that stand in the text (澄湖 in 澄湖二中).
    areas: &'a [(usize, usize)],
}

impl Around<'_> {
    fn named_at(&self, i: usize) -> Option<&(Candidate, Vec<Named>, bool)> {
        let k = (*self.taken.get(i)?)?;
        self.kept.get(k)
    }

    fn road_at(&self, i: usize) -> bool {
        self.named_at(i)
            .is_some_and(|k| k.1.iter().any(|n| matches!(n.target, Target::Road(_))))
    }

    fn word(&self, i: usize) -> Class {
        self.words.get(i).map_or(Class::NONE, |w| w.1)
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
            let c = self.chars[j];
            if !"与和跟同、-/~到至从由及口的过沿,靠近X×就是距自起上区市之间中".contains(c)
            {
                // 从A路口到B: the word 路口 lies between.
                if c == '口' || !(c == '路' && self.chars.get(j + 1) == Some(&'口')) {
                    return false;
                }
            }
            i = j;
        }
        false
    }

    /// Whether a road starts after `end`, with at most a connector between.
    fn road_after(&self, end: usize) -> bool {
        let mut i = end;
        for _ in 0..3 {
            if self.road_at(i) {
                return true;
            }
            let Some(c) = self.chars.get(i) else {
                return false;
            };
            if !"与和跟同、-/~到至从由及口,近过".contains(*c) {
                return false;
            }
            i += 1;
        }
        false
    }

    fn accepted(&self, c: &Candidate) -> Vec<Named> {
        let named = self.g.surfaces.named(c.surface);
        let road_near = self.road_before(c.start) || self.road_after(c.end);
        let along = c.start > 0
            && self.chars[c.start - 1] == '沿'
            && wind_word(self.chars, c.end).is_some();
        let next = self.word(c.end);
        let blocked = next.meets(Class::NOTAFTER) && !next.meets(RELATION);
        named
            .iter()
            .filter(|n| match n.target {
                Target::Road(_) => n.road && (road_near || along),
                Target::Area(_) => self.taken.get(c.end).copied().flatten().is_some(),
                Target::Place(_) => n.cue && !n.stop && !blocked && self.place_cue(c, road_near),
            })
            .copied()
            .collect()
    }

    fn place_cue(&self, c: &Candidate, road_near: bool) -> bool {
        let next = self.word(c.end);
        let wind =
            wind_word(self.chars, c.end).is_some_and(|w| matches!(w.role, Role::Side | Role::Gate));
        let mut before = c.start;
        if before > 0 && "区市县的".contains(self.chars[before - 1]) {
            before -= 1;
        }
        let name_before = before > 0 && self.named_at(before - 1).is_some();
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
        ",。;!?、:在于映对过经到#".contains(self.chars[j])
    }

    /// Whether the name fills a clause of its own, as in a place column.
    fn bounded(&self, c: &Candidate) -> bool {
        let edge = |i: Option<usize>| {
            i.and_then(|i| self.chars.get(i))
                .is_none_or(|ch| ",。;!?、:~".contains(*ch))
        };
        edge(c.start.checked_sub(1)) && edge(Some(c.end))
    }

    /// Whether only a weak cue speaks for the name.
    fn faint(&self, c: &Candidate) -> bool {
        let next = self.word(c.end);
        let wind = wind_word(self.chars, c.end).is_some();
        let name = c.start > 0 && self.named_at(c.start - 1).is_some();
        let prefixed = self.areas.iter().any(|a| a.1 == c.start);
        !(next.meets(RELATION.or(Class::FILLER)) || wind || name || prefixed)
    }
}

/// Takes in what a slip left beside a name: 鼎|鼎瑞街, 开经|第二大街, 警开|第四大街.
fn absorb(g: &Gazetteer, chars: &[char], words: &[(u8, Class)], mentions: &mut [Mention]) {
    for k in 0..mentions.len() {
        let floor = if k > 0 { mentions[k - 1].end } else { 0 };
        let (mut start, end) = (mentions[k].start, mentions[k].end);
        let Some(first) = mentions[k].named.first() else {
            continue;
        };
        if matches!(first.target, Target::Area(_)) {
            continue;
        }
        let name: Vec<char> = crate::place::normalise::normal_chars(g.name_of(first.target));
        for _ in 0..2 {
            if start <= floor {
                break;
            }
            let c = chars[start - 1];
            let function = words[start - 1]
                .1
                .meets(Class::CONNECTOR.or(Class::TO).or(Class::FROM));
            let belongs = name.iter().take(3).any(|x| *x == c) && !function;
            if !belongs {
                break;
            }
            start -= 1;
        }
        mentions[k].start = start;
        let written = chars.get(mentions[k].start..end).unwrap_or(&[]);
        let goes_on = name.starts_with(written) && name.get(written.len()) == chars.get(end);
        let ceiling = mentions.get(k + 1).map_or(chars.len(), |m| m.start);
        if end < ceiling
            && end > 0
            && (chars[end] == chars[end - 1] || goes_on && end - start >= 3)
            && !words[end].1.meets(Class::HEAD.or(RELATION))
        {
            mentions[k].end = end + 1;
        }
    }
}

/// Whether a place is a station or a stop, for which 站, 口 are part of the form.
pub(crate) fn is_stop(g: &Gazetteer, p: u32) -> bool {
    matches!(g.place(p).kind, PlaceKind::Stop | PlaceKind::Station)
}
