//! Which measures do the facts of a place rule out, which stand there already, and what must be looked at on site?
//!
//! The rules are a table of the catalogue (`place_rules.csv`): a measure, a fact, and what the fact must be. A fact that is not
//! known never rules anything out; it is named as something to check on site.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::case::{Catalogue, Measure};
use crate::plan::site_need::{Facts, SiteNeed};

/// Names of facts with their words.
pub const FACTS: [(&str, &str, &str); 8] = [
    ("lanes", "车道数", "lanes"),
    ("one_way", "是否单行", "one-way"),
    ("signal", "有无信号灯", "signal"),
    ("crossing", "有无人行横道", "marked crossing"),
    ("bus_line", "有无公交站", "bus stop"),
    ("school_gate", "是否校门口", "school gate"),
    ("junction", "是否路口", "junction"),
    ("width_m", "路宽", "road width"),
];

/// Something to be looked at on site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// In Chinese; empty for notes of the catalogue, which are English.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// What a fact must be for a measure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Test {
    AtLeast(f64),
    AtMost(f64),
    /// The measure stands there already when the fact is at least this.
    Stands(f64),
}

struct Rule {
    measure: String,
    fact: String,
    test: Test,
    reason: Remark,
}

impl Rule {
    /// Whether the known facts rule the measure out.
    fn breaks(&self, facts: &Facts) -> bool {
        facts.get(&self.fact).is_some_and(|known| match self.test {
            Test::AtLeast(value) => *known < value,
            Test::AtMost(value) => *known > value,
            Test::Stands(_) => false,
        })
    }
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    read(include_bytes!("../../data/catalogue/place_rules.csv"))
        .expect("the shipped table is read by a test")
});

fn read(bytes: &[u8]) -> Option<Vec<Rule>> {
    let mut table = csv::Reader::from_reader(bytes);
    let mut out = Vec::new();
    for row in table.records() {
        let row = row.ok()?;
        let value: f64 = row.get(3)?.parse().ok()?;
        let test = match row.get(2)? {
            "at_least" => Test::AtLeast(value),
            "at_most" => Test::AtMost(value),
            "stands" => Test::Stands(value),
            _ => return None,
        };
        FACTS.iter().find(|f| Some(f.0) == row.get(1))?;
        out.push(Rule {
            measure: row.get(0)?.to_owned(),
            fact: row.get(1)?.to_owned(),
            test,
            reason: Remark {
                zh: row.get(4)?.to_owned(),
                en: row.get(5)?.to_owned(),
            },
        });
    }
    Some(out)
}

/// Why a measure does not fit a place; `None` when nothing known speaks against it.
#[must_use]
pub fn against(measure: &str, facts: &Facts) -> Option<Remark> {
    let own = RULES.iter().filter(|r| r.measure == measure);
    let mut broken = own.into_iter().filter(|r| r.breaks(facts));
    broken.next().map(|r| r.reason.clone())
}

/// The site with the measures that stand there by its facts.
pub(crate) fn with_standing(need: &SiteNeed, catalogue: &Catalogue) -> SiteNeed {
    let mut out = need.clone();
    for rule in RULES.iter() {
        let stands = matches!(rule.test, Test::Stands(value) if need.facts.get(&rule.fact).is_some_and(|f| *f >= value));
        let known = catalogue.measures.get(&rule.measure).is_some();
        if stands && known && !out.installed.contains(&rule.measure) {
            out.installed.push(rule.measure.clone());
        }
    }
    out
}

/// What to check on site before a bundle is promised: facts its measures depend on that are not known, and their notes.
pub(crate) fn remarks(bundle: &[&Measure], facts: &Facts) -> Vec<Remark> {
    let mut out: Vec<Remark> = Vec::new();
    for (fact, zh, en) in FACTS {
        let asks = |m: &&&Measure| RULES.iter().any(|r| r.measure == m.id && r.fact == fact);
        if facts.contains_key(fact) || !bundle.iter().any(|m| asks(&m)) {
            continue;
        }
        out.push(Remark {
            zh: format!("现场核实：{zh}"),
            en: format!("check on site: {en}"),
        });
    }
    let notes = bundle.iter().filter(|m| !m.note.is_empty());
    out.extend(notes.map(|m| Remark {
        zh: String::new(),
        en: format!("{}: {}", m.name_en, m.note),
    }));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_rules_are_read_and_name_measures_of_the_catalogue() {
        let catalogue = Catalogue::shipped().expect("sound");
        assert!(RULES.len() > 20);
        for rule in RULES.iter() {
            assert!(
                catalogue.measures.get(&rule.measure).is_some(),
                "{}",
                rule.measure
            );
        }
    }

    #[test]
    fn a_known_fact_rules_out_and_an_unknown_one_does_not() {
        let wide = Facts::from([("lanes".to_owned(), 6.0)]);
        assert!(against("speed_hump", &wide).is_some());
        assert!(against("speed_hump", &Facts::new()).is_none());
        assert!(against("refuge_island", &wide).is_none());
        let narrow = Facts::from([("lanes".to_owned(), 2.0)]);
        assert!(against("refuge_island", &narrow).is_some());
    }
}
