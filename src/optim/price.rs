//! What is the most a choice could bring if fractions were allowed: the linear bound of a choice with a few side rows.
//!
//! The dual of "one column per class, few rows" is a convex, piecewise linear function of the row prices. The walk goes from
//! kink to kink of that function (the dual simplex with classes kept out of the basis and long steps), so that a basis is a
//! matrix of the size of the rows alone. Every point of the walk is a valid bound; a walk that ends early loses sharpness,
//! never truth. [`whole_bound`] repeats the sum in whole numbers before a branch is given up.

use crate::optim::corner::{Corner, Edge, End, Hold, Leave, NONE, invert, small, wide};
use crate::optim::model::Model;
use crate::optim::proof::whole_bound;

const TIGHT: f64 = 1e-9;

/// Work space of the walk for one model.
pub(crate) struct Bench<'a> {
    model: &'a Model,
    gain: Vec<f64>,
    coef: Vec<f64>,
    rhs: Vec<f64>,
    scale: Vec<f64>,
    worth: Vec<f64>,
    slope: Vec<f64>,
    held: Vec<bool>,
    left: Vec<f64>,
    share: Vec<f64>,
    kinks: Vec<(f64, u32, u32)>,
    open: Vec<u32>,
    orphans: Vec<u32>,
    settled_gain: f64,
    settled_rows: Vec<f64>,
    /// Steps walked so far, the unit of work.
    pub(crate) steps: u64,
}

impl<'a> Bench<'a> {
    /// A work space; O(columns + rows²).
    pub(crate) fn new(model: &'a Model) -> Self {
        let rows = model.rhs.len();
        let mut largest = vec![1_i64; rows];
        for (row, coef) in &model.entries {
            largest[wide(*row)] = largest[wide(*row)].max(coef.abs());
        }
        let scale: Vec<f64> = largest.iter().map(|&l| 1.0 / l as f64).collect();
        Self {
            gain: model.gain.iter().map(|&g| g as f64).collect(),
            coef: model
                .entries
                .iter()
                .map(|(row, coef)| *coef as f64 * scale[wide(*row)])
                .collect(),
            rhs: model
                .rhs
                .iter()
                .zip(&scale)
                .map(|(&b, s)| b as f64 * s)
                .collect(),
            scale,
            worth: vec![0.0; model.gain.len()],
            slope: vec![0.0; model.gain.len()],
            held: vec![false; model.gain.len()],
            left: vec![0.0; rows],
            share: vec![0.0; rows],
            kinks: Vec::new(),
            open: Vec::new(),
            orphans: Vec::new(),
            settled_gain: 0.0,
            settled_rows: vec![0.0; rows],
            steps: 0,
            model,
        }
    }

    /// What a column is worth at the corner last walked to: gain less the price of what it uses.
    pub(crate) fn worth(&self, column: usize) -> f64 {
        self.worth[column]
    }

    fn dot(&self, column: usize, vector: &[f64]) -> f64 {
        let range = self.model.span(column);
        let entries = self.model.entries[range.clone()]
            .iter()
            .zip(&self.coef[range]);
        entries.map(|((row, _), c)| c * vector[wide(*row)]).sum()
    }

    /// Walks down from `corner` until the bound is below `wanted`, cannot be lowered, or `limit` steps are used.
    pub(crate) fn walk(
        &mut self,
        alive: &[bool],
        corner: &mut Corner,
        wanted: i64,
        limit: u32,
    ) -> End {
        self.enter(alive, corner);
        let mut bound = self.bound(corner);
        let mut used = 0;
        loop {
            if bound < wanted as f64 && self.exact(alive, corner) < i128::from(wanted) {
                return End::Hopeless;
            }
            self.shares(corner);
            let Some(leave) = self.leaving(alive, corner) else {
                return End::Settled(bound);
            };
            if used >= limit {
                return End::Rough(bound);
            }
            used += 1;
            self.steps += 1;
            let (row, sign) = match leave {
                Leave::Row(row, sign) => (row, sign),
                Leave::Key(class) => (self.swap_key(corner, class), 1.0),
            };
            if let Err(way) = self.step(alive, corner, row, sign) {
                return self.unbounded(alive, corner, &way, wanted);
            }
            if !self.orphans.is_empty() {
                self.adopt(alive, corner);
            }
            bound = self.bound(corner);
        }
    }

