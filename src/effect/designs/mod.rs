//! What do other designs say: every way to judge a measure that a careful reader may ask for, behind one registry?
//!
//! The default estimator decides; these are second opinions. Each has its page of documentation in `docs/designs`, runs
//! on a plain document (`zhilu effect design`) and is held to the golden cases of its kind.

pub mod around_point;
pub mod comparison_group;
pub mod design;
pub mod displacement;
pub mod empirical_bayes;
pub mod event_profile;
pub mod group_time;
pub mod hauer;
pub mod interrupted_series;
pub mod meta_analysis;
pub mod mix_shift;
pub mod negative_binomial;
pub mod of_type;
pub mod opinions;
pub mod rate_ratio;
pub mod screen;
pub mod staggered;

pub use design::{Design, DesignError};
pub use of_type::{OfType, of_type};
pub use opinions::{attach, attach_all, disagreement, opinions};

/// All designs, in the order of the help and the documentation.
pub static DESIGNS: &[&Design] = &[
    &empirical_bayes::EMPIRICAL_BAYES,
    &comparison_group::COMPARISON_GROUP,
    &rate_ratio::RATE_RATIO,
    &around_point::AROUND_POINT,
    &interrupted_series::INTERRUPTED_SERIES,
    &staggered::STAGGERED,
    &event_profile::EVENT_PROFILE,
    &mix_shift::MIX_SHIFT,
    &displacement::DISPLACEMENT,
    &meta_analysis::META_ANALYSIS,
    &negative_binomial::NEGATIVE_BINOMIAL,
];

/// The design of a name, or `None`.
#[must_use]
pub fn design(name: &str) -> Option<&'static Design> {
    DESIGNS.iter().copied().find(|d| d.name == name)
}
