//! What does `zhilu demo` show before anybody imports anything: an invented city on real streets, inside the binary.
//!
//! Sources and licences: `data/demo/SOURCES.md`. The roads are © `OpenStreetMap` contributors, `ODbL` 1.0, and stay in their own file.

use std::io::{self, Read};

use flate2::read::GzDecoder;

use crate::app::city::{InputFile, Order, Rules};
use crate::place::MapRole;
use crate::spatial::Datum;

/// Id of the demo city.
pub const CITY: &str = "zhengzhou-sim";

/// File name under which the demo's tickets are imported.
pub const TICKETS_FILE: &str = "tickets.csv";

/// The import of the demo city: roads, invented places and areas, its six squads.
///
/// # Errors
/// A sentence if the shipped rules or the packed map cannot be read, which a test rules out.
pub fn order() -> Result<Order, String> {
    let file = |name: &str, role, bytes: Vec<u8>| InputFile {
        name: name.to_owned(),
        role,
        datum: Some(Datum::Wgs84),
        bytes,
    };
    let roads = include_bytes!(concat!(env!("OUT_DIR"), "/roads.geojson.gz"));
    let places = include_bytes!(concat!(env!("OUT_DIR"), "/gazetteer.geojson.gz"));
    let boundary = include_bytes!("../../data/demo/boundary.geojson");
    let rules = Rules::read(
        include_str!("../../data/cities/default/categories.toml"),
        include_str!("../../data/cities/default/channels.toml"),
        include_str!("../../data/cities/zhengzhou-sim/units.toml"),
    )?;
    Ok(Order {
        id: CITY.to_owned(),
        name: "澄湖区".to_owned(),
        name_en: "Chenghu District".to_owned(),
        files: vec![
            file("roads.geojson", MapRole::Roads, unpacked(roads)?),
            file("gazetteer.geojson", MapRole::Any, unpacked(places)?),
            file("boundary.geojson", MapRole::Boundary, boundary.to_vec()),
        ],
        datum: Some(Datum::Wgs84),
        approval_no: String::new(),
        rules: Some(rules),
    })
}

/// What the build packed.
fn unpacked(packed: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(packed.len() * 8);
    let read = GzDecoder::new(packed).read_to_end(&mut out);
    read.map(|_| out)
        .map_err(|e| format!("the demo's map in this binary is damaged: {e}"))
}

/// The demo's tickets as the platform exported them (CSV with BOM), unpacked: 6 MB.
///
/// # Errors
/// Never in a sound binary; the archive is read by a test.
pub fn tickets() -> io::Result<Vec<u8>> {
    let packed: &[u8] = include_bytes!("../../data/demo/tickets.csv.gz");
    let mut out = Vec::with_capacity(6_100_000);
    GzDecoder::new(packed).read_to_end(&mut out)?;
    Ok(out)
}

/// Days off, make-up days and school breaks of the demo's two years (`date,kind`).
#[must_use]
pub const fn calendar() -> &'static str {
    include_str!("../../data/demo/calendar.csv")
}

/// The demo's 26 invented measures (CSV with BOM).
#[must_use]
pub const fn measures() -> &'static str {
    include_str!("../../data/demo/measures.csv")
}
