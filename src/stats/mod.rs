//! Is this number larger than chance makes it? Distributions, rates, tests and resampling on plain slices, without a word of traffic police.
//!
//! | file | question |
//! |---|---|
//! | `number` | how does a size become a number of another width without a lie |
//! | `special` | what are the values of the functions behind the distributions |
//! | `distribution` | how likely is a value at least this large |
//! | `rng` | which chance numbers does a seed stand for |
//! | `multiple` | which of many p-values may be believed together |
//! | `rate` | how sure is a share or a rate, and has it changed |
//! | `bayes` | what is left of a rate when small numbers are shrunk |
//! | `series` | does a series rise or fall |
//! | `permute` | what would chance have given |
//! | `subset` | how often does a random subset have at least this sum |
//! | `word` | which word has become more frequent |
//! | `agreement` | do two partitions or two orders agree |
//! | `linear` | what solves a small symmetric system |
//! | `digamma` | how fast does the log-gamma function grow |

pub mod agreement;
pub mod bayes;
pub mod digamma;
pub mod distribution;
pub mod linear;
pub mod multiple;
pub mod number;
pub mod permute;
pub mod rate;
pub mod rng;
pub mod series;
pub mod special;
pub mod subset;
pub mod word;

pub use multiple::{Correction, bh_q, cut};
pub use rng::Rng;
