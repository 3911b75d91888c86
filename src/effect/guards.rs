//! What could fool us here: which of the guards of section 10 and 12 stand up, and what do they change?

use std::collections::BTreeMap;

use crate::effect::expect::{Between, Expectation, expectation};
use crate::effect::flag::{Flag, FlagCode};
use crate::effect::gaps::days_outside;
use crate::effect::panel::{Event, Span, within};
use crate::effect::predictive::Predictive;
use crate::effect::prepared::{Untreated, sum_over};
use crate::effect::recency::S2;
use crate::effect::record::{Control, Record, Without};
use crate::effect::ring::{BeforeAfter, other_place};
use crate::effect::task::Task;
use crate::effect::verdict::Verdict;

/// A ratio below this counts as a strong falling back.
const STRONG: f64 = 0.85;
/// Share of one caller that needs a second look.
const CALLER_SHARE: f64 = 0.4;
/// Least tickets of a window for questions about shares.
const LEAST_SHARED: usize = 5;
/// Least tickets of both windows for a shift of channels.
const LEAST_MIXED: usize = 20;

/// Doubts about the data of the windows, before anything is estimated.
pub fn of_data(task: Task<'_>, record: &mut Record) {
    let (prepared, windows) = (task.prepared, task.windows);
    if prepared.contaminated.iter().any(|c| *c) {
        let near = task
            .reference
            .sites
            .iter()
            .filter(|s| prepared.contaminated.get(**s).copied().unwrap_or(false))
            .count();
        if near > 0 {
            record.raise(Flag::new(
                FlagCode::Contaminated,
                format!(
                    "{near} 个参照点位在治理点位 {:.0} 米内，自对方决定之日起移出参照",
                    prepared.settings.contamination_m
                ),
                format!(
                    "{near} reference sites within {:.0} m of a treated one left the reference on its day of decision",
                    prepared.settings.contamination_m
                ),
            ));
        }
    }
    let touched =
        |s: &Span| !s.meet(windows.history).is_empty() || !s.meet(windows.after).is_empty();
    let silent: i32 = prepared
        .silent
        .iter()
        .filter(|s| touched(s))
        .map(|s| s.len())
        .sum();
    let left_out: i32 = [windows.history, windows.after]
        .map(|w| w.len() - days_outside(w, &prepared.panel.gaps))
        .iter()
        .sum();
    if silent > 0 {
        record.raise(Flag::new(
            FlagCode::DataGap,
            format!("有渠道中断上报共 {silent} 天，这些天前后都不计"),
            format!("a channel was silent for {silent} days; they count on neither side"),
        ));
    } else if left_out > 0 {
        record.raise(Flag::new(
            FlagCode::DataGap,
            format!("登记的特殊时段（停报、封路、疫情等）共 {left_out} 天，前后都不计"),
            format!("{left_out} days of registered gaps (outage, road closure, epidemic) count on neither side"),
        ));
    }
    weak_reference(task, record);
}

fn weak_reference(task: Task<'_>, record: &mut Record) {
    let (prepared, windows) = (task.prepared, task.windows);
    let reference = task.reference;
    if reference.pooled || !reference.suffices(&prepared.settings, windows.history, windows.after) {
        record.raise(Flag::new(
            FlagCode::ReferenceWeak,
            format!(
                "同类参照不足（至少 {} 个点位、治理前 {} 件、治理后 {} 件），{}",
                prepared.settings.least_sites,
                prepared.settings.least_before,
                prepared.settings.least_after,
                if reference.pooled { "已合并各类并放宽区间" } else { "合并各类后仍不足" }
            ),
            format!(
                "the reference of this category is below {} sites, {} tickets before or {} after; {}",
                prepared.settings.least_sites,
                prepared.settings.least_before,
                prepared.settings.least_after,
                if reference.pooled { "categories are pooled and the interval widened" } else { "pooling does not help" }
            ),
        ));
    }
}

