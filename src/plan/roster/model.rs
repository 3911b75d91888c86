//! Which person may take which duty, and which two duties exclude each other?

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::roster::instance::Instance;

/// Requirements that are taken away for a question "and if this did not hold?".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waived {
    pub(super) unavailable: BTreeSet<(usize, i64, usize)>,
    pub(super) per_day: BTreeSet<usize>,
    pub(super) per_week: BTreeSet<usize>,
    pub(super) rest: BTreeSet<usize>,
    pub(super) consecutive: BTreeSet<usize>,
}

/// An instance with positions instead of names.
pub(super) struct Model<'a> {
    pub(super) given: &'a Instance,
    /// Peak number of every duty.
    pub(super) peak: Vec<usize>,
    /// Position of duties by id.
    pub(super) duty_at: BTreeMap<i64, usize>,
    /// Position of people by id.
    pub(super) person_at: BTreeMap<i64, usize>,
    /// `may[q][p]`: role, squad, skill, presence and lock allow it.
    pub(super) may: Vec<Vec<bool>>,
    /// Duties that must be covered.
    pub(super) must: Vec<bool>,
    /// Published person, where there is a published plan: `Some(None)` is published as uncovered.
    #[expect(
        clippy::option_option,
        reason = "no plan, planned empty and planned with somebody are three things"
    )]
    pub(super) published: Vec<Option<Option<usize>>>,
    pub(super) waived: Waived,
}

impl<'a> Model<'a> {
    pub(super) fn new(given: &'a Instance, waived: Waived) -> Self {
        let person_at: BTreeMap<i64, usize> = given
            .persons
            .iter()
            .enumerate()
            .map(|(i, p)| (p.id, i))
            .collect();
        let duty_at: BTreeMap<i64, usize> = given
            .duties
            .iter()
            .enumerate()
            .map(|(i, d)| (d.id, i))
            .collect();
        let peak_at: BTreeMap<&str, usize> = given
            .peaks
            .iter()
            .enumerate()
            .map(|(i, p)| (p.as_str(), i))
            .collect();
        let peak: Vec<usize> = given
            .duties
            .iter()
            .map(|d| peak_at.get(d.peak.as_str()).copied().unwrap_or(0))
            .collect();
        let mut must = vec![false; given.duties.len()];
        for q in given.must_cover.iter().filter_map(|id| duty_at.get(id)) {
            must[*q] = true;
        }
        let published = given
            .duties
            .iter()
            .map(|d| {
                let plan = given.published.as_ref()?;
                let person = plan.get(&d.id).copied().flatten();
                Some(person.and_then(|id| person_at.get(&id).copied()))
            })
            .collect();
        let mut out = Self {
            given,
            peak,
            duty_at,
            person_at,
            may: Vec::new(),
            must,
            published,
            waived,
        };
        out.may = out.eligible(&peak_at);
        out
    }

    fn eligible(&mut self, peak_at: &BTreeMap<&str, usize>) -> Vec<Vec<bool>> {
        let away: Vec<BTreeSet<(i64, usize)>> = self
            .given
            .persons
            .iter()
            .enumerate()
            .map(|(p, person)| {
                let at = person.unavailable.iter();
                at.filter_map(|(day, peak)| Some((*day, *peak_at.get(peak.as_str())?)))
                    .filter(|(day, peak)| !self.waived.unavailable.contains(&(p, *day, *peak)))
                    .collect()
            })
            .collect();
        let locked: BTreeSet<i64> = self.given.locked.iter().copied().collect();
        let mut must = std::mem::take(&mut self.must);
        let mut may = Vec::with_capacity(self.given.duties.len());
        for (q, d) in self.given.duties.iter().enumerate() {
            if locked.contains(&d.id) {
                // A past duty stays with its person, whatever the rules would say today.
                let mut row = vec![false; self.given.persons.len()];
                if let Some(Some(p)) = self.published[q] {
                    row[p] = true;
                    must[q] = true;
                }
                may.push(row);
                continue;
            }
            let row = self.given.persons.iter().enumerate().map(|(p, person)| {
                let role = d.accepts.is_empty() || d.accepts.contains(&person.role);
                let squad =
                    !self.given.rules.squad_only || d.squad.is_none() || d.squad == person.squad;
                let skilled = d.needs.iter().all(|s| person.skills.contains(s));
                role && squad && skilled && !away[p].contains(&(d.day, self.peak[q]))
            });
            may.push(row.collect());
        }
        self.must = must;
        may
    }

