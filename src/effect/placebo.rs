//! How often would this city's own tickets cry wolf: what do pretended decisions at untreated sites give, picked as real ones were?
//!
//! Every pretended measure has the true ratio 1, so each "works" or "worse" is false and each interval should hold 1.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::effect::finish::evaluate_all;
use crate::effect::league::{Entry, Pooled, pool};
use crate::effect::look::Look;
use crate::effect::panel::{Panel, Span, Treatment, within};
use crate::effect::predictive::Predictive;
use crate::effect::prepare::prepare;
use crate::effect::record::Record;
use crate::effect::settings::Settings;
use crate::effect::verdict::Verdict;
use crate::stats::Rng;
use crate::stats::number::whole;

/// Days over which a bad spell is seen.
const SPELL: i32 = 182;

/// Days from a pretended decision to the end of pretended works, when no real ones tell.
const WORKS: i32 = 30;

/// Share of untreated sites that are picked at one date, at most.
const SHARE: f64 = 0.10;

/// Pretended decisions are this many days apart.
const APART: i32 = 91;

/// Days judged after the pretended works: a year where the data allow it, else half a year.
const AFTER: [i32; 2] = [365, 182];

/// Most dates.
const DATES: usize = 4;

/// Least real measures from which the rule of picking is learnt.
const LEAST_REAL: usize = 5;

/// What one way of reckoning did with measures that do nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Pretended measures that got a verdict.
    pub judged: usize,
    /// Of them called `works`.
    pub works: usize,
    /// Of them called `worse`.
    pub worse: usize,
    /// Of them whose 95 % interval holds 1.
    pub covered: usize,
    /// All of them together; a ratio of 1 is the truth.
    pub pooled: Option<Pooled>,
}

/// What a city's own placebo says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Placebo {
    /// Untreated sites that could be picked.
    pub untreated: usize,
    /// How sites were picked: `as_real` by the ranks of real decisions, `bad_spell` the worst last half-year.
    pub rule: String,
    /// Dates of pretended decisions.
    pub dates: Vec<String>,
    /// Least days judged after the pretended works: 365, or 182 in a city with less than two years and two months of data.
    #[serde(default)]
    pub after_days: i32,
    /// Pretended measures, those without a verdict too.
    pub pretended: usize,
    /// The default estimator.
    pub estimator: Calibration,
    /// Plain before and after over equal windows, for contrast.
    pub naive: Calibration,
    /// Why there is nothing to report, in Chinese and English.
    pub refused: Option<[String; 2]>,
}

/// Pretends decisions and evaluates them; the panel's own measures keep their days out of the reference.
///
/// The seed only breaks ties between sites. Costs one preparation per date.
#[must_use]
pub fn placebo(panel: &Panel, settings: &Settings, seed: u64) -> Placebo {
    let mut treated = vec![i32::MAX; panel.sites.len()];
    for t in &panel.treatments {
        treated[t.site] = treated[t.site].min(t.decision);
    }
    let free: Vec<usize> = (0..treated.len())
        .filter(|s| treated[*s] >= panel.days)
        .collect();
    let (dates, after) = dates(panel.days, settings);
    let real = ranks(panel, &treated);
    let mut found = Placebo {
        untreated: free.len(),
        rule: if real.len() >= LEAST_REAL {
            "as_real"
        } else {
            "bad_spell"
        }
        .to_owned(),
        dates: dates.iter().map(|d| panel.civil(*d).iso()).collect(),
        after_days: after,
        ..Placebo::default()
    };
    if dates.is_empty() || free.len() < settings.least_sites {
        found.refused = Some([
            "数据不足：自检需要至少一年零八个月工单和 20 个未治理点位".to_owned(),
            "not enough data: a placebo needs a year and eight months of tickets and 20 untreated sites".to_owned(),
        ]);
        return found;
    }
    let mut rng = Rng::new(seed);
    let mut entries = (Vec::new(), Vec::new());
    for date in dates {
        let picked = pick(panel, &free, &real, (date, &mut rng));
        let records = evaluated(panel, settings, &picked, date);
        found.pretended += picked.len();
        for record in &records {
            tally(record, &mut found.estimator, &mut entries.0);
        }
        for site in picked {
            let span = (date, after);
            naive(panel, site, span, (&mut found.naive, &mut entries.1));
        }
    }
    found.estimator.pooled = pool(&entries.0);
    found.naive.pooled = pool(&entries.1);
    found
}

/// Days of pretended decisions, latest first, and the days judged after them; none where not even half a year is left.
fn dates(days: i32, settings: &Settings) -> (Vec<i32>, i32) {
    for after in AFTER {
        let last = days - after - settings.settle - WORKS;
        let list: Vec<i32> = (0..)
            .map(|i| last - i * APART)
            .take_while(|d| *d >= settings.least_history.max(365))
            .take(DATES)
            .collect();
        if !list.is_empty() {
            return (list, after);
        }
    }
    (Vec::new(), 0)
}

