//! What does a column, a property or a kind word of a map export mean here?
//!
//! The answers are data: `data/map/fields.csv` (names of columns) and `data/map/kinds.csv` (words for kinds).

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One kind word and the tag it stands for.
struct Kind {
    word: &'static str,
    key: &'static str,
    value: &'static str,
}

static FIELDS: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let mut map = BTreeMap::new();
    for row in rows(include_str!("../../data/map/fields.csv")) {
        if let [header, key] = row.as_slice() {
            map.entry(normal(header)).or_insert(*key);
        }
    }
    map
});

static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    rows(include_str!("../../data/map/kinds.csv"))
        .filter_map(|row| match row.as_slice() {
            [word, key, value] => Some(Kind { word, key, value }),
            _ => None,
        })
        .collect()
});

/// Rows of a small comma table without quotes: comments and the header line are left out.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .skip(1)
        .map(|line| line.split(',').map(str::trim).collect())
}

fn normal(header: &str) -> String {
    header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The key a header stands for (`经度` → `lon`, `名称` → `name`), `None` if the table does not know it.
///
/// A unit or remark in brackets is ignored: `经度(GCJ-02)` is `lon`.
#[must_use]
pub fn key_of(header: &str) -> Option<&'static str> {
    let bare = header
        .split(['(', '（', '[', '【'])
        .next()
        .unwrap_or_default();
    FIELDS
        .get(&normal(header))
        .or_else(|| FIELDS.get(&normal(bare)))
        .copied()
}

/// All header names that stand for a key, for error messages; sorted.
#[must_use]
pub fn headers_of(key: &str) -> Vec<&'static str> {
    rows(include_str!("../../data/map/fields.csv"))
        .filter(|row| row.get(1) == Some(&key))
        .filter_map(|row| row.first().copied())
        .collect()
}

/// The tag a kind text stands for: `科教文化服务;学校;小学` → `amenity=school`; `amenity=school` is taken as it is.
#[must_use]
pub fn kind_of(text: &str) -> Option<(String, String)> {
    if let Some((key, value)) = text.split_once('=')
        && !key.is_empty()
        && key.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    {
        return Some((key.to_owned(), value.trim().to_owned()));
    }
    KINDS
        .iter()
        .find(|kind| text.contains(kind.word))
        .map(|kind| (kind.key.to_owned(), kind.value.to_owned()))
}

/// The tag a name's last word stands for: `人民医院停车场` → `amenity=parking`.
#[must_use]
pub fn kind_of_name(name: &str) -> Option<(String, String)> {
    KINDS
        .iter()
        .find(|kind| name.ends_with(kind.word))
        .map(|kind| (kind.key.to_owned(), kind.value.to_owned()))
}

/// The `highway` class of a road-class word: 快速路 → `trunk`, `primary` stays.
#[must_use]
pub fn highway_of(class: &str) -> Option<&'static str> {
    let words = [
        ("高速", "motorway"),
        ("快速", "trunk"),
        ("国道", "trunk"),
        ("主干", "primary"),
        ("省道", "primary"),
        ("次干", "secondary"),
        ("县道", "secondary"),
        ("支路", "tertiary"),
        ("乡道", "tertiary"),
        ("街巷", "residential"),
        ("巷", "residential"),
        ("内部", "service"),
        ("小区", "service"),
        ("步行", "pedestrian"),
    ];
    words
        .iter()
        .find(|(word, _)| class.contains(word))
        .map(|(_, highway)| *highway)
}

/// The `admin_level` of a level word or of the end of an area's name, as China counts them: 城市 5, 区县 6, 街道 8, 社区 10.
#[must_use]
pub fn admin_level(level: Option<&str>, name: Option<&str>) -> Option<u8> {
    let by_word = level.and_then(|word| match word.trim() {
        "country" | "国家" => Some(2),
        "province" | "省" | "省级" => Some(4),
        "city" | "地级市" | "市" | "市级" => Some(5),
        "district" | "county" | "区县" | "区" | "县" | "区县级" | "县级" => Some(6),
        "subdistrict" | "street" | "town" | "township" | "街道" | "乡镇" | "镇" | "乡"
        | "街道级" => Some(8),
        "community" | "village" | "社区" | "村" | "社区级" => Some(10),
        _ => None,
    });
    by_word.or_else(|| name.and_then(level_of_name))
}

fn level_of_name(name: &str) -> Option<u8> {
    let ends = |list: &[&str]| list.iter().any(|end| name.ends_with(end));
    if ends(&["街道", "街道办事处", "镇", "乡"]) {
        Some(8)
    } else if ends(&["社区", "村", "居委会"]) {
        Some(10)
    } else if ends(&["区", "县", "旗"]) {
        Some(6)
    } else if ends(&["省"]) {
        Some(4)
    } else if ends(&["市"]) {
        Some(5)
    } else {
        None
    }
}
