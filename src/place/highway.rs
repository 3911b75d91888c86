//! What kind of road is this: its class, its width, who may drive on it and in which direction.

use crate::place::source::MapFeature;

/// Road class by the `highway` tag, most important first; links share the class of their road.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RoadClass {
    /// 高速.
    Motorway,
    /// 快速路.
    Trunk,
    /// 主干路.
    Primary,
    /// 次干路.
    Secondary,
    /// 支路.
    Tertiary,
    /// 街巷: `residential`, `unclassified`, `road`.
    Street,
    /// 居住区道路: `living_street`.
    Living,
    /// 内部道路: `service`.
    Service,
    /// 步行街: `pedestrian`, named and known to citizens, closed to cars.
    Pedestrian,
    /// Foot, cycle and bridle ways, steps, tracks.
    Path,
    /// Not in use: under construction, planned, abandoned, race tracks.
    Closed,
}

impl RoadClass {
    /// The class of a `highway` value; values never heard of are streets, as map users add many.
    #[must_use]
    pub fn of(highway: &str) -> Self {
        match highway {
            "motorway" | "motorway_link" => Self::Motorway,
            "trunk" | "trunk_link" => Self::Trunk,
            "primary" | "primary_link" => Self::Primary,
            "secondary" | "secondary_link" => Self::Secondary,
            "tertiary" | "tertiary_link" => Self::Tertiary,
            "living_street" => Self::Living,
            "service"
            | "services"
            | "rest_area"
            | "bus_guideway"
            | "busway"
            | "escape"
            | "emergency_access_point" => Self::Service,
            "pedestrian" => Self::Pedestrian,
            "footway" | "cycleway" | "path" | "steps" | "track" | "bridleway" | "corridor"
            | "elevator" | "platform" | "via_ferrata" => Self::Path,
            "construction" | "proposed" | "raceway" | "abandoned" | "razed" | "planned"
            | "disused" | "no" => Self::Closed,
            _ => Self::Street,
        }
    }

    /// Whether cars drive here, so that it belongs to the routable network.
    #[must_use]
    pub const fn drivable(self) -> bool {
        !matches!(self, Self::Pedestrian | Self::Path | Self::Closed)
    }

    /// Usual width in metres from kerb to kerb, used where the map gives neither width nor lanes.
    #[must_use]
    pub const fn width_m(self) -> f64 {
        match self {
            Self::Motorway => 26.0,
            Self::Trunk => 30.0,
            Self::Primary => 28.0,
            Self::Secondary => 20.0,
            Self::Tertiary => 14.0,
            Self::Street => 9.0,
            Self::Living | Self::Pedestrian => 7.0,
            Self::Service => 6.0,
            Self::Path | Self::Closed => 4.0,
        }
    }
}

/// The direction of travel along the line as drawn: 1 along it, -1 against it, 0 both.
///
/// `oneway` is taken as tagged (`yes true 1`, `-1 reverse`, `no false 0`); without it motorways, their links and
/// roundabouts are one-way, as OSM implies.
#[must_use]
pub fn oneway(road: &MapFeature) -> i8 {
    match road.tag("oneway") {
        Some("yes" | "true" | "1") => 1,
        Some("-1" | "reverse") => -1,
        Some("no" | "false" | "0") => 0,
        _ => {
            let implied = matches!(road.tag("highway"), Some("motorway" | "motorway_link"))
                || matches!(road.tag("junction"), Some("roundabout" | "circular"));
            i8::from(implied)
        }
    }
}
