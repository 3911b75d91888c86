//! How do values become figures and documents that a person signs?

pub mod csv;
pub mod indicator;
pub mod keyword;
pub mod open311;
