//! Which alternatives has a site: which measures fit it, in which bundles, at what cost, preventing how much?
//!
//! Rates are tickets a year after shrinking, weights the mean tier weight times the harm of the kind. Benefits are thousandths
//! of a weighted ticket prevented over the horizon in present value, costs whole yuan in present value by department.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::case::{Catalogue, Measure};
use crate::plan::benefit::{Combine, LocalResult, Posterior, annuity, bundle_multiplier};
use crate::stats::number::floor_i64;

/// What plagues a site: one problem kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Problem kind of the catalogue.
    pub kind: String,
    /// Tickets a year, shrunk.
    pub rate: f64,
    /// Mean tier weight of its tickets (一般 1, 复杂 2, 疑难 3).
    #[serde(default = "one")]
    pub weight: f64,
}

const fn one() -> f64 {
    1.0
}

/// A site that may be treated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteNeed {
    /// Its key.
    pub site: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Longitude and latitude, WGS-84, when known.
    #[serde(default)]
    pub point: Option<[f64; 2]>,
    /// What plagues it.
    pub loads: Vec<Load>,
    /// Measures that stand here already.
    #[serde(default)]
    pub installed: Vec<String>,
    /// Packages made by people: taken as they stand.
    #[serde(default)]
    pub packages: Vec<Vec<String>>,
}

/// How benefits and costs are reckoned.
#[derive(Clone, Debug, PartialEq)]
pub struct Reckoning {
    /// Rule of combining multipliers.
    pub combine: Combine,
    /// Part of a multiplier's effect on a side kind.
    pub side_share: f64,
    /// Spread of true effects between sites.
    pub tau: f64,
    /// Discount rate a year.
    pub rate: f64,
    /// Years looked ahead.
    pub horizon: f64,
    /// Most measures in a bundle.
    pub max_bundle: usize,
    /// Most alternatives kept for a site.
    pub max_alternatives: usize,
    /// Own results by measure.
    pub local: BTreeMap<String, Vec<LocalResult>>,
}

/// A set of measures for one site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// `site:measure+measure`.
    pub id: String,
    /// Place of its site in the list.
    pub site: usize,
    /// Measures in catalogue order.
    pub measures: Vec<String>,
    /// Benefit at median multipliers.
    pub benefit: i64,
    /// Benefit at the upper ends of the multipliers' 80 % intervals: what is likely kept.
    pub benefit_low: i64,
    /// Benefit at the lower ends.
    pub benefit_high: i64,
    /// Weighted tickets prevented a year.
    pub yearly: f64,
    /// Yuan by department.
    pub cost: BTreeMap<String, i64>,
    /// Life in years, weighted by cost.
    pub life: f64,
    /// Longest lead time in days.
    pub lead_days: u32,
    /// What must be looked at on site: requirements and facts that are not known.
    pub remarks: Vec<String>,
}

impl Alternative {
    /// Yuan in all.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.cost.values().sum()
    }
}

/// Reckons with multipliers drawn or at an end of their interval.
pub type Multiplier<'a> = &'a dyn Fn(&Measure) -> f64;

impl Reckoning {
    /// What is known about a measure's multiplier.
    #[must_use]
    pub fn posterior(&self, measure: &Measure) -> Posterior {
        let prior = [
            measure.prior.low,
            measure.prior.multiplier,
            measure.prior.high,
        ];
        let local = self.local.get(&measure.id).map_or(&[][..], Vec::as_slice);
        Posterior::learn(prior, local, self.tau)
    }

    /// Present value of a yearly unit over a life within the horizon.
    fn factor(&self, life: f64) -> f64 {
        annuity(self.rate, life.max(0.1).min(self.horizon))
    }

    /// Weighted tickets a bundle prevents a year; negative when it makes things worse.
    #[must_use]
    pub fn yearly(
        &self,
        need: &SiteNeed,
        bundle: &[&Measure],
        catalogue: &Catalogue,
        at: Multiplier<'_>,
    ) -> f64 {
        let mut sum = 0.0;
        for load in &need.loads {
            let by = |main: bool| -> Vec<f64> {
                let hit = bundle
                    .iter()
                    .filter(|m| m.addresses(&load.kind) == Some(main));
                hit.map(|m| at(m)).collect()
            };
            let harm = catalogue
                .kinds
                .get(&load.kind)
                .map_or(1.0, |k| k.harm_factor);
            let left = bundle_multiplier(&by(true), &by(false), self.side_share, self.combine);
            sum += load.rate * load.weight * harm * (1.0 - left);
        }
        sum
    }

