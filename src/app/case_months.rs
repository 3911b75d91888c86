//! What does the monthly picture of a case show: what was expected without the measure, how far chance reaches, and what came?

use serde::Serialize;

use crate::effect::evaluate::task;
use crate::effect::panel::within;
use crate::effect::predictive::Predictive;
use crate::effect::{Prepared, Record, Span};

/// A month of the picture: expected without the measure with its interval, and what came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Month {
    /// First day.
    from: String,
    /// Days of it.
    days: i32,
    /// before, gap, after.
    part: &'static str,
    /// Tickets.
    y: usize,
    /// Expected at the site's level.
    expected: f64,
    /// 2.5 % point of the count.
    lo: u32,
    /// 97.5 % point of the count.
    hi: u32,
}

/// Days of one step of the picture.
const MONTH: i32 = 30;

/// Twelve steps of 30 days before the decision, the works as one step, and the after window, whose last step has 15 to 44 days.
pub(super) fn months(prepared: &Prepared, bundle: usize, record: &Record) -> Vec<Month> {
    let Some(bundle) = prepared.bundles.get(bundle) else {
        return Vec::new();
    };
    let Some(windows) = bundle.windows(&prepared.panel, &prepared.settings, record.look) else {
        return Vec::new();
    };
    let (Some(u), Some(rel), Some(psi)) = (record.u, record.rel, record.psi) else {
        return Vec::new();
    };
    let site = &prepared.panel.sites[bundle.site];
    let Some(found) = task(prepared, bundle, site, record.look) else {
        return Vec::new();
    };
    // The curve that the level belongs to, so that the steps of the after window add up to the expectation.
    let curve = if record.rho.is_some() {
        &found.reference.plain
    } else {
        &found.reference.curve
    };
    let step = |from: i32, until: i32, part| {
        let span = Span::new(from, until);
        let expected = u * curve.gamma(span);
        let chance = Predictive { expected, rel, psi };
        let [lo, hi] = [0.025, 0.975].map(|p| quantile(&chance, p));
        Month {
            from: prepared.panel.civil(from).iso(),
            days: until - from,
            part,
            y: within(&site.core, span).len(),
            expected: (expected * 1e6).round() / 1e6,
            lo,
            hi,
        }
    };
    let mut list = Vec::new();
    let history = windows.history;
    let back = (history.len() / MONTH).min(12);
    for n in (1..=back).rev() {
        let until = history.until - (n - 1) * MONTH;
        list.push(step(until - MONTH, until, "before"));
    }
    if !windows.gap.is_empty() {
        list.push(step(
            windows.gap.from,
            windows.gap.until.min(prepared.panel.days),
            "gap",
        ));
    }
    let mut from = windows.after.from;
    while from < windows.after.until {
        // A rest of a few days would be drawn as a month of its own and look like a spike: it joins the step before.
        let rest = windows.after.until - from - MONTH;
        let until = if rest < MONTH / 2 {
            windows.after.until
        } else {
            from + MONTH
        };
        list.push(step(from, until, "after"));
        from = until;
    }
    list
}

/// Smallest count whose chance of not being passed reaches `p`.
fn quantile(chance: &Predictive, p: f64) -> u32 {
    let mean = chance.expected;
    let most = 10_000_u32;
    (0..most)
        .find(|x| chance.tails(f64::from(*x), mean).0 >= p)
        .unwrap_or(most)
}
