//! Does the budgeted choice agree with full enumeration, and do its answers keep the laws of the subject?

use zhilu::optim::{Choice, Group, Item, Limits, Progress, Row, Selected, Status};
use zhilu::optim::{conflict, possible, repair, rows, select, select_robust};
use zhilu::stats::Rng;

fn quiet(_: &Progress) -> bool {
    true
}

fn proved(choice: &Choice) -> Selected {
    select(choice, Limits::default(), None, &mut quiet).expect("the choice is well formed")
}

/// A small choice with every kind of row.
fn random_choice(rng: &mut Rng) -> Choice {
    let n = 2 + rng.below(9) as usize;
    let budgets = 1 + rng.below(2) as usize;
    let step = [1, 5, 100][rng.below(3) as usize];
    let few = rng.below(2) == 0;
    let items: Vec<Item> = (0..n)
        .map(|_| Item {
            class: rng.below(5) as usize,
            gain: if few {
                i64::from(rng.below(4)) * 10
            } else {
                i64::from(rng.below(100)) - 10
            },
            cost: (0..budgets)
                .map(|_| i64::from(rng.below(10)) * step)
                .collect(),
        })
        .collect();
    let mut pick = || rng.below(u32::try_from(n).expect("small")) as usize;
    let pairs = |pick: &mut dyn FnMut() -> usize, count: usize| -> Vec<(usize, usize)> {
        (0..count)
            .map(|_| (pick(), pick()))
            .filter(|p| p.0 != p.1)
            .collect()
    };
    let exclusions = pairs(&mut pick, 2);
    let needs = pairs(&mut pick, 2);
    let members: Vec<(usize, i64)> = (0..3).map(|_| pick()).map(|i| (i, 1)).collect();
    let mandatory = vec![pick()];
    let forbidden = vec![pick()];
    let group = Group {
        members,
        floor: (rng.below(3) == 0).then_some(1),
        cap: (rng.below(3) == 0).then_some(1),
    };
    Choice {
        budgets: (0..budgets)
            .map(|_| i64::from(rng.below(25)) * step)
            .collect(),
        exclusions,
        needs,
        groups: vec![group],
        mandatory: if rng.below(3) == 0 { mandatory } else { vec![] },
        forbidden: if rng.below(3) == 0 { forbidden } else { vec![] },
        items,
    }
}

/// Whether a set of items satisfies the given rows; written apart from the solver.
fn holds(choice: &Choice, set: &[usize], kept: &[Row]) -> bool {
    let has = |i: usize| set.contains(&i);
    let mut classes: Vec<usize> = set.iter().map(|&i| choice.items[i].class).collect();
    classes.sort_unstable();
    let one_each = classes.windows(2).all(|w| w[0] != w[1]);
    let weight = |g: usize| -> i64 {
        let members = &choice.groups[g].members;
        members.iter().filter(|m| has(m.0)).map(|m| m.1).sum()
    };
    one_each
        && kept.iter().all(|row| match *row {
            Row::Budget(d) => {
                set.iter().map(|&i| choice.items[i].cost[d]).sum::<i64>() <= choice.budgets[d]
            }
            Row::Mandatory(i) => has(i),
            Row::Forbidden(i) => !has(i),
            Row::Needs(k) => !has(choice.needs[k].0) || has(choice.needs[k].1),
            Row::Exclusion(k) => !(has(choice.exclusions[k].0) && has(choice.exclusions[k].1)),
            Row::Floor(g) => weight(g) >= choice.groups[g].floor.unwrap_or(0),
            Row::Cap(g) => weight(g) <= choice.groups[g].cap.unwrap_or(i64::MAX),
        })
}

fn sets(n: usize) -> impl Iterator<Item = Vec<usize>> {
    (0_u32..1 << n).map(move |mask| (0..n).filter(|i| mask >> i & 1 == 1).collect())
}

fn figures(choice: &Choice, set: &[usize]) -> (i64, i64) {
    let gain = set.iter().map(|&i| choice.items[i].gain).sum();
    let cost = set.iter().flat_map(|&i| &choice.items[i].cost).sum();
    (gain, cost)
}

/// The best of all sets by the three levels; worthless free items are never taken unless a row names them.
fn enumerate(choice: &Choice) -> Option<Vec<usize>> {
    let all = rows(choice);
    let better = |a: &Vec<usize>, b: &Vec<usize>| {
        let ((ga, ca), (gb, cb)) = (figures(choice, a), figures(choice, b));
        (gb, ca).cmp(&(ga, cb)).then_with(|| a.cmp(b))
    };
    sets(choice.items.len())
        .filter(|set| holds(choice, set, &all))
        .min_by(better)
}

