//! Which measures prevent most for the budgets, how sure is each choice, and what would other money buy?
//!
//! The answer is the proved optimum or the best plan with its bound; beside it stand the frontier of money, the share of
//! draws in which each choice stays, the ranking that planners know, and what binds.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Catalogue, Measure};
use crate::optim::{
    Choice, Limits, Progress, Selected, Status, conflict_of, guarded, repair, select, select_robust,
};
use crate::plan::answer::{MeasurePlan, Ranked, Till};
use crate::plan::benefit::LocalResult;
use crate::plan::offer::{Alternative, Reckoning, Staff};
use crate::plan::rows::{Layout, Purse};
use crate::plan::site_need::SiteNeed;
use crate::plan::wish::{BadWish, Mode, Wish};
use crate::stats::number::floor_i64;

/// Ten thousand yuan: what "a little more money" means.
const LITTLE_MORE: i64 = 10_000;

/// A choice ready to be solved, with the way back to alternatives.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What is wished for.
    pub wish: Wish,
    /// Sites.
    pub sites: Vec<SiteNeed>,
    /// Alternatives of all sites in the order of their ids.
    pub alternatives: Vec<Alternative>,
    pub(crate) purses: Vec<Purse>,
    pub(crate) known_measures: BTreeSet<String>,
    pub(crate) reckoning: Reckoning,
    pub(crate) layout: Layout,
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::Gap => "gap",
        Status::Infeasible => "infeasible",
        Status::Unknown => "unknown",
    }
}

fn reckoning_of(
    wish: &Wish,
    local: BTreeMap<String, Vec<LocalResult>>,
) -> Result<Reckoning, BadWish> {
    Ok(Reckoning {
        combine: wish.check()?,
        side_share: wish.side_share,
        tau: wish.tau,
        rate: wish.rate,
        horizon: wish.horizon_years,
        max_bundle: wish.max_bundle,
        max_alternatives: wish.max_alternatives,
        local,
        years: u32::try_from(wish.years.len()).unwrap_or(0),
        barred: wish.barred(),
        standard: wish.standard,
        staff: Staff {
            priced: wish.price_staff,
            hourly: wish.staff_hourly.clone(),
            hours: wish.staff_hours.clone(),
        },
    })
}

/// Weighted tickets a year that one measure alone prevents at each site, at the median of its multiplier (published value and
/// own results together), by the defaults of the wish.
///
/// # Errors
/// [`BadWish::Unknown`] when the catalogue has no such measure.
pub fn prevented_by(
    measure: &str,
    sites: &[SiteNeed],
    catalogue: &Catalogue,
    local: BTreeMap<String, Vec<LocalResult>>,
) -> Result<Vec<f64>, BadWish> {
    let unknown = || BadWish::Unknown {
        id: measure.to_owned(),
    };
    let found = catalogue.measures.get(measure).ok_or_else(unknown)?;
    let reckoning = reckoning_of(&Wish::default(), local)?;
    let at = |m: &Measure| reckoning.posterior(m).multiplier();
    let each = sites.iter();
    Ok(each
        .map(|s| reckoning.yearly(s, &[found], catalogue, &at))
        .collect())
}

impl Desk {
    /// Lays out the alternatives of all sites under a wish.
    ///
    /// # Errors
    /// [`BadWish`] for figures out of bounds and marks that name nothing.
    pub fn new(
        wish: Wish,
        sites: Vec<SiteNeed>,
        catalogue: &Catalogue,
        local: BTreeMap<String, Vec<LocalResult>>,
    ) -> Result<Self, BadWish> {
        let reckoning = reckoning_of(&wish, local)?;
        let named = wish.named();
        let known = reckoning.known(catalogue);
        let each = sites.iter().enumerate();
        let mut alternatives: Vec<Alternative> = each
            .flat_map(|site| reckoning.alternatives(site, catalogue, &known, &named))
            .flat_map(|a| reckoning.in_years(&a))
            .collect();
        alternatives.sort_by(|a, b| a.id.cmp(&b.id));
        alternatives.dedup_by(|a, b| a.id == b.id);
        let all = catalogue.measures.all().iter();
        let mut desk = Self {
            purses: Vec::new(),
            known_measures: all.map(|m| m.id.clone()).collect(),
            layout: Layout::default(),
            wish,
            sites,
            alternatives,
            reckoning,
        };
        desk.purses = desk.purses_of();
        desk.layout = desk.lay_out()?;
        Ok(desk)
    }

