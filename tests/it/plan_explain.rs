//! Are explanations exact? Every sentence of a plan is compared with full enumeration on a thousand small wishes, by code that
//! shares nothing with the solver: it reads costs, benefits and marks only.

use std::collections::{BTreeMap, BTreeSet};

use zhilu::case::Catalogue;
use zhilu::plan::{Desk, GroupWish, Load, MeasurePlan, Shown, SiteAlternative, SiteNeed, Wish};
use zhilu::stats::Rng;

const KINDS: [&str; 6] = [
    "school_dropoff_jam",
    "illegal_parking_roadside",
    "parking_entrance_queue",
    "school_crossing_risk",
    "speeding",
    "sign_missing",
];

fn town(rng: &mut Rng) -> Vec<SiteNeed> {
    (0..2 + rng.below(3))
        .map(|i| SiteNeed {
            site: format!("s{i}"),
            loads: vec![Load {
                kind: KINDS[rng.below(6) as usize].to_owned(),
                rate: 5.0 + f64::from(rng.below(40)),
                weight: 1.0,
            }],
            ..SiteNeed::default()
        })
        .collect()
}

/// A wish over a town whose alternatives are known: budgets, marks, groups drawn at random.
fn wish(rng: &mut Rng, ids: &[String]) -> Wish {
    let some = |rng: &mut Rng| ids[rng.below(u32::try_from(ids.len()).unwrap()) as usize].clone();
    let mark = |rng: &mut Rng| match rng.below(3) {
        0 => format!("s{}", rng.below(2)),
        _ => some(rng),
    };
    let mut out = plain(rng);
    if rng.below(2) == 0 {
        out.mandatory = vec![mark(rng)];
    }
    if rng.below(3) == 0 {
        out.forbidden = vec![mark(rng)];
    }
    if rng.below(3) == 0 {
        out.prerequisites = vec![[mark(rng), mark(rng)]];
    }
    if rng.below(4) == 0 {
        out.exclusions = vec![["s0".to_owned(), "s1".to_owned()]];
    }
    if rng.below(3) == 0 {
        out.groups = vec![GroupWish {
            name: "g".to_owned(),
            cap: Some(i64::from(rng.below(3))),
            floor: (rng.below(3) == 0).then_some(1),
            ..GroupWish::default()
        }];
    }
    out
}

fn plain(rng: &mut Rng) -> Wish {
    let yuan = |rng: &mut Rng| i64::from(rng.below(60)) * 1000;
    let purse = |rng: &mut Rng| {
        ["交警", "城管", "住建"]
            .iter()
            .fold(BTreeMap::new(), |mut purse, d| {
                if rng.below(3) > 0 {
                    purse.insert((*d).to_owned(), yuan(rng));
                }
                purse
            })
    };
    let mut out = Wish {
        draws: 0,
        frontier: false,
        reserve_controls: 0.0,
        max_alternatives: 2,
        max_bundle: 2,
        ..Wish::default()
    };
    if rng.below(3) == 0 {
        out.years = vec![purse(rng), purse(rng)];
    } else {
        out.budgets = purse(rng);
    }
    out
}

/// Enumerates all choices of a desk.
struct All<'d> {
    desk: &'d Desk,
    sets: Vec<Vec<usize>>,
    /// What each set breaks, and its benefit.
    known: Vec<(BTreeSet<String>, i64)>,
}

impl<'d> All<'d> {
    fn of(desk: &'d Desk) -> Self {
        let mut sets = vec![Vec::new()];
        for site in 0..desk.sites.len() {
            let own: Vec<usize> = (0..desk.alternatives.len())
                .filter(|&i| desk.alternatives[i].site == site)
                .collect();
            let more = sets.iter().flat_map(|s: &Vec<usize>| {
                own.iter()
                    .map(move |i| s.iter().copied().chain([*i]).collect())
            });
            let more: Vec<Vec<usize>> = more.collect();
            sets.extend(more);
        }
        for set in &mut sets {
            set.sort_unstable();
        }
        let mut all = Self {
            desk,
            sets,
            known: Vec::new(),
        };
        let gain = |s: &Vec<usize>| s.iter().map(|i| desk.alternatives[*i].benefit).sum();
        let known = all.sets.iter().map(|s| (all.broken(s), gain(s)));
        all.known = known.collect();
        all
    }

