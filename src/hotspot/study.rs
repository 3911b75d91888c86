//! Which cells are compared: the study area, with or without the cells that no road touches.
//!
//! Rule book, section 2.1: cells whose centre lies in the jurisdiction, plus any cell that holds a ticket; by default only those
//! that a road of the base map touches, since empty fields make everything else look hot.

use std::collections::BTreeSet;

use geo::{BoundingRect, Contains, Point, Polygon};
use h3o::{CellIndex, LatLng, Resolution};

use crate::spatial::{LocalPlane, LonLat, Xy};

/// A road touches what lies within this many metres of its line.
pub const ROAD_M: f64 = 30.0;

/// Distance between the samples of a line, in metres.
const SAMPLE_M: f64 = 20.0;

fn cell(p: LonLat, res: Resolution) -> Option<CellIndex> {
    LatLng::new(p.lat, p.lon).ok().map(|c| c.to_cell(res))
}

/// The cells that roads touch, each buffered by [`ROAD_M`]. Cost: 25,000 points of road per 20 ms.
#[must_use]
pub fn road_cells<'a>(
    roads: impl IntoIterator<Item = &'a [LonLat]>,
    res: Resolution,
) -> BTreeSet<CellIndex> {
    let mut out = BTreeSet::new();
    for road in roads {
        let Some(first) = road.first() else { continue };
        let plane = LocalPlane::new(*first);
        let mut last = None;
        for pair in road.windows(2) {
            let (a, b) = (plane.to_xy(pair[0]), plane.to_xy(pair[1]));
            let length = a.distance_m(b);
            let mut at = 0.0;
            while at <= length {
                let t = if length > 0.0 { at / length } else { 0.0 };
                let p = Xy {
                    x: a.x + t * (b.x - a.x),
                    y: a.y + t * (b.y - a.y),
                };
                let here = cell(plane.to_lonlat(p), res);
                if here != last {
                    out.extend(here);
                    last = here;
                }
                for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
                    let beside = Xy {
                        x: p.x + dx * ROAD_M,
                        y: p.y + dy * ROAD_M,
                    };
                    let beside = cell(plane.to_lonlat(beside), res);
                    if beside != here {
                        out.extend(beside);
                    }
                }
                at += SAMPLE_M;
            }
        }
    }
    out
}

/// The cells whose centre lies in one of the polygons, found by walking out from the cells of their boundaries' box.
/// `None` when more than `most` cells would have to be looked at.
#[must_use]
pub fn polygon_cells(
    polygons: &[Polygon<f64>],
    res: Resolution,
    most: usize,
) -> Option<BTreeSet<CellIndex>> {
    let mut out = BTreeSet::new();
    for polygon in polygons {
        let Some(frame) = polygon.bounding_rect() else {
            continue;
        };
        // Rows of points closer than the smallest width of a cell meet every cell of the box.
        let step_m = res.edge_length_m() * 0.8;
        let plane = LocalPlane::new(LonLat::new(frame.center().x, frame.center().y));
        let low = plane.to_xy(LonLat::new(frame.min().x, frame.min().y));
        let high = plane.to_xy(LonLat::new(frame.max().x, frame.max().y));
        let looks = ((high.x - low.x) / step_m + 2.0) * ((high.y - low.y) / step_m + 2.0);
        if looks > most as f64 {
            return None;
        }
        let mut y = low.y;
        while y <= high.y + step_m {
            let mut x = low.x;
            while x <= high.x + step_m {
                if let Some(c) = cell(plane.to_lonlat(Xy { x, y }), res) {
                    let centre = LatLng::from(c);
                    if !out.contains(&c)
                        && polygon.contains(&Point::new(centre.lng(), centre.lat()))
                    {
                        out.insert(c);
                    }
                }
                x += step_m;
            }
            y += step_m;
        }
    }
    Some(out)
}

/// Where an area of cells comes from, for the record of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Jurisdiction, cells with a road only.
    Roads,
    /// Jurisdiction, every cell.
    Polygon,
    /// No jurisdiction known: cells with a ticket and their direct neighbours.
    Tickets,
    /// Cells with a ticket, as the method itself wants it.
    Held,
}

impl Source {
    /// Stable code, recorded as the study area's id.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Roads => "jurisdiction_roads",
            Self::Polygon => "jurisdiction",
            Self::Tickets => "tickets_dilated",
            Self::Held => "cells_with_tickets",
        }
    }

    /// In Chinese.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Roads => "辖区内有道路的单元",
            Self::Polygon => "辖区全部单元",
            Self::Tickets => "有工单的单元及其相邻单元",
            Self::Held => "有工单的单元",
        }
    }
}

#[cfg(test)]
mod tests {
    use geo::{LineString, Polygon};
    use h3o::{LatLng, Resolution};

    use super::{polygon_cells, road_cells};
    use crate::spatial::LonLat;

    #[test]
    fn every_cell_whose_centre_lies_inside_is_found() {
        let ring = vec![(115.9, 36.4), (116.0, 36.42), (115.98, 36.5), (115.9, 36.4)];
        let polygon = Polygon::new(LineString::from(ring), vec![]);
        let found =
            polygon_cells(std::slice::from_ref(&polygon), Resolution::Nine, 1_000_000).unwrap();
        // The same by flooding outwards from the middle.
        let start = LatLng::new(36.44, 115.96)
            .unwrap()
            .to_cell(Resolution::Nine);
        let inside = |c: &h3o::CellIndex| {
            let p = LatLng::from(*c);
            geo::Contains::contains(&polygon, &geo::Point::new(p.lng(), p.lat()))
        };
        let flooded: Vec<_> = start.grid_disk::<Vec<_>>(60);
        assert_eq!(flooded.iter().filter(|c| inside(c)).count(), found.len());
        assert!(polygon_cells(&[polygon], Resolution::Eleven, 1000).is_none());
    }

    #[test]
    fn a_road_touches_the_cells_beside_it_within_thirty_metres() {
        let road = [LonLat::new(115.98, 36.45), LonLat::new(115.99, 36.45)];
        let fine = road_cells([&road[..]], Resolution::Eleven);
        let along = 895.0 / (2.0 * 24.0);
        assert!(fine.len() as f64 > along, "{}", fine.len());
        assert!(road_cells([&road[..1]], Resolution::Nine).is_empty());
    }
}
