//! How even is a roster: duties, load, early mornings and hard gates of everybody, and the spread between them?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::roster::instance::Instance;

/// One person's share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Who.
    pub person: i64,
    /// Role.
    pub role: String,
    /// Load points served before.
    pub history: i64,
    /// Duties planned.
    pub duties: i64,
    /// Load points planned.
    pub load: i64,
    /// Duties that begin before 07:00.
    pub early: i64,
    /// Duties in the top quarter of priority.
    pub hard: i64,
}

/// The table with its spread.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Fairness {
    /// Everybody, by id.
    pub shares: Vec<Share>,
    /// By role: (mean, least, most) of history + load.
    pub roles: BTreeMap<String, (f64, i64, i64)>,
    /// By role: least and most early duties.
    pub early: BTreeMap<String, (i64, i64)>,
    /// By role: least and most hard duties.
    pub hard: BTreeMap<String, (i64, i64)>,
}

/// Duties before this minute are early.
pub(super) const EARLY: i64 = 7 * 60;

/// Priority at or above which a duty is hard: the top quarter.
pub(super) fn hard_from(given: &Instance) -> i64 {
    let mut priorities: Vec<i64> = given.duties.iter().map(|d| d.priority).collect();
    priorities.sort_unstable();
    priorities
        .get(priorities.len() * 3 / 4)
        .copied()
        .unwrap_or(i64::MAX)
}

/// The fairness of a plan (duty → person).
#[must_use]
pub fn fairness(given: &Instance, plan: &BTreeMap<i64, i64>) -> Fairness {
    let hard = hard_from(given);
    let mut shares: BTreeMap<i64, Share> = given
        .persons
        .iter()
        .map(|p| {
            let share = Share {
                person: p.id,
                role: p.role.clone(),
                history: p.history,
                ..Share::default()
            };
            (p.id, share)
        })
        .collect();
    for duty in &given.duties {
        let Some(share) = plan.get(&duty.id).and_then(|p| shares.get_mut(p)) else {
            continue;
        };
        share.duties += 1;
        share.load += duty.load;
        share.early += i64::from(duty.start < EARLY);
        share.hard += i64::from(duty.priority >= hard);
    }
    let mut by_role: BTreeMap<String, Vec<&Share>> = BTreeMap::new();
    for share in shares.values() {
        by_role.entry(share.role.clone()).or_default().push(share);
    }
    let range = |list: &[&Share], of: fn(&Share) -> i64| {
        let all = list.iter().map(|s| of(s));
        (all.clone().min().unwrap_or(0), all.max().unwrap_or(0))
    };
    let mut out = Fairness::default();
    for (role, list) in &by_role {
        let total = |s: &Share| s.history + s.load;
        let sum: i64 = list.iter().map(|s| total(s)).sum();
        let (least, most) = range(list, total);
        out.roles.insert(
            role.clone(),
            (sum as f64 / list.len().max(1) as f64, least, most),
        );
        out.early.insert(role.clone(), range(list, |s| s.early));
        out.hard.insert(role.clone(), range(list, |s| s.hard));
    }
    out.shares = shares.into_values().collect();
    out
}
