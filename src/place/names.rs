//! What else is it called? Surfaces of a name, written out once at build time.

use std::collections::BTreeMap;

use crate::place::language::Language;
use crate::place::normalise::normal_chars;

/// Where a surface comes from; smaller is surer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// The name, official, short or alternative name of the map.
    Given,
    /// Made by a rule of the language.
    Rule,
    /// Taught by decisions in the review queue.
    Learned,
}

/// One surface of one feature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Surface {
    /// Normalised characters.
    pub chars: Vec<char>,
    /// Where it comes from.
    pub origin: Origin,
    /// Counts only beside a cue: two syllables, or a common word.
    pub cue: bool,
    /// Counts only beside another road (文治 for 文治路).
    pub road: bool,
}

/// Surfaces of one feature without repeats, the surest origin kept.
#[derive(Debug, Default)]
struct Collected(BTreeMap<Vec<char>, (Origin, bool, bool)>);

impl Collected {
    fn add(&mut self, chars: Vec<char>, origin: Origin, cue: bool, road: bool) {
        let han = chars.iter().filter(|c| !c.is_ascii()).count();
        if chars.len() < 2 || han == 0 {
            return;
        }
        let entry = self.0.entry(chars).or_insert((origin, cue, road));
        if origin < entry.0 {
            *entry = (origin, cue, road);
        } else if origin == entry.0 {
            entry.1 &= cue;
            entry.2 &= road;
        }
    }

    fn finish(self) -> Vec<Surface> {
        self.0
            .into_iter()
            .map(|(chars, (origin, cue, road))| {
                let short = chars.len() <= 2;
                Surface {
                    cue: cue || short,
                    chars,
                    origin,
                    road,
                }
            })
            .collect()
    }
}

/// Surfaces of a place: `given` are all names of the map, `kind` the kind's word in the rule file.
#[must_use]
pub fn of_place(given: &[&str], kind: &str, language: &Language) -> Vec<Surface> {
    let mut out = Collected::default();
    for name in given {
        let whole = normal_chars(name);
        if whole.is_empty() {
            continue;
        }
        out.add(whole.clone(), Origin::Given, false, false);
        let mut bases = vec![whole];
        if let Some(base) = before_bracket(name) {
            let base = normal_chars(base);
            out.add(base.clone(), Origin::Rule, false, false);
            bases.push(base);
        }
        for base in bases {
            rules(&base, kind, language, &mut out);
        }
    }
    if kind == "estate" {
        let plain: Vec<Vec<char>> = out.0.keys().cloned().collect();
        for name in plain {
            let text: String = name.iter().collect();
            let closed = ["小区", "社区", "公寓", "庄", "村", "区", "院", "楼", "期"]
                .iter()
                .any(|s| text.ends_with(s));
            if !closed && name.len() > 2 {
                let mut longer = name.clone();
                longer.extend("小区".chars());
                out.add(longer, Origin::Rule, false, false);
            }
        }
    }
    out.finish()
}

fn rules(base: &[char], kind: &str, language: &Language, out: &mut Collected) {
    for rule in &language.rules {
        if !rule.kinds.iter().any(|k| k == kind) {
            continue;
        }
        for (surface, cue) in rule.apply(base) {
            out.add(surface, Origin::Rule, cue, false);
        }
    }
}

fn before_bracket(name: &str) -> Option<&str> {
    let (base, _) = name.split_once(['（', '(', '【'])?;
    (base.chars().count() >= 2).then_some(base)
}

/// Road suffixes, longest first.
pub const ROAD_SUFFIXES: [&str; 12] = [
    "快速路",
    "高速公路",
    "大街",
    "大道",
    "高速",
    "街道",
    "胡同",
    "路",
    "街",
    "巷",
    "弄",
    "线",
];

/// Splits a road name into stem and suffix; the suffix is empty for 东三环.
#[must_use]
pub fn road_stem(name: &[char]) -> (Vec<char>, String) {
    let text: String = name.iter().collect();
    for suffix in ROAD_SUFFIXES {
        if let Some(stem) = text.strip_suffix(suffix)
            && !stem.is_empty()
        {
            return (stem.chars().collect(), suffix.to_owned());
        }
    }
    (name.to_vec(), String::new())
}

/// Surfaces of a road.
#[must_use]
pub fn of_road(given: &[&str], language: &Language) -> Vec<Surface> {
    let mut out = Collected::default();
    for name in given {
        let whole = normal_chars(name);
        if whole.len() < 2 {
            continue;
        }
        out.add(whole.clone(), Origin::Given, false, false);
        for short in without_zone(&whole, language) {
            // A zone is dropped where a number still tells the road: 经开第八大街, or a word of two syllables: 工业大道.
            let (stem, _) = road_stem(&short);
            if stem.len() >= 2 || stem.iter().any(char::is_ascii_digit) {
                road_rules(&short, &mut out, Origin::Rule);
            }
        }
        road_rules(&whole, &mut out, Origin::Given);
    }
    out.finish()
}

fn without_zone(name: &[char], language: &Language) -> Vec<Vec<char>> {
    language
        .zones
        .iter()
        .filter_map(|z| {
            let rest = name.strip_prefix(z.as_slice())?;
            (rest.len() >= 2).then(|| rest.to_vec())
        })
        .collect()
}

