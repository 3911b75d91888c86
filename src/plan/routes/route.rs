//! Where does one more spot fit into a loop with the least ride added?

use crate::plan::routes::spot::Ground;

/// A loop with its times.
#[derive(Clone, Default)]
pub(super) struct Route {
    /// Spots by position, in the order driven.
    pub(super) order: Vec<usize>,
    /// End of the stay at each stop.
    pub(super) leave: Vec<i64>,
    /// Latest begin of each stay.
    pub(super) latest: Vec<i64>,
    /// Whether a window or the shift is missed: where the direct way is longer than the way over a stop, taking that stop out
    /// makes the loop longer.
    pub(super) late: bool,
}

impl Route {
    /// Reckons times anew after the order changed.
    pub(super) fn refresh(&mut self, spots: &Ground<'_>) {
        let n = self.order.len();
        self.leave.clear();
        self.late = false;
        let (mut at, mut now) = (None, 0);
        for i in self.order.iter().copied() {
            let spot = &spots.spots[i];
            now = (now + spots.time(at, Some(i))).max(spot.open);
            self.late |= now > spot.close;
            now += spot.dwell;
            self.leave.push(now);
            at = Some(i);
        }
        self.late |= at.is_some() && now + spots.time(at, None) > spots.shift;
        self.latest.clear();
        self.latest.resize(n, 0);
        let (mut to, mut by) = (None, spots.shift);
        for k in (0..n).rev() {
            let i = self.order[k];
            let spot = &spots.spots[i];
            by = (by - spots.time(Some(i), to) - spot.dwell).min(spot.close);
            self.latest[k] = by;
            to = Some(i);
        }
    }

    /// Cheapest place for a spot: (added ride, position).
    pub(super) fn place(
        &self,
        spots: &Ground<'_>,
        i: usize,
        blink: &mut dyn FnMut() -> bool,
    ) -> Option<(i64, usize)> {
        let spot = &spots.spots[i];
        let mut best: Option<(i64, usize)> = None;
        for k in 0..=self.order.len() {
            let before = k.checked_sub(1).map(|b| self.order[b]);
            let leave = k.checked_sub(1).map_or(0, |b| self.leave[b]);
            let ride = spots.time(before, Some(i));
            let start = (leave + ride).max(spot.open);
            if start > spot.close {
                // Later places are later still.
                if leave > spot.close {
                    break;
                }
                continue;
            }
            let next = self.order.get(k).copied();
            let onward = spots.time(Some(i), next);
            let limit = self.latest.get(k).copied().unwrap_or(spots.shift);
            if start + spot.dwell + onward > limit || blink() {
                continue;
            }
            let direct = if before.is_none() && next.is_none() {
                0
            } else {
                spots.time(before, next)
            };
            let added = ride + onward - direct;
            if best.is_none_or(|b| added < b.0) {
                best = Some((added, k));
            }
        }
        best
    }
}
