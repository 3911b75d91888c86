//! Which named road is nearest to a point?

use std::collections::HashMap;

use crate::place::geometry::on_segment;
use crate::place::road::Road;
use crate::spatial::Xy;

const CELL_M: f64 = 150.0;

/// Segments of all named roads in a grid of 150 m cells.
#[derive(Clone, Debug, Default)]
pub struct RoadIndex {
    segments: Vec<(u32, Xy, Xy)>,
    cells: HashMap<(i32, i32), Vec<u32>>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a city is far smaller than i32 cells; casts saturate"
)]
fn cell(v: f64) -> i32 {
    (v / CELL_M).floor() as i32
}

impl RoadIndex {
    /// Indexes all segments; linear in their length.
    #[must_use]
    pub fn new(roads: &[Road]) -> Self {
        let mut out = Self::default();
        for (r, road) in (0_u32..).zip(roads) {
            for w in road.pieces.iter().flat_map(|p| p.windows(2)) {
                let id = u32::try_from(out.segments.len()).unwrap_or(u32::MAX);
                out.segments.push((r, w[0], w[1]));
                let steps = (w[0].distance_m(w[1]) / (CELL_M / 2.0))
                    .ceil()
                    .clamp(1.0, 4000.0);
                let mut last = None;
                let mut k = 0.0;
                while k <= steps {
                    let t = k / steps;
                    let key = (
                        cell(w[0].x + t * (w[1].x - w[0].x)),
                        cell(w[0].y + t * (w[1].y - w[0].y)),
                    );
                    if last != Some(key) {
                        let list = out.cells.entry(key).or_default();
                        if list.last() != Some(&id) {
                            list.push(id);
                        }
                        last = Some(key);
                    }
                    k += 1.0;
                }
            }
        }
        out
    }

    /// Nearest road within `max_m` of a point: road, point on it, distance.
    #[must_use]
    pub fn nearest(&self, p: Xy, max_m: f64) -> Option<(u32, Xy, f64)> {
        let mut best: Option<(u32, Xy, f64)> = None;
        self.each(p, max_m, |r, q, d| {
            if d <= max_m && best.is_none_or(|b| d < b.2 || (d - b.2).abs() < 1e-9 && r < b.0) {
                best = Some((r, q, d));
            }
        });
        best
    }

    /// Roads within `max_m` of a point, nearest first, each with its nearest point.
    #[must_use]
    pub fn around(&self, p: Xy, max_m: f64) -> Vec<(u32, Xy, f64)> {
        let mut out: Vec<(u32, Xy, f64)> = Vec::new();
        self.each(p, max_m, |r, q, d| {
            if d > max_m {
                return;
            }
            match out.iter_mut().find(|x| x.0 == r) {
                Some(x) if d < x.2 => *x = (r, q, d),
                Some(_) => {}
                None => out.push((r, q, d)),
            }
        });
        out.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
        out
    }

    fn each(&self, p: Xy, max_m: f64, mut see: impl FnMut(u32, Xy, f64)) {
        let (x0, x1) = (cell(p.x - max_m), cell(p.x + max_m));
        let (y0, y1) = (cell(p.y - max_m), cell(p.y + max_m));
        for x in x0..=x1 {
            for y in y0..=y1 {
                for &i in self.cells.get(&(x, y)).map_or(&[][..], Vec::as_slice) {
                    let (r, a, b) = self.segments[i as usize];
                    let (q, _) = on_segment(p, a, b);
                    see(r, q, q.distance_m(p));
                }
            }
        }
    }
}
