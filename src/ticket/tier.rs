//! How hard is a ticket: which of the three levels does it ask for?

use serde::{Deserialize, Serialize};

/// 三级办理.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// 一般: the squad leader answers.
    #[serde(rename = "一般")]
    Plain,
    /// 复杂: a deputy leader answers.
    #[serde(rename = "复杂")]
    Complex,
    /// 疑难: the principal leader answers.
    #[serde(rename = "疑难")]
    Hard,
}

impl Tier {
    /// Chinese name, which is also the stable code.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Plain => "一般",
            Self::Complex => "复杂",
            Self::Hard => "疑难",
        }
    }
}

/// What triage looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one question of the triage form"
)]
pub struct Features {
    /// Another department is needed.
    pub multi_department: bool,
    /// Tickets at the site in 90 days.
    pub site_tickets_90d: u32,
    /// People who ask together.
    pub group_size: u32,
    /// Redo rounds.
    pub redo_rounds: u32,
    /// Engineering is needed.
    pub needs_engineering: bool,
    /// Somebody was hurt, or minors are concerned.
    pub injury_or_minors: bool,
    /// In the media.
    pub media_exposed: bool,
    /// Another jurisdiction is concerned.
    pub cross_jurisdiction: bool,
    /// A superior supervises it.
    pub superior_supervised: bool,
    /// Transfers that found no owner.
    pub transfers_without_owner: u32,
    /// 特急.
    pub most_urgent: bool,
}

/// Suggests points and tier; a person confirms, both are kept (casework reference, section 5).
#[must_use]
pub fn suggest(f: &Features) -> (u32, Tier) {
    let flag = |on: bool, points: u32| if on { points } else { 0 };
    let points = flag(f.multi_department, 2)
        + flag(f.site_tickets_90d >= 3, 2)
        + flag(f.group_size >= 5, 2)
        + (2 * f.redo_rounds).min(4)
        + flag(f.needs_engineering, 2)
        + flag(f.injury_or_minors, 1)
        + flag(f.media_exposed, 1)
        + flag(f.cross_jurisdiction, 1)
        + flag(f.superior_supervised, 2);
    let by_points = match points {
        0..=1 => Tier::Plain,
        2..=3 => Tier::Complex,
        _ => Tier::Hard,
    };
    let least = if f.redo_rounds >= 3 || f.transfers_without_owner >= 3 {
        Tier::Hard
    } else if f.most_urgent {
        Tier::Complex
    } else {
        Tier::Plain
    };
    (points, by_points.max(least))
}
