//! Do the covering models agree with full enumeration, and do the edges of the models hold?

use zhilu::optim::{Covering, Limits, Need, Point, Status, centre, cover};
use zhilu::stats::Rng;

fn sets(n: usize) -> impl Iterator<Item = Vec<usize>> {
    (0_u32..1 << n).map(move |mask| (0..n).filter(|i| mask >> i & 1 == 1).collect())
}

/// Objective of a set, larger is better; `None` when a point that must be served is not.
fn worth(covering: &Covering, set: &[usize]) -> Option<i64> {
    let mut sum = 0;
    for point in &covering.points {
        let served: Vec<i64> = point
            .posts
            .iter()
            .filter(|p| set.contains(&p.0))
            .map(|p| p.1)
            .collect();
        match point.need {
            Need::Gain { first, second } => {
                sum += i64::from(!served.is_empty()) * first + i64::from(served.len() > 1) * second;
            }
            Need::Must if point.posts.iter().all(|p| covering.barred.contains(&p.0)) => {}
            Need::Must => sum -= served.iter().min()?,
        }
    }
    Some(sum)
}

fn random(rng: &mut Rng, kind: u32) -> Covering {
    let posts = 2 + rng.below(6) as usize;
    let point = |rng: &mut Rng| Point {
        posts: (0..posts)
            .filter_map(|p| {
                let cost = if kind == 2 {
                    i64::from(rng.below(20))
                } else {
                    0
                };
                (kind == 2 || rng.below(3) == 0).then_some((p, cost))
            })
            .collect(),
        need: match kind {
            0 => Need::Gain {
                first: i64::from(rng.below(9)),
                second: i64::from(rng.below(9)) * i64::from(rng.below(2)),
            },
            _ => Need::Must,
        },
    };
    let points = (0..=rng.below(8)).map(|_| point(rng)).collect();
    let pick = |rng: &mut Rng| rng.below(u32::try_from(posts).expect("small")) as usize;
    Covering {
        posts,
        points,
        at_most: (rng.below(3) > 0).then(|| rng.below(4) as usize),
        fixed: if rng.below(4) == 0 {
            vec![pick(rng)]
        } else {
            vec![]
        },
        barred: if rng.below(4) == 0 {
            vec![pick(rng)]
        } else {
            vec![]
        },
    }
}

#[test]
fn every_covering_is_the_one_of_full_enumeration() {
    for seed in 0..900 {
        let kind = u32::try_from(seed % 3).expect("small");
        let covering = random(&mut Rng::new(seed), kind);
        let found = cover(&covering, Limits::default());
        let best = sets(covering.posts)
            .filter(|s| covering.at_most.is_none_or(|m| s.len() <= m))
            .filter(|s| {
                covering.fixed.iter().all(|f| s.contains(f))
                    && !covering.barred.iter().any(|f| s.contains(f))
            })
            .filter_map(|s| Some((worth(&covering, &s)?, s)))
            .min_by(|a, b| {
                b.0.cmp(&a.0)
                    .then(a.1.len().cmp(&b.1.len()))
                    .then(a.1.cmp(&b.1))
            });
        let Some((value, set)) = best else {
            assert_eq!(found.status, Status::Infeasible, "seed {seed} {covering:?}");
            continue;
        };
        assert_eq!(found.status, Status::Optimal, "seed {seed} {covering:?}");
        assert_eq!(found.posts, set, "seed {seed} {covering:?}");
        let costs = covering
            .points
            .iter()
            .any(|p| p.posts.iter().any(|a| a.1 != 0));
        let expected = match kind {
            0 => value,
            _ if costs => -value,
            _ => i64::try_from(set.len()).expect("small"),
        };
        assert_eq!(found.objective, expected, "seed {seed} {covering:?}");
    }
}

#[test]
fn the_centre_is_the_one_of_full_enumeration() {
    for seed in 0..200 {
        let mut rng = Rng::new(seed);
        let n = 2 + rng.below(6) as usize;
        let at: Vec<i64> = (0..n).map(|_| i64::from(rng.below(50))).collect();
        let distances: Vec<Vec<i64>> = at
            .iter()
            .map(|a| at.iter().map(|b| (a - b).abs()).collect())
            .collect();
        let most = 1 + rng.below(3) as usize;
        let found = centre(&distances, most, Limits::default());
        let radius = |s: &[usize]| {
            let far = distances
                .iter()
                .map(|row| s.iter().map(|&j| row[j]).min().unwrap_or(i64::MAX));
            far.max().unwrap_or(0)
        };
        let best = sets(n)
            .filter(|s| !s.is_empty() && s.len() <= most)
            .map(|s| (radius(&s), s.len(), s))
            .min();
        let (least, _, set) = best.expect("one post is always possible");
        assert_eq!((found.objective, found.posts), (least, set), "seed {seed}");
    }
}

#[test]
fn no_post_allowed_covers_nothing_and_is_no_error() {
    let covering = Covering {
        posts: 2,
        points: vec![Point {
            posts: vec![(0, 0)],
            need: Need::Gain {
                first: 5,
                second: 0,
            },
        }],
        at_most: Some(0),
        ..Covering::default()
    };
    let found = cover(&covering, Limits::default());
    assert_eq!(
        (found.status, found.objective, found.posts.len()),
        (Status::Optimal, 0, 0)
    );
}

#[test]
fn a_point_out_of_reach_is_reported_apart() {
    let covering = Covering {
        posts: 1,
        points: vec![
            Point {
                posts: vec![(0, 0)],
                need: Need::Must,
            },
            Point {
                posts: vec![],
                need: Need::Must,
            },
        ],
        ..Covering::default()
    };
    let found = cover(&covering, Limits::default());
    assert_eq!((found.objective, found.out_of_reach), (1, vec![1]));
}
