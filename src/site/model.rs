//! What is a site, what does it hold, and what may happen to it?

use serde::{Deserialize, Serialize};

use crate::calendar::UtcMs;
use crate::place::Precision;
use crate::spatial::LonLat;
use crate::ticket::{PetitionerKey, TicketId};

/// Key of a site, never reused; a merged one stays resolvable.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SiteId(pub i64);

/// One ticket as site forming takes it in.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteTicket {
    /// Which ticket.
    pub id: TicketId,
    /// Located point (WGS-84); for a segment a point of the line, never clustered as a spot.
    pub point: LonLat,
    /// What the words support.
    pub precision: Precision,
    /// Radius of uncertainty in metres.
    pub radius_m: f32,
    /// Arrival.
    pub when: UtcMs,
    /// Who asked; `None` = anonymous, counted as a person of his own.
    pub petitioner: Option<PetitionerKey>,
    /// Severity points (hotspot reference 2.2): 1, one more when it was redone, one more when it was rated unsatisfied.
    pub points: u8,
    /// Whether it was redone.
    pub redone: bool,
    /// Category code.
    pub category: u16,
    /// Gazetteer features the words named (gate, junction, place, roads): `Located::features`.
    pub features: Vec<String>,
    /// Phrase form: `Located::form`.
    pub form: String,
    /// The stretch of a segment ticket, WGS-84; empty for spots.
    pub line: Vec<LonLat>,
}

/// What a site is, by the thing it stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// 校门口.
    SchoolGate,
    /// 停车场出入口.
    ParkingEntrance,
    /// 路口.
    Intersection,
    /// 医院.
    Hospital,
    /// 市场商圈.
    Market,
    /// 小区出入口.
    Estate,
    /// 公交站、地铁口.
    Stop,
    /// 路段.
    Frontage,
    /// 其他地点.
    Place,
    /// 无名地点: nothing with a name is near.
    Spot,
}

impl Kind {
    /// All kinds in display order.
    pub const ALL: [Self; 10] = [
        Self::SchoolGate,
        Self::ParkingEntrance,
        Self::Intersection,
        Self::Hospital,
        Self::Market,
        Self::Estate,
        Self::Stop,
        Self::Frontage,
        Self::Place,
        Self::Spot,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SchoolGate => "school_gate",
            Self::ParkingEntrance => "parking_entrance",
            Self::Intersection => "intersection",
            Self::Hospital => "hospital",
            Self::Market => "market",
            Self::Estate => "estate",
            Self::Stop => "stop",
            Self::Frontage => "frontage",
            Self::Place => "place",
            Self::Spot => "spot",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.code() == code)
    }

    /// Chinese name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::SchoolGate => "校门口",
            Self::ParkingEntrance => "停车场出入口",
            Self::Intersection => "路口",
            Self::Hospital => "医院",
            Self::Market => "市场商圈",
            Self::Estate => "小区",
            Self::Stop => "公交站点",
            Self::Frontage => "路段",
            Self::Place => "地点",
            Self::Spot => "无名点位",
        }
    }
}

/// What an anchor of the gazetteer is.
pub type AnchorKind = Kind;

/// A thing of the gazetteer that a site can stand at and be named after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Anchor {
    /// Feature id: gate, junction, place, or the road of a frontage.
    pub feature: String,
    /// The place that a gate or entrance belongs to.
    pub parent: Option<String>,
    /// What it is.
    pub kind: AnchorKind,
    /// How people call it: 实验小学东门, 文治路与鼎城街交叉口.
    pub name: String,
    /// Where it is.
    pub point: LonLat,
}

/// Tickets that lie together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Members, ascending.
    pub members: Vec<TicketId>,
    /// Where it is shown: the door or junction it stands at, else the mean of its members.
    pub point: LonLat,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// The thing of the gazetteer it stands at, if any.
    pub anchor: Option<Anchor>,
    /// The stretch, if it is a frontage; empty otherwise.
    pub line: Vec<LonLat>,
    /// Sum of the caller weights (hotspot reference 2.3).
    pub n_eff: f64,
    /// Distinct known callers plus anonymous tickets.
    pub petitioners: u32,
    /// One caller, three tickets or more.
    pub single_voice: bool,
    /// One caller has more than half of at least five tickets.
    pub dominated: bool,
}

/// Where a site stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Has a cluster in the last run.
    Active,
    /// Had none in the last run.
    Dormant,
    /// Became part of another site.
    Merged,
}

impl Status {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Dormant => "dormant",
            Self::Merged => "merged",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Active, Self::Dormant, Self::Merged]
            .into_iter()
            .find(|s| s.code() == code)
    }

    /// Chinese name.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Active => "活跃",
            Self::Dormant => "沉寂",
            Self::Merged => "已并入",
        }
    }
}

/// A place where tickets recur, with a lasting number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Lasting number.
    pub id: SiteId,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub point: LonLat,
    /// The stretch, if it is a frontage; empty otherwise.
    pub line: Vec<LonLat>,
    /// The gazetteer feature it is named after.
    pub feature: Option<String>,
    /// Tickets at its last run, ascending.
    pub members: Vec<TicketId>,
    /// Distinct known callers plus anonymous tickets.
    pub petitioners: u32,
    /// Sum of the caller weights.
    pub n_eff: f64,
    /// One caller, three tickets or more.
    pub single_voice: bool,
    /// One caller has more than half of at least five tickets.
    pub dominated: bool,
    /// Shrunken collapsed tickets per 365 days.
    pub rate: f64,
    /// 95 % interval of the rate.
    pub rate_low: f64,
    /// Upper end.
    pub rate_high: f64,
    /// Tickets per 365 days of an ordinary site of this city.
    pub expected: f64,
    /// Severity points of the same tickets, repeats collapsed, shrunken, per 365 days: what the site is ranked by.
    #[serde(default)]
    pub burden: Burden,
    /// Place in the ranking, 1 = worst; 0 = not ranked (one voice).
    pub rank: u32,
    /// Earliest arrival among the members.
    pub first: UtcMs,
    /// Latest arrival among the members.
    pub last: UtcMs,
    /// Where it stands.
    pub status: Status,
    /// The site it became part of.
    pub into: Option<SiteId>,
    /// Number of the run that made it.
    pub born_run: i64,
    /// Number of the last run that had a cluster for it.
    pub last_run: i64,
}

/// What the tickets of a site weigh, beside how many they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Burden {
    /// Shrunken severity points per 365 days.
    pub rate: f64,
    /// 2.5 % point of it.
    pub low: f64,
    /// 97.5 % point.
    pub high: f64,
    /// An ordinary site of this city.
    pub expected: f64,
    /// What was counted, in points of a typical ticket, so that chance alone varies by its mean.
    pub counted: f64,
    /// Redone tickets among those that were counted.
    pub redone: u32,
}

/// What happened to a site in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// New number.
    Born,
    /// New number, cut from `other`.
    Split,
    /// Was dormant, has a cluster again.
    Revived,
    /// Became part of `other`.
    Merged,
    /// Has no cluster in this run.
    Dormant,
    /// Got another name by hand.
    Renamed,
    /// Was put elsewhere by hand.
    Moved,
    /// Was fixed by hand.
    Pinned,
    /// Is no longer fixed.
    Released,
    /// Is a site of its own again: a merge by hand was taken back.
    Restored,
}

/// One event in a site's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteEvent {
    /// Run number.
    pub run: i64,
    /// What happened.
    pub kind: EventKind,
    /// To which site.
    pub site: SiteId,
    /// The other site of a split or a merge.
    pub other: Option<SiteId>,
}
