//! Is a hot spot new, growing, persistent or fading?
//!
//! The decision tree over a location's significant steps and its trend, in the current wording of `ArcGIS` (rule book,
//! section 9). Exactly one of 17 categories, or not enough history.

use crate::stats::series::Trend;

/// What a location's history is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pattern {
    /// The last step is the only significant one.
    New,
    /// The significant steps form one run that ends now.
    Consecutive,
    /// Nearly always significant, and more so.
    Intensifying,
    /// Nearly always significant.
    Persistent,
    /// Nearly always significant, but less so.
    Diminishing,
    /// On and off, on now.
    Sporadic,
    /// On now, and the opposite before.
    Oscillating,
    /// Nearly always significant, but not now.
    Historical,
}

impl Pattern {
    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Consecutive => "consecutive",
            Self::Intensifying => "intensifying",
            Self::Persistent => "persistent",
            Self::Diminishing => "diminishing",
            Self::Sporadic => "sporadic",
            Self::Oscillating => "oscillating",
            Self::Historical => "historical",
        }
    }

    /// Chinese name without 热点 / 冷点.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::New => "新增",
            Self::Consecutive => "连续",
            Self::Intensifying => "加强",
            Self::Persistent => "持续",
            Self::Diminishing => "减弱",
            Self::Sporadic => "分散",
            Self::Oscillating => "振荡",
            Self::Historical => "历史",
        }
    }
}

/// Category of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Fewer steps than the least history.
    Insufficient,
    /// No pattern.
    Quiet,
    /// A pattern of significantly high steps.
    Hot(Pattern),
    /// A pattern of significantly low steps.
    Cold(Pattern),
}

impl Category {
    /// Stable name: `new_hot`, `none`, `insufficient`.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Insufficient => "insufficient".to_owned(),
            Self::Quiet => "none".to_owned(),
            Self::Hot(p) => format!("{}_hot", p.name()),
            Self::Cold(p) => format!("{}_cold", p.name()),
        }
    }

    /// Chinese name: 新增热点, 无明显模式, 历史不足.
    #[must_use]
    pub fn title(self) -> String {
        match self {
            Self::Insufficient => "历史不足".to_owned(),
            Self::Quiet => "无明显模式".to_owned(),
            Self::Hot(p) => format!("{}热点", p.title()),
            Self::Cold(p) => format!("{}冷点", p.title()),
        }
    }
}

/// How categories are decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Significance of the trend.
    pub alpha_trend: f64,
    /// Share of steps that counts as nearly always.
    pub share: f64,
    /// Least number of steps.
    pub min_steps: usize,
    /// Older wording: on-and-off locations that end quiet are sporadic too.
    pub legacy_sporadic: bool,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            alpha_trend: 0.05,
            share: 0.9,
            min_steps: 10,
            legacy_sporadic: false,
        }
    }
}

/// The category of a location from its steps (1 hot, -1 cold, 0 neither, oldest first) and the trend of its scores.
#[must_use]
pub fn category(steps: &[i8], trend: Option<&Trend>, rule: Rule) -> Category {
    if steps.len() < rule.min_steps.max(1) {
        return Category::Insufficient;
    }
    let moving = trend
        .filter(|t| t.p < rule.alpha_trend)
        .map_or(0.0, |t| t.z);
    if let Some(pattern) = pattern(steps, 1, moving, rule) {
        return Category::Hot(pattern);
    }
    pattern(steps, -1, -moving, rule).map_or(Category::Quiet, Category::Cold)
}

fn pattern(steps: &[i8], side: i8, moving: f64, rule: Rule) -> Option<Pattern> {
    let n = steps.len();
    let on = steps.iter().filter(|s| **s == side).count();
    // A whole number just above the product through rounding must not raise the bar.
    let mostly = on as f64 >= (rule.share * n as f64 - 1e-9).ceil();
    let last = steps[n - 1] == side;
    let opposite = steps[..n - 1].contains(&-side);
    let run = steps.iter().rev().take_while(|s| **s == side).count();
    match (last, mostly) {
        (true, true) if moving > 0.0 => Some(Pattern::Intensifying),
        (true, true) if moving < 0.0 => Some(Pattern::Diminishing),
        (true, true) => Some(Pattern::Persistent),
        (true, false) if opposite => Some(Pattern::Oscillating),
        (true, false) if on == 1 => Some(Pattern::New),
        (true, false) if run == on => Some(Pattern::Consecutive),
        (true, false) => Some(Pattern::Sporadic),
        (false, true) => Some(Pattern::Historical),
        (false, false) => {
            let alone = on > 0 && !steps.contains(&-side);
            (rule.legacy_sporadic && alone).then_some(Pattern::Sporadic)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Category, Pattern, Rule, category};

    #[test]
    fn the_order_of_the_rules_decides_overlaps() {
        let rule = Rule::default();
        let mut steps = [0_i8; 12];
        assert_eq!(category(&steps, None, rule), Category::Quiet);
        steps[11] = 1;
        assert_eq!(category(&steps, None, rule), Category::Hot(Pattern::New));
        steps[0] = -1;
        assert_eq!(
            category(&steps, None, rule),
            Category::Hot(Pattern::Oscillating)
        );
        assert_eq!(category(&steps[..9], None, rule), Category::Insufficient);
        assert_eq!(
            category(
                &[],
                None,
                Rule {
                    min_steps: 0,
                    ..rule
                }
            ),
            Category::Insufficient
        );
        assert_eq!(Category::Hot(Pattern::New).title(), "新增热点");
    }

    #[test]
    fn mirrored_steps_have_the_mirrored_category() {
        let rule = Rule::default();
        let hot = [0_i8, 1, 1, 0, 0, 1, 0, 0, 1, 1];
        let cold: Vec<i8> = hot.iter().map(|s| -s).collect();
        assert_eq!(category(&hot, None, rule), Category::Hot(Pattern::Sporadic));
        assert_eq!(
            category(&cold, None, rule),
            Category::Cold(Pattern::Sporadic)
        );
    }
}
