//! Who stands where in one peak when people are short, what stays open and what it costs?
//!
//! Maximal covering with crews: officers, auxiliaries, school and families go from post to post where the ride allows, first
//! units count most, a second and a third one less (double coverage), a two-officer gate is worth nothing with one officer, and
//! who stands at a quiet gate sees another one within reach at the same hour. One program, proved best or with its bound.

use serde::Serialize;

use crate::optim::shift::{Manned, Shift, man};
use crate::plan::chain::{BadSlot, Crew, Peak};
use crate::plan::post::Post;

/// Nodes of the tree; the size of a district needs a few.
const NODES: u64 = 4000;

/// Minutes by which a window may begin or end outside of the one it is seen from.
const SLACK: i64 = 10;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct StandWish<'a> {
    /// People of each role.
    pub crews: &'a [Crew],
    /// A person at a quiet gate (class 0 or 1) sees another within so many metres; 0 for own gate only.
    pub together_m: f64,
    /// Minutes between two gates besides the ride.
    pub buffer_min: i64,
}

/// People of one role with the posts (by position) of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Crewed {
    /// Role.
    pub role: String,
    /// How many there are.
    pub people: usize,
    /// Posts of everybody who stands somewhere.
    pub chains: Vec<Vec<usize>>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// optimal, or gap.
    pub status: &'static str,
    /// Worth covered.
    pub weight: i64,
    /// No plan covers more.
    pub bound: i64,
    /// Worth of all posts.
    pub total: i64,
    /// Crews with their people's posts.
    pub crews: Vec<Crewed>,
    /// Posts nobody stands at that are seen from another: (post, from where).
    pub seen: Vec<(usize, usize)>,
    /// Posts that stay open, most worth first: what each costs is its weight.
    pub open: Vec<usize>,
    /// Gates with two units and more: (covered twice, of how many).
    pub twice: (usize, usize),
    /// What one more person of a role would bring, most first.
    pub one_more: Vec<(String, i64)>,
}

/// Covers the posts of one peak of one day. `minutes` and `metres` give ride and way between two gates.
pub fn stand(
    posts: &[Post],
    minutes: &dyn Fn(i64, i64) -> i64,
    metres: &dyn Fn(i64, i64) -> f64,
    wish: &StandWish<'_>,
) -> Result<Standing, BadSlot> {
    let slots = posts.iter().zip(0..).map(|(p, id)| p.slot(id)).collect();
    let peak = Peak::new(slots, wish.buffer_min, minutes)?;
    // Position among the given posts of every slot, which stand in the order of time.
    let at: Vec<usize> = peak
        .slots()
        .iter()
        .map(|s| usize::try_from(s.id).unwrap_or(0))
        .collect();
    let mut shift = shift(posts, (&peak, &at), metres, wish);
    let best = man(&shift, NODES);
    let mut one_more = Vec::new();
    for (k, crew) in wish.crews.iter().enumerate() {
        if !best.served.iter().all(|s| *s) {
            shift.crews[k].0 += 1;
            let more = man(&shift, NODES);
            shift.crews[k].0 -= 1;
            one_more.push((crew.role.clone(), (more.value - best.value).max(0)));
        }
    }
    one_more.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    Ok(read(posts, &at, &shift, (&best, wish), one_more))
}

fn shift(
    posts: &[Post],
    (peak, at): (&Peak, &[usize]),
    metres: &dyn Fn(i64, i64) -> f64,
    wish: &StandWish<'_>,
) -> Shift {
    let post = |s: usize| &posts[at[s]];
    let n = at.len();
    let officers = |s: usize| post(s).accepts == ["police"];
    let twin = |a: usize, b: usize| {
        let (p, q) = (post(a), post(b));
        let units = (p.unit, q.unit) == (1, 2);
        (p.gate, p.start) == (q.gate, q.start) && units && officers(a) && officers(b)
    };
    let sees = |s: usize, t: usize| {
        let (p, q) = (post(s), post(t));
        let quiet = p.class <= 1 && q.class <= 1 && p.unit == 1 && p.gate != q.gate;
        let hour = q.start <= p.start + SLACK && q.end + SLACK >= p.end;
        let fit = q.accepts.iter().all(|r| p.accepts.contains(r));
        quiet && hour && fit && metres(p.gate, q.gate) <= wish.together_m
    };
    let may = |role: &str| (0..n).map(|s| post(s).accepts.contains(&role)).collect();
    Shift {
        weight: (0..n).map(|s| post(s).weight).collect(),
        next: (0..n).map(|s| peak.after(s).to_vec()).collect(),
        crews: wish
            .crews
            .iter()
            .map(|c| (c.people, may(&c.role)))
            .collect(),
        pairs: (0..n)
            .flat_map(|a| (0..n).map(move |b| (a, b)))
            .filter(|(a, b)| twin(*a, *b))
            .collect(),
        seen: (0..n)
            .map(|s| {
                (0..n)
                    .filter(|t| wish.together_m > 0.0 && sees(s, *t))
                    .collect()
            })
            .collect(),
    }
}

