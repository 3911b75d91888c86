//! What may people write into a case: texts, measures with their places; and what can an edit never touch?

use std::collections::BTreeSet;

use crate::calendar::Day;
use crate::case::catalogue::Catalogue;
use crate::case::check::{self, Finding};
use crate::case::model::{Case, Content, Work};

/// Longest text of one field in characters.
const LONGEST: usize = 4_000;
/// Most measures of one case: more are a plan, not a case.
const MOST_WORKS: usize = 12;
/// Most spans of hours of one measure.
const MOST_HOURS: usize = 6;
/// Most corners of one line.
const MOST_CORNERS: usize = 200;

/// Nothing, or what is wrong with the length of a text.
pub(super) fn words(field: &'static str, text: &str) -> Vec<Finding> {
    let n = text.trim().chars().count();
    if (1..=LONGEST).contains(&n) {
        return Vec::new();
    }
    vec![missing(
        0,
        field,
        format!("请填写 1 至 {LONGEST} 字"),
        format!("write 1 to {LONGEST} characters"),
    )]
}

/// Something is missing or cannot stand.
pub(super) fn missing(work: u32, field: &'static str, zh: String, en: String) -> Finding {
    Finding::new("missing", (work, field), zh, en)
}

/// Two measures of one number cannot be told apart.
fn twins(content: &Content) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let twice = |w: &&Work| w.n != 0 && !seen.insert(w.n);
    content
        .works
        .iter()
        .filter(twice)
        .map(|w| {
            Finding::new(
                "repeated_work",
                (w.n, "works"),
                format!("两项措施的编号都是 {}；新措施的编号请填 0", w.n),
                format!(
                    "two measures have the number {}: write 0 for a new one",
                    w.n
                ),
            )
        })
        .collect()
}

/// Dates are set by approval and by the register of works, never by an edit: decided measures stay what they were.
fn keep_dates(work: &mut Work, old: Option<&Work>) -> Option<Finding> {
    let blank = Work::default();
    let old = old.unwrap_or(&blank);
    work.decided = old.decided;
    work.works_start = old.works_start;
    work.works_end = old.works_end;
    work.removed = old.removed;
    (old.decided.is_some() && old.measure != work.measure).then(|| {
        Finding::new(
            "decided_measure",
            (work.n, "measure"),
            "已决定的措施不能换成另一种，请登记撤除日期并另加一项".to_owned(),
            "a decided measure cannot become another one: enter the day it was removed and add a new one".to_owned(),
        )
    })
}

/// Takes in a new content: measures that were decided keep their dates, new ones get the next number and none.
pub(super) fn edit(
    next: &mut Case,
    content: &Content,
    catalogue: &Catalogue,
    (system, today): (bool, Day),
) -> Vec<Finding> {
    let mut content = content.clone();
    let mut wrong = twins(&content);
    if !content.problem.is_empty() && catalogue.kinds.get(&content.problem).is_none() {
        wrong.push(missing(
            0,
            "problem",
            format!("问题类型 {:?} 不在目录中", content.problem),
            format!("{:?} is no problem kind of the catalogue", content.problem),
        ));
    }
    if content.works.len() > MOST_WORKS {
        wrong.push(missing(
            0,
            "works",
            format!("一个个案最多 {MOST_WORKS} 项措施，请分成多个个案"),
            format!("at most {MOST_WORKS} measures in a case: make several"),
        ));
    }
    for work in &mut content.works {
        let old = next.work(work.n).cloned();
        if old.is_none() {
            next.last_work += 1;
            work.n = next.last_work;
        }
        if !system {
            wrong.extend(keep_dates(work, old.as_ref()));
        }
        wrong.extend(work_guard(work, catalogue));
    }
    wrong.extend(check::refusals(&content.works, Some(today)));
    let kept = |w: &Work| content.works.iter().any(|c| c.n == w.n);
    if next
        .content
        .works
        .iter()
        .any(|w| w.decided.is_some() && !kept(w))
    {
        wrong.push(missing(
            0,
            "works",
            "已决定的措施不能删除，请登记撤除日期".to_owned(),
            "a decided measure cannot be deleted: enter the day it was removed".to_owned(),
        ));
    }
    for text in [&content.title, &content.diagnosis, &content.owner] {
        if text.chars().count() > LONGEST {
            wrong.extend(words("title", text));
        }
    }
    next.content = content;
    wrong
}

fn work_guard(work: &Work, catalogue: &Catalogue) -> Vec<Finding> {
    let mut wrong = Vec::new();
    if catalogue.measures.get(&work.measure).is_none() {
        wrong.push(missing(
            work.n,
            "measure",
            format!("措施 {:?} 不在目录中", work.measure),
            format!("{:?} is no measure of the catalogue", work.measure),
        ));
    }
    if work.place.is_empty()
        || work.place.len() > MOST_CORNERS
        || !work.place.iter().all(|p| p.is_valid())
    {
        wrong.push(missing(
            work.n,
            "place",
            format!("请在地图上标出一个点或一条线（最多 {MOST_CORNERS} 个折点）"),
            format!("mark a point or a line of at most {MOST_CORNERS} corners on the map"),
        ));
    }
    let fits = |h: &[u8; 2]| h[0] < h[1] && h[1] <= 24;
    if work.hours.len() > MOST_HOURS || !work.hours.iter().all(fits) {
        wrong.push(missing(
            work.n,
            "hours",
            format!("时段请写成 7-9 这样的整点，最多 {MOST_HOURS} 段"),
            format!("write hours as 7-9, at most {MOST_HOURS} of them"),
        ));
    }
    if !(work.quantity > 0.0 && work.quantity <= 100_000.0) {
        wrong.push(missing(
            work.n,
            "quantity",
            "数量须大于 0".to_owned(),
            "the quantity must be above 0".to_owned(),
        ));
    }
    if work
        .cost_yuan
        .is_some_and(|c| !(0..=10_000_000_000).contains(&c))
    {
        wrong.push(missing(
            work.n,
            "cost_yuan",
            "费用须在 0 至 100 亿元之间".to_owned(),
            "the cost must lie between 0 and 10,000,000,000 yuan".to_owned(),
        ));
    }
    wrong
}
