//! Did it help: what did a measure do at a site, how sure is that, has the trouble only moved, and what next?
//!
//! | file | question |
//! |---|---|
//! | `days` | what kind of day is it for a forecast |
//! | `panel` | what goes into an evaluation |
//! | `prepared` | what is computed once for all evaluations |
//! | `look` | when is a measure looked at, and at which level |
//! | `verdict` | what may be said |
//! | `flag` | which doubts hang on a result |
//! | `designs` | what do other designs say |
//! | `record` | what is kept of an evaluation |

pub mod days;
pub mod designs;
pub mod flag;
pub mod look;
pub mod panel;
pub mod prepared;
pub mod record;
pub mod verdict;

pub use days::{DayClass, DayTable};
pub use flag::{Flag, FlagCode};
pub use look::Look;
pub use panel::{Event, Panel, SiteSeries, Span, Treatment};
pub use prepared::{Curve, Prepared, Recency, Reference, Settings};
pub use record::Record;
pub use verdict::Verdict;
