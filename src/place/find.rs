//! Which features does a text name: exact surfaces first, then what sounds alike or has one slip, then what needs a cue?

use crate::place::candidate::{Buffers, Candidate, Choice};
use crate::place::gazetteer::Gazetteer;
use crate::place::lexicon::Class;
use crate::place::mention::{Mention, RELATION};
use crate::place::names::Origin;
use crate::place::normalise::{Normal, normal_chars};
use crate::place::slip::add_likenesses;
use crate::place::surfaces::{Found, Named, Surfaces};
use crate::place::target::Target;
use crate::place::weak_name::add_weak;

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

/// Settles overlaps: the worthiest first, then what needs a cue.
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
    let (strong, weak): (Vec<Candidate>, Vec<Candidate>) = all.into_iter().partition(|c| c.strong);
    let mut choice = Choice {
        g,
        chars: text.chars(),
        words,
        taken: vec![None; text.chars().len()],
        kept: Vec::new(),
    };
    for c in strong {
        let named = strong_named(g, words, &c);
        if choice.is_free(&c) {
            choice.keep(c, named, false);
            continue;
        }
        // The same stretch may sound like several names equally well.
        if let Some(k) = choice.taken[c.start] {
            let (other, also, _) = &mut choice.kept[k];
            let same = other.start == c.start && other.end == c.end;
            if same && c.slip > 0.0 && (other.slip - c.slip).abs() < 0.1 {
                also.extend(named);
            }
        }
    }
    add_weak(&mut choice, weak);
    let mut out: Vec<Mention> = choice
        .kept
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
        let name: Vec<char> = normal_chars(g.name_of(first.target));
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
