//! Which measures are judged together, and on which days before and after?
//!
//! Measures of one site that are decided before the after window of an earlier one begins are one bundle. A later
//! decision ends the after window; the history of a later bundle begins when the earlier one had settled.

use crate::effect::look::Look;
use crate::effect::panel::{Panel, Span};
use crate::effect::settings::Settings;

/// Measures of one site that are judged together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Index of the site.
    pub site: usize,
    /// Indices of the measures, by decision and name.
    pub members: Vec<usize>,
    /// Type: the types of the members in alphabetical order, joined by `+`.
    pub measure: String,
    /// First decision.
    pub decision: i32,
    /// First day of works.
    pub install_start: Option<i32>,
    /// Last day of works; `None` while one member is not installed.
    pub install_end: Option<i32>,
    /// Day of the first removal.
    pub removed: Option<i32>,
    /// Days of settling.
    pub settle: i32,
    /// Decision of the next bundle at the site.
    pub next: Option<i32>,
    /// First day on which the bundle before had settled.
    pub previous: Option<i32>,
    /// Whether dates contradict each other.
    pub bad_dates: bool,
}

/// Windows of a bundle at a look, gaps not yet taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Windows {
    /// History.
    pub history: Span,
    /// Announcement, works, settling.
    pub gap: Span,
    /// After window.
    pub after: Span,
}

impl Bundle {
    /// First day that counts; `None` while not installed.
    #[must_use]
    pub fn after_from(&self) -> Option<i32> {
        Some(self.install_end? + self.settle)
    }

    /// The day on which a look falls due; `None` while not installed.
    #[must_use]
    pub fn due(&self, look: Look) -> Option<i32> {
        Some(self.after_from()? + look.days())
    }

    /// The latest planned look whose day has come with `days` days of data.
    #[must_use]
    pub fn latest_look(&self, days: i32) -> Option<Look> {
        let due = |look: &Look| self.due(*look).is_some_and(|day| day <= days);
        Look::PLANNED.into_iter().rev().find(due)
    }

    /// The windows at a look; `None` while not installed.
    #[must_use]
    pub fn windows(&self, panel: &Panel, settings: &Settings, look: Look) -> Option<Windows> {
        let from = self.after_from()?;
        let start = panel.sites.get(self.site).map_or(0, |s| s.start);
        let oldest = start
            .max(0)
            .max(self.decision.saturating_sub(settings.history_days))
            .max(self.previous.unwrap_or(0));
        let ends = [
            Some(from + look.days()),
            Some(panel.days),
            self.removed,
            self.next,
        ];
        let until = ends.into_iter().flatten().min().unwrap_or(from);
        Some(Windows {
            history: Span::new(oldest, self.decision.min(panel.days)),
            gap: Span::new(self.decision, from),
            after: Span::new(from, until.max(from)),
        })
    }
}

/// The measures of each site, by day of decision and name.
#[must_use]
pub fn by_site(panel: &Panel) -> Vec<Vec<usize>> {
    let mut measures = vec![Vec::new(); panel.sites.len()];
    for (at, t) in panel.treatments.iter().enumerate() {
        if let Some(list) = measures.get_mut(t.site) {
            list.push(at);
        }
    }
    for list in &mut measures {
        list.sort_by_key(|at: &usize| (panel.treatments[*at].decision, &panel.treatments[*at].id));
    }
    measures
}

/// Bundles of all sites, by site and first decision.
#[must_use]
pub fn bundles(panel: &Panel, settings: &Settings, measures: &[Vec<usize>]) -> Vec<Bundle> {
    let mut all = Vec::new();
    for (site, list) in measures.iter().enumerate() {
        let mut of_site: Vec<Bundle> = Vec::new();
        for at in list {
            let single = one(panel, settings, (site, *at));
            match of_site.last_mut() {
                Some(last) if joins(last, &single) => join(last, &single),
                _ => of_site.push(single),
            }
        }
        for at in 0..of_site.len() {
            of_site[at].next = of_site.get(at + 1).map(|b| b.decision);
            // An earlier measure that was never finished changes nothing about the history.
            let before = of_site.get(..at).unwrap_or_default();
            of_site[at].previous = before.iter().filter_map(Bundle::after_from).max();
        }
        all.append(&mut of_site);
    }
    all
}

fn one(panel: &Panel, settings: &Settings, (site, at): (usize, usize)) -> Bundle {
    let t = &panel.treatments[at];
    let installed = t.install_end.filter(|end| *end < panel.days);
    let start = t.install_start.or(t.install_end);
    let bad_dates = matches!((t.install_start, t.install_end), (Some(a), Some(b)) if b < a)
        || start.is_some_and(|s| s < t.decision)
        || matches!((t.install_end, t.removed), (Some(a), Some(b)) if b < a);
    Bundle {
        site,
        members: vec![at],
        measure: t.measure.clone(),
        decision: t.decision,
        install_start: start,
        install_end: installed.filter(|_| !bad_dates),
        removed: t.removed,
        settle: t.settle.unwrap_or_else(|| settings.settle_of(&t.measure)),
        next: None,
        previous: None,
        bad_dates,
    }
}

fn joins(first: &Bundle, second: &Bundle) -> bool {
    first.decision == second.decision
        || first
            .after_from()
            .is_some_and(|from| second.decision < from)
}

fn join(first: &mut Bundle, second: &Bundle) {
    first.members.extend(&second.members);
    let mut kinds: Vec<&str> = first
        .measure
        .split('+')
        .chain(second.measure.split('+'))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    first.measure = kinds.join("+");
    first.install_start = first
        .install_start
        .into_iter()
        .chain(second.install_start)
        .min();
    first.install_end = match (first.install_end, second.install_end) {
        (Some(a), Some(b)) => Some(a.max(b)),
        _ => None,
    };
    first.removed = first.removed.into_iter().chain(second.removed).min();
    first.settle = first.settle.max(second.settle);
    first.bad_dates |= second.bad_dates;
}
