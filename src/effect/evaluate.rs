//! What did one bundle of measures do by one look: the whole chain from windows to a record?
//!
//! The order of rules is that of section 7; every early end still says why and what to do.

use crate::effect::bundle::Bundle;
use crate::effect::expect::{Between, Expectation, expectation, static_expectation};
use crate::effect::flag::{Flag, FlagCode};
use crate::effect::gaps::days_outside;
use crate::effect::guards;
use crate::effect::look::Look;
use crate::effect::panel::{SiteSeries, Span, within};
use crate::effect::predictive::theta_limit;
use crate::effect::prepared::{Prepared, Untreated, sum_over};
use crate::effect::record::{Dates, Record, ReferenceNote, WindowDates};
use crate::effect::ring::{BeforeAfter, net_effect, other_place};
use crate::effect::verdict::{Evidence, LEAST_AFTER, Verdict, judge};
use crate::effect::waterfall::{Drop, split};
use crate::effect::{checking, elsewhere, words};

pub use crate::effect::task::{Task, task};

/// Days of the naive before window.
const NAIVE_DAYS: i32 = 365;

/// Below this expectation a single site is never judged.
const FEW: f64 = 3.0;

/// Evaluates a bundle of [`Prepared::bundles`] at a look; an index without a bundle gives `None`.
///
/// Same inputs give byte-equal records. A look whose day has not come is `too_early` with its date. About 1 ms.
#[must_use]
pub fn evaluate(prepared: &Prepared, bundle: usize, look: Look) -> Option<Record> {
    let bundle = prepared.bundles.get(bundle)?;
    let site = prepared.panel.sites.get(bundle.site)?;
    let mut record = blank(prepared, bundle, site, look);
    dates_of(prepared, bundle, &mut record);
    match task(prepared, bundle, site, look) {
        Some(task) => run(task, &mut record),
        None => not_installed(prepared, bundle, &mut record),
    }
    words::write(&mut record);
    Some(record)
}

fn blank(prepared: &Prepared, bundle: &Bundle, site: &SiteSeries, look: Look) -> Record {
    let panel = &prepared.panel;
    let ids = bundle
        .members
        .iter()
        .filter_map(|m| panel.treatments.get(*m));
    Record {
        site: site.id.clone(),
        category: site.category.clone(),
        measures: ids.map(|t| t.id.clone()).collect(),
        measure: bundle.measure.clone(),
        alpha: look.alpha(),
        interim: look.is_interim(),
        data_until: panel.civil(panel.days - 1).iso(),
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        calendar: panel.calendar.hash.clone(),
        ..Record::empty(look)
    }
}

/// Doubts that follow from the dates alone.
fn dates_of(prepared: &Prepared, bundle: &Bundle, record: &mut Record) {
    let panel = &prepared.panel;
    let members = || {
        bundle
            .members
            .iter()
            .filter_map(|m| panel.treatments.get(*m))
    };
    if bundle.members.len() > 1 {
        record.raise(Flag::new(
            FlagCode::Overlap,
            format!(
                "同一点位 {} 项措施时间重叠，合并为一组评估",
                bundle.members.len()
            ),
            format!(
                "{} measures overlap and are judged as one bundle",
                bundle.members.len()
            ),
        ));
    }
    if members().any(|t| t.backdated) {
        record.raise(Flag::new(
            FlagCode::Backdated,
            "完工日期在首次评估后被修改，新旧结果都保留",
            "the end of works was changed after the first evaluation; both results are kept",
        ));
    }
    if bundle.bad_dates {
        record.raise(Flag::new(
            FlagCode::BadDates,
            "日期矛盾：决定、开工、完工、撤除应依次不早于前一项，请更正",
            "dates contradict each other: decision, start, end and removal must follow in order; correct them",
        ));
    }
    if let Some(day) = bundle.removed.filter(|d| *d < panel.days) {
        record.raise(Flag::new(
            FlagCode::Removed,
            format!("措施已于 {} 撤除，只评到撤除之日", panel.civil(day).iso()),
            format!(
                "removed on {}; judged up to that day",
                panel.civil(day).iso()
            ),
        ));
    }
}

