//! Can all of these duties be covered at once, where one person may serve several duties of a peak one after the other?
//!
//! Depth-first over duties, the one with fewest people left first. Taking a duty away from a plan breaks no rule, so a duty
//! nobody can take any more closes its branch. Work is counted in questions "may this person take this duty", so that a run
//! repeats; when it is spent the answer is that nothing is known.

use crate::plan::roster::model::Model;
use crate::plan::roster::search::Search;

/// What is known of covering all duties asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// This plan (person of every duty) covers them and keeps every rule.
    Yes(Vec<Option<usize>>),
    /// Proved: no plan covers them all.
    No,
    /// Not decided within the limit.
    Unknown,
}

/// Whether one plan covers all of `wanted` (positions of duties); at most `limit` questions.
pub(super) fn all_of(model: &Model<'_>, wanted: &[usize], limit: u64) -> Cover {
    let mut search = Search::from(model, &vec![None; model.duties()]);
    let mut open = wanted.to_vec();
    match place(model, &mut search, &mut open, limit) {
        Some(true) => Cover::Yes(search.plan().to_vec()),
        Some(false) => Cover::No,
        None => Cover::Unknown,
    }
}

/// Places the open duties; `None` when the limit is reached.
fn place(
    model: &Model<'_>,
    search: &mut Search<'_, '_>,
    open: &mut Vec<usize>,
    limit: u64,
) -> Option<bool> {
    if open.is_empty() {
        return Some(true);
    }
    let mut tightest: Option<(usize, Vec<usize>)> = None;
    for (at, q) in open.iter().enumerate() {
        if search.work >= limit {
            return None;
        }
        let free: Vec<usize> = (0..model.people())
            .filter(|p| model.may[*q][*p] && search.can(*p, *q, &[]))
            .collect();
        if tightest.as_ref().is_none_or(|t| free.len() < t.1.len()) {
            let none = free.is_empty();
            tightest = Some((at, free));
            if none {
                break;
            }
        }
    }
    let (at, free) = tightest?;
    let q = open.swap_remove(at);
    for p in free {
        search.put(p, q);
        let found = place(model, search, open, limit);
        if found != Some(false) {
            return found;
        }
        search.take(q);
    }
    open.push(q);
    Some(false)
}
