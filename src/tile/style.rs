//! How does the base map look, and how is a tile source described?
//!
//! `MapLibre` style version 8 and `TileJSON` 3.0.0. No `glyphs`: all text is drawn from fonts of the machine, so nothing is fetched.

use serde_json::{Value, json};

use crate::tile::base_kind::Layer;
use crate::tile::basemap::MAX_ZOOM;
pub use crate::tile::style_layers::Lang;
use crate::tile::style_layers::{background, openmaptiles, protomaps, shortbread, unknown};

/// The schema of a tile archive, told by the names of its layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Shortbread 1.x, and our own tiles.
    Shortbread,
    /// Protomaps basemaps.
    Protomaps,
    /// `OpenMapTiles`.
    OpenMapTiles,
    /// Something else: drawn as plain lines and surfaces.
    Unknown,
}

impl Schema {
    /// Tells the schema by the ids of `vector_layers`.
    #[must_use]
    pub fn detect<'a>(layers: impl IntoIterator<Item = &'a str>) -> Self {
        let layers: Vec<&str> = layers.into_iter().collect();
        let has = |name: &str| layers.contains(&name);
        if has("streets") || has("street_labels") || has("water_polygons") {
            Self::Shortbread
        } else if has("transportation") || has("transportation_name") {
            Self::OpenMapTiles
        } else if has("roads") && (has("earth") || has("places") || has("landuse")) {
            Self::Protomaps
        } else {
            Self::Unknown
        }
    }

    /// Stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shortbread => "shortbread",
            Self::Protomaps => "protomaps",
            Self::OpenMapTiles => "openmaptiles",
            Self::Unknown => "unknown",
        }
    }
}

/// What a style or a tile description needs to know.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Address of the tiles with `{z}/{x}/{y}`, absolute or relative to the style.
    pub tiles: String,
    /// Lines that must stay visible.
    pub attribution: Vec<String>,
    /// West, south, east, north in degrees.
    pub bounds: [f64; 4],
    /// First and last zoom of the tiles.
    pub zooms: (u8, u8),
    /// Names of the layers.
    pub layers: Vec<String>,
}

impl Source {
    /// Our own base map.
    #[must_use]
    pub fn own(tiles: &str, attribution: &[String], bounds: [f64; 4]) -> Self {
        Self {
            tiles: tiles.to_owned(),
            attribution: attribution.to_vec(),
            bounds,
            zooms: (0, MAX_ZOOM),
            layers: Layer::ALL.iter().map(|l| l.name().to_owned()).collect(),
        }
    }
}

/// `TileJSON` of the base map.
#[must_use]
pub fn tilejson(source: &Source) -> Value {
    let layers: Vec<Value> = source
        .layers
        .iter()
        .map(|id| {
            let own = Layer::ALL.iter().find(|l| l.name() == id);
            let fields: serde_json::Map<String, Value> = own
                .map(|l| l.fields())
                .unwrap_or_default()
                .iter()
                .map(|(key, kind)| ((*key).to_owned(), json!(kind)))
                .collect();
            json!({ "id": id, "fields": fields })
        })
        .collect();
    json!({
        "tilejson": "3.0.0",
        "name": "base",
        "scheme": "xyz",
        "tiles": [source.tiles],
        "attribution": source.attribution.join(" · "),
        "bounds": source.bounds,
        "minzoom": source.zooms.0,
        "maxzoom": source.zooms.1,
        "vector_layers": layers,
    })
}

/// The light style of the base map in a language; muted, so that tickets and sites stand out.
#[must_use]
pub fn style(source: &Source, schema: Schema, lang: Lang) -> Value {
    let layers = match schema {
        Schema::Shortbread => shortbread(lang),
        Schema::Protomaps => protomaps(lang),
        Schema::OpenMapTiles => openmaptiles(lang),
        Schema::Unknown => unknown(&source.layers),
    };
    json!({
        "version": 8,
        "name": format!("zhilu-light-{}", lang.code()),
        "metadata": { "zhilu:schema": schema.name() },
        "sources": {
            "base": {
                "type": "vector",
                "tiles": [source.tiles],
                "minzoom": source.zooms.0,
                "maxzoom": source.zooms.1,
                "bounds": source.bounds,
                "attribution": source.attribution.join(" · "),
            }
        },
        "layers": layers,
    })
}

/// The style without a base map: a plain ground, so that the product stays usable.
#[must_use]
pub fn none() -> Value {
    json!({
        "version": 8,
        "name": "zhilu-none",
        "sources": {},
        "layers": [background()],
    })
}
