//! How many people does a peak need when one person can serve several gates one after the other, and what do K people cover?
//!
//! Bells differ, so a person can finish one gate and ride to the next. A slot is one unit at one gate in one window; slot t
//! may follow slot s when the gates differ and `end + travel + buffer ≤ start`. Fewest people for everything is a path
//! cover (slots − largest matching); the best with K people is a flow of K units, for all K at once.

use serde::{Deserialize, Serialize};

use crate::optim::matching::largest;
use crate::optim::paths::{Curve, best_paths};

/// Largest weight of a slot: the same limit as figures of rosters and loops have.
const MOST_WEIGHT: i64 = 1_000_000_000;

/// One unit at one gate in one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slot {
    /// Name of the slot.
    pub id: i64,
    /// Gate; slots of one gate never follow each other.
    pub gate: i64,
    /// Which unit of the gate, from 1.
    #[serde(default = "one")]
    pub unit: u32,
    /// Begin in minutes of the day.
    pub start: i64,
    /// End in minutes of the day, after the begin.
    pub end: i64,
    /// What a person here is worth, in whole points.
    pub weight: i64,
    /// Roles that may fill it; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepts: Vec<String>,
}

const fn one() -> u32 {
    1
}

/// Why slots cannot be chained.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSlot {
    /// The window is empty or runs over midnight.
    #[error(
        "slot {id}: window {start}..{end} must lie within one day, begin before end; split a window over midnight"
    )]
    Window {
        /// Which slot.
        id: i64,
        /// Its begin.
        start: i64,
        /// Its end.
        end: i64,
    },
    /// Negative worth, or more than sums of many slots can hold.
    #[error("slot {id}: weight is {weight}, must be 0 to {MOST_WEIGHT}; write it in larger points")]
    Weight {
        /// Which slot.
        id: i64,
        /// Its weight.
        weight: i64,
    },
    /// Two slots of one name.
    #[error("slot {0} stands twice; every slot needs an id of its own")]
    Twice(i64),
}

/// Minutes of a ride without a network: ⌈metres · detour / speed⌉, speed in km/h. Standing still takes 0.
#[must_use]
pub fn ride_minutes(metres: f64, detour: f64, speed_kmh: f64) -> i64 {
    let minutes = metres * detour / (speed_kmh * 1000.0 / 60.0);
    if !minutes.is_finite() || minutes < 0.0 {
        return i64::MAX / 4;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "finite; the cast saturates"
    )]
    let whole = minutes.ceil() as i64;
    whole
}

/// The slots of one peak with the arcs between them, in the order of begin, end, id.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    slots: Vec<Slot>,
    next: Vec<Vec<usize>>,
}

impl Peak {
    /// Checks slots and finds which may follow which. `travel(a, b)` gives minutes between two gates. Cost O(slots²).
    pub fn new(
        mut slots: Vec<Slot>,
        buffer_min: i64,
        travel: impl Fn(i64, i64) -> i64,
    ) -> Result<Self, BadSlot> {
        for s in &slots {
            if s.start < 0 || s.end <= s.start || s.end > 24 * 60 {
                let (id, start, end) = (s.id, s.start, s.end);
                return Err(BadSlot::Window { id, start, end });
            }
            if !(0..=MOST_WEIGHT).contains(&s.weight) {
                let (id, weight) = (s.id, s.weight);
                return Err(BadSlot::Weight { id, weight });
            }
        }
        slots.sort_by_key(|s| s.id);
        if let Some(pair) = slots.windows(2).find(|p| p[0].id == p[1].id) {
            return Err(BadSlot::Twice(pair[0].id));
        }
        slots.sort_by_key(|s| (s.start, s.end, s.id));
        let next = slots
            .iter()
            .enumerate()
            .map(|(i, s)| {
                (i + 1..slots.len())
                    .filter(|j| follows(s, &slots[*j], buffer_min, &travel))
                    .collect()
            })
            .collect();
        Ok(Self { slots, next })
    }