    pub(super) const fn people(&self) -> usize {
        self.given.persons.len()
    }

    pub(super) const fn duties(&self) -> usize {
        self.given.duties.len()
    }

    pub(super) const fn week(&self, day: i64) -> i64 {
        (day + self.given.rules.first_weekday).div_euclid(7)
    }

    /// Position of a duty's (day, peak) among all of the horizon, in the order of time.
    pub(super) fn slot(&self, q: usize) -> usize {
        let day = usize::try_from(self.given.duties[q].day).unwrap_or(0);
        day * self.given.peaks.len().max(1) + self.peak[q]
    }

    fn travel(&self, from: i64, to: i64) -> i64 {
        let row = usize::try_from(from)
            .ok()
            .and_then(|i| self.given.rules.travel_min.get(i));
        let cell = row.and_then(|r| usize::try_from(to).ok().and_then(|j| r.get(j)));
        cell.copied().unwrap_or(0)
    }

    /// Two duties of one day that overlap or leave no time for the ride: an axiom, never waived.
    pub(super) fn no_time(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.given.duties[a], &self.given.duties[b]);
        if a.day != b.day {
            return false;
        }
        let (first, second) = if (a.start, a.end) <= (b.start, b.end) {
            (a, b)
        } else {
            (b, a)
        };
        let from = first.last_gate.unwrap_or(first.gate);
        let between = if from == second.gate {
            0
        } else {
            self.travel(from, second.gate)
                .saturating_add(self.given.rules.buffer_min)
        };
        first.end.saturating_add(between) > second.start
    }

    /// Two duties of neighbouring days with too little rest between them.
    pub(super) fn no_rest(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.given.duties[a], &self.given.duties[b]);
        let (first, second) = if a.day < b.day { (a, b) } else { (b, a) };
        second.day == first.day + 1
            && second.start + 24 * 60 - first.end < self.given.rules.min_rest_min
    }

    pub(super) fn clash_for(&self, p: usize, a: usize, b: usize) -> bool {
        self.no_time(a, b) || (!self.waived.rest.contains(&p) && self.no_rest(a, b))
    }

    pub(super) fn day_cap(&self, p: usize) -> i64 {
        if self.waived.per_day.contains(&p) {
            1_000_000
        } else {
            self.given.persons[p].max_per_day
        }
    }

    /// Most duties of a person in a week; what other rosters hold of the first and the last week counts.
    pub(super) fn week_cap(&self, p: usize, week: i64) -> i64 {
        if self.waived.per_week.contains(&p) {
            return 1_000_000;
        }
        let person = &self.given.persons[p];
        let mut cap = person.max_per_week;
        if week == self.week(0) {
            cap -= person.week_before;
        }
        if week == self.week(self.given.days - 1) {
            cap -= person.week_after;
        }
        cap.max(0)
    }

    /// Most duty days in a row, `None` where waived.
    pub(super) fn run_cap(&self, p: usize) -> Option<i64> {
        (!self.waived.consecutive.contains(&p)).then_some(self.given.rules.max_consecutive_days)
    }

    /// Whether every covered duty bears the same load.
    pub(super) fn equal_loads(&self) -> bool {
        self.given.duties.windows(2).all(|d| d[0].load == d[1].load)
    }

    /// Whether some person could serve two duties of one peak one after the other, which the flow does not allow.
    pub(super) fn has_pairs_within_a_peak(&self) -> bool {
        let mut by_slot: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for q in 0..self.duties() {
            by_slot.entry(self.slot(q)).or_default().push(q);
        }
        by_slot.values().any(|list| {
            list.iter().enumerate().any(|(i, a)| {
                list[i + 1..].iter().any(|b| {
                    !self.no_time(*a, *b)
                        && self.may[*a]
                            .iter()
                            .zip(&self.may[*b])
                            .any(|(x, y)| *x && *y)
                })
            })
        })
    }
}

