//! Which layers, colours and widths does the base map's style have?

use serde_json::{Value, json};

/// Language of the labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// Chinese names.
    #[default]
    Zh,
    /// English names where there are any, else the local ones.
    En,
}

impl Lang {
    /// Reads `zh…` or `en…`; anything else is Chinese.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.to_lowercase().starts_with("en") {
            Self::En
        } else {
            Self::Zh
        }
    }

    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// Fonts of common systems, first found wins; Chinese first.
const FONTS: [&str; 6] = [
    "Microsoft YaHei",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "sans-serif",
];

/// The ground under everything.
pub(crate) fn background() -> Value {
    json!({ "id": "ground", "type": "background", "paint": { "background-color": "#f4f2ee" } })
}

fn fill(id: &str, layer: &str, filter: &Value, colour: &str) -> Value {
    let mut out = json!({
        "id": id, "type": "fill", "source": "base", "source-layer": layer,
        "paint": { "fill-color": colour },
    });
    put_filter(&mut out, filter);
    out
}

/// Width of a line at zooms 8, 12, 14 and 18 in pixels.
type Widths = [f64; 4];

fn line(id: &str, layer: &str, filter: &Value, look: (&str, Widths)) -> Value {
    let (colour, w) = look;
    let mut out = json!({
        "id": id, "type": "line", "source": "base", "source-layer": layer,
        "layout": { "line-cap": "round", "line-join": "round" },
        "paint": {
            "line-color": colour,
            "line-width": ["interpolate", ["exponential", 1.5], ["zoom"],
                8, w[0], 12, w[1], 14, w[2], 18, w[3]],
        },
    });
    put_filter(&mut out, filter);
    out
}

fn put_filter(layer: &mut Value, filter: &Value) {
    if !filter.is_null()
        && let Some(object) = layer.as_object_mut()
    {
        object.insert("filter".to_owned(), filter.clone());
    }
}

/// A text layer: placement `point` or `line`, size, colour.
fn text(id: &str, layer: &str, name: &Value, look: (&str, f64, &str)) -> Value {
    let (placement, size, colour) = look;
    json!({
        "id": id, "type": "symbol", "source": "base", "source-layer": layer,
        "layout": {
            "text-field": name,
            "text-font": FONTS,
            "text-size": size,
            "symbol-placement": placement,
            "text-padding": 4,
            "text-max-width": 8,
        },
        "paint": {
            "text-color": colour,
            "text-halo-color": "rgba(255,255,255,0.9)",
            "text-halo-width": 1.5,
        },
    })
}

fn with(mut layer: Value, pointer: &str, key: &str, value: Value) -> Value {
    if let Some(object) = layer.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(key.to_owned(), value);
    }
    layer
}

fn name(lang: Lang) -> Value {
    match lang {
        Lang::Zh => json!(["coalesce", ["get", "name_zh"], ["get", "name"]]),
        Lang::En => json!(["coalesce", ["get", "name_en"], ["get", "name"]]),
    }
}

fn kinds(list: &[&str]) -> Value {
    json!(["match", ["get", "kind"], list, true, false])
}

/// Classes of streets from below to above: id, kinds, casing, fill, widths.
const STREETS: [(&str, &[&str], &str, &str, Widths); 7] = [
    (
        "path",
        &["path", "pedestrian", "track"],
        "",
        "#e0dcd4",
        [0.0, 0.3, 0.8, 3.0],
    ),
    ("service", &["service"], "", "#ffffff", [0.0, 0.3, 1.2, 7.0]),
    (
        "residential",
        &["residential", "living_street", "unclassified"],
        "#cdc8bd",
        "#ffffff",
        [0.0, 0.7, 2.4, 13.0],
    ),
    (
        "tertiary",
        &["tertiary"],
        "#c2bcb0",
        "#ffffff",
        [0.3, 1.2, 3.6, 18.0],
    ),
    (
        "secondary",
        &["secondary"],
        "#bfb498",
        "#fdf6e3",
        [0.6, 1.8, 4.6, 22.0],
    ),
    (
        "primary",
        &["primary"],
        "#b8a47c",
        "#fbeecb",
        [0.8, 2.2, 5.4, 26.0],
    ),
    (
        "trunk",
        &["trunk", "motorway"],
        "#c9a77a",
        "#f7dfb2",
        [1.2, 2.8, 6.2, 28.0],
    ),
];

/// Fills of the ground: id, kinds, colour.
const LAND: [(&str, &[&str], &str); 8] = [
    ("land-residential", &["residential"], "#efebe5"),
    ("land-commercial", &["commercial", "retail"], "#f1e9e6"),
    ("land-industrial", &["industrial", "railway"], "#e9e6ea"),
    ("land-forest", &["forest"], "#d5e5cb"),
    (
        "land-grass",
        &[
            "park",
            "garden",
            "grass",
            "meadow",
            "cemetery",
            "pitch",
            "golf_course",
            "recreation_ground",
            "village_green",
        ],
        "#ddebd2",
    ),
    (
        "land-farmland",
        &["farmland", "orchard", "vineyard"],
        "#efefdf",
    ),
    ("land-sand", &["sand", "beach"], "#f3ecd5"),
    ("land-pedestrian", &["pedestrian"], "#ebe7e0"),
];

