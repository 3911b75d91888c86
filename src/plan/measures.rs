//! Which measures prevent most for the budgets, how sure is each choice, and what would other money buy?
//!
//! The answer is the proved optimum or the best plan with its bound; beside it stand the frontier of money, the share of
//! draws in which each choice stays, the ranking that planners know, and what binds.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Catalogue;
use crate::optim::{
    Choice, Item, Limits, Progress, Row, Selected, Status, conflict, repair, select, select_robust,
};
use crate::plan::answer::{MeasurePlan, Ranked, Till};
use crate::plan::benefit::LocalResult;
use crate::plan::offer::{Alternative, Reckoning, SiteNeed};
use crate::plan::wish::{BadWish, Mode, Wish};
use crate::stats::number::floor_i64;

/// A choice ready to be solved, with the way back to alternatives.
#[derive(Clone, Debug)]
pub struct Desk {
    /// What is wished for.
    pub wish: Wish,
    /// Sites.
    pub sites: Vec<SiteNeed>,
    /// Alternatives of all sites in the order of their ids.
    pub alternatives: Vec<Alternative>,
    /// Departments in the order of the budgets.
    pub departments: Vec<String>,
    pub(crate) reckoning: Reckoning,
    pub(crate) choice: Choice,
}

const fn word(status: Status) -> &'static str {
    match status {
        Status::Optimal => "optimal",
        Status::Gap => "gap",
        Status::Infeasible => "infeasible",
        Status::Unknown => "unknown",
    }
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
        let reckoning = Reckoning {
            combine: wish.check()?,
            side_share: wish.side_share,
            tau: wish.tau,
            rate: wish.rate,
            horizon: wish.horizon_years,
            max_bundle: wish.max_bundle,
            max_alternatives: wish.max_alternatives,
            local,
        };
        let named = wish.named();
        let each = sites.iter().enumerate();
        let mut alternatives: Vec<Alternative> = each
            .flat_map(|(at, site)| reckoning.alternatives(at, site, catalogue, &named))
            .collect();
        alternatives.sort_by(|a, b| a.id.cmp(&b.id));
        alternatives.dedup_by(|a, b| a.id == b.id);
        let mut desk = Self {
            departments: wish.budgets.keys().cloned().collect(),
            choice: Choice::default(),
            wish,
            sites,
            alternatives,
            reckoning,
        };
        desk.choice = desk.lay_out()?;
        Ok(desk)
    }

    pub(crate) fn place(&self, id: &str) -> Result<usize, BadWish> {
        let found = self
            .alternatives
            .binary_search_by(|a| a.id.as_str().cmp(id));
        found
            .ok()
            .ok_or_else(|| BadWish::Unknown { id: id.to_owned() })
    }

    fn lay_out(&self) -> Result<Choice, BadWish> {
        let cost = |a: &Alternative| -> Vec<i64> {
            self.departments
                .iter()
                .map(|d| a.cost.get(d).copied().unwrap_or(0))
                .collect()
        };
        let items = self.alternatives.iter().map(|a| Item {
            class: a.site,
            gain: self.gain(a, a.benefit),
            cost: cost(a),
        });
        let mut forbidden: Vec<usize> = self
            .wish
            .forbidden
            .iter()
            .map(|id| self.place(id))
            .collect::<Result<_, _>>()?;
        let mandatory: Vec<usize> = self
            .wish
            .mandatory
            .iter()
            .map(|id| self.place(id))
            .collect::<Result<_, _>>()?;
        let poor = |a: &Alternative| {
            a.cost
                .iter()
                .any(|(d, yuan)| *yuan > 0 && !self.departments.contains(d))
        };
        forbidden.extend((0..self.alternatives.len()).filter(|&i| poor(&self.alternatives[i])));
        forbidden.sort_unstable();
        forbidden.dedup();
        let pair = |p: &[String; 2]| Ok::<_, BadWish>((self.place(&p[0])?, self.place(&p[1])?));
        Ok(Choice {
            items: items.collect(),
            budgets: self.wish.budgets.values().copied().collect(),
            exclusions: self
                .wish
                .exclusions
                .iter()
                .map(pair)
                .collect::<Result<_, _>>()?,
            needs: self
                .wish
                .prerequisites
                .iter()
                .map(pair)
                .collect::<Result<_, _>>()?,
            groups: Vec::new(),
            mandatory,
            forbidden,
        })
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
            let low: Vec<i64> = self
                .alternatives
                .iter()
                .map(|a| a.benefit_low.min(a.benefit))
                .collect();
            return Ok(select_robust(choice, &low, self.wish.gamma, limits)?);
        }
        Ok(select(choice, limits, start, watch)?)
    }

    pub(crate) fn ids(&self, chosen: &[usize]) -> Vec<String> {
        chosen
            .iter()
            .map(|&i| self.alternatives[i].id.clone())
            .collect()
    }

    pub(crate) fn row(&self, row: Row) -> String {
        let id = |i: usize| self.alternatives[i].id.as_str();
        let (needs, apart) = (&self.choice.needs, &self.choice.exclusions);
        match row {
            Row::Budget(d) => format!("budget:{}", self.departments[d]),
            Row::Mandatory(i) => format!("mandatory:{}", id(i)),
            Row::Forbidden(i) => format!("forbidden:{}", id(i)),
            Row::Needs(k) => format!("requires:{}->{}", id(needs[k].0), id(needs[k].1)),
            Row::Exclusion(k) => format!("exclusion:{}-{}", id(apart[k].0), id(apart[k].1)),
            Row::Floor(g) => format!("floor:{g}"),
            Row::Cap(g) => format!("cap:{g}"),
        }
    }

    /// Makes the plan; `watch` hears of bound and best and ends the search by `false`, keeping the best plan so far.
    ///
    /// # Errors
    /// [`BadWish`] when the figures are too large for exact sums.
    pub fn plan(
        &self,
        catalogue: &Catalogue,
        watch: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<MeasurePlan, BadWish> {
        let found = self.solve(&self.choice, self.wish.limits(), None, watch)?;
        let mut plan = self.report(&found);
        if found.status == Status::Infeasible {
            self.explain_conflict(&mut plan)?;
            return Ok(plan);
        }
        plan.ranking = self.ranking(&found);
        plan.stability = self.stability(&found, catalogue)?;
        if self.wish.frontier {
            plan.frontier = self.frontier(&found)?;
        }
        plan.controls = self.lots(&found);
        Ok(plan)
    }

    fn report(&self, found: &Selected) -> MeasurePlan {
        let budgets = self
            .choice
            .budgets
            .iter()
            .zip(&found.spent)
            .zip(&found.prices);
        let tills =
            self.departments
                .iter()
                .zip(budgets)
                .map(|(department, ((budget, spent), price))| Till {
                    department: department.clone(),
                    budget: *budget,
                    spent: *spent,
                    per_10000: price * 10.0,
                    binds: *price > 1e-9,
                });
        let needed: BTreeSet<&String> = self
            .alternatives
            .iter()
            .flat_map(|a| a.cost.iter().filter(|c| *c.1 > 0).map(|c| c.0))
            .collect();
        MeasurePlan {
            status: word(found.status),
            chosen: self.ids(&found.chosen),
            benefit: found.gain,
            bound: found.bound,
            gap: found.gap(),
            cost: found
                .chosen
                .iter()
                .map(|&i| self.alternatives[i].total())
                .sum(),
            tills: tills.collect(),
            stability: BTreeMap::new(),
            frontier: Vec::new(),
            ranking: Ranked::default(),
            controls: Vec::new(),
            conflict: Vec::new(),
            repair_extra: BTreeMap::new(),
            repair_dropped: Vec::new(),
            repaired: Vec::new(),
            without_budget: needed
                .into_iter()
                .filter(|d| !self.departments.contains(d))
                .cloned()
                .collect(),
            work: [found.nodes, found.steps],
        }
    }

    fn explain_conflict(&self, plan: &mut MeasurePlan) -> Result<(), BadWish> {
        let rows = conflict(&self.choice, self.wish.steps)?.unwrap_or_default();
        plan.conflict = rows.into_iter().map(|r| self.row(r)).collect();
        let Some(way) = repair(&self.choice, self.wish.limits())? else {
            return Ok(());
        };
        let extra = way.extra.unwrap_or_default().into_iter();
        plan.repair_extra = self
            .departments
            .iter()
            .cloned()
            .zip(extra)
            .filter(|e| e.1 > 0)
            .collect();
        plan.repair_dropped = way.dropped.into_iter().map(|r| self.row(r)).collect();
        plan.repaired = self.ids(&way.then.chosen);
        Ok(())
    }
}
