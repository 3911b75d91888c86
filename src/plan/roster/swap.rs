//! May these two people exchange their duties, and does a plan keep every rule?

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::roster::instance::Instance;
use crate::plan::roster::model::{Model, Waived};
use crate::plan::roster::why::{Obstacle, obstacle};

/// What stands in the way of one person taking one duty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hindrance {
    /// Who.
    pub person: i64,
    /// Which duty.
    pub duty: i64,
    /// Why; `None` when the role does not fit.
    pub why: Option<Obstacle>,
}

/// Checks a change of people: `wanted` gives duties their new person (or nobody). Returns everything that stands in the way;
/// an empty list means the plan after the change keeps every rule for everybody who got a duty.
#[must_use]
pub fn hindrances(
    given: &Instance,
    plan: &BTreeMap<i64, i64>,
    wanted: &BTreeMap<i64, Option<i64>>,
) -> Vec<Hindrance> {
    let model = Model::new(given, Waived::default());
    let mut after: BTreeMap<i64, i64> = plan.clone();
    for (duty, person) in wanted {
        match person {
            Some(p) => {
                after.insert(*duty, *p);
            }
            None => {
                after.remove(duty);
            }
        }
    }
    let mut out = Vec::new();
    for (duty, person) in wanted.iter().filter_map(|(d, p)| Some((*d, (*p)?))) {
        let (Some(q), Some(p)) = (model.duty_at.get(&duty), model.person_at.get(&person)) else {
            out.push(Hindrance {
                person,
                duty,
                why: None,
            });
            continue;
        };
        let accepts = &given.duties[*q].accepts;
        if !accepts.is_empty() && !accepts.contains(&given.persons[*p].role) {
            out.push(Hindrance {
                person,
                duty,
                why: None,
            });
            continue;
        }
        let of: Vec<usize> = after
            .iter()
            .filter(|(d, who)| **who == person && **d != duty)
            .filter_map(|(d, _)| model.duty_at.get(d).copied())
            .collect();
        match obstacle(&model, *p, *q, &of) {
            Obstacle::Free => {}
            why => out.push(Hindrance {
                person,
                duty,
                why: Some(why),
            }),
        }
    }
    out
}
