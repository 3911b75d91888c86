//! Which surfaces does the whole map have, and what does each of them name?

use std::collections::{BTreeMap, HashMap};

use crate::place::gazetteer::{Area, Place, PlaceKind};
use crate::place::language::Language;
use crate::place::names::{Origin, Surface, of_area, of_place, of_road};
use crate::place::normalise::normal_chars;
use crate::place::road::Road;
use crate::place::source::CityMap;
use crate::place::surfaces::Named;
use crate::place::target::Target;

type Table = BTreeMap<Vec<char>, Vec<Named>>;

/// A stop's name without the words for stop and mouth: 商英街经南三路口站 → 商英街经南三路.
pub(crate) fn stop_name(name: &str) -> String {
    let mut text: String = normal_chars(name).into_iter().collect();
    for suffix in ["公交车站", "公交站", "站台", "站", "路口", "口"] {
        if let Some(rest) = text.strip_suffix(suffix)
            && rest.chars().count() > 2
        {
            let road = suffix == "路口";
            text = rest.to_owned();
            if road {
                text.push('路');
            }
        }
    }
    text
}

/// Writes out all surfaces of roads, places, stops and areas; sets the two roads of stops named like junctions.
pub(crate) fn surface_table(
    roads: &[Road],
    map: &CityMap,
    places: &mut [Place],
    areas: &[Area],
    language: &Language,
) -> Table {
    let mut table = Table::new();
    let more = more_names(map);
    let by_name: HashMap<String, u32> = (0_u32..)
        .zip(roads)
        .map(|(i, r)| (normal_chars(&r.name).into_iter().collect(), i))
        .collect();
    for (i, road) in (0_u32..).zip(roads) {
        let mut names = vec![road.name.as_str()];
        names.extend(more.get(road.id.as_str()).into_iter().flatten().copied());
        add(&mut table, Target::Road(i), of_road(&names, language));
    }
    for (i, place) in (0_u32..).zip(places.iter_mut()) {
        if place.name.is_empty() || is_plain_number(&place.name) {
            continue;
        }
        let target = Target::Place(i);
        if place.kind == PlaceKind::Stop {
            place.stop_roads = two_roads(&stop_name(&place.name), &by_name);
            add_stop(&mut table, target, &place.name);
            continue;
        }
        let mut names = vec![place.name.as_str()];
        names.extend(more.get(place.id.as_str()).into_iter().flatten().copied());
        let rule = match place.kind {
            PlaceKind::Shop => "shop",
            kind => kind.rule_word(),
        };
        let mut surfaces = of_place(&names, rule, language);
        for name in without_area(&names, areas) {
            let made = of_place(&[&name], rule, language);
            surfaces.extend(made.into_iter().map(|s| Surface {
                origin: Origin::Rule,
                cue: true,
                ..s
            }));
        }
        add(&mut table, target, surfaces);
    }
    for (i, area) in (0_u32..).zip(areas) {
        add(&mut table, Target::Area(i), of_area(&area.name));
    }
    table
}

/// Names without the area they begin with: 澄湖高级中学 → 高级中学, which counts only beside a cue.
fn without_area(names: &[&str], areas: &[Area]) -> Vec<String> {
    let mut out = Vec::new();
    for area in areas {
        let stem = area.name.trim_end_matches(['区', '县', '市']);
        if stem.chars().count() < 2 {
            continue;
        }
        for name in names {
            let rest = name
                .strip_prefix(area.name.as_str())
                .or_else(|| name.strip_prefix(stem));
            if let Some(rest) = rest
                && rest.chars().count() >= 3
                && !names.contains(&rest)
            {
                out.push(rest.to_owned());
            }
        }
    }
    out
}

/// Further names by feature id: official, short, alternative, old, local, reference.
fn more_names(map: &CityMap) -> BTreeMap<&str, Vec<&str>> {
    let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for f in map.roads.iter().chain(&map.features) {
        for key in [
            "official_name",
            "short_name",
            "alt_name",
            "old_name",
            "loc_name",
            "name:zh",
        ] {
            let Some(value) = f.tag(key) else { continue };
            let list = out.entry(f.id.as_str()).or_default();
            for name in value.split([';', '；']) {
                if !name.is_empty() && !list.contains(&name) {
                    list.push(name);
                }
            }
        }
    }
    out
}

fn add(table: &mut Table, target: Target, surfaces: Vec<Surface>) {
    for s in surfaces {
        table.entry(s.chars).or_default().push(Named {
            origin: s.origin,
            target,
            cue: s.cue,
            road: s.road,
            stop: false,
            weight: 0,
        });
    }
}

fn add_stop(table: &mut Table, target: Target, name: &str) {
    let whole: String = normal_chars(name).into_iter().collect();
    let bare = stop_name(name);
    for (text, origin) in [(whole, Origin::Given), (bare, Origin::Rule)] {
        let chars: Vec<char> = text.chars().collect();
        if chars.len() < 2 {
            continue;
        }
        table.entry(chars).or_default().push(Named {
            origin,
            target,
            cue: false,
            road: false,
            stop: true,
            weight: 0,
        });
    }
}

/// The two roads whose names make up a stop's name, with at most a connector or a mouth between.
fn two_roads(stop: &str, names: &HashMap<String, u32>) -> Option<(u32, u32)> {
    let chars: Vec<char> = stop.chars().collect();
    (2..chars.len().saturating_sub(1)).find_map(|cut| {
        let (first, rest) = chars.split_at(cut);
        let a = names.get(&first.iter().collect::<String>())?;
        let rest: String = rest.iter().collect();
        let b = names.get(rest.trim_start_matches(['与', '和', '、', '-', '口', '·', '/']))?;
        (a != b).then_some((*a, *b))
    })
}

/// Whether a name is only digits and marks.
fn is_plain_number(name: &str) -> bool {
    normal_chars(name)
        .iter()
        .all(|c| c.is_ascii_digit() || !c.is_alphanumeric())
}
