//! How does a choice of items with named rows become classes, columns and whole-number rows?

use std::collections::BTreeMap;

use crate::optim::choice::{Choice, Row};
use crate::optim::model::Model;

/// A model and the way back from its columns to items.
pub(crate) struct Built {
    pub(crate) model: Model,
    /// Item of each column; `None` for "nothing" and for columns that are no item.
    pub(crate) item: Vec<Option<usize>>,
    /// Columns that may be taken.
    pub(crate) alive: Vec<bool>,
    /// Label of each column for the order of equal choices.
    pub(crate) labels: Vec<u32>,
}

impl Built {
    /// Items of a choice of columns, rising.
    pub(crate) fn items(&self, chosen: &[u32]) -> Vec<usize> {
        let mut out: Vec<usize> = chosen
            .iter()
            .filter_map(|&c| self.item[c as usize])
            .collect();
        out.sort_unstable();
        out
    }

    /// One column per class that takes exactly these items; `None` when two share a class or one is not in the model.
    pub(crate) fn columns(&self, items: &[usize]) -> Option<Vec<u32>> {
        let mut out = Vec::new();
        let mut used = 0;
        for class in 0..self.model.classes() {
            let mut range = self.model.class(class);
            let empty = range.start;
            let column =
                range.find(|&c| self.item[c].is_some_and(|i| items.binary_search(&i).is_ok()));
            used += usize::from(column.is_some());
            out.push(u32::try_from(column.unwrap_or(empty)).ok()?);
        }
        (used == items.len()).then_some(out)
    }
}

/// Which rows hold and which may be broken for a fine.
pub(crate) struct Terms<'a> {
    /// Value of each item.
    pub(crate) values: &'a [i64],
    /// Rows that are asked for.
    pub(crate) holds: &'a dyn Fn(Row) -> bool,
    /// Rows that may be dropped, each for a fine of one.
    pub(crate) soft: &'a [Row],
    /// Whether budgets may be exceeded, for a fine of one per unit.
    pub(crate) soft_budgets: bool,
    /// Unit of money.
    pub(crate) unit: i64,
    /// Whether columns that another one of the class beats may be left out.
    pub(crate) thin: bool,
}

#[derive(Default)]
struct Rows {
    rhs: Vec<i64>,
    of_item: BTreeMap<usize, Vec<(u32, i64)>>,
    waivers: Vec<(u32, i64)>,
}

impl Rows {
    fn add(&mut self, rhs: i64, entries: &[(usize, i64)]) -> u32 {
        let row = u32::try_from(self.rhs.len()).unwrap_or(u32::MAX);
        self.rhs.push(rhs);
        for (item, coef) in entries {
            self.of_item.entry(*item).or_default().push((row, *coef));
        }
        row
    }
}

/// Builds the model of a choice on given terms.
pub(crate) fn build(choice: &Choice, terms: &Terms<'_>) -> Built {
    let mut rows = Rows {
        rhs: choice
            .budgets
            .iter()
            .map(|b| b.div_euclid(terms.unit))
            .collect(),
        ..Rows::default()
    };
    for at in 0..choice.budgets.len() {
        if !(terms.holds)(Row::Budget(at)) {
            rows.rhs[at] = i64::MAX / 8 / terms.unit;
        }
    }
    side_rows(choice, terms, &mut rows);
    let marks = Marks::new(choice, terms);
    let mut built = Built {
        model: Model::new(rows.rhs.clone()),
        item: Vec::new(),
        alive: Vec::new(),
        labels: Vec::new(),
    };
    for members in classes(choice).values() {
        add_class(choice, terms, &rows, &marks, (members, &mut built));
    }
    for (row, relief) in &rows.waivers {
        fine(&mut built, 1, &[(*row, -relief)]);
    }
    if terms.soft_budgets {
        soften_budgets(choice, terms, &mut built);
    }
    built
}

/// A class with "hold" and "pay": paying relieves rows.
fn fine(built: &mut Built, price: i64, relief: &[(u32, i64)]) {
    built.model.column(0, []);
    built.model.column(-price, relief.iter().copied());
    built.model.close();
    built.item.extend([None, None]);
    built.alive.extend([true, true]);
    built.labels.extend([u32::MAX, u32::MAX]);
}

/// Extra money in halving steps, so that any whole amount can be put together.
fn soften_budgets(choice: &Choice, terms: &Terms<'_>, built: &mut Built) {
    for at in 0..choice.budgets.len() {
        let all: i64 = choice
            .items
            .iter()
            .map(|i| i.cost[at] / terms.unit + 1)
            .sum();
        let row = u32::try_from(at).unwrap_or(u32::MAX);
        let mut step = 1;
        while step <= all {
            fine(built, step, &[(row, -step)]);
            step *= 2;
        }
    }
}

fn classes(choice: &Choice) -> BTreeMap<usize, Vec<usize>> {
    let mut out: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, item) in choice.items.iter().enumerate() {
        out.entry(item.class).or_default().push(at);
    }
    out
}

