//! How near do estimated effects come to the truth of a simulated city: coverage, log error, false and found verdicts?
//!
//! As `data/city/README.md` says: one look over the window that the data hold, against the mean true ratio of that window
//! (`rr_365`, which ends at 365 days, at removal or with the data).

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::effect::record::Record;
use crate::effect::verdict::Verdict;
use crate::effect::{FlagCode, Look, Prepared, evaluate_all, finish};

/// What is true of a measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TrueEffect {
    /// Number of the measure.
    pub(super) id: String,
    /// `strong medium zero harmful temporary displacing`.
    pub(super) truth: String,
    /// Mean rate ratio of the window.
    pub(super) ratio: f64,
    /// Share of the avoided tickets that came up elsewhere.
    pub(super) displaced: f64,
}

/// What came out, figure by figure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct EffectScore {
    /// Measures of the truth.
    pub(super) measures: usize,
    /// Of them evaluated with an interval.
    pub(super) evaluated: usize,
    /// Share of all measures whose 95 % interval holds the truth.
    pub(super) coverage: f64,
    /// Root mean square of the log error.
    pub(super) log_error: f64,
    /// `works` among true zeros.
    pub(super) false_works: usize,
    /// `worse` among true zeros.
    pub(super) false_worse: usize,
    /// True zeros.
    pub(super) zeros: usize,
    /// `works` among strong, medium and displacing ones.
    pub(super) found: usize,
    /// Of so many.
    pub(super) effective: usize,
    /// Found by the site together with its type.
    pub(super) found_with_type: usize,
    /// `worse` among harmful ones.
    pub(super) harm_found: usize,
    /// Of so many.
    pub(super) harmful: usize,
    /// Said displaced and truly displaced by a third or more.
    pub(super) displaced_said: usize,
    /// Truly displaced.
    pub(super) displaced: usize,
    /// Measures outside their interval, with figures.
    pub(super) outside: Vec<String>,
}

impl EffectScore {
    /// Counts what a record says against what is true.
    fn said(&mut self, t: &TrueEffect, record: &Record) {
        let is = |kinds: &[&str]| kinds.contains(&t.truth.as_str());
        let says = |v: Verdict| usize::from(record.verdict == v);
        if is(&["zero"]) {
            self.false_works += says(Verdict::Works);
            self.false_worse += says(Verdict::Worse);
        } else if is(&["harmful"]) {
            self.harm_found += says(Verdict::Worse);
        } else if is(&["strong", "medium", "displacing"]) {
            self.found += says(Verdict::Works);
            self.found_with_type +=
                usize::from(record.borrowed.as_ref().is_some_and(|b| b.hi < 1.0));
        }
        self.displaced_said += usize::from(t.displaced >= 0.3 && record.has(FlagCode::Displaced));
    }
}

/// Reads `truth/measures.csv`.
pub(super) fn truth(path: &Path) -> Result<Vec<TrueEffect>, String> {
    let shown = path.display();
    let mut reader = csv::Reader::from_path(path).map_err(|e| format!("{shown}: {e}"))?;
    let rows: Vec<BTreeMap<String, String>> = reader
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|e| format!("{shown}: {e}"))?;
    rows.into_iter()
        .map(|mut row| {
            let mut take = |key: &str| row.remove(key).unwrap_or_default();
            let id = take("measure_id");
            let text = take("rr_365");
            let ratio = text
                .parse()
                .map_err(|e| format!("{shown}: rr_365 of {id}: {e}"))?;
            Ok(TrueEffect {
                truth: take("truth"),
                ratio,
                displaced: take("displaced_share").parse().unwrap_or(0.0),
                id,
            })
        })
        .collect()
}

/// One single look at every measure of a prepared panel, by the number it was registered under.
pub(super) fn records(
    prepared: &Prepared,
    numbers: &BTreeMap<String, String>,
) -> BTreeMap<String, Record> {
    let mut all = evaluate_all(prepared, Some(Look::Single));
    finish(&mut all);
    let mut found = BTreeMap::new();
    for record in all {
        for id in &record.measures {
            if let Some(number) = numbers.get(id) {
                found.insert(number.clone(), record.clone());
            }
        }
    }
    found
}

/// Scores records against the truth; a measure without an interval counts as not covered.
pub(super) fn score(truth: &[TrueEffect], records: &BTreeMap<String, Record>) -> EffectScore {
    let mut s = EffectScore {
        measures: truth.len(),
        ..EffectScore::default()
    };
    let (mut covered, mut squares) = (0.0, 0.0);
    for t in truth {
        let is = |kinds: &[&str]| kinds.contains(&t.truth.as_str());
        s.zeros += usize::from(is(&["zero"]));
        s.effective += usize::from(is(&["strong", "medium", "displacing"]));
        s.harmful += usize::from(is(&["harmful"]));
        s.displaced += usize::from(t.displaced >= 0.3);
        let Some((record, lo)) = records.get(&t.id).and_then(|r| Some((r, r.lo?))) else {
            s.outside.push(format!("{} not evaluated", t.id));
            continue;
        };
        s.evaluated += 1;
        let expected = record.expected.unwrap_or(0.0);
        let estimate = (record.y as f64 + 0.5) / (expected + 0.5);
        squares += (estimate / t.ratio).ln().powi(2);
        if lo <= t.ratio && record.hi.is_none_or(|h| t.ratio <= h) {
            covered += 1.0;
        } else {
            s.outside.push(format!(
                "{} {} true {:.2}, {} of {expected:.1}, {lo:.2}–{:.2}",
                t.id,
                t.truth,
                t.ratio,
                record.y,
                record.hi.unwrap_or(f64::INFINITY)
            ));
        }
        s.said(t, record);
    }
    s.coverage = covered / (truth.len() as f64).max(1.0);
    s.log_error = (squares / (s.evaluated as f64).max(1.0)).sqrt();
    s
}

/// Writes `effects.csv` as `data/city/README.md` describes it.
pub(super) fn emit(folder: &Path, records: &BTreeMap<String, Record>) -> Result<(), String> {
    let mut text =
        "measure_id,rate_ratio,lo,hi,verdict,window_days,displaced,expected,observed\n".to_owned();
    for (id, r) in records {
        let days = r.windows.as_ref().map_or(0, |w| w.after.days);
        let figure = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.4}"));
        // Writing into a String cannot fail.
        let _ = writeln!(
            text,
            "{id},{},{},{},{},{days},{},{},{}",
            figure(r.theta),
            figure(r.lo),
            figure(r.hi),
            r.verdict.name(),
            u8::from(r.has(FlagCode::Displaced)),
            figure(r.expected),
            r.y
        );
    }
    let path = folder.join("effects.csv");
    fs::write(&path, text).map_err(|e| format!("{}: {e}", path.display()))
}
