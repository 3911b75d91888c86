//! Which days tell nothing, because data were missing: the panel's own gaps, days on which a channel fell silent, days before the data?

use std::collections::BTreeMap;

use crate::effect::panel::{Event, Panel, Span};

/// Least days of silence.
const SILENT_DAYS: usize = 7;

/// Most days of silence: a channel that is gone for longer was closed, not interrupted, and the reference of the same days sees it.
const GONE_DAYS: usize = 90;

/// Tickets a channel must have been expected to bring in the silence, so that chance is no explanation.
const LEAST_MISSING: f64 = 20.0;

/// Days of a week.
const WEEK: usize = 7;

/// Weeks on either side of a silence in which the channel must have been at work.
const SIDE_WEEKS: usize = 4;

/// Days on which a channel that reports in the weeks before and after brought nothing for a week or more while others reported.
///
/// A silence counts when at the lower of the rates on both sides the channel would have brought 20 tickets, and when it was
/// heard in at least three of the four weeks on each side: a ticket long ago or a burst of one day makes no channel. More
/// than 90 days are no silence but a channel that was not there. O(tickets + channels × days).
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
    let mut found = Vec::new();
    for pair in live.windows(2) {
        let (a, b) = (pair[0] + 1, pair[1]);
        let length = b - a;
        if !(SILENT_DAYS..=GONE_DAYS).contains(&length) {
            continue;
        }
        let before: Vec<u32> = counts[..a]
            .rchunks_exact(WEEK)
            .map(sum)
            .take(SIDE_WEEKS)
            .collect();
        let after: Vec<u32> = counts[b..]
            .chunks_exact(WEEK)
            .map(sum)
            .take(SIDE_WEEKS)
            .collect();
        let rate = usual(&before).min(usual(&after));
        let others: u32 = total[a..b].iter().sum();
        if rate * length as f64 >= LEAST_MISSING && others > 0 {
            let day = |d: usize| i32::try_from(d).unwrap_or(i32::MAX);
            found.push(Span::new(day(a), day(b)));
        }
    }
    found
}

fn sum(week: &[u32]) -> u32 {
    week.iter().sum()
}

/// Tickets a day over some weeks; 0 when the channel was not heard in three of four of them.
fn usual(weeks: &[u32]) -> f64 {
    let heard = weeks.iter().filter(|n| **n > 0).count();
    if weeks.is_empty() || 4 * heard < 3 * weeks.len() {
        return 0.0;
    }
    f64::from(weeks.iter().sum::<u32>()) / (weeks.len() * WEEK) as f64
}

/// Days of a block when the beginning of steady data is looked for.
const BLOCK: usize = 28;

/// Blocks in a row that must bring tickets.
const STEADY_BLOCKS: usize = 4;

/// Share of the usual block that counts as tickets coming in at all.
const STEADY_SHARE: f64 = 0.1;

/// The first day on which tickets come in steadily: from then on four blocks of 28 days each hold a tenth of the usual block.
///
/// A ticket dated decades too early, or a handful of trial entries, so never stretches the data. `counts` are the tickets of
/// the whole city by day; the usual block is the one that the middle ticket lies in. 0 when no such day is found. O(days).
#[must_use]
pub fn steady_from(counts: &[u32]) -> usize {
    let blocks: Vec<u64> = counts
        .chunks(BLOCK)
        .map(|b| b.iter().map(|n| u64::from(*n)).sum())
        .collect();
    let all: u64 = blocks.iter().sum();
    let mut sorted = blocks.clone();
    sorted.sort_unstable();
    let mut seen = 0;
    let usual = sorted
        .into_iter()
        .find(|n| {
            seen += n;
            2 * seen >= all
        })
        .unwrap_or(0);
    let least = (STEADY_SHARE * usual as f64).max(1.0);
    // The last block may be a day old: it says nothing.
    let whole = counts.len() / BLOCK;
    let steady = |from: usize| {
        let until = (from + STEADY_BLOCKS).min(whole.max(from + 1));
        blocks[from..until.min(blocks.len())]
            .iter()
            .all(|n| *n as f64 >= least)
    };
    let Some(block) = (0..blocks.len()).find(|b| steady(*b)) else {
        return 0;
    };
    // The block in which it begins may hold empty days first.
    let first = counts[block * BLOCK..].iter().position(|n| *n > 0);
    block * BLOCK + first.unwrap_or(0)
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
    use super::{days_outside, merged, silent_days, steady_from};
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

    /// The town of [`panel`] over 800 days with a second channel that brings tickets on the days of `heard`.
    fn heard_on(heard: &[(i32, u32)]) -> Panel {
        let mut made = panel(0..0);
        made.days = 800;
        let core = &mut made.sites[0].core;
        core.clear();
        for day in 0..800 {
            core.push(Event {
                channel: 1,
                ..Event::on(day)
            });
        }
        for (day, n) in heard {
            let late = Event {
                channel: 7,
                ..Event::on(*day)
            };
            core.extend((0..*n).map(|_| late));
        }
        made
    }

    #[test]
    fn one_early_ticket_of_a_channel_makes_no_silence() {
        // One walk-in ticket in the first month and 28 two years later: the channel was not there in between.
        let burst: Vec<(i32, u32)> = [(10, 1)]
            .into_iter()
            .chain((702..730).map(|d| (d, 1)))
            .collect();
        assert_eq!(silent_days(&heard_on(&burst)), []);
        // The same within the length of an outage: a single early ticket is no rate.
        let near: Vec<(i32, u32)> = [(642, 1)]
            .into_iter()
            .chain((702..730).map(|d| (d, 1)))
            .collect();
        assert_eq!(silent_days(&heard_on(&near)), []);
        // A whole batch entered on one day before and one after is no rate either.
        assert_eq!(silent_days(&heard_on(&[(300, 40), (360, 40)])), []);
    }

    #[test]
    fn a_channel_closed_for_a_season_was_not_there_and_one_out_for_a_month_was_silent() {
        let with = |gone: std::ops::Range<i32>| {
            let days: Vec<(i32, u32)> = (0..800)
                .filter(|d| !gone.contains(d))
                .map(|d| (d, 2))
                .collect();
            silent_days(&heard_on(&days))
        };
        assert_eq!(with(300..400), []);
        assert_eq!(with(300..330), [Span::new(300, 330)]);
    }

    #[test]
    fn steady_data_begin_where_tickets_keep_coming() {
        let mut counts = vec![0; 40_000];
        counts[39_000..].fill(30);
        assert_eq!(steady_from(&counts), 39_000);
        // A ticket of 1924 and some trial entries of the years before change nothing.
        for (day, n) in [(0, 1), (20_000, 3), (38_000, 1), (38_300, 40)] {
            counts[day] = n;
        }
        assert_eq!(steady_from(&counts), 39_000);
        // Slow growth is steady; so is a town with one ticket a fortnight; nothing at all begins at 0.
        let grown: Vec<u32> = (0..1_000).map(|d| 10 + d / 20).collect();
        assert_eq!(steady_from(&grown), 0);
        let few: Vec<u32> = (0..1_000).map(|d| u32::from(d % 14 == 5)).collect();
        assert_eq!(steady_from(&few), 5);
        assert_eq!((steady_from(&[]), steady_from(&[0, 0])), (0, 0));
    }

    #[test]
    fn days_of_overlapping_gaps_count_once() {
        let gaps = merged(&[Span::new(0, 5), Span::new(3, 8), Span::new(8, 8)]);
        assert_eq!(days_outside(Span::new(2, 20), &gaps), 12);
    }
}
