//! How sure is a plan, what would other money buy, what would the ranking take, and why is something in or out?

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Catalogue, Measure};
use crate::optim::{Limits, Row, Selected, Status, conflict, select};
use crate::plan::answer::{Lot, Money, Ranked, Why};
use crate::plan::measures::Desk;
use crate::plan::ranking;
use crate::plan::wish::{BadWish, Mode};
use crate::stats::Rng;
use crate::stats::number::floor_i64;

impl Desk {
    /// Optimum for 0, 10, … 200 % of the budgets; each begins with the plan before, so the benefit never falls.
    pub(crate) fn frontier(&self, found: &Selected) -> Result<Vec<Money>, BadWish> {
        let mut out = Vec::new();
        let mut before: Vec<usize> = Vec::new();
        let limits = Limits {
            steps: self.wish.steps / 20,
            gap_ppm: self.wish.limits().gap_ppm.max(1000),
        };
        for percent in (0..=200_u32).step_by(10) {
            let mut choice = self.choice.clone();
            choice
                .budgets
                .iter_mut()
                .for_each(|b| *b = *b * i64::from(percent) / 100);
            let answer = if percent == 100 {
                found.clone()
            } else {
                self.solve(&choice, limits, Some(&before), &mut |_| true)?
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
    ) -> Result<BTreeMap<String, f64>, BadWish> {
        let mut hits = vec![0_u32; self.alternatives.len()];
        let limits = Limits {
            steps: 20_000,
            gap_ppm: 1000,
        };
        for number in 0..self.wish.draws {
            let mut rng = Rng::replicate(self.wish.seed, u64::from(number));
            let drawn = self.drawn(catalogue, &mut rng);
            let mut choice = self.choice.clone();
            for (item, benefit) in choice.items.iter_mut().zip(drawn) {
                item.gain = benefit;
            }
            let answer = select(&choice, limits, Some(&found.chosen), &mut |_| true)?;
            answer.chosen.iter().for_each(|&i| hits[i] += 1);
        }
        let all = f64::from(self.wish.draws.max(1));
        let share = |&i: &usize| (self.alternatives[i].id.clone(), f64::from(hits[i]) / all);
        Ok(if self.wish.draws == 0 {
            BTreeMap::new()
        } else {
            found.chosen.iter().map(share).collect()
        })
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
                match self.wish.mode {
                    Mode::Net => self.gain(a, self.reckoning.benefit(yearly, a.life)),
                    _ => self.reckoning.benefit(yearly, a.life),
                }
            })
            .collect()
    }

    /// The ranking of section 4: incremental ratios per site, then sites by ratio until the money is spent.
    pub(crate) fn ranking(&self, found: &Selected) -> Ranked {
        let marginal = found
            .prices
            .iter()
            .copied()
            .filter(|p| *p > 0.0)
            .fold(f64::INFINITY, f64::min);
        let worth = match (self.wish.value_per_ticket > 0.0, marginal.is_finite()) {
            (true, _) => self.wish.value_per_ticket / 1000.0,
            (false, true) => 1.0 / marginal,
            (false, false) => 1e6,
        };
        let mut best: Vec<(f64, usize)> = Vec::new();
        for site in 0..self.sites.len() {
            let own: Vec<usize> = (0..self.alternatives.len())
                .filter(|&i| {
                    self.alternatives[i].site == site && !self.choice.forbidden.contains(&i)
                })
                .collect();
            let options: Vec<ranking::Alternative> = own
                .iter()
                .map(|&i| ranking::Alternative {
                    name: self.alternatives[i].id.clone(),
                    cost: self.alternatives[i].total() as f64,
                    benefit: self.choice.items[i].gain as f64 * worth,
                })
                .collect();
            if let (Some(at), _) = ranking::incremental(&options) {
                best.push((options[at].benefit / options[at].cost.max(1.0), own[at]));
            }
        }
        best.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut chosen = self.choice.mandatory.clone();
        for (_, item) in best {
            chosen.push(item);
            if !self.fits(&chosen) {
                chosen.pop();
            }
        }
        chosen.sort_unstable();
        if !self.fits(&chosen) {
            chosen.clear();
        }
        Ranked {
            benefit: chosen.iter().map(|&i| self.choice.items[i].gain).sum(),
            cost: chosen.iter().map(|&i| self.alternatives[i].total()).sum(),
            chosen: self.ids(&chosen),
        }
    }

