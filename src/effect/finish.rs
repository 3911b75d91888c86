//! What do all evaluations say together: many sites tested at once, and sites that borrow strength from their measure type?

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::effect::evaluate::evaluate;
use crate::effect::league::{
    Entry, Grounds, LEAST_EXPECTED, LEAST_SITES, Pooled, TAU2_FLOOR, borrow, letter, pool,
};
use crate::effect::look::Look;
use crate::effect::prepared::Prepared;
use crate::effect::ranking::{Place, Standing, rank};
use crate::effect::record::{Borrowed, Record};
use crate::effect::verdict::Verdict;
use crate::effect::words;
use crate::stats::distribution::{Z_975, normal_cdf};
use crate::stats::multiple::bh_q;
use crate::stats::number::whole;

/// A q-value above this makes a verdict in a list "likely" (可能).
pub const LIKELY: f64 = 0.10;

/// A line of the league of measure types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TypeLine {
    /// Type of measure.
    pub measure: String,
    /// All its sites together.
    pub pooled: Pooled,
    /// Variance of sites within the type, with its floor.
    pub tau2: Option<f64>,
    /// Whether it has three sites and 20 expected tickets, so that it is listed.
    pub listed: bool,
    /// Letter of the evidence, A to D.
    pub letter: char,
    /// Chance that the type reduces tickets.
    pub p_reduces: Option<f64>,
    /// Tickets avoided, `E - y`.
    pub avoided: f64,
    /// 95 % interval of the tickets avoided: variance of expectations and counts, widened when sites differ more than chance.
    #[serde(default)]
    pub avoided_interval: [f64; 2],
    /// Cost in yuan of all its measures, when every one is known.
    pub cost: Option<i64>,
    /// Yuan per avoided ticket, when some were avoided.
    pub cost_per_avoided: Option<f64>,
    /// 95 % interval of the yuan per avoided ticket; without upper end when it is not sure that any was avoided.
    #[serde(default)]
    pub cost_interval: Option<(f64, Option<f64>)>,
    /// Tickets avoided in core and rings together; the line to show first for displacement.
    pub net: Option<[f64; 3]>,
    /// The type among the listed ones: drawn towards them by how sure it is, with its rank.
    #[serde(default)]
    pub place: Option<Place>,
    /// Sites whose verdict is `works`.
    pub works: usize,
    /// Sites whose verdict is `worse`.
    pub worse: usize,
}

/// Evaluates all bundles, each at `look` or, without one, at the latest planned look that has fallen due (else the first).
///
/// On all cores; the order is that of the bundles.
#[must_use]
pub fn evaluate_all(prepared: &Prepared, look: Option<Look>) -> Vec<Record> {
    (0..prepared.bundles.len())
        .into_par_iter()
        .filter_map(|at| {
            let due = prepared.bundles.get(at)?.latest_look(prepared.panel.days);
            evaluate(prepared, at, look.or(due).unwrap_or(Look::First))
        })
        .collect()
}

/// Records of a type that hold a ratio.
fn counted(record: &Record) -> Option<Entry> {
    let refused = matches!(
        record.verdict,
        Verdict::NotInstalled | Verdict::TooLittleHistory | Verdict::CategoryChange
    );
    Some(Entry {
        y: record.y,
        expected: record.expected.filter(|e| *e > 0.0 && !refused)?,
        rel: record.rel?,
        psi: record.psi?,
    })
}

fn by_type(records: &[Record]) -> BTreeMap<&str, Vec<(usize, Entry)>> {
    let mut types: BTreeMap<&str, Vec<(usize, Entry)>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        if let Some(entry) = counted(record) {
            types.entry(&record.measure).or_default().push((at, entry));
        }
    }
    types
}

/// Writes what only many records together say: q-values, borrowed strength and the advice that follows.
///
/// Depends on the records given and on nothing else; running it twice changes nothing.
pub fn finish(records: &mut [Record]) {
    finish_among(records, &[]);
}

/// As [`finish`], with records of measures that have not come to this look yet: their latest ones lend strength to their type
/// as well (section 6.2 takes all sites of a type), and are not changed.
pub fn finish_among(records: &mut [Record], younger: &[Record]) {
    let mut borrowed: Vec<(usize, Borrowed)> = Vec::new();
    let lent = by_type(younger);
    for (measure, entries) in by_type(records) {
        let more = lent.get(measure).into_iter().flatten();
        let plain: Vec<Entry> = entries.iter().chain(more).map(|(_, e)| *e).collect();
        let expected: f64 = plain.iter().map(|e| e.expected).sum();
        if plain.len() < LEAST_SITES || expected < LEAST_EXPECTED {
            continue;
        }
        let Some(found) = borrow(&plain, TAU2_FLOOR) else {
            continue;
        };
        for ((at, _), site) in entries.iter().zip(&found.sites) {
            let [theta, lo, hi] = site.interval();
            borrowed.push((
                *at,
                Borrowed {
                    sites: plain.len(),
                    theta,
                    lo,
                    hi,
                    p_reduces: site.chance_below(1.0),
                    p_tenth: site.chance_below(0.9),
                },
            ));
        }
    }
    for (at, value) in borrowed {
        records[at].borrowed = Some(value);
    }
    let tested: Vec<(usize, f64)> = records
        .iter()
        .enumerate()
        .filter(|(_, r)| !r.interim && is_tested(r.verdict) && is_recent(r))
        .filter_map(|(at, r)| Some((at, r.p?)))
        .collect();
    let q = bh_q(&tested.iter().map(|t| t.1).collect::<Vec<_>>());
    for ((at, _), q) in tested.iter().zip(q) {
        records[*at].q = Some(q);
    }
    records.iter_mut().for_each(words::write);
}

