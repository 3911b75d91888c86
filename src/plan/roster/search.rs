//! Which small exchange makes a roster better, and which larger one when none does?
//!
//! Local search over single duties: fill, replace, pass on, exchange, fill by passing on; then seeded shakes with repair. All
//! moves keep every rule. Work is counted in questions "may this person take this duty", so that a run repeats.

use crate::plan::roster::model::{Model, Worth};
use crate::stats::rng::Rng;

/// Hears the coverage so far and the questions asked; false ends a search with the plan as it is.
pub(super) type Watch<'w> = &'w mut dyn FnMut(i64, u64) -> bool;

/// Duties looked at between two questions to the watch.
const ASKED: u64 = 16;

/// A plan that keeps every rule.
pub(super) struct Search<'m, 'a> {
    model: &'m Model<'a>,
    who: Vec<Option<usize>>,
    of: Vec<Vec<usize>>,
    load: Vec<i64>,
    /// Questions asked so far.
    pub(super) work: u64,
    /// Whether the watch ended it.
    pub(super) stopped: bool,
    covered: i64,
    looked: u64,
}

impl<'m, 'a> Search<'m, 'a> {
    /// Takes over what fits of a plan, most valuable duties first.
    pub(super) fn from(model: &'m Model<'a>, plan: &[Option<usize>]) -> Self {
        let mut out = Self {
            model,
            who: vec![None; model.duties()],
            of: vec![Vec::new(); model.people()],
            load: model.given.persons.iter().map(|p| p.history).collect(),
            work: 0,
            stopped: false,
            covered: 0,
            looked: 0,
        };
        for q in out.by_value() {
            if let Some(p) = plan[q]
                && out.can(p, q, &[])
            {
                out.put(p, q);
            }
        }
        out
    }

    pub(super) fn worth(&self) -> Worth {
        self.model.worth(&self.who)
    }

    pub(super) fn plan(&self) -> &[Option<usize>] {
        &self.who
    }

