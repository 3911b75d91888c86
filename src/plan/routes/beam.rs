//! What is the best single loop through spots that are still free, seen through a beam?
//!
//! Labels (time, prize, travel, visited) grow stop by stop; per stop and last spot only the best few that no other beats in
//! time and prize are kept. With narrow windows the beam holds everything and the loop is the best there is.

use std::rc::Rc;

use crate::plan::routes::spot::Ground;

struct Label {
    time: i64,
    prize: i64,
    travel: i64,
    visited: Vec<u64>,
    last: usize,
    before: Option<Rc<Label>>,
}

/// The best loop found through spots with `free[i]`, keeping at most `width` labels per stop and spot.
pub(super) fn best(spots: &Ground<'_>, free: &[bool], width: usize) -> Vec<usize> {
    let n = spots.spots.len();
    let mut top: Option<Rc<Label>> = None;
    let mut layer: Vec<Rc<Label>> = (0..n)
        .filter(|i| free[*i])
        .filter_map(|i| grow(spots, None, i))
        .collect();
    while !layer.is_empty() {
        for label in &layer {
            let ride = |l: &Label| spots.time(Some(l.last), None);
            let whole = |l: &Label| (l.prize, -(l.travel + ride(l)));
            if label.time + ride(label) > spots.shift {
                continue;
            }
            if top.as_ref().is_none_or(|t| whole(label) > whole(t)) {
                top = Some(Rc::clone(label));
            }
        }
        let mut next: Vec<Vec<Rc<Label>>> = vec![Vec::new(); n];
        for label in &layer {
            for to in (0..n).filter(|to| free[*to] && label.visited[to / 64] >> (to % 64) & 1 == 0)
            {
                if let Some(grown) = grow(spots, Some(label), to) {
                    keep(&mut next[to], grown, width);
                }
            }
        }
        layer = next.into_iter().flatten().collect();
    }
    let mut route = Vec::new();
    let mut at = top.as_ref();
    while let Some(label) = at {
        route.push(label.last);
        at = label.before.as_ref();
    }
    route.reverse();
    route
}

fn grow(spots: &Ground<'_>, from: Option<&Rc<Label>>, to: usize) -> Option<Rc<Label>> {
    let spot = &spots.spots[to];
    let ride = spots.time(from.map(|l| l.last), Some(to));
    let start = (from.map_or(0, |l| l.time) + ride).max(spot.open);
    let time = start + spot.dwell;
    if start > spot.close || time + spots.home(to) > spots.shift {
        return None;
    }
    let mut visited = from.map_or_else(
        || vec![0; spots.spots.len().div_ceil(64)],
        |l| l.visited.clone(),
    );
    visited[to / 64] |= 1 << (to % 64);
    Some(Rc::new(Label {
        time,
        prize: from.map_or(0, |l| l.prize) + spot.prize,
        travel: from.map_or(0, |l| l.travel) + ride,
        visited,
        last: to,
        before: from.map(Rc::clone),
    }))
}

/// Keeps labels by falling prize; one that is later and poorer than another goes.
fn keep(list: &mut Vec<Rc<Label>>, label: Rc<Label>, width: usize) {
    if list
        .iter()
        .any(|l| l.time <= label.time && l.prize >= label.prize)
    {
        return;
    }
    list.retain(|l| !(label.time <= l.time && label.prize >= l.prize));
    let at = list.partition_point(|l| (l.prize, -l.time) > (label.prize, -label.time));
    list.insert(at, label);
    list.truncate(width);
}
