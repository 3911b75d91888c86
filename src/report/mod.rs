//! How do values become figures and documents that a person signs?

pub mod indicator;
pub mod keyword;