    fn by_value(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.model.duties()).collect();
        let duties = &self.model.given.duties;
        order.sort_by_key(|q| (!self.model.must[*q], -duties[*q].priority, duties[*q].id));
        order
    }

    pub(super) fn put(&mut self, p: usize, q: usize) {
        self.who[q] = Some(p);
        self.of[p].push(q);
        self.load[p] += self.model.given.duties[q].load;
        self.covered += self.model.given.duties[q].priority;
    }

    pub(super) fn take(&mut self, q: usize) -> Option<usize> {
        let p = self.who[q].take()?;
        self.of[p].retain(|x| *x != q);
        self.load[p] -= self.model.given.duties[q].load;
        self.covered -= self.model.given.duties[q].priority;
        Some(p)
    }

    /// Whether `p` may take `q` when `without` is taken from him first.
    pub(super) fn can(&mut self, p: usize, q: usize, without: &[usize]) -> bool {
        self.work += 1;
        let model = self.model;
        if !model.may[q][p] {
            return false;
        }
        let day = model.given.duties[q].day;
        let week = model.week(day);
        let (mut in_day, mut in_week, mut same_day) = (0, 0, false);
        for other in self.of[p].iter().filter(|x| !without.contains(x)) {
            let theirs = model.given.duties[*other].day;
            in_week += i64::from(model.week(theirs) == week);
            if theirs == day {
                in_day += 1;
                same_day = true;
            }
            if (theirs - day).abs() <= 1 && model.clash_for(p, *other, q) {
                return false;
            }
        }
        in_day < model.day_cap(p)
            && in_week < model.week_cap(p, week)
            && (same_day || self.run_is_short(p, day, without))
    }

    fn run_is_short(&self, p: usize, day: i64, without: &[usize]) -> bool {
        let Some(cap) = self.model.run_cap(p) else {
            return true;
        };
        let works = |d: i64| {
            self.of[p]
                .iter()
                .any(|q| self.model.given.duties[*q].day == d && !without.contains(q))
        };
        let mut length = 1;
        let mut d = day - 1;
        while d >= 0 && works(d) {
            length += 1;
            d -= 1;
        }
        if d < 0 {
            length += self.model.given.persons[p].days_before;
        }
        d = day + 1;
        while works(d) {
            length += 1;
            d += 1;
        }
        length <= cap
    }

    /// Fills and exchanges until no single exchange helps or the work is spent.
    pub(super) fn polish(&mut self, limit: u64, go: Watch<'_>) {
        while self.work < limit
            && !self.stopped
            && (self.fill(go) || self.replace(go) || self.even_out(limit, go))
        {}
    }

    /// Puts what is open to the least loaded who can, and moves nothing.
    pub(super) fn fill_plainly(&mut self) {
        for q in self.by_value() {
            if self.who[q].is_none() {
                self.fill_one(q);
            }
        }
    }

    /// Asks the watch now and then; true once it ended the search.
    fn ended(&mut self, go: Watch<'_>) -> bool {
        self.looked += 1;
        if self.looked.is_multiple_of(ASKED) && !go(self.covered, self.work) {
            self.stopped = true;
        }
        self.stopped
    }

    /// Puts uncovered duties to the least loaded who can, directly or after passing one duty on.
    fn fill(&mut self, go: Watch<'_>) -> bool {
        let mut any = false;
        for q in self.by_value() {
            if self.who[q].is_some() {
                continue;
            }
            if self.ended(go) {
                return any;
            }
            // Filling what was published empty is a change, but coverage comes first.
            any |= self.fill_one(q) || self.fill_by_passing(q);
        }
        any
    }

    fn lightest_first(&self, q: usize) -> Vec<usize> {
        let mut people: Vec<usize> = (0..self.model.people())
            .filter(|p| self.model.may[q][*p])
            .collect();
        let keeps = |p: usize| self.model.change(q, Some(p));
        people.sort_by_key(|p| (keeps(*p), self.load[*p], *p));
        people
    }

    fn fill_one(&mut self, q: usize) -> bool {
        for p in self.lightest_first(q) {
            if self.can(p, q, &[]) {
                self.put(p, q);
                return true;
            }
        }
        false
    }

    fn fill_by_passing(&mut self, q: usize) -> bool {
        let day = self.model.given.duties[q].day;
        for p in self.lightest_first(q) {
            let near: Vec<usize> = self.of[p]
                .iter()
                .copied()
                .filter(|x| {
                    self.model.week(self.model.given.duties[*x].day) == self.model.week(day)
                })
                .collect();
            for x in near {
                if !self.can(p, q, &[x]) {
                    continue;
                }
                for other in self.lightest_first(x) {
                    if other != p && self.can(other, x, &[]) {
                        self.take(x);
                        self.put(other, x);
                        self.put(p, q);
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Gives up one duty for a more valuable one.
    fn replace(&mut self, go: Watch<'_>) -> bool {
        for q in self.by_value() {
            if self.who[q].is_some() {
                continue;
            }
            if self.ended(go) {
                return false;
            }
            let value =
                |model: &Model<'_>, x: usize| (model.must[x], model.given.duties[x].priority);
            let mut drops: Vec<(usize, usize)> = (0..self.model.people())
                .filter(|p| self.model.may[q][*p])
                .flat_map(|p| self.of[p].iter().map(move |x| (p, *x)))
                .filter(|(_, x)| value(self.model, *x) < value(self.model, q))
                .collect();
            drops.sort_by_key(|(p, x)| (value(self.model, *x), *p, *x));
            for (p, x) in drops {
                if self.can(p, q, &[x]) {
                    self.take(x);
                    self.put(p, q);
                    return true;
                }
            }
        }
        false
    }

    /// Passes on and exchanges where Σ² falls and nothing before it suffers.
    fn even_out(&mut self, limit: u64, go: Watch<'_>) -> bool {
        let mut any = false;
        for q in 0..self.model.duties() {
            if self.work >= limit || self.ended(go) {
                return any;
            }
            if let Some(p) = self.who[q] {
                any |= self.pass_on(p, q) || self.exchange(p, q) || self.trade_for_open(p, q);
            }
        }
        any
    }

    fn pass_on(&mut self, p: usize, q: usize) -> bool {
        let load = self.model.given.duties[q].load;
        let was = self.model.change(q, Some(p));
        for other in self.lightest_first(q) {
            self.work += 1;
            let change = self.model.change(q, Some(other)) - was;
            let even = load * (self.load[other] + load - self.load[p]);
            if other != p && (change, even) < (0, 0) && self.can(other, q, &[]) {
                self.take(q);
                self.put(other, q);
                return true;
            }
        }
        false
    }

    fn exchange(&mut self, p: usize, q: usize) -> bool {
        let duties = &self.model.given.duties;
        for other in 0..self.model.people() {
            if other == p || !self.model.may[q][other] {
                continue;
            }
            self.work += 1;
            for x in self.of[other].clone() {
                let shift = duties[q].load - duties[x].load;
                let even = shift * (self.load[other] + shift - self.load[p]);
                let change = self.model.change(q, Some(other)) + self.model.change(x, Some(p))
                    - self.model.change(q, Some(p))
                    - self.model.change(x, Some(other));
                if (change, even) < (0, 0) && self.can(other, q, &[x]) && self.can(p, x, &[q]) {
                    self.take(q);
                    self.take(x);
                    self.put(other, q);
                    self.put(p, x);
                    return true;
                }
            }
        }
        false
    }

    /// Gives up a duty for an uncovered one of the same value and less load.
    fn trade_for_open(&mut self, p: usize, q: usize) -> bool {
        let duties = &self.model.given.duties;
        for x in 0..duties.len() {
            let same = duties[x].priority == duties[q].priority
                && self.model.must[x] == self.model.must[q];
            if self.who[x].is_some() || !same || self.model.published[x].is_some() {
                continue;
            }
            let shift = duties[x].load - duties[q].load;
            if shift < 0 && self.can(p, x, &[q]) {
                self.take(q);
                self.put(p, x);
                return true;
            }
        }
        false
    }

    /// Shakes and repairs until the work is spent or `goal` is reached; keeps the best.
    pub(super) fn improve(&mut self, goal: &Worth, limit: u64, go: Watch<'_>) {
        self.polish(limit, go);
        let mut best = (self.worth(), self.who.clone());
        let mut rng = Rng::new(20_260_907);
        while self.work < limit && !self.stopped && best.0 < *goal && go(best.0.coverage, self.work)
        {
            self.shake(&mut rng);
            let kept = best.0.coverage;
            self.polish(limit, &mut |now, work| go(kept.max(now), work));
            let now = self.worth();
            if now >= best.0 {
                best = (now, self.who.clone());
            } else {
                self.restore(&best.1);
            }
        }
        self.restore(&best.1);
    }

    fn restore(&mut self, plan: &[Option<usize>]) {
        for list in &mut self.of {
            list.clear();
        }
        self.load = self.model.given.persons.iter().map(|p| p.history).collect();
        self.covered = 0;
        self.who = vec![None; plan.len()];
        for (q, p) in plan.iter().enumerate() {
            if let Some(p) = p {
                self.put(*p, q);
            }
        }
    }

    /// Frees one peak of one day, or three people on three days, and fills again in a random order of people.
    fn shake(&mut self, rng: &mut Rng) {
        let n = u32::try_from(self.model.duties()).unwrap_or(u32::MAX);
        if n == 0 {
            return;
        }
        let centre = rng.below(n) as usize;
        let day = self.model.given.duties[centre].day;
        let slot = self.model.slot(centre);
        let whole_peak = rng.below(2) == 0;
        let people = u32::try_from(self.model.people())
            .unwrap_or(u32::MAX)
            .max(1);
        let chosen: Vec<usize> = (0..4).map(|_| rng.below(people) as usize).collect();
        let mut freed: Vec<(usize, usize)> = Vec::new();
        for q in 0..self.model.duties() {
            let Some(p) = self.who[q] else { continue };
            let theirs = self.model.given.duties[q].day;
            let hit = if whole_peak {
                self.model.slot(q) == slot
            } else {
                (theirs - day).abs() <= 1 && chosen.contains(&p)
            };
            if hit {
                freed.push((p, q));
                self.take(q);
            }
        }
        rng.shuffle(&mut freed);
        let mut owners: Vec<usize> = freed.iter().map(|f| f.0).collect();
        rng.shuffle(&mut owners);
        for (old, q) in freed {
            let next = owners.iter().position(|p| self.can(*p, q, &[]));
            if let Some(at) = next {
                let p = owners.swap_remove(at);
                self.put(p, q);
            } else if self.can(old, q, &[]) {
                self.put(old, q);
            }
        }
    }
}
