//! What do the designs that need many sites say of one type of measure: staggered effects, shift of the mix, event profile?

use serde::Serialize;

use crate::effect::bundle::Bundle;
use crate::effect::designs::event_profile::{Month, Point, SiteMonths, profile};
use crate::effect::designs::group_time::{Controls, Effect, Outcomes};
use crate::effect::designs::mix_shift::{LEAST_TICKETS, Mix, shifts};
use crate::effect::designs::opinions::{MONTH, silent, spoken};
use crate::effect::designs::staggered::LEAST_GROUP;
use crate::effect::look::Look;
use crate::effect::panel::{Event, SiteSeries, Span, within};
use crate::effect::prepared::Prepared;
use crate::effect::record::Opinion;
use crate::effect::task::{Task, task};
use crate::stats::distribution::t_quantile;
use crate::stats::signed_rank::{Law, signed_rank};

/// Days before the decision that are no clean baseline: the bad spell a site is picked for.
const BAD_SPELL: i32 = 182;
/// Months whose mean is the base of staggered differences: one month of a handful of sites holds a dozen tickets, and the six
/// posts of the golden panel came out at .31 for a planted .55 because theirs was a busy one.
const BASE_MONTHS: usize = 6;
/// First month of the picture; months before -6 show whether the reference fits.
const FIRST_MONTH: i32 = -12;
/// Last month of the picture.
const LAST_MONTH: i32 = 12;

/// A month of the picture, ready for a chart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct ProfileMonth {
    /// Months since the works had settled; below 0 before the decision.
    pub e: i32,
    /// Sites in it.
    pub sites: usize,
    /// Tickets.
    pub y: u64,
    /// Expected by the clean baseline.
    pub expected: f64,
    /// Ratio; `None` without expectation.
    pub theta: Option<f64>,
    /// Lower end of the 95 % interval.
    pub lo: f64,
    /// Upper end; `None` when open.
    pub hi: Option<f64>,
}

/// Everything the many-site designs say of a type.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OfType {
    /// Type of measure.
    pub measure: String,
    /// The picture, month by month.
    pub profile: Vec<ProfileMonth>,
    /// Sites left out of the picture for want of clean tickets.
    pub left_out: usize,
    /// Opinions with a ratio or a reason.
    pub opinions: Vec<Opinion>,
}

/// What the designs say of all finished bundles of a type. O(sites · months); 60 sites of 2,000 take about 5 ms.
#[must_use]
pub fn of_type(prepared: &Prepared, measure: &str) -> OfType {
    let tasks: Vec<Task<'_>> = prepared
        .bundles
        .iter()
        .filter(|b| b.measure == measure)
        .filter_map(|b| task(prepared, b, prepared.panel.sites.get(b.site)?, Look::Final))
        .filter(|t| !t.windows.after.is_empty() && !t.windows.history.is_empty())
        .collect();
    let (profile, left_out) = picture(&tasks);
    OfType {
        measure: measure.to_owned(),
        profile,
        left_out,
        opinions: vec![staggered(prepared, &tasks), mix(&tasks)],
    }
}

