//! Which set of posts is worth most when only reach counts: the covering as a linear program with whole posts.
//!
//! Linear bounds of covering are sharp (most instances close at the root), which prices on points reach only slowly. The
//! program is solved by `microlp`; its set is valued again in whole numbers, and the answer counts as proved only when the
//! solver closed its tree and its figure and ours agree.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions, Variable};

use crate::optim::cover_net::Net;
use crate::optim::cover_search::{Explored, Task, explore};
use crate::optim::cover_thin::thin;
use crate::optim::cover_weigh::few;
use crate::stats::number::floor_i64;

/// Most nodes of the solver's tree.
const NODES: u64 = 200_000;

/// Exchanges of the search for a first set that serves every point.
const EXCHANGES: usize = 20_000;

/// Price steps of the search for a set with fewer posts, before the program is asked.
const LOOK: u64 = 400;

/// Price steps of the question whether the posts allowed can serve everything.
const QUICK: u64 = 600;

/// Solves a net whose services cost nothing; falls back to the search on prices when the solver fails.
///
/// Where only the number of posts counts, a first look by prices gives a good set, and the program is asked for one with fewer
/// posts: rounding up the bound is what closes such trees.
pub(crate) fn program(net: &Net, task: &Task<'_>) -> Explored {
    if !task.first
        && let Some(all) = everything(net, task)
    {
        return all;
    }
    let (thinned, barred) = thin(net, task.fixed, task.barred);
    let task = &Task {
        barred: &barred,
        start: &[],
        ..*task
    };
    if net.gains.iter().any(Option::is_some) || task.first {
        return solve(net, &thinned, task);
    }
    // A good set first: what is asked for then is one with fewer posts, and bounds close on that.
    let first = first_set(net, &thinned, task);
    let look = Task {
        steps: task.steps.min(LOOK),
        wanted: first.as_ref().map_or(task.wanted, |f| f.0 + 1),
        ..*task
    };
    let mut seen = explore(&thinned, &look);
    seen.best = seen.best.or(first);
    if let Some((value, _)) = &seen.best {
        seen.bound = seen.bound.max(*value);
    }
    let Some((value, posts)) = seen.best.clone().filter(|_| !seen.complete) else {
        let told = seen.complete;
        return if told {
            seen
        } else {
            solve(net, &thinned, task)
        };
    };
    // What the prices have settled stands for every set that is better, and lets more posts and points go.
    let [open, shut] = &seen.settled;
    let fixed = [task.fixed, open].concat();
    let (thinned, barred) = thin(net, &fixed, &[&barred[..], shut].concat());
    let fewer = Task {
        most: posts.len().saturating_sub(1),
        wanted: value + 1,
        fixed: &fixed,
        barred: &barred,
        ..*task
    };
    let found = solve(net, &thinned, &fewer);
    let (nodes, steps) = (found.nodes + seen.nodes, found.steps + seen.steps);
    let best = found.best.or(seen.best);
    Explored {
        bound: best
            .as_ref()
            .map_or(found.bound, |b| found.bound.max(b.0))
            .min(seen.bound.max(value)),
        best,
        nodes,
        steps,
        ..found
    }
}

/// A set that serves every point, found quickly; only one that the task would take.
fn first_set(net: &Net, thinned: &Net, task: &Task<'_>) -> Option<(i64, Vec<usize>)> {
    if task.fixed.iter().any(|f| task.barred.contains(f)) {
        return None;
    }
    let posts = few(thinned, task.fixed, task.barred, EXCHANGES)?;
    let mut open = vec![false; net.posts()];
    for p in &posts {
        open[*p] = true;
    }
    let value = net.value(&open).filter(|v| *v >= task.wanted)?;
    (posts.len() <= task.most).then_some((value, posts))
}

/// Nodes that are spent on the question whether everything can be served.
const ALL_NODES: u64 = 200;

