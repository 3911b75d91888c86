//! How did each group of sites that started together move against sites not (yet) treated, month by month?
//!
//! Group-time average effects without covariates (Callaway, Sant'Anna 2021) on any outcome by site and period, with
//! errors from influence functions, and their averages by time since the start and by group.

/// Which sites a group is compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Controls {
    /// Sites that are never treated within the data.
    #[default]
    Never,
    /// Those and the sites not yet treated at either end of the comparison.
    NotYet,
}

/// Outcomes by site and period.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    /// One list per site, one value per period; all finite.
    pub y: Vec<Vec<f64>>,
    /// First treated period of each site, 0 for never.
    pub first: Vec<i64>,
    /// The periods, rising.
    pub periods: Vec<i64>,
    /// Whom to compare with.
    pub controls: Controls,
    /// Periods before the start in which an effect may already show.
    pub anticipation: i64,
    /// Periods whose mean is the base of the periods from the start on: 1 for the plain method, more where one period of few
    /// counts would carry the whole comparison. Fewer are taken where the data begin later.
    pub base_periods: usize,
}

/// One estimate with its influence on each site.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Estimate.
    pub att: f64,
    /// Standard error.
    pub se: f64,
    influence: Vec<f64>,
}

/// The effect of group `g` in period `t`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// First treated period of the group.
    pub g: i64,
    /// Period.
    pub t: i64,
    /// The effect.
    pub effect: Effect,
}

/// All group-time effects and what they are weighted with.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupTime {
    /// Effects, by group, then period.
    pub cells: Vec<Cell>,
    /// Groups, rising, with their sites.
    pub groups: Vec<(i64, usize)>,
    /// Sites left out because they were treated from the first period on.
    pub always: usize,
    /// Sites that served as never treated.
    pub never: usize,
    first: Vec<i64>,
}

/// Why there are no effects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoEffects {
    /// Lists that do not fit each other.
    #[error(
        "site {site} has {values} values for {periods} periods, or one that is not a number; give a full panel"
    )]
    Uneven {
        /// Which site, from 0.
        site: usize,
        /// How many values it has.
        values: usize,
        /// How many there should be.
        periods: usize,
    },
    /// Sites and starts differ in number, or periods do not rise.
    #[error("starts must be one per site and periods must rise")]
    Shape,
    /// Nobody started within the data.
    #[error("no site starts after the first period; a start needs a period before it")]
    NoGroups,
    /// Nobody to compare with.
    #[error("no site is never treated; compare with the not yet treated")]
    NoControls,
}

impl Outcomes {
    /// All group-time effects: base period before the start for `t >= g`, the period before `t` otherwise.
    ///
    /// Cells without any control are left out. O(groups × periods × sites).
    pub fn effects(&self) -> Result<GroupTime, NoEffects> {
        self.check()?;
        let (start, end) = (self.periods[0], self.periods[self.periods.len() - 1]);
        let kept: Vec<usize> = (0..self.y.len())
            .filter(|i| self.first[*i] == 0 || self.first[*i] > start)
            .collect();
        // Treated only after the data end is never treated within them.
        let seen = |i: &usize| {
            if self.first[*i] > end {
                0
            } else {
                self.first[*i]
            }
        };
        let first: Vec<i64> = kept.iter().map(seen).collect();
        let mut groups: Vec<i64> = first.iter().copied().filter(|g| *g != 0).collect();
        groups.sort_unstable();
        groups.dedup();
        if groups.is_empty() {
            return Err(NoEffects::NoGroups);
        }
        let never = first.iter().filter(|g| **g == 0).count();
        if self.controls == Controls::Never && never == 0 {
            return Err(NoEffects::NoControls);
        }
        let mut cells = Vec::new();
        for &g in &groups {
            for at in 1..self.periods.len() {
                let Some(base) = self.base(g, at) else {
                    continue;
                };
                let change = |i: usize| self.change(&self.y[kept[i]], (g, at, base));
                if let Some(effect) = self.cell(&first, (g, at, base), &change) {
                    let t = self.periods[at];
                    cells.push(Cell { g, t, effect });
                }
            }
        }
        let size = |g: &i64| (*g, first.iter().filter(|f| *f == g).count());
        Ok(GroupTime {
            cells,
            groups: groups.iter().map(size).collect(),
            always: self.y.len() - kept.len(),
            never,
            first,
        })
    }

