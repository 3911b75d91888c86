//! Which map layers are there, and what are the bytes of one of their tiles?

mod base_draft;
pub mod base_kind;
pub mod base_label;
pub mod basemap;
pub mod classes;
pub mod encode;
pub mod hex;
pub mod hex_table;
pub mod layer;
pub mod sites;
pub mod style;
mod style_layers;
pub mod tickets;
pub mod verdict;

pub use layer::{Field, LAYERS, LayerInfo};
