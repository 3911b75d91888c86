//! How well does the office handle its tickets: rates with numerator and denominator, handling times, score and rank?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::UtcMs;
use crate::ticket::event::{Ended, Event, Remark, Story, Verdict, Visit};

/// What an indicator needs to know of a ticket besides its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Channel.
    pub channel: String,
    /// 性质; 表扬 is not a demand and counts apart.
    pub nature: String,
    /// Tier.
    pub tier: String,
    /// 紧急程度.
    pub urgency: String,
    /// First unit.
    pub unit: String,
    /// Arrival.
    pub received_at: UtcMs,
    /// Due of round 1.
    pub due_at: Option<UtcMs>,
    /// Not exempt from contact and visit.
    pub contactable: bool,
    /// 直办.
    pub direct: bool,
    /// History.
    pub events: Vec<Event>,
}

/// Which tickets, as of when, by which settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// First instant of arrival.
    pub from: UtcMs,
    /// First instant after the slice.
    pub to: UtcMs,
    /// Later events do not exist.
    pub as_of: UtcMs,
    /// Settings.
    pub settings: Settings,
}

/// Settings of the indicators; every report prints those it used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Handling target in hours (4).
    pub handle_target_h: f64,
    /// Hours to the first contact by urgency.
    pub response_limit_h: BTreeMap<String, f64>,
    /// Weight of 基本满意 (1.0; Beijing practice 0.9).
    pub basic_weight: f64,
    /// Weights and caps of the score.
    pub score: Score,
    /// Units with fewer eligible tickets are listed without rank.
    pub rank_min_n: u64,
}

/// The score of a unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Weight of each rate by name.
    pub weights: BTreeMap<String, f64>,
    /// Points off per upheld complaint.
    pub complaint_penalty: f64,
    /// At most.
    pub complaint_cap: f64,
    /// Points for verified praise.
    pub praise_bonus: f64,
    /// At most.
    pub praise_cap: f64,
}

/// A rate with its parts, in thousandths so that weighted verdicts stay exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Numerator × 1000.
    pub num_milli: u64,
    /// Denominator.
    pub den: u64,
}

impl Rate {
    /// The exact value; `None` without denominator.
    #[must_use]
    pub fn value(&self) -> Option<f64> {
        (self.den > 0).then(|| self.num_milli as f64 / 1000.0 / self.den as f64)
    }

    /// The numerator.
    #[must_use]
    pub fn num(&self) -> f64 {
        self.num_milli as f64 / 1000.0
    }

    /// Percentage from the exact fraction, two decimals, half up; `—` without denominator.
    #[must_use]
    pub fn percent(&self) -> String {
        if self.den == 0 {
            return "—".to_owned();
        }
        // num/den × 10,000 in hundredths of a per cent, rounded half up in whole numbers.
        let hundredths = (self.num_milli * 20 + self.den) / (self.den * 2);
        format!("{}.{:02}%", hundredths / 100, hundredths % 100)
    }

    fn count(&mut self, in_numerator: bool) {
        self.den += 1;
        self.num_milli += if in_numerator { 1000 } else { 0 };
    }
}

/// Names of the rates in the order in which they are printed.
pub const RATES: [&str; 9] = [
    "close_rate",
    "on_time_rate",
    "response_rate",
    "satisfaction_final",
    "satisfaction_first",
    "solved_rate",
    "response_rate_visit",
    "visit_coverage",
    "redo_rate",
];

/// Names of the counts.
pub const COUNTS: [&str; 18] = [
    "received_all",
    "eligible",
    "direct",
    "transfer",
    "rejected",
    "returned",
    "merged",
    "withdrawn",
    "praise_tickets",
    "accounted",
    "closed",
    "open",
    "open_overdue",
    "closed_late_rounds",
    "redo_tickets",
    "redo_rounds",
    "complaints_upheld",
    "praise_verified",
];

/// Handling times in hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Handling {
    /// Tickets with a first close.
    pub n: u64,
    /// Mean of first close − received.
    pub mean_gross_h: Option<f64>,
    /// The same without suspensions.
    pub mean_net_h: Option<f64>,
    /// Median gross.
    pub median_gross_h: Option<f64>,
    /// 90th percentile gross, linear interpolation.
    pub p90_gross_h: Option<f64>,
    /// First close within the target.
    pub within_target: Rate,
    /// Kaplan–Meier median over active tickets, open ones censored; `None` if half were never closed.
    pub km_median_h: Option<f64>,
}

