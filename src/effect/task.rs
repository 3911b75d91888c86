//! What do the steps of one evaluation share: bundle, site, windows and the reference that is used?

use crate::effect::bundle::{Bundle, Windows};
use crate::effect::look::Look;
use crate::effect::panel::SiteSeries;
use crate::effect::prepared::{Prepared, Reference};

/// What the steps of one evaluation share.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The prepared panel.
    pub prepared: &'a Prepared,
    /// The bundle.
    pub bundle: &'a Bundle,
    /// Its site.
    pub site: &'a SiteSeries,
    /// Its windows.
    pub windows: Windows,
    /// The reference that is used.
    pub reference: &'a Reference,
    /// The look.
    pub look: Look,
}

/// The parts of an evaluation that do not depend on the result; `None` while works are not finished.
#[must_use]
pub fn task<'a>(
    prepared: &'a Prepared,
    bundle: &'a Bundle,
    site: &'a SiteSeries,
    look: Look,
) -> Option<Task<'a>> {
    let mut windows = bundle.windows(&prepared.panel, &prepared.settings, look)?;
    // A change of coding that leaves enough history after it shortens the history instead of ending the evaluation.
    if let Some(day) = prepared.panel.coding_changed
        && windows.history.holds(day)
        && windows.history.until - day >= prepared.settings.least_history
    {
        windows.history.from = day;
    }
    let own = prepared.references.get(&site.category)?;
    let suffices = |r: &Reference| r.suffices(&prepared.settings, windows.history, windows.after);
    let wider = prepared.pooled.get(&site.category);
    let reference = wider.filter(|_| !suffices(own)).unwrap_or(own);
    Some(Task {
        prepared,
        bundle,
        site,
        windows,
        reference,
        look,
    })
}