    /// The bound seems to fall for ever along `way`: proved far out in whole numbers, or begun anew at zero prices.
    fn unbounded(&mut self, alive: &[bool], corner: &mut Corner, way: &[f64], wanted: i64) -> End {
        for power in 0..16_i32 {
            let reach = f64::from(3 * power).exp2();
            let ahead = corner.prices.iter().zip(way).zip(&self.scale);
            let prices: Vec<f64> = ahead
                .map(|((p, w), s)| (p + reach * w).max(0.0) * s)
                .collect();
            if whole_bound(self.model, alive, &prices) < i128::from(wanted) {
                return End::Hopeless;
            }
        }
        *corner = Corner::new(self.model);
        self.enter(alive, corner);
        self.shares(corner);
        End::Rough(self.bound(corner))
    }

    /// Sets worths, keys and what the rows have left at the start of a walk.
    fn enter(&mut self, alive: &[bool], corner: &mut Corner) {
        if corner.age > 60 {
            self.refactor(corner);
        }
        self.held.fill(false);
        for hold in &corner.holds {
            if let Hold::Tie(column) = hold {
                self.held[wide(*column)] = true;
            }
        }
        for column in 0..self.gain.len() {
            self.worth[column] = self.gain[column] - self.dot(column, &corner.prices);
        }
        self.open.clear();
        self.orphans.clear();
        self.settled_gain = 0.0;
        self.left.copy_from_slice(&self.rhs);
        self.settled_rows.copy_from_slice(&self.rhs);
        for class in 0..self.model.classes() {
            self.enter_class(alive, corner, class);
        }
    }

    fn enter_class(&mut self, alive: &[bool], corner: &mut Corner, class: usize) {
        let mut best = NONE;
        let mut living = 0;
        for column in self.model.class(class) {
            if alive[column] {
                living += 1;
                if best == NONE || self.worth[column] > self.worth[wide(best)] {
                    best = small(column);
                }
            }
        }
        if corner.ties[class] == 0 {
            corner.key[class] = best;
        } else if !alive[wide(corner.key[class])] {
            self.rekey(alive, corner, class);
            if !alive[wide(corner.key[class])] {
                self.orphans.push(small(class));
            }
        }
        let key = wide(corner.key[class]);
        self.spend(key, 1.0);
        if living > 1 || corner.ties[class] > 0 {
            self.open.push(small(class));
        } else {
            self.settled_gain += self.gain[key];
            let range = self.model.span(key);
            for at in range {
                self.settled_rows[wide(self.model.entries[at].0)] -= self.coef[at];
            }
        }
    }

