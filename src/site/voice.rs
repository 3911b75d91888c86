//! How many voices speak at a site, when one caller may ring ten times?
//!
//! Hotspot reference 2.3: the same event told again counts nothing, further tickets of one caller count half of the last.

use std::collections::BTreeMap;

use crate::calendar::{DAY_MS, UtcMs};
use crate::ticket::{PetitionerKey, TicketId};

/// A ticket as far as its voice is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which ticket; breaks ties of time.
    pub id: TicketId,
    /// Who; `None` = unknown, a voice of its own.
    pub caller: Option<PetitionerKey>,
    /// When.
    pub when: UtcMs,
}

/// How repeats are weighed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repeats {
    /// A ticket within this time of the caller's previous one weighs nothing, in days, inclusive.
    pub same_days: f64,
    /// Earlier tickets within this time halve the weight, in days, inclusive.
    pub window_days: f64,
    /// Factor per earlier ticket.
    pub lambda: f64,
}

impl Default for Repeats {
    fn default() -> Self {
        Self {
            same_days: 1.0,
            window_days: 30.0,
            lambda: 0.5,
        }
    }
}

/// What the voices of one site add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Voices {
    /// Weight of each call, in the order given.
    pub weights: Vec<f64>,
    /// Sum of the weights.
    pub n_eff: f64,
    /// Known callers plus unknown calls.
    pub distinct: u32,
    /// Share of the loudest voice; 0 without calls.
    pub top_share: f64,
    /// One over the sum of squared shares; 0 without calls.
    pub effective_callers: f64,
    /// One voice, three calls or more.
    pub single_voice: bool,
    /// One voice has more than half of at least five calls.
    pub dominated: bool,
    /// At least three voices, none with more than half.
    pub multi_party: bool,
}

impl Repeats {
    /// Weighs the calls of one site.
    #[must_use]
    pub fn weigh(&self, calls: &[Call]) -> Voices {
        let mut order: Vec<usize> = (0..calls.len()).collect();
        order.sort_by_key(|&i| (calls[i].when, calls[i].id));
        let mut weights = vec![1.0; calls.len()];
        let mut tallies: Vec<u32> = Vec::new();
        let mut by_caller: BTreeMap<PetitionerKey, Vec<usize>> = BTreeMap::new();
        for &i in &order {
            match calls[i].caller {
                Some(caller) => by_caller.entry(caller).or_default().push(i),
                None => tallies.push(1),
            }
        }
        for own in by_caller.values() {
            tallies.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
            self.weigh_one(calls, own, &mut weights);
        }
        summary(weights, &tallies)
    }

    /// Weighs the calls of one caller, given in order of time.
    fn weigh_one(&self, calls: &[Call], own: &[usize], weights: &mut [f64]) {
        let days = |a: usize, b: usize| (calls[b].when.0 - calls[a].when.0) as f64 / DAY_MS as f64;
        for (k, &i) in own.iter().enumerate() {
            let told_before = k > 0 && days(own[k - 1], i) <= self.same_days;
            weights[i] = if told_before {
                0.0
            } else {
                let earlier = own[..k]
                    .iter()
                    .rev()
                    .take_while(|&&j| days(j, i) <= self.window_days)
                    .filter(|&&j| weights[j] > 0.0)
                    .count();
                self.lambda.powi(i32::try_from(earlier).unwrap_or(i32::MAX))
            };
        }
    }
}

fn summary(weights: Vec<f64>, tallies: &[u32]) -> Voices {
    let n: u32 = tallies.iter().sum();
    let total = f64::from(n.max(1));
    let top = tallies.iter().copied().max().unwrap_or(0);
    let squares: f64 = tallies
        .iter()
        .map(|&t| (f64::from(t) / total).powi(2))
        .sum();
    let distinct = u32::try_from(tallies.len()).unwrap_or(u32::MAX);
    let top_share = f64::from(top) / total;
    Voices {
        n_eff: weights.iter().sum(),
        weights,
        distinct,
        top_share,
        effective_callers: if n == 0 { 0.0 } else { 1.0 / squares },
        single_voice: distinct == 1 && n >= 3,
        dominated: top_share > 0.5 && n >= 5,
        multi_party: distinct >= 3 && top_share <= 0.5,
    }
}