/// Doubts that follow from the estimate.
pub fn of_result(task: Task<'_>, found: &Expectation, record: &mut Record) {
    if found.expected < 3.0 {
        record.raise(Flag::new(
            FlagCode::FewTickets,
            format!(
                "预计只有 {:.1} 件，单点不足以判断，看同类措施合计",
                found.expected
            ),
            format!(
                "only {:.1} tickets are expected; judge with its type",
                found.expected
            ),
        ));
    }
    let falling = record.waterfall.as_ref().and_then(|w| w.falling_back);
    if let Some(factor) = falling.filter(|f| *f < STRONG) {
        record.raise(Flag::new(
            FlagCode::RtmStrong,
            format!(
                "治理前处于高发期，自然回落约 {:.0}%，不能算作措施的功劳",
                100.0 * (1.0 - factor)
            ),
            format!(
                "picked in a bad spell: {:.0} % would have fallen back by itself",
                100.0 * (1.0 - factor)
            ),
        ));
    }
    if found.psi > 5.0 {
        record.raise(Flag::new(
            FlagCode::Clumped,
            "工单成团程度异常，请检查是否重复导入",
            "tickets clump beyond belief; look for a duplicate import",
        ));
    }
    let most = S2.last().copied().unwrap_or(f64::INFINITY);
    if found.recency.is_some_and(|m| m.s2 >= most) {
        record.raise(Flag::new(
            FlagCode::UnstableSites,
            "这类点位起伏很大，达到模型上限，区间可能偏窄",
            "sites of this category flare up as much as the model allows; the interval may be too narrow",
        ));
    }
    anticipation(task, found, record);
    single_caller(task, found, record);
    channel_shift(task, found, record);
    negative_control(task, found, record);
}

fn anticipation(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let Some(start) = task.bundle.install_start else {
        return;
    };
    let span = Span::new(task.bundle.decision, start);
    let law = Predictive {
        expected: found.u * found.curve_of(task.reference).gamma(span),
        rel: found.rel_history,
        psi: found.psi,
    };
    let y = within(&task.site.core, span).len();
    if law.expected > 0.0 && (y as f64) < 0.6 * law.expected && law.effect(y as u64, 0.05).p < 0.05
    {
        record.raise(Flag::new(
            FlagCode::Anticipation,
            format!(
                "开工前已只有 {y} 件（预计 {:.0} 件），效果可能提前出现",
                law.expected
            ),
            format!(
                "only {y} tickets came before works began where {:.0} were expected",
                law.expected
            ),
        ));
    }
}

/// The caller with most tickets of a window and his share; the lower number of two that are equal.
fn loudest(events: &[Event]) -> Option<(u32, f64)> {
    if events.len() < LEAST_SHARED {
        return None;
    }
    let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
    for e in events.iter().filter(|e| e.caller != 0) {
        *counts.entry(e.caller).or_default() += 1;
    }
    let (caller, n) = counts
        .into_iter()
        .max_by_key(|(caller, n)| (*n, u32::MAX - caller))?;
    Some((caller, n as f64 / events.len() as f64))
}

fn single_caller(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let windows = task.windows;
    let loud = [windows.history, windows.after]
        .into_iter()
        .filter_map(|span| loudest(within(&task.site.core, span)))
        .find(|(_, share)| *share > CALLER_SHARE);
    let Some((caller, share)) = loud else {
        return;
    };
    let kept: Vec<Event> = task
        .site
        .core
        .iter()
        .filter(|e| e.caller != caller)
        .copied()
        .collect();
    let between = Between {
        history: windows.history,
        after: windows.after,
    };
    let Some(rerun) = expectation(task.reference, &kept, between).filter(|e| e.expected > 0.0)
    else {
        return;
    };
    let y = within(&kept, windows.after).len() as u64;
    let effect = rerun.law().effect(y, record.alpha);
    record.raise(Flag::new(
        FlagCode::SingleCaller,
        format!(
            "一位诉求人占 {:.0}%，已给出去掉其工单后的结果",
            100.0 * share
        ),
        format!(
            "one caller sends {:.0} % of the tickets; the result without him is beside",
            100.0 * share
        ),
    ));
    record.without.push(Without {
        what: "caller".to_owned(),
        y,
        expected: rerun.expected,
        theta: effect.theta,
        lo: effect.lo,
        hi: Some(effect.hi).filter(|h| h.is_finite()),
    });
    let _ = found;
}

