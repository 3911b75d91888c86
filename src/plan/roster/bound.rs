//! How even can a roster with unequal loads be at best?
//!
//! Two floors, the higher counts. Split: the flow of load points in which a duty may be shared between people; every plan is
//! such a flow, so its Σ² is a floor when sharing does not raise coverage. Priced: with a price s per load point of a person,
//! Σ T² ≥ Σ min over whole T of (T² − s·load) + the cheapest flow of whole duties at these prices; prices by subgradient
//! (Held and Karp 1971). Without either, the least load that reaches the coverage, spread evenly.

use crate::plan::roster::build::{Bans, Scale, build, most};
use crate::plan::roster::model::{Model, Worth};

/// A floor under Σ (history + load)² among plans with the given coverage and change; `plan` is where prices start.
pub(super) fn floor(
    model: &Model<'_>,
    best: &Worth,
    plan: Option<&[Option<usize>]>,
    go: &mut dyn FnMut() -> bool,
) -> i64 {
    // Where one person may serve two duties of a peak a flow of one duty per peak is no floor.
    let per_peak = if model.has_pairs_within_a_peak() {
        i64::try_from(model.duties()).unwrap_or(i64::MAX)
    } else {
        1
    };
    let mut floor = split(model, best, per_peak, go)
        .unwrap_or(0)
        .max(even(model, best));
    if let Some(plan) = plan {
        floor = floor.max(priced(model, best, (plan, per_peak), go).unwrap_or(0));
    }
    floor
}

/// Most arcs that points of load may make; beyond it the split floor is left out.
const MOST_ARCS: i64 = 2_000_000;

/// Parts of a price unit, so that prices can move by less than one.
const FINE: i64 = 16;

/// Flows spent on prices at a thousand arcs.
const ROUNDS: usize = 400;

fn priced(
    model: &Model<'_>,
    best: &Worth,
    (plan, per_peak): (&[Option<usize>], i64),
    go: &mut dyn FnMut() -> bool,
) -> Option<i64> {
    let n = model.people();
    let mut load: Vec<i64> = vec![0; n];
    for (q, p) in plan.iter().enumerate() {
        if let Some(p) = p {
            load[*p] += model.given.duties[q].load;
        }
    }
    let goal = -best.evenness * FINE;
    let history: Vec<i64> = model.given.persons.iter().map(|p| p.history).collect();
    let mut price: Vec<i64> = (0..n).map(|p| 2 * FINE * (history[p] + load[p])).collect();
    let mut floor = 0;
    let mut rounds = ROUNDS;
    let mut step = 1.0_f64;
    let mut stale = 0;
    while rounds > 0 {
        let (arcs, flow_cost, flow_load) = match at_prices(model, best, (&price, per_peak), go) {
            Priced::Flow(arcs, cost, load) => (arcs, cost, load),
            Priced::Other => return None,
            Priced::Ended => break,
        };
        rounds = rounds.saturating_sub(1 + arcs / 1000);
        let mut value = flow_cost;
        let mut slope = vec![0; n];
        for p in 0..n {
            let (least, own) = own_best(history[p], price[p]);
            value += least;
            slope[p] = flow_load[p] - own;
        }
        if value > floor {
            floor = value;
            stale = 0;
        } else {
            stale += 1;
        }
        // A fraction of a point below the next whole number is that number.
        if floor > goal - FINE {
            break;
        }
        let norm: i64 = slope.iter().map(|g| g * g).sum();
        if norm == 0 {
            break;
        }
        if stale >= 10 {
            step *= 0.6;
            stale = 0;
        }
        let length = step * ((goal - value).max(FINE)) as f64 / norm as f64;
        for p in 0..n {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "prices stay far inside 2^50"
            )]
            let move_by = (length * slope[p] as f64).round() as i64;
            price[p] = (price[p] + move_by).max(0);
        }
    }
    Some((floor + FINE - 1) / FINE)
}

/// Least of `FINE · T² − price · (T − history)` over whole T ≥ history, and the load T − history there.
fn own_best(history: i64, price: i64) -> (i64, i64) {
    let t = (price / (2 * FINE)).max(history);
    [t, t + 1]
        .into_iter()
        .map(|t| (FINE * t * t - price * (t - history), t - history))
        .min()
        .unwrap_or((0, 0))
}

/// What a flow at prices says.
enum Priced {
    /// Arcs, Σ price · load, load of everybody.
    Flow(usize, i64, Vec<i64>),
    /// It reaches more than the plan, so that its price says nothing about plans like it.
    Other,
    /// It was ended before its best: what was found before stands.
    Ended,
}

