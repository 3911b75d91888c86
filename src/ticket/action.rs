//! What may be done to a ticket, by whom, from which state, and what does it lead to?

use crate::ticket::State;
use crate::ticket::permit::Role;

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person in a role.
    Person(Role),
    /// The program's own clock.
    System,
}

/// From which states an action starts.
#[derive(Clone, Copy, Debug)]
enum Start {
    These(&'static [State]),
    /// Any open state.
    Open,
    /// Any open state, or closed.
    OpenOrClosed,
}

/// Where it leads.
#[derive(Clone, Copy, Debug)]
enum To {
    State(State),
    Same,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Action {
    /// Stable code.
    pub code: &'static str,
    /// Chinese title.
    pub title: &'static str,
    from: Start,
    to: To,
    roles: &'static [Role],
    system: bool,
}

const LEADERS: &[Role] = &[Role::SquadLeader, Role::DeputyLeader, Role::PrincipalLeader];
const DESK: &[Role] = &[Role::Clerk, Role::DeputyLeader, Role::PrincipalLeader];
const TOP: &[Role] = &[Role::DeputyLeader, Role::PrincipalLeader];

const fn action(
    code: &'static str,
    title: &'static str,
    from: Start,
    to: To,
    roles: &'static [Role],
) -> Action {
    Action {
        code,
        title,
        from,
        to,
        roles,
        system: false,
    }
}

impl Action {
    /// Whether people of this role may try the action.
    #[must_use]
    pub fn is_for(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

const fn also_system(mut action: Action) -> Action {
    action.system = true;
    action
}

use Start::{Open, OpenOrClosed, These};
use State::{
    Archived, Assigned, Closed, Intake, Merged, OnAccount, Rejected, Returned, Review, Suspended,
    Triaged, Withdrawn, Working,
};
use To::Same;

/// All actions (casework reference, section 4), in the order of a ticket's life.
pub static ACTIONS: &[Action] = &[
    action(
        "answer_direct",
        "直办",
        These(&[Intake]),
        To::State(Closed),
        &[Role::Clerk],
    ),
    action(
        "triage",
        "定级",
        These(&[Intake]),
        To::State(Triaged),
        &[Role::Clerk, Role::DeputyLeader],
    ),
    action(
        "retriage",
        "重新定级",
        These(&[Triaged, Assigned, Working]),
        Same,
        DESK,
    ),
    action(
        "assign",
        "派单",
        These(&[Triaged]),
        To::State(Assigned),
        DESK,
    ),
    action(
        "reassign",
        "改派",
        These(&[Assigned, Working]),
        To::State(Assigned),
        &[
            Role::Clerk,
            Role::SquadLeader,
            Role::DeputyLeader,
            Role::PrincipalLeader,
        ],
    ),
    action(
        "sign",
        "签收",
        These(&[Assigned]),
        To::State(Working),
        &[Role::Officer, Role::SquadLeader],
    ),
    action(
        "decline",
        "内部退单",
        These(&[Assigned]),
        To::State(Triaged),
        &[Role::SquadLeader],
    ),
    action(
        "contact",
        "联系",
        OpenOrClosed,
        Same,
        &[
            Role::Clerk,
            Role::Officer,
            Role::SquadLeader,
            Role::DeputyLeader,
            Role::PrincipalLeader,
        ],
    ),
    action(
        "suspend",
        "挂起",
        These(&[Working]),
        To::State(Suspended),
        TOP,
    ),
    also_system(action(
        "resume",
        "恢复",
        These(&[Suspended]),
        To::State(Working),
        &[
            Role::Officer,
            Role::SquadLeader,
            Role::DeputyLeader,
            Role::PrincipalLeader,
        ],
    )),
    action("extend", "延期", These(&[Working]), Same, TOP),
    action(
        "submit",
        "提交",
        These(&[Working]),
        To::State(Review),
        &[Role::Officer, Role::SquadLeader],
    ),
    action(
        "approve",
        "审核通过",
        These(&[Review]),
        To::State(Closed),
        LEADERS,
    ),
    action(
        "send_back",
        "审核退回",
        These(&[Review]),
        To::State(Working),
        LEADERS,
    ),
    action("visit", "回访", These(&[Closed]), Same, &[Role::Clerk]),
    also_system(action(
        "archive",
        "归档",
        These(&[Closed]),
        To::State(Archived),
        &[Role::Clerk],
    )),
    action(
        "redo",
        "重办",
        These(&[Closed, Archived]),
        To::State(Assigned),
        DESK,
    ),
    action(
        "return_up",
        "退回",
        These(&[Intake, Triaged]),
        To::State(Returned),
        TOP,
    ),
    action(
        "reject",
        "不予受理",
        These(&[Intake]),
        To::State(Rejected),
        &[Role::Clerk],
    ),
    action(
        "merge",
        "合并",
        These(&[Intake, Triaged, Assigned, Working]),
        To::State(Merged),
        &[Role::Clerk],
    ),
    action(
        "unmerge",
        "取消合并",
        These(&[Merged]),
        To::State(Triaged),
        &[Role::Clerk],
    ),
    action(
        "withdraw",
        "撤诉",
        Open,
        To::State(Withdrawn),
        &[Role::Clerk],
    ),
    action(
        "account",
        "挂账",
        These(&[Working, Review]),
        To::State(OnAccount),
        &[Role::PrincipalLeader],
    ),
    action(
        "clear_account",
        "销账",
        These(&[OnAccount]),
        To::State(Review),
        LEADERS,
    ),
    action(
        "supervise",
        "督办",
        Open,
        Same,
        &[Role::DeputyLeader, Role::PrincipalLeader, Role::Auditor],
    ),
    also_system(action(
        "urge",
        "催办",
        Open,
        Same,
        &[Role::Clerk, Role::Auditor],
    )),
    also_system(action(
        "escalate",
        "提级",
        Open,
        Same,
        &[Role::Clerk, Role::SquadLeader, Role::DeputyLeader],
    )),
];

/// An attempt, with what only the caller can know.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// State of the ticket.
    pub state: State,
    /// Code of the action.
    pub action: &'a str,
    /// Who acts.
    pub actor: Actor,
    /// Whether the ticket belongs to the actor's unit.
    pub own_unit: bool,
    /// Whether the version the actor saw is the present one.
    pub version_matches: bool,
    /// What the guard misses; empty = it holds.
    pub missing: &'a [&'a str],
}

/// Why an attempt was refused; the order of the checks keeps an error from revealing what its actor may not know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The row is not visible to the actor, or the action does not exist.
    NotFound,
    /// The role may not do this.
    Forbidden,
    /// Somebody else changed the ticket.
    VersionConflict,
    /// The state does not allow it.
    InvalidTransition,
    /// The guard misses these.
    GuardFailed(Vec<String>),
}

impl Refusal {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::VersionConflict => "version_conflict",
            Self::InvalidTransition => "invalid_transition",
            Self::GuardFailed(_) => "guard_failed",
        }
    }
}

