//! Which of equally good rosters spreads early mornings and hard gates, and keeps people near home?
//!
//! Exchanges within one peak of one day: two people give each other their duties of equal load. Neither coverage nor change nor
//! Σ load² moves by it, so what was proved stays proved. Σ early² + Σ hard² falls, a duty away from the home squad and a gate
//! the person has not served this term count against an exchange. Where rotation is wanted, a duty at a gate the person has
//! served for that many weeks counts more than a new gate does.

use std::collections::BTreeMap;

use crate::plan::roster::fair::{EARLY, hard_from};
use crate::plan::roster::instance::{BadInstance, Instance};
use crate::plan::roster::model::{Model, Waived};

/// What one duty away from the home squad weighs against the squares.
const AWAY: i64 = 6;
/// What one gate the person has not served before weighs.
const NEW_GATE: i64 = 1;
/// What one duty weighs at a gate whose weeks are over: more than a new gate, less than a strange squad.
const WORN: i64 = 2;
/// What early and hard duties weigh: twice the squares, so that a difference of two outweighs a strange squad.
const SQUARE: i64 = 2;
/// Rounds over all peaks; four are enough in practice, each finds less.
const ROUNDS: usize = 8;

/// Evens out a plan (duty → person) within its levels; returns how many exchanges were made. Locked duties stay. Cost: some
/// duties² a peak, a second for a brigade's month.
pub fn settle(given: &Instance, plan: &mut BTreeMap<i64, i64>) -> Result<usize, BadInstance> {
    given.check()?;
    let model = Model::new(given, Waived::default());
    let mut table = Table::new(&model, plan);
    let mut made = 0;
    for _ in 0..ROUNDS {
        let found = table.round();
        made += found;
        if found == 0 {
            break;
        }
    }
    for (q, p) in table.who.iter().enumerate() {
        if let Some(p) = p {
            plan.insert(given.duties[q].id, given.persons[*p].id);
        }
    }
    Ok(made)
}

/// A plan with the counts that are evened out.
struct Table<'m, 'a> {
    model: &'m Model<'a>,
    who: Vec<Option<usize>>,
    of: Vec<Vec<usize>>,
    slots: Vec<Vec<usize>>,
    early: Vec<bool>,
    hard: Vec<bool>,
    count: Vec<[i64; 2]>,
}

impl<'m, 'a> Table<'m, 'a> {
    fn new(model: &'m Model<'a>, plan: &BTreeMap<i64, i64>) -> Self {
        let duties = &model.given.duties;
        let from = hard_from(model.given);
        let mut slots: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut out = Self {
            model,
            who: vec![None; duties.len()],
            of: vec![Vec::new(); model.people()],
            slots: Vec::new(),
            early: duties.iter().map(|d| d.start < EARLY).collect(),
            hard: duties.iter().map(|d| d.priority >= from).collect(),
            count: vec![[0, 0]; model.people()],
        };
        for (q, duty) in duties.iter().enumerate() {
            let Some(p) = plan.get(&duty.id).and_then(|p| model.person_at.get(p)) else {
                continue;
            };
            slots.entry(model.slot(q)).or_default().push(q);
            out.give(*p, q);
        }
        out.slots = slots.into_values().collect();
        out
    }

    fn give(&mut self, p: usize, q: usize) {
        self.who[q] = Some(p);
        self.of[p].push(q);
        self.count[p][0] += i64::from(self.early[q]);
        self.count[p][1] += i64::from(self.hard[q]);
    }

    fn take(&mut self, p: usize, q: usize) {
        self.who[q] = None;
        self.of[p].retain(|x| *x != q);
        self.count[p][0] -= i64::from(self.early[q]);
        self.count[p][1] -= i64::from(self.hard[q]);
    }

    fn round(&mut self) -> usize {
        let mut made = 0;
        for slot in self.slots.clone() {
            for (i, x) in slot.iter().enumerate() {
                for y in &slot[i + 1..] {
                    made += usize::from(self.exchange(*x, *y));
                }
            }
        }
        made
    }

    fn exchange(&mut self, x: usize, y: usize) -> bool {
        let (Some(p), Some(r)) = (self.who[x], self.who[y]) else {
            return false;
        };
        let duties = &self.model.given.duties;
        let alike = duties[x].load == duties[y].load && p != r;
        let may = self.model.may[x][r] && self.model.may[y][p];
        if !alike || !may || self.gain(p, x, r, y) <= 0 {
            return false;
        }
        let change = |q: usize, who: usize| self.model.change(q, Some(who));
        if change(x, r) + change(y, p) > change(x, p) + change(y, r) {
            return false;
        }
        if !self.fits(p, y, x) || !self.fits(r, x, y) {
            return false;
        }
        self.take(p, x);
        self.take(r, y);
        self.give(p, y);
        self.give(r, x);
        true
    }

    /// How much the tie-break falls when p gives x for y.
    fn gain(&self, p: usize, x: usize, r: usize, y: usize) -> i64 {
        let mut gain = 0;
        for (k, mark) in [&self.early, &self.hard].into_iter().enumerate() {
            let step = i64::from(mark[x]) - i64::from(mark[y]);
            // (a − s)² + (b + s)² against a² + b².
            gain += SQUARE * 2 * step * (self.count[p][k] - self.count[r][k] - step);
        }
        gain += self.strange(p, x) + self.strange(r, y) - self.strange(p, y) - self.strange(r, x);
        let gates = [x, y].map(|q| self.model.given.duties[q].gate);
        if self.model.given.rules.rotate_weeks > 0 && gates[0] != gates[1] {
            for gate in gates {
                let now = self.worn(p, gate, None) + self.worn(r, gate, None);
                let then = self.worn(p, gate, Some((x, y))) + self.worn(r, gate, Some((y, x)));
                gain += WORN * (now - then);
            }
        }
        gain
    }

    /// Duties of a person at a gate served for the weeks of rotation already, with one duty given for another if asked. Cost: the
    /// person's duties.
    fn worn(&self, p: usize, gate: i64, change: Option<(usize, usize)>) -> i64 {
        let given = self.model.given;
        let kept = self.of[p].iter().copied();
        let kept = kept.filter(|q| change.is_none_or(|(gone, _)| *q != gone));
        let here = kept
            .chain(change.map(|c| c.1))
            .map(|q| &given.duties[q])
            .filter(|d| d.gate == gate);
        let mut weeks: Vec<i64> = here
            .map(|d| (d.day + given.rules.first_weekday).div_euclid(7))
            .collect();
        weeks.sort_unstable();
        let mut served = given.persons[p].gate_weeks.get(&gate).copied().unwrap_or(0) - 1;
        let mut out = 0;
        let mut last = None;
        for week in weeks {
            served += i64::from(last != Some(week));
            last = Some(week);
            out += i64::from(served >= given.rules.rotate_weeks);
        }
        out
    }

    fn strange(&self, p: usize, q: usize) -> i64 {
        let (duty, person) = (&self.model.given.duties[q], &self.model.given.persons[p]);
        let away = duty.squad.is_some() && duty.squad != person.squad;
        let new = !person.known_gates.contains(&duty.gate);
        AWAY * i64::from(away) + NEW_GATE * i64::from(new)
    }

    fn fits(&self, p: usize, q: usize, without: usize) -> bool {
        let day = self.model.given.duties[q].day;
        self.of[p].iter().all(|other| {
            let near = (self.model.given.duties[*other].day - day).abs() <= 1;
            *other == without || !near || !self.model.clash_for(p, *other, q)
        })
    }
}
