//! Which of the readings of content, place column and title is the place, and do they agree?

use crate::place::located::{Precision, Source};
use crate::place::normalise::Normal;
use crate::place::parser::FieldReading;
use crate::place::reading::Reading;

/// One field with its normal form and what it says.
pub(crate) struct Field {
    /// Which field.
    pub source: Source,
    /// Its normal form.
    pub text: Normal,
    /// What it says.
    pub reading: FieldReading,
}

/// A reading chosen, with its score after the other fields were heard.
#[derive(Clone, Debug)]
pub(crate) struct Side {
    pub reading: Reading,
    pub z: f64,
}

/// All readings of all fields by rank, best first: field, reading, rank.
fn ranked(fields: &[Field]) -> Vec<(usize, usize, f64)> {
    let mut all: Vec<(usize, usize, f64)> = Vec::new();
    for (f, field) in fields.iter().enumerate() {
        for (r, reading) in field.reading.readings.iter().enumerate() {
            let weight = match field.source {
                Source::Content => 0.25,
                Source::PlaceColumn => 0.2,
                _ => 0.0,
            };
            // A title repeats the place with the topic (P停车场入口排队): beside the same place elsewhere it counts less.
            let repeated = field.source == Source::Title
                && fields.iter().enumerate().any(|(i, other)| {
                    i != f
                        && other
                            .reading
                            .readings
                            .iter()
                            .any(|x| same_feature(reading, x))
                });
            let weight = weight - if repeated { 0.8 } else { 0.0 };
            all.push((f, r, reading.rank() + weight));
        }
    }
    all.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)).then(a.1.cmp(&b.1)));
    all
}

/// The best reading before the fields are weighed together.
pub(crate) fn best(fields: &[Field]) -> Option<&Reading> {
    let (f, r, _) = *ranked(fields).first()?;
    fields.get(f)?.reading.readings.get(r)
}

/// The places of a ticket, best first: index of the field and the reading.
pub(crate) fn combine(fields: &[Field]) -> Vec<(usize, Side)> {
    let Some((f, r, _)) = ranked(fields).first().copied() else {
        return Vec::new();
    };
    let r = leading(&fields[f], r);
    let best = &fields[f].reading.readings[r];
    let mut z = best.z;
    for (i, field) in fields.iter().enumerate() {
        if i != f && field.reading.readings.iter().any(|x| agrees(best, x)) {
            z += 0.5;
        }
    }
    let mut out = vec![(
        f,
        Side {
            reading: best.clone(),
            z,
        },
    )];
    // Several sites of one field: every other specific reading of the same field.
    for (i, reading) in fields[f].reading.readings.iter().enumerate() {
        let specific = is_specific(reading)
            || best.precision == Precision::Road && reading.precision == Precision::Road;
        if i != r && specific && reading.point.distance_m(best.point) > APART_M {
            out.push((
                f,
                Side {
                    z: reading.z - 0.3,
                    reading: reading.clone(),
                },
            ));
        }
    }
    out
}

/// Metres from which two readings of one field are two sites.
const APART_M: f64 = 60.0;

/// Most characters between two entries of a list: what is left of the first (`门口`, `路段`), the mark and a number.
const LONGEST_GAP: usize = 12;

/// Score from which the first entry of a list leads it though a later one is named more exactly.
const LEADS: f64 = 1.0;

/// The reading that a list begins with: who lists several sites (`1、…；2、…`, `A、B等路口`) names the one meant first.
fn leading(field: &Field, best: usize) -> usize {
    let readings = &field.reading.readings;
    let mut at = best;
    loop {
        let now = &readings[at];
        let listed = |r: &Reading| {
            r.span.1 <= now.span.0
                && r.z >= LEADS
                && is_specific(r)
                && r.point.distance_m(now.point) > APART_M
                && is_list_gap(&field.text.chars()[r.span.1..now.span.0])
        };
        let before = (0..readings.len()).filter(|i| listed(&readings[*i]));
        match before.max_by_key(|i| readings[*i].span) {
            Some(i) => at = i,
            None => return at,
        }
    }
}

/// Whether only a mark of a list stands between two names.
fn is_list_gap(gap: &[char]) -> bool {
    gap.len() <= LONGEST_GAP
        && gap.iter().any(|c| matches!(c, '、' | ';'))
        && !gap.iter().any(|c| matches!(c, '。' | ',' | '!' | '?'))
}

fn is_specific(reading: &Reading) -> bool {
    !matches!(
        reading.precision,
        Precision::Road | Precision::Area | Precision::None
    )
}

fn same_feature(a: &Reading, b: &Reading) -> bool {
    let place = |r: &Reading| !matches!(r.precision, Precision::Road | Precision::Area);
    place(a)
        && place(b)
        && (a.point.distance_m(b.point) < 150.0 || a.features.first() == b.features.first())
}

fn agrees(a: &Reading, b: &Reading) -> bool {
    a.point.distance_m(b.point) < 150.0 || a.features.iter().any(|x| b.features.contains(x))
}
