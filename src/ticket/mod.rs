//! What is a ticket, and what may happen to it?

pub mod action;
pub mod clock;
pub mod event;
pub mod names;
pub mod permit;
pub mod petitioner;
pub mod redact;
pub mod seal;
pub mod tier;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::calendar::UtcMs;
use crate::spatial::Datum;

/// Key of a ticket inside the program, given on import, never reused.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TicketId(pub i64);

/// Keyed hash of a petitioner's normalised phone (HMAC-SHA-256, first 64 bits); says "same person", never who.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PetitionerKey(pub i64);

/// The way a demand came in (诉求来源).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Channel {
    /// 12345 市民热线.
    #[serde(rename = "12345")]
    Hotline12345,
    /// 12123 语音.
    #[serde(rename = "12123")]
    Voice12123,
    /// 新媒体留言.
    #[serde(rename = "media")]
    Media,
    /// 122 接警.
    #[serde(rename = "122")]
    Call122,
    /// 政务督查网.
    #[serde(rename = "supervision")]
    Supervision,
    /// 巡查发现.
    #[serde(rename = "patrol")]
    Patrol,
    /// 窗口来访.
    #[serde(rename = "walkin")]
    WalkIn,
    /// Own finds through the API (Open311).
    #[serde(rename = "api")]
    Api,
    /// Not said by the file and not chosen by the operator.
    #[serde(rename = "unknown")]
    Unknown,
}

impl Channel {
    /// All channels in display order.
    pub const ALL: [Self; 9] = [
        Self::Hotline12345,
        Self::Voice12123,
        Self::Media,
        Self::Call122,
        Self::Supervision,
        Self::Patrol,
        Self::WalkIn,
        Self::Api,
        Self::Unknown,
    ];

    /// Stable code used in URLs, columns and files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Hotline12345 => "12345",
            Self::Voice12123 => "12123",
            Self::Media => "media",
            Self::Call122 => "122",
            Self::Supervision => "supervision",
            Self::Patrol => "patrol",
            Self::WalkIn => "walkin",
            Self::Api => "api",
            Self::Unknown => "unknown",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.code() == code)
    }

    /// Chinese name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Hotline12345 => "12345热线",
            Self::Voice12123 => "12123语音",
            Self::Media => "新媒体留言",
            Self::Call122 => "122接警",
            Self::Supervision => "政务督查网",
            Self::Patrol => "巡查发现",
            Self::WalkIn => "窗口来访",
            Self::Api => "接口上报",
            Self::Unknown => "未注明",
        }
    }
}

/// Where a ticket stands (casework reference, section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 待研判.
    Intake,
    /// 待派单.
    Triaged,
    /// 待签收.
    Assigned,
    /// 办理中.
    Working,
    /// 已挂起.
    Suspended,
    /// 待审核.
    Review,
    /// 待回访.
    Closed,
    /// 已归档.
    Archived,
    /// 不予受理.
    Rejected,
    /// 已退回.
    Returned,
    /// 已合并.
    Merged,
    /// 已撤诉.
    Withdrawn,
    /// 挂账.
    OnAccount,
}

/// Whether a nature is praise, which is no demand.
#[must_use]
pub fn is_praise(nature: Option<&str>) -> bool {
    nature.is_some_and(|n| n.contains("表扬"))
}

impl State {
    /// All states in the order of a ticket's life.
    pub const ALL: [Self; 13] = [
        Self::Intake,
        Self::Triaged,
        Self::Assigned,
        Self::Working,
        Self::Suspended,
        Self::Review,
        Self::Closed,
        Self::Archived,
        Self::Rejected,
        Self::Returned,
        Self::Merged,
        Self::Withdrawn,
        Self::OnAccount,
    ];

    /// Stable code used in URLs, columns and files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Triaged => "triaged",
            Self::Assigned => "assigned",
            Self::Working => "working",
            Self::Suspended => "suspended",
            Self::Review => "review",
            Self::Closed => "closed",
            Self::Archived => "archived",
            Self::Rejected => "rejected",
            Self::Returned => "returned",
            Self::Merged => "merged",
            Self::Withdrawn => "withdrawn",
            Self::OnAccount => "on_account",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Chinese name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Intake => "待研判",
            Self::Triaged => "待派单",
            Self::Assigned => "待签收",
            Self::Working => "办理中",
            Self::Suspended => "已挂起",
            Self::Review => "待审核",
            Self::Closed => "待回访",
            Self::Archived => "已归档",
            Self::Rejected => "不予受理",
            Self::Returned => "已退回",
            Self::Merged => "已合并",
            Self::Withdrawn => "已撤诉",
            Self::OnAccount => "挂账",
        }
    }

    /// Whether a demand in this state counts on the map: not rejected, returned, merged or withdrawn (casework reference 8).
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(
            self,
            Self::Rejected | Self::Returned | Self::Merged | Self::Withdrawn
        )
    }

    /// Whether somebody still has to act before the answer is given (挂账 stands apart and is not open).
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            Self::Intake
                | Self::Triaged
                | Self::Assigned
                | Self::Working
                | Self::Suspended
                | Self::Review
        )
    }
}