    /// Gives classes whose key is dead a living one as soon as their ties allow it.
    fn adopt(&mut self, alive: &[bool], corner: &mut Corner) {
        let mut at = 0;
        while at < self.orphans.len() {
            let class = wide(self.orphans[at]);
            let old = wide(corner.key[class]);
            if !alive[old] && corner.ties[class] == 0 {
                let best = self.model.class(class).filter(|&c| alive[c]);
                let best =
                    best.max_by(|&a, &b| self.worth[a].total_cmp(&self.worth[b]).then(b.cmp(&a)));
                if let Some(best) = best {
                    corner.key[class] = small(best);
                    self.spend(best, 1.0);
                    self.spend(old, -1.0);
                }
            } else if !alive[old] {
                self.rekey(alive, corner, class);
                let new = wide(corner.key[class]);
                if new != old && alive[new] {
                    self.spend(new, 1.0);
                    self.spend(old, -1.0);
                }
            }
            if alive[wide(corner.key[class])] {
                self.orphans.swap_remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Gives a class whose key died a living tie as key, or leaves the dead one when all ties are dead.
    fn rekey(&mut self, alive: &[bool], corner: &mut Corner, class: usize) {
        let range = self.model.class(class);
        let tie = corner.holds.iter().position(|hold| match hold {
            Hold::Tie(c) => range.contains(&wide(*c)) && alive[wide(*c)],
            Hold::Slack(_) => false,
        });
        if let Some(row) = tie {
            self.exchange_key(corner, class, row);
        }
    }

    fn spend(&mut self, column: usize, times: f64) {
        let range = self.model.span(column);
        let entries = self.model.entries[range.clone()]
            .iter()
            .zip(&self.coef[range]);
        for ((row, _), c) in entries {
            self.left[wide(*row)] -= times * c;
        }
    }

    fn bound(&self, corner: &Corner) -> f64 {
        let rows: f64 = corner
            .prices
            .iter()
            .zip(&self.settled_rows)
            .map(|(p, b)| p * b)
            .sum();
        let classes: f64 = self
            .open
            .iter()
            .map(|&c| self.worth[wide(corner.key[wide(c)])])
            .sum();
        rows + classes + self.settled_gain
    }

    fn shares(&mut self, corner: &Corner) {
        let rows = self.rhs.len();
        for row in 0..rows {
            let line = corner.line(row);
            self.share[row] = line.iter().zip(&self.left).map(|(a, b)| a * b).sum();
        }
    }

    /// The hold that is broken most, measured along its edge.
    fn leaving(&self, alive: &[bool], corner: &Corner) -> Option<Leave> {
        let rows = self.rhs.len();
        let mut best = 0.0;
        let mut found = None;
        let mut tied = false;
        for row in 0..rows {
            let share = self.share[row];
            let (broken, sign) = match corner.holds[row] {
                Hold::Tie(column) if !alive[wide(column)] => {
                    return Some(Leave::Row(row, if share > 0.0 { -1.0 } else { 1.0 }));
                }
                Hold::Tie(_) => {
                    tied = true;
                    (-share, 1.0)
                }
                Hold::Slack(_) => (-share, 1.0),
            };
            if broken > TIGHT {
                let line = corner.line(row);
                let score = broken * broken / line.iter().map(|a| a * a).sum::<f64>();
                if score > best {
                    best = score;
                    found = Some(Leave::Row(row, sign));
                }
            }
        }
        if tied {
            for (row, hold) in corner.holds.iter().enumerate() {
                let Hold::Tie(column) = hold else { continue };
                let class = self.model.class_of(wide(*column));
                let (sum, norm, first) = self.class_sum(corner, class);
                if first == row && sum - 1.0 > TIGHT {
                    let score = (sum - 1.0) * (sum - 1.0) / norm;
                    if score > best {
                        best = score;
                        found = Some(Leave::Key(class));
                    }
                }
            }
        }
        found
    }

    /// Sum of the shares of a class's ties, squared length of the edge of its key, first row with such a tie.
    fn class_sum(&self, corner: &Corner, class: usize) -> (f64, f64, usize) {
        let rows = self.rhs.len();
        let range = self.model.class(class);
        let members: Vec<usize> = (0..rows)
            .filter(|&r| matches!(corner.holds[r], Hold::Tie(c) if range.contains(&wide(c))))
            .collect();
        let sum = members.iter().map(|&r| self.share[r]).sum();
        let norm = (0..rows)
            .map(|k| {
                let x: f64 = members.iter().map(|&r| corner.inverse[r * rows + k]).sum();
                x * x
            })
            .sum();
        (sum, norm, members.first().copied().unwrap_or(0))
    }

    /// Makes the tie with the largest share the key of its class; the old key becomes the tie of that row, which must leave.
    fn swap_key(&mut self, corner: &mut Corner, class: usize) -> usize {
        let range = self.model.class(class);
        let mut row = 0;
        let mut most = f64::NEG_INFINITY;
        for (r, hold) in corner.holds.iter().enumerate() {
            if let Hold::Tie(c) = hold
                && range.contains(&wide(*c))
                && self.share[r] > most
            {
                most = self.share[r];
                row = r;
            }
        }
        let old = wide(corner.key[class]);
        self.exchange_key(corner, class, row);
        self.spend(wide(corner.key[class]), 1.0);
        self.spend(old, -1.0);
        self.shares(corner);
        row
    }

    /// Exchanges the key of a class with the tie in `row`.
    fn exchange_key(&mut self, corner: &mut Corner, class: usize, row: usize) {
        let rows = self.rhs.len();
        let range = self.model.class(class);
        let Hold::Tie(column) = corner.holds[row] else {
            return;
        };
        for other in 0..rows {
            if other != row
                && matches!(corner.holds[other], Hold::Tie(c) if range.contains(&wide(c)))
            {
                for k in 0..rows {
                    corner.inverse[row * rows + k] += corner.inverse[other * rows + k];
                }
            }
        }
        for k in 0..rows {
            corner.inverse[row * rows + k] *= -1.0;
        }
        let old = corner.key[class];
        corner.holds[row] = Hold::Tie(old);
        corner.key[class] = column;
        self.held[wide(old)] = true;
        self.held[wide(column)] = false;
    }

    /// Moves along the edge that frees `row` to the kink where the bound stops falling; its way when it falls for ever.
    ///
    /// A dead tie without a share may leave either way; it takes the way that meets a kink.
    fn step(
        &mut self,
        alive: &[bool],
        corner: &mut Corner,
        row: usize,
        sign: f64,
    ) -> Result<(), Vec<f64>> {
        let fall = -self.share[row].abs();
        if let Hold::Tie(c) = corner.holds[row] {
            self.held[wide(c)] = false;
            corner.ties[self.model.class_of(wide(c))] -= 1;
        }
        let line = corner.line(row);
        let mut edge = Edge {
            row,
            way: line.iter().map(|a| a * sign).collect(),
            fall,
        };
        let mut met = self.follow(alive, corner, &edge);
        if met.is_none() && fall > -TIGHT {
            for e in &mut edge.way {
                *e = -*e;
            }
            met = self.follow(alive, corner, &edge);
        }
        let Some((at, enter)) = met else {
            return Err(edge.way);
        };
        self.arrive(corner, &edge, at, enter);
        Ok(())
    }

    /// How far the bound falls along an edge and what stops it.
    fn follow(&mut self, alive: &[bool], corner: &mut Corner, edge: &Edge) -> Option<(f64, Hold)> {
        let mut fall = edge.fall;
        let mut stop = f64::INFINITY;
        let mut wall = NONE;
        for (r, (&e, &p)) in edge.way.iter().zip(&corner.prices).enumerate() {
            if e < -1e-12 && (p / -e) < stop && !corner.at_zero(r, edge.row) {
                stop = (p / -e).max(0.0);
                wall = small(r);
            }
        }
        self.collect(alive, corner, &edge.way, stop);
        loop {
            let Some(next) = self.nearest() else {
                return (wall != NONE).then_some((stop, Hold::Slack(wall)));
            };
            let (at, class, column) = self.kinks.swap_remove(next);
            let (class, column) = (wide(class), wide(column));
            let key = wide(corner.key[class]);
            fall += self.slope[column] - self.slope[key];
            if fall >= -1e-13 || corner.ties[class] > 0 {
                return Some((at, Hold::Tie(small(column))));
            }
            corner.key[class] = small(column);
            self.spend(column, 1.0);
            self.spend(key, -1.0);
            let kink = self.kink(alive, class, column, at);
            self.kinks.extend(kink.filter(|k| k.0 <= stop));
        }
    }

    fn collect(&mut self, alive: &[bool], corner: &Corner, edge: &[f64], stop: f64) {
        self.kinks.clear();
        for at in 0..self.open.len() {
            let class = wide(self.open[at]);
            for column in self.model.class(class) {
                self.slope[column] = -self.dot(column, edge);
            }
            if let Some(kink) = self.kink(alive, class, wide(corner.key[class]), 0.0)
                && kink.0 <= stop
            {
                self.kinks.push(kink);
            }
        }
    }

    /// The first place at or after `from` where another column of the class overtakes `key`.
    fn kink(&self, alive: &[bool], class: usize, key: usize, from: f64) -> Option<(f64, u32, u32)> {
        let mut best: Option<(f64, u32, u32)> = None;
        for column in self.model.class(class) {
            if column == key || !alive[column] || self.held[column] {
                continue;
            }
            let gain = self.slope[column] - self.slope[key];
            if gain > 1e-11 {
                let at = ((self.worth[key] - self.worth[column]) / gain).max(from);
                if best.is_none_or(|b| at < b.0) {
                    best = Some((at, small(class), small(column)));
                }
            }
        }
        best
    }

    fn nearest(&self) -> Option<usize> {
        let mut best: Option<usize> = None;
        for (at, kink) in self.kinks.iter().enumerate() {
            if best.is_none_or(|b| (kink.0, kink.1) < (self.kinks[b].0, self.kinks[b].1)) {
                best = Some(at);
            }
        }
        best
    }

    /// Moves prices and worths, and puts the entering hold into the inverse.
    fn arrive(&mut self, corner: &mut Corner, edge: &Edge, at: f64, enter: Hold) {
        let row = edge.row;
        let rows = self.rhs.len();
        for (price, e) in corner.prices.iter_mut().zip(&edge.way) {
            *price = (*price + at * e).max(0.0);
        }
        for index in 0..self.open.len() {
            let class = wide(self.open[index]);
            for column in self.model.class(class) {
                self.worth[column] += at * self.slope[column];
            }
        }
        let mut column = vec![0.0; rows];
        match enter {
            Hold::Slack(r) => column[wide(r)] = 1.0,
            Hold::Tie(c) => {
                let class = self.model.class_of(wide(c));
                self.add(&mut column, wide(c), 1.0);
                self.add(&mut column, wide(corner.key[class]), -1.0);
                corner.ties[class] += 1;
                self.held[wide(c)] = true;
            }
        }
        corner.holds[row] = enter;
        corner.replace(row, &column);
    }

    fn add(&self, vector: &mut [f64], column: usize, times: f64) {
        let range = self.model.span(column);
        let entries = self.model.entries[range.clone()]
            .iter()
            .zip(&self.coef[range]);
        for ((row, _), c) in entries {
            vector[wide(*row)] += times * c;
        }
    }

    /// Builds inverse and prices anew from the holds, which removes what rounding has gathered.
    fn refactor(&mut self, corner: &mut Corner) {
        let rows = self.rhs.len();
        let mut matrix = vec![0.0; rows * 2 * rows];
        let mut worth = vec![0.0; rows];
        for (at, hold) in corner.holds.iter().enumerate() {
            let mut column = vec![0.0; rows];
            match hold {
                Hold::Slack(r) => column[wide(*r)] = 1.0,
                Hold::Tie(c) => {
                    let key = wide(corner.key[self.model.class_of(wide(*c))]);
                    self.add(&mut column, wide(*c), 1.0);
                    self.add(&mut column, key, -1.0);
                    worth[at] = self.gain[wide(*c)] - self.gain[key];
                }
            }
            for (r, value) in column.into_iter().enumerate() {
                matrix[r * 2 * rows + at] = value;
            }
            matrix[at * 2 * rows + rows + at] = 1.0;
        }
        corner.age = 0;
        if !invert(&mut matrix, rows) {
            return;
        }
        for r in 0..rows {
            for k in 0..rows {
                corner.inverse[r * rows + k] = matrix[r * 2 * rows + rows + k];
            }
        }
        for k in 0..rows {
            let price: f64 = (0..rows)
                .map(|r| corner.inverse[r * rows + k] * worth[r])
                .sum();
            corner.prices[k] = price.max(0.0);
        }
    }

    /// The bound at these prices as the largest whole value a choice can have; exact.
    pub(crate) fn exact(&self, alive: &[bool], corner: &Corner) -> i128 {
        whole_bound(self.model, alive, &self.prices(corner))
    }

    /// Columns with a share strictly between nothing and one, as `(column, share)`, keys included, in the order of columns.
    pub(crate) fn fractions(&self, corner: &Corner) -> Vec<(usize, f64)> {
        let mut out = Vec::new();
        for (row, hold) in corner.holds.iter().enumerate() {
            if let Hold::Tie(c) = hold
                && self.share[row] > 1e-7
            {
                out.push((wide(*c), self.share[row].min(1.0)));
                let class = self.model.class_of(wide(*c));
                let (sum, _, first) = self.class_sum(corner, class);
                if first == row || sum.is_nan() {
                    out.push((wide(corner.key[class]), (1.0 - sum).max(0.0)));
                }
            }
        }
        out.sort_by_key(|entry| entry.0);
        out.dedup_by_key(|entry| entry.0);
        out
    }

    /// The price of each row in value per unit of the row.
    pub(crate) fn prices(&self, corner: &Corner) -> Vec<f64> {
        let scaled = corner.prices.iter().zip(&self.scale);
        scaled.map(|(p, s)| p * s).collect()
    }
}