/// Judges an attempt: visible → role → version → state → guard; gives the new state.
///
/// # Errors
/// The first [`Refusal`] in that order.
pub fn judge(attempt: &Attempt<'_>) -> Result<State, Refusal> {
    let action = ACTIONS
        .iter()
        .find(|a| a.code == attempt.action)
        .ok_or(Refusal::NotFound)?;
    if !attempt.own_unit && sees_own_unit_only(attempt.actor) {
        return Err(Refusal::NotFound);
    }
    let allowed = match attempt.actor {
        Actor::Person(role) => action.roles.contains(&role),
        Actor::System => action.system,
    };
    if !allowed {
        return Err(Refusal::Forbidden);
    }
    if !attempt.version_matches {
        return Err(Refusal::VersionConflict);
    }
    if !starts(action.from, attempt.state) {
        return Err(Refusal::InvalidTransition);
    }
    if !attempt.missing.is_empty() {
        let missing = attempt.missing.iter().map(|m| (*m).to_owned()).collect();
        return Err(Refusal::GuardFailed(missing));
    }
    Ok(match action.to {
        To::State(state) => state,
        Same => attempt.state,
    })
}

const fn sees_own_unit_only(actor: Actor) -> bool {
    matches!(actor, Actor::Person(Role::Officer | Role::SquadLeader))
}

fn starts(from: Start, state: State) -> bool {
    match from {
        These(states) => states.contains(&state),
        Open => state.is_open(),
        OpenOrClosed => state.is_open() || state == Closed,
    }
}
