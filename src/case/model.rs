//! What is a case: a site's problem, its diagnosis, who answers for it, and the measures with their dates?

use serde::{Deserialize, Serialize};

use crate::calendar::Day;
use crate::spatial::LonLat;

/// Where a case stands.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// 草案: being written.
    #[default]
    Draft,
    /// 待审批: waits for a leader.
    Proposed,
    /// 退回修改: a leader wants changes.
    Returned,
    /// 待施工: decided, works not begun.
    Approved,
    /// 施工中: works begun, not all finished.
    Installing,
    /// 观察中: works finished, evaluated at its looks.
    Watching,
    /// 已结案.
    Closed,
    /// 反弹: the trouble came back after the close.
    Relapsed,
    /// 已撤销: never carried out.
    Withdrawn,
}

impl State {
    /// All states in the order of a case's life.
    pub const ALL: [Self; 9] = [
        Self::Draft,
        Self::Proposed,
        Self::Returned,
        Self::Approved,
        Self::Installing,
        Self::Watching,
        Self::Closed,
        Self::Relapsed,
        Self::Withdrawn,
    ];

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Proposed => "proposed",
            Self::Returned => "returned",
            Self::Approved => "approved",
            Self::Installing => "installing",
            Self::Watching => "watching",
            Self::Closed => "closed",
            Self::Relapsed => "relapsed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the stable code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    /// Chinese and English name.
    #[must_use]
    pub const fn title(self) -> [&'static str; 2] {
        match self {
            Self::Draft => ["草案", "draft"],
            Self::Proposed => ["待审批", "waits for approval"],
            Self::Returned => ["退回修改", "sent back"],
            Self::Approved => ["待施工", "approved, works not begun"],
            Self::Installing => ["施工中", "works under way"],
            Self::Watching => ["观察中", "watched"],
            Self::Closed => ["已结案", "closed"],
            Self::Relapsed => ["反弹", "relapsed"],
            Self::Withdrawn => ["已撤销", "withdrawn"],
        }
    }

    /// Whether the text and the list of measures may still be changed.
    #[must_use]
    pub const fn is_open_to_edit(self) -> bool {
        matches!(self, Self::Draft | Self::Returned | Self::Relapsed)
    }
}

/// One measure of a case, at a place, with its dates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Work {
    /// Number within the case, from 1, never reused.
    pub n: u32,
    /// Id in the catalogue.
    pub measure: String,
    /// One point, or the corners of a line, WGS-84.
    pub place: Vec<LonLat>,
    /// Units.
    pub quantity: f64,
    /// Yuan in all; `None` = catalogue middle × quantity, shown as a default estimate.
    pub cost_yuan: Option<i64>,
    /// When it was decided.
    #[serde(with = "crate::case::date")]
    pub decided: Option<Day>,
    /// First day of works.
    #[serde(with = "crate::case::date")]
    pub works_start: Option<Day>,
    /// Last day of works.
    #[serde(with = "crate::case::date")]
    pub works_end: Option<Day>,
    /// Day on which it was taken away again.
    #[serde(with = "crate::case::date")]
    pub removed: Option<Day>,
    /// Hours `[from, until)` in which it stands, for posts and patrols; empty = all day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<[u8; 2]>,
    /// Remark.
    pub note: String,
}

/// A visit to the site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Visit {
    /// When.
    #[serde(with = "crate::case::date")]
    pub on: Option<Day>,
    /// Who went.
    pub by: String,
    /// What was seen.
    pub seen: String,
}

/// What people write into a case before it is decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// Title for people.
    pub title: String,
    /// Problem kind of the catalogue; empty = not said.
    pub problem: String,
    /// Why the tickets recur, in words.
    pub diagnosis: String,
    /// Who answers for it.
    pub owner: String,
    /// Who helps.
    pub partners: Vec<String>,
    /// Measures.
    pub works: Vec<Work>,
}

/// A case (一点一策).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Case {
    /// Key.
    pub id: i64,
    /// Site it belongs to; its number lasts.
    pub site: i64,
    /// Name of the site when the case was made.
    pub site_name: String,
    /// What people wrote.
    pub content: Content,
    /// Visits to the site, oldest first.
    pub visits: Vec<Visit>,
    /// Where it stands by its events; [`Case::state_on`] adds what the calendar says.
    pub state: State,
    /// Number in the table it was imported from.
    pub external_no: Option<String>,
    /// Whether tickets and measures are simulated.
    pub simulated: bool,
    /// Who made it.
    pub created_by: String,
    /// Who proposed it last: nobody approves an own proposal.
    pub proposed_by: Option<String>,
    /// Last number given to a measure.
    pub last_work: u32,
}

impl Case {
    /// Where the case stands on a day: between decision and close, the dates of the works decide.
    #[must_use]
    pub fn state_on(&self, today: Day) -> State {
        if !matches!(
            self.state,
            State::Approved | State::Installing | State::Watching
        ) {
            return self.state;
        }
        let works = &self.content.works;
        let ended = |w: &Work| w.works_end.is_some_and(|d| d <= today);
        let begun = |w: &Work| w.works_start.is_some_and(|d| d <= today);
        if !works.is_empty() && works.iter().all(ended) {
            State::Watching
        } else if works.iter().any(|w| begun(w) || ended(w)) {
            State::Installing
        } else {
            State::Approved
        }
    }

    /// First decision of the case.
    #[must_use]
    pub fn decided(&self) -> Option<Day> {
        self.content.works.iter().filter_map(|w| w.decided).min()
    }

    /// Last day of all works, once every one is dated.
    #[must_use]
    pub fn works_end(&self) -> Option<Day> {
        let works = &self.content.works;
        let ends: Vec<Day> = works.iter().filter_map(|w| w.works_end).collect();
        (ends.len() == works.len())
            .then(|| ends.into_iter().max())
            .flatten()
    }

    /// The measure of a number.
    #[must_use]
    pub fn work(&self, n: u32) -> Option<&Work> {
        self.content.works.iter().find(|w| w.n == n)
    }
}
