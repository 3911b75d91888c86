//! How was a text read: the steps from words to a place, for people who want to check the program.

use serde::Serialize;

use crate::index::row::precision_title;
use crate::place::{Located, Source};

/// One step of a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The words it speaks of, as they stand in the text; empty for a judgement.
    pub words: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

const fn source_words(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::PlaceColumn => ("地点栏", "place column"),
        Source::Content => ("内容", "content"),
        Source::Title => ("标题", "title"),
        Source::Coordinates => ("坐标", "coordinates"),
        Source::Operator => ("人工", "operator"),
    }
}

/// The characters of `text` from `start` to `end`.
fn words(text: &str, start: u32, end: u32) -> String {
    let from = usize::try_from(start).unwrap_or(usize::MAX);
    let count = usize::try_from(end.saturating_sub(start)).unwrap_or(0);
    text.chars().skip(from).take(count).collect()
}

/// The steps of a reading in the order of the text, then what was made of them, place by place.
#[must_use]
pub fn steps(text: &str, places: &[Located]) -> Vec<Step> {
    let mut all = Vec::new();
    for (n, place) in places.iter().enumerate() {
        let mut evidence = place.evidence.clone();
        evidence.sort_by_key(|e| (e.start, e.end));
        for e in &evidence {
            let (zh, en) = source_words(e.source);
            all.push(Step {
                words: words(text, e.start, e.end),
                zh: format!("{zh}第{}–{}字，读作 {}", e.start + 1, e.end, e.role),
                en: format!(
                    "{en} characters {}–{}, read as {}",
                    e.start + 1,
                    e.end,
                    e.role
                ),
            });
        }
        all.push(conclusion(n, place));
        for flag in &place.flags {
            all.push(Step {
                words: String::new(),
                zh: format!("提示：{flag}"),
                en: format!("remark: {flag}"),
            });
        }
        for other in &place.alternatives {
            all.push(Step {
                words: String::new(),
                zh: format!(
                    "另一读法：{}，{}，误差{:.0}米，可能性{:.0}%",
                    other.label,
                    precision_title(other.precision),
                    other.radius_m,
                    other.confidence * 100.0
                ),
                en: format!(
                    "another reading: {}, {}, radius {:.0} m, probability {:.0} %",
                    other.label,
                    other.precision.code(),
                    other.radius_m,
                    other.confidence * 100.0
                ),
            });
        }
    }
    all
}

fn conclusion(n: usize, place: &Located) -> Step {
    let name = if place.label.is_empty() {
        "—"
    } else {
        place.label.as_str()
    };
    let point = place
        .point
        .map_or_else(String::new, |p| format!(" {:.6},{:.6}", p.lon, p.lat));
    let sure = place.confidence * 100.0;
    let movement = place
        .movement
        .as_deref()
        .map_or_else(String::new, |m| format!("，方向：{m}"));
    Step {
        words: String::new(),
        zh: format!(
            "地点{}：{name}（{}，句式 {}）{point}，误差{:.0}米，可能性{sure:.0}%{movement}",
            n + 1,
            precision_title(place.precision),
            place.form,
            place.radius_m
        ),
        en: format!(
            "place {}: {name} ({}, form {}){point}, radius {:.0} m, probability {sure:.0} %",
            n + 1,
            place.precision.code(),
            place.form,
            place.radius_m
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_cut_by_characters_not_bytes() {
        assert_eq!(words("在文治路东门", 1, 4), "文治路");
        assert_eq!(words("短", 5, 9), "");
    }
}