/// The figures of one group of tickets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// By name of [`COUNTS`].
    pub counts: BTreeMap<&'static str, u64>,
    /// By name of [`RATES`].
    pub rates: BTreeMap<&'static str, Rate>,
    /// Handling times.
    pub handling: Handling,
    /// Score, two decimals; `None` without any rate.
    pub score: Option<f64>,
    /// Rank among the units.
    pub rank: Option<u64>,
}

/// The figures of a slice: all tickets, by unit, and tallies of the eligible ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Indicators {
    /// All.
    pub all: Figures,
    /// By unit after the last reassign.
    pub by_unit: BTreeMap<String, Figures>,
    /// Eligible by channel.
    pub by_channel: BTreeMap<String, u64>,
    /// Eligible by tier.
    pub by_tier: BTreeMap<String, u64>,
    /// Eligible by nature.
    pub by_nature: BTreeMap<String, u64>,
}

struct Case<'a> {
    facts: &'a Facts,
    story: Story,
}

impl Case<'_> {
    fn eligible(&self) -> bool {
        self.story.ended.is_none() && self.facts.nature != "表扬"
    }

    fn active(&self) -> bool {
        self.eligible() && !self.story.on_account
    }
}

/// Computes all indicators of a slice (casework reference, sections 8 and 9).
#[must_use]
pub fn compute(tickets: &[Facts], slice: &Slice) -> Indicators {
    let cases: Vec<Case<'_>> = tickets
        .iter()
        .filter(|t| {
            t.received_at >= slice.from && t.received_at < slice.to && t.received_at <= slice.as_of
        })
        .map(|facts| Case {
            facts,
            story: Story::fold(&facts.unit, facts.due_at, &facts.events, slice.as_of),
        })
        .collect();
    let mut units: BTreeMap<String, Vec<&Case<'_>>> = BTreeMap::new();
    for case in &cases {
        units.entry(case.story.unit.clone()).or_default().push(case);
        for remark in &case.story.remarks {
            units.entry(remark.unit.clone()).or_default();
        }
    }
    let remarks = |unit: Option<&str>, praise: bool| {
        let in_slice = |r: &&Remark| {
            r.praise == praise
                && r.at >= slice.from
                && r.at < slice.to
                && unit.is_none_or(|u| r.unit == u)
        };
        cases
            .iter()
            .flat_map(|c| &c.story.remarks)
            .filter(in_slice)
            .count() as u64
    };
    let everyone: Vec<&Case<'_>> = cases.iter().collect();
    let all = figures(
        &everyone,
        slice,
        [remarks(None, false), remarks(None, true)],
    );
    let mut by_unit: BTreeMap<String, Figures> = units
        .iter()
        .map(|(unit, members)| {
            let said = [remarks(Some(unit), false), remarks(Some(unit), true)];
            (unit.clone(), figures(members, slice, said))
        })
        .collect();
    rank(&mut by_unit, slice.settings.rank_min_n);
    let tally = |word: fn(&Facts) -> &str| {
        let mut counts = BTreeMap::new();
        for case in cases.iter().filter(|c| c.eligible()) {
            *counts.entry(word(case.facts).to_owned()).or_insert(0) += 1;
        }
        counts
    };
    Indicators {
        all,
        by_unit,
        by_channel: tally(|f| &f.channel),
        by_tier: tally(|f| &f.tier),
        by_nature: tally(|f| &f.nature),
    }
}