    /// Benefit in thousandths over the horizon.
    #[must_use]
    pub fn benefit(&self, yearly: f64, life: f64) -> i64 {
        floor_i64(1000.0 * yearly * self.factor(life) + 0.5)
    }

    /// Cost of one measure in yuan: purchase and upkeep in present value.
    fn cost(&self, measure: &Measure) -> i64 {
        let whole = measure.unit_cost_middle() as f64
            + measure.annual_cost as f64 * self.factor(measure.life_years);
        floor_i64(measure.typical_quantity * whole + 0.5)
    }

    /// All alternatives of one site, best kept: undominated, then the most prevented for each yuan, with the cheapest and the strongest.
    #[must_use]
    pub fn alternatives(
        &self,
        at: usize,
        need: &SiteNeed,
        catalogue: &Catalogue,
        named: &BTreeSet<String>,
    ) -> Vec<Alternative> {
        let mut sets: BTreeSet<Vec<usize>> = BTreeSet::new();
        let fitting = Self::candidates(need, catalogue);
        self.grow(&fitting, &mut Vec::new(), &mut sets, (need, catalogue));
        for package in &need.packages {
            let places = package
                .iter()
                .map(|id| place(catalogue, id))
                .collect::<Option<BTreeSet<_>>>();
            sets.extend(places.map(|p| p.into_iter().collect::<Vec<_>>()));
        }
        let made = sets
            .iter()
            .map(|set| self.alternative(at, need, catalogue, set))
            .collect();
        self.keep(made, named)
    }

    /// Measures that address a kind with a share of at least a tenth, are not there, and are excluded by nothing there.
    fn candidates(need: &SiteNeed, catalogue: &Catalogue) -> Vec<usize> {
        let all: f64 = need.loads.iter().map(|l| l.rate * l.weight).sum();
        let counts = |m: &Measure| {
            let hit = need.loads.iter().filter(|l| m.addresses(&l.kind).is_some());
            hit.into_iter()
                .any(|l| l.rate * l.weight >= 0.1 * all && l.rate > 0.0)
        };
        let measures = catalogue.measures.all().iter().enumerate();
        measures
            .filter(|(_, m)| counts(m) && !need.installed.contains(&m.id))
            .filter(|(_, m)| {
                !need
                    .installed
                    .iter()
                    .any(|i| catalogue.measures.exclude_each_other(i, &m.id))
            })
            .map(|(place, _)| place)
            .collect()
    }

    fn grow(
        &self,
        fitting: &[usize],
        chosen: &mut Vec<usize>,
        sets: &mut BTreeSet<Vec<usize>>,
        site: (&SiteNeed, &Catalogue),
    ) {
        let (need, catalogue) = site;
        if !chosen.is_empty()
            && let Some(closed) = closure(chosen, need, catalogue)
        {
            sets.insert(closed);
        }
        if chosen.len() < self.max_bundle {
            for (at, &next) in fitting.iter().enumerate() {
                chosen.push(next);
                self.grow(&fitting[at + 1..], chosen, sets, site);
                chosen.pop();
            }
        }
    }

