//! What may happen to a case, from which state, by whom, and what is refused?
//!
//! propose → approve → install → watch → close → (relapse). The table is data; the order of checks is that of tickets
//! (casework reference, section 4): right, state, guard. Who sees a case and whether its version matches is checked before.

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::case::catalogue::Catalogue;
use crate::case::check::{self, Finding};
use crate::case::content::{edit, missing, words};
use crate::case::model::{Case, Content, State, Visit};
use crate::ticket::permit::{self, Power, Right, Role};

/// Who acts, and when.
#[derive(Clone, Copy, Debug)]
pub struct Actor<'a> {
    /// Login name.
    pub name: &'a str,
    /// Role.
    pub role: Role,
    /// The program itself: a registered table, the demo.
    pub system: bool,
    /// Civil day of the act.
    pub today: Day,
}

impl Actor<'_> {
    fn power(&self) -> Power {
        if self.system {
            Power::Sign
        } else {
            permit::power(self.role, Right::Sites)
        }
    }
}

/// An act with what it brings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// 修改: title, diagnosis, owner, measures.
    Edit {
        /// All of it.
        content: Content,
    },
    /// 提交审批.
    Propose {},
    /// 退回.
    SendBack {
        /// What to change.
        reason: String,
    },
    /// 批准.
    Approve {
        /// Day of the decision; today if absent.
        #[serde(default, with = "crate::case::date")]
        decided: Option<Day>,
    },
    /// 登记施工: dates, cost and place as built.
    DateWorks {
        /// Number of the measure.
        work: u32,
        /// First day of works.
        #[serde(default, with = "crate::case::date")]
        works_start: Option<Day>,
        /// Last day of works.
        #[serde(default, with = "crate::case::date")]
        works_end: Option<Day>,
        /// Day it was taken away.
        #[serde(default, with = "crate::case::date")]
        removed: Option<Day>,
        /// Yuan in all.
        #[serde(default)]
        cost_yuan: Option<i64>,
    },
    /// 现场踏勘.
    Visit {
        /// When.
        #[serde(default, with = "crate::case::date")]
        on: Option<Day>,
        /// What was seen.
        seen: String,
    },
    /// 结案.
    Close {
        /// Why, in words.
        reason: String,
    },
    /// 反弹.
    Relapse {
        /// What came back.
        reason: String,
    },
    /// 撤销.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// 备注.
    Comment {
        /// Words.
        text: String,
    },
}

/// One row of the table: code, names, from which states, least power.
struct Rule {
    code: &'static str,
    title: [&'static str; 2],
    from: &'static [State],
    least: Power,
}

const OPEN: &[State] = &[State::Draft, State::Returned, State::Relapsed];
const BUILT: &[State] = &[
    State::Approved,
    State::Installing,
    State::Watching,
    State::Closed,
];

const fn rule(
    code: &'static str,
    title: [&'static str; 2],
    from: &'static [State],
    least: Power,
) -> Rule {
    Rule {
        code,
        title,
        from,
        least,
    }
}

/// The table.
static RULES: [Rule; 10] = [
    rule("edit", ["修改", "edit"], OPEN, Power::Propose),
    rule("propose", ["提交审批", "propose"], OPEN, Power::Propose),
    rule(
        "send_back",
        ["退回修改", "send back"],
        &[State::Proposed],
        Power::Approve,
    ),
    rule(
        "approve",
        ["批准", "approve"],
        &[State::Proposed],
        Power::Approve,
    ),
    rule("date_works", ["登记施工", "date works"], BUILT, Power::Edit),
    rule(
        "visit",
        ["登记踏勘", "note a visit"],
        &State::ALL,
        Power::Propose,
    ),
    rule(
        "close",
        ["结案", "close"],
        &[State::Watching],
        Power::Approve,
    ),
    rule(
        "relapse",
        ["登记反弹", "note a relapse"],
        &[State::Closed],
        Power::Edit,
    ),
    rule(
        "withdraw",
        ["撤销", "withdraw"],
        &[
            State::Draft,
            State::Returned,
            State::Proposed,
            State::Approved,
        ],
        Power::Edit,
    ),
    rule("comment", ["备注", "comment"], &State::ALL, Power::Comment),
];

impl Step {
    const fn index(&self) -> usize {
        match self {
            Self::Edit { .. } => 0,
            Self::Propose {} => 1,
            Self::SendBack { .. } => 2,
            Self::Approve { .. } => 3,
            Self::DateWorks { .. } => 4,
            Self::Visit { .. } => 5,
            Self::Close { .. } => 6,
            Self::Relapse { .. } => 7,
            Self::Withdraw { .. } => 8,
            Self::Comment { .. } => 9,
        }
    }

    /// Stable code of the act.
    #[must_use]
    pub fn code(&self) -> &'static str {
        RULES[self.index()].code
    }
}

/// Why an act is refused, by what the caller can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The role has not got the power.
    Forbidden,
    /// The state does not allow it; says which acts it does allow.
    State {
        /// Where the case stands.
        state: State,
        /// Acts that are open to this person now.
        open: Vec<&'static str>,
    },
    /// What is missing or wrong.
    Guard(Vec<Finding>),
}

/// Names of an act in Chinese and English.
#[must_use]
pub fn title_of(code: &str) -> [&'static str; 2] {
    RULES
        .iter()
        .find(|r| r.code == code)
        .map_or(["", ""], |r| r.title)
}

