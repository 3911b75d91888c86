//! How many voices speak at a site, when one caller may ring ten times?
//!
//! Hotspot reference 2.3, by the one rule of `hotspot::caller_weighting`, in whole milliseconds so that exactly one day is one day.

use crate::calendar::{DAY_MS, UtcMs};
use crate::hotspot::caller_weighting::{self, Voice};
pub use crate::hotspot::caller_weighting::{Repeats, Voices};
use crate::ticket::{PetitionerKey, TicketId};

/// A ticket as far as its voice is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which ticket; breaks ties of time.
    pub id: TicketId,
    /// Who; `None` = unknown, a voice of its own.
    pub caller: Option<PetitionerKey>,
    /// When.
    pub when: UtcMs,
}

/// Weighs the calls of one site; the rule speaks of days.
#[must_use]
pub fn weigh(calls: &[Call], rule: Repeats) -> Voices {
    let tickets: Vec<Voice<PetitionerKey>> = calls
        .iter()
        .map(|c| Voice {
            id: c.id.0,
            caller: c.caller,
            at: c.when.0 as f64,
        })
        .collect();
    let day = DAY_MS as f64;
    let rule = Repeats {
        same_days: rule.same_days * day,
        window_days: rule.window_days * day,
        lambda: rule.lambda,
    };
    caller_weighting::weigh(&tickets, rule)
}
