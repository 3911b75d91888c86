//! Did the trouble only move: next door, to other hours, to other categories (section 8)?
//!
//! The ring was not picked for its own count, so its expectation is **not** shrunk: shrinking it invents displacement.

use crate::effect::predictive::Predictive;
use crate::effect::record::{NetEffect, Ring};
use crate::stats::distribution::Z_975;

/// Counts of a place and of a control before and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeAfter {
    /// The place before.
    pub before: u64,
    /// The place after.
    pub after: u64,
    /// Control tickets before.
    pub control_before: u64,
    /// Control tickets after.
    pub control_after: u64,
}

/// The place against its control, with its interval at level `alpha`; `None` when the control has no tickets on a side.
#[must_use]
pub fn other_place(counts: BeforeAfter, psi: f64, alpha: f64) -> Option<Ring> {
    if counts.control_before == 0 || counts.control_after == 0 {
        return None;
    }
    let (before, after) = (counts.control_before as f64, counts.control_after as f64);
    let own = (counts.before as f64).max(0.5);
    let law = Predictive {
        expected: own * after / before,
        rel: psi / own + 1.0 / after + 1.0 / before,
        psi,
    };
    let effect = law.effect(counts.after, alpha);
    Some(Ring {
        y: counts.after,
        before: counts.before,
        expected: law.expected,
        rel: law.rel,
        theta: counts.after as f64 / law.expected,
        lo: effect.lo,
        hi: Some(effect.hi).filter(|h| h.is_finite()),
        control: [counts.control_before, counts.control_after],
    })
}

/// Total net effect of core and ring: avoided tickets with their 95 % interval.
#[must_use]
pub fn net_effect(core: Predictive, y: u64, ring: &Ring) -> NetEffect {
    let avoided_core = core.expected - y as f64;
    let avoided_ring = ring.expected - ring.y as f64;
    let part = |rel: f64, expected: f64, y: u64| {
        rel * expected * expected + core.psi * (y as f64).max(1.0)
    };
    let variance = part(core.rel, core.expected, y) + part(ring.rel, ring.expected, ring.y);
    let total = avoided_core + avoided_ring;
    let reach = Z_975 * variance.sqrt();
    NetEffect {
        avoided_core,
        avoided_ring,
        total,
        lo: total - reach,
        hi: total + reach,
        variance,
        displaced_share: (avoided_core > 0.0).then(|| -avoided_ring / avoided_core),
    }
}