fn figures(cases: &[&Case<'_>], slice: &Slice, [complaints, praise]: [u64; 2]) -> Figures {
    let mut counts = counts(cases, slice);
    counts.insert("complaints_upheld", complaints);
    counts.insert("praise_verified", praise);
    let rates = rates(cases, slice);
    let score = score(&rates, &slice.settings.score, [complaints, praise]);
    Figures {
        counts,
        rates,
        handling: handling(cases, slice),
        score,
        rank: None,
    }
}

fn counts(cases: &[&Case<'_>], slice: &Slice) -> BTreeMap<&'static str, u64> {
    let count =
        |wanted: &dyn Fn(&Case<'_>) -> bool| cases.iter().filter(|c| wanted(c)).count() as u64;
    let ended = |how: Ended| count(&|c| c.story.ended == Some(how));
    let sum = |of: &dyn Fn(&Case<'_>) -> usize| {
        cases
            .iter()
            .filter(|c| c.eligible())
            .map(|c| of(c))
            .sum::<usize>() as u64
    };
    let overdue = |c: &Case<'_>| {
        c.active()
            && !c.story.is_closed()
            && c.story
                .rounds
                .last()
                .is_some_and(|r| r.is_late(slice.as_of))
    };
    let late = |c: &Case<'_>| {
        let closed = c.story.rounds.iter().filter(|r| r.closed.is_some());
        closed.filter(|r| r.is_late(slice.as_of)).count()
    };
    BTreeMap::from([
        ("received_all", cases.len() as u64),
        ("eligible", count(&|c| c.eligible())),
        ("direct", count(&|c| c.eligible() && c.facts.direct)),
        ("transfer", count(&|c| c.eligible() && !c.facts.direct)),
        ("rejected", ended(Ended::Rejected)),
        ("returned", ended(Ended::Returned)),
        ("merged", ended(Ended::Merged)),
        ("withdrawn", ended(Ended::Withdrawn)),
        (
            "praise_tickets",
            count(&|c| c.story.ended.is_none() && c.facts.nature == "表扬"),
        ),
        ("accounted", count(&|c| c.eligible() && c.story.on_account)),
        ("closed", count(&|c| c.active() && c.story.is_closed())),
        ("open", count(&|c| c.active() && !c.story.is_closed())),
        ("open_overdue", count(&overdue)),
        ("closed_late_rounds", sum(&late)),
        (
            "redo_tickets",
            count(&|c| c.eligible() && c.story.rounds.len() > 1),
        ),
        ("redo_rounds", sum(&|c| c.story.rounds.len() - 1)),
    ])
}

fn rates(cases: &[&Case<'_>], slice: &Slice) -> BTreeMap<&'static str, Rate> {
    let mut rates: BTreeMap<&'static str, Rate> =
        RATES.iter().map(|name| (*name, Rate::default())).collect();
    for case in cases.iter().filter(|c| c.eligible()) {
        if case.active() {
            active_rates(case, slice, &mut rates);
        }
        if case.facts.contactable {
            response_rate(case, slice, &mut rates);
        }
        if case.story.first_close().is_some() {
            rates
                .entry("redo_rate")
                .or_default()
                .count(case.story.rounds.len() > 1);
        }
        visit_rates(case, slice.settings.basic_weight, &mut rates);
    }
    rates
}

fn active_rates(case: &Case<'_>, slice: &Slice, rates: &mut BTreeMap<&'static str, Rate>) {
    let closed = case.story.is_closed();
    rates.entry("close_rate").or_default().count(closed);
    let late = case.story.rounds.iter().any(|r| r.is_late(slice.as_of));
    if late || case.story.first_close().is_some() {
        rates.entry("on_time_rate").or_default().count(!late);
    }
    if closed && case.facts.contactable {
        rates
            .entry("visit_coverage")
            .or_default()
            .count(case.story.final_visit().is_some());
    }
}

fn response_rate(case: &Case<'_>, slice: &Slice, rates: &mut BTreeMap<&'static str, Rate>) {
    let limits = &slice.settings.response_limit_h;
    let Some(hours) = limits.get(&case.facts.urgency) else {
        return;
    };
    let due = UtcMs(case.facts.received_at.0 + ms_of(*hours));
    match case.story.reached {
        Some(at) => rates.entry("response_rate").or_default().count(at <= due),
        None if due < slice.as_of => rates.entry("response_rate").or_default().count(false),
        None => {}
    }
}

fn visit_rates(case: &Case<'_>, basic: f64, rates: &mut BTreeMap<&'static str, Rate>) {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a weight lies in 0..=1"
    )]
    let basic_milli = (basic * 1000.0).round() as u64;
    let mut verdict = |name: &'static str, visit: &Visit| {
        let rate = rates.entry(name).or_default();
        rate.den += 1;
        rate.num_milli += match visit.valid() {
            Some(Verdict::Satisfied) => 1000,
            Some(Verdict::Basic) => basic_milli,
            _ => 0,
        };
    };
    if let Some(visit) = case.story.first_visit() {
        verdict("satisfaction_first", visit);
    }
    if let Some(visit) = case.story.final_visit() {
        verdict("satisfaction_final", visit);
        rates.entry("solved_rate").or_default().count(visit.solved);
        rates
            .entry("response_rate_visit")
            .or_default()
            .count(visit.contacted);
    }
}

fn handling(cases: &[&Case<'_>], slice: &Slice) -> Handling {
    let target = ms_of(slice.settings.handle_target_h);
    let mut gross = Vec::new();
    let mut net = Vec::new();
    let mut within_target = Rate::default();
    let mut spans = Vec::new();
    for case in cases.iter().filter(|c| c.eligible()) {
        let received = case.facts.received_at;
        if let Some(close) = case.story.first_close() {
            let span = close.0 - received.0;
            gross.push(hours(span));
            net.push(hours(span - case.story.paused_before(close)));
            within_target.count(span <= target);
        } else if case.active() && slice.as_of.0 - received.0 > target {
            within_target.count(false);
        }
        if case.active() {
            let end = case.story.first_close();
            spans.push((end.unwrap_or(slice.as_of).0 - received.0, end.is_some()));
        }
    }
    gross.sort_by(f64::total_cmp);
    Handling {
        n: gross.len() as u64,
        mean_gross_h: mean(&gross),
        mean_net_h: mean(&net),
        median_gross_h: quantile(&gross, 0.5),
        p90_gross_h: quantile(&gross, 0.9),
        within_target,
        km_median_h: kaplan_meier_median(&mut spans).map(hours),
    }
}

fn ms_of(hours: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "limits are some thousand hours at most"
    )]
    let ms = (hours * 3_600_000.0).round() as i64;
    ms
}

