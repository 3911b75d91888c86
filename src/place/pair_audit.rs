//! What do the pairs of a whole batch say that one pair cannot: a default pin, a column in the wrong datum?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::place::located::{Located, Precision};
use crate::spatial::{Datum, LonLat};
use crate::ticket::GivenPair;

/// A pair shared by at least this many tickets may be a default pin (locating reference 10).
const PIN_TICKETS: usize = 10;
/// Their texts must lie this far apart, in metres.
const PIN_SPREAD_M: f64 = 500.0;
/// The datum detector needs this many rows.
const DATUM_ROWS: usize = 20;

/// First pass over a batch: sees every ticket's words and pair.
#[derive(Clone, Debug, Default)]
pub struct PairAudit {
    pins: BTreeMap<(i64, i64), Pin>,
    sources: BTreeMap<(String, Option<Datum>), Vec<[f64; 3]>>,
}

#[derive(Clone, Debug, Default)]
struct Pin {
    tickets: usize,
    south: f64,
    north: f64,
    west: f64,
    east: f64,
    texts: usize,
}

/// What the detector found for one source and label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatumProposal {
    /// The import source.
    pub source: String,
    /// What its rows declare.
    pub declared: Option<Datum>,
    /// What they are in by the words.
    pub found: Datum,
    /// Median distance from words to pair under the found datum, in metres.
    pub median_m: f64,
    /// The same under the declared or the next best datum, in metres.
    pub otherwise_m: f64,
    /// Rows compared.
    pub rows: usize,
}

/// What the batch taught; the default value knows nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairVerdicts {
    pins: BTreeSet<(i64, i64)>,
    datums: BTreeMap<String, Datum>,
    /// Proposals to show: undeclared sources, and sources whose label is wrong throughout.
    pub proposals: Vec<DatumProposal>,
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "degrees times 1e5 fit i64; casts saturate"
)]
fn key(pair: &GivenPair) -> (i64, i64) {
    ((pair.x * 1e5).round() as i64, (pair.y * 1e5).round() as i64)
}

impl PairAudit {
    /// Sees one ticket: its import source, its pair, and what its **words alone** gave ([`crate::place::Locator::locate_text`]).
    pub fn observe(&mut self, source: &str, pair: Option<&GivenPair>, located: &[Located]) {
        let Some(pair) = pair.filter(|p| p.x.abs() > 1e-6 && p.y.abs() > 1e-6) else {
            return;
        };
        let text = located
            .first()
            .filter(|l| {
                l.confidence >= 0.5
                    && l.radius_m <= 250.0
                    && !matches!(l.precision, Precision::Area | Precision::None)
            })
            .and_then(|l| l.point);
        let pin = self.pins.entry(key(pair)).or_default();
        pin.tickets += 1;
        if let Some(p) = text {
            if pin.texts == 0 {
                (pin.south, pin.north, pin.west, pin.east) = (p.lat, p.lat, p.lon, p.lon);
            }
            pin.texts += 1;
            pin.south = pin.south.min(p.lat);
            pin.north = pin.north.max(p.lat);
            pin.west = pin.west.min(p.lon);
            pin.east = pin.east.max(p.lon);
        }
        let sure = located
            .first()
            .is_some_and(|l| l.confidence >= 0.85 && l.radius_m <= 60.0);
        if let Some(p) = text.filter(|_| sure) {
            let written = LonLat::new(pair.x, pair.y);
            let off = Datum::ALL.map(|d| d.to_wgs84(written).distance_m(p));
            self.sources
                .entry((source.to_owned(), pair.datum))
                .or_default()
                .push(off);
        }
    }

    /// Joins the observations of another part of the batch, so that parts may be observed in parallel.
    pub fn join(&mut self, other: Self) {
        for (k, p) in other.pins {
            let pin = self.pins.entry(k).or_default();
            pin.tickets += p.tickets;
            if p.texts > 0 {
                if pin.texts == 0 {
                    (pin.south, pin.north, pin.west, pin.east) = (p.south, p.north, p.west, p.east);
                }
                pin.south = pin.south.min(p.south);
                pin.north = pin.north.max(p.north);
                pin.west = pin.west.min(p.west);
                pin.east = pin.east.max(p.east);
                pin.texts += p.texts;
            }
        }
        for (k, mut v) in other.sources {
            self.sources.entry(k).or_default().append(&mut v);
        }
    }

    /// Judges the batch: default pins, the datum of undeclared sources, labels that are wrong throughout.
    #[must_use]
    pub fn finish(self) -> PairVerdicts {
        let mut out = PairVerdicts::default();
        for (k, p) in &self.pins {
            let spread = LonLat::new(p.west, p.south).distance_m(LonLat::new(p.east, p.north));
            if p.tickets >= PIN_TICKETS && p.texts >= 2 && spread > PIN_SPREAD_M {
                out.pins.insert(*k);
            }
        }
        for ((source, declared), mut rows) in self.sources {
            let Some(found) = detect(&source, declared, &mut rows) else {
                continue;
            };
            if declared.is_none() {
                out.datums.insert(source, found.found);
            }
            if declared != Some(found.found) {
                out.proposals.push(found);
            }
        }
        out
    }
}

fn detect(source: &str, declared: Option<Datum>, rows: &mut [[f64; 3]]) -> Option<DatumProposal> {
    if rows.len() < DATUM_ROWS {
        return None;
    }
    let mut medians: Vec<(f64, Datum)> = Datum::ALL
        .into_iter()
        .enumerate()
        .map(|(i, d)| {
            rows.sort_by(|a, b| a[i].total_cmp(&b[i]));
            (rows[rows.len() / 2][i], d)
        })
        .collect();
    medians.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (best, next) = (medians[0], medians[1]);
    (best.0 < 100.0 && next.0 >= best.0 + 200.0).then(|| DatumProposal {
        source: source.to_owned(),
        declared,
        found: best.1,
        median_m: best.0,
        otherwise_m: medians
            .iter()
            .find(|m| Some(m.1) == declared)
            .map_or(next.0, |m| m.0),
        rows: rows.len(),
    })
}

impl PairVerdicts {
    /// Whether a pair is shared by many tickets whose words lie far apart.
    #[must_use]
    pub fn is_default_pin(&self, pair: &GivenPair) -> bool {
        self.pins.contains(&key(pair))
    }

    /// The datum in which an undeclared source was found to write.
    #[must_use]
    pub fn datum_of(&self, source: &str) -> Option<Datum> {
        self.datums.get(source).copied()
    }

    /// How many default pins were found.
    #[must_use]
    pub fn default_pins(&self) -> usize {
        self.pins.len()
    }
}
