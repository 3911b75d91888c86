//! How well do formed sites agree with the sites of a simulated city: adjusted Rand index, recall, precision, rank order?

use std::collections::BTreeMap;

use crate::spatial::{LocalPlane, LonLat, Xy};

/// One true site.
#[derive(Clone, Debug, PartialEq)]
pub struct TrueSite {
    /// Its id in the truth.
    pub id: String,
    /// Its anchor.
    pub anchor: LonLat,
    /// Its line, for frontages; empty otherwise.
    pub line: Vec<LonLat>,
    /// Tickets drawn.
    pub tickets: u32,
    /// Expected tickets of the last 365 days.
    pub expected: f64,
}

/// One formed site.
#[derive(Clone, Debug, PartialEq)]
pub struct FormedSite {
    /// Its id.
    pub id: i64,
    /// Its centre.
    pub point: LonLat,
    /// Number of tickets.
    pub tickets: usize,
    /// What it is ranked by.
    pub score: f64,
}

/// One ticket with a placed class (point to road): its true site and its formed one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairing {
    /// True site, `None` = background.
    pub truth: Option<String>,
    /// Formed site, `None` = in none.
    pub formed: Option<i64>,
}

/// The figures of `data/city/README.md`, points 3 and 4.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SiteScore {
    /// Adjusted Rand index over tickets with a true site; a ticket in no formed site is a cluster of its own.
    pub rand: f64,
    /// The same over all placed tickets, background as one class.
    pub rand_background: f64,
    /// Share of true sites with at least 12 tickets that have a formed one of at least 5 tickets within 75 m.
    pub recall: f64,
    /// Of as many largest formed sites, the share within 75 m of any true one.
    pub precision: f64,
    /// Spearman correlation of expectation with score; a true site without a formed one has score 0.
    pub rank: f64,
    /// Share of the true top 20 among the formed top 20.
    pub top20: f64,
}

/// Scores formed sites.
#[must_use]
pub fn score(truth: &[TrueSite], formed: &[FormedSite], pairs: &[Pairing]) -> SiteScore {
    let sited: Vec<&Pairing> = pairs.iter().filter(|p| p.truth.is_some()).collect();
    let (recall, precision) = recall_precision(truth, formed);
    let (rank, top20) = ranking(truth, formed, &sited);
    SiteScore {
        rand: adjusted_rand(&sited),
        rand_background: adjusted_rand(&pairs.iter().collect::<Vec<_>>()),
        recall,
        precision,
        rank,
        top20,
    }
}

fn pairs_of(n: usize) -> f64 {
    let n = n as f64;
    n * (n - 1.0) / 2.0
}

/// Hubert and Arabie 1985; a ticket in no formed site is a cluster of its own.
fn adjusted_rand(pairs: &[&Pairing]) -> f64 {
    let mut cells: BTreeMap<(&Option<String>, i64), usize> = BTreeMap::new();
    let (mut rows, mut columns) = (BTreeMap::new(), BTreeMap::new());
    for p in pairs {
        *rows.entry(&p.truth).or_insert(0_usize) += 1;
        if let Some(formed) = p.formed {
            *columns.entry(formed).or_insert(0_usize) += 1;
            *cells.entry((&p.truth, formed)).or_default() += 1;
        }
    }
    let both: f64 = cells.values().map(|n| pairs_of(*n)).sum();
    let a: f64 = rows.values().map(|n| pairs_of(*n)).sum();
    let b: f64 = columns.values().map(|n| pairs_of(*n)).sum();
    let chance = a * b / pairs_of(pairs.len()).max(1.0);
    let most = f64::midpoint(a, b);
    if (most - chance).abs() < f64::EPSILON {
        return 1.0;
    }
    (both - chance) / (most - chance)
}