/// Codes of the acts that a role may do now, in the order of the table.
#[must_use]
pub fn open_to(case: &Case, actor: &Actor<'_>) -> Vec<&'static str> {
    let state = case.state_on(actor.today);
    let open = RULES
        .iter()
        .filter(|r| actor.power() >= r.least && r.from.contains(&state));
    open.filter(|r| allowed_person(r.code, case, actor))
        .map(|r| r.code)
        .collect()
}

/// A squad leader changes only what is his own; nobody decides on an own proposal.
fn allowed_person(code: &str, case: &Case, actor: &Actor<'_>) -> bool {
    if actor.system {
        return true;
    }
    match code {
        "edit" | "propose" => actor.power() >= Power::Edit || case.created_by == actor.name,
        "approve" => case.proposed_by.as_deref() != Some(actor.name),
        _ => true,
    }
}

/// The case after an act.
///
/// # Errors
/// [`Refusal`], in the order right, state, guard.
pub fn apply(
    case: &Case,
    step: &Step,
    actor: &Actor<'_>,
    catalogue: &Catalogue,
) -> Result<Case, Refusal> {
    let rule = &RULES[step.index()];
    if actor.power() < rule.least || !allowed_person(rule.code, case, actor) {
        return Err(Refusal::Forbidden);
    }
    let state = case.state_on(actor.today);
    if !rule.from.contains(&state) {
        return Err(Refusal::State {
            state,
            open: open_to(case, actor),
        });
    }
    let mut next = Case {
        state,
        ..case.clone()
    };
    let wrong = match step {
        Step::Edit { content } => edit(&mut next, content, catalogue, (actor.system, actor.today)),
        Step::Propose {} => propose(&mut next, actor),
        Step::SendBack { reason } => with_reason(&mut next, State::Returned, reason),
        Step::Withdraw { reason } => withdraw(&mut next, reason, actor.today),
        Step::Close { reason } => with_reason(&mut next, State::Closed, reason),
        Step::Relapse { reason } => with_reason(&mut next, State::Relapsed, reason),
        Step::Approve { decided } => approve(&mut next, decided.unwrap_or(actor.today), actor),
        Step::DateWorks { .. } => date_works(&mut next, step, actor.today),
        Step::Visit { on, seen } => visit(&mut next, (on.unwrap_or(actor.today), seen), actor),
        Step::Comment { text } => words("text", text),
    };
    if wrong.is_empty() {
        Ok(next)
    } else {
        Err(Refusal::Guard(wrong))
    }
}

fn with_reason(next: &mut Case, to: State, reason: &str) -> Vec<Finding> {
    next.state = to;
    words("reason", reason)
}

/// Nothing is carried out any more: dates of works that are still to come are taken out.
fn withdraw(next: &mut Case, reason: &str, today: Day) -> Vec<Finding> {
    for work in &mut next.content.works {
        if work.works_start.is_none_or(|start| start > today) {
            work.works_start = None;
            work.works_end = None;
        }
    }
    with_reason(next, State::Withdrawn, reason)
}

fn propose(next: &mut Case, actor: &Actor<'_>) -> Vec<Finding> {
    let content = &next.content;
    let mut wrong = Vec::new();
    if content.works.is_empty() {
        wrong.push(missing(
            0,
            "works",
            "至少选择一项措施".to_owned(),
            "choose at least one measure".to_owned(),
        ));
    }
    if content.works.iter().all(|w| w.decided.is_some()) && !content.works.is_empty() {
        wrong.push(missing(
            0,
            "works",
            "没有新的措施可供审批".to_owned(),
            "there is no new measure to decide on".to_owned(),
        ));
    }
    if content.title.trim().is_empty() {
        wrong.push(missing(
            0,
            "title",
            "请填写名称".to_owned(),
            "give it a title".to_owned(),
        ));
    }
    if content.diagnosis.trim().is_empty() {
        wrong.push(missing(
            0,
            "diagnosis",
            "请写明成因诊断".to_owned(),
            "say why the tickets recur".to_owned(),
        ));
    }
    if content.owner.trim().is_empty() {
        wrong.push(missing(
            0,
            "owner",
            "请指定责任人".to_owned(),
            "name who answers for it".to_owned(),
        ));
    }
    next.proposed_by = Some(actor.name.to_owned());
    next.state = State::Proposed;
    wrong
}

fn approve(next: &mut Case, decided: Day, actor: &Actor<'_>) -> Vec<Finding> {
    for work in next
        .content
        .works
        .iter_mut()
        .filter(|w| w.decided.is_none())
    {
        work.decided = Some(decided);
    }
    next.state = State::Approved;
    check::refusals(&next.content.works, Some(actor.today))
}

fn date_works(next: &mut Case, step: &Step, today: Day) -> Vec<Finding> {
    let Step::DateWorks {
        work: n,
        works_start,
        works_end,
        removed,
        cost_yuan,
    } = step
    else {
        return Vec::new();
    };
    let Some(work) = next.content.works.iter_mut().find(|w| w.n == *n) else {
        return vec![missing(
            *n,
            "work",
            format!("个案没有第 {n} 项措施"),
            format!("the case has no measure {n}"),
        )];
    };
    work.works_start = *works_start;
    work.works_end = *works_end;
    work.removed = *removed;
    if cost_yuan.is_some() {
        work.cost_yuan = *cost_yuan;
    }
    check::refusals(&next.content.works, Some(today))
}

fn visit(next: &mut Case, (on, seen): (Day, &String), actor: &Actor<'_>) -> Vec<Finding> {
    let mut wrong = words("seen", seen);
    if on > actor.today {
        wrong.push(missing(
            0,
            "on",
            "踏勘日期在今天之后".to_owned(),
            "the visit lies in the future".to_owned(),
        ));
    }
    next.visits.push(Visit {
        on: Some(on),
        by: actor.name.to_owned(),
        seen: seen.trim().to_owned(),
    });
    next.visits.sort_by_key(|v| v.on);
    wrong
}
