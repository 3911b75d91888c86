//! Do the dates and places of a measure fit, and what must a reader be told although they do?

use serde::Serialize;

use crate::calendar::Day;
use crate::case::model::{Case, Work};

/// A value that cannot stand, or a doubt that is only told: which field, why, and the cure; Chinese and English.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Number of the measure within the case; 0 = the case itself.
    pub work: u32,
    /// Field.
    pub field: &'static str,
    /// Why, and the cure.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

impl Finding {
    /// A finding in both languages.
    pub(super) fn new(code: &'static str, at: (u32, &'static str), zh: String, en: String) -> Self {
        Self {
            code,
            work: at.0,
            field: at.1,
            zh,
            en,
        }
    }

    /// Both sentences in one line, as refusals are written at the doors.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} ({})", self.zh, self.en)
    }
}

/// What is known around a case.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// Today.
    pub today: Option<Day>,
    /// Day of the first ticket of the whole data; `None` = no ticket at all.
    pub first_ticket: Option<Day>,
    /// Tickets of the site.
    pub site_tickets: usize,
    /// Last day the table of holidays covers; `None` = not known.
    pub calendar_until: Option<Day>,
    /// Whether the city has no table of holidays at all.
    pub no_calendar: bool,
    /// Other cases of the same site.
    pub others: &'a [Case],
}

/// Days in which a measure is evaluated after its works.
const AFTER_DAYS: i64 = 365;

/// Days of history an evaluation needs at least.
const LEAST_HISTORY: i64 = 180;

/// What cannot stand: dates that contradict each other. In the order of the measures.
#[must_use]
pub fn refusals(works: &[Work], today: Option<Day>) -> Vec<Finding> {
    works.iter().flat_map(|work| dates(work, today)).collect()
}

/// One sentence in both languages about a field of a measure.
fn say(
    work: &Work,
    (code, field): (&'static str, &'static str),
    zh: String,
    en: String,
) -> Finding {
    Finding::new(code, (work.n, field), zh, en)
}

fn dates(work: &Work, today: Option<Day>) -> Vec<Finding> {
    let mut found = works_order(work);
    found.extend(removal(work, today));
    if let (Some(decided), Some(today)) = (work.decided, today)
        && decided > today
    {
        let day = decided.iso();
        found.push(say(
            work,
            ("decided_in_future", "decided"),
            format!("决定日期 {day} 在今天之后"),
            format!("decision {day} lies in the future: enter the day it was taken"),
        ));
    }
    found
}

/// Decision, start and end of works in this order.
fn works_order(work: &Work) -> Vec<Finding> {
    let mut found = Vec::new();
    if let (Some(start), Some(end)) = (work.works_start, work.works_end)
        && end < start
    {
        let (start, end) = (start.iso(), end.iso());
        found.push(say(
            work,
            ("works_end_before_start", "works_end"),
            format!("完工日期 {end} 早于开工日期 {start}，请核对两个日期"),
            format!("works end {end} before they start {start}: correct one of the dates"),
        ));
    }
    if let (Some(decided), Some(start)) = (work.decided, work.works_start.or(work.works_end))
        && start < decided
    {
        let (start, decided) = (start.iso(), decided.iso());
        found.push(say(
            work,
            ("works_before_decision", "works_start"),
            format!("开工日期 {start} 早于决定日期 {decided}，请按实际决定日期填写"),
            format!(
                "works start {start} before the decision {decided}: enter the true day of decision"
            ),
        ));
    }
    if work.works_start.is_none() && work.works_end.is_some() {
        found.push(say(
            work,
            ("works_start_missing", "works_start"),
            "有完工日期而没有开工日期，请补填".to_owned(),
            "works end without a start: enter the first day of works".to_owned(),
        ));
    }
    found
}