    fn hit(&self, mark: &str, one: &SiteAlternative) -> bool {
        if mark.contains(':') {
            one.id == mark || one.id.split("@y").next() == Some(mark)
        } else {
            self.desk.sites[one.site].site == mark
        }
    }

    /// Names of the requirements of the wish that a set breaks.
    fn broken(&self, set: &[usize]) -> BTreeSet<String> {
        let wish = &self.desk.wish;
        let taken: Vec<&SiteAlternative> =
            set.iter().map(|i| &self.desk.alternatives[*i]).collect();
        let has = |mark: &str| taken.iter().any(|a| self.hit(mark, a));
        let mut out = BTreeSet::new();
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        for a in &taken {
            for (department, yuan) in &a.cost {
                let name = if wish.years.is_empty() {
                    department.clone()
                } else {
                    format!("{department}@y{}", a.start)
                };
                *spent.entry(name).or_default() += yuan;
            }
        }
        for (name, yuan) in spent {
            let (department, year) = name.split_once("@y").unwrap_or((&name, ""));
            let list = year
                .parse::<usize>()
                .map_or(&wish.budgets, |y| &wish.years[y - 1]);
            if yuan > list.get(department).copied().unwrap_or(0) {
                out.insert(format!("budget:{name}"));
            }
        }
        let marks = |name: &str, list: &[String], bad: bool| -> Vec<String> {
            let wrong = list.iter().filter(|m| has(m) == bad);
            wrong.map(|m| format!("{name}:{m}")).collect()
        };
        out.extend(marks("mandatory", &wish.mandatory, false));
        out.extend(marks("forbidden", &wish.forbidden, true));
        for [a, b] in &wish.prerequisites {
            let unmet = |x: &&SiteAlternative| {
                self.hit(a, x) && !taken.iter().any(|y| self.hit(b, y) && y.start <= x.start)
            };
            if taken.iter().any(unmet) {
                out.insert(format!("requires:{a}->{b}"));
            }
        }
        for [a, b] in &wish.exclusions {
            if has(a) && has(b) {
                out.insert(format!("exclusion:{a}-{b}"));
            }
        }
        for group in &wish.groups {
            let sum = i64::try_from(taken.len()).unwrap();
            if group.floor.is_some_and(|f| sum < f) {
                out.insert(format!("floor:{}", group.name));
            }
            if group.cap.is_some_and(|c| sum > c) {
                out.insert(format!("cap:{}", group.name));
            }
        }
        out
    }

    /// The most benefit among sets that break at most what is given.
    fn best(&self, allowed: &BTreeSet<String>, keep: impl Fn(&[usize]) -> bool) -> Option<i64> {
        let all = self.sets.iter().zip(&self.known);
        let fits = all.filter(|(set, (broken, _))| keep(set) && broken.is_subset(allowed));
        fits.map(|(_, (_, gain))| *gain).max()
    }
}

/// All requirement names of a wish.
fn names(all: &All<'_>) -> BTreeSet<String> {
    all.known.iter().flat_map(|k| k.0.clone()).collect()
}

fn conflict_is_minimal(all: &All<'_>, plan: &MeasurePlan) {
    let kept: BTreeSet<String> = plan.conflict.iter().cloned().collect();
    let every = names(all);
    let without = |kept: &BTreeSet<String>| every.difference(kept).cloned().collect();
    assert!(!kept.is_empty());
    assert_eq!(
        all.best(&without(&kept), |_| true),
        None,
        "{kept:?} can hold"
    );
    for one in &kept {
        let mut rest = kept.clone();
        rest.remove(one);
        assert!(
            all.best(&without(&rest), |_| true).is_some(),
            "{one} is not needed in {kept:?}"
        );
    }
}

/// Least extra money in all that makes the rest possible.
fn least_extra(all: &All<'_>) -> Option<i64> {
    let money = |n: &String| n.starts_with("budget:");
    let over = |(s, (broken, _)): (&Vec<usize>, &(BTreeSet<String>, i64))| -> Option<i64> {
        if !broken.iter().all(money) {
            return None;
        }
        let wish = &all.desk.wish;
        let mut spent: BTreeMap<(String, u32), i64> = BTreeMap::new();
        for i in s {
            let a = &all.desk.alternatives[*i];
            for (d, yuan) in &a.cost {
                *spent.entry((d.clone(), a.start)).or_default() += yuan;
            }
        }
        let extra = spent.iter().map(|((d, start), yuan)| {
            let list = if wish.years.is_empty() {
                &wish.budgets
            } else {
                &wish.years[*start as usize - 1]
            };
            (yuan - list.get(d).copied().unwrap_or(0)).max(0)
        });
        Some(extra.sum())
    };
    all.sets.iter().zip(&all.known).filter_map(over).min()
}

