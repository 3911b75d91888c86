//! Which reader understands this map file?

use crate::place::source::{MapError, MapRead, ReadOptions};
use crate::place::unpack::{MapFormat, sniff, unpack, wrong_format};
use crate::place::{read_csv, read_geojson, read_osm};

/// Reads any map file by what its bytes are, whatever its name says: `GeoJSON`, OSM PBF or CSV, plain or gzip.
///
/// # Errors
/// See [`MapError`].
pub fn read_any(bytes: &[u8], options: &ReadOptions) -> Result<MapRead, MapError> {
    let plain = unpack(bytes, &options.subject)?;
    match sniff(&plain) {
        MapFormat::GeoJson => read_geojson::parse(&plain, options),
        MapFormat::OsmPbf => read_osm::parse(&plain, options),
        MapFormat::Csv => read_csv::parse(&plain, options),
        other => Err(wrong_format(&options.subject, "a map", other)),
    }
}
