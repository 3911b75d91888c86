//! Which posts do crews of several kinds cover when each person goes from post to post, posts of a pair stand or fall together,
//! and who stands at one post may see another?
//!
//! A program with whole arcs: each crew is a flow of as many units as it has people through the posts it may take. Without
//! pairs and sight the linear bound of such flows is nearly always whole. The paths are read back and valued in whole numbers;
//! `proved` is said only when the solver closed its tree and its figure and ours agree.

use std::collections::BTreeMap;

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, SolveOptions, Variable};

use crate::stats::number::floor_i64;

/// A shift to be manned. Posts are numbered in the order of time: arcs lead to larger numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shift {
    /// Worth of every post, not negative.
    pub weight: Vec<i64>,
    /// Posts that may follow a post.
    pub next: Vec<Vec<usize>>,
    /// People of each crew with the posts it may take.
    pub crews: Vec<(usize, Vec<bool>)>,
    /// Posts that are worth nothing unless both are manned.
    pub pairs: Vec<(usize, usize)>,
    /// `seen[s]`: posts from which post s is seen, and so served, as well.
    pub seen: Vec<Vec<usize>>,
}

/// Who goes where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manned {
    /// Posts of every person, by crew.
    pub paths: Vec<Vec<Vec<usize>>>,
    /// Posts that are served, by somebody at it or in sight of it.
    pub served: Vec<bool>,
    /// Σ weight served.
    pub value: i64,
    /// No plan serves more.
    pub bound: i64,
    /// Whether the bound is reached.
    pub proved: bool,
    /// Nodes of the tree.
    pub nodes: u64,
}

/// Arcs of one crew: from a post (none for the base) to a post.
type Arcs = Vec<(Option<usize>, usize, Variable)>;

impl Shift {
    /// Posts served when `at` are manned.
    fn served(&self, at: &[bool]) -> Vec<bool> {
        let near = |s: usize| {
            let seen = self.seen.get(s).map_or(&[][..], Vec::as_slice);
            at[s] || seen.iter().any(|t| at[*t])
        };
        let alone: Vec<bool> = (0..at.len()).map(near).collect();
        let mut out = alone.clone();
        for (a, b) in &self.pairs {
            let both = alone[*a] && alone[*b];
            out[*a] &= both;
            out[*b] &= both;
        }
        out
    }

    /// What paths are worth.
    #[must_use]
    pub fn value(&self, paths: &[Vec<Vec<usize>>]) -> (i64, Vec<bool>) {
        let mut at = vec![false; self.weight.len()];
        for post in paths.iter().flatten().flatten() {
            at[*post] = true;
        }
        let served = self.served(&at);
        let sum = self
            .weight
            .iter()
            .zip(&served)
            .filter(|s| *s.1)
            .map(|s| s.0)
            .sum();
        (sum, served)
    }
}

/// Mans a shift; `nodes` bounds the tree. Nobody or no post is an answer. 70 posts and three crews: some hundredths of a second.
#[must_use]
pub fn man(shift: &Shift, nodes: u64) -> Manned {
    let total: i64 = shift.weight.iter().sum();
    let nobody = Manned {
        paths: vec![Vec::new(); shift.crews.len()],
        served: vec![false; shift.weight.len()],
        ..Manned::default()
    };
    if total == 0 || shift.crews.iter().all(|c| c.0 == 0) {
        return Manned {
            proved: true,
            ..nobody
        };
    }
    let (problem, arcs) = program(shift);
    let mut options = SolveOptions::default();
    options.node_limit = Some(nodes);
    let Ok(outcome) = problem.solve_with(options) else {
        return Manned {
            bound: total,
            ..nobody
        };
    };
    let stats = outcome.stats();
    let Some(solution) = outcome.solution() else {
        return Manned {
            bound: total,
            ..nobody
        };
    };
    let paths: Vec<Vec<Vec<usize>>> = arcs
        .iter()
        .map(|crew| {
            let used = crew.iter().filter(|a| solution.var_value(a.2) > 0.5);
            walk(used.map(|a| (a.0, a.1)))
        })
        .collect();
    let (value, served) = shift.value(&paths);
    let agrees = (solution.objective() - value as f64).abs() < 0.25;
    let proved = outcome.is_optimal() && agrees;
    let bound = stats.best_bound.map_or(total, |b| floor_i64(b + 1e-4));
    Manned {
        paths,
        served,
        value,
        bound: if proved {
            value
        } else {
            bound.clamp(value, total)
        },
        proved,
        nodes: stats.nodes_solved,
    }
}

/// Paths of used arcs, by their first post.
fn walk(used: impl Iterator<Item = (Option<usize>, usize)>) -> Vec<Vec<usize>> {
    let mut first = Vec::new();
    let mut after: BTreeMap<usize, usize> = BTreeMap::new();
    for (from, to) in used {
        match from {
            None => first.push(to),
            Some(from) => {
                after.insert(from, to);
            }
        }
    }
    first.sort_unstable();
    let path = |start| std::iter::successors(Some(start), |at| after.get(at).copied()).collect();
    first.into_iter().map(path).collect()
}

