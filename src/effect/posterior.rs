//! What is a site's usual level, when its own count and the sites of its category are weighed by how sure each is (section 4.1)?

/// How sites of a category vary.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Shape of the gamma law of multipliers; their variance is `1 / phi`.
    pub phi: f64,
    /// Clumping within a site, 1 for Poisson.
    pub psi: f64,
}

/// The gamma law of a site's multiplier after its history was seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// Shape.
    pub a: f64,
    /// Rate.
    pub b: f64,
    /// Mean: the site's multiplier against its category.
    pub u: f64,
    /// Weight of the category's mean.
    pub w: f64,
}

impl Spread {
    /// The law of a site with `tickets` seen where an average site has `m`; never fails for `m >= 0`.
    #[must_use]
    pub fn posterior(&self, tickets: f64, m: f64) -> Posterior {
        let a = self.phi + tickets / self.psi;
        let b = self.phi + m / self.psi;
        let prior = self.phi * self.psi;
        Posterior {
            a,
            b,
            u: a / b,
            w: prior / (prior + m),
        }
    }
}

impl Posterior {
    /// Relative variance of the expectation from the history alone.
    #[must_use]
    pub fn rel(&self) -> f64 {
        1.0 / self.a
    }
}

/// Extra relative variance from an unsure trend: `psi (1/after + 1/history)` of reference tickets; 0 tickets count as half.
#[must_use]
pub fn trend_rel(psi: f64, after: u64, history: u64) -> f64 {
    psi * (1.0 / (after as f64).max(0.5) + 1.0 / (history as f64).max(0.5))
}
