//! Which alternatives does a mark of the wish name?

use crate::plan::measures::Desk;
use crate::plan::wish::BadWish;

impl Desk {
    /// Alternatives a mark names, rising: one alternative in every start year, one start year of it, all of a site, or (`*:measure`)
    /// all that hold a measure. May be empty for a site or measure that is known but has no alternative.
    ///
    /// # Errors
    /// [`BadWish::Unknown`] for a mark that names no site, no alternative and no measure.
    pub(crate) fn named_by(&self, mark: &str) -> Result<Vec<usize>, BadWish> {
        let unknown = || BadWish::Unknown {
            id: mark.to_owned(),
        };
        if let Some(measure) = mark.strip_prefix("*:") {
            let found =
                self.where_(|at| self.alternatives[at].measures.iter().any(|m| m == measure));
            return if self.known_measures.contains(measure) {
                Ok(found)
            } else {
                Err(unknown())
            };
        }
        if !mark.contains(':') {
            let site = self.sites.iter().position(|s| s.site == mark);
            let site = site.ok_or_else(unknown)?;
            return Ok(self.where_(|at| self.alternatives[at].site == site));
        }
        let found = self.where_(|at| {
            let one = &self.alternatives[at];
            one.id == mark || one.base() == mark
        });
        if found.is_empty() {
            return Err(unknown());
        }
        Ok(found)
    }

    fn where_(&self, counts: impl Fn(usize) -> bool) -> Vec<usize> {
        (0..self.alternatives.len())
            .filter(|&i| counts(i))
            .collect()
    }
}
