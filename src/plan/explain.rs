//! Why is an alternative in the plan or out of it, exactly: the plan with the opposite forced?

use crate::optim::{Selected, Status};
use crate::plan::answer::{Money, Why};
use crate::plan::measures::Desk;
use crate::plan::wish::BadWish;

/// Name of the requirement that is forced for the question.
const ASKED: &str = "asked";

impl Desk {
    /// Why an alternative is in or out: the plan with the opposite forced. `frontier` (of the plan, may be empty) says from which
    /// budget on it is chosen.
    ///
    /// # Errors
    /// [`BadWish::Unknown`] for an id that is no alternative.
    pub fn explain(&self, id: &str, frontier: &[Money]) -> Result<Why, BadWish> {
        let at = self.place(id)?;
        let base = self.solve(self.choice(), self.wish.limits(), None, &mut |_| true)?;
        let inside = base.chosen.contains(&at);
        let mut turned = self.layout.clone();
        let own = self.alternatives[at].base();
        if inside {
            for mark in [id, own] {
                turned.free(&format!("mandatory:{mark}"));
            }
            turned.bar(ASKED.to_owned(), vec![at]);
        } else {
            for mark in [id, own] {
                turned.free(&format!("forbidden:{mark}"));
            }
            turned.must(ASKED.to_owned(), &[at]);
        }
        let answer = self.solve(&turned.choice, self.wish.limits(), None, &mut |_| true)?;
        let possible = answer.status != Status::Infeasible;
        let forbidden_by = if possible {
            Vec::new()
        } else {
            let names = self.conflict(&turned)?;
            names.into_iter().filter(|n| n != ASKED).collect()
        };
        let others = |a: &Selected, b: &Selected| {
            let gone = a.chosen.iter().copied();
            let gone = gone.filter(|i| !b.chosen.contains(i) && *i != at);
            self.ids(&gone.collect::<Vec<_>>())
        };
        let sides = if possible {
            [others(&base, &answer), others(&answer, &base)]
        } else {
            [Vec::new(), Vec::new()]
        };
        let [leaves, enters] = sides;
        let bare = |d: &&String| self.purses.iter().any(|p| !p.asked && p.department == **d);
        let needs = self.alternatives[at].cost.iter().filter(|c| *c.1 > 0);
        Ok(Why {
            id: id.to_owned(),
            inside,
            possible,
            proved: possible && base.bound <= base.gain && answer.bound <= answer.gain,
            loss: if possible { base.gain - answer.gain } else { 0 },
            leaves,
            enters,
            forbidden_by,
            without_budget: needs.map(|c| c.0).filter(bare).cloned().collect(),
            enters_at: entry(id, frontier),
        })
    }
}

/// The least share of the budgets from which on the frontier holds an alternative at every step.
fn entry(id: &str, frontier: &[Money]) -> Option<u32> {
    let holds = |m: &&Money| m.chosen.iter().any(|c| c == id);
    let last: Vec<&Money> = frontier.iter().rev().take_while(holds).collect();
    last.last().map(|m| m.percent)
}
