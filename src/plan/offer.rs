//! Which alternatives has a site: which measures fit it, in which bundles, at what cost, preventing how much?
//!
//! Rates are tickets a year after shrinking, weights the mean tier weight times the harm of the kind. Benefits are thousandths
//! of a weighted ticket prevented over the horizon in present value, costs whole yuan in present value by department.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::case::{Catalogue, Measure};
use crate::plan::benefit::{Combine, LocalResult, Posterior, annuity, bundle_multiplier};
use crate::plan::place_fact::{self, Remark};
use crate::plan::site_need::{Load, SiteNeed};
use crate::plan::standard;
use crate::stats::number::floor_i64;

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
    /// Start years to choose from; 0 when the plan has no years.
    pub years: u32,
    /// Measures that are barred everywhere.
    pub barred: BTreeSet<String>,
    /// Whether "bring to standard" is offered at school gates.
    pub standard: bool,
    /// What staff costs.
    pub staff: Staff,
}

/// What time of staff costs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Staff {
    /// Whether it costs anything.
    pub priced: bool,
    /// Yuan an hour by role.
    pub hourly: BTreeMap<String, f64>,
    /// Hours a year of one unit, by measure and role.
    pub hours: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Staff {
    /// Yuan a unit takes a year for the hours given; `None` when the catalogue's price stands.
    fn yearly(&self, measure: &str) -> Option<f64> {
        let hours = self.hours.get(measure)?;
        let pay = |role: &String| self.hourly.get(role).copied().unwrap_or(0.0);
        Some(hours.iter().map(|(role, h)| h * pay(role)).sum())
    }
}

/// A set of measures for one site.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Alternative {
    /// `site:measure+measure`, with `@y2` when it starts in the second year.
    pub id: String,
    /// Place of its site in the list.
    pub site: usize,
    /// Year in which it starts, 1 = the first.
    pub start: u32,
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
    /// The same at the upper and lower ends of the multipliers' 80 % intervals: what is likely kept, what is hoped for.
    pub yearly_range: [f64; 2],
    /// What one unit a year is worth over the horizon.
    pub factor: f64,
    /// Yuan by department.
    pub cost: BTreeMap<String, i64>,
    /// Yuan of it for time of staff.
    pub staff_cost: i64,
    /// Life in years, weighted by cost.
    pub life: f64,
    /// Longest lead time in days.
    pub lead_days: u32,
    /// What must be looked at on site: requirements and facts that are not known.
    pub remarks: Vec<Remark>,
    /// Whether it is the bundle that brings a school gate to standard.
    pub standard: bool,
}

impl Alternative {
    /// Yuan in all.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.cost.values().sum()
    }

    /// The id without its start year.
    #[must_use]
    pub fn base(&self) -> &str {
        self.id.split("@y").next().unwrap_or(&self.id)
    }
}

/// What is known of all measures, in the order of the catalogue.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    /// Median multiplier, upper end, lower end.
    effects: Vec<[f64; 3]>,
    /// Yuan, and how much of it is time of staff.
    costs: Vec<[i64; 2]>,
}

/// What measures do at one site.
struct Table<'a> {
    known: &'a Known,
    /// Weighted tickets a year of each load.
    weights: Vec<f64>,
    /// By measure and load: addressed mainly, beside, or not.
    hits: Vec<Vec<Option<bool>>>,
}

