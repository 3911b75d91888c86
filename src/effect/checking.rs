//! When can it be judged: the first day on which a halving would show, or the next planned look, or never by this site alone?

use crate::effect::expect::Expectation;
use crate::effect::flag::{Flag, FlagCode};
use crate::effect::forecast::Forecast;
use crate::effect::look::Look;
use crate::effect::panel::Span;
use crate::effect::posterior::trend_rel;
use crate::effect::predictive::{POWER, Predictive, zero_convinces};
use crate::effect::record::Record;
use crate::effect::task::Task;
use crate::effect::verdict::{LEAST_AFTER, Verdict};
use crate::stats::number::whole;

/// Days ahead that are searched.
const HORIZON: i32 = 730;

/// The effect that must be visible on the checking date.
const HALF: f64 = 0.5;

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
        Verdict::TooEarly => {
            let day = judgeable(task, found, record.alpha);
            match (day, after_look) {
                (Some(day), Some(look)) if task.look != Look::Single => Some(day.max(look)),
                // A look that is still to come is named even where no halving could ever show.
                (None, look) if record.has(FlagCode::ShortWindow) => look,
                (day, _) => day,
            }
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
