//! What is done at a site, by whom, since when: the catalogue of measures, cases and their life.
//!
//! ```text
//! data/catalogue ─ table ─ problem ┐
//!                        └ measure ┴ catalogue        what can be done
//! own                                                 what the city has changed of it
//! model ─ check ─ content ─ life                                what is done, what may happen next
//! registered                                          measures that a table brings
//! ```

mod content;
mod table;

pub mod catalogue;
pub mod check;
pub mod date;
pub mod life;
pub mod measure;
pub mod model;
pub mod own;
pub mod photo;
pub mod problem;
pub mod registered;

pub use catalogue::{Catalogue, Text};
pub use check::{Around, Finding, notices, refusals};
pub use life::{Actor, Refusal, Step, apply, open_to};
pub use measure::{FigureSource, Grade, Measure, Measures};
pub use model::{Case, Content, State, Visit, Work};
pub use own::Change;
pub use problem::{Kind, Kinds, SchoolHour};
pub use table::{CatalogueError, RowError};