/// Fills of sites: id, kinds, colour.
const SITES: [(&str, &[&str], &str); 4] = [
    (
        "sites-education",
        &["school", "kindergarten", "university"],
        "#f3e7cf",
    ),
    ("sites-health", &["hospital"], "#f3dfdf"),
    ("sites-parking", &["parking"], "#e6e8ee"),
    (
        "sites-trade",
        &["marketplace", "mall", "sports_center"],
        "#efe4ea",
    ),
];

/// Layers for Shortbread tiles, our own among them.
pub(crate) fn shortbread(lang: Lang) -> Vec<Value> {
    let all = Value::Null;
    let mut layers = vec![background()];
    for (id, list, colour) in LAND {
        layers.push(fill(id, "land", &kinds(list), colour));
    }
    for (id, list, colour) in SITES {
        layers.push(fill(id, "sites", &kinds(list), colour));
    }
    layers.push(fill("water", "water_polygons", &all, "#b9d3e3"));
    layers.push(line(
        "water-lines",
        "water_lines",
        &all,
        ("#b9d3e3", [0.5, 1.2, 2.0, 7.0]),
    ));
    layers.push(with(
        fill("buildings", "buildings", &all, "#e3ded6"),
        "/paint",
        "fill-outline-color",
        json!("#d3cdc3"),
    ));
    streets(&mut layers);
    layers.push(with(
        line(
            "boundaries",
            "boundaries",
            &json!(["<=", ["get", "admin_level"], 8]),
            ("#8f86a5", [0.8, 1.2, 1.6, 2.5]),
        ),
        "/paint",
        "line-dasharray",
        json!([4, 2, 1, 2]),
    ));
    labels(&mut layers, lang);
    layers
}

fn streets(layers: &mut Vec<Value>) {
    layers.push(with(
        line(
            "rail",
            "streets",
            &json!(["==", ["get", "rail"], true]),
            ("#b5b1ab", [0.4, 0.8, 1.2, 3.0]),
        ),
        "/paint",
        "line-dasharray",
        json!([5, 2]),
    ));
    let class = |list: &[&str]| json!(["all", ["!=", ["get", "rail"], true], kinds(list)]);
    for (id, list, casing, _, w) in STREETS {
        if !casing.is_empty() {
            let wider = w.map(|v| v + 1.2);
            layers.push(line(
                &format!("street-{id}-casing"),
                "streets",
                &class(list),
                (casing, wider),
            ));
        }
    }
    for (id, list, _, colour, w) in STREETS {
        let street = line(
            &format!("street-{id}"),
            "streets",
            &class(list),
            (colour, w),
        );
        let fade = json!(["case", ["==", ["get", "tunnel"], true], 0.5, 1.0]);
        layers.push(with(street, "/paint", "line-opacity", fade));
    }
}

fn labels(layers: &mut Vec<Value>, lang: Lang) {
    let name = name(lang);
    layers.push(text(
        "water-label",
        "water_polygons_labels",
        &name,
        ("point", 12.0, "#4f7a94"),
    ));
    layers.push(text(
        "water-line-label",
        "water_lines",
        &name,
        ("line", 12.0, "#4f7a94"),
    ));
    layers.push(with(
        text(
            "street-label",
            "street_labels",
            &name,
            ("line", 12.0, "#55504a"),
        ),
        "/layout",
        "symbol-spacing",
        json!(280),
    ));
    let number = json!(["get", "housenumber"]);
    let mut address = text("address", "addresses", &number, ("point", 10.0, "#8a847b"));
    address["minzoom"] = json!(17);
    layers.push(address);
    layers.push(poi_label(&name));
    let size = json!([
        "match",
        ["get", "kind"],
        ["state", "city"],
        17,
        ["district", "town"],
        15,
        ["suburb", "village"],
        13,
        12
    ]);
    let place = text("place", "place_labels", &name, ("point", 13.0, "#3f3a5a"));
    layers.push(with(place, "/layout", "text-size", size));
}

fn poi_label(name: &Value) -> Value {
    let sized = json!([
        "match",
        ["get", "kind"],
        ["hospital", "school", "university", "station", "mall"],
        12,
        11
    ]);
    let colour = json!([
        "match",
        ["get", "kind"],
        ["school", "kindergarten", "university"],
        "#8a5a00",
        ["hospital", "clinic"],
        "#a03030",
        ["station", "subway_entrance", "bus_stop", "bus_station"],
        "#1f5f99",
        ["parking", "parking_entrance"],
        "#3d5a9a",
        ["park"],
        "#3f7031",
        ["gate"],
        "#6a645c",
        "#5c564f"
    ]);
    let poi = text("poi", "pois", name, ("point", 11.0, "#5c564f"));
    let poi = with(poi, "/layout", "text-size", sized);
    with(poi, "/paint", "text-color", colour)
}

