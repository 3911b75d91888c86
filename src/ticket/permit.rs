//! Who may do what, and with which rows: eleven roles by rights, one table.
//!
//! The first rows are the casework reference, section 6, cell by cell; the rows below the line say how the work that reference
//! does not list (import, review, survey) follows from them: who sees all tickets in clear words may import, who judges places
//! may review, who edits or approves sites may form them. `admin` keeps accounts and never sees a case.

use serde::{Deserialize, Serialize};

/// A role of the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 受理员(专班).
    Clerk,
    /// 中队民警.
    Officer,
    /// 中队长.
    SquadLeader,
    /// 分管领导.
    DeputyLeader,
    /// 主要领导.
    PrincipalLeader,
    /// 秩序/规划.
    Planner,
    /// 督察考核.
    Auditor,
    /// 系统管理.
    Admin,
    /// 协办单位.
    Liaison,
    /// 宣传.
    Publicist,
    /// 公众.
    Public,
}

impl Role {
    /// All roles in the order of the table's columns.
    pub const ALL: [Self; 11] = [
        Self::Clerk,
        Self::Officer,
        Self::SquadLeader,
        Self::DeputyLeader,
        Self::PrincipalLeader,
        Self::Planner,
        Self::Auditor,
        Self::Admin,
        Self::Liaison,
        Self::Publicist,
        Self::Public,
    ];

    /// Stable code used in URLs, columns and files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Officer => "officer",
            Self::SquadLeader => "squad_leader",
            Self::DeputyLeader => "deputy_leader",
            Self::PrincipalLeader => "principal_leader",
            Self::Planner => "planner",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
            Self::Liaison => "liaison",
            Self::Publicist => "publicist",
            Self::Public => "public",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.code() == code)
    }

    /// Chinese title for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Clerk => "受理员",
            Self::Officer => "中队民警",
            Self::SquadLeader => "中队长",
            Self::DeputyLeader => "分管领导",
            Self::PrincipalLeader => "主要领导",
            Self::Planner => "秩序规划",
            Self::Auditor => "督察考核",
            Self::Admin => "系统管理员",
            Self::Liaison => "协办单位",
            Self::Publicist => "宣传",
            Self::Public => "公众",
        }
    }

    /// English title.
    #[must_use]
    pub const fn title_en(self) -> &'static str {
        match self {
            Self::Clerk => "Intake clerk",
            Self::Officer => "Squad officer",
            Self::SquadLeader => "Squad leader",
            Self::DeputyLeader => "Deputy leader",
            Self::PrincipalLeader => "Principal leader",
            Self::Planner => "Planner",
            Self::Auditor => "Auditor",
            Self::Admin => "Administrator",
            Self::Liaison => "Partner office",
            Self::Publicist => "Publicist",
            Self::Public => "Public",
        }
    }

    const fn column(self) -> usize {
        self as usize
    }
}

/// A right: one row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See tickets: list, tile, count, export.
    Tickets,
    /// Name and phone in clear.
    Clear,
    /// Export with personal data.
    ClearExport,
    /// Sites, measures, duty posts.
    Sites,
    /// Indicators, ranking.
    Indicators,
    /// Reports.
    Reports,
    /// Echo wall.
    Echo,
    /// Audit log.
    Audit,
    /// Users, calendar, settings.
    Settings,
    /// Import a file, see its report, commit, undo.
    Import,
    /// Judge places: review queue, aliases.
    Review,
    /// Form the sites anew.
    Survey,
}

