//! How do the open pieces of a boundary close into rings, and which ring is a hole of which?

use std::collections::BTreeMap;

use geo::{Area, BoundingRect, Contains, Coord, LineString, MultiPolygon, Point, Polygon};

/// Closed rings of node ids (first = last) and the number of pieces that did not close.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rings {
    /// Closed rings.
    pub(crate) closed: Vec<Vec<i64>>,
    /// Pieces left over: the extract cuts the boundary, or the data is broken.
    pub(crate) open: usize,
}

/// Chains pieces end to end into closed rings. Pieces may run in any direction. Cost O(n log n).
#[must_use]
pub(crate) fn close(pieces: &[&[i64]]) -> Rings {
    let mut rings = Rings::default();
    let mut ends: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let mut used = vec![false; pieces.len()];
    for (number, piece) in pieces.iter().enumerate() {
        match (piece.first(), piece.last()) {
            (Some(a), Some(b)) if a == b && piece.len() > 3 => {
                rings.closed.push(piece.to_vec());
                used[number] = true;
            }
            (Some(a), Some(b)) if a != b => {
                ends.entry(*a).or_default().push(number);
                ends.entry(*b).or_default().push(number);
            }
            _ => used[number] = true,
        }
    }
    for start in 0..pieces.len() {
        if used[start] {
            continue;
        }
        used[start] = true;
        let mut chain = pieces[start].to_vec();
        let mut taken = 1;
        while chain.first() != chain.last()
            && let Some(tip) = chain.last()
            && let Some(next) = ends
                .get(tip)
                .and_then(|at| at.iter().find(|n| !used[**n]).copied())
        {
            used[next] = true;
            taken += 1;
            let piece = pieces[next];
            if piece.first() == Some(tip) {
                chain.extend(piece.iter().skip(1));
            } else {
                chain.extend(piece.iter().rev().skip(1));
            }
        }
        if chain.len() > 3 && chain.first() == chain.last() {
            rings.closed.push(chain);
        } else {
            rings.open += taken;
        }
    }
    rings
}

/// Polygons of outer and inner rings: each hole goes to the smallest outer ring that holds it; a hole outside of all is left
/// out. Without outer rings there is no surface.
#[must_use]
pub(crate) fn assemble(
    outer: Vec<LineString<f64>>,
    inner: Vec<LineString<f64>>,
) -> MultiPolygon<f64> {
    let mut shells: Vec<Polygon<f64>> = outer
        .into_iter()
        .map(|ring| Polygon::new(ring, Vec::new()))
        .collect();
    shells.sort_by(|a, b| a.unsigned_area().total_cmp(&b.unsigned_area()));
    let bare = shells.clone();
    for hole in inner {
        let holder = bare.iter().position(|shell| holds(shell, &hole));
        if let Some(shell) = holder.and_then(|at| shells.get_mut(at)) {
            shell.interiors_push(hole);
        }
    }
    shells.reverse();
    MultiPolygon(shells)
}

/// Whether a ring lies inside a shell: judged by its first vertices that are not on the shell's outline.
fn holds(shell: &Polygon<f64>, ring: &LineString<f64>) -> bool {
    let Some(bounds) = shell.bounding_rect() else {
        return false;
    };
    let (low, high) = (bounds.min(), bounds.max());
    let outside = |c: &Coord<f64>| c.x < low.x || c.x > high.x || c.y < low.y || c.y > high.y;
    !ring.0.iter().any(outside)
        && ring
            .0
            .iter()
            .take(8)
            .any(|c| shell.contains(&Point::from(*c)))
}
