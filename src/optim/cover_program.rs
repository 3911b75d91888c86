//! Which set of posts is worth most when only reach counts: the covering as a linear program with whole posts.
//!
//! Linear bounds of covering are sharp (most instances close at the root), which prices on points reach only slowly. The
//! program is solved by `microlp`; its set is valued again in whole numbers, and the answer counts as proved only when the
//! solver closed its tree and its figure and ours agree.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions, Variable};

use crate::optim::cover_net::Net;
use crate::optim::cover_search::{Explored, Task, explore};
use crate::stats::number::floor_i64;

/// Most nodes of the solver's tree.
const NODES: u64 = 200_000;

/// Solves a net whose services cost nothing; falls back to the search on prices when the solver fails.
pub(crate) fn program(net: &Net, task: &Task<'_>) -> Explored {
    let mut options = SolveOptions::default();
    options.node_limit = Some(task.steps.min(NODES));
    let infeasible = Explored {
        best: None,
        bound: i64::MIN,
        complete: true,
        nodes: 0,
        steps: 0,
        prices: Vec::new(),
    };
    if task.fixed.iter().any(|f| task.barred.contains(f)) {
        return infeasible;
    }
    let (problem, posts) = model(net, task);
    let outcome = match problem.solve_with(options) {
        Ok(outcome) => outcome,
        Err(microlp::Error::Infeasible) => return infeasible,
        Err(_) => return explore(net, task),
    };
    let stats = outcome.stats();
    let Some(solution) = outcome.solution() else {
        return Explored {
            complete: false,
            bound: i64::MAX,
            ..infeasible
        };
    };
    let open: Vec<bool> = posts.iter().map(|&v| solution.var_value(v) > 0.5).collect();
    let value = net
        .value(&open)
        .filter(|_| open.iter().filter(|o| **o).count() <= task.most);
    let Some(value) = value else {
        return explore(net, task);
    };
    let agrees = (solution.objective() - value as f64).abs() < 0.25;
    let complete = outcome.is_optimal() && agrees;
    let bound = stats.best_bound.map_or(i64::MAX, |b| floor_i64(b + 1e-4));
    let set = open
        .iter()
        .enumerate()
        .filter(|o| *o.1)
        .map(|o| o.0)
        .collect();
    Explored {
        best: (value >= task.wanted).then_some((value, set)),
        bound: if complete { value } else { bound.max(value) },
        complete,
        nodes: stats.nodes_solved,
        steps: stats.lp_iterations,
        prices: Vec::new(),
    }
}

/// A post is a whole variable, a service of a point a broken one: the objective never gains from breaking it,
/// unless the second service is worth more than the first, and then the first is whole too.
fn model(net: &Net, task: &Task<'_>) -> (Problem, Vec<Variable>) {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let posts: Vec<Variable> = (0..net.posts())
        .map(|post| {
            let low = i32::from(task.fixed.contains(&post));
            let high = i32::from(!task.barred.contains(&post));
            problem.add_integer_var(-1.0, (low.min(high), high))
        })
        .collect();
    for (arcs, gains) in net.points() {
        let mut row = LinearExpr::empty();
        for (post, _) in arcs {
            row.add(posts[*post as usize], 1.0);
        }
        let Some([first, second]) = gains else {
            problem.add_constraint(row, ComparisonOp::Ge, 1.0);
            continue;
        };
        let once = if second > first {
            problem.add_binary_var(*first as f64)
        } else {
            problem.add_var(*first as f64, (0.0, 1.0))
        };
        row.add(once, -1.0);
        if *second > 0 {
            let twice = problem.add_var(*second as f64, (0.0, 1.0));
            row.add(twice, -1.0);
            if second > first {
                problem.add_constraint([(twice, 1.0), (once, -1.0)], ComparisonOp::Le, 0.0);
            }
        }
        problem.add_constraint(row, ComparisonOp::Ge, 0.0);
    }
    if task.most < net.posts() {
        let all = posts.iter().map(|&v| (v, 1.0));
        problem.add_constraint(all, ComparisonOp::Le, task.most as f64);
    }
    (problem, posts)
}
