//! Which solvers stand behind the planner: choosing under budgets, covering points, flows and pairings?
//!
//! The room knows no police words. Everything is whole numbers and total orders; work is limited by counted steps, never by
//! a clock; and an answer is called optimal only when every branch was closed.
//!
//! Kept crates were looked at for flows and matchings: `rs-graph` is GPL-3.0, `mcmf` wraps a C++ library, `pathfinding` has no
//! flow with costs, `hopcroft-karp` stands still since 2022; so `flow`, `paths` and `matching` are our own few hundred lines.

mod boxes;
mod build;
mod choice;
mod conflict;
mod corner;
mod cover;
mod cover_net;
mod cover_program;
mod cover_search;
mod cover_thin;
mod cover_weigh;
pub mod flow;
pub mod matching;
mod model;
pub mod paths;
mod polish;
mod price;
mod proof;
mod robust;
mod search;
mod select;
pub mod shift;

pub use choice::{BadChoice, Choice, Group, Item, Row};
pub use conflict::{Repair, conflict, conflict_of, possible, repair, rows};
pub use cover::{Covered, Covering, Need, Point, centre, cover};
pub use robust::{guarded, select_robust};
pub use search::Progress;
pub use select::{Limits, Selected, Status, select};
