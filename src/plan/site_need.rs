//! What plagues a site, and what is known of the place?

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is known of a place, by name.
pub type Facts = BTreeMap<String, f64>;

/// What plagues a site: one problem kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// Problem kind of the catalogue.
    pub kind: String,
    /// Tickets a year, shrunk.
    pub rate: f64,
    /// Mean tier weight of its tickets (一般 1, 复杂 2, 疑难 3).
    #[serde(default = "one")]
    pub weight: f64,
}

const fn one() -> f64 {
    1.0
}

/// A site that may be treated.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteNeed {
    /// Its key.
    pub site: String,
    /// Its name.
    #[serde(default)]
    pub name: String,
    /// Longitude and latitude, WGS-84, when known.
    #[serde(default)]
    pub point: Option<[f64; 2]>,
    /// What plagues it.
    pub loads: Vec<Load>,
    /// Measures that stand here already.
    #[serde(default)]
    pub installed: Vec<String>,
    /// Packages made by people: taken as they stand.
    #[serde(default)]
    pub packages: Vec<Vec<String>>,
    /// What is known of the place: `lanes`, `one_way`, `signal`, `crossing`, `bus_line`, `school_gate`, `junction`, `width_m`;
    /// yes is 1, no is 0, what is not known is left out.
    #[serde(default)]
    pub facts: Facts,
}
