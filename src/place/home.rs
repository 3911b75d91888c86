//! Does a place stand at somebody's home, so that its point is personal data (casework reference 13)?

use crate::place::gazetteer::Gazetteer;
use crate::place::located::{Located, Precision, Source};
use crate::place::locator::Query;

/// Flag of a place whose point tells where a person lives.
pub const HOME_FLAG: &str = "home_address";

/// What masking leaves where building, unit and room stood.
const ROOM: &str = "〔住址〕";

/// Flags the places that tell a home: a point finer than a named place (a house number, the reporter's own pair, a pin set by a
/// person) in a ticket whose words speak of the reporter's home. A gate, a junction or an estate as such is a work site and stays.
pub fn mark_homes(g: &Gazetteer, query: &Query<'_>, located: &mut [Located]) {
    let mut said = None;
    for place in located.iter_mut().filter(|l| is_fine(l)) {
        if *said.get_or_insert_with(|| speaks_of_home(g, query)) {
            place.flags.push(HOME_FLAG.to_owned());
        }
    }
}

/// Whether the point is finer than what a name gives.
fn is_fine(place: &Located) -> bool {
    place.point.is_some()
        && (place.precision == Precision::Address
            || place.source == Source::Coordinates
            || place.source == Source::Operator && place.precision == Precision::Point
            || place.flags.iter().any(|f| f == "pair_used"))
}

/// Whether the words hold a masked room or say where the reporter lives (我住, 家住, 住址).
fn speaks_of_home(g: &Gazetteer, query: &Query<'_>) -> bool {
    let texts = [query.content, query.place_text, query.title];
    if texts.iter().any(|t| t.contains(ROOM)) {
        return true;
    }
    let words = g.language.words("home").iter();
    words
        .filter(|w| w.iter().any(|c| matches!(c, '住' | '家' | '租' | '户')))
        .any(|w| {
            let word: String = w.iter().collect();
            texts.iter().any(|t| t.contains(&word))
        })
}

#[cfg(test)]
mod tests {
    use super::{HOME_FLAG, mark_homes};
    use crate::place::{CityMap, Gazetteer, Language, Located, Precision, Query, Shape, Source};
    use crate::spatial::LonLat;

    fn at(precision: Precision, source: Source) -> Located {
        Located {
            point: Some(LonLat::new(113.7, 34.7)),
            shape: Shape::Point,
            precision,
            radius_m: 40.0,
            features: Vec::new(),
            label: "和平路36号".to_owned(),
            form: "house_exact".to_owned(),
            confidence: 0.9,
            source,
            alternatives: Vec::new(),
            movement: None,
            evidence: Vec::new(),
            flags: Vec::new(),
        }
    }

    fn is_home(content: &str, place: Located) -> bool {
        let g = Gazetteer::build(&CityMap::default(), &Language::mandarin()).0;
        let query = Query {
            content,
            ..Query::default()
        };
        let mut places = [place];
        mark_homes(&g, &query, &mut places);
        places[0].flags.iter().any(|f| f == HOME_FLAG)
    }

    #[test]
    fn a_house_number_is_a_home_only_where_the_words_speak_of_one() {
        let number = || at(Precision::Address, Source::Content);
        assert!(is_home("和平路36号〔住址〕楼下烧烤噪声", number()));
        assert!(is_home("我家住和平路36号，门口天天堵车", number()));
        assert!(!is_home("和平路36号门口天天堵车，我是车主", number()));
    }

    #[test]
    fn a_gate_or_a_junction_stays_a_work_site() {
        for precision in [Precision::Point, Precision::Intersection, Precision::Poi] {
            assert!(!is_home(
                "我家住阳光小区〔住址〕，南门违停",
                at(precision, Source::Content)
            ));
        }
        assert!(is_home(
            "我家住阳光小区〔住址〕",
            at(Precision::Point, Source::Coordinates)
        ));
        assert!(is_home(
            "我家住阳光小区〔住址〕",
            at(Precision::Point, Source::Operator)
        ));
    }
}