/// The pair of coordinates as the file wrote it; nothing converted, nothing judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenPair {
    /// First number as written (normally longitude).
    pub x: f64,
    /// Second number as written (normally latitude).
    pub y: f64,
    /// The datum that the row or the source declares; `None` = undeclared.
    pub datum: Option<Datum>,
}

/// One ticket as read from a file: facts only, already free of clear personal data.
///
/// `title`, `content`, `place_text` and `reply` are the **masked** texts (phones, ids, plates, names after cue words and room
/// numbers replaced by 〔…〕); the originals travel apart, sealed (see `petitioner`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ticket {
    /// Channel of the demand.
    pub channel: Channel,
    /// The channel's own number; with the channel it is the identity of a ticket. Never empty (a hash of the row where the file has none).
    pub external_no: String,
    /// Number of the superior platform, if given; joins channels.
    pub superior_no: Option<String>,
    /// 性质 as written: 咨询 求助 投诉 举报 建议 表扬 其他.
    pub nature: Option<String>,
    /// 紧急程度 as written.
    pub urgency: Option<String>,
    /// Category tree, top to leaf, as the city's own list names it; empty if unknown.
    pub category: Vec<String>,
    /// Masked title.
    pub title: String,
    /// Masked content.
    pub content: String,
    /// Masked place column.
    pub place_text: String,
    /// District named by the row.
    pub district: Option<String>,
    /// Street office or town named by the row.
    pub town: Option<String>,
    /// Coordinates as written.
    pub pair: Option<GivenPair>,
    /// Petitioner's key; `None` = anonymous or no phone.
    pub petitioner: Option<PetitionerKey>,
    /// 保密.
    pub confidential: bool,
    /// When the citizen reported.
    pub reported_at: Option<UtcMs>,
    /// Arrival in the brigade; the instant every slice uses.
    pub received_at: UtcMs,
    /// 派单时间.
    pub assigned_at: Option<UtcMs>,
    /// 签收时间.
    pub signed_at: Option<UtcMs>,
    /// 首次联系时间.
    pub contacted_at: Option<UtcMs>,
    /// 承诺完成时间.
    pub due_at: Option<UtcMs>,
    /// 办结时间.
    pub closed_at: Option<UtcMs>,
    /// Unit in charge (承办单位).
    pub unit: Option<String>,
    /// State read from 办理状态, or derived from the dates.
    pub state: State,
    /// Redo rounds (重办次数).
    pub redo: u16,
    /// 处理结果 as written.
    pub result: Option<String>,
    /// Masked reply to the citizen.
    pub reply: Option<String>,
    /// Visit: was the petitioner contacted?
    pub visit_contacted: Option<bool>,
    /// Visit: was it solved?
    pub visit_solved: Option<bool>,
    /// Visit verdict: `satisfied`, `basic`, `dissatisfied`; `None` = not rated.
    pub satisfaction: Option<String>,
    /// Columns nobody mapped, by header; masked like the texts.
    pub extras: BTreeMap<String, String>,
}

impl Ticket {
    /// A ticket of a channel that says nothing yet but when it arrived.
    #[must_use]
    pub fn bare(channel: Channel, received_at: UtcMs) -> Self {
        Self {
            channel,
            external_no: String::new(),
            superior_no: None,
            nature: None,
            urgency: None,
            category: Vec::new(),
            title: String::new(),
            content: String::new(),
            place_text: String::new(),
            district: None,
            town: None,
            pair: None,
            petitioner: None,
            confidential: false,
            reported_at: None,
            received_at,
            assigned_at: None,
            signed_at: None,
            contacted_at: None,
            due_at: None,
            closed_at: None,
            unit: None,
            state: State::Intake,
            redo: 0,
            result: None,
            reply: None,
            visit_contacted: None,
            visit_solved: None,
            satisfaction: None,
            extras: BTreeMap::new(),
        }
    }
}

/// What may only be kept sealed: one per ticket, encrypted per field in the store.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// Name as written.
    pub name: Option<String>,
    /// Normalised phone.
    pub phone: Option<String>,
    /// Account on the platform, where it stands in place of a phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Identity number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_card: Option<String>,
    /// Title before masking, only if masking changed it.
    pub title: Option<String>,
    /// Content before masking, only if masking changed it.
    pub content: Option<String>,
    /// Place column before masking, only if masking changed it.
    pub place_text: Option<String>,
    /// Reply before masking, only if masking changed it.
    pub reply: Option<String>,
    /// Extras before masking, only those that masking changed.
    pub extras: BTreeMap<String, String>,
}
