//! How many tickets would have come in the after window had nothing been done, and how sure is that (section 4)?

use crate::effect::panel::{Event, Span, within};
use crate::effect::posterior::{Spread, trend_rel};
use crate::effect::predictive::Predictive;
use crate::effect::prepared::{Curve, Recency, Reference};
use crate::effect::recency::{BLOCK, Months, STEP, Target};

/// Extra relative variance of an expectation from pooled categories.
pub const POOLED_REL: f64 = 0.02;

/// What is expected of a site over an after window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expectation {
    /// Expected tickets.
    pub expected: f64,
    /// Relative variance of that, trend and pooling included.
    pub rel: f64,
    /// Relative variance from the site's own history alone.
    pub rel_history: f64,
    /// Multiplier of the site against its category.
    pub u: f64,
    /// Weight of the category's mean.
    pub w: f64,
    /// Clumping.
    pub psi: f64,
    /// Shape of the spread of sites.
    pub phi: f64,
    /// Tickets of the history.
    pub tickets: u64,
    /// The flare-ups that were used; `None` for the static form.
    pub recency: Option<Recency>,
}

impl Expectation {
    /// The curve its multiplier belongs to: the plain fit's with flare-ups, the clumped fit's without.
    #[must_use]
    pub fn curve_of<'a>(&self, reference: &'a Reference) -> &'a Curve {
        if self.recency.is_some() {
            &reference.plain
        } else {
            &reference.curve
        }
    }

    /// The law of the count it stands for.
    #[must_use]
    pub const fn law(&self) -> Predictive {
        Predictive {
            expected: self.expected,
            rel: self.rel,
            psi: self.psi,
        }
    }
}

/// The two windows of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Between {
    /// History; ends with the decision.
    pub history: Span,
    /// After window.
    pub after: Span,
}

/// Static empirical Bayes (4.1): the whole history counts alike. `None` when nothing was expected before.
#[must_use]
pub fn static_expectation(
    reference: &Reference,
    events: &[Event],
    windows: Between,
) -> Option<Expectation> {
    let m = reference.curve.gamma(windows.history);
    if m <= 0.0 {
        return None;
    }
    let tickets = within(events, windows.history).len() as u64;
    let spread = Spread {
        phi: reference.phi,
        psi: reference.psi,
    };
    let posterior = spread.posterior(tickets as f64, m);
    let known = Expectation {
        expected: posterior.u * reference.curve.gamma(windows.after),
        rel: 0.0,
        rel_history: posterior.rel(),
        u: posterior.u,
        w: posterior.w,
        psi: reference.psi,
        phi: reference.phi,
        tickets,
        recency: None,
    };
    Some(with_trend(known, reference, windows))
}

/// Recency-weighted credibility (4.4), the default; static empirical Bayes when no flare-ups could be searched.
///
/// `None` when nothing was expected before.
#[must_use]
pub fn expectation(
    reference: &Reference,
    events: &[Event],
    windows: Between,
) -> Option<Expectation> {
    let Some(model) = reference.recency else {
        return static_expectation(reference, events, windows);
    };
    let curve = &reference.plain;
    let m = curve.gamma(windows.history);
    if m <= 0.0 {
        return None;
    }
    let months = months(curve, events, windows.history);
    let target = steps(curve, windows.after);
    let Some(found) = model.predict(reference.phi_plain, &months, &target) else {
        return static_expectation(reference, events, windows);
    };
    let prior = reference.phi_plain * model.psi;
    let known = Expectation {
        expected: found.u * curve.gamma(windows.after),
        rel: 0.0,
        rel_history: found.rel(),
        u: found.u,
        w: prior / (prior + m),
        psi: model.psi,
        phi: reference.phi_plain,
        tickets: within(events, windows.history).len() as u64,
        recency: Some(model),
    };
    Some(with_trend(known, reference, windows))
}

fn with_trend(known: Expectation, reference: &Reference, windows: Between) -> Expectation {
    let trend = trend_rel(
        known.psi,
        reference.curve.reference_tickets(windows.after),
        reference.curve.reference_tickets(windows.history),
    );
    let pooled = if reference.pooled { POOLED_REL } else { 0.0 };
    Expectation {
        rel: known.rel_history + trend + pooled,
        ..known
    }
}

/// Blocks of 30 days counted back from the end of the history; the oldest remainder is dropped.
#[must_use]
pub fn months(curve: &Curve, events: &[Event], history: Span) -> Months {
    let mut months = Months::default();
    for back in (1..=history.len() / BLOCK).rev() {
        let from = history.until - back * BLOCK;
        let block = Span::new(from, from + BLOCK);
        let g = curve.gamma(block);
        if g > 0.0 {
            months.y.push(within(events, block).len() as f64);
            months.g.push(g);
            months.mid.push(f64::from(from) + f64::from(BLOCK) / 2.0);
        }
    }
    months
}

/// Steps of 15 days over the after window, the last one as long as is left.
#[must_use]
pub fn steps(curve: &Curve, after: Span) -> Target {
    let whole = curve.gamma(after);
    let mut target = Target::default();
    let mut from = after.from;
    while from < after.until && whole > 0.0 {
        let step = Span::new(from, (from + STEP).min(after.until));
        target
            .mid
            .push(f64::midpoint(f64::from(step.from), f64::from(step.until)));
        target.weight.push(curve.gamma(step) / whole);
        from += STEP;
    }
    target
}