fn program(shift: &Shift) -> (Problem, Vec<Arcs>) {
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let n = shift.weight.len();
    let mut crews: Vec<Arcs> = Vec::new();
    for (people, may) in &shift.crews {
        let mut arcs = Arcs::new();
        if *people > 0 {
            for s in (0..n).filter(|s| may[*s]) {
                arcs.push((None, s, problem.add_integer_var(0.0, (0, 1))));
                for t in shift.next[s].iter().copied().filter(|t| may[*t]) {
                    arcs.push((Some(s), t, problem.add_integer_var(0.0, (0, 1))));
                }
            }
        }
        let mut start = LinearExpr::empty();
        for (_, _, v) in arcs.iter().filter(|a| a.0.is_none()) {
            start.add(*v, 1.0);
        }
        problem.add_constraint(start, ComparisonOp::Le, *people as f64);
        balance(&mut problem, &arcs, n);
        crews.push(arcs);
    }
    let mut into: Vec<Vec<Variable>> = vec![Vec::new(); n];
    for (_, to, v) in crews.iter().flatten() {
        into[*to].push(*v);
    }
    for all in &into {
        let mut once = LinearExpr::empty();
        for v in all {
            once.add(*v, 1.0);
        }
        problem.add_constraint(once, ComparisonOp::Le, 1.0);
    }
    gains(&mut problem, shift, &into);
    (problem, crews)
}

/// Nobody leaves a post without having come to it.
fn balance(problem: &mut Problem, arcs: &Arcs, n: usize) {
    for s in 0..n {
        let mut expr = LinearExpr::empty();
        let mut leaves = false;
        for (from, to, v) in arcs {
            if *from == Some(s) {
                expr.add(*v, 1.0);
                leaves = true;
            } else if *to == s {
                expr.add(*v, -1.0);
            }
        }
        if leaves {
            problem.add_constraint(expr, ComparisonOp::Le, 0.0);
        }
    }
}

/// A post is worth its weight when somebody is at it or sees it, a post of a pair only together with the other.
fn gains(problem: &mut Problem, shift: &Shift, into: &[Vec<Variable>]) {
    let served: Vec<Variable> = shift
        .weight
        .iter()
        .map(|w| problem.add_var(*w as f64, (0.0, 1.0)))
        .collect();
    for (s, y) in served.iter().enumerate() {
        let mut expr = LinearExpr::empty();
        expr.add(*y, 1.0);
        let seen = shift.seen.get(s).map_or(&[][..], Vec::as_slice);
        for t in std::iter::once(&s).chain(seen.iter().filter(|t| **t != s)) {
            for v in &into[*t] {
                expr.add(*v, -1.0);
            }
        }
        problem.add_constraint(expr, ComparisonOp::Le, 0.0);
    }
    for (a, b) in &shift.pairs {
        let mut expr = LinearExpr::empty();
        expr.add(served[*a], 1.0);
        expr.add(served[*b], -1.0);
        problem.add_constraint(expr, ComparisonOp::Eq, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::rng::Rng;

    fn random(rng: &mut Rng) -> Shift {
        let n = 1 + rng.below(7) as usize;
        let mut shift = Shift::default();
        for s in 0..n {
            shift.weight.push(i64::from(rng.below(40)));
            shift
                .next
                .push((s + 1..n).filter(|_| rng.below(3) == 0).collect());
            let seen = (0..n).filter(|t| *t != s && rng.below(6) == 0).collect();
            shift.seen.push(seen);
        }
        for _ in 0..=rng.below(2) {
            let may = (0..n).map(|_| rng.below(3) > 0).collect();
            shift.crews.push((rng.below(3) as usize, may));
        }
        if n > 1 && rng.below(2) == 0 {
            shift.pairs.push((0, 1));
        }
        shift
    }

    /// The best of all ways to send one person after the other: each post is left out, begins a path, or follows one's end.
    fn brute(shift: &Shift, s: usize, ends: &mut Vec<(usize, usize)>, at: &mut Vec<bool>) -> i64 {
        if s == shift.weight.len() {
            let served = shift.served(at);
            return (0..at.len())
                .filter(|i| served[*i])
                .map(|i| shift.weight[i])
                .sum();
        }
        let mut best = brute(shift, s + 1, ends, at);
        at[s] = true;
        for (crew, (people, may)) in shift.crews.iter().enumerate() {
            if !may[s] {
                continue;
            }
            if ends.iter().filter(|e| e.0 == crew).count() < *people {
                ends.push((crew, s));
                best = best.max(brute(shift, s + 1, ends, at));
                ends.pop();
            }
            for i in 0..ends.len() {
                let (c, last) = ends[i];
                if c == crew && shift.next[last].contains(&s) {
                    ends[i].1 = s;
                    best = best.max(brute(shift, s + 1, ends, at));
                    ends[i].1 = last;
                }
            }
        }
        at[s] = false;
        best
    }

    #[test]
    fn up_to_seven_posts_two_crews_pairs_and_sight_the_answer_equals_trying_all() {
        let mut rng = Rng::new(61);
        for _ in 0..1000 {
            let shift = random(&mut rng);
            let got = man(&shift, 100_000);
            let best = brute(
                &shift,
                0,
                &mut Vec::new(),
                &mut vec![false; shift.weight.len()],
            );
            assert_eq!(
                (got.value, got.bound, got.proved),
                (best, best, true),
                "{shift:?}"
            );
            for (crew, paths) in got.paths.iter().enumerate() {
                assert!(paths.len() <= shift.crews[crew].0);
                for pair in paths.iter().flat_map(|p| p.windows(2)) {
                    assert!(shift.next[pair[0]].contains(&pair[1]));
                }
                assert!(paths.iter().flatten().all(|s| shift.crews[crew].1[*s]));
            }
        }
    }

    #[test]
    fn a_two_officer_gate_is_manned_by_two_or_not_at_all() {
        let shift = Shift {
            weight: vec![50, 50, 60],
            next: vec![Vec::new(); 3],
            crews: vec![(1, vec![true; 3])],
            pairs: vec![(0, 1)],
            seen: vec![Vec::new(); 3],
        };
        assert_eq!(man(&shift, 1000).value, 60);
        let two = Shift {
            crews: vec![(2, vec![true; 3])],
            ..shift
        };
        assert_eq!(man(&two, 1000).value, 100);
    }
}
