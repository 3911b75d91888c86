//! Which posts serve the points best: most weight within reach, all points with the fewest posts, twice if possible, nearest?
//!
//! One form for the covering models of the planner. Levels, compared from left to right: the objective, the fewest posts, the
//! smallest sorted list of posts. An empty set of posts is an answer. Sources: Church, `ReVelle` 1974 (maximal covering),
//! Toregas et al. 1971 (set covering), Hogan, `ReVelle` 1986 (backup), Hakimi 1964 (median and centre).

use std::collections::BTreeMap;

use crate::optim::cover_net::Net;
use crate::optim::cover_program::program;
use crate::optim::cover_search::{Explored, Task, explore};
use crate::optim::select::{Limits, Status};

/// What a point asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Served if it pays: gains of being reached once and of being reached a second time.
    Gain {
        /// Gain of the first post in reach, not negative.
        first: i64,
        /// Further gain of a second one, not negative.
        second: i64,
    },
    /// Must be served; the cost of the nearest open post counts.
    Must,
}

/// A point to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// Posts that can serve it, each with its cost (zero when only reach counts).
    pub posts: Vec<(usize, i64)>,
    /// What it asks for.
    pub need: Need,
}

/// A covering to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Covering {
    /// Number of posts that could be opened, in the order of their ids.
    pub posts: usize,
    /// Points to be served.
    pub points: Vec<Point>,
    /// At most this many posts; none for as many as it takes.
    pub at_most: Option<usize>,
    /// Posts that are open in any case; they count among the posts allowed.
    pub fixed: Vec<usize>,
    /// Posts that must stay closed.
    pub barred: Vec<usize>,
}

/// The answer to a covering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    /// What is known about it.
    pub status: Status,
    /// Gain reached, or (with points that must be served) the cost of serving them; the number of posts when all costs are zero.
    pub objective: i64,
    /// No covering has a better objective.
    pub bound: i64,
    /// Posts that are open, rising.
    pub posts: Vec<usize>,
    /// Points that no post can serve; left out of what must be served.
    pub out_of_reach: Vec<usize>,
    /// Whether the level of the ids is proved too (up to 60 posts).
    pub ordered: bool,
    /// Nodes visited.
    pub nodes: u64,
    /// Price steps, the unit of work.
    pub steps: u64,
}

impl Covering {
    fn must(&self) -> bool {
        self.points.iter().any(|p| p.need == Need::Must)
    }

    fn costs(&self) -> bool {
        self.points.iter().any(|p| p.posts.iter().any(|a| a.1 != 0))
    }
}

/// Points of equal reach: whether they must be served, by whom, and their gains (or how many they are).
type Merged = BTreeMap<(bool, Vec<(usize, i64)>), [i64; 2]>;

/// The net of a covering: points with equal reach are one point.
fn net(covering: &Covering, factor: i64) -> (Net, Vec<usize>) {
    let mut merged = Merged::new();
    let mut out_of_reach = Vec::new();
    for (at, point) in covering.points.iter().enumerate() {
        let mut posts = point.posts.clone();
        posts.retain(|a| a.0 < covering.posts && !covering.barred.contains(&a.0));
        posts.sort_unstable();
        posts.dedup_by_key(|a| a.0);
        if posts.is_empty() {
            out_of_reach.push(at);
            continue;
        }
        match point.need {
            Need::Must => {
                let many = posts.iter().any(|a| a.1 != 0);
                // Points that must be served at a cost are kept apart: equal ones add up their costs.
                let sum = merged.entry((true, posts)).or_default();
                sum[0] = if many { sum[0] + 1 } else { 1 };
            }
            Need::Gain { first, second } if first > 0 || second > 0 => {
                let sum = merged.entry((false, posts)).or_default();
                sum[0] += first;
                sum[1] += second;
            }
            Need::Gain { .. } => {}
        }
    }
    let mut out = Net::new(covering.posts);
    for ((must, posts), sums) in merged {
        if must {
            out.must(posts.iter().map(|a| (a.0, a.1 * factor * sums[0])));
        } else {
            out.gain(
                posts.iter().map(|a| a.0),
                [sums[0] * factor, sums[1] * factor],
            );
        }
    }
    (out, out_of_reach)
}

/// Most posts for which the order of equal answers is proved: it takes one search for each post with a smaller id.
const ORDERED: usize = 60;

/// The best set: by the linear program when only reach counts, by prices on the points when distance does.
fn best_set(net: &Net, task: &Task<'_>) -> Explored {
    if net.costs() {
        explore(net, task)
    } else {
        program(net, task)
    }
}