impl Right {
    /// All rights in the order of the table's rows.
    pub const ALL: [Self; 12] = [
        Self::Tickets,
        Self::Clear,
        Self::ClearExport,
        Self::Sites,
        Self::Indicators,
        Self::Reports,
        Self::Echo,
        Self::Audit,
        Self::Settings,
        Self::Import,
        Self::Review,
        Self::Survey,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Tickets => "tickets",
            Self::Clear => "clear",
            Self::ClearExport => "clear_export",
            Self::Sites => "sites",
            Self::Indicators => "indicators",
            Self::Reports => "reports",
            Self::Echo => "echo",
            Self::Audit => "audit",
            Self::Settings => "settings",
            Self::Import => "import",
            Self::Review => "review",
            Self::Survey => "survey",
        }
    }

    /// Chinese title for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Tickets => "查看工单",
            Self::Clear => "查看姓名电话原文",
            Self::ClearExport => "导出个人信息",
            Self::Sites => "点位、措施、护学岗",
            Self::Indicators => "指标与排名",
            Self::Reports => "报告",
            Self::Echo => "回音壁",
            Self::Audit => "审计日志",
            Self::Settings => "用户、日历、设置",
            Self::Import => "导入",
            Self::Review => "地点复核",
            Self::Survey => "重新生成点位",
        }
    }

    /// English title.
    #[must_use]
    pub const fn title_en(self) -> &'static str {
        match self {
            Self::Tickets => "See tickets",
            Self::Clear => "Name and phone in clear",
            Self::ClearExport => "Personal data export",
            Self::Sites => "Sites, measures, duty posts",
            Self::Indicators => "Indicators, ranking",
            Self::Reports => "Reports",
            Self::Echo => "Echo wall",
            Self::Audit => "Audit log",
            Self::Settings => "Users, calendar, settings",
            Self::Import => "Import",
            Self::Review => "Review of places",
            Self::Survey => "Form sites anew",
        }
    }
}

/// Which rows a right covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// No row: the right does not exist for the role.
    None,
    /// Only what was published.
    Published,
    /// Only rows the person was invited to.
    Invited,
    /// Only rows assigned to the person.
    Assigned,
    /// Only the person's own acts.
    OwnActs,
    /// Only rows of the person's own unit.
    OwnUnit,
    /// All rows, personal data and exact words masked.
    Masked,
    /// All rows, each on request with a reason.
    OnRequest,
    /// All rows.
    All,
}

/// How far a right goes over the rows it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Power {
    /// Nothing.
    None,
    /// Read.
    Read,
    /// Read and verify the chain.
    Verify,
    /// Read and comment.
    Comment,
    /// Read and propose.
    Propose,
    /// Read and draft.
    Draft,
    /// Read and change.
    Edit,
    /// Read, change and approve.
    Approve,
    /// Read, change, approve and sign.
    Sign,
}

/// One cell of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Which rows.
    pub scope: Scope,
    /// How far.
    pub power: Power,
}

const fn cell(scope: Scope, power: Power) -> Cell {
    Cell { scope, power }
}

const NO: Cell = cell(Scope::None, Power::None);
const ALL: Cell = cell(Scope::All, Power::Read);
const OWN: Cell = cell(Scope::OwnUnit, Power::Read);
const MASK: Cell = cell(Scope::Masked, Power::Read);
const INVITED: Cell = cell(Scope::Invited, Power::Read);
const MINE: Cell = cell(Scope::Assigned, Power::Read);
const ASK: Cell = cell(Scope::OnRequest, Power::Read);
const PUBLISHED: Cell = cell(Scope::Published, Power::Read);
const COMMENT: Cell = cell(Scope::All, Power::Comment);
const PROPOSE: Cell = cell(Scope::All, Power::Propose);
const DRAFT: Cell = cell(Scope::All, Power::Draft);
const EDIT: Cell = cell(Scope::All, Power::Edit);
const APPROVE: Cell = cell(Scope::All, Power::Approve);
const SIGN: Cell = cell(Scope::All, Power::Sign);
const VERIFY: Cell = cell(Scope::All, Power::Verify);
const ACTS: Cell = cell(Scope::OwnActs, Power::Read);