    /// Slots in their order.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Slots that may follow slot `i`.
    #[must_use]
    pub fn after(&self, i: usize) -> &[usize] {
        &self.next[i]
    }

    /// Number of pairs that may follow each other.
    #[must_use]
    pub fn arcs(&self) -> usize {
        self.next.iter().map(Vec::len).sum()
    }

    /// Σ weight.
    #[must_use]
    pub fn total_weight(&self) -> i64 {
        self.slots.iter().map(|s| s.weight).sum()
    }

    /// Fewest people who serve every slot, with their chains (by first slot). Exact.
    #[must_use]
    pub fn fewest(&self) -> Vec<Vec<usize>> {
        let partner = largest(&self.next, self.slots.len());
        let mut first = vec![true; self.slots.len()];
        for j in partner.iter().flatten() {
            first[*j] = false;
        }
        (0..self.slots.len())
            .filter(|i| first[*i])
            .map(|i| std::iter::successors(Some(i), |at| partner[*at]).collect())
            .collect()
    }

    /// Most weight for every number of people up to `most`. Exact and concave.
    #[must_use]
    pub fn curve(&self, most: usize) -> Curve {
        let weight: Vec<i64> = self.slots.iter().map(|s| s.weight).collect();
        best_paths(&weight, &self.next, most)
    }

    /// The same for the slots that `may` allows.
    fn curve_of(&self, may: &[bool], most: usize) -> Vec<Vec<usize>> {
        let kept: Vec<usize> = (0..self.slots.len()).filter(|i| may[*i]).collect();
        let mut number = vec![usize::MAX; self.slots.len()];
        for (k, i) in kept.iter().enumerate() {
            number[*i] = k;
        }
        let weight: Vec<i64> = kept.iter().map(|i| self.slots[*i].weight).collect();
        let next: Vec<Vec<usize>> = kept
            .iter()
            .map(|i| {
                let after = self.next[*i].iter().map(|j| number[*j]);
                after.filter(|j| *j != usize::MAX).collect()
            })
            .collect();
        let curve = best_paths(&weight, &next, most);
        curve
            .paths(most)
            .iter()
            .map(|path| path.iter().map(|k| kept[*k]).collect())
            .collect()
    }
}

fn follows(s: &Slot, t: &Slot, buffer_min: i64, travel: &impl Fn(i64, i64) -> i64) -> bool {
    s.gate != t.gate
        && s.end <= t.start
        && s.end
            .saturating_add(travel(s.gate, t.gate))
            .saturating_add(buffer_min)
            <= t.start
}

/// People of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crew {
    /// Role as the slots name it.
    pub role: String,
    /// How many.
    pub people: usize,
}

/// Chains by role, with a bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// (role, slots of one person) in the order of the crews.
    pub chains: Vec<(String, Vec<i64>)>,
    /// Weight covered.
    pub weight: i64,
    /// No plan covers more.
    pub bound: i64,
    /// Slots nobody serves, heaviest first, then by id.
    pub uncovered: Vec<i64>,
}

impl Shared {
    /// `optimal` when the bound is reached, else `gap`.
    #[must_use]
    pub const fn status(&self) -> &'static str {
        if self.weight == self.bound {
            "optimal"
        } else {
            "gap"
        }
    }
}