    /// Mean change of each treated site from its base period to the periods from its start on; `None` for untreated sites and for
    /// those without a base or a period after it.
    #[must_use]
    pub fn changes(&self) -> Vec<Option<f64>> {
        let change = |(y, g): (&Vec<f64>, &i64)| {
            let started = (0..self.periods.len()).filter(|at| *g > 0 && self.periods[*at] >= *g);
            let own: Vec<f64> = started
                .filter_map(|at| Some(self.change(y, (*g, at, self.base(*g, at)?))))
                .collect();
            (!own.is_empty()).then(|| own.iter().sum::<f64>() / own.len() as f64)
        };
        self.y.iter().zip(&self.first).map(change).collect()
    }

    /// Change of one site from the base to the period at index `at`: for periods of group `g` from its start on the base is the mean
    /// of the last [`Self::base_periods`] up to `base`.
    fn change(&self, y: &[f64], (g, at, base): (i64, usize, usize)) -> f64 {
        let width = if self.periods[at] < g {
            1
        } else {
            self.base_periods.clamp(1, base + 1)
        };
        let before = &y[base + 1 - width..=base];
        y[at] - before.iter().sum::<f64>() / width as f64
    }

    /// Index of the base period of group `g` for the period at index `at`.
    fn base(&self, g: i64, at: usize) -> Option<usize> {
        if self.periods[at] < g {
            return at.checked_sub(1);
        }
        self.periods.iter().rposition(|t| t + self.anticipation < g)
    }

    fn cell(
        &self,
        first: &[i64],
        (g, at, base): (i64, usize, usize),
        change: &dyn Fn(usize) -> f64,
    ) -> Option<Effect> {
        let latest = self.periods[at.max(base)] + self.anticipation;
        let is_control =
            |f: i64| f == 0 || (self.controls == Controls::NotYet && f > latest && f != g);
        let members = |wanted: &dyn Fn(i64) -> bool| -> Vec<usize> {
            (0..first.len()).filter(|i| wanted(first[*i])).collect()
        };
        let (treated, control) = (members(&|f| f == g), members(&is_control));
        if treated.is_empty() || control.is_empty() {
            return None;
        }
        let mean = |of: &[usize]| of.iter().map(|i| change(*i)).sum::<f64>() / of.len() as f64;
        let (moved, would) = (mean(&treated), mean(&control));
        let n = first.len() as f64;
        let mut influence = vec![0.0; first.len()];
        for &i in &treated {
            influence[i] += n / treated.len() as f64 * (change(i) - moved);
        }
        for &i in &control {
            influence[i] -= n / control.len() as f64 * (change(i) - would);
        }
        Some(Effect::of(moved - would, influence))
    }

    fn check(&self) -> Result<(), NoEffects> {
        let rising = self.periods.windows(2).all(|w| w[0] < w[1]);
        if self.first.len() != self.y.len() || !rising || self.periods.len() < 2 {
            return Err(NoEffects::Shape);
        }
        let periods = self.periods.len();
        let uneven = |row: &Vec<f64>| row.len() != periods || row.iter().any(|v| !v.is_finite());
        self.y.iter().position(uneven).map_or(Ok(()), |site| {
            let values = self.y[site].len();
            Err(NoEffects::Uneven {
                site,
                values,
                periods,
            })
        })
    }
}

impl Effect {
    fn of(att: f64, influence: Vec<f64>) -> Self {
        let n = influence.len() as f64;
        let square: f64 = influence.iter().map(|x| x * x).sum();
        Self {
            att,
            se: (square / n / n).sqrt(),
            influence,
        }
    }

    /// What each site adds to the estimate, times the number of sites: `se² = sum(influence²) / n²`.
    #[must_use]
    pub fn influence(&self) -> &[f64] {
        &self.influence
    }

    /// Weighted sum of effects plus what each site adds through the weights.
    fn mix(parts: &[(&Effect, f64)], extra: &[f64]) -> Self {
        let att = parts.iter().map(|(e, w)| e.att * w).sum();
        let mut influence = extra.to_vec();
        for (effect, weight) in parts {
            for (sum, x) in influence.iter_mut().zip(&effect.influence) {
                *sum += weight * x;
            }
        }
        Self::of(att, influence)
    }
}

