//! Who serves which duty, as much as possible covered, as little as possible changed, as evenly as possible spread?
//!
//! Levels in fixed order (each compared only when the ones before it are equal): duties that must be covered, coverage Σ
//! priority (most), change against the published plan (least), fairness Σ (history + load)² (least), then continuity as a
//! tie-break. In the usual case (equal loads, the duties of one peak exclude each other) the first levels are one convex
//! flow, exact; what the flow cannot hold (days in a row, rest, clashes across peaks) is branched on, and unequal loads go
//! on from there by local search, with a bound from a flow whose duties may be split.

mod bound;
mod build;
mod exact;
pub mod fair;
pub mod instance;
mod model;
mod pair;
mod relax;
mod search;
pub mod solve;
pub mod swap;
pub mod tie;
pub mod why;

pub use instance::{BadInstance, Duty, Instance, Person, Rules};
pub use solve::{Answer, Limits, Progress, Status, solve};