/// Shares by channel of a window.
fn shares(events: &[Event]) -> BTreeMap<u16, f64> {
    let mut counts: BTreeMap<u16, f64> = BTreeMap::new();
    for e in events.iter().filter(|e| e.channel != 0) {
        *counts.entry(e.channel).or_default() += 1.0;
    }
    let n: f64 = counts.values().sum();
    for c in counts.values_mut() {
        *c /= n.max(1.0);
    }
    counts
}

fn channel_shift(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let windows = task.windows;
    let (before, after) = (
        within(&task.site.core, windows.history),
        within(&task.site.core, windows.after),
    );
    if before.len() < LEAST_MIXED || after.len() < LEAST_MIXED {
        return;
    }
    let (old, new) = (shares(before), shares(after));
    let of = |m: &BTreeMap<u16, f64>, c: u16| m.get(&c).copied().unwrap_or(0.0);
    let moved = old
        .keys()
        .chain(new.keys())
        .any(|c| (of(&old, *c) - of(&new, *c)).abs() > 0.10);
    if !moved {
        return;
    }
    let lasting = |e: &&Event| old.contains_key(&e.channel) && new.contains_key(&e.channel);
    let count = |list: &[Event]| list.iter().filter(lasting).count() as u64;
    let untreated = untreated_sites(task);
    let control = |span: Span| {
        untreated
            .iter()
            .map(|s| count(within(&task.prepared.panel.sites[*s].core, span)))
            .sum()
    };
    let counts = BeforeAfter {
        before: count(before),
        after: count(after),
        control_before: control(windows.history),
        control_after: control(windows.after),
    };
    record.raise(Flag::new(
        FlagCode::ChannelShift,
        "渠道构成变化超过 10 个百分点，已给出只用前后都有的渠道的结果",
        "the mix of channels moved by more than ten points; the result on lasting channels is beside",
    ));
    if let Some(ring) = other_place(counts, found.psi, record.alpha) {
        record.without.push(Without {
            what: "channel".to_owned(),
            y: ring.y,
            expected: ring.expected,
            theta: ring.theta,
            lo: ring.lo,
            hi: ring.hi,
        });
    }
}

/// Sites of the category that are untreated to the end of the data.
pub(crate) fn untreated_sites(task: Task<'_>) -> Vec<usize> {
    let prepared = task.prepared;
    let own = prepared.references.get(&task.site.category);
    let sites = own.map(|r| r.sites.as_slice()).unwrap_or_default();
    let left = |s: &&usize| {
        prepared
            .stops
            .get(**s)
            .is_some_and(|d| *d >= prepared.panel.days)
    };
    sites.iter().filter(left).copied().collect()
}

