//! What is done at a site, by whom, since when: the catalogue of measures, cases and their life.
//!
//! ```text
//! data/catalogue ─ table ─ problem ┐
//!                        └ measure ┴ catalogue        what can be done
//! ```

mod table;

pub mod catalogue;
pub mod measure;
pub mod problem;

pub use catalogue::Catalogue;
pub use measure::{FigureSource, Grade, Measure, Measures};
pub use problem::{Kind, Kinds, SchoolHour};
pub use table::{CatalogueError, RowError};
