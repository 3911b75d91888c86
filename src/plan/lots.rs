//! Which of two sites that are as good as each other is treated first, and which one stays as a control?
//!
//! Not only the worst sites: where a site left out is within a tenth of a chosen one in tickets prevented per yuan, a seeded
//! draw decides between them; the loser is a planned control for the evaluation of the plan. What must be done is never drawn,
//! and the draws together never take the plan below what the ranking would reach.

use std::collections::BTreeSet;

use crate::optim::Selected;
use crate::plan::answer::{Lot, MeasurePlan};
use crate::plan::measures::Desk;
use crate::stats::Rng;
use crate::stats::number::floor_i64;

/// Sets the draws apart from those of the stability.
const STREAM: u64 = 1 << 40;

/// Two sites are as good as each other within this share.
const AS_GOOD: f64 = 0.1;

impl Desk {
    /// Draws lots between chosen sites and sites as good as they are; changes the plan to what was drawn.
    pub(crate) fn draw_lots(&self, plan: &mut MeasurePlan, found: &Selected) {
        let most = floor_i64(self.wish.reserve_controls * found.chosen.len() as f64);
        let choice = self.choice();
        let gain = |chosen: &[usize]| self.worth(chosen);
        let site = |i: usize| self.alternatives[i].site;
        let mut chosen = found.chosen.clone();
        let mut used: BTreeSet<usize> = chosen.iter().map(|&i| site(i)).collect();
        let mut rng = Rng::replicate(self.wish.seed, STREAM);
        for own in found.chosen.clone() {
            if i64::try_from(plan.controls.len()).unwrap_or(i64::MAX) >= most {
                break;
            }
            if self.must_stay(own, &chosen) {
                continue;
            }
            let Some((rival, swapped)) = self.rival(own, &chosen, &used) else {
                continue;
            };
            let ahead = rng.below(2) == 0;
            let keeps_level = gain(&swapped) >= plan.ranking.benefit;
            let wins = ahead && keeps_level;
            used.insert(site(rival));
            let (treated, control) = if wins { (rival, own) } else { (own, rival) };
            if wins {
                chosen = swapped;
            }
            plan.controls.push(Lot {
                treated: self.alternatives[treated].id.clone(),
                control: self.sites[site(control)].site.clone(),
                would_be: self.alternatives[control].id.clone(),
                drawn: if wins { "control" } else { "optimum" }.to_owned(),
                held: ahead && !keeps_level,
            });
        }
        if chosen != found.chosen {
            plan.chosen = self.ids(&chosen);
            plan.benefit = gain(&chosen);
            plan.cost = self.cost_of(&chosen);
            let staff = chosen.iter().map(|&i| self.alternatives[i].staff_cost);
            plan.staff_cost = staff.sum();
            let spent = choice.spending(&chosen);
            for (till, now) in plan.tills.iter_mut().zip(spent) {
                till.spent = now;
            }
        }
    }

    /// Whether the rules break when an alternative alone is taken out.
    fn must_stay(&self, own: usize, chosen: &[usize]) -> bool {
        let rest: Vec<usize> = chosen.iter().copied().filter(|i| *i != own).collect();
        self.choice().mandatory.contains(&own) || !self.choice().keeps(&rest, false)
    }

    /// The best alternative of a free site that is as good as `own` and may take its place, with the choice after it.
    fn rival(
        &self,
        own: usize,
        chosen: &[usize],
        used: &BTreeSet<usize>,
    ) -> Option<(usize, Vec<usize>)> {
        let choice = self.choice();
        let ratio =
            |i: usize| choice.items[i].gain as f64 / self.alternatives[i].total().max(1) as f64;
        let close = |i: &usize| (ratio(*i) / ratio(own) - 1.0).abs() <= AS_GOOD;
        let free = (0..self.alternatives.len())
            .filter(|&i| !used.contains(&self.alternatives[i].site) && choice.items[i].gain > 0);
        let mut order: Vec<usize> = free.filter(close).collect();
        order.sort_by_key(|&i| (-choice.items[i].gain, i));
        order.into_iter().find_map(|i| {
            let rest = chosen.iter().copied().filter(|c| *c != own);
            let mut swapped: Vec<usize> = rest.chain([i]).collect();
            swapped.sort_unstable();
            choice.keeps(&swapped, false).then_some((i, swapped))
        })
    }
}
