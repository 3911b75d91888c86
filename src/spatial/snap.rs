//! Which line is nearest to this point, and how far along it?

use rstar::{AABB, PointDistance, RTree, RTreeObject};

use crate::spatial::crs::Xy;

/// A foot of a point on a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Snap {
    /// Number of the line in the list the index was built from.
    pub line: usize,
    /// Segment of that line (0 = first).
    pub segment: usize,
    /// The nearest point of the line.
    pub foot: Xy,
    /// Metres from the line's start to the foot, along the line.
    pub chainage_m: f64,
    /// Metres from the point to the foot.
    pub distance_m: f64,
    /// Whether the point lies to the left of the line as drawn; a point on the line is not left.
    pub left: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    line: u32,
    number: u32,
    a: [f64; 2],
    b: [f64; 2],
    before_m: f64,
}

impl Segment {
    fn foot(&self, p: [f64; 2]) -> ([f64; 2], f64) {
        let (dx, dy) = (self.b[0] - self.a[0], self.b[1] - self.a[1]);
        let square = dx.mul_add(dx, dy * dy);
        let t = if square > 0.0 {
            (((p[0] - self.a[0]) * dx + (p[1] - self.a[1]) * dy) / square).clamp(0.0, 1.0)
        } else {
            0.0
        };
        ([dx.mul_add(t, self.a[0]), dy.mul_add(t, self.a[1])], t)
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.a, self.b)
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, p: &[f64; 2]) -> f64 {
        let (foot, _) = self.foot(*p);
        let (dx, dy) = (foot[0] - p[0], foot[1] - p[1]);
        dx.mul_add(dx, dy * dy)
    }
}

/// Lines in metres, ready for nearest questions. Building costs O(n log n), a question O(log n) usually.
#[derive(Clone, Debug)]
pub struct LineIndex {
    tree: RTree<Segment>,
}

impl LineIndex {
    /// Indexes lines on one plane; lines of fewer than two points are never found.
    ///
    /// # Panics
    /// Never: more than 2³² lines or segments of one line would need more memory than a machine has.
    #[must_use]
    pub fn new<'a>(lines: impl IntoIterator<Item = &'a [Xy]>) -> Self {
        let mut segments = Vec::new();
        for (line, points) in (0_u32..).zip(lines) {
            let mut before_m = 0.0;
            for (number, pair) in (0_u32..).zip(points.windows(2)) {
                segments.push(Segment {
                    line,
                    number,
                    a: [pair[0].x, pair[0].y],
                    b: [pair[1].x, pair[1].y],
                    before_m,
                });
                before_m += pair[0].distance_m(pair[1]);
            }
        }
        Self {
            tree: RTree::bulk_load(segments),
        }
    }

    /// Whether nothing can be found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tree.size() == 0
    }

    /// The nearest line, `None` only if there is none. Of equally near lines the one with the smaller number is taken.
    #[must_use]
    pub fn nearest(&self, p: Xy) -> Option<Snap> {
        let at = [p.x, p.y];
        let mut near = self.tree.nearest_neighbor_iter_with_distance_2(&at);
        let (mut best, least) = near.next()?;
        for (other, square) in near.take_while(|(_, square)| *square <= least) {
            if (other.line, other.number) < (best.line, best.number) && square <= least {
                best = other;
            }
        }
        Some(snap(best, p))
    }

    /// The nearest foot on every line within `radius_m`, nearest first, ties by number of the line.
    #[must_use]
    pub fn within(&self, p: Xy, radius_m: f64) -> Vec<Snap> {
        let mut found: Vec<Snap> = self
            .tree
            .locate_within_distance([p.x, p.y], radius_m * radius_m)
            .map(|segment| snap(segment, p))
            .collect();
        found.sort_by(|a, b| {
            a.distance_m
                .total_cmp(&b.distance_m)
                .then(a.line.cmp(&b.line))
                .then(a.segment.cmp(&b.segment))
        });
        let mut seen = std::collections::BTreeSet::new();
        found.retain(|s| seen.insert(s.line));
        found
    }
}

fn snap(segment: &Segment, p: Xy) -> Snap {
    let (foot, t) = segment.foot([p.x, p.y]);
    let foot = Xy {
        x: foot[0],
        y: foot[1],
    };
    let (a, b) = (
        Xy {
            x: segment.a[0],
            y: segment.a[1],
        },
        Xy {
            x: segment.b[0],
            y: segment.b[1],
        },
    );
    let cross = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
    Snap {
        line: segment.line as usize,
        segment: segment.number as usize,
        foot,
        chainage_m: a.distance_m(b).mul_add(t, segment.before_m),
        distance_m: foot.distance_m(p),
        left: cross > 0.0,
    }
}