impl<'a> Table<'a> {
    fn new(need: &SiteNeed, catalogue: &Catalogue, known: &'a Known) -> Self {
        let harm = |kind: &str| catalogue.kinds.get(kind).map_or(1.0, |k| k.harm_factor);
        let weight = |l: &Load| l.rate * l.weight * harm(&l.kind);
        let row = |m: &Measure| need.loads.iter().map(|l| m.addresses(&l.kind)).collect();
        Self {
            known,
            weights: need.loads.iter().map(weight).collect(),
            hits: catalogue.measures.all().iter().map(row).collect(),
        }
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

    /// Multipliers and costs of all measures of a catalogue.
    #[must_use]
    pub fn known(&self, catalogue: &Catalogue) -> Known {
        let all = catalogue.measures.all().iter();
        let effect = |m: &Measure| {
            let known = self.posterior(m);
            let [low, high] = known.interval();
            [known.multiplier(), high, low]
        };
        Known {
            effects: all.clone().map(effect).collect(),
            costs: all.map(|m| self.cost(m)).collect(),
        }
    }

    /// Weighted tickets a set of measures prevents a year, at the median multipliers (0), their upper (1) or lower (2) ends.
    fn yearly_of(&self, table: &Table<'_>, set: &[usize], end: usize) -> f64 {
        let mut sum = 0.0;
        for (load, weight) in table.weights.iter().enumerate() {
            let by = |main: bool| -> Vec<f64> {
                let hit = set.iter().filter(|p| table.hits[**p][load] == Some(main));
                hit.map(|&p| table.known.effects[p][end]).collect()
            };
            let left = bundle_multiplier(&by(true), &by(false), self.side_share, self.combine);
            sum += weight * (1.0 - left);
        }
        sum
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

    /// What a yearly unit is worth when works start in a year: discounted, ended by the horizon, the first year short of the lead
    /// time. Without years of the plan it is [`Self::factor`].
    fn factor_from(&self, life: f64, start: u32, lead_days: u32) -> f64 {
        if self.years == 0 {
            return self.factor(life);
        }
        let before = f64::from(start - 1);
        let years = life.max(0.1).min(self.horizon - before);
        let late = (f64::from(lead_days) / 365.0).min(1.0) / (1.0 + self.rate);
        ((annuity(self.rate, years.max(0.0)) - late) / (1.0 + self.rate).powf(before)).max(0.0)
    }

    /// Benefit in thousandths of so many tickets a year, each worth `factor` over the horizon.
    #[must_use]
    pub fn benefit(yearly: f64, factor: f64) -> i64 {
        floor_i64(1000.0 * yearly * factor + 0.5)
    }

    /// Cost of one measure in yuan: purchase and upkeep in present value, and how much of it is time of staff.
    #[must_use]
    pub fn cost(&self, measure: &Measure) -> [i64; 2] {
        let factor = self.factor(measure.life_years);
        let whole = |yuan: f64| floor_i64(measure.typical_quantity * yuan + 0.5);
        let things = measure.unit_cost_middle() as f64 + measure.annual_cost as f64 * factor;
        // The catalogue's price of a patrol is the time of its people; hours given take its place.
        let (things, time) = match self.staff.yearly(&measure.id) {
            Some(pay) if measure.sort == "patrol" => (0.0, pay * factor),
            Some(pay) => (things, pay * factor),
            None if measure.sort == "patrol" => (0.0, things),
            None => (things, 0.0),
        };
        let time = if self.staff.priced { whole(time) } else { 0 };
        [whole(things) + time, time]
    }

    /// All alternatives of one site, best kept: undominated, then the most prevented for each yuan, with the cheapest, the
    /// strongest, those that a rule names and the packages made by people.
    #[must_use]
    pub fn alternatives(
        &self,
        (at, need): (usize, &SiteNeed),
        catalogue: &Catalogue,
        known: &Known,
        named: &BTreeSet<String>,
    ) -> Vec<Alternative> {
        let need = &place_fact::with_standing(need, catalogue);
        let table = &Table::new(need, catalogue, known);
        let mut sets: BTreeSet<Vec<usize>> = BTreeSet::new();
        let fitting = self.candidates(need, catalogue);
        self.grow(&fitting, &mut Vec::new(), &mut sets, (need, catalogue));
        let set_of = |measures: &mut dyn Iterator<Item = &str>| {
            let places = measures.map(|id| place(catalogue, id));
            let places = places.collect::<Option<BTreeSet<_>>>()?;
            Some(places.into_iter().collect::<Vec<_>>())
        };
        let mut fixed: BTreeSet<String> = named.clone();
        for package in &need.packages {
            if let Some(set) = set_of(&mut package.iter().map(String::as_str)) {
                fixed.insert(name_of(need, catalogue, &set));
                sets.insert(set);
            }
        }
        let own = format!("{}:", need.site);
        for bundle in named.iter().filter_map(|id| id.strip_prefix(&own)) {
            let set = set_of(&mut bundle.split('+'));
            // A name that leaves out what is required is no alternative.
            let set = set.filter(|s| closure(s, need, catalogue).as_ref() == Some(s));
            sets.extend(set);
        }
        let mut made: Vec<Alternative> = sets
            .iter()
            .map(|set| self.alternative((at, need), catalogue, table, set))
            .collect();
        made.extend(self.to_standard((at, need), catalogue, table));
        let mut kept = self.keep(made, &fixed);
        for one in &mut kept {
            let measures = one.measures.iter();
            let bundle: Vec<&Measure> =
                measures.filter_map(|m| catalogue.measures.get(m)).collect();
            one.remarks = place_fact::remarks(&bundle, &need.facts);
        }
        kept
    }

    /// What is missing at a school gate, as one bundle.
    fn to_standard(
        &self,
        (at, need): (usize, &SiteNeed),
        catalogue: &Catalogue,
        table: &Table<'_>,
    ) -> Option<Alternative> {
        let lacking = standard::lacking(need, catalogue);
        let lacking = lacking.iter().filter(|m| !self.barred.contains(**m));
        let chosen: Vec<usize> = lacking.filter_map(|m| place(catalogue, m)).collect();
        if !self.standard || chosen.is_empty() {
            return None;
        }
        let set = closure(&chosen, need, catalogue)?;
        let made = self.alternative((at, need), catalogue, table, &set);
        Some(Alternative {
            id: format!("{}:{STANDARD}", need.site),
            standard: true,
            ..made
        })
    }

    /// The same alternative in every start year.
    #[must_use]
    pub fn in_years(&self, made: &Alternative) -> Vec<Alternative> {
        if self.years == 0 {
            return vec![made.clone()];
        }
        let each = (1..=self.years).map(|start| {
            let factor = self.factor_from(made.life, start, made.lead_days);
            let worth = |yearly: f64| Self::benefit(yearly, factor);
            Alternative {
                id: format!("{}@y{start}", made.id),
                start,
                factor,
                benefit: worth(made.yearly),
                benefit_low: worth(made.yearly_range[0]),
                benefit_high: worth(made.yearly_range[1]),
                ..made.clone()
            }
        });
        each.collect()
    }

    /// Measures that address a kind with a share of at least a tenth, are not there, and are excluded by nothing there, by no fact
    /// of the place and by no wish.
    fn candidates(&self, need: &SiteNeed, catalogue: &Catalogue) -> Vec<usize> {
        let all: f64 = need.loads.iter().map(|l| l.rate * l.weight).sum();
        let counts = |m: &Measure| {
            let hit = need.loads.iter().filter(|l| m.addresses(&l.kind).is_some());
            hit.into_iter()
                .any(|l| l.rate * l.weight >= 0.1 * all && l.rate > 0.0)
        };
        let measures = catalogue.measures.all().iter().enumerate();
        measures
            .filter(|(_, m)| counts(m) && !need.installed.contains(&m.id))
            .filter(|(_, m)| !self.barred.contains(&m.id))
            .filter(|(_, m)| place_fact::against(&m.id, &need.facts).is_none())
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
        (at, need): (usize, &SiteNeed),
        catalogue: &Catalogue,
        table: &Table<'_>,
        set: &[usize],
    ) -> Alternative {
        let bundle: Vec<&Measure> = set.iter().map(|&p| &catalogue.measures.all()[p]).collect();
        let costs: Vec<[i64; 2]> = set.iter().map(|&p| table.known.costs[p]).collect();
        let life = life_of(&bundle, &costs);
        let mut cost: BTreeMap<String, i64> = BTreeMap::new();
        for (measure, [yuan, _]) in bundle.iter().zip(&costs) {
            *cost.entry(measure.lead.clone()).or_default() += yuan;
        }
        let [middle, low, high] = [0, 1, 2].map(|end| self.yearly_of(table, set, end));
        let factor = self.factor(life);
        Alternative {
            id: name_of(need, catalogue, set),
            site: at,
            start: 1,
            benefit: Self::benefit(middle, factor),
            benefit_low: Self::benefit(low, factor),
            benefit_high: Self::benefit(high, factor),
            yearly: middle,
            yearly_range: [low, high],
            factor,
            cost,
            staff_cost: costs.iter().map(|c| c[1]).sum(),
            life,
            lead_days: bundle.iter().map(|m| m.lead_days[1]).max().unwrap_or(0),
            remarks: Vec::new(),
            measures: bundle.iter().map(|m| m.id.clone()).collect(),
            standard: false,
        }
    }

    fn keep(&self, mut made: Vec<Alternative>, fixed: &BTreeSet<String>) -> Vec<Alternative> {
        let fixed = |a: &Alternative| a.standard || fixed.contains(&a.id);
        made.retain(|a| a.benefit > 0 || fixed(a));
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
            if fixed(&one) || !free.iter().any(|other| beats(other, &one)) {
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
            Some(&a.id) == cheapest.as_ref() || Some(&a.id) == strongest.as_ref() || fixed(a)
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

/// Name of the bundle that brings a school gate to standard.
pub const STANDARD: &str = "standard";

fn name_of(need: &SiteNeed, catalogue: &Catalogue, set: &[usize]) -> String {
    let all = catalogue.measures.all();
    let names: Vec<&str> = set.iter().map(|&p| all[p].id.as_str()).collect();
    format!("{}:{}", need.site, names.join("+"))
}

/// Life of a bundle: that of its measures, weighed by what they cost.
fn life_of(bundle: &[&Measure], costs: &[[i64; 2]]) -> f64 {
    let total: i64 = costs.iter().map(|c| c[0]).sum();
    let pairs = bundle.iter().zip(costs);
    let weighed: f64 = pairs.map(|(m, c)| m.life_years * c[0] as f64).sum();
    let plain = bundle.iter().map(|m| m.life_years).sum::<f64>() / bundle.len().max(1) as f64;
    let life = if total > 0 {
        weighed / total as f64
    } else {
        plain
    };
    life.max(0.1)
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
