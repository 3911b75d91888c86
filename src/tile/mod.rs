//! Which map layers are there, and what are the bytes of one of their tiles?

pub mod encode;
