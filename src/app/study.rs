//! Which parts of the city do hotspot methods compare: cells of the jurisdiction and the road graph, computed once per city.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use geo::{CoordsIter, Geometry, Polygon};
use h3o::{CellIndex, Resolution};

use crate::app::city::City;
use crate::hotspot::road_density::Roads;
use crate::hotspot::study::{Source, polygon_cells, road_cells};
use crate::place::road_network::of_map;
use crate::spatial::LonLat;

/// Cells of the jurisdiction at a resolution, and where they come from.
type Study = (Option<Arc<BTreeSet<CellIndex>>>, Source);

/// What the methods need of a city, made when first asked for.
#[derive(Debug, Default)]
pub struct CityGround {
    cells: Mutex<BTreeMap<(u8, bool), Study>>,
    roads: OnceLock<Option<Arc<Roads>>>,
}

/// Most points looked at when the cells of a polygon are found; beyond it the area is taken from the tickets.
const MOST_LOOKS: usize = 4_000_000;

impl CityGround {
    /// The study area at a resolution: jurisdiction, with `masked` only the cells that a road touches. Half a second when first
    /// asked for a county at resolution 9.
    pub(super) fn cells(&self, city: &City, res: Resolution, masked: bool) -> Study {
        let mut known = self.cells.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (u8::from(res), masked);
        if let Some(study) = known.get(&key) {
            return study.clone();
        }
        let study = study(city, res, masked);
        known.insert(key, study.clone());
        study
    }

    /// The drivable roads as a graph; `None` without roads.
    pub(super) fn roads(&self, city: &City) -> Option<Arc<Roads>> {
        let made = || Roads::new(&of_map(&city.map).network).map(Arc::new);
        self.roads.get_or_init(made).clone()
    }
}

/// The polygons of the jurisdiction: the areas of the largest level.
fn jurisdiction(city: &City) -> Vec<Polygon<f64>> {
    let level = city.map.areas.first().and_then(|a| a.tag("admin_level"));
    let top = city
        .map
        .areas
        .iter()
        .filter(|a| a.tag("admin_level") == level);
    top.flat_map(|area| match &area.geometry {
        Geometry::Polygon(p) => vec![p.clone()],
        Geometry::MultiPolygon(list) => list.0.clone(),
        _ => Vec::new(),
    })
    .collect()
}

fn study(city: &City, res: Resolution, masked: bool) -> Study {
    let polygons = jurisdiction(city);
    let inside = polygon_cells(&polygons, res, MOST_LOOKS).filter(|c| !c.is_empty());
    let Some(inside) = inside else {
        return (None, Source::Tickets);
    };
    if !masked || city.map.roads.is_empty() {
        return (Some(Arc::new(inside)), Source::Polygon);
    }
    let lines: Vec<Vec<LonLat>> = city
        .map
        .roads
        .iter()
        .map(|r| {
            r.geometry
                .coords_iter()
                .map(|c| LonLat::new(c.x, c.y))
                .collect()
        })
        .collect();
    let touched = road_cells(lines.iter().map(Vec::as_slice), res);
    let both: BTreeSet<CellIndex> = inside.intersection(&touched).copied().collect();
    if both.is_empty() {
        return (Some(Arc::new(inside)), Source::Polygon);
    }
    (Some(Arc::new(both)), Source::Roads)
}