#[test]
fn plans_conflicts_repairs_and_reasons_are_those_of_full_enumeration() {
    let catalogue = Catalogue::shipped().expect("sound");
    let (mut feasible, mut infeasible, mut asked) = (0, 0, 0);
    for seed in 0..1000_u64 {
        let mut rng = Rng::new(seed);
        let sites = town(&mut rng);
        let first = Desk::new(plain(&mut rng), sites.clone(), &catalogue, BTreeMap::new());
        let bases: BTreeSet<String> = first
            .expect("sound")
            .alternatives
            .iter()
            .map(|a| a.base().to_owned())
            .collect();
        let ids: Vec<String> = bases.into_iter().collect();
        let Ok(desk) = Desk::new(wish(&mut rng, &ids), sites, &catalogue, BTreeMap::new()) else {
            panic!("seed {seed}: marks name alternatives");
        };
        let all = All::of(&desk);
        let plan = desk.plan(&catalogue, &mut |_| true).expect("sound");
        let best = all.best(&BTreeSet::new(), |_| true);
        let Some(best) = best else {
            assert_eq!(plan.status, "infeasible", "seed {seed}");
            conflict_is_minimal(&all, &plan);
            let extra: i64 = plan.repair_extra.values().sum();
            match least_extra(&all) {
                Some(least) => assert_eq!(extra, least, "seed {seed}"),
                None => assert!(!plan.repair_dropped.is_empty(), "seed {seed}"),
            }
            infeasible += 1;
            continue;
        };
        assert_eq!(
            (plan.status, plan.optimum),
            ("optimal", best),
            "seed {seed}"
        );
        feasible += 1;
        richer(&desk, &plan, best, seed);
        for at in 0..desk.alternatives.len().min(3) {
            reason(&all, (&plan, best), at, seed);
            asked += 1;
        }
    }
    assert!(
        feasible > 300 && infeasible > 100 && asked > 1000,
        "{feasible} {infeasible} {asked}"
    );
}

/// What 10,000 yuan more bring is what enumeration finds with that budget.
fn richer(desk: &Desk, plan: &MeasurePlan, best: i64, seed: u64) {
    for till in plan.tills.iter().take(2) {
        let mut more = desk.clone();
        let list = match till.year {
            None => &mut more.wish.budgets,
            Some(year) => &mut more.wish.years[year as usize - 1],
        };
        *list.entry(till.department.clone()).or_default() += 10_000;
        let all = All::of(&more);
        let gain = all
            .best(&BTreeSet::new(), |_| true)
            .expect("more money hurts nobody")
            - best;
        assert_eq!(till.more, Some(gain), "seed {seed} {}", till.department);
    }
}

fn reason(all: &All<'_>, (plan, best): (&MeasurePlan, i64), at: usize, seed: u64) {
    let one = &all.desk.alternatives[at];
    let why = all
        .desk
        .explain(&one.id, &Shown::from(plan))
        .expect("known");
    assert_eq!(why.inside, plan.chosen.contains(&one.id), "seed {seed}");
    let own = [
        format!("forbidden:{}", one.id),
        format!("forbidden:{}", one.base()),
    ];
    let must = [
        format!("mandatory:{}", one.id),
        format!("mandatory:{}", one.base()),
    ];
    let freed: BTreeSet<String> = if why.inside { must } else { own }.into_iter().collect();
    let turned = all.best(&freed, |s| s.contains(&at) != why.inside);
    assert_eq!(why.possible, turned.is_some(), "seed {seed} {}", one.id);
    match turned {
        Some(other) => assert_eq!(
            (why.loss, why.proved),
            (best - other, true),
            "seed {seed} {}",
            one.id
        ),
        None => assert!(!why.forbidden_by.is_empty(), "seed {seed} {}", one.id),
    }
}
