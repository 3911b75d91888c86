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

/// How many sites with some measures are wanted: at least one per squad area, at most so many signals, works at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupWish {
    /// Its name, unique.
    pub name: String,
    /// Measures that count; empty = all.
    pub measures: Vec<String>,
    /// Sites that count; empty = all.
    pub sites: Vec<String>,
    /// Start year that counts, 1 = the first; none = all.
    pub year: Option<u32>,
    /// At least so many.
    pub floor: Option<i64>,
    /// At most so many.
    pub cap: Option<i64>,
}

/// What is wished for.
///
/// Marks (`mandatory`, `forbidden`, both ends of `prerequisites` and `exclusions`) name an alternative (`site:measure+measure`, in
/// any start year), one of its start years (`…@y2`), a whole site (`site`: any of its alternatives), or, where said, a measure
/// wherever it stands (`*:measure`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wish {
    /// Yuan by department; a department that is not named has nothing to spend.
    pub budgets: BTreeMap<String, i64>,
    /// Yuan by department for each year, the first year first; takes the place of `budgets`. Works are booked whole in the year
    /// they start; what starts later is discounted, and the lead time is taken from the first year of the effect.
    pub years: Vec<BTreeMap<String, i64>>,
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
    /// Marks of what must be taken; `*:measure` asks for it at one site at least.
    pub mandatory: Vec<String>,
    /// Marks of what must not; `*:measure` bars it everywhere.
    pub forbidden: Vec<String>,
    /// Pairs of marks that exclude each other.
    pub exclusions: Vec<[String; 2]>,
    /// `[a, b]`: a only with b, which starts no later; a may be `*:measure`.
    pub prerequisites: Vec<[String; 2]>,
    /// Sums that are wanted.
    pub groups: Vec<GroupWish>,
    /// Whether time of staff costs money; without it patrols and posts are free.
    pub price_staff: bool,
    /// Yuan an hour of a role costs.
    pub staff_hourly: BTreeMap<String, f64>,
    /// Hours a year that one unit of a measure takes, by measure and role; a patrol measure without it costs what the catalogue says.
    pub staff_hours: BTreeMap<String, BTreeMap<String, f64>>,
    /// Whether "bring to standard" is offered at school gates.
    pub standard: bool,
    /// Share of chosen sites that are drawn against an equal site; the one that loses is kept as a control. 0 = no draw.
    pub reserve_controls: f64,
    /// Seed of all draws.
    pub seed: u64,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            budgets: BTreeMap::new(),
            years: Vec::new(),
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
            groups: Vec::new(),
            price_staff: true,
            staff_hourly: [("police", 100.0), ("auxiliary", 32.0), ("volunteer", 0.0)]
                .map(|(role, yuan)| (role.to_owned(), yuan))
                .into(),
            staff_hours: BTreeMap::new(),
            standard: true,
            reserve_controls: 0.2,
            seed: 1,
        }
    }
}

/// Largest budget of a department and year, in yuan: sums of all budgets and twice their money stay exact.
pub const MOST_YUAN: i64 = 1_000_000_000_000;

/// Most draws for the stability.
pub const MOST_DRAWS: u32 = 10_000;

/// Most steps of the solver, some hours of work.
pub const MOST_STEPS: u64 = 1_000_000_000;

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
    #[error(
        "{id} is no site, no alternative and no measure of any site; see the list of alternatives"
    )]
    Unknown {
        /// The name.
        id: String,
    },
    /// The choice itself is wrong.
    #[error("{0}")]
    Choice(#[from] BadChoice),
}

fn bad<T>(name: &'static str, value: String, wanted: &'static str) -> Result<T, BadWish> {
    Err(BadWish::Figure {
        name,
        value,
        wanted,
    })
}

