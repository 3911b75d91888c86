//! What does the index take in for one ticket?

use crate::calendar::UtcMs;
use crate::index::dict::NONE;
use crate::place::Precision;
use crate::spatial::LonLat;
use crate::ticket::{Channel, PetitionerKey, State, TicketId};

/// One ticket as the index takes it in; codes are those of [`crate::index::Dicts`].
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which ticket.
    pub ticket: TicketId,
    /// The shown point; for a segment or a road a point of the line, never a pretended spot. `None` = not located.
    pub point: Option<LonLat>,
    /// What the words support.
    pub precision: Precision,
    /// Radius of uncertainty in metres (kept in whole metres, at most 65,535).
    pub radius_m: f32,
    /// Probability that the true spot lies inside the radius (kept in whole percent, rounded down).
    pub confidence: f32,
    /// Arrival in the brigade (kept in whole seconds, 1970 to 2106).
    pub received: UtcMs,
    /// 办结时间, if closed.
    pub closed: Option<UtcMs>,
    /// Code in `Dicts::categories`, [`NONE`] = unknown.
    pub category: u16,
    /// Channel.
    pub channel: Channel,
    /// State.
    pub state: State,
    /// Code in `Dicts::areas`, [`NONE`] = outside or unknown.
    pub area: u16,
    /// Code in `Dicts::units`, [`NONE`] = none.
    pub unit: u16,
    /// Who asked, as a keyed hash; `None` = anonymous.
    pub petitioner: Option<PetitionerKey>,
    /// Redo rounds (kept up to 255).
    pub redo: u16,
    /// Id of the site that holds the ticket, if any.
    pub site: Option<i64>,
    /// The point is the middle of a hexagon around somebody's home, not the place itself.
    pub coarse: bool,
}

impl Row {
    /// A row that is known only by its number and time: no place, no category, one who is unknown.
    #[must_use]
    pub const fn bare(ticket: TicketId, received: UtcMs) -> Self {
        Self {
            ticket,
            point: None,
            precision: Precision::None,
            radius_m: 0.0,
            confidence: 0.0,
            received,
            closed: None,
            category: NONE,
            channel: Channel::Unknown,
            state: State::Intake,
            area: NONE,
            unit: NONE,
            petitioner: None,
            redo: 0,
            site: None,
            coarse: false,
        }
    }

    /// Whether the ticket is drawn as a point: it has one, and the words name a spot (point, address, intersection, place).
    ///
    /// A segment, a road or an area keeps its shown point for lists and boxes, but is never drawn or clustered as a spot.
    #[must_use]
    pub fn is_spot(&self) -> bool {
        self.point.is_some_and(LonLat::is_valid) && names_a_spot(self.precision)
    }
}

/// Whether a class of precision names a spot rather than a line or an area.
#[must_use]
pub const fn names_a_spot(precision: Precision) -> bool {
    matches!(
        precision,
        Precision::Point | Precision::Address | Precision::Intersection | Precision::Poi
    )
}

/// All states in the order of their code in the column.
pub(crate) const STATES: [State; 13] = [
    State::Intake,
    State::Triaged,
    State::Assigned,
    State::Working,
    State::Suspended,
    State::Review,
    State::Closed,
    State::Archived,
    State::Rejected,
    State::Returned,
    State::Merged,
    State::Withdrawn,
    State::OnAccount,
];

/// Confidence in whole percent, rounded down; a hair is added so that 0.29 stays 29.
pub(crate) fn percent(share: f32) -> u8 {
    u8::try_from(whole((f64::from(share) * 100.0 + 1e-4).floor(), 100.0)).unwrap_or(100)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=most first, and most is at most 65,535"
)]
pub(crate) fn whole(value: f64, most: f64) -> u16 {
    value.clamp(0.0, most) as u16
}

/// Stable code of a state.
#[must_use]
pub const fn state_code(state: State) -> &'static str {
    match state {
        State::Intake => "intake",
        State::Triaged => "triaged",
        State::Assigned => "assigned",
        State::Working => "working",
        State::Suspended => "suspended",
        State::Review => "review",
        State::Closed => "closed",
        State::Archived => "archived",
        State::Rejected => "rejected",
        State::Returned => "returned",
        State::Merged => "merged",
        State::Withdrawn => "withdrawn",
        State::OnAccount => "on_account",
    }
}

/// Chinese name of a state.
#[must_use]
pub const fn state_title(state: State) -> &'static str {
    match state {
        State::Intake => "待研判",
        State::Triaged => "待派单",
        State::Assigned => "待签收",
        State::Working => "办理中",
        State::Suspended => "已挂起",
        State::Review => "待审核",
        State::Closed => "待回访",
        State::Archived => "已归档",
        State::Rejected => "不予受理",
        State::Returned => "已退回",
        State::Merged => "已合并",
        State::Withdrawn => "已撤诉",
        State::OnAccount => "挂账",
    }
}

/// Chinese name of a precision class.
#[must_use]
pub const fn precision_title(precision: Precision) -> &'static str {
    match precision {
        Precision::Point => "点",
        Precision::Address => "门牌号",
        Precision::Intersection => "路口",
        Precision::Poi => "地点",
        Precision::Segment => "路段",
        Precision::Road => "整条道路",
        Precision::Area => "区域",
        Precision::None => "无地点",
    }
}
