//! What is answered: the plan, its budgets, its frontier, its doubts and its reasons.

use std::collections::BTreeMap;

use serde::Serialize;

/// One point of the frontier.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// Yuan allowed.
    pub budget: i64,
    /// Yuan spent.
    pub spent: i64,
    /// Weighted tickets that 10,000 yuan more would prevent at the margin.
    pub per_10000: f64,
    /// Whether it binds.
    pub binds: bool,
}

/// The plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasurePlan {
    /// optimal, gap, infeasible or unknown.
    pub status: &'static str,
    /// Chosen alternatives.
    pub chosen: Vec<String>,
    /// Benefit in thousandths of a weighted ticket, present value.
    pub benefit: i64,
    /// No plan has more.
    pub bound: i64,
    /// Relative distance of the bound.
    pub gap: f64,
    /// Yuan.
    pub cost: i64,
    /// Budgets.
    pub tills: Vec<Till>,
    /// Share of draws in which each chosen alternative stays.
    pub stability: BTreeMap<String, f64>,
    /// Optimum for 0 to 200 % of the money.
    pub frontier: Vec<Money>,
    /// The ranking's choice and its benefit.
    pub ranking: Ranked,
    /// Pairs of a chosen site and an equal one left out, which serves as a control.
    pub controls: Vec<Lot>,
    /// Rows that cannot hold together, when nothing is possible.
    pub conflict: Vec<String>,
    /// Cheapest way out: extra yuan by department, or rows to give up.
    pub repair_extra: BTreeMap<String, i64>,
    /// Rows to give up, when money does not help.
    pub repair_dropped: Vec<String>,
    /// Plan after the repair.
    pub repaired: Vec<String>,
    /// Departments that are needed by some alternative and have no budget.
    pub without_budget: Vec<String>,
    /// Nodes and steps of the solver.
    pub work: [u64; 2],
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lot {
    /// Treated first.
    pub treated: String,
    /// Kept as a control.
    pub control: String,
}

/// Why an alternative is in the plan or not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The alternative.
    pub id: String,
    /// Whether it is in the plan.
    pub inside: bool,
    /// Whether the opposite is possible.
    pub possible: bool,
    /// Benefit lost by the opposite, in thousandths.
    pub loss: i64,
    /// What would leave the plan besides.
    pub leaves: Vec<String>,
    /// What would enter.
    pub enters: Vec<String>,
    /// Rows that forbid the opposite.
    pub forbidden_by: Vec<String>,
    /// Departments it needs that have no budget.
    pub without_budget: Vec<String>,
}
