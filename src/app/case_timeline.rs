//! What happened at the site of a case, day by day: tickets, superior orders, decisions, visits, works, verdicts?

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::app::case_panel::root;
use crate::app::snapshot::Snapshot;
use crate::calendar::{Day, UtcMs};
use crate::case::Case;
use crate::store::case::CaseEvent;
use crate::store::evaluation::Evaluation;
use crate::ticket::Channel;

/// Days before the first decision that are shown.
const BEFORE: i64 = 730;

/// Tickets of one calendar month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MonthCount {
    /// First day.
    pub from: String,
    /// Tickets of the site.
    pub count: usize,
    /// Of them redone at least once.
    pub redone: usize,
}

/// Something on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Civil day.
    pub on: String,
    /// Last day, of what takes time.
    pub until: Option<String>,
    /// order (a ticket of 政务督查网), decision, visit, works, removal, verdict.
    pub lane: &'static str,
    /// What: an act, a verdict, a measure's number, a ticket's number.
    pub what: String,
    /// Words, such as what was seen.
    pub note: String,
}

/// The picture of a case over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// First day shown.
    pub from: String,
    /// Last day shown.
    pub until: String,
    /// Tickets by month.
    pub months: Vec<MonthCount>,
    /// Marks by day.
    pub marks: Vec<Mark>,
}

/// The timeline of a case up to `today`: from two years before the first decision (else before today), or the first ticket.
pub(super) fn timeline(
    snapshot: &Snapshot,
    (case, events): (&Case, &[CaseEvent]),
    judged: &[Evaluation],
    today: Day,
) -> Timeline {
    let decided = case.decided().unwrap_or(today);
    let mut days: Vec<(Day, bool)> = Vec::new();
    let mut marks = works(case);
    let index = &snapshot.index;
    let site = root(snapshot, case.site);
    let from = Day(decided.0 - BEFORE);
    for row in (0..index.len()).filter(|row| index.site(*row) == Some(site)) {
        let day = Day(index.received(row).civil_day());
        if day < from || day > today {
            continue;
        }
        days.push((day, index.redo(row) > 0));
        if index.channel(row) == Channel::Supervision {
            let no = index.ticket(row).0.to_string();
            marks.push(mark(("order", &no), day, None));
        }
    }
    for visit in &case.visits {
        if let Some(day) = visit.on {
            let mut seen = mark(("visit", &visit.by), day, None);
            seen.note.clone_from(&visit.seen);
            marks.push(seen);
        }
    }
    marks.extend(events.iter().filter_map(|e| told(e, case, today)));
    marks.extend(verdicts(judged));
    marks.retain(|m| Day::parse(&m.on).is_some_and(|d| d >= from));
    marks.sort_by(|a, b| (&a.on, a.lane, &a.what).cmp(&(&b.on, b.lane, &b.what)));
    let first = days.iter().map(|d| d.0).min();
    let first = first
        .into_iter()
        .chain(marks.first().and_then(|m| Day::parse(&m.on)))
        .min()
        .unwrap_or(from);
    Timeline {
        from: month_of(first).iso(),
        until: today.iso(),
        months: months(first, today, &days),
        marks,
    }
}

fn mark((lane, what): (&'static str, &str), on: Day, until: Option<Day>) -> Mark {
    Mark {
        on: on.iso(),
        until: until.map(Day::iso),
        lane,
        what: what.to_owned(),
        note: String::new(),
    }
}

/// Works and removals by the dates of the measures.
fn works(case: &Case) -> Vec<Mark> {
    let mut list = Vec::new();
    for work in &case.content.works {
        let n = work.n.to_string();
        if let Some(day) = work.decided {
            list.push(mark(("decision", &n), day, None));
        }
        if let Some(start) = work.works_start.or(work.works_end) {
            list.push(mark(("works", &n), start, work.works_end));
        }
        if let Some(day) = work.removed {
            list.push(mark(("removal", &n), day, None));
        }
    }
    list
}

/// The newest version of every look, on the last day of its window.
fn verdicts(judged: &[Evaluation]) -> Vec<Mark> {
    let mut newest: BTreeMap<(&str, &str), &Evaluation> = BTreeMap::new();
    for e in judged {
        let last = newest
            .entry((e.measures.as_str(), e.look.as_str()))
            .or_insert(e);
        if e.version > last.version {
            *last = e;
        }
    }
    let spoken = |e: &&Evaluation| {
        let body: Value = serde_json::from_str(&e.body).ok()?;
        let until = body["windows"]["after"]["until"].as_str();
        let on = Day::parse(until.or(body["data_until"].as_str())?)?;
        let mut made = mark(("verdict", &e.verdict), on, None);
        made.note.clone_from(&e.look);
        Some(made)
    };
    newest.values().filter_map(spoken).collect()
}

/// The acts of leaders on the day on which they were done; a demo's set day may lie before it.
fn told(event: &CaseEvent, case: &Case, today: Day) -> Option<Mark> {
    let body: Value = serde_json::from_str(&event.body).unwrap_or_default();
    let on = Day(UtcMs(event.at).civil_day()).min(today);
    match event.kind.as_str() {
        // An approval is shown by the day of its decision, which a registered measure brings itself.
        "approve" if case.decided().is_some() => None,
        "approve" | "send_back" | "withdraw" | "close" | "relapse" => {
            let mut made = mark(("decision", &event.kind), on, None);
            let reason = body.get("reason").and_then(Value::as_str);
            reason.unwrap_or_default().clone_into(&mut made.note);
            Some(made)
        }
        _ => None,
    }
}

fn month_of(day: Day) -> Day {
    let (year, month, _) = day.ymd();
    Day::of(year, month, 1).unwrap_or(day)
}

/// Every month from the first to the last, empty ones too.
fn months(first: Day, last: Day, days: &[(Day, bool)]) -> Vec<MonthCount> {
    let mut list = Vec::new();
    let mut at = month_of(first);
    while at <= last {
        let next = month_of(Day(at.0 + 31));
        let inside = || days.iter().filter(|d| d.0 >= at && d.0 < next);
        list.push(MonthCount {
            from: at.iso(),
            count: inside().count(),
            redone: inside().filter(|d| d.1).count(),
        });
        at = next;
    }
    list
}
