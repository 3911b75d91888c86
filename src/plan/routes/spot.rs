//! What is known of the spots, and what does a given order of stops take?

use std::cmp::{Ordering, Reverse};
use std::ops::Deref;

use serde::{Deserialize, Serialize};

/// A place worth a stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// Name.
    pub id: i64,
    /// Length of the stay.
    pub dwell: i64,
    /// Worth of the stay, whole points.
    pub prize: i64,
    /// Earliest begin of the stay.
    #[serde(default)]
    pub open: i64,
    /// Latest begin of the stay.
    #[serde(default = "any_time")]
    pub close: i64,
}

const fn any_time() -> i64 {
    1_000_000_000
}

/// Spots, units and the shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spots {
    /// Units that drive.
    pub units: usize,
    /// Length of the shift; everybody is back by then.
    #[serde(rename = "shift_min", alias = "shift")]
    pub shift: i64,
    /// Spots.
    pub spots: Vec<Spot>,
    /// Time between base (0) and spots (1 …) in the order of the list; need not be symmetric.
    #[serde(rename = "travel_min", alias = "travel")]
    pub travel: Vec<Vec<i64>>,
}

/// A stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stop {
    /// Which spot.
    pub spot: i64,
    /// Arrival.
    pub arrive: i64,
    /// Begin of the stay, not before the spot's window.
    pub start: i64,
    /// End of the stay.
    pub leave: i64,
}

/// One unit's loop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Loop {
    /// Stays in their order.
    pub stops: Vec<Stop>,
    /// Return to the base.
    pub back: i64,
    /// Time on the road.
    pub travel: i64,
}

/// How to solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Seed of the search.
    pub seed: u64,
    /// Draws one of the plans within 1 % of the best, so that visits cannot be foreseen; `None` gives the best.
    pub draw: Option<u64>,
    /// Insertions tried above twelve spots.
    pub work: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            draw: None,
            work: 75_000_000,
        }
    }
}

/// Why loops cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSpots {
    /// The table of times does not fit the spots.
    #[error(
        "travel table has {rows} rows, row {row} has {cells} cells, must be {wanted} each: base and every spot"
    )]
    Table {
        /// Rows given.
        rows: usize,
        /// First row that does not fit.
        row: usize,
        /// Its cells.
        cells: usize,
        /// What is needed.
        wanted: usize,
    },
    /// A number below its floor.
    #[error("spot {id}: {field} is {value}, must be in 0..=1000000000")]
    Number {
        /// Which spot; -1 for shift or travel.
        id: i64,
        /// Which field.
        field: &'static str,
        /// What was given.
        value: i64,
    },
    /// An id stands twice.
    #[error("spot {0} stands twice; every spot needs an id of its own")]
    Twice(i64),
    /// More than the solver is made for.
    #[error("{0} spots are more than 1000; plan one squad's area at a time")]
    TooMany(usize),
}

impl Spots {
    /// Checks everything that makes sense of the rest.
    pub fn check(&self) -> Result<(), BadSpots> {
        let wanted = self.spots.len() + 1;
        if self.spots.len() > 1000 {
            return Err(BadSpots::TooMany(self.spots.len()));
        }
        let wrong = self.travel.iter().position(|r| r.len() != wanted);
        if self.travel.len() != wanted || wrong.is_some() {
            let row = wrong.unwrap_or(0);
            let cells = self.travel.get(row).map_or(0, Vec::len);
            return Err(BadSpots::Table {
                rows: self.travel.len(),
                row,
                cells,
                wanted,
            });
        }
        let ok = |v: i64| (0..=1_000_000_000).contains(&v);
        let number = |id, field, value| Err(BadSpots::Number { id, field, value });
        if !ok(self.shift) {
            return number(-1, "shift", self.shift);
        }
        if let Some(t) = self.travel.iter().flatten().find(|t| !ok(**t)) {
            return number(-1, "travel", *t);
        }
        for s in &self.spots {
            let fields = [
                ("dwell", s.dwell),
                ("prize", s.prize),
                ("open", s.open),
                ("close", s.close),
            ];
            if let Some((field, value)) = fields.into_iter().find(|f| !ok(f.1)) {
                return number(s.id, field, value);
            }
        }
        let mut ids: Vec<i64> = self.spots.iter().map(|s| s.id).collect();
        ids.sort_unstable();
        let twice = ids.windows(2).find(|w| w[0] == w[1]);
        twice.map_or(Ok(()), |w| Err(BadSpots::Twice(w[0])))
    }

    /// Time from one spot (by position) to another; `None` is the base.
    pub(super) fn time(&self, from: Option<usize>, to: Option<usize>) -> i64 {
        self.travel[from.map_or(0, |i| i + 1)][to.map_or(0, |i| i + 1)]
    }