impl GroupTime {
    /// Average of cells weighted by the size of their groups, with the influence of those estimated weights.
    fn by_size(&self, cells: &[(i64, &Effect)]) -> Effect {
        let n = self.first.len() as f64;
        let share = |g: i64| self.first.iter().filter(|f| **f == g).count() as f64 / n;
        let shares: Vec<f64> = cells.iter().map(|(g, _)| share(*g)).collect();
        let total: f64 = shares.iter().sum();
        let extra: Vec<f64> = self
            .first
            .iter()
            .map(|f| {
                let off = |(g, p): (&(i64, &Effect), &f64)| f64::from(u8::from(g.0 == *f)) - p;
                let both = cells.iter().zip(&shares);
                let all: f64 = both.clone().map(off).sum();
                both.map(|(cell, p)| {
                    let own = off((cell, p)) / total - all * p / (total * total);
                    own * cell.1.att
                })
                .sum()
            })
            .collect();
        let parts: Vec<(&Effect, f64)> = cells
            .iter()
            .zip(&shares)
            .map(|((_, e), p)| (*e, p / total))
            .collect();
        Effect::mix(&parts, &extra)
    }

    /// Average by periods since the start, rising.
    #[must_use]
    pub fn dynamic(&self) -> Vec<(i64, Effect)> {
        let mut since: Vec<i64> = self.cells.iter().map(|c| c.t - c.g).collect();
        since.sort_unstable();
        since.dedup();
        let average = |e: i64| {
            let cells = self.cells.iter().filter(|c| c.t - c.g == e);
            let cells: Vec<(i64, &Effect)> = cells.map(|c| (c.g, &c.effect)).collect();
            (e, self.by_size(&cells))
        };
        since.into_iter().map(average).collect()
    }

    /// Average of each group over its periods from the start on.
    #[must_use]
    pub fn by_group(&self) -> Vec<(i64, Effect)> {
        let average = |g: &(i64, usize)| {
            let own = self.cells.iter().filter(|c| c.g == g.0 && c.t >= c.g);
            let own: Vec<&Effect> = own.map(|c| &c.effect).collect();
            (!own.is_empty()).then(|| (g.0, self.even(&own)))
        };
        self.groups.iter().filter_map(average).collect()
    }

    /// Average over the times from the start on, each time alike; `None` without any.
    #[must_use]
    pub fn dynamic_overall(&self) -> Option<Effect> {
        let all = self.dynamic();
        let own: Vec<&Effect> = all.iter().filter(|d| d.0 >= 0).map(|d| &d.1).collect();
        (!own.is_empty()).then(|| self.even(&own))
    }

    /// Average over the groups by their size; `None` without any.
    #[must_use]
    pub fn group_overall(&self) -> Option<Effect> {
        let all = self.by_group();
        let cells: Vec<(i64, &Effect)> = all.iter().map(|(g, e)| (*g, e)).collect();
        (!cells.is_empty()).then(|| self.by_size(&cells))
    }

    /// Average by period over the groups that have started, rising.
    #[must_use]
    pub fn by_period(&self) -> Vec<(i64, Effect)> {
        let mut periods: Vec<i64> = self.started().map(|c| c.t).collect();
        periods.sort_unstable();
        periods.dedup();
        let average = |t: i64| {
            let cells = self.started().filter(|c| c.t == t);
            let cells: Vec<(i64, &Effect)> = cells.map(|c| (c.g, &c.effect)).collect();
            (t, self.by_size(&cells))
        };
        periods.into_iter().map(average).collect()
    }

    /// Average over the periods from the first start on, each period alike; `None` without any.
    #[must_use]
    pub fn by_period_overall(&self) -> Option<Effect> {
        let all = self.by_period();
        let own: Vec<&Effect> = all.iter().map(|p| &p.1).collect();
        (!own.is_empty()).then(|| self.even(&own))
    }

    /// Average over all cells from the start on, weighted by the size of their groups; `None` without any.
    #[must_use]
    pub fn simple(&self) -> Option<Effect> {
        let cells: Vec<(i64, &Effect)> = self.started().map(|c| (c.g, &c.effect)).collect();
        (!cells.is_empty()).then(|| self.by_size(&cells))
    }

    fn started(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter().filter(|c| c.t >= c.g)
    }

    fn even(&self, effects: &[&Effect]) -> Effect {
        let weight = 1.0 / effects.len() as f64;
        let parts: Vec<(&Effect, f64)> = effects.iter().map(|e| (*e, weight)).collect();
        Effect::mix(&parts, &vec![0.0; self.first.len()])
    }
}
