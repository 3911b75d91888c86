//! What do the other designs say of one bundle of measures, and which of them point the other way?

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::effect::bundle::Bundle;
use crate::effect::designs::comparison_group::{Comparability, Four, comparability};
use crate::effect::designs::displacement::Six;
use crate::effect::designs::empirical_bayes::{Row, together};
use crate::effect::designs::interrupted_series::Series;
use crate::effect::flag::{Flag, FlagCode};
use crate::effect::gaps::days_outside;
use crate::effect::look::Look;
use crate::effect::panel::{Event, Span, within};
use crate::effect::prepared::{Prepared, Untreated, sum_over};
use crate::effect::record::{Opinion, Record};
use crate::effect::task::{Task, task};
use crate::stats::distribution::Z_975;
use crate::stats::two_rates::{Counted, two_rates};

/// Days of the plain before window.
const PLAIN_DAYS: i32 = 365;
/// Days of a month of a series.
pub(crate) const MONTH: i32 = 30;
/// Days of a year of the comparability test.
const YEAR: i32 = 365;
/// Ratios this near to 1 have no sign: they are printed as 0 %.
const NO_SIGN: f64 = 0.025;

/// The designs' opinions of a bundle, in the order of the registry; empty while its works are not finished.
///
/// Pure and deterministic; about 0.3 ms. A design that cannot judge says why and gives no ratio.
#[must_use]
pub fn opinions(prepared: &Prepared, bundle: &Bundle, look: Look) -> Vec<Opinion> {
    let site = prepared.panel.sites.get(bundle.site);
    let Some(task) = site.and_then(|site| task(prepared, bundle, site, look)) else {
        return Vec::new();
    };
    if task.windows.after.is_empty() || task.windows.history.is_empty() {
        return Vec::new();
    }
    let mut out = vec![
        empirical_bayes(task),
        comparison(task),
        plain_rates(task),
        series(task),
    ];
    out.extend(displacement(task));
    out
}

/// Writes the opinions into a record and raises `methods_disagree` when one points the other way.
pub fn attach(prepared: &Prepared, bundle: &Bundle, record: &mut Record) {
    record.methods = opinions(prepared, bundle, record.look);
    let against = disagreement(record.theta, &record.methods);
    if against.is_empty() {
        return;
    }
    let names = against.join(", ");
    record.raise(Flag::new(
        FlagCode::MethodsDisagree,
        format!("其他方法方向相反：{names}；以默认方法为准，原因见瀑布图"),
        format!("other designs point the other way: {names}; the default decides, the waterfall says why"),
    ));
}

/// As [`attach`] for all records of a panel, whichever order they have; on all cores.
pub fn attach_all(prepared: &Prepared, records: &mut [Record]) {
    let mut of: BTreeMap<(&str, &str), &Bundle> = BTreeMap::new();
    for bundle in &prepared.bundles {
        let site = prepared.panel.sites.get(bundle.site);
        let first = bundle.members.first();
        let measure = first.and_then(|m| prepared.panel.treatments.get(*m));
        if let (Some(site), Some(measure)) = (site, measure) {
            of.insert((&site.id, &measure.id), bundle);
        }
    }
    records.par_iter_mut().for_each(|record| {
        let first = record.measures.first().map_or("", String::as_str);
        if let Some(bundle) = of.get(&(record.site.as_str(), first)) {
            attach(prepared, bundle, record);
        }
    });
}

/// Designs whose ratio lies on the other side of 1; ratios within 2.5 % of 1 have no side.
#[must_use]
pub fn disagreement(theta: Option<f64>, opinions: &[Opinion]) -> Vec<String> {
    let sign = |theta: f64| {
        if theta < 1.0 - NO_SIGN {
            -1
        } else {
            i32::from(theta > 1.0 + NO_SIGN)
        }
    };
    let own = theta.map_or(0, sign);
    let against = |o: &&Opinion| own != 0 && o.theta.map_or(0, sign) == -own;
    opinions
        .iter()
        .filter(against)
        .map(|o| o.design.clone())
        .collect()
}

/// An opinion that is only words.
pub(crate) fn silent(design: &str, zh: impl Into<String>, en: impl Into<String>) -> Opinion {
    Opinion {
        design: design.to_owned(),
        note: zh.into(),
        note_en: en.into(),
        ..Opinion::default()
    }
}

/// An opinion with its figures; infinite ends stay open.
pub(crate) fn spoken(
    design: &str,
    [theta, lo, hi]: [f64; 3],
    (zh, en): (String, String),
) -> Opinion {
    let finite = |x: f64| Some(x).filter(|x| x.is_finite());
    Opinion {
        theta: finite(theta),
        lo: finite(lo),
        hi: finite(hi),
        ..silent(design, zh, en)
    }
}

