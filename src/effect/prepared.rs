//! What is computed once for all evaluations: reference panels, calendar curves and how sites vary?

use std::collections::BTreeMap;

use crate::effect::bundle::Bundle;
use crate::effect::panel::{Panel, Span};
use crate::effect::settings::Settings;

/// Expected tickets by day at an average site, and the reference tickets it was measured on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curve {
    /// Prefix sums of the curve: `sums[d]` is the sum of days before `d`.
    pub sums: Vec<f64>,
    /// Prefix sums of reference tickets.
    pub tickets: Vec<u64>,
}

impl Curve {
    /// `GAMMA`: expected tickets of an average site over a span, days outside the data as 0.
    #[must_use]
    pub fn gamma(&self, span: Span) -> f64 {
        let last = self.sums.len().saturating_sub(1);
        let clip = |d: i32| usize::try_from(d).unwrap_or(0).min(last);
        let at = |d: i32| self.sums.get(clip(d)).copied().unwrap_or(0.0);
        (at(span.until) - at(span.from)).max(0.0)
    }

    /// Reference tickets over a span.
    #[must_use]
    pub fn reference_tickets(&self, span: Span) -> u64 {
        sum_over(&self.tickets, span)
    }
}

/// Recency-weighted model of a category: how flare-ups come and go.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Recency {
    /// Variance of multipliers across sites.
    pub k: f64,
    /// Variance of flare-ups relative to the level, 0 when none were found.
    pub s2: f64,
    /// What is left of a flare-up after 30 days.
    pub rho: f64,
    /// Clumping within a block.
    pub psi: f64,
    /// Log-likelihood of the one-step-ahead predictions.
    pub ll: f64,
    /// The same without flare-ups.
    pub ll_static: f64,
}

/// Everything measured on the reference of one category.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reference {
    /// The category; empty for all categories together.
    pub category: String,
    /// Sites of the panel that belong to it, rising.
    pub sites: Vec<usize>,
    /// Calendar curve of the fit without clumping.
    pub plain: Curve,
    /// Shape of the spread of that fit; `k = 1 / phi`.
    pub phi_plain: f64,
    /// Calendar curve of the fit with clumping (equal to `plain` when `psi` is 1).
    pub curve: Curve,
    /// Shape of the spread of sites.
    pub phi: f64,
    /// Clumping by 30-day blocks, at least 1.
    pub psi: f64,
    /// Multipliers of [`Self::sites`], same order.
    pub u: Vec<f64>,
    /// Flare-ups; `None` with fewer than 15 blocks.
    pub recency: Option<Recency>,
    /// Whether the curve's shape was borrowed from all categories.
    pub pooled: bool,
}

impl Reference {
    /// Whether it holds enough sites and tickets for two windows.
    #[must_use]
    pub fn suffices(&self, settings: &Settings, history: Span, after: Span) -> bool {
        self.sites.len() >= settings.least_sites
            && self.curve.reference_tickets(history) >= settings.least_before
            && self.curve.reference_tickets(after) >= settings.least_after
    }
}

/// Tickets of sites that were never treated nor stand beside a treated one, as prefix sums by day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Untreated {
    /// Sites.
    pub sites: usize,
    /// At the sites.
    pub core: Vec<u64>,
    /// In their rings.
    pub ring: Vec<u64>,
    /// Of other categories, in core and ring.
    pub other: Vec<u64>,
}

/// Prefix sums of counts over a span, days outside as 0.
#[must_use]
pub fn sum_over(sums: &[u64], span: Span) -> u64 {
    let last = sums.len().saturating_sub(1);
    let clip = |d: i32| usize::try_from(d).unwrap_or(0).min(last);
    let at = |d: i32| sums.get(clip(d)).copied().unwrap_or(0);
    at(span.until).saturating_sub(at(span.from))
}

/// A panel with its references: the expensive part, done once a night; an evaluation from it takes milliseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// The panel.
    pub panel: Panel,
    /// The options.
    pub settings: Settings,
    /// First day on which a site no longer belongs to the reference, by site.
    pub stops: Vec<i32>,
    /// Whether a site left the reference because of a treated neighbour.
    pub contaminated: Vec<bool>,
    /// Measures of each site, by day of decision.
    pub measures: Vec<Vec<usize>>,
    /// What is judged, by site and first decision.
    pub bundles: Vec<Bundle>,
    /// References by category.
    pub references: BTreeMap<String, Reference>,
    /// References with the curve's shape of all categories, for those too small on their own; made when one is.
    pub pooled: BTreeMap<String, Reference>,
    /// Untreated sites by category.
    pub untreated: BTreeMap<String, Untreated>,
    /// Whether the panel holds any ring ticket.
    pub has_rings: bool,
    /// Days on which a channel was silent while others reported; taken out like the panel's own gaps.
    pub silent: Vec<Span>,
}
