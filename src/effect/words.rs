//! What does a leader read: one sentence in Chinese, the same in English, and what to do?
//!
//! Rules for words: expectation and count are always named, the interval stands beside the number, effects are rounded to
//! 5 % (1 % from 200 expected tickets on), nothing is ever "proved", and a verdict that a later look may change is 初步.

use crate::effect::flag::FlagCode;
use crate::effect::record::{Outlook, Record};
use crate::effect::verdict::Verdict;

/// From this expectation on effects are given to 1 %.
const FINE: f64 = 200.0;

/// Writes sentences and advice into a record from its figures.
pub fn write(record: &mut Record) {
    record.advice = advice(record).to_owned();
    let (zh, en) = sentence(record);
    let interim = record.interim && matches!(record.verdict, Verdict::Works | Verdict::Worse);
    record.zh = if interim { format!("初步{zh}") } else { zh };
    record.en = if interim {
        format!("interim: {en}")
    } else {
        en
    };
    let (zh, en) = counts(record);
    record.counts_zh = zh;
    record.counts_en = en;
}

fn step(record: &Record) -> f64 {
    if record.expected.unwrap_or(0.0) >= FINE {
        1.0
    } else {
        5.0
    }
}

/// A percentage rounded to the record's step; what would become 0 keeps whole per cents.
fn rounded(percent: f64, step: f64) -> String {
    let coarse = (percent / step).round() * step;
    let shown = if coarse.abs() < 0.5 {
        percent.round()
    } else {
        coarse
    };
    // "-0" is no percentage.
    format!("{:.0}", shown + 0.0)
}

/// Expected tickets as they are shown: whole from ten on.
#[must_use]
pub fn shown_count(expected: f64) -> String {
    if expected >= 9.95 {
        format!("{expected:.0}")
    } else {
        format!("{expected:.1}")
    }
}

fn counts(record: &Record) -> (String, String) {
    let Some(expected) = record.expected else {
        return (String::new(), String::new());
    };
    let shown = shown_count(expected);
    (
        format!("按不治理预计 {shown} 件，实际 {} 件", record.y),
        format!("about {shown} expected without it, {} came", record.y),
    )
}

fn sentence(record: &Record) -> (String, String) {
    match record.verdict {
        Verdict::Works => works(record),
        Verdict::Worse => worse(record),
        Verdict::NoChange => (
            "基本无变化（±20% 以内）".to_owned(),
            "nothing worth mentioning changed (within ±20 %)".to_owned(),
        ),
        Verdict::NoEvidence => no_evidence(record),
        Verdict::TooEarly => too_early(record),
        other => {
            let (zh, en) = reason(record, other);
            (format!("数据不足：{zh}"), format!("not enough data: {en}"))
        }
    }
}

fn works(record: &Record) -> (String, String) {
    let step = step(record);
    let fewer = |theta: f64| rounded(100.0 * (1.0 - theta), step);
    let x = fewer(record.theta.unwrap_or(1.0));
    let lo = fewer(record.hi.unwrap_or(1.0));
    let hi = fewer(record.lo.unwrap_or(0.0));
    if record.has(FlagCode::Displaced) {
        let moved = record.net.as_ref().map_or(0.0, |n| -n.avoided_ring);
        return (
            format!("有效，但问题向周边转移 {moved:.0} 件"),
            format!(
                "works here by about {x} % ({lo}–{hi} %), but {moved:.0} tickets moved next door"
            ),
        );
    }
    (
        format!("有效：比不治理少约 {x}%（{lo}–{hi}%）"),
        format!("works: about {x} % fewer than without it ({lo}–{hi} %)"),
    )
}

fn worse(record: &Record) -> (String, String) {
    let step = step(record);
    let more = |theta: f64| rounded(100.0 * (theta - 1.0), step);
    let x = more(record.theta.unwrap_or(1.0));
    let lo = more(record.lo.unwrap_or(1.0));
    match record.hi.filter(|h| *h <= 10.0) {
        Some(hi) => (
            format!("变差：比不治理多约 {x}%（{lo}–{}%）", more(hi)),
            format!(
                "worse: about {x} % more than without it ({lo}–{} %)",
                more(hi)
            ),
        ),
        None => (
            format!("变差：比不治理多约 {x}%（{lo}% 至 10 倍以上）"),
            format!("worse: about {x} % more than without it ({lo} % up to 10x or more)"),
        ),
    }
}

/// A drop beyond so many per cent is no drop a leader could hope to see: nothing could have been seen at all.
const MOST_VISIBLE: f64 = 95.0;

/// Whether a drop of 30 % would have shown.
fn would_have_shown(record: &Record) -> bool {
    record.mde.is_some_and(|m| m >= 0.7)
}

fn no_evidence(record: &Record) -> (String, String) {
    if would_have_shown(record) {
        return (
            "未见效果：若真降 30% 以上应能看出".to_owned(),
            "no effect seen: a 30 % drop would have shown".to_owned(),
        );
    }
    match record.mde.map(|mde| 100.0 * (1.0 - mde)) {
        Some(drop) if drop <= MOST_VISIBLE => {
            let x = rounded(drop, step(record));
            (
                format!("暂无证据：只有降幅超过 {x}% 才能看出"),
                format!("cannot tell yet: only a drop of more than {x} % could have shown"),
            )
        }
        _ => (
            "暂无证据：本窗口看不出任何降幅".to_owned(),
            "cannot tell yet: no drop could have shown in this window".to_owned(),
        ),
    }
}