/// Tickets of other categories, which the measure must not touch.
fn negative_control(task: Task<'_>, found: &Expectation, record: &mut Record) {
    let windows = task.windows;
    if task.site.other.is_empty() || windows.after.is_empty() {
        return;
    }
    let other = |u: &Untreated, span: Span| sum_over(&u.other, span);
    let Some(untreated) = task.prepared.untreated.get(&task.site.category) else {
        return;
    };
    let counts = BeforeAfter {
        before: within(&task.site.other, windows.history).len() as u64,
        after: within(&task.site.other, windows.after).len() as u64,
        control_before: other(untreated, windows.history),
        control_after: other(untreated, windows.after),
    };
    let Some(ring) = other_place(counts, found.psi, 0.05) else {
        return;
    };
    let theta = ring.theta.max(0.5 / ring.expected);
    let adjusted = Predictive {
        expected: found.expected * theta,
        rel: found.rel + ring.rel + found.psi / (ring.y as f64).max(1.0),
        psi: found.psi,
    };
    let effect = adjusted.effect(record.y, record.alpha);
    let outside = ring.lo > 1.0 || ring.hi.is_some_and(|h| h < 1.0);
    if outside || (theta.ln().abs() > 0.3 && ring.expected >= 10.0) {
        record.raise(Flag::new(
            FlagCode::ReportingShift,
            format!(
                "周边其他类工单也变了（预计 {:.0} 件，实际 {} 件），上报本身可能有变化，已给出校正结果",
                ring.expected, ring.y
            ),
            format!(
                "tickets of other kinds changed too ({:.0} expected, {} came): reporting itself may have moved; an adjusted figure is beside",
                ring.expected, ring.y
            ),
        ));
    }
    record.control = Some(Control {
        y: ring.y,
        expected: ring.expected,
        rel: ring.rel,
        theta: ring.theta,
        lo: ring.lo,
        hi: ring.hi,
        adjusted: record.theta.unwrap_or(0.0) / theta,
        adjusted_lo: effect.lo,
        adjusted_hi: Some(effect.hi).filter(|h| h.is_finite()),
    });
}

/// Another measure ends the after window.
pub fn next_measure(task: Task<'_>, record: &mut Record) {
    let day = task.bundle.next.unwrap_or(task.windows.after.until);
    let day = task.prepared.panel.civil(day).iso();
    record.raise(Flag::new(
        FlagCode::Overlap,
        format!("{day} 又决定了另一项措施，只评到这一天"),
        format!("another measure was decided on {day}; judged up to that day"),
    ));
}

/// The look's day has not come.
pub fn not_due(task: Task<'_>, record: &mut Record) {
    let panel = &task.prepared.panel;
    let Some(due) = task.bundle.due(task.look) else {
        return;
    };
    record.raise(Flag::new(
        FlagCode::ShortWindow,
        format!(
            "本次评估日为 {}，数据只到 {}",
            panel.civil(due).iso(),
            record.data_until
        ),
        format!(
            "this look falls due on {}; data end on {}",
            panel.civil(due).iso(),
            record.data_until
        ),
    ));
}

/// What ring and negative control change about a verdict.
pub fn of_verdict(record: &mut Record) {
    let shift = record
        .flags
        .iter()
        .any(|f| f.code == FlagCode::ReportingShift);
    if let Some(control) = record.control.as_ref().filter(|_| shift) {
        let holds = match record.verdict {
            Verdict::Works => control.adjusted_hi.is_some_and(|h| h < 1.0),
            Verdict::Worse => control.adjusted_lo > 1.0,
            _ => true,
        };
        if !holds {
            record.verdict = Verdict::NoEvidence;
        }
    }
    let improved = record.net.as_ref().map(|n| n.avoided_core > 0.0);
    let Some(ring) = record.ring.clone() else {
        return;
    };
    if improved == Some(false) {
        record.raise(Flag::new(
            FlagCode::Phantom,
            "点位本身没有改善，不谈转移",
            "the core did not improve: nothing is said about the ring",
        ));
    } else if record.verdict == Verdict::Works && ring.lo > 1.0 {
        record.raise(Flag::new(
            FlagCode::Displaced,
            format!("周边预计 {:.0} 件，实际 {} 件", ring.expected, ring.y),
            format!(
                "{:.0} were expected around it, {} came",
                ring.expected, ring.y
            ),
        ));
    } else if record.verdict == Verdict::Works && ring.hi.is_some_and(|h| h < 1.0) {
        record.raise(Flag::new(
            FlagCode::SpreadOfBenefit,
            format!(
                "周边也减少：预计 {:.0} 件，实际 {} 件",
                ring.expected, ring.y
            ),
            format!(
                "the ring improved too: {:.0} expected, {} came",
                ring.expected, ring.y
            ),
        ));
    }
}
