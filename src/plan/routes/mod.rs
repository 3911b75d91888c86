//! Which loop does a motor unit drive, where does it stop and for how long, to prevent the most?
//!
//! Team orienteering with time windows: spots with prize, dwell and a window for the begin of the stay; units leave the base
//! and are back within the shift; every spot at most once. Most prize, then least travel, then smallest ids. Up to twelve
//! spots exact by dynamic programming over sets; above by ruin and recreate with a beam search over single loops and the
//! best combination of all loops met on the way.

mod beam;
mod exact;
mod route;
mod ruin;
pub mod spot;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::plan::routes::spot::Ground;
use crate::stats::rng::Rng;

pub use spot::{BadSpots, Loop, Options, Spot, Spots, Stop};

/// Largest number of spots that is solved exactly.
pub const EXACT: usize = 12;

/// Loops for all units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// `optimal` or `gap`.
    pub status: &'static str,
    /// Σ prize.
    pub prize: i64,
    /// No plan collects more.
    pub bound: i64,
    /// Time on the road of all units.
    pub travel: i64,
    /// One loop per unit that drives.
    pub loops: Vec<Loop>,
    /// Spots nobody visits: (id, why) with `no_unit` when nobody drives, `window`, `shift` when it cannot be reached at all, else `worth_less`.
    pub left_out: Vec<(i64, &'static str)>,
    /// Prize of the best plan when this one was drawn at random among those within 1 %.
    pub best_prize: i64,
    /// Work done, in insertions tried.
    pub work: u64,
}

/// How a search for loops stands; returned `false` ends it with the best plan so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Share of the work used, in thousandths.
    pub done: u64,
    /// Σ prize of the best plan so far.
    pub best: i64,
    /// No plan collects more.
    pub bound: i64,
}

/// Plans loops.
///
/// # Errors
/// [`BadSpots`] for a table that does not fit or figures out of bounds.
pub fn plan(spots: &Spots, options: &Options) -> Result<Plan, BadSpots> {
    plan_watched(spots, options, &mut |_| true)
}

/// Plans loops; `watch` hears how the search stands and ends it by `false`, keeping the best plan so far. Up to [`EXACT`] spots
/// nothing is told: that takes milliseconds.
///
/// # Errors
/// [`BadSpots`] for a table that does not fit or figures out of bounds.
pub fn plan_watched(
    spots: &Spots,
    options: &Options,
    watch: &mut dyn FnMut(&Progress) -> bool,
) -> Result<Plan, BadSpots> {
    spots.check()?;
    // A unit more than there are spots drives nowhere.
    let table = Spots {
        units: spots.units.min(spots.spots.len()),
        ..spots.clone()
    };
    let spots = &Ground::new(&table);
    let small = spots.spots.len() <= EXACT;
    let (mut all, work) = if small {
        (exact::plans(spots, options.draw.is_some()), 0)
    } else {
        ruin::plans(spots, options, watch)
    };
    all.sort_by(|a, b| spots.order(a, b));
    let best_prize = all.first().map_or(0, |p| spots.prize_of(p));
    let mut chosen = all.first().cloned().unwrap_or_default();
    if let Some(seed) = options.draw {
        let mut rng = Rng::new(seed);
        all.retain(|p| spots.prize_of(p) * 100 >= best_prize * 99);
        let n = u32::try_from(all.len()).unwrap_or(1);
        if let Some(p) = all.get(rng.below(n) as usize) {
            chosen.clone_from(p);
        }
        for route in &mut chosen {
            let back: Vec<usize> = route.iter().rev().copied().collect();
            if rng.below(2) == 0 && spots.drive(&back).is_some() {
                *route = back;
            }
        }
    }
    let bound = if small {
        best_prize
    } else {
        spots.bound().max(best_prize)
    };
    Ok(written(spots, &chosen, (best_prize, bound, work)))
}

fn written(
    spots: &Ground<'_>,
    routes: &[Vec<usize>],
    (best_prize, bound, work): (i64, i64, u64),
) -> Plan {
    let loops: Vec<Loop> = routes
        .iter()
        .filter(|r| !r.is_empty())
        .filter_map(|r| spots.drive(r))
        .collect();
    let visited: BTreeSet<i64> = loops
        .iter()
        .flat_map(|l| &l.stops)
        .map(|s| s.spot)
        .collect();
    let left_out = (0..spots.spots.len())
        .filter(|i| !visited.contains(&spots.spots[*i].id))
        .map(|i| (spots.spots[i].id, spots.obstacle(i)))
        .collect();
    let prize = spots.prize_of(routes);
    Plan {
        status: if prize == bound { "optimal" } else { "gap" },
        prize,
        bound,
        travel: loops.iter().map(|l| l.travel).sum(),
        loops,
        left_out,
        best_prize,
        work,
    }
}