#[test]
fn the_answer_is_the_one_of_full_enumeration() {
    for seed in 0..1000 {
        let choice = random_choice(&mut Rng::new(seed));
        let found = proved(&choice);
        match enumerate(&choice) {
            None => assert_eq!(found.status, Status::Infeasible, "seed {seed} {choice:?}"),
            Some(best) => {
                assert_eq!(found.status, Status::Optimal, "seed {seed} {choice:?}");
                assert_eq!(
                    (found.gain, found.cost),
                    figures(&choice, &best),
                    "seed {seed} {choice:?}"
                );
                assert!(
                    holds(&choice, &found.chosen, &rows(&choice)),
                    "seed {seed} {choice:?}"
                );
                let free = |set: &[usize]| -> Vec<usize> {
                    let idle = |i: &&usize| {
                        let item = &choice.items[**i];
                        item.gain != 0 || item.cost.iter().any(|c| *c > 0)
                    };
                    set.iter().filter(idle).copied().collect()
                };
                if free(&best) == best && free(&found.chosen) == found.chosen {
                    assert_eq!(found.chosen, best, "seed {seed} {choice:?}");
                }
            }
        }
    }
}

#[test]
fn a_conflict_set_is_infeasible_and_feasible_without_any_one_row() {
    let mut seen = 0;
    for seed in 0..600 {
        let mut choice = random_choice(&mut Rng::new(seed));
        let last = choice.items.len() - 1;
        choice.mandatory = vec![0, last];
        let set = conflict(&choice, 100_000).expect("well formed");
        let feasible = |kept: &[Row]| sets(choice.items.len()).any(|s| holds(&choice, &s, kept));
        let Some(set) = set else {
            assert!(feasible(&rows(&choice)), "seed {seed}");
            continue;
        };
        seen += 1;
        assert!(!feasible(&set), "seed {seed}");
        for row in &set {
            let rest: Vec<Row> = set.iter().copied().filter(|r| r != row).collect();
            assert!(feasible(&rest), "seed {seed} without {row:?}");
            assert_eq!(possible(&choice, &rest, 100_000), Ok(Some(true)));
        }
        let repair = repair(&choice, Limits::default()).expect("well formed");
        let repair = repair.expect("giving up rows always helps");
        assert_ne!(repair.then.status, Status::Infeasible, "seed {seed}");
        if let Some(extra) = &repair.extra {
            let least = sets(choice.items.len())
                .filter(|s| {
                    let kept: Vec<Row> = rows(&choice)
                        .into_iter()
                        .filter(|r| !matches!(r, Row::Budget(_)))
                        .collect();
                    holds(&choice, s, &kept)
                })
                .map(|s| {
                    let over = choice.spending(&s).into_iter().zip(&choice.budgets);
                    over.map(|(spent, b)| (spent - b).max(0)).sum::<i64>()
                })
                .min();
            let unit = [1, 5, 100];
            let sum: i64 = extra.iter().sum();
            assert!(
                unit.iter()
                    .any(|u| least.is_some_and(|l| (sum - l).abs() < *u)),
                "seed {seed}: {sum} {least:?}"
            );
        }
    }
    assert!(seen > 50, "only {seen} conflicts were met");
}

#[test]
fn the_guarded_gain_is_the_one_of_full_enumeration() {
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let choice = random_choice(&mut rng);
        let low: Vec<i64> = choice
            .items
            .iter()
            .map(|i| i.gain - i64::from(rng.below(40)))
            .collect();
        let gamma = rng.below(4) as usize;
        let found = select_robust(&choice, &low, gamma, Limits::default(), &mut quiet)
            .expect("well formed");
        let guarded = |set: &[usize]| {
            let mut falls: Vec<i64> = set.iter().map(|&i| choice.items[i].gain - low[i]).collect();
            falls.sort_unstable_by(|a, b| b.cmp(a));
            figures(&choice, set).0 - falls.iter().take(gamma).sum::<i64>()
        };
        let all = rows(&choice);
        let best = sets(choice.items.len())
            .filter(|s| holds(&choice, s, &all))
            .map(|s| (guarded(&s), -figures(&choice, &s).1))
            .max();
        match best {
            None => assert_eq!(found.status, Status::Infeasible, "seed {seed}"),
            Some((gain, cost)) => {
                assert_eq!(
                    (found.gain, -found.cost),
                    (gain, cost),
                    "seed {seed} {choice:?}"
                );
            }
        }
    }
}

#[test]
fn more_budget_never_lowers_the_gain_and_no_gain_is_above_the_bound() {
    for seed in 0..200 {
        let mut choice = random_choice(&mut Rng::new(seed));
        choice.mandatory.clear();
        choice.groups.clear();
        let mut before = i64::MIN;
        for more in [0, 10, 100, 1000] {
            let mut richer = choice.clone();
            richer.budgets.iter_mut().for_each(|b| *b += more);
            let found = proved(&richer);
            assert!(found.gain >= before, "seed {seed}");
            assert!(found.gain <= found.bound, "seed {seed}");
            before = found.gain;
        }
    }
}