fn count(events: &[Event], span: Span) -> f64 {
    within(events, span).len() as f64
}

fn empirical_bayes(task: Task<'_>) -> Opinion {
    let name = "eb_before_after";
    let curve = &task.reference.curve;
    let row = Row {
        pred_before: curve.gamma(task.windows.history),
        pred_after: curve.gamma(task.windows.after),
        k: 1.0 / task.reference.phi,
        obs_before: count(&task.site.core, task.windows.history),
        obs_after: count(&task.site.core, task.windows.after),
    };
    let found = together(&[row])
        .ok()
        .and_then(|(_, against)| against.ratio());
    let Some(ratio) = found else {
        return silent(name, "期望为0，没有意见", "nothing expected, no opinion");
    };
    let Some([lo, hi]) = ratio.log_interval() else {
        let words = (
            "治理后一件也没有，没有区间".to_owned(),
            "none came after, no interval".to_owned(),
        );
        return spoken(name, [ratio.theta, f64::INFINITY, f64::INFINITY], words);
    };
    let words = (
        "静态收缩，正态区间；件数少时偏窄".to_owned(),
        "static shrinkage, normal interval; too narrow with few tickets".to_owned(),
    );
    spoken(name, [ratio.theta, lo, hi], words)
}

fn untreated(task: Task<'_>) -> Option<&Untreated> {
    task.prepared.untreated.get(&task.site.category)
}

fn comparison(task: Task<'_>) -> Opinion {
    let name = "comparison_group";
    let Some(controls) = untreated(task) else {
        return silent(
            name,
            "没有未治理的对照点位",
            "no untreated sites to compare with",
        );
    };
    let alike = years(task, controls);
    let four = Four {
        treated_before: count(&task.site.core, task.windows.history),
        treated_after: count(&task.site.core, task.windows.after),
        control_before: sum_over(&controls.core, task.windows.history) as f64,
        control_after: sum_over(&controls.core, task.windows.after) as f64,
        var_omega: alike.as_ref().map_or(0.0, |a| a.var_omega),
    };
    let Some(ratio) = four.against().and_then(|(_, against)| against.ratio()) else {
        return silent(
            name,
            "点位或对照在治理前没有工单，无法比较",
            "no tickets before at the site or its comparison",
        );
    };
    let (zh, en) = match &alike {
        None => ("可比性未检验", "comparability not tested"),
        Some(a) if a.comparable => ("可比性检验通过", "comparable"),
        Some(_) => ("对照不可比，仅供参考", "not comparable, for reference only"),
    };
    let words = (
        format!("{zh}；未校正回落"),
        format!("{en}; falling back is not corrected"),
    );
    let [lo, hi] = ratio.log_interval().unwrap_or([f64::INFINITY; 2]);
    spoken(name, [ratio.theta, lo, hi], words)
}

/// Comparability over whole years back from the decision.
fn years(task: Task<'_>, controls: &Untreated) -> Option<Comparability> {
    let history = task.windows.history;
    let spans: Vec<Span> = (1..=history.len() / YEAR)
        .rev()
        .map(|back| {
            Span::new(
                history.until - back * YEAR,
                history.until - (back - 1) * YEAR,
            )
        })
        .collect();
    let treated: Vec<f64> = spans.iter().map(|s| count(&task.site.core, *s)).collect();
    let control: Vec<f64> = spans
        .iter()
        .map(|s| sum_over(&controls.core, *s) as f64)
        .collect();
    comparability(&treated, &control)
}

fn plain_rates(task: Task<'_>) -> Opinion {
    let name = "rate_ratio";
    let history = task.windows.history;
    let before = Span::new(history.from.max(history.until - PLAIN_DAYS), history.until);
    let gaps = &task.prepared.panel.gaps;
    let side = |span: Span| Counted {
        cases: count(&task.site.core, span),
        time: f64::from(days_outside(span, gaps)),
    };
    let words = (
        "未校正：没有扣除季节、趋势和回落".to_owned(),
        "no correction: neither calendar nor trend nor falling back".to_owned(),
    );
    match two_rates(side(task.windows.after), side(before), 0.05) {
        Ok(found) => {
            let ratio = found.ratio.unwrap_or(f64::INFINITY);
            spoken(name, [ratio, found.mid.low, found.mid.high], words)
        }
        Err(_) => silent(name, "窗口内没有可用的天数", "no usable days in a window"),
    }
}

