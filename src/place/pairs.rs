//! May the coordinates that came with a ticket be believed, and what do they add?

use crate::place::located::Located;
use crate::place::locator::{Locator, Query};

impl Locator<'_> {
    /// Checks and uses the pair of a ticket.
    pub(crate) fn with_pair(&self, query: &Query<'_>, out: &mut Vec<Located>) {
        let _ = (query, out);
    }
}