    fn alternative(
        &self,
        at: usize,
        need: &SiteNeed,
        catalogue: &Catalogue,
        set: &[usize],
    ) -> Alternative {
        let bundle: Vec<&Measure> = set.iter().map(|&p| &catalogue.measures.all()[p]).collect();
        let costs: Vec<i64> = bundle.iter().map(|m| self.cost(m)).collect();
        let total: i64 = costs.iter().sum();
        let weighed: f64 = bundle
            .iter()
            .zip(&costs)
            .map(|(m, c)| m.life_years * *c as f64)
            .sum();
        let plain = bundle.iter().map(|m| m.life_years).sum::<f64>() / bundle.len().max(1) as f64;
        let life = if total > 0 {
            weighed / total as f64
        } else {
            plain
        }
        .max(0.1);
        let mut cost: BTreeMap<String, i64> = BTreeMap::new();
        for (measure, yuan) in bundle.iter().zip(&costs) {
            *cost.entry(measure.lead.clone()).or_default() += yuan;
        }
        let yearly = |end: Multiplier<'_>| self.yearly(need, &bundle, catalogue, end);
        let middle = yearly(&|m| self.posterior(m).multiplier());
        let low = yearly(&|m| self.posterior(m).interval()[1]);
        let high = yearly(&|m| self.posterior(m).interval()[0]);
        let names: Vec<String> = bundle.iter().map(|m| m.id.clone()).collect();
        Alternative {
            id: format!("{}:{}", need.site, names.join("+")),
            site: at,
            benefit: self.benefit(middle, life),
            benefit_low: self.benefit(low, life),
            benefit_high: self.benefit(high, life),
            yearly: middle,
            cost,
            life,
            lead_days: bundle.iter().map(|m| m.lead_days[1]).max().unwrap_or(0),
            remarks: bundle
                .iter()
                .filter(|m| !m.note.is_empty())
                .map(|m| m.note.clone())
                .collect(),
            measures: names,
        }
    }

    fn keep(&self, mut made: Vec<Alternative>, named: &BTreeSet<String>) -> Vec<Alternative> {
        made.retain(|a| a.benefit > 0 || named.contains(&a.id));
        made.sort_by(|a, b| (a.total(), b.benefit, &a.id).cmp(&(b.total(), a.benefit, &b.id)));
        let beats = |b: &Alternative, a: &Alternative| {
            b.benefit >= a.benefit
                && b.cost
                    .iter()
                    .all(|(d, yuan)| *yuan <= a.cost.get(d).copied().unwrap_or(0))
        };
        // Who beats another costs no more in all, so it stands before it.
        let mut free: Vec<Alternative> = Vec::new();
        for one in made {
            if named.contains(&one.id) || !free.iter().any(|other| beats(other, &one)) {
                free.push(one);
            }
        }
        let ratio = |a: &Alternative| a.benefit as f64 / a.total().max(1) as f64;
        let mut order: Vec<&Alternative> = free.iter().collect();
        order.sort_by(|a, b| ratio(b).total_cmp(&ratio(a)).then(a.id.cmp(&b.id)));
        let cheapest = free
            .iter()
            .min_by_key(|a| (a.total(), a.id.clone()))
            .map(|a| a.id.clone());
        let strongest = free.iter().max_by_key(|a| a.benefit).map(|a| a.id.clone());
        let sure = |a: &Alternative| {
            Some(&a.id) == cheapest.as_ref()
                || Some(&a.id) == strongest.as_ref()
                || named.contains(&a.id)
        };
        let mut kept: Vec<Alternative> = order
            .iter()
            .filter(|a| sure(a))
            .map(|a| (*a).clone())
            .collect();
        let more = self.max_alternatives.saturating_sub(kept.len());
        kept.extend(
            order
                .iter()
                .filter(|a| !sure(a))
                .take(more)
                .map(|a| (*a).clone()),
        );
        kept.sort_by(|a, b| a.id.cmp(&b.id));
        kept
    }
}

fn place(catalogue: &Catalogue, id: &str) -> Option<usize> {
    catalogue.measures.all().iter().position(|m| m.id == id)
}

/// The set with everything it requires; `None` when two of it exclude each other or something stands against a requirement.
fn closure(chosen: &[usize], need: &SiteNeed, catalogue: &Catalogue) -> Option<Vec<usize>> {
    let all = catalogue.measures.all();
    let mut set: BTreeSet<usize> = chosen.iter().copied().collect();
    let mut open: Vec<usize> = chosen.to_vec();
    while let Some(next) = open.pop() {
        for required in all[next]
            .requires
            .iter()
            .filter(|r| !need.installed.contains(r))
        {
            let found = place(catalogue, required)?;
            if set.insert(found) {
                open.push(found);
            }
        }
    }
    let apart = |a: &usize| {
        let there = need.installed.iter().map(String::as_str);
        let others = set.iter().filter(|b| *b != a).map(|b| all[*b].id.as_str());
        there
            .chain(others)
            .all(|b| !catalogue.measures.exclude_each_other(&all[*a].id, b))
    };
    set.iter().all(apart).then(|| set.iter().copied().collect())
}
