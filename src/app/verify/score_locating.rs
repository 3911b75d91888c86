//! How good are located texts against a known truth: distance to the reference, false places, calibration, use of pairs?
//!
//! Formats and rules: `data/city/README.md` and the locating reference, section 11. Shared by the phrase cases and the city cases.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use crate::place::geometry::foot;
use crate::place::{Gazetteer, Located, Precision, Shape};
use crate::spatial::{LonLat, Xy};

/// What is known of one text.
#[derive(Clone, Debug)]
pub struct Truth {
    /// Ticket or phrase number.
    pub id: String,
    /// What the words support.
    pub precision: Precision,
    /// Phrase form.
    pub kind: String,
    /// The point an ideal reader gives.
    pub reference: Option<LonLat>,
    /// Other points that are right too.
    pub others: Vec<LonLat>,
    /// For lines: `lon lat;…`, parts joined by `|`, or `road:NAME`.
    pub line: String,
    /// Where the problem really is.
    pub spot: Option<LonLat>,
    /// Kinds of noise.
    pub noise: Vec<String>,
    /// Whether the text carries a slip (phrases only).
    pub noisy: bool,
    /// State of the given pair.
    pub coord_status: String,
    /// Counts for locating: traffic, and accepted by the import.
    pub counts: bool,
}

/// A share with its base.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// How many hold.
    pub hits: u32,
    /// Of how many.
    pub of: u32,
}

impl Share {
    /// Adds one case.
    pub fn add(&mut self, hit: bool) {
        self.hits += u32::from(hit);
        self.of += 1;
    }

    /// The share; `empty` where there is no case.
    #[must_use]
    pub fn value(self, empty: f64) -> f64 {
        if self.of == 0 {
            empty
        } else {
            f64::from(self.hits) / f64::from(self.of)
        }
    }
}

/// Shares within 50 m and 150 m.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Near {
    /// Within 50 m.
    pub m50: Share,
    /// Within 150 m.
    pub m150: Share,
}

impl Near {
    fn add(&mut self, distance_m: f64) {
        self.m50.add(distance_m <= 50.0);
        self.m150.add(distance_m <= 150.0);
    }
}

/// All figures of a set of texts.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// To the reference, texts whose words support a place.
    pub reference: Near,
    /// The same, texts without a slip.
    pub clean: Near,
    /// The same, texts with a slip.
    pub noisy: Near,
    /// To the true spot.
    pub spot: Near,
    /// By phrase form.
    pub by_kind: BTreeMap<String, Near>,
    /// By kind of noise.
    pub by_noise: BTreeMap<String, Near>,
    /// Texts without a place that were given one.
    pub false_location: Share,
    /// Town or district taken for a place.
    pub area_taken: Share,
    /// Claimed point, address or intersection more than 150 m from reference and spot.
    pub confident_wrong: Share,
    /// By tenth of confidence: sum of confidence, spots inside the radius, cases.
    pub tenths: [(f64, u32, u32); 10],
}

/// Whether an answer puts the text on the map as a place.
#[must_use]
pub fn is_placed(answer: &Located) -> bool {
    answer.point.is_some() && !matches!(answer.precision, Precision::None | Precision::Area)
}

/// Scores answers (best reading per text, by number) against the truth. Unanswered texts are misses.
#[must_use]
pub fn score(truth: &[Truth], answers: &BTreeMap<String, Located>, map: &Gazetteer) -> Score {
    let mut out = Score::default();
    for t in truth.iter().filter(|t| t.counts) {
        let answer = answers.get(&t.id);
        let placed = answer.filter(|a| is_placed(a));
        match t.precision {
            Precision::None => out.false_location.add(placed.is_some()),
            Precision::Area => out.area_taken.add(placed.is_some()),
            _ => placed_one(t, placed, map, &mut out),
        }
    }
    out
}

fn placed_one(t: &Truth, answer: Option<&Located>, map: &Gazetteer, out: &mut Score) {
    let point = answer.and_then(|a| a.point);
    let far = f64::INFINITY;
    let to_reference = point.map_or(far, |p| to_truth(t, p, map));
    let to_spot = point.zip(t.spot).map_or(far, |(p, s)| p.distance_m(s));
    out.reference.add(to_reference);
    if t.noisy {
        out.noisy.add(to_reference);
    } else {
        out.clean.add(to_reference);
    }
    if t.spot.is_some() {
        out.spot.add(to_spot);
    }
    out.by_kind
        .entry(t.kind.clone())
        .or_default()
        .add(to_reference);
    for noise in &t.noise {
        out.by_noise
            .entry(noise.clone())
            .or_default()
            .add(to_reference);
    }
    let Some(answer) = answer else { return };
    if matches!(
        answer.precision,
        Precision::Point | Precision::Address | Precision::Intersection
    ) {
        out.confident_wrong
            .add(to_reference > 150.0 && to_spot > 150.0);
    }
    if let Some(spot) = t.spot {
        let tenth = &mut out.tenths[tenth_of(answer.confidence)];
        tenth.0 += answer.confidence;
        tenth.1 += u32::from(holds(answer, spot, map));
        tenth.2 += 1;
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a probability times ten, clamped to 0..=9"
)]
fn tenth_of(confidence: f64) -> usize {
    (confidence.clamp(0.0, 0.999) * 10.0) as usize
}

