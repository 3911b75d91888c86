//! Which box holds these points?

use crate::stats::number::id32;

/// A node of a k-d tree: a run of points with their box.
#[derive(Clone, Debug)]
pub(crate) struct Node<const D: usize> {
    low: [f64; D],
    high: [f64; D],
    /// First point.
    pub(crate) from: u32,
    /// Point after the last.
    pub(crate) to: u32,
    /// Both halves, `None` for a leaf.
    pub(crate) children: Option<(u32, u32)>,
    /// Component of all its points, or a mark that they differ.
    pub(crate) component: u32,
    /// Least squared core distance of its points.
    pub(crate) least_core: f64,
}

impl<const D: usize> Node<D> {
    /// The box of the points named by `order`, which stand from `from` on in tree order.
    pub(crate) fn around(points: &[[f64; D]], order: &[u32], from: u32) -> Self {
        let mut low = [f64::INFINITY; D];
        let mut high = [f64::NEG_INFINITY; D];
        for &i in order {
            for (axis, v) in points[i as usize].iter().enumerate() {
                low[axis] = low[axis].min(*v);
                high[axis] = high[axis].max(*v);
            }
        }
        Self {
            low,
            high,
            from,
            to: from + id32(order.len()),
            children: None,
            component: u32::MAX,
            least_core: 0.0,
        }
    }

    /// Extent along an axis.
    pub(crate) const fn width(&self, axis: usize) -> f64 {
        self.high[axis] - self.low[axis]
    }

    /// The axis of the largest extent.
    pub(crate) fn widest(&self) -> usize {
        (0..D).fold(0, |best, axis| {
            if self.width(axis) > self.width(best) {
                axis
            } else {
                best
            }
        })
    }

    /// Squared distance from a point to the box.
    #[inline]
    pub(crate) fn distance(&self, p: &[f64; D]) -> f64 {
        let mut sum = 0.0;
        for ((v, low), high) in p.iter().zip(&self.low).zip(&self.high) {
            let out = f64::max(low - v, v - high).max(0.0);
            sum += out * out;
        }
        sum
    }
}
