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
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::format_push_string,
    clippy::type_complexity,
    clippy::field_reassign_with_default,
    clippy::naive_bytecount,
    clippy::single_match_else,
    missing_docs,
    reason = "a test may fail loudly and speak plainly"
)]

mod app_access;
mod app_basemap;
mod app_cases;
mod app_catalogue;
mod app_duty;
mod app_duty_demand;
mod app_duty_laws;
mod app_effects;
mod app_import;
mod app_kill;
mod app_places;
mod architecture;
mod case_catalogue;
mod case_rules;
mod city_csv;
mod city_geojson;
mod city_import;
mod city_osm;
mod cli_commands;
mod design_files;
mod design_opinions;
mod design_rules;
mod effect_bad_input;
mod effect_rules;
mod effect_score;
mod effect_world;
mod golden;
mod hotspot_ground;
mod hotspot_rules;
mod hotspot_worlds;
mod http_clear;
mod http_doors;
mod http_hotspots;
mod http_open311;
mod http_plan;
mod http_rights;
mod http_scope;
mod http_support;
mod index_select;
mod intake_files;
mod intake_golden;
mod intake_laws;
mod licences;
mod optim_cover;
mod optim_select;
mod place_locate;
mod plan_checker;
mod plan_explain;
mod plan_golden;
mod plan_measures;
mod plan_roster;
mod plan_rotation;
mod plan_wish;
mod real_inputs;
mod real_studies;
mod site_form;
mod site_golden;
mod site_hand;
mod spatial_network;
mod stats_casework;
mod store_plan;
mod store_support;
mod support;
mod ticket_rules;
mod tile_basemap;
mod tile_encode;
mod tile_layers;
mod verify_city;
