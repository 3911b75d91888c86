//! How do the bytes of any channel become tickets and rejections?
//!
//! ```text
//! bytes ─ sniff ─ workbook ─ header ─ mapping ─ mapper ─ dedup
//!         what    rows       names    fields    ticket   new, same, changed, joined
//! ```

mod archive;
pub mod cell;
mod compound;
pub mod dedup;
pub mod delimited;
pub mod encoding;
pub mod field;
mod guard;
pub mod header;
mod line;
pub mod mapper;
pub mod mapping;
mod open311;
pub mod reject;
pub mod related;
pub mod sniff;
pub mod synonyms;
pub mod value;
pub mod words;
pub mod workbook;

pub use cell::{Cell, Row};
pub use field::Field;
pub use header::Header;
pub use line::Tools;
pub use mapper::{Mapper, Read, Source};
pub use mapping::Mapping;
pub use reject::{Code, Note, Rejected, Severity};
pub use sniff::{Format, Limits, Unreadable};
pub use synonyms::{Secret, Synonyms};
pub use words::Lang;
pub use workbook::{Line, RowCounts, Workbook};
