//! Did it help: what did a measure do at a site, how sure is that, has the trouble only moved, and what next?
//!
//! | file | question |
//! |---|---|
//! | `benefit` | what may be promised of a planned measure |
//! | `bundle` | which measures are judged together, on which days |
//! | `checking` | when can it be judged |
//! | `coding` | did the coding of tickets change |
//! | `days` | what kind of day is it for a forecast |
//! | `designs` | what do other designs say |
//! | `elsewhere` | did it come up at other hours, under other names, after a removal |
//! | `evaluate` | what did a bundle of measures do by a look |
//! | `expect` | how many tickets would have come had nothing been done |
//! | `files` | what do plain files say, and which rows were refused |
//! | `files_calendar`, `files_table`, `files_treatments` | how are those files read |
//! | `finish` | what do all evaluations say together |
//! | `fit` | what does an average site get on each day, how much do sites vary |
//! | `flag` | which doubts hang on a result |
//! | `forecast` | what comes to an average site on days ahead |
//! | `gaps` | which days tell nothing |
//! | `guards` | what could fool us |
//! | `league` | what does a type of measure do over all its sites |
//! | `look` | when is a measure looked at, and at which level |
//! | `panel` | what goes into an evaluation |
//! | `placebo` | how often would this city's own tickets cry wolf |
//! | `posterior` | what is a site's usual level |
//! | `predictive` | what would chance have given, what could have been seen |
//! | `prepare` | how is a panel made ready |
//! | `prepared` | what is computed once for all evaluations |
//! | `ranking` | in which order do the types stand, each drawn towards the others |
//! | `recency` | how much do old months say about next year |
//! | `record` | what is kept of an evaluation |
//! | `ring` | did the trouble only move |
//! | `settings` | which options does the estimator have |
//! | `task` | what do the steps of one evaluation share |
//! | `verdict` | what may be said |
//! | `waterfall` | where does the naive drop come from |
//! | `words` | what does a leader read |

pub mod benefit;
pub mod bundle;
pub mod checking;
pub mod coding;
pub mod days;
pub mod designs;
pub mod elsewhere;
pub mod evaluate;
pub mod expect;
pub mod files;
mod files_calendar;
mod files_table;
mod files_treatments;
pub mod finish;
pub mod fit;
pub mod flag;
pub mod forecast;
pub mod gaps;
pub mod guards;
pub mod league;
pub mod look;
pub mod panel;
pub mod placebo;
pub mod posterior;
pub mod predictive;
pub mod prepare;
pub mod prepared;
pub mod ranking;
pub mod recency;
pub mod record;
pub mod ring;
pub mod settings;
pub mod task;
pub mod verdict;
pub mod waterfall;
pub mod words;

pub use bundle::Bundle;
pub use days::{DayClass, DayTable};
pub use evaluate::evaluate;
pub use finish::{TypeLine, evaluate_all, finish, finish_among, league};
pub use flag::{Flag, FlagCode};
pub use look::Look;
pub use panel::{Event, Panel, SiteSeries, Span, Treatment};
pub use prepare::prepare;
pub use prepared::{Curve, Prepared, Recency, Reference};
pub use record::Record;
pub use settings::Settings;
pub use verdict::Verdict;