fn hours(ms: i64) -> f64 {
    ms as f64 / 3_600_000.0
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Quantile of sorted values by linear interpolation (type 7 of Hyndman and Fan 1996).
fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = q * last as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 ≤ at ≤ last"
    )]
    let below = at.floor() as usize;
    let low = sorted.get(below)?;
    let high = sorted.get((below + 1).min(last))?;
    Some(low + (high - low) * (at - below as f64))
}

/// The first time at which the product-limit estimate falls to one half or less (Kaplan and Meier 1958).
fn kaplan_meier_median(spans: &mut [(i64, bool)]) -> Option<i64> {
    spans.sort_unstable();
    let mut survival = 1.0;
    let mut at = 0;
    while let Some((time, _)) = spans.get(at).copied() {
        let rest = spans.get(at..).unwrap_or_default();
        let same = rest.iter().take_while(|(t, _)| *t == time);
        let (count, ends) = same.fold((0_usize, 0_usize), |(n, d), (_, ended)| {
            (n + 1, d + usize::from(*ended))
        });
        survival *= 1.0 - ends as f64 / rest.len() as f64;
        // Products of fractions may miss one half by the last bit.
        if ends > 0 && survival <= 0.5 + 1e-12 {
            return Some(time);
        }
        at += count;
    }
    None
}

fn score(
    rates: &BTreeMap<&'static str, Rate>,
    how: &Score,
    [complaints, praise]: [u64; 2],
) -> Option<f64> {
    let mut weighted = 0.0;
    let mut weights = 0.0;
    for (name, weight) in &how.weights {
        if let Some(value) = rates.get(name.as_str()).and_then(Rate::value) {
            weighted += weight * value;
            weights += weight;
        }
    }
    if weights <= 0.0 {
        return None;
    }
    let off = (how.complaint_penalty * complaints as f64).min(how.complaint_cap);
    let on = (how.praise_bonus * praise as f64).min(how.praise_cap);
    let score = 100.0 * weighted / weights - off + on;
    // Half up, with room for the last bits of the sum.
    Some((score * 100.0 + 0.5 + 1e-9).floor() / 100.0)
}

/// Ranks by score: ties share a rank, the next rank skips.
fn rank(units: &mut BTreeMap<String, Figures>, least: u64) {
    let ranked = |f: &Figures| f.counts.get("eligible").is_some_and(|n| *n >= least);
    let scores: Vec<f64> = units
        .values()
        .filter(|f| ranked(f))
        .filter_map(|f| f.score)
        .collect();
    for figures in units.values_mut().filter(|f| ranked(f)) {
        if let Some(score) = figures.score {
            figures.rank = Some(1 + scores.iter().filter(|s| **s > score).count() as u64);
        }
    }
}
