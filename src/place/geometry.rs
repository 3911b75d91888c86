//! Where on a line, how far along it, inside or outside a ring: plane geometry in metres for the readings of a text.

use crate::spatial::Xy;

/// A point on a line: where, how far from the asked point, which segment, how far along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Foot {
    /// The nearest point.
    pub point: Xy,
    /// Metres from the asked point.
    pub distance_m: f64,
    /// Metres from the start of the line.
    pub along_m: f64,
    /// Direction of the line there, unit vector.
    pub direction: Xy,
}

/// Nearest point of the segment `a`–`b`; returns it with its share 0…1.
#[must_use]
pub fn on_segment(p: Xy, a: Xy, b: Xy) -> (Xy, f64) {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let square = dx * dx + dy * dy;
    if square <= f64::EPSILON {
        return (a, 0.0);
    }
    let t = (((p.x - a.x) * dx + (p.y - a.y) * dy) / square).clamp(0.0, 1.0);
    (
        Xy {
            x: a.x + t * dx,
            y: a.y + t * dy,
        },
        t,
    )
}

/// Unit vector from `a` to `b`; zero if they coincide.
#[must_use]
pub fn unit(a: Xy, b: Xy) -> Xy {
    let d = a.distance_m(b);
    if d <= f64::EPSILON {
        return Xy::default();
    }
    Xy {
        x: (b.x - a.x) / d,
        y: (b.y - a.y) / d,
    }
}

/// Nearest point of a polyline; `None` for an empty one. Linear in its length.
#[must_use]
pub fn foot(line: &[Xy], p: Xy) -> Option<Foot> {
    let first = *line.first()?;
    let mut best = Foot {
        point: first,
        distance_m: first.distance_m(p),
        along_m: 0.0,
        direction: Xy::default(),
    };
    let mut along = 0.0;
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (q, t) = on_segment(p, a, b);
        let length = a.distance_m(b);
        let distance = q.distance_m(p);
        if distance < best.distance_m || best.direction == Xy::default() {
            best = Foot {
                point: q,
                distance_m: distance,
                along_m: along + t * length,
                direction: unit(a, b),
            };
        }
        along += length;
    }
    Some(best)
}

/// Length of a polyline in metres.
#[must_use]
pub fn length(line: &[Xy]) -> f64 {
    line.windows(2).map(|p| p[0].distance_m(p[1])).sum()
}

/// The point `along` metres from the start, clamped to the ends; `None` for an empty line.
#[must_use]
pub fn at(line: &[Xy], along: f64) -> Option<Xy> {
    let mut left = along.max(0.0);
    for pair in line.windows(2) {
        let step = pair[0].distance_m(pair[1]);
        if left <= step && step > 0.0 {
            let t = left / step;
            return Some(Xy {
                x: pair[0].x + t * (pair[1].x - pair[0].x),
                y: pair[0].y + t * (pair[1].y - pair[0].y),
            });
        }
        left -= step;
    }
    line.last().copied()
}

/// The part of a polyline between two distances from its start.
#[must_use]
pub fn part(line: &[Xy], from: f64, to: f64) -> Vec<Xy> {
    let (from, to) = if from <= to { (from, to) } else { (to, from) };
    let mut out = Vec::new();
    out.extend(at(line, from));
    let mut along = 0.0;
    for pair in line.windows(2) {
        along += pair[0].distance_m(pair[1]);
        if along > from && along < to {
            out.push(pair[1]);
        }
    }
    out.extend(at(line, to));
    out
}

/// Where two segments cross, if they do.
#[must_use]
pub fn crossing(a: (Xy, Xy), b: (Xy, Xy)) -> Option<Xy> {
    let (rx, ry) = (a.1.x - a.0.x, a.1.y - a.0.y);
    let (sx, sy) = (b.1.x - b.0.x, b.1.y - b.0.y);
    let denominator = rx * sy - ry * sx;
    if denominator.abs() < 1e-9 {
        return None;
    }
    let (qx, qy) = (b.0.x - a.0.x, b.0.y - a.0.y);
    let t = (qx * sy - qy * sx) / denominator;
    let u = (qx * ry - qy * rx) / denominator;
    ((-1e-9..=1.0 + 1e-9).contains(&t) && (-1e-9..=1.0 + 1e-9).contains(&u)).then_some(Xy {
        x: a.0.x + t * rx,
        y: a.0.y + t * ry,
    })
}

