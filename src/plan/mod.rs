//! What to do with money and people: which measures for a budget, who stands where and when?
//!
//! | question | file |
//! |---|---|
//! | what does a bundle of measures prevent, and how sure is that? | `benefit` |
//! | which one would the ranking by incremental ratios take? | `ranking` |

mod benefit;
mod ranking;

pub use benefit::{
    Combine, LocalResult, Posterior, Z80, annuity, bundle_multiplier, combine, side,
};
pub use ranking::{Alternative, Step, incremental};
