//! Which options does the estimator have, with the rule book's defaults?

use std::collections::BTreeMap;

/// Options of the estimator with the rule book's defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Longest history in days.
    pub history_days: i32,
    /// Least history in days.
    pub least_history: i32,
    /// Days of settling for types without their own.
    pub settle: i32,
    /// Days of settling by type of measure.
    pub settle_by_measure: BTreeMap<String, i32>,
    /// Sites within so many metres of a treated site leave the reference at its decision; 0 switches it off.
    pub contamination_m: f64,
    /// Least sites of a category's own reference.
    pub least_sites: usize,
    /// Least reference tickets before.
    pub least_before: u64,
    /// Least reference tickets after.
    pub least_after: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            history_days: 1_096,
            least_history: 180,
            settle: 14,
            settle_by_measure: BTreeMap::new(),
            contamination_m: 500.0,
            least_sites: 20,
            least_before: 200,
            least_after: 100,
        }
    }
}

impl Settings {
    /// Days of settling of a type of measure.
    #[must_use]
    pub fn settle_of(&self, measure: &str) -> i32 {
        let own = self.settle_by_measure.get(measure);
        own.copied().unwrap_or(self.settle)
    }
}