    /// What is known about the multiplier of a measure: prior and own results together.
    #[must_use]
    pub fn reckoning(&self) -> &Reckoning {
        &self.reckoning
    }

    pub(crate) fn choice(&self) -> &Choice {
        &self.layout.choice
    }

    pub(crate) fn place(&self, id: &str) -> Result<usize, BadWish> {
        let found = self
            .alternatives
            .binary_search_by(|a| a.id.as_str().cmp(id));
        found
            .ok()
            .ok_or_else(|| BadWish::Unknown { id: id.to_owned() })
    }

    /// What an alternative brings in the mode of the wish.
    pub(crate) fn gain(&self, a: &Alternative, benefit: i64) -> i64 {
        match self.wish.mode {
            Mode::Expected | Mode::Robust => benefit,
            Mode::Cautious => a.benefit_low.min(benefit),
            Mode::Net => {
                floor_i64(self.wish.value_per_ticket * benefit as f64 / 1000.0) - a.total()
            }
        }
    }

    pub(crate) fn solve(
        &self,
        choice: &Choice,
        limits: Limits,
        start: Option<&[usize]>,
        watch: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Selected, BadWish> {
        if self.wish.mode == Mode::Robust {
            return Ok(select_robust(
                choice,
                &self.lows(),
                self.wish.gamma,
                limits,
                watch,
            )?);
        }
        Ok(select(choice, limits, start, watch)?)
    }

    /// What a choice brings in the mode of the wish: in the robust one, what is left when the worst sites fall.
    pub(crate) fn worth(&self, chosen: &[usize]) -> i64 {
        if self.wish.mode == Mode::Robust {
            return guarded(self.choice(), &self.lows(), self.wish.gamma, chosen);
        }
        chosen.iter().map(|&i| self.choice().items[i].gain).sum()
    }

    fn lows(&self) -> Vec<i64> {
        let all = self.alternatives.iter();
        all.map(|a| a.benefit_low.min(a.benefit)).collect()
    }

    pub(crate) fn ids(&self, chosen: &[usize]) -> Vec<String> {
        chosen
            .iter()
            .map(|&i| self.alternatives[i].id.clone())
            .collect()
    }

    /// Makes the plan; `watch` hears of bound and best and ends the search by `false`, keeping the best plan so far (at least
    /// the ranking's). What comes after the search (stability, frontier, shadow of money) is then left out.
    ///
    /// # Errors
    /// [`BadWish`] when the figures are too large for exact sums.
    pub fn plan(
        &self,
        catalogue: &Catalogue,
        watch: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<MeasurePlan, BadWish> {
        let mut going = true;
        let mut told = |p: &Progress| {
            going &= watch(p);
            going
        };
        let first = self.ranked(&[]);
        told(&self.before_search(&first));
        let start = (!first.is_empty()).then_some(&first[..]);
        let mut found = self.solve(self.choice(), self.wish.limits(), start, &mut told)?;
        if found.status == Status::Unknown && !first.is_empty() {
            found = self.kept(found, first);
        }
        let mut plan = self.report(&found);
        plan.stopped = !going;
        if found.status == Status::Infeasible {
            self.explain_conflict(&mut plan)?;
            return Ok(plan);
        }
        plan.ranking = self.ranking(&found);
        if going {
            // The search is over; what is told from here on is only that work goes on.
            let mut told = |_: &Progress| {
                going &= watch(&Progress {
                    nodes: found.nodes,
                    steps: found.steps,
                    best: Some(found.gain),
                    bound: found.bound,
                });
                going
            };
            self.beside(&mut plan, &found, catalogue, &mut told)?;
            plan.stopped = !going;
        }
        self.draw_lots(&mut plan, &found);
        Ok(plan)
    }

    /// What is known before the search: the ranking's plan, and the best of every site together.
    fn before_search(&self, first: &[usize]) -> Progress {
        let mut tops = vec![0; self.sites.len()];
        for (item, a) in self.choice().items.iter().zip(&self.alternatives) {
            tops[a.site] = item.gain.max(tops[a.site]);
        }
        let gain = self.worth(first);
        Progress {
            nodes: 0,
            steps: 0,
            best: (!first.is_empty()).then_some(gain),
            bound: tops.iter().sum(),
        }
    }

    /// A search that ended before it found anything keeps the ranking's plan.
    fn kept(&self, found: Selected, chosen: Vec<usize>) -> Selected {
        let spent = self.choice().spending(&chosen);
        let gain = self.worth(&chosen);
        Selected {
            status: Status::Gap,
            gain,
            cost: spent.iter().sum(),
            bound: found.bound.max(gain),
            spent,
            chosen,
            ..found
        }
    }

    /// Stability, frontier and the worth of a little more money; ends early when nobody wants to wait.
    fn beside(
        &self,
        plan: &mut MeasurePlan,
        found: &Selected,
        catalogue: &Catalogue,
        told: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<(), BadWish> {
        for (at, till) in plan.tills.iter_mut().enumerate() {
            let more = self.with_more(at, found, told)?;
            if !told(&self.before_search(&found.chosen)) {
                return Ok(());
            }
            till.more = Some(more);
        }
        if self.wish.frontier {
            plan.frontier = self.frontier(found, told)?;
        }
        plan.stability = self.stability(found, catalogue, told)?;
        Ok(())
    }

    /// Benefit that 10,000 yuan more in one budget would bring: the plan solved again.
    fn with_more(
        &self,
        at: usize,
        found: &Selected,
        told: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<i64, BadWish> {
        let choice = self.choice();
        let most: i64 = choice.items.iter().map(|i| i.cost[at]).sum();
        if choice.budgets[at] >= most {
            return Ok(0);
        }
        let mut richer = choice.clone();
        richer.budgets[at] += LITTLE_MORE;
        let answer = self.solve(&richer, self.wish.limits(), Some(&found.chosen), told)?;
        Ok((answer.gain - found.gain).max(0))
    }

    fn report(&self, found: &Selected) -> MeasurePlan {
        let figures = found.spent.iter().zip(&found.prices);
        let tills = self
            .purses
            .iter()
            .zip(figures)
            .map(|(purse, (spent, price))| Till {
                department: purse.department.clone(),
                year: purse.year,
                asked: purse.asked,
                budget: purse.yuan,
                spent: *spent,
                per_10000: price * 10.0,
                more: None,
                binds: *price > 1e-9,
            });
        let mut without: Vec<String> = self
            .purses
            .iter()
            .filter(|p| !p.asked)
            .map(|p| p.department.clone())
            .collect();
        without.dedup();
        MeasurePlan {
            status: word(found.status),
            chosen: self.ids(&found.chosen),
            benefit: found.gain,
            optimum: found.gain,
            bound: found.bound,
            gap: found.gap(),
            cost: self.cost_of(&found.chosen),
            staff_cost: found
                .chosen
                .iter()
                .map(|&i| self.alternatives[i].staff_cost)
                .sum(),
            tills: tills.collect(),
            without_budget: without,
            work: [found.nodes, found.steps],
            seed: self.wish.seed,
            ..MeasurePlan::default()
        }
    }

    pub(crate) fn cost_of(&self, chosen: &[usize]) -> i64 {
        chosen.iter().map(|&i| self.alternatives[i].total()).sum()
    }

    fn explain_conflict(&self, plan: &mut MeasurePlan) -> Result<(), BadWish> {
        plan.conflict = self.conflict(&self.layout)?;
        let Some(way) = repair(self.choice(), self.wish.limits())? else {
            return Ok(());
        };
        let extra = way.extra.unwrap_or_default().into_iter();
        plan.repair_extra = self
            .purses
            .iter()
            .map(|p| p.name().trim_start_matches("budget:").to_owned())
            .zip(extra)
            .filter(|e| e.1 > 0)
            .collect();
        let dropped = way.dropped.into_iter();
        plan.repair_dropped = dropped
            .filter_map(|r| self.layout.name_of(r).map(str::to_owned))
            .collect();
        plan.repair_dropped.dedup();
        plan.repaired = self.ids(&way.then.chosen);
        plan.repaired_benefit = way.then.gain;
        Ok(())
    }

    /// Names of requirements that cannot hold together, as few as possible in the sense that none may be left out.
    pub(crate) fn conflict(&self, layout: &Layout) -> Result<Vec<String>, BadWish> {
        let rows: Vec<Vec<_>> = layout.named.iter().map(|n| n.1.clone()).collect();
        let found = conflict_of(&layout.choice, &rows, self.wish.steps)?.unwrap_or_default();
        Ok(found
            .into_iter()
            .map(|at| layout.named[at].0.clone())
            .collect())
    }

    /// What the incremental ranking would choose.
    fn ranking(&self, found: &Selected) -> Ranked {
        let chosen = self.ranked(&found.prices);
        Ranked {
            benefit: self.worth(&chosen),
            cost: self.cost_of(&chosen),
            chosen: self.ids(&chosen),
        }
    }
}