impl Wish {
    /// Checks all figures.
    ///
    /// # Errors
    /// [`BadWish::Figure`] with the first that is out of bounds.
    pub fn check(&self) -> Result<Combine, BadWish> {
        self.check_money()?;
        self.check_groups()?;
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
                return bad(name, value.to_string(), wanted);
            }
        }
        if self.mode == Mode::Net && self.value_per_ticket <= 0.0 {
            return bad(
                "value_per_ticket",
                "0".to_owned(),
                "above 0 in the net mode",
            );
        }
        if !(1..=3).contains(&self.max_bundle) {
            return bad("max_bundle", self.max_bundle.to_string(), "in 1..=3");
        }
        if !(1..=50).contains(&self.max_alternatives) {
            return bad(
                "max_alternatives",
                self.max_alternatives.to_string(),
                "in 1..=50",
            );
        }
        let wanted = "dominant_common_residuals, multiplicative, dominant or additive";
        Combine::named(&self.combine)
            .map_or_else(|| bad("combine", self.combine.clone(), wanted), Ok)
    }

    fn check_money(&self) -> Result<(), BadWish> {
        let purses = self.years.iter().chain([&self.budgets]).flatten();
        if let Some((department, yuan)) =
            purses.into_iter().find(|b| !(0..=MOST_YUAN).contains(b.1))
        {
            let given = format!("{department}={yuan}");
            let wanted = if *yuan < 0 {
                "0 yuan or more for each department"
            } else {
                "at most 1000000000000 yuan for each department"
            };
            return bad("budgets", given, wanted);
        }
        if self.draws > MOST_DRAWS {
            return bad("draws", self.draws.to_string(), "in 0..=10000");
        }
        if self.steps > MOST_STEPS {
            return bad("steps", self.steps.to_string(), "in 0..=1000000000");
        }
        if self.years.len() > 5 {
            return bad("years", self.years.len().to_string(), "at most 5 years");
        }
        if !self.years.is_empty() && !self.budgets.is_empty() {
            return bad(
                "budgets",
                "given beside years".to_owned(),
                "left out when years are given",
            );
        }
        let hours = self.staff_hours.values().flatten();
        let wrong = hours
            .chain(&self.staff_hourly)
            .find(|(_, v)| !(0.0..=100_000.0).contains(*v));
        match wrong {
            Some((role, value)) => bad("staff", format!("{role}={value}"), "in 0..=100000"),
            None => Ok(()),
        }
    }

    fn check_groups(&self) -> Result<(), BadWish> {
        for (at, group) in self.groups.iter().enumerate() {
            if group.name.is_empty() || self.groups[..at].iter().any(|g| g.name == group.name) {
                return bad("groups", format!("{:?}", group.name), "names that differ");
            }
            let below = |bound: Option<i64>| bound.is_some_and(|b| b < 0);
            if below(group.floor) || below(group.cap) || (group.floor, group.cap) == (None, None) {
                return bad(
                    "groups",
                    group.name.clone(),
                    "with a floor or a cap of 0 or more",
                );
            }
            let years = u32::try_from(self.years.len()).unwrap_or(1).max(1);
            if group.year.is_some_and(|y| !(1..=years).contains(&y)) {
                return bad("groups", group.name.clone(), "in a year of the plan");
            }
        }
        Ok(())
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits {
            steps: self.steps,
            gap_ppm: floor_i64(self.gap_limit * 1e6),
        }
    }

    /// Marks that name one alternative, without their start year.
    pub(crate) fn named(&self) -> BTreeSet<String> {
        let pairs = self.exclusions.iter().chain(&self.prerequisites).flatten();
        let marks = self.mandatory.iter().chain(&self.forbidden).chain(pairs);
        marks
            .filter(|m| m.contains(':') && !m.starts_with("*:"))
            .map(|m| m.split("@y").next().unwrap_or(m).to_owned())
            .collect()
    }

    /// Measures that are barred everywhere.
    pub(crate) fn barred(&self) -> BTreeSet<String> {
        let marks = self.forbidden.iter();
        marks
            .filter_map(|m| m.strip_prefix("*:"))
            .map(str::to_owned)
            .collect()
    }
}
