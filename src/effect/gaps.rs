//! Which days tell nothing, because data were missing: the panel's own gaps and days on which a channel fell silent?

use std::collections::BTreeMap;

use crate::effect::panel::{Event, Panel, Span};

/// Least days of silence.
const SILENT_DAYS: i32 = 7;

/// Tickets a channel must have been expected to bring in the silence, so that chance is no explanation.
const LEAST_MISSING: f64 = 20.0;

/// Days on which a channel that reports before and after brought nothing for a week or more while others reported.
///
/// A silence counts when at its usual rate the channel would have brought 20 tickets. O(tickets + channels × days).
#[must_use]
pub fn silent_days(panel: &Panel) -> Vec<Span> {
    let days = usize::try_from(panel.days).unwrap_or(0);
    let mut by_channel: BTreeMap<u16, Vec<u32>> = BTreeMap::new();
    let mut total = vec![0_u32; days];
    for event in panel.sites.iter().flat_map(|s| &s.core) {
        let Some(day) = usize::try_from(event.day).ok().filter(|d| *d < days) else {
            continue;
        };
        total[day] += 1;
        if event.channel != 0 {
            by_channel
                .entry(event.channel)
                .or_insert_with(|| vec![0; days])[day] += 1;
        }
    }
    let mut found: Vec<Span> = by_channel
        .values()
        .flat_map(|counts| silences(counts, &total))
        .collect();
    found.sort_unstable();
    merged(&found)
}

fn silences(counts: &[u32], total: &[u32]) -> Vec<Span> {
    let live: Vec<usize> = (0..counts.len()).filter(|d| counts[*d] > 0).collect();
    let (Some(first), Some(last)) = (live.first(), live.last()) else {
        return Vec::new();
    };
    let tickets: u32 = counts.iter().sum();
    let mut found = Vec::new();
    for pair in live.windows(2) {
        let (a, b) = (pair[0] + 1, pair[1]);
        let length = b - a;
        if length < SILENT_DAYS.unsigned_abs() as usize {
            continue;
        }
        // The rate without this silence, so that a long outage does not hide itself.
        let rate = f64::from(tickets) / (last + 1 - first - length) as f64;
        let others: u32 = total[a..b].iter().sum();
        if rate * length as f64 >= LEAST_MISSING && others > 0 {
            let day = |d: usize| i32::try_from(d).unwrap_or(i32::MAX);
            found.push(Span::new(day(a), day(b)));
        }
    }
    found
}

/// Spans in order without overlap.
#[must_use]
pub fn merged(sorted: &[Span]) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::new();
    for span in sorted.iter().filter(|s| !s.is_empty()) {
        match out.last_mut() {
            Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
            _ => out.push(*span),
        }
    }
    out
}

/// Takes the days of the gaps out of all series.
pub fn cut_out(panel: &mut Panel, gaps: &[Span]) {
    if gaps.is_empty() {
        return;
    }
    let outside = |e: &Event| !gaps.iter().any(|g| g.holds(e.day));
    for site in &mut panel.sites {
        site.core.retain(outside);
        site.ring.retain(outside);
        site.other.retain(outside);
    }
}

/// Days of a span that are in no gap.
#[must_use]
pub fn days_outside(span: Span, gaps: &[Span]) -> i32 {
    span.len() - gaps.iter().map(|g| g.meet(span).len()).sum::<i32>()
}

#[cfg(test)]
mod tests {
    use super::{days_outside, merged, silent_days};
    use crate::effect::panel::{Event, Panel, SiteSeries, Span};

    fn panel(silent: std::ops::Range<i32>) -> Panel {
        let mut core = Vec::new();
        for day in 0..200 {
            core.push(Event {
                channel: 1,
                ..Event::on(day)
            });
            for _ in 0..4 {
                if !silent.contains(&day) {
                    core.push(Event {
                        channel: 2,
                        ..Event::on(day)
                    });
                }
            }
        }
        Panel {
            days: 200,
            sites: vec![SiteSeries {
                core,
                ..SiteSeries::default()
            }],
            ..Panel::default()
        }
    }

    #[test]
    fn a_week_without_a_busy_channel_is_a_gap() {
        assert_eq!(silent_days(&panel(50..60)), [Span::new(50, 60)]);
        assert_eq!(silent_days(&panel(50..54)), []);
    }

    #[test]
    fn a_channel_that_begins_late_is_not_silent_before() {
        assert_eq!(silent_days(&panel(0..100)), []);
    }

    #[test]
    fn days_of_overlapping_gaps_count_once() {
        let gaps = merged(&[Span::new(0, 5), Span::new(3, 8), Span::new(8, 8)]);
        assert_eq!(days_outside(Span::new(2, 20), &gaps), 12);
    }
}
