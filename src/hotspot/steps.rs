//! Into which step of time does a day fall?

use crate::hotspot::method::MethodError;
use crate::stats::number::floor_index;

/// Steps of equal length; step 0 is the oldest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    /// Day at which step 0 begins.
    pub origin: f64,
    /// Length in days.
    pub days: f64,
    /// How many.
    pub count: usize,
}

/// Most steps of one run.
const MOST_STEPS: usize = 5_000;

impl Steps {
    /// `count` steps from day 0, or, for a count of 0, as many whole steps as end with the last day present.
    ///
    /// Aligned to the end the last step is complete; an incomplete first step is dropped.
    pub fn of(t_day: &[f64], days: f64, count: usize) -> Result<Self, MethodError> {
        if count > 0 {
            return Ok(Self {
                origin: 0.0,
                days,
                count,
            });
        }
        let first = t_day.iter().copied().fold(f64::INFINITY, f64::min);
        let last = t_day.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if t_day.is_empty() {
            return Ok(Self {
                origin: 0.0,
                days,
                count: 1,
            });
        }
        let end = last.floor() + 1.0;
        let whole = floor_index((end - first.floor()) / days).max(1);
        if whole > MOST_STEPS {
            return Err(MethodError::TooLarge {
                what: "number of steps",
                size: whole,
                limit: MOST_STEPS,
                cure: "choose longer steps or a shorter period",
            });
        }
        Ok(Self {
            origin: end - whole as f64 * days,
            days,
            count: whole,
        })
    }

    /// The step of a day, or `None` outside.
    #[must_use]
    pub fn step(&self, day: f64) -> Option<usize> {
        let at = (day - self.origin) / self.days;
        (at >= 0.0)
            .then(|| floor_index(at))
            .filter(|s| *s < self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::Steps;

    #[test]
    fn the_last_step_is_complete_and_the_incomplete_first_is_dropped() {
        let steps = Steps::of(&[3.0, 20.0], 7.0, 0).unwrap();
        assert_eq!((steps.origin, steps.count), (7.0, 2));
        assert_eq!(steps.step(20.9), Some(1));
        assert_eq!(steps.step(3.0), None);
        let fixed = Steps::of(&[3.0, 20.0], 7.0, 3).unwrap();
        assert_eq!(
            (fixed.step(0.0), fixed.step(20.0), fixed.step(21.0)),
            (Some(0), Some(2), None)
        );
    }
}
