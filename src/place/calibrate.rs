//! How probable is a reading with this score, by form?

/// Probability that the true spot lies inside the radius, from the additive score.
#[must_use]
pub fn confidence(form: &str, z: f64) -> f64 {
    let _ = form;
    1.0 / (1.0 + (-z).exp())
}
