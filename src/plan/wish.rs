//! What is wished for when measures are chosen: budgets, aim, figures of reckoning, marks?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::optim::{BadChoice, Limits};
use crate::plan::benefit::Combine;
use crate::stats::number::floor_i64;

/// What the plan aims at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Multipliers at their median.
    #[default]
    Expected,
    /// Multipliers at the upper end of their 80 % interval: what is promised is likely kept.
    Cautious,
    /// At most `gamma` chosen sites fall to their low benefit.
    Robust,
    /// Value less cost, with a value set for a ticket.
    Net,
}

/// What is wished for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// Yuan by department; a department that is not named has nothing to spend.
    pub budgets: BTreeMap<String, i64>,
    /// What is aimed at.
    pub mode: Mode,
    /// Sites that may fall in the robust mode.
    pub gamma: usize,
    /// Yuan that a prevented weighted ticket is worth; needed by the net mode.
    pub value_per_ticket: f64,
    /// Rule of combining multipliers.
    pub combine: String,
    /// Part of the effect on a side kind, 0 to 1.
    pub side_share: f64,
    /// Spread of true effects between sites.
    pub tau: f64,
    /// Discount rate a year, 0 to 0.5.
    pub rate: f64,
    /// Years looked ahead, 1 to 30.
    pub horizon_years: f64,
    /// Most measures in a bundle, 1 to 3.
    pub max_bundle: usize,
    /// Most alternatives of a site, 1 to 50.
    pub max_alternatives: usize,
    /// Accepted distance from the optimum; 0 asks for a proof.
    pub gap_limit: f64,
    /// Work allowed, in steps of the solver.
    pub steps: u64,
    /// Draws for the stability; 0 leaves it out.
    pub draws: u32,
    /// Whether the frontier is computed.
    pub frontier: bool,
    /// Alternatives that must be taken.
    pub mandatory: Vec<String>,
    /// Alternatives that must not.
    pub forbidden: Vec<String>,
    /// Pairs of alternatives that exclude each other.
    pub exclusions: Vec<[String; 2]>,
    /// `[a, b]`: a only with b.
    pub prerequisites: Vec<[String; 2]>,
    /// Share of chosen sites for which an equal site left out is named as a control.
    pub reserve_controls: f64,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            budgets: BTreeMap::new(),
            mode: Mode::Expected,
            gamma: 2,
            value_per_ticket: 0.0,
            combine: "dominant_common_residuals".to_owned(),
            side_share: 0.5,
            tau: 0.2,
            rate: 0.05,
            horizon_years: 5.0,
            max_bundle: 3,
            max_alternatives: 12,
            gap_limit: 0.0,
            steps: 400_000,
            draws: 100,
            frontier: true,
            mandatory: Vec::new(),
            forbidden: Vec::new(),
            exclusions: Vec::new(),
            prerequisites: Vec::new(),
            reserve_controls: 0.2,
            seed: 1,
        }
    }
}

/// Why a wish cannot be worked on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BadWish {
    /// A figure outside its bounds.
    #[error("{name} is {value}, must be {wanted}")]
    Figure {
        /// Which.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        wanted: &'static str,
    },
    /// A mark names no alternative.
    #[error("{id} is no alternative of any site; see the list of alternatives")]
    Unknown {
        /// The name.
        id: String,
    },
    /// The choice itself is wrong.
    #[error("{0}")]
    Choice(#[from] BadChoice),
}

impl Wish {
    /// Checks all figures.
    ///
    /// # Errors
    /// [`BadWish::Figure`] with the first that is out of bounds.
    pub fn check(&self) -> Result<Combine, BadWish> {
        let figure = |name, value: String, wanted| {
            Err(BadWish::Figure {
                name,
                value,
                wanted,
            })
        };
        if let Some((department, yuan)) = self.budgets.iter().find(|b| *b.1 < 0) {
            return figure(
                "budgets",
                format!("{department}={yuan}"),
                "0 yuan or more for each department",
            );
        }
        for (name, value, low, high, wanted) in [
            ("side_share", self.side_share, 0.0, 1.0, "in 0..=1"),
            ("tau", self.tau, 0.0, 2.0, "in 0..=2"),
            ("rate", self.rate, 0.0, 0.5, "in 0..=0.5"),
            ("horizon_years", self.horizon_years, 1.0, 30.0, "in 1..=30"),
            ("gap_limit", self.gap_limit, 0.0, 1.0, "in 0..=1"),
            (
                "reserve_controls",
                self.reserve_controls,
                0.0,
                1.0,
                "in 0..=1",
            ),
            (
                "value_per_ticket",
                self.value_per_ticket,
                0.0,
                1e7,
                "in 0..=10000000 yuan",
            ),
        ] {
            if !(low..=high).contains(&value) {
                return figure(name, value.to_string(), wanted);
            }
        }
        if self.mode == Mode::Net && self.value_per_ticket <= 0.0 {
            return figure(
                "value_per_ticket",
                "0".to_owned(),
                "above 0 in the net mode",
            );
        }
        if !(1..=3).contains(&self.max_bundle) {
            return figure("max_bundle", self.max_bundle.to_string(), "in 1..=3");
        }
        if !(1..=50).contains(&self.max_alternatives) {
            return figure(
                "max_alternatives",
                self.max_alternatives.to_string(),
                "in 1..=50",
            );
        }
        let wanted = "dominant_common_residuals, multiplicative, dominant or additive";
        Combine::named(&self.combine)
            .map_or_else(|| figure("combine", self.combine.clone(), wanted), Ok)
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            steps: self.steps,
            gap_ppm: floor_i64(self.gap_limit * 1e6),
        }
    }

    pub(crate) fn named(&self) -> BTreeSet<String> {
        let pairs = self.exclusions.iter().chain(&self.prerequisites).flatten();
        self.mandatory
            .iter()
            .chain(&self.forbidden)
            .chain(pairs)
            .cloned()
            .collect()
    }
}