/// Rows beside the budgets; those of one class against one item are one row.
fn side_rows(choice: &Choice, terms: &Terms<'_>, rows: &mut Rows) {
    let soft = |row: Row| terms.soft.contains(&row);
    let class = |item: usize| choice.items[item].class;
    let mut needs: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, &(a, b)) in choice.needs.iter().enumerate() {
        if soft(Row::Needs(at)) {
            let row = rows.add(0, &[(a, 1), (b, -1)]);
            rows.waivers.push((row, 1));
        } else if (terms.holds)(Row::Needs(at)) {
            needs.entry((class(a), b)).or_default().push(a);
        }
    }
    for ((_, b), mut from) in needs {
        from.sort_unstable();
        from.dedup();
        let mut entries: Vec<(usize, i64)> = from.into_iter().map(|a| (a, 1)).collect();
        entries.push((b, -1));
        rows.add(0, &entries);
    }
    let mut apart: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (at, &(a, b)) in choice.exclusions.iter().enumerate() {
        let (a, b) = if class(a) <= class(b) { (a, b) } else { (b, a) };
        if soft(Row::Exclusion(at)) {
            let row = rows.add(1, &[(a, 1), (b, 1)]);
            rows.waivers.push((row, 1));
        } else if (terms.holds)(Row::Exclusion(at)) && class(a) != class(b) {
            apart.entry((class(a), b)).or_default().push(a);
        }
    }
    for ((_, b), mut from) in apart {
        from.sort_unstable();
        from.dedup();
        let mut entries: Vec<(usize, i64)> = from.into_iter().map(|a| (a, 1)).collect();
        entries.push((b, 1));
        rows.add(1, &entries);
    }
    group_rows(choice, terms, rows);
    for row in terms.soft {
        let (item, sign) = match row {
            Row::Mandatory(item) => (*item, -1),
            Row::Forbidden(item) => (*item, 1),
            _ => continue,
        };
        let at = rows.add(sign.min(0), &[(item, sign)]);
        rows.waivers.push((at, 1));
    }
}

fn group_rows(choice: &Choice, terms: &Terms<'_>, rows: &mut Rows) {
    for (at, group) in choice.groups.iter().enumerate() {
        for (bound, name, sign) in [
            (group.floor, Row::Floor(at), -1),
            (group.cap, Row::Cap(at), 1),
        ] {
            let Some(bound) = bound else { continue };
            let soft = terms.soft.contains(&name);
            if !soft && !(terms.holds)(name) {
                continue;
            }
            let entries: Vec<(usize, i64)> =
                group.members.iter().map(|(i, n)| (*i, sign * n)).collect();
            let row = rows.add(sign * bound, &entries);
            if soft {
                let all: i64 = group.members.iter().map(|m| m.1.abs()).sum();
                rows.waivers.push((row, all + bound.abs()));
            }
        }
    }
}

/// Which items must, must not, or are named by a row.
struct Marks {
    must: Vec<bool>,
    barred: Vec<bool>,
    named: Vec<bool>,
}

impl Marks {
    fn new(choice: &Choice, terms: &Terms<'_>) -> Self {
        let n = choice.items.len();
        let (mut must, mut barred, mut named) = (vec![false; n], vec![false; n], vec![false; n]);
        for &item in &choice.mandatory {
            let row = Row::Mandatory(item);
            must[item] |= (terms.holds)(row) && !terms.soft.contains(&row);
            named[item] = true;
        }
        for &item in &choice.forbidden {
            let row = Row::Forbidden(item);
            barred[item] |= (terms.holds)(row) && !terms.soft.contains(&row);
            named[item] |= terms.soft.contains(&row);
        }
        for &(a, b) in choice.needs.iter().chain(&choice.exclusions) {
            named[a] = true;
            named[b] = true;
        }
        for (item, _) in choice.groups.iter().flat_map(|g| &g.members) {
            named[*item] = true;
        }
        Self {
            must,
            barred,
            named,
        }
    }
}

fn add_class(
    choice: &Choice,
    terms: &Terms<'_>,
    rows: &Rows,
    marks: &Marks,
    into: (&[usize], &mut Built),
) {
    let (members, built) = into;
    let musts = members.iter().filter(|&&i| marks.must[i]).count();
    built.model.column(0, []);
    built.item.push(None);
    built.alive.push(musts == 0);
    built.labels.push(u32::MAX);
    for &at in members {
        if terms.thin && !marks.named[at] && beaten(choice, terms, marks, members, at) {
            continue;
        }
        let item = &choice.items[at];
        let money = item.cost.iter().zip(0_u32..).map(|(c, row)| {
            (
                row,
                c.div_euclid(terms.unit) + i64::from(c.rem_euclid(terms.unit) > 0),
            )
        });
        let side = rows.of_item.get(&at).into_iter().flatten().copied();
        built
            .model
            .column(terms.values[at], merged(money.chain(side)));
        built.item.push(Some(at));
        built
            .alive
            .push(!marks.barred[at] && (musts == 0 || (musts == 1 && marks.must[at])));
        built.labels.push(u32::try_from(at).unwrap_or(u32::MAX - 1));
    }
    built.model.close();
}

/// Entries with each row once.
fn merged(entries: impl Iterator<Item = (u32, i64)>) -> Vec<(u32, i64)> {
    let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
    for (row, coef) in entries {
        *sums.entry(row).or_default() += coef;
    }
    sums.into_iter().collect()
}

/// Whether taking nothing, or another free item of the class, is at least as good in every respect.
fn beaten(choice: &Choice, terms: &Terms<'_>, marks: &Marks, members: &[usize], at: usize) -> bool {
    let item = &choice.items[at];
    // What brings nothing and costs nothing stays: with it the sorted list of items may be smaller.
    if marks.barred[at] || terms.values[at] < 0 {
        return true;
    }
    members.iter().any(|&other| {
        let rival = &choice.items[other];
        let cheap = rival.cost.iter().zip(&item.cost).all(|(r, c)| r <= c);
        let strong = (terms.values[other], at) > (terms.values[at], other);
        other != at && !marks.named[other] && !marks.barred[other] && cheap && strong
    })
}