/// The answer where the posts allowed serve every point: the fewest that do. `None` when they do not, when that is not seen
/// quickly, or when second services count. Such nets are long to prove by their gains, all sets that serve everybody being equal.
fn everything(net: &Net, task: &Task<'_>) -> Option<Explored> {
    // A point is worth more than all posts together, so serving one more is worth any post.
    let allowed = i64::try_from(task.most).unwrap_or(i64::MAX);
    let once =
        |g: &Option<[i64; 2]>| g.is_some_and(|[first, second]| first > allowed && second == 0);
    if net.gains.is_empty() || !net.gains.iter().all(once) {
        return None;
    }
    let mut all = Net::new(net.posts());
    for (arcs, _) in net.points() {
        all.must(arcs.iter().map(|a| (a.0 as usize, 0)));
    }
    let (thinned, barred) = thin(&all, task.fixed, task.barred);
    let look = Task {
        most: net.posts(),
        barred: &barred,
        wanted: i64::MIN / 4,
        steps: task.steps.min(QUICK),
        start: &[],
        ..*task
    };
    let seen = explore(&thinned, &look);
    if seen.bound.saturating_neg() > allowed {
        return None;
    }
    let full = Task {
        barred: task.barred,
        steps: task.steps.min(ALL_NODES),
        ..look
    };
    let found = program(&all, &full);
    let (_, posts) = found.best.filter(|_| found.complete)?;
    let mut open = vec![false; net.posts()];
    for p in &posts {
        open[*p] = true;
    }
    let value = net.value(&open).filter(|v| *v >= task.wanted)?;
    (posts.len() <= task.most).then(|| Explored {
        best: Some((value, posts)),
        bound: value,
        complete: true,
        nodes: found.nodes,
        steps: found.steps + seen.steps,
        prices: Vec::new(),
        settled: <[Vec<usize>; 2]>::default(),
    })
}

/// Solves a thinned net; what comes out is valued on the whole one.
fn solve(whole: &Net, net: &Net, task: &Task<'_>) -> Explored {
    let mut options = SolveOptions::default();
    options.node_limit = Some(task.steps.min(NODES));
    let infeasible = Explored {
        best: None,
        bound: i64::MIN,
        complete: true,
        nodes: 0,
        steps: 0,
        prices: Vec::new(),
        settled: <[Vec<usize>; 2]>::default(),
    };
    if task.fixed.iter().any(|f| task.barred.contains(f)) {
        return infeasible;
    }
    let (problem, posts) = model(net, task);
    let outcome = match problem.solve_with(options) {
        Ok(outcome) => outcome,
        Err(microlp::Error::Infeasible) => return infeasible,
        Err(_) => return explore(whole, task),
    };
    let stats = outcome.stats();
    let Some(solution) = outcome.solution() else {
        return Explored {
            complete: false,
            bound: i64::MAX,
            ..infeasible
        };
    };
    let taken = |v: &Option<Variable>| v.is_some_and(|v| solution.var_value(v) > 0.5);
    let open: Vec<bool> = posts.iter().map(taken).collect();
    let value = whole
        .value(&open)
        .filter(|_| open.iter().filter(|o| **o).count() <= task.most);
    let Some(value) = value else {
        return explore(whole, task);
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
        settled: <[Vec<usize>; 2]>::default(),
    }
}

/// A post is a whole variable, a service of a point a broken one: the objective never gains from breaking it,
/// unless the second service is worth more than the first, and then the first is whole too.
fn model(net: &Net, task: &Task<'_>) -> (Problem, Vec<Option<Variable>>) {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let mut shut = vec![false; net.posts()];
    task.barred.iter().for_each(|&b| shut[b] = true);
    let posts: Vec<Option<Variable>> = (0..net.posts())
        .map(|post| {
            let low = i32::from(task.fixed.contains(&post));
            (!shut[post]).then(|| problem.add_integer_var(-1.0, (low, 1)))
        })
        .collect();
    for (arcs, gains) in net.points() {
        let mut row = LinearExpr::empty();
        for variable in arcs.iter().filter_map(|a| posts[a.0 as usize]) {
            row.add(variable, 1.0);
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
        let all: Vec<(Variable, f64)> = posts.iter().flatten().map(|&v| (v, 1.0)).collect();
        problem.add_constraint(&all, ComparisonOp::Le, task.most as f64);
    }
    (problem, posts)
}
