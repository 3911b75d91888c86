//! Where is it, how far is it, what is near it: shapes for bare points, without a word of traffic police.

pub mod cell_finder;
pub mod cluster;
pub mod crs;
pub mod density;
mod density_tree;
pub mod edge_graph;
pub mod grid;
pub mod hdbscan;
pub mod k_distance;
pub mod kde;
pub mod modes;
pub mod network;
pub mod network_kde;
pub mod pairs;
pub mod reach_tree;
pub mod snap;
mod squares;
pub mod weights;

pub use crs::{Datum, LocalPlane, LonLat, Xy};
pub use grid::{TileId, World};
