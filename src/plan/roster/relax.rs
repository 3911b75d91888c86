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

/// Hears flows solved, the coverage of the best plan so far and its bound; false ends the search.
pub(super) type Ask<'w> = &'w mut dyn FnMut(u64, i64, i64) -> bool;

/// Solves; at most `limit` flows. `go` is asked before and during every flow. Ended in the first one, the best is the better of
/// what that flow and a plain filling hold.
pub(super) fn tree(model: &Model<'_>, scale: &Scale, limit: u64, go: Ask<'_>) -> Tree {
    let most = model.most();
    let plain = plainly(model);
    let (root, cost, whole) = one(model, scale, &Bans::default(), &mut || {
        go(0, plain.0.coverage, most.coverage)
    });
    if !whole {
        return cut_short(model, root, plain);
    }
    let bound = model.worth(&root);
    let mut out = Tree {
        best: None,
        bound,
        proved: false,
        nodes: 1,
        root: root.clone(),
    };
    if model.broken(&root).is_some() && mended(model, &mut out, go) {
        return out;
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
            let (nodes, top) = (out.nodes, out.bound.coverage);
            if nodes >= limit || !go(nodes, covered, top) {
                return out;
            }
            let (who, value, whole) = one(model, scale, &bans, &mut || go(nodes, covered, top));
            if !whole {
                return out;
            }
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

/// What is known when the first flow was ended: the better of what it holds and the plain filling.
fn cut_short(
    model: &Model<'_>,
    root: Vec<Option<usize>>,
    plain: (Worth, Vec<Option<usize>>),
) -> Tree {
    let part = Search::from(model, &root);
    let part = (part.worth(), part.plan().to_vec());
    Tree {
        best: Some(if part.0 > plain.0 { part } else { plain }),
        bound: model.most(),
        proved: false,
        nodes: 1,
        root,
    }
}

/// A few exchanges often mend the root without any loss: then it is the best there is. True when the tree ends with it.
fn mended(model: &Model<'_>, out: &mut Tree, go: Ask<'_>) -> bool {
    let bound = out.bound;
    let mut search = Search::from(model, &out.root);
    search.polish(200_000, &mut |now, _| go(1, now, bound.coverage));
    let worth = search.worth();
    out.best = Some((worth, search.plan().to_vec()));
    out.proved = worth >= bound;
    out.proved || search.stopped
}

/// What was published, as far as it fits, with what is open filled.
fn plainly(model: &Model<'_>) -> (Worth, Vec<Option<usize>>) {
    let published: Vec<Option<usize>> = model.published.iter().map(|p| p.flatten()).collect();
    let mut search = Search::from(model, &published);
    search.fill_plainly();
    (search.worth(), search.plan().to_vec())
}

/// The plan of a flow, its cost, and whether the flow was not ended before its best.
fn one(
    model: &Model<'_>,
    scale: &Scale,
    bans: &Bans,
    go: &mut dyn FnMut() -> bool,
) -> (Vec<Option<usize>>, i128, bool) {
    let mut built = build(model, bans, scale, &|_| 1, &|_| 1);
    let (found, whole) = std::mem::take(&mut built.network).cheapest_while(go);
    let (kept, meetings) = built.read(&found.flow);
    (pair(model, &kept, &meetings), found.cost, whole)
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