/// What a plan is worth, best first when compared: duties that must be covered, coverage, fewer changes, smaller Σ².
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Worth {
    pub(super) must: i64,
    pub(super) coverage: i64,
    pub(super) unchanged: i64,
    pub(super) evenness: i64,
}

impl Model<'_> {
    /// The worth of a plan (`who[q]`).
    pub(super) fn worth(&self, who: &[Option<usize>]) -> Worth {
        let mut load: Vec<i64> = self.given.persons.iter().map(|p| p.history).collect();
        let mut worth = Worth {
            must: 0,
            coverage: 0,
            unchanged: 0,
            evenness: 0,
        };
        for (q, p) in who.iter().enumerate() {
            let duty = &self.given.duties[q];
            if let Some(p) = p {
                load[*p] += duty.load;
                worth.coverage += duty.priority;
                worth.must += i64::from(self.must[q]);
            }
            worth.unchanged -= self.change(q, *p);
        }
        if self.given.fairness {
            worth.evenness = -load.iter().map(|l| l * l).sum::<i64>();
        }
        worth
    }

    /// What no plan can exceed, whatever the rules: everything covered, nothing changed, no load.
    pub(super) fn most(&self) -> Worth {
        let must = self.must.iter().filter(|m| **m).count();
        Worth {
            must: i64::try_from(must).unwrap_or(i64::MAX),
            coverage: self.given.duties.iter().map(|d| d.priority).sum(),
            unchanged: 0,
            evenness: 0,
        }
    }

    /// 1 when a duty differs from the published plan.
    pub(super) fn change(&self, q: usize, p: Option<usize>) -> i64 {
        self.published[q].map_or(0, |was| i64::from(was != p))
    }

    /// The first rule a plan breaks beyond what a flow holds.
    pub(super) fn broken(&self, who: &[Option<usize>]) -> Option<Broken> {
        let mut of: Vec<Vec<usize>> = vec![Vec::new(); self.people()];
        for (q, p) in who.iter().enumerate() {
            if let Some(p) = p {
                of[*p].push(q);
            }
        }
        for (p, list) in of.iter_mut().enumerate() {
            list.sort_by_key(|q| (self.given.duties[*q].day, self.given.duties[*q].start, *q));
            for (i, a) in list.iter().enumerate() {
                let near = list[i + 1..]
                    .iter()
                    .take_while(|b| self.given.duties[**b].day <= self.given.duties[*a].day + 1);
                if let Some(b) = near.copied().find(|b| self.clash_for(p, *a, *b)) {
                    return Some(Broken::Pair(p, *a, b));
                }
            }
            if let Some(days) = self.long_run(p, list) {
                return Some(Broken::Run(p, days));
            }
        }
        None
    }

    /// Days of the first run that is too long; `list` in the order of days.
    pub(super) fn long_run(&self, p: usize, list: &[usize]) -> Option<Vec<i64>> {
        let cap = self.run_cap(p)?;
        let mut run: Vec<i64> = Vec::new();
        let before = self.given.persons[p].days_before;
        let mut length = 0;
        for q in list {
            let day = self.given.duties[*q].day;
            match run.last() {
                Some(last) if *last == day => continue,
                Some(last) if *last + 1 == day => length += 1,
                _ => {
                    run.clear();
                    length = if day == 0 { before + 1 } else { 1 };
                }
            }
            run.push(day);
            if length > cap {
                return Some(run);
            }
        }
        None
    }
}

/// A rule that a flow's answer breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The person cannot serve both duties.
    Pair(usize, usize, usize),
    /// The person works on all of these days.
    Run(usize, Vec<i64>),
}