fn recall_precision(truth: &[TrueSite], formed: &[FormedSite]) -> (f64, f64) {
    let Some(first) = truth.first() else {
        return (0.0, 0.0);
    };
    let plane = LocalPlane::new(first.anchor);
    let near = |site: &TrueSite, point: LonLat| distance(&plane, site, point) <= 75.0;
    let wanted: Vec<&TrueSite> = truth.iter().filter(|s| s.tickets >= 12).collect();
    let found = wanted
        .iter()
        .filter(|s| formed.iter().any(|f| f.tickets >= 5 && near(s, f.point)));
    let mut largest: Vec<&FormedSite> = formed.iter().collect();
    largest.sort_by_key(|f| (std::cmp::Reverse(f.tickets), f.id));
    largest.truncate(wanted.len());
    let right = largest
        .iter()
        .filter(|f| truth.iter().any(|s| near(s, f.point)));
    let share = |n: usize| n as f64 / wanted.len().max(1) as f64;
    (share(found.count()), share(right.count()))
}

/// Distance to the anchor or, for a frontage, to its line, whichever is less.
fn distance(plane: &LocalPlane, site: &TrueSite, point: LonLat) -> f64 {
    let p = plane.to_xy(point);
    let to_line = site
        .line
        .windows(2)
        .map(|w| to_segment(p, plane.to_xy(w[0]), plane.to_xy(w[1])));
    to_line.fold(plane.to_xy(site.anchor).distance_m(p), f64::min)
}

fn to_segment(p: Xy, a: Xy, b: Xy) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 {
        (((p.x - a.x) * dx + (p.y - a.y) * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    p.distance_m(Xy {
        x: a.x + t * dx,
        y: a.y + t * dy,
    })
}

fn ranking(truth: &[TrueSite], formed: &[FormedSite], sited: &[&Pairing]) -> (f64, f64) {
    let mut shared: BTreeMap<(&str, i64), usize> = BTreeMap::new();
    for p in sited {
        if let (Some(t), Some(f)) = (&p.truth, p.formed) {
            *shared.entry((t, f)).or_default() += 1;
        }
    }
    let scores: BTreeMap<i64, f64> = formed.iter().map(|f| (f.id, f.score)).collect();
    let taken: Vec<Option<i64>> = truth
        .iter()
        .map(|site| {
            let own = shared.iter().filter(|((t, _), _)| *t == site.id);
            own.max_by_key(|((_, f), n)| (**n, std::cmp::Reverse(*f)))
                .map(|((_, f), _)| *f)
        })
        .collect();
    let said: Vec<f64> = taken
        .iter()
        .map(|f| f.and_then(|id| scores.get(&id).copied()).unwrap_or(0.0))
        .collect();
    let meant: Vec<f64> = truth.iter().map(|t| t.expected).collect();
    let mut order: Vec<&FormedSite> = formed.iter().collect();
    order.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    let top: Vec<i64> = order.iter().take(20).map(|f| f.id).collect();
    let mut true_order: Vec<usize> = (0..truth.len()).collect();
    true_order.sort_by(|a, b| meant[*b].total_cmp(&meant[*a]));
    let hits = true_order.iter().take(20);
    let hits = hits.filter(|i| taken[**i].is_some_and(|f| top.contains(&f)));
    let share = hits.count() as f64 / truth.len().clamp(1, 20) as f64;
    (spearman(&meant, &said), share)
}

fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let n = a.len().max(1) as f64;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / n;
    let (ma, mb) = (mean(&a), mean(&b));
    let dot = |x: &[f64], mx: f64, y: &[f64], my: f64| -> f64 {
        x.iter().zip(y).map(|(p, q)| (p - mx) * (q - my)).sum()
    };
    let spread = (dot(&a, ma, &a, ma) * dot(&b, mb, &b, mb)).sqrt();
    if spread > 0.0 {
        dot(&a, ma, &b, mb) / spread
    } else {
        0.0
    }
}

/// Ranks from 1, ties share their mean.
fn ranks(v: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..v.len()).collect();
    order.sort_by(|a, b| v[*a].total_cmp(&v[*b]));
    let mut ranks = vec![0.0; v.len()];
    for run in order.chunk_by(|a, b| v[*a].total_cmp(&v[*b]).is_eq()) {
        let before = order.iter().position(|i| *i == run[0]).unwrap_or(0);
        let shared = f64::midpoint(before as f64 + 1.0, (before + run.len()) as f64);
        for &i in run {
            ranks[i] = shared;
        }
    }
    ranks
}