/// Share of untreated sites with fewer tickets in the last half-year, for each real decision.
fn ranks(panel: &Panel, treated: &[i32]) -> Vec<f64> {
    let mut ranks = Vec::new();
    for t in panel
        .treatments
        .iter()
        .filter(|t| (SPELL..panel.days).contains(&t.decision))
    {
        let spell = Span::new(t.decision - SPELL, t.decision);
        let own = within(&panel.sites[t.site].core, spell).len();
        let others = panel
            .sites
            .iter()
            .enumerate()
            .filter(|(s, _)| *s != t.site && treated[*s] >= t.decision)
            .map(|(_, site)| within(&site.core, spell).len());
        let (mut fewer, mut all) = (0.0, 0.0);
        for n in others {
            fewer += match n.cmp(&own) {
                Ordering::Less => 1.0,
                Ordering::Equal => 0.5,
                Ordering::Greater => 0.0,
            };
            all += 1.0;
        }
        if all > 0.0 {
            ranks.push(fewer / all);
        }
    }
    ranks
}

/// The sites that a decision on `date` would pick.
fn pick(panel: &Panel, free: &[usize], real: &[f64], (date, rng): (i32, &mut Rng)) -> Vec<usize> {
    let spell = Span::new(date - SPELL, date);
    let mut order: Vec<(usize, u64, usize)> = free
        .iter()
        .map(|s| (within(&panel.sites[*s].core, spell).len(), rng.bits(), *s))
        .collect();
    order.sort_unstable();
    let most = whole((free.len() as f64 * SHARE).ceil()).unwrap_or(1);
    let most = usize::try_from(most).unwrap_or(1).max(1);
    if real.len() < LEAST_REAL {
        return order.iter().rev().take(most).map(|o| o.2).collect();
    }
    let mut taken = vec![false; order.len()];
    let mut picked = Vec::new();
    for i in 0..most {
        let rank = real[i % real.len()];
        let want = whole((rank * (order.len() as f64 - 1.0)).round()).unwrap_or(0);
        let want = usize::try_from(want).unwrap_or(0);
        let free_at = |at: &usize| !taken[*at];
        let below = (0..=want).rev().find(free_at);
        let above = (want..order.len()).find(free_at);
        let at = match (below, above) {
            (Some(b), Some(a)) => Some(if want - b <= a - want { b } else { a }),
            (b, a) => b.or(a),
        };
        if let Some(at) = at {
            taken[at] = true;
            picked.push(order[at].2);
        }
    }
    picked
}

fn evaluated(panel: &Panel, settings: &Settings, picked: &[usize], date: i32) -> Vec<Record> {
    let mut world = panel.clone();
    for site in picked {
        world.treatments.push(Treatment {
            id: "placebo".to_owned(),
            site: *site,
            measure: "placebo".to_owned(),
            decision: date,
            install_start: Some(date),
            install_end: Some(date + WORKS),
            settle: Some(settings.settle),
            ..Treatment::default()
        });
    }
    let prepared = prepare(world, settings.clone());
    let records = evaluate_all(&prepared, Some(Look::Single));
    records
        .into_iter()
        .filter(|r| r.measure == "placebo")
        .collect()
}

fn tally(record: &Record, into: &mut Calibration, entries: &mut Vec<Entry>) {
    let (Some(expected), Some(rel), Some(psi), Some(lo)) =
        (record.expected, record.rel, record.psi, record.lo)
    else {
        return;
    };
    if matches!(
        record.verdict,
        Verdict::TooLittleHistory | Verdict::WeakReference
    ) || expected <= 0.0
    {
        return;
    }
    into.judged += 1;
    into.works += usize::from(record.verdict == Verdict::Works);
    into.worse += usize::from(record.verdict == Verdict::Worse);
    into.covered += usize::from(lo <= 1.0 && record.hi.is_none_or(|h| h >= 1.0));
    entries.push(Entry {
        y: record.y,
        expected,
        rel,
        psi,
    });
}

/// Plain before and after: a year against a year (half a year against half a year), no correction at all.
fn naive(
    panel: &Panel,
    site: usize,
    (date, days): (i32, i32),
    (into, entries): (&mut Calibration, &mut Vec<Entry>),
) {
    let events = &panel.sites[site].core;
    let after = date + WORKS + 14;
    let before = within(events, Span::new(date - days, date)).len() as f64;
    let y = within(events, Span::new(after, after + days)).len() as u64;
    let law = Predictive {
        expected: before.max(0.5),
        rel: 1.0 / before.max(0.5),
        psi: 1.0,
    };
    let effect = law.effect(y, 0.05);
    into.judged += 1;
    into.works += usize::from(effect.hi < 1.0);
    into.worse += usize::from(effect.lo > 1.0);
    into.covered += usize::from(effect.lo <= 1.0 && effect.hi >= 1.0);
    entries.push(Entry {
        y,
        expected: law.expected,
        rel: law.rel,
        psi: 1.0,
    });
}
