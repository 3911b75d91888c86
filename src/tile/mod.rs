//! Which map layers are there, and what are the bytes of one of their tiles?

mod base_draft;
pub mod base_kind;
pub mod base_label;
pub mod basemap;
pub mod encode;
pub mod style;
mod style_layers;