/// Whether the true spot lies inside what the answer claims: its radius, for a line also 40 m beside it.
#[must_use]
pub fn holds(answer: &Located, spot: LonLat, map: &Gazetteer) -> bool {
    let Some(point) = answer.point else {
        return false;
    };
    if point.distance_m(spot) <= answer.radius_m {
        return true;
    }
    let q = map.plane().to_xy(spot);
    match &answer.shape {
        Shape::Line { parts } if !parts.is_empty() => parts.iter().any(|l| {
            let line: Vec<Xy> = l.iter().map(|p| map.plane().to_xy(*p)).collect();
            foot(&line, q).is_some_and(|f| f.distance_m <= 40.0)
        }),
        Shape::Line { .. } => map
            .roads()
            .iter()
            .filter(|r| answer.features.first() == Some(&r.name))
            .any(|r| r.distance_m(q) <= 40.0),
        _ => false,
    }
}

/// Metres from a point to the nearest thing the truth accepts.
#[must_use]
pub fn to_truth(t: &Truth, p: LonLat, map: &Gazetteer) -> f64 {
    let mut best = f64::INFINITY;
    if t.line.is_empty() {
        best = t.reference.map_or(best, |r| r.distance_m(p));
    }
    for other in &t.others {
        best = best.min(other.distance_m(p));
    }
    if t.line.is_empty() {
        return best;
    }
    let q = map.plane().to_xy(p);
    if let Some(name) = t.line.strip_prefix("road:") {
        for road in map.roads().iter().filter(|r| r.name == name) {
            best = best.min(road.distance_m(q));
        }
        return best;
    }
    for part in t.line.split('|') {
        let line: Vec<Xy> = points(part).iter().map(|p| map.plane().to_xy(*p)).collect();
        best = best.min(foot(&line, q).map_or(f64::INFINITY, |f| f.distance_m));
    }
    best
}

/// Reads `lon lat;lon lat…`; what is not a pair is left out.
#[must_use]
pub fn points(text: &str) -> Vec<LonLat> {
    text.split(';')
        .filter_map(|p| {
            let mut numbers = p.split_whitespace().filter_map(|n| n.parse().ok());
            Some(LonLat::new(numbers.next()?, numbers.next()?))
        })
        .collect()
}

/// Reads a truth table (tickets or phrases) by its header.
///
/// # Errors
/// In words: the file that cannot be read, or the row that is no CSV.
pub fn read_truth(path: &Path) -> Result<Vec<Truth>, String> {
    let name = path.display();
    let file = File::open(path).map_err(|e| format!("{name} cannot be opened: {e}"))?;
    let mut reader = csv::Reader::from_reader(file);
    let mut out = Vec::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.map_err(|e| format!("{name}: {e}"))?;
        out.push(truth_of(&row));
    }
    Ok(out)
}

fn truth_of(row: &BTreeMap<String, String>) -> Truth {
    let get = |key: &str| {
        row.get(key)
            .map_or("", String::as_str)
            .trim_start_matches('\u{feff}')
    };
    let pair =
        |lon: &str, lat: &str| Some(LonLat::new(get(lon).parse().ok()?, get(lat).parse().ok()?));
    let phrase = row.contains_key("text");
    let mut others = points(get("alts"));
    others.extend(points(get("also")));
    Truth {
        id: get(if phrase { "id" } else { "ticket_id" }).to_owned(),
        precision: Precision::from_code(get("precision")).unwrap_or(Precision::None),
        kind: get("kind").to_owned(),
        reference: if phrase {
            pair("lon", "lat")
        } else {
            pair("ref_lon", "ref_lat")
        },
        others,
        line: get("line").to_owned(),
        spot: pair("true_lon", "true_lat"),
        noise: get("noise")
            .split(';')
            .filter(|n| !n.is_empty())
            .map(str::to_owned)
            .collect(),
        noisy: get("noisy") == "1",
        coord_status: get("coord_status").to_owned(),
        counts: phrase || get("is_traffic") == "1" && get("import_expect") == "ok",
    }
}

/// Largest gap between mean confidence and share inside the radius, over tenths with at least `least` cases; in points 0…1.
#[must_use]
pub fn calibration_gap(score: &Score, least: u32) -> f64 {
    score
        .tenths
        .iter()
        .filter(|t| t.2 >= least.max(1))
        .map(|t| (t.0 / f64::from(t.2) - f64::from(t.1) / f64::from(t.2)).abs())
        .fold(0.0, f64::max)
}
