//! Why is an alternative in the plan or out of it, exactly: the plan with the opposite forced?

use crate::optim::Status;
use crate::plan::answer::{Lot, Money, Shown, Why};
use crate::plan::measures::Desk;
use crate::plan::wish::BadWish;

/// Name of the requirement that is forced for the question.
const ASKED: &str = "asked";

impl Desk {
    /// Why an alternative is in or out of the plan that was shown: the plan with the opposite forced, against it. What a draw
    /// decided is named as such; the frontier of the plan says from which budget on the alternative is chosen.
    ///
    /// # Errors
    /// [`BadWish::Unknown`] for an id that is no alternative.
    pub fn explain(&self, id: &str, shown: &Shown) -> Result<Why, BadWish> {
        let at = self.place(id)?;
        let inside = shown.chosen.iter().any(|c| c == id);
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
        let possible = matches!(answer.status, Status::Optimal | Status::Gap);
        let forbidden_by = if answer.status == Status::Infeasible {
            let names = self.conflict(&turned)?;
            names.into_iter().filter(|n| n != ASKED).collect()
        } else {
            Vec::new()
        };
        let other = if possible {
            self.ids(&answer.chosen)
        } else {
            shown.chosen.clone()
        };
        let only = |here: &[String], there: &[String]| -> Vec<String> {
            let gone = here.iter().filter(|i| !there.contains(i) && *i != id);
            gone.cloned().collect()
        };
        let bare = |d: &&String| self.purses.iter().any(|p| !p.asked && p.department == **d);
        let needs = self.alternatives[at].cost.iter().filter(|c| *c.1 > 0);
        Ok(Why {
            id: id.to_owned(),
            inside,
            drawn: draw(id, inside, &shown.controls),
            best: shown.status == "optimal",
            possible,
            proved: possible && answer.bound <= answer.gain,
            loss: if possible {
                shown.benefit - answer.gain
            } else {
                0
            },
            leaves: only(&shown.chosen, &other),
            enters: only(&other, &shown.chosen),
            forbidden_by,
            without_budget: needs.map(|c| c.0).filter(bare).cloned().collect(),
            enters_at: entry(id, inside, &shown.frontier),
        })
    }
}

/// The draw that took an alternative in, or that left it out as a control.
fn draw(id: &str, inside: bool, lots: &[Lot]) -> Option<Lot> {
    let decided = |l: &&Lot| {
        if inside {
            l.treated == id
        } else {
            l.would_be == id
        }
    };
    lots.iter().find(decided).cloned()
}

/// The share of the budgets at which an alternative enters: of one inside, the begin of the steps without a gap up to the budget
/// as it is; of one outside, the first step with more money that holds it.
fn entry(id: &str, inside: bool, frontier: &[Money]) -> Option<u32> {
    let holds = |m: &&Money| m.chosen.iter().any(|c| c == id);
    if !inside {
        let richer = frontier.iter().filter(|m| m.percent > 100);
        return richer.filter(|m| holds(m)).map(|m| m.percent).min();
    }
    let poorer = frontier.iter().rev().filter(|m| m.percent <= 100);
    poorer.take_while(holds).last().map(|m| m.percent)
}
