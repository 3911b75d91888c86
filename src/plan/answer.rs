//! What is answered: the plan, its budgets, its frontier, its doubts and its reasons.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One point of the frontier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Money {
    /// Share of the budgets, in per cent.
    pub percent: u32,
    /// Yuan allowed in all.
    pub allowed: i64,
    /// Yuan spent.
    pub spent: i64,
    /// Benefit in thousandths.
    pub benefit: i64,
    /// No plan has more.
    pub bound: i64,
    /// Alternatives chosen.
    pub chosen: Vec<String>,
}

/// A budget after the choice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Till {
    /// Department.
    pub department: String,
    /// Year of the plan, 1 = the first; none when the plan has no years.
    pub year: Option<u32>,
    /// Whether the wish names it; others have nothing to spend.
    pub asked: bool,
    /// Yuan allowed.
    pub budget: i64,
    /// Yuan spent.
    pub spent: i64,
    /// Weighted tickets that 10,000 yuan more would prevent at the margin, if works could be bought in parts.
    pub per_10000: f64,
    /// Thousandths of a weighted ticket that 10,000 yuan more would really prevent: the plan solved again; none when not asked.
    pub more: Option<i64>,
    /// Whether it binds.
    pub binds: bool,
}

/// The plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct MeasurePlan {
    /// optimal, gap, infeasible or unknown.
    pub status: &'static str,
    /// Chosen alternatives.
    pub chosen: Vec<String>,
    /// Benefit in thousandths of a weighted ticket, present value.
    pub benefit: i64,
    /// Benefit before the draw for controls: status, bound and gap speak of it. What the draw gave up is the difference.
    pub optimum: i64,
    /// No plan has more.
    pub bound: i64,
    /// Relative distance of the bound from the optimum.
    pub gap: f64,
    /// Whether somebody stopped the search or what comes after it.
    pub stopped: bool,
    /// Yuan.
    pub cost: i64,
    /// Yuan of it for time of staff.
    pub staff_cost: i64,
    /// Budgets.
    pub tills: Vec<Till>,
    /// Share of draws in which an alternative is chosen: of all that ever were, and of those chosen here.
    pub stability: BTreeMap<String, f64>,
    /// Optimum for 0 to 200 % of the money.
    pub frontier: Vec<Money>,
    /// The ranking's choice and its benefit.
    pub ranking: Ranked,
    /// Draws between a chosen site and one as good: one is treated, the other serves as a control.
    pub controls: Vec<Lot>,
    /// Rows that cannot hold together, when nothing is possible.
    pub conflict: Vec<String>,
    /// Cheapest way out: extra yuan by department, or rows to give up.
    pub repair_extra: BTreeMap<String, i64>,
    /// Rows to give up, when money does not help.
    pub repair_dropped: Vec<String>,
    /// Plan after the repair.
    pub repaired: Vec<String>,
    /// Its benefit.
    pub repaired_benefit: i64,
    /// Departments that are needed by some alternative and have no budget.
    pub without_budget: Vec<String>,
    /// Nodes and steps of the solver.
    pub work: [u64; 2],
    /// Seed of all draws.
    pub seed: u64,
}

/// What the incremental ranking would choose.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Ranked {
    /// Its alternatives.
    pub chosen: Vec<String>,
    /// Their benefit.
    pub benefit: i64,
    /// Their cost.
    pub cost: i64,
}

/// Two equal sites, of which one is treated first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lot {
    /// Alternative treated first.
    pub treated: String,
    /// Site kept as a control.
    pub control: String,
    /// Alternative that the control would have had.
    pub would_be: String,
    /// Who won: `optimum` (the site of the best plan) or `control` (the one that is as good).
    pub drawn: String,
    /// Whether the other side won and the draw was set aside because the plan would have fallen below the ranking.
    pub held: bool,
}

/// A plan as it was shown: what explanations speak of.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// Chosen alternatives, after the draw.
    pub chosen: Vec<String>,
    /// Their benefit.
    pub benefit: i64,
    /// Draws between a chosen site and one as good.
    pub controls: Vec<Lot>,
    /// Optimum for 0 to 200 % of the money; may be empty.
    pub frontier: Vec<Money>,
    /// optimal, gap, infeasible or unknown.
    pub status: String,
}

impl From<&MeasurePlan> for Shown {
    fn from(plan: &MeasurePlan) -> Self {
        Self {
            chosen: plan.chosen.clone(),
            benefit: plan.benefit,
            controls: plan.controls.clone(),
            frontier: plan.frontier.clone(),
            status: plan.status.to_owned(),
        }
    }
}

/// Why an alternative is in the plan or not.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of one answer, each a key of its JSON"
)]
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The alternative.
    pub id: String,
    /// Whether it is in the plan that was shown.
    pub inside: bool,
    /// The draw that took it in, or left it out as a control: no difference in worth decided then.
    pub drawn: Option<Lot>,
    /// Whether the plan shown is proved best before the draw; one that is not may be beaten by the opposite.
    pub best: bool,
    /// Whether the opposite is possible.
    pub possible: bool,
    /// Whether the plan with the opposite is proved, so that the loss is exact.
    pub proved: bool,
    /// Benefit lost by the opposite against the plan shown, in thousandths; below zero where a draw or a stopped search gave
    /// something up.
    pub loss: i64,
    /// What would leave the plan besides.
    pub leaves: Vec<String>,
    /// What would enter.
    pub enters: Vec<String>,
    /// Rows that forbid the opposite.
    pub forbidden_by: Vec<String>,
    /// Departments it needs that have no budget.
    pub without_budget: Vec<String>,
    /// Share of the budgets, in per cent, at which it enters: if inside, from there up to the budget as it is every step of the
    /// frontier holds it; if outside, the first step with more money that does.
    pub enters_at: Option<u32>,
}
