//! What to do with money and people: which measures for a budget, who stands where and when?
//!
//! | question | file |
//! |---|---|
//! | what does a bundle of measures prevent, and how sure is that? | `benefit` |
//! | what plagues a site, what is known of it? | `site_need` |
//! | which alternatives has a site? | `offer` |
//! | which measures do the facts of a place rule out? | `place_fact` |
//! | what does a school gate lack against the standards? | `standard` |
//! | what is wished for, and how does it become named rows? | `wish`, `mark`, `layout`, `rows` |
//! | which alternatives for the budgets, and what binds? | `measures` |
//! | how sure is that, and what would other money buy? | `doubt` |
//! | which of two equal sites is treated first? | `lots` |
//! | why is an alternative in or out? | `explain` |
//! | which one would the ranking by incremental ratios take? | `ranking` |
//! | when is there a crowd at a gate, and how many people does it need? | `school`, `need`, `post` |
//! | how far is it from gate to gate along the roads? | `ride` |
//! | who can serve several gates one after the other? | `chain` |
//! | who stands where when people are short? | `stand` |
//! | who serves which duty? | `roster` |
//! | when is a stay of a motor unit worth most, how often does it come back? | `patrol` |
//! | which loop does a motor unit drive? | `routes` |
//! | how does a duty get into a calendar? | `ics` |

mod answer;
mod benefit;
pub mod chain;
mod doubt;
mod explain;
pub mod ics;
mod layout;
mod lots;
mod mark;
mod measures;
pub mod need;
mod offer;
pub mod patrol;
mod place_fact;
pub mod post;
mod ranking;
pub mod ride;
pub mod roster;
pub mod routes;
mod rows;
pub mod school;
mod site_need;
pub mod stand;
pub mod standard;
mod wish;

pub use answer::{Lot, MeasurePlan, Money, Ranked, Shown, Till, Why};
pub use benefit::{
    Combine, LocalResult, Posterior, Z80, annuity, bundle_multiplier, combine, side,
};
pub use measures::{Desk, prevented_by};
pub use offer::{Alternative as SiteAlternative, Known, Multiplier, Reckoning, STANDARD, Staff};
pub use place_fact::{FACTS, Remark, against};
pub use ranking::{Alternative, Step, incremental};
pub use site_need::{Facts, Load, SiteNeed};
pub use wish::{BadWish, GroupWish, MOST_DRAWS, MOST_STEPS, MOST_YUAN, Mode, Wish};