/// Spreads crews of several roles over the slots each may fill. One crew, or slots with one role each, is exact; otherwise
/// crews are solved in turn until no turn gains, and the bound is one flow in which everybody may do what anybody may.
#[must_use]
pub fn share(peak: &Peak, crews: &[Crew]) -> Shared {
    let n = peak.slots.len();
    let accepts = |i: usize, role: &str| {
        let list = &peak.slots[i].accepts;
        list.is_empty() || list.iter().any(|r| r == role)
    };
    let may_any: Vec<bool> = (0..n)
        .map(|i| crews.iter().any(|c| c.people > 0 && accepts(i, &c.role)))
        .collect();
    let bound = bound(peak, crews, &may_any);
    let mut best: Option<(i64, Vec<Vec<Vec<usize>>>)> = None;
    // Those whom few slots accept choose first in one start, last in the other.
    let mut order: Vec<usize> = (0..crews.len()).collect();
    order.sort_by_key(|c| ((0..n).filter(|i| accepts(*i, &crews[*c].role)).count(), *c));
    for turn in [order.clone(), order.into_iter().rev().collect()] {
        let mut chains: Vec<Vec<Vec<usize>>> = vec![Vec::new(); crews.len()];
        let mut weight = -1;
        loop {
            for c in turn.iter().copied() {
                chains[c].clear();
                let mut may: Vec<bool> = (0..n).map(|i| accepts(i, &crews[c].role)).collect();
                for i in chains.iter().flatten().flatten() {
                    may[*i] = false;
                }
                chains[c] = peak.curve_of(&may, crews[c].people);
            }
            let now: i64 = chains
                .iter()
                .flatten()
                .flatten()
                .map(|i| peak.slots[*i].weight)
                .sum();
            if now <= weight {
                break;
            }
            weight = now;
        }
        if best.as_ref().is_none_or(|(w, _)| weight > *w) {
            best = Some((weight, chains));
        }
    }
    let (weight, chains) = best.unwrap_or_default();
    shared(peak, crews, (weight.max(0), bound), &chains)
}

/// Sum over groups of crews that share no slot: exact when each group has one crew.
fn bound(peak: &Peak, crews: &[Crew], may_any: &[bool]) -> i64 {
    let weigh = |may: &[bool], people: usize| -> i64 {
        let chains = peak.curve_of(may, people);
        chains.iter().flatten().map(|i| peak.slots[*i].weight).sum()
    };
    let people: usize = crews.iter().map(|c| c.people).sum();
    let together = weigh(may_any, people);
    let apart: i64 = crews
        .iter()
        .map(|c| {
            let may: Vec<bool> = peak
                .slots
                .iter()
                .map(|s| s.accepts.is_empty() || s.accepts.contains(&c.role))
                .collect();
            weigh(&may, c.people)
        })
        .sum();
    together.min(apart)
}

