//! How well does the estimator do on worlds whose truth is known: false verdicts, coverage, bias, what is found?

use std::collections::BTreeMap;

use zhilu::effect::league::{Entry, pool};
use zhilu::effect::{Look, Record, Settings, Verdict, evaluate_all, finish, prepare};

use crate::effect_world::{City, World, city};

/// Counts over one or many cities of a world; sites picked for a bad spell unless said otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    pub(crate) judged: f64,
    pub(crate) false_works: f64,
    pub(crate) false_worse: f64,
    pub(crate) covered: f64,
    pub(crate) nulls: f64,
    pub(crate) reduced: f64,
    pub(crate) found: f64,
    pub(crate) found_with_type: f64,
    pub(crate) signs: f64,
    pub(crate) seen: f64,
    pub(crate) should: f64,
    pub(crate) null_types: f64,
    pub(crate) false_types: f64,
    pub(crate) ring_seen: f64,
    pub(crate) ring_expected: f64,
    /// Ring tickets and their expectation at each site.
    pub(crate) rings: Vec<(f64, f64)>,
}

impl Score {
    /// A share in per cent; 0 of nothing.
    pub(crate) fn share(part: f64, whole: f64) -> f64 {
        if whole > 0.0 {
            100.0 * part / whole
        } else {
            0.0
        }
    }

    /// Observed over true expectation of all sites together, minus one, in per cent.
    pub(crate) fn bias(&self) -> f64 {
        100.0 * (self.seen / self.should.max(1e-9) - 1.0)
    }

    /// Ring tickets over their expectation, minus one, in per cent.
    pub(crate) fn ring_bias(&self) -> f64 {
        100.0 * (self.ring_seen / self.ring_expected.max(1e-9) - 1.0)
    }

    /// Standard error of [`Self::ring_bias`], by what each ring adds.
    pub(crate) fn ring_error(&self) -> f64 {
        let whole = self.ring_expected.max(1e-9);
        let ratio = self.ring_seen / whole;
        let square: f64 = self
            .rings
            .iter()
            .map(|(y, e)| (y - ratio * e).powi(2))
            .sum();
        100.0 * square.sqrt() / whole
    }

    /// Adds a city.
    pub(crate) fn add(&mut self, world: &World) {
        let City { panel, truth } = city(world);
        let settings = Settings {
            contamination_m: 0.0,
            ..Settings::default()
        };
        let ids: BTreeMap<String, (f64, bool)> = panel
            .treatments
            .iter()
            .map(|t| t.id.clone())
            .zip(truth)
            .collect();
        let prepared = prepare(panel, settings);
        let mut records = evaluate_all(&prepared, Some(Look::Single));
        finish(&mut records);
        let mut types: BTreeMap<String, (f64, Vec<Entry>)> = BTreeMap::new();
        for record in &records {
            let (theta, bad_spell) = ids[&record.measures[0]];
            if let (Some(expected), Some(rel), Some(psi)) =
                (record.expected, record.rel, record.psi)
            {
                let entry = Entry {
                    y: record.y,
                    expected,
                    rel,
                    psi,
                };
                types
                    .entry(record.measure.clone())
                    .or_insert((theta, Vec::new()))
                    .1
                    .push(entry);
            }
            // Rings are not picked for their own count: sites drawn by lot say as much as those of a bad spell. Where avoided
            // tickets come up next door the true ratio is 1 only around measures that avoid none.
            if let Some(ring) = &record.ring
                && (world.displaced <= 0.0 || theta >= 1.0)
            {
                self.ring_seen += ring.y as f64;
                self.ring_expected += ring.expected;
                self.rings.push((ring.y as f64, ring.expected));
            }
            if bad_spell {
                self.site(record, theta);
            }
        }
        for (theta, entries) in types.values() {
            if (theta - 1.0).abs() < 1e-9
                && let Some(pooled) = pool(entries)
            {
                self.null_types += 1.0;
                self.false_types += f64::from(u8::from(pooled.lo > 1.0 || pooled.hi < 1.0));
            }
        }
    }

    fn site(&mut self, record: &Record, theta: f64) {
        let (Some(expected), Some(lo)) = (record.expected, record.lo) else {
            return;
        };
        let one = |holds: bool| f64::from(u8::from(holds));
        self.judged += 1.0;
        self.seen += record.y as f64;
        self.should += theta * expected;
        self.covered += one(lo <= theta && record.hi.is_none_or(|h| theta <= h));
        let (works, worse) = (
            record.verdict == Verdict::Works,
            record.verdict == Verdict::Worse,
        );
        if (theta - 1.0).abs() < 1e-9 {
            self.nulls += 1.0;
            self.false_works += one(works);
            self.false_worse += one(worse);
        } else {
            self.signs += one((theta < 1.0 && worse) || (theta > 1.0 && works));
        }
        if theta < 1.0 {
            self.reduced += 1.0;
            self.found += one(works);
            self.found_with_type += one(record.borrowed.as_ref().is_some_and(|b| b.hi < 1.0));
        }
    }

    /// A line of the table.
    pub(crate) fn line(&self, name: &str) -> String {
        format!(
            "| {name} | {:.0} | {:.1} | {:.1} | {:.1} | {:+.1} | {:.1} | {:.1} | {:.2} | {:.1} | {:+.1} ± {:.1} |",
            self.judged,
            Self::share(self.false_works, self.nulls),
            Self::share(self.false_worse, self.nulls),
            Self::share(self.covered, self.judged),
            self.bias(),
            Self::share(self.found, self.reduced),
            Self::share(self.found_with_type, self.reduced),
            Self::share(self.signs, self.judged),
            Self::share(self.false_types, self.null_types),
            self.ring_bias(),
            self.ring_error(),
        )
    }

    /// Head of the table.
    #[allow(dead_code, reason = "printed by the bench")]
    pub(crate) const HEAD: &'static str = "| world | sites judged | false works % | false worse % | 95 % covers % | pooled bias % | found alone % | found with type % | wrong sign % | type false calls % | ring bias % ± its error |\n|---|---|---|---|---|---|---|---|---|---|---|";
}