fn too_early(record: &Record) -> (String, String) {
    match (&record.next_check, record.outlook) {
        (Some(date), Outlook::Look) => (
            format!("时间太短：即使一件投诉都没有，也可能只是偶然。{date} 再评"),
            format!("too early: even none at all could be chance; looked at again on {date}"),
        ),
        (Some(date), Outlook::Never) => (
            format!("时间太短：即使一件投诉都没有，也可能只是偶然。单凭这个点位无法判断，将与同类措施一起评估；{date} 再评"),
            format!("too early: this site alone can never prove it; it will be judged with its measure type; looked at again on {date}"),
        ),
        (Some(date), Outlook::Dated) => (
            format!("时间太短：即使一件投诉都没有，也可能只是偶然。{date} 起可判断"),
            format!("too early: even none at all could be chance; can be judged from {date}"),
        ),
        (None, Outlook::Never) => (
            "时间太短：即使一件投诉都没有，也可能只是偶然。单凭这个点位无法判断，将与同类措施一起评估".to_owned(),
            "too early: this site alone can never prove it; it will be judged with its measure type".to_owned(),
        ),
        (None, _) => (
            "时间太短：即使一件投诉都没有，也可能只是偶然。将与同类措施一起评估".to_owned(),
            "too early: even none at all could be chance; it will be judged with its measure type".to_owned(),
        ),
    }
}

/// Why there is no verdict, in the words of the guard that refused.
fn reason(record: &Record, verdict: Verdict) -> (String, String) {
    let of = |code: FlagCode| record.flags.iter().find(|f| f.code == code);
    let words = |code: FlagCode| of(code).map(|f| (f.zh.clone(), f.en.clone()));
    let days = record.windows.as_ref().map_or(0, |w| w.history.days);
    let found = match verdict {
        Verdict::TooLittleHistory => words(FlagCode::NoTickets),
        Verdict::NotInstalled => {
            words(FlagCode::BadDates).or_else(|| words(FlagCode::NotInstalled))
        }
        Verdict::Overlap => words(FlagCode::Overlap).map(|(zh, en)| {
            (
                format!("{zh}，不足 60 天"),
                format!("{en}, fewer than 60 days"),
            )
        }),
        Verdict::WeakReference => words(FlagCode::ReferenceWeak),
        Verdict::CategoryChange => Some((
            "评估期内工单分类编码变更，前后不可比，请按变更后重新积累".to_owned(),
            "the coding of tickets changed within the windows; before and after cannot be compared"
                .to_owned(),
        )),
        _ => None,
    };
    found.unwrap_or_else(|| {
        (
            format!("决定治理前只有 {days} 天可用历史，至少需要 180 天且同类点位有工单"),
            format!("only {days} days of usable history before the decision; at least 180 and tickets at sites of the category are needed"),
        )
    })
}

/// What to do, by verdict and by what similar sites say.
fn advice(record: &Record) -> &'static str {
    let tenth = record.borrowed.as_ref().map(|b| b.p_tenth);
    let long = record.windows.as_ref().is_some_and(|w| w.after.days >= 360);
    match record.verdict {
        Verdict::Works if record.has(FlagCode::Displaced) => "keep_treat_ring",
        Verdict::Works if tenth.is_some_and(|p| p > 0.8) => "replicate",
        Verdict::Works => "keep",
        Verdict::NoChange => "stop_or_replace",
        Verdict::NoEvidence if long && tenth.is_some_and(|p| p < 0.1) => "stop",
        Verdict::NoEvidence if would_have_shown(record) => "replace",
        Verdict::NoEvidence | Verdict::TooEarly => "continue",
        Verdict::Worse => "stop_inspect",
        Verdict::NotInstalled => "install",
        Verdict::TooLittleHistory
        | Verdict::CategoryChange
        | Verdict::WeakReference
        | Verdict::Overlap => "enter_data",
    }
}

/// Advice in words, Chinese and English; `date` is the next look.
#[must_use]
pub fn advice_words(advice: &str, date: Option<&str>) -> (String, String) {
    let (zh, en) = match advice {
        "keep" => (
            "保持，并列出同类点位推广",
            "keep; list next sites of the same kind",
        ),
        "replicate" => (
            "保持并推广：同类措施大概率有效",
            "keep and replicate: its type very likely works",
        ),
        "keep_treat_ring" => ("保持，同时治理周边", "keep, treat the ring"),
        "stop_or_replace" => ("停止或更换措施", "stop or replace"),
        "replace" => ("更换措施", "replace"),
        "stop" => (
            "停止：同类措施也不见效",
            "stop: its type does not help either",
        ),
        "stop_inspect" => ("停止并到现场检查", "stop, inspect the site"),
        "install" => (
            "完工后录入完工日期",
            "enter the end of works when they are finished",
        ),
        "enter_data" => ("补充数据", "enter data"),
        _ => ("继续观察", "continue"),
    };
    match (advice, date) {
        ("continue", Some(date)) => (
            format!("{zh}，{date} 再看"),
            format!("{en}, check on {date}"),
        ),
        _ => (zh.to_owned(), en.to_owned()),
    }
}
