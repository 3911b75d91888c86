//! What can be asked of this server: the OpenAPI 3.1 document, made from the same entries that make the routes.

use serde_json::{Map, Value, json};

use crate::http::endpoint::Endpoint;
use crate::http::shape;
use crate::http::{VERSION, case, import, site, ticket, user};

/// Named shapes.
const SHAPES: &[(&str, &str)] = &[
    (
        "Problem",
        "{type:string, title:string, status:integer, detail:string, instance:string, code:string, errors:[{field:string, code:string, message:string}], request_id:string}",
    ),
    ("User", user::USER),
    ("Ticket", ticket::TICKET),
    ("Site", site::SITE),
    ("Import", import::IMPORT),
    ("Case", case::CASE),
    ("Measure", case::MEASURE),
];

/// The document.
///
/// # Errors
/// A shape text that cannot be read; a test reads all of them.
pub(super) fn document(endpoints: &[Endpoint]) -> Result<Value, String> {
    let mut paths: Map<String, Value> = Map::new();
    for endpoint in endpoints {
        let operation = endpoint
            .operation()
            .map_err(|why| format!("{} {}: {why}", endpoint.method, endpoint.path))?;
        let item = paths
            .entry(endpoint.path.to_owned())
            .or_insert_with(|| json!({}));
        item[endpoint.method.to_ascii_lowercase()] = operation;
    }
    let mut schemas = Map::new();
    for (name, text) in SHAPES {
        let schema = shape::schema(text).map_err(|why| format!("{name}: {why}"))?;
        schemas.insert((*name).to_owned(), schema);
    }
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Zhilu 治路",
            "version": VERSION,
            "description": "Tickets, places, sites and map tiles. Instants are RFC 3339 at +08:00, points [lon, lat] in WGS-84, ids are strings. Errors are RFC 9457 documents with a stable `code`. `x-need` says which right an operation asks for (casework reference, section 6).",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "zl"}},
        },
    }))
}