    /// Whether a set keeps every rule of the choice.
    pub(crate) fn fits(&self, chosen: &[usize]) -> bool {
        let has = |i: &usize| chosen.contains(i);
        let spent = self.choice.spending(chosen);
        let sites: BTreeSet<usize> = chosen.iter().map(|&i| self.alternatives[i].site).collect();
        sites.len() == chosen.len()
            && spent.iter().zip(&self.choice.budgets).all(|(s, b)| s <= b)
            && self
                .choice
                .exclusions
                .iter()
                .all(|(a, b)| !(has(a) && has(b)))
            && self.choice.needs.iter().all(|(a, b)| !has(a) || has(b))
            && self.choice.mandatory.iter().all(has)
            && !self.choice.forbidden.iter().any(has)
    }

    /// Sites left out that are as good as a chosen one within a tenth: planned controls. The plan itself is not changed.
    pub(crate) fn lots(&self, found: &Selected) -> Vec<Lot> {
        let ratio = |i: usize| {
            self.choice.items[i].gain as f64 / self.alternatives[i].total().max(1) as f64
        };
        let most = floor_i64(self.wish.reserve_controls * found.chosen.len() as f64);
        let mut used: BTreeSet<usize> = found
            .chosen
            .iter()
            .map(|&i| self.alternatives[i].site)
            .collect();
        let chosen = &found.chosen;
        let mut out: Vec<Lot> = Vec::new();
        for (at, &own) in chosen.iter().enumerate() {
            if i64::try_from(out.len()).unwrap_or(i64::MAX) >= most
                || self.choice.mandatory.contains(&own)
            {
                continue;
            }
            let rival = (0..self.alternatives.len()).find(|&i| {
                let mut swapped = chosen.clone();
                swapped[at] = i;
                !used.contains(&self.alternatives[i].site)
                    && (ratio(i) / ratio(own) - 1.0).abs() <= 0.1
                    && self.fits(&swapped)
            });
            let Some(rival) = rival else { continue };
            used.insert(self.alternatives[rival].site);
            let (treated, control) = (own, rival);
            out.push(Lot {
                treated: self.alternatives[treated].id.clone(),
                control: self.sites[self.alternatives[control].site].site.clone(),
            });
        }
        out
    }

    /// Why an alternative is in or out: the plan with the opposite forced.
    ///
    /// # Errors
    /// [`BadWish::Unknown`] for an id that is no alternative.
    pub fn explain(&self, id: &str) -> Result<Why, BadWish> {
        let at = self.place(id)?;
        let base = self.solve(&self.choice, self.wish.limits(), None, &mut |_| true)?;
        let inside = base.chosen.contains(&at);
        let mut turned = self.choice.clone();
        if inside {
            turned.mandatory.retain(|&i| i != at);
            turned.forbidden.push(at);
        } else {
            turned.forbidden.retain(|&i| i != at);
            turned.mandatory.push(at);
        }
        let answer = self.solve(&turned, self.wish.limits(), None, &mut |_| true)?;
        let possible = answer.status != Status::Infeasible;
        let rows = if possible {
            None
        } else {
            conflict(&turned, self.wish.steps)?
        };
        let others = |a: &Selected, b: &Selected| {
            let gone: Vec<usize> = a
                .chosen
                .iter()
                .copied()
                .filter(|i| !b.chosen.contains(i) && *i != at)
                .collect();
            self.ids(&gone)
        };
        let forbids = rows
            .unwrap_or_default()
            .into_iter()
            .filter(|r| *r != Row::Mandatory(at));
        let a = &self.alternatives[at];
        let missing = a
            .cost
            .iter()
            .filter(|(d, y)| **y > 0 && !self.departments.contains(d))
            .map(|c| c.0.clone());
        Ok(Why {
            id: id.to_owned(),
            inside,
            possible,
            loss: if possible { base.gain - answer.gain } else { 0 },
            leaves: if possible {
                others(&base, &answer)
            } else {
                Vec::new()
            },
            enters: if possible {
                others(&answer, &base)
            } else {
                Vec::new()
            },
            forbidden_by: forbids.map(|r| self.row(r)).collect(),
            without_budget: missing.collect(),
        })
    }
}
