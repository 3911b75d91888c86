//! What is there to look at: city, dictionaries, time span and counts, the first thing a page asks for.

use super::Door;
use super::endpoint::Endpoint;

/// Endpoints of this file.
pub(super) fn endpoints() -> Vec<Endpoint> {
    Vec::new()
}

/// Gauges of the data for the metrics: name, help, value.
pub(super) fn gauges(door: &Door) -> Vec<(&'static str, &'static str, f64)> {
    vec![(
        "zhilu_data_version",
        "version of the data",
        door.version() as f64,
    )]
}
