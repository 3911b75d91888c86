//! Which tickets are meant, where are they, and how many: located tickets as columns, filter → selection → counts.
//!
//! ```text
//!  rows ──▶ Builder ──▶ Index ──▶ Filter::parse ──▶ select ──▶ Selection ──▶ tally, tiles, lists
//!                          └── refresh(delta) ──▶ the next Index (the old one stays valid for its readers)
//! ```

pub mod build;
pub mod column;
pub mod date;
pub mod dict;
pub mod filter;
mod grown;
mod intern;
pub mod refresh;
pub mod row;
pub mod select;
pub mod tally;
pub mod text;

pub use build::Builder;
pub use column::{Index, Size};
pub use dict::{Dict, Dicts, Entry, NONE};
pub use filter::{BadFilter, Filter, TimeAxis};
pub use refresh::Delta;
pub use row::Row;
pub use select::Selection;
pub use tally::{Bucket, By, Tally};