    /// The loop through spots in this order, `None` when a window or the shift is missed.
    #[must_use]
    pub(super) fn drive(&self, order: &[usize]) -> Option<Loop> {
        let mut out = Loop::default();
        let mut at = None;
        let mut now = 0;
        for i in order.iter().copied() {
            let spot = &self.spots[i];
            let ride = self.time(at, Some(i));
            let arrive = now + ride;
            let start = arrive.max(spot.open);
            if start > spot.close {
                return None;
            }
            now = start + spot.dwell;
            out.travel += ride;
            out.stops.push(Stop {
                spot: spot.id,
                arrive,
                start,
                leave: now,
            });
            at = Some(i);
        }
        if at.is_some() {
            let ride = self.time(at, None);
            now += ride;
            out.travel += ride;
        }
        out.back = now;
        (now <= self.shift).then_some(out)
    }

    pub(super) fn prize_of(&self, routes: &[Vec<usize>]) -> i64 {
        routes.iter().flatten().map(|i| self.spots[*i].prize).sum()
    }

    fn travel_of(&self, routes: &[Vec<usize>]) -> i64 {
        routes
            .iter()
            .filter_map(|r| self.drive(r))
            .map(|l| l.travel)
            .sum()
    }

    /// Best plan first: most prize, least travel, smallest ids.
    pub(super) fn order(&self, a: &[Vec<usize>], b: &[Vec<usize>]) -> Ordering {
        let ids = |p: &[Vec<usize>]| {
            let mut ids: Vec<i64> = p.iter().flatten().map(|i| self.spots[*i].id).collect();
            ids.sort_unstable();
            ids
        };
        Reverse(self.prize_of(a))
            .cmp(&Reverse(self.prize_of(b)))
            .then_with(|| self.travel_of(a).cmp(&self.travel_of(b)))
            .then_with(|| ids(a).cmp(&ids(b)))
            .then_with(|| a.cmp(b))
    }
}

/// Spots with the least time from and to the base, over other places too.
///
/// A table need not obey the triangle inequality (a direct way may be a detour, streets are one-way). So a stay is ruled out
/// only when even the least time home is too long; the way really driven is checked when the loop is closed.
pub(super) struct Ground<'a> {
    table: &'a Spots,
    out: Vec<i64>,
    home: Vec<i64>,
}

impl Deref for Ground<'_> {
    type Target = Spots;

    fn deref(&self) -> &Spots {
        self.table
    }
}

impl<'a> Ground<'a> {
    /// Checked spots. Cost O(spots²).
    pub(super) fn new(table: &'a Spots) -> Self {
        Self {
            table,
            out: least(&|from, to| table.travel[from][to], table.travel.len()),
            home: least(&|from, to| table.travel[to][from], table.travel.len()),
        }
    }

    /// Least time from a spot to the base, stays not counted.
    pub(super) fn home(&self, i: usize) -> i64 {
        self.home[i + 1]
    }

    /// Whether a loop may hold a spot, as far as times alone tell: false is proved.
    fn reachable(&self, i: usize) -> bool {
        let spot = &self.spots[i];
        let start = self.out[i + 1].max(spot.open);
        start <= spot.close && start + spot.dwell + self.home(i) <= self.shift
    }

    /// Why a spot is not visited.
    pub(super) fn obstacle(&self, i: usize) -> &'static str {
        let spot = &self.spots[i];
        if self.units == 0 {
            "no_unit"
        } else if self.out[i + 1].max(spot.open) > spot.close {
            "window"
        } else if self.reachable(i) {
            "worth_less"
        } else {
            "shift"
        }
    }

    /// Most prize any plan could collect: a knapsack of all shifts in which a spot weighs its stay and the shortest ride to
    /// it, the last one taken in part.
    pub(super) fn bound(&self) -> i64 {
        let n = self.spots.len();
        let mut weights: Vec<(i64, i64)> = (0..n)
            .filter(|i| self.reachable(*i))
            .map(|i| {
                let near = (0..=n)
                    .filter(|from| *from != i + 1)
                    .map(|from| self.travel[from][i + 1]);
                (
                    self.spots[i].prize,
                    self.spots[i].dwell + near.min().unwrap_or(0),
                )
            })
            .collect();
        // What takes no time is taken; the rest by prize per minute, which is an order only where there are minutes.
        let mut prize: i64 = weights.iter().filter(|w| w.1 == 0).map(|w| w.0).sum();
        weights.retain(|w| w.1 > 0);
        weights.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)));
        let home = (0..n).map(|i| self.time(Some(i), None)).min().unwrap_or(0);
        let units = i64::try_from(self.units.min(n)).unwrap_or(i64::MAX);
        let mut room = (self.shift - home).max(0) * units;
        for (p, w) in weights {
            if w > room {
                let part = i128::from(p) * i128::from(room) / i128::from(w);
                return prize + i64::try_from(part).unwrap_or(p);
            }
            room -= w;
            prize += p;
        }
        prize
    }
}

/// Least time from the base (0) to every place over any others. O(places²).
fn least(time: &dyn Fn(usize, usize) -> i64, places: usize) -> Vec<i64> {
    let mut known: Vec<i64> = (0..places).map(|to| time(0, to)).collect();
    if let Some(base) = known.first_mut() {
        *base = 0;
    }
    let mut open = vec![true; places];
    while let Some(at) = (0..places).filter(|i| open[*i]).min_by_key(|i| known[*i]) {
        open[at] = false;
        let here = known[at];
        for (to, best) in known.iter_mut().enumerate() {
            *best = (*best).min(here + time(at, to));
        }
    }
    known
}
