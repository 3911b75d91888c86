//! What is chosen from: items in classes, budgets, and rows that have names for explanations.

use std::collections::BTreeSet;

/// One thing that may be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Items of one class exclude each other.
    pub class: usize,
    /// What it brings; may be negative, then it is taken only when a row asks for it.
    pub gain: i64,
    /// What it takes from each budget, not negative.
    pub cost: Vec<i64>,
}

/// How many of some items are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Items with the amount each adds.
    pub members: Vec<(usize, i64)>,
    /// At least this sum.
    pub floor: Option<i64>,
    /// At most this sum.
    pub cap: Option<i64>,
}

/// A choice to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What may be taken, in the order of ids.
    pub items: Vec<Item>,
    /// What may be spent, not negative.
    pub budgets: Vec<i64>,
    /// Pairs that exclude each other.
    pub exclusions: Vec<(usize, usize)>,
    /// `(a, b)`: a only with b.
    pub needs: Vec<(usize, usize)>,
    /// Sums that are wanted.
    pub groups: Vec<Group>,
    /// Items that must be taken.
    pub mandatory: Vec<usize>,
    /// Items that must not.
    pub forbidden: Vec<usize>,
}

/// A requirement that can be named in an explanation. That a class takes one item is an axiom and has no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// Budget of this number.
    Budget(usize),
    /// This item must be taken.
    Mandatory(usize),
    /// This item must not.
    Forbidden(usize),
    /// Need of this number.
    Needs(usize),
    /// Exclusion of this number.
    Exclusion(usize),
    /// Floor of this group.
    Floor(usize),
    /// Cap of this group.
    Cap(usize),
}

/// Why a choice cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChoice {
    /// An item's costs do not match the budgets.
    #[error("item {item} has {costs} costs, must have one for each of the {budgets} budgets")]
    Costs {
        /// Which item.
        item: usize,
        /// How many it has.
        costs: usize,
        /// How many are needed.
        budgets: usize,
    },
    /// A cost or budget below zero.
    #[error("{what} is {value}, must not be negative")]
    Negative {
        /// Which figure.
        what: String,
        /// Its value.
        value: i64,
    },
    /// A row names an item that is not there.
    #[error("{what} names item {item}, but there are only {items} items, counted from 0")]
    Unknown {
        /// Which row.
        what: String,
        /// The item named.
        item: usize,
        /// How many there are.
        items: usize,
    },
    /// A row that excludes or needs itself.
    #[error("{what} names item {item} twice")]
    Itself {
        /// Which row.
        what: String,
        /// The item.
        item: usize,
    },
    /// The figures are too large for exact sums.
    #[error(
        "gains of {gains} in all with costs of {costs} units are too large for exact sums; state gains or costs in larger units"
    )]
    TooLarge {
        /// Sum of the gains.
        gains: i128,
        /// Sum of the costs in units of their common divisor.
        costs: i128,
    },
}

impl Choice {
    /// Checks lengths, signs and names.
    ///
    /// # Errors
    /// [`BadChoice`] with the first figure that is wrong.
    pub fn check(&self) -> Result<(), BadChoice> {
        for (at, &value) in self.budgets.iter().enumerate() {
            let what = || format!("budget {at}");
            not_negative(what, value)?;
        }
        for (at, item) in self.items.iter().enumerate() {
            if item.cost.len() != self.budgets.len() {
                return Err(BadChoice::Costs {
                    item: at,
                    costs: item.cost.len(),
                    budgets: self.budgets.len(),
                });
            }
            for &value in &item.cost {
                not_negative(|| format!("a cost of item {at}"), value)?;
            }
        }
        let named = |what: &str, item: usize| {
            let items = self.items.len();
            let what = what.to_owned();
            if item < items {
                Ok(())
            } else {
                Err(BadChoice::Unknown { what, item, items })
            }
        };
        for (what, pairs) in [("an exclusion", &self.exclusions), ("a need", &self.needs)] {
            for &(a, b) in pairs {
                named(what, a)?;
                named(what, b)?;
                if a == b {
                    let what = what.to_owned();
                    return Err(BadChoice::Itself { what, item: a });
                }
            }
        }
        let members = self
            .groups
            .iter()
            .flat_map(|g| g.members.iter().map(|m| m.0));
        members.into_iter().try_for_each(|i| named("a group", i))?;
        self.mandatory
            .iter()
            .try_for_each(|&i| named("a mandatory mark", i))?;
        self.forbidden
            .iter()
            .try_for_each(|&i| named("a forbidden mark", i))
    }

    /// Largest unit in which all costs are whole.
    pub(crate) fn unit(&self) -> i64 {
        let costs = self.items.iter().flat_map(|i| i.cost.iter().copied());
        costs.fold(0, gcd).max(1)
    }

    /// Whether a rising list of items keeps every rule; `begun` leaves out what a later item may still bring (mandatory items,
    /// needs, floors).
    #[must_use]
    pub fn keeps(&self, chosen: &[usize], begun: bool) -> bool {
        let has = |i: &usize| chosen.contains(i);
        let spent = self.spending(chosen);
        let classes: BTreeSet<usize> = chosen.iter().map(|&i| self.items[i].class).collect();
        let sum = |group: &Group| -> i64 {
            let members = group.members.iter().filter(|m| has(&m.0));
            members.map(|m| m.1).sum()
        };
        let caps = |g: &Group| g.cap.is_none_or(|cap| sum(g) <= cap);
        let floors = |g: &Group| g.floor.is_none_or(|floor| sum(g) >= floor);
        classes.len() == chosen.len()
            && spent.iter().zip(&self.budgets).all(|(s, b)| s <= b)
            && self.exclusions.iter().all(|(a, b)| !(has(a) && has(b)))
            && !self.forbidden.iter().any(has)
            && self.groups.iter().all(caps)
            && (begun
                || (self.needs.iter().all(|(a, b)| !has(a) || has(b))
                    && self.mandatory.iter().all(has)
                    && self.groups.iter().all(floors)))
    }

    /// Spending of a list of items on each budget.
    #[must_use]
    pub fn spending(&self, chosen: &[usize]) -> Vec<i64> {
        let budget = |at: usize| chosen.iter().map(|&i| self.items[i].cost[at]).sum();
        (0..self.budgets.len()).map(budget).collect()
    }
}

fn not_negative(what: impl Fn() -> String, value: i64) -> Result<(), BadChoice> {
    if value < 0 {
        Err(BadChoice::Negative {
            what: what(),
            value,
        })
    } else {
        Ok(())
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