/// Names of layers and of the class attribute in another schema.
struct Names {
    surfaces: &'static [(&'static str, &'static str)],
    roads: &'static str,
    class: &'static str,
    /// Values of the class attribute from small to large roads, with widths.
    classes: &'static [(&'static [&'static str], &'static str, Widths)],
    labels_on: &'static str,
    places: &'static str,
    pois: &'static str,
}

const PROTOMAPS: Names = Names {
    surfaces: &[
        ("landuse", "#ece8e1"),
        ("water", "#b9d3e3"),
        ("buildings", "#e3ded6"),
    ],
    roads: "roads",
    class: "kind",
    classes: &[
        (&["path", "other"], "#e0dcd4", [0.0, 0.3, 0.8, 3.0]),
        (&["minor_road"], "#ffffff", [0.0, 0.8, 2.4, 13.0]),
        (
            &["medium_road", "major_road"],
            "#fdf6e3",
            [0.6, 1.8, 4.6, 22.0],
        ),
        (&["highway"], "#f7dfb2", [1.2, 2.8, 6.2, 28.0]),
    ],
    labels_on: "roads",
    places: "places",
    pois: "pois",
};

const OPENMAPTILES: Names = Names {
    surfaces: &[
        ("landuse", "#efebe5"),
        ("landcover", "#ddebd2"),
        ("park", "#ddebd2"),
        ("water", "#b9d3e3"),
        ("building", "#e3ded6"),
    ],
    roads: "transportation",
    class: "class",
    classes: &[
        (
            &["path", "track", "service"],
            "#e8e4dc",
            [0.0, 0.3, 1.0, 5.0],
        ),
        (&["minor", "tertiary"], "#ffffff", [0.2, 1.0, 3.0, 15.0]),
        (&["secondary", "primary"], "#fdf6e3", [0.6, 1.9, 4.8, 23.0]),
        (&["trunk", "motorway"], "#f7dfb2", [1.2, 2.8, 6.2, 28.0]),
    ],
    labels_on: "transportation_name",
    places: "place",
    pois: "poi",
};

/// Layers for Protomaps basemaps.
pub(crate) fn protomaps(lang: Lang) -> Vec<Value> {
    translated(lang, &PROTOMAPS)
}

/// Layers for `OpenMapTiles`.
pub(crate) fn openmaptiles(lang: Lang) -> Vec<Value> {
    translated(lang, &OPENMAPTILES)
}

fn translated(lang: Lang, names: &Names) -> Vec<Value> {
    let label = match lang {
        Lang::Zh => json!([
            "coalesce",
            ["get", "name:zh"],
            ["get", "name:zh-Hans"],
            ["get", "name"]
        ]),
        Lang::En => json!([
            "coalesce",
            ["get", "name:en"],
            ["get", "name_en"],
            ["get", "name"]
        ]),
    };
    let mut layers = vec![background()];
    for (layer, colour) in names.surfaces {
        let filter = json!(["==", ["geometry-type"], "Polygon"]);
        layers.push(fill(layer, layer, &filter, colour));
    }
    for (number, (values, colour, widths)) in names.classes.iter().enumerate() {
        let filter = json!(["match", ["get", names.class], values, true, false]);
        layers.push(line(
            &format!("road-{number}"),
            names.roads,
            &filter,
            (colour, *widths),
        ));
    }
    layers.push(line(
        "boundaries",
        if names.class == "kind" {
            "boundaries"
        } else {
            "boundary"
        },
        &Value::Null,
        ("#8f86a5", [0.8, 1.2, 1.6, 2.5]),
    ));
    layers.push(text(
        "road-label",
        names.labels_on,
        &label,
        ("line", 12.0, "#55504a"),
    ));
    layers.push(text("poi", names.pois, &label, ("point", 11.0, "#5c564f")));
    layers.push(text(
        "place",
        names.places,
        &label,
        ("point", 14.0, "#3f3a5a"),
    ));
    layers
}

/// Plain lines and surfaces for every layer.
pub(crate) fn unknown(names: &[String]) -> Vec<Value> {
    let mut layers = vec![background()];
    for layer in names {
        let surface = json!(["==", ["geometry-type"], "Polygon"]);
        layers.push(fill(
            &format!("{layer}-surface"),
            layer,
            &surface,
            "#e6e2da",
        ));
        let lines = json!(["==", ["geometry-type"], "LineString"]);
        layers.push(line(
            &format!("{layer}-line"),
            layer,
            &lines,
            ("#b5b1ab", [0.5, 0.8, 1.2, 3.0]),
        ));
    }
    layers
}