#[test]
fn removing_a_forbidden_mark_never_hurts() {
    for seed in 0..200 {
        let mut choice = random_choice(&mut Rng::new(seed));
        choice.mandatory.clear();
        choice.groups.clear();
        choice.forbidden = vec![0];
        let barred = proved(&choice).gain;
        choice.forbidden.clear();
        assert!(proved(&choice).gain >= barred, "seed {seed}");
    }
}

#[test]
fn scaling_all_gains_keeps_the_plan() {
    for seed in 0..200 {
        let mut choice = random_choice(&mut Rng::new(seed));
        let once = proved(&choice);
        choice.items.iter_mut().for_each(|i| i.gain *= 7);
        assert_eq!(proved(&choice).chosen, once.chosen, "seed {seed}");
    }
}

#[test]
fn a_start_and_a_loose_gap_change_the_work_not_the_truth() {
    for seed in 0..100 {
        let choice = random_choice(&mut Rng::new(seed));
        let exact = proved(&choice);
        if exact.status != Status::Optimal {
            continue;
        }
        let limits = Limits::default();
        let again = select(&choice, limits, Some(&exact.chosen), &mut quiet).expect("well formed");
        assert_eq!(again.chosen, exact.chosen, "seed {seed}");
        let loose = Limits {
            gap_ppm: 50_000,
            ..limits
        };
        let near = select(&choice, loose, None, &mut quiet).expect("well formed");
        assert!(
            near.gain <= exact.gain && near.bound >= exact.gain,
            "seed {seed}"
        );
        assert!(near.bound - near.gain <= near.gain / 20 + 1, "seed {seed}");
    }
}

#[test]
fn a_stopped_search_keeps_its_best_and_says_gap_or_unknown() {
    let mut rng = Rng::new(5);
    let items: Vec<Item> = (0..120)
        .map(|class| Item {
            class,
            gain: 500 + i64::from(rng.below(500)),
            cost: (0..5).map(|_| 1 + i64::from(rng.below(1000))).collect(),
        })
        .collect();
    let choice = Choice {
        items,
        budgets: vec![15_000; 5],
        ..Choice::default()
    };
    let limits = Limits {
        steps: 400,
        gap_ppm: 0,
    };
    let found = select(&choice, limits, None, &mut quiet).expect("well formed");
    assert_eq!(found.status, Status::Gap);
    assert!(found.gain > 0 && found.bound > found.gain);
    let twice = select(&choice, limits, None, &mut quiet).expect("well formed");
    assert_eq!(found, twice);
    let mut asked = 0;
    let stopped = select(&choice, Limits::default(), None, &mut |_| {
        asked += 1;
        asked < 3
    });
    assert_eq!(stopped.expect("well formed").status, Status::Gap);
}

#[test]
fn equal_items_are_decided_by_their_ids() {
    let item = |class| Item {
        class,
        gain: 1000,
        cost: vec![5000],
    };
    let choice = Choice {
        items: (0..60).map(item).collect(),
        budgets: vec![150_000],
        ..Choice::default()
    };
    let found = proved(&choice);
    assert_eq!(found.chosen, (0..30).collect::<Vec<_>>());
    assert!(found.ordered);
}

#[test]
fn what_brings_and_costs_nothing_is_taken_when_the_list_becomes_smaller_by_it() {
    let item = |class, gain, cost| Item {
        class,
        gain,
        cost: vec![cost],
    };
    let choice = Choice {
        items: vec![item(0, 20, 5), item(1, 0, 0), item(2, 30, 3), item(3, 0, 0)],
        budgets: vec![9],
        ..Choice::default()
    };
    // [0, 1, 2] comes before [0, 2]; [0, 1, 2, 3] comes after it.
    assert_eq!(proved(&choice).chosen, [0, 1, 2]);
}

#[test]
fn a_negative_gain_is_taken_only_when_asked_for() {
    let mut choice = Choice {
        items: vec![Item {
            class: 0,
            gain: -5,
            cost: vec![0],
        }],
        budgets: vec![10],
        ..Choice::default()
    };
    assert!(proved(&choice).chosen.is_empty());
    choice.mandatory = vec![0];
    assert_eq!(proved(&choice).chosen, vec![0]);
}

#[test]
fn a_wrong_figure_is_named() {
    let mut choice = Choice {
        items: vec![Item {
            class: 0,
            gain: 5,
            cost: vec![-1],
        }],
        budgets: vec![10],
        ..Choice::default()
    };
    let error = choice.check().expect_err("the cost is negative");
    assert_eq!(
        error.to_string(),
        "a cost of item 0 is -1, must not be negative"
    );
    choice.items[0].cost = vec![1, 2];
    let error = choice.check().expect_err("two costs for one budget");
    assert_eq!(
        error.to_string(),
        "item 0 has 2 costs, must have one for each of the 1 budgets"
    );
    choice.items[0].cost = vec![1];
    choice.needs = vec![(0, 3)];
    assert!(choice.check().is_err());
}
