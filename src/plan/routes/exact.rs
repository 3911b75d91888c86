//! Which sets of at most twelve spots can one unit visit, and which sets for all units together are worth most?

use crate::plan::routes::spot::Ground;

/// A way to have visited a set, ending somewhere: (time, travel, spot before).
#[derive(Clone, Copy)]
struct Label {
    time: i64,
    travel: i64,
    before: Option<usize>,
}

/// The best plan, or with `all` every set of spots within 1 % of it (each with its least travel).
pub(super) fn plans(spots: &Ground<'_>, all: bool) -> Vec<Vec<Vec<usize>>> {
    let n = spots.spots.len();
    let sets = 1_usize << n;
    let table = labels(spots);
    // Least travel for one unit that visits exactly this set.
    let alone: Vec<Option<(i64, usize)>> = (0..sets).map(|set| home(spots, &table, set)).collect();
    let mut layers: Vec<Vec<Option<(i64, usize)>>> = Vec::new();
    let mut now: Vec<Option<(i64, usize)>> = vec![None; sets];
    now[0] = Some((0, 0));
    for _ in 0..spots.units.min(n) {
        let next: Vec<Option<(i64, usize)>> =
            (0..sets).map(|set| split(&now, &alone, set)).collect();
        layers.push(now);
        now = next;
    }
    let prize = |set: usize| -> i64 {
        (0..n)
            .filter(|i| set >> i & 1 == 1)
            .map(|i| spots.spots[i].prize)
            .sum()
    };
    let best = (0..sets)
        .filter(|s| now[*s].is_some())
        .map(prize)
        .max()
        .unwrap_or(0);
    let floor = if all { best * 99 } else { best * 100 };
    (0..sets)
        .filter(|s| now[*s].is_some() && prize(*s) * 100 >= floor)
        .map(|s| unfold(spots, &table, (&layers, &now), s))
        .collect()
}

fn labels(spots: &Ground<'_>) -> Vec<Vec<Vec<Label>>> {
    let n = spots.spots.len();
    let mut table: Vec<Vec<Vec<Label>>> = vec![vec![Vec::new(); n]; 1 << n];
    for set in 1..1_usize << n {
        for last in (0..n).filter(|i| set >> i & 1 == 1) {
            let rest = set & !(1 << last);
            let mut found = Vec::new();
            if rest == 0 {
                found.extend(step(spots, None, last, (0, 0)));
            }
            for before in (0..n).filter(|i| rest >> i & 1 == 1) {
                for label in &table[rest][before] {
                    found.extend(step(spots, Some(before), last, (label.time, label.travel)));
                }
            }
            found.sort_by_key(|l| (l.time, l.travel, l.before));
            let mut least = i64::MAX;
            found.retain(|l| {
                let better = l.travel < least;
                least = least.min(l.travel);
                better
            });
            table[set][last] = found;
        }
    }
    table
}

fn step(
    spots: &Ground<'_>,
    before: Option<usize>,
    to: usize,
    (time, travel): (i64, i64),
) -> Option<Label> {
    let ride = spots.time(before, Some(to));
    let spot = &spots.spots[to];
    let start = (time + ride).max(spot.open);
    let leave = start + spot.dwell;
    let fits = start <= spot.close && leave + spots.home(to) <= spots.shift;
    fits.then_some(Label {
        time: leave,
        travel: travel + ride,
        before,
    })
}

/// Least travel of a set with its last spot, back at the base within the shift.
fn home(spots: &Ground<'_>, table: &[Vec<Vec<Label>>], set: usize) -> Option<(i64, usize)> {
    let n = spots.spots.len();
    (0..n)
        .flat_map(|last| table[set][last].iter().map(move |l| (last, l)))
        .map(|(last, l)| (last, l, spots.time(Some(last), None)))
        .filter(|(_, l, ride)| l.time + ride <= spots.shift)
        .map(|(last, l, ride)| (l.travel + ride, last))
        .min()
}

/// Least travel to visit exactly a set with one more unit: (travel, that unit's part). The new unit takes the lowest spot of
/// the set or nothing, so that units are not counted in every order.
fn split(
    before: &[Option<(i64, usize)>],
    alone: &[Option<(i64, usize)>],
    set: usize,
) -> Option<(i64, usize)> {
    let mut best = before[set].map(|b| (b.0, 0));
    let low = set & set.wrapping_neg();
    let rest = set & !low;
    let mut part = rest;
    if set == 0 {
        return best;
    }
    loop {
        let mine = part | low;
        if let (Some(a), Some(b)) = (alone[mine], before[set & !mine]) {
            let found = (a.0 + b.0, mine);
            if best.is_none_or(|known| found < known) {
                best = Some(found);
            }
        }
        if part == 0 {
            return best;
        }
        part = (part - 1) & rest;
    }
}

type Layer = Vec<Option<(i64, usize)>>;

fn unfold(
    spots: &Ground<'_>,
    table: &[Vec<Vec<Label>>],
    layers: (&[Layer], &Layer),
    set: usize,
) -> Vec<Vec<usize>> {
    let mut routes = Vec::new();
    let mut left = set;
    let mut layer = layers.1;
    for before in layers.0.iter().rev() {
        let Some((_, mine)) = layer[left] else { break };
        if mine != 0 {
            routes.push(order(spots, table, mine));
        }
        left &= !mine;
        layer = before;
    }
    routes.sort();
    routes
}

fn order(spots: &Ground<'_>, table: &[Vec<Vec<Label>>], set: usize) -> Vec<usize> {
    let Some((total, mut last)) = home(spots, table, set) else {
        return Vec::new();
    };
    let mut route = vec![last];
    let mut set = set;
    let mut travel = total - spots.time(Some(last), None);
    let mut latest = spots.shift - spots.time(Some(last), None);
    while let Some(label) = table[set][last]
        .iter()
        .filter(|l| l.travel == travel && l.time <= latest)
        .min_by_key(|l| l.time)
    {
        let Some(before) = label.before else { break };
        travel -= spots.time(Some(before), Some(last));
        // The label before must end early enough to give this one.
        latest = if label.time - spots.spots[last].dwell > spots.spots[last].open {
            label.time - spots.spots[last].dwell - spots.time(Some(before), Some(last))
        } else {
            spots.spots[last].open - spots.time(Some(before), Some(last))
        };
        set &= !(1 << last);
        last = before;
        route.push(last);
    }
    route.reverse();
    route
}
