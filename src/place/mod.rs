//! Where is it: Chinese words (and a given pair) become places with a method, an error radius and a probability.

pub mod located;
pub mod source;

pub use located::{Alternative, Evidence, Located, Precision, Shape, Source};
pub use source::{CityMap, MapFeature};
