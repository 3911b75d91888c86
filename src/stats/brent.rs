//! Where does a continuous function cross zero between two places?
//!
//! Brent 1973, chapter 4: inverse quadratic or linear steps as long as they gain, halving otherwise.

/// The zero of `f` between `low` and `high`, where its signs must differ; off by at most `tolerance` (plus rounding).
///
/// An end with the value 0 is returned at once; equal signs give `None`. Each round costs one call of `f`; smooth functions
/// need about 10, the worst case is as slow as halving.
#[must_use]
pub fn zero(low: f64, high: f64, tolerance: f64, f: impl Fn(f64) -> f64) -> Option<f64> {
    // `best` is the closest place so far, `last` the one before it, `other` the end with the opposite sign.
    let (mut last, mut best) = (low, high);
    let (mut f_last, mut f_best) = (f(low), f(high));
    if f_last == 0.0 {
        return Some(low);
    }
    if f_best == 0.0 {
        return Some(high);
    }
    let crosses = f_last * f_best < 0.0;
    if !crosses {
        return None;
    }
    let (mut other, mut f_other) = (last, f_last);
    for _ in 0..10_000 {
        let before = best - last;
        if f_other.abs() < f_best.abs() {
            (last, best, other) = (best, other, best);
            (f_last, f_best, f_other) = (f_best, f_other, f_best);
        }
        let near = 2.0 * f64::EPSILON * best.abs() + tolerance / 2.0;
        let half = (other - best) / 2.0;
        if half.abs() <= near || f_best == 0.0 {
            return Some(best);
        }
        let mut step = half;
        if before.abs() >= near && f_last.abs() > f_best.abs() {
            let ends = [(last, f_last), (best, f_best), (other, f_other)];
            if let Some(bold) = interpolated(ends, near, before) {
                step = bold;
            }
        }
        if step.abs() < near {
            step = if step > 0.0 { near } else { -near };
        }
        (last, f_last) = (best, f_best);
        best += step;
        f_best = f(best);
        if (f_best > 0.0) == (f_other > 0.0) && f_best != 0.0 {
            (other, f_other) = (last, f_last);
        }
    }
    Some(best)
}

/// The step to the zero of the curve through the ends, unless it leaves the bracket or gains too little.
fn interpolated(ends: [(f64, f64); 3], near: f64, before: f64) -> Option<f64> {
    let [(last, f_last), (best, f_best), (other, f_other)] = ends;
    let width = other - best;
    let (mut p, mut q);
    if last.total_cmp(&other).is_eq() {
        let share = f_best / f_last;
        (p, q) = (width * share, 1.0 - share);
    } else {
        let (a, b, c) = (f_last / f_other, f_best / f_other, f_best / f_last);
        p = c * (width * a * (a - b) - (best - last) * (b - 1.0));
        q = (a - 1.0) * (b - 1.0) * (c - 1.0);
    }
    if p > 0.0 {
        q = -q;
    } else {
        p = -p;
    }
    let gains = p < 0.75 * width * q - (near * q).abs() / 2.0 && p < (before * q / 2.0).abs();
    gains.then(|| p / q)
}

#[cfg(test)]
mod tests {
    use super::zero;

    #[test]
    fn zeros_of_known_functions_are_found() {
        let root = zero(0.0, 2.0, 1e-14, |x| x * x - 2.0).unwrap();
        assert!((root - 2.0_f64.sqrt()).abs() < 1e-13);
        let root = zero(0.0, 1.0, 1e-14, |x| x.cos() - x).unwrap();
        assert!((root.cos() - root).abs() < 1e-13);
        // A step: halving is all that is left.
        let root = zero(-1.0, 3.0, 1e-9, |x| if x < 0.7 { -1.0 } else { 5.0 }).unwrap();
        assert!((root - 0.7).abs() < 1e-8);
    }

    #[test]
    fn ends_and_equal_signs_have_stated_outcomes() {
        assert_eq!(zero(0.0, 1.0, 1e-9, |x| x), Some(0.0));
        assert_eq!(zero(-1.0, 0.0, 1e-9, |x| x), Some(0.0));
        assert_eq!(zero(1.0, 2.0, 1e-9, |x| x), None);
        assert_eq!(zero(1.0, 2.0, 1e-9, |_| f64::NAN), None);
    }
}
