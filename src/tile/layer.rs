//! Which layers of data are there, with which attributes: one list for `TileJSON`, page and documentation.

/// An attribute of a vector layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name in the tile.
    pub name: &'static str,
    /// `Number`, `String` or `Boolean`, as `TileJSON` 3.0.0 wants it.
    pub kind: &'static str,
}

/// One vector layer inside the tiles of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// Tile set: `tickets`, `hex`, `sites`.
    pub set: &'static str,
    /// Name inside the tile.
    pub id: &'static str,
    /// What it shows.
    pub title: &'static str,
    /// Attributes.
    pub fields: &'static [Field],
}

const fn field(name: &'static str, kind: &'static str) -> Field {
    Field { name, kind }
}

/// All layers of data; the base map has its own list in `style`.
pub const LAYERS: [LayerInfo; 7] = [
    LayerInfo {
        set: "tickets",
        id: "clusters",
        title: "工单聚合",
        fields: &[
            field("clustered", "Boolean"),
            field("point_count", "Number"),
            field("point_count_abbreviated", "String"),
            field("sqrt_point_count", "Number"),
            field("kind_top", "String"),
            field("open", "Number"),
            field("redo", "Number"),
            field("bbox", "String"),
        ],
    },
    LayerInfo {
        set: "tickets",
        id: "tickets",
        title: "工单",
        fields: &[
            field("no", "String"),
            field("kind", "String"),
            field("channel", "String"),
            field("state", "String"),
            field("closed", "Boolean"),
            field("precision", "String"),
            field("radius_m", "Number"),
        ],
    },
    LayerInfo {
        set: "hex",
        id: "hex",
        title: "六边形网格",
        fields: &[
            field("h3", "String"),
            field("count", "Number"),
            field("petitioners", "Number"),
            field("count_step", "Number"),
            field("petitioners_step", "Number"),
            field("low", "Boolean"),
        ],
    },
    LayerInfo {
        set: "sites",
        id: "sites",
        title: "点位",
        fields: SITE_FIELDS,
    },
    LayerInfo {
        set: "sites",
        id: "site_lines",
        title: "路段点位",
        fields: SITE_FIELDS,
    },
    LayerInfo {
        set: "verdict",
        id: "verdict",
        title: "热点判定",
        fields: &[
            field("h3", "String"),
            field("class", "String"),
            field("count", "Number"),
            field("value", "Number"),
            field("before", "Number"),
            field("score", "Number"),
            field("q", "Number"),
            field("kind", "String"),
            field("steps", "Number"),
        ],
    },
    LayerInfo {
        set: "verdict",
        id: "density",
        title: "路网密度",
        fields: &[field("class", "Number"), field("density", "Number")],
    },
];

const SITE_FIELDS: &[Field] = &[
    field("id", "String"),
    field("name", "String"),
    field("kind", "String"),
    field("rank", "Number"),
    field("count", "Number"),
    field("petitioners", "Number"),
    field("rate", "Number"),
    field("single_voice", "Boolean"),
];