fn shared(peak: &Peak, crews: &[Crew], value: (i64, i64), chains: &[Vec<Vec<usize>>]) -> Shared {
    let mut open = vec![true; peak.slots.len()];
    for i in chains.iter().flatten().flatten() {
        open[*i] = false;
    }
    let mut uncovered: Vec<&Slot> = (0..open.len())
        .filter(|i| open[*i])
        .map(|i| &peak.slots[i])
        .collect();
    uncovered.sort_by_key(|s| (std::cmp::Reverse(s.weight), s.id));
    let named = crews.iter().zip(chains).flat_map(|(crew, own)| {
        own.iter().map(|c| {
            (
                crew.role.clone(),
                c.iter().map(|i| peak.slots[*i].id).collect(),
            )
        })
    });
    Shared {
        chains: named.collect(),
        weight: value.0,
        bound: value.1,
        uncovered: uncovered.into_iter().map(|s| s.id).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::{BadSlot, Crew, Peak, Slot, ride_minutes, share};
    use crate::stats::rng::Rng;

    fn slot(id: i64, gate: i64, window: (i64, i64), weight: i64) -> Slot {
        let (start, end) = window;
        Slot {
            id,
            gate,
            unit: 1,
            start,
            end,
            weight,
            accepts: Vec::new(),
        }
    }

    #[test]
    fn a_kilometre_is_four_minutes_and_the_next_gate_may_open_at_37() {
        assert_eq!(ride_minutes(1000.0, 1.3, 20.0), 4);
        assert_eq!(ride_minutes(0.0, 1.3, 20.0), 0);
        let slots = vec![
            slot(0, 0, (420, 450), 100),
            slot(1, 1, (457, 490), 60),
            slot(2, 2, (456, 480), 90),
        ];
        let peak = Peak::new(slots, 3, |a, b| if a == b { 0 } else { 4 }).unwrap();
        assert_eq!((peak.arcs(), peak.fewest().len()), (1, 2));
        assert_eq!(peak.curve(9).weight, [0, 160, 250]);
    }

    #[test]
    fn nobody_covers_nothing_and_a_window_over_midnight_is_refused() {
        let peak = Peak::new(vec![slot(0, 0, (420, 450), 100)], 3, |_, _| 4).unwrap();
        assert_eq!(peak.curve(0).at(0), 0);
        let none = share(&peak, &[]);
        assert_eq!((none.weight, none.bound, none.uncovered), (0, 0, vec![0]));
        let bad = Peak::new(vec![slot(7, 0, (1430, 20), 1)], 3, |_, _| 4).unwrap_err();
        assert!(matches!(bad, BadSlot::Window { id: 7, .. }));
        assert!(
            Peak::new(
                vec![slot(1, 0, (1, 2), 1), slot(1, 0, (1, 2), 1)],
                3,
                |_, _| 4
            )
            .is_err()
        );
    }

    /// Most weight of at most `k` chains by trying every slot at the end of every chain.
    fn brute(slots: &[Slot], ends: &mut Vec<usize>, at: usize, k: usize) -> i64 {
        if at == slots.len() {
            return 0;
        }
        let mut best = brute(slots, ends, at + 1, k);
        for c in 0..ends.len() {
            let last = ends[c];
            if slots[last].gate != slots[at].gate && slots[last].end + 4 + 3 <= slots[at].start {
                ends[c] = at;
                best = best.max(slots[at].weight + brute(slots, ends, at + 1, k));
                ends[c] = last;
            }
        }
        if ends.len() < k {
            ends.push(at);
            best = best.max(slots[at].weight + brute(slots, ends, at + 1, k));
            ends.pop();
        }
        best
    }

    #[test]
    fn up_to_eight_slots_the_curve_equals_trying_all_and_the_fewest_is_its_first_full_point() {
        let mut rng = Rng::new(23);
        for _ in 0..1000 {
            let n = 1 + rng.below(8);
            let slots: Vec<Slot> = (0..n)
                .map(|i| {
                    let start = 400 + i64::from(rng.below(90));
                    let window = (start, start + 10 + i64::from(rng.below(30)));
                    slot(
                        i64::from(i),
                        i64::from(rng.below(5)),
                        window,
                        1 + i64::from(rng.below(50)),
                    )
                })
                .collect();
            let travel = |a: i64, b: i64| if a == b { 0 } else { 4 };
            let peak = Peak::new(slots, 3, travel).unwrap();
            let curve = peak.curve(8);
            for k in 0..=8 {
                assert_eq!(curve.at(k), brute(peak.slots(), &mut Vec::new(), 0, k));
            }
            let first_full = (0..=8)
                .find(|k| curve.at(*k) == peak.total_weight())
                .unwrap();
            assert_eq!(peak.fewest().len(), first_full);
        }
    }

    #[test]
    fn one_crew_is_exact_and_two_crews_never_pass_the_bound() {
        let mut rng = Rng::new(29);
        for _ in 0..200 {
            let slots: Vec<Slot> = (0..8)
                .map(|i| {
                    let start = 400 + i64::from(rng.below(90));
                    let mut s = slot(
                        i,
                        i64::from(rng.below(5)),
                        (start, start + 20),
                        1 + i64::from(rng.below(50)),
                    );
                    if rng.below(2) == 0 {
                        s.accepts = vec!["police".to_owned()];
                    }
                    s
                })
                .collect();
            let peak = Peak::new(slots, 3, |_, _| 4).unwrap();
            let crew = |role: &str, people| Crew {
                role: role.to_owned(),
                people,
            };
            let one = share(&peak, &[crew("police", 2)]);
            assert_eq!((one.weight, one.status()), (peak.curve(2).at(2), "optimal"));
            let two = share(&peak, &[crew("police", 1), crew("auxiliary", 1)]);
            assert!(two.weight <= two.bound);
        }
    }
}
