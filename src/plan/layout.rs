//! How does a wish become rows of a choice, each with a name that people know?
//!
//! A name may stand for several rows (a site that must not be treated bars all its alternatives); explanations speak of
//! names, never of rows.

use std::collections::{BTreeMap, BTreeSet};
use std::slice;

use crate::optim::{Choice, Item, Row};
use crate::plan::measures::Desk;
use crate::plan::offer::Alternative;
use crate::plan::rows::{Layout, Purse};
use crate::plan::wish::{BadWish, GroupWish};

impl Desk {
    /// All budgets: those of the wish, and empty ones for departments that some alternative needs.
    pub(crate) fn purses_of(&self) -> Vec<Purse> {
        let needed = self.alternatives.iter().flat_map(|a| a.cost.iter());
        let needed = needed.filter(|c| *c.1 > 0).map(|c| c.0.clone());
        let mut departments: BTreeSet<String> = needed.collect();
        let lists = if self.wish.years.is_empty() {
            slice::from_ref(&self.wish.budgets)
        } else {
            &self.wish.years[..]
        };
        departments.extend(lists.iter().flat_map(BTreeMap::keys).cloned());
        let mut out = Vec::new();
        for department in departments {
            for (list, year) in lists.iter().zip(1_u32..) {
                let given = list.get(&department);
                out.push(Purse {
                    department: department.clone(),
                    year: (!self.wish.years.is_empty()).then_some(year),
                    yuan: given.copied().unwrap_or(0),
                    asked: lists.iter().any(|l| l.contains_key(&department)),
                });
            }
        }
        out
    }

    /// Lays the wish out.
    ///
    /// # Errors
    /// [`BadWish::Unknown`] for a mark that names nothing.
    pub(crate) fn lay_out(&self) -> Result<Layout, BadWish> {
        let mut made = Layout {
            choice: Choice {
                items: self.items(),
                budgets: self.purses.iter().map(|p| p.yuan).collect(),
                ..Choice::default()
            },
            named: Vec::new(),
        };
        for (at, purse) in self.purses.iter().enumerate() {
            made.named.push((purse.name(), vec![Row::Budget(at)]));
        }
        for mark in &self.wish.mandatory {
            let found = self.named_by(mark)?;
            made.must(format!("mandatory:{mark}"), &found);
        }
        for mark in &self.wish.forbidden {
            let found = self.named_by(mark)?;
            made.bar(format!("forbidden:{mark}"), found);
        }
        for [a, b] in &self.wish.prerequisites {
            let rows = self.prerequisite(&mut made, (a, b))?;
            made.named.push((format!("requires:{a}->{b}"), rows));
        }
        for [a, b] in &self.wish.exclusions {
            let rows = self.exclusion(&mut made, (a, b))?;
            made.named.push((format!("exclusion:{a}-{b}"), rows));
        }
        self.groups(&mut made)?;
        Ok(made)
    }

    fn items(&self) -> Vec<Item> {
        let purse_cost = |a: &Alternative| -> Vec<i64> {
            let share = |p: &Purse| {
                let due = p.year.is_none_or(|y| y == a.start);
                a.cost.get(&p.department).copied().filter(|_| due)
            };
            self.purses.iter().map(|p| share(p).unwrap_or(0)).collect()
        };
        let item = |a: &Alternative| Item {
            class: a.site,
            gain: self.gain(a, a.benefit),
            cost: purse_cost(a),
        };
        self.alternatives.iter().map(item).collect()
    }

    /// a only with b that starts no later: per site and start year of a.
    fn prerequisite(&self, made: &mut Layout, pair: (&str, &str)) -> Result<Vec<Row>, BadWish> {
        let (from, to) = (self.named_by(pair.0)?, self.named_by(pair.1)?);
        let mut parts: BTreeMap<(usize, u32), Vec<usize>> = BTreeMap::new();
        for &a in &from {
            let one = &self.alternatives[a];
            parts.entry((one.site, one.start)).or_default().push(a);
        }
        let mut rows = Vec::new();
        for ((_, start), own) in parts {
            let in_time = |b: &&usize| self.alternatives[**b].start <= start;
            let held: Vec<usize> = to.iter().filter(in_time).copied().collect();
            rows.push(match (&own[..], &held[..]) {
                ([a], [b]) if a != b => made.need(*a, *b),
                _ => {
                    let wanted = held.iter().map(|b| (*b, 1));
                    let members = wanted.chain(own.iter().map(|a| (*a, -1)));
                    made.group(members.collect(), (Some(0), None))
                }
            });
        }
        Ok(rows)
    }

    /// At most one of both, for each pair of sites.
    fn exclusion(&self, made: &mut Layout, pair: (&str, &str)) -> Result<Vec<Row>, BadWish> {
        let (a, b) = (self.named_by(pair.0)?, self.named_by(pair.1)?);
        if pair.0.starts_with('*') || pair.1.starts_with('*') {
            return Err(BadWish::Figure {
                name: "exclusions",
                value: format!("{} - {}", pair.0, pair.1),
                wanted: "marks of sites or alternatives",
            });
        }
        if let ([a], [b]) = (&a[..], &b[..])
            && a != b
        {
            return Ok(vec![made.exclude(*a, *b)]);
        }
        let all: BTreeSet<usize> = a.into_iter().chain(b).collect();
        let members = all.into_iter().map(|i| (i, 1)).collect();
        Ok(vec![made.group(members, (None, Some(1)))])
    }

    fn groups(&self, made: &mut Layout) -> Result<(), BadWish> {
        let mut floors = Vec::new();
        let mut caps = Vec::new();
        for wanted in &self.wish.groups {
            let members = self.members(wanted)?;
            if wanted.floor.is_some() {
                let row = made.group(members.clone(), (wanted.floor, None));
                floors.push((format!("floor:{}", wanted.name), vec![row]));
            }
            if wanted.cap.is_some() {
                let row = made.group(members, (None, wanted.cap));
                caps.push((format!("cap:{}", wanted.name), vec![row]));
            }
        }
        made.named.extend(floors);
        made.named.extend(caps);
        Ok(())
    }

    fn members(&self, wanted: &GroupWish) -> Result<Vec<(usize, i64)>, BadWish> {
        let strange = |id: &String| BadWish::Unknown { id: id.clone() };
        let stranger = wanted
            .measures
            .iter()
            .find(|m| !self.known_measures.contains(*m));
        if let Some(measure) = stranger {
            return Err(strange(measure));
        }
        let stranger = wanted
            .sites
            .iter()
            .find(|s| !self.sites.iter().any(|n| n.site == **s));
        if let Some(site) = stranger {
            return Err(strange(site));
        }
        let counts = |a: &Alternative| {
            let fits = |m: &String| a.measures.contains(m);
            (wanted.measures.is_empty() || wanted.measures.iter().any(fits))
                && (wanted.sites.is_empty() || wanted.sites.contains(&self.sites[a.site].site))
                && wanted.year.is_none_or(|y| y == a.start)
        };
        let all = self.alternatives.iter().enumerate();
        Ok(all
            .filter(|(_, a)| counts(a))
            .map(|(at, _)| (at, 1))
            .collect())
    }
}
