//! One integration binary: rules of the rooms, journeys through the doors, laws of the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::float_cmp,
    clippy::absolute_paths,
    clippy::str_to_string,
    missing_docs,
    reason = "a test may fail loudly and speak plainly"
)]

mod app_access;
mod app_import;
mod app_kill;
mod app_places;
mod architecture;
mod city_csv;
mod city_geojson;
mod city_import;
mod city_osm;
mod http_doors;
mod cli_commands;
mod http_rights;
mod http_scope;
mod http_support;
mod index_select;
mod intake_files;
mod intake_golden;
mod intake_laws;
mod licences;
mod place_locate;
mod spatial_network;
mod stats_casework;
mod store_support;
mod site_form;
mod site_golden;
mod hotspot_rules;
mod support;
mod tile_layers;
mod verify_city;
mod tile_basemap;
mod ticket_rules;
mod tile_encode;