fn not_installed(prepared: &Prepared, bundle: &Bundle, record: &mut Record) {
    record.verdict = Verdict::NotInstalled;
    let panel = &prepared.panel;
    let planned = bundle
        .members
        .iter()
        .filter_map(|m| panel.treatments.get(*m)?.install_end);
    let later = planned.max().filter(|end| *end >= panel.days);
    let (zh, en) = match later {
        Some(end) => {
            let day = panel.civil(end).iso();
            (
                format!("完工日期 {day} 晚于数据截止日，完工后再评"),
                format!("works end on {day}, after the last day of data"),
            )
        }
        None => (
            "没有可用的完工日期，请填写后再评".to_owned(),
            "no usable end of works; enter it".to_owned(),
        ),
    };
    record.raise(Flag::new(FlagCode::NotInstalled, zh, en));
}

fn dates(prepared: &Prepared, span: Span) -> Dates {
    let panel = &prepared.panel;
    Dates {
        from: panel.civil(span.from).iso(),
        until: panel.civil(span.until.max(span.from)).iso(),
        days: days_outside(span, &panel.gaps),
    }
}

fn run(task: Task<'_>, record: &mut Record) {
    let Task {
        prepared, windows, ..
    } = task;
    record.windows = Some(WindowDates {
        history: dates(prepared, windows.history),
        gap: dates(prepared, windows.gap),
        after: dates(prepared, windows.after),
    });
    record.history = within(&task.site.core, windows.history).len() as u64;
    record.y = within(&task.site.core, windows.after).len() as u64;
    let curve = &task.reference.curve;
    record.reference = ReferenceNote {
        sites: task.reference.sites.len(),
        tickets_before: curve.reference_tickets(windows.history),
        tickets_after: curve.reference_tickets(windows.after),
        pooled: task.reference.pooled,
    };
    if task.site.core.is_empty() {
        record.raise(Flag::new(
            FlagCode::NoTickets,
            "该点位从未有过工单，请核对点位与措施的对应",
            "no ticket was ever seen at this site; check that the measure belongs to it",
        ));
    }
    guards::of_data(task, record);
    if let Some(verdict) = refuse_history(task) {
        record.verdict = verdict;
        return;
    }
    let between = Between {
        history: windows.history,
        after: windows.after,
    };
    // An empty after window has no steps to predict: the static form still gives level and checking date.
    let found = if windows.after.is_empty() {
        static_expectation(task.reference, &task.site.core, between)
    } else {
        expectation(task.reference, &task.site.core, between)
    };
    let Some(found) = found else {
        record.verdict = Verdict::TooLittleHistory;
        return;
    };
    figures(task, &found, record);
    places(task, &found, record);
    guards::of_result(task, &found, record);
    decide(task, &found, record);
    checking::next_check(task, &found, record);
}

/// Rules 1 and, for coding and reference, the refusals that stand before it.
fn refuse_history(task: Task<'_>) -> Option<Verdict> {
    let settings = &task.prepared.settings;
    let gaps = &task.prepared.panel.gaps;
    let windows = task.windows;
    let span = Span::new(windows.history.from, windows.after.until);
    let changed = task.prepared.panel.coding_changed;
    if changed.is_some_and(|day| day > span.from && day < span.until) {
        return Some(Verdict::CategoryChange);
    }
    // A site that nobody ever spoke of has no history that a measure could have changed.
    if task.site.core.is_empty()
        || days_outside(windows.history, gaps) < settings.least_history
        || task.reference.curve.gamma(windows.history) <= 0.0
    {
        return Some(Verdict::TooLittleHistory);
    }
    None
}

