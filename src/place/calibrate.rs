//! How probable is a reading with this score, by form?
//!
//! A logistic curve per form with one slope, fitted on the 8,017 tickets of the public simulated city whose words alone support a
//! place (true spot inside the radius). Measured on all 9,800 placed tickets of that city by tenth of confidence: 0.52 → 0.50,
//! 0.63 → 0.64, 0.77 → 0.80, 0.87 → 0.90, 0.96 → 0.96 (the tenths below hold fewer than twenty tickets each). Operators' decisions may replace the table once there are 200 of a form.

/// Slope of the curve: how much one point of score moves the log-odds.
const SLOPE: f64 = 0.83;

/// Score at which [`intercept`] holds.
const CENTRE: f64 = 2.5;

/// Log-odds that several equally good places cost beyond their number: the first of them is often not the one meant. Car parks of
/// one name lie close together and are told by their entrance.
fn ambiguous(form: &str) -> f64 {
    if form == "lot_entrance" { 0.3 } else { 1.1 }
}

/// What a choice among equally good places is worth above one in k: of k places that the words fit equally, one is meant (gates
/// of one name: 13 right of 26 where two were), but the wide radius of a place without a gate often holds the other one too (38 of
/// 58 where two were).
fn beside(form: &str) -> f64 {
    match form {
        "poi_alone" | "poi_near" => 0.13,
        _ => 0.02,
    }
}

/// No reading is surer than this: words can always be wrong.
const SUREST: f64 = 0.985;

/// Log-odds of a form at the central score.
fn intercept(form: &str) -> f64 {
    match form {
        "between_pois" | "poi_side" => 4.2,
        "express" | "road_only" | "road_unknown_poi" | "seg_between" => 5.4,
        "house_between" => 4.4,
        "house_exact" | "metro_exit" | "metro_near" => 3.9,
        "lot_entrance" | "stop" => 2.3,
        "poi_alone" => 3.5,
        "poi_near" | "x_poi" => 3.7,
        "poi_opposite" | "area_town" | "area_district" => 3.0,
        "road_poi" | "x_approach" => 2.4,
        "x_offset" => 3.4,
        "x_corner" => 1.5,
        _ => 1.9,
    }
}

/// Probability that the true spot lies inside the radius: score of the words, and the logarithm of how many equally good places
/// they fit.
#[must_use]
pub fn confidence(form: &str, z: f64, ambiguity: f64) -> f64 {
    let doubt = if ambiguity > 0.0 {
        ambiguous(form)
    } else {
        0.0
    };
    let z = (z - ambiguity).clamp(-2.0, 4.0);
    let odds = intercept(form) + SLOPE * (z - CENTRE) - doubt;
    let rough = 1.0 / (1.0 + (-odds).exp());
    // Weak evidence stays weak whatever the form: below one point the words themselves are in doubt.
    let words = 1.0 / (1.0 + (-2.0 * (z + 0.3)).exp());
    let sure = (rough * words.max(0.05)).min(SUREST);
    if ambiguity > 0.0 && form != "lot_entrance" {
        return sure.min((-ambiguity).exp() + beside(form));
    }
    sure
}

#[cfg(test)]
mod tests {
    use super::confidence;

    #[test]
    fn more_evidence_is_never_less_probable() {
        for form in ["x_head", "poi_gate", "road_only", "something_new"] {
            let mut last = 0.0;
            for step in -20..60 {
                let p = confidence(form, f64::from(step) / 10.0, 0.0);
                assert!(p >= last && p < 1.0);
                assert!(confidence(form, f64::from(step) / 10.0, 0.7) <= p);
                last = p;
            }
        }
    }
}