/// The event profile of a type.
fn picture(tasks: &[Task<'_>]) -> (Vec<ProfileMonth>, usize) {
    let sites: Vec<SiteMonths> = tasks.iter().map(|t| site_months(*t)).collect();
    let n = tasks.len().max(1) as f64;
    let psi = tasks.iter().map(|t| t.reference.psi).sum::<f64>() / n;
    let (points, left_out) = profile(&sites, psi.max(1.0), 0.05);
    let shown = |p: Point| ProfileMonth {
        e: p.e,
        sites: p.sites,
        y: p.y,
        expected: p.expected,
        theta: p.theta,
        lo: p.lo,
        hi: Some(p.hi).filter(|h| h.is_finite()),
    };
    (points.into_iter().map(shown).collect(), left_out)
}

fn site_months(task: Task<'_>) -> SiteMonths {
    let curve = &task.reference.curve;
    let history = task.windows.history;
    let clean = Span::new(history.from, history.until - BAD_SPELL);
    let bundle = task.bundle;
    let ends = [Some(task.prepared.panel.days), bundle.removed, bundle.next];
    let end = ends.into_iter().flatten().min().unwrap_or(0);
    let mut months = Vec::new();
    for e in FIRST_MONTH..=LAST_MONTH {
        let from = if e < 0 {
            history.until
        } else {
            task.windows.after.from
        } + e * MONTH;
        let span = Span::new(from, from + MONTH);
        let inside = if e < 0 {
            span.from >= history.from
        } else {
            span.until <= end
        };
        if inside {
            months.push(Month {
                e,
                y: within(&task.site.core, span).len() as f64,
                gamma: curve.gamma(span),
            });
        }
    }
    SiteMonths {
        clean_y: within(&task.site.core, clean).len() as f64,
        clean_gamma: curve.gamma(clean),
        months,
    }
}

/// Group-time effects on relative tickets a month, turned into a ratio to what would have come without.
fn staggered(prepared: &Prepared, tasks: &[Task<'_>]) -> Opinion {
    let name = "did";
    let few = || {
        silent(
            name,
            format!("治理点位不足{LEAST_GROUP}个，不作合并估计"),
            format!("fewer than {LEAST_GROUP} treated sites, no pooled estimate"),
        )
    };
    if tasks.len() < LEAST_GROUP {
        return few();
    }
    let outcomes = monthly_panel(prepared, tasks);
    let Some(effect) = outcomes.effects().ok().and_then(|e| e.group_overall()) else {
        return silent(
            name,
            "没有可比的未治理点位",
            "no untreated sites to compare with",
        );
    };
    let after = mean_after(&outcomes);
    let would = after - effect.att;
    if would <= 0.0 {
        return silent(
            name,
            "推算的对照水平不为正，没有比值",
            "the level without the measure comes out at 0 or below, no ratio",
        );
    }
    let ratio = after / would;
    let half =
        t_quantile(0.975, (tasks.len() - 1) as f64) * log_error(&outcomes, &effect, [after, would]);
    let words = (
        "分批双重差分（每30天件数相对同类曲线，基期为决定前半年之前的六个月，对照为未治理或尚未治理点位）".to_owned(),
        "staggered differences of tickets a month, relative to the category's curve, from the six months before the last half-year, against untreated and not yet treated sites".to_owned(),
    );
    spoken(
        name,
        [ratio, ratio * (-half).exp(), ratio * half.exp()],
        words,
    )
}

/// Standard error of `ln(after / would)` with `would = after - effect`, by the delta method on what each site adds to both.
///
/// Treating the level after as known would make the interval of a strong effect too narrow: both move with the same sites.
/// What a treated site adds is its own change against all treated ones, not against those of the same start: where most sites
/// started alone, the groups' own errors are zero and the interval of six posts missed their planted ratio. Their sum of squares
/// is widened by n / (n - 1), sites being few.
fn log_error(outcomes: &Outcomes, effect: &Effect, [after, would]: [f64; 2]) -> f64 {
    let n = outcomes.y.len() as f64;
    let levels = levels_after(outcomes);
    let changes = outcomes.changes();
    let known: Vec<f64> = changes.iter().flatten().copied().collect();
    let treated = known.len().max(1) as f64;
    let mean = known.iter().sum::<f64>() / treated;
    let mut square = 0.0;
    for ((level, change), control) in levels.iter().zip(&changes).zip(effect.influence()) {
        let own = match (level, change) {
            (Some(level), Some(change)) => {
                let level = n / treated * (level - after);
                let moved = n / treated * (change - mean);
                let own =
                    level * (1.0 / after.max(f64::MIN_POSITIVE) - 1.0 / would) + moved / would;
                own * own * treated / (treated - 1.0).max(1.0)
            }
            _ => (control / would).powi(2),
        };
        square += own;
    }
    square.sqrt() / n
}

/// Tickets by 30-day month over what an average site of the category had, of treated and of untreated sites.
///
/// Relative to the curve, growth and seasons move all sites alike; plain counts of busy sites would grow more than those
/// of quiet ones and pass for harm (ratio 1.16 of idle measures in a growing world).
fn monthly_panel(prepared: &Prepared, tasks: &[Task<'_>]) -> Outcomes {
    let panel = &prepared.panel;
    let months = panel.days / MONTH;
    let row = |site: &SiteSeries| -> Vec<f64> {
        let curve = prepared.references.get(&site.category).map(|r| &r.curve);
        let relative = |m: i32| {
            let span = Span::new(m * MONTH, (m + 1) * MONTH);
            let usual = curve.map_or(0.0, |c| c.gamma(span));
            // A month in which nobody had a ticket says nothing of anybody.
            let seen = within(&site.core, span).len() as f64;
            if usual > 0.0 { seen / usual } else { 0.0 }
        };
        (0..months).map(relative).collect()
    };
    let mut out = Outcomes {
        y: Vec::new(),
        first: Vec::new(),
        periods: (1..=i64::from(months)).collect(),
        controls: Controls::NotYet,
        anticipation: 0,
        base_periods: BASE_MONTHS,
    };
    // A first month counts from 1. Works, settling and the bad spell a site is picked for lie within the anticipation, so
    // that the base month is an ordinary one: with the month before the decision idle measures came out at .7.
    let month = |day: i32| i64::from(day / MONTH) + 1;
    let mut categories: Vec<&str> = Vec::new();
    let mut lead = 0;
    for task in tasks {
        let start = month(task.windows.after.from + MONTH - 1);
        lead = lead.max(start - month(task.bundle.decision));
        out.y.push(row(task.site));
        out.first.push(start);
        categories.push(&task.site.category);
    }
    categories.sort_unstable();
    categories.dedup();
    for (site, measures) in panel.sites.iter().zip(&prepared.measures) {
        let wanted = categories.binary_search(&site.category.as_str()).is_ok();
        if wanted && measures.is_empty() && site.start <= 0 {
            out.y.push(row(site));
            out.first.push(0);
        }
    }
    out.anticipation = lead.clamp(0, 12) + i64::from((BAD_SPELL + MONTH - 1) / MONTH);
    out
}

/// Mean outcome of each treated site from its start on; `None` for untreated ones.
fn levels_after(outcomes: &Outcomes) -> Vec<Option<f64>> {
    let level = |(y, first): (&Vec<f64>, &i64)| {
        let own = outcomes.periods.iter().zip(y);
        let after: Vec<f64> = own
            .filter(|(t, _)| *first > 0 && *t >= first)
            .map(|(_, y)| *y)
            .collect();
        (!after.is_empty()).then(|| after.iter().sum::<f64>() / after.len() as f64)
    };
    outcomes.y.iter().zip(&outcomes.first).map(level).collect()
}

/// Mean outcome of treated sites from their start on, sites of one start weighted as the effect weights them.
fn mean_after(outcomes: &Outcomes) -> f64 {
    let levels: Vec<f64> = levels_after(outcomes).into_iter().flatten().collect();
    levels.iter().sum::<f64>() / levels.len().max(1) as f64
}

/// Whether the share of the type's most frequent kind of complaint moved.
fn mix(tasks: &[Task<'_>]) -> Opinion {
    let name = "signed_rank";
    let Some(kind) = most_frequent(tasks) else {
        return silent(
            name,
            "工单没有细类，无法看构成",
            "tickets carry no kind, the mix is unknown",
        );
    };
    let mixes: Vec<Mix> = tasks
        .iter()
        .map(|t| {
            let (before, after) = (
                within(&t.site.core, t.windows.history),
                within(&t.site.core, t.windows.after),
            );
            let of = |list: &[Event]| list.iter().filter(|e| e.kind == kind).count() as f64;
            Mix {
                kind_before: of(before),
                total_before: before.len() as f64,
                kind_after: of(after),
                total_after: after.len() as f64,
            }
        })
        .collect();
    let shifts = shifts(&mixes);
    let found = signed_rank(&shifts, Law::Chosen).filter(|f| f.n > 0);
    let Some(found) = found else {
        return silent(
            name,
            format!("前后各满{LEAST_TICKETS}件的点位没有构成变化"),
            format!("no site with {LEAST_TICKETS} tickets on both sides changed its mix"),
        );
    };
    let mean = 100.0 * shifts.iter().sum::<f64>() / shifts.len() as f64;
    let sure = if found.p_two < 0.05 {
        ("构成有变化", "the mix changed")
    } else {
        ("看不出构成变化", "no change of the mix can be seen")
    };
    silent(
        name,
        format!(
            "{}个点位，主要细类占比平均变动{mean:+.1}个百分点：{}",
            shifts.len(),
            sure.0
        ),
        format!(
            "{} sites, share of the main kind moved by {mean:+.1} points: {}",
            shifts.len(),
            sure.1
        ),
    )
}

/// The kind most tickets before carry, the smaller number on a tie; `None` when none is known.
fn most_frequent(tasks: &[Task<'_>]) -> Option<u16> {
    let before = tasks
        .iter()
        .flat_map(|t| within(&t.site.core, t.windows.history));
    let mut kinds: Vec<u16> = before.map(|e| e.kind).filter(|k| *k != 0).collect();
    kinds.sort_unstable();
    let groups = kinds.chunk_by(|a, b| a == b);
    groups
        .rev()
        .max_by_key(|g| g.len())
        .and_then(|g| g.first().copied())
}

/// Types of measures that occur, in alphabetical order.
#[must_use]
pub fn types(bundles: &[Bundle]) -> Vec<String> {
    let mut all: Vec<String> = bundles.iter().map(|b| b.measure.clone()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