/// Expectation, interval, what could have been seen, waterfall.
fn figures(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let law = found.law();
    record.expected = Some(found.expected);
    record.rel = Some(found.rel);
    record.psi = Some(found.psi);
    record.u = Some(found.u);
    record.w = Some(found.w);
    record.phi = Some(found.phi);
    record.k = Some(found.recency.map_or(1.0 / found.phi, |m| m.k));
    record.s2 = Some(found.recency.map_or(0.0, |m| m.s2));
    record.rho = found.recency.map(|m| m.rho);
    record.theta_limit = Some(theta_limit(found.rel));
    if found.expected <= 0.0 {
        return;
    }
    let effect = law.effect(record.y, record.alpha);
    record.theta = Some(effect.theta);
    record.lo = Some(effect.lo);
    record.hi = Some(effect.hi).filter(|h| h.is_finite());
    record.p = Some(effect.p);
    let crit = law.critical(record.alpha);
    record.crit = Some(crit);
    record.mde = law.smallest_effect(crit);
    let history = task.windows.history;
    let before = Span::new(history.from.max(history.until - NAIVE_DAYS), history.until);
    let gaps = &task.prepared.panel.gaps;
    let curve = found.curve_of(task.reference);
    record.waterfall = Some(split(Drop {
        before: within(&task.site.core, before).len() as u64,
        days_before: f64::from(days_outside(before, gaps)),
        gamma_before: curve.gamma(before),
        after: record.y,
        days_after: f64::from(days_outside(task.windows.after, gaps)),
        gamma_after: curve.gamma(task.windows.after),
        u: found.u,
    }));
}

/// Control counts of untreated sites over both windows.
fn control(task: Task<'_>, pick: fn(&Untreated) -> &[u64]) -> Option<(u64, u64)> {
    let untreated = task.prepared.untreated.get(&task.site.category)?;
    let sums = pick(untreated);
    Some((
        sum_over(sums, task.windows.history),
        sum_over(sums, task.windows.after),
    ))
}

/// The ring, the total net effect and the window after a removal.
fn places(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let windows = task.windows;
    let any_ring = task.prepared.has_rings;
    if any_ring && !windows.after.is_empty() {
        let ring = control(task, |u| &u.ring).filter(|c| c.0 > 0 && c.1 > 0);
        let control = ring.or_else(|| control(task, |u| &u.core));
        let counts = control.map(|(control_before, control_after)| BeforeAfter {
            before: within(&task.site.ring, windows.history).len() as u64,
            after: within(&task.site.ring, windows.after).len() as u64,
            control_before,
            control_after,
        });
        record.ring = counts.and_then(|c| other_place(c, found.psi, 0.05));
        record.net = record
            .ring
            .as_ref()
            .map(|r| net_effect(found.law(), record.y, r));
    }
    elsewhere::other_hours(task, found, record);
    elsewhere::other_kinds(task, found, record);
    elsewhere::after_removal(task, found, record);
}

/// Rules 2 to 7 and what the negative control takes back.
fn decide(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let panel = &task.prepared.panel;
    let days = days_outside(task.windows.after, &panel.gaps);
    let planned = task.look != Look::Single;
    let due = task.bundle.due(task.look).unwrap_or(i32::MAX);
    let own = Verdict::TooEarly;
    let cut = task
        .bundle
        .next
        .is_some_and(|n| n <= task.windows.after.until && n < panel.days);
    if cut {
        guards::next_measure(task, record);
    }
    record.verdict = if cut && days < LEAST_AFTER {
        Verdict::Overlap
    } else if planned && due > panel.days {
        guards::not_due(task, record);
        own
    } else if !task.reference.suffices(
        &task.prepared.settings,
        task.windows.history,
        task.windows.after,
    ) {
        if days < LEAST_AFTER {
            own
        } else {
            Verdict::WeakReference
        }
    } else if found.expected < FEW {
        own
    } else {
        judge(Evidence {
            after_days: days,
            crit: record.crit.unwrap_or(-1),
            lo: record.lo.unwrap_or(0.0),
            hi: record.hi.unwrap_or(f64::INFINITY),
        })
    };
    guards::of_verdict(record);
}