/// The table: a row per right, a column per role.
#[rustfmt::skip]
static TABLE: [[Cell; 11]; 12] = [
    // clerk   officer  squad    deputy   principal planner auditor  admin  liaison  publicist public
    [ALL,     OWN,     OWN,     ALL,     ALL,     MASK,    MASK,    NO,    INVITED, MASK,    NO],        // tickets
    [ALL,     MINE,    OWN,     ASK,     ASK,     NO,      NO,      NO,    NO,      NO,      NO],        // clear
    [NO,      NO,      NO,      APPROVE, APPROVE, NO,      NO,      NO,    NO,      NO,      NO],        // clear_export
    [ALL,     ALL,     PROPOSE, APPROVE, APPROVE, EDIT,    ALL,     NO,    COMMENT, ALL,     PUBLISHED], // sites
    [ALL,     OWN,     OWN,     ALL,     ALL,     ALL,     ALL,     NO,    NO,      NO,      PUBLISHED], // indicators
    [DRAFT,   NO,      NO,      APPROVE, SIGN,    DRAFT,   ALL,     NO,    NO,      ALL,     NO],        // reports
    [PROPOSE, NO,      NO,      APPROVE, APPROVE, NO,      ALL,     NO,    NO,      DRAFT,   PUBLISHED], // echo
    [NO,      NO,      NO,      ACTS,    ALL,     NO,      VERIFY,  NO,    NO,      NO,      NO],        // audit
    [NO,      NO,      NO,      NO,      NO,      NO,      NO,      EDIT,  NO,      NO,      NO],        // settings
    // ---- follows from the rows above ----
    [EDIT,    NO,      NO,      EDIT,    EDIT,    NO,      NO,      NO,    NO,      NO,      NO],        // import
    [EDIT,    NO,      NO,      EDIT,    EDIT,    EDIT,    NO,      NO,    NO,      NO,      NO],        // review
    [NO,      NO,      NO,      EDIT,    EDIT,    EDIT,    NO,      NO,    NO,      NO,      NO],        // survey
];

/// The cell of a role and a right.
#[must_use]
pub fn cell_of(role: Role, right: Right) -> Cell {
    TABLE[right as usize][role.column()]
}

/// Which rows a right covers for a role; [`Scope::None`] = the role has not got the right.
#[must_use]
pub fn scope(role: Role, right: Right) -> Scope {
    cell_of(role, right).scope
}

/// How far a right goes for a role.
#[must_use]
pub fn power(role: Role, right: Right) -> Power {
    cell_of(role, right).power
}

/// Whether the role has the right at all, whatever the rows.
#[must_use]
pub fn allows(role: Role, right: Right) -> bool {
    scope(role, right) != Scope::None
}

/// Whether the role may change things under the right (edit, approve or sign).
#[must_use]
pub fn may_edit(role: Role, right: Right) -> bool {
    power(role, right) >= Power::Edit
}

#[cfg(test)]
mod tests {
    use super::{Power, Right, Role, Scope, allows, may_edit, power, scope};

    #[test]
    fn codes_of_roles_are_read_back_and_differ() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(role));
        }
        assert_eq!(Role::from_code("root"), None);
    }

    #[test]
    fn the_table_lists_roles_and_rights_in_the_order_of_their_declaration() {
        for (n, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, n);
        }
        for (n, right) in Right::ALL.into_iter().enumerate() {
            assert_eq!(right as usize, n);
        }
    }

    #[test]
    fn the_administrator_reads_no_case_and_only_he_edits_users() {
        assert!(!allows(Role::Admin, Right::Tickets));
        for role in Role::ALL {
            assert_eq!(may_edit(role, Right::Settings), role == Role::Admin);
        }
    }

    #[test]
    fn planner_auditor_and_publicist_see_tickets_only_masked_and_never_a_clear_name() {
        for role in [Role::Planner, Role::Auditor, Role::Publicist] {
            assert_eq!(scope(role, Right::Tickets), Scope::Masked);
            assert!(!allows(role, Right::Clear));
        }
    }

    #[test]
    fn squads_see_their_own_unit() {
        for role in [Role::Officer, Role::SquadLeader] {
            assert_eq!(scope(role, Right::Tickets), Scope::OwnUnit);
        }
    }

    #[test]
    fn the_public_gets_only_what_was_published() {
        for right in Right::ALL {
            assert!(matches!(
                scope(Role::Public, right),
                Scope::None | Scope::Published
            ));
        }
    }

    #[test]
    fn only_the_auditor_verifies_and_only_the_principal_signs() {
        for role in Role::ALL {
            assert_eq!(
                power(role, Right::Audit) == Power::Verify,
                role == Role::Auditor
            );
            assert_eq!(
                power(role, Right::Reports) == Power::Sign,
                role == Role::PrincipalLeader
            );
        }
    }
}
