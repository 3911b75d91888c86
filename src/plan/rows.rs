//! Which rows does a choice have, and what are they called?

use crate::optim::{Choice, Group, Row};

/// A choice and the names of its rows, in the order explanations drop them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) choice: Choice,
    pub(crate) named: Vec<(String, Vec<Row>)>,
}

/// A budget: department and year, 1 = the first; no year when the plan has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Purse {
    pub(crate) department: String,
    pub(crate) year: Option<u32>,
    pub(crate) yuan: i64,
    /// Whether the wish names it; others have nothing to spend.
    pub(crate) asked: bool,
}

impl Purse {
    /// `budget:交警`, with `@y2` for the second year.
    pub(crate) fn name(&self) -> String {
        match self.year {
            None => format!("budget:{}", self.department),
            Some(year) => format!("budget:{}@y{year}", self.department),
        }
    }
}

impl Layout {
    /// A sum with a floor or a cap.
    pub(crate) fn group(
        &mut self,
        members: Vec<(usize, i64)>,
        bounds: (Option<i64>, Option<i64>),
    ) -> Row {
        let (floor, cap) = bounds;
        let at = self.choice.groups.len();
        self.choice.groups.push(Group {
            members,
            floor,
            cap,
        });
        if floor.is_some() {
            Row::Floor(at)
        } else {
            Row::Cap(at)
        }
    }

    /// The first only with the second.
    pub(crate) fn need(&mut self, a: usize, b: usize) -> Row {
        self.choice.needs.push((a, b));
        Row::Needs(self.choice.needs.len() - 1)
    }

    /// Not both.
    pub(crate) fn exclude(&mut self, a: usize, b: usize) -> Row {
        self.choice.exclusions.push((a, b));
        Row::Exclusion(self.choice.exclusions.len() - 1)
    }

    /// One of these must be taken.
    pub(crate) fn must(&mut self, name: String, found: &[usize]) {
        let row = if let [one] = found {
            self.choice.mandatory.push(*one);
            Row::Mandatory(*one)
        } else {
            self.group(found.iter().map(|i| (*i, 1)).collect(), (Some(1), None))
        };
        self.named.push((name, vec![row]));
    }

    /// None of these may be taken.
    pub(crate) fn bar(&mut self, name: String, found: Vec<usize>) {
        let rows = found.iter().map(|i| Row::Forbidden(*i)).collect();
        self.choice.forbidden.extend(found);
        self.choice.forbidden.sort_unstable();
        self.choice.forbidden.dedup();
        self.named.push((name, rows));
    }

    /// Takes a named row out again.
    pub(crate) fn free(&mut self, name: &str) {
        let Some(at) = self.named.iter().position(|n| n.0 == name) else {
            return;
        };
        let (_, rows) = self.named.remove(at);
        let kept = |row: Row| self.named.iter().any(|n| n.1.contains(&row));
        for row in rows {
            match row {
                Row::Mandatory(i) if !kept(row) => self.choice.mandatory.retain(|&m| m != i),
                Row::Forbidden(i) if !kept(row) => self.choice.forbidden.retain(|&f| f != i),
                Row::Floor(g) => self.choice.groups[g].floor = None,
                Row::Cap(g) => self.choice.groups[g].cap = None,
                _ => {}
            }
        }
    }

    /// Name of the first requirement that holds a row.
    pub(crate) fn name_of(&self, row: Row) -> Option<&str> {
        let held = self.named.iter().find(|n| n.1.contains(&row));
        held.map(|n| n.0.as_str())
    }
}
