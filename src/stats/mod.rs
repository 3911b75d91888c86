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
//! | `brent` | where does a function cross zero |
//! | `digamma` | how fast does the log-gamma function grow |
//! | `glm` | how do counts depend on several things at once |
//! | `negbin` | the same when counts are clumped |
//! | `two_rates` | do two counts over unequal times come from one rate |
//! | `signed_rank` | have paired values moved up or down |
//! | `meta` | what do several estimates of one thing say together |

pub mod agreement;
pub mod bayes;
pub mod brent;
pub mod digamma;
pub mod distribution;
pub mod glm;
pub mod linear;
pub mod meta;
pub mod multiple;
pub mod negbin;
pub mod number;
pub mod permute;
pub mod rate;
pub mod rng;
pub mod series;
pub mod signed_rank;
pub mod special;
pub mod subset;
pub mod two_rates;
pub mod word;

pub use multiple::{Correction, bh_q, cut};
pub use rng::Rng;
