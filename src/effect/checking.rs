//! When can it be judged: the first day on which a halving would show, or the next planned look, or never by this site alone?

use crate::effect::expect::Expectation;
use crate::effect::flag::{Flag, FlagCode};
use crate::effect::forecast::Forecast;
use crate::effect::look::Look;
use crate::effect::panel::Span;
use crate::effect::posterior::trend_rel;
use crate::effect::predictive::{POWER, Predictive, theta_limit, zero_convinces};
use crate::effect::record::{Outlook, Record};
use crate::effect::task::Task;
use crate::effect::verdict::{LEAST_AFTER, Verdict};
use crate::stats::number::whole;

/// Days ahead that are searched.
const HORIZON: i32 = 730;

/// The effect that must be visible on the checking date.
const HALF: f64 = 0.5;

/// Below this limit of proof, and with a smallest visible ratio below [`NEVER_VISIBLE`] at 365 days, a site alone can never prove it.
const NEVER_LIMIT: f64 = 0.6;

/// See [`NEVER_LIMIT`].
const NEVER_VISIBLE: f64 = 0.4;

/// Writes the next date: the next planned look, and for a verdict that cannot be given yet the day it can.
pub fn next_check(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let panel = &task.prepared.panel;
    let after_look = Look::PLANNED
        .into_iter()
        .filter_map(|look| task.bundle.due(look))
        .find(|day| *day > panel.days);
    let closed = [task.bundle.removed, task.bundle.next]
        .into_iter()
        .flatten()
        .any(|day| day <= panel.days);
    let waits = matches!(record.verdict, Verdict::TooEarly | Verdict::NoEvidence);
    let day = match record.verdict {
        _ if closed => None,
        Verdict::TooEarly if task.look == Look::Single => {
            let day = judgeable(task, found, record.alpha);
            if day.is_none() && record.theta_limit.is_some_and(|t| t < NEVER_LIMIT) {
                record.outlook = Outlook::Never;
            }
            day
        }
        Verdict::TooEarly => {
            let ahead = Ahead::new(task, found);
            let shows = Look::PLANNED.into_iter().find(|look| {
                let due = task.bundle.due(*look).filter(|day| *day > panel.days);
                due.is_some() && ahead.shows_half(*look)
            });
            record.outlook = match shows {
                Some(_) => Outlook::Dated,
                None if ahead.never() => Outlook::Never,
                None => Outlook::Look,
            };
            shows.and_then(|look| task.bundle.due(look)).or(after_look)
        }
        Verdict::NoEvidence if task.look == Look::Single => judgeable(task, found, record.alpha),
        _ => after_look,
    };
    record.next_check = day.map(|d| panel.civil(d).iso());
    if waits && day.is_some() {
        calendar_doubts(task, record);
    }
}

fn calendar_doubts(task: Task<'_>, record: &mut Record) {
    let calendar = &task.prepared.panel.calendar;
    if calendar.assumed_school {
        record.raise(Flag::new(
            FlagCode::AssumedSchool,
            "学校校历为推定：7月5日至8月31日及春节前后各16天放假，请录入教育局校历",
            "the school calendar is assumed: closed 5 July to 31 August and 16 days around lunar new year",
        ));
    }
    let last = task.prepared.panel.days + HORIZON;
    if let Some(day) = calendar
        .uncovered_from
        .filter(|d| *d < task.prepared.panel.civil(last))
    {
        record.raise(Flag::new(
            FlagCode::CalendarBeyond,
            format!(
                "{} 起超出节假日表，按周末和法定假日推算，请补充放假通知",
                day.iso()
            ),
            format!(
                "from {} on the table of holidays ends; weekends and statutory days are used",
                day.iso()
            ),
        ));
    }
}

/// What the windows of the looks to come will hold.
struct Ahead<'a> {
    task: Task<'a>,
    found: &'a Expectation,
    forecast: Forecast<'a>,
}

impl<'a> Ahead<'a> {
    fn new(task: Task<'a>, found: &'a Expectation) -> Self {
        Self {
            task,
            found,
            forecast: Forecast::new(&task.prepared.panel, found.curve_of(task.reference)),
        }
    }

    /// The expectation on the day of a look.
    fn law(&self, look: Look) -> Predictive {
        let panel = &self.task.prepared.panel;
        let curve = &self.task.reference.curve;
        let from = self.task.windows.after.from;
        let until = from + look.days();
        let recent = Span::new(panel.days - 90, panel.days);
        let to_come = f64::from(Span::new(panel.days.max(from), until).len());
        let seen = curve.reference_tickets(Span::new(from, until)) as f64
            + to_come * curve.reference_tickets(recent) as f64 / 90.0;
        let history = curve.reference_tickets(self.task.windows.history);
        let seen = whole(seen.round()).unwrap_or(0);
        Predictive {
            expected: self.found.u * self.forecast.gamma(Span::new(from, until)),
            rel: self.found.rel_history + trend_rel(self.found.psi, seen, history),
            psi: self.found.psi,
        }
    }

    /// Whether a halving would show with power .8 at the level of the look.
    fn shows_half(&self, look: Look) -> bool {
        let law = self.law(look);
        let crit = law.critical(look.alpha());
        crit >= 0 && law.power(crit, HALF) >= POWER
    }

    /// Rule 5.3: after a whole year only a drop of more than 60 % could show, and no wait would prove a ratio of .6.
    fn never(&self) -> bool {
        let law = self.law(Look::Final);
        let visible = law.smallest_effect(law.critical(Look::Final.alpha()));
        visible.is_none_or(|v| v < NEVER_VISIBLE) && theta_limit(law.rel) < NEVER_LIMIT
    }
}

/// First future day on which not even chance would hide a halving; `None` within 730 days.
fn judgeable(task: Task<'_>, found: &Expectation, alpha: f64) -> Option<i32> {
    let panel = &task.prepared.panel;
    let from = task.windows.after.from;
    let forecast = Forecast::new(panel, found.curve_of(task.reference));
    let history = task.reference.curve.reference_tickets(task.windows.history);
    let recent = Span::new(panel.days - 90, panel.days);
    let daily = task.reference.curve.reference_tickets(recent) as f64 / 90.0;
    let mut gamma = forecast.gamma(Span::new(from, panel.days.max(from)));
    let mut tickets = task
        .reference
        .curve
        .reference_tickets(Span::new(from, panel.days)) as f64;
    for day in panel.days.max(from)..panel.days + HORIZON {
        gamma += forecast.day(day);
        tickets += daily;
        let days = day + 1 - from;
        let seen = whole(tickets.round()).unwrap_or(0);
        let law = Predictive {
            expected: found.u * gamma,
            rel: found.rel_history + trend_rel(found.psi, seen, history),
            psi: found.psi,
        };
        if days < LEAST_AFTER || law.expected < zero_convinces(law.rel, alpha) {
            continue;
        }
        let crit = law.critical(alpha);
        // The ratio seen with power .8 is at least a half exactly when a half is seen with power .8.
        if crit >= 0 && law.power(crit, HALF) >= POWER {
            return Some(day + 1);
        }
    }
    None
}