/// A measure is removed after it was built, and not in the future.
fn removal(work: &Work, today: Option<Day>) -> Vec<Finding> {
    let Some(removed) = work.removed else {
        return Vec::new();
    };
    let day = removed.iso();
    let mut found = Vec::new();
    if work.works_end.is_none_or(|end| removed <= end) {
        found.push(say(
            work,
            ("removed_before_end", "removed"),
            format!("撤除日期 {day} 须晚于完工日期"),
            format!("removed {day} must lie after the end of works"),
        ));
    }
    if today.is_some_and(|t| removed > t) {
        found.push(say(
            work,
            ("removed_in_future", "removed"),
            format!("撤除日期 {day} 在今天之后，撤除后再登记"),
            format!("removed {day} lies in the future: enter it when it is done"),
        ));
    }
    found
}

/// What is told although it stands: the doubts an evaluation will flag.
#[must_use]
pub fn notices(case: &Case, around: &Around<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if around.site_tickets == 0 {
        found.push(Finding::new(
            "no_tickets",
            (0, "site"),
            "点位没有工单，无法评估效果；请核对点位".to_owned(),
            "the site has no ticket: no effect can be evaluated; check the site".to_owned(),
        ));
    }
    for work in &case.content.works {
        history(work, around, &mut found);
        calendar(work, around, &mut found);
        overlap(case, work, around, &mut found);
        if let Some(removed) = work.removed {
            found.push(Finding::new(
                "removed",
                (work.n, "removed"),
                format!("措施已于 {} 撤除：撤除前后分别评估", removed.iso()),
                format!(
                    "taken away on {}: the time on and the time off are evaluated apart",
                    removed.iso()
                ),
            ));
        }
    }
    found
}

fn history(work: &Work, around: &Around<'_>, found: &mut Vec<Finding>) {
    let (Some(decided), Some(first)) = (work.decided, around.first_ticket) else {
        return;
    };
    if decided <= first {
        found.push(Finding::new(
            "decided_before_first_ticket",
            (work.n, "decided"),
            format!("决定日期 {} 不晚于第一件工单（{}），没有治理前数据；请导入更早的工单", decided.iso(), first.iso()),
            format!("decided {} not after the first ticket ({}): nothing to compare with; import earlier tickets", decided.iso(), first.iso()),
        ));
    } else if decided.0 - first.0 < LEAST_HISTORY {
        found.push(Finding::new(
            "short_history",
            (work.n, "decided"),
            format!("决定前只有 {} 天数据，评估至少需要 {LEAST_HISTORY} 天；请导入更早的工单", decided.0 - first.0),
            format!("only {} days of data before the decision, {LEAST_HISTORY} are needed: import earlier tickets", decided.0 - first.0),
        ));
    }
}

fn calendar(work: &Work, around: &Around<'_>, found: &mut Vec<Finding>) {
    let Some(end) = work.works_end else { return };
    let last = Day(end.0 + AFTER_DAYS);
    if around.no_calendar {
        found.push(Finding::new(
            "calendar_missing",
            (work.n, "works_end"),
            "本市没有节假日表，按周末和法定日期推算；请在城市文件夹放入 calendar.csv".to_owned(),
            "this city has no table of holidays, days follow weekends and statutory days: put calendar.csv into the city's folder".to_owned(),
        ));
    }
    if around.calendar_until.is_some_and(|until| until < last) {
        let until = around.calendar_until.map(Day::iso).unwrap_or_default();
        found.push(Finding::new(
            "calendar_short",
            (work.n, "works_end"),
            format!("节假日表只到 {until}，之后按周末和法定日期推算；请更新日历文件"),
            format!("the table of holidays ends {until}; later days follow weekends and statutory days: update the calendar file"),
        ));
    }
}

/// Another measure of the site decided inside the after window of this one.
fn overlap(case: &Case, work: &Work, around: &Around<'_>, found: &mut Vec<Finding>) {
    let Some(end) = case.works_end() else { return };
    let others = around.others.iter().filter(|o| o.id != case.id);
    for other in others {
        let clash = other
            .decided()
            .filter(|d| d.0 > end.0 && d.0 < end.0 + AFTER_DAYS);
        if let Some(day) = clash {
            let (no, day) = (other.id, day.iso());
            found.push(Finding::new(
                "overlap",
                (work.n, "works_end"),
                format!("同一点位的个案 {no} 于 {day} 决定了新措施：本措施只评估到那一天"),
                format!("case {no} of the same site decided a measure on {day}: this one is evaluated up to that day"),
            ));
        }
    }
}
