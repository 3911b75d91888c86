//! Facts and rows: the only SQL of the house, one text for SQLite and PostgreSQL.

mod error;
mod link;
mod migrate;

pub mod alarm;
pub mod audit;
pub mod batch;
pub mod case;
pub mod case_photo;
pub mod decision;
pub mod duty;
pub mod evaluation;
pub mod job;
pub mod kept_answer;
pub mod measure_edit;
pub mod place;
pub mod plan;
pub mod school;
pub mod setting;
pub mod site;
pub mod site_edit;
pub mod ticket;
pub mod ticket_event;
pub mod user;

pub use error::Error;
pub use link::{Store, Tx, take_ids};

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
            let _ = write!(text, "{b:02x}");
            text
        })
}
