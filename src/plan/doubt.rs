//! How sure is a plan, what would other money buy, and what would the ranking take?

use std::collections::BTreeMap;

use crate::case::{Catalogue, Measure};
use crate::optim::{Limits, Progress, Selected, Status, select};
use crate::plan::answer::Money;
use crate::plan::measures::Desk;
use crate::plan::offer::Reckoning;
use crate::plan::ranking;
use crate::plan::wish::{BadWish, Mode};
use crate::stats::Rng;

/// Told when work goes on that has no best and bound of its own.
const ON: Progress = Progress {
    nodes: 0,
    steps: 0,
    best: None,
    bound: 0,
};

/// A share of a budget, exact for any amount.
fn share(yuan: i64, percent: u32) -> i64 {
    i64::try_from(i128::from(yuan) * i128::from(percent) / 100).unwrap_or(i64::MAX)
}

impl Desk {
    /// Optimum for 0, 10, … 200 % of the budgets; each begins with the plan before, so the benefit never falls.
    pub(crate) fn frontier(
        &self,
        found: &Selected,
        told: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<Vec<Money>, BadWish> {
        let mut out = Vec::new();
        let mut before: Vec<usize> = Vec::new();
        let limits = Limits {
            steps: self.wish.steps / 20,
            gap_ppm: self.wish.limits().gap_ppm.max(1000),
        };
        let mut going = true;
        for percent in (0..=200_u32).step_by(10) {
            going &= told(&ON);
            let mut choice = self.choice().clone();
            choice
                .budgets
                .iter_mut()
                .for_each(|b| *b = share(*b, percent));
            if !going {
                break;
            }
            let answer = if percent == 100 {
                found.clone()
            } else {
                let mut heard = |p: &Progress| {
                    going &= told(p);
                    going
                };
                self.solve(&choice, limits, Some(&before), &mut heard)?
            };
            let possible = matches!(answer.status, Status::Optimal | Status::Gap);
            if possible {
                before.clone_from(&answer.chosen);
            }
            out.push(Money {
                percent,
                allowed: choice.budgets.iter().sum(),
                spent: answer.cost,
                benefit: if possible { answer.gain } else { 0 },
                bound: if possible { answer.bound } else { 0 },
                chosen: self.ids(&answer.chosen),
            });
        }
        Ok(out)
    }

    /// Share of draws of all multipliers in which each chosen alternative is chosen again.
    pub(crate) fn stability(
        &self,
        found: &Selected,
        catalogue: &Catalogue,
        told: &mut dyn FnMut(&Progress) -> bool,
    ) -> Result<BTreeMap<String, f64>, BadWish> {
        let mut hits = vec![0_u32; self.alternatives.len()];
        let limits = Limits {
            steps: 20_000,
            gap_ppm: 1000,
        };
        let mut drawn = 0;
        let mut going = true;
        for number in 0..self.wish.draws {
            going &= told(&ON);
            if !going {
                break;
            }
            let mut rng = Rng::replicate(self.wish.seed, u64::from(number));
            let gains = self.drawn(catalogue, &mut rng);
            let mut choice = self.choice().clone();
            for (item, benefit) in choice.items.iter_mut().zip(gains) {
                item.gain = benefit;
            }
            let mut heard = |p: &Progress| {
                going &= told(p);
                going
            };
            let answer = select(&choice, limits, Some(&found.chosen), &mut heard)?;
            drawn += 1;
            answer.chosen.iter().for_each(|&i| hits[i] += 1);
        }
        if drawn == 0 {
            return Ok(BTreeMap::new());
        }
        let share = |i: usize| f64::from(hits[i]) / f64::from(drawn);
        let each =
            (0..self.alternatives.len()).filter(|&i| hits[i] > 0 || found.chosen.contains(&i));
        Ok(each
            .map(|i| (self.alternatives[i].id.clone(), share(i)))
            .collect())
    }

    /// Gains with one draw of each measure's multiplier and of its deviation at each site.
    pub(crate) fn drawn(&self, catalogue: &Catalogue, rng: &mut Rng) -> Vec<i64> {
        let measures = catalogue.measures.all();
        let means: BTreeMap<&str, f64> = measures
            .iter()
            .map(|m| {
                let known = self.reckoning.posterior(m);
                (m.id.as_str(), known.log_mean + known.log_sd * rng.normal())
            })
            .collect();
        let local: Vec<BTreeMap<&str, f64>> = self
            .sites
            .iter()
            .map(|_| {
                means
                    .iter()
                    .map(|(id, mean)| (*id, (mean + self.reckoning.tau * rng.normal()).exp()))
                    .collect()
            })
            .collect();
        self.alternatives
            .iter()
            .map(|a| {
                let bundle: Vec<&Measure> = a
                    .measures
                    .iter()
                    .filter_map(|id| catalogue.measures.get(id))
                    .collect();
                let at = |m: &Measure| local[a.site].get(m.id.as_str()).copied().unwrap_or(1.0);
                let yearly = self
                    .reckoning
                    .yearly(&self.sites[a.site], &bundle, catalogue, &at);
                let benefit = Reckoning::benefit(yearly, a.factor);
                match self.wish.mode {
                    Mode::Net => self.gain(a, benefit),
                    _ => benefit,
                }
            })
            .collect()
    }

    /// The ranking of section 4: incremental ratios per site, then sites by ratio until the money is spent. `prices` say what
    /// money is worth where the wish sets no value for a ticket. Empty when the ranking cannot keep all rules.
    pub(crate) fn ranked(&self, prices: &[f64]) -> Vec<usize> {
        let priced = prices.iter().copied().filter(|p| *p > 0.0);
        let marginal = priced.fold(f64::INFINITY, f64::min);
        let worth = match (self.wish.value_per_ticket > 0.0, marginal.is_finite()) {
            (true, _) => self.wish.value_per_ticket / 1000.0,
            (false, true) => 1.0 / marginal,
            (false, false) => 1e6,
        };
        let choice = self.choice();
        let mut best: Vec<(f64, usize)> = Vec::new();
        let mut from = vec![Vec::new(); self.sites.len()];
        for (at, a) in self.alternatives.iter().enumerate() {
            let affordable = choice.items[at]
                .cost
                .iter()
                .zip(&choice.budgets)
                .all(|(c, b)| c <= b);
            if affordable && choice.forbidden.binary_search(&at).is_err() {
                from[a.site].push(at);
            }
        }
        for own in &from {
            let options: Vec<ranking::Alternative> = own
                .iter()
                .map(|&i| ranking::Alternative {
                    name: self.alternatives[i].id.clone(),
                    cost: self.alternatives[i].total() as f64,
                    benefit: choice.items[i].gain as f64 * worth,
                })
                .collect();
            if let (Some(at), _) = ranking::incremental(&options) {
                best.push((options[at].benefit / options[at].cost.max(1.0), own[at]));
            }
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut chosen = choice.mandatory.clone();
        chosen.sort_unstable();
        chosen.dedup();
        for (_, item) in best {
            chosen.push(item);
            if !choice.keeps(&chosen, true) {
                chosen.pop();
            }
        }
        chosen.sort_unstable();
        if !choice.keeps(&chosen, false) {
            chosen.clear();
        }
        chosen
    }
}
