//! Do the phrases of a locating case come out at their known places (format `locating-phrases/1`)?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::app::verify::score_locating::{Score, Share, Truth, is_placed, read_truth, score};
use crate::app::verify::{Check, Found};
use crate::place::{
    CityMap, Gazetteer, Language, Located, Locator, Options, Query, ReadOptions, read_geojson,
};

/// Runs one case: reads the map, locates every phrase as a place column, compares the figures with the bars.
#[must_use]
pub fn run(found: &Found, emit: Option<&Path>) -> Vec<Check> {
    match figures(found, emit) {
        Ok((score, phrases)) => checks(found, &score, phrases),
        Err(why) => vec![Check::new(&found.name, "read", false, why)],
    }
}

/// Reads the map files that a case names into one gazetteer.
///
/// # Errors
/// In words: the missing key, the file that cannot be read.
pub fn gazetteer(found: &Found) -> Result<Gazetteer, String> {
    let mut map = CityMap::default();
    for key in ["gazetteer", "roads", "boundary"] {
        let path = found
            .file(key)
            .ok_or_else(|| format!("case.json names no {key}"))?;
        let bytes =
            fs::read(&path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
        let options = ReadOptions {
            subject: key.to_owned(),
            ..ReadOptions::default()
        };
        let (part, _) = read_geojson::read(&bytes, &options).map_err(|e| format!("{key}: {e}"))?;
        map.merge(part);
    }
    Ok(Gazetteer::build(&map, &Language::mandarin()).0)
}

fn figures(found: &Found, emit: Option<&Path>) -> Result<(Score, usize), String> {
    let map = gazetteer(found)?;
    let path = found.file("phrases").ok_or("case.json names no phrases")?;
    let truth = read_truth(&path)?;
    let texts = texts(&path)?;
    let locator = Locator::new(&map, &[], Options::default());
    let mut answers: BTreeMap<String, Located> = BTreeMap::new();
    for (id, text) in &texts {
        let query = Query {
            place_text: text,
            ..Query::default()
        };
        if let Some(best) = locator.locate(&query).into_iter().next() {
            answers.insert(id.clone(), best);
        }
    }
    if let Some(folder) = emit {
        write(&folder.join("located.csv"), &truth, &answers)?;
    }
    Ok((score(&truth, &answers, &map), truth.len()))
}

fn texts(path: &Path) -> Result<Vec<(String, String)>, String> {
    let mut reader = csv::Reader::from_path(path).map_err(|e| e.to_string())?;
    reader
        .deserialize::<BTreeMap<String, String>>()
        .map(|row| {
            let mut row = row.map_err(|e| e.to_string())?;
            let id = row.remove("id").ok_or("phrases have no column id")?;
            let text = row.remove("text").ok_or("phrases have no column text")?;
            Ok((id, text))
        })
        .collect()
}

/// Writes `id,lon,lat,precision,radius_m,confidence,form,label`; an empty pair = not located.
fn write(path: &Path, truth: &[Truth], answers: &BTreeMap<String, Located>) -> Result<(), String> {
    let shown = path.display();
    let mut out = csv::Writer::from_path(path).map_err(|e| format!("{shown}: {e}"))?;
    let head = [
        "id",
        "lon",
        "lat",
        "precision",
        "radius_m",
        "confidence",
        "form",
        "label",
    ];
    out.write_record(head)
        .map_err(|e| format!("{shown}: {e}"))?;
    for t in truth {
        let Some(a) = answers.get(&t.id) else {
            continue;
        };
        let point = a.point.filter(|_| is_placed(a));
        let number = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.6}"));
        out.write_record([
            t.id.as_str(),
            &number(point.map(|p| p.lon)),
            &number(point.map(|p| p.lat)),
            a.precision.code(),
            &format!("{:.0}", a.radius_m),
            &format!("{:.3}", a.confidence),
            &a.form,
            &a.label,
        ])
        .map_err(|e| format!("{shown}: {e}"))?;
    }
    out.flush().map_err(|e| format!("{shown}: {e}"))
}

fn checks(found: &Found, score: &Score, phrases: usize) -> Vec<Check> {
    let group = found.name.as_str();
    let mut out = vec![Check::new(
        group,
        "phrases",
        phrases > 0,
        format!("{phrases} phrases"),
    )];
    let mut floor = |key: &str, share: Share| {
        if let Some(bar) = found.bar(key) {
            out.push(Check::at_least(
                group,
                key.trim_end_matches("_min"),
                share.value(1.0),
                bar,
            ));
        }
    };
    floor("clean_within_50m_min", score.clean.m50);
    floor("noisy_within_50m_min", score.noisy.m50);
    floor("clean_within_150m_min", score.clean.m150);
    floor("noisy_within_150m_min", score.noisy.m150);
    let mut ceiling = |key: &str, share: Share| {
        if let Some(bar) = found.bar(key) {
            out.push(Check::at_most(
                group,
                key.trim_end_matches("_max"),
                share.value(0.0),
                bar,
            ));
        }
    };
    ceiling("false_location_max", score.false_location);
    ceiling("area_taken_for_place_max", score.area_taken);
    ceiling("confident_and_wrong_max", score.confident_wrong);
    out
}
