//! What to do with money and people: which measures for a budget, who stands where and when?
//!
//! | question | file |
//! |---|---|
//! | what does a bundle of measures prevent, and how sure is that? | `benefit` |
//! | which alternatives has a site? | `offer` |
//! | which of them for the budgets, how sure, what binds? | `measures` |
//! | which one would the ranking by incremental ratios take? | `ranking` |
//! | when is there a crowd at a gate, and how many people does it need? | `school`, `need`, `post` |
//! | how far is it from gate to gate along the roads? | `ride` |
//! | who can serve several gates one after the other? | `chain` |
//! | who stands where when people are short? | `stand` |
//! | who serves which duty? | `roster` |
//! | which loop does a motor unit drive? | `routes` |
//! | how does a duty get into a calendar? | `ics` |

mod answer;
mod benefit;
pub mod chain;
mod doubt;
pub mod ics;
mod measures;
pub mod need;
mod offer;
pub mod post;
mod ranking;
pub mod ride;
pub mod roster;
pub mod routes;
pub mod school;
pub mod stand;
mod wish;

pub use answer::{Lot, MeasurePlan, Money, Ranked, Till, Why};
pub use benefit::{
    Combine, LocalResult, Posterior, Z80, annuity, bundle_multiplier, combine, side,
};
pub use measures::Desk;
pub use offer::{Alternative as SiteAlternative, Load, Multiplier, Reckoning, SiteNeed};
pub use ranking::{Alternative, Step, incremental};
pub use wish::{BadWish, Mode, Wish};