/// The cheapest flow at prices among those of best coverage and change.
fn at_prices(
    model: &Model<'_>,
    best: &Worth,
    (price, per_peak): (&[i64], i64),
    go: &mut dyn FnMut() -> bool,
) -> Priced {
    let mut scale = Scale::of(model, None);
    // Prices are finer than Σ², and a duty's price may exceed its growth; a wide margin keeps the levels apart.
    for level in [&mut scale.must, &mut scale.priority, &mut scale.change] {
        *level *= i128::from(FINE) * 1024;
    }
    scale.price = price.to_vec();
    scale.per_peak = per_peak;
    let built = build(model, &Bans::default(), &scale, &|_| 1, &|_| 1);
    let (found, whole) = built.network.cheapest_while(go);
    if !whole {
        return Priced::Ended;
    }
    let (kept, meetings) = built.read(&found.flow);
    let mut load = vec![0; model.people()];
    let mut worth = Worth {
        must: 0,
        coverage: 0,
        unchanged: 0,
        evenness: 0,
    };
    worth.unchanged = -kept_minus_new(model, &worth) + i64::try_from(kept.len()).unwrap_or(0);
    let mut covered: Vec<usize> = Vec::new();
    for (p, q) in &kept {
        load[*p] += model.given.duties[*q].load;
        covered.push(*q);
    }
    for meeting in &meetings {
        for (p, q) in meeting.persons.iter().zip(&meeting.duties) {
            load[*p] += model.given.duties[*q].load;
            covered.push(*q);
        }
    }
    for q in covered {
        worth.must += i64::from(model.must[q]);
        worth.coverage += model.given.duties[q].priority;
        worth.unchanged -= i64::from(model.published[q] == Some(None));
    }
    let same =
        (worth.must, worth.coverage, worth.unchanged) == (best.must, best.coverage, best.unchanged);
    let cost = load.iter().zip(price).map(|(l, s)| l * s).sum();
    if same {
        Priced::Flow(built.network.arcs().len(), cost, load)
    } else {
        Priced::Other
    }
}

fn split(
    model: &Model<'_>,
    best: &Worth,
    per_peak: i64,
    go: &mut dyn FnMut() -> bool,
) -> Option<i64> {
    let loads: Vec<i64> = model.given.duties.iter().map(|d| d.load.max(1)).collect();
    let whole = loads
        .iter()
        .try_fold(1_i64, |a, b| lcm(a, *b).filter(|l| *l <= 10_000))?;
    if model.given.duties.iter().any(|d| d.load < 1) {
        return None;
    }
    // Costs of covering are shared out over a duty's points, so a whole duty costs `whole` times its own.
    let mut scale = Scale::of(model, Some(1));
    scale.per_peak = per_peak;
    let largest = loads.iter().copied().max().unwrap_or(1);
    let duties: i64 = (0..model.people()).map(|p| most(model, p, per_peak)).sum();
    if duties.saturating_mul(largest) > MOST_ARCS {
        return None;
    }
    let part = |q: usize| whole / loads[q];
    let built = build(model, &Bans::default(), &scale, &|q| loads[q], &part);
    let (found, whole) = built.network.cheapest_while(go);
    if !whole {
        return None;
    }
    let target = -scale.must * i128::from(best.must)
        - scale.priority * i128::from(best.coverage)
        - scale.change * i128::from(kept_minus_new(model, best));
    // What is left of the cost is the growth of Σ², if coverage and change are those of the plan.
    let growth = found.cost - target * i128::from(whole);
    let start: i64 = model
        .given
        .persons
        .iter()
        .map(|p| p.history * p.history)
        .sum();
    let growth = i64::try_from(growth).ok().filter(|g| *g >= 0)?;
    Some(start + growth)
}

/// The change part of the network's cost: kept duties gain one, newly filled ones lose one.
fn kept_minus_new(model: &Model<'_>, best: &Worth) -> i64 {
    let with_person = model
        .published
        .iter()
        .filter(|p| matches!(p, Some(Some(_))))
        .count();
    i64::try_from(with_person).unwrap_or(0) + best.unchanged
}

fn lcm(a: i64, b: i64) -> Option<i64> {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    (a / x).checked_mul(b)
}

/// Least total load that reaches the coverage, spread evenly (water filling).
fn even(model: &Model<'_>, best: &Worth) -> i64 {
    // Points of load per point of priority at best: take the duties that bring most per load, the last one in part.
    let mut duties: Vec<(i64, i64)> = model
        .given
        .duties
        .iter()
        .map(|d| (d.priority, d.load))
        .filter(|d| d.0 > 0)
        .collect();
    duties.sort_by(|a, b| (b.0 * a.1).cmp(&(a.0 * b.1)));
    let mut missing = best.coverage;
    let mut total = 0;
    for (priority, load) in duties {
        if missing <= 0 {
            break;
        }
        total += if priority <= missing {
            load
        } else {
            load * missing / priority
        };
        missing -= priority;
    }
    let mut levels: Vec<i64> = model.given.persons.iter().map(|p| p.history).collect();
    levels.sort_unstable();
    fill(&mut levels, total);
    levels.iter().map(|l| l * l).sum()
}

/// Raises the lowest until `total` is spent.
fn fill(levels: &mut [i64], mut total: i64) {
    let n = levels.len();
    for i in 0..n {
        let count = i64::try_from(i + 1).unwrap_or(i64::MAX);
        let next = levels.get(i + 1).copied().unwrap_or(i64::MAX);
        let here = levels[i];
        let need = next.saturating_sub(here).saturating_mul(count);
        if need > total {
            let (each, rest) = (total / count, total % count);
            for (k, l) in levels.iter_mut().take(i + 1).enumerate() {
                *l = here + each + i64::from(i64::try_from(k).unwrap_or(0) < rest);
            }
            return;
        }
        total -= need;
        for l in levels.iter_mut().take(i + 1) {
            *l = next;
        }
    }
}
