//! Where is it: Chinese words (and a given pair) become places with a method, an error radius and a probability.

pub mod classify;
pub mod datum;
pub mod fields;
pub mod highway;
pub mod located;
pub mod read;
pub mod read_geojson;
pub mod source;
pub mod unpack;
pub mod write_geojson;

pub use located::{Alternative, Evidence, Located, Precision, Shape, Source};
pub use source::{CityMap, MapError, MapFeature, MapNote, MapRead, MapRole, ReadOptions};
