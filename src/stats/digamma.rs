//! How fast does the log-gamma function grow, and how does that growth change?

/// Below this the recurrence lifts the argument; above, eight terms of the asymptotic series are exact to the last bits.
const LIFTED: f64 = 12.0;

/// Digamma, the first derivative of [`crate::stats::special::ln_gamma`], for `x > 0`; absolute error below 1e-14 there.
#[must_use]
pub fn digamma(x: f64) -> f64 {
    let mut x = x;
    let mut below = 0.0;
    while x < LIFTED {
        below += 1.0 / x;
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r
        * (1.0 / 12.0
            - r * (1.0 / 120.0
                - r * (1.0 / 252.0
                    - r * (1.0 / 240.0
                        - r * (1.0 / 132.0 - r * (691.0 / 32_760.0 - r * (1.0 / 12.0)))))));
    x.ln() - 0.5 / x - series - below
}

/// Trigamma, the derivative of [`digamma`], for `x > 0`; relative error below 1e-13.
#[must_use]
pub fn trigamma(x: f64) -> f64 {
    let mut x = x;
    let mut below = 0.0;
    while x < LIFTED {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let r = 1.0 / (x * x);
    let series = r
        * (1.0 / 6.0
            - r * (1.0 / 30.0
                - r * (1.0 / 42.0
                    - r * (1.0 / 30.0
                        - r * (5.0 / 66.0 - r * (691.0 / 2_730.0 - r * (7.0 / 6.0)))))));
    below + 1.0 / x + 0.5 * r + series / x
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::{digamma, trigamma};

    #[test]
    fn known_values_come_out() {
        // Abramowitz and Stegun 6.3.2, 6.3.3, 6.4.2 and 6.4.4: -γ, -γ - 2 ln 2, π²/6, π²/2.
        let euler = 0.577_215_664_901_532_9;
        assert!((digamma(1.0) + euler).abs() < 1e-14);
        assert!((digamma(0.5) + euler + 2.0 * 2.0_f64.ln()).abs() < 1e-14);
        let pi2 = PI.powi(2);
        assert!((trigamma(1.0) - pi2 / 6.0).abs() < 1e-14);
        assert!((trigamma(0.5) - pi2 / 2.0).abs() < 1e-13);
    }

    #[test]
    fn the_recurrence_holds_across_the_seam() {
        for x in [0.01, 0.7, 11.3, 12.0, 150.0, 1e7] {
            let step = digamma(x + 1.0) - digamma(x);
            assert!((step - 1.0 / x).abs() < 1e-13 * (1.0 + 1.0 / x), "{x}");
            let step = trigamma(x) - trigamma(x + 1.0);
            assert!((step * x * x - 1.0).abs() < 1e-12 * (1.0 + x * x), "{x}");
        }
    }
}
