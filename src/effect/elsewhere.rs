//! Did the trouble come up elsewhere: at other hours, under other names, or again after the measure was taken away (section 8)?

use std::collections::BTreeSet;

use crate::effect::expect::Expectation;
use crate::effect::guards::untreated_sites;
use crate::effect::panel::{Event, Span, Treatment, within};
use crate::effect::predictive::Predictive;
use crate::effect::record::{Record, Ring};
use crate::effect::ring::{BeforeAfter, other_place};
use crate::effect::task::Task;

/// The rest of the day at a measure that stands at set hours.
pub fn other_hours(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let set: Vec<(u8, u8)> = members(task).flat_map(|t| t.hours.clone()).collect();
    if !set.is_empty() {
        let outside =
            |e: &Event| e.hour < 24 && !set.iter().any(|(a, b)| (*a..*b).contains(&e.hour));
        record.other_hours = elsewhere(task, found, outside);
    }
}

/// Kinds of complaint the measure is not meant for, at the same site.
pub fn other_kinds(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let meant: BTreeSet<u16> = members(task).flat_map(|t| t.kinds.clone()).collect();
    // A measure of which nothing is known is meant for everything.
    if !meant.is_empty() && members(task).all(|t| !t.kinds.is_empty()) {
        record.other_kinds = elsewhere(task, found, |e| e.kind != 0 && !meant.contains(&e.kind));
    }
}

fn members(task: Task<'_>) -> impl Iterator<Item = &Treatment> {
    let all = &task.prepared.panel.treatments;
    task.bundle.members.iter().filter_map(|m| all.get(*m))
}

/// Some of the site's own tickets before and after, against the same ones of untreated sites.
fn elsewhere(task: Task<'_>, found: &Expectation, one: impl Fn(&Event) -> bool) -> Option<Ring> {
    let panel = &task.prepared.panel;
    let (history, after) = (task.windows.history, task.windows.after);
    if after.is_empty() {
        return None;
    }
    let count = |site: usize, span: Span| {
        let core = panel.sites.get(site).map_or(&[][..], |s| &s.core);
        within(core, span).iter().filter(|e| one(e)).count() as u64
    };
    let untreated = untreated_sites(task);
    let control = |span: Span| untreated.iter().map(|s| count(*s, span)).sum();
    let counts = BeforeAfter {
        before: count(task.bundle.site, history),
        after: count(task.bundle.site, after),
        control_before: control(history),
        control_after: control(after),
    };
    other_place(counts, found.psi, 0.05)
}

/// What came back after the measure was taken away.
pub fn after_removal(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let panel = &task.prepared.panel;
    let Some(removed) = task.bundle.removed else {
        return;
    };
    let from = removed + task.bundle.settle;
    let until = (from + 365)
        .min(panel.days)
        .min(task.bundle.next.unwrap_or(i32::MAX));
    let span = Span::new(from, until);
    let expected = found.u * found.curve_of(task.reference).gamma(span);
    if span.len() < 60 || expected <= 0.0 {
        return;
    }
    let law = Predictive {
        expected,
        rel: found.rel,
        psi: found.psi,
    };
    let y = within(&task.site.core, span).len() as u64;
    let effect = law.effect(y, 0.05);
    record.off = Some(Ring {
        y,
        before: record.y,
        expected,
        rel: law.rel,
        theta: y as f64 / expected,
        lo: effect.lo,
        hi: Some(effect.hi).filter(|h| h.is_finite()),
        control: [
            task.reference.curve.reference_tickets(task.windows.after),
            task.reference.curve.reference_tickets(span),
        ],
    });
}