fn series(task: Task<'_>) -> Opinion {
    let name = "its";
    let monthly = months(task);
    if monthly.y.is_empty() || !monthly.is_enough() {
        return silent(
            name,
            "序列太短或太稀（要前12个月、后6个月、月均3件）",
            "the series is too short or thin (12 months before, 6 after, 3 tickets a month)",
        );
    }
    match monthly.fit() {
        Ok(found) => {
            let (b, se) = (found.fit.coef[1], found.fit.se_quasi()[1]);
            let dispersion = found.fit.dispersion();
            let ends = [b, b - Z_975 * se, b + Z_975 * se].map(f64::exp);
            let words = (
                format!("逐月序列，以同类曲线为暴露量，离散度{dispersion:.2}；未校正回落"),
                format!(
                    "monthly, exposure is the category's curve, dispersion {dispersion:.2}; falling back is not corrected"
                ),
            );
            spoken(name, ends, words)
        }
        Err(why) => silent(name, "序列无法拟合", why.to_string()),
    }
}

/// Months of the history counted back from the decision and of the after window, with the calendar curve as exposure.
fn months(task: Task<'_>) -> Series {
    let (history, after) = (task.windows.history, task.windows.after);
    let before = (1..=history.len() / MONTH)
        .rev()
        .map(|back| (history.until - back * MONTH, 0.0));
    let later = (0..after.len() / MONTH).map(|on| (after.from + on * MONTH, 1.0));
    let mut out = Series::default();
    for (from, step) in before.chain(later) {
        let span = Span::new(from, from + MONTH);
        let exposure = task.reference.curve.gamma(span);
        if exposure > 0.0 {
            out.y.push(count(&task.site.core, span));
            out.step.push(step);
            out.exposure.push(exposure);
        }
    }
    out
}

/// The classic figures of the ring; only where rings are known.
fn displacement(task: Task<'_>) -> Option<Opinion> {
    let name = "displacement";
    if !task.prepared.has_rings {
        return None;
    }
    let controls = untreated(task)?;
    let (history, after) = (task.windows.history, task.windows.after);
    let six = Six {
        core_before: count(&task.site.core, history),
        core_after: count(&task.site.core, after),
        ring_before: count(&task.site.ring, history),
        ring_after: count(&task.site.ring, after),
        control_before: sum_over(&controls.core, history) as f64,
        control_after: sum_over(&controls.core, after) as f64,
    };
    let Some(found) = six.quotients() else {
        return Some(silent(
            name,
            "对照为0件，指标没有定义",
            "the control has no tickets, undefined",
        ));
    };
    let total = found.tne_core + found.tne_ring;
    let reach = Z_975 * found.tne_sd;
    let tne = format!("{total:.1} ({:.1}–{:.1})", total - reach, total + reach);
    if found.phantom {
        return Some(silent(
            name,
            format!("核心区没有改善，不对周边下结论；合计净效果 {tne} 件"),
            format!(
                "the core did not improve, nothing is said about the ring; total net effect {tne}"
            ),
        ));
    }
    let wdq = found.wdq.unwrap_or(0.0);
    let (zh, en) = kind(wdq);
    Some(silent(
        name,
        format!("转移商WDQ {wdq:.2}（{zh}），合计净效果 {tne} 件；未校正回落"),
        format!(
            "displacement quotient {wdq:.2} ({en}), total net effect {tne}; falling back is not corrected"
        ),
    ))
}

/// What a weighted displacement quotient means.
fn kind(wdq: f64) -> (&'static str, &'static str) {
    if wdq > 1.0 {
        ("扩散大于直接效果", "diffusion larger than the effect")
    } else if wdq > 0.0 {
        ("收益外溢", "diffusion of benefit")
    } else if wdq >= -1.0 {
        ("部分转移", "partial displacement")
    } else {
        ("转移大于直接效果", "displacement larger than the effect")
    }
}

#[cfg(test)]
mod tests {
    use super::{disagreement, silent, spoken};

    #[test]
    fn only_a_ratio_clearly_on_the_other_side_disagrees() {
        let words = || (String::new(), String::new());
        let said = [
            spoken("a", [1.3, 1.1, 1.5], words()),
            spoken("b", [0.8, 0.5, 1.5], words()),
            spoken("c", [1.02, 0.5, 1.5], words()),
            silent("d", "", ""),
        ];
        assert_eq!(disagreement(Some(0.7), &said), ["a"]);
        assert_eq!(disagreement(Some(1.2), &said), ["b"]);
        assert!(disagreement(Some(0.99), &said).is_empty());
        assert!(disagreement(None, &said).is_empty());
    }

    #[test]
    fn open_ends_are_no_figures() {
        let open = spoken(
            "a",
            [0.0, 0.0, f64::INFINITY],
            (String::new(), String::new()),
        );
        assert_eq!((open.theta, open.hi), (Some(0.0), None));
    }
}