/// Final verdicts whose look fell due in so many days are one list.
const LIST_DAYS: i64 = 365;

/// Whether the look of a final verdict fell due in the last year of data (rule book, section 11); a single look is one of now.
fn is_recent(record: &Record) -> bool {
    if record.look != Look::Final {
        return true;
    }
    let from = record
        .windows
        .as_ref()
        .and_then(|w| Day::parse(&w.after.from));
    let (Some(from), Some(last)) = (from, Day::parse(&record.data_until)) else {
        return true;
    };
    last.0 + 1 - (from.0 + i64::from(Look::Final.days())) < LIST_DAYS
}

const fn is_tested(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Works | Verdict::Worse | Verdict::NoChange | Verdict::NoEvidence
    )
}

/// The league of measure types, best first: by the ratio drawn towards the other types, then by name; unlisted types last.
///
/// `costs` gives the cost of a measure by its id.
#[must_use]
pub fn league(records: &[Record], costs: &BTreeMap<String, i64>) -> Vec<TypeLine> {
    let mut lines: Vec<TypeLine> = by_type(records)
        .into_iter()
        .filter_map(|(measure, entries)| {
            let members: Vec<&Record> = entries.iter().map(|(at, _)| &records[*at]).collect();
            let plain: Vec<Entry> = entries.iter().map(|(_, e)| *e).collect();
            line(measure, &plain, &members, costs)
        })
        .collect();
    place(&mut lines);
    lines.sort_by(|a, b| {
        let key = |l: &TypeLine| {
            (
                u8::from(!l.listed),
                l.place.map_or(l.pooled.theta, |p| p.shrunk),
            )
        };
        let (x, y) = (key(a), key(b));
        x.0.cmp(&y.0)
            .then(x.1.total_cmp(&y.1))
            .then_with(|| a.measure.cmp(&b.measure))
    });
    lines
}

/// Ranks the listed types among each other; the others have no place.
fn place(lines: &mut [TypeLine]) {
    let standing = |l: &TypeLine| Standing {
        theta: l.pooled.theta,
        se: if l.listed { l.pooled.se } else { 0.0 },
    };
    let all: Vec<Standing> = lines.iter().map(standing).collect();
    if let Some(ranking) = rank(&all) {
        for (line, place) in lines.iter_mut().zip(ranking.places) {
            line.place = place;
        }
    }
}

fn line(
    measure: &str,
    entries: &[Entry],
    members: &[&Record],
    costs: &BTreeMap<String, i64>,
) -> Option<TypeLine> {
    let pooled = pool(entries)?;
    let avoided = pooled.expected - pooled.y as f64;
    let variance: f64 = entries
        .iter()
        .map(|e| e.rel * e.expected * e.expected + e.psi * (e.y as f64).max(1.0))
        .sum();
    let reach = Z_975 * (variance * pooled.chi2_per_df.max(1.0)).sqrt();
    let ends = [avoided - reach, avoided + reach];
    let ids = members.iter().flat_map(|r| &r.measures);
    let cost: Option<i64> = ids.map(|id| costs.get(id)).sum();
    let nets: Vec<_> = members.iter().filter_map(|r| r.net.as_ref()).collect();
    let net = (!nets.is_empty()).then(|| {
        let total: f64 = nets.iter().map(|n| n.total).sum();
        let reach = Z_975 * nets.iter().map(|n| n.variance).sum::<f64>().sqrt();
        [total, total - reach, total + reach]
    });
    let expected = whole(pooled.expected.floor()).unwrap_or(0);
    let grounds = Grounds {
        sites: pooled.sites,
        expected: u32::try_from(expected).unwrap_or(u32::MAX),
        excludes_one: pooled.hi < 1.0 || pooled.lo > 1.0,
        ring_checked: nets.len() == members.len(),
    };
    let with = |v: Verdict| members.iter().filter(|r| r.verdict == v).count();
    let p_reduces = (pooled.theta > 0.0 && pooled.se > 0.0).then(|| {
        let sd = pooled.se / pooled.theta;
        normal_cdf(-pooled.theta.ln() / sd)
    });
    Some(TypeLine {
        measure: measure.to_owned(),
        tau2: borrow(entries, TAU2_FLOOR).map(|b| b.tau2),
        listed: pooled.sites >= LEAST_SITES && pooled.expected >= LEAST_EXPECTED,
        letter: letter(grounds),
        p_reduces,
        avoided,
        avoided_interval: ends,
        cost,
        cost_per_avoided: cost.filter(|_| avoided > 0.0).map(|c| c as f64 / avoided),
        cost_interval: cost.filter(|_| avoided > 0.0).map(|c| {
            let most = (ends[0] > 0.0).then(|| c as f64 / ends[0]);
            (c as f64 / ends[1], most)
        }),
        net,
        place: None,
        works: with(Verdict::Works),
        worse: with(Verdict::Worse),
        pooled,
    })
}