/// Covers; see the head of the file for the levels. 800 points and posts with proof: 0.1 to 1 s.
#[must_use]
pub fn cover(covering: &Covering, limits: Limits) -> Covered {
    let most = covering
        .at_most
        .unwrap_or(covering.posts)
        .min(covering.posts);
    let only_posts = covering.must() && !covering.costs();
    let factor = if only_posts {
        1
    } else {
        i64::try_from(most).unwrap_or(i64::MAX - 1) + 1
    };
    let (net, out_of_reach) = net(covering, factor);
    let task = Task {
        most,
        fixed: &covering.fixed,
        barred: &covering.barred,
        wanted: i64::MIN / 4,
        first: false,
        steps: limits.steps,
        start: &[],
    };
    let found = best_set(&net, &task);
    let mut answer = Covered {
        status: if found.complete {
            Status::Infeasible
        } else {
            Status::Unknown
        },
        objective: 0,
        bound: 0,
        posts: Vec::new(),
        out_of_reach,
        ordered: false,
        nodes: found.nodes,
        steps: found.steps,
    };
    let Some((value, posts)) = found.best else {
        return answer;
    };
    answer.posts = posts;
    answer.ordered = found.complete
        && net.posts() <= ORDERED
        && smallest(&net, &task, value, &mut answer.posts, &found.prices);
    let values = (value, found.bound, found.complete);
    read_values(&mut answer, values, factor, [covering.must(), only_posts]);
    answer
}

/// Reads values back into objectives: gains, costs of service, or numbers of posts.
fn read_values(answer: &mut Covered, values: (i64, i64, bool), factor: i64, kind: [bool; 2]) {
    let (value, bound, complete) = values;
    let [must, only_posts] = kind;
    let read = |v: i64| {
        if only_posts {
            -v
        } else {
            v.div_euclid(factor) + i64::from(v.rem_euclid(factor) > 0)
        }
    };
    let sign = if must && !only_posts { -1 } else { 1 };
    answer.objective = sign * read(value);
    answer.bound = sign * read(bound);
    answer.status = Status::Gap;
    if complete || answer.bound == answer.objective {
        answer.status = Status::Optimal;
        answer.bound = answer.objective;
    }
}

/// Moves to the equal answer with the smallest posts; false when the work allowed did not suffice.
fn smallest(
    net: &Net,
    task: &Task<'_>,
    value: i64,
    posts: &mut Vec<usize>,
    prices: &[i64],
) -> bool {
    let mut fixed = task.fixed.to_vec();
    let mut barred = task.barred.to_vec();
    let mut left = task.steps;
    for post in 0..net.posts() {
        let settled = posts.iter().all(|p| fixed.contains(p));
        if settled || posts.last().is_none_or(|&last| post > last) {
            return true;
        }
        if fixed.contains(&post) || barred.contains(&post) {
            continue;
        }
        if posts.contains(&post) {
            fixed.push(post);
            continue;
        }
        fixed.push(post);
        let trial = Task {
            fixed: &fixed,
            barred: &barred,
            wanted: value,
            first: true,
            steps: left,
            start: prices,
            ..*task
        };
        let found = best_set(net, &trial);
        left = left.saturating_sub(found.steps);
        match found.best {
            Some((_, other)) => *posts = other,
            None if found.complete => {
                fixed.pop();
                barred.push(post);
            }
            None => return false,
        }
    }
    true
}

/// The centre: least largest distance with at most `most` posts, by bisection over the distances that occur.
///
/// `distances[i][j]` from point i to post j. The objective is the distance; levels as in [`cover`].
#[must_use]
pub fn centre(distances: &[Vec<i64>], most: usize, limits: Limits) -> Covered {
    let mut levels: Vec<i64> = distances.iter().flatten().copied().collect();
    levels.sort_unstable();
    levels.dedup();
    let within = |radius: i64| Covering {
        posts: distances.first().map_or(0, Vec::len),
        points: distances
            .iter()
            .map(|row| Point {
                posts: row
                    .iter()
                    .enumerate()
                    .filter(|d| *d.1 <= radius)
                    .map(|d| (d.0, 0))
                    .collect(),
                need: Need::Must,
            })
            .collect(),
        at_most: Some(most),
        ..Covering::default()
    };
    let mut steps = 0;
    let mut sure = true;
    let mut possible = |radius: i64| {
        let covering = within(radius);
        let (net, out_of_reach) = net(&covering, 1);
        let task = Task {
            most,
            fixed: &[],
            barred: &[],
            wanted: i64::MIN / 4,
            first: true,
            steps: limits.steps,
            start: &[],
        };
        let found = best_set(&net, &task);
        steps += found.steps;
        sure &= found.complete || found.best.is_some();
        out_of_reach.is_empty() && found.best.is_some()
    };
    let at = levels.partition_point(|&radius| !possible(radius));
    let Some(&radius) = levels.get(at) else {
        let mut none = cover(&within(0), limits);
        none.status = if distances.is_empty() {
            Status::Optimal
        } else {
            Status::Infeasible
        };
        return none;
    };
    let mut answer = cover(&within(radius), limits);
    answer.objective = radius;
    answer.bound = radius;
    answer.steps += steps;
    if !sure {
        answer.status = Status::Gap;
        answer.bound = levels.first().copied().unwrap_or(0);
    }
    answer
}