fn road_rules(name: &[char], out: &mut Collected, origin: Origin) {
    out.add(name.to_vec(), origin, false, false);
    let (stem, suffix) = road_stem(name);
    let with = |stem: &[char], suffix: &str| -> Vec<char> {
        stem.iter().copied().chain(suffix.chars()).collect()
    };
    // 第八大街 → 八大街.
    let ordinal = strip_ordinal(&stem);
    if let Some(short) = &ordinal {
        out.add(with(short, &suffix), Origin::Rule, false, false);
    }
    match suffix.as_str() {
        "快速路" => {
            for s in [
                "高架",
                "快速",
                "高架路",
                "路高架",
                "快速通道",
                "高架桥",
                "路快速路",
                "快速道",
            ] {
                out.add(with(&stem, s), Origin::Rule, false, false);
            }
        }
        "高速" | "高速公路" => {
            for s in ["高速", "高速公路", "高速路"] {
                out.add(with(&stem, s), Origin::Rule, false, false);
            }
            out.add(stem.clone(), Origin::Rule, false, true);
        }
        "" => {
            let text: String = stem.iter().collect();
            if text.ends_with('环') {
                for s in ["路", "快速路", "高架", "快速"] {
                    out.add(with(&stem, s), Origin::Rule, false, false);
                }
            }
        }
        "线" => out.add(stem.clone(), Origin::Rule, false, stem.len() < 4),
        _ => {
            // 航海东路 → 航海路, and 文治路 → 文治 beside another road.
            if let Some((wind, base)) = stem.split_last()
                && "东南西北中".contains(*wind)
                && base.len() >= 2
            {
                out.add(with(base, &suffix), Origin::Rule, false, false);
            }
            // 经北3 needs a word before its number; a bare number is no name.
            let han = stem.iter().filter(|c| !c.is_ascii_digit()).count();
            if stem.len() >= 2 && han >= 2 {
                out.add(stem.clone(), Origin::Rule, false, true);
            }
        }
    }
}

fn strip_ordinal(stem: &[char]) -> Option<Vec<char>> {
    let at = stem.iter().position(|&c| c == '第')?;
    let digits = stem.get(at + 1..)?;
    if digits.is_empty() || !digits.iter().all(char::is_ascii_digit) {
        return None;
    }
    let mut out = stem.get(..at)?.to_vec();
    out.extend(digits);
    Some(out)
}

/// Surfaces of an area: 北苑街道 → 北苑街道办事处, 北苑办事处; 澄湖区 → 澄湖 (only as a prefix of other names).
#[must_use]
pub fn of_area(name: &str) -> Vec<Surface> {
    let mut out = Collected::default();
    let whole = normal_chars(name);
    out.add(whole.clone(), Origin::Given, false, false);
    let text: String = whole.iter().collect();
    for (suffix, more) in [
        ("街道办事处", vec!["街道", "办事处", "街道办", "办"]),
        (
            "街道",
            vec!["街道办事处", "办事处", "街道办", "街道辖区", "办"],
        ),
        ("镇", vec!["镇政府"]),
        ("乡", vec!["乡政府"]),
        ("区", vec!["城区", "区域"]),
        ("县", vec!["县城"]),
        ("市", vec!["市区"]),
        ("社区", vec!["社区居委会"]),
    ] {
        let Some(stem) = text.strip_suffix(suffix) else {
            continue;
        };
        for m in more {
            let made = format!("{stem}{m}");
            out.add(made.chars().collect(), Origin::Rule, false, false);
        }
        if matches!(suffix, "区" | "县" | "市" | "街道") {
            out.add(stem.chars().collect(), Origin::Rule, true, false);
        }
        break;
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::{of_place, of_road};
    use crate::place::language::Language;

    fn check(name: &str, kind: &str, expected: &[&str]) {
        let language = Language::mandarin();
        let made: Vec<String> = of_place(&[name], kind, &language)
            .into_iter()
            .map(|s| s.chars.into_iter().collect())
            .collect();
        for e in expected {
            assert!(made.iter().any(|m| m == e), "{name}: {e} not in {made:?}");
        }
    }

    #[test]
    fn places_have_the_names_people_use() {
        check(
            "第二实验小学",
            "school",
            &["第2实验小学", "2实小", "实验2小"],
        );
        check(
            "文澜小学东校区",
            "school",
            &["文澜小学东校", "文澜小学", "文澜东校区"],
        );
        check(
            "尚品花园一期",
            "estate",
            &["尚品花园", "尚品花园小区1期", "尚品花园小区"],
        );
        check(
            "万客隆超市（经北六路店）",
            "mall",
            &["万客隆超市", "万客隆超市经北6路店", "万客隆"],
        );
        check("纺织厂家属院", "estate", &["纺织厂家属区", "纺织厂院"]);
    }

    #[test]
    fn roads_have_the_names_people_use() {
        let language = Language::mandarin();
        let made = |name: &str| -> Vec<(String, bool)> {
            of_road(&[name], &language)
                .into_iter()
                .map(|s| (s.chars.into_iter().collect(), s.road))
                .collect()
        };
        let ordinal = made("经开第八大街");
        for e in ["第8大街", "8大街", "经开8大街", "经开第8大街"] {
            assert!(
                ordinal.contains(&(e.to_owned(), false)),
                "{e} not in {ordinal:?}"
            );
        }
        assert!(made("航海东路").contains(&("航海路".to_owned(), false)));
        assert!(made("文治路").contains(&("文治".to_owned(), true)));
        assert!(made("经北一路").contains(&("经北1".to_owned(), true)));
    }
}
