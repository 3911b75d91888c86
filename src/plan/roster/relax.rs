//! What does the flow say, and where its answer breaks a rule a flow cannot hold, which branch is best?
//!
//! Depth-first branch and bound over flows: a run of days that is too long is cut at each of its days in turn, a pair of
//! duties one person cannot do both is taken from him one at a time. The root's value bounds every plan.

use std::cmp::Reverse;

use crate::plan::roster::build::{Bans, Scale, build};
use crate::plan::roster::model::{Broken, Model, Worth};
use crate::plan::roster::pair::pair;
use crate::plan::roster::search::Search;

/// Outcome of the tree.
pub(super) struct Tree {
    /// Best plan found that keeps every rule.
    pub(super) best: Option<(Worth, Vec<Option<usize>>)>,
    /// The root's plan; it may break rules, its value bounds all.
    pub(super) root: Vec<Option<usize>>,
    /// Worth of the root's plan.
    pub(super) bound: Worth,
    /// Whether `best` is proved the best of all plans with at most one duty per person and peak.
    pub(super) proved: bool,
    /// Flows solved.
    pub(super) nodes: u64,
}

/// Solves; at most `limit` flows. `go` is asked before every flow with the coverage of the best plan so far and its bound.
pub(super) fn tree(
    model: &Model<'_>,
    scale: &Scale,
    limit: u64,
    go: &mut dyn FnMut(i64, i64) -> bool,
) -> Tree {
    let (root, cost) = one(model, scale, &Bans::default());
    let bound = model.worth(&root);
    let mut out = Tree {
        best: None,
        bound,
        proved: false,
        nodes: 1,
        root: root.clone(),
    };
    // A few exchanges often mend the root without any loss: then it is the best there is.
    if model.broken(&root).is_some() {
        let mut search = Search::from(model, &root);
        search.polish(200_000);
        let worth = search.worth();
        out.best = Some((worth, search.plan().to_vec()));
        if worth >= bound {
            out.proved = true;
            return out;
        }
    }
    let mut best_cost = i128::MAX;
    let mut open = vec![(Bans::default(), root, cost)];
    while let Some((bans, who, value)) = open.pop() {
        if value >= best_cost {
            continue;
        }
        let Some(broken) = model.broken(&who) else {
            best_cost = value;
            let worth = model.worth(&who);
            if out.best.as_ref().is_none_or(|b| worth > b.0) {
                out.best = Some((worth, who));
            }
            if value == cost {
                break;
            }
            continue;
        };
        let mut children = Vec::new();
        for bans in branches(&bans, &broken) {
            let covered = out.best.as_ref().map_or(0, |b| b.0.coverage);
            if out.nodes >= limit || !go(covered, out.bound.coverage) {
                return out;
            }
            let (who, value) = one(model, scale, &bans);
            out.nodes += 1;
            if value < best_cost {
                children.push((bans, who, value));
            }
        }
        // Cheapest last, so that it is taken first.
        children.sort_by_key(|c| Reverse(c.2));
        open.append(&mut children);
    }
    // The tree is closed only if it found a plan of its own; an exchanged one may be better than the flow allows.
    out.proved = best_cost < i128::MAX;
    out
}

fn one(model: &Model<'_>, scale: &Scale, bans: &Bans) -> (Vec<Option<usize>>, i128) {
    let mut built = build(model, bans, scale, &|_| 1, &|_| 1);
    let found = std::mem::take(&mut built.network).cheapest();
    let (kept, meetings) = built.read(&found.flow);
    (pair(model, &kept, &meetings), found.cost)
}

fn branches(bans: &Bans, broken: &Broken) -> Vec<Bans> {
    let with = |change: &dyn Fn(&mut Bans)| {
        let mut next = bans.clone();
        change(&mut next);
        next
    };
    match broken {
        Broken::Pair(p, a, b) => [*a, *b]
            .into_iter()
            .map(|q| {
                with(&|n| {
                    n.pair.insert((*p, q));
                })
            })
            .collect(),
        Broken::Run(p, days) => days
            .iter()
            .map(|day| {
                with(&|n| {
                    n.off.insert((*p, *day));
                })
            })
            .collect(),
    }
}