/// Nearest pair of points of two segments and their distance.
#[must_use]
pub fn nearest_pair(a: (Xy, Xy), b: (Xy, Xy)) -> (Xy, Xy, f64) {
    if let Some(p) = crossing(a, b) {
        return (p, p, 0.0);
    }
    let mut best = (a.0, b.0, f64::INFINITY);
    for p in [a.0, a.1] {
        let (q, _) = on_segment(p, b.0, b.1);
        let d = p.distance_m(q);
        if d < best.2 {
            best = (p, q, d);
        }
    }
    for q in [b.0, b.1] {
        let (p, _) = on_segment(q, a.0, a.1);
        let d = p.distance_m(q);
        if d < best.2 {
            best = (p, q, d);
        }
    }
    best
}

/// Whether a ring (closed or not) holds the point; on the edge either answer may come.
#[must_use]
pub fn inside(ring: &[Xy], p: Xy) -> bool {
    let Some(mut a) = ring.last().copied() else {
        return false;
    };
    let mut within = false;
    for &b in ring {
        if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
            within = !within;
        }
        a = b;
    }
    within
}

/// Area of a ring in square metres.
#[must_use]
pub fn ring_area(ring: &[Xy]) -> f64 {
    let Some(mut a) = ring.last().copied() else {
        return 0.0;
    };
    let mut twice = 0.0;
    for &b in ring {
        twice += a.x * b.y - b.x * a.y;
        a = b;
    }
    (twice / 2.0).abs()
}

/// Mean of points; `None` for none.
#[must_use]
pub fn mean(points: &[Xy]) -> Option<Xy> {
    if points.is_empty() {
        return None;
    }
    let n = points.len() as f64;
    Some(Xy {
        x: points.iter().map(|p| p.x).sum::<f64>() / n,
        y: points.iter().map(|p| p.y).sum::<f64>() / n,
    })
}

/// Centroid of a ring by area, or the mean of its points when it has none.
#[must_use]
pub fn ring_centre(ring: &[Xy]) -> Option<Xy> {
    let first = *ring.first()?;
    let mut a = *ring.last()?;
    let (mut twice, mut cx, mut cy) = (0.0, 0.0, 0.0);
    for &b in ring {
        let (ax, ay, bx, by) = (a.x - first.x, a.y - first.y, b.x - first.x, b.y - first.y);
        let w = ax * by - bx * ay;
        twice += w;
        cx += (ax + bx) * w;
        cy += (ay + by) * w;
        a = b;
    }
    if twice.abs() < 1e-6 {
        return mean(ring);
    }
    Some(Xy {
        x: first.x + cx / (3.0 * twice),
        y: first.y + cy / (3.0 * twice),
    })
}

/// The boundary point of a ring seen from its centre in a wind (unit vector): middle of the edge that faces it.
#[must_use]
pub fn facing_edge(ring: &[Xy], wind: Xy) -> Option<Xy> {
    let centre = ring_centre(ring)?;
    let mut best: Option<(f64, Xy)> = None;
    let mut a = *ring.last()?;
    for &b in ring {
        let middle = Xy {
            x: f64::midpoint(a.x, b.x),
            y: f64::midpoint(a.y, b.y),
        };
        let out = unit(centre, middle);
        // Long edges that face the wind win over short bevels.
        let weight = (out.x * wind.x + out.y * wind.y) * a.distance_m(b).sqrt();
        if a.distance_m(b) > 1.0 && best.is_none_or(|x| weight > x.0) {
            best = Some((weight, middle));
        }
        a = b;
    }
    best.map(|x| x.1)
}

#[cfg(test)]
mod tests {
    use super::{at, crossing, facing_edge, foot, inside, ring_area};
    use crate::spatial::Xy;

    const fn xy(x: f64, y: f64) -> Xy {
        Xy { x, y }
    }

    #[test]
    fn a_foot_knows_its_distance_along() {
        let line = [xy(0.0, 0.0), xy(100.0, 0.0), xy(100.0, 100.0)];
        let f = foot(&line, xy(90.0, 50.0)).unwrap();
        assert!((f.along_m - 150.0).abs() < 1e-9 && (f.distance_m - 10.0).abs() < 1e-9);
        assert_eq!(at(&line, 150.0), Some(xy(100.0, 50.0)));
    }

    #[test]
    fn rings_hold_their_inside() {
        let ring = [xy(0.0, 0.0), xy(10.0, 0.0), xy(10.0, 10.0), xy(0.0, 10.0)];
        assert!(inside(&ring, xy(5.0, 5.0)) && !inside(&ring, xy(15.0, 5.0)));
        assert!((ring_area(&ring) - 100.0).abs() < 1e-9);
        assert_eq!(facing_edge(&ring, xy(1.0, 0.0)), Some(xy(10.0, 5.0)));
        assert!(crossing((xy(0.0, 0.0), xy(2.0, 2.0)), (xy(0.0, 2.0), xy(2.0, 0.0))).is_some());
    }
}