fn read(
    posts: &[Post],
    at: &[usize],
    shift: &Shift,
    (best, wish): (&Manned, &StandWish<'_>),
    one_more: Vec<(String, i64)>,
) -> Standing {
    let mut manned = vec![false; at.len()];
    for s in best.paths.iter().flatten().flatten() {
        manned[*s] = true;
    }
    let crews = wish
        .crews
        .iter()
        .zip(&best.paths)
        .map(|(crew, paths)| Crewed {
            role: crew.role.clone(),
            people: crew.people,
            chains: paths
                .iter()
                .map(|p| p.iter().map(|s| at[*s]).collect())
                .collect(),
        });
    let seen = (0..at.len()).filter(|s| best.served[*s] && !manned[*s]);
    let seen = seen.filter_map(|s| {
        let from = shift.seen[s].iter().find(|t| manned[**t])?;
        Some((at[s], at[*from]))
    });
    let mut open: Vec<usize> = (0..at.len())
        .filter(|s| !best.served[*s])
        .map(|s| at[s])
        .collect();
    open.sort_by_key(|i| {
        (
            -posts[*i].weight,
            posts[*i].start,
            posts[*i].gate,
            posts[*i].unit,
        )
    });
    let second = |s: &usize| posts[at[*s]].unit == 2;
    let twice = (
        (0..at.len())
            .filter(second)
            .filter(|s| best.served[*s])
            .count(),
        (0..at.len()).filter(second).count(),
    );
    Standing {
        status: if best.proved { "optimal" } else { "gap" },
        weight: best.value,
        bound: best.bound,
        total: posts.iter().map(|p| p.weight).sum(),
        crews: crews.collect(),
        seen: seen.collect(),
        open,
        twice,
        one_more,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Day;

    fn post(
        gate: i64,
        unit: u8,
        window: (i64, i64),
        accepts: &[&'static str],
        weight: i64,
    ) -> Post {
        Post {
            gate,
            day: Day(0),
            peak: "morning",
            start: window.0,
            end: window.1,
            unit,
            class: if accepts == ["police"] { 2 } else { 1 },
            accepts: accepts.to_vec(),
            weight,
            squad: None,
        }
    }

    fn crews(police: usize, auxiliary: usize) -> Vec<Crew> {
        let crew = |role: &str, people| Crew {
            role: role.to_owned(),
            people,
        };
        vec![crew("police", police), crew("auxiliary", auxiliary)]
    }

    fn run(posts: &[Post], crews: &[Crew], together_m: f64) -> Standing {
        let wish = StandWish {
            crews,
            together_m,
            buffer_min: 3,
        };
        stand(posts, &|_, _| 4, &|_, _| 120.0, &wish).unwrap()
    }

    #[test]
    fn two_officers_stand_together_auxiliaries_ride_on_and_what_is_open_is_listed_by_cost() {
        let both = ["police", "auxiliary"];
        let posts = [
            post(1, 1, (430, 460), &["police"], 900),
            post(1, 2, (430, 460), &["police"], 360),
            post(2, 1, (430, 460), &both, 500),
            post(3, 1, (470, 500), &both, 400),
            post(4, 1, (430, 460), &both, 300),
        ];
        let one = run(&posts, &crews(1, 1), 0.0);
        assert_eq!(
            (one.status, one.weight, one.total),
            ("optimal", 1200, 2460),
            "one officer is not two"
        );
        assert_eq!(one.open, [0, 1]);
        assert_eq!(
            one.one_more,
            [("police".to_owned(), 960), ("auxiliary".to_owned(), 0)]
        );
        let two = run(&posts, &crews(2, 1), 0.0);
        assert_eq!(
            (two.weight, two.open.as_slice(), two.twice),
            (2160, [4].as_slice(), (1, 1))
        );
        assert!(
            two.crews[1].chains.contains(&vec![2, 3]),
            "one auxiliary serves two gates in turn"
        );
        let seen = run(&posts, &crews(2, 1), 150.0);
        assert_eq!(
            (seen.weight, seen.open.len(), seen.seen.len()),
            (2460, 0, 1)
        );
    }

    #[test]
    fn nobody_covers_nothing_and_no_post_is_an_answer() {
        let posts = [post(1, 1, (430, 460), &["police"], 9)];
        let none = run(&posts, &crews(0, 0), 0.0);
        assert_eq!(
            (none.weight, none.open.as_slice(), none.status),
            (0, [0].as_slice(), "optimal")
        );
        assert_eq!(run(&[], &crews(3, 3), 0.0).total, 0);
    }
}
