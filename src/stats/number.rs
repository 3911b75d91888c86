//! How does a size become a number of another width without a lie?
//!
//! Columns hold ids in 32 bits, formulas need `f64`, windows are computed as `f64` and used as places in a slice. The
//! conversions stand here once, with what happens at the borders, instead of a bare `as` in every file.

/// A size as 32 bits.
///
/// # Panics
/// When `n` is above `u32::MAX`; every door refuses inputs of more than 4 billion rows long before.
#[must_use]
pub fn id32(n: usize) -> u32 {
    u32::try_from(n).expect("inputs above u32::MAX rows are refused at the door")
}

/// The whole part of a non-negative number as a place in a slice; negative and not-a-number give 0, huge values the largest size.
#[must_use]
pub const fn floor_index(x: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "float-to-integer `as` saturates and maps NaN to 0, which is the stated behaviour"
    )]
    {
        x as usize
    }
}

/// The whole part of a number towards minus infinity as a signed number; saturates at the borders.
#[must_use]
pub fn floor_i64(x: f64) -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "float-to-integer `as` saturates and maps NaN to 0, which is the stated behaviour"
    )]
    {
        x.floor() as i64
    }
}

/// A whole non-negative number held as `f64`, or `None` when it is negative, broken or above 2^53.
#[must_use]
pub fn whole(x: f64) -> Option<u64> {
    let fits = (0.0..=9_007_199_254_740_992.0).contains(&x) && x.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the line above proves that the value is a whole number within 0..=2^53"
    )]
    fits.then_some(x as u64)
}

/// A whole number held as `f64` within ±2^53 as a signed number, or `None`.
#[must_use]
pub fn whole_i64(x: f64) -> Option<i64> {
    let fits = x.abs() <= 9_007_199_254_740_992.0 && x.fract() == 0.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the line above proves that the value is a whole number within ±2^53"
    )]
    fits.then_some(x as i64)
}

#[cfg(test)]
mod tests {
    use super::{floor_i64, floor_index, whole, whole_i64};

    #[test]
    fn borders_saturate_and_broken_numbers_are_refused() {
        assert_eq!(floor_index(-3.0), 0);
        assert_eq!(floor_index(f64::NAN), 0);
        assert_eq!(floor_index(2.9), 2);
        assert_eq!(floor_i64(-0.5), -1);
        assert_eq!(whole(3.0), Some(3));
        assert_eq!(whole(3.5), None);
        assert_eq!(whole(-1.0), None);
        assert_eq!(whole(f64::NAN), None);
        assert_eq!(whole_i64(-7.0), Some(-7));
        assert_eq!(whole_i64(f64::INFINITY), None);
    }
}
